"""What several deliveries tell together: a period inside another, the same one told twice.

Counts of overlapping periods hang together exactly: over the elementary periods that the deliveries
cut, exits and entries add up, and the stays of a period are those of its parts less those that go on
from one part into the next. Guests and stays with whom something was done are only bounded: all
together at least as many as in each part, at most as many as in all parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, product

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL, CountTable, Rules
from needs_analysis.disclosure.counts import Cell
from needs_analysis.disclosure.programme import WHOLE, FloatArray, Programme
from needs_analysis.disclosure.relations import line
from needs_analysis.services.files.schema import DESTINATIONS, UNSTATED, Period
from needs_analysis.services.measures.declaration import MEASURES, TALLIES, Rests
from needs_analysis.services.measures.records import Records
from needs_analysis.services.measures.window import Window
from needs_analysis.told.amounts import KINDS

Span = tuple[int, int]
_Row = list[tuple[int, float]]
_ROUNDS_MAX = 20
_GLANCES = 12
# What stays are counted by that depends on the days looked at; all else about a stay does not.
_OF_DAYS = ("outcome", "begun", "length")
_TIMES = ("month", "year")
_LEFT = {"exit", "exit_positive", "exit_other", *DESTINATIONS}
_KEPT_WHOLE: tuple[Cell, ...] = (
    (), (("outcome", "exit"),), (("outcome", "present"),), (("begun", "entered"),),
)  # fmt: skip
"""Counts of the network without which a delivery says nothing: it is refused sooner."""


@dataclass(frozen=True)
class Telling:
    """What one delivery tells: its days and its tables, hidden counts NA.

    Parameters
    ----------
    period : Period
        Days that count.
    tables : mapping of str to disclosure.CountTable
        As they were handed out.
    amounts : frozenset of tuple
        Measure, level and value of each figure that is told and is no count of persons (nights, days,
        euros, hours).
    """

    period: Period
    tables: Mapping[str, CountTable]
    amounts: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def span(self) -> Span:
        """Return its days as numbers, the end excluded."""
        return span_of(self.period)


@dataclass(frozen=True)
class Clash:
    """What a delivery would tell beside an earlier one: of which place, measure, cell and days.

    Where the data were corrected in between the difference is that of the same days told twice.
    """

    earlier: int
    measure: str
    cell: Cell
    days: Span
    corrected: bool = False


class Unsafe(Exception):  # noqa: N818 - it never reaches the user: who catches it says why
    """Nothing that may still be hidden keeps a clash from being told."""

    def __init__(self, clash: Clash) -> None:
        super().__init__(clash)
        self.clash = clash


@dataclass
class Hidden:
    """What a delivery must hide beside the earlier ones.

    Parameters
    ----------
    cells : dict of str to set of Cell
        By measure of the tables.
    amounts : set of tuple
        Of `Telling.amounts`.
    because : set of int
        Places of the earlier deliveries for which it was hidden.
    """

    cells: dict[str, set[Cell]] = field(default_factory=dict)
    amounts: set[tuple[str, str, str]] = field(default_factory=set)
    because: set[int] = field(default_factory=set)


def span_of(period: Period) -> Span:
    """Return a period's days as numbers, the end excluded.

    Examples
    --------
    >>> first, past = span_of(Period("2025-07-01", "2025-07-31"))
    >>> past - first
    31
    """
    return _day(period.start), _day(period.end) + 1


def period_of_span(span: Span) -> Period:
    """Return the period of such days.

    Examples
    --------
    >>> period_of_span(span_of(Period.year(2025))) == Period.year(2025)
    True
    """
    first, last = (pd.Timestamp(day, unit="D") for day in (span[0], span[1] - 1))
    return Period(first, last)


def _day(day: pd.Timestamp) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


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
            _Family(measure, tellings, used, rules).hide(found)
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


# --- amounts -----------------------------------------------------------------------------------

# Figures that are no counts but add up over days: what tells one, and by which rule it is counted.
OVER_DAYS: Mapping[str, tuple[str, ...]] = {
    "bed_nights": KINDS["nights"],
    **{name: (name,) for name in (*KINDS["days"], *KINDS["fees"])},
    **{
        one.name: tuple(
            other.name
            for other in MEASURES.values()
            if isinstance(other.told, Rests) and other.told.table == one.told.table
        )
        for one in MEASURES.values()
        if isinstance(one.told, Rests) and one.told.own
    },
}
_LEVELS = ("service", "group", "ambito", "all")  # the finest first
_Figure = tuple[str, str, str]


def amounts_to_hide(
    new: Telling, earlier: Sequence[Telling], rules: Rules, records: Records
) -> set[_Figure]:
    """Return the amounts whose difference from earlier ones would be of few stays.

    Nights, paid days, euros, activities and hours add up over days: what is told of a period, less
    what is told of others, is exact. It is looked for by linear algebra over services, groups and
    elementary periods, and must rest on no stay or on as many as a count that is shown.

    Parameters
    ----------
    new, earlier, rules
        As of :func:`counts_to_hide`.
    records : Records
        The rows of the new delivery, protected services of a place as one.

    Returns
    -------
    set of tuple
        Measure, level, value.
    """
    old = [one for one in earlier if new.span[0] < one.span[1] and one.span[0] < new.span[1]]
    found: set[_Figure] = set()
    for measure, kin in OVER_DAYS.items():
        told = [{(lv, v) for name, lv, v in one.amounts if name in kin} for one in (new, *old)]
        if told[0] and any(told[1:]):
            amounts = _Amounts(measure, [new.span, *(one.span for one in old)], told, records)
            for level, value in amounts.to_hide(rules):
                found |= {(name, level, value) for name in kin}
    return found & new.amounts


class _Amounts:
    """The amounts of one kind that several deliveries tell, as sums of leaves and parts of periods."""

    def __init__(
        self,
        measure: str,
        spans: Sequence[Span],
        told: Sequence[set[tuple[str, str]]],
        records: Records,
    ) -> None:
        self.measure, self.spans, self.records = measure, list(spans), records
        cuts = sorted({day for span in spans for day in span})
        self.parts = [one for one in pairwise(cuts) if any(_inside(one, span) for span in spans)]
        self.places = [(lv, v) for lv in ("service", "group") for v in records.labels[lv]]
        self._known: dict[Span, np.ndarray] = {}
        self.told = [(at, *one) for at, own in enumerate(told) for one in sorted(own)]

    def to_hide(self, rules: Rules) -> Iterator[tuple[str, str]]:
        """Yield the level and value of each amount of the new delivery that must be hidden."""
        told = [one for one in self.told if self._leaves(one[1], one[2])]
        targets = [
            (spans, level, value)
            for spans in self._differences()
            for level in _LEVELS
            for value in (self.records.labels[level] if level != "all" else ("",))
            if 0 < self._stays(spans, level, value) < _least(level, value, rules)
        ]
        wanted = [self._row(spans, level, value) for spans, level, value in targets]
        for row, (_, level, value) in zip(wanted, targets, strict=True):
            while ours := self._behind(row, told):
                own = (0, level, value)
                chosen = own if own in ours else min(ours, key=lambda one: _LEVELS.index(one[1]))
                told.remove(chosen)
                yield chosen[1:]

    def _behind(
        self, row: FloatArray, told: Sequence[tuple[int, str, str]]
    ) -> list[tuple[int, str, str]]:
        """Return the new delivery's amounts by which a difference is told; none where it is not."""
        rows = [self._row([self.spans[at]], level, value) for at, level, value in told]
        # Over services and over groups a period has one sum.
        same = [self._row([one], "all", "") - self._row([one], "group", "") for one in self.parts]
        matrix = np.array([*rows, *same])
        weights, *_ = np.linalg.lstsq(matrix.T, row, rcond=None)
        if np.abs(matrix.T @ weights - row).max() > WHOLE:
            return []
        used = zip(told, weights[: len(told)], strict=True)
        return [one for one, weight in used if one[0] == 0 and abs(weight) > WHOLE]

    def _differences(self) -> list[tuple[Span, ...]]:
        """Return the days that are no delivery's own: runs of parts, and what two do not share."""
        runs = [
            (self.parts[a][0], self.parts[b][1])
            for a in range(len(self.parts))
            for b in range(a, len(self.parts))
            if all(x[1] == y[0] for x, y in pairwise(self.parts[a : b + 1]))
        ]
        found: list[tuple[Span, ...]] = [(one,) for one in runs if one not in self.spans]
        for longer in self.spans:
            for shorter in self.spans:
                if longer[0] < shorter[0] and shorter[1] < longer[1]:
                    found.append(((longer[0], shorter[0]), (shorter[1], longer[1])))
        return found

    def _leaves(self, level: str, value: str) -> list[tuple[str, str]]:
        if level in ("service", "group"):
            return [(level, value)] if (level, value) in self.places else []
        services = self.records.labels["service"]
        if level == "all":
            return [("service", one) for one in services]
        ambiti = self.records.register.services["ambito_name"].astype("str").fillna(UNSTATED)
        return [("service", one) for one in services if ambiti.get(one, UNSTATED) == value]

    def _row(self, spans: Sequence[Span], level: str, value: str) -> FloatArray:
        """Return which leaves and parts an amount is the sum of."""
        row = np.zeros((len(self.places), len(self.parts)))
        if (level, value) == ("group", ""):
            leaves = [one for one in self.places if one[0] == "group"]
        else:
            leaves = self._leaves(level, value)
        inside = [at for at, part in enumerate(self.parts) if any(_inside(part, s) for s in spans)]
        for one in leaves:
            row[self.places.index(one), inside] = 1.0
        return row.ravel()

    def _stays(self, spans: Sequence[Span], level: str, value: str) -> int:
        """Return on how many stays an amount of some days rests."""
        rows = np.unique(np.concatenate([self._rows(span) for span in spans]))
        if level == "all":
            return len(rows)
        label = self.records.labels[level].index(value)
        return int((self.records.codes["stays"][level][rows] == label).sum())

    def _rows(self, span: Span) -> np.ndarray:
        if span not in self._known:
            tallies = TALLIES[MEASURES[self.measure].rule](Window(self.records, *span))
            parts = next(one for one in tallies if one.measure == self.measure).parts
            own = [one.rows[one.numerator > 0] for one in parts if one.table == "stays"]
            self._known[span] = np.concatenate([*own, np.zeros(0, dtype=np.int64)])
        return self._known[span]


def _least(level: str, value: str, rules: Rules) -> int:
    names = {"service": "service_code", "group": "target_group"}
    return rules.least(((names[level], value),) if level in names else ())


# --- one family of tables ----------------------------------------------------------------------


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
                    raise _MovedError
        return _Grid(
            {n: tuple(dict.fromkeys((*v, *other.listed[n]))) for n, v in self.listed.items()},
            {n: {**v, **other.above[n]} for n, v in self.above.items()},
        )


class _MovedError(Exception):
    """A value lies under another one than before: the deliveries do not count the same cells."""


class _Family:
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

    def hide(self, found: Hidden) -> None:
        """Add the cells to hide; those of data corrected in between first."""
        alike, system = self._alike()
        own = found.cells.setdefault(self.measure, set())
        for at in set(self.used) - set(alike):
            for clash in self._corrected(at):
                self._allowed(clash)
                own.add(clash.cell)
                found.because.add(at)
        if own and system is None:
            system = self._system([])
        if system is not None:
            system.hide(own, found.because)
        if not own:
            del found.cells[self.measure]

    def _alike(self) -> tuple[list[int], _System | None]:
        """Return the earlier deliveries that may all be of the same data, and what they tell."""
        system = self._system(self.used)
        if system is not None and system.fits:
            return self.used, system
        chosen: list[int] = []
        kept: _System | None = None
        for at in reversed(self.used):
            system = self._system([*chosen, at])
            if system is not None and system.fits:
                chosen, kept = [*chosen, at], system
        return chosen, kept

    def _system(self, earlier: Sequence[int]) -> _System | None:
        try:
            return _System(self, earlier)
        except _MovedError:
            return None

    def _corrected(self, at: int) -> Iterator[Clash]:
        """Yield the cells that two deliveries of different data tell with a small difference."""
        new, old = self.tellings[0], self.tellings[at + 1]
        if not (_inside(new.span, old.span) or _inside(old.span, new.span)):
            return
        before = {cell: n for one in old.tables.values() for cell, n in one.counts.items()}
        for table in new.tables.values():
            for cell, count in table.counts.items():
                was = before.get(cell)
                if was is None or count is None or not self._same_days(cell, new.span, old.span):
                    continue
                if 0 < abs(count - was) < self.rules.least(cell):
                    yield Clash(at, self.measure, cell, new.span, True)

    def _same_days(self, cell: Cell, new: Span, old: Span) -> bool:
        """Say whether a difference counts somebody: of who is present, on the same day alone."""
        kind = _kind(self.measure, cell)
        if kind == "at_end":
            return new[1] == old[1]
        return kind != "at_start" or new[0] == old[0]

    def _allowed(self, clash: Clash) -> None:
        if self.measure == "stays" and clash.cell in _KEPT_WHOLE:
            raise Unsafe(clash)

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


def _kind(measure: str, cell: Cell) -> str:
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
        return "some" if any(name in _TIMES for name, _ in cell) else "free"
    # Guests, and stays with whom something was done, may be the same in two parts.
    return "some" if measure == "guests" or measure.startswith(("with_", "some_")) else "sum"


# --- what they tell together ---------------------------------------------------------------------


class _System:
    """The counts of all deliveries and of the elementary periods, and all that binds them."""

    def __init__(self, family: _Family, earlier: Sequence[int]) -> None:
        self.family, self.earlier = family, list(earlier)
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[_Row, float, float]] = []
        self.targets: dict[int, Clash] = {}
        self.new: dict[Cell, int] = {}
        self.shown: dict[Cell, int] = {}
        tellings = [family.tellings[0], *(family.tellings[at + 1] for at in earlier)]
        self.tellings = tellings
        largest = max((n or 0 for t in tellings for n in _counts(t).values()), default=0)
        self.ceiling = float(2 * largest + 20 * family.rules.sensitive_count_min)
        self.columns = [self._telling(at, one) for at, one in enumerate(tellings)]
        self._parts(tellings)
        self._elastic()

    def column(self, low: float = 0.0, high: float | None = None) -> int:
        self.low.append(low)
        self.high.append(self.ceiling if high is None else high)
        return len(self.low) - 1

    def equal(self, row: _Row, low: float = 0.0, high: float | None = None) -> None:
        self.rows.append((row, low, low if high is None else high))

    # what each delivery tells

    def _telling(self, at: int, telling: Telling) -> dict[Cell, int]:
        found: dict[Cell, int] = {}
        place = self.earlier[at - 1] if at else -1
        for cell, count in _counts(telling).items():
            hidden = 0.0 if self.family.may_be_zero(cell) else 1.0
            if count is None:
                found[cell] = self.column(hidden)
                self.targets[found[cell]] = Clash(
                    place, self.family.measure, cell, _days(cell, telling.span)
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

    def _parts(self, tellings: Sequence[Telling]) -> None:
        cuts = {
            day
            for one, columns in zip(tellings, self.columns, strict=True)
            for cell in columns
            for day in _days(cell, one.span)
        }
        spans = [one.span for one in tellings]
        parts = [
            (a, b)
            for a, b in pairwise(sorted(cuts))
            if any(first <= a and b <= past for first, past in spans)
        ]
        grids = self._grids(tellings)
        self.parts = {span: self._part(span, grids) for span in parts}
        if self.family.measure == "stays":
            self._going_on(parts)
        for at, (telling, columns) in enumerate(zip(tellings, self.columns, strict=True)):
            for cell, own in columns.items():
                first, past = _days(cell, telling.span)
                inside = [one for one in parts if first <= one[0] and one[1] <= past]
                self._bind(own, cell, inside)
            for other in range(at):
                self._grown(tellings, at, other)

    def _grids(self, tellings: Sequence[Telling]) -> list[_Grid]:
        by_name: dict[str, _Grid] = {}
        for telling in tellings:
            for name, table in telling.tables.items():
                grid = _Grid.of(table).without(*_TIMES)
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
        earlier = self._covering(span)
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

    def _covering(self, span: Span) -> int:
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
        kind, part = _kind(self.family.measure, cell), _timeless(cell)
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

    def _grown(self, tellings: Sequence[Telling], at: int, other: int) -> None:
        """Count whom a longer period counts and the shorter inside it does not."""
        for cell, own in self.columns[at].items():
            inner = self.columns[other].get(cell)
            if inner is None or _kind(self.family.measure, cell) != "some":
                continue
            one, two = (_days(cell, tellings[which].span) for which in (at, other))
            if one == two or not (_inside(one, two) or _inside(two, one)):
                continue
            if not self._monotone(cell, one[0] == two[0]):
                continue
            longer, shorter = (inner, own) if _inside(one, two) else (own, inner)
            more = self.column()
            self.equal([(longer, -1.0), (shorter, 1.0), (more, 1.0)])
            days = two if _inside(one, two) else one
            clash = Clash(self.earlier[max(at, other) - 1], self.family.measure, cell, days)
            self.targets[more] = clash

    def _monotone(self, cell: Cell, same_start: bool) -> bool:
        """Say whether whom a part counts under a value the whole counts under it too."""
        # Whether somebody comes for the first time is asked of the first entry of the period.
        return same_start or "newcomer" not in dict(cell)

    # what may be hidden

    def _elastic(self) -> None:
        """Let each count of the new delivery that may be hidden move at a price, from nothing."""
        self.moves: dict[Cell, tuple[int, int]] = {}
        for cell, count in self.shown.items():
            if count == 0:
                continue
            own = self.new[cell]
            rise, fall = self.column(0.0, 0.0), self.column(0.0, 0.0)
            self.low[own] = 0.0 if self.family.may_be_zero(cell) else 1.0
            self.high[own] = self.ceiling
            self.equal([(own, 1.0), (rise, -1.0), (fall, 1.0)], float(count))
            self.moves[cell] = (rise, fall)
        self.lowest, self.highest = np.array(self.low), np.array(self.high)
        self.tight = _tightened(self.rows, self.lowest, self.highest)

    @cached_property
    def fits(self) -> bool:
        """Whether any counts fit all that is told: the data may be the same."""
        low, high = self.tight
        if (low > high + WHOLE).any():
            return False
        self.programme = Programme(
            [row for row, _, _ in self.rows],
            (np.array([a for _, a, _ in self.rows]), np.array([b for _, _, b in self.rows])),
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
            self.tight = _tightened(self.rows, self.lowest, self.highest)
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
                clash = self._named(self.targets[at])
                if chosen is None or any(self._is_kept(cell) for cell in chosen):
                    raise Unsafe(clash)
                if chosen:  # else what was hidden for another keeps this one too
                    because.add(clash.earlier)
                for cell in chosen:
                    own.add(cell)
                    self._open([cell], True)
        raise Unsafe(self._named(self.targets[failing[0]]))

    def _is_kept(self, cell: Cell) -> bool:
        """Say whether a delivery is refused sooner: where it shares days, there is another to make."""
        first, past = self.tellings[0].span
        shared = any(first < one.span[1] and one.span[0] < past for one in self.tellings[1:])
        return shared and self.family.measure == "stays" and cell in _KEPT_WHOLE

    def _named(self, clash: Clash) -> Clash:
        """Give a clash within the new delivery the last earlier one that it comes from."""
        return clash if clash.earlier >= 0 else replace(clash, earlier=self._covering(clash.days))

    def _direct(self, at: int) -> list[Cell]:
        """Return the new delivery's own count of a cell that a difference tells exactly."""
        low, high = self.tight
        cell = self.targets[at].cell
        broader = tuple(pair for pair in cell if pair[0] not in ("begun", "outcome"))
        if high[at] - low[at] < 1:
            one = cell if cell in self.new else broader
            if one in self.moves and self._is_shown(one):
                return [one]
        return []

    def _is_shown(self, cell: Cell) -> bool:
        return bool(
            self.highest[self.moves[cell][0]] == 0 and self.highest[self.moves[cell][1]] == 0
        )

    def _open(self, cells: Sequence[Cell], wide: bool) -> None:
        columns = [at for cell in cells for at in self.moves[cell]]
        top = [self.ceiling if wide else 0.0] * len(columns)
        self.programme.bound(columns, [0.0] * len(columns), top)
        self.highest[columns] = top

    # what a reader can work out

    def _failing(self) -> list[int]:
        """Return the counts that are told too well, the surest first."""
        low, high = self.tight
        open_targets = []
        found = []
        for at in self.targets:
            least = self.threshold(at)
            if low[at] >= least or self._is_wide(at):
                continue
            if high[at] < WHOLE:
                if not self.may_tell_zero(at):
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
        least = self.threshold(at)
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
        least = self.threshold(at)
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
            return self.may_tell_zero(at)
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
        least = self.threshold(at)
        price = {c: float(self.shown[cell] + 1) for cell in shown for c in self.moves[cell]}
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


def _counts(telling: Telling) -> dict[Cell, int | None]:
    """Return every count of a family once: one that any table shows is told."""
    found: dict[Cell, int | None] = {}
    for table in telling.tables.values():
        for cell, count in table.counts.items():
            found[cell] = count if found.get(cell) is None else found[cell]
    return found


def _inside(one: Span, other: Span) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _timeless(cell: Cell) -> Cell:
    return tuple(pair for pair in cell if pair[0] not in _TIMES)


def _days(cell: Cell, span: Span) -> Span:
    """Return the days of a cell: those of its month or year that the delivery has."""
    for name, value in cell:
        if name in _TIMES:
            own = pd.Period(value)
            first, past = _day(own.start_time), _day(own.end_time) + 1
            return max(first, span[0]), min(past, span[1])
    return span


def _tightened(
    rows: Sequence[tuple[_Row, float, float]], lowest: FloatArray, highest: FloatArray
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
