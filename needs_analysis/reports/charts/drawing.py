"""Static maps and charts as SVG text that any browser or word processor shows without a font."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from needs_analysis.figures import Quality
from needs_analysis.reports.language import (
    QUALITY_LABELS,
    Display,
    display,
)
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SVG_NAMESPACE = "http://www.w3.org/2000/svg"
WIDTH = 6.9  # inches: the text width of an A4 page with 18 mm margins

# ColorBrewer YlGnBu without its palest and darkest ends: ordered for every kind of colour vision,
# in grey print as well, and dark enough to stand out from the paper.
_SEQUENCE = ("#e4f1c3", "#a5d8b9", "#5bb5c1", "#2b7fb5", "#28448f")
INK, MUTED, RULE, PALE = "#1c2733", "#56616d", "#c9d0d7", "#9fb3c8"
ACCENT, MISSING = "#1f4e79", "#8794a1"
_LINES = (("#1f4e79", "-"), ("#b3541e", "--"), ("#4d7d36", "-."), ("#6b4c86", ":"))
# How a value came to be is read from the hatch, so the colour keeps its one meaning.
HATCHES = {
    Quality.ALLOCATED: "////",
    Quality.MODELLED: "||||",
    Quality.IMPUTED: "\\\\\\\\",
    Quality.SUPPRESSED: "----",
    Quality.MISSING: "xxxx",
}
RASTER_UNITS = 1000  # above this a map's shapes are drawn as one picture inside the SVG
_WORDS = {
    "broken": N_("serie interrotta"),
}
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


# ---------------------------------------------------------------- map


def choropleth(
    geometry: gpd.GeoSeries,
    values: pd.Series,
    quality: pd.Series | None = None,
    *,
    name: str,
    unit: str,
    voice: Voice = ITALIAN,
    title: str = "",
    legend: str = "",
    classes: int = 5,
    highlight: Sequence[Hashable] | pd.Index | None = None,
    labels: pd.Series | None = None,
) -> str:
    """Map one variable by municipality in quantile classes.

    Parameters
    ----------
    geometry : GeoSeries of polygons, EPSG:32632
        The units to draw, by their code.
    values : Series
        The variable, in the unit of its name; units without a value are drawn as missing.
    quality : Series of `Quality`, optional
        Anything but OBSERVED is hatched and named in the legend; where every value is an estimate,
        the legend's heading says so instead.
    name, unit : str
        The variable and its unit, from which `language.display` takes scale and decimals.
    title : str
        Drawn above the map; leave it empty where the page prints its own caption.
    legend : str
        Heading of the legend; the unit is put under it.
    highlight : index, optional
        Units drawn with a heavy outline.
    labels : Series of str, optional
        Names to write on units, most important first; one that would cover another is left out.

    Returns
    -------
    str
        SVG without scripts, styles or references to the outside; the same input gives the same
        bytes.

    Notes
    -----
    Above 1,000 units the shapes are rasterised at 200 dpi inside the SVG.
    """
    from matplotlib.colors import to_rgb

    drawn = simplified(geometry.dropna())
    # Numeric first: an all-missing column arrives as object.
    column = pd.to_numeric(values, errors="coerce").reindex(drawn.index)
    shown = display(name, unit)
    kinds = _kinds(column, quality)
    class_of, ranges = quantile_classes(column.to_numpy(dtype=float), classes)
    colours = _colours(len(ranges))
    told = set(kinds[class_of >= 0].tolist())
    if told in ({int(Quality.MODELLED)}, {int(Quality.IMPUTED)}):
        # A hatch over the whole map tells units apart from nothing: the legend's heading says it.
        legend = ", ".join(filter(None, [legend, voice.say(QUALITY_LABELS[Quality(told.pop())])]))
        kinds[class_of >= 0] = Quality.OBSERVED
    with drawing(title, map_size(drawn)) as (figure, svg):
        axes = figure.add_axes((0, 0, 0.70, 1))
        for position, colour in enumerate(colours):
            hatch_colour = "white" if np.mean(to_rgb(colour)) < 0.55 else MUTED
            for kind in np.unique(kinds[class_of == position]):
                chosen = drawn[(class_of == position) & (kinds == kind)]
                fill(axes, chosen, colour, HATCHES.get(Quality(int(kind)), ""), hatch_colour)
        for kind in np.unique(kinds[class_of < 0]):
            fill(axes, drawn[(class_of < 0) & (kinds == kind)], "white", HATCHES[kind], MISSING)
        finish_map(
            figure, axes, drawn, class_of < 0, voice=voice, highlight=highlight, labels=labels
        )
        _map_legend(figure, legend, shown, voice, colours, ranges, kinds)
    return svg[0]


def tells_apart(values: pd.Series, shown: Display) -> bool:
    """Tell whether a map of some values shows anything: two of them differ as they are printed.

    Examples
    --------
    >>> per_cent = Display(100, 1, "%")
    >>> tells_apart(pd.Series([0.2, 0.3]), per_cent), tells_apart(pd.Series([0.2, 0.2001]), per_cent)
    (True, False)
    """
    seen = (values.dropna() * shown.scale).round(shown.decimals)
    return bool(seen.max() > seen.min())


def quantile_classes(
    values: np.ndarray, classes: int
) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Sort values into classes of about equal size; equal values stay together.

    Returns
    -------
    class_of : array of int
        The class of each value, -1 where it is missing.
    ranges : list of (lowest, highest)
        The values that each class holds; no class is empty, so ties give fewer classes.

    Examples
    --------
    >>> quantile_classes(np.array([1.0, 2.0, 3.0, 4.0, np.nan]), 2)
    (array([ 0,  0,  1,  1, -1]), [(1.0, 2.0), (3.0, 4.0)])
    """
    class_of = np.full(len(values), -1)
    known = np.isfinite(values)
    if not known.any():
        return class_of, []
    inner = np.quantile(values[known], np.linspace(0, 1, classes + 1)[1:-1])
    raw = np.searchsorted(np.unique(inner), values[known], side="left")
    class_of[known] = np.unique(raw, return_inverse=True)[1]
    found = range(int(class_of.max()) + 1)
    ranges = [
        (float(values[class_of == i].min()), float(values[class_of == i].max())) for i in found
    ]
    return class_of, ranges


def _kinds(values: pd.Series, quality: pd.Series | None) -> np.ndarray:
    """Return the quality of each unit: missing where there is no value, observed where untold."""
    told = (
        pd.Series(float(Quality.OBSERVED), index=values.index)
        if quality is None
        else quality.astype(float).reindex(values.index).fillna(float(Quality.OBSERVED))
    )
    kinds = told.to_numpy(dtype=int, copy=True)
    blank = ~np.isfinite(values.to_numpy(dtype=float))
    kinds[blank & (kinds < Quality.SUPPRESSED)] = Quality.MISSING
    return kinds


def _colours(count: int) -> list[str]:
    """Spread the sequence over the classes; a lone class takes its middle."""
    if count == 1:
        return [_SEQUENCE[2]]
    return [_SEQUENCE[round(i)] for i in np.linspace(0, len(_SEQUENCE) - 1, count)]


def simplified(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Drop detail finer than the print shows; shared borders stay shared."""
    left, bottom, right, top = geometry.total_bounds
    tolerance = max(right - left, top - bottom) / 900
    simple = shapely.coverage_simplify(geometry.to_numpy(), tolerance)
    return gpd.GeoSeries(simple, index=geometry.index, crs=geometry.crs)


def _territory(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return all units as one shape, so that pale ones do not melt into the paper."""
    return gpd.GeoSeries([shapely.union_all(geometry.to_numpy())], crs=geometry.crs)


def map_size(geometry: gpd.GeoSeries) -> float:
    """Return the height in inches that suits the shape of the territory."""
    left, bottom, right, top = geometry.total_bounds
    shape = (top - bottom) / max(right - left, 1.0)
    return float(np.clip(WIDTH * 0.70 * shape, 3.0, 4.4))


def fill(axes: Axes, geometry: gpd.GeoSeries, colour: str, hatch: str, hatch_colour: str) -> None:
    """Fill all polygons of a class as one element of the SVG."""
    from matplotlib.patches import PathPatch

    rings = shapely.get_rings(geometry.explode(index_parts=False).to_numpy())
    # The hatch takes the colour of an edge that is not drawn.
    patch = PathPatch(_path(rings), facecolor=colour, edgecolor=hatch_colour, hatch=hatch or None)
    patch.set_linewidth(0)
    axes.add_patch(patch)


def finish_map(
    figure: Figure,
    axes: Axes,
    drawn: gpd.GeoSeries,
    missing: np.ndarray,
    *,
    voice: Voice,
    borders: bool = True,
    highlight: Sequence[Hashable] | pd.Index | None = None,
    labels: pd.Series | None = None,
) -> None:
    """Put borders, a scale bar and names on a map whose units are filled."""
    if borders:
        _outline(axes, drawn, "white", 0.5 if len(drawn) <= RASTER_UNITS else 0.1)
    if missing.any():
        _outline(axes, drawn[missing] if borders else _territory(drawn[missing]), MISSING, 0.5)
    _outline(axes, _territory(drawn), MISSING, 0.6)
    if highlight is not None:
        marked = drawn[drawn.index.isin(highlight)]
        # A heavy line would cover a unit that is a hundredth of the picture's width.
        left, _, right, _ = drawn.total_bounds
        small = len(marked) and np.ptp(marked.total_bounds[[0, 2]]) < 0.03 * (right - left)
        _outline(axes, marked, INK, 0.6 if small else 1.8)
    _frame_map(axes, drawn)
    _scale_bar(axes, drawn, voice)
    if labels is not None:
        _name_units(figure, axes, drawn, labels)
    if len(drawn) > RASTER_UNITS:
        for patch in axes.patches:
            patch.set_rasterized(True)


def _outline(axes: Axes, geometry: gpd.GeoSeries, colour: str, width: float) -> None:
    """Draw each border once, though two units share it."""
    from matplotlib.patches import PathPatch

    if geometry.empty:
        return
    borders = shapely.union_all(shapely.boundary(geometry.to_numpy()))
    lines = shapely.get_parts(shapely.line_merge(borders))
    patch = PathPatch(_path(lines), fill=False, edgecolor=colour, linewidth=width)
    patch.set_joinstyle("round")
    axes.add_patch(patch)


def _path(lines: np.ndarray) -> Any:
    from matplotlib.path import Path

    return Path.make_compound_path(*[Path(shapely.get_coordinates(line)) for line in lines])


def _frame_map(axes: Axes, geometry: gpd.GeoSeries) -> None:
    left, bottom, right, top = geometry.total_bounds
    # Room below the territory keeps the scale bar off it.
    margin = 0.02 * max(right - left, top - bottom)
    axes.set(xlim=(left - margin, right + margin), ylim=(bottom - 4 * margin, top + margin))
    axes.set_aspect("equal", anchor="W")
    axes.axis("off")


def _scale_bar(axes: Axes, geometry: gpd.GeoSeries, voice: Voice) -> None:
    left, bottom, right, top = geometry.total_bounds
    span = max(right - left, top - bottom)
    length = next(km for km in (200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0) if km * 1000 <= span / 4)
    if not length:
        return
    height = bottom - 0.045 * span
    axes.plot([left, left + length * 1000], [height, height], color=MUTED, linewidth=1.5)
    text = f"{voice.number(length, 1 if length < 1 else 0)} km"
    axes.text(left + length * 1000 + 0.012 * span, height, text, va="center", color=MUTED)


def _name_units(figure: Figure, axes: Axes, geometry: gpd.GeoSeries, labels: pd.Series) -> None:
    """Write names on the units that are drawn, in their order."""
    known = [(code, text) for code, text in labels.dropna().items() if code in geometry.index]
    # A name belongs on the main part: the widest place of all parts may be in a small exclave.
    parts = [max(shapely.get_parts(geometry.loc[code]), key=shapely.area) for code, _ in known]
    points = [
        (part.representative_point(), text) for part, (_, text) in zip(parts, known, strict=True)
    ]
    name_points(figure, axes, [(point.x, point.y, text) for point, text in points])


def name_points(
    figure: Figure,
    axes: Axes,
    points: Sequence[tuple[float, float, str]],
    lift: float = 0.0,
) -> None:
    """Write names at points, or `lift` 72nds of an inch above, leaving out those that would touch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.patheffects import withStroke
    from matplotlib.transforms import Bbox

    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    axes.apply_aspect()
    frame = axes.get_window_extent()
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
        covers = any(box.overlaps(other) for other in placed)
        if covers or not (frame.x0 <= box.x0 and box.x1 <= frame.x1):
            text.remove()
        else:
            placed.append(box)


def _map_legend(
    figure: Figure,
    heading: str,
    shown: Display,
    voice: Voice,
    colours: Sequence[str],
    ranges: Sequence[tuple[float, float]],
    kinds: np.ndarray,
) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(
            facecolor=colour, edgecolor=RULE, linewidth=0.4, label=_range(low, high, shown, voice)
        )
        for colour, (low, high) in zip(colours, ranges, strict=True)
    ][::-1]
    for kind in sorted({int(kind) for kind in kinds} - {int(Quality.OBSERVED)}):
        handles.append(
            Patch(
                facecolor="white",
                edgecolor=MUTED,
                hatch=HATCHES[Quality(kind)],
                linewidth=0.4,
                label=voice.say(QUALITY_LABELS[Quality(kind)]),
            )
        )
    heading = "\n".join(part for part in (wrapped(heading, 24), voice.say(shown.unit)) if part)
    legend_box(figure, handles, heading)


def legend_box(figure: Figure, handles: Sequence[Artist], heading: str, left: float = 0.71) -> None:
    """Put a legend to the right of a map."""
    box = figure.legend(
        handles=list(handles),
        title=heading or None,
        loc="center left",
        bbox_to_anchor=(left, 0.5),
        frameon=False,
        alignment="left",
        handlelength=1.8,
        handleheight=1.2,
    )
    box.get_title().set_fontweight("bold")


def _range(low: float, high: float, shown: Display, voice: Voice) -> str:
    ends = [voice.number(end * shown.scale, shown.decimals) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"


# ---------------------------------------------------------------- series


def series(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    voice: Voice = ITALIAN,
    title: str = "",
    broken: Collection[int] = (),
) -> str:
    """Draw yearly counts as lines, each named at its end.

    Parameters
    ----------
    frame : DataFrame
        Index the year, one column a line; NaN leaves a gap.
    labels : mapping of str to str
        The columns to draw, in order, with their printed names.
    broken : collection of int
        Years shaded as "serie interrotta".
    """
    data = frame.sort_index()[list(labels)].astype(float)
    with drawing(title, 2.9) as (figure, svg):
        axes = figure.add_axes((0.085, 0.10, 0.66, 0.86))
        _shade(axes, broken, voice)
        for (column, _), (colour, dash) in zip(labels.items(), _cycle(len(labels)), strict=True):
            axes.plot(
                data.index,
                data[column],
                dash,
                color=colour,
                linewidth=1.6,
                marker="o",
                markersize=2.6,
            )
        top = float(np.nanmax(data.to_numpy(), initial=0)) or 1.0
        axes.set_ylim(0, top * 1.08)
        _year_axis(axes, data.index)
        axes.yaxis.set_major_formatter(lambda value, _: voice.number(value))
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)
        _name_lines(axes, data, labels, voice, top * 1.08)
    return svg[0]


def _cycle(count: int) -> list[tuple[str, str]]:
    return [_LINES[i % len(_LINES)] for i in range(count)]


def _shade(axes: Axes, broken: Collection[int], voice: Voice) -> None:
    """Shade runs of broken years and name the first of them."""
    years = sorted(int(year) for year in broken)
    for year in years:
        axes.axvspan(year - 0.5, year + 0.5, color="#eceff2", linewidth=0, zorder=0)
    if years:
        # Text at the top of the shading grows away from the nearer border of the plot.
        axes.text(
            years[0] - 0.4,
            0.99,
            voice.say(_WORDS["broken"]),
            transform=axes.get_xaxis_transform(),
            va="top",
            fontsize=8,
            color=MUTED,
            rotation=90 if len(years) < 5 else 0,
        )


def _year_axis(axes: Axes, years: pd.Index) -> None:
    """Label every few years, the last always and the first where the step allows."""
    first, last = int(years[0]), int(years[-1])
    least = max(1, -(-(last - first) // 7))
    step = next((few for few in range(least, 2 * least) if (last - first) % few == 0), least)
    ticks = list(range(last, first - 1, -step))
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.set_xlim(first - 0.5, last + 0.5)


def _name_lines(
    axes: Axes, data: pd.DataFrame, labels: Mapping[str, str], voice: Voice, top: float
) -> None:
    """Write each line's name and last value beside its end, far enough apart to read."""
    gap = 0.115 * top
    ends: list[tuple[float, str, str]] = []
    for (column, label), (colour, _) in zip(labels.items(), _cycle(len(labels)), strict=True):
        known = data[column].dropna()
        if known.empty:
            ends.append((0.0, f"{label}\n{voice.missing}", colour))
            continue
        when = "" if known.index[-1] == data.index[-1] else f" ({known.index[-1]})"
        ends.append((known.iloc[-1], f"{label}\n{voice.number(known.iloc[-1])}{when}", colour))
    heights = _spread([end[0] for end in ends], gap * 1.25, 0.06 * top)
    for (_, text, colour), height in zip(ends, heights, strict=True):
        axes.text(
            1.015,
            height,
            text,
            transform=axes.get_yaxis_transform(),
            color=colour,
            va="center",
            fontweight="bold",
            linespacing=1.25,
        )


def _spread(heights: Sequence[float], gap: float, floor: float) -> list[float]:
    """Push labels up, lowest first, until each clears the one below.

    Examples
    --------
    >>> _spread([10, 9, 50], gap=5, floor=2)
    [14.0, 9.0, 50.0]
    """
    placed = [0.0] * len(heights)
    least = floor
    for position in sorted(range(len(heights)), key=lambda i: heights[i]):
        placed[position] = max(float(heights[position]), least)
        least = placed[position] + gap
    return placed


# ---------------------------------------------------------------- drawing


@contextmanager
def drawing(title: str, height: float) -> Iterator[tuple[Figure, list[str]]]:
    """Give a figure to draw on; when it is done, its SVG is the list's only item."""
    import matplotlib
    from matplotlib.figure import Figure

    svg: list[str] = []
    with _LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH, height))
        yield figure, svg
        if title:
            figure.suptitle(
                wrapped(title, 80),
                x=0.0,
                y=1.0,
                ha="left",
                va="bottom",
                fontsize=10.5,
                weight="bold",
            )
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
