"""The index put to the test: sentences, pictures and tables, of that of 0.1.0 and of others."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from indices import DISTRESS

from needs_analysis import store
from needs_analysis.composite import Component, Indicator, Spec
from needs_analysis.figures import Quality
from needs_analysis.reports import content, findings, open_data
from needs_analysis.reports.chapters import index as index_chapter
from needs_analysis.reports.chapters import index_parts, index_words
from needs_analysis.reports.chapters.labels import part_labels
from needs_analysis.reports.findings import trials
from needs_analysis.reports.model import Picture, Sentence, Table
from needs_analysis.reports.model import plain as unmarked
from needs_analysis.reports.render import geodata, html, workbook
from needs_analysis.territory import select
from needs_analysis.words import ITALIAN, Voice

pytestmark = pytest.mark.usefixtures("few_draws")

HOSTILE = 'Pressione <script>alert(1)</script> $x^{ & "=1+1" {a}'
FLAT = Spec(
    "made_up_score", HOSTILE, "",
    (Indicator("accommodation_beds_per_1000", weight=0.5),
     Indicator("low_income_share", weight=0.3),
     Indicator("renting_households_2011", weight=0.2, polarity=1, denominator="households")),
    treat="none", normalise={"method": "minmax", "high": 1}, aggregate="arithmetic",
)  # fmt: skip
PAIRED = Spec(
    "paired_score", "Confronti", "Paired",
    (Indicator("low_income_share"), Indicator("rent_to_income_ratio")),
    normalise="zscore", aggregate="copeland",
)  # fmt: skip
LIRIO, SOVICO, MONZA = "018082", "108041", "108033"
LISSONE = "108028"  # the largest of its province without a mark


@pytest.fixture(scope="module")
def brianza():
    return findings.find(select("provincia:MB"), spec=DISTRESS)


@pytest.fixture(scope="module")
def flat():
    return findings.find(select(f"{LIRIO},{MONZA},{SOVICO}"), ITALIAN, None, FLAT)


def plain(chapter) -> str:
    return " ".join(unmarked(one.text) for one in chapter.blocks if isinstance(one, Sentence))


# --- what the declaration says


def test_the_words_of_the_index_of_the_first_release_stay():
    labels: dict[str, str] = {}
    assert index_words.rule(DISTRESS, labels, ITALIAN) == (
        "Componenti di pari peso, AMPI con penalità per lo squilibrio; gli sfratti non vi entrano "
        "perché sotto la provincia non esistono."
    )
    assert index_words.rule(DISTRESS, labels, Voice("en")) == (
        "Components of equal weight, AMPI with a penalty for imbalance; evictions do not enter "
        "because they do not exist below the province."
    )
    assert index_words.definition(DISTRESS, labels, Voice("en")) == (
        "Four components of equal weight; Italian mean about 100, higher is worse."
    )
    assert index_words.limit(DISTRESS, ITALIAN) == (
        "L'indice dipende dalle scelte con cui è costruito: pesi uguali, logaritmo dei valori molto "
        "asimmetrici, AMPI."
    )
    assert index_words.limit(DISTRESS, Voice("en")) == (
        "The index depends on the choices it is built with: equal weights, logarithm of very skewed "
        "values, AMPI."
    )
    assert index_words.reading(DISTRESS, Voice("en")) == "1 = highest score; Italian mean about 100"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"aggregate": {"method": "ampi", "penalty": "-"}},
            "AMPI con detrazione per lo squilibrio;",
        ),
        ({"aggregate": "geometric"}, "Componenti di pari peso, scala AMPI, media geometrica;"),
        (
            {"normalise": "zscore", "aggregate": "arithmetic"},
            "punteggi standardizzati, media aritm",
        ),
        ({"weight": "pca"}, "Componenti: pesi dalle componenti principali, AMPI"),
    ],
)
def test_the_rule_follows_the_declaration(changes, said):
    assert said in index_words.rule(replace(DISTRESS, **changes), {}, ITALIAN)


def test_weights_are_printed_as_shares_of_their_sum():
    spec = DISTRESS.reweighted({"affordability": 3})
    labels = {one.name: one.label_it for one in DISTRESS.components}
    said = index_words.rule(spec, labels, ITALIAN)
    assert said.startswith(
        "Componenti con pesi diversi: Canoni, prezzi e redditi 50,0 %, Fragilità dei redd"
    )
    inside = DISTRESS.reweighted({"low_income_share": 3})
    assert "con pesi diversi al loro interno" in index_words.rule(inside, labels, ITALIAN)


def test_scales_and_senses():
    assert index_words.scale(FLAT, ITALIAN) == "scala da 0 a 1"
    assert index_words.scale(PAIRED, ITALIAN) == ""
    assert index_words.scale(
        replace(DISTRESS, normalise={"method": "zscore", "mean": 50}), Voice("en")
    ) == ("Italian mean about 50")
    assert index_words.worse(DISTRESS) == 1
    turned = replace(
        DISTRESS, indicators=tuple(replace(one, polarity=-1) for one in DISTRESS.indicators)
    )
    assert index_words.worse(turned) == -1
    assert "più alto è meglio" in index_words.definition(turned, {}, ITALIAN)
    assert index_words.worse(FLAT) == 0  # a column of the panel has no sense of its own
    one = Spec("x_score", indicators=(Indicator("low_income_share"),))
    assert index_words.definition(one, {}, ITALIAN).startswith("Un indicatore; media")
    assert index_words.label(Component("a", label_en="Only"), ITALIAN) == "Only"
    assert index_words.treatment({"a": "none"}, {}, ITALIAN) == "Nessun valore estremo trattato."
    assert index_words.treatment({"a": "winsorised 1"}, {"a": "A"}, Voice("en")) == (
        "Outliers treated: A (1 value moved in)."
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({}, "manca «name»"),
        ({"name": "x"}, "manca un indicatore (indicators); il nome «x» non finisce in _score"),
        (
            {"name": "x_score", "indicators": [{"name": "a"}]},
            "a non è un indicatore (l'elenco: needs-analysis codebook)",
        ),
        ({"name": "x_score", "indicators": [{"name": "a", "polarity": 1, "parent": "b"}]},
         "a: la componente «b» (parent) non c'è"),
        ({"name": "x_score", "normalise": "min", "indicators": [{"name": "a", "polarity": 1}]},
         "normalise: il metodo «min» non c'è (ci sono none, minmax, "),
        ({"name": "x_score", "normalise": {"method": "minmax", "hi": 1},
          "indicators": [{"name": "a", "polarity": 1}]},
         "normalise: minmax non ha l'opzione «hi» (ha low, high)"),
        ({"name": "x_score", "indicators": [{"name": "a", "polarity": 1, "weight": 0.4},
                                            {"name": "b", "polarity": 1, "weight": 0.4}]},
         "i pesi sotto x_score sono quote e sommano a 0,8, non a 1: a, b"),
        ({"name": "x_score", "indicators": [{"name": "a", "weight": "1"}]},
         '«indicators[a].weight»: "1" non è un numero'),
    ],
)  # fmt: skip
def test_the_problems_of_a_declaration_are_said_in_italian(written, said):
    with pytest.raises(ValueError) as caught:
        Spec.from_mapping(written)
    assert said in str(caught.value)


# --- the chapter


@pytest.mark.slow
def test_the_chapter_of_a_province(brianza):
    chapter = index_chapter.chapter(brianza)
    ranks = brianza.uncertainty
    own = ranks.loc[LISSONE]
    assert np.isnan(ranks.loc[MONZA, "rank"])  # marked: it takes none
    assert own["rank_low"] <= own["rank_median"] <= own["rank_high"]
    low, high = (f"{own[one]:,.0f}".replace(",", ".") for one in ("rank_low", "rank_high"))
    assert f"sta fra {low} e {high} in nove estrazioni su dieci" in plain(chapter)
    draws = f"{trials.DRAWS:,} estrazioni".replace(",", ".")
    places = next(one for one in chapter.blocks if getattr(one, "lead", "") == "I posti.")
    assert unmarked(places.note).startswith(draws)
    assert "in nessuna estrazione" not in plain(chapter) and "nel decimo dei comuni" in plain(
        chapter
    )
    pictures = [one for one in chapter.blocks if isinstance(one, Picture)]
    assert [one.key for one in pictures] == ["posti", "parti", "scelte"]
    for one in pictures:
        assert "Qualità: stimato con un modello." in one.notes
        assert one.sources and one.svg.startswith("<svg")
    assert "i 12 con il punteggio più alto fra quelli senza segni" in unmarked(pictures[1].notes[0])
    held = [one.key for one in chapter.blocks if isinstance(one, Table)]
    assert held == ["verifica esterna"]  # a profile is of one place


@pytest.mark.slow
def test_what_is_said_of_the_choices_is_in_the_figures(brianza):
    split = brianza.sensitivity
    first = split["total_order"].idxmax()
    text = plain(index_chapter.chapter(brianza))
    assert f"«{index_parts.factor_labels(brianza)[first]}»" in text
    without = brianza.left_out.loc[list(DISTRESS.names)]
    most = without["mean_rank_change"].idxmax()
    assert f"«{part_labels(brianza)[most]}»" in text


@pytest.mark.slow
def test_points_apart_add_up_to_the_difference_from_the_mean(brianza):
    points = brianza.index.component_contributions()
    apart = (points - points.mean()).loc[MONZA].sum()
    assert apart == pytest.approx(brianza.index.score[MONZA] - brianza.index.score.mean())


@pytest.mark.slow
def test_the_sheets(brianza, tmp_path):
    sheets = index_chapter.sheets(brianza)
    assert [one.key for one in sheets] == [
        "indice", "verifica esterna", "posti e intervalli", "sensibilità", "senza un indicatore",
        "pesi effettivi", "correlazioni", "fasi",
    ]  # fmt: skip
    workbook.write(sheets, tmp_path / "t.xlsx", title="t")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    rows = list(book["posti e intervalli"].iter_rows(values_only=True))
    assert sum(row[0] == "Monza" for row in rows) == 1
    (row,) = [row for row in rows if row[0] == "Monza"]
    assert row[1] == pytest.approx(brianza.index.score[MONZA])
    assert row[2] == "mercato non dei residenti" and not row[3] and row[4] is None
    (row,) = [row for row in rows if row[0] == "Lissone"]
    assert row[4] == brianza.rank[LISSONE] == brianza.uncertainty.loc[LISSONE, "rank"]
    book.close()
    by_key = {one.key: one for one in sheets}
    weights = by_key["pesi effettivi"].frame
    assert weights["declared_weight_share"].sum() == pytest.approx(1)
    assert weights["effective_weight_share"].sum() == pytest.approx(1)
    shares = by_key["posti e intervalli"]
    assert (shares.quality == int(Quality.MODELLED)).to_numpy().all()
    matrix = by_key["correlazioni"].frame.drop(columns="part").to_numpy()
    assert np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1)


@pytest.mark.slow
def test_a_single_municipality_has_a_profile():
    found = findings.find(select("comune:Rho"), Voice("en"), spec=DISTRESS)
    table = index_parts.peers_table(found)
    assert table.key == "profile"
    marks = table.frame.set_index("variable")["mark"]
    above = table.frame.set_index("variable")["above_share"]
    assert set(marks[above >= 0.75]) <= {"weakness"} and set(marks[above <= 0.25]) <= {"strength"}
    degree = found.panel.data["urbanisation_code"]
    others = found.index.stages["data"]["low_income_share"][degree == degree["015182"]]
    own = table.frame.set_index("variable").loc["low_income_share"]
    assert own["peer_median"] == others.drop("015182").median()
    chapter = index_chapter.chapter(found)
    assert "lies between" in plain(chapter)
    drawn = next(one for one in chapter.blocks if isinstance(one, Picture))
    assert "Quality: modelled." in drawn.notes
    keys = [one.key for one in index_chapter.sheets(found)]
    assert keys[:3] == ["index", "external check", "ranks and intervals"]


@pytest.mark.slow
def test_a_region_shows_the_highest_and_says_so():
    found = findings.find(select("regione:Umbria"), spec=DISTRESS)
    picture = next(one for one in index_chapter.chapter(found).blocks if isinstance(one, Picture))
    assert unmarked(picture.notes[0]) == (
        "Dei 92 comuni, i 31 con il punteggio più alto fra quelli senza segni e con almeno "
        "2.000 famiglie."
    )


@pytest.mark.slow
def test_an_area_without_a_score():
    found = findings.find(select(LIRIO), spec=DISTRESS)
    chapter = index_chapter.chapter(found)
    assert "non c'è un posto da provare" in plain(chapter)
    page = html.page(content.compose(found))
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S).lower().split()


# --- indices of one's own


@pytest.mark.slow
def test_a_flat_index_with_hostile_words_and_gaps(flat, tmp_path):
    page = html.page(content.compose(flat)).replace("\N{NO-BREAK SPACE}", " ")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "media italiana circa 100" not in page and "AMPI con penalità" not in page
    assert "Tutti i comuni con un punteggio sono segnati." in page
    assert index_words.reading(FLAT) == "posto 1 = punteggio più alto; scala da 0 a 1"
    assert flat.score_unit == "fine_score"
    assert part_labels(flat)["renting_households_2011"] == "Famiglie in affitto 2011 / Famiglie"
    scores = flat.index.score.loc[[LIRIO, SOVICO, MONZA]]
    assert scores.isna().any() and scores[MONZA] > 0
    workbook.write(content.sheets(flat), tmp_path / "t.xlsx", title="t")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    rows = {row[0]: row for row in book["indice"].iter_rows(values_only=True)}
    # place, mark, no ambito, score, and the points of three indicators that add up to it
    assert rows["Monza"][1:3] == (None, "mercato non dei residenti") and not rows["Monza"][3]
    assert rows["Monza"][4] == pytest.approx(scores[MONZA])
    assert sum(rows["Monza"][5:8]) == pytest.approx(scores[MONZA])
    assert set(rows["Sovico"][1:8]) <= {None, ""}
    cells = [cell for row in book["posti e intervalli"].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    book.close()
    geodata.write_geopackage(open_data.layers(flat), tmp_path / "t.gpkg")
    import geopandas as gpd

    listed = gpd.read_file(tmp_path / "t.gpkg", layer="codebook").set_index("name")
    assert listed.loc["made_up_score", "inputs"].split() == list(FLAT.names)
    assert listed.loc["made_up_score", "label_en"] == HOSTILE


@pytest.mark.slow
def test_the_scale_of_the_index_is_drawn_too_where_it_can_be(flat):
    drawn = trials.choices(flat.index)
    assert [one.name for one in drawn.normalise] == ["ampi", "zscore", "minmax"]  # 0 has no log
    spec = replace(FLAT, normalise={"method": "minmax", "low": 1, "high": 2}, aggregate="harmonic")
    found = findings.find(select(MONZA), ITALIAN, None, spec)
    drawn = trials.choices(found.index)
    assert drawn.normalise[0].options == {"low": 1, "high": 2}
    assert [one.name for one in drawn.aggregate] == ["harmonic", "ampi", "arithmetic", "geometric"]


@pytest.mark.slow
def test_an_outranking_says_that_it_was_not_tested():
    few = replace(PAIRED, aggregate="copeland", indicators=PAIRED.indicators[:1])
    found = findings.find(select("provincia:MB"), ITALIAN, None, few)
    assert trials.choices(found.index) is None
    assert found.uncertainty is None and found.sensitivity is None
    assert found.left_out is None  # one indicator only
    chapter = index_chapter.chapter(found)
    assert "migliaia di prove durerebbero ore" in plain(chapter)
    assert not any(isinstance(one, Picture) for one in chapter.blocks)
    table = next(one for one in content.sheets(found) if one.key == "indice")
    assert [one.name for one in table.columns] == [
        "municipality_name", "rank", "marks", "small", "paired_score"
    ]  # fmt: skip
    page = html.page(content.compose(found))
    assert "confronti a coppie (Copeland)" in page


@pytest.mark.slow
def test_a_function_of_ones_own_is_tested_but_not_kept(monkeypatch):
    def halved(data, polarity):
        return 100 + data.rank(pct=True) * np.array([polarity[name] for name in data])

    spec = replace(FLAT, normalise=halved)
    assert not trials.written(spec) and trials.written(FLAT)
    found = findings.find(select(LISSONE), ITALIAN, None, spec)
    monkeypatch.setattr(store, "computed", lambda *_: pytest.fail("it has no name of its own"))
    assert found.uncertainty.loc[LISSONE, "rank"] == found.rank[LISSONE]
