"""What orders municipalities beside the evictions of provinces: one table for an index and for A5."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from needs_analysis import store
from needs_analysis.provenance import Source
from needs_analysis.reports.chapters.building import Head, modelled, table
from needs_analysis.reports.findings.external_check import AREAS, OUTSIDE, SCORE
from needs_analysis.reports.model import Column, Table
from needs_analysis.words import N_, Voice

_YARDSTICKS = {
    "density_correlation": N_("Abitanti per km²"), "density_low": N_("Abitanti per km²: minimo"),
    "density_high": N_("Abitanti per km²: massimo"), "households_correlation": N_("Numero di famiglie"),
}  # fmt: skip


def external_table(
    checked: pd.DataFrame,
    label: str,
    voice: Voice,
    *,
    key: str,
    rows: str = "",
    title: str,
    notes: Iterable[str],
    sources: Iterable[str | Source],
) -> Table:
    """Set what orders municipalities beside the evictions of provinces, and its yardsticks beside it.

    Parameters
    ----------
    checked : DataFrame
        Of :func:`needs_analysis.reports.findings.external_check.confronted`.
    label : str
        What orders, as it is said.
    voice : Voice
        The language.
    rows : str
        Before the keys of the rows.
    key, title, notes, sources
        Of the table; how evictions were published is added to them.
    """
    scores = [one for one in (SCORE, "ordered") if f"{one}_correlation" in checked]
    heads: list[Head] = [("compared", N_("A confronto con"))]
    names = {SCORE: label, "ordered": voice.say("{what}, solo i comuni in graduatoria", what=label)}
    numbers: dict[str, str] = {}
    for name in scores:
        numbers |= {f"{name}_units": f"{name}_units"}
        numbers |= {
            f"{name}_{end}": f"{name}_{end}_ratio" for end in ("correlation", "low", "high")
        }
        ends = (names[name], voice.say("{what}: minimo", what=names[name]),
                voice.say("{what}: massimo", what=names[name]))  # fmt: skip
        units = (
            voice.say("Province") if name == SCORE else f"{names[name]}: {voice.say('province')}"
        )
        heads.append(Column(f"{name}_units", units, "count"))
        heads += [
            Column(f"{name}_{end}_ratio", words, "ratio")
            for end, words in zip(("correlation", "low", "high"), ends, strict=True)
        ]
    for name, words in _YARDSTICKS.items():
        numbers[name] = f"{name}_ratio"
        heads.append((f"{name}_ratio", words, "ratio"))
    numbers["given_density"] = "given_density_ratio"
    without = voice.say("{what}, a pari abitanti per km²", what=label)
    heads.append(Column("given_density_ratio", without, "ratio"))
    frame = checked[[*numbers]].rename(columns=numbers)
    frame.index = pd.Index([f"{rows}{outside}_{area}" for outside, area in checked.index])
    quality = modelled(frame, [name for name in numbers.values() if not name.endswith("_units")])
    frame.insert(0, "compared", [
        voice.say(
            "{outside}: {area}", outside=voice.say(OUTSIDE[outside]), area=voice.say(AREAS[area])
        )
        for outside, area in checked.index
    ])  # fmt: skip
    reliable = voice.say(
        "Attendibili: la divisione fra capoluogo e resto è attendibile e la serie non è interrotta."
    )
    return table(
        voice, key, title, frame, heads, quality, notes=(*notes, reliable),
        sources=(*sources, store.source_of("evictions").id),
    )  # fmt: skip
