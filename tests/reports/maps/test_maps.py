"""The map's numbers, shapes, classes and page, without a browser."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import registry
from needs_analysis.indicators.declaration import _REGISTRY
from needs_analysis.provenance import Source
from needs_analysis.reports.maps import area as maps
from needs_analysis.reports.maps import geometry as map_geometry
from needs_analysis.reports.maps import page as map_page
from needs_analysis.reports.maps import theme as map_theme
from needs_analysis.reports.maps.content import Category, Entry
from needs_analysis.reports.maps.setting import Setting, around
from needs_analysis.store import shipped
from needs_analysis.words import ITALIAN, Voice

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}"
SCORE = Entry("mio_score", "Indice di disagio")
OMI = Source("omi", "Agenzia delle Entrate", "OMI", "2018/2", "", "Agenzia delle Entrate - OMI", "")


def squares(rows: int, columns: int, side: float = 2000.0) -> gpd.GeoDataFrame:
    """A chessboard of municipalities near Monza: a valid coverage in metres."""
    places = [(row, column) for row in range(rows) for column in range(columns)]
    geometry = [
        shapely.box(x := 5e5 + c * side, y := 5e6 + r * side, x + side, y + side) for r, c in places
    ]
    codes = pd.Index([f"{108001 + i:06d}" for i in range(len(places))], name="municipality_code")
    names = [f"Comune {i}" for i in range(len(places))]
    return gpd.GeoDataFrame(
        {"municipality_name": names, "province_name": "Monza e della Brianza"},
        geometry=geometry,
        index=codes,
        crs=32632,
    )


def figures(area: gpd.GeoDataFrame) -> Figures:
    n = len(area)
    data = pd.DataFrame(
        {
            "rent_to_income_ratio": np.linspace(0.1, 0.4, n),
            "eviction_orders_per_1000": 1.86,
            "degree_of_urbanisation_code": pd.Series(["1", "2", "3"] * n, dtype="str")[:n].array,
        },
        index=area.index,
    )
    data.iloc[1, 0] = np.nan
    quality = pd.DataFrame(np.int8(0), index=data.index, columns=data.columns)
    quality["eviction_orders_per_1000"] = np.int8(Quality.ALLOCATED)
    return Figures.of(data, quality=quality, vintage="2021", sources=["omi"])


def saved(map_: map_page.AreaMap) -> str:
    return map_.get_root().render()


def payload(html: str) -> dict:
    found = re.search(r'<script type="application/json" id="na-data">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


# ---- what map.js does, told again in Python ------------------------------------------------------


def unpacked(column: dict, count: int) -> list[int | None]:
    values: list[int | None] = []
    for i in range(count):
        text = column["digits"][i * column["width"] : (i + 1) * column["width"]]
        code = 0
        for letter in text:
            code = code * len(map_geometry.ALPHABET) + map_geometry.ALPHABET.index(letter)
        if not column["width"]:
            values.append(column["start"])
        else:
            values.append(None if code == 0 else column["start"] + code - 1)
    return values


def streamed(text: str) -> list[int]:
    half, values, value, scale = len(map_geometry.ALPHABET) // 2, [], 0, 1
    for letter in text:
        digit = map_geometry.ALPHABET.index(letter)
        value, scale = value + digit % half * scale, scale * half
        if digit < half:
            values.append(value)
            value, scale = 0, 1
    return values


def decoded(packed: dict) -> tuple[list[list[list[np.ndarray]]], list[np.ndarray]]:
    shape = iter(streamed(packed["shape"]))
    steps = (-(s + 1) // 2 if s % 2 else s // 2 for s in streamed(packed["steps"]))
    at = np.zeros(2)

    def ring() -> np.ndarray:
        nonlocal at
        points = []
        for _ in range(next(shape)):
            at = at + (next(steps), next(steps))
            points.append(at)
        step = (packed["step_x"], packed["step_y"])
        return np.array(points) * step + (packed["west"], packed["south"])

    areas = [
        [[ring() for _ in range(next(shape))] for _ in range(next(shape))]
        for _ in range(packed["count"])
    ]
    lines = [ring() for _ in range(next(shape))]
    assert next(shape, None) is None
    assert next(steps, None) is None
    return areas, lines


# ---- packing -------------------------------------------------------------------------------------

whole = st.integers(-(10**9), 10**9)


@given(st.lists(st.one_of(st.none(), whole), max_size=40))
def test_a_packed_column_comes_back_with_its_gaps(values):
    column = np.array([np.nan if v is None else v for v in values], dtype=float)
    assert unpacked(map_geometry.pack(column), len(values)) == values


@given(st.lists(st.integers(0, 10**12), max_size=40))
def test_a_stream_comes_back(values):
    assert streamed(map_geometry.stream(np.array(values, dtype=np.int64))) == values


def test_the_alphabet_needs_no_escape_in_json_or_html():
    assert len(set(map_geometry.ALPHABET)) == len(map_geometry.ALPHABET) == 88
    assert json.dumps(map_geometry.ALPHABET) == f'"{map_geometry.ALPHABET}"'
    assert not set(map_geometry.ALPHABET) & set('<&"\\')


# ---- geometry ------------------------------------------------------------------------------------


@pytest.mark.slow
@given(st.integers(1, 5), st.integers(1, 5), st.floats(200, 50_000))
def test_corners_come_back_within_half_a_step(rows, columns, side):
    area = squares(rows, columns, side)
    packed = map_geometry.encode_geometry(area.geometry)
    areas, _ = decoded(packed)
    assert len(areas) == len(area)
    for polygons, corners in zip(
        areas, area.to_crs(4326).get_coordinates().groupby(level=0), strict=True
    ):
        wanted = corners[1].to_numpy()[:-1]
        got = polygons[0][0]
        gap = np.abs(got[:, None, :] - wanted[None, :, :])
        off = (gap / (packed["step_x"], packed["step_y"])).max(axis=2).min(axis=1)
        assert off.max() <= 0.5001


def test_neighbours_share_their_vertices():
    areas, _ = decoded(map_geometry.encode_geometry(squares(2, 2).geometry))
    corners = np.concatenate([polygon[0] for area in areas for polygon in area])
    assert len(np.unique(corners.round(9), axis=0)) == 9


def test_no_municipality_is_lost_even_below_the_grid():
    area = squares(1, 2, 100_000)
    speck = shapely.box(5e5, 5e6 - 1, 5e5 + 1, 5e6)
    area.loc["108099"] = {"municipality_name": "Atomo", "province_name": "X", "geometry": speck}
    areas, _ = decoded(map_geometry.encode_geometry(area.geometry))
    assert [len(polygons[0][0]) >= 3 for polygons in areas] == [True] * 3
    assert np.ptp(areas[2][0][0], axis=0).min() > 0


def test_holes_and_islands_stay():
    hole = shapely.box(2000, 2000, 4000, 4000)
    ring = shapely.box(0, 0, 6000, 6000) - hole
    island = shapely.box(8000, 0, 9000, 1000)
    shapes = [shapely.transform(s, lambda c: c + (5e5, 5e6)) for s in (ring | island, hole)]
    areas, _ = decoded(map_geometry.encode_geometry(gpd.GeoSeries(shapes, crs=32632)))
    assert sorted(len(polygon) for polygon in areas[0]) == [1, 2]


def test_provinces_get_an_outline():
    packed = map_geometry.encode_geometry(
        squares(2, 2).geometry, [np.array([0, 1]), np.array([2, 3])]
    )
    _, lines = decoded(packed)
    assert len(lines) == 2


# ---- classes -------------------------------------------------------------------------------------

columns = st.lists(st.one_of(st.just(np.nan), st.integers(-50, 50).map(float)), max_size=60)


@pytest.mark.slow
@given(columns, st.integers(2, 7))
def test_each_value_has_a_class_and_no_class_is_empty(values, classes):
    steps = np.array(values, dtype=float)
    bounds = map_theme.lower_bounds(steps, classes)
    there = steps[~np.isnan(steps)]
    assert len(bounds) <= classes
    assert bounds == sorted(set(bounds))
    if len(there):
        assert bounds[0] == there.min()
        held = np.searchsorted(bounds, there, side="right") - 1
        assert set(held) == set(range(len(bounds)))


def test_missing_alone_makes_no_class():
    assert map_theme.lower_bounds(np.array([np.nan, np.nan]), 5) == []


def test_quantile_classes_are_alike_in_size():
    held = np.searchsorted(
        map_theme.lower_bounds(np.arange(700.0), 7), np.arange(700), side="right"
    )
    assert np.bincount(held)[1:].tolist() == [100] * 7


def test_the_dark_end_is_the_worse_one():
    palette = ["#ffffff", "#888888", "#000000"]
    assert map_theme.colours(palette, 3, 1)[-1] == "#000000"
    assert map_theme.colours(palette, 3, -1)[-1] == "#ffffff"
    assert map_theme.colours(palette, 2, 1) == ["#ffffff", "#000000"]


# ---- themes --------------------------------------------------------------------------------------


def lightness(colour: str) -> float:
    """CIE L* of a colour."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * luminance ** (1 / 3) - 16


@pytest.mark.parametrize("name", map_theme.themes())
def test_every_theme_is_valid_and_its_colours_stand_apart(name):
    theme = map_theme.read_theme(name, [*registry(), *map_theme.COMPOSITES])
    falls = -np.diff([lightness(colour) for colour in theme.palette])
    assert falls.min() >= 8, "the classes must differ in lightness, for every kind of sight"


def test_a_wrong_theme_names_its_file_and_all_that_is_wrong(tmp_path):
    good = (shipped.folder("maps") / "distress.toml").read_text(encoding="utf-8")
    file = tmp_path / "mio.toml"
    file.write_text(good + '\ncolor = "red"\n', encoding="utf-8")
    known = [*registry(), *map_theme.COMPOSITES]
    with pytest.raises(Refused, match=r"mio\.toml: riga \d+: «color» è sconosciuto"):
        map_theme.read_theme(str(file), known)
    listed = 'indicators = ["rent_to_income_ratio", "renting_shares"]\n'
    file.write_text(listed + good, encoding="utf-8")
    with pytest.raises(Refused, match='riga .*"renting_shares" .* «renting_share»'):
        map_theme.read_theme(str(file), known)
    with pytest.raises(Refused, match="distress"):
        map_theme.read_theme("nessuno", registry())


def test_one_column_of_ones_own_in_one_line():
    index = pd.Index(["108033", "108041"], name="municipality_code", dtype="str")
    frame = pd.DataFrame({"mio": [1.0, 2.0], "rent_to_income_ratio": [0.1, 0.2]}, index)
    own = Figures.of(frame, vintage="2025", sources=["Comune di Monza <b>"])
    html = saved(maps.area_map(own, "mio", label="Il mio <i>"))
    (drawn,) = payload(html)["indicators"]
    assert (drawn["name"], drawn["label"], drawn["polarity"]) == ("mio", "Il mio <i>", 0)
    assert "Comune di Monza &lt;b&gt;" in html and "Il mio <i>" not in html
    assert "2 comuni, 2 comuni" not in html
    (by_code,) = payload(saved(maps.area_map(own, "a1")))["indicators"]
    assert (by_code["label"], by_code["polarity"]) == ("Incidenza del canone sul reddito", 1)
    with pytest.raises(
        Refused, match="non c'è la colonna «tuo»: ci sono mio, rent_to_income_ratio"
    ):
        maps.area_map(own, "tuo")


def test_a_theme_names_indicators_by_their_codes_too(tmp_path):
    good = (shipped.folder("maps") / "distress.toml").read_text(encoding="utf-8")
    file = tmp_path / "mio.toml"
    own = good.replace('"overburdened_tenants_per_1000"', '"c2"')
    file.write_text(f'indicators = ["A1", "c2"]\n{own}', encoding="utf-8")
    found = map_theme.read_theme(str(file), registry())
    assert found.indicators == ("rent_to_income_ratio", "eviction_orders_per_1000")
    assert found.default == "eviction_orders_per_1000"


def test_a_theme_without_indicators_offers_what_is_declared_as_mapped(monkeypatch):
    of_place = replace(registry()["residents_per_km2"], id="H9", name="made_up_share")
    for mapped, expected in ((True, ["made_up_share"]), (False, [])):
        monkeypatch.setitem(_REGISTRY, "made_up_share", replace(of_place, mapped=mapped))
        offered = map_theme.read_theme("distress", [*registry(), *map_theme.COMPOSITES]).indicators
        assert [one for one in offered if one == "made_up_share"] == expected
        shipped = [one for one in offered if one in registry() and one != "made_up_share"]
        assert shipped == [
            n for n, one in registry().items() if one.mapped and n != "made_up_share"
        ]
    assert map_theme.read_theme("omi_zones", ()).indicators == map_theme.ZONE_INDICATORS


def test_both_languages_say_everything():
    text = tomllib.loads(
        (resources.files("needs_analysis.reports") / "assets/map_text.toml").read_text("utf-8")
    )
    english = map_page.words(Voice("en"), *(part for part in text if part != "page"))
    italian = map_page.words(ITALIAN, *(part for part in text if part != "page"))
    assert italian.keys() == english.keys()
    for key, words in italian.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", english[key])), key
    used = set(
        re.findall(
            r"\btext\.(\w+)",
            "".join(map_page.asset(f"assets/{one}") for one in map_page.SCRIPTS[1:])
            + map_page.asset("templates/map.html"),
        )
    )
    assert used <= map_page.words(ITALIAN).keys()


# ---- the page ------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Elements and attributes as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


def test_the_page_asks_nothing_of_the_network():
    area = squares(3, 3)
    html = saved(maps.area_map(figures(area), area=area, sources=[OMI]))
    found = tags(html)
    assert not [tag for tag, _ in found if tag in {"link", "img", "iframe", "object", "base"}]
    assert not [attrs for _, attrs in found if {"src", "href"} & attrs.keys()]
    assert "@import" not in html
    assert not re.findall(
        r"url\(", map_page.asset("assets/leaflet.css") + map_page.asset("assets/map.css")
    )
    assert "sourceMappingURL" not in html


def test_who_may_not_have_the_map_is_said_above_it():
    area = squares(2, 2)
    said = saved(maps.area_map(figures(area), area=area, sources=[OMI], warning="<b>Non dare"))
    assert '<p class="na-notice">&lt;b&gt;Non dare</p>' in said
    assert 'na-notice">' not in saved(maps.area_map(figures(area), area=area, sources=[OMI]))


def test_the_policy_names_each_script_and_nothing_else_runs():
    area = squares(3, 3)
    html = saved(maps.area_map(figures(area), area=area, sources=[OMI]))
    policy = next(a["content"] for t, a in tags(html) if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    script_source = policy.split(";")[1]
    assert "unsafe" not in script_source
    assert script_source.count("sha256-") == len(map_page.SCRIPTS) + 1
    assert html.count("<script>") == len(map_page.SCRIPTS) + 1


def test_hostile_names_stay_text():
    area = squares(2, 2)
    area["municipality_name"] = HOSTILE
    area["province_name"] = HOSTILE
    entry = Entry("mio_score", HOSTILE, HOSTILE)
    data = pd.DataFrame({entry.name: 1.0}, index=area.index)
    given = Figures.of(data, vintage=HOSTILE, sources=["s"])
    source = Source("s", HOSTILE, HOSTILE, "", "", HOSTILE, "")
    html = saved(maps.area_map(given, area=area, entries=[entry], sources=[source]))
    assert not [tag for tag, _ in tags(html) if tag == "img"]
    assert html.count("</script>") == len(map_page.SCRIPTS) + 2
    told = payload(html)
    assert told["names"] == [HOSTILE] * 4
    assert told["indicators"][0]["label"] == HOSTILE
    assert "49{" not in html


def test_the_same_input_gives_the_same_bytes():
    area = squares(3, 3)
    one, two = (saved(maps.area_map(figures(area), area=area, sources=[OMI])) for _ in range(2))
    assert one == two


def test_missing_is_null_and_shares_become_printed_steps():
    area = squares(2, 3)
    told = payload(saved(maps.area_map(figures(area), area=area, sources=[OMI])))
    rent = told["indicators"][0]
    assert rent["name"] == "rent_to_income_ratio"
    assert unpacked(rent["columns"]["value"], 6) == [100, None, 220, 280, 340, 400]
    assert unpacked(rent["columns"]["quality"], 6) == [0, 5, 0, 0, 0, 0]
    assert [one["label"] for one in rent["classes"]] == ["10,0", "22,0", "28,0", "34,0", "40,0"]
    assert "rank" not in rent["columns"]


def test_a_municipality_without_a_row_is_missing():
    area = squares(2, 2)
    given = figures(area).rows(area.index[:3])
    told = payload(saved(maps.area_map(given, area=area, sources=[OMI])))
    assert unpacked(told["indicators"][0]["columns"]["value"], 4)[3] is None
    assert unpacked(told["indicators"][0]["columns"]["quality"], 4)[3] == Quality.MISSING


def test_ranks_are_counted_in_the_country_and_among_alike_municipalities():
    country = squares(3, 4)
    area = country.iloc[:4]
    told = payload(
        saved(maps.area_map(figures(country), area=area, national=figures(country), sources=[OMI]))
    )
    rent, evictions, degree = told["indicators"]
    assert rent["rank_of"] == 11
    assert unpacked(rent["columns"]["rank"], 4) == [11, None, 10, 9]
    assert rent["group_rank_of"] == [4, 3, 4]
    assert unpacked(rent["columns"]["group_rank"], 4) == [4, None, 4, 3]
    assert "rank" not in evictions["columns"]
    assert list(degree["codes"].values()) == ["città", "piccole città e sobborghi", "zone rurali"]


def test_the_page_speaks_its_language():
    area = squares(2, 2)
    html = saved(
        maps.area_map(figures(area), area=area, voice=Voice("en"), sources=[OMI], area_name="Here")
    )
    assert '<html lang="en">' in html
    assert "Here, 4 municipalities" in html
    assert payload(html)["indicators"][0]["classes"][0]["label"] == "10.0"


def test_the_legend_is_told_how_the_classes_are_cut():
    area = squares(6, 6)
    rent, evictions, degree = payload(
        saved(maps.area_map(figures(area), area=area, sources=[OMI]))
    )["indicators"]
    assert [one["classing"] for one in (rent, evictions, degree)] == ["quantiles", "values", ""]


def test_categories_have_their_own_words_and_colours_in_their_order():
    area = squares(1, 3)
    told = pd.DataFrame({map_theme.CLUSTER: ["low_low", None, "high_high"]}, index=area.index)
    for voice, words in (
        (ITALIAN, ["Alto", "Misto", "Basso"]), (Voice("en"), ["High", "Mixed", "Low"]),
    ):  # fmt: skip
        entry = Entry(
            map_theme.CLUSTER, "Gruppi", component="patterns", polarity=0,
            categories=(
                Category("high_high", words[0], "#a32a1c"),
                Category("high_low", words[1], "#f2b48f"),
                Category("low_low", words[2], "#5b9bd0"),
            ),
        )  # fmt: skip
        drawn = maps.area_map(told, area=area, theme="clusters", voice=voice, entries=[entry])
        (shown,) = payload(drawn.get_root().render())["indicators"]
        assert [one["label"] for one in shown["classes"]] == words
        assert list(shown["codes"].values()) == words
        assert [one["colour"] for one in shown["classes"]] == ["#a32a1c", "#f2b48f", "#5b9bd0"]
        assert shown["classing"] == "" and "rank" not in shown["columns"]
        assert shown["component"] == voice.say("Gruppi e tipi di comune")
        assert unpacked(shown["columns"]["value"], 3) == [2, None, 0]


def test_a_theme_of_zones_does_not_draw_municipalities():
    area = squares(2, 2)
    with pytest.raises(Refused, match="zone_map"):
        maps.area_map(figures(area), area=area, theme="omi_zones", sources=[])
    assert map_theme.drawn_unit("omi_zones") == "omi_zone"


def test_a_theme_of_zones_takes_the_figures_of_zones_only(tmp_path):
    good = (shipped.folder("maps") / "omi_zones.toml").read_text(encoding="utf-8")
    file = tmp_path / "mio.toml"
    file.write_text(good.replace('"rent_eur_m2_month"', '"renting_share"'), encoding="utf-8")
    with pytest.raises(Refused, match=r"\"renting_share\" è sconosciuto"):
        map_theme.read_theme(str(file), registry())
    file.write_text(good.replace('"omi_zone"', '"via"'), encoding="utf-8")
    with pytest.raises(Refused, match=r"«unit»: \"via\" non è fra municipality, omi_zone"):
        map_theme.read_theme(str(file), registry())


def test_no_indicator_of_the_theme_is_an_error():
    area = squares(1, 2)
    with pytest.raises(Refused, match="nessun indicatore"):
        maps.area_map(pd.DataFrame({"x": 1.0}, index=area.index), area=area, sources=[])
    with pytest.raises(ValueError, match="metri"):
        maps.area_map(figures(area), area=area.to_crs(4326), sources=[])


def test_an_entry_beside_the_theme_is_drawn():
    area = squares(1, 2)
    given = pd.DataFrame({"low_income_share": 0.2, "my_column": [1.0, 2.0]}, index=area.index)
    entry = Entry("my_column", "Il mio dato")
    drawn = maps.area_map(given, area=area, entries=[entry], sources=[])
    shown = payload(drawn.get_root().render())["indicators"]
    assert [one["name"] for one in shown] == ["low_income_share", "my_column"]
    assert shown[1]["label"] == "Il mio dato"
    lost = Entry("lost", "Senza colonna")
    with pytest.raises(Refused, match="Entry di colonne che non sono fra quelle date: lost"):
        maps.area_map(given, area=area, entries=[entry, lost], sources=[])


# ---- beyond the area -----------------------------------------------------------------------------


def test_national_classes_are_cut_on_all_of_italy_and_reach_the_areas_own_ends():
    country = squares(4, 5)
    area = country.iloc[:3]
    given = figures(area)
    given.data.iloc[0, 0] = 0.05  # a newer edition, under all that Italy has
    told = payload(
        saved(
            maps.area_map(
                given, area=area, sources=[OMI],
                setting=Setting(
                    italy=figures(country), means=pd.Series({"rent_to_income_ratio": 0.2514})
                ),
            )
        )
    )  # fmt: skip
    rent, _, degree = told["indicators"]
    wanted = map_theme.lower_bounds(
        np.rint(figures(country).data["rent_to_income_ratio"].to_numpy() * 1000), 6
    )
    assert [one["from"] for one in rent["italy"]["classes"]] == [50, *wanted[1:]]
    assert rent["italy"]["classes"][0]["label"].startswith("5,0 – ")
    assert rent["italy"]["classes"][-1]["label"].endswith(" – 40,0")
    assert [one["colour"] for one in rent["italy"]["classes"]] == list(
        map_theme.read_theme("distress", [*registry(), *map_theme.COMPOSITES]).palette
    )
    assert rent["mean"] == 251
    assert "italy" not in degree and "mean" not in degree


def test_without_a_setting_the_classes_are_the_areas_alone():
    area = squares(2, 2)
    told = payload(saved(maps.area_map(figures(area), area=area, sources=[OMI])))
    assert not [one for one in told["indicators"] if {"italy", "mean"} & one.keys()]
    assert told["context"] is None and told["ambiti"] is None and not told["whole_country"]


def test_neighbours_are_shapes_and_nothing_else():
    country = squares(3, 3)
    area = country.iloc[[4, 5]]
    html = saved(
        maps.area_map(
            figures(area), area=area, sources=[OMI],
            setting=Setting(around=around(area, country.geometry)),
        )
    )  # fmt: skip
    told = payload(html)
    areas, _ = decoded(told["context"])
    assert len(areas) == 7
    assert told["names"] == ["Comune 4", "Comune 5"]
    assert "Comune 3" not in html


def test_the_ambiti_of_an_area_are_told_where_there_are_several():
    area = squares(2, 2)
    codes = list(area.index)

    def told(**ambiti: str) -> dict | None:
        known = pd.Series(ambiti, dtype=object)
        drawn = maps.area_map(
            figures(area), area=area, sources=[OMI], setting=Setting(ambiti=known)
        )
        return payload(saved(drawn))["ambiti"]

    assert told() is None
    assert told(**dict.fromkeys(codes, "Monza")) is None
    some = told(**{codes[0]: "Monza", codes[2]: "Desio"})
    assert some["labels"] == ["Desio", "Monza"]
    assert unpacked(some["members"], 4) == [1, None, 0, None]


def test_the_way_back_stands_only_beside_a_page():
    area = squares(2, 2)
    drawn = maps.area_map(
        figures(area), area=area, sources=[OMI], setting=Setting(page="index.html")
    )
    assert '<a href="index.html">Torna alla pagina</a>' in saved(drawn)
    assert "<a href" not in re.sub(
        r"<script.*?</script>", "", saved(maps.area_map(figures(area), area=area)), flags=re.DOTALL
    )


def test_municipal_codes_are_told_for_the_address_and_the_table():
    area = squares(1, 2)
    told = payload(saved(maps.area_map(figures(area), area=area, sources=[OMI])))
    assert unpacked(told["codes"], 2) == [108001, 108002]
