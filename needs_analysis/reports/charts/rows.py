"""What the charts with one row a unit share: rows, printed names, colours, legends."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused
from needs_analysis.reports.charts.drawing import INK, WIDTH, drawing, write_legend
from needs_analysis.reports.problems import problem
from needs_analysis.words import Voice

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS_MAX = 60  # rows that a page of A4 holds
# Paul Tol's "muted" scheme: eight colours that every kind of colour vision tells apart.
PALETTE = ("#882255", "#ddcc77", "#117733", "#88ccee", "#cc6677", "#332288", "#44aa99", "#999933")
ROW_INCHES = 0.175  # inches
CHARACTER_INCHES = 0.074  # inches: a wide letter at 8.5 points
NAME_MAX = 34  # characters: the longest Italian name of a municipality


@contextmanager
def unit_rows(
    count: int, named: Sequence[str], *, right: float, head: float, foot: float = 0.05
) -> Iterator[tuple[Figure, Axes, list[str]]]:
    """Give a plot of one row a unit, names to its left, `right` inches for figures beside it."""
    longest = max((len(line) for text in named for line in text.split("\n")), default=0)
    left = 0.08 + CHARACTER_INCHES * longest
    body = ROW_INCHES * max(count, 1) + 0.05
    height = head + body + foot
    with drawing(height) as (figure, svg):
        width = WIDTH - left - right
        axes = figure.add_axes((left / WIDTH, foot / height, width / WIDTH, body / height))
        axes.set_yticks(range(len(named)), list(named), fontsize=8)
        axes.tick_params(length=0)
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.set_axisbelow(True)
        yield figure, axes, svg
        axes.set_ylim(len(named) - 0.4, -0.6)


def printed_names(index: pd.Index, names: pd.Series) -> pd.Series:
    """Return the printed name of each unit; one without a name is refused."""
    called = names.reindex(index)
    if called.isna().any():
        absent = tuple(str(code) for code in called.index[called.isna()][:5])
        raise Refused(problem("no_name", codes=absent))
    return called.astype(str)


def short_name(name: str) -> str:
    """Cut a name longer than any municipality's."""
    return name if len(name) <= NAME_MAX else name[: NAME_MAX - 1].rstrip() + "…"


def short_names(called: pd.Series) -> list[str]:
    """Return the names as they fit beside a row."""
    return [short_name(text) for text in called]


def rounded(value: float, voice: Voice, decimals: int) -> str:
    """Print a number without the minus of a zero.

    Examples
    --------
    >>> from needs_analysis.words import ITALIAN
    >>> rounded(-0.01, ITALIAN, 1)
    '0,0'
    """
    return voice.number(round(float(value), decimals) + 0.0, decimals)


def check_fits(index: pd.Index) -> None:
    """Refuse more rows than a page holds."""
    if len(index) > UNITS_MAX:
        raise Refused(problem("too_many_rows", rows=len(index), most=UNITS_MAX))


def first_colours(count: int, what: str, colours: Sequence[str] = PALETTE) -> Sequence[str]:
    """Return so many colours that are told apart; more than there are is refused."""
    if count > len(colours):
        raise Refused(problem(f"too_many_{what}", number=count, most=len(colours)))
    return colours[:count]


def figure_beside(
    axes: Axes, place: float, inches: float, text: str, strong: bool, align: str = "left"
) -> None:
    """Write a figure beside a row, at a distance from the right end of the plot."""
    axes.annotate(
        text,
        (1, place),
        xycoords=axes.get_yaxis_transform(),
        xytext=(inches * 72, 0),
        textcoords="offset points",
        ha=align,
        va="center",
        fontsize=8,
        fontweight="bold" if strong else "normal",
        annotation_clip=False,
    )


def embolden(axes: Axes, index: pd.Index, highlight: Hashable | None) -> None:
    """Write the name of one unit in bold."""
    for text, unit in zip(axes.get_yticklabels(), index, strict=True):
        text.set_fontweight("bold" if unit == highlight else "normal")


def swatches(labels: Iterable[str], colours: Iterable[str]) -> list[Artist]:
    """Return the keys of a legend of colours."""
    from matplotlib.patches import Patch

    return [Patch(facecolor=c, label=text) for text, c in zip(labels, colours, strict=True)]


def diamond(label: str) -> Artist:
    """Return the key of a diamond."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=INK, marker="D", markersize=4, linestyle="", label=label)


def _legend_columns(labels: Sequence[str]) -> int:
    longest = max(len(text) for text in labels) * 0.066 + 0.42
    return int(np.clip(WIDTH / longest, 1, len(labels)))


def legend_rows(labels: Sequence[str]) -> int:
    """Return the lines that a legend above takes, with one more key."""
    return -(-(len(labels) + 1) // _legend_columns(labels))


def legend_above(figure: Figure, handles: Sequence[Artist]) -> None:
    """Write a legend over the whole width, above the plot."""
    columns = _legend_columns([str(one.get_label()) for one in handles])
    write_legend(
        figure, handles, loc="upper left", bbox_to_anchor=(0.0, 1.0), ncols=columns,
        borderaxespad=0.0, columnspacing=1.4, handlelength=1.4,
    )  # fmt: skip
