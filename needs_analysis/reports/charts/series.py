"""Yearly counts as lines, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.reports.charts.drawing import RULE, drawing
from needs_analysis.words import ITALIAN, Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINES = (("#1f4e79", "-"), ("#b3541e", "--"), ("#4d7d36", "-."), ("#6b4c86", ":"))


def series(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    voice: Voice = ITALIAN,
    decimals: int = 0,
    unit: str = "",
) -> str:
    """Draw yearly figures as lines, each named at its end.

    Parameters
    ----------
    frame : DataFrame
        Index the year, one column a line; NaN leaves a gap.
    labels : mapping of str to str
        The columns to draw, in order, with their printed names.
    voice : Voice
        Whose separators numbers have.
    decimals : int
        Of the figures at the ends; counts have none.
    unit : str
        What stands behind the figures at the ends, said already.
    """
    data = frame.sort_index()[list(labels)].astype(float)
    with drawing(2.9) as (figure, svg):
        axes = figure.add_axes((0.085, 0.10, 0.66, 0.86))
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
        _value_axis(axes, voice, whole=not decimals)
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)
        _name_lines(
            axes, data, labels, voice, top * 1.08, lambda end: voice.number(end, decimals) + unit
        )
    return svg[0]


def _cycle(count: int) -> list[tuple[str, str]]:
    return [_LINES[i % len(_LINES)] for i in range(count)]


def _value_axis(axes: Axes, voice: Voice, *, whole: bool) -> None:
    """Label the height of lines: counts at whole numbers only, others as finely as the steps are."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(
        MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=2)
    )
    ticks = axes.get_yticks()
    places = max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))
    axes.yaxis.set_major_formatter(lambda value, _: voice.number(value, places))


def _year_axis(axes: Axes, years: pd.Index) -> None:
    """Label every few years, the last always and the first where the step allows."""
    first, last = int(years[0]), int(years[-1])
    least = max(1, -(-(last - first) // 7))
    step = next((few for few in range(least, 2 * least) if (last - first) % few == 0), least)
    ticks = list(range(last, first - 1, -step))
    axes.set_xticks(ticks, [str(year) for year in ticks])
    axes.set_xlim(first - 0.5, last + 0.5)


def _name_lines(
    axes: Axes,
    data: pd.DataFrame,
    labels: Mapping[str, str],
    voice: Voice,
    top: float,
    printed: Callable[[float], str],
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
        ends.append((known.iloc[-1], f"{label}\n{printed(known.iloc[-1])}{when}", colour))
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
