"""The tables that the floors above ask for: the newest at hand, unless a study says otherwise."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import pandas as pd

from needs_analysis.errors import StudyError
from needs_analysis.provenance import Source
from needs_analysis.store import recipes, shipped
from needs_analysis.store.kept import Kept, kept, read

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Selection:
    """Which figures may be used: up to a date, or just those that a study was made with.

    `until` is compared as text with reference dates ("2021" keeps 2021-12-31 and 2021/2 out of what
    is later); `pins` holds the checksum of each table.
    """

    until: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)


_SELECTION: ContextVar[Selection | None] = ContextVar("selection", default=None)
_REMEMBERED: list[Callable[[], None]] = []


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Compute once for the figures in use; :func:`using` and new files start afresh."""
    cached = functools.cache(function)
    _REMEMBERED.append(cached.cache_clear)
    return functools.wraps(function)(cached)  # type: ignore[return-value]


def forget() -> None:
    """Drop what was computed from the figures so far."""
    for clear in _REMEMBERED:
        clear()


@contextmanager
def using(selection: Selection) -> Iterator[None]:
    """Answer :func:`table` within a selection of figures; the one before comes back at the end."""
    before = _SELECTION.set(selection)
    forget()
    try:
        yield
    finally:
        _SELECTION.reset(before)
        forget()


@dataclass(frozen=True)
class _Choice:
    """What stands behind a table: the shipped one, or files of the user's."""

    source: Source
    token: str
    files: tuple[Kept, ...] = ()


def _later(date: str, limit: str) -> bool:
    """Tell whether a reference date is after a limit that may be a year only."""
    return date[: len(limit)] > limit


@remembered
def _choice(name: str) -> _Choice:
    selection = _SELECTION.get() or Selection()
    ships = _Choice(shipped.source_of(name), str(shipped.package()[name]["hash"]))
    own = _own_choices(name, ships)
    if name in selection.pins:
        wanted = selection.pins[name]
        for choice in (ships, *own):
            if choice.token == wanted:
                return choice
        raise StudyError(f"i dati di «{name}» che lo studio usa non ci sono")
    if selection.until:
        own = [one for one in own if not _later(one.source.reference_date, selection.until)]
    newer = [one for one in own if one.source.reference_date >= ships.source.reference_date]
    return newer[-1] if newer else ships


def _own_choices(name: str, ships: _Choice) -> list[_Choice]:
    recipe = recipes.RECIPES.get(name)
    # A table of every edition needs them all: one more file of the user's does not make it anew.
    if recipe is None or recipe.every:
        return []
    return [
        _Choice(one.source, f"sha256:{one.source.checksum}", (one,))
        for one in kept(recipe.source)
        if one.source.checksum != ships.source.checksum
    ]


def table(name: str) -> pd.DataFrame:
    """Return a table of figures, typed; codes are text, blank numbers NaN.

    Parameters
    ----------
    name : str
        A resource of ``datasets/datapackage.json`` ("incomes").

    Returns
    -------
    DataFrame
        The user's newer edition where there is one, else the shipped table.

    Examples
    --------
    >>> table("evictions").set_index("province_abbreviation").loc["MB", "orders"].item()
    710.0
    """
    choice = _choice(name)
    if not choice.files:
        return shipped.table(name)
    combine = recipes.RECIPES[name].combine
    return combine([read(one) for one in choice.files])


def source_of(name: str) -> Source:
    """Return the source of a table, with the date and checksum of the edition in use."""
    return _choice(name).source


def tokens() -> dict[str, str]:
    """Return the checksum of each table in use, by which a study pins it."""
    return {name: _choice(name).token for name in shipped.package()}


def lacking(pins: Mapping[str, str]) -> list[str]:
    """Return the tables of which the edition that a study was made with is not at hand."""
    at_hand = {}
    for name in shipped.package():
        ships = _Choice(shipped.source_of(name), str(shipped.package()[name]["hash"]))
        at_hand[name] = {one.token for one in (ships, *_own_choices(name, ships))}
    return sorted(name for name, token in pins.items() if token not in at_hand.get(name, ()))


# What a limit of dates speaks of: figures, not lists of places and their codes.
_DATED = (
    "municipalities", "population", "incomes", "rents", "rents_growth", "evictions",
    "evictions_series", "accommodation",
)  # fmt: skip


def later_than(until: str) -> list[str]:
    """Return the tables of figures in use that are later than a date; none if it is empty."""
    if not until:
        return []
    dates = {
        name: re.split(r" \+ |-(?=\d{4})", source_of(name).reference_date)[-1] for name in _DATED
    }
    return [f"{name} ({date})" for name, date in dates.items() if _later(date, until)]


def cited() -> dict[str, Source]:
    """Return the sources of the tables in use by id."""
    used = [source_of(name) for name in shipped.package()]
    return {one.id: one for one in used}


def status() -> pd.DataFrame:
    """List the tables: where they come from, rows, reference date, publisher, licence, bytes.

    Returns
    -------
    DataFrame
        Indexed by table; `origin` is "shipped" or "user".
    """
    rows = {}
    for name, resource in shipped.package().items():
        choice = _choice(name)
        files = [one.path for one in choice.files] or [shipped.folder() / f"{name}.csv"]
        rows[name] = {
            "title": resource["title"],
            "origin": "user" if choice.files else "shipped",
            "rows": sum(one.rows for one in choice.files) or resource["rows"],
            "reference_date": choice.source.reference_date,
            "publisher": choice.source.publisher,
            "licence": choice.source.licence,
            "bytes": sum(path.stat().st_size for path in files),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")


def unused() -> list[Kept]:
    """Return the user's files that stand behind no table: older editions, or only kept so far."""
    used = {one.path for name in shipped.package() for one in _choice(name).files}
    return [one for one in kept() if one.path not in used]


__all__ = [
    "Selection",
    "cited",
    "forget",
    "remembered",
    "source_of",
    "status",
    "table",
    "tokens",
    "unused",
    "using",
]
