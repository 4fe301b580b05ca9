"""The best mix of policies for a budget, with the proof of how good it is.

The objective is declared: households out of need for a year, of one outcome or of several with the
weights that the user gives. Ties are settled by the least cost, then by the order of the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import floor, inf, isfinite

import numpy as np
import pandas as pd

from needs_analysis.errors import Messages, Problem
from needs_analysis.needs.groups import TARGET_GROUPS, in_words
from needs_analysis.policies.catalogue import OUTCOMES, per_cent
from needs_analysis.policies.mix import Choice, Mix, mix_of
from needs_analysis.policies.offers import Offer, limit_share
from needs_analysis.policies.pairs import (
    Asked,
    Pairs,
    barred,
    greedy,
    pairs_of,
    programme,
    promising,
    reachable,
)
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.programme import GAP, FloatArray, Found, solve

FAIRNESS = ("none", "maxmin")
MOST_EUR = 1e12
"""What is more is no budget: it is a slip of the pen, and sums of it would be rounded."""
_OUTCOMES = Messages("policies_outcome", OUTCOMES)
_SETTLED_MOST = 2_000
"""Columns up to which whole choices that are worth the same are told apart by cost and order."""
_NODES = 2_000
_SAME = 1e-9
_SHARES = (1.0, 0.95, 0.9, 0.75, 0.5, 0.0)
"""How much of a fair share may go where households are made whole, at most: the first that fits."""


def optimise(
    cells: pd.DataFrame,
    offers: Mapping[str, Offer],
    budget_eur: float,
    *,
    outcome: str | None = None,
    weights: Mapping[str, float] | None = None,
    floors: Mapping[str, float] | None = None,
    fairness: str = "none",
    budgets: Mapping[str, float] | None = None,
    sides: Mapping[str, Mapping[str, Offer]] | None = None,
    gap: float = GAP,
) -> Mix:
    r"""Return the mix of policies that brings most households out of need with a budget.

    .. math:: \max \sum_{p,c} w_p e_{pc} x_{pc}, \quad \sum_p x_{pc} \le h_c, \quad
              0 \le x_{pc} \le t_{pc} a_{pc} y_{o(p,c)}, \quad
              \sum_{p,c} k_{pc} x_{pc} + \sum_o F_o y_o + \sum_o K_o u_o \le B

    with x the helped, e those out of need a helped one, h the households of a cell, a the eligible, t
    the take-up, y whether something is opened, u its whole units, each with room for so many.

    Parameters
    ----------
    cells : DataFrame
        Distinct households by municipality, group and size: `central`.
    offers : mapping of str to Offer
        By id, in the order of the catalogue.
    budget_eur : float
        EUR of a year.
    outcome : str, optional
        Of `OUTCOMES`; by default the only one that the offers have.
    weights : mapping of str to float, optional
        In its place: what a household out of need is worth, by outcome.
    floors : mapping of str to float, optional
        Households that are to be helped at least, by the code of a municipality or the key of a group.
    fairness : {"none", "maxmin"}
        Whether first the municipality that gets the least share of what is possible there is raised.
    budgets : mapping of str to float, optional
        EUR at most for single policies.
    sides : mapping of str to mapping of str to Offer, optional
        Offers at "low" and at "high": the ends of what comes of the mix.
    gap : float
        How far below the best possible it may be, as a share.

    Returns
    -------
    Mix
        Whole households of each policy, never over the budget; what that costs is its `loss`.

    Raises
    ------
    PoliciesError
        A budget, floor, weight or share that cannot be; no policy with the outcome; a group without an
        estimate; floors over the budget, with the euros that are lacking.

    Notes
    -----
    Households of different outcomes are never added: without weights one outcome is looked at, and
    the policies of the others are left out and named. Of households, `out_of_need` is expected.

    Examples
    --------
    Twenty households; contributions at 2,000 EUR keep half of the helped out of need.

    >>> at = pd.MultiIndex.from_tuples([("108041", "affordability", 2)],
    ...                                names=["municipality_code", "group", "size"])
    >>> cells = pd.DataFrame({"low": 15.0, "central": 20.0, "high": 30.0}, index=at)
    >>> offer = pd.DataFrame({"eligible": 12.0, "take_up": 0.5, "cost_eur": 2000.0, "outcome": 0.5,
    ...                       "deadweight": 0.1}, index=at)
    >>> fund = Offer("P05", "burden", offer, 0.0, "area", np.nan, np.nan, np.nan, 0.0, ())
    >>> found = optimise(cells, {"P05": fund}, 9000.0)
    >>> found.chosen.loc["P05", ["helped", "spent_eur", "out_of_need"]].tolist(), found.status
    ([4.0, 8000.0, 2.0], 'optimal')
    """
    wanted = checked(cells, offers, outcome, weights)
    problems = [
        *_wrong_money(budget_eur, budgets or {}, offers),
        *_wrong_floors(floors or {}, cells),
        *([] if fairness in FAIRNESS else
          [problem("among", name="fairness", found=str(fairness), known=FAIRNESS)]),
        *([] if 0 <= gap < 1 else [problem("share", name="gap", found=gap)]),
    ]  # fmt: skip
    if problems or wanted.problems:
        raise PoliciesError(*wanted.problems, *problems)
    pairs = pairs_of(cells, wanted.looked_at(offers), wanted.weights)
    place = {key: at for at, key in enumerate(pairs.policies)}
    limits = {place[key]: float(most) for key, most in (budgets or {}).items() if key in place}
    asked = Asked(
        _in_cents(float(budget_eur)),
        limits,
        dict(floors or {}),
        reachable(pairs) if fairness == "maxmin" else None,
    )
    choice, found, share = _settled(pairs, asked, gap)
    loss = max(found.worth - choice.worth, 0.0)
    return mix_of(
        choice, budget_eur, wanted.weights, sides=sides, worth=found.worth, bound=found.bound,
        gap=found.gap, status="optimal" if found.gap <= gap + _SAME else "stopped", loss=loss,
        limit_share=limit_share(offers), fairness=fairness, share=share,
        floors=dict(floors or {}), left_out=wanted.left_out, notes=wanted.notes,
    )  # fmt: skip


# --- what is asked ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What is looked at of some offers.

    Parameters
    ----------
    weights : mapping of str to float
        By outcome.
    left_out : mapping of str to Problem
        Policies that are not looked at, and why.
    notes : mapping of str to Problem
        What must be said of some that are.
    problems : tuple of Problem
        What cannot be.
    """

    weights: Mapping[str, float]
    left_out: Mapping[str, Problem]
    notes: Mapping[str, Problem]
    problems: tuple[Problem, ...]

    def looked_at(self, offers: Mapping[str, Offer]) -> dict[str, Offer]:
        """Return the offers that can be chosen."""
        return {key: one for key, one in offers.items() if key not in self.left_out}


def checked(
    cells: pd.DataFrame, offers: Mapping[str, Offer], outcome: str | None,
    weights: Mapping[str, float] | None,
) -> Wanted:  # fmt: skip
    """Say which outcome, or weights of outcomes, some offers are judged by.

    Parameters
    ----------
    cells, offers, outcome, weights
        As :func:`optimise`.
    """
    there = sorted({one.outcome for one in offers.values() if one.outcome})
    problems: list[Problem] = []
    if not len(cells):
        problems.append(problem("no_cells"))
    known = tuple(OUTCOMES)
    if outcome is not None and weights is not None:
        problems.append(problem("outcome_or_weights"))
    elif outcome is not None and outcome not in OUTCOMES:
        problems.append(problem("among", name="outcome", found=str(outcome), known=known))
    used = dict(weights or {}) if outcome is None else {outcome: 1.0}
    for key, weight in used.items():
        if key not in OUTCOMES and weights is not None:
            problems.append(problem("among", name="weights", found=str(key), known=known))
        if not (isfinite(weight) and weight > 0):
            problems.append(problem("weight", outcome=str(key), found=weight))
    if not used and len(there) > 1:
        problems.append(problem("outcomes", found=tuple(there)))
    elif not used:
        used = dict.fromkeys(there, 1.0)
    if not problems and not set(used) & set(there):
        problems.append(problem("no_effect", policies=tuple(offers), outcomes=tuple(used) or known))
    left_out = {
        key: problem("costed_only") if one.outcome is None else
        problem("other_outcome", outcome=outcome_named(one.outcome, offers))
        for key, one in offers.items() if one.outcome not in used
    }  # fmt: skip
    within = {key: one for key, one in offers.items() if one.outcome in used}
    wholly, partly = barred(cells, within)
    return Wanted(used, left_out | wholly, partly, tuple(problems))


def outcome_named(outcome: str, offers: Mapping[str, Offer]) -> Problem:
    """Return the words of an outcome, with the limit that some offers have."""
    limit = {"limit": per_cent(limit_share(offers))} if outcome == "burden" else {}
    return _OUTCOMES(outcome, **limit)


def wrong_amount(name: str, found: object) -> list[Problem]:
    """Say that something is no amount of money that an office can have."""
    good = isinstance(found, int | float | np.number) and not isinstance(found, bool)
    if good and 0 <= found <= MOST_EUR:  # type: ignore[operator]
        return []
    return [problem("amount", name=name, found=str(found))]


def _wrong_money(
    budget_eur: object, budgets: Mapping[str, float], offers: Mapping[str, Offer]
) -> list[Problem]:
    found = wrong_amount("budget_eur", budget_eur)
    for key, most in budgets.items():
        found += wrong_amount(f"budgets[{key}]", most)
        if key not in offers:
            found.append(problem("unknown", policy=str(key), known=tuple(offers)))
    return found


def _wrong_floors(floors: Mapping[str, float], cells: pd.DataFrame) -> list[Problem]:
    codes, groups = (set(cells.index.get_level_values(level)) for level in (0, 1))
    found = []
    for key, least in floors.items():
        if not (isfinite(least) and least >= 0):
            found.append(problem("floor", floor=in_words(key), found=least))
        if key in codes | groups:
            continue
        kind = "no_count" if key in TARGET_GROUPS else "floor_unknown"
        found.append(problem(kind, **{"group" if kind == "no_count" else "floor": in_words(key)}))
    return found


# --- what is best ----------------------------------------------------------------------------


def best(pairs: Pairs, asked: Asked, gap: float) -> Found | None:
    """Return what is worth most of some pairs; None where floors do not fit.

    Parameters
    ----------
    pairs : Pairs
        What can be chosen.
    asked : Asked
        What it keeps to.
    gap : float
        Share of the worth.
    """
    first = promising(pairs, asked.budget_eur) if _many(pairs) else None
    aim = pairs.worth
    if asked.reach is not None and np.isnan(asked.share):
        aim = np.concatenate([0 * aim, np.zeros(2 * len(pairs.openings.most)), [1.0]])
    whole = programme(pairs, asked, aim, first)
    if not _many(pairs):  # few enough to be proved to the end, if that is short
        found = solve(whole, 0.0, nodes=_NODES)
        if found is None or found.gap <= gap:
            return found
    return solve(whole, gap)


def choice_of(pairs: Pairs, found: Found) -> Choice:
    """Return what was found as households, openings and units, within their bounds."""
    n, o = len(pairs.most), len(pairs.openings.most)
    parts = found.amounts[:n], found.amounts[n : n + o], found.amounts[n + o : n + 2 * o]
    helped = np.where(parts[0] > _SAME, np.clip(parts[0], 0.0, pairs.most), 0.0)
    return Choice(pairs, helped, np.round(parts[1]), np.round(parts[2]))


def _in_cents(euros: float) -> float:
    """Return the whole cents of an amount: what is less than one buys nothing.

    Examples
    --------
    >>> _in_cents(9.6e-9), _in_cents(200_000.019), _in_cents(0.29)
    (0.0, 200000.01, 0.29)
    """
    return float(np.floor(euros * 100 + 1e-6) / 100)


def _many(pairs: Pairs) -> bool:
    return len(pairs.most) + 2 * len(pairs.openings.most) > _SETTLED_MOST


def _settled(pairs: Pairs, asked: Asked, gap: float) -> tuple[Choice, Found, float]:
    """Return the choice in whole households, what was proved before, and the fair share."""
    if asked.reach is not None:
        found = best(pairs, asked, gap)
        if found is None:
            raise PoliciesError(*_lacking(pairs, asked))
        asked = replace(asked, share=max(found.worth * (1 - _SAME), 0.0))
    found = best(pairs, asked, gap)
    if found is None:
        raise PoliciesError(*_lacking(pairs, asked))
    n = len(pairs.most)
    played = pairs.only(found.played[:n])
    inner = replace(found, amounts=found.amounts[found.played])
    choice = _whole(played, asked, _cheapest(played, asked, choice_of(played, inner)))
    helped = np.zeros(n)
    helped[found.played[:n]] = _paid(choice, asked).helped
    choice = Choice(pairs, helped, choice.opened, choice.units)
    return choice, found, _share(choice, asked.reach)


def _share(choice: Choice, reach: FloatArray | None) -> float:
    """Return the least share of what is possible that a municipality has."""
    if reach is None:
        return np.nan
    pairs = choice.pairs
    got = np.bincount(pairs.municipality[pairs.cell], pairs.worth * choice.helped, len(reach))
    return float((got[reach > 0] / reach[reach > 0]).min(initial=1.0))


def _cheapest(pairs: Pairs, asked: Asked, choice: Choice) -> Choice:
    """Settle ties: of what is worth as much the cheapest, of what costs as much the earlier policies.

    Many columns keep what was opened: only households move.
    """
    held = replace(asked, worth=choice.worth - _SAME * max(abs(choice.worth), 1.0))
    if _many(pairs):
        held = replace(held, opened=choice.opened, units=choice.units)
    own = pairs.openings
    cost = -np.concatenate(
        [pairs.cost_eur, own.fixed_eur, np.where(own.in_units, own.unit_eur, 0.0)]
    )
    order = -pairs.policy.astype(float)
    for aim in (cost, order):
        found = solve(programme(pairs, held, aim), 0.0, nodes=_NODES)
        if found is None:
            return choice
        choice = choice_of(pairs, found)
        held = replace(held, cost_eur=float(choice.spent.sum()) * (1 + _SAME))
    return choice


def _whole(pairs: Pairs, asked: Asked, choice: Choice) -> Choice:
    """Make the households of each policy whole by the largest remainder, never over the budget."""
    counted = pairs.of_policy(choice.helped)
    floors = np.floor(counted + 1e-6)
    more = floor(float(counted.sum()) + 1e-6) - int(floors.sum())
    order = np.lexsort((np.arange(len(counted)), -(counted - floors)))[:more]
    own = pairs.openings
    cost = float(np.abs(choice.spent).sum()) or 1.0
    aim = pairs.worth - 1e-7 * max(choice.worth, 1.0) * pairs.cost_eur / cost
    for share in _SHARES if asked.reach is not None else (1.0,):
        for up in range(len(order), -1, -1):
            helped = floors.copy()
            helped[order[:up]] += 1
            open_ = np.where(helped[own.policy] > 0, choice.opened, 0.0)
            units = np.where(helped[own.policy] > 0, choice.units, 0.0)
            held = replace(asked, helped=dict(enumerate(helped)), opened=open_, units=units,
                           share=asked.share * share)  # fmt: skip
            found = solve(programme(pairs, held, aim), 0.0)
            if found is not None:
                return choice_of(pairs, found)
    return choice


def _paid(choice: Choice, asked: Asked) -> Choice:
    """Take away what the solver's rounding has put over a budget: thousandths of a household."""
    pairs, helped = choice.pairs, choice.helped.copy()
    limits = [(asked.budget_eur, np.ones(len(pairs.policies), dtype=bool))]
    limits += [
        (limit, np.arange(len(pairs.policies)) == policy) for policy, limit in asked.budgets.items()
    ]
    for limit, policies in limits:
        over = float(pairs.spent(helped, choice.opened, choice.units)[policies].sum()) - limit
        if over <= 0:
            continue
        moving = policies[pairs.policy] & (helped > 0) & (pairs.cost_eur > 0)
        for at in np.flatnonzero(moving)[np.argsort(-helped[moving], kind="stable")]:
            less = min(helped[at], over / pairs.cost_eur[at])
            helped[at], over = helped[at] - less, over - less * pairs.cost_eur[at]
            if over <= 0:
                break
    return Choice(pairs, helped, choice.opened, choice.units)


# --- floors that do not fit ------------------------------------------------------------------


def _lacking(pairs: Pairs, asked: Asked) -> list[Problem]:
    """Say which floors do not fit: those that nothing reaches, else the euros that are lacking."""
    free = replace(asked, budget_eur=inf, reach=None)
    beyond, dear = [], []
    for key, least in asked.floors.items():
        most = most_helped(pairs, key)
        if most < least * (1 - _SAME):
            beyond.append(
                problem("floor_beyond", floor=in_words(key), least=least, most=floor(most))
            )
            continue
        cost = _least_cost(pairs, replace(free, floors={key: least}))
        if cost > asked.budget_eur:
            dear.append(_dear("floor_dear", asked, cost, floor=in_words(key), least=least))
    if beyond or dear:
        return [*beyond, *dear]
    cost = _least_cost(pairs, free)
    return [_dear("floors_dear", asked, cost, floors=tuple(in_words(key) for key in asked.floors))]


def most_helped(pairs: Pairs, key: str) -> float:
    """Return the households of a municipality or a group that any amount of money would help."""
    return float(greedy(pairs, pairs.within(key).astype(float)).sum())


def _least_cost(pairs: Pairs, asked: Asked) -> float:
    """Return the least budget that meets some floors."""
    own = pairs.openings
    cost = np.concatenate(
        [pairs.cost_eur, own.fixed_eur, np.where(own.in_units, own.unit_eur, 0.0)]
    )
    found = solve(programme(pairs, asked, -cost), 1e-6)
    return inf if found is None else -found.worth


def _dear(kind: str, asked: Asked, cost: float, **values: object) -> Problem:
    if cost == inf:  # the policies' own budgets do not allow it
        return problem("floors_never", floors=values.get("floors", (values.get("floor"),)))
    lacking = np.ceil(cost - asked.budget_eur)
    return problem(
        kind, cost=int(np.ceil(cost)), budget=asked.budget_eur, lacking=int(lacking), **values
    )
