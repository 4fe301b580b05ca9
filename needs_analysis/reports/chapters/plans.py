"""The chapters of each kind of plan, in the order of the law, and the sheets of its workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from needs_analysis.reports.chapters import (
    limits,
    plan_choices,
    plan_local,
    plan_measures,
    plan_stock,
    sources,
)
from needs_analysis.reports.chapters.need_supply import sheets as need_sheets
from needs_analysis.reports.chapters.need_view import view_of
from needs_analysis.reports.chapters.plan_view import PlanView, section, view_of_plan
from needs_analysis.reports.chapters.policies_tables import sheets as policy_sheets
from needs_analysis.reports.findings import Findings
from needs_analysis.reports.model import Chapter, Table
from needs_analysis.words import N_

TITLES: Mapping[str, str] = {
    "annual": N_("{area}: piano annuale dell'offerta abitativa pubblica e sociale {period}"),
    "triennial": N_("{area}: piano triennale dell'offerta abitativa pubblica e sociale {period}"),
    "zone": N_("{area}: la casa nel piano di zona {period}"),
}


def _annual(view: PlanView) -> list[Chapter]:
    """Return the chapters of R.R. 4/2017 art. 4 c. 3, in its order."""
    return [
        plan_local.iter_chapter(view), *plan_local.dynamics(view),
        section(plan_local.need_chapter(view)), section(plan_local.primary_chapter(view)),
        plan_stock.stock(view), plan_stock.assignable(view),
        *plan_local.gap_chapter(view), *plan_choices.choices(view), *plan_measures.measures(view),
        plan_measures.assigned(view), plan_measures.objectives(view), plan_measures.questions(view),
    ]  # fmt: skip


def _triennial(view: PlanView) -> list[Chapter]:
    """Return the chapters of R.R. 4/2017 art. 3 c. 2: letters a to d."""
    say = view.voice.say
    third = say(N_("Il fabbisogno abitativo primario (lettera c)"))
    fourth = say(N_("Patrimonio, alloggi che si liberano, strategie e azioni (lettera d)"))
    return [
        plan_local.iter_chapter(view),
        *plan_local.dynamics(view, N_("Il quadro conoscitivo (lettera a)")),
        plan_local.need_chapter(
            view, N_("Il quadro ricognitivo e programmatorio dell'offerta (lettera b)")
        ),
        *(section(one) for one in plan_measures.measures(view)),
        _titled(plan_local.primary_chapter(view), third), _titled(plan_stock.stock(view), fourth),
        section(plan_stock.turnover(view)), section(plan_measures.strategies(view)),
        section(plan_measures.objectives(view)), plan_measures.questions(view),
    ]  # fmt: skip


def _zone(view: PlanView) -> list[Chapter]:
    """Return the housing chapter of a piano di zona."""
    return [
        plan_local.iter_chapter(view), plan_local.need_chapter(view),
        plan_local.primary_chapter(view), *plan_local.dynamics(view),
        plan_measures.services(view), *plan_measures.measures(view),
        plan_measures.strategies(view, N_("Gli obiettivi del piano di zona per la casa")),
        plan_measures.objectives(view), plan_measures.questions(view),
    ]  # fmt: skip


_CHAPTERS: Mapping[str, Callable[[PlanView], list[Chapter]]] = {
    "annual": _annual, "triennial": _triennial, "zone": _zone,
}  # fmt: skip


def _titled(one: Chapter, title: str) -> Chapter:
    return Chapter(one.key, title, one.blocks, one.level)


def chapters(found: Findings) -> list[Chapter]:
    """Return the chapters of a plan; checks, sources and limits stand in its annex."""
    view = view_of_plan(found)
    annex = (
        plan_choices.checks_chapter(view),
        sources.sources(found),
        limits.limits(found, checked=False),
    )
    closing = [Chapter(one.key, one.title, one.blocks, 1, annex=True) for one in annex if one]
    return [*_CHAPTERS[view.plan.kind](view), *closing]


def sheets(found: Findings) -> list[Table]:
    """Return the sheets of the workbook: the check sheet first, the rows for the next plan last."""
    view = view_of_plan(found)
    made = plan_choices.check_tables(view)
    if view.plan.table("stock") is not None:
        made.append(plan_stock.stock_table(view))
    if view.plan.origins is not None:
        made += [plan_stock.origins_table(view, every=True), plan_stock.rooms_table(view)]
    if view.plan.beside is not None:
        made.append(plan_measures.beside_table(view, every=True))
    made += need_sheets(view_of(found))
    if found.policies is not None:
        made += policy_sheets(found.policies, found.voice)
    rows = plan_measures.rows_table(view)
    return [*made, *([] if rows is None else [rows])]


def title(found: Findings) -> str:
    """Return the title of a plan."""
    view = view_of_plan(found)
    return found.voice.say(TITLES[view.plan.kind], area=found.label, period=view.plan.period)
