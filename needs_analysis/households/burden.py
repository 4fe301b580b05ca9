"""Rent against income, household by household: every municipality over the same points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from needs_analysis.households import sobol
from needs_analysis.households.density import Array
from needs_analysis.households.rents import Rates

POINTS, SEED, BANDS = 1_024, 1, 5
SCALES = (1.0, 1.5, 1.8, 2.1, 2.4, 2.8)
"""Equivalent adults in a household of each size."""
LEAST_INCOME_EUR = 500.0
_MEMBERS = sobol.DIMENSIONS
_CHUNK = 16 * POINTS
_CELLS, _A_LOGARITHM = 32_768, 1_600.0
_COUNTED = 1_024.0


class Distribution(Protocol):
    """What the model asks of incomes, of the year of the classes or carried to another."""

    def __len__(self) -> int:
        """Return the number of municipalities."""

    def rows(self, kept: npt.ArrayLike | slice) -> Distribution:
        """Keep some municipalities."""

    def quantile(self, share: npt.ArrayLike) -> Array:
        """Return incomes by municipality and share, EUR."""


@dataclass(frozen=True)
class Municipalities:
    """What the model knows of each municipality, before any assumption.

    Parameters
    ----------
    incomes : Incomes or Carried
        Of declarants.
    households, earners, dwelling_m2 : ndarray, shape (units, sizes)
        Households, declarants a household, and surface of the dwelling of each size.
    net_share : ndarray, shape (units,)
        Net over taxable income.
    rates : Rates
        Rents a month and m2 of the kind of surface that `dwelling_m2` is in.
    """

    incomes: Distribution
    households: Array
    earners: Array
    dwelling_m2: Array
    net_share: Array
    rates: Rates

    def __len__(self) -> int:
        """Return the number of municipalities."""
        return len(self.households)

    def rows(self, kept: npt.ArrayLike | slice) -> Municipalities:
        """Keep some municipalities: positions, a mask or a slice."""
        at = kept if isinstance(kept, slice) else np.asarray(kept)
        return Municipalities(
            self.incomes.rows(at), self.households[at], self.earners[at], self.dwelling_m2[at],
            self.net_share[at], self.rates.rows(at),
        )  # fmt: skip

    def chunks(self, count: int) -> Iterator[tuple[slice, Municipalities]]:
        """Yield a few municipalities at a time, as many as memory likes with so many points."""
        several = max(_CHUNK // count, 1)
        for start in range(0, len(self), several):
            here = slice(start, start + several)
            yield here, self.rows(here)


@dataclass(frozen=True)
class Shape:
    """The assumptions that every household of the model shares.

    Parameters
    ----------
    income_level : float
        Income that a household has over what it declares.
    income_correlation : float
        Between the incomes of a household, of normal scores.
    progressivity : float
        Exponent pi of net = c y^(1 - pi).
    rent_correlation : float
        Between rent and income, of normal scores.
    declared_level : float
        The level that declared income is taken at for the 30 % rule: 1 as declared.
    declared_share, net_share : float
        Rent over these shares of declared and of net income is a burden: 0.30 and 0.40.
    utilities_eur_month : float
        Added to every rent; 0 is rent only.
    """

    income_level: float = 1.128
    income_correlation: float = 0.2
    progressivity: float = 0.15
    rent_correlation: float = 0.3
    declared_level: float = 1.0
    declared_share: float = 0.30
    net_share: float = 0.40
    utilities_eur_month: float = 0.0


@dataclass(frozen=True)
class Burdens:
    """Households of each municipality by size and national band of equivalised net income.

    Parameters
    ----------
    share : ndarray, shape (units, sizes, bands)
        Of the households of that size; over bands it sums to 1.
    over_declared, over_net : ndarray, same shape
        Those of them that would be burdened if they rented: B30 and B40.
    limits : ndarray, shape (bands - 1,)
        Of the bands, EUR a year.
    """

    share: Array
    over_declared: Array
    over_net: Array
    limits: Array


def points(count: int = POINTS, seed: int = SEED, correlation: float = 0.2) -> Array:
    """Return the ranks of the possible earners of a household: one Gaussian copula for all.

    Parameters
    ----------
    count : int
        A power of two.
    seed : int
        Of the scrambling.
    correlation : float
        Between any two earners, of normal scores.

    Returns
    -------
    ndarray, shape (count, 4)
        0-1.

    Examples
    --------
    >>> points(8, correlation=0.0).mean(axis=0).round(1).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    return _points(count, seed, correlation)


@lru_cache(maxsize=8)
def _points(count: int, seed: int, correlation: float) -> Array:
    from scipy.special import ndtr, ndtri  # heavy: only where they are used

    own = ndtri(sobol.scrambled(count, seed))
    alike = np.full((_MEMBERS, _MEMBERS), correlation) + (1 - correlation) * np.eye(_MEMBERS)
    root = np.linalg.cholesky(alike)
    joined = sum(own[:, [k]] * root[:, k] for k in range(_MEMBERS))
    found = np.asarray(ndtr(joined))
    found.flags.writeable = False  # it is everybody's
    return found


def household_incomes(places: Municipalities, ranks: Array) -> Array:
    r"""Return the declared income of households at every point, EUR.

    .. math:: g_s = \sum_{e=0}^{3} Y_e \min(\max(k_s - e, 0), 1)

    Returns
    -------
    ndarray, shape (units, sizes, points)
        In the order of the points.
    """
    count = len(ranks)
    members = places.incomes.quantile(ranks.T.ravel()).reshape(len(places), _MEMBERS, count)
    counted = np.clip(places.earners[:, :, None] - np.arange(_MEMBERS), 0.0, 1.0)
    found = np.zeros((*places.earners.shape, count))
    for one in range(_MEMBERS):
        found += counted[:, :, one, None] * members[:, None, one]
    return found


def net_levels(places: Municipalities, incomes: Array, shape: Shape) -> Array:
    r"""Return the c of net = c y^(1 - pi) that gives each municipality its total of net income.

    .. math:: c \sum_s h_s E[y_s^{1-\pi}] = F \, \rho \sum_s h_s E[y_s]

    with rho the municipality's net over taxable income and F the level of incomes.
    """
    own = (incomes.mean(axis=2) * places.households).sum(axis=1)
    flat = (net_shape(incomes, shape.progressivity).mean(axis=2) * places.households).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(shape.income_level * places.net_share * own / flat)


def net_shape(incomes: Array, progressivity: float) -> Array:
    """Return y max(y, 500)^-pi: nobody with an income has a net income out of all proportion."""
    return np.asarray(incomes * np.maximum(incomes, LEAST_INCOME_EUR) ** -progressivity)


def income_of(net: Array, progressivity: float) -> Array:
    """Return the y that :func:`net_shape` turns into a value."""
    low = net * LEAST_INCOME_EUR**progressivity
    with np.errstate(invalid="ignore"):
        high = np.maximum(net, 0.0) ** (1 / (1 - progressivity))
    return np.asarray(np.where(low <= LEAST_INCOME_EUR, low, high))


def band_limits(places: Municipalities, ranks: Array, shape: Shape, bands: int = BANDS) -> Array:
    """Return the incomes that part the nation's households in bands of equal number.

    Parameters
    ----------
    places : Municipalities
        All of the nation.
    ranks : ndarray
        Of :func:`points`; a few of the first are enough.
    shape : Shape
        Assumptions.
    bands : int
        A multiple of five.

    Returns
    -------
    ndarray, shape (bands - 1,)
        Equivalised net income, EUR a year.

    Notes
    -----
    Households are counted in 1,024ths over a fixed grid: the sums are exact, so that neither the order
    of the municipalities nor how they are parted changes a limit.
    """
    counted = np.zeros(_CELLS)
    for _, here in places.chunks(len(ranks)):
        incomes = household_incomes(here, ranks)
        net = net_shape(incomes, shape.progressivity)
        net *= net_levels(here, incomes, shape)[:, None, None] / np.asarray(SCALES)[:, None]
        known = ~np.isnan(net)  # who has no income in the data is in no band
        at = (np.log(np.maximum(np.where(known, net, 1.0), 1.0)) * _A_LOGARITHM).astype(int)
        weight = np.nan_to_num(np.rint(here.households * _COUNTED))
        held = np.repeat(weight.ravel(), incomes.shape[2]) * known.ravel()
        counted += np.bincount(np.minimum(at.ravel(), _CELLS - 1), held, minlength=_CELLS)
    cumulated = np.cumsum(counted) / counted.sum()
    upper = np.arange(1, _CELLS + 1) / _A_LOGARITHM
    return np.asarray(np.exp(np.interp(np.arange(1, bands) / bands, cumulated, upper)))


def burdens(
    places: Municipalities, ranks: Array, shape: Shape, limits: Array, levels: Array | None = None
) -> Burdens:
    """Return the households that would be burdened if they rented, by size and band of income.

    Parameters
    ----------
    places : Municipalities
        Any of the nation's: each is computed on its own.
    ranks : ndarray
        Of :func:`points`.
    shape : Shape
        Assumptions.
    limits : ndarray
        Of :func:`band_limits`.
    levels : ndarray, shape (units, sizes), optional
        In the place of :func:`net_levels`.

    Notes
    -----
    Given a household's income the share of rents over its limit is known in closed form, also when
    rents go with incomes: only incomes are drawn.
    """
    size = (len(places), len(SCALES), len(limits) + 1)
    parts = Burdens(np.empty(size), np.empty(size), np.empty(size), limits)
    for at, here in places.chunks(len(ranks)):
        incomes = household_incomes(here, ranks)
        own = net_levels(here, incomes, shape)[:, None] if levels is None else levels[at]
        incomes.sort(axis=2)
        ends = _band_ends(incomes, _incomes_at(limits * np.asarray(SCALES)[:, None], own, shape))
        parts.share[at] = np.diff(ends) / len(ranks)
        parts.over_net[at] = _over_net(here, incomes, ends, own, shape)
        parts.over_declared[at] = _over_declared(here, incomes, ends, shape)
    return parts


def _incomes_at(net: Array, levels: Array, shape: Shape) -> Array:
    """Return the declared incomes at which net ones are reached, shape (units, sizes, values)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return income_of(net / levels[:, :, None], shape.progressivity)


def _band_ends(incomes: Array, limits: Array) -> npt.NDArray[np.int_]:
    """Return where each band begins and ends among sorted incomes."""
    inner = _places_of(incomes, limits)
    ends = np.zeros((*incomes.shape[:2], limits.shape[2] + 2), dtype=int)
    ends[:, :, 1:-1], ends[:, :, -1] = inner, incomes.shape[2]
    return ends


def _places_of(incomes: Array, values: Array) -> npt.NDArray[np.int_]:
    """Return how many of each row's sorted incomes are up to its values."""
    # Counting is faster than a search in each of the many short rows; NaN is over every income.
    found = [
        np.count_nonzero(~(incomes > values[:, :, [one]]), axis=2) for one in range(values.shape[2])
    ]
    return np.stack(found, axis=2)


def _over_net(
    here: Municipalities, incomes: Array, ends: npt.NDArray[np.int_], levels: Array, shape: Shape
) -> Array:
    """Return the share of households, by band, whose rent is over a share of net income."""
    most = _rent_ends(here, shape) / shape.net_share
    stretch = _places_of(incomes, _incomes_at(most, levels, shape))
    per_level = np.broadcast_to(levels, incomes.shape[:2]) * shape.net_share

    def paid(row: npt.NDArray[np.int_], income: Array) -> Array:
        return per_level.ravel()[row] * net_shape(income, shape.progressivity)

    return _banded(here, incomes, ends, stretch, paid, shape)


def _over_declared(
    here: Municipalities, incomes: Array, ends: npt.NDArray[np.int_], shape: Shape
) -> Array:
    """Return the share of households, by band, whose rent is over a share of declared income."""
    part = shape.declared_share * shape.declared_level
    stretch = _places_of(incomes, _rent_ends(here, shape) / part)
    return _banded(here, incomes, ends, stretch, lambda _, income: part * income, shape)


def _rent_ends(here: Municipalities, shape: Shape) -> Array:
    """Return the least and the most rent of a year, EUR, shape (units, sizes, 2)."""
    both = (
        np.stack([here.rates.low, here.rates.high], axis=1)[:, None, :]
        * here.dwelling_m2[:, :, None]
    )
    return np.asarray(12 * (both + shape.utilities_eur_month))


def _banded(
    here: Municipalities,
    incomes: Array,
    ends: npt.NDArray[np.int_],
    stretch: npt.NDArray[np.int_],
    paid: Callable[[npt.NDArray[np.int_], Array], Array],
    shape: Shape,
) -> Array:
    """Sum over each band the chance that a rent is over what a household can pay.

    Up to the first place of a `stretch` every rent is over it, from the second on none is.
    """
    count, bands = incomes.shape[2], ends.shape[2] - 1
    certain = np.diff(np.minimum(ends, stretch[:, :, :1]))
    first, last = stretch[:, :, 0].ravel(), stretch[:, :, 1].ravel()
    lengths = last - first
    row = np.repeat(np.arange(len(lengths)), lengths)
    begun = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    at = np.arange(len(row)) - np.repeat(begun - first, lengths)
    chance = _chance(here, row, at, paid(row, incomes.reshape(-1, count)[row, at]), count, shape)
    band = _band_of(ends, first, last)
    summed = np.bincount(row * bands + band, chance, minlength=certain.size)
    found = (certain + summed.reshape(certain.shape)) / count
    found[np.isnan(here.rates.mean)] = np.nan
    return np.asarray(found)


def _band_of(
    ends: npt.NDArray[np.int_], first: npt.NDArray[np.int_], last: npt.NDArray[np.int_]
) -> npt.NDArray[np.int_]:
    """Return the band of each place of the stretches, laid end to end."""
    cut = np.clip(ends.reshape(len(first), -1), first[:, None], last[:, None])
    lengths = np.diff(cut, axis=1)
    bands = np.broadcast_to(np.arange(lengths.shape[1]), lengths.shape)
    return np.repeat(bands.ravel(), lengths.ravel())


def _chance(
    here: Municipalities,
    row: npt.NDArray[np.int_],
    at: npt.NDArray[np.int_],
    most_eur: Array,
    count: int,
    shape: Shape,
) -> Array:
    """Return the chance of a rent over each amount a year, given the rank of the income."""
    from scipy.special import ndtr, ndtri

    unit = row // len(SCALES)
    rate = (most_eur / 12 - shape.utilities_eur_month) / here.dwelling_m2.ravel()[row]
    below = here.rates.share_below(rate, unit)
    scores = ndtri((np.arange(count) + 0.5) / count) * shape.rent_correlation
    return np.asarray(ndtr((scores[at] - ndtri(below)) / np.sqrt(1 - shape.rent_correlation**2)))
