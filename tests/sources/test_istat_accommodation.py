import shutil

import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_accommodation

from . import written
from .places import BEDS_2019, BEDS_2024, SHARED, needs_real_files


def test_municipalities_stay_and_totals_go():
    beds = istat_accommodation.read(BEDS_2024)
    assert len(beds) == 14
    assert beds.index.str.fullmatch(r"\d{6}").all()
    assert beds.attrs["reference_date"] == "2024"
    assert istat_accommodation.read(BEDS_2019).attrs["reference_date"] == "2019"
    assert (beds["rented_lodging_beds"] <= beds["accommodation_beds_total"]).all()


@pytest.mark.parametrize("name", ["letti.csv", "letti-2019-2024.csv", "letti20245.csv"])
def test_the_year_stands_in_the_name_or_is_unknown(name, tmp_path):
    shutil.copyfile(BEDS_2024, tmp_path / name)
    assert istat_accommodation.read(tmp_path / name).attrs["reference_date"] == ""


def test_the_workbook_of_all_years_gives_an_edition_a_year(tmp_path):
    path = written.beds_workbook(tmp_path)
    assert sources.readers_of(path) == (istat_accommodation,)
    every = istat_accommodation.read(path)
    assert every.attrs["reference_date"] == "2023-2025"
    found = {one.attrs["reference_date"]: one for one in istat_accommodation.editions(path)}
    assert [*found] == ["2023", "2024", "2025"]
    assert found["2025"].loc["108033"].tolist() == [2025.0, 20.0, 9000.0]
    assert found["2024"].loc["108012"].tolist() == [2024.0, 20.0, 9000.0]
    assert list(found["2024"].index) == ["108033", "108012"]  # no totals
    assert [len(istat_accommodation.said_of(year)) for year in found] == [0, 0, 1]
    assert len(istat_accommodation.editions(BEDS_2024)) == 1


def test_a_workbook_without_a_kind_or_with_two_is_refused(tmp_path):
    path = written.beds_workbook(tmp_path, {"bed & breakfast": "case"})
    with pytest.raises(SourceError, match="mancano le colonne «bed e / and breakfast»"):
        istat_accommodation.read(path)
    path = written.beds_workbook(tmp_path, {"campeggi": "alloggi in affitto"})
    with pytest.raises(SourceError, match="più colonne per lo stesso dato: «alloggi in affitto»"):
        istat_accommodation.read(path)


def test_text_and_doubled_codes_are_named(tmp_path):
    lines = BEDS_2024.read_text().splitlines()
    cells = lines[2].split(",")
    cells[-1] = "1 234"
    lines[2] = ",".join(cells)
    lines.insert(3, lines[1])  # a double is no odd cell
    (tmp_path / "letti-2024.csv").write_text("\n".join(lines))
    with pytest.raises(SourceError) as error:
        istat_accommodation.read(tmp_path / "letti-2024.csv")
    assert [*map(str, error.value.problems)][0].startswith(
        "riga 3, colonna «totale esercizi ricettivi letti»"
    )
    assert [*map(str, error.value.problems)][1].startswith("righe 2 e 4: codice")


@needs_real_files
@pytest.mark.parametrize(
    ("year", "expected"),
    [(2019, (7_926, 831_507, 192_144, 5_175_803)), (2024, (7_899, 1_114_920, 181_979, 5_498_773))],
)
def test_municipalities_sum_to_the_published_total(year, expected):
    beds = istat_accommodation.read(SHARED / "istat_hospitality" / f"istat-facilities-{year}.csv")
    assert (len(beds), *beds.sum()) == expected
