"""Invented figures on invented squares."""

import re
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from needs_analysis.figures import Quality
from needs_analysis.reports.charts import choropleth as maps
from needs_analysis.reports.charts.bars import Bar, groups_of_bars
from needs_analysis.reports.charts.choropleth import choropleth, quantile_classes
from needs_analysis.reports.charts.series import series
from needs_analysis.reports.render.html import inline_svg
from needs_analysis.words import Voice

KIND = {"name": "low_income_share", "unit": "share"}


def squares(count: int) -> gpd.GeoSeries:
    side = int(np.ceil(np.sqrt(count)))
    shapes = [box(i % side, i // side, i % side + 1, i // side + 1) for i in range(count)]
    codes = [f"{i:06d}" for i in range(count)]
    return gpd.GeoSeries(shapes, index=codes, crs=32632).scale(1000, 1000, origin=(0, 0))


def shares(geometry: gpd.GeoSeries) -> pd.Series:
    return pd.Series(np.linspace(0.1, 0.4, len(geometry)), index=geometry.index)


def fills(svg: str) -> set[str]:
    return set(re.findall(r'fill="(#\w{6})"', svg))


def assert_plain(svg: str) -> None:
    """The SVG is drawing only: nothing that a strict page refuses or a network would see."""
    inline_svg(svg, prefix="p", words="")
    assert svg.count("http") == 1  # the namespace
    root = ElementTree.fromstring(svg)
    assert {"style", "metadata", "script"}.isdisjoint(
        element.tag.rpartition("}")[2] for element in root.iter()
    )


def test_bars_of_a_change_stand_on_both_sides_of_nought():
    """A scale from -2 to 3 over 91 points: 18.2 a unit, nought 36.4 from the left of all bars."""
    svg = groups_of_bars({"Cambio": [Bar("a", 3.0, "+3"), Bar("b", -2.0, "-2")]})
    boxes = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    assert boxes == [("138.4", "54.6"), ("102", "36.4")]
    every = groups_of_bars({"Cambio": [Bar("a", -1.0, "-1"), Bar("b", -3.0, "-3")]})
    assert float(re.search(r'width="([\d.]+)pt"', every)[1]) < 300


def test_a_map_is_the_same_bytes_whatever_the_notebook_has_set():
    import matplotlib

    geometry = squares(20)
    quality = pd.Series(0, index=geometry.index)
    quality.iloc[3] = Quality.ALLOCATED
    arguments = (geometry, shares(geometry), quality)
    first = choropleth(*arguments, **KIND)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert choropleth(*arguments, **KIND) == first
        assert matplotlib.rcParams["font.size"] == 30
    assert_plain(first)


def test_missing_and_allocated_are_hatched_and_differ():
    geometry = squares(9)
    values = shares(geometry)
    observed = choropleth(geometry, values, **KIND)
    allocated = choropleth(geometry, values, values * 0 + Quality.ALLOCATED, **KIND)
    missing = choropleth(geometry, values * np.nan, **KIND)
    assert "<pattern" not in observed
    assert "<pattern" in allocated
    assert "<pattern" in missing
    assert fills(missing).isdisjoint(maps._SEQUENCE)
    assert set(maps._SEQUENCE) <= fills(allocated)


def test_one_unit_and_a_constant_give_one_class():
    assert {maps._SEQUENCE[2]} == fills(choropleth(squares(1), shares(squares(1)), **KIND)) & set(
        maps._SEQUENCE
    )
    geometry = squares(9)
    constant = choropleth(geometry, shares(geometry) * 0 + 0.2, highlight=["000001"], **KIND)
    assert {maps._SEQUENCE[2]} == fills(constant) & set(maps._SEQUENCE)


def test_many_units_are_one_picture_inside_the_svg():
    geometry = squares(1100)
    svg = choropleth(geometry, shares(geometry), **KIND)
    assert "data:image/png;base64," in svg
    assert len(svg) < 300_000
    assert_plain(svg)


@pytest.mark.slow
def test_a_name_is_text_and_a_name_that_covers_another_is_left_out():
    geometry = squares(400)
    names = pd.Series("Comune di $x_1^2$ & <b>", index=geometry.index[:60])
    svg = choropleth(geometry, shares(geometry), labels=names, **KIND)
    assert_plain(svg)
    all_names = choropleth(geometry, shares(geometry), labels=names.iloc[[0]], **KIND)
    assert svg.count("<use") < 20 * all_names.count("<use")


@pytest.mark.parametrize("classes", [1, 3, 5, 50])
def test_classes_hold_every_value_within_their_range(classes):
    values = np.array([5, 1, 1, 1, np.nan, 2, 9, 4, 4], dtype=float)
    class_of, ranges = quantile_classes(values, classes)
    assert class_of[4] == -1
    for value, position in zip(values, class_of, strict=True):
        if position >= 0:
            low, high = ranges[position]
            assert low <= value <= high
    assert sorted(set(class_of) - {-1}) == list(range(len(ranges)))
    assert [low for low, _ in ranges] == sorted(low for low, _ in ranges)


def years() -> pd.DataFrame:
    index = pd.Index(range(2004, 2025), name="year")
    return pd.DataFrame({"orders": 1000.0, "executions": np.arange(21) * 10.0 + 200}, index=index)


def line_points(svg: str) -> int:
    """Count the vertices of the dashed or solid lines of the data."""
    return sum(
        len(re.findall("[ML]", path))
        for path in re.findall(r'<path d="([^"]+)" clip-path[^>]+stroke-width="1.6"', svg)
    )


def test_a_missing_year_is_a_gap_and_never_a_zero():
    labels = {"orders": "Provvedimenti", "executions": "Sfratti eseguiti"}
    frame = years()
    whole = series(frame, labels=labels)
    frame.loc[2012, "executions"] = np.nan
    gap = series(frame, labels=labels)
    zero = series(frame.fillna(0), labels=labels)
    # A vertex with nothing on either side of it goes too.
    assert line_points(gap) < line_points(zero)
    assert gap != zero
    assert_plain(whole)
    assert_plain(gap)


def test_a_series_without_figures_and_one_that_stops_are_drawn():
    frame = years()
    frame["executions"] = np.nan
    frame.loc[2020:, "orders"] = np.nan
    assert_plain(series(frame, labels={"orders": "Orders", "executions": "x"}, voice=Voice("en")))
    assert_plain(series(frame[["executions"]], labels={"executions": "x"}))


def test_a_name_stands_on_the_main_part_of_a_unit():
    from shapely.geometry import MultiPolygon

    # The exclave is wider than any place of the main part, which is larger.
    main, exclave = box(0, 0, 1000, 9000), box(4000, 0, 7000, 500)
    geometry = gpd.GeoSeries([MultiPolygon([main, exclave])], index=["000000"], crs=32632)
    assert geometry.iloc[0].representative_point().x > 4000
    name = pd.Series({"000000": "A"})
    alone = gpd.GeoSeries([main], index=["000000"], crs=32632)
    drawn = [name_points_of(one, geometry, name) for one in (geometry, alone)]
    assert drawn[0] == drawn[1]


def name_points_of(shapes: gpd.GeoSeries, frame: gpd.GeoSeries, name: pd.Series) -> list:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    maps._frame_map(axes, frame)
    maps._name_units(figure, axes, shapes, name)
    return [text.xy for text in axes.texts]
