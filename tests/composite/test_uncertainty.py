"""Draws over the choices behind an index, beside a plain loop over the same draws."""

from __future__ import annotations

import itertools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

from needs_analysis.composite import (
    DOUBTS,
    Choices,
    Component,
    CompositeError,
    Indicator,
    Spec,
    arithmetic_mean,
    build,
    sensitivity,
    uncertainty,
)

SCALE = {"method": "minmax", "low": 70, "high": 130}
STAGES = ("impute", "treat", "normalise", "aggregate")


def leaf(name: str, parent: str = "", **more) -> Indicator:
    return Indicator(name, parent, polarity=more.pop("polarity", 1), **more)


def flat(names: str, **more) -> Spec:
    more = {"treat": "none", "normalise": SCALE, "aggregate": "arithmetic"} | more
    return Spec("made_up_score", indicators=tuple(leaf(name) for name in names), **more)


def tree(**more) -> Spec:
    more = {"treat": "none", "normalise": SCALE, "aggregate": "ampi"} | more
    return Spec(
        "made_up_score",
        indicators=(
            leaf("a", "left", weight=2),
            leaf("b", "left", polarity=-1),
            leaf("c", "deep"),
            leaf("d", "deep", weight=3),
            leaf("e"),
        ),
        components=(
            Component("left", weight=2, aggregate=more.pop("left", None)),
            Component("right"),
            Component("deep", parent="right"),
        ),
        **more,
    )


def invented(units: int = 25, seed: int = 1) -> pd.DataFrame:
    """Return skewed values, some units alike and one that has its lowest values in two columns."""
    random = np.random.default_rng(seed)
    data = pd.DataFrame(
        random.lognormal(sigma=1.0, size=(units, 5)),
        columns=list("abcde"),
        index=[f"unit_{i:02d}" for i in range(units)],
    )
    data.iloc[7] = data.iloc[21] = data.iloc[3]
    data.iloc[5, :2] = data.iloc[:, :2].min() / 2
    return data


def middle(parts: pd.DataFrame) -> pd.Series:
    return parts.median(axis=1, skipna=False)


def plain_mean(parts: pd.DataFrame, weights: pd.Series) -> pd.Series:
    return arithmetic_mean(parts, weights)


# --- the same draws, one index at a time


def drawn_weights(spec: Spec, choices: Choices, row: list[float]) -> dict[str, float]:
    found: dict[str, float] = {}
    if choices.weights is None:
        return found
    for node in spec.nodes:
        parts = spec.parts(node)
        # indicators stand before components
        parts = dict(sorted(parts.items(), key=lambda one: one[0] not in spec.names))
        if len(parts) == 1:
            continue
        share = np.array(list(parts.values())) / sum(parts.values())
        points = np.array([row.pop(0) for _ in parts])
        if choices.weights == "dirichlet":
            moved = gamma.ppf(points, share * len(parts))
        else:
            moved = share * (1 - choices.weights + 2 * choices.weights * points)
        found |= dict(zip(parts, moved / moved.sum(), strict=True))
    return found


def one_by_one(data, spec: Spec, choices: Choices, draws: int, seed: int) -> pd.DataFrame:
    """Return the rank of every unit in every draw: a column a draw."""
    open_stages = [stage for stage in STAGES if len(getattr(choices, stage)) > 1]
    inner = [node for node in spec.nodes if len(spec.parts(node)) > 1]
    factors = sum(len(spec.parts(node)) for node in inner) if choices.weights is not None else 0
    factors += len(open_stages) + choices.drop
    ranks = {}
    for draw, points in enumerate(np.random.default_rng(seed).random((draws, factors))):
        row = points.tolist()
        other = spec.reweighted(drawn_weights(spec, choices, row))
        for stage in open_stages:
            options = getattr(choices, stage)
            other = replace(other, **{stage: options[int(row.pop(0) * len(options))]})
        if choices.drop:
            place = int(row.pop(0) * (len(spec.names) + 1))
            other = other.without(spec.names[place - 1]) if place else other
        assert not row
        ranks[draw] = build(data, other).rank
    return pd.DataFrame(ranks)


def summary(ranks: pd.DataFrame) -> pd.DataFrame:
    top = {
        name: (ranks <= np.ceil(ranks.count() / groups)).sum(axis=1) / ranks.count(axis=1)
        for name, groups in (("top_tenth_share", 10), ("top_quarter_share", 4))
    }
    return pd.DataFrame(
        {
            "rank_median": ranks.median(axis=1),
            "rank_low": ranks.quantile(0.05, axis=1),
            "rank_high": ranks.quantile(0.95, axis=1),
            **top,
            "ranked_draws": ranks.count(axis=1),
        }
    )


CASES = {
    "arithmetic": (flat("abcde"), Choices(0.4)),
    "zscore": (flat("abcde", normalise="zscore"), Choices(0.4)),
    "dirichlet": (flat("abcde"), Choices("dirichlet")),
    "dirichlet in a tree": (tree(), Choices("dirichlet")),
    "ampi in a tree": (tree(), Choices(0.5)),
    "ampi less imbalance": (tree(aggregate={"method": "ampi", "penalty": "-"}), Choices(0.5)),
    "sample deviation, dropping": (
        tree(aggregate={"method": "ampi", "ddof": 1}),
        Choices(0.5, drop=True),
    ),
    "geometric": (tree(aggregate="geometric"), Choices(0.5)),
    "geometric from zero": (tree(aggregate="geometric", normalise="minmax"), Choices(0.5)),
    "geometric from zero, dropping": (
        flat("abcde", aggregate="geometric", normalise="minmax"),
        Choices(None, drop=True),
    ),
    "harmonic": (tree(aggregate="harmonic", normalise="percentile_rank"), Choices(0.5, drop=True)),
    "a level of its own": (tree(left="geometric"), Choices(0.5, aggregate=("ampi", "arithmetic"))),
    "dropping": (tree(aggregate="arithmetic"), Choices(0.3, drop=True)),
    "methods": (
        tree(),
        Choices(
            None,
            treat=("none", "winsorise"),
            normalise=(SCALE, "ampi", {"method": "zscore", "mean": 100, "sd": 10}),
            aggregate=("ampi", "arithmetic", "geometric", "harmonic"),
        ),
    ),
    "all": (tree(), DOUBTS),
    "a way of one's own": (
        flat("abcde"),
        Choices(0.5, aggregate=(plain_mean, middle, "ampi"), drop=True),
    ),
    "outranking": (tree(), Choices(0.5, aggregate=("copeland", "ampi"), drop=True)),
    "benefit of the doubt": (
        flat("abcde", aggregate={"method": "benefit_of_doubt", "upper": {"a": 0.4}}),
        Choices(None, normalise=(SCALE, "rank")),
    ),
    "rounded": (tree(rank_decimals=0), Choices(0.2)),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_ranks_are_those_of_a_plain_loop(case, soak):
    spec, choices = CASES[case]
    data, draws = invented(), 30 if soak else 10
    ranks = one_by_one(data, spec, choices, draws=draws, seed=11)
    assert ranks.T.nunique().max() > 1
    found = uncertainty(data, spec, draws=draws, seed=11, choices=choices)
    assert found.frame["rank"].tolist() == build(data, spec).rank.tolist()
    expected = summary(ranks)
    assert found.frame.index.equals(data.index)
    for name in expected:
        assert found.frame[name].tolist() == pytest.approx(expected[name].tolist()), name
    assert (found.draws, found.seed, found.choices) == (draws, 11, choices)


@pytest.mark.slow
def test_a_single_draw_is_one_index():
    data, spec = invented(), tree()
    for seed in range(5):
        found = uncertainty(data, spec, draws=1, seed=seed).frame
        rank = one_by_one(data, spec, Choices(), draws=1, seed=seed)[0]
        for name in ("rank_median", "rank_low", "rank_high"):
            assert found[name].tolist() == rank.tolist()


@pytest.mark.slow
def test_imputation_is_a_choice_and_a_unit_without_score_has_no_rank():
    data = invented()
    data.iloc[[2, 9], 0] = np.nan
    choices = Choices(0.3, impute=("mean", "none"))
    filled = flat("abcde", impute="mean")
    ranks = one_by_one(data, filled, choices, draws=30, seed=5)
    found = uncertainty(data, filled, draws=30, seed=5, choices=choices).frame
    for name, expected in summary(ranks).items():
        assert found[name].tolist() == pytest.approx(expected.tolist()), name
    assert 0 < found["ranked_draws"].iloc[2] < 30
    assert found["ranked_draws"].drop(data.index[[2, 9]]).eq(30).all()
    # a unit without score in the declared index has none in any draw
    blank = uncertainty(data, flat("abcde"), draws=30, choices=choices).frame
    assert blank.iloc[[2, 9]].isna().all(axis=None)
    assert blank.drop(data.index[[2, 9]]).notna().all(axis=None)


# --- the same whatever computes it


@pytest.mark.slow
def test_every_executor_gives_the_same_bits():
    data, spec = invented(60), tree()
    once = uncertainty(data, spec, draws=200, seed=3, choices=DOUBTS)
    spawned = multiprocessing.get_context("spawn")
    for executor in (
        ThreadPoolExecutor(1),
        ThreadPoolExecutor(3),
        ProcessPoolExecutor(1, mp_context=spawned),
    ):
        with executor:
            again = uncertainty(data, spec, 200, 3, executor, DOUBTS)
        pd.testing.assert_frame_equal(again.frame, once.frame, check_exact=True)
    other = uncertainty(data, spec, draws=200, seed=4, choices=DOUBTS)
    assert not other.frame.equals(once.frame)


@pytest.mark.slow
def test_row_order_does_not_matter():
    data, spec = invented(), tree()
    one = uncertainty(data, spec, draws=50, choices=DOUBTS).frame
    other = uncertainty(data[::-1], spec, draws=50, choices=DOUBTS).frame
    pd.testing.assert_frame_equal(other[::-1], one)


# --- by hand


def test_ties_share_the_lowest_rank():
    data = pd.DataFrame({"a": [1.0, 3, 3, 3, 9], "b": [1.0, 3, 3, 3, 9]})
    found = uncertainty(data, flat("ab"), draws=20).frame
    assert found["rank_median"].tolist() == [5, 2, 2, 2, 1]
    assert (found["rank_low"] == found["rank_high"]).all()


def test_scores_that_differ_by_rounding_alone_are_ties():
    # 0.1 + 0.2 is not 0.3 to the computer, in whatever order weights and parts are summed
    data = pd.DataFrame({"a": [0.1, 0.3, 0.0, 1.0], "b": [0.2, 0.0, 0.3, 1.0]}) * 3
    same = flat("ab", normalise="minmax").reweighted({"a": 1, "b": 1})
    posts = {"indicators": tuple(replace(one, goalposts=(0.0, 1.0)) for one in same.indicators)}
    spec = replace(same, normalise="goalposts", **posts)
    choices = Choices(None, treat=("none", "winsorise"))
    found = uncertainty(data, spec, draws=10, choices=choices).frame
    assert found["rank_median"].tolist() == [2, 2, 2, 1]


@pytest.mark.parametrize("units", [10, 11, 30, 70, 257])
def test_a_tenth_and_a_quarter_are_rounded_up(units):
    data = pd.DataFrame({name: np.arange(float(units)) for name in "ab"})
    found = uncertainty(data, flat("ab"), draws=5).frame
    assert found["top_tenth_share"].sum() == -(-units // 10)
    assert found["top_quarter_share"].sum() == -(-units // 4)
    assert found["rank_median"].tolist() == list(range(units, 0, -1))


def test_more_units_than_two_bytes_count():
    units = 40_000
    data = pd.DataFrame({name: np.arange(float(units)) for name in "ab"})
    found = uncertainty(data, flat("ab"), draws=3).frame
    assert found["rank_high"].tolist() == list(range(units, 0, -1))


def drawn(spec: Spec, choices: Choices, draws: int) -> pd.DataFrame:
    """Return the weights that an aggregation is given, a row a draw."""
    seen: list[pd.Series] = []

    def remember(parts: pd.DataFrame, weights: pd.Series) -> pd.Series:
        seen.append(weights)
        return arithmetic_mean(parts, weights)

    spec = replace(spec, aggregate=remember)
    with ThreadPoolExecutor(1) as executor:
        uncertainty(invented(), spec, draws=draws, choices=choices, executor=executor)
    return pd.DataFrame(seen[-draws:]).reset_index(drop=True)


@pytest.mark.slow
def test_dirichlet_shares_have_the_declared_means():
    spec = flat("abc").reweighted({"a": 2})
    found = drawn(spec, Choices("dirichlet"), draws=1500)
    assert found.sum(axis=1).tolist() == pytest.approx([1] * 1500)
    mean, variance = np.array([1 / 2, 1 / 4, 1 / 4]), found.var().to_numpy()
    assert found.mean().tolist() == pytest.approx(mean.tolist(), abs=0.02)
    # concentration 3: w (1 - w) / (3 + 1)
    assert variance.tolist() == pytest.approx((mean * (1 - mean) / 4).tolist(), rel=0.1)


@pytest.mark.slow
def test_weights_move_as_far_as_told():
    found = drawn(flat("ab"), Choices(0.25), draws=500)
    odds = found["a"] / found["b"]
    assert odds.min() >= 0.75 / 1.25 and odds.max() <= 1.25 / 0.75
    assert odds.min() < 0.7 and odds.max() > 1.4
    assert found.sum(axis=1).tolist() == pytest.approx([1] * 500)


@pytest.mark.slow
def test_an_indicator_is_dropped_as_often_as_each_other_and_none():
    found = drawn(flat("abc"), Choices(None, drop=True), draws=1200)
    # what is dropped is not among the parts at all
    assert (found.isna().sum(axis=1) <= 1).all()
    often = [*found.isna().sum(), found.notna().all(axis=1).sum()]
    assert sum(often) == 1200
    assert often == pytest.approx([300] * 4, abs=60)


# --- what cannot be drawn


def test_every_problem_of_the_choices_is_said_at_once():
    with pytest.raises(CompositeError) as error:
        Choices("gamma", normalise=("ampi", "minmx"), aggregate=({"method": "ampi", "x": 1},))
    for problem in ("weights è «gamma»", "il metodo «minmx» non c'è", "ampi non ha l'opzione «x»"):
        assert problem in str(error.value)
    for wrong in (0.0, 1.5, -0.1, float("nan")):
        with pytest.raises(ValueError, match="un numero sopra 0 e fino a 1"):
            Choices(wrong)


def test_choices_that_leave_nothing_open_or_nothing_to_rank():
    with pytest.raises(ValueError, match="nessuna scelta è lasciata aperta"):
        uncertainty(invented(), flat("ab"), choices=Choices(None))
    with pytest.raises(ValueError, match="nessuna scelta è lasciata aperta"):
        uncertainty(invented(), flat("a"), choices=Choices(0.25, drop=True))
    data = invented()
    data.iloc[1:, 0] = np.nan
    data.iloc[:2, 1] = np.nan
    with pytest.raises(ValueError, match="meno di due unità con un punteggio"):
        uncertainty(data.assign(a=invented()["b"].where(data["b"].isna())), flat("ab"))


@pytest.mark.parametrize("way", ["geometric", "ampi"])
def test_a_choice_that_the_scale_does_not_allow_is_no_silent_nan(way):
    choices = Choices(0.25, normalise=(SCALE, "zscore"), aggregate=("arithmetic", way))
    with pytest.raises(ValueError, match=f"{way} .*scegliere una scala sopra lo zero"):
        uncertainty(invented(), flat("abc"), draws=200, choices=choices)


# --- sensitivity


@pytest.mark.slow
def test_a_choice_that_alone_moves_ranks_explains_them():
    data = invented(40)
    choices = Choices(None, normalise=(SCALE, "rank"), aggregate=("arithmetic", plain_mean))
    found = sensitivity(data, flat("abc"), points=256, choices=choices)
    change = (build(data, flat("abc", normalise="rank")).rank - build(data, flat("abc")).rank).abs()
    assert found.frame.index.tolist() == ["normalise", "aggregate"]
    assert found.frame.loc["normalise"].drop(
        ["first_order_margin", "total_order_margin"]
    ).tolist() == pytest.approx([1, 1], abs=0.05)
    assert found.frame.loc["aggregate"].tolist() == pytest.approx([0] * 4, abs=1e-9)
    assert found.runs == 256 * 4
    assert found.mean_rank_change == pytest.approx(change.mean() / 2, rel=0.05)


def exact_indices(data, spec: Spec, choices: Choices, stages: list[str]) -> pd.DataFrame:
    """Return the indices from every combination of methods, alike in chance."""
    rank = build(data, spec).rank
    options = [getattr(choices, stage) for stage in stages]
    change = np.empty([len(one) for one in options])
    for place in itertools.product(*(range(len(one)) for one in options)):
        ways = {stage: one[i] for stage, one, i in zip(stages, options, place, strict=True)}
        change[place] = (build(data, replace(spec, **ways)).rank - rank).abs().mean()
    rows = {}
    for axis, stage in enumerate(stages):
        others = tuple(one for one in range(len(stages)) if one != axis)
        rows[stage] = {
            "first_order": change.mean(axis=others).var() / change.var(),
            "total_order": change.var(axis=axis).mean() / change.var(),
        }
    return pd.DataFrame(rows).T


@pytest.mark.slow
def test_indices_are_those_of_every_combination():
    data, spec = invented(40), tree()
    choices = CASES["methods"][1]
    stages = ["treat", "normalise", "aggregate"]
    found = sensitivity(data, spec, points=1024, choices=choices).frame
    expected = exact_indices(data, spec, choices, stages)
    assert found.index.tolist() == stages
    for name in ("first_order", "total_order"):
        assert found[name].tolist() == pytest.approx(expected[name].tolist(), abs=0.06)
    assert expected["total_order"].max() > 0.3


@pytest.mark.slow
def test_sensitivity_over_all_doubts():
    data, spec = invented(), tree()
    one = sensitivity(data, spec, points=32, seed=2)
    names = one.frame.index.tolist()
    assert names == [f"weight of {one}" for one in ("c", "d", "a", "b", "e", "left", "right")] + [
        "normalise",
        "aggregate",
        "drop",
    ]
    assert one.runs == 32 * (len(names) + 2)
    assert one.frame.notna().all(axis=None)
    with ThreadPoolExecutor(2) as executor:
        again = sensitivity(data, spec, points=32, seed=2, executor=executor)
    pd.testing.assert_frame_equal(again.frame, one.frame, check_exact=True)


def test_what_sensitivity_cannot_split_is_said():
    with pytest.raises(ValueError, match="meno di due scelte"):
        sensitivity(invented(), flat("abc"), choices=Choices(None, drop=True))
    same = Choices(None, treat=("none", "none"), aggregate=("arithmetic", plain_mean))
    with pytest.raises(ValueError, match="nessuna delle scelte aperte cambia un posto"):
        sensitivity(invented(), flat("abc"), points=16, choices=same)
