"""Workbooks, old (.xls) and new (.xlsx), as rows of text, once they are seen to be bearable."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from needs_analysis import process
from needs_analysis.errors import SourceError
from needs_analysis.provenance import Source
from needs_analysis.reading.files import content, opening
from needs_analysis.reading.problems import failure, problem
from needs_analysis.reading.text import plain
from needs_analysis.reading.zips import MOST_UNZIPPED, danger_of, opened_zip

OPENING_ROWS = 12
MOST_CELLS = 2_000_000
MOST_LETTERS = 200_000_000
MOST_EXTENT = 50_000_000
"""Cells that a sheet may say it holds; the largest official one has a fifth of them."""
MOST_ROWS = 1 << 20
"""Rows of a sheet of Excel."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xls workbook begins."""


Row = tuple[str, ...]
Rows = list[Row]


LARGEST = 8
"""By how much the largest official workbook exceeds the usual bounds."""


def workbook(path: Path, source: Source) -> dict[str, Rows]:
    """Return all rows of all sheets of a workbook (.xlsx or .xls) as text, by sheet name.

    Raises
    ------
    SourceError
        If the file is no readable workbook, or unpacks to far more than an official one.
    """
    return {title: list(rows) for title, rows in streamed(path, source)}


def streamed(
    path: Path, source: Source, times: int = 1, only: Collection[int] = ()
) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, each as its rows of text one after the other.

    ``times`` is by how much the workbook may exceed the usual bounds. Where ``only`` names columns,
    the cells of the others are blank, or left out at the end: of a .xlsx they are not looked at.

    Raises
    ------
    SourceError
        As `workbook`.
    """
    data = content(path, source)
    if data.startswith(b"PK"):
        with opened_zip(data, path, source, times * MOST_UNZIPPED):
            pass  # it says what is wrong with the zip
    with _worded(path, source):
        for title, rows in _sheets(io.BytesIO(data), None, times, only):
            yield title, _guarded(rows, path, source)


def _guarded(rows: Iterator[Row], path: Path, source: Source) -> Iterator[Row]:
    with _worded(path, source):  # the rows are parsed as they are asked for
        yield from rows


@contextmanager
def _worded(path: Path, source: Source | None) -> Iterator[None]:
    """Say that a workbook cannot be read; whatever its XML and zip readers raise quotes the file."""
    try:
        yield
    except SourceError:
        raise
    except _ExtentError as error:
        found = problem("absurd_extent", extent=error.extent)
        raise failure(path, source, [found], problem("copy_cells")) from None
    except Exception:
        raise failure(path, source, [problem("no_workbook")]) from None


@dataclass(frozen=True)
class FilledSheet:
    """A sheet of a workbook (.xlsx) as it was filled in by hand.

    Parameters
    ----------
    title : str
        Its name.
    rows : sequence of sequence
        The values of each row, None where blank: numbers, words, days; what formulas gave.
    odd : sequence of tuple
        Row and column, from 0, of the cells that hold an error of Excel (`ERROR`), or a formula that
        nobody computed (`FORMULA`).
    merged : sequence of tuple
        The ranges of merged cells ("A2:A5"), with their first and last row, from 1.
    hidden : set of int
        The rows, from 1, that a filter or a hand hides.
    is_blank : bool
        Whether no cell has anything in it.
    """

    title: str
    rows: Sequence[Sequence[object]]
    odd: Sequence[tuple[int, int, str]]
    merged: Sequence[tuple[str, int, int]]
    hidden: Set[int]
    is_blank: bool


ERROR, FORMULA = "e", "f"


def titles_of(path: Path) -> list[str]:
    """Return the names of the sheets of a workbook (.xlsx); none if it cannot be read."""
    try:
        with _opened(path) as book:
            return list(book.sheetnames)
    except Exception:  # whatever its XML and zip readers raise
        return []


def filled_sheets(path: Path, wanted: Callable[[str], bool]) -> list[FilledSheet]:
    """Return the sheets of a workbook (.xlsx); of those that are not wanted no rows.

    Parameters
    ----------
    path : Path
        The workbook.
    wanted : callable
        Tells by its name whether the rows of a sheet are read.

    Raises
    ------
    SourceError
        If it cannot be opened, is no readable workbook, or would fill the memory. It names no cure,
        unless there is but one.
    """
    data = content(path, None)
    with _worded(path, None), _opened(io.BytesIO(data)) as book:
        return [_filled_sheet(sheet, wanted(sheet.title)) for sheet in book.worksheets]


def _filled_sheet(sheet: Any, wanted: bool) -> FilledSheet:
    with sheet._get_source() as source:
        xml = source.read()
    rows, odd = list[Sequence[object]](), list[tuple[int, int, str]]()
    with process.quiet():
        for at, cells in enumerate(_rows_of(sheet) if wanted else ()):
            if at >= MOST_ROWS:
                raise _TooMuchError
            rows.append(sheet._get_row(cells, values_only=True))
            marks = (one for one in cells if one["data_type"] in (ERROR, FORMULA))
            odd += [(at, one["column"] - 1, one["data_type"]) for one in marks]
    return FilledSheet(
        sheet.title, rows, odd, _merged(xml), _hidden(xml), not re.search(_CONTENT, xml)
    )


_CONTENT = rb"<(?:\w+:)?(?:v|is|f)\b"
"""What a cell with something in it has, in the file of a sheet."""


def _merged(xml: bytes) -> list[tuple[str, int, int]]:
    spans = re.findall(rb"<(?:\w+:)?mergeCell\s+ref=\"([A-Z]+\d+:[A-Z]+\d+)\"", xml)
    from openpyxl.utils.cell import range_boundaries

    ends = [range_boundaries(span.decode()) for span in spans]
    return [(span.decode(), top, low) for span, (_, top, _, low) in zip(spans, ends, strict=True)]


def _hidden(xml: bytes) -> set[int]:
    tags = re.findall(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>", xml)
    numbers = (re.search(rb"\br=\"(\d+)\"", tag) for tag in tags)
    return {int(number[1]) for number in numbers if number}


def openings_of_sheets(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the first rows of each sheet of a workbook by sheet name; nothing if it is none."""
    if not opening(path).startswith((b"PK", OLE)):
        return {}
    try:
        stat = path.stat()
        return _openings(path, stat.st_mtime_ns, stat.st_size)
    except Exception:  # openpyxl raises whatever its XML and zip readers raise
        return {}


def headers_of_sheets(path: Path) -> Iterator[list[str]]:
    """Yield the plain names in the first rows of all sheets of a workbook, row by row."""
    for rows in openings_of_sheets(path).values():
        yield from ([plain(cell) for cell in row] for row in rows)


@lru_cache(maxsize=8)  # each xlsx reader asks the same file
def _openings(path: Path, _modified: int, _size: int) -> dict[str, list[tuple[str, ...]]]:
    with path.open("rb") as file:
        # A workbook that is larger than most is refused, or read, by its reader.
        return {title: list(rows) for title, rows in _sheets(file, OPENING_ROWS, LARGEST)}


class _TooMuchError(Exception):
    """A workbook that would fill the memory."""


class _ExtentError(_TooMuchError):
    """A workbook with a sheet that says it is larger than any."""

    def __init__(self, extent: str) -> None:
        super().__init__(extent)
        self.extent = extent


_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?ref=\"([A-Za-z0-9:$]{1,60})\"")


def absurd_extent(file: Any) -> str:
    """Return the extent of a sheet of a workbook that says it has more than `MOST_EXTENT` cells.

    Asked before any cell is built: some programs fill every row up to the extent.

    Parameters
    ----------
    file : binary file or path
        A workbook (.xlsx).

    Returns
    -------
    str
        As the sheet says it ("A1:XFD1048576"); "" if none does.
    """
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if not re.match(r"xl/worksheets/[^/]+\.xml$", member.filename):
                continue
            with archive.open(member) as sheet:
                said = _DIMENSION.search(sheet.read(4096))
            if said and _cells_in(said[1].decode()) > MOST_EXTENT:
                return said[1].decode()
    return ""


def _cells_in(extent: str) -> int:
    """Return how many cells an extent holds ("A1:B3" has 6)."""
    corners = re.findall(r"([A-Z]+)([0-9]+)", extent.upper().replace("$", ""))
    if not corners:
        return 0
    columns = [_column_number(letters) for letters, _ in corners]
    rows = [int(row) for _, row in corners]
    return (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _sheets(
    file: Any, last: int | None, times: int = 1, only: Collection[int] = ()
) -> Iterable[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, old (.xls) or new (.xlsx), as text; raise if it is a bomb.

    ``times`` is by how much it may exceed the usual bounds, ``only`` as for `streamed`.
    """
    old = file.read(len(OLE)) == OLE
    file.seek(0)
    # A shared string or a far cell makes many cells of few bytes: what comes out is counted.
    left = [times * MOST_CELLS, times * MOST_LETTERS]
    most = times * MOST_UNZIPPED
    sheets = _old_sheets(file, last) if old else _new_sheets(file, last, most, only)
    for title, rows in sheets:
        yield title, (_row_text(row, left) for row in rows)


def _row_text(row: Sequence[object], left: list[int]) -> Row:
    left[0] -= max(len(row), 1)  # a far row makes blank ones before it
    if left[0] < 0:
        raise _TooMuchError
    texts = tuple(map(_cell_text, row))
    left[1] -= sum(map(len, texts))
    if left[1] < 0:
        raise _TooMuchError
    return texts


def _old_sheets(file: Any, last: int | None) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    import xlrd  # only old workbooks need it

    data = file.read(MOST_UNZIPPED)
    book = xlrd.open_workbook(
        file_contents=data, on_demand=True, ragged_rows=True, logfile=io.StringIO()
    )
    try:
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            count = sheet.nrows if last is None else min(last, sheet.nrows)
            yield name, (sheet.row_values(i) for i in range(count))
            book.unload_sheet(name)
    finally:
        book.release_resources()


def _new_sheets(
    file: Any, last: int | None, most_bytes: int, only: Collection[int]
) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    with _opened(file, most_bytes) as book:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some writers state a wrong extent
            yield sheet.title, _quietly(_values(sheet, last, only))


@contextmanager
def _opened(file: Any, most_bytes: int = MOST_UNZIPPED) -> Iterator[Any]:
    """Give a workbook (.xlsx) as openpyxl reads it; raise if it is a bomb."""
    import openpyxl  # heavy: only where a workbook is read

    with zipfile.ZipFile(file) as archive:
        if danger_of(archive.infolist(), most_bytes):
            raise _TooMuchError
    if extent := absurd_extent(file):
        raise _ExtentError(extent)
    with process.quiet():  # of styles and extensions we do not read
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        yield book
    finally:
        book.close()


_PROLOG_BYTES = 1 << 16
_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b")


def _values(sheet: Any, last: int | None, only: Collection[int]) -> Iterator[Sequence[object]]:
    """Yield the values of a sheet row by row."""
    return (sheet._get_row(cells, values_only=True) for cells in _rows_of(sheet, last, only))


def _rows_of(
    sheet: Any, last: int | None = None, only: Collection[int] = ()
) -> Iterator[list[dict[str, Any]]]:
    """Yield the cells of a sheet row by row, those of a missing row as none."""
    from needs_analysis.reading.sheet_rows import SheetRows

    with sheet._get_source() as source:
        prolog = source.read(_PROLOG_BYTES)
    root = _ROOT.search(prolog)
    if root is None or b"<!DOCTYPE" in prolog[: root.start()]:
        raise _TooMuchError
    blank = 1
    with sheet._get_source() as source:
        for row, cells in SheetRows(source, sheet, only, FORMULA).parse():
            if last is not None and row > last:
                return
            for _ in range(blank, row):
                yield []
            if row >= blank:
                yield cells
                blank = row + 1


def _quietly(rows: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
    """Yield rows, read a few at a time: what is yielded in silence would keep the process silent."""
    while True:
        with process.quiet():
            some = list(islice(rows, 50))
        if not some:
            return
        yield from some


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(np.format_float_positional(value, trim="-"))
    return str(value)
