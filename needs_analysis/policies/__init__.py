"""Policies: which exist, which could be put in place, what they cost and what a budget buys."""

from __future__ import annotations

from needs_analysis.policies.buying import frontier, optimise, simulate
from needs_analysis.policies.catalogue import Catalogue, Policy, Standing, catalogue
from needs_analysis.policies.cells import cells
from needs_analysis.policies.existing import Existing, existing
from needs_analysis.policies.frontier import Frontier
from needs_analysis.policies.matching import Matches, match
from needs_analysis.policies.mix import Mix
from needs_analysis.policies.offers import Offer, offers, on_all_sides
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.process import public

__all__ = [
    "Catalogue",
    "Existing",
    "Frontier",
    "Matches",
    "Mix",
    "Offer",
    "PoliciesError",
    "Policy",
    "Standing",
    "catalogue",
    "cells",
    "existing",
    "frontier",
    "match",
    "offers",
    "on_all_sides",
    "optimise",
    "simulate",
]
__dir__ = public(__all__)
