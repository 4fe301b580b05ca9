"""Numbers, articles and days as they are printed."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.words import ITALIAN, Voice


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (266.5, 0, "267"),
        (5.5, 0, "6"),
        (-2.5, 0, "-3"),
        (0.125, 2, "0,13"),
        (2.675, 2, "2,68"),  # its binary value is a little less: Excel prints 2,68
        (100 * 0.285, 0, "29"),  # 28.499999999999996
        (-0.2, 0, "0"),
        (34497.5, 2, "34.497,50"),
    ],
)
def test_a_half_goes_away_from_zero(value, decimals, printed):
    assert ITALIAN.number(value, decimals) == printed


@given(st.decimals(-10_000, 10_000, places=3), st.integers(0, 2))
def test_numbers_are_rounded_by_their_decimal_text(value, decimals):
    exact = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert Decimal(Voice("en").number(float(value), decimals).replace(",", "")) == exact


def test_infinity_is_printed():
    assert ITALIAN.number(float("inf")) == "∞"


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ("sono il 91,3 %", "sono il 91,3 %"),
        ("sono il 8 %", "sono l'8 %"),
        ("il 11,5 %", "l'11,5 %"),
        ("il 1,5 %", "l'1,5 %"),
        ("il 0,5 %", "lo 0,5 %"),
        ("del 0,5 %", "dello 0,5 %"),
        ("Al 0 %", "Allo 0 %"),
        ("il 1.200", "il 1.200"),
        ("il 1° gennaio", "il 1° gennaio"),
        ("il 100 %", "il 100 %"),
    ],
)
def test_articles_are_those_of_the_number_as_it_is_read(plain, said):
    assert ITALIAN.elided(plain) == said


def test_what_is_no_day_stays():
    for text in ("2025", "2023-24", "2025-13", "totale", ""):
        assert ITALIAN.short_date(text) == text
