"""The map of all Italy beside `GeoDataFrame.explore()`: time, memory, size, first paint. By hand:

    pip install mapclassify        # which explore() asks for
    python benchmarks/map_italy.py

Each side runs in a process of its own, so that seconds and memory are those of a whole run. The
figures of all municipalities and their boundaries are written once to a GeoParquet, which the peer,
geopandas without our code, reads; ours selects and computes them, and its seconds of that are printed
apart. A third side is the map of a study of Italy, with the households in need (at most 4 MB, first
paint within 1.2 s). explore() colours one indicator, draws the boundaries as they are and takes Leaflet
from the network; ours offers all indicators with ranks, simplifies and holds everything.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from listed import Row, hand

SWITCHES = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
SWITCHES += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
LOADS = 5
SWITCH_ONE = """(index) => new Promise((done) => {
  const select = document.getElementById("na-indicator");
  const start = performance.now();
  select.selectedIndex = index;
  select.dispatchEvent(new Event("change"));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
})"""


def ours(path: str) -> None:
    started = time.perf_counter()
    import needs_analysis as na

    area = na.territory.select("Italia")
    figures = na.indicators.compute(na.panel.build(area))
    ready = time.perf_counter()
    from needs_analysis.reports.maps.area import area_map

    area_map(figures, area=area, national=figures).save(path)
    _report(started, ready, f"{figures.data.shape[1]} indicators")


def study(path: str) -> None:
    started = time.perf_counter()
    from needs_analysis import study as studies

    found = studies.find(studies.Study("Italia"))
    ready = time.perf_counter()
    studies.area_map(found).save(path)
    _report(started, ready, "with groups, types and households in need")


def explore(path: str) -> None:
    started = time.perf_counter()
    import geopandas as gpd

    frame = gpd.read_parquet(Path(path).with_name("figures.parquet"))
    ready = time.perf_counter()
    frame.explore("rent_to_income_ratio", tiles=None).save(path)
    _report(started, ready, f"{frame.shape[1] - 3} indicators in the tooltip, one coloured")


def write_figures(path: str) -> None:
    """Write the figures and the boundaries of all Italy, which the peer reads."""
    import needs_analysis as na

    area = na.territory.select("Italia")
    figures = na.indicators.compute(na.panel.build(area))
    area[["municipality_name", "province_name", "geometry"]].join(figures.data).to_parquet(path)


def _report(started: float, ready: float, what: str) -> None:
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  figures {ready - started:6.2f} s   map {ended - ready:6.2f} s   peak {peak:6.0f} MB")
    print(f"  {what}")


def first_paint(path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=SWITCHES
        )
        paints, drawn, switches = [], [], []
        for _ in range(LOADS):
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(path.as_uri())
            page.wait_for_timeout(500)
            paints.append(page.evaluate("performance.getEntriesByType('paint')[0].startTime"))
            drawn.append(page.evaluate("performance.getEntriesByName('na-drawn')[0].startTime"))
            options = page.locator("#na-indicator option").count()
            switches += [page.evaluate(SWITCH_ONE, index) for index in range(options)]
            page.close()
        browser.close()
    for name, times in (("first paint", paints), ("map drawn", drawn), ("switch", switches)):
        print(
            f"  {name:12s} median {statistics.median(times):5.0f} ms   worst {max(times):5.0f} ms"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = str(Path(folder, "figures.parquet"))
        subprocess.run([sys.executable, __file__, "write_figures", figures], check=True)
        taken = {}
        for side in ("ours", "study", "explore"):
            path = Path(folder, f"{side}.html")
            started = time.perf_counter()
            print(side, flush=True)
            subprocess.run([sys.executable, __file__, side, str(path)], check=True)
            taken[side] = time.perf_counter() - started, path.stat().st_size / 1e6
            print(
                f"  whole process {taken[side][0]:6.2f} s   file {taken[side][1]:6.2f} MB",
                flush=True,
            )
            if side != "explore":
                first_paint(path)
    said = {side: f"{seconds:.1f} s, {size:.1f} MB" for side, (seconds, size) in taken.items()}
    ratio = f"{taken['ours'][0] / taken['explore'][0]:.2f}"
    hand(__file__, [Row("map of all Italy", said["ours"], f"explore(): {said['explore']}", ratio)])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sides = {
            "ours": ours, "study": study, "explore": explore, "write_figures": write_figures,
        }  # fmt: skip
        sides[sys.argv[1]](sys.argv[2])
    else:
        main()
