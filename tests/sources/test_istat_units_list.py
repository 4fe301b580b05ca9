import csv
import io
import re

import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_units_list

from .places import SHARED, UNITS_LIST, needs_real_files, save


def test_headers_with_line_breaks_are_found_and_codes_stay_text():
    units = istat_units_list.read(UNITS_LIST)
    assert units.attrs["reference_date"] == "2022-05-01"
    assert units.loc["108033"].tolist() == [
        "F704", "Monza", "Monza", "", "108", "108", "Monza e della Brianza", "MB", "03",
        "Lombardia", True, "108033", "015149", "015149",
    ]  # fmt: skip
    assert units.loc["015146", ["province_code", "uts_code"]].tolist() == ["015", "215"]
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert units.loc["040012", "municipality_name"] == "Forlì"
    assert units.loc["021008", "municipality_name_other"] == "Bozen"


def test_either_encoding_is_read(tmp_path):
    (tmp_path / "utf8.csv").write_text(UNITS_LIST.read_bytes().decode("latin-1"), "utf-8")
    units = istat_units_list.read(tmp_path / "utf8.csv")
    assert units.equals(istat_units_list.read(UNITS_LIST))
    assert units.attrs["reference_date"] == ""


def test_every_bad_row_is_named(tmp_path):
    data = UNITS_LIST.read_bytes().replace(b";015182;", b";x;").replace(b";A952;", b";;")
    (tmp_path / "a.csv").write_bytes(data)
    units = istat_units_list.read(tmp_path / "a.csv")
    assert "015182" not in units.index
    assert units.loc["021008", "cadastral_code"] == ""
    blank, left_out = map(str, units.attrs["notices"])
    assert "riga 10, colonna «Codice Catastale del comune»: '' non è un codice" in blank
    assert "alfanumerico»: 'x' non è un codice di 6 cifre (Rho)" in left_out


def as_workbook(folder, sheet: str):
    """Write the list as ISTAT's workbook has it."""
    rows = csv.reader(io.StringIO(UNITS_LIST.read_bytes().decode("latin-1")), delimiter=";")
    return save(folder / "Elenco-comuni-italiani.xlsx", {sheet: [tuple(row) for row in rows]})


@pytest.mark.parametrize(
    ("sheet", "day"), [("CODICI al 22_01_2024", "2024-01-22"), ("Comuni al 31122020", "2020-12-31")]
)
def test_the_workbook_is_read_as_the_csv(sheet, day, tmp_path):
    path = as_workbook(tmp_path, sheet)
    assert sources.readers_of(path) == (istat_units_list,)
    units = istat_units_list.read(path)
    assert units.equals(istat_units_list.read(UNITS_LIST))
    assert units.attrs["reference_date"] == day


def test_of_two_columns_of_107_provinces_the_years_decide(tmp_path):
    text = UNITS_LIST.read_bytes().decode("latin-1")
    column = "Codice Comune numerico con 107 province"
    assert f"{column} (dal 2006 al 2009)" in text
    head, body = re.split(r"(?<=NUTS3 2021)\r?\n", text, maxsplit=1)
    later = f"{column} (dal 2017 al 2025)"
    lines = [f"091001;{line}" for line in body.splitlines()]
    (tmp_path / "a.csv").write_text("\n".join([f"{later};{head}", *lines]) + "\n", "latin-1")
    units = istat_units_list.read(tmp_path / "a.csv")
    assert units.equals(istat_units_list.read(UNITS_LIST))
    both = f"{column} (dal 2007 al 2008);{head}"
    (tmp_path / "b.csv").write_text("\n".join([both, *lines]) + "\n", "latin-1")
    with pytest.raises(SourceError, match="più colonne per lo stesso dato: «Codice Comune num"):
        istat_units_list.read(tmp_path / "b.csv")


def test_a_cadastral_code_not_given_yet_is_blank_and_said(tmp_path):
    data = UNITS_LIST.read_bytes().replace(b";I878;", b";N.D.;").replace(b";B729;", b";N.d.;")
    (tmp_path / "a.csv").write_bytes(data)
    units = istat_units_list.read(tmp_path / "a.csv")
    assert units.loc[["108041", "108015"], "cadastral_code"].tolist() == ["", ""]
    assert str(units.attrs["notices"][0]).startswith("2 celle che non si leggono sono lasciate")


@needs_real_files
def test_the_published_lists_with_an_odd_cell_and_the_workbook():
    folder = SHARED / "istat_codes"
    found = {
        name: istat_units_list.read(folder / name)
        for name in ("Elenco-comuni-italiani_2019-02-15.csv",
                     "Elenco-comuni-italiani_2021-06-01.csv", "Codici-statistici_2024-01-22.xls")
    }  # fmt: skip
    first, second, book = found.values()
    assert (len(first), first.loc["012143", "cadastral_code"]) == (7_917, "")
    assert len(second) == 7_904 and (second["municipality_code_2010"] == "").sum() == 1
    assert (len(book), book.attrs["reference_date"]) == (7_896, "2024-01-22")
    csv_of_2024 = istat_units_list.read(folder / "Elenco-comuni-italiani_2024-02-24_utf8.csv")
    assert book["municipality_code_1995"].equals(csv_of_2024["municipality_code_1995"])


@needs_real_files
@pytest.mark.parametrize(
    ("edition", "count"),
    [("2021-01-01", 7903), ("2022-05-01", 7904), ("2024-02-24_utf8", 7896),
     ("2024-12_paolovolterra", 7901)],
)  # fmt: skip
def test_the_published_lists(edition, count):
    path = SHARED / "istat_codes" / f"Elenco-comuni-italiani_{edition}.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the publishers' files here")
    units = istat_units_list.read(path)
    assert len(units) == count
    assert units.index.is_unique
    assert units.loc["111107", "municipality_code_1995"] == "092102"  # Villaspeciosa
