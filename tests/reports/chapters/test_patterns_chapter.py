"""Groups and types in words, tables and layers: what is said is what was found."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from indices import DISTRESS

from needs_analysis import households, study
from needs_analysis.composite import Indicator, Spec
from needs_analysis.errors import StudyError
from needs_analysis.figures import Quality
from needs_analysis.indicators import registry
from needs_analysis.reports import findings
from needs_analysis.reports.chapters import municipality_types
from needs_analysis.reports.chapters import patterns as patterns_chapter
from needs_analysis.reports.chapters.patterns_map import map_layers
from needs_analysis.reports.findings import patterned
from needs_analysis.reports.maps.theme import CLUSTER, TYPE
from needs_analysis.reports.model import Briefing, Picture, Sentence, Table, plain
from needs_analysis.reports.render import html, workbook
from needs_analysis.territory import select
from needs_analysis.words import ITALIAN, Voice

LABELS = ("high_high", "low_low", "high_low", "low_high", "not_significant")


def found_in(area: str, voice: Voice = ITALIAN, spec: Spec | None = DISTRESS, **more):
    return findings.find(select(area), voice, spec=spec, **more)


@pytest.fixture(scope="module")
def monza():
    return found_in("provincia:MB")


def text(found) -> str:
    blocks = patterns_chapter.patterns(found).blocks
    return plain("\n".join(f"{one.lead} {one.text}" for one in blocks if isinstance(one, Sentence)))


@pytest.mark.slow
def test_every_municipality_is_counted_once(monza):
    labels = patterns_chapter.labels_of(monza.clusters, monza.area.index)
    assert set(labels) <= set(LABELS)
    low = monza.area["municipality_name"][labels == "low_low"]
    said = text(monza)
    assert f"{len(low)} con un valore basso fra vicini bassi" in said
    assert all(name in said for name in low)
    assert f"non va oltre il caso: {(labels == 'not_significant').sum()}." in said


@pytest.mark.slow
def test_the_page_and_the_workbook_can_be_written(monza, tmp_path):
    chapter = patterns_chapter.patterns(monza)
    sheets = patterns_chapter.sheets(monza)
    page = html.page(Briefing(ITALIAN, "Prova", "", (chapter,), tuple(sheets)))
    assert "Gruppi e tipi di comuni secondo l'indice" in page.replace("&#39;", "'")
    assert re.search(r"\bnan\b", page, re.IGNORECASE) is None
    workbook.write(sheets, tmp_path / "t.xlsx", title="Prova")
    assert [one.key for one in sheets] == ["gruppi spaziali", "tipi", "profili dei tipi"]
    for block in chapter.blocks:
        if isinstance(block, Picture | Table):
            assert block.notes and block.sources


@pytest.mark.slow
def test_the_sheet_of_groups_has_the_figures_of_the_statistic(monza):
    table = patterns_chapter.cluster_table(monza)
    frame, kept = table.frame.sort_index(), monza.clusters.frame.loc[monza.area.index.sort_values()]
    assert frame["housing_distress_score"].tolist() == kept["value"].tolist()
    assert frame["lag"].tolist() == kept["lag"].tolist()
    assert frame["pseudo_p"].tolist() == kept["pseudo_p"].tolist()
    assert table.quality is not None
    assert (table.quality[["lag", "label"]] == Quality.MODELLED).all(axis=None)


@pytest.mark.slow
def test_types_are_named_by_what_marks_them(monza):
    said = municipality_types.traits(monza)
    standing = monza.types.standing
    assert list(said) == standing.index.tolist() == [1, 2, 3, 4]
    for kind, words in said.items():
        for mark, name in (
            ("canoni", "rent_to_income_ratio"),
            ("anziani", "residents_75_over_share"),
        ):
            side = standing.loc[kind, name]
            high = "canoni alti" if mark == "canoni" else "molti anziani"
            assert (high in words) == (side >= 0.5)


@pytest.mark.slow
def test_the_counts_of_types_add_up(monza):
    frame = municipality_types.types_table(monza).frame
    assert frame["area_municipalities"].sum() == 55
    assert frame["italy_municipalities"].tolist() == monza.types.sizes().tolist()
    by_unit = municipality_types.type_table(monza).frame
    assert by_unit["type"].value_counts().to_dict() == {
        str(kind): count for kind, count in enumerate(frame["area_municipalities"], 1) if count
    }
    assert by_unit["type"].isin(["1", "2", "3", "4"]).all()


@pytest.mark.slow
def test_no_municipality_in_a_group_is_said_so():
    said = text(found_in("ambito:Carate Brianza"))
    assert "nessuno dei comuni mostrati (13) sta in un gruppo" in said


@pytest.mark.slow
def test_a_single_municipality_on_an_island_is_read_in_its_province():
    found = found_in("comune:Lampedusa e Linosa")
    said = text(found)
    assert "Lampedusa e Linosa non sta in un gruppo" in said
    assert "Provincia di Agrigento: nessuno dei comuni mostrati (43)" in said
    assert "Lampedusa e Linosa – Pantelleria (121 km)" in said
    assert "Lampedusa e Linosa è di tipo" in said
    heads = [one.name for one in municipality_types.types_table(found).columns]
    assert "area_municipalities" not in heads


@pytest.mark.slow
def test_a_municipality_without_a_score_is_named_with_what_it_lacks():
    found = found_in("018082,108041")  # Lirio has no rent
    said = text(found)
    assert "Fuori dal calcolo: Lirio (manca: Incidenza del canone sul reddito" in said
    rows = patterns_chapter.cluster_table(found).frame.set_index("municipality_name")
    assert rows.loc["Lirio", "label"] == "Senza un dato proprio"
    assert np.isnan(rows.loc["Lirio", "lag"])
    assert pd.isna(municipality_types.type_table(found).frame.loc["018082", "type"])


@pytest.mark.slow
def test_values_that_were_allocated_have_no_group_and_the_reason_is_said(monza):
    codes = monza.area.index[:2]
    scores = monza.indicators
    quality = scores.quality.copy()
    quality.loc[codes, "housing_distress_score"] = np.int8(Quality.ALLOCATED)
    shared = replace(monza, indicators=replace(scores, quality=quality))
    assert set(shared.clusters.allocated) == set(codes)
    names = monza.area.loc[codes, "municipality_name"]
    said = text(shared)
    assert "valore ripartito da un territorio più grande" in said
    assert all(name in said for name in names)
    figures, _ = map_layers(shared)
    assert figures.data.loc[codes, CLUSTER].isna().all()


@pytest.mark.slow
def test_english():
    found = found_in("comune:Rho", Voice("en"))
    said = text(found)
    assert (
        "Rho is in no group" in said and "Metropolitan city of Milano, 133 municipalities" in said
    )
    assert "Rho is of type" in said
    assert [one.key for one in patterns_chapter.sheets(found)] == [
        "spatial groups", "types", "profiles of types",
    ]  # fmt: skip
    notes = " ".join(note for one in patterns_chapter.sheets(found) for note in one.notes)
    assert "Silhouette" in notes and "stabilità" not in notes


@pytest.mark.slow
def test_a_later_day_has_its_own_groups():
    area = select("comune:Moransengo-Tonengo", "2025-01-01")
    found = findings.find(area, spec=DISTRESS)
    assert "Moransengo-Tonengo " in text(found)
    assert "005122" in found.clusters.frame.index


@pytest.mark.slow
def test_an_index_of_ones_own_has_its_groups_and_types():
    spec = Spec(
        "mio_score",
        label_it="Mio indice",
        indicators=(Indicator("rent_to_income_ratio"), Indicator("large_households_share")),
    )
    found = found_in("ambito:Desio", spec=spec)
    assert "Punteggi dell'indice «Mio indice»" in "".join(
        one.note for one in patterns_chapter.patterns(found).blocks if isinstance(one, Sentence)
    )
    label = registry()["large_households_share"].label_in()
    said = municipality_types.traits(found).values()
    assert any(f"{label}: alto" in words for words in said)
    assert any("canoni bassi rispetto al reddito" in words for words in said)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("eviction_orders_per_1000", "è pubblicato per provincia e nessun comune ha un valore suo"),
        ("degree_of_urbanisation_code", "è un codice e non un numero"),
        ("rent_to_incme_ratio", "non è un indicatore. Forse: rent_to_income_ratio"),
        ("qwerty", "non è un indicatore. Li elenca «needs-analysis codebook»"),
    ],
)
def test_what_has_no_groups_is_refused_with_the_reason(monza, name, said):
    with pytest.raises(StudyError, match=said):
        patterns_chapter.sheets(monza, name)


@pytest.mark.slow
def test_groups_of_an_indicator(monza):
    table, *_ = patterns_chapter.sheets(monza, "rent_to_income_ratio")
    assert table.title == "Gruppi di comuni vicini: Incidenza del canone sul reddito"
    own = monza.indicators.data.loc[table.frame.index, "rent_to_income_ratio"]
    assert table.frame["rent_to_income_ratio"].tolist() == own.tolist()


@pytest.mark.slow
def test_layers_say_in_words_what_each_code_is(monza):
    figures, (clusters, types) = map_layers(monza)
    assert (clusters.name, types.name) == (CLUSTER, TYPE)
    assert [one.code for one in clusters.categories] == list(LABELS)
    assert set(figures.data[CLUSTER].dropna()) <= set(LABELS)
    assert set(figures.data[TYPE].dropna()) == {one.code for one in types.categories}
    assert len({one.colour for one in (*clusters.categories, *types.categories)}) == 9
    modelled = (figures.quality == Quality.MODELLED).to_numpy()
    assert (modelled == figures.data.notna().to_numpy()).all()


@pytest.mark.slow
def test_the_theme_of_clusters_is_drawn(monza, tmp_path):
    path = tmp_path / "m.html"
    study.area_map(monza, "clusters").save(str(path))
    page = path.read_text("utf-8")
    for words in (
        "Alto circondato da alto",
        "Non significativo",
        "canoni alti rispetto al reddito",
    ):
        assert words in page


# --- without an index


@pytest.fixture(scope="module")
def campania():
    return found_in("regione:Campania", spec=None)


@pytest.mark.slow
def test_without_an_index_groups_are_of_the_model_before_the_survey(campania):
    figures = households.national().figures.data
    expected = 1000 * figures["overburdened_tenants_of_model"] / campania.whole.data["households"]
    out = campania.marks.any(axis=1) | campania.whole.data["rent_eur_m2_month"].isna()
    own = campania.patterned.grouped
    assert own.data[patterned.MODEL].equals(expected.mask(out).rename(patterned.MODEL))
    assert set(own.quality.loc[~out, patterned.MODEL]) <= {Quality.MODELLED, Quality.IMPUTED}
    assert set(campania.clusters.frame.index) <= set(out.index[~out])
    chapter = patterns_chapter.patterns(campania)
    assert chapter.title == "Gruppi e tipi di comuni"
    first = chapter.blocks[0]
    assert "Gruppi di un modello: «Famiglie in affitto sul mercato" in first.note
    assert "oltre il 40 % del reddito netto" in first.note.replace("\N{NO-BREAK SPACE}", " ")
    pictures = [one.title for one in chapter.blocks if isinstance(one, Picture)]
    assert pictures == [
        "Gruppi di valori alti e bassi (gruppi di un modello)",
        "I tipi sulla carta",
    ]
    said = text(campania)
    assert "(mercato non dei residenti)" in said
    assert "Cellole, Falciano del Massico (manca: Canone annuo di riferimento)" in said
    table = patterns_chapter.cluster_table(campania)
    assert any(note.startswith("Gruppi di un modello") for note in table.notes)


@pytest.mark.slow
def test_without_an_index_types_are_of_observed_figures(campania):
    names = [name for part in patterned.OBSERVED for name in part]
    assert list(campania.types.centroids) == names
    of_rent = campania.whole.columns(["annual_rent_eur"])
    known = campania.national.columns(names[:-1]).beside(of_rent)
    assert campania.patterned.types.data.equals(known.data)
    assert (known.quality[names].min() <= Quality.OBSERVED).all()
    said = " ".join(municipality_types.traits(campania).values())
    assert "molti letti turistici" in said and "canoni alti" in said
    page = municipality_types.types_table(campania, on_page=True)
    assert "Canone annuo" in [one.label for one in page.columns]


@pytest.mark.slow
def test_without_an_index_the_layers_say_that_they_are_of_a_model(campania, tmp_path):
    _, (clusters, types) = map_layers(campania)
    assert "Gruppi di un modello" in clusters.definition
    assert "non li ordinano" in types.definition
    path = tmp_path / "m.html"
    study.area_map(campania, "clusters").save(str(path))
    assert "index_score" not in path.read_text("utf-8")
