"""The map of the rent zones in Chromium."""

from __future__ import annotations

import pytest
from invented_zones import layer

from needs_analysis.reports.maps import theme as map_theme
from needs_analysis.reports.maps import zones as zone_map

from .page import NAMES, find, opened_map, painted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def zones_file(tmp_path_factory):
    """The invented zones, one with a hostile name."""
    given = layer(
        zone_code=["D1", "B1", "R1", "C1"],
        description=["PERIFERIA", NAMES[3], "PARCO", "TUTTO"],
    )
    path = tmp_path_factory.mktemp("zones") / "zone.html"
    zone_map.zone_map(given, area_name="Qui", without=["Assente"]).save(str(path))
    return path


@pytest.fixture
def zones(chromium, zones_file):
    yield from opened_map(chromium, zones_file)


def test_zones_are_painted_and_the_unquoted_is_hatched(zones):
    seen = painted(zones)
    classes = zones.locator("#na-legend li").all_inner_texts()
    assert [one.splitlines()[0] for one in classes] == [
        "5,00",
        "6,00",
        "8,25",
        "canone non quotato",
    ]
    palette = map_theme.read_theme("omi_zones", ()).palette
    assert len(set(palette) & set(seen)) == 3
    assert "Assente" in zones.inner_text(".na-notice")
    assert not zones.is_visible("#na-indicator")


@pytest.mark.parametrize("typed", ["B1", "ostile", "b1 prova"])
def test_a_zone_is_found_by_code_name_or_municipality(zones, typed):
    panel = find(zones, typed)
    for said in ("B1", "Prova", "8,25 €/m² al mese", "da 7,00 a 9,50 €/m² al mese", "2018/2"):
        assert said in panel
    for said in ("abitazioni civili", "stato ottimo", "superficie lorda"):
        assert said in panel and said in zones.inner_text(".na-tip")
    assert NAMES[3] in panel and zones.locator("b[onclick]").count() == 0
    assert zones.inner_text(".na-tip strong").startswith("B1 – Prova – ")


def test_a_zone_without_a_rent_says_so(zones):
    panel = find(zones, "parco")
    assert "canone non quotato" in panel and "€" not in panel


def test_the_tooltip_of_a_zone_is_never_cut(zones):
    for code in ("B1", "D1", "C1", "R1"):
        find(zones, code)
        tip, shown = (zones.locator(one).bounding_box() for one in (".na-tip", ".folium-map"))
        assert tip["y"] >= shown["y"] - 1


def test_the_table_of_zones_says_range_and_kind(zones):
    zones.click("#na-table-button")
    rows = zones.locator("#na-table tbody tr")
    assert rows.count() == 4
    first = rows.first.inner_text()
    for said in (
        "B1",
        "Prova",
        "8,25",
        "da 7,00 a 9,50",
        "abitazioni civili",
        "stato ottimo",
        "superficie lorda",
    ):
        assert said in first


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_zones_does_not_overflow(zones, width):
    zones.set_viewport_size({"width": width, "height": 800})
    find(zones, "B1")
    assert zones.evaluate("document.documentElement.scrollWidth") <= width
