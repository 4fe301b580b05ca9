"""The index from indicators to contributions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from indices import DISTRESS

from needs_analysis import indicators, store
from needs_analysis.composite import (
    METHODS,
    Component,
    Indicator,
    Spec,
    arithmetic_mean,
    build,
    build_panel,
)
from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.evictions import prefecture_provinces

quick = settings(max_examples=12)


def leaf(name: str, parent: str = "", **more) -> Indicator:
    return Indicator(name, parent, polarity=more.pop("polarity", 1), **more)


def flat(*names: str, **more) -> Spec:
    return Spec("made_up_score", indicators=tuple(leaf(name) for name in names), **more)


TWO = Spec(
    "made_up_score",
    "prova",
    "trial",
    (leaf("a", "left"), leaf("b", "left"), leaf("c", "right")),
    (Component("left"), Component("right")),
)


OF_PROVINCES = replace(
    DISTRESS,
    name="provincial_distress_score",
    indicators=(
        *DISTRESS.indicators,
        Indicator("eviction_orders_per_1000", "security"),
        Indicator("eviction_executions_per_1000", "security"),
    ),
    components=(*DISTRESS.components, Component("security")),
)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [0.0, 5.0, 10.0], "b": [10.0, 5.0, 0.0], "c": [1.0, 2.0, 3.0]}, index=list("xyz")
    )


def invented(units: int = 12, columns: str = "abcde", seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    index = [f"unit_{i}" for i in range(units)]
    return pd.DataFrame(
        random.uniform(1, 9, size=(units, len(columns))), columns=list(columns), index=index
    )


# --- by hand


def test_two_levels_by_hand():
    found = build(frame(), TWO)
    # x: a = 70, b = 130: M = 100, S2 = 900, left = 109; c = 70 = right
    # score: M = 89.5, S2 = 19.5^2 = 380.25; 89.5 + 380.25 / 89.5
    assert found.stages["aggregated"]["left"].tolist() == pytest.approx([109, 100, 109])
    assert found.stages["aggregated"]["right"].tolist() == pytest.approx([70, 100, 130])
    assert found.scores.value("x", "made_up_score") == pytest.approx(89.5 + 380.25 / 89.5)
    assert found.scores.value("y", "made_up_score") == pytest.approx(100)
    # z: M = 119.5, S2 = 10.5^2 = 110.25
    assert found.scores.value("z", "made_up_score") == pytest.approx(119.5 + 110.25 / 119.5)
    assert found.rank.to_dict() == {"z": 1, "y": 2, "x": 3}
    assert found.ranks["left_score"].to_dict() == {"x": 1, "z": 1, "y": 3}
    assert found.score.equals(found.scores.data["made_up_score"])
    assert list(found.stages) == [
        "data",
        "denominated",
        "screened",
        "imputed",
        "transformed",
        "treated",
        "normalised",
        "aggregated",
    ]
    assert sorted(found.scores.data) == ["left_score", "made_up_score", "right_score"]
    assert {node: share.to_dict() for node, share in found.weights.items()} == {
        "left": {"a": 0.5, "b": 0.5},
        "right": {"c": 1},
        "made_up_score": {"left": 0.5, "right": 0.5},
    }


def test_contributions_of_two_levels_by_hand():
    found = build(frame(), TWO)
    # x: M = 89.5; left 109 = 54.5 + 54.5 (each z / 2 + 900 / 200: 39.5 and 69.5), right 70
    # points: left 1/2 (109 + 19.5^2 / 89.5), right 1/2 (70 + 19.5^2 / 89.5)
    more = 0.5 * 380.25 / 89.5
    assert found.component_contributions().loc["x"].to_dict() == pytest.approx(
        {"left": 54.5 + more, "right": 35 + more}
    )
    # the index's own correction is handed on by weight
    assert found.contributions.loc["x"].to_dict() == pytest.approx(
        {"a": 0.5 * 39.5 + more / 2, "b": 0.5 * 69.5 + more / 2, "c": 35 + more}
    )


def test_an_index_like_the_human_development_index():
    # Goalposts of the UNDP's technical note 1; the units are invented.
    spec = Spec(
        "development_score",
        indicators=(
            leaf("life_expectancy_years", goalposts=(20, 85)),
            leaf("expected_schooling_years", "education", goalposts=(0, 18)),
            leaf("mean_schooling_years", "education", goalposts=(0, 15)),
            leaf("income_per_head", transform="log", goalposts=(100, 75_000)),
        ),
        components=(Component("education", aggregate="arithmetic"),),
        treat="none",
        normalise={"method": "goalposts", "clip": True},
        aggregate="geometric",
    )
    data = pd.DataFrame(
        {
            "life_expectancy_years": [72.0, 90.0, 20.0],
            "expected_schooling_years": [9.0, 20.0, 9.0],
            "mean_schooling_years": [6.0, 12.0, 6.0],
            # the middle of 100 and 75,000 on a logarithmic scale; above the upper; the lower
            "income_per_head": [(100 * 75_000) ** 0.5, 90_000.0, 100.0],
        },
        index=["M", "rich", "poor"],
    )
    found = build(data, spec)
    health, income = Fraction(52, 65), Fraction(1, 2)
    education = (Fraction(9, 18) + Fraction(6, 15)) / 2
    assert found.stages["normalised"].loc["M"].tolist() == pytest.approx([0.8, 0.5, 0.4, 0.5])
    assert found.score["M"] == pytest.approx(float(health * education * income) ** (1 / 3))
    # life expectancy, schooling and income beyond the goalposts count as one
    assert found.scores.value("rich", "education_score") == pytest.approx((1 + 12 / 15) / 2)
    assert found.score["rich"] == pytest.approx(0.9 ** (1 / 3))
    assert found.score["poor"] == 0
    assert found.component_contributions().loc["poor"].tolist() == pytest.approx([0, 0, 0])
    assert found.contributions.sum(axis=1).tolist() == pytest.approx(found.score.tolist())
    assert found.rank.tolist() == [2, 1, 3]


def test_goalposts_and_reference_are_transformed_along():
    data = pd.DataFrame({"x": [1.0, 10.0, 1000.0]})
    posts = Spec(
        "x_score",
        indicators=(leaf("x", transform="log10", goalposts=(1, 100)),),
        treat="none",
        normalise="goalposts",
    )
    assert build(data, posts).stages["normalised"]["x"].tolist() == pytest.approx([0, 0.5, 1.5])
    centre = Spec(
        "x_score", indicators=(leaf("x", transform="log10", reference=100),), treat="none"
    )
    # logarithms 0, 1, 3, reference 2, range 3
    expected = [100 - 40, 100 - 20, 100 + 20]
    assert build(data, centre).stages["normalised"]["x"].tolist() == pytest.approx(expected)
    ratio = Spec(
        "x_score",
        indicators=(leaf("x", transform="log10", reference=100),),
        treat="none",
        normalise="distance",
    )
    assert build(data, ratio).score.tolist() == pytest.approx([0, 0.5, 1.5])


def test_a_denominator_divides_first():
    data = pd.DataFrame({"x": [1.0, 6.0, 5.0, 7.0], "people": [1.0, 2.0, 0.0, np.nan]})
    spec = Spec(
        "x_score", indicators=(leaf("x", denominator="people"),), treat="none", normalise="minmax"
    )
    found = build(data, spec)
    assert found.stages["denominated"]["x"].tolist()[:2] == [1, 3]
    assert found.score.tolist()[:2] == [0, 100]
    assert found.score.isna().tolist() == [False, False, True, True]


def test_ties_share_the_lowest_rank_and_decimals_make_ties():
    data = pd.DataFrame({"a": [0.0, 5.0, 5.0, 5.01, 10.0]})
    spec = flat("a", normalise="minmax", treat="none")
    assert build(data, spec).rank.tolist() == [5, 3, 3, 2, 1]
    rounded = flat("a", normalise="minmax", treat="none", rank_decimals=0)
    assert build(data, rounded).rank.tolist() == [5, 2, 2, 2, 1]


# --- what is missing


def test_a_missing_indicator_means_no_score_and_no_place_for_the_others_to_fall():
    data = frame()
    data.loc["w"] = [5.0, np.nan, 2.0]
    found = build(data, TWO)
    assert np.isnan(found.scores.value("w", "made_up_score"))
    assert found.scores.quality.loc["w", "made_up_score"] == Quality.MISSING
    assert np.isnan(found.rank["w"])
    assert found.rank[list("xyz")].tolist() == [3, 2, 1]
    # its known component still stands
    assert found.scores.value("w", "right_score") == pytest.approx(100)
    assert found.contributions.loc["w"].isna().all()


def test_what_is_imputed_is_flagged():
    data = frame()
    data.loc["w"] = [5.0, np.nan, 2.0]
    found = build(data, flat("a", "b", "c", impute="mean"))
    assert found.stages["imputed"].loc["w", "b"] == 5
    assert found.scores.quality["made_up_score"].tolist() == [Quality.MODELLED] * 3 + [
        Quality.IMPUTED
    ]
    assert found.score.notna().all()


@pytest.mark.parametrize("column", ["a", "c"])
def test_what_was_shared_out_over_municipalities_has_no_place_in_their_index(column):
    data = invented(6, "abc").rename_axis("municipality_code")
    quality = data.astype(int) * 0
    quality.iloc[2, quality.columns.get_loc(column)] = Quality.ALLOCATED
    spec = Spec("made_up_score", indicators=(leaf("a", denominator="c"), leaf("b")))
    found = build(Figures.of(data, quality=quality), spec)
    assert found.score.notna().tolist() == [True, True, False, True, True, True]
    # as if it were missing
    blank = data.mask(quality == Quality.ALLOCATED)
    assert found.score.tolist() == pytest.approx(build(blank, spec).score.tolist(), nan_ok=True)
    # in an index of other areas it stands
    areas = Figures.of(data.rename_axis("area"), quality=quality.rename_axis("area"))
    assert build(areas, spec).score.notna().all()


def complete(data: pd.DataFrame) -> pd.Series:
    return data.notna().all(axis=1)


def test_a_unit_that_the_screen_leaves_out_counts_for_nothing():
    data = frame()
    data.loc["w"] = [500.0, np.nan, 2.0]
    found = build(data, flat("a", "b", "c", screen=complete))
    assert found.screened_out == ("w",)
    assert found.score.index.tolist() == list("xyzw")
    assert np.isnan(found.score["w"]) and np.isnan(found.rank["w"])
    assert found.contributions.loc["w"].isna().all()
    alone = build(frame(), flat("a", "b", "c"))
    assert found.score[list("xyz")].tolist() == alone.score.tolist()
    assert alone.screened_out == ()


# --- bad input


def test_a_constant_or_absent_indicator_is_named():
    data = frame()
    with pytest.raises(ValueError, match="costanti o vuoti.*: b$"):
        build(data.assign(b=1.0), TWO)
    with pytest.raises(ValueError, match="costanti o vuoti.*: a, c$"):
        build(data.assign(a=np.nan, c=np.nan), TWO)
    with pytest.raises(ValueError, match="costanti o vuoti.*: a, b, c$"):
        build(data.iloc[:1], TWO)
    with pytest.raises(ValueError, match="^b non è fra gli .*; c non è fra"):
        build(data[["a"]], TWO)


def test_what_is_no_number_is_named():
    data = frame().assign(a=["1", "much", "2"], c=[1.0, np.inf, -np.inf])
    with pytest.raises(
        ValueError, match="a non è un numero finito in y; c non è un numero finito in y, z"
    ):
        build(data, TWO)


def test_absent_columns_of_denominators_and_groups_are_named():
    spec = Spec(
        "made_up_score",
        indicators=(leaf("a", denominator="people"),),
        impute={"method": "group_mean", "group": "region"},
    )
    with pytest.raises(ValueError, match="people non è fra .*; region non è fra"):
        build(frame(), spec)


def test_units_that_stand_twice_are_named():
    with pytest.raises(ValueError, match="codice ripetuto: x"):
        build(frame().set_axis(["x", "x", "z"]), TWO)


@pytest.mark.parametrize("aggregate", ["geometric", "harmonic"])
def test_negative_parts_are_named(aggregate):
    spec = Spec(
        "made_up_score",
        indicators=TWO.indicators,
        components=(Component("left", aggregate=aggregate), Component("right")),
        normalise={"method": "zscore"},
        aggregate="arithmetic",
    )
    with pytest.raises(
        ValueError, match=f"{aggregate} non ammette parti negative, e lo sono a, b:"
    ):
        build(frame(), spec)


@pytest.mark.parametrize(
    ("transform", "values", "units"),
    [
        ("log", [0.0, 1.0, -2.0], "x, z"),
        ("log10", [0.0, 1.0, 2.0], "x"),
        ("log1p", [0.0, -1.0, 2.0], "y"),
        ("sqrt", [0.0, 1.0, -2.0], "z"),
    ],
)
def test_a_transform_outside_its_range_names_the_units(transform, values, units):
    spec = Spec("x_score", indicators=(leaf("a", transform=transform),))
    with pytest.raises(ValueError, match=f"a: {transform} non si calcola per i valori di {units}$"):
        build(frame().assign(a=values), spec)


def test_provincial_indicators_are_refused_in_a_municipal_index(computed):
    with pytest.raises(ValueError, match="eviction_orders_per_1000 è pubblicato per") as error:
        build(computed, OF_PROVINCES)
    assert "eviction_executions_per_1000 è pubblicato per provincia" in str(error.value)


# --- what holds for any index

FROM_ZERO = ("minmax", "rank", "borda", "percentile_rank")
FAR_FROM_ZERO = ("ampi", {"method": "zscore", "mean": 100, "sd": 10})
WAYS = ("arithmetic", "geometric", "harmonic", "ampi")
LESS_IMBALANCE = {"method": "ampi", "penalty": "-"}  # below zero near the end of a scale from zero


@st.composite
def trees(draw):
    """An index of three levels, with aggregations and weights of its own here and there."""
    scale = draw(st.sampled_from([*FROM_ZERO, *FAR_FROM_ZERO]))
    way = st.sampled_from(WAYS if scale in FROM_ZERO else (*WAYS, LESS_IMBALANCE))
    weight = st.integers(1, 5).map(float)
    return Spec(
        "made_up_score",
        indicators=tuple(
            leaf(name, parent, weight=draw(weight), polarity=draw(st.sampled_from([1, -1])))
            for name, parent in zip("abcde", ("deep", "deep", "up", "other", ""), strict=True)
        ),
        components=(
            Component("up", weight=draw(weight), aggregate=draw(st.none() | way)),
            Component("deep", parent="up", weight=draw(weight), aggregate=draw(st.none() | way)),
            Component("other", weight=draw(weight), aggregate=draw(st.none() | way)),
        ),
        normalise=scale,
        aggregate=draw(way),
        treat=draw(st.sampled_from(["none", "winsorise"])),
    )


@pytest.mark.slow
@quick
@given(trees(), st.integers(0, 1000))
def test_contributions_add_up_and_nothing_is_lost(spec, seed):
    found = build(invented(seed=seed), spec)
    assert found.score.notna().all() and found.contributions.notna().all(axis=None)
    assert found.contributions.columns.tolist() == list("abcde")
    total = found.contributions.sum(axis=1)
    assert total.tolist() == pytest.approx(found.score.tolist(), abs=1e-8)
    parts = found.component_contributions()
    assert sorted(parts) == ["e", "other", "up"]
    assert parts.sum(axis=1).tolist() == pytest.approx(found.score.tolist(), abs=1e-8)
    assert all(share.sum() == pytest.approx(1) for share in found.weights.values())


@pytest.mark.slow
@quick
@given(trees(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_row_order_does_not_matter_to_any_index(spec, seed, random):
    data = invented(seed=seed)
    order = list(data.index)
    random.shuffle(order)
    one, other = build(data, spec), build(data.loc[order], spec)
    assert other.score.index.tolist() == order
    assert other.score[data.index].tolist() == pytest.approx(one.score.tolist(), rel=1e-9)
    assert other.treatment == one.treatment


@pytest.mark.slow
@quick
@given(trees(), st.integers(0, 1000))
def test_a_unit_outside_the_base_moves_no_other(spec, seed):
    data = invented(13, seed=seed)
    base = data.iloc[:12]
    alone = build(base, spec)
    more = data if spec.treat.name == "winsorise" else data.clip(base.min(), base.max(), axis=1)
    try:
        found = build(more, spec, base=base)
    except Refused as error:  # it stands under a scale that starts at the lowest of the base
        assume(any(one.code != "composite.negative" for one in error.problems))
        raise
    assert found.score.iloc[:12].tolist() == pytest.approx(alone.score.tolist(), rel=1e-12)
    assert found.score.notna().all()
    assert found.base.data.equals(base)


@pytest.mark.slow
@quick
@given(trees(), st.integers(0, 1000))
def test_the_units_of_indicators_do_not_matter(spec, seed):
    data = invented(seed=seed)
    moved = data * [100, 1, 0.001, 7, 3] + [7, 0, 3, 1, -2]
    one, other = build(data, spec), build(moved, spec)
    assert other.score.tolist() == pytest.approx(one.score.tolist(), rel=1e-7, abs=1e-7)


@pytest.mark.slow
@quick
@given(trees(), st.integers(0, 1000))
def test_turning_every_polarity_and_every_sign_changes_nothing(spec, seed):
    data = invented(seed=seed)
    mapping = spec.as_mapping()
    for row in mapping["indicators"]:
        row["polarity"] = -row["polarity"]
    turned = build(-data, Spec.from_mapping(mapping))
    expected = build(data, spec).score.tolist()
    assert turned.score.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.slow
@quick
@given(
    trees(),
    st.integers(0, 1000),
    st.sampled_from("abcde"),
    st.sampled_from(["arithmetic", "geometric", "harmonic"]),
)
def test_more_of_an_indicator_never_lowers_a_compensatory_score(spec, seed, name, way):
    mapping = spec.as_mapping() | {"aggregate": way}
    mapping["components"] = [
        {key: value for key, value in row.items() if key != "aggregate"}
        for row in mapping["components"]
    ]
    spec = Spec.from_mapping(mapping)
    base = invented(seed=seed)
    steps = pd.DataFrame([base.mean()] * 5)
    steps[name] = np.linspace(base[name].min(), base[name].max(), 5)
    scores = spec.polarity[name] * build(steps, spec, base=base).score
    assert all(one <= other + 1e-9 for one, other in pairwise(scores))


def middle(parts: pd.DataFrame) -> pd.Series:
    return parts.median(axis=1, skipna=False)


def test_an_aggregation_of_ones_own():
    found = build(frame(), flat("a", "b", "c", aggregate=middle, normalise="minmax"))
    assert found.score.tolist() == [0, 50, 100]
    assert found.contributions is None
    assert found.component_contributions().empty
    assert "made_up_score" not in found.weights  # it takes none


def spread(data: pd.DataFrame, base: pd.DataFrame | None = None) -> pd.Series:
    return (data if base is None else base).var(ddof=0)


def test_weights_found_in_the_data_are_found_in_the_base():
    data = pd.DataFrame({"a": [0.0, 1, 1, 2], "b": [0.0, 2, 2, 0]})
    spec = flat("a", "b", weight=spread, normalise="rank", aggregate="arithmetic", treat="none")
    # ranks 1, 2.5, 2.5, 4 and 1.5, 3.5, 3.5, 1.5: variances 4.5 / 4 and 1
    found = build(data, spec)
    assert found.weights["made_up_score"].tolist() == pytest.approx([9 / 17, 8 / 17])
    assert found.score.tolist() == pytest.approx(
        arithmetic_mean(found.stages["normalised"], {"a": 9, "b": 8}).tolist()
    )
    again = build(data.iloc[[3]], spec, base=data)
    assert again.weights["made_up_score"].tolist() == pytest.approx([9 / 17, 8 / 17])
    assert again.score.tolist() == pytest.approx(found.score.tolist()[3:])


GIVEN = {
    "goalposts": {"goalposts": (0.0, 10.0)},
    "distance": {"reference": 5.0},
}


@pytest.mark.parametrize(
    ("stage", "name"), [(stage, name) for stage, methods in METHODS.items() for name in methods]
)
def test_every_method_by_its_name(stage, name):
    data = invented(8, "abc").assign(region=list("nnnnssss"))
    data.iloc[2, 0] = np.nan
    options = {"zscore": {"mean": 100, "sd": 10}}.get(name, {})
    options |= {"group": "region"} if name.startswith("group") else {}
    method = {"method": name, **options}
    spec = Spec(
        "made_up_score",
        indicators=tuple(leaf(one, **GIVEN.get(name, {})) for one in "abc"),
        **{"normalise": {"method": "minmax", "low": 1}, "treat": "none", stage: method},
    )
    found = build(data, spec)
    filled = stage == "impute" and name != "none"
    assert found.score.notna().tolist() == [place != 2 or filled for place in range(8)]
    assert found.rank.min() == 1
    if found.contributions is not None:
        total = found.contributions.sum(axis=1, skipna=False)
        assert total.tolist() == pytest.approx(found.score.tolist(), nan_ok=True)
    assert (found.contributions is None) == (name in ("copeland", "kemeny"))
    again = build(data[::-1], spec)
    assert again.score[::-1].tolist() == pytest.approx(found.score.tolist(), nan_ok=True)


# --- panels


def test_a_panel_stands_on_one_year():
    years = {2020: frame(), 2021: frame() * 1.5, 2022: frame().set_axis(list("xyv"))}
    found = build_panel(years, TWO, base=2020)
    assert list(found) == [2020, 2021, 2022]
    assert found[2020].score.tolist() == build(frame(), TWO).score.tolist()
    assert found[2020].base is None
    # a = 15 on the range 0 to 10: 70 + 60 * 1.5
    assert found[2021].stages["normalised"]["a"].tolist() == [70, 115, 160]
    assert found[2022].score.tolist() == found[2020].score.tolist()
    assert found[2022].score.index.tolist() == list("xyv")


def test_the_bounds_of_outliers_are_those_of_the_base_year_too():
    years = {
        2020: pd.DataFrame({"a": [*map(float, range(11)), 900.0]}),
        2021: pd.DataFrame({"a": [5.0, 30.0, 5000.0]}),
    }
    found = build_panel(years, flat("a", normalise="minmax"), base=2020)
    assert found[2020].treatment == found[2021].treatment == {"a": "winsorised 1"}
    assert found[2021].score.tolist() == [50, 100, 100]
    again = build_panel(years | {2021: years[2021].iloc[:1]}, found[2020].spec, base=2020)
    assert again[2021].score.tolist() == [50]


def test_a_panel_needs_its_base_year():
    with pytest.raises(ValueError, match="anno base 2019 non è fra 2020, 2021"):
        build_panel({2020: frame(), 2021: frame()}, TWO, base=2019)


# --- quality, vintage, sources


def test_the_worst_quality_and_all_vintages_go_along():
    data = frame()
    figures = Figures.of(
        data,
        quality=pd.DataFrame(
            {"a": Quality.OBSERVED, "b": Quality.IMPUTED, "c": Quality.OBSERVED}, index=data.index
        ),
        vintage=pd.DataFrame({"a": "2018/2", "b": "2021", "c": "2024"}, index=data.index),
        sources={"a": ("omi",), "b": ("mef",), "c": ("omi",)},
    )
    found = build(figures, TWO).scores
    row = {name: Quality(found.quality.loc["x", name]).name for name in found.data}
    # a score is computed, never observed
    assert row == {
        "left_score": "IMPUTED",
        "right_score": "MODELLED",
        "made_up_score": "IMPUTED",
    }
    assert found.vintage.loc["x", "made_up_score"] == "2018/2 + 2021 + 2024"
    assert found.sources["made_up_score"] == ("omi", "mef")


def test_a_denominator_is_an_input_too():
    data = frame()[["a", "c"]]
    figures = Figures.of(
        data,
        quality=pd.DataFrame({"a": Quality.OBSERVED, "c": Quality.IMPUTED}, index=data.index),
        vintage=pd.DataFrame({"a": "2018/2", "c": "2024"}, index=data.index),
        sources={"a": ("omi",), "c": ("istat",)},
    )
    spec = Spec("made_up_score", indicators=(leaf("a", denominator="c"),))
    found = build(figures, spec).scores
    assert set(found.quality["made_up_score"]) == {Quality.IMPUTED}
    assert set(found.vintage["made_up_score"]) == {"2018/2 + 2024"}
    assert found.sources["made_up_score"] == ("omi", "istat")


# --- the index of 0.1.0


def test_contributions_add_up_to_the_score(index):
    score = index.score
    known = score.notna()
    assert known.sum() > 7000
    assert (index.contributions.sum(axis=1)[known] - score[known]).abs().max() < 1e-9
    components = index.component_contributions()
    assert components.columns.tolist() == [one.name for one in DISTRESS.components]
    assert (components.sum(axis=1)[known] - score[known]).abs().max() < 1e-9
    assert index.contributions[~known].isna().any(axis=1).all()


def test_the_mean_of_every_normalised_indicator_is_a_hundred(index):
    normalised = index.stages["normalised"]
    assert normalised.mean().tolist() == pytest.approx([100] * 9, abs=1e-9)
    assert (normalised.max() - normalised.min()).tolist() == pytest.approx([60] * 9, abs=1e-9)
    # the penalty is added: the score is nowhere below the mean of its components
    names = [one.name for one in DISTRESS.components]
    parts = index.stages["aggregated"][names].mean(axis=1, skipna=False).dropna()
    assert (index.score[parts.index] >= parts - 1e-9).all()


def test_exactly_the_municipalities_with_all_nine_indicators_have_a_score(index, computed):
    names = list(DISTRESS.names)
    shared = (computed.quality[names] == Quality.ALLOCATED).any(axis=1)
    has_all = computed.data[names].notna().all(axis=1) & ~shared
    assert index.score.notna().tolist() == has_all.tolist()
    assert index.rank.notna().tolist() == has_all.tolist()
    assert index.rank.min() == 1
    assert index.score[index.rank == 1].item() == index.score.max()
    qualities = set(index.scores.quality["housing_distress_score"])
    assert qualities == {Quality.MODELLED, Quality.MISSING}


def test_row_order_does_not_matter(index, computed):
    shuffled = computed.rows(computed.data.sample(frac=1, random_state=1).index)
    again = build(shuffled, DISTRESS)
    assert (again.score.reindex(index.score.index) - index.score).abs().max() < 1e-9
    assert again.rank.reindex(index.rank.index).corr(index.rank) == pytest.approx(1)


def test_a_study_may_leave_outliers_alone(computed, index):
    untreated = build(computed, DISTRESS, {"treat_skewness_min": 1e6})
    assert set(untreated.treatment.values()) == {"none"}
    assert set(index.treatment.values()) != {"none"}


def test_provinces_have_an_index_with_evictions(national):
    home = prefecture_provinces()
    groups = {str(name): list(codes) for name, codes in home.groupby(home).groups.items()}
    found = build(indicators.compute_areas(national, groups), OF_PROVINCES)
    # 106 provinces less those without orders or executions: CL, EN, RC; CT, OR, TA
    without = {"CL", "EN", "RC", "CT", "OR", "TA"}
    assert without <= set(found.score.index[found.score.isna()])
    assert found.score.notna().sum() >= 95
    assert "interno_evictions" in found.scores.sources["provincial_distress_score"]
    assert set(found.scores.sources["provincial_distress_score"]) <= set(store.cited())


def test_a_column_that_stands_twice_is_named():
    frame = pd.DataFrame([[1.0, 2.0, 3.0], [2.0, 3.0, 1.0]], columns=["a", "a", "b"])
    spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    with pytest.raises(ValueError, match="a sta in due colonne o più"):
        build(frame, spec)
