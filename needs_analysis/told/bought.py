"""What may be told of what a budget buys: whole households, small ones as bands.

With a hidden count of an office all of it is computed on the need as if that had not been given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.disclosure import PROFILES, Rules
from needs_analysis.errors import ParameterError, Problem, wanted
from needs_analysis.needs.groups import HEADLINE, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS, Interval
from needs_analysis.needs.result import NeedResult
from needs_analysis.policies.answers import Answer, answers
from needs_analysis.policies.catalogue import Catalogue
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.policies.frontier import NEAR, Frontier
from needs_analysis.policies.mix import Mix
from needs_analysis.policies.offers import Offer
from needs_analysis.told.exits import Exits
from needs_analysis.told.need_tables import printed, whole
from needs_analysis.told.own_counts import Given, given
from needs_analysis.told.problems import problem

WHOLE = ""
"""The policy of a row that is of all together."""
BEST, SPLIT = "best", "split"
"""What a row of the frontier is of, beside single policies."""
COUNTED = ("helped", "out_of_need", "deadweight")


@dataclass(frozen=True, eq=False)
class ToldMix:
    """What policies do with a budget, as it may be told.

    Counts have `low`, `central`, `high` in whole households and `band`, as those of
    :class:`needs_analysis.told.needs.ToldNeed`: what is small is a band.

    Parameters
    ----------
    weights : mapping of str to float
        What is looked for, by outcome: one, or several with the weights that the user gives.
    simulated : bool
        Whether the budgets are the user's own: nothing was looked for.
    budget_eur, spent_eur : float
        What there was and what is spent, EUR of a year.
    limit_share : float
        Share of net income over which a rent is too much.
    fairness : str
        "none" or "maxmin".
    floors : mapping of str to float
        Households helped at least, by municipality or group.
    money : DataFrame
        By policy, those that help: `outcome`, `units` (NaN where it does not come in units),
        `spent_eur`, of which `fixed_eur` whoever is helped, `annuity_eur` (a unit's
        yearly amount over its life, NaN without), `deadweight_per_100` helped.
    counts : DataFrame
        policy (`WHOLE`, where there is one outcome, is all together), what (of `COUNTED`), low, central,
        high, band. Helped is not out of need.
    places : DataFrame
        municipality_code, what (of `COUNTED` but for deadweight), low, central, high, band: of the
        groups that may be listed by municipality.
    unlisted : tuple of str
        Groups that are helped too and stand in no municipality.
    frontier : DataFrame
        budget_eur, what (`BEST`, `SPLIT`, or the policy that has all the money), low, central, high,
        band: households out of need. Empty where none was asked for.
    next_household_eur : Series
        By budget_eur: what one more costs there, to ten EUR; NaN where money is no longer short.
    stands_per_100 : float
        In how many of 100 draws of costs and effects the mix is within 5 % of the best; NaN: not tried,
        or money is left over, or more than the budget bounds the choice.
    conditions : mapping of str to tuple of Problem
        What must be read with each policy, to be said.
    assumptions : DataFrame
        policy, row, low, central, high, given: the rows of ``parameters.csv`` that each policy that was
        looked at rests on, as they were used (what does not move has three times the same), and
        whether the study has put its own number there.
    left_out, notes : mapping of str to Problem
        Policies that are not in the choice, and what must be said of some that are.
    exits : mapping of str to Interval
        Of the own register: the share of stays that end well, of the policies that were looked at.
    unmet : tuple of Problem
        Other outcomes without an answer, and why: floors that their policies cannot meet.
    bound_apart : float
        How far the choice is from the best possible at most, as a share; NaN where nothing was chosen.
    free : bool
        Whether the budget alone bounds the choice; the frontier is always free.
    reserved : bool
        Whether a hidden count of an office would belong here: it is computed without.
    """

    weights: Mapping[str, float]
    simulated: bool
    budget_eur: float
    spent_eur: float
    limit_share: float
    fairness: str
    floors: Mapping[str, float]
    money: pd.DataFrame
    counts: pd.DataFrame
    places: pd.DataFrame
    unlisted: tuple[str, ...]
    frontier: pd.DataFrame
    next_household_eur: pd.Series
    stands_per_100: float
    conditions: Mapping[str, tuple[Problem, ...]]
    left_out: Mapping[str, Problem]
    assumptions: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: Mapping[str, Problem] = field(default_factory=dict)
    exits: Mapping[str, Interval] = field(default_factory=dict)
    unmet: tuple[Problem, ...] = ()
    bound_apart: float = np.nan
    free: bool = True
    reserved: bool = False

    @property
    def rows(self) -> dict[str, tuple[str, ...]]:
        """Return the rows of ``parameters.csv`` that each policy that was looked at rests on."""
        return {str(key): tuple(own["row"]) for key, own in self.assumptions.groupby("policy")}

    @property
    def left_eur(self) -> float:
        """Return what is left of the budget."""
        return max(self.budget_eur - self.spent_eur, 0.0)

    @property
    def outcome(self) -> str:
        """Return what is counted; "" where outcomes differ: they are never added."""
        return next(iter(self.weights)) if len(self.weights) == 1 else ""

    @property
    def used(self) -> tuple[str, ...]:
        """Return the policies that help somebody, in the order of the catalogue."""
        return tuple(map(str, self.money.index))

    def at_budget(self, what: str = BEST) -> pd.Series | None:
        """Return a row of the frontier at the budget; None where there is none."""
        own = self.frontier
        own = own[(own["budget_eur"] == self.budget_eur) & (own["what"] == what)]
        return own.iloc[0] if len(own) else None

    def spent(self, policy: str = WHOLE) -> float:
        """Return the EUR of a policy."""
        own = self.money["spent_eur"]
        return (
            self.spent_eur if policy == WHOLE else float(own.to_numpy()[own.index.get_loc(policy)])
        )

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each policy that helps somebody; "" where none is known."""
        return {str(key): str(one) for key, one in self.money["outcome"].fillna("").items()}

    def count(self, what: str, policy: str = WHOLE) -> pd.Series:
        """Return a row of the counts."""
        own = self.counts[(self.counts["what"] == what) & (self.counts["policy"] == policy)]
        return own.iloc[0]


def tell_bought(
    need: NeedResult,
    catalogue: Catalogue,
    asked: PolicyFiles,
    profile: str = "published",
    exits: Exits | None = None,
    **given_with: Any,
) -> tuple[ToldMix, ...]:
    """Return what may be told of what a budget buys: one an outcome, since outcomes are never added.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.
    catalogue : Catalogue
        Of :func:`needs_analysis.policies.catalogue`.
    asked : PolicyFiles
        The budget and what it is to reach; none without a budget.
    profile : {"published", "internal"}
        Published, nothing is computed of a count that is hidden.
    exits : Exits, optional
        Of the own register, in this profile (:func:`needs_analysis.told.exits.register_exits`).
    **given_with
        `tenants`, `codes_on`, `scenario`, as :func:`needs_analysis.policies.offers`.

    Raises
    ------
    ParameterError
        No such profile.
    PoliciesError
        What is asked cannot be.
    """
    wanted(need, NeedResult)
    if profile not in PROFILES:
        raise ParameterError(problem("no_profile", found=profile, known=tuple(PROFILES)))
    safe = given(need, Rules.of(need.parameters) if profile == "published" else None)
    own = exits or Exits()
    found = answers(safe.need, catalogue, asked, register_outcomes=own.shares, **given_with)
    return tuple(tell_answer(one, safe, own) for one in found)


def tell_answer(answer: Answer, given: Given, exits: Exits) -> ToldMix:
    """Return what may be told of an answer.

    Parameters
    ----------
    answer : Answer
        Of the need as it is given out.
    given : Given
        That need (:func:`needs_analysis.told.own_counts.given`).
    exits : Exits
        Of the own register, as they may be told.
    """
    mix, offers, tried = answer.mix, answer.offers, answer.frontier
    study = given.need.parameters
    chosen = mix.chosen[mix.chosen["helped"] > 0]
    money = chosen[["outcome", "units", "spent_eur", "fixed_eur"]].assign(
        annuity_eur=[offers[str(one)].unit_annuity_eur for one in chosen.index],
        deadweight_per_100=whole(100 * chosen["deadweight"] / chosen["helped"]).to_numpy(),
    )
    places, unlisted = _places(mix, study)
    points, dearer = _frontier(tried, study)
    stands = np.nan
    # Where money is left, or more is asked than the budget, the draws are of another choice.
    if tried is not None and answer.free and not np.isnan(dearer.get(mix.budget_eur, np.nan)):
        stands = float(np.floor(100 * tried.stands(NEAR) + 1e-9))
    looked_at = {one for key in mix.chosen.index for one in _groups(offers[str(key)])}
    return ToldMix(
        weights=dict(mix.weights), simulated=mix.status == "simulated", budget_eur=mix.budget_eur,
        spent_eur=mix.spent_eur, limit_share=mix.limit_share, fairness=mix.fairness,
        floors=dict(mix.floors), money=money,
        counts=_counts(chosen, len(mix.weights) == 1, study), places=places, unlisted=unlisted,
        frontier=points, next_household_eur=dearer,
        stands_per_100=stands,
        conditions={
            key: (*mix.conditions.get(key, ()), *_reserved(key, exits))
            for key in map(str, chosen.index)
        },
        assumptions=_assumptions(answer, study),
        left_out={key: _why_out(key, why, exits) for key, why in mix.left_out.items()},
        exits={key: one for key, one in exits.shares.items() if key in mix.chosen.index},
        unmet=answer.unmet,
        notes=dict(mix.notes), bound_apart=mix.gap, free=answer.free,
        reserved=bool(set(given.hidden["group"]) & ({*HEADLINE} | looked_at)),
    )  # fmt: skip


def _assumptions(answer: Answer, study: Mapping[str, float]) -> pd.DataFrame:
    """Return the numbers that the policies rest on, as they were used on each side."""
    rows = []
    for key in map(str, answer.mix.chosen.index):
        for row, central in answer.offers[key].rows.items():
            ends = [side[key].rows.get(row, central) for side in answer.sides.values()]
            rows.append((key, row, min(ends), central, max(ends), row in study))
    return pd.DataFrame(rows, columns=["policy", "row", *BOUNDS, "given"])


def _reserved(policy: str, exits: Exits) -> list[Problem]:
    """Say of a policy that the own register's exits are not told."""
    return [problem("exits_reserved")] if policy in exits.reserved else []


def _why_out(policy: str, why: Problem, exits: Exits) -> Problem:
    """Say why a policy is left out: also for an effect that the own register alone has and hides."""
    unknown = why.code.rpartition(".")[2] == "costed_only" and policy in exits.reserved
    return problem("exits_alone_reserved") if unknown else why


def _groups(offer: Offer) -> set[str]:
    return set(map(str, offer.cells.index.get_level_values("group")))


def _counts(chosen: pd.DataFrame, together: bool, study: Mapping[str, float]) -> pd.DataFrame:
    """Return the counts of each policy and, where they are of one outcome, of all."""
    parts = []
    for what in COUNTED:
        ends = dict.fromkeys(BOUNDS, chosen[what])
        if what == "out_of_need":
            ends |= {end: chosen[f"{what}_{end}"].fillna(chosen[what]) for end in ("low", "high")}
        own = pd.DataFrame(ends).assign(policy=chosen.index, what=what)
        total = own[[*BOUNDS]].sum()
        parts.append(own)
        if together:
            parts.append(pd.DataFrame([{"policy": WHOLE, "what": what, **total}]))
    return printed(pd.concat(parts, ignore_index=True), False, study)


def _places(mix: Mix, study: Mapping[str, float]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return who is helped by municipality, of groups that may be listed there, and the others."""
    cells = mix.by_cell.reset_index()
    listed = cells["group"].map(lambda one: TARGET_GROUPS[one].listed_at("municipality"))
    listed = listed.astype(bool)
    counted = ["helped", *(["out_of_need"] if len(mix.weights) == 1 else [])]
    sums = cells[listed].groupby("municipality_code", as_index=False)[counted].sum()
    rows = _alike(sums.melt("municipality_code", counted, "what", "central"), study)
    return rows, tuple(dict.fromkeys(cells.loc[~listed, "group"]))


def _frontier(found: Frontier | None, study: Mapping[str, float]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the households out of need at each budget, and what one more costs."""
    names = ["budget_eur", "what", *BOUNDS, "band"]
    if found is None:
        return pd.DataFrame(columns=names), pd.Series(dtype=float)
    points = found.points
    wide = points[["worth", "equal_split"]].set_axis([BEST, SPLIT], axis=1).join(found.alone)
    ways = [*wide.columns]
    rows = _alike(wide.reset_index().melt("budget_eur", ways, "what", "central"), study)
    return rows, (points["next_household_eur"] / 10).round() * 10


def _alike(rows: pd.DataFrame, study: Mapping[str, float]) -> pd.DataFrame:
    """Return counts without an interval as they may be printed."""
    return printed(rows.assign(low=rows["central"], high=rows["central"]), False, study)
