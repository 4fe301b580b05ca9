"""The figures that the indicators are made from, by municipality."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import (
    Column,
    Table,
)
from needs_analysis.reports.tables import (
    BASE_LABELS,
    closed,
    source_lines,
    unit_labels,
)


def _base_table(found: Findings) -> Table:
    voice, codes = found.voice, found.shown.sort_values("municipality_name").index
    names = list(BASE_LABELS)
    frame = pd.concat(
        [found.shown.loc[codes, ["municipality_name", "cadastral_code"]],
         found.panel.data.loc[codes, ["resident_population", "households", "area_km2", *names]]],
        axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = (voice.say("Codice"), voice.say("Comune"), voice.say("Codice catastale"))
    units = unit_labels(voice)
    columns = (
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("cadastral_code", head[2], "code"),
        Column("resident_population", units["resident_population"], "count"),
        Column("households", units["households"], "count"),
        Column("area_km2", units["area_km2"], "ratio"),
        *(
            Column(name, voice.say(label), "text" if name.endswith("_code") else unit_of(name))
            for name, label in BASE_LABELS.items()
        ),
    )
    if found.editions:  # each municipality has its own
        frame["rent_semester"] = found.panel.vintage.loc[codes, "rent_eur_m2_month"]
        columns = (*columns, Column("rent_semester", voice.say("Semestre OMI"), "date"))
    sources = dict.fromkeys(s for name in names for s in found.panel.sources[name])
    title = voice.say("Dati di base")
    return closed(found, Table(
        title, title, frame, columns, found.panel.quality.loc[codes, names],
        notes=found.editions, sources=source_lines(sources, voice), facts="rows",
    ))  # fmt: skip


PART = Part("base", sheets=lambda found: [_base_table(found)])
