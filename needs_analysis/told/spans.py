"""The days of a delivery, what it tells, and what it must hide beside others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis.disclosure import Cell, CountTable
from needs_analysis.services.files.schema import Period

Span = tuple[int, int]
TIMES = ("month", "year")
"""Dimensions that are days themselves."""


@dataclass(frozen=True)
class Telling:
    """What one delivery tells: its days and its tables, hidden counts NA.

    Parameters
    ----------
    period : Period
        Days that count.
    tables : mapping of str to disclosure.CountTable
        As they were handed out.
    amounts : frozenset of tuple
        Measure, level and value of each figure that is told and is no count of persons (nights, days,
        euros, hours).
    """

    period: Period
    tables: Mapping[str, CountTable]
    amounts: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def span(self) -> Span:
        """Return its days as numbers, the end excluded."""
        return span_of(self.period)


@dataclass(frozen=True)
class Clash:
    """What a delivery would tell beside an earlier one: of which place, measure, cell and days.

    Where the data were corrected in between the difference is that of the same days told twice.
    """

    earlier: int
    measure: str
    cell: Cell
    days: Span
    corrected: bool = False


class Unsafe(Exception):  # noqa: N818 - it never reaches the user: who catches it says why
    """Nothing that may still be hidden keeps a clash from being told."""

    def __init__(self, clash: Clash) -> None:
        super().__init__(clash)
        self.clash = clash


@dataclass
class Hidden:
    """What a delivery must hide beside the earlier ones.

    Parameters
    ----------
    cells : dict of str to set of Cell
        By measure of the tables.
    amounts : set of tuple
        Of `Telling.amounts`.
    because : set of int
        Places of the earlier deliveries for which it was hidden.
    """

    cells: dict[str, set[Cell]] = field(default_factory=dict)
    amounts: set[tuple[str, str, str]] = field(default_factory=set)
    because: set[int] = field(default_factory=set)


def span_of(period: Period) -> Span:
    """Return a period's days as numbers, the end excluded.

    Examples
    --------
    >>> first, past = span_of(Period("2025-07-01", "2025-07-31"))
    >>> past - first
    31
    """
    return day_number(period.start), day_number(period.end) + 1


def period_of_span(span: Span) -> Period:
    """Return the period of such days.

    Examples
    --------
    >>> period_of_span(span_of(Period.year(2025))) == Period.year(2025)
    True
    """
    first, last = (pd.Timestamp(day, unit="D") for day in (span[0], span[1] - 1))
    return Period(first, last)


def day_number(day: pd.Timestamp) -> int:
    """Return a day as a number, from 1970."""
    return int(np.datetime64(day, "D").astype(np.int64))


def is_inside(one: Span, other: Span) -> bool:
    """Say whether another span holds all days of one."""
    return other[0] <= one[0] and one[1] <= other[1]


def days_of(cell: Cell, span: Span) -> Span:
    """Return the days of a cell: those of its month or year that the delivery has."""
    for name, value in cell:
        if name in TIMES:
            own = pd.Period(value)
            first, past = day_number(own.start_time), day_number(own.end_time) + 1
            return max(first, span[0]), min(past, span[1])
    return span
