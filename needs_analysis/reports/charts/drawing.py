"""Drawings as SVG text that any browser or word processor shows without a font."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH = 6.9  # inches: the text width of an A4 page with 18 mm margins

INK, MUTED, RULE, PALE = "#1c2733", "#56616d", "#c9d0d7", "#9fb3c8"
ACCENT, MISSING = "#1f4e79", "#8794a1"
# Matplotlib draws from global settings and shares its fonts: one drawing at a time, from its own
# defaults, gives the same bytes whatever the caller's notebook has set.
_LOCK = Lock()
_STYLE: Any = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "svg.fonttype": "path",
    # A dollar sign in a name is a dollar sign.
    "text.parse_math": False,
    "hatch.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
}


@contextmanager
def drawing(
    height: float, title: str = "", width: float = WIDTH
) -> Iterator[tuple[Figure, list[str]]]:
    """Give a figure to draw on; when it is done, its SVG is the list's only item."""
    import matplotlib
    from matplotlib.figure import Figure

    svg: list[str] = []
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(width, height))
        yield figure, svg
        if title:
            look: dict[str, Any] = {
                "ha": "left",
                "va": "bottom",
                "fontsize": 10.5,
                "weight": "bold",
            }
            figure.suptitle(wrapped(title, 80), x=0.0, y=1.0, **look)
        out = StringIO()
        nothing: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Type", "Format"))
        figure.savefig(
            out, format="svg", dpi=200, metadata=nothing, bbox_inches="tight", pad_inches=0.05
        )
        svg.append(_tidied(out.getvalue()))


def wrapped(text: str, width: int) -> str:
    """Break a text into lines of at most `width` characters."""
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def _tidied(svg: str) -> str:
    """Turn matplotlib's SVG into the plain kind that a page with a strict policy may hold.

    Styles become attributes (the policy blocks styles), names without a use go, the others are
    numbered in order (matplotlib draws them at random), coordinates keep two decimals.
    """
    root = ElementTree.fromstring(svg)
    for parent in root.iter():
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = _plain_attributes(element)
    used = {
        name
        for element in root.iter()
        for value in element.attrib.values()
        for name in re.findall(r"#([\w.-]+)", value)
    }
    names = {
        old: f"n{i}"
        for i, old in enumerate(
            element.attrib["id"] for element in root.iter() if element.get("id") in used
        )
    }
    for element in root.iter():
        _rename(element, names)
        element.text = element.tail = None
    root.attrib = {"xmlns": SVG_NAMESPACE} | root.attrib
    return ElementTree.tostring(root, encoding="unicode")


def _plain_attributes(element: ElementTree.Element) -> dict[str, str]:
    kept = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    for declaration in filter(None, kept.pop("style", "").split(";")):
        key, _, value = declaration.partition(":")
        kept[key.strip()] = value.strip()
    if "d" in kept:
        kept["d"] = _short_path(kept["d"])
    return kept


def _short_path(path: str) -> str:
    """Round a path to two decimals (of a 72nd of an inch) on one line.

    Examples
    --------
    >>> _short_path("M 1.500001 2.126 L 3 4 z ")
    'M1.5 2.13L3 4z'
    """
    rounded = re.sub(
        r"-?\d+\.\d+", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), path
    )
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(rounded.split()))


def _rename(element: ElementTree.Element, names: Mapping[str, str]) -> None:
    """Give an element and its references their number; drop a name nobody refers to."""
    if element.get("id") in names:
        element.attrib["id"] = names[element.attrib["id"]]
    else:
        element.attrib.pop("id", None)
    for key, value in element.attrib.items():
        if "#" in value and key != "id":
            element.attrib[key] = re.sub(
                r"#([\w.-]+)", lambda found: "#" + names.get(found[1], found[1]), value
            )


def name_points(
    figure: Figure, axes: Axes, points: Sequence[tuple[float, float, str]], lift: float = 0.0
) -> None:
    """Write names at points, or `lift` 72nds of an inch above, leaving out those too close."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    axes.apply_aspect()
    frame = axes.get_window_extent()
    between = figure.dpi / 24  # 3 points, or two names side by side read as one
    placed: list[Bbox] = []
    for x, y, label in points:
        text = axes.annotate(
            label,
            (x, y),
            xytext=(0, lift),
            textcoords="offset points",
            ha="center",
            va="bottom" if lift else "center",
            fontsize=8,
        )
        text.set_path_effects([withStroke(linewidth=2, foreground="white")])
        box = text.get_window_extent(renderer)
        covers = any(box.padded(between).overlaps(other) for other in placed)
        if covers or not (frame.x0 <= box.x0 and box.x1 <= frame.x1):
            text.remove()
        else:
            placed.append(box)


def write_legend(
    figure: Figure, handles: Sequence[Artist], heading: str = "", **where: Any
) -> None:
    """Write a legend without a frame under its heading; `where` as matplotlib's."""
    box = figure.legend(handles=list(handles), title=heading or None, frameon=False, **where)
    box.get_title().set_fontweight("bold")


def legend_box(figure: Figure, handles: Sequence[Artist], heading: str, left: float = 0.71) -> None:
    """Put a legend to the right of a map."""
    write_legend(
        figure, handles, heading, loc="center left", bbox_to_anchor=(left, 0.5), alignment="left",
        handlelength=1.8, handleheight=1.2,
    )  # fmt: skip
