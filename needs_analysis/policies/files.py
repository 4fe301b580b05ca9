"""What a study or a file says of policies: the budget, what it is to reach, what exists already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from needs_analysis.errors import Problem, Refused, StudyError, wanted
from needs_analysis.policies.catalogue import OUT, OUTCOMES, Catalogue, catalogue, every
from needs_analysis.policies.problems import PoliciesError, problem
from needs_analysis.services.files.inputs import FILES, checksum_written, named, written_path
from needs_analysis.services.files.office import read_policies
from needs_analysis.services.files.problems import path_of
from needs_analysis.toml_files import Written

KIND = "measures"
"""What the confidential workbook is among the files of services: its name is not printed."""
_NAME = "misure locali.xlsx"
OF_A_STUDY = ("existing", "profile")
"""What a page says beside a budget: what a budget buys does not depend on it."""


@dataclass(frozen=True)
class PolicyFiles:
    """The table ``[policies]`` of a study, or the same in a file of its own.

    Parameters
    ----------
    budget_eur : float, optional
        EUR of a year; without one nothing is chosen.
    as_of : date, optional
        The day on which policies are to stand; today when omitted.
    outcome : str
        Of `catalogue.OUTCOMES`: what is counted.
    weights : mapping of str to float
        In its place: what a household out of need is worth, by outcome.
    floors : mapping of str to float
        Households helped at least, by the code of a municipality or the key of a group.
    fairness : str
        "none" or "maxmin".
    budgets : mapping of str to float
        EUR by policy: at most where a mix is looked for, all of them where one is tried out.
    households : mapping of str to float
        Households by policy, where a mix is tried out.
    only : tuple of str
        The ids of the policies that are looked at; all that stand when empty.
    include : tuple of str
        Ids, or keys of `catalogue.OUT`, that are looked at though they do not stand.
    existing : Path, optional
        The office's own policies, confidential: the template of local measures.
    profile : str
        "published" or "internal".

    Examples
    --------
    >>> asked = PolicyFiles.from_mapping({"budget_eur": 200_000, "as_of": "2026-11-29"}, Path())
    >>> asked.budget_eur, asked.as_of.isoformat(), asked.outcome, asked.profile
    (200000.0, '2026-11-29', '', 'published')
    """

    budget_eur: float | None = None
    as_of: dt.date | None = None
    outcome: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    fairness: str = "none"
    budgets: Mapping[str, float] = field(default_factory=dict)
    households: Mapping[str, float] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    existing: Path | None = None
    profile: str = "published"

    def __post_init__(self) -> None:
        """Take a path that is written as text too."""
        if self.existing is not None:
            object.__setattr__(self, "existing", path_of(self.existing))

    @classmethod
    def from_mapping(
        cls, written: Mapping[str, Any], folder: Path, refused: type[Refused] = StudyError,
        unused: Sequence[str] = (),
    ) -> PolicyFiles:  # fmt: skip
        """Read the table; paths are relative to the folder.

        Raises
        ------
        Refused
            Of the class asked for: a field is unknown or of another kind, or one of `unused`; a policy
            or an outcome does not exist, each named; or no file has the checksum written.
        """
        from needs_analysis import declarations

        table = Written.of(written)
        asked = declarations.validated(declarations.PoliciesTable, table, refused)
        idle = [problem("of_a_study", table.where(key), key=key) for key in unused if key in table]
        if problems := sorted([*idle, *_unknown(table)], key=lambda one: one.where):
            raise refused(*problems)
        given: dict[str, Any] = asked.given()
        for name in set(given) & {"weights", "floors", "budgets", "households"}:
            given[name] = {key: float(value) for key, value in given[name].items()}
        for name in set(given) & {"only", "include"}:
            given[name] = tuple(given[name])
        if asked.budget_eur is not None:
            given["budget_eur"] = float(asked.budget_eur)
        given["existing"] = written_path(KIND, asked.existing, folder) if asked.existing else None
        return cls(**given)

    def as_mapping(self) -> dict[str, Any]:
        """Return the table as it is written back: no path, no name of the workbook.

        The internal profile has its checksum; published, whoever tries the values of a hidden count
        would know the right one by it, and the workbook is to stand beside, under the name of its kind.
        """
        central = PolicyFiles()
        said = {
            name: value for name, value in vars(self).items()
            if value != getattr(central, name) and name != "existing"
        }  # fmt: skip
        for name in ("only", "include"):
            if name in said:
                said[name] = list(said[name])
        if self.existing is not None:
            said["existing"] = self._written(self.existing)
        return said | {"profile": self.profile}

    def _written(self, own: Path) -> str:
        if self.profile == "internal":
            return checksum_written(KIND, own)
        return _NAME.removesuffix(".xlsx") if own.is_dir() else _NAME

    def on_day(self, day: dt.date) -> PolicyFiles:
        """Return the same with its day, where none was said."""
        return self if self.as_of else replace(self, as_of=day)

    def catalogue(self, regions: Sequence[str]) -> Catalogue:
        """Return the policies that may be looked at in some regions.

        Raises
        ------
        PoliciesError
            What is to be included does not exist.
        """
        return catalogue(tuple(regions), self.as_of, self.include)

    def measures(self) -> pd.DataFrame | None:
        """Read what the office does already; None where it says nothing.

        Raises
        ------
        SourceError
            The workbook cannot be used; it is called by its kind.
        """
        if self.existing is None:
            return None
        return named(FILES[KIND], read_policies, self.existing)


def _unknown(table: Written) -> Iterator[Problem]:
    """Say which policies and outcomes of a table do not exist."""
    from needs_analysis.declarations import problem as declared

    places = [(name, key) for name in ("budgets", "households") for key in table.get(name, {})]
    listed = [(name, at) for name in ("only", "include") for at in range(len(table.get(name, ())))]
    for name, place in [*places, *listed]:
        policy = table[name][place] if isinstance(place, int) else place
        known = (*every(), *OUT) if name == "include" else (*every(),)
        if policy not in known:
            yield problem("unknown", table.where(name, place), policy=policy, known=known)
    said = [("weights", key) for key in table.get("weights", {})]
    outcomes = [(("outcome",), table["outcome"])] if table.get("outcome") else []
    for place, outcome in [*outcomes, *((one, one[1]) for one in said)]:
        if outcome not in OUTCOMES:
            yield declared("among", table.where(*place), key=table.key(place[0]), found=outcome,
                           known=tuple(OUTCOMES))  # fmt: skip


def read_asked(path: Path | str, unused: Sequence[str] = ()) -> PolicyFiles:
    """Read what is asked of policies from a TOML file: its own, or the ``[policies]`` of a study.

    Parameters
    ----------
    path : Path or str
        The file.
    unused : sequence of str
        Fields that whoever reads does nothing with: a file of its own may not have them.

    Raises
    ------
    PoliciesError
        The file cannot be read, or holds what it cannot: all is named, each with its line.
    """
    from needs_analysis import toml_files

    wanted(path, str, Path)
    path = Path(path)
    given = toml_files.read(path, PoliciesError)
    table = given.table("policies") if isinstance(given.get("policies"), Mapping) else given
    unused = () if "study" in given else unused  # a study has its page too
    return PolicyFiles.from_mapping(table, path.parent, PoliciesError, unused)
