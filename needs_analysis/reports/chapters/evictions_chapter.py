"""The chapter on evictions: the rate here, the national series, the provinces."""

from __future__ import annotations

from needs_analysis.reports.chapters import opening
from needs_analysis.reports.chapters.evictions import (
    evictions_table,
    series_picture,
    series_table,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Block, Chapter

_ROWS = 12
"""Provinces that the page has room for; more stand in the annex."""


def chapter(found: Findings) -> tuple[Chapter, ...]:
    """Show the rate here, the national series and the figures of the provinces the area touches."""
    voice = found.voice
    title = voice.say("Sfratti: la serie e la provincia")
    blocks: list[Block] = [opening.evicted(found), series_picture(found)]
    every = evictions_table(found, flags=False)
    if len(found.evictions) <= _ROWS:
        return (Chapter("sfratti", title, (*blocks, every)),)
    apart = voice.say("Sfratti, provincia per provincia")
    return (
        Chapter("sfratti", title, tuple(blocks)),
        Chapter("sfratti_province", apart, (every,), annex=True),
    )


PART = Part("sfratti", chapter, lambda found: [evictions_table(found), series_table(found)])
