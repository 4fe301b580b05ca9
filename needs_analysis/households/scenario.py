"""What the model assumes: each assumption low, central and high, a row of ``parameters.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace

from needs_analysis import parameters
from needs_analysis.errors import wanted
from needs_analysis.households.burden import Shape

DIRECTIONS: Mapping[str, int] = {
    "income_level_ratio": -1,
    "household_income_correlation_share": +1,
    "net_income_progressivity_share": -1,
    "rent_income_correlation_share": -1,
    "rent_range_share": +1,
    "rent_growth_since_quotes_share": +1,
    "renting_gradient_ratio": +1,
    "public_tenants": -1,
    "public_tenants_poorest_share": -1,
    "owners_overburden_share": -1,
    "reduced_rent_overburden_share": -1,
}
"""Every assumption, and whether more of it means more overburdened tenants (+1) or fewer (-1)."""


@dataclass(frozen=True)
class Scenario:
    """A value of every assumption; one that is left out is the central one of its row.

    Parameters
    ----------
    income_level_ratio, ..., reduced_rent_overburden_share : float, optional
        Rows of ``parameters.csv``, where each has its range and source; the low and high of a row are
        what may be put there.

    Raises
    ------
    ParameterError
        Values out of their ranges, all named, each with the nearest that may stand there.

    Examples
    --------
    >>> Scenario().rent_income_correlation_share, Scenario.low().rent_income_correlation_share
    (0.3, 0.6)
    >>> Scenario(rent_growth_since_quotes_share=15)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    needs_analysis.errors.ParameterError: rent_growth_since_quotes_share è 15: deve stare fra 0 e ...
    """

    income_level_ratio: float | None = None
    household_income_correlation_share: float | None = None
    net_income_progressivity_share: float | None = None
    rent_income_correlation_share: float | None = None
    rent_range_share: float | None = None
    rent_growth_since_quotes_share: float | None = None
    renting_gradient_ratio: float | None = None
    public_tenants: float | None = None
    public_tenants_poorest_share: float | None = None
    owners_overburden_share: float | None = None
    reduced_rent_overburden_share: float | None = None

    def __post_init__(self) -> None:
        """Take what is left out from the table, and refuse what is out of range."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        whole = parameters.values(given)
        for one in fields(self):
            object.__setattr__(self, one.name, whole[one.name])

    @classmethod
    def of(cls, overrides: Mapping[str, float] | None = None) -> Scenario:
        """Return the central scenario, with a study's parameters put over the rows."""
        overrides = {} if overrides is None else overrides
        wanted(overrides, Mapping)
        return cls(**{n: v for n, v in overrides.items() if n in DIRECTIONS})

    @classmethod
    def low(cls) -> Scenario:
        """Return the scenario with every assumption at the end that has fewer overburdened."""
        return cls(**{name: end(name, -1) for name in DIRECTIONS})

    @classmethod
    def high(cls) -> Scenario:
        """Return the scenario with every assumption at the end that has more overburdened."""
        return cls(**{name: end(name, +1) for name in DIRECTIONS})

    def varied(self, name: str) -> tuple[Scenario, Scenario]:
        """Return this scenario with one assumption at its low-burden and at its high-burden end."""
        return replace(self, **{name: end(name, -1)}), replace(self, **{name: end(name, +1)})

    def number(self, name: str) -> float:
        """Return the value of one assumption."""
        return float(getattr(self, name))

    def shape(self, values: Mapping[str, float]) -> Shape:
        """Return what every household of the model shares, given the parameters in force."""
        return Shape(
            income_level=self.number("income_level_ratio"),
            income_correlation=self.number("household_income_correlation_share"),
            progressivity=self.number("net_income_progressivity_share"),
            rent_correlation=self.number("rent_income_correlation_share"),
            declared_share=values["sustainable_rent_share"],
            net_share=values["overburden_share"],
            utilities_eur_month=values["rent_utilities_eur_month"],
        )


def end(name: str, direction: int) -> float:
    """Return the end of an assumption's range with fewer (-1) or more (+1) overburdened tenants.

    Examples
    --------
    >>> end("income_level_ratio", -1), end("rent_growth_since_quotes_share", -1)
    (1.256, 0.0)
    """
    row = parameters.in_force()[name]
    found = row.high if direction == DIRECTIONS[name] else row.low
    return row.value if found is None else found
