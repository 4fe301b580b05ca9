"""National figures beside the checkout, in the form that the model reads."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
here = pytest.mark.skipif(not DATA.is_dir(), reason="the figures lie beside the checkout")

_TERRITORIES = {
    "Abruzzo": "13", "Basilicata": "17", "Calabria": "18", "Campania": "15", "Emilia Romagna": "08",
    "Friuli Venezia Giulia": "06", "Lazio": "12", "Liguria": "07", "Lombardia": "03", "Marche": "11",
    "Molise": "14", "Piemonte": "01", "Puglia": "16", "Sardegna": "20", "Sicilia": "19",
    "Toscana": "09", "Trentino Alto Adige(P.A.Bolzano)": "021",
    "Trentino Alto Adige(P.A.Trento)": "022", "Umbria": "10", "Valle d'Aosta": "02", "Veneto": "05",
}  # fmt: skip


def regional_incomes():
    """Return declarants and incomes of 2023 by territory and lower limit of the class."""
    if not DATA.is_dir():
        pytest.skip("the figures lie beside the checkout")
    path = DATA / "mef_regional_2023/REG_calcolo_irpef_2024.csv"
    frame = pd.read_csv(path, sep=";", encoding="latin-1", dtype=str).iloc[:, [0, 1, 3, 4]]
    frame.columns = ["band", "territory", "declarants", "income_eur"]
    for name in ("declarants", "income_eur"):
        frame[name] = frame[name].str.replace(".", "").astype(float)
    frame["territory"] = frame["territory"].map(_TERRITORIES)
    frame["limit"] = frame["band"].map(_limit)
    return frame.pivot_table(
        ["declarants", "income_eur"], index="territory", columns="limit", aggfunc="sum"
    )


def _limit(band: str) -> int:
    found = re.match(r"(?:da|oltre) (\d[\d.]*)", band)
    return int(found[1].replace(".", "")) if found else -1


def survey():
    """Return persons over 40 % and renting households by territory and year, 0-1."""
    path = DATA / "istat_bes_eusilc_regions/housing_eusilc_regions_2018_2025.csv"
    frame = pd.read_csv(path, dtype={"region_code": str})
    named = {"housing_cost_overburden": "overburden_share", "households_renting": "renting_share"}
    frame = frame[frame["indicator"].isin(named) & (frame["territory"] != "Italia")]
    frame = frame.assign(territory=frame["region_code"].fillna(frame["territory"]))
    wide = frame.pivot_table(index=["territory", "year"], columns="indicator", values="value") / 100
    return wide.rename(columns=named).rename_axis(columns=None).reset_index()


def later_means():
    """Return comprehensive income of 2024 by municipality."""
    path = DATA / "mef_2024/mef_irpef_comuni_2024.csv"
    frame = pd.read_csv(
        path, dtype={"codice_istat": str}, keep_default_na=False, na_values=[""]
    ).set_index("codice_istat")
    return pd.DataFrame(
        {
            "comprehensive_declarants": frame["reddito_complessivo_freq"].astype(float),
            "comprehensive_income_eur": frame["reddito_complessivo_ammontare_eur"].astype(float),
        }
    )
