"""What changes: rents, incomes, evictions and the weight of housing, where there is a series.

Nothing is subtracted across a break: what does not compare is counted and named.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.municipal.series import Series, series
from needs_analysis.reports.chapters.building import source_lines
from needs_analysis.reports.chapters.evictions import prefecture_name
from needs_analysis.reports.chapters.part import Part
from needs_analysis.reports.charts import series as series_chart
from needs_analysis.reports.findings import OWN, REGION, Findings
from needs_analysis.reports.language import inside
from needs_analysis.reports.model import Block, Chapter, Picture, Sentence, number
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import MACRO_AREAS
from needs_analysis.words import N_

SINCE = 2019
"""The last year before the survey's fall."""
NAMED = 3
"""Provinces that are said one by one."""
RENT, ORDERS = "rent_eur_m2_month", "orders"
INCOME, SUM, DECLARANTS = (
    "mean_taxable_income_eur", "taxable_income_eur", "taxable_income_declarants",
)  # fmt: skip
_MACRO = {"Nord": N_("nel Nord"), "Centro": N_("nel Centro"), "Mezzogiorno": N_("nel Mezzogiorno")}


def chapter(found: Findings) -> Chapter:
    """Say how rents, incomes, evictions and the weight of housing have moved, as far as is published."""
    title = found.voice.say("Come cambia")
    return Chapter("tempo", title, tuple(_blocks(found)))


def _blocks(found: Findings) -> Iterator[Block]:
    yield rents(found)
    yield incomes(found)
    yield evictions(found)
    survey = over_time(found)
    if survey is not None:
        yield survey
        yield overburden_picture(found)


# --- rents and incomes -------------------------------------------------------------------------


@store.remembered()
def _national(name: str, day: pd.Timestamp) -> Series:
    return series(name, None, day)


def rents(found: Findings) -> Sentence:
    """Say in how many municipalities the rent rose and fell from the first edition to the last."""
    voice, lead, made = found.voice, found.voice.say("Canoni OMI."), _national(RENT, found.day)
    data = made.data.reindex(found.codes)
    dates = list(data.columns)
    if len(dates) < 2:
        text = voice.say("C'è una sola edizione delle quotazioni: come cambiano non si può dire.")
        return Sentence(text, lead)
    first, last = dates[0], dates[-1]
    broken = made.between(first, last)
    broken = broken[broken["unit"].isin(["", *found.codes])]
    apart = set(found.codes) if (broken["unit"] == "").any() else set(broken["unit"])
    reasons = "; ".join(made.said(one, voice) for one in dict.fromkeys(broken["reason"]))
    ends = data[[first, last]].dropna()
    known = ends.drop(index=[one for one in ends.index if one in apart])
    note = "; ".join(source_lines(made.figures.sources[last], voice))
    if len(found.codes) == 1:
        return Sentence(_rent_here(found, known, reasons), lead, note)
    if known.empty:
        text = voice.say(
            "Fra i semestri {first} e {last} nessun comune ha due canoni che si confrontino.",
            first=first, last=last,
        )  # fmt: skip
        return Sentence(text, lead, " ".join(filter(None, (reasons, note))))
    change = known[last] / known[first] - 1
    counts = {
        key: number(f"{OWN}:rent_{key}_municipalities", int(many), voice)
        for key, many in (("up", (change > 0).sum()), ("down", (change < 0).sum()),
                          ("same", (change == 0).sum()))
    }  # fmt: skip
    text = voice.say(
        "Comuni in cui fra i semestri {first} e {last} il canone quotato è salito: {up}; è sceso: "
        "{down}; è rimasto lo stesso: {same}. La variazione mediana è {median}.",
        first=first, last=last, **counts,
        median=_signed(found, f"{OWN}:rent_change_share", float(change.median())),
    )  # fmt: skip
    left = len(found.codes) - len(known)
    said = []
    if left:
        said = [
            voice.say(
                "Comuni che non si confrontano, perché una quotazione manca o è cambiato il modo: "
                "{count}.",
                count=number(f"{OWN}:rent_not_compared_municipalities", left, voice),
            )
        ]
    return Sentence(text, lead, " ".join([*said, note]))


def _rent_here(found: Findings, known: pd.DataFrame, reasons: str) -> str:
    voice, code = found.voice, found.codes[0]
    if known.empty and reasons:
        return voice.say("La serie si interrompe: {reasons}.", reasons=reasons)
    if known.empty:
        return voice.say("L'OMI qui non ha due quotazioni da confrontare.")
    first, last = known.columns
    then, now = (
        number(f"{code}_{date.replace('/', '-')}:{RENT}", float(known[date].loc[code]), voice,
               "eur_m2_month", RENT, with_unit=True)
        for date in (first, last)
    )  # fmt: skip
    return voice.say("Fra i semestri {first} e {last} il canone quotato è passato da {then} a {now}.",
                     first=first, last=last, then=then, now=now)  # fmt: skip


def incomes(found: Findings) -> Sentence:
    """Say how the mean taxable income of the area moved, at current prices."""
    voice, lead = found.voice, found.voice.say("Redditi.")
    total, people = (_national(name, found.day) for name in (SUM, DECLARANTS))
    sums, counts = (one.data.reindex(found.codes) for one in (total, people))
    whole = sums.notna().all() & counts.notna().all()
    dates = [str(date) for date in sums.columns if whole[date]]
    if len(dates) < 2:
        text = voice.say(
            "C'è una sola edizione che vale per tutta l'area: come cambiano non si può dire."
        )
        return Sentence(text, lead)
    first, last = dates[0], dates[-1]
    then, now = (
        number(
            f"{OWN}_{date}:{INCOME}",
            float(sums[date].sum() / counts[date].sum()),
            voice,
            "eur",
            INCOME,
        )
        for date in (first, last)
    )
    text = voice.say(
        "Fra il {first} e il {last} l'imponibile medio per dichiarante è passato da {then} a {now}, a "
        "prezzi correnti.", first=first, last=last, then=then, now=now,
    )  # fmt: skip
    return Sentence(text, lead, "; ".join(source_lines(total.figures.sources[last], voice)))


# --- evictions ---------------------------------------------------------------------------------


def evictions(found: Findings) -> Sentence:
    """Say how the orders of the provinces moved on the year before, as published; a break is said."""
    voice, rows = found.voice, found.evictions
    source = store.source_of("evictions")
    year, lead = source.reference_date, voice.say("Sfratti.")
    before = rows[ORDERS] / (1 + rows["orders_change_share"])
    comparable = (
        before.notna() & np.isfinite(before) & rows[ORDERS].notna() & ~rows["orders_broken"]
    )
    said = []
    if len(rows) <= NAMED:
        said = [_province(found, str(name), float(before[name]), ok=bool(comparable[name]))
                for name in rows.index]  # fmt: skip
    else:
        change = (rows[ORDERS] - before)[comparable]
        counts = {
            key: number(f"{OWN}:orders_{key}_provinces", int(many), voice)
            for key, many in (("up", (change > 0).sum()), ("down", (change < 0).sum()),
                              ("not_compared", (~comparable).sum()))
        }  # fmt: skip
        said = [voice.say(
            "saliti, province: {up}; scesi: {down}; la variazione non si legge: {not_compared}",
            **counts,
        )]  # fmt: skip
    text = voice.say("Nel {year}, sull'anno prima, i provvedimenti: {places}.",
                     year=year, places="; ".join(said))  # fmt: skip
    return Sentence(voice.elided(text), lead, "; ".join(source_lines([source.id], voice)))


def _province(found: Findings, name: str, before: float, *, ok: bool) -> str:
    voice, rows = found.voice, found.evictions
    orders, share = (float(rows[one].loc[name]) for one in (ORDERS, "orders_change_share"))
    place = prefecture_name(name, voice, found.day)
    if np.isnan(orders):
        return voice.say("{place}, dato non trasmesso", place=place)
    if not ok:
        return voice.say("{place}, la serie è interrotta e la variazione non si legge", place=place)
    then = number(f"{name}:{ORDERS}_before", round(before), voice)
    now = number(f"{name}:{ORDERS}", orders, voice)
    change = _signed(found, f"{name}:orders_change_share", share)
    return voice.say(
        "{place}, da {then} a {now} ({change})", place=place, then=then, now=now, change=change
    )


def _signed(found: Findings, key: str, share: float) -> str:
    return ("+" if share > 0 else "") + number(key, share, found.voice, "share")


# --- the weight of housing: the survey ---------------------------------------------------------


def _territories(found: Findings) -> dict[str, str]:
    """Return the survey's territories where the area is, each as it stands in a sentence."""
    voice = found.voice
    units = municipalities(found.day).loc[found.codes]
    own = dict(zip(units["region_code"], units["region_name"], strict=True))
    macro = dict.fromkeys(MACRO_AREAS[code] for code in own if code in MACRO_AREAS)
    named = {one: voice.say(_MACRO[one]) for one in macro}
    if len(own) == 1:
        named |= {code: inside("regione", name, voice) for code, name in own.items()}
    return named


def _rates() -> pd.DataFrame:
    return store.table("housing_survey").pivot_table("overburden_share", "year", "territory")


def over_time(found: Findings) -> Sentence | None:
    """Say how the survey's overburden rate has moved where the area is: never the model's."""
    voice, rates = found.voice, _rates()
    if SINCE not in rates.index:
        return None
    last = int(rates.index.max())
    said = []
    for territory, label in _territories(found).items():
        ends = rates.reindex(columns=[territory]).loc[[SINCE, last], territory]
        if ends.isna().any():
            continue
        then, now = (_rate(found, territory, year, float(ends[year])) for year in (SINCE, last))
        said.append(voice.say("{place} dal {then} al {now}", place=label, then=then, now=now))
    if not said:
        return None
    text = voice.say(
        "Fra il {since} e il {last} la quota di persone che spendono per la casa, utenze comprese, "
        "oltre il 40 % del reddito (indagine ISTAT) è passata: {places}.",
        since=SINCE, last=last, places="; ".join(said),
    )  # fmt: skip
    note = "; ".join(source_lines([store.source_of("housing_survey").id], voice))
    if found.need is not None:
        note = voice.say("La stima del bisogno è invece di un momento solo.") + " " + note
    return Sentence(voice.elided(text), voice.say("Quanto pesa la casa."), note)


def _rate(found: Findings, territory: str, year: int, value: float) -> str:
    return number(f"survey_{territory}_{year}:overburden_share", value, found.voice, "share")


def overburden_picture(found: Findings) -> Picture:
    """Draw the survey's overburden rate by year, of the parts of Italy and of the region."""
    voice, rates, own = found.voice, _rates(), _territories(found)
    kept = [one for one in own if one in rates.columns and rates[one].notna().sum() > 1]
    # A place without a value in the last years has no end to name: its label says of which year it is.
    labels = {one: one if one in _MACRO else found.labels.get(REGION, own[one]) for one in kept}
    title = voice.say("Persone che spendono per la casa oltre il 40 % del reddito, per cento")
    ends = []
    for one in kept:
        known = rates[one].dropna()
        value = _rate(found, one, int(known.index[-1]), float(known.iloc[-1]))
        ends.append(f"{labels[one]} {value} ({known.index[-1]})")
    return Picture(
        "tempo", title,
        series_chart.series(rates * 100, labels=labels, voice=voice, decimals=1, unit=" %"),
        voice.say("Serie annuale dell'indagine ISTAT. Alla fine: {said}.", said="; ".join(ends)),
        notes=(voice.say("Una linea interrotta è un anno che l'indagine non pubblica."),),
        sources=source_lines([store.source_of("housing_survey").id], voice), drawn=tuple(ends),
    )  # fmt: skip


PART = Part("tempo", chapter)
