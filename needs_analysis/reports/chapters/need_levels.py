"""The tables of need by municipality, ambito, province and region, and of a year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.by_municipality import heads, small_beside
from needs_analysis.reports.chapters.need_tables import (
    NUMBERS,
    counted_columns,
    counts,
    grades,
    reserved,
)
from needs_analysis.reports.chapters.need_view import NeedView
from needs_analysis.reports.chapters.need_words import (
    LEVELS,
    ROUNDED,
    keyed,
    unbroken,
    upper_first,
)
from needs_analysis.reports.model import Column, Table
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.words import N_, Voice


def _level_rows(view: NeedView, level: str) -> pd.DataFrame:
    """Return the groups of a level and, where they are several, the households in at least one."""
    told = view.told
    parts = [told.table(level)]
    if len(parts[0]["group"].unique()) > 1:
        parts.append(told.table(level, "distinct").assign(group="distinct"))
    return pd.concat(parts, ignore_index=True)


def municipalities_table(view: NeedView, *, sheet: bool = False) -> Table:
    """Give the counts by municipality in the order of names; groups that may not be listed are out."""
    voice, told = view.voice, view.told
    codes = pd.Index(view.units("municipality"))
    households = told.table("municipality", "distinct").set_index("unit")["households"]
    frame = pd.DataFrame(index=codes)
    frame["municipality_name"] = [view.name(str(one)) for one in codes]
    frame["households"] = households.reindex(codes)
    columns: list[Head] = [*heads("municipality_name", "households")]
    if sheet:
        frame.insert(0, "municipality_code", codes)
        columns = [*heads("municipality_code"), *columns]
    rows = _level_rows(view, "municipality") if sheet else told.table("municipality")
    frame, more, quality = _with_groups(view, frame, rows, sheet=sheet)
    frame, small = _with_small(view, frame, sheet=sheet)
    _, key, title, note = LEVELS["municipality"]
    return table(
        voice, voice.say(key), voice.say(title), frame, [*columns, *more, *small], quality,
        notes=(voice.say(note), voice.say(ROUNDED)), sources=told.sources_of(),
    )  # fmt: skip


def wider_table(view: NeedView, level: str, *, sheet: bool = False) -> Table | None:
    """Give the counts by ambito, province or region; nothing unless the area has two."""
    voice, told = view.voice, view.told
    if level not in view.wider:
        return None
    units = pd.Index(view.units(level))
    head, key, title, note = LEVELS[level]
    frame = pd.DataFrame({"label": [view.name(str(one)) for one in units]}, index=units)
    columns: list[Head] = [Column("label", voice.say(head))]
    if sheet:
        held = told.table(level, "distinct").set_index("unit").reindex(units)
        frame["municipalities"], frame["households"] = held["municipalities"], held["households"]
        columns += [Column("municipalities", voice.say("Comuni"), "count"), *heads("households")]
    rows = _level_rows(view, level) if sheet else told.table(level)
    rows = rows[rows["unit"].isin(units)]
    frame, more, quality = _with_groups(view, frame, rows, sheet=sheet)
    return table(
        voice, voice.say(key), voice.say(title), frame, [*columns, *more], quality,
        notes=(voice.say(note), voice.say(ROUNDED)), sources=told.sources_of(),
    )  # fmt: skip


def _with_groups(
    view: NeedView, frame: pd.DataFrame, rows: pd.DataFrame, *, sheet: bool
) -> tuple[pd.DataFrame, list[Head], pd.DataFrame]:
    """Put the counts of each group into a table whose index their units are."""
    columns: list[Head] = []
    quality = pd.DataFrame(index=frame.index)
    told, voice = view.told, view.voice
    without: dict[str, list[str]] = {}
    for group, own in rows.groupby("group", sort=False):
        label = _label(str(group), told, voice)
        counted = own.set_index("unit").reindex(frame.index)
        put = _numbers(str(group), label, counted, voice) if sheet else _said(
            str(group), label, counted, voice)  # fmt: skip
        frame, columns, quality = frame.join(put[0]), columns + put[1], quality.join(put[2])
        for unit in counted.index[counted["reserved"].astype(bool)]:
            without.setdefault(str(unit), []).append(label[:1].lower() + label[1:])
    if not sheet or not without:
        return frame, columns, quality
    frame["reserved"] = ["; ".join(without.get(str(one), [])) for one in frame.index]
    columns.append(Column("reserved", voice.say("Senza i conteggi riservati")))
    return frame, columns, quality


def _label(group: str, told: ToldNeed, voice: Voice) -> str:
    if group == "distinct":
        return voice.say("In almeno un gruppo")
    return upper_first(told.name(group, voice))


def _said(
    group: str, label: str, own: pd.DataFrame, voice: Voice
) -> tuple[pd.DataFrame, list[Head], pd.DataFrame]:
    """Return the column of a group on a page: its counts in words, with their intervals."""
    name = f"need_{group}"
    ends = {"central": name, "low": f"{name}_low", "high": f"{name}_high"}
    said = [_said_at(str(unit), ends, row, voice) for unit, row in own.iterrows()]
    return pd.DataFrame({name: said}, index=own.index), [Column(name, label)], grades(own, [name])


def _said_at(unit: str, ends: Mapping[str, str], row: pd.Series, voice: Voice) -> str:
    def printed(end: str, value: float) -> str:
        return keyed(f"{unit}:{ends[end]}", value, voice)

    return unbroken(said_count(row, voice, printed))


def _numbers(
    group: str, label: str, own: pd.DataFrame, voice: Voice
) -> tuple[pd.DataFrame, list[Head], pd.DataFrame]:
    """Return the columns of a group in a sheet: numbers, bands, and what own counts changed."""
    name, band = f"need_{group}", own["band"].astype(bool)
    ends = {"central": name, "low": f"{name}_low", "high": f"{name}_high"}
    frame = pd.DataFrame(
        {ends[end]: own[end].astype(float).mask(band) for end, _ in NUMBERS}, index=own.index
    )
    quality = grades(own, [*frame])
    said = [said_count(row, voice) if row["band"] else "" for row in own.to_dict("records")]
    frame[f"{name}_band"] = said
    columns: list[Head] = [
        Column(ends[end], f"{label}: {voice.say(words).lower()}", "count", optional=True)
        for end, words in NUMBERS
    ]
    columns.append(Column(f"{name}_band", voice.say("{group}: fascia, se sono poche", group=label)))
    more = (
        ("before", N_("{group}: stima senza i conteggi")),
        ("difference", N_("{group}: differenza dei conteggi")),
    )
    for one, words in more:
        if own[one].notna().any():
            frame[f"{name}_{one}"] = own[one].astype(float)
            said_head = voice.say(words, group=label)
            columns.append(Column(f"{name}_{one}", said_head, "count", optional=True))
    return frame, columns, quality


def _with_small(
    view: NeedView, frame: pd.DataFrame, *, sheet: bool
) -> tuple[pd.DataFrame, Sequence[Head]]:
    """Say the ambito of small municipalities: in a sheet's own column, on the page by the name."""
    if sheet:
        return frame, small_beside(view.small, frame, view.voice, view.told.parameters)
    few = view.small.reindex(frame.index)
    beside = (" (" + few + ")").where(few.notna() & (few != view.voice.say("ambito non noto")), "")
    return frame.assign(municipality_name=frame["municipality_name"] + beside), []


def yearly_table(view: NeedView) -> Table | None:
    """Give the households of a year by unit; those of the whole area stand with its groups."""
    voice, told = view.voice, view.told
    levels = [*view.wider, *(("municipality",) if view.many else ())]
    rows = pd.concat([*_yearly(view, levels)], ignore_index=True) if levels else pd.DataFrame()
    if rows.empty:
        return None
    keys = [f"need_year_{level}_{unit}_{group}" for level, unit, group in
            zip(rows["level"], rows["unit"], rows["group"], strict=True)]  # fmt: skip
    frame = counts(rows, pd.Index(keys), voice)
    frame["level"] = [voice.say(LEVELS[str(one)][0]) for one in rows["level"]]
    of_municipality = (rows["level"] == "municipality").to_numpy()
    frame["municipality_code"] = rows["unit"].astype(str).where(of_municipality, "").to_numpy()
    frame["unit"] = [view.name(str(one)) for one in rows["unit"]]
    frame["label"] = [_label(str(one), told, voice) for one in rows["group"]]
    columns: list[Head] = [
        ("level", N_("Livello")), *heads("municipality_code"), ("unit", N_("Territorio")),
        ("label", N_("Gruppo")), *counted_columns(voice),
    ]  # fmt: skip
    more, without = reserved(frame, rows, voice)
    note = voice.say("Di un anno: non si sommano con quelle di una data.")
    return table(
        voice, voice.say("bisogno in un anno"), voice.say("Famiglie di un anno, per territorio"), frame,
        [*columns, *more], grades(rows.set_axis(frame.index), BOUNDS), notes=(note, without),
        sources=told.sources_of(dict.fromkeys(rows["group"])),
    )  # fmt: skip


def _yearly(view: NeedView, levels: Iterable[str]) -> Iterator[pd.DataFrame]:
    for level in levels:
        rows = view.told.table(level, "yearly")
        rows = rows[rows["known"].gt(0) | rows["reserved"]]
        place = {str(unit): at for at, unit in enumerate(view.units(level))}
        turn = rows["unit"].map(place).dropna().sort_values(kind="stable")
        yield rows.loc[turn.index].assign(level=level)
