import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_eusilc_housing

from .places import HOUSING, SHARED, needs_real_files


def test_shares_of_regions_and_macro_areas():
    frame = istat_eusilc_housing.read(HOUSING)
    assert frame.index.get_level_values(0).unique().tolist() == ["03", "20", "Nord"]
    assert frame.loc[("03", 2025)].tolist() == pytest.approx([0.041, 0.171])
    assert frame["overburden_share"].loc["20"].isna().all()  # ISTAT has too small a sample
    assert frame["renting_share"].loc["Nord"].isna().all()
    assert frame.attrs["reference_date"] == "2024-2025"


def test_what_is_no_year_or_stands_twice_is_named(tmp_path):
    lines = HOUSING.read_text("utf-8").splitlines()
    wrong = [lines[1].replace("2024", "24"), lines[2]]
    (tmp_path / "a.csv").write_text("\n".join([*lines, *wrong]) + "\n", "utf-8")
    with pytest.raises(SourceError) as error:
        istat_eusilc_housing.read(tmp_path / "a.csv")
    said = "\n".join(map(str, error.value.problems))
    assert "'24' non è un anno" in said
    assert "serie/territorio/anno 'housing_cost_overburden/03/2025' ripetuto" in said


@needs_real_files
def test_the_published_series():
    folder = SHARED / "istat_bes_eusilc_regions"
    frame = istat_eusilc_housing.read(folder / "housing_eusilc_regions_2018_2025.csv")
    assert frame["overburden_share"].loc[:, 2025].count() == 14 + 3
    assert frame.loc[("Mezzogiorno", 2025), "overburden_share"] == pytest.approx(0.061)
