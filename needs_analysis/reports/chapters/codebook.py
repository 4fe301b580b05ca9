"""The codebook of the indicators as table, Markdown, workbook and JSON, all from the declarations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import indicators as indicator_set
from needs_analysis.indicators import Indicator, registry
from needs_analysis.reports.chapters import building, index_words
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.language import COMPONENT_LABELS
from needs_analysis.reports.model import Table
from needs_analysis.reports.render import workbook
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings


def table(voice: Voice, declared: Mapping[str, Indicator] | None = None) -> Table:
    """Return the codebook of the indicators as a table, of a study in the words it gives them."""
    polarity = {
        1: voice.say("alto è peggio"),
        -1: voice.say("basso è peggio"),
        0: voice.say("contesto"),
    }
    rows = [
        {
            "id": one.id,
            "name": name,
            "label": one.label_in(voice),
            "component": voice.say(COMPONENT_LABELS[one.component]),
            "unit": one.unit,
            "polarity": polarity[one.polarity],
            "definition": one.definition_in(voice),
            "inputs": ", ".join((*one.inputs, *one.parameters)),
            "reference": one.reference,
        }
        for name, one in (declared or registry()).items()
    ]
    heads = (
        ("id", N_("Sigla")),
        ("name", N_("Campo")),
        ("label", N_("Indicatore")),
        ("component", N_("Componente")),
        ("unit", N_("Unità")),
        ("polarity", N_("Verso")),
        ("definition", N_("Definizione")),
        ("inputs", N_("Dati e parametri")),
        ("reference", N_("Riferimento")),
    )
    title = voice.say("Codebook degli indicatori")
    return building.table(voice, "codebook", title, pd.DataFrame(rows), heads, facts="")


def sheets(found: Findings) -> list[Table]:
    """Return the codebook in the words of the study, with what an index is compared with."""
    notes = (index_words.compared(found.index, found.voice),) if found.index else ()
    return [replace(table(found.voice, found.declared), notes=notes)]


def markdown(voice: Voice = ITALIAN) -> str:
    """Return the codebook in Markdown, one table a component.

    Examples
    --------
    >>> markdown().splitlines()[0]
    '# Codebook degli indicatori'
    """
    codebook = table(voice)
    lines = [f"# {codebook.title}"]
    heads = [column for column in codebook.columns if column.name != "component"]
    for component, rows in codebook.frame.groupby("component", sort=False):
        lines += ["", f"## {component}", ""]
        lines.append("| " + " | ".join(column.label for column in heads) + " |")
        lines.append("|" + "---|" * len(heads))
        for row in rows[[column.name for column in heads]].itertuples(index=False):
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def as_json() -> str:
    """Return the codebook as JSON: one object an indicator, in both languages."""
    rows = indicator_set.codebook().reset_index().to_dict("records")
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def write_workbook(path: Path, voice: Voice = ITALIAN) -> None:
    """Write the codebook as an Excel workbook."""
    codebook = table(voice)
    workbook.write([codebook], path, title=codebook.title, voice=voice)


PART = Part("codebook", sheets=sheets)
