"""A few territories side by side, one small group of bars a figure, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import ACCENT, INK, MUTED, PALE, drawing
from needs_analysis.reports.charts.rows import short_name
from needs_analysis.reports.problems import problem

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NARROW = 3.6  # inches: what a telephone shows without shrinking the letters
_ROW, _HEAD, _LEFT, _RIGHT = 0.165, 0.30, 1.42, 0.92  # inches


@dataclass(frozen=True)
class Bar:
    """One bar: whose it is, how long, from where to where it may be, and what stands beside it."""

    name: str
    value: float
    text: str
    low: float = np.nan
    high: float = np.nan


def groups_of_bars(groups: Mapping[str, Sequence[Bar]]) -> str:
    """Draw for each figure the bars of some territories, the first of them strong.

    Parameters
    ----------
    groups : mapping of str to sequence of Bar
        By the printed heading of the figure; each group has a scale of its own, from 0. One without a
        value has only its words.

    Returns
    -------
    str
        SVG, narrow enough for a telephone; the same groups give the same bytes.

    Raises
    ------
    Refused
        No bar has a value.

    Examples
    --------
    >>> groups_of_bars({"Canone": [Bar("Qui", 18.4, "18,4 %"), Bar("Italia", 20.7, "20,7 %")]})[:4]
    '<svg'
    """
    every = [bar for bars in groups.values() for bar in bars]
    if not any(bar.value == bar.value for bar in every):
        raise Refused(problem("nothing_drawn"))
    height = _ROW * len(every) + _HEAD * len(groups)
    with drawing(height, width=NARROW) as (figure, svg):
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, NARROW)
        axes.set_ylim(height, 0)
        top = 0.0
        for heading, bars in groups.items():
            axes.text(0.02, top + _HEAD * 0.62, heading, fontsize=8.5, weight="bold", va="center")
            top += _HEAD
            longest = max((_end(bar) for bar in bars), default=0.0) or 1.0
            scale = (NARROW - _LEFT - _RIGHT) / longest
            for position, bar in enumerate(bars):
                _draw(axes, top + _ROW / 2, bar, scale, strong=position == 0)
                top += _ROW
    return svg[0]


def _end(bar: Bar) -> float:
    return float(np.nanmax([bar.value, bar.high, 0.0]))


def _draw(axes: Axes, place: float, bar: Bar, scale: float, *, strong: bool) -> None:
    weight = "bold" if strong else "normal"
    axes.text(_LEFT - 0.07, place, short_name(bar.name), fontsize=8, ha="right", va="center",
              weight=weight)  # fmt: skip
    axes.text(NARROW - _RIGHT + 0.08, place, bar.text, fontsize=8, va="center", weight=weight)
    if bar.value != bar.value:
        return
    colour = ACCENT if strong else PALE
    axes.barh(place, bar.value * scale, left=_LEFT, height=_ROW * 0.66, color=colour)
    axes.vlines(_LEFT, place - _ROW / 2, place + _ROW / 2, color=MUTED, linewidth=0.8)
    if bar.high > bar.low:
        low, high = (_LEFT + end * scale for end in (bar.low, bar.high))
        axes.hlines(place, low, high, color=INK, linewidth=1.1)
        axes.vlines([low, high], place - 0.035, place + 0.035, color=INK, linewidth=1.1)
