"""Rows of a sheet as text: the bytes that openpyxl writes, without an object for each cell."""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.compat import safe_string
from openpyxl.utils.datetime import to_excel

from needs_analysis.writing.workbook import writable

_MOST_LETTERS = 32_767
"""What Excel takes in a cell; openpyxl too cuts a longer text."""


def cell_end(value: Any, style: int) -> str:
    """Return a cell as a sheet keeps it, from behind its address.

    Parameters
    ----------
    value : str, int, float, date or None
        What it holds; text is text, whatever it begins with.
    style : int
        The number of its style in the book (``style_id`` of an openpyxl cell).

    Returns
    -------
    str
        What follows ``<c r="A1"``.

    Examples
    --------
    >>> cell_end(0.25, 3), cell_end(None, 3)
    (' s="3" t="n"><v>0.25</v></c>', ' s="3" t="n"></c>')
    >>> cell_end("=1 & più", 4)
    ' s="4" t="inlineStr"><is><t>=1 &amp; più</t></is></c>'
    """
    if value is None:
        return f' s="{style}" t="n"></c>'
    if not isinstance(value, str):
        number = to_excel(value) if isinstance(value, dt.date) else value
        return f' s="{style}" t="n"><v>{safe_string(number)}</v></c>'
    text = writable(value)[:_MOST_LETTERS]
    if not text:
        return f' s="{style}" t="inlineStr"></c>'
    kept = "" if text == text.strip() else ' xml:space="preserve"'
    # A reader would turn a bare carriage return into the end of a line.
    said = escape(text, {"\r": "&#13;"})
    return f' s="{style}" t="inlineStr"><is><t{kept}>{said}</t></is></c>'


def fill_rows(sheet: Any, first: int, rows: Iterable[str]) -> None:
    """Close a sheet, and fill rows of it that were appended empty.

    Parameters
    ----------
    sheet : openpyxl worksheet
        Of a workbook that is written row by row, with all its rows; nothing can be added any more.
    first : int
        The number of the first empty row.
    rows : iterable of str
        The cells of each row, as text; so many rows from `first` on are empty.
    """
    sheet.close()
    # openpyxl writes an object for each cell or nothing: the rows go into the file it hands over.
    path = Path(sheet._writer.out)
    written = path.read_bytes()
    # Of a file cut short by a full disk nobody has said a word yet.
    if not written.endswith(b"</worksheet>"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    at = written.index(b'<row r="%d"' % first)
    with path.open("wb") as file:
        file.write(written[:at])
        for cells in rows:
            end = written.index(b"</row>", at + 1)
            file.write(written[at:end])
            file.write(cells.encode("ascii", "xmlcharrefreplace"))
            at = end
        file.write(written[at:])
