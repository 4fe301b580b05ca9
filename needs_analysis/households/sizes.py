"""How many households there are of each size, and how many of their members declare an income."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from needs_analysis.households.density import Array
from needs_analysis.households.halving import halved

SIZES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.4)
"""Persons in a household of each class of size; those of six and over count 6.4 on average."""
SHARES = (0.3497, 0.2817, 0.1796, 0.1369, 0.0365, 0.0156)
"""Shares of households by size: of the province of Brescia, 2021 (ISTAT), until others are known."""
EARNERS = (0.95, 1.55, 2.0, 2.1, 2.25, 2.4)
"""Declarants in a household of each size, before they are scaled to a municipality's."""
EARNERS_MOST = 4.0
_TILT_MOST = 60.0
_STEPS = 80


def size_shares(mean_size: npt.ArrayLike, shares: npt.ArrayLike = SHARES) -> Array:
    r"""Return the shares of households by size that have a municipality's mean size.

    .. math:: q_s \propto p_s e^{a w_s}, \qquad \sum_s q_s w_s = \bar{w}

    Parameters
    ----------
    mean_size : array_like, shape (units,)
        Residents over households; brought inside the sizes there are.
    shares : array_like, shape (sizes,) or (units, sizes)
        Of a larger territory, the province's where known.

    Returns
    -------
    ndarray, shape (units, sizes)
        0-1, summing to 1; NaN where the mean size is missing.

    Notes
    -----
    Modelled. In the 205 municipalities of Brescia, from the province's shares, the mean absolute
    error is 1.9 points for singles, 2.1 for two, 1.4, 1.0, 0.6 and 0.6 for the others.

    Examples
    --------
    >>> size_shares([2.2]).round(3).tolist()
    [[0.373, 0.285, 0.173, 0.125, 0.032, 0.013]]
    """
    persons, base = np.asarray(SIZES), np.asarray(shares, dtype=float)
    wanted = np.asarray(mean_size, dtype=float)
    wanted = np.clip(wanted, persons[0] + 1e-6, persons[-1] - 1e-6)
    most = np.full(wanted.shape, _TILT_MOST)

    def over(lean: Array) -> Array:
        return np.asarray((_tilted(lean, base) * persons).sum(axis=1) > wanted)

    found = _tilted(halved(over, -most, most, _STEPS), base)
    found[np.isnan(wanted)] = np.nan
    return found


def _tilted(lean: Array, base: Array) -> Array:
    persons = np.asarray(SIZES)
    exponent = lean[:, None] * persons
    found = base * np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def earners(
    declarants: npt.ArrayLike, households: npt.ArrayLike, usual: npt.ArrayLike = EARNERS
) -> Array:
    r"""Return the declarants in a household of each size so that the municipality's are all placed.

    .. math:: k_s = \min(f k^0_s, \min(s, 4)), \qquad \sum_s h_s k_s = n

    Parameters
    ----------
    declarants : array_like, shape (units,)
        Sum of the eight classes.
    households : array_like, shape (units, sizes)
        By size.
    usual : array_like, shape (sizes,)
        Before scaling.

    Returns
    -------
    ndarray, shape (units, sizes)
        Declarants a household. Where there are more than the sizes can hold, as many as they can.

    Notes
    -----
    The sum in f is a line between the points where one size is full: it is solved, not searched.

    Examples
    --------
    >>> earners([160], [[40, 30, 20, 10, 0, 0]]).round(3).tolist()
    [[1.0, 1.73, 2.233, 2.344, 2.512, 2.679]]
    """
    people, held = np.asarray(declarants, dtype=float), np.asarray(households, dtype=float)
    base = np.asarray(usual, dtype=float)
    most = np.minimum(np.asarray(SIZES), EARNERS_MOST)
    full = most / base  # the factor at which each size is full
    factor = np.full(people.shape, np.nan)
    for limit in [0.0, *np.sort(full)]:
        fixed = full <= limit
        placed = _sum(held[:, fixed] * most[fixed])
        rising = _sum(held[:, ~fixed] * base[~fixed])
        with np.errstate(invalid="ignore", divide="ignore"):
            here = np.where(rising > 0, (people - placed) / rising, np.inf)
        factor = np.where(np.isnan(factor) | (factor > limit), here, factor)
    factor = np.where(np.isnan(people), np.nan, factor)
    return np.asarray(np.minimum(factor[:, None] * base, most))


def _sum(held: Array) -> Array:
    return np.asarray(held.sum(axis=1))
