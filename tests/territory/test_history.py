"""Codes through time against ISTAT's counts on census days."""

from __future__ import annotations

import pandas as pd
import pytest

from needs_analysis.territory import DAY, history, municipalities

CENSUS = pd.Timestamp("2011-10-09")
LATEST = pd.Timestamp("2026-06-08")


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("1991-10-20", 8100),
        ("2001-10-21", 8101),
        ("2011-10-09", 8092),
        ("2022-01-01", 7904),
        ("2023-01-01", 7901),
    ],
)
def test_counts_on_census_days(day, count):
    found = history.codes_on(pd.Timestamp(day))
    assert len(found) == count
    assert found["municipality_code"].is_unique


def test_the_archive_and_the_unit_list_agree_on_the_day():
    found = history.codes_on(DAY).reset_index().set_index("municipality_code")["cadastral_code"]
    own = municipalities()["cadastral_code"]
    assert found.sort_index().to_dict() == own.to_dict()


def test_from_the_census_of_2011_all_is_resolved():
    census = history.codes_on(CENSUS)["municipality_code"]
    found = history.successors(census, kind="municipality_code")
    assert found["change"].value_counts().to_dict() == {
        "unchanged": 7628,
        "merged": 305,
        "recoded": 159,
    }
    # 159 changed province and kept their cadastral code: 7628 + 159 = 7787
    by_cadastral = history.successors(census.index)["change"].value_counts().to_dict()
    assert by_cadastral == {"unchanged": 7787, "merged": 305}
    assert set(found["municipality_code"]) <= set(municipalities().index)


def test_two_municipalities_carved_out_of_parts_have_no_whole_source():
    census = history.codes_on(CENSUS)["municipality_code"]
    reached = set(history.successors(census, kind="municipality_code")["municipality_code"])
    assert set(municipalities().index) - reached == {"001316", "081025"}  # Mappano, Misiliscemi


def test_since_2022_seventeen_ceased_and_only_lirio_is_unresolved():
    units = municipalities()
    found = history.successors(units["cadastral_code"], LATEST)
    ceased = found[found["change"] != "unchanged"]
    assert len(ceased) == 17
    assert ceased.index[ceased["change"] == "unresolved"].tolist() == ["E608"]
    assert units.loc["018082", ["municipality_name", "cadastral_code"]].tolist() == [
        "Lirio",
        "E608",
    ]
    assert found["municipality_code"].isna().sum() == 1


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        ("015149", "municipality_code", ("108033", "recoded")),  # Monza under Milano
        ("108033", "municipality_code", ("108033", "unchanged")),
        ("F704", "cadastral_code", ("108033", "unchanged")),
        ("F769", "cadastral_code", ("096088", "merged")),  # Mosso, Valdilana
        ("G714", "cadastral_code", ("096088", "merged")),  # Pistolesa -> Mosso -> Valdilana
        ("L768", "cadastral_code", ("015251", "merged")),  # Vermezzo con Zelo
    ],
)
def test_single_codes(code, kind, expected):
    assert tuple(history.successors([code], kind=kind).loc[code]) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2004-01-01", ("015149", "unchanged")),
        ("2009-06-30", ("108033", "recoded")),  # the first day of Monza e della Brianza
        ("2022-01-01", ("108033", "recoded")),
    ],
)
def test_a_record_holds_from_its_first_day(day, expected):
    found = history.successors(["015149"], pd.Timestamp(day), kind="municipality_code")
    assert tuple(found.loc["015149"]) == expected


def test_a_merged_municipality_gives_way_to_its_successor_on_the_day_that_one_begins():
    # Vermezzo and Zelo Surrigone became Vermezzo con Zelo on 2019-02-08
    before = history.codes_on(pd.Timestamp("2019-02-06")).index
    after = history.codes_on(pd.Timestamp("2019-02-08")).index
    assert {"L768", "M160"} <= set(before) and "M424" not in before
    assert "M424" in after and not {"L768", "M160"} & set(after)
    found = history.successors(["L768"], pd.Timestamp("2019-02-08"))
    assert tuple(found.loc["L768"]) == ("015251", "merged")


def test_an_unknown_code_is_unresolved_and_doubles_are_asked_once():
    found = history.successors(["Z999", "F704", "Z999"])
    assert found.index.tolist() == ["Z999", "F704"]
    assert pd.isna(found.loc["Z999", "municipality_code"])
    assert found["change"].tolist() == ["unresolved", "unchanged"]


def test_a_later_municipality_has_no_place_on_an_earlier_day():
    # Valdilana (M417) was made on 1 January 2019.
    found = history.successors(["M417"], CENSUS)
    assert found.loc["M417", "change"] == "unresolved"


def test_prefectures_cover_the_abolished_provinces():
    prefectures = history.active_prefectures()
    assert prefectures["B745"] == "CA"  # Carbonia
    assert prefectures["F839"] == "NA"  # Napoli, not a blank
    assert len(history.ever_in_province("107")) == 23
