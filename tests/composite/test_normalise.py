"""Indicators on one scale: by hand, and what holds for any values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from needs_analysis.composite import (
    normalise_ampi,
    normalise_borda,
    normalise_distance,
    normalise_goalposts,
    normalise_minmax,
    normalise_percentile_rank,
    normalise_rank,
    normalise_zscore,
)

LEARNED = {
    "minmax": normalise_minmax,
    "zscore": normalise_zscore,
    "rank": normalise_rank,
    "borda": normalise_borda,
    "percentile_rank": normalise_percentile_rank,
    "ampi": normalise_ampi,
}
HAND = [0.0, 1.0, 1.0, 4.0, 4.0]

distinct = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=20, unique=True)
tied = st.lists(st.integers(-5, 5).map(float), min_size=2, max_size=20)
quick = settings(max_examples=30)
learned = pytest.mark.parametrize("name", LEARNED)


def scaled(name, values, polarity=1, **more) -> pd.Series:
    return LEARNED[name](pd.DataFrame({"x": values}), {"x": polarity}, **more)["x"]


@pytest.mark.parametrize(
    ("name", "up", "down"),
    [
        ("minmax", [0, 25, 25, 100, 100], [100, 75, 75, 0, 0]),
        # mean 2, variance (4 + 1 + 1 + 4 + 4) / 5 = 14 / 5
        ("zscore", np.array([-2, -1, -1, 2, 2]) / 2.8**0.5, np.array([2, 1, 1, -2, -2]) / 2.8**0.5),
        ("rank", [1, 2.5, 2.5, 4.5, 4.5], [5, 3.5, 3.5, 1.5, 1.5]),
        ("borda", [0, 1.5, 1.5, 3.5, 3.5], [4, 2.5, 2.5, 0.5, 0.5]),
        ("percentile_rank", [0, 0.25, 0.25, 0.75, 0.75], [1, 0.5, 0.5, 0, 0]),
        # mean 2, range 4: lo = 0, hi = 4, so z = 15 x + 70, or 200 - z
        ("ampi", [70, 85, 85, 130, 130], [130, 115, 115, 70, 70]),
    ],
)
def test_by_hand(name, up, down):
    assert scaled(name, HAND).tolist() == pytest.approx(list(up))
    assert scaled(name, HAND, -1).tolist() == pytest.approx(list(down))


def test_options_by_hand():
    assert scaled("minmax", HAND, low=70, high=130).tolist() == [70, 85, 85, 130, 130]
    # the sample variance of 1, 2, 3 is 1
    found = scaled("zscore", [1.0, 2.0, 3.0], mean=100, sd=10, ddof=1)
    assert found.tolist() == pytest.approx([90, 100, 110])
    # reference 3, range 4: lo = 1, so z = (x - 1) * 15 + 70; the reference itself is 100
    assert scaled("ampi", [0.0, 3.0, 4.0], reference={"x": 3.0}).tolist() == [55, 100, 115]


def test_goalposts_by_hand():
    data = pd.DataFrame({"x": [10.0, 20.0, 35.0, 50.0, np.nan]})
    posts = {"x": (10, 30)}
    free = normalise_goalposts(data, {"x": 1}, posts, low=0, high=2)["x"]
    assert free.tolist()[:4] == [0, 1, 2.5, 4] and np.isnan(free.iloc[4])
    assert normalise_goalposts(data, {"x": -1}, posts)["x"].tolist()[:4] == [1, 0.5, -0.25, -1]
    clipped = normalise_goalposts(data, {"x": -1}, posts, clip=True)["x"]
    assert clipped.tolist()[:4] == [1, 0.5, 0, 0] and np.isnan(clipped.iloc[4])


def test_goalposts_missing_or_turned_are_named():
    data = pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0]})
    with pytest.raises(ValueError, match="dal minore al maggiore: b, c$"):
        normalise_goalposts(data, dict.fromkeys("abc", 1), {"a": (0, 1), "b": (1, 1)})


def test_distance_by_hand():
    data = pd.DataFrame({"x": [15.0, 30.0], "y": [15.0, 30.0], "z": [-10.0, -30.0]})
    found = normalise_distance(data, {"x": 1, "y": -1, "z": 1}, {"x": 20.0, "y": 20.0, "z": -20.0})
    assert found.to_dict("list") == {"x": [0.75, 1.5], "y": [1.25, 0.5], "z": [1.5, 0.5]}
    with pytest.raises(ValueError, match="manca, o è 0: y, z$"):
        normalise_distance(data, dict.fromkeys("xyz", 1), {"x": 20.0, "y": 0.0})


@learned
def test_blanks_stay_and_do_not_count(name):
    with_blank = scaled(name, [0.0, np.nan, 4.0, 10.0])
    assert with_blank.isna().tolist() == [False, True, False, False]
    assert with_blank.dropna().tolist() == scaled(name, [0.0, 4.0, 10.0]).tolist()


@learned
def test_constant_and_empty_columns_are_named(name):
    frame = pd.DataFrame({"flat": [1.0, 1.0], "fine": [1.0, 2.0], "empty": [np.nan, np.nan]})
    with pytest.raises(ValueError, match="flat, empty$"):
        LEARNED[name](frame, dict.fromkeys(frame, 1))
    with pytest.raises(ValueError, match="fine$"):
        LEARNED[name](frame[["fine"]].iloc[:1], {"fine": 1})


@pytest.mark.slow
@learned
@quick
@given(distinct, st.randoms(use_true_random=False))
def test_row_order_does_not_matter(name, values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    column = pd.Series(values)
    assert scaled(name, column[order]).sort_index().tolist() == pytest.approx(
        scaled(name, column).tolist(), rel=1e-9, abs=1e-9
    )


@pytest.mark.slow
@learned
@quick
@given(distinct, st.sampled_from([0.001, 3.0, 1000.0]), st.integers(-500, 500))
def test_unit_and_origin_do_not_matter(name, values, factor, shift):
    moved = scaled(name, [factor * value + shift for value in values])
    assert moved.tolist() == pytest.approx(scaled(name, values).tolist(), abs=1e-6)


@quick
@given(distinct, st.sampled_from([0.001, 3.0, 1000.0]))
def test_the_unit_does_not_matter_to_a_distance(values, factor):
    one = normalise_distance(pd.DataFrame({"x": values}), {"x": 1}, {"x": 7})
    other = normalise_distance(pd.DataFrame({"x": values}) * factor, {"x": 1}, {"x": 7 * factor})
    assert other["x"].tolist() == pytest.approx(one["x"].tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@learned
@quick
@given(distinct)
def test_turning_polarity_and_sign_changes_nothing(name, values):
    turned = scaled(name, [-value for value in values], -1)
    assert turned.tolist() == pytest.approx(scaled(name, values).tolist(), rel=1e-9, abs=1e-9)


@pytest.mark.slow
@learned
@quick
@given(distinct)
def test_turning_the_polarity_mirrors_the_scale(name, values):
    both = scaled(name, values, 1) + scaled(name, values, -1)
    middle = {
        "minmax": 100,
        "zscore": 0,
        "rank": len(values) + 1,
        "borda": len(values) - 1,
        "percentile_rank": 1,
        "ampi": 200,
    }
    assert both.tolist() == pytest.approx([middle[name]] * len(values), abs=1e-9)


@learned
@quick
@given(tied, st.sampled_from([1, -1]))
def test_order_and_ties_are_kept(name, values, polarity):
    assume(len(set(values)) > 1)
    found = scaled(name, values, polarity)
    places = (polarity * pd.Series(values)).rank(method="dense")
    assert found.notna().all()
    assert found.round(9).rank(method="dense").tolist() == places.tolist()


@pytest.mark.slow
@learned
@quick
@given(distinct, st.integers(-2000, 2000).map(float))
def test_a_unit_outside_the_base_moves_no_other(name, values, new):
    base = pd.DataFrame({"x": values})
    found = scaled(name, [*values, new], base=base)
    assert found.notna().all()
    assert found.tolist()[:-1] == scaled(name, values).tolist()
    if name == "percentile_rank":
        assert 0 <= found.iloc[-1] <= 1
    if new in values:
        assert found.iloc[-1] == found.iloc[values.index(new)]


def test_the_place_of_a_unit_outside_the_base():
    base = pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    found = scaled("borda", [0.0, 2.5, 9.0], base=base)
    assert found.tolist() == [0, 2, 3]  # the number of base units below
    assert scaled("percentile_rank", [0.0, 2.5, 9.0], base=base).tolist() == [0, 1, 1]


@pytest.mark.slow
@quick
@given(distinct, st.sampled_from([1, -1]))
def test_what_each_scale_promises(values, polarity):
    found = {name: scaled(name, values, polarity) for name in LEARNED}
    near = {"rel": 1e-9, "abs": 1e-9}
    assert found["ampi"].mean() == pytest.approx(100, abs=1e-9)
    assert found["ampi"].max() - found["ampi"].min() == pytest.approx(60, abs=1e-9)
    assert found["minmax"].agg(["min", "max"]).tolist() == pytest.approx([0, 100], **near)
    assert found["zscore"].mean() == pytest.approx(0, abs=1e-9)
    assert found["zscore"].std(ddof=0) == pytest.approx(1, abs=1e-9)
    assert sorted(found["rank"]) == list(range(1, len(values) + 1))
    assert found["borda"].tolist() == (found["rank"] - 1).tolist()
    assert found["percentile_rank"].agg(["min", "max"]).tolist() == [0, 1]


def test_other_columns_of_the_base_are_no_matter():
    base = pd.DataFrame({"other": [1.0, 1.0], "x": [0.0, 10.0]})
    assert scaled("minmax", [5.0], base=base).tolist() == [50]


def test_another_deviation_is_refused():
    with pytest.raises(ValueError, match="ddof è 7"):
        normalise_zscore(pd.DataFrame({"x": [1.0, 3.0]}), {"x": 1}, ddof=7)
