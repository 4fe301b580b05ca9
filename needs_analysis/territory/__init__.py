"""Municipalities, their codes through time, their boundaries, and the areas made of them."""

from __future__ import annotations

from needs_analysis.process import public
from needs_analysis.territory.areas import Area, ambiti, find, select
from needs_analysis.territory.boundaries import coverage
from needs_analysis.territory.codes import DAY, day_of, normalise, slug
from needs_analysis.territory.history import codes_on, predecessors, successors
from needs_analysis.territory.names import match_names
from needs_analysis.territory.neighbours import Neighbours, neighbours
from needs_analysis.territory.recode import Recoded, recode
from needs_analysis.territory.units import municipalities, unplaced

__all__ = [
    "DAY",
    "Area",
    "Neighbours",
    "Recoded",
    "ambiti",
    "codes_on",
    "coverage",
    "day_of",
    "find",
    "match_names",
    "municipalities",
    "neighbours",
    "normalise",
    "predecessors",
    "recode",
    "select",
    "slug",
    "successors",
    "unplaced",
]
__dir__ = public(__all__)
