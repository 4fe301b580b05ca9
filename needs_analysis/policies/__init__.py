"""Policies: which exist, which could be put in place, what they cost and what a budget buys."""

from __future__ import annotations

from needs_analysis.policies.catalogue import Catalogue, Policy, Standing, catalogue
from needs_analysis.policies.problems import PoliciesError

__all__ = ["Catalogue", "PoliciesError", "Policy", "Standing", "catalogue"]
