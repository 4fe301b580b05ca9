"""The parts of a briefing, in the order of the page and in that of the workbook.

Not in the package's own file: a command on services wants one table, not every chapter.
"""

from needs_analysis.reports.chapters import (
    base,
    codebook,
    comparison,
    components,
    evictions,
    index,
    limits,
    municipalities,
    opening,
    origins,
    patterns,
    provinces,
    quality,
    rents,
    sentences,
    services,
    sources,
)

PAGE = (
    opening.PART, sentences.PART, rents.PART, comparison.PART, municipalities.PART, evictions.PART,
    services.PART, index.PART, patterns.PART, sources.PART, limits.PART, origins.PART,
)  # fmt: skip
WORKBOOK = (
    municipalities.PART, comparison.PART, components.PART, evictions.PART, base.PART, index.PART,
    provinces.PART, codebook.PART, sources.PART, quality.PART, patterns.PART, services.PART,
)  # fmt: skip
