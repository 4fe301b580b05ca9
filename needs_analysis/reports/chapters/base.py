"""The figures that the indicators are made from, by municipality."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.by_municipality import closed, heads, rows
from needs_analysis.reports.chapters.labels import BASE_LABELS, UNIT_LABELS
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Table
from needs_analysis.words import N_


def _base_table(found: Findings) -> Table:
    named, own = rows(found, "municipality_code", "municipality_name", "cadastral_code")
    panel = found.panel.rows(named.index)
    frame = pd.concat([named, panel.data[[*UNIT_LABELS, *BASE_LABELS]]], axis=1)
    columns: list[Head] = [
        *own,
        *heads(*UNIT_LABELS),
        *(
            (name, label, "text" if name.endswith("_code") else unit_of(name))
            for name, label in BASE_LABELS.items()
        ),
    ]
    if found.editions:  # each municipality has its own
        frame["rent_semester"] = panel.vintage["rent_eur_m2_month"]
        columns.append(("rent_semester", N_("Semestre OMI"), "date"))
    title = found.voice.say("Dati di base")
    sources = dict.fromkeys(one for name in BASE_LABELS for one in found.panel.sources[name])
    return closed(found, table(
        found.voice, title, title, frame, columns, panel.quality[list(BASE_LABELS)],
        notes=found.editions, sources=sources,
    ))  # fmt: skip


PART = Part("base", sheets=lambda found: [_base_table(found)])
