"""How a source is joined to the municipalities of a day: declared once, read by all that follow.

The panel makes its columns by it, a trace walks it backwards, readiness names its tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import Messages, Problem
from needs_analysis.figures import Figures, Quality
from needs_analysis.provenance import OPERATIONS
from needs_analysis.territory.recode import Recoded, followed, recode
from needs_analysis.territory.units import municipalities
from needs_analysis.words import N_

problem = Messages(
    "joins",
    {
        "not_covered": N_("comuni senza dato"),
        "without_place": N_("senza posto fra i comuni al {day}, fuori da ogni totale"),
        "codes_without_place": N_("codici senza comune"),
        "codes_of_year_without_place": N_("codici del {year} senza comune"),
        "codes_of_2011_unknown": N_("codici del 2011 non riconosciuti"),
        "rows_without_place": N_("righe senza comune, nel totale nazionale soltanto"),
        "rows_without_successor": N_("righe di comuni senza successore noto, fuori da ogni totale"),
        "quoted_without_successor": N_("comuni OMI senza successore"),
        "quote_of_successor": N_("comuni con la quotazione del comune in cui sono confluiti"),
        "rent_by_people": N_("comuni con il canone pesato sugli abitanti delle zone"),
        "class_of_predecessor": N_("comuni con la classe del comune in cui sono confluiti"),
        "class_of_largest": N_("comuni con la classe del maggiore di quelli che vi sono confluiti"),
        "provinces_unknown": N_("province non riconosciute"),
    },
)
_OF_PLACES = {
    f"joins.{kind}"
    for kind in (
        "not_covered", "quoted_without_successor", "quote_of_successor", "rent_by_people",
        "class_of_predecessor", "class_of_largest",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Unmatched:
    """Rows of a source that found no place in the panel, or units that it does not cover."""

    source: str
    what: Problem
    names: tuple[str, ...]

    @property
    def of_places(self) -> bool:
        """Return whether the names are those of municipalities of the panel."""
        return self.what.code in _OF_PLACES


@dataclass(frozen=True)
class Column:
    """How a column of the panel is made, and how an area's is of those of its municipalities.

    Parameters
    ----------
    operation : str
        Of `provenance.OPERATIONS`.
    inputs : tuple of str
        Columns of the table; of the panel where `after`.
    after : bool
        Made of columns that are on the day already, else row by row of the table.
    optional : tuple of str
        Inputs that count as nothing where they are blank; any other that is blank leaves it blank.
    among : tuple of str
        Columns of which one must be known.
    blanks : bool
        Of the inputs the blank cells are counted.
    pooled : str
        The operation that makes an area's.
    """

    operation: str = "as published"
    inputs: tuple[str, ...] = ()
    after: bool = False
    optional: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    blanks: bool = False
    pooled: str = "sum"

    def of(self, frame: pd.DataFrame, known: pd.DataFrame | None = None) -> pd.Series:
        """Make the column of others; `known` has those `among` which one must be, if not `frame`."""
        values = [
            frame[name].fillna(0.0) if name in self.optional else frame[name]
            for name in self.inputs
        ]
        made: pd.Series = OPERATIONS[self.operation].of(*values)
        if not self.among:
            return made
        given = frame if known is None else known
        return made.where(given[list(self.among)].notna().any(axis=1))

    def formula(self, name: str) -> str:
        """Return how a value is made of the columns of its row; "" where it is one of them."""
        if self.inputs in ((), (name,)):
            return ""
        given = [f"blank({one})" if self.blanks else one for one in self.inputs]
        return OPERATIONS[self.operation].written(given)


class Asked(NamedTuple):
    """What a join is made for; what it leaves unmatched is put to `report`."""

    day: pd.Timestamp
    parameters: Mapping[str, float]
    report: list[Unmatched]
    edition: str = ""

    @property
    def units(self) -> pd.DataFrame:
        """Return the municipalities of the day."""
        return municipalities(self.day)

    def note(self, table: str, what: Problem, names: Iterable[object]) -> None:
        """Report by name what of a table is unmatched, if anything is."""
        listed = tuple(str(name) for name in names)
        if listed:
            self.report.append(Unmatched(store.source_of(table).id, what, listed))

    def note_units(self, table: str, kind: str, which: pd.Series | pd.Index) -> None:
        """Report municipalities of the day."""
        self.note(table, problem(kind), self.units.loc[which, "municipality_name"])


@dataclass(frozen=True)
class Join:
    """A table, and how its rows come to the municipalities of a day.

    Parameters
    ----------
    table, key : str
        Of the store; its column that names the place of a row.
    columns : mapping of str to Column
        Those made of others, or pooled otherwise than by a sum.
    own : tuple of str, optional
        The columns of the table that are the panel's under their own name; all when omitted.
    year : str
        The rows of which year, where a table holds several; else "".
    codes_of : callable
        Of the reference date (of the year) the day whose codes the rows have.
    how : str
        "sum", or "first" where one of several rows stands for all.
    carved, partial
        As in :func:`needs_analysis.territory.recode`.
    unmatched : Problem, optional
        What is said of rows that find no place.
    needed, may_miss : str, int
        How many municipalities may be without that column before it is said which are.
    bring : callable
        Makes the figures; by the history of the codes unless the source needs more.
    linked : callable
        Says which rows make which municipality: old (the key), new, share.
    covers : callable, optional
        The municipalities of an edition that covers a part of Italy and may stand over it.
    """

    table: str
    columns: Mapping[str, Column] = field(default_factory=dict)
    key: str = "municipality_code"
    own: tuple[str, ...] | None = None
    year: str = ""
    codes_of: Callable[[str], str] = str
    how: str = "sum"
    carved: str = "split"
    partial: bool = False
    unmatched: Problem | None = None
    needed: str = ""
    may_miss: int = 0
    bring: Callable[[Join, Asked], Figures] = lambda join, asked: join.by_history(asked)
    linked: Callable[[Join, pd.Timestamp, str], pd.DataFrame] = lambda join, day, edition: followed(
        join.rows(edition).index, join.day(edition), day, kind=join.key, carved=join.carved
    )[0]
    covers: Callable[[Join, pd.Timestamp, str], pd.Index] | None = None

    @property
    def name(self) -> str:
        """Return the table and, of several, the year."""
        return f"{self.table} {self.year}".strip()

    def column(self, name: str) -> Column:
        """Return how a column of the panel is made."""
        return self.columns.get(name, Column())

    def rows(self, edition: str = "") -> pd.DataFrame:
        """Return the rows of the table by their key."""
        frame = store.table(self.table, edition)
        if self.year:
            frame = frame[frame["year"] == int(self.year)]
        return frame.set_index(self.key)

    def day(self, edition: str = "") -> str:
        """Return the day whose codes the rows have."""
        return self.codes_of(self.year or store.source_of(self.table, edition).reference_date)

    def links(self, day: pd.Timestamp, edition: str = "") -> pd.DataFrame:
        """Return which rows make which municipality of a day, in the order of the table."""
        found = self.linked(self, day, edition)
        at = self.rows(edition).index.get_indexer(pd.Index(found["old"]))
        order = np.argsort(at, kind="stable")
        return found.iloc[order[at[order] >= 0]]

    def recoded(self, rows: pd.DataFrame, asked: Asked) -> Recoded:
        """Bring rows to the day."""
        return recode(
            rows, self.day(asked.edition), asked.day, self.how,
            kind=self.key, partial=self.partial, carved=self.carved,
        )  # fmt: skip

    def by_history(self, asked: Asked) -> Figures:
        """Bring the rows to the day along the history of the codes; what is split is allocated."""
        rows = self.rows(asked.edition)
        made = {name: one.of(rows) for name, one in self.columns.items() if one.inputs}
        kept = list(rows.columns if self.own is None else self.own)
        done = self.recoded(rows[kept].assign(**made), asked)
        if self.unmatched:
            asked.note(self.table, self.unmatched, done.unmatched.index)
        return self.figures(asked, done.frame, allocated(done, asked))

    def figures(
        self, asked: Asked, frame: pd.DataFrame, quality: pd.Series | pd.DataFrame | None = None,
        **bounds: pd.DataFrame,
    ) -> Figures:  # fmt: skip
        """Give a frame by municipality the quality, date and source of its values.

        Parameters
        ----------
        asked : Asked
            The day, and where it is reported which municipalities are without data.
        frame : DataFrame
            By municipality_code.
        quality : Series or DataFrame, optional
            By municipality, or of each value; observed when omitted.
        bounds
            `low` and `high`.
        """
        source = store.source_of(self.table, asked.edition)
        frame = frame.reindex(asked.units.index)
        if isinstance(quality, pd.Series):
            quality = pd.DataFrame(dict.fromkeys(frame, quality), index=frame.index)
        if self.needed in frame and not asked.edition:
            missing = frame[self.needed].isna()
            if missing.sum() > self.may_miss:
                asked.note_units(self.table, "not_covered", missing)
        return Figures.of(
            frame, quality=Quality.OBSERVED if quality is None else quality,
            vintage=vintage_of(self.year or source.reference_date), sources=(source.id,), **bounds,
        )  # fmt: skip


def allocated(done: Recoded, asked: Asked, kind: Quality = Quality.ALLOCATED) -> pd.Series:
    """Return the quality of what was brought to the day: of `kind` where a share was taken."""
    share = done.flags["share"].reindex(asked.units.index)
    return pd.Series(np.where(share < 1, kind, Quality.OBSERVED), index=share.index)


def vintage_of(reference_date: str) -> str:
    """Shorten a day to its year; "2018/2" and "2021" stay as they are.

    Examples
    --------
    >>> vintage_of("2021-12-31"), vintage_of("2018/2")
    ('2021', '2018/2')
    """
    return reference_date[:4] if reference_date[4:5] == "-" else reference_date
