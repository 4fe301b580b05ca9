"""A briefing: the list of its parts, from findings to the content model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from needs_analysis import store
from needs_analysis.reports.chapters import plans, ready, services
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.order import PAGE, WORKBOOK, chosen
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import (
    Briefing,
    Chapter,
    Number,
    Origin,
    Table,
    numbers,
    texts,
)
from needs_analysis.words import N_, Voice


def compose(found: Findings) -> Briefing:
    """Put the findings in words, tables and pictures, in the order they are read."""
    title = found.voice.say("Disagio abitativo")
    made = [chapter for part in chosen(PAGE, found.parts) for chapter in part.chapters(found)]
    made.sort(key=lambda one: one.annex)  # each in its order, those of who asks how last
    chapters = _traced(made)
    every = sheets(found)
    return Briefing(
        voice=found.voice,
        title=f"{found.label}: {title[0].lower()}{title[1:]}",
        subtitle=_subtitle(found),
        chapters=chapters,
        sheets=(*every, *numbers_table(chapters, every, found.voice)),
        links=links(found.voice),
        warning=services.warning(found),
    )


def compose_plan(found: Findings) -> Briefing:
    """Put a plan in words, tables and pictures: the chapters of its kind, in the order of the law."""
    voice = found.voice
    chapters = tuple(plans.chapters(found))
    own = plans.sheets(found)
    every = [*own, *_unheld(chapters, own)]
    return Briefing(
        voice=voice, title=plans.title(found), subtitle=_of_plan(found), chapters=chapters,
        sheets=(*every, *numbers_table(chapters, every, voice)),
        links={
            voice.say("Documento Word"): "plan.docx", voice.say("Documento PDF"): "plan.pdf",
            voice.say("Tabelle Excel"): "plan.xlsx",
            voice.say("Che cosa resta da compilare"): "da_compilare.csv",
        },
        warning=services.warning(found),
    )  # fmt: skip


def _unheld(chapters: Sequence[Chapter], sheets: Sequence[Table]) -> Iterator[Table]:
    """Give the tables of the page whose numbers no sheet holds: each is a sheet of its own."""
    held = {key for sheet in sheets for _, _, key in sheet.numbered()}
    for chapter in chapters:
        for block in chapter.blocks:
            if isinstance(block, Table) and {key for _, _, key in block.numbered()} - held:
                yield block


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook, one a sheet, of the parts chosen: the short ones first."""
    whole = [one for part in chosen(WORKBOOK, found.parts) for one in part.sheets(found)]
    return [*ready.sheets(found), *whole]


def _traced(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """Leave out the origins of numbers that no chapter says, and a chapter that had only those."""
    said = {
        one.key
        for chapter in chapters
        for block in chapter.blocks
        for _, text in texts(block)
        for one in numbers(text)
    }
    kept = (
        replace(chapter, blocks=tuple(
            one for one in chapter.blocks if not isinstance(one, Origin) or one.key in said
        ))
        for chapter in chapters
    )  # fmt: skip
    return tuple(one for one in kept if one.blocks)


def numbers_table(
    chapters: Sequence[Chapter], sheets: Sequence[Table], voice: Voice
) -> tuple[Table, ...]:
    """Give a cell to the numbers of the text that no other table holds."""
    rows: dict[str, tuple[str, str, Number]] = {}
    for chapter in chapters:
        for block in chapter.blocks:
            for where, said in texts(block):
                for one in numbers(said):
                    rows.setdefault(one.key, (chapter.title, where, one))
    for sheet in sheets:
        for _, _, key in sheet.numbered():
            rows.pop(key, None)
    if not rows:
        return ()
    frame = pd.DataFrame(
        [(title, where, one.value, one.variable, one.unit) for title, where, one in rows.values()],
        index=pd.Index(list(rows)),
        columns=["chapter", "sentence", "number", "variable", "unit"],
    )
    heads = (
        ("chapter", N_("Capitolo")),
        ("sentence", N_("Dove")),
        ("number", N_("Numero"), "by_row"),
    )
    note = voice.say("I numeri del testo che non stanno già in un'altra tabella.")
    return (
        table(
            voice, voice.say("numeri"), voice.say("I numeri del testo"), frame, heads,
            notes=(note,), facts="keys",
        ),
    )  # fmt: skip


def _subtitle(found: Findings) -> str:
    income, order = (store.source_of(table).reference_date for table in ("incomes", "evictions"))
    rent = found.date("rent_eur_m2_month")
    return found.voice.plural(
        "Un quadro dai dati pubblici: {count} comune{day}, redditi {income}, canoni OMI {rent}, "
        "sfratti {order}",
        "Un quadro dai dati pubblici: {count} comuni{day}, redditi {income}, canoni OMI {rent}, "
        "sfratti {order}",
        len(found.codes), day=found.of_day, income=income, rent=rent, order=order,
    )  # fmt: skip


def _of_plan(found: Findings) -> str:
    """Say that a plan is a draft, and whose its numbers are."""
    public, voice = _subtitle(found), found.voice
    if found.plan is None or not found.plan.tables:
        return voice.say("Bozza. {public}", public=public)
    return voice.say(
        "Bozza. {public}; alloggi, scelte e misure scritti dagli uffici", public=public
    )


def links(voice: Voice) -> dict[str, str]:
    """Return the files beside the page of a briefing, by what they are called."""
    return {
        voice.say("Mappa interattiva"): "map.html",
        voice.say("Tabelle Excel"): "tables.xlsx",
        voice.say("Documento Word"): "briefing.docx",
        voice.say("Documento PDF"): "briefing.pdf",
        voice.say("Dati geografici (GeoPackage)"): "data.gpkg",
        voice.say("Progetto QGIS"): "project.qgz",
    }
