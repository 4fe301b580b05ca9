"""ISTAT list of municipalities at the 2011 census: the people that weigh those merged since."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.istat_sections import DATES

SOURCE = Source(
    id="istat_units_2011",
    publisher="ISTAT",
    title="Elenco dei comuni, Censimento 2011: popolazione legale",
    reference_date="2011-10-09",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Basi territoriali e variabili censuarie",
    retrieval="https://www.istat.it (Basi territoriali e variabili censuarie)",
)
DELIVERS = Extent(italy=True, places="cadastral_code")

_COLUMNS = {
    "cadastral_code": "CODICE_\nCATASTALE",
    "municipality_name": "NOME",
    "residents_2011": "POP_2011",
}


def recognises(path: Path) -> bool:
    """Return whether the file is the ISTAT list of municipalities of the 2011 census."""
    # Several of its headers hold a line break: the names looked for stand on the first lines.
    first = reading.plain(reading.decode(reading.opening(path)[:2000]))
    return "pro com 103" in first and "pop 2011" in first


def read(path: Path) -> pd.DataFrame:
    """Read the legal population of 2011 by municipality.

    Parameters
    ----------
    path : Path
        ``Elenco_comuni_2011.csv`` as downloaded.

    Returns
    -------
    DataFrame
        Indexed by cadastral_code: municipality_name and residents_2011 (persons).

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=";")
    cells = cells.keep(cells["municipality_name"] != "")
    codes = reading.matching(
        cells, "cadastral_code", "[A-Z][0-9]{3}", "no_cadastral_code", key=True
    )
    reading.note_repeated(cells, codes, "repeated_cadastral_code")
    numbers = reading.numbers(cells, ["residents_2011"])
    frame = cells.accepted(pd.concat([codes, cells["municipality_name"], numbers], axis=1))
    return reading.dated(frame.set_index("cadastral_code"), DATES[2011])
