"""ISTAT list of the municipalities of Italy: codes, earlier codes, names, province and region."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import day_in
from needs_analysis.sources.istat_units import listed

SOURCE = Source(
    id="istat_units_list",
    publisher="ISTAT",
    title="Elenco dei comuni italiani: codici statistici e denominazioni",
    reference_date="2024-02-24",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Codici dei comuni, delle province e delle regioni",
    retrieval="https://www.istat.it (Codici dei comuni, delle province e delle regioni)",
)
DELIVERS = Extent(italy=True)

# Headers carry notes, "(1)", and line breaks, which are compared away.
_COLUMNS: reading.Wanted = {
    "municipality_code": "Codice Comune formato alfanumerico",
    "cadastral_code": "Codice Catastale del comune",
    "municipality_name": "Denominazione (Italiana e straniera)",
    "municipality_name_it": "Denominazione in italiano",
    "municipality_name_other": "Denominazione altra lingua",
    "province_code": re.compile(r"codice provincia storico(?: \d)?"),
    "uts_code": re.compile(r"codice dell unita territoriale sovracomunale(?: .*)?"),
    "province_name": re.compile(r"denominazione dell unita territoriale sovracomunale(?: .*)?"),
    "province_abbreviation": "Sigla automobilistica",
    "region_code": "Codice Regione",
    "region_name": "Denominazione Regione",
    "is_capital": re.compile(r"flag comune capoluogo di provincia.*"),
    # As many provinces stood in different years, which the header names: the lists of 2026 have
    # "107 Province (dal 2017 al 2025)" beside "107 Province (dal 2006 al 2009)".
    "municipality_code_2010": re.compile(
        r"codice comune numerico con 110 province(?!.*\b20(?:1[7-9]|[2-9])).*"
    ),
    "municipality_code_2006": re.compile(
        r"codice comune numerico con 107 province(?!.*\b20[1-9]).*"
    ),
    "municipality_code_1995": re.compile(
        r"codice comune numerico con 103 province(?!.*\b20(?:0[6-9]|[1-9])).*"
    ),
}
_EARLIER = ("municipality_code_2010", "municipality_code_2006", "municipality_code_1995")


def recognises(path: Path) -> bool:
    """Return whether the file is ISTAT's list of the municipalities of Italy."""
    # Some headers hold a line break: the names looked for stand on the first lines.
    texts = [reading.decode(reading.opening(path)[:4000])]
    for rows in reading.openings_of_sheets(path).values():
        texts += [" ; ".join(row) for row in rows]
    wanted = ("codice comune formato alfanumerico", "codice catastale del comune")
    return any(all(one in reading.plain(text) for one in wanted) for text in texts)


def read(path: Path) -> pd.DataFrame:
    """Read the municipalities with their codes, names, province and region.

    Parameters
    ----------
    path : Path
        ``Elenco-comuni-italiani.csv``, ``.xls`` or ``.xlsx`` as downloaded, of any year since 2019.
        The name of the sheet says the day ("CODICI al 22_01_2024"); for a CSV that of the file.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). Text: ``cadastral_code``, ``municipality_name`` (in
        both languages), ``municipality_name_it``, ``municipality_name_other`` ("" if none),
        ``province_code`` (the historical one), ``uts_code`` (the same, but 2xx for a metropolitan
        city), ``province_name``, ``province_abbreviation``, ``region_code``, ``region_name``, and
        the codes with earlier provinces ``municipality_code_2010`` (2010-2016),
        ``municipality_code_2006`` (2006-2009), ``municipality_code_1995`` (1995-2005).
        Boolean: ``is_capital`` of the province. ``attrs["reference_date"]`` is the
        day, "" where neither says it.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    if reading.opening(path).startswith((b"PK", reading.OLE)):
        cells = reading.sheet(path, SOURCE, _COLUMNS, key="municipality_code")
    else:
        cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=";")
    return listed(cells, day_in(*cells.titles, path.name), _EARLIER)
