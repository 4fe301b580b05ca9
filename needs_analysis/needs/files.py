"""What a study says of need: the counts of the offices, the scenario, who may read what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from needs_analysis import parameters
from needs_analysis.errors import ParameterError, Problem, SourceError, StudyError, wanted
from needs_analysis.households import Scenario
from needs_analysis.needs.counts_book import OwnCounts, read_counts
from needs_analysis.needs.problems import problem
from needs_analysis.services.files.inputs import checksum_of, named
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.files.problems import problem as files_problem
from needs_analysis.toml_files import Written
from needs_analysis.words import N_

KIND = N_("conteggi")
"""What the confidential workbook is called: its name is not printed."""
_SUM = "sha256:"


@dataclass(frozen=True)
class NeedFiles:
    """The table ``[needs]`` of a study.

    Parameters
    ----------
    own : Path, optional
        The workbook of the offices' counts, confidential.
    scenario : Scenario, optional
        What the model of burdens assumes; the central values when omitted.
    profile : str
        "published" or "internal".
    """

    own: Path | None = None
    scenario: Scenario | None = None
    profile: str = "published"

    def __post_init__(self) -> None:
        """Take a path that is written as text too."""
        if self.own is not None:
            object.__setattr__(self, "own", path_of(self.own))

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any], folder: Path) -> NeedFiles:
        """Read the table of a ``study.toml``; paths are relative to its folder.

        Raises
        ------
        StudyError
            A field is unknown or of another kind, an assumption out of its range, each named, or no
            file has the checksum written.
        """
        from needs_analysis import declarations

        given = Written.of(written)
        asked = declarations.validated(declarations.NeedsTable, given, StudyError)
        scenario = None
        if asked.scenario is not None:
            scenario = scenario_of(given.table("scenario"), StudyError)
        own = _own(asked.own, folder) if asked.own else None
        return cls(own, scenario, asked.profile)

    def as_mapping(self) -> dict[str, Any]:
        """Return the table as it is written back: no path, no name of the workbook.

        The internal profile has its checksum. Published, whoever tries the values of a hidden count
        would know the right one by it: the workbook is to stand beside, under the name of its kind.
        """
        own = {} if self.own is None else {"own": self._written(self.own)}
        scenario = {} if self.scenario is None else {"scenario": _moved(self.scenario)}
        return own | {"profile": self.profile} | scenario

    def _written(self, own: Path) -> str:
        if self.profile == "internal":
            return f"{_SUM}{checksum_of(own)}"
        return KIND if own.is_dir() else f"{KIND}.xlsx"

    def counts(self) -> OwnCounts | None:
        """Read the counts of the offices.

        Raises
        ------
        SourceError
            The workbook cannot be used; it is called by its kind.
        """
        return None if self.own is None else read_own(self.own)


def read_own(path: Path) -> OwnCounts:
    """Read the counts of the offices, under the name of their kind.

    Raises
    ------
    SourceError
        With every problem, by sheet and row.
    """
    try:
        return named(KIND, read_counts, path)
    except SourceError as error:
        ours = error.cure == files_problem("correct")
        raise SourceError(
            *error.problems, cure=problem("fill_again") if ours else error.cure
        ) from None


def read_scenario(path: Path | str) -> Scenario:
    """Read the assumptions of a TOML file: its table ``[scenario]``.

    Raises
    ------
    ParameterError
        The file cannot be read; an assumption that does not exist, is no number or is out of its range:
        all are named, each with its line.
    """
    from needs_analysis import declarations, toml_files

    wanted(path, str, Path)
    given = toml_files.read(Path(path), ParameterError)
    if isinstance(given.get("scenario"), Mapping):
        others = Written({k: v for k, v in given.items() if k != "scenario"} | {"scenario": {}},
                         given.file, given.lines)  # fmt: skip
        declarations.validated(declarations.ScenarioFile, others, ParameterError)
        return scenario_of(given.table("scenario"), ParameterError)
    declarations.validated(declarations.ScenarioFile, given, ParameterError)
    raise AssertionError  # what is no table is refused


def scenario_of(written: Written, refused: type[ParameterError] | type[StudyError]) -> Scenario:
    """Return the scenario of a table: what is left out is the central value.

    Raises
    ------
    ParameterError, StudyError
        As asked: with every wrong assumption, each with its line.
    """
    from needs_analysis import declarations

    found: list[Problem] = []
    try:
        declarations.validated(declarations.ScenarioTable, written, refused)
    except (ParameterError, StudyError) as error:
        found += error.problems
    known = {
        name: float(value)
        for name, value in written.items()
        if name in declarations.ScenarioTable.model_fields and type(value) in (int, float)
    }
    try:
        scenario = Scenario(**known)
    except ParameterError as error:
        found += [one.at(written.where(parameters.named(one))) for one in error.problems]
    if found:
        raise refused(*sorted(found, key=lambda one: one.where))
    return scenario


def _moved(scenario: Scenario) -> dict[str, float]:
    central = asdict(Scenario())
    return {name: value for name, value in asdict(scenario).items() if value != central[name]}


def _own(written: str, folder: Path) -> Path:
    """Return the workbook: where it is written, or the one with the checksum written."""
    if not written.startswith(_SUM):
        return folder / written
    wanted_sum = written.removeprefix(_SUM)
    for one in sorted(folder.iterdir()):
        if (one.is_dir() or one.suffix.lower() == ".xlsx") and checksum_of(one) == wanted_sum:
            return one
    raise StudyError(problem("no_own_file"))
