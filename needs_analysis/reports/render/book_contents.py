"""The first sheet of a workbook of several: what each holds, how long it is, where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.worksheet.page import PageMargins

from needs_analysis.reports.model import Table, plain
from needs_analysis.reports.render.cells import Styles
from needs_analysis.words import N_, Voice
from needs_analysis.writing.workbook import on_paper, set_widths

LEAST = 5
"""Sheets from which on a workbook has a list of them."""
_WIDTHS = (32, 66, 9, 50)
_HEADS = (
    (N_("Foglio"), "head"), (N_("Che cosa contiene"), "head"), (N_("Righe"), "number head"),
    (N_("Fonte"), "head"),
)  # fmt: skip
_LINE_POINTS = 15.0


def write(
    sheet: Any, tables: Sequence[tuple[str, Table]], styles: Styles, title: str, voice: Voice
) -> None:
    """List the sheets of a workbook, each by its name, which leads to it.

    Parameters
    ----------
    sheet : openpyxl worksheet
        Of a workbook that is written row by row.
    tables : sequence of (str, Table)
        The name of each sheet and what it holds.
    styles : Styles
        The workbook's.
    title : str
        The document's.
    voice : Voice
        The language.

    Notes
    -----
    The rows counted are those of the parts: the rows of whole territories at the foot of a table are
    not among them.
    """
    set_widths(sheet, _WIDTHS)
    on_paper(sheet)
    sheet.page_margins = PageMargins(left=0.5, right=0.5, top=0.5, bottom=0.6, footer=0.3)
    sheet.sheet_view.showGridLines = False
    heads = [styles.cell(voice.say(words), kind) for words, kind in _HEADS]
    sheet.freeze_panes, sheet.print_title_rows = "B3", "2:2"
    rows = [_row(name, table) for name, table in tables]
    for at, (_, *texts) in enumerate(rows, start=3):
        lines = max(
            -(-len(str(one)) // width) for one, width in zip(texts, _WIDTHS[1:], strict=True)
        )
        sheet.row_dimensions[at].height = _LINE_POINTS * max(lines, 1) + 2
    sheet.append([styles.cell(title, "title")])
    sheet.append(heads)
    for at, (name, what, count, source) in enumerate(rows, start=3):
        cells = (styles.cell(what, "General"), styles.cell(count, "#,##0"),
                 styles.cell(source, "General"))  # fmt: skip
        sheet.append([styles.link(name, name, sheet, f"A{at}"), *cells])


def _row(name: str, table: Table) -> tuple[str, str, int, str]:
    return name, plain(table.title), len(table.frame) - table.closing, _publishers(table.sources)


def _publishers(sources: Sequence[str]) -> str:
    """Return who published what a sheet rests on: the sheet itself says what and of when.

    Examples
    --------
    >>> _publishers(["MEF - Dipartimento (2021)", "ISTAT, Basi (2021)", "ISTAT, Eventi (2019)"])
    'MEF; ISTAT'
    """
    named = (one.split(" - ")[0].split(",")[0].split(" (")[0] for one in sources)
    return "; ".join(dict.fromkeys(named))
