"""Every number that is not data has a row, a source and a date."""

from __future__ import annotations

import math

import pytest

from needs_analysis import parameters
from needs_analysis.errors import ParameterError


def test_every_row_is_complete_and_its_range_holds_its_value():
    rows = parameters.table()
    assert rows
    for row in rows:
        assert row.name and row.area and row.unit and row.source and row.note, row
        assert math.isfinite(row.value)
        assert row.low is None or row.low <= row.value
        assert row.high is None or row.value <= row.high
        assert row.valid_to is None or row.valid_from < row.valid_to


def test_one_row_a_name_is_in_force():
    open_ended = [row.name for row in parameters.table() if row.valid_to is None]
    assert len(open_ended) == len(set(open_ended))
    assert set(parameters.values()) == {row.name for row in parameters.table()}


def test_the_numbers_the_methods_name():
    values = parameters.values()
    assert values["reference_dwelling_gross_m2"] == 75
    assert values["reference_dwelling_net_m2"] == 60
    assert values["sustainable_rent_share"] == 0.30
    assert values["rent_scenario_increase_share"] == 0.30
    assert values["suppressed_class_max_taxpayers"] == 3
    assert (values["treat_skewness_min"], values["treat_kurtosis_min"]) == (2, 3.5)
    assert values["eviction_split_factor_max"] == 5
    assert values["eviction_series_count_min"] == 100
    assert values["eviction_series_rise_max_share"] == 3.0
    assert values["eviction_series_fall_max_share"] == 0.70


def test_an_override_stands_over_the_table_and_leaves_it_alone():
    assert parameters.values({"purchase_dwelling_m2": 90})["purchase_dwelling_m2"] == 90.0
    assert parameters.values()["purchase_dwelling_m2"] == 80.0


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ParameterError, match="«rent_share» sconosciuto.*sustainable_rent_share"):
        parameters.values({"rent_share": 0.3})


@pytest.mark.parametrize("value", ["0.3", True, None, math.nan, math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ParameterError, match="non è un numero"):
        parameters.values({"sustainable_rent_share": value})
