"""The methods of each stage by name, and how a declaration names one with its options."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.composite.aggregate import (
    ampi,
    ampi_contributions,
    arithmetic_contributions,
    arithmetic_mean,
    geometric_contributions,
    geometric_mean,
    harmonic_contributions,
    harmonic_mean,
    power_contributions,
    power_mean,
)
from needs_analysis.composite.benefit import benefit_of_doubt
from needs_analysis.composite.impute import (
    impute_em,
    impute_group_mean,
    impute_group_median,
    impute_mean,
    impute_median,
    impute_nearest,
)
from needs_analysis.composite.normalise import (
    normalise_ampi,
    normalise_borda,
    normalise_distance,
    normalise_goalposts,
    normalise_minmax,
    normalise_percentile_rank,
    normalise_rank,
    normalise_zscore,
)
from needs_analysis.composite.outranking import copeland, kemeny
from needs_analysis.composite.problems import RANGES, out_of_range, problem
from needs_analysis.composite.screen import screen_units
from needs_analysis.composite.treat import treat
from needs_analysis.composite.weigh import weigh_critic, weigh_entropy, weigh_equal, weigh_pca
from needs_analysis.errors import Problem

Function = Callable[..., Any]


def _preceding(parts: pd.DataFrame, weights: pd.Series | None = None) -> pd.Series:
    """Count the units that each precedes in the median ranking: high is first, as in every score."""
    places = kemeny(parts, weights)
    return places.count() - places


METHODS: dict[str, dict[str, Function | None]] = {
    "screen": {"none": None, "availability": screen_units},
    "impute": {
        "none": None,
        "mean": impute_mean,
        "median": impute_median,
        "group_mean": impute_group_mean,
        "group_median": impute_group_median,
        "nearest": impute_nearest,
        "em": impute_em,
    },
    "treat": {"none": None, "winsorise": treat},
    "normalise": {
        "none": None,
        "minmax": normalise_minmax,
        "zscore": normalise_zscore,
        "percentile_rank": normalise_percentile_rank,
        "rank": normalise_rank,
        "borda": normalise_borda,
        "distance": normalise_distance,
        "goalposts": normalise_goalposts,
        "ampi": normalise_ampi,
    },
    "weight": {
        "given": None,
        "equal": weigh_equal,
        "pca": weigh_pca,
        "entropy": weigh_entropy,
        "critic": weigh_critic,
    },
    "aggregate": {
        "arithmetic": arithmetic_mean,
        "geometric": geometric_mean,
        "harmonic": harmonic_mean,
        "power": power_mean,
        "ampi": ampi,
        "copeland": copeland,
        "kemeny": _preceding,
        "benefit_of_doubt": benefit_of_doubt,
    },
}

# The aggregations whose score is a sum of what each part contributed.
CONTRIBUTIONS: dict[Function, Function] = {
    arithmetic_mean: arithmetic_contributions,
    geometric_mean: geometric_contributions,
    harmonic_mean: harmonic_contributions,
    power_mean: power_contributions,
    ampi: ampi_contributions,
}

TRANSFORMS: dict[str, Function | None] = {
    "": None,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
}

# What the engine gives to a method itself; the rest of its parameters are options.
GIVEN = {
    "data",
    "parts",
    "base",
    "polarity",
    "weights",
    "groups",
    "base_groups",
    "goalposts",
    "reference",
    "overrides",
}


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _are_shares(value: Any) -> bool:
    return all(map(_is_number, value.values() if isinstance(value, Mapping) else (value,)))


# What an option is, by how its function declares it: the problem of one that is something else.
_KINDS = {
    "float": "no_number",
    "float | None": "no_number",
    "int": "no_whole",
    "int | None": "no_whole",
    "str": "no_text",
    "bool": "no_truth",
    "float | Mapping[str, float] | None": "no_shares",
}
_IS: dict[str, Callable[[Any], bool]] = {
    "no_number": _is_number,
    "no_whole": lambda value: isinstance(value, Integral) and not isinstance(value, bool),
    "no_text": lambda value: isinstance(value, str),
    "no_truth": lambda value: isinstance(value, bool),
    "no_shares": _are_shares,
}


def _written(one: inspect.Parameter) -> str:
    """Return how a function declares an option: what it does not say is said by its default."""
    declared = one.annotation if one.annotation is not one.empty else type(one.default)
    return str(getattr(declared, "__name__", declared))


@dataclass(frozen=True)
class Method:
    """A method of a stage, by name or as a function, with its options.

    Examples
    --------
    >>> print(*Method.of("normalise", {"method": "minmax", "hgh": 1}).problems())
    normalise: minmax non ha l'opzione «hgh» (ha low, high)
    """

    stage: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    function: Function | None = None

    @classmethod
    def of(cls, stage: str, given: object) -> Method:
        """Take a method, its name, a table with ``method`` and options, or a function."""
        if isinstance(given, Method):
            return given
        if isinstance(given, Mapping):
            options = dict(given)
            name = options.pop("method", "")
            if callable(name):
                return cls(stage, name.__name__, options, name)
            return cls(stage, str(name), options, METHODS[stage].get(str(name)))
        if callable(given):
            return cls(stage, getattr(given, "__name__", "function"), {}, given)
        return cls(stage, str(given), {}, METHODS[stage].get(str(given)))

    def problems(self, key: str = "") -> list[Problem]:
        """Return what is wrong with the name or the options, all at once.

        Parameters
        ----------
        key : str
            Where the method is declared; at its stage when empty.
        """
        stage, known = key or self.stage, METHODS[self.stage]
        if self.function is None and self.name not in known:
            return [problem("no_method", stage=stage, method=self.name, known=tuple(known))]
        allowed, named = self.allowed, {"stage": stage, "method": self.name}
        found = [
            problem("no_option", **named, option=option, known=allowed)
            if allowed
            else problem("no_options", **named, option=option)
            for option in self.options
            if option not in allowed
        ]
        for option, wanted in self._wanted.items():
            if option in self.options and not _IS[wanted](self.options[option]):
                value = str(self.options[option])
                found.append(problem(wanted, **named, option=option, found=value))
        if not found and self.function in known.values():
            beyond = out_of_range(**self._ranged)
            found += [problem("out_of_range", **named, what=one) for one in beyond]
        if "group" in allowed and "group" not in self.options:
            found.append(problem("no_group", **named))
        return found

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the names of the options it takes."""
        names = [name for name in self.parameters if name not in GIVEN]
        return (*(["group"] if "groups" in self.parameters else []), *names)

    @property
    def _wanted(self) -> dict[str, str]:
        """Return what is wrong with an option that is not of its kind, by option."""
        taken = inspect.signature(self.function).parameters.values() if self.function else ()
        kinds = {one.name: _KINDS.get(_written(one)) for one in taken if one.name not in GIVEN}
        return {"group": "no_text"} | {name: kind for name, kind in kinds.items() if kind}

    @property
    def _ranged(self) -> dict[str, Any]:
        """Return the options that have a range, those left out with their defaults."""
        taken = inspect.signature(self.function).parameters.values() if self.function else ()
        names = {one.name: one.default for one in taken if one.name not in GIVEN}
        return {name: x for name, x in {**names, **self.options}.items() if name in RANGES}

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of all that the function takes."""
        return tuple(inspect.signature(self.function).parameters) if self.function else ()

    def __call__(self, frame: pd.DataFrame, **given: Any) -> Any:
        """Call the function with its options and with those of ``given`` that it takes."""
        assert self.function is not None
        wanted = {name: value for name, value in given.items() if name in self.parameters}
        own = {name: value for name, value in self.options.items() if name != "group"}
        return self.function(frame, **wanted, **own)

    def as_mapping(self) -> str | dict[str, Any]:
        """Return it as a declaration in TOML has it."""
        return {"method": self.name, **self.options} if self.options else self.name
