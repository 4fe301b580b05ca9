"""What the commands on services say on a terminal, a line a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from needs_analysis.reports.chapters import services_needed
from needs_analysis.reports.chapters.services_siting import notes, unit_names
from needs_analysis.reports.language import printed
from needs_analysis.reports.model import plain
from needs_analysis.told import Capacity, PlacesNeeded, Plan, Siting, Told, load_decimals
from needs_analysis.words import N_, Voice


def planned(found: Told, plan: Plan, voice: Voice) -> list[str]:
    """Say the places that own requests and stays take; first of all whether they are invented."""
    first = [f"{voice.say(found.label).capitalize()}."] if found.label else []
    said = services_needed.sentences(plan, voice)
    return first + [f"{one.lead} {plain(one.text)}".strip() for one in said]


def needed(found: PlacesNeeded, voice: Voice) -> list[str]:
    """Say how many places it takes for requests and stays given as numbers."""
    row = found.frame.iloc[-1]
    load = voice.number(row["load"], load_decimals(row["load"]))
    share, reached, low, high = (
        printed(value, "x_share", "share", voice)
        for value in (found.target.share, row["share"], row["share_low"], row["share_high"])
    )
    enough = voice.say(
        "Posti necessari perché il {share} entri entro {days} giorni: {places} (da {least} a {most}).",
        share=share,
        days=voice.number(found.target.days),
        places=voice.number(row["places"]),
        least=voice.number(row["places_low"]),
        most=voice.number(row["places_high"]),
    )
    reach = voice.say(
        "Con questi entra in tempo {reached} di chi chiede (da {low} a {high}).",
        reached=reached,
        low=low,
        high=high,
    )
    taken = voice.say("Posti occupati in media, se chi chiede entrasse subito: {load}.", load=load)
    return [taken, voice.elided(enough), reach, _estimated(found.replications, voice)]


def waits(found: Capacity, voice: Voice) -> list[str]:
    """Say how long is waited with so many places, for requests and stays given as numbers."""
    own = cast(Any, found.groups.loc["all"])
    lines = []
    for name, words, unit in (
        ("wait_p50_days", N_("Attesa della metà di chi entra, giorni"), ""),
        ("wait_p90_days", N_("Attesa di nove su dieci, giorni"), ""),
        ("within_target_share", N_("Entra in tempo, di chi chiede"), "share"),
        ("gave_up_share", N_("Rinuncia"), "share"),
        ("waiting_households", N_("Nuclei in lista in un giorno medio"), ""),
    ):
        parts = [
            printed(own.loc[name, part], "x_share", unit, voice)
            if unit
            else voice.number(own.loc[name, part], 1)
            for part in ("value", "low", "high")
        ]
        lines.append(_with_ends(voice, words, parts))
    use = cast(Any, found.places.loc["all"])
    shares = [
        printed(use[part], "x_share", "share", voice) for part in ("occupancy_share", "low", "high")
    ]
    taken = _with_ends(voice, N_("Occupazione"), shares)
    return [*lines, taken, _estimated(found.replications, voice)]


def _with_ends(voice: Voice, words: str, parts: Sequence[str]) -> str:
    """Say a figure with the ends of its interval."""
    value, low, high = parts
    what = voice.say(words)
    return voice.say(
        "{what}: {value} (da {low} a {high}).", what=what, value=value, low=low, high=high
    )


def _estimated(replications: int, voice: Voice) -> str:
    return voice.say(
        "Stima per simulazione ({count} ripetizioni, intervalli al 95 %): vale se richieste e "
        "permanenze restano queste.",
        count=replications,
    )


def sites(said: Siting, voice: Voice) -> list[str]:
    """Say which sites were chosen and what they change."""
    rows = said.found.sites
    names = unit_names(said.area, voice)
    new = [names[code] for code in rows.index[rows["role"] == "new"]]
    first = (
        voice.say("Nuovi alloggi: {names}.", names=new)
        if new
        else voice.say("Nessun nuovo alloggio: la situazione di oggi.")
    )
    result, _, *rest = notes(said, voice)  # the rule stands in the tables
    return [first, result, *rest]
