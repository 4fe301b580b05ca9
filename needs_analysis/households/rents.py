"""What a household pays: a rate between the lowest and the highest quote, times its dwelling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from needs_analysis.households import density
from needs_analysis.households.density import Array
from needs_analysis.households.sizes import SIZES

_POSITION_LEAST = 0.02


def dwelling_m2(
    per_person_m2: float = 14.0,
    persons_of_first: float = 4.0,
    per_further_m2: float = 10.0,
    one_person_m2: float = 28.0,
    two_persons_m2: float = 38.0,
) -> Array:
    """Return the net surface that the law asks for a household of each size, m2.

    References
    ----------
    D.M. Sanità 5 July 1975, art. 2 and 3: 14 m2 a person for the first four, 10 for each further one;
    a studio of 28 m2 for one person, 38 for two.

    Examples
    --------
    >>> dwelling_m2().tolist()
    [28.0, 38.0, 42.0, 56.0, 66.0, 80.0]
    """
    persons = np.asarray(SIZES)
    first = np.minimum(persons, persons_of_first)
    found = per_person_m2 * first + per_further_m2 * (persons - first)
    found[:2] = one_person_m2, two_persons_m2
    return np.asarray(found)


@dataclass(frozen=True)
class Rates:
    """Rents a month and square metre by municipality: a density that keeps the published mean.

    Parameters
    ----------
    mean, low, high : ndarray, shape (units,)
        EUR per m2 and month: municipal mean, lowest and highest quote; NaN where nothing is quoted.
    tilts : ndarray, shape (units,)
        Of the density between the two.
    """

    mean: Array
    low: Array
    high: Array
    tilts: Array

    def rows(self, kept: npt.ArrayLike | slice) -> Rates:
        """Keep some municipalities: positions, a mask or a slice."""
        at = kept if isinstance(kept, slice) else np.asarray(kept)
        return Rates(self.mean[at], self.low[at], self.high[at], self.tilts[at])

    def share_below(self, rate: npt.ArrayLike, unit: npt.ArrayLike) -> Array:
        """Return the share of dwellings with a rate up to each, in the municipality of each."""
        asked, own = np.asarray(rate, dtype=float), np.asarray(unit)
        low, width = self.low[own], (self.high - self.low)[own]
        single = width <= 0
        place = (asked - low) / np.where(single, 1.0, width)
        found = density.share_below(place, self.tilts[own])
        return np.where(single, np.where(asked >= low, 1.0, 0.0), found)

    def quantile(self, share: npt.ArrayLike, unit: npt.ArrayLike) -> Array:
        """Return the rate up to which a share of the dwellings has, in the municipality of each."""
        own = np.asarray(unit)
        place = density.quantile(share, self.tilts[own])
        return np.asarray(self.low[own] + (self.high - self.low)[own] * place)


def rates(
    mean: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    growth: float = 0.0,
    spread: float = 1.0,
) -> Rates:
    """Return the densities of rents between the lowest and the highest quote, means kept.

    Parameters
    ----------
    mean, low, high : array_like, shape (units,)
        EUR per m2 and month.
    growth : float
        What rents have grown by since the quotes.
    spread : float
        Part of the range, on either side of the mean, that rents are taken from: 1 is all of it.

    Notes
    -----
    The mean's place in the range is kept within 0.02-0.98. Evenly drawn on the range, rents would have
    the mean of its middle: twice the published one in Milano.

    Examples
    --------
    >>> one = rates([10.0], [5.0], [25.0])
    >>> one.share_below([10.0, 30.0], [0, 0]).round(3).tolist()
    [0.61, 1.0]
    """
    middle = np.asarray(mean, dtype=float)
    bottom = middle - spread * (middle - np.minimum(np.asarray(low, dtype=float), middle))
    top = middle + spread * (np.maximum(np.asarray(high, dtype=float), middle) - middle)
    with np.errstate(invalid="ignore", divide="ignore"):
        position = (middle - bottom) / (top - bottom)
    kept = np.clip(position, _POSITION_LEAST, 1 - _POSITION_LEAST)
    more = 1 + growth
    return Rates(middle * more, bottom * more, top * more, density.tilt(kept))
