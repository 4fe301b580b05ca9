"""Why figures changed: period, data and rule, in figures and rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs_analysis.services.files import invented
from needs_analysis.services.files.schema import Period, Register, Stays
from needs_analysis.services.measures.difference import difference
from needs_analysis.services.measures.monitoring import monitor
from needs_analysis.told.difference import as_delivered
from needs_analysis.told.publication import publish


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


@pytest.mark.slow
def test_nothing_changed(run):
    found = difference(run, run)
    assert found.figures.empty
    assert found.nothing
    assert found.rows("bed_nights").empty


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_withdrawn_and_a_new_row(network, run):
    stay = leaver(network)
    new = monitor(
        network.register, changed(network, lambda s: s.rename(index={stay: "NEW"})), run.period
    )
    rows = difference(run, new).rows("exits")
    assert rows["status"].to_dict() == {stay: "removed", "NEW": "added"}
    assert rows["why"].to_dict() == {stay: "data: row withdrawn", "NEW": "data: new row"}


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_fee_of_the_register_stands_behind_what_is_due(network, run):
    services = network.register.services.copy()
    services.loc["A1", "daily_fee_eur"] = 40.0
    register = Register(services, network.register.dwellings, network.register.places)
    found = difference(run, monitor(register, network.stays, run.period))
    assert set(found.figures["measure"]) == {"fees_due_eur"}
    rows = found.rows("fees_due_eur")
    assert set(rows["why"]) == {"data: services.daily_fee_eur"}
    assert set(network.stays.stays.loc[rows.index, "service_code"]) == {"A1"}
    assert found.changes["services"].fields().to_dict() == {"A1": "daily_fee_eur"}


@pytest.mark.slow
def test_an_absence_stands_behind_what_is_due(network, run):
    absences = network.stays.absences.copy()
    at = absences.index[absences["from_date"].dt.year == 2024][0]
    absences.loc[at, "to_date"] += pd.Timedelta(days=1)
    stays = Stays(network.stays.stays, network.stays.activities, absences)
    rows = difference(run, monitor(network.register, stays, run.period)).rows("absence_days")
    assert rows["why"].to_dict() == {absences.loc[at, "stay_id"]: "data: absences"}


@pytest.mark.slow
def test_another_group_moves_groups_alone(network, run):
    stays = network.stays.stays
    present = (stays["entry_date"] < "2024-06-01") & ~(stays["exit_date"] < "2024-07-01")
    stay = stays.index[present & (stays["target_group"] == "eviction_order")][0]

    def correct(stays):
        stays.loc[stay, "target_group"] = "overcrowded"
        return stays

    found = difference(run, monitor(network.register, changed(network, correct), run.period))
    moved = found.figures[found.figures["measure"] == "bed_nights"]
    assert set(moved["level"]) == {"group"}
    for group, status in (("eviction_order", "removed"), ("overcrowded", "added")):
        rows = found.rows("bed_nights", "group", group)
        assert rows["status"].to_dict() == {stay: status}
        assert rows["why"].tolist() == ["data: target_group"]


@pytest.mark.slow
def test_a_sending_municipality_moves_no_figure_but_is_a_change(network, run):
    stay = leaver(network)

    def correct(stays):
        stays.loc[stay, "sending_municipality_code"] = "108012"
        return stays

    found = difference(run, monitor(network.register, changed(network, correct), run.period))
    assert found.figures.empty
    assert not found.nothing
    assert found.changes["stays"].fields().to_dict() == {stay: "sending_municipality_code"}


@pytest.mark.slow
def test_what_the_same_rule_does_not_give_again_is_no_change_of_rule(run):
    told = run.measures.copy()
    nights = (told["measure"] == "bed_nights") & (told["level"] == "all")
    told.loc[nights, "value"] += 7
    row = figure(difference(as_delivered(run, told), run), "bed_nights")
    assert (row["cause"], row["of_rule"], row["of_data"]) == ("data", 0, -7)
    assert row["unfounded"]


@pytest.mark.slow
def test_a_published_delivery_is_that_of_its_own_data(network, run):
    services = network.register.services.copy()
    services.loc["U1", "protected"] = True  # with another fee than the refuge of its ambito
    register = Register(services, network.register.dwellings, network.register.places)
    run = monitor(register, network.stays, run.period)
    told = publish(register, network.stays, run.period, "published").figures
    due = told[(told["measure"] == "fees_due_eur") & (told["level"] == "all")]
    assert not due["value"].item() >= run.value("fees_due_eur")  # less, or not told
    assert difference(as_delivered(run, told), run).nothing
