"""Invented figures on invented squares."""

import itertools
import re
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from needs_analysis.reports.charts import drawing as charts
from needs_analysis.reports.charts import index as index_charts
from needs_analysis.reports.charts import patterns as pattern_charts
from needs_analysis.reports.charts import rows as chart_rows
from needs_analysis.reports.render.html import inline_svg
from needs_analysis.words import ITALIAN, Voice

CLUSTERS = ["high_high", "low_low", "high_low", "low_high", "not_significant", "missing"]


def squares(count: int) -> gpd.GeoSeries:
    side = int(np.ceil(np.sqrt(count)))
    shapes = [box(i % side, i // side, i % side + 1, i // side + 1) for i in range(count)]
    codes = [f"{i:06d}" for i in range(count)]
    return gpd.GeoSeries(shapes, index=codes, crs=32632).scale(1000, 1000, origin=(0, 0))


def names(index: pd.Index) -> pd.Series:
    return pd.Series([f"Comune di $x_{i}^2$ & <b>" for i in range(len(index))], index=index)


def assert_plain(svg: str) -> None:
    """The SVG is drawing only: nothing that a strict page refuses or a network would see."""
    inline_svg(svg, prefix="p", words="")
    assert svg.count("http") == 1  # the namespace
    ElementTree.fromstring(svg)


def fills(svg: str) -> set[str]:
    return set(re.findall(r'fill="(#\w{6})"', svg))


def bar_widths(svg: str, colour: str) -> list[float]:
    """Return the signed extents of the rectangles of a colour, in points, in the order drawn."""
    paths = re.findall(rf'<path d="M([^"]+)" clip-path="[^"]+" fill="{colour}"', svg)
    corners = [[float(x) for x in re.findall(r"-?\d+(?:\.\d+)?", path)] for path in paths]
    return [one[2] - one[0] for one in corners]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect every text that a picture holds, which is outlines in the SVG."""
    from matplotlib.text import Text

    found: list[str] = []
    draw = Text.draw

    def noted(self: Text, renderer: object) -> None:
        if self.get_visible() and self.get_text():
            found.append(self.get_text().replace("\n", " "))
        draw(self, renderer)

    monkeypatch.setattr(Text, "draw", noted)
    return found


@pytest.fixture
def ranked() -> pd.DataFrame:
    index = pd.Index(list("abcd"))
    return pd.DataFrame(
        {
            "score": [99.0, 104.5, np.nan, 101.0],
            "rank": [7.0, 1.0, np.nan, 3.0],
            "low": [5.0, 1.0, np.nan, np.nan],
            "high": [9.0, 2.0, np.nan, np.nan],
        },
        index=index,
    )


def draw_ranks(frame: pd.DataFrame, **more: object) -> str:
    return index_charts.ranked_scores(
        frame["score"],
        names=names(frame.index),
        ranks=frame["rank"],
        low=frame["low"],
        high=frame["high"],
        total=10,
        **more,
    )


def draw_parts(points: pd.DataFrame, total: pd.Series, **more: object) -> str:
    labels = {name: name.upper() for name in points}
    named = names(points.index)
    return index_charts.contribution_bars(points, names=named, labels=labels, total=total, **more)


def draw_sobol(voice: Voice = ITALIAN) -> str:
    frame = pd.DataFrame(
        {
            "first_order": [0.2, -0.001],
            "total_order": [0.3, 0.5],
            "first_order_margin": [0.05, 0.01],
            "total_order_margin": [0.05, 0.1],
        },
        index=["normalise", "drop"],
    )
    labels = {"normalise": "Scala $a$", "drop": "Indicatore tolto"}
    return index_charts.sensitivity_bars(frame, labels=labels, voice=voice)


def draw_flow(**more: object) -> str:
    ranks = pd.DataFrame({"one": [4, 1900, 12], "two": [80, 2, np.nan]}, index=list("abc"))
    labels = {"one": "AMPI", "two": "Media"}
    return index_charts.rank_flow(ranks, names=names(ranks.index), labels=labels, **more)


def draw_clusters(**more: object) -> str:
    geometry = squares(6)
    labels = pd.Series(CLUSTERS, index=geometry.index)
    return pattern_charts.cluster_map(geometry, labels, names=names(geometry.index[:1]), **more)


def draw_types(**more: object) -> str:
    geometry = squares(9)
    labels = pd.Series([1, 2, 3, 4, 5, 6, 7, 8], index=geometry.index[:8])
    types = {code: f"tipo $t_{code}$" for code in range(1, 9)}
    return pattern_charts.type_map(geometry, labels, types=types, **more)


def draw_moran(**more: object) -> str:
    values = pd.Series([30.0, 10.0, 20.0, 25.0], index=list("abcd"))
    lag = pd.Series([25.0, 15.0, 20.0, np.nan], index=list("abcd"))
    labels = pd.Series(["high_high", "low_low", "not_significant", "missing"], index=list("abcd"))
    return pattern_charts.moran_scatter(values, lag, labels, names=names(values.index), **more)


@pytest.mark.slow
@pytest.mark.parametrize(
    "draw",
    [draw_sobol, draw_flow, draw_clusters, draw_types, draw_moran],
    ids=lambda draw: draw.__name__,
)
def test_a_picture_is_plain_and_the_same_bytes_whatever_the_notebook_has_set(draw):
    import matplotlib

    first = draw()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert draw() == first
    assert_plain(first)
    assert draw(voice=Voice("en")) != first


def test_ranks_go_from_the_highest_score_down_and_a_blank_is_last(ranked, written):
    svg = draw_ranks(ranked, highlight="a")
    assert_plain(svg)
    rows = [text for text in written if text.startswith("Comune")]
    assert rows[: len(ranked)] == list(names(ranked.index)[["b", "d", "a", "c"]])
    assert {"1 (1 – 2)", "3", "7 (5 – 9)", "104,5", "n.d."} <= set(written)
    assert "3 (n.d. – n.d.)" not in written
    assert svg == draw_ranks(ranked, highlight="a")


def test_ranks_that_cannot_be_drawn_are_refused(ranked):
    with pytest.raises(ValueError, match="oltre le 10 unità"):
        draw_ranks(ranked.replace({"high": {9.0: 11.0}}))
    many = pd.DataFrame(1.0, index=range(61), columns=ranked.columns)
    with pytest.raises(ValueError, match="61 righe non stanno"):
        draw_ranks(many)
    nameless = {"names": names(ranked.index).drop("b"), "total": 10}
    columns = {"ranks": ranked["rank"], "low": ranked["low"], "high": ranked["high"]}
    with pytest.raises(ValueError, match="non hanno un nome da stampare: b"):
        index_charts.ranked_scores(ranked["score"], **columns, **nameless)


def test_segments_are_as_long_as_their_points_and_negative_ones_go_left(written):
    points = pd.DataFrame({"a": [6.0, 2.0], "b": [-2.0, 1.0], "c": [4.0, 1.0]}, index=["x", "y"])
    svg = draw_parts(points, pd.Series({"x": 8.0, "y": 4.0}))
    assert_plain(svg)
    first, second, third = (bar_widths(svg, colour) for colour in chart_rows.PALETTE[:3])
    inch = first[0] / 6
    # x is on top: it has the higher score.
    assert np.allclose([first, second, third], np.array(points.T) * inch, atol=0.03)
    assert {"8,0", "4,0", "6,0", "-2,0", "A", "B", "C", "punteggio"} <= set(written)


def test_segments_must_add_up_to_the_score_and_a_unit_without_one_is_said(written):
    points = pd.DataFrame({"a": [6.0, np.nan], "b": [-2.0, 1.0]}, index=["x", "y"])
    assert_plain(draw_parts(points, pd.Series({"x": 4.0, "y": np.nan})))
    assert "n.d." in written
    with pytest.raises(ValueError, match=r"non danno il punteggio di Comune di \$x_0"):
        draw_parts(points, pd.Series({"x": 5.0, "y": np.nan}))
    with pytest.raises(ValueError, match="non danno il punteggio"):
        draw_parts(points, pd.Series({"x": 4.0, "y": 1.0}))
    wide = pd.DataFrame(1.0, index=["x"], columns=[f"p{i}" for i in range(9)])
    with pytest.raises(ValueError, match="9 parti"):
        draw_parts(wide, pd.Series({"x": 9.0}))


def test_choices_are_sorted_by_all_that_they_move_and_no_zero_is_negative(written):
    svg = draw_sobol()
    assert [text for text in written if text in ("Indicatore tolto", "Scala $a$")][:2] == [
        "Indicatore tolto",
        "Scala $a$",
    ]
    assert {"50,0 %", "30,0 %", "20,0 %", "-0,1 %", "da sola", "con le interazioni"} <= set(written)
    total = bar_widths(svg, charts.ACCENT)
    assert total[0] / total[1] == pytest.approx(0.5 / 0.3, rel=1e-2)
    with pytest.raises(ValueError, match="non hanno un nome da stampare: drop"):
        frame = pd.DataFrame(0.1, index=["drop"], columns=["total_order"])
        index_charts.sensitivity_bars(frame, labels={})


def test_a_flow_prints_the_rank_at_both_ends_and_a_blank_has_no_end(written):
    svg = draw_flow(highlight=["b"])
    ends = {"Comune di $x_0^2$ & <b>  4", "80  Comune di $x_0^2$ & <b>"}
    assert ends <= set(written)
    assert "Comune di $x_2^2$ & <b>  12" in written
    assert not any(text.endswith("  Comune di $x_2^2$ & <b>") for text in written)
    assert svg.count(f'stroke="{chart_rows.PALETTE[0]}"') >= 1
    with pytest.raises(ValueError, match="almeno due scenari"):
        frame = pd.DataFrame({"one": [1]}, index=["a"])
        index_charts.rank_flow(frame, names=names(frame.index), labels={"one": "AMPI"})


def test_an_area_without_any_score_says_so(ranked, written):
    assert_plain(draw_ranks(ranked * np.nan))
    assert written.count("n.d.") >= 2 * len(ranked)
    points = pd.DataFrame({"a": [np.nan]}, index=["x"])
    assert_plain(draw_parts(points, points["a"]))
    frame = pd.DataFrame({"one": [np.nan], "two": [np.nan]}, index=["a"])
    with pytest.raises(ValueError, match="nessuna unità ha un posto"):
        index_charts.rank_flow(frame, names=names(frame.index), labels={"one": "A", "two": "B"})


def test_each_cluster_has_its_colour_and_its_count(written):
    svg = draw_clusters()
    assert {told[0] for told in pattern_charts.CLUSTERS.values()} <= fills(svg) | {"#ffffff"}
    assert "Alto circondato da alto (1)" in written
    assert "Senza un dato proprio (1)" in written
    geometry = squares(4)
    none = pd.Series("not_significant", index=geometry.index[:3])
    written.clear()
    pattern_charts.cluster_map(geometry, none, voice=Voice("en"))
    # One unit has no label.
    assert {"Not significant (3)", "No own value (1)"} <= set(written)
    assert not any(text.endswith("(0)") for text in written)
    with pytest.raises(ValueError, match="senza una classe: hot"):
        pattern_charts.cluster_map(geometry, none.replace("not_significant", "hot"))


def test_a_typology_numbers_its_units_and_says_what_each_type_is(written):
    svg = draw_types()
    assert set(chart_rows.PALETTE) <= fills(svg)
    assert {"1. tipo $t_1$ (1)", "8. tipo $t_8$ (1)", "Senza un dato proprio (1)"} <= set(written)
    assert {str(code) for code in range(1, 9)} <= set(written)
    geometry = squares(2)
    labels = pd.Series([1, 9], index=geometry.index)
    with pytest.raises(ValueError, match="senza una classe: 9"):
        pattern_charts.type_map(geometry, labels, types={1: "a"})
    with pytest.raises(ValueError, match="9 tipi"):
        pattern_charts.type_map(geometry, labels, types=dict.fromkeys(range(9), "a"))


def test_many_units_are_one_picture_inside_the_svg():
    geometry = squares(1100)
    labels = pd.Series(list(itertools.islice(itertools.cycle(CLUSTERS), 1100)), geometry.index)
    svg = pattern_charts.cluster_map(geometry, labels)
    assert "data:image/png;base64," in svg
    assert len(svg) < 400_000
    assert_plain(svg)


def test_the_slope_is_morans_i_whatever_the_scale(written):
    # z = (1.5, -1.5, 0) / 1.22..; each lag is half its value from the mean: I = 1/2.
    first = draw_moran()
    assert "I di Moran: 0,50" in written
    assert "Alto circondato da alto (1)" in written
    values = pd.Series([30.0, 10.0, 20.0], index=list("abc"))
    lag = pd.Series([25.0, 15.0, 20.0], index=list("abc"))
    labels = pd.Series(["high_high", "low_low", "not_significant"], index=list("abc"))
    scaled = (values - 20) / values.std(ddof=0), (lag - 20) / values.std(ddof=0)
    assert (
        pattern_charts.moran_scatter(*scaled, labels, names=names(pd.Index(list("abcd")))) == first
    )
    with pytest.raises(ValueError, match="tutti uguali"):
        pattern_charts.moran_scatter(values * 0, lag, labels)


# Machado, Oliveira and Fernandes (2009), severity 1.0.
VISION = {
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colour: str, seen: list[list[float]]) -> np.ndarray:
    red_green_blue = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(
        red_green_blue <= 0.04045, red_green_blue / 12.92, ((red_green_blue + 0.055) / 1.055) ** 2.4
    )
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = to_xyz @ np.clip(np.array(seen) @ linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_every_kind_of_colour_vision_tells_the_colours_apart(vision):
    seen = [lab(colour, VISION[vision]) for colour in chart_rows.PALETTE]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15
    solid = [told[0] for told in pattern_charts.CLUSTERS.values() if not told[1]]
    seen = [lab(colour, VISION[vision]) for colour in solid]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 15


def test_clusters_are_told_in_grey_print():
    grey = [lab(told[0], np.eye(3).tolist())[0] for told in pattern_charts.CLUSTERS.values()][:4]
    assert min(abs(a - b) for a, b in itertools.combinations(grey, 2)) > 10
