"""Census sections of 1991, 2001, 2011 and 2021 summed to municipalities, ISTAT.

Italy has 370,000 to 760,000 sections of some 140 variables: DuckDB sums them from the file, which
is never loaded. The variables are those of `needs_analysis.sources.istat_section_layouts`.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis import reading, workers
from needs_analysis.errors import Problem, SourceError
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row, headers
from needs_analysis.sources import istat_section_layouts as layouts
from needs_analysis.sources.problems import problem
from needs_analysis.writing.files import unwritable, written_file

if TYPE_CHECKING:
    import duckdb

SOURCE = Source(
    id="istat_sections",
    publisher="ISTAT",
    title="Variabili censuarie per sezione di censimento",
    reference_date="2011-10-09",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Basi territoriali e variabili censuarie",
    retrieval="https://www.istat.it (Basi territoriali e variabili censuarie)",
)
DELIVERS = Extent(italy=False)

DATES = {1991: "1991-10-20", 2001: "2001-10-21", 2011: "2011-10-09", 2021: "2021-12-31"}
"""The day of each census."""

_VARIABLE = r"(?:P|PF|ST|IT|A|E)[0-9]{1,3}(?:_[A-Z])?"
_NUMBER = re.compile(r" *-?[0-9]+(?:\.[0-9]+)? *")
_WORKBOOK_TIMES = 4  # a region's sections of 2021 are a larger workbook than any other
_BLANKS = ["", " ", "  ", "null", "NULL"]  # Molise 2011 has "null" where others have nothing
_COPY, _MENDED = "ascii.csv", "mended.csv"
_LONGEST_LINE = 1 << 17
_ASCII = bytes([*range(128), *[ord("?")] * 128])


def recognises(path: Path) -> bool:
    """Return whether the file holds census variables by section (CSV or Parquet)."""
    first = reading.opening(path)
    if first.startswith(b"PAR1"):
        return layouts.census_of(_parquet_columns(path)) is not None
    if first.startswith((b"PK", reading.OLE)):
        return any(
            layouts.census_of(row) is not None
            for rows in reading.openings_of_sheets(path).values()
            for row in rows[:1]
        )
    if b"\0" in first:
        return False
    return layouts.census_of(reading.decode(first).split("\n", 1)[0].split(";")) is not None


def read(path: Path) -> pd.DataFrame:
    """Read the sections of one file, summed to municipalities.

    Parameters
    ----------
    path : Path
        As for `municipal`; the header says which census it is.

    Returns
    -------
    DataFrame
        As `municipal`, with every variable of that census.

    Raises
    ------
    SourceError
        As `municipal`.
    """
    with _opened(path) as sections:
        pass
    return municipal([path], sections.year)


def municipal(
    paths: Sequence[Path],
    year: int,
    columns: Sequence[str] | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Sum the sections of one census to municipalities.

    Parameters
    ----------
    paths : sequence of Path
        Files of one region or more each, none twice: ISTAT's CSV, .xls (1991, 2001) or .xlsx
        (2021), or the Parquet of `to_parquet`.
    year : int
        1991, 2001, 2011 or 2021; a file of another census is refused.
    columns : sequence of str, optional
        Variables by our name, as in ``layouts/istat_sections.csv``; all of that census if omitted.
    executor : concurrent.futures.Executor, optional
        Sums the files, each by itself; all who work for it must see them.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits, of the day of the census), sorted; a column by
        variable, float64. Persons (``residents*``, ``men``, ``women``, ``foreigners``,
        ``employed``...), households (``households*``, ``renting_households``), dwellings
        (``dwellings*``, ``renting_dwellings``), buildings (``buildings_*``). Sections outside
        census areas or localities (code 0) are counted; a sum is NaN only if every section of the
        municipality is blank. ``attrs["reference_date"]`` is the day of the census, ``attrs["notices"]``
        what is said of odd cells and rows.

    Raises
    ------
    SourceError
        If a file is not as published or of another census, has many odd cells (`reading.Odd`; in a
        file with quoted fields one is many), a section or a municipality occurs
        twice, or the census lacks a variable: 2021 has no tenure and no age of buildings.

    Notes
    -----
    Names are equal across censuses only where the variable is. Tenure is of dwellings in 1991 and
    2001, of households in 2011.
    """
    layout = layouts.layouts().get(year)
    if layout is None:
        choose = problem("choose_census", years=tuple(layouts.layouts()))
        raise _refused(paths, [problem("no_census", year=year)], choose)
    try:
        chosen = layout.choose(columns)
    except SourceError as lacking:
        raise _refused(paths, lacking.problems, lacking.cure) from None
    if not paths:
        raise SourceError(problem("no_files"), cure=problem("name_section_files"))
    files = [Path(path).absolute() for path in paths]  # a worker is elsewhere
    frames = workers.in_order(executor, _summed, ((file, layout, chosen) for file in files))
    sums = pd.concat(frames)
    again = sums.index[sums.index.duplicated()].unique()
    if len(again):
        problems = [problem("place_in_two_files", code=code) for code in again[: reading.MANY]]
        raise _refused(paths, problems, problem("name_region_once"))
    found = reading.dated(sums.sort_index(), DATES[year])
    found.attrs.pop("notices", None)
    if notices := tuple(one for frame in frames for one in frame.attrs.get("notices", ())):
        found.attrs["notices"] = notices
    return found


def to_parquet(path: Path, out: Path) -> Path:
    """Rewrite sections as Parquet, which `municipal` reads several times as fast.

    Parameters
    ----------
    path : Path
        As for `municipal`.
    out : Path
        The file to write; it appears whole. Codes and variables keep the published names (in
        capitals, unpadded); names of places are left to the unit lists.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    SourceError
        As `municipal`, and if there is any odd cell: the file written has nowhere to say it.
    OutputError
        If the file cannot be written.
    """
    odd = reading.Odd()
    with _opened(path) as sections, written_file(out) as partial:
        keys = layouts.layouts()[sections.year].keys.values()
        wanted = [name for name in sections.names if _is_variable(name)]
        selected = ", ".join(map(_quoted, [*(k for k in keys if k in sections.names), *wanted]))
        # Small row groups: 140 columns of a large one would not fit in the memory allowed.
        options = "FORMAT parquet, ROW_GROUP_SIZE 20480"
        copy = f"COPY (SELECT {selected} FROM {{}}) TO {_text(str(partial))} ({options})"
        try:
            sections.run(copy, wanted, odd)
        except OSError as error:
            raise unwritable(out, error) from None
        if odd.notices():
            raise reading.failure(path, SOURCE, odd.found(), kind=reading.OddCellsError)
    return out


Columns = dict[str, Any]
"""A result of DuckDB by column, blanks masked."""


# --- one file ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sections:
    """One file as a table that DuckDB reads: its columns, its census and where it stands."""

    path: Path
    names: tuple[str, ...]
    year: int
    file: Path
    quote: str
    folder: Path

    def run(self, query: str, numbers: Sequence[str], odd: reading.Odd) -> Columns:
        """Return the result of a query over the file, ``{}``, without the odd cells, which are noted."""
        import duckdb  # heavy: only where it is used

        connection = _connection(self.folder)
        try:
            result = connection.execute(query.format(self._table(self.file, numbers)))
            columns: Columns = result.fetchnumpy()
            return columns
        except duckdb.IOException as error:
            raise OSError(0, str(error).splitlines()[0]) from None
        except (duckdb.Error, UnicodeDecodeError) as error:  # the message itself may not decode
            if _of_encoding(error) and self.file != self.folder / _COPY:
                return self._as_ascii().run(query, numbers, odd)
            return self.mended(numbers, odd).run(query, numbers, odd)
        finally:
            connection.close()

    def _table(self, file: Path, numbers: Sequence[str]) -> str:
        # The accents of names are latin-1 or cp1252, which DuckDB takes for bad UTF-8 only in
        # columns that are asked for, and names never are. Its own latin-1 decoder reads no cp1252,
        # and cuts a row at the end of a buffer (2.0.0, seen in COPY of 300 MB).
        if self.quote == "parquet":
            return f"read_parquet({_text(str(file))})"
        kinds = ", ".join(
            f"{_text(name)}: '{'DOUBLE' if name in numbers else 'VARCHAR'}'" for name in self.names
        )
        return (
            f"read_csv({_text(str(file))}, columns={{{kinds}}}, auto_detect=false, delim=';', "
            f"header=false, skip=1, quote={_text(self.quote)}, escape={_text(self.quote)}, "
            f"nullstr={_BLANKS})"
        )

    def _as_ascii(self) -> _Sections:
        """Return a copy without accents, for the few files in which DuckDB trips over them."""
        copy = self.folder / _COPY
        with self.file.open("rb") as source, copy.open("wb") as target:
            while block := source.read(1 << 22):
                target.write(block.translate(_ASCII))
        return _Sections(self.path, self.names, self.year, copy, self.quote, self.folder)

    def mended(self, numbers: Sequence[str], odd: reading.Odd) -> _Sections:
        """Return a copy without the odd cells, which are noted; the file is read by row for that only.

        Raises
        ------
        SourceError
            If they are many, or none is found: something else is wrong.
        """
        copy = self.folder / _MENDED
        if self.quote or self.file == copy:
            raise reading.failure(self.path, SOURCE, [problem("no_file_of_sections")])
        with self.file.open(encoding="latin-1", newline="\n") as lines:
            rows = sum(1 for _ in lines) - 1
        with (
            self.file.open(encoding="latin-1", newline="\n") as lines,
            copy.open("w", encoding="latin-1", newline="") as target,
        ):
            target.write(next(lines))
            for row, line in enumerate(lines, 2):
                if sound := self._sound(row, line, numbers, odd):
                    target.write(sound)
                elif odd.many(rows):
                    break
        if odd.many(rows):
            found = odd.found(reading.NAMED_REFUSED)
            raise reading.failure(self.path, SOURCE, found, kind=reading.OddCellsError)
        if not odd.notices():
            raise reading.failure(self.path, SOURCE, [problem("no_file_of_sections")])
        return _Sections(self.path, self.names, self.year, copy, self.quote, self.folder)

    def _sound(self, row: int, line: str, numbers: Sequence[str], odd: reading.Odd) -> str:
        """Return a row without its odd cells; "" where it does not divide into its fields."""
        cells = line.rstrip("\r\n").split(";")
        if cells == [""]:
            return line
        if len(cells) != len(self.names):
            cut = reading.problem(
                "row_cut", at_row(row), found=len(cells), expected=len(self.names)
            )
            odd.left_out.add([row], [(cut, "")])
            return ""
        at = ((self.names.index(name), name) for name in numbers)
        wrong = [(i, name) for i, name in at if not _is_number(cells[i])]
        found = [
            (reading.problem("no_number", at_row(row, name), found=cells[i][:40]), "")
            for i, name in wrong
        ]
        odd.blank.add([row] * len(found), found)
        for i, _ in wrong:
            cells[i] = ""
        return ";".join(cells) + "\n" if wrong else line


def _is_number(cell: str) -> bool:
    return cell.isdigit() or cell.strip() in _BLANKS or _NUMBER.fullmatch(cell) is not None


def _of_encoding(error: Exception) -> bool:
    said = re.search("unicode|utf-?8|encod", str(error), re.IGNORECASE) is not None
    return said or isinstance(error, UnicodeDecodeError)


@contextmanager
def _opened(path: Path) -> Iterator[_Sections]:
    """Yield one file of sections, ready for DuckDB."""
    first = reading.opening(path)
    if not first.strip():
        reading.content(path, SOURCE)  # says if it is missing, empty or a folder
    with tempfile.TemporaryDirectory(prefix="needs-analysis-") as name:
        folder = Path(name)
        if first.startswith(b"PAR1"):
            yield _of(path, path, _parquet_columns(path), "parquet", folder)
            return
        file = path
        if first.startswith((b"PK", reading.OLE)):
            file = _from_workbook(path, folder / "workbook.csv")
            first = reading.opening(file)
        text = reading.text_of(first, path, SOURCE)
        header, end, _ = text.partition("\n")
        if not end:
            raise reading.failure(path, SOURCE, [reading.problem("lacking_header", at_row(1))])
        _refuse_long_lines(path, file)
        quote = '"' if '"' in text else ""
        yield _of(path, file, header.rstrip("\r").split(";"), quote, folder)


def _refuse_long_lines(path: Path, file: Path) -> None:
    """Refuse a file with a line that no section fills: DuckDB would hold it many times over."""
    with file.open("rb") as opened:
        while len(block := opened.read(_LONGEST_LINE)) == _LONGEST_LINE:
            if b"\n" not in block and b"\r" not in block:
                start = opened.tell() - len(block)
                found = reading.problem("no_line_end", start=start, kilobytes=_LONGEST_LINE >> 10)
                raise reading.failure(path, SOURCE, [found])


def _of(path: Path, file: Path, header: Sequence[str], quote: str, folder: Path) -> _Sections:
    names: list[str] = []
    for i, one in enumerate(map(layouts.column_name, header)):
        names.append(one if one and one not in names else f"COLUMN {i + 1}")
    year = layouts.census_of(names)
    if year is None:
        ids = tuple(one.keys["section_code"] for one in layouts.layouts().values())
        named = headers(["PROCOM / PRO_COM"])
        found = reading.problem("lacking_code_column", at_row(1), columns=named, sections=ids)
        raise reading.failure(path, SOURCE, [found])
    return _Sections(path, tuple(names), year, file, quote, folder)


def _from_workbook(path: Path, out: Path) -> Path:
    """Write the sheet of a workbook that holds sections as CSV, row by row."""
    for _title, rows in reading.streamed(path, SOURCE, _WORKBOOK_TIMES):
        header = next(rows, ())
        if layouts.census_of(header) is None:
            continue
        with out.open("w", encoding="latin-1", errors="replace", newline="") as file:
            table = csv.writer(file, delimiter=";", lineterminator="\n")
            table.writerow(header)
            table.writerows([*row, *[""] * (len(header) - len(row))] for row in rows)
        return out
    raise reading.failure(path, SOURCE, [reading.problem("no_sheet_of_sections")])


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow.parquet

    try:
        names: list[str] = pyarrow.parquet.read_schema(path).names
        return names
    except Exception:  # a damaged footer raises whatever thrift raises
        return []


def _summed(path: Path, layout: layouts.Layout, chosen: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return the chosen variables of one file by municipality."""
    with _opened(path) as sections:
        if sections.year != layout.year:
            found = problem("other_census", found=sections.year, year=layout.year)
            raise reading.failure(path, SOURCE, [found], problem("other_meanings"))
        published = list(dict.fromkeys(name for names in chosen.values() for name in names))
        lacking = [name for name in published if name not in sections.names]
        if lacking:
            found = reading.problem("lacking_columns", at_row(1), columns=headers(lacking))
            raise reading.failure(path, SOURCE, [found])
        code = _quoted(layout.keys["municipality_code"])
        section = _quoted(layout.keys["section_code"])
        query = (
            f"SELECT lpad(trim(CAST({code} AS VARCHAR)), 6, '0') AS municipality_code, "
            f"count(*) AS sections, count(DISTINCT {section}) AS different, {_sums(published)} "
            f"FROM {{}} WHERE {code} IS NOT NULL OR {section} IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        odd = reading.Odd()
        try:
            sums = sections.run(query, published, odd)
            if _infinite(sums, published).any() and not odd.notices():
                sums = sections.mended(published, odd).run(query, published, odd)
        except OSError:
            raise reading.failure(path, SOURCE, [problem("sections_damaged")]) from None
    sums = _checked(path, sums, published, odd)
    filled = {name: np.ma.filled(sums[name].astype("float64"), np.nan) for name in published}
    by_code = pd.DataFrame(filled, index=pd.Index(sums["municipality_code"], dtype="str"))
    by_code.index.name = "municipality_code"
    summed = pd.DataFrame(
        {name: by_code[list(parts)].sum(axis=1, min_count=1) for name, parts in chosen.items()}
    )
    if notices := odd.notices():
        summed.attrs["notices"] = notices
    return summed


def _infinite(sums: Columns, published: Sequence[str]) -> np.ndarray:
    """Tell which sums are none: DuckDB takes "inf" and "NaN" for numbers; a blank is masked."""
    found = np.zeros(len(sums["municipality_code"]), dtype=bool)
    for name in published:
        found |= np.ma.filled(~np.isfinite(np.ma.asarray(sums[name]).astype("float64")), False)
    return found


def _checked(path: Path, sums: Columns, published: Sequence[str], odd: reading.Odd) -> Columns:
    """Leave out the sections of impossible codes, which are noted.

    Raises
    ------
    SourceError
        If they are many, sections occur twice or a sum is no number.
    """
    codes = pd.Series(np.ma.filled(sums["municipality_code"], ""), dtype="str")
    known = codes.str.fullmatch("[0-9]{6}") & (codes != "000000")
    counts = np.ma.filled(sums["sections"], 0)
    for code, count in zip(codes[~known], counts[~known], strict=True):
        impossible = problem("impossible_place", code=code[:20])
        odd.left_out.add([(code, row) for row in range(count)], [(impossible, "")])
    twice = known & np.ma.filled(sums["sections"] != sums["different"], True)
    problems = [problem("repeated_sections", code=code) for code in codes[twice]]
    problems += [
        problem("sum_no_number", code=code) for code in codes[known & _infinite(sums, published)]
    ]
    if codes.empty:
        problems.append(reading.problem("no_rows"))
    if problems:
        raise reading.failure(path, SOURCE, [*odd.found(), *problems])
    if odd.many(int(counts.sum())):
        first = odd.found(reading.NAMED_REFUSED)
        raise reading.failure(path, SOURCE, first, kind=reading.OddCellsError)
    return {name: values[known.to_numpy()] for name, values in sums.items()}


# --- DuckDB --------------------------------------------------------------------------------


def _connection(folder: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "400MB",
        "temp_directory": str(folder / "spill"),
        "threads": str(min(os.cpu_count() or 1, 4)),  # each has its own buffers
        "preserve_insertion_order": "false",
        # No extension is ever fetched from the network.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    return connection


def _sums(names: Sequence[str]) -> str:
    return ", ".join(f"sum({_quoted(name)}) AS {_quoted(name)}" for name in names)


def _is_variable(name: str) -> bool:
    return re.fullmatch(_VARIABLE, name) is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _refused(
    paths: Sequence[Path], problems: Sequence[Problem], cure: Problem | None
) -> SourceError:
    if not paths:
        return SourceError(*problems, cure=cure)
    return reading.failure(paths[0], SOURCE, problems, cure)
