"""A small web site of an area: its page, its map, a page a municipality, all there is to download."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import store
from needs_analysis.errors import wanted
from needs_analysis.study import finding, origins, stages
from needs_analysis.study.declaration import Study
from needs_analysis.words import N_
from needs_analysis.writing.files import files_in, written_whole

if TYPE_CHECKING:
    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.model import Briefing

AREA = "territorio"
"""The folder of the area's briefing, in which the sheets of its municipalities are."""


def write_site(
    study: Study, out: Path | str, report: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write a folder that can be put on a web server as it is, or opened from a disk.

    Parameters
    ----------
    study : Study
        Of public figures alone: a site is for everybody.
    out : Path or str
        The folder; it appears only when all was written.
    report : callable
        Takes the name of each stage when it begins.

    Returns
    -------
    list of Path
        The files written: ``index.html``, the briefing in ``territorio/``, the sheets of all its
        municipalities in ``territorio/schede/``.
        Links are relative, no page asks another machine for anything.

    Raises
    ------
    Refused
        The area or the folder is not usable; nothing is left behind.
    """
    from needs_analysis.reports.render import html
    from needs_analysis.territory import find

    wanted(study, Study)
    study = replace(study.pinned(), needs=None, services=None, policies=None)
    out = Path(out)
    origins.refuse_another(out, ())
    with store.using(study.selection), written_whole(out) as folder:
        here = find(study.area, study.codes_on).codes
        origins.refuse_another(out / AREA, here, name=study.name)
        found = finding.find(study, report, sheets=True)
        whole = folder / AREA
        whole.mkdir()
        stages.write(study, found, whole, report)
        page = _index(found, study)
        folder.joinpath("index.html").write_text(html.page(page), "utf-8")
        names = [file.relative_to(folder) for file in files_in(folder)]
    return [out / name for name in names]


def _index(found: Findings, study: Study) -> Briefing:
    """Return the page that leads to all the others."""
    from needs_analysis.reports.chapters.by_municipality import SHEETS, sheet_links
    from needs_analysis.reports.chapters.municipalities import page_table
    from needs_analysis.reports.content import links
    from needs_analysis.reports.model import Briefing, Chapter

    voice = found.voice
    table = sheet_links(found, page_table(found), f"{AREA}/{SHEETS}")
    title = voice.say(N_("{area}: i dati sulla casa"), area=found.label)
    page = Briefing(
        voice, title, voice.say(N_("Una pagina per il territorio, una per ogni comune.")),
        (Chapter("comuni", voice.say(N_("I comuni")), (table,)),),
        links={voice.say(N_("Il territorio")): f"{AREA}/index.html"}
        | {label: f"{AREA}/{path}" for label, path in links(voice).items()},
    )  # fmt: skip
    return replace(page, identity=study.identity(title))
