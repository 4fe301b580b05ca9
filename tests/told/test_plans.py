"""What leaves of a plan: homes and choices; of lists and measures only what their own rooms let out."""

import datetime as dt

import pandas as pd
import pytest
from plan_books import AREA, LISSONE, tables, written

from needs_analysis import needs
from needs_analysis.errors import ParameterError
from needs_analysis.municipal import panel
from needs_analysis.plans import draft
from needs_analysis.told.plans import CONFIDENTIAL, tell_need_of, tell_plan

TODAY = dt.date(2026, 12, 1)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    return draft(AREA, "annual", 2027, written(folder, **tables()), as_of=TODAY)


@pytest.fixture(scope="module")
def need(plan):
    return needs.estimate(panel.build(plan.area), as_of=TODAY)


def test_lists_and_measures_are_not_among_what_is_told(plan):
    told = tell_plan(plan)
    assert set(CONFIDENTIAL) <= set(plan.book.tables)
    assert not set(CONFIDENTIAL) & set(told.tables)
    assert told.table("differences") is None
    assert len(told.table("stock")) == 26
    assert "31" not in repr(plan)


def test_small_counts_of_the_lists_are_intervals(plan, need):
    published, internal = (tell_need_of(plan, need, one) for one in ("published", "internal"))
    keys = ["size", "isee_band"]
    small = [
        told.primary.frame.set_index(keys).loc[
            ("4", "to_16000"), ["applications_low", "applications_high"]
        ]
        for told in (published, internal)
    ]
    assert [one.tolist() for one in small] == [[1, 5], [3, 3]]


def test_homes_of_the_plan_are_published_and_exact_in_the_gap(plan, need):
    stock = tell_need_of(plan, need).gap_stock.frame.set_index(["size", "step"])
    row = stock.loc[("all", "free_ready")]
    assert row[["low", "central", "high"]].tolist() == [29, 29, 29]
    assert not stock["reserved"].any()
    flow = tell_need_of(plan, need).gap_flow.frame.set_index(["size", "step"])
    # In a year: one freed; two renovated and one of two origins, three new, one conferred.
    assert flow.loc[("all", "relets"), "central"] == 1
    assert flow.loc[("all", "committed"), "central"] == 7


def test_without_an_input_nothing_is_set_against_the_need(need):
    bare = draft(AREA, "annual", 2027, as_of=TODAY)
    told = tell_need_of(bare, need)
    assert told.gap_stock is None
    assert tell_plan(bare).rows.empty
    assert isinstance(tell_plan(bare).tables, dict)


def test_a_profile_that_there_is_not(plan, need):
    with pytest.raises(ParameterError):
        tell_need_of(plan, need, "secret")


def test_what_is_told_follows_no_hidden_count(plan, need, tmp_path):
    """Three applications or two: the same outputs."""
    given = tables()
    rows = given["applications"]
    rows.loc[rows["size"] == 4, ["applications", "waiting"]] = [2.0, 2.0]
    other = draft(AREA, "annual", 2027, written(tmp_path, **given), as_of=TODAY)
    one, two = (tell_need_of(each, need) for each in (plan, other))
    pd.testing.assert_frame_equal(one.primary.frame, two.primary.frame)
    pd.testing.assert_frame_equal(one.gap_stock.frame, two.gap_stock.frame)
    assert LISSONE in set(other.book.tables["applications"]["municipality_code"])
