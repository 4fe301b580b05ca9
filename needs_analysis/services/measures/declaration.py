"""How a measure of the services is declared: once, with its rule, unit, words and how it may be told.

The families of rules (one file each) declare theirs when they are imported; whatever lists measures
is made from here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Concatenate, Literal, ParamSpec, Protocol, TypeAlias, cast

import pandas as pd

from needs_analysis.services.files.schema import Period, Register, Stays
from needs_analysis.services.measures import folding
from needs_analysis.services.measures.records import Records, no_register, stays_of
from needs_analysis.services.measures.window import Tally, Window, window_of
from needs_analysis.words import ITALIAN, Voice

# --- how a measure may be told where it is published ---------------------------------------------
# Tables are those of counts that are handed out; an empty value stands for all that one counts.


@dataclass(frozen=True)
class Count:
    """It is a count of a table: told where that count is."""

    table: str
    value: str = ""


@dataclass(frozen=True)
class Share:
    """It is a share of two counts of a table: told where both are."""

    table: str
    over: tuple[str, ...]
    under: str = ""


@dataclass(frozen=True)
class Rests:
    """It is no count of persons, and is told where the persons that it rests on are enough.

    Parameters
    ----------
    table, value : str
        The count of these persons.
    amounts : tuple of str
        What it tells of a service's books: those are audited beside the counts, and given up.
    own : bool
        The table is made of the measure's own rows.
    counted : bool
        What it counts says no more than its result, and is told.
    over_persons : bool
        What it is over counts persons: told only where that is the count of the table.
    """

    table: str
    value: str = ""
    amounts: tuple[Literal["fees", "days", "nights", "places"], ...] = ()
    own: bool = False
    counted: bool = False
    over_persons: bool = True


@dataclass(frozen=True)
class Whole:
    """No table splits it: it is told of the network as a whole, where it rests on enough.

    Parameters
    ----------
    of : str, optional
        Which part counts those that it rests on, and is told; none: it rests on everybody.
    stays : bool
        They are stays of the period: what several deliveries tell of them is held together.
    """

    of: Literal["numerator", "denominator"] | None = None
    stays: bool = False


@dataclass(frozen=True)
class Open:
    """It is about services and places, not about persons: always told."""


@dataclass(frozen=True)
class Untold:
    """It is never told, and why."""

    why: str


Telling: TypeAlias = Count | Share | Rests | Whole | Open | Untold

# --- rules and measures --------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """How measures are counted: a stable name, a version that grows, one sentence.

    The numbers of a rule (730 days, 18 months, the bands of returns) belong to its definition:
    whoever changes one gives the rule a new version, and two runs tell which of them moved a figure.

    Parameters
    ----------
    name, version, text
        The sentence is Italian, marked for the catalogues.
    reads : mapping of str to tuple of str
        What it reads beside a row: the table and its fields, all of them where none is named.

    Examples
    --------
    >>> RULES["bed_nights"].version
    1
    """

    name: str
    version: int
    text: str
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One printed figure: unit, label, how it may be told, what fills the label's places, its rule.

    Without a way of telling there is no measure: it would be hidden for ever, and nobody would know.
    """

    name: str
    unit: str
    label: str
    told: Telling
    values: Mapping[str, str | int] = field(default_factory=dict)
    rule: str = ""

    def label_in(self, voice: Voice = ITALIAN) -> str:
        """Return the label as it is printed.

        Examples
        --------
        >>> MEASURES["places_ready"].label_in(), MEASURES["returns_0_180_share"].label_in()
        ('Posti alla fine: pronto', 'Rientri fra 0 e 180 giorni')
        """
        said = {k: voice.say(v) if isinstance(v, str) else v for k, v in self.values.items()}
        return voice.say(self.label, **said)


RULES: dict[str, Rule] = {}
"""Every rule, in the order of print."""
MEASURES: dict[str, Measure] = {}
"""Every measure that `monitor` prints, in the order of print."""
TALLIES: dict[str, Callable[[Window], Iterator[Tally]]] = {}
"""The rows of each rule, by the rule's name."""

Options = ParamSpec("Options")


class Summary(Protocol[Options]):
    """A rule as a function: the figures over all stays of a period."""

    def __call__(
        self,
        stays: Stays | pd.DataFrame,
        period: Period,
        *args: Options.args,
        **options: Options.kwargs,
    ) -> pd.DataFrame:
        """Return a row a measure: numerator, denominator, value, low, high, note."""


class SummaryWithPlaces(Protocol):
    """A rule that counts places too, as a function."""

    def __call__(
        self, register: Register, stays: Stays | pd.DataFrame, period: Period
    ) -> pd.DataFrame:
        """Return a row a measure: numerator, denominator, value, low, high, note."""


def declare(declared: Rule, *measures: Measure) -> None:
    """Add a rule and its measures to those that are printed.

    Raises
    ------
    TypeError
        At import, when a rule or measure is declared twice, or has no words or no way of telling.
    """
    names = [one.name for one in measures]
    wrong = [name for name in names if name in MEASURES or names.count(name) > 1]
    wrong += [one.name for one in measures if not (one.unit and one.label)]
    wrong += [one.name for one in measures if not isinstance(one.told, Telling)]
    if declared.name in RULES or not declared.text:
        wrong.append("the rule itself")
    if wrong:
        said = "declared twice, or without words or a way of telling"
        raise TypeError(f"rule {declared.name}: {said}: {', '.join(wrong)}")
    RULES[declared.name] = declared
    MEASURES.update({one.name: replace(one, rule=declared.name) for one in measures})


def rule(
    declared: Rule, *measures: Measure
) -> Callable[[Callable[Concatenate[Window, Options], Iterator[Tally]]], Summary[Options]]:
    """Declare what a function counts in a window of days, and return it as a function of stays.

    Parameters
    ----------
    declared : Rule
        How it counts.
    measures : Measure
        What it yields, in the order of print.

    Returns
    -------
    callable
        From the counting function of a window, and options, to that of stays, a period and the same
        options; the docstring is that of the latter.
    """

    def public(
        counted: Callable[Concatenate[Window, Options], Iterator[Tally]],
    ) -> Summary[Options]:
        declare(declared, *measures)
        TALLIES[declared.name] = cast("Callable[[Window], Iterator[Tally]]", counted)

        @wraps(counted)
        def summary(
            stays: Stays | pd.DataFrame,
            period: Period,
            *args: Options.args,
            **options: Options.kwargs,
        ) -> pd.DataFrame:
            records = records_of(stays)
            return _figures(records, counted(window_of(records, period), *args, **options))

        own = list(inspect.signature(counted).parameters.values())[1:]
        _shown_as(summary, ("stays", "period"), own)
        return summary

    return public


def rule_of_places(
    declared: Rule, *measures: Measure
) -> Callable[[Callable[[Window], Iterator[Tally]]], SummaryWithPlaces]:
    """Declare what a function counts, as :func:`rule`: one that needs the register too."""

    def public(counted: Callable[[Window], Iterator[Tally]]) -> SummaryWithPlaces:
        declare(declared, *measures)
        TALLIES[declared.name] = counted

        @wraps(counted)
        def summary(
            register: Register, stays: Stays | pd.DataFrame, period: Period
        ) -> pd.DataFrame:
            records = Records(register, stays_of(stays))
            return _figures(records, counted(window_of(records, period)))

        _shown_as(summary, ("register", "stays", "period"), [])
        return summary

    return public


def _shown_as(
    summary: Callable[..., pd.DataFrame], names: tuple[str, ...], own: list[inspect.Parameter]
) -> None:
    """Let a function's help show the parameters it has, not those of what it wraps."""
    kinds = {"register": Register, "stays": Stays | pd.DataFrame, "period": Period}
    first = [
        inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=kinds[name])
        for name in names
    ]
    summary.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*first, *own], return_annotation=pd.DataFrame
    )


def records_of(stays: Stays | pd.DataFrame) -> Records:
    """Return the records of stays alone: without a register no place is known."""
    known = stays_of(stays)
    nowhere = known.stays.assign(place_code=pd.Series(index=known.stays.index, dtype="str"))
    return Records(no_register(known), Stays(nowhere, known.activities, known.absences))


def _figures(records: Records, tallies: Iterator[Tally]) -> pd.DataFrame:
    """Return the figures over all of one rule's tallies."""
    blocks = [block for tally in tallies for block in folding.at(records, tally, "all")]
    columns = ["numerator", "denominator", "value", "low", "high", "note"]
    return folding.joined(blocks).set_index("measure")[columns]
