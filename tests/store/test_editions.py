"""Further editions of the user's put to the tables that hold every edition."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from sources.places import BEDS_2024, CENSUS, OMI, SHARED, VARIATIONS, needs_real_files

from needs_analysis import panel, store
from needs_analysis.errors import StudyError
from needs_analysis.indicators.readiness import readiness
from needs_analysis.provenance import Source
from needs_analysis.sources import omi_values
from needs_analysis.store import recipes, shipped

pytestmark = pytest.mark.usefixtures("small_files")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    yield tmp_path / "mine"


def add(*paths):
    added = store.add(paths)
    assert added.refused == ()
    return added.kept


def beds(folder, year, factor=1):
    """Write the beds of 2024 as those of another year, Monza's business lodgings multiplied."""
    frame = pd.read_csv(BEDS_2024, dtype="str", keep_default_na=False)
    code = next(name for name in frame.columns if "istat" in name.lower())
    lodgings = next(
        name for name in frame.columns if name.lower().startswith("alloggi") and "letti" in name
    )
    monza = frame[code].str.zfill(6) == "108033"
    assert monza.sum() == 1
    frame.loc[monza, lodgings] = str(int(frame.loc[monza, lodgings].iloc[0]) * factor)
    path = folder / f"letti-{year}.csv"
    frame.to_csv(path, index=False)
    return path


def quotes(folder, semester, *changes):
    """Write the quotes of 2018/2 as those of another half-year."""
    data = OMI.read_bytes().replace(b"2018/2", semester.encode(), 1)
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    path = folder / f"{semester.replace('/', '-')}_VALORI.csv"
    path.write_bytes(data)
    return path


# --- years ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_further_year_stands_beside_the_shipped_ones_and_indicators_use_it(tmp_path):
    before = store.table("accommodation")
    (own,) = add(beds(tmp_path, 2025, factor=3))
    found = store.table("accommodation")
    assert len(found) == len(before) + own.rows
    assert found["year"].unique().tolist() == [2019, 2024, 2025]
    pd.testing.assert_frame_equal(found[found["year"] < 2025].reset_index(drop=True), before)
    assert store.source_of("accommodation").reference_date == "2019-2025"
    built = panel.build()
    lodgings = found.set_index(["year", "municipality_code"])["rented_lodging_beds"]
    more = lodgings[2025, "108033"] - lodgings[2024, "108033"]
    assert more == 2 * lodgings[2024, "108033"] > 0
    assert built.value("108033", "accommodation_beds") == 733 + more
    assert built.value("108033", "accommodation_beds_2024") == 733
    assert built.vintage.loc["108033", "accommodation_beds"] == "2025"
    row = store.status().loc["accommodation"]
    assert (row["origin"], row["rows"]) == ("both", len(found))


def test_a_revised_year_takes_the_place_of_the_shipped_one(tmp_path):
    (own,) = add(beds(tmp_path, 2024, factor=2))
    years = store.table("accommodation")["year"].value_counts()
    assert years[2024] == own.rows  # whole, not mixed with what it replaces
    assert years[2019] == 7926


def test_a_limit_keeps_the_years_within_it_shipped_and_added(tmp_path):
    add(beds(tmp_path, 2021), beds(tmp_path, 2025))
    with store.using(store.Selection(until="2021")):
        assert store.table("accommodation")["year"].unique().tolist() == [2019, 2021]
        assert store.source_of("accommodation").reference_date == "2019 + 2021"
        assert not [one for one in store.later_than("2021") if one.startswith("accommodation")]
    with store.using(store.Selection(until="2018")):
        assert "accommodation (2024)" in store.later_than("2018")


def test_a_study_pins_the_editions_it_was_made_with(tmp_path):
    add(beds(tmp_path, 2021, factor=5))
    token, then = store.tokens()["accommodation"], store.table("accommodation")
    add(beds(tmp_path, 2025, factor=7))
    assert store.tokens()["accommodation"] != token
    assert store.lacking({"accommodation": token}) == []
    with store.using(store.Selection(pins={"accommodation": token})):
        pd.testing.assert_frame_equal(store.table("accommodation"), then)
        assert store.tokens()["accommodation"] == token
    gone = token[:-16] + "0" * 16
    assert store.lacking({"accommodation": gone}) == ["accommodation"]
    with store.using(store.Selection(pins={"accommodation": gone})), pytest.raises(StudyError):
        store.table("accommodation")


def test_what_was_compiled_already_changes_nothing():
    add(BEDS_2024, CENSUS, VARIATIONS)
    # the fixtures are parts of the published files: not the same bytes, the same rows
    for name in ("code_variations", "tenure_2011"):
        pd.testing.assert_frame_equal(store.table(name), shipped.table(name))
        assert store.status().loc[name, "origin"] == "both"


@pytest.mark.slow
def test_the_order_in_which_files_were_added_does_not_matter(tmp_path, monkeypatch):
    paths = [beds(tmp_path, 2021), beds(tmp_path, 2022), beds(tmp_path, 2025)]
    found = []
    for n, order in enumerate(itertools.permutations(paths)):
        monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / f"order{n}"))
        add(*order)
        found.append((store.tokens()["accommodation"], store.table("accommodation")))
    for token, frame in found[1:]:
        assert token == found[0][0]
        pd.testing.assert_frame_equal(frame, found[0][1])


def test_an_older_edition_serves_a_study_that_looks_no_further(tmp_path):
    from sources.places import MEF

    older = tmp_path / "redditi.csv"
    lines = MEF.read_bytes().split(b"\r\n")
    older.write_bytes(
        b"\r\n".join([lines[0], *(line.replace(b"2021;", b"2019;", 1) for line in lines[1:])])
    )
    add(older)
    assert store.source_of("incomes").reference_date == "2021"
    with store.using(store.Selection(until="2020")):
        assert store.source_of("incomes").reference_date == "2019"
        assert not [one for one in store.later_than("2020") if one.startswith("incomes")]


# --- the series of rents -------------------------------------------------------------------


@pytest.mark.slow
def test_a_half_year_that_does_not_join_the_series_waits_and_says_for_what(tmp_path):
    add(quotes(tmp_path, "2019/1"))
    assert store.source_of("rents").reference_date == "2019/1"
    assert store.source_of("rents_growth").reference_date == "2016/1-2018/2"
    row = store.status().loc["rents_growth"]
    (lacks,) = row["lacks"]
    assert (row["origin"], str(lacks)) == ("shipped", "semestri mancanti nella serie: 2018/2")
    (growth,) = [one for one in readiness() if one.id == "G1"]
    assert growth.lacks[-1] == "rents_growth: semestri mancanti nella serie: 2018/2"
    assert [(one.table, one.origin) for one in growth.tables] == [("rents_growth", "shipped")]


def test_a_half_year_that_joins_it_lengthens_the_series(tmp_path):
    add(OMI, quotes(tmp_path, "2019/1"))
    ships = shipped.table("rents_growth").set_index("cadastral_code")
    found = store.table("rents_growth").set_index("cadastral_code")
    assert store.source_of("rents_growth").reference_date == "2016/1-2019/1"
    assert set(found["last_semester"]) == {"2019/1"} and set(found["first_semester"]) == {"2016/1"}
    # the same quotes one half-year later: no growth more, and no break more
    own = omi_values.read(OMI)["cadastral_code"].unique()
    columns = ["rent_first_eur_m2_month", "rent_last_eur_m2_month", "rent_growth_share", "reason"]
    pd.testing.assert_frame_equal(found.loc[own, columns], ships.loc[own, columns], rtol=1e-9)
    # a municipality that is not in the half-year has no rent at the end, and no growth
    others = found.drop(own)
    assert set(others["reason"]) == {"no_rent_first", "no_rent_last"}
    assert others["rent_growth_share"].isna().all()
    assert "semestri" not in str([*map(str, store.status().loc["rents_growth", "lacks"])])


@pytest.mark.parametrize(
    ("here", "files", "ships", "lacks"),
    [
        ([], [], True, ""),
        (["2016/2", "2018/2"], [], True, ""),
        (["2018/2", "2019/1"], ["2018/2", "2019/1"], True, ""),
        (["2018/2", "2020/1"], ["2018/2", "2020/1"], True, "2019/1, 2019/2"),
        (["2015/2", "2016/1"], ["2015/2", "2016/1"], True, ""),
        (["2015/2", "2016/1", "2018/2", "2019/1"],) * 2 + (True, ""),
        (["2019/1"], [], True, "2018/2"),
        (["2019/1", "2019/2"], ["2019/1", "2019/2"], False, "2018/2"),
    ],
)
def test_which_half_years_are_taken(here, files, ships, lacks):
    given = Source("omi_series", "", "", "2016/1-2018/2", "", "", "", "a" * 16)
    own = [Source("omi_values", "", "", one, "", "", "", one) for one in here]
    taken = recipes.take_series(given, own)
    said = f"semestri mancanti nella serie: {lacks}" if lacks else ""
    assert (sorted(taken.files), taken.ships, str(taken.lacks or "")) == (files, ships, said)


def test_a_limit_before_the_end_of_the_series_takes_the_users_own_half_years():
    own = [Source("omi_values", "", "", one, "", "", "", one) for one in ("2016/1", "2017/1")]
    assert recipes.take_series(None, own) == recipes.Taken(("2016/1", "2017/1"), False)
    assert recipes.take_series(None, own[:1]) == recipes.Taken((), False)


def stretch(places, first, last, reasons, ends):
    frame = pd.DataFrame(
        {"rent_first_eur_m2_month": first, "rent_last_eur_m2_month": last, "reason": reasons},
        pd.Index(places, name="cadastral_code"),
    )
    return frame.assign(first_semester=ends[0], last_semester=ends[1])


def test_two_stretches_join_with_the_gravest_of_their_breaks(monkeypatch):
    nan = float("nan")
    ships = stretch(
        list("ABCDE"), [10.0, 10.0, nan, 10.0, 10.0], [11.0, 11.0, 11.0, nan, 11.0],
        ["", "states_changed", "no_rent_first", "no_rent_last", ""], ("2016/1", "2018/2"),
    )  # fmt: skip
    later = stretch(
        list("ABCDF"), [11.0, 11.0, 11.0, nan, nan], [12.0, 12.0, 12.0, 12.0, 12.0],
        ["", "zones_changed", "", "no_rent_first", "no_rent_first"], ("2018/2", "2019/1"),
    )  # fmt: skip
    monkeypatch.setattr(recipes, "rent_growth", lambda _: later.reset_index())
    frames = [pd.DataFrame(), pd.DataFrame()]
    for frame, semester in zip(frames, ("2018/2", "2019/1"), strict=True):
        frame.attrs["reference_date"] = semester
    found = recipes.extended_growth(ships.reset_index(), frames).set_index("cadastral_code")
    assert found["reason"].to_dict() == {
        "A": "", "B": "zones_changed", "C": "no_rent_first", "D": "no_rent_between",
        "E": "no_rent_last", "F": "no_rent_first",
    }  # fmt: skip
    assert found.loc["A", "rent_growth_share"] == pytest.approx(12 / 10 - 1)
    assert found["rent_growth_share"].notna().sum() == 1


@needs_real_files
def test_a_series_joined_is_the_series_read_at_once():
    names = ("2017-2", "2018-1", "2018-2")
    read = [omi_values.read(SHARED / "omi" / f"{name}.zip") for name in names]
    at_once = recipes.rent_growth(read).set_index("cadastral_code").sort_index()
    joined = recipes.extended_growth(recipes.rent_growth(read[:2]), read[1:])
    joined = joined.set_index("cadastral_code").sort_index()
    assert joined.index.equals(at_once.index)
    alike = joined["reason"] == at_once["reason"]
    assert set(joined.loc[~alike, "reason"]) <= {"no_rent_between"}
    assert (~alike).sum() < 20
    pd.testing.assert_frame_equal(
        joined[alike].drop(columns=["first_semester", "last_semester"]),
        at_once.loc[alike].drop(columns=["first_semester", "last_semester"]),
    )


# --- what is said --------------------------------------------------------------------------


@pytest.mark.slow
def test_every_indicator_says_what_it_would_use():
    found = {one.id: one for one in readiness()}
    assert [(t.table, t.vintage, t.origin) for t in found["C5"].tables] == [
        ("accommodation", "2024", "shipped"), ("municipalities", "2021", "shipped"),
    ]  # fmt: skip
    assert found["C1"].lacks == ("tenure_2011: 7420 comuni senza dato",)
    assert found["A4"].lacks == ()
    used = {one.table for one in found["A5"].tables}
    assert used == {"municipalities", "incomes", "rents", "tenure_2011"}
    assert found["A5"].lacks == found["A5b"].lacks == ()
    assert all(one.tables for one in found.values())


def test_a_file_that_is_not_used_says_why(tmp_path):
    add(OMI, quotes(tmp_path, "2017/2"), quotes(tmp_path, "2019/1"))
    assert {one.source.reference_date: str(why) for one, why in store.unused().items()} == {
        "2017/2": "è in uso un'edizione più recente"
    }
