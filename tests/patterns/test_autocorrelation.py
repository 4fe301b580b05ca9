"""Spatial autocorrelation: by hand, against published values and esda, and what is refused."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import patterns
from needs_analysis.figures import Figures, Quality
from needs_analysis.patterns import autocorrelation
from needs_analysis.territory import neighbours, select
from needs_analysis.territory.neighbours import Neighbours

CHECKS = Path(__file__).parents[3] / "shared/checks/spatial_stats"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")


def graph_of(pairs: pd.DataFrame) -> Neighbours:
    from libpysal.graph import Graph

    one, other = (pairs[name].to_numpy() for name in ("focal", "neighbor"))
    return Neighbours(Graph.from_arrays(one, other, np.ones(len(pairs))))


def lattice(side: int) -> Neighbours:
    """Cells of a square, numbered by row, that share a side."""
    cells = [(row, column) for row in range(side) for column in range(side)]
    pairs = [
        (place, other)
        for place, (row, column) in enumerate(cells)
        for other, (down, right) in enumerate(cells)
        if abs(row - down) + abs(column - right) == 1
    ]
    return graph_of(pd.DataFrame(pairs, columns=["focal", "neighbor"]))


def case(name: str) -> tuple[pd.DataFrame, Neighbours, dict]:
    stem = name.split("_")[0]
    values = pd.read_csv(CHECKS / f"{stem}_values.csv", index_col="id")
    weights = pd.read_csv(CHECKS / f"{name}_weights.csv")
    return values, graph_of(weights), json.loads((CHECKS / "expected.json").read_text())


NINE = pd.Series(np.arange(1.0, 10.0))


@pytest.mark.slow
def test_three_by_three_by_hand():
    # z = y - 5 = -4..4, sum of squares 60; means of the cells that share a side:
    z = np.arange(-4, 5)
    lag = np.array([-2, -2, -1, -2 / 3, 0, 2 / 3, 1, 2, 2])
    # z lag = 8 + 6 + 2 + 2/3 + 0 + 2/3 + 2 + 6 + 8 = 100/3, so I = (100/3) / 60 = 5/9
    found = patterns.moran(NINE, lattice(3), permutations=99)
    assert found.statistic == pytest.approx(5 / 9)
    assert found.expected == -1 / 8
    assert (found.units, found.missing, found.alone) == (9, (), ())
    local = patterns.local_moran(NINE, lattice(3), permutations=99).frame
    assert local["lag"].tolist() == pytest.approx((lag + 5).tolist())
    assert local["local_i"].tolist() == pytest.approx((8 * z * lag / 60).tolist())


@published
@pytest.mark.parametrize(
    ("name", "column", "key"),
    [("stl", "HR8893", "stl_HR8893"), ("sids2", "SIDR74", "sids2_SIDR74")],
)
def test_published_moran(name, column, key):
    values, near, expected = case(name)
    found = patterns.moran(values[column], near, permutations=99)
    assert found.statistic == pytest.approx(expected[key]["I"])


@published
def test_published_moran_of_columbus():
    values, near, expected = case("columbus_queen")
    found = patterns.moran(values["CRIME"], near, permutations=99)
    assert found.statistic == pytest.approx(expected["columbus_queen_moran_CRIME_own"]["I"])


@published
def test_published_rate_moran():
    values, near, expected = case("sids2")
    found = patterns.moran_rate(values["SID79"], values["BIR79"], near, permutations=99)
    assert found.statistic == pytest.approx(expected["sids2_EB_rate_SID79_BIR79"]["I"])


@published
def test_pseudo_p_are_those_of_esda_on_the_same_draws(monkeypatch):
    import esda
    from esda.crand import vec_permutations

    values, near, _ = case("columbus_queen")
    y = values["CRIME"]
    monkeypatch.setattr(
        autocorrelation,
        "_draws",
        lambda n, most, count, seed: vec_permutations(most, n, count, seed),
    )
    found = patterns.local_moran(y, near, permutations=99, seed=7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # its p will become two-sided
        theirs = esda.Moran_Local(y.to_numpy(), near.graph, permutations=99, seed=7, n_jobs=1)
    assert found.frame["local_i"].to_numpy() == pytest.approx(theirs.Is)
    # theirs is of the nearer tail: ours twice that, at most 1
    assert found.frame["pseudo_p"].to_numpy() == pytest.approx(
        np.minimum(2 * theirs.p_sim, 1), abs=1e-6
    )


@pytest.mark.parametrize("levels", [3, 10_000])
def test_pseudo_p_are_those_of_every_draw_written_out(levels, monkeypatch):
    # 49 cells with two, three or four neighbours, more than are held at a time; with three levels
    # most draws have as much as the neighbours
    monkeypatch.setattr(autocorrelation, "_UNITS", 5)
    values = np.random.default_rng(4).integers(0, levels, 49).astype(float)
    near = lattice(7)
    draws = autocorrelation._draws(49, 4, 99, seed=3)
    z = (values - values.mean()) / values.std()
    expected = []
    for unit in range(49):
        neighbours = near.graph[unit].index
        others = np.delete(z, unit)
        drawn = [others[one[: len(neighbours)]].mean() for one in draws]
        own = z[neighbours].mean()
        above = sum(one >= own - 1e-9 for one in drawn)
        below = sum(one <= own + 1e-9 for one in drawn)
        expected.append(min(2 * (min(above, below) + 1) / 100, 1))
    found = patterns.local_moran(pd.Series(values), near, permutations=99, seed=3)
    assert found.frame["pseudo_p"].tolist() == expected


@pytest.mark.slow
def test_local_morans_add_up_to_moran():
    rng = np.random.default_rng(3)
    values = pd.Series(rng.normal(size=49))
    whole = patterns.moran(values, lattice(7), permutations=9).statistic
    local = patterns.local_moran(values, lattice(7), permutations=9).frame
    assert local["local_i"].sum() / 48 == pytest.approx(whole)


@pytest.mark.slow
def test_a_block_of_high_values_is_found_and_its_inside_alone():
    # 12 x 12 with noise and a block of 4 x 4 far above it; its 4 inner cells can pass 5 per cent of
    # 144 only where the smallest p is under 0.05 * 4 / 144
    rng = np.random.default_rng(5)
    grid = rng.normal(size=(12, 12))
    grid[4:8, 4:8] += 8
    found = patterns.local_moran(pd.Series(grid.ravel()), lattice(12), permutations=4999)
    inside = np.zeros((12, 12), dtype=bool)
    inside[5:7, 5:7] = True
    labels = found.frame["label"].to_numpy().reshape(12, 12)
    assert (labels[inside] == "high_high").all()
    assert (labels[:3] != "high_high").all() and (labels[9:] != "high_high").all()
    assert found.counts().sum() == 144


def test_noise_is_not_significant():
    rng = np.random.default_rng(11)
    found = patterns.local_moran(pd.Series(rng.normal(size=400)), lattice(20))
    assert (found.frame["label"] == "not_significant").mean() > 0.98
    assert patterns.moran(pd.Series(rng.normal(size=400)), lattice(20)).pseudo_p > 0.01


def test_the_threshold_is_benjamini_and_hochbergs():
    # 4 values at 5 per cent: bounds .0125 .025 .0375 .05; the third is the last that passes
    assert autocorrelation._threshold(np.array([0.9, 0.03, 0.01, 0.02]), 0.05) == pytest.approx(
        0.0375
    )
    assert autocorrelation._threshold(np.array([0.9, 0.5]), 0.05) == pytest.approx(0.025)


def test_a_unit_without_value_is_counted_and_leaves_its_neighbours():
    # a row of six, the second without value: the first is then alone
    pairs = [(place, place + step) for place in range(6) for step in (-1, 1)]
    row = graph_of(
        pd.DataFrame([pair for pair in pairs if 0 <= pair[1] < 6], columns=["focal", "neighbor"])
    )
    values = pd.Series([1.0, np.nan, 3.0, 9.0, 4.0, 7.0])
    found = patterns.local_moran(values, row, permutations=99)
    assert (found.missing, found.alone) == ((1,), (0,))
    assert found.frame.index.tolist() == [2, 3, 4, 5]
    assert found.frame["lag"].tolist() == [9.0, 3.5, 8.0, 4.0]
    absent = patterns.moran(values.dropna(), row, permutations=99)  # no row at all
    assert (absent.missing, absent.alone) == ((1,), (0,))


@pytest.mark.slow
def test_the_area_says_which_units_count(computed):
    area = select("provincia:Napoli")
    found = patterns.local_moran(computed.columns(["low_income_share"]), area)
    assert found.frame.index.tolist() == sorted(area.index)
    assert found.joined.loc["063061", "neighbour_name"] == "Ischia"
    same = patterns.local_moran(computed.columns(["low_income_share"]), neighbours(area))
    pd.testing.assert_frame_equal(same.frame, found.frame)


@pytest.mark.slow
@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.permutations(range(16)))
def test_the_order_of_rows_changes_no_digit(seed, order):
    values = pd.Series(np.random.default_rng(seed).normal(size=16))
    near = lattice(4)
    index, weights = near.graph.adjacency.index.to_frame(index=False), near.graph.adjacency
    turned = index.assign(weight=weights.to_numpy()).sample(frac=1, random_state=seed % 1000)
    other = graph_of(turned[turned["weight"] > 0])
    once = patterns.local_moran(values, near, permutations=49, seed=seed)
    again = patterns.local_moran(values.iloc[list(order)], other, permutations=49, seed=seed)
    pd.testing.assert_frame_equal(once.frame, again.frame, check_exact=True)
    whole = [
        patterns.moran(one, each, permutations=49, seed=seed)
        for one, each in ((values, near), (values.iloc[list(order)], other))
    ]
    assert (whole[0].statistic, whole[0].pseudo_p) == (whole[1].statistic, whole[1].pseudo_p)


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(st.integers(-100, 100).map(float), min_size=16, max_size=16).filter(
        lambda one: len(set(one)) > 1
    ),
    st.sampled_from([0.5, 2.0, 1024.0]),
    st.integers(-50, 50),
)
def test_unit_and_origin_do_not_matter(values, factor, shift):
    once = patterns.local_moran(pd.Series(values), lattice(4), permutations=49).frame
    moved = patterns.local_moran(
        pd.Series(values) * factor + shift, lattice(4), permutations=49
    ).frame
    assert moved["local_i"].tolist() == pytest.approx(once["local_i"].tolist(), abs=1e-9)
    assert moved["pseudo_p"].tolist() == once["pseudo_p"].tolist()
    assert once["pseudo_p"].between(2 / 50, 1).all()


def test_another_seed_draws_otherwise():
    values = pd.Series(np.random.default_rng(1).normal(size=49))
    one, other = (patterns.local_moran(values, lattice(7), seed=seed).frame for seed in (1, 2))
    assert (one["pseudo_p"] != other["pseudo_p"]).any()
    assert (one["pseudo_p"] - other["pseudo_p"]).abs().max() < 0.2


def test_numpys_own_generator_is_left_alone():
    np.random.seed(4)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    patterns.moran(NINE, lattice(3))
    patterns.local_moran(NINE, lattice(3))
    assert np.random.random() == expected  # noqa: NPY002


def test_what_cannot_be_computed_is_refused():
    with pytest.raises(ValueError, match="tutti i valori sono uguali"):
        patterns.moran(NINE * 0, lattice(3))
    with pytest.raises(ValueError, match="con un valore e un vicino sono 3, ne servono 4"):
        patterns.local_moran(NINE.iloc[[0, 1, 2]], lattice(3))
    with pytest.raises(ValueError, match="permutations 0"):
        patterns.moran(NINE, lattice(3), permutations=0)
    with pytest.raises(ValueError, match="fdr 5"):
        patterns.local_moran(NINE, lattice(3), fdr=5)


def test_allocated_values_are_refused_and_a_few_left_out():
    frame = NINE.to_frame("rent")
    whole = Figures.of(frame, quality=Quality.ALLOCATED)
    with pytest.raises(ValueError, match="rent: tutti i valori vengono"):
        patterns.local_moran(whole, lattice(3))
    grades = pd.DataFrame({"rent": np.zeros(9, dtype="int8")})
    grades.loc[4, "rent"] = Quality.ALLOCATED
    found = patterns.local_moran(Figures.of(frame, quality=grades), lattice(3), permutations=9)
    assert (found.allocated, found.missing, found.alone) == ((4,), (), ())
    assert 4 not in found.frame.index


def test_rates_by_hand():
    # rates 0.1 0.2 0.3 of 10, 20, 70 people: m = 26/100, sum b (r - m)^2 / 100 = 0.0044,
    # mean b = 100/3: s2 = 0.0044 - 0.26 * 3 / 100 = -0.0034, so 0: all get the mean
    events, people = pd.Series([1, 4, 21]), pd.Series([10, 20, 70])
    assert patterns.empirical_bayes_rate(events, people).tolist() == pytest.approx([0.26] * 3)
    # a hundred times as many: s2 = 0.0044 - 0.000078 = 0.004322
    s2 = 0.004322
    wanted = [
        0.26 + s2 / (s2 + 0.26 / b) * (r - 0.26) for r, b in ((0.1, 1000), (0.2, 2000), (0.3, 7000))
    ]
    found = patterns.empirical_bayes_rate(events * 100, people * 100)
    assert found.tolist() == pytest.approx(wanted)


@published
def test_rates_are_those_of_esda():
    from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes

    values, near, _ = case("sids2")
    values = values.sort_index()
    e, b = values["SID79"], values["BIR79"]
    theirs = Empirical_Bayes(e.to_numpy(), b.to_numpy()).r.ravel()
    assert patterns.empirical_bayes_rate(e, b).to_numpy() == pytest.approx(theirs)
    weights = near.among(values.index).graph.to_W()
    with np.errstate(invalid="ignore"):  # theirs divides 0 by 0 where nobody around has an event
        local = Spatial_Empirical_Bayes(e.to_numpy(), b.to_numpy(), weights).r.ravel()
    found = patterns.empirical_bayes_rate(e, b, near)
    assert found.to_numpy() == pytest.approx(np.nan_to_num(local))
    assert np.isnan(local).sum() < 10


def test_rates_without_events_or_values():
    found = patterns.empirical_bayes_rate(
        pd.Series([0.0, 0.0, np.nan]), pd.Series([10.0, 20.0, 30.0])
    )
    assert found.tolist()[:2] == [0, 0] and np.isnan(found.iloc[2])
    with pytest.raises(ValueError, match="eventi sotto 0: 0; popolazione non maggiore di 0: 1"):
        patterns.empirical_bayes_rate(pd.Series([-1, 1]), pd.Series([5, 0]))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 10_000)), min_size=9, max_size=9))
def test_a_smoothed_rate_lies_between_the_rate_and_the_mean(counts):
    e, b = (pd.Series(one, dtype=float) for one in zip(*counts, strict=True))
    mean, rate = e.sum() / b.sum(), e / b
    found = patterns.empirical_bayes_rate(e, b)
    low, high = np.minimum(rate, mean), np.maximum(rate, mean)
    assert ((found >= low - 1e-12) & (found <= high + 1e-12)).all()
