"""A network of services as SVG: who refers to whom, in the manner of `reports.charts`."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import TYPE_CHECKING

from needs_analysis.reports.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    PALE,
    WIDTH,
    drawing,
    wrapped,
    write_legend,
)
from needs_analysis.words import ITALIAN, N_, Voice

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 5.0  # inches
_RADIUS = 1.0
_NAME_MAX = 26  # characters a line beside a member
_WIDEST = 4.5  # 72nds of an inch: the arrow of the pair with most referrals
_WORDS = {
    "sent": N_("segnalazioni da un membro all'altro (più grande: più segnalazioni)"),
    "few": N_("meno di {count_min}, o nascoste"),
    "isolated": N_("membro senza segnalazioni"),
}


def referral_network(
    graph: nx.DiGraph,
    *,
    count_min: int,
    labels: Mapping[str, str] | None = None,
    voice: Voice = ITALIAN,
    title: str = "",
) -> str:
    """Draw the members on a circle and an arrow for each pair that refers.

    Parameters
    ----------
    graph : networkx.DiGraph
        From `services.network.published_graph`, or `referral_graph` for internal use. An edge whose
        ``referrals`` are absent or under `count_min` is drawn thin and dashed, whatever its number.
    count_min : int
        The least count that is shown.
    labels : mapping of str to str, optional
        Printed names of members.
    voice : Voice
        Of the legend.
    title : str
        Drawn above; empty where the page prints its own caption.

    Returns
    -------
    str
        SVG; the same graph gives the same bytes.

    Examples
    --------
    >>> import networkx as nx
    >>> svg = referral_network(nx.DiGraph([("A", "B")]), count_min=5)
    >>> svg.startswith("<svg")
    True
    """
    named = {member: (labels or {}).get(member, str(member)) for member in graph}
    places = _places(graph)
    with drawing(_HEIGHT, title) as (figure, svg):
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        half = _RADIUS * 1.1
        axes.set(xlim=(-half * WIDTH / _HEIGHT, half * WIDTH / _HEIGHT), ylim=(-half - 0.25, half))
        axes.set_aspect("equal", anchor="N")
        axes.axis("off")
        sizes = _sizes(graph, count_min)
        _arrows(axes, graph, places, sizes, count_min)
        _members(axes, graph, places, sizes, named)
        _legend(figure, graph, count_min, voice)
    return svg[0]


def tells_apart(graph: nx.DiGraph, count_min: int) -> bool:
    """Tell whether the drawing shows anything: two pairs that refer are drawn differently.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("A", "B"), ("B", "C")])
    >>> tells_apart(graph, 5)
    False
    >>> graph.edges["A", "B"]["referrals"] = 7
    >>> tells_apart(graph, 5)
    True
    """
    known = _known(graph, count_min)
    return len({known.get(pair) for pair in graph.edges}) > 1


def _places(graph: nx.DiGraph) -> dict[str, tuple[float, float]]:
    """Put members on a circle, clockwise from the top, each beside whom it works with most.

    Every next member is the one most tied to the one before; names break ties. Heights are even on
    either side, so that names clear each other.
    """
    tie = graph.to_undirected().adj
    left = sorted(graph, key=lambda member: (-len(tie[member]), str(member)))
    order = left[:1]
    left = left[1:]
    while left:
        last = order[-1]
        left.sort(key=lambda member: (member not in tie[last], -len(tie[member]), str(member)))
        order.append(left.pop(0))
    right = (len(order) + 1) // 2
    places = {}
    for side, members in ((1, order[:right]), (-1, order[right:][::-1])):
        for at, member in enumerate(members):
            height = 1 - (2 * at + 1) / len(members)
            places[member] = (side * _RADIUS * sqrt(1 - height**2), _RADIUS * height)
    return places


def _known(graph: nx.DiGraph, count_min: int) -> dict[tuple[str, str], int]:
    """Return the referrals of each pair that are shown."""
    counts = graph.edges.data("referrals", default=0)
    return {(a, b): int(count) for a, b, count in counts if count and count >= count_min}


def _sizes(graph: nx.DiGraph, count_min: int) -> dict[str, float]:
    """Return the radius of each member, in 72nds of an inch, from the referrals that are shown."""
    known = _known(graph, count_min)
    totals = {m: sum(n for pair, n in known.items() if m in pair) for m in graph}
    most = max(totals.values(), default=0) or 1
    return {member: 4.0 + 7.0 * sqrt(total / most) for member, total in totals.items()}


def _arrows(
    axes: Axes,
    graph: nx.DiGraph,
    places: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, float],
    count_min: int,
) -> None:
    from matplotlib.patches import FancyArrowPatch

    known = _known(graph, count_min)
    most = max(known.values(), default=1)
    pairs = sorted(graph.edges, key=lambda pair: (known.get(pair, 0), pair))
    for pair in pairs:
        sender, receiver = pair
        count = known.get(pair)
        width = 0.6 if count is None else 0.8 + (_WIDEST - 0.8) * count / most
        arrow = FancyArrowPatch(
            places[sender],
            places[receiver],
            # Both ways bend to their own right, so that two arrows do not cover each other.
            connectionstyle="arc3,rad=0.14",
            arrowstyle=f"-|>,head_length={3.5 + width / 2},head_width={1.6 + width / 2}",
            mutation_scale=1,
            shrinkA=sizes[sender] + 1,
            shrinkB=sizes[receiver] + 1.5,
            linewidth=width,
            linestyle="--" if count is None else "-",
            color=PALE if count is None else ACCENT,
            alpha=1.0 if count is None else 0.35 + 0.55 * count / most,
        )
        axes.add_patch(arrow)


def _members(
    axes: Axes,
    graph: nx.DiGraph,
    places: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, float],
    named: Mapping[str, str],
) -> None:
    for member, (x, y) in places.items():
        alone = graph.degree(member) == 0
        axes.plot(
            [x],
            [y],
            "o",
            markersize=2 * sizes[member],
            markerfacecolor="white" if alone else ACCENT,
            markeredgecolor=MUTED if alone else "white",
            markeredgewidth=1.0,
        )
        side = 1 if x > 0 else -1
        axes.annotate(
            wrapped(named[member], _NAME_MAX),
            (x, y),
            xytext=(side * (sizes[member] + 4), 0),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="center",
            color=MUTED if alone else INK,
        )


def _legend(figure: Figure, graph: nx.DiGraph, count_min: int, voice: Voice) -> None:
    from matplotlib.lines import Line2D

    known = sorted(set(_known(graph, count_min).values()))
    most = known[-1] if known else 1
    handles = [
        Line2D([], [], color=ACCENT, linewidth=0.8 + (_WIDEST - 0.8) * n / most,
               alpha=0.35 + 0.55 * n / most, label=str(n))
        for n in dict.fromkeys([*known[:1], *known[len(known) // 2 : len(known) // 2 + 1], *known[-1:]])
    ]  # fmt: skip
    if len(_known(graph, count_min)) < graph.number_of_edges():
        few = voice.say(_WORDS["few"], count_min=count_min)
        handles.append(Line2D([], [], color=PALE, linewidth=0.8, linestyle="--", label=few))
    if any(degree == 0 for _, degree in graph.degree()):
        handles.append(
            Line2D([], [], color="none", marker="o", markersize=7, markerfacecolor="white",
                   markeredgecolor=MUTED, label=voice.say(_WORDS["isolated"]))
        )  # fmt: skip
    if not handles:
        return
    write_legend(
        figure, handles, voice.say(_WORDS["sent"]), loc="lower center", ncols=len(handles),
        handlelength=2.4,
    )  # fmt: skip
