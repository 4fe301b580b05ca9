"""Figures from the codes of one day to those of another: sums kept, nothing dropped, nothing made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.territory import DAY, history, municipalities, recode
from needs_analysis.territory.recode import links

CENSUS = "2011-10-09"


def frame_on(day: str | pd.Timestamp, value: float = 1.0) -> pd.DataFrame:
    codes = history.codes_on(day, last_day=True)["municipality_code"]
    return pd.DataFrame({"x": value}, index=pd.Index(codes.to_numpy()))


# --- any links -----------------------------------------------------------------------------


@st.composite
def tables(draw):
    """Draw a random history: each old code goes to one to three new ones, with shares."""
    rows = []
    for old in range(draw(st.integers(1, 12))):
        new = draw(st.lists(st.integers(0, 7), min_size=1, max_size=3, unique=True))
        parts = draw(st.lists(st.integers(1, 1000), min_size=len(new), max_size=len(new)))
        rows += [
            (f"o{old}", f"n{n}", part / sum(parts)) for n, part in zip(new, parts, strict=True)
        ]
    return pd.DataFrame(rows, columns=["old", "new", "share"])


AMOUNTS = st.floats(0, 1e12, allow_nan=False).filter(lambda x: x == 0 or x > 1e-6)


@pytest.mark.slow
@settings(max_examples=200)
@given(table=tables(), data=st.data())
def test_sums_are_conserved_whatever_the_links(table, data):
    codes = [*table["old"].unique(), "lost"]
    values = data.draw(st.lists(AMOUNTS, min_size=len(codes), max_size=len(codes)))
    frame = pd.DataFrame({"x": values}, index=codes)
    done = recode(frame, DAY, DAY, {"x": "sum"}, table=table)
    assert done.unmatched.index.tolist() == ["lost"]
    total = done.frame["x"].sum() + done.unmatched["x"].sum()
    assert total == pytest.approx(frame["x"].sum(), rel=1e-9, abs=0)
    assert set(done.frame.index) == set(table["new"])


@pytest.mark.slow
@settings(max_examples=100)
@given(table=tables(), data=st.data())
def test_means_and_extremes_stay_within_their_parts(table, data):
    codes = table["old"].unique()
    values = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=len(codes), max_size=len(codes)))
    frame = pd.DataFrame(dict.fromkeys(("mean", "weighted", "max", "min"), values), index=codes)
    weight = pd.Series(1.0 + np.arange(len(codes)), index=codes)
    found = recode(frame, DAY, DAY, {n: n for n in frame}, weights=weight, table=table).frame
    parts = table.assign(x=table["old"].map(frame["max"])).groupby("new")["x"]
    assert found["max"].equals(parts.max().rename("max").rename_axis("municipality_code"))
    assert found["min"].equals(parts.min().rename("min").rename_axis("municipality_code"))
    slack = 1e-9 * (1 + frame["max"].abs().max())
    for name in ("mean", "weighted"):
        assert found[name].between(parts.min() - slack, parts.max() + slack).all()


@pytest.mark.slow
@settings(max_examples=100)
@given(table=tables(), data=st.data())
def test_a_missing_part_makes_a_missing_value_and_never_a_zero(table, data):
    codes = table["old"].unique()
    absent = set(data.draw(st.lists(st.sampled_from(codes.tolist()), unique=True)))
    frame = pd.DataFrame({"x": 1.0}, index=codes)
    frame.loc[list(absent), "x"] = np.nan
    strict = recode(frame, DAY, DAY, "sum", table=table)
    known = recode(frame, DAY, DAY, "sum", table=table, partial=True)
    gaps = table["old"].isin(absent).groupby(table["new"])
    assert (strict.frame["x"].isna() == gaps.any()).all()
    assert (known.frame["x"].isna() == gaps.all()).all()
    assert (strict.flags["missing_parts"] == gaps.sum()).all()


def test_each_rule_by_hand():
    table = pd.DataFrame(
        [("a", "x", 1.0), ("b", "x", 0.25), ("b", "y", 0.75)], columns=["old", "new", "share"]
    )
    frame = pd.DataFrame(
        {"n": [8.0, 4.0], "m": [1.0, 3.0], "w": [1.0, 3.0], "t": ["first", "second"], "i": [5, 7]},
        index=["a", "b"],
    )
    how = {"n": "sum", "m": "mean", "w": "weighted", "t": "first", "i": "first"}
    done = recode(frame, DAY, DAY, how, weights="n", table=table)
    # weighted: (1 * 8 + 3 * 4 * 0.25) / (8 + 4 * 0.25) = 11 / 9
    assert done.frame.loc["x"].tolist() == [9.0, 2.0, pytest.approx(11 / 9), "first", 5]
    assert done.frame.loc["y"].tolist() == [3.0, 3.0, 3.0, "second", 7]
    assert done.frame["i"].dtype == np.dtype("int64")
    notes = ["merged from 2; split, share 0.25", "split, share 0.75"]
    assert done.flags["note"].tolist() == notes


def test_a_weight_that_is_missing_or_zero_leaves_nothing_to_divide_by():
    table = pd.DataFrame({"old": ["a", "b"], "new": ["x", "x"], "share": 1.0})
    frame = pd.DataFrame({"r": [1.0, 3.0]}, index=["a", "b"])
    for weights, expected in (([1.0, np.nan], [np.nan, 1.0]), ([0.0, 0.0], [np.nan, np.nan])):
        weight = pd.Series(weights, index=["a", "b"])
        found = [
            recode(frame, DAY, DAY, "weighted", weights=weight, table=table, partial=p).frame["r"]
            for p in (False, True)
        ]
        assert [one.item() for one in found] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"how": {}}, "senza una regola.*x"),
        ({"how": {"x": "median"}}, "sconosciute: median"),
        ({"how": {"x": "sum", "y": "sum"}}, "non ha: y"),
        ({"how": "weighted"}, "vuole dei pesi"),
        ({"kind": "name"}, "kind"),
        ({"carved": "drop"}, "carved"),
        ({"frame": pd.DataFrame({"x": [1, 2]}, index=["108033"] * 2)}, "codice ripetuto: 108033"),
        ({"frame": pd.DataFrame({"x": ["a"]}, index=["108033"])}, "solo «first»: x"),
    ],
)
def test_what_cannot_be_aggregated_is_refused_by_name(change, words):
    asked = {"frame": frame_on(DAY), "from_date": DAY, "to_date": CENSUS, "how": "sum"} | change
    with pytest.raises(ValueError, match=words):
        recode(**asked)


@pytest.mark.parametrize("shares", [[0.5, 0.4], [1.5, -0.5]])
def test_shares_that_lose_or_invent_are_refused(shares):
    table = pd.DataFrame({"old": "a", "new": ["x", "y"], "share": shares})
    with pytest.raises(ValueError, match="sommano a 1"):
        recode(pd.DataFrame({"x": [1.0]}, index=["a"]), DAY, DAY, "sum", table=table)


# --- the history ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "days",
    [
        (CENSUS, DAY), (DAY, CENSUS), ("1991-10-20", DAY), (DAY, "1991-10-20"),
        ("2018-12-31", "2019-01-01"), ("2019-01-01", "2018-12-31"), (DAY, "2026-06-08"),
        ("2026-06-08", "1991-01-01"), ("2001-10-21", CENSUS),
    ],
)  # fmt: skip
def test_sums_are_conserved_between_any_two_days(days):
    start, end = days
    frame = frame_on(start)
    frame["x"] = np.random.default_rng(1).lognormal(8, 2, len(frame))
    done = recode(frame, start, end, "sum")
    total = done.frame["x"].sum() + done.unmatched["x"].sum()
    assert total == pytest.approx(frame["x"].sum(), rel=1e-9)
    assert done.frame["x"].notna().all()
    assert set(done.frame.index) <= set(frame_on(end).index)
    assert (links(start, end).groupby("old")["share"].sum() - 1).abs().max() < 1e-9


def test_the_same_day_is_the_identity():
    frame = frame_on(DAY, 3.5).sort_index().rename_axis("municipality_code")
    done = recode(frame, DAY, DAY, "sum")
    assert done.frame.equals(frame)
    assert (done.flags["note"] == "").all()
    assert done.unmatched.empty


def test_there_and_back_keeps_what_did_not_change():
    frame = frame_on(CENSUS)
    frame["x"] = np.random.default_rng(2).random(len(frame))
    back = recode(recode(frame, CENSUS, DAY, "sum").frame, DAY, CENSUS, "sum")
    alone = back.flags.index[(back.flags["share"] == 1) & (back.flags["parts"] == 1)]
    mappano = ["001028", "001063", "001130", "001265"]
    kept = alone.difference(mappano)
    assert len(kept) == 7628 + 159 - 4 - 16  # less 4 of Mappano and 16 that absorbed others
    assert back.frame.loc[kept, "x"].equals(frame.loc[kept, "x"].rename_axis("municipality_code"))


def test_from_2011_to_2022_all_but_misiliscemi_is_reached():
    done = recode(frame_on(CENSUS), CENSUS, DAY, "sum")
    assert done.unmatched.empty
    assert set(municipalities().index) - set(done.frame.index) == {"081025"}
    valdilana = done.flags.loc["096088"]
    assert (valdilana["parts"], valdilana["note"]) == (4, "merged from 4")


def test_what_was_carved_out_takes_a_share_by_households():
    households = municipalities()["households"]
    sources = ["001028", "001063", "001130", "001265"]
    share = households["001316"] / (households["001316"] + households[sources].sum())
    done = recode(frame_on(CENSUS), CENSUS, DAY, "sum")
    assert done.frame.loc["001316", "x"] == pytest.approx(4 * share)
    assert done.frame.loc[sources, "x"].tolist() == pytest.approx([1 - share] * 4)
    assert done.flags.loc["001028", "note"] == "split, share 0.93 by households 2021"
    kept = recode(frame_on(CENSUS), CENSUS, DAY, "sum", carved="keep")
    assert "001316" not in kept.frame.index
    assert (kept.frame.loc[sources, "x"] == 1).all()


def test_a_later_municipality_is_split_over_its_earlier_parts():
    frame = pd.DataFrame({"x": [100.0], "class": ["A"]}, index=["024128"])  # Sovizzo, 2024
    done = recode(frame, "2024-02-24", DAY, {"x": "sum", "class": "first"})
    households = municipalities()["households"][["024044", "024103"]]
    expected = 100 * households / households.sum()
    assert done.frame["x"].to_dict() == pytest.approx(expected.to_dict())
    assert done.frame["class"].tolist() == ["A", "A"]
    assert done.flags["basis"].tolist() == ["households 2021"] * 2


def test_parts_gone_before_2021_are_split_by_the_residents_of_2011_else_equally():
    done = recode(frame_on(DAY), DAY, CENSUS, "sum")
    assert done.flags.loc["096084", "basis"] == "residents 2011"  # Mosso, of Valdilana
    assert done.unmatched["reason"].tolist() == ["begins after 2011-10-09, sources in no list"]
    earlier = recode(frame_on(CENSUS), CENSUS, "1991-10-20", "sum")
    # Due Carrare, 1995, of Carrara San Giorgio and Carrara Santo Stefano: no figure of either.
    assert earlier.flags.loc[["028024", "028025"], "basis"].tolist() == ["equal parts"] * 2
    assert earlier.flags.loc[["028024", "028025"], "share"].tolist() == [0.5, 0.5]


def test_a_part_without_a_row_is_a_missing_part():
    frame = pd.DataFrame({"x": [1.0, 2.0, 5.0]}, index=["096084", "096070", "108033"])
    strict = recode(frame, "2018-12-31", DAY, "sum")
    assert strict.frame["x"].isna().tolist() == [True, False]
    assert strict.flags["note"].tolist() == ["merged from 4, 2 of them missing", ""]
    known = recode(frame, "2018-12-31", DAY, "sum", partial=True)
    assert known.frame["x"].tolist() == [3.0, 5.0]


def test_every_row_without_a_place_says_why():
    frame = pd.DataFrame({"x": 1.0}, index=["", "999999", "018082", "108033"])
    done = recode(frame, DAY, "2026-06-08", "sum")
    assert done.unmatched["reason"].to_dict() == {
        "": "blank code",
        "999999": "unknown code",
        "018082": "ceased, no successor known",
    }
    assert done.unmatched["x"].tolist() == [1.0] * 3


def test_a_code_of_another_day_is_followed_and_flagged():
    frame = pd.DataFrame({"x": [1.0]}, index=["015149"])  # Monza, before 2009
    done = recode(frame, CENSUS, DAY, "sum")
    assert done.frame["x"].to_dict() == {"108033": 1.0}
    assert done.flags["note"].tolist() == ["from a code of another day"]
    both = pd.DataFrame({"x": [1.0, 2.0]}, index=["015149", "108033"])
    assert recode(both, CENSUS, DAY, "sum").frame["x"].to_dict() == {"108033": 3.0}


def test_cadastral_codes_and_nothing_at_all():
    frame = pd.DataFrame({"x": [1.0, 2.0]}, index=["F704", "L768"])
    done = recode(frame, "2019-02-07", DAY, "sum", kind="cadastral_code", partial=True)
    assert done.frame["x"].to_dict() == {"015251": 2.0, "108033": 1.0}
    none = recode(frame[:0], "2019-02-07", DAY, "sum", kind="cadastral_code")
    assert none.frame.empty
    assert none.flags.columns.tolist() == done.flags.columns.tolist()
