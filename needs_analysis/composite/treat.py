"""Outliers that would stretch the scale of an indicator: moved in, or drawn in by a logarithm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd

from needs_analysis import parameters


def treat(
    data: pd.DataFrame, overrides: Mapping[str, float] | None = None
) -> tuple[pd.DataFrame, dict[str, str]]:
    r"""Treat the indicators whose skewness is at least 2 and excess kurtosis at least 3.5.

    Up to five extreme values are moved to the next one; where that is not enough, the logarithm

    .. math:: \log(x - \min x + 0.01 (\max x - \min x))

    is taken of the untreated values (mirrored where the skewness is negative), which keeps the order.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit; NaN stays NaN.
    overrides : mapping of str to float, optional
        Parameters of a study, put over ``parameters.csv``.

    Returns
    -------
    treated : DataFrame
        Same shape.
    what : dict of str to str
        For each indicator "none", "winsorised k" or "log".

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
    values = parameters.values(overrides)
    treated, what = {}, {}
    for name in data.columns:
        treated[name], what[name] = _treat_one(data[name].astype(float), values)
    return pd.DataFrame(treated, index=data.index), what


def _treat_one(column: pd.Series, values: Mapping[str, float]) -> tuple[pd.Series, str]:
    if not _outlying(column, values):
        return column, "none"
    high = _moments(column)[0] > 0
    for points in range(1, int(values["treat_winsorised_points_max"]) + 1):
        ordered = column.sort_values(ascending=not high).dropna()
        bound = float(ordered.iloc[points])
        moved = column.clip(upper=bound) if high else column.clip(lower=bound)
        if not _outlying(moved, values):
            return moved, f"winsorised {points}"
    mirrored = column if high else -column
    spread = mirrored.max() - mirrored.min()
    drawn = np.log(mirrored - mirrored.min() + 0.01 * spread)
    return (drawn if high else -drawn), "log"


def _outlying(column: pd.Series, values: Mapping[str, float]) -> bool:
    if column.count() < 4:  # kurtosis needs four values
        return False
    skewness, kurtosis = _moments(column)
    return (
        abs(skewness) >= values["treat_skewness_min"] and kurtosis >= values["treat_kurtosis_min"]
    )


def _moments(column: pd.Series) -> tuple[float, float]:
    """Return sample skewness and excess kurtosis, bias-corrected."""
    return float(cast(float, column.skew())), float(cast(float, column.kurt()))
