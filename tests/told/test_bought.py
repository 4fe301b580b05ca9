"""What a budget buys, as it may be told: few households as bands, no hidden count to be worked out."""

import dataclasses
import datetime as dt
from functools import partial

import numpy as np
import pandas as pd
import pytest

from needs_analysis.errors import ParameterError
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.policies import answers as module
from needs_analysis.policies.catalogue import catalogue
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.policies.frontier import POINTS, frontier
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.reports.chapters.policies_bought import sheets
from needs_analysis.told.bought import BEST, COUNTED, SPLIT, WHOLE, tell_bought
from needs_analysis.words import ITALIAN

CODES = ["108033", "108039"]
PLACES = pd.DataFrame(
    {"ambito_name": "A", "province_code": "108", "region_code": "03", "ambito_municipalities": 2},
    index=CODES,
)  # fmt: skip
TENANTS = pd.DataFrame(
    [("108033", 1, 8_000.0, 8_000.0, 4_800.0, 60.0, True),
     ("108033", 3, 14_000.0, 13_000.0, 6_000.0, 40.0, True),
     ("108033", 2, 20_000.0, 16_000.0, 5_000.0, 90.0, False),
     ("108039", 2, 12_000.0, 11_000.0, 4_800.0, 30.0, True)],
    columns=["municipality_code", "size", "declared_income_eur", "net_income_eur", "rent_eur",
             "households", "overburdened"],
)  # fmt: skip
DAY = dt.date(2026, 6, 30)
CATALOGUE = catalogue("Lombardia", "2026-11-29")


def need(*counts, codes=CODES, parameters=None):
    panel = pd.DataFrame({"households": [5000.0, 2000.0], "eviction_orders": [60.0, 8.0]}, CODES)
    burdened = pd.DataFrame({"overburdened_tenants": [100.0, 30.0]}, CODES)
    own = pd.DataFrame([*counts], columns=["municipality_code", "group", "count"]).assign(day=DAY)
    own = own.astype({"count": float})
    index = pd.MultiIndex.from_product([codes, range(1, 7)], names=["municipality_code", "size"])
    held = {"108033": [60.0, 0, 40, 0, 0, 0], "108039": [0.0, 30, 0, 0, 0, 0]}
    central = np.concatenate([held[one] for one in codes])
    by_size = pd.DataFrame({"low": central / 2, "central": central, "high": central * 2}, index)
    own = own[own["municipality_code"].isin(codes)]
    return of_estimates(
        panel.loc[codes], burdened.loc[codes], own if len(own) else None, places=PLACES.loc[codes],
        by_size=by_size, parameters=parameters,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def few_draws(monkeypatch):
    """Draw costs and effects a few times, at few budgets."""
    monkeypatch.setattr(module, "frontier", partial(frontier, draws=4))
    monkeypatch.setattr(module, "POINTS", 4)


def bought(found, profile="published", **asked):
    given = {"budget_eur": 60_000.0} | asked
    own = TENANTS[TENANTS["municipality_code"].isin(found.households.index)]
    return tell_bought(found, CATALOGUE, PolicyFiles(**given), profile, tenants=own)


def text(found):
    """Return all that a reader has of it."""
    return "\n".join(
        value.to_csv() if isinstance(value, pd.DataFrame | pd.Series) else repr(value)
        for one in found for value in (getattr(one, each.name) for each in dataclasses.fields(one))
    )  # fmt: skip


def test_an_answer_an_outcome_and_no_sum_of_them():
    found = bought(need())
    assert [one.outcome for one in found] == ["burden", "order", "housed"]
    for one in found:
        assert one.spent_eur <= one.budget_eur and one.left_eur == one.budget_eur - one.spent_eur
        assert one.money["spent_eur"].sum() == pytest.approx(one.spent_eur, abs=0.01)
        assert set(one.money.index) & set(one.left_out) == set() and not one.reserved
    weighted = bought(need(), weights={"burden": 1.0, "order": 2.0})
    assert len(weighted) == 1 and weighted[0].outcome == ""
    assert WHOLE not in set(weighted[0].counts["policy"])


def test_counts_are_whole_and_small_ones_are_bands():
    found = bought(need())
    for one in found:
        for frame in (one.counts, one.places, one.frontier):
            numbers = frame[["low", "central", "high"]].to_numpy(dtype=float)
            assert (numbers[~np.isnan(numbers)] % 1 == 0).all()
            few = frame["band"].astype(bool)
            assert frame.loc[few, "central"].isna().all()
            rest = frame.loc[~few, "central"]
            assert ((rest >= 20) | (rest == 0)).all()
    first = found[0]
    assert first.count("helped")["central"] >= 20
    assert first.count("deadweight", "P05")["band"]
    assert set(first.counts["what"]) == set(COUNTED)


def test_the_frontier_holds_the_budget_and_never_falls(monkeypatch):
    monkeypatch.setattr(module, "POINTS", POINTS)
    one = bought(need(), outcome="burden")[0]
    best = one.frontier[one.frontier["what"] == BEST].set_index("budget_eur")["central"].fillna(0)
    assert 60_000.0 in best.index and len(best) >= 21 and best.is_monotonic_increasing
    assert {BEST, SPLIT, "P05"} <= set(one.frontier["what"])
    assert (one.next_household_eur.dropna() % 10 == 0).all()
    assert 0 <= one.stands_per_100 <= 100


def test_what_is_asked_beside_the_budget_makes_the_choice_no_free_one():
    (free,) = bought(need(), outcome="burden")
    (fair,) = bought(need(), outcome="burden", fairness="maxmin")
    assert free.free and not fair.free
    best = fair.at_budget()
    assert best["central"] >= fair.count("out_of_need")["central"]
    assert free.at_budget("P05")["what"] == "P05" and free.at_budget("P99") is None


def test_budgets_of_single_policies_are_tried_out():
    (one,) = bought(need(), budget_eur=None, budgets={"P05": 50_000.0}, households={"P06": 10.0})
    assert one.simulated and one.frontier.empty and set(one.used) == {"P05", "P06"}
    assert bought(need(), budget_eur=None) == ()


def test_a_policy_that_may_not_be_used_is_named():
    with pytest.raises(PoliciesError, match="P12 quel giorno qui non si può usare: chiusa"):
        bought(need(), only=("P05", "P12"))
    with pytest.raises(ParameterError, match="profilo"):
        bought(need(), "public")


# --- no hidden count is worked out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "hidden"), [("eviction_order", (1, 2, 3, 4, 5)), ("affordability", (1, 5))]
)
def test_every_value_of_a_hidden_count_gives_the_same_answer(group, hidden):
    """Whoever has the program and the page tries the counts one by one."""

    def tell(count, profile="published"):
        counts = ("108033", group, count), ("108039", "foreclosure", 30)
        return bought(need(*counts), profile, only=("P05", "P06"))

    told = tell(1)
    assert {text(tell(count)) for count in hidden} == {text(told)}
    assert text(tell(8)) != text(told)  # what is told is told
    assert all(one.reserved for one in told)
    assert text(tell(1, "internal")) != text(tell(4, "internal"))


def test_a_group_that_is_listed_from_the_ambito_on_stands_in_no_municipality():
    """Women leaving violence are counted by ambito: who is helped there is in the whole alone."""
    own = need(("108033", "violence", 40), ("108039", "violence", 30))
    (one,) = bought(own, budget_eur=900_000.0, outcome="housed")
    assert "violence" in one.unlisted
    helped = one.places[one.places["what"] == "helped"]
    assert one.count("helped")["central"] >= helped["high"].sum()
    # Of half the ambito the count of its one municipality would be all there is.
    half = bought(need(("108033", "violence", 40), codes=CODES[:1]), outcome="housed")
    assert all(each.unlisted == () and each.reserved for each in half)


def test_a_floor_of_another_aim_is_named_with_its_cure_and_the_others_are_answered():
    found = bought(need(), floors={"eviction_order": 3})
    assert "burden" not in {one.outcome for one in found} and "order" in {
        one.outcome for one in found
    }
    said = [one.said() for one in found[0].unmet]
    assert "tornano" in said[0] or "affitto torna sotto" in said[0]
    assert "al massimo 0" in said[0] and "chiedere quello in «outcome»" in said[-1]
    assert all(one.count("helped")["high"] >= 3 for one in found)
    with pytest.raises(PoliciesError, match="lo raggiungono le misure con un altro scopo"):
        bought(need(), floors={"eviction_order": 3}, outcome="burden")
    with pytest.raises(PoliciesError, match="mancano .* euro") as caught:
        bought(need(), floors={"eviction_order": 3}, budget_eur=10.0)
    assert len(caught.value.problems) >= 3


# --- a parameter moves what uses it


MOVED = {
    "contract_rent_ratio": 1.1, "contribution_take_up_share": 0.6, "mediation_hours": 20.0,
    "social_work_eur_hour": 30.0, "arrears_months": 12.0, "order_release_share": 0.5,
    "burden_deadweight_share": 0.25, "housed_deadweight_share": 0.2,
    "agreed_rent_take_up_share": 0.2,
}  # fmt: skip
POLICIES = ("P05", "P06", "P09", "P19", "P24")
NAMES = {key: one.marked() for key, one in CATALOGUE.policies.items()}
PLACES_NAMES = {"108033": "Monza", "108039": "Sovico"}


def tried(policy, parameters=None):
    """Return all that is told and printed of a budget tried out on one policy."""
    found = bought(need(parameters=parameters), budget_eur=None, budgets={policy: 80_000.0})
    tables = sheets(found, NAMES, PLACES_NAMES, ITALIAN)
    return found, text(found), {one.key: one.frame.to_csv() for one in tables}


@pytest.mark.slow
def test_a_parameter_moves_the_mix_its_sheets_and_its_provenance_where_it_is_used_and_no_other():
    plain = {policy: tried(policy) for policy in POLICIES}
    uses = {policy: set(found[0].rows[policy]) for policy, (found, *_) in plain.items()}
    assert set(MOVED) <= set().union(*uses.values())
    assert all(any(name not in uses[one] for one in POLICIES) for name in MOVED)
    for name, value in MOVED.items():
        for policy in POLICIES:
            found, said, printed = tried(policy, {name: value})
            if name not in uses[policy]:
                assert (said, printed) == plain[policy][1:], (name, policy)
                continue
            row = found[0].assumptions.set_index("row").loc[name]
            assert row["given"] and row["central"] == value
            assert printed["misure assunzioni"] != plain[policy][2]["misure assunzioni"]
            assert said != plain[policy][1], (name, policy)
            assert set(found[0].rows[policy]) == uses[policy]
