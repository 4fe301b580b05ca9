from pathlib import Path

import pytest

from needs_analysis.errors import SourceError
from needs_analysis.provenance import Source
from needs_analysis.sources import reading
from needs_analysis.sources.problems import problem
from needs_analysis.words import Voice

SOURCE = Source("x", "", "", "", "", "", "https://www.istat.it")
FILE = Path("prova.csv")
WANTED = {"code": "Codice", "value": "Valore (mq)"}


def cells(text: str, **options) -> reading.Cells:
    return reading.delimited(text, FILE, SOURCE, WANTED, **({"delimiter": ";"} | options))


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
    assert [*map(str, table.problems)] == [f"riga 3, colonna «Valore mq»: '{cell}' non è un numero"]


def test_blank_lines_do_not_shift_row_numbers():
    table = cells("Codice;Valore mq\n\n1;5\n\n2;x\n")
    reading.numbers(table, ["value"])
    assert str(table.problems[0]).startswith("riga 5,")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_data_rows_may_end_with_one_separator_more_than_the_header(ending):
    table = cells(ending.join(["Codice;Valore mq", "1;5;", "2;6;", ""]))
    assert list(table["value"]) == ["5", "6"]


def test_a_surplus_field_that_is_not_blank_is_a_problem():
    with pytest.raises(SourceError, match="riga 3: più campi"):
        cells("Codice;Valore mq\n1;5;\n2;6;7\n")


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
    assert [*map(str, table.problems)] == ["riga 3, colonna «Valore (mq)»: 'x' non è un numero"]


def test_quotes_are_letters_where_the_publisher_does_not_quote():
    assert list(cells('Codice;Valore mq\n"a;5\n', quoted=False)["code"]) == ['"a']


def test_codes_are_padded_text():
    table = cells("Codice;Valore mq\n1001;1\n015146;1\nx;1\n")
    assert list(reading.codes(table, "code", 6))[:2] == ["001001", "015146"]
    assert [*map(str, table.problems)] == [
        "riga 4, colonna «Codice»: 'x' non è un codice di 6 cifre"
    ]


def test_repeated_keys_name_their_rows():
    table = cells("Codice;Valore mq\n1;1\n2;1\n1;1\n")
    reading.report_repeated(table, table["code"], "repeated_code")
    assert [*map(str, table.problems)] == ["righe 2 e 4: codice '1' ripetuto"]


def test_a_thousand_bad_cells_are_counted_not_listed():
    table = cells("Codice;Valore mq\n" + "1;x\n" * 1000)
    reading.numbers(table, ["value"])
    assert len(table.problems) == reading.MANY + 1
    assert str(table.problems[-1]) == "e altre 900 righe con lo stesso problema"


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
    reading.report_repeated(table, table["code"], "repeated_code")
    with pytest.raises(SourceError) as error:
        table.check()
    assert error.value.text(Voice("en")) == (
        "prova.csv: row 2, column «Valore mq»: 'x' is not a number; rows 2 and 3: code '1' repeated. "
        "Download the file again from https://www.istat.it and do not change it."
    )
