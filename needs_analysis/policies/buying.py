"""What a budget buys in an area: the mix, a trial and the frontier, of its need and of a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Problem, wanted
from needs_analysis.needs import NeedResult
from needs_analysis.needs.groups import in_words
from needs_analysis.policies import frontier as curves
from needs_analysis.policies import optimisation, simulation
from needs_analysis.policies.catalogue import Catalogue, Policy
from needs_analysis.policies.cells import cells
from needs_analysis.policies.frontier import DRAWS, Frontier
from needs_analysis.policies.mix import Mix
from needs_analysis.policies.offers import Offer, on_all_sides
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.programme import GAP
from needs_analysis.policies.rules import OVER


@dataclass(frozen=True, eq=False)
class Offered:
    """What the policies of a catalogue offer to the households of an area.

    Parameters
    ----------
    cells : DataFrame
        Distinct households by municipality, group and size.
    sides : mapping of str to mapping of str to Offer
        At low, central and high.
    policies : Catalogue, or mapping of str to Policy
        They are of.
    dear_ratio : float
        From how many times the euros of the policy that does most with them on, for a household out of
        need, one is said to be dear.
    """

    cells: pd.DataFrame
    sides: Mapping[str, Mapping[str, Offer]]
    policies: Mapping[str, Policy]
    dear_ratio: float = np.inf

    def marked(self, mix: Mix) -> Mix:
        """Return a mix with what must be said of its policies."""
        offers, catalogue = self.sides["central"], self.policies
        left = {
            key: problem("no_cost") for key in catalogue if key not in offers
        } if mix.status != "simulated" else {}  # fmt: skip
        standings = {}
        if isinstance(catalogue, Catalogue):
            every = {key: catalogue.standing(key) for key in catalogue}
            standings = {key: one for key, one in every.items() if not one.usable}
        dear = _dear(mix, self.dear_ratio)
        conditions = {
            key: (*_read_with(one, mix), *dear.get(key, ())) for key, one in offers.items()
        }
        return replace(
            mix, policies=dict(catalogue), standings=standings, conditions=conditions,
            left_out={**mix.left_out, **left},
        )  # fmt: skip


def _read_with(offer: Offer, mix: Mix) -> tuple[Problem, ...]:
    """Return what must be read with a policy; who stays over the limit is of those who are helped."""
    if offer.outcome != "burden" or not mix.chosen["helped"].get(offer.policy, 0.0):
        return offer.conditional
    names = ["helped", "out_of_need", "deadweight"]
    helped, out, anyway = mix.chosen.loc[offer.policy, names].to_numpy(dtype=float)
    count = round(100 * (helped - out - anyway) / helped)
    return tuple(
        replace(one, values=dict(one.values, count=count)) if one.code == OVER else one
        for one in offer.conditional
        if one.code != OVER or count > 0
    )


def _dear(mix: Mix, ratio: float) -> dict[str, tuple[Problem, ...]]:
    """Say which policies of a choice are dear beside its best; of a trial nothing was chosen here."""
    if mix.status == "simulated":
        return {}
    used = mix.chosen[mix.chosen["helped"] > 0]
    each = used["spent_eur"] / (
        used["out_of_need"] * used["outcome"].map(dict(mix.weights)).astype(float)
    )
    over = each.index[each > ratio * each.min()]
    return {str(key): (problem("dear", ratio=ratio),) for key in over}


def offered(
    need: NeedResult,
    policies: Mapping[str, Policy],
    asked: Iterable[str] = (),
    *,
    only: Iterable[str] = (),
    problems: Iterable[Problem] = (),
    **given: Any,
) -> Offered:
    """Return what policies offer; refuse those that are asked for by name and cannot be had.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.
    policies : Catalogue, or mapping of str to Policy
        Of :func:`needs_analysis.policies.catalogue`.
    asked : iterable of str
        Ids that are asked for by name.
    only : iterable of str
        Ids; when none all that there are.
    problems : iterable of Problem
        What else is wrong.
    **given
        As :func:`needs_analysis.policies.offers`.

    Raises
    ------
    PoliciesError
        A policy that is not in the catalogue, or is out of it, with why; one without a rule of cost; one
        whose groups nobody has counted; a parameter that is missing.
    """
    wanted(need, NeedResult)
    wanted(policies, Mapping)
    asked, only = [*dict.fromkeys([*asked, *only])], [*only]
    found = [*problems, *(one for key in asked for one in _missing(key, policies))]
    if found:
        raise PoliciesError(*found)
    kept = {key: one for key, one in policies.items() if not only or key in only}
    sides = on_all_sides(need, kept, **given)
    central = sides["central"]
    for key in asked:
        if key not in central:
            found.append(problem("no_cost_of", policy=key))
        elif central[key].cells.empty:
            groups = tuple(map(in_words, kept[key].groups))
            found.append(problem("no_count_of", policy=key, groups=groups))
    if found:
        raise PoliciesError(*found)
    numbers = parameters.values({**need.parameters, **(given.get("parameters") or {})})
    there = policies if not only else _only(policies, kept)
    return Offered(cells(need), sides, there, numbers["policy_dear_ratio"])


def _only(policies: Mapping[str, Policy], kept: Mapping[str, Policy]) -> Mapping[str, Policy]:
    if not isinstance(policies, Catalogue):
        return kept
    return replace(policies, policies=dict(kept))


def _missing(key: str, policies: Mapping[str, Policy]) -> list[Problem]:
    if key in policies:
        return []
    if isinstance(policies, Catalogue) and key in policies.policies:
        why = problem("why", words=policies.standing(key).words())
        return [problem("out", policy=key, why=why)]
    return [problem("unknown", policy=str(key), known=tuple(policies))]


def optimise(
    need: NeedResult,
    budget_eur: float,
    policies: Mapping[str, Policy],
    *,
    outcome: str | None = None,
    weights: Mapping[str, float] | None = None,
    floors: Mapping[str, float] | None = None,
    fairness: str = "none",
    budgets: Mapping[str, float] | None = None,
    only: Sequence[str] = (),
    gap: float = GAP,
    **given: Any,
) -> Mix:
    """Return the mix of policies that brings most households of an area out of need with a budget.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.
    budget_eur : float
        EUR of a year.
    policies : Catalogue, or mapping of str to Policy
        Of :func:`needs_analysis.policies.catalogue`.
    outcome, weights, floors, fairness, budgets, gap
        As :func:`needs_analysis.policies.optimisation.optimise`, where the model stands.
    only : sequence of str
        The policies that are looked at; all of the catalogue when empty.
    **given
        `parameters`, `register_outcomes`, `tenants`, `codes_on`, `scenario`, as
        :func:`needs_analysis.policies.offers`.

    Returns
    -------
    Mix
        With its ends at low and high, its proof, and what must be read with each policy.

    Raises
    ------
    PoliciesError
        What cannot be, all at once.

    Examples
    --------
    >>> import needs_analysis as na
    >>> need = na.needs.estimate(na.panel.build(na.territory.select("ambito:Carate Brianza")))
    >>> cat = na.policies.catalogue(region="Lombardia", as_of="2026-11-29")
    >>> mix = na.policies.optimise(need, 200_000, cat, outcome="burden")  # doctest: +SKIP
    """
    wrong = optimisation.wrong_amount("budget_eur", budget_eur)
    known = offered(need, policies, budgets or (), only=only, problems=wrong, **given)
    found = optimisation.optimise(
        known.cells, known.sides["central"], budget_eur, outcome=outcome, weights=weights,
        floors=floors, fairness=fairness, budgets=budgets, sides=known.sides, gap=gap,
    )  # fmt: skip
    return known.marked(found)


def simulate(
    need: NeedResult,
    budgets: Mapping[str, simulation.Budget],
    policies: Mapping[str, Policy],
    **given: Any,
) -> Mix:
    """Return what policies do in an area with the budgets they are given.

    Parameters
    ----------
    need, policies
        As :func:`optimise`.
    budgets : mapping of str to float or mapping
        By id: EUR of a year, or ``{"households": n}``.
    **given
        As :func:`optimise`.

    Raises
    ------
    PoliciesError
        What cannot be, all at once.
    """
    wanted(budgets, Mapping)
    known = offered(need, policies, budgets, only=budgets, **given)
    found = simulation.simulate(known.cells, known.sides["central"], budgets, sides=known.sides)
    return known.marked(found)


def frontier(
    need: NeedResult,
    policies: Mapping[str, Policy],
    *,
    budget_eur: float | None = None,
    budgets: Sequence[float] | None = None,
    outcome: str | None = None,
    weights: Mapping[str, float] | None = None,
    only: Sequence[str] = (),
    draws: int = DRAWS,
    seed: int = 1,
    gap: float = GAP,
    **given: Any,
) -> Frontier:
    """Return what every budget buys in an area.

    Parameters
    ----------
    need, policies, only, given
        As :func:`optimise`.
    budget_eur, budgets, outcome, weights, draws, seed, gap
        As :func:`needs_analysis.policies.frontier.frontier`, where the model stands.

    Raises
    ------
    PoliciesError
        What cannot be, all at once.
    """
    money = [] if budget_eur is None else optimisation.wrong_amount("budget_eur", budget_eur)
    known = offered(need, policies, only=only, problems=money, **given)
    return curves.frontier(
        known.cells, known.sides["central"], budget_eur=budget_eur, budgets=budgets,
        outcome=outcome, weights=weights, sides=known.sides, draws=draws, seed=seed, gap=gap,
    )  # fmt: skip
