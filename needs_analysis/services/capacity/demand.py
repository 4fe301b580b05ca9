"""Who asks for a place, for how long, and how long they wait: what a simulation is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Literal

import numpy as np

from needs_analysis.errors import ParameterError
from needs_analysis.figures import wanted_several
from needs_analysis.parameters import INSIDE_SHARE, POSITIVE, Range, in_range
from needs_analysis.services.capacity.problems import problem

if TYPE_CHECKING:
    import pandas as pd

MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
YEAR_DAYS = 365
_P90_Z = 1.2815515655446004  # the standard normal's ninth decile

Shape = Literal["exponential", "lognormal", "gamma", "uniform", "empirical"]


@dataclass(frozen=True)
class Arrivals:
    """Households of one target group that ask for a place: a Poisson stream with a season.

    Parameters
    ----------
    group : str
        Code of the target group (or of any class of households).
    per_year : float
        Households a year, above 0.
    season : sequence of 12 floats
        Relative rate a day in each month, January first; equal weights are no season.

    Examples
    --------
    >>> winter = Arrivals("street", 24, season=(2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2))
    >>> winter.expected(90) > 24 * 90 / 365
    True
    """

    group: str
    per_year: float
    season: tuple[float, ...] = (1.0,) * 12

    def __post_init__(self) -> None:
        """Refuse an impossible rate or season."""
        object.__setattr__(self, "season", tuple(float(weight) for weight in self.season))
        problems = []
        if wrong := POSITIVE.wrong("per_year", self.per_year):
            problems.append(wrong)
        if len(self.season) != 12:
            problems.append(problem("season_months", found=len(self.season)))
        elif not (all(isfinite(w) and w >= 0 for w in self.season) and any(self.season)):
            problems.append(problem("season_weights"))
        if problems:
            raise ParameterError(*problems)

    def expected(self, days: float) -> float:
        """Return the households expected in the first days from 1 January."""
        whole, rest = divmod(days, YEAR_DAYS)
        ends, counts = self._year
        return float(whole * self.per_year + np.interp(rest, ends, counts))

    def times(self, shares: np.ndarray, days: float) -> np.ndarray:
        """Return the days on which given shares of the households of a whole span have come."""
        counted = shares * self.expected(days)
        ends, counts = self._year
        whole, rest = np.divmod(counted, self.per_year)
        return np.asarray(whole * YEAR_DAYS + np.interp(rest, counts, ends))

    @cached_property
    def _year(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the days at which months end and the households expected by then."""
        counts = np.cumsum([0.0, *np.multiply(self.season, MONTH_DAYS)])
        return np.cumsum([0, *MONTH_DAYS]), counts * self.per_year / counts[-1]


@dataclass(frozen=True)
class StayLength:
    """How many days a household stays; made by one of the class methods.

    Parameters
    ----------
    shape : str
        exponential, lognormal, gamma, uniform or empirical.
    values : tuple of float
        What the shape is known by, as its class method takes it.
    curve : tuple of (days, share still present)
        Of an empirical one.

    Examples
    --------
    >>> StayLength.uniform(183, 548).mean_days
    365.5
    """

    shape: Shape
    values: tuple[float, ...]
    curve: tuple[tuple[float, float], ...] = ()

    @classmethod
    def exponential(cls, mean_days: float) -> StayLength:
        """Stays that end at the same rate at any time: those of the closed forms."""
        return cls("exponential", _positive(mean_days=mean_days))

    @classmethod
    def lognormal(cls, median_days: float, p90_days: float) -> StayLength:
        """Stays with a long tail, by the days within which half and nine in ten have left."""
        if not p90_days > median_days:
            raise ParameterError(problem("p90_below_median", p90=p90_days, median=median_days))
        return cls("lognormal", _positive(median_days=median_days, p90_days=p90_days))

    @classmethod
    def gamma(cls, mean_days: float, sd_days: float) -> StayLength:
        """Stays by their mean and standard deviation."""
        return cls("gamma", _positive(mean_days=mean_days, sd_days=sd_days))

    @classmethod
    def uniform(cls, low_days: float, high_days: float) -> StayLength:
        """Stays of any length between two bounds alike (6-18 months: 183 and 548 days)."""
        if not 0 <= low_days < high_days:
            raise ParameterError(problem("stay_bounds", low=low_days, high=high_days))
        return cls("uniform", (float(low_days), *_positive(high_days=high_days)))

    @classmethod
    def empirical(cls, survival: pd.Series, tail_mean_days: float | None = None) -> StayLength:
        """Stays by a Kaplan-Meier curve; past its end those still present leave at a constant rate.

        Parameters
        ----------
        survival : Series
            Share still present just after each day (the index, rising), never rising.
        tail_mean_days : float, optional
            Mean further days of those still present at the curve's end. The data do not say it where
            the curve ends above 0: it must then be stated.
        """
        days, shares = survival.index.to_numpy(float), survival.to_numpy(float)
        problems = []
        if (
            not len(days)
            or not np.isfinite(days).all()
            or days.min() < 0
            or (np.diff(days) <= 0).any()
        ):
            problems.append(problem("curve_days"))
        if not ((shares >= 0) & (shares <= 1)).all() or (np.diff(shares) > 0).any():
            problems.append(problem("curve_shares"))
        elif len(shares) and shares[-1] > 0 and tail_mean_days is None:
            share = round(float(shares[-1]), 3)
            problems.append(problem("curve_open", day=float(days[-1]), share=share))
        if problems:
            raise ParameterError(*problems)
        tail = () if tail_mean_days is None else _positive(tail_mean_days=tail_mean_days)
        return cls("empirical", tail, tuple(zip(days.tolist(), shares.tolist(), strict=True)))

    def days(self, shares: np.ndarray) -> np.ndarray:
        """Return the days within which given shares (from 0, below 1) of the households leave."""
        from scipy.special import gammaincinv, ndtri

        match self.shape:
            case "exponential":
                found = -self.values[0] * np.log1p(-shares)
            case "lognormal":
                found = self.values[0] * np.exp(self._sigma() * ndtri(shares))
            case "gamma":
                mean, sd = self.values
                found = gammaincinv((mean / sd) ** 2, shares) * sd**2 / mean
            case "uniform":
                low, high = self.values
                found = low + shares * (high - low)
            case "empirical":
                found = self._along_curve(shares)
        return np.asarray(found)

    @property
    def mean_days(self) -> float:
        """Return the mean stay."""
        return self._moments[0]

    @property
    def variation(self) -> float:
        """Return the standard deviation over the mean; 1 for exponential stays."""
        mean, square = self._moments
        return float(np.sqrt(max(square - mean**2, 0.0)) / mean)

    def _sigma(self) -> float:
        median, p90 = self.values
        return float(np.log(p90 / median) / _P90_Z)

    @cached_property
    def _moments(self) -> tuple[float, float]:
        """Return the means of the days and of their squares."""
        match self.shape:
            case "exponential":
                return self.values[0], 2 * self.values[0] ** 2
            case "lognormal":
                median, variance = self.values[0], self._sigma() ** 2
                return median * np.exp(variance / 2), median**2 * np.exp(2 * variance)
            case "gamma":
                return self.values[0], self.values[0] ** 2 + self.values[1] ** 2
            case "uniform":
                low, high = self.values
                return (low + high) / 2, (low**2 + low * high + high**2) / 3
        days, shares = self._steps
        left = -np.diff(shares, prepend=1.0)
        mean, square = float(left @ days), float(left @ days**2)
        if shares[-1] > 0:
            end, tail = float(days[-1]), self.values[0]
            mean += shares[-1] * (end + tail)
            square += shares[-1] * (end**2 + 2 * end * tail + 2 * tail**2)
        return float(mean), float(square)

    @cached_property
    def _steps(self) -> tuple[np.ndarray, np.ndarray]:
        days, shares = np.array(self.curve).T
        return days, shares

    def _along_curve(self, shares: np.ndarray) -> np.ndarray:
        days, present = self._steps
        still = 1.0 - shares
        place = np.searchsorted(-present, -still)  # the first day with no more than this present
        found = days[np.minimum(place, len(days) - 1)]
        beyond = place == len(days)
        if beyond.any():
            found[beyond] += self.values[0] * np.log(present[-1] / still[beyond])
        return np.asarray(found)


@dataclass(frozen=True)
class Patience:
    """How long households wait before they give up: exponential with this mean.

    Parameters
    ----------
    mean_days : float
        Above 0.
    """

    mean_days: float

    def __post_init__(self) -> None:
        """Refuse an impossible mean."""
        _positive(mean_days=self.mean_days)


@dataclass(frozen=True)
class Target:
    """The share of the households that ask who should enter within some days ("9 in 10 within 30").

    Those who give up or are refused have not entered: they count against it.

    Parameters
    ----------
    share : float
        Above 0, below 1.
    days : float
        From 0.
    """

    share: float = 0.9
    days: float = 30.0

    def __post_init__(self) -> None:
        """Refuse an impossible target."""
        in_range({"share": INSIDE_SHARE, "days": Range(0)}, share=self.share, days=self.days)


def groups_of(arrivals: Sequence[Arrivals]) -> list[str]:
    """Return the groups in the order given; none, or one twice, is refused."""
    groups = [one.group for one in wanted_several(arrivals, Arrivals)]
    twice = sorted({group for group in groups if groups.count(group) > 1})
    if twice:
        raise ParameterError(problem("groups_twice", groups=tuple(twice)))
    if not groups:
        raise ParameterError(problem("no_arrivals"))
    return groups


def _positive(**values: float) -> tuple[float, ...]:
    in_range(dict.fromkeys(values, POSITIVE), **values)
    return tuple(float(value) for value in values.values())
