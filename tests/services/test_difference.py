"""Why figures changed: period, data and rule, in figures and rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs_analysis.services import invented
from needs_analysis.services.difference import difference
from needs_analysis.services.monitoring import monitor
from needs_analysis.services.schema import Period, Stays


@pytest.fixture(scope="module")
def network():
    return invented.network()


@pytest.fixture(scope="module")
def run(network):
    return monitor(network.register, network.stays, Period.year(2024))


def changed(network, change):
    stays = network.stays.stays.copy()
    return Stays(change(stays), network.stays.activities, network.stays.absences)


def leaver(network):
    """Return the id of a stay that ended well in 2024."""
    stays = network.stays.stays
    ended = stays["exit_date"].between("2024-02-01", "2024-12-31")
    return stays.index[ended & (stays["destination"] == "autonomous_rent")][0]


def figure(found, measure):
    rows = found.figures.set_index(["measure", "level"])
    return rows.loc[(measure, "all")]


def test_nothing_changed(run):
    assert difference(run, run).figures.empty


def test_a_corrected_destination_is_data(network, run):
    stay = leaver(network)

    def correct(stays):
        stays.loc[stay, "destination"] = "street"
        return stays

    new = monitor(network.register, changed(network, correct), Period.year(2024))
    found = difference(run, new)
    row = figure(found, "positive_exits_share")
    assert row["cause"] == "data"
    assert row["of_data"] == pytest.approx(row["new"] - row["old"])
    assert (row["of_period"], row["of_rule"]) == (0, 0)
    rows = found.rows("positive_exits_share")
    assert rows.index.tolist() == [stay]
    assert rows["status"].tolist() == ["changed"]
    assert rows["why"].tolist() == ["data: destination"]
    assert rows[["numerator_old", "numerator_new"]].to_numpy().tolist() == [[1, 0]]
    assert "bed_nights" not in found.figures["measure"].tolist()


def test_a_withdrawn_and_a_new_row(network, run):
    stay = leaver(network)
    new = monitor(
        network.register, changed(network, lambda s: s.rename(index={stay: "NEW"})), run.period
    )
    rows = difference(run, new).rows("exits")
    assert rows["status"].to_dict() == {stay: "removed", "NEW": "added"}
    assert rows["why"].to_dict() == {stay: "data: row withdrawn", "NEW": "data: new row"}


def test_another_period(network, run):
    new = monitor(network.register, network.stays, Period("2024-01-01", "2025-06-30"))
    found = difference(run, new)
    row = figure(found, "bed_nights")
    assert row["cause"] == "period"
    assert row["of_period"] == row["new"] - row["old"] > 0
    rows = found.rows("bed_nights")
    assert set(rows["why"]) == {"period"}
    moved = rows["numerator_new"].fillna(0) - rows["numerator_old"].fillna(0)
    assert moved.sum() == row["of_period"]


def test_an_earlier_rule(run):
    measures = run.measures.copy()
    nights = measures["rule"] == "bed_nights"
    measures.loc[nights, "rule_version"] = 0
    measures.loc[nights & (measures["measure"] == "bed_nights"), "value"] += 7
    found = difference(replace(run, measures=measures), run)
    row = figure(found, "bed_nights")
    assert (row["cause"], row["of_rule"], row["of_data"]) == ("rule", -7, 0)
    assert (row["old_version"], row["new_version"]) == (0, 1)
    assert set(found.figures["rule"]) == {"bed_nights"}


def test_causes_add_up(network, run):
    stay = leaver(network)

    def later(stays):
        stays.loc[stay, "exit_date"] += pd.Timedelta(days=20)
        return stays

    new = monitor(network.register, changed(network, later), Period("2024-01-01", "2025-03-31"))
    figures = difference(run, new).figures.dropna(subset=["old", "new"])
    parts = figures[["of_rule", "of_period", "of_data"]]
    whole = parts.notna().all(axis=1)
    np.testing.assert_allclose(
        parts[whole].sum(axis=1), (figures["new"] - figures["old"])[whole], atol=1e-9
    )
    assert "period + data" in set(figures["cause"])
