"""The saved map in Chromium: offline, painted, searchable, honest about what it does not know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from needs_analysis.figures import Figures, Quality
from needs_analysis.provenance import Source
from needs_analysis.reports import (
    map_theme,
    maps,
    services_charts,
    services_siting,
    siting_map,
    zone_map,
)
from needs_analysis.services import siting

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NAMES = ["Sovico", "Agliè", "Sant'Angelo Lodigiano", "<b onclick=alert(1)>Ostile</b>"]
SOURCES = [Source("omi", "Agenzia delle Entrate - OMI", "OMI", "2018/2", "", "OMI 2018/2", "")]


@pytest.fixture(scope="module")
def chromium():
    """Skip on a desk that lacks the browser or its driver, fail on the build machine; with the cure."""
    path = shutil.which("chromium")
    if lack := _lacking(path):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lack)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


def _lacking(path):
    """Say in words what the tests of this file lack here, and the cure; empty if nothing."""
    if not path:
        return "manca Chromium: apt install chromium"
    driver = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if driver.returncode == 0:
        return ""
    library = re.search(r"shared libraries: (lib\S+?)\.so\.(\d+)", driver.stderr)
    if not library:
        return f"il driver del browser (playwright) non parte: {driver.stderr.strip()}"
    package = "".join(library.groups())
    return f"manca {package}, senza cui il driver del browser non parte: apt install {package}"


def test_what_the_driver_lacks_is_said_with_its_cure(monkeypatch):
    said = "error while loading shared libraries: libatomic.so.1: cannot open shared object file"
    failed = subprocess.CompletedProcess([], 127, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert "manca libatomic1" in _lacking("chromium")
    assert _lacking("chromium").endswith("apt install libatomic1")


@pytest.fixture(scope="module")
def file_area():
    """Six by six invented municipalities."""
    boxes = [
        shapely.box(x := 5e5 + c * 3000, y := 5e6 + r * 3000, x + 3000, y + 3000)
        for r in range(6)
        for c in range(6)
    ]
    codes = pd.Index([f"{108001 + i}" for i in range(36)], name="municipality_code")
    names = NAMES + [f"Comune {i}" for i in range(32)]
    return gpd.GeoDataFrame(
        {"municipality_name": names, "province_name": "Monza e della Brianza"},
        geometry=boxes,
        index=codes,
        crs=32632,
    )


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


@pytest.fixture(scope="module")
def zones_file(tmp_path_factory):
    """Three zones of an invented municipality, one not quoted, and one of another."""
    at = [(0, 0, 3, 3), (1, 1, 2, 2), (0, -2, 3, 0), (3, 0, 5, 3)]
    boxes = [
        shapely.box(*(c * 1000 + o for c, o in zip(b, (5e5, 5e6) * 2, strict=True))) for b in at
    ]
    layer = gpd.GeoDataFrame(
        {
            "cadastral_code": ["X001", "X001", "X001", "X002"],
            "municipality_name": ["Prova", "Prova", "Prova", "Saggio"],
            "zone_code": ["D1", "B1", "R1", "C1"],
            "description": ["PERIFERIA", NAMES[3], "PARCO", "TUTTO"],
            "rent_eur_m2_month": [5.0, 8.25, np.nan, 6.0],
            "rent_low_eur_m2_month": [4.0, 7.0, np.nan, 5.0],
            "rent_high_eur_m2_month": [6.0, 9.5, np.nan, 7.0],
            "rent_typology_code": ["20", "20", None, "21"],
            "state": ["NORMALE", "OTTIMO", None, "NORMALE"],
            "rent_surface_code": ["L", "L", None, "L"],
            "in_municipal_rent": [True, True, False, True],
        },
        geometry=boxes,
        crs=32632,
    )
    layer.attrs["reference_date"] = "2018/2"
    path = tmp_path_factory.mktemp("zones") / "zone.html"
    zone_map.zone_map(layer, area_name="Qui", without=["Assente"]).save(str(path))
    return path


@pytest.fixture
def zones(chromium, zones_file):
    yield from opened_map(chromium, zones_file)


@pytest.fixture(scope="module")
def siting_file(tmp_path_factory, file_area):
    """Where to open among the six by six: one site is there, two are chosen, Agliè has no need told."""
    need = pd.Series(np.arange(1.0, 37.0), index=file_area.index, name="households")
    need.iloc[1] = np.nan
    far = siting.straight_distances_km(file_area)
    found = siting.p_median(need, far, 2, [file_area.index[0]])
    figures = Figures.of(need.to_frame(), vintage="2021", sources=["istat_units"])
    said = services_siting.Siting(
        found, file_area, figures, "Qui", file_area["municipality_name"],
        on=pd.Timestamp("2025-12-31"), invented=True,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("siting") / "dove.html"
    siting_map.siting_map(said).save(str(path))
    return path, found


@pytest.fixture
def sited(chromium, siting_file):
    yield from opened_map(chromium, siting_file[0])


def opened_map(chromium, file):
    """Open the map; at the end nothing but the file was asked for and nothing was complained of."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(file.as_uri())
    opened.wait_for_selector("#na-legend li")
    yield opened
    context.close()
    assert asked == [file.as_uri()]
    assert complaints == []


PIXELS = """() => {
  const canvas = document.querySelector(".folium-map canvas");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const seen = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) {
      const colour = "#" + [0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join("");
      seen[colour] = (seen[colour] || 0) + 1;
    }
  }
  return seen;
}"""


def painted(page) -> dict[str, int]:
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    return {colour: n for colour, n in page.evaluate(PIXELS).items() if n > 500}


def pick(page, label: str) -> None:
    page.select_option("#na-indicator", label=label)


def find(page, name: str) -> str:
    page.fill("#na-search", name)
    page.keyboard.press("Enter")
    return page.inner_text("#na-panel")


def labels(page) -> list[str]:
    return page.locator("#na-indicator option").all_inner_texts()


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


def test_a_click_fills_the_panel_and_the_tooltip(page):
    page.mouse.click(*_middle(page))
    assert "Comune" in page.inner_text("#na-panel h2")
    assert page.inner_text(".na-tip strong") == page.inner_text("#na-panel h2")


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
    assert "40,0 %" in rows.first.inner_text()
    assert "dato mancante" in rows.last.inner_text()
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
    pick(page, labels(page)[3])
    assert "Una classe per ogni valore" in page.inner_text("#na-legend")
    pick(page, labels(page)[4])
    assert "lasse" not in page.inner_text("#na-legend")


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
    for said in ("B1", "Prova", "8,25", "da 7,00 a 9,50", "abitazioni civili", "stato ottimo"):
        assert said in first
    assert "Superficie: superficie lorda" in zones.inner_text("#na-table")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_of_zones_does_not_overflow(zones, width):
    zones.set_viewport_size({"width": width, "height": 800})
    find(zones, "B1")
    assert zones.evaluate("document.documentElement.scrollWidth") <= width


def test_sites_are_outlined_and_named_in_the_legend(sited):
    legend = sited.inner_text("#na-legend")
    for line in ("comune con alloggi già aperti\n1", "nuovo sito scelto\n2", "dato mancante\n1"):
        assert line in legend
    assert "confine fra chi è servito da siti diversi" in legend
    colours = {colour for _, colour, _ in siting_map._MARKS}
    assert colours <= set(painted(sited))
    assert "Dove aprire (dati inventati)" in sited.inner_text(".na-head")


def test_who_serves_whom_is_in_panel_tooltip_and_table(sited, siting_file):
    _, found = siting_file
    new = found.sites.index[found.sites["role"] == "new"]
    served = next(
        c for c in found.units.index if found.units.loc[c, "site"] in new and c not in new
    )
    number = int(served) - 108005
    panel = find(sited, f"comune {number}")
    assert "servito da" in panel and "(nuovo)" in panel and " km" in panel
    assert "servito da" in sited.inner_text(".na-tip strong")
    assert "comune con alloggi già aperti" in find(sited, "Sovico")
    sited.click("#na-table-button")
    table = sited.inner_text("#na-table")
    assert "CHI LO SERVE" in table.upper() and table.count("servito da") == 33


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_sites_does_not_overflow(sited, width):
    sited.set_viewport_size({"width": width, "height": 800})
    find(sited, "ostile")
    assert sited.locator("b[onclick]").count() == 0
    assert sited.evaluate("document.documentElement.scrollWidth") <= width


def test_the_chart_of_places_is_read_without_scrolling_its_legend(chromium):
    days = pd.date_range("2025-01-31", periods=12, freq="ME")
    frame = pd.DataFrame(3.0, index=days, columns=list(services_charts.STATE_COLOURS))
    frame.iloc[5] = np.nan
    svg = services_charts.places_over_time(frame, labels={one: one for one in frame.columns})
    page = chromium.new_page(viewport={"width": 390, "height": 600})
    # As on the page of a briefing: never narrower than 30 rem.
    page.set_content(
        f'<div style="width:358px;overflow:auto"><style>svg{{min-width:30rem}}</style>{svg}</div>'
    )
    swatches = [
        page.locator(f'svg path[fill="{colour}"]').last.bounding_box()
        for colour in services_charts.STATE_COLOURS.values()
    ]
    assert all(box["x"] + box["width"] < 358 for box in swatches)
    page.close()
