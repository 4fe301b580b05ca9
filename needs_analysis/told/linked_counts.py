"""The counts that several deliveries tell of one thing, and all that binds them.

Over the elementary periods that the deliveries cut, exits and entries add up, and the stays of a
period are those of its parts less those that go on from one part into the next. Guests and stays with
whom something was done are only bounded: all together at least as many as in each part, at most as
many as in all parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from needs_analysis.disclosure import TOTAL, Cell, CountTable, Rules
from needs_analysis.disclosure.relations import line
from needs_analysis.services.files.schema import DESTINATIONS
from needs_analysis.told.spans import TIMES, Clash, Span, Telling, days_of, is_inside

Row = list[tuple[int, float]]
# What stays are counted by that depends on the days looked at; all else about a stay does not.
_OF_DAYS = ("outcome", "begun", "length")
_LEFT = {"exit", "exit_positive", "exit_other", *DESTINATIONS}


@dataclass(frozen=True)
class _Grid:
    """Cells that all combinations of some values make, and what lies over what."""

    listed: Mapping[str, tuple[str, ...]]
    above: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, table: CountTable) -> _Grid:
        values = {
            one: tuple(v for v in dict.fromkeys(table.frame[one].astype(str)) if v != TOTAL)
            for one in table.dimensions
        }
        above = {name: dict(one) for name, one in table.hierarchies.items()}
        return cls(values, {name: above.get(name, {}) for name in values})

    def cells(self) -> Iterator[Cell]:
        names = sorted(self.listed)
        for row in product(*((TOTAL, *self.listed[name]) for name in names)):
            yield tuple((n, v) for n, v in zip(names, row, strict=True) if v != TOTAL)

    def sums(self) -> Iterator[tuple[Cell, list[Cell]]]:
        """Yield each cell with the cells it is the sum of, once for each dimension."""
        below = {name: self._below(name) for name in self.listed}
        for cell in self.cells():
            own = dict(cell)
            for name in self.listed:
                parts = below[name].get(own.get(name, TOTAL), [])
                if parts:
                    yield cell, [tuple(sorted((own | {name: one}).items())) for one in parts]

    def _below(self, name: str) -> dict[str, list[str]]:
        known = set(self.listed[name])
        found: dict[str, list[str]] = {}
        for value in self.listed[name]:
            parent = self.above[name].get(value, TOTAL)
            found.setdefault(parent if parent in known else TOTAL, []).append(value)
        return found

    def without(self, *names: str) -> _Grid:
        return _Grid(
            {name: one for name, one in self.listed.items() if name not in names},
            {name: one for name, one in self.above.items() if name not in names},
        )

    def by(self, name: str, *values: str) -> _Grid:
        return _Grid({**self.listed, name: values}, {**self.above, name: {}})

    def joined(self, other: _Grid) -> _Grid:
        """Return a grid with the values of both; a value that moved in between is refused."""
        for name, one in self.above.items():
            for value, parent in other.above[name].items():
                if one.get(value, parent) != parent:
                    raise MovedError
        return _Grid(
            {n: tuple(dict.fromkeys((*v, *other.listed[n]))) for n, v in self.listed.items()},
            {n: {**v, **other.above[n]} for n, v in self.above.items()},
        )


class MovedError(Exception):
    """A value lies under another one than before: the deliveries do not count the same cells."""


class Family:
    """The tables of one measure in the new delivery and in those that meet it."""

    def __init__(
        self, measure: str, tellings: Sequence[Telling], used: Sequence[int], rules: Rules
    ) -> None:
        self.measure, self.tellings, self.rules = measure, tellings, rules
        self.used = list(used)
        tables = [
            table
            for at in (0, *(one + 1 for one in used))
            for table in tellings[at].tables.values()
        ]
        self.sensitive = {
            name: _lines({v for v in values if any(_has(t, name, v) for t in tables)}, name, tables)
            for name, values in rules.sensitive.items()
        }

    def may_be_zero(self, cell: Cell) -> bool:
        """Say whether a hidden count may be zero: it is sensitive, or tells of one that is."""
        own = dict(cell)
        return any(
            values and (name not in own or own[name] in values)
            for name, values in self.sensitive.items()
        )


def _has(table: CountTable, name: str, value: str) -> bool:
    return name in table.dimensions and bool((table.frame[name].astype(str) == value).any())


def _lines(values: set[str], name: str, tables: Sequence[CountTable]) -> set[str]:
    """Return some values of a dimension and all that lies over them."""
    parents = {v: p for table in tables for v, p in table.hierarchies.get(name, {}).items()}
    return {one for value in values for one in line(value, [parents])}


def kind_of(measure: str, cell: Cell) -> str:
    """Return how a count of a period follows from those of its parts."""
    if measure == "stays":
        own = dict(cell)
        if "length" in own:
            return "some" if own["length"] != "within" else "free"
        if "begun" in own:
            return "sum" if own["begun"] == "entered" else "at_start"
        if "outcome" in own:
            return "sum" if own["outcome"] in _LEFT else "at_end"
        return "stays"
    if measure == "billed_months":
        # A stay is billed once for each month, or part of one; all months are their sum in the table.
        return "some" if any(name in TIMES for name, _ in cell) else "free"
    # Guests, and stays with whom something was done, may be the same in two parts.
    return "some" if measure == "guests" or measure.startswith(("with_", "some_")) else "sum"


class System:
    """The counts of all deliveries and of the elementary periods, and all that binds them."""

    def __init__(self, family: Family, earlier: Sequence[int]) -> None:
        self.family, self.earlier = family, list(earlier)
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[Row, float, float]] = []
        self.targets: dict[int, Clash] = {}
        self.new: dict[Cell, int] = {}
        self.shown: dict[Cell, int] = {}
        tellings = [family.tellings[0], *(family.tellings[at + 1] for at in earlier)]
        self.tellings = tellings
        largest = max((n or 0 for t in tellings for n in counts_of(t).values()), default=0)
        self.ceiling = float(2 * largest + 20 * family.rules.sensitive_count_min)
        self.columns = [self._telling(at, one) for at, one in enumerate(tellings)]
        self._parts()

    def column(self, low: float = 0.0, high: float | None = None) -> int:
        """Add a column between bounds, the ceiling where none is given; return its place."""
        self.low.append(low)
        self.high.append(self.ceiling if high is None else high)
        return len(self.low) - 1

    def equal(self, row: Row, low: float = 0.0, high: float | None = None) -> None:
        """Let a row lie between two sides, one number where one is given."""
        self.rows.append((row, low, low if high is None else high))

    # what each delivery tells

    def _telling(self, at: int, telling: Telling) -> dict[Cell, int]:
        found: dict[Cell, int] = {}
        place = self.earlier[at - 1] if at else -1
        for cell, count in counts_of(telling).items():
            hidden = 0.0 if self.family.may_be_zero(cell) else 1.0
            if count is None:
                found[cell] = self.column(hidden)
                self.targets[found[cell]] = Clash(
                    place, self.family.measure, cell, days_of(cell, telling.span)
                )
            else:
                found[cell] = self.column(count, count)
            if not at:
                self.new[cell] = found[cell]
                if count is not None:
                    self.shown[cell] = count
        for grid in map(_Grid.of, telling.tables.values()):
            for cell in grid.cells():  # where nothing was counted there is no row
                if cell not in found:
                    found[cell] = self.column(0.0, 0.0)
            self._sums(grid, found)
        return found

    def _sums(self, grid: _Grid, columns: Mapping[Cell, int]) -> None:
        for cell, parts in grid.sums():
            if cell in columns and all(one in columns for one in parts):
                self.equal([(columns[cell], -1.0), *((columns[one], 1.0) for one in parts)])

    # the elementary periods

    def _parts(self) -> None:
        cuts = {
            day
            for one, columns in zip(self.tellings, self.columns, strict=True)
            for cell in columns
            for day in days_of(cell, one.span)
        }
        spans = [one.span for one in self.tellings]
        parts = [
            (a, b)
            for a, b in pairwise(sorted(cuts))
            if any(first <= a and b <= past for first, past in spans)
        ]
        grids = self._grids()
        self.parts = {span: self._part(span, grids) for span in parts}
        if self.family.measure == "stays":
            self._going_on(parts)
        for at, (telling, columns) in enumerate(zip(self.tellings, self.columns, strict=True)):
            for cell, own in columns.items():
                first, past = days_of(cell, telling.span)
                inside = [one for one in parts if first <= one[0] and one[1] <= past]
                self._bind(own, cell, inside)
            for other in range(at):
                self._grown(at, other)

    def _grids(self) -> list[_Grid]:
        by_name: dict[str, _Grid] = {}
        for telling in self.tellings:
            for name, table in telling.tables.items():
                grid = _Grid.of(table).without(*TIMES)
                by_name[name] = by_name[name].joined(grid) if name in by_name else grid
        grids = list(by_name.values())
        if self.family.measure == "stays":
            bases = [one.without(*_OF_DAYS) for one in grids]
            for base in bases:
                grids += [
                    base.by("outcome", "present", "exit"), base.by("begun", "before", "entered"),
                ]  # fmt: skip
        return grids

    def _part(self, span: Span, grids: Sequence[_Grid]) -> dict[Cell, int]:
        found: dict[Cell, int] = {}
        earlier = self.covering(span)
        for grid in grids:
            for cell in grid.cells():
                if cell not in found:
                    found[cell] = self.column()
                    if not self._is_told_whole(cell, span):
                        clash = Clash(earlier, self.family.measure, cell, span)
                        self.targets[found[cell]] = clash
            self._sums(grid, found)
        return found

    def _is_told_whole(self, cell: Cell, span: Span) -> bool:
        """Say whether a part is the period of a delivery, which was audited when it was told."""
        if dict(cell).get("length") == "within":
            return True
        return any(
            telling.span == span and (cell in columns or self.family.measure == "stays")
            for telling, columns in zip(self.tellings, self.columns, strict=True)
        )

    def threshold(self, at: int) -> int:
        """Return how far from being known a count must stay."""
        cell = self.targets[at].cell
        rules = self.family.rules
        return rules.least(cell) if self._is_named(cell) else rules.count_min

    def may_tell_zero(self, at: int) -> bool:
        """Say whether a reader may know that nobody is counted."""
        cell = self.targets[at].cell
        return not (self._is_named(cell) and self.family.rules.is_sensitive(cell))

    def _is_named(self, cell: Cell) -> bool:
        """Say whether a delivery has a cell; what none has is not one of the sensitive counts."""
        return any(cell in columns for columns in self.columns)

    def covering(self, span: Span) -> int:
        """Return the last earlier delivery whose days meet a part, or touch it."""
        for at in self.earlier:
            first, past = self.family.tellings[at + 1].span
            if first <= span[1] and span[0] <= past:
                return at
        return self.earlier[0] if self.earlier else -1

    def _going_on(self, parts: Sequence[Span]) -> None:
        """Let who is present at the end of a part be who was there before the next."""
        for one, following in pairwise(parts):
            if one[1] != following[0]:
                continue
            after = self.parts[following]
            for cell, own in self.parts[one].items():
                was = dict(cell)
                if was.pop("outcome", "") == "present" and "begun" not in was:
                    other = after.get(tuple(sorted((was | {"begun": "before"}).items())))
                    if other is not None:
                        self.equal([(own, 1.0), (other, -1.0)])

    def _bind(self, own: int, cell: Cell, inside: Sequence[Span]) -> None:
        """Write a count of a period by those of its parts."""
        kind, part = kind_of(self.family.measure, cell), _timeless(cell)
        columns = [self.parts[span][part] for span in inside]
        if kind == "at_end":
            self.equal([(own, 1.0), (columns[-1], -1.0)])
        elif kind == "at_start":
            self.equal([(own, 1.0), (columns[0], -1.0)])
        elif kind == "sum":
            self.equal([(own, -1.0), *((one, 1.0) for one in columns)])
        elif kind == "stays":
            before = tuple(sorted((dict(part) | {"begun": "before"}).items()))
            again = [self.parts[span][before] for span in inside[1:]]
            self.equal([(own, -1.0), *((c, 1.0) for c in columns), *((c, -1.0) for c in again)])
        elif kind == "some":
            for at, one in enumerate(columns):
                if self._monotone(cell, at == 0):
                    self.equal([(own, 1.0), (one, -1.0)], 0.0, np.inf)
            self.equal([(own, -1.0), *((one, 1.0) for one in columns)], 0.0, np.inf)

    def _grown(self, at: int, other: int) -> None:
        """Count whom a longer period counts and the shorter inside it does not."""
        for cell, own in self.columns[at].items():
            inner = self.columns[other].get(cell)
            if inner is None or kind_of(self.family.measure, cell) != "some":
                continue
            one, two = (days_of(cell, self.tellings[which].span) for which in (at, other))
            if one == two or not (is_inside(one, two) or is_inside(two, one)):
                continue
            if not self._monotone(cell, one[0] == two[0]):
                continue
            longer, shorter = (inner, own) if is_inside(one, two) else (own, inner)
            more = self.column()
            self.equal([(longer, -1.0), (shorter, 1.0), (more, 1.0)])
            days = two if is_inside(one, two) else one
            clash = Clash(self.earlier[max(at, other) - 1], self.family.measure, cell, days)
            self.targets[more] = clash

    def _monotone(self, cell: Cell, same_start: bool) -> bool:
        """Say whether whom a part counts under a value the whole counts under it too."""
        # Whether somebody comes for the first time is asked of the first entry of the period.
        return same_start or "newcomer" not in dict(cell)


def counts_of(telling: Telling) -> dict[Cell, int | None]:
    """Return every count of a family once: one that any table shows is told."""
    found: dict[Cell, int | None] = {}
    for table in telling.tables.values():
        for cell, count in table.counts.items():
            found[cell] = count if found.get(cell) is None else found[cell]
    return found


def _timeless(cell: Cell) -> Cell:
    return tuple(pair for pair in cell if pair[0] not in TIMES)
