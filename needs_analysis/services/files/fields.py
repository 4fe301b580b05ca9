"""What a column of the templates may hold, and the table that it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.services.files.problems import problem

_SHORT_LIST = 3
"""Up to how many voices of a list a message names; beyond, it says where the list is."""

Kind = Literal["code", "text", "guest", "household", "municipality", "date", "number", "integer",
               "yes_no", "choice", "choices"]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column: our name, the Italian header, what it may hold and how it is explained.

    Parameters
    ----------
    name : str
        Our column.
    header : str
        The header of the template's column.
    kind : str
        "guest" and "household" are replaced by pseudonyms on reading; "choices" is several codes
        joined by ";"; the others say what they are.
    note : str
        What to write, as said under the header.
    choices : mapping of str to str
        Code to label, of a "choice" or "choices".
    low, high : float
        Bounds of a number, both allowed.
    required : bool
        Whether the cell may not stay blank.
    refers : str
        The table whose index the value must be in.
    of_body : bool
        Whether the cells name a body or an office, never a person.
    """

    name: str
    header: str
    kind: Kind
    note: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    required: bool = False
    refers: str = ""
    of_body: bool = False

    @property
    def personal(self) -> bool:
        """Whether the cells name a guest or a household."""
        return self.kind in ("guest", "household")

    @property
    def dtype(self) -> str:
        """Return the pandas type of the column."""
        if self.kind == "date":
            return "datetime64[ns]"
        if self.kind in ("number", "integer"):
            return "float64"
        if self.kind == "yes_no":
            return "bool" if self.required else "boolean"
        return "str"

    @property
    def expected(self) -> Problem:
        """Return what the cells must hold, as the end of a sentence; a long list is not repeated."""
        if self.choices and len(self.choices) <= _SHORT_LIST:
            return self.listed
        if self.choices:
            kind = "some_of_list" if self.kind == "choices" else "one_of_list"
            return problem(kind, many=len(self.choices))
        if self.kind in ("number", "integer"):
            if self.low is None:
                return problem(self.kind)
            if self.high is None:
                return problem(f"{self.kind}_from", low=self.low)
            return problem(f"{self.kind}_between", low=self.low, high=self.high)
        kinds = {"date": "date", "yes_no": "yes_or_no", "municipality": "municipality"}
        return problem(kinds.get(self.kind, "text"))

    @property
    def listed(self) -> Problem:
        """Return what the cells must hold with every voice of its list."""
        if not self.choices:
            return self.expected
        labels = tuple(f"«{one}»" for one in self.choices.values())
        return problem("some_of" if self.kind == "choices" else "one_of", choices=labels)


@dataclass(frozen=True)
class TableSchema:
    """One sheet or CSV file: our name, the Italian one, the columns; one of them may be the index."""

    name: str
    sheet: str
    title: str
    fields: tuple[Field, ...]
    index: str = ""
    about_persons: bool = False

    def field(self, name: str) -> Field:
        """Return one column's declaration."""
        return next(one for one in self.fields if one.name == name)

    @property
    def columns(self) -> list[str]:
        """Return our names of the columns, without the index."""
        return [one.name for one in self.fields if one.name != self.index]


def out_of_bounds(one: Field, cells: pd.Series) -> np.ndarray:
    """Return which cells of a typed column are numbers that its declaration does not allow.

    Examples
    --------
    >>> beds = Field("beds", "posti letto", "integer", low=0)
    >>> out_of_bounds(beds, pd.Series([2.0, 2.5, -1.0, np.nan])).tolist()
    [False, True, True, False]
    """
    wrong = np.zeros(len(cells), dtype=bool)
    if one.kind not in ("number", "integer"):
        return wrong
    numbers = cells.to_numpy(dtype=float)
    if one.low is not None:
        wrong |= numbers < one.low
    if one.high is not None:
        wrong |= numbers > one.high
    if one.kind == "integer":
        wrong |= (numbers != np.floor(numbers)) & ~np.isnan(numbers)
    return wrong
