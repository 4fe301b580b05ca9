"""Renting, evictions and tourist lets against fractions worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.indicators import security

NAN = float("nan")


def column(*values) -> pd.Series:
    return pd.Series(values, dtype=float)


@pytest.mark.parametrize(
    ("function", "factor"),
    [
        (security.renting_share, 1),
        (security.eviction_orders_per_1000, 1000),
        (security.eviction_executions_per_1000, 1000),
        (security.eviction_requests_per_order_ratio, 1),
        (security.eviction_arrears_share, 1),
        (security.accommodation_beds_per_1000, 1000),
    ],
)
def test_zero_is_a_value_and_what_cannot_be_divided_is_missing(function, factor):
    found = function(column(3, 0, NAN, 3, 3), column(8, 8, 8, 0, NAN))
    assert found.iloc[0] == pytest.approx(factor * 3 / 8)
    assert found.iloc[1] == 0
    assert found.iloc[2:].isna().all()


def test_monza_by_hand(computed):
    monza = computed.data.loc["108033"]
    # 10,598 of 10,598 + 38,729 + 3,154 = 52,481 households rented in 2011
    assert monza["renting_share"] == pytest.approx(10_598 / 52_481)
    # the province's 710 orders, 561 executions on 381,293 households
    assert monza["eviction_orders_per_1000"] == pytest.approx(1000 * 710 / 381_293)
    assert monza["eviction_executions_per_1000"] == pytest.approx(1000 * 561 / 381_293)
    assert monza["eviction_requests_per_order_ratio"] == pytest.approx(3158 / 710)
    # 733 beds of 121,984 residents
    assert monza["accommodation_beds_per_1000"] == pytest.approx(733_000 / 121_984)


def test_catania_has_orders_but_no_requests_or_executions(computed):
    catania = computed.data.loc["087015"]
    assert catania["eviction_orders_per_1000"] == pytest.approx(1000 * 16 / 454_512)
    assert np.isnan(catania["eviction_executions_per_1000"])
    assert np.isnan(catania["eviction_requests_per_order_ratio"])
