"""Indicators of housing distress: one file a component, one function an indicator.

Importing a component's file declares its indicators; this package computes, ranks and lists them.
"""

from __future__ import annotations

from needs_analysis.indicators import (  # noqa: F401  (importing declares the indicators)
    adequacy,
    affordability,
    demography,
    security,
    vulnerability,
)
from needs_analysis.indicators.declaration import (
    Estimate,
    Indicator,
    codebook,
    compute,
    compute_areas,
    coverage,
    indicator,
    ranks,
    registry,
)

__all__ = [
    "Estimate",
    "Indicator",
    "codebook",
    "compute",
    "compute_areas",
    "coverage",
    "indicator",
    "ranks",
    "registry",
]
