"""What is printed and written of a budget: the aim, what is done, what comes of it, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.policies import wording
from needs_analysis.policies.catalogue import Catalogue
from needs_analysis.policies.files import PolicyFiles, read_asked
from needs_analysis.reports.chapters.policies_bought import sheets as bought_sheets
from needs_analysis.reports.model import Column, Table
from needs_analysis.told.bought import ToldMix
from needs_analysis.told.needs import said_count
from needs_analysis.words import N_, Voice


def asked_of(path: Path | None) -> PolicyFiles:
    """Return what a file asks of policies; nothing without one."""
    return PolicyFiles() if path is None else read_asked(path)


def lines(told: Sequence[ToldMix], catalogue: Catalogue, voice: Voice) -> list[str]:
    """Say each answer in a paragraph; answers of different outcomes are never added."""
    said: list[str] = []
    for one in told:
        said += ["", *_paragraph(one, catalogue, voice)]
    said += [f"- {one.said(voice)}" for one in (told[0].unmet if told else ())]
    if len(told) > 1:
        said += ["", voice.say(N_("Scopi diversi sono alternative: le famiglie non si sommano."))]
    return said


def _paragraph(one: ToldMix, catalogue: Catalogue, voice: Voice) -> list[str]:
    said = [wording.objective(one.weights, one.limit_share, voice, simulated=one.simulated)]
    money = {"spent": voice.number(one.spent_eur), "budget": voice.number(one.budget_eur)}
    if not one.used:
        said.append(voice.say(N_("Con {budget} euro nessuna famiglia è aiutata."),
                              budget=money["budget"]))  # fmt: skip
    else:
        parts = [
            voice.say(N_("{policy}: {helped} famiglie aiutate con {euro} euro"),
                      policy=wording.named(catalogue.policies[key], catalogue.standing(key), voice),
                      helped=said_count(one.count("helped", key), voice),
                      euro=voice.number(one.spent(key)))
            for key in one.used
        ]  # fmt: skip
        said.append(voice.say(N_("Si spendono {spent} euro su {budget}: {parts}."), **money,
                              parts="; ".join(parts)))  # fmt: skip
        said += wording.fixed_words(float(one.money["fixed_eur"].sum()), voice)
    if one.used and one.outcome:
        out, anyway = (said_count(one.count(what), voice) for what in ("out_of_need", "deadweight"))
        said.append(voice.say(
            N_("Aiutare non è far uscire dal bisogno: ne escono per un anno {count}."), count=out,
        ))  # fmt: skip
        said.append(voice.say(N_("Delle aiutate, {count} ne sarebbero uscite anche da sole."),
                              count=anyway))  # fmt: skip
    if not np.isnan(one.bound_apart):
        apart = voice.number(100 * one.bound_apart, 2)
        said.append(voice.elided(voice.say(
            N_("La scelta è lontana dalla migliore possibile al massimo del {gap} %."), gap=apart,
        )))  # fmt: skip
    if not np.isnan(one.stands_per_100):
        said.append(voice.say(
            N_("La scelta con {budget} euro, in {cases} casi su 100, resta la migliore entro il "
               "{near} %."), budget=money["budget"], cases=voice.number(one.stands_per_100),
            near=voice.number(5),
        ))  # fmt: skip
    read = wording.to_read(one.used, one.notes, one.conditions, one.left_out, voice)
    return said + [f"- {line}" for line in read]


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
