"""Hide small counts and, beside them, as little as keeps them from being worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from needs_analysis.disclosure.audit import (
    GLANCES_MAX,
    Intervals,
    audit,
    intervals,
    may_be_zero,
    named,
)
from needs_analysis.disclosure.counts import PROFILES, TOTAL, Cell, CountTable, Rules
from needs_analysis.disclosure.problems import problem
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme
from needs_analysis.disclosure.relations import Relations, relate
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
# Whether a cell costs the same however far it moves; whether it moves by half its width at a time.
_WAYS = ((False, False), (False, True), (True, False), (True, True))
# Columns of a programme that is solved in every way.
_SMALL = 300
# Columns of programmes solved to show cells again; what is left then stays hidden.
_AGAIN_MAX = 50_000


@dataclass(frozen=True)
class Protected:
    """A table as it is and as it may leave.

    Attributes
    ----------
    internal : CountTable
        All counts.
    published : CountTable
        Hidden counts NA, and NA what derives from them.
    reasons : Series
        On the rows of the table: shown, primary (a small or sensitive count) or complementary (its
        count would give another away). Internal: readers see one mark.
    note : str
        What readers are told, said by a `Voice`; "" for nothing.
    """

    internal: CountTable
    published: CountTable
    reasons: pd.Series
    note: str

    @property
    def is_blank(self) -> bool:
        """Whether no count above zero is shown but totals."""
        frame = self.published.frame
        inner = (frame[list(self.published.dimensions)] != TOTAL).all(axis=1)
        return not (inner & (frame["count"].fillna(0) > 0)).any()


def protect(table: CountTable, rules: Rules, *, beside: Sequence[Protected] = ()) -> Protected:
    """One table with its small counts hidden beyond recovery; see :func:`protect_together`.

    Parameters
    ----------
    table : CountTable
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
    >>> protect(CountTable("ospiti", frame, ("service_code",)), Rules.of()).published.frame
      service_code  count
    0            A   <NA>
    1            B   <NA>
    2            C     20
    3          all     32
    """
    return protect_together([table], rules, beside=beside)[0]


def protect_together(
    tables: Sequence[CountTable], rules: Rules, *, beside: Sequence[Protected] = ()
) -> tuple[Protected, ...]:
    r"""Tables with small counts hidden, and further ones so that none can be worked out.

    .. math:: \min \sum_{c \text{ shown}} a_c |x_c - a_c| \quad \text{with} \quad A x = 0, \;
        x \ge 0, \; x_p \ge l_p + t_p

    is solved for one small count `p` after another: the other table `x` that fits what is shown and
    moves `p` by its threshold `t` from the lowest count `l` that it is already known to reach. Cells
    that `x` moves are hidden; every such table goes on fitting, so protection only grows.

    Parameters
    ----------
    tables : sequence of CountTable
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
    tables = wanted_several(tables, CountTable)
    kept: dict[str, set[Cell]] = {}
    for measure in dict.fromkeys(table.measure for table in tables):
        linked = [table for table in tables if table.measure == measure]
        given = [one for one in beside if one.internal.measure == measure]
        kept[measure] = _fewest(linked, given, rules)
    return tuple(_protected(table, kept[table.measure], rules) for table in tables)


def fall_back(
    steps: Mapping[str, CountTable], rules: Rules, *, beside: Sequence[Protected] = ()
) -> Protected:
    """The first of ever coarser tables that is not blank once its small counts are hidden.

    Parameters
    ----------
    steps : mapping of str to CountTable
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
    tables: Sequence[CountTable], profile: str, rules: Rules, *, beside: Sequence[Protected] = ()
) -> tuple[Protected, ...]:
    """Tables as a profile may have them, audited together with those handed out before.

    Parameters
    ----------
    tables : sequence of CountTable
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
    tables = wanted_several(tables, CountTable)
    if profile == "internal":
        return tuple(
            Protected(table, table, pd.Series("shown", table.frame.index), STEPS["service"])
            for table in tables
        )
    found = protect_together(tables, rules, beside=beside)
    audit([one.published for one in (*beside, *found)], rules)
    return found


def _protected(table: CountTable, hidden: set[Cell], rules: Rules) -> Protected:
    reasons = [
        "shown"
        if cell not in hidden
        else "primary"
        if table.hides(cell, count or 0, rules)
        else "complementary"
        for cell, count in table.counts.items()
    ]
    return Protected(
        internal=table,
        published=table.with_hidden(hidden),
        reasons=pd.Series(reasons, table.frame.index, dtype=str),
        note=STEPS["service"],
    )


def _fewest(tables: Sequence[CountTable], given: Sequence[Protected], rules: Rules) -> set[Cell]:
    """Hide in several ways where that takes no time, and keep the one that hides the least."""
    first = _Hiding(tables, given, rules)
    found = [first.hidden()]
    if len(found[0]) > first.must and first.programme.width <= _SMALL:
        found += [_Hiding(tables, given, rules, way).hidden() for way in _WAYS[1:]]
    return min(found, key=lambda one: (len(one), sum(first.counts_in(one))))


class _Hiding:
    """The choice of what to hide in tables of one measure.

    Two columns of the programme stand for each cell that a table holds, by how much it rises and
    falls from its count; one for each combination that none holds.
    """

    def __init__(
        self,
        tables: Sequence[CountTable],
        given: Sequence[Protected],
        rules: Rules,
        way: tuple[bool, bool] = _WAYS[0],
    ) -> None:
        self.tables, self.given, self.rules = tables, given, rules
        self.by_cell, self.in_steps = way
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
        self.met = [self.counts]
        self.before = self.hides.copy()
        self.must = int(self.hides.sum()) + sum(
            self._is_primary(at) and not (self.hides[at] or self.fixed[at])
            for at in self.relations.column.values()
        )
        self.programme = self._programme()

    def hidden(self) -> set[Cell]:
        """Hide until the audit finds nothing."""
        primary = [
            at
            for at in self.relations.column.values()
            if self._is_primary(at) and not self.fixed[at]
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
            chosen = self._chosen()
            found = self._bounds(chosen)
            primary = [self.relations.column[found.cells[place]] for place in found.failing]
            if not primary:
                self._show_again(found)
                fewer = self._chosen()
                same = fewer == chosen or bool(self._bounds(fewer).failing)
                return chosen if same else fewer
        raise OutputError(self._refusal(names[primary[0]]))

    def counts_in(self, cells: set[Cell]) -> list[float]:
        """Return the counts of some cells."""
        return [float(self.counts[self.relations.column[cell]]) for cell in cells]

    def _chosen(self) -> set[Cell]:
        return {cell for cell, at in self.relations.column.items() if self.hides[at]}

    def _bounds(self, chosen: set[Cell]) -> Intervals:
        return intervals(
            [one.published for one in self.given]
            + [table.with_hidden(chosen) for table in self.tables],
            self.rules,
        )

    def _show_again(self, found: Intervals) -> None:
        """Show, the largest first, what need not be hidden any more beside what came to be later.

        Of the whole tables met on the way, those with a cell's true count are what its readers must
        reckon with once it is shown; other hidden cells that these know too well are widened anew.
        """
        hidden = np.array([self.relations.column[cell] for cell in found.cells], dtype=int)
        least = np.array([self._width(at) for at in hidden])
        # Passed though narrow: proven to be no small count, and no less so where more is shown.
        least[np.array(found.high) - np.array(found.low) < least] = 1
        spare = [at for at in hidden if not (self.before[at] or self._is_primary(at))]
        met, left = np.array(self.met), _AGAIN_MAX
        self._hold_shown()
        for at in sorted(spare, key=lambda at: (-self.counts[at], at)):
            others = hidden != at
            self._hold([at])
            own = met[met[:, at] == self.counts[at]]
            for one, width in zip(hidden[others], least[others], strict=True):
                if left <= 0 or np.ptp(own[:, one]) >= width:
                    continue
                left -= 2 * self.programme.width
                own = np.vstack([own, *self._ends(one)])
                if np.ptp(own[:, one]) < width:
                    break
            if left > 0 and (np.ptp(own[:, hidden[others]], axis=0) >= least[others]).all():
                self.hides[at] = False
                met, hidden, least = own, hidden[others], least[others]
            else:
                self._hide([at])

    def _is_primary(self, at: int) -> bool:
        cell, count = self.relations.cells[at] or (), int(self.counts[at])
        return any(table.hides(cell, count, self.rules) for table in self.tables)

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
        if self.in_steps:
            step = self._further(at, -(-width // 2), self.low[at], self.high[at])
            if step is not None:
                self._take(step)
                shown = self._hold_shown()
                ends = self._ends(at)
                self._let_move(shown)
                for counts in ends:
                    self._meet(counts)
                if self.high[at] - self.low[at] >= width:
                    return
        found = self._further(at, width, self.low[at], self.high[at])
        if found is None:
            raise OutputError(self._refusal(self.relations.cells[at]))
        self._take(found)

    def _ends(self, at: int) -> list[FloatArray]:
        """Return tables with the most and the least of a hidden cell, of those that are whole."""
        met = []
        for sign in (-1.0, 1.0):
            self.programme.cost([2 * at], [sign])
            found = self.programme.solve()
            if found is not None and self.programme.is_whole(found):
                met.append(self._counts_of(np.round(found)))
        self.programme.cost([2 * at], [0.0])
        return met

    def _further(self, at: int, width: int, lowest: float, highest: float) -> FloatArray | None:
        """Return a table in which a hidden cell lies so far from the bounds known of it."""
        own = float(self.counts[at])
        least, most = float(self.floor[at] - own), self._room([at])[0]
        for low, high in (
            (float(lowest) + width - own, most),
            (least, float(highest) - width - own),
        ):
            if low > high:
                continue
            self.programme.bound([2 * at], [low], [high])
            found = self.programme.solve()
            if found is not None and not self.programme.is_whole(found):
                found = self.programme.solve_whole(found, self._at_rest(found))
            self.programme.bound([2 * at], [least], [most])
            if found is not None:
                return np.round(found)
        return None

    def _glances(self, columns: list[int]) -> None:
        """See how far hidden cells go already, many at once, with all that is shown held."""
        shown = self._hold_shown()
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
            if found is not None and not self.programme.is_whole(found):
                found = self.programme.solve_whole(found, only_near=True)
            if found is not None:
                self._take(np.round(found))
        self._let_move(shown)

    def _let_move(self, shown: NDArray[np.intp]) -> None:
        """Let shown cells move again, at their cost."""
        falls = self.counts[shown] - self.floor[shown]
        room = [*self._room(shown.tolist()), *falls]
        self.programme.bound([*(2 * shown), *(2 * shown + 1)], [0.0] * len(room), room)

    def _hold_shown(self) -> NDArray[np.intp]:
        """Let no cell move that is shown, and return which these are."""
        shown = np.flatnonzero(~self.hides & ~self.fixed)
        self._hold(shown)
        return shown

    def _hold(self, columns: Sequence[int] | NDArray[np.intp]) -> None:
        at = np.asarray(columns)
        nothing = [0.0] * (2 * len(at))
        self.programme.bound([*(2 * at), *(2 * at + 1)], nothing, nothing)

    def _at_rest(self, found: FloatArray) -> NDArray[np.bool_]:
        """Say which columns of shown cells a solution leaves at zero."""
        shown = np.repeat(~self.hides, 2)
        rest = np.zeros(len(found), dtype=bool)
        rest[: 2 * self.held] = shown & (found[: 2 * self.held] < WHOLE)
        return rest

    def _take(self, found: FloatArray) -> None:
        counts = self._counts_of(found)
        self._meet(counts)
        self._hide(np.flatnonzero((counts != self.counts) & ~self.hides).tolist())

    def _meet(self, counts: FloatArray) -> None:
        self.met.append(counts)
        self.low, self.high = np.minimum(self.low, counts), np.maximum(self.high, counts)

    def _counts_of(self, found: FloatArray) -> FloatArray:
        moved: FloatArray = found[: 2 * self.held : 2] - found[1 : 2 * self.held : 2]
        return self.counts + moved

    def _refusal(self, cell: Cell | None) -> Problem:
        names = tuple(table.name for table in self.tables)
        if self.programme.cut_short:
            return problem("undecided", tables=names)
        return problem("not_hidden", tables=names, cell=named(cell or ()))

    def _costs(self) -> FloatArray:
        """Return what it costs to let cells rise and fall by one.

        Where a cell costs the same however far it moves, one that can go all the way is cheaper than
        two that go half.
        """
        if not self.by_cell:
            return np.repeat(np.maximum(self.counts, 1), 2)
        sensitive = any(
            self.rules.is_sensitive(cell or ()) for cell in self.relations.cells[: self.held]
        )
        width = self.rules.sensitive_count_min if sensitive else self.rules.count_min
        each = 1 + self.counts / (1 + self.counts.max(initial=0))
        far = np.stack([self.ceiling - self.counts, self.counts - self.floor], axis=1)
        found: FloatArray = (each[:, None] / np.clip(far, 1, width)).ravel()
        return found

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
        costs[: 2 * self.held] = self._costs()
        return Programme(rows, (sides, sides), (np.zeros(len(high)), high), costs)


def _counts(tables: Sequence[CountTable], relations: Relations) -> FloatArray:
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
