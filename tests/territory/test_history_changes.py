"""What became of whom: predecessors, days and the codes of 2026."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.sources import anpr_archive, istat_situas, istat_units_list
from needs_analysis.territory import DAY, history, municipalities

CODES = Path(__file__).parents[3] / "shared" / "data" / "istat_codes"
needs_real_files = pytest.mark.skipif(not CODES.exists(), reason="official files not here")


@pytest.fixture(scope="module")
def since_1861():
    records = anpr_archive.read(CODES / "ANPR_archivio_comuni_2026-06-08.csv")
    return history.Archive(records, store.table("code_variations"))


@pytest.fixture(scope="module")
def of_2026():
    units = istat_situas.read(CODES / "situas_comuni_2026-08-14.csv").reset_index()
    shipped = history.shipped()
    return history.Archive(history.renumbered(shipped.records, units), shipped.variations)


# --- days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count"),
    [("1992-04-15", 8102), ("2017-12-31", 7978), ("2018-12-31", 7954), ("2019-12-31", 7914)],
)
def test_on_a_last_day_all_are_there_if_asked(day, count):
    found = history.codes_on(day, last_day=True)
    assert len(found) == count
    assert found["municipality_code"].is_unique
    assert len(history.codes_on(day)) < count


def test_on_other_days_the_last_day_makes_no_difference():
    for day in ("1991-10-20", "2001-10-21", "2011-10-09", "2022-01-01", "2023-01-01"):
        assert history.codes_on(day, last_day=True).equals(history.codes_on(day))


def test_a_last_day_is_followed_to_its_own_municipality():
    # Vermezzo ends on 2019-02-07, Vermezzo con Zelo begins the day after.
    found = history.successors(["L768"], "2019-02-07", last_day=True)
    assert found.loc["L768"].tolist() == ["015235", "unchanged"]
    found = history.successors(["M424", "L768"], "2019-02-08", last_day=True)
    assert found["change"].tolist() == ["unchanged", "merged"]


# --- pairs ---------------------------------------------------------------------------------


def test_predecessors_are_the_successors_read_backwards():
    census = history.codes_on("2011-10-09")["municipality_code"]
    found = history.predecessors(municipalities().index, "2011-10-09", kind="municipality_code")
    whole = found[found["change"].isin(["unchanged", "recoded", "merged"])]
    # Campospinoso took Albaredo in 2023: a code stands for its last day.
    assert set(whole["predecessor_code"]) == set(census)
    assert found["change"].value_counts()[["unchanged", "recoded"]].tolist() == [7628, 159]
    ahead = history.successors(census, kind="municipality_code")["municipality_code"]
    pairs = whole[whole["municipality_code"] != "018026"]
    assert (ahead[pairs["predecessor_code"]].to_numpy() == pairs["municipality_code"]).all()


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("015149", "1995-01-01", [("015149", "unchanged")]),
        ("108033", "1995-01-01", [("015149", "recoded")]),
        ("002002", "2011-10-09", [("002002", "unchanged"), ("002114", "merged")]),
        ("058121", "1991-06-01", [("058057", "carved")]),
        ("999999", "1991-06-01", [(None, "unresolved")]),
    ],
)
def test_predecessors_of_single_codes(code, day, expected):
    found = history.predecessors([code], day, kind="municipality_code")
    pairs = zip(found["predecessor_code"], found["change"], strict=True)
    assert [(None if pd.isna(old) else old, change) for old, change in pairs] == expected


@pytest.mark.parametrize("day", ["05/07/2007", "5-7-2007", "5 luglio 2007"])
def test_a_day_is_never_read_month_first(day: str) -> None:
    with pytest.raises(ParameterError, match="non è un giorno"):
        history.codes_on(day)


# --- the whole archive, and the codes of 2026 --------------------------------------------------


@needs_real_files
def test_the_whole_archive_gives_the_same_since_1991(since_1861):
    shipped = history.shipped()
    assert since_1861.takeovers == shipped.takeovers
    assert since_1861.carved.equals(shipped.carved)
    census = history.codes_on("2001-10-21")
    for kind, codes in {
        "cadastral_code": census.index,
        "municipality_code": census["municipality_code"],
    }.items():
        found = history.successors(codes, kind=kind, archive=since_1861)
        assert found.equals(history.successors(codes, kind=kind))


@needs_real_files
def test_before_1991_what_kept_its_cadastral_code_is_followed_and_the_rest_said(since_1861):
    counts = {
        day: len(history.codes_on(day, archive=since_1861))
        for day in ("1936-04-21", "1951-11-04", "1961-10-15", "1971-10-24", "1981-10-25")
    }
    assert list(counts.values()) == [7339, 7823, 8046, 8067, 8086]
    ceased = history.successors(["A003"], archive=since_1861)  # Abbadia Alpina, 1864-1928
    assert ceased["change"].tolist() == ["unresolved"]


@needs_real_files
def test_all_sardinian_codes_change_in_2026(of_2026):
    units = municipalities()
    found = history.successors(units.index, "2026-08-14", kind="municipality_code", archive=of_2026)
    kinds = {"unchanged": 7510, "recoded": 377, "merged": 16, "unresolved": 1}
    assert found["change"].value_counts().to_dict() == kinds
    recoded = found.index[found["change"] == "recoded"]
    assert (units.loc[recoded, "region_name"] == "Sardegna").all()
    listed = istat_situas.read(CODES / "situas_comuni_2026-08-14.csv")
    now = history.codes_on("2026-08-14", archive=of_2026)["municipality_code"]
    assert sorted(now) == sorted(listed.index)
    # Statistics use them from 1 January 2026, not before.
    assert len(history.codes_on("2025-12-31", last_day=True, archive=of_2026)) == 7896
    assert history.codes_on("2025-12-30", archive=of_2026).loc["B354"].iloc[0] != "118006"


@needs_real_files
@pytest.mark.parametrize("day", ["2021-01-01", "2022-05-01", "2024-02-24"])
def test_codes_and_earlier_codes_agree_with_the_lists_of_istat(day):
    (path,) = CODES.glob(f"Elenco-comuni-italiani_{day}*.csv")
    listed = istat_units_list.read(path).reset_index().set_index("cadastral_code")
    found = history.codes_on(day)["municipality_code"]
    assert found.to_dict() == listed["municipality_code"].to_dict()
    for column, then in {"2010": "2015-06-01", "2006": "2008-06-01", "1995": "2000-06-01"}.items():
        past = history.codes_on(then)["municipality_code"]
        both = listed.index.intersection(past.index)
        assert (listed.loc[both, f"municipality_code_{column}"] == past[both]).all()


def test_quotes_of_a_later_municipality_speak_of_those_it_was_made_of():
    # Castegnero Nanto (M439) began in 2026, Setteville (M437) in 2024, Carceri (B749) ended in it.
    found = history.places(["F704", "M439", "Z999", "M437"])
    assert found[["cadastral_code", "municipality_code", "change"]].to_numpy().tolist()[:3] == [
        ["F704", "108033", "unchanged"],
        ["M439", "024027", "part"],
        ["M439", "024071", "part"],
    ]
    assert found["cadastral_code"].tolist() == ["F704", "M439", "M439", "Z999", "M437", "M437"]
    assert found["municipality_code"].isna().tolist() == [False] * 3 + [True] + [False] * 2
    later = history.places(["M439", "C056"], "2026-09-01")
    assert later["municipality_code"].tolist() == ["024129", "024129"]
    assert later["change"].tolist() == ["unchanged", "merged"]


def test_who_is_quoted_itself_is_not_spoken_of_by_a_later_one():
    found = history.places(["M439", "C056"])  # Castegnero is quoted, Nanto is not
    assert found.to_numpy().tolist() == [
        ["M439", "024071", "part"],
        ["C056", "024027", "unchanged"],
    ]


def test_predecessors_of_cadastral_codes_have_one_column_of_them():
    found = history.predecessors(["M434"], DAY)
    assert found.columns.tolist() == ["cadastral_code", "predecessor_code", "change"]
