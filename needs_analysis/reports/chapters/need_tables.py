"""The tables of need in the whole area: by group and by size of household; how a count stands in one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Quality
from needs_analysis.needs.groups import AFFORDABILITY, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.need_view import NeedView
from needs_analysis.reports.chapters.need_words import (
    DISTINCT,
    KINDS,
    ROUNDED,
    SIZES,
    dates_of,
    limit_of,
    said_row,
    upper_first,
)
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Column, Table
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.words import N_, Voice

NUMBERS = (
    ("central", N_("Centrale")),
    ("low", N_("Minimo")),
    ("high", N_("Massimo")),
)
_BAND = N_("Fascia, se sono poche")
_RESERVED = N_("Dove è scritto, il numero è senza i conteggi riservati.")


def grades(told: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the quality of the columns of a count: of its row, hidden or missing where it is blank."""
    known = told["known"].gt(0) if "known" in told else pd.Series(True, index=told.index)
    blank = told["central"].isna() & ~told["band"].astype(bool)
    of_row = told["quality"] if "quality" in told else int(Quality.MODELLED)
    quality = pd.Series(of_row, index=told.index).astype(int)
    hidden = blank & (known | told.get("reserved", pd.Series(False, index=told.index)).astype(bool))
    quality = quality.mask(blank, int(Quality.MISSING)).mask(hidden, int(Quality.SUPPRESSED))
    return pd.DataFrame({name: quality.astype("int8") for name in columns})


def counted_columns(voice: Voice, before: str = "", of: str = "") -> list[Column]:
    """Return the columns of a count in a sheet: blank where it is a band, which has its own.

    Parameters
    ----------
    voice : Voice
        The language.
    before : str
        What the names of the columns begin with (`counts`).
    of : str
        What is counted, where a sheet counts several things.
    """
    named = [
        (f"{before}{name}", voice.say(words), "count") for name, words in NUMBERS
    ]  # fmt: skip
    named.append((f"{before}band_words", voice.say(_BAND), "text"))
    return [
        Column(name, f"{of}: {words.lower()}" if of else words, unit, optional=unit == "count")
        for name, words, unit in named
    ]


def counts(rows: pd.DataFrame, keys: pd.Index, voice: Voice, before: str = "") -> pd.DataFrame:
    """Return the columns that a count has in a table: in words, as numbers, as a band."""
    band = rows["band"].astype(bool).to_numpy()
    frame = rows[[*BOUNDS]].astype(float).set_axis(keys)
    # The ends of a band are no interval of a count.
    frame.loc[band, [*BOUNDS]] = np.nan
    pairs = [*zip(keys, rows.to_dict("records"), strict=True)]
    frame["said"] = [said_row(str(key), row, voice, before) for key, row in pairs]
    frame["band_words"] = [said_count(row, voice) if row["band"] else "" for _, row in pairs]
    return frame.add_prefix(before)


def reserved(frame: pd.DataFrame, rows: pd.DataFrame, voice: Voice) -> tuple[list[Head], str]:
    """Say which rows are without the counts that may not be told, and of which column it is said."""
    at = rows["reserved"].astype(bool).to_numpy()
    if not at.any():
        return [], ""
    frame["reserved"] = np.where(at, voice.say(N_("senza i conteggi riservati")), "")
    return [("reserved", N_("Riserve"))], voice.say(_RESERVED)


# --- by group ----------------------------------------------------------------------------------


def group_rows(view: NeedView) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups that have a figure in the area, the whole last, and their qualities."""
    told, voice = view.told, view.voice
    groups = told.table("area")
    rows = pd.concat([groups, told.table("area", "distinct").assign(group="")], ignore_index=True)
    keys = pd.Index([f"need_{group}" if group else DISTINCT for group in rows["group"]])
    frame = counts(rows, keys, voice)
    quality = grades(rows.set_axis(keys), ("said", *BOUNDS))
    named = [upper_first(told.name(group, voice)) for group in groups["group"]]
    total = voice.say(
        "In almeno un gruppo, ogni famiglia contata una volta: {groups}",
        groups=voice.listed([told.name(group, voice) for group in told.held]),
    )
    frame.insert(0, "label", [*named, total])
    frame["kind"] = [
        _kind(str(group), int(one), voice)
        for group, one in zip(rows["group"], rows["quality"], strict=True)
    ]
    words = quality_words(voice)
    frame["quality"] = [words[int(one)] for one in quality["said"]]
    if bool(rows["allocated"].iloc[-1]) and quality["said"].iloc[-1] == Quality.MODELLED:
        frame.loc[DISTINCT, "quality"] = voice.say("stimato, in parte ripartito dalla provincia")
    offices = voice.say("Conteggi degli uffici")
    frame["source"] = [
        offices if graded == Quality.OBSERVED and group else _publishers(told, str(group))
        for group, graded in zip(rows["group"], quality["said"], strict=True)
    ]
    frame["vintage"] = [
        dates_of(str(one), told, [str(group)] if group else told.held, voice)
        for one, group in zip(rows["vintage"], rows["group"], strict=True)
    ]
    for name in ("known", "municipalities", "before", "difference", "reserved"):
        frame[name] = rows[name].to_numpy()
    return _with_year(view, frame, quality)


def _with_year(
    view: NeedView, frame: pd.DataFrame, quality: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put beside each group how many households of it there are in a year, where that is known."""
    rows = view.told.table("area", "yearly")
    if rows.empty:
        return frame, quality
    keys = pd.Index([f"need_{group}" for group in rows["group"]])
    year = counts(rows, keys, view.voice, "year_")
    graded = grades(rows.set_axis(keys), [f"year_{name}" for name in ("said", *BOUNDS)])
    own = quality.index
    frame = frame.join(year.reindex(own))
    for name in ("year_said", "year_band_words"):
        frame[name] = frame[name].fillna("")
    of_year = graded.reindex(own, fill_value=int(Quality.OBSERVED)).astype("int8")
    return frame, quality.join(of_year)


def _kind(group: str, quality: int, voice: Voice) -> str:
    """Say what a group's count is of: what an office counted is of a day."""
    if not group:
        return ""
    counted = quality == Quality.OBSERVED
    return voice.say(KINDS["stock" if counted else TARGET_GROUPS[group].kind])


def _publishers(told: ToldNeed, group: str) -> str:
    cited = store.cited()
    used = [cited[one].publisher for one in told.sources.get(group, ()) if one in cited]
    return ", ".join(dict.fromkeys(used))


def _without(told: ToldNeed, voice: Voice) -> str:
    """Say of which groups the number of the area is without the counts that may not be told."""
    rows = told.table("area")
    at = rows["reserved"].astype(bool) & rows["known"].gt(0)
    if not at.any():
        return ""
    names = [told.name(str(one), voice) for one in rows.loc[at, "group"]]
    return voice.say("Senza i conteggi riservati: {groups}.", groups="; ".join(names))


def groups_table(view: NeedView, *, sheet: bool = False) -> Table:
    """Give the households of each group and of at least one, with the year's where a group is of one."""
    voice, told = view.voice, view.told
    frame, quality = group_rows(view)
    of_year = "year_said" in frame
    columns: list[Head] = [("label", N_("Gruppo"))]
    columns += counted_columns(voice) if sheet else [("said", N_("Famiglie"))]
    if of_year:
        in_year = voice.say("In un anno")
        columns += (
            counted_columns(voice, "year_", in_year) if sheet else [Column("year_said", in_year)]
        )
    columns += [("kind", N_("Che cosa si conta")), ("quality", N_("Qualità"))]
    without = _without(told, voice)
    if sheet:
        columns += [("source", N_("Fonte")), ("vintage", N_("Date dei dati"))]
        columns += [Column("known", voice.say("Comuni con il dato"), "count")]
        if frame["before"].notna().any():
            columns += [
                Column("before", voice.say("Stima senza i conteggi"), "count", optional=True),
                Column("difference", voice.say("Differenza dei conteggi"), "count", optional=True),
            ]
        more, without = reserved(frame, frame, voice)
        columns += more
    note = voice.say(
        "Una stima piccola è una fascia, senza altre cifre. Famiglie a una data e famiglie di un anno "
        "non si sommano."
    )
    if not sheet:
        note = " ".join((voice.say("Fra parentesi il minimo e il massimo."), note))
    return table(
        voice, voice.say("bisogno"), voice.say("Le famiglie in bisogno, gruppo per gruppo"), frame,
        columns, quality, notes=(note, voice.say(ROUNDED), without), sources=told.sources_of(),
    )  # fmt: skip


# --- by size -----------------------------------------------------------------------------------


def sizes_table(view: NeedView, *, sheet: bool = False) -> Table | None:
    """Give the tenants that pay too much by size of household; nothing where that is not known.

    In the sheet the provinces and ambiti of the area, where it has several, follow it.
    """
    voice, told = view.voice, view.told
    levels = ("area", *view.wider) if sheet else ("area",)
    parts = [told.table(level, "by_size") for level in levels]
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        return None
    keys = [f"need_size_{unit}_{int(size)}" if unit else f"need_size_{int(size)}"
            for unit, size in zip(rows["unit"], rows["size"], strict=True)]  # fmt: skip
    frame = counts(rows, pd.Index(keys), voice)
    frame.insert(0, "label", [voice.say(SIZES[int(one)]) for one in rows["size"]])
    columns: list[Head] = [("label", N_("Famiglie di"))]
    columns += counted_columns(voice) if sheet else [("said", N_("Famiglie"))]
    if len(parts) > 1:
        frame.insert(0, "unit", [view.name(str(one)) for one in rows["unit"]])
        columns.insert(0, ("unit", N_("Territorio")))
    more, without = reserved(frame, rows, voice)
    quality = grades(rows.set_axis(frame.index), ("said", *BOUNDS))
    limit = limit_of(told, voice)
    title = voice.say(
        "In affitto oltre il {limit} del reddito, per componenti della famiglia", limit=limit
    )
    note = voice.say(
        "Stima delle famiglie in affitto sul mercato che pagano di canone oltre il {limit} del reddito "
        "netto.",
        limit=limit,
    )
    return table(
        voice, voice.say("bisogno componenti"), voice.elided(title), frame,
        [*columns, *(more if sheet else [])], quality,
        notes=(voice.elided(note), voice.say(ROUNDED), without),
        sources=told.sources_of([AFFORDABILITY]),
    )  # fmt: skip
