"""Places needed by ambito and by group: tables, and the sentences that say them and today's waits."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.services_assumed import (
    assumed_table,
    group_name,
    group_names,
    how,
    said_target,
)
from needs_analysis.reports.chapters.services_building import told_table
from needs_analysis.reports.chapters.services_waits import (
    SEVERAL,
    shut_out_sentence,
    today_sentence,
    waits_table,
)
from needs_analysis.reports.model import Sentence, Table, between, number
from needs_analysis.told import PlacesNeeded, Plan, Split, Told
from needs_analysis.words import N_, Voice

_OF_WHOM = {"own": N_("del gruppo"), "all": N_("di tutti")}
_NEEDED = (
    ("load", N_("Posti sempre occupati"), "count"),
    ("places", N_("Posti necessari"), "count"),
    ("places_low", N_("Necessari: da"), "count"),
    ("places_high", N_("Necessari: a"), "count"),
    ("share", N_("Entra in tempo"), "share"),
)
# On a page an interval is one text; the share is the target's or little more.
_NEEDED_PAGE = (*_NEEDED[:2], ("places_interval", N_("Intervallo"), "text"))
_ESTIMATED = tuple(name for name, _, _ in _NEEDED)
_BY_AMBITO, _BY_GROUP = "Servizi posti necessari", "Servizi posti per gruppo"
_THERE = N_("I posti che ci sono: aperti a fine periodo, senza quelli da sistemare.")


def sheets(found: Told, plan: Plan, voice: Voice) -> list[Table]:
    """Return the places needed by ambito and by group, today's waits and what was assumed."""
    return [*_tables(found, plan, voice, page=False), assumed_table(found, plan, voice)]


def page_tables(found: Told, plan: Plan, voice: Voice) -> list[Table]:
    """Return the tables of the chapter."""
    return _tables(found, plan, voice, page=True)


def _tables(found: Told, plan: Plan, voice: Voice, *, page: bool) -> list[Table]:
    made = []
    if plan.by_ambito.needed is not None:
        made.append(_ambito_table(found, plan, plan.by_ambito.needed, voice, page=page))
    if plan.by_group.needed is not None:
        made.append(_group_table(found, plan, plan.by_group.needed, voice, page=page))
    if plan.today.found is not None:
        made.append(waits_table(found, plan, plan.today.found, voice, page=page))
    return made


def _ambito_table(
    found: Told, plan: Plan, needed: PlacesNeeded, voice: Voice, *, page: bool
) -> Table:
    """Return the places each ambito needs alone and all together, beside those there are."""
    columns = (
        ("name", N_("Ambito"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti che ci sono"), "count"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = N_("Posti necessari per ambito")
    frame = _needed_frame(plan.by_ambito, needed, _BY_AMBITO, voice)
    notes = (_target_note(plan, voice), voice.say(_THERE), _left_out(plan.by_ambito, voice))
    return told_table(
        found, _BY_AMBITO, title, frame, columns, voice, before=notes, estimated=_ESTIMATED
    )


def _group_table(
    found: Told, plan: Plan, needed: PlacesNeeded, voice: Voice, *, page: bool
) -> Table:
    """Return the places each group needs alone and all together, and by whose stays."""
    split = plan.by_group
    frame = _needed_frame(split, needed, _BY_GROUP, voice)
    behind = split.behind
    mean = np.average(behind["stay_mean_days"], weights=behind["requests"])
    # Finer than a day it would count those who left.
    frame["stay_days"] = np.round([*behind["stay_mean_days"], mean])
    frame["stay_of"] = [*(voice.say(_OF_WHOM[one]) for one in behind["stay"]), ""]
    columns = (
        ("name", N_("Gruppo"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti aperti al gruppo"), "count"),
        ("stay_days", N_("Permanenza media"), "days"),
        ("stay_of", N_("Permanenza di chi"), "text"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = N_("Posti necessari per gruppo")
    notes = (_target_note(plan, voice), voice.say(SEVERAL), _left_out(split, voice))
    hidden = frame[["there"]].isna()
    return told_table(
        found, _BY_GROUP, title, frame, columns, voice, hidden, before=notes,
        estimated=(*_ESTIMATED, "stay_days"),
    )  # fmt: skip


def _needed_frame(split: Split, needed: PlacesNeeded, key: str, voice: Voice) -> pd.DataFrame:
    frame = needed.frame
    requests = split.behind["requests"]
    return pd.DataFrame(
        {
            "name": [group_name(str(one), voice) for one in frame.index],
            "requests": [*requests, requests.sum()],
            "there": split.places.reindex(frame.index).to_numpy(dtype=float),
            "load": frame["load"].round().to_numpy(dtype=float),
            **{
                name: frame[name].to_numpy(dtype=float)
                for name in ("places", "places_low", "places_high")
            },
            "places_interval": [
                between(f"{key}:{row}:places_", low, high, voice)
                for row, (low, high) in enumerate(
                    zip(frame["places_low"], frame["places_high"], strict=True)
                )
            ],
            "share": frame["share"].round(2).to_numpy(),
        }
    )


def _target_note(plan: Plan, voice: Voice) -> str:
    share, days = said_target(plan, voice)
    text = voice.say(
        "Posti necessari perché il {share} di chi chiede entri entro {days} giorni: ciascuno "
        "per conto suo e, nell'ultima riga, insieme dagli stessi posti; l'intervallo è "
        "quello della simulazione al 95 %.",
        share=share,
        days=days,
    )
    return voice.elided(text)


def _left_out(split: Split, voice: Voice) -> str:
    if not split.hidden:
        return ""
    return voice.say(
        "Fuori dalla tabella, anche dall'ultima riga, perché il conteggio è nascosto: {named}.",
        named=group_names(split.hidden, voice),
    )


# ---------------------------------------------------------------- sentences


def sentences(plan: Plan, voice: Voice) -> list[Sentence]:
    """Return what the chapter and the command say: places needed, what sharing saves, waits today."""
    made = [
        _needed_sentence(plan, voice),
        _sharing_sentence(plan, voice),
        today_sentence(plan, voice),
        shut_out_sentence(plan, voice),
        Sentence(how(plan, voice)),
    ]
    return [Sentence(voice.elided(one.text), one.lead) for one in made if one]


def _needed_sentence(plan: Plan, voice: Voice) -> Sentence:
    by_ambito = plan.by_ambito.needed is not None
    split = plan.by_ambito if by_ambito else plan.by_group
    frame = cast(PlacesNeeded, split.needed).frame
    row = f"{_BY_AMBITO if by_ambito else _BY_GROUP}:{len(frame) - 1}"
    ends = [
        number(f"{row}:{name}", frame[name].iloc[-1], voice)
        for name in ("places", "places_low", "places_high")
    ]
    share, days = said_target(plan, voice)
    shared = ""
    if len(frame) != 2:
        shared = (
            voice.say(", se gli ambiti li condividono")
            if by_ambito
            else voice.say(", se tutti i gruppi li condividono")
        )
    text = voice.say(
        "Perché il {share} di chi chiede entri entro {days} giorni servono {ends_0} posti "
        "(intervallo della simulazione: {ends_1} - {ends_2}){shared}; oggi sono {there}.",
        share=share,
        days=days,
        ends_0=ends[0],
        ends_1=ends[1],
        ends_2=ends[2],
        shared=shared,
        there=number("capacity:places_there", float(split.places.loc[TOTAL]), voice),
    )
    return Sentence(text, voice.say("Stima."))


def _sharing_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    words = (
        voice.say(
            "Ognuno per conto suo, gli ambiti vorrebbero in tutto {0} posti: condividerli ne "
            "risparmia {1} (intervallo: {2} - {3})."
        ),
        voice.say(
            "Con posti riservati a ciascun gruppo ne servirebbero {0}; aperti a tutti i gruppi "
            "{4}, {1} in meno (intervallo: {2} - {3})."
        ),
    )
    said = []
    hidden = (
        voice.say("Gli ambiti nascosti non vi sono contati."),
        voice.say("I gruppi nascosti non vi sono contati."),
    )
    splits = (plan.by_ambito, plan.by_group)
    keys = (_BY_AMBITO, _BY_GROUP)
    for split, text, left_out, key in zip(splits, words, hidden, keys, strict=True):
        needed = split.needed
        if needed is None or len(needed.frame) < 3:
            continue
        places = needed.frame["places"]
        figures = {
            "places_apart": places.iloc[:-1].sum(), "places_saved": needed.saved,
            "places_saved_low": needed.saved_low, "places_saved_high": needed.saved_high,
            f"{len(places) - 1}:places": places.iloc[-1],
        }  # fmt: skip
        printed = (number(f"{key}:{name}", float(one), voice) for name, one in figures.items())
        said.append(text.format(*printed))
        if split.hidden:
            said.append(left_out)
    return Sentence(" ".join(said), voice.say("Condividere i posti.")) if said else None
