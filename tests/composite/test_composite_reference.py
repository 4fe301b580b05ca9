"""What an index is compared with is said wherever its scores go."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from needs_analysis.composite import (
    Indicator,
    Reference,
    SmallReference,
    Spec,
    build,
    build_panel,
    uncertainty,
    what_if,
)
from needs_analysis.territory import municipalities, select
from needs_analysis.words import Voice

SPEC = Spec("made_up_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=-1)))


def invented(units) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.random((len(units), 2)), index=list(units), columns=["a", "b"])


ITALY = invented(municipalities().index)
AMBITO = ITALY.loc[select("ambito:Carate Brianza").index]


def test_thirteen_municipalities_are_compared_with_themselves_and_it_is_said():
    with pytest.warns(SmallReference, match="le sue 13 unità: dare base="):
        found = build(AMBITO, SPEC)
    assert found.reference == Reference("", 13, "2022-01-01")
    assert "reference=13 comuni al 01/01/2022" in repr(found)
    assert found.score.name == "made_up_score"
    for table in (found.scores.data, found.ranks, found.contributions):
        assert table.attrs["reference"] == {"label": "", "count": 13, "day": "2022-01-01"}


def test_with_a_base_nothing_is_warned_and_the_base_is_named():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = build(AMBITO, SPEC, base=ITALY)
        whole = build(ITALY, SPEC)
    assert found.reference == whole.reference == Reference("Italia", len(ITALY), "2022-01-01")
    assert found.score.tolist() == pytest.approx(whole.score[AMBITO.index].tolist(), rel=1e-12)
    assert repr(found).endswith("reference=Italia, 7.904 comuni al 01/01/2022)")
    assert found.reference.text(Voice("en")) == "Italy, 7,904 municipalities on 2022-01-01"


def test_the_territory_of_the_reference():
    province = ITALY.loc[select("provincia:MB").index]
    assert build(province, SPEC).reference.label == "provincia:Monza e della Brianza"
    region = ITALY.loc[select("regione:Lombardia").index]
    lacking = region.assign(a=region["a"].mask(region["a"] < 0.1))
    found = build(lacking, SPEC).reference
    assert found.label == "regione:Lombardia" and found.count == lacking["a"].count()
    assert build(ITALY.iloc[::3], SPEC).reference.label == ""
    others = invented([f"u{n}" for n in range(40)])
    assert str(build(others, SPEC).reference) == "40 unità"


def test_questions_warn_once_and_a_base_year_not_at_all():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        uncertainty(AMBITO, SPEC, draws=5)
    assert [one.category for one in said] == [SmallReference]
    with pytest.warns(SmallReference):
        found = build(AMBITO, SPEC)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        what_if(found, weights={"a": 3})
        build_panel({2020: AMBITO, 2021: AMBITO + 1}, SPEC, base=2020)


def test_the_reference_is_said_in_english():
    said = Reference("provincia:Monza e della Brianza", 55, "2022-01-01").text(Voice("en"))
    assert said.startswith("province of Monza e della Brianza, 55 municipalities")
    assert Reference("regione:Lombardia", 9, "2022-01-01").text().startswith("regione Lombardia, 9")


def test_ranks_under_other_choices_are_of_the_same_reference():
    """Six units on the scale of forty: compared with themselves alone they are other ones."""
    from needs_analysis.composite import sensitivity, uncertainty

    spec = Spec("s_score", indicators=(Indicator("a", polarity=1), Indicator("b", polarity=1)))
    rng = np.random.default_rng(3)
    every = pd.DataFrame(rng.random((40, 2)) * [1, 50], columns=["a", "b"])
    few = every.iloc[:6]
    ranks = build(few, spec, base=every).rank
    drawn = uncertainty(few, spec, draws=50, base=every)
    assert drawn.frame["rank"].tolist() == ranks.tolist()
    split = sensitivity(few, spec, points=8, base=every)
    with pytest.warns(SmallReference):
        alone = sensitivity(few, spec, points=8)
    assert not split.frame.equals(alone.frame)
