"""What some policies do together with a budget: who is helped, what it costs, what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.figures import Displayed
from needs_analysis.needs.groups import in_words
from needs_analysis.needs.intervals import banded
from needs_analysis.policies import wording
from needs_analysis.policies.catalogue import Policy, Standing
from needs_analysis.policies.offers import Offer
from needs_analysis.policies.pairs import Pairs
from needs_analysis.policies.programme import FloatArray
from needs_analysis.words import ITALIAN, N_, Voice

COUNTS = ("helped", "units", "spent_eur", "fixed_eur", "out_of_need_low", "out_of_need",
          "out_of_need_high", "deadweight")  # fmt: skip
_NONE = 1e-9


@dataclass(frozen=True, eq=False)
class Choice:
    """Who is helped by what, as arrays.

    Parameters
    ----------
    pairs : Pairs
        What there was to choose.
    helped : ndarray, shape (pairs,)
        Households.
    opened, units : ndarray, shape (openings,)
        Whether each is opened, and its units.
    """

    pairs: Pairs
    helped: FloatArray
    opened: FloatArray
    units: FloatArray

    @property
    def worth(self) -> float:
        """Return what it is worth."""
        return float(self.pairs.worth @ self.helped)

    @property
    def spent(self) -> FloatArray:
        """Return the euros of each policy."""
        return self.pairs.spent(self.helped, self.opened, self.units)

    def carried(self, other: Pairs, money: FloatArray) -> FloatArray:
        """Return who is helped where costs and effects turn out otherwise and the money is the same.

        Parameters
        ----------
        other : Pairs
            The same pairs with other numbers (:func:`on_side`).
        money : ndarray, shape (policies,)
            What each policy has.

        Notes
        -----
        Each policy keeps its money and its proportions: dearer, it helps fewer; cheaper, more, up to
        those it may reach and the households there are.
        """
        own = other.openings
        fixed = np.bincount(own.policy, own.fixed_eur * self.opened, len(money))
        moving = other.spent(self.helped, 0 * self.opened, self.units)
        left = np.clip(money - fixed, 0.0, None)
        factor = np.divide(left, moving, out=np.zeros_like(left), where=moving > 0)
        helped = np.minimum(factor[other.policy] * self.helped, other.most)
        held = np.where(own.in_units, own.unit * self.units * factor[own.policy], np.inf)
        asked = np.bincount(other.opening, helped, len(held))
        fits = np.minimum(np.divide(held, asked, out=np.ones_like(held), where=asked > 0), 1.0)
        helped = helped * fits[other.opening]
        together = np.bincount(other.cell, helped, len(other.pool))
        share = np.divide(other.pool, together, out=np.ones_like(together), where=together > 0)
        return np.asarray(helped * np.minimum(share, 1.0)[other.cell])


def on_side(pairs: Pairs, offers: Mapping[str, Offer]) -> Pairs:
    """Return the same pairs with the numbers of other offers of the same policies."""
    names = {"cost_eur": "cost_eur", "outcome": "outcome", "deadweight": "deadweight"}
    found = {name: getattr(pairs, name).copy() for name in (*names, "most")}
    own = {name: getattr(pairs.openings, name).copy() for name in ("fixed_eur", "unit", "unit_eur")}
    for position, key in enumerate(pairs.policies):
        at = np.flatnonzero(pairs.policy == position)
        one, mine = offers[key], pairs.openings.policy == position
        frame = one.cells.reindex(pairs.cells[pairs.cell[at]])
        for name, column in names.items():
            found[name][at] = frame[column].to_numpy(float)
        reached = (frame["eligible"] * frame["take_up"]).to_numpy(float)
        found["most"][at] = np.minimum(reached, pairs.pool[pairs.cell[at]])
        own["fixed_eur"][mine], own["unit"][mine] = one.fixed_eur, one.unit_households
        own["unit_eur"][mine] = np.nan_to_num(one.unit_eur)
    found = {name: np.nan_to_num(values) for name, values in found.items()}
    return replace(pairs, **found, openings=replace(pairs.openings, **own))


@dataclass(frozen=True, eq=False)
class Mix(Displayed):
    """Some policies with a budget.

    Parameters
    ----------
    chosen : DataFrame
        By policy, in the order of the catalogue: its `outcome` (NaN where none is known: counts of
        different ones are never added), `helped` households (whole), `units` where it comes
        in units, `spent_eur` and how much of it is `fixed_eur` (what is paid whoever is helped),
        `out_of_need_low`, `out_of_need`, `out_of_need_high` (households out of
        need for a year; the ends are NaN where offers of one side only were given), `deadweight`
        (helped who would have come out without). A policy with 0 was there and is not chosen.
    by_cell : DataFrame
        By policy, municipality, group and size: `helped`, `spent_eur` without what is paid for
        openings and units, `out_of_need`, `deadweight`; expected households, in fractions.
    budget_eur : float
        What there was.
    weights : mapping of str to float
        What a household out of need is worth, by outcome.
    worth, bound, gap : float
        Of the choice before it was made whole: what it is worth, what no choice is worth more than, and
        how far the one may be below the other, as a share. NaN where nothing was chosen for the user.
    status : str
        "optimal" within the gap asked for, "stopped" short of it, "simulated".
    limit_share : float
        Share of net income over which a rent is too much.
    loss : float
        What making households whole has cost, in the objective.
    fairness : str
        "none" or "maxmin".
    share : float
        Of "maxmin": the least share of what is possible that a municipality gets; else NaN.
    floors : mapping of str to float
        Helped households at least, by municipality or group.
    left_out : mapping of str to Problem
        Policies that were given and not considered, and why.
    notes : mapping of str to Problem
        What must be said of the budgets of single policies.
    conditions : mapping of str to tuple of Problem
        What must be read with each policy.
    policies : mapping of str to Policy
        Entries of the catalogue: each is named with what it was written from.
    standings : mapping of str to Standing
        Of those that do not stand on the day and were asked for all the same.
    """

    chosen: pd.DataFrame
    by_cell: pd.DataFrame
    budget_eur: float
    weights: Mapping[str, float]
    worth: float
    bound: float
    gap: float
    status: str
    limit_share: float
    loss: float = 0.0
    fairness: str = "none"
    share: float = np.nan
    floors: Mapping[str, float] = field(default_factory=dict)
    left_out: Mapping[str, Problem] = field(default_factory=dict)
    notes: Mapping[str, Problem] = field(default_factory=dict)
    conditions: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)

    @property
    def spent_eur(self) -> float:
        """Return the euros spent, to the cent and never over the budget."""
        return min(round(float(self.chosen["spent_eur"].sum()), 2), self.budget_eur)

    @property
    def helped(self) -> float:
        """Return the households helped, each once."""
        return float(self.chosen["helped"].sum())

    @property
    def out_of_need(self) -> float:
        """Return the households out of need for a year; NaN where outcomes differ: they do not add."""
        return float(self.chosen["out_of_need"].sum()) if len(self.weights) == 1 else np.nan

    def worth_of(self, weights: Mapping[str, float]) -> float:
        """Return what the mix is worth with some weights of outcomes."""
        weight = self.chosen["outcome"].map(dict(weights)).fillna(0.0)
        return float((self.chosen["out_of_need"].fillna(0.0) * weight).sum())

    def objective(self, voice: Voice = ITALIAN) -> str:
        """Say what was looked for."""
        said = wording.objective(
            self.weights, self.limit_share, voice, simulated=self.status == "simulated"
        )
        if self.fairness == "maxmin":
            said += " " + voice.say(
                N_("Prima si alza il comune messo peggio: ogni comune ha almeno il {share} % di quello "
                   "che vi è possibile."), share=voice.number(100 * self.share, 1))  # fmt: skip
        return said

    def sentences(self, voice: Voice = ITALIAN) -> list[str]:
        """Say the objective first, then what is done, what comes of it and how sure that is."""
        proof = [] if self.status == "simulated" else [self._proof(voice)]
        return [self.objective(voice), *self._done(voice), *proof]

    def to_read(self, voice: Voice = ITALIAN) -> list[str]:
        """Say what must be read with the policies that are in it, and which are not, with why."""
        used = self.chosen.index[self.chosen["helped"] > 0]
        return wording.to_read(used, self.notes, self.conditions, self.left_out, voice)

    def named(self, key: str, voice: Voice) -> str:
        """Name a policy with what its entry was written from and, where it does not stand, why."""
        if key not in self.policies:
            return key
        return wording.named(self.policies[key], self.standings.get(key), voice)

    def _done(self, voice: Voice) -> list[str]:
        used = self.chosen[self.chosen["helped"] > 0]
        money = {"spent": voice.number(self.spent_eur), "budget": voice.number(self.budget_eur)}
        if used.empty:
            return [voice.say(N_("Con {budget} euro nessuna famiglia è aiutata."),
                              budget=money["budget"])]  # fmt: skip
        parts = [
            voice.say(N_("{policy}: {helped} famiglie aiutate con {euro} euro"),
                      policy=self.named(str(key), voice), helped=voice.number(row["helped"]),
                      euro=voice.number(row["spent_eur"]))
            for key, row in used.iterrows()
        ]  # fmt: skip
        said = [voice.say(N_("Si spendono {spent} euro su {budget}: {parts}."), **money,
                          parts="; ".join(parts))]  # fmt: skip
        said += wording.fixed_words(float(used["fixed_eur"].sum()), voice)
        if len(self.weights) == 1:
            known = used[used["outcome"].notna()]
            total = known[[*COUNTS]].sum(min_count=len(known))
            said.append(voice.say(
                N_("Aiutare non è far uscire dal bisogno: ne escono per un anno {count}."),
                count=self._between(total, voice),
            ))  # fmt: skip
            said.append(voice.say(N_("Delle aiutate, {count} ne sarebbero uscite anche da sole."),
                                  count=banded(total["deadweight"], voice)))  # fmt: skip
        return said

    def _between(self, total: pd.Series, voice: Voice) -> str:
        """Say a modelled count, with its ends where they are known; a small one as a band."""
        central = banded(total["out_of_need"], voice)
        low, high = (voice.number(total[f"out_of_need_{side}"]) for side in ("low", "high"))
        if np.isnan(total["out_of_need_low"]) or np.isnan(total["out_of_need_high"]):
            return central
        return voice.say(N_("{central} (fra {low} e {high})"), central=central, low=low, high=high)

    def _proof(self, voice: Voice) -> str:
        said = voice.elided(voice.say(
            N_("Nessuna scelta fa più di {bound}: questa ne è lontana al massimo del {gap} %."),
            bound=voice.number(self.bound), gap=voice.number(100 * self.gap, 2),
        ))  # fmt: skip
        if self.loss >= 0.05:
            said += " " + voice.say(N_("Contare famiglie intere ne costa {loss}."),
                                    loss=voice.number(self.loss, 1))  # fmt: skip
        if self.floors:
            floors = [
                voice.say(N_("{who}: almeno {least} famiglie"), who=_said(key, voice),
                          least=voice.number(least))
                for key, least in self.floors.items()
            ]  # fmt: skip
            said += " " + voice.say(N_("Minimi chiesti: {floors}."), floors="; ".join(floors))
        return said

    def __repr__(self) -> str:
        """Say its budget and policies; whom they help is told by :mod:`needs_analysis.told`."""
        used = self.chosen.index[self.chosen["helped"] > 0]
        return f"<Mix of {self.budget_eur:,.0f} EUR: {', '.join(map(str, used)) or 'no policy'}>"


def _said(key: str, voice: Voice) -> str:
    found = in_words(key)
    return found.text(voice) if isinstance(found, Problem) else found


def mix_of(
    choice: Choice, budget_eur: float, weights: Mapping[str, float], *,
    sides: Mapping[str, Mapping[str, Offer]] | None = None, **given: object,
) -> Mix:  # fmt: skip
    """Return a choice as tables.

    Parameters
    ----------
    choice : Choice
        Who is helped.
    budget_eur : float
        What there was.
    weights : mapping of str to float
        By outcome.
    sides : mapping of str to mapping of str to Offer, optional
        The offers at "low" and at "high".
    **given
        The rest of :class:`Mix`.
    """
    pairs, helped = choice.pairs, choice.helped
    own, money = pairs.openings, choice.spent
    index = pd.Index(pairs.policies, name="policy", dtype="str")
    chosen = pd.DataFrame(index=index, columns=[*COUNTS], dtype=float)
    chosen.insert(0, "outcome", pd.Series(pairs.outcomes, index, dtype="str"))
    counted = pairs.of_policy(helped)
    near = np.abs(counted - np.round(counted)) < 1e-6
    chosen["helped"] = np.where(near, np.round(counted), counted)
    units = np.bincount(own.policy, choice.units, len(index))
    in_units = np.bincount(own.policy, own.in_units, len(index)) > 0
    chosen["units"] = np.where(in_units, units, np.nan)
    chosen["spent_eur"] = money
    chosen["fixed_eur"] = np.bincount(own.policy, own.fixed_eur * choice.opened, len(index))
    chosen["out_of_need"] = pairs.of_policy(helped * pairs.outcome)
    chosen["deadweight"] = pairs.of_policy(helped * pairs.deadweight)
    for side, least in (("low", np.minimum), ("high", np.maximum)):
        if sides and side in sides:
            other = on_side(pairs, sides[side])
            out = other.of_policy(choice.carried(other, money) * other.outcome)
            chosen[f"out_of_need_{side}"] = least(out, chosen["out_of_need"])
    ends = [name for name in COUNTS if name.startswith("out_of_need")]
    unknown = chosen["outcome"].isna()
    chosen.loc[unknown, [*ends, "deadweight"]] = np.nan
    some = np.flatnonzero(helped > _NONE)
    at = pairs.cells[pairs.cell[some]].to_frame(index=False)
    at.insert(0, "policy", index.to_numpy()[pairs.policy[some]])
    by_cell = pd.DataFrame(
        {"helped": helped[some], "spent_eur": (helped * pairs.cost_eur)[some],
         "out_of_need": np.where(unknown.to_numpy()[pairs.policy], np.nan, helped * pairs.outcome)[some],
         "deadweight": (helped * pairs.deadweight)[some]},
        index=pd.MultiIndex.from_frame(at),
    )  # fmt: skip
    return Mix(chosen, by_cell, float(budget_eur), dict(weights), **given)  # type: ignore[arg-type]
