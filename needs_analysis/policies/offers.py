"""What a policy offers to the households of an area: what one helped costs, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from needs_analysis.policies.catalogue import OUTCOMES as OUTCOMES

SIDES = ("low", "central", "high")
"""Of an outcome: at `low` costs are at their highest and effects at their lowest."""


@dataclass(frozen=True, eq=False)
class Offer:
    """What a policy does in an area, by cell of municipality, group and size.

    Parameters
    ----------
    policy : str
        Its id.
    outcome : str or None
        Of `OUTCOMES`; None where no effect is known: it is costed, never optimised.
    cells : DataFrame
        On the index of the cells (municipality_code, group, size), those that it may reach:
        `eligible` (households that meet its conditions, at most the cell's central), `take_up` (share
        of them that would be reached at most), `cost_eur` (expected, a helped household, a year),
        `outcome` (households out of need a helped one, 0-1, deadweight off), `deadweight` (share of
        the helped who would have come out without it).
    fixed_eur : float
        Paid once where it is opened.
    opened : {"area", "municipality"}
        Where its fixed cost is paid.
    unit_households : float
        Households a year that a unit (a dwelling, a place) holds; NaN where it can be divided.
    unit_eur : float
        Cash of the year of a unit; the cost of the cells then comes on top. NaN where divided.
    unit_annuity_eur : float
        The same as a yearly amount over its life: printed beside, never optimised.
    minimum_units : float
        The smallest that is done at all, in units or in households; 0 is none.
    conditional : tuple of str
        What must be read with it.
    """

    policy: str
    outcome: str | None
    cells: pd.DataFrame
    fixed_eur: float
    opened: str
    unit_households: float
    unit_eur: float
    unit_annuity_eur: float
    minimum_units: float
    conditional: tuple[str, ...]

    def __repr__(self) -> str:
        """Say what it may reach."""
        reached = float((self.cells["eligible"] * self.cells["take_up"]).sum())
        return f"<Offer {self.policy} ({self.outcome}): {reached:,.0f} households at most>"
