"""What drives an index, what would change it, what marks a unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.composite import (
    Component,
    CompositeError,
    Indicator,
    Spec,
    arithmetic_mean,
    build,
    correlations,
    effective_weights,
    leave_one_out,
    profile,
    what_if,
)


def leaf(name: str, parent: str = "", **more) -> Indicator:
    return Indicator(name, parent, polarity=more.pop("polarity", 1), **more)


def flat(*leaves: Indicator, **more) -> Spec:
    more = {"treat": "none", "normalise": "minmax", "aggregate": "arithmetic"} | more
    return Spec("made_up_score", indicators=leaves, **more)


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"a": [0.0, 5.0, 10.0, 4.0], "b": [10.0, 4.0, 0.0, 9.0], "c": [1.0, 2.0, 3.0, 3.0]},
        index=list("wxyz"),
    )


TREE = Spec(
    "made_up_score",
    indicators=(leaf("a", "left", weight=3), leaf("b", "left"), leaf("c", "right")),
    components=(Component("left"), Component("right")),
    treat="none",
    normalise="minmax",
    aggregate="arithmetic",
)


# --- what if


def test_other_weights_by_hand():
    result = build(frame(), flat(leaf("a"), leaf("b")))
    # a: 0, 50, 100, 40; b: 100, 40, 0, 90; means 50, 45, 50, 65; 3 to 1: 25, 47.5, 75, 52.5
    found = what_if(result, weights={"a": 3})
    assert found["score_before"].tolist() == [50, 45, 50, 65]
    assert found["score_after"].tolist() == [25, 47.5, 75, 52.5]
    assert found["rank_before"].tolist() == [2, 4, 2, 1]
    assert found["rank_after"].tolist() == [4, 3, 1, 2]
    assert found["rank_change"].tolist() == [-2, 1, 1, -1]
    assert found.index.tolist() == list("wxyz")


def test_each_kind_of_change_is_the_index_declared_so():
    result = build(frame(), TREE)
    found = what_if(result, without=["b"], weights={"left": 2}, normalise="rank", rank_decimals=1)
    mapping = TREE.without("b").reweighted({"left": 2}).as_mapping()
    again = build(frame(), Spec.from_mapping(mapping | {"normalise": "rank", "rank_decimals": 1}))
    assert found["score_after"].tolist() == again.score.tolist()
    assert found["rank_after"].tolist() == again.rank.tolist()


def test_the_reference_set_and_the_parameters_stay():
    data = frame().assign(d=[1.0, 2.0, 3.0, 1000.0])
    spec = flat(*(leaf(name) for name in "abd"))
    base = pd.concat([data] * 3, ignore_index=True)
    result = build(data, spec, {"treat_skewness_min": 1e6}, base=base)
    found = what_if(result, weights={"a": 2})
    again = build(data, spec.reweighted({"a": 2}), {"treat_skewness_min": 1e6}, base=base)
    assert found["score_after"].tolist() == again.score.tolist()


def test_what_cannot_be_asked_is_said():
    result = build(frame(), TREE)
    with pytest.raises(ValueError, match="non cambia nulla"):
        what_if(result)
    with pytest.raises(ValueError, match="un indice non ha names, normalize$"):
        what_if(result, names=("a",), normalize="rank")
    with pytest.raises(ValueError, match="non ha q$"):
        what_if(result, without=["q"])
    with pytest.raises(ValueError, match="il metodo «rnak» non c'è"):
        what_if(result, normalise="rnak")


# --- leave one out


def test_leave_one_out_by_hand():
    result = build(frame(), flat(leaf("a"), leaf("b")))
    found = leave_one_out(result)
    # ranks 2, 4, 2, 1; without a (b alone) 1, 3, 4, 2; without b (a alone) 4, 2, 1, 3
    assert found["mean_rank_change"].to_dict() == {"a": 5 / 4, "b": 7 / 4}
    assert found["largest_rank_change"].to_dict() == {"a": 2, "b": 2}
    assert found["largest_change_unit"].to_dict() == {"a": "y", "b": "w"}
    expected = np.corrcoef([2.5, 4, 2.5, 1], [1, 3, 4, 2])[0, 1]
    assert found.loc["a", "rank_correlation"] == pytest.approx(expected)


def test_components_and_indicators_are_left_out_each_as_the_declaration_leaves_them_out():
    result = build(frame(), TREE)
    found = leave_one_out(result)
    assert found.index.tolist() == ["left", "right", "a", "b", "c"]
    for name in found.index:
        change = (build(frame(), TREE.without(name)).rank - result.rank).abs()
        assert found.loc[name, "mean_rank_change"] == change.mean()
        assert found.loc[name, "largest_rank_change"] == change.max()
    # right has one indicator
    assert found.loc["right"].equals(found.loc["c"])


def test_all_there_is_is_not_left_out():
    spec = Spec(
        "made_up_score",
        indicators=(leaf("a", "all"), leaf("b", "all")),
        components=(Component("all"),),
        treat="none",
    )
    assert leave_one_out(build(frame(), spec)).index.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="made_up_score ha un solo indicatore"):
        leave_one_out(build(frame(), flat(leaf("a"))))


def test_units_without_score_do_not_count():
    data = frame()
    data.loc["v"] = [50.0, np.nan, 1.0]
    found = leave_one_out(build(data, flat(leaf("a"), leaf("c"), leaf("b"))))
    assert found.notna().all(axis=None)
    assert "v" not in set(found["largest_change_unit"])


# --- effective weights


def noise(units: int, columns: str, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(random.normal(size=(units, len(columns))), columns=list(columns))


def test_the_whole_score_and_noise():
    spec = flat(leaf("all", weight=1), leaf("none", weight=0))
    data = noise(2000, "xy").set_axis(["all", "none"], axis=1)
    found = effective_weights(build(data, spec))
    assert found["declared_weight_share"].to_dict() == {"all": 1, "none": 0}
    # the rest is what varies within twenty groups along a normal distribution
    assert found.loc["all", "correlation_ratio"] > 0.95
    assert found.loc["none", "correlation_ratio"] < 0.02
    assert found["effective_weight_share"].sum() == pytest.approx(1)


def test_twenty_groups_on_an_even_scale_by_hand():
    # Scores 0 to 99 in 20 groups of 5: within, 20 * 10; in all, (100^3 - 100) / 12 = 83,325.
    data = pd.DataFrame({"a": np.arange(100.0), "b": np.tile([0.0, 1.0], 50)})
    found = effective_weights(build(data, flat(leaf("a"), leaf("b", weight=0))))
    expected = 1 - (200 / 80) / (83_325 / 99)
    assert found.loc["a", "correlation_ratio"] == pytest.approx(expected)


def test_independent_indicators_share_by_their_squared_weights():
    data = noise(4000, "abc")
    spec = flat(leaf("a", weight=2), leaf("b"), leaf("c"), normalise="zscore")
    found = effective_weights(build(data, spec))
    assert found["declared_weight_share"].tolist() == [0.5, 0.25, 0.25]
    # variances 4, 1 and 1 of 6
    assert found["correlation_ratio"].tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6], abs=0.05)


def test_declared_shares_multiply_down_the_tree():
    found = effective_weights(build(noise(30, "abc"), TREE))
    expected = {"a": 0.5 * 0.75, "b": 0.5 * 0.25, "c": 0.5}
    assert found["declared_weight_share"].to_dict() == pytest.approx(expected)
    assert found["correlation_ratio"].between(0, 1).all()


def own_way(parts: pd.DataFrame) -> pd.Series:
    return arithmetic_mean(parts)


def test_what_has_no_weights_declares_none():
    result = build(noise(30, "ab"), flat(leaf("a"), leaf("b"), aggregate=own_way))
    found = effective_weights(result)
    assert found["declared_weight_share"].isna().all()
    assert found["correlation_ratio"].notna().all()


def test_row_order_says_nothing_even_with_ties():
    data = noise(60, "ab").round(0)
    spec = flat(leaf("a"), leaf("b"))
    one = effective_weights(build(data, spec))
    other = effective_weights(build(data.sample(frac=1, random_state=2), spec))
    pd.testing.assert_frame_equal(one, other)


def test_effective_weights_need_ten_units():
    with pytest.raises(ValueError, match="ha 4 punteggi: .* dieci"):
        effective_weights(build(frame(), TREE))


# --- correlations, alpha, principal components


def test_pairs_that_say_nearly_the_same_are_named():
    data = noise(50, "abcd").assign(
        b=lambda table: -table["a"], c=lambda table: table["a"] + 0.3 * table["d"]
    )
    spec = flat(leaf("a"), leaf("b", polarity=-1), leaf("c", polarity=-1), leaf("d"))
    matrix, flagged = correlations(build(data, spec))
    assert matrix.loc["a", "b"] == pytest.approx(1)  # polarity is turned
    assert np.diag(matrix).tolist() == pytest.approx([1] * 4)
    assert flagged[["first", "second"]].to_numpy().tolist()[0] == ["a", "b"]
    # a conflict counts as well
    assert flagged.loc[flagged["second"] == "c", "correlation"].lt(-0.9).all()
    assert set(map(tuple, flagged[["first", "second"]].to_numpy())) == {
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    }
    expected = np.corrcoef(data["a"], -data["c"])[0, 1]
    assert matrix.loc["a", "c"] == pytest.approx(expected)
    assert correlations(build(data, spec), threshold=1.1)[1].empty


# --- a unit beside its peers


def test_a_profile_by_hand():
    data = pd.DataFrame(
        {
            "a": [1.0, 2.0, 3.0, 4.0, 5.0],
            "b": [1.0, 2.0, 3.0, 4.0, 5.0],
            "c": [1.0, 2.0, 2.0, 4.0, 5.0],
        },
        index=list("vwxyz"),
    )
    spec = flat(leaf("a"), leaf("b", polarity=-1), leaf("c", weight=2))
    result = build(data, spec)
    found = profile(result, "z")
    assert found.index.tolist() == ["a", "c", "b"]
    assert found["value"].tolist() == [5, 5, 5]
    assert found["peer_median"].to_dict() == {"a": 2.5, "b": 2.5, "c": 2}
    assert found["above_share"].to_dict() == {"a": 1, "b": 0, "c": 1}
    assert found["normalised"].to_dict() == {"a": 100, "b": 0, "c": 100}
    assert found["mark"].to_dict() == {"a": "high", "b": "low", "c": "high"}
    assert found["contribution"].to_dict() == {"a": 25, "b": 0, "c": 50}
    # one of the four others below x in c, one level with it
    middle = profile(result, "x")
    assert middle["above_share"].to_dict() == {"a": 0.5, "b": 0.5, "c": 0.375}
    assert set(middle["mark"]) == {""}
    # beside w and v only, x is above both; itself among its peers counts for nothing
    few = profile(result, "x", peers=["x", "w", "v"])
    assert few["above_share"].to_dict() == {"a": 1, "c": 0.75, "b": 0}
    assert few["peer_median"].to_dict() == {"a": 1.5, "b": 1.5, "c": 1.5}
    assert few["mark"].to_dict() == {"a": "high", "c": "high", "b": "low"}


def test_a_profile_of_what_is_missing():
    data = frame()
    data.loc["v"] = [5.0, np.nan, 2.0]
    result = build(data, flat(leaf("a"), leaf("b"), leaf("c"), aggregate=own_way))
    found = profile(result, "v")
    assert np.isnan(found.loc["b", "above_share"]) and found.loc["b", "mark"] == ""
    assert found["contribution"].isna().all()  # no sum
    assert profile(result, "v", peers=["v"])["above_share"].isna().all()
    for unit, peers in (("nobody", None), ("v", ["nobody"])):
        with pytest.raises(CompositeError, match="nobody"):
            profile(result, unit, peers)
