"""Several areas at once: those of a list of the user's, and the parts of a larger one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from needs_analysis.errors import AreaError, ParameterError, Problem, SourceError, Where, wanted
from needs_analysis.territory import areas
from needs_analysis.territory.areas import Area
from needs_analysis.territory.codes import day_of, normalise
from needs_analysis.territory.problems import problem
from needs_analysis.territory.units import municipalities

PARTS = ("ambito", "comune")
"""What a larger area is parted by."""
_HEADINGS = ("ambito", "area", "territorio", "distretto", "zona")


@dataclass(frozen=True)
class Listed:
    """Areas to be taken one by one.

    Attributes
    ----------
    areas : tuple of Area
        In the order of the list, each once.
    problems : tuple of Problem
        What kept an area of the list out, each with its row.
    outside : tuple of str
        Codes of municipalities of the larger area that are in none of them: their ambito is not known.
    """

    areas: tuple[Area, ...]
    problems: tuple[Problem, ...] = ()
    outside: tuple[str, ...] = ()


def read_list(path: Path | str, codes_on: pd.Timestamp | str | None = None) -> Listed:
    """Read a list of areas from a CSV.

    Parameters
    ----------
    path : Path or str
        Either an area a row, as :func:`needs_analysis.territory.select` takes it, or a municipality a
        row (column «codice» or «comune») with its area beside it (column «ambito», «territorio» or
        «area»): the municipalities of one name are one area.
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Returns
    -------
    Listed
        An area with a row that cannot be read is among the problems, whole: its total would be wrong.

    Raises
    ------
    SourceError
        The file cannot be read, or no area stands in it.
    """
    wanted(path, str, Path)
    path, day = Path(path), day_of(codes_on)
    cure = problem("save_areas")
    rows = areas.csv_rows(path, cure)
    named = areas.headed(rows, _HEADINGS)
    placed = areas.headed(rows, (*areas.CODE_HEADINGS, *areas.NAME_HEADINGS))
    found = _grouped(rows, named[0], day) if named and placed else _one_by_one(rows, named, day)
    if not (found.areas or found.problems):
        raise SourceError.of_file(path, [problem("no_areas")], cure)
    return found


def _one_by_one(rows: Sequence[Sequence[str]], named: Sequence[int], day: pd.Timestamp) -> Listed:
    """Take the area that each row names."""
    at = named[0] if named else 0
    found: dict[str, Area] = {}
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for number, row in list(enumerate(rows, 1))[bool(named) :]:
        text = row[at].strip() if at < len(row) else ""
        if not text:
            continue
        try:
            area = areas.find(text, day)
        except AreaError as error:
            problems += [one.at(Where(rows=(number,))) for one in error.problems]
            continue
        if area.key in found:
            again = problem("already", Where(rows=(number,)), cell=text, row=first[area.key])
            problems.append(again)
        found.setdefault(area.key, area)
        first.setdefault(area.key, number)
    return Listed(tuple(found.values()), tuple(problems))


def _grouped(rows: Sequence[Sequence[str]], at: int, day: pd.Timestamp) -> Listed:
    """Put together the municipalities of each area."""
    level = "ambito" if normalise(rows[0][at]) == "ambito" else "territorio"
    coded = areas.headed(rows, areas.CODE_HEADINGS)
    named = areas.headed(rows, areas.NAME_HEADINGS)
    members: dict[str, list[tuple[int, str]]] = {}
    problems: list[Problem] = []
    wrong: set[str] = set()
    for number, row in list(enumerate(rows, 1))[1:]:
        name, where = row[at].strip() if at < len(row) else "", Where(rows=(number,))
        cell, found = areas.row_municipality(row, coded, named, day)
        if not name and not cell:
            continue
        own = [one.at(where) for one in found]
        own += [problem("row_without_area", where)] if not name else []
        own += [problem("row_without_code", where)] if not cell else []
        problems += own
        wrong |= {name} if own else set()
        members.setdefault(name, []).append((number, cell))
    made = []
    for name, entries in members.items():
        codes, unknown = areas.members(
            [cell for _, cell in entries], day, [at for at, _ in entries]
        )
        unknown = [*unknown, *areas.twice(entries)]
        problems += unknown
        if codes and not unknown and name not in wrong:
            made.append(Area(level, name, tuple(sorted(codes)), day=day))
    return Listed(tuple(made), tuple(problems))


def parts(area: Area, by: str) -> Listed:
    """Return the ambiti, or the municipalities, of a larger area.

    Parameters
    ----------
    area : Area
        As :func:`needs_analysis.territory.find` gives it.
    by : str
        One of `PARTS`. An ambito counts where any of its municipalities is in the area, and is whole.

    Examples
    --------
    >>> found = parts(areas.find("provincia:MB"), "ambito")
    >>> [one.name for one in found.areas], len(found.outside)
    (['Carate Brianza', 'Desio', 'Monza', 'Seregno', 'Vimercate'], 0)
    """
    if by not in PARTS:
        raise ParameterError(problem("no_part", name=by, known=PARTS))
    day = area.day
    if by == "comune":
        names = municipalities(day)["municipality_name"]
        return Listed(tuple(Area("comune", str(names[one]), (one,), day=day) for one in area.codes))
    known = areas.ambiti(day)["ambito_name"].reindex(list(area.codes))
    inside = sorted(known.dropna().unique())
    outside = tuple(str(code) for code in known.index[known.isna()])
    return Listed(tuple(areas.find(f"ambito:{name}", day) for name in inside), (), outside)
