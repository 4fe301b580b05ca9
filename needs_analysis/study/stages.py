"""The stages of a study: from what was asked to the folder that is handed out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import store
from needs_analysis.errors import Problem, wanted
from needs_analysis.study import database, origins
from needs_analysis.study.database import Database
from needs_analysis.study.declaration import Study
from needs_analysis.study.mapped import area_map
from needs_analysis.words import N_, Voice
from needs_analysis.writing.files import written_whole

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from needs_analysis.needs import NeedResult
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.policies.files import PolicyFiles
    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.maps.page import AreaMap
    from needs_analysis.reports.model import Identity
    from needs_analysis.told.deliveries import Handing
    from needs_analysis.told.policies import ToldPolicies

OUTPUTS = (
    "index.html", "briefing.docx", "briefing.pdf", "map.html", "tables.xlsx", "data.gpkg",
    "data.parquet", "project.qgz",
)  # fmt: skip
DECLARATION = "study.toml"
NEED = "bisogno"
"""The part of a briefing that counts who is in need."""
POLICIES = "misure"
"""The part that says what can be done about it."""
Report = Callable[[str], None]


def _to_user(line: str) -> None:
    print(line, file=sys.stderr)


_SAY: ContextVar[Report] = ContextVar("say", default=_to_user)


@contextmanager
def heard(by: Report) -> Iterator[None]:
    """Have what a run warns of said to somebody else than the user's screen."""
    before = _SAY.set(by)
    try:
        yield
    finally:
        _SAY.reset(before)


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
        _warn(study.warning, study.voice)
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
            write(pinned, find(pinned, report, handed), folder, report, handed, base)
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
        _warn(handed.warning, study.voice)


def _warn(warning: Problem, voice: Voice) -> None:
    _SAY.get()(voice.say("Avviso: {warning}.", warning=warning.text(voice)))


def find(
    study: Study,
    report: Report = lambda _: None,
    handed: Handing | None = None,
    sheets: bool | None = None,
) -> Findings:
    """Compute everything that the outputs of a study say, with or without a sheet a municipality."""
    wanted(study, Study)
    report(N_("territorio e confini"))
    area = selected(study)
    report(N_("indicatori e indice") if study.index else N_("indicatori"))
    from needs_analysis.reports import findings

    found = findings.find(area, study.voice, study.parameters, study.index, study.chapters)
    if _has_sheets(study, found.codes) if sheets is None else sheets:
        found = findings.together(replace(found, sheets=True))
    if study.services:
        from needs_analysis.services.files.inputs import oddities

        report(N_("servizi"))
        from needs_analysis.told import tell

        data = study.services.read(study.parameters)
        for line in oddities(data.warnings, study.voice):
            _SAY.get()(line)
        found = found.telling(services=tell(data, handed))
    if found.includes(NEED, POLICIES):
        found = with_need(study, found, report)
    report(N_("gruppi e tipi"))
    # Every output asks for them: computed here, they take the time of their own stage.
    _ = found.clusters, found.moran, found.types
    return found


def selected(study: Study) -> GeoDataFrame:
    """Return the municipalities of a study, under the name that it gives their list."""
    from needs_analysis.territory import select

    area = select(study.area, study.codes_on)
    if study.name:
        area.attrs |= {"level": "territorio", "name": study.name}
    return area


def with_need(study: Study, found: Findings, report: Report) -> Findings:
    """Return findings with what may be told of who is in need and of what can be done about it."""
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.told.needs import tell_need

    report(N_("famiglie in bisogno"))
    asked = study.needs or NeedFiles()
    need = _need(study, found, asked)
    if found.includes(NEED):
        found = found.telling(need=tell_need(need, asked.profile))
    if found.includes(POLICIES):
        report(N_("che cosa si può fare"))
        found = found.telling(policies=_policies(study, found, need, asked))
    return found


def each_with_need(study: Study, found: Findings) -> Iterator[Findings]:
    """Return the findings of each municipality, its need and policies told of public figures alone."""
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.reports.findings import by_municipality
    from needs_analysis.told.needs import tell_each

    bare, nothing = replace(study, needs=None, services=None, policies=None), NeedFiles()
    told = tell_each(_need(bare, found, nothing))
    for one, (need, said) in zip(by_municipality(found), told, strict=True):
        one = one.telling(need=said)
        yield one.telling(policies=_policies(bare, one, need, nothing))


def _need(study: Study, found: Findings, asked: NeedFiles) -> NeedResult:
    from needs_analysis import needs

    counts = asked.counts()
    if counts is not None:
        for warning in counts.warnings:
            _warn(warning, study.voice)
    return needs.estimate(
        found.panel.rows(found.codes), asked.scenario, counts, parameters=study.parameters,
        as_of=study.reference_day, codes_on=study.codes_on or None,
    )  # fmt: skip


def _policies(study: Study, found: Findings, need: NeedResult, counted: NeedFiles) -> ToldPolicies:
    """Return what may be told of policies: published where either they or the need are.

    Stays end as the own register tells it, in its own profile: a policy has no number of what it hides.
    """
    from needs_analysis.policies import existing
    from needs_analysis.policies.problems import problem as of_policies
    from needs_analysis.services.files.inputs import oddities
    from needs_analysis.told.bought import tell_bought
    from needs_analysis.told.exits import register_exits
    from needs_analysis.told.policies import tell_policies

    asked = _asked(study)
    catalogue = asked.catalogue(tuple(dict.fromkeys(found.area["region_name"])))
    measures = asked.measures()
    if measures is not None:
        for line in oddities(measures.attrs["warnings"], study.voice):
            _SAY.get()(line)
    own = None if measures is None else existing(
        measures, study.parameters, codes=found.codes, codes_on=study.codes_on or None
    )  # fmt: skip
    profiles = {asked.profile, counted.profile if counted.own else asked.profile}
    profile = "published" if "published" in profiles else "internal"
    exits = register_exits(found.services, catalogue, profile)
    bought = tell_bought(need, catalogue, asked, profile, exits, codes_on=study.codes_on or None,
                         scenario=counted.scenario)  # fmt: skip
    nothing = None if bought or asked.budget_eur is None else of_policies("nothing_known")
    known = found.need if found.need and found.need.profile == profile else None
    told = tell_policies(need, catalogue, own, profile, known)
    return replace(told, bought=bought, unanswered=nothing)


def _asked(study: Study) -> PolicyFiles:
    """Return what a study asks of policies, on a day that is said."""
    from needs_analysis.policies.files import PolicyFiles

    return (study.policies or PolicyFiles()).on_day(study.reference_day)


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
            _has_sheets(study, find_area(study.area, study.codes_on).codes))  # fmt: skip
    return 9 + needs + policies + sum(also)


def _has_sheets(study: Study, codes: Sequence[str]) -> bool:
    """Say whether each municipality has a sheet: they are not many, and no part it tells is left out."""
    from needs_analysis.reports.chapters.by_municipality import SHEETS_MOST

    told = not study.chapters or {"comuni", NEED, POLICIES} <= {*study.chapters}
    return told and 1 < len(codes) <= SHEETS_MOST


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
        from needs_analysis.study.sheets import write_beside

        report(N_("schede"))
        sheets = write_beside(study, found, folder)
    report(N_("provenienza"))
    # By words that do not depend on a file beside the study, on the day that its policies were of.
    if found.policies is not None:
        study = replace(study, policies=_asked(study))
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
