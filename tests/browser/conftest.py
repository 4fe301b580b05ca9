"""One Chromium a file, and the invented municipalities it is shown."""

from __future__ import annotations

import os
import shutil

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from .page import NAMES, lacking

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def chromium():
    """Skip on a desk that lacks the browser or its driver, fail on the build machine; with the cure."""
    path = shutil.which("chromium")
    if lack := lacking(path):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(lack)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
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
