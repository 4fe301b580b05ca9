"""Which rows of a table two deliveries do not share: added, removed, and changed cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs_analysis.services.files.schema import TABLES
from needs_analysis.services.measures.records import Bools

# What a row without a code of its own is known by: the rest of it may change.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "activities": ("stay_id", "date", "area"),
    "absences": ("stay_id", "from_date"),
}
_TURNS = 2**32  # more than the rows of one key


@dataclass(frozen=True, eq=False)
class RowChanges:
    """The rows of one table that are not the same in two deliveries (internal profile only).

    Parameters
    ----------
    table : str
        One of ``schema.TABLES``.
    added, removed : DataFrame
        Rows of the new delivery alone, and of the old one alone.
    old, new : DataFrame
        Rows of both that are not alike, on one index: the table's code, else a number.
    cells : DataFrame
        Which of their cells changed: bool, on the same index, one column a field.
    """

    table: str
    added: pd.DataFrame
    removed: pd.DataFrame
    old: pd.DataFrame
    new: pd.DataFrame
    cells: pd.DataFrame

    @property
    def rows(self) -> int:
        """How many rows were added, removed or changed."""
        return len(self.added) + len(self.removed) + len(self.cells)

    def fields(self, among: Sequence[str] = (), before: str = "") -> pd.Series:
        """Return the changed fields of each changed row, joined by ", ".

        Parameters
        ----------
        among : sequence of str
            The fields that matter; all where none is given.
        before : str
            What each is told with, as "services.".
        """
        cells = self.cells[[one for one in self.cells if not among or one in among]]
        cells = cells[cells.any(axis=1)]
        # Few combinations on many rows: each is put in words once.
        bits = cells.to_numpy() @ (1 << np.arange(cells.shape[1], dtype=np.int64))
        _, first, code = np.unique(bits, return_index=True, return_inverse=True)
        words = [
            ", ".join(f"{before}{name}" for name in cells.columns[cells.iloc[at].to_numpy()])
            for at in first
        ]
        return pd.Series(np.array(words, dtype=object)[code], index=cells.index, dtype="str")


def row_changes(old: pd.DataFrame, new: pd.DataFrame, table: str) -> RowChanges:
    """Compare a table of two deliveries row by row, by code; without one, by what repeats least.

    Parameters
    ----------
    old, new : DataFrame
        As the readers return them.
    table : str
        One of ``schema.TABLES``.

    Returns
    -------
    RowChanges
        Nothing of a row that is the same in both; the order of rows does not matter.

    Notes
    -----
    An activity is known by stay, date and area, an absence by stay and first day: where one of these
    is corrected, a row is removed and another added.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> old = empty("services").reindex(["A1", "A2"]).assign(daily_fee_eur=38.0)
    >>> new = empty("services").reindex(["A2", "A3"]).assign(daily_fee_eur=40.0)
    >>> found = row_changes(old, new, "services")
    >>> found.added.index.tolist(), found.removed.index.tolist(), found.fields().to_dict()
    (['A3'], ['A1'], {'A2': 'daily_fee_eur'})
    """
    fields = TABLES[table].columns
    old, new = old[fields], new[fields]
    if old.equals(new):
        old, new = old.iloc[:0], new.iloc[:0]
    elif not TABLES[table].index:
        old, new = _unpaired(old, new, _KEYS[table])
    before, after, added, removed = old, new, new.iloc[:0], old.iloc[:0]
    if not old.index.equals(new.index):
        at = new.index.get_indexer(old.index)
        gone, come = at < 0, np.ones(len(new), dtype=bool)
        come[at[~gone]] = False
        removed, added, before, after = old[gone], new[come], old[~gone], new.iloc[at[~gone]]
        after.index = before.index
    cells = np.column_stack([_unlike(before[name], after[name]) for name in fields])
    moved = pd.Series(cells.any(axis=1), index=before.index)
    before, after = before[moved], after[moved]
    marks = pd.DataFrame(cells[moved], index=before.index, columns=fields)
    return RowChanges(table, added, removed, before, after, marks.loc[:, marks.any(axis=0)])


def _unlike(one: pd.Series, other: pd.Series) -> Bools:
    """Return where two columns say something else, missing being the same as missing."""
    said = (one != other).astype("boolean").fillna(True).to_numpy(dtype=bool)
    return np.asarray(said & ~(one.isna() & other.isna()).to_numpy(dtype=bool))


def _unpaired(
    old: pd.DataFrame, new: pd.DataFrame, keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows without an equal on the other side, numbered alike where their keys are."""
    both = pd.concat([old, new], ignore_index=True)
    side = np.arange(len(both)) >= len(old)
    whole = _numbered(both, both.columns.tolist(), side)
    alone = ~pd.Series(whole).duplicated(keep=False).to_numpy()
    both, side = both[alone], side[alone]
    both.index = pd.Index(_numbered(both, keys, side))
    return both[~side], both[side]


def _numbered(rows: pd.DataFrame, keys: Sequence[str], side: Bools) -> np.ndarray:
    """Return a number for each row of a side: the first of a key has the same on both, and so on."""
    group = rows.groupby(list(keys), dropna=False, sort=False).ngroup().to_numpy()
    turn = pd.Series(side).groupby([group, side]).cumcount().to_numpy()
    return np.asarray(group * _TURNS + turn, dtype=np.int64)
