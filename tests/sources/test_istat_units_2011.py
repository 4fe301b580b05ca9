from needs_analysis.sources import istat_units_2011

from .places import SHARED, UNITS_2011, needs_real_files


def test_a_header_with_line_breaks_and_blank_columns_is_read():
    people = istat_units_2011.read(UNITS_2011)
    assert len(people) == 14
    assert people.loc["F704"].tolist() == ["Monza", 119_856]
    assert people.loc["D704", "municipality_name"] == "Forlì"


@needs_real_files
def test_the_published_total():
    folder = SHARED / "istat_census2011" / "elenchi_comuni"
    people = istat_units_2011.read(folder / UNITS_2011.name)
    assert len(people) == 8_092
    # The legal population is 59,433,744: the list is ISTAT's, 7,012 people short of it.
    assert people["residents_2011"].sum() == 59_426_732
