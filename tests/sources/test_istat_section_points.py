"""Points of census sections, from a zip in the layout of the publisher with invented content."""

import geopandas
import numpy as np
import pytest
from shapely.geometry import box

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_section_points

from . import written


def test_a_section_is_a_point_inside_it_with_its_residents(tmp_path):
    path = written.section_points(tmp_path)
    assert sources.readers_of(path) == (istat_section_points,)
    frame = istat_section_points.read(path)
    assert isinstance(frame, geopandas.GeoDataFrame)
    assert frame.crs.to_epsg() == 32_632
    assert frame["section_code"].tolist() == [f"108012000000{i}" for i in (1, 2, 3)]
    assert set(frame["municipality_code"]) == {"108012"}
    assert frame["residents"].tolist() == [300, 100, 7]
    assert set(frame.geom_type) == {"Point"}
    assert frame.attrs == {"reference_date": "2021-12-31"}


def test_a_blank_population_is_not_zero_and_codes_get_their_zeros(tmp_path):
    columns = {"PRO_COM": [1001] * 3, "POP21": [300.0, np.nan, 0.0]}
    frame = istat_section_points.read(written.section_points(tmp_path, columns=columns))
    assert frame["residents"].fillna(-1).tolist() == [300, -1, 0]
    assert frame["municipality_code"].tolist() == ["001001"] * 3


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"crs": 4326}, "non sono in EPSG:32632"),
        ({"columns": {"POP21": None}}, "nello shapefile mancano: POP21"),
        ({"columns": {"POP21": [1, -1, 2]}}, "riga 2: popolazione negativa"),
        ({"columns": {"SEZ21_ID": ["12345678", "12345678", "x"]}}, "riga 2: sezione ripetuta"),
        ({"columns": {"SEZ21_ID": ["12345678", "12345679", "x"]}}, "riga 3: codice di sezione"),
        ({"columns": {"PRO_COM": [108012, 0, 108012]}}, "riga 2: codice di comune"),
        ({"geometry": [box(0, 0, 1, 1), box(0, 0, 1, 1), None]}, "riga 3: geometria mancante"),
    ],
)
def test_what_is_not_as_published_is_refused(options, problem, tmp_path):
    with pytest.raises(SourceError, match=problem):
        istat_section_points.read(written.section_points(tmp_path, **options))


def test_a_damaged_zip_is_refused_and_another_is_not_taken(tmp_path):
    path = written.section_points(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert not istat_section_points.recognises(path)
    with pytest.raises(SourceError):
        istat_section_points.read(path)
    other = tmp_path / "other"
    other.mkdir()
    assert not istat_section_points.recognises(written.boundaries(other))
