"""Incomes of a later year than the classes: the region's quantiles, then the growth of means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households.density import Array
from needs_analysis.households.incomes import Bounds, Incomes

_KNOTS = 4_096


@dataclass(frozen=True)
class Carried:
    r"""Incomes of one year read at the same regional rank in another, times a growth.

    .. math:: Y' = g \, Q_{r}^{later}(F_{r}^{earlier}(Y))

    Parameters
    ----------
    incomes : Incomes
        Of the municipalities, in the year of the classes.
    earlier, later : Incomes
        Of the regions, in that year and in the later one; the same rows.
    region : ndarray of int, shape (units,)
        Row of each municipality's region.
    growth : ndarray, shape (units,)
        Own growth over the region's, and of whatever came after the later year; 1 is none.
    knots : tuple of pairs of ndarray
        For each region incomes of both years at the same ranks: of :func:`transport`.
    """

    incomes: Incomes
    earlier: Incomes
    later: Incomes
    region: npt.NDArray[np.int_]
    growth: Array
    knots: tuple[tuple[Array, Array], ...]

    def __len__(self) -> int:
        """Return the number of municipalities."""
        return len(self.incomes)

    def rows(self, kept: npt.ArrayLike | slice) -> Carried:
        """Keep some municipalities: positions, a mask or a slice."""
        at = kept if isinstance(kept, slice) else np.asarray(kept)
        return replace(
            self, incomes=self.incomes.rows(at), region=self.region[at], growth=self.growth[at]
        )

    @property
    def declarants(self) -> Array:
        """Return the declarants of each municipality: those of the year of the classes."""
        return self.incomes.declarants

    @property
    def means(self) -> Array:
        """Return the mean income of the later year, EUR: the mean of the quantiles."""
        shares = (np.arange(_KNOTS) + 0.5) / _KNOTS
        return np.asarray(self.quantile(shares).mean(axis=1))

    def back(self, income: npt.ArrayLike) -> Array:
        """Return the incomes of the year of the classes that became these, EUR."""
        asked = np.asarray(income, dtype=float)
        wide = np.broadcast_to(asked.reshape(-1, 1) if asked.ndim < 2 else asked,
                               (len(self), 1 if asked.ndim < 2 else asked.shape[1]))  # fmt: skip
        found = np.empty(wide.shape)
        for one in np.unique(self.region):
            members = self.region == one
            then = (wide[members] / self.growth[members, None]).reshape(1, -1)
            rank = self.later.rows([one]).share_below(then)
            found[members] = (
                self.earlier.rows([one]).quantile(rank.ravel()).reshape(-1, wide.shape[1])
            )
        return found[:, 0] if asked.ndim < 2 else found

    def share_below(self, income: npt.ArrayLike) -> Array:
        """Return the share of declarants with an income of the later year up to a threshold."""
        return self.incomes.share_below(self.back(income))

    def bounds_below(self, income: npt.ArrayLike) -> Bounds:
        """Return that share with the least and the most that blank classes leave."""
        return self.incomes.bounds_below(self.back(income))

    def quantile(self, share: npt.ArrayLike) -> Array:
        """Return the income of the later year up to which a share of the declarants has, EUR.

        Between knots of the region's transport, 4,096 and the limits of classes, it is a line.
        """
        asked = np.atleast_1d(np.asarray(share, dtype=float))
        order = np.argsort(asked, kind="stable")
        own = self.incomes.quantile(asked[order])  # of rising incomes the line is found at once
        found = np.empty(own.shape)
        for one in np.unique(self.region):
            members = self.region == one
            found[np.ix_(members, order)] = _moved(own[members], *self.knots[one])
        return found * self.growth[:, None]


def transport(earlier: Incomes, later: Incomes) -> tuple[Array, Array]:
    """Return incomes of one region in both years at the same ranks, from the lowest up."""
    even = np.arange(1, _KNOTS) / _KNOTS
    tail = 1 - 0.5 ** np.arange(12, 33)
    limits = [
        one.share_below(inside)[0] for one in (earlier, later) for inside in [one.limits[None, :]]
    ]
    ranks = np.unique(np.concatenate([even, tail, *limits]))
    ranks = ranks[(ranks > 0) & (ranks < 1)]
    before, after = earlier.quantile(ranks)[0], later.quantile(ranks)[0]
    # Below the lowest class of either year all stand at 0.
    kept = np.concatenate([[True], np.diff(before) > 0])
    return np.concatenate([[0.0], before[kept]]), np.concatenate([[0.0], after[kept]])


def _moved(incomes: Array, before: Array, after: Array) -> Array:
    moved = np.interp(incomes, before, after)
    # Over the last knot incomes grow as it did.
    over = incomes > before[-1]
    return np.where(over, incomes * (after[-1] / before[-1]), moved)


def carry(
    incomes: Incomes,
    region: npt.ArrayLike,
    earlier: Incomes,
    later: Incomes,
    growth: npt.ArrayLike,
    region_growth: npt.ArrayLike,
    beyond: npt.ArrayLike = 1.0,
) -> Carried:
    """Carry incomes to a later year by the region's quantiles and the municipality's own growth.

    Parameters
    ----------
    incomes : Incomes
        Of the municipalities.
    region : array_like of int, shape (units,)
        Row of each one's region in `earlier` and `later`.
    earlier, later : Incomes
        Of the regions: in the year of the classes and in the later one.
    growth : array_like, shape (units,)
        Later over earlier mean comprehensive income of the municipality; NaN takes the region's.
    region_growth : array_like, shape (units,)
        The same of its region, between the same two years.
    beyond : array_like, shape (units,)
        Growth of the region's mean from the later year to a last one.

    Notes
    -----
    The plain ratio of means overstates low incomes: from 2021 to 2023 they grew more than the mean in
    every region.
    """
    own, around = np.asarray(growth, dtype=float), np.asarray(region_growth, dtype=float)
    relative = np.where(np.isnan(own), 1.0, own / around)
    knots = tuple(transport(earlier.rows([k]), later.rows([k])) for k in range(len(earlier)))
    home = np.asarray(region, dtype=int)
    return Carried(incomes, earlier, later, home, relative * np.asarray(beyond), knots)


def pooled(values: pd.DataFrame, region: pd.Series) -> pd.DataFrame:
    """Sum counts and amounts by region, exactly: the order of the rows changes nothing.

    Examples
    --------
    >>> frame = pd.DataFrame({"n": [1.0, 2.0, None]}, index=["a", "b", "c"])
    >>> pooled(frame, pd.Series(["03", "03", "04"], index=frame.index))["n"].tolist()
    [3.0, 0.0]
    """
    return values.fillna(0.0).groupby(region.to_numpy()).agg(fsum)
