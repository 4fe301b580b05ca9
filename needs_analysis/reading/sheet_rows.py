"""The cells of a sheet of an .xlsx as openpyxl reads them: apart, as openpyxl is slow to import."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from xml.etree import ElementTree

from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser


class SheetRows(WorkSheetParser):  # type: ignore[misc]
    """The rows of a sheet, of some columns only.

    openpyxl, where defusedxml is, parses in Python, which takes three times as long as in C. What
    defusedxml refuses, a declaration of entities, is refused before.
    """

    def __init__(self, source: Any, sheet: Any, only: Collection[int], uncounted: str) -> None:
        book = sheet.parent
        super().__init__(
            source, sheet._shared_strings, data_only=True, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        self.uncounted = uncounted
        self.letters = {get_column_letter(column + 1) for column in only}

    def parse_cell(self, element: ElementTree.Element) -> dict[str, Any]:
        """Return a cell; a formula that was never computed has no value, and is marked `uncounted`."""
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            cell["data_type"] = self.uncounted
        return cell

    def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """Yield the number of each row with its cells."""
        for _, element in ElementTree.iterparse(self.source):
            if element.tag == ROW_TAG:
                if self.letters:
                    element[:] = [cell for cell in element if self._wanted(cell)]
                yield self.parse_row(element)
                element.clear()

    def _wanted(self, cell: ElementTree.Element) -> bool:
        at = cell.get("r")  # a cell that does not say where it is counts for the next one's place
        return at is None or at.rstrip("0123456789") in self.letters
