"""Policies: which exist, which could be put in place, what they cost and what a budget buys."""

from __future__ import annotations

from needs_analysis.policies.catalogue import Catalogue, Policy, Standing, catalogue
from needs_analysis.policies.existing import Existing, existing
from needs_analysis.policies.matching import Matches, match
from needs_analysis.policies.problems import PoliciesError

__all__ = [
    "Catalogue",
    "Existing",
    "Matches",
    "PoliciesError",
    "Policy",
    "Standing",
    "catalogue",
    "existing",
    "match",
]
