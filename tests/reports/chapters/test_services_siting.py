"""Where to open: the choice for an area, its tables and its map agree and tell no more than they may."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from needs_analysis import households, territory
from needs_analysis.errors import ParameterError
from needs_analysis.figures import Quality
from needs_analysis.reports.chapters import services_siting, siting_map
from needs_analysis.reports.maps.geometry import encode_geometry
from needs_analysis.told import siting as siting_told
from needs_analysis.words import ITALIAN, Voice

NEED = "declarants_up_to_10k"


def register(protected: bool = False) -> SimpleNamespace:
    """Invented: a dwelling in Monza."""
    dwellings = pd.DataFrame(
        {"service_code": ["s"], "municipality_code": ["108033"],
         "opened": [pd.Timestamp("2024-01-01")], "closed": [pd.NaT]}, index=["d"],
    )  # fmt: skip
    services = pd.DataFrame({"ambito_name": ["Monza"], "protected": [protected]}, index=["s"])
    return SimpleNamespace(services=services, dwellings=dwellings, label="dati inventati")


@pytest.fixture(scope="module")
def brianza():
    return territory.select("provincia:MB")


@pytest.fixture(scope="module")
def cover(brianza):
    """Two dwellings beside Monza's, within eight kilometres of most need."""
    said, warnings = siting_told.choose(
        brianza, 2, need=NEED, register=register(), on="2025-12-31", reach=8.0
    )
    assert warnings == ()
    return said


@pytest.fixture(scope="module")
def sheltered(brianza):
    said, _ = siting_told.choose(
        brianza, 1, need=NEED, register=register(protected=True), on="2025-12-31", protected=True
    )
    return said


def payload(map_) -> dict:
    text = map_.get_root().render()
    found = re.search(
        r'<script type="application/json" id="na-data">(.*?)</script>', text, re.DOTALL
    )
    return json.loads(found[1])


# ---------------------------------------------------------------- tables


def test_tables_hold_the_choice(cover):
    sites, units = services_siting.tables(cover, ITALIAN)
    assert sites.title == units.title.replace("Comuni e distanze", "Dove aprire")
    assert "dati inventati" in sites.title
    assert sorted(sites.frame["role"]) == ["c'è già", "nuovo", "nuovo"]
    assert sites.frame["units_served"].sum() == len(units.frame) == 55
    assert sites.frame["need_served"].sum() == units.frame["need"].sum()
    assert [one.name for one in units.columns][-2:] == ["site_before", "distance_before"]
    distance = next(one for one in units.columns if one.name == "distance")
    assert set(units.qualities(distance)) == {int(Quality.MODELLED)}
    assert any("MEF" in line for line in sites.sources)


def test_notes_say_rule_need_day_and_result(cover):
    said = " ".join(services_siting.notes(cover, ITALIAN))
    before, after = cover.found.mean_distance_before, cover.found.mean_distance
    assert f"da {ITALIAN.number(before, 1)} a {ITALIAN.number(after, 1)} km" in said
    for part in (
        "massima copertura", "Dichiaranti fino a 10.000 €, 2021, osservato", "linea d'aria",
        "31 dicembre 2025", "Bisogno entro 8,0 km",
    ):  # fmt: skip
        assert part in said
    english = " ".join(services_siting.notes(cover, Voice("en")))
    assert "maximal cover" in english and "Declarants" in english


@pytest.mark.slow
def test_without_a_register_there_is_no_before(brianza):
    said, _ = siting_told.choose(brianza, 1, need=NEED)
    assert said.before == ()
    names = [one.name for one in services_siting.tables(said, ITALIAN)[1].columns]
    assert names == ["name", "need", "site", "distance"]
    assert any(note.startswith("Senza registro") for note in services_siting.notes(said, ITALIAN))
    assert "inventati" not in services_siting.tables(said, ITALIAN)[0].title


def test_a_need_that_is_missing_or_allocated_is_said():
    area = territory.select("provincia:Siracusa")
    said, _ = siting_told.choose(area, 1, need="other_lodgings_2011")
    missing = said.found.missing
    assert missing
    note = services_siting.notes(said, ITALIAN)[-1]
    assert f"senza peso nella scelta ({len(missing)})" in note
    assert said.area["municipality_name"][missing[0]] in note
    spread, _ = siting_told.choose(area, 1, need="eviction_orders")
    assert any("non distingue i comuni" in note for note in services_siting.notes(spread, ITALIAN))


def test_what_cannot_be_asked_is_refused_before_anything_is_read(monkeypatch, brianza):
    def never(*_, **__):
        raise AssertionError("the panel was read")

    monkeypatch.setattr(siting_told, "_need", never)
    with pytest.raises(ParameterError, match="declarants_up_to_10k"):
        siting_told.choose(brianza, 1, need="coastal")
    huge = pd.concat([brianza] * 8)
    with pytest.raises(ValueError, match="più di 160000 confronti"):
        siting_told.choose(huge, 1, reach=5)


def test_a_choice_that_is_not_proven_says_by_how_much_it_may_be_bettered(brianza):
    near, _ = siting_told.choose(brianza, 1, need="declarants")
    unproven = replace(near, found=replace(near.found, gap=0.00123))
    (rule,) = [one for one in services_siting.notes(unproven, ITALIAN) if "p-mediana" in one]
    assert "non è dimostrato" in rule and "al più dello 0,13 %" in rule
    (rule,) = [one for one in services_siting.notes(near, ITALIAN) if "p-mediana" in one]
    assert rule.startswith("Ottimo dimostrato")


# ---------------------------------------------------------------- map


def test_the_map_says_what_the_tables_say(cover):
    drawn = siting_map.siting_map(cover)
    data = payload(drawn)
    sites, units = services_siting.tables(cover, ITALIAN)
    assert data["names"] == units.frame["name"].tolist()
    marked = {mark["label"]: [data["names"][i] for i in mark["units"]] for mark in data["marks"]}
    assert marked["comune con alloggi già aperti"] == ["Monza"]
    new = sites.frame.loc[sites.frame["role"] == "nuovo", "name"]
    assert sorted(marked["nuovo sito scelto"]) == sorted(new)
    labels = [one["label"] for one in data["indicators"]]
    assert labels == [
        "Dichiaranti fino a 10.000 €", "Distanza dal sito più vicino (km)",
        "Distanza prima dei nuovi siti (km)", "Entro la distanza chiesta",
    ]  # fmt: skip
    counted = sum(one["from"] <= 8 for one in data["indicators"][3]["classes"])
    assert counted == 2
    assert "dati inventati" in drawn.get_root().render()


def test_every_unit_says_who_serves_it(cover):
    layer = cover.found.layer(cover.area)
    text = siting_map.words(ITALIAN, "siting")
    codes, words = siting_map._served(cover, layer, text, ITALIAN)
    said = pd.Series(np.array(words)[codes.astype(int)], index=layer.index)
    for code, row in layer.iterrows():
        if pd.notna(row["role"]):
            assert said[code] == text[row["role"]]
        else:
            assert f"servito da {cover.area['municipality_name'][row['site']]}" in said[code]
            assert said[code].endswith("(nuovo)") == (row["site"] != "108033")


def test_lines_between_catchments_are_drawn_once():
    squares = [shapely.box(x, y, x + 1e4, y + 1e4) for x in (5e5, 5.1e5) for y in (5e6, 5.01e6)]
    shapes = gpd.GeoSeries(squares, crs=32632)
    halves = [np.array([0, 1]), np.array([2, 3])]
    once = encode_geometry(shapes, halves, between=True)
    whole = encode_geometry(shapes, halves)
    alone = encode_geometry(shapes, [np.arange(4)], between=True)
    assert len(once["steps"]) < len(whole["steps"])
    assert alone["shape"].endswith("#")  # no line at all
    assert not once["shape"].endswith("#")


def test_a_protected_dwelling_is_an_ambito_on_map_and_tables(brianza, sheltered):
    drawn = siting_map.siting_map(sheltered)
    text, data = drawn.get_root().render(), payload(drawn)
    assert data["geometry"]["count"] == 5
    assert sorted(data["names"]) == ["Carate Brianza", "Desio", "Monza", "Seregno", "Vimercate"]
    tables = services_siting.tables(sheltered, ITALIAN)
    said = text + repr([one.frame.to_dict("list") for one in tables])
    assert not any(code in said for code in brianza.index)
    ambiti = set(data["names"])
    others = set(brianza["municipality_name"]) - ambiti
    body = json.dumps({key: value for key, value in data.items() if key != "geometry"})
    assert not any(f'"{name}"' in body or f"servito da {name}" in body for name in others)
    assert "ambito con alloggi protetti già aperti" in text
    # Areas and the lines between them: nothing on the page has a place of its own.
    assert "widest" not in data
    assert {mark["label"] for mark in data["marks"]} <= {
        "ambito con alloggi protetti già aperti", "nuovo sito scelto",
    }  # fmt: skip


def test_the_page_lets_nothing_in_and_is_the_same_twice(cover):
    text = siting_map.siting_map(cover, Voice("en")).get_root().render()
    assert "default-src 'none'" in text
    assert 'lang="en"' in text
    assert "Where to open (invented data)" in text
    assert siting_map.siting_map(cover, Voice("en")).get_root().render() == text


# ---------------------------------------------------------------- the model's need


@pytest.mark.slow
def test_the_model_weighs_the_units_unless_another_count_is_asked():
    area = territory.select("ambito:Vimercate")
    said, _ = siting_told.choose(area, 1)
    counted = households.national().figures.data.loc[area.index, siting_told.MODELLED]
    assert said.need.data[siting_told.MODELLED].tolist() == counted.round().tolist()
    note = services_siting.notes(said, ITALIAN)[2]
    assert note.startswith(
        "Bisogno: Famiglie in affitto sul mercato che spendono troppo per il canone"
    )
    assert ", stimato." in note or ", imputato." in note


@pytest.mark.slow
def test_a_small_count_of_the_model_is_a_band_in_tables_and_map():
    area = territory.select("provincia:Lecco")
    said, _ = siting_told.choose(area, 2)
    few = said.few
    assert few.any() and not few.all()
    sites, units = services_siting.tables(said, ITALIAN)
    own = units.frame.set_index("unit")
    assert own.loc[few, "need"].isna().all() and own.loc[~few, "need"].notna().all()
    assert set(own.loc[few, "need_band"]) == {"meno di 10", "10-30"}
    assert (own.loc[~few, "need_band"] == "").all()
    assert "need_band" in [one.name for one in units.columns]
    served = said.found.sites["need_served"].sum()
    assert served == said.need.data[siting_told.MODELLED].sum()
    assert (own.loc[~few, "need"] % 1 == 0).all()
    data = payload(siting_map.siting_map(said))
    bands = next(one for one in data["details"] if one["label"] == "Bisogno, se piccolo")
    assert set(bands["values"]) == {"meno di 10", "10-30"} and bands["in_tip"]
