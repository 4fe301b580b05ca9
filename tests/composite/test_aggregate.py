"""AMPI: the mean corrected for imbalance, and what each part contributed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.composite import ampi, ampi_contributions, normalise_ampi

PUBLISHED = Path(__file__).parents[3] / "shared" / "checks" / "ampi"

score = st.floats(40, 160)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(score, min_size=width, max_size=width), min_size=1, max_size=6)
)


def test_by_hand():
    # parts 80, 100, 120: M = 100, S2 = (400 + 0 + 400) / 3 = 800 / 3; S2 / M = 8 / 3
    parts = pd.DataFrame({"a": [80.0], "b": [100.0], "c": [120.0]}, index=["108033"])
    assert ampi(parts).item() == pytest.approx(100 + 8 / 3)
    assert ampi(parts, "-").item() == pytest.approx(100 - 8 / 3)
    # contributions: z / 3 + (z - M)^2 / (3 M) = 80/3 + 400/300, 100/3, 120/3 + 400/300
    assert ampi_contributions(parts).iloc[0].tolist() == pytest.approx(
        [80 / 3 + 4 / 3, 100 / 3, 40 + 4 / 3]
    )
    assert ampi(parts).index.tolist() == ["108033"]


def test_a_missing_part_means_no_score():
    parts = pd.DataFrame({"a": [80.0, 80.0], "b": [np.nan, 80.0]})
    assert np.isnan(ampi(parts).iloc[0])
    assert ampi(parts).iloc[1] == 80
    assert ampi_contributions(parts).iloc[0].isna().all()


def test_the_penalty_is_plus_or_minus():
    with pytest.raises(ValueError, match="neither"):
        ampi(pd.DataFrame({"a": [1.0]}), "POS")


@given(tables)
def test_plus_is_above_the_mean_and_minus_below(rows):
    parts = pd.DataFrame(rows)
    mean = parts.mean(axis=1)
    plus, minus = ampi(parts), ampi(parts, "-")
    assert (plus >= mean - 1e-9).all()
    assert (minus <= mean + 1e-9).all()
    # the same distance on either side
    assert (plus + minus).tolist() == pytest.approx((2 * mean).tolist(), abs=1e-9)


@given(tables, st.sampled_from(["+", "-"]))
def test_contributions_add_up(rows, penalty):
    parts = pd.DataFrame(rows)
    total = ampi_contributions(parts, penalty).sum(axis=1)
    values = parts.to_numpy()
    mean, variance = values.mean(axis=1), values.var(axis=1)  # numpy: population variance
    expected = mean + (variance / mean if penalty == "+" else -variance / mean)
    assert total.tolist() == pytest.approx(expected.tolist(), abs=1e-9)
    assert ampi(parts, penalty).tolist() == pytest.approx(expected.tolist(), abs=1e-9)


@given(tables)
def test_equal_parts_have_no_penalty(rows):
    level = pd.Series([row[0] for row in rows])
    same = pd.DataFrame({"a": level, "b": level, "c": level})
    assert ampi(same).tolist() == pytest.approx(level.tolist(), abs=1e-9)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="reference cases not here")
def test_better_life_index_as_published_with_ginici():
    key = ["COUNTRY", "YEAR"]
    data = pd.read_csv(PUBLISHED / "bli_input.csv").set_index(key)
    expected = pd.read_csv(PUBLISHED / "bli_expected_giniCI_0.1.3.csv").set_index(key)
    # giniCI: housing expenditure, air pollution and homicides lower well-being
    lower = {"HO_HISH", "EQ_AIRP", "PS_REPH"}
    polarity = {name: -1 if name in lower else 1 for name in data}
    pooled = normalise_ampi(data, polarity, data.mean())  # goalposts pooled over the four years
    assert len(expected) == 36 * 4
    for penalty, column in (("-", "ampi_pooled"), ("+", "ampi_plus_pooled")):
        found = ampi(pooled, penalty)
        assert (found - expected[column]).abs().max() < 1e-9
