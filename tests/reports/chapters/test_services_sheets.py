"""The tables on services as an office reads them: units, accounts, what is hidden, who may have them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from needs_analysis.figures import Quality
from needs_analysis.reports.chapters import services as services_chapters
from needs_analysis.reports.chapters import (
    services_building,
    services_measures,
    services_network,
    services_places,
    services_sheets,
    services_stays,
)
from needs_analysis.reports.language import display
from needs_analysis.services import Period
from needs_analysis.services.files import invented
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.told import tell, telling
from needs_analysis.told.publication import publish
from needs_analysis.told.telling import told_of
from needs_analysis.words import ITALIAN, Voice


def published_and_internal(register, stays):
    return [
        tell(ServiceData(register, stays, Period.year(2025), profile), parts=("measures",))
        for profile in ("published", "internal")
    ]


@pytest.fixture(scope="module")
def found():
    data = invented.network()
    return published_and_internal(data.register, data.stays)


@pytest.fixture(scope="module")
def without_a_fee():
    """The same network with a service whose fee nobody stated."""
    data = invented.network()
    services = data.register.services.copy()
    services.loc["N1", "daily_fee_eur"] = np.nan
    return published_and_internal(replace(data.register, services=services), data.stays)


def column(table, name):
    return next(one for one in table.columns if one.name == name)


@pytest.mark.slow
def test_rows_without_any_sending_municipality_are_blank():
    data = invented.network()
    stays = data.stays.stays.assign(sending_municipality_code=pd.NA)
    december = Period("2025-12-01", "2025-12-31")
    found = ServiceData(data.register, replace(data.stays, stays=stays), december, "internal")
    tables = services_stays.internal_tables(tell(found, parts=("measures",)), ITALIAN)
    senders = [one.frame["sending_municipality_code"] for one in tables[2:]]
    assert all(len(one) and (one == "").all() for one in senders)


def test_steps_of_a_curve_do_not_count_the_few():
    days = [30, 90, 180, 365]
    persons = pd.DataFrame({"well": [0, 6, 8, 12], "other": [0, 0, 0, 2]}, index=days)
    risk = pd.Series([40, 34, 32, 26], days)
    # Two more until day 180; on day 365 two would be left who went elsewhere.
    assert telling._told_days(persons, risk, 5).tolist() == [True, True, False, False]
    assert telling._told_days(persons[["well"]], risk, 5).tolist() == [
        True,
        True,
        False,
        True,
    ]
    risk[90] = 4
    assert telling._told_days(persons[["well"]], risk, 5).tolist() == [
        True, False, True, False,
    ]  # fmt: skip


@pytest.mark.slow
def test_figures_tell_their_unit(found):
    rows = services_measures.all_measures(found[1], ITALIAN).frame.set_index("code")
    units = {
        code: display(code, rows.loc[code, "unit"]).unit
        for code in ("fees_due_eur", "volunteer_hours", "stay_logrank_by_group", "exits")
    }
    assert list(units.values()) == ["€", "ore", "valore p", ""]


@pytest.mark.slow
def test_only_what_is_missing_is_missing(found):
    table = services_measures.all_measures(found[0], ITALIAN)
    hidden = table.frame["hidden"].to_numpy(dtype=bool)
    assert 0 < hidden.sum() < len(hidden)
    for name in ("value", "low", "high", "numerator", "denominator"):
        codes = table.qualities(column(table, name))
        assert set(codes[hidden]) == {int(Quality.SUPPRESSED)}
        if name != "value":
            assert int(Quality.MISSING) not in codes
    # A count of nights has no interval, and says its count once.
    row = int(np.flatnonzero(table.frame["code"] == "bed_nights")[0])
    assert table.qualities(column(table, "low"))[row] == Quality.OBSERVED
    # Whose days the mean is of is held back, though the mean is told.
    row = int(np.flatnonzero(table.frame["code"] == "stay_mean_days")[0])
    assert table.qualities(column(table, "numerator"))[row] == Quality.SUPPRESSED


@pytest.mark.slow
def test_measures_hidden_altogether_are_named_with_their_levels(found):
    notes = services_measures.all_measures(found[0], ITALIAN).notes
    untold = [note for note in notes if note.startswith("Nascoste per intero, senza righe (")]
    frame = found[0].figures.frame
    whole = frame[(frame["level"] == "all") & frame["hidden"]]["measure"]
    said = "; ".join(note for note in untold if "(rete intera" in note)
    assert len(whole) > 10
    for name in whole:
        assert services_measures.MEASURES[name].label_in() in said
    assert "Notti di presenza" not in " ".join(untold)
    assert not any(
        "Nascoste" in note for note in services_measures.all_measures(found[1], ITALIAN).notes
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words"), [("it", "differenza fra due periodi"), ("en", "difference between two")]
)
def test_overlapping_periods_are_warned_of_where_published(found, lang, words):
    for one, expected in zip(found, (True, False), strict=True):
        notes = services_measures.all_measures(one, Voice(lang)).notes
        assert any(words in note for note in notes) == expected


@pytest.mark.slow
def test_fees_are_to_the_cent_and_half_days_are_seen(found):
    for one in found:
        table = services_stays.statement_table(one, ITALIAN)
        units = {own.name: own.unit for own in table.columns}
        assert units["due_eur"] == "eur_cents"
        assert units["paid_days"] == "half_days"  # 373.5 in March for Desio
        assert (table.frame["paid_days"] % 1 == 0.5).any()
    assert column(services_places.register_table(found[0], ITALIAN), "fee").unit == "eur_cents"


@pytest.mark.slow
def test_without_a_fee_the_sum_is_of_the_others_and_says_so(found, without_a_fee):
    frame = services_stays.statement_table(without_a_fee[1], ITALIAN).frame
    whole = frame[(frame["month"] == "totale") & (frame.iloc[:, 1] == "totale")].iloc[0]
    # The same as among the measures, whose note says that a part is left out.
    assert whole["due_eur"] == pytest.approx(without_a_fee[1].figure("fees_due_eur")["value"])
    lines = services_stays.internal_tables(without_a_fee[1], ITALIAN)
    by_stay, by_service = (one.frame for one in lines[-2:])
    assert whole["unstated"] == by_stay["due_eur"].isna().sum() == by_service["unstated"].sum() > 0
    assert whole["due_eur"] == pytest.approx(by_service["due_eur"].sum())
    before = found[1].figure("fees_due_eur")["value"]
    paid = by_stay.loc[by_stay["due_eur"].isna(), "paid_days"].sum()
    assert before - whole["due_eur"] == pytest.approx(42 * paid)  # N1 has 42 euro a day


@pytest.mark.slow
def test_how_many_have_no_fee_is_said_in_words_where_published(without_a_fee):
    table = services_stays.statement_table(without_a_fee[0], ITALIAN)
    said = table.frame["unstated"]
    assert set(said.dropna()) == {"", "una parte"}
    assert said.isna().equals(table.frame["count"].isna())
    assert any("senza retta indicata" in note for note in table.notes)


@pytest.mark.slow
def test_amounts_of_a_few_with_a_fee_are_hidden():
    data = invented.network()
    one = publish(data.register, data.stays, Period.year(2025))
    billed = one.counts["billed"]
    frame = billed.published.frame.copy()
    at = frame.index[frame["count"].notna() & (frame["count"] >= 8)][0]
    frame.loc[at, "unstated"] = frame.loc[at, "count"] - 2
    changed = replace(billed, published=replace(billed.published, frame=frame))
    told = told_of(replace(one, counts={**one.counts, "billed": changed}))
    table = services_stays.statement_table(told, ITALIAN)
    assert np.isnan(table.frame.loc[at, "due_eur"])
    assert table.qualities(column(table, "due_eur"))[at] == Quality.SUPPRESSED


@pytest.mark.slow
def test_internal_rows_name_municipalities_and_services(found):
    _, _, by_stay, by_service = services_stays.internal_tables(found[1], ITALIAN)
    for frame in (by_stay.frame, by_service.frame):
        assert "108033 Monza" in set(frame["sending_municipality_code"])
        assert "U4 Cinque bilocali (dati inventati)" in set(frame["service_code"])


@pytest.mark.slow
def test_the_internal_profile_says_not_to_hand_it_out(found):
    said = "profilo interno: non consegnare"
    for lang, words in (("it", said), ("en", "internal profile: not to be handed out")):
        titles = [one.title for one in services_sheets.monitoring_sheets(found[1], Voice(lang))]
        assert all(title.endswith(f"; {words})") for title in titles)
    assert said not in services_building.labelled("Servizi", found[0], ITALIAN)


def test_the_network_s_refusals_have_a_label_of_their_own():
    label, _ = services_network._COLLABORATION["refused_share"]
    for voice, words in (
        (ITALIAN, "Segnalazioni fra membri rifiutate"),
        (Voice("en"), "between members"),
    ):
        assert words in voice.say(label)


@pytest.mark.slow
def test_sentences_have_the_article_of_their_share(found):
    texts = [one.text for one in services_chapters._outcome_sentences(found[1], ITALIAN)]
    assert any(text.startswith("Nel periodo si sono concluse ") for text in texts)
    shares = [text for text in texts if "%" in text.partition("(")[0]]
    assert len(shares) >= 2
    for text in shares:
        assert any(article in text for article in (" il ", " l'", " lo "))


@pytest.mark.slow
def test_a_study_with_the_internal_profile_warns_before_all_else(found):
    nothing = SimpleNamespace(services=None, need=None, policies=None, voice=ITALIAN)
    published, internal = (SimpleNamespace(**vars(nothing) | {"services": one}) for one in found)
    assert services_chapters.warning(nothing) == services_chapters.warning(published) == ""
    assert services_chapters.warning(internal).endswith("Non consegnare.")
    # Counts of need and policies for the office alone are warned of alike.
    for part in ("need", "policies"):
        counted = SimpleNamespace(**vars(nothing) | {part: SimpleNamespace(internal=True)})
        assert services_chapters.warning(counted) == services_chapters.warning(internal)
