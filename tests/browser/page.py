"""An open map, and what a user does with it."""

from __future__ import annotations

import re
import subprocess
import sys

NAMES = ["Sovico", "Agliè", "Sant'Angelo Lodigiano", "<b onclick=alert(1)>Ostile</b>"]


def lacking(path):
    """Say in words what the browser tests lack here, and the cure; empty if nothing."""
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
