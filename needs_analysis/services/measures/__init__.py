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
from needs_analysis.services.measures import policies as policies

# isort: on
from needs_analysis.services.measures.declaration import MEASURES, RULES
from needs_analysis.services.measures.folding import note_text as note_text
from needs_analysis.services.measures.outcomes import WAYS

__all__ = ["MEASURES", "RULES", "WAYS"]
