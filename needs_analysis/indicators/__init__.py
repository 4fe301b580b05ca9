"""Indicators of housing distress: one file a component, one function an indicator.

Importing a component's file declares its indicators; this package computes, ranks and lists them.
"""

from __future__ import annotations

import needs_analysis.indicators.adequacy
import needs_analysis.indicators.affordability
import needs_analysis.indicators.demography
import needs_analysis.indicators.pressure
import needs_analysis.indicators.security
import needs_analysis.indicators.vulnerability  # noqa: F401  (importing declares them)
from needs_analysis.indicators.declaration import (
    Estimate,
    Indicator,
    codebook,
    compute,
    compute_areas,
    coverage,
    forget,
    indicator,
    name_of,
    ranks,
    registry,
)
from needs_analysis.indicators.own_columns import NotJoined, join
from needs_analysis.process import public

__all__ = [
    "Estimate",
    "Indicator",
    "NotJoined",
    "codebook",
    "compute",
    "compute_areas",
    "coverage",
    "forget",
    "indicator",
    "join",
    "name_of",
    "ranks",
    "registry",
]
__dir__ = public(__all__)
