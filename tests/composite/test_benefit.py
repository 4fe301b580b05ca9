"""Scores under each unit's best weights: by hand and against the programme solved in full."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from needs_analysis.composite import benefit
from needs_analysis.composite.benefit import benefit_of_doubt

nan = np.nan
# x and y hold the frontier; z is at four fifths of the line between them, v below z.
FOUR = pd.DataFrame({"a": [4.0, 1.0, 2.0, 1.0], "b": [1.0, 4.0, 2.0, 1.0]}, index=list("xyzv"))


@st.composite
def tables(draw):
    units, width = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    values = draw(st.lists(st.integers(1, 50), min_size=units * width, max_size=units * width))
    index = [f"u{at}" for at in range(units)]
    return pd.DataFrame(np.array(values, dtype=float).reshape(units, width), index).rename(
        columns=str
    )


# Least and greatest shares that any number of parts up to four can keep.
bounds = st.sampled_from([(0, 1), (0.1, 1), (0, 0.6), (0.05, 0.5), (0.25, 1), (0.2, 0.9)])


def within(table, low, high):
    return {"lower": low, "upper": 1.0 if table.shape[1] < 3 else high}


def in_full(table, lower, upper):
    """Scores from the whole programme of every unit."""
    values, width = table.to_numpy(), table.shape[1]
    scores = []
    for own in values:
        keep = np.diag(own)
        rows = np.vstack([values, lower * own - keep, keep - upper * own])
        limits = np.append(np.ones(len(values)), np.zeros(2 * width))
        scores.append(-linprog(-own, A_ub=rows, b_ub=limits, bounds=(0, None)).fun)
    return scores


def test_by_hand():
    found = benefit_of_doubt(FOUR)
    assert found.scores.tolist() == pytest.approx([1, 1, 4 / 5, 2 / 5])
    # the line through (4, 1) and (1, 4) has the weights 1/5 and 1/5
    assert found.weights.loc["z"].tolist() == pytest.approx([1 / 5, 1 / 5])
    assert found.peers.to_dict() == {"x": ("x",), "y": ("y",), "z": ("x", "y"), "v": ("x", "y")}


def test_bounds_by_hand():
    # half the score from each part: x has w = (s/8, s/2), so y reaches s/8 + 2s: s = 8/17
    found = benefit_of_doubt(FOUR, lower=0.5)
    assert found.scores.tolist() == pytest.approx([8 / 17, 8 / 17, 4 / 5, 2 / 5])
    assert found.peers["x"] == ("y",)
    assert benefit_of_doubt(FOUR, upper=0.5).scores.tolist() == pytest.approx(found.scores.tolist())
    # only b is bounded: x may rest on a for 3/4; w = (3s/16, s/4), y reaches 3s/16 + s
    one = benefit_of_doubt(FOUR, lower={"b": 0.25})
    assert one.scores.tolist() == pytest.approx([16 / 19, 1, 4 / 5, 2 / 5])


def test_one_part_is_the_ratio_to_the_best():
    found = benefit_of_doubt(pd.DataFrame({"a": [5.0, 20.0, 10.0]}, index=list("xyz")))
    assert found.scores.tolist() == pytest.approx([1 / 4, 1, 1 / 2])
    assert found.weights["a"].tolist() == pytest.approx([1 / 20] * 3)
    assert found.peers.tolist() == [("y",)] * 3


def test_parts_of_zero_without_bounds():
    # the frontier is (4, 0), (2, 2), (0, 4); z lies at half of the line from x to y
    parts = pd.DataFrame({"a": [4.0, 2, 0, 1, 0], "b": [0.0, 2, 4, 1, 0]}, index=list("xyvzo"))
    found = benefit_of_doubt(parts)
    assert found.scores.tolist() == pytest.approx([1, 1, 1, 1 / 2, 0])
    assert found.weights.loc["x"].tolist() == pytest.approx([1 / 4, 0])
    assert found.weights.loc["o"].tolist() == [0, 0] and found.peers["o"] == ()


def test_equal_units_are_peers_of_one_another():
    twice = pd.concat([FOUR, FOUR.loc[["x"]].rename({"x": "w"})])
    found = benefit_of_doubt(twice)
    assert found.peers["x"] == found.peers["w"] == ("w", "x")
    assert found.peers["z"] == ("w", "x", "y")


def test_units_with_gaps_have_no_score_and_bind_none():
    more = pd.concat([FOUR, pd.DataFrame({"a": [99.0], "b": [nan]}, index=["gap"])])
    found = benefit_of_doubt(more)
    assert np.isnan(found.scores["gap"]) and found.weights.loc["gap"].isna().all()
    assert found.peers["gap"] == ()
    assert found.scores.dropna().tolist() == benefit_of_doubt(FOUR).scores.tolist()


def test_what_cannot_be_scored_is_named():
    wrong = FOUR.assign(c=[0.0, 1, 2, 3], d=[1.0, -1, -2, 3], e=[np.inf, 1, 1, 1])
    with pytest.raises(ValueError, match=r"finite, da 0 in su: .*: d \(2\), e \(1\)$"):
        benefit_of_doubt(wrong)
    for bounds in ({"lower": 0.1}, {"upper": 0.5}):
        with pytest.raises(ValueError, match=r"finite, sopra 0: .*: c \(1\), d \(2\), e \(1\)$"):
            benefit_of_doubt(wrong, **bounds)
    with pytest.raises(ValueError, match="supera 0 in c"):
        benefit_of_doubt(FOUR.assign(c=0.0))
    with pytest.raises(ValueError, match="nessuna unità ha tutte le parti"):
        benefit_of_doubt(FOUR.assign(c=nan))
    with pytest.raises(ValueError, match="non ci sono parti"):
        benefit_of_doubt(FOUR[[]])


def test_shares_that_cannot_be_kept_are_all_named():
    with pytest.raises(ValueError) as caught:
        benefit_of_doubt(FOUR, lower={"a": 0.7, "q": 0.1}, upper={"a": 0.2, "b": 1.5})
    assert str(caught.value) == (
        "lower: q non è una parte; upper: la quota di b è 1,5, non fra 0 e 1; a: lower supera upper"
    )
    with pytest.raises(ValueError, match=r"\(lower\) sommano a 1,2, più di 1"):
        benefit_of_doubt(FOUR, lower=0.6)
    with pytest.raises(ValueError, match=r"\(upper\) sommano a 0,8, meno di 1"):
        benefit_of_doubt(FOUR, upper=0.4)


@pytest.mark.slow
@settings(max_examples=60)
@given(tables(), bounds)
def test_against_the_programme_in_full(table, shares):
    limits = within(table, *shares)
    found = benefit_of_doubt(table, **limits)
    expected = in_full(table, limits["lower"], limits["upper"])
    assert found.scores.tolist() == pytest.approx(expected, abs=1e-7)


@pytest.mark.slow
@settings(max_examples=60)
@given(tables(), bounds)
def test_weights_keep_every_promise(table, shares):
    limits = within(table, *shares)
    found = benefit_of_doubt(table, **limits)
    weights, values = found.weights.to_numpy(), table.to_numpy()
    assert (found.scores > 0).all() and (found.scores <= 1).all()
    assert (weights >= 0).all()
    assert (weights @ values.T).max() <= 1 + 1e-9
    points = weights * values
    np.testing.assert_allclose(points.sum(axis=1), found.scores, atol=1e-8)
    share = points / points.sum(axis=1, keepdims=True)
    assert share.min() >= limits["lower"] - 1e-7 and share.max() <= limits["upper"] + 1e-7
    for unit, peers in found.peers.items():
        totals = table.loc[list(peers)] @ found.weights.loc[unit]
        assert len(peers) > 0
        np.testing.assert_allclose(totals, 1, atol=1e-7)


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), bounds, st.randoms())
def test_the_order_of_the_rows_changes_nothing(table, shares, random):
    limits = within(table, *shares)
    found = benefit_of_doubt(table, **limits)
    turned = benefit_of_doubt(table.loc[random.sample(list(table.index), len(table))], **limits)
    assert turned.scores[table.index].equals(found.scores)
    assert turned.weights.loc[table.index].equals(found.weights)
    assert turned.peers[table.index].equals(found.peers)


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), bounds, st.lists(st.sampled_from([0.001, 0.5, 3.0, 1e5]), min_size=4, max_size=4))
def test_units_of_measure_do_not_matter(table, shares, factors):
    limits = within(table, *shares)
    scores = benefit_of_doubt(table, **limits).scores
    moved = benefit_of_doubt(table * np.array(factors[: table.shape[1]]), **limits).scores
    assert moved.tolist() == pytest.approx(scores.tolist(), abs=1e-8)


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), st.integers(1, 30))
def test_doing_better_never_lowers_the_score_nor_raises_another(table, gain):
    before = benefit_of_doubt(table).scores
    better = table.copy()
    better.iloc[0, 0] += gain
    change = benefit_of_doubt(better).scores - before
    assert change.iloc[0] >= -1e-8 and (change.iloc[1:] <= 1e-8).all()


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), bounds)
def test_tighter_bounds_never_raise_a_score(table, shares):
    free, bound = benefit_of_doubt(table), benefit_of_doubt(table, **within(table, *shares))
    assert (bound.scores <= free.scores + 1e-8).all()


@pytest.mark.slow
@pytest.mark.parametrize("limits", [{}, {"lower": 0.05, "upper": 0.5}])
def test_units_let_go_come_back_when_they_bind(monkeypatch, limits):
    rng = np.random.default_rng(11)
    table = pd.DataFrame(rng.uniform(1, 100, (150, 5))).rename(columns=str)
    whole = benefit_of_doubt(table, **limits).scores
    assert whole.tolist() == pytest.approx(
        in_full(table, limits.get("lower", 0), limits.get("upper", 1)), abs=1e-7
    )
    monkeypatch.setattr(benefit, "_CONSTRAINTS_MAX", 8)
    monkeypatch.setattr(benefit, "_CONSTRAINTS_ADDED", 1)
    assert benefit_of_doubt(table, **limits).scores.tolist() == pytest.approx(
        whole.tolist(), abs=1e-8
    )


# --- bounds on weights


def test_bounds_on_weights_by_hand():
    assert benefit_of_doubt(FOUR, weight_lower=0.5).scores.tolist() == pytest.approx(
        [1, 1, 0.8, 0.4]
    )
    # a weighs three quarters at least: y has 3/4 + 4/4 where x has 3 + 1/4
    found = benefit_of_doubt(FOUR, weight_lower={"a": 0.75})
    assert found.scores.tolist() == pytest.approx([1, 7 / 13, 8 / 13, 4 / 13])
    assert found.weights.loc["y"].tolist() == pytest.approx([3 / 13, 1 / 13])
    assert found.peers["y"] == ("x",)
    upper = benefit_of_doubt(FOUR, weight_upper={"b": 0.25})
    assert upper.scores.tolist() == pytest.approx(found.scores.tolist())


def test_a_part_of_zero_has_a_weight_though_no_share():
    parts = pd.DataFrame({"a": [4.0, 0.0, 1.0], "b": [0.0, 4.0, 1.0]}, index=list("xyz"))
    found = benefit_of_doubt(parts, weight_lower=0.4)
    # z: half and half, where x and y have 2
    assert found.scores.tolist() == pytest.approx([1, 1, 1 / 2])
    weights = found.weights.div(found.weights.sum(axis=1), axis=0)
    assert weights.to_numpy().min() >= 0.4 - 1e-9


def test_bounds_on_weights_that_cannot_be_kept_are_named():
    with pytest.raises(ValueError, match=r"\(weight_lower\) sommano a 1,2, più di 1"):
        benefit_of_doubt(FOUR, weight_lower=0.6)
    with pytest.raises(ValueError, match=r"\(weight_upper\) sommano a 0,8, meno di 1"):
        benefit_of_doubt(FOUR, weight_upper=0.4)
    with pytest.raises(ValueError, match="a: weight_lower supera weight_upper"):
        benefit_of_doubt(FOUR, weight_lower={"a": 0.7}, weight_upper={"a": 0.2})
    # x has four times as much of a: with equal weights a is four fifths of its score
    with pytest.raises(ValueError, match="si escludono; allargare"):
        benefit_of_doubt(FOUR, upper={"a": 0.5}, weight_lower=0.5)


@pytest.mark.slow
@settings(max_examples=60)
@given(tables(), bounds, st.sampled_from([(0, 1), (0.1, 0.15), (0.1, 0.9)]))
def test_bounds_on_weights_against_the_programme_in_full(table, weights, shares):
    width = table.shape[1]
    low, high = weights[0], max(weights[1], 1.0 if width < 3 else 0.0)
    keep = {"lower": shares[0], "upper": 1.0} if width < 5 else {}
    values, wide = table.to_numpy(), np.eye(width)
    expected = []
    for own in values:
        share = np.diag(own)
        rows = np.vstack([values, low - wide, wide - high, keep["lower"] * own - share])
        limits = np.append(np.ones(len(values)), np.zeros(3 * width))
        expected.append(-linprog(-own, A_ub=rows, b_ub=limits, bounds=(0, None)).fun)
    if min(expected) < 1e-9:
        with pytest.raises(ValueError, match="si escludono"):
            benefit_of_doubt(table, weight_lower=low, weight_upper=high, **keep)
        return
    found = benefit_of_doubt(table, weight_lower=low, weight_upper=high, **keep)
    assert found.scores.tolist() == pytest.approx(expected, abs=1e-7)
    part = found.weights.div(found.weights.sum(axis=1), axis=0).to_numpy()
    assert part.min() >= low - 1e-7 and part.max() <= high + 1e-7


def test_eight_weights_between_ten_and_fifteen_per_cent():
    rng = np.random.default_rng(1)
    parts = pd.DataFrame(rng.uniform(1, 100, (40, 8)), columns=list("abcdefgh"))
    found = benefit_of_doubt(parts, weight_lower=0.10, weight_upper=0.15)
    part = found.weights.div(found.weights.sum(axis=1), axis=0)
    assert part.to_numpy().min() >= 0.10 - 1e-9 and part.to_numpy().max() <= 0.15 + 1e-9
    assert (found.scores <= benefit_of_doubt(parts).scores + 1e-9).all()
    assert found.scores.max() == 1
