import geopandas
import pytest
from shapely.geometry import box

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_boundaries


def test_the_package_file_covers_italy():
    boundaries = istat_boundaries.read(istat_boundaries.package_file())
    assert len(boundaries) == 7_904
    assert boundaries.index.name == "municipality_code"
    assert boundaries.index.str.fullmatch(r"\d{6}").all()
    assert boundaries.crs.to_epsg() == 4326
    assert boundaries.attrs["reference_date"] == "2022-01-01"
    assert boundaries.total_bounds[[0, 2]].round().tolist() == [7, 19]


def test_doubled_and_missing_geometries_are_named(tmp_path):
    frame = geopandas.GeoDataFrame(
        {"municipality_code": [1001, 1001]}, geometry=[box(7, 45, 8, 46), None], crs=4326
    )
    frame.to_feather(tmp_path / "a.feather")
    with pytest.raises(SourceError) as error:
        istat_boundaries.read(tmp_path / "a.feather")
    assert [*map(str, error.value.problems)] == [
        "riga 2: geometria mancante",
        "comune 001001 ripetuto",
    ]


def test_other_coordinates_are_refused(tmp_path):
    frame = geopandas.GeoDataFrame(
        {"municipality_code": [1001]}, geometry=[box(0, 0, 1, 1)], crs=32632
    )
    frame.to_feather(tmp_path / "a.feather")
    with pytest.raises(SourceError, match="EPSG:4326"):
        istat_boundaries.read(tmp_path / "a.feather")
