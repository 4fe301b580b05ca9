"""The main indicators by municipality, or by province where they are too many."""

from __future__ import annotations

from dataclasses import replace

from needs_analysis import indicators as indicator_set
from needs_analysis import parameters
from needs_analysis.indicators.declaration import worded
from needs_analysis.municipal import panel as panels
from needs_analysis.municipal.pools import pool
from needs_analysis.reports.chapters.building import all_sources, table
from needs_analysis.reports.chapters.by_municipality import (
    MAIN,
    MUNICIPALITIES_BEFORE_ANNEX,
    MUNICIPALITIES_ON_PAGE,
    SHEETS_MOST,
    closed,
    heads,
    marks_column,
    marks_rule,
    neighbours,
    sheet_links,
    small_rule,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Chapter, Column, Table, number
from needs_analysis.words import N_


def by_municipality(found: Findings) -> Chapter:
    """Give the main indicators by municipality, or by province where they are too many."""
    voice = found.voice
    if len(found.codes) > MUNICIPALITIES_ON_PAGE:
        title = voice.say("Per provincia")
        return Chapter("comuni", title, (province_table(found),))
    title = voice.say("Per comune")
    many = len(found.codes) > MUNICIPALITIES_BEFORE_ANNEX
    return Chapter("comuni", title, (_with_sheets(found, page_table(found)),), annex=many)


def _with_sheets(found: Findings, made: Table) -> Table:
    """Let names open the sheets beside the page, or say how sheets are written where there are none."""
    voice = found.voice
    if found.sheets:
        words = N_("Di ogni comune c'è una scheda di due pagine, nella cartella «schede».")
        made = sheet_links(found, made)
    elif len(found.codes) > SHEETS_MOST and found.plan is None:
        words = N_("Una scheda di due pagine per ogni comune si scrive con «needs-analysis sheet».")
    else:
        return made
    return replace(made, notes=(*made.notes, voice.say(words)))


def page_table(found: Findings) -> Table:
    """The main indicators by municipality, as the page has room for."""
    voice, known = found.voice, found.declared
    values = parameters.values(found.overrides)
    shown = neighbours(found) if len(found.codes) == 1 else found.shown
    shown = shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(list(MAIN))
    frame = figures.data.copy()
    few = found.small.reindex(shown.index)
    # The page has no room for a column.
    beside = (" (" + few + ")").where(few.notna() & (few != voice.say("ambito non noto")), "")
    frame.insert(0, "municipality_name", shown["municipality_name"] + beside)
    frame.insert(1, "resident_population", shown["resident_population"])
    columns = (
        *heads("municipality_name", "resident_population"),
        *(
            Column(name, worded(words, voice, values), known[name].unit)
            for name, words in MAIN.items()
        ),
        *marks_column(found, frame),
    )
    notes = [_context_note(found), *([marks_rule(found)] if "marks" in frame else [])]
    if few.notna().any():
        count = number("table:small_municipalities", int(few.notna().sum()), voice)
        notes.append(small_rule(found, count))
    return closed(found, table(
        voice, "comuni", voice.say("Indicatori per comune"), frame, columns, figures.quality,
        notes=(*notes, *found.editions), sources=all_sources(figures),
    ))  # fmt: skip


def _context_note(found: Findings) -> str:
    if len(found.codes) > 1:
        return found.voice.say(
            "Tutti gli indicatori, con i posti in graduatoria, sono nelle tabelle Excel."
        )
    return found.voice.say(
        "Il comune e quelli della provincia che confinano con esso; tutta la provincia è "
        "nelle tabelle Excel."
    )


def province_table(found: Findings) -> Table:
    """Give the main indicators by province, where municipalities are too many."""
    voice, known = found.voice, found.declared
    own = set(found.codes)
    provinces = {
        name: inside
        for name, codes in panels.regroup("province", found.day).items()
        if (inside := [code for code in codes if code in own])
    }
    figures = found.pooled_by(
        provinces, lambda panel, groups: indicator_set.compute_areas(panel, groups, found.overrides)
    )
    names = [*MAIN, "eviction_orders_per_1000"]
    frame = figures.data[names].copy()
    frame.insert(0, "resident_population", pool(
        found.panel, provinces, ["resident_population"]).data["resident_population"])  # fmt: skip
    frame.insert(0, "province_name", frame.index)
    columns = (
        ("province_name", N_("Provincia")),
        *heads("resident_population"),
        *(Column(name, known[name].label_in(voice), known[name].unit) for name in names),
    )
    sources = dict.fromkeys(s for name in names for s in figures.sources[name])
    title = voice.say("Indicatori per provincia")
    return closed(found, table(
        voice, voice.say("province"), title, frame, columns, figures.quality[names],
        notes=(_context_note(found), *found.editions), sources=sources,
    ))  # fmt: skip


def sheets(found: Findings) -> list[Table]:
    """Return the table by province, where the page has it instead of the municipalities."""
    by_province = len(found.codes) > MUNICIPALITIES_ON_PAGE
    return [province_table(found)] if by_province else []


PART = Part("comuni", by_municipality, sheets)
