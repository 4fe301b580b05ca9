"""The modelled households that the cost of a policy is an expectation over, by municipality and size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households import sizes
from needs_analysis.policies.cells import SIZES
from needs_analysis.policies.costs.amounts import Array

_LAST = len(SIZES) - 1
PERSONS = (
    *sizes.SIZES[:_LAST],
    float(np.average(sizes.SIZES[_LAST:], weights=sizes.SHARES[_LAST:])),
)
"""Persons in a household of each size of a cell; in those of four and over, on average (4.4)."""


@dataclass(frozen=True, eq=False)
class Tenants:
    """Market tenants as weighted households, each in a place of municipality and size.

    Parameters
    ----------
    declared_eur, net_eur, rent_eur, weight : ndarray, shape (rows,)
        Incomes and rent of a year; households that a row stands for.
    place : ndarray of int, shape (rows,)
        Position of the municipality times four, plus size less one.
    places : int
        How many there are.
    """

    declared_eur: Array
    net_eur: Array
    rent_eur: Array
    weight: Array
    place: npt.NDArray[np.int_]
    places: int

    @classmethod
    def of(cls, rows: pd.DataFrame, codes: pd.Index) -> Tenants:
        """Put rows of :func:`needs_analysis.households.market_tenants` in places."""
        municipality = codes.get_indexer(pd.Index(rows["municipality_code"].astype(object)))
        size = np.minimum(rows["size"].to_numpy(), SIZES[-1])
        declared, net, rent, weight = (
            rows[one].to_numpy(dtype=float)
            for one in ("declared_income_eur", "net_income_eur", "rent_eur", "households")
        )
        place = np.asarray(municipality * len(SIZES) + size - 1)
        return cls(declared, net, rent, weight, place, len(codes) * len(SIZES))

    def held(self, share: Array | float = 1.0) -> Array:
        """Return the households of each place, or those of them with something."""
        return np.asarray(np.bincount(self.place, self.weight * share, self.places), dtype=float)

    def mean(self, values: Array, of: Array | float = 1.0) -> Array:
        """Return the mean of a value in each place, over those with something.

        Notes
        -----
        Where nobody is, the mean of the same size in all places, else of all sizes; NaN where nobody is
        anywhere.
        """
        held, summed = self.held(of), self.held(values * of)
        sums, counts = (one.reshape(-1, len(SIZES)).sum(axis=0) for one in (summed, held))
        with np.errstate(invalid="ignore", divide="ignore"):
            of_size = np.where(counts > 0, sums / counts, sums.sum() / counts.sum())
            around = np.tile(of_size, len(held) // len(SIZES))
            return np.asarray(np.where(held > 0, summed / held, around))

    def share(self, of: Array) -> Array:
        """Return the share of the households of each place with something, 0-1."""
        return self.mean(of)
