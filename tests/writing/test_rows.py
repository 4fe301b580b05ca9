"""Rows written as text are read back as those that openpyxl writes by itself."""

from __future__ import annotations

import datetime as dt
from zipfile import ZipFile

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from needs_analysis.writing.rows import cell_end, fill_rows
from needs_analysis.writing.workbook import font, new_book, put_text, save

VALUES = (
    "Sìa & <b>", " a ", "riga\nriga", "a\r\nb", "=1", "#N/D", "007", "", None, 0, -0.0, 7, 0.1 + 0.2,
    1e-300, 12345678901234567, 1e22, dt.date(2025, 6, 30), dt.datetime(2025, 6, 1), "\ue000",
    "x" * 40_000, "\x00nullo", "𝒳",
)  # fmt: skip


def written(path, *, as_text: bool):
    book = new_book("Prova", by_row=True)
    sheet = book.create_sheet("prova")
    sheet.row_dimensions[3].height = 30
    sheet.append(["prima"])
    rows = []
    for row in (2, 3):
        cells = []
        for value in VALUES:
            cell = WriteOnlyCell(sheet)
            cell.font = font(size=11 + row)
            if isinstance(value, str):
                put_text(cell, value)
            else:
                cell.value = value
            cells.append(cell)
        sheet.append([] if as_text else cells)
        rows.append("".join(
            f'<c r="{get_column_letter(at)}{row}"{cell_end(value, cell.style_id)}'
            for at, (value, cell) in enumerate(zip(VALUES, cells, strict=True), start=1)
        ))  # fmt: skip
    sheet.append(["ultima"])
    if as_text:
        fill_rows(sheet, 2, rows)
    save(book, path)
    with ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def test_rows_as_text_are_those_of_openpyxl(tmp_path):
    own = written(tmp_path / "own.xlsx", as_text=True)
    assert own == written(tmp_path / "theirs.xlsx", as_text=False)
    read = openpyxl.load_workbook(tmp_path / "own.xlsx")["prova"]
    for row in (2, 3):
        values = [read.cell(row, at).value for at in range(1, len(VALUES) + 1)]
        assert values[:7] == ["Sìa & <b>", " a ", "riga\nriga", "a\r\nb", "=1", "#N/D", "007"]
        assert values[9:12] == [0, 0, 7] and values[12] == 0.3
        assert {read.cell(row, at).font.size for at in range(1, len(VALUES) + 1)} == {11 + row}
    assert (read["A1"].value, read["A4"].value) == ("prima", "ultima")
    assert read.row_dimensions[3].height == 30
