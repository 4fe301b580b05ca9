"""Weights that the data suggest: by hand, against the methods written out, and their symmetries."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from needs_analysis.composite.weigh import weigh_critic, weigh_entropy, weigh_equal, weigh_pca

ALL = (weigh_equal, weigh_pca, weigh_entropy, weigh_critic)
LEARNING = ALL[1:]

# Four columns that are uncorrelated to the last digit.
ONE, TWO, THREE, FOUR = (
    np.array(signs, dtype=float)
    for signs in (
        [1, -1, 1, -1, 1, -1, 1, -1],
        [1, 1, -1, -1, 1, 1, -1, -1],
        [1, -1, -1, 1, 1, -1, -1, 1],
        [1, 1, 1, 1, -1, -1, -1, -1],
    )
)
# Two blocks of two parts, correlated at 3/5 and at 4/5 inside and not at all across.
BLOCKS = pd.DataFrame(
    {"a": ONE, "b": (3 * ONE + 4 * TWO) / 5, "c": THREE, "d": (4 * THREE + 3 * FOUR) / 5}
)


@st.composite
def tables(draw):
    units, width = draw(st.integers(6, 15)), draw(st.integers(2, 5))
    values = draw(st.lists(st.integers(1, 40), min_size=units * width, max_size=units * width))
    table = pd.DataFrame(np.array(values, dtype=float).reshape(units, width)).rename(columns=str)
    assume((table.nunique() > 2).all())
    return table


def weights_or_reject(method, table, *more):
    try:
        return method(table, *more)
    except ValueError:
        assume(False)


def test_equal_weights():
    assert weigh_equal(BLOCKS).to_dict() == dict.fromkeys("abcd", 1 / 4)


def test_pca_by_hand():
    # eigenvalues 8/5 and 9/5 exceed 1; squared loadings 4/5 and 9/10: weights 4/5 : 9/10 over 34/10
    assert weigh_pca(BLOCKS).tolist() == pytest.approx([8 / 34, 8 / 34, 9 / 34, 9 / 34])


def test_pca_against_the_method_written_out():
    rng = np.random.default_rng(7)
    factors = rng.normal(size=(60, 2))
    mixed = np.column_stack([factors[:, 0], factors[:, 0], factors[:, 1], factors.sum(axis=1)])
    parts = pd.DataFrame(mixed + 0.5 * rng.normal(size=mixed.shape), columns=list("abcd"))
    values, vectors = np.linalg.eigh(parts.corr().to_numpy())
    assert (values > 1).sum() == 2
    loadings = vectors[:, values > 1] * np.sqrt(values[values > 1])
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))

    def turned(angle):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return loadings @ turn

    # the varimax criterion, of the normalised parts, searched on a grid
    angles = np.linspace(0, np.pi / 2, 100_001)
    best = max(angles[::100], key=lambda one: ((turned(one) / length) ** 2).var(axis=0).sum())
    near = angles[abs(angles - best) < 0.01]
    best = max(near, key=lambda one: ((turned(one) / length) ** 2).var(axis=0).sum())
    squared = turned(best) ** 2
    explained = squared.sum(axis=0)
    goes_with = (squared / explained).argmax(axis=1)
    inside = squared[range(4), goes_with] / explained[goes_with]
    raw = inside * (explained / explained.sum())[goes_with]
    assert weigh_pca(parts).tolist() == pytest.approx((raw / raw.sum()).tolist(), abs=1e-4)


def test_pca_with_the_components_asked_for():
    assert weigh_pca(BLOCKS, components=2).tolist() == pytest.approx(weigh_pca(BLOCKS).tolist())
    for wrong in (0, 5, "two"):
        with pytest.raises(ValueError, match="vanno da 1 a 4"):
            weigh_pca(BLOCKS, components=wrong)
    with pytest.raises(ValueError, match="vanno da 1 a 2, non «3»"):
        weigh_pca(pd.DataFrame({"a": ONE, "b": TWO, "c": ONE + TWO}), components=3)


def test_the_rotation_leaves_a_minimum():
    # Blocks alike: the components of the two blocks may come out mixed half and half.
    alike = BLOCKS.assign(d=(3 * THREE + 4 * FOUR) / 5, e=TWO)
    found = weigh_pca(alike[["a", "b", "c", "d"]])
    assert found.tolist() == pytest.approx([1 / 4] * 4)


def test_a_plane_where_every_angle_is_as_good_settles():
    # three parts at 60 degrees from one another
    half = math.sqrt(3) / 2
    parts = pd.DataFrame({"a": ONE, "b": ONE / 2 + half * TWO, "c": -ONE / 2 + half * TWO})
    assert weigh_pca(parts).sum() == pytest.approx(1)


def test_uncorrelated_parts_give_principal_components_nothing_to_say():
    with pytest.raises(ValueError, match="le parti non sono correlate"):
        weigh_pca(pd.DataFrame({"a": ONE, "b": TWO}))


def test_entropy_by_hand():
    parts = pd.DataFrame({"a": [1.0, 1.0, 2.0], "b": [1.0, 3.0, 0.0], "c": [5.0, 5.0, 5.0]})
    # shares 1/4, 1/4, 1/2 and 1/4, 3/4, 0
    one = 1 - 1.5 * math.log(2) / math.log(3)
    other = 1 - (math.log(4) - 0.75 * math.log(3)) / math.log(3)
    expected = [one / (one + other), other / (one + other), 0]
    assert weigh_entropy(parts).tolist() == pytest.approx(expected)


def test_entropy_names_what_it_cannot_take():
    parts = pd.DataFrame({"a": [-1.0, 1.0, 2.0], "b": [0.0, 0.0, 0.0], "c": [1.0, 2.0, 3.0]})
    with pytest.raises(ValueError, match="a, b$"):
        weigh_entropy(parts)
    with pytest.raises(ValueError, match="uguale dappertutto"):
        weigh_entropy(pd.DataFrame({"a": [0.1] * 7, "b": [0.3] * 7}))


def test_critic_by_hand():
    # conflict: a and b at 3/5, c with neither: 2/5 + 1, 2/5 + 1 and 2; standard deviations of 0-1
    parts = BLOCKS[["a", "b", "c"]]
    spread = (parts / (parts.max() - parts.min())).std()
    raw = spread * pd.Series({"a": 7 / 5, "b": 7 / 5, "c": 2.0})
    assert weigh_critic(parts).to_dict() == pytest.approx((raw / raw.sum()).to_dict())


def test_critic_of_parts_that_say_the_same():
    with pytest.raises(ValueError, match="dicono tutte la stessa cosa"):
        weigh_critic(pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [2.0, 4.0, 8.0]}))


@pytest.mark.parametrize("method", [weigh_pca, weigh_critic])
def test_constant_parts_are_named(method):
    with pytest.raises(ValueError, match="costanti non si possono pesare: e, f$"):
        method(BLOCKS.assign(e=1.0, f=2.0))


@pytest.mark.parametrize("method", LEARNING)
def test_units_with_gaps_do_not_count(method):
    positive = BLOCKS + 3
    more = pd.DataFrame({"a": [50.0], "b": [np.nan], "c": [1.0], "d": [70.0]})
    assert method(pd.concat([positive, more])).equals(method(positive))


@pytest.mark.parametrize("method", LEARNING)
def test_weights_are_learned_from_the_base(method):
    positive = BLOCKS + 3
    assert method(positive.head(1), positive).equals(method(positive))
    with pytest.raises(ValueError, match=r"\(base\) non ha d$"):
        method(positive, positive.drop(columns="d"))


@pytest.mark.parametrize("method", LEARNING)
def test_too_few_units_and_infinite_values_are_refused(method):
    with pytest.raises(ValueError, match="2 unità hanno tutte le parti"):
        method(BLOCKS.head(2))
    with pytest.raises(ValueError, match="valori infiniti: a$"):
        method((BLOCKS + 3).replace({"a": 4.0}, np.inf))


@pytest.mark.parametrize("method", ALL)
def test_one_part_takes_all_and_none_is_refused(method):
    assert method(BLOCKS[["a"]] + 3).to_dict() == {"a": 1}
    with pytest.raises(ValueError, match="non ci sono parti"):
        method(BLOCKS[[]])


@pytest.mark.slow
@pytest.mark.parametrize("method", ALL)
@settings(max_examples=30)
@given(tables(), st.randoms())
def test_not_negative_and_one_in_all_whatever_the_order(method, table, random):
    found = weights_or_reject(method, table)
    assert found.index.tolist() == table.columns.tolist()
    assert (found >= 0).all() and found.sum() == pytest.approx(1)
    rows = random.sample(list(table.index), len(table))
    assert method(table.loc[rows]).tolist() == pytest.approx(found.tolist(), abs=1e-6)


@pytest.mark.parametrize("method", [weigh_equal, weigh_entropy, weigh_critic])
@settings(max_examples=30)
@given(tables(), st.randoms())
def test_the_order_of_the_parts_does_not_matter(method, table, random):
    found = weights_or_reject(method, table)
    columns = random.sample(list(table.columns), table.shape[1])
    assert method(table[columns])[table.columns].tolist() == pytest.approx(found.tolist(), abs=1e-9)


@pytest.mark.parametrize("method", [weigh_equal, weigh_pca, weigh_critic])
@settings(max_examples=30)
@given(tables())
def test_units_of_measure_do_not_matter(method, table):
    found = weights_or_reject(method, table)
    moved = table * np.arange(2, table.shape[1] + 2) + 5
    assert method(moved).tolist() == pytest.approx(found.tolist(), abs=1e-6)


@settings(max_examples=30)
@given(tables())
def test_principal_components_do_not_look_at_the_sign(table):
    found = weights_or_reject(weigh_pca, table)
    turned = table.assign(**{"0": -table["0"]})
    assert weigh_pca(turned).tolist() == pytest.approx(found.tolist(), abs=1e-6)
