"""Who borders whom: by hand on squares, on the real coverage, and for units that border nobody."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from needs_analysis import territory
from needs_analysis.territory import neighbours
from needs_analysis.territory.neighbours import Neighbours


def squares(*corners: tuple[int, int], names: str = "abcdefghijkl") -> gpd.GeoDataFrame:
    """Invented squares of 1 km, by the column and row of their corner."""
    shapes = [
        shapely.box(column * 1000, row * 1000, column * 1000 + 1000, row * 1000 + 1000)
        for column, row in corners
    ]
    return gpd.GeoDataFrame(index=list(names[: len(shapes)]), geometry=shapes, crs="EPSG:32632")


def pairs_of(found: Neighbours) -> set[tuple[str, str]]:
    rows, columns = found.pairs()
    return set(zip(found.units[rows], found.units[columns], strict=True))


@pytest.fixture(scope="module")
def national():
    return neighbours()


def test_a_corner_is_enough_to_be_neighbours():
    # a b .
    # . . c   with c touching b in one point
    found = neighbours(squares((0, 1), (1, 1), (2, 0)))
    assert pairs_of(found) == {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}
    assert found.joined.empty


def test_who_touches_nobody_gets_the_nearest_and_is_named():
    area = squares((0, 0), (1, 0), (5, 0)).assign(municipality_name=["Alfa", "Beta", "Gamma"])
    found = neighbours(area)
    assert pairs_of(found) == {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}
    assert found.joined.loc["c"].to_dict() == {
        "unit_name": "Gamma",
        "neighbour": "b",
        "neighbour_name": "Beta",
        "distance_m": 3000.0,
    }


def test_of_two_as_near_the_first_code_is_taken_whatever_the_order():
    area = squares((0, 0), (0, 1), (3, 0), (6, 0), (6, 1))
    found = neighbours(area)
    assert found.joined["neighbour"].to_dict() == {"c": "a"}
    again = neighbours(area.iloc[::-1])
    assert again.units.tolist() == list("abcde")
    assert pairs_of(again) == pairs_of(found)


def test_two_islands_may_choose_each_other():
    found = neighbours(squares((0, 0), (2, 0)))
    assert pairs_of(found) == {("a", "b"), ("b", "a")}
    assert found.joined["neighbour"].tolist() == ["b", "a"]


def test_one_unit_has_nobody():
    found = neighbours(squares((0, 0)))
    assert found.units.tolist() == ["a"]
    assert pairs_of(found) == set()


def test_degrees_are_measured_in_metres():
    area = squares((500, 5000), (503, 5000)).to_crs("EPSG:4326")
    assert neighbours(area).joined["distance_m"].tolist() == pytest.approx([2000, 2000], rel=1e-3)


def test_every_wrong_argument_is_named():
    area = squares((0, 0), (1, 0))
    with pytest.raises(ValueError, match="codice ripetuto"):
        neighbours(gpd.GeoDataFrame(geometry=area.geometry.to_list(), index=["a", "a"]))
    with pytest.raises(ValueError, match="è vuoto"):
        neighbours(area.iloc[:0])


def test_among_some_nobody_new_is_joined():
    found = neighbours(squares((0, 0), (1, 0), (2, 0), (9, 0)))
    few = found.among(["d", "a", "b"])
    assert few.units.tolist() == ["a", "b", "d"]
    assert pairs_of(few) == {("a", "b"), ("b", "a")}
    assert few.joined.empty  # d's neighbour is not among them
    assert found.among("cd").joined.index.tolist() == ["d"]
    with pytest.raises(ValueError, match="conoscono i vicini: z"):
        found.among(["a", "z"])


def test_a_part_is_bridged_where_it_is_nearest():
    area = squares((0, 0), (1, 0), (4, 0), (5, 0))
    found = neighbours(area).bridged(area, neighbours(area).units[:2])
    assert ("b", "c") in pairs_of(found) and ("c", "b") in pairs_of(found)
    assert found.joined.loc["b", ["neighbour", "distance_m"]].tolist() == ["c", 2000.0]


def test_italy_has_fourteen_units_that_touch_nobody(national):
    assert len(national.units) == 7904
    joined = national.joined
    assert len(joined) == 14
    assert joined.loc["063061", "neighbour_name"] == "Ischia"  # Procida
    assert joined.loc["090035", "neighbour_name"] == "Arzachena"  # La Maddalena
    assert joined.loc["013040", "unit_name"] == "Campione d'Italia"
    assert national.graph.isolates.empty


@pytest.mark.slow
def test_italy_is_symmetric_and_as_libpysal_finds_it(national):
    from libpysal.graph import Graph

    rows, columns = national.pairs()
    own = set(zip(rows.tolist(), columns.tolist(), strict=True))
    assert own == {(other, one) for one, other in own}
    area = territory.select("regione:Lombardia")
    expected = Graph.build_contiguity(area.geometry, rook=False).adjacency
    found = neighbours(area)
    wanted = {pair for pair, weight in expected.items() if weight}
    added = {(one, found.joined.loc[one, "neighbour"]) for one in found.joined.index}
    assert pairs_of(found) == wanted | added | {(other, one) for one, other in added}


def test_an_area_is_a_cut_of_italy(national):
    monza = territory.select("provincia:MB")
    found = neighbours(monza)
    # every municipality of the province touches another of it, but for none
    assert pairs_of(found) == pairs_of(national.among(monza.index))
    assert np.isin(found.units, monza.index).all()
