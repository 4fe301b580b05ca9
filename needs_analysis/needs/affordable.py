"""Homes that households with little can pay and move into."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import wanted_frame

MONTHS = 12


class AffordableAvailable(NamedTuple):
    """Homes and households at or under an income; homes per 100 of them, and how many lack one."""

    households: float
    affordable: float
    available: float
    per_100: float
    shortage: float


def affordable_available(
    homes: pd.DataFrame, incomes: pd.Series, limit_eur: float, rent_share: float | None = None
) -> AffordableAvailable:
    r"""Return the homes that are affordable and available at an income.

    A home is affordable at an income L if :math:`12\, \text{rent} / s \le L`; available if it is vacant
    or who lives in it has an income of at most L. Both are cumulative in L.

    Parameters
    ----------
    homes : DataFrame
        `rent_eur_month` of each home to let, and `occupant_income_eur` (NaN is vacant).
    incomes : Series
        Of the renting households, EUR a year.
    limit_eur : float
        L.
    rent_share : float, optional
        s; by default the parameter `sustainable_rent_share`.

    Returns
    -------
    AffordableAvailable

    References
    ----------
    National Low Income Housing Coalition, The Gap; Urban Institute, NeighborhoodInfoDC,
    Housing_needs_baseline_units_availability.

    Examples
    --------
    >>> homes = pd.DataFrame({"rent_eur_month": [300.0, 300, 600],
    ...                       "occupant_income_eur": [float("nan"), 40_000, 9_000]})
    >>> affordable_available(homes, pd.Series([9_000.0, 11_000, 40_000]), 12_000)
    AffordableAvailable(households=2, affordable=2, available=1, per_100=50.0, shortage=1)
    """
    frame = wanted_frame(homes, "rent_eur_month", "occupant_income_eur")
    share = parameters.value("sustainable_rent_share", rent_share)
    affordable = frame["rent_eur_month"] * MONTHS / share <= limit_eur * (1 + 1e-12)
    occupant = frame["occupant_income_eur"]
    available = affordable & (occupant.isna() | (occupant <= limit_eur))
    return of_counts(int((incomes <= limit_eur).sum()), int(affordable.sum()), int(available.sum()))


def of_counts(households: float, affordable: float, available: float) -> AffordableAvailable:
    """Return the same of counts that are known.

    Examples
    --------
    >>> round(of_counts(11.4, 7.5, 4.0).per_100, 1)  # United States, 2017, millions
    35.1
    """
    per_100 = 100 * available / households if households else float("nan")
    return AffordableAvailable(households, affordable, available, per_100, households - available)
