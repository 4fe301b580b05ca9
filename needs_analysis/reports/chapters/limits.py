"""What the figures cannot tell."""

from __future__ import annotations

from needs_analysis import parameters, store
from needs_analysis.indicators.declaration import worded
from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.burden_checked import burden_checked, burden_table
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Chapter, Sentence, Table
from needs_analysis.words import N_


def limits(found: Findings) -> Chapter:
    """Say what the figures cannot tell."""
    income, rent = store.source_of("incomes").reference_date, found.date("rent_eur_m2_month")
    voice, values = found.voice, parameters.values(found.overrides)
    said = [
        voice.say(
            "I canoni sono quotazioni OMI del {rent} e i redditi sono del {income}: il loro "
            "rapporto confronta i comuni, non misura il peso dell'affitto oggi.",
            rent=rent, income=income,
        ),
        voice.say("I dichiaranti sono persone, in Italia circa 1,6 per famiglia: le loro quote non "
                  "sono quote di famiglie."),
        worded(_RULE, voice, values),
        voice.say("Un dato mancante resta mancante in mappa, tabelle e file: non è mai zero."),
        *([index_words.limit(found.index.spec, voice)] if found.index else []),
        *found.editions,
        *_overridden(found),
    ]  # fmt: skip
    checked = (burden_checked(found), burden_table(found))
    blocks = (*(Sentence(text) for text in said), *(one for one in checked if one is not None))
    return Chapter("limiti", found.voice.say("Limiti"), blocks)


def sheets(found: Findings) -> list[Table]:
    """Return the check of A5."""
    made = burden_table(found)
    return [] if made is None else [made]


_RULE = N_(
    "La soglia del {sustainable_rent_share} è sul reddito dichiarato e non va confusa con il "
    "40 % del reddito disponibile usato da Eurostat."
)


def _overridden(found: Findings) -> list[str]:
    """Name the parameters that the study changed."""
    if not found.overrides:
        return []
    listed = "; ".join(f"{name} = {value:g}" for name, value in sorted(found.overrides.items()))
    return [found.voice.say("Parametri cambiati in questo studio: {listed}.", listed=listed)]


PART = Part("limiti", limits, sheets)
