"""What a budget buys in an area: the policies of a catalogue on its need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_offers import cells_of, offer_of

from needs_analysis import policies
from needs_analysis.errors import Refused
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.policies import PoliciesError, catalogue, optimisation
from needs_analysis.policies.buying import Offered
from needs_analysis.policies.cells import cells
from needs_analysis.policies.rules import OVER

CODES = ["108033", "108041"]
DAY = "2026-11-29"


@pytest.fixture(scope="module")
def need():
    base = pd.DataFrame({"households": [5000.0, 2000.0], "eviction_orders": [30.0, 10.0]}, CODES)
    index = pd.MultiIndex.from_product([CODES, range(1, 7)], names=["municipality_code", "size"])
    held = np.array([90.0, 60, 40, 20, 5, 5, 40, 30, 10, 8, 2, 0])
    by_size = pd.DataFrame({"low": held / 2, "central": held, "high": held * 2}, index)
    burdened = pd.DataFrame({"overburdened_tenants": [220.0, 90.0]}, CODES)
    return of_estimates(base, burdened, by_size=by_size)


@pytest.fixture(scope="module")
def tenants():
    rows = [(code, size, income, income, rent, 30.0, rent > 0.4 * income) for code in CODES
            for size in range(1, 7) for income, rent in
            ((8000.0, 4800.0), (10_000.0, 5000.0), (14_000.0, 4800.0), (20_000.0, 6000.0))]  # fmt: skip
    columns = ["municipality_code", "size", "declared_income_eur", "net_income_eur", "rent_eur",
               "households", "overburdened"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture(scope="module")
def known():
    return catalogue("Lombardia", DAY)


def test_a_mix_says_what_its_policies_rest_on(need, tenants, known):
    mix = policies.optimise(need, 60_000, known, outcome="burden", tenants=tenants)
    assert mix.spent_eur <= 60_000
    assert mix.helped <= cells(need)["central"].sum()
    ends = mix.chosen[["out_of_need_low", "out_of_need", "out_of_need_high"]].sum()
    assert ends.is_monotonic_increasing
    said = " ".join(mix.sentences())
    assert "P05 Fondo sostegno affitti (a memoria, da verificare; rivisto il 29/11/2026)" in said
    assert repr(mix).startswith("<Mix of 60,000 EUR: P05") and "famiglie" not in repr(mix)
    read = " ".join(mix.to_read())
    assert "P05: i soldi sono di un anno" in read
    assert "e P27: non se ne conosce l'effetto" in read
    assert {"P06", "P16", "P01"} <= mix.left_out.keys()


def test_who_stays_over_the_limit_is_of_those_who_are_helped(need, tenants, known):
    """The helped come out, would have come out anyway, or stay over: those of the mix, not all."""
    mix = policies.optimise(need, 25_000, known, outcome="burden", tenants=tenants)
    for key, row in mix.chosen[mix.chosen["helped"] > 0].iterrows():
        over = [dict(one.values)["count"] for one in mix.conditions[key] if one.code == OVER]
        stay = row["helped"] - row["out_of_need"] - row["deadweight"]
        assert sum(over) == round(100 * stay / row["helped"])


def test_what_does_not_stand_is_marked_where_it_was_asked_for(need, tenants):
    every = catalogue("Lombardia", DAY, include=["P07"])
    mix = policies.simulate(need, {"P07": 30_000}, every, tenants=tenants)
    assert [*mix.chosen.index] == ["P07"]
    assert "scaduta il 06/03/2026" in " ".join(mix.sentences()) or mix.helped == 0
    assert "P07" in mix.standings


def test_what_cannot_be_had_is_said_at_once(need, tenants, known):
    with pytest.raises(PoliciesError) as caught:
        policies.optimise(need, -1, known, budgets={"P99": 1, "P07": 1}, tenants=tenants)
    said = str(caught.value)
    for words in ("«budget_eur» è -1", "«P99» non è nel catalogo", "P07 quel giorno qui non si può",
                  "scaduta"):  # fmt: skip
        assert words in said
    with pytest.raises(PoliciesError, match="«P15»: manca il conteggio di .*violenza"):
        policies.simulate(need, {"P15": 1000}, known, tenants=tenants)
    with pytest.raises(PoliciesError, match="«P01» non ha una regola di costo"):
        policies.simulate(need, {"P01": 1000}, known, tenants=tenants)
    with pytest.raises(PoliciesError, match="manca il conteggio di in strada"):
        policies.optimise(
            need, 1000, known, outcome="burden", floors={"street": 1}, tenants=tenants
        )
    with pytest.raises(Refused):
        policies.optimise("Monza", 1000, known)


def test_another_region_s_policy_is_refused(need, tenants):
    with pytest.raises(PoliciesError, match="P07.*Lombardia"):
        policies.simulate(need, {"P07": 1}, catalogue("Toscana", "2023-01-01"), tenants=tenants)


def test_the_frontier_of_a_catalogue(need, tenants, known):
    found = policies.frontier(
        need, known, outcome="order", budget_eur=20_000, tenants=tenants, draws=10
    )
    assert (found.points["gap"] <= 1e-4).all()
    assert len(found.regret) == 10
    assert 0 <= found.stands() <= 1


def test_a_policy_that_is_dear_beside_the_best_is_said_so_and_that_money_may_stay():
    """The first reaches 5 at 1,000 EUR, then the second costs 6,000 each: six times as much."""
    cells = cells_of({("108033", "affordability", 2): 20.0})
    offers = {
        "P05": offer_of("P05", cells.index, 5.0, 1000.0, 1.0),
        "P10": offer_of("P10", cells.index, 10.0, 6000.0, 1.0),
    }

    def dear(budget, ratio):
        known = Offered(cells, {"central": offers}, {}, ratio)
        mix = known.marked(optimisation.optimise(cells, offers, budget))
        return {key: " ".join(map(str, all_)) for key, all_ in mix.conditions.items() if all_}

    said = dear(30_000.0, 5.0)
    assert [*said] == ["P10"]
    assert "costa più di 5 volte" in said["P10"]
    assert "Anche lasciare dei soldi è una risposta" in said["P10"]
    assert dear(30_000.0, 6.5) == {}
    assert dear(5000.0, 5.0) == {}  # the smaller budget stops before
