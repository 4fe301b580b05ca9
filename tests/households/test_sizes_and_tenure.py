"""Households by size, their earners, who rents and from whom, what they pay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs_analysis.households import renting, rents, sizes

SIZES = Path(__file__).parents[3] / "shared" / "checks" / "household_sizes_brescia"

amounts = arrays(float, (5, 6), elements=st.floats(1, 10**5))


@pytest.mark.skipif(not SIZES.is_dir(), reason="the reference cases lie beside the checkout")
def test_two_hundred_municipalities_have_the_sizes_of_their_mean():
    frame = pd.read_csv(SIZES / "observed_2021.csv", dtype={"codice_istat": str})
    counts = frame.filter(like="size_").drop(columns="mean_size_known").to_numpy(dtype=float)
    found = sizes.size_shares(frame["mean_size_known"], counts.sum(axis=0) / counts.sum())
    off = np.abs(found - counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    assert off[0] < 0.020
    assert (off < 0.022).all()
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-12)


@given(arrays(float, 4, elements=st.floats(1.01, 6.3)))
def test_shares_by_size_have_the_mean_size(means):
    found = sizes.size_shares(means)
    assert (found * np.asarray(sizes.SIZES)).sum(axis=1) == pytest.approx(means, abs=1e-9)


def test_earners_by_hand():
    # 160 declarants in 40 + 30 + 20 + 10 households: singles are full at 1, the rest scale by
    # (160 - 40) / (30 x 1.55 + 20 x 2 + 10 x 2.1) = 120 / 107.5.
    found = sizes.earners([160], [[40, 30, 20, 10, 0, 0]])[0]
    factor = 120 / 107.5
    assert found[:4] == pytest.approx([1, 1.55 * factor, 2 * factor, 2.1 * factor], abs=1e-12)


@given(amounts, st.floats(0.1, 1.9))
def test_every_declarant_has_a_household(held, per_household):
    people = np.minimum(
        per_household * held.sum(axis=1), (held * np.minimum(sizes.SIZES, 4)).sum(1)
    )
    found = sizes.earners(people, held)
    assert (found * held).sum(axis=1) == pytest.approx(people, rel=1e-9)
    assert (found <= np.minimum(sizes.SIZES, 4) + 1e-12).all()


def test_logits_of_a_region_move_alike_until_its_share_is_met():
    found = renting.raked_shares([0.0, 0.0, 3.0], [100.0, 300.0, 5.0], [0, 0, 1], [0.25, np.nan])
    assert found == pytest.approx([0.25, 0.25, 1 / (1 + np.exp(-3))], abs=1e-12)


@given(amounts, arrays(float, 5, elements=st.floats(0.02, 0.9)), st.floats(0.5, 1.5))
def test_bands_keep_the_renting_share_and_the_order_of_the_fifths(held, share, gradient):
    bands = held[:, :5]
    found = renting.shares_by_band(bands, share, gradient=gradient)
    assert (found * bands).sum(axis=1) == pytest.approx(share * bands.sum(axis=1), rel=1e-9)
    assert (np.diff(found, axis=1) < 0).all()


def test_public_homes_by_hand():
    # 12 homes, half of them for the poorest: 6 of the first 10 renters; 6 over the 34 that are left.
    found = renting.public_shares([[10, 10, 20]], [0], [12], 0.5)[0]
    assert found == pytest.approx([(6 + 4 * 6 / 34) / 10, 6 / 34, 6 / 34], abs=1e-12)


@given(amounts, st.floats(0, 1), st.floats(0, 10**6))
def test_public_tenants_are_as_many_as_the_homes_or_all_renters(held, poorest, homes):
    found = renting.public_shares(held, [0] * 5, [homes], poorest)
    assert (found >= 0).all() and (found <= 1 + 1e-12).all()
    assert (found * held).sum() == pytest.approx(min(homes, held.sum()), rel=1e-9, abs=1e-9)


def test_where_the_renting_share_is_known_it_stays_and_elsewhere_it_follows_its_likes():
    rows = [f"{n:06d}" for n in range(40)]
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(40, 5)), rows, list(renting.PREDICTORS))
    frame["households"] = 100.0
    logit = -1.4 + frame["log_density"] * 0.3 - frame["log_income"] * 0.2
    share = (1 / (1 + np.exp(-logit))).where(np.arange(40) < 30)
    found = renting.predicted_logits(frame, share)
    assert found.to_numpy() == pytest.approx(logit.to_numpy(), abs=1e-9)
    order = draw.permutation(40)
    again = renting.predicted_logits(frame.iloc[order], share.iloc[order])
    assert (again == found.iloc[order]).all()


def test_rents_keep_the_published_mean_between_their_quotes():
    own = rents.rates([10.0, 8.0], [5.0, 8.0], [25.0, 8.0], growth=0.5)
    asked = np.linspace(0, 40, 400_001)
    share = own.share_below(asked, np.zeros(len(asked), dtype=int))
    assert np.trapezoid(1 - share, asked) == pytest.approx(15.0, abs=1e-3)
    assert own.share_below([11.99, 12.01], [1, 1]).tolist() == [0.0, 1.0]  # one quote: one rent
    assert own.share_below([7.49, 37.6], [0, 0]).round(9).tolist() == [0.0, 1.0]


def test_a_dwelling_is_that_of_the_law():
    assert rents.dwelling_m2()[:5].tolist() == [28, 38, 42, 56, 66]
