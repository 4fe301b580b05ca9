"""How long households wait with so many places, and how many places a target takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil, floor, inf, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.errors import ParameterError, Problem
from needs_analysis.parameters import COUNT, INSIDE_SHARE, SEEDS, Range
from needs_analysis.services.capacity import queues
from needs_analysis.services.capacity.demand import (
    YEAR_DAYS,
    Arrivals,
    Patience,
    StayLength,
    Target,
    groups_of,
)
from needs_analysis.services.capacity.problems import problem
from needs_analysis.services.capacity.simulation import Plan, Stream, Tally, simulate

SEED = 1
REPLICATIONS = 400
_LEAST_REPLICATIONS = 40
_REPLICATED_LOAD = 40_000
"""Replications times load: each replication of a large network tells as much as many of a small one."""
YEARS = 10
LEVEL = 0.95
ALL = "all"
WARM_UP_MAX_YEARS = 100  # a list close to its limit settles over centuries; nobody plans for them
_RELAXATIONS = 4  # after so many relaxation times under 2 % of the empty start is left
_PLACES_MAX = 5000
_CLASSES_MAX = 16  # sets of groups are looked at one by one: 2 to this power
_SAME = 1e-9  # relative; a load that differs by less from a whole number is that number

Stays = StayLength | Mapping[str, StayLength]
Patiences = Patience | Mapping[str, Patience] | None


@dataclass(frozen=True)
class Capacity:
    """What so many places do for those who ask.

    Attributes
    ----------
    groups : DataFrame
        By group (the last is "all") and measure: value, low, high. Measures: arrivals_per_year,
        wait_mean_days, wait_p50_days, wait_p90_days (of those who enter), within_target_share (of all
        who ask, those who enter within the target's days), refused_share (no place and no list),
        gave_up_share (left the list), waiting_households (on the list on an average day).
    places : DataFrame
        By kind of place (the last is "all"): places, occupancy_share, low, high.
    load : float
        Places that would be taken if one were always free.
    erlang : mapping of str to float
        The closed forms at this load, as if stays were exponential and without season: refused_share
        (Erlang B) or waiting_share, wait_mean_days, wait_p90_days, waiting_households (Erlang C).
        Empty where they do not apply.
    target : Target
        Behind within_target_share.
    replications, years, warm_up_years, seed, level : int, int, int, int, float
        How it was simulated; the intervals are Student's over replications at this level.
    settled : bool
        Whether the warm-up was long enough for the empty start to be forgotten.
    """

    groups: pd.DataFrame
    places: pd.DataFrame
    load: float
    erlang: Mapping[str, float]
    target: Target
    replications: int
    years: int
    warm_up_years: int
    seed: int
    level: float
    settled: bool


@dataclass(frozen=True)
class PlacesNeeded:
    """The smallest number of places that meets a target, apart and together.

    Attributes
    ----------
    frame : DataFrame
        By group or ambito served apart, and last "all", served together from the same places: load,
        places, places_low, places_high (the fewest at which the interval of the share still reaches
        the target, and the fewest at which all of it does), share, share_low, share_high (of those who
        ask, who enters within the target's days), settled (as in :class:`Capacity`).
    tried : DataFrame
        Every number of places simulated: name, places, share, share_low, share_high.
    saved, saved_low, saved_high : int
        Places that serving together saves: the sum apart less those together; the bounds take each
        number at its worst for the difference.
    target : Target
        What was asked.
    replications, years, seed, level : int, int, int, float
        How it was simulated.
    """

    frame: pd.DataFrame
    tried: pd.DataFrame
    saved: int
    saved_low: int
    saved_high: int
    target: Target
    replications: int
    years: int
    seed: int
    level: float


class Overload(NamedTuple):
    """Groups whose list grows without end.

    Attributes
    ----------
    groups : tuple of str
        They share places, and nobody of them gives up.
    load : float
        Places that they would take if one were always free.
    places : int
        Open to one of them at least: no more than the load.
    left_out_per_year : float
        Households a year that find no place however long they wait.
    """

    groups: tuple[str, ...]
    load: float
    places: int
    left_out_per_year: float


def capacity(
    arrivals: Sequence[Arrivals],
    stay: Stays,
    places: int | Mapping[str, int],
    eligibility: Mapping[str, Collection[str]] | None = None,
    patience: Patiences = None,
    waiting_list: bool = True,
    target: Target | None = None,
    replications: int | None = None,
    years: int = YEARS,
    seed: int = SEED,
    level: float = LEVEL,
    executor: Executor | None = None,
) -> Capacity:
    """Simulate a waiting list and its places: occupancy, waits, refusals, with intervals.

    First come, first served among those a free place is open to; one household a place.

    Parameters
    ----------
    arrivals : sequence of Arrivals
        One a group.
    stay : StayLength or mapping
        Of all, or by group.
    places : int or mapping
        How many, or how many of each kind.
    eligibility : mapping, optional
        The groups that a kind of place takes; a kind not named takes all.
    patience : Patience or mapping, optional
        Of all, or by group; a group not named never gives up.
    waiting_list : bool
        False refuses who finds no place free.
    target : Target, optional
        9 in 10 within 30 days when omitted.
    replications, years, seed, level : int, int, int, float
        Independent repetitions (400 when omitted, with a load above 100 fewer, 40 at least), years
        measured in each, seed, level of the intervals.
    executor : Executor, optional
        Runs blocks of replications; the result does not depend on it.

    Returns
    -------
    Capacity

    Raises
    ------
    ParameterError
        An argument is impossible, a group has no place open to it, or nobody gives up and the load is
        not below the places: the list would grow without end.

    References
    ----------
    Kiefer, J. and Wolfowitz, J. (1955), On the theory of queues with many servers, Transactions of the
    AMS 78; Law, A. M. (2015), Simulation Modeling and Analysis, ch. 9 (replications, warm-up);
    Woodruff, R. S. (1952), Confidence intervals for medians, JASA 47 (quantiles).

    Examples
    --------
    >>> asked = [Arrivals("violence", 9), Arrivals("eviction_order", 12)]
    >>> found = capacity(asked, StayLength.uniform(183, 548), places=25, replications=20)
    >>> bool(found.groups.loc[("all", "wait_p90_days"), "value"] > 0)
    True
    """
    target = Target() if target is None else target
    kinds = _kinds(places)
    times = REPLICATIONS if replications is None else replications
    _check(kinds, eligibility or {}, groups_of(arrivals), times, years, seed, level)
    streams = _streams(arrivals, stay, patience)
    if replications is None:
        replications = replications_for(_load(streams))
    open_to = _open_to(kinds, eligibility, streams)
    plan = Plan(streams, tuple(kinds.values()), open_to, waiting_list, 0, years, target.days, seed)
    needed = _warm_up_years(plan)
    plan = replace(plan, warm_up_years=min(needed, WARM_UP_MAX_YEARS))
    tally = simulate(plan, replications, executor)
    return Capacity(
        groups=_groups_frame(tally, plan, level),
        places=_places_frame(tally, kinds, years, level),
        load=_load(streams),
        erlang=_erlang(plan),
        target=target,
        replications=replications,
        years=years,
        warm_up_years=plan.warm_up_years,
        seed=seed,
        level=level,
        settled=needed <= WARM_UP_MAX_YEARS,
    )


def overload(
    arrivals: Sequence[Arrivals],
    stay: Stays,
    places: int | Mapping[str, int],
    eligibility: Mapping[str, Collection[str]] | None = None,
    patience: Patiences = None,
) -> Overload | None:
    r"""Find the groups whose waiting list would grow without end with so many places.

    .. math:: \max_{S} \; a(S) - c(S), \qquad a(S) = \sum_{g \in S} \lambda_g s_g \ge c(S)

    over the sets S of groups of which nobody gives up, with a their load and c the places open to one
    of them at least.

    Parameters
    ----------
    arrivals, stay, places, eligibility, patience
        As in :func:`capacity`.

    Returns
    -------
    Overload or None
        The set that lacks most places; None where every list settles.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Hall, P. (1935), On representatives of subsets, Journal of the London Mathematical Society 10.

    Examples
    --------
    >>> asked = [Arrivals("violence", 6), Arrivals("eviction_order", 4)]
    >>> found = overload(asked, StayLength.exponential(365), 9)
    >>> round(found.load, 6), found.places, round(found.left_out_per_year, 6)
    (10.0, 9, 1.0)
    >>> overload(asked, StayLength.exponential(365), 11) is None
    True
    """
    kinds = _kinds(places)
    _check(kinds, eligibility or {}, groups_of(arrivals), REPLICATIONS, YEARS, SEED, LEVEL)
    streams = _streams(arrivals, stay, patience)
    open_to = _open_to(kinds, eligibility, streams)
    return _overload(Plan(streams, tuple(kinds.values()), open_to, True, 0, YEARS, 0.0, SEED))


def places_needed(
    arrivals: Sequence[Arrivals],
    stay: Stays,
    target: Target | None = None,
    patience: Patiences = None,
    replications: int | None = None,
    years: int = YEARS,
    seed: int = SEED,
    level: float = LEVEL,
    executor: Executor | None = None,
) -> PlacesNeeded:
    """Find the smallest number of places that meets a target, for each group apart and for all together.

    Every number of places meets the same simulated households (common random numbers), so that one
    place more shortens waits in each replication and the search crosses the target once.

    Parameters
    ----------
    arrivals, stay, patience, replications, years, seed, level, executor
        As in :func:`capacity`.
    target : Target, optional
        9 in 10 within 30 days when omitted.

    Returns
    -------
    PlacesNeeded

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Law, A. M. (2015), Simulation Modeling and Analysis, ch. 11 (common random numbers).

    Examples
    --------
    >>> asked = [Arrivals("violence", 6), Arrivals("leaving_care", 4)]
    >>> found = places_needed(asked, StayLength.exponential(365), replications=40)
    >>> bool(found.frame.loc["all", "places"] < found.frame["places"].iloc[:-1].sum())
    True
    """
    streams = _streams(arrivals, stay, patience)
    apart = {one.arrivals.group: (one,) for one in streams}
    return _needed(apart, target or Target(), replications, years, seed, level, executor)


def pooling_gain(
    arrivals: Mapping[str, Sequence[Arrivals]],
    stay: Stays,
    target: Target | None = None,
    patience: Patiences = None,
    replications: int | None = None,
    years: int = YEARS,
    seed: int = SEED,
    level: float = LEVEL,
    executor: Executor | None = None,
) -> PlacesNeeded:
    """Find the places that several ambiti need each on its own, and together: what sharing them saves.

    Parameters
    ----------
    arrivals : mapping
        By ambito, its arrivals by group.
    stay, patience, replications, years, seed, level, executor
        As in :func:`capacity`; by group, the same in all ambiti.
    target : Target, optional
        9 in 10 within 30 days when omitted.

    Returns
    -------
    PlacesNeeded
        By ambito, all its groups served together, and last all ambiti from the same places.

    Raises
    ------
    ParameterError
        An argument is impossible.

    References
    ----------
    Smith, D. R. and Whitt, W. (1981), Resource sharing for efficiency in traffic systems, Bell System
    Technical Journal 60.

    Examples
    --------
    >>> asked = {"Desio": [Arrivals("violence", 6)], "Seregno": [Arrivals("violence", 5)]}
    >>> pooling_gain(asked, StayLength.exponential(365), replications=40).saved > 0
    True
    """
    if not arrivals:
        raise ParameterError(problem("no_arrivals"))
    apart: dict[str, tuple[Stream, ...]] = {}
    drawn = 0
    for ambito, own in arrivals.items():
        apart[ambito] = _streams(own, stay, patience, first_key=drawn)
        drawn += len(own)
    return _needed(apart, target or Target(), replications, years, seed, level, executor)


def _streams(
    arrivals: Sequence[Arrivals], stay: Stays, patience: Patiences, first_key: int = 0
) -> tuple[Stream, ...]:
    groups = groups_of(arrivals)
    stays = stay if isinstance(stay, Mapping) else dict.fromkeys(groups, stay)
    if missing := tuple(group for group in groups if group not in stays):
        raise ParameterError(problem("no_stay", groups=missing))
    if isinstance(patience, Patience):
        patience = dict.fromkeys(groups, patience)
    waits = {group: one.mean_days for group, one in (patience or {}).items()}
    return tuple(
        Stream(first_key + place, one, stays[one.group], waits.get(one.group, inf))
        for place, one in enumerate(arrivals)
    )


def _kinds(places: int | Mapping[str, int]) -> dict[str, int]:
    return dict(places) if isinstance(places, Mapping) else {"all_groups": places}


def _open_to(
    kinds: Mapping[str, int],
    eligibility: Mapping[str, Collection[str]] | None,
    streams: Sequence[Stream],
) -> tuple[tuple[bool, ...], ...]:
    groups = [one.arrivals.group for one in streams]
    takes = ((eligibility or {}).get(kind, groups) for kind in kinds)
    return tuple(tuple(group in own for group in groups) for own in takes)


def _check(
    kinds: Mapping[str, int],
    eligibility: Mapping[str, Collection[str]],
    groups: Sequence[str],
    replications: int,
    years: int,
    seed: int,
    level: float,
) -> None:
    whole = Range(0, whole=True)
    problems = [wrong for kind, n in kinds.items() if (wrong := whole.wrong(kind, n))]
    total = sum(kinds.values())
    if not problems and not 0 < total <= _PLACES_MAX:
        problems.append(problem("places_range", name="places", most=_PLACES_MAX, found=total))
    problems += [problem("eligibility", kind=kind) for kind in eligibility.keys() - kinds]
    known = set(groups)
    for kind, own in eligibility.items():
        if isinstance(own, str):
            problems.append(problem("groups_as_text", kind=kind, found=own))
        elif strange := tuple(sorted(set(own) - known)):
            problems.append(problem("groups_without_arrivals", kind=kind, groups=strange))
    for group in groups:
        if not any(n and group in eligibility.get(kind, known) for kind, n in kinds.items()):
            problems.append(problem("no_place_open", group=group))
    problems += _problems_of_run(replications, years, seed, level)
    if problems:
        raise ParameterError(*problems)


def replications_for(load: float) -> int:
    """Return how often to repeat a simulation with so many places taken.

    Examples
    --------
    >>> [replications_for(load) for load in (30, 100, 330, 4000)]
    [400, 400, 121, 40]
    """
    wanted = round(_REPLICATED_LOAD / max(load, 1.0))
    return min(REPLICATIONS, max(_LEAST_REPLICATIONS, wanted))


def _problems_of_run(replications: int, years: int, seed: int, level: float) -> list[Problem]:
    found = (
        Range(2, whole=True).wrong("replications", replications),  # one has no spread
        COUNT.wrong("years", years),
        SEEDS.wrong("seed", seed),
        INSIDE_SHARE.wrong("level", level),
    )
    return [one for one in found if one]


def _load(streams: Sequence[Stream]) -> float:
    return sum(one.arrivals.per_year / YEAR_DAYS * one.stay.mean_days for one in streams)


def _least_places(load: float) -> int:
    """Return the fewest places above a load: with as many as the load the list grows without end."""
    return floor(load * (1 + _SAME)) + 1


def load_decimals(load: float) -> int:
    """Return how many decimals set a load apart from the whole numbers beside it.

    Printed "5.0 on 5 places", a load of 5.04 would seem to need no more than 5.

    Examples
    --------
    >>> load_decimals(5.0), load_decimals(4.3), load_decimals(4.97), load_decimals(5.004)
    (1, 1, 2, 3)
    """
    whole = round(load)
    if abs(load - whole) <= _SAME * max(load, 1.0):
        return 1
    return next(n for n in range(1, 12) if round(load, n) != whole)


class _Sets(NamedTuple):
    """Sets of groups of which nobody gives up, as rows: their groups, load and places."""

    members: np.ndarray
    load: np.ndarray
    places: np.ndarray


def _sets(plan: Plan) -> _Sets:
    """Return every set of patient groups, groups to which the same places are open kept together."""
    patient = np.array([one.patience_mean_days == inf for one in plan.streams])
    open_to = np.array(plan.open_to, dtype=bool)
    patterns, own = np.unique(open_to[:, patient], axis=1, return_inverse=True)
    count = patterns.shape[1]
    if count > _CLASSES_MAX:
        raise ParameterError(problem("many_patterns", found=count, most=_CLASSES_MAX))
    chosen = np.arange(1, 2**count)[:, None] >> np.arange(count) & 1 == 1
    members = np.zeros((len(chosen), len(plan.streams)), dtype=bool)
    members[:, patient] = chosen[:, own.ravel()]
    some_open = members.astype(float) @ open_to.T > 0
    loads = np.array([_load([one]) for one in plan.streams])
    return _Sets(members, members @ loads, some_open @ np.array(plan.kinds))


def _overload(plan: Plan) -> Overload | None:
    sets = _sets(plan)
    full = sets.places <= sets.load * (1 + _SAME)
    if not full.any():
        return None
    # Of sets that lack as many places the smallest: the others are not behind it.
    excess = np.where(full, sets.load - sets.places, -inf)
    worst = excess >= excess.max() - _SAME * max(1.0, sets.load.max())
    at = int(np.where(worst, sets.members.sum(axis=1), inf).argmin())
    own = [plan.streams[n] for n in np.flatnonzero(sets.members[at])]
    load, places = float(sets.load[at]), int(sets.places[at])
    per_year = float(sum(one.arrivals.per_year for one in own))
    left_out = per_year * max(0.0, 1 - places / load)
    return Overload(tuple(one.arrivals.group for one in own), load, places, left_out)


def _warm_up_years(plan: Plan) -> int:
    """Return the years after which an empty start is forgotten; refuse a list that never settles.

    The slowest part is the set of groups whose places are closest to full. Its relaxation time is that
    of M/M/c, longer where stays vary more; patience shortens it.
    """
    days = max(one.stay.mean_days for one in plan.streams)
    if plan.waiting_list:
        finite = [one.patience_mean_days for one in plan.streams if one.patience_mean_days < inf]
        found = _overload(plan)
        if found is not None:
            raise ParameterError(_endless(found, whole=len(found.groups) == len(plan.streams)))
        days = max([days, *finite, _relaxation_days(plan)])
    return ceil(_RELAXATIONS * days / YEAR_DAYS)


def _endless(found: Overload, *, whole: bool) -> Problem:
    """Return what is wrong with places that are asked for more than there are."""
    given = {
        "load": Decimal(f"{found.load:.{load_decimals(found.load)}f}"), "places": found.places,
        "least": _least_places(found.load), "name": "patience",
    }  # fmt: skip
    if whole:
        return problem("endless_list", **given)
    return problem("endless_groups", groups=found.groups, **given)


def _relaxation_days(plan: Plan) -> float:
    sets = _sets(plan)
    if not len(sets.load):
        return 0.0
    per_day = np.array([one.arrivals.per_year / YEAR_DAYS for one in plan.streams])
    variation = np.array([one.stay.variation for one in plan.streams])
    stay = sets.load / (sets.members @ per_day)
    spread = np.maximum(1.0, (1 + (sets.members * variation).max(axis=1) ** 2) / 2)
    free = 1 - np.sqrt(sets.load / sets.places)
    return float((stay * spread / (sets.places * free**2)).max())


def _erlang(plan: Plan) -> dict[str, float]:
    places, load = sum(plan.kinds), _load(plan.streams)
    if not all(all(open_to) for open_to in plan.open_to):
        return {}
    if not plan.waiting_list:
        return {"refused_share": queues.erlang_b(places, load)}
    if any(one.patience_mean_days < inf for one in plan.streams):
        return {}
    stay = load / sum(one.arrivals.per_year / YEAR_DAYS for one in plan.streams)
    return {
        "waiting_share": queues.erlang_c(places, load),
        "wait_mean_days": queues.mean_wait_days(places, load, stay),
        "wait_p90_days": queues.wait_quantile_days(places, load, stay, 0.9),
        "waiting_households": queues.mean_waiting(places, load),
    }


def _student(level: float, replications: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(replications - 1, (1 + level) / 2))


def _ratio(over: np.ndarray, under: np.ndarray, level: float) -> tuple[float, float, float]:
    """Return a ratio of sums over replications with its interval (delta method).

    A mean of each replication's ratio would favour replications in which few came.
    """
    if not under.sum():
        return np.nan, np.nan, np.nan
    value = over.sum() / under.sum()
    apart = over - value * under
    error = sqrt(apart.var(ddof=1) / len(apart)) / under.mean()
    half = _student(level, len(apart)) * error
    return float(value), float(value - half), float(value + half)


def _share(over: np.ndarray, under: np.ndarray, level: float) -> tuple[float, float, float]:
    value, low, high = _ratio(over, under, level)
    return value, float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))


def _quantile(
    waits: np.ndarray, number: np.ndarray, replications: int, share: float, level: float
) -> tuple[float, float, float]:
    """Return a quantile of all waits; its interval inverts that of the share below it (Woodruff)."""
    if not len(waits):
        return np.nan, np.nan, np.nan
    value = np.quantile(waits, share)
    below = np.bincount(number[waits <= value], minlength=replications)
    every = np.bincount(number, minlength=replications)
    _, low, high = _ratio(below - every * (below.sum() / every.sum() - share), every, level)
    low, high = np.quantile(waits, np.clip([low, high], 0, 1))
    return float(value), float(low), float(high)


def _groups_frame(tally: Tally, plan: Plan, level: float) -> pd.DataFrame:
    names = [one.arrivals.group for one in plan.streams]
    parts = {name: [place] for place, name in enumerate(names)} | {ALL: list(range(len(names)))}
    rows = {}
    for name, own in parts.items():
        for measure, values in _measures(tally, own, plan, level).items():
            rows[name, measure] = values
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    frame.index = pd.MultiIndex.from_tuples(rows, names=["group", "measure"])
    return frame


def _measures(
    tally: Tally, own: Sequence[int], plan: Plan, level: float
) -> dict[str, tuple[float, float, float]]:
    def total(values: np.ndarray) -> np.ndarray:
        return np.asarray(values[:, own].sum(axis=1))

    arrived, entered = total(tally.arrived), total(tally.entered)
    each = np.ones(len(arrived))
    mine = np.isin(tally.waits[:, 1], own)
    number, waits = tally.waits[mine, 0].astype(int), tally.waits[mine, 2]
    left = _share(arrived - entered, arrived, level)
    return {
        "arrivals_per_year": _ratio(arrived, each * plan.years, level),
        "wait_mean_days": _ratio(total(tally.wait_days), entered, level),
        "wait_p50_days": _quantile(waits, number, len(each), 0.5, level),
        "wait_p90_days": _quantile(waits, number, len(each), 0.9, level),
        "within_target_share": _share(total(tally.within), arrived, level),
        "refused_share": (0.0, 0.0, 0.0) if plan.waiting_list else left,
        "gave_up_share": left if plan.waiting_list else (0.0, 0.0, 0.0),
        "waiting_households": _ratio(total(tally.line_days), each * plan.years * YEAR_DAYS, level),
    }


def _places_frame(tally: Tally, kinds: Mapping[str, int], years: int, level: float) -> pd.DataFrame:
    taken, days = tally.taken_days, float(years * YEAR_DAYS)
    each = np.ones(len(taken))
    rows = {
        kind: (count, *_share(taken[:, place], each * count * days, level))
        for place, (kind, count) in enumerate(kinds.items())
    }
    every = sum(kinds.values())
    rows[ALL] = (every, *_share(taken.sum(axis=1), each * every * days, level))
    columns = ["places", "occupancy_share", "low", "high"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis(index="kind")


def _needed(
    apart: Mapping[str, tuple[Stream, ...]],
    target: Target,
    replications: int | None,
    years: int,
    seed: int,
    level: float,
    executor: Executor | None,
) -> PlacesNeeded:
    together = tuple(one for streams in apart.values() for one in streams)
    if replications is None:
        replications = replications_for(_load(together))
    problems = _problems_of_run(replications, years, seed, level)
    if ALL in apart:
        problems.append(problem("name_of_total", name=ALL))
    if problems:
        raise ParameterError(*problems)
    rows, tried = {}, []
    search = None
    for name, streams in {**apart, ALL: together}.items():
        if search is None or len(apart) > 1:  # one alone is all together
            search = _Search(streams, target, replications, years, seed, level, executor)
        rows[name] = search.row()
        tried += [(name, places, *share) for places, share in sorted(search.found.items())]
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis(index="name")
    lone, pooled = frame.iloc[:-1], frame.iloc[-1]
    return PlacesNeeded(
        frame=frame,
        tried=pd.DataFrame(tried, columns=["name", "places", "share", "share_low", "share_high"]),
        saved=int(lone["places"].sum() - pooled["places"]),
        saved_low=int(lone["places_low"].sum() - pooled["places_high"]),
        saved_high=int(lone["places_high"].sum() - pooled["places_low"]),
        target=target,
        replications=replications,
        years=years,
        seed=seed,
        level=level,
    )


class _Search:
    """The share that enters in time by number of places, each simulated once when it is asked for."""

    def __init__(
        self,
        streams: tuple[Stream, ...],
        target: Target,
        replications: int,
        years: int,
        seed: int,
        level: float,
        executor: Executor | None,
    ) -> None:
        self.target, self.replications, self.level = target, replications, level
        self.executor = executor
        self.load = _load(streams)
        self.plan = Plan(
            streams, (1,), ((True,) * len(streams),), True, 0, years, target.days, seed
        )
        steady = all(one.patience_mean_days == inf for one in streams)
        patient = [one for one in streams if one.patience_mean_days == inf]
        # Without patience a list with no more places than the load grows for ever.
        self.least = _least_places(self.load if steady else _load(patient))
        self.found: dict[int, tuple[float, float, float]] = {}
        self.start = self._guess()
        # One warm-up for all numbers of places, or they would not meet the same households.
        close = max(self.start - 1, self.least)
        self.warm_up_years = min(self._warm_up_needed(close), WARM_UP_MAX_YEARS)

    def row(self) -> dict[str, float | bool]:
        """Return the smallest number of places with its bounds, and the share it gives."""
        share = self.target.share
        places = self._first(lambda found: found[0] >= share, self.start)
        low = self._first(lambda found: found[2] >= share, places)
        high = self._first(lambda found: found[1] >= share, places)
        value, share_low, share_high = self._share(places)
        return {
            "load": self.load,
            "places": places,
            "places_low": low,
            "places_high": high,
            "share": value,
            "share_low": share_low,
            "share_high": share_high,
            "settled": self._warm_up_needed(places) <= self.warm_up_years,
        }

    def _first(self, meets: Callable[[tuple[float, float, float]], bool], near: int) -> int:
        """Return the fewest places that meet a condition, searched outwards from a first guess."""
        fails, holds, step = self.least - 1, near, 1
        while not meets(self._share(holds)):
            fails, holds, step = holds, holds + step, step * 2
            if holds > _PLACES_MAX:
                raise ParameterError(problem("too_many_places", most=_PLACES_MAX))
        step = 1
        while holds - step > fails and meets(self._share(holds - step)):
            holds, step = holds - step, step * 2
        fails = max(fails, holds - step)
        while holds - fails > 1:
            middle = (holds + fails) // 2
            if meets(self._share(middle)):
                holds = middle
            else:
                fails = middle
        return holds

    def _share(self, places: int) -> tuple[float, float, float]:
        if places not in self.found:
            plan = replace(self.plan, kinds=(places,), warm_up_years=self.warm_up_years)
            tally = simulate(plan, self.replications, self.executor)
            within, arrived = tally.within.sum(axis=1), tally.arrived.sum(axis=1)
            self.found[places] = _share(within, arrived, self.level)
        return self.found[places]

    def _warm_up_needed(self, places: int) -> int:
        return _warm_up_years(replace(self.plan, kinds=(places,)))

    def _guess(self) -> int:
        """Return the places by Erlang C, waits stretched by the spread of stays (Allen and Cunneen)."""
        if self.load > _PLACES_MAX:
            raise ParameterError(problem("too_many_places", most=_PLACES_MAX))
        streams = self.plan.streams
        stay = self.load / sum(one.arrivals.per_year / YEAR_DAYS for one in streams)
        spread = (1 + max(one.stay.variation for one in streams) ** 2) / 2
        places = _least_places(self.load)
        late = 1 - self.target.share
        while (
            queues.waiting_longer_share(places, self.load, stay * spread, self.target.days) > late
        ):
            places += 1
        return places
