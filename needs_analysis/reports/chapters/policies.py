"""What can be done: policies that exist beside those to activate, and what a budget buys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs_analysis.reports.chapters.by_municipality import MUNICIPALITIES_ON_PAGE
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.chapters.policies_bought import (
    conditions_table,
    frontier_picture,
    left_out,
    mix_table,
    places_table,
    ways_table,
)
from needs_analysis.reports.chapters.policies_bought import sheets as bought_sheets
from needs_analysis.reports.chapters.policies_tables import (
    existing_table,
    named,
    standing_table,
)
from needs_analysis.reports.chapters.policies_tables import sheets as standing_sheets
from needs_analysis.reports.chapters.policies_words import (
    bought_sentence,
    choice_sentence,
    standing_sentence,
    surety_sentence,
    unanswered_sentence,
    unmet_sentence,
)
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Block, Chapter, Sentence, Table
from needs_analysis.told.policies import ToldPolicies
from needs_analysis.words import N_, Voice

_LEFT_OUT: Mapping[str, str] = {
    "costed_only": N_("Non c'è un effetto pubblicato o misurato di: {names}."),
    "exits_alone_reserved": N_("Qui non si può dire come finiscono le accoglienze di: {names}."),
    "uncounted": N_("Manca il conteggio delle famiglie a cui rispondono: {names}."),
    "nobody_here": N_("Qui non raggiungono nessuna famiglia: {names}."),
    "free": N_("Qui non costano nulla, e non serve un bilancio per sceglierle: {names}."),
    "cost_unknown": N_("Qui non si conosce il costo di: {names}."),
    "no_cost": N_("Non c'è un costo che si possa calcolare di: {names}."),
}


def chapter(found: Findings) -> Chapter | tuple[Chapter, ...]:
    """Say what can be done: what there is, then what the study's budget buys, if it gives one."""
    if found.policies is None:
        return ()
    voice, told = found.voice, found.policies
    blocks = tuple(one for one in _blocks(found, told) if one is not None)
    every = (standing_table(told, voice),)
    return (
        Chapter("misure", voice.say("Che cosa si può fare"), blocks),
        Chapter("misure_elenco", voice.say("Le misure, una per una"), every, annex=True),
    )


def _blocks(found: Findings, told: ToldPolicies) -> Iterator[Block | None]:
    voice = found.voice
    yield standing_sentence(told, voice)
    yield unanswered_sentence(told, voice)
    if told.bought:
        yield from _bought(found, told, named(told, voice))
    yield existing_table(told, voice)


def _bought(found: Findings, told: ToldPolicies, names: dict[str, str]) -> Iterator[Block | None]:
    """Say what the budget buys: the answer, the curve, the places, then what it rests on."""
    voice, bought = found.voice, told.bought
    yield choice_sentence(told, voice)
    yield from (bought_sentence(told, one, voice) for one in bought)
    yield unmet_sentence(told, voice)
    if any(one.used for one in bought):
        yield mix_table(bought, names, voice)
    yield from (frontier_picture(one, names, voice) for one in bought)
    yield ways_table(bought, names, voice)
    if len(found.codes) <= MUNICIPALITIES_ON_PAGE:
        yield places_table(bought, _places(found), voice)
    yield from (surety_sentence(one, voice) for one in bought)
    yield _costed(told, voice)
    yield conditions_table(bought, names, voice)


def _places(found: Findings) -> dict[str, str]:
    return dict(found.area["municipality_name"])


def _costed(told: ToldPolicies, voice: Voice) -> Sentence | None:
    """Say which policies are in no choice because nobody knows what comes of them, or what they cost."""
    names = named(told, voice)
    said = []
    for kind, words in _LEFT_OUT.items():
        out = [names[one] for one in left_out(told.bought, kind)]
        if out:
            said.append(voice.say(words, names="; ".join(out)))
    if not said:
        return None
    said.append(voice.say(N_("Non vuol dire che non servano.")))
    return Sentence(" ".join(said), voice.say(N_("Fuori dal conto.")))


def sheets(found: Findings) -> list[Table]:
    """Return the tables of what can be done, one a sheet."""
    told, voice = found.policies, found.voice
    if told is None:
        return []
    bought = bought_sheets(told.bought, named(told, voice), _places(found), voice)
    return [*standing_sheets(told, voice), *bought]


PART = Part("misure", chapter, sheets)
