"""The gap, step by step: who is in need, who is solved where they live, who has no place."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Problem, wanted
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS, Flow, Interval, Stock, assumption
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.needs.result import NeedResult
from needs_analysis.needs.supply import Supply
from needs_analysis.parameters import SHARE

ANY_SIZE = "any"
STOCK_STEPS = ("backlog", "in_place", "to_be_housed", "free_ready", "without_place", "left_over")
FLOW_STEPS = ("quota", "arising", "relets", "committed", "gap", "surplus")
_NONE = Interval(0.0, 0.0, 0.0)
_NOBODY = pd.DataFrame(columns=["group", *BOUNDS], dtype=float).set_index("group")


@dataclass(frozen=True, eq=False)
class Gap:
    """The staircase by size: two tables, which cannot be summed.

    Parameters
    ----------
    stock : DataFrame
        By size and step of `STOCK_STEPS`: `low`, `central`, `high` households on a day.
    flow : DataFrame
        By size and step of `FLOW_STEPS`: the same in a year.
    answers : DataFrame
        By group and answer: households that it solves, those to be housed among them.
    """

    stock: pd.DataFrame
    flow: pd.DataFrame
    answers: pd.DataFrame

    @property
    def without_place(self) -> Stock:
        """Return, by size, the households on a day that are to be housed and have no place."""
        return Stock(pd.DataFrame(self.stock.xs("without_place", level="step")))

    @property
    def yearly(self) -> Flow:
        """Return, by size, the households in a year that find none; a surplus fills no other size."""
        return Flow(pd.DataFrame(self.flow.xs("gap", level="step")))


def gap(
    need: NeedResult | Stock,
    supply: Supply,
    *,
    arising: Flow | None = None,
    in_place: Mapping[str, Interval] | None = None,
    sizes: pd.Series | None = None,
    years: float | None = None,
    overrides: Mapping[str, float] | None = None,
) -> Gap:
    r"""Return who is in need, who is solved where they live, who has no place: by size.

    .. math::
        \text{to be housed} &= \text{backlog} - \text{in place} \\
        \text{gap of a year} &= \max(0,\ q\,\text{without place} + \text{arising} - \text{relets}
                                - \text{committed}), \qquad q = 1/\text{years}

    Parameters
    ----------
    need : NeedResult or Stock
        Backlog: households by group, or by group and size.
    supply : Supply
        By size.
    arising : Flow, optional
        Households in a year by group, or by group and size; by default those of `need`. They are
        housed once: no part of them is in the backlog's quota.
    in_place : mapping of str to Interval, optional
        By group, the share that is solved where it lives; by default the parameters of the groups.
    sizes : Series, by size, optional
        Shares of households, where the counts are not by size; without them there is one size.
    years : float, optional
        In which the backlog is housed.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    Gap

    Raises
    ------
    NeedsError
        A share out of 0-1, a supply of a size that there is not, one that is negative.

    Notes
    -----
    Groups are summed as they are: give the distinct households, as one group, where they overlap.
    Bounds of a gap pair the low need with the high supply and the high need with the low.

    References
    ----------
    Scottish Government, HNDA: a practitioner's guide; Angus Council (2009), HNDA presentation.

    Examples
    --------
    >>> counts = pd.DataFrame({"low": 40.0, "central": 50.0, "high": 60.0}, index=["affordability"])
    >>> found = gap(Stock(counts), Supply(free_ready=pd.Series({"any": 5.0})))
    >>> found.stock["central"].round(1).tolist()  # 60 % are solved by a contribution
    [50.0, 30.0, 20.0, 5.0, 15.0, 0.0]
    """
    wanted(need, NeedResult, Stock)
    wanted(supply, Supply)
    if isinstance(need, NeedResult):
        backlog, arising, sizes = _of_result(need, arising, sizes)
    else:
        backlog = need.counts
    held = _by_group_and_size(backlog, sizes)
    new = _by_group_and_size(_NOBODY if arising is None else arising.counts, sizes)
    known = sorted({size for _, size in [*held.index, *new.index]}, key=str)
    shares = {group: _in_place(group, in_place, overrides) for group, _ in held.index}
    _checked(shares, supply, known)
    given = {**(overrides or {}), **({} if years is None else {"need_backlog_years": years})}
    q = 1 / parameters.values(given)["need_backlog_years"]
    stock: dict[tuple[Hashable, str], Interval] = {}
    flow: dict[tuple[Hashable, str], Interval] = {}
    answers: dict[tuple[Hashable, str], Interval] = {}
    for size in known:
        stock |= _stock_steps(held, shares, supply, size)
        flow |= _flow_steps(stock, new, supply, size, q)
    for group in dict.fromkeys(group for group, _ in held.index):
        answers |= _answers(group, _sum(held, group=group), shares[group])
    return Gap(_table(stock, ("size", "step")), _table(flow, ("size", "step")),
               _table(answers, ("group", "answer")))  # fmt: skip


def _of_result(
    need: NeedResult, arising: Flow | None, sizes: pd.Series | None
) -> tuple[pd.DataFrame, Flow, pd.Series | None]:
    """Return the backlog of the groups of stock, what arises in a year, and the sizes that are known.

    Groups of flow arise once: they are not in the backlog too.
    """
    counts = need.parted().counts
    groups = counts.index.get_level_values("group")
    backlog = counts[[TARGET_GROUPS[one].kind == "stock" for one in groups]]
    if sizes is None and len(need.by_size):
        sizes = need.by_size["central"].groupby(level=1).agg(fsum)
    return backlog, need.flow() if arising is None else arising, sizes


def _in_place(
    group: Any, given: Mapping[str, Interval] | None, overrides: Mapping[str, float] | None
) -> Interval:
    if given is not None and group in given:
        return given[group]
    row = TARGET_GROUPS[group].in_place_share if group in TARGET_GROUPS else ""
    return assumption(row, overrides) if row else _NONE


def _by_group_and_size(counts: pd.DataFrame, sizes: pd.Series | None) -> pd.DataFrame:
    """Return counts by group and size, summed over whatever else stands in their index."""
    frame = counts[[*BOUNDS]].reset_index()
    if "group" not in frame:
        frame = frame.rename(columns={frame.columns[0]: "group"})
    if "size" not in frame and sizes is not None:
        shares = pd.DataFrame({"size": sizes.index, "share": sizes.to_numpy() / fsum(sizes)})
        frame = frame.merge(shares, how="cross")
        frame[[*BOUNDS]] = frame[[*BOUNDS]].mul(frame["share"], axis=0)
    if "size" not in frame:
        frame["size"] = ANY_SIZE
    return frame.groupby(["group", "size"], sort=False)[[*BOUNDS]].agg(fsum)


def _checked(shares: Mapping[Hashable, Interval], supply: Supply, sizes: list[Hashable]) -> None:
    found: list[Problem] = [
        problem("share", name=group, found=one)
        for group, share in shares.items()
        for one in share
        if SHARE.wrong(str(group), one)
    ]
    for name in ("free_ready", "relets", "committed"):
        given: pd.Series = getattr(supply, name)
        found += [
            problem("sizes_differ", table=name, size=size, known=tuple(map(str, sizes)))
            for size in given.index.difference(pd.Index(sizes, dtype=object))
        ]
        if below := tuple(str(size) for size, count in given.items() if not count >= 0):
            found.append(problem("negative", count=len(below), units=below))
    if found:
        raise NeedsError(*found)


def _sum(counts: pd.DataFrame, *, group: Hashable = None, size: Hashable = None) -> Interval:
    at = pd.Series(True, index=counts.index)
    if group is not None:
        at &= counts.index.get_level_values("group") == group
    if size is not None:
        at &= counts.index.get_level_values("size") == size
    return Interval(*(fsum(counts.loc[at, name]) for name in BOUNDS))


def _left(counts: Interval, share: Interval) -> Interval:
    """Return what a share that is solved leaves: the least of it where the most is solved."""
    return Interval(
        counts.low * (1 - share.high),
        counts.central * (1 - share.central),
        counts.high * (1 - share.low),
    )


def _part(counts: Interval, share: Interval) -> Interval:
    return Interval(*(count * one for count, one in zip(counts, share, strict=True)))


def _over(more: Interval, less: Interval) -> Interval:
    """Return by how much one is over the other, never under 0."""
    return Interval(max(more.low - less.high, 0.0), max(more.central - less.central, 0.0),
                    max(more.high - less.low, 0.0))  # fmt: skip


def _exactly(supply: pd.Series, size: Hashable) -> Interval:
    return Interval(*[float(supply.get(size, 0.0))] * 3)


def _plus(*parts: Interval) -> Interval:
    return Interval(*(fsum(values) for values in zip(*parts, strict=True)))


def _stock_steps(
    held: pd.DataFrame, shares: Mapping[Hashable, Interval], supply: Supply, size: Hashable
) -> dict[tuple[Hashable, str], Interval]:
    counts = {group: _sum(held, group=group, size=size) for group, one in held.index if one == size}
    backlog = _plus(*counts.values(), _NONE)
    housed = _plus(*(_left(count, shares[one]) for one, count in counts.items()), _NONE)
    solved = _plus(*(_part(count, shares[one]) for one, count in counts.items()), _NONE)
    free = _exactly(supply.free_ready, size)
    central = backlog.central - housed.central
    solved = Interval(min(solved.low, central), central, max(solved.high, central))
    steps = (backlog, solved, housed, free, _over(housed, free), _over(free, housed))
    return {(size, step): one for step, one in zip(STOCK_STEPS, steps, strict=True)}


def _flow_steps(
    stock: Mapping[tuple[Hashable, str], Interval],
    new: pd.DataFrame,
    supply: Supply,
    size: Hashable,
    q: float,
) -> dict[tuple[Hashable, str], Interval]:
    quota = Interval(*(q * one for one in stock[size, "without_place"]))
    arising = _sum(new, size=size) if len(new) else _NONE
    relets, committed = _exactly(supply.relets, size), _exactly(supply.committed, size)
    needed, given = _plus(quota, arising), _plus(relets, committed)
    steps = (quota, arising, relets, committed, _over(needed, given), _over(given, needed))
    return {(size, step): one for step, one in zip(FLOW_STEPS, steps, strict=True)}


def _answers(group: Any, counts: Interval, share: Interval) -> dict[tuple[Hashable, str], Interval]:
    answer = TARGET_GROUPS[group].in_place if group in TARGET_GROUPS else "home"
    if answer == "home":
        return {(group, "home"): counts}
    return {(group, answer): _part(counts, share), (group, "home"): _left(counts, share)}


def _table(rows: Mapping[tuple[Hashable, str], Interval],
           names: tuple[str, str]) -> pd.DataFrame:  # fmt: skip
    index = pd.MultiIndex.from_tuples([*rows], names=names)
    return pd.DataFrame([*rows.values()], index=index, columns=[*BOUNDS])
