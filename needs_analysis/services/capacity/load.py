"""How many places requests take, whether a list with so many settles, and what may be asked at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from math import ceil, floor, inf
from typing import NamedTuple

import numpy as np

from needs_analysis.errors import ParameterError, Problem
from needs_analysis.parameters import COUNT, INSIDE_SHARE, SEEDS, Range
from needs_analysis.services.capacity.demand import (
    YEAR_DAYS,
    Arrivals,
    Patience,
    StayLength,
    groups_of,
)
from needs_analysis.services.capacity.problems import problem
from needs_analysis.services.capacity.simulation import Design, Stream

SEED = 1
REPLICATIONS = 400
_LEAST_REPLICATIONS = 40
_REPLICATED_LOAD = 40_000
"""Replications times load: each replication of a large network tells as much as many of a small one."""
YEARS = 10
LEVEL = 0.95
WARM_UP_MAX_YEARS = 100  # a list close to its limit settles over centuries; nobody plans for them
_RELAXATIONS = 4  # after so many relaxation times under 2 % of the empty start is left
PLACES_MAX = 5000
_CLASSES_MAX = 16  # sets of groups are looked at one by one: 2 to this power
_SAME = 1e-9  # relative; a load that differs by less from a whole number is that number

Stays = StayLength | Mapping[str, StayLength]
Patiences = Patience | Mapping[str, Patience] | None


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
    kinds = kinds_of(places)
    check_places(kinds, eligibility or {}, groups_of(arrivals), REPLICATIONS, YEARS, SEED, LEVEL)
    streams = streams_of(arrivals, stay, patience)
    open_to = open_to_of(kinds, eligibility, streams)
    return overload_of(Design(streams, tuple(kinds.values()), open_to, True, 0, YEARS, 0.0, SEED))


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


def streams_of(
    arrivals: Sequence[Arrivals], stay: Stays, patience: Patiences, first_key: int = 0
) -> tuple[Stream, ...]:
    """Return the stream of each group, numbered from `first_key`."""
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


def kinds_of(places: int | Mapping[str, int]) -> dict[str, int]:
    """Return the places of each kind."""
    return dict(places) if isinstance(places, Mapping) else {"all_groups": places}


def open_to_of(
    kinds: Mapping[str, int],
    eligibility: Mapping[str, Collection[str]] | None,
    streams: Sequence[Stream],
) -> tuple[tuple[bool, ...], ...]:
    """Return by kind whether it takes each stream."""
    groups = [one.arrivals.group for one in streams]
    takes = ((eligibility or {}).get(kind, groups) for kind in kinds)
    return tuple(tuple(group in own for group in groups) for own in takes)


def check_places(
    kinds: Mapping[str, int],
    eligibility: Mapping[str, Collection[str]],
    groups: Sequence[str],
    replications: int,
    years: int,
    seed: int,
    level: float,
) -> None:
    """Refuse places that cannot be, that nobody may take or that leave a group out."""
    whole = Range(0, whole=True)
    problems = [wrong for kind, n in kinds.items() if (wrong := whole.wrong(kind, n))]
    total = sum(kinds.values())
    if not problems and not 0 < total <= PLACES_MAX:
        problems.append(problem("places_range", name="places", most=PLACES_MAX, found=total))
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
    problems += problems_of_run(replications, years, seed, level)
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


def problems_of_run(replications: int, years: int, seed: int, level: float) -> list[Problem]:
    """Return what is wrong with how a simulation is repeated."""
    found = (
        Range(2, whole=True).wrong("replications", replications),  # one has no spread
        COUNT.wrong("years", years),
        SEEDS.wrong("seed", seed),
        INSIDE_SHARE.wrong("level", level),
    )
    return [one for one in found if one]


def load_of(streams: Sequence[Stream]) -> float:
    """Return the places that would be taken if one were always free."""
    return sum(one.arrivals.per_year / YEAR_DAYS * one.stay.mean_days for one in streams)


def least_places(load: float) -> int:
    """Return the fewest places above a load: with as many as the load the list grows without end."""
    return floor(load * (1 + _SAME)) + 1


class _Sets(NamedTuple):
    """Sets of groups of which nobody gives up, as rows: their groups, load and places."""

    members: np.ndarray
    load: np.ndarray
    places: np.ndarray


def _sets(design: Design) -> _Sets:
    """Return every set of patient groups, groups to which the same places are open kept together."""
    patient = np.array([one.patience_mean_days == inf for one in design.streams])
    open_to = np.array(design.open_to, dtype=bool)
    patterns, own = np.unique(open_to[:, patient], axis=1, return_inverse=True)
    count = patterns.shape[1]
    if count > _CLASSES_MAX:
        raise ParameterError(problem("many_patterns", found=count, most=_CLASSES_MAX))
    chosen = np.arange(1, 2**count)[:, None] >> np.arange(count) & 1 == 1
    members = np.zeros((len(chosen), len(design.streams)), dtype=bool)
    members[:, patient] = chosen[:, own.ravel()]
    some_open = members.astype(float) @ open_to.T > 0
    loads = np.array([load_of([one]) for one in design.streams])
    return _Sets(members, members @ loads, some_open @ np.array(design.kinds))


def overload_of(design: Design) -> Overload | None:
    """Return the groups that lack most places; None where every list settles."""
    sets = _sets(design)
    full = sets.places <= sets.load * (1 + _SAME)
    if not full.any():
        return None
    # Of sets that lack as many places the smallest: the others are not behind it.
    excess = np.where(full, sets.load - sets.places, -inf)
    worst = excess >= excess.max() - _SAME * max(1.0, sets.load.max())
    at = int(np.where(worst, sets.members.sum(axis=1), inf).argmin())
    own = [design.streams[n] for n in np.flatnonzero(sets.members[at])]
    load, places = float(sets.load[at]), int(sets.places[at])
    per_year = float(sum(one.arrivals.per_year for one in own))
    left_out = per_year * max(0.0, 1 - places / load)
    return Overload(tuple(one.arrivals.group for one in own), load, places, left_out)


def warm_up_years_of(design: Design) -> int:
    """Return the years after which an empty start is forgotten; refuse a list that never settles.

    The slowest part is the set of groups whose places are closest to full. Its relaxation time is that
    of M/M/c, longer where stays vary more; patience shortens it.
    """
    days = max(one.stay.mean_days for one in design.streams)
    if design.waiting_list:
        finite = [one.patience_mean_days for one in design.streams if one.patience_mean_days < inf]
        found = overload_of(design)
        if found is not None:
            raise ParameterError(_endless(found, whole=len(found.groups) == len(design.streams)))
        days = max([days, *finite, _relaxation_days(design)])
    return ceil(_RELAXATIONS * days / YEAR_DAYS)


def _endless(found: Overload, *, whole: bool) -> Problem:
    """Return what is wrong with places that are asked for more than there are."""
    given = {
        "load": Decimal(f"{found.load:.{load_decimals(found.load)}f}"), "places": found.places,
        "least": least_places(found.load), "name": "patience",
    }  # fmt: skip
    if whole:
        return problem("endless_list", **given)
    return problem("endless_groups", groups=found.groups, **given)


def _relaxation_days(design: Design) -> float:
    sets = _sets(design)
    if not len(sets.load):
        return 0.0
    per_day = np.array([one.arrivals.per_year / YEAR_DAYS for one in design.streams])
    variation = np.array([one.stay.variation for one in design.streams])
    stay = sets.load / (sets.members @ per_day)
    spread = np.maximum(1.0, (1 + (sets.members * variation).max(axis=1) ** 2) / 2)
    free = 1 - np.sqrt(sets.load / sets.places)
    return float((stay * spread / (sets.places * free**2)).max())
