"""Rents by population and by zone, against figures worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sources.places import DATA, OMI, SHARED, needs_real_files

from needs_analysis.errors import AreaError, ParameterError
from needs_analysis.municipal.rents import weights as weighing
from needs_analysis.municipal.rents.zones import zone_layer, zone_population
from needs_analysis.sources import omi_perimeters, omi_rates, omi_values, omi_zones

KML = DATA / "omi_2018_2_perimetri_inventati_B212.kml"
ZONE = DATA / "omi_2018_2_ZONE.csv"


def quote(
    zone="B1", low=4.0, high=6.0, typology="20", surface="L", state="NORMALE", code="X001",
    prevalent=True,
):  # fmt: skip
    return {
        "cadastral_code": code,
        "zone_code": zone,
        "zone_link": f"{code}-{zone}",
        "typology_code": typology,
        "state": state,
        "is_prevalent": prevalent,
        "rent_low_eur_m2_month": low,
        "rent_high_eur_m2_month": high,
        "rent_surface_code": surface,
    }


def frame(*quotes) -> pd.DataFrame:
    return pd.DataFrame(list(quotes))


def weighted(quotes: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    used = weighing.zones_in_mean(quotes, people)
    used["rent"] = used["midpoint"] * used["weight"]
    place = used.groupby("cadastral_code")
    return pd.DataFrame({"rent": place["rent"].sum(), "how": place["rent_weighting_code"].first()})


# --- by population -------------------------------------------------------------------------


def weights(**by_zone) -> pd.Series:
    index = pd.MultiIndex.from_product([["X001"], list(by_zone)])
    return pd.Series(list(by_zone.values()), index=index, dtype="float64")


TWO = frame(quote("B1", 4, 6), quote("C1", 8, 10))


@pytest.mark.parametrize(
    ("given_weights", "rent", "how"),
    [
        # (5 * 300 + 9 * 100) / 400 = 2400 / 400
        (weights(B1=300, C1=100), 6, "P"),
        (weights(B1=300, C1=100, R1=5000), 6, "P"),  # R1 has no rent
        (weights(B1=0, C1=100), 9, "P"),
        (weights(B1=300), 7, "Z"),
        (weights(B1=300, C1=np.nan), 7, "Z"),
        (weights(B1=0, C1=0), 7, "Z"),
        (weights(), 7, "Z"),
    ],
)
def test_zones_weigh_by_population_or_alike(given_weights, rent, how):
    assert weighted(TWO, given_weights).loc["X001"].tolist() == [rent, how]


def test_weights_that_are_none_are_refused():
    twice = pd.concat([weights(B1=1), weights(B1=2)])
    for wrong in (weights(B1=-1, C1=2), weights(B1=np.inf, C1=2), twice):
        with pytest.raises(ParameterError):
            weighing.zones_in_mean(TWO, wrong)


def test_without_weights_the_rent_is_the_municipal_one():
    quotes = omi_values.read(OMI)
    found = weighted(quotes, weights())
    municipal = omi_rates.municipal(quotes)["rent_eur_m2_month"].dropna()
    assert found["rent"].to_dict() == pytest.approx(municipal.to_dict())
    assert set(found["how"]) == {"Z"}


def sections() -> gpd.GeoDataFrame:
    """Squares in the invented perimeters of Brugherio: ring, hole, eastern square, outside, border."""
    corners = [(9.3002, 45.5502), (9.3015, 45.5515), (9.3045, 45.5505), (9.31, 45.55)]
    boxes = [shapely.box(x, y, x + 0.0005, y + 0.0005) for x, y in corners]
    # half in the hole (D1), half in the ring around it (B1): its middle is in D1
    boxes.append(shapely.box(9.3024, 45.5515, 9.3034, 45.5520))
    return gpd.GeoDataFrame(geometry=boxes, crs=4326, index=list("abcde"))


PEOPLE = pd.Series({"a": 100.0, "b": 20.0, "c": 3.0, "d": 7.0, "e": 50.0})


def test_people_count_where_the_point_of_their_section_falls():
    zones = omi_perimeters.read(KML)
    for given_sections in (sections(), sections().to_crs(32632), sections().geometry):
        found = zone_population(zones, given_sections, PEOPLE)
        # B1: a; D1: b in the hole, c in the eastern square, e; d in no zone
        assert found.by_zone.to_dict() == {("B212", "B1"): 100, ("B212", "D1"): 73}
        assert (found.people, found.outside, found.outside_sections) == (180, 7, 1)
        assert found.by_zone.sum() + found.outside == found.people
    # 7.35 in B1 and 5.45 in D1: (7.35 * 100 + 5.45 * 73) / 173 = 1132.85 / 173
    rent, how = weighted(omi_values.read(OMI), found.by_zone).loc["B212"]
    assert (rent, how) == (pytest.approx(1132.85 / 173, abs=1e-12), "P")


def test_a_point_on_a_border_counts_once():
    halves = gpd.GeoDataFrame(
        {"cadastral_code": "X001", "zone_code": ["C1", "B1"]}, crs=32632,
        geometry=[shapely.box(500000, 5e6, 500010, 5000010), shapely.box(500010, 5e6, 500020, 5000010)],
    )  # fmt: skip
    point = gpd.GeoSeries([shapely.Point(500010, 5000005)], crs=32632)
    found = zone_population(halves, point, pd.Series([9.0]))
    assert found.by_zone.to_dict() == {("X001", "B1"): 9, ("X001", "C1"): 0}


def test_sections_without_people_and_without_geometry_are_said():
    squares = sections()
    squares.loc["c", "geometry"] = None
    found = zone_population(omi_perimeters.read(KML), squares, PEOPLE.drop("a"))
    assert found.unknown_sections == 1
    assert found.by_zone.to_dict() == {("B212", "B1"): 0, ("B212", "D1"): 70}
    assert (found.people, found.outside, found.outside_sections) == (80, 10, 2)


def test_sections_without_a_system_or_doubled_are_refused():
    zones = omi_perimeters.read(KML)
    with pytest.raises(AreaError, match="coordinate"):
        zone_population(zones, gpd.GeoSeries([shapely.Point(9, 45)]), PEOPLE)
    with pytest.raises(AreaError, match="ripetuta"):
        zone_population(zones, pd.concat([sections(), sections()]), PEOPLE)


# --- within a municipality -----------------------------------------------------------------


def test_a_layer_has_the_rent_of_each_zone():
    perimeters, quotes = omi_perimeters.read(KML), omi_values.read(OMI)
    layer = zone_layer(perimeters, quotes, omi_zones.read(ZONE))
    assert list(layer.columns) == [
        "cadastral_code", "zone_code", "description", "rent_eur_m2_month", "rent_low_eur_m2_month",
        "rent_high_eur_m2_month", "rent_typology_code", "state", "rent_surface_code",
        "in_municipal_rent", "geometry",
    ]  # fmt: skip
    assert isinstance(layer, gpd.GeoDataFrame) and layer.crs == perimeters.crs
    assert layer["description"].tolist() == ["CENTRO URBANO", "PERIFERIA"]
    # (6.4 + 8.3) / 2 in excellent state, (5.1 + 5.8) / 2 in normal state
    assert layer["rent_eur_m2_month"].tolist() == pytest.approx([7.35, 5.45])
    assert layer["state"].tolist() == ["OTTIMO", "NORMALE"]
    assert layer["rent_surface_code"].tolist() == ["L", "L"]
    assert layer.attrs == {
        "reference_date": "2018/2", "zones_without_quote": (), "quotes_without_zone": (),
    }  # fmt: skip
    assert layer["rent_eur_m2_month"].mean() == pytest.approx(6.40)


def test_zones_that_do_not_meet_are_named():
    perimeters = omi_perimeters.read(KML).replace({"zone_code": {"D1": "R1"}})
    quotes = frame(
        quote("B1", code="B212", typology="21"), quote("D1", code="B212"), quote(code="Z999")
    )
    layer = zone_layer(perimeters, quotes)
    assert layer.attrs["zones_without_quote"] == ("B212/R1",)
    assert layer.attrs["quotes_without_zone"] == ("B212/D1",)
    assert "description" not in layer
    assert layer["rent_eur_m2_month"].isna().tolist() == [False, True]
    # the municipal rent is that of civil dwellings, in D1: the economic ones of B1 are drawn only
    assert layer["in_municipal_rent"].tolist() == [False, False]


def test_perimeters_and_quotes_of_different_semesters_are_refused():
    quotes = omi_values.read(OMI)
    quotes.attrs["reference_date"] = "2016/1"
    with pytest.raises(ParameterError, match="perimetri sono del 2018/2, le quotazioni del 2016/1"):
        zone_layer(omi_perimeters.read(KML), quotes)


@needs_real_files
def test_the_layer_of_a_province():
    perimeters = omi_perimeters.read(SHARED / "omi" / "Provincia_MILANO_2018-2.kmz")
    every = (omi_values.read(path) for path in sorted((SHARED / "omi").glob("*.zip")))
    quotes = next(one for one in every if one.attrs["reference_date"] == "2018/2")
    layer = zone_layer(perimeters, quotes)
    milano = layer[(layer["cadastral_code"] == "F205") & layer["in_municipal_rent"]]
    assert milano["rent_eur_m2_month"].mean() == pytest.approx(11.44, abs=0.005)
    assert set(layer.attrs["quotes_without_zone"]) == {"L677/B1", "L677/D1"}
