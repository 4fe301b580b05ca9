"""The methods of each stage by name, and how a declaration names one with its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
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
from needs_analysis.composite.screen import screen_units
from needs_analysis.composite.treat import treat
from needs_analysis.composite.weigh import weigh_critic, weigh_entropy, weigh_equal, weigh_pca

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


@dataclass(frozen=True)
class Method:
    """A method of a stage, by name or as a function, with its options.

    Examples
    --------
    >>> Method.of("normalise", {"method": "minmax", "hgh": 1}).problems()
    ["normalise: minmax has no option 'hgh' (it has low, high)"]
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

    def problems(self) -> list[str]:
        """Return what is wrong with the name or the options, all at once."""
        known = METHODS[self.stage]
        if self.function is None and self.name not in known:
            return [
                f"{self.stage}: there is no method {self.name!r} (there are {', '.join(known)})"
            ]
        allowed = self.allowed
        problems = [
            f"{self.stage}: {self.name} has no option {option!r}"
            f" (it has {', '.join(allowed) or 'none'})"
            for option in self.options
            if option not in allowed
        ]
        problems += [
            f"{self.stage}: {self.name}, {option} {value!r} is no number"
            for option, value in self.options.items()
            if option in self._numbers and (isinstance(value, bool) or not isinstance(value, Real))
        ]
        if "group" in allowed and "group" not in self.options:
            problems.append(f"{self.stage}: {self.name} needs group, the column of the groups")
        return problems

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the names of the options it takes."""
        names = [name for name in self.parameters if name not in GIVEN]
        return (*(["group"] if "groups" in self.parameters else []), *names)

    @property
    def _numbers(self) -> set[str]:
        """Return the options whose default is a number."""
        if self.function is None:
            return set()
        taken = inspect.signature(self.function).parameters.values()
        return {
            one.name
            for one in taken
            if isinstance(one.default, int | float) and not isinstance(one.default, bool)
        }

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
