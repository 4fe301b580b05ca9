"""Workbooks of a user's own: what was there stays, what is asked for comes, what is wrong is said."""

import re
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from needs_analysis.figures import Quality
from needs_analysis.reports.render.template.fact import Fact
from needs_analysis.reports.render.template.fill import fill, listed
from needs_analysis.reports.render.template.found import defined, is_cell
from needs_analysis.reports.render.template.package import opened
from needs_analysis.reports.render.template.problems import TemplateError

AREA = {
    "area": Fact("Ambito inventato", "Ambito inventato", "Il territorio"),
    "households": Fact(66848, "66.848", "Famiglie", year="2021", source="ISTAT (2021)"),
    "low_income_share": Fact(
        0.199, "19,9 %", "Redditi bassi", "%", year="2021", source="MEF (2021)"
    ),
    "need:renters:central": Fact(
        1800, "1.800", "In affitto", "", Quality.MODELLED, "2021", "OMI (2018/2); MEF (2021)"
    ),
    "need:violence:central": Fact("n.d.", "n.d.", "Violenza", "", Quality.MISSING),
}
PLACES = {"108001": ("Agrate", 6000), "108002": ("Bovisio", 7000), "108003": ("Carate", 8000)}


class Invented:
    """An area of three municipalities."""

    units = list(PLACES)
    names = list(AREA)
    of_municipalities = ["municipality", "municipality_code", "households", "need:renters:central"]

    def of(self, name, unit=""):
        if unit not in PLACES:
            return AREA.get(name)
        place, households = PLACES[unit]
        return {
            "municipality": Fact(place, place, "Comune"),
            "municipality_code": Fact(unit, unit, "Codice"),
            "households": Fact(households, str(households), "Famiglie", year="2021"),
            "need:renters:central": Fact(
                households // 100, "x", "In affitto", "", Quality.MODELLED, "2021", "MEF (2021)"
            ),
        }.get(name)


def book_of(path, cells, names=(), change=id):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Quadro d'area"
    for ref, value in cells.items():
        sheet[ref] = value
    for name, ref in dict(names).items():
        book.defined_names[name] = DefinedName(name, attr_text=ref)
    change(book)
    book.save(path)
    return path


def filled(path, out, **how):
    fill(path, out, Invented(), **how)
    return openpyxl.load_workbook(out)


def refusal(path, tmp_path):
    with pytest.raises(TemplateError) as error:
        fill(path, tmp_path / "never.xlsx", Invented())
    assert not (tmp_path / "never.xlsx").exists()
    return str(error.value)


# ---------------------------------------------------------------- what comes


def test_numbers_are_numbers_in_the_format_of_the_cell_and_words_are_words(tmp_path):
    def dressed(book):
        sheet = book.active
        sheet["B2"].number_format, sheet["B2"].font = "0.0%", Font(bold=True, color="AA0000")

    path = book_of(
        tmp_path / "m.xlsx",
        {"A1": "{{area}}", "B1": "{{households}}", "B2": "{{ LOW_income_share }}",
         "B3": "{{low_income_share:year}}", "B4": "{{low_income_share:source}}",
         "B5": "{{need:renters:central:quality}}", "B6": "{{need:violence:central}}",
         "B7": "Sono {{households}} nel {{households:year}}, bassi {{low_income_share}}."},
        change=dressed,
    )  # fmt: skip
    sheet = filled(path, tmp_path / "o.xlsx").worksheets[0]
    assert [sheet[f"B{row}"].value for row in range(1, 8)] == [
        66848, 0.199, "2021", "MEF (2021)", "stimato", "n.d.",
        "Sono 66.848 nel 2021, bassi 19,9 %.",
    ]  # fmt: skip
    assert sheet["A1"].value == "Ambito inventato"
    assert (sheet["B2"].number_format, sheet["B2"].font.b) == ("0.0%", True)
    assert sheet["B1"].data_type == "n"


def test_a_name_of_a_cell_and_of_a_column_are_filled(tmp_path):
    names = {
        "low_income_share": "'Quadro d''area'!$D$1",
        "need.renters.central": "'Quadro d''area'!$E$2:$E$6",
        "IVA": "'Quadro d''area'!$Z$1",
        "aliquota": "0.22",
    }
    path = book_of(tmp_path / "m.xlsx", {"E6": "di prima"}, names)
    done = fill(path, tmp_path / "o.xlsx", Invented())
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx").worksheets[0]
    assert sheet["D1"].value == 0.199
    # Of a column what is beyond the last municipality is emptied.
    assert [sheet[f"E{row}"].value for row in range(2, 7)] == [60, 70, 80, None, None]
    assert done.others == ("IVA", "aliquota")


def test_the_row_of_the_municipalities_is_repeated_with_its_formulas(tmp_path):
    def dressed(book):
        sheet = book.active
        sheet["B2"].fill = PatternFill("solid", fgColor="FFF2CC")
        sheet["B2"].number_format = "#,##0"

    path = book_of(
        tmp_path / "m.xlsx",
        {"A2": "{{municipality}}", "B2": "{{households}}", "C2": "=B2/$B$9", "D2": "{{area}}",
         "B9": "=SUM(B2:B8)", "C4": "=B4/2"},
        change=dressed,
    )  # fmt: skip
    sheet = filled(path, tmp_path / "o.xlsx").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet["A2:D4"]]
    assert rows == [
        ["Agrate", 6000, "=B2/$B$9", "Ambito inventato"],
        ["Bovisio", 7000, "=B3/$B$9", "Ambito inventato"],
        ["Carate", 8000, "=B4/2", "Ambito inventato"],  # a formula of the user's own stays
    ]
    assert sheet["B9"].value == "=SUM(B2:B8)"
    assert {sheet[f"B{row}"].number_format for row in (2, 3, 4)} == {"#,##0"}
    assert sheet["B4"].fill.fgColor.rgb == "00FFF2CC"


def test_a_table_that_ends_with_the_row_takes_in_the_others(tmp_path):
    path = book_of(
        tmp_path / "m.xlsx",
        {"A1": "Comune", "B1": "Famiglie", "A2": "{{municipality}}", "B2": "{{households}}"},
        change=lambda book: book.active.add_table(Table(displayName="Comuni", ref="A1:B2")),
    )
    book = filled(path, tmp_path / "o.xlsx")
    table = book.worksheets[0].tables["Comuni"]
    assert (table.ref, table.autoFilter.ref) == ("A1:B4", "A1:B4")


def test_what_nobody_counted_carries_a_comment_unless_its_quality_is_asked_for(tmp_path):
    cells = {"A1": "{{need:renters:central}}", "A2": "{{households}}", "A3": "nota"}

    def noted(book):
        book.active["A3"].comment = Comment("mia", "io")

    path = book_of(tmp_path / "m.xlsx", cells, change=noted)
    sheet = filled(path, tmp_path / "o.xlsx").worksheets[0]
    assert sheet["A1"].comment.text == "Stimato. 2021. OMI (2018/2); MEF (2021)"
    assert (sheet["A2"].comment, sheet["A3"].comment.text) == (None, "mia")
    path = book_of(tmp_path / "m.xlsx", {**cells, "B1": "{{need:renters:central:quality}}"})
    assert filled(path, tmp_path / "o.xlsx").worksheets[0]["A1"].comment is None


def test_the_last_sheet_says_where_each_number_comes_from(tmp_path):
    path = book_of(
        tmp_path / "m.xlsx",
        {"A1": "{{area}}", "B1": "{{need:renters:central}}", "A5": "{{municipality}}",
         "B5": "{{households}}"},
    )  # fmt: skip
    book = filled(path, tmp_path / "o.xlsx")
    rows = [[cell for cell in row if cell is not None] for row in book["provenienza"].values]
    assert rows[2:5] == [
        ["Quadro d'area", "A1", "area", "Il territorio", "Ambito inventato", "osservato"],
        ["Quadro d'area", "B1", "need:renters:central", "In affitto", 1800, "stimato", "2021", "1, 2"],
        ["Quadro d'area", "B5:B7", "households", "Famiglie", "osservato", "2021"],
    ]  # fmt: skip
    assert [row[0] for row in rows[-2:]] == ["1. OMI (2018/2)", "2. MEF (2021)"]
    assert book["provenienza"]["B4"].hyperlink.location == "'Quadro d''area'!B1"


# ---------------------------------------------------------------- what stays


def full(path):
    def dressed(book):
        sheet = book.active
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
        sheet.add_chart(chart, "H2")
        rule = DataValidation(type="list", formula1='"si,no"')
        sheet.add_data_validation(rule)
        rule.add("C9")
        sheet.conditional_formatting.add(
            "B1:B9", CellIsRule("greaterThan", ["5"], font=Font(b=True))
        )
        sheet.print_title_rows = "1:1"

    return book_of(path, {"B1": "{{households}}", "B2": "=B1*2"}, change=dressed)


def test_all_that_is_not_asked_for_stays_byte_for_byte(tmp_path):
    path, out = full(tmp_path / "m.xlsx"), tmp_path / "o.xlsx"
    fill(path, out, Invented())
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(out) as after:
        kept = set(before.namelist())
        assert kept <= set(after.namelist())
        changed = {one for one in kept if before.read(one) != after.read(one)}
        sheet = after.read("xl/worksheets/sheet1.xml").decode()
        was = before.read("xl/worksheets/sheet1.xml").decode()
        book = after.read("xl/workbook.xml").decode()
    assert changed <= {
        "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml",
        "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml",
    }  # fmt: skip
    for part in ("dataValidations", "conditionalFormatting", "drawing", "sheetViews"):
        own = re.compile(rf"<{part}\b.*?(?:/>|</{part}>)", re.S)
        assert own.findall(sheet) == own.findall(was) != []
    assert 'fullCalcOnLoad="1"' in book
    assert "Print_Titles" in book


def test_the_same_template_gives_the_same_bytes_and_is_left_alone(tmp_path):
    path = full(tmp_path / "m.xlsx")
    before = path.read_bytes()
    for name in ("a.xlsx", "b.xlsx"):
        fill(path, tmp_path / name, Invented())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert path.read_bytes() == before


def test_results_that_formulas_had_are_left_out(tmp_path):
    path = with_part(
        full(tmp_path / "m.xlsx"), "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r"(<f>B1\*2</f>)<v\s*/?>(</v>)?", r"\1<v>12345</v>", text),
    )  # fmt: skip
    fill(path, tmp_path / "o.xlsx", Invented())
    with zipfile.ZipFile(tmp_path / "o.xlsx") as archive:
        assert "12345" not in archive.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize("shared", [True, False])
def test_letters_of_different_form_keep_it_where_a_placeholder_is_whole_in_one(tmp_path, shared):
    path = rich(tmp_path, "Famiglie: ", "{{households}}", shared=shared)
    fill(path, tmp_path / "o.xlsx", Invented())
    book = openpyxl.load_workbook(tmp_path / "o.xlsx", rich_text=True)
    text = book.worksheets[0]["A1"].value
    assert str(text) == "Famiglie: 66.848"
    assert text[1].font.b


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_opens_it_and_computes_its_formulas(tmp_path):
    fill(full(tmp_path / "m.xlsx"), tmp_path / "o.xlsx", Invented())
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "csv", "--outdir", tmp_path,
         tmp_path / "o.xlsx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    lines = (tmp_path / "o.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[1] for line in lines[:2]] == ["66848", "133696"]


# ---------------------------------------------------------------- what is refused


def with_part(path, part, change):
    """Change a part of a workbook as text; a part that is not there is made."""
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts[part] = change(parts.get(part, b"").decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def rich(tmp_path, *runs, shared=True):
    """Write a workbook whose first cell is of letters of different form."""
    said = "".join(
        f'<r>{"<rPr><b/></rPr>" if at else ""}<t xml:space="preserve">{run}</t></r>'
        for at, run in enumerate(runs)
    )
    path = book_of(tmp_path / "r.xlsx", {"A1": "x"})
    cell = (
        '<c r="A1" t="s"><v>0</v></c>' if shared else f'<c r="A1" t="inlineStr"><is>{said}</is></c>'
    )
    with_part(path, "xl/worksheets/sheet1.xml",
              lambda text: re.sub(r'<c r="A1".*?</c>', cell, text, flags=re.S))  # fmt: skip
    if not shared:
        return path
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with_part(path, "xl/sharedStrings.xml",
              lambda _: f'<sst xmlns="{main}" count="1"><si>{said}</si></sst>')  # fmt: skip
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rIdS" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    with_part(path, "xl/_rels/workbook.xml.rels",
              lambda text: text.replace("</Relationships>", link))  # fmt: skip
    of = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{of}"/></Types>'
    return with_part(path, "[Content_Types].xml", lambda text: text.replace("</Types>", part))


def test_unknown_names_are_said_together_with_the_nearest(tmp_path):
    path = book_of(
        tmp_path / "m.xlsx",
        {"A1": "{{houshold}}", "A2": "{{need:renter:central:year}}", "A3": "{{zzz}}", "B3": "{{zzz}}"},
        {"need.rentersx.central": "'Quadro d''area'!$D$1", "low_income_shares": "'Quadro d''area'!$D$2"},
    )  # fmt: skip
    said = refusal(path, tmp_path)
    assert said.startswith("m.xlsx: 5 nomi sconosciuti: ")
    assert "«houshold» (households?)" in said
    assert "«need:renter:central:year» (need:renters:central:year?)" in said
    assert "«need.rentersx.central» (need.renters.central?)" in said
    assert "«low_income_shares» (low_income_share?)" in said
    assert said.count("«zzz»") == 1 and "--names" in said


@pytest.mark.parametrize(
    ("name", "instead"), [("OMI2024", "OMI_2024"), ("ERP2023", "ERP_2023"), ("R1C1", "R1C_1")]
)
def test_a_name_that_is_a_cell_is_refused_with_another(tmp_path, name, instead):
    # The library that wrote it lets it pass; Excel does not open the file without mending it.
    path = book_of(tmp_path / "m.xlsx", {"A1": "{{area}}"}, {name: "'Quadro d''area'!$D$1"})
    said = refusal(path, tmp_path)
    assert f"«{name}»" in said and instead in said


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    names = {
        "households": "'Quadro d''area'!$D$1:$D$2",
        "low_income_share": "'Quadro d''area'!$D$1:$E$9",
        "need.renters.central": "Altrove!$A$1",
    }
    cells = {"A1": "{{area", "A2": '="{{area}}"', "A4": "{{nulla}}"}
    said = refusal(book_of(tmp_path / "m.xlsx", cells, names), tmp_path)
    for words in (
        "riga 1, colonna «A»: un segnaposto non è chiuso", "riga 2, colonna «A»: un segnaposto dentro",
        "indica 2 righe, e i comuni sono 3", "più colonne", "e un altro problema",
    ):  # fmt: skip
        assert words in said
    one = book_of(tmp_path / "n.xlsx", {"D1": "=1+1"}, {"households": "'Quadro d''area'!$D$1"})
    assert "ha già una formula" in refusal(one, tmp_path)


def test_a_placeholder_cut_over_two_runs_is_refused(tmp_path):
    said = refusal(rich(tmp_path, "Famiglie {{house", "holds}}"), tmp_path)
    assert "riga 1, colonna «A»: il segnaposto «households» è spezzato" in said


@pytest.mark.parametrize(
    ("below", "words"),
    [
        ({"A4": "Totale"}, "vuole 3 righe, e sotto di essa A4 non è vuota"),
        ({"merge": "A3:B3"}, "celle unite"),
    ],
)
def test_a_row_without_room_below_is_refused(tmp_path, below, words):
    merge = below.pop("merge", None)
    path = book_of(
        tmp_path / "m.xlsx", {"A2": "{{municipality}}", **below},
        change=lambda book: book.active.merge_cells(merge) if merge else None,
    )  # fmt: skip
    assert words in refusal(path, tmp_path)


def test_protected_signed_and_macros_are_refused_at_once(tmp_path):
    def guarded(book):
        book.active.protection.sheet = True
        book.security.lockStructure = True

    path = book_of(tmp_path / "m.xlsm", {"A1": "{{area}}"}, change=guarded)
    with_part(path, "xl/vbaProject.bin", lambda _: "x")
    with_part(path, "_xmlsignatures/origin.sigs", lambda _: "x")
    said = refusal(path, tmp_path)
    for words in ("macro", "firmata", "struttura", "foglio «Quadro d'area»: il foglio è protetto"):
        assert words in said


def test_what_is_no_workbook_is_refused(tmp_path):
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99
    for name, data, words in (
        ("e.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "cifrata con una password"),
        ("v.xlsx", ole, "vecchio formato"),
        ("t.xlsx", b"testo", "non è una cartella di lavoro"),
        ("z.xlsx", b"PK\x05\x06" + b"\0" * 18, "non è una cartella di lavoro"),
    ):
        (tmp_path / name).write_bytes(data)
        assert words in refusal(tmp_path / name, tmp_path)
    assert "non esiste" in refusal(tmp_path / "nulla.xlsx", tmp_path)
    whole = book_of(tmp_path / "m.xlsx", {"A1": "{{area}}"}).read_bytes()
    (tmp_path / "c.xlsx").write_bytes(whole[: len(whole) // 2])
    assert "troncata" in refusal(tmp_path / "c.xlsx", tmp_path)
    entity = '<!DOCTYPE x [<!ENTITY a "b">]>'
    bad = with_part(book_of(tmp_path / "d.xlsx", {"A1": "{{area}}"}), "xl/worksheets/sheet1.xml",
                    lambda text: entity + text)  # fmt: skip
    assert "non è una cartella di lavoro" in refusal(bad, tmp_path)


def test_placeholders_outside_cells_and_none_at_all_are_refused(tmp_path):
    def headed(book):
        book.active.oddHeader.center.text = "{{area}}"

    assert "fuori dalle celle" in refusal(
        book_of(tmp_path / "h.xlsx", {"A1": "{{area}}"}, change=headed), tmp_path
    )

    def charted(book):
        chart = BarChart()
        chart.title = "{{area}}"
        chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
        book.active.add_chart(chart, "D2")

    assert "fuori dalle celle" in refusal(
        book_of(tmp_path / "c.xlsx", {"A1": "{{area}}"}, change=charted), tmp_path
    )
    assert "non ha segnaposto" in refusal(book_of(tmp_path / "n.xlsx", {"A1": "x"}), tmp_path)


# ---------------------------------------------------------------- names


def test_no_name_of_ours_is_a_cell_or_no_name():
    for name, written, _ in listed(Invented()):
        assert defined(name) == written and not is_cell(written)
        assert re.fullmatch(r"[A-Za-z_][\w.]*", written)
    assert defined("a5") == "_a5"


def test_cells_without_addresses_are_counted(tmp_path):
    path = with_part(
        book_of(tmp_path / "m.xlsx", {"A1": "x", "B1": "{{area}}"}), "xl/worksheets/sheet1.xml",
        lambda text: re.sub(r' r="[A-Z]*\d+"', "", text),
    )  # fmt: skip
    assert filled(path, tmp_path / "o.xlsx").worksheets[0]["B1"].value == "Ambito inventato"
    assert len(opened(path).sheets()) == 1
