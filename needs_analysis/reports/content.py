"""The chapters of a briefing: one function a chapter, from findings to the content model."""

from __future__ import annotations

import re

import pandas as pd

from needs_analysis import panel as panels
from needs_analysis import parameters, store
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.reports import (
    charts,
    index_chapter,
    index_words,
    patterns_chapter,
    sentences,
    services_chapters,
    tables,
)
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import display, printed
from needs_analysis.reports.model import (
    BETWEEN,
    OPEN,
    Briefing,
    Chapter,
    Origin,
    Picture,
    Sentence,
    Table,
)
from needs_analysis.words import N_, Voice


def origins(found: Findings, opening: Chapter) -> Chapter:
    """Say where each figure marked in the opening chapter comes from, down to the files."""
    title = found.voice.say("Da dove viene ogni numero")
    said = "".join(block.text for block in opening.blocks if isinstance(block, Sentence))
    names = dict.fromkeys(re.findall(f"{OPEN}([^{BETWEEN}]*){BETWEEN}", said))
    labels = tables.column_labels(found.voice)
    labels |= {name: one.label_in(found.voice) for name, one in found.declared.items()}
    blocks = tuple(Origin(name, labels[name], found.trace(name)) for name in names)
    return Chapter("tracce", title, blocks)


def compose(found: Findings) -> Briefing:
    """Put the findings in words, tables and pictures, in the order they are read."""
    title = found.voice.say("Disagio abitativo")
    warning = services_chapters.warning(found)
    opening = in_ten_sentences(found)
    return Briefing(
        voice=found.voice,
        title=f"{found.label}: {title[0].lower()}{title[1:]}",
        subtitle=_subtitle(found),
        chapters=(
            opening,
            map_and_index(found),
            index_chapter.chapter(found),
            patterns_chapter.patterns(found),
            compared_with(found),
            by_municipality(found),
            evictions(found),
            *services_chapters.chapters(found),
            sources(found),
            limits(found),
            origins(found, opening),
        ),
        sheets=tuple(sheets(found)),
        links=_links(found.voice),
        warning=warning,
    )


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook, one a sheet."""
    return [
        *tables.sheets(found, index_chapter.sheets(found)),
        *patterns_chapter.sheets(found),
        *services_chapters.sheets(found),
    ]


def _subtitle(found: Findings) -> str:
    income, order = (store.source_of(table).reference_date for table in ("incomes", "evictions"))
    rent = found.date("rent_eur_m2_month")
    return found.voice.plural(
        "Un quadro dai dati pubblici: {count} comune{day}, redditi {income}, canoni OMI {rent}, "
        "sfratti {order}",
        "Un quadro dai dati pubblici: {count} comuni{day}, redditi {income}, canoni OMI {rent}, "
        "sfratti {order}",
        len(found.codes), day=found.of_day, income=income, rent=rent, order=order,
    )  # fmt: skip


def _links(voice: Voice) -> dict[str, str]:
    return {
        voice.say("Mappa interattiva"): "map.html",
        voice.say("Tabelle Excel"): "tables.xlsx",
        voice.say("Dati geografici (GeoPackage)"): "data.gpkg",
    }


def in_ten_sentences(found: Findings) -> Chapter:
    """Say in ten sentences what public figures tell, each beside its comparisons."""
    title = found.voice.say("In dieci frasi")
    return Chapter("frasi", title, sentences.ten(found))


def map_and_index(found: Findings) -> Chapter:
    """Say where the index is highest and map the share of declarants below the income asked for."""
    title = found.voice.say("Mappa e indice")
    return Chapter("mappa", title, (_index_sentence(found), _picture_map(found)))


def _index_sentence(found: Findings) -> Sentence:
    voice, spec = found.voice, found.index.spec
    lead = f"{index_words.label(spec, voice)}."
    how = index_words.reading(spec, voice)
    own = found.index.rank.loc[found.codes]
    scores = found.index.scores.data[spec.name]
    total = voice.number(found.index.rank.count())
    decimals = display(spec.name, found.score_unit).decimals
    imputed = spec.impute.function is not None
    complete = voice.say("un punteggio") if imputed else voice.say("tutti i dati")
    if not own.notna().any():
        text = voice.say(
            "Non si calcola: manca almeno una delle sue parti, e un dato mancante non si "
            "sostituisce."
        )
    elif len(own) == 1:
        text = voice.say(
            "Vale {score}: il comune è {rank}° su {total} comuni con {complete} ({how}).",
            score=voice.number(scores[found.codes[0]], decimals),
            rank=voice.number(own.iloc[0]),
            total=total,
            complete=complete,
            how=how,
        )
    else:
        names = found.area["municipality_name"]
        first = own.nsmallest(3)
        listed = ", ".join(
            f"{name} ({voice.number(score, decimals)}; {voice.ordinal(rank)})"
            for name, rank, score in zip(
                names[first.index], first, scores[first.index], strict=True
            )
        )
        text = voice.say(
            "È più alto a {listed} su {total} comuni italiani con {complete} ({how}).",
            listed=listed,
            total=total,
            complete=complete,
            how=how,
        )
    return Sentence(text, lead, index_words.rule(spec, found.parts, voice))


def _picture_map(found: Findings) -> Picture:
    name = "below_rent_threshold_share"
    declared, voice, shown = found.declared[name], found.voice, found.shown
    values = found.indicators.data.loc[shown.index, name]
    names = shown.sort_values("resident_population", ascending=False)["municipality_name"]
    svg = charts.choropleth(
        shown.geometry,
        values,
        found.indicators.quality.loc[shown.index, name],
        name=name,
        unit=declared.unit,
        voice=voice,
        highlight=found.codes if len(found.codes) == 1 else None,
        labels=names.head(25) if len(shown) <= tables.MUNICIPALITIES_ON_PAGE else None,
    )
    title = declared.label_in(voice)
    words = voice.say("Carta dei comuni: {title}.", title=title)
    words += _extremes(values, shown["municipality_name"], name, voice)
    return Picture(
        "mappa", title, svg, words, notes=(declared.definition_in(voice),),
        sources=tables.source_lines(found.indicators.sources[name], voice),
    )  # fmt: skip


def _extremes(values: pd.Series, names: pd.Series, name: str, voice: Voice) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    ordered = names.loc[known.sort_values().index]
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    high, low = (printed(end, name, unit_of(name), voice) for end in (known.max(), known.min()))
    return voice.say(
        " Il valore più alto è di {worst} ({high}), il più basso di {best} ({low}).",
        worst=worst,
        high=high,
        best=best,
        low=low,
    )


def compared_with(found: Findings) -> Chapter:
    """Set the area beside its province, region, Italy and places alike."""
    title = found.voice.say("A confronto")
    return Chapter("confronto", title, (tables.comparison_table(found),))


def by_municipality(found: Findings) -> Chapter:
    """Give the main indicators by municipality, or by province where they are too many."""
    voice = found.voice
    if len(found.shown) > tables.MUNICIPALITIES_ON_PAGE:
        title = voice.say("Per provincia")
        return Chapter("comuni", title, (tables.province_table(found),))
    title = voice.say("Per comune")
    return Chapter("comuni", title, (tables.page_table(found),))


def evictions(found: Findings) -> Chapter:
    """Show the national series and the figures of the provinces the area touches."""
    voice = found.voice
    title = voice.say("Sfratti: la serie e la provincia")
    return Chapter(
        "sfratti", title, (_series_picture(found), tables.evictions_table(found, flags=False))
    )


def _series_picture(found: Findings) -> Picture:
    voice = found.voice
    series = store.table("evictions_series").set_index("year")[list(tables.COUNTS)]
    first, year = series.index.min(), series.index.max()
    title = voice.say("Sfratti in Italia, {first}-{last}", first=first, last=year)
    last, before = series.iloc[-1], series.iloc[-2]
    labels = tables.count_labels(voice)
    said = "; ".join(f"{labels[name].lower()} {voice.number(last[name])}" for name in tables.COUNTS)
    alternative = voice.say("Serie annuale. Nel {year}: {said}.", year=series.index[-1], said=said)
    note = ""
    if str(series.index[-1]) == store.source_of("evictions").reference_date:
        note = _national_changes(found, float(last["requests"]), float(before["requests"]))
    svg = charts.series(series, labels=labels, voice=voice)
    return Picture(
        "serie", title, svg, alternative,
        notes=tuple(filter(None, (note, tables.exclusion_note(voice)))),
        sources=tables.source_lines([store.source_of("evictions_series").id], voice),
    )  # fmt: skip


def _national_changes(found: Findings, last: float, before: float) -> str:
    """Say how requests change in Italy, and how without the provinces whose series is broken."""
    voice = found.voice
    rows = panels.evictions_by_province(found.overrides)
    earlier = rows["requests"] / (1 + rows["requests_change_share"])
    broken = rows["requests_broken"]
    kept = ~broken & earlier.notna()
    name = str((rows["requests"] - earlier).where(broken).idxmax())
    now, once = float(rows["requests"].loc[name]), float(earlier.loc[name])
    changes = [
        last / before - 1,
        (last - now) / (before - once) - 1,
        rows["requests"][kept].sum() / earlier[kept].sum() - 1,
    ]
    said = [f"{'+' if x > 0 else ''}{printed(x, 'x_share', 'share', voice)}" for x in changes]
    place = tables.prefecture_name(name, voice, found.day)
    ends = f"{voice.number(once)} → {voice.number(now)}"
    return voice.say(
        "Richieste di esecuzione sull'anno prima: {all}; senza {place} ({ends}) {without_one}; "
        "senza tutte le {count} province con serie interrotta {without_all}.",
        all=said[0],
        place=place,
        ends=ends,
        without_one=said[1],
        count=int(broken.sum()),
        without_all=said[2],
    )


def sources(found: Findings) -> Chapter:
    """List where the figures come from."""
    title = found.voice.say("Fonti")
    return Chapter("fonti", title, (tables.sources_table(found),))


def limits(found: Findings) -> Chapter:
    """Say what the figures cannot tell."""
    title = found.voice.say("Limiti")
    income, rent = store.source_of("incomes").reference_date, found.date("rent_eur_m2_month")
    voice, values = found.voice, parameters.values(found.overrides)
    said = [
        voice.say(
            "I canoni sono quotazioni OMI del {rent} e i redditi sono del {income}: il loro "
            "rapporto confronta i comuni, non misura il peso dell'affitto oggi.",
            rent=rent, income=income,
        ),
        voice.say("I dichiaranti sono persone, in Italia circa 1,6 per famiglia: le loro quote non "
                  "sono quote di famiglie."),
        worded(_RULE, voice, values),
        voice.say("Un dato mancante resta mancante in mappa, tabelle e file: non è mai zero."),
        index_words.limit(found.index.spec, voice),
        *found.editions,
        *_overridden(found),
    ]  # fmt: skip
    return Chapter("limiti", title, tuple(Sentence(text) for text in said))


_RULE = N_(
    "La soglia del {sustainable_rent_share} è sul reddito dichiarato e non va confusa con il "
    "40 % del reddito disponibile usato da Eurostat."
)


def _overridden(found: Findings) -> list[str]:
    """Name the parameters that the study changed."""
    if not found.overrides:
        return []
    listed = "; ".join(f"{name} = {value:g}" for name, value in sorted(found.overrides.items()))
    return [found.voice.say("Parametri cambiati in questo studio: {listed}.", listed=listed)]
