"""Which sites bring need nearest: a good choice, and a bound that no choice can be below.

Each unit is paid a price for being served, whichever site serves it. At any prices the sites that gain
most by them give a bound on the worth of every choice (the Lagrangian relaxation); prices move until
bound and choice meet, or hardly do any more. What no choice as good can do without, or have, follows
from the same prices: the programme that remains has few sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Marks = np.ndarray[Any, np.dtype[np.bool_]]

_SAME = 1e-9  # relative; a bound this near is met
_STEPS = 1_500  # prices change at most so often
_STALE = 15  # steps without a better bound, after which they grow shorter
_SHORTEST = 1e-4
_KEPT = 0.6  # of the direction of the step before


@dataclass(frozen=True, eq=False)
class Median:
    """The best choice found and what is known of all others.

    Attributes
    ----------
    chosen : ndarray of bool
        By site: open.
    worth, bound : float
        Cost of the choice, and what no choice can be below.
    possible, needed : ndarray of bool
        By site: open in some choice that is as good, open in every one.
    """

    chosen: Marks
    worth: float
    bound: float
    possible: Marks
    needed: Marks

    @property
    def proven(self) -> bool:
        """Return whether no choice is better."""
        return self.worth - self.bound <= _SAME * self.worth


def search(costs: Floats, fixed: Marks, count: int) -> Median:
    """Return the best choice found of sites, each unit being served at the least cost.

    Parameters
    ----------
    costs : ndarray, shape (units, sites)
        From 0.
    fixed : ndarray of bool
        Sites that are open in any case.
    count : int
        How many are open, these included; at least one.

    References
    ----------
    Cornuejols, G., Fisher, M. L. and Nemhauser, G. L. (1977), Location of bank accounts to optimize
    float, Management Science 23, 789-810; Beasley, J. E. (1993), Lagrangean heuristics for location
    problems, European Journal of Operational Research 65, 383-399; Teitz, M. B. and Bart, P. (1968),
    Heuristic methods for estimating the generalized vertex median of a weighted graph, Operations
    Research 16, 955-961.

    Examples
    --------
    >>> line = np.array([[0.0, 1.0, 4.0], [1.0, 0.0, 3.0], [4.0, 3.0, 0.0]])
    >>> found = search(line, np.zeros(3, dtype=bool), 1)
    >>> found.chosen.tolist(), found.worth, found.proven
    ([False, True, False], 4.0, True)
    """
    chosen, worth = _exchanged(costs, _one_by_one(costs, fixed, count), fixed)
    _, nearest, second = _two_nearest(costs, chosen)
    prices = np.where(np.isfinite(second), (nearest + second) / 2, nearest)
    best, bound, direction = prices, 0.0, np.zeros(len(costs))
    length, stale, tried = 1.0, 0, {chosen.tobytes()}
    for _ in range(_STEPS):
        gains, served, open_ = _relaxed(costs, prices, fixed, count)
        found = float(prices.sum() + gains[open_].sum())
        stale = 0 if found > bound + 1e-4 * (worth - bound) else stale + 1
        if found > bound:
            best, bound = prices, found
        if open_.tobytes() not in tried:
            tried.add(open_.tobytes())
            if float(costs[:, open_].min(axis=1).sum()) < worth:
                chosen, worth = _exchanged(costs, open_, fixed)
        if worth - bound <= _SAME * worth:
            break
        if stale == _STALE:
            length, stale, prices, direction = length / 1.5, 0, best, 0 * direction
        direction = 1.0 - served + _KEPT * direction
        square = float(direction @ direction)
        if length < _SHORTEST or square == 0:
            break
        step = length * (1.0005 * worth - found) / square
        prices = np.maximum(prices + step * direction, 0)
    return Median(chosen, worth, bound, *_told(costs, best, fixed, count, worth))


def _one_by_one(costs: Floats, fixed: Marks, count: int) -> Marks:
    """Open each time the site that saves most."""
    chosen = fixed.copy()
    nearest = costs[:, fixed].min(axis=1, initial=np.inf)
    for _ in range(count - int(fixed.sum())):
        sums = np.minimum(costs, nearest[:, None]).sum(axis=0)
        sums[chosen] = np.inf
        chosen[sums.argmin()] = True
        nearest = costs[:, chosen].min(axis=1)
    return chosen


def _exchanged(costs: Floats, chosen: Marks, fixed: Marks) -> tuple[Marks, float]:
    """Exchange one site for another, the best first, until no exchange saves anything."""
    chosen = chosen.copy()
    while True:
        open_, free = np.flatnonzero(chosen), np.flatnonzero(~chosen)
        nearest, one, two = _two_nearest(costs, chosen)
        worth = float(one.sum())
        if not free.size or fixed[open_].all():
            return chosen, worth
        kept = np.minimum(costs[:, free], one[:, None])
        # Who loses the nearest site goes to the second or to the new one, who keeps it to the nearer.
        lost = np.minimum(costs[:, free], two[:, None]) - kept
        change = np.zeros((len(open_), len(free)))
        order = np.argsort(nearest, kind="stable")
        losing, starts = np.unique(nearest[order], return_index=True)
        change[losing] = np.add.reduceat(lost[order], starts, axis=0)
        change += (kept - one[:, None]).sum(axis=0)
        change[fixed[open_]] = np.inf
        out, new = np.unravel_index(change.argmin(), change.shape)
        if change[out, new] >= -_SAME / 1000 * worth:
            return chosen, worth
        chosen[open_[out]], chosen[free[new]] = False, True


def _two_nearest(costs: Floats, chosen: Marks) -> tuple[np.ndarray, Floats, Floats]:
    """Return which of the open sites is the nearest of each unit, its cost, and the second's."""
    among = costs[:, chosen]
    nearest = among.argmin(axis=1)
    units = np.arange(len(costs))
    one = among[units, nearest]
    among[units, nearest] = np.inf
    return nearest, one, among.min(axis=1)


def _relaxed(
    costs: Floats, prices: Floats, fixed: Marks, count: int
) -> tuple[Floats, Floats, Marks]:
    """Return what each site gains by the prices, who serves each unit how often, who is open."""
    saved = np.minimum(costs - prices[:, None], 0)
    gains = saved.sum(axis=0)
    open_ = np.zeros(len(gains), dtype=bool)
    open_[np.argsort(np.where(fixed, -np.inf, gains), kind="stable")[:count]] = True
    return gains, np.count_nonzero(saved[:, open_], axis=1).astype(float), open_


def _told(
    costs: Floats, prices: Floats, fixed: Marks, count: int, worth: float
) -> tuple[Marks, Marks]:
    """Return which sites may be open in a choice worth as much, and which must be."""
    gains, _, open_ = _relaxed(costs, prices, fixed, count)
    spare = worth * (1 + _SAME) - float(prices.sum() + gains[open_].sum())
    moved = open_ & ~fixed
    last = gains[moved].max(initial=-np.inf)
    next_ = gains[~open_].min(initial=np.inf)
    possible = open_ | (gains - last <= spare)
    needed = fixed | (open_ & (next_ - gains > spare))
    return possible, needed
