"""Only values that units have of their own stand in a pattern."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import patterns
from needs_analysis.figures import Figures, Quality
from needs_analysis.patterns.admission import admitted_series
from needs_analysis.territory import neighbours, select


def test_a_bare_series_counts_as_observed_and_is_sorted():
    values, allocated = admitted_series(pd.Series([2.0, 1.0], index=["b", "a"], name="x"))
    assert values.index.tolist() == ["a", "b"] and allocated == ()


def test_modelled_and_imputed_values_are_their_units_own():
    frame = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    for quality in (Quality.MODELLED, Quality.IMPUTED):
        assert patterns.admitted(Figures.of(frame, quality=quality)).data["x"].count() == 2


def test_provincial_indicators_are_refused_for_municipalities_only(computed):
    rates = computed.columns(["eviction_orders_per_1000"])
    area = select("provincia:MB")
    with pytest.raises(ValueError, match="eviction_orders_per_1000: pubblicato per provincia"):
        patterns.local_moran(rates, area)
    with pytest.raises(ValueError, match="pubblicato per provincia"):
        patterns.moran(rates.data["eviction_orders_per_1000"], neighbours(area))
    with pytest.raises(ValueError, match="pubblicato per provincia"):
        patterns.typology(rates.beside(computed.columns(["low_income_share"])))
    by_province = pd.DataFrame({"eviction_orders_per_1000": [1.0, 2.0]}, index=["108", "015"])
    assert patterns.admitted(by_province).data.index.tolist() == ["015", "108"]


def test_every_problem_is_told_at_once():
    frame = pd.DataFrame({"a": ["1", "2"], "b": [1.0, np.inf], "c": [True, False], "d": [1, 2]})
    with pytest.raises(ValueError) as error:
        patterns.admitted(frame)
    assert (
        str(error.value) == "a: non è fatto di numeri; b: valori infiniti; c: non è fatto di numeri"
    )


def test_one_column_at_a_time():
    two = Figures.of(pd.DataFrame({"a": [1.0], "b": [1.0]}))
    with pytest.raises(
        ValueError, match=r"2 colonne: sceglierne una con .columns\(\[name\]\), fra a, b"
    ):
        admitted_series(two)
