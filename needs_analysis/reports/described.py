"""What the tables of a study and their columns are, in words: for whoever opens them elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import join_vintages
from needs_analysis.indicators import Indicator
from needs_analysis.reports.chapters import index_words, need_map, services_map
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.language import Display, display, quality_words
from needs_analysis.words import N_, Voice

MUNICIPALITIES, SERVICES, CODEBOOK, SOURCES = "municipalities", "services", "codebook", "sources"
GEOMETRY = "geom"
TITLES = {
    MUNICIPALITIES: N_("Comuni: un campo per indicatore, con la sua qualità"),
    SERVICES: N_("Servizi: l'offerta per ambito"),
    need_map.LAYER: N_("Famiglie in bisogno per comune e gruppo"),
    CODEBOOK: N_("Definizioni degli indicatori"),
    SOURCES: N_("Fonti citate"),
}
KEYS = {
    MUNICIPALITIES: ("municipality_code",),
    SERVICES: ("ambito_name",),
    need_map.LAYER: ("municipality_code", "group"),
    CODEBOOK: ("name",),
    SOURCES: ("id",),
}
"""Which columns tell the rows of each table apart."""
_WORDS = {
    "municipality_code": N_("codice ISTAT del comune"),
    "municipality_name": N_("nome del comune"),
    "cadastral_code": N_("codice catastale del comune"),
    "province_name": N_("nome della provincia"),
    "province_abbreviation": N_("sigla della provincia"),
    "region_name": N_("nome della regione"),
    "ambito_name": N_("nome dell'ambito"),
    "reference_date": N_("data di riferimento"),
    "note": N_("avvertenze"),
    GEOMETRY: N_("confini, in metri (EPSG:32632)"),
    "group": N_("gruppo di famiglie, per codice"),
    "low": N_("famiglie: estremo inferiore dell'intervallo; vuoto dove c'è una fascia"),
    "central": N_("famiglie: valore centrale; vuoto dove c'è una fascia o non si sa"),
    "high": N_("famiglie: estremo superiore dell'intervallo; vuoto dove c'è una fascia"),
    "band": N_("fascia, dove la stima è piccola"),
    "quality": N_("come si è avuto il valore"),
    "kind": N_("stock: famiglie in un giorno; flow: in un anno, portate a un giorno"),
    "vintage": N_("data dei dati"),
    "name": N_("nome del campo"),
    "id": N_("sigla"),
    "component": N_("componente"),
    "unit": N_("unità, per codice"),
    "polarity": N_("1: un valore alto è peggiore; -1: è migliore; 0: né l'uno né l'altro"),
    "level": N_("unità territoriale"),
    "label_it": N_("etichetta in italiano"),
    "label_en": N_("etichetta in inglese"),
    "definition_it": N_("definizione in italiano"),
    "definition_en": N_("definizione in inglese"),
    "reference": N_("riferimento"),
    "inputs": N_("dati di partenza"),
    "parameters": N_("parametri usati"),
    "publisher": N_("chi pubblica"),
    "title": N_("titolo della pubblicazione"),
    "licence": N_("licenza"),
    "attribution": N_("come va citata"),
    "retrieval": N_("dove si scarica"),
    "checksum": N_("impronta SHA-256 del file letto"),
}


@dataclass(frozen=True)
class Shown:
    """What is said of an indicator, an index or a component: its words, how it is printed."""

    label: str
    definition: str
    display: Display


def shown(found: Findings, name: str) -> Shown | None:
    """Return what is said of a column of figures; None of what is no figure."""
    voice = found.voice
    one: Indicator | None = found.declared.get(name)
    if one is not None:
        return Shown(one.label_in(voice), one.definition_in(voice), display(name, one.unit))
    if found.index is None:
        return None
    spec = found.index.spec
    parts = {spec.name: spec} | {part.column: part for part in spec.components}
    if name not in parts:
        return None
    compared = index_words.compared(found.index, voice)
    return Shown(index_words.label(parts[name], voice), compared, display(name, found.score_unit))


def publishers(found: Findings, name: str) -> str:
    """Return who publishes what a figure is made of."""
    cited = store.cited()
    ids = found.indicators.sources.get(name, ())
    return "; ".join(dict.fromkeys(cited[one].publisher if one in cited else one for one in ids))


def dated(found: Findings, name: str) -> str:
    """Return the dates of what a figure of the area is made of."""
    return join_vintages(found.indicators.vintage.loc[found.codes, name].unique())


def qualities(found: Findings, name: str) -> str:
    """Say how the values of a figure came to be, and how many each way."""
    grades = found.indicators.quality.loc[found.codes, name]
    words = quality_words(found.voice)
    counts = {code: int((grades == code).sum()) for code in words}
    said = (f"{words[code]} ({found.voice.number(n)})" for code, n in counts.items() if n)
    return ", ".join(said)


def unit_said(one: Display, voice: Voice) -> str:
    """Say the unit of a value as it is kept: a share is one where a per cent would be 100.

    Examples
    --------
    >>> unit_said(display("low_income_share", "share"), Voice()), unit_said(display("x", "eur"), Voice())
    ('quota: 1 è il 100 %', '€')
    """
    if one.scale == 100:
        return voice.say("quota: 1 è il 100 %")
    return voice.say(one.unit) if one.unit else voice.say("numero")


def columns(found: Findings, layers: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """Return for each table what each of its columns is: label, unit, source, date, quality.

    Parameters
    ----------
    found : Findings
        The area.
    layers : mapping of str to DataFrame
        As `open_data.layers` returns them.
    """
    offered = {} if found.services is None else _of_services(found)
    return {
        table: {_named(one): _comment(found, table, _named(one), offered) for one in frame}
        for table, frame in layers.items()
    }


def labels(found: Findings, frame: pd.DataFrame) -> dict[str, str]:
    """Return what each column of the municipalities is called."""
    names = [_named(one) for one in frame if one != "geometry"]
    return {name: _label(found, name, {}) or _other(found, name, {}) for name in names}


def _named(column: object) -> str:
    return GEOMETRY if column == "geometry" else str(column)


def _of_services(found: Findings) -> dict[str, str]:
    assert found.services is not None
    label = f"label_{found.voice.language}"
    rows = services_map.codebook_rows(found.services)
    day = f"{found.services.period.end:%Y-%m-%d}"
    return {
        row["name"]: found.voice.say("{label}. Data: {date}.", label=row[label], date=day)
        for row in rows.to_dict("records")
    }


def _comment(found: Findings, table: str, name: str, offered: Mapping[str, str]) -> str:
    if table == MUNICIPALITIES and name in found.indicators.data:
        return _figure(found, name)
    if table == SERVICES and name in offered:
        return offered[name]
    return _other(found, name, offered)


def _other(found: Findings, name: str, offered: Mapping[str, str]) -> str:
    """Say what a column is that holds no figure: a name, or what is said of one."""
    for ending, words in _ENDINGS.items():
        stem = name.removesuffix(ending)
        if stem != name and (label := _label(found, stem, offered)):
            return found.voice.say(words, label=label)
    return found.voice.say(_WORDS[name]) if name in _WORDS else name


_ENDINGS = {
    "_quality": N_("Come si è avuto il valore di «{label}»"),
    "_low": N_("Estremo inferiore dell'intervallo di «{label}»"),
    "_high": N_("Estremo superiore dell'intervallo di «{label}»"),
}


def _label(found: Findings, name: str, offered: Mapping[str, str]) -> str:
    if name in offered:
        return offered[name].split(". ")[0]
    said = shown(found, name)
    return said.label if said else ""


def _figure(found: Findings, name: str) -> str:
    voice, said = found.voice, shown(found, name)
    return voice.say(
        "{label}. Unità: {unit}. Fonte: {source}. Data: {date}. Qualità: {quality}.",
        label=said.label if said else name,
        unit=unit_said(said.display, voice) if said else voice.say("numero"),
        source=publishers(found, name) or "needs-analysis",
        date=dated(found, name),
        quality=qualities(found, name),
    )
