"""What can be given to who needs a home, in households by size."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis.figures import wanted_frame
from needs_analysis.needs.intervals import SIZES

NIGHTS = 365


@dataclass(frozen=True, eq=False)
class Supply:
    """What can be given, in households by size.

    Parameters
    ----------
    free_ready : Series
        Free and ready on the day; occupied, reserved and broken dwellings never count.
    relets, committed : Series
        In a year: those that become free again, and those that are built or bought for it.
    """

    free_ready: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    relets: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    committed: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))

    @classmethod
    def of_places(
        cls,
        free_ready: pd.DataFrame | None = None,
        relets: pd.DataFrame | None = None,
        committed: pd.DataFrame | None = None,
        transitional_nights: pd.Series | None = None,
    ) -> Supply:
        """Return what dwellings and transitional places can give, in households by size.

        Parameters
        ----------
        free_ready, relets, committed : DataFrame, optional
            A row a dwelling, as :func:`households_held` takes them.
        transitional_nights : Series, by size of household, optional
            Nights of places that are free in a year for households of the size: as household-years
            they are given in the year, beside what is committed.

        Examples
        --------
        >>> homes = pd.DataFrame({"rooms": [1, 3]})
        >>> found = Supply.of_places(homes, transitional_nights=pd.Series({2: 4 * 365}))
        >>> found.free_ready.tolist(), found.committed[2].item()
        ([1, 0, 1, 0, 0, 0], 2.0)
        """
        none = pd.DataFrame({"rooms": []})
        free, again, new = (
            households_held(none if one is None else one) for one in (free_ready, relets, committed)
        )
        if transitional_nights is not None:
            new = new.add(household_years(transitional_nights), fill_value=0.0)
        return cls(free_ready=free, relets=again, committed=new)


def households_held(dwellings: pd.DataFrame) -> pd.Series:
    """Return how many households some dwellings house, by size: one in each.

    Parameters
    ----------
    dwellings : DataFrame
        `rooms` and, where they are known, `beds` of each.

    Returns
    -------
    Series, by size
        Households, each of the largest size that the dwelling has rooms and beds for: as many rooms
        as persons, five for six and over.

    Examples
    --------
    >>> households_held(pd.DataFrame({"rooms": [1, 3, 7], "beds": [2, 2, 8]})).tolist()
    [1, 1, 0, 0, 0, 1]
    """
    rooms = wanted_frame(dwellings, "rooms")["rooms"].astype(float)
    beds = (
        dwellings["beds"].astype(float) if "beds" in dwellings else pd.Series(np.inf, rooms.index)
    )
    size = pd.Series(np.minimum(rooms.where(rooms < SIZES[-1] - 1, SIZES[-1]), beds.fillna(np.inf)))
    counted = size[size >= 1].clip(upper=float(SIZES[-1])).astype(int).value_counts()
    return counted.reindex([*SIZES], fill_value=0)


def household_years(nights: pd.Series) -> pd.Series:
    """Return the households that transitional places house over a year.

    Parameters
    ----------
    nights : Series, by size of household
        Nights of places in a year: a household takes as many places as it has members.

    Examples
    --------
    >>> household_years(pd.Series({1: 730.0, 2: 4 * 365})).tolist()
    [2.0, 2.0]
    """
    return nights / NIGHTS / nights.index.to_series().astype(float)
