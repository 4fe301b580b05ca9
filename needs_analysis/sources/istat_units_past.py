"""ISTAT lists of the municipalities at the censuses of 1991 and 2001 (``.xls``)."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.istat_sections import DATES
from needs_analysis.sources.istat_units import type_codes

SOURCE = Source(
    id="istat_units_past",
    publisher="ISTAT",
    title="Elenco delle unità amministrative, Censimenti 1991 e 2001",
    reference_date="2001-10-21",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Basi territoriali e variabili censuarie",
    retrieval="https://www.istat.it (Basi territoriali e variabili censuarie)",
)
DELIVERS = Extent(italy=True)

COLUMNS = (
    "municipality_name",
    "cadastral_code",
    "province_code",
    "region_code",
    "resident_population",
    "households",
    "area_km2",
)
"""Of the lists of every census, blank or NaN where one has none."""

_COLUMNS: dict[str, str | re.Pattern[str]] = {
    "municipality_code": "PRO_COM_T",
    "municipality_name": "COMUNE",
    "province_code": "COD_PROV",
    "region_code": "COD_REG",
    "resident_population": re.compile("pop (?:1991|2001)"),
    "altitude_min_m": re.compile("altitudine ?minima"),
    "altitude_max_m": re.compile("altitudine ?massima"),
}
_NUMBERS = ["resident_population", "altitude_min_m", "altitude_max_m"]


def recognises(path: Path) -> bool:
    """Return whether the file is the ISTAT list of units of 1991 or 2001."""
    return any(
        {"pro com t", "cod prov"} <= set(names) and {"pop 1991", "pop 2001"} & set(names)
        for names in reading.headers_of_sheets(path)
    )


def read(path: Path) -> pd.DataFrame:
    """Read the municipalities of a census with their people.

    Parameters
    ----------
    path : Path
        ``ElencoUnitaAmministrative1991.xls`` or ``ElencoUnitaAmministrative2001.xls``.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits, of the day of the census). `COLUMNS`, of which
        these lists have no cadastral code (""), households and area (NaN), and
        ``altitude_min_m``, ``altitude_max_m``. Names write accents as apostrophes ("Aglie'").
        ``attrs["reference_date"]`` is the day of the census.

    Raises
    ------
    SourceError
        If the workbook is not as published; it lists every row that is wrong.
    """
    cells = reading.sheet(path, SOURCE, _COLUMNS, key="municipality_code")
    frame = cells.text.copy()
    type_codes(cells, frame)
    frame[_NUMBERS] = reading.numbers(cells, _NUMBERS, decimal=".")
    reading.note_repeated(cells, frame["municipality_code"], "repeated_code")
    frame = cells.accepted(frame)
    frame = frame.assign(cadastral_code="", households=np.nan, area_km2=np.nan)
    ordered = frame.set_index("municipality_code")[[*COLUMNS, "altitude_min_m", "altitude_max_m"]]
    return reading.dated(ordered, DATES[int(cells.published["resident_population"][-4:])])
