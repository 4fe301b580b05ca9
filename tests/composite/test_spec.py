"""What an index may be made of."""

from __future__ import annotations

import pytest

from needs_analysis import indicators
from needs_analysis.composite import DISTRESS, PROVINCIAL_DISTRESS, Component, Spec


def part(*names: str) -> Component:
    return Component("part", "parte", "part", names)


def test_the_index_that_ships():
    assert {one.name: one.indicators for one in DISTRESS.components} == {
        "affordability": (
            "rent_to_income_ratio",
            "price_to_income_years",
            "below_rent_threshold_share",
        ),
        "income_fragility": ("low_income_share", "income_between_class_gini_ratio"),
        "demographic_fragility": (
            "residents_75_over_share",
            "residents_85_over_share",
            "old_age_index_per_100",
        ),
        "market_pressure": ("accommodation_beds_per_1000",),
    }
    assert DISTRESS.penalty == PROVINCIAL_DISTRESS.penalty == "+"
    assert set(DISTRESS.indicators) <= set(indicators.registry())
    assert all(DISTRESS.direction(name) == 1 for name in DISTRESS.indicators)


def test_evictions_stand_in_the_provincial_index_only():
    evictions = {"eviction_orders_per_1000", "eviction_executions_per_1000"}
    assert evictions <= set(PROVINCIAL_DISTRESS.indicators)
    known = indicators.registry()
    assert all(known[name].level == "municipality" for name in DISTRESS.indicators)


def test_a_component_names_its_column():
    assert part("a").column == "part_score"


def test_directions_come_from_the_registry_unless_given():
    spec = Spec("x_score", "x", "x", (part("affordable_surface_m2", "rent_to_income_ratio"),))
    assert spec.direction("affordable_surface_m2") == -1
    turned = Spec(
        "x_score", "x", "x", (part("rent_to_income_ratio"),), {"rent_to_income_ratio": -1}
    )
    assert turned.direction("rent_to_income_ratio") == -1


def test_every_problem_is_said_at_once():
    with pytest.raises(ValueError) as error:
        Spec("index", "x", "x", (part("a", "a", "residents_per_km2"), part()), penalty="*")
    said = str(error.value)
    for problem in (
        "part has no indicator",
        "'index' does not end in _score",
        "penalty '*'",
        "a stands twice",
        "a has no polarity",
        "residents_per_km2 has no polarity",  # it gives context only
    ):
        assert problem in said
    with pytest.raises(ValueError, match="no component"):
        Spec("x_score", "x", "x", ())
