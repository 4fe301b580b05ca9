"""The index put to the test: what its ranks owe to its choices, in words, pictures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.composite import correlations, profile
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports import chart_rows, index_charts, index_words, tables, trials
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import (
    QUALITY_LABELS,
    URBANISATION_LABELS,
    display,
    elided,
    method_label,
    number,
)
from needs_analysis.reports.model import Block, Chapter, Column, Picture, Sentence, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from needs_analysis.composite import Method

RANKED_MAX, PARTS_MAX = 40, 12  # rows of a picture, where the area has more than fit a page
_SEGMENTS = 8


def chapter(found: Findings) -> Chapter:
    """Say how far the ranks of the area depend on the choices behind the index."""
    title = {"it": "L'indice messo alla prova", "en": "The index put to the test"}[found.lang]
    blocks: list[Block] = [*summary(found)]
    blocks += [one for one in (_ranked(found), _apart(found), _explained(found)) if one]
    if own := profile_table(found):
        blocks.append(own)
    return Chapter("prova", title, tuple(blocks))


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook on the index put to the test."""
    made = (
        _ranks_table(found), _sensitivity_table(found), _left_out_table(found),
        _weights_table(found), _correlations_table(found), _stages_table(found),
        profile_table(found),
    )  # fmt: skip
    return [one for one in made if one is not None]


def first_lines(found: Findings) -> list[str]:
    """Return the sentences of the chapter and the highest five of the area, for a terminal."""
    lang, drawn = found.lang, found.uncertainty
    lines = [f"{one.lead} {one.text}" for one in summary(found)]
    highest = found.index.rank.loc[found.codes].nsmallest(5)
    for code in map(str, highest.index):
        name = found.area.loc[code, "municipality_name"]
        rank, span = number(float(highest[code]), lang), ""
        if drawn is not None:
            low, high = (_printed(drawn.loc[code], one, lang) for one in ("rank_low", "rank_high"))
            span = f" ({low} - {high})"
        score = number(float(found.index.score[code]), lang, _decimals(found))
        lines.append(f"{rank}{span}\t{name}\t{score}")
    return lines


# ---------------------------------------------------------------- sentences


def summary(found: Findings) -> list[Sentence]:
    """Say in sentences how firm the ranks are, which choice moves them most and which indicator."""
    said = [_places(found), _choice(found), _missed(found)]
    return [one for one in said if one is not None]


def _places(found: Findings) -> Sentence:
    lang, drawn = found.lang, found.uncertainty
    lead = {"it": "I posti.", "en": "The ranks."}[lang]
    own = found.index.rank.loc[found.codes].dropna()
    if own.empty:
        text = {
            "it": "Nessun comune del territorio ha un punteggio: non c'è un posto da provare.",
            "en": "No municipality of the area has a score: there is no rank to put to the test.",
        }[lang]
        return Sentence(text, lead)
    if drawn is None:
        return Sentence(_untested(found), lead)
    people = found.area.loc[own.index, "resident_population"]
    units = list(dict.fromkeys([people.idxmax(), own.idxmin()]))
    total = number(found.index.rank.count(), lang)
    texts = [_place(found, drawn, str(unit), total, first=at == 0) for at, unit in enumerate(units)]
    return Sentence(" ".join(texts), lead, _doubts(found))


def _printed(row: Any, name: str, lang: str) -> str:
    return number(float(row[name]), lang)


def _place(found: Findings, drawn: pd.DataFrame, unit: str, total: str, *, first: bool) -> str:
    lang = found.lang
    row: Any = drawn.loc[unit]
    name = found.area.loc[unit, "municipality_name"]
    rank, low, high = (_printed(row, one, lang) for one in ("rank", "rank_low", "rank_high"))
    how = {
        "it": "cambiando pesi, scala, media e indicatori il posto" if first else "il suo posto",
        "en": "with other weights, scale, mean and indicators its rank" if first else "its rank",
    }[lang]
    times = _times(float(row["top_tenth_share"]), lang)
    if low == high:
        span = {"it": f"resta {low}", "en": f"stays {low}"}[lang]
    else:
        span = {
            "it": f"sta fra {low} e {high} in nove estrazioni su dieci",
            "en": f"lies between {low} and {high} in nine draws out of ten",
        }[lang]
    text = {
        "it": f"{name} è al posto {rank} su {total}; {how} {span}, e {times} nel decimo dei comuni con "
        "il punteggio più alto.",
        "en": f"{name} ranks {rank} of {total}; {how} {span}, and it is {times} in the tenth of "
        "municipalities with the highest score.",
    }[lang]
    return elided(text)


def _times(share: float, lang: str) -> str:
    """Say in how many draws; a few are not none, and nearly all are not all."""
    percent = 100 * share
    words = {
        "it": ("non è mai", "in meno dell'1 % delle estrazioni è",
               f"nel {number(percent, 'it')} % delle estrazioni è",
               "in più del 99 % delle estrazioni è", "in tutte le estrazioni è"),
        "en": ("never", "in less than 1 % of the draws",
               f"in {number(percent, 'en')} % of the draws",
               "in more than 99 % of the draws", "in every draw"),
    }[lang]  # fmt: skip
    if percent in (0, 100):
        return words[0 if percent == 0 else 4]
    return words[1 if percent < 1 else 3 if percent > 99 else 2]


def _untested(found: Findings) -> str:
    if trials.choices(found.index) is None:
        return {
            "it": "Quanto i posti dipendano dalle scelte non è calcolato: con il metodo dichiarato per "
            "unire gli indicatori migliaia di prove durerebbero ore.",
            "en": "How far the ranks depend on the choices is not computed: with the declared way of "
            "putting indicators together thousands of trials would take hours.",
        }[found.lang]
    return {
        "it": "Quanto i posti dipendano dalle scelte non si può calcolare su questo indice: le altre "
        "scale e medie non si applicano ai suoi dati.",
        "en": "How far the ranks depend on the choices cannot be computed for this index: the other "
        "scales and means do not apply to its figures.",
    }[found.lang]


def _doubts(found: Findings) -> str:
    """Say what is drawn."""
    lang, open_choices = found.lang, trials.choices(found.index)
    if open_choices is None:
        return ""
    scales = _listed("normalise", open_choices.normalise, lang)
    means = _listed("aggregate", open_choices.aggregate, lang)
    draws = number(trials.DRAWS, lang)
    left = {
        "it": " La scala dell'indice ha valori negativi o nulli e non entra nelle estrazioni.",
        "en": " The scale of the index has values of zero or below and is not drawn.",
    }[lang]
    said = {
        "it": f"{draws} estrazioni: ogni peso fino al 25 % in più o in meno, una delle scale "
        f"({scales}), una delle medie ({means}), un indicatore in meno o nessuno. Il posto 1 è il "
        "punteggio più alto.",
        "en": f"{draws} draws: every weight up to 25 % more or less, one of the scales ({scales}), one "
        f"of the means ({means}), one indicator less or none. Rank 1 is the highest score.",
    }[lang]
    drawn = any(found.index.spec.normalise.name == one.name for one in open_choices.normalise)
    return said if drawn else said + left


def _listed(stage: str, methods: Sequence[Method], lang: str) -> str:
    return ", ".join(dict.fromkeys(method_label(stage, one.name, lang) for one in methods))


def _choice(found: Findings) -> Sentence | None:
    """Say which choice explains most of the change of ranks."""
    lang, split = found.lang, found.sensitivity
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    labels = factor_labels(found)
    first, second = ordered.iloc[0], ordered.iloc[1]
    change = number(first["mean_rank_change"], lang)
    lead = {"it": "Le scelte.", "en": "The choices."}[lang]
    text = {
        "it": f"In media una prova sposta un comune italiano di {change} posti. Conta di più la scelta "
        f"«{labels[str(first.name)]}», che spiega {_sobol(first, lang)} delle differenze fra una "
        f"prova e l'altra; poi «{labels[str(second.name)]}», con {_sobol(second, lang)}. Le due "
        "quote contano anche gli effetti che una scelta ha insieme alle altre: non si sommano.",
        "en": f"On average a trial moves an Italian municipality by {change} places. The choice that "
        f"matters most is “{labels[str(first.name)]}”, which explains {_sobol(first, lang)} of the "
        f"differences between trials; then “{labels[str(second.name)]}”, with {_sobol(second, lang)}. "
        "Both shares count what a choice does together with others: they are not to be added.",
    }[lang]
    return Sentence(elided(text), lead)


def _sobol(row: pd.Series, lang: str) -> str:
    value, margin = (number(100 * row[one], lang) for one in ("total_order", "total_order_margin"))
    return f"{'il ' if lang == 'it' else ''}{value} % (± {margin})"


def _missed(found: Findings) -> Sentence | None:
    """Say which indicator moves the ranks most when it is left out."""
    lang, without = found.lang, found.left_out
    if without is None:
        return None
    own = without.loc[[name for name in found.index.spec.names if name in without.index]]
    most = str(own["mean_rank_change"].idxmax())
    row = own.loc[most]
    mean, largest = (_printed(row, f"{one}_rank_change", lang) for one in ("mean", "largest"))
    unit = _unit_name(found, row["largest_change_unit"])
    lead = {"it": "Gli indicatori.", "en": "The indicators."}[lang]
    text = {
        "it": f"Quello che sposta di più i posti, se lo si toglie, è «{found.parts[most]}»: {mean} "
        f"posti in media in Italia, al massimo {largest} ({unit}).",
        "en": f"The one that moves the ranks most when it is left out is “{found.parts[most]}”: "
        f"{mean} places on average in Italy, {largest} at most ({unit}).",
    }[lang]
    return Sentence(text, lead)


def _unit_name(found: Findings, code: object) -> str:
    from needs_analysis.territory import municipalities

    return str(municipalities(found.day).loc[str(code), "municipality_name"])


def factor_labels(found: Findings) -> dict[str, str]:
    """Return the printed name of each choice that is left open."""
    words = {
        "it": {"normalise": "scala degli indicatori", "aggregate": "tipo di media",
               "drop": "quale indicatore si toglie"},
        "en": {"normalise": "scale of the indicators", "aggregate": "kind of mean",
               "drop": "which indicator is left out"},
    }[found.lang]  # fmt: skip
    weight = {"it": "peso: {}", "en": "weight: {}"}[found.lang]
    return words | {f"weight of {name}": weight.format(one) for name, one in found.parts.items()}


# ---------------------------------------------------------------- pictures


def _rows(found: Findings, most: int) -> tuple[pd.Index, str]:
    """Return the units of a picture, and which they are where the area has more."""
    lang = found.lang
    shown = tables.neighbours(found) if len(found.codes) == 1 else found.area
    scores = found.index.score.loc[shown.index]
    if len(shown) <= most:
        words = {"it": "Il comune e quelli della provincia che confinano con esso.",
                 "en": "The municipality and those of its province that touch it."}  # fmt: skip
        return scores.index, words[lang] if len(found.codes) == 1 and len(shown) > 1 else ""
    chosen = scores.nlargest(most)
    words = {"it": f"Dei {number(len(shown), 'it')} comuni, i {len(chosen)} con il punteggio più alto.",
             "en": f"Of the {number(len(shown), 'en')} municipalities, the {len(chosen)} with the "
             "highest score."}  # fmt: skip
    return chosen.index, words[lang]


def _ranked(found: Findings) -> Picture | None:
    drawn, lang = found.uncertainty, found.lang
    fits = chart_rows.UNITS_MAX
    codes, which = _rows(found, fits if len(found.area) <= fits else RANKED_MAX)
    if drawn is None or found.index.score.loc[codes].isna().all():
        return None
    own = drawn.loc[codes]
    svg = index_charts.ranked_scores(
        found.index.score.loc[codes], names=found.shown["municipality_name"].loc[codes],
        ranks=own["rank"], low=own["rank_low"], high=own["rank_high"],
        total=int(found.index.rank.count()), lang=lang, highlight=_highlight(found),
        decimals=_decimals(found),
    )  # fmt: skip
    spans = own["rank_high"] - own["rank_low"]
    name = found.shown.loc[str(spans.idxmax()), "municipality_name"]
    span = number(float(spans.max()), lang)
    title = {"it": "Posti e intervalli", "en": "Ranks and intervals"}[lang]
    alternative = {
        "it": f"Il posto di ogni comune e l'intervallo che contiene nove estrazioni su dieci; il più "
        f"largo è di {name}, {span} posti.",
        "en": f"The rank of each municipality and the interval that holds nine draws out of ten; the "
        f"widest is that of {name}, {span} places.",
    }[lang]
    reading = {
        "it": "Il punto è il posto con l'indice come è dichiarato; dove le barre di due comuni si "
        "sovrappongono, può non essere certo chi sta davanti.",
        "en": "The dot is the rank under the index as declared; where the bars of two municipalities "
        "overlap, it may not be certain which is ahead.",
    }[lang]
    return _picture(found, "posti", title, svg, alternative, [which, reading])


def _apart(found: Findings) -> Picture | None:
    """Draw by how many points each part sets a municipality apart from the mean of Italy's."""
    lang, points = found.lang, found.index.component_contributions()
    codes, which = _rows(found, PARTS_MAX)
    own = (points - points.mean()).loc[codes]
    if points.empty or len(points.columns) < 2 or own.isna().all(axis=None):
        return None
    labels = {str(part): found.parts[str(part)] for part in own}
    if len(labels) > _SEGMENTS:
        kept = list(own.abs().mean().nlargest(_SEGMENTS - 1).index)
        rest = {"it": "altri indicatori", "en": "other indicators"}[lang]
        own = own[kept].assign(others=own.drop(columns=kept).sum(axis=1, skipna=False))
        labels = {str(part): labels.get(str(part), rest) for part in own}
    total = own.sum(axis=1, skipna=False)
    words = {
        "it": ("Che cosa lo alza e che cosa lo abbassa", "in tutto"),
        "en": ("What raises it and what lowers it", "in all"),
    }[lang]
    svg = index_charts.contribution_bars(
        own, names=found.shown["municipality_name"].loc[codes], labels=labels, total=total,
        lang=lang, highlight=_highlight(found), mark=words[1], decimals=_decimals(found),
    )  # fmt: skip
    highest = str(total.idxmax())
    most = str(own.loc[highest].astype(float).idxmax())
    name = found.shown.loc[highest, "municipality_name"]
    alternative = {
        "it": f"Punti in più o in meno della media dei comuni italiani, per parte dell'indice; a "
        f"{name} pesa di più «{labels[most]}».",
        "en": f"Points above or below the mean of Italy's municipalities, by part of the index; in "
        f"{name} “{labels[most]}” weighs most.",
    }[lang]
    reading = {
        "it": "Punti in più (a destra) o in meno (a sinistra) rispetto alla media dei comuni italiani "
        "con un punteggio; il rombo è la loro somma.",
        "en": "Points above (right) or below (left) the mean of Italy's municipalities with a score; "
        "the diamond is their sum.",
    }[lang]
    return _picture(found, "parti", words[0], svg, alternative, [which, reading])


def _explained(found: Findings) -> Picture | None:
    lang, split = found.lang, found.sensitivity
    if split is None:
        return None
    labels = factor_labels(found)
    most = split.nlargest(10, "total_order")
    svg = index_charts.sensitivity_bars(
        most, labels={name: labels[str(name)] for name in most.index}, lang=lang
    )
    title = {"it": "Quali scelte spostano i posti", "en": "Which choices move the ranks"}[lang]
    said = "; ".join(
        f"{labels[str(name)]} {_sobol(row, lang)}" for name, row in most[:3].iterrows()
    )
    alternative = {"it": f"Le prime: {said}.", "en": f"The first: {said}."}[lang]
    notes = [
        {
            "it": "Quota dello spostamento medio dei posti di tutti i comuni italiani che ogni scelta "
            "spiega, da sola e insieme alle altre; valori minori del proprio margine sono rumore. "
            "Le quote «con le interazioni» non sommano a 100.",
            "en": "Share of the mean change of rank of all Italian municipalities that each choice "
            "explains, alone and together with others; values below their margin are noise. Shares "
            "“with interactions” do not add up to 100.",
        }[lang]
    ]
    if len(split) > len(most):
        notes.append(
            {"it": "Le prime dieci scelte; le altre sono nelle tabelle Excel.",
             "en": "The first ten choices; the others are in the Excel tables."}[lang]
        )  # fmt: skip
    return _picture(found, "scelte", title, svg, alternative, notes)


def _picture(
    found: Findings, key: str, title: str, svg: str, alternative: str, notes: Sequence[str]
) -> Picture:
    return Picture(
        key, title, svg, alternative, notes=(*filter(None, notes), _modelled(found.lang)),
        sources=_sources(found),
    )  # fmt: skip


def _highlight(found: Findings) -> str | None:
    return found.codes[0] if len(found.codes) == 1 else None


def _decimals(found: Findings) -> int:
    return display(found.index.spec.name, found.score_unit).decimals


def _modelled(lang: str) -> str:
    word = QUALITY_LABELS[Quality.MODELLED][lang]
    return {"it": f"Qualità: {word} con un modello.", "en": f"Quality: {word}."}[lang]


def _sources(found: Findings) -> tuple[str, ...]:
    return tables.source_lines(found.index.scores.sources[found.index.spec.name])


# ---------------------------------------------------------------- tables


def _table(
    found: Findings, keys: Mapping[str, str], titles: Mapping[str, str], frame: pd.DataFrame,
    columns: Sequence[Column], notes: Sequence[str],
) -> Table:  # fmt: skip
    """Make a table whose numbers are all modelled."""
    numbers = frame.select_dtypes("number")
    return Table(
        keys[found.lang], titles[found.lang], frame, tuple(columns),
        pd.DataFrame(int(Quality.MODELLED), index=frame.index, columns=numbers.columns),
        notes=tuple(filter(None, notes)), sources=_sources(found),
    )  # fmt: skip


def _ranks_table(found: Findings) -> Table | None:
    drawn, lang, spec = found.uncertainty, found.lang, found.index.spec
    if drawn is None:
        return None
    names = found.shown["municipality_name"]
    frame = drawn.loc[names.index].drop(columns="ranked_draws")
    frame.insert(0, "score", found.index.score.loc[names.index])
    frame.insert(0, "municipality_name", names)
    frame = frame.sort_values(["rank", "municipality_name"], na_position="last")
    words = {
        "it": ("Comune", index_words.label(spec, lang), "Posto in Italia", "Posto mediano",
               "Posto, 5 % delle estrazioni", "Posto, 95 % delle estrazioni",
               "Estrazioni nel decimo più alto", "Estrazioni nel quarto più alto"),
        "en": ("Municipality", index_words.label(spec, lang), "Rank in Italy", "Median rank",
               "Rank, 5 % of the draws", "Rank, 95 % of the draws",
               "Draws in the highest tenth", "Draws in the highest quarter"),
    }[lang]  # fmt: skip
    units = ("text", found.score_unit, *["count"] * 4, "share", "share")
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    return _table(
        found, {"it": "posti e intervalli", "en": "ranks and intervals"},
        {"it": "Posti e intervalli", "en": "Ranks and intervals"}, frame, columns, [_doubts(found)],
    )  # fmt: skip


def _sensitivity_table(found: Findings) -> Table | None:
    split, lang = found.sensitivity, found.lang
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    frame = ordered.drop(columns="mean_rank_change").add_suffix("_share")
    frame.insert(0, "choice", [factor_labels(found)[str(name)] for name in frame.index])
    words = {
        "it": ("Scelta", "Da sola", "Da sola: margine ±", "Con le interazioni",
               "Con le interazioni: margine ±"),
        "en": ("Choice", "Alone", "Alone: margin ±", "With interactions",
               "With interactions: margin ±"),
    }[lang]  # fmt: skip
    units = ("text", *["share"] * 4)
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    change = number(split["mean_rank_change"].iloc[0], lang, 1)
    note = {
        "it": f"Indici di Sobol dello spostamento medio dei posti in Italia ({change}); margini al "
        "95 %.",
        "en": f"Sobol indices of the mean change of rank in Italy ({change}), 95 % margins.",
    }[lang]
    return _table(
        found, {"it": "sensibilità", "en": "sensitivity"},
        {"it": "Quali scelte spostano i posti", "en": "Which choices move the ranks"},
        frame, columns, [note],
    )  # fmt: skip


def _left_out_table(found: Findings) -> Table | None:
    without, lang = found.left_out, found.lang
    if without is None:
        return None
    inner = {one.name for one in found.index.spec.components}
    kinds = {"it": ("indicatore", "componente"), "en": ("indicator", "component")}[lang]
    frame = without.sort_values("mean_rank_change", ascending=False, kind="stable")
    frame["largest_change_unit"] = [_unit_name(found, one) for one in frame["largest_change_unit"]]
    frame.insert(0, "part", [found.parts[str(name)] for name in frame.index])
    frame.insert(1, "kind", [kinds[name in inner] for name in frame.index])
    words = {
        "it": ("Senza", "Che cos'è", "Spostamento medio, posti", "Spostamento massimo, posti",
               "Dove", "Correlazione con i posti dichiarati"),
        "en": ("Without", "What it is", "Mean change, places", "Largest change, places", "Where",
               "Correlation with the declared ranks"),
    }[lang]  # fmt: skip
    units = ("text", "text", "count", "count", "text", "ratio")
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    note = {
        "it": "Tutti i comuni italiani con un punteggio; correlazione di Spearman.",
        "en": "All Italian municipalities with a score; Spearman's correlation.",
    }[lang]
    return _table(
        found, {"it": "senza un indicatore", "en": "without an indicator"},
        {"it": "Senza un indicatore o una componente", "en": "Without an indicator or a component"},
        frame, columns, [note],
    )  # fmt: skip


def _weights_table(found: Findings) -> Table | None:
    weights, lang = found.effective_weights, found.lang
    if weights is None:
        return None
    frame = weights.rename(columns={"correlation_ratio": "correlation_share"})
    frame.insert(0, "part", [found.parts[str(name)] for name in frame.index])
    words = {
        "it": ("Indicatore", "Peso dichiarato", "Peso effettivo", "Rapporto di correlazione"),
        "en": ("Indicator", "Declared weight", "Effective weight", "Correlation ratio"),
    }[lang]
    units = ("text", *["share"] * 3)
    columns = [Column(*one) for one in zip(frame.columns, words, units, strict=True)]
    note = {
        "it": "Peso effettivo: quota della varianza dell'indice che l'indicatore spiega da solo "
        "(rapporto di correlazione), ricondotta a 100.",
        "en": "Effective weight: the share of the variance of the index that the indicator explains "
        "alone (correlation ratio), brought to 100.",
    }[lang]
    return _table(
        found, {"it": "pesi effettivi", "en": "effective weights"},
        {"it": "Pesi dichiarati e pesi effettivi", "en": "Declared and effective weights"},
        frame, columns, [note],
    )  # fmt: skip


def _correlations_table(found: Findings) -> Table | None:
    names, lang = found.index.spec.names, found.lang
    if len(names) < 2:
        return None
    matrix, _ = correlations(found.index)
    frame = matrix.add_suffix("_ratio")
    frame.insert(0, "part", [found.parts[name] for name in names])
    head = {"it": "Indicatore", "en": "Indicator"}[lang]
    columns = [
        Column("part", head),
        *(Column(f"{name}_correlation_ratio", found.parts[name], "ratio") for name in names),
    ]
    frame.columns = pd.Index([one.name for one in columns])
    note = {
        "it": "Correlazioni di Pearson fra i comuni italiani, dopo scala e verso: un valore negativo è "
        "un conflitto fra indicatori.",
        "en": "Pearson's correlations between Italian municipalities, after scale and polarity: a "
        "negative one is a conflict between indicators.",
    }[lang]
    return _table(
        found, {"it": "correlazioni", "en": "correlations"},
        {"it": "Correlazioni fra gli indicatori", "en": "Correlations between the indicators"},
        frame, columns, [note],
    )  # fmt: skip


def _stages_table(found: Findings) -> Table:
    """Give what each indicator was before and after it came onto the scale of the index."""
    lang, names = found.lang, list(found.index.spec.names)
    units = found.shown["municipality_name"]
    units = units.sort_values()
    before = found.index.stages["denominated"].reindex(units.index)
    after = found.index.stages["normalised"].reindex(units.index)
    frame = pd.DataFrame({"municipality_name": units})
    columns = [Column("municipality_name", {"it": "Comune", "en": "Municipality"}[lang])]
    words = {"it": "Sulla scala: {}", "en": "On the scale: {}"}[lang]
    fine = np.nanmax(after.to_numpy()) - np.nanmin(after.to_numpy()) < 10 if len(after) else False
    quality = pd.DataFrame(index=frame.index)
    for name in names:
        scaled = f"{name}_scaled_score"
        frame[name], frame[scaled] = before[name], after[name]
        quality[name] = found.index.inputs.quality.loc[units.index, name]
        quality[scaled] = int(Quality.MODELLED)
        columns.append(Column(name, found.parts[name], _unit(found, name)))
        columns.append(
            Column(scaled, words.format(found.parts[name]), "fine_score" if fine else "score")
        )
    key = {"it": "fasi", "en": "stages"}[lang]
    title = {"it": "Dagli indicatori alla scala dell'indice", "en": "From indicators to the scale"}
    notes = (index_words.treatment(found.index.treatment, found.parts, lang),)
    return Table(
        key, title[lang], frame, tuple(columns), quality, notes=notes, sources=_sources(found),
    )  # fmt: skip


def profile_table(found: Findings) -> Table | None:
    """Set a single municipality's indicators beside those of its degree of urbanisation."""
    lang, index = found.lang, found.index
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
    frame.insert(0, "part", [found.parts[str(name)] for name in frame.index])
    frame["variable"] = frame.index
    frame["unit"] = [_unit(found, str(name)) for name in frame.index]
    kind = URBANISATION_LABELS[lang][str(degree[code])]
    name = found.area.loc[code, "municipality_name"]
    words = {
        "it": ("Indicatore", name, f"Mediana: {kind}", "Comuni che supera", "Nell'indice"),
        "en": ("Indicator", name, f"Median: {kind}", "Municipalities below it", "In the index"),
    }[lang]
    columns = (
        Column("part", words[0]), Column("value", words[1], "by_row"),
        Column("peer_median", words[2], "by_row"), Column("above_share", words[3], "share"),
        Column("mark", words[4]),
    )  # fmt: skip
    own = index.inputs.quality.loc[code, list(frame.index)].astype(int)
    modelled = np.where(own > Quality.OBSERVED, int(Quality.MODELLED), int(Quality.OBSERVED))
    quality = pd.DataFrame(
        {"value": own, "peer_median": modelled, "above_share": int(Quality.MODELLED)},
        index=frame.index,
    )
    note = {
        "it": f"Fra i {number(len(others), lang)} comuni italiani dello stesso grado di "
        f"urbanizzazione ({kind}): la quota di quelli che il comune supera, cioè in cui l'indicatore "
        "alza l'indice meno che qui. Con 90 %, solo un comune su dieci sta più in alto.",
        "en": f"Among the {number(len(others), lang)} Italian municipalities of the same degree of "
        f"urbanisation ({kind}): the share of those below it, where the indicator raises the index "
        "less than here. With 90 %, only one municipality in ten stands higher.",
    }[lang]
    return Table(
        {"it": "profilo", "en": "profile"}[lang],
        {"it": f"{name} fra i comuni simili", "en": f"{name} among municipalities alike"}[lang],
        frame, columns, quality, notes=(note,), sources=_sources(found),
    )  # fmt: skip


def _unit(found: Findings, name: str) -> str:
    """Return the unit of an indicator; one that was divided by another column has its own."""
    divided = {one.name for one in found.index.spec.indicators if one.denominator}
    return "ratio" if name in divided else unit_of(name)


def _marks(found: Findings) -> dict[str, str]:
    """Return what the top and the bottom quarter are called."""
    words = {
        1: {"it": ("punto debole", "punto di forza"), "en": ("weakness", "strength")},
        -1: {"it": ("punto di forza", "punto debole"), "en": ("strength", "weakness")},
        0: {"it": ("alza il punteggio", "abbassa il punteggio"),
            "en": ("raises the score", "lowers the score")},
    }[index_words.worse(found.index.spec)][found.lang]  # fmt: skip
    return {"high": words[0], "low": words[1], "": ""}
