"""A plan as it is handed out: one folder, four forms of one document, what is left to fill in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import store
from needs_analysis.errors import wanted
from needs_analysis.plans import Plan
from needs_analysis.study import origins
from needs_analysis.study.declaration import Study
from needs_analysis.words import ITALIAN, N_, Voice
from needs_analysis.writing.files import written_whole

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings

OUTPUTS = ("plan.html", "plan.docx", "plan.pdf", "plan.xlsx", "da_compilare.csv")


def find_plan(plan: Plan, voice: Voice = ITALIAN, profile: str = "published") -> Findings:
    """Compute everything that a plan says.

    Parameters
    ----------
    plan : Plan
        Of :func:`needs_analysis.plans.draft`.
    voice : Voice
        The language.
    profile : {"published", "internal"}
        Of the lists of applications and of the counts of local measures.
    """
    from needs_analysis import needs
    from needs_analysis.policies import catalogue, existing
    from needs_analysis.reports import findings
    from needs_analysis.told.plans import tell_need_of, tell_plan
    from needs_analysis.told.policies import tell_policies

    wanted(plan, Plan)
    found = findings.find(plan.area, voice, plan.overrides)
    need = needs.estimate(
        found.panel.rows(found.codes), parameters=plan.overrides, as_of=plan.day,
        codes_on=plan.area.attrs.get("codes_on") or None,
    )  # fmt: skip
    own = None if plan.book is None else plan.book.tables.get("measures")
    measures = None if own is None or own.empty else existing(own, plan.overrides)
    known = catalogue(tuple(dict.fromkeys(plan.area["region_name"])), plan.day)
    told = tell_need_of(plan, need, profile)
    policies = tell_policies(need, known, measures, profile, told)
    return replace(found, plan=tell_plan(plan), need=told, policies=policies)


def write_plan(
    plan: Plan,
    out: Path | str,
    study: Study | None = None,
    report: Callable[[str], None] = lambda _: None,
    profile: str = "published",
) -> list[Path]:
    """Write a plan as page, Word document, PDF and workbook, with the list of what is left to fill in.

    Parameters
    ----------
    plan : Plan
        Of :func:`needs_analysis.plans.draft`.
    out : Path or str
        The folder; it appears only when everything was written.
    study : Study, optional
        Its language, figures, author and logo; its area is the plan's, its day the plan's day.
    report : callable
        Takes the name of each stage when it begins.
    profile : {"published", "internal"}
        Of the lists of applications and of the counts of local measures: internal, their small counts
        are whole, and each form says that it may not be handed out.

    Raises
    ------
    Refused
        The folder is not usable; nothing is left behind.
    """
    from needs_analysis.reports import content
    from needs_analysis.reports.render import blanks, docx, html, pdf, workbook

    wanted(plan, Plan)
    key = plan.area.attrs["key"]
    study = replace(study or Study(key), area=key, name="", parameters=plan.overrides, day=plan.day)
    out, voice, study = Path(out), study.voice, study.pinned()
    origins.refuse_another(out, [*plan.area.index], f"{plan.kind} {plan.period}")
    with store.using(study.selection), written_whole(out) as folder:
        report(N_("numeri del territorio"))
        found = find_plan(plan, voice, profile)
        report(N_("testo e figure"))
        document = content.compose_plan(found)
        document = replace(document, identity=study.identity(document.title))
        folder.joinpath("plan.html").write_text(html.page(document), "utf-8")
        report(N_("documenti per Word e in PDF"))
        docx.write_docx(document, folder / "plan.docx")
        pdf.write_pdf(document, folder / "plan.pdf")
        report(N_("tabelle"))
        title = ". ".join(filter(None, (document.title, document.warning)))
        workbook.write(document.sheets, folder / "plan.xlsx", title=title, voice=voice)
        folder.joinpath(blanks.NAME).write_text(blanks.to_fill(document), "utf-8")
        report(N_("provenienza"))
        origins.write(study, found, folder, OUTPUTS, tested=False)
        names = sorted(file.name for file in folder.iterdir())
    return [out / name for name in names]
