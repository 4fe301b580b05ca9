"""The wanted columns of an official file as text, with what is odd of them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pandas as pd

from needs_analysis.errors import Problem, SourceError, Where
from needs_analysis.provenance import Source
from needs_analysis.reading.problems import MANY, failure, headers, problem
from needs_analysis.reading.sheets import OPENING_ROWS, Rows, workbook
from needs_analysis.reading.text import plain

Wanted = Mapping[str, str | re.Pattern[str]]

ODD_AT_LEAST, ODD_ROWS_PER_ODD = 3, 1_000
"""One row in so many may be odd, and so many at least: more is another file, or a damaged one."""
NAMED_NOTICES, NAMED_REFUSED = 5, 10


@dataclass
class Listed:
    """Things of one kind that were found in a table: the first `MANY`, how many, in which rows."""

    first: list[tuple[Problem, str]] = field(default_factory=list)
    count: int = 0
    rows: set[Hashable] = field(default_factory=set)

    def add(self, rows: Sequence[Hashable], found: Iterable[tuple[Problem, str]]) -> None:
        """Add problems with the names of their places; one a row."""
        self.first.extend(islice(found, max(MANY - len(self.first), 0)))
        self.count += len(rows)
        self.rows.update(rows)

    def notice(self, kind: str) -> tuple[Problem, ...]:
        """Say the first of them and how many there are; nothing if there is none."""
        if not self.count:
            return ()
        named = [
            problem("of_place", what=one, place=place) if place else one
            for one, place in self.first[:NAMED_NOTICES]
        ]
        if more := self.count - len(named):
            named.append(problem("and_others", count=more))
        return (problem(kind, count=self.count, first=tuple(named)),)


@dataclass
class Odd:
    """What single cells of a table are odd: the one rule of all readers.

    A cell that cannot be read is left blank; where it is a key, or a row does not divide into its
    fields, the row is left out. Codes that lost their zeros get them back. `many` tells when the
    table is not to be read at all.
    """

    blank: Listed = field(default_factory=Listed)
    left_out: Listed = field(default_factory=Listed)
    restored: Listed = field(default_factory=Listed)

    def many(self, rows: int) -> bool:
        """Tell whether more than one row in a thousand, and more than three, are odd; or all."""
        odd = len(self.blank.rows | self.left_out.rows)
        every = len(self.left_out.rows) >= rows > 0
        return odd > max(ODD_AT_LEAST, rows // ODD_ROWS_PER_ODD) or every

    def found(self, most: int = MANY) -> list[Problem]:
        """Return the first problems, and how many more there are."""
        first = [one for one, _ in (*self.blank.first, *self.left_out.first)][:most]
        more = self.blank.count + self.left_out.count - len(first)
        return [*first, problem("more_rows", count=more)] if more else first

    def notices(self) -> tuple[Problem, ...]:
        """Return what is said of a table that is read all the same."""
        return (
            *self.blank.notice("left_blank"),
            *self.left_out.notice("left_out"),
            *self.restored.notice("restored"),
        )


class OddCellsError(SourceError):
    """A table with many odd cells."""

    SHOWN = NAMED_REFUSED + 1


class OtherTableError(SourceError):
    """A table of the same publication that is not read, on purpose."""


_PLACES = ("municipality_name", "municipality_name_it", "territory", "old_name")


@dataclass(frozen=True)
class Cells:
    """The wanted columns of an official file as text, before they are typed.

    Parameters
    ----------
    path : Path
        The file.
    source : Source
        What the file is; its ``retrieval`` is the cure.
    text : DataFrame of str
        Stripped cells under our names, "" for blank; the index is the row number in the file.
    published : mapping
        Our name of each column to the publisher's, for messages.
    problems : list of Problem
        What was found so far that keeps the file from being read.
    odd : Odd
        What was found so far of single cells and rows.
    titles : tuple of str
        The name of the sheet and what stands above its header; empty for a text.
    """

    path: Path
    source: Source
    text: pd.DataFrame
    published: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    odd: Odd = field(default_factory=Odd)
    titles: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> pd.Series:
        """Return one column as text."""
        column: pd.Series = self.text[name]
        return column

    def keep(self, rows: pd.Series) -> Cells:
        """Return the cells of the rows for which ``rows`` is true; problems stay shared."""
        return self.having(self.text[rows])

    def having(self, text: pd.DataFrame) -> Cells:
        """Return the same cells with another text; problems stay shared."""
        return replace(self, text=text)

    def check(self) -> None:
        """Raise what was found so far, if it keeps the file from being read.

        Raises
        ------
        SourceError
            With every problem collected; with the first ten, if it is many odd cells.
        """
        if self.problems:
            raise failure(self.path, self.source, [*self.odd.found(), *self.problems])
        lost = len(self.odd.left_out.rows.difference(self.text.index))
        if self.odd.many(len(self.text) + lost):
            found = self.odd.found(NAMED_REFUSED)
            raise failure(self.path, self.source, found, kind=OddCellsError)

    def accepted(self, frame: pd.DataFrame, none: Problem | None = None) -> pd.DataFrame:
        """Return a frame that was made of these cells without the rows whose key is odd.

        What is said of odd cells goes into ``attrs["notices"]``.

        Parameters
        ----------
        frame : DataFrame
            Indexed as the cells.
        none : Problem, optional
            What is wrong with a file of which no row is left.

        Raises
        ------
        SourceError
            As `check`; no row is left.
        """
        self.check()
        if self.odd.left_out.rows:
            frame = frame[~frame.index.isin(list(self.odd.left_out.rows))]
        if none is not None and frame.empty:
            raise failure(self.path, self.source, [none])
        if notices := self.odd.notices():
            frame.attrs["notices"] = notices
        return frame

    def place(self, row: Hashable) -> str:
        """Return the name of the place that a row is of; "" if it has none."""
        named = (str(self.text[name].get(row, "")) for name in _PLACES if name in self.text.columns)
        return next((name for name in named if name), "")


def positions(header: Sequence[str], wanted: Wanted) -> tuple[dict[str, int], list[str], list[str]]:
    """Return where each wanted column stands; what is lacking, in the publisher's words; doubles."""
    names = [plain(name) for name in header]
    found: dict[str, int] = {}
    lacking: list[str] = []
    doubles: list[str] = []
    for ours, published in wanted.items():
        if isinstance(published, str):
            at = [i for i, name in enumerate(names) if name == plain(published)]
        else:
            at = [i for i, name in enumerate(names) if published.fullmatch(name)]
        if at:
            found[ours] = at[0]
        else:
            lacking.append(said(published))
        if len(at) > 1:
            doubles += [" ".join(header[i].split()) for i in at]
    return found, lacking, doubles


def lacks(where: Where, lacking: list[str], doubles: list[str]) -> list[Problem]:
    """Return what is wrong with a header: columns that are not there, or of which there are two."""
    problems = []
    if lacking:
        problems.append(problem("lacking_columns", where, columns=headers(lacking)))
    if doubles:
        problems.append(problem("several_columns", where, columns=headers(doubles)))
    return problems


def said(published: str | re.Pattern[str]) -> str:
    """Return a wanted column as a reader can understand it."""
    if isinstance(published, str):
        return published
    return " ".join(re.sub(r"[()?:]", "", published.pattern.replace("|", " / ")).split())


def sheet(path: Path, source: Source, wanted: Wanted, key: str) -> Cells:
    """Return the wanted columns of the sheet that has them; rows with a blank ``key`` are dropped.

    Raises
    ------
    SourceError
        If no sheet has the columns, or there are no rows.
    """
    best: tuple[list[str], list[str], str, int, dict[str, int], Rows] | None = None
    for title, rows in workbook(path, source).items():
        for at, row in enumerate(rows[:OPENING_ROWS]):
            found, lacking, doubles = positions(row, wanted)
            if best is None or len(lacking) < len(best[0]):
                best = (lacking, doubles, title, at, found, rows)
    if best is None or len(best[0]) == len(wanted):
        raise failure(path, source, [problem("no_sheet_with_header")])
    lacking, doubles, title, at, found, rows = best
    if problems := lacks(Where(sheet=title, rows=(at + 1,)), lacking, doubles):
        raise failure(path, source, problems)
    columns = {
        ours: pd.Series([row[i] if i < len(row) else "" for row in rows[at + 1 :]], dtype="str")
        for ours, i in found.items()
    }
    frame = pd.DataFrame(columns).set_axis(range(at + 2, len(rows) + 1), axis=0)
    frame = frame[frame[key] != ""]
    if frame.empty:
        raise failure(path, source, [problem("no_data", Where(sheet=title))])
    cells = Cells(path, source, frame, {ours: rows[at][i] for ours, i in found.items()})
    above = " ".join(" ".join(filter(None, row)) for row in rows[:at])
    return replace(cells, titles=(title, above))
