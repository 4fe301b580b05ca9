"""Which municipality became which: administrative changes since 1991, ISTAT."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source

SOURCE = Source(
    id="istat_variations",
    publisher="ISTAT",
    title="Variazioni amministrative e territoriali dei comuni dal 1° gennaio 1991",
    reference_date="2020",
    licence="CC BY 3.0 IT",
    attribution="ISTAT, Variazioni amministrative e territoriali dei comuni",
    retrieval="https://www.istat.it (Codici dei comuni, delle province e delle regioni)",
)
DELIVERS = Extent(italy=True, places="")

_COLUMNS = {
    "kind": "Tipo variazione",
    "old_code": "Istat vecchio",
    "old_name": "Denominazione Comune",
    "new_code": "Istat nuovo",
    "new_name": "Denominazione Comune associata alla variazione o nuova denominazione",
}


def recognises(path: Path) -> bool:
    """Return whether the file is the ISTAT list of changes since 1991."""
    return {"tipo variazione", "istat vecchio", "istat nuovo"} <= reading.header_of(path, ";")


def read(path: Path) -> pd.DataFrame:
    """Read the pairs of old and new municipality of each change, undated and as listed.

    Parameters
    ----------
    path : Path
        ``Variazioni_amministrative_territoriali_dal_01011991.csv`` as downloaded.

    Returns
    -------
    DataFrame
        A row by change, all text: ``kind`` (AP change of province, ES extinct, CS created from, CE
        territory ceded, AQ territory acquired, CD change of name), ``old_code``, ``old_name``,
        ``new_code``, ``new_name`` ("" for AP). The publisher repeats some rows; they stay.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=";")
    frame = cells.text.copy()
    frame["kind"] = reading.matching(cells, "kind", "[A-Z]{2}", "no_change_kind", key=True)
    for name in ("old_code", "new_code"):
        frame[name] = reading.codes(cells, name, 6, key=True)
    return cells.accepted(frame).reset_index(drop=True)
