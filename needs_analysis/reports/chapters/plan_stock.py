"""The homes of a plan: the stock by owner and municipality, the empty ones, the assignable ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from needs_analysis.figures import Question
from needs_analysis.plans.schema import ORIGINS, SERVICES, UNSAID
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.plan_view import (
    ALL_ASKED,
    TOTAL_KEY,
    PlanView,
    asked,
    chapter,
    row_keys,
    with_total,
)
from needs_analysis.reports.model import Block, Chapter, Column, Sentence, Table, number
from needs_analysis.words import N_

_WHY_STOCK = N_(
    "Il piano dice la consistenza del patrimonio per proprietario e comune (R.R. 4/2017)"
)
_WHY_ASSIGNABLE = N_("Gli alloggi assegnabili sono la base di tutte le quote dell'anno")
_ONE = N_(
    "Ogni alloggio conta una volta: ristrutturato e liberato nello stesso anno sta nella prima "
    "provenienza. Somme per riga e per colonna: la verifica è nel foglio «verifiche»."
)
_BY_OFFICE = N_("Scritto dagli uffici. Vuoto vuol dire non trasmesso, mai zero.")
_ORIGIN_HEADS = {
    "as_is": N_("Stato di fatto"), "renovation": N_("Ristrutturati"), "new": N_("Nuovi"),
    "free": N_("Liberi"), "to_become_free": N_("Si liberano"), "private": N_("Da privati"),
}  # fmt: skip
STOCK_COLUMNS = tuple(f"stock_{one}" for one in SERVICES)


def stock(view: PlanView) -> Chapter:
    """Give the stock by owner and municipality, and the empty homes."""
    voice = view.voice
    title = voice.say(N_("Il patrimonio abitativo pubblico e sociale"))
    if view.plan.table("stock") is None:
        blank = view.blank(
            "plan_stock", N_("Patrimonio"), N_("Quanti alloggi SAP, SAS e SAT ha ogni proprietario, "
            "in ogni comune, a quale data?"), ALL_ASKED, _WHY_STOCK,
        )  # fmt: skip
        return chapter("patrimonio", title, blank, *_empty(view))
    made = stock_table(view)
    return chapter("patrimonio", title, _stock_said(view, made), made, *_empty(view))


def _stock_said(view: PlanView, made: Table) -> Sentence:
    voice, total = view.voice, made.frame.iloc[-1]
    homes = {
        service.lower(): number(
            f"{TOTAL_KEY}:stock_{service}", float(total[f"stock_{service}"]), voice
        )
        for service in SERVICES
    }
    missing = len(made.blanks)
    text = voice.say(
        N_("{area}: {sap} alloggi pubblici (SAP), {sas} sociali (SAS), {sat} transitori (SAT)."),
        area=view.area, **homes,
    )  # fmt: skip
    note = voice.plural(
        "Manca {count} numero: il totale è di chi ha risposto.",
        "Mancano {count} numeri: il totale è di chi ha risposto.",
        missing, count=number("plan:stock_missing", missing, voice),
    ) if missing else ""  # fmt: skip
    return Sentence(voice.elided(text), voice.say(N_("Quanti alloggi.")), note)


def stock_table(view: PlanView) -> Table:
    """Give the stock: each municipality with both usual owners, what nobody said is asked."""
    voice, given = view.voice, view.plan.tables["stock"]
    usual = pd.DataFrame(
        [(code, owner) for code in view.places for owner in ("municipality", "aler")],
        columns=["municipality_code", "owner"],
    )
    rows = usual.merge(given.drop(columns="municipality_name"), how="outer")
    rows = view.with_names(rows)
    frame = rows.rename(columns={one: f"stock_{one}" for one in SERVICES})
    frame["stock_day"] = [f"{one:%Y-%m-%d}" if pd.notna(one) else "" for one in frame["day"]]
    frame.index = pd.Index(row_keys(frame))
    frame = frame[["place", "owner_said", *STOCK_COLUMNS, "stock_day"]]
    frame = with_total(frame, STOCK_COLUMNS, view.area)
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")),
        *(Column(f"stock_{one}", one, "count") for one in SERVICES),
        ("stock_day", N_("Alla data"), "date"),
    ]  # fmt: skip
    made = table(
        voice, "patrimonio", voice.say(N_("Alloggi del patrimonio per comune e proprietario")), frame,
        heads, notes=(voice.say(_BY_OFFICE),),
    )  # fmt: skip

    def question(key: str, column: str) -> Question:
        code, owner = key.split("_")
        service = column.removeprefix("stock_")
        words = voice.say(
            N_("{place} ({owner}): quanti alloggi {service}?"),
            service=service, owner=view.owner(owner), place=view.places[code],
        )  # fmt: skip
        return Question(words, view.who(code, owner), _WHY_STOCK)

    return asked(replace(made, closing=1), STOCK_COLUMNS, question)


def _empty(view: PlanView) -> Iterator[Block]:
    """Give the empty homes, or ask for them."""
    voice, rows = view.voice, view.plan.table("empty")
    if rows is None:
        yield view.blank(
            "plan_empty", N_("Alloggi sfitti"), N_("Quanti alloggi sono sfitti, quanti da sistemare, "
            "quanti con lavori finanziati?"), ALL_ASKED,
            N_("Un alloggio sfitto sistemato è un posto in più"),
        )  # fmt: skip
        return
    counts = ("empty", "to_repair", "funded")
    rows = view.with_names(rows)
    frame = rows.set_axis(row_keys(rows))[["place", "owner_said", *counts]]
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")), ("empty", N_("Sfitti"), "count"),
        ("to_repair", N_("Da sistemare"), "count"), ("funded", N_("Con lavori finanziati"), "count"),
    ]  # fmt: skip
    made = table(
        voice, "sfitti", voice.say(N_("Alloggi sfitti")), with_total(frame, counts, view.area), heads,
        notes=(voice.say(_BY_OFFICE),),
    )  # fmt: skip

    def question(key: str, column: str) -> Question:
        code, owner = key.split("_")
        label = {"empty": N_("sfitti"), "to_repair": N_("sfitti da sistemare"),
                 "funded": N_("sfitti con lavori finanziati")}[column]  # fmt: skip
        words = voice.say(N_("{place}: quanti alloggi {what}?"), what=voice.say(label),
                          place=view.places[code])  # fmt: skip
        return Question(
            words, view.who(code, owner), N_("Un alloggio sfitto sistemato è un posto in più")
        )

    yield asked(replace(made, closing=1), counts, question)


# --- assignable ------------------------------------------------------------------------------


def assignable(view: PlanView) -> Chapter:
    """Give the units that can be assigned in the year, by owner and origin, then by size."""
    voice = view.voice
    title = voice.say(N_("Gli alloggi assegnabili nell'anno"))
    if view.plan.origins is None or view.plan.rooms is None:
        blank = view.blank(
            "plan_assignable", N_("Alloggi assegnabili"), N_("Quanti alloggi si possono assegnare, "
            "per proprietario, comune, provenienza e stanze?"), ALL_ASKED, _WHY_ASSIGNABLE,
        )  # fmt: skip
        return chapter("assegnabili", title, blank)
    made = origins_table(view)
    total = float(made.frame["assignable_total"].iloc[-1])
    text = voice.plural(
        "Nel {year} è assegnabile {count} alloggio.", "Nel {year} sono assegnabili {count} alloggi.",
        int(total), year=view.plan.period,
        count=number(f"{TOTAL_KEY}:assignable_total", total, voice),
    )  # fmt: skip
    return chapter("assegnabili", title, Sentence(text, voice.say(N_("Quanti."))), made,
                   rooms_table(view))  # fmt: skip


def origins_table(view: PlanView, *, every: bool = False) -> Table:
    """Give the assignable units by municipality, owner and service, a column an origin that there is."""
    voice, origins = view.voice, view.plan.origins
    if origins is None:
        raise LookupError("nothing is assignable")
    there = [one for one in ORIGINS if every or origins[one].any()]
    names = [f"assignable_{one}" for one in (*there, "total")]
    rows = view.with_names(origins.reset_index())
    frame = rows.set_axis(row_keys(rows, "service")).rename(
        columns={one: f"assignable_{one}" for one in (*ORIGINS, "total")}
    )
    frame["owner_said"] = frame["owner_said"] + ", " + frame["service"]  # the page has no room
    frame = with_total(frame[["place", "owner_said", *names]], names, view.area)
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Ente e servizio")),
        *((f"assignable_{one}", _ORIGIN_HEADS[one], "count") for one in there),
        ("assignable_total", N_("Totale"), "count"),
    ]  # fmt: skip
    made = table(
        voice, "assegnabili",
        voice.say(N_("Alloggi assegnabili per comune, proprietario e provenienza")), frame, heads,
        notes=(voice.say(_ONE),),
    )  # fmt: skip
    return replace(made, closing=1)


def rooms_table(view: PlanView) -> Table:
    """Give the assignable units by rooms; those whose rooms nobody said are asked for."""
    voice, rooms = view.voice, view.plan.rooms
    if rooms is None:
        raise LookupError("nothing is assignable")
    names = [*SERVICES, "total"]
    labels = {size: voice.say(N_("{rooms} stanze"), rooms=size) for size in rooms.index}
    labels |= {"1": voice.say(N_("1 stanza")), "5": voice.say(N_("5 stanze e più")),
               UNSAID: voice.say(N_("stanze non dette"))}  # fmt: skip
    frame = rooms.rename(columns={one: f"rooms_{one}" for one in names})
    frame.insert(0, "place", [labels[str(one)] for one in rooms.index])
    frame.index = pd.Index([f"rooms_{one}" for one in rooms.index])
    columns = [f"rooms_{one}" for one in names]
    heads: list[Head] = [
        ("place", N_("Stanze")), *(Column(f"rooms_{one}", one, "count") for one in SERVICES),
        ("rooms_total", N_("Totale"), "count"),
    ]  # fmt: skip
    made = table(
        voice, "assegnabili per stanze", voice.say(N_("Alloggi assegnabili per numero di stanze")),
        with_total(frame, columns, voice.say(N_("Totale"))), heads,
    )  # fmt: skip
    return replace(made, closing=1)


def turnover(view: PlanView) -> Chapter:
    """Give the units that will become free in the three years by normal turnover, or ask for them."""
    voice, rows = view.voice, view.plan.table("turnover")
    title = voice.say(N_("Gli alloggi che si libereranno nel triennio"))
    if rows is None:
        blank = view.blank(
            "plan_turnover", N_("Alloggi liberabili"), N_("Quanti alloggi si libereranno nei tre anni "
            "per il normale ricambio, per proprietario e comune?"), ALL_ASKED,
            N_("Il piano triennale dice quanti alloggi tornano liberi (R.R. 4/2017 art. 3)"),
        )  # fmt: skip
        return chapter("liberabili", title, blank)
    rows = view.with_names(rows)
    frame = rows.set_axis(row_keys(rows, "service"))[["place", "owner_said", "service", "units"]]
    frame = frame.rename(columns={"units": "turnover_units"})
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")), ("service", N_("Servizio")),
        ("turnover_units", N_("Alloggi nei tre anni"), "count"),
    ]  # fmt: skip
    made = table(voice, "liberabili", title, with_total(frame, ["turnover_units"], view.area), heads,
                 notes=(voice.say(_BY_OFFICE),))  # fmt: skip
    return chapter("liberabili", title, replace(made, closing=1))
