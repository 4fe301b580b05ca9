"""Where a figure comes from: the source of the file, the operation that made the number."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from needs_analysis import parameters
from needs_analysis.figures import Displayed
from needs_analysis.process import public
from needs_analysis.words import ITALIAN, N_, Voice

__all__ = ["OPERATIONS", "Rows", "Source", "Trace"]
__dir__ = public(__all__)


@dataclass(frozen=True)
class Extent:
    """What a delivery of a source covers, as its publisher makes it.

    Parameters
    ----------
    italy : bool
        Whether every file covers all Italy; else any part of it, which is used where it covers.
    places : str
        The column, or the index, that names a row's municipality or province; "" where rows are no
        places (changes of codes, the years of a national series).
    """

    italy: bool
    places: str = "municipality_code"


@dataclass(frozen=True)
class Source:
    """An official publication, as it is cited under every table.

    Parameters
    ----------
    id : str
        Short name used in code and files ("mef_incomes").
    publisher, title : str
        As the publisher writes them, in Italian.
    reference_date : str
        What the figures refer to ("2018/2", "2021", "2022-01-01").
    licence : str
        Name of the licence or terms of use.
    attribution : str
        The words the publisher asks to be cited with.
    retrieval : str
        Where the publisher offers it.
    checksum : str
        SHA-256 of the file that was read, or of that and the year where the file holds several
        years; empty until it was read.
    said_by_user : bool
        Whether the file does not say its date, which is what the user said.
    """

    id: str
    publisher: str
    title: str
    reference_date: str
    licence: str
    attribution: str
    retrieval: str
    checksum: str = ""
    said_by_user: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name; that the date is the user's only where it is."""
        fields = asdict(self)
        return fields if self.said_by_user else {k: v for k, v in fields.items() if v is not False}

    def edition(self, voice: Voice = ITALIAN) -> str:
        """Say the reference date, and whether the user said it.

        Examples
        --------
        >>> Source("x", "", "", "2018-02-17", "", "", "", said_by_user=True).edition()
        "2018-02-17, data indicata dall'utente"
        """
        if self.said_by_user:
            return voice.say(N_("{day}, data indicata dall'utente"), day=self.reference_date)
        return self.reference_date or voice.say(N_("senza data"))


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "empty.csv")
    ...     _ = file.write_bytes(b"")
    ...     checksum(file)[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Operation:
    """What makes a figure of others: of columns in the panel, of numbers in a trace.

    Parameters
    ----------
    of : callable
        Of the inputs in their order.
    written : callable, optional
        Of the names of the inputs: the formula, as it stands in a trace.
    """

    of: Callable[..., Any]
    written: Callable[[Sequence[str]], str] = lambda names: ""  # noqa: ARG005


def _mean(*pairs: float) -> float:
    values, weights = pairs[::2], pairs[1::2]
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / math.fsum(weights)


def _share_written(names: Sequence[str]) -> str:
    total = " + ".join(names)
    return f"{f'({total})' if len(names) > 1 else total} * households / households_*"


OPERATIONS: Mapping[str, Operation] = {
    "as published": Operation(lambda value: value),
    "sum": Operation(lambda *values: sum(values), " + ".join),
    "lowest": Operation(min),
    "highest": Operation(max),
    "ratio": Operation(lambda amount, count: amount / np.where(count > 0, count, np.nan)),
    "product": Operation(lambda *values: math.prod(values), " * ".join),
    "sum of parts": Operation(
        lambda *pairs: math.fsum(v * s for v, s in zip(pairs[::2], pairs[1::2], strict=True))
    ),
    "share of a total": Operation(lambda total, part, base: total * part / base, _share_written),
    "mean weighted by residents of 2011": Operation(_mean),
    "mean weighted by households": Operation(_mean),
    "mean weighted by residents of zones": Operation(_mean),
    "household model": Operation(lambda found, *_: found),
    "midpoint": Operation(lambda low, high: (low + high) / 2),
    "net of taxes and surcharges": Operation(
        lambda income, tax, region, town, bonus: income - (tax + region + town) + bonus,
        lambda names: " - ".join(names[:-1]) + f" + {names[-1]}",
    ),
}
"""What a step of a trace does to its inputs; an indicator's own formula goes by its name."""


@dataclass(frozen=True)
class Rows:
    """The municipalities that one step of an area's trace puts together, a row each.

    Parameters
    ----------
    units, names : tuple of str
        Their codes and names.
    key : str
        The column of the table by which a row is found; "" of values that no table has.
    keys : tuple of str
        The row of each municipality, or its rows joined by " + "; "" where it has none.
    values : tuple of float
        NaN where it is missing.
    quality : tuple of str
        Of each value.
    counted : tuple of bool
        Whether the value was used: not if another one that the figure needs is missing.
    households : tuple of float
        The weights of a weighted mean; empty elsewhere.
    formula : str
        How a value is made of the columns of its row; "" where it is one of them.
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    key: str
    keys: tuple[str, ...]
    values: tuple[float, ...]
    quality: tuple[str, ...]
    counted: tuple[bool, ...]
    households: tuple[float, ...] = ()
    formula: str = ""

    def shown(self) -> list[int]:
        """Return the positions of the rows that are printed: the first ones, counted before others."""
        order = sorted(range(len(self.units)), key=lambda at: not self.counted[at])
        return order[:ROWS_SHOWN]

    def left_out(self) -> list[str]:
        """Return the codes of those that have a value and are not counted."""
        rows = zip(self.units, self.values, self.counted, strict=True)
        return [unit for unit, value, counted in rows if value == value and not counted]

    @property
    def columns(self) -> list[str]:
        """Return the names of what :meth:`listed` gives."""
        named = ["municipality_code", "row", "value", "quality"]
        return [*named, "households"] if self.households else named

    def about(self) -> dict[str, object]:
        """Return what the lists of :meth:`listed` are and how a row is found."""
        formula = {"formula": self.formula} if self.formula else {}
        return {"key": self.key, **formula, "columns": self.columns}

    def listed(self) -> list[list[object]]:
        """Return the rows as lists; NaN becomes None."""
        values = [None if value != value else value for value in self.values]
        weights = [self.households] if self.households else []
        rows = zip(self.units, self.keys, values, self.quality, *weights, strict=True)
        return [list(row) for row in rows]

    def lines(self, table: str, depth: int) -> list[str]:
        """Return the first rows as indented lines of text, and how many more there are."""
        out, indent, said = set(self.left_out()), "  " * depth, []
        for at in self.shown():
            about = [self.quality[at]]
            if self.key:
                row = f"{table}.csv, {self.key} {self.keys[at]}"
                about.append(row if self.keys[at] else "nessuna riga")
            about += [f"{self.households[at]:.0f} famiglie"] if self.households else []
            about += ["non contato: manca un altro dato"] if self.units[at] in out else []
            own = f"{self.names[at]} ({self.units[at]}) = {_written(self.values[at])}"
            said.append(f"{indent}{own}  [{'; '.join(about)}]")
        more = len(self.units) - ROWS_SHOWN
        return [*said, f"{indent}... e altri {more}"] if more > 0 else said


def _written(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return "n.d." if value != value else f"{value:.10g}"


ROWS_SHOWN = 10
"""Rows that a terminal and a page print of each step; ``provenance.json`` has all."""


@dataclass(frozen=True, repr=False)
class Trace(Displayed):
    """A figure with what it was made from, down to rows of published files.

    Parameters
    ----------
    name : str
        The figure: an indicator, a column of the panel, a column of a table, a parameter.
    value : float or str
        NaN where it is missing.
    operation : str
        What was done to `inputs`, a key of `OPERATIONS` or an indicator; "" for a leaf.
    quality, vintage : str
        As they are printed with the figure.
    inputs : tuple of Trace
        In the order in which the operation takes them.
    table, key : str
        For a leaf the table of ``datasets/`` and its row.
    source : Source, optional
        For a leaf the publication.
    rows : Rows, optional
        For a leaf of an area the municipalities that `operation` puts together.
    """

    name: str
    value: float | str
    operation: str = ""
    quality: str = ""
    vintage: str = ""
    inputs: tuple[Trace, ...] = ()
    table: str = ""
    key: str = ""
    source: Source | None = None
    rows: Rows | None = None

    def __repr__(self) -> str:
        """Say the figure and what it was made of; :meth:`lines` gives the tree."""
        made = f" = {self.operation}({', '.join(one.name for one in self.inputs[:4])})"
        value = _written(self.value)[:60]
        return f"<Trace: {self.name[:60]} = {value}{made[:160] if self.inputs else ''}>"

    def as_dict(self, shared: dict[str, Rows] | None = None) -> dict[str, object]:
        """Return the tree as plain mappings; what is empty is left out, NaN becomes None.

        Parameters
        ----------
        shared : dict, optional
            Takes the rows of municipalities, by column: the tree then only names them.
        """
        missing = isinstance(self.value, float) and self.value != self.value
        found: dict[str, object] = {"name": self.name, "value": None if missing else self.value}
        for field in ("operation", "quality", "vintage", "table", "key"):
            if getattr(self, field):
                found[field] = getattr(self, field)
        if self.source:
            found["source"] = self.source.as_dict()
        if self.rows:
            found["counted"] = sum(self.rows.counted)
            if self.rows.left_out():
                found["left_out"] = self.rows.left_out()
            if shared is None:
                found |= self.rows.about()
                found["rows"] = self.rows.listed()
            else:
                found["rows"] = self.name
                shared[self.name] = self.rows
        if self.inputs:
            found["inputs"] = [one.as_dict(shared) for one in self.inputs]
        return found

    def lines(self, depth: int = 0) -> list[str]:
        """Return the tree as indented lines of text."""
        said = f"{'  ' * depth}{self.name} = {_written(self.value)}"
        about = [text for text in (self.operation, self.quality, self.vintage) if text]
        if self.table:
            about.append(f"{self.table}.csv, {self.key}" if self.key else self.table)
        if self.source:
            about.append(
                f"{self.source.publisher}, {self.source.title} ({self.source.edition()}), "
                f"sha256 {self.source.checksum[:12]}"
            )
        if self.rows:
            about.append(f"{sum(self.rows.counted)} di {len(self.rows.units)} comuni")
            about += [f"ciascuno {self.rows.formula}"] if self.rows.formula else []
        own = f"{said}  [{'; '.join(about)}]" if about else said
        rows = self.rows.lines(self.table, depth + 1) if self.rows else []
        return [own, *rows, *(line for one in self.inputs for line in one.lines(depth + 1))]


PARAMETERS = "parameters"
"""The table of a leaf whose key is who says a number, in Italian: a page says it in its language."""


def of_parameters(values: Mapping[str, float]) -> tuple[Trace, ...]:
    """Return the leaves of some parameters: each with the number in force and its row's source.

    Parameters
    ----------
    values : mapping of str to float
        By name, in the order of the leaves.

    Examples
    --------
    >>> (leaf,) = of_parameters({"overburden_share": 0.4})
    >>> leaf.value, leaf.table, leaf.key[:8]
    (0.4, 'parameters', 'Eurostat')
    """
    rows = parameters.in_force()
    return tuple(
        Trace(one, value, table=PARAMETERS, key=rows[one].source) for one, value in values.items()
    )
