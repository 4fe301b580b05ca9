"""The municipalities of 1 January 2022 and how names are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.territory import municipalities, normalise


def test_the_country_is_whole():
    units = municipalities()
    assert len(units) == 7904
    assert units["households"].sum() == 26_206_246
    assert units["resident_population"].sum() == 59_030_133
    assert units["province_code"].nunique() == 107
    assert units["region_code"].nunique() == 20
    assert units["is_capital"].sum() >= 107


def test_codes_are_six_digits_of_text_unique_and_sorted():
    index = municipalities().index
    assert index.name == "municipality_code"
    assert index.is_unique and index.is_monotonic_increasing
    assert index.str.fullmatch(r"\d{6}").all()
    assert index[0] == "001001"


def test_naples_keeps_its_abbreviation():
    units = municipalities()
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert (units["province_abbreviation"] == "NA").sum() == 92


def test_a_caller_cannot_change_the_table():
    mine = municipalities()
    mine.loc["108033", "households"] = 0
    assert municipalities().loc["108033", "households"] == 56209


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("reggio nell`emilia", "Reggio nell'Emilia"),
        ("FORLI'-CESENA", "Forlì-Cesena"),
        ("L'aquila", "L'Aquila"),
        ("Valle d’Aosta", "VALLE D'AOSTA"),
        ("Sudtirol", "Südtirol"),
        ("  San   Donà di Piave ", "San Dona' di Piave"),
        ("REGGIO DI  CALABRIA", "Reggio di Calabria"),
        ("Weißenbach", "WEISSENBACH"),
    ],
)
def test_what_publishers_write_differently_is_the_same(left, right):
    assert normalise(left) == normalise(right)


def test_different_names_stay_different():
    assert normalise("Monza") != normalise("Monzambano")
    assert normalise("San Remo") != normalise("Sanremo")


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
