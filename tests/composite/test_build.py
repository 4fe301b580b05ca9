"""The index from indicators to contributions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import indicators, panel, store
from needs_analysis.composite import DISTRESS, PROVINCIAL_DISTRESS, Component, Spec, build
from needs_analysis.figures import Figures, Quality

TWO = Spec(
    "made_up_score",
    "prova",
    "trial",
    (Component("left", "x", "x", ("a", "b")), Component("right", "x", "x", ("c",))),
    polarity={"a": 1, "b": 1, "c": 1},
)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [0.0, 5.0, 10.0], "b": [10.0, 5.0, 0.0], "c": [1.0, 2.0, 3.0]}, index=list("xyz")
    )


def test_two_levels_by_hand():
    found = build(frame(), TWO)
    # x: a = 70, b = 130: M = 100, S2 = 900, left = 109; c = 70 = right
    # score: M = 89.5, S2 = 19.5^2 = 380.25; 89.5 + 380.25 / 89.5
    assert found.stages["components"]["left"].tolist() == pytest.approx([109, 100, 109])
    assert found.stages["components"]["right"].tolist() == pytest.approx([70, 100, 130])
    assert found.scores.value("x", "made_up_score") == pytest.approx(89.5 + 380.25 / 89.5)
    assert found.scores.value("y", "made_up_score") == pytest.approx(100)
    # z: M = 119.5, S2 = 10.5^2 = 110.25
    assert found.scores.value("z", "made_up_score") == pytest.approx(119.5 + 110.25 / 119.5)
    assert found.ranks.to_dict() == {"z": 1, "y": 2, "x": 3}
    assert list(found.stages) == ["data", "treated", "normalised", "components"]
    assert found.scores.data.columns.tolist() == ["left_score", "right_score", "made_up_score"]


def test_a_missing_indicator_means_no_score_and_no_place_for_the_others_to_fall():
    data = frame()
    data.loc["w"] = [5.0, np.nan, 2.0]
    found = build(data, TWO)
    assert np.isnan(found.scores.value("w", "made_up_score"))
    assert found.scores.quality.loc["w", "made_up_score"] == Quality.MISSING
    assert np.isnan(found.ranks["w"])
    assert found.ranks[list("xyz")].tolist() == [3, 2, 1]
    # its known component still stands
    assert found.scores.value("w", "right_score") == pytest.approx(100)
    assert found.contributions.loc["w"].isna().all()


def test_turning_every_polarity_and_every_sign_changes_nothing():
    turned = Spec("made_up_score", "x", "x", TWO.components, polarity={"a": -1, "b": -1, "c": -1})
    pd.testing.assert_series_equal(
        build(-frame(), turned).scores.data["made_up_score"],
        build(frame(), TWO).scores.data["made_up_score"],
    )


def test_the_unit_of_an_indicator_does_not_matter():
    other = build(frame() * [100, 1, 0.001] + [7, 0, 3], TWO)
    assert other.scores.data.to_numpy() == pytest.approx(build(frame(), TWO).scores.data.to_numpy())


def test_a_constant_or_absent_indicator_is_named():
    data = frame()
    with pytest.raises(ValueError, match="constant or empty.*: b$"):
        build(data.assign(b=1.0), TWO)
    with pytest.raises(ValueError, match="made_up_score: b is not among the indicators; c is not"):
        build(data[["a"]], TWO)


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


def test_provincial_indicators_are_refused_in_a_municipal_index(computed):
    with pytest.raises(ValueError) as error:
        build(computed, PROVINCIAL_DISTRESS)
    assert "eviction_orders_per_1000 is published by province" in str(error.value)
    assert "eviction_executions_per_1000 is published by province" in str(error.value)


# --- the index that ships


def test_contributions_add_up_to_the_score(index):
    score = index.scores.data["housing_distress_score"]
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
    parts = index.stages["components"].mean(axis=1, skipna=False).dropna()
    score = index.scores.data["housing_distress_score"]
    assert (score[parts.index] >= parts - 1e-9).all()


def test_exactly_the_municipalities_with_all_nine_indicators_have_a_score(index, computed):
    complete = computed.data[list(DISTRESS.indicators)].notna().all(axis=1)
    score = index.scores.data["housing_distress_score"]
    assert score.notna().tolist() == complete.tolist()
    assert index.ranks.notna().tolist() == complete.tolist()
    assert index.ranks.min() == 1
    assert score[index.ranks == 1].item() == score.max()
    qualities = set(index.scores.quality["housing_distress_score"])
    assert qualities == {Quality.MODELLED, Quality.MISSING}


def test_row_order_does_not_matter(index, computed):
    shuffled = computed.rows(computed.data.sample(frac=1, random_state=1).index)
    again = build(shuffled, DISTRESS)
    score = index.scores.data["housing_distress_score"]
    other = again.scores.data["housing_distress_score"].reindex(score.index)
    assert (other - score).abs().max() < 1e-9
    assert again.ranks.reindex(score.index).corr(index.ranks) == pytest.approx(1)


def test_a_study_may_leave_outliers_alone(computed, index):
    untreated = build(computed, DISTRESS, {"treat_skewness_min": 1e6})
    assert set(untreated.treatment.values()) == {"none"}
    assert set(index.treatment.values()) != {"none"}


def test_provinces_have_an_index_with_evictions(national):
    home = panel.prefecture_provinces()
    groups = {str(name): list(codes) for name, codes in home.groupby(home).groups.items()}
    found = build(indicators.compute_areas(national, groups), PROVINCIAL_DISTRESS)
    score = found.scores.data["provincial_distress_score"]
    # 106 provinces less those without orders or executions: CL, EN, RC; CT, OR, TA
    without = {"CL", "EN", "RC", "CT", "OR", "TA"}
    assert without <= set(score.index[score.isna()])
    assert score.notna().sum() >= 95
    assert "interno_evictions" in found.scores.sources["provincial_distress_score"]
    assert set(found.scores.sources["provincial_distress_score"]) <= set(store.cited())
