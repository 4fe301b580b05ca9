"""What the terminal says of policies: those that exist, those to activate, those out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.needs.groups import COMPOSITIONS, TARGET_GROUPS
from needs_analysis.policies.catalogue import COMPONENTS, Policy
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.reports.chapters.policies_tables import GROUPS_NOTE, TAKE_UPS
from needs_analysis.reports.chapters.policies_words import body_words
from needs_analysis.reports.language import quality_words
from needs_analysis.services.files.schema import NOT_TRANSMITTED, TABLES
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.told.telling import Shown
from needs_analysis.words import N_, Voice

_TITLES: Mapping[str, str] = {
    "existing": N_("Esistono già"),
    "feasible": N_("Si possono attivare"),
    "asked_for": N_("Oggi non si possono usare, mostrate perché richieste"),
    "out": N_("Oggi non si possono usare"),
}
_FIGURES: Mapping[str, str] = {
    "budget_eur": N_("stanziati {number} euro"),
    "applications": N_("domande {number}"),
    "admitted": N_("ammesse {number}"),
    "beneficiaries": N_("beneficiari {number}"),
    "spent_eur": N_("spesi {number} euro"),
    "agreements": N_("accordi {number}"),
}


class Wanted(NamedTuple):
    """Which policies are asked for: of a component, for a group; "" for all."""

    component: str
    group: str

    def holds(self, policy: Policy) -> bool:
        """Say whether a policy is asked for."""
        return (not self.component or self.component in policy.components) and (
            not self.group or self.group in policy.groups
        )


def checked(component: str, group: str) -> Wanted:
    """Return what is asked for.

    Raises
    ------
    PoliciesError
        There is no such component or group: both are named.
    """
    letter = component.strip().upper()
    found = []
    if letter and letter not in COMPONENTS:
        found.append(problem("no_component", found=component, known=tuple(COMPONENTS)))
    if group and group not in TARGET_GROUPS:
        found.append(problem("no_group", found=group, known=tuple(TARGET_GROUPS)))
    if found:
        raise PoliciesError(*found)
    return Wanted(letter, group)


def lines(told: ToldPolicies, wanted: Wanted, title: str, voice: Voice) -> list[str]:
    """Return what the terminal says.

    Parameters
    ----------
    told : ToldPolicies
        In its profile.
    wanted : Wanted
        Which policies.
    title : str
        Of the whole, as said.
    voice : Voice
        The language.
    """
    catalogue = told.matches.catalogue
    rows = told.said(voice)
    rows = rows[[wanted.holds(catalogue.policies[one]) for one in rows["policy"]]]
    said = [voice.say(N_("{title} (al {day})"), title=title, day=catalogue.day)]
    if told.label:
        said.append(voice.say(told.label))
    if rows["households"].any():
        said.append(voice.say(GROUPS_NOTE))
    for standing, head in _TITLES.items():
        own = rows[rows["standing"] == standing]
        if own.empty:
            continue
        number = own["policy"].nunique()
        said += ["", voice.say(N_("{title}: {number}"), title=voice.say(head), number=number)]
        for key, part in own.groupby("policy", sort=False):
            if standing == "out":
                first = part.iloc[0]
                said.append(
                    voice.say(N_("- {id} {name}: {why} - {checked}"), id=first["policy"],
                              name=first["name"], why=first["why"], checked=first["checked"])
                )  # fmt: skip
            else:
                said += ["", *_policy(part, catalogue.policies[str(key)], told, voice)]
    said += _unmatched(told, voice)
    if bodies := body_words(told, voice):
        said += ["", *bodies]
    return said + _questions(rows, voice)


def _policy(rows: pd.DataFrame, policy: Policy, told: ToldPolicies, voice: Voice) -> Iterator[str]:
    """Say a policy: for whom, who may have it, with what money, what it takes, what it rests on."""
    first = rows.iloc[0]
    yield voice.say(N_("{id} {name} - {components}"), id=policy.id, name=first["name"],
                    components=first["components"])  # fmt: skip
    if told.existing is not None and first["standing"] == "existing":
        for line in _here(told.existing, policy.id, voice):
            yield f"  {line}"
    money = first["why"]
    if policy.one_year:
        money = voice.say(N_("{money}; è un aiuto di un anno"), money=money)
    parts = (
        (N_("Per chi: {words}"), _whom(rows, policy, told.matches.parameters, voice)),
        (N_("Condizioni: {words}"), first["rule"]),
        (N_("Soldi: {words}"), money),
        (N_("Come si chiede: {words}"), first["channel"]),
        (N_("Che cosa serve: {words}"), first["missing"]),
        (N_("Da verificare: {words}"), first["to_verify"]),
        (N_("Fonte: {words}"), f"{first['rests_on']} - {first['checked']}"),
    )
    for sentence, words in parts:
        if words:
            yield f"  {voice.say(sentence, words=words)}"


def _whom(rows: pd.DataFrame, policy: Policy, study: Mapping[str, float], voice: Voice) -> str:
    """Say the groups that a policy answers, with the households of each that has a number."""
    said = []
    for group, part in rows.groupby("group", sort=False):
        if not group:
            continue
        number = part["households"].iloc[0]
        name = TARGET_GROUPS[str(group)].name(voice, study)
        quality = Quality(int(part["quality"].iloc[0]))
        if number and quality != Quality.MISSING:
            name = voice.say(N_("{group}: {number}, {quality}"), group=name, number=number,
                             quality=quality_words(voice)[quality])  # fmt: skip
        elif number:
            name = voice.say(N_("{group}: {number}"), group=name, number=number)
        elif TARGET_GROUPS[str(group)].tier == "diffuse":
            name = voice.say(N_("{group} (disagio diffuso, stimato a parte)"), group=name)
        elif part["question"].iloc[0] and not policy.compositions:
            name = voice.say(N_("{group} (non si sa quante)"), group=name)
        said.append(name)
    groups = "; ".join(said) or voice.say(N_("famiglie che la stima del bisogno non conta"))
    if not policy.compositions:
        return groups
    kinds = ", ".join(voice.say(COMPOSITIONS[one]) for one in policy.compositions)
    return voice.say(N_("{groups}; solo in famiglie di questo tipo: {kinds}"), groups=groups,
                     kinds=kinds)  # fmt: skip


def _here(existing: Shown, policy: str, voice: Voice) -> Iterator[str]:
    """Say what the administrations told of a policy: each in its last year."""
    frame = existing.frame[existing.frame["policy"] == policy]
    by = ["measure_name", "administration_name"]
    last = frame["year"] == frame.groupby(by)["year"].transform("max")
    hides = existing.hidden.loc[frame.index][last]
    for (_, row), (_, hidden) in zip(frame[last].iterrows(), hides.iterrows(), strict=True):
        said = voice.say(
            N_("Qui: {measure}, {body}, {year}: {figures}"), measure=row["measure_name"],
            body=row["administration_name"], year=int(row["year"]),
            figures=", ".join(_figures(row, hidden, voice)),
        )  # fmt: skip
        if row["by"] == "name":
            said = voice.say(N_("{said} (riconosciuta dal nome: controllare)"), said=said)
        yield said


def _figures(row: pd.Series, hidden: pd.Series, voice: Voice) -> Iterator[str]:
    silent = set(str(row["not_transmitted"] or "").split(";"))
    for name, sentence in _FIGURES.items():
        if not hidden[name] and not np.isnan(row[name]):
            yield voice.say(sentence, number=voice.number(row[name]))
    if not np.isnan(row["take_up"]):
        of = TAKE_UPS[row["take_up_of"]]
        yield voice.say(of, number=voice.number(100 * row["take_up"]))
    blank = [one for one in _FIGURES if np.isnan(row[one]) and not hidden[one]]
    for words, names in (
        (N_("riservato"), [one for one in _FIGURES if hidden[one]]),
        (NOT_TRANSMITTED, [one for one in blank if one in silent]),
        (N_("non scritto"), [one for one in blank if one not in silent]),
    ):
        if names:
            heads = ", ".join(voice.say(TABLES["measures"].field(one).header) for one in names)
            yield voice.say(N_("{what}: {heads}"), what=voice.say(words), heads=heads)


def _unmatched(told: ToldPolicies, voice: Voice) -> list[str]:
    if not told.unmatched:
        return []
    head = voice.say(
        N_("Misure dell'ufficio che non sono nel catalogo, o non si riconoscono dal nome (scrivere il "
           "codice nella colonna «codice del catalogo»):")
    )  # fmt: skip
    return ["", head, *(f"- {one}" for one in told.unmatched)]


def _questions(rows: pd.DataFrame, voice: Voice) -> list[str]:
    """Say once what must be asked for the policies that are not out."""
    asked = rows[(rows["question"] != "") & (rows["group"] != "") & (rows["composition"] == "")]
    asked = asked[asked["who"] != ""].loc[rows["standing"] != "out"]
    if asked.empty:
        return []
    unique: pd.DataFrame = asked.drop_duplicates(["question", "who"])
    said = [_asked(row, voice) for row in unique.to_dict("records")]
    head = N_("Da chiedere agli uffici, perché nessuna fonte pubblica lo dice:")
    return ["", voice.say(head), *said]


def _asked(row: Mapping[Any, Any], voice: Voice) -> str:
    return voice.say(N_("- {question} ({who})"), question=row["question"], who=row["who"])
