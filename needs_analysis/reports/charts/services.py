"""Charts of services as SVG, in the manner of `reports.charts`, from what may be told only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import INK, MUTED, RULE, drawing, write_legend
from needs_analysis.reports.problems import problem
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# From the bottom. Neighbours differ in lightness by more than a fifth of the range, for grey print and
# every kind of colour vision; the palest has an edge.
STATE_COLOURS = {
    "occupied": "#1f4e79",
    "ready": "#7fc4c9",
    "reserved": "#fbe3a3",
    "to_repair": "#c0682b",
    "closed": "#dfe3e8",
}
_GAP = "#eceff2"
_WORDS = {
    "hidden": N_("nascosto"),
    "heading": N_("Numero di posti alla fine di ogni mese; in cifre al {day}"),
}
_TICKS = 7


def places_over_time(
    frame: pd.DataFrame, *, labels: Mapping[str, str], voice: Voice = ITALIAN
) -> str:
    """Draw the places of a network by state, month by month, on top of each other.

    Parameters
    ----------
    frame : DataFrame
        Index the last day of each month, in order; a column for each state of `STATE_COLOURS`; a
        month that may not be told is NaN and drawn as a gap that says so.
    labels : mapping of str to str
        Printed names of the states.
    voice : Voice
        Of numbers and months.

    Returns
    -------
    str
        SVG; the same frame gives the same bytes.

    Raises
    ------
    Refused
        No month may be told.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-31", "2025-02-28"])
    >>> frame = pd.DataFrame({state: [1.0, float("nan")] for state in STATE_COLOURS}, index=days)
    >>> places_over_time(frame, labels=dict.fromkeys(STATE_COLOURS, "posto"))[:4]
    '<svg'
    """
    from matplotlib.ticker import MaxNLocator

    data = frame[list(STATE_COLOURS)].astype(float)
    hidden = data.isna().any(axis=1).to_numpy()
    if hidden.all():
        raise Refused(problem("no_month"))
    data[hidden] = np.nan
    with drawing(3.2) as (figure, svg):
        axes = figure.add_axes((0.06, 0.1, 0.93, 0.66))
        last = np.flatnonzero(~hidden)[-1]
        named = {
            state: f"{labels[state]}: {voice.number(data[state].iloc[last])}"
            for state in STATE_COLOURS
        }
        handles = _stack(axes, data, named)
        _gaps(axes, hidden, voice)
        _month_axis(axes, data.index, voice)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: voice.number(value))
        axes.grid(axis="y", color=RULE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.spines["left"].set_visible(False)
        axes.tick_params(length=0)
        day = voice.day(pd.DatetimeIndex(data.index)[last])
        # Above and to the left: on a phone the right side of a chart is off the screen.
        write_legend(
            figure, handles[::-1], voice.say(_WORDS["heading"]).format(day=day), ncols=3,
            loc="upper left", bbox_to_anchor=(0, 1), alignment="left", borderpad=0,
            columnspacing=1.4, handlelength=1.6,
        )  # fmt: skip
    return svg[0]


def _stack(axes: Axes, data: pd.DataFrame, labels: Mapping[str, str]) -> list[Any]:
    """Draw each state over those below, a step a month; a hidden month breaks all of them."""
    edges = np.arange(len(data) + 1) - 0.5
    floor = np.zeros(len(data))
    handles = []
    for state, colour in STATE_COLOURS.items():
        top = floor + data[state].to_numpy()
        drawn = axes.stairs(
            np.nan_to_num(top), edges, baseline=np.nan_to_num(floor), fill=True, facecolor=colour,
            edgecolor="white", linewidth=0.6, label=labels[state],
        )  # fmt: skip
        handles.append(drawn)
        floor = top
    axes.set_ylim(0, float(np.nanmax(floor)) * 1.05 or 1.0)
    return handles


def _gaps(axes: Axes, hidden: np.ndarray, voice: Voice) -> None:
    """Shade the months that may not be told and name each run of them."""
    begins = np.flatnonzero(hidden & ~np.r_[False, hidden[:-1]])
    for begin in begins:
        end = begin + int(np.argmin(np.r_[hidden[begin:], False]))
        axes.axvspan(
            begin - 0.5, end - 0.5, facecolor=_GAP, edgecolor=MUTED, linewidth=0.4, hatch=".."
        )
        axes.text(
            (begin + end - 1) / 2, 0.5, voice.say(_WORDS["hidden"]), rotation=90,
            ha="center", va="center", transform=axes.get_xaxis_transform(), fontsize=8, color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip


def _month_axis(axes: Axes, days: pd.Index, voice: Voice) -> None:
    """Name every few months, the last always, with the year under the first named of each."""
    dates = pd.DatetimeIndex(days)
    step = -(-len(dates) // _TICKS)
    ticks = list(range(len(dates) - 1, -1, -step))[::-1]
    named = []
    for position, tick in enumerate(ticks):
        day = dates[tick]
        first = position == 0 or dates[ticks[position - 1]].year != day.year
        month = voice.day(day).split()[1][:3]
        named.append(f"{month}\n{day.year}" if first else month)
    axes.set_xticks(ticks, named)
    axes.set_xlim(-0.5, len(dates) - 0.5)
