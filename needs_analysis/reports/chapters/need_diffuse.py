"""Discomfort that is spread, apart from the need: by province and region, never of a municipality."""

from __future__ import annotations

import pandas as pd

from needs_analysis import store
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.need_tables import counted_columns, counts, grades
from needs_analysis.reports.chapters.need_view import NeedView
from needs_analysis.reports.chapters.need_words import ROUNDED, upper_first
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Table
from needs_analysis.territory import municipalities
from needs_analysis.words import N_


def diffuse_table(view: NeedView, *, sheet: bool = False) -> Table | None:
    """Give the spread discomfort of the provinces and regions around the area, whole."""
    voice, rows = view.voice, view.told.diffuse.frame
    if rows.empty:
        return None
    keys = "need_diffuse_" + rows["level"] + "_" + rows["unit"] + "_" + rows["group"]
    frame = counts(rows, pd.Index(keys), voice)
    units = municipalities(view.day)
    named = {
        level: units.groupby(f"{level}_code")[f"{level}_name"].first()
        for level in ("region", "province")
    }
    words = {"region": N_("Regione: {name}"), "province": N_("Provincia: {name}")}
    frame.insert(0, "label", [
        voice.say(words[level], name=named[level].loc[unit])
        for level, unit in zip(rows["level"], rows["unit"], strict=True)
    ])  # fmt: skip
    frame.insert(
        1, "group", [upper_first(view.told.name(str(one), voice)) for one in rows["group"]]
    )
    quality = grades(rows.set_axis(frame.index), ("said", *BOUNDS))
    frame["quality"] = [quality_words(voice)[int(one)] for one in quality["said"]]
    columns: list[Head] = [("label", N_("Territorio")), ("group", N_("Gruppo"))]
    columns += counted_columns(voice) if sheet else [("said", N_("Famiglie"))]
    columns.append(("quality", N_("Qualità")))
    notes = (
        voice.say(
            "Non sono nel numero delle famiglie in bisogno, né nel divario. Sono di tutta la provincia "
            "o di tutta la regione: sotto la provincia nessuna fonte li conta."
        ),
        voice.say(
            "Sono quote nazionali di ISTAT, riportate dalla stampa (nel 2021 famiglie in alloggi "
            "sovraffollati, fra chi è in affitto e fra gli altri; nel 2023 famiglie che coabitano), "
            "sulle famiglie del posto: del posto dicono solo quante sono le famiglie e quante in "
            "affitto. Gli estremi delle quote sono assunzioni."
        ),
    )
    return table(
        voice, voice.say("disagio diffuso"),
        voice.say("Il disagio diffuso, a parte: sovraffollamento e coabitazione"), frame, columns,
        quality, notes=(*notes, voice.say(ROUNDED)),
        sources=[store.source_of("municipalities").id],
    )  # fmt: skip
