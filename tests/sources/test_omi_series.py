"""Rents over time, against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.errors import ParameterError
from needs_analysis.sources import omi_rates, omi_values
from sources.places import DATA, OMI, SHARED, needs_real_files

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
    return [name for name in omi_rates.BREAKS if found.iloc[row][name]]


# --- series --------------------------------------------------------------------------------


def test_a_series_is_the_municipal_rent_of_each_semester():
    # (5 + 7) / 2 = 6, then (6 + 7) / 2 = 6.5
    found = omi_rates.series(
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
    assert set(found[list(omi_rates.BREAKS)].dtypes.astype(str)) == {"bool"}


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
    found = omi_rates.series(semesters([quote()], after, after))
    assert flags(found, 1) == expected
    assert flags(found, 2) == []  # the level is new, but the same as the one before
    growth = omi_rates.growth(found, "2016/1", "2017/1").loc["X001"]
    assert growth["reason"] == (expected[0] if expected else "")
    assert np.isnan(growth["rent_growth_share"]) == bool(expected)
    assert omi_rates.growth(found, "2016/2", "2017/1")["rent_growth_share"].tolist() == [0]


def test_zones_that_merge_are_not_chained():
    # C1 and C2 become C3: the mean goes from 6 to 7, no figure
    quotes = semesters(
        [quote("B1", 4, 6), quote("C1", 5, 7), quote("C2", 6, 8)],
        [quote("B1", 4.5, 6.5), quote("C3", 8, 9)],
    )
    found = omi_rates.series(quotes)
    assert found["rent_eur_m2_month"].tolist() == [6, 7]
    assert omi_rates.growth(found, "2016/1", "2016/2")["reason"].tolist() == ["zones_changed"]


def test_a_break_that_is_taken_back_still_breaks_the_way():
    found = omi_rates.series(semesters([quote()], [quote(surface="N")], [quote(low=5)]))
    assert found["surface_break"].tolist() == [False, True, True]
    assert omi_rates.growth(found, "2016/1", "2017/1")["reason"].tolist() == ["surface_break"]


def test_a_hole_is_missing_and_the_rent_after_it_compares_with_the_one_before():
    hole = quote(low=np.nan, high=np.nan)
    found = omi_rates.series(semesters([quote()], [hole], [quote(low=5)], [quote(surface="N")]))
    assert found["rent_eur_m2_month"].isna().tolist() == [False, True, False, False]
    assert [flags(found, row) for row in range(4)] == [[], [], [], ["surface_break"]]
    # 5 -> 5.5
    growth = omi_rates.growth(found, "2016/1", "2017/1")["rent_growth_share"]
    assert growth.tolist() == pytest.approx([0.1])
    assert omi_rates.growth(found, "2016/2", "2017/1")["reason"].tolist() == ["no_rent_first"]
    assert omi_rates.growth(found, "2016/1", "2016/2")["reason"].tolist() == ["no_rent_last"]


def test_municipalities_that_come_and_go_have_a_reason():
    found = omi_rates.series(semesters([quote(code="A001")], [quote(code="B001")]))
    assert flags(found) == []
    growth = omi_rates.growth(found, "2016/1", "2016/2")
    assert growth["reason"].to_dict() == {"A001": "no_rent_last", "B001": "no_rent_first"}
    assert growth["rent_growth_share"].isna().all()


def test_mixed_surfaces_keep_the_kind_of_more_zones():
    mixed = [quote("B1", surface="N"), quote("C1", surface="N"), quote("D1")]
    turned = [quote("B1", surface="N"), quote("C1"), quote("D1")]
    found = omi_rates.series(semesters(mixed, turned))
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
    pd.testing.assert_frame_equal(omi_rates.series(quotes), omi_rates.series(shuffled))


def test_a_series_of_one_semester_is_the_municipal_rent():
    quotes = omi_values.read(OMI)
    found = omi_rates.series({"2018/2": quotes}).set_index("cadastral_code")
    municipal = omi_rates.municipal(quotes)
    for name in ("rent_eur_m2_month", "rent_surface_code", "rent_typology_code", "rent_zones"):
        pd.testing.assert_series_equal(found[name], municipal[name])


def of_common_zones(quotes: dict[str, pd.DataFrame], first: str, last: str) -> pd.Series:
    """Growth of rents over the zones that are quoted alike in both semesters."""
    alike = ["cadastral_code", "zone_link", "typology_code", "state", "rent_surface_code"]
    start, end = (omi_rates.in_mean(quotes[one])[[*alike, "midpoint"]] for one in (first, last))
    both = start.merge(end, on=alike, validate="1:1", suffixes=("_first", "_last"))
    sums = both.groupby("cadastral_code")[["midpoint_first", "midpoint_last"]].sum()
    return sums["midpoint_last"] / sums["midpoint_first"] - 1


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
    growth = omi_rates.growth(omi_rates.series(quotes), "2016/1", "2016/2").loc["X001"]
    constant = of_common_zones(quotes, "2016/1", "2016/2")
    mixed = omi_rates.series(quotes)["rent_mixed_surfaces"].any()
    if growth["reason"] == "" and not mixed:
        assert growth["rent_growth_share"] == pytest.approx(constant["X001"])


@pytest.mark.parametrize(
    ("first", "last"), [("2016/2", "2016/1"), ("2016/1", "2016/1"), ("2015/2", "2016/1")]
)
def test_semesters_that_make_no_growth_are_refused(first, last):
    quotes = semesters([quote()], [quote()])
    with pytest.raises(ParameterError, match="Semestri presenti: 2016/1, 2016/2"):
        omi_rates.growth(omi_rates.series(quotes), first, last)


def test_semesters_must_be_what_they_are_called():
    quotes = omi_values.read(OMI)
    with pytest.raises(ParameterError, match="date per il 2018/1 sono del 2018/2"):
        omi_rates.series({"2018/1": quotes})
    with pytest.raises(ParameterError, match="non «2018-2»"):
        omi_rates.series({"2018-2": quotes})
    with pytest.raises(ParameterError):
        omi_rates.series({})


# --- the six published semesters -----------------------------------------------------------


@pytest.fixture(scope="module")
def published() -> dict[str, pd.DataFrame]:
    found = (omi_values.read(path) for path in sorted((SHARED / "omi").glob("*.zip")))
    return {quotes.attrs["reference_date"]: quotes for quotes in found}


@needs_real_files
def test_the_national_picture(published):
    found = omi_rates.series(published)
    last = found[found["semester"] == "2018/2"].set_index("cadastral_code")["rent_eur_m2_month"]
    known = {"F205": 11.44, "F704": 7.23, "B212": 6.40, "C351": 4.81, "G999": 9.31}
    assert last[list(known)].round(2).to_dict() == known
    assert last["H264"] == pytest.approx(5.725)
    growth = omi_rates.growth(found, "2016/1", "2018/2")
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
    ever = found.groupby("cadastral_code")[list(omi_rates.BREAKS)].any()
    quoted = found.groupby("cadastral_code")["rent_eur_m2_month"].count() == len(published)
    assert (quoted & ~ever.any(axis=1)).sum() == 7021


@needs_real_files
def test_constant_perimeter_agrees_where_nothing_changed(published):
    growth = omi_rates.growth(omi_rates.series(published), "2016/1", "2018/2")
    constant = of_common_zones(published, "2016/1", "2018/2")
    whole = growth.index[growth["reason"] == ""]
    difference = growth["rent_growth_share"] - constant.reindex(growth.index)
    assert difference[whole].abs().max() < 1e-12
