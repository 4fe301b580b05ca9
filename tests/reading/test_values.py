import datetime as dt

import pytest

from needs_analysis.reading import day_of, number_of


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("1.234,5", 1234.5), ("1234,5", 1234.5), ("1234.5", 1234.5), ("1.234.567", 1_234_567.0),
        ("-12", -12.0), (",5", 0.5), ("1,2,3", None), ("1.23,4", None), ("12 ore", None), ("", None),
        ("nan", None), ("1e5", None), ("٣", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_hands_write_them(word: str, number: float | None) -> None:
    assert number_of(word) == number


def test_a_day_that_is_none_is_none() -> None:
    assert day_of("2024", "02", "29") == dt.date(2024, 2, 29)
    assert [day_of(2023, 2, 29), day_of(1899, 12, 31), day_of(2200, 1, 1)] == [None] * 3
