"""Which published column of which census is which variable: the record layouts of the sections.

The same letters and numbers mean other things from one census to the next (``A9`` is dwellings let
in 1991 and dwellings owned in 2001): nothing reads a section by its published name but through
``layouts/istat_sections.csv``, compiled from ISTAT's record layouts
(``tracciato_1991_sezioni.csv``, ``tracciato_2001_sezioni.csv``, ``tracciato_2011_sezioni.csv``,
``tracciato_2021_sezioni.csv``). A row without column says why a census lacks a variable,
by the kind of problem.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from needs_analysis.errors import Problem, SourceError
from needs_analysis.sources.problems import problem

_FILE = "istat_sections.csv"
KEYS = ("municipality_code", "section_code", "area_code")


@dataclass(frozen=True)
class Layout:
    """How the sections of one census are published.

    Parameters
    ----------
    year : int
        The census.
    columns : mapping
        Our name of each variable to the published columns that sum to it.
    keys : mapping
        `KEYS` to their published columns.
    absent : mapping
        Our names that this census does not have, to the kind of problem that says why and the
        variable to ask instead.
    """

    year: int
    columns: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, str]
    absent: Mapping[str, str]

    def choose(self, names: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
        """Return the variables asked for, all if None.

        Raises
        ------
        SourceError
            With a problem by variable that the census does not have.
        """
        wanted = list(self.columns) if names is None else list(dict.fromkeys(names))
        lacking = [self._why(name) for name in wanted if name not in self.columns]
        if lacking:
            listed = problem("variables_listed", file=f"needs_analysis/sources/layouts/{_FILE}")
            raise SourceError(*lacking, cure=listed)
        return {name: self.columns[name] for name in wanted}

    def _why(self, name: str) -> Problem:
        kind, _, instead = self.absent.get(name, "unknown_variable").partition(" ")
        said = {"instead": instead} if instead else {}
        return problem(kind, name=name, year=self.year, **said)


def column_name(published: str) -> str:
    """Return a published column as the layouts write it: ISTAT pads and cases the same names.

    Examples
    --------
    >>> column_name(" st01 "), column_name("P9  "), column_name("SEZ21_ID")
    ('ST1', 'P9', 'SEZ21_ID')
    """
    return re.sub(r"^([A-Z]+)0+(?=[0-9])", r"\1", published.strip().strip('"').strip().upper())


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of a layout file: year, column, our_name, meaning.

    Examples
    --------
    >>> rows("istat_sections.csv")[2]["our_name"]
    'residents'
    """
    text = resources.files("needs_analysis.sources").joinpath("layouts", file).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def layouts() -> Mapping[int, Layout]:
    """Return the layout of each census by its year.

    Examples
    --------
    >>> list(layouts())
    [1991, 2001, 2011, 2021]
    >>> layouts()[1991].columns["households_6_plus"]
    ('PF8', 'PF9', 'PF10')
    """
    columns: dict[int, dict[str, tuple[str, ...]]] = {}
    keys: dict[int, dict[str, str]] = {}
    absent: dict[int, dict[str, str]] = {}
    for row in rows(_FILE):
        year, name = int(row["year"]), row["our_name"]
        if not row["column"]:
            absent.setdefault(year, {})[name] = row["meaning"]
        elif name in KEYS:
            keys.setdefault(year, {})[name] = row["column"]
        else:
            of_year = columns.setdefault(year, {})
            of_year[name] = (*of_year.get(name, ()), row["column"])
    return {year: Layout(year, columns[year], keys[year], absent.get(year, {})) for year in columns}


def census_of(published: Iterable[str]) -> int | None:
    """Return the census whose sections have these columns; None if none has.

    Examples
    --------
    >>> census_of(["pro_com", "sez1991", "p1"])
    1991
    """
    names = {column_name(name) for name in published}
    for year, layout in layouts().items():
        if {layout.keys["municipality_code"], layout.keys["section_code"]} <= names:
            return year
    return None
