"""Cells of the need: they sum to it, and count nobody twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.needs.estimate import of_estimates
from needs_analysis.policies.cells import SIZES, cells

CODES = ["015146", "108033", "108039"]


def need(burdened=(300.0, 80.0, 12.0), orders=(10.0, 4.0, 6.0), own=(), sizes=None, tenants=None):
    panel = pd.DataFrame({"households": [5000.0, 2000.0, 3000.0], "eviction_orders": orders}, CODES)
    counted = pd.DataFrame([*own], columns=["municipality_code", "group", "count", "day"])
    by_size = None
    if sizes is not None:
        index = pd.MultiIndex.from_product(
            [CODES, range(1, 7)], names=["municipality_code", "size"]
        )
        held = np.outer(burdened, np.asarray(sizes) / np.sum(sizes)).ravel()
        by_size = pd.DataFrame({"low": held / 2, "central": held, "high": held * 2}, index)
    return of_estimates(
        panel, pd.DataFrame({"overburdened_tenants": burdened}, CODES), counted if own else None,
        by_size=by_size, tenants=tenants,
    )  # fmt: skip


def test_by_hand():
    """300 and 10, 6 in both: 304 distinct, 304 x 300/310 of them too dear, by the estimate's sizes."""
    tenants = pd.DataFrame([[40.0, 30, 20, 5, 3, 2]] * 3, CODES, [*range(1, 7)])
    found = cells(need(sizes=[2, 1, 1, 1, 0.5, 0.5], tenants=tenants))["central"]
    assert found["015146", "affordability"].tolist() == pytest.approx(
        np.array([2, 1, 1, 2]) / 6 * 304 * 300 / 310
    )
    assert found["015146", "eviction_order"].tolist() == pytest.approx(
        np.array([40, 30, 20, 10]) / 100 * 304 * 10 / 310
    )


def test_a_group_without_a_figure_has_no_cells_and_one_that_is_counted_has():
    found = cells(need())
    assert set(found.index.get_level_values("group")) == {"affordability", "eviction_order"}
    own = [
        ("108033", "foreclosure", 12.0, "2026-01-31"),
        ("108039", "affordability", 0.0, "2026-01-31"),
    ]
    counted = cells(need(own=own, sizes=[1] * 6))
    assert counted["central"]["108033", "foreclosure"].sum() > 0
    assert "foreclosure" not in counted.loc["015146"].index.get_level_values("group")
    assert counted.loc["108039", "affordability"].to_numpy().tolist() == [[0.0] * 3] * 4


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 1500), min_size=3, max_size=3),
    st.lists(st.floats(0, 300), min_size=3, max_size=3),
    st.none() | st.lists(st.floats(0.01, 9), min_size=6, max_size=6),
    st.integers(0, 400),
)
def test_they_sum_to_the_distinct_households(burdened, orders, sizes, counted):
    own = [("108033", "no_contract", float(counted), "2026-01-31")]
    one = need(tuple(burdened), tuple(orders), own, sizes)
    found = cells(one)
    summed = found.groupby("municipality_code")[["low", "central", "high"]].sum()
    assert summed["central"].to_numpy() == pytest.approx(
        one.unlisted["central"].to_numpy(), rel=1e-9, abs=1e-9
    )
    assert (summed["low"] <= one.unlisted["low"] + 1e-6).all()
    assert (summed["high"] >= one.unlisted["high"] - 1e-6).all()
    assert (found["low"] <= found["central"] + 1e-12).all()
    assert (found["central"] <= found["high"] + 1e-12).all() and (found >= 0).all(axis=None)
    by_group = found.groupby(["municipality_code", "group"]).sum()
    parted = one.parted().counts.loc[by_group.index]
    assert by_group.to_numpy() == pytest.approx(parted.to_numpy(), rel=1e-9, abs=1e-9)
    assert set(found.index.get_level_values("size")) == {*SIZES}


def test_order_of_the_municipalities_changes_nothing():
    one = need(sizes=[3, 2, 1, 1, 1, 1])
    found = cells(one)
    panel = pd.DataFrame({"households": [3000.0, 5000.0], "eviction_orders": [6.0, 10.0]},
                         ["108039", "015146"])  # fmt: skip
    other = cells(
        of_estimates(panel, pd.DataFrame({"overburdened_tenants": [12.0, 300.0]}, panel.index),
                     by_size=one.by_size)
    )  # fmt: skip
    assert (other == found.loc[other.index]).all(axis=None)
