"""The stages of a study: from what was asked to the folder that is handed out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import store
from needs_analysis.errors import wanted
from needs_analysis.study import database, origins
from needs_analysis.study.database import Database
from needs_analysis.study.declaration import Study
from needs_analysis.study.finding import (
    NEED,
    POLICIES,
    Report,
    find,
    has_sheets,
    policies_asked,
    selected,
    warn,
)
from needs_analysis.study.mapped import area_map
from needs_analysis.study.sheets import write_beside
from needs_analysis.words import N_
from needs_analysis.writing.files import written_whole

if TYPE_CHECKING:
    from pandas import DataFrame

    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.maps.page import AreaMap
    from needs_analysis.reports.model import Identity
    from needs_analysis.told.deliveries import Handing

OUTPUTS = (
    "index.html", "briefing.docx", "briefing.pdf", "map.html", "tables.xlsx", "data.gpkg",
    "data.parquet", "project.qgz",
)  # fmt: skip
DECLARATION = "study.toml"


def run(
    study: Study | Path | str, out: Path | str, report: Report = lambda _: None, postgis: str = ""
) -> list[Path]:
    """Run a study from the sources to the folder that is handed out.

    Parameters
    ----------
    study : Study, Path or str
        A study, or the path of a ``study.toml``.
    out : Path or str
        The folder; it appears only when everything was written.
    report : callable
        Takes the name of each stage when it begins.
    postgis : str
        The address of a PostgreSQL database with PostGIS ("postgresql://..."), which takes the tables of
        the GeoPackage too; no output names it.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    Refused
        The area, the study, the folder or the database is not usable; nothing is left behind.
    """
    from needs_analysis.territory import find as find_area

    wanted(study, Study, str, Path)
    if not isinstance(study, Study):
        study = Study.read(study)
    if study.warning:
        warn(study.warning, study.voice)
    pinned, out = study.pinned(), Path(out)
    with store.using(pinned.selection):
        here = find_area(pinned.area, pinned.codes_on).codes
        origins.refuse_another(out, here, name=pinned.name)
        with (
            origins.renewed(out),
            _handing(pinned) as handed,
            written_whole(out) as folder,
        ):
            base = database.of(pinned, postgis) if postgis else None
            found = find(pinned, report, handed, sheets=has_sheets(pinned, here))
            write(pinned, found, folder, report, handed, base)
            names = sorted(file.name for file in folder.iterdir())
    return [out / name for name in names]


@contextmanager
def _handing(study: Study) -> Iterator[Handing | None]:
    """Hand out what a study tells of services beside what was told before."""
    if study.services is None:
        yield None
        return
    from needs_analysis.told.deliveries import handing

    with handing(study.services.key, "study") as handed:
        yield handed
    if handed.warning:
        warn(handed.warning, study.voice)


def stage_count(study: Study) -> int:
    """Return how many stages a run of a study has.

    Examples
    --------
    >>> stage_count(Study("ambito:Desio"))
    12
    """
    from needs_analysis.territory import find as find_area

    wanted(study, Study)
    parts = study.chapters or (NEED, POLICIES)
    policies = POLICIES in parts
    needs = policies or NEED in parts
    also = (study.index is not None, study.services is not None,
            has_sheets(study, find_area(study.area, study.codes_on).codes))  # fmt: skip
    return 9 + needs + policies + sum(also)


def write(
    study: Study,
    found: Findings,
    folder: Path,
    report: Report,
    handed: Handing | None = None,
    base: Database | None = None,
) -> None:
    """Write all that is handed out of the findings of a study, which is pinned, into a folder."""
    from needs_analysis.reports import content, open_data
    from needs_analysis.reports.render import docx, geodata, html, pdf, raster, workbook

    tested = found.index is not None and found.includes("prova")
    if found.index is not None:
        report(N_("indice messo alla prova"))
    if tested:
        _ = found.uncertainty, found.sensitivity, found.left_out, found.effective_weights
    report(N_("testo e figure"))
    briefing = content.compose(found)
    briefing = replace(briefing, identity=study.identity(briefing.title))
    folder.joinpath("index.html").write_text(html.page(briefing), "utf-8")
    report(N_("documenti per Word e in PDF"))
    docx.write_docx(briefing, folder / "briefing.docx")
    pdf.write_pdf(briefing, folder / "briefing.pdf")
    charts = raster.write_charts(briefing, folder)
    report(N_("mappa interattiva"))
    drawn = area_map(found, page="index.html")
    drawn.save(str(folder / "map.html"))
    report(N_("tabelle"))
    title = ". ".join(filter(None, (briefing.title, briefing.warning)))
    workbook.write(briefing.sheets, folder / "tables.xlsx", title=title, voice=study.voice)
    report(N_("dati geografici"))
    layers = open_data.layers(found)
    _write_gis(found, drawn, layers, briefing.identity, folder)
    geodata.write_parquet(open_data.long_form(found), folder / "data.parquet")
    sheets: list[str] = []
    if found.sheets:
        report(N_("schede"))
        sheets = write_beside(study, found, folder)
    report(N_("provenienza"))
    # By words that do not depend on a file beside the study, on the day that its policies were of.
    if found.policies is not None:
        study = replace(study, policies=policies_asked(study))
    replace(study, area=found.area.attrs["key"]).write(folder / DECLARATION)
    outputs = (*OUTPUTS, *charts, *sheets)
    origins.write(study, found, folder, outputs, tested=tested)
    if base:
        report(N_("database PostGIS"))
        base.write(found, layers)
    if handed:
        handed.remember({name: folder / name for name in outputs})


def _write_gis(
    found: Findings,
    drawn: AreaMap,
    layers: Mapping[str, DataFrame],
    who: Identity,
    folder: Path,
) -> None:
    """Write the layers with the classes of the map, and the project that opens them."""
    from needs_analysis.reports import described, gis
    from needs_analysis.reports.render import geodata
    from needs_analysis.reports.render.qgis_project import write_project

    styles = gis.styles(found, drawn.payload, layers)
    geodata.write_geopackage(layers, folder / gis.DATA, {described.MUNICIPALITIES: styles})
    write_project(gis.project(found, styles, layers, who), folder / gis.PROJECT)


def draw(study: Study, theme: str = "distress", report: Report = lambda _: None) -> AreaMap:
    """Draw the map of a theme: of the area's municipalities, or of the OMI zones inside them.

    Parameters
    ----------
    study : Study
        The area and the language.
    theme : str
        A theme of ``maps/``, or the path of a TOML file.
    report : callable
        Takes the name of each stage when it begins.

    Returns
    -------
    folium.Map
        Its ``save(path)`` writes one offline HTML file.

    Raises
    ------
    Refused
        The area or the theme does not exist, or the files that the theme needs are not at hand.
    """
    from needs_analysis.reports.maps.theme import drawn_unit

    wanted(study, Study)
    if drawn_unit(theme) == "omi_zone":
        return _zone_map(study, theme, report)
    found = find(study, report)
    report(N_("mappa interattiva"))
    return area_map(found, theme)


def _zone_map(study: Study, theme: str, report: Report) -> AreaMap:
    from needs_analysis.reports.language import area_label
    from needs_analysis.reports.maps import zones as zone_map

    report(N_("territorio e zone"))
    area = selected(study)
    layer, without = zone_map.zones_of(area)
    report(N_("mappa interattiva"))
    label = area_label(area.attrs["level"], area.attrs["name"], study.voice)
    return zone_map.zone_map(
        layer, theme=theme, voice=study.voice, area_name=label, without=without
    )
