"""The chapters, sheets and map layer on services: what they say and what they hide."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from needs_analysis import store, territory
from needs_analysis.disclosure import TOTAL, audit
from needs_analysis.errors import ParameterError, StudyError
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters import services as services_chapters
from needs_analysis.reports.chapters import (
    services_assumed,
    services_difference,
    services_map,
    services_measures,
    services_needed,
    services_network,
    services_places,
    services_sheets,
    services_stays,
)
from needs_analysis.reports.maps.theme import READY
from needs_analysis.reports.model import Picture, Sentence, Table, plain
from needs_analysis.services import Period, Stays, create_key, difference, monitor
from needs_analysis.services.capacity.demand import Patience
from needs_analysis.services.capacity.planning import requests_of
from needs_analysis.services.files import templates
from needs_analysis.services.files.inputs import ServiceData, ServiceFiles, period_of, period_text
from needs_analysis.services.files.schema import GROUPS, STATES
from needs_analysis.services.measures.declaration import MEASURES, Share
from needs_analysis.told import Told, tell
from needs_analysis.told.difference import told_between
from needs_analysis.told.publication import publish
from needs_analysis.words import ITALIAN, Voice

KINDS = ("register", "stays", "referrals", "survey")
SHARES = [name for name, one in MEASURES.items() if isinstance(one.told, Share)]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studio")
    templates.write_invented(folder / "dati")
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
def data(place) -> ServiceData:
    return files(place).read()


@pytest.fixture(scope="module")
def published(data) -> Told:
    return tell(data)


@pytest.fixture(scope="module")
def internal(place) -> Told:
    return tell(files(place, "internal").read())


def finding(data, voice=ITALIAN, units=None):
    index = pd.Index(units or ["108033", "108023"], name="municipality_code")
    figures = SimpleNamespace(data=pd.DataFrame(index=index))
    return SimpleNamespace(services=data, voice=voice, indicators=figures, area=figures.data)


# ---------------------------------------------------------------- chapters


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("it", ["Offerta", "Esiti", "Rete", "Posti necessari"]),
        ("en", ["Offer", "Outcomes", "Network", "Places needed"]),
    ],
)
def test_four_chapters_each_saying_that_data_are_invented(published, lang, titles):
    word = {"it": "dati inventati", "en": "invented data"}[lang]
    made = services_chapters.chapters(finding(published, Voice(lang)))
    assert [one.title for one in made] == [f"{title} ({word})" for title in titles]
    for chapter in made:
        for block in chapter.blocks:
            if isinstance(block, Table | Picture):
                assert word in block.title


def test_without_services_there_is_no_chapter():
    found = finding(None)
    assert services_chapters.chapters(found) == ()
    assert services_chapters.sheets(found) == []
    assert services_map.ready_layer(found) is None


@pytest.mark.slow
def test_real_data_carry_no_label(published, data):
    register = replace(data.register, label="")
    stays = replace(data.stays, label="")
    real = tell(replace(data, register=register, stays=stays))
    assert services_chapters.offer(real, ITALIAN).title == "Offerta"
    pictures = [
        next(
            one
            for one in services_network.blocks(found, found.network, ITALIAN)
            if isinstance(one, Picture)
        )
        for found in (published, real)
    ]
    # Letters are drawn: the label is what the first picture has more.
    assert len(pictures[0].svg) > len(pictures[1].svg)


@pytest.mark.slow
def test_a_register_without_stays_still_has_its_chapters(data):
    stays = Stays(data.stays.stays.iloc[:0])
    bare = tell(replace(data, stays=stays, referrals=None, survey=None, policies=None))
    made = services_chapters.chapters(finding(bare))
    assert [one.key for one in made] == ["offerta", "esiti", "posti"]
    assert any("troppo poche" in one.text for one in made[-1].blocks)
    assert services_chapters.sheets(finding(bare))


@pytest.mark.slow
def test_the_curve_of_stays_does_not_count_the_few(published):
    table = services_stays.survival_table(published, ITALIAN)
    assert set(table.frame["outcome"]) == {"ancora presenti", "uscita positiva"}
    told = table.frame["share"].dropna()
    np.testing.assert_allclose(told, told.round(2))


@pytest.mark.slow
def test_outcomes_say_that_thirty_places_give_wide_intervals(published):
    chapter = services_chapters.outcomes(published, ITALIAN)
    said = [plain(one.text) for one in chapter.blocks if isinstance(one, Sentence)]
    assert any(text.startswith("Trenta posti danno intervalli larghi") for text in said)
    positive = next(text for text in said if "casa stabile" in text)
    row = published.figure("positive_exits_share")
    exits = int(row["denominator"])
    assert f"(su {exits})." in positive
    assert "intervallo al 95 %" in positive


@pytest.mark.slow
def test_every_measure_prints_its_rule_version_and_denominator(published):
    table = services_measures.all_measures(published, ITALIAN)
    assert table.frame["rule"].str.fullmatch(r"[a-z_]+ \d+").all()
    shown = table.frame[table.frame["variable"].isin(SHARES) & table.frame["value"].notna()]
    assert len(shown) > 10
    assert shown[["numerator", "denominator"]].notna().all(axis=None)
    np.testing.assert_allclose(shown["value"], shown["numerator"] / shown["denominator"])


@pytest.mark.slow
def test_not_transmitted_stands_apart_from_zero(published):
    table = services_sheets.policies_table(published, published.policies, ITALIAN)
    silent = table.frame["note"].str.startswith("dato non trasmesso")
    assert silent.sum() == 3
    column = next(one for one in table.columns if one.name == "spent_eur")
    codes = table.qualities(column)
    assert set(codes[silent]) == {int(Quality.MISSING)}
    assert table.frame.loc[~silent, "spent_eur"].notna().all()


@pytest.mark.slow
def test_the_places_needed_say_what_sharing_saves_and_todays_waits(published, data):
    plan = published.plan
    chapter = services_chapters.places_needed(published, ITALIAN)
    said = {one.lead: plain(one.text) for one in chapter.blocks if isinstance(one, Sentence)}
    places = plan.by_ambito.needed.frame["places"]
    assert said["Stima."].startswith("Perché il 90 % di chi chiede entri entro 30 giorni servono ")
    assert f"servono {places[TOTAL]} posti" in said["Stima."]
    sharing = said["Condividere i posti."]
    for split, word in ((plan.by_ambito, "risparmia {}"), (plan.by_group, "{} in meno")):
        needed = split.needed
        assert word.format(needed.saved) in sharing
        assert f"(intervallo: {needed.saved_low} - {needed.saved_high})" in sharing
        assert (
            needed.frame["places"].iloc[:-1].sum() - needed.saved
            == (needed.frame.loc[TOTAL, "places"])
        )
    assert plan.by_ambito.places[TOTAL] == len(data.register.places)
    waits = plan.today.found.groups["value"]
    today = said["Con i posti di oggi."]
    assert f"nove su dieci aspettano fino a {waits[TOTAL, 'wait_p90_days']:.0f} giorni" in today
    tables = [one.key for one in chapter.blocks if isinstance(one, Table)]
    assert tables == ["Servizi posti necessari", "Servizi posti per gruppo", "Servizi attese"]


@pytest.mark.slow
def test_the_estimates_of_places_are_marked_and_counts_are_not(published):
    chapter = services_chapters.places_needed(published, Voice("en"))
    for table in (one for one in chapter.blocks if isinstance(one, Table)):
        for column in table.columns:
            if column.unit == "text":
                continue
            expected = Quality.OBSERVED if column.name == "requests" else Quality.MODELLED
            if column.name == "there":  # some may be told only together
                expected = np.where(
                    table.frame["there"].isna(), Quality.SUPPRESSED, Quality.OBSERVED
                )
            assert (table.qualities(column) == np.asarray(expected, dtype=int)).all(), column.name


@pytest.mark.slow
def test_what_the_places_rest_on_is_said_in_both_languages(published):
    plan = published.plan
    group = plan.by_group
    seasonal = replace(group, behind=group.behind.assign(season="own"))
    own = replace(plan, by_group=seasonal, patience=Patience(120.4), patience_from="own")
    for lang, none, some in (
        (
            "it",
            ("Senza stagione", "Si suppone che nessuno rinunci ad aspettare"),
            (
                "Le richieste seguono i mesi",
                "rinuncia in media dopo 120 giorni, come chi ha trovato",
            ),
        ),
        (
            "en",
            ("Without season", "Nobody is assumed to give up waiting"),
            (
                "Requests follow the months",
                "gives up after 120 days on average, as those who found",
            ),
        ),
    ):
        for one, words in ((plan, none), (own, some)):
            sheet = services_assumed.assumed_table(published, one, Voice(lang))
            texts = [
                plain(services_needed.sentences(one, Voice(lang))[-1].text),
                plain(" ".join(sheet.frame["said"])),
            ]
            assert all(word in text for word in words for text in texts)
    stays = plain(sheet.frame.set_index("what")["said"]["Stays"])
    assert "20 at least have left" in stays
    assert "eviction order" in stays


@pytest.mark.slow
def test_groups_left_out_of_the_places_are_named(published):
    plan = published.plan
    _, by_group, waits, _ = services_needed.sheets(published, plan, ITALIAN)
    assert len(plan.by_group.hidden) >= 2
    for code in plan.by_group.hidden:
        for table in (by_group, waits):
            assert GROUPS[code].label not in table.frame["name"].tolist()
            assert any(GROUPS[code].label in note for note in table.notes)
    assert "altri gruppi" in waits.frame["name"].tolist()
    assert waits.frame["requests"].iloc[-1] == 100


@pytest.mark.slow
def test_waits_longer_than_those_of_all_are_named_and_unsettled_ones_too(published):
    plan = published.plan
    found = plan.today.found
    groups = found.groups.copy()
    groups.loc[("violence", "wait_p90_days")] = [400.0, 350.0, 450.0]
    slow = replace(found, groups=groups, settled=False)
    changed = replace(plan, today=replace(plan.today, found=slow))
    text = next(
        plain(one.text)
        for one in services_needed.sentences(changed, ITALIAN)
        if one.lead == "Con i posti di oggi."
    )
    assert "donne (con o senza figli) che escono dalla violenza (400)" in text
    assert "le attese vere sono più lunghe" in text


@pytest.mark.slow
def test_who_had_no_right_or_declined_is_no_request(data):
    asked = requests_of(data.stays, Period.year(2025))
    assert not asked["refusal_reason"].isin(["not_eligible", "household_declined"]).any()
    assert asked["referral_date"].between("2025-01-01", "2025-12-31").all()


# ---------------------------------------------------------------- what is hidden


@pytest.mark.slow
def test_published_counts_pass_the_audit_and_internal_ones_are_whole(data, published, internal):
    found = publish(data.register, data.stays, data.period)
    audit([one.published for one in found.counts.values()], found.rules)
    assert any(one.hidden["count"].any() for one in published.counts.values())
    assert not internal.figures.hidden.any(axis=None)


@pytest.mark.slow
def test_no_share_is_shown_whose_counts_are_hidden(published):
    frame, least = published.figures.frame, published.rules.count_min
    for row in frame[frame["measure"].isin(SHARES) & ~frame["hidden"]].itertuples():
        assert row.numerator == 0 or row.numerator >= least
        rest = row.denominator - row.numerator
        assert rest == 0 or rest > 0
    hidden = frame[frame["hidden"]]
    assert hidden[["value", "low", "high", "numerator", "denominator"]].isna().all(axis=None)


@pytest.mark.slow
def test_published_figures_are_those_of_the_run(published, internal):
    keys = ["measure", "level", "level_value"]
    own = internal.figures.frame.set_index(keys)["value"]
    shown = published.figures.frame.set_index(keys)
    shown = shown[~shown["hidden"] & shown["value"].notna()]["value"]
    both = shown.index.intersection(own.index)
    assert len(both) > 300
    np.testing.assert_allclose(shown[both].astype(float), own[both].astype(float))


@pytest.mark.slow
def test_a_hidden_cell_is_marked_and_not_zero(published):
    table = services_measures.outcomes_table(published, ITALIAN)
    column = next(one for one in table.columns if one.name == "positive")
    codes = table.qualities(column)
    blank = table.frame["positive"].isna().to_numpy()
    assert blank.any()
    assert set(codes[blank]) == {int(Quality.SUPPRESSED)}
    assert any("nascosti" in note for note in table.notes)


@pytest.mark.slow
def test_protected_services_are_one_row_of_their_ambito(published):
    table = services_places.register_table(published, ITALIAN)
    own = table.frame[table.frame["name"].str.startswith("Servizi protetti")]
    assert own["name"].tolist() == ["Servizi protetti: Monza"]
    assert own["code"].tolist() == [""]
    said = services_places.register_table(published, Voice("en")).frame["name"]
    assert "Protected services: Monza" in said.tolist()
    sheets = services_chapters.sheets(finding(published, voice=Voice("en")))
    for text in (one.frame.to_csv() for one in sheets):
        assert "Servizi protetti" not in text
    text = repr([one.frame.to_dict("list") for one in services_chapters.sheets(finding(published))])
    assert "U3" not in text
    assert "Appartamento protetto" not in text


@pytest.mark.slow
def test_two_protected_services_of_one_ambito_are_counted_together(data):
    services = data.register.services.copy()
    services.loc["U1", "protected"] = True  # beside U3, also in Monza
    register = replace(data.register, services=services)
    found = publish(register, data.stays, Period.year(2025))
    assert found.services.index.str.startswith("protected:").sum() == 1
    merged = found.run.records.register.services.loc["protected:Monza"]
    assert merged["educators"] == services.loc[["U1", "U3"], "educators"].sum()
    assert np.isnan(merged["daily_fee_eur"])  # 65 and 80 euro
    assert found.run.value("bed_nights") == monitor(
        data.register, data.stays, Period.year(2025)
    ).value("bed_nights")


@pytest.mark.slow
def test_rows_of_stays_are_in_the_internal_profile_only(published, internal):
    keys = [
        {one.key for one in services_chapters.sheets(finding(data))}
        for data in (published, internal)
    ]
    assert keys[1] - keys[0] == {
        "Interno verifiche", "Interno oltre 18 mesi", "Interno rette", "Interno rette per servizio",
    }  # fmt: skip


@pytest.mark.slow
def test_statements_of_the_months_add_up(internal, data):
    tables = {one.key: one.frame for one in services_chapters.sheets(finding(internal))}
    whole = tables["Servizi rette"]
    total = whole[(whole["month"] == "totale") & (whole["sending_municipality_code"] == "totale")]
    assert total["due_eur"].item() == pytest.approx(tables["Interno rette"]["due_eur"].sum())
    assert total["due_eur"].item() == pytest.approx(
        monitor(data.register, data.stays, data.period).value("fees_due_eur")
    )


# ---------------------------------------------------------------- map


@pytest.mark.slow
def test_the_map_shows_one_class_an_ambito(published):
    figures, entry = services_map.ready_layer(
        finding(published, units=["108033", "108049", "108023", "058091"])
    )
    values = figures.data[READY]
    assert values["108033"] == values["108049"] == "few"  # Monza and Villasanta, ambito of Monza
    assert values["108023"] == "none"
    assert pd.isna(values["058091"])  # Rome has no service of the register
    assert "dati inventati" in entry.label


@pytest.mark.slow
def test_hidden_places_have_their_own_class(published, monkeypatch):
    hidden = pd.Series({"Monza": np.nan, "Desio": 12.0})
    monkeypatch.setattr(services_map, "ready_by_ambito", lambda _: hidden)
    figures, _ = services_map.ready_layer(finding(published))
    assert figures.data[READY].tolist() == ["hidden", "many"]


# ---------------------------------------------------------------- places over time, layer for a GIS


def few_in_carate(data):
    """The same network with three guests in the ambito of Carate Brianza: too few to be told."""
    stays = data.stays.stays
    ambito = stays["service_code"].map(data.register.services["ambito_name"].to_dict())
    there = stays["entry_date"].le("2025-12-01") & ~stays["exit_date"].le("2025-12-31")
    inside = stays.index[(ambito == "Carate Brianza") & there][:3]
    kept = stays[(ambito != "Carate Brianza") | stays.index.isin(inside)]
    return replace(data, stays=Stays(kept, label=data.stays.label))


def places_picture(data, voice=ITALIAN):
    blocks = services_chapters.offer(data, voice).blocks
    return next(one for one in blocks if isinstance(one, Picture))


@pytest.mark.slow
def test_the_offer_draws_its_places_over_time(published):
    picture = places_picture(published)
    table = services_places.supply_table(published, ITALIAN).frame
    assert "dati inventati" in picture.title
    assert f"occupato {table['occupied'].iloc[-1]:.0f}" in plain(picture.alternative)
    assert f"occupato {table['occupied'].iloc[0]:.0f}" in plain(picture.alternative)
    assert picture.sources and picture.notes
    assert "Places by state" in places_picture(published, Voice("en")).title


@pytest.mark.slow
def test_a_month_that_is_hidden_is_a_gap_and_said(published):
    frame = published.over_time.frame.copy()
    states = list(STATES)
    frame.loc[[2, 3], states] = np.nan
    shown = replace(published, over_time=replace(published.over_time, frame=frame))
    picture = places_picture(shown)
    assert "2 mesi nascosti per riservatezza" in plain(picture.alternative)
    assert any("2 mesi nascosti" in plain(note) for note in picture.notes)
    frame[states] = np.nan
    blocks = services_chapters.offer(shown, ITALIAN).blocks
    assert not any(isinstance(one, Picture) for one in blocks)
    assert any("non si mostrano" in one.text for one in blocks if isinstance(one, Sentence))


def study_of(data, voice=ITALIAN):
    area = territory.select("provincia:MB")
    found = finding(data, voice, units=list(area.index))
    found.area, found.day = area, pd.Timestamp("2022-01-01")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("few", [False, True])
def test_sheet_map_and_geopackage_say_the_same(data, published, tmp_path, few):
    told = tell(few_in_carate(data)) if few else published
    found = study_of(told)
    path = tmp_path / "servizi.gpkg"
    services_map.offer_layer(found).to_file(path, layer="services", driver="GPKG")
    layer = gpd.read_file(path, layer="services").set_index("ambito_name")
    sheet = services_places.offer_table(told, ITALIAN)
    rows = sheet.frame.set_index("ambito").iloc[:-1]
    assert layer.index.tolist() == rows.index.tolist()
    for column in sheet.columns[1:]:
        np.testing.assert_allclose(layer[column.name], rows[column.name])
    figures, _ = services_map.ready_layer(found)
    home = store.table("ambiti").set_index("municipality_code")["ambito_name"]
    on_map = figures.data[READY].groupby(home.reindex(figures.data.index)).unique()
    for ambito, codes in on_map.items():
        if ambito in layer.index:
            assert list(codes) == [layer.loc[ambito, READY]]
    hidden = layer.index[layer["places_ready_quality"] == "oscurato per riservatezza"]
    assert ("Carate Brianza" in hidden, len(hidden) > 0) == (few, few)  # and what would tell it
    assert layer["places_ready"].isna().tolist() == layer.index.isin(hidden).tolist()
    assert set(layer.loc[hidden, READY]) <= {"hidden"}


@pytest.mark.slow
def test_the_layer_has_whole_ambiti_and_no_point(published):
    layer = services_map.offer_layer(study_of(published)).set_index("ambito_name")
    own = territory.select("ambito:Monza")
    assert layer.geometry["Monza"].area == pytest.approx(own.area.sum(), rel=1e-9)
    assert set(layer.geometry.dropna().geom_type) <= {"Polygon", "MultiPolygon"}
    assert layer.geometry["Catania"] is None  # its ambiti are not known
    assert layer.loc["Catania", "note"].startswith("confini dell'ambito non noti")
    assert layer["note"].str.contains("dati inventati").all()
    assert set(layer["reference_date"]) == {"2025-12-31"}
    text = repr(layer.drop(columns="geometry").to_dict("list"))
    assert "U3" not in text and "Appartamento" not in text


@pytest.mark.slow
def test_every_field_of_the_layer_is_in_its_codebook(published):
    found = study_of(published)
    listed = services_map.codebook_rows(found.services).set_index("name")
    columns = set(services_map.offer_layer(found).columns)
    fields = {
        one for one in columns if f"{one}_quality" in columns or one.endswith(("_low", "_high"))
    }
    assert set(listed.index) == fields
    assert listed.loc["occupancy_share_low", "label_it"] == "Notti occupate, da"
    assert (listed["definition_it"] != "").all()


# ---------------------------------------------------------------- files of a study


@pytest.mark.slow
def test_a_study_written_back_finds_its_files_by_checksum(place, tmp_path):
    written = files(place).as_mapping()
    assert "key" not in written
    assert not any("/" in value or "modello" in value for value in written.values())
    again = ServiceFiles.from_mapping(written | {"key": "../chiave"}, place / "dati")
    assert again.paths["register"].name == "modello_servizi.xlsx"
    # The folder that holds the file stands for it.
    assert ServiceFiles.from_mapping(written | {"key": "chiave"}, place).paths["register"].is_dir()
    with pytest.raises(StudyError, match="non c'è il file «registro»"):
        ServiceFiles.from_mapping(written | {"key": "chiave"}, tmp_path)


@pytest.mark.slow
def test_all_that_is_wrong_with_the_table_is_said_at_once(place):
    with pytest.raises(StudyError) as caught:
        ServiceFiles.from_mapping({"register": 3, "wrong": "x", "profile": "open"}, place)
    said = str(caught.value)
    for part in ("«wrong»", "manca «key»", "«register» deve", "«profile»: \"open\" non è fra",
                 "key ="):  # fmt: skip
        assert part in said


@pytest.mark.slow
def test_inputs_are_described_by_kind_and_checksum_their_rows_to_the_office_alone(
    published, internal, data
):
    described = published.files
    assert set(described) == {*KINDS, "measures"}
    # How many stays a file has counts those that tables hide; of two deliveries, those that are new.
    assert all(set(one) == {"kind", "sha256"} for one in described.values())
    assert internal.files["stays"]["rows"] == len(data.stays.stays)
    assert internal.files["survey"]["rows"] == len(data.survey)


@pytest.mark.slow
def test_the_parameters_of_a_study_reach_what_they_are_of(place, data, published):
    given = {
        "survey_respondents_min": 9,
        "prolonged_stay_months_max": 120,
        "transitional_dwelling_beds_max": 1,
    }
    odd = {one.code for one in data.warnings}
    assert "files.prolonged_unsaid" in odd and "files.many_beds" not in odd
    read = files(place).read(given)
    odd = {one.code for one in read.warnings}
    assert "files.prolonged_unsaid" not in odd and "files.many_beds" in odd
    found = tell(read, parts=("measures", "network")).network
    assert found.respondents_min == 9
    assert found.survey.frame["mean_score"].isna().all()
    assert published.network.survey.frame["mean_score"].notna().any()


@pytest.mark.slow
def test_a_study_is_published_unless_it_says_internal(place):
    asked = {"register": "dati", "key": "chiave", "period": "2025"}
    assert ServiceFiles.from_mapping(asked, place).profile == "published"


def test_periods_are_read_and_written():
    for text in ("2025", "2025-02-01/2025-03-31"):
        assert period_text(period_of(text)) == text


# ---------------------------------------------------------------- differences


@pytest.mark.slow
def test_a_difference_shows_values_to_the_office_alone(data):
    register, stays = data.register, data.stays
    runs = [monitor(register, stays, Period.year(year)) for year in (2024, 2025)]
    found = difference(*runs)
    # What neither delivery is known to tell is not named.
    assert services_difference.sheets(told_between(found, "published"), ITALIAN)[0].frame.empty
    delivered = publish(register, stays, Period.year(2025))
    told = told_between(found, "published", [delivered, delivered])
    # Services that are protected have no name of their own, in memory either.
    services = register.services
    secret = set(services.loc[services["protected"].astype(bool), "service_name"])
    assert secret and told.names.empty
    assert secret.isdisjoint(delivered.run.records.register.services["service_name"])
    (sheet,) = services_difference.sheets(told, ITALIAN)
    hidden = delivered.figure("first_time_share")["hidden"]
    assert hidden and "first_time_share" in set(found.figures["measure"])
    assert "first_time_share" not in set(sheet.frame["variable"])
    assert "exits" in set(sheet.frame["variable"])
    names = {one.name for one in sheet.columns}
    assert names == {"label", "rule", "versions", "cause"}
    assert set(sheet.frame["cause"]) == {"periodo"}
    figures, lines_of_data, rows = services_difference.sheets(
        told_between(found, "internal"), ITALIAN
    )
    assert lines_of_data.frame.empty
    moved = figures.frame.dropna(subset=["old", "new"])
    scale = np.where(moved["unit"] == "share", 100, 1)  # differences of shares are in points
    parts = moved[["of_rule", "of_period", "of_data"]].sum(axis=1)
    np.testing.assert_allclose(parts, (moved["new"] - moved["old"]) * scale, atol=1e-9)
    assert len(rows.frame) > 0
    assert not any("accoglienze" in note for note in sheet.notes)
    for one in (figures, lines_of_data, rows):
        assert one.notes[0].startswith("Prima (dati inventati): 1° gennaio 2024 - 31 dicembre")
        assert one.notes[1].startswith("Adesso (dati inventati): 1° gennaio 2025")
        assert one.notes[-1] == "Profilo interno: non consegnare."
        assert "profilo interno: non consegnare; dati inventati" in one.title


@pytest.fixture(scope="module")
def corrected(data):
    """Two runs between which a fee, a group, an exit, a reason, a guest and a refuge changed."""
    services, stays = data.register.services.copy(), data.stays.stays.copy()
    homes, activities = data.register.dwellings.copy(), data.stays.activities.iloc[1:]
    services.loc["A1", "daily_fee_eur"] += 2.5
    homes.loc[homes["service_code"] == "U3", "municipality_code"] = "108012"
    left = (stays["exit_date"].dt.year == 2025) & (stays["destination"] == "street")
    stays.loc[left, "destination"] = "owned"
    here = (stays["entry_date"] < "2025-06-01") & ~(stays["exit_date"] < "2025-07-01")
    one = stays.index[here & (stays["target_group"] == "eviction_order")][0]
    stays.loc[one, ["target_group", "over_stay_reason", "guest"]] = ["street", "Rossi Mario", "gzz"]
    register = replace(data.register, services=services, dwellings=homes)
    new = Stays(stays, activities.reset_index(drop=True), data.stays.absences)
    period = Period.year(2025)
    runs = monitor(data.register, data.stays, period), monitor(register, new, period)
    return difference(*runs), one


def lines(sheet, **wanted):
    frame = sheet.frame
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    return frame


@pytest.mark.slow
def test_a_difference_is_told_in_the_words_of_the_template(corrected):
    found, stay = corrected
    figures, data, rows = services_difference.sheets(told_between(found, "internal"), ITALIAN)
    share = lines(figures, variable="positive_exits_share", where="rete intera").iloc[0]
    assert (share["unit"], share["of_data_unit"], share["part_unit"]) == (
        "share", "score", "punti percentuali"
    )  # fmt: skip
    assert share["of_data"] == pytest.approx(100 * (share["new"] - share["old"]))
    assert share["of_data"] > 0
    fee = lines(data, table="servizi").iloc[0]
    assert fee[["row", "status", "field", "old", "new"]].tolist() == [
        "A1", "cambiata", "retta giornaliera (€)", "38", "40,5"
    ]  # fmt: skip
    told = lines(data, table="accoglienze", row=stay).set_index("field")
    assert told.loc["gruppo", ["old", "new"]].tolist() == [
        "sfratto esecutivo", "in strada o in accoglienza notturna"
    ]  # fmt: skip
    for secret in ("ospite", "motivo oltre i 18 mesi"):
        assert told.loc[secret, ["old", "new"]].tolist() == ["", "cambiato"]
    refuge = lines(data, table="alloggi")
    assert set(refuge["new"]) == {"cambiato"}
    assert lines(data, table="attivita")["status"].tolist() == ["tolta"]
    group = lines(rows, row=stay, where="sfratto esecutivo")
    assert "dati: ospite, gruppo, motivo oltre i 18 mesi" in set(group["why"])
    due = lines(rows, label="Rette dovute", table="accoglienze")
    assert "dati: servizi: retta giornaliera (€)" in set(due["why"])
    every = " ".join(str(one) for table in (figures, data, rows)
                     for name in table.frame if name not in ("variable", "unit")
                     for one in table.frame[name])  # fmt: skip
    for code in ("Rossi", "gzz", "eviction_order", "daily_fee_eur", "data:", "108012", "changed"):
        assert code not in every


@pytest.mark.slow
def test_a_difference_in_english(corrected):
    figures, data, rows = services_difference.sheets(
        told_between(corrected[0], "internal"), Voice("en")
    )
    assert "whole network" in set(figures.frame["where"])
    assert "percentage points" in set(figures.frame["part_unit"])
    assert lines(data, table="servizi")[["field", "new"]].to_numpy().tolist() == [
        ["retta giornaliera (€)", "40.5"]
    ]
    assert "data: servizi: retta giornaliera (€)" in set(rows.frame["why"])
    assert figures.notes[-1] == "Internal profile: not to be handed out."


@pytest.mark.slow
def test_a_difference_says_how_much_it_leaves_out(corrected, monkeypatch):
    whole = services_difference.sheets(told_between(corrected[0], "internal"), ITALIAN)
    for name, least in (("_DATA_LINES", 2), ("_ROWS_LISTED", 3), ("_ROWS_OF_FIGURE", 2)):
        monkeypatch.setattr(services_difference, name, least)
    _, data, rows = services_difference.sheets(told_between(corrected[0], "internal"), ITALIAN)
    assert (len(data.frame), len(rows.frame)) == (2, 3)
    assert f"Non elencate: {len(whole[1].frame) - 2} differenze." in data.notes
    assert any(note.startswith("Cifre cambiate di cui non si elencano") for note in rows.notes)


@pytest.mark.slow
def test_data_that_move_no_figure_are_no_identity(data):
    stays = data.stays.stays.copy()
    stays.iloc[0, stays.columns.get_loc("sending_municipality_code")] = "108012"
    new = Stays(stays, data.stays.activities, data.stays.absences)
    runs = [monitor(data.register, one, Period.year(2025)) for one in (data.stays, new)]
    found = difference(*runs)
    said = [
        services_difference.summary(told_between(found, one), ITALIAN)
        for one in ("internal", "published")
    ]
    assert said == [
        "Nessuna cifra è cambiata; righe dei dati cambiate: 1.",
        "Delle misure della rete che le due consegne dicono non ne è cambiata nessuna.",
    ]


def test_a_period_is_past_and_in_order():
    for text, said in (
        ("2025-06-30/2025-01-01", "prima di cominciare"), ("2025-02-01/2025-02-30", "non c'è"),
        ("2999", "comincia il 2999-01-01, dopo oggi"),
        ("2025-01-01/2999-01-01", "dopo oggi: indicare per esempio 2025-01-01/"),
        ("25", "si scrive 2025"),
    ):  # fmt: skip
        with pytest.raises(ParameterError, match=said):
            period_of(text)


@pytest.mark.slow
def test_stays_are_in_the_file_of_the_register_unless_told_and_a_year_may_be_a_number(place):
    written = {"register": "dati/modello_servizi.xlsx", "key": "chiave", "period": 2025}
    found = ServiceFiles.from_mapping(written, place)
    assert found.paths["stays"] == found.paths["register"]
    assert found.period == Period.year(2025)


@pytest.mark.slow
def test_services_outside_the_area_are_said_and_still_counted(published):
    chapter = services_chapters.chapters(finding(published))[0]
    said = next(
        one.text for one in chapter.blocks if isinstance(one, Sentence) and "fuori" in one.text
    )
    assert "Catania" in said and "Monza" not in said
    everywhere = finding(published, units=["108033", "087015"])
    texts = [
        one.text
        for one in services_chapters.chapters(everywhere)[0].blocks
        if isinstance(one, Sentence)
    ]
    assert not any("Catania" in text for text in texts)


# ---------------------------------------------------------------- the six services of the field

MADE_FOR = {
    "a needs analysis: the measures there are, with what the offices did not send": (
        "Misure locali in vigore", "Stanziato", "Beneficiari", "Accordi", "dato non trasmesso",
    ),
    "a network: the same scale at entry, exit, 6 and 12 months, paired": (
        "Variazione della scala: ingresso - uscita", "Variazione della scala: uscita - 6 mesi",
        "Variazione della scala: uscita - 12 mesi", "Variazione della scala: 6 mesi - 12 mesi",
    ),
    "a network over four ambiti: places and outcomes of all in one table": (
        "Monza", "Desio", "Carate Brianza", "Seregno", "Uscite positive", "Posti pronti",
    ),
    "accompaniment: resident members, hours of volunteers, agreements without a fee, credit": (
        "soci", "Ore di volontariato", "senza retta", "mutuo",
    ),
    "transitional dwellings: exits to public housing and to the market": (
        "Uscite: alloggio pubblico (SAP/SAS, ERP)", "Uscite: affitto autonomo",
    ),
    "units: a statement by sending municipality, reviews of the project, the longest stay": (
        "Comune inviante", "Giorni pagati", "Giorni di assenza", "Regola dei giorni",
        "Verifiche dei progetti", "Permanenza massima",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("service", MADE_FOR)
def test_the_example_prints_what_each_of_the_six_services_asks_for(internal, service):
    sheets = services_chapters.sheets(finding(internal))
    said = "\n".join(
        " ".join([one.title, *(column.label for column in one.columns),
                  *(str(cell) for column in one.frame for cell in one.frame[column].unique()),
                  *one.notes])
        for one in sheets
    )  # fmt: skip
    assert [words for words in MADE_FOR[service] if words not in plain(said)] == []
