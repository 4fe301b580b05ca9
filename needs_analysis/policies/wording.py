"""How the conditions of a policy are said: each with the amount that holds on the day."""

from __future__ import annotations

import datetime as dt

from needs_analysis import parameters
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.policies.catalogue import INCOMES, Policy, Predicate
from needs_analysis.words import ITALIAN, N_, Voice

_TENURES = {
    "public": N_("inquilini di un alloggio pubblico"),
    "mortgage": N_("con un mutuo sulla prima casa"),
}


def conditions(policy: Policy, day: dt.date, voice: Voice = ITALIAN) -> str:
    """Say who may have a policy; "" where the catalogue has no condition.

    Parameters
    ----------
    policy : Policy
        Of the catalogue.
    day : date
        The amounts are those in force on it; one of a series says since when it is so.
    voice : Voice
        The language.

    Examples
    --------
    >>> from needs_analysis.policies.catalogue import every
    >>> print(conditions(every()["P08"], dt.date(2026, 11, 29))[:56])
    ISEE fino a 10.140 euro; contratto di affitto registrato
    """
    # Groups and compositions that it answers are named beside: they are no further condition.
    told = (policy.groups, policy.compositions)
    plain = [one for one in policy.eligibility if not one.case]
    plain = [one for one in plain if (one.groups or one.compositions or None) not in told]
    always = [_said(one, day, voice) for one in plain]
    cases: dict[str, list[str]] = {}
    for one in policy.eligibility:
        if one.case:
            cases.setdefault(one.case, []).append(_said(one, day, voice))
    either = voice.say(N_(", oppure ")).join(voice.listed(each) for each in cases.values())
    return "; ".join(filter(None, (*always, either)))


def _said(one: Predicate, day: dt.date, voice: Voice) -> str:
    if one.measure:
        income = voice.say(INCOMES[one.measure])
        amount = _amount(one.at_most, day, voice)
        if not amount:
            return voice.say(N_("{income} sotto un limite che a questa data non si conosce"),
                             income=income)  # fmt: skip
        return voice.say(N_("{income} fino a {amount}"), income=income, amount=amount)
    if one.rent_share_at_least:
        share = 100 * parameters.in_force()[one.rent_share_at_least].value
        return voice.say(N_("affitto di almeno il {share} % del reddito"),
                         share=voice.number(share))  # fmt: skip
    if (
        one.contract
        and one.months_at_least
        and (months := _amount(one.months_at_least, day, voice))
    ):
        return voice.say(N_("contratto di affitto registrato, mesi di contratto almeno: {months}"),
                         months=months)  # fmt: skip
    if one.groups:
        groups = [voice.say(TARGET_GROUPS[key].label) for key in one.groups]
        return voice.say(N_("in una di queste situazioni: {groups}"), groups="; ".join(groups))
    if one.compositions:
        kinds = [voice.say(COMPOSITIONS[key]) for key in one.compositions]
        return voice.say(N_("nella famiglia: {kinds}"), kinds=", ".join(kinds))
    if one.tenure:
        return voice.say(_TENURES[one.tenure])
    if one.order:
        return voice.say(N_("con uno sfratto in corso"))
    return voice.say(
        N_("reddito calato") if one.income_fall else N_("contratto di affitto registrato")
    )


def _amount(row: str, day: dt.date, voice: Voice) -> str:
    """Return an amount in force on a day, with its year where it is one of a series; "" without one."""
    found = parameters.in_force(day).get(row)
    if found is None:
        return ""
    amount = voice.number(found.value, 2 if found.value % 1 else 0)
    if found.unit == "eur":
        amount = voice.say(N_("{amount} euro"), amount=amount)
    if sum(one.name == row for one in parameters.table()) == 1:
        return amount
    return voice.say(N_("{amount} (valore del {year})"), amount=amount, year=found.valid_from.year)
