"""The opening of a plan: how it came about, and the local dynamics that public figures tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs_analysis.figures import Question
from needs_analysis.plans.schema import KINDS
from needs_analysis.reports.chapters import evictions, need, opening, rents
from needs_analysis.reports.chapters.building import Head, table
from needs_analysis.reports.chapters.by_municipality import MUNICIPALITIES_ON_PAGE
from needs_analysis.reports.chapters.comparison import comparison_table
from needs_analysis.reports.chapters.municipalities import by_municipality
from needs_analysis.reports.chapters.need_diffuse import diffuse_table
from needs_analysis.reports.chapters.need_drawn import gap_pictures
from needs_analysis.reports.chapters.need_levels import municipalities_table, wider_table
from needs_analysis.reports.chapters.need_supply import gap_tables, primary_table, questions_table
from needs_analysis.reports.chapters.need_tables import groups_table, sizes_table
from needs_analysis.reports.chapters.need_view import view_of
from needs_analysis.reports.chapters.plan_view import (
    LEAD,
    OFFICES,
    PlanView,
    asked,
    chapter,
    section,
)
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Blank, Chapter, Column, Sentence, Table, number
from needs_analysis.words import N_

_FRAGILE = (
    "residents_75_over_share", "residents_85_over_share", "old_age_index_per_100",
    "dependency_per_100", "residents_18_34_share", "residents_per_household_ratio",
    "large_households_share",
)  # fmt: skip
_INCOMES = (
    "low_income_share", "below_rent_threshold_share", "income_between_class_gini_ratio",
    "overburdened_tenants_per_1000", "overburdened_tenants_share",
)  # fmt: skip
_MARKET = (
    "rent_to_income_ratio",
    "affordable_surface_m2",
    "price_to_income_years",
    "renting_share",
)
_STEPS = {
    "lead_code": (N_("Comune capofila"), N_("lo nomina l'assemblea; propone il piano"),
                  N_("Quale comune è il capofila?"), N_("Senza capofila il piano non ha proponente")),
    "aler_day": (N_("ALER sentita"), N_("prima dell'approvazione"),
                 N_("In quale data è stata sentita ALER?"), N_("Il patrimonio di ALER è nel piano")),
    "assembly_day": (N_("Assemblea"), N_("approva entro il 31 dicembre dell'anno prima"),
                     N_("In quale data l'assemblea approva il piano?"),
                     N_("Il piano vale dall'approvazione")),
    "act": (N_("Atto"), N_("la delibera, con numero e data"),
            N_("Con quale atto è approvato il piano?"), N_("Chi legge deve poterlo cercare")),
    "notices": (N_("Avvisi"), N_("almeno due l'anno"), N_("Quanti avvisi sono previsti nell'anno?"),
                N_("Gli alloggi si assegnano con gli avvisi")),
}  # fmt: skip


def iter_chapter(view: PlanView) -> Chapter:
    """Say how the plan came about, step by step; what nobody said is asked."""
    voice, about = view.voice, view.plan.tables.get("about")
    row = pd.Series(dtype=object) if about is None or about.empty else about.iloc[0]
    steps = [one for one in _STEPS if one != "notices" or view.plan.kind == "annual"]
    if not view.of_lombardy:
        steps = ["lead_code", "assembly_day", "act"]
    said = {one: _step(view, one, row.get(one)) for one in steps}
    frame = pd.DataFrame(
        [(voice.say(_STEPS[one][0]), _law(view, one), said[one]) for one in steps],
        columns=["step", "law", "said"], index=pd.Index([f"iter_{one}" for one in steps]),
    )  # fmt: skip
    heads: list[Head] = [("step", N_("Passo")), ("law", N_("Che cosa chiede la norma")),
                         ("said", N_("Nel piano"))]  # fmt: skip
    title = voice.say(N_("Come è nato il piano"))
    made = table(voice, "iter", title, frame, heads)

    def question(key: str, _: str) -> Question:
        step = key.removeprefix("iter_")
        return Question(_STEPS[step][2], LEAD, _STEPS[step][3])

    return chapter("iter", title, _what(view), asked(made, ["said"], question))


def _law(view: PlanView, step: str) -> str:
    """Say what the law asks for at a step: of a yearly plan it has its day."""
    if step == "assembly_day" and view.plan.kind != "annual":
        return view.voice.say(N_("approva il piano"))
    return view.voice.say(_STEPS[step][1])


def _step(view: PlanView, step: str, given: object) -> str:
    if given is None or pd.isna(given):  # type: ignore[call-overload]
        return ""
    if step == "lead_code":
        return view.places.get(str(given), str(given))
    if step.endswith("_day"):
        return view.voice.day(pd.Timestamp(str(given)))
    if step == "act":
        return str(given)
    return number("plan:notices", float(str(given)), view.voice)


def _what(view: PlanView) -> Sentence:
    voice, kind = view.voice, view.plan.kind
    words = {
        "annual": N_("{area}, piano {kind} dell'offerta dei servizi abitativi pubblici e sociali "
                     "{period}, secondo la L.R. 16/2016 e il R.R. 4/2017, art. 4."),
        "triennial": N_("{area}, piano {kind} dell'offerta dei servizi abitativi pubblici e sociali "
                        "{period}, secondo la L.R. 16/2016 e il R.R. 4/2017, art. 3; si integra con il "
                        "PGT, con il piano di zona e con le politiche sociali, del lavoro e "
                        "dell'istruzione."),
        "zone": N_("{area}, il capitolo sulla casa del piano di zona {period}."),
    }[kind]  # fmt: skip
    text = voice.say(words, area=view.area, kind=voice.say(KINDS[kind]), period=view.plan.period)
    note = voice.say(
        N_("Bozza: i numeri pubblici portano fonte e data, quelli dell'ufficio la loro data; le parti "
           "ombreggiate sono da compilare ed elencate in da_compilare.csv.")
    )  # fmt: skip
    return Sentence(text, "", note)


# --- local dynamics ----------------------------------------------------------------------------


def dynamics(view: PlanView, title: str = N_("Le dinamiche locali")) -> tuple[Chapter, ...]:
    """Give demographic fragility, market, incomes, evictions and need, a section each."""
    found, voice = view.found, view.voice
    head = chapter("dinamiche", voice.say(title), opening.rent(found), opening.evicted(found))
    fragile = chapter(
        "fragilita", voice.say(N_("La fragilità demografica")),
        comparison_table(found, _FRAGILE, "fragilità",
                         voice.say(N_("Indicatori di fragilità demografica"))),
    )  # fmt: skip
    market = rents.rents_on_the_map(found)
    market = replace(market, blocks=(
        comparison_table(found, _MARKET, "mercato", voice.say(N_("Canoni, prezzi e chi è in affitto"))),
        *(one for one in market.blocks if one not in head.blocks),
    ))  # fmt: skip
    incomes = chapter(
        "redditi", voice.say(N_("I redditi")),
        comparison_table(found, _INCOMES, "redditi", voice.say(N_("Redditi e peso dell'affitto"))),
    )  # fmt: skip
    places = by_municipality(found) if len(found.codes) > 1 else None
    return (
        head, section(fragile), section(market, "mercato", voice.say(N_("Il mercato della casa"))),
        section(incomes), section(_evictions(found)),
        *([section(places)] if places else []),
    )  # fmt: skip


def _evictions(found: Findings) -> Chapter:
    """Give the national series and the provinces; the rate here opens the chapter."""
    title = found.voice.say("Sfratti: la serie e la provincia")
    return chapter(
        "sfratti",
        title,
        evictions.series_picture(found),
        evictions.evictions_table(found, flags=False),
    )


def need_chapter(view: PlanView, title: str = N_("Il bisogno abitativo")) -> Chapter:
    """Give who is in need, and what to ask of those whom nobody counts; title is yet to be said."""
    found, own = view.found, view_of(view.found)
    return chapter(
        "bisogno", view.voice.say(title), *need.opening(found), groups_table(own), sizes_table(own),
        municipalities_table(own) if 1 < len(found.codes) <= MUNICIPALITIES_ON_PAGE else None,
        wider_table(own, "ambito"), diffuse_table(own), _uncounted(view),
    )  # fmt: skip


def _uncounted(view: PlanView) -> Table | None:
    """Ask for the groups of need that no public figure counts: a cell each."""
    own = view_of(view.found)
    made, rows = questions_table(own), own.told.not_estimable
    if made is None:
        return None
    answer = Column("households", view.voice.say(N_("Nuclei")), "count")
    columns = [one for one in made.columns if one.unit == "text"]
    bare = replace(made, frame=made.frame.assign(households=np.nan), columns=(*columns, answer))
    of = dict(zip(bare.frame.index, rows.to_dict("records"), strict=True))
    return asked(bare, ["households"], lambda key, _: Question(
        of[key]["question"], of[key]["who"], of[key]["why"]
    ))  # fmt: skip


def gap_chapter(view: PlanView) -> tuple[Chapter, ...]:
    """Set the homes of the plan against the need, by the staircase alone: never the two side by side."""
    voice, own = view.voice, view_of(view.found)
    made = gap_tables(own)
    if not made:
        return ()
    lead = voice.say(
        N_("Le famiglie in bisogno e gli alloggi assegnabili non si confrontano a occhio: prima si "
           "toglie chi si può aiutare dove vive, poi si guarda per dimensione della famiglia.")
    )  # fmt: skip
    title = voice.say(N_("Dal bisogno agli alloggi, passo per passo"))
    return (chapter("divario", title, Sentence(lead), *gap_pictures(own), *made, level=2),)


def primary_chapter(view: PlanView) -> Chapter:
    """Give the primary need as it was asked: the applications of the last notice, or the question."""
    voice = view.voice
    made = primary_table(view_of(view.found))
    title = voice.say(N_("Il fabbisogno abitativo primario"))
    text = Sentence(voice.say(
        N_("Il fabbisogno primario si chiede, non si stima: sono le domande dell'ultimo avviso che "
           "hanno i requisiti, per componenti e fascia ISEE.")
    ))  # fmt: skip
    return chapter("fabbisogno", title, text, made or _applications(view))


def _applications(view: PlanView) -> Blank:
    return view.blank(
        "plan_applications", N_("Domande dell'ultimo avviso"), N_("Quante domande dell'ultimo avviso "
        "hanno i requisiti, e quante sono in attesa, per componenti e fascia ISEE?"), OFFICES,
        N_("È il fabbisogno abitativo primario (R.R. 4/2017 art. 3)") if view.of_lombardy
        else N_("Chi ha fatto domanda è il fabbisogno già espresso"),
    )  # fmt: skip
