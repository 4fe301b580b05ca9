"""Rents of municipalities that merged, against means worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.municipal.rents.weights import merge_predecessors
from needs_analysis.sources import omi_rates


def quote(zone="B1", typology="20", low=4.0, high=6.0, surface="L", prevalent=True, code="X001"):
    return {
        "cadastral_code": code,
        "municipality_name": "PROVA",
        "zone_code": zone,
        "typology_code": typology,
        "is_prevalent": prevalent,
        "rent_low_eur_m2_month": low,
        "rent_high_eur_m2_month": high,
        "rent_surface_code": surface,
        "sale_low_eur_m2": 1000.0,
        "sale_high_eur_m2": 2000.0,
        "sale_surface_code": "L",
    }


def merged(*rows, weights):
    frame = omi_rates.municipal(pd.DataFrame(list(rows)))
    successor = pd.Series("001001", index=frame.index)
    return merge_predecessors(frame, successor, pd.Series(weights)).loc["001001"]


def test_predecessors_weigh_by_their_residents_of_2011():
    # Vermezzo 3.80 with 3,829 residents, Zelo Surrigone 4.95 with 1,477:
    # (3.80 * 3829 + 4.95 * 1477) / 5306 = (14550.2 + 7311.15) / 5306
    found = merged(
        quote(low=3.2, high=4.4, code="L768"),
        quote(low=4.0, high=5.9, code="M160"),
        weights={"L768": 3829.0, "M160": 1477.0},
    )
    assert found["rent_eur_m2_month"] == pytest.approx(21861.35 / 5306, abs=1e-12)
    assert (found["rent_low_eur_m2_month"], found["rent_high_eur_m2_month"]) == (3.2, 5.9)
    assert (found["predecessors"], found["rent_zones"]) == (2, 2)
    assert bool(found["rent_mixed_surfaces"]) is False


def test_predecessors_of_the_lighter_surface_kind_are_left_out_and_flagged():
    found = merged(
        quote(low=4, high=6, code="A001"),
        quote(low=9, high=11, surface="N", code="A002"),
        quote(low=7, high=9, surface="N", code="A003"),
        weights={"A001": 900.0, "A002": 300.0, "A003": 100.0},
    )
    assert (found["rent_eur_m2_month"], found["rent_surface_code"]) == (5, "L")
    assert bool(found["rent_mixed_surfaces"]) is True
    # sale prices are all gross: every predecessor counts
    assert found["predecessors"] == 3


def test_a_predecessor_without_a_quote_does_not_pull_the_mean():
    found = merged(
        quote(low=4, high=6, code="A001"),
        quote(low=np.nan, high=np.nan, code="A002"),
        weights={"A001": 1.0, "A002": 1000.0},
    )
    assert found["rent_eur_m2_month"] == 5


def test_a_municipality_without_successor_is_dropped():
    frame = omi_rates.municipal(pd.DataFrame([quote(code="A001"), quote(code="A002")]))
    successor = pd.Series({"A001": "001001", "A002": None}, dtype="str")
    found = merge_predecessors(frame, successor, pd.Series({"A001": 1.0}))
    assert found.index.tolist() == ["001001"]
    assert found.loc["001001", "predecessors"] == 1
