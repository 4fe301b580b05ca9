"""Several deliveries together: what a difference would tell is refused or hidden, and remembered."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from cli.test_cli_services import run

from needs_analysis.disclosure import TOTAL, CountTable, Rules
from needs_analysis.errors import OutputError, ParameterError, SourceError
from needs_analysis.services import Period, create_key
from needs_analysis.services.files.inputs import ServiceFiles
from needs_analysis.told import Publication, deliveries, overlaps, publish, tell
from needs_analysis.told.linked_counts import Family, System
from needs_analysis.told.over_days import amounts_to_hide
from needs_analysis.told.overlaps import counts_to_hide
from needs_analysis.told.spans import Telling, Unsafe
from needs_analysis.words import Voice

from . import small_network as net

HALF, SEVEN = Period("2025-01-01", "2025-06-30"), Period("2025-01-01", "2025-07-31")
JULY = Period("2025-07-01", "2025-07-31")
# Of July two leave, and nobody else of the year.
ROWS = [
    *net.times(12, "A1", "street", "2024-10-01", "2025-03-10", "autonomous_rent"),
    *net.times(12, "A2", "street", "2025-02-01", "2025-04-01", "street"),
    *net.times(14, "B1", "clearance", "2025-01-10", "", ""),
    *net.times(12, "A1", "clearance", "2025-01-10", "2025-05-02", "autonomous_rent"),
    *net.times(9, "A1", "street", "2025-02-01", "", ""),
    *net.times(20, "A2", "clearance", "2024-01-01", "", ""),
    *net.times(2, "A1", "street", "2025-02-01", "2025-07-09", "autonomous_rent"),
]


def published(rows, period: Period, register=None) -> Publication:
    return publish(register or net.register(), net.stays(rows), period)


@pytest.fixture(scope="module")
def half() -> Publication:
    return published(ROWS, HALF)


@pytest.fixture(scope="module")
def seven() -> Publication:
    return published(ROWS, SEVEN)


@pytest.fixture(scope="module")
def july() -> Publication:
    return published(ROWS, JULY)


@pytest.fixture(scope="module")
def unequal() -> tuple[list, Publication, Publication]:
    """Half a year and the year, many guests in all services but one, which has three after June."""
    rows = []
    for service, group in (("A1", "violence"), ("A2", "street"), ("B1", "violence"),
                           ("B1", "street"), ("B2", "clearance"), ("A2", "clearance")):  # fmt: skip
        rows += net.times(30, service, group, "2024-05-05", "", "")
        for month in range(1, 13 if service != "B2" else 7):
            days = (f"2025-{month:02d}-05", f"2025-{month:02d}-25")
            rows += net.times(6, service, group, *days, "autonomous_rent")
            rows += net.times(6, service, group, *days, "street")
    rows += net.times(3, "B2", "clearance", "2025-09-05", "2025-09-28", "street")
    own = net.stays(rows)
    # In the first half with thirty of a service, then with two of them.
    present = own.stays.index[own.stays["exit_date"].isna() & (own.stays["service_code"] == "A2")]
    met = [(one, "2025-03-03") for one in present[:30]] + [
        (one, "2025-08-08") for one in present[:2]
    ]
    activities = pd.DataFrame(met, columns=["stay_id", "date"]).assign(
        date=lambda frame: pd.to_datetime(frame["date"]), area="work", hours=1.5
    )
    template = own.activities
    activities = activities.reindex(columns=template.columns).astype(template.dtypes.to_dict())
    own = replace(own, activities=activities)
    register = net.register({**net.SERVICES, "B2": "Desio"})
    first, year = (publish(register, own, one) for one in (HALF, Period.year(2025)))
    return rows, first, year


def told(found: Publication) -> Telling:
    return deliveries._telling(found, lambda one: one.counts)


def small_differences(one: Publication, other: Publication) -> set[tuple]:
    """What a reader finds who takes one delivery's counts away from the other's, cell by cell."""
    found = set()
    for name, table in one.counts.items():
        counts, own = other.counts[name].published.counts, table.published.counts
        for cell, count in own.items():
            was = counts.get(cell)
            present = {"present", "review_not_stated", "before"} & {value for _, value in cell}
            if count is not None and was is not None and 0 < abs(count - was) < 5 and not present:
                found.add((name, cell))
    keys = ["measure", "level", "level_value"]
    frames = [own.figures.set_index(keys)[["numerator", "denominator"]] for own in (one, other)]
    differ = (frames[0] - frames[1].reindex(frames[0].index)).abs()
    few = differ[(differ > 0) & (differ < 5)].dropna(how="all")
    at_end = few.index.get_level_values("measure").isin(_OF_ONE_DAY)
    return found | set(few.index[~at_end])


_OF_ONE_DAY = ("present_at_end", "plan_review_overdue_share", "retention_share")
"""Differences that count nobody: of those present on two days, or well off on either."""


class Desk:
    """An office that hands out one delivery after another under one key."""

    def __init__(self, folder: Path, name: str = "chiave") -> None:
        self.key = folder / name
        create_key(self.key)
        self.memory = deliveries.memory_of(self.key)

    def hand_out(self, found: Publication, rows=ROWS, text: str = "x") -> Publication:
        file = self.key.with_name("delivered")
        with deliveries.handing(self.key, "monitor") as handed:
            inputs = {"stays": pd.DataFrame(rows)}
            given = handed.kept(found, inputs)
            file.write_text(text)
            handed.remember({"xlsx": file})
        self.warning = handed.warning
        return given


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path)


# ---------------------------------------------------------------- what follows of several


def test_january_to_july_beside_january_to_june_gives_july(half, seven, desk):
    # Each alone may be handed out; together they tell that two left in July.
    assert ("outcomes", (("outcome", "exit"),)) in small_differences(seven, half)
    desk.hand_out(half)
    before = desk.memory.read_bytes()
    with pytest.raises(OutputError) as refused:
        desk.hand_out(seven)
    said = str(refused.value)
    assert "consegna 1, periodo 2025-01-01/2025-06-30" in said
    assert "--period 2025-07-01/2025-07-31" in said
    assert "--forget 1 --reason" in said
    assert "delivery 1, period 2025-01-01/2025-06-30" in refused.value.text(Voice("en"))
    assert desk.memory.read_bytes() == before


def test_the_longer_period_first_tells_the_same(half, seven):
    with pytest.raises(Unsafe):
        counts_to_hide(told(half), [told(seven)], half.rules)


def test_three_deliveries_tell_what_no_two_of_them_do(half):
    """45 to March and 60 from February are 102 in all: three of February and March stand twice."""
    winter = Telling(Period("2025-01-01", "2025-03-31"), {"r": _row(45)})
    spring = Telling(Period("2025-02-01", "2025-06-30"), {"r": _row(60)})
    whole = Telling(HALF, {"r": _row(102)})
    assert not counts_to_hide(spring, [winter], half.rules).cells
    for old in (winter, spring):
        assert not counts_to_hide(whole, [old], half.rules).cells
    found = counts_to_hide(whole, [winter, spring], half.rules)
    assert found.cells == {"answers": {()}}
    # With five of them, nothing is to hide.
    five = replace(whole, tables={"r": _row(100)})
    assert not counts_to_hide(five, [winter, spring], half.rules).cells


def test_a_month_hidden_now_is_not_the_whole_less_the_months_told_then(half):
    """March is hidden with February, which the delivery before told."""
    first = Telling(Period("2025-01-01", "2025-02-28"), {"b": _billed([20, 20], 40)})
    longer = Telling(Period("2025-01-01", "2025-03-31"), {"b": _billed([20, None, None], 43)})
    alone = Telling(longer.period, {"b": _billed([20, None, None], 43)})
    assert not counts_to_hide(alone, [], half.rules).cells
    found = counts_to_hide(longer, [first], half.rules)
    assert () in found.cells["billed_months"]


def _billed(months: list[int | None], whole: int) -> CountTable:
    rows = [(f"2025-{at:02d}", count) for at, count in enumerate(months, start=1)]
    rows = [(name, "108033", count) for name, count in rows] + [(TOTAL, "108033", whole)]
    rows += [(name, TOTAL, count) for name, _, count in rows]
    frame = pd.DataFrame(rows, columns=["month", "sending_municipality_code", "count"])
    keys = ("month", "sending_municipality_code")
    return CountTable("rette", frame.astype({"count": "Int64"}), keys, measure="billed_months")


def _row(count: int) -> CountTable:
    frame = pd.DataFrame({"answer": [TOTAL], "count": pd.array([count], dtype="Int64")})
    return CountTable("risposte", frame, ("answer",), measure="answers")


def test_what_one_service_would_tell_is_hidden_there(unequal, desk):
    rows, first, year = unequal
    assert ("outcomes", (("service_code", "B2"),)) in small_differences(year, first)
    desk.hand_out(first, rows)
    given = desk.hand_out(year, rows)
    assert small_differences(given, first) == set()
    assert np.isnan(given.count("outcomes", "exit", "service", "B2"))
    assert given.count("outcomes") == len(rows)
    assert "consegna 1, periodo 2025-01-01/2025-06-30" in str(desk.warning)
    assert bool(given.figure("bed_nights", "service", "B2")["hidden"])
    # It is said again when it is given again.
    again = desk.hand_out(year, rows)
    pd.testing.assert_frame_equal(again.figures, given.figures)
    assert "consegna 1" in str(desk.warning)


def test_hours_of_few_stays_are_no_difference_either(unequal):
    """As many had somebody beside them in the year as in its half: the hours since are of two."""
    _, first, year = unequal
    hours = ("activity_work_hours", "service", "A2")
    assert {hours} <= told(first).amounts & told(year).amounts
    assert first.count("with_work", level="service", where="A2") == 30
    assert year.count("with_work", level="service", where="A2") == 30
    found = amounts_to_hide(told(year), [told(first)], year.rules, year.run.records)
    assert hours in found
    # Taken away from the whole, no level tells the next.
    again = replace(told(year), amounts=told(year).amounts - found)
    assert not amounts_to_hide(again, [told(first)], year.rules, year.run.records)


def test_corrected_data_of_one_period_are_told_once(half, desk):
    corrected = [*ROWS, *net.times(2, "A1", "street", "2025-02-01", "2025-03-09", "street")]
    again = published(corrected, HALF)
    assert small_differences(again, half)
    desk.hand_out(half)
    with pytest.raises(OutputError, match="2025-01-01/2025-06-30"):
        desk.hand_out(again, corrected)


@pytest.mark.slow
def test_the_relations_hold_of_any_stays(half, pytestconfig):
    """With nothing hidden, no true counts contradict the relations that a reader is taken to know."""
    for seed in range(20 if pytestconfig.getoption("--soak") else 1):
        _holds_of(seed, half.rules)


def _holds_of(seed: int, rules: Rules) -> None:
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(80):
        start = pd.Timestamp("2023-01-01") + pd.Timedelta(days=int(random.integers(0, 1000)))
        end = start + pd.Timedelta(days=int(random.integers(0, 700)))
        rows.append(
            (str(random.choice(["A1", "A2", "B1"])), str(random.choice(["street", "clearance"])),
             f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}" if random.random() < 0.8 else "",
             str(random.choice(["autonomous_rent", "street", "unknown"])))
        )  # fmt: skip
    of = net.stays(rows)
    own = of.stays.assign(
        guest=random.choice([f"zz{n}" for n in range(50)], len(rows)),
        referral_date=of.stays["entry_date"] - pd.Timedelta(days=5), answer="accepted",
        sending_municipality_code="108033", follow_up_6="stable_home",
    )  # fmt: skip
    of = replace(of, stays=own.astype(of.stays.dtypes.to_dict()))
    periods = [HALF, Period("2025-01-01", "2025-07-15"), Period("2025-03-01", "2025-08-31")]
    found = [publish(net.register(), of, one, "internal") for one in periods]
    tellings = [
        Telling(one.period, {name: deliveries._bare(name, p.internal) for name, p in one.counts.items()})
        for one in found
    ]  # fmt: skip
    for measure in {table.measure for table in tellings[0].tables.values()}:
        parts = [overlaps._part(one, measure) for one in tellings]
        family = Family(measure, parts, range(2), rules)
        assert overlaps._Hiding(System(family, range(2))).fits, measure


# ---------------------------------------------------------------- what is remembered


def test_the_same_inputs_are_given_again_as_they_were(half, desk):
    desk.hand_out(half)
    before = desk.memory.read_bytes()
    again = desk.hand_out(half)
    assert desk.memory.read_bytes() == before
    pd.testing.assert_frame_equal(again.figures, half.figures)
    # Another file of the same: its checksum stands beside the first.
    desk.hand_out(half, text="in English")
    (one,) = deliveries.deliveries(desk.key)
    sums = [hashlib.sha256(text).hexdigest() for text in (b"x", b"in English")]
    assert one.files == {"xlsx": sums}


def test_new_days_alone_are_given_and_say_what_they_were_audited_with(half, july, desk):
    desk.hand_out(half)
    desk.hand_out(july)
    first, second = deliveries.deliveries(desk.key)
    assert second.beside == (first.sha256,)
    assert [one.number for one in (first, second)] == [1, 2]


def test_forgetting_asks_for_a_reason_that_is_kept(half, seven, desk):
    desk.hand_out(half)
    for reason in ("", "   ", "x" * 300):
        with pytest.raises(ParameterError, match="serve un motivo"):
            deliveries.forget(desk.key, 1, reason)
    with pytest.raises(ParameterError, match="dire di una persona") as refused:
        deliveries.forget(desk.key, 1, "la chiese Mario Rossi")
    assert "Rossi" not in str(refused.value)
    with pytest.raises(ParameterError, match="la consegna 7 non c'è"):
        deliveries.forget(desk.key, 7, "ritirata")
    deliveries.forget(desk.key, 1, "mai uscita dall'ufficio")
    desk.hand_out(seven)
    first, second = deliveries.deliveries(desk.key)
    assert first.forgotten["reason"] == "mai uscita dall'ufficio"
    assert first.telling.tables == {}
    assert second.number == 2
    assert "mai uscita dall'ufficio" in first.line(Voice("it"))
    assert "forgotten on" in first.line(Voice("en"))
    assert "all measures" in second.line(Voice("en"))


def test_the_memory_holds_what_was_told_and_of_nobody(desk):
    register = net.register({**net.SERVICES, "ZZRIFUGIO": "Desio", "C1": "Desio"})
    secret = register.services.index == "ZZRIFUGIO"
    services = register.services.assign(protected=secret)
    register = replace(register, services=services.astype(register.services.dtypes.to_dict()))
    rows = [*ROWS, *net.times(13, "ZZRIFUGIO", "violence", "2025-02-01", "", ""),
            *net.times(3, "C1", "overcrowded", "2025-02-01", "2025-05-05", "street")]  # fmt: skip
    desk.hand_out(published(rows, HALF, register), rows)
    text = desk.memory.read_text("utf-8")
    for mark in (
        "zzg",
        "zzh",
        "Z00",
        "zzrifugio",
        "servizio ",
        '-d"',
        str(desk.key.parent).lower(),
    ):
        assert mark not in text.lower(), mark
    (one,) = json.loads(text)["deliveries"]
    counts = [row[-1] for table in one["tables"].values() for row in table["rows"]]
    assert None in counts
    assert not {1, 2, 3, 4} & set(counts)
    assert one["amounts"] and all(len(amount) == 3 for amount in one["amounts"])
    if os.name == "posix":
        assert desk.memory.stat().st_mode & 0o077 == 0


def test_internal_and_invented_deliveries_are_not_remembered(half, desk):
    for found in (
        replace(half, profile="internal"),
        replace(half, run=replace(half.run, records=_labelled(half))),
    ):
        assert desk.hand_out(found) is found
    assert sorted(one.name for one in desk.key.parent.iterdir()) == ["chiave", "delivered"]


def _labelled(found: Publication):
    records = found.run.records
    return type(records)(replace(records.register, label="dati inventati"), records.stays)


def test_another_network_under_the_key_is_no_difference(half, seven, desk):
    desk.hand_out(half)
    other = net.register({"X1": "Monza", "X2": "Monza", "X3": "Desio"})
    records = SimpleNamespace(register=other, stays=seven.run.records.stays)
    desk.hand_out(replace(seven, run=replace(seven.run, records=records)))
    assert deliveries.deliveries(desk.key)[1].beside == ()


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_full_disk_or_a_crash_leaves_the_old_memory_whole(half, july, desk, monkeypatch, where):
    desk.hand_out(half)
    before = desk.memory.read_bytes()
    full = OSError(28, "No space left on device")

    def fails(*_args):
        raise full

    monkeypatch.setattr(os, where, fails)
    with pytest.raises(OutputError):
        desk.hand_out(july)
    monkeypatch.undo()
    assert desk.memory.read_bytes() == before
    names = sorted(one.name for one in desk.key.parent.iterdir() if one.name[0] != ".")
    assert names == ["chiave", "chiave.deliveries.json", "delivered"]


def test_two_processes_at_once_wait_for_each_other(half, seven, desk, tmp_path):
    """Another process hands out the half year while this one asks for seven months."""
    other = Desk(tmp_path, "altra")
    other.key.write_bytes(desk.key.read_bytes())
    other.hand_out(half)
    lock = desk.memory.with_name(f".{desk.memory.name}.lock")
    script = (
        "import fcntl, os, sys, time\n"
        "lock, made, memory = sys.argv[1:]\n"
        "held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)\n"
        "fcntl.flock(held, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(0.5)\n"
        "os.replace(made, memory)\n"
    )
    words = [sys.executable, "-c", script, str(lock), str(other.memory), str(desk.memory)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="consegna 1"):
            desk.hand_out(seven)
    assert process.returncode == 0


def test_a_memory_that_cannot_be_trusted_is_refused(half, desk, tmp_path):
    desk.hand_out(half)
    text = desk.memory.read_text("utf-8")
    for wrong, said in (
        (text[: len(text) // 2], "rovinata"),
        (text.replace('"monitor"', '"altro"'), "rovinata"),
        (text.replace("2025-06-30", "2025-06-29"), "rovinata"),
        ("[]", "rovinata"),
        (text.replace('"format": 1', '"format": 2'), "altra versione"),
    ):
        desk.memory.write_text(wrong, "utf-8")
        with pytest.raises(SourceError, match=said):
            desk.hand_out(half)
    other = Desk(tmp_path, "altra")
    other.memory.write_text(text, "utf-8")
    with pytest.raises(SourceError, match="altra chiave"):
        deliveries.deliveries(other.key)


# ---------------------------------------------------------------- the commands


def test_a_study_is_audited_with_what_commands_told(half, desk, tmp_path):
    desk.hand_out(half)
    book = net.write(tmp_path / "dati", net.register(), net.stays(ROWS))
    files = ServiceFiles({"register": book, "stays": book}, desk.key, SEVEN)
    with (
        deliveries.handing(desk.key, "study") as handed,
        pytest.raises(OutputError, match="usciti"),
    ):
        tell(files.read(), handed)
    with deliveries.handing(desk.key, "study") as handed:
        found = tell(replace(files, period=JULY).read(), handed)
        assert found.count("outcomes", "present") == 43
        handed.remember({"tables.xlsx": book})
        assert handed.beside == (deliveries.deliveries(desk.key)[0].sha256,)
    second = deliveries.deliveries(desk.key)[1]
    assert (second.kind, list(second.files)) == ("study", ["tables.xlsx"])
    assert "richieste per gruppo" in second.telling.tables


@pytest.mark.whole
def test_the_commands_remember_and_refuse(tmp_path):
    book = net.write(tmp_path / "dati", net.register(), net.stays(ROWS))
    key = tmp_path / "chiave"
    create_key(key)

    def monitor(period: str, name: str, *more: str) -> tuple[int, str]:
        return run("services", "monitor", book, "--key", key, "--period", period,
                   "--out", tmp_path / name, "-q", *more)  # fmt: skip

    half = "2025-01-01/2025-06-30"
    assert monitor(half, "half.xlsx")[0] == 0
    code, said = monitor("2025-01-01/2025-07-31", "seven.xlsx")
    assert (code, "non si può consegnare" in said) == (2, True)
    assert not (tmp_path / "seven.xlsx").exists()
    assert monitor(half, "again.xlsx")[0] == 0
    one, again = ((tmp_path / name).read_bytes() for name in ("half.xlsx", "again.xlsx"))
    assert one == again
    code, said = run("services", "deliveries", "--key", key)
    listed = said.strip().splitlines()
    assert (code, len(listed)) == (0, 1)
    assert re.match(r"1\. .*, periodo 2025-01-01/2025-06-30: tutte le misure, ", listed[0])
    assert f"xlsx {hashlib.sha256(one).hexdigest()[:12]}" in listed[0]
    code, said = run("services", "deliveries", "--key", key, "--forget", "1")
    assert (code, "serve un motivo" in said) == (2, True)
    reason = ("--forget", "1", "--reason", "mai uscita")
    assert run("services", "deliveries", "--key", key, *reason)[0] == 0
    code, said = run("services", "deliveries", "--key", key, "--lang", "en")
    assert "forgotten on" in said
