"""What can be given to who needs a home, in households by size."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


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
