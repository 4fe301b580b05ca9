"""From parts on one scale to a score, and back to what each part contributed.

Every aggregation takes the parts (one row a unit, one column a part) and their weights, which are
taken in proportion, and returns one score a unit: NaN where a part is missing. What each part
contributed adds up to the score, exactly.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, check_range, numbers, problem

Weights = Mapping[str, float] | pd.Series


def arithmetic_mean(parts: pd.DataFrame, weights: Weights | None = None) -> pd.Series:
    r"""Weighted mean: a high part makes up for a low one, fully.

    .. math:: M = \sum_j w_j z_j

    Parameters
    ----------
    parts : DataFrame
        Normalised indicators or component scores; one row a unit.
    weights : mapping or Series, optional
        One for each part, taken in proportion; equal when omitted.

    Returns
    -------
    Series
        NaN where any part is missing.

    Raises
    ------
    CompositeError
        A part without weight, a negative weight, or weights that sum to zero.

    Examples
    --------
    >>> arithmetic_mean(pd.DataFrame({"a": [1.0], "b": [4.0]}), {"a": 2, "b": 1}).tolist()
    [2.0]
    """
    return arithmetic_contributions(parts, weights).sum(axis=1, skipna=False)


def arithmetic_contributions(parts: pd.DataFrame, weights: Weights | None = None) -> pd.DataFrame:
    """Split a weighted mean over its parts: the weight times the part.

    Examples
    --------
    >>> arithmetic_contributions(pd.DataFrame({"a": [1.0], "b": [4.0]})).iloc[0].tolist()
    [0.5, 2.0]
    """
    return parts * shares(parts, weights)


def geometric_mean(parts: pd.DataFrame, weights: Weights | None = None) -> pd.Series:
    r"""Weighted geometric mean: a low part is made up for only in part.

    .. math:: G = \prod_j z_j^{w_j}

    Parameters
    ----------
    parts, weights
        As in :func:`arithmetic_mean`; no part may be negative. A part of zero with a weight makes the
        score zero.

    Raises
    ------
    CompositeError
        A part is negative, named.

    References
    ----------
    OECD/JRC (2008), step 6; UNDP, Human Development Report, technical note 1.

    Examples
    --------
    >>> geometric_mean(pd.DataFrame({"a": [1.0], "b": [4.0]})).tolist()
    [2.0]
    """
    _not_below_zero(parts, "geometric")
    share = shares(parts, weights)
    weighted = _logarithm(_counted(parts, share)) * share
    return pd.Series(np.exp(weighted.sum(axis=1, skipna=False)), index=parts.index)


def geometric_contributions(parts: pd.DataFrame, weights: Weights | None = None) -> pd.DataFrame:
    r"""Split a geometric mean over its parts by logarithms around their arithmetic mean.

    .. math:: c_j = w_j \left(M + L(G, M)\,\ln\frac{z_j}{M}\right), \qquad
              L(G, M) = \frac{G - M}{\ln G - \ln M}

    A score of zero is nobody's contribution.

    References
    ----------
    Ang, B. W. (2015), LMDI decomposition approach, Energy Policy 86, 233-238, for the logarithmic mean.

    Examples
    --------
    >>> split = geometric_contributions(pd.DataFrame({"a": [1.0], "b": [4.0]}))
    >>> split.sum(axis=1).tolist()
    [2.0]
    """
    score = geometric_mean(parts, weights)
    share = shares(parts, weights)
    mean = (parts * share).sum(axis=1, skipna=False)
    positive = score > 0
    ratio = pd.Series(np.log((score / mean).where(positive)), index=parts.index)
    # Where all parts are alike the two means are one, and so is the logarithmic mean.
    between = ((score - mean) / ratio.where(ratio.abs() > 1e-12)).fillna(mean.where(positive))
    inner = _logarithm(_counted(parts, share).div(mean, axis=0)).mul(between, axis=0)
    split = inner.add(mean, axis=0) * share
    zero = (score == 0).to_numpy()[:, None] & parts.notna().to_numpy()
    return split.mask(zero, 0.0)


def harmonic_mean(parts: pd.DataFrame, weights: Weights | None = None) -> pd.Series:
    r"""Weighted harmonic mean: the lowest part weighs most.

    .. math:: H = \left(\sum_j w_j / z_j\right)^{-1}

    Raises
    ------
    CompositeError
        A part is negative, named.

    Examples
    --------
    >>> harmonic_mean(pd.DataFrame({"a": [1.0], "b": [4.0]})).tolist()
    [1.6]
    """
    _not_below_zero(parts, "harmonic")
    share = shares(parts, weights)
    counted = _counted(parts, share)
    zero = (counted == 0).any(axis=1) & parts.notna().all(axis=1)
    inverse = (1 / counted.where(counted > 0)) * share
    return (1 / inverse.sum(axis=1, skipna=False)).mask(zero, 0.0)


def harmonic_contributions(parts: pd.DataFrame, weights: Weights | None = None) -> pd.DataFrame:
    r"""Split a harmonic mean over its parts.

    .. math:: c_j = w_j \left(M + H\,\frac{z_j - M}{z_j}\right)

    A score of zero is nobody's contribution.

    Examples
    --------
    >>> split = harmonic_contributions(pd.DataFrame({"a": [1.0], "b": [4.0]}))
    >>> split.sum(axis=1).tolist()
    [1.6]
    """
    score = harmonic_mean(parts, weights)
    share = shares(parts, weights)
    mean = (parts * share).sum(axis=1, skipna=False)
    known = _counted(parts, share).where(score > 0)
    split = (parts.sub(mean, axis=0) / known).mul(score, axis=0).add(mean, axis=0) * share
    zero = (score == 0).to_numpy()[:, None] & parts.notna().to_numpy()
    return split.mask(zero, 0.0)


def power_mean(
    parts: pd.DataFrame, weights: Weights | None = None, exponent: float = 3.0
) -> pd.Series:
    r"""Weighted mean of order p: the higher p, the more the highest parts weigh.

    .. math:: P = \left(\sum_j w_j z_j^p\right)^{1/p}

    Parameters
    ----------
    parts, weights
        As in :func:`arithmetic_mean`; no part may be negative.
    exponent : float
        The order p, above 0: 1 is the arithmetic mean. Order 0 is :func:`geometric_mean`, -1
        :func:`harmonic_mean`.

    Raises
    ------
    CompositeError
        A part is negative, named, or the order is not above 0.

    References
    ----------
    UNDP (1997), Human Development Report, technical note 1: the Human Poverty Index, of order 3.

    Examples
    --------
    >>> power_mean(pd.DataFrame({"a": [1.0], "b": [7.0]}), exponent=2).tolist()
    [5.0]
    """
    check_range(exponent=exponent)
    _not_below_zero(parts, "power")
    summed = (parts**exponent * shares(parts, weights)).sum(axis=1, skipna=False)
    return summed ** (1 / exponent)


def power_contributions(
    parts: pd.DataFrame, weights: Weights | None = None, exponent: float = 3.0
) -> pd.DataFrame:
    r"""Split a power mean over its parts.

    .. math:: c_j = w_j z_j^p / P^{p-1}

    Examples
    --------
    >>> split = power_contributions(pd.DataFrame({"a": [1.0], "b": [7.0]}), exponent=2)
    >>> split.iloc[0].tolist()
    [0.1, 4.9]
    """
    score = power_mean(parts, weights, exponent)
    raised = parts**exponent * shares(parts, weights)
    split = raised.div(score.where(score > 0) ** (exponent - 1), axis=0)
    zero = (score == 0).to_numpy()[:, None] & parts.notna().to_numpy()
    return split.mask(zero, 0.0)


def ampi(
    parts: pd.DataFrame, weights: Weights | None = None, penalty: str = "+", ddof: int = 0
) -> pd.Series:
    r"""Mazziotta-Pareto index (MPI, AMPI): the mean of the parts, corrected for their imbalance.

    .. math:: AMPI^{\pm} = M \pm S^2 / M

    with M the mean and S the population standard deviation over the unit's parts. It is the MPI of
    parts from ``normalise_zscore(mean=100, sd=10)`` and the AMPI of those from
    ``normalise_ampi``.

    Parameters
    ----------
    parts, weights
        As in :func:`arithmetic_mean`. Weights enter the mean and the variance alike.
    penalty : {"+", "-"}
        "+" where imbalance makes it worse (a distress), "-" where it lowers a well-being.
    ddof : {0, 1}
        1 takes the sample's standard deviation, which some packages print; ISTAT takes 0.

    Returns
    -------
    Series
        NaN where any part is missing.

    Raises
    ------
    CompositeError
        The mean of a unit's parts is not above zero, though the parts are not all zero.

    References
    ----------
    Mazziotta and Pareto (2016); ISTAT, Rapporto BES.

    Examples
    --------
    >>> ampi(pd.DataFrame({"a": [90.0], "b": [110.0]})).tolist()
    [101.0]
    >>> ampi(pd.DataFrame({"a": [90.0], "b": [110.0]}), penalty="-").tolist()
    [99.0]
    """
    return ampi_contributions(parts, weights, penalty, ddof).sum(axis=1, skipna=False)


def ampi_contributions(
    parts: pd.DataFrame, weights: Weights | None = None, penalty: str = "+", ddof: int = 0
) -> pd.DataFrame:
    r"""Split the score over its parts; they add up to it.

    .. math:: c_j = w_j \left(z_j \pm \frac{(z_j - M)^2}{M}\right)

    Examples
    --------
    >>> ampi_contributions(pd.DataFrame({"a": [90.0], "b": [110.0]})).iloc[0].tolist()
    [45.5, 55.5]
    """
    if penalty not in ("+", "-"):
        raise CompositeError(problem("penalty", found=penalty))
    check_range(ddof=ddof)
    share = shares(parts, weights)
    count = int((share > 0).sum())
    if count <= ddof:
        ddof = 0  # a single part has no imbalance under either definition
    sign = (1 if penalty == "+" else -1) * count / (count - ddof)
    mean = (parts * share).sum(axis=1, skipna=False)
    if ((mean < 0) | ((mean == 0) & (parts * share).ne(0).any(axis=1))).any():
        raise CompositeError(problem("mean_not_above_zero", names=_names(parts.columns)))
    # Parts that are all zero have no imbalance.
    imbalance = parts.sub(mean, axis=0).pow(2).div(mean.where(mean != 0, 1.0), axis=0)
    return (parts + sign * imbalance) * share


def shares(parts: pd.DataFrame, weights: Weights | None = None) -> pd.Series:
    """Return weights as shares that sum to one, in the order of the parts; equal when omitted.

    Examples
    --------
    >>> shares(pd.DataFrame(columns=["a", "b"]), {"b": 3, "a": 1}).to_dict()
    {'a': 0.25, 'b': 0.75}
    """
    if numbers(parts).shape[1] == 0:
        raise CompositeError(problem("no_part"))
    if weights is None:
        return pd.Series(1 / parts.shape[1], index=parts.columns)
    found = pd.Series(dict(weights), dtype=float).reindex(parts.columns)
    wrong = _names(found.index[~(found >= 0)])
    if wrong:
        raise CompositeError(problem("weights_missing", names=wrong))
    if not 0 < found.sum() < np.inf:
        raise CompositeError(problem("weights_sum", names=_names(parts.columns)))
    return found / found.sum()


def _counted(parts: pd.DataFrame, share: pd.Series) -> pd.DataFrame:
    """Put one for a zero that has no weight: to the power of zero both are one."""
    return parts.mask((parts == 0) & (share == 0), 1.0)


def _logarithm(parts: pd.DataFrame) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(np.log(parts), index=parts.index, columns=parts.columns)


def _not_below_zero(parts: pd.DataFrame, method: str) -> None:
    negative = [str(name) for name in numbers(parts).columns if (parts[name] < 0).any()]
    if negative:
        raise CompositeError(problem("negative", method=method, names=negative))


def _names(columns: pd.Index) -> tuple[str, ...]:
    return tuple(map(str, columns))
