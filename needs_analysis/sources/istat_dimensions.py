"""Legal and resident population and area of each municipality on one day (ISTAT, SITUAS)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Where
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.istat_units import type_codes
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_dimensions",
    publisher="ISTAT",
    title="SITUAS: dimensione dei comuni",
    reference_date="2023-12-31",
    licence="CC BY",
    attribution="ISTAT, Sistema informativo territoriale delle unità amministrative (SITUAS)",
    retrieval="https://situas.istat.it (Comuni, dimensione)",
)
DELIVERS = Extent(italy=True)

_TEXT = {
    "municipality_code": "PRO_COM_T",
    "municipality_name": "COMUNE",
    "municipality_name_other": "COMUNE_A",
    "province_abbreviation": "SIGLA_AUTOMOBILISTICA",
    "province_code": "COD_PROV_STORICO",
    "uts_code": "COD_UTS",
    "region_code": "COD_REG",
}
_NUMBERS = {
    "legal_population": "POP_LEG",
    "area_km2": "AREA_KMQ",
    "resident_population": "POP_RES",
}
_YEARS = {
    "legal_population": "ANNO_CENSIMENTO",
    "area_km2": "ANNO_AREA",
    "resident_population": "ANNO_POP_RES",
}
_NOTHING = "null"  # what SITUAS writes for a blank


def recognises(path: Path) -> bool:
    """Return whether the file is the SITUAS table of the dimensions of municipalities."""
    return {"pro com t", "pop leg", "area kmq", "anno pop res"} <= reading.header_of(path, ",")


def read(path: Path) -> pd.DataFrame:
    """Read people and area of each municipality.

    Parameters
    ----------
    path : Path
        The table of dimensions as exported from SITUAS: CSV with commas, decimal comma in quotes.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits, of the year of the areas). Text:
        ``municipality_name``, ``municipality_name_other`` ("" if none),
        ``province_abbreviation``, ``province_code``, ``uts_code``, ``region_code``. Numbers:
        ``legal_population`` (census), ``area_km2``, ``resident_population``.
        ``attrs["reference_date"]`` is the end of the year of the residents;
        ``attrs["legal_population_year"]`` and ``attrs["area_km2_year"]`` those of the others.

    Raises
    ------
    SourceError
        If the file is not as published, or mixes years; it lists every row that is wrong.
    """
    years = {f"{name}_year": column for name, column in _YEARS.items()}
    cells = reading.delimited_file(path, SOURCE, _TEXT | _NUMBERS | years, delimiter=",")
    cells = cells.having(cells.text.replace(_NOTHING, ""))
    frame = cells.text[list(_TEXT)].copy()
    type_codes(cells, frame)
    frame[list(_NUMBERS)] = reading.numbers(cells, _NUMBERS)
    stated = {name: _year(cells, name) for name in years}
    reading.note_repeated(cells, frame["municipality_code"], "repeated_code")
    frame = cells.accepted(frame)
    frame = frame.set_index("municipality_code")
    residents = stated.pop("resident_population_year")
    frame.attrs.update(stated)
    return reading.dated(frame, f"{residents}-12-31")


def _year(cells: reading.Cells, name: str) -> str:
    """Return the one year of a column; several are a problem."""
    years = reading.matching(cells, name, "(?:19|20)[0-9]{2}", "no_year")
    several = years[years != ""].unique()
    if len(several) > 1:
        column = Where(column=cells.published[name])
        cells.problems.append(problem("several_years", column, years=tuple(several[:5])))
    return str(several[0]) if len(several) else ""
