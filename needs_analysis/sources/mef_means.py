"""Incomes by municipality without their classes: a selection of the ministry's columns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import one_year

SOURCE = Source(
    id="mef_means",
    publisher="Ministero dell'Economia e delle Finanze - Dipartimento delle Finanze",
    title="Redditi e principali variabili IRPEF su base comunale, scelta di colonne senza classi",
    reference_date="2024",
    licence="CC BY 3.0 IT",
    attribution="MEF - Dipartimento delle Finanze, Statistiche sulle dichiarazioni fiscali",
    retrieval="https://github.com/Italian-Builders-Org/DoveVannoINostriSoldi (mef-irpef-2024)",
)
DELIVERS = Extent(italy=True)

_TEXT = {
    "year": "anno_imposta",
    "cadastral_code": "codice_catastale",
    "municipality_code": "codice_istat",
    "municipality_name": "comune",
    "province_abbreviation": "sigla_provincia",
}
_AMOUNTS = {
    "taxpayers": "contribuenti",
    "taxable_income_declarants": "reddito_imponibile_freq",
    "taxable_income_eur": "reddito_imponibile_ammontare_eur",
    "net_tax_eur": "imposta_netta_ammontare_eur",
    "regional_surcharge_eur": "addizionale_regionale_ammontare_eur",
    "municipal_surcharge_eur": "addizionale_comunale_ammontare_eur",
    "total_income_declarants": "reddito_complessivo_freq",
    "total_income_eur": "reddito_complessivo_ammontare_eur",
}


def recognises(path: Path) -> bool:
    """Return whether the file is the selection of columns, with commas."""
    wanted = {reading.plain(name) for name in (_TEXT | _AMOUNTS).values()}
    return wanted <= reading.header_of(path, ",")


def read(path: Path) -> pd.DataFrame:
    """Read taxpayers, incomes and taxes of each municipality.

    Parameters
    ----------
    path : Path
        ``mef_irpef_comuni_<year>.csv``: one row a municipality, EUR.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits). As
        :func:`needs_analysis.sources.mef_incomes.read` has them: ``cadastral_code``,
        ``municipality_name``, ``province_abbreviation``, ``taxpayers``, ``taxable_income_*``,
        ``total_income_*``, ``net_tax_eur`` and the two surcharges; no classes, no allowance. NaN
        where the publisher leaves a blank. ``attrs["reference_date"]`` is the tax year.

    Raises
    ------
    SourceError
        If the file is not in this form; it lists every row that is wrong.
    """
    cells = reading.delimited_file(path, SOURCE, _TEXT | _AMOUNTS, delimiter=",")
    code = reading.codes(cells, "municipality_code", 6).rename("municipality_code")
    amounts = reading.numbers(cells, _AMOUNTS, decimal=".")
    year = one_year(cells, "20[0-9]{2}", "several_tax_years")
    reading.note_repeated(cells, code, "repeated_code")
    labels = cells.text[["cadastral_code", "municipality_name", "province_abbreviation"]]
    frame = cells.accepted(pd.concat([labels, amounts], axis=1))
    return reading.dated(frame.set_index(code[frame.index]), year)
