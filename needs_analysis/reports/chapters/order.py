"""The parts of a briefing, in the order of the page and in that of the workbook.

A study may choose among them by their keys; their order stays.
Not in the package's own file: a command on services wants one table, not every chapter.
"""

from collections.abc import Collection, Sequence

from needs_analysis.reports.chapters import (
    answer,
    base,
    codebook,
    comparison,
    components,
    evictions_chapter,
    index,
    limits,
    municipalities,
    need,
    origins,
    patterns,
    policies,
    quality,
    rents,
    sentences,
    services,
    sources,
    trend,
)
from needs_analysis.reports.chapters.part import Part

PAGE = (
    answer.PART, need.PART, policies.PART, sentences.PART, rents.PART, evictions_chapter.PART,
    trend.PART, comparison.PART, municipalities.PART,
    services.PART, index.PART, patterns.PART, sources.PART, limits.PART, origins.PART,
)  # fmt: skip
WORKBOOK = (
    need.PART, policies.PART, municipalities.PART, comparison.PART, components.PART,
    evictions_chapter.PART, base.PART, index.PART,
    codebook.PART, sources.PART, quality.PART, patterns.PART, services.PART, limits.PART,
)  # fmt: skip
OF_AN_INDEX = (index.PART.key,)
"""What a study has that declares an index, and no other."""
GONE = ("province",)
"""Keys of version 0.2 that stand for nothing any more: a study of then may name them."""
KEYS = tuple(dict.fromkeys(one.key for one in (*PAGE, *WORKBOOK)))


def chosen(parts: Sequence[Part], keys: Collection[str]) -> list[Part]:
    """Return the parts that a study names; all where it names none."""
    return [one for one in parts if not keys or one.key in keys]
