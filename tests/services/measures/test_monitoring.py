"""Measures of services: published scenarios, fractions by hand, brute force on days."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import needs_analysis as na
from needs_analysis.errors import SourceError
from needs_analysis.services.files import invented, nights
from needs_analysis.services.files.schema import POSITIVE, TABLES, Period, Register, Stays, empty
from needs_analysis.services.measures import monitoring
from needs_analysis.services.measures.declaration import MEASURES, RULES, records_of
from needs_analysis.services.measures.folding import NOTES, WIDE_SHARE, note_text

SCENARIOS = Path(__file__).parents[4] / "shared/checks/spm_unit_scenarios/scenarios.json"
published = pytest.mark.skipif(not SCENARIOS.exists(), reason="the reference cases are not here")
CASES = json.loads(SCENARIOS.read_text()) if SCENARIOS.exists() else {"nights_union": []}
ADDITIVE = ("nights", "stays", "guests", "places", "referrals", "activities", "hours", "days", "eur",
            "services", "persons")  # fmt: skip


def frame(rows, **columns):
    """Stays from (guest, entry, exit)."""
    guests, entries, exits = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "guest": list(guests),
            "entry_date": pd.to_datetime(pd.Series(entries)).to_numpy(),
            "exit_date": pd.to_datetime(pd.Series(exits, dtype="object")).to_numpy(),
            **columns,
        },
        index=pd.Index([f"A{i}" for i in range(len(rows))], name="stay_id"),
    )


def register(places=2, **services):
    """Return one service S with some places in one dwelling, open all the time."""
    one, homes, beds = empty("services"), empty("dwellings"), empty("places")
    one = one.reindex(pd.Index(["S"], name="service_code")).assign(protected=False, **services)
    homes = homes.reindex(pd.Index(["D"], name="dwelling_code")).assign(service_code="S")
    names = pd.Index([f"P{i}" for i in range(places)], name="place_code")
    beds = beds.reindex(names).assign(dwelling_code="D", state="ready")
    return Register(one, homes, beds)


def complete(stays):
    """Return Stays of one service from a frame with some columns."""
    full = empty("stays").reindex(stays.index).assign(service_code="S", **stays)
    for field in TABLES["stays"].fields:
        if field.name in full and field.dtype in ("str", "float64", "boolean"):
            full[field.name] = full[field.name].astype(field.dtype)
    return Stays(full)


@pytest.fixture(scope="module")
def network():
    return invented.network()


@pytest.fixture(scope="module")
def monitored(network):
    return monitoring.monitor(network.register, network.stays, Period("2024-01-01", "2025-12-31"))


def nights_of_stays(stays, period=None):
    records = records_of(stays)
    rows, counted = records.bed_nights(*nights.bounds(period))
    index = records.stays.stays.index
    return pd.Series(counted, index[rows]).reindex(index, fill_value=0)


def nights_of_guests(stays, period=None):
    return nights_of_stays(stays, period).groupby(stays["guest"]).sum()


@published
@pytest.mark.parametrize("case", CASES["nights_union"], ids=lambda case: case["id"])
def test_nights_of_the_published_scenarios(case):
    if "nights" in case:
        days = pd.to_datetime(pd.Series(case["nights"]))
        rows = [("g", day, day + pd.Timedelta(days=1)) for day in days]
    else:
        rows = [("g", entry, leaving) for _, entry, leaving in case["stays"]]
    assert nights_of_guests(frame(rows)).tolist() == [case["expected"]]
    assert (
        nights_of_guests(frame(rows), Period("2000-01-01", "2030-12-31"))["g"] == case["expected"]
    )


@published
def test_averages_of_the_published_household():
    case, period = CASES["household_average"], Period(*CASES["reporting_period"])
    stays = frame([(name, *dates) for name, dates in case["stays"].items()])
    assert nights_of_guests(stays).loc[list(case["stays"])].tolist() == case["expected_nights"]
    found = na.services.length_of_stay(stays, period)["value"]
    assert round(found["stay_mean_days"], 2) == case["mean"]
    assert found["stay_median_days"] == case["median"]


@published
def test_returns_of_the_published_scenario():
    case, period = CASES["returns"], Period(*CASES["reporting_period"])
    rows = [("g", "2021-01-01", case["exit_to_permanent"]), ("g", case["re_entry"], None)]
    stays = frame(rows, destination=["autonomous_rent", None])
    found = na.services.returns(stays, period)
    band = f"returns_{case['expected_band'].replace('-', '_')}_share"
    assert found.loc[band, "numerator"] == 1
    assert (found["denominator"] == case["universe"]).all()
    assert found.loc["returns_730_share", "numerator"] == case["returned_in_730"]


@published
@pytest.mark.parametrize(
    ("services", "expected"), [(["ES"], "expected_ES_only"), (None, "expected_all")]
)
def test_first_time_of_the_published_scenario(services, expected):
    case, period = CASES["first_time"], Period(*CASES["reporting_period"])
    rows, kinds = [], []
    for guest, one in enumerate(case["entries"]):
        for dates in (one["prior"], [one["entry"], None]):
            if dates:
                rows.append((f"g{guest}", *dates))
                kinds.append(one["type"])
    found = na.services.first_time(frame(rows, service_code=kinds), period, services)
    assert found["denominator"].tolist() == [case[expected]["universe"]]
    assert found["numerator"].tolist() == [case[expected]["first_time"]]


@published
def test_exits_of_the_published_scenarios():
    case, period = CASES["exits"], Period(*CASES["reporting_period"])
    dates = [("a", "2022-10-01", "2022-12-01"), ("b", "2022-10-01", "2023-02-01")]
    outreach = frame(dates, destination=["other_service", "autonomous_rent"])
    found = na.services.exits(outreach, period, positive=[*POSITIVE, "other_service"])
    assert found.loc["exits", "value"] == case["outreach"]["universe"]
    assert found.loc["exits_other_service_share", "numerator"] == case["outreach"]["temporary"]
    assert found.loc["exits_autonomous_rent_share", "numerator"] == case["outreach"]["permanent"]
    assert 100 * found.loc["positive_exits_share", "value"] == case["outreach"]["successful_pct"]
    shelter = na.services.exits(frame(dates[:1], destination=["sap_sas"]), period)
    assert shelter.loc["exits", "value"] == case["shelter"]["universe"]
    assert 100 * shelter.loc["positive_exits_share", "value"] == case["shelter"]["pct"]
    kept = frame([dates[0], ("b", "2022-01-01", None)], destination=["owned", None])
    found = na.services.retention(kept, period).loc["retention_share"]
    assert found["denominator"] == case["permanent_retention"]["universe"]
    assert found["numerator"] == case["permanent_retention"]["ok"]


span = st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(0, 40) | st.none())


@pytest.mark.slow
@given(st.lists(span, min_size=1, max_size=25), st.integers(0, 50), st.integers(1, 50))
def test_nights_are_those_of_brute_force(rows, first, length):
    zero = pd.Timestamp("2024-12-01")
    day = [zero + pd.Timedelta(days=start) for _, start, _ in rows]
    out = [None if n is None else d + pd.Timedelta(days=n) for d, (_, _, n) in zip(day, rows)]  # noqa: B905
    stays = frame([(g, d, o) for (g, _, _), d, o in zip(rows, day, out, strict=True)])
    period = Period(zero + pd.Timedelta(days=first), zero + pd.Timedelta(days=first + length - 1))
    slept = {guest: set() for guest, _, _ in rows}
    for guest, start, n in rows:
        until = first + length if n is None else start + n
        slept[guest] |= set(range(max(start, first), min(until, first + length)))
    found = nights_of_guests(stays, period)
    assert found.to_dict() == {guest: len(days) for guest, days in slept.items()}
    by_stay = nights_of_stays(stays, period)
    assert by_stay.sum() == sum(found)
    shuffled = stays.sample(frac=1, random_state=1)
    assert nights_of_stays(shuffled, period)[stays.index].equals(by_stay)


@pytest.mark.slow
@given(st.lists(span, min_size=1, max_size=20))
@settings(max_examples=60)
def test_occupancy_is_above_one_only_where_a_place_is_shared(rows):
    zero, period = pd.Timestamp("2025-01-01"), Period("2025-01-10", "2025-02-20")
    stays = frame(
        [
            (g, zero + pd.Timedelta(days=d), None if n is None else zero + pd.Timedelta(days=d + n))
            for g, d, n in rows
        ],
        place_code=["P0" if g in "ab" else "P1" for g, _, _ in rows],
    )
    found = na.services.occupancy(register(), complete(stays), period)
    used, share = found.loc["place_use_share"], found.loc["occupancy_share"]
    assert used["denominator"] == share["denominator"] == 2 * period.days
    assert 0 <= used["value"] <= min(1, share["value"])
    slept: dict[tuple[str, int], set[str]] = {}
    for guest, start, n in rows:
        place = "P0" if guest in "ab" else "P1"
        for day in range(start, 60 if n is None else start + n):
            if 9 <= day <= 50:
                slept.setdefault((place, day), set()).add(guest)
    assert used["numerator"] == len(slept)
    assert ("above_one" in share["note"]) == (share["value"] > 1)
    if all(len(guests) == 1 for guests in slept.values()):
        assert share["value"] <= 1


def test_totals_are_those_of_each_breakdown(monitored):
    measures = monitored.measures
    exact = measures[measures["unit"].isin(ADDITIVE) & (measures["denominator"].isna())]
    shares = measures[(measures["unit"] == "share") & (measures["measure"] != "place_use_share")]
    checked = 0
    for column, figures in (("numerator", exact), ("numerator", shares), ("denominator", shares)):
        whole = figures[figures["level"] == "all"].set_index("measure")[column]
        for level in ("service", "ambito", "group"):
            parts = figures[figures["level"] == level].groupby("measure")[column].sum()
            both = whole.index.intersection(parts.index)
            np.testing.assert_allclose(parts[both], whole[both].fillna(0), atol=1e-6)
            checked += len(both)
    assert checked > 200


def test_years_add_up_to_the_period(monitored):
    for measure in ("bed_nights", "exits", "entries", "paid_days", "fees_due_eur", "absence_days"):
        years = [monitored.value(measure, "year", year) for year in ("2024", "2025")]
        assert sum(years) == pytest.approx(monitored.value(measure))


@pytest.mark.slow
def test_the_rows_behind_a_figure_are_the_figure(monitored):
    checked = 0
    for row in monitored.measures.sample(300, random_state=2).itertuples():
        if row.measure in ("stay_logrank_by_group", "stay_km_median_days") or np.isnan(row.value):
            continue
        rows = monitored.rows(row.measure, row.level, row.level_value)
        known = rows[rows["numerator"].notna()]
        assert known["numerator"].sum() == pytest.approx(row.numerator)
        if row.unit == "share":
            assert known["denominator"].sum() == pytest.approx(row.denominator)
        checked += 1
    assert checked > 100
    with pytest.raises(ValueError, match="non c'è"):
        monitored.rows("exits", "service", "none")
    with pytest.raises(ValueError, match="non si dice per group"):
        monitored.rows("occupancy_share", "group", "violence")
    with pytest.raises(ValueError, match="l'anno «1999» non è nel periodo"):
        monitored.rows("exits", "year", "1999")


def test_every_measure_has_its_rule(monitored):
    measures = monitored.measures
    assert set(measures["measure"]) == set(MEASURES)
    for row in measures.drop_duplicates("measure").itertuples():
        assert row.rule == MEASURES[row.measure].rule
        assert row.rule_version == RULES[row.rule].version
    codes = {code for note in measures["note"] for code in note.split(";") if code}
    assert codes <= set(NOTES)


def test_shares_have_wide_intervals_where_cases_are_few(monitored):
    shares = monitored.measures.query("unit == 'share' and denominator > 0")
    single = shares[~shares["rule"].isin(["occupancy", "goals"])]
    assert single["low"].between(0, single["value"] + 1e-12).all()
    assert single["high"].ge(single["value"] - 1e-12).all()
    wide = shares[shares["high"] - shares["low"] > WIDE_SHARE]
    assert len(wide) > 0
    assert wide["note"].str.contains("wide_interval").all()


def test_an_unknown_destination_stays_in_the_denominator():
    stays = frame([(g, "2024-01-01", "2025-05-01") for g in "abcd"],
                  destination=["sap_sas", "unknown", None, "street"])  # fmt: skip
    found = na.services.exits(stays, Period.year(2025))
    assert found.loc["positive_exits_share", ["numerator", "denominator"]].tolist() == [1, 4]
    assert found.loc["exits_unknown_share", "value"] == 1 / 2


def test_follow_up_denominators():
    answers = ["stable_home", "unstable", "refused", "not_reached", None, "not_due"]
    stays = frame([(f"g{i}", "2024-01-01", "2024-08-31") for i in range(6)], follow_up_6=answers)
    found = na.services.follow_up(stays, Period("2025-02-28", "2025-02-28"))
    assert found.loc["follow_up_6_response_share", ["numerator", "denominator"]].tolist() == [2, 5]
    assert found.loc["follow_up_6_stable_share", ["numerator", "denominator"]].tolist() == [1, 2]
    assert found.loc["follow_up_6_stable_of_due_share", "value"] == 1 / 5
    assert na.services.follow_up(stays, Period.year(2024))["denominator"].tolist()[:3] == [0, 0, 0]


@pytest.mark.parametrize(
    ("gap", "band"),
    [(0, "0_180"), (180, "0_180"), (181, "181_365"), (365, "181_365"), (366, "366_730"),
     (730, "366_730"), (731, None)],
)  # fmt: skip
def test_bands_of_returns(gap, band):
    leaving = pd.Timestamp("2022-06-01")
    rows = [("g", "2022-01-01", leaving), ("g", leaving + pd.Timedelta(days=gap), None)]
    stays = frame(rows, destination=["owned", None])
    found = na.services.returns(stays, Period.year(2024))["numerator"]
    expected = {"returns_730_share"} | {f"returns_{band}_share"} if band else set()
    assert set(found[found == 1].index) == expected
    # A gap of 730 days is a return, and no first time.
    entered = leaving + pd.Timedelta(days=gap)
    first = na.services.first_time(stays, Period(entered, entered))
    assert first["numerator"].tolist() == [0 if gap <= 730 else 1]


def test_a_stay_of_no_night_is_not_its_own_return():
    stays = frame([("g", "2023-01-01", "2023-01-01")], destination=["owned"])
    assert (na.services.returns(stays, Period.year(2024))["numerator"] == 0).all()


@pytest.mark.slow
def test_long_stays_and_maximum():
    # 18 months from 30 August 2023 are over on 29 February 2025: the last day of that month.
    rows = [("a", "2023-08-30", "2025-02-28"), ("b", "2023-08-30", "2025-03-01"),
            ("c", "2025-01-01", None)]  # fmt: skip
    stays = complete(frame(rows, over_stay_reason=[None, "in attesa di SAP", None]))
    found = monitoring.monitor(register(max_stay_days=300.0), stays, Period.year(2025))
    assert found.value("past_18_months_share") == 1 / 3
    assert found.value("past_18_months_explained_share") == 1
    assert found.long_stays.index.tolist() == ["A1"]
    assert found.value("past_maximum_share") == 1  # 365 nights of c by the end of 2025


def test_refusals_and_answers():
    stays = complete(frame([(g, None, None) for g in "abcd"])).stays.assign(
        answer=["refused", "accepted", "pending", "refused"],
        refusal_reason=["no_place", None, None, None],
        referral_date=pd.to_datetime(["2025-01-01", "2025-01-05", "2025-02-01", None]),
        answer_date=pd.to_datetime(["2025-01-11", "2025-01-25", None, "2025-04-01"]),
    )
    period = Period.year(2025)
    found = na.services.refusals(stays, period)
    assert found.loc["refused_share", ["numerator", "denominator"]].tolist() == [2, 3]
    assert found.loc["refused_no_place_share", "value"] == 1 / 2
    assert found.loc["refused_not_stated_share", "value"] == 1 / 2
    waits = na.services.answer_days(stays, period)
    assert waits.loc["answer_mean_days", ["value", "denominator"]].tolist() == [15, 2]
    assert waits.loc["answer_mean_days", "note"] == "partly_not_transmitted"
    assert waits.loc["pending_referrals", "value"] == 1


def test_scales_in_pairs():
    stays = complete(frame([(g, "2024-02-01", "2025-02-01") for g in "abc"],
                           scale_entry=[1.0, 2.0, 3.0], scale_exit=[3.0, 2.0, np.nan]))  # fmt: skip
    found = monitoring.monitor(register(), stays, Period.year(2025)).scales
    pair = found.query("level == 'all' and earlier == 'entry' and later == 'exit'").iloc[0]
    assert pair[["pairs", "mean_earlier", "mean_later", "change"]].tolist() == [2, 1.5, 2.5, 1.0]
    assert pair[["better", "same", "worse"]].tolist() == [1, 1, 0]
    assert pair["high"] - pair["change"] == pytest.approx(12.706, abs=1e-3)  # t(1) times 1


def test_places_by_state_over_time():
    one = register(places=4)
    places = one.places.assign(
        state=["ready", "to_repair", "reserved", "ready"],
        state_since=pd.to_datetime([None, "2025-02-15", None, None]),
        opened=pd.to_datetime([None, None, None, "2025-02-10"]),
        closed=pd.to_datetime([None, None, None, "2025-03-10"]),
    )
    one = Register(one.services, one.dwellings, places)
    stays = complete(frame([("a", "2025-01-20", "2025-02-20")], place_code=["P0"]))
    period = Period("2025-01-01", "2025-03-31")
    found = monitoring.monitor(one, stays, period)
    table = found.supply.query("level == 'all'").pivot_table(
        index="state", columns="date", values="places"
    )
    assert table.loc["occupied"].tolist() == [1, 0, 0]
    assert table.loc["to_repair"].tolist() == [0, 1, 1]
    assert table.loc["reserved"].tolist() == [1, 1, 1]
    assert table.loc["ready"].tolist() == [1, 2, 1]
    assert table.loc["closed"].tolist() == [0, 0, 1]
    # 90 nights of P0 and P2, 45 of P1 before the repair, 28 of P3
    assert found.value("available_place_nights") == 90 + 45 + 90 + 28
    assert found.value("occupancy_share") == 31 / 253


@pytest.mark.slow
def test_what_was_not_transmitted_is_not_zero():
    stays = complete(frame([("a", "2025-01-01", None)]))
    found = monitoring.monitor(register(), stays, Period.year(2025)).measures.set_index(
        ["measure", "level"]
    )
    for measure in ("resident_members", "zero_fee_agreements", "volunteer_hours", "activities_work",
                    "fees_due_eur", "guests_per_educator", "credit_counselling"):  # fmt: skip
        figure = found.loc[(measure, "all")]
        assert np.isnan(figure["value"]), measure
        assert figure["note"] == "not_transmitted"
    known = monitoring.monitor(register(resident_members=0.0), stays, Period.year(2025))
    assert known.value("resident_members") == 0
    assert note_text("not_transmitted") == "non indicato o non trasmesso"


def test_team_load_by_hand():
    stays = complete(frame([("a", "2025-01-01", "2025-01-11"), ("b", "2024-12-01", "2025-01-06")]))
    found = monitoring.monitor(register(educators=5.0), stays, Period("2025-01-01", "2025-01-10"))
    assert found.value("guests_per_educator") == pytest.approx((10 + 5) / 10 / 5)


def test_a_guest_in_two_services_sleeps_once_and_is_flagged():
    stays = complete(frame([("a", "2025-01-01", "2025-01-11"), ("a", "2025-01-08", "2025-01-21")]))
    found = monitoring.monitor(register(), stays, Period.year(2025))
    assert found.value("bed_nights") == 20
    assert found.value("overlap_nights") == 3
    assert found.rows("overlap_nights").index.tolist() == ["A1"]


def test_survival_at_the_marks(monitored):
    table = monitored.survival.query("level == 'all'").pivot_table(
        index="days", columns="outcome", values="share"
    )
    np.testing.assert_allclose(table.sum(axis=1), 1.0, atol=1e-9)
    assert table["present"].is_monotonic_decreasing


def test_stays_outside_the_register_are_refused():
    stays = complete(frame([("a", "2025-01-01", None)], place_code=["P9"]))
    with pytest.raises(SourceError, match="posto «P9» non nel registro"):
        monitoring.monitor(register(), stays, Period.year(2025))


def test_local_measures_keep_missing_apart():
    frame_of = empty("measures").reindex(range(3)).assign(
        measure_name="contributo affitto", administration_name=["A", "B", "C"], year=2025.0,
        applications=[10.0, 0.0, np.nan],
    )  # fmt: skip
    found = na.services.policy_totals(frame_of)
    assert found.loc[("contributo affitto", 2025, "applications")].tolist() == [10, 2, 3]
    assert np.isnan(found.loc[("contributo affitto", 2025, "spent_eur"), "total"])


def test_an_empty_register_and_no_stays():
    nothing = Register(empty("services"), empty("dwellings"), empty("places"))
    found = monitoring.monitor(nothing, Stays(empty("stays")), Period.year(2025))
    assert found.value("exits") == 0
    assert np.isnan(found.value("positive_exits_share"))
    assert found.survival.empty
    assert len(found.fees) == 0
