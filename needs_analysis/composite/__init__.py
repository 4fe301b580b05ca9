"""Composite indices: every stage kept, contributions that add up to the score."""

from __future__ import annotations

from needs_analysis.composite.aggregate import ampi, ampi_contributions
from needs_analysis.composite.build import CompositeResult, build
from needs_analysis.composite.normalise import normalise_ampi
from needs_analysis.composite.spec import DISTRESS, PROVINCIAL_DISTRESS, Component, Spec
from needs_analysis.composite.treat import treat

__all__ = [
    "DISTRESS",
    "PROVINCIAL_DISTRESS",
    "Component",
    "CompositeResult",
    "Spec",
    "ampi",
    "ampi_contributions",
    "build",
    "normalise_ampi",
    "treat",
]
