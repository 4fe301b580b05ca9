"""Households against their rents: one model of all municipalities at once.

Pure functions, what they need comes as arguments; `italy` and `columns` alone ask the store. Incomes of
declarants by maximum-entropy densities in the classes that MEF publishes (`incomes`), carried to a later
year (`carrying`); households by size and their earners (`sizes`); who rents, and from whom (`renting`);
what they pay (`rents`); the burden (`burden`), laid on a survey (`benchmark`); assumptions as rows of
``parameters.csv`` (`scenario`). The tenants of a few municipalities are drawn one by one of what the
estimate of all Italy kept (`drawn`).
"""

from needs_analysis.households.columns import with_model
from needs_analysis.households.estimating import (
    Estimate,
    estimate,
    moved_most,
    tornado,
)
from needs_analysis.households.italy import evidence, market_tenants, national, national_tornado
from needs_analysis.households.places import Evidence
from needs_analysis.households.scenario import Scenario
from needs_analysis.process import public

__all__ = [
    "Estimate",
    "Evidence",
    "Scenario",
    "estimate",
    "evidence",
    "market_tenants",
    "moved_most",
    "national",
    "national_tornado",
    "tornado",
    "with_model",
]
__dir__ = public(__all__)
