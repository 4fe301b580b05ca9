"""Tables that an office fills in, as a text or a sheet."""

from pathlib import Path

import openpyxl
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.reading.grids import csv_grid, sheet_grid
from needs_analysis.reading.sheets import filled_sheets, titles_of


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "posti"
    for row in (
        ["Titolo"], ["codice", "retta", "aperto"], ["A", 1.5, True], [None], ["B", "=1+1", "#N/A"],
        ["C", 2.0, False],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A5:A6")
    sheet.row_dimensions[3].hidden = True
    book.create_sheet("vuoto")
    book.save(path)
    return path


def test_a_sheet_is_a_grid_with_the_users_row_numbers(tmp_path: Path) -> None:
    file = workbook(tmp_path / "posti.xlsx")
    assert titles_of(file) == ["posti", "vuoto"] and titles_of(tmp_path / "assente.xlsx") == []
    sheet, blank = filled_sheets(file, "posti".__eq__)
    assert sheet.hidden == {3} and not sheet.is_blank and blank.is_blank
    grid = sheet_grid(sheet, "posti", {"codice", "retta"}, set())
    assert (grid.title, grid.headers) == ("Titolo", ["codice", "retta", "aperto"])
    assert grid.rows.tolist() == [3, 5, 6]
    assert grid.columns[1].to_pylist() == ["1,5", None, "2"]
    assert grid.columns[2].to_pylist() == ["sì", "#N/A", "no"]
    assert grid.odd == [(5, 1, "not_computed"), (5, 2, "excel_error")]
    assert grid.merged == [(5, "A5:A6")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", list(";,\t"))
def test_a_text_is_a_grid_whatever_wrote_it(tmp_path, encoding, end, delimiter) -> None:
    lines = [
        delimiter.join(row) for row in (["codice", "città"], ["A", "Forlì"], ["", ""], ["B", "x"])
    ]
    file = tmp_path / "posti.csv"
    file.write_bytes(end.join(lines).encode(encoding))
    grid = csv_grid(file)
    assert grid.headers == ["codice", "città"] and grid.rows.tolist() == [2, 4]
    assert [column.to_pylist() for column in grid.columns] == [["A", "B"], ["Forlì", "x"]]


def test_what_is_no_text_or_no_table_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "posti.csv"
    for data, said in (
        (b"", "il file è vuoto"), (b"PK\3\4\0\0", "il file non è un testo CSV"),
        (b"a;b\n1;2;3\n", "riga 2: celle in più o in meno"),
    ):  # fmt: skip
        file.write_bytes(data)
        with pytest.raises(SourceError, match=said):
            csv_grid(file)
