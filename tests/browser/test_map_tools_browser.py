"""Colours, profile, comparison, filter, downloads and address of the map, in Chromium."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pytest

from needs_analysis.figures import Figures, Quality
from needs_analysis.provenance import Source
from needs_analysis.reports.maps import area as maps
from needs_analysis.reports.maps.content import Entry
from needs_analysis.reports.maps.setting import Setting, around

from .page import find, labels, opened_map, painted, pick

pytestmark = pytest.mark.browser
SOURCES = [Source("omi", "=OMI", "OMI", "2018/2", "", "OMI 2018/2", "")]
NEED = Entry(
    "need_renters", "Famiglie in bisogno", "Stima.", "need", 0, printed_as="count", sized=True,
    words={"108001": "10-30"}, bands={"108001": Quality.MODELLED},
)  # fmt: skip

EVICTED = Entry(
    "need_evicted", "Famiglie con sfratto", "Stima.", "need", 0, printed_as="count", sized=True
)


@pytest.fixture(scope="module")
def file(tmp_path_factory, file_area):
    """The first thirty of six by six municipalities, in two ambiti; the last six are neighbours."""
    country = file_area.assign(
        municipality_name=[
            *file_area["municipality_name"][:4],
            "=Ostile()",
            *file_area["municipality_name"][5:],
        ]
    )
    area, codes = country.iloc[:30], country.index
    data = pd.DataFrame(
        {
            "rent_to_income_ratio": np.linspace(0.105, 0.4, 36),
            "low_income_share": np.linspace(0.4, 0.1, 36),
            "below_rent_threshold_share": np.linspace(0.2, 0.6, 36),
            "eviction_orders_per_1000": np.repeat([1.2, 3.4], 18),
            "rent_growth_share": np.linspace(-0.05, 0.05, 36),
            "degree_of_urbanisation_code": pd.array(["1", "2", "3"] * 12, dtype="str"),
            "need_renters": [np.nan, *np.arange(40.0, 75.0)],
            "need_evicted": np.arange(20.0, 56.0),
        },
        index=codes,
    )
    data.iloc[1, 0] = np.nan
    quality = pd.DataFrame(np.int8(0), index=codes, columns=data.columns)
    quality["eviction_orders_per_1000"] = np.int8(Quality.ALLOCATED)
    quality[["below_rent_threshold_share", "need_renters", "need_evicted"]] = np.int8(
        Quality.MODELLED
    )
    modelled = data[["below_rent_threshold_share"]]
    given = Figures.of(
        data, quality=quality, vintage="2021", sources=["omi"],
        low=(modelled - 0.1).reindex(columns=data.columns),
        high=(modelled + 0.1).reindex(columns=data.columns),
    )  # fmt: skip
    means = {
        "rent_to_income_ratio": 0.25,
        "low_income_share": 0.25,
        "below_rent_threshold_share": 0.4,
    }
    setting = Setting(
        italy=given,
        means=pd.Series(means),
        around=around(area, country.geometry),
        ambiti=pd.Series({code: "Nord" if i < 12 else "Sud" for i, code in enumerate(codes[:24])}),
        page="index.html",
    )
    path = tmp_path_factory.mktemp("map") / "mappa.html"
    maps.area_map(
        given, area=area, national=given, sources=SOURCES, entries=[NEED, EVICTED], setting=setting
    ).save(str(path))
    return path


@pytest.fixture
def page(chromium, file):
    yield from opened_map(chromium, file)


@pytest.fixture
def tools(page):
    """The page with the drawer of its tools open."""
    pick(page, "Incidenza del canone sul reddito")
    page.click("#na-more summary")
    return page


def compare(page, label: str) -> str:
    page.select_option("#na-second", label=label)
    return page.inner_text("#na-compare")


# ---- colours and neighbours ----------------------------------------------------------------------


def test_colours_are_of_italy_and_by_a_switch_of_the_area(page):
    pick(page, "Incidenza del canone sul reddito")
    legend = page.inner_text("#na-legend")
    assert "tutti i comuni italiani" in legend and "Italia nel complesso: 25,0 %" in legend
    assert "40,0" in legend  # Italy's highest, which the area does not have
    assert page.locator("#na-legend li", has_text="◂ Italia").count() == 1
    before = painted(page)
    page.check("#na-colours input[value=area]")
    own = page.inner_text("#na-legend")
    assert "quantili dell'area mostrata" in own and "40,0" not in own
    assert "Italia nel complesso: 25,0 %" in own and "◂" not in own
    assert painted(page) != before
    pick(page, "Grado di urbanizzazione")
    assert not page.is_visible("#na-colours")


def test_neighbours_are_grey_and_nowhere_else(page):
    assert "#dfe2e6" in painted(page)
    assert "comuni vicini, fuori dall'area" in page.inner_text("#na-legend")
    find(page, "Comune 31")
    assert page.inner_text("#na-search-note") == "Nessun comune trovato con questo nome."
    page.click("#na-table-button")
    assert page.locator("#na-table tbody tr").count() == 30


# ---- the profile ---------------------------------------------------------------------------------


def profile(page, name: str) -> str:
    find(page, name)
    page.click("#na-profile-button")
    return page.inner_text("#na-profile")


def test_a_click_opens_the_profile_of_the_municipality(page):
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 20)
    assert page.inner_text("#na-profile h2") == page.inner_text("#na-panel h2")
    assert page.evaluate("document.activeElement.id") == "na-profile-name"
    page.keyboard.press("Escape")
    assert not page.is_visible("#na-profile")


def test_the_profile_says_each_indicator_with_interval_quality_and_year(page):
    pick(page, "Incidenza del canone sul reddito")
    said = profile(page, "Sovico")
    for words in (
        "Monza e della Brianza – Ambito: Nord", "10,5 %", "Dichiaranti sotto il reddito",
        "da 10,0 % a 30,0 %", "· stimato · 2021", "ripartito dalla provincia · 2021", "città",
        "Andamento nel tempo", "−5,0 %", "10-30", "1° su 36",
    ):  # fmt: skip
        assert words in said
    headings = page.locator("#na-profile h3").all_inner_texts()
    assert headings.index("Il bisogno") == 0 and "Canoni, prezzi e redditi" in headings
    evictions = page.locator("#na-profile li", has_text="Provvedimenti di sfratto").inner_text()
    assert "su 36" not in evictions


def test_a_count_that_no_unit_has_as_a_band_is_not_said_to_be_observed(page):
    profile(page, "Comune 10")
    assert "stimato · 2021" in page.locator("#na-profile li", has_text="con sfratto").inner_text()


def test_a_hostile_name_is_text_in_profile_chart_and_table(tools):
    compare(tools, "Dichiaranti fino a 10.000 euro")
    assert "<b onclick=alert(1)>Ostile</b>" in profile(tools, "onclick")
    assert "<b onclick=alert(1)>Ostile</b>" in tools.locator("#na-compare svg").text_content()
    assert tools.locator("b[onclick]").count() == 0


def test_the_profile_gives_the_focus_back_and_follows_the_map(page):
    profile(page, "Comune 10")
    assert "Comune 10" in page.inner_text("#na-profile")
    pick(page, "Dichiaranti fino a 10.000 euro")
    assert "Dichiaranti" in page.inner_text("#na-profile .na-large")
    page.focus("#na-profile .na-close")
    page.keyboard.press("Enter")
    assert not page.is_visible("#na-profile")
    assert page.evaluate("document.activeElement.id") == "na-profile-button"


def test_the_profile_does_not_cover_the_municipality_on_a_desk(page):
    profile(page, "Comune 10")
    page.wait_for_timeout(300)
    frame = page.locator(".folium-map").bounding_box()
    label = page.locator(".na-place", has_text="Comune 10").first.bounding_box()
    assert frame["x"] <= label["x"]
    assert label["x"] + label["width"] <= page.locator("#na-profile").bounding_box()["x"]


def test_on_a_phone_the_profile_is_a_screen_of_its_own(page):
    page.set_viewport_size({"width": 375, "height": 700})
    profile(page, "Sovico")
    box = page.locator("#na-profile").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 375, 700)
    assert page.evaluate("document.getElementById('na-profile').scrollWidth") <= 375
    page.keyboard.press("Escape")
    assert page.is_visible("#na-search")


# ---- two indicators, one ambito ------------------------------------------------------------------


def test_two_indicators_are_read_in_words_panel_table_and_chart(tools):
    said = compare(tools, "Dichiaranti fino a 10.000 euro")
    # Of 29 with both: the first exceeds 25 % from the nineteenth, the second up to the eighteenth.
    assert "valori: 29. In situazione peggiore dell'Italia per tutti e due: 0;" in said
    assert "solo per il primo: 12; solo per il secondo: 17." in said
    assert "non dice che uno dipenda dall'altro" in said
    assert tools.get_attribute("#na-compare svg", "aria-label") in said
    assert "40,0 %" in find(tools, "Sovico")
    tools.click("#na-table-button")
    assert "Dichiaranti fino a 10.000 euro" in tools.inner_text("#na-table thead")
    tools.click("#na-profile-button")
    assert tools.locator("#na-profile .na-large .na-value").all_inner_texts() == [
        "10,5 %",
        "40,0 %",
    ]


def test_an_estimate_counts_only_with_its_whole_interval(tools):
    said = compare(tools, "Dichiaranti sotto il reddito che il canone richiede")
    # Above 50 % the whole interval is above Italy's 40 %: from the twenty-eighth, three.
    assert "per tutti e due: 3; solo per il primo: 9; solo per il secondo: 0" in said
    assert "solo se il suo intervallo sta tutto da una parte" in said


def test_what_does_not_compare_has_no_chart(tools):
    assert "ripartito dalla provincia" in compare(
        tools, "Provvedimenti di sfratto per 1.000 famiglie"
    )
    assert "un grafico vuole due misure" in compare(tools, "Grado di urbanizzazione")
    assert tools.locator("#na-compare svg").count() == 0
    pick(tools, "Grado di urbanizzazione")  # no indicator is compared with itself
    assert not tools.is_visible("#na-compare")


def test_an_ambito_is_shown_alone(tools):
    before = painted(tools)
    tools.select_option("#na-ambito", label="Nord")
    assert painted(tools) != before
    tools.click("#na-table-button")
    assert tools.locator("#na-table tbody tr").count() == 12
    head = tools.inner_text("#na-table thead")
    assert "Valore" in head and "Intervallo" not in head
    assert "12 di 12" in tools.inner_text("#na-table")
    assert "Comuni con tutti e due i valori: 11." in compare(
        tools, "Dichiaranti fino a 10.000 euro"
    )
    counts = tools.locator("#na-legend .na-count").all_inner_texts()
    assert sum(int(one) for one in counts if one) == 12


# ---- what leaves the page ------------------------------------------------------------------------


def saved(page, button: str):
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, download.value.path()


def test_the_table_is_downloaded_as_numbers_and_no_cell_runs(tools):
    compare(tools, "Dichiaranti sotto il reddito che il canone richiede")
    name, path = saved(tools, "#na-csv")
    assert name == "incidenza-del-canone-sul-reddito.csv"
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffCodice ISTAT;Comune;Provincia;Ambito;")
    rows = list(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
    assert len(rows) == 30
    by_code = {one["Codice ISTAT"]: one for one in rows}
    first = by_code["108001"]
    assert first["Incidenza del canone sul reddito (%)"] == "10,5"
    assert first["Dichiaranti sotto il reddito che il canone richiede (%): da"] == "10,0"
    assert first["Ambito"] == "Nord"
    assert by_code["108002"]["Incidenza del canone sul reddito (%)"] == ""
    assert by_code["108005"]["Comune"] == "'=Ostile()"
    assert not [cell for one in rows for cell in one.values() if re.match(r"[=+@\t]", cell)]


def test_a_band_stays_a_band_in_table_profile_and_address(tools):
    pick(tools, "Famiglie in bisogno")
    assert "10-30" in find(tools, "Sovico")
    _, path = saved(tools, "#na-csv")
    row = next(one for one in path.read_text("utf-8").splitlines() if one.startswith("108001"))
    assert row.split(";")[4] == "10-30"
    assert "10-30" not in tools.url and "stimato" in row


def test_the_picture_is_downloaded(tools):
    name, path = saved(tools, "#na-png")
    data = path.read_bytes()
    assert name.endswith(".png") and data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 20_000


def test_the_view_stands_in_the_address_and_comes_back(chromium, tools, file):
    compare(tools, "Dichiaranti fino a 10.000 euro")
    tools.select_option("#na-ambito", label="Nord")
    tools.check("#na-colours input[value=area]")
    find(tools, "Sovico")
    length = tools.evaluate("history.length")
    address = tools.url
    assert address.endswith(
        "#indicatore=rent_to_income_ratio&con=low_income_share&colori=area&ambito=Nord&comune=108001"
    )
    other = chromium.new_page()
    other.goto(address)
    assert other.inner_text("#na-panel h2") == "Sovico"
    assert other.input_value("#na-indicator") == tools.input_value("#na-indicator")
    assert other.is_checked("#na-colours input[value=area]")
    assert other.inner_text("#na-compare p") == tools.inner_text("#na-compare p")
    assert other.url == address
    assert tools.evaluate("history.length") == length
    other.goto(
        file.as_uri() + "#indicatore=<b>x&comune=999999&ambito=%00"
    )  # another view, same page
    other.wait_for_selector("#na-panel .na-hint")
    assert not other.is_visible("#na-compare")
    assert other.is_checked("#na-colours input[value=italy]")
    assert other.input_value("#na-ambito") == ""
    other.close()


def test_the_way_back_leads_to_the_page(page):
    assert page.get_attribute(".na-back a", "href") == "index.html"


# ---- for everybody -------------------------------------------------------------------------------


def serious(page) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (one["id"], one["nodes"][0]["html"])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("width", [375, 1280])
def test_no_serious_finding_of_accessibility(tools, width):
    tools.set_viewport_size({"width": width, "height": 800})
    compare(tools, "Dichiaranti fino a 10.000 euro")
    tools.click("#na-table-button")
    assert not serious(tools)
    profile(tools, "Sovico")
    assert not serious(tools)


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_overflows(tools, width):
    tools.set_viewport_size({"width": width, "height": 800})
    compare(tools, "Dichiaranti fino a 10.000 euro")
    assert tools.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_is_reached_by_the_keyboard(tools):
    reached = set()
    focused = "(({ id, name, className }) => id || name || className)(document.activeElement)"
    tools.focus("#na-indicator")
    for _ in range(40):
        reached.add(tools.evaluate(focused))
        tools.keyboard.press("Tab")
    wanted = {
        "na-indicator",
        "na-search",
        "na-second",
        "na-ambito",
        "na-csv",
        "na-png",
        "na-colours",
        "na-table-button",
        "na-whole",
    }
    assert wanted <= reached
    assert labels(tools)
