"""A plan as it can be drafted today: what the office said, what is due of it, what is to be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.errors import ParameterError, wanted
from needs_analysis.needs.counts_book import OwnCounts
from needs_analysis.needs.supply import Supply, households_held
from needs_analysis.plans import balance
from needs_analysis.plans.files import PlanBook, known_kind, read_plan
from needs_analysis.plans.judging import Asked
from needs_analysis.plans.previous import Previous, beside, read_previous
from needs_analysis.plans.problems import PlansError, problem
from needs_analysis.plans.reserves import counted_once
from needs_analysis.plans.schema import KINDS, LOMBARD, YEARS
from needs_analysis.territory import select
from needs_analysis.words import ITALIAN

if TYPE_CHECKING:
    import geopandas as gpd

_REGION = "Lombardia"
_READY, _NEW = ("as_is", "free"), ("renovation", "new", "private")


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """A draft, before it is put in words. It holds confidential lists: `told.plans` says what may leave.

    Parameters
    ----------
    kind : str
        "annual", "triennial" or "zone".
    year : int
        The first of the plan.
    area : GeoDataFrame
        Its municipalities, of :func:`needs_analysis.territory.select`.
    book : PlanBook, optional
        What the office filled in; without it a draft has public figures and questions alone.
    previous : Previous, optional
        The plan before.
    overrides : mapping of str to float
        A study's parameters.
    day : date
        On which it is drafted: policies and their prices stand on it.
    """

    kind: str
    year: int
    area: gpd.GeoDataFrame
    book: PlanBook | None = None
    previous: Previous | None = None
    overrides: Mapping[str, float] = field(default_factory=dict)
    day: dt.date = field(default_factory=dt.date.today)

    def __repr__(self) -> str:
        """Say of whom it is and whether it has an input."""
        own = "" if self.book is None else f", {self.book!r}"
        return f"<Plan {self.kind} {self.period} {self.area.attrs['name']}{own}>"

    @property
    def last(self) -> int:
        """Return its last year."""
        return self.year + YEARS[self.kind] - 1

    @property
    def period(self) -> str:
        """Return its years as they are printed: 2027, or 2026-2028."""
        return str(self.year) if self.last == self.year else f"{self.year}-{self.last}"

    @cached_property
    def checks(self) -> pd.DataFrame | None:
        """Return the check sheet (:func:`balance.checks`); None without an annual input."""
        if self.book is None or "assignable" not in self.book.tables:
            return None
        return balance.checks(self.book, self.overrides)

    @cached_property
    def beside(self) -> pd.DataFrame | None:
        """Return the rows beside those of the plan before; None without the two of them."""
        if self.book is None or self.previous is None:
            return None
        return beside(self.book, self.previous)

    @property
    def counts(self) -> OwnCounts | None:
        """Return what the input says of need: lists of applications, and the supply by size.

        Only units whose rooms are known can be set against households; None without an input.
        """
        if self.book is None:
            return None
        tables = self.book.tables
        none = pd.DataFrame(columns=["municipality_code", "group", "count", "arising", "day",
                                     "sheet", "row"])  # fmt: skip
        asked = pd.DataFrame(columns=["municipality_code", "group", "asked", "asked_on", "answered",
                                      "answered_on"])  # fmt: skip
        parts = pd.DataFrame(columns=["municipality_code", "group", "composition", "count"])
        stock, turnover = _supply(tables.get("assignable"))
        return OwnCounts(none, parts, asked, tables["applications"].reset_index(drop=True),
                         stock, turnover, ())  # fmt: skip

    @property
    def supply(self) -> Supply:
        """Return the assignable units by size of household, for the staircase of the gap."""
        counts = self.counts
        return Supply() if counts is None else counts.supply()


def _supply(assignable: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return assignable units as the workbook of counts has them: a row a municipality and size.

    Those in the state they are in and those free are ready; those that become free are let again; those
    renovated, new or conferred are committed.
    """
    keys = ["municipality_code", "day", "size"]
    stock = pd.DataFrame(columns=[*keys, "owner", "dwellings", "free_ready", "to_repair"])
    turnover = pd.DataFrame(columns=[*keys, "relets", "committed"])
    if assignable is None:
        return stock, turnover
    once = counted_once(assignable).dropna(subset=["rooms", "counted"])
    once = once[once["service"] != "SAT"]
    if once.empty:
        return stock, turnover
    days = once.groupby("municipality_code")["day"].transform("max")
    held = {one: int(str(households_held(pd.DataFrame({"rooms": [one]})).idxmax()))
            for one in once["rooms"].unique()}  # fmt: skip
    once = once.assign(day=days, size=once["rooms"].map(held))

    def of(origins: tuple[str, ...]) -> pd.Series:
        there = once["counted"].where(once["origin"].isin(origins), 0.0)
        return there.groupby([once[one] for one in keys]).sum()

    free, again, new = of(_READY), of(("to_become_free",)), of(_NEW)
    stock = free.rename("free_ready").reset_index().assign(owner="", dwellings=float("nan"),
                                                           to_repair=float("nan"))  # fmt: skip
    return stock, pd.concat([again.rename("relets"), new.rename("committed")], axis=1).reset_index()


def draft(
    area: str | gpd.GeoDataFrame,
    kind: str = "annual",
    year: int | None = None,
    own: Path | str | None = None,
    previous: Path | str | None = None,
    *,
    overrides: Mapping[str, float] | None = None,
    as_of: dt.date | None = None,
) -> Plan:
    """Draft a plan: of the yearly or three-year offer of homes (Lombardia), or the zone's chapter.

    Parameters
    ----------
    area : str or GeoDataFrame
        As :func:`needs_analysis.territory.select` takes it, or what it returns.
    kind : {"annual", "triennial", "zone"}
        The yearly plan, the three-year plan, the chapter on homes of a *piano di zona*.
    year : int, optional
        The first year; the next one when omitted.
    own : Path or str, optional
        The input that the office filled in, of :func:`needs_analysis.plans.write_template`.
    previous : Path or str, optional
        The plan before: its input, or the plan.xlsx made of it.
    overrides : mapping of str to float, optional
        A study's parameters.
    as_of : date, optional
        The day; today when omitted.

    Returns
    -------
    Plan

    Raises
    ------
    ParameterError
        No such kind, a year that is over.
    PlansError
        The kind is of Lombardia and the area is not: why, and what to ask for.
    SourceError
        The input or the plan before cannot be used: every problem, by sheet and row.

    References
    ----------
    L.R. Lombardia 16/2016; R.R. Lombardia 4/2017 art. 3 and 4.

    Examples
    --------
    >>> draft("ambito:Carate Brianza", "annual", 2027, as_of=dt.date(2026, 11, 30))
    <Plan annual 2027 Carate Brianza>
    """
    known_kind(kind)
    overrides, today = dict(overrides or {}), as_of or dt.date.today()
    chosen = select(area) if isinstance(area, str) else wanted_area(area)
    first = _year(kind, today.year + 1 if year is None else year, today)
    regions = tuple(dict.fromkeys(chosen["region_name"]))
    if kind in LOMBARD and regions != (_REGION,):
        why = problem("not_lombardy", kind=KINDS[kind], area=chosen.attrs["name"], regions=regions)
        raise PlansError(why, cure=problem("zone_or_brief"))
    asked = Asked(kind, first, chosen.attrs["name"], dict(chosen["municipality_name"]), today,
                  overrides)  # fmt: skip
    book = None if own is None else read_plan(own, asked)
    before = None if previous is None else read_previous(previous, asked)
    return Plan(kind, first, chosen, book, before, overrides, today)


def wanted_area(area: object) -> gpd.GeoDataFrame:
    """Refuse what is no area of :func:`needs_analysis.territory.select`."""
    import geopandas as gpd

    wanted(area, str, gpd.GeoDataFrame)
    if not {"name", "level"} <= set(area.attrs):  # type: ignore[attr-defined]
        raise ParameterError(problem("no_area"))
    return area


def _year(kind: str, year: object, today: dt.date) -> int:
    """Return the first year of a plan that is not over."""
    if isinstance(year, bool) or not isinstance(year, int) or not 2000 < year < 2101:
        raise ParameterError(problem("year", found=str(year)))
    last = year + YEARS[kind] - 1
    if last < today.year:
        day = ITALIAN.day(today)
        over = (
            problem("year_past", year=year, today=day)
            if last == year
            else problem("period_past", first=year, last=last, today=day)
        )
        raise ParameterError(over, cure=problem("next_year", year=today.year + 1))
    return year
