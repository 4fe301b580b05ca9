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
from needs_analysis.reports.language import display, elided, number, printed
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


def origins(found: Findings, opening: Chapter) -> Chapter:
    """Say where each figure marked in the opening chapter comes from, down to the files."""
    title = {"it": "Da dove viene ogni numero", "en": "Where each figure comes from"}[found.lang]
    said = "".join(block.text for block in opening.blocks if isinstance(block, Sentence))
    names = dict.fromkeys(re.findall(f"{OPEN}([^{BETWEEN}]*){BETWEEN}", said))
    labels = tables.column_labels(found.lang)
    labels |= {name: one.label(found.lang) for name, one in found.declared.items()}
    blocks = tuple(Origin(name, labels[name], found.trace(name)) for name in names)
    return Chapter("tracce", title, blocks)


def compose(found: Findings) -> Briefing:
    """Put the findings in words, tables and pictures, in the order they are read."""
    titles = {
        "it": ("Disagio abitativo", "Un quadro dai dati pubblici"),
        "en": ("Housing distress", "A picture from public figures"),
    }
    title, subtitle = titles[found.lang]
    warning = services_chapters.warning(found)
    opening = in_ten_sentences(found)
    return Briefing(
        lang=found.lang,
        title=f"{found.label}: {title[0].lower()}{title[1:]}",
        subtitle=_subtitle(found, subtitle),
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
        links=_links(found.lang),
        warning=warning,
    )


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook, one a sheet."""
    return [
        *tables.sheets(found, index_chapter.sheets(found)),
        *patterns_chapter.sheets(found),
        *services_chapters.sheets(found),
    ]


def _subtitle(found: Findings, opening: str) -> str:
    count = len(found.codes)
    income, rent, order = (
        store.source_of(table).reference_date for table in ("incomes", "rents", "evictions")
    )
    words = {
        "it": f"{opening}: {number(count, 'it')} {'comune' if count == 1 else 'comuni'}{found.of_day}, "
        f"redditi {income}, canoni OMI {rent}, sfratti {order}",
        "en": f"{opening}: {number(count, 'en')} {'municipality' if count == 1 else 'municipalities'}"
        f"{found.of_day}, incomes {income}, OMI rents {rent}, evictions {order}",
    }
    return words[found.lang]


def _links(lang: str) -> dict[str, str]:
    words = {
        "it": ("Mappa interattiva", "Tabelle Excel", "Dati geografici (GeoPackage)"),
        "en": ("Interactive map", "Excel tables", "Geographic data (GeoPackage)"),
    }
    return dict(zip(words[lang], ("map.html", "tables.xlsx", "data.gpkg"), strict=True))


def in_ten_sentences(found: Findings) -> Chapter:
    """Say in ten sentences what public figures tell, each beside its comparisons."""
    title = {"it": "In dieci frasi", "en": "In ten sentences"}[found.lang]
    return Chapter("frasi", title, sentences.ten(found))


def map_and_index(found: Findings) -> Chapter:
    """Say where the index is highest and map the share of declarants below the income asked for."""
    title = {"it": "Mappa e indice", "en": "Map and index"}[found.lang]
    return Chapter("mappa", title, (_index_sentence(found), _picture_map(found)))


def _index_sentence(found: Findings) -> Sentence:
    lang, spec = found.lang, found.index.spec
    lead = f"{index_words.label(spec, lang)}."
    how = index_words.reading(spec, lang)
    own = found.index.rank.loc[found.codes]
    scores = found.index.scores.data[spec.name]
    total = number(found.index.rank.count(), lang)
    decimals = display(spec.name, found.score_unit).decimals
    imputed = spec.impute.function is not None
    complete = {"it": ("tutti i dati", "un punteggio"), "en": ("all data", "a score")}[lang][
        imputed
    ]
    if not own.notna().any():
        text = {
            "it": "Non si calcola: manca almeno una delle sue parti, e un dato mancante non si "
            "sostituisce.",
            "en": "It is not computed: one of its parts at least is missing and is not replaced.",
        }[lang]
    elif len(own) == 1:
        text = {
            "it": f"Vale {number(scores[found.codes[0]], lang, decimals)}: il comune è "
            f"{number(own.iloc[0], lang)}° su {total} comuni con {complete} ({how}).",
            "en": f"It is {number(scores[found.codes[0]], lang, decimals)}: the municipality is "
            f"number {number(own.iloc[0], lang)} of {total} with {complete} ({how}).",
        }[lang]
    else:
        names = found.area["municipality_name"]
        first = own.nsmallest(3)
        listed = ", ".join(
            f"{name} ({number(score, lang, decimals)}; "
            f"{number(rank, lang)}{'°' if lang == 'it' else ''})"
            for name, rank, score in zip(
                names[first.index], first, scores[first.index], strict=True
            )
        )
        text = {
            "it": f"È più alto a {listed} su {total} comuni italiani con {complete} ({how}).",
            "en": f"It is highest in {listed} of {total} Italian municipalities with {complete} "
            f"({how}).",
        }[lang]
    return Sentence(text, lead, index_words.rule(spec, found.parts, lang))


def _picture_map(found: Findings) -> Picture:
    name = "below_rent_threshold_share"
    declared, lang, shown = found.declared[name], found.lang, found.shown
    values = found.indicators.data.loc[shown.index, name]
    names = shown.sort_values("resident_population", ascending=False)["municipality_name"]
    svg = charts.choropleth(
        shown.geometry,
        values,
        found.indicators.quality.loc[shown.index, name],
        name=name,
        unit=declared.unit,
        lang=lang,
        highlight=found.codes if len(found.codes) == 1 else None,
        labels=names.head(25) if len(shown) <= tables.MUNICIPALITIES_ON_PAGE else None,
    )
    title = declared.label(lang)
    alternative = {"it": f"Carta dei comuni: {title}.", "en": f"Map of municipalities: {title}."}
    words = alternative[lang] + _extremes(values, shown["municipality_name"], name, lang)
    return Picture(
        "mappa", title, svg, words, notes=(declared.definition(lang),),
        sources=tables.source_lines(found.indicators.sources[name]),
    )  # fmt: skip


def _extremes(values: pd.Series, names: pd.Series, name: str, lang: str) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    ordered = names.loc[known.sort_values().index]
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    high, low = (printed(end, name, unit_of(name), lang) for end in (known.max(), known.min()))
    return {
        "it": f" Il valore più alto è di {worst} ({high}), il più basso di {best} ({low}).",
        "en": f" The highest value is that of {worst} ({high}), the lowest of {best} ({low}).",
    }[lang]


def compared_with(found: Findings) -> Chapter:
    """Set the area beside its province, region, Italy and places alike."""
    title = {"it": "A confronto", "en": "Compared"}[found.lang]
    return Chapter("confronto", title, (tables.comparison_table(found),))


def by_municipality(found: Findings) -> Chapter:
    """Give the main indicators by municipality, or by province where they are too many."""
    lang = found.lang
    if len(found.shown) > tables.MUNICIPALITIES_ON_PAGE:
        title = {"it": "Per provincia", "en": "By province"}[lang]
        return Chapter("comuni", title, (tables.province_table(found),))
    title = {"it": "Per comune", "en": "By municipality"}[lang]
    return Chapter("comuni", title, (tables.page_table(found),))


def evictions(found: Findings) -> Chapter:
    """Show the national series and the figures of the provinces the area touches."""
    lang = found.lang
    title = {"it": "Sfratti: la serie e la provincia", "en": "Evictions: series and province"}[lang]
    return Chapter(
        "sfratti", title, (_series_picture(found), tables.evictions_table(found, flags=False))
    )


def _series_picture(found: Findings) -> Picture:
    lang = found.lang
    series = store.table("evictions_series").set_index("year")[list(tables.COUNTS)]
    title = {
        "it": f"Sfratti in Italia, {series.index.min()}-{series.index.max()}",
        "en": f"Evictions in Italy, {series.index.min()}-{series.index.max()}",
    }[lang]
    last, before = series.iloc[-1], series.iloc[-2]
    labels = tables.count_labels(lang)
    said = "; ".join(f"{labels[name].lower()} {number(last[name], lang)}" for name in tables.COUNTS)
    alternative = {
        "it": f"Serie annuale. Nel {series.index[-1]}: {said}.",
        "en": f"Yearly series. In {series.index[-1]}: {said}.",
    }[lang]
    note = ""
    if str(series.index[-1]) == store.source_of("evictions").reference_date:
        note = _national_changes(found, float(last["requests"]), float(before["requests"]))
    svg = charts.series(series, labels=labels, lang=lang)
    return Picture(
        "serie", title, svg, alternative, notes=tuple(filter(None, (note, tables.exclusion_note(lang)))),
        sources=tables.source_lines([store.source_of("evictions_series").id]),
    )  # fmt: skip


def _national_changes(found: Findings, last: float, before: float) -> str:
    """Say how requests change in Italy, and how without the provinces whose series is broken."""
    lang = found.lang
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
    said = [f"{'+' if x > 0 else ''}{printed(x, 'x_share', 'share', lang)}" for x in changes]
    place = tables.prefecture_name(name, lang, found.day)
    ends = f"{number(once, lang)} → {number(now, lang)}"
    return {
        "it": f"Richieste di esecuzione sull'anno prima: {said[0]}; senza {place} ({ends}) {said[1]}; "
        f"senza tutte le {broken.sum()} province con serie interrotta {said[2]}.",
        "en": f"Requests of execution on the year before: {said[0]}; without {place} ({ends}) "
        f"{said[1]}; without all {broken.sum()} provinces with a broken series {said[2]}.",
    }[lang]


def sources(found: Findings) -> Chapter:
    """List where the figures come from."""
    title = {"it": "Fonti", "en": "Sources"}[found.lang]
    return Chapter("fonti", title, (tables.sources_table(found),))


def limits(found: Findings) -> Chapter:
    """Say what the figures cannot tell."""
    title = {"it": "Limiti", "en": "Limits"}[found.lang]
    income, rent = (store.source_of(table).reference_date for table in ("incomes", "rents"))
    words = {
        "it": (
            f"I canoni sono quotazioni OMI del {rent} e i redditi sono del {income}: il loro rapporto "
            "confronta i comuni, non misura il peso dell'affitto oggi.",
            "I dichiaranti sono persone, in Italia circa 1,6 per famiglia: le loro quote non sono quote "
            "di famiglie.",
            "La soglia del {sustainable_rent_share} è sul reddito dichiarato e non va confusa con il "
            "40 % del reddito disponibile usato da Eurostat.",
            "Un dato mancante resta mancante in mappa, tabelle e file: non è mai zero.",
            index_words.limit(found.index.spec, "it"),
        ),
        "en": (
            f"Rents are OMI quotes of {rent} and incomes of {income}: their ratio compares "
            "municipalities, it does not measure today's burden.",
            "Declarants are persons, about 1.6 a household in Italy: their shares are not shares of "
            "households.",
            "The {sustainable_rent_share} rule is on declared income and is not Eurostat's 40 % of "
            "disposable income.",
            "A missing figure is missing in map, tables and files: it is never zero.",
            index_words.limit(found.index.spec, "en"),
        ),
    }[found.lang]
    values = parameters.values(found.overrides)
    said = [*(elided(worded(text, found.lang, values)) for text in words), *_overridden(found)]
    return Chapter("limiti", title, tuple(Sentence(text) for text in said))


def _overridden(found: Findings) -> list[str]:
    """Name the parameters that the study changed."""
    if not found.overrides:
        return []
    listed = "; ".join(f"{name} = {value:g}" for name, value in sorted(found.overrides.items()))
    return [
        {
            "it": f"Parametri cambiati in questo studio: {listed}.",
            "en": f"Parameters changed in this study: {listed}.",
        }[found.lang]
    ]
