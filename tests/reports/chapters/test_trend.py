"""What changes: rents, incomes, evictions and the weight of housing, with their breaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs_analysis import store
from needs_analysis.municipal.series import series
from needs_analysis.reports import findings
from needs_analysis.reports.chapters import trend
from needs_analysis.reports.model import Picture, Sentence, numbers, plain
from needs_analysis.territory import select


def of(area):
    return findings.find(select(area), parts=("tempo",))


@pytest.fixture(scope="module")
def desio():
    return of("ambito:Desio")


def values(sentence):
    return {one.key: one.value for one in numbers(sentence.text + sentence.note)}


def test_rents_that_rose_and_fell_are_counted(desio):
    said = trend.rents(desio)
    # 4.500-4.500 4.575-4.725 4.025-3.975 5.600-5.475 4.550-4.700 4.800-4.975 3.950-3.900
    assert [values(said)[f"area:rent_{one}_municipalities"] for one in ("up", "down", "same")] == [
        3, 3, 1,
    ]  # fmt: skip
    assert values(said)["area:rent_change_share"] == 0
    assert "fra i semestri 2016/1 e 2018/2" in plain(said.text)


def test_a_rent_across_a_break_is_not_compared():
    every = series(trend.RENT)
    ends = every.data.dropna()
    code = next(one for one in every.breaks["unit"] if one in ends.index)
    said = trend.rents(of(code))
    assert plain(said.text).startswith("La serie si interrompe: ") and values(said) == {}


def test_a_single_place_says_both_rents_and_a_village_without_says_so():
    said = trend.rents(of("comune:Desio"))
    assert [*values(said).values()] == [4.025, 3.975]
    assert "non ha due quotazioni" in trend.rents(of("018082")).text


def test_one_edition_of_incomes_is_no_trend(desio):
    assert "una sola edizione" in trend.incomes(desio).text


def test_incomes_of_two_editions_are_those_of_all_declarants(desio, monkeypatch):
    made = {
        trend.SUM: {"2020": [100.0, 300.0], "2021": [150.0, 330.0]},
        trend.DECLARANTS: {"2020": [10.0, 10.0], "2021": [10.0, 10.0]},
    }
    few = replace(desio, groups=desio.groups | {"area": desio.codes[:2]}, area=desio.area.iloc[:2])

    def given(name, _):
        whole = trend.series(name, few.codes)
        data = pd.DataFrame(made[name], index=few.codes)
        return replace(whole, figures=trend_figures(data))

    def trend_figures(data):
        from needs_analysis.figures import Figures

        return Figures.of(data, vintage="2021", sources=["mef_incomes"])

    monkeypatch.setattr(trend, "_national", given)
    assert values(trend.incomes(few)) == {
        "area_2020:mean_taxable_income_eur": 20.0, "area_2021:mean_taxable_income_eur": 24.0,
    }  # fmt: skip


def test_orders_of_a_province_are_compared_with_the_year_before(desio):
    said = values(trend.evictions(desio))
    # 710 orders, 0.98 % fewer than the year before
    assert said == {"MB:orders_before": 717, "MB:orders": 710, "MB:orders_change_share": -0.0098}


def test_orders_that_were_not_given_or_break_are_words(desio):
    lost = desio.evictions.assign(orders=np.nan)
    broken = desio.evictions.assign(orders_broken=True)
    for rows, words in ((lost, "dato non trasmesso"), (broken, "la serie è interrotta")):
        changed = replace(desio)
        changed.__dict__["evictions"] = rows
        said = trend.evictions(changed)
        assert words in plain(said.text) and values(said) == {}


def test_the_survey_is_read_from_its_table(desio):
    said = values(trend.over_time(desio))
    rows = store.table("housing_survey").set_index(["territory", "year"])["overburden_share"]
    assert said["survey_Nord_2019:overburden_share"] == rows["Nord", 2019]
    assert said["survey_03_2025:overburden_share"] == rows["03", 2025]
    whole = trend.over_time(of("Italia"))
    assert {"Nord", "Centro", "Mezzogiorno"} == {
        one.key.split("_")[1] for one in numbers(whole.text)
    }


def test_the_chapter_has_a_sentence_each_and_one_chart(desio):
    blocks = trend.chapter(desio).blocks
    assert [type(one) for one in blocks] == [Sentence] * 4 + [Picture]
    assert {"survey_Nord_2025:overburden_share", "survey_03_2025:overburden_share"} == {
        one.key for one in blocks[-1].said
    }
