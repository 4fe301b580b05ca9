"""Need on the map and in the files of data: sizes, never classes; bands and questions in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.need_tables import grades
from needs_analysis.reports.chapters.need_view import told_of
from needs_analysis.reports.chapters.need_words import KINDS, dates_of, upper_first
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.maps.content import Entry
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.words import N_, Voice

COMPONENT = "need"
LAYER = "bisogno"
"""The name of the layer of a GeoPackage."""


def map_layers(found: Findings) -> tuple[Figures, tuple[Entry, ...]] | None:
    """Return the counts by municipality as sizes, a layer a group; nothing of a single municipality.

    Returns
    -------
    (Figures, tuple of Entry) or None
        Small estimates and what is not known have no value: each entry says them in words.
    """
    if found.need is None or len(found.codes) == 1:
        return None
    units = found.indicators.data.index
    told = found.need
    rows = told.table("municipality")
    parts: list[Figures] = []
    entries = []
    for group in dict.fromkeys(rows["group"]):
        own = rows[rows["group"] == group].set_index("unit")
        if own["central"].isna().all():
            continue
        name = f"need_{group}"
        band = own["band"].astype(bool)
        ends = {end: own[[end]].mask(band).set_axis([name], axis=1) for end in BOUNDS}
        quality = grades(own, [name])
        vintages = own["vintage"].fillna("")  # few are distinct, of thousands
        dates = {one: dates_of(one, told, [str(group)], found.voice) for one in vintages.unique()}
        said = vintages.map(dates)
        one = Figures.of(
            ends["central"], quality=quality, vintage=said.to_frame(name), low=ends["low"],
            high=ends["high"],
            sources={name: tuple(told.sources.get(str(group), ()))},
        )  # fmt: skip
        parts.append(_on(one, units))
        entries.append(_entry(str(group), name, own, told, found.voice))
    if not parts:
        return None
    return parts[0].beside(*parts[1:]), tuple(entries)


def _on(figures: Figures, units: pd.Index) -> Figures:
    """Put figures on all the municipalities of a map: those outside the area have none."""
    blank = {"data": np.nan, "quality": int(Quality.MISSING), "vintage": "", "low": np.nan,
             "high": np.nan}  # fmt: skip
    parts = {
        name: getattr(figures, name).reindex(units, fill_value=value)
        for name, value in blank.items()
    }
    return Figures(**{**parts, "quality": parts["quality"].astype("int8")}, sources=figures.sources)


def _entry(group: str, name: str, own: pd.DataFrame, told: ToldNeed, voice: Voice) -> Entry:
    target = TARGET_GROUPS[group]
    words = {
        str(unit): _words(row, voice, target.question.question if target.question else "")
        for unit, row in own[own["central"].isna()].to_dict("index").items()
    }
    few = own.loc[own["band"].astype(bool), "quality"]
    bands = {str(unit): Quality(int(one)) for unit, one in few.items()}
    definition = voice.say(
        "{counted}: l'area del cerchio è il numero di famiglie. Non è una graduatoria.",
        counted=upper_first(voice.say(KINDS[target.kind])),
    )
    label = upper_first(told.name(group, voice))
    return Entry(
        name,
        label,
        definition,
        COMPONENT,
        0,
        printed_as="count",
        sized=True,
        words=words,
        bands=bands,
    )


def _words(row: Mapping[Any, object], voice: Voice, question: str) -> str:
    """Say what stands in the place of a number: a band, or the question that the office is asked."""
    said = said_count(row, voice)
    if row["band"] or row["reserved"] or not question:
        return said
    return voice.say(N_("{said}: {question}"), said=said, question=voice.say(question))


# --- files of data -----------------------------------------------------------------------------


def need_layer(found: Findings) -> pd.DataFrame:
    """Return the counts by municipality and group as rows: what may be told, nothing else.

    Returns
    -------
    DataFrame
        municipality_code, group, low, central, high, band ("10-30" where a modelled count is small: it
        has no other number), quality, kind ("stock", or "flow" turned into a stock), vintage.
    """
    rows = told_of(found).table("municipality")
    band = rows["band"].astype(bool)
    words = quality_words(found.voice)
    kept = rows[["unit", "group"]].rename(columns={"unit": "municipality_code"})
    for end in BOUNDS:
        kept[end] = rows[end].astype(float).mask(band)
    kept["band"] = [
        said_count(row, found.voice) if row["band"] else "" for row in rows.to_dict("records")
    ]
    grade = grades(rows, ["all"])["all"]
    kept["quality"] = [words[int(one)] for one in grade]
    return kept.assign(kind=rows["kind"], vintage=rows["vintage"].fillna(""))


def long_rows(found: Findings) -> pd.DataFrame:
    """Return the same in the long form of the Parquet file: `variable` is "need_" and the group.

    A band has no value: its ends are `low` and `high`.
    """
    rows = told_of(found).table("municipality")
    labels = np.array([quality.name.lower() for quality in Quality], dtype=object)
    ends = {end: rows[end].to_numpy(dtype=float) for end in BOUNDS}
    return pd.DataFrame(
        {
            "municipality_code": rows["unit"].to_numpy(),
            "variable": ("need_" + rows["group"]).to_numpy(),
            "value": ends["central"],
            "low": ends["low"],
            "high": ends["high"],
            "quality": labels[grades(rows, ["all"])["all"].to_numpy().astype(int)],
            "vintage": rows["vintage"].fillna("").to_numpy(),
            "sources": [" ".join(told_of(found).sources.get(one, ())) for one in rows["group"]],
        }
    )
