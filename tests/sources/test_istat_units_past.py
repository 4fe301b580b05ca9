import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_units_past

from .places import DATA, SHARED, UNITS_2011, needs_real_files, units_workbook

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


def test_the_four_lists_have_the_same_columns(tmp_path):
    lists = [OLD[1991], OLD[2001], UNITS_2011, units_workbook(tmp_path)]
    units = [istat_units_past.of_census(path) for path in lists]
    assert {tuple(one.columns) for one in units} == {istat_units_past.COLUMNS}
    assert [one.attrs["reference_date"][:4] for one in units] == ["1991", "2001", "2011", "2021"]
    assert units[2].loc["108033", ["cadastral_code", "resident_population"]].tolist() == [
        "F704",
        119_856,
    ]
    assert units[3].loc["108033", "households"] == 56_209


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
        ("Elenco_comuni_2011.csv", 8_092, 59_426_732),
        ("ElencoUnitaAmministrative2021.xlsx", 7_904, 59_030_133),
    ],
)
def test_the_published_totals(name, count, people):
    units = istat_units_past.of_census(SHARED / "istat_census2011" / "elenchi_comuni" / name)
    assert (len(units), units["resident_population"].sum()) == (count, people)
