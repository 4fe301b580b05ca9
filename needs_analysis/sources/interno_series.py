"""Evictions in Italy year by year since 2004, Ministry of the Interior."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.interno_evictions import cells_by_position, note_sums, sheet_named
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="interno_series",
    publisher="Ministero dell'Interno - Ufficio centrale di statistica",
    title="Provvedimenti esecutivi di sfratto e richieste di esecuzione, serie storica nazionale",
    reference_date="2004-2024",
    licence="Non dichiarata nel file; citare la fonte",
    attribution="Ministero dell'Interno - Ufficio centrale di statistica",
    retrieval="https://ucs.interno.gov.it (Pubblicazioni, Procedure di rilascio di immobili)",
)
DELIVERS = Extent(italy=True, places="")

_PARTS = ["orders_need", "orders_end", "orders_arrears"]
_FIGURES = [*_PARTS, "orders", "requests", "executions"]
_CSV = {
    "year": "anno",
    "orders_need": "necessita_locatore",
    "orders_end": "finita_locazione",
    "orders_arrears": "morosita_altra_causa",
    "orders": "provvedimenti_totali",
    "requests": "richieste_esecuzione",
    "executions": "sfratti_eseguiti",
}
_SHEET = "serie storica"
_SHEET_COLUMNS = ["year", *_PARTS, "orders", "_1", "requests", "_2", "executions", "_3"]
_FIRST_ROW = 7
"""Where the data begin in the ministry's sheet, counted from 1."""


def recognises(path: Path) -> bool:
    """Return whether the file holds the national series: the workbook, or its CSV."""
    if {"anno", "necessita locatore", "provvedimenti totali"} <= reading.header_of(path, ","):
        return True
    return any(reading.plain(t).startswith(_SHEET) for t in reading.openings_of_sheets(path))


def read(path: Path) -> pd.DataFrame:
    """Read the evictions of Italy by year.

    Parameters
    ----------
    path : Path
        The ministry's workbook as downloaded, or its historical series as CSV.

    Returns
    -------
    DataFrame
        Index ``year``. Orders of eviction by reason ``orders_need``, ``orders_end``,
        ``orders_arrears`` and in all ``orders``; ``requests`` of execution to the bailiff;
        ``executions`` with the bailiff. ``attrs["reference_date"]`` is "first-last".

    Raises
    ------
    SourceError
        If reasons do not sum to the total, years repeat, or cells are no numbers.
    """
    data = reading.content(path, SOURCE)
    if data.startswith(b"PK"):
        _, rows = sheet_named(path, SOURCE, _SHEET)
        cells = cells_by_position(path, SOURCE, rows, _SHEET_COLUMNS, _FIRST_ROW)
        # Footnotes follow the years; a year may carry a mark, "2020 (*)".
        cells.text["year"] = cells["year"].str.replace(r"\s*[(*].*$", "", regex=True)
        cells = cells.keep((cells["year"] != "") & (cells["orders"] != ""))
    else:
        text = reading.text_of(data, path, SOURCE)
        cells = reading.delimited(text, path, SOURCE, _CSV, delimiter=",")
    year = reading.matching(cells, "year", "(?:19|20)[0-9]{2}", "no_year", key=True)
    frame = reading.numbers(cells, _FIGURES, decimal=".")
    note_sums(cells, frame, _PARTS)
    reading.note_repeated(cells, year, "repeated_year")
    frame = cells.accepted(frame, problem("no_row_of_year"))
    tidy = frame.set_index(year.reindex(frame.index).astype("int64")).sort_index()
    return reading.dated(tidy, f"{tidy.index[0]}-{tidy.index[-1]}")
