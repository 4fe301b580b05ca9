"""Why a figure changed between two runs: the period, the data or the rule, row by row.

Internal profile only: rows are stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from needs_analysis.services.monitoring import Monitoring, monitor

KEYS = ["measure", "level", "level_value"]


@dataclass(frozen=True, eq=False)
class Difference:
    """The figures of two runs side by side and what moved them.

    Parameters
    ----------
    figures : DataFrame
        One row a figure that is not the same: measure, level, level_value, rule, old_version,
        new_version, old, new, of_rule, of_period, of_data (they add up to new - old; NaN where a
        figure is missing on one side) and cause (those that are not 0, joined by " + ").
    old, new : Monitoring
        The runs.
    """

    figures: pd.DataFrame
    old: Monitoring = field(repr=False)
    new: Monitoring = field(repr=False)

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
            both runs, why ("data: exit_date, destination", "data: new row", "period" or "rule").
        """
        sides = [_side(run, measure, level, value) for run in (self.old, self.new)]
        joined = sides[0].add_suffix("_old").join(sides[1].add_suffix("_new"), how="outer")
        in_old, in_new = joined["rows_old"].notna(), joined["rows_new"].notna()
        same = np.ones(len(joined), dtype=bool)
        for name in ("numerator", "denominator"):
            before, after = joined[f"{name}_old"], joined[f"{name}_new"]
            same &= ((before == after) | (before.isna() & after.isna())).to_numpy()
        status = np.where(~in_old, "added", np.where(~in_new, "removed", "changed"))
        joined.insert(0, "status", status)
        moved = joined[~same | (in_old != in_new)].drop(columns=["rows_old", "rows_new"])
        moved["why"] = [self._why(table, row) for table, row in moved.index]
        return moved.reset_index("table")

    def _why(self, table: str, row: str) -> str:
        """Return what is behind one row that moved."""
        before, after = (_table(run, table) for run in (self.old, self.new))
        if row not in before.index:
            return "data: new row"
        if row not in after.index:
            return "data: row withdrawn"
        one, other = before.loc[row], after.loc[row]
        fields = [
            name
            for name in before.columns.union(after.columns, sort=False)
            if not _alike(one.get(name), other.get(name))
        ]
        if fields:
            return "data: " + ", ".join(fields)
        if (self.old.period.start, self.old.period.end) != (
            self.new.period.start,
            self.new.period.end,
        ):
            return "period"
        # Nothing of the row itself changed: another stay of the guest, an absence, the register.
        return "data: other rows" if self._same_rules() else "rule"

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
    Rules and versions: :mod:`needs_analysis.services.rules`.

    Examples
    --------
    >>> from needs_analysis.services.schema import Period, Register, Stays, empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> run = monitor(register, Stays(empty("stays")), Period.year(2025))
    >>> len(difference(run, run).figures)
    0
    """
    again = monitor(old.records.register, old.records.stays, old.period)
    moved = monitor(old.records.register, old.records.stays, new.period)
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
    causes = {name: ~_equal(before, after) for name, (before, after) in pairs.items()}
    causes["rule"] |= (frame["old_version"] != frame["new_version"]).to_numpy() & (
        frame[["old_version", "new_version"]].notna().all(axis=1).to_numpy()
    )
    frame["cause"] = [
        " + ".join(name for name, where in causes.items() if where[i]) for i in range(len(frame))
    ]
    changed = ~_equal(was, now) | causes["rule"]
    return Difference(frame[changed].reset_index(), old, new)


def as_delivered(run: Monitoring, told: pd.DataFrame) -> Monitoring:
    """Give a run the figures that were handed out for it, with the rules of then.

    Parameters
    ----------
    run : Monitoring
        The same data and period, counted by today's rules.
    told : DataFrame
        measure, level, level_value, value, rule_version; NaN where the delivery hides a figure.

    Returns
    -------
    Monitoring
        With values and versions of `told` where it has them; what no rule of then counted, or the
        delivery hides, is as counted now.

    Examples
    --------
    >>> from needs_analysis.services.schema import Period, Register, Stays, empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> run = monitor(register, Stays(empty("stays")), Period.year(2025))
    >>> then = as_delivered(run, run.measures.head(1).assign(value=3.0, rule_version=0))
    >>> difference(then, run).figures[["old", "new", "cause"]].to_numpy().tolist()
    [[3.0, 0.0, 'rule']]
    """
    counted = run.measures.set_index(KEYS)
    known = told.set_index(KEYS)[["value", "rule_version"]].reindex(counted.index)
    measures = counted.assign(
        value=known["value"].fillna(counted["value"]),
        rule_version=known["rule_version"].fillna(counted["rule_version"]).astype("int64"),
    )
    return replace(run, measures=measures.reset_index())


def _figures(run: Monitoring) -> pd.DataFrame:
    return run.measures.set_index(KEYS)[["value", "rule", "rule_version"]]


def _equal(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Return where two columns of figures say the same, missing being the same as missing."""
    a, b = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
    return np.asarray(np.isclose(a, b, rtol=1e-12, atol=1e-12, equal_nan=True))


def _side(run: Monitoring, measure: str, level: str, value: str) -> pd.DataFrame:
    """Return a run's rows summed by row; none where it does not have the level's value."""
    try:
        rows = run.rows(measure, level, value)
    except ValueError:
        if level == "all":
            raise
        rows = run.rows(measure).iloc[:0]
    grouped = rows.reset_index().groupby(["table", "row"])
    sums = grouped[["numerator", "denominator"]].sum(min_count=1)
    return sums.assign(rows=grouped.size())


def _table(run: Monitoring, table: str) -> pd.DataFrame:
    register = run.records.register
    tables = {
        "stays": run.records.stays.stays,
        "places": register.places,
        "services": register.services,
    }
    return tables[table]


def _alike(one: object, other: object) -> bool:
    if pd.isna(one) or pd.isna(other):  # type: ignore[call-overload]
        return bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]
    return bool(one == other)
