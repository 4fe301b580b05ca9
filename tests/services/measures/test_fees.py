"""Fees by convention: days and amounts by hand, monthly statements against the whole period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.services.files import invented
from needs_analysis.services.files.schema import (
    ABSENCE_RULES,
    AbsenceRule,
    Period,
    Register,
    Stays,
    empty,
)
from needs_analysis.services.measures import fees, monitoring


def convention(**terms):
    services = empty("services").reindex(pd.Index(["S"], name="service_code"))
    terms = {"day_rule": "nights", "absence_rule": "paid", "daily_fee_eur": 40.0} | terms
    services = services.assign(protected=False, **terms)
    return Register(services, empty("dwellings"), empty("places"))


def guests(*rows, away=()):
    names = [f"A{i}" for i in range(len(rows))]
    stays = empty("stays").reindex(pd.Index(names, name="stay_id"))
    stays = stays.assign(
        guest=[row[0] for row in rows],
        service_code="S",
        entry_date=pd.to_datetime([row[1] for row in rows]),
        exit_date=pd.to_datetime(pd.Series([row[2] for row in rows], dtype="object")).to_numpy(),
        sending_municipality_code="108033",
    )
    absences = pd.DataFrame(
        {
            "stay_id": pd.Series([one[0] for one in away], dtype="str"),
            "from_date": pd.to_datetime([one[1] for one in away]),
            "to_date": pd.to_datetime([one[2] for one in away]),
        }
    )
    return Stays(stays, absences=absences)


@pytest.mark.parametrize(
    ("rule", "ten_nights", "same_day"),
    [("entry_and_exit", 11, 1), ("entry_only", 10, 1), ("exit_only", 10, 1), ("nights", 10, 0)],
)
def test_days_by_convention(rule, ten_nights, same_day):
    lines = fees.statement(
        convention(day_rule=rule), guests(("a", "2025-03-05", "2025-03-15")), "2025-03"
    )
    assert lines["counted_days"].tolist() == [ten_nights]
    assert lines["due_eur"].tolist() == [ten_nights * 40]
    first = 6 if rule == "exit_only" else 5
    last = 14 if rule in ("nights", "entry_only") else 15
    assert (lines["from_date"].dt.day[0], lines["to_date"].dt.day[0]) == (first, last)
    lines = fees.statement(
        convention(day_rule=rule), guests(("a", "2025-03-05", "2025-03-05")), "2025-03"
    )
    assert lines["counted_days"].sum() == same_day


@pytest.mark.parametrize(
    ("rule", "paid", "due"), [("paid", 31, 38.33 * 31), ("half", 28, 38.33 * 28),
                              ("unpaid", 25, 38.33 * 25)],
)  # fmt: skip
def test_absences_count_once_and_within_the_month(rule, paid, due):
    away = [("A0", "2025-02-20", "2025-03-03"), ("A0", "2025-03-02", "2025-03-04"),
            ("A0", "2025-03-30", "2025-04-10"), ("A0", "2025-03-31", "2025-03-31")]  # fmt: skip
    stays = guests(("a", "2025-01-01", None), away=away)
    lines = fees.statement(convention(absence_rule=rule, daily_fee_eur=38.33), stays, "2025-03")
    assert lines["absence_days"].tolist() == [6]  # 1-4, 30 and 31 March
    assert lines["paid_days"].tolist() == [paid]
    assert lines["due_eur"].tolist() == [pytest.approx(due, abs=1e-9)]


def test_a_rule_of_absences_is_its_row(monkeypatch):
    monkeypatch.setitem(ABSENCE_RULES, "more", AbsenceRule("pagate una volta e mezza", halves=3))
    stays = guests(("a", "2025-03-01", "2025-03-11"), away=[("A0", "2025-03-02", "2025-03-03")])
    lines = fees.statement(convention(absence_rule="more"), stays, "2025-03")
    assert lines["paid_days"].tolist() == [11]  # 8 nights, and 2 that count for three


def test_half_a_cent_goes_up():
    stays = guests(("a", "2025-03-01", "2025-03-02"), away=[("A0", "2025-03-01", "2025-03-01")])
    lines = fees.statement(convention(absence_rule="half", daily_fee_eur=0.05), stays, "2025-03")
    assert lines[["paid_days", "due_eur"]].to_numpy().tolist() == [[0.5, 0.03]]


def test_a_day_of_one_guest_is_billed_once():
    stays = guests(("a", "2025-03-01", "2025-03-10"), ("a", "2025-03-10", "2025-03-20"),
                   ("a", "2025-03-05", "2025-03-08"))  # fmt: skip
    lines = fees.statement(convention(day_rule="entry_and_exit"), stays, "2025-03")
    assert lines.set_index("stay_id")["counted_days"].to_dict() == {"A0": 10, "A1": 10}


def test_unknown_terms_are_not_zero_and_no_fee_is():
    stays = guests(("a", "2025-03-01", None), away=[("A0", "2025-03-02", "2025-03-02")])
    for missing in ("day_rule", "absence_rule", "daily_fee_eur"):
        lines = fees.statement(convention(**{missing: None}), stays, "2025-03")
        assert lines["due_eur"].isna().all(), missing
        assert fees.by_administration(lines)["due_eur"].isna().all()
    free = fees.statement(convention(daily_fee_eur=None, zero_fee=True), stays, "2025-03")
    assert free["due_eur"].tolist() == [0]
    assert free["paid_days"].tolist() == [31]


def test_a_bad_month_says_so():
    with pytest.raises(ValueError, match="si scrive 2025-03"):
        fees.statement(convention(), guests(("a", "2025-01-01", None)), "marzo")


@pytest.mark.slow
def test_statements_add_up_to_the_period():
    network = invented.network()
    found = monitoring.monitor(network.register, network.stays, Period("2025-01-15", "2025-04-30"))
    lines = pd.concat([found.statement(month) for month in ("2025-02", "2025-03", "2025-04")])
    totals = fees.by_administration(lines)
    kept = found.fees[found.fees["month"] != "2025-01"].reset_index(drop=True)
    keys = ["month", "sending_municipality_code", "service_code"]
    pd.testing.assert_frame_equal(
        kept.sort_values(keys, ignore_index=True),
        totals.sort_values(keys, ignore_index=True),
        check_dtype=False,
    )
    whole = found.measures.query("measure == 'fees_due_eur' and level == 'service'")
    by_service = found.fees.groupby("service_code")["due_eur"].sum()
    billed = whole.set_index("level_value")["value"].reindex(by_service.index)
    np.testing.assert_allclose(billed.fillna(0), by_service, atol=0.005)


@pytest.mark.slow
@given(
    st.sampled_from(["entry_and_exit", "entry_only", "exit_only", "nights"]),
    st.sampled_from(["paid", "half", "unpaid"]),
    st.integers(0, 50),
    st.integers(0, 40),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 9)), max_size=4),
)
def test_statements_are_those_of_brute_force(rule, absence, start, length, away):
    zero = pd.Timestamp("2025-01-01")

    def day(number):
        return zero + pd.Timedelta(days=number)

    entry, leaving = start, start + length
    counted = set(range(entry + 1, leaving))
    counted |= {entry} if rule != "exit_only" and length else set()
    counted |= {leaving} if rule in ("entry_and_exit", "exit_only") else set()
    counted |= {entry} if rule == "entry_only" else set()
    gone = {one for a, n in away for one in range(a, a + n + 1)}
    february = set(range(31, 59))
    weight = {"paid": 2, "half": 1, "unpaid": 0}[absence]
    present, absent = counted & february - gone, counted & february & gone
    stays = guests(
        ("a", day(entry), day(leaving)), away=[("A0", day(a), day(a + n)) for a, n in away]
    )
    lines = fees.statement(convention(day_rule=rule, absence_rule=absence), stays, "2025-02")
    assert lines["counted_days"].sum() == len(present) + len(absent)
    assert lines["absence_days"].sum() == len(absent)
    assert lines["due_eur"].sum() == 40 * (len(present) + weight * len(absent) / 2)
