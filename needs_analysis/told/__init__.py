"""The one way out of the building: what may be told of services, each number with why it is hidden."""

from needs_analysis.told.amounts import AMBITO
from needs_analysis.told.publication import Publication, publish
from needs_analysis.told.requests import plan
from needs_analysis.told.telling import Network, Rows, Shown, Told, tell

__all__ = ["AMBITO", "Network", "Publication", "Rows", "Shown", "Told", "plan", "publish", "tell"]
