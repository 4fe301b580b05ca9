"""Beds for visitors by municipality: capacity of tourist accommodation, ISTAT."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis.provenance import Extent, Source
from needs_analysis.sources import reading
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


def recognises(path: Path) -> bool:
    """Return whether the file holds beds by municipality and kind of accommodation."""
    header = reading.header_of(path, _separator(reading.opening(path)))
    return all(any(re.fullmatch(one, name) for name in header) for one in _COLUMNS.values())


def _separator(text: bytes) -> str:
    """Return what separates the columns of the table, which is not the same every year."""
    first = text.split(b"\n", 1)[0]
    return ";" if first.count(b";") > first.count(b",") else ","


def read(path: Path) -> pd.DataFrame:
    """Read the beds offered in each municipality.

    Parameters
    ----------
    path : Path
        ISTAT's table as CSV; its name must hold the year, which the table does not say.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). Beds: ``rented_lodging_beds`` (dwellings let to
        visitors as a business), ``bed_and_breakfast_beds``, ``accommodation_beds_total`` (all
        kinds, hotels included). ``attrs["reference_date"]`` is the year.

    Raises
    ------
    SourceError
        If the file is not as published or its name holds no year; it lists every row that is wrong.
    """
    text = reading.text_of(reading.content(path, SOURCE), path, SOURCE)
    delimiter = _separator(text[: reading.OPENING_BYTES].encode())
    cells = reading.delimited(text, path, SOURCE, _COLUMNS, delimiter=delimiter)
    # Totals of province and country, and the blank row before the latter, are no municipality.
    name = cells["municipality_name"].str.upper()
    blank = (cells.text == "").all(axis=1)
    cells = cells.keep(~(name.str.match("TOTALE") & (cells["municipality_code"] == "")) & ~blank)
    code = reading.codes(cells, "municipality_code", 6).rename("municipality_code")
    beds = reading.numbers(cells, _BEDS, decimal=".")
    reading.report_repeated(cells, code, "repeated_code")
    cells.check()
    if beds.empty:
        raise reading.failure(path, SOURCE, [problem("no_row_of_place")])
    return reading.dated(beds.set_index(code), _year(path))


def _year(path: Path) -> str:
    """Return the year in the name of the file: nothing in the table tells it."""
    years = set(re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", path.name))
    if len(years) != 1:
        found = problem("no_year_in_name")
        raise reading.failure(path, SOURCE, [found], problem("name_with_year"))
    return str(years.pop())
