"""What names a parameter says the study's value, in every output."""

from __future__ import annotations

import re

import pytest

from needs_analysis.reports import content, findings
from needs_analysis.reports.model import Sentence, Table, plain
from needs_analysis.reports.render import html
from needs_analysis.territory import select
from needs_analysis.words import voices

pytestmark = pytest.mark.usefixtures("few_draws")

CHANGED = {
    "sustainable_rent_share": 0.275,
    "rent_scenario_increase_share": 0.11,
    "purchase_dwelling_m2": 95.0,
    "reference_dwelling_gross_m2": 71.0,
    "reference_dwelling_net_m2": 57.0,
    "suppressed_class_max_taxpayers": 4.0,
    "modest_income_low_eur": 9000.0,
    "modest_income_high_eur": 14000.0,
}
USUAL = re.compile(r"\b(30 %|0[,.]30\b|75 m|80 m|60 m|60 netti|60 net\b|15[.,]000|a 3 dichiaranti)")
# The publication that a threshold is taken from says what it says.
CITED = "soglia del 30 %"


def said(briefing):
    """Give all words of the page and the workbook."""
    blocks = [block for chapter in briefing.chapters for block in chapter.blocks]
    for block in [*blocks, *briefing.sheets]:
        if isinstance(block, Sentence):
            yield from (block.lead, plain(block.text), plain(block.note))
        elif isinstance(block, Table):
            yield from (
                block.title,
                *map(plain, block.notes),
                *(column.label for column in block.columns),
            )
            words = block.frame.select_dtypes(exclude="number")
            yield from words.stack().astype(str).unique()
        else:
            yield block.title
            yield from map(plain, getattr(block, "notes", ()))


@pytest.fixture(scope="module", params=voices(), ids=lambda one: one.language)
def briefing(request):
    found = findings.find(select("comune:Sovico"), request.param, CHANGED)
    return content.compose(found)


@pytest.mark.slow
def test_no_text_keeps_the_usual_value_of_a_changed_parameter(briefing):
    kept = {
        text
        for text in said(briefing)
        if USUAL.search(text.replace("\N{NO-BREAK SPACE}", " ")) and CITED not in text
    }
    assert kept == set()


@pytest.mark.slow
def test_the_values_of_the_study_are_said(briefing):
    text = " ".join(said(briefing)).replace("\N{NO-BREAK SPACE}", " ")
    wanted = {
        "it": ("27,5 % del reddito netto", "La soglia del 27,5 %", "canoni +11 %", "dell'11 %",
               "Reddito per 95 m²", "71 m² lordi, 57 netti", "da 0 a 4 dichiaranti",
               "Parametri cambiati in questo studio"),
        "en": ("27.5 % of net income", "The 27.5 % rule", "rents +11 %", "Income for 95 m²",
               "71 m² gross, 57 net", "Parameters changed in this study"),
    }[briefing.voice.language]  # fmt: skip
    for words in wanted:
        assert words in text
    assert "{" not in text
    assert "{" not in re.sub(r"<style>.*?</style>", "", html.page(briefing), flags=re.DOTALL)
