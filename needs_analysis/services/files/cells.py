"""A workbook or a folder of CSV files becomes the cells of the declared tables, as text."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from openpyxl.utils.cell import range_boundaries

from needs_analysis import process, reading
from needs_analysis.errors import Problem, SourceError, Where
from needs_analysis.reading.personal import asked_by, found_in
from needs_analysis.services.files.problems import of_rows, path_of, problem
from needs_analysis.services.files.schema import INVENTED, Field, Table
from needs_analysis.words import voices

README = "LEGGIMI.txt"
CURE = problem("correct")
MOST_BYTES = 1 << 30
_BOOKS = (".xlsx", ".xlsm")
_OTHER_BOOKS = (".xls", ".xlsb", ".ods", ".numbers")
_TOP_ROWS = 10
"""How far down a sheet its header may stand."""
_ALIKE = 75
"""Similarity, 0-100, from which a changed header is taken for one of the template."""
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!")
_TOTAL = r"(?i)^(?:sub)?tot(?:al[ei]|\.)?(?:\s+(?:general[ei]|complessiv[oi]))?\s*:?$"
"""How the first cell of a row of totals reads."""
_GUARDED = "^'[=+@-]"
"""How a CSV keeps text that a spreadsheet would run as a formula."""


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

    table: Table
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
    """The sheets of a file by table, what was wrong with them and whether the data are invented."""

    sheets: Mapping[str, Sheet]
    problems: Problems
    warnings: list[Problem]
    label: str


@dataclass
class _Grid:
    """A sheet before its columns are known: header cells, text by column, row numbers."""

    where: Where
    headers: list[str]
    columns: list[pa.Array]
    rows: np.ndarray
    title: str = ""
    odd: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, str]] = field(default_factory=list)


def load(path: Path | str, needed: Sequence[Table], others: Sequence[Table] = ()) -> Loaded:
    """Return the cells of some tables from a workbook or a folder of CSV files.

    Parameters
    ----------
    path : Path or str
        As :func:`located`.
    needed : sequence of Table
        Those that may not be absent.
    others : sequence of Table
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
    grids = _folder(file, tables) if file.is_dir() else _workbook(file, tables)
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
    return Loaded(sheets, found, noticed, label)


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


def located(path: Path, needed: Sequence[Table]) -> Path:
    """Return the workbook, or the folder of CSV files, where the needed tables are.

    Parameters
    ----------
    path : Path
        An .xlsx workbook, a folder with one CSV file a table, or a folder with one of these in it.
    needed : sequence of Table
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


def holds(path: Path, needed: Sequence[Table]) -> bool:
    """Whether a workbook or folder has the needed tables, or a file in it has."""
    return _has(path, needed) or (path.is_dir() and bool(_holders(path, needed)))


def _holders(folder: Path, needed: Sequence[Table]) -> list[Path]:
    """Return the files of a folder that have all of some tables."""
    return [
        one for one in sorted(folder.iterdir()) if one.name[0] not in ".~" and _has(one, needed)
    ]


def _has(path: Path, needed: Sequence[Table]) -> bool:
    """Whether a workbook or a folder of CSV files has all of some tables."""
    if path.is_dir():
        names = [one.stem for one in path.glob("*.csv")]
    elif path.suffix.casefold() in _BOOKS:
        try:
            names = _opened(_book_bytes(path), path, values=False).sheetnames
        except SourceError:
            return False
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
    grid: _Grid, table: Table, order: int, problems: Problems, noticed: list[Problem]
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
            said = pc.fill_null(pc.match_substring_regex(cells, _TOTAL), False)
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


# --- CSV -----------------------------------------------------------------------------------


def _folder(folder: Path, tables: Sequence[Table]) -> dict[str, _Grid]:
    found = {reading.plain(one.stem): one for one in sorted(folder.glob("*.csv"))}
    named = {one.name: found.get(reading.plain(one.sheet)) for one in tables}
    return {name: csv_grid(file) for name, file in named.items() if file is not None}


def csv_grid(file: Path, wanted: Sequence[str] = (), data: bytes | None = None) -> _Grid:
    """Return the cells of a CSV: any of ; , or tab between them, UTF-8 or cp1252.

    Parameters
    ----------
    file : Path
        The file.
    wanted : sequence of str
        The headers to keep; the other columns are never read. All when empty.
    data : bytes, optional
        What it holds, where it was read already (from a zip): it is not opened then.

    Raises
    ------
    SourceError
        If it cannot be opened, is empty, or rows have more or fewer cells than the header.
    """
    data = _bytes(file) if data is None else data
    for encoding in ("utf-8", "cp1252"):
        try:
            grid, ragged = _parsed(data, file, encoding, wanted)
        except (UnicodeDecodeError, pa.ArrowInvalid, csv.Error):  # which may quote the cells
            continue
        if ragged:
            odd = [problem("ragged", Where(rows=(row,))) for row in ragged]
            raise SourceError.of_file(file, odd, CURE)
        return _without_blanks(grid)
    raise SourceError.of_file(file, [problem("no_csv_text")], CURE)


def _parsed(
    data: bytes, file: Path, encoding: str, wanted: Sequence[str]
) -> tuple[_Grid, list[int]]:
    """Return the wanted columns of a CSV and the rows that have not as many cells as the header."""
    plain_encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    first = data[: data.find(b"\n") + 1 or len(data)].decode(plain_encoding)
    delimiter = max(";,\t", key=first.count)
    headers = [one.strip() for one in next(csv.reader(io.StringIO(first), delimiter=delimiter))]
    kept = [at for at, one in enumerate(headers) if not wanted or one in wanted]
    names = [str(at) for at in range(len(headers))]
    ragged: list[int] = []

    def note(row: Any) -> str:
        ragged.append(row.number)
        return "skip"

    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False, column_names=names, skip_rows=1, encoding=encoding
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False,
            include_columns=[names[at] for at in kept],
        ),
    )  # fmt: skip
    columns = [_trimmed(table.column(at)) for at in range(table.num_columns)]
    rows = np.arange(2, table.num_rows + 2)
    shown = [headers[at] for at in kept]
    return _Grid(Where(member=file.name), shown, columns, rows), ragged


def _bytes(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= MOST_BYTES else b""
    except OSError:
        raise SourceError.of_file(file, [problem("cannot_open")], CURE) from None
    if size > MOST_BYTES:
        large = problem("too_many_bytes", most=MOST_BYTES >> 20)
        raise SourceError.of_file(file, [large], problem("divide"))
    if not data.strip():
        raise SourceError.of_file(file, [problem("empty_file")], CURE)
    if b"\0" in data[: 1 << 16]:
        raise SourceError.of_file(file, [problem("no_text")], problem("save_as_csv"))
    return data


def _trimmed(cells: pa.Array) -> pa.Array:
    """Return cells without spaces around; blank is null, guarded formulas are text again."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    text = pc.utf8_trim_whitespace(cells)
    if pc.any(pc.starts_with(text, "'")).as_py():
        hit = pc.match_substring_regex(text, _GUARDED)
        text = pc.if_else(hit, pc.utf8_slice_codeunits(text, 1), text)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _without_blanks(grid: _Grid) -> _Grid:
    """Leave out the rows without any cell."""
    filled = np.zeros(len(grid.rows), dtype=bool)
    for column in grid.columns:
        filled |= column.is_valid().to_numpy(zero_copy_only=False)
    if filled.all():
        return grid
    keep = pa.array(filled)
    columns = [column.filter(keep) for column in grid.columns]
    return _Grid(grid.where, grid.headers, columns, grid.rows[filled], grid.title, grid.odd)


# --- Excel ---------------------------------------------------------------------------------


def _workbook(file: Path, tables: Sequence[Table]) -> dict[str, _Grid]:
    end = file.suffix.casefold()
    if end in _OTHER_BOOKS:
        raise _refused(file, problem("other_book", end=end), problem("save_as_xlsx"))
    if end not in _BOOKS:
        raise _refused(file, problem("no_book"))
    data = _book_bytes(file)
    book = _opened(data, file, values=False)
    named = {reading.plain(name): name for name in book.sheetnames}
    grids, computed = {}, None
    for one in tables:
        name = named.get(reading.plain(one.sheet))
        if name is None:
            continue
        lines = [list(row) for row in islice(book[name].iter_rows(), reading.MOST_ROWS + 1)]
        if len(lines) > reading.MOST_ROWS:
            raise _refused(file, problem("unreadable_book"))
        if any(cell.data_type == "f" for row in lines for cell in row):
            computed = computed or _opened(data, file, values=True)
            values = computed[name].iter_rows(values_only=True)
        else:
            values = ([cell.value for cell in row] for row in lines)
        grid = grids[one.name] = _grid(one, lines, values)
        grid.merged = _merged(data, book[name], grid)
    return grids


def _merged(data: bytes, sheet: Any, grid: _Grid) -> list[tuple[int, str]]:
    """Return the first row and the range of merged cells over rows that were read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read(sheet._worksheet_path).decode("utf-8", "replace")
    found = []
    for span in re.findall(r"<(?:\w+:)?mergeCell\s+ref=\"([A-Z]+\d+:[A-Z]+\d+)\"", text):
        _, top, _, bottom = range_boundaries(span)
        rows = grid.rows[(grid.rows >= top) & (grid.rows <= bottom)]
        found += [(int(rows[0]), span)] if len(rows) else []
    return found


def _book_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise _refused(file, problem("cannot_open")) from None


def _opened(data: bytes, file: Path, *, values: bool) -> Any:
    """Return the workbook, its formulas as such or as the values last computed."""
    if data.startswith(reading.OLE):
        raise _refused(file, problem("old_or_locked"), problem("unlock"))
    extent = ""
    # Whatever its parsers raise quotes the file; they warn of styles and extensions we do not read.
    with suppress(Exception), process.quiet():
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(one.file_size for one in archive.infolist())
        extent = reading.absurd_extent(io.BytesIO(data))
        if size <= reading.MOST_UNZIPPED and not extent:
            return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values)
    if extent:
        raise _refused(file, problem("absurd_extent", extent=extent), problem("copy_cells"))
    raise _refused(file, problem("unreadable_book"))


def _grid(table: Table, lines: Sequence[Sequence[Any]], values: Iterable[Sequence[Any]]) -> _Grid:
    """Find the header among the first rows; what stands above is title, a row of notes is skipped."""
    known = {reading.plain(key) for one in table.fields for key in (one.name, one.header)}
    text = [[_text(value) for value in row] for row in values]
    heads = [sum(reading.plain(cell) in known for cell in row if cell) for row in text[:_TOP_ROWS]]
    top = int(np.argmax(heads)) if heads else 0
    if not heads or not heads[top]:
        return _Grid(Where(sheet=table.sheet), [], [], np.array([], dtype=int))
    headers = [cell or "" for cell in text[top]]
    notes = {voice.say(one.note) for one in table.fields if one.note for voice in voices()}
    body, rows = [], []
    odd: list[tuple[int, int, str]] = []
    for at in range(top + 1, len(text)):
        filled = [cell for cell in text[at] if cell]
        # The row of notes is no data, be it edited here and there.
        if 2 * sum(cell in notes for cell in filled) >= len(filled):
            continue
        body.append((text[at] + [None] * len(headers))[: len(headers)])
        rows.append(at + 1)
        odd += _odd(lines[at], text[at], at + 1, len(headers))
    columns = [_trimmed(pa.array(list(one), pa.string())) for one in zip(*body, strict=True)]
    columns = columns or [pa.nulls(0, pa.string())] * len(headers)
    used = [at for at, header in enumerate(headers) if header or columns[at].null_count < len(rows)]
    title = " ".join(cell for row in text[:top] for cell in row if cell)
    return _Grid(
        Where(sheet=table.sheet), [headers[at] for at in used], [columns[at] for at in used],
        np.array(rows, dtype=int), title,
        [(row, used.index(at), what) for row, at, what in odd if at in used],
    )  # fmt: skip


def _odd(
    cells: Sequence[Any], text: Sequence[str | None], row: int, width: int
) -> Iterator[tuple[int, int, str]]:
    """Give the cells that hold an error of Excel, or a formula that nobody computed."""
    for at, cell in enumerate(cells[:width]):
        if cell.data_type == "e" or text[at] in _ERRORS:
            yield row, at, "excel_error"
        elif cell.data_type == "f" and text[at] is None:
            yield row, at, "not_computed"


def _text(value: Any) -> str | None:
    """Return a cell as it would be typed in Italian; None if blank."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "sì" if value else "no"
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value).replace(".", ",")
    return str(value).strip() or None
