"""Files that the tests write in the layouts of the publishers; every figure in them is invented."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
from shapely.geometry import MultiPolygon, box

from .places import save

KEYS = {
    1991: ["sez1991", "cod_pro", "cod_com", "pro_com", "sezione"],
    2001: ["sez2001", "cod_pro", "cod_com", "pro_com", "sezione"],
    2021: ["CODREG", "REGIONE", "CODPRO", "PROVINCIA", "CODCOM", "COMUNE", "PROCOM", "SEZ21_ID"],
}
VARIABLES = {
    1991: [
        *(f"p{i}" for i in range(1, 157)),
        *(f"a{i}" for i in range(1, 29)),
        *(f"pf{i}" for i in range(1, 11)),
        *(f"st{i}" for i in (1, 6, 9, 12, 13, 14, 15, 16)),
    ],
    2001: [
        *(f"p{i}" for i in range(1, 139) if i not in (63, 67)),
        *(f"a{i}" for i in [*range(1, 8), *range(9, 26), 44]),
        *(f"e{i}" for i in range(1, 25) if i not in (5, 8)),
        *(f"pf{i}" for i in range(1, 10)),
        *(f"st0{i}" for i in range(1, 8)),
    ],
    2021: [
        *(f"P{i}" for i in [*range(1, 4), *range(14, 46), *range(67, 104)]),
        *(f"IT{i}" for i in range(1, 13)),
        *["ST1", "ST2", "ST2_B", *(f"ST{i}" for i in [*range(3, 6), *range(16, 34)])],
        *(f"PF{i}" for i in [1, *range(3, 9)]),
        "A2",
    ],
}
# Municipality and section; the value of a variable is its place in the header plus the section.
SECTIONS = [(7001, 1), (7001, 2), (7002, 1)]


def sections(folder: Path, year: int, end: str = "\n") -> Path:
    """Write three sections in two municipalities as ISTAT publishes those of the census."""
    lines = [";".join([*KEYS[year], *VARIABLES[year]])]
    for town, number in SECTIONS:
        code = f"{town}{number:07d}"
        old = [code, str(town // 1000), str(town % 1000), str(town), str(number)]
        new = ["2", "Valle d'Aosta/Vallée", "7", "Aosta", str(town % 1000), "Étroubles", str(town)]
        keys = [*new, code] if year == 2021 else old
        values = (str(place + number) for place in range(len(VARIABLES[year])))
        lines.append(";".join([*keys, *values]))
    path = folder / f"R02_{year}.csv"
    path.write_bytes((end.join(lines) + end).encode("latin-1"))
    return path


def value(year: int, column: str, town: int) -> int:
    """Return the sum of a variable over the sections of a municipality, as they were written."""
    place = VARIABLES[year].index(column)
    return sum(place + number for code, number in SECTIONS if code == town)


POSAS_TITLE = (
    "Popolazione residente per età, sesso e stato civile al 1° gennaio 2025 - Dati stimati"
)
POSAS_HEADER = "Codice comune;Comune;Età;Totale maschi;Totale femmine;Totale"


def posas(
    folder: Path, *, quoted: bool = False, title: str = POSAS_TITLE, note: bool = True
) -> Path:
    """Write two municipalities, a man and two women of each age, as demo.istat.it does."""
    rows = []
    for code, name in (("001001", "Agliè"), ("063049", "Napoli")):
        rows += [(code, name, age, 1, 2, 3) for age in range(101)]
        rows.append((code, name, 999, 101, 202, 303))
    mark = '"' if quoted else ""
    lines = [title, POSAS_HEADER, *(_joined(row, mark) for row in rows)]
    if note:
        lines.append("Dati provvisori. Il dato di Napoli è stato rivisto")
    path = folder / "POSAS_2025_it_Comuni.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _joined(row: tuple, mark: str) -> str:
    return ";".join(f"{mark}{one}{mark}" if isinstance(one, str) else str(one) for one in row)


MILA_HEADER = (
    "AnnoCP;Livello territoriale;Codice Regione 2011;Codice Provincia 2011;Codice comune 2011;"
    "Denominazione del territorio;P1;P13;A1;A6;A14;L4;M1"
)
MILA_ROWS = [
    "1991;1;1;1;1001;Agliè;2.623;150,5;60,0;20,1;5,5;-;50,1",
    "2001;1;1;1;1001;Agliè;2.574;160,0;65,5;22,0;1,0;15,5;50,2",
    "2011;1;1;1;1001;Agliè;2.644;170,0;74,3;28,7;0,3;12,0;50,3",
    "2011;1;15;63;63049;Napoli;962.003;113,4;50,1;35,0;4,2;34,9;60,0",
    "2011;2;15;63;;Napoli;3.054.956;;;;;;",
]


def mila(folder: Path) -> Path:
    """Write indicators as 8milaCensus exports them: cp1252, blank rows of separators at the end."""
    path = folder / "confini_01.csv"
    blank = [";" * 12] * 40
    path.write_bytes("\r\n".join([MILA_HEADER, *MILA_ROWS, *blank, ""]).encode("cp1252"))
    return path


def mef(folder: Path, header: str, rows: list[str], name: str = "mef.csv") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join([header, *rows, ""]).encode("ascii"))
    return path


def boundaries(folder: Path, layer: str = "Com01012021_g_WGS84", **options) -> Path:
    """Write a zip with a shapefile of three squares as ISTAT packs it."""
    crs = options.pop("crs", 32_632)
    columns = {
        "COD_REG": [3, 3, 3],
        "PRO_COM": [15146, 15182, 108033],
        "PRO_COM_T": ["015146", "015182", "108033"],
        "COMUNE": ["Milano", "Rho", "Monza"],
    } | options.pop("columns", {})
    squares = [MultiPolygon([box(i, 0, i + 1, 1)]) for i in range(3)]
    frame = gpd.GeoDataFrame(
        {name: values for name, values in columns.items() if values is not None},
        geometry=options.pop("geometry", squares),
        crs=crs or 32_632,
    )
    shapes = folder / layer
    shapes.mkdir()
    frame.to_file(shapes / f"{layer}.shp", engine="pyogrio")
    path = folder / "Limiti01012021_g.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Limiti01012021_g/Reg01012021_g/Reg01012021_g_WGS84.shp", b"x")
        for part in sorted(shapes.iterdir()):
            if part.suffix == ".prj" and crs is None:
                continue
            archive.write(part, f"Limiti01012021_g/Com01012021_g/{part.name}")
    return path


def section_points(folder: Path, layer: str = "R03_21_WGS84", **options) -> Path:
    """Write a zip with a shapefile of three sections of Brugherio, invented squares and people.

    They lie in the invented perimeters of ``omi_2018_2_perimetri_inventati_B212.kml``: in the ring of
    B1, in its hole (D1) and outside of both.
    """
    corners = [(9.3002, 45.5502), (9.3015, 45.5515), (9.31, 45.55)]
    squares = gpd.GeoSeries([box(x, y, x + 5e-4, y + 5e-4) for x, y in corners], crs=4326)
    columns = {
        "PRO_COM": [108012, 108012, 108012],
        "SEZ21_ID": [1080120000001.0, 1080120000002.0, 1080120000003.0],
        "POP21": [300, 100, 7],
    } | options.pop("columns", {})
    frame = gpd.GeoDataFrame(
        {name: values for name, values in columns.items() if values is not None},
        geometry=options.pop("geometry", squares.to_crs(32_632).to_list()),
        crs=32_632,
    ).to_crs(options.pop("crs", 32_632))
    shapes = folder / layer
    shapes.mkdir()
    frame.to_file(shapes / f"{layer}.shp", engine="pyogrio")
    path = folder / "R03_21.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shapes.iterdir()):
            archive.write(part, f"SHP/{part.name}")
    return path


def beds_workbook(folder: Path, renamed: dict[str, str] | None = None) -> Path:
    """Write ISTAT's workbook of beds, years under each other, in the layout of a public parser.

    The beds in rented lodgings are the year, those in bed and breakfasts 20, all 9000.
    """
    kinds = ["totale alberghi", "campeggi", "alloggi in affitto", "bed & breakfast", ""]
    kinds = [(renamed or {}).get(kind, kind) for kind in kinds]
    keys = ["Anno/Year", "Cod. Rip.", "Cod. Reg.", "Regione", "Cod. Prov.", "Provincia", "Comune",
            "Cod. Istat"]  # fmt: skip
    blank = [None] * len(keys)
    pair = ["Esercizi/Establishments", "Letti/Beds"]
    rows: list[list] = [
        ["Capacità degli esercizi ricettivi - Anni 2023-2025"],
        [],
        [*blank, "ESERCIZI ALBERGHIERI", *[None] * 7, "TOTALE ESERCIZI RICETTIVI", None],
        [],
        [*blank, *(cell for kind in kinds for cell in (kind or None, None))],
        [*keys, *pair * len(kinds)],
    ]
    for year in (2025, 2024, 2023):
        rows.append([year, None, None, "ITALIA", None, "TOTALE", None, None, *[1] * 10])
        for name, code in (("Monza", "108033"), ("Brugherio", "108012")):
            place = [1, "030", "Lombardia", "108", "Monza e della Brianza", name, code]
            rows.append([year, *place, 1, 7, 1, 8, 1, year, 1, 20, 9, 9000])
    path = folder / "Capacità comunale 2002-2025.xlsx"
    return save(path, {"Note": [("a",)], "Capacità ricettiva": [tuple(row) for row in rows]})
