"""How firm the ranks of the index are, over the choices of which others could have been made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.building import Head, modelled, source_lines, table
from needs_analysis.reports.chapters.by_municipality import (
    marks_column,
    neighbours,
    rows,
    small_column,
    small_rule,
)
from needs_analysis.reports.charts import index as index_charts
from needs_analysis.reports.charts import rows as chart_rows
from needs_analysis.reports.findings import Findings, trials
from needs_analysis.reports.language import QUALITY_LABELS, display, method_label
from needs_analysis.reports.model import Column, Number, Picture, Sentence, Table, number, plain
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from needs_analysis.composite import Method

RANKED_MAX = 40  # rows of a picture, where the area has more than fit a page
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
_NO_RANK = (
    N_("Nessun comune del territorio ha un punteggio: non c'è un posto da provare."),
    N_("I comuni del territorio sono segnati e non prendono posto: non c'è un posto da provare."),
)


# ---------------------------------------------------------------- what every trial says


def in_lists(found: Findings, codes: Iterable[str]) -> pd.Series:
    """Return the ranks of the municipalities that a list may hold, or that were asked for alone."""
    asked = found.codes if len(found.codes) == 1 else []
    kept = [code for code in codes if code in {*found.listed, *asked}]
    return found.rank.loc[kept].dropna()


def score(found: Findings, code: str) -> str:
    """Print the score of a municipality."""
    name = found.declared_index.spec.name
    return number(
        f"{code}:{name}", float(found.declared_index.score[code]), found.voice, found.score_unit
    )


def ranked_count(found: Findings) -> str:
    """Print how many of Italy's municipalities take a rank."""
    return number("italy:ranked_municipalities", found.rank.count(), found.voice)


def score_decimals(found: Findings) -> int:
    """Return with how many decimals scores are printed."""
    return display(found.declared_index.spec.name, found.score_unit).decimals


def asked_alone(found: Findings) -> str | None:
    """Return the municipality that was asked for, where it is one."""
    return found.codes[0] if len(found.codes) == 1 else None


def index_sources(found: Findings) -> tuple[str, ...]:
    """Return the ids of the sources behind the scores."""
    return found.declared_index.scores.sources[found.declared_index.spec.name]


def trial_picture(
    found: Findings, key: str, title: str, svg: str, alternative: str, notes: Sequence[str],
    drawn: Sequence[str],
) -> Picture:  # fmt: skip
    """Make a picture that says what the index is compared with and that it is a model's."""
    compared = index_words.titled(title, found.declared_index, found.voice)
    return Picture(
        key, compared, svg, alternative, notes=(*filter(None, notes), _modelled(found.voice)),
        sources=source_lines(index_sources(found), found.voice), drawn=tuple(drawn),
    )  # fmt: skip


def trial_table(
    found: Findings, key: str, title: str, frame: pd.DataFrame, heads: Iterable[Head], note: str
) -> Table:
    """Make a table whose numbers are all modelled."""
    return table(
        found.voice, key, title, frame, heads, modelled(frame), notes=(note,),
        sources=index_sources(found),
    )  # fmt: skip


def _modelled(voice: Voice) -> str:
    word = voice.say(QUALITY_LABELS[Quality.MODELLED])
    return voice.say("Qualità: {word} con un modello.", word=word)


# ---------------------------------------------------------------- ranks


def places(found: Findings) -> Sentence:
    """Say how far the first places of the area move over the draws."""
    voice, drawn = found.voice, found.uncertainty
    lead = voice.say("I posti.")
    own = found.rank.loc[found.codes].dropna()
    if own.empty:
        words = _NO_RANK[bool(found.declared_index.score.loc[found.codes].notna().any())]
        return Sentence(voice.say(words), lead)
    if drawn is None:
        return Sentence(_untested(found), lead)
    people = found.area.loc[own.index, "resident_population"]
    listed = in_lists(found, own.index)
    units = list(dict.fromkeys([people.idxmax(), *listed.nsmallest(1).index]))
    total = ranked_count(found)
    texts = [_place(found, drawn, str(unit), total, first=at == 0) for at, unit in enumerate(units)]
    return Sentence(" ".join(texts), lead, doubts(found))


def _place(found: Findings, drawn: pd.DataFrame, unit: str, total: str, *, first: bool) -> str:
    voice = found.voice
    row: Any = drawn.loc[unit]
    names = ("rank", "rank_low", "rank_high")
    rank, low, high = (number(f"{unit}:{one}", row[one], voice) for one in names)
    text = voice.say(
        "{name} è al posto {rank} su {total}; {span}, e {times}.",
        name=found.area.loc[unit, "municipality_name"],
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
    if trials.choices(found.declared_index) is None:
        return found.voice.say(
            "Quanto i posti dipendano dalle scelte non è calcolato: con il metodo dichiarato per "
            "unire gli indicatori migliaia di prove durerebbero ore."
        )
    return found.voice.say(
        "Quanto i posti dipendano dalle scelte non si può calcolare su questo indice: le "
        "altre scale e medie non si applicano ai suoi dati."
    )


def doubts(found: Findings) -> str:
    """Say what is drawn."""
    voice, open_choices = found.voice, trials.choices(found.declared_index)
    if open_choices is None:
        return ""
    said = voice.say(
        "{draws} estrazioni: ogni peso fino al 25 % in più o in meno, una delle scale "
        "({scales}), una delle medie ({means}), un indicatore in meno o nessuno. Il posto 1 "
        "è il punteggio più alto.",
        draws=number("index:draws", trials.DRAWS, voice),
        scales=_listed("normalise", open_choices.normalise, voice),
        means=_listed("aggregate", open_choices.aggregate, voice),
    )
    drawn = any(
        found.declared_index.spec.normalise.name == one.name for one in open_choices.normalise
    )
    if drawn:
        return said
    left = voice.say(
        "La scala dell'indice ha valori negativi o nulli e non entra nelle estrazioni."
    )
    return f"{said} {left}"


def _listed(stage: str, methods: Sequence[Method], voice: Voice) -> str:
    return ", ".join(dict.fromkeys(method_label(stage, one.name, voice) for one in methods))


def drawn_rows(found: Findings, most: int) -> tuple[pd.Index, str]:
    """Return the units of a picture, and which they are where the area has more."""
    voice = found.voice
    shown = neighbours(found) if len(found.codes) == 1 else found.area
    # A list by score holds no marked or small municipality but the one that was asked for.
    asked = found.codes if len(found.codes) == 1 else []
    scores = found.declared_index.score.loc[shown.index[shown.index.isin([*found.listed, *asked])]]
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


def ranked(found: Findings) -> Picture | None:
    """Draw the rank of each municipality on the interval that the choices leave it."""
    drawn, voice = found.uncertainty, found.voice
    fits = chart_rows.UNITS_MAX
    codes, which = drawn_rows(found, fits if len(found.area) <= fits else RANKED_MAX)
    if drawn is None or found.rank.loc[codes].isna().all():
        return None
    own = drawn.loc[codes]
    svg = index_charts.ranked_scores(
        found.declared_index.score.loc[codes], names=found.shown["municipality_name"].loc[codes],
        ranks=own["rank"], low=own["rank_low"], high=own["rank_high"],
        total=int(found.rank.count()), voice=voice, highlight=asked_alone(found),
        decimals=score_decimals(found),
    )  # fmt: skip
    spans = own["rank_high"] - own["rank_low"]
    name = found.shown.loc[str(spans.idxmax()), "municipality_name"]
    title = voice.say("Posti e intervalli")
    alternative = voice.say(
        "Il posto di ogni comune e l'intervallo che contiene nove estrazioni su dieci; il "
        "più largo è di {name}, {span} posti.",
        name=name,
        span=number(f"{spans.idxmax()}:rank_span", float(spans.max()), voice),
    )
    reading = voice.say(
        "Il punto è il posto con l'indice come è dichiarato; dove le barre di due comuni si "
        "sovrappongono, può non essere certo chi sta davanti."
    )
    figures = [score(found, str(code)) for code in codes]
    figures += [
        number(f"{code}:{name}", float(value), voice)
        for code, row in own[["rank", "rank_low", "rank_high"]].iterrows()
        for name, value in row.items()
    ]
    figures.append(ranked_count(found))
    return trial_picture(found, "posti", title, svg, alternative, [which, reading], figures)


def ranks_table(found: Findings) -> Table | None:
    """Give the ranks of the municipalities shown over the draws."""
    drawn, voice, spec = found.uncertainty, found.voice, found.declared_index.spec
    if drawn is None:
        return None
    frame, heads = rows(found, "municipality_name")
    frame[spec.name] = found.declared_index.score.loc[frame.index]
    own = drawn.loc[frame.index].drop(columns="ranked_draws")
    frame = pd.concat([frame, own], axis=1)
    words = (
        N_("Posto in Italia"),
        N_("Posto mediano"),
        N_("Posto, 5 % delle estrazioni"),
        N_("Posto, 95 % delle estrazioni"),
        N_("Estrazioni nel decimo più alto"),
        N_("Estrazioni nel quarto più alto"),
    )
    units = (*["count"] * 4, "share", "share")
    heads += [
        Column(spec.name, index_words.label(spec, voice), found.score_unit),
        *marks_column(found, frame),
        *small_column(found, frame),
        *(
            Column(str(name), voice.say(label), unit, optional=True)
            for name, label, unit in zip(own, words, units, strict=True)
        ),
    ]
    key, title = voice.say("posti e intervalli"), voice.say("Posti e intervalli")
    return trial_table(found, key, title, frame, heads, doubts(found))
