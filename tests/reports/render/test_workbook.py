"""Invented tables, read back cell by cell."""

import datetime as dt
import zipfile
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

from needs_analysis.figures import Quality
from needs_analysis.reports.model import Chart, Column, Table
from needs_analysis.reports.render import workbook
from needs_analysis.words import ITALIAN, Voice

HOSTILE = ['=HYPERLINK("http://x")', "+39", "-1", "@SUM(A1)", "\tcmd", "<script>", "a\x00b"]


def municipalities() -> Table:
    count = len(HOSTILE)
    frame = pd.DataFrame(
        {
            "code": ["015146", *(f"{108001 + i:06d}" for i in range(count - 1))],
            "name": HOSTILE,
            "low_income_share": [0.209, np.nan, 0.0, *[0.5] * (count - 3)],
            "omi_rent_eur_m2_month": 1234.5,
            "executions": [25.4, 3.0, *[np.nan] * (count - 2)],
        }
    )
    quality = pd.DataFrame(
        {
            "executions": [Quality.ALLOCATED] * count,
            "low_income_share": [Quality.MODELLED, Quality.SUPPRESSED, *[0] * (count - 2)],
        }
    ).astype("int8")
    columns = (
        Column("code", "Codice", "code"),
        Column("name", "Comune"),
        Column("low_income_share", "Redditi bassi", "share"),
        Column("omi_rent_eur_m2_month", "Canone", "eur_m2_month"),
        Column("executions", "Sfratti", "count"),
    )
    return Table(
        "comuni", "=1+1", frame, columns, quality, ("=nota",), ("MEF, dati inventati", "OMI")
    )


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    workbook.write([municipalities()], path, title="Monza & Brianza")
    book = openpyxl.load_workbook(path)
    yield book["comuni"]
    book.close()


def header_row(sheet) -> int:
    return next(cell.row for cell in sheet["A"] if cell.value == "Codice")


def test_numbers_are_numbers_with_their_format(sheet):
    row = header_row(sheet) + 1
    share, rent, count = (sheet.cell(row, column) for column in (3, 4, 5))
    assert (share.value, share.number_format) == (0.209, "0.0%")
    assert (rent.value, rent.number_format) == (1234.5, "#,##0.00")
    assert (count.value, count.number_format) == (25.4, "#,##0")
    assert sheet.cell(row - 1, 4).value == "Canone\n(€/m² al mese)"


def test_hidden_is_crossed_missing_is_grey_and_zero_stays(sheet):
    row = header_row(sheet)
    withheld, zero, missing = sheet.cell(row + 2, 3), sheet.cell(row + 3, 3), sheet.cell(row + 3, 5)
    assert (withheld.value, withheld.fill.patternType) == (None, "lightUp")
    assert (missing.value, missing.fill.patternType) == (None, "solid")
    assert (zero.value, zero.fill.patternType) == (0, None)
    # Not every program draws a hatch.
    assert withheld.border.diagonalUp and withheld.border.diagonal.style
    assert not missing.border.diagonalUp


def test_what_a_row_lacks_by_nature_is_blank_and_not_missing(tmp_path):
    frame = pd.DataFrame({"name": ["a", "b", "c"], "low": [0.1, np.nan, np.nan]})
    quality = pd.DataFrame({"low": [0, 0, Quality.SUPPRESSED]}).astype("int8")
    columns = (Column("name", "Misura"), Column("low", "Da", "share", optional=True))
    workbook.write([Table("t", "T", frame, columns, quality)], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [row[1] for row in book["t"].iter_rows(min_row=4, max_row=6)]
    assert [cell.value for cell in cells] == [0.1, None, None]
    assert [cell.fill.patternType for cell in cells] == [None, None, "lightUp"]
    assert "dato mancante" not in [cell.value for cell in book["t"]["A"]]
    book.close()


@pytest.mark.parametrize(
    ("voice", "formats"),
    [(ITALIAN, ["dd/mm/yyyy", "mm/yyyy"]), (Voice("en"), ["yyyy-mm-dd", "yyyy-mm"])],
)
def test_days_and_months_are_dates(tmp_path, voice, formats):
    frame = pd.DataFrame({"name": list("abcd"), "day": ["2025-12-31", "2025-06", "2022", "totale"]})
    table = Table("t", "T", frame, (Column("name", "Nome"), Column("day", "Giorno", "date")))
    workbook.write([table], tmp_path / "a.xlsx", title="", voice=voice)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [row[1] for row in book["t"].iter_rows(min_row=3, max_row=6)]
    wanted = [dt.datetime(2025, 12, 31), dt.datetime(2025, 6, 1), "2022", "totale"]
    assert [cell.value for cell in cells] == wanted
    assert [cell.number_format for cell in cells] == [*formats, "@", "@"]
    book.close()


def test_quality_is_a_fill_that_the_legend_explains(sheet):
    row = header_row(sheet)
    legend = {
        cell.value: cell.fill.fgColor.rgb
        for cell in sheet["A"][1 : row - 1]
        if cell.fill.patternType
    }
    assert list(legend) == [
        "ripartito dalla provincia",
        "stimato",
        "oscurato per riservatezza (cella barrata)",
        "dato mancante",
    ]
    assert sheet.cell(row + 1, 5).fill.fgColor.rgb == legend["ripartito dalla provincia"]
    assert sheet.cell(row + 1, 3).fill.fgColor.rgb == legend["stimato"]
    assert sheet.cell(row + 1, 4).fill.patternType is None


def test_words_are_words_even_where_they_look_like_formulas(sheet):
    row = header_row(sheet)
    for offset, text in enumerate(HOSTILE, start=1):
        cell = sheet.cell(row + offset, 2)
        assert cell.data_type == "s"
        assert cell.value == text.replace("\x00", "")
        assert cell.quotePrefix == (text[0] in "=+-@\t")
    code = sheet.cell(row + 1, 1)
    assert (code.value, code.data_type, code.number_format) == ("015146", "s", "@")
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=1+1", "s")
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=nota", "s")


def test_the_sheet_is_ready_to_scroll_filter_and_print(sheet):
    row = header_row(sheet)
    assert sheet.freeze_panes == f"C{row + 1}"
    assert sheet.auto_filter.ref == f"A{row}:E{row + len(HOSTILE)}"
    assert sheet.print_title_rows == f"${row}:${row}"
    assert sheet.page_setup.orientation == "portrait"  # a wide one lies on its side
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.cell(row + len(HOSTILE) + 2, 1).value == "Fonte: MEF, dati inventati"


def test_a_wide_sheet_prints_on_several_pages_that_repeat_its_first_columns(tmp_path):
    more = [f"rank_{i}" for i in range(40)]
    plain = municipalities()
    wide = replace(
        plain,
        frame=plain.frame.assign(**dict.fromkeys(more, 1.0)),
        columns=(*plain.columns, *(Column(name, "Posto in Italia", "count") for name in more)),
    )
    workbook.write([wide, replace(plain, key="small")], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    large, small = book["comuni"], book["small"]
    # 42 columns of 11 characters and more, 230 on a page: letters of seven points.
    assert large.page_setup.fitToWidth >= 3
    assert large.page_setup.orientation == "landscape"
    assert (large.page_setup.fitToHeight, large.page_setup.pageOrder) == (0, "overThenDown")
    assert large.print_title_cols == "$A:$B"
    assert (small.page_setup.fitToWidth, small.print_title_cols) == (1, None)
    book.close()


@pytest.mark.parametrize("wide", [False, True])
def test_long_texts_are_narrowed_so_that_the_sheet_takes_fewer_pages(tmp_path, wide):
    words = [f"note_{i}" for i in range(12 if wide else 6)]
    plain = municipalities()
    table = replace(
        plain,
        frame=plain.frame.assign(**dict.fromkeys(words, "parola " * 9)),
        columns=(*plain.columns, *(Column(name, "Nota") for name in words)),
    )
    workbook.write([table], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["comuni"]
    widths = [sheet.column_dimensions[letter].width for letter in "FGHIJK"]
    # Six columns of 46 characters and 80 of the others are too many for 230; twelve of 22 too.
    assert (sheet.page_setup.fitToWidth > 1) == wide
    assert max(widths) < 46
    row = header_row(sheet)
    assert sheet.row_dimensions[row + 1].height > 1.5 * sheet.row_dimensions[2].height
    book.close()


def test_all_columns_that_name_a_row_stay_in_sight_and_are_repeated(tmp_path):
    more = [f"rank_{i}" for i in range(40)]
    names = ["level", "service", "measure"]
    frame = pd.DataFrame(dict.fromkeys(names, ["parola"]) | dict.fromkeys(more, [1.0]))
    columns = (*(Column(one, one) for one in names), *(Column(one, one, "count") for one in more))
    workbook.write([Table("t", "T", frame, columns)], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book["t"].print_title_cols == "$A:$C"
    assert book["t"].freeze_panes == "D3"
    book.close()


def test_a_long_title_is_wrapped_inside_the_table(tmp_path):
    long = replace(municipalities(), title="Un titolo molto lungo " * 9)
    workbook.write([long], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["comuni"]
    assert sheet["A1"].alignment.wrap_text
    assert "A1:E1" in [str(one) for one in sheet.merged_cells.ranges]
    assert sheet.row_dimensions[1].height >= 60
    book.close()


def test_long_notes_leave_room_to_scroll(tmp_path):
    long = replace(municipalities(), notes=tuple(f"Nota {i}. " * 20 for i in range(9)))
    workbook.write([long], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = book["comuni"]
    row = header_row(sheet)
    above = [str(sheet.cell(at, 1).value) for at in range(2, row)]
    # Each takes three lines of the table's width: two above, and a word of those below.
    assert [text[:6] for text in above[:3]] == ["Nota 0", "Nota 1", "Altre "]
    assert len(above) == 3 + 4
    assert any(str(cell.value).startswith("Nota 8") for cell in sheet["A"][row:])
    book.close()


def test_units_may_go_by_row(tmp_path):
    frame = pd.DataFrame(
        {
            "label": ["Canone", "Redditi bassi", "Zona"],
            "area": [6.4, 0.2, "B1"],
            "variable": ["omi_rent_eur_m2_month", "low_income_share", "zone"],
            "unit": ["eur_m2_month", "share", "text"],
        }
    )
    table = Table("t", "T", frame, (Column("label", "Voce"), Column("area", "Monza", "by_row")))
    workbook.write([table], tmp_path / "a.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    rows = [[cell.value for cell in row] for row in book["t"].iter_rows(min_row=2, max_row=5)]
    formats = [book["t"].cell(row, 3).number_format for row in (3, 4, 5)]
    book.close()
    # In a column of its own: labels stay those of other sheets, and rows are filtered by unit.
    assert rows == [
        ["Voce", "Unità", "Monza"],
        ["Canone", "€/m² al mese", 6.4],
        ["Redditi bassi", "%", 0.2],
        ["Zona", None, "B1"],
    ]
    assert formats == ["#,##0.00", "0.0%", "@"]


def several(**change) -> list[Table]:
    plain = municipalities()
    return [
        replace(plain, key=key, title=f"Foglio {key}", **change)
        for key in ("a", "b's", "c", "d", "e")
    ]


def test_a_workbook_of_several_sheets_begins_with_their_list(tmp_path):
    tables = several(
        sources=("MEF - Dipartimento (2021)", "ISTAT, Basi (2021)", "ISTAT, Eventi (2019)")
    )
    workbook.write(tables, tmp_path / "a.xlsx", title="Monza")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["sommario", "a", "b's", "c", "d", "e"]
    contents = book["sommario"]
    rows = [[cell.value for cell in row] for row in contents.iter_rows(min_row=3)]
    assert rows[1] == ["b's", "Foglio b's", len(HOSTILE), "MEF; ISTAT"]
    assert contents["A4"].hyperlink.location == "'b''s'!A1"
    back = book["b's"]["A1"]
    assert (back.value, back.hyperlink.location) == ("‹ Indice dei fogli", "'sommario'!A1")
    # The way back is for the screen: paper begins below it.
    assert book["b's"].print_area.startswith("'b''s'!$A$2:$E$")
    book.close()


def test_few_sheets_have_no_list_and_one_of_that_name_keeps_it(tmp_path):
    workbook.write(several()[:4], tmp_path / "a.xlsx", title="")
    named = [replace(one, key="sommario") if one.key == "a" else one for one in several()]
    workbook.write(named, tmp_path / "b.xlsx", title="")
    names = [openpyxl.load_workbook(tmp_path / one).sheetnames for one in ("a.xlsx", "b.xlsx")]
    assert names == [["a", "b's", "c", "d"], ["sommario 2", "sommario", "b's", "c", "d", "e"]]


def test_addresses_are_those_of_the_cells_with_the_list_and_without(tmp_path):
    for tables in (several(), several()[:1]):
        tables = [replace(one, facts="rows") for one in tables]
        found = workbook.addresses(tables, {"1:omi_rent_eur_m2_month"})
        workbook.write(tables, tmp_path / "a.xlsx", title="")
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        sheet, _, ref = found["1:omi_rent_eur_m2_month"].rpartition("!")
        assert book[sheet.strip("'")][ref].value == 1234.5
        book.close()


@pytest.mark.parametrize("kind", ["bars", "lines"])
def test_a_chart_is_drawn_from_the_cells_without_the_last_rows(tmp_path, kind):
    drawn = Chart(kind, "name", ("executions", "low_income_share"))
    table = replace(municipalities(), chart=drawn, closing=1)
    workbook.write([table], tmp_path / "a.xlsx", title="")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    head = header_row(book["comuni"])
    rows = len(HOSTILE) - 1
    assert f"'comuni'!$E${head + 1}:$E${head + rows}" in chart
    assert f"'comuni'!$B${head + 1}:$B${head + rows}" in chart
    assert ("<barChart>" in chart, "<lineChart>" in chart) == (kind == "bars", kind == "lines")
    # With its chart a short table is one page.
    assert book["comuni"].page_setup.fitToHeight == 1
    book.close()


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        workbook.write([municipalities()], tmp_path / name, title="Monza", voice=Voice("en"))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert {member.date_time for member in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_sheet_names_fit_excel():
    keys = ["a/b", "a b", "A B", "history", "'", "x" * 40, "x" * 50]
    names = workbook.sheet_names(keys)
    assert len({name.lower() for name in names}) == len(keys)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_an_empty_table_and_no_table_at_all_are_written(tmp_path):
    empty = replace(municipalities(), frame=municipalities().frame.iloc[:0], quality=None)
    workbook.write([empty], tmp_path / "a.xlsx", title="")
    workbook.write([], tmp_path / "b.xlsx", title="")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["comuni"]
    book.close()
