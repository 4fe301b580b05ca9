"""A study: what was asked, pinned so that the same file gives the same folder."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import needs_analysis
from needs_analysis import parameters, store
from needs_analysis.errors import ParameterError, Problem, Refused, StudyError, Table
from needs_analysis.provenance import Rows, checksum
from needs_analysis.territory.codes import day_of
from needs_analysis.words import N_, SOURCE, Voice, languages

if TYPE_CHECKING:
    from needs_analysis.composite import Component, Spec
    from needs_analysis.reports.findings import Findings
    from needs_analysis.reports.map_page import AreaMap
    from needs_analysis.services.deliveries import Handing
    from needs_analysis.services.inputs import ServiceFiles

OUTPUTS = ("index.html", "map.html", "tables.xlsx", "data.gpkg", "data.parquet")
Report = Callable[[str], None]
_LABEL_MAX = 120  # characters: what a heading holds

problem = Table(
    "study",
    {
        "language": N_("lingua «{lang}» sconosciuta: ci sono {known}"),
        "no_date": N_("«{found}» non è una data: scrivere per esempio 2021"),
        "letters": N_("il nome «{name}» vuole lettere minuscole, cifre e _"),
        "scores": N_("due punteggi «{name}»"),
        "label": N_("l'etichetta «{label}» di {name} non sta in una riga"),
        "decimals": N_("rank_decimals vuole un numero intero, non {found}"),
        "function": N_("una funzione non si può scrivere in uno study.toml ({name})"),
        "moved": N_("i dati sono cambiati da quando lo studio fu fatto: {tables}"),
        "add_those": N_(
            "Aggiungere quelli di allora con «data add», o togliere la sezione [figures]."
        ),
        "late": N_("fino al {until} non ci sono dati per: {tables}"),
        "add_older": N_("Aggiungere edizioni più vecchie con «data add», o spostare il limite."),
    },
)


@dataclass(frozen=True)
class Study:
    """A declaration that reproduces a briefing.

    Parameters
    ----------
    area : str or tuple of str
        The words that select the area, or its municipality codes.
    lang : str
        A language of :func:`needs_analysis.words.languages`.
    parameters : mapping of str to float
        Values put over ``parameters.csv``.
    figures : mapping of str to str
        The checksum of each table that the study was made with; empty for a new study.
    data_until : str
        The latest reference date that may be used ("2021"); all when empty.
    codes_on : str
        The day whose municipalities the study stands on ("2026-01-01"); 1 January 2022 when empty.
    index : composite.Spec, optional
        The index of the study; the one that ships when omitted.
    services : services.inputs.ServiceFiles, optional
        The register and the stays of the services that the study tells of, confidential.

    Raises
    ------
    StudyError, ParameterError
        The language or a parameter does not exist, a date is none, or the index cannot be written.

    Examples
    --------
    >>> Study("ambito:Desio").lang
    'it'
    """

    area: str | tuple[str, ...]
    lang: str = SOURCE
    parameters: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    data_until: str = ""
    codes_on: str = ""
    index: Spec | None = None
    services: ServiceFiles | None = None

    def __post_init__(self) -> None:
        """Refuse what no run could follow."""
        if self.lang not in languages():
            raise StudyError(problem("language", lang=self.lang, known=languages()))
        parameters.values(self.parameters)
        day_of(self.codes_on)
        if self.data_until and not re.fullmatch(r"\d{4}([/-][\d-]+)?", self.data_until):
            raise StudyError(problem("no_date", found=self.data_until))
        if self.index is not None and (problems := _index_problems(self.index)):
            raise StudyError(*problems)

    @classmethod
    def read(cls, path: Path | str) -> Study:
        """Read a ``study.toml``.

        Raises
        ------
        StudyError
            The file is absent or no TOML, or holds what a study cannot: all is named, with its line.
        """
        from needs_analysis import declarations

        path = Path(path)
        given = declarations.read(path, StudyError)
        asked = declarations.checked(declarations.StudyFile, given, StudyError).study
        try:
            return cls(
                area=asked.area if isinstance(asked.area, str) else tuple(asked.area),
                lang=asked.lang,
                parameters=given.get("parameters", {}),
                figures=given.get("figures", {}),
                data_until=asked.data_until,
                codes_on=asked.codes_on,
                index=_index(given.table("index")) if "index" in given else None,
                services=_services(given.table("services"), path) if "services" in given else None,
            )
        except ParameterError as error:
            names = [parameters.named(one) for one in error.problems]
            placed = [
                one.at(given.where("parameters", name)) if name else one
                for name, one in zip(names, error.problems, strict=True)
            ]
            raise ParameterError.of_file(path, placed, error.cure) from None
        except Refused as error:
            raise type(error).of_file(path, error.problems, error.cure) from None

    def pinned(self) -> Study:
        """Return the study with the checksums of the figures that are at hand.

        Raises
        ------
        StudyError
            The study names figures that are not at hand any more: which ones is said.
        """
        moved = store.lacking(self.figures)
        if moved:
            raise StudyError(problem("moved", tables=moved), cure=problem("add_those"))
        with store.using(self.selection):
            late = store.later_than(self.data_until)
            if late:
                late_ones = problem("late", until=self.data_until, tables=late)
                raise StudyError(late_ones, cure=problem("add_older"))
            return replace(self, figures=store.tokens())

    @property
    def voice(self) -> Voice:
        """Return the voice of the study's language."""
        return Voice(self.lang)

    @property
    def selection(self) -> store.Selection:
        """Return the figures that the study may use."""
        return store.Selection(until=self.data_until, pins=self.figures)

    def write(self, path: Path) -> None:
        """Write the study as TOML."""
        import tomli_w

        area = self.area if isinstance(self.area, str) else list(self.area)
        text = tomli_w.dumps(
            {
                "study": {
                    "area": area,
                    "lang": self.lang,
                    "version": needs_analysis.__version__,
                }
                | ({"data_until": self.data_until} if self.data_until else {})
                | ({"codes_on": self.codes_on} if self.codes_on else {}),
                "parameters": dict(self.parameters),
                "figures": dict(self.figures),
            }
            | ({"index": self.index.as_mapping()} if self.index else {})
            | ({"services": self.services.as_mapping()} if self.services else {})
        )
        path.write_text(text, "utf-8")


def read_index(path: Path | str) -> Spec:
    """Read an index from a TOML file: its own, or the ``[index]`` table of a ``study.toml``.

    Raises
    ------
    StudyError
        The file cannot be read, or the index has problems: all are named.
    """
    from needs_analysis import declarations

    given = declarations.read(Path(path), StudyError)
    return _index(given.table("index") if isinstance(given.get("index"), Mapping) else given)


def _index(written: Mapping[str, Any]) -> Spec:
    from needs_analysis.composite import CompositeError, Spec

    try:
        return Spec.from_mapping(written)
    except CompositeError as error:
        raise StudyError(*error.problems) from None


def _services(written: object, path: Path) -> ServiceFiles:
    from needs_analysis.services.inputs import ServiceFiles

    return ServiceFiles.from_mapping(written, path.parent)


def _index_problems(spec: Spec) -> list[Problem]:
    """Return what keeps an index from standing in the files of a study."""
    from needs_analysis.reports import trials

    names = [spec.name, *(one.name for one in spec.components)]
    problems = [
        problem("letters", name=name)
        for name in names
        if not re.fullmatch("[a-z][a-z0-9_]{0,59}", name)
    ]
    twice = sorted({name for name in spec.scores if spec.scores.count(name) > 1})
    problems += [problem("scores", name=name) for name in twice]
    labelled: tuple[Spec | Component, ...] = (spec, *spec.components)
    problems += [
        problem("label", label=label[:30], name=one.name)
        for one in labelled
        for label in (one.label_it, one.label_en)
        if len(label) > _LABEL_MAX or not label.isprintable()
    ]
    if spec.rank_decimals is not None and not isinstance(spec.rank_decimals, int):
        problems.append(problem("decimals", found=spec.rank_decimals))
    if not trials.written(spec):
        problems.append(problem("function", name=spec.name))
    return problems


def run(study: Study | Path | str, out: Path | str, report: Report = lambda _: None) -> list[Path]:
    """Run a study from the sources to the folder that is handed out.

    Parameters
    ----------
    study : Study, Path or str
        A study, or the path of a ``study.toml``.
    out : Path or str
        The folder; it appears only when everything was written.
    report : callable
        Takes the name of each stage when it begins.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    Refused
        The area, the study or the folder is not usable; nothing is left behind.
    """
    if not isinstance(study, Study):
        study = Study.read(study)
    pinned = study.pinned()
    out = Path(out)
    with (
        store.using(pinned.selection),
        _handing(pinned) as handed,
        store.written_whole(out) as folder,
    ):
        _write(pinned, folder, report, handed)
        names = sorted(file.name for file in folder.iterdir())
    return [out / name for name in names]


@contextmanager
def _handing(study: Study) -> Iterator[Handing | None]:
    """Hand out what a study tells of services beside what was told before."""
    if study.services is None:
        yield None
        return
    from needs_analysis.services.deliveries import handing

    with handing(study.services.key, "study") as handed:
        yield handed
    if handed.warning:
        said = study.voice.say("Avviso: {warning}.", warning=handed.warning.text(study.voice))
        print(said, file=sys.stderr)


def find(study: Study, report: Report = lambda _: None, handed: Handing | None = None) -> Findings:
    """Compute everything that the outputs of a study say."""
    report(N_("territorio e confini"))
    from needs_analysis.territory import select

    area = select(study.area, study.codes_on)
    report(N_("indicatori e indice"))
    from needs_analysis import composite
    from needs_analysis.reports import findings

    found = findings.find(area, study.voice, study.parameters, study.index or composite.DISTRESS)
    if study.services:
        from needs_analysis.services.inputs import oddities

        report(N_("servizi"))
        data = study.services.read(study.parameters, handed)
        for line in oddities(data.warnings, study.voice):
            print(line, file=sys.stderr)
        found = replace(found, services=data)
    report(N_("gruppi e tipi"))
    # Every output asks for them: computed here, they take the time of their own stage.
    _ = found.clusters, found.moran, found.types
    return found


STAGES = 9


def _write(study: Study, folder: Path, report: Report, handed: Handing | None) -> None:
    from needs_analysis.reports import content, geodata, html, workbook

    found = find(study, report, handed)
    report(N_("indice messo alla prova"))
    _ = found.uncertainty, found.sensitivity, found.left_out, found.effective_weights
    report(N_("testo e figure"))
    briefing = content.compose(found)
    folder.joinpath("index.html").write_text(html.page(briefing), "utf-8")
    report(N_("mappa interattiva"))
    area_map(found).save(str(folder / "map.html"))
    report(N_("tabelle"))
    title = ". ".join(filter(None, (briefing.title, briefing.warning)))
    workbook.write(briefing.sheets, folder / "tables.xlsx", title=title, voice=study.voice)
    report(N_("dati geografici"))
    geodata.write_geopackage(found, folder / "data.gpkg")
    geodata.write_parquet(found, folder / "data.parquet")
    report(N_("provenienza"))
    # By words that do not depend on a file beside the study.
    replace(study, area=found.area.attrs["key"]).write(folder / "study.toml")
    _write_provenance(study, found, folder)
    if handed:
        handed.remember({name: folder / name for name in OUTPUTS})


def area_map(found: Findings, theme: str = "distress") -> AreaMap:
    """Draw the interactive map of an area's findings.

    Parameters
    ----------
    found : reports.findings.Findings
        The area.
    theme : str
        A theme of ``maps/``.

    Returns
    -------
    folium.Map
        Its ``save(path)`` writes one offline HTML file.
    """
    from needs_analysis.reports import index_words, maps, pattern_layers, services_chapters
    from needs_analysis.reports.model import plain

    spec, voice = found.index.spec, found.voice
    codes, layers = pattern_layers.layers(found)
    ready = services_chapters.ready_layer(found)
    if ready:
        codes, layers = codes.beside(ready[0]), (*layers, ready[1])
    entries = [
        maps.Entry(
            spec.name, index_words.label(spec, voice),
            f"{index_words.definition(spec, found.parts, voice)} "
            + index_words.compared(found.index, voice),
            printed_as=found.score_unit,
        ),
        *(
            maps.Entry(
                name, one.label_in(voice), one.definition_in(voice), one.component, one.polarity,
            )
            for name, one in found.declared.items()
        ),
        *layers,
    ]  # fmt: skip
    single = len(found.codes) == 1
    beside = found.voice.say(" e la sua provincia") if single else ""
    figures = found.indicators.beside(codes)
    return maps.area_map(
        figures,
        area=found.shown,
        theme=theme,
        voice=found.voice,
        area_name=found.label + beside + found.of_day,
        focus=found.codes[0] if single else "",
        national=found.rankable,
        entries=maps.of_theme(theme, entries, figures.data.columns),
        marks=found.mark_words,
        overrides=found.overrides,
        warning=services_chapters.warning(found),
        notices=tuple(map(plain, found.editions)),
    )


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
    from needs_analysis.reports.map_theme import drawn_unit

    if drawn_unit(theme) == "omi_zone":
        return _zone_map(study, theme, report)
    found = find(study, report)
    report(N_("mappa interattiva"))
    return area_map(found, theme)


def _zone_map(study: Study, theme: str, report: Report) -> AreaMap:
    from needs_analysis.reports import zone_map
    from needs_analysis.reports.language import area_label
    from needs_analysis.territory import select

    report(N_("territorio e zone"))
    area = select(study.area, study.codes_on)
    layer, without = zone_map.zones_of(area)
    report(N_("mappa interattiva"))
    label = area_label(area.attrs["level"], area.attrs["name"], study.voice)
    return zone_map.zone_map(
        layer, theme=theme, voice=study.voice, area_name=label, without=without
    )


def _write_provenance(study: Study, found: Findings, folder: Path) -> None:
    from needs_analysis.reports.findings import POOLED

    rows: dict[str, Rows] = {}
    cited = store.cited()
    handed = found.services.handed if found.services else None
    beside = handed.beside if handed else ()
    in_force = parameters.values(study.parameters)
    document = {
        "software": {"name": "needs-analysis", "version": needs_analysis.__version__},
        "area": {"key": found.area.attrs["key"], "codes_on": f"{found.day:%Y-%m-%d}",
                 "municipalities": found.codes,
                 "certainty": found.area.attrs["certainty"]},
        "sources": {key: cited[key].as_dict() for key in sorted(_ids(found))},
        "parameters": {
            row.name: {"value": in_force[row.name], "unit": row.unit, "source": row.source,
                       "overridden": row.name in study.parameters}
            for row in parameters.table()
        },
        "indicators": {
            name: {
                "id": one.id, "definition": one.definition_in(study.voice), "inputs": list(one.inputs),
                "parameters": list(one.parameters),
                "sources": list(found.indicators.sources[name]),
                "best_quality": one.quality.name.lower(),
            }
            for name, one in found.declared.items()
        },
        "figures": {
            name: found.trace(name).as_dict(rows)
            for name in (*found.declared, *POOLED) if found.has(name)
        },
        "index": {
            "name": found.index.spec.name,
            "reference": found.index.reference.as_mapping(),
            "components": {
                one.name: list(found.index.spec.leaves(one.name))
                for one in found.index.spec.components
            },
            "treatment": dict(found.index.treatment),
            "declaration": found.index.spec.as_mapping(),
            "tested": _tested(found),
            "external_check": _confronted(found),
        },
        **({"services": found.services.described()} if found.services else {}),
        **({"deliveries": [f"sha256:{one}" for one in beside]} if beside else {}),
        "outputs": {name: f"sha256:{checksum(folder / name)}" for name in OUTPUTS},
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    if rows:
        opened = text.removesuffix("\n}")
        text = f'{opened},\n "rows": {_listed(rows)}\n}}'
    folder.joinpath("provenance.json").write_text(f"{text}\n", "utf-8")


def _tested(found: Findings) -> Mapping[str, object] | None:
    """Return how the index was put to the test; None if it could not be."""
    from needs_analysis.reports import trials

    choices = trials.choices(found.index)
    if choices is None or found.uncertainty is None:
        return None
    return {
        "draws": trials.DRAWS, "sensitivity_base": trials.BASE, "seed": trials.SEED,
        "weights": choices.weights, "drop": choices.drop,
        "normalise": [one.as_mapping() for one in choices.normalise],
        "aggregate": [one.as_mapping() for one in choices.aggregate],
    }  # fmt: skip


def _confronted(found: Findings) -> list[dict[str, object]]:
    """Return how the index follows the evictions of provinces; null where it cannot be said."""
    rows = found.confronted.reset_index().astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def _listed(rows: Mapping[str, Rows]) -> str:
    """Return the rows behind each column as JSON, a row a line: indented, they would fill pages."""
    lists = []
    for name, one in rows.items():
        about = json.dumps(one.about())
        lines = ",\n   ".join(json.dumps(row, ensure_ascii=False) for row in one.listed())
        lists.append(f'  {json.dumps(name)}: {about[:-1]}, "rows": [\n   {lines}\n  ]}}')
    return "{\n" + ",\n".join(lists) + "\n }"


def _ids(found: Findings) -> Iterable[str]:
    return {*found.used_sources(), store.source_of("evictions_series").id}
