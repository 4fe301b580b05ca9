"""What given budgets do: by hand, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_offers import cells_of, made, offer_of

from needs_analysis.policies.optimisation import optimise
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.policies.simulation import simulate


@pytest.fixture
def cells():
    return cells_of({("108033", "affordability", 2): 30.0, ("108041", "affordability", 2): 10.0})


def test_one_after_the_other_on_the_households_that_are_left(cells):
    first = offer_of("P01", cells.index, cells["central"], 1000.0, 0.5)
    second = offer_of("P02", cells.index, cells["central"], 2000.0, 0.5)
    found = simulate(cells, {"P01": first, "P02": second}, {"P02": 60_000, "P01": 20_500})
    assert found.chosen["helped"].tolist() == [20, 20]  # a half of each cell is left
    assert found.by_cell["helped"].tolist() == [15, 5, 15, 5]
    assert found.spent_eur == 60_000
    assert found.budget_eur == 80_500
    assert found.to_read() == [
        "P02: avanzano 20.000 euro: le famiglie che può raggiungere sono finite."
    ]
    assert found.objective().startswith("Obiettivo: nessuno")


def test_households_in_the_place_of_euros(cells):
    offer = offer_of("P01", cells.index, cells["central"], 1000.0, 0.5)
    found = simulate(cells, {"P01": offer}, {"P01": {"households": 8}})
    assert (found.helped, found.spent_eur, found.budget_eur, found.out_of_need) == (
        8,
        8000,
        8000,
        4,
    )


def test_what_opens_in_each_municipality_is_paid_in_each(cells):
    offer = {
        "P01": offer_of(
            "P01", cells.index, cells["central"], 1000.0, 0.5, fixed=3000.0, opened="municipality"
        )
    }
    assert simulate(cells, offer, {"P01": 10_000}).helped == 4
    idle = simulate(cells, offer, {"P01": 5_999})
    assert idle.helped == idle.spent_eur == 0
    assert "aprirla costa 6.000 euro e il bilancio è di 5.999" in idle.to_read()[0]


def test_units_are_whole_and_the_last_may_be_half_empty(cells):
    # Three a dwelling at 5,000 EUR, and 1,000 a household.
    offer = {"P01": offer_of("P01", cells.index, cells["central"], 1000.0, 1.0, unit=3.0,
                             unit_eur=5000.0, least=1.0)}  # fmt: skip
    for money, units, helped in ((5999, 0, 0), (6000, 1, 1), (8000, 1, 3), (13_000, 1, 3),
                                 (14_000, 2, 4), (10**7, 14, 40)):  # fmt: skip
        row = simulate(cells, offer, {"P01": money}).chosen.loc["P01"]
        assert (row["units"], row["helped"]) == (units, helped), money


def test_what_has_no_known_effect_is_costed_alone(cells):
    offer = offer_of("P01", cells.index, cells["central"], 1000.0, 0.5, kind=None)
    row = simulate(cells, {"P01": offer}, {"P01": 5000}).chosen.loc["P01"]
    assert (row["helped"], row["spent_eur"]) == (5, 5000)
    assert np.isnan(row["out_of_need"])


def test_wrong_budgets_are_all_said(cells):
    offer = {"P01": offer_of("P01", cells.index, cells["central"], 1000.0, 0.5)}
    with pytest.raises(PoliciesError) as caught:
        simulate(cells, offer, {"P01": -1, "P99": {"eur": 1, "households": 2}, "P98": np.nan})
    said = str(caught.value)
    for words in ("«P01» è -1", "«P99» non è nel catalogo", "P99: il bilancio è in euro o in famiglie",
                  "«P98» è nan"):  # fmt: skip
        assert words in said
    with pytest.raises(PoliciesError, match="nessuna misura ha un bilancio"):
        simulate(cells, offer, {})


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0, 200_000))
def test_never_over_a_budget_nor_over_the_households_nor_over_the_best_choice(seed, money):
    cells, offers = made(4, 3, 2, 2, seed)
    budgets = dict.fromkeys(offers, money / len(offers))
    found = simulate(cells, offers, budgets)
    assert (found.chosen["spent_eur"] <= money / len(offers) + 0.005).all()
    together = found.by_cell["helped"].groupby(level=[1, 2, 3]).sum()
    assert (together <= cells["central"].reindex(together.index) * (1 + 1e-9)).all()
    assert (found.chosen["helped"] == found.chosen["helped"].round()).all()
    assert found.out_of_need <= optimise(cells, offers, money, gap=0.0).worth * (1 + 1e-6) + 1e-6
