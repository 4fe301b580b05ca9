"""What is said of the values that groups and types are made of: an index's scores, or a model's."""

from __future__ import annotations

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.provenance import Source
from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.labels import part_labels
from needs_analysis.reports.findings import Findings
from needs_analysis.sources import istat_boundaries
from needs_analysis.words import N_

# What the area has where no index is declared: A5 before the survey's factor.
_MODEL = N_(
    "Famiglie in affitto sul mercato con un canone oltre il {overburden_share} del reddito netto "
    "(modello), per 1.000 famiglie"
)


def label(found: Findings) -> str:
    """Return the printed name of the values that form groups."""
    if found.index is not None:
        return index_words.label(found.index.spec, found.voice)
    return worded(_MODEL, found.voice, parameters.values(found.overrides))


def unit(found: Findings) -> str:
    """Return how these values are printed."""
    return unit_of(found.patterned.name) if found.index is None else found.score_unit


def titled(found: Findings) -> str:
    """Return the title of a map of the groups, with what they are groups of."""
    title = found.voice.say("Gruppi di valori alti e bassi")
    if found.index is not None:
        return index_words.titled(title, found.index, found.voice)
    return found.voice.say("{title} (gruppi di un modello)", title=title)


def what(found: Findings) -> str:
    """Say which values are high or low, and against what."""
    voice = found.voice
    if found.index is not None:
        return voice.say(
            "Punteggi dell'indice «{label}», alti o bassi rispetto alla media italiana.",
            label=label(found),
        )
    return voice.say(
        "Gruppi di un modello: «{label}», alti o bassi rispetto alla media dei comuni considerati. È la "
        "stima prima della correzione sull'indagine dell'ISTAT, che è la stessa per tutta la regione; "
        "i comuni segnati e quelli senza canone restano fuori.",
        label=label(found),
    )


def alike_in(found: Findings) -> str:
    """Say in what municipalities of a type are alike."""
    if found.index is not None:
        return found.voice.say("negli indicatori dell'indice")
    return found.voice.say("in redditi, età, letti turistici e canoni")


def order_of_types(found: Findings) -> str:
    """Say what the numbers of the types mean: those of several figures order nothing."""
    if found.index is not None:
        return found.voice.say(
            "Il tipo 1 sta peggio nell'insieme degli indicatori, l'ultimo meglio."
        )
    return found.voice.say("I numeri distinguono i tipi, non li ordinano.")


def lacking(found: Findings, code: str) -> str:
    """Say why a municipality has no value of its own."""
    voice, named = found.voice, part_labels(found)
    if found.index is None:
        return _left_out(found, code)
    names = found.index.spec.names
    row = found.index.stages["data"].loc[[code]].iloc[0]
    lacks = [name for name in names if pd.isna(row[name])]
    quality = found.national.quality
    allocated = quality.columns[quality.loc[[code]].iloc[0] == Quality.ALLOCATED]
    shared = [name for name in lacks if name in allocated]
    if not lacks:
        return voice.say("senza confini propri")
    missing = [name for name in lacks if name not in shared]
    parts = []
    if missing:
        listed = [named[name] for name in missing]
        parts.append(voice.say("manca: {indicators}", indicators=listed))
    if shared:
        listed = [named[name] for name in shared]
        words = N_("ripartito da un territorio più grande: {indicators}")
        parts.append(voice.say(words, indicators=listed))
    return "; ".join(parts)


def _left_out(found: Findings, code: str) -> str:
    """Say why the model's figure of a municipality stands in no group."""
    if isinstance(found.mark_words[code], str):
        return str(found.mark_words[code])
    if found.whole.data["annual_rent_eur"].isna()[code]:
        rent = part_labels(found)["annual_rent_eur"]
        return found.voice.say("manca: {indicators}", indicators=[rent])
    return found.voice.say("senza confini propri")


def drawn_from(found: Findings) -> tuple[str | Source, ...]:
    """Return the sources of the values that form groups, and of borders."""
    values = found.patterned.grouped
    return (*values.sources[found.patterned.name], istat_boundaries.SOURCE)


def of_types(found: Findings) -> tuple[str, ...]:
    """Return the sources of the figures that types are made of."""
    return tuple(
        dict.fromkeys(one for ids in found.patterned.types.sources.values() for one in ids)
    )
