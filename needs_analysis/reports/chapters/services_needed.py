"""Places needed by ambito and by group, and today's waits: tables and the sentences that say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any, cast

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters.services_tables import hidden_note, labelled
from needs_analysis.reports.model import (
    Column,
    Number,
    Sentence,
    Table,
    number,
    plain,  # noqa: F401 - of the examples
)
from needs_analysis.services.files.schema import GROUP_LABELS, UNSTATED
from needs_analysis.told import (
    OTHERS,
    Capacity,
    Overload,
    PlacesNeeded,
    Plan,
    Split,
    Today,
    Told,
    load_decimals,
)
from needs_analysis.words import N_, Voice

_WORDS = {
    TOTAL: N_("insieme"),
    OTHERS: N_("altri gruppi"),
    UNSTATED: N_("non indicato"),
}
_OF_WHOM = {"own": N_("del gruppo"), "all": N_("di tutti")}
_NEEDED = (
    ("load", N_("Posti sempre occupati"), "count"),
    ("places", N_("Posti necessari"), "count"),
    ("places_low", N_("Necessari: da"), "count"),
    ("places_high", N_("Necessari: a"), "count"),
    ("share", N_("Entra in tempo"), "share"),
)
# On a page an interval is one text; the share is the target's or little more.
_NEEDED_PAGE = (*_NEEDED[:2], ("places_interval", N_("Intervallo"), "text"))
_WAITS = (
    ("wait_p50_days", N_("Metà entra entro"), "days"),
    ("wait_p90_days", N_("Nove su dieci entro"), "days"),
    ("within_target_share", N_("Entra in tempo"), "share"),
)
_MODELLED = ("load", "places", "share", "stay_days", *(name for name, _, _ in _WAITS))
_BY_AMBITO, _BY_GROUP, _TODAY = (
    "Servizi posti necessari",
    "Servizi posti per gruppo",
    "Servizi attese",
)
Heads = tuple[str, str, str]


def sheets(found: Told, plan: Plan, voice: Voice) -> list[Table]:
    """Return the places needed by ambito and by group, today's waits and what was assumed."""
    return [*_tables(found, plan, voice, page=False), assumed_table(found, plan, voice)]


def page_tables(found: Told, plan: Plan, voice: Voice) -> list[Table]:
    """Return the tables of the chapter."""
    return _tables(found, plan, voice, page=True)


def _tables(found: Told, plan: Plan, voice: Voice, *, page: bool) -> list[Table]:
    made = []
    if plan.by_ambito.needed is not None:
        made.append(_ambito_table(found, plan, plan.by_ambito.needed, voice, page=page))
    if plan.by_group.needed is not None:
        made.append(_group_table(found, plan, plan.by_group.needed, voice, page=page))
    if plan.today.found is not None:
        made.append(_waits_table(found, plan, plan.today.found, voice, page=page))
    return made


# ---------------------------------------------------------------- tables


def _ambito_table(
    found: Told, plan: Plan, needed: PlacesNeeded, voice: Voice, *, page: bool
) -> Table:
    """Return the places each ambito needs alone and all together, beside those there are."""
    columns = (
        ("name", N_("Ambito"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti che ci sono"), "count"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = N_("Posti necessari per ambito")
    frame = _needed_frame(plan.by_ambito, needed, _BY_AMBITO, voice)
    notes = (_target_note(plan, voice), voice.say(_THERE), _left_out(plan.by_ambito, voice))
    return _table(found, _BY_AMBITO, title, frame, columns, voice, notes)


def _group_table(
    found: Told, plan: Plan, needed: PlacesNeeded, voice: Voice, *, page: bool
) -> Table:
    """Return the places each group needs alone and all together, and by whose stays."""
    split = plan.by_group
    frame = _needed_frame(split, needed, _BY_GROUP, voice)
    behind = split.behind
    mean = np.average(behind["stay_mean_days"], weights=behind["requests"])
    # Finer than a day it would count those who left.
    frame["stay_days"] = np.round([*behind["stay_mean_days"], mean])
    frame["stay_of"] = [*(voice.say(_OF_WHOM[one]) for one in behind["stay"]), ""]
    columns = (
        ("name", N_("Gruppo"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti aperti al gruppo"), "count"),
        ("stay_days", N_("Permanenza media"), "days"),
        ("stay_of", N_("Permanenza di chi"), "text"),
        *(_NEEDED_PAGE if page else _NEEDED),
    )
    title = N_("Posti necessari per gruppo")
    notes = (_target_note(plan, voice), voice.say(_SEVERAL), _left_out(split, voice))
    hidden = frame["there"].isna()
    return _table(found, _BY_GROUP, title, frame, columns, voice, notes, hidden)


_THERE = N_("I posti che ci sono: aperti a fine periodo, senza quelli da sistemare.")
_SEVERAL = N_(
    "I posti aperti al gruppo a fine periodo, senza quelli da sistemare; uno aperto a "
    "più gruppi sta sotto ciascuno, e non si sommano."
)


def _needed_frame(split: Split, needed: PlacesNeeded, key: str, voice: Voice) -> pd.DataFrame:
    frame = needed.frame
    requests = split.behind["requests"]
    return pd.DataFrame(
        {
            "name": [_name(str(one), voice) for one in frame.index],
            "requests": [*requests, requests.sum()],
            "there": split.places.reindex(frame.index).to_numpy(dtype=float),
            "load": frame["load"].round().to_numpy(dtype=float),
            **{
                name: frame[name].to_numpy(dtype=float)
                for name in ("places", "places_low", "places_high")
            },
            "places_interval": [
                between(f"{key}:{row}", "places", low, high, "count", voice)
                for row, (low, high) in enumerate(
                    zip(frame["places_low"], frame["places_high"], strict=True)
                )
            ],
            "share": frame["share"].round(2).to_numpy(),
        }
    )


def _waits_table(found: Told, plan: Plan, made: Capacity, voice: Voice, *, page: bool) -> Table:
    """Return how long each group waits with today's places; on a page an interval is one text."""
    groups = [str(one) for one in made.groups.index.unique("group")]
    requests = {**plan.by_group.behind["requests"], OTHERS: plan.today.others}
    asked = [float(requests[one]) for one in groups if one != TOTAL]
    there = plan.today.places.reindex(groups).astype(float).reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "name": [_name(one, voice) for one in groups],
            "requests": [*asked, sum(asked)],
            "there": there,
        }
    )
    columns: list[Heads] = [
        ("name", N_("Gruppo"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti aperti al gruppo"), "count"),
    ]
    for measure, head, unit in _WAITS:
        own = _rounded(made, measure).reindex(groups)
        frame[measure] = own["value"].to_numpy()
        columns.append((measure, head, unit))
        if page:
            name = f"{measure}_interval"
            ends = zip(own["low"], own["high"], strict=True)
            frame[name] = [
                between(f"{_TODAY}:{row}", measure, low, high, unit, voice)
                for row, (low, high) in enumerate(ends)
            ]
            columns.append((name, N_("Intervallo"), "text"))
            continue
        for part, words in (("low", N_("{head}: da")), ("high", N_("{head}: a"))):
            frame[f"{measure}_{part}"] = own[part].to_numpy()
            columns.append((f"{measure}_{part}", voice.say(words, head=voice.say(head)), unit))
    title = N_("Attese con i posti di oggi")
    notes = (
        _today_note(plan, made, voice), voice.say(_SEVERAL), _in_sum_note(plan, voice),
        _others_note(plan, voice),
    )  # fmt: skip
    return _table(found, _TODAY, title, frame, columns, voice, notes, there.isna())


def assumed_table(found: Told, plan: Plan, voice: Voice) -> Table:
    """Return what the simulations assume, one thing a row."""
    frame = pd.DataFrame(_assumed(plan, voice), columns=["what", "said"])
    columns = (
        ("what", N_("Che cosa"), "text"),
        ("said", N_("Come"), "text"),
    )
    title = N_("Che cosa si è supposto")
    return _table(found, "Servizi ipotesi", title, frame, columns, voice)


def _table(
    found: Told,
    key: str,
    title: str,
    frame: pd.DataFrame,
    columns: Iterable[Heads],
    voice: Voice,
    notes: Sequence[str] = (),
    hidden: pd.Series | None = None,
) -> Table:
    """Return a table whose estimates are marked, and whose hidden places are."""
    modelled = [name for name in frame if str(name).startswith(_MODELLED)]
    modelled = [name for name in modelled if not str(name).endswith("_interval")]
    quality = pd.DataFrame(int(Quality.MODELLED), frame.index, modelled, dtype="int8")
    if hidden is not None:
        marks = np.where(hidden, int(Quality.SUPPRESSED), int(Quality.OBSERVED))
        quality["there"] = marks.astype("int8")
    first = f"{voice.day(found.period.start)} - {voice.day(found.period.end)}."
    few = hidden is not None and bool(hidden.any())
    said = hidden_note(found, voice) if few or found.internal else ""
    return Table(
        key,
        labelled(voice.say(title), found, voice),
        frame,
        tuple(Column(name, voice.say(label), unit) for name, label, unit in columns),
        quality,
        notes=tuple(filter(None, (first, *notes, said))),
    )


def _rounded(made: Capacity, measure: str) -> pd.DataFrame:
    """Return a measure of each group, no finer than the simulation knows it."""
    own = made.groups.xs(measure, level="measure")[["value", "low", "high"]]
    return cast(pd.DataFrame, own.round(2 if measure.endswith("_share") else 0))


def between(row: str, measure: str, low: float, high: float, unit: str, voice: Voice) -> str:
    r"""Print the ends of an interval on one line, each with the key of its cell.

    Examples
    --------
    >>> plain(between("t:0", "places", 9.0, 12.0, "count", Voice()))
    '9\xa0-\xa012'
    """
    first = voice.number(low * 100 if unit == "share" else low)
    last = _per_cent(high, voice) if unit == "share" else voice.number(high)
    ends = (("low", low, first), ("high", high, last.replace(" ", "\xa0")))
    return "\xa0-\xa0".join(
        str(Number(f"{row}:{measure}_{side}", float(end), text, unit)) for side, end, text in ends
    )


def _per_cent(share: float, voice: Voice) -> str:
    """Print a share as a per cent, whole where it is."""
    value = round(share * 100, 1)
    return f"{voice.number(value, 0 if value == int(value) else 1)} %"


def _share(key: str, share: float, voice: Voice) -> str:
    """Print a share as `_per_cent`, with the key of its cell."""
    return str(Number(key, float(share), _per_cent(share, voice), "share"))


def _target(plan: Plan, voice: Voice) -> tuple[str, str]:
    """Print who is to enter, and within how many days."""
    share = _share("capacity:target_share", plan.target.share, voice)
    return share, number("capacity:target_days", plan.target.days, voice)


def _name(code: str, voice: Voice) -> str:
    if code in _WORDS:
        return voice.say(_WORDS[code])
    return voice.say(GROUP_LABELS[code]) if code in GROUP_LABELS else code


def _named(codes: Iterable[str], voice: Voice) -> str:
    return "; ".join(_name(one, voice) for one in codes)


# ---------------------------------------------------------------- notes


def _target_note(plan: Plan, voice: Voice) -> str:
    share, days = _target(plan, voice)
    text = voice.say(
        "Posti necessari perché il {share} di chi chiede entri entro {days} giorni: ciascuno "
        "per conto suo e, nell'ultima riga, insieme dagli stessi posti; l'intervallo è "
        "quello della simulazione al 95 %.",
        share=share,
        days=days,
    )
    return voice.elided(text)


def _left_out(split: Split, voice: Voice) -> str:
    if not split.hidden:
        return ""
    return voice.say(
        "Fuori dalla tabella, anche dall'ultima riga, perché il conteggio è nascosto: {named}.",
        named=_named(split.hidden, voice),
    )


def _today_note(plan: Plan, made: Capacity, voice: Voice) -> str:
    use = cast(Any, made.places.loc[TOTAL])
    taken = number(_TAKEN, round(use["occupancy_share"], 2), voice, "share")
    low, high = (round(use[side], 2) for side in ("low", "high"))
    interval = between("capacity_today", "occupancy_share", low, high, "share", voice)
    _, days = _target(plan, voice)
    return voice.say(
        "Si entra nell'ordine in cui si è chiesto, nei posti aperti al proprio gruppo, in "
        "qualunque ambito; «in tempo» è entro {days} giorni. Intervalli al 95 %. Posti "
        "occupati in media: {taken} (intervallo: {between}).",
        days=days,
        taken=taken,
        between=interval,
    )


_TAKEN = "capacity_today:occupancy_share"


_IN_SUM = N_(
    "I posti dei servizi che si possono dire solo insieme stanno insieme, aperti a chi è accolto da "
    "uno qualunque di loro: le attese vere possono essere più lunghe."
)


def _in_sum_note(plan: Plan, voice: Voice) -> str:
    """Say that places that may not be told one by one are taken together; "" where all may."""
    return voice.say(_IN_SUM) if plan.today.places.isna().any() else ""


def _others_note(plan: Plan, voice: Voice) -> str:
    if not plan.today.others > 0:
        return ""
    hidden = _named(plan.by_group.hidden, voice) or _name(UNSTATED, voice)
    return voice.say(
        "«Altri gruppi» sono, insieme, le richieste che non si possono mostrare una per una "
        "({hidden}): anch'esse occupano posti.",
        hidden=hidden,
    )


# ---------------------------------------------------------------- sentences


def sentences(plan: Plan, voice: Voice) -> list[Sentence]:
    """Return what the chapter and the command say: places needed, what sharing saves, waits today."""
    made = [
        _needed_sentence(plan, voice),
        _sharing_sentence(plan, voice),
        _today_sentence(plan, voice),
        _shut_out_sentence(plan, voice),
        Sentence(_how(plan, voice)),
    ]
    return [Sentence(voice.elided(one.text), one.lead) for one in made if one]


def _needed_sentence(plan: Plan, voice: Voice) -> Sentence:
    by_ambito = plan.by_ambito.needed is not None
    split = plan.by_ambito if by_ambito else plan.by_group
    frame = cast(PlacesNeeded, split.needed).frame
    row = f"{_BY_AMBITO if by_ambito else _BY_GROUP}:{len(frame) - 1}"
    ends = [
        number(f"{row}:{name}", frame[name].iloc[-1], voice)
        for name in ("places", "places_low", "places_high")
    ]
    there = number("capacity:places_there", float(split.places.loc[TOTAL]), voice)
    share, days = _target(plan, voice)
    shared = ""
    if len(frame) != 2:
        shared = (
            voice.say(", se gli ambiti li condividono")
            if by_ambito
            else voice.say(", se tutti i gruppi li condividono")
        )
    text = voice.say(
        "Perché il {share} di chi chiede entri entro {days} giorni servono {ends_0} posti "
        "(intervallo della simulazione: {ends_1} - {ends_2}){shared}; oggi sono {there}.",
        share=share,
        days=days,
        ends_0=ends[0],
        ends_1=ends[1],
        ends_2=ends[2],
        shared=shared,
        there=there,
    )
    return Sentence(text, voice.say("Stima."))


def _sharing_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    words = (
        voice.say(
            "Ognuno per conto suo, gli ambiti vorrebbero in tutto {0} posti: condividerli ne "
            "risparmia {1} (intervallo: {2} - {3})."
        ),
        voice.say(
            "Con posti riservati a ciascun gruppo ne servirebbero {0}; aperti a tutti i gruppi "
            "{4}, {1} in meno (intervallo: {2} - {3})."
        ),
    )
    said = []
    hidden = (
        voice.say("Gli ambiti nascosti non vi sono contati."),
        voice.say("I gruppi nascosti non vi sono contati."),
    )
    splits = (plan.by_ambito, plan.by_group)
    keys = (_BY_AMBITO, _BY_GROUP)
    for split, text, left_out, key in zip(splits, words, hidden, keys, strict=True):
        needed = split.needed
        if needed is None or len(needed.frame) < 3:
            continue
        places = needed.frame["places"]
        figures = {
            "places_apart": places.iloc[:-1].sum(), "places_saved": needed.saved,
            "places_saved_low": needed.saved_low, "places_saved_high": needed.saved_high,
            f"{len(places) - 1}:places": places.iloc[-1],
        }  # fmt: skip
        printed = (number(f"{key}:{name}", float(one), voice) for name, one in figures.items())
        said.append(text.format(*printed))
        if split.hidden:
            said.append(left_out)
    lead = voice.say("Condividere i posti.")
    return Sentence(" ".join(said), lead) if said else None


def _today_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    lead = voice.say("Con i posti di oggi.")
    if plan.today.growing is not None:
        return Sentence(_growing(plan.today, plan.today.growing, voice), lead)
    made = plan.today.found
    if made is None:
        return None
    half, most, share = (cast(Any, _rounded(made, measure).loc[TOTAL]) for measure, _, _ in _WAITS)
    use = cast(Any, made.places.loc[TOTAL])
    row = f"{_TODAY}:{len(made.groups.index.unique('group')) - 1}"
    places = number("capacity_today:places", float(use["places"]), voice)
    _, days = _target(plan, voice)
    p50, p90 = (
        number(f"{row}:{name}", one["value"], voice)
        for (name, _, _), one in zip(_WAITS, (half, most), strict=False)
    )
    waits = voice.say("aspetta fino a {p50} giorni", p50=p50)
    if half["value"] == 0:
        waits = voice.say("non aspetta")
    taken = _share(_TAKEN, round(use["occupancy_share"], 2), voice)
    interval = between(row, "wait_p90_days", most["low"], most["high"], "days", voice)
    within = _share(f"{row}:within_target_share", share["value"], voice)
    around = between(row, "within_target_share", share["low"], share["high"], "share", voice)
    text = voice.say(
        "I posti sono {places}, ciascuno aperto ai suoi gruppi e a chi chiede da qualunque "
        "ambito: metà di chi entra {waits}, nove su dieci aspettano fino a {p90} giorni "
        "(intervallo: {between}); entro {days} giorni entra il {within} di chi chiede "
        "({around}). I posti sono occupati al {taken}.",
        places=places,
        waits=waits,
        p90=p90,
        between=interval,
        days=days,
        within=within,
        around=around,
        taken=taken,
    )
    return Sentence(" ".join(filter(None, (text, *_slower(made, voice)))), lead)


def _slower(made: Capacity, voice: Voice) -> list[str]:
    """Name the groups whose waits lie wholly beyond those of all, and say if no wait is settled."""
    waits = _rounded(made, "wait_p90_days")
    rest = waits.drop(index=[TOTAL])
    slow = rest[rest["low"] > waits.loc[TOTAL, "high"]].sort_values("value", ascending=False)
    said = []
    if len(slow):
        rows = {one: row for row, one in enumerate(made.groups.index.unique("group"))}
        named = "; ".join(
            f"{_name(str(one), voice)} "
            f"({number(f'{_TODAY}:{rows[one]}:wait_p90_days', value, voice)})"
            for one, value in slow["value"].items()
        )
        said.append(
            voice.say(
                "Aspettano di più (giorni entro cui entrano nove su dieci): {named}.", named=named
            )
        )
    if not made.settled:
        said.append(
            voice.say(
                "I posti sono così vicini al limite che in cento anni simulati la lista non si è "
                "ancora assestata: le attese vere sono più lunghe."
            )
        )
    return said


def _growing(today: Today, found: Overload, voice: Voice) -> str:
    decimals = load_decimals(found.load)
    load = Number(
        "capacity_today:load", round(found.load, decimals), voice.number(found.load, decimals),
        "ratio" if decimals else "count",
    )  # fmt: skip
    places = number("capacity_today:places", found.places, voice)
    left = number("capacity_today:left_out_per_year", ceil(found.left_out_per_year), voice)
    who = _named(found.groups, voice)
    said = {"who": who, "load": load, "places": places, "left": left}
    if today.places.reindex(list(found.groups)).isna().any():
        return voice.say(
            "La lista cresce senza fine per: {who}. Insieme terrebbero sempre occupati {load} "
            "posti, e quelli aperti a loro sono al massimo {places}. Se nessuno rinuncia, almeno "
            "{left} richieste l'anno non trovano mai posto: un'attesa non si può dire.",
            **said,
        )
    return voice.say(
        "La lista cresce senza fine per: {who}. Insieme terrebbero sempre occupati {load} "
        "posti, e quelli aperti a loro sono {places}. Se nessuno rinuncia, circa {left} "
        "richieste l'anno non trovano mai posto: un'attesa non si può dire.",
        **said,
    )


def _shut_out_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    if not plan.today.shut_out:
        return None
    named = _named(plan.today.shut_out, voice)
    text = voice.say("Nessun posto di oggi è aperto a: {named}.", named=named)
    return Sentence(text)


def _how(plan: Plan, voice: Voice) -> str:
    stay = _stay(plan, voice)
    years, times = _trials(plan, voice)
    return voice.say(
        "Simulazione di {years} anni ripetuta {times} volte, con le richieste del periodo e "
        "le permanenze osservate (in media {stay} giorni, anche di chi è ancora presente). "
        "{season} {patience} È una stima, non un conteggio: vale se richieste e permanenze "
        "restano queste.",
        years=years,
        times=times,
        stay=stay,
        season=_season(plan, voice),
        patience=_patience(plan, voice),
    )


def _stay(plan: Plan, voice: Voice) -> str:
    return number("capacity:stay_mean_days", round(plan.stay_mean_days), voice)


def _trials(plan: Plan, voice: Voice) -> tuple[str, str]:
    years = number("capacity:years", plan.years, voice)
    return years, number("capacity:replications", plan.replications, voice)


def _season(plan: Plan, voice: Voice) -> str:
    least = number("capacity:season_month_min", plan.season_month_min, voice)
    kinds = {*plan.by_ambito.behind["season"], *plan.by_group.behind["season"]}
    if kinds == {"none"}:
        return voice.say(
            "Senza stagione: le richieste sono meno di {least} al mese, o il periodo non copre "
            "tutti i mesi.",
            least=least,
        )
    return voice.say(
        "Le richieste seguono i mesi del periodo: i propri, dove sono almeno {least} al "
        "mese, altrimenti quelli di tutti.",
        least=least,
    )


def _patience(plan: Plan, voice: Voice) -> str:
    if plan.patience is None:
        return voice.say(
            "Si suppone che nessuno rinunci ad aspettare: i casi di chi ha trovato un'altra "
            "soluzione sono troppo pochi, o nascosti, per dire dopo quanto."
        )
    days = number("capacity:patience_mean_days", round(plan.patience.mean_days), voice)
    own = plan.patience_from == "own"
    why = voice.say("come chi ha trovato un'altra soluzione") if own else voice.say("come indicato")
    return voice.say(
        "Chi aspetta rinuncia in media dopo {days} giorni, {why}; chi rinuncia non è entrato.",
        days=days,
        why=why,
    )


# ---------------------------------------------------------------- assumptions


def _assumed(plan: Plan, voice: Voice) -> list[tuple[str, str]]:
    cases = number("capacity:cases_min", plan.cases_min, voice)
    share, days = _target(plan, voice)
    years, times = _trials(plan, voice)
    own = _named(plan.by_group.behind.index[plan.by_group.behind["stay"] == "own"], voice)
    target = voice.say(
        "Il {share} di chi chiede entra entro {days} giorni; chi rinuncia non è entrato.",
        share=share,
        days=days,
    )
    stays = voice.say(
        "Kaplan-Meier di tutte le accoglienze, in media {mean} giorni; oltre la fine della curva "
        "si esce al ritmo medio di tutte le uscite. Di un gruppo contano le sue dove ne sono "
        "uscite almeno {cases}, altrimenti quelle di tutti; contano le sue per: {own}.",
        mean=_stay(plan, voice),
        cases=cases,
        own=own or voice.say("nessuno"),
    )
    patience = voice.say(
        "Servono almeno {cases} casi; chi ha rinunciato al posto offerto non ha lasciato la lista.",
        cases=cases,
    )
    simulation = voice.say(
        "{years} anni misurati dopo un avvio che fa dimenticare la lista vuota, ripetuti {times} "
        "volte; gli stessi arrivi per ogni numero di posti. Intervalli di Student al 95 %.",
        years=years,
        times=times,
    )
    said = [
        (voice.say("Obiettivo"), target),
        (voice.say("Richieste"), voice.say(_REQUESTS)),
        (voice.say("Permanenze"), stays),
        (voice.say("Stagione"), _season(plan, voice)),
        (voice.say("Rinunce"), f"{_patience(plan, voice)} {patience}"),
        (voice.say("Posti di oggi"), voice.say(_PLACES)),
        (voice.say("Riservatezza"), voice.say(_HIDDEN)),
        (voice.say("Simulazione"), simulation),
    ]
    return [(head, voice.elided(text)) for head, text in said]


_REQUESTS = N_(
    "Chi ha chiesto nel periodo un posto che poteva avere: accolto, in attesa, rifiutato "
    "per mancanza di posto o andato altrove. Chi non aveva i requisiti o ha rinunciato "
    "al posto è fuori. Arrivano a caso, in media quante nel periodo."
)
_PLACES = N_(
    "Aperti l'ultimo giorno, senza quelli da sistemare; ogni posto prende i gruppi che "
    "il registro gli dà (tutti, se non ne dà) e una richiesta alla volta. Non contano "
    "l'ambito né quante persone ha la famiglia: le attese vere sono più lunghe."
)
_HIDDEN = N_(
    "Le simulazioni conoscono solo i conteggi che si possono mostrare e, insieme, il "
    "resto del totale: da posti, carico e attese non si risale a un conteggio nascosto. "
    "Carico e giorni sono interi, le quote al punto percentuale."
)
