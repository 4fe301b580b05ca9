"""Households that stand in several groups, counted once: bounds and a central count of the union."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import floor

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Problem
from needs_analysis.needs.groups import in_words
from needs_analysis.needs.intervals import BOUNDS, Interval, assumption
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.needs.raking import brought
from needs_analysis.parameters import SHARE

Array = npt.NDArray[np.float64]
Pair = tuple[str, str]
_ROWS: Mapping[Pair, str] = {
    ("affordability", "eviction_order"): "need_overlap_affordability_eviction_order_share",
    ("affordability", "foreclosure"): "need_overlap_affordability_foreclosure_share",
    ("affordability", "street"): "need_overlap_affordability_street_share",
    ("eviction_order", "temporary_space"): "need_overlap_eviction_order_temporary_space_share",
}
_CLOSE, _STEPS = 1e-9, 300


@dataclass(frozen=True, eq=False)
class Distinct:
    """The union of some groups in one place.

    Parameters
    ----------
    low, central, high : float
        Households: the least and the most that the pairs allow, and the table of least assumptions.
    pairs : DataFrame
        By pair: `wanted` and `used` households in both, and whether it was `moved` to be possible.
    """

    low: float
    central: float
    high: float
    pairs: pd.DataFrame


def overlap_shares(
    groups: Sequence[str],
    given: Mapping[Pair, float] | None = None,
    overrides: Mapping[str, float] | None = None,
) -> dict[Pair, Interval]:
    """Return, by pair of groups, the share of the smaller that is in the larger too.

    Parameters
    ----------
    groups : sequence of str
        Their keys.
    given : mapping of (str, str) to float, optional
        Shares that the user knows, in either order of the pair, in the place of the parameters.
    overrides : mapping of str to float, optional
        A study's parameters.

    Raises
    ------
    NeedsError
        A pair of other groups, one that is given twice, or what is no share.

    Examples
    --------
    >>> overlap_shares(["affordability", "eviction_order"])
    {('affordability', 'eviction_order'): Interval(low=0.3, central=0.6, high=0.9)}
    """
    own: dict[frozenset[str], float] = {}
    found: list[Problem] = []
    for pair, share in (given or {}).items():
        one, other = pair
        key = frozenset(pair)
        if len(key) < 2 or not key <= set(groups):
            found.append(problem("pair_unknown", one=one, other=other, known=tuple(groups)))
        elif key in own:
            found.append(problem("pair_twice", one=one, other=other))
        elif SHARE.wrong("share", share):
            found.append(problem("share", name=f"{one}, {other}", found=share))
        own[key] = share
    if found:
        raise NeedsError(*found)
    rows = {frozenset(pair): name for pair, name in _ROWS.items()}
    shares = {}
    for pair in combinations(groups, 2):
        key = frozenset(pair)
        row = rows.get(key, "need_overlap_share")
        shares[pair] = Interval(*[own[key]] * 3) if key in own else assumption(row, overrides)
    return shares


def distinct(
    counts: pd.DataFrame,
    households: float,
    shares: Mapping[Pair, Interval],
    *,
    given: Sequence[Pair] = (),
) -> Distinct:
    r"""Return how many households are in at least one group of a place.

    With n_i the groups, m_ij the pairs, S1 and S2 their sums, k = 1 + floor(2 S2 / S1):

    .. math::
        \max\Big(\max_i n_i,\ \tfrac{2}{k+1} S_1 - \tfrac{2}{k(k+1)} S_2\Big)
        \le \Big|\bigcup_i\Big| \le \min\Big(\textstyle\sum_i n_i - \sum_{ij \in T} m_{ij},\ N\Big)

    with T the spanning tree of greatest weight.

    Parameters
    ----------
    counts : DataFrame, by group
        `low`, `central`, `high` households.
    households : float
        All there are in the place.
    shares : mapping of (str, str) to Interval
        Of :func:`overlap_shares`.
    given : sequence of (str, str)
        Pairs that the user gave: one of them that is impossible is an error, not moved.

    Returns
    -------
    Distinct
        max group <= central <= min(sum, households); with no overlap it is min(sum, households).

    Raises
    ------
    NeedsError
        Too many groups; a group over the households; a pair of the user's that no households can
        have.

    Notes
    -----
    Pairs that no set of households has are moved to the nearest that one has, in households summed
    over pairs (a linear programme). The central count rakes the table of all combinations from
    independence to the groups and the pairs.

    References
    ----------
    Dawson and Sankoff (1967), Proceedings of the AMS 18; Hunter (1976), Journal of Applied
    Probability 13.

    Examples
    --------
    >>> counts = pd.DataFrame(
    ...     {"low": [80.0, 10], "central": [100.0, 20], "high": [130.0, 40]},
    ...     index=["affordability", "eviction_order"],
    ... )
    >>> one = distinct(counts, 1000, overlap_shares(list(counts.index)))
    >>> one.low, one.central, one.high
    (81.0, 108.0, 158.0)
    """
    _checked(counts, households)
    held = counts[counts["high"] > 0].sort_index()
    if held.empty:
        return Distinct(0.0, 0.0, 0.0, _pair_table([], [], []))
    pairs = [*combinations(held.index, 2)]
    known = {frozenset(pair): share for pair, share in shares.items()}
    of = [known[frozenset(pair)] for pair in pairs]

    def possible(name: str, lean: str) -> tuple[Array, Array, Array]:
        sizes = np.minimum(held[name].to_numpy(dtype=float), households)
        wanted = _pair_counts(sizes, [getattr(one, lean) for one in of])
        return sizes, wanted, nearest_pairs(sizes, wanted, households)

    sizes, wanted, used = possible("central", "central")
    _refuse_moved(pairs, wanted, used, {frozenset(one) for one in given})
    central = _union(sizes, used, households)
    (least, _, fewest), (most, _, widest) = possible("low", "high"), possible("high", "low")
    return Distinct(
        min(union_bounds(least, fewest, households)[0], central), central,
        max(union_bounds(most, widest, households)[1], central), _pair_table(pairs, wanted, used),
    )  # fmt: skip


def _checked(counts: pd.DataFrame, households: float) -> None:
    most = int(parameters.value("need_groups_max"))
    found = [
        problem(
            "over_households", group=in_words(str(group)), count=float(count), households=households
        )
        for group, count in counts["central"].items()
        if count > households * (1 + _CLOSE)
    ]
    if len(counts) > most:
        found.insert(0, problem("too_many_groups", most=most, many=len(counts)))
    if found:
        raise NeedsError(*found)


def _pair_table(pairs: Sequence[Pair], wanted: Sequence[float] | Array,
                used: Sequence[float] | Array) -> pd.DataFrame:  # fmt: skip
    index = pd.MultiIndex.from_tuples(pairs, names=["one", "other"]) if pairs else None
    table = pd.DataFrame({"wanted": wanted, "used": used}, index=index, dtype=float)
    return table.assign(moved=moved(table["wanted"], table["used"]))


def moved(wanted: pd.Series, used: pd.Series) -> pd.Series:
    """Return which pairs of groups have other households than those that were wanted.

    Examples
    --------
    >>> moved(pd.Series([0.0, 12.0]), pd.Series([20.0, 12.0])).tolist()
    [True, False]
    """
    return (wanted - used).abs() > 1e-6 * (1 + wanted)


def _refuse_moved(pairs: Sequence[Pair], wanted: Array, used: Array,
              given: set[frozenset[str]]) -> None:  # fmt: skip
    table = _pair_table(pairs, wanted, used)
    found = [
        problem(
            "overlaps_infeasible", one=pair[0], other=pair[1], wanted=row.wanted, nearest=row.used
        )
        for pair, row in zip(pairs, table.itertuples(), strict=True)
        if row.moved and frozenset(pair) in given
    ]
    if found:
        raise NeedsError(*found)


def _pair_counts(sizes: Array, shares: Sequence[float]) -> Array:
    smaller = np.array([min(pair) for pair in combinations(sizes, 2)])
    return np.asarray(smaller * np.asarray(shares, dtype=float))


def _cells(groups: int) -> npt.NDArray[np.bool_]:
    """Return, by combination of groups, which it is in; the first is none."""
    return np.asarray(np.arange(2**groups)[:, None] >> np.arange(groups) & 1 == 1)


def nearest_pairs(sizes: Array, wanted: Array, households: float) -> Array:
    """Return the pairs nearest to some wanted ones that households can have.

    Parameters
    ----------
    sizes : ndarray, shape (groups,)
        Households in each.
    wanted : ndarray, shape (pairs,)
        Households in both, in the order of :func:`itertools.combinations`.
    households : float
        All there are.

    Returns
    -------
    ndarray, shape (pairs,)
        As wanted where that is possible.

    Examples
    --------
    >>> nearest_pairs(np.array([60.0, 60.0]), np.array([0.0]), 100.0).tolist()
    [20.0]
    """
    if len(sizes) <= 2:
        least = np.maximum(sizes.sum() - households, 0.0)
        return np.clip(wanted, least, sizes.min()) if len(wanted) else wanted
    from needs_analysis.solving import Ending, Model

    scale = float(sizes.max())
    inside = _cells(len(sizes))
    both = [inside[:, i] & inside[:, j] for i, j in combinations(range(len(sizes)), 2)]
    model = Model()
    cells, width = len(inside), len(inside) + 2 * len(both)
    cost = np.concatenate([np.zeros(cells), np.ones(2 * len(both))])
    for one in cost:
        model.addCol(one, 0.0, np.inf, 0, np.array([], dtype=np.int32), np.array([]))
    rows = [(np.ones(cells), households), *zip(inside.T.astype(float), sizes, strict=True)]
    for values, total in rows:
        at = np.flatnonzero(values).astype(np.int32)
        model.addRow(total / scale, total / scale, len(at), at, np.ones(len(at)))
    for number, (mask, target) in enumerate(zip(both, wanted, strict=True)):
        more = cells + 2 * number  # the pair, less what is over and more what is under, is wanted
        at = np.concatenate([np.flatnonzero(mask), [more, more + 1]]).astype(np.int32)
        values = np.concatenate([np.ones(int(mask.sum())), [-1.0, 1.0]])
        model.addRow(target / scale, target / scale, len(at), at, values)
    if (ending := model.answer()) != Ending.OPTIMAL:
        raise ArithmeticError(f"HiGHS: {ending}")
    found = np.array(model.getSolution().col_value[:width])
    if float(cost @ found) <= _CLOSE:
        return wanted
    return np.array([max(float(found[:cells][mask].sum()), 0.0) * scale for mask in both])


def union_bounds(sizes: Array, pairs: Array, households: float) -> tuple[float, float]:
    """Return the least and the most that a union can be, by Dawson and Sankoff and by Hunter.

    Parameters
    ----------
    sizes, pairs, households
        As :func:`nearest_pairs`, possible ones.

    Examples
    --------
    >>> union_bounds(np.array([60.0, 50.0, 40.0]), np.array([20.0, 10.0, 10.0]), 1000.0)
    (110.0, 120.0)
    """
    first, second = float(sizes.sum()), float(pairs.sum())
    if first == 0:
        return 0.0, 0.0
    k = 1 + floor(2 * second / first)
    least = 2 / (k + 1) * first - 2 / (k * (k + 1)) * second
    most = min(first - _tree(len(sizes), pairs), households)
    return min(max(float(sizes.max()), least), most), most


def _tree(groups: int, pairs: Array) -> float:
    """Return the weight of the spanning tree of greatest weight (Kruskal)."""
    edges = sorted(zip(pairs, combinations(range(groups), 2), strict=True), key=lambda one: -one[0])
    part = [*range(groups)]
    weight = 0.0
    for pair, (i, j) in edges:
        if part[i] != part[j]:
            weight += float(pair)
            part = [part[i] if one == part[j] else one for one in part]
    return weight


def two_unions(sizes: Mapping[str, Array], households: Array, share: Interval) -> dict[str, Array]:
    """Return the unions of two groups in many places: what :func:`distinct` gives, at once.

    Parameters
    ----------
    sizes : mapping of str to ndarray, shape (places, 2)
        `low`, `central`, `high`.
    households : ndarray, shape (places,)
        All there are.
    share : Interval
        Of the smaller in the larger.

    Returns
    -------
    dict of str to ndarray, shape (places,)
        `low`, `central`, `high`, and of the central ones `wanted` and `used` in both groups.

    Examples
    --------
    >>> both = np.array([[100.0, 20.0]])
    >>> sizes = {"low": both, "central": both, "high": both}
    >>> two_unions(sizes, np.array([1000.0]), Interval(0.3, 0.6, 0.9))["high"].tolist()
    [114.0]
    """
    found: dict[str, Array] = {}
    for name, lean in zip(BOUNDS, (share.high, share.central, share.low), strict=True):
        held = np.minimum(sizes[name], households[:, None])
        wanted = held.min(axis=1) * lean
        least = np.maximum(held.sum(axis=1) - households, 0.0)
        used = np.clip(wanted, least, held.min(axis=1))
        found[name] = held.sum(axis=1) - used
        if name == "central":
            found |= {"wanted": wanted, "used": used}
    return found | {
        "low": np.minimum(found["low"], found["central"]),
        "high": np.maximum(found["high"], found["central"]),
    }


def _union(sizes: Array, pairs: Array, households: float) -> float:
    least, most = union_bounds(sizes, pairs, households)
    if len(sizes) <= 2:
        union = float(sizes.sum() - pairs.sum())
    else:
        union = households - float(_raked(sizes, pairs, households).flat[0])
    return float(np.clip(union, least, most))


def _raked(sizes: Array, pairs: Array, households: float) -> Array:
    """Return the table of all combinations, from independence, with its groups and pairs."""
    table = np.array([households], dtype=float)
    for size in sizes:
        share = size / households
        table = np.multiply.outer(table, np.array([1 - share, share]))
    table = table[0]
    margins = []
    for pair, both in zip(combinations(range(len(sizes)), 2), pairs, strict=True):
        a, b = sizes[pair[0]] - both, sizes[pair[1]] - both
        none = households - a - b - both
        margins.append((pair, np.maximum(np.array([[none, b], [a, both]]), 0.0)))
    return brought(table, margins, tolerance=_CLOSE, steps=_STEPS)[0]
