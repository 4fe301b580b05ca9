"""How long one waits with the places of today: the table and the sentences that say it."""

from __future__ import annotations

from math import ceil
from typing import Any, cast

import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.reports.chapters.services_assumed import (
    group_name,
    group_names,
    said_share,
    said_target,
)
from needs_analysis.reports.chapters.services_building import Head, told_table
from needs_analysis.reports.model import Number, Sentence, Table, between, number
from needs_analysis.services.files.schema import UNSTATED
from needs_analysis.told import OTHERS, Capacity, Overload, Plan, Today, Told, load_decimals
from needs_analysis.words import N_, Voice

TODAY = "Servizi attese"
_WAITS = (
    ("wait_p50_days", N_("Metà entra entro"), "days"),
    ("wait_p90_days", N_("Nove su dieci entro"), "days"),
    ("within_target_share", N_("Entra in tempo"), "share"),
)
_MEASURES = tuple(measure for measure, _, _ in _WAITS)
SEVERAL = N_(
    "I posti aperti al gruppo a fine periodo, senza quelli da sistemare; uno aperto a "
    "più gruppi sta sotto ciascuno, e non si sommano."
)
_IN_SUM = N_(
    "I posti dei servizi che si possono dire solo insieme stanno insieme, aperti a chi è accolto da "
    "uno qualunque di loro: le attese vere possono essere più lunghe."
)
_TAKEN = "capacity_today:occupancy_share"


def waits_table(found: Told, plan: Plan, made: Capacity, voice: Voice, *, page: bool) -> Table:
    """Return how long each group waits with today's places; on a page an interval is one text."""
    groups = [str(one) for one in made.groups.index.unique("group")]
    requests = {**plan.by_group.behind["requests"], OTHERS: plan.today.others}
    asked = [float(requests[one]) for one in groups if one != TOTAL]
    there = plan.today.places.reindex(groups).astype(float).reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "name": [group_name(one, voice) for one in groups],
            "requests": [*asked, sum(asked)],
            "there": there,
        }
    )
    columns: list[Head] = [
        ("name", N_("Gruppo"), "text"),
        ("requests", N_("Richieste nel periodo"), "count"),
        ("there", N_("Posti aperti al gruppo"), "count"),
    ]
    for measure, head, unit in _WAITS:
        own = _rounded(made, measure).reindex(groups)
        frame[measure] = own["value"].to_numpy()
        columns.append((measure, head, unit))
        if page:
            interval = f"{measure}_interval"
            ends = zip(own["low"], own["high"], strict=True)
            frame[interval] = [
                _between(f"{TODAY}:{row}:{measure}", low, high, unit, voice)
                for row, (low, high) in enumerate(ends)
            ]
            columns.append((interval, N_("Intervallo"), "text"))
            continue
        for part, words in (("low", N_("{head}: da")), ("high", N_("{head}: a"))):
            frame[f"{measure}_{part}"] = own[part].to_numpy()
            columns.append((f"{measure}_{part}", voice.say(words, head=voice.say(head)), unit))
    title = N_("Attese con i posti di oggi")
    notes = (
        _today_note(plan, made, voice), voice.say(SEVERAL), _in_sum_note(plan, voice),
        _others_note(plan, voice),
    )  # fmt: skip
    estimated = [
        one
        for one in map(str, frame)
        if one.startswith(_MEASURES) and not one.endswith("_interval")
    ]
    return told_table(
        found, TODAY, title, frame, columns, voice, there.isna().to_frame("there"), before=notes,
        estimated=estimated,
    )  # fmt: skip


def _between(key: str, low: float, high: float, unit: str, voice: Voice) -> str:
    """Print the ends of an interval, a share no finer than a per cent."""
    return between(f"{key}_", low, high, voice, unit, decimals=0)


def _rounded(made: Capacity, measure: str) -> pd.DataFrame:
    """Return a measure of each group, no finer than the simulation knows it."""
    own = made.groups.xs(measure, level="measure")[["value", "low", "high"]]
    return cast(pd.DataFrame, own.round(2 if measure.endswith("_share") else 0))


def _today_note(plan: Plan, made: Capacity, voice: Voice) -> str:
    use = cast(Any, made.places.loc[TOTAL])
    low, high = (round(use[side], 2) for side in ("low", "high"))
    _, days = said_target(plan, voice)
    return voice.say(
        "Si entra nell'ordine in cui si è chiesto, nei posti aperti al proprio gruppo, in "
        "qualunque ambito; «in tempo» è entro {days} giorni. Intervalli al 95 %. Posti "
        "occupati in media: {taken} (intervallo: {between}).",
        days=days,
        taken=number(_TAKEN, round(use["occupancy_share"], 2), voice, "share"),
        between=_between(_TAKEN, low, high, "share", voice),
    )


def _in_sum_note(plan: Plan, voice: Voice) -> str:
    """Say that places that may not be told one by one are taken together; "" where all may."""
    return voice.say(_IN_SUM) if plan.today.places.isna().any() else ""


def _others_note(plan: Plan, voice: Voice) -> str:
    if not plan.today.others > 0:
        return ""
    return voice.say(
        "«Altri gruppi» sono, insieme, le richieste che non si possono mostrare una per una "
        "({hidden}): anch'esse occupano posti.",
        hidden=group_names(plan.by_group.hidden, voice) or group_name(UNSTATED, voice),
    )


def today_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    """Say how long one waits today, or for whom the list grows without end."""
    lead = voice.say("Con i posti di oggi.")
    if plan.today.growing is not None:
        return Sentence(_growing(plan.today, plan.today.growing, voice), lead)
    made = plan.today.found
    if made is None:
        return None
    half, most, share = (cast(Any, _rounded(made, measure).loc[TOTAL]) for measure, _, _ in _WAITS)
    use = cast(Any, made.places.loc[TOTAL])
    row = f"{TODAY}:{len(made.groups.index.unique('group')) - 1}"
    _, days = said_target(plan, voice)
    p50, p90 = (
        number(f"{row}:{name}", one["value"], voice)
        for (name, _, _), one in zip(_WAITS, (half, most), strict=False)
    )
    waits = voice.say("aspetta fino a {p50} giorni", p50=p50)
    if half["value"] == 0:
        waits = voice.say("non aspetta")
    text = voice.say(
        "I posti sono {places}, ciascuno aperto ai suoi gruppi e a chi chiede da qualunque "
        "ambito: metà di chi entra {waits}, nove su dieci aspettano fino a {p90} giorni "
        "(intervallo: {between}); entro {days} giorni entra il {within} di chi chiede "
        "({around}). I posti sono occupati al {taken}.",
        places=number("capacity_today:places", float(use["places"]), voice),
        waits=waits,
        p90=p90,
        between=_between(f"{row}:wait_p90_days", most["low"], most["high"], "days", voice),
        days=days,
        within=said_share(f"{row}:within_target_share", share["value"], voice),
        around=_between(f"{row}:within_target_share", share["low"], share["high"], "share", voice),
        taken=said_share(_TAKEN, round(use["occupancy_share"], 2), voice),
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
            f"{group_name(str(one), voice)} "
            f"({number(f'{TODAY}:{rows[one]}:wait_p90_days', value, voice)})"
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
    who = group_names(found.groups, voice)
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


def shut_out_sentence(plan: Plan, voice: Voice) -> Sentence | None:
    """Name the groups that no place is open to."""
    if not plan.today.shut_out:
        return None
    named = group_names(plan.today.shut_out, voice)
    text = voice.say("Nessun posto di oggi è aperto a: {named}.", named=named)
    return Sentence(text)
