import zipfile
from pathlib import Path

import openpyxl
import pytest

from needs_analysis import reading
from needs_analysis.errors import SourceError
from needs_analysis.provenance import Source
from needs_analysis.reading import problem
from needs_analysis.words import Voice

SOURCE = Source("x", "", "", "", "", "", "https://www.istat.it")
FILE = Path("prova.csv")
WANTED = {"code": "Codice", "value": "Valore (mq)"}


def cells(text: str, **options) -> reading.Cells:
    return reading.delimited(text, FILE, SOURCE, WANTED, **({"delimiter": ";"} | options))


def noted(table: reading.Cells) -> list[str]:
    return [*map(str, table.odd.found())]


def test_a_line_of_another_encoding_does_not_spoil_the_others():
    mixed = "Forlì\n".encode("cp1252") + "Agliè\n".encode() + b"\x81\n"
    assert reading.decode(mixed) == "Forlì\nAgliè\n\x81\n"


def test_a_byte_order_mark_is_no_part_of_the_header():
    text = reading.decode("Codice;Valore mq\n1;2\n".encode("utf-8-sig"))
    assert list(cells(text)["code"]) == ["1"]


def test_header_fields_are_found_by_name_in_any_order():
    found = cells("altro; valore MQ ;codice\nz;2;7\n")
    assert found.text.to_dict("list") == {"code": ["7"], "value": ["2"]}
    assert list(found.text.index) == [2]


def test_lacking_columns_are_named_together():
    with pytest.raises(SourceError, match=r"mancano le colonne «Codice», «Valore \(mq\)»"):
        cells("a;b\n1;2\n")


def test_numbers_with_decimal_comma_and_leading_comma():
    table = cells("Codice;Valore mq\n1;,8\n2;-3,25\n3;\n4;7\n")
    values = reading.numbers(table, ["value"])["value"]
    assert list(values.fillna(-99)) == [0.8, -3.25, -99, 7]
    assert str(values.dtype) == "float64"


@pytest.mark.parametrize(
    "cell", ["abc", "1.234,5", "1e5", "inf", "NaN", "1 2", "0x1", "٣", ",", "-"]
)
def test_what_is_no_number_is_named_with_row_and_column(cell):
    table = cells(f"Codice;Valore mq\n1;5\n2;{cell}\n")
    reading.numbers(table, ["value"])
    assert noted(table) == [f"riga 3, colonna «Valore mq»: '{cell}' non è un numero"]


def test_blank_lines_do_not_shift_row_numbers():
    table = cells("Codice;Valore mq\n\n1;5\n\n2;x\n")
    reading.numbers(table, ["value"])
    assert noted(table)[0].startswith("riga 5,")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_data_rows_may_end_with_one_separator_more_than_the_header(ending):
    table = cells(ending.join(["Codice;Valore mq", "1;5;", "2;6;", ""]))
    assert list(table["value"]) == ["5", "6"]


def test_a_row_with_a_surplus_field_that_is_not_blank_is_left_out():
    table = cells("Codice;Valore mq\n1;5;\n2;6;7\n")
    assert list(table["code"]) == ["1"]
    assert noted(table) == ["riga 3: più campi dell'intestazione, che ne ha 2"]


def test_irregular_rows_and_a_truncated_end_are_all_named():
    with pytest.raises(SourceError) as error:
        cells("Codice;Valore mq;c\n1;5;\n1;2;3;4\n2;6;\n9")
    assert [*map(str, error.value.problems)] == [
        "riga 3: 4 campi invece di 3",
        "riga 5: 1 campi invece di 3: ultima riga, il file sembra troncato",
    ]


def test_quotes_may_hold_the_separator_but_must_close():
    assert list(cells('Codice;Valore mq\n"a;b";5\n')["code"]) == ["a;b"]
    with pytest.raises(SourceError, match="virgolette"):
        cells('Codice;Valore mq\n"a;b;5\n')


def test_a_header_with_line_breaks_is_one_row():
    table = cells('"Codice";"Valore\n(mq)"\n1;x\n')
    reading.numbers(table, ["value"])
    assert noted(table) == ["riga 3, colonna «Valore (mq)»: 'x' non è un numero"]


def test_quotes_are_letters_where_the_publisher_does_not_quote():
    assert list(cells('Codice;Valore mq\n"a;5\n', quoted=False)["code"]) == ['"a']


def test_codes_are_padded_text():
    table = cells("Codice;Valore mq\n1001;1\n015146;1\nx;1\n")
    assert list(reading.codes(table, "code", 6)) == ["001001", "015146", ""]
    assert noted(table) == ["riga 4, colonna «Codice»: 'x' non è un codice di 6 cifre"]


def test_repeated_keys_name_their_rows():
    table = cells("Codice;Valore mq\n1;1\n2;1\n1;1\n")
    reading.note_repeated(table, table["code"], "repeated_code")
    assert [*map(str, table.problems)] == ["righe 2 e 4: codice '1' ripetuto"]


def test_a_thousand_bad_cells_are_counted_not_listed():
    table = cells("Codice;Valore mq\n" + "1;x\n" * 1000)
    reading.numbers(table, ["value"])
    assert len(noted(table)) == reading.MANY + 1
    assert noted(table)[-1] == "e altre 900 righe con lo stesso problema"
    with pytest.raises(SourceError) as error:
        table.check()
    assert str(error.value).count("non è un numero") == 10  # the first ten are named
    assert "riga 11," in str(error.value) and "e altre 990 righe" in str(error.value)


def test_na_is_napoli_not_missing():
    assert list(cells("Codice;Valore mq\nNA;nan\n")["code"]) == ["NA"]


@pytest.mark.parametrize(
    "name", ["QI_12_1_20182_VALORI.csv", "qip_9.zip", "x_RSSMRA80A01F205X.zip", "RSSMRAUlAlMF20RX"]
)
def test_names_with_a_tax_code_are_not_printed(name):
    name = name.replace("UlAlMF20R", "8LA01F2LR")  # letters may stand for digits
    error = reading.failure(Path("/home", name), SOURCE, [problem("empty")])
    assert name not in str(error)
    assert name not in str(error.path)
    assert str(error).startswith("OMI VALORI: ")


def test_a_folder_with_a_tax_code_is_not_kept():
    assert reading.safe_name(Path("QI_1_RSSMRA80A01F205X", "a.csv")) == Path("a.csv")


def test_utf16_and_binary_files_are_no_text():
    with pytest.raises(SourceError, match="UTF-16"):
        reading.text_of("a;b\n".encode("utf-16"), FILE, SOURCE)
    with pytest.raises(SourceError, match="riga 2: byte nulli"):
        reading.text_of(b"a\nb\0", FILE, SOURCE)


def test_an_error_is_said_in_another_language():
    table = cells("Codice;Valore mq\n1;x\n1;2\n")
    reading.numbers(table, ["value"])
    reading.note_repeated(table, table["code"], "repeated_code")
    with pytest.raises(SourceError) as error:
        table.check()
    assert error.value.text(Voice("en")) == (
        "prova.csv: row 2, column «Valore mq»: 'x' is not a number; rows 2 and 3: code '1' repeated. "
        "Compare the rows named with the file as published (https://www.istat.it): if the copy is "
        "damaged download it again, if it is published so correct them or take them out."
    )


# --- single cells that are odd -------------------------------------------------------------


def table_of(rows: int, odd: int, name: str = "Comune") -> reading.Cells:
    """Return a table with so many rows, the first of which have no number."""
    lines = [f"{row};{'n.d.' if row <= odd else row};Luogo {row}" for row in range(1, rows + 1)]
    text = "\n".join(["Codice;Valore mq;Comune", *lines, ""])
    wanted = WANTED | {"municipality_name": name}
    return reading.delimited(text, FILE, SOURCE, wanted, delimiter=";")


@pytest.mark.parametrize(("rows", "odd"), [(20, 3), (3_000, 3), (6_000, 6)])
def test_one_row_in_a_thousand_and_three_at_least_may_be_odd(rows, odd):
    table = table_of(rows, odd)
    values = table.accepted(reading.numbers(table, ["value"]))
    assert values["value"].isna().sum() == odd and len(values) == rows
    (said,) = values.attrs["notices"]
    assert str(said).startswith(f"{odd} celle che non si leggono sono lasciate vuote: riga 2, col")
    assert str(said).count("'n.d.' non è un numero") == min(odd, 5)  # the first five are named
    assert str(said).endswith("; e un'altra") is (odd == 6)
    more = table_of(rows, odd + 1)
    reading.numbers(more, ["value"])
    with pytest.raises(SourceError, match="Confrontare le righe indicate con il file pubblicato"):
        more.check()


def test_an_odd_key_leaves_the_row_out_and_says_the_place():
    table = table_of(20, 2)
    reading.codes(table, "value", 6, key=True)
    frame = table.accepted(table.text)
    assert len(frame) == 18
    (said,) = frame.attrs["notices"]
    assert str(said) == (
        "2 righe che non si leggono sono lasciate fuori: riga 2, colonna «Valore mq»: 'n.d.' non è un "
        "codice di 6 cifre (Luogo 1); riga 3, colonna «Valore mq»: 'n.d.' non è un codice di 6 cifre "
        "(Luogo 2)"
    )


def test_several_odd_cells_of_a_row_are_one_odd_row_and_a_whole_odd_table_is_refused():
    text = "Codice;Valore mq\n" + "x;y\n" * 3 + "1;2\n"
    table = cells(text)
    reading.numbers(table, ["value", "code"])
    table.check()
    table = cells("Codice;Valore mq\nx;1\ny;2\n")
    reading.codes(table, "code", 6, key=True)
    with pytest.raises(SourceError, match="'y' non è un codice"):
        table.check()


@pytest.mark.parametrize("broken", ['2;"b', '2;"b" c', '"2";b";"'])
def test_a_line_with_broken_quotes_is_left_out_and_the_rest_is_read(broken):
    lines = ["Codice;Valore mq", *(f'"{n}";"{n}"' for n in range(5)), broken]
    lines += [f'"{n}";"{n}"' for n in range(5, 200)]
    table = cells("\n".join(lines) + "\n")
    assert list(table["code"]) == [*map(str, range(200))]
    assert noted(table) == ["riga 7: virgolette aperte e non chiuse"]


def test_many_broken_lines_are_refused_soon():
    with pytest.raises(SourceError, match="virgolette aperte"):
        cells("Codice;Valore mq\n" + '"1;2\n' * 50_000)


def test_codes_that_lost_their_zeros_get_them_back():
    table = cells("Codice;Valore mq\n28999;1\n1001;2\n015146;3\n;4\nz;5\n")
    found = reading.restored(table, "code", 6)
    assert list(found) == ["028999", "001001", "015146", "", ""]
    said = [*map(str, table.odd.notices())]
    assert said[1].startswith(
        "2 codici riprendono i loro zeri: riga 2, colonna «Codice»: '28999' è"
    )


def test_two_columns_for_one_figure_are_refused():
    with pytest.raises(SourceError, match=r"più colonne per lo stesso dato: «Codice», «codice»"):
        cells("Codice;codice;Valore mq\n1;2;3\n")


def test_a_cure_can_help():
    damaged = reading.failure(FILE, SOURCE, [problem("null_bytes")])
    other = reading.failure(FILE, SOURCE, [problem("lacking_sheet", sheet="a")])
    rows = reading.failure(FILE, SOURCE, [problem("repeated_code", key="1")])
    assert str(damaged.cure).startswith("Scaricare di nuovo")
    assert "l'ente l'ha cambiata" in str(other.cure)
    assert "se è pubblicato così correggerle o toglierle" in str(rows.cure)


# --- how large a sheet says it is ----------------------------------------------------------


def extended(folder: Path, extent: str) -> Path:
    """Write a small workbook whose sheet says that it is of another extent."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.save(folder / "plain.xlsx")
    with (
        zipfile.ZipFile(folder / "plain.xlsx") as plain,
        zipfile.ZipFile(folder / "odd.xlsx", "w") as odd,
    ):
        for name in plain.namelist():
            data = plain.read(name).replace(b'ref="A1:B1"', f'ref="{extent}"'.encode())
            odd.writestr(name, data)
    return folder / "odd.xlsx"


def test_a_workbook_is_refused_by_its_extent_before_cells_are_built(tmp_path, monkeypatch):
    monkeypatch.setattr(reading.sheets, "MOST_EXTENT", 10)

    def built(*_, **__):
        raise AssertionError("cells are built")

    monkeypatch.setattr(openpyxl, "load_workbook", built)
    path = extended(tmp_path, "A1:B6")
    with pytest.raises(SourceError, match=r"dice di occupare A1:B6.*Copiare le celle"):
        reading.workbook(path, SOURCE)
    assert reading.openings_of_sheets(path) == {}


def test_the_extent_of_whole_columns_is_counted(tmp_path):
    assert reading.sheets.absurd_extent(extended(tmp_path, "A1:XFD1048576")) == "A1:XFD1048576"
    assert reading.sheets.absurd_extent(extended(tmp_path, "A1:N7915")) == ""
    assert reading.workbook(extended(tmp_path, "A1:Z99"), SOURCE) == {"Sheet": [("a", "b")]}


def test_a_row_far_below_is_no_reason_to_build_those_before(tmp_path, monkeypatch):
    monkeypatch.setattr(reading.sheets, "MOST_CELLS", 10_000)
    path = extended(tmp_path, "A1:B1")
    with zipfile.ZipFile(path) as plain:
        parts = {name: plain.read(name) for name in plain.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as odd:
        for name, data in parts.items():
            odd.writestr(name, data)
    with pytest.raises(SourceError, match="non è una cartella di lavoro"):
        reading.workbook(path, SOURCE)


def written(path, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_of_a_workbook_only_the_columns_wanted_are_looked_at(tmp_path):
    path = written(tmp_path / "a.xlsx", ("a", "b", "c"), (1, 2.5, "è"), (), (None, None, 3))
    (rows,) = (list(rows) for _, rows in reading.streamed(path, SOURCE, only=(0, 2)))
    assert rows == [("a", "", "c"), ("1", "", "è"), (), ("", "", "3")]


def test_a_sheet_that_declares_entities_is_refused(tmp_path):
    path, made = tmp_path / "a.xlsx", written(tmp_path / "b.xlsx", ("a", 1))
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/"):
                declared = b'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]>'
                data = data.replace(b"<worksheet", declared + b"<worksheet", 1)
            new.writestr(name, data)
    with pytest.raises(SourceError):
        reading.workbook(path, SOURCE)
