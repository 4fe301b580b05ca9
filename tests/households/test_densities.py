"""The densities inside classes of income: fractions by hand, fourteen municipalities, properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from needs_analysis import store
from needs_analysis.households import counted, density, incomes
from needs_analysis.households.places import AMOUNTS, COUNTS

CHECKS = Path(__file__).parents[3] / "shared" / "checks"
CLASSES, COUNTIES = CHECKS / "income_classes_mef", CHECKS / "binned_income_counties"
CODES = {"municipality_code": str}

here = pytest.mark.skipif(not CHECKS.is_dir(), reason="the reference cases lie beside the checkout")


def test_a_class_with_its_mean_in_the_middle_is_even():
    one = incomes.fit([[0, 100, 0, 0, 0, 0, 0, 0]], [[0, 5e5, 0, 0, 0, 0, 0, 0]])
    assert one.share_below([2_500.0])[0] == pytest.approx(0.25, abs=1e-15)
    assert one.quantile([0.25, 0.75]).round(6).tolist() == [[2_500.0, 7_500.0]]


def test_the_tail_is_a_pareto_of_its_mean():
    # Mean 240,000: exponent 2; a quarter of the tail is over 240,000, half of it is half of all.
    one = incomes.fit([[0, 0, 0, 0, 0, 0, 50, 50]], [[0, 0, 0, 0, 0, 0, 50 * 97_500, 50 * 240_000]])
    assert one.tails.tolist() == [2.0]
    assert one.share_below(240_000.0)[0] == pytest.approx(0.875, abs=1e-15)
    assert one.quantile([0.875])[0, 0] == pytest.approx(240_000, rel=1e-12)


def test_few_rich_lean_on_the_province():
    counts = [[0, 0, 0, 0, 0, 0, 0, 15], [0, 0, 0, 0, 0, 0, 0, 30]]
    amounts = [[0, 0, 0, 0, 0, 0, 0, 15 * 180_000], [0, 0, 0, 0, 0, 0, 0, 30 * 180_000]]
    found = incomes.fit(counts, amounts, province_tails=[300_000, 300_000]).tails
    assert found.tolist() == [240_000 / 120_000, 180_000 / 60_000]


def test_a_blank_class_leaves_a_low_and_a_high():
    # 10 under 10,000 and 10 in 26-55,000; the class between is blank: 0 to 3.
    counts = [[0, 10, 0, np.nan, 10, 0, 0, 0]]
    amounts = [[0, 5e4, 0, np.nan, 10 * 40_500, 0, 0, 0]]
    found = incomes.fit(counts, amounts).bounds_below([26_000.0])
    assert [part[0] for part in found] == [10 / 20, 10 / 20, 13 / 23]
    inside = incomes.fit(counts, amounts).bounds_below([20_000.0])
    assert [part[0] for part in inside] == [10 / 20, 10 / 23, 13 / 23]


def test_all_classes_blank_but_two():
    # 30 at 5,000 on average and 10 at 40,500: up to 18 more may stand in the six blank ones.
    blank = np.nan
    counts = [[blank, 30, blank, blank, 10, blank, blank, blank]]
    amounts = [[blank, 15e4, blank, blank, 405e3, blank, blank, blank]]
    own = incomes.fit(counts, amounts)
    found = own.bounds_below([26_000.0])
    assert found.central[0] == 0.75
    assert (found.low[0], found.high[0]) == (30 / (40 + 9), (30 + 9) / (40 + 9))
    assert np.isfinite(own.quantile([0.01, 0.5, 0.99])).all()


def test_who_has_no_income_is_below_any():
    one = incomes.fit([[25, 75, 0, 0, 0, 0, 0, 0]], [[-1e6, 75 * 5e3, 0, 0, 0, 0, 0, 0]])
    assert one.share_below([0.0]).tolist() == [0.25]
    assert one.quantile([0.2, 0.25]).tolist() == [[0.0, 0.0]]


@here
def test_fourteen_municipalities_have_the_shares_worked_out_beside():
    frame = pd.read_csv(CLASSES / "input.csv", dtype=CODES).set_index("municipality_code")
    own = incomes.fit(frame[COUNTS], frame[AMOUNTS])
    tilts = pd.read_csv(CLASSES / "expected_tilt.csv", dtype=CODES).set_index("municipality_code")
    assert np.abs(own.tilts - tilts.iloc[:, 1:7].to_numpy()).max() < 1e-6
    assert np.abs(own.tails - tilts.iloc[:, 7].to_numpy()).max() < 1e-6
    shares = pd.read_csv(CLASSES / "expected_shares.csv", dtype=CODES).pivot_table(
        index="municipality_code", columns="income_eur", values="share_below_maximum_entropy"
    )
    asked = np.tile(shares.columns.to_numpy(dtype=float), (len(frame), 1))
    assert np.abs(own.share_below(asked) - shares.loc[frame.index].to_numpy()).max() < 1e-6


def test_every_published_cell_of_italy_is_reproduced():
    frame = store.table("incomes")
    own = incomes.fit(frame[COUNTS], frame[AMOUNTS])
    means = own.limits[:-1] + np.diff(own.limits) * density.mean(own.tilts)
    amounts = frame[AMOUNTS].to_numpy()[:, 1:-1]
    held = amounts > 0
    assert held.sum() > 40_000
    summed = means * own.counts[:, 1:-1]
    assert np.abs(summed[held] / amounts[held] - 1).max() < 1e-9
    whole = np.diff(own.share_below(np.tile(own.limits, (len(frame), 1))), axis=1)
    counts = whole * own.declarants[:, None]
    assert np.abs(counts - own.counts[:, 1:-1]).max() < 1e-7  # of hundreds of thousands


@pytest.mark.parametrize(
    ("of", "now"), [("015146", 0.7055), ("058091", 0.7163), ("027042", 0.8903)]
)
def test_the_share_under_the_rent_is_that_of_the_classes(national, of, now):
    row = national.data.loc[[of]]
    own = incomes.fit(row[COUNTS], row[AMOUNTS])
    assert own.share_below(row["annual_rent_eur"] / 0.30)[0] == pytest.approx(now, abs=5e-5)


@st.composite
def classes(draw):
    """Draw some municipalities with means that their classes can have."""
    units = draw(st.integers(1, 4))
    counts = draw(arrays(float, (units, 8), elements=st.integers(0, 10**6).map(float)))
    counts[:, 1] += 1
    places = draw(arrays(float, (units, 6), elements=st.floats(0.001, 0.999)))
    tops = draw(arrays(float, units, elements=st.floats(121_000, 10**6)))
    low, high = np.asarray(incomes.LIMITS[:-1]), np.asarray(incomes.LIMITS[1:])
    amounts = np.column_stack(
        [np.zeros(units), counts[:, 1:-1] * (low + places * (high - low)), counts[:, -1] * tops]
    )
    return counts, amounts


@given(classes(), st.lists(st.floats(0, 10**6), min_size=2, max_size=6))
def test_shares_rise_from_0_to_1(cells, asked):
    own = incomes.fit(*cells)
    found = own.share_below(np.tile(np.sort(asked), (len(own), 1)))
    assert (found >= 0).all() and (found <= 1 + 1e-12).all()
    assert (np.diff(found, axis=1) >= -1e-12).all()


@given(classes(), st.lists(st.floats(0, 0.999), min_size=1, max_size=6))
def test_a_quantile_is_the_inverse_of_the_share(cells, shares):
    own = incomes.fit(*cells)
    back = own.share_below(own.quantile(shares))
    least = own.share_below(0.0)[:, None]
    assert np.abs(back - np.maximum(shares, least)).max() < 1e-6


@given(classes(), st.lists(st.floats(1, 10**6), min_size=1, max_size=3), st.data())
def test_blank_classes_hold_the_share_between_low_and_high(cells, asked, data):
    counts, amounts = cells
    blank = data.draw(arrays(bool, counts.shape))
    blank[:, 1] = False
    counts[blank] = amounts[blank] = np.nan
    found = incomes.fit(counts, amounts).bounds_below(np.tile(asked, (len(counts), 1)))
    assert (found.low <= found.central + 1e-12).all()
    assert (found.central <= found.high + 1e-12).all()


@given(classes(), st.randoms())
def test_neither_order_nor_company_changes_a_municipality(cells, random):
    counts, amounts = cells
    shares = np.linspace(0.01, 0.99, 33)
    whole = incomes.fit(counts, amounts).quantile(shares)
    order = list(range(len(counts)))
    random.shuffle(order)
    shuffled = incomes.fit(counts[order], amounts[order]).quantile(shares)
    assert (shuffled == whole[order]).all()
    alone = incomes.fit(counts[:1], amounts[:1]).quantile(shares)
    assert (alone == whole[:1]).all()


@given(st.floats(1e-6, 1 - 1e-6))
def test_the_tilt_has_the_mean_it_was_asked_for(position):
    assert density.mean(density.tilt([position]))[0] == pytest.approx(position, abs=1e-9)


@here
@pytest.mark.parametrize("fips", [1001, 6075, 6083, 12086, 17031, 36061, 48201, 30069])
def test_counts_and_one_mean_give_the_median_of_a_county(fips):
    bins = pd.read_csv(COUNTIES / "bins.csv").query("fips == @fips")
    known = pd.read_csv(COUNTIES / "published_mean_median_gini.csv").set_index("fips").loc[fips]
    limits = np.concatenate([[0.0], bins["bin_max"].to_numpy()[:-1] + 0.5])
    own = counted.through_counts(bins["households"], limits, known["mean_true"])
    off = abs(own.quantile(0.5)[0] / known["median_true"] - 1)
    assert off < (0.042 if fips == 30069 else 0.007)
    shares = (np.arange(4_000) + 0.5) / 4_000
    values = own.quantile(shares)
    gini = 2 * (shares * values).sum() / values.sum() - 1
    assert gini == pytest.approx(known["gini_true"], abs=0.018 if fips == 30069 else 0.011)
    assert np.abs(own.share_below(values) - shares).max() < 1e-9
