"""The best that money buys where nothing must be whole: a concave curve, known at each of its kinks.

What must be opened is paid by the household: a fixed cost over all that it could help, a unit over
those it holds. No whole choice is worth more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.policies.pairs import Pairs
from needs_analysis.policies.programme import FloatArray, IntArray

_SAME = 1e-12
_AT_ONCE = 4_000_000
"""Numbers held at once while cells are gone through."""


def folded_cost(pairs: Pairs) -> FloatArray:
    """Return what a helped household costs with its part of what must be opened for it.

    Notes
    -----
    An opening helps no more than `most`, a unit no more than it is filled with: of any whole choice the
    parts add up to no more than what is really paid.
    """
    own = pairs.openings
    fixed = np.divide(own.fixed_eur, own.most, out=np.zeros_like(own.most), where=own.most > 0)
    unit = np.divide(own.unit_eur, own.filled, out=np.zeros_like(own.most),
                     where=own.in_units & (own.most > 0))  # fmt: skip
    return np.asarray(pairs.cost_eur + (fixed + unit)[pairs.opening])


def kinks(pairs: Pairs) -> pd.DataFrame:
    r"""Return the whole curve of the relaxation: budget, worth, and what the next euro is worth.

    Parameters
    ----------
    pairs : Pairs
        What can be chosen.

    Returns
    -------
    DataFrame
        `budget_eur` and `worth`, both growing from the first row (nothing spent) on, and
        `worth_per_eur` of the stretch that ends there; the last is what more money does not change.

    Notes
    -----
    At a price :math:`\lambda` of money each cell helps those with the greatest
    :math:`w_p - \lambda k_p`, as long as it is above 0 and households are left. That changes only
    where two policies, or one and nothing, are worth the same:
    :math:`\lambda = (w_p - w_q) / (k_p - k_q)`. Between those prices lies a vertex of the curve, and
    its slope at each is the price itself.
    """
    cost, worth = folded_cost(pairs), pairs.worth
    parts = [_steps(pairs, cost, worth, *group) for group in _by_count(pairs)]
    price, spent = (np.concatenate([part[at] for part in parts] or [np.zeros(0)]) for at in (0, 1))
    order = np.argsort(-price, kind="stable")
    price, spent = price[order], spent[order]
    whole = float(spent.sum())
    kept = spent > _SAME * max(whole, 1.0)
    price, spent = price[kept], spent[kept]
    last = np.append(price[1:] != price[:-1], True) if len(price) else np.zeros(0, dtype=bool)
    budget = np.cumsum(spent)[last]
    gained = np.cumsum(spent * price)[last]
    return pd.DataFrame({
        "budget_eur": np.append(0.0, budget), "worth": np.append(0.0, gained),
        "worth_per_eur": np.append(price[:1] if len(price) else 0.0, price[last]),
    })  # fmt: skip


def worth_at(curve: pd.DataFrame, budgets: FloatArray) -> FloatArray:
    """Return the worth of the relaxation at some budgets, of its kinks."""
    return np.asarray(np.interp(budgets, curve["budget_eur"], curve["worth"]))


def _by_count(pairs: Pairs) -> list[tuple[IntArray, int]]:
    """Return the pairs of the cells that have as many policies, in order, a cell after the other."""
    many = np.bincount(pairs.cell, minlength=len(pairs.pool))
    order = np.lexsort((pairs.policy, pairs.cell))
    found = []
    for count in np.unique(many[many > 0]):
        rows = order[many[pairs.cell[order]] == count]
        step = max(_AT_ONCE // (int(count) ** 3), 1) * int(count)
        found += [(rows[at : at + step], int(count)) for at in range(0, len(rows), step)]
    return found


def _steps(
    pairs: Pairs, cost: FloatArray, worth: FloatArray, rows: IntArray, count: int
) -> tuple[FloatArray, FloatArray]:
    """Return the prices at which cells change what they do, and what they spend more there."""
    k, w, m = (values[rows].reshape(-1, count) for values in (cost, worth, pairs.most))
    pool = pairs.pool[pairs.cell[rows]].reshape(-1, count)[:, 0]
    first, second = np.triu_indices(count, 1)
    up = np.hstack([w, w[:, first] - w[:, second]])
    down = np.hstack([k, k[:, first] - k[:, second]])
    price = np.divide(up, down, out=np.zeros_like(up), where=down != 0)
    price = np.sort(np.where(price > 0, price, 0.0), axis=1)[:, ::-1]
    below = np.hstack([price[:, 1:], np.zeros((len(k), 1))])
    between = (price + below) / 2  # after each price: what is done from it down to the next
    profit = w[:, None, :] - between[:, :, None] * k[:, None, :]
    order = np.argsort(-profit, axis=2, kind="stable")
    most = np.take_along_axis(np.broadcast_to(m[:, None, :], profit.shape), order, 2)
    most = np.where(np.take_along_axis(profit, order, 2) > 0, most, 0.0)
    left = pool[:, None, None] - (np.cumsum(most, axis=2) - most)
    helped = np.clip(np.minimum(most, left), 0.0, None)
    spent = (
        helped * np.take_along_axis(np.broadcast_to(k[:, None, :], profit.shape), order, 2)
    ).sum(2)
    more = np.diff(spent, axis=1, prepend=0.0)
    return price.ravel(), np.where(price > 0, more, 0.0).ravel()
