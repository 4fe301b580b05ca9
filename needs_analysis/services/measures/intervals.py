"""Intervals of shares, ratios, means, medians and rates: thirty places give wide ones.

Every function takes arrays, one element a figure, and returns the low and the high bound; where too
few cases say anything, both are NaN.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from needs_analysis.errors import ParameterError
from needs_analysis.parameters import INSIDE_SHARE, in_range
from needs_analysis.services.measures.problems import problem

Floats: TypeAlias = npt.NDArray[np.float64]
Bounds: TypeAlias = tuple[Floats, Floats]

CONFIDENCE = 0.95


def wilson(
    count: npt.ArrayLike, total: npt.ArrayLike, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    r"""Score interval of a share: never below 0 or above 1, and honest where all or none count.

    .. math::
        \frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}

    Parameters
    ----------
    count, total : array_like
        Cases that count, and all cases n.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : ndarray
        Shares, 0-1; NaN where there is no case.

    Raises
    ------
    ParameterError
        A count is not between 0 and its total, or the confidence is no share inside 0 and 1.

    References
    ----------
    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, JASA
    22; Brown, Cai and DasGupta (2001), Interval estimation for a binomial proportion, Statistical
    Science 16.

    Examples
    --------
    >>> low, high = wilson(9, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.5958, 0.9821)
    """
    counted, n = np.asarray(count, dtype=float), np.asarray(total, dtype=float)
    if ((counted < 0) | (counted > n)).any():
        raise ParameterError(problem("count_beyond_total"))
    z = normal_z(confidence)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = counted / n
        middle = share + z**2 / (2 * n)
        half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        low, high = (middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)
    # At the ends the formula is exactly 0 or 1; rounding must not say less or more.
    low, high = np.where(counted == 0, 0.0, low), np.where(counted == n, 1.0, high)
    empty = ~(n > 0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def of_ratio(total: Floats, base: Floats, squares: Floats, clusters: Floats) -> Bounds:
    r"""Interval of a ratio of totals over clusters (places, stays), linearised.

    .. math:: R \pm t_{m-1} \frac{1}{\sum x}\sqrt{\frac{m}{m-1}\sum_i (y_i - R x_i)^2}

    Parameters
    ----------
    total, base : ndarray
        Sums of y and x.
    squares : ndarray
        Sum of the squared residuals.
    clusters : ndarray
        Clusters m; from two on there is an interval.

    Returns
    -------
    low, high : ndarray
        In the unit of the ratio, not below 0.

    References
    ----------
    Cochran, W. G. (1977), Sampling Techniques, ch. 6.

    Examples
    --------
    >>> low, high = of_ratio(np.array([30.0]), np.array([40.0]), np.array([50.0]), np.array([2.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0], [3.926])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(squares * clusters / (clusters - 1)) / base
        half = student_t(clusters - 1) * error
        ratio = np.where(base > 0, total / base, np.nan)
        return np.maximum(ratio - half, 0.0), ratio + half


def of_mean(total: Floats, squares: Floats, count: Floats) -> Bounds:
    r"""Student interval of a mean.

    .. math:: \bar x \pm t_{n-1} s / \sqrt n

    Parameters
    ----------
    total, squares : ndarray
        Sum of x and of its squared deviations from the mean.
    count : ndarray
        Cases n; from two on there is an interval.

    Returns
    -------
    low, high : ndarray
        In the unit of x.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6.

    Examples
    --------
    >>> low, high = of_mean(np.array([206.0]), np.array([722 / 3]), np.array([3.0]))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([41.42], [95.92])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        half = student_t(count - 1) * np.sqrt(squares / (count - 1) / count)
        mean = total / count
    return mean - half, mean + half


def median_ranks(count: npt.ArrayLike) -> Bounds:
    r"""Ranks (from 1) of the ordered values that bound the median.

    The greatest j with :math:`P(B \le j - 1) \le \alpha/2`, B binomial (n, 1/2), and n + 1 - j.

    Parameters
    ----------
    count : array_like
        Cases n; from six on there is an interval at 0.95.

    Returns
    -------
    low, high : ndarray
        Ranks; NaN where the smallest and the greatest value do not suffice.

    References
    ----------
    Conover, W. J. (1999), Practical Nonparametric Statistics, 3.2.

    Examples
    --------
    >>> low, high = median_ranks([5, 6, 20])
    >>> low.tolist(), high.tolist()
    ([nan, 1.0, 6.0], [nan, 6.0, 15.0])
    """
    from scipy.special import bdtr

    n = np.asarray(count, dtype=float)
    whole = np.maximum(n, 1)
    tail = (1 - CONFIDENCE) / 2
    # The normal approximation is near; the exact rank is looked for around it.
    near = np.floor(n / 2 - normal_z(CONFIDENCE) * np.sqrt(n) / 2)
    best = np.zeros(n.shape)
    for step in range(-2, 4):
        rank = near + step
        fits = rank >= 1
        below = bdtr(np.clip(rank - 1, 0, whole), whole.astype(int), 0.5)
        best = np.where(fits & (below <= tail), np.maximum(best, rank), best)
    low = np.where(best >= 1, best, np.nan)
    return low, n + 1 - low


def of_count(count: npt.ArrayLike) -> Bounds:
    r"""Exact interval of a Poisson count.

    .. math:: \left[\tfrac12 \chi^2_{\alpha/2, 2k},\; \tfrac12 \chi^2_{1-\alpha/2, 2k+2}\right]

    Parameters
    ----------
    count : array_like
        Events k, from 0.

    Returns
    -------
    low, high : ndarray
        Events.

    References
    ----------
    Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28.

    Examples
    --------
    >>> low, high = of_count([0, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 4.795], [3.689, 18.39])
    """
    from scipy.special import gammaincinv

    events = np.asarray(count, dtype=float)
    tail = (1 - CONFIDENCE) / 2
    low = np.where(events > 0, gammaincinv(np.maximum(events, 1), tail), 0.0)
    return low, np.asarray(gammaincinv(events + 1, 1 - tail))


def normal_z(confidence: float) -> float:
    """Return the standard normal's two-sided quantile.

    Examples
    --------
    >>> round(normal_z(0.95), 3)
    1.96
    """
    from scipy.special import ndtri

    in_range({"confidence": INSIDE_SHARE}, confidence=confidence)
    return float(ndtri(0.5 + confidence / 2))


def student_t(freedom: npt.ArrayLike, confidence: float = CONFIDENCE) -> Floats:
    """Return Student's two-sided quantile; NaN without a degree of freedom.

    Examples
    --------
    >>> student_t([0, 1, 30]).round(3).tolist()
    [nan, 12.706, 2.042]
    """
    from scipy.special import stdtrit

    in_range({"confidence": INSIDE_SHARE}, confidence=confidence)
    known = np.asarray(freedom, dtype=float)
    usable = np.where(known >= 1, known, np.nan)
    return np.asarray(stdtrit(usable, 0.5 + confidence / 2))
