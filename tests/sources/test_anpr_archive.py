import pandas as pd
import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import anpr_archive

from .places import ANPR, SHARED, needs_real_files


def valid_on(records: pd.DataFrame, day: str) -> pd.DataFrame:
    date = pd.Timestamp(day)
    return records[(records["valid_from"] <= date) & (date < records["valid_to"])]


def test_the_open_end_and_the_change_of_code_survive():
    records = anpr_archive.read(ANPR)
    assert str(records["valid_to"].dtype) == "datetime64[s]"
    assert records["valid_to"].max().year == 9999
    monza = records[records["cadastral_code"] == "F704"]
    assert monza["valid_from"].is_monotonic_increasing
    assert valid_on(monza, "2000-01-01")["municipality_code"].tolist() == ["015149"]
    assert valid_on(monza, "2022-01-01")["municipality_code"].tolist() == ["108033"]
    napoli = valid_on(records[records["cadastral_code"] == "F839"], "2022-01-01")
    assert napoli["province_abbreviation"].tolist() == ["NA"]
    assert napoli["prefecture_code"].tolist() == ["NA"]


def test_no_cadastral_code_is_blank_and_sorts_first():
    records = anpr_archive.read(ANPR)
    assert "ND" not in set(records["cadastral_code"])
    assert records.loc[0, "cadastral_code"] == ""
    assert {"PRAD", "BOZEN"} <= set(records["municipality_name_other"])


def test_blank_codes_stay_blank(tmp_path):
    text = ANPR.read_text().replace(",108041,I878,", ",,I878,", 1)
    (tmp_path / "a.csv").write_text(text)
    records = anpr_archive.read(tmp_path / "a.csv")
    assert "" in set(records.loc[records["cadastral_code"] == "I878", "municipality_code"])


def test_impossible_days_are_named(tmp_path):
    lines = ANPR.read_text().splitlines()
    fields = lines[1].split(",")
    lines.append(",".join([fields[0], "31/12/1999", *fields[2:]]))
    lines.append(",".join([fields[0], "2001-01-01", "2000-01-01", *fields[3:]]))
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(SourceError) as error:
        anpr_archive.read(tmp_path / "a.csv")
    row = len(lines)
    assert [*map(str, error.value.problems)] == [
        f"riga {row - 1}, colonna «DATAISTITUZIONE»: '31/12/1999' non è una data AAAA-MM-GG",
        f"riga {row}: cessa il 2000-01-01 prima di iniziare il 2001-01-01",
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines[:-1]) + "\n")
    records = anpr_archive.read(tmp_path / "a.csv")
    assert len(records) == len(anpr_archive.read(ANPR))
    assert "riga lasciata" not in str(records.attrs["notices"][0])
    assert "una riga che non si legge è lasciata fuori" in str(records.attrs["notices"][0])


def test_a_code_of_five_digits_gets_its_zero_back(tmp_path):
    (tmp_path / "a.csv").write_text(ANPR.read_text().replace(",015149,", ",15149,"))
    records = anpr_archive.read(tmp_path / "a.csv")
    assert records.equals(anpr_archive.read(ANPR))
    assert "'15149' è 015149 (MONZA)" in str(records.attrs["notices"][0])


def test_semicolons_and_six_quotes_for_a_blank(tmp_path):
    rows = [line.split(",") for line in ANPR.read_text().splitlines()]
    blank = '""' * 3
    lines = [";".join(f'"{cell}"' if cell else blank for cell in row) for row in rows]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    assert sources.readers_of(tmp_path / "a.csv") == (anpr_archive,)
    assert anpr_archive.read(tmp_path / "a.csv").equals(anpr_archive.read(ANPR))


@needs_real_files
def test_the_archives_of_2021_are_read_but_for_their_odd_lines():
    folder = SHARED / "istat_codes"
    january = anpr_archive.read(folder / "ANPR_archivio_comuni_2021-01-18.csv")
    assert len(january) == 19_337
    (said,) = map(str, january.attrs["notices"])
    assert said.startswith("4 righe che non si leggono sono lasciate fuori: riga 3985: virgolette")
    june = anpr_archive.read(folder / "ANPR_archivio_comuni_2021-06-14.csv")
    assert len(june) == 19_341 and "015958" in set(june["municipality_code"])
    assert "'15958' è 015958" in str(june.attrs["notices"][0])


@needs_real_files
def test_the_municipalities_of_census_days():
    records = anpr_archive.read(SHARED / "istat_codes" / "ANPR_archivio_comuni_2026-06-08.csv")
    assert len(records) == 19_364
    assert (records["cadastral_code"] == "").sum() == 28
    days = {"1991-10-20": 8_100, "2001-10-21": 8_101, "2011-10-09": 8_092, "2022-01-01": 7_904}
    days["2023-01-01"] = 7_901
    assert {day: len(valid_on(records, day)) for day in days} == days
