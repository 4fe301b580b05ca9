"""The tables of need: by group, by size of household, by municipality and ambito, and what to ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from needs_analysis import store, territory
from needs_analysis.figures import Quality
from needs_analysis.needs.groups import AFFORDABILITY, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.by_municipality import heads, small_column
from needs_analysis.reports.chapters.need_words import (
    DISTINCT,
    KINDS,
    SIZES,
    keyed,
    name_of,
    said_row,
    unbroken,
    upper_first,
)
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import quality_words
from needs_analysis.reports.model import Column, Table, plain
from needs_analysis.told.needs import ToldNeed, said_count
from needs_analysis.words import N_, Voice

_NUMBERS = (
    ("central", N_("Centrale")),
    ("low", N_("Minimo")),
    ("high", N_("Massimo")),
)


def told_of(found: Findings) -> ToldNeed:
    """Return what may be told of need, for what is made only where there is some."""
    if found.need is None:
        raise LookupError("the study tells no need")
    return found.need


def grades(told: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the quality of the columns of a count: of its row, hidden or missing where it is blank."""
    known = told["known"].gt(0) if "known" in told else pd.Series(True, index=told.index)
    blank = told["central"].isna() & ~told["band"].astype(bool)
    of_row = told["quality"] if "quality" in told else int(Quality.MODELLED)
    quality = pd.Series(of_row, index=told.index).astype(int)
    hidden = blank & (known | told.get("reserved", pd.Series(False, index=told.index)).astype(bool))
    quality = quality.mask(blank, int(Quality.MISSING)).mask(hidden, int(Quality.SUPPRESSED))
    return pd.DataFrame({name: quality.astype("int8") for name in columns})


def counted_columns(voice: Voice) -> list[Column]:
    """Return the columns of a count in a sheet: blank where it is a band, which has its own."""
    said = [Column(name, voice.say(words), "count", optional=True) for name, words in _NUMBERS]
    return [*said, Column("band_words", voice.say(N_("Fascia, se sono poche")))]


def counts(rows: pd.DataFrame, keys: pd.Index, voice: Voice) -> pd.DataFrame:
    """Return the columns that a count has in a table: in words, as numbers, as a band."""
    frame = rows[[*BOUNDS]].astype(float).set_axis(keys)
    band = rows["band"].astype(bool).to_numpy()
    frame["said"] = [
        said_row(str(key), row, voice) for key, (_, row) in zip(keys, rows.iterrows(), strict=True)
    ]
    frame["band_words"] = [
        said_count(row, voice) if few else ""
        for few, (_, row) in zip(band, rows.iterrows(), strict=True)
    ]
    # The ends of a band are no interval of a count.
    frame.loc[band, [*BOUNDS]] = np.nan
    return frame


# --- by group ----------------------------------------------------------------------------------


def group_rows(found: Findings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the groups that have a figure in the area, the whole last, and their qualities."""
    told, voice = told_of(found), found.voice
    groups = told.table("area")
    whole = told.table("area", "distinct")
    rows = pd.concat([groups, whole.assign(group="")], ignore_index=True)
    keys = pd.Index([f"need_{group}" if group else DISTINCT for group in rows["group"]])
    frame = counts(rows, keys, voice)
    named = [upper_first(name_of(group, voice)) for group in groups["group"]]
    total = voice.say(
        "In almeno un gruppo, ogni famiglia contata una volta: {groups}",
        groups=voice.listed([name_of(group, voice) for group in told.held]),
    )
    frame.insert(0, "label", [*named, total])
    frame["year"] = [_yearly(told, str(group), voice) for group in rows["group"]]
    quality = grades(rows.set_axis(keys), ("said", *BOUNDS))
    frame["kind"] = [
        _kind(str(group), int(one), voice)
        for group, one in zip(rows["group"], rows["quality"], strict=True)
    ]
    words = quality_words(voice)
    frame["quality"] = [words[int(one)] for one in quality["said"]]
    frame["source"] = [_publishers(told, str(group)) for group in rows["group"]]
    frame["vintage"] = rows["vintage"].to_numpy()
    frame["known"] = rows["known"].astype(float).to_numpy()
    return frame, quality


def _kind(group: str, quality: int, voice: Voice) -> str:
    """Say what a group's count is of: what an office counted is of a day."""
    if not group:
        return ""
    counted = quality == Quality.OBSERVED
    return voice.say(KINDS["stock" if counted else TARGET_GROUPS[group].kind])


def _yearly(told: ToldNeed, group: str, voice: Voice) -> str:
    rows = told.table("area", "yearly")
    own = rows[rows["group"] == group]
    return said_row(f"need_year_{group}", own.iloc[0], voice) if len(own) else ""


def _publishers(told: ToldNeed, group: str) -> str:
    cited = store.cited()
    used = [cited[one].publisher for one in told.sources.get(group, ()) if one in cited]
    return ", ".join(dict.fromkeys(used))


def groups_table(found: Findings, *, sheet: bool = False) -> Table:
    """Give the households in need by group, with their interval, quality, source and kind."""
    voice, told = found.voice, told_of(found)
    frame, quality = group_rows(found)
    columns: list[Head] = [("label", N_("Gruppo"))]
    columns += counted_columns(voice) if sheet else [("said", N_("Famiglie"))]
    if frame["year"].ne("").any():
        columns.append(("year", N_("In un anno")))
    columns += [
        ("kind", N_("Che cosa si conta")),
        ("quality", N_("Qualità")),
    ]
    if sheet:
        frame["year"] = frame["year"].map(plain)
        columns += [
            ("source", N_("Fonte")),
            ("vintage", N_("Anno"), "date"),
            Column("known", voice.say("Comuni con il dato"), "count"),
        ]
    note = voice.say(
        "Fra parentesi il minimo e il massimo. Una stima piccola è una fascia, senza altre cifre. "
        "Famiglie a una data e famiglie di un anno non si sommano."
    )
    return table(
        voice, voice.say("bisogno"), voice.say("Le famiglie in bisogno, gruppo per gruppo"), frame,
        columns, quality, notes=(note,), sources=_sources(told),
    )  # fmt: skip


def _sources(told: ToldNeed, groups: Iterable[str] = ()) -> list[str]:
    wanted = list(groups) or list(told.sources)
    cited = store.cited()
    every = (one for group in wanted for one in told.sources.get(group, ()))
    return [one for one in dict.fromkeys(every) if one in cited]


# --- by size -----------------------------------------------------------------------------------


def sizes_table(found: Findings, *, sheet: bool = False) -> Table | None:
    """Give the tenants that pay too much by size of household; nothing where that is not known."""
    voice, told = found.voice, told_of(found)
    rows = told.table("area", "by_size")
    if rows.empty:
        return None
    frame = counts(rows, pd.Index([f"need_size_{int(one)}" for one in rows["size"]]), voice)
    frame.insert(0, "label", [voice.say(SIZES[int(one)]) for one in rows["size"]])
    columns: list[Head] = [("label", N_("Famiglie di"))]
    columns += counted_columns(voice) if sheet else [("said", N_("Famiglie"))]
    quality = grades(rows.set_axis(frame.index), ("said", *BOUNDS))
    title = voice.say("In affitto oltre il 40 % del reddito, per componenti della famiglia")
    return table(
        voice, voice.say("bisogno componenti"), title, frame, columns, quality,
        notes=(_counted_note(found),), sources=_sources(told, [AFFORDABILITY]),
    )  # fmt: skip


def _counted_note(found: Findings) -> str:
    return found.voice.say(
        "Stima delle famiglie in affitto sul mercato che pagano di canone oltre il 40 % del reddito "
        "netto."
    )


# --- by municipality and by ambito -------------------------------------------------------------


def municipalities_table(found: Findings, *, sheet: bool = False) -> Table:
    """Give the counts by municipality in the order of names; groups that may not be listed are out."""
    voice, told = found.voice, told_of(found)
    rows = told.table("municipality")
    codes = found.area.sort_values("municipality_name").index
    frame = pd.DataFrame(index=codes)
    frame["municipality_name"] = found.area.loc[codes, "municipality_name"]
    frame["households"] = found.panel.data.loc[codes, "households"]
    columns: list[Head] = [*heads("municipality_name", "households")]
    if sheet:
        frame.insert(0, "municipality_code", codes)
        columns = [*heads("municipality_code"), *columns]
    quality = pd.DataFrame(index=codes)
    _put_groups(frame, columns, quality, rows, voice, sheet=sheet)
    frame, columns = _with_small(found, frame, columns, sheet=sheet)
    note = voice.say(
        "In ordine alfabetico: non è una graduatoria. Le stime piccole sono fasce, che si sommano solo "
        "nell'ambito."
    )
    return table(
        voice, voice.say("bisogno comuni"), voice.say("Il bisogno per comune"), frame, columns,
        quality, notes=(note,), sources=_sources(told),
    )  # fmt: skip


def _put_groups(
    frame: pd.DataFrame,
    columns: list[Head],
    quality: pd.DataFrame,
    rows: pd.DataFrame,
    voice: Voice,
    *,
    sheet: bool,
) -> None:
    """Put the counts of each group into a table by municipality or ambito, whose index its units are."""
    for group, own in rows.groupby("group", sort=False):
        counted = own.set_index("unit").reindex(frame.index)
        _put(str(group), frame, columns, quality, counted, voice, sheet=sheet)


def _put(
    group: str,
    frame: pd.DataFrame,
    columns: list[Head],
    quality: pd.DataFrame,
    own: pd.DataFrame,
    voice: Voice,
    *,
    sheet: bool,
) -> None:
    name, label = f"need_{group}", upper_first(name_of(group, voice))
    ends = {"central": name, "low": f"{name}_low", "high": f"{name}_high"}
    grade = grades(own, ["all"])["all"]
    if not sheet:
        frame[name] = [_said_at(str(unit), ends, row, voice) for unit, row in own.iterrows()]
        quality[name] = grade
        columns.append(Column(name, label))
        return
    band = own["band"].to_numpy()
    for end, words in _NUMBERS:
        frame[ends[end]] = own[end].astype(float).mask(band)
        quality[ends[end]] = grade
        head = f"{label}: {voice.say(words).lower()}"
        columns.append(Column(ends[end], head, "count", optional=True))
    frame[f"{name}_band"] = [
        said_count(row, voice) if row["band"] else "" for _, row in own.iterrows()
    ]
    columns.append(Column(f"{name}_band", voice.say("{group}: fascia, se sono poche", group=label)))


def _said_at(unit: str, ends: Mapping[str, str], row: pd.Series, voice: Voice) -> str:
    def printed(end: str, value: float) -> str:
        return keyed(f"{unit}:{ends[end]}", value, voice)

    return unbroken(said_count(row, voice, printed))


def _with_small(
    found: Findings, frame: pd.DataFrame, columns: list[Head], *, sheet: bool
) -> tuple[pd.DataFrame, list[Head]]:
    """Say the ambito of small municipalities: in a sheet's own column, on the page by the name."""
    if sheet:
        return frame, [*columns, *small_column(found, frame)]
    few = found.small.reindex(frame.index)
    beside = (" (" + few + ")").where(few.notna() & (few != found.voice.say("ambito non noto")), "")
    return frame.assign(municipality_name=frame["municipality_name"] + beside), columns


def ambiti_table(found: Findings, *, sheet: bool = False) -> Table | None:
    """Give the counts by ambito, of those that the area holds whole; nothing unless there are two."""
    voice, told = found.voice, told_of(found)
    if "ambito" not in told.levels:
        return None
    rows = told.table("ambito")
    sizes = territory.ambiti(found.day)["ambito_name"].value_counts()
    rows = rows[rows["municipalities"] == rows["unit"].map(sizes)]
    units = pd.Index(sorted(rows["unit"].unique()))
    if len(units) < 2:
        return None
    frame = pd.DataFrame({"label": units}, index=units)
    columns: list[Head] = [("label", N_("Ambito"))]
    quality = pd.DataFrame(index=units)
    _put_groups(frame, columns, quality, rows, voice, sheet=sheet)
    note = voice.say(
        "Gli ambiti che il territorio comprende per intero, in ordine alfabetico. La loro composizione "
        "è da verificare sui piani di zona."
    )
    return table(
        voice, voice.say("bisogno ambiti"), voice.say("Il bisogno per ambito"), frame, columns,
        quality, notes=(note,), sources=_sources(told),
    )  # fmt: skip


# --- what to ask -------------------------------------------------------------------------------


def questions_table(found: Findings) -> Table | None:
    """List what to ask of the groups that no public figure counts, and whom; never a 0."""
    voice, told = found.voice, told_of(found)
    rows = told.not_estimable
    if rows.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": [upper_first(voice.say(TARGET_GROUPS[one].label)) for one in rows["group"]],
            "question": [voice.say(one) for one in rows["question"]],
            "who": [voice.say(one) for one in rows["who"]],
            "why": [voice.say(one) for one in rows["why"]],
        },
        index=pd.Index([f"need_question_{one}" for one in rows["group"]]),
    )
    columns: list[Head] = [
        ("label", N_("Gruppo")), ("question", N_("Che cosa chiedere")), ("who", N_("A chi")),
    ]  # fmt: skip
    if len(found.codes) > 1:
        frame["municipalities"] = rows["municipalities"].astype(float).to_numpy()
        columns.append(Column("municipalities", voice.say("Comuni senza il dato"), "count"))
        if rows["silent"].gt(0).any():
            frame["silent"] = rows["silent"].astype(float).to_numpy()
            columns.append(Column("silent", voice.say("Non trasmesso"), "count"))
    title = voice.say("Che cosa chiedere agli uffici")
    note = voice.say(
        "Non stimabile dai dati pubblici: di questi gruppi non c'è un numero, e non è zero. Anche il "
        "bisogno primario si chiede: quante domande dell'ultimo bando hanno i requisiti, per "
        "componenti e fascia ISEE."
    )
    return table(voice, voice.say("bisogno domande"), title, frame, columns, notes=(note,))


def drawn_rows(found: Findings) -> pd.DataFrame:
    """Return the rows of the chart: the groups that have a figure, and the whole where there are two."""
    told = told_of(found)
    groups = told.table("area").assign(key=lambda some: "need_" + some["group"])
    whole = told.table("area", "distinct").assign(key=DISTINCT, group="")
    parts = [groups, whole] if len(told.held) > 1 else [groups]
    rows = pd.concat(parts, ignore_index=True).set_index("key")
    return rows[np.array([bool(one) for one in rows["known"]])]
