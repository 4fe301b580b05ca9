"""Gaps filled: by hand, against closed forms and the published case, and never anything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.composite.impute import (
    impute_em,
    impute_group_mean,
    impute_group_median,
    impute_mean,
    impute_median,
    impute_nearest,
)

ASEM = Path(__file__).parents[3] / "shared/checks/coinr_asem"
nan = np.nan


def halves(data, base=None):
    groups = pd.Series(np.where(np.arange(100) % 2, "odd", "even"))
    return impute_group_mean(data, groups, base)


def half_medians(data, base=None):
    groups = pd.Series(np.where(np.arange(100) % 2, "odd", "even"))
    return impute_group_median(data, groups, base)


def two_nearest(data, base=None):
    return impute_nearest(data, base, neighbours=2)


METHODS = (impute_mean, impute_median, halves, half_medians, two_nearest, impute_em)


@st.composite
def gappy(draw):
    """Tables with gaps in which every method has something to learn from."""
    units, width = draw(st.integers(12, 20)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    values = rng.normal(size=(units, width)) + rng.normal(size=(units, 1))
    # The first eight units are whole, and each of the others keeps one value.
    gaps = rng.random((units, width)) < 0.5
    gaps[:8] = False
    gaps[range(units), rng.integers(0, width, units)] = False
    return pd.DataFrame(np.where(gaps, nan, values)).rename(columns=lambda at: f"x{at}")


def test_mean_and_median_by_hand():
    data = pd.DataFrame({"x": [1.0, nan, 2.0, 9.0], "y": [nan, 0.0, 0.0, 3.0]})
    assert impute_mean(data)["x"].tolist() == [1, 4, 2, 9]
    assert impute_mean(data)["y"].tolist() == [1, 0, 0, 3]
    assert impute_median(data)["x"].tolist() == [1, 2, 2, 9]
    assert impute_median(data)["y"].tolist() == [0, 0, 0, 3]


def test_groups_by_hand():
    data = pd.DataFrame({"x": [1.0, 5.0, 6.0, nan, 7.0, nan]}, index=list("abcdef"))
    groups = pd.Series(dict(zip("fedcba", "ssnnnn", strict=True)))
    assert impute_group_mean(data, groups)["x"].tolist() == [1, 5, 6, 4, 7, 7]
    assert impute_group_median(data, groups)["x"].tolist() == [1, 5, 6, 5, 7, 7]


def test_groups_with_nothing_to_learn_from_are_named_all_at_once():
    data = pd.DataFrame({"x": [1.0, nan, nan], "y": [nan, 2.0, nan]}, index=list("abc"))
    groups = pd.Series({"a": "north", "b": "south"})
    with pytest.raises(ValueError) as caught:
        impute_group_mean(data, groups)
    assert str(caught.value) == (
        "c non ha gruppo; nessuna unità del gruppo north ha y; nessuna unità del gruppo south ha x"
    )


def test_a_unit_without_gaps_needs_no_group():
    data = pd.DataFrame({"x": [1.0, nan, 3.0]}, index=list("abc"))
    assert impute_group_mean(data, pd.Series({"a": 1, "b": 1}))["x"].tolist() == [1, 1, 3]


@pytest.mark.skipif(not ASEM.is_dir(), reason="the published case is not here")
def test_the_published_case():
    """COINr, ASEM 2018: group means."""
    reading = {"keep_default_na": False, "na_values": [""]}
    before = pd.read_csv(ASEM / "expected_denominated.csv", index_col="UnitCode", **reading)
    after = pd.read_csv(ASEM / "expected_imputed.csv", index_col="UnitCode", **reading)
    units = pd.read_csv(ASEM / "input_iData.csv", index_col="uCode", **reading)
    assert before.isna().to_numpy().any()
    found = impute_group_mean(before, units["EurAsia_group"])
    pd.testing.assert_frame_equal(found, after, check_dtype=False, rtol=1e-8)


def test_nearest_by_hand():
    # standard deviations count, not units: d is at 1 from b and c on x, far from a
    data = pd.DataFrame({"x": [0.0, 9.0, 11.0, 10.0], "y": [100.0, 2.0, 4.0, nan]}, list("abcd"))
    assert impute_nearest(data, neighbours=2).loc["d", "y"] == 3


def test_neighbours_at_the_same_distance_all_count():
    data = pd.DataFrame({"x": [1.0, 3.0, 3.0, 2.0], "y": [3.0, 6.0, 12.0, nan]})
    assert impute_nearest(data, neighbours=1).loc[3, "y"] == 7


def test_distance_is_over_the_shared_indicators():
    # Over their deviations: e shares x with a (distance 1 of 1) and x, y with b (0 and 1 of 2).
    data = pd.DataFrame(
        {
            "x": [1.0, 0.0, 4.0, 5.0, 0.0],
            "y": [nan, 1.0, 4.0, 5.0, 0.0],
            "z": [7.0, 9.0, 0.0, 0.0, nan],
        }
    )
    assert impute_nearest(data, neighbours=1).loc[4, "z"] == 9


def test_too_few_neighbours_are_named():
    data = pd.DataFrame({"x": [1.0, 2.0, nan], "y": [nan, 2.0, 3.0]}, index=list("abc"))
    with pytest.raises(
        ValueError, match="a: per y .* sono 1, meno delle 2 chieste; c: per x .* sono 1,"
    ):
        impute_nearest(data, neighbours=2)
    with pytest.raises(ValueError, match="neighbours è 0"):
        impute_nearest(data, neighbours=0)


def test_a_unit_without_any_value_has_no_neighbours():
    data = pd.DataFrame({"x": [1.0, 2.0, nan], "y": [1.0, 2.0, nan]}, index=list("abc"))
    with pytest.raises(ValueError, match="c: per x .* sono 0, .*; c: per y .* sono 0"):
        impute_nearest(data, neighbours=1)


def test_em_is_the_regression_where_one_indicator_has_gaps():
    # Anderson (1957): with gaps in y alone the likelihood is greatest at the regression of y on x
    x = np.array([1.0, 2.0, 4.0, 7.0, 3.0, 9.0])
    y = np.array([2.0, 3.0, 9.0, 10.0, nan, nan])
    slope, intercept = np.polyfit(x[:4], y[:4], 1)
    found = impute_em(pd.DataFrame({"x": x, "y": y}))["y"]
    assert found.tolist() == pytest.approx([2, 3, 9, 10, *(intercept + slope * x[4:])], abs=1e-6)


def test_em_of_a_unit_without_any_value_is_the_mean():
    data = pd.DataFrame({"x": [1.0, 2.0, 4.0, 7.0, nan], "y": [2.0, 3.0, 9.0, 10.0, nan]})
    assert impute_em(data).iloc[-1].tolist() == pytest.approx([14 / 4, 24 / 4])


def test_em_does_not_depend_on_the_units_of_measure():
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(30, 3)) + rng.normal(size=(30, 1)), columns=list("abc"))
    data = data.mask(rng.random(data.shape) < 0.2)
    moved = impute_em(data * [1e6, 1e-6, 1] + [0, 3, 5])
    expected = impute_em(data) * [1e6, 1e-6, 1] + [0, 3, 5]
    pd.testing.assert_frame_equal(moved, expected, rtol=1e-6)


def test_em_refuses_what_it_cannot_learn():
    whole = pd.DataFrame({"a": [1.0, 2.0, 4.0, nan], "b": [2.0, 4.0, 8.0, 3.0]})
    with pytest.raises(ValueError, match="si ricava dagli altri"):
        impute_em(whole)
    apart = pd.DataFrame({"a": [1.0, 2.0, nan, nan], "b": [nan, nan, 8.0, 3.0]})
    with pytest.raises(ValueError, match="non ci sono due unità che abbiano sia b sia a"):
        impute_em(apart)
    with pytest.raises(ValueError, match="2 unità per 2 indicatori"):
        impute_em(pd.DataFrame({"a": [1.0, 2.0], "b": [5.0, nan]}))
    with pytest.raises(ValueError, match="a ha meno di due valori diversi"):
        impute_em(pd.DataFrame({"a": [1.0, 1.0, 1.0, nan], "b": [5.0, 1.0, 2.0, 4.0]}))


@pytest.mark.parametrize("method", METHODS)
def test_columns_with_nothing_to_learn_from_are_named(method):
    data = pd.DataFrame({"x": [1.0, nan, 3.0, np.inf], "y": [nan] * 4, "z": [nan] * 4})
    with pytest.raises(ValueError, match="y non ha alcun valore .*; z .*; x ha valori infiniti"):
        method(data)
    with pytest.raises(ValueError, match="z non è nel riferimento"):
        method(data, data[["x", "y"]])


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(gappy(), st.randoms())
def test_only_gaps_are_filled_in_any_order_of_the_rows(method, data, random):
    found = method(data)
    assert found.index.equals(data.index) and found.columns.equals(data.columns)
    assert found.notna().all(axis=None)
    assert found.where(data.notna()).equals(data)
    rows = random.sample(list(data.index), len(data))
    turned = method(data.loc[rows]).loc[data.index]
    pd.testing.assert_frame_equal(turned, found, rtol=1e-7, atol=1e-7)


@settings(max_examples=25)
@given(gappy(), st.randoms())
def test_nearest_is_the_same_to_the_last_digit_in_any_order(data, random):
    rows = random.sample(list(data.index), len(data))
    coarse = data.round(0)
    assert two_nearest(coarse.loc[rows]).loc[data.index].equals(two_nearest(coarse))


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15)
@given(gappy())
def test_units_outside_the_base_do_not_move_the_others(method, data):
    before = method(data, data)
    stranger = pd.DataFrame([[1000.0] + [nan] * (data.shape[1] - 1)], [50], data.columns)
    after = method(pd.concat([data, stranger]), data)
    pd.testing.assert_frame_equal(after.iloc[:-1], before, rtol=1e-12)
    assert after.notna().all(axis=None)
