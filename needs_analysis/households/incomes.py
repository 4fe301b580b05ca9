"""Incomes inside the classes that are published: a density for each municipality, all at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from needs_analysis.households import density
from needs_analysis.households.density import Array

LIMITS = (0.0, 10_000.0, 15_000.0, 26_000.0, 55_000.0, 75_000.0, 120_000.0)
"""Limits in EUR of the MEF classes of comprehensive income between "up to 0" and the open one."""
TAIL_USUAL, TAIL_LEAST = 2.6, 1.05


class Bounds(NamedTuple):
    """A share with the least and the most that blank classes leave."""

    central: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Incomes:
    """Densities of income by unit: a mass at 0, bounded classes, a Pareto tail.

    Parameters
    ----------
    limits : ndarray, shape (classes + 1,)
        EUR, from 0 up; the tail begins at the last.
    counts : ndarray, shape (units, classes + 2)
        Declarants at 0, in each bounded class and in the open one; a blank class counts none.
    tilts : ndarray, shape (units, classes)
        Of :func:`needs_analysis.households.density.tilt`.
    tails : ndarray, shape (units,)
        Exponent of the Pareto density over the last limit.
    blank : ndarray of bool, shape (units, classes + 2)
        Which classes are blank.
    hidden : float
        The most declarants that a blank class can hold.
    """

    limits: Array
    counts: Array
    tilts: Array
    tails: Array
    blank: npt.NDArray[np.bool_]
    hidden: float = 3.0

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.counts)

    def rows(self, kept: npt.ArrayLike | slice) -> Incomes:
        """Keep some units: positions, a mask or a slice."""
        at = kept if isinstance(kept, slice) else np.asarray(kept)
        return replace(self, counts=self.counts[at], tilts=self.tilts[at], tails=self.tails[at],
                       blank=self.blank[at])  # fmt: skip

    @property
    def declarants(self) -> Array:
        """Return the declarants of each unit: the sum of its classes."""
        return np.asarray(self.counts.sum(axis=1))

    @property
    def means(self) -> Array:
        """Return the mean of each unit's density, EUR; infinite under a tail of exponent up to 1."""
        width = np.diff(self.limits)
        inside = self.limits[:-1] + width * density.mean(self.tilts)
        top = self.limits[-1] * self.tails / np.where(self.tails > 1, self.tails - 1, np.nan)
        amounts = (self.counts[:, 1:-1] * inside).sum(axis=1) + self.counts[:, -1] * top
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(amounts / self.declarants)

    def share_below(self, income: npt.ArrayLike) -> Array:
        r"""Return the share of declarants with an income up to a threshold.

        .. math:: F(x) = \frac{1}{n} \sum_k n_k F_k(x)

        Parameters
        ----------
        income : array_like, shape (units,), (units, thresholds) or one for all
            EUR a year.

        Returns
        -------
        ndarray, shape of `income` by unit
            0-1; NaN where the threshold is missing or nobody declares.
        """
        return self._over(income, self._below)

    def bounds_below(self, income: npt.ArrayLike) -> Bounds:
        """Return the share below a threshold with the least and the most that blank classes leave.

        Least: those above the threshold, and the one it falls in, hold `hidden` declarants, those
        below none; most: the other way round.
        """
        return Bounds(
            self.share_below(income),
            self._over(income, lambda x: self._with_hidden(x, below=False)),
            self._over(income, lambda x: self._with_hidden(x, below=True)),
        )

    def quantile(self, share: npt.ArrayLike) -> Array:
        """Return the income up to which a share of the declarants has.

        Parameters
        ----------
        share : array_like, shape (shares,)
            0-1, the same for all units.

        Returns
        -------
        ndarray, shape (units, shares)
            EUR a year; 0 within the mass at 0, infinite at share 1 where the tail holds anybody, NaN
            where nobody declares.
        """
        asked = np.atleast_1d(np.asarray(share, dtype=float))
        order = np.argsort(asked, kind="stable")
        found = np.empty((len(self), len(asked)))
        found[:, order] = self._sorted_quantile(asked[order])
        found[~(self.declarants > 0)] = np.nan
        return found

    def _sorted_quantile(self, asked: Array) -> Array:
        """Evaluate class after class: of sorted shares each class has a stretch."""
        with np.errstate(invalid="ignore", divide="ignore"):
            cumulated = np.cumsum(self.counts, axis=1) / self.declarants[:, None]
        last = (self.counts > 0).cumsum(axis=1).argmax(axis=1)
        # What rounding leaves over the last class that holds anybody stays in it.
        cumulated[np.arange(self.counts.shape[1]) >= last[:, None]] = 1.0
        ends = np.searchsorted(asked, cumulated.ravel(), side="right").reshape(cumulated.shape)
        lengths = np.diff(ends, axis=1, prepend=0)
        terms = (np.repeat(one.ravel(), lengths.ravel()) for one in self._terms(cumulated))
        first, span, at_0, slope = (one.reshape(len(self), -1) for one in terms)
        inside = np.log1p(np.maximum(at_0 + slope * asked, density.LEAST))
        found = first + span * inside
        # The tail is an exponential of logarithms.
        column = np.arange(len(asked)) >= ends[:, [-2]]
        row, at = np.nonzero(column)
        found[row, at] = self.limits[-1] * np.exp(found[row, at])
        return np.asarray(found)

    def _terms(self, cumulated: Array) -> tuple[Array, Array, Array, Array]:
        """Return a, b, c, d of the quantile a + b log(1 + c + d u) in each class."""
        shape = self.counts.shape
        first, span, at_0, slope = (np.zeros(shape) for _ in range(4))
        start, width = cumulated[:, :-1], np.diff(self.limits)
        with np.errstate(invalid="ignore", divide="ignore"):
            stretch = 1 / np.diff(cumulated, axis=1)
        stretch[~np.isfinite(stretch)] = 0.0
        begins, long, offset, steep = density.terms(self.tilts)
        first[:, 1:-1] = self.limits[:-1] + width * begins
        span[:, 1:-1] = width * long
        slope[:, 1:-1] = steep * stretch[:, :-1]
        at_0[:, 1:-1] = offset - slope[:, 1:-1] * start[:, :-1]
        # Over the last limit: log(x / l) = -log(1 - v) / alpha.
        span[:, -1] = -1 / self.tails
        slope[:, -1] = -stretch[:, -1]
        at_0[:, -1] = stretch[:, -1] * start[:, -1]
        return first, span, at_0, slope

    def _inside(self, income: Array) -> Array:
        """Return the share below a threshold in each class, shape (units, classes + 2)."""
        width = np.diff(self.limits)
        place = (income[:, None] - self.limits[:-1]) / width
        bounded = density.share_below(place, self.tilts)
        over = np.maximum(income, self.limits[-1]) / self.limits[-1]
        tail = 1 - over ** (-self.tails)
        return np.column_stack([income >= 0, bounded, tail])

    def _below(self, income: Array) -> Array:
        return np.asarray((self.counts * self._inside(income)).sum(axis=1) / self.declarants)

    def _with_hidden(self, income: Array, below: bool) -> Array:
        inside = self._inside(income)
        reached = inside > 0 if below else inside >= 1
        hidden = self.blank * self.hidden
        counted = (self.counts * inside).sum(axis=1) + (hidden * reached).sum(axis=1)
        kept = (hidden * (reached if below else ~reached)).sum(axis=1)
        if not below:
            counted = (self.counts * inside).sum(axis=1)
        return np.asarray(counted / (self.declarants + kept))

    def _over(self, income: npt.ArrayLike, one: object) -> Array:
        asked = np.asarray(income, dtype=float)
        if asked.ndim < 2:
            asked = np.broadcast_to(asked, (len(self),))
            columns = [asked]
        else:
            columns = list(np.broadcast_to(asked, (len(self), asked.shape[1])).T)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = [np.where(np.isnan(x), np.nan, one(x)) for x in columns]  # type: ignore[operator]
        return np.asarray(found[0] if asked.ndim < 2 else np.column_stack(found))


def fit(
    counts: npt.ArrayLike,
    amounts: npt.ArrayLike,
    limits: npt.ArrayLike = LIMITS,
    province_tails: npt.ArrayLike | None = None,
    hidden: float = 3.0,
    few: float = 30.0,
) -> Incomes:
    r"""Return the densities that have the counts and amounts of every published class.

    Parameters
    ----------
    counts, amounts : array_like, shape (units, classes + 2)
        Declarants and EUR: up to 0, in each bounded class, over the last limit; blank is NaN.
    limits : array_like, shape (classes + 1,)
        EUR, from 0 up.
    province_tails : array_like, shape (units,), optional
        Mean income over the last limit in each unit's province (:func:`tail_means`), towards which a
        mean of under `few` declarants is shrunk: (n m + (few - n) m_p) / few. Without it every unit
        stands on its own.
    hidden : float
        The most declarants that a blank class can hold.
    few : float
        Under so many declarants in the open class their mean leans on the province's.

    Returns
    -------
    Incomes
        Over the last limit :math:`\alpha = m / (m - l)`; `TAIL_USUAL` where nothing says it, never
        under `TAIL_LEAST`. A class whose mean stands outside its limits is even.

    Notes
    -----
    The losses of the class "up to 0" are no income: its declarants stand at 0.

    Examples
    --------
    >>> one = fit([[0, 100, 50, 0, 0, 0, 0, 0]], [[0, 4e5, 6.25e5, 0, 0, 0, 0, 0]])
    >>> one.share_below(10_000.0).round(4).tolist(), one.quantile([0.5]).round(0).tolist()
    ([0.6667], [[6152.0]])
    """
    counted, summed = np.asarray(counts, dtype=float), np.asarray(amounts, dtype=float)
    bounds = np.asarray(limits, dtype=float)
    held = np.nan_to_num(counted)
    with np.errstate(invalid="ignore", divide="ignore"):
        averages = np.nan_to_num(summed) / np.where(held > 0, held, np.nan)
    tilts = density.tilt((averages[:, 1:-1] - bounds[:-1]) / np.diff(bounds))
    return Incomes(
        limits=bounds,
        counts=held,
        tilts=tilts,
        tails=_tails(averages[:, -1], held[:, -1], bounds[-1], province_tails, few),
        blank=np.isnan(counted),
        hidden=hidden,
    )


def _tails(
    averages: Array,
    held: Array,
    start: float,
    province_tails: npt.ArrayLike | None,
    few: float,
) -> Array:
    if province_tails is not None:
        around = np.asarray(province_tails, dtype=float)
        own = np.where(np.isnan(averages), around, averages)
        weight = np.minimum(held, few) / few
        averages = np.where(np.isnan(around), averages, weight * own + (1 - weight) * around)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = averages / (averages - start)
    return np.where(averages > start, np.maximum(found, TAIL_LEAST), TAIL_USUAL)


def tail_means(counts: npt.ArrayLike, amounts: npt.ArrayLike, groups: npt.ArrayLike) -> Array:
    """Return the mean income over the last limit in each unit's group, EUR; NaN where nobody has one.

    The sums are exact, so that the order of the units changes nothing.

    Examples
    --------
    >>> tail_means([10, 30, 5], [2e6, 4.5e6, 1e6], ["a", "a", "b"]).tolist()
    [162500.0, 162500.0, 200000.0]
    """
    held, summed = (np.nan_to_num(np.asarray(one, dtype=float)) for one in (counts, amounts))
    _, group = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    found = np.full(len(held), np.nan)
    for one in range(group.max() + 1 if len(group) else 0):
        members = group == one
        people = fsum(held[members])
        if people > 0:
            found[members] = fsum(summed[members]) / people
    return found
