"""Where the figures come from."""

from __future__ import annotations

import pandas as pd

from needs_analysis import store
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Chapter, Column, Table
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import DAY, unplaced
from needs_analysis.words import N_


def sources(found: Findings) -> Chapter:
    """List where the figures come from."""
    return Chapter("fonti", found.voice.say("Fonti"), (sources_table(found),), annex=True)


def sources_table(found: Findings) -> Table:
    """List the publications behind the figures."""
    voice, cited = found.voice, store.cited()
    ids = [*found.used_sources(), store.source_of("evictions_series").id]
    used = [cited[key] for key in ids] + [istat_boundaries.SOURCE]
    frame = pd.DataFrame(
        {
            "title": [f"{one.publisher}, {one.title}" for one in used],
            "reference_date": [one.edition(voice) for one in used],
            "licence": [one.licence for one in used],
        }
    )
    if found.area.attrs["level"] == "ambito":
        note = voice.say(
            "Composizione dell'ambito: da conoscenza generale dei piani di zona; verificarla con "
            "l'ambito prima di un uso ufficiale."
        )
    else:
        note = _day_note(found)
    title = voice.say("Fonti e date")
    heads = (
        ("title", N_("Ente e pubblicazione")),
        Column("reference_date", voice.in_context("date", "Riferimento"), "date"),
        ("licence", N_("Licenza")),
    )
    notes = dict.fromkeys((note, _day_note(found)) if found.day != DAY else (note,))
    notes |= dict.fromkeys(found.editions)
    return table(voice, voice.say("fonti"), title, frame, heads, notes=notes, facts="")


def _day_note(found: Findings) -> str:
    """Say on which day's municipalities the figures stand, and how later ones were made."""
    voice = found.voice
    day = voice.day(found.day)
    note = voice.say(
        "Comuni al {day}; le fonti di altre date sono riportate a quei codici.", day=day
    )
    if found.day == DAY:
        return note
    until = pd.Timestamp(store.source_of("code_history").reference_date)
    known = voice.say(
        " Fusioni note fino al {until}; i confini dei comuni fusi sono quelli del 2022 uniti.",
        until=voice.day(until),
    )
    lost = ", ".join(unplaced(found.day))
    without = voice.say(
        " Fuori da ogni totale, perché non se ne conosce il successore: {lost}.", lost=lost
    )
    return note + known + (without if lost else "")


PART = Part("fonti", sources, lambda found: [sources_table(found)])
