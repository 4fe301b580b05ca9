import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_units_past

from .places import DATA, SHARED, needs_real_files

OLD = {year: DATA / f"ElencoUnitaAmministrative{year}.xls" for year in (1991, 2001)}


@pytest.mark.parametrize(("year", "day"), [(1991, "1991-10-20"), (2001, "2001-10-21")])
def test_old_workbooks_are_read(year, day):
    assert sources.readers_of(OLD[year]) == (istat_units_past,)
    units = istat_units_past.read(OLD[year])
    assert units.attrs["reference_date"] == day
    assert units.loc["015149", "municipality_name"] == "Monza"  # of Milan's province until 2009
    assert units.loc["015149", ["province_code", "region_code"]].tolist() == ["015", "03"]
    assert units["households"].isna().all()
    assert units.loc["063049", "altitude_min_m"] == 0
    assert ("100005" in units.index) == (year == 2001)  # Prato is a province since 1992


def test_a_cut_workbook_is_refused(tmp_path):
    (tmp_path / "a.xls").write_bytes(OLD[1991].read_bytes()[:3000])
    with pytest.raises(SourceError, match="cartella di lavoro Excel"):
        istat_units_past.read(tmp_path / "a.xls")


@needs_real_files
@pytest.mark.parametrize(
    ("name", "count", "people"),
    [
        ("ElencoUnitaAmministrative1991.xls", 8_100, 56_778_031),
        ("ElencoUnitaAmministrative2001.xls", 8_101, 56_995_744),
    ],
)
def test_the_published_totals(name, count, people):
    units = istat_units_past.read(SHARED / "istat_census2011" / "elenchi_comuni" / name)
    assert (len(units), units["resident_population"].sum()) == (count, people)
