"""What is counted: each rule, the run that applies them all, and why two runs differ.

Importing a family's file declares its rules and measures.
"""

# The order of print.
# isort: off
from needs_analysis.services.measures import places as places
from needs_analysis.services.measures import stays as stays
from needs_analysis.services.measures import outcomes as outcomes
from needs_analysis.services.measures import referrals as referrals
from needs_analysis.services.measures import projects as projects
from needs_analysis.services.measures import resources as resources
from needs_analysis.services.measures import local as local
