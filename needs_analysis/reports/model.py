"""The one content model: what a briefing says, before any renderer gives it a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from needs_analysis.figures import Quality, Question
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
class Chart:
    """What a workbook draws of the cells of a table, where its reader may take it and change it.

    `kind` is "bars", one below the other, or "lines" over years; `categories` names the column of
    the names along the axis, `series` those of the numbers. Rows of whole territories are left out.
    """

    kind: Literal["bars", "lines"]
    categories: str
    series: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with raw numbers: shares are 0-1, missing is NaN; renderers format them.

    `quality` holds a `Quality` for the cells of the columns it has, `sources` the printed source
    lines, `notes` the method and its limits; `key` names the sheet and the anchor.

    A number's key says what it is of and what it is, "108033:households": the same in every table
    and sentence that gives it. `facts` says where a table has the two: "rows" where the index holds
    the units and the columns are named after variables, "columns" the other way round, "keys" where
    the index holds the keys; else a number is this table's own, by the place of its row: an index that
    is not printed may name what may not be told. The last `closing` rows are of whole
    territories, below those of their parts. `blanks` are the cells that the reader has to fill in, by
    the keys of their numbers; `links` the files beside the page that the heads of its rows open, one
    a row. A workbook draws `chart` below it.
    """

    key: str
    title: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    quality: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    facts: str = ""
    closing: int = 0
    blanks: Mapping[str, Question] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    chart: Chart | None = None

    def keys(self, column: Column) -> list[str]:
        """Return the key of each number of a column.

        Examples
        --------
        >>> frame = pd.DataFrame({"households": [3.0]}, index=["108033"])
        >>> column = Column("households", "Famiglie", "count")
        >>> Table("t", "T", frame, (column,), facts="rows").keys(column)
        ['108033:households']
        >>> Table("t", "T", frame, (column,)).keys(column)
        ['t:0:households']
        """
        rows = [str(row) for row in (self.frame.index if self.facts else range(len(self.frame)))]
        if self.facts == "keys":
            return rows
        if self.facts == "rows":
            return [f"{row}:{column.name}" for row in rows]
        if self.facts == "columns":
            return [f"{column.name}:{row}" for row in rows]
        return [f"{self.key}:{row}:{column.name}" for row in rows]

    def numbered(self) -> Iterator[tuple[int, int, str]]:
        """Give the column, the row and the key of each number that is printed.

        Examples
        --------
        >>> frame = pd.DataFrame({"n": [3.0, None]}, index=["a", "b"])
        >>> list(Table("t", "T", frame, (Column("n", "N", "count"),), facts="rows").numbered())
        [(0, 0, 'a:n')]
        """
        for position, column in enumerate(self.columns):
            blank = self.frame[column.name].isna().to_numpy()
            absent = blank | (self.qualities(column) >= Quality.SUPPRESSED)
            cells = zip(self.keys(column), self.displays(column), absent, strict=True)
            for row, (key, shown, none) in enumerate(cells):
                if shown is not None and not none:
                    yield position, row, key

    def worded(self) -> Iterator[str]:
        """Give the texts of cells that hold numbers with their keys: the ends of an interval.

        Examples
        --------
        >>> frame = pd.DataFrame({"a": ["", f"da {Number('t:0:low', 3.0, '3')}"]})
        >>> [plain(one) for one in Table("t", "T", frame, (Column("a", "A"),)).worded()]
        ['da 3']
        """
        for column in self.columns:
            if column.unit in WORDS:
                yield from (one for one in self.frame[column.name] if OPEN in str(one))

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
        blank = values.isna().to_numpy(copy=True)
        blank[len(blank) - self.closing :] = (
            False  # what has no value of a whole territory is blank
        )
        if column.unit not in WORDS:
            numbers = (
                values if values.dtype.kind in "fiu" else pd.to_numeric(values, errors="coerce")
            )
            blank |= np.isinf(numbers.to_numpy(dtype=float))
        given[blank & (given < Quality.SUPPRESSED)] = Quality.MISSING
        return given


# Private letters around a number in a sentence: before it its key, value, variable and unit.
OPEN, WITHIN, BETWEEN, CLOSE = "\ue000", "\ue003", "\ue001", "\ue002"
_NUMBER = re.compile(f"{OPEN}([^{BETWEEN}]*){BETWEEN}([^{CLOSE}]*){CLOSE}")


@dataclass(frozen=True)
class Number:
    """A number as it leaves the content model: put into a sentence it carries its key along.

    Parameters
    ----------
    key : str
        What it is of and what it is: the key of the cell that holds it (:meth:`Table.keys`).
    value : float
        As a cell holds it: shares are 0-1.
    text : str
        As it is printed.
    unit, variable : str
        What decides how a cell prints it (:func:`needs_analysis.reports.language.display`).

    Examples
    --------
    >>> said = f"vivono qui {Number('108033:households', 56209.0, '56.209')} famiglie"
    >>> plain(said), numbers(said)[0].value
    ('vivono qui 56.209 famiglie', 56209.0)
    """

    key: str
    value: float
    text: str
    unit: str = "count"
    variable: str = "x"

    def __str__(self) -> str:
        """Return the text between its marks, which renderers read."""
        about = WITHIN.join((self.key, repr(float(self.value)), self.variable, self.unit))
        return f"{OPEN}{about}{BETWEEN}{self.text}{CLOSE}"

    @classmethod
    def read(cls, about: str, text: str) -> Number:
        """Return a number from its marks."""
        key, value, variable, unit = about.split(WITHIN)
        return cls(key, float(value), text, unit, variable)


def number(
    key: str, value: float, voice: Voice, unit: str = "count", variable: str = "x", *,
    with_unit: bool = False,
) -> str:  # fmt: skip
    """Print a number with its marks; what is missing has no cell, and stays a word.

    Parameters
    ----------
    key, value, unit, variable
        As in :class:`Number`.
    voice : Voice
        Whose separators it has.
    with_unit : bool
        Whether its unit stands beside it; a per cent or a euro sign always does.

    Examples
    --------
    >>> plain(number("108033:low_income_share", 0.2, Voice(), "share"))
    '20,0 %'
    """
    shown = display(variable, unit)
    text = voice.number(value * shown.scale, shown.decimals)
    if value != value:
        return text
    if shown.unit and (with_unit or shown.unit in ("%", "€")):
        text = f"{text} {voice.say(shown.unit)}"
    return str(Number(key, value, text, unit, variable))


def between(
    key: str, low: float, high: float, voice: Voice, unit: str = "count", variable: str = "x", *,
    with_unit: bool = False, decimals: int | None = None,
) -> str:  # fmt: skip
    r"""Print the ends of an interval on one line, each with its marks; nothing where there is none.

    Parameters
    ----------
    key : str
        How the keys of both begin; "low" and "high" come after it.
    low, high, voice, unit, variable, with_unit
        As those of :func:`number`; a unit is said once.
    decimals : int, optional
        Fewer than the unit has.

    Examples
    --------
    >>> plain(between("exits:", 0.24, 0.76, Voice(), "share"))
    '24,0\xa0-\xa076,0\xa0%'
    >>> plain(between("t:0:places_", 9.0, 12.0, Voice()))
    '9\xa0-\xa012'
    """
    if np.isnan(low) or np.isnan(high):
        return ""
    shown = display(variable, unit)
    places = shown.decimals if decimals is None else decimals
    texts = [voice.number(end * shown.scale, places) for end in (low, high)]
    if shown.unit and (with_unit or shown.unit in ("%", "€")):
        texts[1] += f" {voice.say(shown.unit)}"
    # No finer than it is printed: where no column has it, nothing else would say it.
    ends = (
        Number(f"{key}{side}", round(end * shown.scale, places) / shown.scale,
               text.replace(" ", "\xa0"), unit, variable)
        for side, end, text in zip(("low", "high"), (low, high), texts, strict=True)
    )  # fmt: skip
    return "\xa0-\xa0".join(map(str, ends))


def split(text: str) -> list[str | Number]:
    """Return a sentence as its words and its numbers, in order."""
    parts = _NUMBER.split(text)
    said: list[str | Number] = [parts[0]]
    for about, printed, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        said += [Number.read(about, printed), rest]
    return said


def numbers(text: str) -> list[Number]:
    """Return the numbers of a sentence that have a key."""
    return [one for one in split(text) if isinstance(one, Number)]


def plain(text: str) -> str:
    """Return a sentence's text without the marks of its numbers."""
    return _NUMBER.sub(r"\2", text)


JUDGEMENT, FIGURE, THING = ROLES = ("judgement", "figure", "thing")
"""What a sentence is on the first screen: the answer, one of its numbers, one of what can be done."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of text; `lead` is its short bold opening, `note` its small caution.

    Text and note hold numbers as :func:`number` prints them. `role` is one of `ROLES` on the first
    screen, where a page gives it a form of its own; elsewhere, and in any other form, it is a sentence
    like others. `see` is the key of the chapter that says more.
    """

    text: str
    lead: str = ""
    note: str = ""
    role: str = ""
    see: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart or a static map as SVG; `alternative` says it to those who cannot see it.

    `drawn` are the numbers that stand in the drawing, each with its key: letters are drawn, so that
    the drawing has none. What only helps to read it (axes, classes, a scale of lengths) is not among
    them.
    """

    key: str
    title: str
    svg: str
    alternative: str
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[Number, ...]:
        """Return the numbers of the drawing and of what is said in its place, each once."""
        every = (one for text in (*self.drawn, self.alternative) for one in numbers(text))
        return tuple({one.key: one for one in every}.values())


@dataclass(frozen=True)
class Origin:
    """Where a printed number comes from; `key` is the number's, `names` what its steps are called."""

    key: str
    title: str
    trace: Trace
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Blank:
    """What the reader has still to fill in: its question stands there, shaded, with whom to ask and why.

    Nothing else of a document is left to fill in: the list of what is missing is made of these and
    of the `blanks` of its tables.
    """

    key: str
    title: str
    question: Question


Block = Sentence | Table | Picture | Origin | Blank


def texts(block: Block) -> Iterator[tuple[str, str]]:
    """Give the texts of a block that may hold numbers, each with where it stands.

    Examples
    --------
    >>> list(texts(Sentence("Sono sette.", "Ospiti.")))
    [('Ospiti.', 'Sono sette.')]
    """
    if isinstance(block, Sentence):
        where = block.lead or plain(block.text)
        yield from ((where, text) for text in (block.text, block.note) if text)
    elif isinstance(block, Table):
        yield from ((block.title, text) for text in (*block.notes, *block.worded()))
    elif isinstance(block, Picture):
        yield from ((block.title, text) for text in (*block.notes, *map(str, block.said)))


@dataclass(frozen=True)
class Chapter:
    """A titled run of blocks.

    `level` is that of its heading: 1 a chapter, 2 a section of the chapter before it. An `annex` is of
    those who ask how: it stands last, closed until it is opened where the form allows.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]
    level: int = 1
    annex: bool = False


@dataclass(frozen=True)
class Identity:
    """Who made a document, when and with what: printed on each form of it.

    `date` is printed as it is; `author` and `logo` (a PNG) are the study's own, if given; `cite` says
    how to cite it.
    """

    date: str = ""
    version: str = ""
    author: str = ""
    cite: str = ""
    logo: bytes = b""


def blanks(chapters: Iterable[Chapter]) -> Iterator[tuple[str, str, Question]]:
    """Give all that is left to fill in: its key, where it stands, its question.

    Examples
    --------
    >>> asked = Question("Quanti alloggi?", "ALER", "Non pubblicato")
    >>> [(key, where) for key, where, _ in blanks([Chapter("c", "C", (Blank("b", "Alloggi", asked),))])]
    [('b', 'Alloggi')]
    """
    for chapter in chapters:
        for block in chapter.blocks:
            if isinstance(block, Blank):
                yield block.key, block.title, block.question
            elif isinstance(block, Table):
                yield from ((key, block.title, one) for key, one in block.blanks.items())


@dataclass(frozen=True)
class Briefing:
    """All that the page, the workbook and later documents say, in order.

    `sheets` are the tables that only the workbook has room for; `links` are the files beside the
    page (label to relative path); `warning` stands above all else: who may not have this;
    `identity` says whose it is. One that is `short` is read whole: on paper it has no contents, smaller
    letters and smaller pictures.
    """

    voice: Voice
    title: str
    subtitle: str
    chapters: tuple[Chapter, ...]
    sheets: tuple[Table, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
    identity: Identity = Identity()
    short: bool = False
