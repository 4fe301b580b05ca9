"""The only reader of ``parameters.csv``: every threshold, price and legal number, dated and sourced."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from math import inf, isfinite
from numbers import Real

from needs_analysis.errors import Messages, ParameterError, Problem, Refused, wanted
from needs_analysis.process import public
from needs_analysis.words import N_

__all__ = ["table", "values"]
__dir__ = public(__all__)

problem = Messages(
    "parameters",
    {
        "unknown": N_("parametro «{name}» sconosciuto; quelli esistenti: {known}"),
        "no_number": N_("{name} è {value}: non è un numero"),
        "no_whole": N_("{name} è {value}: deve essere un numero intero; il più vicino è {near}"),
        "per_cent": N_(
            "{name} è {value}: deve stare fra {low} e {high}; {value} per cento si scrive {near}"
        ),
        "between": N_(
            "{name} è {value}: deve stare fra {low} e {high}; il valore ammesso più vicino è {near}"
        ),
        "inside": N_("{name} è {value}: deve stare fra {low} e {high}, estremi esclusi"),
        "at_least": N_("{name} è {value}: deve essere da {low} in su"),
        "at_most": N_("{name} è {value}: deve essere al massimo {high}"),
        "below": N_("{name} è {value}: deve stare sotto {high}"),
        "above": N_("{name} è {value}: deve superare {low}"),
        "order": N_("{name} è {value}: supera {other}, che è {most}; cambiare anche quello"),
        "of_row": N_("{what} (fonte: {source})"),
    },
)


@dataclass(frozen=True)
class Range:
    """The numbers that may stand in a place: a parameter, or an option of a method.

    Parameters
    ----------
    low, high : float
        Ends; infinite where there is none.
    above, below : bool
        Whether the lower, the upper end itself is excluded.
    whole : bool
        Whether only whole numbers count.
    share : bool
        A share of one: what was written per cent is answered with the share.

    Examples
    --------
    >>> print(Range(0.25, 0.4, share=True).wrong("rent_share", 30))
    rent_share è 30: deve stare fra 0,25 e 0,40; 30 per cento si scrive 0,30
    >>> Range(1, whole=True).wrong("draws", 10)
    """

    low: float = -inf
    high: float = inf
    above: bool = False
    below: bool = False
    whole: bool = False
    share: bool = False

    def __contains__(self, value: float) -> bool:
        """Say whether a number may stand there."""
        return (
            (self.low < value if self.above else self.low <= value)
            and (value < self.high if self.below else value <= self.high)
            and not (self.whole and value % 1)
        )

    def wrong(self, name: str, value: object) -> Problem | None:
        """Return what is wrong with a value and the nearest cure; None where nothing is."""
        if not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value):
            return problem("no_number", name=name, value=repr(value))
        number = float(value)
        if number in self:
            return None
        said: dict[str, object] = {"name": name}
        said["value"] = int(number) if number % 1 == 0 else number
        if self.share and number >= 2 and number / 100 in self:
            ends = {"low": self._shown(self.low), "high": self._shown(self.high)}
            return problem("per_cent", near=self._shown(number / 100), **said, **ends)
        if self.whole and number % 1 and self.low <= number <= self.high:
            return problem("no_whole", near=round(number), **said)
        return self._beyond(number, said)

    def _beyond(self, number: float, said: dict[str, object]) -> Problem:
        low, high = self._shown(self.low), self._shown(self.high)
        under = number <= self.low
        if self.above and self.below:
            return problem("inside", low=low, high=high, **said)
        if self.below and not under:
            return problem("below", high=high, **said)
        if isfinite(self.low) and isfinite(self.high) and not (under and self.above):
            return problem("between", low=low, high=high, near=low if under else high, **said)
        if not under:
            return problem("at_most", high=high, **said)
        return problem("above" if self.above else "at_least", low=low, **said)

    def _shown(self, number: float) -> object:
        """Write a share with two decimals at least, another number as it is."""
        if self.share and number % 1 and round(number, 2) == number:
            return Decimal(f"{number:.2f}")
        return int(number) if isfinite(number) and number % 1 == 0 else number


SHARE = Range(0, 1, share=True)
INSIDE_SHARE = Range(0, 1, above=True, below=True, share=True)
POSITIVE = Range(0, above=True)
COUNT = Range(1, whole=True)
SEEDS = Range(0, whole=True)

# What each unit of the table allows where its row says no more.
UNITS = {
    "share": Range(0, 1, above=True, share=True),
    "m2": POSITIVE,
    "eur": POSITIVE,
    "ratio": POSITIVE,
    "standard deviations": POSITIVE,
    "requests a month": POSITIVE,
    "per 1000 residents": POSITIVE,
    "km": POSITIVE,
    "years": POSITIVE,
    "hours": POSITIVE,
    "days": POSITIVE,
    "points": Range(0, whole=True),
    **dict.fromkeys(
        ("taxpayers", "orders", "cases", "permutations", "persons", "households", "respondents", "types",
         "beds", "months", "groups"),
        COUNT,
    ),
}  # fmt: skip

# The first may not exceed the second.
_ORDERED = (
    ("modest_income_low_eur", "modest_income_high_eur"),
    ("reference_dwelling_net_m2", "reference_dwelling_gross_m2"),
)


def in_range(
    ranges: Mapping[str, Range], refused: type[Refused] = ParameterError, /, **given: object
) -> None:
    """Refuse options that are out of their ranges, all at once; one that is None was omitted.

    Parameters
    ----------
    ranges : mapping of str to Range
        By option.
    refused : type of Refused
        What is raised.
    **given
        The options.

    Examples
    --------
    >>> in_range({"draws": COUNT}, draws=1000)
    """
    found = (ranges[name].wrong(name, value) for name, value in given.items() if value is not None)
    if problems := [one for one in found if one]:
        raise refused(*problems)


@dataclass(frozen=True)
class Parameter:
    """One dated, sourced number; `low` and `high` are the least and the most a study may put there."""

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

    @property
    def range(self) -> Range:
        """Return what may be put in its place: the row's own ends, else those of its unit."""
        unit = UNITS[self.unit]
        return replace(
            unit,
            low=unit.low if self.low is None else self.low,
            high=unit.high if self.high is None else self.high,
            above=unit.above and self.low is None,
        )

    def holds(self, day: date) -> bool:
        """Say whether the row holds on a day: its first and last day are in."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def wrong(self, given: object) -> Problem | None:
        """Return what is wrong with a value in its place, and who says so; None where nothing is."""
        found = self.range.wrong(self.name, given)
        own = self.low is not None or self.high is not None
        if found is None or not own or found.code.endswith(("no_number", "no_whole")):
            return found
        return problem("of_row", what=found, source=self.source)


def named(found: Problem) -> str:
    """Return the name of the parameter that a problem of :func:`values` is of; empty for others."""
    return str(found.values.get("what", found).values.get("name", "")) if _ours(found) else ""


def _ours(found: Problem) -> bool:
    return found.code.startswith(f"{problem.floor}.")


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


def in_force(day: date | None = None) -> dict[str, Parameter]:
    """Return the row of each parameter that holds on a day.

    Parameters
    ----------
    day : date, optional
        When omitted, the rows without an end.

    Returns
    -------
    dict of str to Parameter
        By name; a parameter that does not hold on the day is not there.

    Examples
    --------
    >>> in_force()["reference_dwelling_gross_m2"].unit
    'm2'
    >>> in_force(date(1998, 12, 31))
    {}
    """
    return {
        row.name: row
        for row in table()
        if (row.valid_to is None if day is None else row.holds(day))
    }


def values(overrides: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the value in force of each parameter, with a study's overrides put over them.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Values that a study puts in the place of the table's.

    Returns
    -------
    dict of str to float
        One value a name: its row's :func:`in_force`.

    Raises
    ------
    ParameterError
        An override names no parameter, is no number or is out of its row's range: all are named, each
        with the nearest value that may stand there.

    Examples
    --------
    >>> values()["reference_dwelling_gross_m2"]
    75.0
    >>> values({"reference_dwelling_gross_m2": 80})["reference_dwelling_gross_m2"]
    80.0
    """
    rows = in_force()
    overrides = {} if overrides is None else overrides
    wanted(overrides, Mapping)
    known = tuple(sorted(rows))
    found = [
        rows[name].wrong(given) if name in rows else problem("unknown", name=name, known=known)
        for name, given in overrides.items()
    ]
    if problems := [one for one in found if one]:
        raise ParameterError(*problems)
    own = {name: row.value for name, row in rows.items()}
    own |= {name: float(given) for name, given in overrides.items()}
    if problems := [_over(own, *pair) for pair in _ORDERED if own[pair[0]] > own[pair[1]]]:
        raise ParameterError(*problems)
    return own


def _over(own: Mapping[str, float], name: str, other: str) -> Problem:
    return problem("order", name=name, value=own[name], other=other, most=own[other])


def value(name: str, given: float | None = None) -> float:
    """Return one parameter, or what is given in its place if it may stand there.

    Parameters
    ----------
    name : str
        Of the row.
    given : float, optional
        As a caller has it.

    Raises
    ------
    ParameterError
        As :func:`values`.

    Examples
    --------
    >>> value("treat_skewness_min"), value("treat_skewness_min", 3)
    (2.0, 3.0)
    """
    return values({} if given is None else {name: given})[name]
