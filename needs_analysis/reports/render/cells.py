"""The cells of a workbook: the few styles there are, each made once, and text that stays text."""

from __future__ import annotations

from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.utils import quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink

from needs_analysis.figures import Quality
from needs_analysis.writing.rows import cell_end
from needs_analysis.writing.workbook import ACCENT, MUTED, RUNS, filled, font, put_text, top

_LIGHT = Side(style="thin", color="C9D0D7")
FILLS = {
    Quality.ALLOCATED: filled("FCE4CF"),
    Quality.MODELLED: filled("DCE9F5"),
    Quality.IMPUTED: filled("E9E1F2"),
    Quality.SUPPRESSED: PatternFill("lightUp", fgColor="5F6B76", bgColor="FFFFFF"),
    Quality.MISSING: filled("D9DEE3"),
}
# Not every program draws a hatch, and none in grey shades: a hidden cell is crossed too.
_CROSS = Side(style="thin", color="5F6B76")


class Styles:
    """Ready-made styles; a cell that borrows one costs far less than a cell that makes its own."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._made: dict[tuple[str, Quality | None, bool, bool], Any] = {}
        self._numbers: dict[tuple[str, Quality | None, bool, bool], int] = {}

    def cell(
        self, value: Any, kind: str, quality: Quality | None = None, *, strong: bool = False
    ) -> Any:
        """Return a cell: `kind` is a number format, or the name of a part of the sheet.

        Text is text: openpyxl would read "=1" as a formula, and Excel would on the next edit.
        """
        cell = self._styled(kind, quality, quoted=_quoted(value), strong=strong)
        if isinstance(value, str):
            put_text(cell, value)
        elif value is not None:
            cell.value = value
        return cell

    def text(
        self, value: Any, kind: str, quality: Quality | None = None, *, strong: bool = False
    ) -> str:
        """Return a cell as text, from behind its address: a large table has no time for more."""
        key = (kind, quality, _quoted(value), strong)
        if key not in self._numbers:
            cell = self._styled(kind, quality, quoted=key[2], strong=strong)
            self._numbers[key] = cell.style_id
        return cell_end(value, self._numbers[key])

    def link(self, text: str, to: str, on: Any, ref: str) -> Any:
        """Return a cell of the sheet `on`, at `ref`, that leads to the top of another."""
        cell = self.cell(text, "link")
        cell.parent = on  # which writes the links of its cells
        cell.hyperlink = Hyperlink(ref=ref, location=f"{quote_sheetname(to)}!A1", display=text)
        cell.hyperlink.ref = ref
        return cell

    def _styled(self, kind: str, quality: Quality | None, *, quoted: bool, strong: bool) -> Any:
        key = (kind, quality, quoted, strong)
        if key not in self._made:
            self._made[key] = self._make(*key)
        cell = WriteOnlyCell(self._sheet)
        cell._style = self._made[key]
        return cell

    def _make(self, kind: str, quality: Quality | None, quoted: bool, strong: bool) -> Any:
        cell = WriteOnlyCell(self._sheet)
        italic = quality in FILLS
        cell.font = font(size=11, italic=italic, bold=strong)
        if kind in _PARTS:
            cell.font, cell.alignment = _PARTS[kind]
        else:
            cell.number_format = kind
            words = kind in ("@", "General") or "yyyy" in kind
            cell.alignment = top(
                wrap=words, horizontal="left" if words else "right", indent=int(words)
            )
            cell.border = Border(bottom=_LIGHT)
        if kind in ("head", "number head"):
            cell.fill = filled("E8EEF4")
            cell.border = Border(top=_LIGHT, bottom=Side(style="thin", color=MUTED))
        if quality in FILLS:
            cell.fill = FILLS[quality]
        if quality is Quality.SUPPRESSED and kind != "legend":
            cell.border = Border(bottom=_LIGHT, diagonal=_CROSS, diagonalUp=True)
        if quoted:
            cell.quotePrefix = True
        return cell._style


def _quoted(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(RUNS)


_PARTS = {
    "title": (font(ACCENT, 14, bold=True), top(wrap=True)),
    "note": (font(MUTED), top(wrap=True)),
    "legend": (font(), top(wrap=True)),
    "link": (font(ACCENT, underline=True), top(wrap=True)),
    "head": (
        font(size=11, bold=True),
        Alignment(wrap_text=True, vertical="bottom", horizontal="left", indent=1),
    ),
    "number head": (
        font(size=11, bold=True),
        Alignment(wrap_text=True, vertical="bottom", horizontal="right"),
    ),
}
