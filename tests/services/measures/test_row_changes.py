"""Rows that two deliveries of a table do not share: added, removed, changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.services.files import invented
from needs_analysis.services.files.schema import TABLES
from needs_analysis.services.measures.row_changes import row_changes


@pytest.fixture(scope="module")
def network():
    return invented.network()


def tables(network):
    register, stays = network.register, network.stays
    return {
        "services": register.services, "dwellings": register.dwellings, "places": register.places,
        "stays": stays.stays, "activities": stays.activities, "absences": stays.absences,
    }  # fmt: skip


def test_the_order_of_rows_is_no_change(network):
    for name, table in tables(network).items():
        shuffled = table.sample(frac=1, random_state=3)
        if not TABLES[name].index:
            shuffled = shuffled.reset_index(drop=True)
        assert not shuffled.index.equals(table.index) or not TABLES[name].index
        assert row_changes(table, shuffled, name).rows == 0


def test_a_row_with_a_code_is_added_removed_or_changed_by_cell(network):
    old = network.stays.stays
    new = old.iloc[::-1].copy()
    ended = old.index[old["goals_set"].notna() & old["exit_date"].notna()]
    gone, kept, other = ended[:3]
    new = new.drop(index=gone).rename(index={kept: "NEW"})
    new.loc[other, "goals_set"] = np.nan
    new.loc[other, "exit_date"] = pd.Timestamp("2030-01-01")
    found = row_changes(old, new, "stays")
    assert found.added.index.tolist() == ["NEW"]
    assert sorted(found.removed.index) == sorted([gone, kept])
    assert found.fields().to_dict() == {other: "exit_date, goals_set"}
    assert found.fields(["goals_set"], "stays.").to_dict() == {other: "stays.goals_set"}
    assert found.fields(["guest"]).empty
    assert found.rows == 4
    assert found.old.loc[other, "exit_date"] == old.loc[other, "exit_date"]
    assert found.new.loc[other, "exit_date"] == pd.Timestamp("2030-01-01")


def test_rows_without_a_code_are_counted_as_often_as_they_stand(network):
    old = network.stays.activities.iloc[[0, 0, 0, 1, 2]].reset_index(drop=True)
    new = old.iloc[[4, 0, 3, 1]].reset_index(drop=True)
    found = row_changes(old, new, "activities")
    assert (len(found.removed), len(found.added), len(found.cells)) == (1, 0, 0)
    assert found.removed["stay_id"].tolist() == [old.loc[0, "stay_id"]]
    new.loc[2, "hours"] += 1.0
    found = row_changes(old, new, "activities")
    assert found.fields().tolist() == ["hours"]
    assert (found.new["hours"] - found.old["hours"]).tolist() == [1.0]
    new.loc[2, "date"] += pd.Timedelta(days=1)
    found = row_changes(old, new, "activities")
    assert (len(found.removed), len(found.added), len(found.cells)) == (2, 1, 0)
