"""A two-page sheet a municipality, as page and PDF: beside each other in one folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from needs_analysis import store
from needs_analysis.errors import wanted
from needs_analysis.study.declaration import Study
from needs_analysis.study.stages import NEED, POLICIES, selected, with_need
from needs_analysis.words import N_
from needs_analysis.writing.files import written_whole

PARTS = ("breve", NEED, POLICIES)


def write_sheets(
    study: Study, out: Path | str, report: Callable[[str], None] = lambda _: None,
    links: Mapping[str, str] | None = None,
) -> list[Path]:  # fmt: skip
    """Write the sheet of each municipality of an area.

    Parameters
    ----------
    study : Study
        The area, the language, the day; its own counts and register are not told here.
    out : Path or str
        The folder; it appears only when all was written.
    report : callable
        Takes the name of each stage when it begins.
    links : mapping of str to str
        What each page leads to, by what it is called.

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
    from needs_analysis.reports.chapters.sheet import compose_sheet
    from needs_analysis.reports.language import area_label
    from needs_analysis.reports.render import html, pdf

    wanted(study, Study)
    study = study.pinned()
    out = Path(out)
    with store.using(study.selection), written_whole(out) as folder:
        area = selected(study)
        label = area_label(area.attrs["level"], area.attrs["name"], study.voice)
        report(N_("indicatori"))
        found = findings.find(area, study.voice, study.parameters, study.index, PARTS)
        bare = replace(study, needs=None, services=None, policies=None, chapters=PARTS)
        for one in findings.by_municipality(found):
            report(N_("schede"))
            told = with_need(bare, one, lambda _: None)
            briefing = compose_sheet(told, label if len(area) > 1 else "")
            who = study.identity(briefing.title)
            briefing = replace(briefing, identity=who, links=links or {})
            stem = sheet_name(one.codes[0], str(one.area["municipality_name"].iloc[0]))
            folder.joinpath(f"{stem}.html").write_text(html.page(briefing), "utf-8")
            pdf.write_pdf(briefing, folder / f"{stem}.pdf")
        names = sorted(file.name for file in folder.iterdir())
    return [out / name for name in names]


def sheet_name(code: str, name: str) -> str:
    """Return what the files of a municipality's sheet are called.

    Examples
    --------
    >>> sheet_name("015182", "Rho")
    '015182-rho'
    """
    from needs_analysis.territory import slug

    return slug(code, name)
