"""Erlang B and C: exact rationals, the published cases, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from math import factorial, log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.services.capacity import queues

CHECKS = Path(__file__).parents[4] / "shared/checks/queue_erlang/expected.json"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")


def close(value: float) -> object:
    return pytest.approx(value, rel=1e-12, abs=1e-12)


@published
def test_published_cases():
    for row in json.loads(CHECKS.read_text())["rows"]:
        places, load = row["servers"], float(Fraction(row["offered"]))
        assert queues.erlang_b(places, load) == close(row["erlang_b"])
        assert queues.erlang_c(places, load) == close(row["erlang_c"])
        assert queues.mean_wait_days(places, load, 1.0) == close(row["Wq_in_service_times"])
        assert queues.mean_waiting(places, load) == close(row["Lq"])


def test_literature_by_hand():
    assert queues.erlang_c(2, 1.0) == close(1 / 3)
    assert queues.erlang_c(3, 2.0) == close(4 / 9)
    assert queues.mean_wait_days(1, 0.8, 1.0) == close(4.0)
    assert queues.erlang_b(0, 2.5) == 1.0


@given(st.integers(1, 40), st.fractions("1/10", 60, max_denominator=20))
def test_blocking_is_the_exact_rational(places, load):
    terms = [load**k / factorial(k) for k in range(places + 1)]
    assert queues.erlang_b(places, float(load)) == close(float(terms[-1] / sum(terms)))


@given(st.integers(1, 60), st.floats(0.05, 0.99), st.floats(1, 1000))
def test_littles_law_and_quantiles_agree(places, busy, stay):
    load = places * busy
    arrivals_per_day = load / stay
    mean = queues.mean_wait_days(places, load, stay)
    assert queues.mean_waiting(places, load) == pytest.approx(arrivals_per_day * mean, rel=1e-9)
    at = queues.wait_quantile_days(places, load, stay, 0.95)
    beyond = queues.waiting_longer_share(places, load, stay, at)
    waits = queues.erlang_c(places, load)
    assert beyond == pytest.approx(min(waits, 0.05), rel=1e-9)


def test_quantile_by_hand():
    # C(3, 2) = 4/9 and c - a = 1: exp(-t / s) 4/9 = 1/10
    assert queues.wait_quantile_days(3, 2.0, 365, 0.9) == close(365 * log(40 / 9))
    assert queues.wait_quantile_days(3, 2.0, 365, 0.5) == 0.0


def test_many_places_do_not_overflow():
    assert 0 < queues.erlang_b(5000, 4900.0) < 0.02
    assert queues.erlang_b(400, 1.0) == pytest.approx(0, abs=1e-300)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: queues.erlang_b(-1, 0), "places è -1: deve .*; load è 0: deve"),
        (lambda: queues.erlang_b(2, float("nan")), "load è nan: non è un numero"),
        (lambda: queues.erlang_c(3, 3.0), "ne servono almeno 4"),
        (lambda: queues.mean_wait_days(3, 2.0, 0), "stay_mean_days è 0: deve"),
        (lambda: queues.waiting_longer_share(3, 2.0, 1, -1), "days è -1: deve"),
        (lambda: queues.wait_quantile_days(3, 2.0, 1, 1.0), "share è 1: deve stare sotto 1"),
    ],
)
def test_refused(ask, said):
    with pytest.raises(ValueError, match=said):
        ask()
