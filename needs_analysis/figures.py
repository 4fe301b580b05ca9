"""The one type that panel, indicators and composite return and accept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from importlib import import_module
from typing import Any, ClassVar, TypeVar

import numpy as np
import pandas as pd

from needs_analysis.errors import Messages, Problem, Refused, problem, wanted
from needs_analysis.process import public
from needs_analysis.words import N_

__all__ = ["Displayed", "Figures", "Quality", "Question", "as_figures"]
__dir__ = public(__all__)

V = TypeVar("V")
T = TypeVar("T", pd.DataFrame, pd.Series)

figures_problem = Messages(
    "figures",
    {
        "different_units": N_("righe di territori diversi non possono stare affiancate"),
        "parts_differ": N_("«{part}» non ha le righe e le colonne dei dati"),
        "quality_differs": N_("{column}: un valore manca se e solo se lo dice la sua qualità"),
    },
)


class Quality(IntEnum):
    """How a value came to be, from best to worst; a derived value takes its worst input's.

    Examples
    --------
    >>> max(Quality.OBSERVED, Quality.ALLOCATED).name
    'ALLOCATED'
    """

    OBSERVED = 0
    ALLOCATED = 1
    MODELLED = 2
    IMPUTED = 3
    SUPPRESSED = 4
    MISSING = 5


@dataclass(frozen=True)
class Question:
    """What stands in the place of a figure that nobody publishes: what to ask, whom, and why.

    Parameters
    ----------
    question, who, why : str
        Italian, to be said by a :class:`~needs_analysis.words.Voice`.
    """

    question: str
    who: str
    why: str


class Displayed:
    """A result that a notebook shows as a page of its own, and a terminal in one line.

    The words, colours and numbers of the page are at home in ``reports``, which is above every result:
    it is asked for by name, and only when a notebook shows something.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        page: Any = import_module("needs_analysis.reports.notebook")
        return str(page.html(self))

    def __repr__(self) -> str:
        """Say in one line what it holds: its tables' shapes, its short words and numbers."""
        held = [(one.name, getattr(self, one.name)) for one in fields(self)]
        said = [
            f"{name}={'x'.join(map(str, one.shape))}"
            if isinstance(one, pd.DataFrame | pd.Series)
            else f"{name}={one!r}"[:40]
            for name, one in held
            if isinstance(one, pd.DataFrame | pd.Series | str | int | float)
        ]
        return f"<{type(self).__name__}: {', '.join(said)}>"


@dataclass(frozen=True, repr=False)
class Figures(Displayed):
    """Values by unit and variable, each with its quality and vintage.

    Parameters
    ----------
    data : DataFrame
        One row a unit (``municipality_code``, or an area's key), one column a variable; the unit of
        measure stands in the column's name. Missing is NaN.
    quality : DataFrame of int8
        A :class:`Quality` for each value; NaN is MISSING or SUPPRESSED, and nothing else is.
    vintage : DataFrame of str
        The reference date of each value as printed ("2018/2", "2021"); inputs of different dates are
        joined with " + ".
    low, high : DataFrame
        Bounds of the values that are known within an interval; NaN where there is none.
    sources : mapping of str to tuple of str
        For each column, the ids of its sources (`provenance.SOURCES`).

    Examples
    --------
    >>> frame = pd.DataFrame({"households": [56209.0, np.nan]}, index=["108033", "108039"])
    >>> f = Figures.of(frame, vintage="2021", sources=["istat_units"])
    >>> [Quality(q).name for q in f.quality["households"]]
    ['OBSERVED', 'MISSING']
    """

    data: pd.DataFrame
    quality: pd.DataFrame
    vintage: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a frame whose parts disagree, naming the part."""
        if not self.data.index.is_unique:
            raise Refused(*_repeated(self.data.index), cure=problem("give_codes"))
        for name in ("quality", "vintage", "low", "high"):
            part: pd.DataFrame = getattr(self, name)
            if not part.index.equals(self.data.index) or not part.columns.equals(self.data.columns):
                raise Refused(figures_problem("parts_differ", part=name))
        absent = self.quality.to_numpy() >= Quality.SUPPRESSED
        blank = self.data.isna().to_numpy()
        if (absent != blank).any():
            column = self.data.columns[(absent != blank).any(axis=0)][0]
            raise Refused(figures_problem("quality_differs", column=column))

    def __repr__(self) -> str:
        """Say how many rows and columns there are, and the first of these."""
        rows, columns = self.data.shape
        first = ", ".join(map(str, self.data.columns[:4]))
        more = ", ..." if columns > 4 else ""
        return f"<Figures: {rows} rows, {columns} columns ({first[:120]}{more})>"

    @classmethod
    def of(
        cls,
        data: pd.DataFrame,
        *,
        quality: Quality | pd.DataFrame = Quality.OBSERVED,
        vintage: str | pd.DataFrame = "",
        low: pd.DataFrame | None = None,
        high: pd.DataFrame | None = None,
        sources: Sequence[str] | Mapping[str, tuple[str, ...]] = (),
    ) -> Figures:
        """Wrap a plain frame; one quality, vintage and source list may stand for all values.

        A bare frame counts as observed with its vintage unknown; NaN becomes MISSING.
        """
        blank = data.isna().to_numpy()
        if isinstance(quality, Quality):
            quality = _like(data, np.where(blank, Quality.MISSING, quality).astype("int8"))
        else:
            given = quality.to_numpy()
            absent = blank & (given < Quality.SUPPRESSED)
            quality = _like(data, np.where(absent, Quality.MISSING, given).astype("int8"))
        if isinstance(vintage, str):
            vintage = _like(data, np.full(data.shape, vintage, dtype=object))
        nothing = np.full(data.shape, np.nan)
        if not isinstance(sources, Mapping):
            sources = {str(column): tuple(sources) for column in data.columns}
        return cls(
            data=data,
            quality=quality,
            vintage=vintage,
            low=_like(data, nothing) if low is None else low.reindex_like(data).astype(float),
            high=_like(data, nothing) if high is None else high.reindex_like(data).astype(float),
            sources=dict(sources),
        )

    def value(self, unit: Hashable, column: str) -> float:
        """Return one value, by column or code of indicator ("A1"); NaN where it is missing."""
        found = self.data[self._named(column)].to_numpy()
        return float(found[self.data.index.get_loc(unit)])

    def rows(self, units: Iterable[Hashable]) -> Figures:
        """Keep these units, in this order; an unknown one raises KeyError."""
        index = pd.Index(list(units), name=self.data.index.name)
        return self.each(lambda part: part.loc[index])

    def columns(self, names: Sequence[str]) -> Figures:
        """Keep these columns, or codes of indicators, in order; an unknown one raises KeyError."""
        names = [self._named(name) for name in names]
        kept = self.each(lambda part: part[list(names)])
        return replace(kept, sources={name: self.sources.get(name, ()) for name in names})

    def _named(self, column: str) -> str:
        """Return the name of a column, which a code of an indicator stands for too."""
        if column in self.data.columns or not isinstance(column, str):
            return column
        declared: Any = import_module("needs_analysis.indicators")
        return str(declared.name_of(column))

    def renamed(self, names: Mapping[str, str]) -> Figures:
        """Give columns other names."""
        kept = self.each(lambda part: part.rename(columns=names))
        return replace(kept, sources={names.get(k, k): v for k, v in self.sources.items()})

    def beside(self, *others: Figures) -> Figures:
        """Put the columns of other figures of the same units beside these."""
        parts = [self, *others]
        for other in others:
            if not other.data.index.equals(self.data.index):
                raise Refused(figures_problem("different_units"))
        sources: dict[str, tuple[str, ...]] = {}
        for part in parts:
            sources |= part.sources
        joined = {
            name: pd.concat([getattr(part, name) for part in parts], axis=1)
            for name in ("data", "quality", "vintage", "low", "high")
        }
        return Figures(**joined, sources=sources)

    def above(self, *others: Figures) -> Figures:
        """Put the units of other figures with the same columns under these."""
        parts = [self, *others]
        columns = self.data.columns
        joined = {
            name: pd.concat([getattr(part, name)[columns] for part in parts])
            for name in ("data", "quality", "vintage", "low", "high")
        }
        return Figures(**joined, sources=self.sources)

    def replaced(self, others: Figures, units: pd.Index) -> Figures:
        """Put the values of others in the place of these, for some units."""
        at = self.data.index.get_indexer(units)
        parts = {}
        for name in ("data", "quality", "vintage", "low", "high"):
            part: pd.DataFrame = getattr(self, name).copy()
            for column in others.data.columns:
                given = part[column].to_numpy(copy=True)
                given[at] = getattr(others, name)[column].reindex(units).to_numpy()
                part[column] = pd.Series(given, index=part.index, dtype=part[column].dtype)
            parts[name] = part
        return Figures(**parts, sources={**self.sources, **others.sources})

    def missing(self) -> Figures:
        """Return the same units and columns without a value."""
        return Figures.of(
            self.data.mask(np.ones(self.data.shape, dtype=bool)),
            quality=Quality.MISSING, vintage=self.vintage, sources=self.sources,
        )  # fmt: skip

    def each(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Figures:
        """Change the frames of values, qualities, dates and bounds alike."""
        parts = {
            name: change(getattr(self, name))
            for name in ("data", "quality", "vintage", "low", "high")
        }
        return Figures(**parts, sources=self.sources)


def as_figures(frame: pd.DataFrame | Figures) -> Figures:
    """Take Figures as they are; a bare frame counts as observed, vintage unknown.

    Raises
    ------
    Refused
        It is neither, or its index does not tell the units apart.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0]}, index=["108033", "108033"])
    >>> as_figures(frame)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    needs_analysis.errors.Refused: codice ripetuto: 108033. Dare una tabella con ...
    """
    wanted(frame, Figures, pd.DataFrame)
    return frame if isinstance(frame, Figures) else Figures.of(wanted_units(frame))


def wanted_frame(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame that has these columns; anything else is refused.

    Raises
    ------
    Refused
        It is no frame, or the columns it lacks, named.

    Examples
    --------
    >>> wanted_frame(pd.DataFrame({"a": [1.0]}), "a", "service_id")
    Traceback (most recent call last):
    ...
    needs_analysis.errors.Refused: manca la colonna service_id
    """
    wanted(frame, pd.DataFrame)
    absent = tuple(name for name in columns if name not in frame.columns)
    if absent:
        raise Refused(problem("columns_missing", count=len(absent), columns=absent))
    return frame


def wanted_units(table: T) -> T:
    """Return a frame or a series whose index holds one code a row; anything else is refused.

    Raises
    ------
    Refused
        It is neither, or a code is missing or stands twice.
    """
    wanted(table, pd.DataFrame, pd.Series)
    absent = pd.isna(table.index.to_numpy())
    blank = int(absent.sum())
    problems = [problem("codes_missing", count=blank)] if blank else []
    problems += _repeated(table.index[~absent])
    if problems:
        raise Refused(*problems, cure=problem("give_codes"))
    return table


def wanted_codes(table: T) -> T:
    """Return a frame or a series whose units are named by texts, such as municipality codes.

    Raises
    ------
    Refused
        As :func:`wanted_units`, or the index holds numbers or positions.
    """
    codes = wanted_units(table).index
    if len(codes) and not pd.api.types.is_string_dtype(codes):
        raise Refused(problem("no_codes"), cure=problem("give_codes"))
    return table


def wanted_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of numbers by unit, one row and one column at least.

    Raises
    ------
    Refused
        As :func:`wanted_units`; it is empty, or the columns that hold something else, named.
    """
    wanted(frame, pd.DataFrame)
    empty = [("no_rows", not len(frame)), ("no_columns", not frame.shape[1])]
    if any(found for _, found in empty):
        raise Refused(*(problem(kind) for kind, found in empty if found))
    numeric = frame.infer_objects().dtypes.map(pd.api.types.is_numeric_dtype)
    other = tuple(map(str, frame.columns[~numeric]))
    if other:
        raise Refused(problem("no_numbers", count=len(other), columns=other))
    return wanted_units(frame)


def wanted_several(given: Iterable[V], *kinds: type) -> list[V]:
    """Return a list of things of these types, such as codes; a lone text is no list.

    Raises
    ------
    Refused
        It is no list, a code is missing, or something else stands in it.

    Examples
    --------
    >>> wanted_several(pd.Index(["108033", "108039"]), str)
    ['108033', '108039']
    >>> wanted_several("108033", str)
    Traceback (most recent call last):
    ...
    needs_analysis.errors.Refused: argomento di tipo str; tipi ammessi: list
    """
    if isinstance(given, str | bytes | Mapping | pd.DataFrame) or not isinstance(given, Iterable):
        wanted(given, list)
    several = list(given)
    blank = int(pd.isna(pd.Series(several, dtype=object)).sum())
    if blank:
        raise Refused(problem("values_missing", count=blank))
    for one in several:
        wanted(one, *kinds)
    return several


def _repeated(codes: pd.Index) -> list[Problem]:
    twice = tuple(map(str, codes[codes.duplicated()].unique()))
    return [problem("codes_repeated", count=len(twice), codes=twice[:5])] if twice else []


def join_vintages(vintages: Iterable[str]) -> str:
    """Join the distinct vintages of a value's inputs, oldest first.

    Examples
    --------
    >>> join_vintages(["2021", "2018/2", "2021", ""])
    '2018/2 + 2021'
    """
    return " + ".join(sorted({one for text in vintages for one in text.split(" + ") if one}))


def joint_vintage(vintages: pd.DataFrame) -> pd.Series:
    """Join the vintages of each row's columns, one join for each combination that occurs.

    Examples
    --------
    >>> joint_vintage(pd.DataFrame({"rent": ["2018/2"] * 2, "income": ["2021"] * 2})).tolist()
    ['2018/2 + 2021', '2018/2 + 2021']
    """
    coded = [pd.factorize(vintages[name]) for name in vintages.columns]
    if all(len(words) == 1 for _, words in coded):
        return pd.Series(join_vintages(words[0] for _, words in coded), index=vintages.index)
    key, combinations = pd.factorize(
        pd.MultiIndex.from_arrays([words.take(codes) for codes, words in coded])
    )
    joined = np.array([join_vintages(words) for words in combinations], dtype=object)
    return pd.Series(joined[key], index=vintages.index)


def _like(data: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=data.index, columns=data.columns)
