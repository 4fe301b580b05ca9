"""Sites: published optima, brute force, what is kept open, and what a protected dwelling tells."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from needs_analysis import territory
from needs_analysis.services.siting import sites as siting

CHECKS = Path(__file__).parents[4] / "shared" / "checks" / "location"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")


@pytest.fixture(scope="module")
def brianza() -> gpd.GeoDataFrame:
    return territory.select("provincia:MB")


@pytest.fixture(scope="module")
def stores() -> tuple[pd.Series, pd.DataFrame, dict]:
    rows = pd.read_csv(CHECKS / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    people = pd.read_csv(CHECKS / "SF_demand_205_centroid_uniform_weight.csv")
    distances = rows.pivot_table(values="distance", index="DestinationName", columns="name")
    expected = json.loads((CHECKS / "expected.json").read_text())
    return people.set_index("NAME")["POP2000"], distances, expected


@published
def test_published_p_median(stores):
    need, distances, expected = stores
    found = siting.p_median(need, distances, 4, distance_unit="m")
    assert found.objective == pytest.approx(expected["p_median"]["objective"], rel=1e-9)
    mean = expected["p_median"]["weighted_mean_distance"]
    assert found.mean_distance == pytest.approx(mean, rel=1e-9)
    assert sorted(found.sites.index) == expected["p_median"]["solution"]
    assert found.sites["units_served"].sum() == 205


@published
def test_published_maximal_cover(stores):
    need, distances, expected = stores
    known = expected["mclp"]
    found = siting.maximal_cover(need, distances, 4, reach=known["service_radius"])
    assert found.objective == pytest.approx(known["covered_population"], rel=1e-9)
    people, points = found.covered_need_share, found.units["covered"].mean()
    assert 100 * people == pytest.approx(known["pct_population_covered"], rel=1e-9)
    assert 100 * points == pytest.approx(known["pct_demand_points_covered"], rel=1e-9)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(1, 2), st.integers(0, 2))
@example(3327, 1, 1)  # HiGHS 1.16 broke a constraint by 1e-6
def test_no_other_choice_is_better(seed, new, kept):
    rng = np.random.default_rng(seed)
    units, sites = [f"u{n}" for n in range(7)], [f"s{n}" for n in range(6)]
    distances = pd.DataFrame(rng.uniform(0, 50, (7, 6)), index=units, columns=sites)
    need = pd.Series(rng.integers(0, 20, 7) + 1.0, index=units)
    existing = sites[:kept]
    choices = [[*existing, *some] for some in combinations(sites[kept:], new)]
    near = siting.p_median(need, distances, new, existing)
    least = min((need * distances[some].min(axis=1)).sum() for some in choices)
    assert near.objective == pytest.approx(least, rel=1e-9)
    covered = siting.maximal_cover(need, distances, new, 15, existing)
    most = max(need[distances[some].min(axis=1) <= 15].sum() for some in choices)
    assert covered.objective == pytest.approx(most, rel=1e-9)
    for found in (near, covered):
        assert found.sites.index[found.sites["role"] == "existing"].tolist() == existing
        assert (found.sites["role"] == "new").sum() == new


def test_before_and_after_by_hand():
    line = pd.DataFrame([[0, 4, 9], [4, 0, 5], [9, 5, 0]], index=list("abc"), columns=list("abc"))
    need = pd.Series({"a": 1.0, "b": np.nan, "c": 3.0})
    found = siting.maximal_cover(need, line, 1, reach=2, existing=["a"])
    assert found.sites["role"].to_dict() == {"a": "existing", "c": "new"}
    assert found.covered_need_share == 1.0
    # before: 3 of weight 9 away over 4; after: nobody with need is away
    assert (found.mean_distance_before, found.mean_distance) == (27 / 4, 0.0)
    assert found.missing == ("b",)
    assert np.isnan(found.units.loc["b", "need"])
    assert found.units["site_before"].tolist() == ["a", "a", "a"]
    assert found.sites["need_served"].to_dict() == {"a": 1.0, "c": 3.0}


def test_no_new_site_tells_how_it_is():
    line = pd.DataFrame([[0, 4, 9], [4, 0, 5], [9, 5, 0]], index=list("abc"), columns=list("abc"))
    need = pd.Series({"a": 1.0, "b": 2.0, "c": 3.0})
    for existing in (["a"], ["a", "b", "c"]):
        near = siting.p_median(need, line, 0, existing)
        assert near.sites.index.tolist() == existing
        assert set(near.sites["role"]) == {"existing"}
        assert near.mean_distance == near.mean_distance_before
    cover = siting.maximal_cover(need, line, 0, reach=4, existing=["a"])
    assert (cover.objective, cover.covered_need_share) == (3.0, 0.5)


def test_the_way_there_counts_and_not_the_way_back():
    # Into b it takes 1 from anywhere, out of b 9: a site in b is near for all, one in a for none.
    times = pd.DataFrame([[0, 1, 9], [9, 0, 9], [9, 1, 0]], index=list("abc"), columns=list("abc"))
    found = siting.p_median(pd.Series({"a": 1.0, "b": 1.0, "c": 1.0}), times, 1)
    assert (found.sites.index.tolist(), found.objective) == (["b"], 2.0)


def test_of_equal_covers_the_nearest_to_need_is_taken():
    # Within 5 every site reaches all; b is nearest to the heavy unit, and c as near as d.
    square = pd.DataFrame(
        [[0, 3, 5, 5], [3, 0, 4, 4], [5, 4, 0, 2], [5, 4, 2, 0]],
        index=list("abcd"),
        columns=list("abcd"),
    )
    heavy = pd.Series({"a": 1.0, "b": 9.0, "c": 1.0, "d": 1.0})
    assert siting.maximal_cover(heavy, square, 1, reach=5).sites.index.tolist() == ["b"]
    tied = pd.Series({"a": 0.0, "b": 0.0, "c": 1.0, "d": 1.0})
    for found in (siting.p_median(tied, square, 1), siting.maximal_cover(tied, square, 1, reach=5)):
        assert found.sites.index.tolist() == ["c"]  # d is worth the same
    both = siting.p_median(heavy, square, 0, ["c", "d"])
    assert both.units.loc["b", "site"] == "c"  # as near to d


@pytest.mark.slow
@settings(max_examples=8)
@given(st.integers(0, 10_000), st.permutations(range(6)), st.permutations(range(6)))
def test_the_order_of_units_and_sites_changes_nothing(seed, rows, columns):
    rng = np.random.default_rng(seed)
    names = [f"u{n}" for n in range(6)]
    # Whole numbers from few: ties everywhere.
    distances = pd.DataFrame(rng.integers(0, 4, (6, 6)), index=names, columns=names)
    need = pd.Series(rng.integers(0, 3, 6) + 1.0, index=names)
    turned = distances.iloc[list(rows), list(columns)]
    for choose in (
        lambda far: siting.p_median(need, far, 2),
        lambda far: siting.maximal_cover(need, far, 2, 1, ["u3"]),
    ):
        one, other = choose(distances), choose(turned)
        pd.testing.assert_frame_equal(one.sites, other.sites)
        assert other.units.index.tolist() == turned.index.tolist()
        pd.testing.assert_frame_equal(one.units, other.units.loc[names])


def test_distances_are_straight_and_in_km(brianza):
    km = siting.straight_distances_km(brianza)
    one, other = (brianza.geometry[code].centroid for code in ("108033", "108049"))
    assert km.loc["108033", "108049"] == pytest.approx(one.distance(other) / 1000, rel=1e-12)
    assert (km.to_numpy().diagonal() == 0).all()
    with pytest.raises(ValueError, match="in metri"):
        siting.straight_distances_km(brianza.to_crs("EPSG:4326"))


def test_the_layer_holds_the_table(brianza):
    found = siting.p_median(
        brianza["households"], siting.straight_distances_km(brianza), 2, ["108033"]
    )
    layer = found.layer(brianza)
    assert layer.crs == brianza.crs
    assert layer["role"].dropna().to_dict() == found.sites["role"].to_dict()
    assert layer.loc["108033", "distance"] == 0
    assert found.mean_distance < found.mean_distance_before
    with pytest.raises(ValueError, match="senza poligono: 108033"):
        found.layer(brianza.drop("108033"))


def invented() -> SimpleNamespace:
    """Invented: a flat in Giussano, a refuge in Desio, one kept back, one closed."""
    day = pd.Timestamp("2024-01-01")
    dwellings = pd.DataFrame(
        {
            "service_code": ["net", "refuge", "refuge", "net", "unsaid"],
            "municipality_code": ["108024", "108023", None, "108033", "108039"],
            "opened": day,
            "closed": [pd.NaT, pd.NaT, pd.NaT, pd.Timestamp("2024-06-30"), pd.NaT],
        },
        index=["d1", "d2", "d3", "d4", "d5"],
    )
    services = pd.DataFrame(
        {"ambito_name": ["", "Seregno", ""], "protected": [False, True, None]},
        index=["net", "refuge", "unsaid"],
    )
    return SimpleNamespace(services=services, dwellings=dwellings)


def test_a_protected_dwelling_is_told_by_its_ambito_only(brianza):
    register = invented()
    open_ = siting.existing_sites(register, "2025-12-31", brianza)
    assert open_ == ("108024",)  # the refuge, and what is not said to be unprotected, are not here
    hidden = siting.existing_sites(register, "2025-12-31", brianza, protected=True)
    assert all(one.startswith(("ambito:", "provincia:")) for one in hidden)
    assert "ambito:Desio" in hidden
    assert "ambito:Seregno" in hidden
    area, need = siting.by_ambito(brianza, brianza["households"])
    assert need.sum() == brianza["households"].sum()
    assert area.area.sum() == pytest.approx(brianza.area.sum(), rel=1e-9)
    found = siting.p_median(need, siting.straight_distances_km(area), 1, hidden)
    said = {*found.sites.index, *found.units.index, *found.layer(area).index}
    assert not said & set(brianza.index)


def test_a_part_of_an_ambito_is_refused():
    part = territory.select("comune:Sovico")
    with pytest.raises(ValueError, match="solo una parte .ambito:Carate Brianza"):
        siting.by_ambito(part, part["households"])


def test_a_protected_dwelling_counts_for_its_place_from_wherever_it_is_asked():
    """Asked of one municipality after the other, the answer would tell in which the dwelling is."""
    day = pd.Timestamp("2024-01-01")
    dwellings = pd.DataFrame(  # invented
        {"service_code": ["r"], "municipality_code": ["087015"], "opened": day, "closed": [pd.NaT]},
        index=["d"],
    )
    services = pd.DataFrame({"ambito_name": [""], "protected": [True]}, index=["r"])
    register = SimpleNamespace(services=services, dwellings=dwellings)
    for name in ("Catania", "Acireale"):
        area = territory.select(f"comune:{name}")
        assert siting.existing_sites(register, "2025-12-31", area, protected=True) == (
            "provincia:CT",
        )


def test_an_ambito_with_a_figure_missing_has_none(brianza):
    need = brianza["households"].drop("108033")
    _, summed = siting.by_ambito(brianza, need)
    assert summed.index[summed.isna()].tolist() == ["ambito:Monza"]
    with pytest.raises(ValueError, match="non nel territorio: 999999"):
        siting.by_ambito(brianza, pd.Series({"999999": 1.0}))


def test_where_no_ambito_is_known_the_province_stands():
    assert set(siting.ambiti_of(territory.select("provincia:Catania"))) == {"provincia:CT"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"new_sites": 0}, "nel territorio non ci sono alloggi"),
        ({"new_sites": -1}, "new_sites va da 0 a 2, non -1"),
        ({"new_sites": 2, "existing": ["a"]}, "new_sites va da 0 a 1, non 2"),
        ({"existing": ["a", "b"]}, "c'è già un alloggio dappertutto"),
        ({"existing": ["x"]}, "degli alloggi che ci sono: x"),
        ({"need": pd.Series({"a": -1.0, "b": 2.0})}, "il bisogno scelto è zero"),
        ({"need": pd.Series({"a": 1.0, "z": 2.0})}, "mancano le distanze di z"),
        ({"distances": pd.DataFrame({"a": [0, np.nan], "b": [1, 0]}, index=["a", "b"])}, "tutte note"),
        ({"distances": pd.DataFrame(1.0, index=range(2001), columns=range(2000)),
          "need": pd.Series({0: 1.0})}, "più di (4000000|160000) confronti"),
    ],
)  # fmt: skip
def test_impossible_questions_are_refused(changes, said):
    square = pd.DataFrame([[0, 1], [1, 0]], index=["a", "b"], columns=["a", "b"])
    asked = {"need": pd.Series({"a": 1.0, "b": 2.0}), "distances": square, "new_sites": 1}
    with pytest.raises(ValueError, match=said):
        siting.p_median(**asked | changes)
    with pytest.raises(ValueError, match=f"reach è -1: deve essere da 0 in su|{said}"):
        siting.maximal_cover(**asked | changes, reach=-1)
