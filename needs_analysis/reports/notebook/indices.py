"""What is shown of an index, of its uncertainty and of patterns."""

from __future__ import annotations

from typing import Any

import pandas as pd

from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.patterns import cluster_words
from needs_analysis.reports.language import method_label
from needs_analysis.reports.notebook.tables import Room, frame_grid, grid_of
from needs_analysis.reports.render.notebook import Cell, Grid, Page
from needs_analysis.words import Voice


def index(given: Any, room: Room) -> Page:
    """Show the highest scores of an index and what they are compared with."""
    voice, spec = room.voice, given.spec
    ordered = given.rank.sort_values(kind="stable").index
    scores = given.scores.rows(ordered[: room.rows])
    figures = grid_of(scores, room)
    ranks = [voice.number(one) for one in given.rank[ordered[: room.rows]]]
    grid = Grid(
        [(voice.say("posto"), ""), *figures.heads],
        [
            (name, [Cell(rank), *cells])
            for rank, (name, cells) in zip(ranks, figures.rows, strict=True)
        ],
        room.beside(room.left(len(ordered), len(figures.rows)), scores.data.shape[1]),
    )
    how = ", ".join(
        method_label(stage, getattr(spec, stage).name, voice)
        for stage in ("impute", "normalise", "aggregate")
        if getattr(spec, stage).name not in ("", "none")
    )
    lines = (
        voice.say("Confrontato con: {reference}", reference=given.reference.text(voice)), how,
        voice.say("Senza punteggio: {count}", count=voice.number(int(given.score.isna().sum()))),
    )  # fmt: skip
    weights = pd.DataFrame(dict(given.weights)).T
    title = voice.say("Indice: {name}", name=index_words.label(spec, voice))
    return Page(
        title, lines, grid, {voice.say("I pesi"): frame_grid(weights, room)},
        then={
            "na.composite.uncertainty(...)": voice.say("quanto reggono i posti"),
            "na.validate(...)": voice.say("se segue una misura di fuori"),
            ".stages .contributions": voice.say("ogni passaggio"),
        },
    )  # fmt: skip


def uncertainty(given: Any, room: Room) -> Page:
    """Show the ranks that a unit gets under the choices left open."""
    voice = room.voice
    heads = {
        "rank": voice.say("posto"), "rank_median": voice.say("mediano"),
        "rank_low": voice.say("da"), "rank_high": voice.say("a"),
        "top_tenth_share": voice.say("nel primo decimo"),
        "top_quarter_share": voice.say("nel primo quarto"),
        "ranked_draws": voice.say("estrazioni con un posto"),
    }  # fmt: skip
    title = voice.say("I posti sotto le scelte lasciate aperte")
    line = voice.say(
        "Estrazioni: {draws}; seme {seed}", draws=voice.number(given.draws), seed=given.seed
    )
    ordered = given.frame.sort_values("rank", kind="stable")
    then = {"na.composite.sensitivity(...)": voice.say("quale scelta pesa di più")}
    return Page(title, (line,), frame_grid(ordered, room, heads), then=then)


def sensitivity(given: Any, room: Room) -> Page:
    """Show how much each choice moves the ranks."""
    voice = room.voice
    moved = voice.say(
        "Posti cambiati in media: {change}", change=voice.number(given.mean_rank_change, 1)
    )
    heads = {
        "first_order": voice.say("da sola"), "total_order": voice.say("con le altre"),
        "first_order_margin": "±", "total_order_margin": "±",
    }  # fmt: skip
    title = voice.say("Quanto pesa ogni scelta sui posti")
    return Page(title, (moved,), frame_grid(given.frame, room, heads))


def moran(given: Any, room: Room) -> Page:
    """Show Moran's I."""
    voice = room.voice
    found = voice.say(
        "I = {statistic}, atteso {expected}; p per permutazioni {p}; unità {units}",
        statistic=voice.number(given.statistic, 3), expected=voice.number(given.expected, 3),
        p=voice.number(given.pseudo_p, 3), units=voice.number(given.units),
    )  # fmt: skip
    then = {"na.patterns.local_moran(...)": voice.say("dove si somigliano")}
    return Page(
        voice.say("Vicini simili? (I di Moran)"), (found, _left_out(given, voice)), then=then
    )


def _left_out(given: Any, voice: Voice) -> str:
    """Say how many units stayed out, and why."""
    return voice.say(
        "Fuori: {missing} senza valore, {allocated} con il valore di un territorio più grande",
        missing=voice.number(len(given.missing)), allocated=voice.number(len(given.allocated)),
    )  # fmt: skip


def local(given: Any, room: Room) -> Page:
    """Show the groups of near units that are significant."""
    voice = room.voice
    words = cluster_words(voice)
    counts = [f"{words[str(one)]}: {voice.number(many)}" for one, many in given.counts().items()]
    frame = given.frame.assign(label=given.frame["label"].map(words))
    told = frame[given.frame["label"] != "not_significant"].drop(columns="p_threshold")
    title = voice.say("Gruppi di vicini (Moran locale)")
    grid = frame_grid(told, room) if len(told) else None
    return Page(title, ("; ".join(counts), _left_out(given, voice)), grid=grid)


def typology(given: Any, room: Room) -> Page:
    """Show what each type is made of."""
    voice = room.voice
    frame = given.centroids.assign(units=given.sizes())
    frame = frame[["units", *given.centroids.columns]]
    heads = {"units": voice.say("unità")}
    line = voice.say(
        "Silhouette {width}; su altri campioni restano uguali per {same}",
        width=voice.number(float(given.silhouette[given.groups]), 2),
        same=voice.number(float(given.stability.median()), 2),
    )  # fmt: skip
    then = {
        ".labels": voice.say("il tipo di ogni riga"),
        ".marks()": voice.say("che cosa li distingue"),
    }
    title = voice.say("Tipi: {count}", count=given.groups)
    return Page(title, (line, _left_out(given, voice)), frame_grid(frame, room, heads), then=then)


def regions(given: Any, room: Room) -> Page:
    """Show the regions with their households."""
    voice = room.voice
    frame = pd.DataFrame(
        {"units": given.labels.value_counts().sort_index(), "households": given.households}
    )
    heads = {"units": voice.say("unità")}
    line = voice.say(
        "Dentro le regioni resta il {share} % della varianza; almeno {least} famiglie ciascuna",
        share=voice.number(100 * given.within_share), least=voice.number(given.households_min),
    )  # fmt: skip
    title = voice.say("Zone contigue: {count}", count=len(given.households))
    then = {".labels": voice.say("la zona di ogni riga")}
    return Page(
        title,
        (voice.elided(line), _left_out(given, voice)),
        frame_grid(frame, room, heads),
        then=then,
    )
