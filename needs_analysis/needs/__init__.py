"""Need: how many households are in it, of which group, with which interval, and what must be asked.

A stock is of a day, a flow of a year: they are two types, and nothing sums them. A group that no
public figure counts has a question in the place of a number.
"""

from __future__ import annotations

from needs_analysis.needs.affordable import AffordableAvailable, affordable_available
from needs_analysis.needs.ahead import project
from needs_analysis.needs.counts_book import OwnCounts, read_counts, write_template
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS, TargetGroup
from needs_analysis.needs.intervals import Flow, Interval, Stock
from needs_analysis.needs.italy import estimate
from needs_analysis.needs.projection import Projection
from needs_analysis.needs.raking import rake
from needs_analysis.needs.result import NeedResult
from needs_analysis.needs.small_areas import SmallAreas, fay_herriot
from needs_analysis.needs.staircase import Gap, gap
from needs_analysis.needs.supply import Supply
from needs_analysis.process import public

__all__ = [
    "AffordableAvailable",
    "COMPOSITIONS",
    "TARGET_GROUPS",
    "Flow",
    "Gap",
    "Interval",
    "NeedResult",
    "OwnCounts",
    "Projection",
    "SmallAreas",
    "Stock",
    "Supply",
    "TargetGroup",
    "affordable_available",
    "estimate",
    "fay_herriot",
    "gap",
    "project",
    "rake",
    "read_counts",
    "write_template",
]
__dir__ = public(__all__)
