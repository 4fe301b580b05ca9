"""Why a figure changed between two runs: the period, the data or the rule, row by row.

Internal profile only: rows are stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from needs_analysis.errors import ParameterError, wanted
from needs_analysis.services.files.schema import TABLES
from needs_analysis.services.measures.declaration import MEASURES, RULES
from needs_analysis.services.measures.monitoring import Monitoring, monitor
from needs_analysis.services.measures.records import Bools
from needs_analysis.services.measures.row_changes import RowChanges, row_changes

KEYS = ["measure", "level", "level_value"]
# What only says under which value a row is counted.
_SORTING = ("target_group", "sending_municipality_code")
_OF_LEVEL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "service": {"dwellings": ("service_code",)},
    "ambito": {"dwellings": ("service_code",), "services": ("ambito_name",)},
}


@dataclass(frozen=True, eq=False)
class Difference:
    """The figures of two runs side by side and what moved them.

    Parameters
    ----------
    figures : DataFrame
        One row a figure that is not the same: measure, level, level_value, rule, old_version,
        new_version, old, new, of_rule, of_period, of_data (they add up to new - old; NaN where a
        figure is missing on one side), cause (those that are not 0, joined by " + ") and unfounded
        (the old figure is not what the old data give by the same rule: other data were meant, and
        what lies between is told as data).
    old, new : Monitoring
        The runs.
    """

    figures: pd.DataFrame
    old: Monitoring = field(repr=False)
    new: Monitoring = field(repr=False)

    @cached_property
    def changes(self) -> Mapping[str, RowChanges]:
        """The rows of each table that the two deliveries do not share, whatever they count for."""
        before, after = (_tables(run) for run in (self.old, self.new))
        return {name: row_changes(before[name], after[name], name) for name in before}

    @property
    def nothing(self) -> bool:
        """Whether periods, figures and data are all the same."""
        same_data = not any(one.rows for one in self.changes.values())
        return self._same_period and self.figures.empty and same_data

    def rows(self, measure: str, level: str = "all", value: str = "") -> pd.DataFrame:
        """Return each row that counts in one run and not, or not as much, in the other.

        Parameters
        ----------
        measure, level, value : str
            As of :meth:`Monitoring.rows`; a year or code that a run does not have has no rows there.

        Returns
        -------
        DataFrame
            Index row; table, status ("added", "removed", "changed"), numerator and denominator of
            both runs, why ("data: exit_date, services.daily_fee_eur", "data: absences", "data: new
            row", "data: row withdrawn", "data: other rows", "period" or "rule").
        """
        sides = [_side(run, measure, level, value) for run in (self.old, self.new)]
        tables = dict.fromkeys(table for side in sides for table in side)
        parts = []
        for table in tables:
            moved = _moved(*(side.get(table, _NO_ROWS) for side in sides))
            why = self._why(table, moved.index, measure, level)
            moved.insert(0, "table", table)
            parts.append(moved.assign(why=why))
        return pd.concat(parts) if parts else _moved(_NO_ROWS, _NO_ROWS).assign(table="", why="")

    def _why(self, table: str, rows: pd.Index, measure: str, level: str) -> np.ndarray:
        """Return what is behind each row of a table that moved."""
        found = self.changes[table]
        sorting = () if level == "group" else _SORTING
        own = [name for name in TABLES[table].columns if name not in sorting]
        beside = {**RULES[MEASURES[measure].rule].reads, **_OF_LEVEL.get(level, {})}
        parts = [found.fields(own).reindex(rows).fillna("").to_numpy()]
        parts += [
            key.reindex(rows).map(named).fillna("").to_numpy()
            for key, named in self._besides(table, beside)
            if len(named)
        ]
        # Nothing of the row itself changed: another stay of the guest, a place's state, a period.
        other = "data: other rows" if self._same_rules else "rule"
        other = other if self._same_period else "period"
        said = parts[0].astype(object)
        for part in parts[1:]:
            said = np.where((said != "") & (part != ""), said + ", " + part, said + part)
        why = np.where(said == "", other, "data: " + said)
        why[rows.isin(found.added.index)] = "data: new row"
        why[rows.isin(found.removed.index)] = "data: row withdrawn"
        return np.asarray(why)

    def _besides(
        self, table: str, beside: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[pd.Series, pd.Series]]:
        """Yield the code by which rows hang on another table, and what changed there by code."""
        tables = _tables(self.new)
        stays, places = tables["stays"], tables["places"]
        service = tables["dwellings"]["service_code"].reindex(places["dwelling_code"])
        keys = {
            ("stays", "services"): stays["service_code"],
            ("stays", "absences"): stays.index.to_series(),
            ("stays", "activities"): stays.index.to_series(),
            ("places", "dwellings"): places["dwelling_code"],
            ("places", "services"): service.set_axis(places.index),
        }
        for name, fields in beside.items():
            if (table, name) not in keys:
                continue
            found = self.changes[name]
            if fields:
                yield keys[table, name], found.fields(fields, f"{name}.")
            else:
                own = pd.concat([one["stay_id"] for one in (found.added, found.removed, found.old)])
                yield keys[table, name], pd.Series(name, index=own.unique(), dtype="str")

    @property
    def _same_period(self) -> bool:
        old, new = self.old.period, self.new.period
        return (old.start, old.end) == (new.start, new.end)

    @cached_property
    def _same_rules(self) -> bool:
        versions = [
            run.measures.drop_duplicates("rule").set_index("rule")["rule_version"].to_dict()
            for run in (self.old, self.new)
        ]
        return versions[0] == versions[1]


def difference(old: Monitoring, new: Monitoring) -> Difference:
    r"""Why each figure changed between two runs: rule, period or data (internal profile only).

    .. math::
        new - old = \underbrace{m(D_o, P_o) - old}_{rule} + \underbrace{m(D_o, P_n) - m(D_o,
        P_o)}_{period} + \underbrace{new - m(D_o, P_n)}_{data}

    with m the measures by today's rules, D the data and P the period: the old data are counted again,
    first in their own period, then in the new one.

    Parameters
    ----------
    old, new : Monitoring
        Two runs; `old` may have been made by an earlier version of the rules.

    Returns
    -------
    Difference
        The figures that changed, and the rows behind each.

    References
    ----------
    Rules and versions: ``declaration.RULES``.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import Period, Register, Stays, empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> run = monitor(register, Stays(empty("stays")), Period.year(2025))
    >>> len(difference(run, run).figures)
    0
    """
    wanted(old, Monitoring)
    wanted(new, Monitoring)
    again = monitor(old.records.register, old.records.stays, old.period)
    same_period = (old.period.start, old.period.end) == (new.period.start, new.period.end)
    moved = again if same_period else monitor(old.records.register, old.records.stays, new.period)
    steps = [_figures(run) for run in (old, again, moved, new)]
    keys = steps[0].index.union(steps[3].index, sort=False)
    was, recounted, shifted, now = (step["value"].reindex(keys) for step in steps)
    frame = pd.DataFrame({"old": was, "new": now})
    frame["of_rule"], frame["of_period"] = recounted - was, shifted - recounted
    frame["of_data"] = now - shifted
    frame.insert(0, "rule", steps[3]["rule"].reindex(keys).fillna(steps[0]["rule"].reindex(keys)))
    frame.insert(1, "old_version", steps[0]["rule_version"].reindex(keys))
    frame.insert(2, "new_version", steps[3]["rule_version"].reindex(keys))
    pairs = {"rule": (was, recounted), "period": (recounted, shifted), "data": (shifted, now)}
    causes = {name: ~equal(before, after) for name, (before, after) in pairs.items()}
    other_rule = (frame["old_version"] != frame["new_version"]).to_numpy() & (
        frame[["old_version", "new_version"]].notna().all(axis=1).to_numpy()
    )
    # What the same rule does not give again from the old data is no change of rule.
    unfounded = causes["rule"] & ~other_rule & frame["new_version"].notna().to_numpy()
    frame.loc[unfounded, "of_data"] += frame.loc[unfounded, "of_rule"]
    frame.loc[unfounded & frame["of_rule"].notna(), "of_rule"] = 0.0
    causes["rule"] = (causes["rule"] & ~unfounded) | other_rule
    causes["data"] |= unfounded
    frame["cause"] = _joined(causes)
    frame["unfounded"] = unfounded
    changed = ~equal(was, now) | causes["rule"]
    return Difference(frame[changed].reset_index(), old, new)


def _figures(run: Monitoring) -> pd.DataFrame:
    return run.measures.set_index(KEYS)[["value", "rule", "rule_version"]]


def _joined(causes: Mapping[str, Bools]) -> list[str]:
    names = list(causes)
    rows = zip(*causes.values(), strict=True)
    return [" + ".join(name for name, is_one in zip(names, row, strict=True) if is_one)
            for row in rows]  # fmt: skip


def equal(one: pd.Series, other: pd.Series) -> Bools:
    """Return where two columns of figures say the same, missing being the same as missing."""
    a, b = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    return np.asarray(np.isclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True))


_NO_ROWS = pd.DataFrame(
    {"numerator": pd.Series(dtype=float), "denominator": pd.Series(dtype=float)},
    index=pd.Index([], dtype="str", name="row"),
)


def _side(run: Monitoring, measure: str, level: str, value: str) -> dict[str, pd.DataFrame]:
    """Return a run's rows by table, each row once; none where it does not have the level's value."""
    try:
        rows = run.rows(measure, level, value)
    except ParameterError:
        if level == "all":
            raise
        return {}
    tables = {}
    for table in rows["table"].unique():
        own = rows.loc[rows["table"] == table, ["numerator", "denominator"]]
        if not own.index.is_unique:
            own = own.groupby(level=0).sum(min_count=1)
        tables[str(table)] = own
    return tables


def _moved(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two sides that weigh differently, with both sides' weights."""
    rows = old.index if old.index.equals(new.index) else old.index.union(new.index)
    status = np.full(len(rows), "changed", dtype=object)
    sides, absent = [], []
    for side in (old, new):
        at = side.index.get_indexer(rows)
        weights = np.vstack([side.to_numpy(dtype=float), [np.nan, np.nan]])  # the last for none
        sides.append(weights[at])
        absent.append(at < 0)
    same = (sides[0] == sides[1]) | (np.isnan(sides[0]) & np.isnan(sides[1]))
    status[absent[0]], status[absent[1]] = "added", "removed"
    frame = pd.DataFrame(
        {"status": status, "numerator_old": sides[0][:, 0], "denominator_old": sides[0][:, 1],
         "numerator_new": sides[1][:, 0], "denominator_new": sides[1][:, 1]},
        index=rows.rename("row"),
    )  # fmt: skip
    moved: pd.DataFrame = frame[~same.all(axis=1) | absent[0] | absent[1]]
    return moved


def _tables(run: Monitoring) -> dict[str, pd.DataFrame]:
    """Return the tables of a run in the order of the template."""
    return run.records.register.tables | run.records.stays.tables
