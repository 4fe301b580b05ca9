"""What an index is made of: a declaration that is checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from needs_analysis.indicators import registry


@dataclass(frozen=True)
class Component:
    """A part of the index: its indicators count alike."""

    name: str
    label_it: str
    label_en: str
    indicators: tuple[str, ...]

    @property
    def column(self) -> str:
        """Return the name of its score's column."""
        return f"{self.name}_score"


@dataclass(frozen=True)
class Spec:
    """An index: components count alike, and so do the indicators inside each.

    Parameters
    ----------
    name : str
        The score's column; ends in ``_score``.
    label_it, label_en : str
        As printed.
    components : tuple of Component
        Each with at least one indicator; an indicator stands in one component only.
    polarity : mapping of str to int, optional
        +1 or -1 for each indicator; the registry's when omitted.
    penalty : {"+", "-"}
        Whether imbalance between parts raises the score (a distress) or lowers it (a well-being).

    Raises
    ------
    ValueError
        With every problem of the declaration at once.

    Examples
    --------
    >>> DISTRESS.indicators[:2]
    ('rent_to_income_ratio', 'price_to_income_years')
    """

    name: str
    label_it: str
    label_en: str
    components: tuple[Component, ...]
    polarity: Mapping[str, int] = field(default_factory=dict)
    penalty: str = "+"

    def __post_init__(self) -> None:
        """Refuse an index that cannot be computed as declared."""
        problems = [f"{one.name} has no indicator" for one in self.components if not one.indicators]
        if not self.components:
            problems.append("no component")
        if not self.name.endswith("_score"):
            problems.append(f"name {self.name!r} does not end in _score")
        if self.penalty not in ("+", "-"):
            problems.append(f"penalty {self.penalty!r} is neither + nor -")
        names = self.indicators
        problems += [f"{n} stands twice" for n in sorted({n for n in names if names.count(n) > 1})]
        problems += [f"{n} has no polarity" for n in names if self.direction(n) not in (-1, 1)]
        if problems:
            raise ValueError(f"index {self.name}: {'; '.join(problems)}")

    @property
    def indicators(self) -> tuple[str, ...]:
        """Return the indicators of all components, in order."""
        return tuple(name for one in self.components for name in one.indicators)

    @property
    def scores(self) -> tuple[str, ...]:
        """Return the columns of the index and of its components."""
        return (self.name, *(one.column for one in self.components))

    def direction(self, indicator: str) -> int:
        """Return +1 where a high value raises the score, -1 where it lowers it, 0 if unknown."""
        known = registry()
        own = known[indicator].polarity if indicator in known else 0
        return self.polarity.get(indicator, own)


_AFFORDABILITY = Component(
    "affordability", "Canoni, prezzi e redditi", "Affordability",
    ("rent_to_income_ratio", "price_to_income_years", "below_rent_threshold_share"),
)  # fmt: skip
_INCOME = Component(
    "income_fragility", "Fragilità dei redditi", "Income fragility",
    ("low_income_share", "income_between_class_gini_ratio"),
)  # fmt: skip
_DEMOGRAPHY = Component(
    "demographic_fragility", "Fragilità demografica", "Demographic fragility",
    ("residents_75_over_share", "residents_85_over_share", "old_age_index_per_100"),
)  # fmt: skip
_PRESSURE = Component(
    "market_pressure", "Pressione del mercato", "Market pressure", ("accommodation_beds_per_1000",)
)
_SECURITY = Component(
    "security", "Sicurezza del titolo", "Security of tenure",
    ("eviction_orders_per_1000", "eviction_executions_per_1000"),
)  # fmt: skip

DISTRESS = Spec(
    "housing_distress_score", "Indice di disagio abitativo", "Housing distress index",
    (_AFFORDABILITY, _INCOME, _DEMOGRAPHY, _PRESSURE),
)  # fmt: skip
# Evictions are published by province: they may stand in an index of provinces only.
PROVINCIAL_DISTRESS = Spec(
    "provincial_distress_score", "Indice provinciale di disagio abitativo",
    "Provincial housing distress index",
    (_AFFORDABILITY, _INCOME, _DEMOGRAPHY, _PRESSURE, _SECURITY),
)  # fmt: skip
