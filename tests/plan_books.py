"""The input of a plan as an invented office fills it in: the territory is real, the numbers are not."""

from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis import territory
from needs_analysis.plans.schema import BOOKS
from needs_analysis.services.files.templates import write_book

CARATE, LISSONE, SOVICO = "108015", "108028", "108041"
AREA = "ambito:Carate Brianza"
DAY = pd.Timestamp("2026-10-31")
STOCKS = ((41, 0, 2), (12, 0, 0), (18, 4, 0), (7, 0, 0), (55, 6, 0), (94, 10, 4), (0, 0, 0), (9, 0, 0),
          (23, 0, 1), (31, 0, 0), (14, 0, 0), (20, 0, 0), (11, 0, 0))  # fmt: skip
ALER = (30, 8, 12, 0, 48, 120, 0, 5, 16, 22, 6, 14, 0)


def places(area=AREA):
    """Codes and names of an area's municipalities, by name."""
    names = territory.select(area)["municipality_name"].sort_values()
    return list(names.items())


def about(kind="annual", year=2027, name="Carate Brianza", **more):
    row = {"ambito_name": name, "kind": kind, "year": float(year)} | more
    return pd.DataFrame([row])


def stock():
    rows = []
    for (code, name), own, aler in zip(places(), STOCKS, ALER, strict=True):
        said = {"municipality_code": code, "municipality_name": name, "day": DAY}
        rows.append(said | {"owner": "municipality", "SAP": own[0], "SAS": own[1], "SAT": own[2]})
        rows.append(said | {"owner": "aler", "SAP": aler, "SAS": 0, "SAT": 0})
    return pd.DataFrame(rows).astype({"SAP": float, "SAS": float, "SAT": float})


def unit(code, owner="municipality", origin="free", units=1.0, **more):
    row = {
        "unit_code": None, "municipality_code": code, "owner": owner, "service": "SAP",
        "origin": origin, "units": units, "counted_elsewhere": np.nan, "rooms": 3.0, "day": DAY,
    }  # fmt: skip
    return row | more


def assignable():
    codes = [code for code, _ in places()]
    rows = [
        unit(codes[0], units=3.0), unit(codes[0], "aler", units=3.0, rooms=2.0),
        unit(codes[1], "aler", origin="to_become_free", units=1.0),
        unit(CARATE, units=4.0, notice=1.0),
        unit(CARATE, origin="renovation", units=2.0, rooms=4.0, notice=2.0),
        unit(CARATE, "aler", origin="as_is", units=3.0),
        unit(SOVICO, units=None, unit_code="M-07", origin="renovation", rooms=2.0),
        unit(SOVICO, units=None, unit_code="M-07", origin="to_become_free", rooms=2.0),
        unit(LISSONE, units=8.0, rooms=3.0), unit(LISSONE, origin="new", units=3.0, rooms=4.0),
        unit(LISSONE, "aler", units=6.0, rooms=2.0),
        unit(LISSONE, service="SAS", units=2.0), unit(codes[9], origin="private", units=1.0),
    ]  # fmt: skip
    return pd.DataFrame(rows)


def tables(year=2027):
    """All sheets of a yearly plan, filled in."""
    codes = [code for code, _ in places()]
    return {
        "about": about(year=year, lead_code=CARATE, aler_day=pd.Timestamp("2026-11-12"), notices=2.0),
        "stock": stock(),
        "assignable": assignable(),
        "reserves": pd.DataFrame([
            {"municipality_code": codes[0], "owner": "municipality", "indigence_units": 1.0},
            {"municipality_code": codes[0], "owner": "aler", "indigence_units": 1.0},
            {"municipality_code": CARATE, "owner": "municipality", "indigence_units": 2.0,
             "categories_percent": 20.0, "categories": "elderly;single_parent"},
            {"municipality_code": LISSONE, "owner": "municipality", "indigence_units": 3.0,
             "categories_percent": 10.0, "categories": "elderly", "transitional_units": 1.0},
            {"municipality_code": LISSONE, "owner": "aler", "indigence_units": 2.0},
        ]),
        "choices": pd.DataFrame([
            {"municipality_code": LISSONE, "police_percent": 10.0, "local_police_percent": 10.0},
            {"municipality_code": CARATE, "local_category": "nuclei in uscita da case rifugio",
             "local_reasons": "sei richieste nell'anno ai servizi sociali, nessuna risposta possibile"},
        ]),
        "measures": pd.DataFrame([
            {"measure_name": "Contributo affitto", "administration_name": "Ambito di Carate Brianza",
             "year": float(year), "budget_eur": 120_000.0, "beneficiaries": 60.0},
            {"measure_name": "Morosità incolpevole", "administration_name": "Lissone",
             "year": float(year), "budget_eur": 40_000.0, "beneficiaries": 3.0, "spent_eur": 9_000.0},
        ]),
        "assigned": pd.DataFrame([
            {"municipality_code": LISSONE, "owner": "municipality", "service": "SAP",
             "year": float(year - 1), "offered": 9.0, "assigned": 7.0},
            {"municipality_code": LISSONE, "owner": "aler", "service": "SAP",
             "year": float(year - 1), "offered": 8.0, "assigned": 8.0},
        ]),
        "applications": pd.DataFrame([
            {"municipality_code": LISSONE, "day": DAY, "size": float(size), "isee_band": band,
             "applications": count, "waiting": count - 2}
            for size, band, count in ((1, "to_3000", 31.0), (2, "to_7000", 22.0), (3, "to_7000", 6.0),
                                      (4, "to_16000", 3.0))
        ]),
        "empty": pd.DataFrame([
            {"municipality_code": LISSONE, "owner": "municipality", "day": DAY, "empty": 11.0,
             "to_repair": 6.0, "funded": 2.0},
        ]),
        "objectives": pd.DataFrame([
            {"objective": "Due alloggi per l'emergenza a Lissone", "result": "partly",
             "note": "uno è pronto, l'altro a marzo"},
        ]),
        "questions": pd.DataFrame([
            {"question": "Un solo sportello casa per i tredici comuni", "who": "Ufficio di piano",
             "by": pd.Timestamp("2027-06-30")},
        ]),
        "differences": pd.DataFrame(),
    }  # fmt: skip


def written(folder, kind="annual", name="piano.xlsx", **given):
    """Write an input as its template has it."""
    path = Path(folder) / name
    return write_book(path, BOOKS[kind], ["Dati inventati"], begun=given)
