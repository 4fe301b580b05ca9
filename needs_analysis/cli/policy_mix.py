"""What is printed and written of a budget: the aim, what is done, what comes of it, what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from needs_analysis.policies import wording
from needs_analysis.policies.catalogue import Catalogue
from needs_analysis.policies.files import OF_A_STUDY, PolicyFiles, read_asked
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.reports.chapters.policies_bought import sheets as bought_sheets
from needs_analysis.reports.chapters.policies_words import (
    high_words,
    money_words,
    nobody_words,
    surety_sentence,
)
from needs_analysis.reports.model import Column, Table, plain
from needs_analysis.told.bought import ToldMix
from needs_analysis.told.needs import said_count
from needs_analysis.words import N_, Voice


def asked_of(path: Path | None) -> PolicyFiles:
    """Return what a file asks of policies; nothing without one."""
    return PolicyFiles() if path is None else read_asked(path, OF_A_STUDY)


def euros(text: str) -> float:
    """Read an amount; 200.000 is two hundred, or two hundred thousand: it is refused.

    Raises
    ------
    PoliciesError
        It is no number, or may be two.

    Examples
    --------
    >>> euros("200000"), euros("200000,50")
    (200000.0, 200000.5)
    """
    if re.search(r"[.,]\d{3}(\D|$)", text):
        raise PoliciesError(problem("euros", found=text))
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise PoliciesError(problem("euros", found=text)) from None


def lines(told: Sequence[ToldMix], catalogue: Catalogue, voice: Voice) -> list[str]:
    """Say each answer in a paragraph; answers of different outcomes are never added."""
    said: list[str] = []
    names = {key: f"{key} {one.title(voice)}" for key, one in catalogue.policies.items()}
    every = {key: why for key, why in (told[0].left_out.items() if told else ())
             if all(key in one.left_out for one in told)}  # fmt: skip
    for one in told:
        out = one.left_out
        if len(told) > 1:  # a policy of another aim stands there, those of none are said once
            out = {key: why for key, why in out.items()
                   if key not in every and not why.code.endswith(".other_outcome")}  # fmt: skip
        read = wording.to_read(one.used, one.notes, one.conditions, out, voice, names)
        said += ["", *_paragraph(one, catalogue, voice), *(f"- {line}" for line in read)]
    said += [f"- {one.said(voice)}" for one in (told[0].unmet if told else ())]
    if len(told) > 1:
        said += ["", voice.say(N_("Scopi diversi sono alternative: le famiglie non si sommano."))]
        said += [f"- {line}" for line in wording.to_read((), {}, {}, every, voice, names)]
    return said


def _paragraph(one: ToldMix, catalogue: Catalogue, voice: Voice) -> list[str]:
    said = [wording.objective(one.weights, one.limit_share, voice, simulated=one.simulated)]
    if one.used:
        said += [_spent(one, catalogue, voice), *_comes(one, voice)]
    else:
        said.append(nobody_words(one, _euro(one.budget_eur, voice), voice))
    said += [plain(words) for words in money_words(one, voice)]
    if sure := surety_sentence(one, voice):
        said.append(plain(sure.text))
    return said


def _euro(amount: float, voice: Voice) -> str:
    return voice.number(amount, 0 if float(amount).is_integer() else 2)


def _spent(one: ToldMix, catalogue: Catalogue, voice: Voice) -> str:
    """Say what is spent, policy by policy, and what of it reaches no household."""
    parts = [
        voice.say(N_("{policy}: {helped} famiglie aiutate con {euro} euro"),
                  policy=wording.named(catalogue.policies[key], catalogue.standing(key), voice),
                  helped=said_count(one.count("helped", key), voice),
                  euro=voice.number(one.spent(key)))
        for key in one.used
    ]  # fmt: skip
    said = voice.say(N_("Si spendono {spent} euro su {budget}: {parts}."),
                     spent=voice.number(one.spent_eur), budget=_euro(one.budget_eur, voice),
                     parts="; ".join(parts))  # fmt: skip
    return " ".join([said, *wording.fixed_words(float(one.money["fixed_eur"].sum()), voice)])


def _comes(one: ToldMix, voice: Voice) -> list[str]:
    """Say what comes of it, where that is of one kind."""
    if not one.outcome:
        return []
    out, anyway = (said_count(one.count(what), voice) for what in ("out_of_need", "deadweight"))
    return [
        voice.say(N_("Aiutare non è far uscire dal bisogno: ne escono per un anno {count}."), count=out),
        *high_words(one, voice),
        voice.say(N_("Delle aiutate, {count} ne sarebbero uscite anche da sole."), count=anyway),
    ]  # fmt: skip


def sheets(
    told: Sequence[ToldMix], catalogue: Catalogue, places: Mapping[str, str], voice: Voice
) -> list[Table]:
    """Return the sheets of a briefing and, in one more, all that is said.

    Parameters
    ----------
    told : sequence of ToldMix
        The answers.
    catalogue : Catalogue
        Of which they are.
    places : mapping of str to str
        Names of municipalities by code.
    voice : Voice
        The language.
    """
    names = {key: one.marked(voice) for key, one in catalogue.policies.items()}
    words = [line for line in lines(told, catalogue, voice) if line]
    said = Table("detto", voice.say(N_("In parole")), pd.DataFrame({"said": words}),
                 (Column("said", voice.say(N_("In parole"))),))  # fmt: skip
    return [*bought_sheets(told, names, places, voice), said]
