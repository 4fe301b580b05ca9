"""Indicators of different units on one scale."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def normalise_ampi(
    data: pd.DataFrame, polarity: Mapping[str, int], reference: pd.Series | None = None
) -> pd.DataFrame:
    r"""Put indicators on the scale of AMPI: the reference is 100 and the range 60 wide.

    .. math:: z = 60\,\frac{x - lo}{hi - lo} + 70, \qquad lo, hi = ref \mp (\max x - \min x)/2

    and :math:`200 - z` where a high value lowers the score.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    polarity : mapping of str to int
        +1 or -1 for each column.
    reference : Series, optional
        The value that becomes 100; the unweighted mean of the units with data when omitted.

    Returns
    -------
    DataFrame
        Same shape; NaN where the value is.

    Raises
    ------
    ValueError
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
    spread = data.max() - data.min()
    flat = spread.index[~(spread > 0)].tolist()
    if flat:
        raise ValueError(f"constant or empty indicators cannot be normalised: {', '.join(flat)}")
    centre = data.mean() if reference is None else reference
    scaled = (data - (centre - spread / 2)) / spread * 60 + 70
    opposite = [name for name in data.columns if polarity[name] < 0]
    scaled[opposite] = 200 - scaled[opposite]
    return scaled
