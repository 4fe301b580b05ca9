"""The need: how many households, of which group, with which interval, and what must be asked."""

from __future__ import annotations

from collections.abc import Iterator

from needs_analysis.figures import Quality
from needs_analysis.needs.groups import AFFORDABILITY
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.by_municipality import MUNICIPALITIES_ON_PAGE
from needs_analysis.reports.chapters.need_compared import (
    burden_compared,
    limits,
    moved_by,
    moves,
    moves_table,
    over_time,
    survey_apart,
)
from needs_analysis.reports.chapters.need_diffuse import diffuse_table
from needs_analysis.reports.chapters.need_supply import (
    differences_table,
    gap_pictures,
    gap_tables,
    primary_table,
)
from needs_analysis.reports.chapters.need_tables import (
    ambiti_table,
    drawn_rows,
    groups_table,
    municipalities_table,
    questions_table,
    sizes_table,
    told_of,
)
from needs_analysis.reports.chapters.need_words import (
    DISTINCT,
    burdened,
    counting,
    has_number,
    name_of,
    said_row,
    upper_first,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts.intervals import intervals
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Block, Chapter, Picture, Sentence, Table, plain

COUNTED_KEY = f"need_{AFFORDABILITY}:central"


def is_of_model(found: Findings) -> bool:
    """Say whether the count of tenants that pay too much is a number that the model gave."""
    row = burdened(told_of(found))
    return row is not None and has_number(row) and row["quality"] != Quality.OBSERVED


def estimated(found: Findings) -> list[Block]:
    """Return the sentence on the model's figure of the area, where there is one."""
    return [*_given(burden_compared(found))]


def chapter(found: Findings) -> Chapter | tuple[Chapter, ...]:
    """Say the need: the answer first, then groups, sizes and places, then what it rests on."""
    if found.need is None:
        return ()
    return Chapter("bisogno", found.voice.say("Il bisogno"), tuple(_blocks(found)))


def _blocks(found: Findings) -> Iterator[Block]:
    moved = moves(found)
    yield _headline(found)
    yield from _given(burden_compared(found), _picture(found))
    yield groups_table(found)
    yield from _given(sizes_table(found))
    if 1 < len(found.codes) <= MUNICIPALITIES_ON_PAGE:
        yield municipalities_table(found)
    yield from _given(ambiti_table(found))
    yield from gap_pictures(found)
    yield from gap_tables(found)
    yield from _given(differences_table(found), primary_table(found))
    yield from _given(moved_by(found, moved), survey_apart(found), over_time(found), limits(found))
    yield from _given(diffuse_table(found), questions_table(found))


def _given(*blocks: Block | None) -> Iterator[Block]:
    yield from (one for one in blocks if one is not None)


def _headline(found: Findings) -> Sentence:
    """Say how many households are in need, which groups the number holds and which it does not."""
    told, voice = told_of(found), found.voice
    printed = counting(DISTINCT, voice)
    note = " ".join(told.cautions(voice, printed))
    return Sentence(voice.elided(told.counted(voice, printed)), voice.say("Quante famiglie."), note)


def _picture(found: Findings) -> Picture | Sentence | None:
    """Draw the groups with their intervals; one sentence where none has a number."""
    told, voice, rows = told_of(found), found.voice, drawn_rows(found)
    if not any(has_number(row) for _, row in rows.iterrows()):
        return None
    names = {
        str(key): upper_first(name_of(str(row["group"]), voice))
        if row["group"]
        else voice.say("In almeno uno di questi gruppi")
        for key, row in rows.iterrows()
    }
    said = {str(key): said_row(str(key), row, voice) for key, row in rows.iterrows()}
    figures = {key: plain(one).replace(" (", "\n(") for key, one in said.items()}
    svg = intervals(rows, names=names, figures=figures, voice=voice)
    alternative = "; ".join(f"{names[key]}: {said[key]}" for key in said) + "."
    notes = [
        voice.say(
            "Le barre sono il valore centrale, le linee vanno dal minimo al massimo. Una stima piccola "
            "è una fascia e non ha barra."
        )
    ]
    if told.absent:
        notes.append(
            voice.say(
                "Altri gruppi non hanno una barra perché non si possono stimare: non sono zero."
            )
        )
    return Picture(
        "bisogno", voice.say("Famiglie in bisogno, con l'intervallo"), svg, alternative,
        notes=tuple(notes),
        sources=source_lines(dict.fromkeys(x for ids in told.sources.values() for x in ids), voice),
        drawn=tuple(said.values()),
    )  # fmt: skip


def sheets(found: Findings) -> list[Table]:
    """Return the tables of need, one a sheet."""
    if found.need is None:
        return []
    every = (
        groups_table(found, sheet=True),
        sizes_table(found, sheet=True),
        municipalities_table(found, sheet=True),
        ambiti_table(found, sheet=True),
        *gap_tables(found, sheet=True),
        differences_table(found),
        primary_table(found),
        diffuse_table(found, sheet=True),
        questions_table(found),
        moves_table(found, moves(found)),
    )
    return [one for one in every if one is not None]


PART = Part("bisogno", chapter, sheets)
