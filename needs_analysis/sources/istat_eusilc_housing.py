"""Persons over 40 % of income for housing, and renting households, by region and year: EU-SILC."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_eusilc_housing",
    publisher="ISTAT",
    title="EU-SILC: sovraccarico del costo dell'abitazione (SDG-222) e famiglie in affitto, per regione",
    reference_date="2018-2025",
    licence="CC BY 4.0",
    attribution="ISTAT, Indagine sul reddito e le condizioni di vita (EU-SILC)",
    retrieval="https://github.com/nmaiese/diset-viz (SDG-222; 33_290_DF_DCCV_TITGODABIT_6)",
)
DELIVERS = Extent(italy=True, places="")

_COLUMNS = {
    "indicator": "indicator",
    "region_code": "region_code",
    "territory": "territory",
    "year": "year",
    "value": "value",
}
_SHARES = {"housing_cost_overburden": "overburden_share", "households_renting": "renting_share"}
_MACRO_AREAS = ("Nord", "Centro", "Mezzogiorno")


def recognises(path: Path) -> bool:
    """Return whether the file holds the two series, one under the other."""
    return {"source code", "indicator", "region code", "nuts2", "territory"} <= reading.header_of(
        path, ","
    )


def read(path: Path) -> pd.DataFrame:
    """Read the two shares of each region and macro-area by year.

    Parameters
    ----------
    path : Path
        One row an indicator, territory and year, per cent.

    Returns
    -------
    DataFrame
        Index ``territory`` (region code, or Nord, Centro, Mezzogiorno) and ``year``:
        ``overburden_share`` of persons whose housing costs over 40 % of net income, with utilities;
        ``renting_share`` of households. 0-1; NaN where ISTAT has too small a sample.
        ``attrs["reference_date"]`` is "first-last".

    Raises
    ------
    SourceError
        A year or a share is none, or a row stands twice.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=",")
    place = cells["region_code"].where(cells["region_code"] != "", cells["territory"])
    regional = (cells["region_code"] != "") | cells["territory"].isin(_MACRO_AREAS)
    cells = cells.keep(regional & cells["indicator"].isin(_SHARES))
    year = reading.matching(cells, "year", "(?:19|20)[0-9]{2}", "no_year", key=True)
    values = reading.numbers(cells, ["value"], decimal=".")["value"] / 100
    place = place.reindex(cells.text.index)
    named = cells["indicator"] + "/" + place + "/" + year
    reading.note_repeated(cells, named, "repeated_series")
    cells.check()
    if odd := cells.odd.found():  # what lacks a cell has no totals
        raise reading.failure(path, SOURCE, odd)
    if cells.text.empty:
        raise reading.failure(path, SOURCE, [problem("no_row_of_year")])
    frame = pd.DataFrame(
        {"territory": place, "year": year.astype("int64"), "value": values,
         "share": cells["indicator"].map(_SHARES)}
    )  # fmt: skip
    wide = frame.pivot_table("value", ["territory", "year"], "share", aggfunc="first")
    tidy = wide.reindex(columns=list(_SHARES.values())).rename_axis(columns=None)
    return reading.dated(tidy, f"{frame['year'].min()}-{frame['year'].max()}")
