"""Static maps of municipalities, coloured by class, with borders, names and a scale."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from needs_analysis.figures import Quality
from needs_analysis.reports.charts.drawing import (
    INK,
    MISSING,
    MUTED,
    RULE,
    WIDTH,
    drawing,
    legend_box,
    name_points,
    wrapped,
)
from needs_analysis.reports.language import QUALITY_LABELS, Display, display
from needs_analysis.words import ITALIAN, Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# ColorBrewer YlGnBu without its palest and darkest ends: ordered for every kind of colour vision,
# in grey print as well, and dark enough to stand out from the paper.
_SEQUENCE = ("#e4f1c3", "#a5d8b9", "#5bb5c1", "#2b7fb5", "#28448f")
# How a value came to be is read from the hatch, so the colour keeps its one meaning.
HATCHES = {
    Quality.ALLOCATED: "////",
    Quality.MODELLED: "||||",
    Quality.IMPUTED: "\\\\\\\\",
    Quality.SUPPRESSED: "----",
    Quality.MISSING: "xxxx",
}
RASTER_UNITS = 1000  # above this a map's shapes are drawn as one picture inside the SVG


def choropleth(
    geometry: gpd.GeoSeries,
    values: pd.Series,
    quality: pd.Series | None = None,
    *,
    name: str,
    unit: str,
    voice: Voice = ITALIAN,
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
    with drawing(map_size(drawn)) as (figure, svg):
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


def _range(low: float, high: float, shown: Display, voice: Voice) -> str:
    ends = [voice.number(end * shown.scale, shown.decimals) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"
