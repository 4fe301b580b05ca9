"""Indicators of different units on one scale.

Every function takes the indicators by unit and the polarity of each (+1 where a high value raises the
score), returns a frame of the same shape with NaN where a value is missing, and learns what it needs
(range, mean, order) from ``base``, the reference set: the units themselves unless another is given. A
unit outside the reference set moves no other.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import CompositeError, check_range, numbers, problem

Goalposts = Mapping[str, tuple[float, float]]


def normalise_minmax(
    data: pd.DataFrame,
    polarity: Mapping[str, int],
    base: pd.DataFrame | None = None,
    low: float = 0.0,
    high: float = 100.0,
) -> pd.DataFrame:
    r"""Stretch each indicator from its lowest to its highest value.

    .. math:: z = low + (high - low)\,\frac{x - \min x}{\max x - \min x}

    with :math:`-x` for x where the polarity is negative.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    polarity : mapping of str to int
        +1 or -1 for each column.
    base : DataFrame, optional
        The units whose range is taken; a unit outside it may leave the scale.
    low, high : float
        Ends of the scale, low below high.

    Raises
    ------
    CompositeError
        A column has no values or only one, named; or low is not below high.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> normalise_minmax(pd.DataFrame({"x": [1.0, 2.0, 5.0]}), {"x": -1})["x"].tolist()
    [100.0, 75.0, 0.0]
    """
    known = _varied(data, base)
    limits = {str(name): (known[name].min(), known[name].max()) for name in known}
    return normalise_goalposts(data, polarity, limits, low=low, high=high)


def normalise_goalposts(
    data: pd.DataFrame,
    polarity: Mapping[str, int],
    goalposts: Goalposts,
    low: float = 0.0,
    high: float = 1.0,
    clip: bool = False,
) -> pd.DataFrame:
    r"""Stretch each indicator between two given values, the same in every year.

    .. math:: z = low + (high - low)\,\frac{x - g_0}{g_1 - g_0}

    mirrored (:math:`low + high - z`) where the polarity is negative.

    Parameters
    ----------
    data, polarity
        As in :func:`normalise_minmax`.
    goalposts : mapping of str to (float, float)
        The lower and the upper value of each indicator, in its own unit.
    low, high : float
        Ends of the scale, low below high.
    clip : bool
        Whether what lies beyond a goalpost is put on it (as in the Human Development Index).

    Raises
    ------
    CompositeError
        An indicator without goalposts, or whose lower one is not below the upper; or low is not below
        high.

    References
    ----------
    UNDP, Human Development Report, technical note 1.

    Examples
    --------
    >>> years = pd.DataFrame({"life_expectancy_years": [52.5, 90.0]})
    >>> posts = {"life_expectancy_years": (20.0, 85.0)}
    >>> up = {"life_expectancy_years": 1}
    >>> normalise_goalposts(years, up, posts, clip=True)["life_expectancy_years"].tolist()
    [0.5, 1.0]
    """
    check_range(low=low, high=high)
    posts = {name: goalposts.get(name, (0, 0)) for name in numbers(data).columns}
    wrong = [
        str(name) for name, (lower, upper) in posts.items() if not -np.inf < lower < upper < np.inf
    ]
    if wrong:
        raise CompositeError(problem("goalposts", names=wrong))
    first = pd.Series({name: float(goalposts[name][0]) for name in data.columns})
    last = pd.Series({name: float(goalposts[name][1]) for name in data.columns})
    scaled = (data - first) / (last - first)
    if clip:
        scaled = scaled.clip(0.0, 1.0)
    opposite = _opposite(data, polarity)
    scaled[opposite] = 1 - scaled[opposite]
    return low + (high - low) * scaled


def normalise_zscore(
    data: pd.DataFrame,
    polarity: Mapping[str, int],
    base: pd.DataFrame | None = None,
    mean: float = 0.0,
    sd: float = 1.0,
    ddof: int = 0,
) -> pd.DataFrame:
    r"""Give every indicator the same mean and standard deviation.

    .. math:: z = mean \pm sd\,\frac{x - \bar x}{s}

    With ``mean=100, sd=10`` these are the parts of the Mazziotta-Pareto index (MPI).

    Parameters
    ----------
    data, polarity, base
        As in :func:`normalise_minmax`.
    mean, sd : float
        Mean and standard deviation of the scale; sd above 0.
    ddof : {0, 1}
        0 for the population standard deviation, 1 for the sample's.

    Raises
    ------
    CompositeError
        A column has no values or only one, named; or an sd not above 0, or another ``ddof``.

    References
    ----------
    OECD/JRC (2008), step 5; De Muro, Mazziotta and Pareto (2011), Composite indices of development and
    poverty, Social Indicators Research 104, 1-18.

    Examples
    --------
    >>> normalise_zscore(pd.DataFrame({"x": [1.0, 3.0]}), {"x": 1}, mean=100, sd=10)["x"].tolist()
    [90.0, 110.0]
    """
    check_range(mean=mean, sd=sd, ddof=ddof)
    known = _varied(data, base)
    scaled = (data - known.mean()) / known.std(ddof=ddof)
    opposite = _opposite(data, polarity)
    scaled[opposite] = -scaled[opposite]
    return mean + sd * scaled


def normalise_rank(
    data: pd.DataFrame, polarity: Mapping[str, int], base: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Replace each value by its place from the bottom: 1 for the lowest; ties share their mean.

    A unit outside the reference set gets the place it would take among its units.

    Examples
    --------
    >>> normalise_rank(pd.DataFrame({"x": [10.0, 30.0, 30.0, 20.0]}), {"x": 1})["x"].tolist()
    [1.0, 3.5, 3.5, 2.0]
    """
    below, level, _ = _places(data, polarity, base)
    return below + (level.clip(lower=1) + 1) / 2


def normalise_borda(
    data: pd.DataFrame, polarity: Mapping[str, int], base: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Replace each value by the number of units below it (Borda points), half a point for a tie.

    Examples
    --------
    >>> normalise_borda(pd.DataFrame({"x": [10.0, 30.0, 30.0, 20.0]}), {"x": 1})["x"].tolist()
    [0.0, 2.5, 2.5, 1.0]
    """
    return normalise_rank(data, polarity, base) - 1


def normalise_percentile_rank(
    data: pd.DataFrame, polarity: Mapping[str, int], base: pd.DataFrame | None = None
) -> pd.DataFrame:
    r"""Replace each value by the share of the other units below it.

    .. math:: z = \frac{\#\{x_i < x\}}{n - 1}

    from 0 for the lowest to 1 for an unshared highest.

    Examples
    --------
    >>> percent = normalise_percentile_rank(pd.DataFrame({"x": [10.0, 40.0, 30.0]}), {"x": 1})
    >>> percent["x"].tolist()
    [0.0, 1.0, 0.5]
    """
    below, _, count = _places(data, polarity, base)
    return (below / (count - 1)).clip(upper=1.0)


def normalise_distance(
    data: pd.DataFrame, polarity: Mapping[str, int], reference: Mapping[str, float]
) -> pd.DataFrame:
    r"""Relate each value to a reference: 1 is the reference itself.

    .. math:: z = 1 \pm \frac{x - r}{|r|}

    which is x / r for a positive reference and polarity.

    Parameters
    ----------
    data, polarity
        As in :func:`normalise_minmax`.
    reference : mapping of str to float
        A target, a national mean or a leader's value for each indicator, in its own unit.

    Raises
    ------
    CompositeError
        An indicator without a reference, or with 0 as one.

    References
    ----------
    OECD/JRC (2008), step 5, distance to a reference.

    Examples
    --------
    >>> normalise_distance(pd.DataFrame({"x": [15.0, 30.0]}), {"x": 1}, {"x": 20.0})["x"].tolist()
    [0.75, 1.5]
    """
    wrong = [str(name) for name in numbers(data).columns if not reference.get(str(name))]
    if wrong:
        raise CompositeError(problem("reference", names=wrong))
    centre = pd.Series({name: float(reference[name]) for name in data.columns})
    scaled = (data - centre) / centre.abs()
    opposite = _opposite(data, polarity)
    scaled[opposite] = -scaled[opposite]
    return 1 + scaled


def normalise_ampi(
    data: pd.DataFrame,
    polarity: Mapping[str, int],
    base: pd.DataFrame | None = None,
    reference: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    r"""Put indicators on the scale of AMPI: the reference is 100 and the range 60 wide.

    .. math:: z = 60\,\frac{x - lo}{hi - lo} + 70, \qquad lo, hi = ref \mp (\max x - \min x)/2

    and :math:`200 - z` where a high value lowers the score. ISTAT's simple form, with the extremes of
    the whole period as goalposts, is ``normalise_minmax(..., low=70, high=130)``.

    Parameters
    ----------
    data, polarity
        As in :func:`normalise_minmax`.
    base : DataFrame, optional
        The units and years whose range and mean are taken.
    reference : mapping of str to float, optional
        The value that becomes 100; the unweighted mean of the base when omitted.

    Raises
    ------
    CompositeError
        A column has no values or only one, named: it cannot tell units apart.

    References
    ----------
    Mazziotta, M. and Pareto, A. (2016), On a generalized non-compensatory composite index for
    measuring socio-economic phenomena, Social Indicators Research 127, 983-1003.

    Examples
    --------
    >>> normalise_ampi(pd.DataFrame({"x": [0.0, 5.0, 10.0]}), {"x": 1})["x"].tolist()
    [70.0, 100.0, 130.0]
    """
    known = _varied(data, base)
    half = (known.max() - known.min()) / 2
    centre = known.mean() if reference is None else pd.Series(dict(reference))[list(data.columns)]
    posts = {str(n): (centre[n] - half[n], centre[n] + half[n]) for n in data.columns}
    return normalise_goalposts(data, polarity, posts, low=70.0, high=130.0)


def _varied(data: pd.DataFrame, base: pd.DataFrame | None) -> pd.DataFrame:
    """Return the reference set, refusing columns whose known values do not differ."""
    known = numbers(data)
    if base is not None:
        absent = [str(name) for name in data if name not in numbers(base)]
        if absent:
            raise CompositeError(problem("base_lacks", names=absent))
        known = base[data.columns]
    flat = known.columns[~(known.max() > known.min())]
    if len(flat):
        raise CompositeError(problem("constant", names=tuple(map(str, flat))))
    return known


def _opposite(data: pd.DataFrame, polarity: Mapping[str, int]) -> list[str]:
    unknown = [str(name) for name in data.columns if not polarity.get(name)]
    if unknown:
        raise CompositeError(problem("polarity", names=unknown))
    return [name for name in data.columns if polarity[name] < 0]


def _places(
    data: pd.DataFrame, polarity: Mapping[str, int], base: pd.DataFrame | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Count the reference units below and level with each value, and those there are."""
    known = _varied(data, base)
    below, level = {}, {}
    opposite = _opposite(data, polarity)
    for name in data.columns:
        sign = -1.0 if name in opposite else 1.0
        ordered = np.sort(sign * known[name].dropna().to_numpy(dtype=float))
        values = sign * data[name].to_numpy(dtype=float)
        first = np.searchsorted(ordered, values, side="left").astype(float)
        last = np.searchsorted(ordered, values, side="right").astype(float)
        blank = np.isnan(values)
        below[name] = np.where(blank, np.nan, first)
        level[name] = np.where(blank, np.nan, last - first)
    frames = [pd.DataFrame(one, index=data.index) for one in (below, level)]
    return frames[0], frames[1], known.count().astype(float)
