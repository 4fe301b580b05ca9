"""What was found for an area, and how it was put to the test: the data of a briefing."""

from needs_analysis.reports.findings.area import (
    ALIKE,
    ITALY,
    OWN,
    POOLED,
    PROVINCE,
    REGION,
    Findings,
    find,
)
from needs_analysis.reports.findings.shared import by_municipality

__all__ = [
    "ALIKE", "ITALY", "OWN", "POOLED", "PROVINCE", "REGION", "Findings", "by_municipality", "find",
]  # fmt: skip
