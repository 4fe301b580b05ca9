"""Beds for visitors by municipality: capacity of tourist accommodation, ISTAT."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Problem, Where
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import year_in
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_accommodation",
    publisher="ISTAT",
    title="Capacità degli esercizi ricettivi per comune",
    reference_date="2024",
    licence="CC BY",
    attribution="ISTAT, Capacità degli esercizi ricettivi",
    retrieval="https://www.istat.it (Capacità degli esercizi ricettivi)",
)
DELIVERS = Extent(italy=True)

_BEDS: dict[str, str | re.Pattern[str]] = {
    "rented_lodging_beds": re.compile("alloggi in affitto(?: [a-z ]+)? letti"),
    "bed_and_breakfast_beds": re.compile("bed (?:e |and )?breakfast letti"),
    "accommodation_beds_total": re.compile("totale (?:generale )?esercizi ricettivi letti"),
}
_COLUMNS: dict[str, str | re.Pattern[str]] = {
    "municipality_name": re.compile("comun[ei]"),
    "municipality_code": re.compile("cod(?:ice)? istat"),
    **_BEDS,
}


_SHEET_KEYS = {"anno", "cod istat"}
_KINDS = {
    "rented_lodging_beds": re.compile("alloggi in affitto(?: [a-z ]+)?"),
    "bed_and_breakfast_beds": re.compile("bed (?:e |and )?breakfast"),
    "accommodation_beds_total": re.compile("totale (?:generale )?esercizi ricettivi"),
}
NOT_AS_A_BUSINESS = 2025
"""The first year in which rented lodgings that are not run as a business are counted too."""


def recognises(path: Path) -> bool:
    """Return whether the file holds beds by municipality and kind of accommodation."""
    if any(_header_at(rows) is not None for rows in reading.openings_of_sheets(path).values()):
        return True
    header = reading.header_of(path)  # what separates them is not the same every year
    return all(any(re.fullmatch(one, name) for name in header) for one in _COLUMNS.values())


def read(path: Path) -> pd.DataFrame:
    """Read the beds offered in each municipality.

    Parameters
    ----------
    path : Path
        ISTAT's table of a year as CSV, whose name must hold the year, which the table does not say;
        or the workbook of all years, "Capacità comunale 2002-2025".

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits), and for the workbook ``year``. Beds:
        ``rented_lodging_beds`` (dwellings let to visitors as a business; from 2025 those not let as
        a business too: `said_of`), ``bed_and_breakfast_beds``, ``accommodation_beds_total``
        (all kinds, hotels included). ``attrs["reference_date"]`` is the year, "" where nothing says
        it; of the workbook the first and the last, "2002-2025".

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    if reading.opening(path).startswith((b"PK", reading.OLE)):
        return _stacked(path)
    cells = reading.delimited_file(path, SOURCE, _COLUMNS)
    # Totals of province and country, and the blank row before the latter, are no municipality.
    name = cells["municipality_name"].str.upper()
    blank = (cells.text == "").all(axis=1)
    cells = cells.keep(~(name.str.match("TOTALE") & (cells["municipality_code"] == "")) & ~blank)
    code = reading.codes(cells, "municipality_code", 6, key=True).rename("municipality_code")
    beds = reading.numbers(cells, _BEDS, decimal=".")
    reading.note_repeated(cells, code, "repeated_code")
    beds = cells.accepted(beds, problem("no_row_of_place"))
    return reading.dated(beds.set_index(code[beds.index]), year_in(path.name))


def editions(path: Path) -> list[pd.DataFrame]:
    """Return the frames of the years that a file holds, as `read` gives those of one year.

    Raises
    ------
    SourceError
        As `read`.
    """
    frame = read(path)
    if frame.index.nlevels == 1:
        return [frame]
    found, last = [], frame.index.get_level_values("year").max()
    for year, rows in frame.groupby(level="year"):
        own = rows.droplevel("year")
        own.attrs = {}
        if year == last and "notices" in frame.attrs:  # once, not with every year
            own.attrs["notices"] = frame.attrs["notices"]
        found.append(reading.dated(own, str(year)))
    return found


def said_of(year: str) -> tuple[Problem, ...]:
    """Return what is to be said of the edition of a year.

    Examples
    --------
    >>> [len(said_of(year)) for year in ("2024", "2025")]
    [0, 1]
    """
    if int(year) < NOT_AS_A_BUSINESS:
        return ()
    return (problem("lodgings_break", year=str(NOT_AS_A_BUSINESS)),)


# --- the workbook of all years -----------------------------------------------------------------


def _header_at(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which of the first rows of a sheet names year, code and beds; None if none does."""
    for at, row in enumerate(rows):
        names = {_first_language(cell) for cell in row}
        if names >= _SHEET_KEYS | {"letti"}:
            return at
    return None


def _first_language(cell: str) -> str:
    """Return the Italian of a header in two languages ("Anno/Year")."""
    return reading.plain(cell.split("/")[0])


def _stacked(path: Path) -> pd.DataFrame:
    """Read the sheet in which the years stand under each other."""
    heads = reading.openings_of_sheets(path).items()
    title, head, at = next(
        ((title, head, at) for title, head in heads if (at := _header_at(head)) is not None),
        ("", [], 0),
    )
    if not head:
        raise reading.failure(path, SOURCE, [reading.problem("no_sheet_with_header")])
    columns = _columns(head[: at + 1], title, path)
    sheets = reading.streamed(path, SOURCE, reading.LARGEST, columns.values())
    rows = next(rows for name, rows in sheets if name == title)
    picked = [
        [row[i] if i < len(row) else "" for i in columns.values()]
        for row in islice(rows, at + 1, None)
    ]
    text = pd.DataFrame(picked, columns=list(columns), dtype="str")
    text = text.set_axis(range(at + 2, at + 2 + len(text)), axis=0)
    published = {name: head[at][i] for name, i in columns.items()}
    found = reading.Cells(path, SOURCE, text, published)
    return _typed(found.keep(found["municipality_code"] != ""))


def _columns(head: Sequence[Sequence[str]], title: str, path: Path) -> dict[str, int]:
    """Return where the wanted columns stand: the kind is written above its two columns."""
    header = [_first_language(cell) for cell in head[-1]]
    found = {
        "year": header.index("anno"),
        "municipality_code": header.index("cod istat"),
        "municipality_name": header.index("comune") if "comune" in header else header.index("anno"),
    }
    kinds = {at: _kind_above(head[:-1], at) for at, name in enumerate(header) if name == "letti"}
    lacking, doubles = [], []
    for name, pattern in _KINDS.items():
        at = [column for column, kind in kinds.items() if pattern.fullmatch(kind)]
        if not at:
            lacking.append(reading.said(pattern))
        elif len(at) > 1:
            doubles += [kinds[one] for one in at]
        else:
            found[name] = at[0]
    where = Where(sheet=title, rows=(len(head),))
    if problems := reading.lacks(where, lacking, doubles):
        raise reading.failure(path, SOURCE, problems)
    return found


def _kind_above(above: Sequence[Sequence[str]], at: int) -> str:
    """Return the lowest words above a column of beds, or above that of establishments before it."""
    for row in reversed(above):
        for column in (at, at - 1):
            if 0 <= column < len(row) and row[column]:
                return reading.plain(row[column])
    return ""


def _typed(cells: reading.Cells) -> pd.DataFrame:
    year = reading.matching(cells, "year", "(?:19|20)[0-9]{2}", "no_year", key=True)
    code = reading.codes(cells, "municipality_code", 6, key=True)
    beds = reading.numbers(cells, _KINDS, decimal=".")
    reading.note_repeated(cells, code.str.cat(year, sep="/"), "repeated_place_and_year")
    beds = cells.accepted(beds, problem("no_row_of_place"))
    years = year[beds.index].astype("int64")
    beds.index = pd.MultiIndex.from_arrays(
        [code[beds.index], years], names=["municipality_code", "year"]
    )
    return reading.dated(beds, f"{years.min()}-{years.max()}")
