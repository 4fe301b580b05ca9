"""The area beside its province, its region, Italy and places alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters.building import Head, all_sources, table
from needs_analysis.reports.chapters.labels import UNIT_LABELS, territory_labels
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import OWN, Findings
from needs_analysis.reports.model import Chapter, Column, Table, number
from needs_analysis.words import N_


def compared_with(found: Findings) -> Chapter:
    """Set the area beside its province, region, Italy and places alike."""
    return Chapter("confronto", found.voice.say("A confronto"), (comparison_table(found),))


def comparison_table(
    found: Findings, names: Sequence[str] = (), key: str = "", title: str = ""
) -> Table:
    """Set the indicators of the area beside those of what it is compared with.

    Parameters
    ----------
    found : Findings
        Of the area.
    names : sequence of str
        Which, under a `key` and a `title` of their own; all that are compared when empty.
    key, title : str
        Of the table, said already.
    """
    voice = found.voice
    known = {
        name: one for name, one in found.declared.items()
        if one.compared and (not names or name in names)
    }  # fmt: skip
    labels = {name: one.label_in(voice) for name, one in known.items()}
    covered = found.coverage.loc[OWN, list(known)]
    partial = "; ".join(
        f"{labels[name]} {number(f'{OWN}:{name}_covered', share, voice, 'share')}"
        for name, share in zip(known, covered, strict=True)
        if share < 0.9995
    )
    notes = (
        voice.say(
            "Valori calcolati sulle somme dei comuni (canoni e prezzi: media pesata per "
            "famiglie), mai medie di rapporti comunali."
        ),
        ""
        if names
        else voice.say("Gli sfratti si confrontano solo fra province intere, regioni e Italia."),
        voice.say("Famiglie coperte: ") + partial + "." if partial else "",
        *found.editions,
    )
    title = title or voice.say("Indicatori a confronto")
    units = {name: one.unit for name, one in known.items()}
    figures = _comparable(found.compared.columns(list(known)))
    return _beside(
        found, key or voice.say("confronto"), title, figures, N_("Indicatore"), labels, units, notes
    )


def totals_table(found: Findings) -> Table:
    """Give the counts and amounts of the area beside those of what it is compared with."""
    voice, figures = found.voice, found.totals.beside(found.compared.columns(["residents_per_km2"]))
    density = found.declared["residents_per_km2"].label_in(voice)
    labels = {name: voice.say(words) for name, words in UNIT_LABELS.items()}
    labels |= {"residents_per_km2": density} | territory_labels(voice)
    labels = {name: label for name, label in labels.items() if name in figures.data}
    note = voice.say(
        "Somme dei comuni che hanno il dato; redditi medi: importi su dichiaranti; canoni e prezzi: "
        "medie pesate per famiglie, minimo e massimo delle quotazioni."
    )
    title, units = (
        voice.say("Totali e medie dei territori"),
        {name: unit_of(name) for name in labels},
    )
    return _beside(found, voice.say("totali"), title, figures, N_("Voce"), labels, units, (note,))


def _beside(
    found: Findings,
    key: str,
    title: str,
    figures: Figures,
    head: str,
    labels: Mapping[str, str],
    units: Mapping[str, str],
    notes: Sequence[str],
) -> Table:
    """Set figures below each other, a column a territory."""
    names = list(labels)
    frame = figures.data[names].T
    frame.insert(0, "label", list(labels.values()))
    frame["variable"], frame["unit"] = names, [units[name] for name in names]
    frame["vintage"] = figures.vintage.loc[OWN, names]
    heads: list[Head] = [
        ("label", head),
        *(Column(key, found.labels[key], "by_row") for key in found.groups),
        ("vintage", N_("Anno"), "date"),
    ]
    return table(
        found.voice, key, title, frame, heads, figures.quality[names].T, notes=notes,
        sources=all_sources(figures), facts="columns",
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
