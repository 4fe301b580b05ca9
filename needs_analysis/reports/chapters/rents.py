"""How much of an income the rent asks, on the map."""

from __future__ import annotations

import pandas as pd

from needs_analysis.indicators.declaration import unit_of
from needs_analysis.reports.chapters import opening
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.by_municipality import MUNICIPALITIES_ON_PAGE, small_rule
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts.choropleth import choropleth, tells_apart
from needs_analysis.reports.findings import PROVINCE, Findings
from needs_analysis.reports.language import display
from needs_analysis.reports.model import Chapter, Picture, Sentence, number
from needs_analysis.words import Voice


def rents_on_the_map(found: Findings) -> Chapter:
    """Map how much of an income the rent asks, and say between what it lies."""
    title = found.voice.say("Canoni e redditi sulla carta")
    said = _rents_between(found)
    return Chapter("mappa", title, (opening.rent(found), said, *_picture_map(found)))


def _known(found: Findings, name: str) -> pd.Series:
    """Return a figure of the municipalities shown that a list may hold, where it is known."""
    values: pd.Series = found.indicators.data.loc[found.shown.index, name].dropna()
    return values[values.index.isin(found.listed)]


def _rents_between(found: Findings) -> Sentence:
    voice, name = found.voice, opening.RENT
    lead = f"{found.declared[name].label_in(voice)}."
    values, marked = _known(found, name), found.mark_words.reindex(found.shown.index).dropna()
    place = found.label if len(found.codes) > 1 else found.labels.get(PROVINCE, found.label)
    if values.empty:
        text = voice.say("{place}: nessun comune da confrontare ha questo dato.", place=place)
    elif not tells_apart(values, display(name, unit_of(name))):
        value = number(f"{values.index[0]}:{name}", values.iloc[0], voice, unit_of(name), name)
        text = voice.say("{place}: {value} in ogni comune con il dato.", place=place, value=value)
    else:
        ends = {
            f"{side}_{part}": said
            for side, code in (("low", str(values.idxmin())), ("high", str(values.idxmax())))
            for part, said in (
                ("name", found.shown.loc[code, "municipality_name"]),
                ("value", number(f"{code}:{name}", values[code], voice, unit_of(name), name)),
            )
        }
        text = voice.say(
            "{place}: va dal {low_value} di {low_name} al {high_value} di {high_name}.",
            place=place,
            **ends,
        )
    notes = []
    if len(marked):
        said = voice.say(
            "Esclusi dal confronto, ma disegnati con il loro dato, i comuni segnati ({count}): i loro "
            "canoni o i loro redditi non sono quelli di chi vi abita.",
            count=number("shown:marked_municipalities", len(marked), voice),
        )
        notes.append(said)
        if found.includes("comuni") and len(found.codes) <= MUNICIPALITIES_ON_PAGE:
            notes.append(voice.say("Chi sono e perché: nella tabella per comune."))
    if few := int(found.small.reindex(found.shown.index).notna().sum()):
        notes.append(small_rule(found, number("shown:small_municipalities", few, voice)))
    return Sentence(voice.elided(text), lead, " ".join(notes))


def _picture_map(found: Findings) -> tuple[Picture, ...]:
    """Draw the map; where all that is known has one colour the sentence above says it."""
    name = opening.RENT
    declared, voice, shown = found.declared[name], found.voice, found.shown
    values = found.indicators.data.loc[shown.index, name]
    if not tells_apart(values, display(name, declared.unit)):
        return ()
    names = shown.sort_values("resident_population", ascending=False)["municipality_name"]
    svg = choropleth(
        shown.geometry,
        values,
        found.indicators.quality.loc[shown.index, name],
        name=name,
        unit=declared.unit,
        voice=voice,
        highlight=found.codes if len(found.codes) == 1 else None,
        labels=names.head(25) if len(shown) <= MUNICIPALITIES_ON_PAGE else None,
    )
    title = declared.label_in(voice)
    words = voice.say("Carta dei comuni: {title}.", title=title)
    words += _extremes(_known(found, name), shown["municipality_name"], name, voice)
    return (Picture(
        "mappa", title, svg, words, notes=(declared.definition_in(voice),),
        sources=source_lines(found.indicators.sources[name], voice),
    ),)  # fmt: skip


def _extremes(values: pd.Series, names: pd.Series, name: str, voice: Voice) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    ordered = names.loc[known.sort_values().index]
    high, low = (
        number(f"{code}:{name}", known[code], voice, unit_of(name), name)
        for code in (ordered.index[-1], ordered.index[0])
    )
    return voice.say(
        " Il valore più alto è di {worst} ({high}), il più basso di {best} ({low}).",
        worst=ordered.iloc[-1],
        high=high,
        best=ordered.iloc[0],
        low=low,
    )


PART = Part("mappa", rents_on_the_map)
