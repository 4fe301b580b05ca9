"""The municipalities of a day as ISTAT's system of territorial units (SITUAS) lists them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import day_in
from needs_analysis.sources.istat_units import listed

SOURCE = Source(
    id="istat_situas",
    publisher="ISTAT",
    title="SITUAS, elenco dei comuni con codici e denominazioni",
    reference_date="2026-08-14",
    licence="CC BY 4.0",
    attribution="ISTAT, SITUAS - Sistema informativo territoriale delle unità amministrative",
    retrieval="https://situas.istat.it (Comuni)",
)
DELIVERS = Extent(italy=True)

_COLUMNS = {
    "municipality_code": "Codice Comune (alfanumerico)",
    "cadastral_code": "Codice catasto",
    "municipality_name": "Comune",
    "municipality_name_it": "Comune (dizione italiana)",
    "municipality_name_other": "Comune (dizione straniera)",
    "province_code": "Codice Provincia (Storico)",
    "uts_code": "Codice Provincia/Uts",
    "province_name": "Provincia/Uts",
    "province_abbreviation": "Sigla automobilistica",
    "region_code": "Codice Regione",
    "region_name": "Regione",
    "is_capital": "Capoluogo di provincia/uts",
}


def recognises(path: Path) -> bool:
    """Return whether the file is SITUAS's list of municipalities."""
    header = {"codice comune alfanumerico", "codice catasto", "capoluogo di provincia uts"}
    return header <= reading.header_of(path, ";")


def read(path: Path) -> pd.DataFrame:
    """Read the municipalities with their codes, names, province and region.

    Parameters
    ----------
    path : Path
        The CSV as exported; a day in its name (2026-08-14) is taken as the list's, which the table
        does not say.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). Text: ``cadastral_code``, ``municipality_name`` (in
        both languages), ``municipality_name_it``, ``municipality_name_other`` ("" if none),
        ``province_code`` (the historical one), ``uts_code`` (the same, but 2xx for a metropolitan
        city), ``province_name``, ``province_abbreviation``, ``region_code``, ``region_name``.
        Boolean: ``is_capital`` of the province. ``attrs["reference_date"]`` is the
        day, "" where the name of the file does not say it.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=";")
    return listed(cells, day_in(path.name))
