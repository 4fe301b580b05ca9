"""Places needed by ambito and by group, and today's waits: tables and the sentences that say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any, cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.reports.language import day_label, elided, number, printed
from needs_analysis.reports.model import Column, Sentence, Table
from needs_analysis.reports.services_tables import hidden_note, labelled
from needs_analysis.services.capacity import Capacity, Overload, PlacesNeeded, load_decimals
from needs_analysis.services.planning import OTHERS, Plan, Split
from needs_analysis.services.publication import Publication
from needs_analysis.services.records import UNSTATED
from needs_analysis.services.schema import GROUPS

_WORDS = {
    TOTAL: ("insieme", "together"),
    OTHERS: ("altri gruppi", "other groups"),
    UNSTATED: ("non indicato", "not stated"),
}
_OF_WHOM = {"own": ("del gruppo", "of the group"), "all": ("di tutti", "of all")}
_NEEDED = (
    ("load", ("Posti sempre occupati", "Places always taken"), "count"),
    ("places", ("Posti necessari", "Places needed"), "count"),
    ("places_low", ("Necessari: da", "Needed: from"), "count"),
    ("places_high", ("Necessari: a", "Needed: to"), "count"),
    ("share", ("Entra in tempo", "Enters in time"), "share"),
)
# On a page an interval is one text; the share is the target's or little more.
_NEEDED_PAGE = (*_NEEDED[:2], ("places_interval", ("Intervallo", "Interval"), "text"))
_WAITS = (
    ("wait_p50_days", ("Metà entra entro", "Half enter within"), "days"),
    ("wait_p90_days", ("Nove su dieci entro", "Nine in ten within"), "days"),
    ("within_target_share", ("Entra in tempo", "Enters in time"), "share"),
)
_MODELLED = ("load", "places", "share", "stay_days", *(name for name, _, _ in _WAITS))
Heads = tuple[str, tuple[str, str], str]


def sheets(found: Publication, plan: Plan, lang: str) -> list[Table]:
    """Return the places needed by ambito and by group, today's waits and what was assumed."""
    return [*_tables(found, plan, lang, page=False), assumed_table(found, plan, lang)]


def page_tables(found: Publication, plan: Plan, lang: str) -> list[Table]:
    """Return the tables of the chapter."""
    return _tables(found, plan, lang, page=True)


def _tables(found: Publication, plan: Plan, lang: str, *, page: bool) -> list[Table]:
    made = []
    if plan.by_ambito.needed is not None:
        made.append(_ambito_table(found, plan, plan.by_ambito.needed, lang, page=page))
    if plan.by_group.needed is not None:
        made.append(_group_table(found, plan, plan.by_group.needed, lang, page=page))
    if plan.today.found is not None:
        made.append(_waits_table(found, plan, plan.today.found, lang, page=page))
    return made


# ---------------------------------------------------------------- tables


def _ambito_table(
    found: Publication, plan: Plan, needed: PlacesNeeded, lang: str, *, page: bool
) -> Table:
    """Return the places each ambito needs alone and all together, beside those there are."""
    columns = (
        ("name", ("Ambito", "Ambito"), "text"),
        ("requests", ("Richieste nel periodo", "Requests in the period"), "count"),
        ("there", ("Posti che ci sono", "Places there are"), "count"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = ("Posti necessari per ambito", "Places needed by ambito")
    frame = _needed_frame(plan.by_ambito, needed, lang)
    notes = (_target_note(plan, lang), _THERE[lang], _left_out(plan.by_ambito, lang))
    return _table(found, "Servizi posti necessari", title, frame, columns, lang, notes)


def _group_table(
    found: Publication, plan: Plan, needed: PlacesNeeded, lang: str, *, page: bool
) -> Table:
    """Return the places each group needs alone and all together, and by whose stays."""
    split, at = plan.by_group, lang != "it"
    frame = _needed_frame(split, needed, lang)
    behind = split.behind
    mean = np.average(behind["stay_mean_days"], weights=behind["requests"])
    # Finer than a day it would count those who left.
    frame["stay_days"] = np.round([*behind["stay_mean_days"], mean])
    frame["stay_of"] = [*(_OF_WHOM[one][at] for one in behind["stay"]), ""]
    hidden = _few_places(found, list(needed.frame.index), frame["there"])
    frame["there"] = frame["there"].mask(hidden)
    columns = (
        ("name", ("Gruppo", "Group"), "text"),
        ("requests", ("Richieste nel periodo", "Requests in the period"), "count"),
        ("there", ("Posti aperti al gruppo", "Places open to the group"), "count"),
        ("stay_days", ("Permanenza media", "Mean stay"), "days"),
        ("stay_of", ("Permanenza di chi", "Stay of whom"), "text"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = ("Posti necessari per gruppo", "Places needed by group")
    notes = (_target_note(plan, lang), _SEVERAL[lang], _left_out(split, lang))
    return _table(found, "Servizi posti per gruppo", title, frame, columns, lang, notes, hidden)


_THERE = {
    "it": "I posti che ci sono: aperti a fine periodo, senza quelli da sistemare.",
    "en": "Places there are: open at the end of the period, those to repair left out.",
}
_SEVERAL = {
    "it": "I posti aperti al gruppo a fine periodo, senza quelli da sistemare; uno aperto a più gruppi "
    "sta sotto ciascuno, e non si sommano.",
    "en": "Places open to the group at the end of the period, those to repair left out; one open to "
    "several groups stands under each, and they do not add up.",
}


def _needed_frame(split: Split, needed: PlacesNeeded, lang: str) -> pd.DataFrame:
    frame = needed.frame
    requests = split.behind["requests"]
    return pd.DataFrame(
        {
            "name": [_name(str(one), lang) for one in frame.index],
            "requests": [*requests, requests.sum()],
            "there": split.places.reindex(frame.index).to_numpy(dtype=float),
            "load": frame["load"].round().to_numpy(dtype=float),
            **{
                name: frame[name].to_numpy(dtype=float)
                for name in ("places", "places_low", "places_high")
            },
            "places_interval": [
                _between(low, high, "count", lang)
                for low, high in zip(frame["places_low"], frame["places_high"], strict=True)
            ],
            "share": frame["share"].round(2).to_numpy(),
        }
    )


def _waits_table(found: Publication, plan: Plan, made: Capacity, lang: str, *, page: bool) -> Table:
    """Return how long each group waits with today's places; on a page an interval is one text."""
    groups = [str(one) for one in made.groups.index.unique("group")]
    requests = {**plan.by_group.behind["requests"], OTHERS: plan.today.others}
    asked = [float(requests[one]) for one in groups if one != TOTAL]
    there = plan.today.places.reindex(groups).astype(float).reset_index(drop=True)
    hidden = _few_places(found, groups, there)
    frame = pd.DataFrame(
        {
            "name": [_name(one, lang) for one in groups],
            "requests": [*asked, sum(asked)],
            "there": there.mask(hidden),
        }
    )
    columns: list[Heads] = [
        ("name", ("Gruppo", "Group"), "text"),
        ("requests", ("Richieste nel periodo", "Requests in the period"), "count"),
        ("there", ("Posti aperti al gruppo", "Places open to the group"), "count"),
    ]
    for measure, head, unit in _WAITS:
        own = _rounded(made, measure).reindex(groups)
        frame[measure] = own["value"].to_numpy()
        columns.append((measure, head, unit))
        if page:
            name = f"{measure}_interval"
            frame[name] = [
                _between(low, high, unit, lang)
                for low, high in zip(own["low"], own["high"], strict=True)
            ]
            columns.append((name, ("Intervallo", "Interval"), "text"))
            continue
        for part, it, en in (("low", "da", "from"), ("high", "a", "to")):
            frame[f"{measure}_{part}"] = own[part].to_numpy()
            columns.append((f"{measure}_{part}", (f"{head[0]}: {it}", f"{head[1]}: {en}"), unit))
    title = ("Attese con i posti di oggi", "Waits with today's places")
    notes = (_today_note(plan, made, lang), _SEVERAL[lang], _others_note(plan, lang))
    return _table(found, "Servizi attese", title, frame, columns, lang, notes, hidden)


def assumed_table(found: Publication, plan: Plan, lang: str) -> Table:
    """Return what the simulations assume, one thing a row."""
    frame = pd.DataFrame(_assumed(plan, lang), columns=["what", "said"])
    columns = (
        ("what", ("Che cosa", "What"), "text"),
        ("said", ("Come", "How"), "text"),
    )
    title = ("Che cosa si è supposto", "What was assumed")
    return _table(found, "Servizi ipotesi", title, frame, columns, lang)


def _table(
    found: Publication,
    key: str,
    title: tuple[str, str],
    frame: pd.DataFrame,
    columns: Iterable[Heads],
    lang: str,
    notes: Sequence[str] = (),
    hidden: pd.Series | None = None,
) -> Table:
    """Return a table whose estimates are marked, and whose hidden places are."""
    at = lang != "it"
    modelled = [name for name in frame if str(name).startswith(_MODELLED)]
    modelled = [name for name in modelled if not str(name).endswith("_interval")]
    quality = pd.DataFrame(int(Quality.MODELLED), frame.index, modelled, dtype="int8")
    if hidden is not None:
        marks = np.where(hidden, int(Quality.SUPPRESSED), int(Quality.OBSERVED))
        quality["there"] = marks.astype("int8")
    first = f"{day_label(found.period.start, lang)} - {day_label(found.period.end, lang)}."
    few = hidden is not None and bool(hidden.any())
    said = hidden_note(found, lang) if few or found.internal else ""
    return Table(
        key,
        labelled(title[at], found, lang),
        frame,
        tuple(Column(name, label[at], unit) for name, label, unit in columns),
        quality,
        notes=tuple(filter(None, (first, *notes, said))),
    )


def _few_places(found: Publication, groups: Sequence[str], places: pd.Series) -> pd.Series:
    """Say where so few places are open to a sensitive group that they are not counted."""
    few = [
        not found.internal
        and found.rules.is_sensitive((("target_group", group),))
        and found.rules.hides((("target_group", group),), int(count))
        for group, count in zip(groups, places, strict=True)
    ]
    return pd.Series(few, dtype=bool)


def _rounded(made: Capacity, measure: str) -> pd.DataFrame:
    """Return a measure of each group, no finer than the simulation knows it."""
    own = made.groups.xs(measure, level="measure")[["value", "low", "high"]]
    return cast(pd.DataFrame, own.round(2 if measure.endswith("_share") else 0))


def _between(low: float, high: float, unit: str, lang: str) -> str:
    """Print the ends of an interval on one line."""
    first = number(low * 100 if unit == "share" else low, lang)
    last = _per_cent(high, lang) if unit == "share" else number(high, lang)
    return f"{first} - {last}".replace(" ", "\xa0")


def _per_cent(share: float, lang: str) -> str:
    """Print a share as a per cent, whole where it is."""
    value = round(share * 100, 1)
    return f"{number(value, lang, 0 if value == int(value) else 1)} %"


def _name(code: str, lang: str) -> str:
    at = lang != "it"
    if code in _WORDS:
        return _WORDS[code][at]
    return (GROUPS[code].it, GROUPS[code].en)[at] if code in GROUPS else code


def _named(codes: Iterable[str], lang: str) -> str:
    return "; ".join(_name(one, lang) for one in codes)


# ---------------------------------------------------------------- notes


def _target_note(plan: Plan, lang: str) -> str:
    share, days = _per_cent(plan.target.share, lang), number(plan.target.days, lang)
    text = {
        "it": f"Posti necessari perché il {share} di chi chiede entri entro {days} giorni: ciascuno per "
        "conto suo e, nell'ultima riga, insieme dagli stessi posti; l'intervallo è quello della "
        "simulazione al 95 %.",
        "en": f"Places needed for {share} of those who ask to enter within {days} days: each on its own "
        "and, in the last row, together from the same places; the interval is the "
        "simulation's, at 95 %.",
    }[lang]
    return elided(text) if lang == "it" else text


def _left_out(split: Split, lang: str) -> str:
    if not split.hidden:
        return ""
    return {
        "it": "Fuori dalla tabella, anche dall'ultima riga, perché il conteggio è nascosto: "
        f"{_named(split.hidden, lang)}.",
        "en": "Left out of the table, its last row too, because their count is hidden: "
        f"{_named(split.hidden, lang)}.",
    }[lang]


def _today_note(plan: Plan, made: Capacity, lang: str) -> str:
    use = cast(Any, made.places.loc[TOTAL])
    taken = printed(round(use["occupancy_share"], 2), "x_share", "share", lang)
    between = _between(round(use["low"], 2), round(use["high"], 2), "share", lang)
    days = number(plan.target.days, lang)
    return {
        "it": "Si entra nell'ordine in cui si è chiesto, nei posti aperti al proprio gruppo, in "
        f"qualunque ambito; «in tempo» è entro {days} giorni. Intervalli al 95 %. Posti occupati in "
        f"media: {taken} (intervallo: {between}).",
        "en": "First come, first served among the places open to the group, in any ambito; 'in time' "
        f"is within {days} days. 95 % intervals. Places taken on average: {taken} (interval: "
        f"{between}).",
    }[lang]


def _others_note(plan: Plan, lang: str) -> str:
    if not plan.today.others > 0:
        return ""
    hidden = _named(plan.by_group.hidden, lang) or _name(UNSTATED, lang)
    return {
        "it": f"«Altri gruppi» sono, insieme, le richieste che non si possono mostrare una per una "
        f"({hidden}): anch'esse occupano posti.",
        "en": "'Other groups' are, together, the requests that may not be shown one by one "
        f"({hidden}): they too take places.",
    }[lang]


# ---------------------------------------------------------------- sentences


def sentences(plan: Plan, lang: str) -> list[Sentence]:
    """Return what the chapter and the command say: places needed, what sharing saves, waits today."""
    made = [
        _needed_sentence(plan, lang),
        _sharing_sentence(plan, lang),
        _today_sentence(plan, lang),
        _shut_out_sentence(plan, lang),
        Sentence(_how(plan, lang)),
    ]
    return [Sentence(elided(one.text), one.lead) if lang == "it" else one for one in made if one]


def _needed_sentence(plan: Plan, lang: str) -> Sentence:
    by_ambito = plan.by_ambito.needed is not None
    split = plan.by_ambito if by_ambito else plan.by_group
    frame = cast(PlacesNeeded, split.needed).frame
    ends = [number(frame[name].iloc[-1], lang) for name in ("places", "places_low", "places_high")]
    there = number(float(split.places.loc[TOTAL]), lang)
    share, days = _per_cent(plan.target.share, lang), number(plan.target.days, lang)
    who = {"it": ("gli ambiti li condividono", "tutti i gruppi li condividono"),
           "en": ("the ambiti share them", "all groups share them")}[lang][not by_ambito]  # fmt: skip
    if len(frame) == 2:
        who = ""
    shared = {"it": f", se {who}", "en": f" if {who}"}[lang] if who else ""
    text = {
        "it": f"Perché il {share} di chi chiede entri entro {days} giorni servono {ends[0]} posti "
        f"(intervallo della simulazione: {ends[1]} - {ends[2]}){shared}; oggi sono {there}.",
        "en": f"For {share} of those who ask to enter within {days} days, {ends[0]} places are needed "
        f"(interval of the simulation: {ends[1]} - {ends[2]}){shared}; today there are {there}.",
    }[lang]
    return Sentence(text, {"it": "Stima.", "en": "Estimate."}[lang])


def _sharing_sentence(plan: Plan, lang: str) -> Sentence | None:
    words = {
        "it": (
            "Ognuno per conto suo, gli ambiti vorrebbero in tutto {0} posti: condividerli ne risparmia "
            "{1} (intervallo: {2} - {3}).",
            "Con posti riservati a ciascun gruppo ne servirebbero {0}; aperti a tutti i gruppi {4}, "
            "{1} in meno (intervallo: {2} - {3}).",
        ),
        "en": (
            "Each on its own, the ambiti would need {0} places in all: sharing them saves {1} "
            "(interval: {2} - {3}).",
            "With places kept for each group {0} would be needed: open to all groups they are {4}, "
            "{1} fewer (interval: {2} - {3}).",
        ),
    }[lang]
    said = []
    hidden = {
        "it": (
            "Gli ambiti nascosti non vi sono contati.",
            "I gruppi nascosti non vi sono contati.",
        ),
        "en": ("Hidden ambiti are not counted here.", "Hidden groups are not counted here."),
    }[lang]
    splits = (plan.by_ambito, plan.by_group)
    for split, text, left_out in zip(splits, words, hidden, strict=True):
        needed = split.needed
        if needed is None or len(needed.frame) < 3:
            continue
        places = needed.frame["places"]
        figures = (
            places.iloc[:-1].sum(), needed.saved, needed.saved_low, needed.saved_high, places.iloc[-1],
        )  # fmt: skip
        said.append(text.format(*(number(float(one), lang) for one in figures)))
        if split.hidden:
            said.append(left_out)
    lead = {"it": "Condividere i posti.", "en": "Sharing places."}[lang]
    return Sentence(" ".join(said), lead) if said else None


def _today_sentence(plan: Plan, lang: str) -> Sentence | None:
    lead = {"it": "Con i posti di oggi.", "en": "With today's places."}[lang]
    if plan.today.growing is not None:
        return Sentence(_growing(plan.today.growing, lang), lead)
    made = plan.today.found
    if made is None:
        return None
    half, most, share = (cast(Any, _rounded(made, measure).loc[TOTAL]) for measure, _, _ in _WAITS)
    use = cast(Any, made.places.loc[TOTAL])
    places, days = number(float(use["places"]), lang), number(plan.target.days, lang)
    p50, p90 = number(half["value"], lang), number(most["value"], lang)
    waits = {"it": f"aspetta fino a {p50} giorni", "en": f"wait up to {p50} days"}[lang]
    if half["value"] == 0:
        waits = {"it": "non aspetta", "en": "do not wait"}[lang]
    taken = _per_cent(round(use["occupancy_share"], 2), lang)
    between = _between(most["low"], most["high"], "days", lang)
    within = _per_cent(share["value"], lang)
    around = _between(share["low"], share["high"], "share", lang)
    text = {
        "it": f"I posti sono {places}, ciascuno aperto ai suoi gruppi e a chi chiede da qualunque "
        f"ambito: metà di chi entra {waits}, nove su dieci aspettano fino a {p90} giorni "
        f"(intervallo: {between}); entro {days} giorni entra il {within} di chi chiede ({around}). "
        f"I posti sono occupati al {taken}.",
        "en": f"There are {places} places, each open to its groups and to who asks from any ambito: "
        f"half of those who enter {waits}, nine in ten wait up to {p90} days (interval: {between}); "
        f"{within} of those who ask enter within {days} days ({around}). Places are {taken} taken.",
    }[lang]
    return Sentence(" ".join(filter(None, (text, *_slower(made, lang)))), lead)


def _slower(made: Capacity, lang: str) -> list[str]:
    """Name the groups whose waits lie wholly beyond those of all, and say if no wait is settled."""
    waits = _rounded(made, "wait_p90_days")
    rest = waits.drop(index=[TOTAL])
    slow = rest[rest["low"] > waits.loc[TOTAL, "high"]].sort_values("value", ascending=False)
    said = []
    if len(slow):
        named = "; ".join(
            f"{_name(str(one), lang)} ({number(value, lang)})"
            for one, value in slow["value"].items()
        )
        said.append(
            {
                "it": f"Aspettano di più (giorni entro cui entrano nove su dieci): {named}.",
                "en": f"Who waits longer (days within which nine in ten enter): {named}.",
            }[lang]
        )
    if not made.settled:
        said.append(
            {
                "it": "I posti sono così vicini al limite che in cento anni simulati la lista non si è "
                "ancora assestata: le attese vere sono più lunghe.",
                "en": "Places are so close to the limit that in a hundred simulated years the list has "
                "not settled: true waits are longer.",
            }[lang]
        )
    return said


def _growing(found: Overload, lang: str) -> str:
    load = number(found.load, lang, load_decimals(found.load))
    places, left = number(found.places, lang), number(ceil(found.left_out_per_year), lang)
    who = _named(found.groups, lang)
    return {
        "it": f"La lista cresce senza fine per: {who}. Insieme terrebbero sempre occupati {load} posti, "
        f"e quelli aperti a loro sono {places}. Se nessuno rinuncia, circa {left} richieste l'anno non "
        "trovano mai posto: un'attesa non si può dire.",
        "en": f"The list grows without end for: {who}. Together they would always take {load} places, "
        f"and {places} are open to them. If nobody gives up, about {left} requests a year never find a "
        "place: no wait can be told.",
    }[lang]


def _shut_out_sentence(plan: Plan, lang: str) -> Sentence | None:
    if not plan.today.shut_out:
        return None
    named = _named(plan.today.shut_out, lang)
    text = {
        "it": f"Nessun posto di oggi è aperto a: {named}.",
        "en": f"No place of today is open to: {named}.",
    }[lang]
    return Sentence(text)


def _how(plan: Plan, lang: str) -> str:
    stay = number(round(plan.stay_mean_days), lang)
    years, times = number(plan.years, lang), number(plan.replications, lang)
    return {
        "it": f"Simulazione di {years} anni ripetuta {times} volte, con le richieste del periodo e le "
        f"permanenze osservate (in media {stay} giorni, anche di chi è ancora presente). "
        f"{_season(plan, lang)} {_patience(plan, lang)} È una stima, non un conteggio: vale se "
        "richieste e permanenze restano queste.",
        "en": f"A simulation of {years} years repeated {times} times, with the requests of the period "
        f"and the stays observed ({stay} days on average, of those still present too). "
        f"{_season(plan, lang)} {_patience(plan, lang)} It is an estimate, not a count: it holds if "
        "requests and stays remain as they are.",
    }[lang]


def _season(plan: Plan, lang: str) -> str:
    least = number(plan.season_month_min, lang)
    kinds = {*plan.by_ambito.behind["season"], *plan.by_group.behind["season"]}
    if kinds == {"none"}:
        return {
            "it": f"Senza stagione: le richieste sono meno di {least} al mese, o il periodo non "
            "copre tutti i mesi.",
            "en": f"Without season: requests are fewer than {least} a month, or the period does not "
            "cover all months.",
        }[lang]
    return {
        "it": "Le richieste seguono i mesi del periodo: i propri, dove sono almeno "
        f"{least} al mese, altrimenti quelli di tutti.",
        "en": f"Requests follow the months of the period: their own where they are {least} a month at "
        "least, else those of all.",
    }[lang]


def _patience(plan: Plan, lang: str) -> str:
    if plan.patience is None:
        return {
            "it": "Si suppone che nessuno rinunci ad aspettare: i casi di chi ha trovato un'altra "
            "soluzione sono troppo pochi, o nascosti, per dire dopo quanto.",
            "en": "Nobody is assumed to give up waiting: those who found another solution are too few, "
            "or hidden, to say after how long.",
        }[lang]
    days = number(round(plan.patience.mean_days), lang)
    why = {
        "own": ("come chi ha trovato un'altra soluzione", "as those who found another solution"),
        "given": ("come indicato", "as given"),
    }[plan.patience_from][lang != "it"]
    return {
        "it": f"Chi aspetta rinuncia in media dopo {days} giorni, {why}; chi rinuncia non è entrato.",
        "en": f"Who waits gives up after {days} days on average, {why}; who gives up has not entered.",
    }[lang]


# ---------------------------------------------------------------- assumptions


def _assumed(plan: Plan, lang: str) -> list[tuple[str, str]]:
    at = lang != "it"
    found = _ASSUMED[lang]
    cases = number(plan.cases_min, lang)
    mean = number(round(plan.stay_mean_days), lang)
    own = _named(plan.by_group.behind.index[plan.by_group.behind["stay"] == "own"], lang)
    words = {
        "target": found["target"].format(
            _per_cent(plan.target.share, lang), number(plan.target.days, lang)
        ),
        "requests": found["requests"],
        "stays": found["stays"].format(mean, cases, own or ("nessuno", "none")[at]),
        "season": _season(plan, lang),
        "patience": _patience(plan, lang) + found["patience"].format(cases),
        "places": found["places"],
        "hidden": found["hidden"],
        "simulation": found["simulation"].format(
            number(plan.years, lang), number(plan.replications, lang)
        ),
    }
    heads: Mapping[str, tuple[str, str]] = {
        "target": ("Obiettivo", "Target"),
        "requests": ("Richieste", "Requests"),
        "stays": ("Permanenze", "Stays"),
        "season": ("Stagione", "Season"),
        "patience": ("Rinunce", "Giving up"),
        "places": ("Posti di oggi", "Today's places"),
        "hidden": ("Riservatezza", "Confidentiality"),
        "simulation": ("Simulazione", "Simulation"),
    }
    return [(heads[key][at], elided(text) if lang == "it" else text) for key, text in words.items()]


_ASSUMED = {
    "it": {
        "target": "Il {} di chi chiede entra entro {} giorni; chi rinuncia non è entrato.",
        "requests": "Chi ha chiesto nel periodo un posto che poteva avere: accolto, in attesa, "
        "rifiutato per mancanza di posto o andato altrove. Chi non aveva i requisiti o ha rinunciato al "
        "posto è fuori. Arrivano a caso, in media quante nel periodo.",
        "stays": "Kaplan-Meier di tutte le accoglienze, in media {} giorni; oltre la fine della curva "
        "si esce al ritmo medio di tutte le uscite. Di un gruppo contano le sue "
        "dove ne sono uscite almeno {}, altrimenti quelle di tutti; contano le sue per: {}.",
        "patience": " Servono almeno {} casi; chi ha rinunciato al posto offerto non ha lasciato la "
        "lista.",
        "places": "Aperti l'ultimo giorno, senza quelli da sistemare; ogni posto prende i gruppi che il "
        "registro gli dà (tutti, se non ne dà) e una richiesta alla volta. Non contano l'ambito né "
        "quante persone ha la famiglia: le attese vere sono più lunghe.",
        "hidden": "Le simulazioni conoscono solo i conteggi che si possono mostrare e, insieme, il "
        "resto del totale: da posti, carico e attese non si risale a un conteggio nascosto. Carico e "
        "giorni sono interi, le quote al punto percentuale.",
        "simulation": "{} anni misurati dopo un avvio che fa dimenticare la lista vuota, ripetuti {} "
        "volte; gli stessi arrivi per ogni numero di posti. Intervalli di Student al 95 %.",
    },
    "en": {
        "target": "{} of those who ask enter within {} days; who gives up has not entered.",
        "requests": "Those who asked in the period for a place they might have had: accepted, waiting, "
        "refused for want of a place or gone elsewhere. Who was not eligible or declined the place is "
        "left out. They come at random, on average as many as in the period.",
        "stays": "Kaplan-Meier of all stays, {} days on average; past the end of the curve "
        "people leave at the mean rate of all exits. A group has its own stays where {} at "
        "least have left, else those of all; own for: {}.",
        "patience": " It takes {} cases at least; who declined a place offered did not leave the list.",
        "places": "Open on the last day, those to repair left out; each takes the groups that the "
        "register gives it (all, where it gives none) and one request at a time. Neither the ambito nor "
        "the size of the household counts: true waits are longer.",
        "hidden": "The simulations know only the counts that may be shown and, together, the rest "
        "of the total: places, load and waits lead back to no hidden count. Loads and days are whole, "
        "shares are in whole per cents.",
        "simulation": "{} years measured after a start that lets the empty list be forgotten, repeated "
        "{} times; the same arrivals for every number of places. Student's 95 % intervals.",
    },
}
