"""Every indicator by municipality, a sheet a component."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis import parameters
from needs_analysis.indicators.marks import of_model
from needs_analysis.reports.chapters.building import all_sources, table
from needs_analysis.reports.chapters.by_municipality import closed, marks_column, rows, small_column
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import COMPONENT_LABELS, URBANISATION_LABELS
from needs_analysis.reports.model import Column, Table
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
    named, columns = rows(
        found, "municipality_code", "municipality_name", "province_name", "resident_population",
        "households",
    )  # fmt: skip
    figures = found.indicators.rows(named.index).columns(names)
    frame = pd.concat([named, figures.data], axis=1)
    ends = {
        False: (N_("Minimo (classi in bianco): {name}"), N_("Massimo (classi in bianco): {name}")),
        True: (N_("Minimo della stima: {name}"), N_("Massimo della stima: {name}")),
    }
    beside = {
        "rank": (found.ranks, N_("Posto in Italia: {name}")),
        "rank_alike": (found.ranks_alike, N_("Posto fra comuni simili: {name}")),
    }
    for name in names:
        label, unit = known[name].label_in(voice), known[name].unit
        columns.append(Column(name, label, "text" if unit == "code" else unit))
        beside["low"], beside["high"] = zip(
            (figures.low, figures.high), ends[of_model(name)], strict=True
        )
        told = ["low", "high"] if figures.low[name].notna().any() else []
        told += ["rank", "rank_alike"] if found.ranks[name].notna().any() else []
        for suffix in told:
            values, words = beside[suffix]
            frame[f"{name}_{suffix}"] = values.loc[frame.index, name]
            kind = "count" if "rank" in suffix else unit
            columns.append(Column(f"{name}_{suffix}", voice.say(words, name=label), kind))
    columns += [*marks_column(found, frame), *small_column(found, frame)]
    title = voice.say(COMPONENT_LABELS[component])
    return closed(found, table(
        voice, title, title, frame, columns, figures.quality,
        notes=(_rank_note(found), *found.editions), sources=all_sources(figures),
    ))  # fmt: skip


def _rank_note(found: Findings) -> str:
    kinds = ", ".join(
        f"{code} {found.voice.say(word)}" for code, word in URBANISATION_LABELS.items()
    )
    return found.voice.say(
        "Posto 1 = disagio maggiore (per gli indicatori di contesto, valore più alto); "
        "comuni simili = stesso grado di urbanizzazione ({kinds}). I valori ripartiti dalla "
        "provincia non hanno graduatoria; le stime di un modello l'hanno solo fra i comuni senza segni "
        "con più di {least} residenti.",
        kinds=kinds,
        least=found.voice.number(parameters.values(found.overrides)["modelled_residents_min"]),
    )


# Chosen with the chapter whose table they hold in full.
PART = Part("comuni", sheets=sheets)
