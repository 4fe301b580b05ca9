"""How policies are said: names with marks, conditions with the day's amounts, the aim of a budget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from needs_analysis import parameters
from needs_analysis.errors import Problem
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.policies.catalogue import INCOMES, Policy, Predicate, Standing, outcome_words
from needs_analysis.words import ITALIAN, N_, Voice

EVEN = 50
"""Of 100 draws, how many a choice stands in at least not to be called an indication only."""
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


# --- what a budget does ----------------------------------------------------------------------


def named(policy: Policy, standing: Standing | None, voice: Voice = ITALIAN) -> str:
    """Name a policy with what its entry was written from and, where it does not stand, why."""
    marks = [policy.checked(voice)]
    if standing is not None and not standing.usable:
        marks.append(standing.words(voice))
    return f"{policy.id} {policy.title(voice)} ({'; '.join(marks)})"


def aim(weights: Mapping[str, float], limit_share: float, voice: Voice = ITALIAN) -> str:
    """Say what is looked for: one outcome, or several with the weights that the user gives.

    Examples
    --------
    >>> aim({"order": 1.0}, 0.4), aim({"order": 2.0, "housed": 3.0}, 0.4)
    ('sfratti risolti', 'sfratti risolti (peso 2) e famiglie che hanno una casa (peso 3)')
    """
    words = {key: outcome_words(key, limit_share, voice) for key in weights}
    if len(words) == 1:
        return next(iter(words.values()))
    return voice.listed(
        [
            voice.say(N_("{what} (peso {weight})"), what=what, weight=float(weights[key]))
            for key, what in words.items()
        ]
    )


def objective(
    weights: Mapping[str, float], limit_share: float, voice: Voice = ITALIAN, *, simulated: bool
) -> str:
    """Say what a mix was looked for with, or that the budgets were given."""
    if simulated and not weights:
        return voice.say(N_("Obiettivo: nessuno, i bilanci sono di chi chiede; di queste misure non si "
                            "conosce l'effetto."))  # fmt: skip
    if simulated:
        what = voice.listed([outcome_words(key, limit_share, voice) for key in weights])
        return voice.say(N_("Obiettivo: nessuno, i bilanci sono di chi chiede; si contano {what}."),
                         what=what)  # fmt: skip
    what = aim(weights, limit_share, voice)
    if len(weights) == 1:
        return voice.say(N_("Obiettivo: per un anno, il massimo di {what}."), what=what)
    return voice.say(N_("Obiettivo: per un anno, il massimo di {what}, coi pesi di chi chiede."),
                     what=what)  # fmt: skip


def fixed_words(fixed_eur: float, voice: Voice = ITALIAN) -> list[str]:
    """Say what of the money reaches no household, where there is some.

    Examples
    --------
    >>> fixed_words(39_000.0), fixed_words(0.0)
    (['Di questi, 39.000 euro sono spese fisse: bandi, sportelli, coordinamento.'], [])
    """
    if fixed_eur < 0.5:
        return []
    return [voice.say(N_("Di questi, {euro} euro sono spese fisse: bandi, sportelli, coordinamento."),
                      euro=voice.number(fixed_eur))]  # fmt: skip


def stands_words(
    per_100: float, near: float, voice: Voice = ITALIAN, printed: str | None = None
) -> list[str]:
    """Say how often a choice stays near the best where costs and effects turn out otherwise.

    Parameters
    ----------
    per_100 : float
        Of 100 draws, how many it stands in: under `EVEN` it is called an indication only.
    near : float
        How far below the best it still stands, as a share.
    voice : Voice
        The language.
    printed : str, optional
        The number as it is printed.

    Examples
    --------
    >>> stands_words(14, 0.05)[1:], stands_words(50, 0.05)[1:]
    (["È un'indicazione, non una certezza."], [])
    """
    cases = voice.number(per_100) if printed is None else printed
    said = voice.say(
        N_("Costi ed effetti però si conoscono male: cambiandoli a caso fra il minimo e il massimo, "
           "questa divisione resta vicina alla migliore (entro il {near} %) in {cases} su 100 delle "
           "prove."), near=voice.number(100 * near), cases=cases,
    )  # fmt: skip
    unsure = [voice.say(N_("È un'indicazione, non una certezza."))] if per_100 < EVEN else []
    return [voice.elided(said), *unsure]


def to_read(
    used: Iterable[str],
    notes: Mapping[str, Problem],
    conditions: Mapping[str, Sequence[Problem]],
    left_out: Mapping[str, Problem],
    voice: Voice = ITALIAN,
    names: Mapping[str, str] | None = None,
) -> list[str]:
    """Say what must be read with the policies that are used, and which are left out, with why.

    Parameters
    ----------
    used : iterable of str
        The policies that help somebody.
    notes, conditions, left_out : mapping of str to Problem, or to several
        By policy.
    voice : Voice
        The language.
    names : mapping of str to str, optional
        How policies are called; by their ids when omitted.
    """
    read = [(key, note) for key in used for note in conditions.get(key, ())]
    said = _together([*notes.items(), *read], voice)
    out = _together(left_out.items(), voice)

    def called(keys: Sequence[str]) -> str:
        return voice.listed(keys) if names is None else "; ".join(names[one] for one in keys)

    return [
        *(voice.say(N_("{policy}: {note}."), policy=called(keys), note=text)
          for text, keys in said.items()),
        *(voice.say(N_("Non nel conto {policies}: {why}."), policies=called(keys), why=text)
          for text, keys in out.items()),
    ]  # fmt: skip


def _together(notes: Iterable[tuple[str, Problem]], voice: Voice) -> dict[str, list[str]]:
    """Return the policies of each sentence: what is the same of several is said once."""
    found: dict[str, list[str]] = {}
    for key, note in notes:
        found.setdefault(note.text(voice), []).append(key)
    return found
