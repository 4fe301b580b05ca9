"""The index put to the test: what it is, what it follows, what it is worth here."""

from __future__ import annotations

from needs_analysis.indicators.marks import MARKS
from needs_analysis.reports.chapters import index_parts, index_ranks, index_words
from needs_analysis.reports.chapters.building import table
from needs_analysis.reports.chapters.by_municipality import (
    marks_column,
    marks_rule,
    rows,
    small_column,
)
from needs_analysis.reports.chapters.external import external_table
from needs_analysis.reports.chapters.index_ranks import in_lists, index_sources, ranked_count, score
from needs_analysis.reports.chapters.labels import part_labels
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import (
    Block,
    Chapter,
    Column,
    Number,
    Sentence,
    Table,
    number,
    plain,
)
from needs_analysis.words import N_

NAMES_MAX = 12  # names that a sentence holds; the workbook has them all
_PLACED = N_("Vale {score}: il comune è al posto {rank} su {total} comuni italiani ({how}).")
_UNPLACED = N_("Vale {score}, ma il comune è segnato ({marks}) e non prende posto ({how}).")
# Whether the index follows the evictions, by how many of the two measures it does.
_FOLLOWS = (
    N_("Non segue gli sfratti delle province"),
    N_("Segue solo una delle due misure di sfratto delle province"),
    N_("Segue gli sfratti delle province"),
)


def chapter(found: Findings) -> Chapter:
    """Say what the index is, whether it follows what it should, and how firm its ranks are."""
    title = found.voice.say("L'indice composito, messo alla prova")
    made: list[Block | None] = [
        _checked(found), _here(found), *_marked(found), check_table(found), *summary(found),
        index_ranks.ranked(found), index_parts.apart(found), index_parts.explained(found),
        index_parts.peers_table(found),
    ]  # fmt: skip
    return Chapter("prova", title, tuple(one for one in made if one is not None), annex=True)


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook: the index, then how it was put to the test."""
    made = [index_table(found), check_table(found), index_ranks.ranks_table(found)]
    return [one for one in (*made, *index_parts.trial_tables(found)) if one is not None]


def index_table(found: Findings) -> Table:
    """Give the index by municipality, with its components and the points of each part."""
    named, voice, spec, unit = (
        part_labels(found),
        found.voice,
        found.declared_index.spec,
        found.score_unit,
    )
    frame, heads = rows(found, "municipality_name")
    scores = found.declared_index.scores.rows(frame.index)
    points = found.declared_index.component_contributions().loc[
        frame.index
    ]  # none in an outranking
    frame, quality = frame.join(scores.data), scores.quality.copy()
    columns_of = {one.name: one.column for one in spec.components}
    for part in map(str, points):
        name = f"{part}_points_score"
        frame[name], quality[name] = points[part], quality[columns_of.get(part, spec.name)]
    frame["rank"] = found.rank.loc[frame.index]
    heads += [
        Column("rank", voice.say("Posto in Italia"), "count", optional=True),
        *marks_column(found, frame),
        *small_column(found, frame),
        (spec.name, N_("Indice"), unit),
        *(Column(one.column, named[one.name], unit) for one in spec.components),
        *(
            Column(f"{part}_points_score", voice.say("Punti: {part}", part=named[part]), unit)
            for part in map(str, points)
        ),
    ]
    title = index_words.label(spec, voice)
    if spec.components:
        title = voice.say("L'indice e le sue componenti")
    title = index_words.titled(title, found.declared_index, voice)
    notes = (
        index_words.rule(spec, named, voice),
        index_words.treatment(found.declared_index.treatment, named, voice),
    )
    return table(
        voice, voice.say("indice"), title, frame, heads, quality, notes=notes,
        sources=index_sources(found),
    )  # fmt: skip


def first_lines(found: Findings) -> list[str]:
    """Return the sentences of the chapter and the highest five of the area, for a terminal."""
    voice, drawn = found.voice, found.uncertainty
    said = [_checked(found), *summary(found)]
    lines = [f"{one.lead} {plain(one.text)}" for one in said]
    highest = in_lists(found, found.codes).nsmallest(5)
    for code in map(str, highest.index):
        name = found.area.loc[code, "municipality_name"]
        rank, span = voice.number(float(highest[code])), ""
        if drawn is not None:
            ends = (float(drawn.loc[code, one]) for one in ("rank_low", "rank_high"))  # type: ignore[arg-type]
            low, high = (voice.number(end) for end in ends)
            span = f" ({low} - {high})"
        points = voice.number(
            float(found.declared_index.score[code]), index_ranks.score_decimals(found)
        )
        lines.append(f"{rank}{span}\t{name}\t{points}")
    return lines


def summary(found: Findings) -> list[Sentence]:
    """Say in sentences how firm the ranks are, which choice moves them most and which indicator."""
    said = [index_ranks.places(found), index_parts.choice(found), index_parts.missed(found)]
    return [one for one in said if one is not None]


# ---------------------------------------------------------------- what it is


def _checked(found: Findings) -> Sentence:
    """Say what the index is made of, and whether it orders provinces as their evictions do."""
    named = part_labels(found)
    voice, spec, check = found.voice, found.declared_index.spec, found.confronted
    lead = f"{index_words.label(spec, voice)}."
    parts = voice.listed([named[name].lower() for name in spec.parts(spec.name)])
    made = voice.say(
        "È una media di {parts}: non misura il bisogno di casa e non conta famiglie.", parts=parts
    )
    national = check.xs("italy", level="area")
    if national["index_correlation"].isna().any():
        unknown = voice.say(
            "Con gli sfratti delle province non si può confrontare: troppo poche hanno entrambi."
        )
        return Sentence(f"{made} {unknown}", lead)
    text = voice.say(
        "{verdict}: la correlazione con i provvedimenti per 1.000 famiglie è {orders}, con gli sfratti "
        "eseguiti {executions}; i soli abitanti per km² danno {orders_density} e "
        "{executions_density}.",
        verdict=voice.say(_FOLLOWS[int((national["index_low"] > 0).sum())]),
        orders=_correlation(found, "orders"),
        executions=_correlation(found, "executions"),
        orders_density=_rho(found, "orders", "density_correlation"),
        executions_density=_rho(found, "executions", "density_correlation"),
    )
    note = index_words.rule(spec, named, voice)
    return Sentence(f"{made} {text}", lead, note)


def _rho(found: Findings, outside: str, name: str) -> str:
    value = float(found.confronted[name].to_dict()[outside, "italy"])
    return number(f"{outside}_italy:{name}_ratio", value, found.voice, "ratio")


def _correlation(found: Findings, outside: str) -> str:
    units = float(found.confronted["index_units"].to_dict()[outside, "italy"])
    return found.voice.say(
        "{value} (95 %: da {low} a {high}; {units} province)",
        value=_rho(found, outside, "index_correlation"),
        low=_rho(found, outside, "index_low"),
        high=_rho(found, outside, "index_high"),
        units=number(f"{outside}_italy:index_units", units, found.voice),
    )


def check_table(found: Findings) -> Table:
    """Set the index beside the evictions of the provinces, by macro-area, and density beside it."""
    voice = found.voice
    notes = (
        voice.say(
            "Correlazione di Spearman fra province, con il suo intervallo al 95 %: 1 se l'ordine è lo "
            "stesso, 0 se non c'entra. Il punteggio di una provincia è la media dei suoi comuni pesata "
            "per famiglie."
        ),
    )
    return external_table(
        found.confronted, voice.say("Indice"), voice,
        key=voice.say("verifica esterna"), title=voice.say("L'indice e gli sfratti delle province"),
        notes=notes, sources=index_sources(found),
    )  # fmt: skip


def _here(found: Findings) -> Sentence:
    """Say what the index is worth in the area: of a municipality its score, of several their range."""
    voice, spec = found.voice, found.declared_index.spec
    lead = voice.say("Qui.")
    how = index_words.reading(spec, voice)
    scores = found.declared_index.score.loc[found.codes].dropna()
    if scores.empty:
        text = voice.say(
            "Non si calcola: manca almeno una delle sue parti, e un dato mancante non si "
            "sostituisce."
        )
        return Sentence(text, lead)
    if len(found.codes) == 1:
        code = found.codes[0]
        rank = found.rank[code]
        words = _PLACED if rank == rank else _UNPLACED
        text = voice.say(
            words, score=score(found, code), rank=number(f"{code}:rank", rank, voice),
            total=ranked_count(found), marks=found.mark_words[code], how=how,
        )  # fmt: skip
        return Sentence(text, lead)
    ranked = in_lists(found, found.codes)
    if ranked.empty:
        text = voice.say("Tutti i comuni con un punteggio sono segnati.")
        if found.rank.loc[found.codes].notna().any():
            text = voice.say("Nessun comune che possa stare in un elenco ha un posto.")
        return Sentence(text, lead)
    names = found.area["municipality_name"]
    first = ", ".join(
        voice.say(
            "{name} ({score}; {rank})",
            name=names[code],
            score=score(found, str(code)),
            rank=Number(f"{code}:rank", rank, voice.ordinal(rank)),
        )
        for code, rank in ranked.nsmallest(3).items()
    )
    text = voice.say(
        "È più alto a {first} su {total} comuni italiani con un posto ({how}).",
        first=first,
        total=ranked_count(found),
        how=how,
    )
    return Sentence(text, lead)


def _marked(found: Findings) -> list[Sentence]:
    """Name the municipalities of the area that take no rank, by mark."""
    voice, held = found.voice, found.marks.loc[found.codes]
    names = found.area["municipality_name"].sort_values()
    said = []
    for mark, words in MARKS.items():
        here = list(names[held.loc[names.index, mark]])
        if not here:
            continue
        more = len(here) - NAMES_MAX
        listed = ", ".join(here[:NAMES_MAX])
        if more > 0:
            rest = number(f"area:more_{mark}", more, voice)
            listed = voice.say("{names} e altri {more}", names=listed, more=rest)
        said.append(f"{voice.say(words)}: {listed}")
    if not said:
        return []
    text = voice.say(
        "Hanno i loro dati ma nessun posto, qui e nella graduatoria d'Italia: {marked}.",
        marked="; ".join(said),
    )
    return [Sentence(text, voice.say("Comuni segnati."), marks_rule(found))]


PART = Part(
    "prova",
    lambda found: () if found.index is None else chapter(found),
    lambda found: [] if found.index is None else sheets(found),
)
