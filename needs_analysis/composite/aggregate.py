"""From parts on one scale to a score, and back to what each part contributed."""

from __future__ import annotations

import pandas as pd


def ampi(parts: pd.DataFrame, penalty: str = "+") -> pd.Series:
    r"""Adjusted Mazziotta-Pareto index: the mean of the parts, corrected for their imbalance.

    .. math:: AMPI^{\pm} = M \pm S^2 / M

    with M the mean and S the population standard deviation over the unit's parts.

    Parameters
    ----------
    parts : DataFrame
        Normalised indicators or component scores; one row a unit.
    penalty : {"+", "-"}
        "+" where imbalance makes it worse (a distress), "-" where it lowers a well-being.

    Returns
    -------
    Series
        NaN where any part is missing.

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
    return ampi_contributions(parts, penalty).sum(axis=1, skipna=False)


def ampi_contributions(parts: pd.DataFrame, penalty: str = "+") -> pd.DataFrame:
    r"""Split the score over its parts; they add up to it.

    .. math:: c_j = \frac{z_j}{n} \pm \frac{(z_j - M)^2}{n M}

    Examples
    --------
    >>> ampi_contributions(pd.DataFrame({"a": [90.0], "b": [110.0]})).iloc[0].tolist()
    [45.5, 55.5]
    """
    if penalty not in ("+", "-"):
        raise ValueError(f"penalty {penalty!r} is neither '+' nor '-'")
    sign = 1 if penalty == "+" else -1
    count = parts.shape[1]
    mean = parts.mean(axis=1, skipna=False)
    imbalance = parts.sub(mean, axis=0).pow(2).div(mean, axis=0)
    return (parts + sign * imbalance) / count
