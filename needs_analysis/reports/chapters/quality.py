"""Every value that is not observed, and what the sources left unmatched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import Indicator
from needs_analysis.municipal import panel as panels
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.reports.model import Table
from needs_analysis.words import N_, Voice


def _quality_table(found: Findings) -> Table:
    """List every value that is not observed, in words."""
    voice, figures = found.voice, found.indicators
    rows = _quality_rows(figures, found.shown["municipality_name"], found.declared, voice)
    heads: tuple[Head, ...] = (
        ("municipality_code", N_("Codice"), "code"),
        ("municipality", N_("Comune")),
        ("indicator", N_("Indicatore")),
        ("quality", N_("Qualità")),
        ("vintage", N_("Anno")),
    )
    title = voice.say("Valori non osservati direttamente")
    return table(
        voice, voice.say("qualità"), title, rows, heads, notes=_join_notes(found), facts=""
    )


def _quality_rows(
    figures: Figures, names: pd.Series, known: Mapping[str, Indicator], voice: Voice
) -> pd.DataFrame:
    """Return one row for each value that is not observed: where, what, how it came to be."""
    listed = [name for name in figures.data.columns if name in known]
    quality = figures.quality.loc[names.index, listed].to_numpy()
    vintage = figures.vintage.loc[names.index, listed].to_numpy()
    unit, column = np.nonzero(quality != Quality.OBSERVED)
    words = [voice.say(QUALITY_LABELS[Quality(kind)]) for kind in Quality]
    return pd.DataFrame(
        {
            "municipality_code": names.index.to_numpy()[unit],
            "municipality": names.to_numpy()[unit],
            "indicator": np.array([known[name].label_in(voice) for name in listed])[column],
            "quality": np.array(words)[quality[unit, column]],
            "vintage": vintage[unit, column],
        }
    )


def _join_notes(found: Findings) -> tuple[str, ...]:
    """Say what the sources left unmatched, by name, where the area is concerned."""
    voice, cited = found.voice, store.cited()
    own = set(found.shown["municipality_name"])
    said = []
    for one in panels.join_report(found.overrides, found.day):
        here = [name for name in one.names if name in own]
        names = here if one.of_places else list(one.names)
        if names:
            listed = ", ".join(names[:12])
            more = len(names) - 12
            rest = voice.say(" e altri {more}", more=more) if more > 0 else ""
            said.append(f"{cited[one.source].title}: {one.what.text(voice)}: {listed}{rest}.")
    return tuple(said)


PART = Part("qualita", sheets=lambda found: [_quality_table(found)])
