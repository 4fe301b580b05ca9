"""Market values and rents by zone, type of dwelling and state: OMI of the Agenzia delle Entrate."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.errors import SourceError
from needs_analysis.provenance import Source
from needs_analysis.sources import reading

SOURCE = Source(
    id="omi_values",
    publisher="Agenzia delle Entrate - Osservatorio del Mercato Immobiliare",
    title="Quotazioni immobiliari: valori di mercato",
    reference_date="2018/2",
    licence="Libero utilizzo con citazione della fonte; nessuna licenza aperta dichiarata",
    attribution="Agenzia delle Entrate - OMI",
    retrieval="https://www.agenziaentrate.gov.it (area riservata, Forniture dati OMI)",
)

_CAPTION = re.compile(r"Quotazioni Immobiliari\W+Valori di Mercato", re.IGNORECASE)
_SEMESTER = re.compile(r"Semestre\s+(\d{4}/[12])\b", re.IGNORECASE)
_COLUMNS = {
    "cadastral_code": "Comune_amm",
    "municipality_name": "Comune_descrizione",
    "province_abbreviation": "Prov",
    "zone_code": "Zona",
    "zone_link": "LinkZona",
    "band_code": "Fascia",
    "typology_code": "Cod_Tip",
    "state": "Stato",
    "is_prevalent": "Stato_prev",
    "sale_low_eur_m2": "Compr_min",
    "sale_high_eur_m2": "Compr_max",
    "sale_surface_code": "Sup_NL_compr",
    "rent_low_eur_m2_month": "Loc_min",
    "rent_high_eur_m2_month": "Loc_max",
    "rent_surface_code": "Sup_NL_loc",
}
_QUOTES = [name for name in _COLUMNS if "_eur_" in name]


def recognises(path: Path) -> bool:
    """Return whether the file is a VALORI table, or a zip that holds one."""
    start = reading.opening(path)
    if not start.startswith(b"PK"):
        return _is_values(start)
    try:
        with zipfile.ZipFile(path) as archive:
            return any(_is_values(_first_bytes(archive, m)) for m in archive.infolist())
    except Exception:  # a damaged archive raises what zip, zlib and the file system raise
        return False


def _is_values(start: bytes) -> bool:
    return _CAPTION.match(reading.decode(start[:200]).lstrip()) is not None


def _first_bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(200)


def read(path: Path) -> pd.DataFrame:
    """Read the quotations of one semester, a row by zone, type and state.

    The name of the downloaded zip and of its members holds the tax code of who asked for it: it
    appears in no message.

    Parameters
    ----------
    path : Path
        The zip as delivered, or the CSV ``..._VALORI.csv`` in it.

    Returns
    -------
    DataFrame
        Text: ``cadastral_code``, ``municipality_name``, ``province_abbreviation`` (land-registry
        provinces), ``zone_code``, ``zone_link``, ``band_code``, ``typology_code``, ``state``,
        ``sale_surface_code`` and ``rent_surface_code`` ("L" gross, "N" net, ""). Boolean:
        ``is_prevalent``. EUR/m2: ``sale_low_eur_m2``, ``sale_high_eur_m2``. EUR/m2 a month:
        ``rent_low_eur_m2_month``, ``rent_high_eur_m2_month``. A quotation of 0 is no quotation:
        NaN. ``attrs["reference_date"]`` is the semester, "2018/2".

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    data = reading.content(path, SOURCE)
    if data.startswith(b"PK"):
        data = _values_in_zip(data, path)
    text = reading.text_of(data, path, SOURCE)
    semester = _SEMESTER.search(text.split("\n", 1)[0])
    if not _is_values(data[:200]) or semester is None:
        problem = (
            "riga 1: manca la didascalia «Quotazioni Immobiliari : Valori di Mercato - Semestre»"
        )
        raise reading.failure(path, SOURCE, [problem])
    cells = reading.delimited(
        text, path, SOURCE, _COLUMNS, delimiter=";", header_row=2, quoted=False
    )
    frame = _typed(cells)
    cells.check()
    return reading.dated(frame.reset_index(drop=True), semester[1])


def _typed(cells: reading.Cells) -> pd.DataFrame:
    frame = cells.text.copy()
    frame[_QUOTES] = reading.numbers(cells, _QUOTES).replace(0.0, np.nan)
    frame["is_prevalent"] = cells["is_prevalent"] == "P"
    reading.matching(cells, "cadastral_code", "[A-Z][0-9]{3}", "non è un codice catastale")
    reading.matching(cells, "typology_code", "[0-9]{1,3}", "non è un codice di tipologia")
    for name in ("sale_surface_code", "rent_surface_code"):
        reading.matching(cells, name, "[LN]?", "non è L (lorda) né N (netta)")
    key = frame["zone_link"] + "/" + frame["typology_code"] + "/" + frame["state"]
    reading.report_repeated(cells, key, "zona/tipologia/stato")
    return frame


def _values_in_zip(data: bytes, path: Path) -> bytes:
    """Return the one VALORI table of a delivery."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            values = [m for m in archive.infolist() if _is_values(_first_bytes(archive, m))]
            if len(values) == 1:
                return archive.read(values[0])
    except Exception:  # see `recognises`; the message must not repeat the member's name
        problem = "l'archivio zip è danneggiato o protetto"
        raise reading.failure(path, SOURCE, [problem]) from None
    raise _not_one(path, len(values))


def _not_one(path: Path, found: int) -> SourceError:
    if not found:
        return reading.failure(path, SOURCE, ["lo zip non contiene una tabella VALORI"])
    cure = "Indicare un semestre alla volta, un CSV VALORI per volta."
    return reading.failure(path, SOURCE, [f"lo zip contiene {found} tabelle VALORI"], cure)
