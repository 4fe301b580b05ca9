"""The chapter on what can be done, of one study with a budget: what it says, and what it never does."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial

import numpy as np
import openpyxl
import pytest

from needs_analysis import study
from needs_analysis.policies import answers as module
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.policies.frontier import frontier
from needs_analysis.reports import content
from needs_analysis.reports.chapters import policies as chapter
from needs_analysis.reports.chapters.policies_words import high_words
from needs_analysis.reports.model import Picture, Sentence, Table, numbers, plain, texts
from needs_analysis.reports.render import html, workbook
from needs_analysis.services import write_invented
from needs_analysis.words import Voice

pytestmark = pytest.mark.slow

DAY = dt.date(2026, 11, 29)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Find what a study of an ambito with a budget and the office's own policies says."""
    folder = tmp_path_factory.mktemp("policies")
    write_invented(folder)
    asked = PolicyFiles(
        budget_eur=200_000.0, as_of=DAY, existing=folder / "modello_misure_locali.xlsx",
        only=("P05", "P06", "P16", "P19", "P24"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "frontier", partial(frontier, draws=4))
        return study.find(
            study.Study("ambito:Carate Brianza", policies=asked, chapters=("misure",))
        )


@pytest.fixture(scope="module")
def made(found, tmp_path_factory):
    briefing = content.compose(found)
    path = tmp_path_factory.mktemp("made") / "tables.xlsx"
    workbook.write(briefing.sheets, path, title="Prova")
    return briefing, html.page(briefing), openpyxl.load_workbook(path)


def words(block):
    if isinstance(block, Sentence):
        parts = [block.lead, block.text, block.note]
    elif isinstance(block, Table):
        parts = [block.title, *block.notes]
        parts += [str(one) for column in block.columns for one in block.frame[column.name]]
    else:
        parts = [block.title, block.alternative, *block.notes]
    return " ".join(plain(one) for one in parts).replace("\xa0", " ")


def table(briefing, key):
    blocks = [block for one in briefing.chapters for block in one.blocks]
    return next(one for one in (*blocks, *briefing.sheets) if getattr(one, "key", "") == key)


def test_what_exists_stands_beside_what_may_be_put_in_place(made):
    briefing, _, book = made
    first = words(briefing.chapters[0].blocks[0])
    assert re.search(r"esistono già, come scrive l'ufficio: [1-9]\d*; altre .*: [1-9]\d*;", first)
    page = table(briefing, "policies_page").frame
    existing = [one.removeprefix("policy_") for one, row in page.iterrows()
                if row["today"].startswith("esiste già")]  # fmt: skip
    assert existing == list(page.index.str.removeprefix("policy_")[: len(existing)])
    assert {"P05", "P06"} <= set(existing)
    assert page.loc["policy_P05", "answers"].startswith(
        "famiglie in affitto sul mercato che pagano"
    )
    # Out only in the sheet, with why; a policy without an official text says so everywhere.
    rows = list(book["misure"].iter_rows(values_only=True))
    out = [row for row in rows if row[2] == "oggi non si può usare"]
    assert out and all(row[-6] for row in out)
    assert not {row[1] for row in out} & set(page["label"])
    assert page["checked"].str.contains("rivisto il").all()
    own = words(table(briefing, "misure esistenti"))
    assert "dati inventati" in own and "non è zero" in own


def test_the_objective_comes_first_and_outcomes_are_never_added(made):
    briefing, _, _ = made
    said = [one for one in briefing.chapters[0].blocks if isinstance(one, Sentence)]
    aims = [one for one in said if one.lead.startswith("Obiettivo: ")]
    assert len(aims) == 3 and "non si sommano" in " ".join(map(words, said))
    for one in aims:
        assert re.search(r"Con 200\.000 € l'anno .* famiglie .*\(stima, per un anno\)", words(one))
        assert "Essere aiutati non è uscire dal bisogno" in one.note
    held = table(briefing, "misure bilancio").frame
    for _, rows in held.groupby("aim"):
        assert rows["spent_eur"].iloc[:-1].sum() == pytest.approx(rows["spent_eur"].iloc[-1], abs=2)
        assert rows["spent_eur"].iloc[-1] + rows["left_eur"].iloc[-1] == 200_000
    text = " ".join(words(one) for one in briefing.chapters[0].blocks)
    assert "Alloggi di transizione" in text and "Non vuol dire che non servano" in text
    assert "i soldi sono di un anno" in text


def test_every_number_has_its_key_and_its_cell(made):
    briefing, page, book = made
    own = briefing.chapters[0]
    for block in own.blocks:
        for _, text in texts(block):
            for one in numbers(text):
                place = re.search(
                    rf'data-key="(?:[^"]*;)?{re.escape(one.key)}[;"][^>]*data-cell="([^"]+)"', page
                )
                assert place, one.key
                if ";" not in place[1]:
                    sheet, _, cell = place[1].rpartition("!")
                    value = book[sheet.replace("&#39;", "").strip("'")][cell].value
                    assert value == pytest.approx(one.value, abs=0.51), one.key


def test_few_households_are_a_band_and_no_count_has_a_decimal(found, made):
    briefing, _, book = made
    for one in found.policies.bought:
        assert not one.reserved and one.places["band"].any()
    for name in ("misure bilancio", "misure comuni", "misure frontiera"):
        for row in book[name].iter_rows():
            assert all(float(c.value).is_integer() for c in row if isinstance(c.value, float))
    heads = [column.label for column in table(briefing, "misure comuni").columns]
    assert all(
        one.startswith(("Comune", "Aiutate; scopo: ")) or "in parole" in one for one in heads
    )
    # What the budget pays for has no interval; what comes of it may be more than it pays for, and why.
    heads = [column.name for column in table(briefing, "misure bilancio").columns]
    assert "out_of_need_low" in heads and "helped_low" not in heads
    for one in found.policies.bought:
        note = " ".join(high_words(one, found.voice))
        out, helped = one.count("out_of_need"), one.count("helped")
        assert bool(note) == (not out["band"] and out["high"] > helped["high"])
    places = table(briefing, "misure comuni").frame
    assert list(places["municipality_name"]) == sorted(places["municipality_name"])


def test_the_curve_is_drawn_and_its_numbers_stand_in_the_sheet(found, made):
    briefing, _, _ = made
    drawn = [one for one in briefing.chapters[0].blocks if isinstance(one, Picture)]
    assert drawn and all("Con 200.000" in words(one) for one in drawn)
    sheet = table(briefing, "misure frontiera").frame
    assert (sheet["budget_eur"] == 200_000).sum() == len(found.policies.bought)


def test_without_a_budget_nothing_is_bought(found):
    bare = replace(found, policies=replace(found.policies, bought=(), existing=None))
    blocks = [block for one in chapter.chapter(bare) for block in one.blocks]
    assert [type(one) for one in blocks] == [Sentence, Table]
    assert "l'ufficio: non l'ha scritto" in words(blocks[0])
    assert [one.key for one in chapter.sheets(bare)] == ["misure"]
    assert chapter.chapter(replace(found, policies=None)) == ()


def test_who_has_all_counts_reads_that_they_may_not_leave(found):
    assert content.compose(found).warning == ""
    inside = replace(found, policies=replace(found.policies, profile="internal"))
    assert content.compose(inside).warning


def test_in_english(found):
    own = chapter.chapter(replace(found, voice=Voice("en")))
    text = " ".join(words(one) for part in own for one in part.blocks)
    assert "Objective: " in text and "With € 200,000 a year" in text
    names = {name for _, name in found.area["municipality_name"].items()}
    assert not re.search(r"\b(famiglie|misure|della|sono)\b", text.replace(" ".join(names), ""))


def test_small_numbers_of_the_curve_are_said_as_bands(found, made):
    sheet = table(made[0], "misure frontiera").frame
    for one in found.policies.bought:
        few = one.frontier[one.frontier["band"].astype(bool)]
        for _, row in few.iterrows():
            own = sheet.loc[f"frontier_bought_{one.outcome}_{int(row['budget_eur'])}"]
            assert np.isnan(own[row["what"]]) and own[f"{row['what']}_band"]
    words_of = [one for one in sheet if one.endswith("_band")]
    assert words_of and set(words_of) <= {column.name for column in
                                          table(made[0], "misure frontiera").columns}  # fmt: skip


def test_the_numbers_that_costs_rest_on_stand_in_a_sheet_with_their_ends_and_sources(found, made):
    sheet = table(made[0], "misure assunzioni").frame
    one = sheet.loc["assumption_P19_mediation_hours"]
    assert one[["low", "central", "high"]].tolist() == [6, 12, 30]
    assert (one["kind"], one["source"], one["unit"]) == ("assunzione", "Assunzione", "hours")
    law = sheet.loc["assumption_P06_arrears_cap_eur"]
    assert law["low"] == law["central"] == law["high"] == 8000 and law["kind"] == "da una fonte"
    assert {"contribution_take_up_share", "burden_deadweight_share"} <= set(sheet["row"])
    assert set(sheet["code"]) >= {key for one in found.policies.bought for key in one.used}
    assert (sheet["low"] <= sheet["central"]).all() and (sheet["central"] <= sheet["high"]).all()


def test_whatever_is_no_official_text_says_so_wherever_it_is_printed(found, made):
    """Each printed cell, legend and sentence that names a policy has from what it was written."""
    briefing, _, _ = made
    catalogue = found.policies.matches.catalogue.policies
    for key in {one for each in found.policies.bought for one in each.used}:
        policy = catalogue[key]
        assert policy.certainty != "official_text"
        places = [
            one for name in ("bought_page", "ways_page", "misure bilancio", "misure condizioni",
                             "misure assunzioni")
            for one in table(briefing, name).frame.get("label", []) if policy.name in str(one)
        ]  # fmt: skip
        assert places and all(policy.marked() in one for one in places)
        heads = [
            column.label for column in table(briefing, "misure frontiera").columns
            if policy.name in column.label
        ]  # fmt: skip
        assert all(policy.marked() in one for one in heads)
        said = [words(one) for one in briefing.chapters[0].blocks if isinstance(one, Sentence)]
        for text in said:
            for at in re.finditer(re.escape(policy.name), text):
                assert text[at.end() :].lstrip().startswith("("), text


def test_a_budget_that_nothing_answers_is_said_as_the_commands_say_it():
    asked = PolicyFiles(budget_eur=50_000.0, as_of=DAY, only=("P16",))
    found = study.find(study.Study("comune:Sovico", policies=asked, chapters=("misure",)))
    said = " ".join(words(block) for block in content.compose(found).chapters[0].blocks)
    assert not found.policies.bought
    assert "Il bilancio dato. Nessuna delle misure che si possono usare ha un effetto noto" in said
    silent = replace(found, policies=replace(found.policies, unanswered=None))
    again = " ".join(words(block) for block in content.compose(silent).chapters[0].blocks)
    assert "Il bilancio dato." not in again
