"""Rent against income: cases that can be worked out, properties, the prototype's figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.households import burden, incomes, renting, rents, sizes, sobol
from needs_analysis.households.places import AMOUNTS, COUNTS

PLAIN = burden.Shape(income_level=1.0, progressivity=0.0, rent_correlation=0.0)
NO_LIMITS = np.array([5e3, 1e4, 2e4, 4e4])


def singles(rate=10.0, low=10.0, high=10.0, dwelling=30.0):
    """Return one municipality of a hundred people alone with incomes even on 0-10,000."""
    own = incomes.fit([[0, 100, 0, 0, 0, 0, 0, 0]], [[0, 5e5, 0, 0, 0, 0, 0, 0]])
    return burden.Municipalities(
        incomes=own,
        households=np.array([[100.0, 0, 0, 0, 0, 0]]),
        earners=np.array([[1.0, 0, 0, 0, 0, 0]]),
        dwelling_m2=np.full((1, 6), dwelling),
        net_share=np.array([0.8]),
        rates=rents.rates([rate], [low], [high]),
    )


def test_one_rent_and_even_incomes_by_hand():
    # The rent is 12 x 10 x 30 = 3,600: over 30 % of all, over 40 % of a net income of 9,000 x 0.8.
    found = burden.burdens(singles(), burden.points(1_024), PLAIN, NO_LIMITS)
    assert found.over_declared.sum(axis=2)[0, 0] == pytest.approx(1.0, abs=0.002)
    less = burden.burdens(singles(dwelling=15.0), burden.points(1_024), PLAIN, NO_LIMITS)
    assert less.over_declared.sum(axis=2)[0, 0] == pytest.approx(0.6, abs=0.002)  # 1,800 / 0.3
    assert less.over_net.sum(axis=2)[0, 0] == pytest.approx(0.5625, abs=0.002)  # 1,800 / 0.4 / 0.8
    assert less.share[0, 0] == pytest.approx([0.625, 0.375, 0, 0, 0], abs=0.002)  # net up to 8,000


def test_rents_even_between_their_quotes_by_hand():
    # Rent even on 900-2,700 a year, income Y even on 0-10,000: P(rent > 0.32 Y) is the mean rent
    # over 3,200.
    found = burden.burdens(singles(10, 5, 15, 15.0), burden.points(1_024), PLAIN, NO_LIMITS)
    assert found.over_net.sum(axis=2)[0, 0] == pytest.approx(1_800 / 3_200, abs=0.002)


def test_the_total_of_net_income_is_kept():
    here = singles()
    shape = replace(PLAIN, income_level=1.2, progressivity=0.15)
    gross = burden.household_incomes(here, burden.points(256))
    level = burden.net_levels(here, gross, shape)
    net = level[:, None, None] * burden.net_shape(gross, 0.15)
    assert net[0, 0].mean() == pytest.approx(1.2 * 0.8 * gross[0, 0].mean(), rel=1e-12)


def test_a_net_income_has_the_declared_one_it_came_from():
    asked = np.array([0.0, 10.0, 499.0, 501.0, 20_000.0])
    assert burden.income_of(burden.net_shape(asked, 0.15), 0.15) == pytest.approx(asked, rel=1e-12)


@pytest.mark.parametrize(("count", "seed"), [(1, 1), (128, 1), (1_024, 1), (1_024, 77)])
def test_points_are_those_of_scipy_to_the_last_bit(count, seed):
    from scipy.stats import qmc

    drawn = qmc.Sobol(sobol.DIMENSIONS, rng=np.random.default_rng(seed)).random(count)
    assert (sobol.scrambled(count, seed) == drawn).all()


def test_points_are_joined_by_their_correlation():
    from scipy.special import ndtri

    scores = ndtri(burden.points(4_096, correlation=0.2))
    assert np.corrcoef(scores.T)[np.triu_indices(4, 1)] == pytest.approx(0.2, abs=0.02)
    assert (burden.points(64) == burden.points(64)).all()


@pytest.fixture(scope="module")
def prototype(national):
    """Return the municipalities of the prototype, as its page describes them."""
    frame = national.data[national.data["rent_eur_m2_month"].notna()]
    own = incomes.fit(frame[COUNTS], frame[AMOUNTS])
    top = frame["income_over_120k_eur"] / frame["declarants_over_120k"]
    own = replace(own, tails=(top / (top - 120_000)).clip(lower=1.2).fillna(2.6).to_numpy())
    shares = sizes.size_shares(frame["resident_population"] / frame["households"])
    held = shares * frame["households"].to_numpy()[:, None]
    net = np.where(frame["rent_surface_code"] == "N", 0.8, 1.0)[:, None]
    rates = (frame[f"rent_{one}eur_m2_month"] for one in ("", "low_", "high_"))
    return frame.index, burden.Municipalities(
        own, held, sizes.earners(own.declarants, held), net * [38, 45, 60, 70, 80, 90],
        (frame["net_income_eur"] / frame["taxable_income_eur"]).to_numpy(), rents.rates(*rates),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "correlation", "over_declared", "over_net", "milano", "roma"),
    [(1.0, 0.0, 20.9, 16.3, 42, 43), (1.0, 0.6, 17.9, 13.3, 34, 35), (1.128, 0.6, 15.5, 11.2, 28, 29),
     (1.256, 0.6, 13.7, 9.8, 25, 25), (1.128, 0.3, 17.1, 12.8, 33, 34)],
)  # fmt: skip
def test_the_prototype_of_all_italy(
    prototype, level, correlation, over_declared, over_net, milano, roma
):
    codes, places = prototype
    shape = burden.Shape(
        income_level=level, rent_correlation=correlation, declared_level=level
    )  # fmt: skip
    ranks = burden.points(256)
    # The mean of a household's income is that of its size.
    means = places.incomes.means[:, None] * places.earners
    levels = level * places.net_share[:, None] * means**0.15
    limits = burden.band_limits(places, ranks[:128], shape)
    found = burden.burdens(places, ranks, shape, limits, levels)
    weights = places.households[:, :, None] * np.asarray(renting.FIFTHS)
    held = (weights * found.share).sum(axis=(1, 2))
    net = (weights * found.over_net).sum(axis=(1, 2))
    declared = (weights * found.over_declared).sum(axis=(1, 2))
    assert 100 * declared.sum() / held.sum() == pytest.approx(over_declared, abs=0.5)
    assert 100 * net.sum() / held.sum() == pytest.approx(over_net, abs=0.5)
    for code, share in (("015146", milano), ("058091", roma)):
        at = codes.get_loc(code)
        assert 100 * net[at] / held[at] == pytest.approx(share, abs=1.2)  # of 256 points
    if (level, correlation) == (1.128, 0.3):
        persons = np.asarray(sizes.SIZES)[:, None] * weights
        rate = (persons * found.over_net).sum() / (persons * found.share).sum()
        assert 100 * rate == pytest.approx(9.0, abs=0.5)


@given(st.integers(0, 2**32 - 1))
def test_neither_order_nor_partition_changes_a_municipality(seed):
    draw = np.random.default_rng(seed)
    counts = draw.integers(1, 5_000, (21, 8)).astype(float)
    low, high = np.asarray(incomes.LIMITS[:-1]), np.asarray(incomes.LIMITS[1:])
    means = np.column_stack([np.zeros(21), *(low + draw.uniform(0.1, 0.9, (21, 6)) * (high - low)).T,
                             np.full(21, 200_000.0)])  # fmt: skip
    held = draw.uniform(10, 3_000, (21, 6))
    mean = draw.uniform(3, 15, 21)
    own = incomes.fit(counts, counts * means)
    places = burden.Municipalities(
        own, held, sizes.earners(own.declarants, held), np.full((21, 6), 50.0),
        draw.uniform(0.7, 0.9, 21), rents.rates(mean, 0.7 * mean, 1.8 * mean),
    )  # fmt: skip
    ranks, shape = burden.points(64), burden.Shape()
    limits = burden.band_limits(places, ranks, shape)
    whole = burden.burdens(places, ranks, shape, limits)
    order = draw.permutation(21)
    assert (burden.band_limits(places.rows(order), ranks, shape) == limits).all()
    for some in (order, order[:3], [7]):
        part = burden.burdens(places.rows(some), ranks, shape, limits)
        assert (part.over_net == whole.over_net[some]).all()
        assert (part.over_declared == whole.over_declared[some]).all()
    assert whole.share.sum(axis=2) == pytest.approx(1, abs=1e-12)
    for one in (whole.over_net, whole.over_declared):
        assert (one >= 0).all() and (one <= whole.share + 1e-12).all()
