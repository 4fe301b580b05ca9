"""ISTAT list of the administrative units at the 2021 census: codes, names, people, households."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.istat_sections import DATES

SOURCE = Source(
    id="istat_units",
    publisher="ISTAT",
    title="Elenco delle unità amministrative, Censimento permanente 2021",
    reference_date="2021-12-31",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Basi territoriali e variabili censuarie",
    retrieval="https://www.istat.it (Basi territoriali e variabili censuarie)",
)
DELIVERS = Extent(italy=True)

_COLUMNS = {
    "municipality_code": "PRO_COM_T",
    "cadastral_code": "COD_CATASTO",
    "municipality_name": "COMUNE",
    "municipality_name_it": "COMUNE_IT",
    "municipality_name_other": "COMUNE_A",
    "province_code": "COD_PROV_STORICO",
    "uts_code": "COD_UTS",
    "province_name": "DEN_UTS",
    "province_abbreviation": "SIGLA_AUTOMOBILISTICA",
    "region_code": "COD_REG",
    "region_name": "DEN_REG",
    "is_capital": "CC_UTS",
    "area_km2": "SUPERFICIE",
    "resident_population": "POP21",
    "households": "FAM21",
}


def recognises(path: Path) -> bool:
    """Return whether the file is the ISTAT list of units with people and households."""
    header = {"pro com t", "cod catasto", "pop21", "fam21"}
    return any(header <= set(names) for names in reading.headers_of_sheets(path))


def read(path: Path) -> pd.DataFrame:
    """Read the municipalities of Italy with their codes, names, area, people and households.

    Parameters
    ----------
    path : Path
        ``ElencoUnitaAmministrative2021.xlsx`` as downloaded.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). Text: ``cadastral_code``, ``municipality_name``
        (in both languages), ``municipality_name_it``, ``municipality_name_other`` ("" if none),
        ``province_code`` (the historical one, three digits), ``uts_code`` (the same, but 2xx for a
        metropolitan city), ``province_name``,
        ``province_abbreviation``, ``region_code``, ``region_name``. Boolean: ``is_capital`` of the
        province. Numbers: ``area_km2``, ``resident_population`` and ``households`` (2021-12-31).

    Raises
    ------
    SourceError
        If the workbook is not as published; it lists every row that is wrong.
    """
    cells = reading.sheet(path, SOURCE, _COLUMNS, key="municipality_code")
    return listed(cells, DATES[2021], numbers=("area_km2", "resident_population", "households"))


def listed(
    cells: reading.Cells, day: str, earlier: Sequence[str] = (), numbers: Sequence[str] = ()
) -> pd.DataFrame:
    """Type a list of the municipalities of a day, whichever of ISTAT's systems gives it.

    Parameters
    ----------
    cells : Cells
        Codes, names, province and region under our names.
    day : str
        The day of the list; "" where nothing says it.
    earlier : sequence of str
        Further columns of six-digit codes.
    numbers : sequence of str
        Columns of numbers.

    Raises
    ------
    SourceError
        If a code is impossible or repeated; it lists every row that is wrong.
    """
    frame = cells.text.copy()
    type_codes(cells, frame, earlier)
    _type_labels(cells, frame)
    frame = frame.assign(**reading.numbers(cells, numbers, decimal="."))
    reading.note_repeated(cells, frame["municipality_code"], "repeated_code")
    reading.note_repeated(cells, frame["cadastral_code"], "repeated_cadastral_code")
    return reading.dated(cells.accepted(frame).set_index("municipality_code"), day)


def type_codes(cells: reading.Cells, frame: pd.DataFrame, more: Sequence[str] = ()) -> None:
    """Type the codes of a list of units, and those that ``more`` names, of municipalities too."""
    widths = {"municipality_code": 6, "province_code": 3, "uts_code": 3, "region_code": 2}
    for name, width in (widths | dict.fromkeys(more, 6)).items():
        if name in frame:
            frame[name] = reading.codes(cells, name, width, key=name == "municipality_code")


def _type_labels(cells: reading.Cells, frame: pd.DataFrame) -> None:
    """Put the typed cadastral code, abbreviation and flag of the capital into a frame of units."""
    for name, known, kind in (
        ("cadastral_code", "[A-Z][0-9]{3}", "no_cadastral_code"),
        ("province_abbreviation", "[A-Z]{2}", "no_abbreviation"),
    ):
        frame[name] = reading.matching(cells, name, known, kind)
    # A flag cannot be left blank: the row goes.
    frame["is_capital"] = reading.matching(cells, "is_capital", "[01]", "no_flag", key=True) == "1"
