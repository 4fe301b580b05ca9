"""Policies: which exist, which could be put in place, what they cost and what a budget buys."""

from __future__ import annotations

from needs_analysis.policies.catalogue import Catalogue, Policy, Standing, catalogue
from needs_analysis.policies.cells import cells
from needs_analysis.policies.existing import Existing, existing
from needs_analysis.policies.matching import Matches, match
from needs_analysis.policies.offers import Offer, offers, on_all_sides
from needs_analysis.policies.problems import PoliciesError

__all__ = [
    "Catalogue",
    "Existing",
    "Matches",
    "Offer",
    "PoliciesError",
    "Policy",
    "Standing",
    "catalogue",
    "cells",
    "existing",
    "match",
    "offers",
    "on_all_sides",
]
