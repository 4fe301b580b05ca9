"""The workbook of need says keys in words, and each number with the quality that it has."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from needs_analysis.cli.need_sheets import sheets
from needs_analysis.figures import Figures, Quality
from needs_analysis.needs.counts_book import OwnCounts
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.told.needs import tell_need
from needs_analysis.words import Voice

CODES = ["108033", "108039"]
DAY = dt.date(2026, 6, 30)
COLUMNS = {
    "counts": ["municipality_code", "group", "count", "arising", "day"],
    "compositions": ["municipality_code", "group", "composition", "count"],
    "applications": ["municipality_code", "size", "isee_band", "applications", "waiting"],
    "stock": ["municipality_code", "size", "owner", "free_ready", "day"],
    "turnover": ["municipality_code", "size", "relets", "committed", "day"],
}


def made(by_size=None, **rows):
    tables = {name: pd.DataFrame(rows.get(name, []), columns=COLUMNS[name]) for name in COLUMNS}
    panel = pd.DataFrame({"households": [5000.0, 2000.0]}, index=CODES)
    tenants = pd.DataFrame({"overburdened_tenants": [300.0, 12.0]}, index=CODES)
    burdened = Figures.of(
        tenants, quality=Quality.MODELLED, vintage="2024", low=tenants / 2, high=tenants * 2
    )
    need = of_estimates(panel, burdened, by_size=by_size)
    need = dataclasses.replace(need, book=OwnCounts(**tables, asked=pd.DataFrame(), warnings=()))
    return tell_need(need, "internal")


def sheet(told, key):
    return next(one for one in sheets(told, {"": "qui"}, Voice()) if one.key == key)


def test_dwellings_are_counted_and_what_no_size_has_is_said_in_words():
    found = sheet(made(stock=[["108033", 2, "Comune", 24, DAY]]), "posti")
    assert set(found.frame["size"]) == {"tutte", "di ogni dimensione"}
    rows = found.frame["step"] == "alloggi liberi e pronti"
    assert found.frame.loc[rows, "central"].tolist() == [24, 24]
    assert (found.quality.loc[rows, "central"] == Quality.OBSERVED).all()
    assert (found.quality.loc[~rows, "central"] == Quality.MODELLED).all()


def test_the_ends_of_a_band_are_no_numbers():
    frame = sheet(made(), "bisogno").frame
    few = frame["said"] == "10-30"
    assert few.any() and frame.loc[few, ["low", "central", "high"]].isna().all(axis=None)


def test_sizes_that_are_not_known_have_no_row():
    index = pd.MultiIndex.from_product([CODES, [1, 2]], names=["municipality_code", "size"])
    by_size = pd.DataFrame({"low": [30, np.nan] * 2, "central": [60, np.nan] * 2,
                            "high": [90, np.nan] * 2}, index=index)  # fmt: skip
    told = made(by_size).table("area", "by_size")
    assert told[["size", "central"]].to_numpy().tolist() == [[1, 120]]
    nothing = made(by_size.mask(by_size < 100)).by_size.frame
    assert nothing.empty
