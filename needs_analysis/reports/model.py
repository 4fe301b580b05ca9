"""The one content model: what a briefing says, before any renderer gives it a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.provenance import Trace
from needs_analysis.reports.language import Display, display, unit_beside
from needs_analysis.words import Voice

WORDS = ("text", "date", "code")


@dataclass(frozen=True)
class Column:
    """A column of a table: `name` in the frame, `label` as printed, `unit` of `reports.language`.

    `unit` "text" marks words; "date" a year, month or day as 2025, 2025-06, 2025-06-30; "code" prints
    as it is; "by_row" leaves the unit to each row, whose variable and unit stand in the frame's
    columns ``variable`` and ``unit`` (``<name>_unit`` for one column alone). Where `optional`, a row
    may have no value by nature (a count has no interval): its cell is blank, not missing.
    """

    name: str
    label: str
    unit: str = "text"
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """A table with raw numbers: shares are 0-1, missing is NaN; renderers format them.

    `quality` holds a `Quality` for the cells of the columns it has, `sources` the printed source
    lines, `notes` the method and its limits; `key` names the sheet and the anchor.
    """

    key: str
    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    quality: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def stub(self) -> int:
        """Position of the column that heads the rows: the first of words, else the first."""
        return next((i for i, column in enumerate(self.columns) if column.unit == "text"), 0)

    def displays(self, column: Column) -> list[Display | None]:
        """Return how each cell of a column is printed; None where it is words.

        Examples
        --------
        >>> frame = pd.DataFrame({"a": [0.2, 7.5], "variable": "x", "unit": ["share", "years"]})
        >>> column = Column("a", "Monza", "by_row")
        >>> [d.unit for d in Table("t", "T", frame, (column,)).displays(column)]
        ['%', 'anni']
        """
        if column.unit in WORDS:
            return [None] * len(self.frame)
        if column.unit != "by_row":
            return [display(column.name, column.unit)] * len(self.frame)
        units = self.frame.get(f"{column.name}_unit", self.frame["unit"])
        rows = zip(self.frame["variable"], units, strict=True)
        return [None if unit in WORDS else display(variable, unit) for variable, unit in rows]

    def row_units(self, voice: Voice) -> list[str]:
        """Return the printed unit of each row; empty where units go by column."""
        for column in self.columns:
            if column.unit == "by_row":
                labels = self.frame[self.columns[self.stub].name]
                shown = zip(labels, self.displays(column), strict=True)
                return [unit_beside(str(label), one, voice) for label, one in shown]
        return [""] * len(self.frame)

    def qualities(self, column: Column) -> np.ndarray:
        """Return the `Quality` of each cell; one without a value is missing, whatever was said.

        In an optional column only what is hidden is: the others are blank by nature.

        Examples
        --------
        >>> column = Column("a", "Comuni", "count")
        >>> Table("t", "T", pd.DataFrame({"a": [3.0, None]}), (column,)).qualities(column).tolist()
        [0, 5]
        """
        values = self.frame[column.name]
        given = np.full(len(values), int(Quality.OBSERVED), dtype="int8")
        if self.quality is not None and column.name in self.quality:
            given = self.quality[column.name].to_numpy(dtype="int8", copy=True)
        if column.optional:
            return given
        blank = values.isna().to_numpy()
        if column.unit not in WORDS:
            blank = blank | np.isinf(pd.to_numeric(values, errors="coerce").to_numpy(dtype=float))
        given[blank & (given < Quality.SUPPRESSED)] = Quality.MISSING
        return given


# Private letters around a figure in a sentence: the page makes it a link to its trace.
OPEN, BETWEEN, CLOSE = "\ue000", "\ue001", "\ue002"


def traced(text: str, key: str) -> str:
    """Mark a printed figure with the key of the `Origin` that says where it comes from.

    Examples
    --------
    >>> plain(f"vivono qui {traced('870.407', 'resident_population')} persone")
    'vivono qui 870.407 persone'
    """
    return f"{OPEN}{key}{BETWEEN}{text}{CLOSE}"


def plain(text: str) -> str:
    """Return a sentence's text without the marks of its figures."""
    return re.sub(f"{OPEN}[^{BETWEEN}]*{BETWEEN}|{CLOSE}", "", text)


@dataclass(frozen=True)
class Sentence:
    """A sentence of text; `lead` is its short bold opening, `note` its small caution.

    Figures in `text` may be marked with :func:`traced`.
    """

    text: str
    lead: str = ""
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart or a static map as SVG; `alternative` says it to those who cannot see it."""

    key: str
    title: str
    svg: str
    alternative: str
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a printed figure comes from; `key` is what :func:`traced` marks it with."""

    key: str
    title: str
    trace: Trace


Block = Sentence | Table | Picture | Origin


@dataclass(frozen=True)
class Chapter:
    """A titled run of blocks."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Briefing:
    """All that the page, the workbook and later documents say, in order.

    `sheets` are the tables that only the workbook has room for; `links` are the files beside the
    page (label to relative path); `warning` stands above all else: who may not have this.
    """

    voice: Voice
    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]
    sheets: tuple[Table, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
