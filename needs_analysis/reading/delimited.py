"""Delimited text: fast where it is regular, row by row where it is not."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from needs_analysis.errors import Problem
from needs_analysis.provenance import Source
from needs_analysis.reading.cells import (
    ODD_AT_LEAST,
    ODD_ROWS_PER_ODD,
    Cells,
    Odd,
    Wanted,
    lacks,
    positions,
)
from needs_analysis.reading.files import content, text_of
from needs_analysis.reading.problems import at_row, failure, problem
from needs_analysis.reading.text import delimiter_of

MOST_COLUMNS = 5_000
MOST_ROWS_BY_ROW = 1_000_000


def delimited(
    text: str,
    path: Path,
    source: Source,
    wanted: Wanted,
    *,
    delimiter: str = "",
    header_row: int = 1,
    quoted: bool = True,
) -> Cells:
    """Return the wanted columns of a delimited text.

    Parameters
    ----------
    text : str
        The whole text.
    path, source : Path, Source
        For messages.
    wanted : mapping
        Our column names to the published ones, which match whatever their case, accents and
        punctuation, or to patterns over `plain` names.
    delimiter : str
        Field separator; by default the one that the header has most of.
    header_row : int
        Row of the header, counted from 1.
    quoted : bool
        Whether double quotes enclose fields.

    Raises
    ------
    SourceError
        If columns are lacking, rows have too few or too many fields, or there are no rows.
    """
    if not delimiter:
        delimiter = delimiter_of("".join(text.split("\n", header_row)[header_row - 1 : header_row]))
    header = _header(text, delimiter, header_row, quoted)
    if len(header) > MOST_COLUMNS:
        many = problem("too_many_columns", at_row(header_row), found=len(header))
        raise failure(path, source, [many])
    found, lacking, doubles = positions(header, wanted)
    if wrong := lacks(at_row(header_row), lacking, doubles):
        raise failure(path, source, wrong)
    width = max(i for i, name in enumerate(header) if name.strip()) + 1
    split = None
    if not (quoted and '"' in text):
        split = _split_at_once(text, delimiter, header_row, width, found)
    problems: list[Problem] = []
    odd = Odd()
    if split is None:
        how = (delimiter, header_row, quoted)
        records = _records(text, how, header, problems, odd)
        cut = not text.endswith(("\n", "\r"))
        split = _regular(records, width, found, problems, odd, cut)
    published = {name: header[i].strip() for name, i in found.items()}
    cells = Cells(path, source, split, published, problems, odd)
    cells.check()
    if split.empty:
        raise failure(path, source, [*odd.found(), problem("no_rows")])
    return cells


def delimited_file(path: Path, source: Source, wanted: Wanted, **how: Any) -> Cells:
    """Return the wanted columns of a delimited file; `how` is that of :func:`delimited`.

    Raises
    ------
    SourceError
        As `content`, `text_of` and `delimited`.
    """
    text = text_of(content(path, source), path, source)
    return delimited(text, path, source, wanted, **how)


def _header(text: str, delimiter: str, row: int, quoted: bool) -> list[str]:
    try:
        rows = _rows(io.StringIO(text, newline=""), delimiter, quoted)
        return list(next(islice(rows, row - 1, None), []))
    except csv.Error:
        return []  # then no column is found, and the message says which are lacking


def _rows(lines: Iterable[str], delimiter: str, quoted: bool) -> Any:
    quotes: dict[str, Any] = {} if quoted else {"quoting": csv.QUOTE_NONE}
    return csv.reader(lines, delimiter=delimiter, strict=True, **quotes)


def _split_at_once(
    text: str, delimiter: str, header_row: int, width: int, found: Mapping[str, int]
) -> pd.DataFrame | None:
    """Return the columns of a regular text, fast; None if any row is irregular."""
    lines = text.split("\n", header_row + 1)
    if len(lines) <= header_row:
        return None
    fields = lines[header_row].rstrip("\r").count(delimiter) + 1
    if fields < width:
        return None
    names = [str(i) for i in range(fields)]
    surplus = names[width:]
    wanted = [names[i] for i in found.values()]
    try:
        table = arrow_table(
            text, delimiter, names, [*dict.fromkeys([*wanted, *surplus])], header_row
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != text.count("\n") + (not text.endswith("\n")) - header_row:
        return None  # blank lines: the row numbers need care
    frame: pd.DataFrame = table.to_pandas().astype("str")
    if any((frame[name].str.strip() != "").any() for name in surplus):
        return None
    rows = pd.RangeIndex(header_row + 1, header_row + 1 + len(frame))
    columns = {ours: frame[names[i]].str.strip() for ours, i in found.items()}
    return pd.DataFrame(columns).set_axis(rows, axis=0)


def arrow_table(
    text: str,
    delimiter: str,
    names: Sequence[str],
    kept: Sequence[str],
    header_row: int = 1,
    *,
    ragged: Callable[[Any], str] | None = None,
) -> pa.Table:
    """Return columns of a delimited text as Arrow reads them, all of text, blank where blank.

    Parameters
    ----------
    text : str
        The whole text.
    delimiter : str
        Field separator.
    names, kept : sequence of str
        What the columns are called, and which of them to keep.
    header_row : int
        Below which row the data begin.
    ragged : callable, optional
        Takes a row that has not as many fields, and says "skip". Then double quotes may enclose a
        field, of several lines too, and a blank line is a row.

    Raises
    ------
    pyarrow.ArrowInvalid
        The text is not as regular as that; it may quote the cells.
    """
    quoted = ragged is not None
    return pa.csv.read_csv(
        pa.BufferReader(text.encode("utf-8")),
        pa.csv.ReadOptions(
            skip_rows=header_row, column_names=names, block_size=1 << 24, use_threads=not quoted
        ),
        pa.csv.ParseOptions(
            delimiter=delimiter, quote_char='"' if quoted else False, newlines_in_values=quoted,
            ignore_empty_lines=not quoted, invalid_row_handler=ragged,
        ),
        pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=kept,
            strings_can_be_null=False,
        ),
    )  # fmt: skip


Records = list[tuple[int, list[str]]]
"""Rows as their fields, each with the number of its last line."""
_MOST_LINES = 50  # of one row: official headers break their names over three
_SHOWN_OF_A_LINE = 60


def _records(
    text: str,
    how: tuple[str, int, bool],
    header: Sequence[str],
    problems: list[Problem],
    odd: Odd,
) -> Records:
    """Return the rows below the header; one whose quotes do not close is left out.

    ``how`` is the separator, the row of the header and whether quotes enclose fields.
    """
    delimiter, header_row, quoted = how
    lines = io.StringIO(text, newline="").readlines()
    records: Records = []
    at = _after_header(text, delimiter, header_row, quoted)
    while at < len(lines):
        read, broken = _records_from(lines, at, delimiter, quoted, len(header))
        records += read
        if len(records) > MOST_ROWS_BY_ROW:
            problems.append(problem("too_many_rows", most=MOST_ROWS_BY_ROW))
            return []
        if broken is None:
            break
        line, kind = broken
        found = problem(kind, at_row(line + 1))
        cut = line + 1 == len(lines) and not lines[-1].endswith(("\n", "\r"))
        if cut or len(odd.left_out.rows) > max(ODD_AT_LEAST, len(lines) // ODD_ROWS_PER_ODD):
            problems.append(found)  # the file is cut, or the whole is of another kind
            break
        odd.left_out.add([line + 1], [(found, lines[line].strip()[:_SHOWN_OF_A_LINE])])
        at = line + 1
    return records


_FIELD_LETTERS_MAX = 131_072


def bearable(fields: Sequence[str]) -> list[str]:
    """Return the fields of a row, none longer than csv takes where nobody changed it.

    Its limit belongs to the process, and other libraries lift it: frictionless with the first CSV that
    it validates.

    Raises
    ------
    csv.Error
        As csv would.
    """
    if any(len(one) > _FIELD_LETTERS_MAX for one in fields):
        raise csv.Error(f"field larger than field limit ({_FIELD_LETTERS_MAX})")
    return list(fields)


def _after_header(text: str, delimiter: str, header_row: int, quoted: bool) -> int:
    """Return how many lines the header and what stands above it take."""
    reader = _rows(io.StringIO(text, newline=""), delimiter, quoted)
    for _ in islice(reader, header_row):
        pass
    return int(reader.line_num)


def _records_from(
    lines: Sequence[str], start: int, delimiter: str, quoted: bool, width: int
) -> tuple[Records, tuple[int, str] | None]:
    """Return rows from a line on, and the line and kind of the first whose quotes are broken."""
    records: Records = []
    first = start  # where the row begins that is being read

    def fed() -> Iterator[str]:
        for at in range(start, len(lines)):
            if at - first >= _MOST_LINES:
                raise csv.Error("a row of many lines")
            yield lines[at]

    reader = _rows(fed(), delimiter, quoted)
    try:
        for fields in map(bearable, reader):
            last = start + reader.line_num
            # What an open quote swallowed closes at another one: the row has other fields then.
            if last - first > 1 and not width <= len(fields) <= width + 1:
                return records, (first, "open_quotes")
            if any(cell.strip() for cell in fields) or len(fields) > 1:
                records.append((last, fields))
            if len(records) > MOST_ROWS_BY_ROW:
                break  # refused by who asked; the rest would fill the memory
            first = last
    except csv.Error as error:
        return records, (first, "huge_field" if "limit" in str(error) else "open_quotes")
    return records, None


def _regular(
    records: Records,
    width: int,
    found: Mapping[str, int],
    problems: list[Problem],
    odd: Odd,
    cut: bool,
) -> pd.DataFrame:
    """Return the columns of the rows that have as many fields as most; the others are left out.

    ``cut`` tells that the last row does not end: fewer fields there mean that the file is truncated.
    """
    usual = Counter(len(fields) for _, fields in records).most_common(1)
    expected = max(usual[0][0], width) if usual else width
    kept: Records = []
    rows, irregular = [], []
    for number, fields in records:
        if len(fields) == expected and not any(cell.strip() for cell in fields[width:]):
            kept.append((number, fields))
            continue
        last = cut and number == records[-1][0]
        if len(fields) == expected:
            wrong = problem("more_fields", at_row(number), expected=width)
        elif last and len(fields) < expected:
            problems.append(
                problem("fields_cut", at_row(number), found=len(fields), expected=expected)
            )
            continue
        else:
            wrong = problem("fields", at_row(number), found=len(fields), expected=expected)
        rows.append(number)
        irregular.append((wrong, " ".join(fields)[:_SHOWN_OF_A_LINE]))
    odd.left_out.add(rows, irregular)
    columns = {
        ours: pd.Series([fields[i].strip() for _, fields in kept], dtype="str")
        for ours, i in found.items()
    }
    return pd.DataFrame(columns).set_axis([number for number, _ in kept], axis=0)
