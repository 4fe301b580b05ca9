"""The one type that carries values with their quality and vintage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.errors import Refused
from needs_analysis.figures import (
    Figures,
    Quality,
    as_figures,
    join_vintages,
    joint_vintage,
    wanted_codes,
    wanted_frame,
    wanted_numbers,
    wanted_several,
    wanted_units,
)

CODES = pd.Index(["108033", "108039"], name="municipality_code")


def two() -> Figures:
    frame = pd.DataFrame({"households": [56209.0, np.nan], "zones": [9.0, 2.0]}, index=CODES)
    return Figures.of(frame, vintage="2021", sources=["istat_units"])


def test_a_bare_frame_is_observed_without_vintage_and_nan_is_missing():
    found = as_figures(pd.DataFrame({"a": [1.0, np.nan]}))
    assert found.quality["a"].tolist() == [Quality.OBSERVED, Quality.MISSING]
    assert found.vintage["a"].tolist() == ["", ""]
    assert found.low["a"].isna().all() and found.high["a"].isna().all()
    assert as_figures(found) is found


def test_a_suppressed_cell_stays_suppressed_and_a_forgotten_nan_becomes_missing():
    frame = pd.DataFrame({"a": [np.nan, np.nan, 1.0]})
    given = pd.DataFrame({"a": [Quality.SUPPRESSED, Quality.ALLOCATED, Quality.ALLOCATED]})
    found = Figures.of(frame, quality=given)
    assert found.quality["a"].tolist() == [
        Quality.SUPPRESSED,
        Quality.MISSING,
        Quality.ALLOCATED,
    ]


def test_a_value_whose_quality_says_missing_is_refused_by_name():
    frame = pd.DataFrame({"good": [1.0], "bad": [2.0]})
    given = pd.DataFrame({"good": [0], "bad": [int(Quality.MISSING)]})
    with pytest.raises(ValueError, match=r"^bad: un valore manca"):
        Figures.of(frame, quality=given)


def test_units_are_unique_and_parts_agree():
    with pytest.raises(ValueError, match="codice ripetuto: 108033"):
        Figures.of(pd.DataFrame({"a": [1.0, 2.0]}, index=["108033", "108033"]))
    whole = two()
    with pytest.raises(ValueError, match="«low» non ha le righe e le colonne"):
        Figures(whole.data, whole.quality, whole.vintage, whole.low[["zones"]], whole.high)


def test_rows_keep_the_asked_order_and_an_unknown_unit_is_an_error():
    found = two().rows(["108039", "108033"])
    assert found.data.index.tolist() == ["108039", "108033"]
    assert found.data.index.name == "municipality_code"
    assert found.quality["households"].tolist() == [Quality.MISSING, Quality.OBSERVED]
    with pytest.raises(KeyError):
        two().rows(["999999"])


def test_columns_and_names_take_their_sources_along():
    found = two().columns(["zones"]).renamed({"zones": "rent_zones"})
    assert found.data.columns.tolist() == ["rent_zones"]
    assert found.vintage.columns.tolist() == ["rent_zones"]
    assert dict(found.sources) == {"rent_zones": ("istat_units",)}
    with pytest.raises(KeyError):
        two().columns(["absent"])


def test_beside_and_above():
    other = Figures.of(pd.DataFrame({"rent": [7.2, 4.4]}, index=CODES), sources=["omi_values"])
    wide = two().beside(other)
    assert wide.data.columns.tolist() == ["households", "zones", "rent"]
    assert wide.sources["rent"] == ("omi_values",)
    with pytest.raises(ValueError, match="territori diversi"):
        two().beside(other.rows(["108033"]))
    tall = two().above(two().rows(["108033"]).renamed({}).each(lambda p: p.set_axis(["MB"])))
    assert tall.data.index.tolist() == ["108033", "108039", "MB"]
    assert tall.data.loc["MB", "households"] == 56209.0
    with pytest.raises(ValueError, match="codici ripetuti: 108033, 108039"):
        two().above(two())


def test_value_is_a_number_or_nan():
    assert two().value("108033", "households") == 56209.0
    assert np.isnan(two().value("108039", "households"))


def test_qualities_order_from_best_to_worst():
    assert [q.name for q in sorted(Quality)] == [
        "OBSERVED",
        "ALLOCATED",
        "MODELLED",
        "IMPUTED",
        "SUPPRESSED",
        "MISSING",
    ]


def test_vintages_join_oldest_first_without_doubles():
    assert join_vintages(["2021", "2018/2 + 2021", ""]) == "2018/2 + 2021"
    assert join_vintages([]) == ""
    frame = pd.DataFrame({"rent": ["2018/2", "2018/2", ""], "income": ["2021", "", ""]})
    assert joint_vintage(frame).tolist() == ["2018/2 + 2021", "2018/2", ""]


@pytest.mark.parametrize(
    ("guard", "given", "codes"),
    [
        (as_figures, None, ["errors.not_wanted"]),
        (as_figures, pd.DataFrame({"a": [1.0, 2.0]}, CODES[[0, 0]]), ["errors.codes_repeated"]),
        (
            wanted_units,
            pd.Series([1.0, 2.0, 3.0], ["108033", "108033", np.nan]),
            ["errors.codes_missing", "errors.codes_repeated"],
        ),
        (wanted_codes, pd.DataFrame({"a": [1.0]}), ["errors.no_codes"]),
        (wanted_numbers, pd.DataFrame(), ["errors.no_rows", "errors.no_columns"]),
        (wanted_numbers, pd.DataFrame({"a": ["x"]}, ["108033"]), ["errors.no_numbers"]),
        (lambda frame: wanted_frame(frame, "a", "b"), pd.DataFrame(), ["errors.columns_missing"]),
        (lambda codes: wanted_several(codes, str), "108033", ["errors.not_wanted"]),
        (lambda codes: wanted_several(codes, str), ["108033", None], ["errors.values_missing"]),
        (lambda codes: wanted_several(codes, str), ["108033", 3], ["errors.not_wanted"]),
    ],
)
def test_a_wrong_argument_is_refused_with_all_that_is_wrong(guard, given, codes):
    with pytest.raises(Refused) as refused:
        guard(given)
    assert [one.code for one in refused.value.problems] == codes


def test_what_is_as_wanted_comes_back():
    frame = two().data
    assert wanted_frame(frame, "zones") is wanted_units(frame) is wanted_codes(frame) is frame
    assert wanted_numbers(frame) is frame
    assert wanted_several(frame.index, str) == list(CODES)


def test_columns_by_the_code_of_their_indicator_unless_a_column_is_called_so():
    frame = pd.DataFrame({"low_income_share": [0.2], "b5": [7.0]}, index=["108033"])
    found = Figures.of(frame)
    assert found.columns(["a4"]).data.columns.tolist() == ["low_income_share"]
    assert found.value("108033", "A4") == 0.2 and found.value("108033", "b5") == 7
    with pytest.raises(KeyError):
        found.columns(["A1"])
