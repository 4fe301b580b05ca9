"""How long households wait with so many places."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pandas as pd

from needs_analysis.services.capacity import queues
from needs_analysis.services.capacity.demand import YEAR_DAYS, Arrivals, Target, groups_of
from needs_analysis.services.capacity.estimates import quantile, ratio, share_of
from needs_analysis.services.capacity.load import (
    LEVEL,
    REPLICATIONS,
    SEED,
    WARM_UP_MAX_YEARS,
    YEARS,
    Patiences,
    Stays,
    check_places,
    kinds_of,
    load_of,
    open_to_of,
    replications_for,
    streams_of,
    warm_up_years_of,
)
from needs_analysis.services.capacity.simulation import ALL, Design, Tally, simulate


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
    >>> from needs_analysis.services import StayLength
    >>> asked = [Arrivals("violence", 9), Arrivals("eviction_order", 12)]
    >>> found = capacity(asked, StayLength.uniform(183, 548), places=25, replications=20)
    >>> bool(found.groups.loc[("all", "wait_p90_days"), "value"] > 0)
    True
    """
    target = Target() if target is None else target
    kinds = kinds_of(places)
    times = REPLICATIONS if replications is None else replications
    check_places(kinds, eligibility or {}, groups_of(arrivals), times, years, seed, level)
    streams = streams_of(arrivals, stay, patience)
    if replications is None:
        replications = replications_for(load_of(streams))
    open_to = open_to_of(kinds, eligibility, streams)
    design = Design(
        streams, tuple(kinds.values()), open_to, waiting_list, 0, years, target.days, seed
    )
    needed = warm_up_years_of(design)
    design = replace(design, warm_up_years=min(needed, WARM_UP_MAX_YEARS))
    tally = simulate(design, replications, executor)
    return Capacity(
        groups=_groups_frame(tally, design, level),
        places=_places_frame(tally, kinds, years, level),
        load=load_of(streams),
        erlang=_erlang(design),
        target=target,
        replications=replications,
        years=years,
        warm_up_years=design.warm_up_years,
        seed=seed,
        level=level,
        settled=needed <= WARM_UP_MAX_YEARS,
    )


def _erlang(design: Design) -> dict[str, float]:
    places, load = sum(design.kinds), load_of(design.streams)
    if not all(all(open_to) for open_to in design.open_to):
        return {}
    if not design.waiting_list:
        return {"refused_share": queues.erlang_b(places, load)}
    if any(one.patience_mean_days < inf for one in design.streams):
        return {}
    stay = load / sum(one.arrivals.per_year / YEAR_DAYS for one in design.streams)
    return {
        "waiting_share": queues.erlang_c(places, load),
        "wait_mean_days": queues.mean_wait_days(places, load, stay),
        "wait_p90_days": queues.wait_quantile_days(places, load, stay, 0.9),
        "waiting_households": queues.mean_waiting(places, load),
    }


def _groups_frame(tally: Tally, design: Design, level: float) -> pd.DataFrame:
    names = [one.arrivals.group for one in design.streams]
    parts = {name: [place] for place, name in enumerate(names)} | {ALL: list(range(len(names)))}
    rows = {}
    for name, own in parts.items():
        for measure, values in _measures(tally, own, design, level).items():
            rows[name, measure] = values
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"])
    frame.index = pd.MultiIndex.from_tuples(rows, names=["group", "measure"])
    return frame


def _measures(
    tally: Tally, own: Sequence[int], design: Design, level: float
) -> dict[str, tuple[float, float, float]]:
    def total(values: np.ndarray) -> np.ndarray:
        return np.asarray(values[:, own].sum(axis=1))

    arrived, entered = total(tally.arrived), total(tally.entered)
    each = np.ones(len(arrived))
    mine = np.isin(tally.waits[:, 1], own)
    number, waits = tally.waits[mine, 0].astype(int), tally.waits[mine, 2]
    left = share_of(arrived - entered, arrived, level)
    return {
        "arrivals_per_year": ratio(arrived, each * design.years, level),
        "wait_mean_days": ratio(total(tally.wait_days), entered, level),
        "wait_p50_days": quantile(waits, number, len(each), 0.5, level),
        "wait_p90_days": quantile(waits, number, len(each), 0.9, level),
        "within_target_share": share_of(total(tally.within), arrived, level),
        "refused_share": (0.0, 0.0, 0.0) if design.waiting_list else left,
        "gave_up_share": left if design.waiting_list else (0.0, 0.0, 0.0),
        "waiting_households": ratio(total(tally.line_days), each * design.years * YEAR_DAYS, level),
    }


def _places_frame(tally: Tally, kinds: Mapping[str, int], years: int, level: float) -> pd.DataFrame:
    taken, days = tally.taken_days, float(years * YEAR_DAYS)
    each = np.ones(len(taken))
    rows = {
        kind: (count, *share_of(taken[:, place], each * count * days, level))
        for place, (kind, count) in enumerate(kinds.items())
    }
    every = sum(kinds.values())
    rows[ALL] = (every, *share_of(taken.sum(axis=1), each * every * days, level))
    columns = ["places", "occupancy_share", "low", "high"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.rename_axis(index="kind")
