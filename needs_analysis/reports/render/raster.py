"""Drawings as PNG: what programs that draw no SVG show, with the same letters everywhere."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from needs_analysis.reports.model import Briefing, Picture
from needs_analysis.reports.render.html import inline_svg

CHARTS = "charts"
"""The folder of the charts, beside the page."""
DOTS = 200
"""Dots per inch, enough for print."""
_WIDEST, _HIGHEST = 481.0, 620.0  # points: what a page of A4 holds
_SHEET = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")"""


def png(picture: Picture) -> tuple[bytes, tuple[float, float]]:
    """Draw a picture as PNG.

    Parameters
    ----------
    picture : Picture
        Its SVG is checked first: nothing from outside is drawn.

    Returns
    -------
    bytes, tuple of float
        The file, always the same, and width and height in points on the page.

    Examples
    --------
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg" width="72" height="36" viewBox="0 0 72 36"/>'
    >>> made, size = png(Picture("a", "A", svg, "Niente"))
    >>> made[1:4], [round(one) for one in size]
    (b'PNG', [72, 36])
    """
    import typst

    made = typst.compile(
        _SHEET,
        format="png",
        ppi=DOTS,
        ignore_system_fonts=True,
        sys_inputs={"svg": drawable(picture)},
    )
    assert isinstance(made, bytes)
    return made, size_of(picture)


def write_charts(briefing: Briefing, folder: Path) -> list[str]:
    """Write each chart of a briefing as SVG and as PNG, for a document of somebody else's.

    Parameters
    ----------
    briefing : Briefing
        Whose pictures; a file is called by its picture's key.
    folder : Path
        Where the folder ``charts`` appears, if there is any.

    Returns
    -------
    list of str
        The names of the files below `folder`, in order.
    """
    blocks = [block for chapter in briefing.chapters for block in chapter.blocks]
    names = []
    for picture in blocks:
        if not isinstance(picture, Picture):
            continue
        name = f"{CHARTS}/{re.sub(r'[^A-Za-z0-9_-]+', '-', picture.key)}"
        (folder / CHARTS).mkdir(exist_ok=True)
        (folder / f"{name}.svg").write_text(drawable(picture), "utf-8")
        (folder / f"{name}.png").write_bytes(png(picture)[0])
        names += [f"{name}.png", f"{name}.svg"]
    return sorted(names)


def size_of(picture: Picture) -> tuple[float, float]:
    """Return width and height of a picture in points: its own, or what a page holds.

    Examples
    --------
    >>> size_of(Picture("a", "A", '<svg viewBox="0 0 962 100"/>', "Niente"))
    (481.0, 50.0)
    """
    view = ElementTree.fromstring(picture.svg).get("viewBox", f"0 0 {_WIDEST} {_HIGHEST}").split()
    wide, high = float(view[2]), float(view[3])
    shrunk = min(1.0, _WIDEST / wide, _HIGHEST / high)
    return wide * shrunk, high * shrunk


def drawable(picture: Picture) -> str:
    """Return a picture's SVG, checked, for a program that is no browser."""
    svg = str(inline_svg(picture.svg, prefix="p", words=""))
    named = 'xmlns="http://www.w3.org/2000/svg"'
    return svg if named in svg else svg.replace("<svg ", f"<svg {named} ", 1)
