"""Indicators of different units on one scale, on which distances between units mean something."""

from __future__ import annotations

import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.figures import wanted_numbers
from needs_analysis.patterns.problems import problem

SCALES = ("zscore", "robust", "rank")
_IQR_OF_NORMAL = 1.349  # quartiles of a normal variable are this many standard deviations apart


def standardised(data: pd.DataFrame, scale: str = "zscore") -> pd.DataFrame:
    r"""Return each indicator in standard deviations from its centre.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit, none missing.
    scale : {"zscore", "robust", "rank"}
        :math:`(x - mean) / s`; :math:`1.349 (x - median) / (Q_3 - Q_1)`, for indicators with outliers;
        or the z score of the ranks.

    Returns
    -------
    DataFrame
        Same shape.

    Raises
    ------
    Refused
        The scale is unknown; or indicators that do not spread on it, named.

    Examples
    --------
    >>> standardised(pd.DataFrame({"x": [1.0, 2.0, 3.0]}))["x"].round(2).tolist()
    [-1.22, 0.0, 1.22]
    """
    wanted_numbers(data)
    if scale not in SCALES:
        raise Refused(problem("unknown_scale", scale=scale, known=SCALES))
    if scale == "robust":
        centre = data.median()
        spread = (data.quantile(0.75) - data.quantile(0.25)) / _IQR_OF_NORMAL
    else:
        data = data.rank() if scale == "rank" else data
        centre, spread = data.mean(), data.std(ddof=0)
        spread = spread.where(data.max() > data.min(), 0)  # not what rounding leaves of a constant
    flat = tuple(map(str, spread.index[~(spread > 0)]))
    if flat:
        raise Refused(problem("flat", columns=flat))
    return (data - centre) / spread
