"""Stays as tables: how long they last, what is paid for them, and the office's own rows."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from needs_analysis.reports.chapters.services_building import (
    Head,
    counts_table,
    days_unit,
    told_table,
    where,
)
from needs_analysis.reports.model import Table
from needs_analysis.services.measures import RULES, WAYS
from needs_analysis.told import Told
from needs_analysis.words import N_, Voice

_WITHOUT_FEE = N_("Senza retta indicata")
_FEES_NOTE = N_(
    "Il dovuto è la somma delle accoglienze di cui si conosce la retta; quelle senza "
    "retta indicata restano fuori dalla somma e sono dette nella loro colonna."
)
_PUBLISHED_FEES_NOTE = N_(
    "Dove una parte delle accoglienze è senza retta indicata il dovuto è nascosto: tolte "
    "le altre somme resterebbe quello di pochi."
)


def survival_table(found: Told, voice: Voice) -> Table:
    """Return the share still present, and gone by each way, some days from entry."""
    shown = found.survival
    ways = {"present": N_("ancora presenti"), **WAYS}
    words = [voice.say(ways[code]) for code in shown.frame["outcome"]]
    frame = shown.frame.assign(outcome=words)
    columns = [
        ("outcome", N_("Situazione"), "text"),
        ("days", N_("Giorni dall'ingresso"), "count"),
        ("share", N_("Quota"), "share"),
        ("low", N_("Da"), "share"),
        ("high", N_("A"), "share"),
    ]
    rule = RULES["stay_survival"]
    note = f"{rule.name} {rule.version}: {voice.say(rule.text)}"
    if found.internal:
        columns.append(("n_risk", N_("Presenti fino ad allora"), "count"))
    title = N_("Permanenze e uscite nel tempo")
    return told_table(
        found, "Servizi permanenze", title, frame, columns, voice, shown.hidden, (note,)
    )


def statement_table(found: Told, voice: Voice) -> Table:
    """Return the monthly statement of each sending municipality: stays, days, euro.

    The amount is of the stays whose fee is stated; how many have none stands beside it. Published, a
    sum over some of the stays is hidden, and that some have no fee is said in words.
    """
    shown = found.counts["billed"]
    unit = "count" if found.internal else "text"
    more = (*_money(shown.frame["paid_days"], voice), ("unstated", _WITHOUT_FEE, unit))
    title = N_("Rette mensili per comune inviante")
    table = counts_table(found, shown, "Servizi rette", title, voice, more)
    frame = table.frame
    frame["sending_municipality_code"] = _named_municipalities(frame["sending_municipality_code"])
    if not found.internal:
        words = {"": "", "some": voice.say("una parte"), "all": voice.say("tutte")}
        frame["unstated"] = frame["unstated"].map(words)
    note = voice.say(_FEES_NOTE if found.internal else _PUBLISHED_FEES_NOTE)
    return replace(table, notes=(*table.notes, note))


def _money(paid_days: pd.Series, voice: Voice) -> tuple[Head, ...]:
    """Return the columns of an account: days paid, days away, amount to the cent."""
    return (
        ("paid_days", N_("Giorni pagati"), days_unit(paid_days, "count")),
        ("absence_days", voice.in_context("fees", "Giorni di assenza"), "count"),
        ("due_eur", N_("Dovuto"), "eur_cents"),
    )


def _named_municipalities(codes: pd.Series) -> list[str]:
    """Put a municipality's name after its code; what is no code stays."""
    from needs_analysis.territory import municipalities

    names = municipalities()["municipality_name"]
    return [f"{code} {names[code]}" if code in names.index else code for code in codes]


def internal_tables(found: Told, voice: Voice) -> list[Table]:
    """Return the rows that only the internal profile has, by the office's own file number."""
    rows = found.rows
    if rows is None:
        return []
    reviews = rows.reviews.rename_axis("stay_id").reset_index()
    reviews["plan_review_date"] = reviews["plan_review_date"].dt.strftime("%Y-%m-%d").fillna("")
    status = {
        "overdue": voice.say("scaduta"),
        "due": voice.say("prevista"),
        "not_stated": voice.say("non indicata"),
    }
    reviews["review"] = reviews["review"].map(status)
    long_stays = rows.long_stays.rename_axis("stay_id").reset_index()
    said = long_stays["over_stay_reason"].notna()
    # What was written may name somebody: only whether something was.
    long_stays["reason"] = said.map({True: voice.say("sì"), False: voice.say("no")})
    lines = rows.lines.copy()
    totals = _fee_totals(lines)
    stay = ("stay_id", N_("Pratica"), "code")
    service = ("service_code", N_("Servizio"), "code")
    stayed = ("days_stayed", N_("Giorni di permanenza"), "count")
    sender = ("sending_municipality_code", N_("Comune inviante"), "code")
    month = ("month", N_("Mese"), "date")
    services = found.services["service_name"].astype("str")
    for frame in (lines, totals):
        # A column without any code is no text.
        codes = frame["sending_municipality_code"].astype("str").fillna("")
        frame["sending_municipality_code"] = _named_municipalities(codes)
    for frame in (lines, totals, reviews, long_stays):
        codes = frame["service_code"].astype("str").fillna("")
        frame["service_code"] = [where("service", code, services, voice) for code in codes]
    return [
        told_table(found, "Interno verifiche", N_("Verifiche dei progetti"), reviews,
               (stay, service, ("plan_review_date", N_("Data"), "date"),
                ("review", N_("Stato"), "text"), stayed), voice),
        told_table(found, "Interno oltre 18 mesi", N_("Oltre i 18 mesi"), long_stays,
               (stay, service, stayed,
                ("reason", N_("Motivo indicato"), "text")), voice),
        told_table(found, "Interno rette", N_("Rette per accoglienza"), lines,
               (month, sender, service, stay, *_money(lines["paid_days"], voice)), voice),
        told_table(found, "Interno rette per servizio", N_("Rette per comune e servizio"), totals,
               (month, sender, service, ("stays", N_("Accoglienze"), "count"),
                *_money(totals["paid_days"], voice), ("unstated", _WITHOUT_FEE, "count")), voice,
               notes=(voice.say(_FEES_NOTE),)),
    ]  # fmt: skip


def _fee_totals(lines: pd.DataFrame) -> pd.DataFrame:
    """Sum a statement by municipality and service: the amount of the stays whose fee is stated."""
    keys = ["month", "sending_municipality_code", "service_code"]
    by = lines.assign(unstated=lines["due_eur"].isna()).groupby(keys, dropna=False, sort=True)
    totals = by[["paid_days", "absence_days", "due_eur"]].sum(min_count=1)
    return totals.assign(stays=by.size(), unstated=by["unstated"].sum()).reset_index()
