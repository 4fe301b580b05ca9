"""What an index may be made of."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tomli_w
from indices import DISTRESS

from needs_analysis import indicators
from needs_analysis.composite import (
    METHODS,
    Component,
    CompositeError,
    Indicator,
    Method,
    Spec,
    build,
    normalise_minmax,
)
from needs_analysis.composite.methods import GIVEN
from needs_analysis.composite.problems import RANGES


def leaf(name: str, parent: str = "", **more) -> Indicator:
    return Indicator(name, parent, polarity=more.pop("polarity", 1), **more)


def three(**changes) -> Spec:
    """Three levels with an own aggregation here and there."""
    return replace(
        Spec(
            "made_up_score",
            "prova",
            "trial",
            (
                leaf("a", "left", weight=3, transform="log", goalposts=(1.0, 10.0)),
                leaf("b", "left", polarity=-1, denominator="people", goalposts=(0.0, 2.0)),
                leaf("c", "inner", goalposts=(0.0, 1.0), reference=4.0),
                leaf("d", weight=2, goalposts=(0.0, 1.0)),
            ),
            (
                Component("right", "destra", aggregate={"method": "ampi", "penalty": "-"}),
                Component("inner", parent="right", weight=1.0),
                Component("left", "sinistra", "left", aggregate="arithmetic"),
            ),
            impute={"method": "group_mean", "group": "region"},
            treat="none",
            normalise={"method": "goalposts", "clip": True},
            aggregate="geometric",
            rank_decimals=3,
        ),
        **changes,
    )


def said(*rows: object, components: tuple[Component, ...] = (), **more) -> str:
    """Return what is wrong with an index of these indicators."""
    name = more.pop("name", "x_score")
    with pytest.raises(CompositeError) as error:
        Spec(name, indicators=rows, components=components, **more)
    return "; ".join(map(str, error.value.problems))


# --- the index of 0.1.0, kept as a file


def test_the_index_of_the_first_release_is_kept_to_the_last_bit(computed, index):
    """The declaration as the program had it, in Python: the file gives the same scores."""
    components = {
        "affordability": (
            "rent_to_income_ratio",
            "price_to_income_years",
            "below_rent_threshold_share",
        ),
        "income_fragility": ("low_income_share", "income_between_class_gini_ratio"),
        "demographic_fragility": (
            "residents_75_over_share",
            "residents_85_over_share",
            "old_age_index_per_100",
        ),
        "market_pressure": ("accommodation_beds_per_1000",),
    }
    leaves = [Indicator(name, part) for part, names in components.items() for name in names]
    as_it_was = Spec(
        "housing_distress_score",
        indicators=tuple(leaves),
        components=tuple(map(Component, components)),
    )
    assert build(computed, as_it_was).scores.data.equals(index.scores.data)
    assert index.score.notna().sum() == 7342
    # Of today's figures: A10, which is one of the nine, has moved them since (101.954, 97.453, 106.577).
    known = {
        "108033": 101.84209657291561,
        "108041": 97.39938879276066,
        "015146": 106.86939232514675,
    }
    assert index.score[list(known)].tolist() == pytest.approx(list(known.values()), abs=1e-9)
    # imbalance makes a distress worse: AMPI adds its correction unless told otherwise
    assert (DISTRESS.aggregate.name, dict(DISTRESS.aggregate.options)) == ("ampi", {})
    assert set(DISTRESS.names) <= set(indicators.registry())
    assert set(DISTRESS.polarity.values()) == {1}


# --- the tree


def test_a_tree_of_three_levels():
    spec = three()
    assert spec.names == ("a", "b", "c", "d")
    assert spec.nodes[-1] == "made_up_score"
    assert spec.nodes.index("inner") < spec.nodes.index("right")
    assert spec.parts("made_up_score") == {"right": 1, "left": 1, "d": 2}
    assert spec.parts("left") == {"a": 3, "b": 1}
    assert set(spec.leaves("made_up_score")) == {"a", "b", "c", "d"}
    assert spec.leaves("right") == ("c",)
    assert spec.scores == ("made_up_score", "right_score", "inner_score", "left_score")
    assert [spec.column(node) for node in ("left", "made_up_score")] == [
        "left_score",
        "made_up_score",
    ]
    assert [spec.aggregation(node).name for node in spec.nodes].count("ampi") == 1
    assert spec.aggregation("inner").name == spec.aggregation("made_up_score").name == "geometric"


def test_directions_come_from_the_registry_unless_given():
    assert Indicator("affordable_surface_m2").direction == -1
    assert Indicator("rent_to_income_ratio", polarity=-1).direction == -1
    assert Indicator("nobody_knows").direction == 0


def test_a_declared_indicator_by_its_code_and_a_column_of_ones_own_by_its_name():
    assert Indicator("a1").name == "rent_to_income_ratio" and Indicator("A1").direction == 1
    assert Indicator("A1", polarity=1).name == "A1"


def test_methods_by_name_by_table_or_as_functions():
    spec = Spec("x_score", indicators=(leaf("a"),), normalise=normalise_minmax)
    assert spec.normalise.function is normalise_minmax
    one = Method.of("normalise", {"method": "zscore", "mean": 100, "sd": 10})
    assert one.as_mapping() == {"method": "zscore", "mean": 100, "sd": 10}
    assert Method.of("normalise", one) is one
    assert set(one.allowed) == {"mean", "sd", "ddof"}
    for stage, methods in METHODS.items():
        for name, function in methods.items():
            found = Method.of(stage, name)
            assert found.function is function
            assert found.as_mapping() == name
            # options may be asked of every method, but a group only where there are groups
            assert {one.code for one in found.problems()} <= {"composite.no_group"}


# --- every problem at once


def test_every_problem_of_the_tree_is_said_at_once():
    text = said(
        leaf("a", "up"),
        leaf("a", "nowhere"),
        Indicator("residents_per_km2", "up"),  # it gives context only
        leaf("down", "one"),
        components=(
            Component("up"),
            Component("empty"),
            Component("one", parent="other"),
            Component("other", parent="one"),
            Component("lost", parent="away"),
            Component("down"),
        ),
        name="index",
    )
    for problem in (
        "a compare due volte",
        "down compare due volte",
        "il nome «index» non finisce in _score",
        "a: la componente «nowhere» (parent) non c'è",
        "lost: la componente «away» (parent) non c'è",
        "empty non ha indicatori",
        "one sta sotto se stessa",
        "other sta sotto se stessa",
        "residents_per_km2 non ha verso",
    ):
        assert problem in text


def test_an_index_needs_an_indicator():
    assert "manca un indicatore" in said()


def test_every_problem_of_the_weights_is_said_at_once():
    text = said(
        leaf("a", "shares", weight=0.5),
        leaf("b", "shares", weight=0.4),
        leaf("c", "nothing", weight=0),
        leaf("d", "wrong", weight=-1),
        leaf("e", "wrong", weight=np.nan),
        leaf("f", "wrong", weight=np.inf),
        components=(Component("shares"), Component("nothing"), Component("wrong")),
    )
    for problem in (
        "i pesi sotto shares sono quote e sommano a 0,9, non a 1: a, b",
        "i pesi sotto nothing sommano a 0",
        "d: il peso -1 non è un numero da 0 in su",
        "e: il peso nan non è",
        "f: il peso inf non è",
    ):
        assert problem in text
    shares = (leaf("a", weight=0.25), leaf("b", weight=0.75))
    assert Spec("x_score", indicators=shares).parts("x_score") == {"a": 0.25, "b": 0.75}


def test_every_problem_of_the_methods_is_said_at_once():
    text = said(
        leaf("a", "part", transform="ln"),
        components=(Component("part", aggregate={"method": "ampi", "penalti": "+"}),),
        screen="sieve",
        impute="group_mean",
        treat={"method": "winsorise", "points": 3},
        normalise={"method": "minmax", "hgh": 1},
        weight="pcs",
        aggregate={"method": "mean"},
    )
    for problem in (
        "screen: il metodo «sieve» non c'è (ci sono none, availability)",
        "impute: group_mean vuole group",
        "treat: winsorise non ha l'opzione «points» (ha skewness_min, kurtosis_min, points_max)",
        "normalise: minmax non ha l'opzione «hgh» (ha low, high)",
        "weight: il metodo «pcs» non c'è",
        "aggregate: il metodo «mean» non c'è",
        "part.aggregate: ampi non ha l'opzione «penalti»",
        "a: la trasformazione «ln» non è fra log, log10, log1p, sqrt",
    ):
        assert problem in text


def test_every_problem_of_goalposts_and_references_is_said_at_once():
    text = said(
        leaf("a"),
        leaf("b", goalposts=(3, 3)),
        leaf("c", goalposts=(0, 1)),
        normalise="goalposts",
    )
    assert "a non ha estremi (goalposts)" in text
    assert "b: gli estremi (goalposts) 3, 3 non vanno dal minore al maggiore" in text
    assert "c non ha" not in text and "c: gli estremi" not in text
    text = said(leaf("a"), leaf("b", reference=0), leaf("c", reference=2), normalise="distance")
    needs = "non ha un riferimento (reference) diverso da 0, con cui confrontare"
    assert f"a {needs}; b {needs}" in text
    assert "alcuni indicatori hanno un riferimento (reference) e altri no: a" in said(
        leaf("a"), leaf("c", reference=2)
    )


# --- plain tables


def test_plain_tables_and_back(tmp_path):
    for spec in (three(), DISTRESS):
        plain = spec.as_mapping()
        assert Spec.from_mapping(plain) == spec
        assert Spec.from_mapping(plain).as_mapping() == plain
        path = tmp_path / "own.toml"
        path.write_text(tomli_w.dumps(plain))
        assert Spec.read(path) == spec
        path.write_text(tomli_w.dumps({"study": {"title": "x"}, "index": plain}))
        assert Spec.read(path) == spec


def test_what_a_table_cannot_mean_is_said_at_once(tmp_path):
    path = tmp_path / "index.toml"
    path.write_text(
        """
        naem = "x_score"
        label_it = 3
        rank_decimals = "two"
        [[indicators]]
        name = "a"
        polarit = 1
        weight = "much"
        goalposts = 5
        [[indicators]]
        polarity = 1
        goalposts = [0, 1, 2]
        [[components]]
        name = "part"
        wieght = 2
        parent = 1
        """
    )
    with pytest.raises(CompositeError) as error:
        Spec.read(path)
    assert [str(one) for one in error.value.problems] == [
        "manca «name»",
        "riga 2: «naem» è sconosciuto: forse «name»",
        "riga 3: «label_it» deve essere un testo tra virgolette",
        'riga 4: «rank_decimals»: "two" non è un numero intero',
        "riga 7: «indicators[a].polarit» è sconosciuto: forse «polarity»",
        'riga 8: «indicators[a].weight»: "much" non è un numero',
        "riga 9: «indicators[a].goalposts»: 5 non sono due numeri",
        "riga 10: manca «indicators[2].name»",
        "riga 12: «indicators[2].goalposts»: [0, 1, 2] non sono due numeri",
        "riga 15: «components[part].wieght» è sconosciuto: forse «weight»",
        "riga 16: «components[part].parent» deve essere un testo tra virgolette",
    ]
    assert {one.where.file for one in error.value.problems} == {"index.toml"}
    for wrong, code in (("a", "list_type"), (["a"], "model_type"), ({"name": "a"}, "list_type")):
        with pytest.raises(CompositeError) as error:
            Spec.from_mapping({"name": "x_score", "indicators": wrong})
        assert error.value.problems[0].code == f"declarations.{code}"


# --- other indices of one


def test_without_an_indicator_or_a_component():
    spec = three()
    left = spec.without("b", "inner")
    assert left.names == ("a", "d")
    assert left.scores == ("made_up_score", "left_score")  # right is left empty
    assert left.parts("made_up_score") == pytest.approx({"left": 1 / 3, "d": 2 / 3})
    assert left.parts("left") == {"a": 1}
    assert spec.without("right").names == ("a", "b", "d")
    assert spec == three()  # nothing is changed in place


def test_without_all_or_without_what_is_not_there():
    with pytest.raises(ValueError, match="manca un indicatore"):
        three().without("a", "b", "c", "d")
    with pytest.raises(ValueError, match="made_up_score non ha x, y$"):
        three().without("x", "a", "y")
    none = Spec("x_score", indicators=(leaf("a"), leaf("b", weight=0)))
    with pytest.raises(ValueError, match="i pesi sotto x_score sommano a 0"):
        none.without("a")


def test_reweighted():
    spec = three().reweighted({"a": 1, "left": 5})
    assert spec.parts("left") == {"a": 1, "b": 1}
    assert spec.parts("made_up_score") == {"right": 1, "left": 5, "d": 2}
    with pytest.raises(ValueError, match="non ha z$"):
        spec.reweighted({"z": 1})
    with pytest.raises(ValueError, match="a: il peso -1"):
        spec.reweighted({"a": -1})


def test_without_is_as_a_weight_of_zero():
    random = np.random.default_rng(3)
    data = pd.DataFrame(random.normal(size=(12, 3)), columns=list("abc"))
    spec = Spec(
        "x_score",
        indicators=(leaf("a", "p"), leaf("b", "p"), leaf("c")),
        components=(Component("p"),),
    )
    zero, gone = build(data, spec.reweighted({"a": 0})), build(data, spec.without("a"))
    assert zero.score.tolist() == pytest.approx(gone.score.tolist(), rel=1e-12)


def test_what_is_no_indicator_is_named():
    with pytest.raises(ValueError, match="'a' non è un Indicator; 'p' non è un Component"):
        Spec("s_score", indicators=("a",), components=("p",))


def test_a_component_may_find_its_own_weights_and_values_may_keep_their_scale():
    rows = [{"name": name, "parent": "left", "polarity": 1} for name in "ab"]
    written = {
        "name": "x_score",
        "normalise": "none",
        "treat": "none",
        "aggregate": "arithmetic",
        "components": [{"name": "left", "weight_method": "entropy"}],
        "indicators": [*rows, {"name": "c", "polarity": 1}],
    }
    spec = Spec.from_mapping(written)
    assert spec.weighting("left").name == "entropy" and spec.weighting("x_score").name == "given"
    assert Spec.from_mapping(spec.as_mapping()) == spec
    data = pd.DataFrame({"a": [1.0, 2, 3, 9], "b": [4.0, 4, 5, 4], "c": [0.0, 1, 2, 3]})
    found = build(data, spec)
    assert found.stages["normalised"].equals(data)
    assert found.weights["left"]["a"] > found.weights["left"]["b"]
    assert found.weights["x_score"].tolist() == [0.5, 0.5]
    turned = written | {"indicators": [{"name": "c", "polarity": -1}], "components": []}
    with pytest.raises(ValueError, match="c: il verso -1 .* una scala da rovesciare"):
        Spec.from_mapping(turned)


def test_an_option_that_is_no_number_is_named():
    with pytest.raises(ValueError, match="mean di zscore, «100», non è un numero"):
        Spec("x_score", normalise={"method": "zscore", "mean": "100"},
             indicators=(Indicator("a", polarity=1),))  # fmt: skip


# --- the range of every option


def numeric_options() -> list[tuple[str, str, str]]:
    return [
        (stage, name, option.name)
        for stage, methods in METHODS.items()
        for name, function in methods.items()
        if function
        for option in inspect.signature(function).parameters.values()
        if option.name not in GIVEN
        and (
            isinstance(option.default, int | float)
            and not isinstance(option.default, bool)
            or any(kind in str(option.annotation) for kind in ("int", "float"))
        )
    ]


@pytest.mark.parametrize(("stage", "name", "option"), numeric_options())
def test_every_numeric_option_of_every_method_has_a_range(stage, name, option):
    assert option in RANGES
    kept = RANGES[option]
    for wrong in (kept.low - 1, kept.high * 30):
        if np.isfinite(wrong):
            method = Method.of(stage, {"method": name, option: wrong})
            assert "deve" in "; ".join(map(str, method.problems())), (method, wrong)


def test_a_scale_the_wrong_way_round_is_answered_with_the_cure():
    turned = {"method": "minmax", "low": 100, "high": 1}
    cure = "Scrivere low = 1 e high = 100; il verso di un indicatore si dice con polarity"
    assert cure in said(leaf("x"), normalise=turned)
    data = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(CompositeError, match="low = 1 e high = 100"):
        normalise_minmax(data, {"x": 1}, low=100, high=1)
    # Beside the default of what is left out.
    assert "tutti e due 100" in said(leaf("x"), normalise={"method": "minmax", "low": 100})
    posts = {"method": "goalposts", "low": 1}
    assert "tutti e due 1" in said(leaf("x", goalposts=(0, 1)), normalise=posts)
    assert "sd è -10" in said(leaf("x"), normalise={"method": "zscore", "sd": -10})


def test_options_out_of_range_are_refused_when_an_index_is_declared():
    assert "66 per cento si scrive 0,66" in said(
        leaf("x"), screen={"method": "availability", "share_min": 66}
    )
    winsorised = {"method": "winsorise", "points_max": -1}
    assert "points_max è -1: deve essere da 0 in su" in said(leaf("x"), treat=winsorised)
    bounded = {"method": "benefit_of_doubt", "lower": {"x": 10}}
    assert "lower (x) è 10" in said(leaf("x"), leaf("y"), aggregate=bounded)
    assert "rank_decimals è -1" in said(leaf("x"), rank_decimals=-1)
    assert "non vanno dal minore" in said(leaf("x", goalposts=(0, np.inf)))
    assert "riferimento (reference) nan" in said(leaf("x", reference=np.nan))


def test_a_method_of_ones_own_has_its_own_ranges():
    def turned(data, polarity, low=5, high=1):  # noqa: ARG001
        return data * low

    assert Method.of("normalise", {"method": turned, "low": 7}).problems() == []


def test_weights_that_sum_to_a_little_more_are_answered_with_the_cure():
    rows = leaf("a", weight=0.51), leaf("b", weight=0.3), leaf("c", weight=0.2)
    cure = (
        "sommano a 1,01, non a 1: a, b, c. Scrivere a = 0.505, b = 0.297, c = 0.198; oppure in punti, "
        "che contano in proporzione: a = 51, b = 30, c = 20"
    )
    assert cure in said(*rows)
    # What the cure says is an index.
    for weights in ((0.505, 0.297, 0.198), (51, 30, 20)):
        declared = (leaf(x, weight=w) for x, w in zip("abc", weights, strict=True))
        Spec("x_score", indicators=tuple(declared))


def test_thirds_are_answered_with_shares_that_sum_to_one():
    text = said(*(leaf(x, weight=0.33) for x in "abc"))
    assert "Scrivere a = 0.3334, b = 0.3333, c = 0.3333" in text
