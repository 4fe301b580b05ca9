"""A workbook of own counts as an office fills it in."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from needs_analysis.needs.counts_book import BOOK, write_template

FIRST = 4
"""The first row that an office writes, below the heads and what they mean."""


def filled(folder: Path, **rows: list[dict[str, object]]) -> Path:
    """Write rows, by our names of the columns, into the sheets of the template."""
    path = write_template(folder)
    book = openpyxl.load_workbook(path)
    for table in BOOK:
        columns = {one.name: at for at, one in enumerate(table.fields, start=1)}
        for at, row in enumerate(rows.get(table.name, ()), start=FIRST):
            for name, value in row.items():
                book[table.sheet].cell(at, columns[name], value)
    book.save(path)
    return path
