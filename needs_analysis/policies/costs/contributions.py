"""Contributions to the rent: what a household is due, and what it gets when the money is short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.parameters import Range, in_range
from needs_analysis.policies.costs.amounts import Array, not_negative
from needs_analysis.policies.problems import PoliciesError, problem

BANDS = ("A", "B")
"""In the order in which a notice pays them."""
WITHIN = ("incidence", "pro_rata")
"""How a notice pays inside a band."""
_MONTHS = 12
_CENT = 0.005


@dataclass(frozen=True)
class Notice:
    """What a notice of the rent fund says: limits, shares and caps of the two bands.

    Parameters
    ----------
    income_limit_a, income_limit_b : float
        Highest income of each band, EUR a year.
    rent_share_a, rent_share_b : float
        Least share of the income that the rent takes; what is over it is what the fund may pay.
    cap_a, cap_b : float
        Most that is paid a year, EUR; 0 pays nothing to a band.
    least : float
        Under it nothing is paid, EUR.
    """

    income_limit_a: float
    income_limit_b: float
    rent_share_a: float
    rent_share_b: float
    cap_a: float
    cap_b: float
    least: float = 0.0


def due(
    income_eur: npt.ArrayLike, rent_eur: npt.ArrayLike, notice: Notice, months: npt.ArrayLike = 12
) -> pd.DataFrame:
    r"""Return what the rent fund owes each household (L. 431/1998 art. 11).

    .. math:: c = \frac{m}{12} \min(C_b,\ r - \theta_b y), \qquad
              b = A \text{ if } y \le L_A,\ B \text{ if } L_A < y \le L_B, \qquad r \ge \theta_b y

    Parameters
    ----------
    income_eur, rent_eur : array_like
        Of a year: the income that the notice looks at, the rent of the contract.
    notice : Notice
        Its limits.
    months : array_like
        Months of rent paid in the year: cap, rent and income count for so many twelfths.

    Returns
    -------
    DataFrame
        `band` ("A", "B" or "", not admitted), `incidence` (rent over income; infinite without income),
        `contribution_eur` (0 under the least amount; NaN where income or rent is missing) and
        `to_verify`: without an income it is paid when the office has seen what the household lives on.

    Raises
    ------
    PoliciesError
        Months that are not 0-12.

    References
    ----------
    L. 431/1998 art. 11; D.M. 7 June 1999, art. 1 and 2.

    Examples
    --------
    >>> notice = Notice(13_619.58, 25_000, 0.14, 0.24, 3_000, 2_300, 50)
    >>> due([8_000, 20_000, 0], [4_800, 5_000, 4_800], notice)["contribution_eur"].tolist()
    [3000.0, 200.0, 3000.0]
    """
    income, rent, paid = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(one, dtype=float)) for one in (income_eur, rent_eur, months))
    )
    amount = amounts(income, rent, notice, paid)
    first, admitted = _admitted(income, rent, notice)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        incidence = np.where(income > 0, rent / income, np.where(rent > 0, np.inf, np.nan))
    band = np.where(admitted, np.where(first, *BANDS), "")
    return pd.DataFrame(
        {"band": band, "incidence": incidence, "contribution_eur": amount,
         "to_verify": admitted & (income == 0)}
    )  # fmt: skip


def amounts(
    income_eur: Array, rent_eur: Array, notice: Notice, months: Array | float = 12
) -> Array:
    """Return the contributions of :func:`due` alone, EUR: of many households at once."""
    not_negative(income_eur=income_eur, rent_eur=rent_eur)
    paid = np.asarray(months, dtype=float)
    if (wrong := paid[(paid < 0) | (paid > _MONTHS)]).size:
        raise PoliciesError(problem("months", found=float(wrong[0])))
    first, admitted = _admitted(income_eur, rent_eur, notice)
    share = np.where(first, notice.rent_share_a, notice.rent_share_b)
    cap = np.where(first, notice.cap_a, notice.cap_b)
    over = np.maximum(rent_eur - share * income_eur, 0.0)
    amount = np.minimum(cap, over) * paid / _MONTHS
    amount = np.where(admitted & (amount >= notice.least), amount, 0.0)
    return np.where(np.isnan(income_eur) | np.isnan(rent_eur), np.nan, amount)


def _admitted(income: Array, rent: Array, notice: Notice) -> tuple[npt.NDArray[np.bool_], ...]:
    """Return whose income is of band A, and who is admitted to a band."""
    first = income <= notice.income_limit_a
    share = np.where(first, notice.rent_share_a, notice.rent_share_b)
    within = first | (income <= notice.income_limit_b)
    return first, within & (rent - share * income > -_CENT) & (rent > 0)


def capped(rent_eur: npt.ArrayLike, months: float, cap_eur: float, share: float = 1.0) -> Array:
    r"""Return a part of the rent for some months, up to a cap, EUR.

    .. math:: c = \min(C,\ s\, r\, m / 12)

    Parameters
    ----------
    rent_eur : array_like
        Of a year.
    months : float
        Of rent, at most.
    cap_eur : float
        Most that a household has.
    share : float
        Part of the rent.

    Examples
    --------
    >>> capped([3_600, 6_000], months=10, cap_eur=3_600).tolist()
    [3000.0, 3600.0]
    """
    rent = np.asarray(rent_eur, dtype=float)
    not_negative(rent_eur=rent)
    return np.asarray(np.minimum(cap_eur, share * rent * months / _MONTHS))


def paid(
    asked: pd.DataFrame,
    budget_eur: float,
    weight: npt.ArrayLike | None = None,
    within: str = "incidence",
) -> pd.Series:
    """Return what each household gets of a budget: band A first, then B.

    Parameters
    ----------
    asked : DataFrame
        Of :func:`due`.
    budget_eur : float
        Of the notice.
    weight : array_like, optional
        Households that each row stands for; one by default.
    within : {"incidence", "pro_rata"}
        Inside a band the households whose rent takes most of their income come first, those of the same
        incidence in proportion to what they are due; or all in proportion.

    Returns
    -------
    Series
        EUR a household, on the index of `asked`: never more than is due, together never more than the
        budget.

    Raises
    ------
    PoliciesError
        A budget that is negative or no number; another way to pay inside a band.

    Examples
    --------
    >>> asked = pd.DataFrame({"band": ["B", "A", "A"], "incidence": [0.6, 0.3, 0.5],
    ...                       "contribution_eur": [500.0, 900.0, 1000.0]})
    >>> paid(asked, 1_500).tolist(), paid(asked, 950, within="pro_rata").tolist()
    ([0.0, 500.0, 1000.0], [0.0, 450.0, 500.0])
    """
    in_range({"budget_eur": Range(0)}, PoliciesError, budget_eur=budget_eur)
    if within not in WITHIN:
        raise PoliciesError(problem("within", found=within, known=WITHIN))
    held = pd.Series(1.0 if weight is None else np.asarray(weight, dtype=float), asked.index)
    amount = asked["contribution_eur"].fillna(0.0)
    turn = -asked["incidence"].fillna(0.0) if within == "incidence" else 0.0
    frame = pd.DataFrame(
        {"due": amount * held, "band": asked["band"].replace("", "~"), "turn": turn}
    )
    turns = frame.groupby(["band", "turn"])["due"].sum()
    left = np.maximum(budget_eur - (turns.cumsum() - turns), 0.0)
    share = (np.minimum(turns, left) / turns.where(turns > 0)).fillna(0.0)
    at = pd.MultiIndex.from_frame(frame[["band", "turn"]])
    return pd.Series(share.reindex(at).to_numpy(dtype=float) * amount, name="paid_eur")


def pro_rata(
    asked: pd.DataFrame, budget_eur: float, weight: npt.ArrayLike | None = None
) -> pd.Series:
    """Return what each household gets where all are paid the same share of what they are due.

    Parameters
    ----------
    asked, budget_eur, weight
        As in :func:`paid`.

    Examples
    --------
    >>> pro_rata(pd.DataFrame({"contribution_eur": [1000.0, 3000.0]}), 1_000).tolist()
    [250.0, 750.0]
    """
    in_range({"budget_eur": Range(0)}, PoliciesError, budget_eur=budget_eur)
    held = 1.0 if weight is None else np.asarray(weight, dtype=float)
    amount = asked["contribution_eur"].fillna(0.0)
    whole = float((amount * held).sum())
    return (amount * min(1.0, budget_eur / whole if whole > 0 else 1.0)).rename("paid_eur")
