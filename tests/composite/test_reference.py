"""Published indices, rebuilt: COINr's ASEM, giniCI's Better Life Index, Compind's Europe 2020."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs_analysis.composite import (
    Component,
    Indicator,
    Spec,
    ampi,
    arithmetic_mean,
    build,
    build_panel,
    geometric_mean,
)

CHECKS = Path(__file__).parents[3] / "shared" / "checks"
ASEM = CHECKS / "coinr_asem"
AMPI = CHECKS / "ampi"

pytestmark = pytest.mark.skipif(not CHECKS.exists(), reason="reference cases not here")


def read(path: Path, key: str | list[str]) -> pd.DataFrame:
    """Read a table in which NA is Namibia's code, not a blank."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""]).set_index(key)


# --- COINr: 51 countries, 49 indicators, 8 pillars, 2 sub-indices, 1 index


def asem_spec() -> Spec:
    rows = read(ASEM / "input_iMeta.csv", "iCode")

    def text(value: object) -> str:
        return "" if pd.isna(value) or value == "Index" else str(value)

    leaves = rows[rows["Type"] == "Indicator"]
    inner = rows[(rows["Type"] == "Aggregate") & (rows.index != "Index")]
    return Spec(
        "Index_score",
        indicators=tuple(
            Indicator(
                row.Index,
                text(row.Parent),
                row.Weight,
                int(row.Direction),
                denominator=text(row.Denominator),
            )
            for row in leaves.itertuples()
        ),
        components=tuple(
            Component(row.Index, parent=text(row.Parent), weight=row.Weight)
            for row in inner.itertuples()
        ),
        impute={"method": "group_mean", "group": "EurAsia_group"},
        treat={"method": "winsorise", "points_max": 6},
        normalise="minmax",
        aggregate="arithmetic",
        rank_decimals=2,
    )


@pytest.fixture(scope="module")
def asem():
    return build(read(ASEM / "input_iData.csv", "uCode"), asem_spec())


@pytest.mark.parametrize(
    ("stage", "file"),
    [
        ("denominated", "expected_denominated.csv"),
        ("imputed", "expected_imputed.csv"),
        ("treated", "expected_treated.csv"),
        ("normalised", "expected_normalised.csv"),
        ("aggregated", "expected_aggregated.csv"),
    ],
)
def test_asem_stage(asem, stage, file):
    expected = read(ASEM / file, "UnitCode")
    found = asem.stages[stage].rename(columns={"Index_score": "Index"})
    found = found.loc[expected.index, expected.columns]
    assert len(expected) == 51
    assert (found.isna() == expected.isna()).all(axis=None)
    difference = (found - expected).abs().max() / expected.abs().max()
    assert difference.max() < 1e-8, difference.idxmax()


def test_asem_outliers(asem):
    expected = read(ASEM / "expected_treat_summary.csv", "IndCode")["Treatment"]
    words = {
        name: "none" if text == "None" else f"winsorised {text.split()[1]}"
        for name, text in expected.items()
    }
    assert asem.treatment == words
    assert sum(word != "none" for word in words.values()) > 3


def test_asem_ranks_and_scores(asem):
    expected = read(ASEM / "expected_results_rank.csv", "UnitCode").drop(columns="UnitName")
    found = asem.ranks.rename(columns=lambda name: name.removesuffix("_score"))
    assert (found.loc[expected.index, expected.columns] == expected).all(axis=None)
    scores = read(ASEM / "expected_results_score_2dp.csv", "UnitCode")
    scores = scores.drop(columns=["UnitName", "Rank"])
    own = asem.scores.data.rename(columns=lambda name: name.removesuffix("_score"))
    assert (own.loc[scores.index, scores.columns] - scores).abs().max().max() < 0.00501


def test_asem_contributions_over_four_levels(asem):
    assert (asem.contributions.sum(axis=1) - asem.score).abs().max() < 1e-9
    parts = asem.component_contributions()
    assert parts.columns.tolist() == ["Conn", "Sust"]
    assert (parts.sum(axis=1) - asem.score).abs().max() < 1e-9


def test_asem_without_a_pillar():
    data = read(ASEM / "input_iData.csv", "uCode")
    mapping = asem_spec().as_mapping()
    del mapping["rank_decimals"]  # the published shifts are of ranks of unrounded scores
    spec = Spec.from_mapping(mapping)
    rank = build(data, spec).rank
    published = json.loads((ASEM / "expected_leave_one_pillar_out.json").read_text())
    expected = published["published_mean_abs_rank_change_without_pillar"]
    found = {
        name: float((build(data, spec.without(name)).rank - rank).abs().mean()) for name in expected
    }
    assert len(expected) == 8
    assert found == pytest.approx(expected, abs=1e-6)


# --- giniCI: the OECD's Better Life Index, 36 countries in four years

BLI_LOWER = {"HO_HISH", "EQ_AIRP", "PS_REPH"}  # what lowers well-being


def bli() -> pd.DataFrame:
    return read(AMPI / "bli_input.csv", ["COUNTRY", "YEAR"])


def bli_spec(aggregate: object, weights: pd.Series | None = None) -> Spec:
    return Spec(
        "well_being_score",
        indicators=tuple(
            Indicator(
                name,
                weight=1.0 if weights is None else weights[name],
                polarity=-1 if name in BLI_LOWER else 1,
            )
            for name in bli().columns
        ),
        treat="none",
        normalise="ampi",
        aggregate=aggregate,
    )


def years() -> dict[int, pd.DataFrame]:
    return {year: bli().xs(year, level="YEAR") for year in (2014, 2015, 2016, 2017)}


@pytest.mark.parametrize(("penalty", "column"), [("-", "ampi_pooled"), ("+", "ampi_plus_pooled")])
def test_better_life_index_pooled(penalty, column):
    expected = read(AMPI / "bli_expected_giniCI_0.1.3.csv", ["COUNTRY", "YEAR"])
    found = build(bli(), bli_spec({"method": "ampi", "penalty": penalty})).score
    assert len(expected) == 36 * 4
    assert (found - expected[column]).abs().max() < 1e-9


def test_better_life_index_on_the_scale_of_2014():
    expected = read(AMPI / "bli_expected_giniCI_0.1.3.csv", ["COUNTRY", "YEAR"])["ampi_ref2014"]
    found = build_panel(years(), bli_spec({"method": "ampi", "penalty": "-"}), base=2014)
    for year, result in found.items():
        assert (result.score - expected.xs(year, level="YEAR")).abs().max() < 1e-9


def gini(values: pd.Series) -> float:
    ordered = np.sort(values.to_numpy())
    count = len(ordered)
    return float((2 * np.arange(1, count + 1) - count - 1) @ ordered / (count * ordered.sum()))


def imbalance(parts: pd.DataFrame) -> pd.Series:
    return arithmetic_mean(parts) - ampi(parts, penalty="-")


def arithmetic_less_imbalance(parts: pd.DataFrame, weights: pd.Series) -> pd.Series:
    return arithmetic_mean(parts, weights) - imbalance(parts)


def geometric_less_imbalance(parts: pd.DataFrame, weights: pd.Series) -> pd.Series:
    return geometric_mean(parts, weights) - imbalance(parts)


def test_rank_shifts_of_the_vignette_of_ginici():
    published = json.loads((AMPI / "expected_giniCI_vignette.json").read_text())
    published = published["giniCI_vignette_rank_shift"]
    normalised = build(years()[2014], bli_spec("ampi")).stages["normalised"]
    weights = normalised.apply(gini)
    weights /= weights.sum()
    inverse = 1 / weights / (1 / weights).sum()
    one = build_panel(years(), bli_spec(arithmetic_less_imbalance, weights), base=2014)
    other = build_panel(years(), bli_spec(geometric_less_imbalance, inverse), base=2014)
    shifts = [(one[year].rank - other[year].rank).abs() for year in published["years"]]
    assert [round(shift.mean(), 3) for shift in shifts] == published["average_shift_all"]
    equal = [round(100 * (shift == 0).mean(), 2) for shift in shifts]
    assert equal == published["percent_equal"]


# --- Compind: two indicators of Europe 2020


@pytest.mark.parametrize("year", ["2010", "2011"])
def test_europe_2020_as_printed_by_compind(year):
    # Its own choices, not ISTAT's: references 50 and 100, the range of the year, a sample deviation.
    expected = read(AMPI / "EU_2020_expected_compind_vignette_v2.csv", "geo")[year]
    spec = Spec(
        "europe_score",
        indicators=(
            Indicator(f"employ_{year}", polarity=1, reference=50),
            Indicator(f"finalenergy_{year}", polarity=1, reference=100),
        ),
        treat="none",
        aggregate={"method": "ampi", "penalty": "+", "ddof": 1},
    )
    found = build(read(AMPI / "EU_2020_input.csv", "geo"), spec).score
    assert len(expected) == 30
    assert (found - expected).abs().max() <= 0.005


def test_plus_is_not_minus():
    both = [build(bli(), bli_spec({"method": "ampi", "penalty": one})).score for one in "+-"]
    assert (both[0] - both[1] > 0.01).all()
