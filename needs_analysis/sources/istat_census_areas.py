"""Tenure and size of households by municipality: census areas of the 2011 census, ISTAT."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.istat_sections import DATES

SOURCE = Source(
    id="istat_census_areas",
    publisher="ISTAT",
    title="15° Censimento della popolazione e delle abitazioni: indicatori per area di censimento",
    reference_date="2011-10-09",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, 15° Censimento della popolazione e delle abitazioni 2011",
    retrieval="https://www.istat.it (Basi territoriali e variabili censuarie, 2011)",
)
DELIVERS = Extent(italy=False)

_COUNTS = {
    "residents_2011": "P1",
    "households_2011": "PF1",
    "renting_households_2011": "A46",
    "owning_households_2011": "A47",
    "other_tenure_households_2011": "A48",
    "large_households_2011": "PF8",
    "other_lodgings_2011": "A5",
}
_AREA = {"ace": "ACE", "codloc": "CODLOC"}
"""The part of a municipality that a row is: a census area or, in the wider file, a locality."""


def recognises(path: Path) -> bool:
    """Return whether the file holds census variables by census area (ACE) or by locality."""
    header = reading.header_of(path, ";")
    return (
        {"procom", "p1", "pf1", "a46"} <= header
        and bool(header & set(_AREA))
        and "sez2011" not in header
    )


def read(path: Path) -> pd.DataFrame:
    """Read households by tenure of the municipalities that have census areas, or of all.

    Parameters
    ----------
    path : Path
        ``R<region>_indicatori_2011_areecensimento.csv`` as downloaded, for the municipalities
        that have census areas, or ``R<region>_indicatori_2011_localita.csv``, for all.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits of 2011). Persons: ``residents_2011``. Households:
        ``households_2011``, ``renting_households_2011``, ``owning_households_2011``,
        ``other_tenure_households_2011``, ``large_households_2011`` (six members or more). Lodgings
        that are no dwelling, occupied: ``other_lodgings_2011``. The part outside the areas (ACE 0)
        is counted; a municipality with a blank area has no total (NaN).

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    text = reading.text_of(reading.content(path, SOURCE), path, SOURCE)
    header = {reading.plain(name) for name in text.split("\n", 1)[0].split(";")}
    area_code = next((name for key, name in _AREA.items() if key in header), "ACE")
    wanted = {"municipality_code": "PROCOM", "area_code": area_code, **_COUNTS}
    cells = reading.delimited(text, path, SOURCE, wanted, delimiter=";", quoted=False)
    code = reading.codes(cells, "municipality_code", 6, key=True)
    area = reading.matching(cells, "area_code", "[0-9]{0,5}", "no_area_number")
    counts = reading.numbers(cells, _COUNTS)
    reading.note_repeated(cells, code.str.cat(area, sep="/"), "repeated_area")
    counts = cells.accepted(counts)
    code = code[counts.index].rename("municipality_code")
    sums = counts.groupby(code).sum(skipna=False)
    sums.attrs = dict(counts.attrs)
    return reading.dated(sums, DATES[2011])
