"""The chapter on need over real areas: what it says, and what it never prints."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from need_counts import filled

from needs_analysis import panel as panels
from needs_analysis import study
from needs_analysis.figures import Quality
from needs_analysis.households import italy
from needs_analysis.needs import estimate, read_counts
from needs_analysis.needs.counts_book import BOOK
from needs_analysis.reports import content, findings, open_data
from needs_analysis.reports.chapters import need as chapter
from needs_analysis.reports.chapters import (
    need_compared,
    need_levels,
    need_map,
    need_tables,
    need_words,
)
from needs_analysis.reports.chapters.need_view import view_of
from needs_analysis.reports.model import (
    FIGURE,
    JUDGEMENT,
    Picture,
    Sentence,
    Table,
    numbers,
    plain,
    texts,
)
from needs_analysis.reports.render import html, workbook
from needs_analysis.territory import select
from needs_analysis.told.needs import tell_need
from needs_analysis.words import Voice
from reports.test_numbers import CLOSED, Page

pytestmark = pytest.mark.slow

RHO, AGNONE, LIRIO = "015182", "094002", "018082"
AREAS = (
    "comune:Rho", "ambito:Carate Brianza", "comune:Agnone", "comune:Lirio",
    "comune:Cortina d'Ampezzo", "comune:Milano",
)  # fmt: skip
DAY = dt.date(2026, 6, 30)


def of(area, own=None, **options):
    """Return the findings of an area with what may be told of its need."""
    where = select(area)
    found = findings.find(where, **options)
    told = tell_need(estimate(panels.build(where), own=own), "published")
    return replace(found, need=told)


@pytest.fixture(scope="module", autouse=True)
def few_moves():
    """Vary the assumptions on few points: which they are called is looked at, not by how much."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(italy, "TORNADO_POINTS", 8)
        yield


def joined(chapters):
    """The chapter and its annex as one: what it says, then what it rests on."""
    return replace(chapters[0], blocks=tuple(block for one in chapters for block in one.blocks))


@pytest.fixture(scope="module", params=AREAS)
def made(request, tmp_path_factory):
    """Make the page and the workbook of a real area."""
    found = of(request.param, parts=("breve", "bisogno", "frasi", "comuni"))
    briefing = content.compose(found)
    path = tmp_path_factory.mktemp("need") / "tables.xlsx"
    workbook.write(briefing.sheets, path, title="Prova")
    own = joined([one for one in briefing.chapters if one.key.startswith("bisogno")])
    return found, briefing, own, html.page(briefing), openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def rho():
    return of("comune:Rho", parts=("breve", "bisogno"))


def words(block):
    parts = [block.text, block.note] if isinstance(block, Sentence) else []
    if isinstance(block, Table):
        parts = [block.title, *block.notes]
        parts += [str(one) for column in block.columns for one in block.frame[column.name]]
    if isinstance(block, Picture):
        parts = [block.title, block.alternative, *block.notes]
    return " ".join(plain(one) for one in parts).replace("\xa0", " ")


def said(own):
    return " ".join(words(one) for one in own.blocks)


def of_need(book):
    """Return the sheets of the chapter that hold counts."""
    return [
        sheet for sheet in book
        if sheet.title.startswith("bisogno") and not sheet.title.endswith("assunzioni")
    ]  # fmt: skip


# --- what it says


def test_the_answer_comes_first_and_names_its_groups(made):
    found, briefing, own, _, _ = made
    assert [one.key for one in briefing.chapters][:2] == ["breve", "bisogno"]
    first = own.blocks[0]
    assert words(first).startswith(found.need.headline())
    assert first.lead == "Quante famiglie." and "(stima): " in words(first)
    # Whoever reads the whole reads what it holds, in the table too.
    table = next(one for one in own.blocks if isinstance(one, Table))
    total = table.frame.loc[need_words.DISTINCT, "label"]
    assert "che pagano oltre il 40 % del reddito e famiglie con uno sfratto esecutivo" in total


def test_the_briefing_opens_with_the_answer_and_leaves_the_list_of_the_uncounted_to_the_chapter(
    made,
):
    _, briefing, own, _, _ = made
    first = briefing.chapters[0].blocks[0]
    assert first.role == JUDGEMENT and plain(first.lead) in ("Comune di Rho.", f"{made[0].label}.")
    households = next(one for one in briefing.chapters[0].blocks if one.role == FIGURE)
    counted = plain(households.text).replace("\xa0", " ")
    assert households.lead == "Famiglie in bisogno" and counted in words(own.blocks[0])
    assert "Non sono nel numero" not in plain(first.note)
    assert "Non sono nel numero" in plain(own.blocks[0].note)


def test_every_number_has_its_key_and_its_cell(made):
    _, _, own, page, book = made
    keys = {one.key for block in own.blocks for _, text in texts(block) for one in numbers(text)}
    for key in keys:
        place = re.search(
            rf'data-key="(?:[^"]*;)?{re.escape(key)}[;"][^>]*data-cell="([^"]+)"', page
        )
        assert place, key
    for block in own.blocks:
        for _, text in texts(block):
            for one in numbers(text):
                found = re.search(rf'data-key="{re.escape(one.key)}" data-cell="([^"]+)"', page)
                if found:
                    sheet, _, cell = found[1].rpartition("!")
                    value = book[sheet.strip("&#39;'")][cell].value
                    assert value == pytest.approx(one.value), one.key


def test_a_number_without_a_key_is_a_rule_or_a_band(made):
    _, briefing, own, _, _ = made
    page = Page(html.page(replace(briefing, chapters=(own,))))
    left = []
    for text in page.loose:
        rest = " ".join(text.split())
        for one in (pattern for kinds in CLOSED.values() for pattern in kinds):
            rest = re.sub(one, " ", rest)
        left += [rest] if re.search(r"\d", rest) else []
    assert left == []


def test_what_no_figure_counts_is_a_question_and_never_nought(made):
    found, _, own, _, book = made
    table = own.blocks[-1]
    assert table.key == "bisogno domande" and "non è zero" in words(table)
    asked = {one.removeprefix("need_question_") for one in table.frame.index}
    assert set(found.need.absent) <= asked
    groups = next(one for one in own.blocks if isinstance(one, Table)).frame
    assert not {f"need_{one}" for one in found.need.absent} & set(groups.index)
    for sheet in of_need(book):
        cells = [cell.value for row in sheet.iter_rows() for cell in row]
        assert 0 not in [one for one in cells if isinstance(one, float | int)], sheet.title


def test_no_declarant_is_a_household_and_no_count_has_a_decimal(made):
    _, _, own, _, book = made
    text = said(own)
    assert "dichiarant" not in text
    counted = re.findall(r"(\d[\d.]*,\d+) famiglie", text)
    assert counted == []
    for sheet in of_need(book):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, float):
                    assert cell.value.is_integer(), (sheet.title, cell.coordinate)


def test_small_counts_are_bands_everywhere(made):
    found, _, own, _, book = made
    told = found.need
    for level in told.levels:
        rows = told.table(level)
        few = rows[rows["band"]]
        assert few["central"].isna().all()
    for sheet in of_need(book):
        heads = {
            cell.value: cell.column for row in sheet.iter_rows() for cell in row
            if str(cell.value).lower().endswith("centrale")
        }  # fmt: skip
        for column in heads.values():
            values = [row[column - 1].value for row in sheet.iter_rows()]
            assert all(one >= 20 for one in values if isinstance(one, float | int))
    text = said(own)
    if not need_words.has_number(need_words.burdened(told)):
        assert "Ogni 1.000 famiglie" not in text and "sposta" not in text


def test_stock_and_flow_are_apart_and_never_summed(made):
    _, _, own, _, _ = made
    groups = next(one for one in own.blocks if isinstance(one, Table))
    kinds = groups.frame["kind"]
    assert kinds["need_eviction_order"] == "famiglie di un anno, riportate a una data"
    assert kinds["need_affordability"] == "famiglie a una data"
    assert "non si sommano" in words(groups)


def test_nothing_is_ranked(made):
    found, _, own, _, book = made
    text = said(own)
    assert not re.search(r"\bpost[oi] \d|graduatoria di|al primo|più alt[oa] fra", text)
    for sheet in of_need(book):
        heads = " ".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value)
        assert "Posto" not in heads
    if len(found.codes) > 1:
        table = next(one for one in own.blocks if getattr(one, "key", "") == "bisogno comuni")
        names = list(table.frame["municipality_name"])
        assert names == sorted(names) and "non è una graduatoria" in words(table)


def test_declarants_below_the_rent_stand_beside_households(made):
    """A10 is of persons: wherever it is printed a figure of households is in the table or sentence."""
    _, briefing, _, _, _ = made
    blocks = [block for one in briefing.chapters for block in one.blocks]
    for one in (*briefing.sheets, *blocks):
        if isinstance(one, Table) and one.key != "numeri":
            held = {each.name for each in one.columns} | {str(each) for each in one.frame.index}
        elif isinstance(one, Sentence):
            held = {each.key.partition(":")[2] for each in numbers(one.text)}
        else:
            continue
        persons = "below_rent_threshold_share" in held
        assert not persons or {"overburdened_tenants_share", need_words.BURDEN} & held, one


def test_a_difference_inside_the_interval_is_none(rho):
    sentence = need_compared.burden_compared(rho)
    low, high = (
        getattr(rho.compared, side).loc["area", need_words.BURDEN] for side in ("low", "high")
    )
    for key in ("province", "region", "italy"):
        assert rho.compared.low.loc[key, need_words.BURDEN] <= high
        assert rho.compared.high.loc[key, need_words.BURDEN] >= low
    assert "quindi non è una differenza" in words(sentence)
    low, high = rho.compared.low.copy(), rho.compared.high.copy()
    high.loc[["province", "region", "italy"], need_words.BURDEN] = 1.0
    apart = replace(rho)
    apart.__dict__["compared"] = replace(rho.compared, low=low, high=high)
    assert "qui sono di più" in words(need_compared.burden_compared(apart))


def test_a_marked_place_is_not_compared():
    sentence = need_compared.burden_compared(of("comune:Cortina d'Ampezzo", parts=("bisogno",)))
    assert "A confronto" not in words(sentence) and "mercato non dei residenti" in words(sentence)


def test_model_and_survey_that_do_not_agree_are_said_so(rho):
    text = words(need_compared.survey_apart(rho))
    assert "In Lombardia modello e indagine non concordano (" in text and "volte)" in text


def test_a_province_has_the_sums_of_its_ambiti_and_its_municipalities_in_the_annex():
    found = of("provincia:MB", parts=("bisogno",))
    table = need_levels.wider_table(view_of(found), "ambito")
    assert list(table.frame.index) == sorted(table.frame.index) and len(table.frame) == 5
    # Its 55 municipalities stand in the annex: what is read first is printed on four pages.
    assert [one.key for one in chapter.chapter(found) if one.annex] == [
        "bisogno_comuni", "bisogno_metodo"
    ]  # fmt: skip
    assert need_levels.wider_table(view_of(of("comune:Rho", parts=("bisogno",))), "ambito") is None


def test_in_english():
    found = of("comune:Rho", voice=Voice("en"), parts=("bisogno",))
    text = said(joined(chapter.chapter(found)))
    assert "Households in need (estimate): " in text and "famiglie" not in text.lower()


def test_the_dates_of_what_an_estimate_is_made_of_are_in_words(rho):
    said = need_tables.groups_table(view_of(rho), sheet=True).frame["vintage"]
    assert said["need_affordability"] == (
        "redditi 2021 portati al 2024, canoni del 2° semestre 2018, indagine ISTAT 2018-2025"
    )
    assert said["need_eviction_order"] == "provvedimenti di sfratto 2024"
    days = need_words.dates_of("2026-01-31 + 2026-06-30", rho.need, ["street"], rho.voice)
    assert days == "conteggi dal 31/01/2026 al 30/06/2026"
    assert need_words.dates_of("", rho.need, ["street"], rho.voice) == ""


def test_words_name_the_limit_that_the_need_was_computed_with(rho):
    found = replace(rho, need=replace(rho.need, parameters={"overburden_share": 0.35}))
    own = joined(chapter.chapter(found))
    text = " ".join(map(words, (*own.blocks, *chapter.sheets(found)))).replace("  ", " ")
    assert "oltre il 35 % del reddito" in text
    # The survey's own definition is not the study's.
    assert re.findall(r"[^.:]*40 %[^.:]*", text) == re.findall(
        r"[^.:]*40 % del reddito \(ISTAT\)[^.:]*", text
    )


def test_without_a_need_there_is_no_chapter(rho):
    none = replace(rho, need=None)
    assert chapter.chapter(none) == () and chapter.sheets(none) == []


# --- map and files of data


def test_the_map_draws_counts_as_sizes_and_small_ones_in_words():
    found = of("ambito:Carate Brianza")
    page = study.area_map(found).get_root().render()
    data = json.loads(re.search(r'id="na-data"[^>]*>(.*?)</script>', page, re.DOTALL).group(1))
    layers = {one["name"]: one for one in data["indicators"] if one.get("sized")}
    assert list(layers) == ["need_affordability", "need_eviction_order"]
    assert data["indicators"][data["first"]]["name"] == need_words.BURDEN
    orders = layers["need_eviction_order"]
    assert {"meno di 10", "10-30"} == set(orders["words"]["values"])
    for one in layers.values():
        assert one["classes"] == [] and "rank_of" not in one and one["decimals"] == 0
    assert need_map.map_layers(of("comune:Rho", parts=("bisogno",))) is None


def test_the_files_of_data_hold_what_may_be_told_and_no_more():
    found = of("ambito:Carate Brianza")
    layer = open_data.layers(found)["bisogno"]
    assert list(layer.columns) == [
        "municipality_code", "group", "low", "central", "high", "band", "quality", "kind", "vintage"
    ]  # fmt: skip
    few = layer["band"] != ""
    assert layer.loc[few, ["low", "central", "high"]].isna().all(axis=None)
    assert (layer.loc[~few, "central"] >= 20).all() and few.any()
    whole = layer.loc[~few, ["low", "central", "high"]]
    assert (whole % 1 == 0).all(axis=None)
    long = open_data.long_form(found)
    orders = long[long["variable"] == "need_eviction_order"].set_index("municipality_code")
    assert set(orders["quality"]) == {"allocated"} and len(orders) == 13
    assert orders.loc["108041", ["low", "high"]].tolist() == [0.0, 10.0]
    assert pd.isna(orders.loc["108041", "value"])
    assert not long["variable"].str.startswith("overburdened_tenants_low").any()


def test_what_is_asked_stands_in_the_words_of_the_map(counted):
    told = counted.need
    rows = told.table("municipality").set_index("group")
    row = rows.loc["no_contract"].copy()
    row["central"], row["known"] = float("nan"), 0
    assert need_map._words(row, counted.voice, "Quanti?") == "non stimabile: Quanti?"


# --- what offices counted


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    about = {"municipality_code": RHO, "day": DAY}
    path = filled(
        tmp_path_factory.mktemp("own"),
        no_contract=[{**about, "count": 61, "arising": 24}],
        violence=[{**about, "count": 3}],
        eviction_order=[{**about, "count": 48}],
        applications=[{**about, "size": 1, "isee_band": next(iter(BANDS)), "applications": 40,
                       "waiting": 30}],
        stock=[{**about, "size": size, "owner": "Comune", "dwellings": 200, "free_ready": 12}
               for size in (1, 2)],
        turnover=[{**about, "size": 1, "relets": 14, "committed": 6}],
    )  # fmt: skip
    return of("comune:Rho", own=read_counts(path), parts=("breve", "bisogno"))


BANDS = next(
    field.choices for table in BOOK if table.name == "applications" for field in table.fields
    if field.name == "isee_band"
)  # fmt: skip


def test_the_gap_is_two_tables_and_two_charts_only_with_a_supply(rho, counted):
    own, without = joined(chapter.chapter(counted)), joined(chapter.chapter(rho))
    keys = [one.key for one in own.blocks if not isinstance(one, Sentence)]
    assert {"need_gap_stock", "need_gap_flow"} <= set(keys)
    tables = {one.key: one for one in own.blocks if isinstance(one, Table)}
    day, year = tables["bisogno divario oggi"], tables["bisogno divario in un anno"]
    assert not set(day.frame.index) & set(year.frame.index)
    assert "divario" not in " ".join(one.key for one in without.blocks if isinstance(one, Table))
    whole = day.frame.loc["need_gap_stock_all_free_ready", "said"]
    assert plain(whole) == "24"


def test_a_count_of_an_office_is_told_with_its_quality_and_small_ones_are_not(counted):
    groups = need_tables.groups_table(view_of(counted))
    assert groups.quality.loc["need_no_contract", "said"] == Quality.OBSERVED
    assert plain(groups.frame.loc["need_no_contract", "said"]) == "61"
    text = said(joined(chapter.chapter(counted)))
    assert "senza i conteggi riservati" in text
    assert "need_violence" not in groups.frame.index or "riservato" in str(
        groups.frame.loc["need_violence", "said"]
    )
    primary = next(one for one in chapter.sheets(counted) if one.key == "bisogno primario")
    assert primary.frame["applications_low"].max() == 40
    html.page(content.compose(counted))


def test_the_frame_of_a_sheet_has_no_end_of_a_band(made):
    found, _, _, _, _ = made
    sheet = need_tables.groups_table(view_of(found), sheet=True)
    few = sheet.frame["band_words"] != ""
    assert sheet.frame.loc[few, ["low", "central", "high"]].isna().all(axis=None)
    assert isinstance(sheet.frame, pd.DataFrame)


def test_spread_discomfort_stands_apart_of_whole_provinces_and_regions_only(made):
    found, _, own, _, _ = made
    (table,) = [
        one for one in own.blocks if isinstance(one, Table) and one.key == "disagio diffuso"
    ]
    assert all(label.startswith(("Provincia: ", "Regione: ")) for label in table.frame["label"])
    assert {"regione", "provincia"} >= {
        label.split(":")[0].lower() for label in table.frame["label"]
    }
    assert not {"overcrowded", "cohabiting"} & {*found.need.held, *found.need.totals.frame["group"]}
    # Of a whole region: a fifth of the households or so, whatever area asks.
    region = found.need.diffuse.frame.query("level == 'region' and group == 'overcrowded'").iloc[0]
    assert 0.1 < region["central"] / 4_500_000 < 0.3 or region["unit"] != "03"
