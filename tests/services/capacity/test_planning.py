"""Places needed by ambito and by group, today's waits, and that hidden counts stay hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs_analysis.disclosure import TOTAL, audit
from needs_analysis.reports.chapters import services_needed, services_places
from needs_analysis.services import Period, Register, Stays, monitor
from needs_analysis.services.capacity import planning
from needs_analysis.services.capacity.demand import YEAR_DAYS, Patience, Target
from needs_analysis.services.capacity.planning import OTHERS, Plan
from needs_analysis.services.files import invented
from needs_analysis.services.files.schema import GROUP_LABELS, UNSTATED, empty
from needs_analysis.services.siting.supply import open_on
from needs_analysis.told import Publication, plan, publish
from needs_analysis.told.requests import requested
from needs_analysis.told.telling import told_of
from needs_analysis.words import ITALIAN

YEAR_2025 = Period.year(2025)
FEW = 4  # replications: enough for what is not a matter of chance
SOON = {"patience": Patience(365), "replications": 12}  # lists that settle within four years


@pytest.fixture(autouse=True)
def two_years(monkeypatch):
    """Simulate two years, not ten: what is asked here is no matter of chance."""
    monkeypatch.setattr(planning, "YEARS", 2)


@pytest.fixture(scope="module")
def data() -> invented.Invented:
    return invented.network()


@pytest.fixture(scope="module")
def published(data) -> Publication:
    return publish(data.register, data.stays, YEAR_2025)


@pytest.fixture(scope="module")
def found(published) -> Plan:
    made = plan(published, replications=FEW)
    assert made is not None
    return made


def seen(found: Publication, register: Register, stays: Stays) -> Publication:
    """Monitor other data; the tables handed out, which take seconds, stay as they are."""
    return replace(found, run=monitor(register, stays, YEAR_2025))


def with_requests(stays: Stays, group: str | None, count: int, **more: object) -> Stays:
    """Add requests refused for want of a place, one a week of 2025."""
    days = pd.date_range("2025-01-06", periods=count, freq="W")
    rows = empty("stays").reindex([f"X{n:04d}" for n in range(count)])
    rows = rows.assign(
        guest=[f"x{n}" for n in range(count)], service_code="A1", target_group=group,
        referral_date=days, answer="refused", refusal_reason="no_place",
        answer_date=days + pd.Timedelta(days=3),
    ).assign(**more).astype(stays.stays.dtypes.to_dict())  # fmt: skip
    return replace(stays, stays=pd.concat([stays.stays, rows]))


# --- what the data tell -----------------------------------------------------------------------


def test_a_season_is_the_requests_a_day_of_each_month():
    # Ten in each month, twenty more in December.
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 11)]
    days += [f"2025-12-{day:02d}" for day in range(11, 31)]
    asked = pd.Series(pd.to_datetime(days))
    pattern = planning.season_of(asked, YEAR_2025, month_min=10)
    assert pattern == pytest.approx(
        [10 / 31, 10 / 28, *(10 / one for one in (31, 30, 31, 30, 31, 31, 30, 31, 30)), 30 / 31]
    )
    # 140 requests are 11.67 a month; a half year does not cover every month.
    assert planning.season_of(asked, YEAR_2025, month_min=11.7) is None
    half = Period("2025-01-01", "2025-06-30")
    assert planning.season_of(asked[:60], half, month_min=1) is None
    # Two years count each month twice, a leap day for itself.
    two = Period("2024-01-01", "2025-12-31")
    assert planning.season_of(asked, two, month_min=5)[1] == pytest.approx(10 / 57)


def asking(*rows: tuple[str, str | None, str | None, int, int | None, int | None]) -> Stays:
    """Build requests: answer, reason, group, then days to referral, answer and entry from 1 January."""
    start = pd.Timestamp("2025-01-01")

    def day(after: int | None) -> pd.Timestamp:
        return pd.NaT if after is None else start + pd.Timedelta(days=after)

    frame = empty("stays").reindex([f"S{n}" for n in range(len(rows))])
    columns = list(zip(*rows, strict=True))
    frame["answer"], frame["refusal_reason"], frame["target_group"] = columns[:3]
    for name, values in zip(
        ("referral_date", "answer_date", "entry_date"), columns[3:], strict=True
    ):
        frame[name] = [day(one) for one in values]
    return Stays(frame.astype(empty("stays").dtypes.to_dict()))


def test_patience_is_all_days_waited_over_those_who_went_elsewhere():
    stays = asking(
        ("refused", "other_solution", None, 0, 30, None),  # gone after 30 days
        ("refused", "other_solution", None, 10, 60, None),  # after 50
        ("refused", "other_solution", None, 0, None, None),  # nobody wrote when: says nothing
        ("accepted", None, None, 0, 10, 40),  # waited 40 days for the place
        ("refused", "no_place", None, 100, 120, None),  # sent away after 20
        ("pending", None, None, 344, None, None),  # still waits: 20 days by 31 December
        ("refused", "household_declined", None, 0, 200, None),  # declined: no request
        ("refused", "other_solution", None, 360, 370, None),  # gone next year: still waits, 4 days
        ("accepted", None, None, 400, 410, 420),  # asked after the period
    )
    patience = planning.patience_of(stays, YEAR_2025, cases_min=2)
    assert patience == Patience((30 + 50 + 40 + 20 + 20 + 4) / 2)
    assert planning.patience_of(stays, YEAR_2025, cases_min=3) is None


@pytest.mark.slow
def test_a_groups_stays_are_its_own(published):
    stays = published.run.records.stays.stays
    own = stays[(stays["target_group"] == "violence") & stays["entry_date"].notna()]
    left = own["exit_date"].notna()
    days = own["exit_date"].fillna(pd.Timestamp("2026-01-01")) - own["entry_date"]
    length = planning.stay_length(published.run, "violence")
    further = days.dt.days.sum() / left.sum()
    assert length == replace(length, values=(pytest.approx(further),))
    assert length.curve[0][0] == days[left].dt.days.min()
    assert length != planning.stay_length(published.run)


# --- places needed ----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("part", ["by_ambito", "by_group"])
def test_loads_are_requests_times_stays_and_the_last_row_is_the_sum_of_those_told(found, part):
    split = getattr(found, part)
    behind, load = split.behind, split.needed.frame["load"]
    expected = behind["requests"] * behind["stay_mean_days"] / YEAR_DAYS
    np.testing.assert_allclose(load.drop(TOTAL), expected)
    assert load[TOTAL] == pytest.approx(expected.sum())
    assert (
        split.needed.saved
        == split.needed.frame["places"].iloc[:-1].sum() - (split.needed.frame.loc[TOTAL, "places"])
    )


@pytest.mark.slow
def test_own_stays_need_enough_leavers(published, found):
    stays = published.run.records.stays.stays
    leavers = stays.groupby("target_group")["exit_date"].count()
    for group, row in found.by_group.behind.iterrows():
        assert row["stay"] == ("own" if leavers[group] >= 20 else "all")
    assert set(found.by_group.behind["stay"]) == {"own", "all"}
    assert set(found.by_ambito.behind["stay"]) == {"all"}
    strict = plan(published, **SOON, overrides={"capacity_cases_min": 61})
    assert set(strict.by_group.behind["stay"]) == {"all"}
    assert len(set(strict.by_group.behind["stay_mean_days"])) == 1


@pytest.mark.slow
def test_own_stays_are_those_of_all_where_the_exits_are_hidden(published):
    frame = published.counts["outcomes_by_group"].published.frame
    exits = frame[(frame["target_group"] == "violence") & (frame["outcome"] == "exit")]
    assert exits["count"].notna().all()
    hidden = frame.assign(count=frame["count"].mask(frame.index.isin(exits.index)))
    one = published.counts["outcomes_by_group"]
    counts = {
        **published.counts,
        "outcomes_by_group": replace(one, published=replace(one.published, frame=hidden)),
    }
    made = plan(replace(published, counts=counts), **SOON)
    assert made.by_group.behind.loc["violence", "stay"] == "all"
    assert made.by_group.behind.loc["eviction_order", "stay"] == "own"


@pytest.mark.slow
def test_a_season_is_of_all_where_a_group_has_too_few(published, found):
    assert set(found.by_group.behind["season"]) == {"none"}
    made = plan(published, **SOON, overrides={"capacity_season_requests_min": 2})
    season = made.by_group.behind["season"]
    assert season["violence"] == "own"  # 25 requests a year
    assert set(season.drop("violence")) == {"all"}
    ambiti = made.by_ambito.behind["season"]
    assert ambiti[["Monza", "Catania", "Carate Brianza"]].tolist() == ["own", "own", "all"]


@pytest.mark.slow
def test_a_given_patience_stands_over_the_data(published, found):
    assert (found.patience, found.patience_from) == (None, "none")
    made = plan(published, Target(0.5, 60), Patience(90), replications=FEW)
    assert (made.patience, made.patience_from) == (Patience(90), "given")
    assert made.by_ambito.needed.target == Target(0.5, 60)
    assert made.today.found.groups.loc[(TOTAL, "gave_up_share"), "value"] > 0
    own = plan(published, replications=2, overrides={"capacity_cases_min": 5})
    assert own.patience_from == "own"
    assert own.patience == planning.patience_of(published.run.records.stays, YEAR_2025, cases_min=5)


@pytest.mark.slow
def test_without_leavers_or_requests_nothing_is_said(data, published):
    stays = data.stays.stays
    present = replace(data.stays, stays=stays[stays["exit_date"].isna()])
    assert plan(seen(published, data.register, present)) is None
    old = replace(data.stays, stays=stays[stays["exit_date"] < "2024-06-01"])
    assert plan(seen(published, data.register, old)) is None


# --- the places that there are ----------------------------------------------------------------


@pytest.mark.slow
def test_the_others_take_places_too(found):
    today = found.today
    told = found.by_group.behind["requests"].sum()
    assert today.others == 100 - told
    arrivals = today.found.groups["value"].xs("arrivals_per_year", level="measure")
    assert OTHERS in arrivals.index
    assert set(found.by_group.hidden).isdisjoint(arrivals.index)
    # They share services whose places are told only in sum.
    assert np.isnan(today.places[OTHERS])
    assert today.places[TOTAL] == 90
    assert today.shut_out == () and today.growing is None


@pytest.mark.slow
def test_every_group_waits_for_itself_in_the_internal_profile(data):
    made = plan(publish(data.register, data.stays, YEAR_2025, "internal"), **SOON)
    assert made.by_group.hidden == []
    assert made.today.others == 0
    waits = made.today.found.groups["value"].xs("wait_mean_days", level="measure")
    assert OTHERS not in waits.index
    assert set(made.by_group.behind.index) < set(waits.index)


@pytest.mark.slow
def test_places_to_repair_closed_or_not_open_yet_take_nobody(data, published):
    places = data.register.places.copy()
    free = places.index[places["state"] == "ready"]
    places.loc[free[0], "state"] = "to_repair"
    places.loc[free[1], "state"] = "closed"
    places.loc[free[2], "opened"] = pd.Timestamp("2026-02-01")
    register = replace(data.register, places=places)
    made = plan(seen(published, register, data.stays), **SOON)
    assert made.today.places[TOTAL] == 87
    assert made.by_ambito.places[TOTAL] == 87


@pytest.mark.slow
def test_a_growing_list_is_said_in_words(data, published):
    places = data.register.places.copy()
    shared = places["target_groups"].str.contains("release_other")
    few = places.index[shared][:-8]
    places.loc[few, "target_groups"] = "violence"
    found = seen(published, replace(data.register, places=places), data.stays)
    made = plan(found, replications=2)
    assert made.today.found is None
    assert made.today.places["release_other"] == 8
    assert "release_other" in made.today.growing.groups
    text = " ".join(one.text for one in services_needed.sentences(made, ITALIAN))
    assert "La lista cresce senza fine" in text
    assert "richieste l'anno non trovano mai posto" in text
    names = [one.key for one in services_needed.sheets(found, made, ITALIAN)]
    assert names == ["Servizi posti necessari", "Servizi posti per gruppo", "Servizi ipotesi"]
    patient = plan(found, **SOON)
    assert patient.today.growing is None and patient.today.found is not None


@pytest.mark.slow
def test_places_open_to_a_group_do_not_tell_those_of_a_hidden_service(published):
    # U1, U2 and U4 take who leaves care, in 20 places; 6 are U2's and 10 U4's, and none is ready:
    # U1, which is hidden, would have four places and four guests.
    assert np.isnan(published.count("outcomes", "present", "service", "U1"))
    assert published.figure("places_ready", "service", "U2")["value"] == 0
    told = planning.open_places(published.run, published.places_in_sum)["usable"]
    assert np.isnan(told["leaving_care"])
    # All the services of Monza that are told only together take these, no other takes those.
    assert told["violence"] == 61
    assert told["clearance"] == 24
    # Nor do the simulations know how many are whose: they take them together.
    usable = planning._usable(published.run, published.places_in_sum)
    together = usable[usable["groups"] != usable["own"]]
    assert len(set(together["groups"])) == 1
    ready = services_places.ready_table(told_of(published), ITALIAN)
    shown = ready.frame.set_index("group")["ready"]
    assert shown[ITALIAN.say(GROUP_LABELS["clearance"])] == 2
    assert np.isnan(shown[ITALIAN.say(GROUP_LABELS["leaving_care"])])


@pytest.mark.slow
def test_a_place_where_a_guest_sleeps_is_ready_for_no_group(data, published):
    # A register written before the guests came calls every place ready; who sleeps there says more.
    places = data.register.places.copy()
    places["state"] = "ready"
    stays, day = data.stays.stays, published.period.end
    there = stays["entry_date"].le(day) & ~stays["exit_date"].le(day)
    standing = places[open_on(places, day)]
    free = standing[~standing.index.isin(stays.loc[there, "place_code"])].index
    # A place that names no group is open to all.
    places.loc[free[0], "target_groups"] = pd.NA
    takes = places["target_groups"].isna() | places["target_groups"].str.contains("clearance")
    found = publish(replace(data.register, places=places), data.stays, YEAR_2025, "internal")
    assert found.figure("places_ready")["value"] == len(free)
    table = services_places.ready_table(told_of(found), ITALIAN)
    shown = table.frame.set_index("group")["ready"]
    own = takes.reindex(free).sum()
    assert shown[ITALIAN.say(GROUP_LABELS["clearance"])] == own < takes.sum()
    # Whom only the place without groups would take is no row less.
    assert set(shown.index) == {ITALIAN.say(one) for one in GROUP_LABELS.values()}


@pytest.mark.slow
def test_a_group_without_places_is_named_and_left_out(data, published):
    more = with_requests(data.stays, "street", 12)
    found = seen(published, data.register, more)
    made = plan(found, **SOON)
    assert made.today.shut_out == ("street",)
    assert made.by_group.places["street"] == 0
    text = [one.text for one in services_needed.sentences(made, ITALIAN)]
    assert "Nessun posto di oggi è aperto a: in strada o in accoglienza notturna." in text
    # A place that names no group is open to all.
    places = data.register.places.copy()
    of = places["dwelling_code"].map(data.register.dwellings["service_code"])
    places.loc[places.index[of == "T1"][0], "target_groups"] = pd.NA
    register = replace(data.register, places=places)
    opened = plan(seen(published, register, more), **SOON)
    assert opened.by_group.places["street"] == 1


# --- what is hidden ---------------------------------------------------------------------------


def shown(found: Publication, made: Plan) -> tuple[list[str], list[pd.DataFrame]]:
    """Return all that leaves: sentences and the tables of page and workbook, notes among them."""
    tables = [
        *services_needed.sheets(found, made, ITALIAN),
        *services_needed.page_tables(found, made, ITALIAN),
    ]
    text = [one.text for one in services_needed.sentences(made, ITALIAN)]
    return [*text, *(note for one in tables for note in one.notes)], [one.frame for one in tables]


@pytest.mark.slow
def test_requests_by_ambito_and_by_group_are_hidden_together(published, found):
    tables = [one.published for one in requested(published).values()]
    audit(tables, published.rules)
    assert [one.measure for one in tables] == ["requests", "requests"]
    hidden = found.by_group.hidden
    assert {"leaving_reception", "clearance"} < set(hidden)  # 3 and 3, which would be 1 to 5 each
    _, frames = shown(published, found)
    for frame in frames[:2]:
        assert not frame["name"].isin(hidden).any()


@pytest.mark.slow
def test_nothing_that_leaves_depends_on_which_hidden_group_asked(data, published):
    """One request of a hidden group or of another gives the same texts and figures to the last digit."""
    made = []
    for group in ("clearance", "leaving_reception"):
        stays = with_requests(data.stays, group, 1, service_code="T1")
        found = seen(published, data.register, stays)
        one = plan(found, **SOON)
        table = requested(found)["richieste per gruppo"].internal
        internal = table.frame.set_index("target_group")["count"]
        made.append((found, one, internal))
    (first, one, own), (second, other, others) = made
    assert (own["clearance"], own["leaving_reception"]) == (4, 3)
    assert (others["clearance"], others["leaving_reception"]) == (3, 4)
    assert one.by_group.hidden == other.by_group.hidden
    assert {"leaving_reception", "clearance"} <= set(one.by_group.hidden)
    texts, frames = shown(first, one)
    same, again = shown(second, other)
    assert texts == same
    for frame, copy in zip(frames, again, strict=True):
        pd.testing.assert_frame_equal(frame, copy, check_exact=True)


@pytest.mark.slow
def test_requests_without_a_group_wait_with_the_others_for_any_place(data, published):
    found = seen(published, data.register, with_requests(data.stays, None, 12))
    made = plan(found, **SOON)
    assert UNSTATED not in made.by_group.behind.index
    told = made.by_group.behind["requests"].sum()
    assert made.today.others == 112 - told
    assert made.today.places[OTHERS] == 90


@pytest.mark.slow
def test_an_ambito_of_protected_services_alone_is_sensitive(data, published):
    services = data.register.services.copy()
    services.loc["N3", "protected"] = True  # the only one of Carate Brianza: 8 requests
    register = replace(data.register, services=services)
    made = plan(seen(published, register, data.stays), **SOON)
    assert "Carate Brianza" in made.by_ambito.hidden
    assert "Carate Brianza" not in made.by_ambito.needed.frame.index


@pytest.mark.slow
def test_printed_figures_are_no_finer_than_the_simulation(published, found):
    tables = services_needed.sheets(published, found, ITALIAN)
    for table in tables[:3]:
        for name in table.frame.select_dtypes("number"):
            values = table.frame[name].dropna()
            whole = values * 100 if "share" in name else values
            np.testing.assert_allclose(whole, whole.round(), atol=1e-9)


@pytest.mark.slow
def test_few_places_open_to_a_sensitive_group_are_not_counted(data, published):
    places = data.register.places.copy()
    takes = places["target_groups"].str.contains("violence")
    # Only the four of the protected service are left to them.
    secret = places["dwelling_code"].str.startswith("U3")
    plain = places["target_groups"].str.replace("violence", "eviction_order")
    places["target_groups"] = plain.where(takes & ~secret, places["target_groups"])
    register = replace(data.register, places=places)
    found = seen(published, register, data.stays)
    made = plan(found, **SOON)
    assert np.isnan(made.by_group.places["violence"])
    table = services_needed.sheets(found, made, ITALIAN)[1]
    row = table.frame["name"].str.startswith("donne (con")
    assert table.frame.loc[row, "there"].isna().all()
    assert any("nascosti" in note for note in table.notes)
