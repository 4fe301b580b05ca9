"""Rents over time, by population and by zone, against figures worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sources.places import DATA, OMI, SHARED, needs_real_files

from needs_analysis import rents
from needs_analysis.errors import AreaError, ParameterError
from needs_analysis.sources import omi_perimeters, omi_values, omi_zones

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


def semesters(*by_semester) -> dict[str, pd.DataFrame]:
    names = ["2016/1", "2016/2", "2017/1", "2017/2"]
    return {name: frame(*quotes) for name, quotes in zip(names, by_semester, strict=False)}


def flags(found: pd.DataFrame, row: int = -1) -> list[str]:
    return [name for name in rents.BREAKS if found.iloc[row][name]]


# --- series --------------------------------------------------------------------------------


def test_a_series_is_the_municipal_rent_of_each_semester():
    # (5 + 7) / 2 = 6, then (6 + 7) / 2 = 6.5
    found = rents.series(
        semesters(
            [quote("B1", 4, 6), quote("C1", 6, 8)],
            [quote("B1", 5, 7), quote("C1", 6, 8), quote("C1", 50, 60, typology="5")],
        )
    )
    assert found["semester"].tolist() == ["2016/1", "2016/2"]
    assert found["rent_eur_m2_month"].tolist() == [6, 6.5]
    assert found["rent_low_eur_m2_month"].tolist() == [4, 5]
    assert found["rent_high_eur_m2_month"].tolist() == [8, 8]
    assert found["rent_zones"].tolist() == [2, 2]
    assert flags(found, 0) == flags(found, 1) == []
    assert set(found[list(rents.BREAKS)].dtypes.astype(str)) == {"bool"}


CHANGES = {
    "gross to net": ([quote(surface="N")], ["surface_break"]),
    "typology": ([quote(typology="21")], ["typology_changed"]),
    "zone added": ([quote(), quote("C1")], ["zones_changed"]),
    "zone replaced": ([quote("C1")], ["zones_changed"]),
    "state": ([quote(state="OTTIMO")], ["states_changed"]),
    "nothing": ([quote(low=1.0)], []),
    "a shop": ([quote(), quote(typology="5")], []),
    "all but the state": (
        [quote("C1", typology="21", surface="N")],
        ["surface_break", "typology_changed", "zones_changed"],
    ),
}


@pytest.mark.parametrize(("after", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_changed_is_flagged_once_and_leaves_no_growth(after, expected):
    found = rents.series(semesters([quote()], after, after))
    assert flags(found, 1) == expected
    assert flags(found, 2) == []  # the level is new, but the same as the one before
    growth = rents.growth(found, "2016/1", "2017/1").loc["X001"]
    assert growth["reason"] == (expected[0] if expected else "")
    assert np.isnan(growth["rent_growth_share"]) == bool(expected)
    assert rents.growth(found, "2016/2", "2017/1")["rent_growth_share"].tolist() == [0]


def test_zones_that_merge_are_not_chained():
    # C1 and C2 become C3: the mean goes from 6 to 7, no figure; at constant perimeter B1 alone:
    # 5 -> 5.5, +10 %
    quotes = semesters(
        [quote("B1", 4, 6), quote("C1", 5, 7), quote("C2", 6, 8)],
        [quote("B1", 4.5, 6.5), quote("C3", 8, 9)],
    )
    found = rents.series(quotes)
    assert found["rent_eur_m2_month"].tolist() == [6, 7]
    assert rents.growth(found, "2016/1", "2016/2")["reason"].tolist() == ["zones_changed"]
    constant = rents.constant_growth(quotes, "2016/1", "2016/2").loc["X001"]
    assert constant["rent_growth_share"] == pytest.approx(0.1, abs=1e-12)
    assert constant[["zones", "zones_first", "zones_last"]].tolist() == [1, 3, 2]


def test_a_break_that_is_taken_back_still_breaks_the_way():
    found = rents.series(semesters([quote()], [quote(surface="N")], [quote(low=5)]))
    assert found["surface_break"].tolist() == [False, True, True]
    assert rents.growth(found, "2016/1", "2017/1")["reason"].tolist() == ["surface_break"]


def test_a_hole_is_missing_and_the_rent_after_it_compares_with_the_one_before():
    hole = quote(low=np.nan, high=np.nan)
    found = rents.series(semesters([quote()], [hole], [quote(low=5)], [quote(surface="N")]))
    assert found["rent_eur_m2_month"].isna().tolist() == [False, True, False, False]
    assert [flags(found, row) for row in range(4)] == [[], [], [], ["surface_break"]]
    # 5 -> 5.5
    growth = rents.growth(found, "2016/1", "2017/1")["rent_growth_share"]
    assert growth.tolist() == pytest.approx([0.1])
    assert rents.growth(found, "2016/2", "2017/1")["reason"].tolist() == ["no_rent_first"]
    assert rents.growth(found, "2016/1", "2016/2")["reason"].tolist() == ["no_rent_last"]


def test_municipalities_that_come_and_go_have_a_reason():
    found = rents.series(semesters([quote(code="A001")], [quote(code="B001")]))
    assert flags(found) == []
    growth = rents.growth(found, "2016/1", "2016/2")
    assert growth["reason"].to_dict() == {"A001": "no_rent_last", "B001": "no_rent_first"}
    assert growth["rent_growth_share"].isna().all()


def test_mixed_surfaces_keep_the_kind_of_more_zones():
    mixed = [quote("B1", surface="N"), quote("C1", surface="N"), quote("D1")]
    turned = [quote("B1", surface="N"), quote("C1"), quote("D1")]
    found = rents.series(semesters(mixed, turned))
    assert found["rent_surface_code"].tolist() == ["N", "L"]
    assert found["rent_mixed_surfaces"].tolist() == [True, True]
    assert "surface_break" in flags(found)


def test_row_order_does_not_matter():
    quotes = {"2018/1": omi_values.read(OMI).drop(index=range(0, 300, 7)), "2018/2": None}
    quotes["2018/1"].attrs = {}
    quotes["2018/2"] = omi_values.read(OMI)
    shuffled = {
        name: one.sample(frac=1, random_state=5) for name, one in reversed(list(quotes.items()))
    }
    pd.testing.assert_frame_equal(rents.series(quotes), rents.series(shuffled))
    pd.testing.assert_frame_equal(
        rents.constant_growth(quotes, "2018/1", "2018/2"),
        rents.constant_growth(shuffled, "2018/1", "2018/2"),
    )


def test_a_series_of_one_semester_is_the_municipal_rent():
    quotes = omi_values.read(OMI)
    found = rents.series({"2018/2": quotes}).set_index("cadastral_code")
    municipal = rents.municipal(quotes)
    for name in ("rent_eur_m2_month", "rent_surface_code", "rent_typology_code", "rent_zones"):
        pd.testing.assert_series_equal(found[name], municipal[name])


@pytest.mark.slow
@settings(max_examples=40)
@given(st.data())
def test_an_unbroken_series_grows_as_its_zones_do(data):
    """Where nothing is flagged, the municipal growth is the one at constant perimeter."""
    rows = st.lists(
        st.builds(
            quote,
            zone=st.sampled_from(["B1", "C1", "D1"]),
            low=st.sampled_from([3.0, 4.0, 5.5]),
            typology=st.sampled_from(["20", "20", "21"]),
            surface=st.sampled_from(["L", "L", "L", "N"]),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda row: (row["zone_link"], row["typology_code"]),
    )
    quotes = semesters(data.draw(rows), data.draw(rows))
    growth = rents.growth(rents.series(quotes), "2016/1", "2016/2").loc["X001"]
    constant = rents.constant_growth(quotes, "2016/1", "2016/2").loc["X001"]
    mixed = rents.series(quotes)["rent_mixed_surfaces"].any()
    if growth["reason"] == "" and not mixed:
        assert growth["rent_growth_share"] == pytest.approx(constant["rent_growth_share"])


@pytest.mark.parametrize(
    ("first", "last"), [("2016/2", "2016/1"), ("2016/1", "2016/1"), ("2015/2", "2016/1")]
)
def test_semesters_that_make_no_growth_are_refused(first, last):
    quotes = semesters([quote()], [quote()])
    with pytest.raises(ParameterError, match="Semestri presenti: 2016/1, 2016/2"):
        rents.growth(rents.series(quotes), first, last)
    with pytest.raises(ParameterError, match="Semestri presenti: 2016/1, 2016/2"):
        rents.constant_growth(quotes, first, last)


def test_semesters_must_be_what_they_are_called():
    quotes = omi_values.read(OMI)
    with pytest.raises(ParameterError, match="date per il 2018/1 sono del 2018/2"):
        rents.series({"2018/1": quotes})
    with pytest.raises(ParameterError, match="non «2018-2»"):
        rents.series({"2018-2": quotes})
    with pytest.raises(ParameterError):
        rents.series({})


def test_the_grave_state_and_kind_are_kept_apart_at_constant_perimeter():
    # B1 turns net, C1 another state, D1 is alike: 8 -> 10, +25 %
    quotes = semesters(
        [quote("B1"), quote("C1"), quote("D1", 7, 9)],
        [quote("B1", surface="N"), quote("C1", state="OTTIMO"), quote("D1", 9, 11)],
    )
    found = rents.constant_growth(quotes, "2016/1", "2016/2").loc["X001"]
    assert (found["rent_growth_share"], found["zones"], found["reason"]) == (0.25, 1, "")
    none = rents.constant_growth(
        semesters([quote()], [quote(surface="N")]), "2016/1", "2016/2"
    ).loc["X001"]
    assert np.isnan(none["rent_growth_share"])
    assert (none["zones"], none["reason"]) == (0, "no_common_zone")


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
    found = rents.weighted(TWO, given_weights).loc["X001"]
    assert (found["rent_eur_m2_month"], found["rent_weighting_code"]) == (rent, how)
    assert (found["rent_low_eur_m2_month"], found["rent_high_eur_m2_month"]) == (4, 10)


def test_weights_that_are_none_are_refused():
    twice = pd.concat([weights(B1=1), weights(B1=2)])
    for wrong in (weights(B1=-1, C1=2), weights(B1=np.inf, C1=2), twice):
        with pytest.raises(ParameterError):
            rents.weighted(TWO, wrong)


def test_without_weights_the_rent_is_the_municipal_one():
    quotes = omi_values.read(OMI)
    found = rents.weighted(quotes, weights())
    municipal = rents.municipal(quotes)["rent_eur_m2_month"]
    pd.testing.assert_series_equal(found["rent_eur_m2_month"], municipal)
    assert set(found["rent_weighting_code"]) == {"Z"}


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
        found = rents.zone_population(zones, given_sections, PEOPLE)
        # B1: a; D1: b in the hole, c in the eastern square, e; d in no zone
        assert found.by_zone.to_dict() == {("B212", "B1"): 100, ("B212", "D1"): 73}
        assert (found.people, found.outside, found.outside_sections) == (180, 7, 1)
        assert found.by_zone.sum() + found.outside == found.people
    # 7.35 in B1 and 5.45 in D1: (7.35 * 100 + 5.45 * 73) / 173 = 1132.85 / 173
    weighted = rents.weighted(omi_values.read(OMI), found.by_zone).loc["B212"]
    assert weighted["rent_eur_m2_month"] == pytest.approx(1132.85 / 173, abs=1e-12)
    assert weighted["rent_weighting_code"] == "P"


def test_a_point_on_a_border_counts_once():
    halves = gpd.GeoDataFrame(
        {"cadastral_code": "X001", "zone_code": ["C1", "B1"]}, crs=32632,
        geometry=[shapely.box(500000, 5e6, 500010, 5000010), shapely.box(500010, 5e6, 500020, 5000010)],
    )  # fmt: skip
    point = gpd.GeoSeries([shapely.Point(500010, 5000005)], crs=32632)
    found = rents.zone_population(halves, point, pd.Series([9.0]))
    assert found.by_zone.to_dict() == {("X001", "B1"): 9, ("X001", "C1"): 0}


def test_sections_without_people_and_without_geometry_are_said():
    squares = sections()
    squares.loc["c", "geometry"] = None
    found = rents.zone_population(omi_perimeters.read(KML), squares, PEOPLE.drop("a"))
    assert found.unknown_sections == 1
    assert found.by_zone.to_dict() == {("B212", "B1"): 0, ("B212", "D1"): 70}
    assert (found.people, found.outside, found.outside_sections) == (80, 10, 2)


def test_sections_without_a_system_or_doubled_are_refused():
    zones = omi_perimeters.read(KML)
    with pytest.raises(AreaError, match="coordinate"):
        rents.zone_population(zones, gpd.GeoSeries([shapely.Point(9, 45)]), PEOPLE)
    with pytest.raises(AreaError, match="ripetuta"):
        rents.zone_population(zones, pd.concat([sections(), sections()]), PEOPLE)


# --- within a municipality -----------------------------------------------------------------


def test_a_layer_has_the_rent_of_each_zone():
    perimeters, quotes = omi_perimeters.read(KML), omi_values.read(OMI)
    layer = rents.zone_layer(perimeters, quotes, omi_zones.read(ZONE))
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
    layer = rents.zone_layer(perimeters, quotes)
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
        rents.zone_layer(omi_perimeters.read(KML), quotes)


# --- the six published semesters -----------------------------------------------------------


@pytest.fixture(scope="module")
def published() -> dict[str, pd.DataFrame]:
    found = (omi_values.read(path) for path in sorted((SHARED / "omi").glob("*.zip")))
    return {quotes.attrs["reference_date"]: quotes for quotes in found}


@needs_real_files
def test_the_national_picture(published):
    found = rents.series(published)
    last = found[found["semester"] == "2018/2"].set_index("cadastral_code")["rent_eur_m2_month"]
    known = {"F205": 11.44, "F704": 7.23, "B212": 6.40, "C351": 4.81, "G999": 9.31}
    assert last[list(known)].round(2).to_dict() == known
    assert last["H264"] == pytest.approx(5.725)
    growth = rents.growth(found, "2016/1", "2018/2")
    assert growth["reason"].value_counts().to_dict() == {
        "": 7074, "no_rent_first": 551, "zones_changed": 141, "no_rent_last": 120,
        "surface_break": 107, "states_changed": 30, "typology_changed": 9,
    }  # fmt: skip
    share = growth["rent_growth_share"]
    assert share.median() == 0
    assert share.mean() == pytest.approx(-0.00456, abs=1e-5)
    assert share["F205"] == pytest.approx(0.0087, abs=1e-4)
    # nearly all of the province of Napoli passes from net to gross in 2018/1
    broken = found[found["surface_break"]]
    assert broken.groupby("semester").size().to_dict() == {"2017/1": 1, "2018/1": 97, "2018/2": 9}
    ever = found.groupby("cadastral_code")[list(rents.BREAKS)].any()
    quoted = found.groupby("cadastral_code")["rent_eur_m2_month"].count() == len(published)
    assert (quoted & ~ever.any(axis=1)).sum() == 7021


@needs_real_files
def test_constant_perimeter_agrees_where_nothing_changed(published):
    growth = rents.growth(rents.series(published), "2016/1", "2018/2")
    constant = rents.constant_growth(published, "2016/1", "2018/2")
    whole = growth.index[growth["reason"] == ""]
    difference = growth["rent_growth_share"] - constant["rent_growth_share"].reindex(growth.index)
    assert difference[whole].abs().max() < 1e-12
    assert constant["rent_growth_share"].notna().sum() == 7247


@needs_real_files
def test_the_layer_of_a_province(published):
    perimeters = omi_perimeters.read(SHARED / "omi" / "Provincia_MILANO_2018-2.kmz")
    layer = rents.zone_layer(perimeters, published["2018/2"])
    milano = layer[(layer["cadastral_code"] == "F205") & layer["in_municipal_rent"]]
    assert milano["rent_eur_m2_month"].mean() == pytest.approx(11.44, abs=0.005)
    assert set(layer.attrs["quotes_without_zone"]) == {"L677/B1", "L677/D1"}
