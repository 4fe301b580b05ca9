"""A study for a GIS: its styles beside the map, its project in a real QGIS."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from need_counts import filled

from needs_analysis import study
from needs_analysis.needs.files import NeedFiles
from needs_analysis.reports import described, gis, open_data
from needs_analysis.reports.language import display
from needs_analysis.reports.model import Identity
from needs_analysis.reports.render import geodata
from needs_analysis.reports.render.qgis_project import write_project
from needs_analysis.territory import areas

from .maps.test_maps import unpacked

# Lirio has no OMI rent; the other thirteen have one.
LIRIO, SOVICO = "018082", "108041"
QGIS = "/usr/bin/python3"  # the Python that Debian's QGIS is of


@cache
def has_qgis() -> bool:
    asked = [QGIS, "-c", "import qgis.core"]
    return (
        Path(QGIS).exists()
        and not subprocess.run(asked, capture_output=True, check=False).returncode
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    own = filled(
        tmp_path_factory.mktemp("own"), foreclosure=[{"municipality_code": SOVICO, "count": 3,
                                                      "day": "2026-06-30"}],
    )  # fmt: skip
    codes = (*areas.find("ambito:Carate Brianza", "").codes, LIRIO)
    return study.find(study.Study(codes, needs=NeedFiles(own), chapters=("bisogno",)))


@pytest.fixture(scope="module")
def drawn(found):
    return study.area_map(found).payload


@pytest.fixture(scope="module")
def layers(found):
    return open_data.layers(found)


@pytest.fixture(scope="module")
def styles(found, drawn, layers):
    return gis.styles(found, drawn, layers)


@pytest.fixture(scope="module")
def folder(found, layers, styles, tmp_path_factory):
    made = tmp_path_factory.mktemp("gis")
    geodata.write_geopackage(layers, made / gis.DATA, {described.MUNICIPALITIES: styles})
    who = Identity(date="1° dicembre 2026", author="Ufficio di Piano")
    write_project(gis.project(found, styles, layers, who), made / gis.PROJECT)
    return made


def on_the_map(found, drawn):
    """Return for each indicator of the map how many municipalities of the area each class has."""
    at = [found.shown.index.get_loc(code) for code in found.codes]
    counted = {}
    for one in drawn["indicators"]:
        if one.get("sized"):
            continue
        values = np.array(unpacked(one["columns"]["value"], len(found.shown)), dtype=float)[at]
        bounds = [each["from"] for each in gis.opened(one)["classes"]]
        place = np.searchsorted(bounds, values, side="right")
        counts = [int((place[~np.isnan(values)] == i + 1).sum()) for i in range(len(bounds))]
        counted[one["name"]] = [*counts, int(np.isnan(values).sum())]
    return counted


@pytest.mark.slow
def test_the_first_style_is_what_opens_the_map_and_every_indicator_has_one(drawn, layers, styles):
    assert styles[0].column == drawn["indicators"][drawn["first"]]["name"]
    mapped = {one["name"] for one in drawn["indicators"]} & set(layers["municipalities"])
    assert {one.column for one in styles} == mapped and len(mapped) > 20
    assert len({one.title for one in styles}) == len(styles)
    rent = next(one for one in styles if one.column == "rent_to_income_ratio")
    assert rent.title == "Incidenza del canone sul reddito, %"
    assert rent.rules[0].label.endswith(" %") and rent.rules[-1].label == "n.d."
    assert (
        "Fonte: Agenzia delle Entrate" in rent.abstract and "Dati: 2018/2 + 2021." in rent.abstract
    )


@pytest.mark.slow
def test_a_value_is_written_on_the_map_as_it_is_printed(styles):
    text = next(one.text for one in styles if one.column == "rent_to_income_ratio")
    assert "format_number(\"rent_to_income_ratio\" * 100, 1, 'it')" in text
    assert display("rent_to_income_ratio", "ratio").decimals == 1


@pytest.mark.slow
def test_every_column_is_said_and_every_key_tells_rows_apart(found, layers):
    for name, said in described.columns(found, layers).items():
        frame = layers[name]
        assert set(said) == {"geom" if one == "geometry" else one for one in frame}
        assert all(words and words != column for column, words in said.items())
        assert not frame.duplicated(list(described.KEYS[name])).any()
        assert frame[list(described.KEYS[name])].notna().all(axis=None)


@pytest.mark.slow
def test_a_small_count_of_ones_own_is_in_no_table_for_a_gis(found, layers, folder):
    assert found.need.profile == "published"
    rows = layers["bisogno"].query("group == 'foreclosure'")
    assert rows[["low", "central", "high"]].isna().all(axis=None)
    kept = pyogrio.read_dataframe(folder / gis.DATA, layer="bisogno").query(
        "group == 'foreclosure'"
    )
    assert kept[["low", "central", "high"]].isna().all(axis=None)


# ---- a real QGIS


@pytest.fixture(scope="module")
def opened(folder):
    if not has_qgis():
        pytest.skip("QGIS is not here: no project was opened, no sheet printed")
    desk = Path(__file__).with_name("qgis_desk.py")
    ended = subprocess.run(
        [QGIS, desk, str(folder / gis.PROJECT), str(folder)], capture_output=True, text=True,
        check=False, timeout=300,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PYTHONPATH": ""},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "may only be partially supported" not in ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.desk
def test_qgis_counts_in_each_class_what_the_map_does(found, drawn, styles, opened):
    counted = on_the_map(found, drawn)
    assert opened["read"] and opened["crs"] == "EPSG:32632"
    for style in styles:
        layer = opened["layers"][f"municipalities_{style.column}"]
        assert layer["valid"] and layer["features"] == 14 and layer["odd"] == 0
        assert list(layer["counts"].values()) == counted[style.column], style.column
        assert list(layer["counts"]) == [rule.label for rule in style.rules]
        assert layer["colours"][:-1] == [rule.colour for rule in style.rules[:-1]]
    assert counted["rent_to_income_ratio"][-1] == 1


@pytest.mark.desk
def test_qgis_opens_the_layer_of_the_geopackage_alone_in_the_default_style(
    found, drawn, styles, opened
):
    assert list(opened["default"]["counts"].values()) == on_the_map(found, drawn)[styles[0].column]
    assert sorted(opened["stored"]) == sorted(one.title for one in styles)
    assert opened["aliases"]["rent_to_income_ratio"] == "Incidenza del canone sul reddito"


@pytest.mark.desk
def test_qgis_opens_layers_groups_and_views(styles, opened):
    assert opened["seen"][0] == styles[0].title
    assert opened["themes"] == sorted(one.title for one in styles)
    assert "Tabelle" in opened["groups"]
    tables = [one for key, one in opened["layers"].items() if key.endswith("_table_layer")]
    assert len(tables) == 3 and all(one["valid"] and one["features"] for one in tables)


@pytest.mark.desk
def test_qgis_prints_the_sheets(styles, opened, folder):
    from PIL import Image

    assert {name: one["size"] for name, one in opened["sheets"].items()} == {
        "A4": [297, 210], "A3": [420, 297]
    }  # fmt: skip
    for name, sheet in opened["sheets"].items():
        assert sheet["result"] == 0
        assert sheet["texts"]["indicator"] == styles[0].title
        assert sheet["texts"]["about"] == styles[0].abstract
        assert "Ufficio di Piano. Elaborazione needs-analysis" in sheet["texts"]["foot"]
        assert "1° dicembre 2026" in sheet["texts"]["foot"]
        with Image.open(folder / f"{name}.png") as picture:
            found = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}
        counts = opened["layers"][f"municipalities_{styles[0].column}"]["counts"]
        for rule in styles[0].rules[:-1]:
            if not counts[rule.label]:
                continue
            shade = tuple(int(rule.colour[at : at + 2], 16) for at in (1, 3, 5))
            assert shade in found, rule.label


@pytest.mark.desk
def test_the_validator_of_gdal_finds_nothing(folder):
    known = [QGIS, "-c", "import osgeo_utils.samples.validate_gpkg"]
    if not has_qgis() or subprocess.run(known, capture_output=True, check=False).returncode:
        pytest.skip("the validator of GDAL is not here: the GeoPackage was not validated")
    asked = [QGIS, "-m", "osgeo_utils.samples.validate_gpkg", "-k", str(folder / gis.DATA)]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout + ended.stderr
