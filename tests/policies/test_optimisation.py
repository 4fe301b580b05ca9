"""The best mix: as every choice tried one by one, as published, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_offers import cells_of, made, offer_of
from scipy import sparse
from scipy.optimize import linprog

from needs_analysis.policies.optimisation import optimise
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.policies.programme import Programme, solve
from needs_analysis.words import Voice

KNAPSACKS = Path(__file__).parents[3] / "shared/checks/budget_mknap/mknap1_1to4.txt"


def knapsack(profits, costs, budgets):
    ones = np.ones(len(profits))
    rows, below = sparse.csc_array(costs), np.full(len(budgets), -np.inf)
    every = Programme(
        profits, rows, below, budgets, 0 * ones, ones, ones > 0, np.full(len(ones), -1)
    )
    return solve(every, 0.0)


def test_petersen_1967_first_problem():
    found = knapsack(
        np.array([100.0, 600, 1200, 2400, 500, 2000]),
        np.array([[8.0, 12, 13, 64, 22, 41], [8, 12, 13, 75, 22, 41], [3, 6, 4, 18, 6, 4],
                  [5, 10, 8, 32, 6, 12], [5, 13, 8, 42, 6, 20], [5, 13, 8, 48, 6, 20],
                  [0, 0, 0, 0, 8, 0], [3, 0, 4, 0, 8, 0], [3, 2, 4, 0, 8, 4], [3, 2, 4, 8, 8, 4]]),
        np.array([80.0, 96, 20, 36, 44, 48, 10, 18, 22, 24]),
    )  # fmt: skip
    assert (found.worth, found.bound, found.gap) == (3800.0, 3800.0, 0.0)


@pytest.mark.skipif(not KNAPSACKS.exists(), reason="the published problems are not at hand")
def test_published_problems_of_several_budgets():
    words = iter(map(float, KNAPSACKS.read_text().split()))
    for _ in range(int(next(words))):
        n, m, best = int(next(words)), int(next(words)), next(words)
        profits, costs, budgets = (
            np.array([next(words) for _ in range(count)]) for count in (n, n * m, m)
        )
        found = knapsack(profits, costs.reshape(m, n), budgets)
        assert found.worth == pytest.approx(best, abs=1e-9)
        assert found.gap <= 1e-12


def tried(cells, offers, budget):
    """Every way to open and every number of units, each with the best households for it."""
    pool = cells["central"].to_numpy()
    keys, places = list(offers), list(cells.index.unique(0))
    openings = [(key, place) for key in keys for place in
                (places if offers[key].opened == "municipality" else [None])]  # fmt: skip
    columns = [(key, at) for key in keys for at in range(len(pool))]
    opening = [openings.index((key, cells.index[at][0] if offers[key].opened == "municipality"
                               else None)) for key, at in columns]  # fmt: skip
    rows = {key: one.cells.reindex(cells.index) for key, one in offers.items()}
    worth = np.array([rows[key]["outcome"].iloc[at] for key, at in columns])
    cost = np.array([rows[key]["cost_eur"].iloc[at] for key, at in columns])
    most = np.array(
        [(rows[key]["eligible"] * rows[key]["take_up"]).iloc[at] for key, at in columns]
    )
    together = np.array([[own == at for _, own in columns] for at in range(len(pool))], float)
    best, units = 0.0, []
    for number, (key, _) in enumerate(openings):
        one = offers[key]
        reached = most[np.array(opening) == number].sum()
        many = np.isnan(one.unit_households)
        units.append([0, 1] if many else range(int(np.ceil(reached / one.unit_households)) + 1))
    for used in product(*units):
        left, rows_, sides = budget, [*together], [*pool]
        for number, (count, (key, _)) in enumerate(zip(used, openings, strict=True)):
            one, mine = offers[key], np.array(opening) == number
            own = mine.astype(float)
            if np.isnan(one.unit_households):
                left -= one.fixed_eur * count
                rows_ += [own] if not count else [-own]
                sides += [0.0] if not count else [-one.minimum_units]
            else:
                left -= one.fixed_eur * (count > 0) + one.unit_eur * count
                if 0 < count < one.minimum_units:
                    left = -1.0
                rows_.append(own)
                sides.append(one.unit_households * count)
        if left < 0:
            continue
        found = linprog(
            -worth,
            A_ub=np.array([*rows_, cost]),
            b_ub=[*sides, left],
            bounds=[(0, m) for m in most],
        )
        if found.status == 0:
            best = max(best, -found.fun)
    return best


def small(seed):
    draw = np.random.default_rng(seed)
    codes = ["108033", "108041"][: draw.integers(1, 3)]
    counts = {(code, "affordability", size): float(draw.integers(1, 12))
              for code in codes for size in range(1, draw.integers(2, 4))}  # fmt: skip
    cells = cells_of(counts)
    offers = {}
    for at in range(draw.integers(1, 4)):
        extra = {}
        if draw.random() < 0.5:
            extra["fixed"] = float(draw.integers(500, 6000))
        if draw.random() < 0.4:
            extra["opened"] = "municipality"
        if draw.random() < 0.35:
            extra |= {
                "unit": float(draw.integers(2, 6)),
                "unit_eur": float(draw.integers(1, 9) * 1000),
            }
        if draw.random() < 0.35:
            extra["least"] = float(draw.integers(1, 3))
        key = f"P{at + 1:02d}"
        offers[key] = offer_of(
            key, cells.index, cells["central"] * draw.uniform(0.3, 1, len(cells)),
            draw.integers(1, 40, len(cells)) * 100.0, draw.uniform(0.1, 1, len(cells)), **extra,
        )  # fmt: skip
    return cells, offers, float(draw.integers(0, 40) * 1000)


@pytest.mark.slow
def test_no_choice_tried_one_by_one_is_better():
    for seed in range(200):
        cells, offers, budget = small(seed)
        found = optimise(cells, offers, budget, gap=0.0)
        assert found.worth == pytest.approx(tried(cells, offers, budget), abs=1e-6), seed
        assert found.status == "optimal"
        held(cells, offers, found, budget)


def held(cells, offers, found, budget):
    """What must hold of any mix."""
    chosen, at = found.chosen, found.by_cell
    assert chosen["spent_eur"].sum() <= budget + 0.005
    assert found.spent_eur <= budget
    assert (chosen["helped"] == chosen["helped"].round()).all()
    together = at["helped"].groupby(level=[1, 2, 3]).sum()
    assert (together <= cells["central"].reindex(together.index) * (1 + 1e-9)).all()
    for key, one in offers.items():
        if key in at.index.get_level_values(0):
            helped, most = at.loc[key, "helped"], one.cells["eligible"] * one.cells["take_up"]
            assert (helped <= most.reindex(helped.index) * (1 + 1e-9)).all()
        own = chosen.loc[key]
        if not np.isnan(one.unit_households):
            assert own["helped"] <= own["units"] * one.unit_households + 1e-6
    assert found.worth <= found.bound + 1e-9
    assert found.out_of_need + found.loss == pytest.approx(max(found.worth, found.out_of_need))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(0, 300_000), st.floats(0, 300_000))
def test_more_money_or_one_more_policy_never_buys_less(seed, one, other):
    cells, offers = made(4, 3, 2, 2, seed)
    less, more = sorted((one, other))
    found = optimise(cells, offers, less, gap=0.0)
    held(cells, offers, found, less)
    assert found.worth <= optimise(cells, offers, more, gap=0.0).worth * (1 + 1e-6) + 1e-6
    fewer = {key: offers[key] for key in [*offers][:-1]}
    assert optimise(cells, fewer, less, gap=0.0).worth <= found.worth * (1 + 1e-6) + 1e-6


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 30_000_000))
def test_spent_is_within_the_budget_and_helped_within_eligible_within_the_need(seed, cents):
    budget = cents / 100
    cells, offers = made(4, 3, 2, 2, seed)
    found = optimise(cells, offers, budget)
    held(cells, offers, found, budget)
    assert round(100 * found.spent_eur) <= cents
    helped = found.by_cell["helped"]
    for key, one in offers.items():
        eligible = one.cells["eligible"].sum()
        assert helped[helped.index.get_level_values(0) == key].sum() <= eligible * (1 + 1e-9) + 1e-9
        assert eligible <= cells["central"].sum() * (1 + 1e-9)
    assert found.helped <= cells["central"].sum() * (1 + 1e-9) + 1e-6
    nothing = optimise(cells, offers, 0.0)
    assert (nothing.helped, nothing.spent_eur, nothing.worth) == (0, 0, 0)


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.randoms())
def test_the_order_of_the_cells_changes_nothing(seed, shuffled):
    cells, offers = made(4, 3, 2, 2, seed)
    rows = [*range(len(cells))]
    shuffled.shuffle(rows)
    mixed = {
        key: offer_of(key, one.cells.index[rows], *(one.cells[name].iloc[rows] for name in
                      ("eligible", "cost_eur", "outcome")), take_up=one.cells["take_up"].iloc[rows],
                      fixed=one.fixed_eur, opened=one.opened, unit=one.unit_households,
                      unit_eur=one.unit_eur, least=one.minimum_units)
        for key, one in offers.items()
    }  # fmt: skip
    first, second = optimise(cells, offers, 90_000.0), optimise(cells.iloc[rows], mixed, 90_000.0)
    assert first.chosen.equals(second.chosen)
    assert first.by_cell.equals(second.by_cell)


def test_no_money_helps_nobody():
    cells, offers = made(4, 3, 2, 2)
    found = optimise(cells, offers, 0.0)
    assert (found.helped, found.spent_eur, found.worth) == (0, 0, 0)
    assert "nessuna famiglia è aiutata" in " ".join(found.sentences())
    assert repr(found) == "<Mix of 0 EUR: no policy>"


@pytest.fixture
def twenty():
    return cells_of({("108033", "affordability", 2): 10.0, ("108041", "affordability", 2): 10.0})


def test_of_what_does_as_much_the_cheapest_then_the_first(twenty):
    dear = offer_of("P01", twenty.index, twenty["central"], 3000.0, 0.5)
    same = [offer_of(key, twenty.index, twenty["central"], 2000.0, 0.5) for key in ("P02", "P03")]
    found = optimise(twenty, {one.policy: one for one in (dear, *same)}, 60_000.0)
    assert found.chosen["helped"].tolist() == [0, 20, 0]
    assert found.spent_eur == 40_000  # what is left buys nothing


def test_whole_households_by_the_largest_remainder(twenty):
    # 6.5 households of the first, of 10 in all: with 16,000 EUR left the second helps 3.2 more.
    first = offer_of("P01", twenty.index, [3.25, 3.25], 1000.0, 0.9)
    second = offer_of("P02", twenty.index, twenty["central"], 5000.0, 0.9)
    found = optimise(twenty, {"P01": first, "P02": second}, 22_500.0)
    assert found.worth == pytest.approx(0.9 * 9.7)
    assert found.chosen["helped"].tolist() == [6, 3]
    assert found.loss == pytest.approx(0.9 * 0.7)
    held(twenty, {"P01": first, "P02": second}, found, 22_500)


def test_the_municipality_worst_off_comes_first(twenty):
    # Half the money's worth in Sovico, at twice the price.
    offer = offer_of("P01", twenty.index, twenty["central"], [1000.0, 2000.0], 1.0)
    assert optimise(twenty, {"P01": offer}, 12_000.0).by_cell["helped"].tolist() == [10, 1]
    fair = optimise(twenty, {"P01": offer}, 12_000.0, fairness="maxmin")
    assert fair.by_cell["helped"].tolist() == pytest.approx([4, 4], abs=1e-6)
    assert fair.share == pytest.approx(0.4)
    assert "ogni comune ha almeno il 40,0 %" in fair.objective()


def test_floors_are_kept_and_named_where_they_do_not_fit(twenty):
    offer = {"P01": offer_of("P01", twenty.index, twenty["central"], [1000.0, 2000.0], 1.0)}
    found = optimise(twenty, offer, 12_000.0, floors={"108041": 5})
    assert found.by_cell["helped"].tolist() == pytest.approx([2, 5])
    with pytest.raises(PoliciesError, match=r"108041 \(8 famiglie\) costa almeno 16\.000 euro e il "
                       r"bilancio è di 12\.000: mancano 4\.000 euro"):  # fmt: skip
        optimise(twenty, offer, 12_000.0, floors={"108041": 8})
    with pytest.raises(PoliciesError, match="108033, 108041 costano insieme almeno 13.000 euro"):
        optimise(twenty, offer, 12_000.0, floors={"108033": 3, "108041": 5})
    with pytest.raises(PoliciesError, match="12 famiglie, le misure ne raggiungono al massimo 10"):
        optimise(twenty, offer, 12_000.0, floors={"108041": 12})


def test_a_policy_has_a_budget_of_its_own(twenty):
    first = offer_of("P01", twenty.index, twenty["central"], 1000.0, 1.0)
    second = offer_of("P02", twenty.index, twenty["central"], 2000.0, 1.0)
    found = optimise(twenty, {"P01": first, "P02": second}, 10_000.0, budgets={"P01": 4000.0})
    assert found.chosen["helped"].tolist() == [4, 3]


def test_outcomes_are_never_added_without_weights(twenty):
    offers = {
        "P01": offer_of("P01", twenty.index, twenty["central"], 1000.0, 1.0),
        "P02": offer_of("P02", twenty.index, twenty["central"], 1000.0, 1.0, kind="housed"),
        "P03": offer_of("P03", twenty.index, twenty["central"], 1000.0, 1.0, kind=None),
    }
    with pytest.raises(PoliciesError, match="non si sommano"):
        optimise(twenty, offers, 4000.0)
    one = optimise(twenty, offers, 4000.0, outcome="burden")
    assert [*one.chosen.index] == ["P01"]
    assert {*one.left_out} == {"P02", "P03"}
    assert "Non nel conto P03: non se ne conosce l'effetto" in " ".join(one.to_read())
    both = optimise(twenty, offers, 4000.0, weights={"burden": 1.0, "housed": 2.0})
    assert both.chosen["helped"].tolist() == [0, 4]
    assert np.isnan(both.out_of_need)
    assert both.worth == 8


def test_what_reaches_no_household_stands_apart(twenty):
    fund = offer_of("P05", twenty.index, twenty["central"], 2000.0, 0.5, fixed=3000.0,
                    opened="municipality")  # fmt: skip
    found = optimise(twenty, {"P05": fund}, 50_000.0)  # 20 x 2,000 and a notice in each of the two
    assert found.chosen.loc["P05", ["helped", "spent_eur", "fixed_eur"]].tolist() == [
        20,
        46_000,
        6_000,
    ]
    assert "6.000 euro sono spese fisse" in " ".join(found.sentences())
    without = optimise(twenty, {"P05": replace(fund, fixed_eur=0.0)}, 50_000.0)
    assert "spese fisse" not in " ".join(without.sentences())


def test_the_objective_names_the_limit_that_the_offers_were_made_with(twenty):
    fund = offer_of("P05", twenty.index, twenty["central"], 3000.0, 0.5)
    assert "sotto il 40 % del reddito" in optimise(twenty, {"P05": fund}, 9000.0).objective()
    other = replace(fund, rows={"overburden_share": 0.355})
    found = optimise(twenty, {"P05": other}, 9000.0)
    assert "sotto il 35,5 % del reddito" in found.objective()
    assert "under 35.5 % of net income" in found.objective(Voice("en"))


def test_everything_that_is_wrong_is_said_at_once(twenty):
    offer = {"P01": offer_of("P01", twenty.index, twenty["central"], 1000.0, 1.0)}
    for budget in (-1.0, np.nan, np.inf, "molto", None, True):
        with pytest.raises(PoliciesError, match="deve essere un importo in euro"):
            optimise(twenty, offer, budget)
    with pytest.raises(PoliciesError) as caught:
        optimise(
            twenty, offer, np.nan, floors={"street": 1, "Monza": 1, "108041": -1},
            budgets={"P99": 1.0}, fairness="equal", gap=2.0, weights={"health": 1.0},
        )  # fmt: skip
    said = str(caught.value.problems[0].text()) + "; ".join(map(str, caught.value.problems))
    for words in ("«weights»: health", "P99", "manca il conteggio di in strada", "Monza: non è",
                  "«fairness»", "«gap»", "«budget_eur» è nan", "108041 è -1"):  # fmt: skip
        assert words in said
    with pytest.raises(PoliciesError, match="nessuna delle misure P01 ha un effetto noto"):
        optimise(twenty, offer, 1.0, outcome="housed")


def test_the_ends_are_of_the_same_money():
    # Half as many where it costs twice as much, and each of them worth half.
    cells = cells_of({("108033", "affordability", 2): 10.0})
    sides = {
        side: {"P01": offer_of("P01", cells.index, 10.0, cost, outcome)}
        for side, cost, outcome in (
            ("low", 2000.0, 0.25),
            ("central", 1000.0, 0.5),
            ("high", 500.0, 1),
        )
    }
    found = optimise(cells, sides["central"], 6000.0, sides=sides).chosen.loc["P01"]
    ends = found[["out_of_need_low", "out_of_need", "out_of_need_high"]].tolist()
    assert ends == pytest.approx([0.75, 3.0, 10.0])


def test_what_no_budget_decides_is_named_with_why(twenty):
    """A policy without a cost, or with an unknown one, or that reaches nobody, is no silent gap."""
    central = twenty["central"]
    offers = {
        "P01": offer_of("P01", twenty.index, central, 1000.0, 1.0),
        "P02": offer_of("P02", twenty.index, central, 0.0, 1.0),
        "P03": offer_of("P03", twenty.index, central, np.nan, 1.0),
        "P04": offer_of("P04", twenty.index, 0.0, 1000.0, 1.0),
        "P05": offer_of("P05", twenty.index[:0], 1.0, 1000.0, 1.0),
        "P06": offer_of("P06", twenty.index, central, 0.0, 1.0, fixed=500.0),
        "P07": offer_of("P07", twenty.index, central, np.arange(len(twenty)) * 1000.0, 1.0),
    }
    mix = optimise(twenty, offers, 400.0)
    assert [*mix.chosen.index] == ["P01", "P06", "P07"]
    why = {key: str(one) for key, one in mix.left_out.items()}
    assert set(why) == {"P02", "P03", "P04", "P05"}
    assert "non costa nulla" in why["P02"] and "non se ne conosce il costo" in why["P03"]
    assert "non raggiunge nessuna" in why["P04"] and "manca il conteggio" in why["P05"]
    assert "dove aiutare una famiglia non costa nulla" in str(mix.notes["P07"])
    # Nothing that a budget decides: nobody is helped by it, and that is said.
    alone = optimise(twenty, {"P02": offers["P02"]}, 400.0)
    assert alone.helped == 0 and set(alone.left_out) == {"P02"}
