"""The confidential files of a study: named by kind, rows and checksum, never by path or name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from needs_analysis.errors import ParameterError, Problem, SourceError, StudyError
from needs_analysis.provenance import checksum
from needs_analysis.services.files.cells import located
from needs_analysis.services.files.office import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.files.problems import path_of, problem
from needs_analysis.services.files.pseudonyms import read_key
from needs_analysis.services.files.schema import NEEDED, Period, Register, Stays
from needs_analysis.words import N_, Voice

Read = TypeVar("Read")
FILES: Mapping[str, str] = {
    "register": N_("registro"),
    "stays": N_("accoglienze"),
    "referrals": N_("segnalazioni"),
    "survey": N_("questionario"),
    "measures": N_("misure locali"),
}
"""The files by kind, and what messages call them: their own names may hold a person's."""
_SUM = "sha256:"


def period_of(text: str) -> Period:
    """Return a period written as a year, or as its first and last day.

    Raises
    ------
    ParameterError
        It is neither, ends before it begins or after today.

    Examples
    --------
    >>> period_of("2025").days, period_of("2025-01-01/2025-06-30").days
    (365, 181)
    """
    ends = re.fullmatch(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)", text)
    if re.fullmatch(r"[12]\d{3}", text):
        first, last = f"{text}-01-01", f"{text}-12-31"
    elif ends:
        first, last = ends.groups()
    else:
        raise ParameterError(problem("no_period"))
    if last < first:
        raise ParameterError(problem("period_turned", start=first, end=last))
    # Who is present would be counted for nights that nobody has slept yet.
    today = f"{pd.Timestamp.today():%Y-%m-%d}"
    if first > today:
        raise ParameterError(problem("period_begins_later", start=first))
    if last > today:
        raise ParameterError(problem("period_ends_later", end=last, example=f"{first}/{today}"))
    return Period(first, last)


def period_text(period: Period) -> str:
    """Write a period as :func:`period_of` reads it.

    Examples
    --------
    >>> period_text(Period.year(2025)), period_text(Period("2025-01-01", "2025-06-30"))
    ('2025', '2025-01-01/2025-06-30')
    """
    year = period.start.year
    whole = (period.start, period.end) == (Period.year(year).start, Period.year(year).end)
    return str(year) if whole else f"{period.start:%Y-%m-%d}/{period.end:%Y-%m-%d}"


def named(kind: str, read: Callable[..., Read], *paths: Path) -> Read:
    """Read a confidential file; what is wrong with it is said under its kind, not its name.

    Raises
    ------
    SourceError
        With the problems that the reader found.
    """
    try:
        return read(*paths)
    except SourceError as error:
        raise SourceError.of_file(kind, error.problems, error.cure) from None
    except OSError:
        raise SourceError.of_file(kind, [problem("unreadable")], problem("check_path")) from None


def read_services(
    register: Path, stays: Path, key: Path, overrides: Mapping[str, float] | None = None
) -> tuple[Register, Stays]:
    """Read a register and its stays under the names of their kinds.

    Parameters
    ----------
    register, stays, key : Path
        The files.
    overrides : mapping of str to float, optional
        Parameters put over ``parameters.csv``: what is odd is measured by them.

    Raises
    ------
    SourceError
        As :func:`needs_analysis.services.files.office.read_stays`.
    """
    named(N_("chiave"), read_key, key, stays)
    return named(N_("registro"), partial(read_register, overrides=overrides), register), named(
        N_("accoglienze"), partial(read_stays, overrides=overrides), stays, key
    )


_WARNINGS = 5
"""Warnings that a command prints; `services check` prints them all."""


def oddities(warnings: Sequence[Problem], voice: Voice) -> list[str]:
    """Return the lines that say what is odd in files that were read, each thing once.

    Examples
    --------
    >>> from needs_analysis.words import ITALIAN
    >>> oddities([problem("unreadable")] * 2, ITALIAN)
    ['Avviso: il file non si può leggere']
    """
    odd = list(dict.fromkeys(one.text(voice) for one in warnings))
    lines = [voice.say("Avviso: {warning}", warning=one) for one in odd[:_WARNINGS]]
    if (more := len(odd) - _WARNINGS) > 0:
        told = voice.plural("Un altro avviso", "Altri {count} avvisi", more)
        lines.append(voice.say("{told}: needs-analysis services check li dice tutti.", told=told))
    return lines


@dataclass(frozen=True)
class ServiceFiles:
    """The table ``[services]`` of a study.

    Parameters
    ----------
    paths : mapping of str to Path
        By kind of `FILES`; register and stays at least.
    key : Path
        Of the secret key.
    period : Period
        Days that count.
    profile : str
        "published" or "internal".
    """

    paths: Mapping[str, Path]
    key: Path
    period: Period
    profile: str = "published"

    def __post_init__(self) -> None:
        """Take paths that are written as text too."""
        paths = {kind: path_of(path) for kind, path in self.paths.items()}
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "key", path_of(self.key))

    @classmethod
    def from_mapping(cls, written: object, folder: Path) -> ServiceFiles:
        """Read the table of a ``study.toml``; paths are relative to its folder.

        Raises
        ------
        StudyError
            A field is absent, unknown or no text, each named, or no file has the checksum written.
        """
        from needs_analysis import declarations

        # A study that is written back does not say where the key is.
        cures = {"key": declarations.problem("add_key")}
        table = declarations.ServicesTable
        asked = declarations.validated(table, written, StudyError, cures=cures).given()
        # The stays are in the register's file unless told.
        asked["stays"] = asked.get("stays") or asked["register"]
        paths = {kind: written_path(kind, asked[kind], folder) for kind in FILES if asked.get(kind)}
        key, period = folder / asked["key"], period_of(asked["period"])
        # What is handed out is safe unless it is told otherwise, as on the command line.
        return cls(paths, key, period, asked.get("profile", "published"))

    def as_mapping(self) -> dict[str, str]:
        """Return the table as it is written back: files by checksum, no path, no key."""
        sums = {kind: checksum_written(kind, path) for kind, path in self.paths.items()}
        return sums | {"period": period_text(self.period), "profile": self.profile}

    def read(self, overrides: Mapping[str, float] | None = None) -> ServiceData:
        """Read all files.

        Raises
        ------
        SourceError
            A file cannot be used; it is called by its kind.
        """
        paths = self.paths["register"], self.paths["stays"], self.key
        register, stays = read_services(*paths, overrides)
        others: dict[str, Any] = dict.fromkeys(("referrals", "survey", "measures"))
        if "referrals" in self.paths:
            path = self.paths["referrals"]
            others["referrals"] = named(FILES["referrals"], read_referrals, path, self.key)
        for kind, read in (("survey", read_survey), ("measures", read_policies)):
            if kind in self.paths:
                others[kind] = named(FILES[kind], read, self.paths[kind])
        return ServiceData(
            register, stays, self.period, self.profile,
            others["referrals"], others["survey"], others["measures"],
            overrides=dict(overrides or {}), files=self._described(register, stays, others),
        )  # fmt: skip

    def _described(
        self, register: Register, stays: Stays, others: Mapping[str, Any]
    ) -> dict[str, dict[str, object]]:
        """Return all that is said of the files: checksum, and how many rows to the office alone.

        Rows count guests, referrals and members that tables hide; of two deliveries, what is new.
        """
        tables = {"register": register.places, "stays": stays.stays, **others}
        internal = self.profile == "internal"
        return {
            kind: {
                "kind": kind,
                **({"rows": len(tables[kind])} if internal else {}),
                "sha256": _sum_of(kind, path),
            }
            for kind, path in self.paths.items()
        }


@dataclass(frozen=True, eq=False)
class ServiceData:
    """What an office knows of its services: confidential, until :func:`needs_analysis.told.tell`.

    Parameters
    ----------
    register, stays
        As the readers return them.
    period : Period
        Days that count.
    profile : str
        "published" or "internal".
    referrals, survey, policies : DataFrame or None
        As the readers return them; None where there is no file.
    overrides : mapping of str to float
        Parameters of the study.
    files : mapping
        Rows and checksum of each file, by kind.
    """

    register: Register
    stays: Stays
    period: Period
    profile: str = "published"
    referrals: pd.DataFrame | None = None
    survey: pd.DataFrame | None = None
    policies: pd.DataFrame | None = None
    overrides: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @property
    def warnings(self) -> list[Problem]:
        """What is odd in the files."""
        others = (self.referrals, self.survey, self.policies)
        said = [one.attrs.get("warnings", ()) for one in others if one is not None]
        return [
            one for some in (self.register.warnings, self.stays.warnings, *said) for one in some
        ]


def written_path(kind: str, written: str, folder: Path) -> Path:
    """Return the file of a kind: where it is written, or the one with the checksum written.

    Raises
    ------
    StudyError
        No file of the folder has the checksum.
    """
    if not written.startswith(_SUM):
        return folder / written
    wanted = written.removeprefix(_SUM)
    for one in sorted(folder.iterdir()):
        if (one.is_dir() or one.suffix.lower() == ".xlsx") and _sum_of(kind, one) == wanted:
            return one
    raise StudyError(problem("no_study_file", kind=FILES[kind]))


def checksum_written(kind: str, path: Path) -> str:
    """Return what :func:`path_of` finds a file by: its checksum, as a study has it."""
    return f"{_SUM}{_sum_of(kind, path)}"


def _sum_of(kind: str, path: Path) -> str:
    """Return the checksum of a file of a kind; empty where it cannot be read."""
    try:
        return checksum_of(located(path, NEEDED[kind]))
    except (OSError, SourceError):
        return ""


def checksum_of(file: Path) -> str:
    """Return the checksum of a workbook, or of the CSV files of a folder whatever their names.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if not file.is_dir():
        return checksum(file)
    sums = sorted(checksum(one) for one in file.glob("*.csv"))
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()
