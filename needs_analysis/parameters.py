"""The only reader of ``parameters.csv``: every threshold, price and legal number, dated and sourced."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from math import isfinite

from needs_analysis.errors import ParameterError, Table, wanted
from needs_analysis.words import N_

problem = Table(
    "parameters",
    {
        "unknown": N_("parametro «{name}» sconosciuto; quelli esistenti: {known}"),
        "no_number": N_("parametro «{name}»: {value} non è un numero"),
        "not_positive": N_("parametro «{name}»: {value} deve essere maggiore di zero"),
    },
)


@dataclass(frozen=True)
class Parameter:
    """One dated, sourced number; `low` and `high` bound it where the source gives a range."""

    name: str
    area: str
    value: float
    low: float | None
    high: float | None
    unit: str
    valid_from: date
    valid_to: date | None
    source: str
    note: str


@cache
def table() -> tuple[Parameter, ...]:
    """Return every row of ``parameters.csv``, in file order."""
    text = resources.files("needs_analysis").joinpath("parameters.csv").read_text("utf-8")
    return tuple(
        Parameter(
            name=row["name"],
            area=row["area"],
            value=float(row["value"]),
            low=float(row["low"]) if row["low"] else None,
            high=float(row["high"]) if row["high"] else None,
            unit=row["unit"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            source=row["source"],
            note=row["note"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def values(overrides: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the value in force of each parameter, with a study's overrides put over them.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Values that a study puts in the place of the table's.

    Returns
    -------
    dict of str to float
        One value a name; where a name has several rows, the one without an end date.

    Raises
    ------
    ParameterError
        An override names no parameter, or is no number.

    Examples
    --------
    >>> values()["reference_dwelling_gross_m2"]
    75.0
    >>> values({"reference_dwelling_gross_m2": 80})["reference_dwelling_gross_m2"]
    80.0
    """
    found = {row.name: row.value for row in table() if row.valid_to is None}
    units = {row.name: row.unit for row in table()}
    overrides = {} if overrides is None else overrides
    wanted(overrides, Mapping)
    for name, value in overrides.items():
        if name not in found:
            raise ParameterError(problem("unknown", name=name, known=tuple(sorted(found))))
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isfinite(value):
            raise ParameterError(problem("no_number", name=name, value=repr(value)))
        if value < 0 or (value == 0 and units[name] != "points"):
            raise ParameterError(problem("not_positive", name=name, value=value))
        found[name] = float(value)
    return found
