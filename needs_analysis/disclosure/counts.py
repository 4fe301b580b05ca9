"""Tables of counts with their margins, and the rules under which they may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.disclosure.problems import problem
from needs_analysis.errors import ParameterError, Problem, Refused
from needs_analysis.figures import wanted_frame

TOTAL = "all"
PROFILES = ("internal", "published")
# A cell: its dimensions and values in order, totals left out; equal in all tables of one measure.
Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rules:
    """Which counts are hidden in what is published.

    Parameters
    ----------
    count_min : int
        Counts under this are hidden, zeros excepted.
    sensitive_count_min : int
        The same where a value is sensitive; zeros are hidden too.
    sensitive : mapping of str to frozenset of str
        By dimension, the values that are sensitive (target groups, services).

    Examples
    --------
    >>> rules = Rules.of()
    >>> rules.count_min, rules.sensitive_count_min
    (5, 10)
    >>> Rules.of({"disclosure_count_min": 3}).count_min
    3
    """

    count_min: int
    sensitive_count_min: int
    sensitive: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse thresholds under the lowest that SISTAN's rules allow."""
        whole = dict.fromkeys(("count_min", "sensitive_count_min"), parameters.Range(whole=True))
        thresholds = {name: getattr(self, name) for name in whole}
        parameters.in_range(whole, **thresholds)
        lowest = int(parameters.values()["disclosure_sistan_count_min"])
        if self.count_min < lowest:
            raise ParameterError(problem("below_sistan", given=self.count_min, lowest=lowest))
        if self.sensitive_count_min < self.count_min:
            given = self.sensitive_count_min
            raise ParameterError(problem("sensitive_below", given=given, others=self.count_min))

    @classmethod
    def of(
        cls,
        overrides: Mapping[str, float] | None = None,
        sensitive: Mapping[str, Sequence[str]] | None = None,
    ) -> Rules:
        """Take the thresholds of ``parameters.csv``; the target group violence is always sensitive."""
        value = parameters.values(overrides)
        named = {name: frozenset(values) for name, values in (sensitive or {}).items()}
        named["target_group"] = named.get("target_group", frozenset()) | {"violence"}
        return cls(
            count_min=int(value["disclosure_count_min"]),
            sensitive_count_min=int(value["disclosure_sensitive_count_min"]),
            sensitive=named,
        )

    def is_sensitive(self, cell: Cell) -> bool:
        """Say whether any value of a cell is sensitive."""
        return any(value in self.sensitive.get(name, ()) for name, value in cell)

    def least(self, cell: Cell) -> int:
        """Return the least count of a cell that is shown: the width its interval needs if hidden."""
        return self.sensitive_count_min if self.is_sensitive(cell) else self.count_min

    def hides(self, cell: Cell, count: int) -> bool:
        """Say whether a count is hidden for itself."""
        return count < self.least(cell) and (count > 0 or self.is_sensitive(cell))


@dataclass(frozen=True)
class CountTable:
    """Counts by some dimensions, margins included; an NA count is hidden.

    Parameters
    ----------
    name : str
        As errors name it.
    frame : DataFrame
        One row a cell: the dimensions' columns (`TOTAL` where summed over), ``count``, and columns
        derived from it.
    dimensions : sequence of str
        One dimension has one name in all tables: services nested in ambiti stand, with the ambiti,
        in the one column ``service_code``.
    hierarchies : mapping of str to mapping of str to str
        By dimension, the parent of each value that has one below the total. A table has one hierarchy
        over a dimension; another table of the same measure may have a second one over the same values
        (services by ambito, services by kind), with other parents and all the values: cells are then
        hidden under both. A value with two parents of one hierarchy is refused.
    measure : str
        What is counted; tables of one measure are linked through their common cells.
    shares : mapping of str to str
        Columns of shares 0-1 of the count in the total over a dimension.
    share_decimals : int
        To which shares are rounded when published.
    derived : sequence of str
        Other columns that are hidden with the count (means, medians).
    few : frozenset of Cell
        Cells hidden for themselves whatever they count, because too few persons stand behind them.

    Raises
    ------
    Refused
        A column is absent, a cell stands twice, a count is negative or broken, a share lacks its
        total, or a hierarchy goes round.
    """

    name: str
    frame: pd.DataFrame
    dimensions: tuple[str, ...]
    hierarchies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    measure: str = "stays"
    shares: Mapping[str, str] = field(default_factory=dict)
    share_decimals: int = 3
    derived: tuple[str, ...] = ()
    few: frozenset[Cell] = frozenset()

    def __post_init__(self) -> None:
        """Check the table whole, all problems at once."""
        decimals = parameters.Range(0, 15, whole=True)
        parameters.in_range({"share_decimals": decimals}, share_decimals=self.share_decimals)
        needed = [*self.dimensions, "count", *self.shares, *self.derived]
        absent = tuple(name for name in needed if name not in self.frame.columns)
        if absent:
            raise _refused(
                self.name, [problem("columns_missing", count=len(absent), columns=absent)]
            )
        problems = _wrong_counts(self.frame["count"])
        cells = self.cells
        if len(set(cells)) < len(cells):
            problems.append(problem("cell_twice"))
        present = set(cells)
        for column, dimension in self.shares.items():
            if dimension not in self.dimensions:
                problems.append(problem("no_dimension", column=column, dimension=dimension))
            elif any(_without(cell, dimension) not in present for cell in cells):
                problems.append(problem("no_totals", column=column, dimension=dimension))
        for name, parents in self.hierarchies.items():
            problems += [
                problem("above_itself", column=name, value=value) for value in _circles(parents)
            ]
        if problems:
            raise _refused(self.name, problems)

    @cached_property
    def cells(self) -> list[Cell]:
        """The cell of each row."""
        names = sorted(self.dimensions)
        columns = [self.frame[name].astype(str).tolist() for name in names]
        return [
            tuple((name, value) for name, value in zip(names, row, strict=True) if value != TOTAL)
            for row in (zip(*columns, strict=True) if columns else [()] * len(self.frame))
        ]

    @cached_property
    def counts(self) -> dict[Cell, int | None]:
        """The count of each cell, None where hidden."""
        known = pd.to_numeric(self.frame["count"]).astype(float).tolist()
        return {
            cell: None if np.isnan(value) else int(value)
            for cell, value in zip(self.cells, known, strict=True)
        }

    def hides(self, cell: Cell, count: int, rules: Rules) -> bool:
        """Say whether a count is hidden for itself."""
        return cell in self.few or rules.hides(cell, count)

    def parts_of_shares(self) -> list[tuple[Cell, Cell, float]]:
        """Return numerator, denominator and value of each share that is shown."""
        return [
            (cell, _without(cell, dimension), float(value))
            for column, dimension in self.shares.items()
            for cell, value in zip(self.cells, self.frame[column], strict=True)
            if not pd.isna(value)
        ]

    def with_hidden(self, hidden: set[Cell]) -> CountTable:
        """Blank these cells, what derives from them, and round the shares that stay."""
        frame = self.frame.copy()
        cells = self.cells
        blank = pd.Series([cell in hidden for cell in cells], frame.index)
        frame["count"] = frame["count"].astype("Int64").mask(blank)
        for column in self.derived:
            frame[column] = frame[column].mask(blank)
        for column, dimension in self.shares.items():
            lost = np.array([_without(cell, dimension) in hidden for cell in cells], dtype=bool)
            frame[column] = frame[column].round(self.share_decimals).mask(blank | lost)
        return replace(self, frame=frame)


def tabulate(
    rows: pd.DataFrame,
    dimensions: Sequence[str],
    *,
    name: str,
    values: Mapping[str, Sequence[str]] | None = None,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
    measure: str = "stays",
    shares: Mapping[str, str] | None = None,
) -> CountTable:
    """Count rows by dimensions, with every margin and level and the zeros in between.

    Parameters
    ----------
    rows : DataFrame
        One row a person, household or stay.
    dimensions : sequence of str
        Columns of ``rows``; read as text.
    name : str
        Of the table.
    values : mapping, optional
        The values of a dimension, where they are more than occur.
    hierarchies : mapping, optional
        As in :class:`CountTable`.
    measure : str
        What a row is.
    shares : mapping, optional
        As in :class:`CountTable`; the columns are computed.

    Returns
    -------
    CountTable
        Counts of all combinations of values, levels and totals.

    Raises
    ------
    Refused
        A dimension has missing or unlisted values.

    Examples
    --------
    >>> rows = pd.DataFrame({"target_group": ["street", "street", "clearance"]})
    >>> tabulate(rows, ["target_group"], name="guests").frame.to_dict("list")
    {'target_group': ['clearance', 'street', 'all'], 'count': [1, 2, 3]}
    """
    dimensions, hierarchies = tuple(dimensions), dict(hierarchies or {})
    wanted_frame(rows, *dimensions)
    text = rows[list(dimensions)].astype("string")
    listed = {
        d: [str(v) for v in (values or {}).get(d, sorted(text[d].dropna().unique()))]
        for d in dimensions
    }
    problems = [problem("blank_dimension", dimension=d) for d in dimensions if text[d].isna().any()]
    problems += [
        problem("not_listed", dimension=d, value=one)
        for d in dimensions
        for one in sorted(set(text[d].dropna()) - set(listed[d]))
    ]
    if problems:
        raise _refused(name, problems)
    lines = {d: {v: _upward(v, hierarchies.get(d, {})) for v in listed[d]} for d in dimensions}
    levels = {d: list(dict.fromkeys(_by_depth(lines[d]))) for d in dimensions}
    found = dict.fromkeys(product(*levels.values()), 0)
    tally = (
        text.groupby(list(dimensions), sort=False).size() if dimensions else pd.Series([len(rows)])
    )
    for key, count in tally.items():
        own = key if isinstance(key, tuple) else (key,)
        above = [lines[d][v] for d, v in zip(dimensions, own, strict=False)]
        for cell in product(*above):
            found[cell] += int(count)
    frame = pd.DataFrame(list(found), columns=list(dimensions)).assign(count=list(found.values()))
    for column, dimension in (shares or {}).items():
        at = dimensions.index(dimension)
        whole = [found[(*key[:at], TOTAL, *key[at + 1 :])] for key in found]
        frame[column] = frame["count"] / pd.Series(whole, dtype=float).replace(0, float("nan"))
    return CountTable(name, frame, dimensions, hierarchies, measure, dict(shares or {}))


def _refused(table: str, problems: Sequence[Problem]) -> Refused:
    return Refused(problem("of_table", table=table, problems=tuple(problems)))


def _wrong_counts(counts: pd.Series) -> list[Problem]:
    number = pd.to_numeric(counts, errors="coerce").astype(float)
    wrong = (counts.notna() & number.isna()) | (number < 0) | (number % 1 > 0)
    return [problem("wrong_counts", count=int(wrong.sum()))] if wrong.any() else []


def _without(cell: Cell, dimension: str) -> Cell:
    return tuple(pair for pair in cell if pair[0] != dimension)


def _upward(value: str, parents: Mapping[str, str]) -> list[str]:
    """Return a value, all above it, and the total."""
    line = [value]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return [*line, TOTAL]


def _by_depth(lines: Mapping[str, list[str]]) -> list[str]:
    """Return the values level by level, the total last."""
    ranked = [(len(line) - at, value) for line in lines.values() for at, value in enumerate(line)]
    return [value for _, value in sorted(ranked, key=lambda pair: -pair[0])]


def _circles(parents: Mapping[str, str]) -> list[str]:
    found = []
    for start in parents:
        at, steps = start, 0
        while at in parents and steps <= len(parents):
            at, steps = parents[at], steps + 1
        if steps > len(parents):
            found.append(start)
    return found
