"""Units compared pair by pair: how many parts speak for the one and how many for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, numbers, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

# Units compared with all others at once: bounds the memory of thousands of units.
_BLOCK = 32
# Sums of weights that differ by less are equal: the rest is rounding.
_TIE = 1e-9
# What 16 bits hold.
_WHOLE_MAX = 2**15 - 1
# The exact median ranking goes over all subsets: 2 ** 12 of them are quick.
KEMENY_UNITS_MAX = 12


def outranking_matrix(parts: pd.DataFrame, weights: pd.Series | None = None) -> pd.DataFrame:
    r"""Weight of the parts in which the unit of the row is above the unit of the column.

    .. math:: e_{ik} = \sum_j w_j \left( [z_{ij} > z_{kj}] + \tfrac{1}{2} [z_{ij} = z_{kj}] \right)

    Parameters
    ----------
    parts : DataFrame
        Normalised parts, high values counting as high; one row a unit.
    weights : Series, optional
        Weight of each part, brought to a sum of 1; equal when omitted.

    Returns
    -------
    DataFrame
        Square, 0-1; a pair adds up to 1 and the diagonal is 0. Units with a missing part are
        compared with none: NaN. It takes 8 bytes a pair, 500 MB for 7,904 units.

    Raises
    ------
    CompositeError
        Weights that are missing, negative, infinite or all zero, or of no part; each is named.

    References
    ----------
    Munda, G. and Nardo, M. (2009), Noncompensatory/nonlinear composite indicators for ranking
    countries: a defensible setting, Applied Economics 41, 1513-1523; OECD/JRC (2008), Handbook on
    Constructing Composite Indicators, step 7; Becker et al. (2022), COINr, Journal of Open Source
    Software 7(78), 4567 (``outrankMatrix``).

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [3.0, 2.0], "b": [1.0, 1.0]}, index=["x", "y"])
    >>> outranking_matrix(parts).to_numpy().tolist()
    [[0.0, 0.75], [0.25, 0.0]]
    """
    ranks, shares, complete = _ranked(parts, weights)
    matrix = np.full((len(parts), len(parts)), np.nan)
    places = np.flatnonzero(complete)
    for start, net in _net_support(ranks, shares):
        matrix[np.ix_(places[start : start + len(net)], places)] = (1 + net) / 2
    matrix[places, places] = 0
    return pd.DataFrame(matrix, index=parts.index, columns=parts.index)


def copeland(parts: pd.DataFrame, weights: pd.Series | None = None) -> pd.Series:
    r"""Pairwise comparisons won less those lost (Copeland's rule).

    .. math:: C_i = \sum_{k \ne i} \operatorname{sign}(e_{ik} - e_{ki})

    with :math:`e` the outranking matrix: a comparison is won with more than half the weight.

    Parameters
    ----------
    parts : DataFrame
        Normalised parts, high values counting as high; one row a unit.
    weights : Series, optional
        Weight of each part, brought to a sum of 1; equal when omitted.

    Returns
    -------
    Series
        A whole number from -(n - 1) to n - 1, highest = above most others; NaN where a part is
        missing. The scores add up to 0.

    Raises
    ------
    CompositeError
        Weights that are missing, negative, infinite or all zero, or of no part; each is named.

    Notes
    -----
    Only the order of the units in each part counts, so no part makes up for another by its size
    and there are no contributions. A unit more or less can change the order of others.

    References
    ----------
    Copeland, A. H. (1951), A 'reasonable' social welfare function, University of Michigan; Munda,
    G. and Nardo, M. (2009), Applied Economics 41, 1513-1523; OECD/JRC (2008), Handbook on
    Constructing Composite Indicators, step 7. ``a_copeland`` of COINr sums the matrix itself, which
    orders the units by their weighted mean rank (Borda's rule); here it is won less lost, as
    Copeland and the Handbook have it.

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [3, 2, 1], "b": [3, 1, 2], "c": [1, 3, 2]}, index=list("xyz"))
    >>> copeland(parts).to_dict()
    {'x': 2.0, 'y': 0.0, 'z': -2.0}
    """
    ranks, shares, complete = _ranked(parts, weights)
    scores = np.full(len(parts), np.nan)
    scores[complete] = _won_less_lost(ranks, shares)
    return pd.Series(scores, index=parts.index, name="copeland_score")


def kemeny(parts: pd.DataFrame, weights: pd.Series | None = None) -> pd.Series:
    r"""Place of each unit in the ranking that agrees most with all parts (Kemeny's median ranking).

    .. math:: \max_{\pi} \sum_{i \text{ before } k \text{ in } \pi} e_{ik}

    over all orders of the units, with :math:`e` the outranking matrix.

    Parameters
    ----------
    parts : DataFrame
        Normalised parts, high values counting as high; one row a unit.
    weights : Series, optional
        Weight of each part, brought to a sum of 1; equal when omitted.

    Returns
    -------
    Series
        1 = highest. Where several orders agree equally, the mean place over all of them, so that
        units nothing tells apart share a place; NaN where a part is missing.

    Raises
    ------
    CompositeError
        More than ``KEMENY_UNITS_MAX`` units: the exact search doubles with each; or weights that
        cannot be.

    References
    ----------
    Kemeny, J. (1959), Mathematics without numbers, Daedalus 88, 577-591; Young, H. P. (1988),
    Condorcet's theory of voting, American Political Science Review 82, 1231-1244; Munda, G. and
    Nardo, M. (2009), Applied Economics 41, 1513-1523; OECD/JRC (2008), Handbook on Constructing
    Composite Indicators, step 7.

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [3, 2, 1], "b": [3, 1, 2], "c": [1, 3, 2]}, index=list("xyz"))
    >>> kemeny(parts).to_dict()
    {'x': 1.0, 'y': 2.0, 'z': 3.0}
    """
    scored = numbers(parts)[parts.notna().all(axis=1)]
    if len(scored) > KEMENY_UNITS_MAX:
        raise CompositeError(problem("kemeny_units", found=len(scored), most=KEMENY_UNITS_MAX))
    places = np.full(len(parts), np.nan)
    support = outranking_matrix(scored, weights).to_numpy()
    places[parts.notna().all(axis=1).to_numpy()] = _mean_places(support)
    return pd.Series(places, index=parts.index, name="kemeny_rank")


def _ranked(
    parts: pd.DataFrame, weights: pd.Series | None
) -> tuple[NDArray[np.int32], FloatArray, NDArray[np.bool_]]:
    """Return the ranks of the complete units by part, the weights and which units are complete."""
    if numbers(parts).shape[1] == 0:
        raise CompositeError(problem("no_part"))
    given = pd.Series(1.0, index=parts.columns) if weights is None else weights.astype(float)
    strange = [str(name) for name in given.index if name not in parts]
    problems = [problem("weight_of_no_part", name=name) for name in strange]
    given = given.reindex(parts.columns)
    wrong = given.index[~(np.isfinite(given) & (given >= 0))]
    if len(wrong):
        problems.append(problem("weights_missing", names=tuple(map(str, wrong))))
    if not problems and given.sum() == 0:
        problems.append(problem("weights_sum", names=tuple(map(str, given.index))))
    if problems:
        raise CompositeError(*problems)
    complete = parts.notna().all(axis=1).to_numpy()
    ranks: NDArray[np.int32] = parts[complete].rank(method="dense").to_numpy(dtype=np.int32)
    shares = np.asarray(given / given.sum(), dtype=np.float64)
    return ranks, shares, complete


def _net_support(ranks: NDArray[np.int32], shares: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Yield, block by block, the weight for the unit of the row less that against it."""
    for start in range(0, len(ranks), _BLOCK):
        rows = ranks[start : start + _BLOCK]
        net = np.zeros((len(rows), len(ranks)))
        side, weighed = np.empty(net.shape, dtype=np.int32), np.empty_like(net)
        for column, share in enumerate(shares):
            np.subtract(rows[:, column, None], ranks[None, :, column], out=side)
            np.multiply(np.sign(side, out=side), share, out=weighed)
            net += weighed
        yield start, net


def _won_less_lost(ranks: NDArray[np.int32], shares: FloatArray) -> NDArray[np.int64]:
    """Return the comparisons that each unit wins less those it loses.

    Who wins is told by whole weights in 16 bits, each pair once and in the same memory throughout;
    pairs so near to a tie that rounding the weights might tell them otherwise are counted exactly.
    """
    units = len(ranks)
    whole, doubtful = _whole_weights(shares)
    columns = np.ascontiguousarray(ranks.T, dtype=np.int16 if units < _WHOLE_MAX else np.int32)
    scores = np.zeros(units, dtype=np.int64)
    sides, sums = np.empty((2, _BLOCK * units), dtype=columns.dtype)
    for start in range(0, units, _BLOCK):
        own = slice(start, min(start + _BLOCK, units))
        shape = own.stop - start, units - start
        side, net = (one[: shape[0] * shape[1]].reshape(shape) for one in (sides, sums))
        net.fill(0)
        for column, weight in zip(columns, whole, strict=True):
            np.subtract(column[own, None], column[start:], out=side)
            np.sign(side, out=side)
            np.multiply(side, weight, out=side)
            np.add(net, side, out=net)
        near = np.nonzero(np.abs(net, out=side) <= doubtful) if doubtful >= 0 else None
        np.sign(net, out=net)
        if near is not None:
            one, other = near
            exact = np.sign(ranks[one + start] - ranks[other + start]) @ shares
            net[near] = np.sign(np.where(np.abs(exact) > _TIE, exact, 0))
        scores[own] += net.sum(axis=1, dtype=np.int64)
        scores[own.stop :] -= net[:, shape[0] :].sum(axis=0, dtype=np.int64)
    return scores


def _whole_weights(shares: FloatArray) -> tuple[NDArray[np.int16], float]:
    """Return weights as whole numbers, and up to which sum they leave a comparison in doubt.

    Equal weights and others in a simple ratio become whole exactly: no sum is in doubt then (-1).
    """
    least = shares[shares > 0].min()
    for scale in (*np.arange(1, 21) / least, _WHOLE_MAX - len(shares)):
        whole = np.rint(shares * scale)
        off = float(np.abs(whole - shares * scale).sum())
        exact = off < _TIE / 10 * scale
        if whole.sum() <= _WHOLE_MAX and exact:
            break
    return whole.astype(np.int16), -1.0 if exact else off + _TIE * scale


def _mean_places(support: FloatArray) -> FloatArray:
    """Return the mean place of each unit over the orders with the greatest support.

    A subset of the units, as bits of a number, takes the first places: what its best order gains
    does not depend on how the rest is ordered. Counting the best orders up to each subset and from
    it on says in how many of them a unit follows it.
    """
    count = len(support)
    everyone = (1 << count) - 1
    # gain[unit, subset]: support for all of the subset against the unit.
    gain = np.zeros((count, 1 << count))
    for unit in range(count):
        for subset in range(1, 1 << count):
            low = (subset & -subset).bit_length() - 1
            gain[unit, subset] = gain[unit, subset & (subset - 1)] + support[low, unit]
    best, orders = [0.0] * (1 << count), [0] * (1 << count)
    orders[0] = 1
    for subset in range(1, 1 << count):
        last = [unit for unit in range(count) if subset >> unit & 1]
        reached = [best[subset ^ 1 << u] + gain[u, subset ^ 1 << u] for u in last]
        best[subset] = max(reached)
        orders[subset] = sum(
            orders[subset ^ 1 << unit]
            for unit, value in zip(last, reached, strict=True)
            if value > best[subset] - _TIE
        )
    places = np.zeros(count)
    onward = [0] * (1 << count)
    onward[everyone] = 1
    for subset in range(everyone, 0, -1):
        if not onward[subset]:
            continue
        for unit in range(count):
            before = subset ^ 1 << unit
            if subset >> unit & 1 and best[before] + gain[unit, before] > best[subset] - _TIE:
                onward[before] += onward[subset]
                places[unit] += orders[before] * onward[subset] * subset.bit_count()
    return places / orders[everyone]
