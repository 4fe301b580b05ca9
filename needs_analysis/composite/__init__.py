"""Composite indices: every stage kept, contributions that add up to the score."""

from __future__ import annotations

from needs_analysis.composite.aggregate import (
    ampi,
    ampi_contributions,
    arithmetic_contributions,
    arithmetic_mean,
    geometric_contributions,
    geometric_mean,
    harmonic_contributions,
    harmonic_mean,
    power_contributions,
    power_mean,
    shares,
)
from needs_analysis.composite.benefit import BenefitOfDoubt, benefit_of_doubt
from needs_analysis.composite.build import CompositeResult, build, build_panel
from needs_analysis.composite.external import confront
from needs_analysis.composite.impute import (
    impute_em,
    impute_group_mean,
    impute_group_median,
    impute_mean,
    impute_median,
    impute_nearest,
)
from needs_analysis.composite.methods import METHODS, Method
from needs_analysis.composite.normalise import (
    normalise_ampi,
    normalise_borda,
    normalise_distance,
    normalise_goalposts,
    normalise_minmax,
    normalise_percentile_rank,
    normalise_rank,
    normalise_zscore,
)
from needs_analysis.composite.outranking import copeland, kemeny, outranking_matrix
from needs_analysis.composite.problems import CompositeError
from needs_analysis.composite.question import (
    correlations,
    effective_weights,
    leave_one_out,
    profile,
    what_if,
)
from needs_analysis.composite.reference import MixedEditions, Reference, SmallReference
from needs_analysis.composite.screen import availability, screen_units
from needs_analysis.composite.spec import Component, Indicator, Spec
from needs_analysis.composite.treat import treat
from needs_analysis.composite.uncertainty import (
    DOUBTS,
    Choices,
    SensitivityResult,
    UncertaintyResult,
    sensitivity,
    uncertainty,
)
from needs_analysis.composite.validation import validate
from needs_analysis.composite.weigh import weigh_critic, weigh_entropy, weigh_equal, weigh_pca
from needs_analysis.process import public

__all__ = [
    "DOUBTS",
    "METHODS",
    "BenefitOfDoubt",
    "Choices",
    "Component",
    "CompositeError",
    "CompositeResult",
    "Indicator",
    "Method",
    "MixedEditions",
    "Reference",
    "SensitivityResult",
    "SmallReference",
    "Spec",
    "UncertaintyResult",
    "ampi",
    "ampi_contributions",
    "arithmetic_contributions",
    "arithmetic_mean",
    "availability",
    "benefit_of_doubt",
    "build",
    "build_panel",
    "confront",
    "copeland",
    "correlations",
    "effective_weights",
    "geometric_contributions",
    "geometric_mean",
    "harmonic_contributions",
    "harmonic_mean",
    "power_contributions",
    "power_mean",
    "impute_em",
    "impute_group_mean",
    "impute_group_median",
    "impute_mean",
    "impute_median",
    "impute_nearest",
    "kemeny",
    "leave_one_out",
    "normalise_ampi",
    "normalise_borda",
    "normalise_distance",
    "normalise_goalposts",
    "normalise_minmax",
    "normalise_percentile_rank",
    "normalise_rank",
    "normalise_zscore",
    "outranking_matrix",
    "profile",
    "screen_units",
    "sensitivity",
    "shares",
    "treat",
    "uncertainty",
    "weigh_critic",
    "weigh_entropy",
    "weigh_equal",
    "weigh_pca",
    "what_if",
    "validate",
]
__dir__ = public(__all__)
