import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_dimensions

from .places import DATA, SHARED, needs_real_files

FILE = DATA / "situas_dimensioni_comuni_2025.csv"


def test_people_and_area_with_their_years():
    assert sources.readers_of(FILE) == (istat_dimensions,)
    table = istat_dimensions.read(FILE)
    assert table.attrs["reference_date"] == "2023-12-31"
    assert (table.attrs["legal_population_year"], table.attrs["area_km2_year"]) == ("2021", "2025")
    bolzano = table.loc["021008"]
    assert bolzano[["legal_population", "resident_population"]].tolist() == [106_601, 106_357]
    assert bolzano["area_km2"] == 52.2909
    assert bolzano["municipality_name_other"] == "Bozen"
    assert table.loc["063049", "province_abbreviation"] == "NA"
    assert table.loc["015146", "municipality_name_other"] == ""  # published as "null"


def test_mixed_years_and_bad_cells_are_named(tmp_path):
    text = FILE.read_text().replace(",2025,", ",2024,", 1).replace("106357", "tanti")
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SourceError) as error:
        istat_dimensions.read(tmp_path / "a.csv")
    assert "colonna «ANNO_AREA»: più anni (2024, 2025)" in [*map(str, error.value.problems)]
    assert any("'tanti' non è un numero" in one for one in [*map(str, error.value.problems)])


@needs_real_files
def test_the_published_totals():
    table = istat_dimensions.read(SHARED / "istat_classification" / FILE.name)
    assert len(table) == 7_896
    assert table["resident_population"].sum() == 58_971_230
