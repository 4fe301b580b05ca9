"""The scale of AMPI: the reference is 100, the range 60 wide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.composite import normalise_ampi

distinct = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=20, unique=True)


def scaled(values, polarity=1, **more) -> pd.Series:
    return normalise_ampi(pd.DataFrame({"x": values}), {"x": polarity}, **more)["x"]


def test_by_hand():
    # mean 2, range 4: lo = 0, hi = 4, so z = 15 x + 70
    assert scaled([0.0, 1.0, 1.0, 4.0, 4.0]).tolist() == [70, 85, 85, 130, 130]


def test_the_other_polarity_is_two_hundred_minus():
    assert scaled([0.0, 1.0, 1.0, 4.0, 4.0], -1).tolist() == [130, 115, 115, 70, 70]


def test_a_reference_of_ones_own():
    # reference 3: lo = 1, so z = (x - 1) * 15 + 70; the reference itself is 100
    found = scaled([0.0, 3.0, 4.0], reference=pd.Series({"x": 3.0}))
    assert found.tolist() == [55, 100, 115]


def test_blanks_stay_and_do_not_count():
    found = scaled([0.0, np.nan, 10.0])
    assert found.tolist()[::2] == [70, 130] and np.isnan(found.iloc[1])


def test_constant_and_empty_columns_are_named():
    frame = pd.DataFrame({"flat": [1.0, 1.0], "fine": [1.0, 2.0], "empty": [np.nan, np.nan]})
    with pytest.raises(ValueError, match="flat, empty$"):
        normalise_ampi(frame, dict.fromkeys(frame, 1))


@given(distinct, st.sampled_from([1, -1]))
def test_the_mean_is_a_hundred_and_the_range_sixty(values, polarity):
    found = scaled(values, polarity)
    assert found.mean() == pytest.approx(100, abs=1e-9)
    assert found.max() - found.min() == pytest.approx(60, abs=1e-9)


@given(distinct, st.sampled_from([0.001, 3.0, 1000.0]), st.integers(-500, 500))
def test_unit_and_origin_do_not_matter(values, factor, shift):
    moved = scaled([factor * value + shift for value in values])
    assert moved.tolist() == pytest.approx(scaled(values).tolist(), abs=1e-6)


@given(distinct)
def test_turning_the_polarity_mirrors_at_a_hundred(values):
    both = scaled(values, 1) + scaled(values, -1)
    assert both.tolist() == pytest.approx([200] * len(values), abs=1e-9)


def test_a_municipality_outside_the_reference_set_does_not_move_the_others():
    own = pd.Series({"x": 5.0})
    before = scaled([0.0, 4.0, 10.0], reference=own)
    after = scaled([0.0, 4.0, 10.0, 7.0], reference=own)
    assert after.tolist()[:3] == before.tolist()
