"""What public figures observe of rents and of evictions, beside the territories around."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters import sentences
from needs_analysis.reports.chapters.evictions import prefecture_name
from needs_analysis.reports.findings import ITALY, OWN, PROVINCE, REGION, Findings
from needs_analysis.reports.language import display, of_name
from needs_analysis.reports.model import Sentence
from needs_analysis.words import N_

RENT, EVICTED = "rent_to_income_ratio", "eviction_orders_per_1000"
# How a figure stands to another, as both are printed: no difference is said that is not seen.
_STANDING = {
    -1: N_("meno che {place} ({value})"),
    0: N_("come {place} ({value})"),
    1: N_("più che {place} ({value})"),
}


def rent(found: Findings) -> Sentence:
    """Say what the rent asks of an income, and whether that is more than around."""
    voice = found.voice
    lead = voice.say("Canoni e redditi.")
    quoted, income = (found.date("rent_eur_m2_month"), found.date("taxable_income_eur"))
    own = found.compared.value(OWN, RENT)
    if math.isnan(own):
        text = voice.say(
            "Per questo territorio manca il canone OMI ({rent}): quanto pesi sul reddito ({income}) non "
            "si può dire.",
            rent=quoted,
            income=income,
        )
        return Sentence(text, lead)
    text = voice.say(
        "Il canone di mercato di un'abitazione di {surface} m² (OMI, {rent}) vale il {ratio} del "
        "reddito medio di un dichiarante ({income}){compared}.",
        surface=found.voice.number(
            parameters.values(found.overrides)["reference_dwelling_gross_m2"]
        ),
        rent=quoted,
        income=income,
        ratio=sentences.said(found, RENT) + _marked(found),
        compared=_compared(found, RENT, own, (PROVINCE, REGION, ITALY)),
    )
    note = voice.say(
        "Dato osservato, da quotazioni e dichiarazioni: confronta i territori, non dice quanto pesa "
        "l'affitto oggi né quante famiglie sono in difficoltà."
    )
    return Sentence(voice.elided(text), lead, note)


def _marked(found: Findings) -> str:
    """Say beside the figure of a marked municipality what its rents or incomes are not."""
    if len(found.codes) > 1 or found.mark_words.isna()[found.codes[0]]:
        return ""
    return f" ({found.mark_words[found.codes[0]]})"


def _compared(found: Findings, name: str, own: float, keys: tuple[str, ...]) -> str:
    """Say whether a figure is above, below or as printed the same in the territories around."""
    shown = display(name, unit_of(name))
    said = []
    for key in keys:
        other = found.compared.value(key, name) if key in found.groups else math.nan
        if math.isnan(other):
            continue
        seen = [round(value * shown.scale, shown.decimals) for value in (own, other)]
        words = _STANDING[int(np.sign(seen[0] - seen[1]))]
        value = sentences.bare(found, name, key)
        said.append(found.voice.say(words, place=found.inside[key], value=value))
    return ": " + found.voice.listed(said) if said else ""


def evicted(found: Findings) -> Sentence:
    """Say the rate of eviction orders of the province, or of several, and how good it is."""
    voice = found.voice
    rows = found.evictions
    make: Callable[[Findings], tuple[str, str]] = _of_province if len(rows) == 1 else _of_several
    text, quality = make(found)
    note = voice.say(
        "{quality} Non comprende i rilasci di alloggi pubblici e gli sgomberi.", quality=quality
    )
    return Sentence(voice.elided(text), voice.say("Sfratti."), note)


def _of_province(found: Findings) -> tuple[str, str]:
    """Say the rate of the one province, and how good it is."""
    voice = found.voice
    name = str(found.evictions.index[0])
    row = found.evictions.loc[name].to_dict()
    place, year = prefecture_name(name, voice, found.day), found.date("eviction_orders")
    quality = voice.say("Dato osservato della provincia: per comune non è pubblicato.")
    if row["orders_broken"]:
        quality += " " + voice.say("La serie è interrotta: la variazione non si legge.")
    if not row["orders_whole"]:
        text = voice.say(
            "Per il {year} i provvedimenti della provincia {of_place} non sono stati trasmessi, o solo "
            "in parte: il dato manca, non è zero.",
            year=year,
            of_place=of_name(place, voice),
        )
        return text, quality
    text = voice.say(
        "Nel {year} in provincia {of_place} sono stati emessi {rate} provvedimenti di sfratto ogni "
        "1.000 famiglie{compared}.",
        year=year,
        of_place=of_name(place, voice),
        rate=sentences.of_province(found, name, "orders_per_1000"),
        compared=_compared(found, EVICTED, row["orders_per_1000"], (REGION, ITALY)),
    )
    return text, quality


def _of_several(found: Findings) -> tuple[str, str]:
    """Say the rate of an area of several provinces, or of parts of them."""
    voice, year = found.voice, found.date("eviction_orders")
    own = found.compared.value(OWN, EVICTED)
    if math.isnan(own):
        text = voice.say("Per il {year} il dato di queste province manca: non è zero.", year=year)
        return text, voice.say("Per comune non è pubblicato.")
    allocated = found.compared.quality.loc[OWN, EVICTED] == Quality.ALLOCATED
    quality = (
        voice.say("Ripartito dalle province per famiglie: è un ordine di grandezza.")
        if allocated
        else voice.say("Dato osservato delle province che lo hanno trasmesso.")
    )
    text = voice.say(
        "Nel {year} sono stati emessi {rate} provvedimenti di sfratto ogni 1.000 famiglie{compared}.",
        year=year,
        rate=sentences.bare(found, EVICTED),
        compared="" if allocated else _compared(found, EVICTED, own, (REGION, ITALY)),
    )
    return text, quality
