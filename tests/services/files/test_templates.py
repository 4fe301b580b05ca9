from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from needs_analysis.errors import OutputError
from needs_analysis.services import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
    write_filled,
    write_invented,
    write_templates,
)
from needs_analysis.services.files.schema import BOOKS, GROUPS, INVENTED, STATES, empty
from needs_analysis.words import Voice


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("modelli")
    write_templates(path)
    write_templates(path, as_csv=True)
    return path


@pytest.mark.parametrize("end", [".xlsx", ""])
def test_empty_templates_are_read_back_empty(folder: Path, key: Path, end: str) -> None:
    path = folder / f"modello_servizi{end}"
    assert read_register(path).services.empty
    assert read_stays(path, key).stays.empty
    assert read_referrals(path, key).empty
    assert read_survey(path).empty
    assert read_policies(folder / f"modello_misure_locali{end}").empty


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("templates")
    write_templates(path, voice=Voice("en"))
    write_templates(path, as_csv=True, voice=Voice("en"))
    return path


@pytest.mark.parametrize("end", [".xlsx", ""])
def test_templates_in_another_language_are_read_back_empty(
    english: Path, key: Path, end: str
) -> None:
    test_empty_templates_are_read_back_empty(english, key, end)


def test_the_guide_speaks_the_language_asked_for(english: Path, folder: Path) -> None:
    book, italian = (
        openpyxl.load_workbook(at / "modello_servizi.xlsx") for at in (english, folder)
    )
    assert book.sheetnames == italian.sheetnames
    for sheet in map(book.__getitem__, book.sheetnames[1:-2]):
        headers, notes = ([cell.value for cell in sheet[row]] for row in (2, 3))
        assert headers == [cell.value for cell in italian[sheet.title][2]]
        assert all(notes) and notes != [cell.value for cell in italian[sheet.title][3]]
    rows = [*book["istruzioni"].iter_rows(values_only=True)]
    assert rows[0][0] == "How to fill it in"
    assert ("Sheet «posti»: Places", None, None) in rows
    assert ("posti letto", "Number", "Optional: a whole number not below 0.") in rows
    said = " ".join(cell for row in rows for cell in row if cell)
    assert "Obbligatorio" not in said and f"«{STATES['to_repair']}»" in said
    assert book["posti"]["A1"].value == "Places"
    assert book["esempio inventato"]["A1"].value.startswith("Invented example")
    errors = {one.error for one in book["posti"].data_validations.dataValidation}
    assert "Expected: a date such as 31/12/2025" in errors
    lists, same = (one["elenchi"].iter_rows(values_only=True) for one in (book, italian))
    assert [*lists] == [*same]
    readme = (english / "modello_servizi" / "LEGGIMI.txt").read_text("utf-8")
    assert "posti letto: Number. Optional: a whole number not below 0." in readme


@pytest.mark.slow
@pytest.mark.parametrize("as_csv", [False, True])
def test_invented_data_in_another_language_are_read_as_invented(
    tmp_path: Path, key: Path, as_csv: bool
) -> None:
    (services, measures), (same, _) = (
        write_invented(tmp_path / at, as_csv=as_csv, voice=Voice(at)) for at in ("en", "it")
    )
    register, stays = read_register(services), read_stays(services, key)
    assert register.label == stays.label == read_policies(measures).attrs["label"] == INVENTED
    for name in ("services", "dwellings", "places"):
        pd.testing.assert_frame_equal(getattr(register, name), getattr(read_register(same), name))
    pd.testing.assert_frame_equal(stays.stays, read_stays(same, key).stays)
    if not as_csv:
        book = openpyxl.load_workbook(services, read_only=True)
        assert book["posti"]["A1"].value == "Places – invented data"


@pytest.mark.slow
def test_workbook_has_lists_notes_locked_headers_and_an_invented_example(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "modello_servizi.xlsx")
    sheets = [table.sheet for table in BOOKS["modello_servizi"]]
    assert book.sheetnames == ["istruzioni", *sheets, "esempio inventato", "elenchi"]
    places = book["posti"]
    rule = next(one for one in places.data_validations.dataValidation if "C4" in one.sqref)
    start, end = rule.formula1.replace("$", "").split("!")[1].split(":")
    listed = [row[0].value for row in book["elenchi"][start:end]]
    assert listed == [*STATES.values()]
    assert places.protection.sheet and places["A2"].protection.locked
    assert not places.column_dimensions["A"].protection.locked
    assert places["A3"].value and places["A4"].value is None
    assert "inventato" in book["esempio inventato"]["A1"].value


def test_the_instructions_say_every_voice_of_every_list(folder: Path) -> None:
    guide = openpyxl.load_workbook(folder / "modello_servizi.xlsx")["istruzioni"]
    said = " ".join(str(cell) for row in guide.iter_rows(values_only=True) for cell in row if cell)
    csv = (folder / "modello_servizi" / "LEGGIMI.txt").read_text("utf-8")
    for one in GROUPS.values():
        assert f"«{one.label}»" in said and f"«{one.label}»" in csv


def test_wide_sheets_print_on_several_pages_with_their_headings(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "modello_servizi.xlsx")
    stays, away = book["accoglienze"], book["assenze"]
    assert (stays.page_setup.orientation, stays.page_setup.paperSize) == ("landscape", 8)
    assert stays.page_setup.fitToWidth >= 2 and away.page_setup.fitToWidth == 1
    assert (stays.print_title_rows, stays.print_title_cols) == ("$2:$2", "$A:$A")
    assert book["posti"].column_dimensions["E"].width >= 40


def test_a_filled_template_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(OutputError, match="esiste già"):
        write_templates(folder)


def test_a_folder_that_is_a_file_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    for folder in (tmp_path / "x", tmp_path / "x" / "y"):
        with pytest.raises(OutputError, match="è un file"):
            write_templates(folder)
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("as_csv", [False, True])
def test_what_looks_like_a_formula_stays_text(tmp_path: Path, as_csv: bool) -> None:
    frame = pd.DataFrame(
        {"service_code": ["A"], "body_name": "=1+1", "service_name": "@SUM(A1)",
         "service_kind": "other", "protected": False}
    )  # fmt: skip
    tables = {"services": frame.set_index("service_code"), "dwellings": empty("dwellings"),
              "places": empty("places")}  # fmt: skip
    path = write_filled(tmp_path, tables, as_csv=as_csv)[0]
    if not as_csv:
        assert openpyxl.load_workbook(path)["servizi"]["B4"].data_type == "s"
    else:
        assert "'=1+1" in (path / "servizi.csv").read_text("utf-8-sig")
    read = read_register(path).services.loc["A"]
    assert (read["body_name"], read["service_name"]) == ("=1+1", "@SUM(A1)")


@pytest.mark.parametrize("as_csv", [False, True])
def test_an_office_that_did_not_answer_is_told_from_a_blank(tmp_path: Path, as_csv: bool) -> None:
    frame = pd.DataFrame(
        {"measure_name": "Contributo", "administration_name": ["A", "B", "C"], "year": 2025.0,
         "budget_eur": [1000.5, None, 0.0], "not_transmitted": ["", "budget_eur", ""]}
    )  # fmt: skip
    path = write_filled(tmp_path, {"measures": frame}, as_csv=as_csv)[0]
    read = read_policies(path)
    assert read["budget_eur"].isna().tolist() == [False, True, False]
    assert read["budget_eur"].tolist()[::2] == [1000.5, 0.0]
    assert read["not_transmitted"].tolist() == ["", "budget_eur", ""]
    assert read["applications"].isna().all()


def test_the_same_templates_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = write_templates(tmp_path)
    assert [file.read_bytes() for file in again] == [
        (folder / file.name).read_bytes() for file in again
    ]
    stamps = {zipfile.ZipFile(file).infolist()[0].date_time for file in again}
    assert stamps == {(2000, 1, 1, 0, 0, 0)}
    assert {openpyxl.load_workbook(file).properties.modified.year for file in again} == {2000}


def test_a_plain_csv_is_for_programs(tmp_path: Path) -> None:
    services = empty("services").reindex(["A", "B"]).assign(daily_fee_eur=[32.5, 1.234])
    stays = empty("stays").reindex(["S"]).assign(entry_date=pd.Timestamp("2025-07-05"))
    (folder,) = write_filled(tmp_path, {"services": services, "stays": stays}, as_csv="plain")
    first, *rows = (folder / "servizi.csv").read_text("utf-8").splitlines()
    assert first.startswith("codice servizio,ente,")
    # 1.234 would be read as a thousand, or refused.
    assert [row.split(",")[6] for row in rows] == ["32.5", "1.2340"]
    assert "2025-07-05" in (folder / "accoglienze.csv").read_text("utf-8")


def test_each_template_is_explained_by_what_it_holds(folder: Path) -> None:
    said = {
        name: " ".join(
            str(cell) for row in openpyxl.load_workbook(folder / f"{name}.xlsx")["istruzioni"].iter_rows(
                values_only=True
            ) for cell in row if cell
        )
        for name in BOOKS
    }  # fmt: skip
    measures = said["modello_misure_locali"]
    assert "Una riga per ogni misura, amministrazione e anno" in measures
    assert "«dato non trasmesso»" in measures and "codice del catalogo" in measures
    for word in ("alloggio", "accoglienza", "Ospite", "protetto"):
        assert word in said["modello_servizi"] and word not in measures
