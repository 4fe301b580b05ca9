"""The map of a study knows Italy's classes and means, the neighbours, the ambiti and the page."""

from __future__ import annotations

import json
import re

import pytest

from needs_analysis import study
from needs_analysis.reports import findings
from needs_analysis.territory import boundaries, select


@pytest.fixture(scope="module")
def found():
    return findings.find(select("ambito:Desio"))


def told(map_) -> dict:
    page = map_.get_root().render()
    data = re.search(r'<script type="application/json" id="na-data">(.*?)</script>', page)
    return json.loads(data[1]) | {"page": page}


def test_the_map_of_an_area_compares_it_with_italy(found):
    said = told(study.area_map(found))
    low = next(one for one in said["indicators"] if one["name"] == "low_income_share")
    mean = found.compared.value(findings.ITALY, "low_income_share")
    assert low["mean"] == round(mean * 1000)
    assert len(low["italy"]["classes"]) == 6
    steps = (found.national.data["low_income_share"] * 1000).round()
    assert low["italy"]["classes"][0]["from"] == steps.min()
    assert not said["whole_country"] and said["ambiti"] is None


def test_neighbours_are_those_that_touch_and_the_nearest(found):
    said = told(study.area_map(found))
    own = found.area.union_all()
    country = boundaries.coverage()
    touching = country[country.intersects(own) & ~country.index.isin(found.codes)]
    assert len(touching) <= said["context"]["count"] <= 2.5 * len(touching)
    assert said["names"] == found.area["municipality_name"].tolist()


def test_a_municipality_is_shown_in_its_province_with_the_ambiti():
    lone = findings.find(select("comune:Desio"))
    said = told(study.area_map(lone))
    assert "Desio" in said["ambiti"]["labels"] and "Carate Brianza" in said["ambiti"]["labels"]


def test_the_way_back_stands_where_the_page_is_beside(found):
    assert 'href="index.html"' in told(study.area_map(found, page="index.html"))["page"]
    assert 'href="index.html"' not in told(study.area_map(found))["page"]
