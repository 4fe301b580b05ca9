"""How the residents of each province grew, by year: ISTAT's demographic indicators."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_population_growth",
    publisher="ISTAT",
    title="Indicatori demografici: tasso di crescita totale per provincia",
    reference_date="2012-2024",
    licence="CC BY 4.0",
    attribution="ISTAT, Indicatori demografici",
    retrieval="https://demo.istat.it (Indicatori demografici, serie per provincia)",
)
DELIVERS = Extent(italy=True, places="")

_COLUMNS = {"indicator": "indicator", "territory": "territory", "year": "year", "value": "value"}
_GROWTH = "tasso_di_crescita_totale"


def recognises(path: Path) -> bool:
    """Return whether the file holds the indicators one under the other, by name of the territory."""
    return reading.header_of(path, ",") == {*_COLUMNS}


def read(path: Path) -> pd.DataFrame:
    """Read the growth of residents of each territory by year.

    Parameters
    ----------
    path : Path
        One row an indicator, territory and year; territories are named, not coded.

    Returns
    -------
    DataFrame
        Index ``territory`` (the name as published) and ``year``: ``growth_per_1000`` residents.
        ``attrs["reference_date"]`` is "first-last".

    Raises
    ------
    SourceError
        A year or a rate is none, or a row stands twice.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=",")
    cells = cells.keep(cells["indicator"] == _GROWTH)
    year = reading.matching(cells, "year", "(?:19|20)[0-9]{2}", "no_year", key=True)
    rate = reading.numbers(cells, ["value"], decimal=".")["value"]
    reading.note_repeated(cells, cells["territory"] + "/" + year, "repeated_series")
    cells.check()
    if odd := cells.odd.found():
        raise reading.failure(path, SOURCE, odd)
    if cells.text.empty:
        raise reading.failure(path, SOURCE, [problem("no_row_of_year")])
    frame = pd.DataFrame(
        {"territory": cells["territory"], "year": year.astype("int64"), "growth_per_1000": rate}
    )
    tidy = frame.set_index(["territory", "year"]).sort_index()
    return reading.dated(tidy, f"{frame['year'].min()}-{frame['year'].max()}")
