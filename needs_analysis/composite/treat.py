"""Outliers that would stretch the scale of an indicator: moved in, or drawn in by a logarithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_analysis import parameters
from needs_analysis.composite.problems import check_range, numbers

Values = NDArray[np.float64]


class Limits(NamedTuple):
    """When an indicator has outliers, and how many values may be moved for them."""

    skewness: float
    kurtosis: float
    points: int


def treat(
    data: pd.DataFrame,
    base: pd.DataFrame | None = None,
    skewness_min: float | None = None,
    kurtosis_min: float | None = None,
    points_max: int | None = None,
    overrides: Mapping[str, float] | None = None,
) -> tuple[pd.DataFrame, dict[str, str]]:
    r"""Treat the indicators whose skewness is at least 2 and excess kurtosis at least 3.5.

    The extreme value is moved to the next distinct one on the side of the skew, again and again, up to
    five times; where that is not enough, the logarithm

    .. math:: \log(x - \min x + 0.01 (\max x - \min x))

    is taken of the untreated values (mirrored where the skewness is negative), which keeps the order.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit; NaN stays NaN.
    base : DataFrame, optional
        The reference set, in which outliers are sought and bounds found; the data when omitted. Where
        a logarithm is taken, units below its lowest value count as that.
    skewness_min, kurtosis_min, points_max : float, int
        The limits; ``treat_*`` of ``parameters.csv`` when omitted.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    treated : DataFrame
        Same shape.
    what : dict of str to str
        For each indicator "none", "winsorised k" (k values moved) or "log".

    Raises
    ------
    CompositeError
        A limit is below 0, or no number.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; Becker et al. (2022),
    COINr, Journal of Open Source Software 7(78), 4567.

    Examples
    --------
    >>> x = pd.DataFrame({"beds": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 1000]})
    >>> treated, what = treat(x)
    >>> what["beds"], float(treated["beds"].max())
    ('winsorised 1', 9.0)
    """
    check_range(skewness_min=skewness_min, kurtosis_min=kurtosis_min, points_max=points_max)
    values = parameters.values(overrides)
    limits = Limits(
        values["treat_skewness_min"] if skewness_min is None else skewness_min,
        values["treat_kurtosis_min"] if kurtosis_min is None else kurtosis_min,
        int(values["treat_winsorised_points_max"] if points_max is None else points_max),
    )
    treated, what = {}, {}
    for name in numbers(data).columns:
        own = data[name].to_numpy(dtype=float)
        known = own if base is None else base[name].to_numpy(dtype=float)
        treated[name], what[str(name)] = _treat_one(own, known[~np.isnan(known)], limits)
    return pd.DataFrame(treated, index=data.index), what


def _treat_one(own: Values, known: Values, limits: Limits) -> tuple[Values, str]:
    """Find the bounds in the reference set and put them on the values."""
    moved = known
    steps = 0
    while _outlying(moved, limits):
        if steps == limits.points:
            return _drawn(own, known), "log"
        extreme = moved.max() if _moments(moved)[0] > 0 else moved.min()
        others = moved[moved != extreme]
        next_one = others.max() if _moments(moved)[0] > 0 else others.min()
        moved = np.where(moved == extreme, next_one, moved)
        steps += 1
    if steps == 0:
        return own, "none"
    return np.clip(own, moved.min(), moved.max()), f"winsorised {int((moved != known).sum())}"


def _drawn(own: Values, known: Values) -> Values:
    sign = 1.0 if _moments(known)[0] > 0 else -1.0
    lowest, highest = (sign * known).min(), (sign * known).max()
    drawn: Values = np.log(np.maximum(sign * own, lowest) - lowest + 0.01 * (highest - lowest))
    return sign * drawn


def _outlying(values: Values, limits: Limits) -> bool:
    if len(values) < 4 or values.min() == values.max():  # kurtosis needs four values
        return False
    skewness, kurtosis = _moments(values)
    return abs(skewness) >= limits.skewness and kurtosis >= limits.kurtosis


def _moments(values: Values) -> tuple[float, float]:
    """Return sample skewness and excess kurtosis, bias-corrected."""
    column = pd.Series(values)
    return float(column.skew()), float(column.kurt())  # type: ignore[arg-type]
