"""Municipalities, their codes through time, their boundaries, and the areas made of them."""

from __future__ import annotations

from needs_analysis.territory.areas import Area, find, select
from needs_analysis.territory.boundaries import coverage
from needs_analysis.territory.codes import DAY, municipalities, normalise
from needs_analysis.territory.history import successors

__all__ = [
    "DAY",
    "Area",
    "coverage",
    "find",
    "municipalities",
    "normalise",
    "select",
    "successors",
]
