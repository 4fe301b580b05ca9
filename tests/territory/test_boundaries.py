"""The repaired coverage: whole, valid, computed once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import boundaries, coverage, municipalities
from needs_analysis.writing.files import kept_folder as kept_there


@pytest.fixture(scope="module")
def whole():
    boundaries._whole.cache_clear()  # another test may have computed it into a folder of its own
    return coverage()


@pytest.mark.slow
def test_it_covers_every_municipality_in_metres(whole):
    assert whole.index.sort_values().tolist() == municipalities().index.tolist()
    assert whole.crs.to_epsg() == 32632
    assert set(whole.geom_type) <= {"Polygon", "MultiPolygon"}
    assert not whole.is_empty.any()


@pytest.mark.slow
def test_it_is_valid_and_nothing_overlaps(whole):
    shapes = whole.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.slow
def test_areas_are_those_published(whole):
    # Italy is 302,000 km2; UTM 32 stretches the far east by up to 0.5 %.
    square_km = whole.area / 1e6
    assert square_km.sum() == pytest.approx(302_000, rel=0.001)
    units = municipalities()
    province = units["province_abbreviation"]
    published = units["area_km2"].groupby(province).sum()
    assert (square_km.groupby(province).sum() / published - 1).abs().max() < 0.005


@pytest.mark.slow
def test_the_raw_file_has_ten_broken_rings_and_the_repair_moves_hardly_anything(whole):
    raw = istat_boundaries.read(istat_boundaries.package_file())
    assert len(raw) == 7904
    assert (~shapely.is_valid(raw.geometry.to_numpy())).sum() == 10
    assert not shapely.coverage_is_valid(raw.geometry.to_numpy())
    # the worst is a bow tie of 1.3 hectares between two municipalities of Asti
    moved = (whole.area - raw.to_crs(whole.crs).area).abs() / 1e6
    assert moved.max() < 0.02


@pytest.mark.slow
def test_it_is_kept_and_read_again(whole, kept_folder, monkeypatch):
    (kept,) = kept_folder.glob("coverage-*.parquet")
    assert not list(kept_folder.glob("*.partial"))
    monkeypatch.setattr(istat_boundaries, "read", _must_not_be_called)
    boundaries._whole.cache_clear()  # as in a new run
    again = coverage(["108033", "108041"])
    assert again.index.tolist() == ["108033", "108041"]
    assert again.crs == whole.crs
    assert shapely.equals_exact(again.to_numpy(), whole[again.index].to_numpy(), 0).all()
    assert kept.stat().st_size < 20e6


def _must_not_be_called(path):
    raise AssertionError(f"{path} was read again")


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(file))
    monkeypatch.setattr(istat_boundaries, "read", lambda _: squares())
    boundaries._whole.cache_clear()
    try:
        assert coverage(["b"]).index.tolist() == ["b"]
        assert file.read_text() == ""
    finally:
        boundaries._whole.cache_clear()
    assert kept_there() == file


def squares() -> gpd.GeoDataFrame:
    """Two squares of 1 km; the second reaches 1 mm into the first."""
    left = shapely.box(500_000, 5_000_000, 501_000, 5_001_000)
    right = shapely.box(500_999.999, 5_000_000, 502_000, 5_001_000)
    return gpd.GeoDataFrame(index=["a", "b"], geometry=[left, right], crs="EPSG:32632")


def test_a_sliver_is_closed_and_a_bow_tie_rebuilt():
    raw = squares()
    assert not shapely.coverage_is_valid(raw.geometry.to_numpy())
    clean = boundaries.repair(raw)
    assert shapely.coverage_is_valid(clean.to_numpy())
    assert clean.area.sum() == pytest.approx(2e6, abs=2)
    tie = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000), (0, 0)])
    broken = gpd.GeoDataFrame(index=["t"], geometry=[tie], crs="EPSG:32632")
    rebuilt = boundaries.repair(broken)
    # two triangles of base 1000 and height 500: 2 * 1000 * 500 / 2
    assert rebuilt.is_valid.all()
    assert np.isclose(rebuilt.area.iloc[0], 500_000)
