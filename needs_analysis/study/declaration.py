"""A study: what was asked, pinned so that the same file gives the same folder."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import needs_analysis
from needs_analysis import parameters, store
from needs_analysis.errors import Messages, ParameterError, Problem, Refused, StudyError, wanted
from needs_analysis.study.identity import LOGO, identity, read_logo
from needs_analysis.territory.codes import day_of
from needs_analysis.words import N_, SOURCE, Voice, languages

if TYPE_CHECKING:
    from needs_analysis.composite import Component, Spec
    from needs_analysis.needs.files import NeedFiles
    from needs_analysis.policies.files import PolicyFiles
    from needs_analysis.reports.model import Identity
    from needs_analysis.services.files.inputs import ServiceFiles
    from needs_analysis.toml_files import Written

_LABEL_MAX = 120  # characters: what a heading holds
# Up to 0.2 a study without an index of its own meant the one that shipped.
_SHIPPED_INDEX = re.compile(r"0\.[12](\.|$)")

problem = Messages(
    "study",
    {
        "language": N_("lingua «{lang}» sconosciuta: ci sono {known}"),
        "author": N_("l'autore «{author}» non sta in una riga"),
        "no_date": N_("«{found}» non è una data: scrivere per esempio 2021"),
        "letters": N_("il nome «{name}» vuole lettere minuscole, cifre e _"),
        "scores": N_("due punteggi «{name}»"),
        "label": N_("l'etichetta «{label}» di {name} non sta in una riga"),
        "name": N_("il nome del territorio «{name}» non sta in una riga"),
        "decimals": N_("rank_decimals vuole un numero intero, non {found}"),
        "no_index": N_("il capitolo «{name}» è di un indice, e lo studio non ne dichiara"),
        "how_index": N_("Dichiararlo in [index]; un esempio è docs/indice_0_1_0.toml."),
        "index_left": N_(
            "il programma non ha più un indice suo: di quello che lo studio intendeva mancano capitolo, "
            "punteggi, posti e fogli, anche quello delle province; per riaverlo copiare "
            "docs/indice_0_1_0.toml in [index]"
        ),
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
        The index of the study; without one nothing is scored and no municipality takes a rank.
    services : services.ServiceFiles, optional
        The register and the stays of the services that the study tells of, confidential.
    needs : needs.files.NeedFiles, optional
        The counts of the offices, confidential, the scenario and the profile of who is in need; the
        estimate of public figures alone when omitted.
    policies : policies.files.PolicyFiles, optional
        The budget, what it is to reach, what the office does already, confidential; without a budget
        nothing is chosen.
    name : str
        What a list of municipalities is called on the page; "13 comuni" when empty.
    author : str
        Whose it is, as it is printed.
    logo : bytes
        A PNG, as :func:`needs_analysis.study.identity.read_logo` reads it.
    day : date, optional
        Of which day it is, and its policies: that of the policies, or today, when omitted.
    chapters : tuple of str
        The chapters of page and workbook, by the keys of `reports.chapters.order`; all when empty.
    made_with : str
        The version of the program that wrote the file it was read from; empty without one.

    Raises
    ------
    StudyError, ParameterError
        The language, a chapter or a parameter does not exist, a date is none, or the index cannot be
        written.

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
    needs: NeedFiles | None = None
    policies: PolicyFiles | None = None
    name: str = ""
    author: str = ""
    logo: bytes = b""
    day: dt.date | None = None
    chapters: tuple[str, ...] = ()
    made_with: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Refuse what no run could follow."""
        if self.lang not in languages():
            raise StudyError(problem("language", lang=self.lang, known=languages()))
        parameters.values(self.parameters)
        day_of(self.codes_on)
        if self.data_until and not re.fullmatch(r"\d{4}([/-][\d-]+)?", self.data_until):
            raise StudyError(problem("no_date", found=self.data_until))
        if self.name and not _in_one_line(self.name):
            raise StudyError(problem("name", name=self.name[:30]))
        if self.author and not _in_one_line(self.author):
            raise StudyError(problem("author", author=self.author[:30]))
        if self.chapters:
            from needs_analysis import declarations

            given = {"chapters": list(self.chapters)}
            declarations.validated(
                declarations.ReportTable, given, StudyError, context=_chapters_known()
            )
        if self.index is None and (alone := _of_an_index(self.chapters)):
            raise StudyError(problem("no_index", name=alone[0]), cure=problem("how_index"))
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
        from needs_analysis import declarations, toml_files

        path = Path(path)
        given = toml_files.read(path, StudyError)
        # What is wrong with the version the check of the whole file says.
        table = given.get("study")
        version = str(table.get("version", "")) if isinstance(table, Mapping) else ""
        left = bool(_SHIPPED_INDEX.match(version)) and "index" not in given
        known = _chapters_known(left=left) if "report" in given else None
        file = declarations.validated(declarations.StudyFile, given, StudyError, context=known)
        asked, chapters = file.study, tuple(file.report.chapters) if file.report else ()
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
                needs=_needs(given.table("needs"), path) if "needs" in given else None,
                policies=_policies(given.table("policies"), path) if "policies" in given else None,
                name=asked.name,
                author=asked.author,
                logo=_logo(asked.logo, path, given) if asked.logo else b"",
                day=asked.day,
                chapters=_without_index(chapters) if left else chapters,
                made_with=version,
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
            return replace(self, figures=store.tokens(), day=self.reference_day)

    @property
    def reference_day(self) -> dt.date:
        """Return the day that the study is of: its own, that of its policies, or today.

        It is printed, and policies stand on it; the ``study.toml`` of a folder has it, so that the same
        folder is written again on any day.
        """
        of_policies = self.policies.as_of if self.policies else None
        return self.day or of_policies or dt.date.today()

    @property
    def words(self) -> str:
        """Return what selects the area, in one line."""
        return self.area if isinstance(self.area, str) else ",".join(self.area)

    def identity(self, title: str) -> Identity:
        """Return what a document of the study says of itself under its title."""
        return identity(title, self.reference_day, self.author, self.logo, self.voice)

    @property
    def warning(self) -> Problem | None:
        """Return what a study of an earlier version meant and does not hold any more."""
        left = self.index is None and _SHIPPED_INDEX.match(self.made_with)
        return problem("index_left") if left else None

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
                | ({"name": self.name} if self.name else {})
                | ({"author": self.author} if self.author else {})
                | ({"logo": LOGO} if self.logo else {})
                | ({"day": self.day.isoformat()} if self.day else {})
                | ({"data_until": self.data_until} if self.data_until else {})
                | ({"codes_on": self.codes_on} if self.codes_on else {}),
                "parameters": dict(self.parameters),
                "figures": dict(self.figures),
            }
            | ({"index": self.index.as_mapping()} if self.index else {})
            | ({"services": self.services.as_mapping()} if self.services else {})
            | ({"needs": self.needs.as_mapping()} if self.needs else {})
            | ({"policies": self.policies.as_mapping()} if self.policies else {})
            | ({"report": {"chapters": list(self.chapters)}} if self.chapters else {})
        )
        path.write_text(text, "utf-8")
        if self.logo:
            path.with_name(LOGO).write_bytes(self.logo)


def read_index(path: Path | str) -> Spec:
    """Read an index from a TOML file: its own, or the ``[index]`` table of a ``study.toml``.

    Raises
    ------
    StudyError
        The file cannot be read, or the index has problems: all are named.
    """
    from needs_analysis import toml_files

    wanted(path, str, Path)
    given = toml_files.read(Path(path), StudyError)
    return _index(given.table("index") if isinstance(given.get("index"), Mapping) else given)


def _index(written: Mapping[str, Any]) -> Spec:
    from needs_analysis.composite import CompositeError, Spec

    try:
        return Spec.from_mapping(written)
    except CompositeError as error:
        raise StudyError(*error.problems) from None


def _logo(name: str, path: Path, given: Written) -> bytes:
    try:
        return read_logo(name, path.parent)
    except StudyError as error:
        where = given.where("study", "logo")
        raise StudyError(*(one.at(where) for one in error.problems), cure=error.cure) from None


def _needs(written: Mapping[str, Any], path: Path) -> NeedFiles:
    from needs_analysis.needs.files import NeedFiles

    return NeedFiles.from_mapping(written, path.parent)


def _policies(written: Mapping[str, Any], path: Path) -> PolicyFiles:
    from needs_analysis.policies.files import PolicyFiles

    return PolicyFiles.from_mapping(written, path.parent)


def _services(written: object, path: Path) -> ServiceFiles:
    from needs_analysis.services.files.inputs import ServiceFiles

    return ServiceFiles.from_mapping(written, path.parent)


def _chapters_known(*, left: bool = False) -> dict[str, tuple[str, ...]]:
    from needs_analysis.reports.chapters import order

    return {"chapters": (*order.KEYS, *order.GONE) if left else order.KEYS}


def _of_an_index(chapters: Sequence[str]) -> list[str]:
    from needs_analysis.reports.chapters import order

    return [one for one in chapters if one in order.OF_AN_INDEX]


def _without_index(chapters: Sequence[str]) -> tuple[str, ...]:
    """Return the chapters of an earlier study that stand without the index that it meant."""
    from needs_analysis.reports.chapters import order

    return tuple(one for one in chapters if one not in (*order.OF_AN_INDEX, *order.GONE))


def _in_one_line(label: str) -> bool:
    """Say whether a heading can hold a label."""
    return len(label) <= _LABEL_MAX and label.isprintable()


def _index_problems(spec: Spec) -> list[Problem]:
    """Return what keeps an index from standing in the files of a study."""
    from needs_analysis.reports.findings import trials

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
        if not _in_one_line(label)
    ]
    if spec.rank_decimals is not None and not isinstance(spec.rank_decimals, int):
        problems.append(problem("decimals", found=spec.rank_decimals))
    if not trials.written(spec):
        problems.append(problem("function", name=spec.name))
    return problems
