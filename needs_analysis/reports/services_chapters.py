"""What the briefing says of services: offer, outcomes, network, places needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import store
from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Figures
from needs_analysis.reports import network_chart, services_needed, services_tables
from needs_analysis.reports.language import day_label, elided, number, printed
from needs_analysis.reports.maps import READY, Category, Entry
from needs_analysis.reports.model import Block, Chapter, Picture, Sentence, Table
from needs_analysis.reports.services_charts import places_over_time
from needs_analysis.reports.services_tables import (
    AMBITO_NOTE,
    INTERNAL_WARNING,
    WIDE,
    hidden_note,
    labelled,
)
from needs_analysis.services.inputs import ServiceData
from needs_analysis.services.network import published_graph, referral_graph
from needs_analysis.services.publication import Publication
from needs_analysis.services.rules import RULES
from needs_analysis.services.schema import STATES

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings

_CLASSES = (
    ("none", "nessun posto pronto", "no place ready", "#fbf7c9", 0),
    ("few", "da 1 a 4 posti pronti", "1 to 4 places ready", "#7fcdbb", 1),
    ("some", "da 5 a 9 posti pronti", "5 to 9 places ready", "#2872b0", 5),
    ("many", "10 o più posti pronti", "10 or more places ready", "#1f2a78", 10),
    ("hidden", "nascosto per riservatezza", "hidden for confidentiality", "#b8bfc7", -1),
)
_SOURCE = {
    "it": "registro e accoglienze dei servizi (dati riservati dell'ente)",
    "en": "register and stays of the services (confidential data of the body)",
}


def chapters(found: Findings) -> tuple[Chapter, ...]:
    """Return the chapters on services; none where the study names no register."""
    data = found.services
    if data is None:
        return ()
    lang = found.lang
    elsewhere = ambiti_outside(data, found.area.index)
    made = [offer(data, lang, elsewhere), outcomes(data, lang)]
    if data.collaboration is not None:
        made.append(network(data, lang))
    return (*made, places_needed(data, lang))


def warning(found: Findings) -> str:
    """Say that a study with the internal profile may not leave; nothing of any other."""
    data = found.services
    internal = data is not None and data.publication.internal
    return INTERNAL_WARNING[found.lang] if internal else ""


def sheets(found: Findings) -> list[Table]:
    """Return the sheets on services; none where the study names no register."""
    data = found.services
    if data is None:
        return []
    made = services_tables.sheets(data, found.lang)
    if data.plan is not None:
        made += services_needed.sheets(data.publication, data.plan, found.lang)
    return made


def _chapter(
    key: str, title: tuple[str, str], data: ServiceData, lang: str, blocks: Sequence[Block | None]
) -> Chapter:
    """Return a chapter whose title and first words say that invented data are invented."""
    publication = data.publication
    kept = [one for one in blocks if one is not None]
    if publication.label:
        said = {
            "it": "I dati di questo capitolo sono inventati: nessun ospite, nessun servizio è reale.",
            "en": "The data of this chapter are invented: no guest and no service is real.",
        }[lang]
        lead = {"it": "Dati inventati.", "en": "Invented data."}[lang]
        kept.insert(0, Sentence(said, lead))
    name = labelled(title[lang != "it"], publication, lang)
    return Chapter(key, name, tuple(kept))


# ---------------------------------------------------------------- offer


def ambiti_outside(data: ServiceData, codes: pd.Index) -> list[str]:
    """Return the ambiti of the register without a municipality in an area.

    They are counted all the same: tables of two areas over one register, each without the services
    outside it, would give away by subtraction what each hides.
    """
    known = store.table("ambiti").groupby("ambito_name")["municipality_code"].agg(set)
    services, dwellings = data.register.services, data.register.dwellings
    of = dwellings["service_code"].map(services["ambito_name"])
    own = dwellings["municipality_code"].groupby(of).agg(set)
    return [
        name
        for name in sorted(services["ambito_name"].dropna().unique())
        if (reach := known.get(name) or own.get(name)) and not reach & set(codes)
    ]


def offer(data: ServiceData, lang: str, elsewhere: Sequence[str] = ()) -> Chapter:
    """Say how many places there are, in what state, where and for whom."""
    found = data.publication
    titles = ("Offerta", "Offer")
    names = ", ".join(elsewhere)
    outside = {
        "it": f"Il registro comprende servizi fuori dal territorio dello studio (ambiti: {names}): le "
        "cifre sui servizi sono dell'intero registro.",
        "en": f"The register includes services outside the area of the study (ambiti: {names}): the "
        "figures on services are of the whole register.",
    }[lang]
    blocks = (
        Sentence(outside, {"it": "Attenzione.", "en": "Mind."}[lang]) if elsewhere else None,
        _places_sentence(found, lang),
        _occupancy_sentence(found, lang),
        services_tables.offer_table(data, lang),
        _places_picture(data, lang),
        services_tables.ready_table(data, lang),
        _local_sentence(data, lang),
    )
    return _chapter("offerta", titles, data, lang, blocks)


def _places_sentence(found: Publication, lang: str) -> Sentence:
    day = day_label(found.period.end, lang)
    places = found.run.records.register.places
    occupied, ready = (
        printed(found.figure(f"places_{state}")["value"], "places", "count", lang)
        for state in ("occupied", "ready")
    )
    counts = [
        number(len(one), lang) for one in (found.services, found.run.records.register.dwellings)
    ]
    whole = number(len(places), lang)
    text = {
        "it": f"Il {day} il registro conta {counts[0]} servizi, {counts[1]} alloggi e {whole} posti: "
        f"{occupied} occupati e {ready} pronti ad accogliere.",
        "en": f"On {day} the register has {counts[0]} services, {counts[1]} dwellings and {whole} "
        f"places: {occupied} occupied and {ready} ready to take somebody.",
    }[lang]
    return Sentence(text, {"it": "Posti.", "en": "Places."}[lang], hidden_note(found, lang))


def _occupancy_sentence(found: Publication, lang: str) -> Sentence | None:
    said = _interval(found, "occupancy_share", lang)
    if not said:
        return None
    text = {
        "it": f"Nel periodo le notti occupate sono il {said} di quelle disponibili.",
        "en": f"In the period the nights taken are {said} of those available.",
    }[lang]
    return Sentence(elided(text), {"it": "Occupazione.", "en": "Occupancy."}[lang])


def _places_picture(data: ServiceData, lang: str) -> Picture | Sentence:
    """Draw the places by state at the end of each month, from the table that may be told."""
    found = data.publication
    table = services_tables.supply_table(found, lang)
    frame = table.frame.set_index(pd.to_datetime(table.frame["date"]))[list(STATES)].astype(float)
    hidden = frame.isna().any(axis=1)
    if hidden.all():
        text = {
            "it": "I posti nel tempo non si mostrano: in ogni mese direbbero di pochi ospiti.",
            "en": "Places over time are not shown: in every month they would tell of few guests.",
        }[lang]
        return Sentence(text, "", hidden_note(found, lang))
    labels = {state: (one.it if lang == "it" else one.en) for state, one in STATES.items()}
    title = ("Posti per stato nel tempo", "Places by state over time")[lang != "it"]
    rule = RULES["supply"].it if lang == "it" else RULES["supply"].en
    return Picture(
        "posti-nel-tempo",
        labelled(title, found, lang),
        places_over_time(frame, labels=labels, lang=lang),
        _places_words(frame[~hidden], int(hidden.sum()), labels, lang),
        notes=tuple(
            filter(None, [rule, _gaps_note(int(hidden.sum()), lang), hidden_note(found, lang)])
        ),
        sources=(_SOURCE[lang],),
    )


def _places_words(shown: pd.DataFrame, hidden: int, labels: Mapping[str, str], lang: str) -> str:
    """Say the chart to those who cannot see it: its first and last month that may be told."""
    said = []
    for day in dict.fromkeys((shown.index[0], shown.index[-1])):
        counts = ", ".join(
            f"{labels[state]} {number(value, lang)}" for state, value in shown.loc[day].items()
        )
        said.append(f"{day_label(day, lang)}: {counts}")
    gaps = _gaps_note(hidden, lang)
    sheet = {
        "it": "Tutti i mesi sono nel foglio «Servizi posti nel tempo».",
        "en": 'All months are in the sheet "Servizi posti nel tempo".',
    }[lang]
    return " ".join(filter(None, [f"{'; '.join(said)}.", gaps, sheet]))


def _gaps_note(hidden: int, lang: str) -> str:
    """Say how many months are left out of the chart."""
    if not hidden:
        return ""
    many = {
        "it": ("1 mese nascosto", f"{hidden} mesi nascosti"),
        "en": ("1 month hidden", f"{hidden} months hidden"),
    }
    return {
        "it": f"{many['it'][hidden > 1]} per riservatezza: nel grafico è un vuoto, non uno zero.",
        "en": f"{many['en'][hidden > 1]} for confidentiality: a gap in the chart, not a zero.",
    }[lang]


def _local_sentence(data: ServiceData, lang: str) -> Sentence | None:
    """Say how many administrations told what they spend; silence is no zero."""
    if data.measures is None:
        return None
    frame = data.measures
    silent = (frame["not_transmitted"].fillna("") != "").sum()
    text = {
        "it": f"Le misure locali in vigore sono {number(len(frame), lang)}; per {number(silent, lang)} "
        "almeno un importo o un conteggio è «dato non trasmesso», che non vale zero e resta fuori "
        "dai totali.",
        "en": f"Local measures in force are {number(len(frame), lang)}; of {number(silent, lang)} an "
        "amount or a count at least was not transmitted: it is no zero and stays out of the totals.",
    }[lang]
    return Sentence(text, {"it": "Misure locali.", "en": "Local measures."}[lang])


def _interval(found: Publication, measure: str, lang: str) -> str:
    """Print a figure of the network with its interval; "" where it may not be told."""
    row = found.figure(measure)
    if isnan(row["value"]):
        return ""
    unit = services_tables.unit_of(measure)
    value, low, high = (
        printed(row[part], measure, unit, lang) for part in ("value", "low", "high")
    )
    if isnan(row["low"]):
        return value
    between = {"it": "intervallo al 95 %: {} - {}", "en": "95 % interval: {} - {}"}[lang]
    return f"{value} ({between.format(low, high)})"


# ---------------------------------------------------------------- outcomes


def outcomes(data: ServiceData, lang: str) -> Chapter:
    """Say who left and where to, how long they stayed, who came back, how it is after a year."""
    found = data.publication
    blocks: tuple[Block | None, ...] = (
        *_outcome_sentences(found, lang),
        Sentence(WIDE[lang], {"it": "Intervalli.", "en": "Intervals."}[lang]),
        services_tables.main_table(found, lang),
        services_tables.outcomes_table(found, lang),
    )
    return _chapter("esiti", ("Esiti", "Outcomes"), data, lang, blocks)


_SAID = (
    ("exits", ("Uscite.", "Exits."),
     ("Nel periodo si sono concluse {} accoglienze.", "In the period {} stays ended.")),
    ("positive_exits_share", ("Uscite positive.", "Positive exits."),
     ("È andato verso una casa stabile il {} di chi è uscito.",
      "To a stable home {} of those who left.")),
    ("stay_median_days", ("Permanenza.", "Stay."),
     ("La metà di chi è uscito è rimasta fino a {}.", "Half of those who left stayed up to {}.")),
    ("returns_730_share", ("Rientri.", "Returns."),
     ("Entro due anni da un'uscita positiva è rientrato il {}.",
      "Within two years of a positive exit {} came back.")),
    ("follow_up_12_stable_share", ("Dopo un anno.", "After a year."),
     ("A dodici mesi ha una casa stabile il {} di chi risponde.",
      "At twelve months {} of those who answer have a stable home.")),
)  # fmt: skip


def _outcome_sentences(found: Publication, lang: str) -> list[Sentence]:
    """Return a sentence for each outcome of the network that may be told, with its denominator."""
    at = lang != "it"
    made = []
    for measure, lead, text in _SAID:
        said = _interval(found, measure, lang)
        if not said:
            continue
        row = found.figure(measure)
        whole = row["denominator"]
        over = {"it": " (su {})", "en": " (of {})"}[lang].format(number(whole, lang))
        words = text[at].format(said).removesuffix(".") + ("" if isnan(whole) else over)
        made.append(Sentence(elided(f"{words}."), lead[at]))
    return made


# ---------------------------------------------------------------- network


def network(data: ServiceData, lang: str) -> Chapter:
    """Say how the members of the network work together."""
    blocks = (
        _network_sentence(data, lang),
        _network_picture(data, lang),
        services_tables.collaboration_table(data, lang),
        services_tables.survey_table(data, lang),
    )
    return _chapter("rete", ("Rete", "Network"), data, lang, blocks)


def _network_sentence(data: ServiceData, lang: str) -> Sentence:
    measures = data.collaboration.measures  # type: ignore[union-attr]
    own = measures.loc[TOTAL]["value"]
    density, back = (
        printed(own[name], name, "share", lang) for name in ("density_share", "reciprocity_share")
    )
    text = {
        "it": f"I membri che segnalano o ricevono sono {number(own['members'], lang)}: fra loro esiste "
        f"il {density} dei legami possibili, e il {back} è ricambiato.",
        "en": f"Members who refer or receive are {number(own['members'], lang)}: {density} of the "
        f"possible ties between them exist, and {back} are returned.",
    }[lang]
    return Sentence(elided(text), {"it": "Chi segnala a chi.", "en": "Who refers to whom."}[lang])


def _network_picture(data: ServiceData, lang: str) -> Picture:
    found = data.publication
    made = data.collaboration
    assert made is not None
    least = found.rules.count_min
    graph = published_graph(made.pairs)
    if found.internal and data.referrals is not None:
        graph, least = referral_graph(data.referrals, period=found.period), 1
    title = {"it": "Segnalazioni fra i membri della rete", "en": "Referrals between members"}[lang]
    invented = services_tables.INVENTED_WORD[lang] if found.label else ""
    svg = network_chart.referral_network(graph, count_min=least, lang=lang, title=invented)
    ties = number(graph.number_of_edges(), lang)
    alternative = {
        "it": f"Rete di {number(len(graph), lang)} membri e {ties} legami; i conteggi sono nel foglio "
        "delle segnalazioni.",
        "en": f"Network of {number(len(graph), lang)} members and {ties} ties; the counts are in the "
        "sheet of referrals.",
    }[lang]
    return Picture(
        "rete-servizi", labelled(title, found, lang), svg, alternative,
        notes=tuple(filter(None, [hidden_note(found, lang)])),
    )  # fmt: skip


# ---------------------------------------------------------------- places needed


def places_needed(data: ServiceData, lang: str) -> Chapter:
    """Say how many places it would take for those who ask to enter within a month."""
    titles = ("Posti necessari", "Places needed")
    plan = data.plan
    if plan is None:
        text = {
            "it": "Le richieste o le uscite del periodo sono troppo poche per stimare quanti posti "
            "servono.",
            "en": "Requests or exits of the period are too few to tell how many places are needed.",
        }[lang]
        return _chapter("posti", titles, data, lang, (Sentence(text),))
    said = services_needed.sentences(plan, lang)
    tables = services_needed.page_tables(data.publication, plan, lang)
    return _chapter("posti", titles, data, lang, (*said, *tables))


# ---------------------------------------------------------------- map


def ready_layer(found: Findings) -> tuple[Figures, Entry] | None:
    """Return the ready places of each municipality's ambito as classes, and what the map says of them.

    One value an ambito, the same in all its municipalities: never a dwelling, never a rank.
    """
    data = found.services
    if data is None:
        return None
    from needs_analysis import store

    by_ambito = ready_by_ambito(data)
    home = store.table("ambiti").set_index("municipality_code")["ambito_name"]
    units = found.indicators.data.index
    classes = home.reindex(units).map(by_ambito.map(ready_class).to_dict()).astype(object)
    frame = pd.DataFrame({READY: classes.where(classes.notna(), None)}, index=units)
    year = f"{data.files.period.end:%Y-%m-%d}"
    figures = Figures.of(frame, vintage=year)
    label = data.publication.label
    names = [
        labelled(text, data.publication, lang)
        for text, lang in (
            ("Posti pronti per ambito", "it"), ("Places ready by ambito", "en"),
        )
    ]  # fmt: skip
    kinds = tuple(Category(code, it, en, colour) for code, it, en, colour, _ in _CLASSES)
    said = " Dati inventati." if label else ""
    words = " Invented data." if label else ""
    entry = Entry(
        READY,
        names[0],
        names[1],
        AMBITO_NOTE["it"] + said,
        AMBITO_NOTE["en"] + words,
        "supply",
        0,
        kinds,
    )
    return figures, entry


def ready_by_ambito(data: ServiceData) -> pd.Series:
    """Return the ready places by ambito; NaN where they would tell how many are taken."""
    found = data.publication
    frame = found.figures
    own = frame[(frame["measure"] == "places_ready") & (frame["level"] == "ambito")]
    return own.set_index("level_value")["value"].astype(float)


def ready_class(ready: float) -> str:
    """Return the class of the map that so many ready places are in.

    Examples
    --------
    >>> [ready_class(places) for places in (0.0, 4.0, 5.0, float("nan"))]
    ['none', 'few', 'some', 'hidden']
    """
    if isnan(ready):
        return "hidden"
    return next(code for code, *_, least in _CLASSES[-2::-1] if ready >= least)
