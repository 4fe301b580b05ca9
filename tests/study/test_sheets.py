"""A sheet a municipality: what it says, what it asks, the same bytes twice."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import fields

import pandas as pd
import pytest
from pypdf import PdfReader

from needs_analysis import study
from needs_analysis.errors import AreaError
from needs_analysis.municipal import panel
from needs_analysis.needs import estimate
from needs_analysis.reports import findings
from needs_analysis.study.sheets import write_sheets
from needs_analysis.territory import select
from needs_analysis.told.needs import ToldNeed, tell_each, tell_need
from needs_analysis.told.telling import Shown


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sheets") / "out"
    return folder, write_sheets(study.Study("018082"), folder)


def test_a_small_municipality_has_its_sheet_in_words(made):
    folder, paths = made
    assert [one.name for one in paths] == ["018082-lirio.html", "018082-lirio.pdf"]
    page = paths[0].read_text("utf-8")
    assert (
        "Comune di Lirio: disagio abitativo, scheda<" in page
        and "è qui una fascia (meno di 10)" in page
    )
    assert "L&#39;OMI qui non quota canoni" in page
    assert page.count(">da compilare</td>") == 10
    assert re.findall(r'<section aria-labelledby="chapter-([^"]+)"', page) == [
        "breve", "frasi", "sfratti", "bisogno", "chiedere",
    ]  # fmt: skip
    assert paths[1].read_bytes()[:5] == b"%PDF-"


def test_the_same_sheet_has_the_same_bytes(made, tmp_path):
    folder, paths = made
    for one, again in zip(paths, write_sheets(study.Study("018082"), tmp_path / "b"), strict=True):
        assert one.read_bytes() == again.read_bytes(), one.name


def test_an_area_that_is_none_leaves_nothing_behind(tmp_path):
    with pytest.raises(AreaError):
        write_sheets(study.Study("comune:Nessuno di Qui"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


PLACES = {
    "a village without rents": "018082",
    "a town": "comune:Lissone",
    "a city": "comune:Milano",
    "without evictions": "comune:Villarosa",
}


@pytest.mark.parametrize("area", PLACES.values(), ids=PLACES)
def test_a_sheet_has_two_pages(area, made, tmp_path):
    paths = made[1] if area == "018082" else write_sheets(study.Study(area), tmp_path / "out")
    document = PdfReader(paths[1])
    assert len(document.pages) == 2
    said = "".join(one.extract_text() for one in document.pages)
    assert "Sommario" not in said and said.count("da compilare") >= 10


def test_the_sheets_of_a_study_name_it(tmp_path):
    named = study.Study("018082, 018081", name="Alta Valle")
    first, *_ = write_sheets(named, tmp_path / "out")
    assert "disagio abitativo, scheda (Alta Valle)</title>" in first.read_text("utf-8")


def test_what_is_pooled_at_once_is_what_each_alone_is_pooled_to():
    area = select("018082, 108033")  # without rents and orders of its own, and a city
    for one in findings.by_municipality(findings.find(area)):
        alone = findings.find(select(one.codes[0]))
        for name in ("compared", "pooled", "totals"):
            for part in ("data", "quality", "vintage", "low", "high"):
                both = (getattr(getattr(of, name), part) for of in (one, alone))
                pd.testing.assert_frame_equal(*both, check_exact=True)
        assert one.labels == alone.labels and one.shown.index.equals(alone.shown.index)
        pd.testing.assert_series_equal(one.mark_words, alone.mark_words)


def assert_told_alike(one, other):
    """Two needs are told alike: every table to its last cell, and every word beside them."""
    for own in fields(ToldNeed):
        left, right = getattr(one, own.name), getattr(other, own.name)
        if isinstance(left, Shown):
            pd.testing.assert_frame_equal(left.frame, right.frame, check_exact=True)
            pd.testing.assert_frame_equal(left.why, right.why)
        elif isinstance(left, pd.DataFrame):
            pd.testing.assert_frame_equal(left, right)
        else:
            assert left == right, own.name


def test_what_is_told_at_once_of_the_need_of_each_is_what_is_told_of_each_alone():
    codes = ["018082", "087015", "108015", "108033"]  # bands, orders in part, an ambito's, a city
    whole = panel.build().rows(codes)
    need = estimate(whole)
    told = list(tell_each(need))
    assert [str(one.households.index[0]) for one, _ in told] == codes
    for code, (part, said) in zip(codes, told, strict=True):
        alone = estimate(whole.rows([code]))
        assert_told_alike(said, tell_need(alone))
        assert_told_alike(tell_need(part), tell_need(alone))
        pd.testing.assert_frame_equal(part.totals(), alone.totals(), check_exact=True)
        pd.testing.assert_frame_equal(part.whole, alone.whole, check_exact=True)


def test_what_the_offices_counted_is_not_in_what_is_told_of_each():
    codes = ["108015", "108033"]
    count = pd.DataFrame(
        {"municipality_code": codes[:1], "group": "eviction_order", "count": 3.0,
         "day": dt.date(2026, 6, 30)}
    )  # fmt: skip
    whole = panel.build().rows(codes)
    with_counts = tell_each(estimate(whole, own=count))
    for (_, one), (_, other) in zip(with_counts, tell_each(estimate(whole)), strict=True):
        assert_told_alike(one, other)
