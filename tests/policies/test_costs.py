"""Costs by hand, and what the published cases give."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.policies.costs import contracts, contributions, evictions, homes
from needs_analysis.policies.costs.contributions import Notice, due, paid, pro_rata
from needs_analysis.policies.problems import PoliciesError

TORINO = Notice(13_619.58, 25_000, 0.14, 0.24, 3_000, 2_300, 50)


@pytest.mark.parametrize(
    ("income", "rent", "band", "amount"),
    [
        (8_000, 4_800, "A", 3_000),  # 4,800 - 1,120 = 3,680, over the cap
        (12_000, 4_200, "A", 2_520),
        (13_000, 1_850, "A", 0),  # 30: under the least amount
        (13_000, 1_800, "", 0),  # 13.8 %: not admitted
        (15_000, 6_000, "B", 2_300),  # 2,400, over the cap
        (20_000, 5_000, "B", 200),
        (20_000, 4_700, "", 0),  # 23.5 %
        (0, 4_800, "A", 3_000),  # to be verified
        (26_000, 9_000, "", 0),
    ],
)
def test_the_rent_fund_by_hand(income, rent, band, amount):
    row = due(income, rent, TORINO).iloc[0]
    assert (row["band"], row["contribution_eur"]) == (band, pytest.approx(amount))
    assert row["to_verify"] == (income == 0)


def test_months_weigh_on_cap_and_income():
    """Seven months: 7/12 of 3,000, and 7/12 of (4,200 - 0.14 x 12,000)."""
    found = due([8_000, 12_000], [4_800, 4_200], TORINO, months=7)["contribution_eur"]
    assert found.tolist() == pytest.approx([1_750, 1_470])
    one = due([12_000], [4_200], TORINO, months=0)
    assert one["contribution_eur"].tolist() == [0]


def test_a_share_met_exactly_is_admitted_and_a_missing_income_is_no_zero():
    found = due([10_000, np.nan, 0], [1_400, 4_800, 0], TORINO)
    assert found["band"].tolist() == ["A", "", ""]
    assert found["contribution_eur"].tolist()[0] == 0
    assert np.isnan(found["contribution_eur"][1])
    assert found["to_verify"].tolist() == [False, False, False]


def test_a_notice_pays_band_a_first_and_inside_it_the_worse_off():
    asked = due([8_000, 12_000, 15_000, 0], [4_800, 4_200, 6_000, 4_800], TORINO)
    # due: 3,000 (60 %), 2,520 (35 %), B 2,300, 3,000 without income
    assert paid(asked, 9_000).tolist() == pytest.approx([3_000, 2_520, 480, 3_000])
    assert paid(asked, 5_000).tolist() == pytest.approx([2_000, 0, 0, 3_000])
    assert paid(asked, 0).tolist() == [0, 0, 0, 0]
    assert paid(asked, 1e6).tolist() == asked["contribution_eur"].tolist()
    # 8,520 are due in band A: all of it, or 5,000/8,520 of each
    alone = paid(asked, 9_000, within="pro_rata")
    assert alone.tolist() == pytest.approx([3_000, 2_520, 480, 3_000])
    short = paid(asked, 5_000, within="pro_rata")
    assert short.tolist() == pytest.approx(
        [5_000 / 8_520 * one for one in (3_000, 2_520, 0, 3_000)]
    )
    alike = due([8_000, 8_000], [4_800, 4_800], TORINO)
    assert paid(alike, 3_000).tolist() == [1_500, 1_500]
    assert pro_rata(asked, 5_410).tolist() == pytest.approx([1_500, 1_260, 1_150, 1_500])


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0, 40_000), st.floats(0, 15_000), st.floats(0, 50)),
        min_size=1, max_size=12,
    ),
    st.floats(0, 60_000),
)  # fmt: skip
def test_nobody_has_more_than_is_due_nor_all_more_than_there_is(rows, budget):
    income, rent, weight = (np.array(one) for one in zip(*rows, strict=True))
    asked = due(income, rent, TORINO)
    for way in (paid, pro_rata, partial(paid, within="pro_rata")):
        found = way(asked, budget, weight)
        assert (found <= asked["contribution_eur"] + 1e-9).all() and (found >= 0).all()
        assert (found * weight).sum() <= budget * (1 + 1e-12) + 1e-9
        whole = (asked["contribution_eur"] * weight).sum()
        assert (found * weight).sum() == pytest.approx(min(whole, budget), abs=1e-6)
        back = way(asked[::-1], budget, weight[::-1])
        assert back.sort_index().to_numpy() == pytest.approx(found.to_numpy(), abs=1e-6)


def test_helped_is_not_avoided():
    """Santa Clara: 200,000 at 2,000 each, 4.1 % against 0.3 %."""
    found = evictions.avoided(200_000, 2_000, 0.041, 0.041 - 0.038)
    assert found.helped == 100
    assert found.avoided == pytest.approx(3.8)
    assert found.anyway == pytest.approx(95.9)
    assert found.eur_each == pytest.approx(52_632, abs=1)
    assert evictions.avoided(1_000, 100, 0.1, 0.2) == (10, 0, 9, np.inf)


def test_amounts_by_hand():
    assert evictions.arrears([4_800, 12_000], 10, 8_000).tolist() == [4_000, 8_000]
    assert evictions.hours(12, 25, 3_000, 40) == 15_000
    assert contracts.guarantee([7_200], 0.05, 12).tolist() == [360]
    assert contracts.agreed([7_200], 0.15).tolist() == [6_120]
    assert contributions.capped([4_800, 14_400], 10, 3_600).tolist() == [3_600, 3_600]
    assert contributions.capped([4_800], 12, 9_000, share=0.5).tolist() == [2_400]


def test_the_cash_of_a_repair_is_beside_its_annuity():
    found = homes.repair(20_000, 20, 0.03, homes=3)
    assert found.cash_eur == 60_000
    worth = sum(found.annuity_eur / 1.03**year for year in range(1, 21))
    assert worth == pytest.approx(60_000)


def test_a_place_by_hand():
    """26 euro a day, half-year stays, nine nights in ten: 1.8 households, 0.9 years, 328.5 nights."""
    place = homes.Place(26, 2_000, stay_days=182.5, occupancy_share=0.9)
    assert place.households == pytest.approx(1.8)
    assert place.household_years == pytest.approx(0.9)
    assert place.year_eur(2) == pytest.approx(26 * 2 * 328.5 + 2_000)
    assert place.stay_eur(2) * place.households + 2_000 == pytest.approx(place.year_eur(2))
    long = homes.Place(26, 0, stay_days=730, occupancy_share=0.9)
    assert long.stay_eur(1) == pytest.approx(26 * 328.5)


def test_good_exits_are_each_publisher_s_and_the_own_register_comes_first():
    assert homes.exits("P15", 0.586) == (0.586, False)
    assert homes.exits("P15", 0.586, {"P12": 0.4}) == (0.586, False)
    assert homes.exits("P15", 0.586, {"P15": 0.4}) == (0.4, True)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: due([-1], [4_800], TORINO),
        lambda: due([8_000], [4_800], TORINO, months=13),
        lambda: paid(due([8_000], [4_800], TORINO), -5),
        lambda: paid(due([8_000], [4_800], TORINO), 5, within="lots"),
        lambda: pro_rata(due([8_000], [4_800], TORINO), np.nan),
        lambda: evictions.avoided(-1, 2_000, 0.1, 0.1),
        lambda: evictions.avoided(1, 0, 0.1, 0.1),
        lambda: evictions.avoided(1, 1, 4.1, 0.1),
        lambda: evictions.hours(-1, 25),
        lambda: homes.repair(20_000, 0, 0.03),
        lambda: homes.Place(26, 0, 0, 0.9),
        lambda: homes.exits("P15", 58.6),
        lambda: contracts.guarantee([7_200], 5, 12),
        lambda: contracts.agreed([7_200], 15),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(PoliciesError):
        wrong()


def test_all_wrong_amounts_are_named_at_once():
    with pytest.raises(PoliciesError, match=r"(?s)hours_each è -2.*eur_hour è -1"):
        evictions.hours(-2, -1)


def test_weights_stand_for_households():
    asked = pd.DataFrame(
        {"band": ["A", "A"], "incidence": [0.5, 0.5], "contribution_eur": [1_000.0, 500.0]}
    )
    assert paid(asked, 1_250, [2, 1]).tolist() == [500, 250]
