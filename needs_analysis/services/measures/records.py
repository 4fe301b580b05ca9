"""The register and the stays as whole-number arrays, made once for all measures of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.errors import SourceError
from needs_analysis.services.files.nights import (
    OPEN,
    Ints,
    beyond_earlier,
    day_numbers,
    place_intervals,
    positions,
    sorted_by,
)
from needs_analysis.services.files.plausibility import unregistered
from needs_analysis.services.files.schema import (
    GROUPS,
    STATES,
    TABLES,
    UNSTATED,
    Register,
    Stays,
    empty,
)
from needs_analysis.services.measures.fees import Account, Lines
from needs_analysis.services.measures.problems import problem

Bools = npt.NDArray[np.bool_]
LEVELS = ("service", "ambito", "group")


def stays_of(stays: Stays | pd.DataFrame) -> Stays:
    """Return stays as such; a frame may lack columns, which are then missing throughout."""
    if isinstance(stays, Stays):
        return stays
    frame = stays.copy()
    for one in TABLES["stays"].fields:
        if one.name != "stay_id" and one.name not in frame:
            frame[one.name] = pd.Series(index=frame.index, dtype=one.dtype)
    return Stays(frame)


def no_register(stays: Stays) -> Register:
    """Return a register that knows the stays' services by code only: for measures without places."""
    services = empty("services").reindex(stays.stays["service_code"].dropna().unique())
    services["protected"] = False
    return Register(services, empty("dwellings"), empty("places"))


@dataclass(frozen=True, eq=False)
class Records:
    """What the measures count, by position: -1 stands for none.

    Parameters
    ----------
    register : Register
        Its services are those the stays must be in.
    stays : Stays
        Stays, activities and absences.
    """

    register: Register
    stays: Stays
    cache: dict[str, Ints] = field(default_factory=dict, repr=False)
    bills: dict[tuple[int, int], Lines] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuse stays of services or places that the register does not have."""
        problems = unregistered(self.register, self.stays)
        homes = set(self.register.places["dwelling_code"]) - set(self.register.dwellings.index)
        problems += [problem("unknown_dwelling", code=code) for code in sorted(homes)]
        if problems:
            raise SourceError.of_file("accoglienze", problems, problem("add_to_register"))

    @cached_property
    def labels(self) -> Mapping[str, list[str]]:
        """The values of each level, the last one for what has none."""
        ambiti = sorted(self.register.services["ambito_name"].dropna().unique())
        services = [str(code) for code in self.register.services.index]
        return {
            "all": [""],
            "service": [*services, UNSTATED],
            "ambito": [*ambiti, UNSTATED],
            "group": [*GROUPS, UNSTATED],
        }

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, Ints]]:
        """For each table and level, the position of each row's value among the labels."""
        services = self.register.services
        ambito = self._coded(services["ambito_name"], "ambito")
        own = np.arange(len(services), dtype=np.int64)
        stay = np.where(self.service < 0, len(services), self.service)
        homes = self.register.dwellings["service_code"].reindex(
            self.register.places["dwelling_code"]
        )
        place = self._coded(homes, "service")
        beside = np.r_[ambito, len(self.labels["ambito"]) - 1]
        return {
            "services": {"all": np.zeros_like(own), "service": own, "ambito": ambito},
            "places": {"all": np.zeros_like(place), "service": place, "ambito": beside[place]},
            "stays": {
                "all": np.zeros_like(stay),
                "service": stay,
                "ambito": beside[stay],
                "group": self._coded(self.stays.stays["target_group"], "group"),
            },
        }

    def _coded(self, values: pd.Series, level: str) -> Ints:
        words = self.labels[level]
        found = positions(values, pd.Index(words[:-1], dtype="str"))
        return np.where(found < 0, len(words) - 1, found).astype(np.int64)

    def column(self, name: str) -> pd.Series:
        """Return a column of the stays."""
        return self.stays.stays[name]

    def choice(self, name: str) -> Ints:
        """Return the position of each stay's code among the choices of its column."""
        if name not in self.cache:
            choices = pd.Index(list(TABLES["stays"].field(name).choices), dtype="str")
            self.cache[name] = positions(self.column(name), choices).astype(np.int8)
        return self.cache[name]

    def is_code(self, name: str, *codes: str) -> Bools:
        """Return which stays have one of some codes in a column of choices."""
        choices = list(TABLES["stays"].field(name).choices)
        chosen = np.zeros(len(choices) + 1, dtype=bool)  # the last for none, at -1
        chosen[[choices.index(code) for code in codes]] = True
        return np.asarray(chosen[self.choice(name)])

    def days_of(self, name: str) -> Ints:
        """Return a date of each stay as a day; OPEN where there is none."""
        if name not in self.cache:
            self.cache[name] = day_numbers(self.column(name), OPEN)
        return self.cache[name]

    def after_exit(self, months: int) -> Ints:
        """Return the day some months after each stay's exit; OPEN for the still-present."""
        return self._after("exit", self.leaving, months)

    def after_entry(self, months: int) -> Ints:
        """Return the day some months after each stay's entry; OPEN where there is none."""
        return self._after("entry", self.entry, months)

    def _after(self, what: str, days: Ints, months: int) -> Ints:
        name = f"{what} + {months}"
        if name not in self.cache:
            self.cache[name] = np.where(days < OPEN, add_months(days, months), OPEN)
        return self.cache[name]

    @cached_property
    def usable(self) -> Bools:
        """Which stays have an entry and do not end before it."""
        return self.stays.usable.to_numpy(dtype=bool)

    @cached_property
    def entry(self) -> Ints:
        """Day of entry; OPEN where a stay measures no night, so that it is never present."""
        return np.where(self.usable, day_numbers(self.column("entry_date"), OPEN), OPEN)

    @cached_property
    def leaving(self) -> Ints:
        """Day of exit; OPEN for the still-present."""
        return np.where(self.usable, day_numbers(self.column("exit_date"), OPEN), OPEN)

    @cached_property
    def guest(self) -> Ints:
        """A number for each guest."""
        return np.asarray(pd.factorize(self.column("guest"))[0], dtype=np.int64)

    @cached_property
    def order(self) -> Ints:
        """The usable stays sorted by guest and entry."""
        at = np.flatnonzero(self.usable)
        index = self.stays.stays.index[at]
        return at[sorted_by(self.guest[at], self.entry[at], index)]

    @cached_property
    def furthest(self) -> Ints:
        """For each stay in order, the latest exit of the guest's earlier stays; before all if none."""
        guest, leaving = self.guest[self.order], self.leaving[self.order]
        apart = guest * (4 * OPEN)
        latest = np.maximum.accumulate(leaving + apart)
        return np.asarray(np.r_[np.int64(-(2**62)), latest[:-1]] - apart, dtype=np.int64)

    @cached_property
    def service(self) -> Ints:
        """The service of each stay."""
        return positions(self.column("service_code"), self.register.services.index)

    @cached_property
    def place(self) -> Ints:
        """The place of each stay."""
        return positions(self.column("place_code"), self.register.places.index)

    @cached_property
    def place_days(self) -> tuple[Ints, Ints]:
        """The days on which each place can be slept in."""
        return place_intervals(self.register)

    @cached_property
    def place_terms(self) -> tuple[Ints, Ints, Ints, Ints]:
        """For each place: day of opening and of closing, since when its state holds, its state."""
        places = self.register.places
        homes = self.register.dwellings.reindex(places["dwelling_code"])
        opened, shut = day_numbers(places["opened"], -OPEN), day_numbers(places["closed"], OPEN)
        shut = np.minimum(shut, day_numbers(homes["closed"], OPEN))
        since = day_numbers(places["state_since"], -OPEN)
        # A closed place without the state's date is closed from its closing day.
        undated = (since == -OPEN) & (places["state"] == "closed").to_numpy() & (shut < OPEN)
        return (
            np.maximum(opened, day_numbers(homes["opened"], -OPEN)),
            shut,
            np.where(undated, shut, since),
            positions(places["state"], pd.Index(list(STATES), dtype="str")),
        )

    @cached_property
    def account(self) -> Account:
        """The days each stay is billed for."""
        return Account.of(self.register, self.stays, self.service, self.guest)

    def lines(self, first: int, past: int) -> Lines:
        """Return what is due for the days of a month: asked for by the period and by its year."""
        if (first, past) not in self.bills:
            self.bills[first, past] = self.account.between(first, past)
        return self.bills[first, past]

    @cached_property
    def activity_rows(self) -> Ints:
        """The stay of each activity."""
        return positions(self.stays.activities["stay_id"], self.stays.stays.index)

    def bed_nights(self, first: int, past: int) -> tuple[Ints, Ints]:
        """Return the stays present in days [first, past) and the nights of each, none twice."""
        at = self.order
        at = at[(self.entry[at] < past) & (self.leaving[at] > first)]
        start, end = np.maximum(self.entry[at], first), np.minimum(self.leaving[at], past)
        begin, finish = beyond_earlier(self.guest[at], start, end)
        return at, finish - begin


def add_months(days: Ints, months: int) -> Ints:
    """Return the same day some months later, the month's last day where it has none.

    Examples
    --------
    >>> day = np.array([np.datetime64("2025-08-31")]).astype("datetime64[D]").astype("int64")
    >>> str(add_months(day, 6).astype("datetime64[D]")[0])
    '2026-02-28'
    """
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    into = (date - month.astype("datetime64[D]")).astype(np.int64)
    later = month + np.timedelta64(months, "M")
    first = later.astype("datetime64[D]").astype(np.int64)
    length = (later + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - first
    return np.asarray(first + np.minimum(into, length - 1), dtype=np.int64)


def months_of(first: int, past: int) -> list[tuple[int, int]]:
    """Return the calendar months of days [first, past) as days, the first and the last cut.

    Examples
    --------
    >>> months_of(0, 60)
    [(0, 31), (31, 59), (59, 60)]
    """
    starts = np.arange(
        np.datetime64(int(first), "D").astype("datetime64[M]"),
        np.datetime64(int(past) - 1, "D").astype("datetime64[M]") + np.timedelta64(2, "M"),
    )
    days = starts.astype("datetime64[D]").astype(np.int64)
    return [
        (max(int(a), first), min(int(b), past)) for a, b in zip(days[:-1], days[1:], strict=True)
    ]
