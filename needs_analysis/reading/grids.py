"""Tables that an office fills in, as a text or a sheet: text by column, with the user's row numbers."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis.errors import Where
from needs_analysis.reading.delimited import arrow_table
from needs_analysis.reading.files import content
from needs_analysis.reading.problems import failure, problem
from needs_analysis.reading.sheets import ERROR, FilledSheet
from needs_analysis.reading.text import UTF_16, decode, delimiter_of, plain

_TOP_ROWS = 10
"""How far down a sheet its header may stand."""
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!")
_LOOKED_AT = 1 << 16
"""Letters in which a file that is no text shows it."""
_GUARDED = "^'[=+@-]"
"""How a CSV keeps text that a spreadsheet would run as a formula."""


@dataclass(frozen=True)
class Grid:
    """A table before anybody knows its columns.

    Parameters
    ----------
    where : Where
        The sheet, or the file of a folder.
    headers : list of str
        As they are written.
    columns : list of array of str
        Stripped cells by column, null where blank.
    rows : array of int
        Their numbers in the file.
    title : str
        What stands above the header.
    odd : list of tuple
        Row, column and kind of the cells that hold no value: ``excel_error``, ``not_computed``.
    merged : list of tuple
        First row and range of the merged cells.
    """

    where: Where
    headers: list[str]
    columns: list[pa.Array]
    rows: np.ndarray
    title: str = ""
    odd: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, str]] = field(default_factory=list)


# --- texts ---------------------------------------------------------------------------------


def csv_grid(file: Path) -> Grid:
    """Return the cells of a CSV.

    Raises
    ------
    SourceError
        As `files.content`, `csv_text` and `text_grid`.
    """
    return text_grid(csv_text(content(file, None), file), file)


def csv_text(data: bytes, file: Path) -> str:
    """Return the text of a CSV of an office, whatever its encoding, its lines ended by line feeds.

    Raises
    ------
    SourceError
        If it is a spreadsheet or another file that is no text.
    """
    text = data.decode("utf-16", "replace") if data.startswith(UTF_16) else decode(data)
    if "\0" in text[:_LOOKED_AT]:
        raise failure(file, None, [problem("no_text")], problem("save_as_csv"))
    return text if "\n" in text else text.replace("\r", "\n") + "\n"


def headers_of(text: str) -> tuple[list[str], str]:
    r"""Return the headers of a CSV as they are spelled, and what stands between its cells.

    Examples
    --------
    >>> headers_of("codice; retta \nA;1\n")
    (['codice', 'retta'], ';')
    """
    first = text.split("\n", 1)[0]
    delimiter = delimiter_of(first)
    try:
        cells = next(csv.reader(io.StringIO(first.strip("\r")), delimiter=delimiter), [])
    except csv.Error:  # no header, then: the columns are said to lack
        cells = []
    return [one.strip() for one in cells], delimiter


def text_grid(text: str, file: Path, wanted: Sequence[str] = ()) -> Grid:
    """Return the cells of the text of a CSV: any of ; , or tab between them.

    Parameters
    ----------
    text : str
        The whole text.
    file : Path
        For messages.
    wanted : sequence of str
        The headers to keep; the other columns are never read. All when empty.

    Raises
    ------
    SourceError
        If rows have more or fewer cells than the header.
    """
    headers, delimiter = headers_of(text)
    if not headers:
        raise failure(file, None, [problem("no_csv_text")])
    kept = [at for at, one in enumerate(headers) if not wanted or one in wanted]
    names, ragged = [str(at) for at in range(len(headers))], list[int]()

    def note(row: Any) -> str:
        ragged.append(row.number)
        return "skip"

    try:
        table = arrow_table(text, delimiter, names, [names[at] for at in kept], ragged=note)
    except pa.ArrowInvalid:  # which may quote the cells
        raise failure(file, None, [problem("no_csv_text")]) from None
    if ragged:
        raise failure(file, None, [problem("ragged", Where(rows=(row,))) for row in ragged])
    columns = [_trimmed(table.column(at)) for at in range(table.num_columns)]
    rows = np.arange(2, table.num_rows + 2)
    shown = [headers[at] for at in kept]
    return _without_blanks(Grid(Where(member=file.name), shown, columns, rows))


def _trimmed(cells: pa.Array) -> pa.Array:
    """Return cells without spaces around; blank is null, guarded formulas are text again."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    text = pc.utf8_trim_whitespace(cells)
    if pc.any(pc.starts_with(text, "'")).as_py():
        hit = pc.match_substring_regex(text, _GUARDED)
        text = pc.if_else(hit, pc.utf8_slice_codeunits(text, 1), text)
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _without_blanks(grid: Grid) -> Grid:
    """Leave out the rows without any cell."""
    filled = np.zeros(len(grid.rows), dtype=bool)
    for column in grid.columns:
        filled |= column.is_valid().to_numpy(zero_copy_only=False)
    if filled.all():
        return grid
    keep = pa.array(filled)
    columns = [column.filter(keep) for column in grid.columns]
    return Grid(grid.where, grid.headers, columns, grid.rows[filled])


# --- sheets --------------------------------------------------------------------------------


def sheet_grid(sheet: FilledSheet, name: str, known: Set[str], notes: Set[str]) -> Grid:
    """Return the cells of a sheet, its header found among the first rows.

    Parameters
    ----------
    sheet : FilledSheet
        With its rows.
    name : str
        Of the sheet, for messages.
    known : set of str
        Headers, as :func:`plain` writes them: the row with most of them is the header, what stands
        above it is the title.
    notes : set of str
        What explains the columns below the header: a row of it is no data, be it edited here and
        there.
    """
    text = [[_typed(value) for value in row] for row in sheet.rows]
    heads = [sum(plain(cell) in known for cell in row if cell) for row in text[:_TOP_ROWS]]
    top = int(np.argmax(heads)) if heads else 0
    if not heads or not heads[top]:
        return Grid(Where(sheet=name), [], [], np.array([], dtype=int))
    headers = [cell or "" for cell in text[top]]
    width = len(headers)
    taken = [at for at in range(top + 1, len(text)) if not _is_note(text[at], notes)]
    body = [(text[at] + [None] * width)[:width] for at in taken]
    columns = [_trimmed(pa.array(list(one), pa.string())) for one in zip(*body, strict=True)]
    columns = columns or [pa.nulls(0, pa.string())] * width
    used = [at for at, one in enumerate(headers) if one or columns[at].null_count < len(body)]
    rows = np.array([at + 1 for at in taken], dtype=int)
    odd = _odd(sheet, text, taken)
    return Grid(
        Where(sheet=name), [headers[at] for at in used], [columns[at] for at in used], rows,
        " ".join(cell for row in text[:top] for cell in row if cell),
        [(row + 1, used.index(at), kind) for row, at, kind in odd if at in used],
        [
            (int(within[0]), span) for span, first, last in sheet.merged
            if len(within := rows[(rows >= first) & (rows <= last)])
        ],
    )  # fmt: skip


def _is_note(cells: Sequence[str | None], notes: Set[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return 2 * sum(cell in notes for cell in filled) >= len(filled)


def _odd(
    sheet: FilledSheet, text: Sequence[Sequence[str | None]], taken: Sequence[int]
) -> Iterator[tuple[int, int, str]]:
    """Give the cells that hold an error of Excel, or a formula that nobody computed."""
    kinds = {
        (row, at): "excel_error" if kind == ERROR else "not_computed" for row, at, kind in sheet.odd
    }
    for row in taken:
        for at, cell in enumerate(text[row]):
            kind = "excel_error" if cell in _ERRORS else kinds.get((row, at))
            if kind:
                yield row, at, kind


def _typed(value: object) -> str | None:
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
