"""The three numbers of the first screen: who is in need, who loses the home, where rents weigh."""

from __future__ import annotations

import math

import pandas as pd

from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters import sentences
from needs_analysis.reports.chapters.evictions import prefecture_name
from needs_analysis.reports.chapters.need_words import DISTINCT, counting, said_row
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.language import of_name
from needs_analysis.reports.model import FIGURE, Sentence, number
from needs_analysis.told.need_tables import AREA

_RENT, _RATE = "rent_to_income_ratio", "eviction_orders_per_1000"
_ORDERS = "eviction_order"
_NAMED = 3
"""Places that the answer names."""


def figures(found: Findings) -> list[Sentence]:
    """Return the three numbers; one that is not known is words, and never 0."""
    made = [_households(found), _evicted(found), _where(found)]
    return [one for one in made if one is not None]


def _households(found: Findings) -> Sentence | None:
    told, voice = found.need, found.voice
    if told is None:
        return None
    row = told.whole
    printed = counting(DISTINCT, voice)
    names = voice.listed([told.name(one, voice) for one in told.held])
    notes = [f"{names[:1].upper()}{names[1:]}."] if names else []
    if row["known"] and row["quality"] != Quality.OBSERVED:
        notes.append(voice.say("Stima: ogni famiglia è contata una volta."))
    notes += told.cautions(voice, printed)
    return Sentence(
        voice.elided(said_row(DISTINCT, row, voice)), voice.say("Famiglie in bisogno"),
        voice.elided(" ".join(notes)), FIGURE, "bisogno",
    )  # fmt: skip


def _evicted(found: Findings) -> Sentence:
    """Give the orders of a year: what offices counted, what was published, what was allocated."""
    voice, year = found.voice, found.date("eviction_orders")
    lead = voice.say("Sfratti")

    def made(text: str, note: str) -> Sentence:
        return Sentence(voice.elided(text), lead, note, FIGURE, "sfratti")

    counted = _own_orders(found)
    if counted is not None:
        return made(said_row(f"need_{_ORDERS}", counted, voice),
                    voice.say("Famiglie con uno sfratto esecutivo, contate dagli uffici."))  # fmt: skip
    allocated = found.compared.quality.loc[OWN, _RATE] == Quality.ALLOCATED
    if len(found.evictions) == 1 and (
        not whole_of_province(found) or (len(found.codes) == 1 and allocated)
    ):
        return _of_province(found, lead, year)
    if math.isnan(found.compared.value(OWN, _RATE)):
        return made(voice.say("non trasmessi"), voice.say(
            "Per il {year} la provincia non ha dato i provvedimenti, o solo in parte: il dato manca, "
            "non è zero.", year=year))  # fmt: skip
    if allocated:
        return made(_allocated(found), voice.say(
            "Provvedimenti del {year}, ripartiti dalla provincia per famiglie: un ordine di grandezza.",
            year=year))  # fmt: skip
    rate = sentences.bare(found, _RATE)
    return made(
        voice.say("{orders} l'anno", orders=sentences.said(found, "eviction_orders")),
        voice.say("Provvedimenti del {year}: {rate} ogni 1.000 famiglie.", year=year, rate=rate),
    )


def whole_of_province(found: Findings) -> bool:
    """Say whether the orders of the area's one province were given, and of all of it."""
    return bool(found.evictions["orders_whole"].iloc[0])


def _own_orders(found: Findings) -> pd.Series | None:
    if found.need is None:
        return None
    rows = found.need.table(AREA)
    own = rows[(rows["group"] == _ORDERS) & (rows["quality"] == Quality.OBSERVED) & rows["known"]]
    return own.iloc[0] if len(own) else None


def _allocated(found: Findings) -> str:
    voice = found.voice
    if found.need is None:
        return voice.say("{orders} l'anno", orders=sentences.said(found, "eviction_orders"))
    rows = found.need.table(AREA, "yearly")
    own = rows[rows["group"] == _ORDERS]
    if own.empty:
        return voice.say("non stimabili")
    count = said_row(f"need_{_ORDERS}", own.iloc[0], voice, "year_")
    return voice.say("{orders} l'anno", orders=count)


def _of_province(found: Findings, lead: str, year: str) -> Sentence:
    """Give the rate of the one province: of a part of it no number is published."""
    voice, name = found.voice, str(found.evictions.index[0])
    place, row = prefecture_name(name, voice, found.day), found.evictions.loc[name]
    if not whole_of_province(found):
        text = voice.say("non trasmessi")
        note = voice.say(
            "Per il {year} la provincia {of_place} non ha dato i provvedimenti, o solo in parte: il "
            "dato manca, non è zero.", year=year, of_place=of_name(place, voice),
        )  # fmt: skip
        return Sentence(text, lead, note, FIGURE, "sfratti")
    rate = sentences.of_province(found, name, "orders_per_1000")
    text = voice.say("{rate} ogni 1.000 famiglie", rate=rate)
    note = voice.say(
        "Provvedimenti del {year} in tutta la provincia {of_place}; sotto la provincia non sono "
        "pubblicati.", year=year, of_place=of_name(place, voice),
    )  # fmt: skip
    if row["orders_broken"]:
        note += " " + voice.say("La serie è interrotta: la variazione non si legge.")
    return Sentence(text, lead, voice.elided(note), FIGURE, "sfratti")


# --- where -------------------------------------------------------------------------------------


def _where(found: Findings) -> Sentence:
    """Name the places where the rent takes most of an income, of those that may be listed."""
    if len(found.codes) == 1:
        return _here(found)
    voice = found.voice
    values, names = _municipalities(found)
    lead = voice.say("Dove il canone pesa di più")
    if len(values) < 2:
        note = voice.say(
            "Canone di mercato sul reddito medio: i comuni con il dato sono troppo pochi."
        )
        return Sentence(voice.say("non si può dire"), lead, note, FIGURE, "comuni")
    most = values.sort_values(ascending=False, kind="stable").head(min(_NAMED, len(values) - 1))
    said = [
        f"{names[str(unit)]} ({number(f'{unit}:{_RENT}', float(value), voice, unit_of(_RENT), _RENT)})"
        for unit, value in most.items()
    ]
    note = voice.say(
        "Canone di mercato su reddito medio; senza i comuni segnati e quelli più piccoli."
    )
    return Sentence(voice.elided("; ".join(said)), lead, note, FIGURE, "comuni")


def _municipalities(found: Findings) -> tuple[pd.Series, dict[str, str]]:
    values = found.indicators.data.loc[found.codes, _RENT].dropna()
    listed = values[values.index.isin(found.listed)]
    return listed, dict(found.area["municipality_name"])


def _here(found: Findings) -> Sentence:
    voice, lead = found.voice, found.voice.say("Quanto pesa il canone")
    value = found.compared.value(OWN, _RENT)
    if math.isnan(value):
        note = voice.say("L'OMI qui non quota canoni: il dato manca e non è stato stimato.")
        return Sentence(voice.say("non si può dire"), lead, note, FIGURE, "frasi")
    note = voice.say(
        "Canone di mercato di un'abitazione tipo, sul reddito medio di un dichiarante."
    )
    marked = found.mark_words[found.codes[0]]
    others = [
        f"{found.labels[key]} {sentences.said(found, _RENT, key)}"
        for key in (PROVINCE, REGION, ITALY) if key in found.groups
    ]  # fmt: skip
    if pd.notna(marked):
        note += " " + voice.say("Comune segnato ({mark}): il dato non si confronta.", mark=marked)
    elif others:
        note += " " + voice.say("A confronto: {others}.", others="; ".join(others))
    return Sentence(
        voice.say("{ratio} del reddito", ratio=sentences.said(found, _RENT)), lead,
        voice.elided(note), FIGURE, "frasi",
    )  # fmt: skip
