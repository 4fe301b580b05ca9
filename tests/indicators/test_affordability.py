"""Rent, price and income against fractions worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.indicators import affordability, compute
from needs_analysis.municipal import panel

NAN = float("nan")


def column(*values) -> pd.Series:
    return pd.Series(values, index=[f"m{i}" for i in range(len(values))], dtype=float)


def test_rent_to_income():
    # 3915 / 24805 of Sovico; no rent; no income; income of no one
    found = affordability.rent_to_income_ratio(
        column(3915, NAN, 3915, 3915), column(24_805, 24_805, NAN, 0)
    )
    assert found.iloc[0] == pytest.approx(3915 / 24_805)
    assert found.iloc[1:].isna().all()
    assert found.index.tolist() == ["m0", "m1", "m2", "m3"]


def test_affordable_surface():
    # gross rate of 5 EUR: 0.30 * 20000 / (12 * 5) = 100 m2
    # net rate of 5 EUR: rent 12 * 5 * 60 = 3600; 0.30 * 20000 * 75 / 3600 = 125 m2 gross
    found = affordability.affordable_surface_m2(
        column(12 * 5 * 75, 12 * 5 * 60, NAN),
        column(20_000, 20_000, 20_000),
        sustainable_rent_share=0.30,
        reference_dwelling_gross_m2=75,
    )
    assert found.tolist()[:2] == pytest.approx([100, 125])
    assert np.isnan(found.iloc[2])


def test_price_to_income():
    # 80 * 1250 / 24805 = 4.03 years
    found = affordability.price_to_income_years(
        column(1250, NAN, 1250), column(24_805, 24_805, 0), purchase_dwelling_m2=80
    )
    assert found.iloc[0] == pytest.approx(100_000 / 24_805)
    assert found.iloc[1:].isna().all()


def low_income(up_to_10k, all_classes, low_blanks, other_blanks):
    return affordability.low_income_share(
        column(up_to_10k),
        column(all_classes),
        column(low_blanks),
        column(other_blanks),
        suppressed_class_max_taxpayers=3,
    )


def test_low_income_share_and_its_bounds():
    found = low_income(20, 100, 1, 2)
    assert found.central.item() == 0.2
    # lowest: the six others hold 2 * 3 more: 20 / 106
    assert found.low.item() == pytest.approx(20 / 106)
    # highest: the blank low class holds 3 more: 23 / 103
    assert found.high.item() == pytest.approx(23 / 103)


def test_without_blanks_there_is_no_interval_and_without_declarants_no_value():
    whole = low_income(20, 100, 0, 0)
    assert {part.item() for part in whole} == {0.2}
    assert all(np.isnan(part.item()) for part in low_income(0, 0, 0, 0))


MIDDLES = [5_000, 12_500, 20_500, 40_500, 65_000, 97_500]


def amounts_of(counts, means=MIDDLES):
    """Amounts of the six bounded classes; a blank count has a blank amount."""
    return [count * mean for count, mean in zip(counts[1:7], means, strict=True)]


def below(rent, counts, blanks=0.0, share=0.30, means=MIDDLES):
    return affordability.below_rent_threshold_share(
        column(rent),
        *(column(count) for count in counts),
        *(column(amount) for amount in amounts_of(counts, means)),
        column(blanks),
        sustainable_rent_share=share,
        suppressed_class_max_taxpayers=3,
    )


def test_below_the_threshold_with_means_in_the_middle_of_the_classes():
    # The flattest density with its mean in the middle is even.
    # Threshold 3915 / 0.30 = 13050: all of the first two classes and 3050 / 5000 of the third:
    # (10 + 200 + 0.61 * 100) / 1000 = 0.271
    counts = [10, 200, 100, 300, 300, 50, 30, 10]
    assert below(3915, counts).central.item() == pytest.approx(0.271)
    # threshold 3000 / 0.30 = 10000, the edge of a class: 210 / 1000
    assert below(3000, counts).central.item() == pytest.approx(0.21)
    # threshold 1500 / 0.30 = 5000: (10 + 200 / 2) / 1000
    assert below(1500, counts).central.item() == pytest.approx(0.11)
    # threshold 36000 / 0.30 = 120000: all but the open class
    assert below(36_000, counts).central.item() == pytest.approx(0.99)


def test_a_class_whose_mean_is_low_has_more_below():
    # Mean 2500 of 0-10000: f(t) = L e^(L t) / (e^L - 1) with L = -3.593512; below the middle
    # (1 - e^(L / 2)) / (1 - e^L) = 0.85776, of the 200: (10 + 171.55) / 1000
    counts = [10, 200, 100, 300, 300, 50, 30, 10]
    found = below(1500, counts, means=[2_500, *MIDDLES[1:]]).central.item()
    assert found == pytest.approx((10 + 200 * 0.857758) / 1000, abs=1e-6)


def test_milano_roma_and_venezia_as_their_classes_and_amounts_have_them():
    found = compute(panel.build(national=True), ["below_rent_threshold_share"]).data.iloc[:, 0]
    wanted = {"015146": 0.7055, "058091": 0.7163, "027042": 0.8903}
    assert found[list(wanted)].round(4).to_dict() == wanted


def test_beyond_the_last_bound_and_without_rent_there_is_no_value():
    counts = [10, 200, 100, 300, 300, 50, 30, 10]
    assert np.isnan(below(36_001, counts).central.item())
    assert np.isnan(below(NAN, counts).central.item())
    assert np.isnan(below(3000, [0] * 8).central.item())


def test_blank_classes_give_bounds():
    # "up to 0" is blank, none or 3: 100 of 400 below 10000, at most 103 of 403
    found = below(3000, [NAN, 100, 100, 100, 100, 0, 0, 0], blanks=1)
    assert found.central.item() == pytest.approx(100 / 400)
    assert found.low.item() == pytest.approx(100 / 400)
    assert found.high.item() == pytest.approx(103 / 403)
    # "over 120000" is: at least 100 of 403
    found = below(3000, [0, 100, 100, 100, 100, 0, 0, NAN], blanks=1)
    assert found.low.item() == pytest.approx(100 / 403)
    assert found.high.item() == pytest.approx(100 / 400)


def test_of_an_area_blank_classes_are_known_by_number():
    # One blank somewhere, above or below: 100 / 403 and 103 / 403
    found = below(3000, [0, 100, 100, 100, 100, 0, 0, 0], blanks=1)
    assert found.central.item() == pytest.approx(100 / 400)
    assert found.low.item() == pytest.approx(100 / 403)
    assert found.high.item() == pytest.approx(103 / 403)


def test_the_scenario_raises_the_rent():
    counts = [10, 200, 100, 300, 300, 50, 30, 10]
    found = affordability.below_rent_threshold_scenario_share(
        column(3000),
        *(column(count) for count in counts),
        *(column(amount) for amount in amounts_of(counts)),
        column(0),
        sustainable_rent_share=0.30,
        suppressed_class_max_taxpayers=3,
        rent_scenario_increase_share=0.30,
    )
    # threshold 3900 / 0.30 = 13000: (210 + 0.6 * 100) / 1000
    assert found.central.item() == pytest.approx(0.27)


count = st.integers(0, 10_000) | st.just(NAN)
rent = st.floats(0, 36_000)


@pytest.mark.slow
@given(rent, rent, st.lists(count, min_size=8, max_size=8))
def test_more_rent_means_more_below(first, second, counts):
    blanks = float(np.isnan(counts).sum())
    less, more = (below(r, counts, blanks) for r in sorted((first, second)))
    if np.nansum(counts) == 0:
        assert np.isnan(less.central.item())
        return
    assert less.central.item() <= more.central.item() + 1e-12
    for found in (less, more):
        low, central, high = (found.low.item(), found.central.item(), found.high.item())
        assert 0 <= low <= central + 1e-12
        assert central <= high + 1e-12 <= 1 + 2e-12


def gini(counts, amounts) -> float:
    return affordability.income_between_class_gini_ratio(
        *(column(value) for value in (*counts, *amounts))
    ).item()


def test_gini_between_classes():
    # 1 of 2 with 5000, the other with 20000: half the people hold a fifth of the income.
    # G = 1 - (0.5 * 0.2 + 0.5 * (0.2 + 1)) = 1 - 0.7 = 0.3
    assert gini([0, 1, 0, 1, 0, 0, 0, 0], [0, 5e3, 0, 2e4, 0, 0, 0, 0]) == pytest.approx(0.3)
    # one class only: nothing between classes
    assert gini([0, 0, 9, 0, 0, 0, 0, 0], [0, 0, 1e5, 0, 0, 0, 0, 0]) == pytest.approx(0)
    # a loss counts as no income: 1 of 2 has nothing, G = 1 - (0 + 0.5 * 1) = 0.5
    assert gini([1, 0, 0, 1, 0, 0, 0, 0], [-9e3, 0, 0, 2e4, 0, 0, 0, 0]) == pytest.approx(0.5)
    assert np.isnan(gini([0] * 8, [0] * 8))
    assert np.isnan(gini([NAN] * 8, [NAN] * 8))


def test_gini_leaves_blank_classes_out():
    blank = [NAN, 1, NAN, 1, NAN, NAN, NAN, NAN]
    assert gini(blank, [NAN, 5e3, NAN, 2e4, NAN, NAN, NAN, NAN]) == pytest.approx(0.3)


BOUNDS = [(-5000, 0), (1, 10_000), (10_000, 15_000), (15_000, 26_000), (26_000, 55_000)]
BOUNDS += [(55_000, 75_000), (75_000, 120_000), (120_000, 400_000)]
people = st.lists(st.integers(0, 5000), min_size=8, max_size=8)
places = st.lists(st.floats(0, 1), min_size=8, max_size=8)


@pytest.mark.slow
@given(people, places, st.sampled_from([0.5, 2.0, 7.0]))
def test_gini_is_between_zero_and_one_and_has_no_scale(counts, where, factor):
    means = [low + at * (high - low) for (low, high), at in zip(BOUNDS, where, strict=True)]
    amounts = [n * mean for n, mean in zip(counts, means, strict=True)]
    found = gini(counts, amounts)
    if sum(counts[1:]) == 0:
        assert np.isnan(found)
        return
    assert -1e-9 <= found <= 1 + 1e-9
    assert gini(counts, [factor * a for a in amounts]) == pytest.approx(found, abs=1e-9)
    assert gini([3 * n for n in counts], amounts) == pytest.approx(found, abs=1e-9)
