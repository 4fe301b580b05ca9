"""The need: how many households, of which group, with which interval, and what must be asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from needs_analysis.figures import Quality
from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.reports.chapters.by_municipality import (
    MUNICIPALITIES_BEFORE_ANNEX,
    MUNICIPALITIES_ON_PAGE,
)
from needs_analysis.reports.chapters.need_compared import (
    burden_compared,
    limits,
    moved_by,
    moves,
    moves_table,
    survey_apart,
)
from needs_analysis.reports.chapters.need_diffuse import diffuse_table
from needs_analysis.reports.chapters.need_drawn import gap_pictures, groups_picture
from needs_analysis.reports.chapters.need_levels import municipalities_table, wider_table
from needs_analysis.reports.chapters.need_supply import (
    differences_table,
    gap_tables,
    primary_table,
    questions_table,
)
from needs_analysis.reports.chapters.need_supply import sheets as need_sheets
from needs_analysis.reports.chapters.need_tables import groups_table, sizes_table
from needs_analysis.reports.chapters.need_view import NeedView, told_of, view_of
from needs_analysis.reports.chapters.need_words import DISTINCT, burdened, counting, has_number
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Block, Chapter, Sentence, Table

_B = TypeVar("_B", bound=Block)
COUNTED_KEY = f"need_{AFFORDABILITY}:central"


def is_of_model(found: Findings) -> bool:
    """Say whether the count of tenants that pay too much is a number that the model gave."""
    row = burdened(told_of(found))
    return row is not None and has_number(row) and row["quality"] != Quality.OBSERVED


def estimated(found: Findings) -> list[Block]:
    """Return the sentence on the model's figure of the area, where there is one."""
    return [*_given(burden_compared(found))]


def opening(found: Findings) -> list[Sentence]:
    """Return the sentence that a plan's need opens with; the groups not in it are asked for there."""
    if found.need is None:
        return []
    return [_headline(view_of(found), found.voice.say("Il bisogno."))]


def chapter(found: Findings) -> Chapter | tuple[Chapter, ...]:
    """Say the need: the answer first, then groups, sizes and places; what it rests on is an annex."""
    if found.need is None:
        return ()
    voice = found.voice
    title = voice.say("Il bisogno: che cosa lo sposta e che cosa manca")
    made = [
        Chapter("bisogno", voice.say("Il bisogno"), tuple(_blocks(found))),
        Chapter("bisogno_metodo", title, tuple(_rests_on(found)), annex=True),
    ]
    if MUNICIPALITIES_BEFORE_ANNEX < len(found.codes) <= MUNICIPALITIES_ON_PAGE:
        every = municipalities_table(view_of(found))
        apart = voice.say("Il bisogno, comune per comune")
        made.insert(1, Chapter("bisogno_comuni", apart, (every,), annex=True))
    return tuple(made)


def _blocks(found: Findings) -> Iterator[Block]:
    view = view_of(found)
    headline = _headline(view, view.voice.say("Quante famiglie."))
    not_held = view.told.not_held(view.voice)
    yield replace(headline, note=" ".join(filter(None, (headline.note, *not_held))))
    yield from _given(burden_compared(found), groups_picture(view))
    yield groups_table(view)
    yield from _given(sizes_table(view))
    if 1 < len(found.codes) <= MUNICIPALITIES_BEFORE_ANNEX:
        yield municipalities_table(view)
    yield from _given(wider_table(view, "ambito"))
    yield from gap_pictures(view)
    yield from gap_tables(view)
    yield from _given(differences_table(view), primary_table(view))


def _rests_on(found: Findings) -> Iterator[Block]:
    """Say what moves the estimate, what it does not count, what must be asked."""
    view = view_of(found)
    yield from _given(moved_by(found, moves(found)), survey_apart(found))
    yield from _given(limits(found), diffuse_table(view), questions_table(view))


def _given(*blocks: _B | None) -> Iterator[_B]:
    yield from (one for one in blocks if one is not None)


def _headline(view: NeedView, lead: str) -> Sentence:
    """Say how many households are in need and which groups the number holds."""
    told, voice = view.told, view.voice
    printed = counting(DISTINCT, voice)
    note = " ".join(told.cautions(voice, printed))
    return Sentence(voice.elided(told.counted(voice, printed)), lead, note)


def sheets(found: Findings) -> list[Table]:
    """Return the tables of need, one a sheet."""
    if found.need is None:
        return []
    return [*need_sheets(view_of(found)), *_given(moves_table(found, moves(found)))]


PART = Part("bisogno", chapter, sheets)
