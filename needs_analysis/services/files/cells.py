"""A workbook or a folder of CSV files becomes the cells of the declared tables, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis import reading
from needs_analysis.errors import Problem, SourceError, Where
from needs_analysis.reading.grids import Grid, csv_grid, sheet_grid
from needs_analysis.reading.personal import asked_by, found_in
from needs_analysis.reading.sheets import FilledSheet, filled_sheets, titles_of
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.problems import of_rows, path_of, problem
from needs_analysis.services.files.schema import INVENTED
from needs_analysis.words import voices

README = "LEGGIMI.txt"
CURE = problem("correct")
WORKBOOKS = (".xlsx", ".xlsm")
_OTHER_BOOKS = (".xls", ".xlsb", ".ods", ".numbers")
_ALIKE = 75
"""Similarity, 0-100, from which a changed header is taken for one of the template."""
TOTAL = r"(?:sub)?tot(?:al[ei]|\.)?(?:\s+(?:general[ei]|complessiv[oi]))?"
"""How the first cell of a row of totals reads."""


@dataclass
class Problems:
    """Everything wrong with a file, in the order of its sheets, rows and columns."""

    _listed: list[tuple[int, int, int, Problem]] = field(default_factory=list)
    _counted: list[Problem] = field(default_factory=list)

    def add(self, sheet: Sheet, column: str, what: Problem) -> None:
        """Note what is wrong with a whole column, by our name of it."""
        self._listed.append((sheet.order, 0, sheet.rank(column), what.at(sheet.at(column))))

    def add_rows(
        self,
        sheet: Sheet,
        column: str,
        rows: Iterable[int],
        what: Problem | Callable[[int], Problem],
    ) -> None:
        """Note the cells of a column with one kind of problem; no `column` for whole rows.

        Beyond `reading.MANY` they are only counted. No problem holds an identifier.
        """
        rank = sheet.rank(column)
        for one in of_rows(sheet.at(column), rows, what):
            if one.where.rows:
                self._listed.append((sheet.order, one.where.rows[0], rank, one))
            else:
                self._counted.append(one)

    def all(self) -> list[Problem]:
        """Return the problems in order, then how many more there are."""
        ordered = sorted(self._listed, key=lambda one: one[:3])
        return [one for *_, one in ordered] + self._counted


@dataclass(frozen=True)
class Sheet:
    """The cells of one table: text by our names, null where blank, with the user's row numbers.

    What was `refused` here (row and column) or is `absent` (a column) is no further problem later on.
    """

    table: TableSchema
    where: Where
    order: int
    columns: Mapping[str, pa.Array]
    rows: np.ndarray
    refused: frozenset[tuple[int, str]] = frozenset()
    absent: frozenset[str] = frozenset()

    def at(self, column: str = "", rows: tuple[int, ...] = ()) -> Where:
        """Return the place of cells of one of our columns."""
        return replace(self.where, rows=rows, column=self.header(column))

    def header(self, column: str) -> str:
        """Return the header of one of our columns."""
        known = {one.name: one.header for one in self.table.fields}
        return known.get(column, column)

    def rank(self, column: str) -> int:
        """Return where a column stands."""
        names = [one.name for one in self.table.fields]
        return names.index(column) if column in names else len(names)


@dataclass(frozen=True)
class Loaded:
    """The sheets of a file by table, what was wrong with them and whether the data are invented.

    `book` is every sheet of the workbook, without its rows; of a folder none.
    """

    sheets: Mapping[str, Sheet]
    problems: Problems
    warnings: list[Problem]
    label: str
    book: Sequence[FilledSheet] = ()


def load(
    path: Path | str, needed: Sequence[TableSchema], others: Sequence[TableSchema] = ()
) -> Loaded:
    """Return the cells of some tables from a workbook or a folder of CSV files.

    Parameters
    ----------
    path : Path or str
        As :func:`located`.
    needed : sequence of TableSchema
        Those that may not be absent.
    others : sequence of TableSchema
        Those that may.

    Raises
    ------
    SourceError
        If it cannot be opened or a needed table is absent.
    """
    tables = (*needed, *others)
    file = located(path_of(path), needed)
    if not file.exists():
        raise _refused(file, problem("no_such_file"), problem("check_path_and_name"))
    try:
        book = () if file.is_dir() else _workbook(file, tables)
        grids = _folder(file, tables) if file.is_dir() else _grids(book, tables)
    except SourceError as error:
        raise SourceError(*error.problems, cure=error.cure or CURE) from None
    absent = [one.sheet for one in needed if one.name not in grids]
    if absent:
        raise _without(file, absent)
    found, noticed = Problems(), list[Problem]()
    sheets = {
        one.name: _sheet(grids[one.name], one, order, found, noticed)
        for order, one in enumerate(tables)
        if one.name in grids
    }
    bare = [sheets[one.name] for one in needed if not len(sheets[one.name].rows)]
    noticed += [problem("no_rows", one.where) for one in bare]
    titles = [grid.title for grid in grids.values()] + ([_readme(file)] if file.is_dir() else [])
    label = INVENTED if any(map(_says_invented, titles)) else ""
    aside = [replace(one, rows=(), odd=()) for one in book]
    return Loaded(sheets, found, noticed, label, aside)


def _says_invented(title: str) -> bool:
    """Whether a title says that the data are invented, in any language."""
    words = (voice.say(INVENTED).casefold() for voice in voices() if title)
    return any(word in title.casefold() for word in words)


def _without(file: Path, sheets: Sequence[str]) -> SourceError:
    """Return the error of a file without needed sheets."""
    if not file.is_dir():
        absent = [problem("no_sheet", name=name) for name in sheets]
        return SourceError.of_file(reading.safe_name(file), absent, CURE)
    absent = [problem("no_csv", name=name) for name in sheets]
    old = any(one.suffix.casefold() in _OTHER_BOOKS for one in file.iterdir())
    cure = problem("older_in_folder") if old else CURE
    return SourceError.of_file(reading.safe_name(file), absent, cure)


def _refused(file: Path, what: Problem, cure: Problem = CURE) -> SourceError:
    """Return the error of a file with one problem."""
    return SourceError.of_file(reading.safe_name(file), [what], cure)


def located(path: Path, needed: Sequence[TableSchema]) -> Path:
    """Return the workbook, or the folder of CSV files, where the needed tables are.

    Parameters
    ----------
    path : Path
        An .xlsx workbook, a folder with one CSV file a table, or a folder with one of these in it.
    needed : sequence of TableSchema
        Which may not be absent.

    Raises
    ------
    SourceError
        Several files of a folder have them.
    """
    if not path.is_dir() or _has(path, needed):
        return path
    found = _holders(path, needed)
    if len(found) > 1:
        sheets = tuple(f"«{one.sheet}»" for one in needed)
        several = problem("several_files", found=len(found), sheets=sheets)
        raise _refused(path, several, problem("say_which"))
    return found[0] if found else path


def holds(path: Path, needed: Sequence[TableSchema]) -> bool:
    """Whether a workbook or folder has the needed tables, or a file in it has."""
    return _has(path, needed) or (path.is_dir() and bool(_holders(path, needed)))


def _holders(folder: Path, needed: Sequence[TableSchema]) -> list[Path]:
    """Return the files of a folder that have all of some tables."""
    return [
        one for one in sorted(folder.iterdir()) if one.name[0] not in ".~" and _has(one, needed)
    ]


def _has(path: Path, needed: Sequence[TableSchema]) -> bool:
    """Whether a workbook or a folder of CSV files has all of some tables."""
    if path.is_dir():
        names = [one.stem for one in path.glob("*.csv")]
    elif path.suffix.casefold() in WORKBOOKS:
        names = titles_of(path)
    else:
        return False
    return {reading.plain(one.sheet) for one in needed} <= set(map(reading.plain, names))


def _readme(folder: Path) -> str:
    """Return the beginning of the note that goes with the CSV files."""
    try:
        with (folder / README).open(encoding="utf-8") as note:
            return note.read(500)
    except (OSError, ValueError):
        return ""


def _sheet(
    grid: Grid, table: TableSchema, order: int, problems: Problems, noticed: list[Problem]
) -> Sheet:
    """Give the columns of a grid our names; what has none is refused if personal, else left out."""
    known = {reading.plain(key): one.name for one in table.fields for key in (one.name, one.header)}
    names = [known.get(reading.plain(header), "") for header in grid.headers]
    columns = {name: grid.columns[at] for at, name in enumerate(names) if name}
    sheet = Sheet(table, grid.where, order, columns, grid.rows)
    twice = sorted({sheet.header(name) for name in names if name and names.count(name) > 1})
    for header in twice:
        problems.add(sheet, header, problem("column_twice"))
    absent = [one for one in table.fields if one.name not in columns]
    for one in absent:
        if one.required or one.name == table.index:
            problems.add(sheet, one.name, problem("no_column"))
    for at, (header, name) in enumerate(zip(grid.headers, names, strict=True)):
        if not name:
            meant = _meant(header, [one.header for one in absent])
            _unexpected(sheet, at, header, meant, grid.columns[at], problems, noticed)
    _say_absent(sheet, absent, any(not name for name in names), noticed)
    totals = _totals(sheet)
    problems.add_rows(sheet, "", sorted(totals), problem("total_row"))
    for row, span in grid.merged:
        problems.add_rows(sheet, "", [row], problem("merged", cells=span))
    odd = defaultdict[tuple[str, str], list[int]](list)
    for row, at, kind in grid.odd:
        if names[at] and row not in totals:
            odd[names[at], kind].append(row)
    for (name, kind), rows in odd.items():
        problems.add_rows(sheet, name, rows, problem(kind))
    blank = pa.nulls(len(grid.rows), pa.string())
    return Sheet(
        table, grid.where, order,
        {one.name: columns.get(one.name, blank) for one in table.fields}, grid.rows,
        frozenset((row, name) for (name, _), rows in odd.items() for row in rows)
        | {(row, one.name) for row in totals for one in table.fields},
        frozenset(one.name for one in absent),
    )  # fmt: skip


def _say_absent(sheet: Sheet, absent: Sequence[Field], more: bool, noticed: list[Problem]) -> None:
    """Say which columns of the template a sheet with other columns does not have."""
    lost = tuple(
        f"«{one.header}»" for one in absent if not one.required and one.name != sheet.table.index
    )
    if more and lost:
        noticed.append(problem("columns_absent", sheet.where, count=len(lost), columns=lost))


def _totals(sheet: Sheet) -> set[int]:
    """Return the rows whose first filled cell says that they are totals."""
    found, before = set[int](), np.zeros(len(sheet.rows), dtype=bool)
    for one in sheet.table.fields:
        if one.name in sheet.columns:
            cells = sheet.columns[one.name]
            said = pc.fill_null(pc.match_substring_regex(cells, rf"(?i)^{TOTAL}\s*:?$"), False)
            hit = said.to_numpy(zero_copy_only=False) & ~before
            found.update(int(row) for row in sheet.rows[hit])
            before |= cells.is_valid().to_numpy(zero_copy_only=False)
            if before.all():
                break
    return found


def _meant(header: str, absent: Sequence[str]) -> str:
    """Return the absent column of the template that a changed header resembles most; "" if none."""
    from rapidfuzz import fuzz, process

    likely = process.extractOne(
        reading.plain(header), absent, processor=reading.plain, scorer=fuzz.ratio,
        score_cutoff=_ALIKE,
    )  # fmt: skip
    return likely[0] if likely else ""


def _unexpected(
    sheet: Sheet,
    at: int,
    header: str,
    meant: str,
    cells: pa.Array,
    problems: Problems,
    noticed: list[Problem],
) -> None:
    """Refuse a column that nobody asked for where it holds what identifies a person."""
    shown = f"{at + 1}ª" if found_in(header) or not header else header
    if header and asked_by(header):
        problems.add(sheet, shown, problem("asks_identity"))
        return
    values = cells.dictionary_encode()
    kinds = [found_in(one) for one in values.dictionary.to_pylist()]
    if any(kinds):
        bad = np.array([bool(one) for one in kinds], dtype=bool)
        used = pc.fill_null(values.indices, -1).to_numpy(zero_copy_only=False)
        personal = np.flatnonzero((used >= 0) & bad[used])
        what = {int(sheet.rows[one]): refusal(kinds[used[one]]) for one in personal}
        problems.add_rows(sheet, shown, what, lambda row: what[row])
    elif len(values.dictionary):
        said = problem("unread_column_meant", meant=meant) if meant else problem("unread_column")
        noticed.append(said.at(sheet.at(shown)))


def refusal(kind: str) -> Problem:
    """Return what refuses a personal cell without repeating it, by what :func:`found_in` says."""
    return problem("personal", seems=problem(f"seems_{kind}"))


# --- files ---------------------------------------------------------------------------------


def _folder(folder: Path, tables: Sequence[TableSchema]) -> dict[str, Grid]:
    found = {reading.plain(one.stem): one for one in sorted(folder.glob("*.csv"))}
    named = {one.name: found.get(reading.plain(one.sheet)) for one in tables}
    return {name: csv_grid(file) for name, file in named.items() if file is not None}


def _workbook(file: Path, tables: Sequence[TableSchema]) -> Sequence[FilledSheet]:
    """Return every sheet of a workbook, with the rows of those of the tables."""
    end = file.suffix.casefold()
    if end in _OTHER_BOOKS:
        raise _refused(file, problem("other_book", end=end), problem("save_as_xlsx"))
    if end not in WORKBOOKS:
        raise _refused(file, problem("no_book"))
    if reading.opening(file).startswith(reading.OLE):
        raise _refused(file, problem("old_or_locked"), problem("unlock"))
    named = {reading.plain(one.sheet) for one in tables}
    return filled_sheets(file, lambda title: reading.plain(title) in named)


def _grids(book: Sequence[FilledSheet], tables: Sequence[TableSchema]) -> dict[str, Grid]:
    named = {reading.plain(one.title): one for one in book}
    found = {one.name: (named.get(reading.plain(one.sheet)), one) for one in tables}
    return {name: _grid(sheet, one) for name, (sheet, one) in found.items() if sheet is not None}


def _grid(sheet: FilledSheet, table: TableSchema) -> Grid:
    """Return the cells of a sheet below its header, without the row of notes."""
    known = {reading.plain(key) for one in table.fields for key in (one.name, one.header)}
    notes = {voice.say(one.note) for one in table.fields if one.note for voice in voices()}
    return sheet_grid(sheet, table.sheet, known, notes)
