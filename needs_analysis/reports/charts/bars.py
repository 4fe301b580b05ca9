"""A few territories side by side, one small group of bars a figure, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import ACCENT, INK, MUTED, PALE
from needs_analysis.reports.charts.rows import short_name
from needs_analysis.reports.charts.svg import Drawing
from needs_analysis.reports.problems import problem

_WIDE = 259.0  # points: what a telephone shows without shrinking the letters
_ROW, _HEAD, _LEFT, _RIGHT = 11.9, 21.6, 102.0, 66.0  # points


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
    drawn, top = Drawing(), 0.0
    for heading, bars in groups.items():
        drawn.words(1.5, top + _HEAD * 0.62, heading, 8.5, bold=True)
        top += _HEAD
        ends = [0.0, *(end for bar in bars for end in (bar.value, bar.low, bar.high) if end == end)]
        scale = (_WIDE - _LEFT - _RIGHT) / (max(ends) - min(ends) or 1.0)
        zero = _LEFT - min(ends) * scale
        for position, bar in enumerate(bars):
            _draw(drawn, top + _ROW / 2, bar, zero, scale, strong=position == 0)
            top += _ROW
    return drawn.svg()


def _draw(
    drawn: Drawing, middle: float, bar: Bar, zero: float, scale: float, *, strong: bool
) -> None:
    drawn.words(_LEFT - 5, middle, short_name(bar.name), 8, bold=strong, right=True)
    drawn.words(_WIDE - _RIGHT + 6, middle, bar.text, 8, bold=strong)
    if bar.value != bar.value:
        return
    thick = _ROW * 0.66
    left, long = zero + min(bar.value, 0.0) * scale, abs(bar.value) * scale
    drawn.box(left, middle - thick / 2, long, thick, ACCENT if strong else PALE)
    drawn.line((zero, middle - _ROW / 2), (zero, middle + _ROW / 2), MUTED, 0.8)
    if bar.high > bar.low:
        low, high = (zero + end * scale for end in (bar.low, bar.high))
        drawn.line((low, middle), (high, middle), INK, 1.1)
        for end in (low, high):
            drawn.line((end, middle - 2.5), (end, middle + 2.5), INK, 1.1)
