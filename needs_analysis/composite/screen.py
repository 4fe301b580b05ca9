"""Which units have enough data to be compared."""

from __future__ import annotations

import pandas as pd

from needs_analysis.composite.problems import CompositeError, check_range, problem, table


def availability(data: pd.DataFrame) -> pd.DataFrame:
    r"""How many indicators each unit has.

    .. math:: a_i = \frac{|\{j : x_{ij} \text{ present}\}|}{p}

    Parameters
    ----------
    data : DataFrame
        Indicators by unit. Give ``data.T`` for how many units each indicator has.

    Returns
    -------
    DataFrame
        ``present`` and ``missing`` (counts) and ``present_share`` (0-1), on the index of ``data``.

    Raises
    ------
    CompositeError
        There is no column.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2; Becker et al. (2022),
    COINr, Journal of Open Source Software 7(78), 4567 (``get_data_avail``).

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1.0, None], "b": [2.0, None], "c": [3.0, 4.0]}, index=["x", "y"])
    >>> availability(data).loc["y"].round(3).tolist()
    [1.0, 2.0, 0.333]
    >>> availability(data.T)["present_share"].tolist()
    [0.5, 0.5, 1.0]
    """
    if table(data).shape[1] == 0:
        raise CompositeError(problem("no_column"))
    present = data.notna().sum(axis=1)
    return pd.DataFrame(
        {
            "present": present,
            "missing": data.shape[1] - present,
            "present_share": present / data.shape[1],
        }
    )


def screen_units(data: pd.DataFrame, share_min: float = 2 / 3) -> pd.Series:
    """Whether a unit has enough of its indicators to be compared.

    Parameters
    ----------
    data : DataFrame
        Indicators by unit.
    share_min : float
        Least share of indicators present, 0-1; a unit that has exactly this share is kept.

    Returns
    -------
    Series
        True where the unit is kept, on the index of ``data``.

    Raises
    ------
    CompositeError
        The share is not between 0 and 1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2; Becker et al. (2022),
    COINr, Journal of Open Source Software 7(78), 4567 (``Screen``, by data availability, with 2/3).

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1.0, None], "b": [2.0, None], "c": [None, 4.0]}, index=["x", "y"])
    >>> screen_units(data).to_dict()
    {'x': True, 'y': False}
    """
    check_range(share_min=share_min)
    return (availability(data)["present_share"] >= share_min).rename("kept")
