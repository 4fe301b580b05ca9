"""What given budgets do: each policy helps in proportion to whom it may reach; nothing is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, inf, isfinite
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.policies.mix import Choice, Mix, mix_of
from needs_analysis.policies.offers import Offer, limit_share
from needs_analysis.policies.optimisation import wrong_amount
from needs_analysis.policies.pairs import Pairs, barred, pairs_of
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.programme import FloatArray

Budget = float | Mapping[str, float]
"""EUR, or ``{"eur": ...}``, or ``{"households": ...}``."""
_NEAR = 1e-9


def simulate(
    cells: pd.DataFrame,
    offers: Mapping[str, Offer],
    budgets: Mapping[str, Budget],
    *,
    sides: Mapping[str, Mapping[str, Offer]] | None = None,
) -> Mix:
    """Return what policies do with the budgets they are given.

    Parameters
    ----------
    cells : DataFrame
        Distinct households by municipality, group and size: `central`.
    offers : mapping of str to Offer
        By id, in the order of the catalogue.
    budgets : mapping of str to float or mapping
        By id: EUR of a year, or ``{"households": n}``; a policy without one does nothing.
    sides
        As :func:`needs_analysis.policies.optimise`.

    Returns
    -------
    Mix
        Of status "simulated".

    Raises
    ------
    PoliciesError
        A policy that is not there; a budget that cannot be.

    Notes
    -----
    One policy after the other, in the order of the catalogue. What opens in each municipality opens in
    all where somebody may be helped; with what is left the policy helps in proportion to those it may
    reach and that no policy before it has helped. Whole households, whole units, never over its budget.

    Examples
    --------
    >>> at = pd.MultiIndex.from_tuples([("108033", "affordability", 2), ("108041", "affordability", 2)],
    ...                                names=["municipality_code", "group", "size"])
    >>> cells = pd.DataFrame({"low": 15.0, "central": [30.0, 10.0], "high": 30.0}, index=at)
    >>> offer = pd.DataFrame({"eligible": [30.0, 10.0], "take_up": 0.5, "cost_eur": 2000.0,
    ...                       "outcome": 0.5, "deadweight": 0.1}, index=at)
    >>> fund = Offer("P05", "burden", offer, 0.0, "area", np.nan, np.nan, np.nan, 0.0, ())
    >>> simulate(cells, {"P05": fund}, {"P05": 9000}).by_cell["helped"].tolist()
    [3.0, 1.0]
    """
    problems = [one for key, given in budgets.items() for one in _wrong(key, given, offers)]
    if not len(cells):
        problems.append(problem("no_cells"))
    if not budgets:
        problems.append(problem("no_budget"))
    if problems:
        raise PoliciesError(*problems)
    used = {key: one for key, one in offers.items() if key in budgets}
    weights = {one.outcome: 1.0 for one in used.values()}
    pairs = pairs_of(cells, used, weights)
    left, count = pairs.pool.copy(), len(pairs.openings.most)
    choice = Choice(pairs, np.zeros(len(pairs.most)), np.zeros(count), np.zeros(count))
    idle, notes = barred(cells, used)
    total = 0.0
    for position, key in enumerate(pairs.policies):
        money, most = _asked(budgets[key])
        done, note = _one(pairs, position, left, money, most)
        choice = _together(choice, done)
        left = left - np.bincount(pairs.cell, done.helped, len(left))
        spent = float(done.spent.sum())
        total += money if isfinite(money) else spent
        if note is not None:
            notes[key] = idle.get(key, note)
        elif isfinite(money) and money - spent >= _dearest(pairs, position):
            notes[key] = problem("left_over", euro=floor(money - spent))
    known = {key: weight for key, weight in weights.items() if key is not None}
    return mix_of(choice, total, known, sides=sides, worth=np.nan, bound=np.nan, gap=np.nan,
                  status="simulated", notes=notes, limit_share=limit_share(offers))  # fmt: skip


def _wrong(key: str, given: object, offers: Mapping[str, Offer]) -> list[Problem]:
    found = []
    if key not in offers:
        found.append(problem("unknown", policy=str(key), known=tuple(offers)))
    said = given if isinstance(given, Mapping) else {"eur": given}
    if len(said) != 1 or not set(said) <= {"eur", "households"}:
        return [*found, problem("eur_or_households", policy=str(key))]
    value: Any = next(iter(said.values()))
    if "eur" in said:
        return [*found, *wrong_amount(str(key), value)]
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not (good and isfinite(value) and value >= 0):
        found.append(problem("households", name=str(key), found=str(value)))
    return found


def _asked(given: Budget) -> tuple[float, float]:
    """Return the euros and the households that bind."""
    said = given if isinstance(given, Mapping) else {"eur": given}
    return float(said.get("eur", inf)), float(said.get("households", inf))


def _together(one: Choice, other: Choice) -> Choice:
    return Choice(one.pairs, one.helped + other.helped, one.opened + other.opened,
                  one.units + other.units)  # fmt: skip


def _one(
    pairs: Pairs, position: int, left: FloatArray, money: float, most: float
) -> tuple[Choice, Problem | None]:
    """Return what a policy does with its budget, and why it does nothing where that is so."""
    own, count = pairs.openings, len(pairs.openings.most)
    idle = Choice(pairs, np.zeros(len(pairs.most)), np.zeros(count), np.zeros(count))
    mine, its = pairs.policy == position, own.policy == position
    room = np.where(mine, np.minimum(pairs.most, np.clip(left[pairs.cell], 0.0, None)), 0.0)
    by = np.bincount(pairs.opening, room, count)
    # A municipality with fewer than the smallest scale does not begin.
    scale = np.where(own.in_units, 0.0, own.least)
    begins = its & (by > _NEAR) & (by >= scale)
    room, by = np.where(begins[pairs.opening], room, 0.0), np.where(begins, by, 0.0)
    there = float(room.sum())
    if there <= _NEAR:
        return idle, problem("nobody_left")
    opened = (begins & own.decided).astype(float)
    if (fixed := float((own.fixed_eur * opened).sum())) > money:
        return idle, problem("fixed_over", fixed=fixed, budget=money)
    at = int(np.flatnonzero(begins)[0])
    units, helped = _affordable(money - fixed, min(there, most), float(pairs.cost_eur @ room) / there,
                                float(own.unit[at]), float(own.unit_eur[at]))  # fmt: skip
    share = by / there
    done = units * share if own.in_units[at] else helped * share
    if helped == 0:
        return idle, problem("too_little")
    if (done[begins] < own.least[begins] * (1 - _NEAR)).any():
        return idle, problem("under_scale", least=float(own.least[at]))
    counted = units * share if own.in_units[at] else np.zeros(count)
    return Choice(pairs, room * helped / there, opened, counted), None


def _affordable(
    money: float, most: float, mean: float, unit: float, unit_eur: float
) -> tuple[int, int]:
    """Return the units and the whole households that an amount pays.

    Examples
    --------
    >>> _affordable(9500.0, 30.0, 2000.0, np.nan, 0.0), _affordable(9500.0, 30.0, 500.0, 3.0, 2000.0)
    ((0, 4), (3, 7))
    """
    whole = floor(most + 1e-6)
    if np.isnan(unit):
        return 0, min(whole, floor(money / mean + _NEAR)) if mean > 0 and isfinite(money) else whole
    units = int(np.ceil(whole / unit - _NEAR))
    if isfinite(money) and (full := unit_eur + unit * mean) > 0:
        units = min(units, floor(money / full + _NEAR) + 1)
    for count in range(units, 0, -1):  # at most one is too many, and the last may be half empty
        rest = money - count * unit_eur
        paid = rest / mean if mean > 0 and isfinite(rest) else inf if rest >= 0 else -1.0
        helped = min(
            whole, floor(count * unit + _NEAR), floor(paid + _NEAR) if isfinite(paid) else whole
        )
        if paid >= 0 and helped > floor((count - 1) * unit + _NEAR):
            return count, helped
    return 0, 0


def _dearest(pairs: Pairs, position: int) -> float:
    """Return the euros that one more household would have taken at most."""
    mine = pairs.policy == position
    own = pairs.openings
    unit = float(np.where(own.policy == position, own.unit_eur, 0.0).max())
    return float(pairs.cost_eur[mine].max(initial=0.0)) + unit
