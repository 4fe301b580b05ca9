"""What is drawn of services, in Chromium: the map of sites, the chart of places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.figures import Figures
from needs_analysis.reports.chapters import siting_map
from needs_analysis.reports.charts import services as services_charts
from needs_analysis.services.siting import sites as siting
from needs_analysis.told import siting as siting_told

from .page import find, opened_map, painted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def siting_file(tmp_path_factory, file_area):
    """Where to open among the six by six: one site is there, two are chosen, Agliè has no need told."""
    need = pd.Series(np.arange(1.0, 37.0), index=file_area.index, name="households")
    need.iloc[1] = np.nan
    far = siting.straight_distances_km(file_area)
    found = siting.p_median(need, far, 2, [file_area.index[0]])
    figures = Figures.of(need.to_frame(), vintage="2021", sources=["istat_units"])
    said = siting_told.Siting(
        found, file_area, figures, "comune", "Qui",
        on=pd.Timestamp("2025-12-31"), invented=True,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("siting") / "dove.html"
    siting_map.siting_map(said).save(str(path))
    return path, found


@pytest.fixture
def sited(chromium, siting_file):
    yield from opened_map(chromium, siting_file[0])


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
