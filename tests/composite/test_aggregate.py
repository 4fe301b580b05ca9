"""From parts to a score and back: by hand, and what holds for any parts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.composite import (
    ampi,
    ampi_contributions,
    arithmetic_contributions,
    arithmetic_mean,
    geometric_contributions,
    geometric_mean,
    harmonic_contributions,
    harmonic_mean,
    power_contributions,
    power_mean,
    shares,
)

MEANS = {"arithmetic": arithmetic_mean, "geometric": geometric_mean, "harmonic": harmonic_mean}
SPLITS = {
    arithmetic_mean: arithmetic_contributions,
    geometric_mean: geometric_contributions,
    harmonic_mean: harmonic_contributions,
    ampi: ampi_contributions,
}

quick = settings(max_examples=40)
compensatory = pytest.mark.parametrize("name", MEANS)
every = pytest.mark.parametrize("aggregate", SPLITS)
level = st.floats(0.5, 200)


@st.composite
def tables(draw, level=level):
    """Parts of a few units, with weights of which one may be zero."""
    width = draw(st.integers(1, 5))
    row = st.lists(level, min_size=width, max_size=width)
    weights = draw(st.lists(st.integers(0, 9), min_size=width, max_size=width))
    weights[0] += 1
    names = [f"part_{i}" for i in range(width)]
    parts = pd.DataFrame(draw(st.lists(row, min_size=1, max_size=5)), columns=names)
    return parts, dict(zip(names, map(float, weights), strict=True))


def one(*values: float) -> pd.DataFrame:
    return pd.DataFrame([values], columns=list("abcd")[: len(values)], index=["108033"])


# --- by hand


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("arithmetic", Fraction(1, 4) * 2 + Fraction(3, 4) * 32),
        ("geometric", 16),  # 2 ** (1/4) * 32 ** (3/4) = 2 ** (1/4 + 15/4)
        ("harmonic", 1 / (Fraction(1, 8) + Fraction(3, 128))),
    ],
)
def test_weighted_means_by_hand(name, expected):
    found = MEANS[name](one(2.0, 32.0), {"b": 3, "a": 1})
    assert found.item() == pytest.approx(float(expected), rel=1e-12)
    assert found.index.tolist() == ["108033"]


def test_ampi_by_hand():
    # parts 80, 100, 120: M = 100, S2 = (400 + 0 + 400) / 3 = 800 / 3; S2 / M = 8 / 3
    parts = one(80.0, 100.0, 120.0)
    assert ampi(parts).item() == pytest.approx(100 + 8 / 3)
    assert ampi(parts, penalty="-").item() == pytest.approx(100 - 8 / 3)
    # the sample's variance is 800 / 2
    assert ampi(parts, ddof=1).item() == pytest.approx(104)
    # contributions: z / 3 + (z - M)^2 / (3 M) = 80/3 + 400/300, 100/3, 120/3 + 400/300
    assert ampi_contributions(parts).iloc[0].tolist() == pytest.approx(
        [80 / 3 + 4 / 3, 100 / 3, 40 + 4 / 3]
    )


def test_weights_enter_mean_and_variance_of_ampi():
    # weights 1/4 and 3/4 of 60 and 100: M = 90, S2 = 900/4 + 300/4 = 300
    assert ampi(one(60.0, 100.0), {"a": 1, "b": 3}).item() == pytest.approx(90 + 300 / 90)


def test_a_part_without_weight_is_no_part_under_a_sample_deviation():
    both = ampi(one(60.0, 100.0), ddof=1)
    three = ampi(one(60.0, 100.0, 5.0), {"a": 1, "b": 1, "c": 0}, ddof=1)
    assert three.item() == pytest.approx(both.item())
    assert ampi(one(60.0), ddof=1).item() == 60


def test_geometric_and_harmonic_contributions_by_hand():
    # a = 1, b = 4: M = 5/2, G = 2, L = (2 - 5/2) / ln(4/5)
    between = -0.5 / np.log(0.8)
    expected = [0.5 * (2.5 + between * np.log(0.4)), 0.5 * (2.5 + between * np.log(1.6))]
    assert geometric_contributions(one(1.0, 4.0)).iloc[0].tolist() == pytest.approx(expected)
    # H = 8/5: 1/2 (5/2 + 8/5 * (1 - 5/2) / 1) = 1/20 and 1/2 (5/2 + 8/5 * (3/2) / 4) = 31/20
    found = harmonic_contributions(one(1.0, 4.0)).iloc[0].tolist()
    assert found == pytest.approx([1 / 20, 31 / 20])


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_a_zero_part_makes_the_score_zero_unless_it_has_no_weight(name):
    aggregate, parts = MEANS[name], one(0.0, 8.0, 2.0)
    assert aggregate(parts).item() == 0
    assert SPLITS[aggregate](parts).iloc[0].tolist() == [0, 0, 0]
    weights = {"a": 0, "b": 1, "c": 1}
    assert aggregate(parts, weights).item() == pytest.approx(
        aggregate(parts[["b", "c"]]).item(), rel=1e-12
    )
    split = SPLITS[aggregate](parts, weights)
    assert split["a"].item() == 0
    assert split.sum(axis=1).item() == pytest.approx(aggregate(parts, weights).item())


@every
def test_parts_that_are_all_zero(aggregate):
    assert aggregate(one(0.0, 0.0)).item() == 0
    assert SPLITS[aggregate](one(0.0, 0.0)).iloc[0].tolist() == [0, 0]


# --- bad input


@pytest.mark.parametrize("name", ["geometric", "harmonic"])
def test_negative_parts_are_named(name):
    with pytest.raises(ValueError, match=f"{name} non ammette parti negative, e lo sono a, c"):
        MEANS[name](one(-1.0, 2.0, -3.0))


def test_a_part_without_weight_may_be_anything_beside_zeros():
    weights = {"a": 1, "b": 0}
    assert ampi(one(0.0, 5.0), weights).item() == 0
    assert ampi_contributions(one(0.0, 5.0), weights).iloc[0].tolist() == [0, 0]


def test_ampi_needs_a_scale_above_zero():
    with pytest.raises(ValueError, match="scala sopra lo zero"):
        ampi(one(-3.0, 1.0))
    with pytest.raises(ValueError, match="scala sopra lo zero"):
        ampi(one(-1.0, 1.0))
    with pytest.raises(ValueError, match="deve essere"):
        ampi(one(1.0), penalty="POS")


def test_wrong_weights_are_named():
    parts = one(1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="mancanti o negativi: b, c$"):
        shares(parts, {"a": 1, "b": -1})
    with pytest.raises(ValueError, match="mancanti o negativi: b$"):
        shares(parts, {"a": 1, "b": np.nan, "c": 2})
    with pytest.raises(ValueError, match="pesi di a, b, c non sommano"):
        shares(parts, dict.fromkeys("abc", 0))


@every
def test_a_missing_part_means_no_score(aggregate):
    parts = pd.DataFrame({"a": [80.0, 80.0, 0.0], "b": [np.nan, 80.0, np.nan]})
    found = aggregate(parts)
    assert found.isna().tolist() == [True, False, True]
    assert found.iloc[1] == pytest.approx(80)
    assert SPLITS[aggregate](parts).sum(axis=1, skipna=False).isna().tolist() == [True, False, True]


# --- properties


@quick
@given(tables())
def test_shares_sum_to_one(table):
    parts, weights = table
    found = shares(parts, weights)
    assert found.sum() == pytest.approx(1)
    assert found.index.tolist() == parts.columns.tolist()
    assert shares(parts).tolist() == pytest.approx([1 / parts.shape[1]] * parts.shape[1])


@pytest.mark.slow
@every
@quick
@given(table=tables(st.floats(0, 200).map(lambda value: value if value > 0.5 else 0.0)))
def test_contributions_add_up_to_the_score(aggregate, table):
    score, split = aggregate(*table), SPLITS[aggregate](*table)
    assert score.notna().all() and split.notna().all(axis=None)
    assert split.sum(axis=1).tolist() == pytest.approx(score.tolist(), abs=1e-8)


@pytest.mark.slow
@every
@quick
@given(table=tables(), data=st.data())
def test_row_and_column_order_do_not_matter(aggregate, table, data):
    parts, weights = table
    columns = data.draw(st.permutations(list(parts.columns)))
    turned = aggregate(parts.loc[::-1, columns], weights)
    assert turned[::-1].tolist() == pytest.approx(aggregate(parts, weights).tolist(), rel=1e-12)


@pytest.mark.slow
@every
@quick
@given(table=tables(), factor=st.floats(0.01, 100))
def test_a_scale_of_another_width_widens_the_score_alike(aggregate, table, factor):
    parts, weights = table
    wide = aggregate(parts * factor, weights)
    expected = (factor * aggregate(parts, weights)).tolist()
    assert wide.tolist() == pytest.approx(expected, rel=1e-9)


@pytest.mark.slow
@every
@quick
@given(table=tables(), factor=st.floats(0.01, 100))
def test_weights_are_taken_in_proportion(aggregate, table, factor):
    parts, weights = table
    more = {name: factor * weight for name, weight in weights.items()}
    found = aggregate(parts, more)
    assert found.tolist() == pytest.approx(aggregate(parts, weights).tolist(), rel=1e-9)


@compensatory
@quick
@given(table=tables(), data=st.data())
def test_a_higher_part_never_lowers_a_mean(name, table, data):
    parts, weights = table
    column = data.draw(st.sampled_from(list(parts.columns)))
    higher = parts.assign(**{column: parts[column] + data.draw(st.floats(0.1, 100))})
    before, after = MEANS[name](parts, weights), MEANS[name](higher, weights)
    assert (after >= before * (1 - 1e-12)).all()
    if weights[column]:
        assert (after > before).all()


@pytest.mark.slow
@quick
@given(tables())
def test_the_means_lie_in_order(table):
    parts, weights = table
    found = [MEANS[name](parts, weights) for name in ("harmonic", "geometric", "arithmetic")]
    for lower, upper in zip(found, found[1:], strict=False):
        assert (lower <= upper * (1 + 1e-12)).all()


@pytest.mark.slow
@quick
@given(tables())
def test_plus_is_above_the_mean_and_minus_as_far_below(table):
    parts, weights = table
    mean = arithmetic_mean(parts, weights)
    plus, minus = ampi(parts, weights), ampi(parts, weights, penalty="-")
    assert (plus >= mean - 1e-9).all()
    assert (plus + minus).tolist() == pytest.approx((2 * mean).tolist(), abs=1e-9)
    # numpy's own weighted variance
    share = shares(parts, weights).to_numpy()
    spread = ((parts.to_numpy() - mean.to_numpy()[:, None]) ** 2) @ share
    assert (plus - mean).tolist() == pytest.approx((spread / mean).tolist(), abs=1e-9)


@every
@quick
@given(value=level, width=st.integers(1, 5))
def test_equal_parts_are_their_own_score(aggregate, value, width):
    same = pd.DataFrame([[value] * width])
    assert aggregate(same).item() == pytest.approx(value)
    assert SPLITS[aggregate](same).iloc[0].tolist() == pytest.approx([value / width] * width)


def test_another_deviation_is_refused():
    with pytest.raises(ValueError, match="ddof è 2"):
        ampi(pd.DataFrame({"a": [90.0], "b": [110.0], "c": [100.0]}), ddof=2)


def test_a_power_mean_by_hand():
    # UNDP 1997: cubes of 10, 20 and 30 per cent: ((1000 + 8000 + 27000) / 3) ** (1/3) = 12000 ** (1/3)
    parts = pd.DataFrame({"a": [10.0, 5.0], "b": [20.0, 5.0], "c": [30.0, 5.0]})
    assert power_mean(parts).tolist() == pytest.approx([12000 ** (1 / 3), 5])
    assert power_mean(parts, exponent=1).tolist() == pytest.approx([20, 5])
    split = power_contributions(parts, {"a": 2, "b": 1, "c": 1}, 2)
    assert split.sum(axis=1).tolist() == pytest.approx(
        power_mean(parts, {"a": 2, "b": 1, "c": 1}, 2).tolist()
    )
    # weights 1/2, 1/4, 1/4: squares 50 + 100 + 225 = 375; points over its root
    assert split.iloc[0].tolist() == pytest.approx([x / 375**0.5 for x in (50, 100, 225)])
    with pytest.raises(ValueError, match="deve superare 0"):
        power_mean(parts, exponent=0)
    with pytest.raises(ValueError, match="non ammette parti negative, e lo sono a"):
        power_mean(-parts[["a"]])
