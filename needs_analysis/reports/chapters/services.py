"""What the briefing says of services: offer, outcomes, network, places needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis.reports.chapters import (
    services_measures,
    services_needed,
    services_network,
    services_places,
    services_sheets,
)
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.chapters.services_building import (
    INTERNAL_WARNING,
    hidden_note,
    labelled,
    unit_of,
)
from needs_analysis.reports.charts.services import places_over_time
from needs_analysis.reports.model import Block, Chapter, Picture, Sentence, Table, number
from needs_analysis.services.files.schema import STATES
from needs_analysis.services.measures import RULES
from needs_analysis.told import Told
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings

_SOURCE = N_("registro e accoglienze dei servizi (dati riservati dell'ente)")


def chapters(found: Findings) -> tuple[Chapter, ...]:
    """Return the chapters on services; none where the study names no register."""
    told = found.services
    if told is None:
        return ()
    voice = found.voice
    elsewhere = ambiti_outside(told, found.area.index)
    made = [offer(told, voice, elsewhere), outcomes(told, voice)]
    if told.network is not None:
        joined = services_network.blocks(told, told.network, voice)
        made.append(_chapter("rete", voice.say("Rete"), told, voice, joined))
    return (*made, places_needed(told, voice))


def warning(found: Findings) -> str:
    """Say that a study with the internal profile may not leave; nothing of any other."""
    told = (found.services, found.need, found.policies)
    internal = any(one is not None and one.internal for one in told)
    return found.voice.say(INTERNAL_WARNING) if internal else ""


def sheets(found: Findings) -> list[Table]:
    """Return the sheets on services; none where the study names no register."""
    told = found.services
    if told is None:
        return []
    made = services_sheets.sheets(told, found.voice)
    if told.plan is not None:
        made += services_needed.sheets(told, told.plan, found.voice)
    return made


def _chapter(
    key: str, title: str, found: Told, voice: Voice, blocks: Sequence[Block | None]
) -> Chapter:
    """Return a chapter whose title and first words say that invented data are invented."""
    kept = [one for one in blocks if one is not None]
    if found.label:
        said = voice.say(
            "I dati di questo capitolo sono inventati: nessun ospite, nessun servizio è reale."
        )
        lead = voice.say("Dati inventati.")
        kept.insert(0, Sentence(said, lead))
    name = labelled(title, found, voice)
    return Chapter(key, name, tuple(kept))


# ---------------------------------------------------------------- offer


def ambiti_outside(found: Told, codes: pd.Index) -> list[str]:
    """Return the ambiti of the register without a municipality in an area.

    They are counted all the same: tables of two areas over one register, each without the services
    outside it, would give away by subtraction what each hides.
    """
    return [name for name, reach in found.reach.items() if reach and not reach & set(codes)]


def offer(found: Told, voice: Voice, elsewhere: Sequence[str] = ()) -> Chapter:
    """Say how many places there are, in what state, where and for whom."""
    outside = voice.say(
        "Il registro comprende servizi fuori dal territorio dello studio (ambiti: {names}): "
        "le cifre sui servizi sono dell'intero registro.",
        names=", ".join(elsewhere),
    )
    blocks = (
        Sentence(outside, voice.say("Attenzione.")) if elsewhere else None,
        _places_sentence(found, voice),
        _occupancy_sentence(found, voice),
        services_places.offer_table(found, voice),
        _places_picture(found, voice),
        services_places.ready_table(found, voice),
        _local_sentence(found, voice),
    )
    return _chapter("offerta", voice.in_context("chapter", "Offerta"), found, voice, blocks)


def _places_sentence(found: Told, voice: Voice) -> Sentence:
    day = voice.day(found.period.end)
    occupied, ready = (
        number(f"places_{state}:value", found.figure(f"places_{state}")["value"], voice)
        for state in ("occupied", "ready")
    )
    counts = [
        number(f"register:{name}", count, voice)
        for name, count in (("services", len(found.services)), ("dwellings", found.dwellings))
    ]
    if found.figure("places_ready")["hidden"]:
        text = voice.say(
            "Il {day} il registro conta {services} servizi e {dwellings} alloggi; quanti posti e "
            "quanti occupati non si può dire: direbbero di pochi ospiti.",
            day=day,
            services=counts[0],
            dwellings=counts[1],
        )
        return Sentence(text, voice.say("Posti."), hidden_note(found, voice))
    text = voice.say(
        "Il {day} il registro conta {services} servizi, {dwellings} alloggi e {places} "
        "posti: {occupied} occupati e {ready} pronti ad accogliere.",
        day=day,
        services=counts[0],
        dwellings=counts[1],
        places=number("register:places", found.places, voice),
        occupied=occupied,
        ready=ready,
    )
    return Sentence(text, voice.say("Posti."), hidden_note(found, voice))


def _occupancy_sentence(found: Told, voice: Voice) -> Sentence | None:
    said = _interval(found, "occupancy_share", voice)
    if not said:
        return None
    text = voice.say(
        "Nel periodo le notti occupate sono il {said} di quelle disponibili.", said=said
    )
    return Sentence(voice.elided(text), voice.say("Occupazione."))


def _places_picture(found: Told, voice: Voice) -> Picture | Sentence:
    """Draw the places by state at the end of each month, from the table that may be told."""
    table = services_places.supply_table(found, voice)
    frame = table.frame.set_index(pd.to_datetime(table.frame["date"]))[list(STATES)].astype(float)
    keys = pd.DataFrame({one.name: table.keys(one) for one in table.columns}, index=frame.index)
    hidden = frame.isna().any(axis=1)
    if hidden.all():
        text = voice.say(
            "I posti nel tempo non si mostrano: in ogni mese direbbero di pochi ospiti."
        )
        return Sentence(text, "", hidden_note(found, voice))
    labels = {state: voice.say(one) for state, one in STATES.items()}
    rule = voice.say(RULES["supply"].text)
    return Picture(
        "posti-nel-tempo",
        labelled(voice.say("Posti per stato nel tempo"), found, voice),
        places_over_time(frame, labels=labels, voice=voice),
        _places_words(frame[~hidden], keys, int(hidden.sum()), labels, voice),
        notes=tuple(
            filter(None, [rule, _gaps_note(int(hidden.sum()), voice), hidden_note(found, voice)])
        ),
        sources=(voice.say(_SOURCE),),
        drawn=_places_of(frame[~hidden].index[-1], frame, keys, voice),
    )


def _places_of(
    day: pd.Timestamp, shown: pd.DataFrame, keys: pd.DataFrame, voice: Voice
) -> tuple[str, ...]:
    """Print the places of a day by state, with the keys of their cells."""
    here, cells = shown.loc[day].to_dict(), keys.loc[day].to_dict()
    return tuple(number(str(cells[state]), float(here[state]), voice) for state in STATES)


def _places_words(
    shown: pd.DataFrame, keys: pd.DataFrame, hidden: int, labels: Mapping[str, str], voice: Voice
) -> str:
    """Say the chart to those who cannot see it: its first and last month that may be told."""
    said = []
    for day in dict.fromkeys((shown.index[0], shown.index[-1])):
        printed = zip(STATES, _places_of(day, shown, keys, voice), strict=True)
        counts = ", ".join(f"{labels[state]} {value}" for state, value in printed)
        said.append(f"{voice.day(day)}: {counts}")
    gaps = _gaps_note(hidden, voice)
    sheet = voice.say("Tutti i mesi sono nel foglio «Servizi posti nel tempo».")
    return " ".join(filter(None, [f"{'; '.join(said)}.", gaps, sheet]))


def _gaps_note(hidden: int, voice: Voice) -> str:
    """Say how many months are left out of the chart."""
    if not hidden:
        return ""
    return voice.plural(
        "{count} mese nascosto per riservatezza: nel grafico è un vuoto, non uno zero.",
        "{count} mesi nascosti per riservatezza: nel grafico è un vuoto, non uno zero.",
        hidden,
        count=number("supply:hidden_months", hidden, voice),
    )


def _local_sentence(found: Told, voice: Voice) -> Sentence | None:
    """Say how many administrations told what they spend; silence is no zero."""
    if found.policies is None:
        return None
    frame = found.policies.frame
    silent = (frame["not_transmitted"].fillna("") != "").sum()
    text = voice.say(
        "Le misure locali in vigore sono {count}; per {silent} almeno un importo o un "
        "conteggio è «dato non trasmesso», che non vale zero e resta fuori dai totali.",
        count=number("measures:local", len(frame), voice),
        silent=number("measures:not_transmitted", silent, voice),
    )
    return Sentence(text, voice.say("Misure locali."))


def _interval(found: Told, measure: str, voice: Voice) -> str:
    """Print a figure of the network with its interval; "" where it may not be told."""
    row = found.figure(measure)
    if isnan(row["value"]):
        return ""
    unit = unit_of(measure)
    value, low, high = (
        number(f"{measure}:{part}", row[part], voice, unit, measure, with_unit=True)
        for part in ("value", "low", "high")
    )
    if isnan(row["low"]):
        return value
    between = voice.say("intervallo al 95 %: {low} - {high}", low=low, high=high)
    return f"{value} ({between})"


# ---------------------------------------------------------------- outcomes


def outcomes(found: Told, voice: Voice) -> Chapter:
    """Say who left and where to, how long they stayed, who came back, how it is after a year."""
    blocks: tuple[Block | None, ...] = (
        *_outcome_sentences(found, voice),
        Sentence(voice.say(services_measures.WIDE), voice.say("Intervalli.")),
        services_measures.main_table(found, voice),
        services_measures.outcomes_table(found, voice),
    )
    return _chapter("esiti", voice.say("Esiti"), found, voice, blocks)


_SAID = (
    ("exits", N_("Uscite."),
     N_("Nel periodo si sono concluse {figure} accoglienze.")),
    ("positive_exits_share", N_("Uscite positive."),
     N_("È andato verso una casa stabile il {figure} di chi è uscito.")),
    ("stay_median_days", N_("Permanenza."),
     N_("La metà di chi è uscito è rimasta fino a {figure}.")),
    ("returns_730_share", N_("Rientri."),
     N_("Entro due anni da un'uscita positiva è rientrato il {figure}.")),
    ("follow_up_12_stable_share", N_("Dopo un anno."),
     N_("A dodici mesi ha una casa stabile il {figure} di chi risponde.")),
)  # fmt: skip


def _outcome_sentences(found: Told, voice: Voice) -> list[Sentence]:
    """Return a sentence for each outcome of the network that may be told, with its denominator."""
    made = []
    for measure, lead, text in _SAID:
        said = _interval(found, measure, voice)
        if not said:
            continue
        row = found.figure(measure)
        whole = row["denominator"]
        words = voice.say(text, figure=said)
        if not isnan(whole):
            count = number(f"{measure}:denominator", whole, voice)
            over = voice.say("(su {count})", count=count)
            words = f"{words.removesuffix('.')} {over}."
        made.append(Sentence(voice.elided(words), voice.say(lead)))
    return made


# ---------------------------------------------------------------- places needed


def places_needed(found: Told, voice: Voice) -> Chapter:
    """Say how many places it would take for those who ask to enter within a month."""
    title = voice.say("Posti necessari")
    plan = found.plan
    if plan is None:
        text = voice.say(
            "Le richieste o le uscite del periodo sono troppo poche per stimare quanti posti "
            "servono."
        )
        return _chapter("posti", title, found, voice, (Sentence(text),))
    said = services_needed.sentences(plan, voice)
    tables = services_needed.page_tables(found, plan, voice)
    return _chapter("posti", title, found, voice, (*said, *tables))


PART = Part("servizi", chapters, sheets)
