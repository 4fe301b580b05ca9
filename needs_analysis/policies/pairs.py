"""What can be chosen, as arrays: pairs of a policy and a cell, what must be opened for them, the money.

A household is helped once: all policies of a cell share its households. The programme of a choice is
made here, from pairs and what is asked of them; :mod:`needs_analysis.policies.programme` solves it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.policies.offers import Offer
from needs_analysis.policies.problems import problem
from needs_analysis.policies.programme import BoolArray, FloatArray, IntArray, Programme

if TYPE_CHECKING:
    from scipy import sparse

CELL = ("municipality_code", "group", "size")
_ROOM = 1e-12


@dataclass(frozen=True, eq=False)
class Openings:
    """What must be opened, once an area or a municipality, before anybody is helped.

    Parameters
    ----------
    policy : ndarray of int
        Whose it is, by position.
    fixed_eur, least : ndarray
        What opening costs, and the smallest that is done, in units or in households.
    unit, unit_eur : ndarray
        Households a year in a unit (NaN where it can be divided), and what a unit costs.
    most : ndarray
        Households that it can help at all.
    """

    policy: IntArray
    fixed_eur: FloatArray
    least: FloatArray
    unit: FloatArray
    unit_eur: FloatArray
    most: FloatArray

    @property
    def in_units(self) -> BoolArray:
        """Whether it comes in whole units."""
        return ~np.isnan(self.unit)

    @property
    def decided(self) -> BoolArray:
        """Whether opening it is a decision of its own: it costs, or has a smallest scale."""
        return (self.fixed_eur > 0) | (self.least > 0)

    @property
    def filled(self) -> FloatArray:
        """Return the households that a unit really holds; NaN where it can be divided."""
        return np.minimum(self.unit, self.most)

    @property
    def units_most(self) -> FloatArray:
        """Return the units that all its households fill; 0 where it can be divided."""
        units = np.ceil(np.divide(self.most, self.filled, where=self.filled > 0,
                                  out=np.zeros_like(self.most)) - 1e-9)  # fmt: skip
        return np.where(self.in_units, np.maximum(units, np.ceil(self.least)), 0.0)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Policies by cells, only where somebody may be helped; in the order of both.

    Parameters
    ----------
    policies : tuple of str
        Ids, in the order of the catalogue.
    outcomes : tuple of str or None
        What each brings about; None where that is not known.
    cells : MultiIndex
        `CELL`, in order.
    pool : ndarray, shape (cells,)
        Households of each.
    policy, cell, opening : ndarray of int, shape (pairs,)
        Positions.
    cost_eur, outcome, deadweight, weight, most : ndarray, shape (pairs,)
        Of a helped household, a year: what it costs, the households out of need, those that would
        have come out without, what one out of need is worth; and how many may be helped.
    openings : Openings
        By policy, and municipality where it opens in each.
    """

    policies: tuple[str, ...]
    outcomes: tuple[str | None, ...]
    cells: pd.MultiIndex
    pool: FloatArray
    policy: IntArray
    cell: IntArray
    opening: IntArray
    cost_eur: FloatArray
    outcome: FloatArray
    deadweight: FloatArray
    weight: FloatArray
    most: FloatArray
    openings: Openings

    @property
    def worth(self) -> FloatArray:
        """Return what a helped household adds to the objective."""
        return self.outcome * self.weight

    @property
    def municipality(self) -> IntArray:
        """Return the municipality of each cell, by position among their codes in order."""
        return np.asarray(self.cells.codes[0], dtype=np.intp)

    def of_policy(self, values: FloatArray) -> FloatArray:
        """Sum values of pairs by policy."""
        return np.asarray(np.bincount(self.policy, values, len(self.policies)), float)

    def within(self, key: str) -> BoolArray:
        """Say which pairs are of a municipality or a target group, by its code or key."""
        codes, groups = (self.cells.get_level_values(level) for level in (0, 1))
        found = np.asarray(codes == key) | np.asarray(groups == key)
        return np.asarray(found[self.cell])

    def only(self, kept: BoolArray) -> Pairs:
        """Return some of the pairs, under all openings."""
        names = ("policy", "cell", "opening", "cost_eur", "outcome", "deadweight", "weight", "most")
        return replace(self, **{name: getattr(self, name)[kept] for name in names})

    def spent(self, helped: FloatArray, opened: FloatArray, units: FloatArray) -> FloatArray:
        """Return the euros of each policy."""
        fixed = self.openings.fixed_eur * opened + np.where(
            units > 0, self.openings.unit_eur * units, 0.0
        )
        own = np.bincount(self.openings.policy, fixed, len(self.policies))
        return np.asarray(self.of_policy(self.cost_eur * helped) + own)


def pairs_of(
    cells: pd.DataFrame, offers: Mapping[str, Offer], weights: Mapping[Any, float]
) -> Pairs:
    """Return what can be chosen of some offers.

    Parameters
    ----------
    cells : DataFrame
        As :func:`needs_analysis.policies.cells.cells` gives them: `central` households.
    offers : mapping of str to Offer
        In the order of the catalogue.
    weights : mapping of str to float
        What a household out of need is worth, by outcome; offers of another outcome are left out.
        None stands for what has no known effect.
    """
    ordered = cells.sort_index()
    index = pd.MultiIndex.from_frame(ordered.index.to_frame()[[*CELL]]).remove_unused_levels()
    pool = np.nan_to_num(ordered["central"].to_numpy(float))
    used = {key: one for key, one in offers.items() if one.outcome in weights}
    parts: list[dict[str, Any]] = []
    openings: list[dict[str, Any]] = []
    for position, one in enumerate(used.values()):
        part = _part(one, index, pool, position)
        by = index.codes[0][part["cell"]] if one.opened == "municipality" else 0 * part["cell"]
        opened, own = np.unique(by, return_inverse=True)
        part["opening"] = own + sum(len(each["policy"]) for each in openings)
        part["weight"] = np.full(len(by), float(weights[one.outcome]))
        openings.append({
            "policy": np.full(len(opened), position),
            "fixed_eur": np.full(len(opened), float(one.fixed_eur)),
            "least": np.full(len(opened), float(one.minimum_units)),
            "unit": np.full(len(opened), float(one.unit_households)),
            "unit_eur": np.full(len(opened), float(np.nan_to_num(one.unit_eur))),
            "most": np.bincount(own, part["most"], len(opened)),
        })  # fmt: skip
        parts.append(part)
    opening = Openings(**_joined(openings, _OF_OPENING))
    outcomes = tuple(one.outcome for one in used.values())
    return Pairs(tuple(used), outcomes, index, pool, openings=opening, **_joined(parts, _OF_PAIR))


def barred(cells: pd.DataFrame, offers: Mapping[str, Offer]) -> tuple[dict[str, Problem], ...]:
    """Say which policies help nobody here whatever the budget, and which only some, each with why.

    Parameters
    ----------
    cells, offers
        As :func:`pairs_of`.

    Returns
    -------
    tuple of two dict of str to Problem
        Those that no budget decides; those of which it decides a part.
    """
    wholly: dict[str, Problem] = {}
    partly: dict[str, Problem] = {}
    for key, one in offers.items():
        frame = one.cells
        pool = cells["central"].reindex(frame.index).fillna(0.0)
        reached = frame[np.minimum(frame["eligible"] * frame["take_up"], pool) > _ROOM]
        known = reached[np.isfinite(reached["cost_eur"])]
        free = (known["cost_eur"] <= 0) & (not _paid_whole(one))
        if frame.empty:
            wholly[key] = problem("uncounted")
        elif reached.empty:
            wholly[key] = problem("nobody_here")
        elif known.empty:
            wholly[key] = problem("cost_unknown")
        elif free.all():
            wholly[key] = problem("free")
        elif free.any():
            partly[key] = problem("free_in_part")
    return wholly, partly


def _paid_whole(offer: Offer) -> bool:
    """Whether an opening or a unit is paid, whatever a household costs."""
    return offer.fixed_eur > 0 or bool(np.nan_to_num(offer.unit_eur) > 0)


_OF_PAIR = ("policy", "cell", "opening", "cost_eur", "outcome", "deadweight", "weight", "most")
_OF_OPENING = ("policy", "fixed_eur", "least", "unit", "unit_eur", "most")


def _joined(parts: list[dict[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    if not parts:
        whole = ("policy", "cell", "opening")
        return {name: np.zeros(0, np.intp if name in whole else float) for name in names}
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _part(offer: Offer, index: pd.MultiIndex, pool: FloatArray, position: int) -> dict[str, Any]:
    """Return the pairs of a policy: those with somebody to help and something that comes of it."""
    at = index.get_indexer(offer.cells.index)
    frame = offer.cells[at >= 0].to_dict("series")
    at = at[at >= 0]
    order = np.argsort(at)
    values = {name: frame[name].to_numpy(float)[order] for name in
              ("eligible", "take_up", "cost_eur", "outcome", "deadweight")}  # fmt: skip
    if offer.outcome is None:
        values["outcome"] = np.zeros(len(at))
    at = at[order]
    most = np.minimum(values["eligible"] * values["take_up"], pool[at])
    kept = (most > _ROOM) & np.isfinite(values["cost_eur"]) & (values["outcome"] >= 0)
    # What costs nothing is no matter of a budget.
    kept &= (values["cost_eur"] > 0) | _paid_whole(offer)
    return {
        "policy": np.full(int(kept.sum()), position),
        "cell": at[kept],
        "most": most[kept],
        "deadweight": np.nan_to_num(values["deadweight"][kept]),
        **{name: values[name][kept] for name in ("cost_eur", "outcome")},
    }


# --- a programme of them ---------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Asked:
    """What a choice must keep to.

    Parameters
    ----------
    budget_eur : float
        Of all; infinite is none.
    budgets : mapping of int to float
        Of single policies, by position.
    floors : mapping of str to float
        Helped households at least, by municipality or group.
    reach : ndarray, optional
        What is possible in each municipality, of which each is to have the same share at least.
    share : float
        The least share; NaN: it is a column of its own, the last.
    worth, cost_eur : float
        What the choice must be worth at least, and cost at most.
    helped : mapping of int to float
        Helped households, exactly, by policy.
    opened, units : ndarray, optional
        Those that are held.
    """

    budget_eur: float = inf
    budgets: Mapping[int, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    reach: FloatArray | None = None
    share: float = np.nan
    worth: float = -inf
    cost_eur: float = inf
    helped: Mapping[int, float] = field(default_factory=dict)
    opened: FloatArray | None = None
    units: FloatArray | None = None


class _Rows:
    """Rows of a programme, one block after the other."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs, self.n, self.o = pairs, len(pairs.most), len(pairs.openings.most)
        self.width = self.n + 2 * self.o + 1
        self.rows: list[IntArray] = []
        self.columns: list[IntArray] = []
        self.entries: list[FloatArray] = []
        self.least: list[FloatArray] = []
        self.most: list[FloatArray] = []
        self.count = 0

    def block(self, rows: IntArray, columns: IntArray, entries: FloatArray,
              least: FloatArray, most: FloatArray) -> None:  # fmt: skip
        """Add rows, numbered from 0."""
        self.rows.append(rows + self.count)
        self.columns.append(columns)
        self.entries.append(entries)
        self.least.append(np.asarray(least, float))
        self.most.append(np.asarray(most, float))
        self.count += len(least)

    def one(self, entries: FloatArray, least: float, most: float) -> None:
        """Add a row over pairs, then openings, then units, then the share: as many as are given."""
        at = np.flatnonzero(entries)
        self.block(0 * at, at, entries[at], np.array([least]), np.array([most]))

    def money(self, pairs: BoolArray, openings: BoolArray, limit: float) -> None:
        """Add a budget, in shares of it."""
        scale = max(limit, 1.0)
        own = self.pairs.openings
        entries = np.concatenate([
            self.pairs.cost_eur * pairs, own.fixed_eur * openings,
            np.where(openings & own.in_units, own.unit_eur, 0.0),
        ])  # fmt: skip
        self.one(entries / scale, -inf, limit / scale)

    def matrix(self) -> sparse.csc_array:
        """Return all rows."""
        from scipy import sparse

        at = (np.concatenate(self.rows), np.concatenate(self.columns))
        return sparse.csc_array((np.concatenate(self.entries), at), shape=(self.count, self.width))


def programme(
    pairs: Pairs, asked: Asked, aim: FloatArray, first: BoolArray | None = None
) -> Programme:
    """Return the programme of a choice.

    Parameters
    ----------
    pairs : Pairs
        What can be chosen.
    asked : Asked
        What it must keep to.
    aim : ndarray
        What columns are worth: pairs, openings, units, the share; what is not given is worth nothing.
    first : ndarray of bool, shape (pairs,), optional
        Pairs to begin with.

    Notes
    -----
    Columns: households helped of each pair, whether each opening is made, its units, the share.
    """
    rows, own = _Rows(pairs), pairs.openings
    n, o = rows.n, rows.o
    _shared_rows(rows)
    _opening_rows(rows)
    _asked_rows(rows, asked)
    low = np.zeros(rows.width)
    high = np.concatenate(
        [pairs.most, own.decided.astype(float), own.units_most, [float(asked.reach is not None)]]
    )
    for at, held in ((n, asked.opened), (n + o, asked.units)):
        if held is not None:
            low[at : at + o] = high[at : at + o] = held
    if asked.reach is not None and not np.isnan(asked.share):
        low[-1] = asked.share
    whole = np.zeros(rows.width, dtype=bool)
    whole[n : n + o], whole[n + o : n + 2 * o] = own.decided, own.in_units
    if asked.opened is not None and asked.units is not None:
        whole[:] = False
    needs = np.full(rows.width, -1)
    needs[:n] = np.where(own.decided[pairs.opening], n + pairs.opening, -1)
    worth = np.zeros(rows.width)
    worth[: len(aim)] = aim
    begun = None
    if first is not None:
        begun = np.ones(rows.width, dtype=bool)
        begun[:n] = first
    least, most = np.concatenate(rows.least), np.concatenate(rows.most)
    return Programme(worth, rows.matrix(), least, most, low, high, whole, needs, begun)


def _shared_rows(rows: _Rows) -> None:
    """No household twice: a row for each cell whose policies could help more than there are."""
    pairs = rows.pairs
    together = np.bincount(pairs.cell, pairs.most, len(pairs.pool))
    shared = together > pairs.pool * (1 + _ROOM)
    at = np.flatnonzero(shared[pairs.cell])
    row = (np.cumsum(shared) - 1)[pairs.cell[at]]
    count = int(shared.sum())
    rows.block(row, at, np.ones(len(at)), np.full(count, -inf), pairs.pool[shared])


def _opening_rows(rows: _Rows) -> None:
    """Units hold what they hold; what is opened has its smallest scale."""
    pairs, own, n, o = rows.pairs, rows.pairs.openings, rows.n, rows.o
    unit = np.flatnonzero(own.in_units)
    place = np.full(o, -1)
    place[unit] = np.arange(len(unit))
    at = np.flatnonzero(own.in_units[pairs.opening])
    entries = np.concatenate([np.ones(len(at)), -own.filled[unit]])
    rows.block(
        np.concatenate([place[pairs.opening[at]], np.arange(len(unit))]),
        np.concatenate([at, n + o + unit]), entries, np.full(len(unit), -inf), np.zeros(len(unit)),
    )  # fmt: skip
    y, u = n + np.arange(o), n + o + np.arange(o)
    _one_a_row(rows, own.decided & own.in_units, [(u, np.ones(o)), (y, -own.units_most)], -inf, 0.0)
    scaled = own.decided & (own.least > 0)
    _one_a_row(rows, scaled & own.in_units, [(u, np.ones(o)), (y, -own.least)], 0.0, inf)
    divided = scaled & ~own.in_units
    at = np.flatnonzero(divided[pairs.opening])
    place[divided] = np.arange(int(divided.sum()))
    rows.block(
        np.concatenate([place[pairs.opening[at]], place[divided]]),
        np.concatenate([at, y[divided]]), np.concatenate([np.ones(len(at)), -own.least[divided]]),
        np.zeros(int(divided.sum())), np.full(int(divided.sum()), inf),
    )  # fmt: skip


def _one_a_row(
    rows: _Rows,
    kept: BoolArray,
    parts: Sequence[tuple[IntArray, FloatArray]],
    least: float,
    most: float,
) -> None:
    """Add a row for each opening that is kept, over one column of each part."""
    count = int(kept.sum())
    rows.block(
        np.tile(np.arange(count), len(parts)), np.concatenate([columns[kept] for columns, _ in parts]),
        np.concatenate([entries[kept] for _, entries in parts]),
        np.full(count, least), np.full(count, most),
    )  # fmt: skip


def _asked_rows(rows: _Rows, asked: Asked) -> None:
    pairs, own, n = rows.pairs, rows.pairs.openings, rows.n
    every, opened = np.ones(n, dtype=bool), np.ones(rows.o, dtype=bool)
    for limit in (asked.budget_eur, asked.cost_eur):
        if limit < inf:
            rows.money(every, opened, limit)
    for policy, limit in asked.budgets.items():
        rows.money(pairs.policy == policy, own.policy == policy, limit)
    for key, least in asked.floors.items():
        rows.one(pairs.within(key).astype(float), least, inf)
    if asked.worth > -inf:
        scale = max(abs(asked.worth), 1.0)
        rows.one(pairs.worth / scale, asked.worth / scale, inf)
    for policy, count in asked.helped.items():
        rows.one((pairs.policy == policy).astype(float), count, count)
    if asked.reach is not None:
        of, reach = pairs.municipality[pairs.cell], asked.reach
        kept = np.flatnonzero(reach > 0)
        place = np.full(len(reach), -1)
        place[kept] = np.arange(len(kept))
        at = np.flatnonzero(place[of] >= 0)
        rows.block(
            np.concatenate([place[of[at]], np.arange(len(kept))]),
            np.concatenate([at, np.full(len(kept), rows.width - 1)]),
            np.concatenate([pairs.worth[at], -reach[kept]]), np.zeros(len(kept)),
            np.full(len(kept), inf),
        )  # fmt: skip


def reachable(pairs: Pairs) -> FloatArray:
    """Return what would be worth most in each municipality if money were no matter."""
    helped = greedy(pairs, pairs.worth)
    of = pairs.municipality[pairs.cell]
    return np.asarray(np.bincount(of, pairs.worth * helped, len(pairs.cells.levels[0])), float)


def greedy(pairs: Pairs, profit: FloatArray) -> FloatArray:
    """Return how many to help of each pair where only households are short: the greatest profit first.

    Parameters
    ----------
    pairs : Pairs
        What can be chosen.
    profit : ndarray, shape (pairs,)
        Of a helped household; what is not above 0 helps none.
    """
    order = np.lexsort((pairs.policy, -profit, pairs.cell))
    cell, most = pairs.cell[order], np.where(profit[order] > 0, pairs.most[order], 0.0)
    before = np.cumsum(most) - most
    begins = np.searchsorted(cell, cell)  # of each one's own cell
    left = pairs.pool[cell] - (before - before[begins])
    helped = np.empty(len(order))
    helped[order] = np.clip(np.minimum(most, left), 0.0, None)
    return helped


def promising(pairs: Pairs, budget_eur: float, slack: float = 0.85) -> BoolArray:
    """Say which pairs may be worth their money at a budget, by the price of money without openings.

    Notes
    -----
    It is where a solution begins, no proof: what is missing is found by its price.
    """
    ratio = np.divide(pairs.worth, pairs.cost_eur, out=np.full(len(pairs.most), inf),
                      where=pairs.cost_eur > 0)  # fmt: skip
    low, high = 0.0, float(ratio[np.isfinite(ratio)].max(initial=1.0))
    for _ in range(14):
        middle = (low + high) / 2
        helped = greedy(pairs, pairs.worth - middle * pairs.cost_eur)
        low, high = (
            (low, middle) if float(pairs.cost_eur @ helped) <= budget_eur else (middle, high)
        )
    profit = pairs.worth - slack * high * pairs.cost_eur
    helped = greedy(pairs, profit)
    full = np.bincount(pairs.cell, helped, len(pairs.pool)) >= pairs.pool * (1 - 1e-9)
    last = np.full(len(pairs.pool), inf)
    np.minimum.at(last, pairs.cell[helped > 0], profit[helped > 0])
    price = np.where(full, last, 0.0)[pairs.cell]
    return np.asarray((profit > 0) & (profit >= 0.95 * price))
