"""The households in need of an area in cells that count nobody twice: municipality, group, size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.households.sizes import SHARES
from needs_analysis.needs import NeedResult
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.policies.costs.amounts import Array

SIZES = (1, 2, 3, 4)
"""Members of a household; the last stands for four and over."""
BURDENED = "affordability"


def cells(need: NeedResult) -> pd.DataFrame:
    r"""Return the distinct households in need by municipality, group and size.

    .. math:: h_{mgs} = d_m \frac{n_{mg}}{\sum_g n_{mg}} q_{mgs}, \qquad \sum_s q_{mgs} = 1

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.

    Returns
    -------
    DataFrame
        By municipality_code, group and size (1-4, the last stands for four and over): `low`, `central`,
        `high` households. Over groups and sizes they are the distinct households of the municipality.

    Notes
    -----
    A group without a figure has no cells. Who pays too much has the sizes of the estimate; the other
    groups those of all market tenants of the municipality, since nobody counts theirs; without an
    estimate by size, those of the households of a province (`households.sizes.SHARES`). Confidential
    where own counts are in the need.

    Examples
    --------
    >>> from needs_analysis.needs.estimate import of_estimates
    >>> panel = pd.DataFrame({"households": [1000.0], "eviction_orders": [4.0]}, index=["108033"])
    >>> burdened = pd.DataFrame({"overburdened_tenants": [60.0]}, index=["108033"])
    >>> found = cells(of_estimates(panel, burdened))
    >>> found.groupby("group")["central"].sum().round(2).to_dict()
    {'affordability': 57.75, 'eviction_order': 3.85}
    """
    wanted(need, NeedResult)
    counts = need.parted().counts
    codes = counts.index.get_level_values("municipality_code")
    groups = counts.index.get_level_values("group")
    shares = _shares(need.tenants).reindex(codes).to_numpy()
    own = _shares(_burdened(need)).reindex(codes).to_numpy()
    first = (groups == BURDENED)[:, None] & ~np.isnan(own)
    shares = np.where(first, own, shares)
    shares = np.where(np.isnan(shares), folded(np.asarray([SHARES])), shares)
    index = pd.MultiIndex.from_arrays(
        [np.repeat(codes, len(SIZES)), np.repeat(groups, len(SIZES)), np.tile(SIZES, len(counts))],
        names=["municipality_code", "group", "size"],
    )
    values = {name: (counts[[name]].to_numpy() * shares).ravel() for name in BOUNDS}
    return pd.DataFrame(values, index=index)


def folded(sizes: Array) -> Array:
    """Return numbers by size 1-6 as by size 1-4, the last for four and over.

    Examples
    --------
    >>> folded(np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])).tolist()
    [[1.0, 2.0, 3.0, 15.0]]
    """
    last = len(SIZES) - 1
    return np.column_stack([sizes[:, :last], sizes[:, last:].sum(axis=1)])


def _burdened(need: NeedResult) -> pd.DataFrame:
    if not len(need.by_size):
        return pd.DataFrame()
    long = need.by_size["central"].rename_axis(["municipality_code", "size"]).reset_index()
    return long.pivot_table("central", "municipality_code", "size", aggfunc="sum")


def _shares(sizes: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of the sizes in each municipality; NaN where there is nobody."""
    names = [*SIZES]
    if sizes.empty:
        return pd.DataFrame(columns=names, dtype=float)
    held = folded(sizes.to_numpy(dtype=float))
    whole = held.sum(axis=1, keepdims=True)
    return pd.DataFrame(held / np.where(whole > 0, whole, np.nan), sizes.index, names)
