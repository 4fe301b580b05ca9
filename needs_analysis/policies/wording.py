"""How the conditions of a policy are said: each with the amount that holds on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from needs_analysis import parameters
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.policies.catalogue import INCOMES, Policy, Predicate
from needs_analysis.words import ITALIAN, N_, Voice

_TENURES = {
    "public": N_("inquilini di un alloggio pubblico"),
    "mortgage": N_("con un mutuo sulla prima casa"),
}


@dataclass(frozen=True)
class _Amounts:
    """What the rows of parameters are on a day, as they are said."""

    day: dt.date
    voice: Voice
    overrides: Mapping[str, float]

    def said(self, row: str) -> str:
        """Return an amount, with its year where it is one of a series; "" where there is none."""
        found, own = parameters.in_force(self.day).get(row), row in self.overrides
        if found is None and not own:
            return ""
        unit = parameters.in_force()[row].unit
        number = self.overrides[row] if own or found is None else found.value
        number *= 100 if unit == "share" else 1
        amount = self.voice.number(number, 2 if round(number, 2) % 1 else 0)
        if unit == "eur":
            amount = self.voice.say(N_("{amount} euro"), amount=amount)
        if own or found is None or sum(one.name == row for one in parameters.table()) == 1:
            return amount
        year = found.valid_from.year
        return self.voice.say(N_("{amount} (valore del {year})"), amount=amount, year=year)


def conditions(
    policy: Policy,
    day: dt.date,
    voice: Voice = ITALIAN,
    overrides: Mapping[str, float] | None = None,
) -> str:
    """Say who may have a policy; "" where the catalogue has no condition.

    Parameters
    ----------
    policy : Policy
        Of the catalogue.
    day : date
        The amounts are those in force on it; one of a series says since when it is so.
    voice : Voice
        The language.
    overrides : mapping of str to float, optional
        A study's parameters, in the place of the table's.

    Examples
    --------
    >>> from needs_analysis.policies.catalogue import every
    >>> print(conditions(every()["P08"], dt.date(2026, 11, 29))[:56])
    ISEE fino a 10.140 euro; contratto di affitto registrato
    """
    # Groups and compositions that it answers are named beside: they are no further condition.
    said = _Amounts(day, voice, overrides or {})
    told = (policy.groups, policy.compositions)
    plain = [one for one in policy.eligibility if not one.case]
    plain = [one for one in plain if (one.groups or one.compositions or None) not in told]
    always = [_said(one, said) for one in plain]
    cases: dict[str, list[str]] = {}
    for one in policy.eligibility:
        if one.case:
            cases.setdefault(one.case, []).append(_said(one, said))
    either = voice.say(N_(", oppure ")).join(voice.listed(each) for each in cases.values())
    return "; ".join(filter(None, (*always, either)))


def _said(one: Predicate, amounts: _Amounts) -> str:
    voice = amounts.voice
    if one.measure:
        income = voice.say(INCOMES[one.measure])
        amount = amounts.said(one.at_most)
        if not amount:
            return voice.say(N_("{income} sotto un limite che a questa data non si conosce"),
                             income=income)  # fmt: skip
        return voice.say(N_("{income} fino a {amount}"), income=income, amount=amount)
    if one.rent_share_at_least:
        return voice.say(N_("affitto di almeno il {share} % del reddito"),
                         share=amounts.said(one.rent_share_at_least) or voice.missing)  # fmt: skip
    if one.contract and (months := amounts.said(one.months_at_least)):
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
