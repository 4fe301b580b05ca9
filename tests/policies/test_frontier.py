"""What every budget buys: by hand, beside the linear programme, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_offers import cells_of, made, offer_of

from needs_analysis.policies.frontier import frontier
from needs_analysis.policies.optimisation import optimise
from needs_analysis.policies.pairs import Asked, pairs_of, programme
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.policies.programme import relaxation
from needs_analysis.policies.relaxed import folded_cost, kinks, worth_at


def test_the_kinks_of_two_policies_by_hand():
    # 10 households; the first brings half of 8 out at 1,000 EUR, the second all of 10 at 4,000.
    # First 8 at 2,000 EUR each out of need; then the 2 left at 4,000; then, exchanging one for the
    # other, half a household more for 3,000 EUR: 6,000 each.
    cells = cells_of({("108033", "affordability", 2): 10.0})
    first = offer_of("P01", cells.index, 8.0, 1000.0, 0.5)
    second = offer_of("P02", cells.index, 10.0, 4000.0, 1.0)
    curve = kinks(pairs_of(cells, {"P01": first, "P02": second}, {"burden": 1.0}))
    assert curve["budget_eur"].tolist() == pytest.approx([0, 8000, 16_000, 40_000])
    assert curve["worth"].tolist() == pytest.approx([0, 4, 6, 10])
    assert (1 / curve["worth_per_eur"]).tolist() == pytest.approx([2000, 2000, 4000, 6000])


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0, 300_000))
def test_the_kinks_are_those_of_the_linear_programme(seed, budget):
    cells, offers = made(5, 3, 2, 2, seed)
    pairs = pairs_of(cells, offers, {"burden": 1.0})
    curve = kinks(pairs)
    assert (np.diff(curve["worth"]) >= 0).all()
    assert (np.diff(curve["worth_per_eur"]) <= 1e-15).all()  # concave
    own = pairs.openings
    nothing = replace(own, fixed_eur=0 * own.most, least=0 * own.most, unit=np.nan * own.most)
    flat = replace(pairs, cost_eur=folded_cost(pairs), openings=nothing)
    best = relaxation(programme(flat, Asked(budget), flat.worth))
    assert worth_at(curve, np.array([budget]))[0] == pytest.approx(best.worth, rel=1e-6, abs=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_a_frontier_never_falls_and_its_relaxation_is_concave(seed):
    cells, offers = made(4, 3, 2, 2, seed)
    points = frontier(cells, offers, draws=0).points
    assert (np.diff(points["worth"]) >= 0).all() and points["worth"].iloc[0] == 0
    slopes = np.diff(points["relaxed"]) / np.diff(points.index)
    assert (slopes >= -1e-12).all() and (np.diff(slopes) <= 1e-9 * max(slopes.max(), 1e-12)).all()
    assert (points["worth"] <= points["relaxed"] * (1 + 1e-6) + 1e-9).all()


def test_monotone_under_its_bounds_over_the_equal_split_and_each_alone():
    cells, offers = made(4, 4, 2, 2, 3)
    found = frontier(cells, offers)
    points = found.points
    assert len(points) == 21
    assert (np.diff(points["worth"]) >= 0).all()
    assert (points["worth"] <= points["bound"] * (1 + 1e-9)).all()
    assert (points["bound"] <= points["relaxed"] * (1 + 1e-6) + 1e-9).all()
    assert (points["equal_split"] <= points["worth"] * (1 + 1e-4) + 1e-6).all()
    assert (found.alone.max(axis=1) <= points["worth"] * (1 + 1e-4) + 1e-6).all()
    assert (points["gap"] <= 1e-4).all()
    assert points["worth"].iloc[0] == 0
    assert found.regret.empty
    assert "non si può dire" in repr(found)
    money = points.index[5]
    assert points["worth"].loc[money] == pytest.approx(
        optimise(cells, offers, money).worth, rel=2e-4
    )


def test_a_mix_that_nothing_moves_is_always_the_best():
    cells, offers = made(4, 4, 2, 2, 3)
    sides = {"low": offers, "high": offers}
    found = frontier(cells, offers, sides=sides, budget_eur=60_000.0, budgets=[0.0, 1e5], draws=20)
    assert len(found.regret) == 20
    assert [*found.points.index] == [0, 60_000, 100_000]
    # The bound of a draw is the relaxation's, which leaves nothing whole.
    assert found.regret["regret"].nunique() == 1
    assert found.regret["regret"].iloc[0] >= 0


def test_regret_of_one_policy_whose_cost_moves_is_none():
    cells = cells_of({("108033", "affordability", 2): 100.0})
    sides = {
        side: {"P01": offer_of("P01", cells.index, 100.0, cost, 0.5)}
        for side, cost in (("low", 1500.0), ("central", 1000.0), ("high", 800.0))
    }
    found = frontier(cells, sides["central"], sides=sides, budget_eur=20_000.0, draws=50, seed=2)
    assert found.regret["worth"].nunique() == 50
    assert found.regret["regret"].max() == pytest.approx(0, abs=1e-9)
    assert found.stands() == 1
    assert found.sentence().startswith("Con 20.000 euro. ")
    assert found.sentence().endswith(
        "vicina alla migliore (entro il 5 %) in 100 su 100 delle prove."
    )
    seldom = replace(found, regret=found.regret.assign(regret=0.2))
    assert seldom.sentence().endswith(
        "in 0 su 100 delle prove. È un'indicazione, non una certezza."
    )


def test_wrong_budgets_and_draws_are_said():
    cells, offers = made(2, 2, 1, 1)
    with pytest.raises(PoliciesError, match="«budget_eur» è nan.*le prove sono -1"):
        frontier(cells, offers, budgets=[np.nan], draws=-1)


def test_an_equal_split_pays_only_who_helps_somebody():
    cells = cells_of({("108033", "affordability", 2): 20.0})
    fund = offer_of("P05", cells.index, 20.0, 1000.0, 1.0)
    nobody = offer_of("P08", cells.index, 0.0, 1000.0, 1.0)
    free = offer_of("P09", cells.index, 20.0, 0.0, 1.0)
    found = frontier(cells, {"P05": fund, "P08": nobody, "P09": free}, budgets=[0.0, 10_000.0])
    assert found.points["equal_split"].tolist() == [0.0, 10.0]
    assert [*found.alone] == ["P05"] and set(found.left_out) == {"P08", "P09"}
    none = frontier(cells, {"P09": free}, budgets=[0.0, 10_000.0])
    assert none.points[["worth", "equal_split"]].to_numpy().sum() == 0
