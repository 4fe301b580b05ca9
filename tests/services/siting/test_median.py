"""Medians: every choice written out, what the bound leaves open, and what it does not settle."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.services.siting import median
from needs_analysis.services.siting import sites as siting


def choices(costs, fixed, count):
    """The worth of every choice, by its sites."""
    free = np.flatnonzero(~fixed)
    for more in combinations(free, count - int(fixed.sum())):
        chosen = fixed.copy()
        chosen[list(more)] = True
        yield chosen, costs[:, chosen].min(axis=1).sum()


@pytest.mark.parametrize("seed", range(12))
def test_against_every_choice(seed):
    # Costs of no plane: prices leave a gap in half of these.
    rng = np.random.default_rng(seed)
    costs = rng.integers(0, 6, (10, 9)).astype(float) if seed % 2 else rng.uniform(size=(12, 9))
    fixed = np.arange(9) < seed % 3
    count = 2 + seed % 3
    found = median.search(costs, fixed, count)
    every = list(choices(costs, fixed, count))
    least = min(worth for _, worth in every)
    assert found.chosen.sum() == count and found.chosen[fixed].all()
    assert found.worth == pytest.approx(costs[:, found.chosen].min(axis=1).sum())
    assert found.bound <= least * (1 + 1e-9) and found.worth >= least * (1 - 1e-9)
    for chosen, worth in every:
        if worth <= least * (1 + 1e-12):
            assert found.possible[chosen].all() and chosen[found.needed].all()
    need = pd.Series(1.0, index=range(len(costs)))
    answered = siting.p_median(
        need, pd.DataFrame(costs), count - int(fixed.sum()), [*range(seed % 3)]
    )
    assert (answered.objective, answered.gap) == (pytest.approx(least), 0.0)


def test_an_exchange_is_the_best_of_all():
    rng = np.random.default_rng(3)
    costs = rng.uniform(size=(30, 8))
    start, fixed = np.arange(8) < 3, np.arange(8) < 1
    _, worth = median._exchanged(costs, start, fixed)
    # No exchange of one for one, the fixed site apart, is better than where it ended.
    chosen, _ = median._exchanged(costs, start, fixed)
    for out in np.flatnonzero(chosen & ~fixed):
        for new in np.flatnonzero(~chosen):
            other = chosen.copy()
            other[[out, new]] = False, True
            assert costs[:, other].min(axis=1).sum() >= worth - 1e-12


def test_beyond_the_programme_the_gap_is_said(monkeypatch):
    costs = np.random.default_rng(9).integers(0, 6, (10, 9)).astype(float)
    none = np.zeros(9, dtype=bool)
    assert min(worth for _, worth in choices(costs, none, 2)) == 10
    monkeypatch.setattr(siting, "PAIRS_MAX", 89)
    found = siting.p_median(pd.Series(1.0, index=range(10)), pd.DataFrame(costs), 2)
    bound = median.search(costs, none, 2).bound
    assert 9 < bound < 9.6 and found.objective == 10
    assert found.gap == pytest.approx((10 - bound) / 10)


def test_need_that_is_at_the_sites_costs_nothing():
    apart = pd.DataFrame(1.0 - np.eye(3), index=list("abc"), columns=list("abc"))
    found = siting.p_median(pd.Series({"a": 2.0, "b": 0.0, "c": 1.0}), apart, 2)
    assert (found.sites.index.tolist(), found.objective, found.gap) == (["a", "c"], 0.0, 0.0)
