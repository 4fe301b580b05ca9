"""Patterns: whether near municipalities are alike, which types there are, which regions they form."""

from __future__ import annotations

from needs_analysis.patterns.admission import admitted
from needs_analysis.patterns.autocorrelation import (
    LocalPattern,
    Moran,
    empirical_bayes_rate,
    local_moran,
    moran,
    moran_rate,
)
from needs_analysis.patterns.national import national_clusters, national_moran, national_types
from needs_analysis.patterns.regions import Regions, max_p, skater
from needs_analysis.patterns.scales import standardised
from needs_analysis.patterns.typology import Typology, typology
from needs_analysis.process import public

__all__ = [
    "LocalPattern",
    "Moran",
    "Regions",
    "Typology",
    "admitted",
    "empirical_bayes_rate",
    "local_moran",
    "max_p",
    "moran",
    "moran_rate",
    "national_clusters",
    "national_moran",
    "national_types",
    "skater",
    "standardised",
    "typology",
]
__dir__ = public(__all__)
