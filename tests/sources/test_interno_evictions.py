import openpyxl
import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import interno_evictions

from .places import EVICTIONS, SERIES, SHARED, evictions_workbook, needs_real_files


def test_provinces_of_the_csv():
    evictions = interno_evictions.read(EVICTIONS)
    assert evictions.index.name == "province_abbreviation"
    assert {"NA", "MB", "FC", "RE", "BZ", "VB", "AQ"} <= set(evictions.index)
    assert evictions.attrs["reference_date"] == "2024"
    oristano = evictions.loc["OR"]
    assert oristano["orders_change_share"] == pytest.approx(-0.6429)
    assert oristano["requests"] == 0  # as published; what it means is told elsewhere
    assert pd.isna(oristano["requests_change_share"])


def test_the_workbook_says_the_same_as_the_csv(tmp_path):
    book = evictions_workbook(tmp_path, EVICTIONS, SERIES)
    evictions = interno_evictions.read(book)
    pd.testing.assert_frame_equal(evictions, interno_evictions.read(EVICTIONS))


def test_every_province_of_italy_has_one_abbreviation():
    assert len(set(interno_evictions._ABBREVIATIONS.values())) == 107
    assert all(
        len(code) == 2 and code.isupper() for code in interno_evictions._ABBREVIATIONS.values()
    )


def test_sums_and_doubles_are_named(tmp_path):
    lines = EVICTIONS.read_text().splitlines()
    fields = lines[1].split(",")
    fields[13] = "9999"
    lines[1] = ",".join(fields)
    lines.append(lines[2])
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(SourceError) as error:
        interno_evictions.read(tmp_path / "a.csv")
    first, second = [*map(str, error.value.problems)]
    assert first == "riga 2: i motivi non danno il totale di 9999 provvedimenti"
    assert second.startswith(f"righe 3 e {len(lines)}: provincia '")


def test_unknown_territories_are_named(tmp_path):
    renamed = tmp_path / "a.csv"
    renamed.write_text(EVICTIONS.read_text().replace(",Napoli,provincia", ",Nàpule,provincia"))
    evictions = interno_evictions.read(evictions_workbook(tmp_path, renamed, SERIES))
    assert "NA" not in evictions.index
    (said,) = map(str, evictions.attrs["notices"])
    assert "'Nàpule' non è una provincia conosciuta (Nàpule)" in said


@pytest.mark.parametrize("dash", ["-", "n.d.", "…"])
def test_a_change_that_could_not_be_computed_is_missing(dash, tmp_path):
    text = EVICTIONS.read_text().replace(",15,-64.29,", f",15,{dash},", 1)
    (tmp_path / "a.csv").write_text(text)
    evictions = interno_evictions.read(tmp_path / "a.csv")
    assert pd.isna(evictions.loc["OR", "orders_change_share"])


@pytest.mark.parametrize(
    ("sheet", "head", "year"),
    [
        ("Dati provinciali 2023", "Anno 2024", "2023"),
        ("Dati provinciali", "Anno 2022", "2022"),
        ("Dati provinciali", "Anno 2022, variazioni sul 2021", "2022"),
        ("Dati provinciali", "Anno", ""),
    ],
)
def test_the_year_is_the_workbooks_or_nobodys(sheet, head, year, tmp_path):
    path = evictions_workbook(tmp_path, EVICTIONS, SERIES)
    book = openpyxl.load_workbook(path)
    book["Dati provinciali 2024"]["A3"] = head
    book["Dati provinciali 2024"].title = sheet
    book["Dati regionali 2024"].title = "Dati regionali"
    book.save(path)
    assert interno_evictions.read(path).attrs["reference_date"] == year


@needs_real_files
def test_provinces_sum_to_italy_in_both_layouts(tmp_path):
    file = SHARED / "interno" / EVICTIONS.name
    evictions = interno_evictions.read(file)
    assert len(evictions) == 106
    totals = evictions[["orders", "requests", "executions"]].sum()
    assert totals.tolist() == [40_158, 81_054, 21_337]
    book = evictions_workbook(tmp_path, file, SHARED / "interno" / SERIES.name)
    pd.testing.assert_frame_equal(interno_evictions.read(book), evictions)
