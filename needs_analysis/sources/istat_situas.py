"""The municipalities of a day as ISTAT's system of territorial units (SITUAS) lists them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis.provenance import Source
from needs_analysis.sources import reading

SOURCE = Source(
    id="istat_situas",
    publisher="ISTAT",
    title="SITUAS, elenco dei comuni con codici e denominazioni",
    reference_date="2026-08-14",
    licence="CC BY 4.0",
    attribution="ISTAT, SITUAS - Sistema informativo territoriale delle unità amministrative",
    retrieval="https://situas.istat.it (Comuni)",
)

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
    text = reading.text_of(reading.content(path, SOURCE), path, SOURCE)
    cells = reading.delimited(text, path, SOURCE, _COLUMNS, delimiter=";")
    frame = cells.text.copy()
    widths = {"municipality_code": 6, "province_code": 3, "uts_code": 3, "region_code": 2}
    for name, width in widths.items():
        frame[name] = reading.codes(cells, name, width)
    reading.matching(cells, "cadastral_code", "[A-Z][0-9]{3}", "non è un codice catastale")
    reading.matching(cells, "province_abbreviation", "[A-Z]{2}", "non è una sigla di provincia")
    capital = reading.matching(cells, "is_capital", "[01]", "non è 0 né 1")
    frame["is_capital"] = capital == "1"
    for name, what in {"municipality_code": "codice", "cadastral_code": "codice catastale"}.items():
        reading.report_repeated(cells, frame[name], what)
    cells.check()
    day = re.search(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", path.name)
    return reading.dated(frame.set_index("municipality_code"), day[0] if day else "")
