"""What every budget buys: the best mix and its bound, the next euro, an equal split, each alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.policies.mix import Choice, on_side
from needs_analysis.policies.offers import Offer
from needs_analysis.policies.optimisation import best, checked, choice_of, wrong_amount
from needs_analysis.policies.pairs import Asked, Pairs, greedy, pairs_of, programme, promising
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.programme import GAP, FloatArray, relaxation
from needs_analysis.policies.relaxed import kinks, worth_at
from needs_analysis.policies.simulation import simulate
from needs_analysis.policies.wording import stands_words
from needs_analysis.words import ITALIAN, N_, Voice

POINTS = 21
DRAWS = 200
NEAR = 0.05
"""How far below the best a mix may be and still stand beside it, as a share."""


@dataclass(frozen=True, eq=False)
class Frontier:
    """What budgets buy.

    Parameters
    ----------
    points : DataFrame
        By `budget_eur`: `worth` of the best whole choice found, in households out of need for a year (or
        weighted), and its `bound` and `gap`; `relaxed`, where nothing must be whole;
        `next_household_eur`, what one more costs there (NaN where money is no longer short);
        `equal_split` of the budget among the policies that help somebody here. It never falls.
    alone : DataFrame
        By `budget_eur` and policy: what each is worth with all the money.
    kinks : DataFrame
        The relaxation at each of its kinks (:func:`needs_analysis.policies.relaxed.kinks`).
    weights : mapping of str to float
        By outcome.
    regret : DataFrame
        By draw: what the mix of `regret_budget_eur` is `worth`, the `best` that could be had, at most,
        and the `regret`, the share that it lacks. Empty without offers of both sides.
    regret_budget_eur : float
        The budget of the mix that was drawn for.
    left_out : mapping of str to Problem
        Policies that are not in it, and why.
    """

    points: pd.DataFrame
    alone: pd.DataFrame
    kinks: pd.DataFrame
    weights: Mapping[str, float]
    regret: pd.DataFrame
    regret_budget_eur: float
    left_out: Mapping[str, Problem] = field(default_factory=dict)

    def stands(self, near: float = NEAR) -> float:
        """Return the share of draws in which the mix is worth the best but for so much; NaN: none."""
        if self.regret.empty:
            return np.nan
        return float((self.regret["regret"] <= near).mean())

    def sentence(self, voice: Voice = ITALIAN, near: float = NEAR) -> str:
        """Say how often the mix stays near the best, as a page does."""
        if self.regret.empty:
            return voice.say(N_("Quanto regga la scelta non si può dire senza costi ed effetti minimi e "
                                "massimi."))  # fmt: skip
        cases = float(np.floor(100 * self.stands(near) + 1e-9))
        return voice.say(
            N_("Con {budget} euro. {said}"), budget=voice.number(self.regret_budget_eur),
            said=" ".join(stands_words(cases, near, voice)),
        )  # fmt: skip

    def __repr__(self) -> str:
        """Say its budgets, and how often the mix remains the best."""
        return (
            f"<Frontier of {len(self.points)} budgets up to {self.points.index[-1]:,.0f} EUR: "
            f"{self.sentence()}>"
        )


def frontier(
    cells: pd.DataFrame,
    offers: Mapping[str, Offer],
    *,
    budget_eur: float | None = None,
    budgets: Sequence[float] | None = None,
    outcome: str | None = None,
    weights: Mapping[str, float] | None = None,
    sides: Mapping[str, Mapping[str, Offer]] | None = None,
    draws: int = DRAWS,
    seed: int = 1,
    gap: float = GAP,
) -> Frontier:
    """Return what every budget buys, up to what helps everybody who may be reached.

    Parameters
    ----------
    cells, offers, outcome, weights, sides, gap
        As :func:`needs_analysis.policies.optimise`.
    budget_eur : float, optional
        One that is among the points, whose mix is drawn for; by default the middle one.
    budgets : sequence of float, optional
        The points; by default 21 at equal distances, from nothing on.
    draws : int
        Of costs and effects.
    seed : int
        Of the draws.

    Returns
    -------
    Frontier

    Raises
    ------
    PoliciesError
        As :func:`needs_analysis.policies.optimise`.

    Notes
    -----
    A mix for less money is one for more: no point is below one before it. In a draw each policy's costs,
    and its effects, stand somewhere between their ends, by a triangle with its top at the central value;
    the mix keeps each policy's money (:meth:`Choice.carried`) and is compared with the relaxation's
    bound of that draw, so that its regret is never said too small.

    Examples
    --------
    >>> at = pd.MultiIndex.from_tuples([("108041", "affordability", 2)],
    ...                                names=["municipality_code", "group", "size"])
    >>> cells = pd.DataFrame({"low": 15.0, "central": 20.0, "high": 30.0}, index=at)
    >>> offer = pd.DataFrame({"eligible": 12.0, "take_up": 0.5, "cost_eur": 2000.0, "outcome": 0.5,
    ...                       "deadweight": 0.1}, index=at)
    >>> fund = Offer("P05", "burden", offer, 0.0, "area", np.nan, np.nan, np.nan, 0.0, ())
    >>> found = frontier(cells, {"P05": fund}, budgets=[0.0, 6000.0, 20_000.0])
    >>> found.points["worth"].tolist(), found.points["next_household_eur"].tolist()
    ([0.0, 1.5, 3.0], [4000.0, 4000.0, nan])
    """
    wanted = checked(cells, offers, outcome, weights)
    given = [
        *(budgets if budgets is not None else []),
        *([] if budget_eur is None else [budget_eur]),
    ]
    problems = [
        *wanted.problems,
        *(one for each in given for one in wrong_amount("budget_eur", each)),
    ]
    if not draws >= 0:
        problems.append(problem("draws", found=draws))
    if problems:
        raise PoliciesError(*problems)
    used = wanted.looked_at(offers)
    pairs = pairs_of(cells, used, wanted.weights)
    curve = kinks(pairs)
    most = float(curve["budget_eur"].iloc[-1])
    spaced = np.linspace(0.0, most, POINTS) if budgets is None else np.asarray(budgets, dtype=float)
    at = np.unique(np.append(spaced, [] if budget_eur is None else [budget_eur]))
    tried = float(at[len(at) // 2]) if budget_eur is None else float(budget_eur)
    points, choice = _points(pairs, at, curve, tried, gap)
    points["equal_split"] = [
        simulate(cells, used, dict.fromkeys(used, money / len(used))).worth_of(wanted.weights)
        if used else 0.0
        for money in at
    ]  # fmt: skip
    regret = _regret(pairs, choice, tried, sides, draws, seed)
    alone = _alone(pairs, at, gap)
    return Frontier(points, alone, curve, wanted.weights, regret, tried, wanted.left_out)


def _points(
    pairs: Pairs, budgets: FloatArray, curve: pd.DataFrame, tried: float, gap: float
) -> tuple[pd.DataFrame, Choice]:
    """Return the best at each budget, and the choice at the one that is drawn for."""
    relaxed = worth_at(curve, budgets)
    ends = np.searchsorted(curve["budget_eur"].to_numpy(), budgets, side="right")
    price = np.append(curve["worth_per_eur"].to_numpy(), 0.0)[ends]
    rows, kept = [], None
    for money, over in zip(budgets, relaxed, strict=True):
        found = best(pairs, Asked(float(money)), gap)
        if found is None:
            raise ArithmeticError("nothing at all is no choice")
        rows.append((found.worth, min(found.bound, max(float(over), found.worth))))
        if money == tried:
            kept = choice_of(pairs, found)
    frame = pd.DataFrame(
        rows, columns=["worth", "bound"], index=pd.Index(budgets, name="budget_eur")
    )
    frame["worth"] = frame["worth"].cummax()
    frame["bound"] = np.maximum(frame["bound"], frame["worth"])
    off = frame["bound"] - frame["worth"]
    frame["gap"] = np.divide(off, frame["worth"], out=np.zeros(len(off)), where=frame["worth"] > 0)
    frame["relaxed"] = relaxed
    frame["next_household_eur"] = np.divide(
        1.0, price, out=np.full(len(price), np.nan), where=price > 0
    )
    if kept is None:
        raise ArithmeticError("the budget that is drawn for is none of the points")
    return frame, kept


def _alone(pairs: Pairs, budgets: FloatArray, gap: float) -> pd.DataFrame:
    found = {}
    for position, key in enumerate(pairs.policies):
        own = pairs.only(pairs.policy == position)
        most = float(own.worth @ greedy(own, own.worth))
        worths: list[float] = []
        for money in budgets:
            if worths and worths[-1] >= most * (1 - 1e-9):  # more money helps nobody more
                worths.append(worths[-1])
                continue
            one = best(own, Asked(float(money)), gap)
            worths.append(0.0 if one is None else one.worth)
        found[key] = np.maximum.accumulate(worths)
    return pd.DataFrame(found, index=pd.Index(budgets, name="budget_eur"))


def _regret(
    pairs: Pairs, choice: Choice, budget: float,
    sides: Mapping[str, Mapping[str, Offer]] | None, draws: int, seed: int,
) -> pd.DataFrame:  # fmt: skip
    columns = ["worth", "best", "regret"]
    if not sides or not {"low", "high"} <= sides.keys():
        return pd.DataFrame(columns=columns, dtype=float)
    ends = {side: on_side(pairs, sides[side]) for side in ("low", "high")}
    random, money = np.random.default_rng(seed), choice.spent
    first, rows, over = promising(pairs, budget), [], None
    for _ in range(draws):
        cost, effect = random.triangular(-1, 0, 1, (2, len(pairs.policies)))
        drawn = _drawn(pairs, ends, cost, effect)
        worth = float(drawn.worth @ choice.carried(drawn, money))
        over = relaxation(programme(drawn, Asked(budget), drawn.worth, first), over)
        if over is not None:
            first = first | over.played[: len(first)]
        most = worth if over is None else max(over.worth, worth)
        rows.append((worth, most, 1 - worth / most if most > 0 else 0.0))
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(draws, name="draw"))


def _drawn(pairs: Pairs, ends: Mapping[str, Pairs], cost: FloatArray, effect: FloatArray) -> Pairs:
    """Return the pairs with each policy's costs and effects somewhere between their ends."""

    def between(name: str, at: FloatArray, *, opening: bool = False) -> FloatArray:
        three = (pairs, ends["low"], ends["high"])
        own, low, high = (getattr(one.openings if opening else one, name) for one in three)
        moved = np.where(at > 0, own + at * (high - own), own - at * (low - own))
        return np.asarray(moved)

    by, of = pairs.policy, pairs.openings.policy
    most = between("most", effect[by])
    openings = replace(
        pairs.openings,
        fixed_eur=between("fixed_eur", cost[of], opening=True),
        unit_eur=between("unit_eur", cost[of], opening=True),
        unit=between("unit", effect[of], opening=True),
        most=np.asarray(np.bincount(pairs.opening, most, len(of)), float),
    )
    return replace(
        pairs, cost_eur=between("cost_eur", cost[by]), outcome=between("outcome", effect[by]),
        deadweight=between("deadweight", effect[by]), most=most, openings=openings,
    )  # fmt: skip
