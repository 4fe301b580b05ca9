"""Declared incomes by region and thirty-four classes, later than the classes of municipalities."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.sources.days import year_in

SOURCE = Source(
    id="mef_regional_incomes",
    publisher="Ministero dell'Economia e delle Finanze - Dipartimento delle Finanze",
    title="Dichiarazioni IRPEF 2024, calcolo dell'imposta per regione e classi di reddito",
    reference_date="2023",
    licence="CC BY 3.0 IT",
    attribution="MEF - Dipartimento delle Finanze, Statistiche sulle dichiarazioni fiscali",
    retrieval="https://github.com/leopoldinho/dati_fiscali (REG_calcolo_irpef_2024.csv)",
)
DELIVERS = Extent(italy=True, places="")

TERRITORIES = {
    "piemonte": "01", "valle d aosta": "02", "lombardia": "03",
    "trentino alto adige p a bolzano": "021", "trentino alto adige p a trento": "022",
    "veneto": "05", "friuli venezia giulia": "06", "liguria": "07", "emilia romagna": "08",
    "toscana": "09", "umbria": "10", "marche": "11", "lazio": "12", "abruzzo": "13", "molise": "14",
    "campania": "15", "puglia": "16", "basilicata": "17", "calabria": "18", "sicilia": "19",
    "sardegna": "20",
}  # fmt: skip
"""Code of the region, or of the province of Trento and of Bolzano, by the name in plain letters."""
UP_TO_0 = -1
_UNPLACED = "mancante errata"
_COLUMNS = {
    "band": "Classi di reddito complessivo in euro",
    "territory": "Regione",
    "declarants": "Reddito complessivo - Frequenza",
    "income_eur": "Reddito complessivo - Ammontare in euro",
}


def recognises(path: Path) -> bool:
    """Return whether the file holds total income by class and region."""
    wanted = {reading.plain(name) for name in _COLUMNS.values()}
    return wanted <= reading.header_of(path, ";")


def read(path: Path) -> pd.DataFrame:
    """Read declarants and total income of each region by class.

    Parameters
    ----------
    path : Path
        ``REG_calcolo_irpef_<year>.csv``: a row a class and region, dots between thousands.

    Returns
    -------
    DataFrame
        Index ``territory_code`` (the region; the provinces of Trento and Bolzano apart) and
        ``class_code``, from "00" up: ``income_from_eur``, the lower limit of the class, blank for
        those up to 0, which are one, as their losses are; ``declarants`` with a total income;
        ``income_eur``.
        ``attrs["reference_date"]`` is the tax year, the one before that of the declarations in the
        file's name; "" where the name has none.

    Raises
    ------
    SourceError
        A region or a class is not one of these, a class stands twice, or cells are no numbers.
    """
    cells = reading.delimited_file(path, SOURCE, _COLUMNS, delimiter=";")
    cells.text["territory"] = cells["territory"].map(reading.plain)
    cells = cells.keep(cells["territory"] != _UNPLACED)
    for name in ("band", "declarants", "income_eur"):
        cells.text[name] = cells[name].str.replace(".", "", regex=False)
    territory = reading.matching(cells, "territory", "|".join(TERRITORIES), "no_region", key=True)
    band = reading.matching(
        cells, "band", r"minore di -\d+|da -\d+ a 0|zero|da \d+ a \d+|oltre \d+", "no_income_class",
        key=True,
    )  # fmt: skip
    reading.note_repeated(cells, territory + " " + band, "repeated_class")
    frame = reading.numbers(cells, ["declarants", "income_eur"], decimal=",")
    cells.check()
    if odd := cells.odd.found():  # what lacks a cell has no totals
        raise reading.failure(path, SOURCE, odd)
    found = band.str.extract(r"^(?:da|oltre) (\d+)")[0].astype("float64")
    frame["territory_code"] = territory.map(TERRITORIES)
    frame["income_from_eur"] = found.fillna(UP_TO_0).astype("int64")
    tidy = frame.groupby(["territory_code", "income_from_eur"], as_index=False).sum()
    place = tidy["income_from_eur"].rank(method="dense").astype("int64") - 1
    tidy["class_code"] = place.map("{:02d}".format).astype("str")
    # Losses are no income, and their class has no lower limit.
    up_to_0 = tidy["income_from_eur"] == UP_TO_0
    columns = ["income_from_eur", "income_eur"]
    tidy[columns] = tidy[columns].astype("float64").mask(up_to_0)
    declared = year_in(path.name)
    tax_year = str(int(declared) - 1) if declared else ""
    return reading.dated(tidy.set_index(["territory_code", "class_code"]), tax_year)
