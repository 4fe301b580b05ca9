"""Statistical classifications of the municipalities: urbanisation, altitude, coast (ISTAT)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import day_in

SOURCE = Source(
    id="istat_classification",
    publisher="ISTAT",
    title="Classificazioni statistiche e dimensione dei comuni",
    reference_date="2023-01-01",
    licence="CC BY",
    attribution="ISTAT, Classificazioni statistiche e dimensione dei comuni",
    retrieval="https://www.istat.it (Principali statistiche geografiche sui comuni)",
)
DELIVERS = Extent(italy=True)

_COLUMNS: dict[str, str | re.Pattern[str]] = {
    # Editions differ in brackets and in dots; all keep the words.
    "municipality_code": re.compile(
        r"codice istat (?:del )?comune (?:in )?(?:formato )?(?:alfanumerico|formato alfanumerico)"
    ),
    "degree_of_urbanisation_code": re.compile("grado di urbanizzazione.*"),
    "altitude_zone_code": re.compile("zona altimetrica.*"),
    "coastal": re.compile("comune litoraneo.*"),
}


def recognises(path: Path) -> bool:
    """Return whether the file is the ISTAT workbook of classifications (.xlsx or .xls)."""
    return any(
        all(any(re.fullmatch(wanted, name) for name in names) for wanted in _COLUMNS.values())
        for names in reading.headers_of_sheets(path)
    )


def read(path: Path) -> pd.DataFrame:
    """Read the classes of each municipality.

    Parameters
    ----------
    path : Path
        ``Classificazioni-statistiche-e-dimensione-dei-comuni_<day>.xlsx`` (or ``.xls``) as
        downloaded, of any year whose edition has the degree of urbanisation.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). Text: ``degree_of_urbanisation_code`` ("1" cities,
        "2" towns and suburbs, "3" rural areas), ``altitude_zone_code`` ("1" inland mountain, "2"
        coastal mountain, "3" inland hill, "4" coastal hill, "5" plain). Boolean: ``coastal``
        (touches the sea). ``attrs["reference_date"]`` is the day that the name of a sheet, the lines
        above the header or the name of the file state ("elenco al 17022018"), "" if none does.

    Raises
    ------
    SourceError
        If the workbook is not as published; it lists every row that is wrong.
    """
    cells = reading.sheet(path, SOURCE, _COLUMNS, key="municipality_code")
    # A footnote stands alone in its row: it has text where the code would be, and no class.
    classed = (cells.text[["degree_of_urbanisation_code", "coastal"]] != "").any(axis=1)
    cells = cells.keep(classed | cells["municipality_code"].str.fullmatch("[0-9]{1,6}"))
    frame = cells.text.copy()
    frame["municipality_code"] = reading.codes(cells, "municipality_code", 6, key=True)
    classes = {"degree_of_urbanisation_code": "[123]", "altitude_zone_code": "[1-5]"}
    kinds = ("no_degree", "no_altitude_zone")
    for (name, known), kind in zip(classes.items(), kinds, strict=True):
        frame[name] = reading.matching(cells, name, known, kind)
    # A flag cannot be left blank: the row goes.
    frame["coastal"] = reading.matching(cells, "coastal", "[01]", "no_flag", key=True) == "1"
    reading.note_repeated(cells, frame["municipality_code"], "repeated_code")
    frame = cells.accepted(frame)
    day = day_in(*cells.titles, *reading.openings_of_sheets(path), path.name)
    return reading.dated(frame.set_index("municipality_code"), day)
