"""The zones of the property-market observatory and what they are called: OMI, Agenzia delle Entrate."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent
from needs_analysis.sources import omi_values

SOURCE = replace(
    omi_values.SOURCE, id="omi_zones", title="Quotazioni immobiliari: informazioni di zona OMI"
)
DELIVERS = Extent(italy=False, places="cadastral_code")

_CAPTION = re.compile(r"Quotazioni Immobiliari\W+Informazioni di Zona", re.IGNORECASE)
_COLUMNS = {
    "cadastral_code": "Comune_amm",
    "municipality_name": "Comune_descrizione",
    "zone_code": "Zona",
    "zone_link": "LinkZona",
    "band_code": "Fascia",
    "description": "Zona_Descr",
    "prevalent_typology_code": "Cod_tip_prev",
    "prevalent_state": "Stato_prev",
    "microzone": "Microzona",
}


def recognises(path: Path) -> bool:
    """Return whether the file is a ZONE table, or a zip that holds one."""
    return omi_values.holds(path, lambda start: omi_values.captioned(start, _CAPTION))


def read(path: Path) -> pd.DataFrame:
    """Read the zones of one semester, quoted or not, a row each.

    The name of the downloaded zip and of its members holds the tax code of who asked for it: it
    appears in no message.

    Parameters
    ----------
    path : Path
        The zip as delivered, or the CSV ``..._ZONE.csv`` in it.

    Returns
    -------
    DataFrame
        Text: ``cadastral_code``, ``municipality_name``, ``zone_code`` (unique in the municipality),
        ``zone_link``, ``band_code`` (B central, C, D, E suburban, R rural), ``description`` without
        its quotes, ``prevalent_typology_code`` ("0" none; from 101 crops), ``prevalent_state`` ("N"
        normal, "O" excellent, "S" poor, ""), ``microzone``.
        ``attrs["reference_date"]`` is the semester, "2018/2".

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.

    Notes
    -----
    Some apostrophes were lost by the publisher and read "¿": they are left as published.
    """
    cells, semester = omi_values.table(path, SOURCE, "ZONE", _CAPTION, _COLUMNS)
    frame = cells.text.copy()
    frame["description"] = _unquoted(cells["description"])
    keys = {
        "cadastral_code": ("[A-Z][0-9]{3}", "no_cadastral_code"),
        "zone_code": ("[A-Z]{1,2}[0-9]{0,3}", "no_zone"),
    }
    for name, (known, kind) in keys.items():
        frame[name] = reading.matching(cells, name, known, kind, key=True)
    typology = "prevalent_typology_code"
    frame[typology] = reading.matching(cells, typology, "[0-9]{0,3}", "no_typology")
    reading.note_repeated(
        cells, frame["cadastral_code"] + "/" + frame["zone_code"], "repeated_zone"
    )
    frame = cells.accepted(frame)
    return reading.dated(frame.reset_index(drop=True), semester)


def _unquoted(text: pd.Series) -> pd.Series:
    """Return text without the pair of single quotes around it; those within stay."""
    return text.str.replace(r"^'(.*)'$", r"\1", regex=True).str.strip()
