"""Pairs won and lost, by hand and against every order written out."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.composite import outranking
from needs_analysis.composite.outranking import (
    KEMENY_UNITS_MAX,
    copeland,
    kemeny,
    outranking_matrix,
)

nan = np.nan
HALF = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [1.0, 1.0, 2.0]}, index=list("xyz"))
# Each beats the next in two parts of three: no order agrees with all majorities.
CYCLE = pd.DataFrame({"a": [3, 2, 1], "b": [2, 1, 3], "c": [1, 3, 2]}, index=list("xyz"))


@st.composite
def tables(draw, least=1, most=7):
    count, width = draw(st.integers(least, most)), draw(st.integers(1, 4))
    values = draw(st.lists(st.integers(0, 4), min_size=count * width, max_size=count * width))
    index = [f"u{at}" for at in range(count)]
    return pd.DataFrame(np.array(values, dtype=float).reshape(count, width), index).rename(
        columns=str
    )


weighings = st.lists(st.integers(1, 5).map(float), min_size=4, max_size=4)


def weighing(table, values):
    return pd.Series(values[: table.shape[1]], index=table.columns)


def test_matrix_by_hand():
    found = outranking_matrix(HALF, pd.Series({"a": 3.0, "b": 1.0}))
    # x over y: a wins (3/4) and b is level (1/8)
    assert found.to_numpy().tolist() == [[0, 7 / 8, 3 / 4], [1 / 8, 0, 3 / 4], [1 / 4, 1 / 4, 0]]
    assert found.index.equals(HALF.index) and found.columns.equals(HALF.index)


def test_copeland_by_hand():
    # equal weights: x over y with 3/4, x and y each level with z at 1/2
    assert copeland(HALF).to_dict() == {"x": 1, "y": -1, "z": 0}
    assert copeland(HALF, pd.Series({"b": 3.0, "a": 1.0})).to_dict() == {"x": 0, "y": -2, "z": 2}
    assert copeland(CYCLE).tolist() == [0, 0, 0]


def test_weights_that_only_rounding_tells_apart_are_a_draw():
    parts = pd.DataFrame([[1.0, 1, 0], [0.0, 0, 1]], columns=list("abc"), index=["x", "y"])
    # 0.1 + 0.2 against 0.3
    assert copeland(parts, pd.Series({"a": 0.1, "b": 0.2, "c": 0.3})).tolist() == [0, 0]


def test_copeland_is_not_the_sum_of_the_matrix():
    # x beats each other with 2/3, in all 2; y loses to x with 1/3 but beats z and w outright: 7/3
    parts = pd.DataFrame(
        {"a": [4, 3, 2, 1], "b": [4, 3, 2, 1], "c": [1, 4, 2, 1.5]}, index=list("xyzw")
    )
    assert copeland(parts).idxmax() == "x"
    assert outranking_matrix(parts).sum(axis=1)[["x", "y"]].tolist() == pytest.approx([2, 7 / 3])


def test_units_with_gaps_are_compared_with_none():
    more = pd.concat([HALF, pd.DataFrame({"a": [9.0], "b": [nan]}, index=["w"])])
    assert np.isnan(copeland(more)["w"]) and np.isnan(kemeny(more)["w"])
    assert copeland(more).dropna().equals(copeland(HALF))
    assert kemeny(more).dropna().equals(kemeny(HALF))
    matrix = outranking_matrix(more)
    assert matrix["w"].isna().all() and matrix.loc["w"].isna().all()


def test_kemeny_by_hand():
    # Condorcet's order: x over y over z in two parts of three each
    parts = pd.DataFrame({"a": [3, 2, 1], "b": [3, 1, 2], "c": [1, 3, 2]}, index=list("xyz"))
    assert kemeny(parts).to_dict() == {"x": 1, "y": 2, "z": 3}
    # a cycle agrees equally with three orders, and each unit takes each place once
    assert kemeny(CYCLE).tolist() == [2, 2, 2]
    # the part that weighs most breaks it
    assert kemeny(CYCLE, pd.Series({"a": 3.0, "b": 1.0, "c": 1.0})).tolist() == [1, 2, 3]


def test_the_median_ranking_of_many_units_is_refused():
    parts = pd.DataFrame({"a": np.arange(KEMENY_UNITS_MAX + 1.0)})
    with pytest.raises(ValueError, match="di 13 unità .* fino a 12: .* copeland"):
        kemeny(parts)
    most = kemeny(parts.iloc[:-1])
    assert most.tolist() == list(range(KEMENY_UNITS_MAX, 0, -1))


def test_one_unit_and_none():
    assert kemeny(HALF.head(1)).tolist() == [1] and copeland(HALF.head(1)).tolist() == [0]
    assert kemeny(HALF.head(0)).empty and copeland(HALF.head(0)).empty


@pytest.mark.parametrize("method", [outranking_matrix, copeland, kemeny])
def test_weights_that_cannot_be_are_named(method):
    wrong = pd.Series({"a": -1.0, "c": 1.0})
    with pytest.raises(ValueError, match="peso di c, che non è una parte; .* negativi: a, b"):
        method(HALF, wrong)
    with pytest.raises(ValueError, match="non sommano a un numero maggiore di 0"):
        method(HALF, pd.Series({"a": 0.0, "b": 0.0}))
    with pytest.raises(ValueError, match="non ci sono parti"):
        method(HALF[[]])


@pytest.mark.slow
@settings(max_examples=60)
@given(tables(), weighings)
def test_against_every_pair(table, values):
    weights = weighing(table, values)
    shares = weights / weights.sum()
    expected = []
    for one in table.index:
        score = 0
        for other in table.index.drop(one):
            difference = np.sign(table.loc[one] - table.loc[other])
            net = round(float((difference * shares).sum()), 9)
            score += (net > 0) - (net < 0)
        expected.append(score)
    assert copeland(table, weights).tolist() == expected
    matrix = outranking_matrix(table, weights).to_numpy()
    np.testing.assert_allclose(matrix + matrix.T + np.eye(len(table)), 1)


@pytest.mark.parametrize("width", [2**15 - 1, 60])
@pytest.mark.parametrize("weigh", ["equal", "simple", "drawn", "all but level", "one alone"])
def test_many_units_against_the_plain_definition(weigh, width, monkeypatch):
    # More units than a block, half of the values level; with 60 for 2 ** 15 - 1 the wider integers.
    monkeypatch.setattr(outranking, "_WHOLE_MAX", width)
    random = np.random.default_rng(5)
    values = random.integers(0, 8, (75, 6)).astype(float)
    values[:, 3:] = random.normal(size=(75, 3))
    given_weights = {
        "equal": np.ones(6),
        "simple": np.array([1, 2, 3, 1, 5, 0.5]),
        "drawn": random.uniform(0.5, 1.5, 6),
        # Three against three differ by two millionths of the whole: told apart all the same.
        "all but level": np.array([1, 1, 1, 1, 1, 1.00001]),
        "one alone": np.array([0, 0, 1, 0, 0, 0]),
    }[weigh]
    table = pd.DataFrame(values, columns=list("abcdef"))
    sides = np.sign(values[:, None] - values[None])
    net = sides @ (given_weights / given_weights.sum())
    expected = np.sign(np.where(np.abs(net) > 1e-9, net, 0)).sum(axis=1)
    assert copeland(table, pd.Series(given_weights, table.columns)).tolist() == expected.tolist()
    matrix = outranking_matrix(table, pd.Series(given_weights, table.columns)).to_numpy()
    np.testing.assert_allclose(matrix, (1 + net) / 2 * (1 - np.eye(75)), rtol=0, atol=1e-12)


@pytest.mark.slow
@settings(max_examples=40)
@given(tables(most=5), weighings)
def test_kemeny_against_every_order(table, values):
    weights = weighing(table, values)
    matrix = outranking_matrix(table, weights).to_numpy()
    agreement = {
        order: sum(matrix[i, k] for at, i in enumerate(order) for k in order[at + 1 :])
        for order in permutations(range(len(table)))
    }
    best = [order for order, value in agreement.items() if value > max(agreement.values()) - 1e-9]
    expected = np.mean([np.argsort(order) + 1 for order in best], axis=0)
    assert kemeny(table, weights).tolist() == pytest.approx(expected.tolist())


@pytest.mark.slow
@pytest.mark.parametrize("method", [copeland, kemeny])
@settings(max_examples=30)
@given(tables(), weighings, st.randoms())
def test_neither_order_nor_scale_matters(method, table, values, random):
    weights = weighing(table, values)
    found = method(table, weights)
    turned = table.loc[random.sample(list(table.index), len(table))]
    turned = turned[random.sample(list(table.columns), table.shape[1])]
    assert method(turned, weights)[table.index].tolist() == pytest.approx(found.tolist())
    assert method(table**3 + 1, weights * 7).tolist() == pytest.approx(found.tolist())


@pytest.mark.slow
@settings(max_examples=30)
@given(tables(), weighings)
def test_turning_every_part_turns_the_ranking(table, values):
    weights = weighing(table, values)
    assert copeland(-table, weights).tolist() == (-copeland(table, weights)).tolist()
    mirrored = len(table) + 1 - kemeny(table, weights)
    assert kemeny(-table, weights).tolist() == pytest.approx(mirrored.tolist())


@settings(max_examples=30)
@given(tables(least=2), weighings, st.integers(1, 4))
def test_doing_better_never_lowers_the_score(table, values, gain):
    weights = weighing(table, values)
    better = table.copy()
    better.iloc[0, 0] += gain
    assert copeland(better, weights).iloc[0] >= copeland(table, weights).iloc[0]


def test_blocks_join(monkeypatch):
    rng = np.random.default_rng(1)
    parts = pd.DataFrame(rng.normal(size=(50, 4)))
    whole = copeland(parts), outranking_matrix(parts)
    monkeypatch.setattr("needs_analysis.composite.outranking._BLOCK", 7)
    assert copeland(parts).equals(whole[0]) and outranking_matrix(parts).equals(whole[1])
