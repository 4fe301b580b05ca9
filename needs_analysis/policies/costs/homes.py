"""Homes and places: an empty dwelling repaired, a place kept open, what comes of the stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from needs_analysis.parameters import SHARE, Range, in_range
from needs_analysis.policies.costs.amounts import not_negative
from needs_analysis.policies.problems import PoliciesError

NIGHTS = 365


class Repair(NamedTuple):
    """What a repaired dwelling costs: the cash of its year, and beside it what that is worth a year."""

    cash_eur: float
    annuity_eur: float


def repair(home_eur: float, years: float, rate_share: float, homes: float = 1.0) -> Repair:
    r"""Return the cash and the annuity of repairing empty dwellings, EUR.

    .. math:: A = K \frac{i}{1 - (1 + i)^{-n}}, \qquad A = K / n \text{ if } i = 0

    Parameters
    ----------
    home_eur : float
        Works on a dwelling.
    years : float
        For which they serve.
    rate_share : float
        Yearly rate.
    homes : float
        Dwellings.

    Notes
    -----
    The budget of a year pays the cash; the annuity compares it with what is paid every year.

    Examples
    --------
    >>> [round(one, 2) for one in repair(20_000, years=20, rate_share=0.03)]
    [20000.0, 1344.31]
    >>> repair(20_000, years=20, rate_share=0)
    Repair(cash_eur=20000.0, annuity_eur=1000.0)
    """
    not_negative(home_eur=home_eur, homes=homes)
    in_range({"years": Range(0, above=True), "rate_share": SHARE}, PoliciesError,
             years=years, rate_share=rate_share)  # fmt: skip
    cash = home_eur * homes
    part = rate_share / (1 - (1 + rate_share) ** -years) if rate_share else 1 / years
    return Repair(float(cash), float(cash * part))


@dataclass(frozen=True)
class Place:
    """A place kept open for a year.

    Parameters
    ----------
    fee_eur_day : float
        Of a person, for each night.
    fixed_eur : float
        Of the place, used or not.
    stay_days : float
        Of a household.
    occupancy_share : float
        Nights used over nights open.
    """

    fee_eur_day: float
    fixed_eur: float
    stay_days: float
    occupancy_share: float

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        not_negative(fee_eur_day=self.fee_eur_day, fixed_eur=self.fixed_eur)
        in_range(
            {"stay_days": Range(0, above=True), "occupancy_share": SHARE}, PoliciesError,
            stay_days=self.stay_days, occupancy_share=self.occupancy_share,
        )  # fmt: skip

    @property
    def nights(self) -> float:
        """Return the nights used in a year."""
        return NIGHTS * self.occupancy_share

    @property
    def household_years(self) -> float:
        """Return the years that households spend in it: nights used over 365."""
        return self.nights / NIGHTS

    @property
    def households(self) -> float:
        """Return the households that begin a stay in a year: nights used over the nights of a stay.

        Examples
        --------
        >>> round(Place(26, 0, stay_days=182.5, occupancy_share=0.9).households, 2)
        1.8
        """
        return self.nights / self.stay_days

    def stay_eur(self, persons: float) -> float:
        """Return the fees of a household's nights of the year: a stay, or the year where it is longer.

        Examples
        --------
        >>> Place(26, 0, stay_days=100, occupancy_share=1).stay_eur(persons=2)
        5200.0
        """
        return float(self.fee_eur_day * persons * min(self.stay_days, self.nights))

    def year_eur(self, persons: float) -> float:
        """Return what the place costs in a year: the nights of so many persons, and what is fixed.

        Examples
        --------
        >>> Place(26, 1_000, stay_days=100, occupancy_share=0.8).year_eur(persons=1)
        8592.0
        """
        return float(self.fee_eur_day * persons * self.nights + self.fixed_eur)


class Exits(NamedTuple):
    """The share of stays that end well, and whose definition of "well" it is."""

    share: float
    own: bool


def exits(policy: str, published_share: float, own: Mapping[str, float] | None = None) -> Exits:
    """Return the share of good exits of a policy: of the own register first, else as published for it.

    Parameters
    ----------
    policy : str
        Its id.
    published_share : float
        Of the policy's own row: each publisher defines it in its own way, none is averaged with another.
    own : mapping of str to float, optional
        Shares of the register, by policy.

    Examples
    --------
    >>> exits("P12", 0.23), exits("P12", 0.23, {"P12": 0.4}).share
    (Exits(share=0.23, own=False), 0.4)
    """
    given = own is not None and policy in own
    share = own[policy] if own is not None and policy in own else published_share
    in_range({policy: SHARE}, PoliciesError, **{policy: share})
    return Exits(float(share), given)
