"""The cells of a sheet in its own XML: found, read, made and filled, with the style that they have."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formula.translate import Translator
from openpyxl.utils import column_index_from_string, get_column_letter

from needs_analysis.reports.render.template.package import MAIN, Sheet
from needs_analysis.reports.render.template.problems import Damaged

SLOT = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_REF = re.compile(r"([A-Z]+)(\d+)$")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def place(ref: str) -> tuple[int, int]:
    """Return the row and the column of an address.

    Examples
    --------
    >>> place("C12")
    (12, 3)
    """
    found = _REF.match(ref)
    if found is None:
        raise Damaged(ref)
    return int(found[2]), column_index_from_string(found[1])


def address(row: int, column: int) -> str:
    """Return the address of a row and a column.

    Examples
    --------
    >>> address(12, 3)
    'C12'
    """
    return f"{get_column_letter(column)}{row}"


class Grid:
    """The cells of one sheet; `strings` are the texts that the sheets share."""

    def __init__(self, sheet: Sheet, strings: Sequence[Any]) -> None:
        self.sheet, self._strings = sheet, strings
        self._data = sheet.tree.find(f"{MAIN}sheetData")
        self._rows: dict[int, Any] = {}
        self._cells: dict[tuple[int, int], Any] = {}
        for row in self._data if self._data is not None else ():
            at = int(row.get("r") or max(self._rows, default=0) + 1)
            row.set("r", str(at))
            self._rows[at] = row
            column = 0
            for cell in row.findall(f"{MAIN}c"):
                column = place(cell.get("r"))[1] if cell.get("r") else column + 1
                cell.set("r", address(at, column))
                self._cells[at, column] = cell

    def __iter__(self) -> Iterator[tuple[int, int, Any]]:
        """Give row, column and element of the cells there are."""
        yield from ((row, column, cell) for (row, column), cell in [*self._cells.items()])

    def columns(self, row: int) -> list[int]:
        """Return the columns of a row whose cells hold something."""
        return sorted(at for of, at in self._cells if of == row and not self.empty(row, at))

    def cell(self, row: int, column: int) -> Any | None:
        """Return a cell; None where the sheet has none."""
        return self._cells.get((row, column))

    def empty(self, row: int, column: int) -> bool:
        """Whether a cell holds nothing; it may have a style."""
        cell = self.cell(row, column)
        return cell is None or (formula(cell) is None and not "".join(map(_text, self.runs(cell)))
                                and cell.find(f"{MAIN}v") is None)  # fmt: skip

    def runs(self, cell: Any) -> list[Any]:
        """Return the elements with the text of a cell: several where its letters differ."""
        kind = cell.get("t")
        if kind == "s":
            found = cell.find(f"{MAIN}v")
            at = int(found.text) if found is not None and found.text else -1
            holder = self._strings[at] if 0 <= at < len(self._strings) else None
        else:
            holder = cell.find(f"{MAIN}is") if kind == "inlineStr" else None
        if holder is None:
            return []
        return [*holder.findall(f"{MAIN}t"), *holder.findall(f"{MAIN}r/{MAIN}t")]

    def made(self, row: int, column: int, like: Any | None = None) -> Any:
        """Return a cell, made where there is none, in the style of another or of its row or column."""
        cell = self.cell(row, column)
        if cell is None:
            line = self._row(row, None if like is None else like.getparent())
            cell = etree.Element(f"{MAIN}c", r=address(row, column))
            after = [one for of, one in self._cells if of == row and one < column]
            line.insert(self._position(line, row, max(after, default=0)), cell)
            self._cells[row, column] = cell
            style = self._style(line, column) if like is None else like.get("s")
            if style:
                cell.set("s", style)
        elif like is not None and not cell.get("s") and like.get("s"):
            cell.set("s", like.get("s"))
        return cell

    def _position(self, line: Any, row: int, after: int) -> int:
        return 0 if not after else line.index(self._cells[row, after]) + 1

    def _row(self, at: int, like: Any | None) -> Any:
        if at not in self._rows:
            attributes = {} if like is None else {
                name: value for name, value in like.attrib.items() if name not in ("r", "spans")
            }  # fmt: skip
            row = etree.Element(f"{MAIN}row", attributes, r=str(at))
            before = sum(one < at for one in self._rows)
            self._data.insert(before, row)
            self._rows[at] = row
        self._rows[at].attrib.pop("spans", None)
        return self._rows[at]

    def _style(self, line: Any, column: int) -> str | None:
        if line.get("s"):
            return str(line.get("s"))
        for one in self.sheet.tree.iterfind(f"{MAIN}cols/{MAIN}col"):
            if int(one.get("min")) <= column <= int(one.get("max")):
                return one.get("style")  # type: ignore[no-any-return]
        return None

    def settle(self) -> None:
        """Leave no number that a formula gave before: whoever opens the sheet computes it again."""
        for cell in self._cells.values():
            found = cell.find(f"{MAIN}v")
            if formula(cell) is not None and found is not None:
                cell.remove(found)
                cell.attrib.pop("t", None)
        extent = self.sheet.tree.find(f"{MAIN}dimension")
        if extent is not None:
            self.sheet.tree.remove(extent)

    def merged(self, first: int, last: int) -> bool:
        """Whether one of these rows has merged cells."""
        for one in self.sheet.tree.iterfind(f"{MAIN}mergeCells/{MAIN}mergeCell"):
            rows = [place(end)[0] for end in str(one.get("ref")).split(":")]
            if min(rows) <= last and max(rows) >= first:
                return True
        return False


def formula(cell: Any) -> Any | None:
    """Return the formula of a cell; None where it has none."""
    return cell.find(f"{MAIN}f")


def _text(run: Any) -> str:
    return run.text or ""


def texts(runs: Sequence[Any]) -> list[str]:
    """Return the text of each run."""
    return [_text(one) for one in runs]


def put(cell: Any, value: int | float | str) -> None:
    """Put a number or a text into a cell, whatever stood in it; its style stays."""
    _clear(cell)
    if isinstance(value, str):
        _put_runs(cell, etree.Element(f"{MAIN}is"), value)
    else:
        etree.SubElement(cell, f"{MAIN}v").text = repr(value)


def put_said(cell: Any, runs: Sequence[Any], said: Sequence[str]) -> None:
    """Put a text into a cell whose runs keep the letters they have."""
    if len(runs) == 1 and runs[0].getparent().tag != f"{MAIN}r":
        put(cell, said[0])
        return
    holder = etree.Element(f"{MAIN}is")
    for run, text in zip(runs, said, strict=True):
        written = copy.deepcopy(run.getparent())
        _write(written.find(f"{MAIN}t"), text)
        holder.append(written)
    _clear(cell)
    cell.set("t", "inlineStr")
    cell.append(holder)


def clear(cell: Any) -> None:
    """Empty a cell; its style stays."""
    _clear(cell)


def repeat_formula(cell: Any, to: Any) -> None:
    """Repeat a formula in another cell, its addresses moved along."""
    _clear(to)
    own = formula(cell)
    if own is None:
        return
    written = Translator(f"={own.text}", cell.get("r")).translate_formula(to.get("r"))
    etree.SubElement(to, f"{MAIN}f").text = written[1:]


def repeat_value(cell: Any, to: Any) -> None:
    """Repeat what a cell holds in another."""
    _clear(to)
    if cell.get("t"):
        to.set("t", cell.get("t"))
    for part in cell:
        to.append(copy.deepcopy(part))


def _clear(cell: Any) -> None:
    cell.attrib.pop("t", None)
    for name in ("f", "v", "is"):
        for part in cell.findall(f"{MAIN}{name}"):
            cell.remove(part)


def _put_runs(cell: Any, holder: Any, text: str) -> None:
    cell.set("t", "inlineStr")
    _write(etree.SubElement(holder, f"{MAIN}t"), text)
    cell.append(holder)


def _write(run: Any, text: str) -> None:
    run.text = ILLEGAL_CHARACTERS_RE.sub("", text)
    run.set(_SPACE, "preserve")
