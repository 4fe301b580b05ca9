"""Regions: contiguous, above the floor, alike inside; against spopt where it can do the same."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import patterns, territory
from needs_analysis.territory import neighbours


def grid(side: int, apart: int = 0) -> gpd.GeoDataFrame:
    """Invented squares of 1 km; `apart` moves the last column away by so many km."""
    cells = [(row, column) for row in range(side) for column in range(side)]
    shapes = []
    for row, column in cells:
        left = column + (apart if column == side - 1 else 0)
        shapes.append(shapely.box(left * 1000, row * 1000, left * 1000 + 1000, row * 1000 + 1000))
    units = [f"u{place:03d}" for place in range(len(cells))]
    return gpd.GeoDataFrame(index=units, geometry=shapes, crs="EPSG:32632")


def ones(area: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series(1.0, index=area.index)


def contiguous(found: patterns.Regions, area: gpd.GeoDataFrame) -> bool:
    """Whether the polygons of each region form one piece, without asking the code under test."""
    merged = area.geometry.buffer(1).groupby(found.labels).agg(lambda one: one.union_all())
    return {shape.geom_type for shape in merged} == {"Polygon"}  # corners that touch are enough


def test_two_halves_by_hand():
    area = grid(4)
    left = [place % 4 < 2 for place in range(16)]
    ind = pd.DataFrame({"x": np.where(left, 1.0, 9.0)}, index=area.index)
    found = patterns.skater(ind, area, 2, 4, ones(area))
    assert found.labels.tolist() == [1 if one else 2 for one in left]
    assert found.households.tolist() == [8, 8]
    assert found.within_share == 0


def test_the_floor_counts_households_not_units():
    area = grid(3)
    ind = pd.DataFrame({"x": [0, 9, 9, 9, 9, 9, 9, 9, 9.0]}, index=area.index)
    alone = patterns.skater(ind, area, 2, 5, pd.Series([5.0, *[1] * 8], index=area.index))
    assert alone.labels.tolist() == [1, *[2] * 8]
    # with one household it cannot stand alone
    joined = patterns.skater(ind, area, 2, 3, ones(area))
    assert (joined.households >= 3).all() and len(joined.households) == 2


@pytest.mark.parametrize("seed", range(3))
def test_with_one_household_a_unit_the_regions_are_spopts(seed):
    from sklearn.metrics import adjusted_rand_score, pairwise
    from spopt.region.skater import SpanningForest

    area = grid(6)
    ind = pd.DataFrame(np.random.default_rng(seed).normal(size=(36, 2)), index=area.index)
    ind.columns = ["a", "b"]
    own = patterns.skater(ind, area, 4, 4, ones(area))
    model = SpanningForest(lambda x, y: pairwise.euclidean_distances(x, y, squared=True))
    weights = neighbours(area).graph.to_W()
    model.fit(4, weights, patterns.standardised(ind).to_numpy(), quorum=4)
    assert adjusted_rand_score(own.labels, model.current_labels_) == 1


@pytest.mark.slow
@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_regions_are_whole_and_above_the_floor(seed, regions, floor, alike):
    area = grid(5)
    rng = np.random.default_rng(seed)
    data = rng.integers(2, size=(25, 2)) if alike else rng.normal(size=(25, 2))
    ind = pd.DataFrame(data.astype(float), index=area.index, columns=["a", "b"])
    ind.iloc[0], ind.iloc[1] = 0, 1  # never constant
    households = pd.Series(rng.integers(1, 5, size=25).astype(float), index=area.index)
    try:
        found = patterns.skater(ind, area, regions, floor, households)
    except ValueError as error:
        assert "ask for fewer regions" in str(error)
        return
    assert sorted(found.households.index) == list(range(1, regions + 1))
    assert (found.households >= floor).all() and contiguous(found, area)
    turned = patterns.skater(
        ind.sample(frac=1, random_state=1), area.iloc[::-1], regions, floor, households.iloc[::-1]
    )
    assert turned.labels.equals(found.labels)


def test_parts_under_the_floor_are_joined_to_the_nearest_and_named():
    area = grid(4, apart=5)
    ind = pd.DataFrame({"x": np.arange(16.0)}, index=area.index)
    apart = patterns.skater(ind, area, 2, 4, ones(area))
    assert apart.joined.empty
    assert apart.labels.tolist() == [1, 1, 1, 2] * 4
    bridged = patterns.skater(ind, area, 2, 5, ones(area))  # the four on the right are too few
    assert bridged.joined.index.tolist() == ["u003"]
    assert bridged.joined["neighbour"].tolist() == ["u002"]
    assert (bridged.households >= 5).all()
    with pytest.raises(ValueError, match="2 parti che non si toccano, più delle 1"):
        patterns.skater(ind, area, 1, 4, ones(area))


def test_units_without_values_are_left_out_and_named():
    area = grid(4)
    ind = pd.DataFrame({"x": np.arange(16.0)}, index=area.index)
    ind.loc["u005", "x"] = np.nan
    households = ones(area)
    households["u006"] = np.nan
    found = patterns.skater(ind, area, 2, 3, households)
    assert found.missing == ("u005", "u006")
    assert len(found.labels) == 14


@pytest.mark.slow
def test_what_cannot_be_cut_is_refused():
    area = grid(3)
    ind = pd.DataFrame({"x": np.arange(9.0)}, index=area.index)
    with pytest.raises(ValueError, match="solo 2 regioni, non 3, hanno 4"):
        patterns.skater(ind, area, 3, 4, ones(area))
    with pytest.raises(ValueError, match="10 regioni di 9 unità"):
        patterns.skater(ind, area, 10, 1, ones(area))
    with pytest.raises(ValueError, match="meno di 10 famiglie"):
        patterns.max_p(ind, area, 10, ones(area))
    with pytest.raises(ValueError, match="households_min 0"):
        patterns.max_p(ind, area, 0, ones(area))
    with pytest.raises(ValueError, match="7904 unità sono troppe per max-p"):
        patterns.max_p(ind, territory.select("Italia"), 10_000)


def test_max_p_finds_the_most_regions():
    area = grid(4)
    ind = pd.DataFrame({"x": np.repeat([1.0, 5.0, 9.0, 13.0], 4)}, index=area.index)
    told = []
    found = patterns.max_p(ind, area, 4, ones(area), report=lambda *one: told.append(one))
    # 16 households, 4 a region: not more than 4 regions
    assert len(found.households) == 4
    assert (found.households == 4).all() and contiguous(found, area)
    assert told[0] == (0, 5) and told[-1] == (5, 5)


def test_max_p_is_seeded_and_leaves_numpys_generator_alone():
    area = grid(5)
    rng = np.random.default_rng(0)
    ind = pd.DataFrame({"x": rng.normal(size=25)}, index=area.index)
    np.random.seed(4)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(4)  # noqa: NPY002
    once = patterns.max_p(ind, area, 3, ones(area))
    assert np.random.random() == expected  # noqa: NPY002
    again = patterns.max_p(ind.iloc[::-1], area.iloc[::-1], 3, ones(area))
    assert once.labels.equals(again.labels)
    assert (once.households >= 3).all() and contiguous(once, area)


@pytest.mark.slow
def test_a_real_province_in_regions_of_twenty_thousand_households(computed, national):
    area = territory.select("provincia:MB")
    ind = computed.columns(["low_income_share", "residents_75_over_share"])
    found = patterns.skater(ind, area, 5, 20_000)
    assert (found.households >= 20_000).all() and contiguous(found, area)
    assert found.households.sum() == national.data.loc[area.index, "households"].sum()
    assert 0 < found.within_share < 1
