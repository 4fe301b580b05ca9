"""How a table's cells are printed: the one place that the page and the documents share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from needs_analysis.figures import Quality
from needs_analysis.reports.language import (
    HIDDEN_TEXT,
    MISSING_TEXT,
    QUALITY_LABELS,
    QUALITY_MARKS,
    Display,
    unit_beside,
)
from needs_analysis.reports.model import Table
from needs_analysis.words import N_, Voice

SOURCE = N_("Fonte:")
FILL_IN = N_("Da compilare")
ASK = N_("Chi lo sa:")
NO_BREAK = "\N{NO-BREAK SPACE}"
_ABSENT = {
    HIDDEN_TEXT: N_("dato nascosto per riservatezza"),
    MISSING_TEXT: N_("dato non disponibile"),
}
# Units of one sign stand beside each number; longer ones would crowd the cells and head the column.
_BESIDE = ("%", "€")


@dataclass(frozen=True)
class Head:
    """The printed head of a column: its label, the unit of all its numbers, what stands below it."""

    label: str
    unit: str
    numeric: bool
    stub: bool


@dataclass(frozen=True)
class Cell:
    """A printed cell: its text, the letter of its quality and that letter's word.

    `text` may hold numbers as :func:`needs_analysis.reports.model.number` prints them; `unit` is that
    of the whole row, said with the row's head; `key` that of a number; `closing` a row of a whole
    territory; `blank` a cell to fill in; `link` the file beside the page that it opens.
    """

    text: str
    numeric: bool = False
    stub: bool = False
    absent: bool = False
    blank: bool = False
    mark: str = ""
    word: str = ""
    unit: str = ""
    key: str = ""
    closing: bool = False
    link: str = ""


@dataclass(frozen=True)
class Grid:
    """A table as it is printed: its heads, its rows, the letters that occur with their words."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    legend: tuple[tuple[str, str], ...]


def grid(table: Table, voice: Voice) -> Grid:
    """Print the cells of a table.

    Parameters
    ----------
    table : Table
        Of raw numbers.
    voice : Voice
        Whose words and separators they have.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.reports.model import Column
    >>> frame = pd.DataFrame({"name": ["Lissone"], "low_income_share": [0.2]})
    >>> columns = Column("name", "Comune"), Column("low_income_share", "Redditi bassi", "share")
    >>> made = grid(Table("t", "T", frame, columns), Voice())
    >>> [cell.text.replace(NO_BREAK, " ") for cell in made.rows[0]], made.rows[0][1].key
    (['Lissone', '20,0 %'], 't:0:low_income_share')
    """
    columns = [tuple(_cells(table, i, voice)) for i in range(len(table.columns))]
    return Grid(
        heads=tuple(_head(table, i, voice) for i in range(len(table.columns))),
        rows=tuple(zip(*columns, strict=True)),
        legend=_legend(columns, voice),
    )


def bound(text: str) -> str:
    """Keep a number and the unit or noun after it on one line.

    Examples
    --------
    >>> bound("il 20,9 % di 1.200 famiglie").replace(NO_BREAK, "_")
    'il 20,9_% di 1.200_famiglie'
    """
    return re.sub(r"(?<=\d) (?=[%€\w])", NO_BREAK, text)


def _head(table: Table, position: int, voice: Voice) -> Head:
    column = table.columns[position]
    displays = table.displays(column)
    shown = {one for one in displays if one and column.unit != "by_row"}
    units = {unit_beside(column.label, one, voice) for one in shown}
    unit = next((unit for unit in units if unit not in _BESIDE), "")
    return Head(column.label, unit, any(displays), position == table.stub)


def _cells(table: Table, position: int, voice: Voice) -> Iterator[Cell]:
    column, stub = table.columns[position], position == table.stub
    values = table.frame[column.name]
    units = table.row_units(voice) if stub else [""] * len(values)
    cells = zip(
        values, table.displays(column), table.qualities(column), units, table.keys(column),
        strict=True,
    )  # fmt: skip
    for row, (value, shown, code, unit, key) in enumerate(cells):
        quality, blank = Quality(int(code)), key in table.blanks
        absent = quality >= Quality.SUPPRESSED and not blank
        if blank:
            text, quality = voice.say(FILL_IN).lower(), Quality.OBSERVED
        elif absent:
            text = voice.say(HIDDEN_TEXT if quality is Quality.SUPPRESSED else MISSING_TEXT)
        else:
            text = _printed(value, shown, voice, column.unit)
        numbered = shown is not None and not absent and not blank and text != ""
        yield Cell(
            text=text,
            numeric=shown is not None,
            stub=stub,
            absent=absent,
            blank=blank,
            mark=voice.say(QUALITY_MARKS.get(quality, "")),
            word=voice.say(QUALITY_LABELS[quality]),
            unit="" if unit in _BESIDE else unit,
            key=key if numbered else "",
            closing=row >= len(values) - table.closing,
            link=table.links[row] if stub and table.links else "",
        )


def _printed(value: object, shown: Display | None, voice: Voice, kind: str) -> str:
    """Print a value; a blank one is blank: what is missing or hidden has its own word."""
    if value != value:
        return ""
    if shown is None:
        return voice.short_date(str(value)) if kind == "date" else str(value)
    text = voice.number(float(value) * shown.scale, shown.decimals)  # type: ignore[arg-type]
    unit = voice.say(shown.unit)
    return f"{text}{NO_BREAK}{unit}" if unit in _BESIDE else text


def _legend(columns: Iterable[Iterable[Cell]], voice: Voice) -> tuple[tuple[str, str], ...]:
    """List the letters that occur in a table, in the order of quality, "oscurato" and "n.d."."""
    cells = [cell for column in columns for cell in column]
    marks = {cell.mark for cell in cells}
    known = [
        (voice.say(mark), voice.say(QUALITY_LABELS[quality]))
        for quality, mark in QUALITY_MARKS.items()
        if voice.say(mark) in marks
    ]
    absent = {cell.text for cell in cells if cell.absent}
    said = ((voice.say(text), voice.say(word)) for text, word in _ABSENT.items())
    return (*known, *(pair for pair in said if pair[0] in absent))
