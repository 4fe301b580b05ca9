"""Where values concentrate: groups of near municipalities, in words, a map and a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

from needs_analysis.errors import Refused, StudyError
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators.declaration import name_of, unit_of
from needs_analysis.patterns import LocalPattern, Moran, national_clusters, national_moran
from needs_analysis.reports.chapters import index_words, municipality_types, patterns_words
from needs_analysis.reports.chapters.building import modelled, source_lines, table
from needs_analysis.reports.chapters.by_municipality import MUNICIPALITIES_ON_PAGE, rows
from needs_analysis.reports.chapters.municipality_types import type_table, types_table
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts import patterns as pattern_charts
from needs_analysis.reports.findings import PROVINCE, Findings
from needs_analysis.reports.model import Chapter, Column, Number, Picture, Sentence, Table, number
from needs_analysis.reports.problems import problem
from needs_analysis.sources import istat_boundaries
from needs_analysis.words import N_, Voice

NAMES_MAX = 12  # names that a sentence holds; the workbook has them all
# What is said of a municipality by its label; one that has none is out of the calculation.
_ONE = {
    "high_high": N_("{name} sta in un gruppo di valori alti: alto il suo, alti quelli dei vicini."),
    "low_low": N_(
        "{name} sta in un gruppo di valori bassi: basso il suo, bassi quelli dei vicini."
    ),
    "high_low": N_("{name} ha un valore alto fra vicini che lo hanno basso."),
    "low_high": N_("{name} ha un valore basso fra vicini che lo hanno alto."),
    "not_significant": N_(
        "{name} non sta in un gruppo: la sua somiglianza con i vicini non va oltre quella che dà il "
        "caso."
    ),
}
_OUT = N_("{name} è fuori dal calcolo.")
_SEVERAL = {
    "high_high": N_("{count} con un valore alto fra vicini alti: {names}"),
    "low_low": N_("{count} con un valore basso fra vicini bassi: {names}"),
    "high_low": N_("{count} con un valore alto fra vicini bassi: {names}"),
    "low_high": N_("{count} con un valore basso fra vicini alti: {names}"),
}
# Moran's I from which neighbours are said to be alike in these words.
_ALIKE = (
    (0.5, N_("In Italia i comuni vicini hanno valori molto simili")),
    (0.2, N_("In Italia i comuni vicini hanno valori abbastanza simili")),
    (0.0, N_("In Italia i comuni vicini hanno valori poco simili")),
)
_DIFFERENT = N_("In Italia i comuni vicini hanno valori diversi")


# ---------------------------------------------------------------- the chapter


def patterns(found: Findings) -> Chapter:
    """Say which municipalities form groups with their neighbours, and of which type they are."""
    title = found.voice.say("Gruppi e tipi di comuni")
    if found.index is not None:
        title = found.voice.say("Gruppi e tipi di comuni secondo l'indice")
    said = (
        _groups(found),
        _alike(found),
        _joined(found),
        _left_out(found),
        _cluster_picture(found),
        *municipality_types.blocks(found),
    )
    return Chapter("gruppi", title, tuple(one for one in said if one is not None), annex=True)


def sheets(found: Findings, name: str = "") -> list[Table]:
    """Return the sheets of groups and types: of what the page says, or groups of an indicator.

    Parameters
    ----------
    found : Findings
        The area: municipalities shown are the rows.
    name : str
        An indicator, by name or code, or a score; what the page says when empty.

    Raises
    ------
    StudyError
        The indicator does not exist, or municipalities have no value of their own.
    """
    name = name_of(name)
    return [cluster_table(found, name), type_table(found), types_table(found)]


# ---------------------------------------------------------------- groups of near municipalities


def cluster_words(voice: Voice) -> dict[str, str]:
    """Return the printed name of each label of a local Moran, and of those that have none."""
    own = {label: voice.say(told[2]) for label, told in pattern_charts.CLUSTERS.items()}
    more = {
        "allocated": voice.say("Valore ripartito da un territorio più grande"),
        "alone": voice.say("Nessun vicino con un dato"),
    }
    return own | more


def labels_of(pattern: LocalPattern, units: pd.Index) -> pd.Series:
    """Return the label of each unit; of one left out why it is."""
    told = {label: list(getattr(pattern, label)) for label in ("allocated", "alone")}
    left_out = pd.Series({one: label for label, ones in told.items() for one in ones}, dtype=object)
    own = pattern.frame["label"].astype(object)
    labels: pd.Series = pd.concat([own, left_out]).reindex(units).fillna("missing")
    return labels


def _groups(found: Findings) -> Sentence:
    voice = found.voice
    labels = labels_of(found.clusters, found.shown.index)
    said = []
    if len(found.codes) == 1:
        placed = _ONE.get(labels[found.codes[0]], _OUT)
        said.append(voice.say(placed, name=found.area["municipality_name"].iloc[0]))
    said.append(_counted(found, labels))
    note = voice.say(
        "Un gruppo dice che comuni confinanti si somigliano più di quanto farebbe il caso: è una "
        "vicinanza statistica, non una graduatoria. Anche chi ne è fuori può avere un valore alto."
    )
    note = f"{patterns_words.what(found)} {note}"
    return Sentence(" ".join(said), voice.say("Gruppi di comuni vicini."), note)


def _counted(found: Findings, labels: pd.Series) -> str:
    """Count the municipalities shown by label, with the names of those that stand out."""
    voice = found.voice
    total = number("shown:municipalities", len(labels), voice)
    place = found.labels.get(PROVINCE, found.label) if len(found.codes) == 1 else found.label
    parts = []
    for label, words in _SEVERAL.items():
        here = labels.index[labels == label]
        if len(here):
            count = number(f"shown:{label}_municipalities", len(here), voice)
            parts.append(voice.say(words, count=count, names=_names(found, here)))
    if not parts:
        return voice.say(
            "{place}: nessuno dei comuni mostrati ({total}) sta in un gruppo di valori alti o "
            "bassi che vada oltre il caso.",
            place=place,
            total=total,
        )
    return voice.say(
        "{place}, {total} comuni: {parts}; fuori da ogni gruppo, perché la somiglianza con i "
        "vicini non va oltre il caso: {rest}.",
        place=place,
        total=total,
        parts="; ".join(parts),
        rest=number(
            "shown:not_significant_municipalities", int((labels == "not_significant").sum()), voice
        ),
    )


def _names(found: Findings, codes: Iterable[str], most: int = NAMES_MAX) -> str:
    """List municipalities by name, up to a number of them: a group is no ranking."""
    names = found.shown["municipality_name"].reindex(list(codes)).sort_values()
    more = len(names) - most
    if more <= 0:
        return ", ".join(names)
    return found.voice.say(
        "{names} e altri {more} (elenco nelle tabelle Excel)",
        names=", ".join(names.head(most)),
        more=number(f"shown:more_than_{most}_from_{names.index[0]}", more, found.voice),
    )


def _alike(found: Findings) -> Sentence:
    voice, moran = found.voice, found.moran
    note = voice.say(
        "L'indice di Moran vale circa 0 se i valori sono disposti a caso, 1 se ogni comune "
        "è come i suoi vicini. Dice che i vicini si somigliano, non perché."
    )
    return Sentence(moran_words(moran, voice), voice.say("Quanto i vicini si somigliano."), note)


def moran_words(moran: Moran, voice: Voice) -> str:
    """Say Moran's I in words, with how often chance gives as much."""
    value = number("moran:statistic_ratio", round(moran.statistic, 2) + 0.0, voice, "ratio")
    draws = number("moran:permutations", moran.permutations, voice)
    if moran.pseudo_p > 0.05:
        return voice.say(
            "In Italia i comuni vicini non si somigliano più di quanto farebbe il caso (indice "
            "di Moran {value}).",
            value=value,
        )
    alike = next((words for least, words in _ALIKE if moran.statistic >= least), _DIFFERENT)
    never = moran.pseudo_p <= 2 / (moran.permutations + 1) + 1e-12
    share = number("moran:pseudo_p", moran.pseudo_p, voice, "share")
    chance = (
        voice.say("nessuna di {draws} disposizioni a caso ne dà uno così lontano da 0", draws=draws)
        if never
        else voice.say("il caso ne dà uno così lontano da 0 nel {share} delle volte", share=share)
    )
    return voice.say(
        "{alike}: l'indice di Moran è {value} su {units} comuni, e {chance}.",
        alike=voice.say(alike),
        value=value,
        units=number("moran:units", moran.units, voice),
        chance=chance,
    )


def _joined(found: Findings) -> Sentence | None:
    """Name the municipalities that border nobody and whom they were given as a neighbour."""
    voice = found.voice
    pairs = found.clusters.joined
    pairs = pairs[pairs.index.isin(found.shown.index)]
    if pairs.empty:
        return None
    kilometres = (pairs["distance_m"] / 1000).clip(lower=1)
    said = "; ".join(
        f"{one} – {other} ({number(f'{code}:nearest_neighbour_km', km, voice)} km)"
        for code, one, other, km in zip(
            pairs.index, pairs["unit_name"], pairs["neighbour_name"], kilometres, strict=True
        )
    )
    text = voice.say(
        "Chi non confina con nessun comune ha come vicino il comune più prossimo: {said}.",
        said=said,
    )
    return Sentence(text, voice.say("Comuni che non confinano."))


def _left_out(found: Findings) -> Sentence | None:
    """Say which municipalities shown have no place among groups, by reason."""
    voice = found.voice
    labels = labels_of(found.clusters, found.shown.index)
    reasons: dict[str, list[str]] = {}
    for code, label in labels[labels.isin(["missing", "allocated", "alone"])].items():
        why = cluster_words(voice)[label]
        if label == "missing":
            why = patterns_words.lacking(found, str(code))
        reasons.setdefault(why, []).append(str(code))
    if not reasons:
        return None
    said = "; ".join(
        f"{_names(found, codes, 6)} ({why[0].lower()}{why[1:]})"
        for why, codes in sorted(reasons.items(), key=lambda one: -len(one[1]))
    )
    text = voice.say("Fuori dal calcolo: {said}.", said=said)
    return Sentence(text, voice.say("Senza un gruppo."))


def _cluster_picture(found: Findings) -> Picture | None:
    """Draw the groups; where there is none the first sentence of the chapter has said it."""
    voice, shown = found.voice, found.shown
    labels = labels_of(found.clusters, shown.index)
    drawn = labels.where(~labels.isin(["allocated", "alone"]), "missing")
    marked = labels.index[labels.isin(list(_SEVERAL))]
    if marked.empty:
        return None
    few = len(shown) <= MUNICIPALITIES_ON_PAGE
    people = shown["resident_population"].reindex(marked).sort_values(ascending=False)
    return Picture(
        "gruppi",
        patterns_words.titled(found),
        pattern_charts.cluster_map(
            shown.geometry,
            drawn,
            voice=voice,
            highlight=found.codes if len(found.codes) == 1 else None,
            names=shown["municipality_name"].reindex(people.index).head(25) if few else None,
        ),
        voice.say("Carta dei comuni mostrati. {said}", said=_counted(found, labels)),
        notes=(_cluster_method(found.clusters, voice),),
        sources=source_lines(patterns_words.drawn_from(found), voice),
        drawn=tuple(
            number(f"shown:{label}_municipalities", count, voice)
            for label, count in drawn.value_counts().items()
        ),
    )


def _cluster_method(pattern: LocalPattern, voice: Voice) -> str:
    share = Number(
        "clusters:false_discovery_share", pattern.false_discovery_share,
        voice.number(pattern.false_discovery_share * 100), "share",
    )  # fmt: skip
    return voice.say(
        "Stima. I locale di Moran su tutti i comuni italiani; vicini sono i comuni che "
        "confinano; {draws} permutazioni, tasso di false scoperte {share} %: circa {share} "
        "comuni su 100 fra quelli colorati possono esserlo per caso.",
        draws=number("clusters:permutations", pattern.permutations, voice),
        share=share,
    )


def cluster_table(found: Findings, name: str = "") -> Table:
    """Give value, neighbours' mean, label and pseudo p of each municipality shown."""
    voice = found.voice
    shown = _pattern_of(found, name)
    frame, heads = rows(found, "municipality_code", "municipality_name", "province_name")
    own = shown.figures.rows(frame.index)
    lag = shown.pattern.frame.reindex(frame.index)
    column = str(own.data.columns[0])
    frame[column], frame["lag"], frame["pseudo_p"] = own.data[column], lag["lag"], lag["pseudo_p"]
    frame["label"] = labels_of(shown.pattern, frame.index).map(cluster_words(voice))
    heads += [
        Column(column, shown.label, shown.unit),
        ("lag", N_("Media dei vicini"), shown.unit),
        ("label", N_("Gruppo")),
        ("pseudo_p", N_("p (per caso)"), "p"),
    ]
    found_p = float(shown.pattern.frame["p_threshold"].iloc[0])
    threshold = Number("clusters:p_threshold", found_p, voice.number(found_p, 4), "p")
    counted = voice.say(
        "Un comune è in un gruppo se p non supera {threshold}.", threshold=threshold
    )
    method, alike = _cluster_method(shown.pattern, voice), moran_words(shown.moran, voice)
    return table(
        voice, voice.say("gruppi spaziali"),
        voice.say("Gruppi di comuni vicini: {label}", label=shown.label), frame, heads,
        own.quality.join(modelled(frame, ["lag", "pseudo_p", "label"])),
        notes=(method, counted, alike, *shown.notes),
        sources=(*own.sources[column], istat_boundaries.SOURCE),
    )  # fmt: skip


class _Shown(NamedTuple):
    """The values of a sheet of groups, and their patterns."""

    figures: Figures
    label: str
    unit: str
    pattern: LocalPattern
    moran: Moran
    notes: tuple[str, ...] = ()


def _pattern_of(found: Findings, name: str) -> _Shown:
    """Return the patterns of a column, or of what the page says; what has none is refused in words."""
    voice, own = found.voice, found.patterned
    if name in ("", own.name):
        notes = () if found.index is not None else (patterns_words.what(found),)
        label, unit = patterns_words.label(found), patterns_words.unit(found)
        return _Shown(own.grouped, label, unit, found.clusters, found.moran, notes)
    components = () if found.index is None else found.index.spec.components
    labels = {one.column: index_words.label(one, voice) for one in components}
    labels |= {key: one.label_in(voice) for key, one in found.declared.items()}
    _refuse(found, name, labels)
    values = found.national.columns([name])
    try:
        pattern = national_clusters(values, found.day, found.overrides)
        moran = national_moran(values, found.day, found.overrides)
    except Refused as error:
        if not all(one.code.startswith("patterns.") for one in error.problems):
            raise
        raise StudyError(problem("no_groups", name=name, reasons=error.problems)) from error
    return _Shown(values, labels[name], unit_of(name), pattern, moran)


def _refuse(found: Findings, name: str, labels: Mapping[str, str]) -> None:
    if name not in labels or name not in found.indicators.data:
        known = [one for one in labels if one in found.indicators.data]
        if near := tuple(get_close_matches(name, known, 3)):
            raise StudyError(problem("no_indicator_near", name=name, near=near))
        raise StudyError(problem("no_indicator_listed", name=name))
    quality = found.indicators.quality[name]
    own = (quality < Quality.SUPPRESSED) & (quality != Quality.ALLOCATED)
    reason = ""
    if name in found.declared and found.declared[name].level == "province":
        reason = "by_province"
    elif unit_of(name) == "code":
        reason = "code"
    elif not own.any():
        reason = "no_own_value"
    if reason:
        refused = problem(reason, name=name, label=labels[name])
        raise StudyError(refused, cure=problem("choose_municipal"))


PART = Part("gruppi", patterns, sheets)
