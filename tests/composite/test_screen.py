"""Availability by unit and by indicator, and the units kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.composite.screen import availability, screen_units

GAPS = pd.DataFrame(
    {"a": [1.0, np.nan, np.nan], "b": [2.0, 2.0, np.nan], "c": [0.0, 3.0, 3.0]}, index=list("xyz")
)


def test_by_hand():
    found = availability(GAPS)
    assert found["present"].tolist() == [3, 2, 1]
    assert found["missing"].tolist() == [0, 1, 2]
    assert found["present_share"].tolist() == [1, 2 / 3, 1 / 3]


def test_by_indicator():
    assert availability(GAPS.T)["present_share"].to_dict() == {"a": 1 / 3, "b": 2 / 3, "c": 1}


def test_the_share_itself_is_enough():
    # y has exactly two of three: kept; zero is a value
    assert screen_units(GAPS).to_dict() == {"x": True, "y": True, "z": False}
    assert screen_units(GAPS, 0.67).to_dict() == {"x": True, "y": False, "z": False}
    assert screen_units(GAPS, 0).all()


def test_shares_and_tables_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="share_min è 66: deve stare fra 0 e 1"):
        screen_units(GAPS, 66)
    with pytest.raises(ValueError, match="share_min è nan"):
        screen_units(GAPS, float("nan"))
    with pytest.raises(ValueError, match="non ha colonne"):
        availability(pd.DataFrame(index=["x"]))


@settings(max_examples=50)
@given(st.integers(1, 12), st.integers(1, 12))
def test_a_stated_fraction_is_met_exactly(present, asked):
    row = pd.DataFrame([[1.0] * present + [np.nan] * (12 - present)])
    assert bool(screen_units(row, asked / 12).iloc[0]) == (present >= asked)
