"""The chart of counts with their intervals, a row each, as SVG in the manner of `reports.charts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.figures import Quality
from needs_analysis.reports.charts.choropleth import HATCHES
from needs_analysis.reports.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    RULE,
    WIDTH,
    drawing,
    wrapped,
    write_legend,
)
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.reports.problems import problem
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_WORDS = {"span": N_("dal minimo al massimo"), "axis": N_("famiglie")}
_NAME_CHARACTERS = 40
_ROW, _LEFT, _RIGHT, _HEAD, _FOOT = 0.46, 2.75, 1.45, 0.34, 0.42  # inches
_PALE = "#dce9f5"


def intervals(
    frame: pd.DataFrame,
    *,
    names: Mapping[str, str],
    figures: Mapping[str, str],
    voice: Voice = ITALIAN,
) -> str:
    """Draw each count as a bar with a line from its least to its most.

    Parameters
    ----------
    frame : DataFrame
        A row a count: `low`, `central`, `high`, and `quality`, a
        :class:`~needs_analysis.figures.Quality`; one without a central value has no bar, only its words.
    names : mapping of str to str
        Printed name of each row.
    figures : mapping of str to str
        What stands at the end of each row.
    voice : Voice
        Of the legend and the axis.

    Returns
    -------
    str
        SVG; the same frame gives the same bytes. What nobody counted is outlined and hatched.

    Raises
    ------
    Refused
        No row has a value.

    Examples
    --------
    >>> frame = pd.DataFrame({"low": 40.0, "central": 61.0, "high": 90.0, "quality": 2}, index=["a"])
    >>> intervals(frame, names={"a": "in affitto"}, figures={"a": "61 (40 – 90)"})[:4]
    '<svg'
    """
    data = frame[["low", "central", "high"]].astype(float)
    if data["central"].isna().all():
        raise Refused(problem("nothing_drawn"))
    height = _HEAD + _ROW * len(data) + _FOOT
    with drawing(height) as (figure, svg):
        across = WIDTH - _LEFT - _RIGHT
        body = _ROW * len(data)
        axes = figure.add_axes((_LEFT / WIDTH, _FOOT / height, across / WIDTH, body / height))
        places = np.arange(len(data))
        for place, (_, row) in zip(places, frame.iterrows(), strict=True):
            _bar(axes, float(place), row)
        named = [wrapped(names[str(one)], _NAME_CHARACTERS) for one in data.index]
        axes.set_yticks(places, named, fontsize=8)
        for place, one in zip(places, data.index, strict=True):
            _beside(axes, float(place), figures[str(one)])
        _axis(axes, len(data), float(np.nanmax(data[["central", "high"]].to_numpy())), voice)
        write_legend(
            figure, _legend(frame, voice), ncols=4, loc="upper left", bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.0, columnspacing=1.4, handlelength=1.8, handleheight=1.0,
        )  # fmt: skip
    return svg[0]


def _bar(axes: Axes, place: float, row: pd.Series) -> None:
    low, central, high = (float(row[name]) for name in ("low", "central", "high"))
    if np.isnan(central):
        return
    axes.barh(place, central, height=0.5, zorder=2, **_look(Quality(int(row["quality"]))))
    if high > low:
        axes.hlines(place, low, high, color=INK, linewidth=1.3, zorder=3)
        axes.vlines([low, high], place - 0.13, place + 0.13, color=INK, linewidth=1.3, zorder=3)


def _look(quality: Quality) -> dict[str, Any]:
    """Return how a bar is drawn: full where it was counted, outlined and hatched where it was not."""
    if quality == Quality.OBSERVED:
        return {"facecolor": ACCENT, "edgecolor": ACCENT}
    return {"facecolor": _PALE, "edgecolor": ACCENT, "linewidth": 0.9, "hatch": HATCHES[quality]}


def _beside(axes: Axes, place: float, text: str) -> None:
    axes.annotate(
        text, (1, place), xycoords=axes.get_yaxis_transform(), xytext=(8, 0),
        textcoords="offset points", ha="left", va="center", fontsize=8, annotation_clip=False,
    )  # fmt: skip


def _axis(axes: Axes, rows: int, most: float, voice: Voice) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0, (most or 1.0) * 1.04)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(lambda value, _: voice.number(value))
    axes.set_xlabel(voice.say(_WORDS["axis"]), color=MUTED)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.axvline(0, color=MUTED, linewidth=0.8, zorder=4)


def _legend(frame: pd.DataFrame, voice: Voice) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    drawn = frame.loc[frame["central"].notna(), "quality"]
    keys: list[Artist] = [
        Patch(label=voice.say(QUALITY_LABELS[one]), **_look(one))
        for one in sorted({Quality(int(code)) for code in drawn})
    ]
    span = Line2D([], [], color=INK, linewidth=1.3, marker="|", markersize=6)
    span.set_label(voice.say(_WORDS["span"]))
    return [*keys, span]
