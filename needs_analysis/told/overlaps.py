"""What several deliveries tell together: a period inside another, the same one told twice.

Counts of overlapping periods hang together exactly: what a delivery tells beside earlier ones of what
they hide is hidden in it, and as little else as keeps it from being worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from needs_analysis.disclosure import Cell, Rules
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme
from needs_analysis.told.linked_counts import Family, MovedError, Row, System, kind_of
from needs_analysis.told.spans import Clash, Hidden, Span, Telling, Unsafe, is_inside

_ROUNDS_MAX = 20
_GLANCES = 12
_KEPT_WHOLE: tuple[Cell, ...] = (
    (), (("outcome", "exit"),), (("outcome", "present"),), (("begun", "entered"),),
)  # fmt: skip
"""Counts of the network without which a delivery says nothing: it is refused sooner."""


def counts_to_hide(new: Telling, earlier: Sequence[Telling], rules: Rules) -> Hidden:
    """Return the counts of a delivery that would tell, beside earlier ones, what each hides.

    Parameters
    ----------
    new : Telling
        The delivery as it would be handed out alone.
    earlier : sequence of Telling
        Those handed out before; what they tell stays told.
    rules : disclosure.Rules
        Of the new one.

    Returns
    -------
    Hidden
        Nothing where the deliveries tell nothing together.

    Raises
    ------
    Unsafe
        Hiding does not help, or would hide the counts of the whole network.

    Notes
    -----
    A reader is taken to believe that all deliveries are of the same data. Where that contradicts
    what they tell the data were corrected in between: then only what two of them tell of the same
    cell, the period of one inside that of the other, is compared.

    References
    ----------
    Hundepool, A. et al. (2012), Statistical Disclosure Control, Wiley, chapter 4 (linked tables).
    """
    found = Hidden()
    for measure in dict.fromkeys(one.measure for one in new.tables.values()):
        tellings = [_part(one, measure) for one in (new, *earlier)]
        used = [at for at, one in enumerate(tellings[1:]) if _meets(tellings[0], one, measure)]
        if used:
            _hide(Family(measure, tellings, used, rules), found)
    return found


def _part(telling: Telling, measure: str) -> Telling:
    own = {name: one for name, one in telling.tables.items() if one.measure == measure}
    return replace(telling, tables=own)


def _meets(new: Telling, old: Telling, measure: str) -> bool:
    """Say whether two deliveries share a day; of stays, one that begins where the other ends too."""
    if not old.tables:
        return False
    (first, past), (begin, end) = new.span, old.span
    return first <= end and begin <= past if measure == "stays" else first < end and begin < past


def _hide(family: Family, found: Hidden) -> None:
    """Add the cells to hide; those of data corrected in between first."""
    alike, hiding = _alike(family)
    own = found.cells.setdefault(family.measure, set())
    for at in set(family.used) - set(alike):
        for clash in _corrected(family, at):
            if family.measure == "stays" and clash.cell in _KEPT_WHOLE:
                raise Unsafe(clash)
            own.add(clash.cell)
            found.because.add(at)
    if own and hiding is None:
        hiding = _hiding(family, [])
    if hiding is not None:
        hiding.hide(own, found.because)
    if not own:
        del found.cells[family.measure]


def _alike(family: Family) -> tuple[list[int], _Hiding | None]:
    """Return the earlier deliveries that may all be of the same data, and what they tell."""
    hiding = _hiding(family, family.used)
    if hiding is not None and hiding.fits:
        return family.used, hiding
    chosen: list[int] = []
    kept: _Hiding | None = None
    for at in reversed(family.used):
        hiding = _hiding(family, [*chosen, at])
        if hiding is not None and hiding.fits:
            chosen, kept = [*chosen, at], hiding
    return chosen, kept


def _hiding(family: Family, earlier: Sequence[int]) -> _Hiding | None:
    try:
        return _Hiding(System(family, earlier))
    except MovedError:
        return None


def _corrected(family: Family, at: int) -> Iterator[Clash]:
    """Yield the cells that two deliveries of different data tell with a small difference."""
    new, old = family.tellings[0], family.tellings[at + 1]
    if not (is_inside(new.span, old.span) or is_inside(old.span, new.span)):
        return
    before = {cell: n for one in old.tables.values() for cell, n in one.counts.items()}
    for table in new.tables.values():
        for cell, count in table.counts.items():
            was = before.get(cell)
            kind = kind_of(family.measure, cell)
            if was is None or count is None or not _same_days(kind, new.span, old.span):
                continue
            if 0 < abs(count - was) < family.rules.least(cell):
                yield Clash(at, family.measure, cell, new.span, True)


def _same_days(kind: str, new: Span, old: Span) -> bool:
    """Say whether a difference counts somebody: of who is present, on the same day alone."""
    if kind == "at_end":
        return new[1] == old[1]
    return kind != "at_start" or new[0] == old[0]


class _Hiding:
    """What may still be hidden of the new delivery, and a reader who solves for what is told.

    Each of its counts that may be hidden moves at a price, from nothing.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.moves: dict[Cell, tuple[int, int]] = {}
        for cell, count in self.system.shown.items():
            if count == 0:
                continue
            own = self.system.new[cell]
            rise, fall = self.system.column(0.0, 0.0), self.system.column(0.0, 0.0)
            self.system.low[own] = 0.0 if self.system.family.may_be_zero(cell) else 1.0
            self.system.high[own] = self.system.ceiling
            self.system.equal([(own, 1.0), (rise, -1.0), (fall, 1.0)], float(count))
            self.moves[cell] = (rise, fall)
        self.lowest, self.highest = np.array(self.system.low), np.array(self.system.high)
        self.tight = _tightened(self.system.rows, self.lowest, self.highest)

    @cached_property
    def fits(self) -> bool:
        """Whether any counts fit all that is told: the data may be the same."""
        low, high = self.tight
        if (low > high + WHOLE).any():
            return False
        self.programme = Programme(
            [row for row, _, _ in self.system.rows],
            (
                np.array([a for _, a, _ in self.system.rows]),
                np.array([b for _, _, b in self.system.rows]),
            ),
            (self.lowest, self.highest),
            np.zeros(len(self.lowest)),
        )
        self.least = np.full(len(self.lowest), np.inf)
        self.most = np.full(len(self.lowest), -np.inf)
        return self._look({}) is not None

    def hide(self, own: set[Cell], because: set[int]) -> None:
        """Hide counts of the new delivery until nothing is told that should not be."""
        if not self.fits:
            return
        self._open([cell for cell in own if cell in self.moves], True)
        ignored: set[int] = set()
        for _ in range(_ROUNDS_MAX):
            self.tight = _tightened(self.system.rows, self.lowest, self.highest)
            failing = [at for at in self._failing() if at not in ignored]
            if not failing:
                return
            for at in failing:
                if self._is_wide(at) or at in ignored:
                    continue
                chosen = self._direct(at) or self._moved(at)
                if chosen is None and not self._is_ours(at):
                    ignored.add(at)
                    continue
                clash = self._named(self.system.targets[at])
                if chosen is None or any(self._is_kept(cell) for cell in chosen):
                    raise Unsafe(clash)
                if chosen:  # else what was hidden for another keeps this one too
                    because.add(clash.earlier)
                for cell in chosen:
                    own.add(cell)
                    self._open([cell], True)
        raise Unsafe(self._named(self.system.targets[failing[0]]))

    def _is_kept(self, cell: Cell) -> bool:
        """Say whether a delivery is refused sooner: where it shares days, there is another to make."""
        first, past = self.system.tellings[0].span
        shared = any(first < one.span[1] and one.span[0] < past for one in self.system.tellings[1:])
        return shared and self.system.family.measure == "stays" and cell in _KEPT_WHOLE

    def _named(self, clash: Clash) -> Clash:
        """Give a clash within the new delivery the last earlier one that it comes from."""
        return (
            clash
            if clash.earlier >= 0
            else replace(clash, earlier=self.system.covering(clash.days))
        )

    def _direct(self, at: int) -> list[Cell]:
        """Return the new delivery's own count of a cell that a difference tells exactly."""
        low, high = self.tight
        cell = self.system.targets[at].cell
        broader = tuple(pair for pair in cell if pair[0] not in ("begun", "outcome"))
        if high[at] - low[at] < 1:
            one = cell if cell in self.system.new else broader
            if one in self.moves and self._is_shown(one):
                return [one]
        return []

    def _is_shown(self, cell: Cell) -> bool:
        return bool(
            self.highest[self.moves[cell][0]] == 0 and self.highest[self.moves[cell][1]] == 0
        )

    def _open(self, cells: Sequence[Cell], wide: bool) -> None:
        columns = [at for cell in cells for at in self.moves[cell]]
        top = [self.system.ceiling if wide else 0.0] * len(columns)
        self.programme.bound(columns, [0.0] * len(columns), top)
        self.highest[columns] = top

    # what a reader can work out

    def _failing(self) -> list[int]:
        """Return the counts that are told too well, the surest first."""
        low, high = self.tight
        open_targets = []
        found = []
        for at in self.system.targets:
            least = self.system.threshold(at)
            if low[at] >= least or self._is_wide(at):
                continue
            if high[at] < WHOLE:
                if not self.system.may_tell_zero(at):
                    found.append(at)
                continue
            if low[at] >= 1 and (high[at] < least or high[at] - low[at] < 1):
                found.append(at)
                continue
            open_targets.append(at)
        if found:
            return found
        self._glances(open_targets)
        return [at for at in open_targets if not self._passes(at)]

    def _is_wide(self, at: int) -> bool:
        least = self.system.threshold(at)
        return bool(self.most[at] - self.least[at] >= least)

    def _glances(self, targets: Sequence[int]) -> None:
        random = np.random.default_rng(1)
        for turn in range(_GLANCES):
            narrow = [at for at in targets if not self._is_wide(at)]
            if not narrow:
                return
            signs = random.choice([-1.0, 1.0], len(narrow)) if turn > 1 else np.ones(len(narrow))
            signs = -signs if turn == 1 else signs
            self._look(dict(zip(narrow, signs, strict=True)))

    def _passes(self, at: int) -> bool:
        least = self.system.threshold(at)
        if self._is_wide(at):
            return True
        ends = []
        for sign in (1.0, -1.0):
            found = self._look({at: sign})
            if found is None:
                return False
            ends.append(float(found[at]))
            if self._is_wide(at):
                return True
        low, high = ends
        if high < 1 - WHOLE:
            return self.system.may_tell_zero(at)
        return low > least - 1 + WHOLE

    def _look(self, costs: Mapping[int, float]) -> FloatArray | None:
        """Return the cheapest counts that fit; remember how far they go, in whole numbers."""
        self._cost(costs)
        found = self.programme.solve()
        if found is not None:
            self.least = np.minimum(self.least, np.ceil(found - WHOLE))
            self.most = np.maximum(self.most, np.floor(found + WHOLE))
        return found

    def _cost(self, costs: Mapping[int, float]) -> None:
        every = np.zeros(len(self.lowest))
        every[list(costs)] = list(costs.values())
        self.programme.cost(np.arange(len(every), dtype=np.int32), list(every))

    def _moved(self, at: int) -> list[Cell] | None:
        """Return the counts to hide so that a cell may be its threshold away; None if none do."""
        shown = [one for one in self.moves if self._is_shown(one) and not self._is_kept(one)]
        found = self._away(at, shown)
        if found is None:
            return None
        return [one for one in shown if any(found[m] > WHOLE for m in self.moves[one])]

    def _is_ours(self, at: int) -> bool:
        """Say whether a cell is told because of the new delivery, and not by the earlier alone."""
        return self._away(at, [one for one in self.moves if self._is_shown(one)]) is not None

    def _away(self, at: int, shown: Sequence[Cell]) -> FloatArray | None:
        """Return the counts nearest to those told that fit when some of them may move."""
        least = self.system.threshold(at)
        price = {c: float(self.system.shown[cell] + 1) for cell in shown for c in self.moves[cell]}
        self._open(shown, True)
        found = None
        for low, high in (
            (self.least[at] + least, self.highest[at]),
            (self.lowest[at], self.most[at] - least),
        ):
            if low <= high and found is None:
                self.programme.bound([at], [low], [high])
                self._cost(price)
                found = self.programme.solve()
                self.programme.bound([at], [self.lowest[at]], [self.highest[at]])
        self._open(shown, False)
        return found


def _tightened(
    rows: Sequence[tuple[Row, float, float]], lowest: FloatArray, highest: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds that follow from the rows one by one: outer, and quickly found."""
    low, high = lowest.copy(), highest.copy()
    which = np.repeat(np.arange(len(rows)), [len(row) for row, _, _ in rows])
    at = np.array([c for row, _, _ in rows for c, _ in row], dtype=np.int64)
    by = np.array([v for row, _, _ in rows for _, v in row])
    down = np.array([a for _, a, _ in rows])[which]
    up = np.array([b for _, _, b in rows])[which]
    size = len(rows)
    for _ in range(60):
        smallest = np.where(by > 0, by * low[at], by * high[at])
        largest = np.where(by > 0, by * high[at], by * low[at])
        rest_least = np.bincount(which, smallest, size)[which] - smallest
        rest_most = np.bincount(which, largest, size)[which] - largest
        first, second = (down - rest_most) / by, (up - rest_least) / by
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, at, np.ceil(np.where(by > 0, first, second) - WHOLE))
        np.minimum.at(new_high, at, np.floor(np.where(by > 0, second, first) + WHOLE))
        if np.array_equal(new_low, low) and np.array_equal(new_high, high):
            break
        low, high = new_low, new_high
        if (low > high + WHOLE).any():
            break
    return low, high
