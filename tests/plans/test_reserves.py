"""The case worked by hand from the law (checks/plan_reserves_lombardia), and what always holds."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_books import unit

from needs_analysis.errors import ParameterError
from needs_analysis.parameters import in_force
from needs_analysis.plans import RULES, counted_once, due, least_units, most_units

A, B, C = "108003", "108008", "108019"


def frame(*rows):
    return pd.DataFrame([*rows])


def units(rows, rule, owner="municipality"):
    found = due(rows)
    own = found[(found["rule"] == rule) & (found["owner"] == owner)]
    return dict(zip(own["municipality_code"], own["units"], strict=True))


@pytest.mark.parametrize(
    ("base", "least"), [(1, 1), (4, 1), (5, 1), (6, 2), (10, 2), (11, 3), (0, 0)]
)
def test_indigence_is_rounded_up(base, least):
    assert least_units(base, 0.2) == least
    assert units(frame(unit(A, units=float(base))), "indigence") == {A: least}


def test_aler_is_apart_in_each_municipality():
    rows = frame(
        *(unit(code, "aler", units=count) for code, count in ((A, 3.0), (B, 3.0), (C, 6.0)))
    )
    assert units(rows, "indigence", "aler") == {A: 1, B: 1, C: 2}
    assert least_units(12, 0.2) == 3  # taken together: the trap


def test_two_notices_are_one_year():
    rows = frame(unit(A, units=2.0, notice=1.0), unit(A, units=2.0, notice=2.0))
    assert units(rows, "indigence") == {A: 1}
    assert 2 * least_units(2, 0.2) == 2  # by notice: the trap


def test_caps_are_rounded_down():
    assert most_units(9, 0.2) == 1
    assert [most_units(base, 0.1) for base in (9, 10)] == [0, 1]


def test_one_cap_of_a_municipality_whoever_owns():
    rows = frame(unit(A, units=4.0), unit(A, "aler", units=5.0))
    assert units(rows, "police", "") == {A: 1}


def test_social_and_transitional_units_are_no_base():
    rows = frame(
        unit(A, units=5.0), unit(A, service="SAS", units=9.0), unit(A, service="SAT", units=9.0)
    )
    assert due(rows).set_index("rule")["base"].to_dict() == dict.fromkeys(RULES, 5.0)


def test_a_base_that_the_text_does_not_give_is_said_to_be_computed():
    # R.R. 4/2017 art. 13 gives that of indigence alone: 20 % of the units available in the year.
    assert {key for key, rule in RULES.items() if rule.base_given} == {"indigence"}
    assert all("alloggi SAP disponibili" in rule.base for rule in RULES.values())


def test_the_base_has_its_last_day():
    late = pd.Timestamp("2026-11-30")
    rows = frame(unit(A), unit(A, day=late))
    assert set(due(rows)["day"]) == {late}


def test_a_unit_renovated_and_freed_is_one():
    rows = frame(
        unit(A, origin="to_become_free", units=None, unit_code="X1"),
        unit(A, origin="renovation", units=None, unit_code="X1"),
        unit(A, origin="to_become_free", units=3.0, counted_elsewhere=1.0),
    )
    assert counted_once(rows)["counted"].tolist() == [0.0, 1.0, 2.0]
    assert due(rows)["base"].tolist() == [3.0] * 4


def test_rules_are_rows_with_their_source():
    rows = in_force()
    for rule in RULES.values():
        assert "4/2017" in rows[rule.parameter].source or "16/2016" in rows[rule.parameter].source
        assert rule.article
        assert rule.version
    assert [rows[rule.parameter].value for rule in RULES.values()] == [0.2, 0.2, 0.1, 0.2]
    assert rows["plan_indigence_isee_limit_eur"].value == 3000


@pytest.mark.parametrize("base", [-1, 1.5, "x"])
def test_a_base_is_a_whole_number(base):
    with pytest.raises(ParameterError):
        least_units(base, 0.2)


BASES, SHARES = st.integers(0, 5000), st.integers(0, 100).map(lambda one: one / 100)


@given(BASES, SHARES)
def test_rounding_is_within_a_unit_and_exact(base, share):
    low, high, per_cent = most_units(base, share), least_units(base, share), round(100 * share)
    assert low * 100 <= per_cent * base <= high * 100
    assert high - low in (0, 1)
    assert (high == low) == (per_cent * base % 100 == 0)
    assert high <= base


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_apart_is_never_less_than_together(counts):
    assert sum(least_units(one, 0.2) for one in counts) >= least_units(sum(counts), 0.2)
    assert sum(most_units(one, 0.2) for one in counts) <= most_units(sum(counts), 0.2)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), min_size=1, max_size=6), st.randoms()
)
def test_order_and_notices_do_not_matter(counts, random):
    rows = [unit(A, units=float(count), notice=float(notice)) for count, notice in counts]
    first = units(frame(*rows), "indigence")
    random.shuffle(rows)
    assert (
        units(frame(*rows), "indigence")
        == first
        == {A: least_units(sum(n for n, _ in counts), 0.2)}
    )
