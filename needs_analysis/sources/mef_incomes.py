"""Income declarations (IRPEF) by municipality of residence, Ministry of Economy and Finance."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from needs_analysis.provenance import Source
from needs_analysis.sources import reading

SOURCE = Source(
    id="mef_incomes",
    publisher="Ministero dell'Economia e delle Finanze - Dipartimento delle Finanze",
    title="Redditi e principali variabili IRPEF su base comunale",
    reference_date="2021",
    licence="CC BY 3.0 IT",
    attribution="MEF - Dipartimento delle Finanze, Statistiche sulle dichiarazioni fiscali",
    retrieval="https://www.finanze.gov.it (Statistiche fiscali, open data comunali)",
)

UNKNOWN = "000000"
"""Code of the row "Mancante/errata": taxpayers whose municipality is missing or wrong."""

_CLASSES = {
    "to_0": "minore o uguale a zero euro",
    "0_10k": "da 0 a 10000 euro",
    "10_15k": "da 10000 a 15000 euro",
    "15_26k": "da 15000 a 26000 euro",
    "26_55k": "da 26000 a 55000 euro",
    "55_75k": "da 55000 a 75000 euro",
    "75_120k": "da 75000 a 120000 euro",
    "over_120k": "oltre 120000 euro",
}
_AMOUNT = " ammontare(?: in euro)?"  # the publisher names the unit in some years only
_TEXT: dict[str, str | re.Pattern[str]] = {
    "year": "Anno di imposta",
    "cadastral_code": "Codice catastale",
    "municipality_code": re.compile("codice istat(?: comune)?"),
    "municipality_name": "Denominazione Comune",
    "province_abbreviation": "Sigla Provincia",
    "region_name": "Regione",
}
_NUMBERS: dict[str, str | re.Pattern[str]] = {
    "taxpayers": "Numero contribuenti",
    "taxable_income_declarants": "Reddito imponibile - Frequenza",
    "taxable_income_eur": re.compile("reddito imponibile" + _AMOUNT),
    "net_tax_eur": re.compile("imposta netta" + _AMOUNT),
    # "Bonus" or "trattamento", as the law of the year calls it.
    "allowance_eur": re.compile("(?:trattamento|bonus) spettante" + _AMOUNT),
    "regional_surcharge_eur": re.compile("addizionale regionale(?: dovuta)?" + _AMOUNT),
    "municipal_surcharge_eur": re.compile("addizionale comunale(?: dovuta)?" + _AMOUNT),
    **{f"declarants_{k}": f"Reddito complessivo {v} - Frequenza" for k, v in _CLASSES.items()},
    **{
        f"income_{k}_eur": re.compile(f"reddito complessivo {v}{_AMOUNT}")
        for k, v in _CLASSES.items()
    },
}


def recognises(path: Path) -> bool:
    """Return whether the file is a municipal table of income declarations."""
    return {"anno di imposta", "codice catastale", "numero contribuenti"} <= reading.header_of(
        path, ";"
    )


def read(path: Path) -> pd.DataFrame:
    """Read taxpayers, incomes and taxes of each municipality.

    Parameters
    ----------
    path : Path
        ``Redditi_e_principali_variabili_IRPEF_su_base_comunale_CSV_<year>.csv`` as downloaded.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits; `UNKNOWN` for "Mancante/errata"). Text:
        ``cadastral_code``, ``municipality_name``, ``province_abbreviation``. Persons:
        ``taxpayers``, ``taxable_income_declarants`` and ``declarants_*`` by class of total income.
        EUR a year: ``taxable_income_eur``, ``net_tax_eur``, ``allowance_eur``,
        ``regional_surcharge_eur``, ``municipal_surcharge_eur`` and ``income_*_eur`` by class.
        NaN where the publisher leaves a blank: suppressed or none, it cannot be told.
        ``attrs["reference_date"]`` is the tax year.

    Raises
    ------
    SourceError
        If the file is not as published; it lists every row that is wrong.
    """
    text = reading.text_of(reading.content(path, SOURCE), path, SOURCE)
    cells = reading.delimited(text, path, SOURCE, _TEXT | _NUMBERS, delimiter=";", quoted=False)
    code = reading.codes(cells, "municipality_code", 6)
    amounts = reading.numbers(cells, _NUMBERS)
    years = reading.matching(cells, "year", "20[0-9]{2}", "non è un anno").drop_duplicates()
    if len(years) > 1:
        cells.problems.append(f"riga {years.index[1]}: più anni di imposta ({', '.join(years)})")
    reading.report_repeated(cells, code, "codice")
    cells.check()
    names = ["cadastral_code", "municipality_name", "province_abbreviation"]
    labels = cells.text[names].replace("0", "")
    # The row without municipality says so under "Regione".
    labels["municipality_name"] = labels["municipality_name"].where(
        code != UNKNOWN, cells["region_name"]
    )
    frame = pd.concat([labels, amounts], axis=1).set_index(code.rename("municipality_code"))
    return reading.dated(frame, years.iloc[0])
