"""Every indicator by municipality, a sheet a component of distress."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import (
    COMPONENT_LABELS,
    URBANISATION_LABELS,
)
from needs_analysis.reports.model import (
    Column,
    Table,
)
from needs_analysis.reports.tables import (
    all_sources,
    closed,
    source_lines,
)
from needs_analysis.words import N_


def sheets(found: Findings) -> list[Table]:
    """Return the indicators of each component, with their ranks."""
    by_component: dict[str, list[str]] = {}
    for name, one in found.declared.items():
        by_component.setdefault(one.component, []).append(name)
    return [_component_table(found, component, names) for component, names in by_component.items()]


def _component_table(found: Findings, component: str, names: Sequence[str]) -> Table:
    """Give every indicator of a component by municipality, with its ranks."""
    voice, known = found.voice, found.declared
    shown = found.shown.sort_values("municipality_name")
    figures = found.indicators.rows(shown.index).columns(names)
    frame = pd.concat(
        [shown[["municipality_name", "province_name", "resident_population", "households"]],
         figures.data], axis=1,
    )  # fmt: skip
    frame.insert(0, "municipality_code", frame.index)
    head = (
        voice.say("Codice"),
        voice.say("Comune"),
        voice.say("Provincia"),
        voice.say("Residenti"),
        voice.say("Famiglie"),
    )
    columns = [
        Column("municipality_code", head[0], "code"),
        Column("municipality_name", head[1]),
        Column("province_name", head[2]),
        Column("resident_population", head[3], "count"),
        Column("households", head[4], "count"),
    ]
    for name in names:
        label, unit = known[name].label_in(voice), known[name].unit
        columns.append(Column(name, label, "text" if unit == "code" else unit))
        if figures.low[name].notna().any():
            for side, bounds, word in (
                ("low", figures.low, N_("Minimo (classi in bianco): {name}")),
                ("high", figures.high, N_("Massimo (classi in bianco): {name}")),
            ):
                frame[f"{name}_{side}"] = bounds[name]
                columns.append(Column(f"{name}_{side}", voice.say(word, name=label), unit))
        if not found.ranks[name].notna().any():
            continue
        for suffix, ranks, word in (
            ("rank", found.ranks, N_("Posto in Italia: {name}")),
            ("rank_alike", found.ranks_alike, N_("Posto fra comuni simili: {name}")),
        ):  # fmt: skip
            frame[f"{name}_{suffix}"] = ranks.loc[shown.index, name]
            columns.append(Column(f"{name}_{suffix}", voice.say(word, name=label), "count"))
    title = voice.say(COMPONENT_LABELS[component])
    return closed(found, Table(
        title, title, frame, tuple(columns), figures.quality,
        notes=(_rank_note(found), *found.editions),
        sources=source_lines(all_sources(figures), voice), facts="rows",
    ))  # fmt: skip


def _rank_note(found: Findings) -> str:
    kinds = ", ".join(
        f"{code} {found.voice.say(word)}" for code, word in URBANISATION_LABELS.items()
    )
    return found.voice.say(
        "Posto 1 = disagio maggiore (per gli indicatori di contesto, valore più alto); "
        "comuni simili = stesso grado di urbanizzazione ({kinds}). I valori ripartiti dalla "
        "provincia non hanno graduatoria.",
        kinds=kinds,
    )


# Chosen with the chapter whose table they hold in full.
PART = Part("comuni", sheets=sheets)
