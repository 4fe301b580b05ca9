"""The chapters of a briefing: one function a chapter, from findings to the content model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from needs_analysis import panel as panels
from needs_analysis import parameters, store
from needs_analysis.indicators.declaration import unit_of, worded
from needs_analysis.reports import index_words, tables
from needs_analysis.reports.chapters import index as index_chapter
from needs_analysis.reports.chapters import opening, sentences
from needs_analysis.reports.chapters import patterns as patterns_chapter
from needs_analysis.reports.chapters import services as services_chapters
from needs_analysis.reports.charts import drawing as charts
from needs_analysis.reports.findings import OWN, POOLED, PROVINCE, Findings
from needs_analysis.reports.language import display
from needs_analysis.reports.model import (
    Briefing,
    Chapter,
    Column,
    Number,
    Origin,
    Picture,
    Sentence,
    Table,
    number,
    numbers,
    texts,
)
from needs_analysis.words import N_, Voice

# A number that follows from one of a territory by a rule has that one's trace.
_TRACED_BY = {
    "monthly_rent_eur": "annual_rent_eur",
    "income_asked_eur": "annual_rent_eur",
    "income_asked_scenario_eur": "annual_rent_eur",
}


def origins(found: Findings, opening: Sequence[Chapter]) -> Chapter:
    """Say where each number of the area in the opening chapters comes from, down to the files."""
    title = found.voice.say("Da dove viene ogni numero")
    labels = tables.column_labels(found.voice)
    labels |= {name: found.voice.say(word) for name, word in tables.TOTAL_LABELS.items()}
    labels |= {name: one.label_in(found.voice) for name, one in found.declared.items()}
    keys = dict.fromkeys(
        one.key
        for chapter in opening
        for block in chapter.blocks
        if isinstance(block, Sentence)
        for one in numbers(block.text)
    )
    blocks = []
    for key in keys:
        territory, _, name = key.partition(":")
        source = _TRACED_BY.get(name, name)
        if territory == OWN and source in (*found.declared, *POOLED):
            blocks.append(Origin(key, labels[name], found.trace(source)))
    return Chapter("tracce", title, tuple(blocks))


def compose(found: Findings) -> Briefing:
    """Put the findings in words, tables and pictures, in the order they are read."""
    title = found.voice.say("Disagio abitativo")
    first = (opening.chapter(found), in_ten_sentences(found))
    chapters = (
        *first,
        rents_on_the_map(found),
        compared_with(found),
        by_municipality(found),
        evictions(found),
        *services_chapters.chapters(found),
        index_chapter.chapter(found),
        patterns_chapter.patterns(found),
        sources(found),
        limits(found),
        origins(found, first),
    )
    every = sheets(found)
    return Briefing(
        voice=found.voice,
        title=f"{found.label}: {title[0].lower()}{title[1:]}",
        subtitle=_subtitle(found),
        chapters=chapters,
        sheets=(*every, *numbers_table(chapters, every, found.voice)),
        links=_links(found.voice),
        warning=services_chapters.warning(found),
    )


def numbers_table(
    chapters: Sequence[Chapter], sheets: Sequence[Table], voice: Voice
) -> tuple[Table, ...]:
    """Give a cell to the numbers of the text that no other table holds."""
    rows: dict[str, tuple[str, str, Number]] = {}
    for chapter in chapters:
        for block in chapter.blocks:
            for where, said in texts(block):
                for one in numbers(said):
                    rows.setdefault(one.key, (chapter.title, where, one))
    for table in sheets:
        for _, _, key in table.numbered():
            rows.pop(key, None)
    if not rows:
        return ()
    frame = pd.DataFrame(
        [(title, where, one.value, one.variable, one.unit) for title, where, one in rows.values()],
        index=pd.Index(list(rows)),
        columns=["chapter", "sentence", "number", "variable", "unit"],
    )
    words = (voice.say("Capitolo"), voice.say("Dove"), voice.say("Numero"))
    columns = (
        Column("chapter", words[0]),
        Column("sentence", words[1]),
        Column("number", words[2], "by_row"),
    )
    note = voice.say("I numeri del testo che non stanno già in un'altra tabella.")
    return (Table(
        voice.say("numeri"), voice.say("I numeri del testo"), frame, columns, notes=(note,),
        facts="keys",
    ),)  # fmt: skip


def sheets(found: Findings) -> list[Table]:
    """Return the tables of the workbook, one a sheet."""
    by_province = len(found.codes) > tables.MUNICIPALITIES_ON_PAGE
    return [
        *([tables.province_table(found)] if by_province else []),
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


def rents_on_the_map(found: Findings) -> Chapter:
    """Map how much of an income the rent asks, and say between what it lies."""
    title = found.voice.say("Canoni e redditi sulla carta")
    said = _rents_between(found)
    return Chapter("mappa", title, (said, *_picture_map(found)))


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
    elif not charts.tells_apart(values, display(name, unit_of(name))):
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
            "canoni o i loro redditi non sono quelli di chi vi abita. Chi sono e perché: nella tabella "
            "per comune.",
            count=number("shown:marked_municipalities", len(marked), voice),
        )
        notes.append(said)
    if few := int(found.small.reindex(found.shown.index).notna().sum()):
        notes.append(tables.small_rule(found, number("shown:small_municipalities", few, voice)))
    return Sentence(voice.elided(text), lead, " ".join(notes))


def _picture_map(found: Findings) -> tuple[Picture, ...]:
    """Draw the map; where all that is known has one colour the sentence above says it."""
    name = opening.RENT
    declared, voice, shown = found.declared[name], found.voice, found.shown
    values = found.indicators.data.loc[shown.index, name]
    if not charts.tells_apart(values, display(name, declared.unit)):
        return ()
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
    words += _extremes(_known(found, name), shown["municipality_name"], name, voice)
    return (Picture(
        "mappa", title, svg, words, notes=(declared.definition_in(voice),),
        sources=tables.source_lines(found.indicators.sources[name], voice),
    ),)  # fmt: skip


def _extremes(values: pd.Series, names: pd.Series, name: str, voice: Voice) -> str:
    known = values.dropna()
    if known.empty:
        return ""
    ordered = names.loc[known.sort_values().index]
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    high, low = (
        number(f"{code}:{name}", known[code], voice, unit_of(name), name)
        for code in (ordered.index[-1], ordered.index[0])
    )
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
    if len(found.codes) > tables.MUNICIPALITIES_ON_PAGE:
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
    ends = [_last_of(series[name], name, voice) for name in tables.COUNTS]
    said = "; ".join(
        f"{labels[name].lower()} {end}" for name, end in zip(tables.COUNTS, ends, strict=True)
    )
    alternative = voice.say("Serie annuale. Nel {year}: {said}.", year=series.index[-1], said=said)
    note = ""
    if str(series.index[-1]) == store.source_of("evictions").reference_date:
        note = _national_changes(found, float(last["requests"]), float(before["requests"]))
    svg = charts.series(series, labels=labels, voice=voice)
    return Picture(
        "serie", title, svg, alternative,
        notes=tuple(filter(None, (note, tables.exclusion_note(voice)))),
        sources=tables.source_lines([store.source_of("evictions_series").id], voice),
        drawn=tuple(ends),
    )  # fmt: skip


def _last_of(counts: pd.Series, name: str, voice: Voice) -> str:
    """Print the last known count of a series, which stands at the end of its line."""
    known = counts.dropna()
    return number(f"italy_{known.index[-1]}:{name}", float(known.iloc[-1]), voice)


def _national_changes(found: Findings, last: float, before: float) -> str:
    """Say how requests change in Italy, and how without the provinces whose series is broken."""
    voice = found.voice
    rows = panels.evictions_by_province(found.overrides)
    earlier = rows["requests"] / (1 + rows["requests_change_share"])
    broken = rows["requests_broken"]
    kept = ~broken & earlier.notna()
    worst = str((rows["requests"] - earlier).where(broken).idxmax())
    now, once = float(rows["requests"].loc[worst]), float(earlier.loc[worst])
    changes = [
        last / before - 1,
        (last - now) / (before - once) - 1,
        rows["requests"][kept].sum() / earlier[kept].sum() - 1,
    ]
    names = ("requests_change_share", "requests_change_without_one_share",
             "requests_change_without_broken_share")  # fmt: skip
    said = [
        f"{'+' if x > 0 else ''}{number(f'italy:{name}', x, voice, 'share')}"
        for name, x in zip(names, changes, strict=True)
    ]
    place = tables.prefecture_name(worst, voice, found.day)
    first, then = (
        number(f"{worst}:{key}", count, voice)
        for key, count in (("requests_before", once), ("requests", now))
    )
    ends = f"{first} → {then}"
    return voice.say(
        "Richieste di esecuzione sull'anno prima: {all}; senza {place} ({ends}) {without_one}; "
        "senza tutte le {count} province con serie interrotta {without_all}.",
        all=said[0],
        place=place,
        ends=ends,
        without_one=said[1],
        count=number("italy:provinces_with_broken_requests", int(broken.sum()), voice),
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
