"""A score beside what others measured: whether it orders units as they do."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.composite.problems import numbers
from needs_analysis.errors import wanted
from needs_analysis.figures import wanted_units

_Z = 1.959963984540054  # of the 95 % interval
UNITS_MIN = 10  # fewer units tell nothing: with nine the interval of 0 is from -0.66 to 0.66


def confront(
    scores: pd.Series, outside: pd.Series, groups: Mapping[str, pd.Index] | None = None
) -> pd.DataFrame:
    r"""Return Spearman's correlation of a score with an outside measure, with its 95 % interval.

    .. math:: \tanh\left(\operatorname{artanh} r \pm 1.96 \sqrt{\frac{1 + r^2 / 2}{n - 3}}\right)

    Parameters
    ----------
    scores, outside : Series
        By unit; those that lack either are left out.
    groups : mapping of str to Index, optional
        The units of each part to look at; all together when omitted.

    Returns
    -------
    DataFrame
        By group: ``units`` (how many have both), ``correlation``, ``low`` and ``high``; NaN under ten
        units, or where one of the two is the same everywhere.

    Raises
    ------
    Refused
        What is given is no series of numbers, or its index does not tell the units apart.

    References
    ----------
    Bonett and Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations, Psychometrika 65, 23-28.

    Examples
    --------
    >>> one = pd.Series(range(12), dtype=float)
    >>> confront(one, one ** 2).round(2).to_dict("records")
    [{'units': 12, 'correlation': 1.0, 'low': 1.0, 'high': 1.0}]
    """
    given = {"score": scores, "outside": outside}
    for one in given.values():
        wanted(one, pd.Series)
    both = numbers(pd.DataFrame({name: wanted_units(one) for name, one in given.items()}))
    both = both.astype(float).dropna()
    parts = {"": both.index} if groups is None else groups
    rows = {name: _one(both[both.index.isin(units)]) for name, units in parts.items()}
    return pd.DataFrame.from_dict(rows, orient="index").astype({"units": int})


def rank_correlation(one: pd.Series, other: pd.Series) -> float:
    """Return Spearman's correlation of two series without gaps; NaN where one is the same everywhere.

    As pandas computes it, without scipy.stats, whose import takes longer than all of them together.
    """
    if len(one) < 2 or one.nunique() < 2 or other.nunique() < 2:
        return np.nan
    ranks = np.column_stack([one.rank(), other.rank()])
    return float(np.corrcoef(ranks, rowvar=False)[1, 0])


def _one(both: pd.DataFrame) -> dict[str, float]:
    count = len(both)
    found = {"units": count, "correlation": np.nan, "low": np.nan, "high": np.nan}
    if count < UNITS_MIN or (both.nunique() < 2).any():
        return found
    r = rank_correlation(both["score"], both["outside"])
    if abs(r) > 1 - 1e-12:
        return found | {"correlation": r, "low": r, "high": r}
    half = _Z * np.sqrt((1 + r**2 / 2) / (count - 3))
    low, high = np.tanh(np.arctanh(r) + np.array([-half, half]))
    return found | {"correlation": r, "low": float(low), "high": float(high)}
