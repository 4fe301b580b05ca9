"""A trace is worth its name if the figure can be made again from it."""

import math

import numpy as np
import pytest

import needs_analysis as na
from needs_analysis import composite, indicators, panel, tracing
from needs_analysis.errors import NeedsAnalysisError

# Merged since 2018 (weights), merged after 2022 (split beds), net rents, blank classes, a capital
# with a reliable split, Sud Sardegna, no rent, no report of evictions.
SPECIAL = (
    "108033", "108041", "015146", "100005", "087015", "111009", "007001", "096088", "013199",
    "086009", "012009", "075097", "092009",
)  # fmt: skip


@pytest.fixture(scope="module")
def national():
    return indicators.compute(panel.build())


def codes():
    drawn = np.random.default_rng(7).choice(panel.build().data.index, 12, replace=False)
    return [*(code for code in SPECIAL if code in panel.build().data.index), *map(str, drawn)]


def test_random_cells_of_a_briefing_are_made_again_from_their_traces(national):
    checked = 0
    for code in codes():
        for name, declared in indicators.registry().items():
            if declared.unit == "code":
                continue
            found = tracing.trace(code, name)
            printed = national.value(code, name)
            if math.isnan(printed):
                assert math.isnan(found.value), (code, name)
                continue
            assert found.value == pytest.approx(printed, rel=1e-12)
            assert tracing.recompute(found) == pytest.approx(printed, rel=1e-9), (code, name)
            checked += 1
    assert checked > 300


def test_every_column_of_the_panel_has_a_trace_that_makes_it_again():
    figures = panel.build()
    for code in ("108033", "096088", "007001"):
        for name in figures.data.columns:
            found = tracing.trace(code, name)
            if isinstance(found.value, str) or math.isnan(found.value):
                continue
            assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9), (code, name)


def test_the_index_is_made_again_from_indicators_and_goalposts():
    found = na.trace("Monza", "housing_distress_score")
    assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9)
    assert [one.name for one in found.inputs] == [
        one.column for one in composite.DISTRESS.components
    ]


def leaves(found):
    return [found] if not found.inputs else [x for one in found.inputs for x in leaves(one)]


def test_leaves_name_publisher_file_date_and_row():
    found = na.trace("108033", "rent_to_income_ratio")
    published = [one for one in leaves(found) if one.source]
    assert {one.source.publisher.split(" - ")[0] for one in published} == {
        "Agenzia delle Entrate",
        "Ministero dell'Economia e delle Finanze",
    }
    assert all(one.source.checksum and one.source.reference_date for one in published)
    assert {one.key for one in published} == {"cadastral_code F704"}
    assert "rents.csv, cadastral_code F704" in "\n".join(found.lines())
    assert found.as_dict()["inputs"][0]["name"] == "annual_rent_eur"


def test_an_allocated_figure_names_the_province_and_what_it_was_spread_over():
    found = na.trace("Monza", "eviction_orders")
    total, own, base = found.inputs
    # MB: 26 orders in the capital and 684 in the rest, over 56,209 of 381,293 households.
    assert (total.value, own.value, base.value) == (710.0, 56209.0, 381293.0)
    assert found.quality == "allocated"
    assert found.value == pytest.approx(710 * 56209 / 381293)


@pytest.mark.parametrize("place, figure", [("Monza", "nothing"), ("ambito:Monza", "households")])
def test_what_does_not_exist_is_said(place, figure):
    with pytest.raises(NeedsAnalysisError):
        tracing.trace(place, figure)


def test_a_study_with_its_own_parameters_is_traced_with_them():
    smaller = {"reference_dwelling_gross_m2": 50.0, "sustainable_rent_share": 0.25}
    found = tracing.trace("108033", "below_rent_threshold_share", smaller)
    figures = indicators.compute(panel.build(overrides=smaller), overrides=smaller)
    assert found.value == figures.value("108033", "below_rent_threshold_share")
    assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9)
    assert found.value != tracing.trace("108033", "below_rent_threshold_share").value
