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


def limits(found: Findings, *, checked: bool = True) -> Chapter:
    """Say what the figures cannot tell; where `checked`, how the model stands to evictions too."""
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
        *_composed(found),
        *found.editions,
        *_overridden(found),
    ]  # fmt: skip
    trial = (burden_checked(found), burden_table(found)) if checked else ()
    blocks = (*(Sentence(text) for text in said), *(one for one in trial if one is not None))
    return Chapter("limiti", found.voice.say("Limiti"), blocks, annex=True)


def sheets(found: Findings) -> list[Table]:
    """Return the check of A5."""
    made = burden_table(found)
    return [] if made is None else [made]


_RULE = N_(
    "La soglia del {sustainable_rent_share} è sul reddito dichiarato e non va confusa con il "
    "40 % del reddito disponibile usato da Eurostat."
)


_COMPOSED = {
    "page": N_("Quali comuni fanno questo ambito è scritto sulla sua pagina."),
    "member": N_("Quali comuni fanno questo ambito lo elenca un suo comune ({when})."),
    "plan": N_(
        "Quali comuni fanno questo ambito è scritto nel suo piano dell'offerta abitativa ({when})."
    ),
    "act": N_("Quali comuni fanno questo ambito è scritto in un suo atto ({when})."),
    "deduced": N_(
        "Quali comuni fanno questo ambito è in parte dedotto da un suo atto ({when}), dove dei nomi non "
        "si leggono."
    ),
    "knowledge": N_(
        "Quali comuni fanno questo ambito viene da conoscenza generale dei piani di zona."
    ),
}


def _composed(found: Findings) -> list[str]:
    """Say who says what an ambito is made of: no national source does."""
    certainty, when = found.area.attrs["certainty"], found.area.attrs["listed_on"]
    if not certainty:
        return []
    voice = found.voice
    said = voice.say(_COMPOSED[certainty], when=voice.short_date(when)) if when else ""
    said = said or voice.say(_COMPOSED[certainty])
    verify = voice.say("Verificarlo con l'ambito prima di un uso ufficiale.")
    return [f"{said} {verify}"]


def _overridden(found: Findings) -> list[str]:
    """Name the parameters that the study changed."""
    if not found.overrides:
        return []
    listed = "; ".join(f"{name} = {value:g}" for name, value in sorted(found.overrides.items()))
    return [found.voice.say("Parametri cambiati in questo studio: {listed}.", listed=listed)]


PART = Part("limiti", limits, sheets)
