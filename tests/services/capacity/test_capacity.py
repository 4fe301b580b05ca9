"""Waits and places: against closed forms, a calendar of events, ciw and birth-death equations."""

from __future__ import annotations

import heapq
import json
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.services.capacity import queues, simulation
from needs_analysis.services.capacity.capacity import capacity
from needs_analysis.services.capacity.demand import (
    YEAR_DAYS,
    Arrivals,
    Patience,
    StayLength,
    Target,
)
from needs_analysis.services.capacity.load import WARM_UP_MAX_YEARS, load_decimals, overload
from needs_analysis.services.capacity.needed import places_needed, pooling_gain

CHECKS = Path(__file__).parents[4] / "shared/checks/queue_erlang/expected.json"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")
YEAR = StayLength.exponential(365)
TWO = [Arrivals("violence", 4), Arrivals("leaving_care", 3, season=(1,) * 8 + (3, 3, 1, 1))]


def inside(row: pd.Series, value: float) -> bool:
    return row["low"] <= value <= row["high"]


# --- declarations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stay", "mean", "variation"),
    [
        (StayLength.exponential(200), 200, 1),
        (StayLength.uniform(180, 540), 360, 360 / 12**0.5 / 360),
        (StayLength.gamma(300, 150), 300, 0.5),
        # 40 % leave on day 10, 40 % on day 20, 20 % stay on for 30 days more on average:
        # mean 4 + 8 + 0.2 * 50 = 22; square 40 + 160 + 0.2 (400 + 1200 + 1800) = 880; 880 - 484 = 396
        (StayLength.empirical(pd.Series({10: 0.6, 20: 0.2}), 30), 22, 396**0.5 / 22),
    ],
)
def test_moments_by_hand_and_by_quantiles(stay, mean, variation):
    assert stay.mean_days == pytest.approx(mean, rel=1e-12)
    assert stay.variation == pytest.approx(variation, rel=1e-12)
    grid = (np.arange(200_000) + 0.5) / 200_000
    assert stay.days(grid).mean() == pytest.approx(mean, rel=1e-4)


def test_lognormal_keeps_its_quantiles():
    stay = StayLength.lognormal(300, 560)
    assert stay.days(np.array([0.5, 0.9])) == pytest.approx([300, 560], rel=1e-12)
    grid = (np.arange(400_000) + 0.5) / 400_000
    assert stay.mean_days == pytest.approx(stay.days(grid).mean(), rel=1e-4)


def test_empirical_stays_are_the_curves_steps():
    curve = StayLength.empirical(pd.Series({0: 1.0, 10: 0.6, 20: 0.2, 25: 0.0}))
    # half have left by day 20; exactly 40 % by day 10
    assert curve.days(np.array([0.0, 0.4, 0.41, 0.5, 0.79, 0.81])).tolist() == [
        0,
        10,
        20,
        20,
        20,
        25,
    ]
    tail = StayLength.empirical(pd.Series({10: 0.5}), tail_mean_days=100)
    # of the half beyond day 10, half leave in the next 100 ln 2 days
    assert tail.days(np.array([0.75]))[0] == pytest.approx(10 + 100 * np.log(2), rel=1e-12)


def test_arrivals_follow_the_season():
    asked = Arrivals("street", 120, season=(0, 1, 3) + (1,) * 9)
    assert asked.expected(31) == 0
    march = asked.expected(90) - asked.expected(59)
    april = asked.expected(120) - asked.expected(90)
    assert march / april == pytest.approx(3 * 31 / 30, rel=1e-12)
    assert asked.expected(3 * YEAR_DAYS) == pytest.approx(360, rel=1e-12)
    shares = np.linspace(0.001, 0.999, 50)
    back = [asked.expected(day) / asked.expected(800) for day in asked.times(shares, 800)]
    assert back == pytest.approx(shares, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Arrivals("a", 0, season=(1,) * 11), "per_year è 0: deve .*; season ha 11 pesi"),
        (lambda: Arrivals("a", 1, season=(0,) * 12), "almeno uno sopra 0"),
        (lambda: StayLength.lognormal(300, 300), "p90_days .300. deve superare"),
        (lambda: StayLength.uniform(500, 200), "da 500 a 200 giorni"),
        (lambda: StayLength.gamma(0, -1), "mean_days è 0: deve .*; sd_days è -1: deve"),
        (lambda: StayLength.empirical(pd.Series({10: 0.6})), "0,6 ancora presente: indicare"),
        (lambda: StayLength.empirical(pd.Series({10: 0.2, 20: 0.3})), "non crescono mai"),
        (lambda: StayLength.empirical(pd.Series({20: 0.3, 10: 0.2})), "da 0 in su e crescono"),
        (lambda: Patience(0), "mean_days è 0: deve"),
        (lambda: Target(1.0, -1), "share è 1: deve .*; days è -1: deve"),
    ],
)
def test_impossible_declarations_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


# --- the simulation, household by household ---------------------------------------------------


def plan_of(kinds, open_to, patience=inf, waiting_list=True, years=12, seed=3) -> simulation.Design:
    streams = tuple(
        simulation.Stream(n, one, StayLength.gamma(200, 150), patience) for n, one in enumerate(TWO)
    )
    return simulation.Design(streams, kinds, open_to, waiting_list, 2, years, 30.0, seed)


def by_calendar(paths: simulation.Paths, plan: simulation.Design, column: int) -> np.ndarray:
    """Days in line by a calendar of events: a list, and who is next when a place falls free."""
    takes = np.repeat(np.array(plan.open_to), plan.kinds, axis=0)
    choosy = takes.sum(axis=1)
    free, line, spent = set(range(len(takes))), [], np.full(paths.arrive.shape[0], np.nan)
    events = [(paths.arrive[n, column], 1, n, -1) for n in range(len(spent))]
    events = [event for event in events if paths.stream[event[2], column] >= 0]
    heapq.heapify(events)

    def enter(now: float, who: int, place: int) -> None:
        spent[who] = now - paths.arrive[who, column]
        free.discard(place)
        heapq.heappush(events, (now + paths.stay[who, column], 0, who, place))

    while events:
        now, kind, who, place = heapq.heappop(events)
        if kind == 0:
            free.add(place)
            suited = [n for n in line if takes[place, paths.stream[n, column]]]
            if suited:
                line.remove(suited[0])
                enter(now, suited[0], place)
        elif kind == 1:
            fit = [one for one in free if takes[one, paths.stream[who, column]]]
            if fit:
                enter(now, who, min(fit, key=lambda one: (choosy[one], one)))
            else:
                line.append(who)
                patience = paths.patience[who, column]
                if patience < inf:
                    heapq.heappush(events, (now + patience, 2, who, -1))
        elif who in line:
            line.remove(who)
            spent[who] = paths.patience[who, column]
    return spent


@settings(max_examples=25)
@given(
    st.tuples(st.integers(1, 2), st.integers(1, 3)),
    st.sampled_from([((True, True), (True, True)), ((True, False), (True, True)),
                     ((True, False), (False, True))]),
    st.sampled_from([inf, 60.0]),
    st.integers(0, 1000),
)  # fmt: skip
def test_every_wait_is_that_of_a_calendar_of_events(kinds, open_to, patience, seed):
    plan = plan_of(kinds, open_to, patience, seed=seed)
    paths = simulation.draw(plan, [0, 1])
    passage = simulation.walk(paths, plan)
    simulation.check(paths, passage, plan)
    for column in (0, 1):
        real = paths.stream[:, column] >= 0
        own = by_calendar(paths, plan, column)[real]
        assert passage.line_days[real, column] == pytest.approx(own, abs=1e-6)


def test_every_wait_is_that_of_ciw():
    ciw = pytest.importorskip("ciw")
    plan = plan_of((4,), ((True, True),))
    paths = simulation.draw(plan, [0])
    passage = simulation.walk(paths, plan)
    arrive, stay = paths.arrive[:, 0], paths.stay[:, 0]
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*np.diff(arrive, prepend=0), inf])],
        service_distributions=[ciw.dists.Sequential(stay.tolist())],
        number_of_servers=[4],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_time(arrive[-1] + 1e5)
    records = sorted(run.get_all_records(), key=lambda one: one.arrival_date)
    assert len(records) == len(arrive)
    assert passage.line_days[:, 0] == pytest.approx([one.waiting_time for one in records], abs=1e-6)
    assert (passage.line_days > 30).any()


def test_littles_law_is_asserted():
    plan = plan_of((2, 2), ((True, True), (True, True)))
    paths = simulation.draw(plan, [0, 1])
    passage = simulation.walk(paths, plan)
    simulation.check(paths, passage, plan)
    crowded = passage._replace(place=np.where(passage.place >= 0, 0, -1))
    with pytest.raises(ArithmeticError, match="two households"):
        simulation.check(paths, crowded, plan)
    back = passage._replace(line_days=passage.line_days - 1)
    with pytest.raises(ArithmeticError, match="leaves before coming"):
        simulation.check(paths, back, plan)
    lost = passage._replace(line_days=np.where(passage.line_days > 0, np.nan, 0.0))
    with pytest.raises(ArithmeticError, match="Little's law does not hold for the waiting list"):
        simulation.check(paths, lost, plan)


def test_the_list_is_as_long_as_arrivals_times_waits():
    found = capacity(TWO, YEAR, 9, level=0.99)
    for _, rows in found.groups.groupby(level="group"):
        value = rows.droplevel("group")["value"]
        per_day = value["arrivals_per_year"] / YEAR_DAYS
        line = rows.droplevel("group").loc["waiting_households"]
        assert inside(line, per_day * value["wait_mean_days"])


def test_a_place_more_never_lengthens_a_wait():
    few = plan_of((3,), ((True, True),))
    paths = simulation.draw(few, range(5))
    more = simulation.walk(paths, replace(few, kinds=(4,))).line_days
    fewer = simulation.walk(paths, few).line_days
    assert (more <= fewer + 1e-9).all()
    assert (more < fewer).any()


# --- against closed forms ---------------------------------------------------------------------


@published
@pytest.mark.parametrize("row", range(7))
def test_exponential_stays_hold_the_closed_form_in_their_interval(row):
    case = json.loads(CHECKS.read_text())["rows"][row]
    places, load = case["servers"], float(Fraction(case["offered"]))
    asked = [Arrivals("a", load * YEAR_DAYS / 100)]
    found = capacity(asked, StayLength.exponential(100), places, target=Target(0.9, 0), years=20,
                     replications=200, seed=11, level=0.99)  # fmt: skip
    rows = found.groups.loc["all"]
    assert found.settled
    assert inside(1 - rows.loc["within_target_share"].rename({"low": "high", "high": "low"}),
                  case["erlang_c"])  # fmt: skip
    assert inside(rows.loc["wait_mean_days"], 100 * case["Wq_in_service_times"])
    assert inside(rows.loc["waiting_households"], case["Lq"])
    assert inside(rows.loc["wait_p90_days"], queues.wait_quantile_days(places, load, 100, 0.9))
    assert inside(found.places.loc["all"], load / places)
    assert found.erlang["waiting_share"] == pytest.approx(case["erlang_c"], rel=1e-12)


@pytest.mark.parametrize(
    "stay", [YEAR, StayLength.uniform(183, 547), StayLength.lognormal(300, 560)]
)
def test_without_a_list_the_refused_are_erlang_b_whatever_the_stay(stay):
    per_year = 5 * YEAR_DAYS / stay.mean_days
    found = capacity([Arrivals("a", per_year)], stay, 5, waiting_list=False, seed=7, level=0.99)
    refused = found.groups.loc[("all", "refused_share")]
    assert inside(refused, queues.erlang_b(5, 5.0))
    assert found.erlang == {"refused_share": queues.erlang_b(5, 5.0)}
    assert found.groups.loc[("all", "gave_up_share"), "value"] == 0
    assert found.groups.loc[("all", "waiting_households"), "value"] == 0


def test_those_who_give_up_are_as_birth_and_death_says():
    # M/M/3 with load 4 and patience of half a stay: a state n above 3 is left at rate 3 + 2 (n - 3).
    weight, states = [1.0], range(1, 200)
    for n in states:
        weight.append(weight[-1] * 4 / (min(n, 3) + 2 * max(n - 3, 0)))
    shares = np.array(weight) / sum(weight)
    line = sum(shares[n] * (n - 3) for n in range(4, 200))
    found = capacity([Arrivals("a", 4)], YEAR, 3, patience=Patience(365 / 2), seed=5, level=0.99)
    rows = found.groups.loc["all"]
    assert inside(rows.loc["waiting_households"], line)
    assert inside(rows.loc["gave_up_share"], line * 2 / 4)
    assert rows.loc["refused_share", "value"] == 0
    assert found.erlang == {}


# --- capacity ---------------------------------------------------------------------------------


def test_reserved_places_shorten_the_waits_of_their_group_only():
    asked = [Arrivals("violence", 4), Arrivals("street", 4)]
    found = capacity(asked, YEAR, {"refuge": 3, "flat": 7}, {"refuge": ["violence"]},
                     replications=100)  # fmt: skip
    waits = found.groups["value"].xs("wait_mean_days", level="measure")
    assert waits["violence"] < waits["all"] < waits["street"]
    assert found.places.index.tolist() == ["refuge", "flat", "all"]
    total = (found.places["places"] * found.places["occupancy_share"]).iloc[:2].sum()
    assert total == pytest.approx(10 * found.places.loc["all", "occupancy_share"], rel=1e-9)
    assert found.load == pytest.approx(8)
    # of 8 households a year with a stay of a year each, 8 places are taken
    assert inside(found.places.loc["all"], 0.8)


def test_no_executor_changes_a_digit():
    def ask(executor=None):
        return capacity(TWO, YEAR, 9, replications=110, years=2, executor=executor)

    alone = ask()
    with ThreadPoolExecutor(2) as threads:
        pd.testing.assert_frame_equal(ask(threads).groups, alone.groups, check_exact=True)
    with ProcessPoolExecutor(2) as processes:
        pd.testing.assert_frame_equal(ask(processes).groups, alone.groups, check_exact=True)
    other = capacity(TWO, YEAR, 9, replications=110, years=2, seed=2)
    assert not other.groups.equals(alone.groups)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places": 7}, "con 7,0 posti sempre richiesti e 7 posti .* almeno 8"),
        ({"places": {"a": -1, "b": 9}}, "a è -1: deve essere da 0 in su"),
        ({"places": 0}, "places va da 1 a 5000, non 0"),
        ({"places": {"a": 9}, "eligibility": {"b": ["violence"]}}, "posti che non ci sono: «b»"),
        (
            {"places": {"a": 9}, "eligibility": {"a": ["violence"]}},
            "nessun posto è aperto a leaving",
        ),
        ({"places": {"a": 9}, "eligibility": {"a": "violence"}}, "un testo, non un elenco"),
        ({"places": {"a": 9}, "eligibility": {"a": ["street"]}}, "gruppi senza richieste: street"),
        (
            {"places": {"a": 4, "b": 9}, "eligibility": {"a": ["violence"], "b": ["leaving_care"]}},
            "violence: con 4,0 posti sempre richiesti e 4 posti",
        ),
        ({"stay": {"violence": YEAR}}, "manca la permanenza dei gruppi: leaving_care"),
        ({"arrivals": [TWO[0], TWO[0]]}, "gruppi indicati due volte: violence"),
        ({"arrivals": []}, "nessuna richiesta"),
        (
            {"replications": 1, "years": 0, "level": 1},
            "replications è 1: .* da 2 in su; years è 0: .*; level è 1: .*",
        ),
    ],
)
def test_impossible_questions_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        capacity(**{"arrivals": TWO, "stay": YEAR, "places": 20} | changes)


@pytest.mark.parametrize(
    ("load", "places", "said"),
    [
        (5.0, 5, "con 5,0 posti sempre richiesti e 5 posti .* almeno 6"),
        (5 * (1 - 1e-15), 5, "con 5,0 posti sempre richiesti e 5 posti .* almeno 6"),
        (5 * (1 + 1e-15), 5, "con 5,0 posti sempre richiesti e 5 posti .* almeno 6"),
        (4.97, 4, "con 4,97 posti sempre richiesti e 4 posti .* almeno 5"),
        (5.04, 5, "con 5,04 posti sempre richiesti e 5 posti .* almeno 6"),
        (5.004, 5, "con 5,004 posti sempre richiesti e 5 posti .* almeno 6"),
        (5.3, 4, "con 5,3 posti sempre richiesti e 4 posti .* almeno 6"),
    ],
)
def test_the_fewest_places_lie_above_the_load_as_it_is_printed(load, places, said):
    asked = [Arrivals("a", load)]
    with pytest.raises(ValueError, match=said):
        capacity(asked, YEAR, places, replications=2, years=1)
    least = int(said.split("almeno ")[1])
    assert least > load
    assert overload(asked, YEAR, least) is None
    assert overload(asked, YEAR, least - 1) is not None
    assert places_needed(asked, YEAR, Target(0.01, 3000), replications=2, years=1).frame.loc[
        "a", "places"
    ] >= least  # fmt: skip


@given(st.floats(0.01, 4000))
def test_a_printed_load_lies_on_its_side_of_every_whole_number(load):
    shown = float(f"{load:.{load_decimals(load)}f}")
    if abs(load - round(load)) > 1e-8 * max(load, 1):
        assert int(shown) == int(load)
        assert shown != int(shown)


THREE = ("violence", "leaving_care", "street")


@given(
    st.lists(st.floats(0.1, 6), min_size=3, max_size=3),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
    st.lists(st.sets(st.sampled_from(THREE), min_size=1), min_size=3, max_size=3),
)
def test_the_list_grows_where_some_groups_fill_the_places_open_to_them(loads, counts, takes):
    places = {f"kind {n}": count for n, count in enumerate(counts)} | {"any": 1}
    eligibility = {f"kind {n}": own for n, own in enumerate(takes)}
    asked = [Arrivals(group, load) for group, load in zip(THREE, loads, strict=True)]
    lacking = {}
    for size in (1, 2, 3):
        for some in combinations(THREE, size):
            load = sum(loads[THREE.index(one)] for one in some)
            room = sum(
                n for kind, n in places.items() if eligibility.get(kind, set(THREE)) & set(some)
            )
            if load >= room:
                lacking[some] = load - room
    found = overload(asked, YEAR, places, eligibility)
    if not lacking:
        assert found is None
        return
    assert found is not None
    assert found.load - found.places == pytest.approx(max(lacking.values()), abs=1e-6)
    assert found.groups in lacking
    rate = sum(loads[THREE.index(one)] for one in found.groups)
    assert found.left_out_per_year == pytest.approx(
        rate * (1 - found.places / found.load), abs=1e-6
    )
    assert overload(asked, YEAR, places, eligibility, Patience(60)) is None


def test_who_shares_places_with_nobody_is_not_behind_the_growing_list():
    asked = [Arrivals("violence", 6), Arrivals("leaving_care", 2)]
    places, takes = {"a": 4, "b": 5}, {"a": ["violence"], "b": ["leaving_care"]}
    found = overload(asked, YEAR, places, takes)
    assert found == (("violence",), pytest.approx(6), 4, pytest.approx(2))


def test_places_that_nobody_who_asks_may_take_stay_empty():
    found = capacity(TWO, YEAR, {"a": 9, "b": 3}, {"b": []}, replications=10)
    alone = capacity(TWO, YEAR, 9, replications=10)
    assert found.places.loc["b", "occupancy_share"] == 0
    pd.testing.assert_frame_equal(found.groups, alone.groups, check_exact=True)


def test_many_ambiti_are_searched_as_one_queue():
    asked = {f"ambito {n}": [Arrivals("a", 1)] for n in range(30)}
    found = pooling_gain(asked, YEAR, replications=2, years=10)
    assert found.frame.loc["all", "load"] == pytest.approx(30)
    many = [Arrivals(f"group {n}", 1) for n in range(17)]
    places = {one.group: 3 for one in many}
    with pytest.raises(ValueError, match="17 gruppi con posti propri"):
        overload(many, YEAR, places, {one.group: [one.group] for one in many})


def test_a_list_too_close_to_its_limit_says_it_has_not_settled():
    found = capacity([Arrivals("a", 9.95)], YEAR, 10, replications=2, years=1)
    assert not found.settled
    assert found.warm_up_years == WARM_UP_MAX_YEARS


# --- places needed ----------------------------------------------------------------------------


@pytest.mark.slow
def test_places_needed_for_exponential_stays_are_erlangs():
    found = places_needed([Arrivals("a", 6), Arrivals("b", 12)], YEAR)
    for name, load in (("a", 6.0), ("b", 12.0), ("all", 18.0)):
        exact = next(
            c for c in range(int(load) + 1, 99)
            if queues.waiting_longer_share(c, load, 365, 30) <= 0.1
        )  # fmt: skip
        row = found.frame.loc[name]
        assert row["places_low"] <= exact <= row["places_high"]
        assert row["places_low"] <= row["places"] <= row["places_high"]
        assert row["share"] >= 0.9
        assert row["settled"]
        tried = found.tried[found.tried["name"] == name].set_index("places")["share"]
        assert tried[row["places"] - 1] < 0.9  # the next smaller number was simulated, and fails
        assert tried.is_monotonic_increasing
    assert found.saved == found.frame["places"].iloc[:2].sum() - found.frame.loc["all", "places"]
    assert found.saved_low <= found.saved <= found.saved_high


def test_patience_lets_fewer_places_than_the_load_meet_a_modest_target():
    found = places_needed([Arrivals("a", 10)], YEAR, Target(0.5, 30), Patience(60), 60)
    assert found.frame.loc["all", "places"] < found.frame.loc["all", "load"]


def test_sharing_places_over_ambiti_saves_some():
    asked = {name: [Arrivals("violence", 3), Arrivals("street", 2)] for name in ("Desio", "Monza")}
    found = pooling_gain(asked, StayLength.uniform(183, 547), replications=100)
    assert found.frame.index.tolist() == ["Desio", "Monza", "all"]
    assert found.frame.loc["all", "load"] == pytest.approx(10)
    assert found.saved_low > 0


def test_impossible_searches_are_refused():
    with pytest.raises(ValueError, match="è il nome del totale"):
        places_needed([Arrivals("all", 5)], YEAR)
    with pytest.raises(ValueError, match="nessuna richiesta"):
        pooling_gain({}, YEAR)
    with pytest.raises(ValueError, match="più di 5000 posti"):
        places_needed([Arrivals("a", 6000)], YEAR)
