"""Households of an area some years ahead: by hand, and against those that were counted since."""

from __future__ import annotations

import pandas as pd
import pytest

from needs_analysis import store
from needs_analysis.needs import ahead, project
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.projection import of_history
from needs_analysis.territory import municipalities, select

from .test_projection import COUNTED, brescia


def test_a_province_keeps_its_growth_and_households_get_smaller():
    table = store.table("population_growth").set_index(["territory", "year"])["growth_per_1000"]
    residents = table.loc["Brescia"].loc[2020:2024].mean() / 1000
    found = ahead.growth_of_provinces().loc["017"]
    assert found["central"] == pytest.approx(residents + 0.0054)
    assert found["high"] - found["central"] == pytest.approx(0.003)
    every = ahead.growth_of_provinces()
    assert len(every) == 107 and every.notna().all(axis=None)
    # Provinces that began later grow as their region.
    assert ahead.growth_of_provinces(codes_on="2026-09-01").notna().all(axis=None)


def test_what_lies_in_the_area_whole_is_told_and_the_area_is_their_sum():
    area = select("ambito:Desio")
    found = project(area, 2026).paths
    assert [*found.index.unique("level")] == ["municipality", "ambito", "area"]
    held = municipalities().loc[area.index, "households"]
    growth = ahead.growth_of_provinces().loc["108", "central"]
    own = found.loc["municipality", "central"]
    assert own[area.index].tolist() == pytest.approx((held * (1 + growth) ** 5).tolist())
    assert found.loc[("area", "area"), "central"] == pytest.approx(own.sum())
    assert found.loc[("ambito", "Desio")].tolist() == pytest.approx(
        found.loc[("area", "area")].tolist()
    )
    assert [*project(select("comune:Rho"), 2026).paths.index] == [("municipality", "015182")]


def test_far_ahead_no_single_municipality_is_told():
    found = project(select("provincia:MB"), 2031).paths
    assert {"ambito", "province", "area"} == set(found.index.unique("level"))
    with pytest.raises(NeedsError, match="oltre 5 anni"):
        project(select("comune:Rho"), 2031)
    with pytest.raises(NeedsError, match="non è dopo"):
        project(select("comune:Rho"), 2020)


@pytest.mark.skipif(not COUNTED.exists(), reason="the counts of Brescia are not at hand")
def test_what_would_have_been_said_in_2021_of_brescia_in_2024():
    counted = brescia()
    growth = ahead.growth_of_provinces(known_until=2020)
    found = of_history(
        counted[[2021]], 2024, provinces=pd.Series("017", counted.index), growth=growth
    )
    own = found.paths.loc["municipality"]
    missed = own["central"] / counted[2024] - 1
    assert 100 * missed.abs().mean() <= 1.3
    assert abs(own["central"].sum() / counted[2024].sum() - 1) < 0.005
    held = (own["low"] <= counted[2024]) & (counted[2024] <= own["high"])
    assert 0.85 <= held.mean() <= 0.99


def test_sizes_ahead_sum_to_the_central_households_and_get_smaller():
    found = project(select("ambito:Carate Brianza"), 2026)
    assert found.sizes.sum(axis=1).to_numpy() == pytest.approx(found.paths["central"].to_numpy())
    assert found.sizes.index.equals(found.paths.index)
    alone = (found.sizes[1] / found.paths["central"]).loc["area"]
    now = project(select("ambito:Carate Brianza"), 2022)
    assert (alone > (now.sizes[1] / now.paths["central"]).loc["area"]).all()
