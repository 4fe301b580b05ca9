"""What a workbook asks for: placeholders in cells, defined names, the row of the municipalities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter
from rapidfuzz import fuzz, process

from needs_analysis.errors import Problem, Where
from needs_analysis.reports.render.template.cells import SLOT, Grid, address, formula, place, texts
from needs_analysis.reports.render.template.fact import Known
from needs_analysis.reports.render.template.package import MAIN, Package
from needs_analysis.reports.render.template.problems import problem

ASPECTS = ("quality", "source", "year", "unit", "label")
"""What may be asked of a figure beside its value."""
OF_ROW = ("municipality", "municipality_code")
"""A row that holds one of these is repeated for each municipality."""
_NEAR = 80.0
_LIKE_OURS = 88.0
_CELL = re.compile(r"([A-Za-z]{1,3})([1-9]\d{0,6})$")
_ROW_COLUMN = re.compile(r"[Rr]\d*([Cc]\d*)?$|[Cc]\d*$")
_AREA = re.compile(
    r"^(?:'((?:[^']|'')+)'|([^'!:]+))!\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$"
)
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576


@dataclass
class Slot:
    """A place that asks for something: a cell, or a column of them, and the name."""

    grid: Grid
    row: int
    column: int
    name: str = ""
    last: int = 0

    @property
    def where(self) -> Where:
        """Return the place, as a problem says it."""
        return Where(
            sheet=self.grid.sheet.name, rows=(self.row,), column=get_column_letter(self.column)
        )


@dataclass
class Asked:
    """All that a workbook asks for, what is wrong with it, and the defined names that are the user's."""

    cells: list[Slot] = field(default_factory=list)
    ranges: list[Slot] = field(default_factory=list)
    rows: list[tuple[Grid, int]] = field(default_factory=list)
    unknown: dict[str, Where] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def split(name: str) -> tuple[str, str]:
    """Return a figure's name, and what is asked of it beside its value.

    Examples
    --------
    >>> split("need:renters:central:year"), split("households")
    (('need:renters:central', 'year'), ('households', ''))
    """
    before, _, last = name.rpartition(":")
    return (before, last) if before and last in ASPECTS else (name, "")


def is_cell(name: str) -> bool:
    """Whether Excel takes a name for the address of a cell.

    Examples
    --------
    >>> is_cell("OMI2024"), is_cell("ERP2023"), is_cell("OMI_2024"), is_cell("R1C1"), is_cell("canoni")
    (True, True, False, True, False)
    """
    if _ROW_COLUMN.match(name):
        return True
    found = _CELL.match(name)
    return found is not None and (
        column_index_from_string(found[1].upper()) <= _LAST_COLUMN and int(found[2]) <= _LAST_ROW
    )


def defined(name: str) -> str:
    """Return a figure's name as a workbook may define it: no colon, no digit or address at the start.

    Examples
    --------
    >>> defined("need:renters:central"), defined("108033:households")
    ('need.renters.central', '_108033.households')
    """
    written = name.replace(":", ".")
    return f"_{written}" if written[:1].isdigit() or is_cell(written) else written


def asked(package: Package, grids: Sequence[Grid], known: Known) -> Asked:
    """Return what a workbook asks for, and all that is wrong with how it asks."""
    found = Asked()
    for grid in grids:
        _look(grid, found)
        if any(_said_outside(one) for one in _beside_cells(grid)):
            found.problems.append(problem("outside", Where(sheet=grid.sheet.name)))
    found.problems += [problem("outside", Where(member=one)) for one in package.outside()]
    for grid, row in found.rows:
        found.problems += _row_problems(package, grid, row, len(known.units))
    in_rows = {(id(grid), row) for grid, row in found.rows}
    for slot in found.cells:
        own = (id(slot.grid), slot.row) in in_rows
        if _known(slot.name, known, municipal=own) is False:
            found.unknown.setdefault(slot.name, slot.where)
    _names(package, grids, known, found)
    if found.unknown:
        said = tuple(_proposed(one, known) for one in found.unknown)
        found.problems.append(problem("unknown", count=len(said), names=said))
    if not found.problems and not found.cells and not found.ranges:
        found.problems.append(problem("nothing"))
    return found


def _known(name: str, known: Known, *, municipal: bool) -> bool:
    base, _ = split(name)
    if municipal and known.units and known.of(base, known.units[0]) is not None:
        return True
    return known.of(base) is not None


def _beside_cells(grid: Grid) -> Iterator[Any]:
    return (one for one in grid.sheet.tree if one.tag != f"{MAIN}sheetData")


def _said_outside(element: Any) -> bool:
    return any("{{" in text for text in element.itertext())


def _look(grid: Grid, found: Asked) -> None:
    """Find the placeholders of a sheet, and the rows that are of the municipalities."""
    for row, column, cell in grid:
        written = formula(cell)
        runs = texts(grid.runs(cell))
        whole = "".join(runs)
        slot = Slot(grid, row, column)
        if written is not None:
            if "{{" in (written.text or ""):
                found.problems.append(problem("in_formula", slot.where))
            continue
        if "{{" not in whole:
            continue
        inside = [name for text in runs for name in SLOT.findall(text)]
        every = SLOT.findall(whole)
        if inside != every:
            text = next((one for one in every if one not in inside), every[0])
            found.problems.append(problem("cut", slot.where, text=text))
            continue
        if whole.count("{{") != len(every):
            found.problems.append(problem("open", slot.where, text=whole[:60]))
        names = [one.lower() for one in every]
        found.cells += [Slot(grid, row, column, one) for one in names]
        if any(split(one)[0] in OF_ROW for one in names) and (grid, row) not in found.rows:
            found.rows.append((grid, row))


def _row_problems(package: Package, grid: Grid, row: int, wanted: int) -> Iterator[Problem]:
    """Say what keeps a row from being repeated below itself."""
    here, last = Where(sheet=grid.sheet.name, rows=(row,)), row + wanted - 1
    if grid.merged(row, last):
        yield problem("merged", here)
    for column in grid.columns(row):
        own = grid.cell(row, column)
        written = None if own is None else formula(own)
        if written is not None and written.get("t") not in (None, "normal"):
            yield problem("row_formula", here)
        for below in range(row + 1, last + 1):
            if grid.empty(below, column):
                continue
            if written is not None and formula(grid.cell(below, column)) is not None:
                continue
            yield problem("no_room", here, wanted=wanted, cell=address(below, column))
            return
    for _, part, _ in package.links(grid.sheet.part, "table"):
        ends = [place(end)[0] for end in str(package.tree(part).get("ref")).split(":")]
        if ends[0] <= row <= ends[-1] < last and ends[-1] != row:
            yield problem("in_table", here)


# --- defined names -----------------------------------------------------------------------------


def _names(package: Package, grids: Sequence[Grid], known: Known, found: Asked) -> None:
    by_sheet = {grid.sheet.name.lower(): grid for grid in grids}
    ours = {defined(one).lower(): one for one in (*known.names, *known.of_municipalities)}
    listed = package.tree(package.book).iterfind(f"{MAIN}definedNames/{MAIN}definedName")
    for one in listed:
        name, refers = str(one.get("name")), str(one.text or "")
        if name.startswith("_xlnm.") or one.get("hidden") in ("1", "true"):
            continue
        if is_cell(name):
            instead = re.sub(r"(\d+)$", r"_\1", name) if name[-1:].isdigit() else f"{name}_"
            found.problems.append(problem("cell_name", name=name, instead=instead))
            continue
        asked_for = _figure(name, ours, known)
        if asked_for is None:
            if _like_ours(name, ours):
                found.unknown.setdefault(name, Where())
            else:
                found.others.append(name)
            continue
        _range(name, asked_for, refers, by_sheet, len(known.units), found)


def _figure(name: str, ours: Mapping[str, str], known: Known) -> str | None:
    written = name.lower()
    if written in ours:
        return ours[written]
    spoken = written.lstrip("_").replace(".", ":")
    base, _ = split(spoken)
    return spoken if "." in name and known.of(base) is not None else (
        spoken if known.of(base) is not None and spoken != written else None
    )  # fmt: skip


def _like_ours(name: str, ours: Mapping[str, str]) -> bool:
    """Whether a name that is none of ours was meant to be: it is almost one, or begins as one."""
    if name.lower().startswith(("need.", "province.", "region.", "italy.")):
        return True
    near = process.extractOne(name.lower(), [*ours], scorer=fuzz.ratio, score_cutoff=_LIKE_OURS)
    return near is not None


def _range(
    name: str, figure: str, refers: str, by_sheet: Mapping[str, Grid], wanted: int, found: Asked
) -> None:
    area = _AREA.match(refers)
    grid = by_sheet.get((area[1] or area[2]).replace("''", "'").lower()) if area else None
    if area is None or grid is None:
        found.problems.append(problem("no_sheet", name=name))
        return
    first, column = int(area[4]), column_index_from_string(area[3])
    last = int(area[6] or first)
    slot = Slot(grid, first, column, figure, last)
    if area[5] and area[5] != area[3]:
        found.problems.append(problem("shape", slot.where, name=name))
    elif last > first and last - first + 1 < wanted:
        rows = last - first + 1
        found.problems.append(problem("short", slot.where, name=name, rows=rows, wanted=wanted))
    elif any(
        (cell := grid.cell(row, column)) is not None and formula(cell) is not None
        for row in range(first, last + 1)
    ):
        found.problems.append(problem("over_formula", slot.where, name=name))
    else:
        found.ranges.append(slot)


def _proposed(name: str, known: Known) -> str:
    """Return an unknown name with the nearest that there is."""
    base, aspect = split(name)
    every = list(dict.fromkeys((*known.names, *known.of_municipalities)))
    dotted = "." in base and ":" not in base
    spoken = base.replace(".", ":") if dotted else base
    near = process.extractOne(spoken, every, scorer=fuzz.WRatio, score_cutoff=_NEAR)
    if near is None:
        return f"«{name}»"
    written = f"{near[0]}:{aspect}" if aspect else near[0]
    return f"«{name}» ({defined(written) if dotted else written}?)"
