"""The one way out of the building: what may be told of services, each number with why it is hidden.

Outputs import from here alone, and from the declarations of schema and measures.
"""

from needs_analysis.process import public
from needs_analysis.services.capacity.capacity import Capacity
from needs_analysis.services.capacity.load import Overload
from needs_analysis.services.capacity.load import load_decimals as load_decimals
from needs_analysis.services.capacity.needed import PlacesNeeded
from needs_analysis.services.capacity.planning import OTHERS, Plan, Split, Today
from needs_analysis.services.measures.row_changes import RowChanges
from needs_analysis.told.amounts import AMBITO
from needs_analysis.told.difference import Side, ToldDifference, tell_difference
from needs_analysis.told.needs import tell_need
from needs_analysis.told.network import collaboration, published_graph
from needs_analysis.told.publication import Publication, publish
from needs_analysis.told.requests import plan
from needs_analysis.told.siting import NEEDS, Siting, choose
from needs_analysis.told.telling import KEYS, Network, Rows, Shown, Told, tell

__all__ = [
    "AMBITO",
    "KEYS",
    "NEEDS",
    "OTHERS",
    "Capacity",
    "Network",
    "Overload",
    "PlacesNeeded",
    "Plan",
    "Publication",
    "RowChanges",
    "Rows",
    "Shown",
    "Side",
    "Siting",
    "Split",
    "Today",
    "Told",
    "ToldDifference",
    "choose",
    "collaboration",
    "plan",
    "publish",
    "published_graph",
    "tell",
    "tell_difference",
    "tell_need",
]
__dir__ = public(__all__)
