"""Kaplan-Meier, log-rank and Aalen-Johansen: published tables, fractions by hand, properties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.services.measures import intervals, survival

CHECKS = Path(__file__).parents[4] / "shared/checks/survival_6mp"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")

lives = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=60)


@published
@pytest.mark.parametrize(
    ("group", "median"), [("6-MP", "median_6mp"), ("control", "median_placebo")]
)
def test_kaplan_meier_of_r_survival(group, median):
    given_rows = pd.read_csv(CHECKS / "input.csv").query("group == @group")
    expected = pd.read_csv(CHECKS / "expected_km_R_survival_3.5.3.csv").query(
        "group == @given", local_dict={"given": f"treat={group}"}
    )
    found = survival.kaplan_meier(given_rows["time"], given_rows["event"])
    assert found.index.tolist() == expected["time"].tolist()
    for ours, theirs in {
        "n_risk": "n_risk",
        "n_event": "n_event",
        "survival": "survival",
        "std_err": "std_err",
        "low": "lower_log",
        "high": "upper_log",
    }.items():
        np.testing.assert_allclose(found[ours], expected[theirs], rtol=0, atol=1e-12)
    assert (
        survival.time_to_share(found)[0]
        == json.loads((CHECKS / "expected.json").read_text())[median]
    )


@published
def test_log_rank_of_freireich():
    rows = pd.read_csv(CHECKS / "input.csv")
    test = survival.logrank(rows["time"], rows["event"], rows["group"])
    expected = json.loads((CHECKS / "expected.json").read_text())
    assert test.chi2 == pytest.approx(expected["logrank_chi2"], abs=1e-6)
    assert round(test.chi2, 1) == expected["logrank_chi2_published"]
    assert test.freedom == 1


@published
def test_aalen_johansen_of_mgus2():
    rows = pd.read_csv(CHECKS / "mgus2_competing_input.csv")
    found = survival.aalen_johansen(rows["time"], rows["event"])
    present = survival.kaplan_meier(rows["time"], rows["event"] > 0)["survival"]
    expected = pd.read_csv(CHECKS / "mgus2_competing_expected_aalen_johansen.csv", index_col="time")
    for month, states in expected.iterrows():
        until = found[found["time"] <= month].groupby("cause")["incidence"].last()
        assert until[1] == pytest.approx(states["X2"], abs=1e-8)
        assert until[2] == pytest.approx(states["X3"], abs=1e-8)
        assert present.loc[:month].iloc[-1] == pytest.approx(states["X1"], abs=1e-8)


def test_kaplan_meier_by_hand():
    found = survival.kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
    assert found.index.tolist() == [2, 3, 5]
    # 4/5, then 3/4 of it, then 1/2 of that
    assert found["survival"].tolist() == pytest.approx([4 / 5, 3 / 5, 3 / 10])
    greenwood = 1 / (5 * 4) + 1 / (4 * 3) + 1 / (2 * 1)
    assert found.loc[5, "std_err"] == pytest.approx(0.3 * greenwood**0.5)


def test_nobody_left():
    curve = survival.kaplan_meier([3, 4], [False, False])
    assert curve.empty
    assert np.isnan(survival.time_to_share(curve)).all()
    assert survival.aalen_johansen([3, 4], [0, 0]).empty
    assert np.isnan(survival.logrank([3, 4], [0, 0], ["a", "b"]).chi2)


def test_the_median_is_where_half_have_left():
    assert survival.time_to_share(survival.kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]))[0] == 2


@pytest.mark.slow
@given(lives)
def test_all_ways_and_the_present_add_up_to_one(rows):
    days, way = (np.array(part) for part in zip(*rows, strict=True))
    found = survival.aalen_johansen(days, way)
    if (way > 0).any():
        gone = found.groupby("time")["incidence"].sum()
        present = survival.kaplan_meier(days, way > 0)["survival"].reindex(gone.index).ffill()
        np.testing.assert_allclose(gone + present.fillna(1.0), 1.0, atol=1e-9)
        assert found["std_err"].notna().all()
        assert (found["low"] <= found["incidence"] + 1e-12).all()
        assert (found["high"] >= found["incidence"] - 1e-12).all()


def test_error_of_an_incidence_is_that_of_statsmodels():
    from statsmodels.duration.survfunc import CumIncidenceRight

    draw = np.random.default_rng(3)
    days, way = draw.integers(1, 30, 200), draw.integers(0, 3, 200)
    days[0], way[0] = 31, 0  # a censored last keeps their formula finite
    theirs = CumIncidenceRight(days, way)
    found = survival.aalen_johansen(days, way)
    for cause in (1, 2):
        ours = found.loc[found["cause"] == cause, "std_err"]
        np.testing.assert_allclose(ours, theirs.cinc_se[cause - 1], atol=1e-12)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.sampled_from("abc")), max_size=40))
def test_log_rank_never_fails(rows):
    days, left, group = ([row[i] for row in rows] for i in range(3))
    test = survival.logrank(days, left, group)
    assert np.isnan(test.chi2) or (test.chi2 > -1e-9 and 0 <= test.p_value <= 1)


def test_bad_durations_are_refused():
    with pytest.raises(ValueError, match="manca o è sotto 0"):
        survival.kaplan_meier([1, -1], [1, 1])
    with pytest.raises(ValueError, match="2 durate ma 1 esiti"):
        survival.kaplan_meier([1, 2], [1])
    with pytest.raises(ValueError, match="una causa è sotto 0"):
        survival.aalen_johansen([1.0], [-1])


def test_wilson_of_the_literature():
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    low, high = intervals.wilson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_wilson_without_cases_and_impossible():
    assert np.isnan(intervals.wilson(0, 0)).all()
    with pytest.raises(ValueError, match="fra 0 e il suo totale"):
        intervals.wilson(3, 2)


@given(st.integers(1, 300))
def test_ranks_of_the_median_cover_as_said(count):
    from scipy.stats import binom

    low, high = (float(one) for one in intervals.median_ranks(count))
    if np.isnan(low):
        assert binom.cdf(0, count, 0.5) > 0.025
    else:
        assert binom.cdf(low - 1, count, 0.5) <= 0.025 < binom.cdf(low, count, 0.5)
        assert high == count + 1 - low


def test_ratio_of_equal_clusters_is_the_mean():
    # With x = 1 everywhere the linearised ratio is Student's interval of a mean.
    y = np.array([3.0, 5.0, 10.0])
    squares = np.array([((y - y.mean()) ** 2).sum()])
    whole, count = np.array([y.sum()]), np.array([3.0])
    of_ratio = intervals.of_ratio(whole, count, squares, count)
    of_mean = intervals.of_mean(whole, squares, count)
    assert of_ratio[1] == pytest.approx(of_mean[1])
