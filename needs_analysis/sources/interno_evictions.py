"""Evictions by province: orders, requests of execution and executions, Ministry of the Interior."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import headers
from needs_analysis.sources.days import one_year, year_in
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="interno_evictions",
    publisher="Ministero dell'Interno - Ufficio centrale di statistica",
    title="Provvedimenti esecutivi di sfratto e richieste di esecuzione, dati provinciali",
    reference_date="2024",
    licence="Non dichiarata nel file; citare la fonte",
    attribution="Ministero dell'Interno - Ufficio centrale di statistica",
    retrieval="https://ucs.interno.gov.it (Pubblicazioni, Procedure di rilascio di immobili)",
)
DELIVERS = Extent(italy=True, places="province_abbreviation")

PARTS = [
    "orders_need_capital",
    "orders_need_rest",
    "orders_end_capital",
    "orders_end_rest",
    "orders_arrears_capital",
    "orders_arrears_rest",
]
_CHANGES = ["orders_change_share", "requests_change_share", "executions_change_share"]
_FIGURES = [
    *PARTS,
    "orders",
    "orders_change_share",
    "requests",
    "requests_change_share",
    "executions",
    "executions_change_share",
]
"""In the order of the columns of the ministry's sheet."""

_CSV = {
    "territory": "territorio",
    "scale": "scala",
    "year": "anno",
    "province_abbreviation": "provincia",
    "orders_need_capital": "necessita_locatore_capoluogo",
    "orders_need_rest": "necessita_locatore_resto_provincia",
    "orders_end_capital": "finita_locazione_capoluogo",
    "orders_end_rest": "finita_locazione_resto_provincia",
    "orders_arrears_capital": "morosita_altra_causa_capoluogo",
    "orders_arrears_rest": "morosita_altra_causa_resto_provincia",
    "orders": "provvedimenti_totali",
    "orders_change_share": "var_provvedimenti_percentuale",
    "requests": "richieste_esecuzione",
    "requests_change_share": "var_richieste_percentuale",
    "executions": "sfratti_eseguiti",
    "executions_change_share": "var_eseguiti_percentuale",
}
_SHEET = "dati provinciali"
_FIRST_ROW = 9
"""Where the data begin in the ministry's provincial sheet, counted from 1."""

_NO_CHANGE = r"(?:-+|n\.?\s?[cd]\.?|\.{2,}|…|/+|∞)"
"""What stands where there was nothing to compare with."""

_REGIONS = """Piemonte, Valle d'Aosta, Valle d'Aosta/Vallée d'Aoste, Lombardia, Liguria, Veneto,
Trentino Alto Adige, Trentino-Alto Adige/Südtirol, Friuli Venezia Giulia, Emilia Romagna, Toscana,
Umbria, Marche, Lazio, Abruzzo, Molise, Campania, Puglia, Basilicata, Calabria, Sicilia, Sardegna,
Italia"""
_PROVINCES = """AG Agrigento, AL Alessandria, AN Ancona, AO Aosta, AP Ascoli Piceno, AQ L'Aquila,
AR Arezzo, AT Asti, AV Avellino, BA Bari, BG Bergamo, BI Biella, BL Belluno, BN Benevento,
BO Bologna, BR Brindisi, BS Brescia, BT Barletta-Andria-Trani, BZ Bolzano, BZ Bolzano/Bozen,
CA Cagliari, CB Campobasso, CE Caserta, CH Chieti, CL Caltanissetta, CN Cuneo, CO Como, CR Cremona,
CS Cosenza, CT Catania, CZ Catanzaro, EN Enna, FC Forlì e Cesena, FC Forlì-Cesena, FE Ferrara,
FG Foggia, FI Firenze, FM Fermo, FR Frosinone, GE Genova, GO Gorizia, GR Grosseto, IM Imperia,
IS Isernia, KR Crotone, LC Lecco, LE Lecce, LI Livorno, LO Lodi, LT Latina, LU Lucca,
MB Monza e della Brianza, MB Monza Brianza, MB Monza e Brianza, MC Macerata, ME Messina, MI Milano,
MN Mantova, MO Modena, MS Massa Carrara, MT Matera, NA Napoli, NO Novara, NU Nuoro, OR Oristano,
PA Palermo, PC Piacenza, PD Padova, PE Pescara, PG Perugia, PI Pisa, PN Pordenone, PO Prato,
PR Parma, PT Pistoia, PU Pesaro e Urbino, PU Pesaro Urbino, PV Pavia, PZ Potenza, RA Ravenna,
RC Reggio Calabria, RC Reggio di Calabria, RE Reggio Emilia, RE Reggio nell'Emilia, RG Ragusa,
RI Rieti, RM Roma, RN Rimini, RO Rovigo, SA Salerno, SI Siena, SO Sondrio, SP La Spezia,
SR Siracusa, SS Sassari, SU Sud Sardegna, SV Savona, TA Taranto, TE Teramo, TN Trento, TO Torino,
TP Trapani, TR Terni, TS Trieste, TV Treviso, UD Udine, VA Varese, VB Verbania,
VB Verbano-Cusio-Ossola, VC Vercelli, VE Venezia, VI Vicenza, VR Verona, VT Viterbo,
VV Vibo Valentia"""
"""The ministry's spellings and, where they differ, ISTAT's."""

_REGION_NAMES = {reading.plain(name) for name in _REGIONS.split(",")}
_ABBREVIATIONS = {
    reading.plain(name[3:]): name[:2] for name in re.split(r",\s+", _PROVINCES.strip())
}


def recognises(path: Path) -> bool:
    """Return whether the file holds evictions by province: the workbook, or its CSV."""
    if {"provincia", "necessita locatore capoluogo"} <= reading.header_of(path, ","):
        return True
    return any(reading.plain(t).startswith(_SHEET) for t in reading.openings_of_sheets(path))


def read(path: Path) -> pd.DataFrame:
    """Read the evictions of each province.

    Parameters
    ----------
    path : Path
        The ministry's workbook as downloaded, or its provincial sheet as CSV.

    Returns
    -------
    DataFrame
        Index ``province_abbreviation``; Sud Sardegna is counted in Cagliari. Orders of eviction, by
        reason and place: ``orders_need_capital``, ``orders_need_rest``, ``orders_end_capital``,
        ``orders_end_rest``, ``orders_arrears_capital``, ``orders_arrears_rest``, and in all
        ``orders``; ``requests`` of execution to the bailiff; ``executions`` with the bailiff.
        Change on the year before (1 = +100 %): ``orders_change_share``, ``requests_change_share``,
        ``executions_change_share``. Zeros are as published; some look like reports not made.
        ``attrs["reference_date"]`` is the year, "" where the workbook does not say it.

    Raises
    ------
    SourceError
        If a territory is unknown, parts do not sum to the total, or cells are no numbers.
    """
    data = reading.content(path, SOURCE)
    if data.startswith(b"PK"):
        cells, year = _from_workbook(path)
    else:
        text = reading.text_of(data, path, SOURCE)
        cells = reading.delimited(text, path, SOURCE, _CSV, delimiter=",")
        cells = cells.keep(cells["scale"] == "provincia")
        year = one_year(cells)
    frame = reading.numbers(without_dashes(cells, _CHANGES), _FIGURES, decimal=".")
    frame[_CHANGES] = frame[_CHANGES] / 100
    note_sums(cells, frame, PARTS)
    province = reading.matching(
        cells, "province_abbreviation", "[A-Z]{2}", "no_abbreviation", key=True
    )
    reading.note_repeated(cells, province, "repeated_province")
    frame = cells.accepted(frame, problem("no_row_of_province"))
    return reading.dated(frame.set_index(province.reindex(frame.index)), year)


def without_dashes(cells: reading.Cells, names: list[str]) -> reading.Cells:
    """Return the cells with blanks where a change could not be computed."""
    text = cells.text.copy()
    for name in names:
        text[name] = text[name].mask(text[name].str.fullmatch(_NO_CHANGE, case=False), "")
    return cells.having(text)


def note_sums(cells: reading.Cells, frame: pd.DataFrame, parts: list[str]) -> None:
    """Note the rows whose reasons do not sum to the orders issued."""
    sums = frame[parts].sum(axis=1, skipna=False)
    bad = (sums - frame["orders"]).abs() > 0.5  # NaN is no contradiction
    reading.note_rows(cells, bad, lambda r: problem("parts_differ", total=r.orders))


def sheet_named(path: Path, source: Source, start: str) -> tuple[str, list[tuple[str, ...]]]:
    """Return title and rows of the sheet whose title begins so.

    Raises
    ------
    SourceError
        If the workbook has no such sheet.
    """
    for title, rows in reading.workbook(path, source).items():
        if reading.plain(title).startswith(start):
            return title, rows
    raise reading.failure(
        path, source, [reading.problem("lacking_sheet", sheet=start.capitalize())]
    )


def cells_by_position(
    path: Path, source: Source, rows: list[tuple[str, ...]], names: list[str], first_row: int
) -> reading.Cells:
    """Return the cells of a sheet whose many-lined header names no single column.

    Raises
    ------
    SourceError
        If the lines above the data do not speak of the reasons, requests and executions.
    """
    head = reading.plain(" ".join(" ".join(row) for row in rows[: first_row - 1]))
    words = ["necessita", "finita locazione", "morosita", "richieste", "eseguiti"]
    lacking = [word for word in words if word not in head]
    if lacking:
        found = reading.problem("lacking_header_words", last=first_row - 1, words=headers(lacking))
        raise reading.failure(path, source, [found])
    padded = [(*row, *[""] * len(names))[: len(names)] for row in rows[first_row - 1 :]]
    text = pd.DataFrame(padded, columns=names, dtype="str")
    text.index = pd.RangeIndex(first_row, first_row + len(text))
    return reading.Cells(path, source, text, {name: name for name in names})


def _from_workbook(path: Path) -> tuple[reading.Cells, str]:
    """Return the rows of provinces of the ministry's sheet, and its year."""
    title, rows = sheet_named(path, SOURCE, _SHEET)
    cells = cells_by_position(path, SOURCE, rows, ["territory", *_FIGURES], _FIRST_ROW)
    # "(1)" marks a footnote, beside a name or at the head of its own row.
    name = cells["territory"].str.replace(r"\(.*|\*+$", "", regex=True).map(reading.plain)
    figures = (cells.text[_FIGURES] != "").any(axis=1)
    subtotal = name.isin(_REGION_NAMES) | name.str.startswith("totale")
    kept = (name != "") & figures & ~subtotal
    cells = cells.keep(kept)
    abbreviation = name[kept].map(_ABBREVIATIONS).fillna("").astype("str")
    reading.note_cells(cells, "territory", abbreviation == "", "unknown_province", key=True)
    cells.check()
    known = abbreviation != ""
    tidy = replace(
        cells.having(cells.text.assign(province_abbreviation=abbreviation)[known]),
        published={**cells.published, "province_abbreviation": "territorio"},
    )
    head = " ".join(" ".join(filter(None, row)) for row in rows[: _FIRST_ROW - 1])
    others = [name for name in reading.openings_of_sheets(path) if name != title]
    return tidy, year_in(title, head, *others, path.name)
