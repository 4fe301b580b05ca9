import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_census_areas

from .places import CENSUS, SHARED, needs_real_files


def test_areas_sum_to_municipalities_with_the_part_outside_them():
    tenure = istat_census_areas.read(CENSUS)
    assert list(tenure.index) == ["015182", "108012", "108033"]
    assert tenure["renting_households_2011"].tolist() == [4_071, 1_672, 10_598]
    assert tenure.loc["108033", "residents_2011"] == 119_856
    assert tenure.attrs["reference_date"] == "2011-10-09"


def test_one_blank_area_leaves_the_total_unknown(tmp_path):
    lines = CENSUS.read_text("latin-1").splitlines()
    header = lines[0].split(";")
    cells = lines[1].split(";")
    cells[header.index("A46")] = " "
    (tmp_path / "a.csv").write_text("\n".join([lines[0], ";".join(cells), *lines[2:]]))
    tenure = istat_census_areas.read(tmp_path / "a.csv")
    assert tenure["renting_households_2011"].isna().sum() == 1
    assert tenure["owning_households_2011"].notna().all()


def test_doubled_areas_are_named(tmp_path):
    lines = CENSUS.read_text("latin-1").splitlines()
    (tmp_path / "a.csv").write_text("\n".join([*lines, lines[1]]))
    with pytest.raises(SourceError, match="righe 2 e 18: comune/area '"):
        istat_census_areas.read(tmp_path / "a.csv")


@needs_real_files
def test_the_published_regions():
    folder = SHARED / "istat_census2011" / "aree_censimento_2011"
    regions = [istat_census_areas.read(path) for path in sorted(folder.glob("R*.csv"))]
    assert sum(map(len, regions)) == 486
    renting = {c: n for r in regions for c, n in r["renting_households_2011"].items()}
    known = {"015146": 179_767, "108033": 10_598, "087015": 27_866, "100005": 12_445}
    assert {code: renting[code] for code in known} == known


def test_localities_cover_every_municipality(tmp_path):
    """The file by locality has the same columns, CODLOC for ACE, and no municipality lacks."""
    text = CENSUS.read_bytes().replace(b";ACE;", b";CODLOC;", 1)
    (tmp_path / "R03_indicatori_2011_localita.csv").write_bytes(text)
    path = tmp_path / "R03_indicatori_2011_localita.csv"
    assert istat_census_areas.recognises(path)
    assert istat_census_areas.read(path).equals(istat_census_areas.read(CENSUS))
