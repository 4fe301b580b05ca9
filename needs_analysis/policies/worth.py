"""What a rule of cost is asked with, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from needs_analysis.errors import Problem
from needs_analysis.policies.catalogue import Policy
from needs_analysis.policies.costs.amounts import Array
from needs_analysis.policies.drawn_tenants import Tenants


class Slot(NamedTuple):
    """Where a number of a rule comes from, and what more of it means.

    Parameters
    ----------
    row : str
        Of ``parameters.csv``, where the policy names none; empty: only the policy can name one.
    worse : int
        +1: more is worse (a cost, a risk), -1: more is better (an effect); 0 is chosen, not uncertain.
    """

    row: str = ""
    worse: int = 0


@dataclass(frozen=True, eq=False)
class Asked:
    """What a rule is asked with.

    Parameters
    ----------
    policy : Policy
        The entry.
    numbers : mapping of str to float
        By slot, on the side that is asked.
    burdened, all : Tenants
        Market tenants over the threshold; all of them.
    in_need : ndarray of bool, shape (cells,)
        Cells whose households' rents and incomes are those of the burdened.
    place : ndarray of int, shape (cells,)
        Of each cell, in the tenants.
    threshold, utilities_eur_year : float
        Share of net income; what the modelled rents hold beside the rent.
    own_exits : mapping of str to float
        Of the office's register, by policy.
    read : set of str
        The slots that the rule has read.
    """

    policy: Policy
    numbers: Mapping[str, float]
    burdened: Tenants
    all: Tenants
    in_need: np.ndarray
    place: np.ndarray
    threshold: float
    utilities_eur_year: float
    own_exits: Mapping[str, float]
    read: set[str] = field(default_factory=set)

    def __getitem__(self, slot: str) -> float:
        """Return the number of a slot."""
        self.read.add(slot)
        return self.numbers[slot]

    def get(self, slot: str, other: float) -> float:
        """Return the number of a slot that may have none, else another."""
        return self[slot] if slot in self.numbers else other

    def contract(self, of: Tenants) -> Array:
        """Return the rents of the contracts of a year, without utilities, EUR."""
        return np.maximum(of.rent_eur - self.utilities_eur_year, 0.0) * self["rents"]

    def per_cell(self, value: Callable[[Tenants], Array]) -> Array:
        """Return what a value of places is in each cell."""
        first, others = (value(of)[self.place] for of in (self.burdened, self.all))
        return np.asarray(np.where(self.in_need, first, others), dtype=float)

    def under(self, of: Tenants, rent_eur: Array) -> Array:
        """Return 1 where a rent is within the threshold."""
        within = rent_eur + self.utilities_eur_year <= self.threshold * of.net_eur
        return np.asarray(within, dtype=float)


@dataclass(frozen=True, eq=False)
class Worth:
    """What a policy is worth in each cell.

    Parameters
    ----------
    cost_eur : ndarray, shape (cells,)
        Of a helped household.
    eligible, outcome, deadweight : ndarray or number
        Share of the cell that meets the conditions; out of need a helped one, None where no effect is
        known; out of it anyway.
    take_up : float
        Share of the eligible reached at most.
    fixed_eur, unit_households, unit_eur, unit_annuity_eur : float
        As an offer has them.
    said : list of Problem
        What must be read with it.
    """

    cost_eur: Array
    eligible: Array | float = 1.0
    outcome: Array | float | None = None
    deadweight: Array | float = 0.0
    take_up: float = 1.0
    fixed_eur: float = 0.0
    unit_households: float = np.nan
    unit_eur: float = np.nan
    unit_annuity_eur: float = np.nan
    said: list[Problem] = field(default_factory=list)


class Rule(NamedTuple):
    """A rule of cost: its slots, how it is worked out, the sets of slots one of which it wants."""

    slots: Mapping[str, Slot]
    worth: Callable[[Asked], Worth]
    wants: tuple[tuple[str, ...], ...] = ()

    def lacking(self, numbers: Mapping[str, float]) -> list[str]:
        """Return the slots without a number, of the set that lacks fewest."""
        short = [[one for one in some if one not in numbers] for some in self.wants]
        return min(short, key=len, default=[])
