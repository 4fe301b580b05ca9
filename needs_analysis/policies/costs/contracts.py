"""Help to rent on the market: an agreed rent, a guarantee, an agency."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from needs_analysis.parameters import SHARE, in_range
from needs_analysis.policies.costs.amounts import Array, not_negative
from needs_analysis.policies.problems import PoliciesError


def guarantee(rent_eur: npt.ArrayLike, default_share: float, months: float) -> Array:
    r"""Return what a guarantee fund is expected to pay for contracts, EUR a year.

    .. math:: c = p\, r\, m / 12

    Parameters
    ----------
    rent_eur : array_like
        Of a year.
    default_share : float
        Contracts of a year in which the fund pays.
    months : float
        Of rent that it pays then.

    Notes
    -----
    The money set aside is more: all the months guaranteed of all contracts. Only what is paid is a
    cost.

    Examples
    --------
    >>> guarantee([6_000], default_share=0.1, months=6).tolist()
    [300.0]
    """
    rent = np.asarray(rent_eur, dtype=float)
    not_negative(rent_eur=rent, months=months)
    in_range({"default_share": SHARE}, PoliciesError, default_share=default_share)
    return np.asarray(default_share * rent * months / 12)


def agreed(rent_eur: npt.ArrayLike, discount_share: float) -> Array:
    """Return the rent of a year under an agreed or renegotiated contract, EUR.

    Parameters
    ----------
    rent_eur : array_like
        Of a year, before.
    discount_share : float
        What the owner takes off.

    References
    ----------
    L. 431/1998 art. 2 c. 3 and art. 11 c. 3.

    Examples
    --------
    >>> agreed([6_000], 0.15).tolist()
    [5100.0]
    """
    rent = np.asarray(rent_eur, dtype=float)
    not_negative(rent_eur=rent)
    in_range({"discount_share": SHARE}, PoliciesError, discount_share=discount_share)
    return np.asarray(rent * (1 - discount_share))
