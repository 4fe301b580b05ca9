"""Hide small counts and, beside them, as little as keeps them from being worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_analysis.disclosure.audit import GLANCES_MAX, audit, intervals, may_be_zero, named
from needs_analysis.disclosure.problems import problem
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme, is_whole
from needs_analysis.disclosure.relations import Relations, relate
from needs_analysis.disclosure.tables import PROFILES, TOTAL, Cell, Rules, Table
from needs_analysis.errors import OutputError, Problem, Refused, wanted
from needs_analysis.figures import wanted_several
from needs_analysis.words import N_

# What a reader is told where a table had to be made coarser, in the order it is tried.
STEPS = {
    "service": "",
    "ambito": N_("Per riservatezza la tabella è per ambito: per servizio resterebbe vuota."),
    "network": N_("Per riservatezza la tabella è dell'intera rete: per ambito resterebbe vuota."),
    "three_years": N_(
        "Per riservatezza la tabella riunisce tre anni dell'intera rete: per anno resterebbe vuota."
    ),
}
_NOTHING = N_("Per riservatezza nessuna cifra di questa tabella si può mostrare.")
_ROUNDS_MAX = 20
_GLANCE_EVERY = 25


@dataclass(frozen=True)
class Protected:
    """A table as it is and as it may leave.

    Attributes
    ----------
    internal : Table
        All counts.
    published : Table
        Hidden counts NA, and NA what derives from them.
    reasons : Series
        On the rows of the table: shown, primary (a small or sensitive count) or complementary (its
        count would give another away). Internal: readers see one mark.
    note : str
        What readers are told, said by a `Voice`; "" for nothing.
    """

    internal: Table
    published: Table
    reasons: pd.Series
    note: str

    @property
    def is_blank(self) -> bool:
        """Whether no count above zero is shown but totals."""
        frame = self.published.frame
        inner = (frame[list(self.published.dimensions)] != TOTAL).all(axis=1)
        return not (inner & (frame["count"].fillna(0) > 0)).any()


def protect(table: Table, rules: Rules, *, beside: Sequence[Protected] = ()) -> Protected:
    """One table with its small counts hidden beyond recovery; see :func:`protect_together`.

    Parameters
    ----------
    table : Table
        All counts known.
    rules : Rules
        What is hidden.
    beside : sequence of Protected
        Tables already handed out.

    Returns
    -------
    Protected
        The table as it is and as it may leave.

    Examples
    --------
    >>> frame = pd.DataFrame({"service_code": ["A", "B", "C", "all"], "count": [3, 9, 20, 32]})
    >>> protect(Table("ospiti", frame, ("service_code",)), Rules.of()).published.frame
      service_code  count
    0            A   <NA>
    1            B   <NA>
    2            C     20
    3          all     32
    """
    return protect_together([table], rules, beside=beside)[0]


def protect_together(
    tables: Sequence[Table], rules: Rules, *, beside: Sequence[Protected] = ()
) -> tuple[Protected, ...]:
    r"""Tables with small counts hidden, and further ones so that none can be worked out.

    .. math:: \min \sum_{c \text{ shown}} a_c |x_c - a_c| \quad \text{with} \quad A x = 0, \;
        x \ge 0, \; x_p \ge l_p + t_p

    is solved for one small count `p` after another: the other table `x` that fits what is shown and
    moves `p` by its threshold `t` from the lowest count `l` that it is already known to reach. Cells
    that `x` moves are hidden; every such table goes on fitting, so protection only grows.

    Parameters
    ----------
    tables : sequence of Table
        All counts known. Cells that tables of one measure share are hidden in all or none.
    rules : Rules
        What is hidden.
    beside : sequence of Protected
        Tables already handed out: what they show stays shown, what they hide stays hidden.

    Returns
    -------
    tuple of Protected
        In the order given; together with `beside` they pass :func:`audit`.

    Raises
    ------
    Refused
        A count is missing, or tables contradict each other; each cell is named.
    OutputError
        A table cannot be hidden any more beside those handed out.

    References
    ----------
    Kelly, J.P., Golden, B.L. and Assad, A.A. (1992), Cell suppression: disclosure protection for
    sensitive tabular data, Networks 22, 397-417; Hundepool, A. et al. (2012), Statistical Disclosure
    Control, Wiley, chapter 4.
    """
    tables = wanted_several(tables, Table)
    kept: dict[str, set[Cell]] = {}
    for measure in dict.fromkeys(table.measure for table in tables):
        linked = [table for table in tables if table.measure == measure]
        given = [one for one in beside if one.internal.measure == measure]
        kept[measure] = _Hiding(linked, given, rules).hidden()
    return tuple(_protected(table, kept[table.measure], rules) for table in tables)


def fall_back(
    steps: Mapping[str, Table], rules: Rules, *, beside: Sequence[Protected] = ()
) -> Protected:
    """The first of ever coarser tables that is not blank once its small counts are hidden.

    Parameters
    ----------
    steps : mapping of str to Table
        By step, of `STEPS` (service, ambito, network, three_years) and in that order.
    rules : Rules
        What is hidden.
    beside : sequence of Protected
        Tables already handed out.

    Returns
    -------
    Protected
        Its note says what was done; the last step is returned even when it is blank.

    Raises
    ------
    Refused
        A step is unknown or out of order.
    """
    wanted(steps, Mapping)
    order = [step for step in STEPS if step in steps]
    if list(steps) != order or not order:
        given = tuple(map(str, steps))
        raise Refused(problem("steps_out_of_order", given=given, known=tuple(STEPS)))
    for step, table in steps.items():
        found = protect(table, rules, beside=beside)
        if not found.is_blank:
            return replace(found, note=STEPS[step])
    return replace(found, note=_NOTHING)


def release(
    tables: Sequence[Table], profile: str, rules: Rules, *, beside: Sequence[Protected] = ()
) -> tuple[Protected, ...]:
    """Tables as a profile may have them, audited together with those handed out before.

    Parameters
    ----------
    tables : sequence of Table
        All counts known.
    profile : {"internal", "published"}
        Internal shows every count.
    rules : Rules
        What is hidden in the published profile.
    beside : sequence of Protected
        Tables already published.

    Returns
    -------
    tuple of Protected
        In the order given.

    Raises
    ------
    Refused
        No such profile.
    OutputError
        The audit found a cell that can be worked out.
    """
    if profile not in PROFILES:
        raise Refused(problem("unknown_profile", profile=profile, known=PROFILES))
    tables = wanted_several(tables, Table)
    if profile == "internal":
        return tuple(
            Protected(table, table, pd.Series("shown", table.frame.index), STEPS["service"])
            for table in tables
        )
    found = protect_together(tables, rules, beside=beside)
    audit([one.published for one in (*beside, *found)], rules)
    return found


def _protected(table: Table, hidden: set[Cell], rules: Rules) -> Protected:
    reasons = [
        "shown"
        if cell not in hidden
        else "primary"
        if rules.hides(cell, count or 0)
        else "complementary"
        for cell, count in table.counts.items()
    ]
    return Protected(
        internal=table,
        published=table.with_hidden(hidden),
        reasons=pd.Series(reasons, table.frame.index, dtype=str),
        note=STEPS["service"],
    )


class _Hiding:
    """The choice of what to hide in tables of one measure.

    Two columns of the programme stand for each cell that a table holds, by how much it rises and
    falls from its count; one for each combination that none holds.
    """

    def __init__(self, tables: Sequence[Table], given: Sequence[Protected], rules: Rules) -> None:
        self.tables, self.given, self.rules = tables, given, rules
        everything = [one.internal for one in given] + list(tables)
        self.relations = relate(everything, rules)
        self.counts = _counts(everything, self.relations)
        self.held = len(self.counts)
        self.fixed = np.zeros(self.held, dtype=bool)
        self.hides = np.zeros(self.held, dtype=bool)
        for one in given:
            for cell, count in one.published.counts.items():
                at = self.relations.column[cell]
                self.fixed[at], self.hides[at] = count is not None, count is None
        floor = np.zeros(self.held)
        for cell, at in self.relations.column.items():
            floor[at] = not may_be_zero(cell, at, self.relations, rules)
        # A zero that may not be hidden does not move.
        self.fixed |= (self.counts == 0) & (floor == 1)
        self.floor = np.minimum(floor, self.counts)
        self.ceiling = float(2 * self.counts.max(initial=0) + 20 * rules.sensitive_count_min)
        self.low, self.high = self.counts.copy(), self.counts.copy()
        self.programme = self._programme()

    def hidden(self) -> set[Cell]:
        """Hide until the audit finds nothing."""
        primary = [
            at
            for cell, at in self.relations.column.items()
            if self.rules.hides(cell, int(self.counts[at])) and not self.fixed[at]
        ]
        self._hide(primary)
        self._hide(np.flatnonzero(self.hides).tolist())
        names = self.relations.cells
        for _ in range(_ROUNDS_MAX):
            order = sorted(primary, key=lambda at: (-self._width(at), self.counts[at], at))
            for turn, at in enumerate(order):
                if turn % _GLANCE_EVERY == 0:
                    self._glances(order[turn:])
                self._widen(at)
            chosen = {cell for cell, at in self.relations.column.items() if self.hides[at]}
            found = intervals(
                [one.published for one in self.given]
                + [table.with_hidden(chosen) for table in self.tables],
                self.rules,
            )
            primary = [self.relations.column[found.cells[place]] for place in found.failing]
            if not primary:
                return chosen
        raise OutputError(self._refusal(names[primary[0]]))

    def _width(self, at: int) -> int:
        return self.rules.least(self.relations.cells[at] or ())

    def _hide(self, columns: list[int]) -> None:
        """Let cells move freely: one column is enough for that, and costs nothing."""
        self.hides[columns] = True
        rise = [2 * at for at in columns]
        fall = [2 * at + 1 for at in columns]
        self.programme.cost(rise + fall, [0.0] * (2 * len(columns)))
        self.programme.bound(rise, list((self.floor - self.counts)[columns]), self._room(columns))
        self.programme.bound(fall, [0.0] * len(columns), [0.0] * len(columns))

    def _room(self, columns: list[int]) -> list[float]:
        return [self.ceiling - float(self.counts[at]) for at in columns]

    def _widen(self, at: int) -> None:
        """Find a table in which a cell lies a threshold away, and hide what differs in it."""
        width = self._width(at)
        if self.high[at] - self.low[at] >= width:
            return
        own = float(self.counts[at])
        least, most = float(self.floor[at] - own), self._room([at])[0]
        for low, high in (
            (float(self.low[at]) + width - own, most),
            (least, float(self.high[at]) - width - own),
        ):
            if low > high:
                continue
            self.programme.bound([2 * at], [low], [high])
            found = self.programme.solve()
            if found is not None and not is_whole(found):
                found = self.programme.solve_whole(found, self._at_rest(found))
            self.programme.bound([2 * at], [least], [most])
            if found is not None:
                self._take(np.round(found))
                return
        raise OutputError(self._refusal(self.relations.cells[at]))

    def _glances(self, columns: list[int]) -> None:
        """See how far hidden cells go already, many at once, with all that is shown held."""
        shown = np.flatnonzero(~self.hides & ~self.fixed)
        rise, fall = 2 * shown, 2 * shown + 1
        nothing = [0.0] * len(shown)
        self.programme.bound([*rise, *fall], nothing * 2, nothing * 2)
        least = np.array([self._width(at) for at in columns])
        narrow = np.array(columns)
        random = np.random.default_rng(1)
        for turn in range(GLANCES_MAX):
            still = (self.high - self.low)[narrow] < least
            helped = (~still).sum() >= max(2, len(still) // 50)
            narrow, least = narrow[still], least[still]
            if not len(narrow) or (turn > 2 and not helped):
                break
            signs = random.choice([-1.0, 1.0], len(narrow))
            self.programme.cost(2 * narrow, list(signs))
            found = self.programme.solve()
            self.programme.cost(2 * narrow, [0.0] * len(narrow))
            if found is not None and not is_whole(found):
                found = self.programme.solve_whole(found, only_near=True)
            if found is not None:
                self._take(np.round(found))
        falls = self.counts[shown] - self.floor[shown]
        self.programme.bound([*rise, *fall], nothing * 2, [*self._room(shown.tolist()), *falls])

    def _at_rest(self, found: FloatArray) -> NDArray[np.bool_]:
        """Say which columns of shown cells a solution leaves at zero."""
        shown = np.repeat(~self.hides, 2)
        rest = np.zeros(len(found), dtype=bool)
        rest[: 2 * self.held] = shown & (found[: 2 * self.held] < WHOLE)
        return rest

    def _take(self, found: FloatArray) -> None:
        moved = found[: 2 * self.held : 2] - found[1 : 2 * self.held : 2]
        self.low = np.minimum(self.low, self.counts + moved)
        self.high = np.maximum(self.high, self.counts + moved)
        self._hide(np.flatnonzero((moved != 0) & ~self.hides).tolist())

    def _refusal(self, cell: Cell | None) -> Problem:
        names = tuple(table.name for table in self.tables)
        if self.programme.cut_short:
            return problem("undecided", tables=names)
        return problem("not_hidden", tables=names, cell=named(cell or ()))

    def _programme(self) -> Programme:
        width = len(self.relations.cells)
        loose = width - self.held
        rows = [
            [
                pair
                for at, by in row
                for pair in (
                    [(2 * at, by), (2 * at + 1, -by)] if at < self.held else [(at + self.held, by)]
                )
            ]
            for row in self.relations.rows
        ]
        counted = np.concatenate([self.counts, np.zeros(loose)])
        sides = np.array([-sum(by * counted[at] for at, by in row) for row in self.relations.rows])
        high = np.zeros(2 * self.held + loose)
        free = ~self.fixed
        high[: 2 * self.held : 2] = np.where(free, self.ceiling, 0)
        high[1 : 2 * self.held : 2] = np.where(free, self.counts - self.floor, 0)
        high[2 * self.held :] = self.ceiling
        costs = np.zeros(len(high))
        costs[: 2 * self.held] = np.repeat(np.maximum(self.counts, 1), 2)
        return Programme(rows, (sides, sides), (np.zeros(len(high)), high), costs)


def _counts(tables: Sequence[Table], relations: Relations) -> FloatArray:
    """Return the count of each cell; refuse counts that are missing or contradict each other."""
    known: dict[int, int] = {}
    problems = []
    for table in tables:
        for cell, count in table.counts.items():
            at = relations.column[cell]
            if count is None:
                problems.append(problem("no_count", table=table.name, cell=named(cell)))
            elif known.setdefault(at, count) != count:
                problems.append(problem("two_counts", table=table.name, cell=named(cell)))
    for row in relations.rows if not problems else []:
        (whole, _), parts = row[0], row[1:]
        same = all(at in known for at, _ in row)
        if same and row[0][1] < 0 and sum(known[at] for at, _ in parts) != known[whole]:
            cell = relations.cells[whole] or ()
            problems.append(problem("no_sum", cell=named(cell)))
    if problems:
        raise Refused(*problems)
    return np.array([known[at] for at in range(len(known))], dtype=float)
