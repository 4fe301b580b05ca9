"""What the page opens with, and what the composite index may say where it stays."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from indices import DISTRESS

from needs_analysis import study
from needs_analysis.composite import confront
from needs_analysis.households.columns import COLUMNS
from needs_analysis.indicators import registry
from needs_analysis.indicators.marks import mark_words, marks
from needs_analysis.reports import content, findings, open_data
from needs_analysis.reports.chapters import index as index_chapter
from needs_analysis.reports.chapters import index_ranks, opening, rents
from needs_analysis.reports.chapters import municipalities as by_municipality
from needs_analysis.reports.chapters import patterns as patterns_chapter
from needs_analysis.reports.findings import external_check
from needs_analysis.reports.maps.theme import CLUSTER, COMPOSITES, SCORE, TYPE, read_theme
from needs_analysis.reports.model import Chapter, Picture, Sentence, Table, plain, texts
from needs_analysis.territory import municipalities, select
from needs_analysis.territory.border import near_switzerland
from needs_analysis.words import Voice

pytestmark = pytest.mark.usefixtures("few_draws")

BURDENED = "overburdened_tenants_per_1000"
CORTINA, LIVIGNO, ALASSIO, RHO, LIRIO = "025016", "014037", "009001", "015182", "018082"


def of(area: str, **more):
    return findings.find(select(area), **more)


def said(chapter) -> str:
    texts = [plain(f"{one.lead} {one.text} {one.note}") for one in chapter.blocks
             if isinstance(one, Sentence)]  # fmt: skip
    return " ".join(texts)


def observed(found):
    """What is said of rents and evictions where their chapters begin."""
    return Chapter("", "", (opening.rent(found), opening.evicted(found)))


@pytest.fixture(scope="module")
def carate():
    return of("ambito:Carate Brianza")


@pytest.fixture(scope="module")
def cortina():
    return of("comune:Cortina d'Ampezzo", spec=DISTRESS)


@pytest.fixture(scope="module")
def scored():
    """An area of a study that declares an index."""
    return of("ambito:Carate Brianza", spec=DISTRESS)


# --- the opening


@pytest.mark.slow
def test_the_index_leaves_the_opening(scored):
    chapters = content.compose(scored).chapters
    keys = [one.key for one in chapters]
    assert keys[:2] == ["breve", "frasi"]
    assert {"mappa", "confronto", "comuni", "sfratti"} < set(keys[: keys.index("prova")])
    assert [one.annex for one in chapters] == sorted(one.annex for one in chapters)
    before = [one for one in chapters if not one.annex]
    words = " ".join(said(one) for one in before)
    assert "ndice composito" not in words and "disagio" not in words and "posto" not in words
    page = next(one for one in chapters if one.key == "comuni").blocks[0]
    assert not {"rank", DISTRESS.name} & {one.name for one in page.columns}


@pytest.mark.slow
def test_chapters_chosen_keep_their_order_and_trace_only_what_is_said(carate):
    every = content.compose(carate)
    some = content.compose(replace(carate, parts=("tracce", "confronto", "breve")))
    assert [one.key for one in some.chapters] == ["breve", "confronto", "tracce"]
    assert [one.key for one in some.sheets] == ["Word confronto", "confronto", "totali", "numeri"]
    assert some.chapters[0] == every.chapters[0]
    traced = {one.key for one in some.chapters[2].blocks}
    assert traced == {f"area:{opening.RENT}", "area:low_income_share", "area:eviction_orders"}
    assert traced < {one.key for one in every.chapters[-1].blocks}
    alone = content.compose(replace(carate, parts=("tracce", "limiti")))
    assert [one.key for one in alone.chapters] == ["limiti"]


def test_a_sentence_points_to_no_table_that_was_left_out(carate):
    for key in ("breve", "frasi", "mappa", "confronto", "sfratti", "fonti", "limiti"):
        made = content.compose(replace(carate, parts=(key,)))
        words = " ".join(
            plain(text) for one in made.chapters for block in one.blocks for _, text in texts(block)
        )
        found = re.findall("nella tabella|sta nelle tabelle|mappa e tabelle|Excel|foglio", words)
        assert found == [], key


def test_who_is_marked_and_small_is_looked_up_where_the_tables_are():
    valley = of("provincia:SO")
    note = plain(rents._rents_between(valley).note)
    assert "Chi sono e perché: nella tabella per comune." in note
    assert "ordinati: sta nelle tabelle, con il suo ambito." in note
    alone = plain(rents._rents_between(replace(valley, parts=("mappa",))).note)
    assert "i comuni segnati (" in alone and "tabell" not in alone
    assert "non entra negli elenchi ordinati." in alone
    # The page gives the provinces of so many municipalities.
    large = plain(rents._rents_between(of("provincia:CN")).note)
    assert "i comuni segnati (" in large and "nella tabella per comune" not in large


@pytest.mark.parametrize(
    ("area", "words"),
    [
        ("provincia:MB", (
            "Il canone di mercato di un'abitazione di 75 m² (OMI, 2018/2) vale il 18,5 % del reddito "
            "medio di un dichiarante (2021): meno che in Lombardia (19,7 %) e meno che in Italia "
            "(20,7 %).",
            "Nel 2024 in provincia di Monza e della Brianza sono stati emessi 1,86 provvedimenti di "
            "sfratto ogni 1.000 famiglie: più che in Lombardia (1,46) e più che in Italia (1,56).",
            "Dato osservato della provincia: per comune non è pubblicato.",
        )),
        ("comune:Lirio", ("Per questo territorio manca il canone OMI (2018/2)",)),
        ("provincia:CT", ("i provvedimenti della provincia di Catania non sono stati trasmessi",
                          "il dato manca, non è zero")),
        # All 795 stand under the rest of it, and are as many as elsewhere.
        ("provincia:BG", ("in provincia di Bergamo sono stati emessi 1,68 provvedimenti di",)),
        ("Italia", ("vale il 20,7 % del reddito medio di un dichiarante (2021).",
                    "Dato osservato delle province che lo hanno trasmesso.")),
        ("108033,013075", ("Ripartito dalle province per famiglie: è un ordine di grandezza.",)),
    ],
)  # fmt: skip
def test_what_opens_is_observed_and_says_how_good_it_is(area, words):
    text = said(observed(of(area)))
    for one in words:
        assert one in text


def test_the_opening_in_english():
    text = said(observed(of("comune:Rho", voice=Voice("en"))))
    assert "The market rent of a dwelling of 75 m² (OMI, 2018/2) is 20.5 %" in text
    assert "more than in Lombardia (19.7 %)" in text and "eviction orders per 1,000" in text


def test_the_chapter_of_the_map_speaks_of_what_it_draws(carate):
    _, sentence, picture = rents.rents_on_the_map(carate).blocks
    label = carate.declared[opening.RENT].label_in(carate.voice)
    assert picture.title == label and sentence.lead == f"{label}."
    values = carate.indicators.data.loc[carate.codes, opening.RENT]
    unmarked = values[~carate.marks.loc[carate.codes].any(axis=1)]
    name = carate.area.loc[unmarked.idxmax(), "municipality_name"]
    assert f"di {name}." in sentence.text
    assert "comuni segnati (1)" in plain(sentence.note)


def test_the_map_opens_on_the_households_that_rent_too_dear():
    theme = read_theme("distress", [*registry(), *COMPOSITES])
    assert theme.default == BURDENED
    assert theme.indicators[-3:] == (SCORE, CLUSTER, TYPE)


# --- marks


def test_marked_places_have_figures_and_no_rank(national, index):
    found = marks(national)
    assert found.loc[[CORTINA, LIVIGNO, ALASSIO], "non_resident_market"].all()
    assert not found.loc[RHO].any()
    beds = 1000 * national.data["accommodation_beds"] / national.data["resident_population"]
    assert found.loc[beds > 100, "non_resident_market"].all()
    ranked = index.rank_among(found.index[~found.any(axis=1)])
    assert ranked[found.any(axis=1)].isna().all()
    assert ranked.min() == 1 and ranked.count() == 6099
    assert index.score.notna().sum() == 7342  # they stay in the reference: no score moves


def test_the_rent_of_a_mark_is_against_province_and_degree_of_urbanisation(national):
    found, data = marks(national), national.data
    beds = 1000 * data["accommodation_beds"] / data["resident_population"]
    alone = found.index[found["non_resident_market"] & ~(beds > 100)]
    assert len(alone) > 50
    code = alone[0]
    province = municipalities()["province_code"]
    alike = (province == province[code]) & (
        data["urbanisation_code"] == data["urbanisation_code"][code]
    )
    rents = data["annual_rent_eur"][alike.reindex(data.index)]
    assert rents[code] > 1.3 * rents.median()
    wide = marks(national, {"non_resident_market_rent_ratio": 100.0})
    assert not wide.loc[code, "non_resident_market"]


def test_foreign_incomes_are_near_switzerland(national, computed):
    found = marks(national)["foreign_incomes"]
    near = near_switzerland(20_000)
    units = municipalities()
    assert set(found.index[found]) <= set(near)
    assert set(units.loc[near, "region_name"].str[:4]) <= {"Piem", "Lomb", "Vall", "Tren"}
    como = units.index[units["province_name"] == "Como"]
    low = computed.data.loc[como, "low_income_share"]
    assert (low[found[como]] > low.quantile(0.9)).all()
    assert "013040" in near  # Campione d'Italia, inside Switzerland


def test_marks_in_words():
    frame = pd.DataFrame({"non_resident_market": [True, False]}, index=["a", "b"])
    frame["foreign_incomes"] = False
    words = mark_words(frame, Voice("en"))
    assert words["a"] == "market not of residents" and pd.isna(words["b"])


@pytest.mark.slow
def test_a_marked_municipality_is_told_so_wherever_the_index_stands(cortina):
    chapter = index_chapter.chapter(cortina)
    text = said(chapter)
    assert "il comune è segnato (mercato non dei residenti) e non prende posto" in text
    assert not re.search(r"Cortina d'Ampezzo è al posto", text)
    sheet = index_chapter.index_table(cortina)
    own = sheet.frame.loc[CORTINA]
    assert own["marks"] == "mercato non dei residenti" and np.isnan(own["rank"])
    assert own[DISTRESS.name] > 120
    assert (
        by_municipality.page_table(cortina).frame.loc[CORTINA, "marks"]
        == "mercato non dei residenti"
    )
    lines = index_chapter.first_lines(cortina)
    assert not any(line.endswith("Cortina d'Ampezzo") for line in lines)


@pytest.mark.slow
def test_the_map_ranks_no_marked_municipality_in_the_index(cortina):
    page = study.area_map(cortina).get_root().render()
    data = json.loads(re.search(r'id="na-data"[^>]*>(.*?)</script>', page, re.DOTALL).group(1))
    names = [one["name"] for one in data["indicators"]]
    assert names[data["first"]] == BURDENED
    by_name = dict(zip(names, data["indicators"], strict=True))
    assert by_name[DISTRESS.name]["rank_of"] == 6099
    assert by_name[opening.RENT]["rank_of"] == 7351
    assert cortina.shown.index.get_loc(CORTINA) in data["unlisted"]
    assert data["details"][0]["label"] == "Segni" and data["details"][0]["in_tip"]
    burdened = by_name[BURDENED]
    assert "rank_of" not in burdened and burdened["decimals"] == 0  # Belluno is small, or marked
    assert "interval_text" not in burdened  # of a model, not of blank classes
    below = by_name["below_rent_threshold_share"]
    assert below["interval_text"].endswith("contando le classi di reddito lasciate in bianco")


# --- the external check


def test_the_index_does_not_follow_evictions_and_says_so(national, index):
    found = external_check.confronted(index.score, national).loc[("orders", "italy")]
    assert found["index_units"] == 103
    assert [round(found[f"index_{one}"], 2) for one in ("correlation", "low", "high")] == [
        -0.07, -0.26, 0.12
    ]  # fmt: skip
    assert round(found["density_correlation"], 2) == 0.43


@pytest.mark.slow
def test_the_check_stands_beside_the_index(scored):
    chapter = index_chapter.chapter(scored)
    first = chapter.blocks[0]
    assert "non misura il bisogno di casa" in first.text
    text = plain(first.text)
    assert "Non segue gli sfratti delle province" in text
    assert "è -0,07 (95 %: da -0,26 a 0,12; 103 province)" in text
    table = next(one for one in chapter.blocks if isinstance(one, Table))
    assert list(table.frame["index_units"].iloc[:4]) == [103, 47, 22, 34]
    assert table.key in [one.key for one in index_chapter.sheets(scored)]


def test_a_score_that_follows_is_told_from_one_that_does_not(national):
    rate = national.data["eviction_orders"] / national.data["households"]
    found = external_check.confronted(rate, national).loc[("orders", "italy")]
    assert found["index_low"] > 0.9
    few = rate.where(rate.index.str.startswith("015"))
    assert np.isnan(external_check.confronted(few, national).loc[("orders", "italy"), "index_low"])


def test_the_interval_is_bonett_and_wrights():
    rng = np.random.default_rng(3)
    one = pd.Series(rng.normal(size=28))
    other = one + pd.Series(rng.normal(size=28))
    found = confront(one, other).loc[""]
    r = one.corr(other, method="spearman")
    half = 1.959963984540054 * ((1 + r**2 / 2) / 25) ** 0.5
    assert found["correlation"] == pytest.approx(r)
    assert found["low"] == pytest.approx(np.tanh(np.arctanh(r) - half))
    assert confront(one.head(9), other)["correlation"].isna().all()
    assert confront(one * 0, other)["correlation"].isna().all()


# --- a chart with nothing to show is a sentence


@pytest.mark.slow
def test_no_group_is_a_sentence_and_no_grey_map(carate):
    chapter = patterns_chapter.patterns(carate)
    assert "nessuno dei comuni mostrati (13) sta in un gruppo" in said(chapter)
    assert "gruppi" not in [one.key for one in chapter.blocks if isinstance(one, Picture)]


@pytest.mark.slow
def test_one_type_is_a_sentence_and_no_solid_block(carate):
    labels = carate.types.labels.reindex(carate.codes)
    same = labels.index[labels == labels.mode().iloc[0]]
    found = of(",".join(same[:3]))
    chapter = patterns_chapter.patterns(found)
    assert "I comuni mostrati sono tutti dello stesso tipo" in said(chapter)
    assert "tipi" not in [one.key for one in chapter.blocks if isinstance(one, Picture)]


def test_a_map_of_one_value_is_a_sentence():
    found = of(f"{LIRIO},{RHO}")
    _, sentence = rents.rents_on_the_map(found).blocks
    assert "20,5 % in ogni comune con il dato" in plain(sentence.text)


# --- what a list may hold


@pytest.mark.slow
def test_the_opening_of_a_marked_municipality_says_its_mark_beside_the_figure(cortina, carate):
    text = said(observed(cortina))
    assert "vale il 70,7 % (mercato non dei residenti) del reddito medio" in text
    assert "mercato non dei residenti" not in said(observed(carate))


@pytest.mark.slow
def test_what_is_ordered_holds_no_municipality_under_two_thousand_households():
    """Valtellina's first places are small: they stand in the tables, by name, with their ambito."""
    found = of("provincia:SO", spec=DISTRESS)
    households = found.panel.data["households"]
    assert (households[found.listed] >= 2000).all() and not set(found.listed) - set(found.ranked)
    assert found.rank[found.codes].idxmin() not in found.listed  # what came first before
    named = [name for code, name in found.area["municipality_name"].items()
             if code not in found.listed]  # fmt: skip
    first = index_chapter._here(found).text + index_ranks.places(found).text
    between = rents._rents_between(found)
    for text in (first, between.text, *index_chapter.first_lines(found)[-5:]):
        assert not [name for name in named if re.search(rf"\\b{re.escape(name)}\\b", plain(text))]
    assert "meno di 2.000 famiglie" in plain(between.note)
    codes, words = index_ranks.drawn_rows(found, 60)
    assert set(codes) <= set(found.listed)


@pytest.mark.slow
def test_tables_are_in_the_order_of_names_and_say_the_ambito_of_small_ones(scored):
    names = {one.key: one for one in content.sheets(scored)}
    for key in ("indice", "posti e intervalli"):
        listed = list(names[key].frame["municipality_name"])
        assert listed == sorted(listed)
    heads = {one.name: one.label for one in names["indice"].columns}
    assert heads["small"] == "Meno di 2.000 famiglie"
    shown = names["indice"].frame["small"]
    few = scored.panel.data.loc[shown.index, "households"] < 2000
    assert few.any() and not few.all()
    assert (shown[few] == "ambito di Carate Brianza").all() and (shown[~few] == "").all()
    (table,) = by_municipality.by_municipality(scored).blocks
    assert table.frame.loc["108037", "municipality_name"] == "Renate (ambito di Carate Brianza)"
    assert table.frame.loc["108015", "municipality_name"] == "Carate Brianza"


@pytest.mark.slow
def test_what_a_model_estimates_ranks_unmarked_places_over_thirty_thousand_residents(carate):
    ranked = carate.ranks[BURDENED].dropna()
    assert (carate.whole.data.loc[ranked.index, "resident_population"] > 30_000).all()
    assert not carate.marks.loc[ranked.index].any(axis=None)
    assert sorted(ranked)[:2] == [1, 2] and len(ranked) > 150
    assert carate.ranks_alike[BURDENED].notna().sum() == len(ranked)
    sheets = {one.key: one for one in content.sheets(carate)}
    heads = [one.label for one in sheets["intervalli"].columns]
    assert any(one.startswith("Minimo della stima: Famiglie in affitto") for one in heads)
    assert any("Minimo (classi in bianco): Dichiaranti sotto" in one for one in heads)
    table = sheets["posti in Italia"]
    assert (
        "small" in table.frame
        and "fra i comuni senza segni con più di 30.000 residenti" in table.notes[0]
    )


def test_the_share_of_declarants_stands_beside_the_households(carate):
    ten = next(one for one in content.compose(carate).chapters if one.key == "frasi")
    text = next(plain(one.text) for one in ten.blocks if one.lead.startswith("Il reddito che il"))
    assert "contate una a una; fra le famiglie in affitto sul mercato paga oltre il 40 %" in (
        text.replace("\N{NO-BREAK SPACE}", " ")
    )
    (table,) = by_municipality.by_municipality(carate).blocks
    names = [one.name for one in table.columns]
    assert BURDENED in names and "below_rent_threshold_share" not in names


def test_open_data_has_no_decimal_of_a_modelled_count(carate):
    names = set(open_data.long_form(carate)["variable"])
    assert BURDENED in names and not names & set(COLUMNS)
