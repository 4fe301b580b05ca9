"""The choices of a yearly plan: each share of the law with its base, what is due, what was decided."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Question
from needs_analysis.plans.reserves import RULES, Rule
from needs_analysis.plans.schema import CATEGORIES
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.plan_view import (
    ALL_ASKED,
    LEAD,
    OFFICES,
    PlanView,
    asked,
    chapter,
)
from needs_analysis.reports.model import Blank, Block, Chapter, Column, Sentence, Table, number
from needs_analysis.words import N_, Voice

_ORDER = ("transitional", "indigence", "categories", "local", "police")
_SIDES = {"least": N_("almeno"), "most": N_("al massimo")}
_DECISION = N_("La quota è una scelta che il piano deve riportare")
_BASE = N_("Da una base diversa verrebbero altri numeri")
_ASKS = {
    "transitional": N_("{place} ({owner}): quanti alloggi transitori (SAT), fino a {units}?"),
    "indigence": N_("{place} ({owner}): quanti alloggi per l'indigenza, da {units} in su?"),
    "categories": N_(
        "{place} ({owner}): quale quota per le categorie dell'art. 14, anche nessuna?"
    ),
    "police": N_("{place}: quali quote per forze di polizia e polizia locale, anche nessuna?"),
}
_UNSETTLED = {
    "transitional": N_(
        "{place} ({owner}): alloggi transitori decisi: {entered}; quota sulla base calcolata: {units}. "
        "Su quale base stanno nel tetto?"
    ),
    "indigence": N_(
        "{place} ({owner}): alloggi per l'indigenza decisi: {entered}; quota: {units}. "
        "Il testo visto lascia andare oltre i soli comuni, sui loro alloggi: con quale atto?"
    ),
}
VERDICT_WORDS = {
    "respected": N_("rispettata"),
    "to_clarify": N_("oltre la quota: da chiarire"),
    "to_decide": N_("da decidere"),
    "none_possible": N_("nessun alloggio: la quota non ne fa uno"),
    "adds_up": N_("torna"),
    "differs": N_("non torna"),
}
SUMS = {
    "origin": N_("Assegnabili: somma delle righe e delle provenienze"),
    "rooms": N_("Assegnabili: somma delle righe e delle stanze"),
    "stock_SAP": N_("Patrimonio SAP: foglio dell'ufficio e righe del piano"),
    "stock_SAS": N_("Patrimonio SAS: foglio dell'ufficio e righe del piano"),
    "stock_SAT": N_("Patrimonio SAT: foglio dell'ufficio e righe del piano"),
}


def choices(view: PlanView) -> tuple[Chapter, ...]:
    """Give the choices in the order of the law, a section each."""
    voice = view.voice
    first = Sentence(
        voice.say(
            N_("Le quote si calcolano sugli alloggi pubblici (SAP) disponibili nell'anno solare, una "
               "volta l'anno, per comune e proprietario, mai per avviso. Gli articoli sono citati come "
               "nei testi visti: la catena delle modifiche non è detta completa.")
        ),
        voice.say(N_("Come si leggono.")),
    )  # fmt: skip
    head = chapter("scelte", voice.say(N_("Le scelte per l'anno")), first)
    made = [_local(view) if key == "local" else _section(view, RULES[key]) for key in _ORDER]
    return (head, *made)


def _section(view: PlanView, rule: Rule) -> Chapter:
    voice = view.voice
    value = parameters.values(view.found.overrides)[rule.parameter]
    share = number(f"law:{rule.parameter}", value, voice, _unit([value]))
    lead = voice.say(
        N_("{side} il {share} degli alloggi, {rounding}. {article}; {version}."),
        side=voice.say(_SIDES[rule.side]).capitalize(), share=share, rounding=voice.say(rule.rounding),
        article=voice.say(rule.article), version=voice.say(rule.version),
    )  # fmt: skip
    note = base_said(rule, voice)
    note = note[0].upper() + note[1:] + "."
    if rule.key == "indigence":
        limit = parameters.values(view.found.overrides)["plan_indigence_isee_limit_eur"]
        note += " " + voice.say(
            N_("Indigenza: ISEE fino a {limit}. Ogni comune può andare oltre sui suoi alloggi, "
               "pagandone il costo; ALER a parte in ogni comune."),
            limit=number("law:plan_indigence_isee_limit_eur", limit, voice, "eur"),
        )  # fmt: skip
    elif rule.key == "categories":
        note += " " + voice.say(N_("La decide ogni ente proprietario; il piano la riporta."))
    elif rule.key == "police":
        note += " " + voice.say(N_("Un tetto solo per comune, con dentro le due quote."))
    body: list[Block] = [_asked_whole(view, rule)]
    if view.plan.checks is not None and (view.plan.checks["rule"] == rule.key).any():
        body = [rule_table(view, rule), *_open_of(view, rule)]
    more = _categories(view) if rule.key == "categories" else None
    return chapter(f"scelte-{rule.key}", voice.say(rule.label), Sentence(lead, "", note), more, *body,
                   level=2)  # fmt: skip


def _unit(shares: Iterable[float]) -> str:
    """Return how shares of a rule are printed: without decimals where all are whole per cents."""
    whole = all(math.isclose(100 * one, round(100 * one)) for one in shares if one == one)
    return "whole_share" if whole else "share"


def base_said(rule: Rule, voice: Voice) -> str:
    """Say what a share is of, and whether the text says so."""
    of = voice.say(rule.base)
    if rule.base_given:
        return voice.say(N_("base: {units}"), units=of)
    return voice.say(N_("base non data dal testo visto: calcolata su {units}"), units=of)


def _open_of(view: PlanView, rule: Rule) -> list[Blank]:
    """Ask what the text of a rule leaves open: its base, and what was decided over it."""
    voice, made = view.voice, []
    if not rule.base_given:
        made.append(view.blank(
            f"plan_base_{rule.key}", N_("Base della quota"),
            voice.say(N_("«{rule}»: su quali alloggi si calcola la quota? Il testo visto non lo dice; "
                         "qui su {units}."), rule=voice.say(rule.label), units=voice.say(rule.base)),
            LEAD, _BASE,
        ))  # fmt: skip
    checks = view.plan.checks
    if checks is None:
        return made
    rows = _named(view, checks[(checks["rule"] == rule.key) & (checks["verdict"] == "to_clarify")])
    for key, row in rows.iterrows():
        counts = {one: voice.number(float(row[name])) for one, name in
                  (("entered", "entered"), ("units", "computed"))}  # fmt: skip
        words = voice.say(
            _UNSETTLED[rule.key], place=row["place"], owner=row["owner_said"], **counts
        )
        who = view.who(str(row["municipality_code"]), str(row["owner"]))
        made.append(view.blank(f"plan_clarify_{key}", N_("Oltre la quota"), words, who, _DECISION))
    return made


def _asked_whole(view: PlanView, rule: Rule) -> Blank:
    return view.blank(
        f"plan_{rule.key}", rule.label, N_("Quanti alloggi sono disponibili nell'anno, e quale quota è "
        "stata decisa?"), ALL_ASKED, _DECISION,
    )  # fmt: skip


def _named(view: PlanView, rows: pd.DataFrame) -> pd.DataFrame:
    rows = view.with_names(rows)
    keys = ["_".join(map(str, one)) for one in
            zip(rows["rule"], rows["municipality_code"], rows["owner"], strict=True)]  # fmt: skip
    rows["day"] = [f"{one:%Y-%m-%d}" if pd.notna(one) else "" for one in rows["day"]]
    return rows.set_axis(keys)


def rule_table(view: PlanView, rule: Rule) -> Table:
    """Give a share by municipality and owner: base and its date, what is due, what was decided."""
    voice, checks = view.voice, view.plan.checks
    if checks is None:
        raise LookupError("nothing is assignable")
    rows = _named(view, checks[checks["rule"] == rule.key])
    shares = rule.key in ("categories", "police")
    heads: list[Head] = [("place", N_("Comune"))]
    heads += [("owner_said", N_("Proprietario"))] if len(rule.by) > 1 else []
    heads += [
        ("base", N_("Alloggi disponibili"), "count"), ("day", N_("Alla data"), "date"),
        ("computed", N_("Almeno") if rule.side == "least" else N_("Al massimo"), "count"),
    ]  # fmt: skip
    unit = _unit(rows["entered_share"])
    share = Column("entered_share", voice.say(N_("Quota decisa")), unit, optional=True)
    units = Column("entered", voice.say(N_("Alloggi decisi")), "count", optional=True)
    heads += [share, units] if shares else [units]
    decided = "entered_share" if shares else "entered"
    none = rows["verdict"] == "none_possible"
    notes = [voice.say(N_("Dove al massimo è 0 la quota non fa un alloggio: non c'è da decidere."))]
    title = voice.say(
        N_("{rule}: alloggi disponibili, dovuti e decisi"), rule=voice.say(rule.label)
    )
    made = table(voice, f"scelte {rule.key}", title, rows, heads,
                 notes=notes if none.any() else ())  # fmt: skip

    def question(key: str, _: str) -> Question:
        row = rows.loc[key]
        code, owner = str(row["municipality_code"]), str(row["owner"])
        words = voice.say(_ASKS[rule.key], place=row["place"], owner=row["owner_said"],
                          units=voice.number(float(str(row["computed"]))))  # fmt: skip
        return Question(words, view.who(code, owner or "municipality"), _DECISION)

    return asked(made, [decided], question, [str(one) for one in rows.index[none]])


def _categories(view: PlanView) -> Table | None:
    """Name the categories that the bodies chose."""
    rows = view.plan.table("reserves")
    rows = None if rows is None else rows[rows["categories"].notna()]
    if rows is None or rows.empty:
        return None
    voice, rows = view.voice, view.with_names(rows)
    rows["said"] = [
        "; ".join(voice.say(CATEGORIES[one]) for one in str(given).split(";"))
        for given in rows["categories"]
    ]
    rows["note"] = rows["note"].fillna("")
    heads: list[Head] = [
        ("place", N_("Comune")), ("owner_said", N_("Proprietario")), ("said", N_("Categorie")),
        *([("note", N_("Note"))] if rows["note"].any() else []),
    ]  # fmt: skip
    title = voice.say(N_("Le categorie dell'art. 14 scelte"))
    return table(voice, "categorie", title, rows, heads, facts="")


def _local(view: PlanView) -> Chapter:
    """Give the further category of each municipality, with its reasons, or ask for it."""
    voice, rows = view.voice, view.plan.table("choices")
    title = voice.say(N_("Categoria di particolare rilevanza sociale"))
    text = Sentence(voice.say(
        N_("Per ogni comune, con adeguate motivazioni (R.R. 4/2017 art. 14 c. 1 lett. f).")
    ))  # fmt: skip
    rows = None if rows is None else rows[rows["local_category"].notna()]
    if rows is None or rows.empty:
        blank = view.blank(
            "plan_local", N_("Categoria di particolare rilevanza sociale"), N_("Quale altra categoria "
            "riconosce ogni comune, se ne riconosce, e perché?"), OFFICES, _DECISION,
        )  # fmt: skip
        return chapter("scelte-local", title, text, blank, level=2)
    rows = rows.assign(place=rows["municipality_code"].map(view.places)).sort_values("place")
    heads: list[Head] = [("place", N_("Comune")), ("local_category", N_("Categoria")),
                         ("local_reasons", N_("Motivazioni"))]  # fmt: skip
    made = table(voice, "categoria locale", title, rows, heads, facts="")
    return chapter("scelte-local", title, text, made, level=2)


# --- the check sheet ---------------------------------------------------------------------------


def check_tables(view: PlanView) -> list[Table]:
    """Return the check sheet: the shares of the law, then the sums; none without an input."""
    voice, checks, sums = view.voice, view.plan.checks, view.plan.sums
    made: list[Table] = []
    if checks is not None and len(checks):
        rows = _named(view, checks)
        rows["rule_said"] = [voice.say(RULES[one].label) for one in rows["rule"]]
        rows["article"] = [voice.say(RULES[one].article) for one in rows["rule"]]
        rows["version"] = [voice.say(RULES[one].version) for one in rows["rule"]]
        rows["side"] = [voice.say(_SIDES[RULES[one].side]) for one in rows["rule"]]
        rows["base_said"] = [base_said(RULES[one], voice) for one in rows["rule"]]
        rows["verdict_said"] = [voice.say(VERDICT_WORDS[one]) for one in rows["verdict"]]
        heads: list[Head] = [
            ("rule_said", N_("Regola")), ("article", N_("Articolo")), ("version", N_("Versione")),
            ("municipality_code", N_("Codice comune"), "code"), ("place", N_("Comune")),
            ("owner_said", N_("Proprietario")), ("base_said", N_("Base, che cosa")),
            ("base", N_("Base"), "count"),
            ("day", N_("Alla data"), "date"), ("share", N_("Quota di legge"), _unit(rows["share"])),
            ("side", N_("Verso")), ("computed", N_("Calcolato"), "count"),
            Column("entered_share", voice.say(N_("Quota inserita")), _unit(rows["entered_share"]),
                   optional=True),
            Column("entered", voice.say(N_("Inserito")), "count", optional=True),
            ("verdict_said", N_("Esito")),
        ]  # fmt: skip
        notes = [voice.say(N_("{rule}: {rounding}."), rule=voice.say(one.label),
                           rounding=voice.say(one.rounding)) for one in RULES.values()]  # fmt: skip
        title = voice.say(N_("Verifiche delle quote"))
        made.append(table(voice, voice.say(N_("verifiche")), title, rows, heads, notes=notes))
    if sums is not None and len(sums):
        rows = sums.set_index(pd.Index([f"sum_{one}" for one in sums["sum"]]))
        rows["said"] = [voice.say(SUMS[one]) for one in sums["sum"]]
        rows["verdict_said"] = [voice.say(VERDICT_WORDS[one]) for one in sums["verdict"]]
        heads = [("said", N_("Somma")), ("one", N_("Un totale"), "count"),
                 ("other", N_("L'altro totale"), "count"), ("verdict_said", N_("Esito"))]  # fmt: skip
        title = voice.say(N_("Verifiche delle somme"))
        made.append(table(voice, voice.say(N_("verifiche somme")), title, rows, heads))
    return made


def checks_chapter(view: PlanView) -> Chapter | None:
    """Say in the annex how many shares are respected, how many to be decided, and that sums agree."""
    voice, checks, sums = view.voice, view.plan.checks, view.plan.sums
    if sums is None or sums.empty:
        return None
    agree = np.all(sums["verdict"] == "adds_up")
    note = voice.say(N_("Tutte le somme tornano.") if agree else N_("Una somma non torna."))
    title, of_sums = voice.say(N_("Verifiche")), check_tables(view)[-1]
    if checks is None:
        return chapter("verifiche", title, Sentence(note), of_sums)
    asked_for = ("respected", "to_decide", "to_clarify")
    counts = {one: int((checks["verdict"] == one).sum()) for one in asked_for}
    said = {key: number(f"plan:checks_{key}", value, voice) for key, value in counts.items()}
    text = voice.say(
        N_("Quote rispettate: {respected}; da decidere: {to_decide}; da chiarire: {to_clarify}. Una "
           "quota fuori dalla legge non entra nel piano: il file va corretto prima."), **said
    )  # fmt: skip
    return chapter("verifiche", title, Sentence(text, "", note), of_sums)
