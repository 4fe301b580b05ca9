"""Market values and rents by zone, type of dwelling and state: OMI of the Agenzia delle Entrate."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis import reading
from needs_analysis.errors import Problem
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row, headers
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="omi_values",
    publisher="Agenzia delle Entrate - Osservatorio del Mercato Immobiliare",
    title="Quotazioni immobiliari: valori di mercato",
    reference_date="2018/2",
    licence="Libero utilizzo con citazione della fonte; nessuna licenza aperta dichiarata",
    attribution="Agenzia delle Entrate - OMI",
    retrieval="https://www.agenziaentrate.gov.it (area riservata, Forniture dati OMI)",
)
DELIVERS = Extent(italy=False, places="cadastral_code")

BYTES_MAX = 256_000_000
"""What an archive or a document may come to; all Italy's quotations of a semester are 22 MB."""

_OPENING = 4096
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
    return holds(path, is_values)


def is_values(start: bytes) -> bool:
    """Return whether bytes open a VALORI table."""
    return captioned(start, _CAPTION)


def read(path: Path) -> pd.DataFrame:
    """Read the quotations of one semester, a row by zone, type and state.

    The name of the downloaded zip and of its members holds the tax code of who asked for it: it
    appears in no message.

    Parameters
    ----------
    path : Path
        The zip as delivered, or the CSV ``..._VALORI.csv`` in it, of any semester: the layout holds
        from 2004/2 on. The older record with "|" is read where its header names the same columns.

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
    cells, semester = table(path, SOURCE, "VALORI", _CAPTION, _COLUMNS)
    frame = cells.accepted(_typed(cells))
    return reading.dated(frame.reset_index(drop=True), semester)


def _typed(cells: reading.Cells) -> pd.DataFrame:
    frame = cells.text.copy()
    frame[_QUOTES] = reading.numbers(cells, _QUOTES).replace(0.0, np.nan)
    frame["is_prevalent"] = cells["is_prevalent"] == "P"
    keys = {
        "cadastral_code": ("[A-Z][0-9]{3}", "no_cadastral_code"),
        "typology_code": ("[0-9]{1,3}", "no_typology"),
    }
    for name, (known, kind) in keys.items():
        frame[name] = reading.matching(cells, name, known, kind, key=True)
    for name in ("sale_surface_code", "rent_surface_code"):
        frame[name] = reading.matching(cells, name, "[LN]?", "no_surface")
    key = frame["zone_link"] + "/" + frame["typology_code"] + "/" + frame["state"]
    reading.note_repeated(cells, key, "repeated_quote")
    return frame


# --- deliveries: one archive, a VALORI and a ZONE table --------------------------------------


def captioned(start: bytes, caption: re.Pattern[str]) -> bool:
    """Return whether bytes open with a caption of the publisher.

    Examples
    --------
    >>> captioned(b"Quotazioni Immobiliari : Valori di Mercato - Semestre 2018/2", _CAPTION)
    True
    """
    return caption.match(reading.decode(start[:200]).lstrip()) is not None


def table(
    path: Path, source: Source, kind: str, caption: re.Pattern[str], wanted: reading.Wanted
) -> tuple[reading.Cells, str]:
    """Return the cells of one table of a delivery and its semester.

    Parameters
    ----------
    path : Path
        The zip, or the CSV in it; fields end with ";", before 2016 with "|".
    source : Source
        For messages.
    kind : str
        "VALORI" or "ZONE".
    caption : pattern
        How the first line of the table begins.
    wanted : mapping
        Our names to the publisher's.

    Raises
    ------
    SourceError
        If there is no such table, or it lacks its caption or columns.
    """
    data = reading.content(path, source)
    shown = unnamed(path, kind)
    if data.startswith(b"PK"):
        tables = members(data, shown, source, lambda start: captioned(start, caption))
        data = _only(tables, shown, source, kind)
    text = reading.text_of(data, shown, source)
    first, _, rest = text.partition("\n")
    semester = _SEMESTER.search(first)
    if not captioned(data[:200], caption) or semester is None:
        raise reading.failure(shown, source, _without_caption(first, kind, wanted))
    header = rest.partition("\n")[0]
    delimiter = "|" if header.count("|") > header.count(";") else ";"
    cells = reading.delimited(
        text, shown, source, wanted, delimiter=delimiter, header_row=2, quoted=False
    )
    return cells, semester[1]


def unnamed(path: Path, kind: str) -> Path:
    """Return the path as it may be printed, a name that holds a tax code replaced by the kind.

    Examples
    --------
    >>> unnamed(Path("QI_1_RSSMRA80A01F205X.zip"), "ZONE").name
    'OMI ZONE'
    """
    safe = reading.safe_name(path)
    return safe if safe.name == path.name else Path(f"OMI {kind}")


def _without_caption(first: str, kind: str, wanted: reading.Wanted) -> list[Problem]:
    words = {"VALORI": "Valori di Mercato", "ZONE": "Informazioni di Zona OMI"}[kind]
    problems = [problem("no_caption", at_row(1), words=words)]
    header = {reading.plain(name) for name in re.split("[;|]", first[:5000])}
    lacking = [str(one) for one in wanted.values() if reading.plain(str(one)) not in header]
    if 0 < len(lacking) < len(wanted):
        problems.append(reading.problem("lacking_columns", at_row(1), columns=headers(lacking)))
    return problems


def _only(tables: list[bytes], path: Path, source: Source, kind: str) -> bytes:
    if len(tables) == 1:
        return tables[0]
    if not tables:
        raise reading.failure(path, source, [problem("zip_without_table", kind=kind)])
    several = problem("zip_with_tables", found=len(tables), kind=kind)
    raise reading.failure(path, source, [several], problem("one_semester", kind=kind))


# --- archives ------------------------------------------------------------------------------


def holds(path: Path, wanted: Callable[[bytes], bool]) -> bool:
    """Return whether a file, or a member of the archive that it is, opens as wanted."""
    start = reading.opening(path)
    if not start.startswith(b"PK"):
        return wanted(start)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()[: reading.zips.MOST_MEMBERS]
            return any(wanted(_opening(archive, member)) for member in infos)
    except Exception:  # a damaged archive raises what zip, zlib and the file system raise
        return False


def members(
    data: bytes, path: Path, source: Source, wanted: Callable[[bytes], bool]
) -> list[bytes]:
    """Return the members of an archive that open as wanted.

    Raises
    ------
    SourceError
        If the archive is not safe to open (:func:`reading.opened_zip`), comes to more than
        `BYTES_MAX` or holds other archives.
    """
    found: list[bytes] = []
    with reading.opened_zip(data, path, source, BYTES_MAX) as archive:
        for member in archive.infolist():
            start = _opening(archive, member)
            if start.startswith(b"PK\x03\x04"):
                inner = reading.problem("zip_in_zip")
                raise reading.failure(path, source, [inner], reading.problem("unpack_inner"))
            if wanted(start):
                found.append(archive.read(member))
    return found


def _opening(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(_OPENING)
