"""Fills a workbook of the user's own: the cells that ask for a figure, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

from needs_analysis.figures import Quality
from needs_analysis.reports.language import MISSING_TEXT, QUALITY_LABELS
from needs_analysis.reports.render.template import notes, origins
from needs_analysis.reports.render.template.cells import (
    SLOT,
    Grid,
    address,
    clear,
    formula,
    place,
    put,
    put_said,
    repeat_formula,
    repeat_value,
    texts,
)
from needs_analysis.reports.render.template.fact import Fact, Known
from needs_analysis.reports.render.template.found import OF_ROW, Slot, asked, split
from needs_analysis.reports.render.template.package import MAIN, Package, opened
from needs_analysis.reports.render.template.problems import TemplateError, problem
from needs_analysis.words import ITALIAN, Voice

_AFTER = ("sheets", "functionGroups", "externalReferences", "definedNames")
_NOT_COUNTED = (Quality.ALLOCATED, Quality.MODELLED, Quality.IMPUTED)


@dataclass(frozen=True)
class Filled:
    """What was filled where, in the order of the sheets; `others` are the user's own defined names."""

    cells: tuple[origins.Entry, ...]
    others: tuple[str, ...]


def fill(template: Path, out: Path, known: Known, voice: Voice = ITALIAN) -> Filled:
    """Fill a workbook by the names in it, and write it elsewhere.

    Parameters
    ----------
    template : Path
        A workbook (.xlsx) with placeholders such as ``{{households}}`` in its cells, or defined names
        such as ``need.renters.central`` of a cell, or of a column for the municipalities.
    out : Path
        The file to write; the same template and figures give the same bytes.
    known : Known
        Who knows the figures.
    voice : Voice
        The language of what is not a number.

    Returns
    -------
    Filled

    Raises
    ------
    TemplateError
        It cannot be opened or filled: all that is wrong is said at once.

    Notes
    -----
    Numbers are numbers in the format that the cell has; a placeholder inside a text becomes the
    number as it is printed. What is missing is the text "n.d.". A number that nobody counted carries a
    comment, unless the sheet asks for its quality too. The results that formulas had are left out:
    whoever opens the file computes them. Styles, formulas, validations, conditional formats, charts
    and pictures stay as they are. A sheet at the end says where each number comes from.
    """
    package = opened(template)
    grids = [Grid(one, _strings(package)) for one in package.sheets()]
    wanted = asked(package, grids, known)
    if wanted.problems:
        raise TemplateError.of_file(template, wanted.problems, problem("cure"))
    filler = _Filler(known, voice)
    for grid, row in wanted.rows:
        _repeat(package, grid, row, len(known.units))
    for slot in wanted.ranges:
        filler.fill_range(slot)
    for grid in grids:
        rows = [row for of, row in wanted.rows if of is grid]
        filler.fill_cells(grid, rows)
        grid.settle()
    for grid in grids:
        notes.add(package, grid, filler.notes_of(grid))
    _recompute(package)
    origins.add(package, filler.entries, voice)
    package.write(out)
    return Filled(tuple(filler.entries), tuple(wanted.others))


def _strings(package: Package) -> Sequence[Any]:
    for _, part, _ in package.links(package.book, "sharedStrings"):
        return list(package.tree(part).findall(f"{MAIN}si"))
    return []


class _Filler:
    """Puts figures into cells and remembers which."""

    def __init__(self, known: Known, voice: Voice) -> None:
        self._known, self._voice = known, voice
        self.entries: list[origins.Entry] = []
        self._noted: list[tuple[Grid, str, str, Fact]] = []
        self._graded: set[tuple[int, str]] = set()

    def fill_range(self, slot: Slot) -> None:
        """Fill the cell of a defined name, or the column of one with the municipalities."""
        base, aspect = split(slot.name)
        if slot.last == slot.row:
            fact = self._fact(base, "")
            self._put(slot.grid, slot.grid.made(slot.row, slot.column), base, aspect, fact)
            return
        for at in range(slot.row, slot.last + 1):
            cell = slot.grid.made(at, slot.column)
            clear(cell)
            if at - slot.row < len(self._known.units):
                unit = self._known.units[at - slot.row]
                self._put(slot.grid, cell, base, aspect, self._fact(base, unit))

    def fill_cells(self, grid: Grid, rows: Sequence[int]) -> None:
        """Fill the placeholders of a sheet; those of the rows repeated each with its municipality."""
        units = self._known.units
        of_row = {row + at: unit for row in rows for at, unit in enumerate(units)}
        for row, _, cell in grid:
            runs = grid.runs(cell)
            said = texts(runs)
            if formula(cell) is not None or not any(SLOT.search(one) for one in said):
                continue
            unit = of_row.get(row, "")
            whole = SLOT.fullmatch("".join(said).strip())
            if whole:
                base, aspect = split(whole[1].lower())
                self._put(grid, cell, base, aspect, self._fact(base, unit))
                continue
            put_said(cell, runs, [self._said(grid, cell, one, unit) for one in said])

    def notes_of(self, grid: Grid) -> dict[str, str]:
        """Return what is to be noted beside the numbers that nobody counted, by cell."""
        made: dict[str, str] = {}
        for of, ref, name, fact in self._noted:
            if of is grid and (id(grid), name) not in self._graded:
                words = self._voice.say(QUALITY_LABELS[fact.quality])
                about = ". ".join(filter(None, (words.capitalize(), fact.year, fact.source)))
                made[ref] = f"{made[ref]}\n{about}" if ref in made else about
        return made

    def _fact(self, name: str, unit: str) -> Fact:
        fact = self._known.of(name, unit) if unit else None
        fact = fact or self._known.of(name)
        if fact is None:  # a name of municipalities alone, of one that has no such figure
            raise LookupError(name)
        return fact

    def _put(self, grid: Grid, cell: Any, name: str, aspect: str, fact: Fact) -> None:
        put(cell, self._aspect(fact, aspect) if aspect else fact.value)
        self._remember(grid, cell, name, aspect, fact)

    def _said(self, grid: Grid, cell: Any, text: str, unit: str) -> str:
        def printed(found: Any) -> str:
            base, aspect = split(found[1].lower())
            fact = self._fact(base, unit)
            self._remember(grid, cell, base, aspect, fact)
            return self._aspect(fact, aspect) if aspect else fact.printed

        return SLOT.sub(printed, text)

    def _remember(self, grid: Grid, cell: Any, name: str, aspect: str, fact: Fact) -> None:
        if aspect == "quality":
            self._graded.add((id(grid), name))
        if aspect or name in OF_ROW:
            return
        ref = str(cell.get("r"))
        self.entries.append(origins.Entry(grid.sheet.name, ref, name, fact))
        if fact.quality in _NOT_COUNTED:
            self._noted.append((grid, ref, name, fact))

    def _aspect(self, fact: Fact, aspect: str) -> str:
        if aspect == "quality":
            return self._voice.say(QUALITY_LABELS[fact.quality])
        said = {"source": fact.source, "year": fact.year, "unit": fact.unit, "label": fact.label}[
            aspect
        ]
        return said or (self._voice.say(MISSING_TEXT) if aspect in ("source", "year") else "")


def _repeat(package: Package, grid: Grid, row: int, times: int) -> None:
    """Repeat a row below itself, and let a table that ends with it take the others in."""
    for column in grid.columns(row):
        own = grid.cell(row, column)
        for below in range(row + 1, row + times):
            if not grid.empty(below, column):
                continue  # a formula of the user's, for that row
            to = grid.made(below, column, own)
            if own is not None and formula(own) is not None:
                repeat_formula(own, to)
            elif own is not None:
                repeat_value(own, to)
    for _, part, _ in package.links(grid.sheet.part, "table"):
        tree = package.tree(part)
        for one in (tree, *tree.findall(f"{MAIN}autoFilter")):
            first, _, end = str(one.get("ref")).partition(":")
            if end and place(end)[0] == row:
                one.set("ref", f"{first}:{address(row + times - 1, place(end)[1])}")


def _recompute(package: Package) -> None:
    """Ask whoever opens the workbook to compute its formulas."""
    book = package.tree(package.book)
    asked_for = book.find(f"{MAIN}calcPr")
    if asked_for is None:
        before = [at for at, one in enumerate(book) if _named(one) in _AFTER]
        asked_for = etree.Element(f"{MAIN}calcPr")
        book.insert(max(before) + 1, asked_for)
    asked_for.set("fullCalcOnLoad", "1")
    # The order of computing, of the formulas that were there: it is made anew.
    for name, part, element in [*package.links(package.book, "calcChain")]:
        del name
        element.getparent().remove(element)
        package.remove(part)


def _named(element: Any) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def listed(known: Known) -> Iterator[tuple[str, str, Fact]]:
    """Give the names that a workbook may use, as placeholders and as defined names, with the figures.

    Those of the area first, then those that only its municipalities have.
    """
    from needs_analysis.reports.render.template.found import defined

    first: Iterable[str] = known.names
    for name in first:
        fact = known.of(name)
        if fact is not None:
            yield name, defined(name), fact
    for name in known.of_municipalities:
        fact = known.of(name, known.units[0])
        if fact is not None and known.of(name) is None:
            yield name, defined(name), fact
