"""What every budget buys, as lines: the best mix beside an equal split and each policy alone, as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    RULE,
    WIDTH,
    drawing,
    wrapped,
)
from needs_analysis.reports.problems import problem
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WORDS = {"axis": N_("euro l'anno"), "budget": N_("il bilancio: {budget} €")}
_HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 2.9, 0.55, 2.15, 0.14, 0.46  # inches
_NAME_CHARACTERS = 30
_BEYOND = 1.1
"""How far the axis goes, in budgets, where everybody is reached before."""
_OTHERS = ("#b3541e", "#4d7d36", "#6b4c86", "#8a6d1d", "#3b7f86")
_DASHES = ("--", "-.", ":", (0, (5, 1)), (0, (1, 1)))


def frontier(
    frame: pd.DataFrame,
    *,
    names: Mapping[str, str],
    budget: float,
    unit: str,
    voice: Voice = ITALIAN,
) -> str:
    """Draw what every budget buys, a line a way to spend it.

    Parameters
    ----------
    frame : DataFrame
        Index the budget in EUR, one column a way to spend it; NaN, a small count that has no number,
        leaves a gap, which is dashed from nothing on.
    names : mapping of str to str
        The columns to draw with their printed names; the first is drawn above the others.
    budget : float
        The one that is looked at: a line across.
    unit : str
        What is counted, as printed.
    voice : Voice
        Of the axis.

    Returns
    -------
    str
        SVG; the same frame gives the same bytes.

    Raises
    ------
    Refused
        No column has a value above nothing.

    Examples
    --------
    >>> frame = pd.DataFrame({"best": [0.0, 40.0, 61.0]}, index=[0.0, 100_000.0, 200_000.0])
    >>> frontier(frame, names={"best": "il mix"}, budget=200_000.0, unit="famiglie")[:4]
    '<svg'
    """
    data = frame.sort_index()[list(names)].astype(float)
    most = float(np.nanmax(data.to_numpy(), initial=0.0))
    if most <= 0:
        raise Refused(problem("nothing_drawn"))
    with drawing(_HEIGHT) as (figure, svg):
        across, body = WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _FOOT
        axes = figure.add_axes((_LEFT / WIDTH, _FOOT / _HEIGHT, across / WIDTH, body / _HEIGHT))
        top = most * 1.12
        ends = [_line(axes, data[name], at) for at, name in enumerate(names)]
        axes.set_xlim(0, max(float(data.index[-1]), _BEYOND * budget))
        axes.set_ylim(0, top)
        _mark(axes, budget, top, voice)
        _axis(axes, unit, voice)
        _named(axes, ends, list(names.values()), top)
    return svg[0]


def _look(at: int) -> dict[str, Any]:
    """Return how the line at a place is drawn: the first stands out, the second is the plain split."""
    if at == 0:
        return {"color": ACCENT, "linewidth": 2.2, "zorder": 4}
    if at == 1:
        return {"color": MUTED, "linewidth": 1.2, "linestyle": (0, (2, 2)), "zorder": 3}
    return {
        "color": _OTHERS[(at - 2) % len(_OTHERS)], "linewidth": 1.1,
        "linestyle": _DASHES[(at - 2) % len(_DASHES)], "zorder": 2,
    }  # fmt: skip


def _line(axes: Axes, values: pd.Series, at: int) -> float:
    """Draw a line and return where it ends."""
    known = values.dropna()
    known = known[(known > 0) | (known.index == 0)]
    look = _look(at)
    axes.plot(known.index, known.to_numpy(), **look)
    return float(known.iloc[-1]) if len(known) else 0.0


def _mark(axes: Axes, budget: float, top: float, voice: Voice) -> None:
    axes.axvline(budget, color=INK, linewidth=0.8, zorder=1)
    said = wrapped(voice.say(_WORDS["budget"], budget=voice.number(budget)), 14)
    right = budget > 0.75 * axes.get_xlim()[1]
    axes.annotate(
        said, (budget, top), xytext=(-4 if right else 4, -2), textcoords="offset points",
        ha="right" if right else "left", va="top", fontsize=8, color=INK,
    )  # fmt: skip


def _axis(axes: Axes, unit: str, voice: Voice) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: voice.number(value))
    axes.yaxis.set_major_formatter(lambda value, _: voice.number(value))
    axes.set_xlabel(voice.say(_WORDS["axis"]), color=MUTED)
    axes.set_ylabel(unit, color=MUTED)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(length=0)


def _named(axes: Axes, ends: list[float], names: list[str], top: float) -> None:
    """Write each line's name beside its end, far enough apart to read."""
    lines = [wrapped(one, _NAME_CHARACTERS) for one in names]
    high = [0.075 * top * (one.count("\n") + 1) for one in lines]
    placed, above = {}, -np.inf
    for at in sorted(range(len(ends)), key=lambda one: (ends[one], -one)):
        placed[at] = max(ends[at], above + high[at] / 2, high[at] / 2)
        above = placed[at] + high[at] / 2
    over = above - 1.06 * top
    if over > 0:  # those at the top push the others down
        below = 1.06 * top
        for at in sorted(placed, key=lambda one: -placed[one]):
            placed[at] = min(placed[at], below - high[at] / 2)
            below = placed[at] - high[at] / 2
    for at, text in enumerate(lines):
        axes.text(
            1.02, placed[at], text, transform=axes.get_yaxis_transform(), color=_look(at)["color"],
            va="center", fontsize=8, fontweight="bold" if at == 0 else "normal", linespacing=1.1,
        )  # fmt: skip
