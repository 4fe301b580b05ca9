"""The charts of need: counts with their intervals, of the groups and of the steps of the gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.need_view import NeedView
from needs_analysis.reports.chapters.need_words import DISTINCT, STEPS, said_row, upper_first
from needs_analysis.reports.charts.intervals import intervals
from needs_analysis.reports.model import Picture, plain


def groups_picture(view: NeedView) -> Picture | None:
    """Draw the groups with their intervals, the whole last; nothing where none has a number."""
    told, voice = view.told, view.voice
    rows = _groups(view)
    names = {
        str(key): upper_first(told.name(str(row["group"]), voice))
        if row["group"]
        else voice.say("In almeno uno di questi gruppi")
        for key, row in rows.iterrows()
    }
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
    title = voice.say("Famiglie in bisogno, con l'intervallo")
    return _drawn(view, "bisogno", title, rows, names, notes)


def _groups(view: NeedView) -> pd.DataFrame:
    """Return the groups that have a figure, and the whole where there are two."""
    told = view.told
    groups = told.table("area").assign(key=lambda some: "need_" + some["group"])
    whole = told.table("area", "distinct").assign(key=DISTINCT, group="")
    parts = [groups, whole] if len(told.held) > 1 else [groups]
    rows = pd.concat(parts, ignore_index=True).set_index("key")
    return rows[np.array([bool(one) for one in rows["known"]])]


def gap_pictures(view: NeedView) -> list[Picture]:
    """Draw the steps of the gap on a day, and in a year, each in a chart of its own."""
    told, voice = view.told, view.voice
    parts = (
        ("gap_stock", told.gap_stock, voice.say("Il divario oggi, passo per passo")),
        ("gap_flow", told.gap_flow, voice.say("Il divario in un anno, passo per passo")),
    )
    found = []
    for name, shown, title in parts:
        if shown is None:
            continue
        rows = shown.frame[shown.frame["size"] == TOTAL]
        rows = rows.set_axis([f"need_{name}_{TOTAL}_{step}" for step in rows["step"]])
        names = {str(key): upper_first(voice.say(STEPS[one])) for key, one in rows["step"].items()}
        found.append(_drawn(view, f"need_{name}", title, rows, names))
    return [one for one in found if one is not None]


def _drawn(
    view: NeedView,
    key: str,
    title: str,
    rows: pd.DataFrame,
    names: Mapping[str, str],
    notes: Iterable[str] = (),
) -> Picture | None:
    """Draw told counts, a bar each; nothing where none of them has a number."""
    if rows["central"].isna().all():
        return None
    voice = view.voice
    said = {str(at): said_row(str(at), row, voice) for at, row in rows.iterrows()}
    figures = {at: plain(one).replace(" (", "\n(") for at, one in said.items()}
    svg = intervals(rows, names=names, figures=figures, voice=voice)
    alternative = "; ".join(f"{names[at]}: {said[at]}" for at in said) + "."
    return Picture(
        key, title, svg, alternative, notes=tuple(notes),
        sources=source_lines(view.told.sources_of(), voice), drawn=tuple(said.values()),
    )  # fmt: skip
