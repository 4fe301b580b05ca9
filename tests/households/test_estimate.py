"""The whole model on all municipalities: interval, benchmark, order, assumptions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis import households, parameters
from needs_analysis.errors import ParameterError
from needs_analysis.figures import Quality
from needs_analysis.households import Evidence, Scenario, benchmark, estimating, model
from needs_analysis.households.scenario import DIRECTIONS
from needs_analysis.households.sizes import SIZES
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import MACRO_AREAS

from .evidence import here, later_means, regional_incomes, survey

POINTS = 64


@pytest.fixture(scope="module")
def panel(national):
    units = municipalities().loc[national.data.index, ["region_code", "province_code"]]
    territory = units["region_code"].where(units["region_code"] != "04", units["province_code"])
    return national.data.join(units.assign(income_territory=territory))


@pytest.fixture(scope="module")
def evidence():
    return Evidence(regional_incomes(), later_means(), survey())


@pytest.fixture(scope="module")
def estimate(panel, evidence):
    return households.estimate(panel, evidence, count=POINTS)


@here
@pytest.mark.slow
def test_low_central_and_high_stand_in_order_everywhere(estimate):
    data, low, high = estimate.figures.data, estimate.figures.low, estimate.figures.high
    assert (low <= data + 1e-9).all(axis=None) and (data <= high + 1e-9).all(axis=None)
    assert data.notna().all(axis=None) and low.notna().all(axis=None)
    assert (data["overburdened_tenants"] <= data["market_tenants"]).all()
    parts = data["public_tenants"] + data["market_tenants"]
    assert parts.to_numpy() == pytest.approx(data["renting_households"].to_numpy(), rel=1e-9)
    assert estimate.by_size.sum(axis=1).to_numpy() == pytest.approx(
        data["overburdened_tenants"].to_numpy(), rel=1e-12
    )


@here
@pytest.mark.slow
def test_a_rent_of_its_likes_is_told(estimate, panel):
    quality = estimate.figures.quality["overburdened_tenants"]
    blank = panel["rent_eur_m2_month"].isna()
    assert blank.sum() == 553
    assert (quality[blank] == Quality.IMPUTED).all()
    assert (quality[~blank] == Quality.MODELLED).all()


@here
@pytest.mark.slow
def test_the_persons_of_each_macro_area_are_those_of_the_survey(estimate, panel, evidence):
    data = estimate.figures.data
    known = model.know(panel, evidence)
    own, _ = model.modelled(known, Scenario(), POINTS)
    regional = panel.groupby("region_code")["households"].sum()
    asked = benchmark.regional_benchmark(evidence.survey, regional, 0.0192, evidence.years)
    area = panel["region_code"].map(MACRO_AREAS).to_numpy()
    market = (own.market * np.asarray(SIZES)).sum(axis=1)
    burdened = data["overburdened_tenant_persons"].to_numpy()
    for one, rate in asked.macro_areas.items():
        here_ = area == one
        persons = market[here_].sum() + own.public_persons[here_].sum()
        found = (burdened[here_].sum() + 0.06 * own.public_persons[here_].sum()) / persons
        assert found == pytest.approx(rate, abs=1e-9)


@here
@pytest.mark.slow
def test_renting_households_add_up_to_their_region(estimate, panel, evidence):
    wanted = evidence.survey[evidence.survey["year"].between(2023, 2025)]
    wanted = wanted.groupby("territory")["renting_share"].mean()
    renting = estimate.figures.data["renting_households"].groupby(panel["region_code"]).sum()
    share = renting / panel["households"].groupby(panel["region_code"]).sum()
    assert share.to_numpy() == pytest.approx(wanted[share.index].to_numpy(), abs=1e-9)
    assert estimate.figures.data["public_tenants"].sum() == pytest.approx(739_734, rel=1e-9)


@here
@pytest.mark.slow
def test_the_order_of_the_rows_changes_nothing_to_the_last_bit(estimate, panel, evidence):
    order = np.random.default_rng(3).permutation(len(panel))
    again = households.estimate(panel.iloc[order], evidence, count=POINTS)
    assert (again.figures.data == estimate.figures.data.iloc[order]).all(axis=None)
    assert (again.figures.low == estimate.figures.low.iloc[order]).all(axis=None)
    assert (again.figures.high == estimate.figures.high.iloc[order]).all(axis=None)


@here
@pytest.mark.slow
def test_an_own_stock_and_an_observed_share_take_the_place_of_the_model(panel, evidence):
    own = panel.assign(renting_share_observed=np.nan, public_tenants_observed=np.nan)
    own.loc["108033", ["renting_share_observed", "public_tenants_observed"]] = 0.25, 1_000.0
    known = model.know(own, evidence)
    found, _ = model.modelled(known, Scenario(), POINTS)
    at = own.index.get_loc("108033")
    assert found.public[at] == pytest.approx(1_000, rel=1e-9)
    assert known.renting_kind["108033"] == "observed"
    assert known.renting["108033"] == pytest.approx(0.25, abs=1e-12)
    region = panel["region_code"] == "03"
    renting, every = found.renting[region].sum(), panel.loc[region, "households"].sum()
    wanted = evidence.survey.query("territory == '03' and 2023 <= year <= 2025")
    assert renting / every == pytest.approx(wanted["renting_share"].mean(), abs=1e-9)


@here
@pytest.mark.slow
def test_over_another_share_than_the_survey_s_the_odds_stay(panel, evidence):
    """The survey counts who is over 40 %: over 35 % are more, everywhere."""
    stricter, as_surveyed = (
        households.estimate(panel, evidence, count=16, overrides={"overburden_share": share})
        for share in (0.35, 0.40)
    )
    name = "overburdened_tenants"
    more, same = stricter.figures.data[name], as_surveyed.figures.data[name]
    assert (more >= same).all() and more.sum() > 1.05 * same.sum()
    pd.testing.assert_frame_equal(
        stricter.regions[["rate", "model_rate"]], as_surveyed.regions[["rate", "model_rate"]]
    )


@here
@pytest.mark.slow
def test_every_assumption_is_moved_alone(panel, evidence):
    some = ("rent_income_correlation_share", "public_tenants", "owners_overburden_share")
    found = households.tornado(panel, evidence, count=16, assumptions=some)
    named = set(found.columns.get_level_values(0)) - {"central"}
    assert named == {*some, "renting_error_share"}
    moved = households.moved_most(found, ["108033", "108012"])
    assert moved["span"].is_monotonic_decreasing and (moved["span"] > 0).all()
    assert (moved["central"] == moved["central"].iloc[0]).all()


@pytest.mark.slow
def test_a_few_are_run_alone_as_among_all(panel, evidence):
    """With what all the nation settled, to the last bit; one with public dwellings of its own too."""
    own = panel.assign(public_tenants_observed=np.nan)
    own.loc["108033", "public_tenants_observed"] = 400.0
    known, central = model.know(own, evidence), Scenario()
    some = ("rent_income_correlation_share", "public_tenants", "owners_overburden_share")
    whole, settled = estimating.moved(known, central, 16, some)
    for codes in (["108033"], ["108012", "108033", "015146"], [*own.index[::500]]):
        at = own.index.get_indexer(codes)
        alone, _ = estimating.moved(known.rows(at), central, 16, some, settled)
        pd.testing.assert_frame_equal(alone, whole.loc[codes], check_exact=True)


def test_each_assumption_is_a_row_with_its_range_and_source():
    rows = parameters.in_force()
    low, central, high = Scenario.low(), Scenario(), Scenario.high()
    for name, direction in DIRECTIONS.items():
        row = rows[name]
        assert row.low is not None and row.high is not None and row.source
        ends = [one.number(name) for one in (low, central, high)]
        assert ends == sorted(ends, reverse=direction < 0)
        assert central.number(name) == row.value


def test_all_that_is_out_of_range_is_named_at_once():
    with pytest.raises(ParameterError) as refused:
        Scenario(income_level_ratio=3, rent_growth_since_quotes_share=15)
    said = str(refused.value)
    assert "income_level_ratio" in said and "rent_growth_since_quotes_share" in said
