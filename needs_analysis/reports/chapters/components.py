"""Every indicator by municipality, a sheet a component; intervals and ranks in sheets of their own."""

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

_ENDS = {
    False: (N_("Minimo (classi in bianco): {name}"), N_("Massimo (classi in bianco): {name}")),
    True: (N_("Minimo della stima: {name}"), N_("Massimo della stima: {name}")),
}


def sheets(found: Findings) -> list[Table]:
    """Return the indicators of each component, then apart from the values their ends and ranks."""
    by_component: dict[str, list[str]] = {}
    for name, one in found.declared.items():
        by_component.setdefault(one.component, []).append(name)
    values = [_component_table(found, component, own) for component, own in by_component.items()]
    return [*values, _ends_table(found), *_ranks_tables(found)]


def _component_table(found: Findings, component: str, names: Sequence[str]) -> Table:
    """Give every indicator of a component by municipality."""
    voice, known = found.voice, found.declared
    several = ["province_name"] if len(found.shown["province_name"].unique()) > 1 else []
    named, columns = rows(
        found,
        "municipality_code",
        "municipality_name",
        *several,
        "resident_population",
        "households",
    )
    figures = found.indicators.rows(named.index).columns(names)
    frame = pd.concat([named, figures.data], axis=1)
    for name in names:
        label, unit = known[name].label_in(voice), known[name].unit
        columns.append(Column(name, label, "text" if unit == "code" else unit))
    columns += [*marks_column(found, frame), *small_column(found, frame)]
    title = voice.say(COMPONENT_LABELS[component])
    return closed(found, table(
        voice, title, title, frame, columns, figures.quality,
        notes=found.editions, sources=all_sources(figures),
    ))  # fmt: skip


def _ends_table(found: Findings) -> Table:
    """Give the least and the most that the indicators known within an interval may be."""
    voice, known = found.voice, found.declared
    frame, columns = rows(found, "municipality_code", "municipality_name")
    low, high = found.indicators.low, found.indicators.high
    names = [name for name in known if low.loc[frame.index, name].notna().any()]
    quality = pd.DataFrame(index=frame.index)
    for name in names:
        for side, part, words in zip(
            ("low", "high"), (low, high), _ENDS[of_model(name)], strict=True
        ):
            frame[f"{name}_{side}"] = part.loc[frame.index, name]
            quality[f"{name}_{side}"] = found.indicators.quality.loc[frame.index, name]
            label = voice.say(words, name=known[name].label_in(voice))
            columns.append(Column(f"{name}_{side}", label, known[name].unit))
    figures = found.indicators.rows(frame.index).columns(names)
    return closed(found, table(
        voice, voice.say("intervalli"), voice.say("Minimi e massimi degli indicatori"), frame,
        columns, quality, notes=found.editions, sources=all_sources(figures),
    ))  # fmt: skip


def _ranks_tables(found: Findings) -> list[Table]:
    """Give the ranks of each indicator, in Italy and among municipalities alike: no values beside."""
    voice = found.voice
    return [
        _ranks_table(found, "rank", found.ranks, voice.say("posti in Italia"),
                     voice.say("Posti in graduatoria fra i comuni italiani")),
        _ranks_table(found, "rank_alike", found.ranks_alike, voice.say("posti fra simili"),
                     voice.say("Posti in graduatoria fra i comuni simili")),
    ]  # fmt: skip


def _ranks_table(found: Findings, suffix: str, ranks: pd.DataFrame, key: str, title: str) -> Table:
    voice, known = found.voice, found.declared
    frame, columns = rows(found, "municipality_code", "municipality_name")
    for name in known:
        if found.ranks[name].notna().any():
            frame[f"{name}_{suffix}"] = ranks.loc[frame.index, name]
            columns.append(Column(f"{name}_{suffix}", known[name].label_in(voice), "count"))
    columns += [*marks_column(found, frame), *small_column(found, frame)]
    return table(
        voice, key, title, frame, columns, notes=(_rank_note(found), *found.editions)
    )  # fmt: skip


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
