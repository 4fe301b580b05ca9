"""Who rents: the share of a municipality, of each band of income in it, and who from a public body."""

from __future__ import annotations

from math import fsum

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households.density import Array
from needs_analysis.households.halving import LOGIT_MOST, halved

FIFTHS = (0.318, 0.245, 0.190, 0.155, 0.113)
"""Share of renting households in each national fifth of equivalised income (ISTAT, 2021)."""
PREDICTORS = ("log_density", "log_mean_size", "log_income", "older_share", "young_share")


def predicted_logits(frame: pd.DataFrame, observed_share: pd.Series) -> pd.Series:
    r"""Return the logit of the renting share of every municipality, observed or from its likes.

    .. math:: \ln \frac{r}{1 - r} = b_0 + \sum_j b_j x_j

    by weighted least squares on the municipalities where it was observed (weight: households).

    Parameters
    ----------
    frame : DataFrame
        By municipality: `PREDICTORS` and `households`.
    observed_share : Series
        Renting over all households, on the same index; NaN where it is not known.

    Returns
    -------
    Series
        Logit, on the index; the observed one where there is one.

    Notes
    -----
    Neither citizenship nor origin is among the predictors, on purpose. A region's level comes from
    :func:`raked_shares`: it is not fitted here, where half of the regions have no observation.
    """
    x = frame[list(PREDICTORS)]
    design = np.column_stack([np.ones(len(x)), (x.fillna(x.median())).to_numpy(dtype=float)])
    share = observed_share.reindex(frame.index).to_numpy(dtype=float)
    known = (share > 0) & (share < 1)
    order = np.argsort(frame.index.to_numpy().astype(str))
    order = order[known[order]]  # whatever the order of the rows, the same sums
    root = np.sqrt(frame["households"].to_numpy(dtype=float)[order])
    logit = np.log(share[order] / (1 - share[order]))
    slopes = np.linalg.lstsq(design[order] * root[:, None], logit * root, rcond=None)[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.log(share / (1 - share))
    fitted = (design * slopes).sum(axis=1)
    return pd.Series(np.where(known, own, fitted), index=frame.index, name="renting_logit")


def raked_shares(
    logits: npt.ArrayLike,
    households: npt.ArrayLike,
    region: npt.ArrayLike,
    targets: npt.ArrayLike,
    observed: npt.ArrayLike | None = None,
) -> Array:
    """Return the renting shares that add up to each region's, all logits of it moved alike.

    Parameters
    ----------
    logits, households : array_like, shape (units,)
        Before raking; the weights.
    region : array_like of int, shape (units,)
        Row of each one's region in `targets`; -1 leaves a municipality as it is.
    targets : array_like, shape (regions,)
        Renting share of households, 0-1; NaN leaves the region as it is.
    observed : array_like of bool, shape (units,), optional
        Whose share is known and stays: the others make up for it.

    Returns
    -------
    ndarray, shape (units,)
        0-1.

    Examples
    --------
    >>> raked_shares([0.0, 1.0], [100.0, 300.0], [0, 0], [0.2]).round(4).tolist()
    [0.1006, 0.2331]
    """
    given, weight = np.asarray(logits, dtype=float), np.asarray(households, dtype=float)
    home, wanted = np.asarray(region, dtype=int), np.asarray(targets, dtype=float)
    fixed = np.zeros(given.shape, dtype=bool) if observed is None else np.asarray(observed)
    moved = given.copy()
    for one in range(len(wanted)):
        members, known = (np.flatnonzero((home == one) & here) for here in (~fixed, fixed))
        if len(members) and np.isfinite(wanted[one]):
            every = fsum([*weight[members], *weight[known]])
            own = fsum(weight[known] / (1 + np.exp(-given[known])))
            moved[members] += _shift(given[members], weight[members], wanted[one] * every - own)
    return np.asarray(1 / (1 + np.exp(-moved)))


def _shift(logits: Array, weight: Array, total: float) -> float:
    # Exact sums: the order of the municipalities changes nothing.
    return float(halved(lambda moved: fsum(weight / (1 + np.exp(-(logits + moved)))) > total))


def shares_by_band(
    bands: npt.ArrayLike,
    renting: npt.ArrayLike,
    fifths: npt.ArrayLike = FIFTHS,
    gradient: float = 1.0,
) -> Array:
    r"""Return the renting share of each band of income, odds between fifths kept, total as given.

    .. math:: \frac{r_b}{1 - r_b} = a \left(\frac{p_f}{1 - p_f}\right)^{\gamma}, \qquad
              \sum_b t_b r_b = r \sum_b t_b

    Parameters
    ----------
    bands : array_like, shape (units, bands)
        Households, or their shares, by band of equivalised income; as many bands in each fifth.
    renting : array_like, shape (units,)
        Renting share of all households, 0-1.
    fifths : array_like, shape (5,)
        Renting share of each national fifth: used as odds, never as levels.
    gradient : float
        How much the fifths differ: 1 as published, 0 not at all.

    Examples
    --------
    >>> shares_by_band([[20, 20, 20, 20, 20]], [0.2]).round(3).tolist()
    [[0.312, 0.24, 0.186, 0.152, 0.11]]
    """
    held, wanted = np.asarray(bands, dtype=float), np.asarray(renting, dtype=float)
    national = np.repeat(np.asarray(fifths, dtype=float), held.shape[1] // 5)
    lean = gradient * np.log(national / (1 - national))
    total = wanted * held.sum(axis=1)

    def renting_of(households: Array | float, moved: Array) -> Array:
        return np.asarray(households / (1 + np.exp(-(lean + moved[:, None]))))

    most = np.full(wanted.shape, LOGIT_MOST)
    found = renting_of(
        1.0, halved(lambda moved: renting_of(held, moved).sum(axis=1) > total, -most, most)
    )
    found[np.isnan(wanted)] = np.nan
    return np.asarray(found)


def public_shares(
    renters: npt.ArrayLike, group: npt.ArrayLike, dwellings: npt.ArrayLike, poorest: float
) -> Array:
    """Return the share of a group's renters of each band who rent from a public body or at less.

    A part of the dwellings stands over the poorest renters of the group, band after band from the
    lowest; the rest over those that are left, alike.

    Parameters
    ----------
    renters : array_like, shape (units, bands)
        Renting households by band of equivalised income, from the lowest.
    group : array_like of int, shape (units,)
        Who shares the dwellings: a region, or a municipality that knows its own.
    dwellings : array_like, shape (groups,)
        Occupied ones; NaN is none.
    poorest : float
        Part of the dwellings that the poorest have, 0-1.

    Returns
    -------
    ndarray, shape (groups, bands)
        0-1, alike for all the units of a group.

    Examples
    --------
    >>> public_shares([[10, 10, 20]], [0], [12], 0.5).round(3).tolist()
    [[0.671, 0.176, 0.176]]
    """
    held, home = np.nan_to_num(np.asarray(renters, dtype=float)), np.asarray(group, dtype=int)
    homes = np.nan_to_num(np.asarray(dwellings, dtype=float))
    found = np.zeros((len(homes), held.shape[1]))
    for one in np.unique(home):
        pool = np.array([fsum(band) for band in held[home == one].T])
        found[one] = _filled(pool, min(homes[one], fsum(pool)), poorest)
    return found


def _filled(pool: Array, homes: float, poorest: float) -> Array:
    below = np.concatenate([[0.0], np.cumsum(pool)[:-1]])
    first = np.clip(poorest * homes - below, 0.0, pool)
    left = pool - first
    alike = (homes - poorest * homes) / left.sum() if left.sum() > 0 else 0.0
    taken = first + left * alike
    return np.divide(taken, pool, out=np.zeros(pool.shape), where=pool > 0)
