"""Every municipality since 1861 with its codes and days of validity: the ANPR archive."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="anpr_archive",
    publisher="Ministero dell'Interno - ANPR",
    title="Archivio dei comuni",
    reference_date="2026-06-08",
    licence="CC BY 4.0",
    attribution="Ministero dell'Interno - ANPR, Archivio dei comuni",
    retrieval="https://www.anagrafenazionale.interno.it (Archivio comuni)",
)
DELIVERS = Extent(italy=True, places="cadastral_code")

_COLUMNS = {
    "cadastral_code": "CODCATASTALE",
    "municipality_code": "CODISTAT",
    "municipality_name": "DENOMINAZIONE_IT",
    "municipality_name_other": "ALTRADENOMINAZIONE",
    "province_abbreviation": "SIGLAPROVINCIA",
    "prefecture_code": "IDPREFETTURA",
    "valid_from": "DATAISTITUZIONE",
    "valid_to": "DATACESSAZIONE",
}


_BLANK = '""'  # as the same archive writes a blank


def recognises(path: Path) -> bool:
    """Return whether the file is the ANPR archive of municipalities."""
    header = {"dataistituzione", "datacessazione", "codistat", "codcatastale"}
    return header <= reading.header_of(path)  # the archive of 30-03-2021 has semicolons


def read(path: Path) -> pd.DataFrame:
    """Read the records of the municipalities, each with the days it holds for.

    Parameters
    ----------
    path : Path
        ``ANPR_archivio_comuni.csv`` as downloaded.

    Returns
    -------
    DataFrame
        A row by record, sorted by ``cadastral_code``, ``valid_from``, ``municipality_code``. Text:
        ``cadastral_code`` ("" where the publisher writes ND), ``municipality_code`` (six digits or
        ""), ``municipality_name``, ``municipality_name_other``, ``province_abbreviation``,
        ``prefecture_code`` (only of living municipalities). Days: ``valid_from`` and ``valid_to``
        (datetime64[s]); a record holds on day d if valid_from <= d < valid_to, and 9999-12-31 is
        an open end. ``attrs["reference_date"]`` is the last day on which a record begins or ends.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.

    Notes
    -----
    Archives of 2021 hold codes of five digits, which lost a zero, and a line with broken quotes.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS)
    cells = cells.having(cells.text.replace(_BLANK, ""))
    frame = cells.text.copy()
    known = reading.matching(cells, "cadastral_code", "[A-Z][0-9]{3}|ND|", "no_cadastral_code")
    frame["cadastral_code"] = known.replace("ND", "")
    frame["municipality_code"] = reading.restored(cells, "municipality_code", 6)
    for name in ("valid_from", "valid_to"):
        frame[name] = _days(cells, name)
    backwards = frame["valid_from"] > frame["valid_to"]
    reading.note_rows(
        cells, backwards, lambda r: problem("ends_before", end=r.valid_to, start=r.valid_from)
    )
    frame = cells.accepted(frame)
    frame = frame.sort_values(["cadastral_code", "valid_from", "municipality_code"], kind="stable")
    days = pd.concat([frame["valid_from"], frame["valid_to"]])
    last = days[days < pd.Timestamp("9999-01-01")].max()
    return reading.dated(frame.reset_index(drop=True), f"{last:%Y-%m-%d}")


def _days(cells: reading.Cells, name: str) -> pd.Series:
    days = pd.to_datetime(cells[name], format="%Y-%m-%d", errors="coerce")
    reading.note_cells(cells, name, days.isna(), "no_date", key=True)
    # Nanoseconds end in 2262: the open end 9999-12-31 needs seconds.
    return days.astype("datetime64[s]")
