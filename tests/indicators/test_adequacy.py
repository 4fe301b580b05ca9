"""Large households and other lodgings against fractions worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.indicators import adequacy

NAN = float("nan")


def column(*values) -> pd.Series:
    return pd.Series(values, dtype=float)


@pytest.mark.parametrize(
    ("function", "factor"),
    [(adequacy.large_households_share, 1), (adequacy.other_lodgings_per_1000, 1000)],
)
def test_on_households(function, factor):
    found = function(column(3, 0, NAN, 3), column(800, 800, 800, 0))
    assert found.iloc[0] == pytest.approx(factor * 3 / 800)
    assert found.iloc[1] == 0
    assert found.iloc[2:].isna().all()


def test_monza_by_hand_and_sovico_without_census_areas(computed):
    monza = computed.data.loc["108033"]
    assert monza["large_households_share"] == pytest.approx(494 / 52_514)
    assert monza["other_lodgings_per_1000"] == pytest.approx(1000 * 103 / 52_514)
    assert np.isnan(computed.data.loc["108041", "large_households_share"])
    assert computed.vintage.loc["108033", "large_households_share"] == "2011"
