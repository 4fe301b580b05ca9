"""The charts of a workbook, drawn by Excel from the cells beside them: who takes one can change it."""

from __future__ import annotations

from typing import Any

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.title import title_maker
from openpyxl.drawing.text import CharacterProperties, ParagraphProperties
from openpyxl.utils import get_column_letter

from needs_analysis.reports.model import Table
from needs_analysis.writing.workbook import ACCENT

_COLOURS = (ACCENT, "B5541C", "5F6B76")
"""Told apart by who does not see colours too: dark blue, rust, grey."""
_WIDTH_CM, _LINES_CM, _BAR_CM, _AROUND_CM = 19.0, 8.5, 0.62, 3.0
_ROW_CM = 0.53
_MOST_BARS = 60
"""Beyond them names would lie one upon the other: the first are drawn."""


def draw(sheet: Any, table: Table, head: int, at: int) -> int:
    """Draw the chart that a table asks for, and return the last row that it covers.

    Parameters
    ----------
    sheet : openpyxl worksheet
        Which holds the table.
    table : Table
        As it stands in the sheet.
    head : int
        The row of its heads.
    at : int
        The row where the chart begins.
    """
    asked = table.chart
    if asked is None:
        return at
    names = [column.name for column in table.columns]
    rows = len(table.frame) - table.closing
    bars = asked.kind == "bars"
    rows = min(rows, _MOST_BARS) if bars else rows
    chart: Any = BarChart() if bars else LineChart()
    for name, colour in zip(asked.series, _COLOURS, strict=False):
        where = names.index(name) + 1
        chart.add_data(
            Reference(sheet, min_col=where, min_row=head, max_row=head + rows),
            titles_from_data=True,
        )
        shape = chart.series[-1].graphicalProperties
        if bars:
            shape.solidFill = colour
        else:
            shape.line.solidFill, shape.line.width = colour, 28_000
            chart.series[-1].smooth = False
    of = names.index(asked.categories) + 1
    chart.set_categories(Reference(sheet, min_col=of, min_row=head + 1, max_row=head + rows))
    _set_out(chart, table.title, bars=bars, several=len(asked.series) > 1)
    chart.width = _WIDTH_CM
    chart.height = _AROUND_CM + _BAR_CM * rows if bars else _LINES_CM
    sheet.add_chart(chart, f"{get_column_letter(1)}{at}")
    return at + int(chart.height / _ROW_CM) + 2


def _set_out(chart: Any, title: str, *, bars: bool, several: bool) -> None:
    """Give a chart its title, axes that are seen, and a legend where it tells something."""
    chart.title = title_maker(title)
    chart.title.overlay = False
    letters = ParagraphProperties(defRPr=CharacterProperties(sz=1200, b=True))
    for paragraph in chart.title.tx.rich.p:
        paragraph.pPr = letters
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt, chart.y_axis.number_format = None, "#,##0"
    chart.y_axis.scaling.min = 0
    if bars:
        chart.type, chart.gapWidth = "bar", 40
        chart.x_axis.tickLblSkip = 1
        chart.x_axis.scaling.orientation = "maxMin"  # the first row on top
        chart.y_axis.crosses = "max"
    if several:
        chart.legend.position = "b"
    else:
        chart.legend = None
