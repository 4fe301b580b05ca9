"""What is shown of figures, of a series and of a trace."""

from __future__ import annotations

from typing import Any

import pandas as pd

from needs_analysis.figures import Figures, join_vintages
from needs_analysis.indicators.declaration import registry
from needs_analysis.provenance import Trace
from needs_analysis.reports.chapters.labels import territory_labels
from needs_analysis.reports.notebook.tables import (
    Room,
    grid_of,
    label_of,
    qualities,
    sources_said,
)
from needs_analysis.reports.render.html import step_of
from needs_analysis.reports.render.notebook import Cell, Grid, Page
from needs_analysis.words import N_, NN_

_OWN_BREAKS = NN_(
    "Si interrompe per conto suo in una riga.", "Si interrompe per conto suo in {count} righe."
)


def figures(given: Figures, room: Room) -> Page:
    """Show values with their quality, and every column with its dates and sources."""
    voice, (rows, columns) = room.voice, given.data.shape
    listed = []
    for at, name in enumerate(map(str, given.data.columns[: room.steps])):
        about = (
            label_of(name, voice),
            ", ".join(one.text for one in qualities(given.quality.iloc[:, [at]], voice)),
            join_vintages(map(str, given.vintage.iloc[:, at].unique()[:20])),
            sources_said(given.sources.get(name, ())),
        )
        listed.append((name, [Cell(one) for one in about]))
    heads = [
        (voice.say(one), "") for one in (N_("che cos'è"), N_("qualità"), N_("date"), N_("fonti"))
    ]
    every = Grid(heads, listed, room.left(columns, len(listed)))
    head = voice.say("Le colonne, con qualità, date e fonti ({count})", count=columns)
    title = voice.say(
        "Dati, righe e colonne: {rows} × {columns}",
        rows=voice.number(rows), columns=voice.number(columns),
    )  # fmt: skip
    return Page(
        title, legend=qualities(given.quality, voice), grid=grid_of(given, room),
        folded={head: every},
        then={
            ".data .quality .vintage .low .high": voice.say("i valori e che cosa se ne sa"),
            "na.join(...)": voice.say("dati propri accanto"),
            "na.reports.area_map(...)": voice.say("la carta"),
        },
    )  # fmt: skip


def series(given: Any, room: Room) -> Page:
    """Show a series with the editions after which it breaks."""
    voice = room.voice
    whole = given.breaks[given.breaks["unit"] == ""]
    said = [
        voice.say("Si interrompe nel {date}: {reason}.", date=row["date"],
                  reason=given.said(row["reason"], voice))
        for _, row in whole.iterrows()
    ]  # fmt: skip
    own = given.breaks["unit"].replace("", pd.NA).nunique()
    if own:
        said.append(voice.plural(*_OWN_BREAKS, own))
    marks = {str(date): f"┊ {date}" for date in given.breaks["date"]}
    title = voice.say("Serie: {name}", name=label_of(given.name, voice))
    return Page(
        title, said, legend=qualities(given.figures.quality, voice),
        grid=grid_of(given.figures, room, marks, given.name),
        then={".change(...)": voice.say("come cambia"), ".breaks": voice.say("dove non si confronta")},
    )  # fmt: skip


def trace(given: Trace, room: Room) -> Page:
    """Show a trace as steps that fold."""
    voice = room.voice
    labels = territory_labels(voice) | {
        name: one.label_in(voice) for name, one in registry().items()
    }
    step = step_of(given, voice, labels, ".rows")
    title = voice.say("Da dove viene: {name}", name=labels.get(given.name, given.name))
    then = {
        "na.tracing.recompute(...)": voice.say("rifare il conto"),
        ".lines()": voice.say("l'albero come testo"),
    }
    return Page(title, step=step, then=then)
