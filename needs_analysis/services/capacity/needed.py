"""How many places a target takes, for each group or ambito apart and for all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple

import pandas as pd

from needs_analysis.errors import ParameterError
from needs_analysis.services.capacity import queues
from needs_analysis.services.capacity.demand import YEAR_DAYS, Arrivals, Target
from needs_analysis.services.capacity.estimates import share_of
from needs_analysis.services.capacity.load import (
    LEVEL,
    PLACES_MAX,
    SEED,
    WARM_UP_MAX_YEARS,
    YEARS,
    Patiences,
    Stays,
    least_places,
    load_of,
    problems_of_run,
    replications_for,
    streams_of,
    warm_up_years_of,
)
from needs_analysis.services.capacity.problems import problem
from needs_analysis.services.capacity.simulation import ALL, Design, Stream, simulate


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
    >>> from needs_analysis.services import StayLength
    >>> asked = [Arrivals("violence", 6), Arrivals("leaving_care", 4)]
    >>> found = places_needed(asked, StayLength.exponential(365), replications=40)
    >>> bool(found.frame.loc["all", "places"] < found.frame["places"].iloc[:-1].sum())
    True
    """
    streams = streams_of(arrivals, stay, patience)
    apart = {one.arrivals.group: (one,) for one in streams}
    return _needed(apart, _Asked(target or Target(), replications, years, seed, level, executor))


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
    >>> from needs_analysis.services import StayLength
    >>> asked = {"Desio": [Arrivals("violence", 6)], "Seregno": [Arrivals("violence", 5)]}
    >>> pooling_gain(asked, StayLength.exponential(365), replications=40).saved > 0
    True
    """
    if not arrivals:
        raise ParameterError(problem("no_arrivals"))
    apart: dict[str, tuple[Stream, ...]] = {}
    drawn = 0
    for ambito, own in arrivals.items():
        apart[ambito] = streams_of(own, stay, patience, first_key=drawn)
        drawn += len(own)
    return _needed(apart, _Asked(target or Target(), replications, years, seed, level, executor))


class _Asked(NamedTuple):
    """What is looked for, and how it is simulated."""

    target: Target
    replications: int | None
    years: int
    seed: int
    level: float
    executor: Executor | None


def _needed(apart: Mapping[str, tuple[Stream, ...]], asked: _Asked) -> PlacesNeeded:
    together = tuple(one for streams in apart.values() for one in streams)
    replications = asked.replications
    if replications is None:
        replications = replications_for(load_of(together))
    problems = problems_of_run(replications, asked.years, asked.seed, asked.level)
    if ALL in apart:
        problems.append(problem("name_of_total", name=ALL))
    if problems:
        raise ParameterError(*problems)
    rows, tried = {}, []
    search = None
    for name, streams in {**apart, ALL: together}.items():
        if search is None or len(apart) > 1:  # one alone is all together
            search = _Search(streams, asked, replications)
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
        target=asked.target,
        replications=replications,
        years=asked.years,
        seed=asked.seed,
        level=asked.level,
    )


class _Search:
    """The share that enters in time by number of places, each simulated once when it is asked for."""

    def __init__(self, streams: tuple[Stream, ...], asked: _Asked, replications: int) -> None:
        self.target, self.level, self.executor = asked.target, asked.level, asked.executor
        self.replications = replications
        self.load = load_of(streams)
        every = ((True,) * len(streams),)
        self.design = Design(
            streams, (1,), every, True, 0, asked.years, asked.target.days, asked.seed
        )
        steady = all(one.patience_mean_days == inf for one in streams)
        patient = [one for one in streams if one.patience_mean_days == inf]
        # Without patience a list with no more places than the load grows for ever.
        self.least = least_places(self.load if steady else load_of(patient))
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
            if holds > PLACES_MAX:
                raise ParameterError(problem("too_many_places", most=PLACES_MAX))
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
            design = replace(self.design, kinds=(places,), warm_up_years=self.warm_up_years)
            tally = simulate(design, self.replications, self.executor)
            within, arrived = tally.within.sum(axis=1), tally.arrived.sum(axis=1)
            self.found[places] = share_of(within, arrived, self.level)
        return self.found[places]

    def _warm_up_needed(self, places: int) -> int:
        return warm_up_years_of(replace(self.design, kinds=(places,)))

    def _guess(self) -> int:
        """Return the places by Erlang C, waits stretched by the spread of stays (Allen and Cunneen)."""
        if self.load > PLACES_MAX:
            raise ParameterError(problem("too_many_places", most=PLACES_MAX))
        streams = self.design.streams
        stay = self.load / sum(one.arrivals.per_year / YEAR_DAYS for one in streams)
        spread = (1 + max(one.stay.variation for one in streams) ** 2) / 2
        places = least_places(self.load)
        late = 1 - self.target.share
        while (
            queues.waiting_longer_share(places, self.load, stay * spread, self.target.days) > late
        ):
            places += 1
        return places
