"""Outliers: moved in, else drawn in, never out of order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.composite import treat

QUIET = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def one(values, **overrides) -> tuple[pd.Series, str]:
    treated, what = treat(pd.DataFrame({"x": values}), overrides=overrides or None)
    return treated["x"], what["x"]


def test_a_quiet_indicator_is_left_alone():
    values, what = one([*QUIET, np.nan])
    assert what == "none"
    assert values.tolist()[:-1] == QUIET and np.isnan(values.iloc[-1])


def test_one_far_value_moves_to_the_next():
    values, what = one([*QUIET, 500.0])
    assert what == "winsorised 1"
    assert values.tolist() == [*QUIET, 10.0]


def test_a_low_outlier_moves_up():
    values, what = one([*QUIET, -500.0])
    assert what == "winsorised 1"
    assert values.tolist() == [*QUIET, 1.0]


def test_two_far_values_need_two_points():
    values, what = one([float(i) for i in range(40)] + [900.0, 1000.0])
    assert what == "winsorised 2"
    assert values.max() == 39


def test_a_heavy_tail_takes_the_logarithm_of_the_untreated_values():
    heavy = np.exp(np.linspace(0, 12, 600))
    values, what = one(heavy)
    assert what == "log"
    # log(x - min + 0.01 * (max - min)), by hand at both ends: min gives log(0.01 * range)
    span = np.exp(12) - 1
    assert values.iloc[0] == pytest.approx(np.log(0.01 * span))
    assert values.iloc[-1] == pytest.approx(np.log(1.01 * span))
    assert values.is_monotonic_increasing


def test_a_heavy_low_tail_is_mirrored():
    heavy = -np.exp(np.linspace(0, 12, 600))
    values, what = one(heavy)
    assert what == "log"
    assert values.is_monotonic_decreasing  # as the values given
    assert values.iloc[-1] == pytest.approx(-np.log(1.01 * (np.exp(12) - 1)))


def test_too_few_values_are_not_judged():
    assert one([1.0, 2.0, 1000.0])[1] == "none"


def test_a_study_may_set_the_bounds():
    assert one([*QUIET, 500.0], treat_skewness_min=1000)[1] == "none"
    assert one([*QUIET, 500.0], treat_winsorised_points_max=0)[1] == "log"


numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


@settings(max_examples=50)
@given(st.lists(numbers, min_size=4, max_size=40), st.booleans())
def test_order_and_blanks_are_kept(values, tail):
    given_values = pd.Series([*values, np.nan] + ([1e9] if tail else []))
    treated, what = one(given_values)
    assert treated.isna().tolist() == given_values.isna().tolist()
    assert treated.index.tolist() == given_values.index.tolist()
    assert what == "none" or what == "log" or what.startswith("winsorised ")
    ordered = treated.iloc[given_values.argsort()].dropna()
    assert (ordered.diff().dropna() >= 0).all()


def test_what_was_done_to_the_index_that_ships(index):
    assert set(index.treatment) == set(index.spec.names)
    assert index.treatment["accommodation_beds_per_1000"] == "log"
    data, treated = index.stages["data"], index.stages["treated"]
    for name, what in index.treatment.items():
        moved = (data[name] != treated[name]) & data[name].notna()
        if what == "none":
            assert moved.sum() == 0
        elif what.startswith("winsorised"):
            assert moved.sum() <= int(what.split()[1])
        known = data[name].notna()
        order = np.argsort(data[name][known].to_numpy(), kind="stable")
        assert (np.diff(treated[name][known].to_numpy()[order]) >= 0).all()


# --- a reference set


@settings(max_examples=30)
@given(st.lists(numbers, min_size=6, max_size=30, unique=True), numbers)
def test_a_unit_outside_the_base_moves_no_other(values, new):
    known = pd.DataFrame({"x": [*values, 1e9]})
    alone, what = treat(known)
    found, again = treat(pd.DataFrame({"x": [*known["x"], new]}), base=known)
    assert again == what
    assert found["x"].tolist()[:-1] == alone["x"].tolist()
    assert np.isfinite(found["x"]).all()


def test_the_bounds_of_the_base_hold_for_others():
    base = pd.DataFrame({"x": [*QUIET, 500.0]})
    found, what = treat(pd.DataFrame({"x": [-3.0, 400.0, 5.0, np.nan]}), base=base)
    assert what["x"] == "winsorised 1"
    assert found["x"].tolist()[:3] == [1, 10, 5] and np.isnan(found["x"].iloc[3])


def test_a_unit_below_the_lowest_of_the_base_counts_as_that_under_a_logarithm():
    base = pd.DataFrame({"x": np.exp(np.linspace(0, 12, 600))})
    found, what = treat(pd.DataFrame({"x": [-5.0, 1.0, 1e9]}), base=base)
    span = np.exp(12) - 1
    assert what["x"] == "log"
    expected = [np.log(0.01 * span)] * 2 + [np.log(1e9 - 1 + 0.01 * span)]
    assert found["x"].tolist() == pytest.approx(expected)


def test_limits_may_be_given_as_options():
    far = pd.DataFrame({"x": [*QUIET, 500.0]})
    assert treat(far, skewness_min=1000)[1]["x"] == "none"
    assert treat(far, kurtosis_min=1000)[1]["x"] == "none"
    assert treat(far, points_max=0)[1]["x"] == "log"
    # an option of the declaration stands before a study's parameter
    assert treat(far, points_max=1, overrides={"treat_winsorised_points_max": 0})[1]["x"] != "log"


@settings(max_examples=30)
@given(st.lists(numbers, min_size=4, max_size=30), st.booleans(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(values, tail, random):
    column = pd.Series([*values] + ([1e9] if tail else []))
    order = list(column.index)
    random.shuffle(order)
    found, what = one(column)
    other, again = one(column[order])
    assert again == what
    assert other.sort_index().tolist() == found.tolist()
