"""What is asked of policies, answered: the mix for a budget and for others, or budgets tried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from needs_analysis.errors import Problem
from needs_analysis.needs.groups import in_words
from needs_analysis.needs.result import NeedResult
from needs_analysis.policies.buying import Offered, offered
from needs_analysis.policies.catalogue import OUTCOMES, Catalogue
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.policies.frontier import POINTS, Frontier, frontier
from needs_analysis.policies.mix import Mix
from needs_analysis.policies.offers import Offer
from needs_analysis.policies.optimisation import most_helped, optimise, outcome_named
from needs_analysis.policies.pairs import pairs_of
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.relaxed import kinks
from needs_analysis.policies.simulation import simulate

_TIMES, _STEP_EUR = 3.0, 1000.0
_FLOORS = {
    f"policies.{one}" for one in ("floor_beyond", "floor_dear", "floors_dear", "floors_never")
}


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found for one outcome, or for several with the user's weights.

    Parameters
    ----------
    mix : Mix
        What is done with the budget.
    sides : mapping of str to mapping of str to Offer
        What it was chosen from, at low, central and high.
    frontier : Frontier, optional
        What other budgets buy; None where the budgets are the user's own.
    free : bool
        Whether the budget alone bounds the choice: no floor, no limit of a policy, no fairness. The
        frontier is always free.
    unmet : tuple of Problem
        Other outcomes without an answer: their policies cannot meet the floors.
    """

    mix: Mix
    sides: Mapping[str, Mapping[str, Offer]]
    frontier: Frontier | None = None
    free: bool = True
    unmet: tuple[Problem, ...] = ()

    @property
    def offers(self) -> Mapping[str, Offer]:
        """Return what it was chosen from, at central."""
        return self.sides["central"]


def answers(
    need: NeedResult,
    catalogue: Catalogue,
    asked: PolicyFiles,
    **given: Any,
) -> tuple[Answer, ...]:
    """Return what is found of what is asked: an answer an outcome, since outcomes are never added.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.
    catalogue : Catalogue
        Of :func:`needs_analysis.policies.catalogue`.
    asked : PolicyFiles
        With a budget a mix is looked for; with budgets of single policies alone they are tried out.
    **given
        `register_outcomes`, `tenants`, `codes_on`, `scenario`, as
        :func:`needs_analysis.policies.offers`.

    Returns
    -------
    tuple of Answer
        Of the outcome or the weights asked for, else of each outcome that a policy has here and whose
        policies can meet the floors; none without a budget.

    Raises
    ------
    PoliciesError
        A policy asked for may not be used; what :func:`needs_analysis.policies.optimise` refuses.
    """
    tried = _given_budgets(asked)
    if asked.budget_eur is None and not tried:
        return ()
    if asked.budget_eur is None:
        known = offered(need, catalogue, tried, only=tried, **given)
        mix = simulate(known.cells, known.sides["central"], tried, sides=known.sides)
        return (Answer(known.marked(mix), known.sides),)
    known = offered(need, catalogue, asked.budgets, only=asked.only, **given)
    return _answered(known, asked)


def _answered(known: Offered, asked: PolicyFiles) -> tuple[Answer, ...]:
    """Return an answer for each of the weights; where one cannot meet the floors, the others."""
    central = known.sides["central"]
    looked_for = _looked_for(central, asked)
    found, unmet = [], []
    for weights in looked_for:
        try:
            found.append(_answer(known, asked, weights))
        except PoliciesError as error:
            if not all(one.code in _FLOORS for one in error.problems):
                raise
            why = [*error.problems, *_cures(known, asked, weights)]
            if len(looked_for) == 1:
                raise PoliciesError(*why) from None
            named = outcome_named(next(iter(weights)), central)
            unmet += [problem("unmet", outcome=named, why=one) for one in why]
    if not found and unmet:
        raise PoliciesError(*unmet)
    return tuple(replace(one, unmet=tuple(unmet)) for one in found)


def _cures(known: Offered, asked: PolicyFiles, weights: Mapping[str, float]) -> Iterator[Problem]:
    """Say which floors that some policies do not reach those of other outcomes do."""
    central = known.sides["central"]
    every = {one.outcome for one in central.values()} & {*OUTCOMES}
    for key, least in asked.floors.items():
        reach = {
            outcome: most_helped(pairs_of(known.cells, central, {outcome: 1.0}), key)
            for outcome in OUTCOMES if outcome in every
        }  # fmt: skip
        others = [one for one, most in reach.items() if one not in weights and most >= least]
        if others and max((reach.get(one, 0.0) for one in weights), default=0.0) < least:
            outcomes = tuple(outcome_named(one, central) for one in others)
            yield problem("floor_of_others", floor=in_words(key), outcomes=outcomes)


def _given_budgets(asked: PolicyFiles) -> dict[str, float | dict[str, float]]:
    """Return the budgets that are tried out; both amounts of a policy, which are refused, stay."""
    found: dict[str, float | dict[str, float]] = {**asked.budgets}
    for key, count in asked.households.items():
        both = {"eur": asked.budgets[key]} if key in asked.budgets else {}
        found[key] = {"households": count, **both}
    return found


def _looked_for(there: Mapping[str, Offer], asked: PolicyFiles) -> list[Mapping[str, float]]:
    """Return the weights of each answer."""
    if asked.weights:
        return [asked.weights]
    if asked.outcome:
        return [{asked.outcome: 1.0}]
    reached = {one.outcome for one in there.values() if len(one.cells)}
    return [{one: 1.0} for one in OUTCOMES if one in reached]


def _answer(known: Offered, asked: PolicyFiles, weights: Mapping[str, float]) -> Answer:
    central, held, budget = known.sides["central"], known.cells, asked.budget_eur or 0.0
    there = {key: one for key, one in central.items() if one.outcome in weights}
    mix = optimise(held, central, budget, weights=weights, floors=asked.floors,
                   fairness=asked.fairness, budgets=asked.budgets, sides=known.sides)  # fmt: skip
    everybody = float(kinks(pairs_of(held, there, weights))["budget_eur"].iloc[-1])
    most = min(_TIMES * budget, everybody)
    step = max(np.ceil(most / (POINTS - 1) / _STEP_EUR), 1.0) * _STEP_EUR
    found = frontier(held, central, budget_eur=budget, budgets=step * np.arange(POINTS),
                     weights=weights, sides=known.sides)  # fmt: skip
    free = not (asked.floors or asked.budgets or asked.fairness != "none")
    return Answer(known.marked(mix), known.sides, found, free)
