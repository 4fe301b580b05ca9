"""Missing indicators filled in from other units; asked for by name, never by default."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, check_range, numbers, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

# Neighbours whose distances differ by rounding only are equally near.
_TIE = 1e-9
# Units compared with the base at once: bounds the memory.
_BLOCK = 256
# EM has settled when no mean or covariance of the standardised data moves by more than this.
_EM_TOLERANCE = 1e-9
_EM_STEPS_MAX = 10_000
# A covariance matrix of standardised data with a smaller eigenvalue is taken for singular.
_EIGENVALUE_MIN = 1e-8


def impute_mean(data: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.DataFrame:
    """Fill what is missing with the mean of the indicator.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    base : DataFrame, optional
        The units from which the means are learned; ``data`` when omitted.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged.

    Raises
    ------
    CompositeError
        An indicator with gaps has no value to learn from, or infinite ones; each is named.

    Notes
    -----
    Filled values are modelled: they draw the units with gaps to the middle and understate the
    spread.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; Little, R. and Rubin, D.
    (2002), Statistical Analysis with Missing Data, ch. 4.

    Examples
    --------
    >>> impute_mean(pd.DataFrame({"x": [1.0, None, 5.0, 6.0]}))["x"].tolist()
    [1.0, 4.0, 5.0, 6.0]
    """
    return _fill_with(data, base, _mean)


def impute_median(data: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.DataFrame:
    """Fill what is missing with the median of the indicator.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    base : DataFrame, optional
        The units from which the medians are learned; ``data`` when omitted.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged.

    Raises
    ------
    CompositeError
        An indicator with gaps has no value to learn from, or infinite ones; each is named.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3.

    Examples
    --------
    >>> impute_median(pd.DataFrame({"x": [1.0, None, 5.0, 6.0]}))["x"].tolist()
    [1.0, 5.0, 5.0, 6.0]
    """
    return _fill_with(data, base, _median)


def impute_group_mean(
    data: pd.DataFrame,
    groups: pd.Series,
    base: pd.DataFrame | None = None,
    base_groups: pd.Series | None = None,
) -> pd.DataFrame:
    """Fill what is missing with the mean of the indicator in the unit's group.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    groups : Series
        The group of each unit.
    base_groups : Series, optional
        The group of each unit of ``base``; found in ``groups`` when omitted.
    base : DataFrame, optional
        The units from which the means are learned; ``data`` when omitted.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged.

    Raises
    ------
    CompositeError
        A unit with gaps has no group, or no unit of its group has the indicator; each is named.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; Becker et al. (2022),
    COINr, Journal of Open Source Software 7(78), 4567 (``i_mean_grp``).

    Examples
    --------
    >>> data = pd.DataFrame({"x": [1.0, 3.0, None, 10.0, None]})
    >>> impute_group_mean(data, pd.Series(["a", "a", "a", "b", "b"]))["x"].tolist()
    [1.0, 3.0, 2.0, 10.0, 10.0]
    """
    return _fill_by_group(data, groups, base, base_groups, _mean)


def impute_group_median(
    data: pd.DataFrame,
    groups: pd.Series,
    base: pd.DataFrame | None = None,
    base_groups: pd.Series | None = None,
) -> pd.DataFrame:
    """Fill what is missing with the median of the indicator in the unit's group.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    groups : Series
        The group of each unit.
    base_groups : Series, optional
        The group of each unit of ``base``; found in ``groups`` when omitted.
    base : DataFrame, optional
        The units from which the medians are learned; ``data`` when omitted.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged.

    Raises
    ------
    CompositeError
        A unit with gaps has no group, or no unit of its group has the indicator; each is named.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; Becker et al. (2022),
    COINr, Journal of Open Source Software 7(78), 4567 (``i_median_grp``).

    Examples
    --------
    >>> data = pd.DataFrame({"x": [1.0, 2.0, 6.0, None]})
    >>> impute_group_median(data, pd.Series(["a"] * 4))["x"].tolist()
    [1.0, 2.0, 6.0, 2.0]
    """
    return _fill_by_group(data, groups, base, base_groups, _median)


def impute_nearest(
    data: pd.DataFrame, base: pd.DataFrame | None = None, neighbours: int = 5
) -> pd.DataFrame:
    r"""Fill what is missing with the mean of the nearest units on the other indicators.

    .. math:: d_{ik} = \sqrt{\frac{p}{|J_{ik}|} \sum_{j \in J_{ik}} (u_{ij} - u_{kj})^2}

    with :math:`u` the indicators over their standard deviation and :math:`J_{ik}` those that both
    units have, constant ones aside. The nearest are sought among the units that have the missing
    indicator.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    base : DataFrame, optional
        The units among which the nearest are sought and from which the standard deviations are
        learned; ``data`` when omitted.
    neighbours : int
        How many of the nearest units are averaged; all that are as near as the last one count.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged. The order of the rows does not
        matter.

    Raises
    ------
    CompositeError
        Fewer units than asked have the indicator and share another with the unit; each is named.

    References
    ----------
    Troyanskaya, O. et al. (2001), Missing value estimation methods for DNA microarrays,
    Bioinformatics 17(6), 520-525; Dixon, J. K. (1979), Pattern recognition with partly missing
    data, IEEE Transactions on Systems, Man, and Cybernetics 9, 617-621 (the distance).

    Examples
    --------
    >>> data = pd.DataFrame({"x": [1.0, 2.0, 9.0, 1.0], "y": [10.0, 20.0, 90.0, None]})
    >>> impute_nearest(data, neighbours=2)["y"].tolist()
    [10.0, 20.0, 90.0, 15.0]
    """
    check_range(neighbours=neighbours)
    learned = _learned(data, base)
    values, known = data.to_numpy(dtype=float), learned.to_numpy(dtype=float)
    deviations = np.array([_deviation(column) for column in known.T])
    useful = deviations > 0
    spread = deviations[useful]
    units, names = data.index.tolist(), data.columns.tolist()
    filled, problems = values.copy(), []
    gaps = np.flatnonzero(np.isnan(values).any(axis=1))
    for start in range(0, len(gaps), _BLOCK):
        rows = gaps[start : start + _BLOCK]
        scaled = values[rows][:, useful] / spread, known[:, useful] / spread
        for row, distance in zip(rows, _distances(*scaled), strict=True):
            for column in np.flatnonzero(np.isnan(values[row])):
                eligible = np.isfinite(distance) & ~np.isnan(known[:, column])
                if (count := int(eligible.sum())) < neighbours:
                    problems.append(
                        problem(
                            "few_neighbours",
                            unit=str(units[row]),
                            name=str(names[column]),
                            found=count,
                            neighbours=neighbours,
                        )
                    )
                    continue
                filled[row, column] = _mean_of_nearest(
                    distance[eligible], known[eligible, column], neighbours
                )
    if problems:
        raise CompositeError(*problems)
    return _like(data, filled)


def impute_em(data: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.DataFrame:
    r"""Fill what is missing with its mean given what the unit has, in a joint normal distribution.

    .. math:: \hat{x}_{mis} = \mu_{mis} + \Sigma_{mis,obs} \Sigma_{obs,obs}^{-1} (x_{obs} - \mu_{obs})

    with :math:`\mu` and :math:`\Sigma` of greatest likelihood given all that is observed, found by
    the EM algorithm.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit; skewed ones are better given as logarithms.
    base : DataFrame, optional
        The units from which means and covariances are learned; ``data`` when omitted.

    Returns
    -------
    DataFrame
        Same shape, without a gap; what was present is unchanged.

    Raises
    ------
    CompositeError
        Too few units, two indicators that no unit has together, an indicator that is constant or
        follows from others, or no convergence; named where it can be.

    Notes
    -----
    The conditional mean has no noise: it understates the spread, as every single imputation does. A
    unit without any value gets the means.

    References
    ----------
    Dempster, A., Laird, N. and Rubin, D. (1977), Maximum likelihood from incomplete data via the EM
    algorithm, Journal of the Royal Statistical Society B 39, 1-38; Schafer, J. L. (1997), Analysis
    of Incomplete Multivariate Data, Chapman & Hall, ch. 5; OECD/JRC (2008), Handbook on
    Constructing Composite Indicators, step 3.

    Examples
    --------
    Where only one indicator has gaps it is the regression on the other:

    >>> data = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 3.0, 2.0, None]})
    >>> impute_em(data)["y"].round(6).tolist()
    [1.0, 3.0, 2.0, 3.0]
    """
    learned = _learned(data, base)
    if not data.isna().any(axis=None):
        return data.copy()
    _check_em(learned)
    centre, scale = learned.mean().to_numpy(), learned.std(ddof=0).to_numpy()
    mean, covariance = _fit_normal((learned.to_numpy(dtype=float) - centre) / scale)
    values = (data.to_numpy(dtype=float) - centre) / scale
    filled, _ = _expected(values, mean, covariance)
    kept = data.to_numpy(dtype=float)
    return _like(data, np.where(np.isnan(kept), filled * scale + centre, kept))


def _mean(table: pd.DataFrame) -> pd.Series:
    return table.mean()


def _median(table: pd.DataFrame) -> pd.Series:
    return table.median()


def _learned(data: pd.DataFrame, base: pd.DataFrame | None) -> pd.DataFrame:
    """Return the units to learn from, refusing what nothing can be learned from."""
    learned = numbers(data) if base is None else numbers(base)
    problems = [
        problem("not_in_base", name=str(name)) for name in numbers(data) if name not in learned
    ]
    if not problems:
        learned = learned[list(data)].astype(float)
        lacking = data.columns[data.isna().any() & (learned.count() == 0)]
        problems += [problem("no_value", name=str(name)) for name in lacking]
    problems += [
        problem("infinite_values", name=str(name))
        for name in data
        if np.isinf(data[name]).any() or (name in learned and np.isinf(learned[name]).any())
    ]
    if problems:
        raise CompositeError(*problems)
    return learned


def _fill_with(
    data: pd.DataFrame,
    base: pd.DataFrame | None,
    learn: Callable[[pd.DataFrame], pd.Series],
) -> pd.DataFrame:
    typical = learn(_learned(data, base))
    return data.fillna(typical)


def _fill_by_group(
    data: pd.DataFrame,
    groups: pd.Series,
    base: pd.DataFrame | None,
    base_groups: pd.Series | None,
    learn: Callable[[pd.DataFrame], pd.Series],
) -> pd.DataFrame:
    learned = _learned(data, base)
    own = groups.reindex(data.index)
    theirs = (groups if base_groups is None else base_groups).reindex(learned.index)
    filled = data.copy()
    gaps = data.isna().any(axis=1)
    problems = [problem("ungrouped", unit=str(unit)) for unit in data.index[gaps & own.isna()]]
    for group in own[gaps].dropna().unique():
        table, members = learned[theirs == group], data[own == group]
        lacking = members.columns[members.isna().any() & (table.count() == 0)]
        problems += [problem("group_lacks", group=str(group), name=str(name)) for name in lacking]
        filled[own == group] = members.fillna(learn(table))
    if problems:
        raise CompositeError(*problems)
    return filled


def _like(data: pd.DataFrame, values: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(values, index=data.index, columns=data.columns)


def _deviation(column: FloatArray) -> float:
    """Return the standard deviation, 0 for less than two values or all alike."""
    # Summed in the order of the values: that of the rows cannot matter, not even by rounding.
    present = np.sort(column[~np.isnan(column)])
    if len(present) < 2 or present[0] == present[-1]:
        return 0.0
    return float(present.std())


def _mean_of_nearest(distances: FloatArray, values: FloatArray, neighbours: int) -> float:
    """Return the mean over the nearest; the sum is exact, whatever its order."""
    last = np.partition(distances, neighbours - 1)[neighbours - 1]
    nearest = values[distances <= last * (1 + _TIE)]
    return math.fsum(nearest) / len(nearest)


def _distances(units: FloatArray, base: FloatArray) -> FloatArray:
    """Return the distance of each unit to each of the base; infinite where they share nothing."""
    squares = np.zeros((len(units), len(base)))
    shared = np.zeros((len(units), len(base)), dtype=np.int32)
    for column in range(units.shape[1]):
        apart = units[:, column, None] - base[None, :, column]
        both = ~np.isnan(apart)
        shared += both
        squares += np.where(both, apart * apart, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        distances: FloatArray = np.sqrt(squares / shared * units.shape[1])
    distances[shared == 0] = np.inf
    return distances


def _check_em(learned: pd.DataFrame) -> None:
    """Refuse a base from which a joint distribution cannot be learned."""
    names = [str(name) for name in learned]
    few = learned.columns[learned.nunique() < 2]
    problems = [problem("few_values", name=str(name)) for name in few]
    units = int(learned.notna().any(axis=1).sum())
    if units <= len(names):
        problems.append(problem("few_units", units=units, indicators=len(names)))
    present = learned.notna().to_numpy(dtype=float)
    together = present.T @ present
    problems += [
        problem("never_together", name=names[j], other=names[k])
        for j in range(len(names))
        for k in range(j)
        if together[j, k] < 2
    ]
    if problems:
        raise CompositeError(*problems)


def _fit_normal(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and covariance of greatest likelihood (EM)."""
    values = values[~np.isnan(values).all(axis=1)]
    mean, covariance = np.zeros(values.shape[1]), np.eye(values.shape[1])
    for _ in range(_EM_STEPS_MAX):
        filled, uncertain = _expected(values, mean, covariance)
        centred = filled - filled.mean(axis=0)
        moved = filled.mean(axis=0), (centred.T @ centred + uncertain) / len(values)
        change = max(abs(moved[0] - mean).max(), abs(moved[1] - covariance).max())
        mean, covariance = moved
        if np.linalg.eigvalsh(covariance)[0] < _EIGENVALUE_MIN:
            raise CompositeError(problem("follows"))
        if change < _EM_TOLERANCE:
            return mean, covariance
    raise CompositeError(problem("em_steps", steps=_EM_STEPS_MAX))


def _expected(
    values: FloatArray, mean: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the values with their conditional means, and the sum of the conditional covariances.

    Units with the same gaps are done together.
    """
    filled = values.copy()
    uncertain = np.zeros_like(covariance)
    gaps = np.isnan(values)
    patterns, group = np.unique(gaps, axis=0, return_inverse=True)
    for at, missing in enumerate(patterns):
        if not missing.any():
            continue
        rows = np.flatnonzero(group.ravel() == at)
        seen = ~missing
        slopes = np.linalg.solve(covariance[np.ix_(seen, seen)], covariance[np.ix_(seen, missing)])
        filled[np.ix_(rows, missing)] = (
            mean[missing] + (values[np.ix_(rows, seen)] - mean[seen]) @ slopes
        )
        rest = covariance[np.ix_(missing, missing)] - covariance[np.ix_(missing, seen)] @ slopes
        uncertain[np.ix_(missing, missing)] += len(rows) * rest
    return filled, uncertain
