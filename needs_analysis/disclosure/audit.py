"""The auditor: what can be worked out of all the tables handed out together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs_analysis.disclosure.problems import problem
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme, is_whole
from needs_analysis.disclosure.relations import Relations, relate
from needs_analysis.disclosure.tables import Cell, Rules, Table
from needs_analysis.errors import OutputError, Problem
from needs_analysis.figures import wanted_several

_SHOWN_MAX = 5
GLANCES_MAX = 40


def audit(tables: Iterable[Table], rules: Rules) -> pd.DataFrame:
    r"""Bounds of every hidden count that follow from all that the tables show together.

    .. math:: \min x_c, \ \max x_c \quad \text{with} \quad A x = 0, \; x \ge 0,
        \; x_s = a_s \text{ where shown}, \; (p - h) x_d \le x_n \le (p + h) x_d

    for the margins, levels and common cells `A`, and each share `p` shown, rounded by at most `h`.

    Parameters
    ----------
    tables : iterable of Table
        All that is handed out, hidden counts NA. Nothing else is looked at.
    rules : Rules
        Under which they were hidden.

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
    ...     audit([Table("ospiti", frame, ("service_code",))], Rules.of())
    ... except OutputError as error:
    ...     print(str(error).partition(".")[0])
    ospiti: service_code=A si ricava dalle altre cifre
    """
    by_measure: dict[str, list[Table]] = {}
    for table in wanted_several(tables, Table):
        by_measure.setdefault(table.measure, []).append(table)
    found = []
    for measure, linked in by_measure.items():
        bounds = intervals(linked, rules)
        found.append(
            pd.DataFrame(
                {
                    "measure": measure,
                    "cell": [describe(cell) for cell in bounds.cells],
                    "low": bounds.low,
                    "high": bounds.high,
                    "least": [rules.least(cell) for cell in bounds.cells],
                }
            )
        )
        if bounds.failing:
            _refuse(linked, [bounds.cells[at] for at in bounds.failing])
    columns = ["measure", "cell", "low", "high", "least"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


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
    """Bounds of the hidden cells, and the places of those too well known."""

    cells: list[Cell]
    low: list[int]
    high: list[int]
    failing: list[int]


def intervals(tables: Sequence[Table], rules: Rules) -> Intervals:
    """Bound every hidden cell of tables of one measure."""
    relations = relate(tables, rules)
    shown: dict[int, int] = {}
    for table in tables:
        for cell, count in table.counts.items():
            at = relations.column[cell]
            if count is not None and shown.setdefault(at, count) != count:
                raise OutputError(problem("two_counts", table=table.name, cell=named(cell)))
    hidden = [cell for cell, at in relations.column.items() if at not in shown]
    if not hidden:
        return Intervals([], [], [], [])
    return _Attack(tables, relations, shown, rules).on(hidden)


class _Attack:
    """A reader who has all the tables and solves for what they hide."""

    def __init__(
        self, tables: Sequence[Table], relations: Relations, shown: dict[int, int], rules: Rules
    ) -> None:
        self.relations, self.rules, self.tables = relations, rules, tables
        width = len(relations.cells)
        self.low, self.high = np.zeros(width), np.full(width, _ceiling(shown, rules))
        for at, count in shown.items():
            self.low[at] = self.high[at] = count
        for cell, at in relations.column.items():
            if at not in shown and not may_be_zero(cell, at, relations, rules):
                self.low[at] = 1
        shares = _share_rows(tables, relations, shown)
        zero = np.zeros(len(relations.rows))
        self.programme = Programme(
            [*relations.rows, *shares],
            (
                np.concatenate([zero, np.zeros(len(shares))]),
                np.concatenate([zero, np.full(len(shares), np.inf)]),
            ),
            (self.low, self.high),
            np.zeros(width),
        )
        self.every = np.arange(width, dtype=np.int32)
        self.least_seen, self.most_seen = np.full(width, np.inf), np.full(width, -np.inf)

    def on(self, hidden: list[Cell]) -> Intervals:
        """Bound each cell only as far as it takes to pass."""
        columns = [self.relations.column[cell] for cell in hidden]
        if not self._look(np.zeros(self.programme.width)):
            names = tuple(table.name for table in self.tables)
            kind = "undecided" if self.programme.cut_short else "contradict"
            raise OutputError(problem(kind, tables=names))
        self._glances(columns)
        failing = [
            place
            for place, (cell, at) in enumerate(zip(hidden, columns, strict=True))
            if not self._passes(at, self.rules.least(cell))
        ]
        return Intervals(
            hidden,
            [int(self.least_seen[at]) for at in columns],
            [int(self.most_seen[at]) for at in columns],
            failing,
        )

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
        if is_whole(found):
            self._remember(found)
            return end
        self.programme.cost(self.every, [0.0] * self.programme.width)
        for goal in dict.fromkeys([max(end, enough) if sign > 0 else min(end, enough), end]):
            low, high = float(self.low[at]), float(self.high[at])
            self.programme.bound([at], [low if sign > 0 else goal], [goal if sign > 0 else high])
            near = self.programme.solve()
            if near is not None and not is_whole(near):
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

    def _glances(self, columns: list[int]) -> None:
        """Pull many cells at once, in directions that are the same on every run, while it helps."""
        random = np.random.default_rng(1)
        least = np.array([self.rules.least(self.relations.cells[at] or ()) for at in columns])
        open_cells = np.array(columns)
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
        if found is not None and not is_whole(found):
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


def _share_rows(
    tables: Sequence[Table], relations: Relations, shown: dict[int, int]
) -> list[list[tuple[int, float]]]:
    """Return rows, each at least zero, of the shares that say more than the counts."""
    rows = []
    for table in tables:
        half = 0.5 * 10.0**-table.share_decimals + WHOLE
        for part, whole, share in table.parts_of_shares():
            n, d = relations.column[part], relations.column[whole]
            if (n in shown and d in shown) or n == d:
                continue
            rows.append([(n, 1.0), (d, -(share - half))])
            rows.append([(n, -1.0), (d, share + half)])
    return rows


def _refuse(tables: Sequence[Table], cells: list[Cell]) -> None:
    places = tuple(
        problem(
            "in_table", table=next(t.name for t in tables if cell in t.counts), cell=named(cell)
        )
        for cell in cells[:_SHOWN_MAX]
    )
    more = len(cells) - _SHOWN_MAX
    found = (
        problem("worked_out_more", cells=places, count=more)
        if more > 0
        else problem("worked_out", cells=places, count=len(places))
    )
    raise OutputError(found, cure=problem("hide_together"))
