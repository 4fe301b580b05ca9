"""A two-page sheet a municipality, as page and PDF: beside each other in one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import store
from needs_analysis.errors import wanted
from needs_analysis.study.declaration import Study
from needs_analysis.study.finding import NEED, POLICIES, each_with_need, selected
from needs_analysis.words import N_
from needs_analysis.writing.files import written_whole

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings

PARTS = ("breve", NEED, POLICIES)


def write_sheets(
    study: Study, out: Path | str, report: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write the sheet of each municipality of an area.

    Parameters
    ----------
    study : Study
        The area, the language, the day; its own counts and register are not told here.
    out : Path or str
        The folder; it appears only when all was written.
    report : callable
        Takes the name of each stage when it begins.

    Returns
    -------
    list of Path
        A page and a PDF a municipality, called by its code: the same study gives the same bytes.

    Raises
    ------
    Refused
        The area or the folder is not usable; nothing is left behind.
    """
    from needs_analysis.reports import findings

    wanted(study, Study)
    study = study.pinned()
    out = Path(out)
    with store.using(study.selection), written_whole(out) as folder:
        report(N_("indicatori"))
        area = selected(study)
        found = findings.find(area, study.voice, study.parameters, study.index, PARTS)
        report(N_("schede"))
        names = _write(study, found, folder, {})
    return [out / name for name in names]


def write_beside(study: Study, found: Findings, folder: Path) -> list[str]:
    """Write the sheets of a briefing into a folder beside its page, and return their paths from it.

    They tell public figures alone, of a study with own counts or a register too: a sheet is handed to
    one municipality, and of what is told of all no part is told again.
    """
    from needs_analysis.reports.chapters.by_municipality import SHEETS

    place = folder / SHEETS
    place.mkdir()
    back = {study.voice.say(N_("Il territorio")): "../index.html"}
    names = _write(study, found.telling(parts=PARTS), place, back)
    return [f"{SHEETS}/{name}" for name in names]


def _write(study: Study, found: Findings, folder: Path, links: Mapping[str, str]) -> list[str]:
    from needs_analysis.reports.chapters.by_municipality import sheet_name
    from needs_analysis.reports.chapters.sheet import compose_sheet
    from needs_analysis.reports.render import html, pdf

    label = found.label if len(found.codes) > 1 else ""
    bare = replace(study, needs=None, services=None, policies=None, chapters=PARTS)
    for one in each_with_need(bare, found):
        briefing = compose_sheet(one, label)
        briefing = replace(briefing, identity=study.identity(briefing.title), links=links)
        stem = sheet_name(one.codes[0], str(one.area["municipality_name"].iloc[0]))
        folder.joinpath(f"{stem}.html").write_text(html.page(briefing), "utf-8")
        pdf.write_pdf(briefing, folder / f"{stem}.pdf")
    return sorted(file.name for file in folder.iterdir())
