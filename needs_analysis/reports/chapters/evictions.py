"""Evictions: the national series, the provinces, and what may not be read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.reports.chapters.building import Head, source_lines, table
from needs_analysis.reports.charts import series as series_chart
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Column, Picture, Table, number, plain
from needs_analysis.territory import day_of, municipalities
from needs_analysis.words import ITALIAN, N_, Voice

COUNTS = ("orders", "requests", "executions")


def series_picture(found: Findings) -> Picture:
    """Draw the national series, with what may not be read from it."""
    voice = found.voice
    series = store.table("evictions_series").set_index("year")[list(COUNTS)]
    first, year = series.index.min(), series.index.max()
    title = voice.say("Sfratti in Italia, {first}-{last}", first=first, last=year)
    last, before = series.iloc[-1], series.iloc[-2]
    labels = count_labels(voice)
    ends = [_last_of(series[name], name, voice) for name in COUNTS]
    said = "; ".join(
        f"{labels[name].lower()} {end}" for name, end in zip(COUNTS, ends, strict=True)
    )
    alternative = voice.say("Serie annuale. Nel {year}: {said}.", year=series.index[-1], said=said)
    note = ""
    if str(series.index[-1]) == store.source_of("evictions").reference_date:
        note = _national_changes(found, float(last["requests"]), float(before["requests"]))
    svg = series_chart.series(series, labels=labels, voice=voice)
    return Picture(
        "serie", title, svg, alternative,
        notes=tuple(filter(None, (note, exclusion_note(voice)))),
        sources=source_lines([store.source_of("evictions_series").id], voice),
        drawn=tuple(ends),
    )  # fmt: skip


def _last_of(counts: pd.Series, name: str, voice: Voice) -> str:
    """Print the last known count of a series, which stands at the end of its line."""
    known = counts.dropna()
    return number(f"italy_{known.index[-1]}:{name}", float(known.iloc[-1]), voice)


def _national_changes(found: Findings, last: float, before: float) -> str:
    """Say how requests change in Italy, and how without the provinces whose series is broken."""
    voice = found.voice
    rows = evictions_by_province(found.overrides)
    earlier = rows["requests"] / (1 + rows["requests_change_share"])
    broken = rows["requests_broken"]
    kept = ~broken & earlier.notna()
    worst = str((rows["requests"] - earlier).where(broken).idxmax())
    now, once = float(rows["requests"].loc[worst]), float(earlier.loc[worst])
    changes = [
        last / before - 1,
        (last - now) / (before - once) - 1,
        rows["requests"][kept].sum() / earlier[kept].sum() - 1,
    ]
    names = ("requests_change_share", "requests_change_without_one_share",
             "requests_change_without_broken_share")  # fmt: skip
    said = [
        f"{'+' if x > 0 else ''}{number(f'italy:{name}', x, voice, 'share')}"
        for name, x in zip(names, changes, strict=True)
    ]
    first, then = (
        number(f"{worst}:{key}", count, voice)
        for key, count in (("requests_before", once), ("requests", now))
    )
    ends = f"{first} → {then}"
    return voice.say(
        "Richieste di esecuzione sull'anno prima: {all}; senza {place} ({ends}) {without_one}; "
        "senza tutte le {count} province con serie interrotta {without_all}.",
        all=said[0],
        place=prefecture_name(worst, voice, found.day),
        ends=ends,
        without_one=said[1],
        count=number("italy:provinces_with_broken_requests", int(broken.sum()), voice),
        without_all=said[2],
    )


def count_labels(voice: Voice) -> dict[str, str]:
    """Return the printed names of orders, requests and executions."""
    words = (
        voice.say("Provvedimenti emessi"),
        voice.say("Richieste di esecuzione"),
        voice.say("Sfratti eseguiti"),
    )
    return dict(zip(COUNTS, words, strict=True))


def evictions_table(found: Findings, *, flags: bool = True) -> Table:
    """Give the published evictions of the provinces the area touches."""
    voice = found.voice
    rows = found.evictions
    frame = rows.assign(
        province=[prefecture_name(str(name), voice, found.day) for name in rows.index],
        flags=[
            plain(eviction_flags(str(name), row, voice, found.day)) for name, row in rows.iterrows()
        ],
    )
    labels = count_labels(voice)
    heads: list[Head] = [
        ("province", N_("Provincia")),
        *(Column(name, labels[name], "count") for name in COUNTS),
        ("orders_per_1000", N_("Provvedimenti per 1.000 famiglie"), "per_1000"),
        ("executions_per_1000", N_("Eseguiti per 1.000 famiglie"), "per_1000"),
        ("requests_per_order_ratio", N_("Richieste per provvedimento"), "ratio"),
    ]
    if flags:
        heads += [
            ("orders_capital", N_("Provvedimenti nel capoluogo"), "count"),
            ("orders_rest", N_("Provvedimenti nel resto della provincia"), "count"),
            ("orders_arrears_share", N_("Per morosità o altra causa"), "share"),
            ("households_per_order", N_("Famiglie per provvedimento"), "count"),
            ("flags", N_("Avvertenze")),
        ]
    year = store.source_of("evictions").reference_date
    title = voice.say("Sfratti per provincia, {year}", year=year)
    said = []
    if not flags and len(frame) <= 3:
        every = (eviction_flags(str(name), row, voice, found.day) for name, row in rows.iterrows())
        said = [text for text in every if text]
    return table(
        voice, voice.say("sfratti"), title, frame, heads, notes=(*said, exclusion_note(voice)),
        sources=[store.source_of("evictions").id],
    )  # fmt: skip


def exclusion_note(voice: Voice) -> str:
    """Say what the figures on evictions leave out."""
    return voice.say("Sono esclusi i rilasci di alloggi pubblici e gli sgomberi.")


def prefecture_name(
    province: str, voice: Voice = ITALIAN, codes_on: pd.Timestamp | None = None
) -> str:
    """Return the printed name of a prefecture's province, with the others that it serves."""
    own, *others = _served(day_of(codes_on))[province]
    if not others:
        return own
    named = voice.listed([voice.say(_WITH_ARTICLE.get(name, name)) for name in others])
    return voice.say("{own} (con {others})", own=own, others=named)


_WITH_ARTICLE = {"Sud Sardegna": N_("il Sud Sardegna")}


@store.remembered()
def _served(day: pd.Timestamp) -> Mapping[str, Sequence[str]]:
    """Return by prefecture its own province, then those most of whose municipalities it serves."""
    units, home = municipalities(day), prefecture_provinces(day)
    counts = pd.crosstab(units["province_name"], home).rename(columns=str)
    own = units.drop_duplicates("province_name").set_index("province_abbreviation")["province_name"]
    found = {str(province): [str(own[province])] for province in counts.columns}
    for name, prefecture in counts.idxmax(axis=1).items():
        if name not in found[str(prefecture)]:
            found[str(prefecture)].append(str(name))
    return MappingProxyType(
        {place: tuple(one.split("/")[0] for one in names) for place, names in found.items()}
    )


def eviction_flags(
    province: str, row: pd.Series, voice: Voice, day: pd.Timestamp | None = None
) -> str:
    """Say what may not be read from a province's figures."""
    name = prefecture_name(province, voice, day)
    counts = {
        "orders": voice.say("provvedimenti"),
        "requests": voice.say("richieste"),
        "executions": voice.say("esecuzioni"),
    }
    missing = [word for key, word in counts.items() if np.isnan(row[key])]
    broken = [word for key, word in counts.items() if row[f"{key}_broken"] and word not in missing]
    said = []
    if missing:
        # "provvedimenti" are masculine, requests and executions are not.
        words = (
            N_("{name}: {missing} non trasmessi: il dato manca e non è zero.")
            if np.isnan(row["orders"])
            else N_("{name}: {missing} non trasmesse: il dato manca e non è zero.")
        )
        said.append(voice.say(words, name=name, missing=voice.listed(missing)))
    if broken:
        changes = ", ".join(
            f"{word} {number(f'{province}:{key}_before', before, voice)} → "
            f"{number(f'{province}:{key}', row[key], voice)}"
            for key, word in counts.items()
            if word in broken
            for before in [row[key] / (1 + row[f"{key}_change_share"])]
        )
        said.append(
            voice.say(
                "{name}: serie interrotta ({changes}), la variazione non si legge.",
                name=name,
                changes=changes,
            )
        )
    if not row["split_reliable"]:
        said.append(
            voice.say(
                "{name}: la divisione fra capoluogo e resto della provincia non è attendibile "
                "({capital} provvedimenti nel capoluogo, {rest} nel resto).",
                name=name,
                capital=number(f"{province}:orders_capital", row["orders_capital"], voice),
                rest=number(f"{province}:orders_rest", row["orders_rest"], voice),
            )
        )
    return " ".join(said)


def series_table(found: Findings) -> Table:
    """Give the national series by year."""
    voice = found.voice
    frame = store.table("evictions_series")
    frame = frame.set_axis([f"italy_{year}" for year in frame["year"]])
    labels = count_labels(voice)
    heads: list[Head] = [
        ("year", N_("Anno"), "date"),
        ("orders_need", N_("Necessità del locatore"), "count"),
        ("orders_end", N_("Finita locazione"), "count"),
        ("orders_arrears", N_("Morosità e altra causa"), "count"),
        *(Column(name, labels[name], "count") for name in COUNTS),
    ]
    return table(
        voice, voice.say("sfratti serie"), voice.say("Sfratti in Italia per anno"), frame, heads,
        notes=(exclusion_note(voice),), sources=[store.source_of("evictions_series").id],
    )  # fmt: skip
