import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_population_growth

from .places import GROWTH, SHARED, needs_real_files


def test_growth_by_territory_and_year():
    frame = istat_population_growth.read(GROWTH)
    assert frame["growth_per_1000"].to_dict() == {
        ("Brescia", 2023): 2.9, ("Brescia", 2024): 4.1, ("Forli'", 2023): 0.4, ("Forli'", 2024): -1.2,
    }  # fmt: skip
    assert frame.attrs["reference_date"] == "2023-2024"


def test_what_is_no_year_or_stands_twice_is_named(tmp_path):
    lines = GROWTH.read_text("utf-8").splitlines()
    wrong = [lines[2].replace("2023", "23"), lines[3]]
    (tmp_path / "a.csv").write_text("\n".join([*lines, *wrong]) + "\n", "utf-8")
    with pytest.raises(SourceError) as error:
        istat_population_growth.read(tmp_path / "a.csv")
    said = "\n".join(map(str, error.value.problems))
    assert "'23' non è un anno" in said
    assert "serie/territorio/anno 'Brescia/2024' ripetuto" in said


@needs_real_files
def test_the_published_series():
    folder = SHARED / "istat_demo_indicators_provinces"
    frame = istat_population_growth.read(folder / "demo_indicators_provinces_2012_2024.csv")
    assert len(frame) == 1755 and frame.loc[("Brescia", 2024)].item() == 4.1
