"""A plan as a document: chapters in the order of the law, nothing left to fill in outside the list."""

import csv
import datetime as dt
import io
import math
import re
from dataclasses import replace

import pandas as pd
import pytest
from plan_books import AREA, LISSONE, about, places, stock, tables, unit, written

from needs_analysis.plans import draft
from needs_analysis.plans.judging import Asked
from needs_analysis.plans.previous import read_previous
from needs_analysis.reports import content
from needs_analysis.reports.chapters import plan_choices
from needs_analysis.reports.model import Blank, Identity, Table, blanks, numbers, plain, texts
from needs_analysis.reports.render import html, workbook
from needs_analysis.reports.render.blanks import to_fill
from needs_analysis.study.plans import find_plan
from needs_analysis.words import Voice
from reports.render.test_same_numbers import Word, compare, without_key

TODAY = dt.date(2026, 12, 1)
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>{0}'


def made(folder, kind="annual", voice=None, previous=None, year=2027, **given):
    own = written(folder, kind, f"{kind}.xlsx", **given) if given else None
    plan = draft(AREA, kind, year, own, previous, as_of=TODAY)
    return content.compose_plan(find_plan(plan, voice or Voice()))


@pytest.fixture(scope="module")
def annual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    before = tables(2026) | {"stock": stock().assign(SAP=lambda one: one["SAP"] + 1)}
    return made(folder, previous=written(folder, name="prima.xlsx", **before), **tables())


@pytest.fixture(scope="module")
def found():
    return find_plan(draft(AREA, "annual", 2027, as_of=TODAY))


@pytest.fixture(scope="module")
def bare(found):
    return content.compose_plan(found)


def keys(document):
    return [one.key for one in document.chapters if not one.annex]


def all_tables(document):
    return {
        one.key: one for part in document.chapters for one in part.blocks if isinstance(one, Table)
    }


def words(document):
    said = [
        plain(text)
        for part in document.chapters
        for block in part.blocks
        for _, text in texts(block)
    ]
    return " ".join(said)


def test_a_yearly_plan_has_the_order_of_the_law(annual):
    assert keys(annual) == [
        "iter", "dinamiche", "fragilita", "mercato", "redditi", "sfratti", "comuni", "bisogno",
        "fabbisogno", "patrimonio", "assegnabili", "divario", "scelte", "scelte-transitional",
        "scelte-indigence", "scelte-categories", "scelte-local", "scelte-police", "misure",
        "attivabili", "assegnati", "precedente", "questioni",
    ]  # fmt: skip
    assert [one.key for one in annual.chapters if one.annex] == ["verifiche", "fonti", "limiti"]


def test_totals_are_those_of_the_rows(annual):
    shown = all_tables(annual)
    last = shown["patrimonio"].frame.iloc[-1]
    assert last[["stock_SAP", "stock_SAS", "stock_SAT"]].tolist() == [616, 20, 7]
    assert shown["assegnabili"].frame["assignable_total"].iloc[-1] == 37
    assert shown["assegnabili per stanze"].frame["rooms_total"].iloc[-1] == 37
    assert set(shown["verifiche somme"].frame["verdict"]) == {"adds_up"}


def test_the_check_sheet_says_rule_base_date_computed_entered_and_verdict(annual):
    sheet = next(one for one in annual.sheets if one.key == "verifiche")
    row = sheet.frame.loc[f"indigence_{LISSONE}_municipality"]
    assert row[["base", "day", "computed", "entered"]].tolist() == [11, "2026-10-31", 3, 3]
    assert row["verdict_said"] == "rispettata"
    assert (row["article"], bool(row["version"])) == ("R.R. 4/2017 art. 13 c. 1 e 3", True)
    assert {one.name for one in sheet.columns} >= {
        "rule_said", "article", "version", "base", "day", "computed", "entered", "verdict_said"
    }  # fmt: skip


def test_what_is_left_to_fill_in_is_listed_and_nothing_else(annual, bare):
    for document in (annual, bare):
        listed = [row["Chiave"] for row in csv.DictReader(io.StringIO(to_fill(document)[1:]),
                                                          delimiter=";")]  # fmt: skip
        asked = [key for key, _, _ in blanks(document.chapters)]
        assert listed == asked
        assert len(set(asked)) == len(asked)
        page = html.page(document)
        assert page.lower().count(">da compilare<") + page.count('class="blank"') >= len(asked)
    assert f"transitional_{LISSONE}_aler:entered" not in [k for k, _, _ in blanks(annual.chapters)]


def test_without_an_input_there_are_public_figures_and_questions(bare):
    asked = {key for key, _, _ in blanks(bare.chapters)}
    assert asked >= {"plan_stock", "plan_assignable", "plan_indigence", "plan_measures",
                     "plan_applications", "plan_assigned", "plan_objectives", "plan_questions",
                     "iter_lead_code:said", "need_question_foreclosure:households"}  # fmt: skip
    assert "divario" not in keys(bare)
    assert all_tables(bare)["fragilità"].frame["area"].notna().any()


def test_a_chapter_of_a_piano_di_zona_is_of_any_region(found):
    """Neither a law of Lombardy nor its housing companies stand there."""
    of_zone = content.compose_plan(replace(found, plan=replace(found.plan, kind="zone")))
    said = words(of_zone) + to_fill(of_zone)
    assert re.findall(r"ALER|[LR]\.R\. \d+/20\d\d", said) == []


def test_need_stands_beside_homes_only_with_the_staircase(annual):
    part = next(one for one in annual.chapters if one.key == "divario")
    shown = {one.key: one for one in part.blocks if isinstance(one, Table)}
    assert len(shown) == 2
    steps = shown["bisogno divario oggi"].frame["said"].map(plain)
    # As they are and free, with rooms known: 3 + 3 + 4 + 3 + 8 + 6 public, 2 social.
    assert steps["need_gap_stock_all_free_ready"] == "29"


def test_small_counts_of_measures_and_lists_do_not_leave(annual):
    told = all_tables(annual)["misure esistenti"].frame.set_index("measure_name")
    assert pd.isna(told.loc["Morosità incolpevole", "beneficiaries"])
    assert pd.isna(told.loc["Morosità incolpevole", "spent_eur"])
    primary = all_tables(annual)["bisogno primario"].frame
    assert primary.loc[
        "need_primary_4_to_16000", ["applications_low", "applications_high"]
    ].tolist() == [1, 5]
    assert primary.loc["need_primary_1_to_3000", "applications_low"] == 31


def test_a_difference_without_a_reason_is_a_question(annual):
    table = all_tables(annual)["confronto"]
    assert len(table.frame) == len(table.blanks) == 26
    assert set(table.frame["difference"]) == {-1}


def test_the_plan_is_read_by_the_next_one(annual, tmp_path):
    path = tmp_path / "plan.xlsx"
    workbook.write(annual.sheets, path, title="Piano")
    asked = Asked("annual", 2028, "Carate Brianza", dict(places()), TODAY, {})
    before = read_previous(path, asked)
    assert before.year == 2027
    assert before.rows.loc[(LISSONE, "aler", "stock_SAP"), "units"] == 120
    assert len(before.rows) == 26 * 3 + 10
    with pytest.raises(Exception, match="Carate"):
        read_previous(path, Asked("annual", 2028, "Seregno", {}, TODAY, {}))


def test_in_english_too_the_next_plan_reads_it(tmp_path):
    document = made(tmp_path, voice=Voice("en"), about=about(), stock=stock())
    path = tmp_path / "plan.xlsx"
    workbook.write(document.sheets, path, title="Plan", voice=Voice("en"))
    asked = Asked("annual", 2028, "Carate Brianza", dict(places()), TODAY, {})
    assert len(read_previous(path, asked).rows) == 26 * 3
    assert "yearly plan" in document.title


@pytest.fixture(scope="module", params=["triennial", "zone"])
def other(request, tmp_path_factory):
    """A plan of another kind, filled in."""
    kind = request.param
    given = {
        "about": about(kind), "stock": stock(),
        "turnover": pd.DataFrame([{"municipality_code": LISSONE, "owner": "aler", "service": "SAP",
                                   "units": 12.0, "day": pd.Timestamp("2026-10-31")}]),
        "strategies": pd.DataFrame([{"line": "objective", "text": "Dieci alloggi sistemati",
                                     "who": "ALER", "resources_eur": 300_000.0}]),
        "local_services": pd.DataFrame([{"service_name": "Rete appartamenti", "body_name": "Cooperativa",
                                         "places": 12.0}]),
        "measures": tables()["measures"], "applications": tables()["applications"],
    }  # fmt: skip
    return kind, made(tmp_path_factory.mktemp(kind), kind, **given)


ORDER = {
    "triennial": ["iter", "dinamiche", "bisogno", "fabbisogno", "patrimonio", "liberabili",
                  "strategie", "precedente", "questioni"],
    "zone": ["iter", "bisogno", "fabbisogno", "dinamiche", "servizi", "misure", "strategie",
             "precedente", "questioni"],
}  # fmt: skip


def test_the_other_kinds(other):
    kind, document = other
    assert [one for one in keys(document) if one in ORDER[kind]] == ORDER[kind]
    page = html.page(document)
    assert "Dieci alloggi sistemati" in page
    assert "--previous" not in page  # what an official reads names no command
    asked = {key for key, _, _ in blanks(document.chapters)}
    assert asked >= {"plan_strategy", "plan_distress", "plan_emergency"}
    assert "plan_objective" not in asked
    assert "2027-2029" in document.title
    assert document.subtitle.startswith("Bozza.")


def test_sums_are_checked_where_there_is_a_stock(other):
    kind, document = other
    checked = [one.key for one in document.chapters if one.annex]
    assert ("verifiche" in checked) == (kind == "triennial")
    if kind == "triennial":
        sums = all_tables(document)["verifiche somme"].frame
        assert sums[["one", "other"]].to_numpy().tolist() == [[616, 616], [20, 20], [7, 7]]


def test_hostile_text_is_text(tmp_path):
    given = tables()
    given["about"] = about(act=HOSTILE)
    given["questions"] = pd.DataFrame([{"question": HOSTILE, "who": "Ufficio di piano"}])
    given["objectives"] = pd.DataFrame([{"objective": HOSTILE}])
    document = made(tmp_path, **given)
    page = html.page(document)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert any(HOSTILE in row for row in csv.reader(io.StringIO(to_fill(document)[1:]), delimiter=";")
               for row in row) or HOSTILE in to_fill(document).replace('""', '"')  # fmt: skip


def test_numbers_of_sentences_have_a_cell(annual):
    said = {one.key for part in annual.chapters for block in part.blocks
            for _, text in texts(block) for one in numbers(text)}  # fmt: skip
    cells = {key for one in annual.sheets for _, _, key in one.numbered()}
    assert said <= cells
    assert not [one for part in annual.chapters for one in part.blocks
                if isinstance(one, Blank) and one.key in cells]  # fmt: skip


@pytest.mark.slow
def test_every_form_prints_the_same_number_under_a_key(annual, tmp_path):
    # Who made it and when stands at the foot of the pages of one form and in the text of another.
    assert compare(replace(annual, identity=Identity()), tmp_path) > 400
    loose = [
        re.sub(r"^\d+ novembre", "", one).strip() for one in without_key(Word(tmp_path / "a.docx"))
    ]
    assert not any(loose)


@pytest.mark.slow
def test_every_form_of_the_other_kinds_prints_the_same_numbers(other, tmp_path):
    kind, document = other
    least = {"triennial": 350, "zone": 250}
    assert compare(replace(document, identity=Identity()), tmp_path) > least[kind]


def test_a_share_of_the_law_has_decimals_only_where_it_is_no_whole_per_cent(annual):
    said = words(annual)
    assert "Almeno il 20 % degli alloggi" in said
    assert ",0 % degli alloggi" not in said
    sheet = next(one for one in annual.sheets if one.key == "verifiche")
    units = {one.name: one.unit for one in sheet.columns}
    assert (units["share"], units["entered_share"]) == ("whole_share", "whole_share")
    assert [plan_choices._unit(one) for one in ([0.2, math.nan], [0.2, 0.125])] == [
        "whole_share", "share",
    ]  # fmt: skip


def test_a_base_that_the_law_does_not_give_is_a_question(tmp_path):
    # 10 % of the 6 units of ALER at Lissone makes none, of the 37 of the plan three.
    given = tables()
    rows = given["reserves"]
    aler = (rows["municipality_code"] == LISSONE) & (rows["owner"] == "aler")
    rows.loc[aler, ["transitional_units", "indigence_units"]] = [1.0, 3.0]
    document = made(tmp_path, **given)
    asked = {key for key, _, _ in blanks(document.chapters)}
    assert asked >= {"plan_base_transitional", "plan_base_categories", "plan_base_police",
                     f"plan_clarify_transitional_{LISSONE}_aler",
                     f"plan_clarify_indigence_{LISSONE}_aler"}  # fmt: skip
    assert "plan_base_indigence" not in asked
    sheet = next(one for one in document.sheets if one.key == "verifiche").frame
    said = sheet.loc[f"transitional_{LISSONE}_aler"]
    assert said["base_said"].startswith("base non data dal testo visto: calcolata su alloggi SAP")
    assert said["verdict_said"] == "oltre la quota: da chiarire"
    assert sheet.loc[f"indigence_{LISSONE}_municipality", "base_said"].startswith(
        "base: alloggi SAP"
    )


def test_internal_rows_are_whole_and_say_so(tmp_path):
    own = written(tmp_path, name="a.xlsx", **tables())
    plan = draft(AREA, "annual", 2027, own, as_of=TODAY)
    document = content.compose_plan(find_plan(plan, Voice(), "internal"))
    told = all_tables(document)["misure esistenti"].frame.set_index("measure_name")
    assert told.loc["Morosità incolpevole", "beneficiaries"] == 3
    assert "Non consegnare" in document.warning


def test_a_unit_without_rooms_is_no_supply(tmp_path):
    given = {"about": about(), "assignable": pd.DataFrame([unit(LISSONE, units=2.0, rooms=None)])}
    document = made(tmp_path, **given)
    assert "divario" not in keys(document)
    assert (
        all_tables(document)["assegnabili per stanze"].frame["place"].iloc[-2] == "stanze non dette"
    )
