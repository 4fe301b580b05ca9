"""An integer programme over many pairs of a policy and a cell, solved with a proof of how good it is.

Most pairs are never worth their money: a programme of many is solved on those that may be, and what
is left out is priced with the duals of the relaxation until none of it could be worth anything. The
bound then is that of the whole programme.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

    from needs_analysis.solving import Basis, Model

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

GAP = 1e-4
"""How far from the best possible a choice may be, as a share of its worth, unless asked otherwise."""
_WHOLE_AT_ONCE = 2_000
"""Columns up to which a programme is solved as it is."""
_PROVED_WHOLE = 20_000
"""Columns up to which a choice is looked for among all, where the relaxation's is not whole; of more,
among those that it plays."""
_PRESOLVED_FROM = 10_000
"""Columns from which a relaxation is worth looking through before it is solved."""
_ROUNDS = 30
_ROUNDINGS = (0.5, 1 - 1e-6)
"""What is added to the whole columns of a relaxation before they are rounded down: nearest, then up."""
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Programme:
    """Maximise what columns are worth, under rows within sides.

    Parameters
    ----------
    worth : ndarray, shape (columns,)
        Of a unit of each.
    rows : sparse array, shape (rows, columns)
        What is used of each side.
    least, most : ndarray, shape (rows,)
        The sides.
    low, high : ndarray, shape (columns,)
        The bounds.
    whole : ndarray of bool, shape (columns,)
        Which take whole numbers only.
    needs : ndarray of int, shape (columns,)
        The column that must be 1 for this one to be more than nothing; -1 where none must.
    first : ndarray of bool, shape (columns,), optional
        Which to begin with, of many; by default all.
    """

    worth: FloatArray
    rows: sparse.csc_array
    least: FloatArray
    most: FloatArray
    low: FloatArray
    high: FloatArray
    whole: BoolArray
    needs: IntArray
    first: BoolArray | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of a programme.

    Parameters
    ----------
    amounts : ndarray, shape (columns,)
        What to choose.
    worth : float
        Of that.
    bound : float
        Nothing is worth more.
    played : ndarray of bool, shape (columns,)
        The columns that could be worth something.
    basis : solving.Basis, optional
        Of a relaxation: one that differs little is solved from it.
    """

    amounts: FloatArray
    worth: float
    bound: float
    played: BoolArray
    basis: Basis | None = None

    @property
    def gap(self) -> float:
        """Return how far below the bound it may be, as a share of its worth."""
        off = max(self.bound - self.worth, 0.0)
        return off / abs(self.worth) if self.worth else (inf if off > _TOLERANCE else 0.0)


def solve(programme: Programme, gap: float = GAP, nodes: int | None = None) -> Found | None:
    """Return what is worth most, within a gap; None where nothing fits the sides.

    Parameters
    ----------
    programme : Programme
        With a greatest worth: none is unbounded.
    gap : float
        Share of the worth.
    nodes : int, optional
        After how many of the search it is broken off: what was found then may be short of the gap.

    Raises
    ------
    NotRun, ArithmeticError
        HiGHS gave no answer.

    Examples
    --------
    Of three works that cost 5, 4 and 3 and are worth 10, 8 and 5, two fit into 8.

    >>> from scipy import sparse
    >>> one = np.ones(3)
    >>> works = Programme(
    ...     np.array([10.0, 8.0, 5.0]), sparse.csc_array([[5.0, 4.0, 3.0]]), -np.inf * one[:1],
    ...     8 * one[:1], 0 * one, one, one > 0, np.full(3, -1))
    >>> found = solve(works, 0.0)
    >>> found.amounts.tolist(), found.worth, found.gap
    ([1.0, 0.0, 1.0], 15.0, 0.0)
    """
    every = np.ones(len(programme.worth), dtype=bool)
    if len(every) <= _WHOLE_AT_ONCE or programme.first is None:
        return _chosen(programme, every, gap, nodes)
    relaxed = relaxation(programme)
    if relaxed is None:
        return None
    part = relaxed.amounts[programme.whole]
    if (np.abs(part - np.round(part)) <= _TOLERANCE).all():
        return relaxed
    for more in _ROUNDINGS:
        rounded = _rounded(programme, relaxed, more)
        if rounded is not None and rounded.gap <= gap:
            return rounded
    if len(every) <= _PROVED_WHOLE:
        return _chosen(programme, every, gap, nodes)
    # What was played alone; the bound is of all.
    found = _chosen(programme, relaxed.played, gap / 2, nodes)
    if found is None:
        return _chosen(programme, every, gap, nodes)
    return Found(found.amounts, found.worth, max(relaxed.bound, found.worth), relaxed.played)


def relaxation(programme: Programme, like: Found | None = None) -> Found | None:
    """Return what is worth most where nothing must be whole: no whole choice is worth more.

    Parameters
    ----------
    programme : Programme
        With a greatest worth.
    like : Found, optional
        Of a programme with the same rows and columns and other numbers.

    Notes
    -----
    A column that is left out is worth nothing at the duals of the optimum: worth - duals @ rows <= 0.
    The row by which it needs another column has no dual then, so that the duals are those of all.
    """
    every = np.ones(len(programme.worth), dtype=bool)
    played = every if programme.first is None else programme.first.copy()
    for _ in range(_ROUNDS):
        found, duals = _relaxed(programme, played, like)
        if found is None:
            if played.all():
                return None
            played = every
            continue
        priced = programme.worth - programme.rows.T @ duals
        more = (priced > _TOLERANCE * max(float(programme.worth.max()), 1.0)) & ~played
        if not more.any():
            return found
        played = played | more
    return _relaxed(programme, every)[0]


def _rounded(programme: Programme, relaxed: Found, more: float) -> Found | None:
    """Return the best choice with a relaxation's whole columns rounded; None where none fits.

    Money alone makes them fractions, few of many: what is left to search is often less than the gap.
    """
    held = np.floor(relaxed.amounts + more)
    low = np.where(programme.whole, held, programme.low)
    high = np.where(programme.whole, held, programme.high)
    found, _ = _relaxed(replace(programme, low=low, high=high), relaxed.played, relaxed)
    return None if found is None else replace(found, bound=max(relaxed.bound, found.worth))


def _relaxed(
    programme: Programme, played: BoolArray, like: Found | None = None
) -> tuple[Found | None, FloatArray]:
    model = _model(programme, played)
    model.setOptionValue("simplex_strategy", 1)  # dual: a price a row, from the first step on
    if played.sum() <= _PRESOLVED_FROM:
        model.setOptionValue("presolve", "off")
    if like is not None and like.basis is not None and (like.played == played).all():
        model.setBasis(like.basis)
    if not _optimal(model):
        return None, np.array([])
    solution = model.getSolution()
    duals = np.array(solution.row_dual[: programme.rows.shape[0]])
    found = _found(programme, played, np.array(solution.col_value), None)
    return replace(found, basis=model.getBasis()), duals


def _chosen(programme: Programme, played: BoolArray, gap: float, nodes: int | None) -> Found | None:
    """Return the best whole choice among some columns; the bound is of those."""
    whole = programme.whole[played]
    model = _model(programme, played)
    model.setOptionValue("mip_rel_gap", gap)
    model.setOptionValue("mip_abs_gap", 0.0)
    if nodes is not None:
        model.setOptionValue("mip_max_nodes", nodes)
    if whole.any():
        model.whole(whole)
    if not _optimal(model):
        return None
    bound = float(model.getInfo().mip_dual_bound) if whole.any() else None
    return _found(programme, played, np.array(model.getSolution().col_value), bound)


def _found(
    programme: Programme, played: BoolArray, values: FloatArray, bound: float | None
) -> Found:
    chosen = np.zeros(len(programme.worth))
    chosen[played] = values
    worth = float(programme.worth @ chosen)
    return Found(chosen, worth, worth if bound is None else max(bound, worth), played)


def _optimal(model: Model) -> bool:
    """Run a model and say whether there is a choice: the best, or what a search broken off has."""
    from needs_analysis.solving import Ending

    ending = model.answer()
    if ending is Ending.STOPPED:
        return bool(model.getSolution().value_valid)
    if ending not in (Ending.OPTIMAL, Ending.INFEASIBLE):
        raise ArithmeticError(f"a programme of policies ended {ending}")
    return ending is Ending.OPTIMAL


def _model(programme: Programme, played: BoolArray) -> Model:
    """Return the model of some columns: the rows, then a row for each column that needs another."""
    from scipy import sparse

    from needs_analysis.solving import maximising

    at = np.flatnonzero(played)
    place = np.cumsum(played) - 1
    needs = programme.needs[at]
    tied = np.flatnonzero(needs >= 0)
    entries = np.concatenate([np.ones(len(tied)), -programme.high[at][tied]])
    columns = np.concatenate([tied, place[needs[tied]]])
    links = sparse.csr_array(
        (entries, (np.tile(np.arange(len(tied)), 2), columns)), shape=(len(tied), len(at))
    )
    rows = sparse.vstack([programme.rows[:, at], links], format="csr")
    least = np.concatenate([programme.least, np.full(len(tied), -inf)])
    most = np.concatenate([programme.most, np.zeros(len(tied))])
    return maximising(
        programme.worth[at], rows, (least, most), (programme.low[at], programme.high[at]),
        primal_feasibility_tolerance=_TOLERANCE, mip_feasibility_tolerance=_TOLERANCE,
    )  # fmt: skip
