"""The workbook of need says keys in words, and each number with the quality that it has."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from needs_analysis.figures import Figures, Quality
from needs_analysis.needs.counts_book import OwnCounts
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.reports.chapters.need_supply import sheets
from needs_analysis.reports.chapters.need_tables import groups_table
from needs_analysis.reports.chapters.need_view import NeedView
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


def every_sheet(told):
    names = {"": "qui", **dict(zip(CODES, ("Monza", "Seregno"), strict=True))}
    view = NeedView(told, Voice(), names, pd.Series(None, CODES, dtype=object))
    return {one.key: one for one in sheets(view)}


def sheet(told, key):
    return every_sheet(told)[key]


def test_dwellings_are_counted_and_what_no_size_has_is_said_in_words():
    found = sheet(made(stock=[["108033", 2, "Comune", 24, DAY]]), "bisogno divario oggi")
    assert set(found.frame["size"]) == {"tutte", "di ogni dimensione"}
    rows = found.frame["label"] == "Alloggi liberi e pronti"
    assert found.frame.loc[rows, "central"].tolist() == [24, 24]
    assert (found.quality.loc[rows, "central"] == Quality.OBSERVED).all()
    assert (found.quality.loc[~rows, "central"] == Quality.MODELLED).all()


def test_the_ends_of_a_band_are_no_numbers():
    frame = sheet(made(), "bisogno comuni").frame
    few = frame["need_affordability_band"] == "10-30"
    ends = [f"need_affordability{end}" for end in ("", "_low", "_high")]
    assert few.tolist() == [False, True] and frame.loc[few, ends].isna().all(axis=None)


def test_sizes_that_are_not_known_have_no_row():
    index = pd.MultiIndex.from_product([CODES, [1, 2]], names=["municipality_code", "size"])
    by_size = pd.DataFrame({"low": [30, np.nan] * 2, "central": [60, np.nan] * 2,
                            "high": [90, np.nan] * 2}, index=index)  # fmt: skip
    told = made(by_size).table("area", "by_size")
    assert told[["size", "central"]].to_numpy().tolist() == [[1, 120]]
    nothing = made(by_size.mask(by_size < 100)).by_size.frame
    assert nothing.empty


def test_what_offices_counted_has_its_sheets():
    compositions = [["108033", "foreclosure", "single_parent", 18]]
    counts = [["108033", "foreclosure", 61, 24, DAY]]
    found = every_sheet(made(counts=counts, compositions=compositions,
                             stock=[["108033", 2, "Comune", 24, DAY]]))  # fmt: skip
    composed = found["bisogno composizioni"].frame
    assert composed[["composition", "count"]].to_numpy().tolist() == [
        ["Un solo genitore con minori", 18]
    ]
    assert found["bisogno risposte"].frame["answer"].tolist() == [
        "contributo all'affitto",
        "una casa",
    ]


def test_a_single_municipality_has_no_second_sheet_of_the_same_rows():
    panel = pd.DataFrame({"households": [5000.0], "eviction_orders": [40.0]}, index=CODES[:1])
    told = tell_need(of_estimates(panel))
    view = NeedView(told, Voice(), {}, pd.Series(None, CODES[:1], dtype=object))
    found = {one.key: one for one in sheets(view)}
    assert not {"bisogno comuni", "bisogno in un anno"} & {*found}
    year = found["bisogno"].frame.loc[
        "need_eviction_order", ["year_low", "year_central", "year_high"]
    ]
    assert year.tolist() == [40, 40, 40]


def test_a_number_without_the_confidential_counts_says_so_on_the_page_and_in_the_sheet():
    panel = pd.DataFrame({"households": [5000.0, 2000.0]}, index=CODES)
    own = pd.DataFrame([[CODES[0], "foreclosure", 3, DAY], [CODES[1], "foreclosure", 12, DAY]],
                       columns=["municipality_code", "group", "count", "day"])  # fmt: skip
    told = tell_need(of_estimates(panel, own=own))
    view = NeedView(told, Voice(), {}, pd.Series(None, CODES, dtype=object))
    page, sheet = groups_table(view), groups_table(view, sheet=True)
    assert "Senza i conteggi riservati: pignoramento della casa." in page.notes
    assert sheet.frame.loc["need_foreclosure", "reserved"] == "senza i conteggi riservati"
    assert sheet.frame.loc["need_foreclosure", "central"] == 12
    assert sheet.frame.loc["need_foreclosure", "source"] == "Conteggi degli uffici"
