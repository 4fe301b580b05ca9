"""What a plan does beside homes, and what became of the plan before: measures, results, questions."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from needs_analysis.figures import Question
from needs_analysis.plans.schema import ITEMS, LINES, OWNERS, RESULTS, ROWS
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.plan_view import (
    ALL_ASKED,
    ALL_ASKED_ANYWHERE,
    LEAD,
    PLAN_OFFICE,
    PlanView,
    asked,
    chapter,
    row_keys,
    with_total,
)
from needs_analysis.reports.chapters.policies_tables import existing_table, standing_table
from needs_analysis.reports.chapters.policies_words import standing_sentence
from needs_analysis.reports.model import Block, Chapter, Column, Sentence, Table, number
from needs_analysis.words import N_


def measures(view: PlanView, *, feasible: bool = True) -> tuple[Chapter, ...]:
    """Give the measures with money and recipients, then those that could be put in place."""
    voice, told = view.voice, view.found.policies
    title = voice.say(
        N_("Le misure per l'accesso e il mantenimento (L.R. 16/2016, Titolo V)")
        if view.of_lombardy else N_("Le misure per la casa che esistono")
    )  # fmt: skip
    made = None if told is None else existing_table(told, voice)
    if made is None or made.frame.empty:
        blank = view.blank(
            "plan_measures", N_("Misure"), N_("Quali misure ci sono, con quanti soldi e per quanti "
            "nuclei?"), ALL_ASKED if view.of_lombardy else ALL_ASKED_ANYWHERE,
            N_("Il piano dice le misure con le risorse e i destinatari"),
        )  # fmt: skip
        first = chapter("misure", title, blank)
    else:
        first = chapter("misure", title, _asked_of(view, made))
    if told is None or not feasible:
        return (first,)
    second = chapter(
        "attivabili", voice.say(N_("Che cosa si può attivare")), standing_sentence(told, voice),
        standing_table(told, voice), level=2,
    )  # fmt: skip
    return first, second


def _asked_of(view: PlanView, made: Table) -> Table:
    """Ask for the money and the recipients that the office left out."""
    voice, rows = view.voice, made.frame

    def question(key: str, column: str) -> Question:
        row = rows.loc[int(key)]
        what = {"budget_eur": N_("Quanto è stanziato per «{name}»?"),
                "beneficiaries": N_("Quanti nuclei riceve «{name}»?")}[column]  # fmt: skip
        return Question(
            voice.say(what, name=row["measure_name"]), str(row["administration_name"]),
            N_("Il piano dice le misure con le risorse e i destinatari"),
        )  # fmt: skip

    if made.quality is not None:
        hidden = made.quality["beneficiaries"].ne(0).to_numpy() & rows["beneficiaries"].isna()
        if hidden.any():  # what is hidden was said: it is no question
            return asked(made, ["budget_eur"], question)
    return asked(made, ["budget_eur", "beneficiaries"], question)


def services(view: PlanView) -> Chapter:
    """Give the services for homes of the ambito, or ask for them."""
    voice, rows = view.voice, view.plan.table("local_services")
    title = voice.say(N_("I servizi per l'abitare"))
    if rows is None:
        blank = view.blank(
            "plan_services", N_("Servizi"), N_("Quali servizi per l'abitare ci sono, di chi, con quanti "
            "posti e a quale costo?"), PLAN_OFFICE,
            N_("Il capitolo mette accanto al bisogno ciò che già risponde"),
        )  # fmt: skip
        return chapter("servizi", title, blank)
    rows = rows.set_axis([f"service_{at}" for at in range(len(rows))])
    rows = rows.fillna({"body_name": ""})
    heads: list[Head] = [
        ("service_name", N_("Servizio")), ("body_name", N_("Ente")),
        ("places", N_("Posti"), "count"), ("cost_eur", N_("Costo annuo"), "eur"),
    ]  # fmt: skip
    made = table(voice, "servizi", title, rows, heads)

    def question(key: str, column: str) -> Question:
        row = rows.loc[key]
        what = {"places": N_("Quanti posti ha «{name}»?"),
                "cost_eur": N_("Quanto costa in un anno «{name}»?")}[column]  # fmt: skip
        return Question(voice.say(what, name=row["service_name"]), row["body_name"] or PLAN_OFFICE,
                        N_("Serve per dire quanto del bisogno è già coperto"))  # fmt: skip

    return chapter("servizi", title, asked(made, ["places", "cost_eur"], question))


# --- what became of the plan before --------------------------------------------------------------


def assigned(view: PlanView) -> Chapter:
    """Give the units assigned in the year before, or ask for them."""
    voice, rows = view.voice, view.plan.table("assigned")
    title = voice.say(N_("Gli alloggi assegnati l'anno prima"))
    if rows is None:
        blank = view.blank(
            "plan_assigned", N_("Alloggi assegnati"), N_("Quanti alloggi sono stati offerti e quanti "
            "assegnati l'anno prima?"), ALL_ASKED, N_("Il piano rende conto del precedente"),
        )  # fmt: skip
        return chapter("assegnati", title, blank)
    names = ["offered", "assigned"]
    rows = view.with_names(rows)
    rows["year"] = [f"{one:.0f}" for one in rows["year"]]
    frame = rows.set_axis(row_keys(rows, "service", "year"))
    frame = frame[["place", "owner_said", "service", "year", *names]]
    total = frame.loc[:, "assigned"].sum()
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")), ("service", N_("Servizio")),
        ("year", N_("Anno"), "date"), ("offered", N_("Offerti"), "count"),
        ("assigned", N_("Assegnati"), "count"),
    ]  # fmt: skip
    made = table(voice, "assegnati", title, with_total(frame, names, view.area), heads)
    text = voice.say(N_("Alloggi assegnati: {count}."), count=number("area:assigned", total, voice))
    return chapter("assegnati", title, Sentence(text), replace(made, closing=1))


def objectives(view: PlanView) -> Chapter:
    """Give the objectives of the plan before with what became of them, and the rows that changed."""
    voice, rows = view.voice, view.plan.table("objectives")
    title = voice.say(N_("Il piano precedente: obiettivi e differenze"))
    first: Block
    if rows is None:
        first = view.blank(
            "plan_objectives", N_("Obiettivi del piano precedente"), N_("Quali obiettivi aveva il piano "
            "precedente, e quali sono raggiunti?"), LEAD, N_("Il piano rende conto del precedente"),
        )  # fmt: skip
    else:
        said = [voice.say(RESULTS[one]) if one in RESULTS else "" for one in rows["result"]]
        frame = rows.assign(result=said, note=rows["note"].fillna(""))
        frame = frame.set_axis([f"objective_{at}" for at in range(len(frame))])
        heads: list[Head] = [("objective", N_("Obiettivo")), ("result", N_("Esito")),
                             ("note", N_("Che cosa resta"))]  # fmt: skip
        first = asked(
            table(voice, "obiettivi", voice.say(N_("Obiettivi del piano precedente")), frame, heads),
            ["result"],
            lambda key, _: Question(
                voice.say(N_("Che esito ha «{objective}»?"), objective=frame.loc[key, "objective"]),
                LEAD, N_("Il piano rende conto del precedente"),
            ),
        )  # fmt: skip
    return chapter("precedente", title, first, *_beside(view))


def _beside(view: PlanView) -> list[Block]:
    voice = view.voice
    if view.plan.beside is None:
        if not view.plan.tables or not view.of_lombardy:
            return []
        return [view.blank(
            "plan_previous", N_("Righe del piano precedente"), N_("Come erano patrimonio e assegnabili "
            "nel piano precedente?"), LEAD,
            N_("Una differenza senza motivo è una domanda"),
        )]  # fmt: skip
    made = beside_table(view)
    moved = (view.plan.beside["difference"] != 0).sum()
    counts = {
        "all": number("plan:rows_beside", len(view.plan.beside), voice),
        "moved": number("plan:rows_moved", int(moved), voice),
        "asked": number("plan:rows_asked", len(made.blanks), voice),
    }
    text = voice.say(
        N_("Righe a confronto con il piano del {year}: {all}; cambiate o in un piano solo: {moved}; "
           "senza un motivo: {asked}."), year=str(view.plan.before), **counts,
    )  # fmt: skip
    return [Sentence(text, voice.say(N_("Il confronto."))), *([made] if len(made.frame) else [])]


def beside_table(view: PlanView, *, every: bool = False) -> Table:
    """Give the rows of the two plans beside each other: those that differ, or every one."""
    voice, rows = view.voice, view.plan.beside
    if rows is None:
        raise LookupError("no plan before")
    rows = rows if every else rows[rows["difference"] != 0]
    rows = view.with_names(rows)
    rows["item_said"] = [voice.say(ITEMS[one]) for one in rows["item"]]
    frame = rows.set_axis([f"beside_{one}" for one in row_keys(rows, "item")])
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")), ("item_said", N_("Voce")),
        ("before", str(view.plan.before), "count"), ("now", str(view.plan.year), "count"),
        Column("difference", voice.say(N_("Differenza")), "count", optional=True),
        ("reason", N_("Motivo")),
    ]  # fmt: skip
    key = "confronto righe" if every else "confronto"
    made = table(
        voice, key, voice.say(N_("Le righe dei due piani, in alloggi")), frame, heads,
        notes=(voice.say(N_("Una riga che manca in un piano non è zero: è da chiarire.")),),
    )  # fmt: skip

    def question(at: str, _: str) -> Question:
        row = frame.loc[at]
        words = voice.say(
            N_("{place} ({owner}): perché «{item}» è cambiato dal piano precedente?"),
            item=row["item_said"], owner=row["owner_said"], place=row["place"],
        )  # fmt: skip
        return Question(words, view.who(str(row["municipality_code"]), str(row["owner"])),
                        N_("Una differenza senza motivo è una domanda"))  # fmt: skip

    return made if every else asked(made, ["reason"], question)


def questions(view: PlanView) -> Chapter:
    """Give the open questions, or ask for them."""
    voice, rows = view.voice, view.plan.table("questions")
    title = voice.say(N_("Questioni aperte"))
    if rows is None:
        blank = view.blank(
            "plan_questions", N_("Questioni aperte"), N_("Che cosa resta da decidere, a cura di chi, "
            "entro quando?"), LEAD, N_("Il piano si chiude con ciò che resta aperto"),
        )  # fmt: skip
        return chapter("questioni", title, blank)
    rows = rows.assign(
        who=rows["who"].fillna(""),
        by=[f"{one:%Y-%m-%d}" if pd.notna(one) else "" for one in rows["by"]],
    )
    heads: list[Head] = [("question", N_("Questione")), ("who", N_("A cura di")),
                         ("by", N_("Entro"), "date")]  # fmt: skip
    return chapter("questioni", title, table(voice, "questioni", title, rows, heads, facts=""))


_WRITTEN = {
    "strategy": (N_("Strategie"), N_("Quali strategie ha il piano?")),
    "objective": (N_("Obiettivi"), N_("Quali obiettivi ha il piano?")),
    "distress": (N_("Azioni contro il disagio"), N_("Quali azioni contro il disagio ha il piano?")),
    "emergency": (N_("Azioni per l'emergenza"), N_("Quali azioni per l'emergenza ha il piano?")),
}


def strategies(
    view: PlanView, title: str = N_("Strategie, obiettivi e linee di azione")
) -> Chapter:
    """Give strategies, objectives and lines of action; a kind that nobody wrote is asked for."""
    voice, rows = view.voice, view.plan.table("strategies")
    blocks: list[Block] = []
    for kind, label in LINES.items():
        own = None if rows is None else rows[rows["line"] == kind]
        name, (title_of, question) = voice.say(label), _WRITTEN[kind]
        heading, many = name[0].upper() + name[1:], voice.say(title_of)
        if own is None or own.empty:
            blocks.append(view.blank(
                f"plan_{kind}", many, question, PLAN_OFFICE,
                N_("È una scelta di chi governa l'ambito: nessun dato la dice"),
            ))  # fmt: skip
            continue
        frame = own.assign(who=own["who"].fillna(""))
        frame = frame.set_axis([f"{kind}_{at}" for at in range(len(frame))])
        money = Column("resources_eur", voice.say(N_("Risorse")), "eur", optional=True)
        heads: list[Head] = [("text", heading), ("who", N_("A cura di")), money]
        blocks.append(table(voice, f"strategie {kind}", many, frame, heads))
    return chapter("strategie", voice.say(title), *blocks)


def rows_table(view: PlanView) -> Table | None:
    """Give the rows that the next plan reads: its headers are Italian in every language."""
    rows = view.plan.rows
    if rows.empty:
        return None
    frame = rows.reset_index()
    frame = frame.assign(
        ambito_name=view.found.area.attrs["name"], year=str(view.plan.year),
        municipality_name=frame["municipality_code"].map(view.places),
        item=frame["item"].map(ITEMS), owner=frame["owner"].map(OWNERS),
    )  # fmt: skip
    frame.index = pd.Index([f"row_{one}" for one in row_keys(rows.reset_index(), "item")])
    columns = [
        Column(one.name, one.header, "count" if one.name == "units" else "code")
        for one in ROWS.fields
    ]
    return table(view.voice, ROWS.sheet, view.voice.say(ROWS.title), frame, columns)
