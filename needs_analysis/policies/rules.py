"""The rules of cost and effect that a policy names: from its numbers to what a help is worth.

Each reads numbers by slot: a row that the entry of the catalogue names, else the rule's own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from needs_analysis.errors import Messages, Problem
from needs_analysis.policies.catalogue import per_cent
from needs_analysis.policies.cells import BURDENED, SIZES
from needs_analysis.policies.costs import contracts, contributions, evictions, homes
from needs_analysis.policies.costs.amounts import Array
from needs_analysis.policies.drawn_tenants import PERSONS, Tenants
from needs_analysis.policies.worth import Asked, Rule, Slot, Worth
from needs_analysis.words import N_

said = Messages(
    "policies_read_with",
    {
        "over": N_(
            "di 100 famiglie aiutate, {count} restano sopra il {limit} % del reddito: contano zero"
        ),
        "no_income": N_(
            "di 100 famiglie aiutate, {count} non hanno un reddito dichiarato: il contributo è soggetto "
            "a verifica"
        ),
        "not_in_need": N_(
            "ha i requisiti anche chi paga meno del {limit} % del reddito, {count} famiglie ogni 100 di "
            "quelle che pagano di più: il conto vale se il bando le mette dopo"
        ),
        "annuity": N_(
            "si paga tutto nell'anno e serve per {years} anni: come rata sono {annuity} euro l'anno per "
            "alloggio"
        ),
        "no_limit": N_(
            "quanti alloggi vuoti ci siano lo sa il comune: il conto non mette un limite"
        ),
        "published": N_(
            "uscite riuscite: {share} su 100, come le conta chi le pubblica; altri le contano in "
            "altro modo"
        ),
        "register": N_("uscite riuscite: {share} su 100, dal registro dell'ente"),
        "rents": N_(
            "gli affitti sono stimati dalle quotazioni OMI: quelli dei contratti possono essere più "
            "alti, e la spesa per famiglia con loro"
        ),
        "rents_of_burdened": N_(
            "gli affitti di chi ha uno sfratto sono presi da chi paga oltre il {limit} % del reddito"
        ),
        "discount": N_("vale se il proprietario accetta un affitto più basso di {share} su 100"),
    },
    amounts=True,
)

OVER = said("over", count=0, limit=0).code
"""The code of what is said of the helped who stay over the limit."""
LIMITS = (
    "income_limit_a",
    "income_limit_b",
    "rent_share_a",
    "rent_share_b",
    "cap_a",
    "cap_b",
    "least",
)
"""The slots of a notice in two bands."""


# --- contributions -------------------------------------------------------------------------


def rent_contribution(asked: Asked) -> Worth:
    """Return what a contribution to the rent is worth: of two bands, or a part of it up to a cap."""
    due = [_due(asked, of) for of in (asked.burdened, asked.all)]
    paid = [(one > 0).astype(float) for one in due]
    cost = np.where(
        asked.in_need, asked.burdened.mean(due[0], paid[0])[asked.place],
        asked.all.mean(due[1], paid[1])[asked.place],
    )  # fmt: skip
    eligible = np.where(
        asked.in_need, asked.burdened.share(paid[0])[asked.place],
        asked.all.share(paid[1])[asked.place],
    )  # fmt: skip
    notes = [
        _per_100("no_income", asked.burdened, paid[0] * (asked.burdened.declared_eur <= 0), paid[0])
    ]
    if asked.policy.effect == "burden":
        out = asked.under(asked.burdened, asked.contract(asked.burdened) - due[0])
        outcome = asked.burdened.mean(out, paid[0])[asked.place] * (1 - asked["deadweight"])
        notes.append(_per_100("over", asked.burdened, paid[0] * (1 - out), paid[0],
                              limit=per_cent(asked.threshold)))  # fmt: skip
        notes.append(_not_in_need(asked, paid[0], paid[1]))
        anyway = asked["deadweight"]
    else:
        outcome, anyway = (
            np.full(len(cost), asked["found"] * (1 - asked["housed_anyway"])),
            asked["housed_anyway"],
        )
    return Worth(
        cost + asked["handling"], np.nan_to_num(eligible), outcome, anyway, asked["take_up"],
        asked["fixed"], said=[one for one in notes if one],
    )  # fmt: skip


def _due(asked: Asked, of: Tenants) -> Array:
    rent = asked.contract(of)
    if "cap_a" in asked.numbers:
        notice = contributions.Notice(*(asked[one] for one in LIMITS))
        return contributions.amounts(of.declared_eur, rent, notice)
    share = asked.get("rent_share", 1.0)
    months = asked.get("months", 12.0)
    paid = asked.get("paid_share", 1.0)
    return contributions.capped(rent, months * paid, asked["cap"], share)


def _per_100(kind: str, of: Tenants, some: Array, every: Array, **more: object) -> Problem | None:
    whole = float(of.held(every).sum())
    count = round(100 * float(of.held(some).sum()) / whole) if whole else 0
    return said(kind, count=count, **more) if count else None


def _not_in_need(asked: Asked, of_burdened: Array, of_all: Array) -> Problem | None:
    first = float(asked.burdened.held(of_burdened).sum())
    more = float(asked.all.held(of_all).sum()) - first
    count = round(100 * more / first) if first else 0
    return said("not_in_need", count=count, limit=per_cent(asked.threshold)) if count else None


# --- evictions -----------------------------------------------------------------------------


def arrears(asked: Asked) -> Worth:
    """Return what paying the arrears of households under an order is worth."""
    cost = asked.per_cell(
        lambda of: of.mean(evictions.arrears(asked.contract(of), asked["months"], asked["cap"]))
    )
    settled = evictions.effect(asked["risk_without"], asked["risk_with"])
    return Worth(
        cost + asked["handling"], asked["arrears_share"], settled, 1 - asked["risk_without"],
        asked["take_up"], asked["fixed"],
        said=[said("rents"), said("rents_of_burdened", limit=per_cent(asked.threshold))],
    )  # fmt: skip


def hours(asked: Asked) -> Worth:
    """Return what work by the hour is worth; without an effect it is only costed."""
    cost = evictions.hours(asked["hours"], asked["eur_hour"])
    settled, anyway = None, 0.0
    if asked.policy.effect == "order":
        settled = evictions.effect(asked["risk_without"], asked["risk_with"])
        anyway = 1 - asked["risk_without"]
    return Worth(
        np.full(len(asked.place), cost), 1.0, settled, anyway, asked["take_up"], asked["fixed"]
    )


# --- contracts and homes --------------------------------------------------------------------


def guarantee(asked: Asked) -> Worth:
    """Return what an agreed or guaranteed contract is worth: its rent is lower."""
    cost = asked.per_cell(
        lambda of: of.mean(
            contracts.guarantee(
                contracts.agreed(asked.contract(of), asked["discount"]),
                asked["default"],
                asked["months"],
            )
        )
    )
    of = asked.burdened
    out = asked.under(of, contracts.agreed(asked.contract(of), asked["discount"]))
    over = _per_100("over", of, 1 - out, np.ones(len(out)), limit=per_cent(asked.threshold))
    notes = [said("rents"), said("discount", share=round(100 * asked["discount"])), over]
    return Worth(
        cost + asked["contract"], 1.0, of.mean(out)[asked.place] * (1 - asked["deadweight"]),
        asked["deadweight"], asked["take_up"], asked["fixed"], said=[one for one in notes if one],
    )  # fmt: skip


def repair(asked: Asked) -> Worth:
    """Return what an empty dwelling is worth once it is repaired: a household a year."""
    found = homes.repair(asked["home"], asked["years"], asked["rate"])
    notes = [
        said("annuity", years=round(asked["years"]), annuity=round(found.annuity_eur)),
        said("no_limit"),
    ]
    return Worth(
        np.zeros(len(asked.place)), 1.0, 1 - asked["housed_anyway"], asked["housed_anyway"],
        asked["take_up"], 0.0, 1.0, found.cash_eur, found.annuity_eur, notes,
    )  # fmt: skip


def places(asked: Asked) -> Worth:
    """Return what a place is worth: a household at a time, and the share of stays that end well."""
    place = homes.Place(asked["fee"], asked["fixed"], asked["stay"], asked["occupancy"])
    by_size = np.array([place.stay_eur(persons) for persons in PERSONS])
    outcome, notes = None, []
    if "exit" in asked.numbers or asked.policy.id in asked.own_exits:
        own = asked.policy.id in asked.own_exits  # then no published number is read
        published = np.nan if own else asked["exit"]
        good = homes.exits(asked.policy.id, published, asked.own_exits)
        outcome = good.share * (1 - asked["housed_anyway"])
        notes = [said("register" if good.own else "published", share=round(100 * good.share))]
    return Worth(
        by_size[asked.place % len(SIZES)], 1.0, outcome, asked["housed_anyway"], asked["take_up"],
        0.0, place.households, asked["fixed"], np.nan, notes,
    )  # fmt: skip


_RENTS = Slot("contract_rent_ratio")
_RELEASE = Slot("order_release_share", -1)
RULES: Mapping[str, Rule] = {
    "rent_contribution": Rule(
        {
            **dict.fromkeys((*LIMITS, "cap", "months", "rent_share", "paid_share"), Slot()),
            "rents": _RENTS,
            "handling": Slot("contribution_handling_eur", +1),
            "fixed": Slot("contribution_fixed_eur", +1),
            "take_up": Slot("contribution_take_up_share", -1),
            "deadweight": Slot("burden_deadweight_share", +1),
            "found": Slot("new_lease_share", -1),
            "housed_anyway": Slot("housed_deadweight_share", +1),
        },
        rent_contribution,
        (LIMITS, ("cap",)),
    ),
    "arrears": Rule(
        {
            "cap": Slot(), "cap_overall": Slot(),
            "rents": _RENTS,
            "months": Slot("arrears_months", +1),
            "arrears_share": Slot("orders_for_arrears_share", -1),
            "handling": Slot("contribution_handling_eur", +1),
            "fixed": Slot("contribution_fixed_eur", +1),
            "take_up": Slot("arrears_take_up_share", -1),
            "risk_without": _RELEASE,
            "risk_with": Slot("order_release_with_arrears_share", +1),
        },
        arrears,
        (("cap",),),
    ),
    "hours": Rule(
        {
            "hours": Slot("mediation_hours", +1),
            "eur_hour": Slot("social_work_eur_hour", +1),
            "fixed": Slot("coordination_fixed_eur", +1),
            "take_up": Slot("mediation_take_up_share", -1),
            "risk_without": _RELEASE,
            "risk_with": Slot("order_release_with_mediation_share", +1),
        },
        hours,
    ),
    "guarantee": Rule(
        {
            "rents": _RENTS,
            "discount": Slot("agreed_rent_discount_share", -1),
            "default": Slot("guarantee_default_share", +1),
            "months": Slot("guarantee_months", +1),
            "contract": Slot("contract_handling_eur", +1),
            "fixed": Slot("contribution_fixed_eur", +1),
            "take_up": Slot("agreed_rent_take_up_share", -1),
            "deadweight": Slot("burden_deadweight_share", +1),
            "flat_tax": Slot(), "property_tax_off": Slot(),
        },
        guarantee,
    ),
    "repair": Rule(
        {
            "home": Slot("repair_home_eur", +1),
            "years": Slot("repair_years", -1),
            "rate": Slot("repair_rate_share", +1),
            "take_up": Slot("home_take_up_share", -1),
            "housed_anyway": Slot("housed_deadweight_share", +1),
        },
        repair,
    ),
    "places": Rule(
        {
            "fee": Slot("place_fee_eur_day", +1),
            "fixed": Slot("place_fixed_eur", +1),
            "stay": Slot("transitional_stay_days", +1),
            "occupancy": Slot("place_occupancy_share", -1),
            "take_up": Slot("place_take_up_share", -1),
            "exit": Slot("", -1),
            "housed_anyway": Slot("housed_deadweight_share", +1),
            "beds": Slot(), "longest_stay": Slot(),
        },
        places,
    ),
}  # fmt: skip
"""By the name that an entry of the catalogue has."""
REACHED: Mapping[str, tuple[str, ...]] = {"burden": (BURDENED,), "order": ("eviction_order",)}
"""The groups whose need an outcome is; "housed" is that of all that the policy answers."""
