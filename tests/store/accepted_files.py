"""Whole files in the publishers' layouts, with faults drawn from a seed; every figure is invented.

They are written over the codes of the tables that ship, so that they cover Italy.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sources.places import EVICTIONS, MEF, classes_workbook

from needs_analysis.store import shipped

CLASSES = [
    ("minore o uguale a zero euro", "to_0"), ("da 0 a 10000 euro", "0_10k"),
    ("da 10000 a 15000 euro", "10_15k"), ("da 15000 a 26000 euro", "15_26k"),
    ("da 26000 a 55000 euro", "26_55k"), ("da 55000 a 75000 euro", "55_75k"),
    ("da 75000 a 120000 euro", "75_120k"), ("oltre 120000 euro", "over_120k"),
]  # fmt: skip
Draw = np.random.Generator
Fault = Callable[[pd.DataFrame, Draw], pd.DataFrame]


def _dropped(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    """Leave out up to four in a hundred rows."""
    return frame[draw.random(len(frame)) > draw.uniform(0, 0.04)]


def _blanked(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    """Blank cells of numbers here and there."""
    found = frame.copy()
    for name in _numbers(found):
        found.loc[draw.random(len(found)) < draw.uniform(0, 0.3), name] = ""
    return found


def _no_column(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    """Blank a whole column of numbers."""
    return frame.assign(**{draw.choice(_numbers(frame)): ""})


def _alike(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    """Give every place the same number."""
    name = draw.choice(_numbers(frame))
    return frame.assign(**{name: frame[name].iloc[0]})


def _zero(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    """Set some columns of numbers to zero."""
    names = draw.choice(_numbers(frame), size=2)
    return frame.assign(**dict.fromkeys(names, "0"))


def _shuffled(frame: pd.DataFrame, draw: Draw) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=int(draw.integers(1 << 30)))


def as_it_is(frame: pd.DataFrame, _: Draw) -> pd.DataFrame:
    return frame


FAULTS: tuple[Fault, ...] = (
    as_it_is, _dropped, _blanked, _no_column, _alike, _zero, _shuffled,
)  # fmt: skip


def _numbers(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name not in _KEYS]


_KEYS = frozenset({
    "Anno di imposta", "Codice catastale", "Codice Istat Comune", "Denominazione Comune",
    "Sigla Provincia", "Regione", "cadastral_code", "name", "comuni", "cod istat",
})  # fmt: skip


def incomes(folder: Path, draw: Draw, fault: Fault, unknown: bool = True) -> Path:
    """Write MEF's table of 2022, with the row of unknown municipalities or without."""
    table = shipped.table("incomes")
    if not unknown:
        table = table[table["cadastral_code"] != ""]
    header = MEF.read_text("utf-8").splitlines()[0].split(";")
    given = {
        "Codice catastale": "cadastral_code", "Codice Istat Comune": "municipality_code",
        "Denominazione Comune": "municipality_name", "Sigla Provincia": "province_abbreviation",
        "Regione": "province_abbreviation",
        "Numero contribuenti": "taxpayers",
        "Reddito imponibile - Frequenza": "taxable_income_declarants",
        "Reddito imponibile - Ammontare in euro": "taxable_income_eur",
        "Imposta netta - Ammontare in euro": "net_tax_eur",
        "Trattamento spettante - Ammontare in euro": "allowance_eur",
        "Addizionale regionale dovuta - Ammontare in euro": "regional_surcharge_eur",
        "Addizionale comunale dovuta - Ammontare in euro": "municipal_surcharge_eur",
    }  # fmt: skip
    for words, name in CLASSES:
        given[f"Reddito complessivo {words} - Frequenza"] = f"declarants_{name}"
        given[f"Reddito complessivo {words} - Ammontare in euro"] = f"income_{name}_eur"
    frame = pd.DataFrame({"Anno di imposta": "2022"}, index=table.index)
    for published, name in given.items():
        column = next(one for one in header if one.startswith(published))
        frame[column] = _text(table[name])
    found = fault(frame, draw)
    lines = [";".join(found), *(";".join(row) for row in found.to_numpy())]
    path = folder / "redditi_2022.csv"
    path.write_bytes("\r\n".join(lines).encode("utf-8") + b"\r\n")
    return path


def _text(column: pd.Series) -> pd.Series:
    if column.dtype.kind not in "fi":
        return column.fillna("")
    return column.map(lambda value: "" if pd.isna(value) else f"{value:.0f}").astype(str)


def quotes(folder: Path, draw: Draw, fault: Fault, semester: str = "2025/2") -> Path:
    """Write OMI quotations of a part of Italy: of some provinces, one or a few municipalities."""
    table = shipped.table("rents")
    units = shipped.table("municipalities")[["cadastral_code", "province_abbreviation"]]
    table = table.merge(units, on="cadastral_code", how="left")
    provinces = draw.choice(units["province_abbreviation"].unique(), size=draw.integers(1, 20))
    part = table[table["province_abbreviation"].isin(provinces)]
    if draw.random() < 0.3:
        part = part.sample(int(draw.integers(1, 4)), random_state=int(draw.integers(1 << 30)))
    grown = draw.uniform(0.5, 3)
    frame = pd.DataFrame({
        "cadastral_code": part["cadastral_code"], "name": part["municipality_name"],
        "low": part["price_low_eur_m2"].fillna(0) * grown,
        "high": part["price_high_eur_m2"].fillna(0) * grown,
        "rent_low": part["rent_low_eur_m2_month"].fillna(0) * grown,
        "rent_high": part["rent_high_eur_m2_month"].fillna(0) * grown,
    }).reset_index(drop=True)  # fmt: skip
    numbers = ["low", "high", "rent_low", "rent_high"]
    frame[numbers] = frame[numbers].map(lambda value: f"{value:.1f}".replace(".", ","))
    frame = fault(frame, draw)
    lines = [
        f"Quotazioni Immobiliari : Valori di Mercato - Semestre {semester} - elaborazione del 1"
    ]
    lines.append(OMI_HEADER)
    lines += [
        f"X;X;XX;;X; ;{row.cadastral_code};{row.name};B;B1;XX{n:08d};20;Abitazioni civili;NORMALE;P;"
        f"{row.low};{row.high};L;{row.rent_low};{row.rent_high};L;"
        for n, row in enumerate(frame.itertuples(index=False))
    ]
    path = folder / "QI_VALORI.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


OMI_HEADER = (
    "Area_territoriale;Regione;Prov;Comune_ISTAT;Comune_cat;Sez;Comune_amm;Comune_descrizione;Fascia;"
    "Zona;LinkZona;Cod_Tip;Descr_Tipologia;Stato;Stato_prev;Compr_min;Compr_max;Sup_NL_compr;Loc_min;"
    "Loc_max;Sup_NL_loc;"
)


def beds(folder: Path, draw: Draw, fault: Fault) -> Path:
    """Write ISTAT's table of lodgings of 2025."""
    table = shipped.table("accommodation")
    table = table[table["year"] == table["year"].max()]
    names = ["alloggi in affitto letti", "bed & breakfast letti", "totale esercizi ricettivi letti"]
    frame = pd.DataFrame({"comuni": "X", "cod istat": table["municipality_code"].to_numpy()})
    for name in names:
        frame[name] = draw.integers(0, 500, len(frame)).astype(str)
    path = folder / "istat-facilities-2025.csv"
    fault(frame, draw).to_csv(path, index=False)
    return path


def evictions(folder: Path, draw: Draw, fault: Fault) -> Path:
    """Write the ministry's table of provinces of 2025, some of which sent nothing."""
    table, names = shipped.table("evictions"), pd.read_csv(EVICTIONS, nrows=0).columns
    frame = pd.DataFrame("0", index=table.index, columns=names)
    frame["fonte"], frame["anno"], frame["scala"] = "X", "2025", "provincia"
    frame["territorio"] = frame["provincia"] = table["province_abbreviation"].to_numpy()
    motives = ("necessita_locatore", "finita_locazione", "morosita_altra_causa")
    parts = [f"{one}_{side}" for one in motives for side in ("capoluogo", "resto_provincia")]
    counts = pd.DataFrame(draw.integers(0, 300, (len(frame), 6)), columns=parts)
    if fault is not as_it_is:
        counts[draw.random(len(counts)) < 0.3] = 0
    frame[parts] = counts.astype(str)
    frame["provvedimenti_totali"] = counts.sum(axis=1).astype(str)
    for name in ("richieste_esecuzione", "sfratti_eseguiti"):
        frame[name] = draw.integers(0, 900, len(frame)).astype(str)
    path = folder / "sfratti_province_2025.csv"
    frame.to_csv(path, index=False)
    return path


def classes(folder: Path, draw: Draw, fault: Fault) -> Path:
    """Write ISTAT's workbook of classifications of 2024, some degrees another than they are."""
    table = shipped.table("classification")
    rows = [
        ("X", code, int(code), "X", zone, int(coast), 0, int(degree))
        for code, zone, coast, degree in zip(
            table["municipality_code"], table["altitude_zone_code"], table["coastal"],
            draw.permutation(table["degree_of_urbanisation_code"]), strict=True,
        )
        if fault is as_it_is or draw.random() < 0.98
    ]  # fmt: skip
    return classes_workbook(folder, rows, "Comuni 01-01-2024")


KINDS = (incomes, quotes, beds, evictions, classes)
"""What may be written: all are accepted."""
