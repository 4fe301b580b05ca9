"""Benefit of the doubt: each unit is scored with the weights that suit it best."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, numbers, problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from needs_analysis.solving import Model

    FloatArray = NDArray[np.float64]

# A unit at the frontier and a constraint that binds are recognised up to this.
_TOLERANCE = 1e-9
# Units that stand as constraints at once: the programme stays small, however many units there are.
_CONSTRAINTS_MAX = 120
_CONSTRAINTS_ADDED = 10
# A solution is refused when it misses its conditions by more than this, relative to the score.
_ROUNDING_MAX = 1e-6
# HiGHS does not run a programme with a figure above this.
_FIGURE_MAX = 1e15


class _Limits(NamedTuple):
    """Least and greatest share of each part in the score, and of each weight in their sum.

    `per_weight` takes a weight of the programme, whose parts reach 1, to one of the parts as given.
    """

    least: FloatArray
    most: FloatArray
    weight_least: FloatArray
    weight_most: FloatArray
    per_weight: FloatArray

    @property
    def of_shares(self) -> bool:
        return bool(self.least.any() or (self.most < 1).any())

    @property
    def of_weights(self) -> bool:
        return bool(self.weight_least.any() or (self.weight_most < 1).any())


@dataclass(frozen=True)
class BenefitOfDoubt:
    """Scores by benefit of the doubt, with the weights and the peers behind them.

    Attributes
    ----------
    scores : Series
        In (0, 1], 1 = no other unit does better under the unit's own weights; NaN where a part is
        missing, 0 where every part is 0.
    weights : DataFrame
        Of each unit, one column a part: the weighted sum of its parts is its score.
    peers : Series
        For each unit the labels of the units that reach 1 under its weights and hold its score
        down; a unit with score 1 is its own peer; empty without a score, and with one of 0.
    """

    scores: pd.Series
    weights: pd.DataFrame
    peers: pd.Series


def benefit_of_doubt(
    parts: pd.DataFrame,
    lower: float | Mapping[str, float] | None = None,
    upper: float | Mapping[str, float] | None = None,
    weight_lower: float | Mapping[str, float] | None = None,
    weight_upper: float | Mapping[str, float] | None = None,
) -> BenefitOfDoubt:
    r"""Score of each unit under the weights most favourable to it, no unit exceeding 1.

    .. math:: S_i = \max_{w \ge 0} \sum_j w_j z_{ij}
        \quad \text{with} \quad \sum_j w_j z_{kj} \le 1 \; \forall k
        \quad \text{and} \quad l_j \le \frac{w_j z_{ij}}{\sum_m w_m z_{im}} \le u_j,
        \quad L_j \le \frac{w_j}{\sum_m w_m} \le U_j

    Parameters
    ----------
    parts : DataFrame
        Normalised indicators, not negative, high values counting as high; one row a unit. The scale
        of a column does not matter, its zero does; under bounds on weights the scale matters too.
        Between bounds on shares every value must be positive: a part of 0 has no share in any score.
    lower, upper : float or mapping of str to float, optional
        Least and greatest share of each part in the unit's own score, one for all or by column;
        0 and 1 when omitted (Cherchye and others, 2008).
    weight_lower, weight_upper : float or mapping of str to float, optional
        Least and greatest share of each weight in the sum of the weights; 0 and 1 when omitted. The
        Handbook holds eight weights between 0.10 and 0.15 each.

    Returns
    -------
    BenefitOfDoubt
        Scores, weights and peers on the index of ``parts``. A unit with a missing part has no
        score and binds no other.

    Raises
    ------
    CompositeError
        A value is negative, infinite, or 0 between bounds, a part is 0 everywhere, or the shares
        cannot be kept; each column is named. Or bounds on shares and on weights exclude each other for
        a unit; or values of one part lie so many orders of magnitude apart that rounding spoils the
        solution.

    Notes
    -----
    Without bounds a unit may rest its score on one part and give the others no weight at all.
    The score is unique; where several weights reach it, one of them is given, the same in any order
    of the rows. Scores of units in different calls do not compare.

    References
    ----------
    Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T. (2007), An introduction to 'benefit
    of the doubt' composite indicators, Social Indicators Research 82, 111-145; Cherchye, L. et al.
    (2008), Creating composite indicators with DEA and robustness analysis, Journal of the Operational
    Research Society 59, 239-251; Melyn, W. and Moesen, W. (1991), Towards a synthetic indicator of
    macroeconomic performance, KU Leuven; OECD/JRC (2008), Handbook on Constructing Composite
    Indicators, step 6.

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [4.0, 1.0, 2.0], "b": [1.0, 4.0, 2.0]}, index=list("xyz"))
    >>> found = benefit_of_doubt(parts)
    >>> found.scores.round(3).tolist(), found.peers["z"]
    ([1.0, 1.0, 0.8], ('x', 'y'))
    >>> benefit_of_doubt(parts, lower=0.5).scores.round(3).tolist()
    [0.471, 0.471, 0.8]
    >>> benefit_of_doubt(parts, weight_lower=0.4).scores.round(3).tolist()
    [1.0, 1.0, 0.8]
    """
    if numbers(parts).shape[1] == 0:
        raise CompositeError(problem("no_part"))
    shares = _shares(parts.columns, lower=lower, upper=upper)
    of_weights = _shares(parts.columns, weight_lower=weight_lower, weight_upper=weight_upper)
    limits = _Limits(*shares, *of_weights, np.ones(parts.shape[1]))
    scored = _scorable(parts, bounded=limits.of_shares)
    complete = parts[scored].astype(float)
    scale = complete.max().to_numpy()
    limits = limits._replace(per_weight=scale.min() / scale)
    # Equal units are solved once, in the order of their values: that of the rows cannot matter.
    profiles, profile = np.unique(complete.to_numpy() / scale, axis=0, return_inverse=True)
    profile = profile.ravel()
    solved, binding = _solve(profiles, limits)
    reached = (solved * profiles).sum(axis=1)
    reached[reached > 1 - _TOLERANCE] = 1
    scores = pd.Series(np.nan, parts.index)
    scores[scored] = reached[profile]
    weights = pd.DataFrame(np.nan, parts.index, parts.columns)
    weights[scored] = solved[profile] / scale
    peers = pd.Series([()] * len(parts), parts.index, dtype=object)
    peers[scored] = _peers(complete.index, profile, reached, binding)
    return BenefitOfDoubt(scores, weights, peers)


def _shares(
    columns: pd.Index, **bounds: float | Mapping[str, float] | None
) -> tuple[FloatArray, FloatArray]:
    """Return the least and greatest share of each column, by the names of the two bounds."""
    problems, found = [], []
    first, last = bounds
    for (word, given), default in zip(bounds.items(), (0.0, 1.0), strict=True):
        if isinstance(given, Mapping):
            problems += [
                problem("share_of_no_part", bound=word, name=str(name))
                for name in given
                if name not in columns
            ]
            values = [float(given.get(name, default)) for name in columns]
        else:
            values = [default if given is None else float(given)] * len(columns)
        problems += [
            problem("share_range", bound=word, name=str(name), found=value)
            for name, value in zip(columns, values, strict=True)
            if not 0 <= value <= 1
        ]
        found.append(np.array(values))
    least, most = found
    problems += [
        problem("share_order", name=str(name), lower=first, upper=last)
        for name in columns[least > most]
    ]
    if least.sum() > 1 + _TOLERANCE:
        problems.append(problem("lower_sum", bound=first, total=float(least.sum())))
    if most.sum() < 1 - _TOLERANCE:
        problems.append(problem("upper_sum", bound=last, total=float(most.sum())))
    if problems:
        raise CompositeError(*problems)
    return least, most


def _scorable(parts: pd.DataFrame, *, bounded: bool) -> NDArray[np.bool_]:
    """Return which units have every part; refuse what has no place in a ratio of sums."""
    # A part of 0 has no share in the score: none could be kept at its least, or make up for others.
    beyond = parts <= 0 if bounded else parts < 0
    wrong = (beyond | np.isinf(parts.astype(float))).sum()
    kind = "benefit_not_positive" if bounded else "benefit_negative"
    outside = [f"{name} ({count})" for name, count in wrong.items() if count]
    if outside:
        raise CompositeError(problem(kind, names=outside))
    scored = parts.notna().all(axis=1).to_numpy()
    if not scored.any():
        raise CompositeError(problem("none_complete"))
    if empty := [str(name) for name in parts if not parts.loc[scored][name].any()]:
        raise CompositeError(problem("all_zero", names=empty))
    return scored


def _solve(units: FloatArray, limits: _Limits) -> tuple[FloatArray, list[list[int]]]:
    """Return the best weights of each unit and the units that bind them.

    Few units bind: each programme starts from those that bound the ones before and takes in those
    its solution breaks, until none is. The basis stays, so few simplex steps are needed.
    """
    model, peers_from = _programme(limits)
    weights = np.zeros_like(units)
    binding: list[list[int]] = [[] for _ in units]
    standing: list[int] = []
    _constrain(model, units, standing, sorted(set(units.argmax(axis=0).tolist())))
    for unit in np.argsort(-units.sum(axis=1), kind="stable").tolist():
        if not units[unit].any():
            break  # nothing to score by: the lowest score under any weights
        own = units[unit] / _within_reach(units, unit, limits)
        if not own.max() <= _FIGURE_MAX:
            raise CompositeError(problem("too_far_apart"))
        _aim(model, own, limits)
        if unit not in standing:
            _constrain(model, units, standing, [unit])
        while True:
            best, prices = _optimum(model, peers_from)
            if not limits.of_weights:
                best[own == 0] = 0  # such a weight moves only the others
            totals = units @ best
            totals_outside = totals.copy()
            totals_outside[standing] = 0
            broken = np.flatnonzero(totals_outside > 1 + _TOLERANCE)
            if not broken.size:
                break
            most = np.argsort(-totals_outside[broken], kind="stable")[:_CONSTRAINTS_ADDED]
            _constrain(model, units, standing, broken[most].tolist())
        if not totals.max() > 0:
            raise CompositeError(problem("bounds_apart"))
        weights[unit] = best / totals.max()
        _check(own * weights[unit], weights[unit] * limits.per_weight, prices, limits)
        binding[unit] = [standing[at] for at in np.flatnonzero(prices > _TOLERANCE * prices.max())]
        _release(model, peers_from, standing, prices)
    return weights, binding


def _within_reach(units: FloatArray, unit: int, limits: _Limits) -> float:
    """Return a score the unit reaches in any case, near the best: the unit of the programme.

    The shares that may still be given go to the parts it is best at. Under bounds on weights it is
    that of the weights that are most even, of the order of the best.
    """
    own, least, most = units[unit], limits.least, limits.most
    if limits.of_weights:
        even = np.clip(1 / len(own), limits.weight_least, limits.weight_most) / limits.per_weight
        return float(own @ even / (units @ even).max())
    order = np.argsort(-own, kind="stable")
    room = (most - least)[order]
    before = np.cumsum(room) - room
    shares = least.copy()
    shares[order] += np.clip(1 - least.sum() - before, 0, room)
    weights = np.divide(shares, own, out=np.zeros_like(own), where=shares > 0)
    return float(1 / (units @ weights).max())


def _check(points: FloatArray, weights: FloatArray, prices: FloatArray, limits: _Limits) -> None:
    """Refuse a solution that rounding has spoilt: score and prices must agree, bounds be kept."""
    score = points.sum()
    shares, parts = points / score, weights / weights.sum()
    broken = max(
        (limits.least - shares).max(),
        (shares - limits.most).max(),
        (limits.weight_least - parts).max(),
        (parts - limits.weight_most).max(),
        abs(prices.sum() / score - 1),
    )
    if not broken < _ROUNDING_MAX:
        raise CompositeError(problem("too_far_apart"))


def _programme(limits: _Limits) -> tuple[Model, int]:
    """Return the programme of a unit without its figures, and how many columns stand before peers.

    It is the dual one: as many rows as weights and one of the score, whose prices are the weights,
    however many units stand; the columns are the prices of what the score is, of the bounds of each
    share and each weight, and of the units. The fewer rows, the cheaper each run.
    """
    from needs_analysis.solving import Model

    model = Model(
        presolve="off",
        # A column more leaves the basis feasible: the primal method goes on from it. Cost and bounds
        # are not shifted against ties, which so small a programme does not need.
        simplex_strategy=4,
        primal_simplex_bound_perturbation_multiplier=0.0,
        primal_feasibility_tolerance=_TOLERANCE / 10,
        dual_feasibility_tolerance=_TOLERANCE / 10,
    )
    width = len(limits.least)
    none = np.array([], dtype=np.int32)
    for least in (*np.zeros(width), 1.0):
        model.addRow(least, np.inf, 0, none, none.astype(float))
    rows = np.arange(width + 1, dtype=np.int32)
    model.addCol(0.0, -np.inf, np.inf, width + 1, rows, np.append(np.ones(width), -1.0))
    for column, share, low, high in _bounded(limits.least, limits.most):
        pair = np.array([column, width], dtype=np.int32)
        model.addCol(0.0, low, high, 2, pair, np.array([1.0, -share]))
    for column, share, low, high in _bounded(limits.weight_least, limits.weight_most):
        figures = -share * limits.per_weight
        figures[column] += limits.per_weight[column]
        model.addCol(0.0, low, high, width, rows[:-1], figures)
    return model, model.getNumCol()


def _bounded(least: FloatArray, most: FloatArray) -> list[tuple[int, float, float, float]]:
    """Return part, share and the sides of the price of each bound that is more than none."""
    lower = [(int(j), float(least[j]), -np.inf, 0.0) for j in np.flatnonzero(least > 0)]
    return lower + [(int(j), float(most[j]), 0.0, np.inf) for j in np.flatnonzero(most < 1)]


def _aim(model: Model, unit: FloatArray, limits: _Limits) -> None:
    """Put the figures of the unit to score into the programme."""
    for part, value in enumerate(unit.tolist()):
        model.changeCoeff(part, 0, value)
    for column, (part, *_) in enumerate(_bounded(limits.least, limits.most), start=1):
        model.changeCoeff(part, column, float(unit[part]))


def _constrain(model: Model, units: FloatArray, standing: list[int], added: list[int]) -> None:
    """Let no total of the added units exceed 1."""
    width = units.shape[1]
    model.addCols(
        len(added),
        np.ones(len(added)),
        np.zeros(len(added)),
        np.full(len(added), np.inf),
        units[added].size,
        np.arange(len(added), dtype=np.int32) * width,
        np.tile(np.arange(width, dtype=np.int32), len(added)),
        units[added].ravel(),
    )
    standing += added


def _optimum(model: Model, peers_from: int) -> tuple[FloatArray, FloatArray]:
    """Return the weights of the best score and the price of each standing unit."""
    from needs_analysis.solving import Ending

    if (ending := model.answer()) is not Ending.OPTIMAL:
        # Once more without the basis of the programme before.
        model.clearSolver()
        ending = model.answer()
    # Each programme has an optimum: another ending is of rounding.
    if ending is not Ending.OPTIMAL:
        raise CompositeError(problem("too_far_apart"))
    solution = model.getSolution()
    weights = np.array(solution.row_dual[:-1])
    return weights.clip(min=0), np.array(solution.col_value[peers_from:]).clip(min=0)


def _release(model: Model, peers_from: int, standing: list[int], prices: FloatArray) -> None:
    """Let go of the units that have stood longest without binding, once there are many."""
    if len(standing) <= _CONSTRAINTS_MAX:
        return
    idle = np.flatnonzero(prices <= _TOLERANCE * prices.max())[
        : len(standing) - _CONSTRAINTS_MAX // 2
    ]
    model.deleteCols(len(idle), (idle + peers_from).astype(np.int32))
    for at in reversed(idle.tolist()):
        del standing[at]


def _peers(
    index: pd.Index, profile: NDArray[np.intp], scores: FloatArray, binding: list[list[int]]
) -> list[tuple[Hashable, ...]]:
    """Return for each unit the labels of its peers, in order."""
    members: list[list[Hashable]] = [[] for _ in binding]
    for label, row in zip(index, profile, strict=True):
        members[row].append(label)
    named = [
        tuple(sorted((one for row in rows for one in members[row]), key=str))
        for rows in ([own] if scores[own] == 1 else rows for own, rows in enumerate(binding))
    ]
    return [named[row] for row in profile]
