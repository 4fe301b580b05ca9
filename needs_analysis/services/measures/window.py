"""What a measure counts: the records seen through days, and the rows of a figure with their weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from needs_analysis.services.files.nights import OPEN, Ints, bounds
from needs_analysis.services.files.schema import Period
from needs_analysis.services.measures.intervals import Floats
from needs_analysis.services.measures.records import Bools, Records

Kind = Literal["count", "share", "ratio", "mean", "median", "rate", "quotient", "survival"]
WINDOW_DAYS = 730
"""Days looked back for an earlier stay, and forward for a return."""


@dataclass(frozen=True)
class Part:
    """Rows of one table that a measure counts, each with its weight above and below the line.

    A NaN above the line is a datum not transmitted: the row is left out and the measure says so.
    """

    table: Literal["stays", "places", "services"]
    rows: Ints
    numerator: Floats
    denominator: Floats
    cluster: Ints


@dataclass(frozen=True)
class Tally:
    """One measure's rows, and how its value and interval follow from them."""

    measure: str
    kind: Kind
    parts: tuple[Part, ...]


@dataclass(frozen=True, eq=False)
class Window:
    """Records seen through days [first, past)."""

    records: Records
    first: int
    past: int

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return self.past - self.first

    def within(self, days: Ints) -> Bools:
        """Return which days it holds."""
        return np.asarray((days >= self.first) & (days < self.past))

    @cached_property
    def nights(self) -> tuple[Ints, Ints]:
        """The stays with a night in it, and their nights, none counted twice."""
        return self.records.bed_nights(self.first, self.past)

    @cached_property
    def leavers(self) -> Ints:
        """The stays that end in it."""
        return np.flatnonzero(self.within(self.records.leaving))

    @cached_property
    def entered(self) -> Ints:
        """The stays that begin in it."""
        return np.flatnonzero(self.within(self.records.entry))

    @cached_property
    def of_period(self) -> Ints:
        """The stays with a day in it: present at some time, or come and gone the same day."""
        rec = self.records
        # Whoever leaves on the first day is one of the period's exits.
        overlap = (rec.entry < self.past) & (rec.leaving >= self.first)
        return np.flatnonzero(overlap | (self.within(rec.entry) & rec.usable))

    @cached_property
    def present(self) -> Ints:
        """The stays that hold its last night."""
        rec = self.records
        return np.flatnonzero((rec.entry < self.past) & (rec.leaving >= self.past) & rec.usable)

    @cached_property
    def decided(self) -> tuple[Ints, Ints]:
        """Accepted and refused referrals answered in it, and the day of every answer."""
        rec = self.records
        day = rec.days_of("answer_date")
        day = np.where(day == OPEN, rec.entry, day)
        referral = rec.days_of("referral_date")
        day = np.where((day == OPEN) & rec.is_code("answer", "refused"), referral, day)
        answered = rec.is_code("answer", "accepted", "refused")
        return np.flatnonzero(answered & self.within(day)), day


def part(
    rows: Ints,
    numerator: npt.ArrayLike = 1.0,
    denominator: npt.ArrayLike = 1.0,
    *,
    table: Literal["stays", "places", "services"] = "stays",
    cluster: Ints | None = None,
) -> Part:
    """Return rows with their weights; one weight may stand for all."""
    up = np.broadcast_to(np.asarray(numerator, dtype=float), rows.shape)
    down = np.broadcast_to(np.asarray(denominator, dtype=float), rows.shape)
    return Part(table, rows, up, down, rows if cluster is None else cluster)


def one(measure: str, kind: Kind, *parts: Part) -> Tally:
    """Return a tally."""
    return Tally(measure, kind, parts)


def window_of(records: Records, period: Period) -> Window:
    """Return the records seen through a period."""
    return Window(records, *bounds(period))
