"""Counts with their interval, of a day or of a year: two types, which cannot be summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple, Self

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import wanted_frame
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.words import ITALIAN, N_, Voice

BOUNDS = ("low", "central", "high")
SIZES = (1, 2, 3, 4, 5, 6)
"""Members of a household; the last stands for six and over."""
_TOLERANCE = 1e-9


class Interval(NamedTuple):
    """A number with the least and the most that it may be."""

    low: float
    central: float
    high: float


def assumption(name: str, given: Mapping[str, float] | None = None) -> Interval:
    """Return an assumption of ``parameters.csv``: its value, or a study's, with the ends of its row.

    Raises
    ------
    ParameterError
        What is given is out of its row's range; all that are, at once.

    Examples
    --------
    >>> assumption("need_eviction_order_years")
    Interval(low=0.5, central=1.0, high=2.0)
    """
    central = parameters.values(given)[name]
    row = parameters.in_force()[name]
    low = central if row.low is None else row.low
    return Interval(low, central, central if row.high is None else row.high)


@dataclass(frozen=True, eq=False)
class _Counts:
    """Low, central and high counts by any key."""

    counts: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse bounds that do not grow, and counts below zero, by unit."""
        frame = wanted_frame(self.counts, *BOUNDS)
        low, central, high = (frame[name] for name in BOUNDS)
        down = (low > central + _TOLERANCE) | (central > high + _TOLERANCE)
        found = [
            problem(kind, count=int(wrong.sum()), units=tuple(map(str, frame.index[wrong][:5])))
            for kind, wrong in (("order", down), ("negative", low < 0))
            if wrong.any()
        ]
        if found:
            raise NeedsError(*found)

    def __add__(self, other: Self) -> Self:
        """Add counts of the same kind; a key that one of them lacks is nothing there."""
        if type(other) is not type(self):
            return NotImplemented
        ours, theirs = self.counts[[*BOUNDS]], other.counts[[*BOUNDS]]
        return type(self)(ours.add(theirs, fill_value=0.0))

    @property
    def total(self) -> Interval:
        """Return the sum over all keys, the same in every order of the rows."""
        return Interval(*(fsum(self.counts[name].dropna()) for name in BOUNDS))

    @classmethod
    def together(cls, parts: Iterable[Self]) -> Self:
        """Add several counts of this kind."""
        first, *others = parts
        for one in others:
            first = first + one
        return first


class Stock(_Counts):
    """Households on a day.

    Examples
    --------
    >>> frame = pd.DataFrame({"low": [4.0], "central": [6.0], "high": [9.0]}, index=["108033"])
    >>> (Stock(frame) + Stock(frame)).total
    Interval(low=8.0, central=12.0, high=18.0)
    >>> Stock(frame) + Flow(frame)
    Traceback (most recent call last):
    ...
    TypeError: unsupported operand type(s) for +: 'Stock' and 'Flow'
    """


class Flow(_Counts):
    """Households in a year."""

    def stock(self, years: Interval) -> Stock:
        """Return those there are on a day, if each stays some years.

        Examples
        --------
        >>> frame = pd.DataFrame({"low": [4.0], "central": [4.0], "high": [4.0]}, index=["108033"])
        >>> Flow(frame).stock(Interval(0.5, 1.0, 2.0)).total
        Interval(low=2.0, central=4.0, high=8.0)
        """
        return Stock(self.counts[[*BOUNDS]] * pd.Series(years._asdict()))


def banded(central: float, voice: Voice = ITALIAN, least: float | None = None) -> str:
    """Say a modelled count: a band where it is small, else a whole number.

    Examples
    --------
    >>> banded(3.2), banded(14.0), banded(61.4)
    ('meno di 10', '10-30', '61')
    >>> banded(14.0, least=10)
    '14'
    """
    least = parameters.value("need_band_households", least)
    if central < least / 2:
        return voice.say(N_("meno di {most}"), most=int(least / 2))
    if central < least:
        return f"{int(least / 2)}-{int(least * 1.5)}"
    return voice.number(central, 0)
