"""Every measure against a slow oracle written from the rules alone: loops over days, fractions.

The oracle knows lists of plain rows, one day at a time, and nothing of how the package counts. Where
it leaves a figure out of its answer, the written rules do not settle the case.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist, median
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from needs_analysis.reports.chapters.services_measures import WIDE
from needs_analysis.services.files import invented, schema
from needs_analysis.services.files.schema import TABLES, Period, Register, Stays
from needs_analysis.services.measures import monitoring
from needs_analysis.services.measures.declaration import MEASURES, RULES
from needs_analysis.services.measures.outcomes import MOMENTS, PAIRS, WAYS

Row = dict[str, Any]
Figure = tuple[Any, Any, Any]
"""Numerator, denominator, value; None where there is none."""
Figures = dict[str, Figure]
DAY = dt.timedelta(days=1)
NEVER = dt.date(9999, 1, 1)
ANSWERED = ("stable_home", "unstable", "returned_to_service")

# ---------------------------------------------------------------- rows


def plain(cell: Any) -> Any:
    """Return a cell as Python has it; None where nothing is stated."""
    if pd.isna(cell):
        return None
    return cell.date() if isinstance(cell, pd.Timestamp) else cell


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a table, their index among the cells."""
    records = frame.reset_index(names=frame.index.name or "row").to_dict("records")
    return [{str(name): plain(cell) for name, cell in one.items()} for one in records]


def days_from(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the days from the first to the last, both included."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def months_after(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, the month's last where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Book:
    """A register and its stays as rows; a stay not usable is only a referral."""

    def __init__(self, register: Register, stays: Stays) -> None:
        self.services = {one["service_code"]: one for one in rows_of(register.services)}
        homes = {one["dwelling_code"]: one for one in rows_of(register.dwellings)}
        self.places = rows_of(register.places)
        for place in self.places:
            home = homes[place["dwelling_code"]]
            place["service_code"] = home["service_code"]
            place["opens"] = [one["opened"] for one in (place, home) if one["opened"]]
            place["closes"] = [one["closed"] for one in (place, home) if one["closed"]]
        self.referrals = rows_of(stays.stays)
        for stay in self.referrals:
            stay["ambito_name"] = self.services[stay["service_code"]]["ambito_name"]
            stay["out"] = stay["exit_date"] or NEVER
            stay["way"] = stay["destination"] or "unknown"
        entered = [s for s in self.referrals if s["entry_date"] and s["out"] >= s["entry_date"]]
        self.stays = sorted(entered, key=lambda s: (s["guest"], s["entry_date"], s["stay_id"]))
        by_id = {stay["stay_id"]: stay for stay in self.referrals}
        self.activities = [
            one | {"stay": by_id[one["stay_id"]]} for one in rows_of(stays.activities)
        ]
        self.absences = rows_of(stays.absences)


@dataclass
class Scope:
    """What a level shows of a book through the days of a window."""

    book: Book
    first: dt.date
    last: dt.date
    level: str = "all"
    value: str = ""

    def __post_init__(self) -> None:
        """Choose the rows."""
        self.days = days_from(self.first, self.last)
        self.stays = [stay for stay in self.book.stays if self.holds(stay)]
        self.leavers = [stay for stay in self.stays if self.within(stay["exit_date"])]

    def holds(self, stay: Row) -> bool:
        """Whether a stay belongs to the level's value."""
        column = {"service": "service_code", "ambito": "ambito_name", "group": "target_group"}
        return (
            self.level in ("all", "year") or (stay[column[self.level]] or "unknown") == self.value
        )

    def services(self) -> list[Row]:
        """Return the services of the level's value."""
        column = {"service": "service_code", "ambito": "ambito_name"}
        return [
            one
            for one in self.book.services.values()
            if self.level in ("all", "year") or (one[column[self.level]] or "unknown") == self.value
        ]

    def within(self, day: dt.date | None) -> bool:
        """Whether a day is stated and in the window."""
        return day is not None and self.first <= day <= self.last

    def nights(self, stay: Row) -> list[dt.date]:
        """Return the nights of a stay in the window: the exit night is not one."""
        start, end = max(stay["entry_date"], self.first), min(stay["out"] - DAY, self.last)
        return days_from(start, end)

    def own_nights(self, stay: Row) -> int:
        """Return the nights that no stay of the guest begun before has."""
        own = [one for one in self.book.stays if one["guest"] == stay["guest"]]
        taken = {night for one in own[: own.index(stay)] for night in self.nights(one)}
        return len(set(self.nights(stay)) - taken)


def counted(number: Any) -> Figure:
    """Return a count, which has no denominator."""
    return number, None, number


def added(cells: Iterable[Any]) -> Figure:
    """Return the sum of what was transmitted; none where nothing was, 0 where there is no row."""
    listed = list(cells)
    known = [cell for cell in listed if cell is not None]
    return counted(sum(known)) if known or not listed else (None, None, None)


def share(rows: list[Row], counts: Callable[[Row], Any]) -> Figure:
    """Return how many rows count, over all of them."""
    above = sum(bool(counts(row)) for row in rows)
    return above, len(rows), Fraction(above, len(rows)) if rows else None


def among(some: list[Row], rows: list[Row]) -> Figure:
    """Return some rows over all of them."""
    chosen = {row["stay_id"] for row in some}
    return share(rows, lambda row: row["stay_id"] in chosen)


def mean_of(cells: list[int]) -> Figure:
    return sum(cells), len(cells), Fraction(sum(cells), len(cells)) if cells else None


def median_of(cells: list[int]) -> Figure:
    return sum(cells), len(cells), median(map(Fraction, cells)) if cells else None


# ---------------------------------------------------------------- the rules, one by one


def nights_and_places(at: Scope) -> Figures:
    """Rules `bed_nights`, `available_place_nights`, `occupancy`, `turnover`, `supply`."""
    slept = sum(at.own_nights(stay) for stay in at.stays)
    twice = sum(len(at.nights(stay)) for stay in at.stays) - slept
    found = {"bed_nights": counted(slept), "overlap_nights": counted(twice)}
    if at.level == "group":  # a place takes several groups
        return found
    codes = {one["service_code"] for one in at.services()}
    places = [place for place in at.book.places if place["service_code"] in codes]
    free = {(p["place_code"], day) for p in places for day in at.days if can_be_slept_in(p, day)}
    used = free & {(s["place_code"], night) for s in at.book.stays for night in at.nights(s)}
    years = Fraction(len(free), 365)
    found |= {
        "available_place_nights": counted(len(free)),
        "occupancy_share": (slept, len(free), Fraction(slept, len(free)) if free else None),
        "place_use_share": (len(used), len(free), Fraction(len(used), len(free)) if free else None),
        "turnover_per_year": (len(at.leavers), years, len(at.leavers) / years if years else None),
    }
    states = [state_of(at.book, place, at.last) for place in places]
    return found | {f"places_{code}": counted(states.count(code)) for code in schema.STATES}


def can_be_slept_in(place: Row, night: dt.date) -> bool:
    since = place["state_since"] or dt.date.min
    in_use = place["state"] not in ("to_repair", "closed") or night < since
    return in_use and max(place["opens"], default=night) <= night < min(
        place["closes"], default=NEVER
    )


def state_of(book: Book, place: Row, day: dt.date) -> str | None:
    """Return a place's state in a night; None before it opens."""
    if max(place["opens"], default=day) > day:
        return None
    if min(place["closes"], default=NEVER) <= day:
        return "closed"
    if any(
        s["place_code"] == place["place_code"] and s["entry_date"] <= day < s["out"]
        for s in book.stays
    ):
        return "occupied"
    return str(place["state"]) if (place["state_since"] or day) <= day else "ready"


def comings_and_goings(at: Scope) -> Figures:
    """Rules `entries`, `length_of_stay`, `exits`, `first_time`, `returns`."""
    stayed = [(stay["exit_date"] - stay["entry_date"]).days for stay in at.leavers]
    begun: dict[str, Row] = {}
    for stay in at.book.stays:
        if at.within(stay["entry_date"]):
            begun.setdefault(stay["guest"], stay)
    firsts = [stay for stay in begun.values() if at.holds(stay)]
    found = {
        "entries": counted(sum(at.within(stay["entry_date"]) for stay in at.stays)),
        "stay_mean_days": mean_of(stayed),
        "stay_median_days": median_of(stayed),
        "exits": counted(len(at.leavers)),
        "positive_exits_share": share(at.leavers, lambda s: s["way"] in schema.POSITIVE),
        "first_time_share": share(firsts, lambda s: is_first(at.book, s)),
    }
    asleep = [stay for stay in at.book.stays if stay["entry_date"] <= at.last < stay["out"]]
    there: dict[str, Row] = {}
    for stay in asleep:
        there.setdefault(stay["guest"], stay)
    found["present_at_end"] = counted(sum(at.holds(stay) for stay in there.values()))
    for code in schema.DESTINATIONS:
        gone = [stay for stay in at.leavers if stay["way"] == code]
        found[f"exits_{code}_share"] = among(gone, at.leavers)
    back = Scope(at.book, at.first - 730 * DAY, at.last - 730 * DAY, at.level, at.value)
    left_well = [stay for stay in back.leavers if stay["way"] in schema.POSITIVE]
    waits = [days_to_return(at.book, stay) for stay in left_well]
    for low, high in ((0, 180), (181, 365), (366, 730), (0, 730)):
        name = "returns_730_share" if high - low == 730 else f"returns_{low}_{high}_share"
        again = [stay for stay, days in zip(left_well, waits, strict=True) if low <= days <= high]
        found[name] = among(again, left_well)
    return found


def is_first(book: Book, stay: Row) -> bool:
    """Whether all earlier stays of the guest ended more than 730 days before."""
    own = [one for one in book.stays if one["guest"] == stay["guest"]]
    before = own[: own.index(stay)]
    return all(one["out"] < stay["entry_date"] - 730 * DAY for one in before)


def days_to_return(book: Book, stay: Row) -> float:
    """Return days from an exit to the guest's next entry; infinite where there is none."""
    own = [one for one in book.stays if one["guest"] == stay["guest"]]
    later = own[own.index(stay) + 1 :]
    waits = [(one["entry_date"] - stay["exit_date"]).days for one in later]
    return min((days for days in waits if days >= 0), default=float("inf"))


def stays_of_the_period(at: Scope) -> Figures:
    """Rules `retention` and `long_stays`."""
    rows = [s for s in at.stays if s["entry_date"] <= at.last and s["out"] >= at.first]

    def beyond(stay: Row, limit: dt.date) -> bool:
        return any(night >= limit for night in at.nights(stay))

    def maximum(stay: Row) -> Any:
        return at.book.services[stay["service_code"]]["max_stay_days"]

    long = [stay for stay in rows if beyond(stay, months_after(stay["entry_date"], 18))]
    return {
        "retention_share": share(rows, lambda s: s["out"] > at.last or s["way"] in schema.POSITIVE),
        "past_18_months_share": among(long, rows),
        "past_18_months_explained_share": share(long, lambda s: s["over_stay_reason"]),
        "past_maximum_share": share(
            [stay for stay in rows if maximum(stay)],
            lambda s: beyond(s, s["entry_date"] + int(maximum(s)) * DAY),
        ),
    }


def observed(at: Scope) -> list[tuple[int, str]]:
    """Return days and way out of each stay begun so far; "" for those still present."""
    seen = []
    for stay in at.stays:
        gone = stay["out"] <= at.last
        end = stay["out"] if gone else at.last
        if stay["entry_date"] <= at.last:
            seen.append(((end - stay["entry_date"]).days, way_out(stay["way"]) if gone else ""))
    return seen


def way_out(destination: str) -> str:
    if destination in schema.POSITIVE:
        return "positive"
    return {"other_service": "neutral", "unknown": "unknown"}.get(destination, "negative")


def shares_after(seen: list[tuple[int, str]], mark: int) -> dict[str, Fraction]:
    """Return the share present by Kaplan-Meier and gone by each way by Aalen-Johansen."""
    found = {way: Fraction(0) for way in WAYS} | {"present": Fraction(1)}
    for day in sorted({days for days, way in seen if way and days <= mark}):
        at_risk = sum(days >= day for days, _ in seen)
        present = found["present"]
        for way in WAYS:
            gone = present * Fraction(seen.count((day, way)), at_risk)
            found[way] += gone
            found["present"] -= gone
    return found


def survival(at: Scope) -> Figures:
    """Rule `stay_survival`."""
    seen = observed(at)
    left = sorted(days for days, way in seen if way)
    half = (day for day in left if shares_after(seen, day)["present"] <= Fraction(1, 2))
    return {"stay_km_median_days": (len(left), len(seen), next(half, None))}


def outcomes(at: Scope) -> Figures:
    """Rules `follow_up`, `scales`, `goals`, `plan_reviews`."""
    found: Figures = {}
    moments: dict[str, Callable[[Row], dt.date | None]] = {
        "entry": lambda s: s["entry_date"],
        "exit": lambda s: s["exit_date"],
        "6": lambda s: s["exit_date"] and months_after(s["exit_date"], 6),
        "12": lambda s: s["exit_date"] and months_after(s["exit_date"], 12),
    }
    for name, moment in moments.items():
        due = [stay for stay in at.stays if at.within(moment(stay))]
        if name in ("6", "12"):
            due = [stay for stay in due if stay[f"follow_up_{name}"] != "not_due"]
            found |= followed(due, f"follow_up_{name}")
        taken = [stay for stay in due if stay[f"scale_{name}"] is not None]
        found[f"scale_{name}_recorded_share"] = among(taken, due)
    for earlier, later in PAIRS:
        pairs = [
            (stay[f"scale_{earlier}"], stay[f"scale_{later}"])
            for stay in at.stays
            if at.within(moments[later](stay))
        ]
        changes = [int(b - a) for a, b in pairs if a is not None and b is not None]
        found[f"scale_change_{earlier}_{later}_points"] = mean_of(changes)
    told_goals = [s for s in at.leavers if None not in (s["goals_set"], s["goals_reached"])]
    reached = int(sum(stay["goals_reached"] for stay in told_goals))
    fixed = int(sum(stay["goals_set"] for stay in told_goals))
    found["goals_reached_share"] = (reached, fixed, Fraction(reached, fixed) if fixed else None)
    present = [stay for stay in at.stays if stay["entry_date"] <= at.last < stay["out"]]
    dated = [stay for stay in present if stay["plan_review_date"]]
    return found | {
        "plan_review_stated_share": share(present, lambda s: s["plan_review_date"]),
        "plan_review_overdue_share": share(dated, lambda s: s["plan_review_date"] <= at.last),
    }


def followed(due: list[Row], name: str) -> Figures:
    """Return who answered, and whose home is stable, at one of the two follow-ups."""
    answered = [stay for stay in due if stay[name] in ANSWERED]
    stable = [stay for stay in due if stay[name] == "stable_home"]
    return {
        f"{name}_response_share": among(answered, due),
        f"{name}_stable_share": among(stable, answered),
        f"{name}_stable_of_due_share": among(stable, due),
    }


def referrals(at: Scope) -> Figures:
    """Rules `answers` and `refusals`."""
    asked = [stay for stay in at.book.referrals if at.holds(stay)]
    answered = [stay for stay in asked if at.within(stay["answer_date"])]
    dated = [stay for stay in answered if stay["referral_date"]]
    waits = [(stay["answer_date"] - stay["referral_date"]).days for stay in dated]
    pending = [
        stay
        for stay in asked
        if stay["referral_date"]
        and stay["referral_date"] <= at.last < (stay["answer_date"] or NEVER)
    ]
    refused = [stay for stay in answered if stay["answer"] == "refused"]
    found = {
        "answer_mean_days": mean_of(waits),
        "answer_median_days": median_of(waits),
        "pending_referrals": counted(len(pending)),
        "refused_share": among(refused, answered),
    }
    for code in (*schema.REFUSALS, "not_stated"):
        given = [stay for stay in refused if (stay["refusal_reason"] or "not_stated") == code]
        found[f"refused_{code}_share"] = among(given, refused)
    return found


def accompaniment(at: Scope) -> Figures:
    """Rule `activities`."""
    talking = {one["stay"]["service_code"] for one in at.book.activities}
    own = [one for one in at.book.activities if at.holds(one["stay"])]
    silent = not own
    if at.level != "group":
        silent = not talking & {one["service_code"] for one in at.services()}
    own = [one for one in own if at.within(one["date"])]
    kinds = {area: [one for one in own if one["area"] == area] for area in schema.AREAS}
    there = set() if at.level == "group" else {one["service_code"] for one in at.services()}

    def hours(some: list[Row]) -> Figure:
        """Return their hours; a service that records, and did none of them, has done 0."""
        idle = (there & talking) - {one["stay"]["service_code"] for one in some}
        return added([*(one["hours"] for one in some), *[0] * len(idle)])

    found: Figures = {}
    for area, some in kinds.items():
        found[f"activities_{area}"] = counted(len(some))
        found[f"activity_{area}_hours"] = hours(some)
    lent = [one for one in own if one["volunteer"] is not False]
    unsaid = [one | {"hours": None} if one["volunteer"] is None else one for one in lent]
    found["volunteer_hours"] = hours(unsaid)
    return dict.fromkeys(found, (None, None, None)) if silent else found


def staff_and_fees(at: Scope) -> Figures:
    """Rules `fees`, `team_load`, `resources`."""
    lines = [line for line in bill(at.book, at.first, at.last) if at.holds(line["stay"])]
    found = {
        name: added(line[name] for line in lines)
        for name in ("paid_days", "absence_days", "fees_due_eur")
    }
    if at.level == "group":
        return found
    staffed = [one for one in at.services() if one["educators"] is not None]
    codes = {one["service_code"] for one in staffed}
    guests = Fraction(
        sum(at.own_nights(stay) for stay in at.stays if stay["service_code"] in codes), len(at.days)
    )
    staff = sum(Fraction(one["educators"]) for one in staffed)
    return found | {
        "guests_per_educator": (guests, staff, guests / staff if staff else None),
        "resident_members": added(one["resident_members"] for one in at.services()),
        "zero_fee_agreements": added(one["zero_fee"] for one in at.services()),
    }


@functools.lru_cache(maxsize=8)
def bill(book: Book, first: dt.date, last: dt.date) -> list[Row]:
    """Return what is due for each stay and month; a day of a guest is billed once a service."""
    lines: list[Row] = []
    billed: set[tuple[str, str, dt.date]] = set()
    for stay in book.stays:
        terms = book.services[stay["service_code"]]
        away = {
            day
            for one in book.absences
            if one["stay_id"] == stay["stay_id"]
            for day in days_from(one["from_date"], one["to_date"])
        }
        months: dict[str, list[dt.date]] = {}
        for day in days_from(max(first, stay["entry_date"]), min(last, stay["out"])):
            key = (stay["guest"], stay["service_code"], day)
            if is_counted(stay, day, terms["day_rule"]) and key not in billed:
                billed.add(key)
                months.setdefault(f"{day:%Y-%m}", []).append(day)
        for month, days in months.items():
            terms_met = charged(terms, len(days), len(away & set(days)))
            lines.append({"stay": stay, "month": month} | terms_met)
    return lines


def is_counted(stay: Row, day: dt.date, rule: str | None) -> bool:
    """Whether a convention counts a day; of an unknown one only the nights are sure."""
    entry, leaving = stay["entry_date"], stay["out"]
    if entry < day < leaving:
        return True
    if rule == "entry_and_exit":
        return day in (entry, leaving)
    if rule in ("entry_only", "exit_only") and entry == leaving:
        return bool(day == entry)
    return bool(day == leaving) if rule == "exit_only" else bool(day == entry < leaving)


def charged(terms: Row, days: int, away: int) -> Row:
    """Return the paid and the absent days and the amount, half a cent up."""
    part = {"paid": Fraction(1), "half": Fraction(1, 2), "unpaid": Fraction(0)}
    paid = days - away + part[terms["absence_rule"]] * away
    known = terms["day_rule"] is not None
    due = None
    if terms["zero_fee"]:
        due = Fraction(0)
    elif known and terms["daily_fee_eur"] is not None:
        cents = Fraction(str(terms["daily_fee_eur"])) * paid * 100
        due = Fraction(int(cents + Fraction(1, 2)), 100)
    return {
        "paid_days": paid if known else None,
        "absence_days": away if known else None,
        "fees_due_eur": due,
    }


ORACLES = (nights_and_places, comings_and_goings, stays_of_the_period, survival, outcomes,
           referrals, accompaniment, staff_and_fees)  # fmt: skip

# ---------------------------------------------------------------- the two side by side


def scope_of(book: Book, period: Period, level: str, value: str) -> Scope:
    first, last = period.start.date(), period.end.date()
    if level == "year":
        first = max(first, dt.date(int(value), 1, 1))
        last = min(last, dt.date(int(value), 12, 31))
    return Scope(book, first, last, level, value)


def agrees(found: Any, expected: Any) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def check_measures(run: monitoring.Monitoring, book: Book) -> None:
    """Hold every figure of every level to the oracle; what is not printed must be empty."""
    measures = rows_of(run.measures[run.measures["measure"] != "stay_logrank_by_group"])
    for level, value in sorted({(row["level"], row["level_value"]) for row in measures}):
        at = scope_of(book, run.period, level, value)
        expected = {name: one for rule in ORACLES for name, one in rule(at).items()}
        for row in measures:
            if (row["level"], row["level_value"]) == (level, value) and row["measure"] in expected:
                check_figure(row, expected.pop(row["measure"]))
        assert not [name for name, figure in expected.items() if figure[0]], (level, value)


def check_figure(row: Row, expected: Figure) -> None:
    above, below, figure = expected
    # Where no case was transmitted nothing stands above the line.
    untold = row["note"] == "not_transmitted" and not above and not below
    assert untold or agrees(row["numerator"], above), (row, expected)
    assert agrees(row["denominator"], below), (row, expected)
    assert agrees(row["value"], figure), (row, expected)


def check_tables(run: monitoring.Monitoring, book: Book) -> None:
    """Hold the supply, the survival and the monthly fees to the oracle."""
    for row in rows_of(run.supply[run.supply["level"] == "all"]):
        states = [state_of(book, place, row["date"]) for place in book.places]
        assert row["places"] == states.count(row["state"]), row
    for level, value in sorted(
        {(row["level"], row["level_value"]) for row in rows_of(run.survival)}
    ):
        at = scope_of(book, run.period, level, value)
        named = (run.survival["level"] == level) & (run.survival["level_value"] == value)
        told = rows_of(run.survival[named & run.survival["share"].notna()])
        expected = {row["days"]: shares_after(observed(at), row["days"]) for row in told}
        for row in told:
            assert agrees(row["share"], expected[row["days"]][row["outcome"]]), row
    check_fees(rows_of(run.fees), bill(book, run.period.start.date(), run.period.end.date()))


def check_fees(printed: list[Row], lines: list[Row]) -> None:
    """Hold the months' totals to the lines; one unknown line leaves the total unknown."""
    payer = ("month", "sending_municipality_code", "service_code")
    for row in printed:
        own = [
            line for line in lines if all((line | line["stay"])[key] == row[key] for key in payer)
        ]
        assert row["stays"] == len(own), row
        for name, cell in (("paid_days", row["paid_days"]), ("fees_due_eur", row["due_eur"])):
            cells = [line[name] for line in own]
            assert agrees(cell, None if None in cells else sum(cells)), row
    assert sum(row["stays"] for row in printed) == len(lines)


@pytest.mark.slow
def test_the_invented_network_is_the_oracle_s() -> None:
    network = invented.network()
    period = Period("2024-07-15", "2025-03-03")
    run = monitoring.monitor(network.register, network.stays, period)
    book = Book(network.register, network.stays)
    check_measures(run, book)
    check_tables(run, book)


# ---------------------------------------------------------------- small nasty networks

START, END = dt.date(2024, 2, 20), dt.date(2025, 1, 9)
"""A period over a leap day and the end of a year."""
MONTH_ENDS = [
    dt.date(2024, 2, 29),
    dt.date(2024, 8, 31),
    dt.date(2024, 12, 31),
    dt.date(2025, 1, 1),
]
EDGES = [START + n * DAY for n in (-1, 0, 1, 40)] + [END + n * DAY for n in (-1, 0, 1)] + MONTH_ENDS
SPANS = [0, 1, 30, 180, 181, 182, 365, 366, 367, 545, 549, 730, 731, 732]
near = st.builds(
    lambda day, span: day - span * DAY, st.sampled_from(EDGES), st.sampled_from([0, 0, *SPANS])
)


def one_of(codes: Iterable[Any]) -> st.SearchStrategy[Any]:
    """Draw one of some codes, or a blank cell."""
    return st.none() | st.sampled_from(list(codes))


def table(name: str, rows: list[Row]) -> pd.DataFrame:
    """Return a declared table, its columns typed; a column that no row states is missing."""
    spec = TABLES[name]
    cells = {one.name: [row.get(one.name) for row in rows] for one in spec.fields}
    typed = {one.name: one.dtype for one in spec.fields}
    frame = pd.DataFrame(cells, dtype="object").astype(typed)
    return frame.set_index(spec.index) if spec.index else frame


@st.composite
def services(draw: st.DrawFn) -> list[Row]:
    """Draw three services over two ambiti or none; the third has no place."""
    return [
        {
            "service_code": code, "body_name": "Ente", "service_name": code, "service_kind": "other",
            "protected": False, "ambito_name": draw(one_of("XY")),
            "daily_fee_eur": draw(one_of([0.05, 38.33])),
            "day_rule": draw(one_of(schema.DAY_RULES)),
            "absence_rule": draw(st.sampled_from(list(schema.ABSENCE_RULES))),
            "max_stay_days": draw(one_of([1, 30, 365])), "educators": draw(one_of([0, 1.5])),
            "resident_members": draw(one_of([0, 3])), "zero_fee": draw(one_of([True, False])),
        }
        for code in "ABC"
    ]  # fmt: skip


@st.composite
def places(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Draw dwellings and places: of each service one always open, one that opens and closes."""
    homes: list[Row] = []
    found: list[Row] = []
    for code in "AB":
        homes.append({"dwelling_code": f"{code}1", "service_code": code})
        found.append({"place_code": f"{code}1", "dwelling_code": f"{code}1", "state": "ready"})
        home = {
            "dwelling_code": f"{code}2", "service_code": code,
            "opened": draw(st.none() | near), "closed": draw(st.none() | near),
        }  # fmt: skip
        place = {
            "place_code": f"{code}2", "dwelling_code": f"{code}2",
            "state": draw(st.sampled_from(list(schema.STATES))), "opened": draw(st.none() | near),
            "closed": draw(st.none() | near), "state_since": draw(st.none() | near),
        }  # fmt: skip
        if place["closed"] or home["closed"]:
            place["state_since"] = place["state_since"] or draw(near)
        homes.append(home)
        found.append(place)
    return homes, found


@st.composite
def stays_of_guests(draw: st.DrawFn) -> list[Row]:
    """Draw stays of three guests: overlapping, back to back, of no night, open, ended too soon."""
    found: list[Row] = []
    for number in range(draw(st.integers(0, 9))):
        code = draw(st.sampled_from("ABC"))
        entry = draw(st.none() | near if draw(st.integers(0, 7)) == 0 else near)
        earlier = [one["exit_date"] for one in found if one["exit_date"]]
        comes_back: bool = draw(st.booleans())
        if earlier and comes_back:
            entry = draw(st.sampled_from(earlier)) + draw(st.sampled_from(SPANS)) * DAY
        span = draw(one_of([*SPANS, -3]))
        answer = draw(st.sampled_from(["accepted", "refused", "pending"]))
        asked = draw(near)
        decided = asked + draw(st.sampled_from([0, 1, 30])) * DAY if answer != "pending" else None
        found.append({
            "stay_id": f"s{number}", "guest": draw(st.sampled_from("ghi")),
            "household": draw(one_of("uv")), "service_code": code,
            "place_code": draw(one_of([f"{code}1", f"{code}2"])) if code != "C" else None,
            "target_group": draw(one_of(["violence", "street"])),
            "sending_municipality_code": draw(one_of(["108033"])),
            "referral_date": draw(st.none() | st.just(asked)) if decided else asked,
            "answer": answer, "answer_date": decided,
            "refusal_reason": draw(one_of(schema.REFUSALS)) if answer == "refused" else None,
            "entry_date": entry,
            "exit_date": None if span is None or entry is None else entry + span * DAY,
            "destination": draw(one_of([*schema.POSITIVE, "other_service", "street"])),
            "over_stay_reason": draw(one_of(["attende"])), "plan_review_date": draw(st.none() | near),
            "goals_set": draw(one_of([0, 3])), "goals_reached": draw(one_of([0, 2])),
            "follow_up_6": draw(one_of(schema.FOLLOW_UPS)),
            "follow_up_12": draw(one_of(schema.FOLLOW_UPS)),
            "credit_counselling": draw(one_of([True, False])),
            **{f"scale_{moment}": draw(one_of(range(1, 6))) for moment in MOMENTS},
        })  # fmt: skip
    return found


@st.composite
def networks(draw: st.DrawFn) -> tuple[Register, Stays]:
    """Draw a register with its stays, their rows in any order."""
    homes, beds = draw(places())
    stays = draw(stays_of_guests())
    activities: list[Row] = []
    absences: list[Row] = []
    for stay in stays[:3]:
        activities.append({
            "stay_id": stay["stay_id"], "date": draw(near), "hours": draw(one_of([0.5, 2])),
            "area": draw(st.sampled_from(list(schema.AREAS))),
            "volunteer": draw(st.sampled_from([True, False])),
        })  # fmt: skip
        gone = draw(near)
        back = gone + draw(st.integers(0, 40)) * DAY
        absences.append({"stay_id": stay["stay_id"], "from_date": gone, "to_date": back})
    register = Register(
        table("services", draw(services())), table("dwellings", homes), table("places", beds)
    )
    return register, Stays(
        table("stays", draw(st.permutations(stays))),
        table("activities", activities),
        table("absences", absences),
    )


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(networks(), st.sampled_from([(START, END), (dt.date(2025, 1, 1), END), (END, END)]))
def test_small_networks_are_the_oracle_s(
    network: tuple[Register, Stays], days: tuple[dt.date, dt.date]
) -> None:
    run = monitoring.monitor(*network, Period(*days))
    book = Book(*network)
    check_measures(run, book)
    check_tables(run, book)


# ---------------------------------------------------------------- every edge once


def edge_stays() -> Iterator[Row]:
    """Yield a stay on each side of each edge of a rule; each group tries one of them."""
    for entry, leaving in itertools.combinations_with_replacement(EDGES, 2):
        yield {"target_group": "street", "entry_date": entry, "exit_date": leaving}
    left = START - 700 * DAY
    yield {"target_group": "violence", "entry_date": left, "exit_date": left}
    for span in SPANS:  # returns, and first entries in the period
        guest = {"guest": f"back{span}", "target_group": "violence"}
        yield guest | {"entry_date": left - span * DAY, "exit_date": left}
        yield guest | {"entry_date": left + span * DAY, "exit_date": left + (span + 9) * DAY}
    for shift, end in itertools.product((-1, 0, 1), (END + DAY, dt.date(2024, 8, 31))):
        for entry in (
            months_after(end, -18),
            end - 30 * DAY,
        ):  # 18 months, and a maximum of 30 days
            late = entry + shift * DAY
            yield {"target_group": "clearance", "entry_date": late, "exit_date": end}
            yield {"target_group": "eviction_order", "entry_date": late}
    for months, shift in itertools.product((6, 12), range(-3, 4)):  # follow-ups due
        for edge in (START, END, dt.date(2025, 2, 28)):
            left = months_after(edge, -months) + shift * DAY
            yield {"target_group": "foreclosure", "entry_date": left - 9 * DAY, "exit_date": left}


def edge_network() -> tuple[Register, Stays]:
    """Return the stays of the edges in services that differ in how they count a day."""
    codes = dict(zip("ABCD", schema.DAY_RULES, strict=True))
    listed = [
        {"service_code": code, "body_name": "Ente", "service_name": code, "service_kind": "other",
         "protected": False, "ambito_name": "XY"[code > "B"], "day_rule": rule, "zero_fee": code == "D",
         "absence_rule": "half", "daily_fee_eur": 38.33, "max_stay_days": 30, "educators": 2}
        for code, rule in codes.items()
    ]  # fmt: skip
    homes = [{"dwelling_code": code, "service_code": code} for code in codes]
    beds: list[Row] = [
        {"place_code": code, "dwelling_code": code, "state": "ready"} for code in codes
    ]
    for number, day in enumerate(EDGES):
        bed = {"place_code": f"A{number}", "dwelling_code": "A", "state": "reserved", "opened": day}
        beds.append(bed | {"state": "to_repair", "state_since": day + 40 * DAY})
        beds.append(bed | {"place_code": f"B{number}", "closed": day + 60 * DAY})
        beds.append(
            {"place_code": f"C{number}", "dwelling_code": "C", "state": "ready", "closed": day}
        )
    stays: list[Row] = []
    for number, (one, code) in enumerate(
        zip(edge_stays(), itertools.cycle("ABCDDCBAAD"), strict=False)
    ):
        stays.append({
            "stay_id": f"s{number}", "guest": f"g{number}", "service_code": code, "place_code": code,
            "destination": "owned", "answer": "refused" if number % 3 else "accepted",
            "referral_date": EDGES[number % 7], "answer_date": EDGES[number % 7] + number % 2 * DAY,
            "plan_review_date": EDGES[number % 11], "goals_set": 3,
            "goals_reached": number % 3 or None, "follow_up_6": "stable_home",
            "follow_up_12": list(schema.FOLLOW_UPS)[number % 6], "scale_entry": 1 + number % 5,
            "scale_exit": 1 + number % 3, "scale_12": 1 + number % 4,
        } | one)  # fmt: skip
    away = [
        {"stay_id": stay["stay_id"], "from_date": day - DAY, "to_date": day + DAY}
        for stay, day in zip(stays, itertools.cycle(EDGES), strict=False)
    ]
    register = Register(table("services", listed), table("dwellings", homes), table("places", beds))
    return register, Stays(table("stays", stays), absences=table("absences", away))


@pytest.mark.slow
@pytest.mark.parametrize("end", [END, dt.date(2025, 2, 28)])
def test_every_edge_is_the_oracle_s(end: dt.date) -> None:
    register, stays = edge_network()
    run = monitoring.monitor(register, stays, Period(START, end))
    book = Book(register, stays)
    check_measures(run, book)
    check_tables(run, book)


# ---------------------------------------------------------------- by hand


def network_of(*stays: Row) -> tuple[Register, Stays]:
    """Return two services, each of its own ambito and with one place, and some stays."""
    terms = {"body_name": "Ente", "service_kind": "other", "protected": False}
    listed = [
        {"service_code": code, "service_name": code, "ambito_name": ambito} | terms
        for code, ambito in (("A", "Monza"), ("B", "Desio"))
    ]
    homes = [{"dwelling_code": code, "service_code": code} for code in "AB"]
    beds = [{"place_code": code, "dwelling_code": code, "state": "ready"} for code in "AB"]
    rows = [{"stay_id": f"s{number}"} | stay for number, stay in enumerate(stays)]
    register = Register(table("services", listed), table("dwellings", homes), table("places", beds))
    return register, Stays(table("stays", rows))


def test_a_guest_of_two_ambiti_is_one_guest_and_the_ambiti_add_up() -> None:
    moved = dt.date(2024, 3, 1)
    run = monitoring.monitor(
        *network_of(
            {"guest": "g", "service_code": "A", "place_code": "A", "exit_date": moved,
             "entry_date": dt.date(2024, 1, 1), "destination": "other_service"},
            {"guest": "g", "service_code": "B", "place_code": "B", "entry_date": moved},
            {"guest": "h", "service_code": "A", "place_code": "A", "entry_date": dt.date(2024, 12, 31)},
        ),
        Period.year(2024),
    )  # fmt: skip
    by_ambito = {
        measure: [run.value(measure, "ambito", one) for one in ("Monza", "Desio")]
        for measure in ("bed_nights", "entries", "present_at_end", "exits")
    }
    # January and February of a leap year, then the rest of it; the last night of the other guest.
    assert by_ambito == {
        "bed_nights": [31 + 29 + 1, 306], "entries": [2, 1], "present_at_end": [1, 1],
        "exits": [1, 0],
    }  # fmt: skip
    for measure, parts in by_ambito.items():
        assert run.value(measure) == sum(parts)
    assert run.value("available_place_nights") == 2 * 366
    # Two guests entered, one of them twice: each counts where they entered first.
    first = rows_of(run.measures[run.measures["measure"] == "first_time_share"])
    told = {row["level_value"]: (row["denominator"], row["value"]) for row in first}
    assert (told[""], told["Monza"], told["Desio"]) == ((2, 1), (2, 1), (0, None))


def test_counselling_counts_those_who_say_yes_and_notes_those_who_say_nothing() -> None:
    stays = [
        {"guest": f"g{n}", "service_code": "A", "entry_date": START, "credit_counselling": said}
        for n, said in enumerate([True, True, False, None])
    ]
    run = monitoring.monitor(*network_of(*stays), Period.year(2024))
    told = run.measures.query("measure == 'credit_counselling' and level == 'all'").iloc[0]
    assert (told["numerator"], told["note"].split(";")[0]) == (2, "partly_not_transmitted")


def test_wilson_s_bounds_are_where_the_score_test_turns() -> None:
    """The bounds solve (p - c/n)^2 = z^2 p (1 - p) / n."""
    network = [
        {"guest": f"g{n}", "service_code": "A", "entry_date": dt.date(2024, 1, 1),
         "exit_date": dt.date(2024, 6, 1), "destination": "owned" if n < 5 else "street"}
        for n in range(10)
    ]  # fmt: skip
    run = monitoring.monitor(*network_of(*network), Period.year(2024))
    row = run.measures.query("measure == 'positive_exits_share' and level == 'all'").iloc[0]
    assert [row["numerator"], row["denominator"]] == [5, 10]
    z = NormalDist().inv_cdf(0.975)
    for bound in (row["low"], row["high"]):
        assert (bound - 0.5) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / 10, rel=1e-9)
    assert row["low"] < 0.5 < row["high"] and row["note"] == "wide_interval"
    # What the text says of thirty places is this interval.
    said = f"fra il {100 * row['low']:.0f} e il {100 * row['high']:.0f} %"
    assert WIDE.startswith("Trenta posti") and said in WIDE


@pytest.mark.slow
def test_every_figure_carries_its_rule_and_what_it_is_of() -> None:
    network = invented.network()
    run = monitoring.monitor(network.register, network.stays, Period.year(2025))
    divided = ("share", "per_year", "points", "mean_days", "median_days", "per_educator")
    for row in rows_of(run.measures):
        rule = RULES[MEASURES[row["measure"]].rule]
        assert (row["rule"], row["rule_version"]) == (rule.name, rule.version)
        if row["measure"].endswith(divided):
            assert row["denominator"] is not None, row
            assert (row["value"] is None) == (row["denominator"] == 0), row
