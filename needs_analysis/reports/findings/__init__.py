"""What was found for an area, and how it was put to the test: the data of a briefing."""

from needs_analysis.reports.findings.area import POOLED, Findings, find
from needs_analysis.reports.findings.around import ALIKE, ITALY, OWN, PROVINCE, REGION
from needs_analysis.reports.findings.shared import by_municipality, together

__all__ = [
    "ALIKE", "ITALY", "OWN", "POOLED", "PROVINCE", "REGION", "Findings", "by_municipality", "find",
    "together",
]  # fmt: skip
