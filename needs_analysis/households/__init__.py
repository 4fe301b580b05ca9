"""Households against their rents: one model of all municipalities at once.

Pure functions: what they need comes as arguments. Incomes of declarants by maximum-entropy densities in
the classes that MEF publishes (:mod:`incomes`), carried to a later year (:mod:`carrying`); households by
size and their earners (:mod:`sizes`); who rents, and from whom (:mod:`renting`); what they pay
(:mod:`rents`); the burden (:mod:`burden`), laid on a survey (:mod:`benchmark`); assumptions as rows of
``parameters.csv`` (:mod:`scenario`).
"""

from needs_analysis.households.estimating import (
    Estimate,
    estimate,
    integration_error,
    moved_most,
    tornado,
)
from needs_analysis.households.places import Evidence
from needs_analysis.households.scenario import Scenario

__all__ = [
    "Estimate",
    "Evidence",
    "Scenario",
    "estimate",
    "integration_error",
    "moved_most",
    "tornado",
]
