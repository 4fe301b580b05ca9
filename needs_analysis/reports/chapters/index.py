"""The index put to the test: what its ranks owe to its choices, in words, pictures and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.composite import correlations, profile
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.indicators.marks import MARKS
from needs_analysis.reports import index_words, trials
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts import index as index_charts
from needs_analysis.reports.charts import rows as chart_rows
from needs_analysis.reports.external_check import AREAS, MEASURES, OUTSIDE
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import (
    QUALITY_LABELS,
    URBANISATION_LABELS,
    display,
    method_label,
)
from needs_analysis.reports.model import (
    Block,
    Chapter,
    Column,
    Number,
    Picture,
    Sentence,
    Table,
    number,
    plain,
)
from needs_analysis.reports.tables import (
    marks_column,
    marks_rule,
    neighbours,
    part_labels,
    small_column,
    small_rule,
    source_lines,
)
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from needs_analysis.composite import Method

NAMES_MAX = 12  # names that a sentence holds; the workbook has them all
RANKED_MAX, PARTS_MAX = 40, 12  # rows of a picture, where the area has more than fit a page
_SEGMENTS = 8
# Where a rank lies over the draws, if it moves and if it does not: of the first municipality that is
# named, and of the next.
_SPANS = (
    (
        N_(
            "cambiando pesi, scala, media e indicatori il posto sta fra {low} e {high} in nove "
            "estrazioni su dieci"
        ),
        N_("cambiando pesi, scala, media e indicatori il posto resta {low}"),
    ),
    (
        N_("il suo posto sta fra {low} e {high} in nove estrazioni su dieci"),
        N_("il suo posto resta {low}"),
    ),
)
_PLACED = N_("Vale {score}: il comune è al posto {rank} su {total} comuni italiani ({how}).")
_UNPLACED = N_("Vale {score}, ma il comune è segnato ({marks}) e non prende posto ({how}).")
_NO_RANK = (
    N_("Nessun comune del territorio ha un punteggio: non c'è un posto da provare."),
    N_("I comuni del territorio sono segnati e non prendono posto: non c'è un posto da provare."),
)
# Whether the index follows the evictions, by how many of the two measures it does.
_FOLLOWS = (
    N_("Non segue gli sfratti delle province"),
    N_("Segue solo una delle due misure di sfratto delle province"),
    N_("Segue gli sfratti delle province"),
)
# What the top and the bottom quarter are called, by what a high score means.
_MARKS = {
    1: (N_("punto debole"), N_("punto di forza")),
    -1: (N_("punto di forza"), N_("punto debole")),
    0: (N_("alza il punteggio"), N_("abbassa il punteggio")),
}


def chapter(found: Findings) -> Chapter:
    """Say what the index is, whether it follows what it should, and how firm its ranks are."""
    title = found.voice.say("L'indice composito, messo alla prova")
    blocks: list[Block] = [_checked(found), _here(found), *_marked(found)]
    blocks += [check_table(found), *summary(found)]
    blocks += [one for one in (_ranked(found), _apart(found), _explained(found)) if one]
    if own := profile_table(found):
        blocks.append(own)
    return Chapter("prova", title, tuple(blocks))


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook: the index, then how it was put to the test."""
    made = (
        index_table(found), check_table(found), _ranks_table(found), _sensitivity_table(found),
        _left_out_table(found), _weights_table(found), _correlations_table(found), _stages_table(found),
        profile_table(found),
    )  # fmt: skip
    return [one for one in made if one is not None]


def index_table(found: Findings) -> Table:
    """Give the index by municipality, with its components and the points of each part."""
    named = part_labels(found)
    voice, spec, unit = found.voice, found.index.spec, found.score_unit
    scores, codes = found.index.scores, found.shown.index
    frame, quality = scores.data.loc[codes].copy(), scores.quality.loc[codes].copy()
    points = found.index.component_contributions().loc[codes]  # none in an outranking
    columns_of = {one.name: one.column for one in spec.components}
    for part in map(str, points):
        name = f"{part}_points_score"
        frame[name], quality[name] = points[part], quality[columns_of.get(part, spec.name)]
    frame.insert(0, "municipality_name", found.shown["municipality_name"])
    frame["rank"] = found.rank.loc[codes]
    frame = frame.sort_values("municipality_name")
    words = (
        voice.say("Comune"),
        voice.say("Posto in Italia"),
        voice.say("Indice"),
    )
    columns = (
        Column("municipality_name", words[0]),
        Column("rank", words[1], "count", optional=True),
        *marks_column(found, frame),
        *small_column(found, frame),
        Column(spec.name, words[2], unit),
        *(Column(one.column, named[one.name], unit) for one in spec.components),
        *(
            Column(f"{part}_points_score", voice.say("Punti: {part}", part=named[part]), unit)
            for part in map(str, points)
        ),
    )
    return Table(
        voice.say("indice"),
        voice.say(
            "{index} (confronto con {reference})",
            index=voice.say("L'indice e le sue componenti") if spec.components
            else index_words.label(spec, voice),
            reference=found.index.reference.text(voice),
        ),
        frame, columns, quality.loc[frame.index],
        notes=(index_words.rule(spec, named, voice),
               index_words.treatment(found.index.treatment, named, voice)),
        sources=source_lines(scores.sources[spec.name], voice), facts="rows",
    )  # fmt: skip


def first_lines(found: Findings) -> list[str]:
    """Return the sentences of the chapter and the highest five of the area, for a terminal."""
    voice, drawn = found.voice, found.uncertainty
    said = [_checked(found), *summary(found)]
    lines = [f"{one.lead} {plain(one.text)}" for one in said]
    highest = _in_lists(found, found.codes).nsmallest(5)
    for code in map(str, highest.index):
        name = found.area.loc[code, "municipality_name"]
        rank, span = voice.number(float(highest[code])), ""
        if drawn is not None:
            ends = (float(drawn.loc[code, one]) for one in ("rank_low", "rank_high"))  # type: ignore[arg-type]
            low, high = (voice.number(end) for end in ends)
            span = f" ({low} - {high})"
        score = voice.number(float(found.index.score[code]), _decimals(found))
        lines.append(f"{rank}{span}\t{name}\t{score}")
    return lines


# ---------------------------------------------------------------- what it is


def _checked(found: Findings) -> Sentence:
    """Say what the index is made of, and whether it orders provinces as their evictions do."""
    named = part_labels(found)
    voice, spec, check = found.voice, found.index.spec, found.confronted
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
    voice, frame = found.voice, found.confronted.drop(columns="density_units")
    named = [voice.say("{outside}: {area}", outside=voice.say(OUTSIDE[outside]),
                       area=voice.say(AREAS[area])) for outside, area in frame.index]  # fmt: skip
    ratios = [f"{name}_{part}" for name in MEASURES for part in ("correlation", "low", "high")]
    frame = frame.rename(columns={name: f"{name}_ratio" for name in ratios})
    frame.index = pd.Index([f"{outside}_{area}" for outside, area in frame.index])
    frame.insert(0, "compared", named)
    words = (
        voice.say("A confronto con"),
        voice.say("Province"),
        voice.say("Indice"),
        voice.say("Indice: minimo"),
        voice.say("Indice: massimo"),
        voice.say("Abitanti per km²"),
        voice.say("Abitanti per km²: minimo"),
        voice.say("Abitanti per km²: massimo"),
    )
    columns = [Column("compared", words[0]), Column("index_units", words[1], "count")]
    columns += [
        Column(f"{name}_ratio", word, "ratio") for name, word in zip(ratios, words[2:], strict=True)
    ]
    notes = [
        voice.say(
            "Correlazione di Spearman fra province, con il suo intervallo al 95 %: 1 se l'ordine è lo "
            "stesso, 0 se non c'entra. Il punteggio di una provincia è la media dei suoi comuni pesata "
            "per famiglie."
        ),
        voice.say(
            "Attendibili: la divisione fra capoluogo e resto è attendibile e la serie non è "
            "interrotta."
        ),
    ]
    quality = pd.DataFrame(int(Quality.MODELLED), index=frame.index, columns=list(frame)[2:])
    return Table(
        voice.say("verifica esterna"), voice.say("L'indice e gli sfratti delle province"), frame,
        tuple(columns), quality, notes=tuple(notes),
        sources=(*_sources(found), *source_lines([store.source_of("evictions").id], found.voice)),
        facts="rows",
    )  # fmt: skip


def _here(found: Findings) -> Sentence:
    """Say what the index is worth in the area: of a municipality its score, of several their range."""
    voice, spec = found.voice, found.index.spec
    lead = voice.say("Qui.")
    how = index_words.reading(spec, voice)
    scores = found.index.score.loc[found.codes].dropna()
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
            words, score=_score(found, code), rank=number(f"{code}:rank", rank, voice),
            total=_ranked_count(found), marks=found.mark_words[code], how=how,
        )  # fmt: skip
        return Sentence(text, lead)
    ranked = _in_lists(found, found.codes)
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
            score=_score(found, str(code)),
            rank=Number(f"{code}:rank", rank, voice.ordinal(rank)),
        )
        for code, rank in ranked.nsmallest(3).items()
    )
    text = voice.say(
        "È più alto a {first} su {total} comuni italiani con un posto ({how}).",
        first=first,
        total=_ranked_count(found),
        how=how,
    )
    return Sentence(text, lead)


def _in_lists(found: Findings, codes: Iterable[str]) -> pd.Series:
    """Return the ranks of the municipalities that a list may hold, or that were asked for alone."""
    asked = found.codes if len(found.codes) == 1 else []
    kept = [code for code in codes if code in {*found.listed, *asked}]
    return found.rank.loc[kept].dropna()


def _score(found: Findings, code: str) -> str:
    name = found.index.spec.name
    return number(f"{code}:{name}", float(found.index.score[code]), found.voice, found.score_unit)


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


# ---------------------------------------------------------------- sentences


def summary(found: Findings) -> list[Sentence]:
    """Say in sentences how firm the ranks are, which choice moves them most and which indicator."""
    said = [_places(found), _choice(found), _missed(found)]
    return [one for one in said if one is not None]


def _places(found: Findings) -> Sentence:
    voice, drawn = found.voice, found.uncertainty
    lead = voice.say("I posti.")
    own = found.rank.loc[found.codes].dropna()
    if own.empty:
        words = _NO_RANK[bool(found.index.score.loc[found.codes].notna().any())]
        return Sentence(voice.say(words), lead)
    if drawn is None:
        return Sentence(_untested(found), lead)
    people = found.area.loc[own.index, "resident_population"]
    listed = _in_lists(found, own.index)
    units = list(dict.fromkeys([people.idxmax(), *listed.nsmallest(1).index]))
    total = _ranked_count(found)
    texts = [_place(found, drawn, str(unit), total, first=at == 0) for at, unit in enumerate(units)]
    return Sentence(" ".join(texts), lead, _doubts(found))


def _ranked_count(found: Findings) -> str:
    return number("italy:ranked_municipalities", found.rank.count(), found.voice)


def _place(found: Findings, drawn: pd.DataFrame, unit: str, total: str, *, first: bool) -> str:
    voice = found.voice
    row: Any = drawn.loc[unit]
    name = found.area.loc[unit, "municipality_name"]
    names = ("rank", "rank_low", "rank_high")
    rank, low, high = (number(f"{unit}:{one}", row[one], voice) for one in names)
    text = voice.say(
        "{name} è al posto {rank} su {total}; {span}, e {times}.",
        name=name,
        rank=rank,
        total=total,
        span=voice.say(_SPANS[0 if first else 1][plain(low) == plain(high)], low=low, high=high),
        times=_times(unit, float(row["top_tenth_share"]), voice),
    )
    return voice.elided(text)


def _times(unit: str, share: float, voice: Voice) -> str:
    """Say in how many draws; a few are not none, and nearly all are not all."""
    percent = 100 * share
    if percent == 0:
        return voice.say("non è mai nel decimo dei comuni con il punteggio più alto")
    if percent == 100:
        return voice.say("in tutte le estrazioni è nel decimo dei comuni con il punteggio più alto")
    if percent < 1:
        return voice.say(
            "in meno dell'1 % delle estrazioni è nel decimo dei comuni con il punteggio più alto"
        )
    if percent > 99:
        return voice.say(
            "in più del 99 % delle estrazioni è nel decimo dei comuni con il punteggio più alto"
        )
    return voice.say(
        "nel {percent} % delle estrazioni è nel decimo dei comuni con il punteggio più alto",
        percent=Number(f"{unit}:top_tenth_share", share, voice.number(percent), "share"),
    )


def _untested(found: Findings) -> str:
    if trials.choices(found.index) is None:
        return found.voice.say(
            "Quanto i posti dipendano dalle scelte non è calcolato: con il metodo dichiarato per "
            "unire gli indicatori migliaia di prove durerebbero ore."
        )
    return found.voice.say(
        "Quanto i posti dipendano dalle scelte non si può calcolare su questo indice: le "
        "altre scale e medie non si applicano ai suoi dati."
    )


def _doubts(found: Findings) -> str:
    """Say what is drawn."""
    voice, open_choices = found.voice, trials.choices(found.index)
    if open_choices is None:
        return ""
    scales = _listed("normalise", open_choices.normalise, voice)
    means = _listed("aggregate", open_choices.aggregate, voice)
    draws = number("index:draws", trials.DRAWS, voice)
    said = voice.say(
        "{draws} estrazioni: ogni peso fino al 25 % in più o in meno, una delle scale "
        "({scales}), una delle medie ({means}), un indicatore in meno o nessuno. Il posto 1 "
        "è il punteggio più alto.",
        draws=draws,
        scales=scales,
        means=means,
    )
    drawn = any(found.index.spec.normalise.name == one.name for one in open_choices.normalise)
    if drawn:
        return said
    left = voice.say(
        "La scala dell'indice ha valori negativi o nulli e non entra nelle estrazioni."
    )
    return f"{said} {left}"


def _listed(stage: str, methods: Sequence[Method], voice: Voice) -> str:
    return ", ".join(dict.fromkeys(method_label(stage, one.name, voice) for one in methods))


def _choice(found: Findings) -> Sentence | None:
    """Say which choice explains most of the change of ranks."""
    voice, split = found.voice, found.sensitivity
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    labels = factor_labels(found)
    first, second = ordered.iloc[0], ordered.iloc[1]
    change = number("index:mean_rank_change", first["mean_rank_change"], voice)
    lead = voice.say("Le scelte.")
    text = voice.say(
        "In media una prova sposta un comune italiano di {change} posti. Conta di più la "
        "scelta «{first}», che spiega {first_share} delle differenze fra una prova e l'altra; poi "
        "«{second}», con {second_share}. Le due quote contano anche gli effetti che una scelta "
        "ha insieme alle altre: non si sommano.",
        change=change,
        first=labels[str(first.name)],
        first_share=_sobol(first, voice),
        second=labels[str(second.name)],
        second_share=_sobol(second, voice),
    )
    return Sentence(voice.elided(text), lead)


def _sobol(row: pd.Series, voice: Voice) -> str:
    share, margin = (
        Number(f"{row.name}:{one}_share", row[one], voice.number(100 * row[one]), "share")
        for one in ("total_order", "total_order_margin")
    )
    return voice.say("il {share} % (± {margin})", share=share, margin=margin)


def _missed(found: Findings) -> Sentence | None:
    """Say which indicator moves the ranks most when it is left out."""
    voice, without = found.voice, found.left_out
    if without is None:
        return None
    own = without.loc[[name for name in found.index.spec.names if name in without.index]]
    most = str(own["mean_rank_change"].idxmax())
    row: Any = own.loc[most]
    mean, largest = (
        number(f"{most}:{one}_rank_change", row[f"{one}_rank_change"], voice)
        for one in ("mean", "largest")
    )
    lead = voice.say("Gli indicatori.")
    text = voice.say(
        "Quello che sposta di più i posti, se lo si toglie, è «{indicator}»: {mean} posti "
        "in media in Italia, al massimo {largest}.",
        indicator=part_labels(found)[most],
        mean=mean,
        largest=largest,
    )
    return Sentence(text, lead)


def _unit_name(found: Findings, code: object) -> str:
    from needs_analysis.territory import municipalities

    return str(municipalities(found.day).loc[str(code), "municipality_name"])


def factor_labels(found: Findings) -> dict[str, str]:
    """Return the printed name of each choice that is left open."""
    words = {
        "normalise": found.voice.say("scala degli indicatori"),
        "aggregate": found.voice.say("tipo di media"),
        "drop": found.voice.say("quale indicatore si toglie"),
    }
    weights = {
        f"weight of {name}": found.voice.say("peso: {part}", part=part)
        for name, part in part_labels(found).items()
    }
    return words | weights


# ---------------------------------------------------------------- pictures


def _rows(found: Findings, most: int) -> tuple[pd.Index, str]:
    """Return the units of a picture, and which they are where the area has more."""
    voice = found.voice
    shown = neighbours(found) if len(found.codes) == 1 else found.area
    # A list by score holds no marked or small municipality but the one that was asked for.
    asked = found.codes if len(found.codes) == 1 else []
    scores = found.index.score.loc[shown.index[shown.index.isin([*found.listed, *asked])]]
    if len(shown) <= most:
        said = []
        if len(found.codes) == 1 and len(shown) > 1:
            said.append(voice.say("Il comune e quelli della provincia che confinano con esso."))
        if few := int(found.small.loc[shown.index.difference(asked)].notna().sum()):
            count = number("shown:small_near_municipalities", few, voice)
            said.append(small_rule(found, count))
        return scores.index, " ".join(said)
    chosen = scores.nlargest(most)
    words = voice.say(
        "Dei {total} comuni, i {count} con il punteggio più alto fra quelli senza segni e con almeno "
        "{least} famiglie.",
        total=number("area:municipalities", len(found.codes), voice),
        count=number("area:drawn_municipalities", len(chosen), voice),
        least=voice.number(parameters.values(found.overrides)["listed_households_min"]),
    )
    return chosen.index, words


def _ranked(found: Findings) -> Picture | None:
    drawn, voice = found.uncertainty, found.voice
    fits = chart_rows.UNITS_MAX
    codes, which = _rows(found, fits if len(found.area) <= fits else RANKED_MAX)
    if drawn is None or found.rank.loc[codes].isna().all():
        return None
    own = drawn.loc[codes]
    svg = index_charts.ranked_scores(
        found.index.score.loc[codes], names=found.shown["municipality_name"].loc[codes],
        ranks=own["rank"], low=own["rank_low"], high=own["rank_high"],
        total=int(found.rank.count()), voice=voice, highlight=_highlight(found),
        decimals=_decimals(found),
    )  # fmt: skip
    spans = own["rank_high"] - own["rank_low"]
    name = found.shown.loc[str(spans.idxmax()), "municipality_name"]
    span = number(f"{spans.idxmax()}:rank_span", float(spans.max()), voice)
    title = voice.say("Posti e intervalli")
    alternative = voice.say(
        "Il posto di ogni comune e l'intervallo che contiene nove estrazioni su dieci; il "
        "più largo è di {name}, {span} posti.",
        name=name,
        span=span,
    )
    reading = voice.say(
        "Il punto è il posto con l'indice come è dichiarato; dove le barre di due comuni si "
        "sovrappongono, può non essere certo chi sta davanti."
    )
    figures = [_score(found, str(code)) for code in codes]
    figures += [
        number(f"{code}:{name}", float(value), voice)
        for code, row in own[["rank", "rank_low", "rank_high"]].iterrows()
        for name, value in row.items()
    ]
    figures.append(_ranked_count(found))
    return _picture(found, "posti", title, svg, alternative, [which, reading], figures)


def _apart(found: Findings) -> Picture | None:
    """Draw by how many points each part sets a municipality apart from the mean of Italy's."""
    named = part_labels(found)
    voice, points = found.voice, found.index.component_contributions()
    codes, which = _rows(found, PARTS_MAX)
    own = (points - points.mean()).loc[codes]
    if points.empty or len(points.columns) < 2 or own.isna().all(axis=None):
        return None
    labels = {str(part): named[str(part)] for part in own}
    if len(labels) > _SEGMENTS:
        kept = list(own.abs().mean().nlargest(_SEGMENTS - 1).index)
        rest = voice.say("altri indicatori")
        own = own[kept].assign(others=own.drop(columns=kept).sum(axis=1, skipna=False))
        labels = {str(part): labels.get(str(part), rest) for part in own}
    total = own.sum(axis=1, skipna=False)
    words = (voice.say("Che cosa lo alza e che cosa lo abbassa"), voice.say("in tutto"))
    svg = index_charts.contribution_bars(
        own, names=found.shown["municipality_name"].loc[codes], labels=labels, total=total,
        voice=voice, highlight=_highlight(found), mark=words[1], decimals=_decimals(found),
    )  # fmt: skip
    highest = str(total.idxmax())
    most = str(own.loc[highest].astype(float).idxmax())
    name = found.shown.loc[highest, "municipality_name"]
    alternative = voice.say(
        "Punti in più o in meno della media dei comuni italiani, per parte dell'indice; a "
        "{name} pesa di più «{part}».",
        name=name,
        part=labels[most],
    )
    reading = voice.say(
        "Punti in più (a destra) o in meno (a sinistra) rispetto alla media dei comuni "
        "italiani con un punteggio; il rombo è la loro somma."
    )
    sums = own.assign(sum=total)
    drawn = [
        number(f"{code}:{part}_over_mean_score", float(value), voice, found.score_unit)
        for code, row in sums.iterrows()
        for part, value in row.items()
    ]
    return _picture(found, "parti", words[0], svg, alternative, [which, reading], drawn)


def _explained(found: Findings) -> Picture | None:
    voice, split = found.voice, found.sensitivity
    if split is None:
        return None
    labels = factor_labels(found)
    most = split.nlargest(10, "total_order")
    svg = index_charts.sensitivity_bars(
        most, labels={name: labels[str(name)] for name in most.index}, voice=voice
    )
    title = voice.say("Quali scelte spostano i posti")
    said = "; ".join(
        f"{labels[str(name)]} {_sobol(row, voice)}" for name, row in most[:3].iterrows()
    )
    alternative = voice.say("Le prime: {said}.", said=said)
    drawn = [
        number(f"{name}:{order}_share", float(row[order]), voice, "share")
        for name, row in most.iterrows()
        for order in ("first_order", "total_order")
    ]
    notes = [
        voice.say(
            "Quota dello spostamento medio dei posti di tutti i comuni italiani che ogni scelta "
            "spiega, da sola e insieme alle altre; valori minori del proprio margine sono "
            "rumore. Le quote «con le interazioni» non sommano a 100."
        )
    ]
    if len(split) > len(most):
        notes.append(voice.say("Le prime dieci scelte; le altre sono nelle tabelle Excel."))
    return _picture(found, "scelte", title, svg, alternative, notes, drawn)


def _picture(
    found: Findings, key: str, title: str, svg: str, alternative: str, notes: Sequence[str],
    drawn: Sequence[str],
) -> Picture:  # fmt: skip
    compared = found.voice.say(
        "{index} (confronto con {reference})",
        index=title, reference=found.index.reference.text(found.voice),
    )  # fmt: skip
    return Picture(
        key, compared, svg, alternative, notes=(*filter(None, notes), _modelled(found.voice)),
        sources=_sources(found), drawn=tuple(drawn),
    )  # fmt: skip


def _highlight(found: Findings) -> str | None:
    return found.codes[0] if len(found.codes) == 1 else None


def _decimals(found: Findings) -> int:
    return display(found.index.spec.name, found.score_unit).decimals


def _modelled(voice: Voice) -> str:
    word = voice.say(QUALITY_LABELS[Quality.MODELLED])
    return voice.say("Qualità: {word} con un modello.", word=word)


def _sources(found: Findings) -> tuple[str, ...]:
    return source_lines(found.index.scores.sources[found.index.spec.name], found.voice)


# ---------------------------------------------------------------- tables


def _table(
    found: Findings, key: str, title: str, frame: pd.DataFrame, columns: Sequence[Column],
    notes: Sequence[str],
) -> Table:  # fmt: skip
    """Make a table whose numbers are all modelled."""
    numbers = frame.select_dtypes("number")
    return Table(
        key, title, frame, tuple(columns),
        pd.DataFrame(int(Quality.MODELLED), index=frame.index, columns=numbers.columns),
        notes=tuple(filter(None, notes)), sources=_sources(found), facts="rows",
    )  # fmt: skip


def _ranks_table(found: Findings) -> Table | None:
    drawn, voice, spec = found.uncertainty, found.voice, found.index.spec
    if drawn is None:
        return None
    names = found.shown["municipality_name"]
    frame = drawn.loc[names.index].drop(columns="ranked_draws")
    frame.insert(0, spec.name, found.index.score.loc[names.index])
    frame.insert(0, "municipality_name", names)
    frame = frame.sort_values("municipality_name")
    words = (
        voice.say("Comune"),
        index_words.label(spec, voice),
        voice.say("Posto in Italia"),
        voice.say("Posto mediano"),
        voice.say("Posto, 5 % delle estrazioni"),
        voice.say("Posto, 95 % delle estrazioni"),
        voice.say("Estrazioni nel decimo più alto"),
        voice.say("Estrazioni nel quarto più alto"),
    )
    units = ("text", found.score_unit, *["count"] * 4, "share", "share")
    columns = [
        Column(*one, optional=one[0] not in ("municipality_name", spec.name))
        for one in zip(frame.columns, words, units, strict=True)
    ]
    columns[2:2] = (*marks_column(found, frame), *small_column(found, frame))
    return _table(
        found, voice.say("posti e intervalli"),
        voice.say("Posti e intervalli"), frame, columns, [_doubts(found)],
    )  # fmt: skip


def _sensitivity_table(found: Findings) -> Table | None:
    split, voice = found.sensitivity, found.voice
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    frame = ordered.drop(columns="mean_rank_change").add_suffix("_share")
    frame.insert(0, "choice", [factor_labels(found)[str(name)] for name in frame.index])
    words = (
        voice.say("Scelta"),
        voice.say("Da sola"),
        voice.say("Da sola: margine ±"),
        voice.say("Con le interazioni"),
        voice.say("Con le interazioni: margine ±"),
    )
    units = ("text", *["share"] * 4)
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    mean = float(split["mean_rank_change"].iloc[0])
    change = Number("index:mean_rank_change", mean, voice.number(mean, 1))
    note = voice.say(
        "Indici di Sobol dello spostamento medio dei posti in Italia ({change}); margini al 95 %.",
        change=change,
    )
    return _table(
        found, voice.say("sensibilità"),
        voice.say("Quali scelte spostano i posti"),
        frame, columns, [note],
    )  # fmt: skip


def _left_out_table(found: Findings) -> Table | None:
    named = part_labels(found)
    without, voice = found.left_out, found.voice
    if without is None:
        return None
    inner = {one.name for one in found.index.spec.components}
    kinds = (voice.say("indicatore"), voice.say("componente"))
    frame = without.sort_values("mean_rank_change", ascending=False, kind="stable")
    frame["largest_change_unit"] = [_unit_name(found, one) for one in frame["largest_change_unit"]]
    frame.insert(0, "part", [named[str(name)] for name in frame.index])
    frame.insert(1, "kind", [kinds[name in inner] for name in frame.index])
    words = (
        voice.say("Senza"),
        voice.say("Che cos'è"),
        voice.say("Spostamento medio, posti"),
        voice.say("Spostamento massimo, posti"),
        voice.say("Dove"),
        voice.say("Correlazione con i posti dichiarati"),
    )
    units = ("text", "text", "count", "count", "text", "ratio")
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    note = voice.say("Tutti i comuni italiani con un punteggio; correlazione di Spearman.")
    return _table(
        found, voice.say("senza un indicatore"),
        voice.say("Senza un indicatore o una componente"),
        frame, columns, [note],
    )  # fmt: skip


def _weights_table(found: Findings) -> Table | None:
    named = part_labels(found)
    weights, voice = found.effective_weights, found.voice
    if weights is None:
        return None
    frame = weights.rename(columns={"correlation_ratio": "correlation_share"})
    frame.insert(0, "part", [named[str(name)] for name in frame.index])
    words = (
        voice.say("Indicatore"),
        voice.say("Peso dichiarato"),
        voice.say("Peso effettivo"),
        voice.say("Rapporto di correlazione"),
    )
    units = ("text", *["share"] * 3)
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    note = voice.say(
        "Peso effettivo: quota della varianza dell'indice che l'indicatore spiega da solo "
        "(rapporto di correlazione), ricondotta a 100."
    )
    return _table(
        found, voice.say("pesi effettivi"),
        voice.say("Pesi dichiarati e pesi effettivi"),
        frame, columns, [note],
    )  # fmt: skip


def _correlations_table(found: Findings) -> Table | None:
    named = part_labels(found)
    names, voice = found.index.spec.names, found.voice
    if len(names) < 2:
        return None
    matrix, _ = correlations(found.index)
    frame = matrix.add_suffix("_ratio")
    frame.insert(0, "part", [named[name] for name in names])
    head = voice.say("Indicatore")
    columns = [
        Column("part", head),
        *(Column(f"{name}_correlation_ratio", named[name], "ratio") for name in names),
    ]
    frame.columns = pd.Index([one.name for one in columns])
    note = voice.say(
        "Correlazioni di Pearson fra i comuni italiani, dopo scala e verso: un valore "
        "negativo è un conflitto fra indicatori."
    )
    return _table(
        found, voice.say("correlazioni"),
        voice.say("Correlazioni fra gli indicatori"),
        frame, columns, [note],
    )  # fmt: skip


def _stages_table(found: Findings) -> Table:
    """Give what each indicator was before and after it came onto the scale of the index."""
    named = part_labels(found)
    voice, names = found.voice, list(found.index.spec.names)
    units = found.shown["municipality_name"]
    units = units.sort_values()
    before = found.index.stages["denominated"].reindex(units.index)
    after = found.index.stages["normalised"].reindex(units.index)
    frame = pd.DataFrame({"municipality_name": units})
    columns = [Column("municipality_name", voice.say("Comune"))]
    fine = np.nanmax(after.to_numpy()) - np.nanmin(after.to_numpy()) < 10 if len(after) else False
    quality = pd.DataFrame(index=frame.index)
    for name in names:
        scaled = f"{name}_scaled_score"
        frame[name], frame[scaled] = before[name], after[name]
        quality[name] = found.index.inputs.quality.loc[units.index, name]
        quality[scaled] = int(Quality.MODELLED)
        part = named[name]
        columns.append(Column(name, part, _unit(found, name)))
        label = voice.say("Sulla scala: {indicator}", indicator=part)
        columns.append(Column(scaled, label, "fine_score" if fine else "score"))
    key, title = voice.say("fasi"), voice.say("Dagli indicatori alla scala dell'indice")
    notes = (index_words.treatment(found.index.treatment, named, voice),)
    return Table(
        key, title, frame, tuple(columns), quality, notes=notes, sources=_sources(found), facts="rows",
    )  # fmt: skip


def profile_table(found: Findings) -> Table | None:
    """Set a single municipality's indicators beside those of its degree of urbanisation."""
    named = part_labels(found)
    voice, index = found.voice, found.index
    if len(found.codes) != 1 or found.codes[0] not in index.stages["normalised"].index:
        return None
    code = found.codes[0]
    degree = found.panel.data["urbanisation_code"]
    alike = degree.index[degree == degree[code]].intersection(index.stages["normalised"].index)
    made = profile(index, code, list(alike))
    if made["value"].isna().all():
        return None
    divided = index.stages["denominated"]
    others = [one for one in alike if one != code]
    frame = made[["value", "peer_median", "above_share", "mark"]].copy()
    frame["value"] = divided.xs(code).reindex(frame.index)
    frame["peer_median"] = divided.loc[others].median().reindex(frame.index)
    frame["mark"] = frame["mark"].map(_marks(found))
    frame.insert(0, "part", [named[str(name)] for name in frame.index])
    frame["variable"] = frame.index
    frame["unit"] = [_unit(found, str(name)) for name in frame.index]
    kind = voice.say(URBANISATION_LABELS[str(degree[code])])
    name = found.area.loc[code, "municipality_name"]
    columns = (
        Column("part", voice.say("Indicatore")), Column("value", name, "by_row"),
        Column("peer_median", voice.say("Mediana: {kind}", kind=kind), "by_row"),
        Column("above_share", voice.say("Comuni che supera"), "share"),
        Column("mark", voice.say("Nell'indice")),
    )  # fmt: skip
    own = index.inputs.quality.loc[code, list(frame.index)].astype(int)
    modelled = np.where(own > Quality.OBSERVED, int(Quality.MODELLED), int(Quality.OBSERVED))
    quality = pd.DataFrame(
        {"value": own, "peer_median": modelled, "above_share": int(Quality.MODELLED)},
        index=frame.index,
    )
    note = voice.say(
        "Fra i {others} comuni italiani dello stesso grado di urbanizzazione ({kind}): la "
        "quota di quelli che il comune supera, cioè in cui l'indicatore alza l'indice meno "
        "che qui. Con 90 %, solo un comune su dieci sta più in alto.",
        others=number("alike:other_municipalities", len(others), voice),
        kind=kind,
    )
    return Table(
        voice.say("profilo"),
        voice.say("{name} fra i comuni simili", name=name),
        frame, columns, quality, notes=(note,), sources=_sources(found),
    )  # fmt: skip


def _unit(found: Findings, name: str) -> str:
    """Return the unit of an indicator; one that was divided by another column has its own."""
    divided = {one.name for one in found.index.spec.indicators if one.denominator}
    return "ratio" if name in divided else unit_of(name)


def _marks(found: Findings) -> dict[str, str]:
    """Return what the top and the bottom quarter are called."""
    words = [found.voice.say(one) for one in _MARKS[index_words.worse(found.index.spec)]]
    return {"high": words[0], "low": words[1], "": ""}


PART = Part("prova", chapter, sheets)
