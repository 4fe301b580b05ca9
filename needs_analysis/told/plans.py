"""What may be told of a plan: all that it publishes by law; of the lists of who applied what is safe.

A plan says homes by municipality and owner, and choices of the bodies: figures that the offices publish.
Lists of applications and the counts of local measures are of few households: they leave by the rooms of
need and of policies alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from needs_analysis.disclosure import PROFILES, Rules
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.needs.result import NeedResult
from needs_analysis.plans import Plan
from needs_analysis.plans.balance import by_origin, by_rooms, rows_of, sums
from needs_analysis.told import need_books
from needs_analysis.told.needs import ToldNeed, tell_need
from needs_analysis.told.own_counts import given
from needs_analysis.told.problems import problem

CONFIDENTIAL = ("applications", "measures")
"""Tables of the input that leave by other rooms."""


@dataclass(frozen=True, eq=False)
class ToldPlan:
    """All that may be said of a plan, but for need and policies.

    Parameters
    ----------
    kind : str
        "annual", "triennial" or "zone".
    year, last : int
        Its first and last year.
    period : str
        As they are printed.
    tables : mapping of str to DataFrame
        What the office filled in, without `CONFIDENTIAL`; empty without an input.
    rows : DataFrame
        What the next plan is compared with (:func:`needs_analysis.plans.balance.rows_of`).
    origins, rooms : DataFrame or None
        Assignable units by origin and by size.
    checks, sums : DataFrame or None
        The shares of the law, and whether rows add to totals.
    beside : DataFrame or None
        The rows beside those of the plan before.
    before : int
        The year of the plan before; 0 where it was not given.
    """

    kind: str
    year: int
    last: int
    period: str
    tables: Mapping[str, pd.DataFrame]
    rows: pd.DataFrame
    origins: pd.DataFrame | None = None
    rooms: pd.DataFrame | None = None
    checks: pd.DataFrame | None = None
    sums: pd.DataFrame | None = None
    beside: pd.DataFrame | None = None
    before: int = 0

    def table(self, name: str) -> pd.DataFrame | None:
        """Return what the office filled in on a sheet; None where it said nothing."""
        found = self.tables.get(name)
        return None if found is None or found.empty else found


def tell_plan(plan: Plan) -> ToldPlan:
    """Return all that may be said of a plan, but for need and policies.

    Parameters
    ----------
    plan : Plan
        Of :func:`needs_analysis.plans.draft`.
    """
    wanted(plan, Plan)
    book = plan.book
    if book is None:
        return ToldPlan(plan.kind, plan.year, plan.last, plan.period, {}, pd.DataFrame())
    tables = {name: one for name, one in book.tables.items() if name not in CONFIDENTIAL}
    assignable = "assignable" in tables and len(tables["assignable"]) > 0
    return ToldPlan(
        plan.kind, plan.year, plan.last, plan.period, tables, rows_of(book),
        origins=by_origin(book) if assignable else None,
        rooms=by_rooms(book) if assignable else None,
        checks=plan.checks if assignable else None, sums=sums(book), beside=plan.beside,
        before=plan.previous.year if plan.previous else 0,
    )  # fmt: skip


def tell_need_of(plan: Plan, need: NeedResult, profile: str = "published") -> ToldNeed:
    """Return what may be told of the need that stands in a plan, with the staircase of the gap.

    Parameters
    ----------
    plan : Plan
        The assignable homes are published: none of them is hidden in the gap.
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`, without the input of the plan.
    profile : {"published", "internal"}
        Of the lists of applications: published, their small counts are intervals.

    Raises
    ------
    ParameterError
        No such profile.
    """
    wanted(plan, Plan)
    wanted(need, NeedResult)
    if profile not in PROFILES:
        raise ParameterError(problem("no_profile", found=profile, known=tuple(PROFILES)))
    counts = plan.counts
    if counts is None:
        return tell_need(need, profile)
    lists = replace(counts, stock=counts.stock.iloc[:0], turnover=counts.turnover.iloc[:0])
    with_lists = replace(need, book=lists)
    told = tell_need(with_lists, profile)
    rules = Rules.of(need.parameters) if profile == "published" else None
    open_ = replace(given(with_lists, rules), books=(counts, counts, counts), books_hide=False)
    stock, flow, answers = need_books.staircase(open_) or (None, None, None)
    return replace(told, gap_stock=stock, gap_flow=flow, answers=answers)
