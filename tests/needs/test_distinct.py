"""Households in several groups, counted once."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.needs.distinct import distinct, nearest_pairs, overlap_shares, union_bounds
from needs_analysis.needs.intervals import Interval
from needs_analysis.needs.problems import NeedsError

KEYS = ["affordability", "eviction_order", "foreclosure", "leaving_care", "no_contract", "street"]


def counts(central, low=None, high=None):
    index = KEYS[: len(central)]
    return pd.DataFrame(
        {"low": low or central, "central": central, "high": high or central},
        index=index,
        dtype=float,
    )


def even(groups, share):
    return {pair: Interval(share, share, share) for pair in combinations(KEYS[:groups], 2)}


def test_two_groups_by_hand():
    """60 and 40 with half of the smaller in both: 60 + 40 - 20."""
    found = distinct(counts([60, 40]), 1000, even(2, 0.5))
    assert (found.low, found.central, found.high) == (80, 80, 80)
    assert found.pairs["used"].tolist() == [20] and not found.pairs["moved"].any()


def test_three_groups_by_hand():
    """S1 = 150, S2 = 40, k = 1: at least 150 - 40; the tree takes 20 and 10: at most 120."""
    pairs = np.array([20.0, 10.0, 10.0])
    assert union_bounds(np.array([60.0, 50, 40]), pairs, 1000) == (110, 120)
    found = distinct(
        counts([60, 50, 40]), 1000,
        {pair: Interval(s, s, s) for pair, s in zip(combinations(KEYS[:3], 2),
                                                    (0.4, 0.25, 0.25), strict=True)},
    )  # fmt: skip
    assert (found.low, found.high) == (110, 120)
    assert 110 < found.central < 120


def test_three_groups_that_are_independent_are_raked_to_their_product():
    """Of 1,000, 200 and 300 and 500 independent: 1 - 0.8 x 0.7 x 0.5 of them."""
    shares = {(KEYS[0], KEYS[1]): 0.3, (KEYS[0], KEYS[2]): 0.5, (KEYS[1], KEYS[2]): 0.5}
    found = distinct(
        counts([200, 300, 500]), 1000, {pair: Interval(s, s, s) for pair, s in shares.items()}
    )
    assert found.central == pytest.approx(720, abs=1e-5)


def test_pairs_that_cannot_be_are_moved_to_the_nearest():
    """The first two do not meet, yet the third is wholly in both: the least move is 10 households."""
    assert nearest_pairs(np.array([60.0, 60.0]), np.array([0.0]), 100.0).tolist() == [20]
    found = nearest_pairs(np.array([50.0, 50.0, 10.0]), np.array([0.0, 10.0, 10.0]), 1000.0)
    assert np.abs(found - [0, 10, 10]).sum() == pytest.approx(10)


def test_a_pair_of_the_users_that_cannot_be_is_an_error():
    shares = overlap_shares(KEYS[:2], {(KEYS[1], KEYS[0]): 0.0})
    with pytest.raises(NeedsError, match="il valore possibile più vicino è 20"):
        distinct(counts([60, 60]), 100, shares, given=[(KEYS[1], KEYS[0])])


def test_wrong_overlaps_are_said_all_at_once():
    wrong = {(KEYS[0], KEYS[1]): 1.2, (KEYS[1], KEYS[0]): 0.1, (KEYS[0], "x"): 0.1}
    with pytest.raises(NeedsError) as caught:
        overlap_shares(KEYS[:2], wrong)
    assert [one.code for one in caught.value.problems] == [
        "needs.share", "needs.pair_twice", "needs.pair_unknown",
    ]  # fmt: skip
    with pytest.raises(NeedsError, match="6 gruppi al massimo, non 7"):
        distinct(pd.concat([counts([1] * 6), counts([1]).rename({KEYS[0]: "z"})]), 10, {})
    with pytest.raises(NeedsError, match="supera le 10 famiglie"):
        distinct(counts([11]), 10, {})


def test_nobody():
    found = distinct(counts([0, 0]), 100, even(2, 0.5))
    assert (found.low, found.central, found.high) == (0, 0, 0)


places = st.integers(2, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 100), min_size=n, max_size=n),
        st.lists(st.floats(0, 1), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2),
        st.integers(100, 400),
    )
)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 4, deadline=None)
@given(places)
def test_the_union_lies_between_the_greatest_group_and_the_sum(place):
    sizes, overlaps, households = place
    shares = {
        pair: Interval(s, s, s)
        for pair, s in zip(combinations(KEYS[: len(sizes)], 2), overlaps, strict=True)
    }
    found = distinct(counts(sizes), households, shares)
    assert max(sizes) - 1e-6 <= found.low <= found.central <= found.high
    assert found.high <= min(sum(sizes), households) + 1e-6


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 4, deadline=None)
@given(places)
def test_without_overlap_the_union_is_the_sum_or_all_households(place):
    sizes, _, households = place
    found = distinct(counts(sizes), households, even(len(sizes), 0.0))
    assert found.central == pytest.approx(min(sum(sizes), households), abs=1e-5)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_pairs_of_real_households_are_never_moved(seed):
    random = np.random.default_rng(seed)
    lists = random.random((200, 4)) < random.random(4)
    sizes = lists.sum(axis=0).astype(float)
    pairs = np.array(
        [(lists[:, i] & lists[:, j]).sum() for i, j in combinations(range(4), 2)], float
    )
    assert nearest_pairs(sizes, pairs, 200.0) == pytest.approx(pairs, abs=1e-6)
    least, most = union_bounds(sizes, pairs, 200.0)
    assert least - 1e-9 <= lists.any(axis=1).sum() <= most + 1e-9
