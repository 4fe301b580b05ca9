"""The saved map in Chromium: offline, painted, searchable, honest about what it does not know."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.figures import Figures, Quality
from needs_analysis.provenance import Source
from needs_analysis.reports.maps import area as maps
from needs_analysis.reports.maps import theme as map_theme

from .page import NAMES, find, labels, opened_map, painted, pick

pytestmark = pytest.mark.browser
SOURCES = [Source("omi", "Agenzia delle Entrate - OMI", "OMI", "2018/2", "", "OMI 2018/2", "")]


@pytest.fixture(scope="module")
def file(tmp_path_factory, file_area):
    """Six by six municipalities: Agliè without a rent, evictions from the province."""
    area, codes = file_area, file_area.index
    data = pd.DataFrame(
        {
            "rent_to_income_ratio": np.linspace(0.105, 0.4, 36),
            "affordable_surface_m2": np.linspace(40, 1240, 36),
            "below_rent_threshold_share": np.linspace(0.2, 0.6, 36),
            "eviction_orders_per_1000": np.repeat([1.2, 3.4], 18),
            "degree_of_urbanisation_code": pd.array(["1", "2", "3"] * 12, dtype="str"),
        },
        index=codes,
    )
    data.iloc[1, 0] = np.nan
    quality = pd.DataFrame(np.int8(0), index=codes, columns=data.columns)
    quality["eviction_orders_per_1000"] = np.int8(Quality.ALLOCATED)
    quality["below_rent_threshold_share"] = np.int8(Quality.MODELLED)
    low = pd.DataFrame({"below_rent_threshold_share": data["below_rent_threshold_share"] - 0.1})
    high = pd.DataFrame({"below_rent_threshold_share": data["below_rent_threshold_share"] + 0.1})
    given = Figures.of(
        data,
        quality=quality,
        vintage="2018/2 + 2021",
        sources=["omi"],
        low=low.reindex(columns=data.columns),
        high=high.reindex(columns=data.columns),
    )
    path = tmp_path_factory.mktemp("map") / "mappa.html"
    maps.area_map(given, area=area, national=given, sources=SOURCES).save(str(path))
    return path


@pytest.fixture
def page(chromium, file):
    yield from opened_map(chromium, file)


def test_the_map_is_painted_in_the_colours_of_its_legend(page):
    palette = map_theme.read_theme("distress", _known()).palette
    assert set(palette) <= set(painted(page))


def _known() -> list[str]:
    from needs_analysis.indicators import registry

    return [*registry(), *maps.COMPOSITES]


def test_another_indicator_changes_colours_and_legend(page):
    before, legend = painted(page), page.inner_text("#na-legend")
    pick(page, labels(page)[3])
    assert painted(page) != before
    assert page.inner_text("#na-legend") != legend
    assert "ripartito dalla provincia: non confrontare i comuni tra loro" in page.inner_text(
        "#na-legend"
    )


def test_low_is_worse_is_drawn_dark_and_numbers_are_italian(page):
    pick(page, labels(page)[1])
    legend = page.inner_text("#na-legend")
    assert "più basso" in legend
    assert "1.240" in legend
    assert "36° su 36 in Italia" not in find(page, "Sovico")
    assert "1° su 36 in Italia" in page.inner_text("#na-panel")


def test_search_finds_sovico_and_zooms(page):
    panel = find(page, "sovico")
    for said in ("Sovico", "10,5 %", "35° su 35 in Italia", "tra le città", "osservato"):
        assert said in panel
    assert "Agenzia delle Entrate - OMI" in panel
    assert "2018/2 + 2021" in panel
    assert page.inner_text(".na-tip strong") == "Sovico"


@pytest.mark.parametrize("typed", ["aglie", "AGLIÈ", "sant angelo lod", "Sant’Angelo"])
def test_accents_case_and_apostrophes_do_not_matter(page, typed):
    assert any(name in find(page, typed) for name in NAMES[1:3])


def test_search_says_so_when_nothing_is_found(page):
    find(page, "Atlantide")
    assert page.inner_text("#na-search-note") == "Nessun comune trovato con questo nome."


def test_missing_says_so(page):
    assert "dato mancante" in find(page, "Agliè")
    assert "su 35" not in page.inner_text("#na-panel")
    assert "dato mancante" in page.inner_text("#na-legend")


def test_allocated_says_so_and_has_no_rank(page):
    pick(page, labels(page)[3])
    panel = find(page, "Sovico")
    assert "nessuna graduatoria: dato provinciale ripartito" in panel
    assert "° su" not in panel


def test_an_estimate_shows_its_interval(page):
    pick(page, labels(page)[2])
    panel = find(page, "Sovico")
    assert "da 10,0 % a 30,0 %" in panel
    assert "stimato" in panel


def test_a_click_fills_the_panel_and_opens_the_profile(page):
    page.mouse.click(*_middle(page))
    assert "Comune" in page.inner_text("#na-panel h2")
    assert page.inner_text("#na-profile h2") == page.inner_text("#na-panel h2")
    page.wait_for_selector(".na-tip", state="detached")  # the profile says what it would


def _middle(page) -> tuple[float, float]:
    box = page.locator(".folium-map").bounding_box()
    return box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 20


def test_a_hostile_name_is_only_text(page):
    assert "<b onclick=alert(1)>Ostile</b>" in find(page, "ostile")
    assert page.locator("b[onclick]").count() == 0


def test_codes_have_one_class_each(page):
    pick(page, labels(page)[4])
    items = page.locator("#na-legend li").all_inner_texts()
    assert [item.splitlines()[0] for item in items] == [
        "città",
        "piccole città e sobborghi",
        "zone rurali",
    ]
    assert "zone rurali" in find(page, "Sant'Angelo Lodigiano")


def test_the_table_says_what_the_map_says(page):
    page.click("#na-table-button")
    rows = page.locator("#na-table tbody tr")
    assert rows.count() == 36
    names = page.locator("#na-table tbody th").all_inner_texts()
    by_name = page.evaluate("names => [...names].sort(new Intl.Collator('it').compare)", names)
    assert names == by_name and "per nome" in page.inner_text("#na-table caption")
    page.click("#na-order-button")  # rank is given on request
    assert "40,0 %" in rows.first.inner_text()
    assert "dato mancante" in rows.last.inner_text()
    assert page.inner_text("#na-order-button") == "Ordina per nome"
    assert page.get_attribute("#na-table-button", "aria-expanded") == "true"


def test_the_keyboard_is_enough(page):
    page.focus("#na-search")
    page.keyboard.type("comune 1")
    page.keyboard.press("ArrowDown")
    active = page.get_attribute("#na-search", "aria-activedescendant")
    name = page.inner_text(f"#{active}").split(" (")[0]
    assert page.inner_text(".na-tip strong") == name
    page.keyboard.press("Enter")
    assert page.inner_text("#na-panel h2") == name


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_overlaps_or_overflows(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    find(page, "Sovico")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    parts = [".na-head", ".na-controls", ".folium-map", "#na-panel", "#na-legend", ".na-foot"]
    boxes = [page.locator(part).bounding_box() for part in parts]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = (
                one["x"] + one["width"] <= other["x"] + 1
                or other["x"] + other["width"] <= one["x"] + 1
                or one["y"] + one["height"] <= other["y"] + 1
                or other["y"] + other["height"] <= one["y"] + 1
            )
            assert apart


def test_names_stand_on_the_map(page):
    page.wait_for_selector(".na-place")
    assert "Sovico" in page.locator(".na-place").all_inner_texts()


def test_on_paper_the_map_and_legend_remain(page):
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.is_visible("#na-search")
    assert page.is_visible("#na-legend")
    assert len(painted(page)) >= 6
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.is_visible("#na-search")


def test_the_legend_says_what_its_classes_are(page):
    assert "Classi: quantili dell'area mostrata" in page.inner_text("#na-legend")
    assert not page.is_visible("#na-colours"), "nothing is known of Italy here"
    pick(page, labels(page)[3])
    assert "Una classe per ogni valore" in page.inner_text("#na-legend")
    pick(page, labels(page)[4])
    assert "lasse" not in page.inner_text("#na-legend")
