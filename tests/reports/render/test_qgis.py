"""Invented styles and a project of them: classes, words, bytes; QGIS itself opens them in test_gis."""

import re
import sqlite3
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from needs_analysis.reports.render import geodata, qgis
from needs_analysis.reports.render.qgis import Rule, Style
from needs_analysis.reports.render.qgis_layout import Printed
from needs_analysis.reports.render.qgis_project import Project, write_project

HOSTILE = """<script>"&' ]]> [% env('HOME') %] \x00\ud800 """

STYLE = Style(
    "share", f"Redditi {HOSTILE}",
    (Rule('"share" >= 1', f"da 1 {HOSTILE}", "#fbf7c9"), Rule('"share" IS NULL', "n.d.")),
    text='"municipality_name"', abstract=HOSTILE, source="ISTAT", dated="2021", group=HOSTILE,
    aliases={"share": HOSTILE},
)  # fmt: skip
PROJECT = Project(
    Printed(HOSTILE, "Legenda", warning=HOSTILE, note=HOSTILE, made="needs-analysis"), "data.gpkg",
    "municipalities", (STYLE, replace(STYLE, column="other", title="Altro")), {}, {"codebook": "Voci"},
    "Tabelle", (500_000.0, 5_000_000.0, 510_000.0, 5_020_000.0),
)  # fmt: skip


@given(
    st.lists(st.floats(-9, 9) | st.integers(-9_000, 9_000).map(lambda n: n / 1000 / 2), min_size=1),
    st.sets(st.integers(-8_000, 8_000), min_size=1, max_size=6),
    st.sampled_from([(1, 1), (100, 10), (1, 10), (1, 100)]),
)
def test_a_value_is_in_the_class_that_prints_it_and_in_no_other(values, bounds, factors):
    bounds = sorted(bounds)
    rules = [
        qgis.steps_between("x", factors, low, above)
        for low, above in zip(bounds, [*bounds[1:], None], strict=True)
    ]
    for value in values:
        step = int(np.rint(value * factors[0] * factors[1]))
        said = [
            eval(one.replace('"x"', "value").replace("AND", "and"), {"value": value})
            for one in rules
        ]
        assert sum(said) == (step >= bounds[0])
        if any(said):
            assert said.index(True) == np.searchsorted(bounds, step, side="right") - 1


def test_a_style_is_a_document_that_reads_back_and_hostile_text_is_text():
    root = ElementTree.fromstring(qgis.style_text(STYLE))
    rules = [one.attrib for one in root.iter("rule")]
    assert [one["label"] for one in rules] == [f"da 1 {qgis.clean(HOSTILE)}", "n.d."]
    assert [one["filter"] for one in rules] == ['"share" >= 1', '"share" IS NULL']
    assert len({one["key"] for one in rules}) == 2
    kinds = [[one.get("class") for one in symbol.iter("layer")] for symbol in root.iter("symbol")]
    assert kinds[:2] == [["SimpleFill"], ["SimpleFill", "LinePatternFill", "SimpleLine"]]
    assert not list(root.iter("script"))


def made(folder, styles=(STYLE,)):
    path = folder / "data.gpkg"
    frame = gpd.GeoDataFrame(
        {"share": [1.0, np.nan]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=32632
    )
    geodata.write_geopackage({"municipalities": frame}, path, {"municipalities": styles})
    return path


def test_styles_stand_in_the_geopackage_the_first_is_the_default(tmp_path):
    path = made(tmp_path, (STYLE, replace(STYLE, title="Altro")))
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    assert layers == {"municipalities": "Polygon", "layer_styles": None}
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT f_table_name, f_geometry_column, styleName, useAsDefault, update_time FROM layer_styles"
    ).fetchall()
    (kind,) = connection.execute(
        "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
    ).fetchone()
    connection.close()
    moment = "2022-01-01T00:00:00.000Z"
    assert rows == [
        ("municipalities", "geom", qgis.clean(STYLE.title), 1, moment),
        ("municipalities", "geom", "Altro", 0, moment),
    ]
    assert kind == "attributes"


def test_the_same_styles_give_the_same_bytes(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        made(folder)
        write_project(PROJECT, folder / "project.qgz")
    for name in ("data.gpkg", "project.qgz"):
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    path = tmp_path_factory.mktemp("qgis") / "project.qgz"
    write_project(PROJECT, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["project.qgs"]
        return archive.read("project.qgs").decode()


def test_a_project_names_its_data_beside_it_and_no_machine(project):
    root = ElementTree.fromstring(project)
    sources = {one.text for one in root.iter("datasource")}
    assert sources == {"./data.gpkg|layername=municipalities", "./data.gpkg|layername=codebook"}
    assert not {"saveUser", "saveUserFull", "saveDateTime"} & root.attrib.keys()
    assert root.find("properties/Paths/Absolute").text == "false"
    assert not re.search(r"(/home|/root|/tmp|/work|file:|[A-Z]:\\)", project)


def test_a_project_has_two_sheets_of_paper_with_all_that_a_map_needs(project):
    root = ElementTree.fromstring(project)
    sheets = {one.get("name"): one for one in root.iter("Layout")}
    assert list(sheets) == ["A4", "A3"]
    for sheet in sheets.values():
        found = {one.get("id") for one in sheet.iter("LayoutItem")}
        assert found == {
            "page",
            "title",
            "indicator",
            "map",
            "legend",
            "about",
            "scale",
            "warning",
            "foot",
        }
    seen = [
        one.get("id")
        for one in root.iter("layer-tree-layer")
        if one.get("checked") == "Qt::Checked"
    ]
    assert seen == ["municipalities_share", "codebook_table_layer"]


def test_no_text_of_a_study_is_computed_on_a_sheet(project):
    root = ElementTree.fromstring(project)
    texts = [one.get("labelText") for one in root.iter("LayoutItem") if one.get("labelText")]
    computed = [one for one in texts if "[%" in one]
    assert computed and all(one.startswith("[% layer_property(") for one in computed)
    assert any("env('HOME')" in one for one in texts)


def test_the_reference_system_is_the_one_that_it_says(project):
    root = ElementTree.fromstring(project)
    for system in root.iter("spatialrefsys"):
        assert CRS.from_wkt(system.findtext("wkt")).equals(CRS.from_epsg(32632))
        assert CRS.from_user_input(system.findtext("authid")).to_epsg() == 32632
