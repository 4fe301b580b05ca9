import shutil

import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_accommodation

from .places import BEDS_2019, BEDS_2024, SHARED, needs_real_files


def test_municipalities_stay_and_totals_go():
    beds = istat_accommodation.read(BEDS_2024)
    assert len(beds) == 14
    assert beds.index.str.fullmatch(r"\d{6}").all()
    assert beds.attrs["reference_date"] == "2024"
    assert istat_accommodation.read(BEDS_2019).attrs["reference_date"] == "2019"
    assert (beds["rented_lodging_beds"] <= beds["accommodation_beds_total"]).all()


@pytest.mark.parametrize("name", ["letti.csv", "letti-2019-2024.csv", "letti20245.csv"])
def test_the_year_must_stand_in_the_name(name, tmp_path):
    shutil.copyfile(BEDS_2024, tmp_path / name)
    with pytest.raises(SourceError, match="Mettere l'anno nel nome del file"):
        istat_accommodation.read(tmp_path / name)


def test_text_and_doubled_codes_are_named(tmp_path):
    lines = BEDS_2024.read_text().splitlines()
    cells = lines[2].split(",")
    cells[-1] = "1 234"
    lines[2] = ",".join(cells)
    lines.insert(3, lines[1])
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
