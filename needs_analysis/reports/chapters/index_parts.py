"""What the parts and the choices of the index do to it: weights, what moves ranks, what sets apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.composite import correlations, profile
from needs_analysis.figures import Quality
from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters import index_words
from needs_analysis.reports.chapters.building import Head, in_order, table
from needs_analysis.reports.chapters.by_municipality import rows
from needs_analysis.reports.chapters.index_ranks import (
    asked_alone,
    drawn_rows,
    index_sources,
    score_decimals,
    trial_picture,
    trial_table,
)
from needs_analysis.reports.chapters.labels import part_labels
from needs_analysis.reports.charts import index as index_charts
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import URBANISATION_LABELS
from needs_analysis.reports.model import Column, Number, Picture, Sentence, Table, number
from needs_analysis.territory import municipalities
from needs_analysis.words import N_, Voice

PARTS_MAX = 12  # rows of a picture, where the area has more than fit a page
_SEGMENTS = 8
# What the top and the bottom quarter are called, by what a high score means.
_MARKS = {
    1: (N_("punto debole"), N_("punto di forza")),
    -1: (N_("punto di forza"), N_("punto debole")),
    0: (N_("alza il punteggio"), N_("abbassa il punteggio")),
}


# ---------------------------------------------------------------- which choice, which indicator


def choice(found: Findings) -> Sentence | None:
    """Say which choice explains most of the change of ranks."""
    voice, split = found.voice, found.sensitivity
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    labels = factor_labels(found)
    first, second = ordered.iloc[0], ordered.iloc[1]
    text = voice.say(
        "In media una prova sposta un comune italiano di {change} posti. Conta di più la "
        "scelta «{first}», che spiega {first_share} delle differenze fra una prova e l'altra; poi "
        "«{second}», con {second_share}. Le due quote contano anche gli effetti che una scelta "
        "ha insieme alle altre: non si sommano.",
        change=number("index:mean_rank_change", first["mean_rank_change"], voice),
        first=labels[str(first.name)],
        first_share=_sobol(first, voice),
        second=labels[str(second.name)],
        second_share=_sobol(second, voice),
    )
    return Sentence(voice.elided(text), voice.say("Le scelte."))


def _sobol(row: pd.Series, voice: Voice) -> str:
    share, margin = (
        Number(f"{row.name}:{one}_share", row[one], voice.number(100 * row[one]), "share")
        for one in ("total_order", "total_order_margin")
    )
    return voice.say("il {share} % (± {margin})", share=share, margin=margin)


def missed(found: Findings) -> Sentence | None:
    """Say which indicator moves the ranks most when it is left out."""
    voice, without = found.voice, found.left_out
    if without is None:
        return None
    own = without.loc[[name for name in found.declared_index.spec.names if name in without.index]]
    most = str(own["mean_rank_change"].idxmax())
    row: Any = own.loc[most]
    mean, largest = (
        number(f"{most}:{one}_rank_change", row[f"{one}_rank_change"], voice)
        for one in ("mean", "largest")
    )
    text = voice.say(
        "Quello che sposta di più i posti, se lo si toglie, è «{indicator}»: {mean} posti "
        "in media in Italia, al massimo {largest}.",
        indicator=part_labels(found)[most],
        mean=mean,
        largest=largest,
    )
    return Sentence(text, voice.say("Gli indicatori."))


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


def apart(found: Findings) -> Picture | None:
    """Draw by how many points each part sets a municipality apart from the mean of Italy's."""
    named = part_labels(found)
    voice, points = found.voice, found.declared_index.component_contributions()
    codes, which = drawn_rows(found, PARTS_MAX)
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
        voice=voice, highlight=asked_alone(found), mark=words[1], decimals=score_decimals(found),
    )  # fmt: skip
    highest = str(total.idxmax())
    most = str(own.loc[highest].astype(float).idxmax())
    alternative = voice.say(
        "Punti in più o in meno della media dei comuni italiani, per parte dell'indice; a "
        "{name} pesa di più «{part}».",
        name=found.shown.loc[highest, "municipality_name"],
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
    return trial_picture(found, "parti", words[0], svg, alternative, [which, reading], drawn)


def explained(found: Findings) -> Picture | None:
    """Draw how much of the change of ranks each choice explains."""
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
    return trial_picture(found, "scelte", title, svg, alternative, notes, drawn)


# ---------------------------------------------------------------- tables


def trial_tables(found: Findings) -> list[Table | None]:
    """Return what moves the ranks, what weighs, and how the indicators came onto the scale."""
    return [
        _sensitivity_table(found), _left_out_table(found), _weights_table(found),
        _correlations_table(found), _stages_table(found), peers_table(found),
    ]  # fmt: skip


def _sensitivity_table(found: Findings) -> Table | None:
    split, voice = found.sensitivity, found.voice
    if split is None:
        return None
    ordered = split.sort_values("total_order", ascending=False, kind="stable")
    frame = ordered.drop(columns="mean_rank_change").add_suffix("_share")
    frame.insert(0, "choice", [factor_labels(found)[str(name)] for name in frame.index])
    words = (
        N_("Scelta"),
        N_("Da sola"),
        N_("Da sola: margine ±"),
        N_("Con le interazioni"),
        N_("Con le interazioni: margine ±"),
    )
    mean = float(split["mean_rank_change"].iloc[0])
    note = voice.say(
        "Indici di Sobol dello spostamento medio dei posti in Italia ({change}); margini al 95 %.",
        change=Number("index:mean_rank_change", mean, voice.number(mean, 1)),
    )
    heads = in_order(frame, words, ("text", *["share"] * 4))
    key, title = voice.say("sensibilità"), voice.say("Quali scelte spostano i posti")
    return trial_table(found, key, title, frame, heads, note)


def _left_out_table(found: Findings) -> Table | None:
    without, voice, named = found.left_out, found.voice, part_labels(found)
    if without is None:
        return None
    inner = {one.name for one in found.declared_index.spec.components}
    kinds = (voice.say("indicatore"), voice.say("componente"))
    frame = without.sort_values("mean_rank_change", ascending=False, kind="stable")
    where = municipalities(found.day)["municipality_name"]
    frame["largest_change_unit"] = frame["largest_change_unit"].astype(str).map(where)
    frame.insert(0, "part", [named[str(name)] for name in frame.index])
    frame.insert(1, "kind", [kinds[name in inner] for name in frame.index])
    words = (
        N_("Senza"),
        N_("Che cos'è"),
        N_("Spostamento medio, posti"),
        N_("Spostamento massimo, posti"),
        N_("Dove"),
        N_("Correlazione con i posti dichiarati"),
    )
    heads = in_order(frame, words, ("text", "text", "count", "count", "text", "ratio"))
    note = voice.say("Tutti i comuni italiani con un punteggio; correlazione di Spearman.")
    title = voice.say("Senza un indicatore o una componente")
    return trial_table(found, voice.say("senza un indicatore"), title, frame, heads, note)


def _weights_table(found: Findings) -> Table | None:
    weights, voice, named = found.effective_weights, found.voice, part_labels(found)
    if weights is None:
        return None
    frame = weights.rename(columns={"correlation_ratio": "correlation_share"})
    frame.insert(0, "part", [named[str(name)] for name in frame.index])
    words = (
        N_("Indicatore"),
        N_("Peso dichiarato"),
        N_("Peso effettivo"),
        N_("Rapporto di correlazione"),
    )
    heads = in_order(frame, words, ("text", *["share"] * 3))
    note = voice.say(
        "Peso effettivo: quota della varianza dell'indice che l'indicatore spiega da solo "
        "(rapporto di correlazione), ricondotta a 100."
    )
    key, title = voice.say("pesi effettivi"), voice.say("Pesi dichiarati e pesi effettivi")
    return trial_table(found, key, title, frame, heads, note)


def _correlations_table(found: Findings) -> Table | None:
    names, voice, named = found.declared_index.spec.names, found.voice, part_labels(found)
    if len(names) < 2:
        return None
    matrix, _ = correlations(found.declared_index)
    frame = matrix.set_axis([f"{name}_correlation_ratio" for name in names], axis=1)
    heads: list[Head] = [
        ("part", N_("Indicatore")),
        *(Column(str(one), named[name], "ratio") for one, name in zip(frame, names, strict=True)),
    ]
    frame.insert(0, "part", [named[name] for name in names])
    note = voice.say(
        "Correlazioni di Pearson fra i comuni italiani, dopo scala e verso: un valore "
        "negativo è un conflitto fra indicatori."
    )
    key, title = voice.say("correlazioni"), voice.say("Correlazioni fra gli indicatori")
    return trial_table(found, key, title, frame, heads, note)


def _stages_table(found: Findings) -> Table:
    """Give what each indicator was before and after it came onto the scale of the index."""
    named, voice, index = part_labels(found), found.voice, found.declared_index
    frame, heads = rows(found, "municipality_name")
    before = index.stages["denominated"].reindex(frame.index)
    after = index.stages["normalised"].reindex(frame.index)
    fine = np.nanmax(after.to_numpy()) - np.nanmin(after.to_numpy()) < 10 if len(after) else False
    quality = pd.DataFrame(index=frame.index)
    for name in index.spec.names:
        scaled = f"{name}_scaled_score"
        frame[name], frame[scaled] = before[name], after[name]
        quality[name] = index.inputs.quality.loc[frame.index, name]
        quality[scaled] = int(Quality.MODELLED)
        label = voice.say("Sulla scala: {indicator}", indicator=named[name])
        heads += [
            Column(name, named[name], _unit(found, name)),
            Column(scaled, label, "fine_score" if fine else "score"),
        ]
    key, title = voice.say("fasi"), voice.say("Dagli indicatori alla scala dell'indice")
    note = index_words.treatment(index.treatment, named, voice)
    return table(
        voice, key, title, frame, heads, quality, notes=(note,), sources=index_sources(found)
    )


def peers_table(found: Findings) -> Table | None:
    """Set a single municipality's indicators beside those of its degree of urbanisation."""
    named = part_labels(found)
    voice, index = found.voice, found.declared_index
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
    heads = (
        ("part", N_("Indicatore")),
        Column("value", name, "by_row"),
        Column("peer_median", voice.say("Mediana: {kind}", kind=kind), "by_row"),
        ("above_share", N_("Comuni che supera"), "share"),
        ("mark", N_("Nell'indice")),
    )
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
    title = voice.say("{name} fra i comuni simili", name=name)
    return table(
        voice, voice.say("profilo"), title, frame, heads, quality, notes=(note,),
        sources=index_sources(found), facts="",
    )  # fmt: skip


def _unit(found: Findings, name: str) -> str:
    """Return the unit of an indicator; one that was divided by another column has its own."""
    divided = {one.name for one in found.declared_index.spec.indicators if one.denominator}
    return "ratio" if name in divided else unit_of(name)


def _marks(found: Findings) -> dict[str, str]:
    """Return what the top and the bottom quarter are called."""
    words = [found.voice.say(one) for one in _MARKS[index_words.worse(found.declared_index.spec)]]
    return {"high": words[0], "low": words[1], "": ""}
