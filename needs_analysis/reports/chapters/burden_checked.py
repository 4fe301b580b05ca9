"""Whether A5, by which large municipalities are ordered, follows the evictions of provinces."""

from __future__ import annotations

from needs_analysis.reports.chapters.building import all_sources
from needs_analysis.reports.chapters.external import external_table
from needs_analysis.reports.chapters.need_words import BURDEN
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.findings.external_check import SCORE
from needs_analysis.reports.model import Sentence, Table, number
from needs_analysis.words import N_

_ROWS = "a5_"
_VERDICTS = {
    False: N_(
        "La stima degli inquilini oltre il 40 % del reddito non ordina le province come i loro sfratti "
        "meglio di quanto faccia la densità"
    ),
    True: N_(
        "La stima degli inquilini oltre il 40 % del reddito ordina le province come i loro sfratti "
        "meglio di quanto faccia la densità"
    ),
}


def burden_checked(found: Findings) -> Sentence | None:
    """Say first whether A5 beats density, then by how much each follows the evictions."""
    if BURDEN not in found.national.data:
        return None
    voice, national = found.voice, found.confronted_burden.xs("italy", level="area")
    both = national.loc[["orders", "executions"]]
    if both[f"{SCORE}_correlation"].isna().any():
        return None
    beats = bool((both[f"{SCORE}_correlation"] > both["density_correlation"]).all())

    def said(outside: str, column: str) -> str:
        key, value = f"{_ROWS}{outside}_italy:{column}_ratio", float(national[column][outside])
        return number(key, value, voice, "ratio")

    values = {
        f"{outside}_{column}": said(outside, name)
        for outside in both.index
        for column, name in (
            ("own", f"{SCORE}_correlation"), ("low", f"{SCORE}_low"), ("high", f"{SCORE}_high"),
            ("density", "density_correlation"), ("left", "given_density"),
        )
    }  # fmt: skip
    text = voice.say(
        "{verdict}: la correlazione con i provvedimenti per 1.000 famiglie è {orders_own} (95 %: da "
        "{orders_low} a {orders_high}), con gli sfratti eseguiti {executions_own} (da "
        "{executions_low} a {executions_high}); gli abitanti per km² danno {orders_density} e "
        "{executions_density}, e a pari densità ne restano {orders_left} e {executions_left}. È "
        "una stima di chi paga troppo, non degli sfratti.",
        verdict=voice.say(_VERDICTS[beats]),
        **values,
    )
    return Sentence(text, voice.say("La stima e gli sfratti."))


def burden_table(found: Findings) -> Table | None:
    """Set A5 beside the evictions of the provinces."""
    if BURDEN not in found.national.data:
        return None
    voice = found.voice
    notes = (
        voice.say(
            "Correlazione di Spearman fra province, con il suo intervallo al 95 %: 1 se l'ordine è lo "
            "stesso, 0 se non c'entra. La stima di una provincia è la media dei suoi comuni pesata per "
            "famiglie. In graduatoria stanno i comuni grandi e senza segni: dove una provincia non ne "
            "ha, manca."
        ),
        voice.say("Le famiglie in affitto sono stimate dal modello."),
    )
    return external_table(
        found.confronted_burden, voice.say("Stima"), voice, key=voice.say("verifica della stima"),
        rows=_ROWS,
        title=voice.say("La stima di chi paga troppo e gli sfratti delle province"), notes=notes,
        sources=all_sources(found.national.columns([BURDEN])),
    )  # fmt: skip
