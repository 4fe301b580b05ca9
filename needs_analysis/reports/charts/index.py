"""Charts of an index, as SVG text in the manner of `reports.charts`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    PALE,
    RULE,
    WIDTH,
    drawing,
    wrapped,
)
from needs_analysis.reports.charts.rows import (
    CHARACTER_INCHES,
    NAME_MAX,
    PALETTE,
    ROW_INCHES,
    check_fits,
    diamond,
    embolden,
    figure_beside,
    first_colours,
    legend_above,
    legend_rows,
    printed_names,
    rounded,
    short_name,
    short_names,
    swatches,
    unit_rows,
)
from needs_analysis.reports.problems import problem
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The palette for thin lines: those that stand out most from the paper first.
_LINES = tuple(PALETTE[place] for place in (0, 2, 5, 4, 7, 6, 3, 1))
_CONTRAST = "#b3541e"
_WORDS = {
    "rank": N_("posto (5-95 %)"),
    "score": N_("punteggio"),
    "rank_axis": N_(
        "posto fra {total} (1 = punteggio più alto); barra: dal 5 al 95 % delle estrazioni"
    ),
    "first_order": N_("da sola"),
    "total_order": N_("con le interazioni"),
    "margin": N_("intervallo al 95 %"),
    "variance": N_("quota della varianza spiegata (indici di Sobol)"),
}


def ranked_scores(
    scores: pd.Series,
    *,
    names: pd.Series,
    ranks: pd.Series,
    low: pd.Series,
    high: pd.Series,
    total: int,
    voice: Voice = ITALIAN,
    highlight: Hashable | None = None,
    decimals: int = 1,
) -> str:
    """Draw the rank of each unit as a dot on the interval that the index's choices leave it.

    Parameters
    ----------
    scores : Series
        Score by unit, printed at the end of its row; a unit without one goes last, with "n.d.".
    names : Series of str
        By unit.
    ranks, low, high : Series
        Rank of the declared index and its 5 % and 95 % bounds, 1 = highest score, among all ranked
        units and not only those drawn.
    total : int
        How many units are ranked.
    highlight : label of a unit, optional
        The one the reader came for.
    decimals : int
        Of the scores.

    Returns
    -------
    str
        SVG as that of :func:`needs_analysis.reports.charts.drawing.choropleth`.

    Raises
    ------
    Refused
        More units than a page holds, one without a name, or a rank beyond the total.

    Examples
    --------
    >>> units = pd.Series({"a": "Alfa", "b": "Beta"})
    >>> svg = ranked_scores(pd.Series({"a": 104.0, "b": 98.0}), names=units,
    ...     ranks=pd.Series({"a": 1, "b": 7}), low=pd.Series({"a": 1, "b": 5}),
    ...     high=pd.Series({"a": 3, "b": 9}), total=10)
    >>> svg[:4]
    '<svg'
    """
    frame = pd.DataFrame({"score": scores, "rank": ranks, "low": low, "high": high}, dtype=float)
    frame = frame.reindex(scores.index).sort_values("rank", kind="stable")
    called = printed_names(frame.index, names)
    check_fits(frame.index)
    if frame[["rank", "low", "high"]].max().max() > total:
        raise Refused(problem("rank_beyond", total=total))
    with unit_rows(len(frame), short_names(called), right=2.12, head=0.45) as (figure, axes, svg):
        axes.set_xlim(1 - 0.02 * total, total * 1.02)
        places = range(len(frame))
        axes.hlines(places, frame["low"], frame["high"], color=PALE, linewidth=4, zorder=2)
        dots = [_CONTRAST if unit == highlight else ACCENT for unit in frame.index]
        axes.scatter(frame["rank"], places, s=20, c=dots, zorder=3)
        for place, (unit, row) in enumerate(frame.iterrows()):
            span = "" if row[["low", "high"]].isna().any() else _span(row, voice)
            figure_beside(
                axes, place, 0.12, f"{voice.number(row['rank'])}{span}", unit == highlight
            )
            figure_beside(
                axes, place, 2.06, voice.number(row["score"], decimals), unit == highlight, "right"
            )
        figure_beside(axes, -0.95, 0.12, voice.say(_WORDS["rank"]), True)
        figure_beside(axes, -0.95, 2.06, voice.say(_WORDS["score"]), True, "right")
        ticks = _rank_ticks(total)
        axes.set_xticks(ticks, [voice.number(tick) for tick in ticks])
        axes.xaxis.tick_top()
        axes.set_xlabel(voice.say(_WORDS["rank_axis"], total=voice.number(total)), color=MUTED)
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        embolden(axes, frame.index, highlight)
    return svg[0]


def _span(row: pd.Series, voice: Voice) -> str:
    return f" ({voice.number(row['low'])} – {voice.number(row['high'])})"


def _rank_ticks(total: int) -> list[int]:
    """Return 1 and a few round ranks up to the total.

    Examples
    --------
    >>> _rank_ticks(7341), _rank_ticks(55), _rank_ticks(2)
    ([1, 2000, 4000, 6000], [1, 20, 40], [1, 2])
    """
    steps = (factor * 10**power for power in range(8) for factor in (1, 2, 5))
    step = next(one for one in steps if total / one < 5)
    return sorted({1, *range(step, total + 1, step)})


def contribution_bars(
    contributions: pd.DataFrame,
    *,
    names: pd.Series,
    labels: Mapping[str, str],
    total: pd.Series,
    voice: Voice = ITALIAN,
    highlight: Hashable | None = None,
    mark: str = "",
    decimals: int = 1,
) -> str:
    """Stack the points of each part of an index, so that the segments of a row add up to its score.

    Parameters
    ----------
    contributions : DataFrame
        Points by unit and part; negative ones are stacked to the left of zero.
    names : Series of str
        By unit.
    labels : mapping of str to str
        The parts to draw, in order (at most eight), with their printed names.
    total : Series
        Score by unit: a diamond and the number at the end of the row.
    highlight : label of a unit, optional
        The one the reader came for.
    mark : str
        What the diamond is, where the rows add up to something other than the score.
    decimals : int
        Of every number.

    Returns
    -------
    str
        SVG; the row with the highest score on top, units without a score last, as "n.d.".

    Raises
    ------
    Refused
        The parts of a unit do not add up to its score, there are more than eight parts, more units
        than a page holds, or one has no name.

    Examples
    --------
    >>> parts = pd.DataFrame({"a": [3.0], "b": [-1.0]}, index=["x"])
    >>> svg = contribution_bars(parts, names=pd.Series({"x": "Alfa"}), labels={"a": "A", "b": "B"},
    ...     total=pd.Series({"x": 2.0}))
    >>> svg[:4]
    '<svg'
    """
    parts = contributions[list(labels)].astype(float)
    scores = total.reindex(parts.index).astype(float).sort_values(ascending=False, kind="stable")
    parts = parts.loc[scores.index]
    called = printed_names(parts.index, names)
    check_fits(parts.index)
    _adds_up(parts, scores, called)
    colours = first_colours(len(labels), "parts")
    head = legend_rows(list(labels.values())) * 0.19 + 0.12
    with unit_rows(len(parts), short_names(called), right=0.6, head=head) as (figure, axes, svg):
        points = scores.to_numpy(dtype=float)
        for place, (unit, row) in enumerate(parts.iterrows()):
            score = points[place]
            text = rounded(score, voice, decimals)
            figure_beside(axes, place, 0.55, text, unit == highlight, "right")
            if not np.isnan(score):
                _stack(axes, place, row.to_numpy(), colours, voice, decimals)
                axes.plot(score, place, "D", color=INK, markersize=4, markeredgecolor="white")
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.xaxis.set_visible(False)
        _write_segments(axes, points)
        embolden(axes, parts.index, highlight)
        handles = [*swatches(labels.values(), colours), diamond(mark or voice.say(_WORDS["score"]))]
        legend_above(figure, handles)
    return svg[0]


def _adds_up(parts: pd.DataFrame, scores: pd.Series, called: pd.Series) -> None:
    known = scores.notna()
    gap = (parts.sum(axis=1, skipna=False) - scores).abs()
    wrong = called[known & ~(gap <= 1e-6 * scores.abs().clip(lower=1))]
    if len(wrong):
        raise Refused(problem("no_sum", names=tuple(wrong[:5])))


def _stack(
    axes: Axes, place: int, points: np.ndarray, colours: Sequence[str], voice: Voice, decimals: int
) -> None:
    """Draw the segments of a row: positive ones to the right of zero, the others to the left."""
    ends = {True: 0.0, False: 0.0}
    for value, colour in zip(points, colours, strict=True):
        if value:
            side = bool(value > 0)
            bar = axes.barh(place, value, 0.78, ends[side], color=colour, edgecolor="white")
            bar.set_label(rounded(value, voice, decimals))
            bar[0].set_linewidth(0.6)
            ends[side] += value


def _write_segments(axes: Axes, scores: np.ndarray) -> None:
    """Write each segment's points inside it where they fit beside the mark of the score."""
    from matplotlib.colors import to_rgb

    left, right = axes.get_xlim()
    inch = (right - left) / (axes.get_position().width * WIDTH)
    for bar in axes.containers:
        patch = bar.patches[0]  # type: ignore[attr-defined]
        text = str(bar.get_label())
        place = patch.get_y() + patch.get_height() / 2
        ends = sorted((patch.get_x(), patch.get_x() + patch.get_width()))
        low, high = _widest(ends[0], ends[1], scores[round(place)], 0.05 * inch)
        if high - low < (0.06 * len(text) + 0.05) * inch:
            continue
        dark = float(np.dot(to_rgb(patch.get_facecolor()), (0.30, 0.59, 0.11))) < 0.5
        axes.text(
            (low + high) / 2,
            place,
            text,
            ha="center",
            va="center_baseline",
            fontsize=7,
            color="white" if dark else INK,
        )


def _widest(low: float, high: float, mark: float, half: float) -> tuple[float, float]:
    """Return the wider part of a span that a mark leaves free.

    Examples
    --------
    >>> _widest(0, 10, 4, 1), _widest(0, 10, 12, 1)
    ((5, 10), (0, 10))
    """
    if not low - half < mark < high + half:
        return low, high
    return (low, mark - half) if mark - low > high - mark else (mark + half, high)


def sensitivity_bars(
    frame: pd.DataFrame, *, labels: Mapping[str, str], voice: Voice = ITALIAN
) -> str:
    """Pair the first-order and total-order Sobol index of each choice, with their 95 % margins.

    Parameters
    ----------
    frame : DataFrame
        By choice: ``first_order``, ``total_order``, ``first_order_margin``, ``total_order_margin``
        (shares 0-1; a margin is the half width of the interval).
    labels : mapping of str to str
        Printed name of each choice.

    Returns
    -------
    str
        SVG; the choice with the largest total-order index on top.

    Raises
    ------
    Refused
        A choice has no label, or there are more than a page holds.

    Examples
    --------
    >>> sobol = pd.DataFrame({"first_order": [0.3], "total_order": [0.4],
    ...     "first_order_margin": [0.05], "total_order_margin": [0.06]}, index=["normalise"])
    >>> sensitivity_bars(sobol, labels={"normalise": "Scala"})[:4]
    '<svg'
    """
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import withStroke

    data = frame.sort_values("total_order", ascending=False, kind="stable").astype(float)
    called = printed_names(data.index, pd.Series(labels, dtype=object))
    check_fits(data.index)
    lines = [wrapped(text, NAME_MAX) for text in called]
    orders = (("first_order", PALE), ("total_order", ACCENT))
    with unit_rows(2 * len(data), lines, right=0.62, head=0.3, foot=0.5) as (figure, axes, svg):
        for at, (name, colour) in zip((-0.2, 0.2), orders, strict=True):
            for place, (value, margin) in enumerate(
                zip(data[name], data[f"{name}_margin"], strict=True)
            ):
                axes.barh(place + at, value, 0.36, color=colour)
                ends = [value - margin, value + margin]
                (line,) = axes.plot(ends, [place + at] * 2, color=INK, linewidth=1)
                line.set_path_effects([withStroke(linewidth=2, foreground="white")])
                text = f"{rounded(value * 100, voice, 1)} %" if np.isfinite(value) else None
                figure_beside(axes, place + at, 0.58, text or voice.missing, False, "right")
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.set_xlim(*_padded(axes.get_xlim()))
        axes.xaxis.set_major_formatter(lambda value, _: f"{voice.number(value * 100)} %")
        axes.set_xlabel(voice.say(_WORDS["variance"]), color=MUTED)
        axes.grid(axis="x", color=RULE, linewidth=0.5)
        handles = swatches((voice.say(_WORDS[name]) for name, _ in orders), [c for _, c in orders])
        margin_line = Line2D([], [], color=INK, linewidth=1, label=voice.say(_WORDS["margin"]))
        legend_above(figure, [*handles, margin_line])
    return svg[0]


def _padded(limits: tuple[float, float]) -> tuple[float, float]:
    return min(limits[0], 0.0), max(limits[1], 0.01)


def rank_flow(
    ranks: pd.DataFrame,
    *,
    names: pd.Series,
    labels: Mapping[str, str],
    voice: Voice = ITALIAN,
    highlight: Sequence[Hashable] | None = None,
) -> str:
    """Follow the order of an area's units from one scenario of an index to the next.

    Parameters
    ----------
    ranks : DataFrame
        Rank by unit and scenario, 1 = highest score, among all ranked units. Lines stand at the place
        among the units drawn, so that labels do not cover each other; the rank itself is printed.
    names : Series of str
        By unit.
    labels : mapping of str to str
        The scenarios to draw, at least two, in order, with their printed names.
    highlight : sequence of units, optional
        Drawn in colour (at most eight); the four whose place changes the most when omitted.

    Returns
    -------
    str
        SVG; a scenario in which a unit has no rank leaves a gap in its line.

    Raises
    ------
    Refused
        Fewer than two scenarios, no unit with a rank or one without a name, more than eight units in
        colour or more units than a page holds.

    Examples
    --------
    >>> ranks = pd.DataFrame({"ampi": [1, 5], "mean": [8, 4]}, index=["a", "b"])
    >>> units = pd.Series({"a": "Alfa", "b": "Beta"})
    >>> rank_flow(ranks, names=units, labels={"ampi": "AMPI", "mean": "Media"})[:4]
    '<svg'
    """
    if len(labels) < 2:
        raise Refused(problem("one_scenario"))
    drawn = ranks[list(labels)].astype(float).dropna(how="all")
    if drawn.empty:
        raise Refused(problem("no_rank"))
    drawn = drawn.sort_values(list(labels), kind="stable")
    called = printed_names(drawn.index, names)
    check_fits(drawn.index)
    places = drawn.rank(method="first")
    moved = (places.max(axis=1) - places.min(axis=1)).sort_values(ascending=False, kind="stable")
    chosen = list(moved.index[:4] if highlight is None else highlight)
    colours = dict(zip(chosen, first_colours(len(chosen), "coloured", _LINES), strict=True))
    side = 0.14 + CHARACTER_INCHES * max(
        len(short_name(text)) + 7 for text in called if isinstance(text, str)
    )
    width = int((WIDTH - 2 * side) / (len(labels) - 1) / CHARACTER_INCHES) - 1
    heads = [wrapped(text, max(width, 8)) for text in labels.values()]
    head = 0.1 + 0.15 * max(text.count("\n") + 1 for text in heads)
    height = head + ROW_INCHES * len(drawn)
    with drawing(height) as (figure, svg):
        share = side / WIDTH
        axes = figure.add_axes((share, 0.0, 1 - 2 * share, 1 - head / height))
        # Coloured lines go over the others.
        for unit in sorted(drawn.index, key=lambda one: one in colours):
            _flow_line(
                axes, places.loc[unit], drawn.loc[unit], called.loc[unit], colours.get(unit), voice
            )
        _frame_flow(axes, heads, len(drawn))
    return svg[0]


def _frame_flow(axes: Axes, heads: Sequence[str], units: int) -> None:
    axes.set_xticks(range(len(heads)), heads, fontweight="bold")
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.yaxis.set_visible(False)
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.set(xlim=(0, len(heads) - 1), ylim=(units + 0.6, 0.4))
    axes.grid(axis="x", color=RULE, linewidth=0.8)


def _flow_line(
    axes: Axes, places: pd.Series, ranks: pd.Series, name: str, colour: str | None, voice: Voice
) -> None:
    axes.plot(
        range(len(places)),
        places,
        "-o",
        color=colour or RULE,
        linewidth=2.2 if colour else 0.9,
        markersize=3.5,
        clip_on=False,
    )
    for at, shift, align in ((0, -7, "right"), (len(places) - 1, 7, "left")):
        if np.isnan(places.iloc[at]):
            continue
        pair = [short_name(name), voice.number(ranks.iloc[at])]
        axes.annotate(
            "  ".join(pair if at == 0 else pair[::-1]),
            (at, places.iloc[at]),
            xytext=(shift, 0),
            textcoords="offset points",
            ha=align,
            va="center",
            fontsize=8,
            fontweight="bold" if colour else "normal",
            annotation_clip=False,
        )
