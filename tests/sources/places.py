"""Where the test files are, and the workbooks the tests build."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
SHARED = ROOT.parent / "shared" / "data"
needs_real_files = pytest.mark.skipif(not SHARED.exists(), reason="official files not here")

MEF = DATA / "Redditi_e_principali_variabili_IRPEF_su_base_comunale_CSV_2021.csv"
MEANS = DATA / "mef_irpef_comuni_2024_inventati.csv"
REGIONAL = DATA / "REG_calcolo_irpef_2024.csv"
HOUSING = DATA / "housing_eusilc_regions.csv"
GROWTH = DATA / "crescita_residenti_province.csv"
OMI = DATA / "omi_2018_2_VALORI.csv"
UNITS_2011 = DATA / "Elenco_comuni_2011.csv"
CENSUS = DATA / "R03_indicatori_2011_areecensimento.csv"
BEDS_2019 = DATA / "istat-facilities-2019.csv"
BEDS_2024 = DATA / "istat-facilities-2024.csv"
ANPR = DATA / "ANPR_archivio_comuni.csv"
SITUAS = DATA / "situas_comuni_2026-08-14.csv"
UNITS_LIST = DATA / "Elenco-comuni-italiani_2022-05-01.csv"
VARIATIONS = DATA / "Variazioni_amministrative_territoriali_dal_01011991.csv"
EVICTIONS = DATA / "sfratti_province_2024.csv"
SERIES = DATA / "sfratti_italia_serie_storica_2004_2024.csv"

# fmt: off
UNITS_HEADER = [
    "COD_RIP", "COD_REG", "COD_PROV_STORICO", "COD_UTS", "PRO_COM_T", "PRO_COM", "COMUNE",
    "COMUNE_IT", "COMUNE_A", "DEN_REG", "DEN_UTS", "CC_REG", "CC_UTS", "SIGLA_AUTOMOBILISTICA",
    "COD_CATASTO", "POP21", "FAM21", "SUPERFICIE",
]
UNITS: list[tuple] = [
    ("1", "03", "015", "215", "015146", 15146, "Milano", "Milano", None, "Lombardia", "Milano",
     "1", "1", "MI", "F205", 1349930, 720361, 181.844995883712),
    ("1", "03", "015", "215", "015182", 15182, "Rho", "Rho", None, "Lombardia", "Milano", "0",
     "0", "MI", "H264", 50618, 23505, 22.240954264032),
    ("2", "04", "021", "021", "021008", 21008, "Bolzano/Bozen", "Bolzano", "Bozen",
     "Trentino-Alto Adige/Südtirol", "Bolzano/Bozen", "0", "1", "BZ", "A952", 106601, 49687,
     52.290883835918),
    ("2", "08", "035", "035", "035033", 35033, "Reggio nell'Emilia", "Reggio nell'Emilia", None,
     "Emilia-Romagna", "Reggio nell'Emilia", "0", "1", "RE", "H223", 169908, 79302,
     230.68037115772398),
    ("2", "08", "040", "040", "040012", 40012, "Forlì", "Forlì", None, "Emilia-Romagna",
     "Forlì-Cesena", "0", "1", "FC", "D704", 116558, 53229, 228.196837229393),
    ("3", "12", "058", "258", "058091", 58091, "Roma", "Roma", None, "Lazio", "Roma", "1", "1",
     "RM", "H501", 2749031, 1326324, 1288.18750192787),
    ("4", "15", "063", "263", "063049", 63049, "Napoli", "Napoli", None, "Campania", "Napoli",
     "1", "1", "NA", "F839", 921142, 374555, 119.242307884966),
    ("5", "19", "087", "287", "087015", 87015, "Catania", "Catania", None, "Sicilia", "Catania",
     "0", "1", "CT", "C351", 301104, 132945, 182.817972500168),
    ("5", "20", "092", "292", "092009", 92009, "Cagliari", "Cagliari", None, "Sardegna",
     "Cagliari", "1", "1", "CA", "B354", 149092, 76762, 84.823594016427),
    ("3", "09", "100", "100", "100005", 100005, "Prato", "Prato", None, "Toscana", "Prato", "0",
     "1", "PO", "G999", 195213, 80824, 97.601913826722),
    ("1", "03", "108", "108", "108012", 108012, "Brugherio", "Brugherio", None, "Lombardia",
     "Monza e della Brianza", "0", "0", "MB", "B212", 34870, 15219, 10.411937430491001),
    ("1", "03", "108", "108", "108015", 108015, "Carate Brianza", "Carate Brianza", None,
     "Lombardia", "Monza e della Brianza", "0", "0", "MB", "B729", 17788, 7690, 9.916560230376),
    ("1", "03", "108", "108", "108033", 108033, "Monza", "Monza", None, "Lombardia",
     "Monza e della Brianza", "0", "1", "MB", "F704", 121984, 56209, 33.087413552554),
    ("1", "03", "108", "108", "108041", 108041, "Sovico", "Sovico", None, "Lombardia",
     "Monza e della Brianza", "0", "0", "MB", "I878", 8314, 3577, 3.262810252979),
]
CLASSES_HEADER = (
    "Codice Regione", "Codice Istat del Comune \n(alfanumerico)",
    "Codice Istat del Comune \n(numerico)", "Denominazione (Italiana e straniera)",
    "Zona altimetrica", "Comune litoraneo", "Zone costiere", "Grado di urbanizzazione",
)
CLASSES = [
    ("03", "015146", 15146, "Milano", "5", 0, 0, 1),
    ("04", "021008", 21008, "Bolzano/Bozen", "1", 0, 0, 1),
    ("12", "058091", 58091, "Roma", "5", 1, 1, 1),
    ("15", "063049", 63049, "Napoli", "4", 1, 1, 1),
    ("03", "108015", 108015, "Carate Brianza", "3", 0, 0, 1),
]
# fmt: on


def units_workbook(
    folder: Path, rows: list[tuple] = UNITS, header: list[str] = UNITS_HEADER
) -> Path:
    path = folder / "elenco.xlsx"
    return save(path, {"Comuni2021": [tuple(header), *rows], "metadati": [("Acronimo",)]})


def classes_workbook(
    folder: Path, rows: list[tuple] = CLASSES, title: str = "Comuni 01-01-2023"
) -> Path:
    notes = [(None,) * 8, (None, "Fonte: Istat", *[None] * 6), ("(a) nota", *[None] * 7)]
    sheet = [CLASSES_HEADER, *rows, *notes]
    return save(folder / "classi.xlsx", {title: sheet, "Legenda": [("Campo",)]})


def evictions_workbook(folder: Path, provinces: Path, series: Path) -> Path:
    """Write the CSV figures in the layout of the ministry's workbook, with subtotals and notes."""
    table = pd.read_csv(provinces, keep_default_na=False, na_values={c: [""] for c in _CHANGES})
    rows = []
    for row in table.itertuples():
        figures = [getattr(row, c) for c in _PROVINCE_COLUMNS]
        rows.append((row.territorio, *[None if pd.isna(v) else v for v in figures]))
    rows.insert(2, ("Lombardia", *[9] * 12))
    rows.insert(4, ("Valle d'Aosta", *[9] * 12))
    rows += [("Totale Italia", *[9] * 12), (None,) * 13, ("(1) Dati provvisori", *[None] * 12)]
    years = pd.read_csv(series).iloc[:, 1:].astype(object)
    history = [tuple(row) for row in years.itertuples(index=False)]
    history[-1] = (f"{history[-1][0]} (*)", *history[-1][1:])
    sheets = {
        "Dati regionali 2024": [*_HEAD, ("Lombardia", *[9] * 12)],
        "Dati provinciali 2024": [*_HEAD, *rows],
        "Serie storica 2004-2024": [*_HEAD[2:], *history, ("(*) Dati provvisori",)],
    }
    return save(folder / "sfratti.xlsx", sheets)


_CHANGES = [
    "var_provvedimenti_percentuale",
    "var_richieste_percentuale",
    "var_eseguiti_percentuale",
]
_PROVINCE_COLUMNS = [
    "necessita_locatore_capoluogo",
    "necessita_locatore_resto_provincia",
    "finita_locazione_capoluogo",
    "finita_locazione_resto_provincia",
    "morosita_altra_causa_capoluogo",
    "morosita_altra_causa_resto_provincia",
    "provvedimenti_totali",
    "var_provvedimenti_percentuale",
    "richieste_esecuzione",
    "var_richieste_percentuale",
    "sfratti_eseguiti",
    "var_eseguiti_percentuale",
]
_HEAD: list[tuple] = [
    ("Provvedimenti esecutivi di sfratto",),
    (None,),
    ("Anno 2024",),
    (None,),
    ("Territorio", "Provvedimenti emessi", *[None] * 7, "Richieste di esecuzione"),
    (None, "Necessità\ndel locatore", None, "Finita locazione", None, "Morosità / altra causa"),
    (None, "Capoluogo", "Resto provincia", *[None] * 8, "Sfratti eseguiti"),
    (None,),
]


def save(path: Path, sheets: dict[str, list[tuple]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    book.close()
    return path
