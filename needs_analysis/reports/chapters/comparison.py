"""The area beside its province, its region, Italy and places alike."""

from __future__ import annotations

from dataclasses import replace

from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.reports.model import (
    Chapter,
    Column,
    Table,
    number,
)
from needs_analysis.reports.tables import (
    TOTAL_LABELS,
    all_sources,
    column_labels,
    source_lines,
    unit_labels,
)

# Comparisons leave out what is known only for a part of the territories.
COMPARED = (
    "residents_per_household_ratio", "residents_75_over_share", "residents_85_over_share",
    "old_age_index_per_100", "residents_18_34_share", "low_income_share",
    "rent_to_income_ratio", "affordable_surface_m2", "price_to_income_years",
    "below_rent_threshold_share", "below_rent_threshold_scenario_share",
    "eviction_orders_per_1000", "eviction_executions_per_1000", "eviction_arrears_share",
    "accommodation_beds_per_1000",
)  # fmt: skip


def compared_with(found: Findings) -> Chapter:
    """Set the area beside its province, region, Italy and places alike."""
    title = found.voice.say("A confronto")
    return Chapter("confronto", title, (comparison_table(found),))


def comparison_table(found: Findings) -> Table:
    """Set the indicators of the area beside those of what it is compared with."""
    voice, known = found.voice, found.declared
    figures = _comparable(found.compared.columns(COMPARED))
    frame = figures.data.T
    frame.insert(0, "label", [known[name].label_in(voice) for name in COMPARED])
    frame["variable"], frame["unit"] = COMPARED, [known[name].unit for name in COMPARED]
    frame["vintage"] = figures.vintage.loc[OWN]
    words = (voice.say("Indicatore"), voice.say("Anno"))
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    covered = found.coverage.loc[OWN, list(COMPARED)]
    partial = [
        f"{known[name].label_in(voice)} {number(f'{OWN}:{name}_covered', share, voice, 'share')}"
        for name, share in zip(COMPARED, covered, strict=True)
        if share < 0.9995
    ]
    notes = [
        voice.say(
            "Valori calcolati sulle somme dei comuni (canoni e prezzi: media pesata per "
            "famiglie), mai medie di rapporti comunali."
        )
    ]
    notes.append(
        voice.say("Gli sfratti si confrontano solo fra province intere, regioni e Italia.")
    )
    if partial:
        opening = voice.say("Famiglie coperte: ")
        notes.append(opening + "; ".join(partial) + ".")
    notes += found.editions
    return Table(
        voice.say("confronto"),
        voice.say("Indicatori a confronto"),
        frame,
        columns,
        figures.quality.T,
        notes=tuple(notes),
        sources=source_lines(all_sources(figures), voice),
        facts="columns",
    )


def totals_table(found: Findings) -> Table:
    """Give the counts and amounts of the area beside those of what it is compared with."""
    voice, figures = found.voice, found.totals.beside(found.compared.columns(["residents_per_km2"]))
    labels = unit_labels(voice)
    labels["residents_per_km2"] = found.declared["residents_per_km2"].label_in(voice)
    every = column_labels(voice) | {name: voice.say(word) for name, word in TOTAL_LABELS.items()}
    labels |= {name: every[name] for name in every if name not in labels}
    names = [name for name in labels if name in figures.data]
    frame = figures.data[names].T
    frame.insert(0, "label", [labels[name] for name in names])
    frame["variable"], frame["unit"] = names, [unit_of(name) for name in names]
    frame["vintage"] = figures.vintage.loc[OWN, names]
    words = (voice.say("Voce"), voice.say("Anno"))
    columns = (
        Column("label", words[0]),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        Column("vintage", words[1], "date"),
    )
    note = voice.say(
        "Somme dei comuni che hanno il dato; redditi medi: importi su dichiaranti; canoni e prezzi: "
        "medie pesate per famiglie, minimo e massimo delle quotazioni."
    )
    key, title = voice.say("totali"), voice.say("Totali e medie dei territori")
    return Table(
        key, title, frame, columns, figures.quality[names].T, notes=(note,),
        sources=source_lines(all_sources(figures), voice), facts="columns",
    )  # fmt: skip


def _comparable(figures: Figures) -> Figures:
    """Leave out what was allocated from provinces: it does not compare territories below them."""
    allocated = figures.quality == Quality.ALLOCATED
    return replace(
        figures,
        data=figures.data.mask(allocated),
        quality=figures.quality.mask(allocated, Quality.MISSING).astype("int8"),
    )


PART = Part(
    "confronto", compared_with, lambda found: [comparison_table(found), totals_table(found)]
)
