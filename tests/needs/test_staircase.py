"""The gap, step by step: Angus in 2009, and what is never done."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.needs.affordable import affordable_available, of_counts
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.needs.intervals import SIZES, Flow, Interval, Stock
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.staircase import gap
from needs_analysis.needs.supply import Supply, household_years, households_held


def even(counts, names=("group",)):
    index = pd.Index(list(counts))
    index = index.set_names(list(names))
    values = [*counts.values()]
    return pd.DataFrame({"low": values, "central": values, "high": values}, index, dtype=float)


ANGUS = {
    "homeless": 175, "concealed": 219, "overcrowded dwelling": 779, "special needs": 3194,
    "poor condition": 428, "harassment": 127,
}  # fmt: skip


def test_angus_and_its_slip():
    """Of 4,922 are met in place 680; 52 % of the others can pay, so that 48 % are in need."""
    backlog = Stock(even(ANGUS))
    assert backlog.total.central == 4922
    in_place = 680 / 4922
    solved = {one: Interval(*[in_place] * 3) for one in ANGUS}
    found = (
        gap(backlog, Supply(), in_place=solved).stock["central"].xs("to_be_housed", level="step")
    )
    assert found["any"] == pytest.approx(4242)
    net, arising = (1 - 0.52) * found["any"], (1 - 0.32) * 771 + 724
    assert arising == pytest.approx(1248, abs=0.5)  # as published
    assert net == pytest.approx(
        2036.16
    )  # published: 2206, which takes 52 % for those who cannot pay
    assert 0.52 * found["any"] == pytest.approx(2206, abs=0.5)

    supply = Supply(relets=pd.Series({"any": 1075.0}), committed=pd.Series({"any": 50.0}))
    for years, expected in ((5, 530), (1, 2159)):
        one = gap(
            Stock(even({"net": net})), supply, arising=Flow(even({"new": arising})), years=years
        )
        assert one.yearly.total.central == pytest.approx(expected, abs=1)


def test_a_surplus_of_one_size_fills_no_other():
    """Ten alone and ten of four, twenty small homes: the ten of four have no place."""
    backlog = Stock(even({("none", 1): 10, ("none", 4): 10}, ("group", "size")))
    found = gap(backlog, Supply(free_ready=pd.Series({1: 20.0})))
    stock = found.stock["central"]
    assert (stock[1, "left_over"], stock[4, "left_over"]) == (10, 0)
    assert (stock[1, "without_place"], stock[4, "without_place"]) == (0, 10)
    assert found.without_place.total.central == 10
    with pytest.raises(TypeError):
        found.without_place + found.yearly


def test_shares_in_place_by_answer_and_bounds():
    """Between 30 and 80 % of the overburdened are solved by a contribution, at most the more."""
    backlog = Stock(pd.DataFrame({"low": 80.0, "central": 100.0, "high": 150.0}, ["affordability"]))
    found = gap(backlog, Supply(free_ready=pd.Series({"any": 10.0})))
    assert found.stock.loc[("any", "to_be_housed")].tolist() == pytest.approx([16, 40, 105])
    assert found.stock.loc[("any", "without_place")].tolist() == pytest.approx([6, 30, 95])
    assert found.answers.loc[("affordability", "contribution"), "central"] == pytest.approx(60)
    assert found.answers.loc[("affordability", "home"), "central"] == pytest.approx(40)
    assert found.flow.loc[("any", "quota")].tolist() == pytest.approx([1.2, 6, 19])


def test_groups_of_flow_arise_once_and_nobody_is_in_two_lists():
    """100 and 10 orders, 6 in both: 104 distinct; orders are not in the backlog too."""
    panel = pd.DataFrame({"households": [1000.0], "eviction_orders": [10.0]}, index=["108033"])
    need = of_estimates(panel, pd.DataFrame({"overburdened_tenants": [100.0]}, index=["108033"]))
    assert need.parted().total.central == pytest.approx(104)
    found = gap(need, Supply(), sizes=pd.Series({1: 0.25, 2: 0.75}))
    central = found.stock["central"]
    assert central[1, "backlog"] + central[2, "backlog"] == pytest.approx(100 * 104 / 110)
    assert found.flow.loc[(1, "arising"), "central"] == pytest.approx(2.5)


def test_what_is_wrong_is_said_all_at_once():
    with pytest.raises(NeedsError) as caught:
        gap(
            Stock(even({"x": 1})), Supply(free_ready=pd.Series({3: -1.0})),
            in_place={"x": Interval(0.1, 1.2, 0.3)},
        )  # fmt: skip
    codes = [one.code for one in caught.value.problems]
    assert codes == ["needs.share", "needs.sizes_differ", "needs.negative"]


def test_places_become_households():
    homes = pd.DataFrame({"rooms": [1, 2, 4, 5, 8, 0], "beds": [1, 3, 2, 9, 5, 0]})
    assert households_held(homes).to_dict() == {1: 1, 2: 2, 3: 0, 4: 0, 5: 1, 6: 1}
    assert household_years(pd.Series({2: 730})).tolist() == [1]


def test_transitional_places_are_given_in_the_year():
    """Two places all year for one alone, four for pairs: four households of a year less."""
    nights = pd.Series({1: 2 * 365, 2: 4 * 365})
    supply = Supply.of_places(pd.DataFrame({"rooms": [2]}), transitional_nights=nights)
    counts = {("x", size): 0 for size in SIZES} | {("x", 1): 20, ("x", 2): 31}
    need = Stock(even(counts, ("group", "size")))
    found = gap(need, supply, years=5)
    assert found.stock.loc[(2, "free_ready"), "central"] == 1
    assert found.flow["central"].xs("committed", level="step")[[1, 2]].tolist() == [2, 2]
    assert found.yearly.counts["central"][[1, 2]].tolist() == pytest.approx(
        [20 / 5 - 2, 30 / 5 - 2]
    )


def test_affordable_and_available_by_hand_and_as_published():
    homes = pd.DataFrame(
        {"rent_eur_month": [300, 300, 600], "occupant_income_eur": [None, 40_000, None]},
        dtype=float,
    )
    found = affordable_available(homes, pd.Series([5_000, 12_000, 12_001]), 12_000)
    assert found == (2, 2, 1, 50.0, 1)
    assert of_counts(11.4, 11.4, 11.4 - 7.4).per_100 == pytest.approx(35.1, abs=0.05)
    assert of_counts(0, 0, 0).shortage == 0


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 4, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=6, max_size=6))
def test_intervals_never_cross_and_no_gap_is_negative(numbers):
    low, more, most, free, relets, new = numbers
    bounds = {"low": float(low), "central": float(low + more), "high": float(low + more + most)}
    backlog = Stock(pd.DataFrame(bounds, ["affordability"]))
    supply = Supply(pd.Series({"any": float(free)}), pd.Series({"any": float(relets)}))
    found = gap(backlog, supply, arising=Flow(even({"affordability": new})))
    for table in (found.stock, found.flow, found.answers):
        assert (table["low"] >= 0).all()
        assert (table["low"] <= table["central"] + 1e-9).all()
        assert (table["central"] <= table["high"] + 1e-9).all()
