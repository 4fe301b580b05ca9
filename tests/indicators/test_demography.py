"""Population and context against fractions worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from needs_analysis.indicators import demography

NAN = float("nan")


def column(*values) -> pd.Series:
    return pd.Series(values, dtype=float)


@pytest.mark.parametrize(
    "function",
    [
        demography.residents_per_km2,
        demography.residents_per_household_ratio,
        demography.residents_18_34_share,
        demography.women_15_49_share,
    ],
)
def test_simple_ratios(function):
    found = function(column(9, 0, NAN, 9), column(36, 36, 36, 0))
    assert found.tolist()[:2] == [0.25, 0]
    assert found.iloc[2:].isna().all()


def test_dependency_counts_the_young_and_the_old():
    # (12 + 24) / 64 = 0.5625
    found = demography.dependency_per_100(
        column(12, NAN, 12), column(24, 24, 24), column(64, 64, 0)
    )
    assert found.iloc[0] == 56.25
    assert found.iloc[1:].isna().all()


def test_urbanisation_is_passed_on():
    given = pd.Series(["1", None, "3"], dtype="str")
    assert demography.degree_of_urbanisation_code(given).tolist()[::2] == ["1", "3"]


def test_monza_by_hand(computed):
    monza = computed.data.loc["108033"]
    assert monza["residents_per_household_ratio"] == pytest.approx(121_984 / 56_209)
    assert monza["dependency_per_100"] == pytest.approx(100 * (15_625 + 30_354) / 76_005)
    assert monza["residents_18_34_share"] == pytest.approx(20_738 / 121_984)
    assert monza["degree_of_urbanisation_code"] == "1"
