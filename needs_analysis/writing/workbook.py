"""The one Excel writer: books, styled cells, safe text, paper; the same cells give the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

from needs_analysis.writing.archive import MOMENT, StillZip

INK, ACCENT, PALE, MUTED = "1C2733", "1F4E79", "DCE9F5", "4A5561"
A4, A3 = 9, 8
"""Sizes of paper as Excel numbers them."""
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def new_book(title: str | None = None, *, by_row: bool = False) -> Workbook:
    """Return an empty workbook; `by_row` one whose sheets are written row by row, then closed.

    Examples
    --------
    >>> new_book("Tabelle").properties.title
    'Tabelle'
    """
    book = Workbook(write_only=by_row)
    book.properties.creator, book.properties.title = "needs-analysis", title
    return book


def writable(text: str) -> str:
    r"""Return a text without the characters that no XML takes.

    Examples
    --------
    >>> writable("a\x00b\uffffc")
    'abc'
    """
    return _NO_XML.sub("", text)


def put_text(cell: Any, text: str) -> None:
    """Put a text into a cell as text: a reader would take "=1" for a formula.

    On the next edit Excel would too; a cell of such a text has a style with ``quotePrefix``.

    Examples
    --------
    >>> cell = new_book().active.cell(1, 1)
    >>> put_text(cell, "=1")
    >>> cell.data_type, cell.value
    ('s', '=1')
    """
    cell.value = writable(text)
    cell.data_type = "s"


def font(
    color: str = INK, size: int = 10, *, bold: bool = False, italic: bool = False,
    underline: bool = False,
) -> Font:  # fmt: skip
    """Return the letters of a cell."""
    line = "single" if underline else None
    return Font(name="Calibri", size=size, color=color, bold=bold, italic=italic, underline=line)


def filled(color: str) -> PatternFill:
    """Return the even ground of a cell."""
    return PatternFill("solid", fgColor=color)


def top(*, wrap: bool, horizontal: str | None = None, indent: int = 0) -> Alignment:
    """Return how a text stands in its cell: from the top, on several lines if it may."""
    return Alignment(wrap_text=wrap, vertical="top", horizontal=horizontal, indent=indent)


def set_widths(sheet: Any, widths: Iterable[float]) -> None:
    """Set the widths of the first columns, in characters."""
    for position, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width


def on_paper(
    sheet: Any, pages: int = 1, paper: int = A4, *, upright: bool = False, below: int = 0
) -> None:
    """Print a sheet on so many pages side by side and below (0: as many as it takes).

    They lie on their side unless `upright`.
    """
    sheet.page_setup.orientation = "portrait" if upright else "landscape"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = pages, below
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def save(book: Workbook, path: Path) -> None:
    """Write a workbook; its properties and its archive carry one constant date.

    Parameters
    ----------
    book : openpyxl.Workbook
        With its sheets; nothing is added to it but the dates.
    path : Path
        The file to write.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in "ab":
    ...         save(new_book(), Path(folder, name))
    ...     Path(folder, "a").read_bytes() == Path(folder, "b").read_bytes()
    True
    """
    book.properties.created = book.properties.modified = MOMENT
    with sheets_of(book), StillZip(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).save()


@contextmanager
def sheets_of(book: Workbook) -> Iterator[Workbook]:
    """Close the sheets of a workbook that could not be written.

    Those that are written row by row stand open on temporary files: left to themselves they would
    complain, one after the other, after what is said of the error.
    """
    try:
        yield book
    except BaseException:
        for sheet in book.worksheets:
            with suppress(Exception):  # it is of no use any more, whatever it raises
                sheet.close()
        raise
