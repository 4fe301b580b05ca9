"""What is shown of need, policies and services: what may be told, never the private numbers."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.needs.intervals import banded
from needs_analysis.reports.chapters.services_building import INTERNAL_WARNING
from needs_analysis.reports.chapters.services_building import unit_of as unit_of_measure
from needs_analysis.reports.language import HIDDEN_TEXT, display, quality_words
from needs_analysis.reports.notebook.tables import Room, sources_said
from needs_analysis.reports.render.notebook import Cell, Grid, Page
from needs_analysis.services.measures import MEASURES
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.needs import ToldNeed, said_count, tell_need
from needs_analysis.words import N_, NN_, Voice

_MODEL = NN_(
    "Modello delle famiglie in affitto, {count} comune",
    "Modello delle famiglie in affitto, {count} comuni",
)


def told_need(given: ToldNeed, room: Room) -> Page:
    """Show what may be told of a need: a small count as a band, a hidden one as reserved."""
    voice, rows = room.voice, given.table(AREA)
    words, named = quality_words(voice), []
    for _, row in rows.iterrows():
        quality = Quality(int(row["quality"])) if row["known"] else Quality.MISSING
        hover = ", ".join(filter(None, [words[quality], str(row["vintage"])]))
        known = f"{voice.number(row['known'])} / {voice.number(row['municipalities'])}"
        cells = [Cell(said_count(row, voice), quality, hover), Cell(known)]
        named.append((given.name(str(row["group"]), voice), cells))
    heads = [
        (voice.say("famiglie"), sources_said(given.sources_of())),
        (voice.say("comuni con la cifra"), ""),
    ]
    warning = [voice.say(INTERNAL_WARNING)] if given.internal else []
    lines = (*warning, given.counted(voice), *given.cautions(voice), *given.not_held(voice))
    title = voice.say("Famiglie in bisogno")
    return Page(
        title, lines, Grid(heads, named[: 2 * room.rows], room.left(len(named), 2 * room.rows))
    )


def need(given: Any, room: Room) -> Page:
    """Show what may be told of a need, whatever counts it holds."""
    page, voice = told_need(tell_need(given), room), room.voice
    then = {
        "na.needs.gap(...)": voice.say("che cosa manca"),
        "na.policies.match(...)": voice.say("che cosa si può fare"),
        "na.told.tell_need(...)": voice.say("i conti che si possono dire"),
    }
    return Page(page.title, page.lines, page.grid, then=then)


def estimate(given: Any, room: Room) -> Page:
    """Show the sums of the model with their intervals."""
    voice, parts = room.voice, given.figures
    rows = []
    for name in parts.data.columns:
        if unit_of(str(name)) != "count":
            continue
        ends = [
            banded(float(one[name].sum()), voice) for one in (parts.low, parts.data, parts.high)
        ]
        cells = [
            Cell(one, Quality.MODELLED, quality_words(voice)[Quality.MODELLED]) for one in ends
        ]
        rows.append((str(name), cells))
    heads = [(voice.say(one), "") for one in (N_("da"), N_("stima"), N_("a"))]
    title = voice.plural(*_MODEL, len(parts.data))
    then = {"na.needs.estimate(...)": voice.say("il bisogno"), ".figures": voice.say("per comune")}
    return Page(title, (), Grid(heads, rows), then=then)


def mix(given: Any, room: Room) -> Page:
    """Show the policies that are chosen: what they cost, whom they help."""
    voice, used = room.voice, given.chosen[given.chosen["helped"] > 0]
    rows = [
        (
            given.named(str(key), voice),
            [
                Cell(_euros(row, voice)),
                Cell(banded(row["helped"], voice), Quality.MODELLED, quality_words(voice)[2]),
                Cell(
                    voice.missing if pd.isna(row["out_of_need"]) else banded(row["out_of_need"], voice),
                    Quality.MODELLED, quality_words(voice)[2],
                ),
            ],
        )
        for key, row in used.iterrows()
    ]  # fmt: skip
    heads = [
        (voice.say(one), "")
        for one in (N_("euro"), N_("famiglie aiutate"), N_("fuori dal bisogno"))
    ]
    title = voice.say("Misure scelte con {budget} euro", budget=voice.number(given.budget_eur))
    few = (used["helped"] < parameters.value("need_band_households")).any()
    lines = [given.objective(voice)]
    if not few:
        lines.append(voice.say("Spesi {spent} euro.", spent=voice.number(given.spent_eur)))
    then = {
        ".to_read()": voice.say("che cosa leggere insieme"),
        ".by_cell": voice.say("chi è aiutato"),
    }
    return Page(
        title, lines, Grid(heads, rows[: room.rows], room.left(len(rows), room.rows)), then=then
    )  # fmt: skip


def _euros(row: pd.Series, voice: Voice) -> str:
    """Say the euros of a policy: where whom it helps is a band, no more than its end would cost."""
    helped, least = float(row["helped"]), parameters.value("need_band_households")
    if helped >= least:
        return voice.number(row["spent_eur"])
    end = least / 2 if helped < least / 2 else 1.5 * least
    most = row["fixed_eur"] + (row["spent_eur"] - row["fixed_eur"]) / helped * end
    # Two figures: the mean cost of some few households would tell how many they are.
    step = 10 ** max(len(str(int(most))) - 2, 0)
    return voice.say(N_("meno di {most}"), most=voice.number(math.ceil(most / step) * step))


def told(given: Any, room: Room) -> Page:
    """Show the measures that may be told of all services together."""
    voice = room.voice
    frame = given.figures.frame
    frame = frame[frame["level"] == "all"]
    hidden, rows = given.figures.hidden, []
    for at, row in frame.head(2 * room.rows).iterrows():
        name = str(row["measure"])
        shown = display(name, unit_of_measure(name))
        quality = Quality.OBSERVED
        if "value" in hidden and bool(hidden.loc[at, "value"]):
            text, quality = voice.say(HIDDEN_TEXT), Quality.SUPPRESSED
        elif pd.isna(row["value"]):
            text, quality = voice.missing, Quality.MISSING
        else:
            text = voice.number(row["value"] * shown.scale, shown.decimals)
            text += f" {voice.say(shown.unit)}" if shown.unit else ""
        label = MEASURES[name].label_in(voice)
        rows.append((label, [Cell(text, quality, str(row["rule"]))]))
    days = voice.say("dal {start} al {end}", start=given.period.start, end=given.period.end)
    profile = voice.say(N_("per l'ufficio") if given.internal else N_("da pubblicare"))
    warning = voice.say(INTERNAL_WARNING) if given.internal else ""
    lines = (warning, voice.say(given.label) if given.label else "", days, profile)
    left = room.left(len(frame), len(rows))
    title = voice.say("Servizi: ciò che si può dire")
    then = {
        ".figures .counts .survival": voice.say("le tabelle"),
        "told.publish(...)": voice.say("consegnare"),
    }
    return Page(title, lines, Grid([(voice.say("valore"), "")], rows, left), then=then)
