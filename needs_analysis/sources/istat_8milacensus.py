"""Indicators of the censuses of 1991, 2001 and 2011 by municipality: ISTAT, 8milaCensus.

Layout as public readers of the files document it (no real file at hand): see `_COLUMNS`. Only the
indicators whose meaning is established are read: ``layouts/istat_8milacensus.csv``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row
from needs_analysis.sources.istat_section_layouts import rows as layout_rows
from needs_analysis.sources.istat_sections import DATES
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_8milacensus",
    publisher="ISTAT",
    title="8milaCensus: indicatori dei censimenti ai confini del 2011",
    reference_date="2011-10-09",
    licence="CC BY 4.0",
    attribution="ISTAT, 8milaCensus",
    retrieval="https://ottomilacensus.istat.it (Download, serie ai confini 2011)",
)
DELIVERS = Extent(italy=False)

MUNICIPALITY = "1"
"""The value of "Livello territoriale" for municipalities; 2 provinces, 3 regions, 4 Italy."""

_COLUMNS = {
    "year": "AnnoCP",
    "level": "Livello territoriale",
    "municipality_code": "Codice comune 2011",
    "municipality_name": "Denominazione del territorio",
}
_CENSUSES = ("1991", "2001", "2011")
_UNKNOWN = ("", "-", "..", "...", "n.d.", "nd")
_CODE = re.compile("[a-z][0-9]{1,2}")


def recognises(path: Path) -> bool:
    """Return whether the file holds 8milaCensus indicators of municipalities (CSV or workbook)."""
    wanted = {reading.plain(name) for name in _COLUMNS.values()}
    if wanted <= reading.header_of(path, ";"):
        return True
    sheets = reading.openings_of_sheets(path).values()
    return any(wanted <= {reading.plain(cell) for cell in row} for rows in sheets for row in rows)


def read(path: Path) -> pd.DataFrame:
    """Read the indicators of each municipality at each census.

    Parameters
    ----------
    path : Path
        ``confini_<region>.csv`` or ``.xlsx`` as downloaded: cp1252, ``;``, decimal comma,
        thousands point, codes without leading zeros, blank rows at the end.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits of 2011) and ``year`` (1991, 2001, 2011). The
        columns of ``layouts/istat_8milacensus.csv`` that the file has: shares and ratios 0-1
        (published per cent), persons, years, m2. NaN where the publisher has none.
        ``attrs["reference_date"]`` is 2011-10-09, the day of the boundaries and of the last
        census; ``attrs["unread"]`` lists the indicators whose meaning is not established here.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    meanings = {row["column"]: row for row in layout_rows(f"{SOURCE.id}.csv")}
    cells, unread = _cells(path, meanings)
    cells = cells.keep((cells["level"] == MUNICIPALITY) & cells["year"].isin(_CENSUSES))
    code = reading.codes(cells, "municipality_code", 6, key=True)
    names = [name for name in cells.text.columns if name not in _COLUMNS]
    values = reading.numbers(_known(cells, names), names, decimal=".")
    reading.note_repeated(cells, code.str.cat(cells["year"], sep="/"), "repeated_place_and_year")
    values = cells.accepted(values, problem("no_row_of_census"))
    code, year = code[values.index], cells["year"][values.index]
    for row in meanings.values():
        if row["our_name"] in names and row["meaning"].endswith("(%)"):
            values[row["our_name"]] /= 100
    values.index = pd.MultiIndex.from_arrays(
        [code, year.astype("int64")], names=["municipality_code", "year"]
    )
    values.attrs["unread"] = unread
    return reading.dated(values, DATES[2011])


def _cells(path: Path, meanings: dict[str, dict[str, str]]) -> tuple[reading.Cells, list[str]]:
    """Return the known columns of the file, and the indicators that are not known."""
    if reading.opening(path).startswith((b"PK", reading.OLE)):
        sheets = reading.openings_of_sheets(path).values()
        header = [cell for rows in sheets for row in rows[:1] for cell in row]
    else:
        text = reading.text_of(reading.content(path, SOURCE), path, SOURCE)
        header = text.split("\n", 1)[0].rstrip("\r").split(";")
    published = [name.strip() for name in header if _CODE.fullmatch(reading.plain(name))]
    known = {meanings[one]["our_name"]: one for one in published if one in meanings}
    unread = [one for one in published if one not in meanings]
    if not known:
        raise reading.failure(path, SOURCE, [reading.problem("lacking_indicators", at_row(1))])
    wanted = {**_COLUMNS, **known}
    if reading.opening(path).startswith((b"PK", reading.OLE)):
        return reading.sheet(path, SOURCE, wanted, key="year"), unread
    # An export leaves thousands of rows of separators below the table.
    end = text.find("\n", len(text.rstrip("; \r\n\t")))
    full = text if end < 0 else text[: end + 1]
    return _without_points(reading.delimited(full, path, SOURCE, wanted, delimiter=";")), unread


def _without_points(cells: reading.Cells) -> reading.Cells:
    """Return the cells of a CSV as a workbook has them: no thousands point, decimal point."""
    text = cells.text.copy()
    for name in text.columns.difference(list(_COLUMNS)):
        grouped = text[name].str.fullmatch(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?")
        pointless = text[name].str.replace(".", "", regex=False)
        plain = text[name].str.fullmatch(r"-?[0-9]*(?:,[0-9]+)?")
        text[name] = text[name].where(~grouped, pointless)
        text[name] = text[name].where(
            ~(grouped | plain), text[name].str.replace(",", ".", regex=False)
        )
    return cells.having(text)


def _known(cells: reading.Cells, names: list[str]) -> reading.Cells:
    """Return the cells with blanks where the publisher says that there is no value."""
    text = cells.text.copy()
    text[names] = text[names].where(~text[names].isin(_UNKNOWN), "")
    return cells.having(text)
