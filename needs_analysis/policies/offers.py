"""What a policy offers to the households of an area: what one helped costs, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis import parameters as table
from needs_analysis.errors import Messages, Problem, wanted
from needs_analysis.households import Scenario, market_tenants
from needs_analysis.needs import NeedResult
from needs_analysis.needs.groups import in_words
from needs_analysis.needs.intervals import Interval, assumption
from needs_analysis.policies.catalogue import INCOMES, Policy, per_cent
from needs_analysis.policies.catalogue import OUTCOMES as OUTCOMES
from needs_analysis.policies.cells import BURDENED, SIZES, cells
from needs_analysis.policies.drawn_tenants import Tenants
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.policies.rules import REACHED, RULES
from needs_analysis.policies.worth import Asked, Slot
from needs_analysis.words import N_

said = Messages(
    "policies_offered",
    {
        "no_count": N_("manca il conteggio di {groups}: qui non è contato"),
        "income": N_(
            "il limite di reddito ({measures}) non si può provare sulle famiglie stimate: non toglie "
            "nessuno; lo tiene in conto la parte che si prevede di raggiungere"
        ),
        "untested": N_(
            "contratto, durata, calo di reddito e tipo di famiglia non si possono provare sulle "
            "famiglie stimate: non tolgono nessuno"
        ),
        "only": N_("serve anche ad altri, ma con questo scopo conta solo per: {groups}"),
        "only_burdened": N_(
            "serve anche ad altri, ma con questo scopo conta solo per chi paga oltre il {limit} % del "
            "reddito"
        ),
        "no_effect": N_("nessun effetto pubblicato o misurato: ha un costo, ma non si sceglie"),
        "one_year": N_("i soldi sono di un anno, e l'effetto è contato per un anno"),
    },
    amounts=True,
)
_INCOMES = Messages("policies_income", INCOMES)
LIMIT = "overburden_share"
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
    conditional : tuple of Problem
        What must be read with it, to be said: ``one.said(voice)``, or ``str(one)`` in Italian.
    rows : mapping of str to float
        The rows of ``parameters.csv`` that it rests on, with the number that they have here.
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
    conditional: tuple[Problem, ...]
    rows: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say what it may reach."""
        reached = float((self.cells["eligible"] * self.cells["take_up"]).sum())
        return f"<Offer {self.policy} ({self.outcome}): {reached:,.0f} households at most>"


def offers(
    need: NeedResult,
    policies: Mapping[str, Policy],
    *,
    parameters: Mapping[str, float] | None = None,
    side: str = "central",
    register_outcomes: Mapping[str, float | Interval] | None = None,
    tenants: pd.DataFrame | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> dict[str, Offer]:
    """Return what each policy that has a cost offers to the households in need of an area.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`.
    policies : Catalogue, or mapping of str to Policy
        Of :func:`needs_analysis.policies.catalogue`.
    parameters : mapping of str to float, optional
        Put over those that the need was estimated with.
    side : {"central", "low", "high"}
        "low": costs, risks and what would happen anyway at the high end of their rows, effects and
        take-up at the low one; "high" the other way round. What a notice or the law sets stays.
    register_outcomes : mapping of str to float or Interval, optional
        By policy, the share of good exits of the office's own register: it comes before any published.
        Of an interval the end of the side is taken.
    tenants : DataFrame, optional
        Rows of :func:`needs_analysis.households.market_tenants`; drawn when omitted.
    codes_on, scenario : optional
        Those that the need was estimated with, where tenants are drawn.

    Returns
    -------
    dict of str to Offer
        By id, in the order of the catalogue. A policy without a rule of cost has none.

    Raises
    ------
    PoliciesError
        An unknown side; a rule without one of its numbers.
    ParameterError
        A parameter out of its range.

    Notes
    -----
    Costs and effects are expectations over modelled tenants: of who pays over the threshold for that
    group and for those under an order, of all market tenants for the others. A municipality and size
    without any takes the area's of the same size, else the area's.

    Examples
    --------
    >>> import needs_analysis as na
    >>> from needs_analysis.policies import catalogue
    >>> panel = na.panel.build(na.territory.select("ambito:Carate Brianza"))
    >>> offers(na.needs.estimate(panel), catalogue("Lombardia"))["P05"]  # doctest: +SKIP
    """
    wanted(need, NeedResult)
    wanted(policies, Mapping)
    if side not in SIDES:
        raise PoliciesError(problem("side", found=side, known=SIDES))
    given = {**need.parameters, **(parameters or {})}
    values = table.values(given)
    held, codes = cells(need), need.households.index
    if tenants is None:
        tenants = market_tenants(codes, given, codes_on, scenario)
    over = tenants["overburdened"].to_numpy(dtype=bool)
    drawn = Tenants.of(tenants[over], codes), Tenants.of(tenants, codes)
    own = {
        key: float(getattr(one, side)) if isinstance(one, Interval) else one
        for key, one in (register_outcomes or {}).items()
    }
    found, wrong = {}, []
    for key, policy in policies.items():
        if policy.cost is None:
            continue
        rows = _rows(policy)
        numbers = _numbers(policy, rows, side, given)
        missing = RULES[policy.cost].lacking(numbers)
        wrong += [problem("no_number", policy=key, slot=one) for one in missing]
        if not missing:
            mine, notes = _reached(policy, held, values[LIMIT])
            asked = Asked(
                policy, numbers, *drawn, *_grid(mine, codes), values[LIMIT],
                12 * values["rent_utilities_eur_month"], own,
            )  # fmt: skip
            found[key] = _offer(asked, mine["central"], notes, rows, values)
    if wrong:
        raise PoliciesError(*wrong)
    return found


def limit_share(offers: Mapping[str, Offer]) -> float:
    """Return the share of net income over which a rent is too much: of the offers, else the table's.

    Examples
    --------
    >>> limit_share({})
    0.4
    """
    named = (one.rows for one in offers.values() if LIMIT in one.rows)
    return next(named, {LIMIT: table.value(LIMIT)})[LIMIT]


def on_all_sides(
    need: NeedResult,
    policies: Mapping[str, Policy],
    *,
    parameters: Mapping[str, float] | None = None,
    register_outcomes: Mapping[str, float | Interval] | None = None,
    tenants: pd.DataFrame | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> dict[str, dict[str, Offer]]:
    """Return the offers at low, central and high: tenants are drawn once.

    Parameters
    ----------
    need, policies, parameters, register_outcomes, tenants, codes_on, scenario
        As in :func:`offers`.
    """
    wanted(need, NeedResult)
    if tenants is None:
        given = {**need.parameters, **(parameters or {})}
        tenants = market_tenants(need.households.index, given, codes_on, scenario)
    return {
        side: offers(need, policies, parameters=parameters, side=side, tenants=tenants,
                     register_outcomes=register_outcomes)
        for side in SIDES
    }  # fmt: skip


def _rows(policy: Policy) -> dict[str, str]:
    """Return the rows of ``parameters.csv`` by slot: those that the policy names, else its rule's."""
    rows = {slot: one.row for slot, one in RULES[policy.cost or ""].slots.items() if one.row}
    own = {slot: row for slot in ("take_up", "deadweight") if (row := getattr(policy, slot))}
    return rows | policy.parameters | own


def _numbers(
    policy: Policy, rows: Mapping[str, str], side: str, given: Mapping[str, float]
) -> dict[str, float]:
    """Return the numbers of a policy's rule on a side."""
    slots, found = RULES[policy.cost or ""].slots, {}
    for slot, row in rows.items():
        at = {+1: ("high", "low"), -1: ("low", "high")}.get(slots.get(slot, Slot()).worse)
        name = "central" if side == "central" or at is None else at[side == "high"]
        found[slot] = float(getattr(assumption(row, given), name))
    return found


def _reached(
    policy: Policy, held: pd.DataFrame, limit: float
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the cells that a policy reaches, and what must be read with them."""
    asked = REACHED.get(policy.effect or "", policy.groups)
    groups = [one for one in policy.groups if one in asked]
    for one in policy.eligibility:
        groups = [group for group in groups if not one.groups or group in one.groups]
    here = held.index.get_level_values("group")
    notes = []
    if left := [one for one in groups if one not in here]:
        notes.append(said("no_count", groups=tuple(map(in_words, left))))
    if len(groups) < len(policy.groups):
        notes.append(
            said("only_burdened", limit=per_cent(limit)) if groups == [BURDENED]
            else said("only", groups=tuple(map(in_words, groups)))
        )  # fmt: skip
    kinds = {one.measure for one in policy.eligibility if one.measure}
    tested = {"declared_income"} if "cap_a" in policy.parameters else set()
    if untested := [_INCOMES(one) for one in INCOMES if one in kinds - tested]:
        notes.append(said("income", measures=tuple(untested)))
    told = ("contract", "income_fall", "tenure", "compositions")
    if policy.compositions or any(
        getattr(one, kind) for one in policy.eligibility for kind in told
    ):
        notes.append(said("untested"))
    if policy.one_year:
        notes.append(said("one_year"))
    return held[here.isin(groups)], notes


def _grid(mine: pd.DataFrame, codes: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Return which cells have the burdened's rents, and the place of each in the tenants."""
    codes_, groups, sizes = (mine.index.get_level_values(level) for level in range(3))
    at = codes.get_indexer(codes_) * len(SIZES) + sizes.to_numpy() - 1
    return groups.isin([BURDENED, "eviction_order"]), at


def _offer(
    asked: Asked,
    central: pd.Series,
    notes: list[Problem],
    rows: Mapping[str, str],
    values: Mapping[str, float],
) -> Offer:
    policy = asked.policy
    worth = RULES[policy.cost or ""].worth(asked)
    known = policy.effect is not None and worth.outcome is not None
    used = {rows[slot]: asked.numbers[slot] for slot in sorted(asked.read)}
    if policy.effect == "burden":
        used[LIMIT] = asked.threshold
    if policy.minimum_scale:
        used[policy.minimum_scale] = values[policy.minimum_scale]
    if not known:
        notes = [*notes, said("no_effect")]
    frame = pd.DataFrame(
        {"eligible": central * worth.eligible, "take_up": worth.take_up, "cost_eur": worth.cost_eur,
         "outcome": worth.outcome if known else 0.0, "deadweight": worth.deadweight},
        index=central.index,
    ).astype(float)  # fmt: skip
    return Offer(  # what no tenant tells is not offered
        policy.id, policy.effect if known else None, frame.dropna(), worth.fixed_eur, policy.opened,
        worth.unit_households, worth.unit_eur, worth.unit_annuity_eur,
        used.get(policy.minimum_scale, 0.0), (*notes, *worth.said), used,
    )  # fmt: skip
