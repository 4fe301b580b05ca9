"""Maps and charts of spatial patterns, as SVG text in the manner of `reports.charts`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from needs_analysis.errors import Refused
from needs_analysis.figures import Quality
from needs_analysis.reports.charts.choropleth import (
    HATCHES,
    RASTER_UNITS,
    fill,
    finish_map,
    map_size,
    simplified,
)
from needs_analysis.reports.charts.drawing import (
    INK,
    MISSING,
    MUTED,
    drawing,
    legend_box,
    name_points,
    wrapped,
)
from needs_analysis.reports.charts.rows import first_colours, rounded, short_name
from needs_analysis.reports.problems import problem
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WORDS = {
    "moran": N_("I di Moran"),
    "own_z": N_("valore dell'unità (deviazioni standard dalla media)"),
    "lag_z": N_("media dei vicini"),
}
_NUMBERED_UNITS = 150  # up to here a typology's map has room for numbers
# Colour, hatch and words of each label.
CLUSTERS = {
    "high_high": ("#a32a1c", "", N_("Alto circondato da alto")),
    "low_low": ("#5b9bd0", "", N_("Basso circondato da basso")),
    "high_low": ("#f2b48f", "+++", N_("Alto circondato da basso")),
    "low_high": ("#cfe3f3", "+++", N_("Basso circondato da alto")),
    "not_significant": ("#e3e6e9", "", N_("Non significativo")),
    "missing": ("#ffffff", HATCHES[Quality.MISSING], N_("Senza un dato proprio")),
}


class _Category(NamedTuple):
    """A class of a categorical map; dark and light tell it in grey print, a grid the odd ones out."""

    code: Hashable
    label: str
    colour: str
    hatch: str = ""


def cluster_map(
    geometry: gpd.GeoSeries,
    labels: pd.Series,
    *,
    voice: Voice = ITALIAN,
    highlight: Sequence[Hashable] | pd.Index | None = None,
    names: pd.Series | None = None,
) -> str:
    """Map where high values stand among high ones, low among low, or apart from their neighbours.

    Parameters
    ----------
    geometry : GeoSeries of polygons, EPSG:32632
        The units to draw, by their code.
    labels : Series of str
        "high_high", "low_low", "high_low", "low_high", "not_significant" or "missing" by unit, as from
        :func:`needs_analysis.patterns.autocorrelation.local_moran`; a unit without one is missing.
    highlight : index, optional
        Units drawn with a heavy outline.
    names : Series of str, optional
        Names to write on units, most important first; one that would cover another is left out.

    Returns
    -------
    str
        SVG; each class has its number of units in the legend, above 1,000 units the shapes are one
        picture inside it.

    Raises
    ------
    Refused
        A label is none of these.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> shapes = gpd.GeoSeries([box(0, 0, 9, 9), box(9, 0, 18, 9)], index=["a", "b"], crs=32632)
    >>> cluster_map(shapes, pd.Series({"a": "high_high"}))[:4]
    '<svg'
    """
    classes = [
        _Category(code, voice.say(words), colour, hatch)
        for code, (colour, hatch, words) in CLUSTERS.items()
    ]
    return _category_map(geometry, labels, classes, voice, highlight, names)


def type_map(
    geometry: gpd.GeoSeries,
    labels: pd.Series,
    *,
    types: Mapping[int, str],
    voice: Voice = ITALIAN,
    highlight: Sequence[Hashable] | pd.Index | None = None,
) -> str:
    """Map a typology of units in colours that no order is read into.

    Parameters
    ----------
    geometry : GeoSeries of polygons, EPSG:32632
        The units to draw, by their code.
    labels : Series of int
        Type by unit, as `Typology.labels`; a unit without one is drawn as missing.
    types : mapping of int to str
        What each type is in a few words, in the order of the legend (at most eight).
    highlight : index, optional
        Units drawn with a heavy outline.

    Returns
    -------
    str
        SVG; up to 150 units carry the number of their type, above 1,000 they are one picture.

    Raises
    ------
    Refused
        More than eight types, or a unit of a type without words.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> shapes = gpd.GeoSeries([box(0, 0, 9, 9), box(9, 0, 18, 9)], index=["a", "b"], crs=32632)
    >>> type_map(shapes, pd.Series({"a": 1, "b": 2}), types={1: "Città", 2: "Montagna"})[:4]
    '<svg'
    """
    colours = first_colours(len(types), "types")
    classes = [
        _Category(code, f"{code}. {text}", colour)
        for (code, text), colour in zip(types.items(), colours, strict=True)
    ]
    colour, hatch, words = CLUSTERS["missing"]
    classes.append(_Category("missing", voice.say(words), colour, hatch))
    numbers = labels.dropna().astype(int).astype(str) if len(geometry) <= _NUMBERED_UNITS else None
    return _category_map(geometry, labels, classes, voice, highlight, numbers)


def _category_map(
    geometry: gpd.GeoSeries,
    labels: pd.Series,
    classes: Sequence[_Category],
    voice: Voice,
    highlight: Sequence[Hashable] | pd.Index | None,
    names: pd.Series | None,
) -> str:
    drawn = simplified(geometry.dropna())
    code_of = labels.astype(object).reindex(drawn.index)
    code_of = code_of.where(code_of.notna(), "missing")
    unknown = sorted({str(code) for code in code_of} - {str(one.code) for one in classes})
    if unknown:
        raise Refused(problem("no_class", labels=tuple(unknown)))
    with drawing(map_size(drawn)) as (figure, svg):
        axes = figure.add_axes((0, 0, 0.66, 1))
        handles: list[Artist] = []
        for one in classes:
            chosen = (code_of == one.code).to_numpy()
            if chosen.any():
                hatch_colour = MISSING if one.code == "missing" else MUTED
                fill(axes, _merged(drawn[chosen]), one.colour, one.hatch, hatch_colour)
                handles.append(_class_swatch(one, int(chosen.sum()), voice))
        missing = (code_of == "missing").to_numpy()
        finish_map(
            figure,
            axes,
            drawn,
            missing,
            voice=voice,
            borders=len(drawn) <= RASTER_UNITS,
            highlight=highlight,
            labels=names,
        )
        legend_box(figure, handles, "", left=0.67)
    return svg[0]


def _merged(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Join the units of a class, so that no seam shows where there are too many for borders."""
    whole = shapely.coverage_union_all(geometry.to_numpy())
    return gpd.GeoSeries([whole], crs=geometry.crs)


def _class_swatch(one: _Category, count: int, voice: Voice) -> Artist:
    from matplotlib.patches import Patch

    return Patch(
        facecolor=one.colour,
        edgecolor=MUTED,
        hatch=one.hatch or None,
        linewidth=0.4,
        label=wrapped(f"{one.label} ({voice.number(count)})", 30),
    )


def moran_scatter(
    values: pd.Series,
    lag: pd.Series,
    labels: pd.Series,
    *,
    names: pd.Series | None = None,
    voice: Voice = ITALIAN,
) -> str:
    r"""Set each unit's value against the mean of its neighbours; the slope is Moran's I.

    .. math:: I = \frac{\sum_i z_i \sum_j w_{ij} z_j}{\sum_i z_i^2}

    Parameters
    ----------
    values, lag : Series
        By unit, in the unit of the variable or standardised already: both are set in standard
        deviations of the values from their mean.
    labels : Series of str
        As for :func:`cluster_map`.
    names : Series of str, optional
        Names to write at the units furthest from the mean among those that stand out.

    Returns
    -------
    str
        SVG; units without a value or without neighbours are left out.

    Raises
    ------
    Refused
        Values that are all the same.

    Examples
    --------
    >>> z = pd.Series({"a": 1.0, "b": -1.0})
    >>> told = pd.Series({"a": "high_high", "b": "low_low"})
    >>> moran_scatter(z, z / 2, told)[:4]
    '<svg'
    """
    frame = pd.DataFrame({"z": values, "lag": lag}, dtype=float).dropna()
    centre, spread = frame["z"].mean(), frame["z"].std(ddof=0)
    if not spread > 0:
        raise Refused(problem("all_same"))
    frame = (frame - centre) / spread
    told = labels.reindex(frame.index)
    slope = float((frame["z"] * frame["lag"]).sum() / (frame["z"] ** 2).sum())
    with drawing(3.9) as (figure, svg):
        axes = figure.add_axes((0.07, 0.12, 0.57, 0.87))
        handles = _scatter(axes, frame, told, voice)
        axes.axhline(0, color=MUTED, linewidth=0.6)
        axes.axvline(0, color=MUTED, linewidth=0.6)
        ends = np.array([frame["z"].min(), frame["z"].max()])
        axes.plot(ends, slope * ends, color=INK, linewidth=1.4)
        axes.set_xlabel(voice.say(_WORDS["own_z"]), color=INK)
        axes.set_ylabel(voice.say(_WORDS["lag_z"]), color=INK)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: rounded(value, voice, 1))
        if names is not None:
            _name_extremes(figure, axes, frame[told.isin(list(CLUSTERS)[:4])], names)
        heading = f"{voice.say(_WORDS['moran'])}: {rounded(slope, voice, 2)}"
        legend_box(figure, handles, heading, left=0.66)
    return svg[0]


def _scatter(axes: Axes, frame: pd.DataFrame, told: pd.Series, voice: Voice) -> list[Artist]:
    from matplotlib.lines import Line2D

    few = len(frame) <= RASTER_UNITS
    marks = dict(zip(CLUSTERS, "oosDoo", strict=True))
    handles: list[Artist] = []
    # The many that say nothing lie below the others.
    for code in ("not_significant", "high_high", "low_low", "high_low", "low_high"):
        colour, _, words = CLUSTERS[code]
        chosen = frame[told == code]
        axes.scatter(
            chosen["z"],
            chosen["lag"],
            s=14 if few else 5,
            marker=marks[code],
            color=colour,
            edgecolors=MUTED,
            linewidths=0.4 if few else 0.15,
            rasterized=not few,
        )
        text = f"{voice.say(words)} ({voice.number(len(chosen))})"
        look = {"color": colour, "marker": marks[code], "markeredgecolor": MUTED}
        handles.append(
            Line2D([], [], linestyle="", markersize=5, label=wrapped(text, 30), **look)  # type: ignore[arg-type]
        )
    return [*handles[1:], handles[0]]


def _name_extremes(figure: Figure, axes: Axes, frame: pd.DataFrame, names: pd.Series) -> None:
    far = (frame["z"] ** 2 + frame["lag"] ** 2).sort_values(ascending=False, kind="stable")
    far = far.head(12)
    called = names.reindex(far.index).fillna("")
    spots = frame.loc[far.index].to_numpy(dtype=float)
    points = [
        (float(x), float(y), short_name(str(text)))
        for (x, y), text in zip(spots, called, strict=True)
        if text
    ]
    name_points(figure, axes, points, lift=3.5)
