"""The chapters, sheets and map layer on services: what they say and what they hide."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from needs_analysis.disclosure import TOTAL, audit
from needs_analysis.errors import StudyError
from needs_analysis.figures import Quality
from needs_analysis.reports import services_chapters, services_difference, services_tables
from needs_analysis.reports.maps import READY
from needs_analysis.reports.model import Picture, Sentence, Table
from needs_analysis.services import Period, Stays, create_key, difference, invented, monitor
from needs_analysis.services.inputs import ServiceData, ServiceFiles, period_of, period_text
from needs_analysis.services.planning import requests_of
from needs_analysis.services.publication import SHARES, publish

KINDS = ("register", "stays", "referrals", "survey")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    invented.write(folder / "dati")
    create_key(folder / "chiave")
    return folder


def files(place, profile="published") -> ServiceFiles:
    written = dict.fromkeys(KINDS, "dati/modello_servizi.xlsx") | {
        "measures": "dati/modello_misure_locali.xlsx",
        "key": "chiave",
        "period": "2025",
        "profile": profile,
    }
    return ServiceFiles.from_mapping(written, place)


@pytest.fixture(scope="module")
def published(place) -> ServiceData:
    return files(place).read()


@pytest.fixture(scope="module")
def internal(place) -> ServiceData:
    return files(place, "internal").read()


def finding(data, lang="it", units=None):
    index = pd.Index(units or ["108033", "108023"], name="municipality_code")
    figures = SimpleNamespace(data=pd.DataFrame(index=index))
    return SimpleNamespace(services=data, lang=lang, indicators=figures)


# ---------------------------------------------------------------- chapters


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("it", ["Offerta", "Esiti", "Rete", "Posti necessari"]),
        ("en", ["Offer", "Outcomes", "Network", "Places needed"]),
    ],
)
def test_four_chapters_each_saying_that_data_are_invented(published, lang, titles):
    word = {"it": "dati inventati", "en": "invented data"}[lang]
    made = services_chapters.chapters(finding(published, lang))
    assert [one.title for one in made] == [f"{title} ({word})" for title in titles]
    for chapter in made:
        for block in chapter.blocks:
            if isinstance(block, Table | Picture):
                assert word in block.title


def test_without_services_there_is_no_chapter():
    found = finding(None)
    assert services_chapters.chapters(found) == ()
    assert services_chapters.sheets(found) == []
    assert services_chapters.ready_layer(found) is None


def test_real_data_carry_no_label(published):
    register = replace(published.register, label="")
    stays = replace(published.stays, label="")
    real = replace(published, register=register, stays=stays)
    assert services_chapters.offer(real, "it").title == "Offerta"
    pictures = [
        next(
            one for one in services_chapters.network(data, "it").blocks if isinstance(one, Picture)
        )
        for data in (published, real)
    ]
    # Letters are drawn: the label is what the first picture has more.
    assert len(pictures[0].svg) > len(pictures[1].svg)


def test_a_register_without_stays_still_has_its_chapters(published):
    stays = Stays(published.stays.stays.iloc[:0])
    bare = replace(published, stays=stays, referrals=None, survey=None, measures=None)
    made = services_chapters.chapters(finding(bare))
    assert [one.key for one in made] == ["offerta", "esiti", "posti"]
    assert any("troppo poche" in one.text for one in made[-1].blocks)
    assert services_chapters.sheets(finding(bare))


def test_the_curve_of_stays_does_not_count_the_few(published):
    table = services_tables.survival_table(published.publication, "it")
    assert set(table.frame["outcome"]) == {"ancora presenti", "uscita positiva"}
    told = table.frame["share"].dropna()
    np.testing.assert_allclose(told, told.round(2))


def test_outcomes_say_that_thirty_places_give_wide_intervals(published):
    chapter = services_chapters.outcomes(published, "it")
    said = [one.text for one in chapter.blocks if isinstance(one, Sentence)]
    assert any(text.startswith("Trenta posti danno intervalli larghi") for text in said)
    positive = next(text for text in said if "casa stabile" in text)
    row = published.publication.figure("positive_exits_share")
    exits = int(row["denominator"])
    assert f"(su {exits})." in positive
    assert "intervallo al 95 %" in positive


def test_every_measure_prints_its_rule_version_and_denominator(published):
    table = services_tables.all_measures(published.publication, "it")
    assert table.frame["rule"].str.fullmatch(r"[a-z_]+ \d+").all()
    shown = table.frame[table.frame["variable"].isin(SHARES) & table.frame["value"].notna()]
    assert len(shown) > 10
    assert shown[["numerator", "denominator"]].notna().all(axis=None)
    np.testing.assert_allclose(shown["value"], shown["numerator"] / shown["denominator"])


def test_not_transmitted_stands_apart_from_zero(published):
    table = services_tables.local_table(published, "it")
    silent = table.frame["note"].str.startswith("dato non trasmesso")
    assert silent.sum() == 3
    column = next(one for one in table.columns if one.name == "spent_eur")
    codes = table.qualities(column)
    assert set(codes[silent]) == {int(Quality.MISSING)}
    assert table.frame.loc[~silent, "spent_eur"].notna().all()


def test_the_places_needed_say_what_sharing_saves(published):
    plan = published.plan
    chapter = services_chapters.places_needed(published, "it")
    text = next(one.text for one in chapter.blocks if one.text.startswith("Perché"))
    assert f"risparmia {plan.needed.saved}" in text
    assert (
        plan.needed.frame["places"].iloc[:-1].sum() - plan.needed.saved
        == plan.needed.frame.loc[TOTAL, "places"]
    )
    assert plan.places[TOTAL] == len(published.register.places)


def test_who_had_no_right_or_declined_is_no_request(published):
    asked = requests_of(published.stays, Period.year(2025))
    assert not asked["refusal_reason"].isin(["not_eligible", "household_declined"]).any()
    assert asked["referral_date"].between("2025-01-01", "2025-12-31").all()


# ---------------------------------------------------------------- what is hidden


def test_published_counts_pass_the_audit_and_internal_ones_are_whole(published, internal):
    found = published.publication
    audit([one.published for one in found.counts.values()], found.rules)
    assert any(one.published.frame["count"].isna().any() for one in found.counts.values())
    assert not internal.publication.figures["hidden"].any()


def test_no_share_is_shown_whose_counts_are_hidden(published):
    found = published.publication
    frame = found.figures
    for row in frame[frame["measure"].isin(SHARES) & ~frame["hidden"]].itertuples():
        assert row.numerator == 0 or row.numerator >= found.rules.count_min
        rest = row.denominator - row.numerator
        assert rest == 0 or rest > 0
    hidden = frame[frame["hidden"]]
    assert hidden[["value", "low", "high", "numerator", "denominator"]].isna().all(axis=None)


def test_published_figures_are_those_of_the_run(published, internal):
    keys = ["measure", "level", "level_value"]
    own = internal.publication.figures.set_index(keys)["value"]
    shown = published.publication.figures.set_index(keys)
    shown = shown[~shown["hidden"] & shown["value"].notna()]["value"]
    both = shown.index.intersection(own.index)
    assert len(both) > 300
    np.testing.assert_allclose(shown[both].astype(float), own[both].astype(float))


def test_a_hidden_cell_is_marked_and_not_zero(published):
    table = services_tables.outcomes_table(published.publication, "it")
    column = next(one for one in table.columns if one.name == "positive")
    codes = table.qualities(column)
    blank = table.frame["positive"].isna().to_numpy()
    assert blank.any()
    assert set(codes[blank]) == {int(Quality.SUPPRESSED)}
    assert any("nascosti" in note for note in table.notes)


def test_protected_services_are_one_row_of_their_ambito(published):
    table = services_tables.register_table(published.publication, "it")
    own = table.frame[table.frame["name"].str.startswith("Servizi protetti")]
    assert own["name"].tolist() == ["Servizi protetti: Monza"]
    assert own["code"].tolist() == [""]
    text = repr([one.frame.to_dict("list") for one in services_chapters.sheets(finding(published))])
    assert "U3" not in text
    assert "Appartamento protetto" not in text


def test_two_protected_services_of_one_ambito_are_counted_together(published):
    services = published.register.services.copy()
    services.loc["U1", "protected"] = True  # beside U3, also in Monza
    register = replace(published.register, services=services)
    found = publish(register, published.stays, Period.year(2025))
    assert found.services.index.str.startswith("protected:").sum() == 1
    merged = found.run.records.register.services.loc["protected:Monza"]
    assert merged["educators"] == services.loc[["U1", "U3"], "educators"].sum()
    assert np.isnan(merged["daily_fee_eur"])  # 65 and 80 euro
    assert found.run.value("bed_nights") == monitor(
        published.register, published.stays, Period.year(2025)
    ).value("bed_nights")


def test_rows_of_stays_are_in_the_internal_profile_only(published, internal):
    keys = [
        {one.key for one in services_chapters.sheets(finding(data))}
        for data in (published, internal)
    ]
    assert keys[1] - keys[0] == {
        "Interno verifiche", "Interno oltre 18 mesi", "Interno rette", "Interno rette per servizio",
    }  # fmt: skip


def test_statements_of_the_months_add_up(internal):
    tables = {one.key: one.frame for one in services_chapters.sheets(finding(internal))}
    whole = tables["Servizi rette"]
    total = whole[(whole["month"] == "totale") & (whole["sending_municipality_code"] == "totale")]
    assert total["due_eur"].item() == pytest.approx(tables["Interno rette"]["due_eur"].sum())
    assert total["due_eur"].item() == pytest.approx(internal.publication.run.value("fees_due_eur"))


# ---------------------------------------------------------------- map


def test_the_map_shows_one_class_an_ambito(published):
    figures, entry = services_chapters.ready_layer(
        finding(published, units=["108033", "108049", "108023", "058091"])
    )
    values = figures.data[READY]
    assert values["108033"] == values["108049"] == "few"  # Monza and Villasanta, ambito of Monza
    assert values["108023"] == "none"
    assert pd.isna(values["058091"])  # Rome has no service of the register
    assert "dati inventati" in entry.label_it


def test_hidden_places_have_their_own_class(published, monkeypatch):
    hidden = pd.Series({"Monza": np.nan, "Desio": 12.0})
    monkeypatch.setattr(services_chapters, "ready_by_ambito", lambda _: hidden)
    figures, _ = services_chapters.ready_layer(finding(published))
    assert figures.data[READY].tolist() == ["hidden", "many"]


# ---------------------------------------------------------------- files of a study


def test_a_study_written_back_finds_its_files_by_checksum(place, published):
    written = published.files.as_mapping()
    assert "key" not in written
    assert not any("/" in value or "modello" in value for value in written.values())
    again = ServiceFiles.from_mapping(written | {"key": "../chiave"}, place / "dati")
    assert again.paths["register"].name == "modello_servizi.xlsx"
    with pytest.raises(StudyError, match="non c'è il file «registro»"):
        ServiceFiles.from_mapping(written | {"key": "chiave"}, place)


def test_all_that_is_wrong_with_the_table_is_said_at_once(place):
    with pytest.raises(StudyError) as caught:
        ServiceFiles.from_mapping({"register": 3, "wrong": "x", "profile": "open"}, place)
    said = str(caught.value)
    for part in ("'wrong'", "manca «stays»", "manca «key»", "«register» deve", "«profile» è"):
        assert part in said


def test_inputs_are_described_by_kind_rows_and_checksum_alone(published):
    described = published.described()
    assert set(described) == {*KINDS, "measures"}
    assert all(set(one) == {"kind", "rows", "sha256"} for one in described.values())
    assert described["stays"]["rows"] == len(published.stays.stays)


def test_periods_are_read_and_written():
    for text in ("2025", "2025-02-01/2025-03-31"):
        assert period_text(period_of(text)) == text


# ---------------------------------------------------------------- differences


def test_a_difference_shows_values_to_the_office_alone(published):
    register, stays = published.register, published.stays
    runs = [monitor(register, stays, Period.year(year)) for year in (2024, 2025)]
    found = difference(*runs)
    (sheet,) = services_difference.sheets(found, "published", "it")
    names = {one.name for one in sheet.columns}
    assert names == {"label", "rule", "versions", "cause"}
    assert set(sheet.frame["cause"]) == {"periodo"}
    figures, rows = services_difference.sheets(found, "internal", "it")
    moved = figures.frame[["old", "of_rule", "of_period", "of_data", "new"]].dropna()
    np.testing.assert_allclose(moved.iloc[:, :4].sum(axis=1), moved["new"], atol=1e-9)
    assert len(rows.frame) > 0
