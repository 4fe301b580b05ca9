"""Who is a neighbour of an area, and who is not."""

from __future__ import annotations

import geopandas as gpd
import shapely

from needs_analysis.reports.maps.setting import NEAR, around


def row(*widths: float) -> gpd.GeoSeries:
    """Squares in a row along the first axis, each as wide as is said."""
    at, shapes = 0.0, []
    for width in widths:
        shapes.append(shapely.box(at, 0, at + width, 1000))
        at += width
    return gpd.GeoSeries(shapes, index=list("abcdefgh")[: len(shapes)], crs=32632)


def test_who_stands_within_a_short_way_is_a_neighbour_who_stands_farther_is_not():
    country = row(1000, 10, 1000, 1000)
    area = gpd.GeoDataFrame(geometry=country[["a"]])
    # b touches, c stands 10 m away (under 8 % of 1,000 m), d a kilometre.
    assert around(area, country).index.tolist() == ["b", "c"]
    far = row(1000, 1000 * NEAR + 1, 1000)
    assert around(gpd.GeoDataFrame(geometry=far[["a"]]), far).index.tolist() == ["b"]


def test_the_whole_country_has_no_neighbours():
    country = row(1000, 1000)
    assert around(gpd.GeoDataFrame(geometry=country), country) is None
