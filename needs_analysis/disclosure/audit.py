"""The auditor: what can be worked out of all the tables handed out together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs_analysis.disclosure.counts import Cell, CountTable, Rules
from needs_analysis.disclosure.problems import problem
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme
from needs_analysis.disclosure.relations import Relations, relate
from needs_analysis.errors import OutputError, Problem
from needs_analysis.figures import wanted_several

_SHOWN_MAX = 5
GLANCES_MAX = 40


Key = tuple[str, Cell] | str
"""A count, by its measure and cell, or the name of an amount that no table holds."""


@dataclass(frozen=True)
class Fact:
    """What readers know of a sum of counts and amounts: between which numbers it lies.

    Parameters
    ----------
    terms : mapping of Key to float
        What each count and amount is multiplied with. An amount is any number from 0 up.
    low, high : float
        The bounds, both reached.

    Examples
    --------
    >>> guests = ("stays", (("outcome", "present"),))
    >>> Fact({guests: 1.0}, 0, 3).high  # no more guests than places
    3
    """

    terms: Mapping[Key, float]
    low: float
    high: float


def audit(
    tables: Iterable[CountTable],
    rules: Rules,
    facts: Sequence[Fact] = (),
    spans: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    r"""Bounds of every hidden count that follow from all that the tables show together.

    .. math:: \min x_c, \ \max x_c \quad \text{with} \quad A x = 0, \; x \ge 0,
        \; x_s = a_s \text{ where shown}, \; (p - h) x_d \le x_n \le (p + h) x_d

    for the margins, levels and common cells `A`, and each share `p` shown, rounded by at most `h`.

    Parameters
    ----------
    tables : iterable of CountTable
        All that is handed out, hidden counts NA. Nothing else is looked at.
    rules : Rules
        Under which they were hidden.
    facts : sequence of Fact
        What else is told or known; measures that one joins are looked at together.
    spans : mapping of str to float
        How well an amount may be known: the least width of its interval.

    Returns
    -------
    DataFrame
        One row a hidden cell: measure, cell, low, high, least. The bounds are reached by whole tables
        that fit all that is shown; where the cell already passed they may be wider still.

    Raises
    ------
    OutputError
        Naming each cell that a reader can work out, or counts that contradict each other.

    Notes
    -----
    A hidden cell passes where a reader cannot tell its count, and cannot tell it to within less than
    the threshold `t` unless it is known to be no small count: `high - low >= t`, or `low >= t` and
    `high > low`. Readers are taken to know the rules: a hidden count is at least 1, unless its group
    is sensitive or its zero would tell one of a sensitive group. Hidden counts carry one mark,
    whatever the reason.

    References
    ----------
    Hundepool, A. et al. (2012), Statistical Disclosure Control, Wiley, chapter 4; Fischetti, M. and
    Salazar, J.J. (2001), Solving the cell suppression problem on tabular data with linear
    constraints, Management Science 47, 1008-1027.

    Examples
    --------
    >>> frame = pd.DataFrame({"service_code": ["A", "B", "all"], "count": [pd.NA, 9, 12]})
    >>> try:
    ...     audit([CountTable("ospiti", frame, ("service_code",))], Rules.of())
    ... except OutputError as error:
    ...     print(str(error).partition(".")[0])
    ospiti: service_code=A si ricava dalle altre cifre
    """
    found = []
    for linked, known in _linked(wanted_several(tables, CountTable), facts):
        bounds = intervals(linked, rules, known, spans)
        found.append(
            pd.DataFrame(
                {
                    "measure": bounds.measures,
                    "cell": [describe(cell) for cell in bounds.cells],
                    "low": bounds.low,
                    "high": bounds.high,
                    "least": [rules.least(cell) for cell in bounds.cells],
                }
            )
        )
        if bounds.failing or bounds.amounts:
            _refuse(linked, bounds)
    columns = ["measure", "cell", "low", "high", "least"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _linked(
    tables: Sequence[CountTable], facts: Sequence[Fact]
) -> Iterator[tuple[list[CountTable], list[Fact]]]:
    """Yield the tables that count one thing, with those that a fact joins to them."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(("count", table.measure) for table in tables)
    for fact in facts:
        nx.add_path(graph, map(_node, fact.terms))
    for part in nx.connected_components(graph):
        linked = [table for table in tables if ("count", table.measure) in part]
        known = [fact for fact in facts if _node(next(iter(fact.terms))) in part]
        if linked:
            yield linked, known


def _node(key: Key) -> tuple[str, str]:
    return ("amount", key) if isinstance(key, str) else ("count", key[0])


def describe(cell: Cell) -> str:
    """Name a cell.

    Examples
    --------
    >>> describe((("service_code", "A"), ("target_group", "street")))
    'service_code=A, target_group=street'
    """
    return ", ".join(f"{name}={value}" for name, value in cell) or "totale"


def named(cell: Cell) -> str | Problem:
    """Name a cell in a problem."""
    return describe(cell) if cell else problem("total")


@dataclass(frozen=True)
class Intervals:
    """Bounds of the hidden cells, the places of those too well known, and the amounts that are."""

    cells: list[Cell]
    measures: list[str]
    low: list[int]
    high: list[int]
    failing: list[int]
    amounts: list[str]


def intervals(
    tables: Sequence[CountTable],
    rules: Rules,
    facts: Sequence[Fact] = (),
    spans: Mapping[str, float] | None = None,
) -> Intervals:
    """Bound every hidden cell of tables of one measure, or of several that facts join."""
    system = _System(tables, rules, facts)
    for table in tables:
        for cell, count in table.counts.items():
            at = system.column[table.measure, cell]
            if count is not None and system.shown.setdefault(at, count) != count:
                raise OutputError(problem("two_counts", table=table.name, cell=named(cell)))
    wanted_amounts = {one: span for one, span in (spans or {}).items() if one in system.column}
    hidden = [key for key, at in system.column.items() if at not in system.shown]
    cells = [key for key in hidden if not isinstance(key, str)]
    if not cells and not wanted_amounts:
        return Intervals([], [], [], [], [], [])
    return _Attack(tables, system, rules).on(cells, wanted_amounts)


class _System:
    """The columns and rows of all that tables and facts hold, measure beside measure."""

    def __init__(self, tables: Sequence[CountTable], rules: Rules, facts: Sequence[Fact]) -> None:
        self.column: dict[Key, int] = {}
        self.rows: list[list[tuple[int, float]]] = []
        self.shown: dict[int, int] = {}
        self.maybe_zero: set[int] = set()
        self.counts = 0
        for measure in dict.fromkeys(table.measure for table in tables):
            own = relate([table for table in tables if table.measure == measure], rules)
            first = self.counts
            self.column |= {(measure, cell): first + at for cell, at in own.column.items()}
            self.rows += [[(first + at, by) for at, by in row] for row in own.rows]
            self.maybe_zero |= {
                first + at for cell, at in own.column.items() if may_be_zero(cell, at, own, rules)
            }
            self.counts += len(own.cells)
        self.width = self.counts
        for key in dict.fromkeys(key for fact in facts for key in fact.terms):
            if isinstance(key, str):
                self.column[key] = self.width
                self.width += 1
        self.facts = [
            [(self.column[key], float(by)) for key, by in fact.terms.items()] for fact in facts
        ]
        self.sides = np.array([(fact.low, fact.high) for fact in facts], dtype=float).reshape(-1, 2)


class _Attack:
    """A reader who has all the tables and solves for what they hide."""

    def __init__(self, tables: Sequence[CountTable], system: _System, rules: Rules) -> None:
        self.system, self.rules, self.tables = system, rules, tables
        width, counts = system.width, system.counts
        self.low, self.high = np.zeros(width), np.full(width, _ceiling(system.shown, rules))
        self.high[counts:] = np.inf
        for at, count in system.shown.items():
            self.low[at] = self.high[at] = count
        for at in system.column.values():
            if at < counts and at not in system.shown and at not in system.maybe_zero:
                self.low[at] = 1
        shares = _share_rows(tables, system)
        zero = np.zeros(len(system.rows))
        self.programme = Programme(
            [*system.rows, *shares, *system.facts],
            (
                np.concatenate([zero, np.zeros(len(shares)), system.sides[:, 0]]),
                np.concatenate([zero, np.full(len(shares), np.inf), system.sides[:, 1]]),
            ),
            (self.low, self.high),
            np.zeros(width),
            counted=counts,
        )
        self.every = np.arange(width, dtype=np.int32)
        self.hidden, self.widths = np.zeros(0, dtype=int), np.zeros(0)
        self.least_seen, self.most_seen = np.full(width, np.inf), np.full(width, -np.inf)

    def on(self, hidden: list[tuple[str, Cell]], amounts: Mapping[str, float]) -> Intervals:
        """Bound each cell and amount only as far as it takes to pass."""
        columns = [self.system.column[key] for key in hidden]
        least = [self.rules.least(cell) for _, cell in hidden]
        if not self._look(np.zeros(self.programme.width)):
            names = tuple(table.name for table in self.tables)
            kind = "undecided" if self.programme.cut_short else "contradict"
            raise OutputError(problem(kind, tables=names))
        self._glances(columns, least)
        self.hidden, self.widths = np.array(columns, dtype=int), np.array(least)
        failing = [
            place
            for place, (at, width) in enumerate(zip(columns, least, strict=True))
            if not self._passes(at, width)
        ]
        return Intervals(
            [cell for _, cell in hidden],
            [measure for measure, _ in hidden],
            [int(self.least_seen[at]) for at in columns],
            [int(self.most_seen[at]) for at in columns],
            failing,
            [one for one, span in amounts.items() if self._span(self.system.column[one]) < span],
        )

    def _span(self, at: int) -> float:
        """Return between how wide bounds an amount is known."""
        ends = []
        for sign in (1.0, -1.0):
            costs = np.zeros(self.programme.width)
            costs[at] = sign
            self.programme.cost(self.every, list(costs))
            found = self.programme.solve()
            if found is None:
                return np.inf
            ends.append(float(found[at]))
        return ends[1] - ends[0]

    def _passes(self, at: int, least: int) -> bool:
        if self._wide(at, least):
            return True
        lowest = self._end(at, 1.0, self.most_seen[at] - least)
        if self._wide(at, least) or (lowest >= least and self._varies(at)):
            return True
        self._end(at, -1.0, self.least_seen[at] + least)
        return self._wide(at, least) or (lowest >= least and self._varies(at))

    def _end(self, at: int, sign: float, enough: float) -> float:
        """Return how far a cell goes; where only broken counts get there, look for `enough`."""
        costs = np.zeros(self.programme.width)
        costs[at] = sign
        self.programme.cost(self.every, list(costs))
        found = self.programme.solve()
        if found is None:
            return -np.inf
        end = float(np.ceil(found[at] - WHOLE) if sign > 0 else np.floor(found[at] + WHOLE))
        if self.programme.is_whole(found):
            self._remember(found)
            return end
        # What else is narrow is pulled on the way: one whole table may be enough for several.
        narrow = self.hidden[(self.most_seen - self.least_seen)[self.hidden] < self.widths]
        costs[:] = 0.0
        costs[narrow] = -sign
        costs[at] = 0.0
        self.programme.cost(self.every, list(costs))
        for goal in dict.fromkeys([max(end, enough) if sign > 0 else min(end, enough), end]):
            low, high = float(self.low[at]), float(self.high[at])
            self.programme.bound([at], [low if sign > 0 else goal], [goal if sign > 0 else high])
            near = self.programme.solve()
            if near is not None and not self.programme.is_whole(near):
                near = self.programme.solve_whole(near)
            self.programme.bound([at], [low], [high])
            if near is not None:
                self._remember(near)
                break
        return end

    def _varies(self, at: int) -> bool:
        return bool(self.most_seen[at] > self.least_seen[at])

    def _wide(self, at: int, least: int) -> bool:
        return bool(self.most_seen[at] - self.least_seen[at] >= least)

    def _glances(self, columns: list[int], widths: list[int]) -> None:
        """Pull many cells at once, in directions that are the same on every run, while it helps."""
        random = np.random.default_rng(1)
        least, open_cells = np.array(widths), np.array(columns, dtype=int)
        for turn in range(GLANCES_MAX):
            costs = np.zeros(self.programme.width)
            signs = (1.0, -1.0)[turn] if turn < 2 else random.choice([-1.0, 1.0], len(open_cells))
            costs[open_cells] = signs
            self._look(costs, only_near=True)
            narrow = (self.most_seen - self.least_seen)[open_cells] < least
            helped = (~narrow).sum() >= max(2, len(narrow) // 50)
            open_cells, least = open_cells[narrow], least[narrow]
            if not len(open_cells) or (turn > 2 and not helped):
                return

    def _look(self, costs: FloatArray, *, only_near: bool = False) -> bool:
        """Say whether any table fits; remember what the cheapest reaches, if it is whole."""
        self.programme.cost(self.every, list(costs))
        found = self.programme.solve()
        if found is not None and not self.programme.is_whole(found):
            found = self.programme.solve_whole(found, only_near=only_near)
        if found is not None:
            self._remember(found)
        return found is not None

    def _remember(self, found: FloatArray) -> None:
        self.least_seen = np.minimum(self.least_seen, np.round(found))
        self.most_seen = np.maximum(self.most_seen, np.round(found))


def may_be_zero(cell: Cell, at: int, relations: Relations, rules: Rules) -> bool:
    """Say whether a reader who knows the rules must reckon with a hidden zero here."""
    return rules.is_sensitive(cell) or at in relations.maybe_zero


def _ceiling(shown: dict[int, int], rules: Rules) -> float:
    """Return a count that no hidden cell need exceed for any interval to be wide enough."""
    return float(2 * max(shown.values(), default=0) + 20 * rules.sensitive_count_min)


def _share_rows(tables: Sequence[CountTable], system: _System) -> list[list[tuple[int, float]]]:
    """Return rows, each at least zero, of the shares that say more than the counts."""
    rows = []
    for table in tables:
        half = 0.5 * 10.0**-table.share_decimals + WHOLE
        for part, whole, share in table.parts_of_shares():
            n, d = system.column[table.measure, part], system.column[table.measure, whole]
            if (n in system.shown and d in system.shown) or n == d:
                continue
            rows.append([(n, 1.0), (d, -(share - half))])
            rows.append([(n, -1.0), (d, share + half)])
    return rows


def _refuse(tables: Sequence[CountTable], bounds: Intervals) -> None:
    known = [(bounds.measures[at], bounds.cells[at]) for at in bounds.failing]
    cells = [
        problem(
            "in_table",
            table=next(t.name for t in tables if t.measure == measure and cell in t.counts),
            cell=named(cell),
        )
        for measure, cell in known
    ]
    places = (*cells, *bounds.amounts)[:_SHOWN_MAX]
    more = len(cells) + len(bounds.amounts) - len(places)
    found = (
        problem("worked_out_more", cells=places, count=more)
        if more > 0
        else problem("worked_out", cells=places, count=len(places))
    )
    raise OutputError(found, cure=problem("hide_together"))
