"""Classes that come with counts and one mean for all of them: the general path to a density.

MEF publishes the amount of each class (:mod:`needs_analysis.households.incomes`); most tables of
incomes, wages or ISEE bands do not. Then the shape inside a class is read from its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from needs_analysis.households.density import Array

if TYPE_CHECKING:
    from scipy.interpolate import PPoly

_TAIL_LEAST, _TAIL_USUAL = 1.05, 2.6


@dataclass(frozen=True)
class Counted:
    """One distribution through the counts of its classes, with a Pareto tail that keeps the mean.

    Parameters
    ----------
    limits : ndarray, shape (classes + 1,)
        From the lowest value up; the tail begins at the last.
    cumulated : ndarray, shape (classes + 1,)
        Share below each limit.
    curve : PPoly
        Monotone cubic through them.
    tail : float
        Exponent of the Pareto density.
    """

    limits: Array
    cumulated: Array
    curve: PPoly
    tail: float

    def share_below(self, value: npt.ArrayLike) -> Array:
        """Return the share up to some values, 0-1."""
        asked = np.asarray(value, dtype=float)
        inside = self.curve(np.clip(asked, self.limits[0], self.limits[-1]))
        over = np.maximum(asked / self.limits[-1], 1.0)
        top = 1 - (1 - self.cumulated[-1]) * over**-self.tail
        return np.asarray(np.where(asked > self.limits[-1], top, inside))

    def quantile(self, share: npt.ArrayLike) -> Array:
        """Return the values up to which some shares lie."""
        asked = np.atleast_1d(np.asarray(share, dtype=float))
        found = np.empty(asked.shape)
        over = asked > self.cumulated[-1]
        for at in np.flatnonzero(~over):
            roots = self.curve.solve(asked[at], extrapolate=False)
            found[at] = roots[np.isfinite(roots)][0]
        left = (1 - asked[over]) / (1 - self.cumulated[-1])
        with np.errstate(divide="ignore"):
            found[over] = self.limits[-1] * left ** (-1 / self.tail)
        return found


def through_counts(counts: npt.ArrayLike, limits: npt.ArrayLike, mean: float) -> Counted:
    """Return the distribution that has the counts of every class and one mean.

    Parameters
    ----------
    counts : array_like, shape (classes + 1,)
        Units in each bounded class and over the last limit.
    limits : array_like, shape (classes + 1,)
        From the lowest value up.
    mean : float
        Of all units.

    Notes
    -----
    The cubic is that of Fritsch and Butland (1984), never decreasing. The tail takes what is left of
    the mean; where the classes leave less than its own beginning it has the usual exponent, 2.6.

    References
    ----------
    von Hippel, Hunter and Drown (2017), Better Estimates from Binned Income Data: Interpolated CDFs
    and Mean-Matching, Sociological Science 4.

    Examples
    --------
    >>> one = through_counts([50, 40, 10], [0, 20_000, 60_000], 31_000)
    >>> one.quantile(0.5).round().tolist(), one.share_below(60_000).round(3).tolist()
    ([20000.0], 0.9)
    """
    from scipy.interpolate import PchipInterpolator  # heavy: only where it is used

    held, bounds = np.asarray(counts, dtype=float), np.asarray(limits, dtype=float)
    cumulated = np.concatenate([[0.0], np.cumsum(held[:-1])]) / held.sum()
    curve = PchipInterpolator(bounds, cumulated)
    inside = bounds[-1] * cumulated[-1] - float(curve.integrate(bounds[0], bounds[-1]))
    top = (mean - inside) / (1 - cumulated[-1]) if cumulated[-1] < 1 else np.nan
    tail = max(top / (top - bounds[-1]), _TAIL_LEAST) if top > bounds[-1] else _TAIL_USUAL
    return Counted(bounds, cumulated, curve, tail)
