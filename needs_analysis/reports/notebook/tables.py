"""The first rows of figures and of plain tables, as a notebook shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import registry, unit_of
from needs_analysis.reports.chapters.labels import territory_labels
from needs_analysis.reports.language import display, quality_words
from needs_analysis.reports.render.notebook import MORE, Cell, Grid
from needs_analysis.store import cited
from needs_analysis.territory.units import municipalities
from needs_analysis.words import N_, NN_, Voice

_COLUMNS = NN_("... e un'altra colonna", "... e altre {count} colonne")
_EARLIER = NN_("... e un'edizione prima di queste", "... e {count} edizioni prima di queste")


@dataclass(frozen=True)
class Room:
    """How much is shown, and in which language."""

    rows: int
    columns: int
    steps: int
    voice: Voice

    def left(self, count: int, shown: int) -> str:
        """Say how many rows are not shown."""
        more = count - shown
        return self.voice.plural(*MORE, more) if more > 0 else ""

    def beside(self, rows: str, count: int, *, earlier: bool = False) -> str:
        """Add how many columns are not shown, after what is said of the rows."""
        words = _EARLIER if earlier else _COLUMNS
        more = self.voice.plural(*words, count - self.columns) if count > self.columns else ""
        return "; ".join(filter(None, [rows, more]))


def number_in(value: object, name: str, voice: Voice) -> str:
    """Write a value as it stands in the frame: a share is one where a page has a per cent."""
    if isinstance(value, str) or pd.isna(value):  # type: ignore[call-overload]
        return value if isinstance(value, str) else voice.missing
    if not isinstance(value, int | float):
        return str(value)
    shown = display(name, unit_of(name))
    decimals = shown.decimals + (2 if shown.scale == 100 else 0)
    return voice.number(float(value), decimals or _digits(float(value)))


def _digits(value: float) -> int:
    """Return the decimals that leave four digits of a number without a unit; none of a whole one.

    Examples
    --------
    >>> [_digits(one) for one in (3.0, 1.5, 0.012345, 12345.6)]
    [0, 1, 5, 0]
    """
    if value.is_integer() or not math.isfinite(value):
        return 0
    most = min(max(3 - math.floor(math.log10(abs(value))), 0), 6)
    return len(f"{value:.{most}f}".rstrip("0").partition(".")[2])


def label_of(name: str, voice: Voice) -> str:
    """Return what a column is called."""
    known = registry().get(name)
    return known.label_in(voice) if known else territory_labels(voice).get(name, name)


def words_of(voice: Voice) -> dict[int, str]:
    """Return the name of each quality: what was allocated may be from a province or split by `join`."""
    return quality_words(voice) | {int(Quality.ALLOCATED): voice.say(N_("ripartito"))}


def sources_said(ids: Sequence[str]) -> str:
    """Return who is cited: an own source as it was said."""
    known = cited()
    return "; ".join(known[one].attribution if one in known else one for one in ids)


def unit_names(index: pd.Index) -> list[str]:
    """Return what the rows are called: municipalities by code and name."""
    if index.name != "municipality_code":
        return [str(one) for one in index]
    names = municipalities()["municipality_name"].reindex(index)
    return [
        str(code) if pd.isna(name) else f"{code} {name}"
        for code, name in zip(index, names, strict=True)
    ]


def grid_of(
    figures: Figures, room: Room, heads: Mapping[str, str] | None = None, variable: str = ""
) -> Grid:
    """Show the first rows and columns of figures, each value with its quality, date and interval.

    Each column is a variable, unless all are editions of one `variable`: then the last are shown.
    """
    voice, words = room.voice, words_of(room.voice)
    many = figures.data.shape[1]
    if variable and many > room.columns:
        figures = figures.columns(list(figures.data.columns[-room.columns :]))
    shown = figures.data.iloc[: room.rows, : room.columns]
    names = [str(name) for name in shown.columns]
    said = [
        ". ".join(
            filter(None, [label_of(name, voice), sources_said(figures.sources.get(name, ()))])
        )
        for name in names
    ]
    rows = []
    for at, unit in enumerate(unit_names(shown.index)):
        cells = []
        for column, name in enumerate(names):
            grade: Any = figures.quality.iloc[at, column]
            low: Any = figures.low.iloc[at, column]
            quality = Quality(int(grade))
            ends = [
                number_in(part.iloc[at, column], variable or name, voice)
                for part in (figures.low, figures.high)
            ]
            known = not pd.isna(low)
            between = voice.say("fra {low} e {high}", low=ends[0], high=ends[1]) if known else ""
            about = (words[quality], str(figures.vintage.iloc[at, column]), between)
            cells.append(
                Cell(
                    number_in(shown.iloc[at, column], variable or name, voice),
                    quality,
                    ", ".join(filter(None, about)),
                )
            )
        rows.append((unit, cells))
    named = [((heads or {}).get(name, name), one) for name, one in zip(names, said, strict=True)]
    left = room.left(len(figures.data), len(shown))
    return Grid(named, rows, room.beside(left, many, earlier=bool(variable)))


def qualities(quality: pd.DataFrame, voice: Voice) -> list[Cell]:
    """Say how many values came to be in each way."""
    codes, counts = np.unique(quality.to_numpy(), return_counts=True)
    words = words_of(voice)
    return [
        Cell(f"{words[int(code)]} {voice.number(many)}", Quality(int(code)))
        for code, many in zip(codes, counts, strict=True)
    ]


def frame_grid(frame: pd.DataFrame, room: Room, heads: Mapping[str, str] | None = None) -> Grid:
    """Show the first rows and columns of a plain table."""
    shown = frame.iloc[: room.rows, : room.columns]
    names = [str(name) for name in shown.columns]
    rows = [
        (
            unit,
            [
                Cell(number_in(value, name, room.voice))
                for name, value in zip(names, row, strict=True)
            ],
        )
        for unit, row in zip(
            unit_names(shown.index), shown.itertuples(index=False, name=None), strict=True
        )
    ]
    named = [((heads or {}).get(name, name), label_of(name, room.voice)) for name in names]
    left = room.left(len(frame), len(shown))
    return Grid(named, rows, room.beside(left, frame.shape[1]))
