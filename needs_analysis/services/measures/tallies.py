"""What each rule counts in a window of days: the rows behind every measure, with their weights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from needs_analysis.services.files.nights import OPEN, Ints, beyond_earlier, bounds, day_numbers
from needs_analysis.services.files.schema import (
    AREAS,
    DESTINATIONS,
    POSITIVE,
    REFUSALS,
    STATES,
    Period,
)
from needs_analysis.services.measures.intervals import Floats
from needs_analysis.services.measures.records import Bools, Records, months_of
from needs_analysis.services.measures.rules import (
    FOLLOW_UP_MONTHS,
    LONG_STAY_MONTHS,
    MOMENTS,
    PAIRS,
    RETURN_BANDS_DAYS,
    WINDOW_DAYS,
    YEAR_DAYS,
)

Kind = Literal["count", "share", "ratio", "mean", "median", "rate", "quotient", "survival"]


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


Rows = Callable[[Window], Iterator[Tally]]


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


def bed_nights(window: Window) -> Iterator[Tally]:
    """Nights, and nights recorded twice."""
    rec = window.records
    rows, counted = window.nights
    yield one("bed_nights", "count", part(rows, counted))
    span = np.minimum(rec.leaving[rows], window.past) - np.maximum(rec.entry[rows], window.first)
    twice = span - counted
    yield one("overlap_nights", "count", part(rows[twice > 0], twice[twice > 0]))


def _available(window: Window) -> tuple[Ints, Ints]:
    start, end = window.records.place_days
    nights = np.minimum(end, window.past) - np.maximum(start, window.first)
    return np.arange(len(start)), np.maximum(nights, 0)


def available_place_nights(window: Window) -> Iterator[Tally]:
    """Nights in which places can be slept in."""
    rows, nights = _available(window)
    yield one("available_place_nights", "count", part(rows, nights, table="places"))


def occupancy(window: Window) -> Iterator[Tally]:
    """Bed-nights over place-nights; a place is what varies, so that it is the cluster."""
    rec = window.records
    rows, counted = window.nights
    places, nights = _available(window)
    above = part(rows, counted, 0.0, cluster=rec.place[rows])
    below = part(places, 0.0, nights, table="places")
    yield one("occupancy_share", "ratio", above, below)
    used = _used_nights(window)
    yield one("place_use_share", "ratio", part(places, used, nights, table="places"))


def _used_nights(window: Window) -> Ints:
    """Return the available nights of each place with a guest at least."""
    rec = window.records
    start, end = rec.place_days
    rows = window.nights[0]
    rows = rows[rec.place[rows] >= 0]
    place = rec.place[rows]
    low = np.maximum(start[place], window.first)
    high = np.maximum(np.minimum(end[place], window.past), low)
    begin, finish = np.clip(rec.entry[rows], low, high), np.clip(rec.leaving[rows], low, high)
    order = np.lexsort((begin, place))
    begin, finish = beyond_earlier(place[order], begin[order], finish[order])
    used = np.bincount(place[order], weights=finish - begin, minlength=len(start))
    return used.astype(np.int64)


def turnover(window: Window) -> Iterator[Tally]:
    """Exits per place-year."""
    places, nights = _available(window)
    below = part(places, 0.0, nights / YEAR_DAYS, table="places")
    yield one("turnover_per_year", "rate", part(window.leavers, 1.0, 0.0), below)


def length_of_stay(window: Window) -> Iterator[Tally]:
    """Days of the leavers."""
    rows = window.leavers
    days = window.records.leaving[rows] - window.records.entry[rows]
    yield one("stay_mean_days", "mean", part(rows, days))
    yield one("stay_median_days", "median", part(rows, days))


def stay_survival(window: Window) -> Iterator[Tally]:
    """Whether and after how many days each stay begun so far has ended."""
    rec = window.records
    rows = np.flatnonzero(rec.entry < window.past)
    left = rec.leaving[rows] < window.past
    # Who is present on the last day leaves the day after at the earliest: not seen any more.
    days = np.minimum(rec.leaving[rows], window.past - 1) - rec.entry[rows]
    yield one("stay_km_median_days", "survival", part(rows, left, days))


def entries(window: Window) -> Iterator[Tally]:
    """Entries and the present."""
    yield one("entries", "count", part(window.entered))
    rec = window.records
    there = np.zeros(len(rec.entry), dtype=bool)
    there[window.present] = True
    rows = rec.order[there[rec.order]]
    # Two open stays are one guest, in the stay begun first.
    _, firsts = np.unique(rec.guest[rows], return_index=True)
    yield one("present_at_end", "count", part(np.sort(rows[firsts])))


def exits(window: Window, positive: Collection[str] = POSITIVE) -> Iterator[Tally]:
    """Exits by destination; a missing one is unknown."""
    rows = window.leavers
    yield one("exits", "count", part(rows))
    left_to = {code: went_to(window.records, rows, (code,)) for code in DESTINATIONS}
    good = went_to(window.records, rows, positive)
    yield one("positive_exits_share", "share", part(rows, good))
    for code in DESTINATIONS:
        yield one(f"exits_{code}_share", "share", part(rows, left_to[code]))


def went_to(records: Records, rows: Ints, destinations: Collection[str]) -> Bools:
    """Return which stays have one of some destinations; unknown where none is stated."""
    found = records.is_code("destination", *destinations)[rows]
    if "unknown" in destinations:
        found |= records.choice("destination")[rows] < 0
    return found


def retention(window: Window) -> Iterator[Tally]:
    """Stays still open or ended well."""
    rows = window.of_period
    left = window.records.leaving[rows] < window.past
    well = went_to(window.records, rows, POSITIVE)
    yield one("retention_share", "share", part(rows, ~left | well))


def days_to_return(records: Records, rows: Ints) -> Floats:
    """Return days from each stay's exit to the guest's next entry; NaN where there is none."""
    order = records.order
    position = np.empty(len(records.entry), dtype=np.int64)
    position[order] = np.arange(len(order))
    apart = records.guest[order] * (4 * OPEN)
    after = np.searchsorted(
        apart + records.entry[order], records.guest[rows] * (4 * OPEN) + records.leaving[rows]
    )
    after = np.maximum(after, position[rows] + 1)
    there = after < len(order)
    following = order[np.where(there, after, 0)] if len(order) else rows
    same = there & (records.guest[following] == records.guest[rows])
    return np.asarray(
        np.where(same, records.entry[following] - records.leaving[rows], np.nan), dtype=float
    )


def returns(window: Window) -> Iterator[Tally]:
    """New entries after the positive exits of the window moved back."""
    rec = window.records
    back = Window(rec, window.first - WINDOW_DAYS, window.past - WINDOW_DAYS)
    rows = back.leavers
    rows = rows[went_to(rec, rows, POSITIVE)]
    days = days_to_return(rec, rows)
    for low, high in RETURN_BANDS_DAYS:
        yield one(
            f"returns_{low}_{high}_share", "share", part(rows, (days >= low) & (days <= high))
        )
    yield one(f"returns_{WINDOW_DAYS}_share", "share", part(rows, days <= WINDOW_DAYS))


def first_entries(window: Window, among: Bools | None = None) -> tuple[Ints, Bools]:
    """Return each guest's first stay begun in the window, and whether none stood before it."""
    rec = window.records
    chosen = window.within(rec.entry[rec.order])
    if among is not None:
        chosen &= among[rec.order]
    at = np.flatnonzero(chosen)
    guest = rec.guest[rec.order[at]]
    first = np.r_[True, guest[1:] != guest[:-1]] if len(at) else np.zeros(0, dtype=bool)
    at = at[first]
    rows = rec.order[at]
    return rows, rec.furthest[at] < rec.entry[rows] - WINDOW_DAYS


def first_time(window: Window) -> Iterator[Tally]:
    """Guests without an earlier stay."""
    rows, new = first_entries(window)
    yield one("first_time_share", "share", part(rows, new))


def follow_up(window: Window) -> Iterator[Tally]:
    """Outcomes due in the window."""
    rec = window.records
    for months in FOLLOW_UP_MONTHS:
        name = f"follow_up_{months}"
        due = np.flatnonzero(window.within(rec.after_exit(months)) & ~rec.is_code(name, "not_due"))
        answered = rec.is_code(name, "stable_home", "unstable", "returned_to_service")[due]
        stable = rec.is_code(name, "stable_home")[due]
        yield one(f"{name}_response_share", "share", part(due, answered))
        yield one(f"{name}_stable_share", "share", part(due[answered], stable[answered]))
        yield one(f"{name}_stable_of_due_share", "share", part(due, stable))


def answers(window: Window) -> Iterator[Tally]:
    """Days to an answer, and referrals without one."""
    rec = window.records
    rows, decision = window.decided
    referral = rec.days_of("referral_date")
    stated = rec.days_of("answer_date")[rows]
    days = (stated - referral[rows]).astype(float)
    # Without one of the two dates, or with the two the wrong way round, the days are not known.
    days[(stated == OPEN) | (referral[rows] == OPEN) | (days < 0)] = np.nan
    yield one("answer_mean_days", "mean", part(rows, days))
    yield one("answer_median_days", "median", part(rows, days))
    later = (decision >= window.past) & (decision < OPEN)
    waits = rec.is_code("answer", "pending") | (later & (rec.choice("answer") >= 0))
    # No answer and no entry, or an answer of no known day: whether it waits is not known.
    blank = (rec.choice("answer") < 0) & (rec.entry == OPEN)
    undated = rec.is_code("answer", "accepted", "refused") & (decision == OPEN)
    waiting = np.flatnonzero((waits | blank | undated) & (referral < window.past))
    yield one("pending_referrals", "count", part(waiting, np.where(waits[waiting], 1.0, np.nan)))


def refusals(window: Window) -> Iterator[Tally]:
    """Refused referrals and why."""
    rec = window.records
    rows = window.decided[0]
    refused = rec.is_code("answer", "refused")[rows]
    yield one("refused_share", "share", part(rows, refused))
    rows = rows[refused]
    reason = rec.choice("refusal_reason")[rows]
    for position, code in enumerate(REFUSALS):
        yield one(f"refused_{code}_share", "share", part(rows, reason == position))
    yield one("refused_not_stated_share", "share", part(rows, reason < 0))


def past_long_stay(window: Window) -> tuple[Ints, Bools]:
    """Return the stays of the window and which of them have a night in it beyond 18 months."""
    rec = window.records
    rows = window.of_period
    last = np.minimum(rec.leaving[rows], window.past)
    limit = np.maximum(rec.after_entry(LONG_STAY_MONTHS)[rows], window.first)
    return rows, np.asarray(last > limit)


def long_stays(window: Window) -> Iterator[Tally]:
    """Stays past 18 months, and past their service's maximum."""
    rec = window.records
    rows, beyond = past_long_stay(window)
    yield one("past_18_months_share", "share", part(rows, beyond))
    reason = rec.column("over_stay_reason").iloc[rows[beyond]]
    explained = (reason.notna() & (reason != "")).to_numpy(dtype=bool)
    yield one("past_18_months_explained_share", "share", part(rows[beyond], explained))
    maximum = rec.register.services["max_stay_days"].to_numpy(dtype=float)
    limit = np.r_[maximum, np.nan][rec.codes["stays"]["service"][rows]]
    last = np.minimum(rec.leaving[rows], window.past)
    late = last > np.maximum(rec.entry[rows] + limit, window.first)
    limited = ~np.isnan(limit)
    yield one("past_maximum_share", "share", part(rows[limited], late[limited]))


def goals(window: Window) -> Iterator[Tally]:
    """Goals of the leavers; those of one stay hang together, so that a stay is the cluster."""
    rec = window.records
    rows = window.leavers
    fixed = rec.column("goals_set").to_numpy(dtype=float)[rows]
    reached = rec.column("goals_reached").to_numpy(dtype=float)[rows]
    reached = np.where(np.isnan(fixed), np.nan, reached)
    yield one("goals_reached_share", "ratio", part(rows, reached, np.nan_to_num(fixed)))


def plan_reviews(window: Window) -> Iterator[Tally]:
    """Review dates of the present."""
    rows = window.present
    review = window.records.days_of("plan_review_date")[rows]
    stated = review < OPEN
    yield one("plan_review_stated_share", "share", part(rows, stated))
    late = (review < window.past)[stated]
    yield one("plan_review_overdue_share", "share", part(rows[stated], late))


def activities(window: Window) -> Iterator[Tally]:
    """Activities and hours; a service that never records one has not transmitted."""
    rec = window.records
    table = rec.stays.activities
    rows = rec.activity_rows
    known = rows >= 0
    service = rec.codes["stays"]["service"]
    every = np.arange(len(rec.register.services))
    recording = np.isin(every, service[rows[known]])

    def beside(at: Bools) -> Part:
        # Nothing done by a service that records is zero; by one that never does, not known.
        none = every[~np.isin(every, service[rows[at]])]
        return part(none, np.where(recording[none], 0.0, np.nan), table="services")

    chosen = known & window.within(day_numbers(table["date"], OPEN))
    hours = table["hours"].to_numpy(dtype=float)
    for area in AREAS:
        at = chosen & (table["area"] == area).to_numpy(dtype=bool)
        yield one(f"activities_{area}", "count", part(rows[at]), beside(at))
        yield one(f"activity_{area}_hours", "count", part(rows[at], hours[at]), beside(at))
    volunteer = table["volunteer"].astype("boolean").to_numpy(dtype=float, na_value=np.nan)
    at = chosen & (volunteer != 0)
    given = np.where(np.isnan(volunteer), np.nan, hours)
    yield one("volunteer_hours", "count", part(rows[at], given[at]), beside(at))


def fees(window: Window) -> Iterator[Tally]:
    """Paid days, absence days and fees, as the monthly statements have them."""
    size = len(window.records.entry)
    names = {"paid_days": "paid_days", "absence_days": "absence_days", "fees_due_eur": "due_eur"}
    sums = {name: np.zeros(size) for name in names}
    told, untold = ({name: np.zeros(size, dtype=bool) for name in names} for _ in range(2))
    for month in months_of(window.first, window.past):
        lines = window.records.lines(*month)
        for name, source in names.items():
            amount = getattr(lines, source)
            known = ~np.isnan(amount)
            told[name][lines.rows[known]] = True
            untold[name][lines.rows[~known]] = True
            sums[name][lines.rows[known]] += amount[known]
    for name in names:
        # A stay with months that are known and months that are not stands in both.
        rows, missing = np.flatnonzero(told[name]), np.flatnonzero(untold[name])
        amounts = np.r_[np.round(sums[name][rows], 2), np.full(len(missing), np.nan)]
        yield one(name, "count", part(np.r_[rows, missing], amounts))


def team_load(window: Window) -> Iterator[Tally]:
    """Guests of an average night and educators, where these are stated."""
    rec = window.records
    rows, counted = window.nights
    educators = rec.register.services["educators"].to_numpy(dtype=float)
    stated = np.r_[~np.isnan(educators), False][rec.codes["stays"]["service"][rows]]
    staff = part(
        np.arange(len(educators)),
        np.where(np.isnan(educators), np.nan, 0.0),
        np.nan_to_num(educators),
        table="services",
    )
    guests = part(rows[stated], counted[stated] / window.days, 0.0)
    yield one("guests_per_educator", "quotient", guests, staff)


def resources(window: Window) -> Iterator[Tally]:
    """Resident members, zero-fee agreements, credit counselling."""
    rec = window.records
    services = rec.register.services
    every = np.arange(len(services))
    members = services["resident_members"].to_numpy(dtype=float)
    yield one("resident_members", "count", part(every, members, table="services"))
    free = services["zero_fee"].astype("boolean").to_numpy(dtype=float, na_value=np.nan)
    yield one("zero_fee_agreements", "count", part(every, free, table="services"))
    rows = window.of_period
    told = rec.column("credit_counselling").iloc[rows].astype("boolean")
    yield one(
        "credit_counselling", "count", part(rows, told.to_numpy(dtype=float, na_value=np.nan))
    )


def scale_days(records: Records, moment: str) -> Ints:
    """Return the day on which each stay's scale is taken; OPEN where there is none."""
    if moment == "entry":
        return records.entry
    return records.leaving if moment == "exit" else records.after_exit(int(moment))


def scale_pairs(window: Window, earlier: str, later: str) -> tuple[Ints, Floats, Floats]:
    """Return the stays with both scales, the later one taken in the window, and the two."""
    rec = window.records
    rows = np.flatnonzero(window.within(scale_days(rec, later)))
    before = rec.column(f"scale_{earlier}").to_numpy(dtype=float)[rows]
    after = rec.column(f"scale_{later}").to_numpy(dtype=float)[rows]
    both = ~np.isnan(before) & ~np.isnan(after)
    return rows[both], before[both], after[both]


def scales(window: Window) -> Iterator[Tally]:
    """Scales taken, and their change in pairs."""
    rec = window.records
    for moment in MOMENTS:
        rows = np.flatnonzero(window.within(scale_days(rec, moment)))
        if moment in ("6", "12"):
            rows = rows[~rec.is_code(f"follow_up_{moment}", "not_due")[rows]]
        taken = ~np.isnan(rec.column(f"scale_{moment}").to_numpy(dtype=float)[rows])
        yield one(f"scale_{moment}_recorded_share", "share", part(rows, taken))
    for earlier, later in PAIRS:
        rows, before, after = scale_pairs(window, earlier, later)
        yield one(f"scale_change_{earlier}_{later}_points", "mean", part(rows, after - before))


def place_states(window: Window, day: int) -> Ints:
    """Return the position among ``STATES`` of each place's state in a night; -1 if not open yet."""
    records, rows = window.records, window.of_period
    opened, closed, since, stated = records.place_terms
    codes = list(STATES)
    # "occupied" without a stay is believed from its date on; a stay says more than the register.
    state = np.where(since > day, codes.index("ready"), stated)
    place = records.place[rows[(records.entry[rows] <= day) & (records.leaving[rows] > day)]]
    state[place[place >= 0]] = codes.index("occupied")
    state = np.where(closed <= day, codes.index("closed"), state)
    return np.where(opened <= day, state, -1)


def supply(window: Window) -> Iterator[Tally]:
    """Places by state on the last day."""
    state = place_states(window, window.past - 1)
    every = np.arange(len(state))
    for position, code in enumerate(STATES):
        yield one(f"places_{code}", "count", part(every, state == position, table="places"))


TALLIES: Mapping[str, Rows] = {
    "bed_nights": bed_nights,
    "available_place_nights": available_place_nights,
    "occupancy": occupancy,
    "turnover": turnover,
    "supply": supply,
    "entries": entries,
    "first_time": first_time,
    "length_of_stay": length_of_stay,
    "stay_survival": stay_survival,
    "exits": exits,
    "retention": retention,
    "returns": returns,
    "follow_up": follow_up,
    "scales": scales,
    "answers": answers,
    "refusals": refusals,
    "long_stays": long_stays,
    "goals": goals,
    "plan_reviews": plan_reviews,
    "activities": activities,
    "fees": fees,
    "team_load": team_load,
    "resources": resources,
}
"""The rows of each rule, by the rule's name."""


def window_of(records: Records, period: Period) -> Window:
    """Return the records seen through a period."""
    return Window(records, *bounds(period))
