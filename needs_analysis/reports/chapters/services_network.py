"""The network of services: how its members work together, said, drawn and in tables."""

from __future__ import annotations

from typing import Any, cast

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.services_building import (
    counts_table,
    hidden_note,
    labelled,
    told_table,
    told_words,
)
from needs_analysis.reports.charts import network as network_chart
from needs_analysis.reports.model import Block, Picture, Sentence, Table, between, number
from needs_analysis.services.files.schema import INVENTED
from needs_analysis.told import Network, Told
from needs_analysis.words import N_, Voice

_COLLABORATION = {
    "members": (N_("Membri"), "count"),
    "density_share": (N_("Legami esistenti sui possibili"), "share"),
    "reciprocity_share": (N_("Legami ricambiati"), "share"),
    "centralisation_share": (N_("Concentrazione attorno a un membro"), "share"),
    "isolated_members": (N_("Membri senza segnalazioni"), "count"),
    "refused_share": (N_("Segnalazioni fra membri rifiutate"), "share"),
    "answer_p25_days": (N_("Un quarto ha risposta entro"), "days"),
    "answer_p50_days": (N_("La metà ha risposta entro"), "days"),
    "answer_p75_days": (N_("Tre quarti hanno risposta entro"), "days"),
    "answer_p90_days": (N_("Nove decimi hanno risposta entro"), "days"),
}


def blocks(found: Told, made: Network, voice: Voice) -> tuple[Block | None, ...]:
    """Say how the members of the network work together."""
    return (
        _network_sentence(made, voice),
        _network_picture(found, made, voice),
        collaboration_table(found, made, voice),
        survey_table(found, made, voice),
    )


def sheets(found: Told, made: Network, voice: Voice) -> list[Table | None]:
    """Return the tables on the network."""
    referrals = N_("Segnalazioni")
    return [
        collaboration_table(found, made, voice),
        counts_table(
            found, made.pairs, "Servizi segnalazioni", N_("Segnalazioni fra membri"), voice,
            of=referrals,
        ),
        counts_table(
            found, made.refusals, "Servizi risposte", N_("Esiti delle segnalazioni"), voice,
            of=referrals,
        ),
        survey_table(found, made, voice, whole=False),
    ]  # fmt: skip


def _network_sentence(made: Network, voice: Voice) -> Sentence:
    own = made.measures.frame.set_index(["year", "measure"]).loc[TOTAL]["value"]
    density, back = (
        number(f"network:{name}", own[name], voice, "share")
        for name in ("density_share", "reciprocity_share")
    )
    text = voice.say(
        "I membri che segnalano o ricevono sono {members}: fra loro esiste il {density} "
        "dei legami possibili, e il {back} è ricambiato.",
        members=number("network:members", own["members"], voice),
        density=density,
        back=back,
    )
    return Sentence(voice.elided(text), voice.say("Chi segnala a chi."))


def _network_picture(found: Told, made: Network, voice: Voice) -> Picture | Sentence:
    """Draw who refers to whom; where all arrows would be alike a sentence says so."""
    graph, least = made.graph, 1 if found.internal else found.rules.count_min
    title = voice.say("Segnalazioni fra i membri della rete")
    invented = voice.say(INVENTED) if found.label else ""
    ties = number("network:ties", graph.number_of_edges(), voice)
    members = number("network:drawn_members", len(graph), voice)
    if not network_chart.tells_apart(graph, least):
        text = voice.say(
            "Fra i {members} membri ci sono {ties} legami, tutti con lo stesso numero di segnalazioni "
            "o con un numero che non si può dire: sono nel foglio delle segnalazioni.",
            members=members,
            ties=ties,
        )
        return Sentence(text, f"{labelled(title, found, voice)}.")
    svg = network_chart.referral_network(graph, count_min=least, voice=voice, title=invented)
    alternative = voice.say(
        "Rete di {members} membri e {ties} legami; i conteggi sono nel foglio delle segnalazioni.",
        members=members,
        ties=ties,
    )
    return Picture(
        "rete-servizi", labelled(title, found, voice), svg, alternative,
        notes=tuple(filter(None, [hidden_note(found, voice)])),
    )  # fmt: skip


def collaboration_table(found: Told, made: Network, voice: Voice) -> Table:
    """Return how the network works together, year by year."""
    frame, marks = made.measures.frame, made.measures.hidden
    if frame["year"].nunique() == 2:  # one year and all together say the same
        frame = frame[frame["year"] != TOTAL]
        marks = marks.loc[frame.index]
    frame = frame.assign(
        unit=[_COLLABORATION[name][1] for name in frame["measure"]],
        label=[voice.say(_COLLABORATION[name][0]) for name in frame["measure"]],
        variable=frame["measure"],
        year=[told_words(year, voice) for year in frame["year"]],
    )
    frame["interval"] = [
        between(
            f"Servizi rete:{row.Index}:",
            row.low,
            row.high,
            voice,
            row.unit,
            row.measure,
            with_unit=True,
        )
        for row in (cast(Any, one) for one in frame.itertuples())
    ]
    columns = (
        ("year", N_("Anno"), "code"),
        ("label", N_("Misura"), "text"),
        ("value", N_("Valore"), "by_row"),
        ("interval", N_("Intervallo al 95 %"), "text"),
    )
    title = N_("Collaborazione nella rete")
    return told_table(found, "Servizi rete", title, frame, columns, voice, marks)


def survey_table(found: Told, made: Network, voice: Voice, *, whole: bool = True) -> Table | None:
    """Return the mean scores of the survey: on the network as a whole, or on each member too."""
    frame, marks = made.survey.frame, made.survey.hidden
    if frame.empty:
        return None
    if whole:
        frame = frame[frame["about_member"] == ""]
        marks = marks.loc[frame.index]
    about = voice.say("la rete intera")
    frame = frame.assign(about_member=frame["about_member"].replace("", about))
    keys = [f"survey_{row}" for row in frame.index]  # the page has some rows of the sheet
    columns = (
        ("wave", N_("Rilevazione"), "code"),
        *([] if whole else [("about_member", N_("Su chi"), "text")]),
        ("question", N_("Domanda"), "text"),
        ("respondents", N_("Rispondenti"), "count"),
        ("mean_score", N_("Punteggio medio (1-5)"), "ratio"),
        ("low", N_("Da"), "ratio"),
        ("high", N_("A"), "ratio"),
    )
    note = voice.say(
        "Sotto {respondents_min} rispondenti la media non si mostra.",
        respondents_min=made.respondents_min,
    )
    key = "Servizi questionario rete" if whole else "Servizi questionario"
    title = N_("Questionario sulla collaborazione")
    return told_table(found, key, title, frame, columns, voice, marks, (note,), keys=keys)
