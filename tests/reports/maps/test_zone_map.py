"""The map of zones: shapes, words, what lacks, from files to one offline page."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from invented_zones import layer
from sources.places import DATA, OMI, SHARED, needs_real_files

from needs_analysis import store
from needs_analysis.errors import Refused
from needs_analysis.reports.maps import zones as zone_map
from needs_analysis.reports.maps.page import SCRIPTS
from needs_analysis.sources import omi_perimeters, omi_values
from needs_analysis.territory import select
from needs_analysis.words import Voice

from .test_maps import HOSTILE, decoded, payload, saved, tags, unpacked

KML = DATA / "omi_2018_2_perimetri_inventati_B212.kml"


def told(map_) -> dict:
    return payload(saved(map_))


def test_the_zones_are_drawn_with_range_kind_and_name():
    found = told(zone_map.zone_map(layer()))
    assert found["names"] == ["B1", "D1", "R1", "B1"]  # by municipality and code
    assert found["provinces"] == ["Prova", "Saggio"]
    (rent,) = found["indicators"]
    columns = {name: unpacked(column, 4) for name, column in rent["columns"].items()}
    assert columns["value"] == [825, 500, None, 600]
    assert (columns["low"], columns["high"]) == ([700, 400, None, 500], [950, 600, None, 700])
    assert rent["polarity"] == 0
    said = {
        one["label"]: [
            None if code is None else one["values"][code] for code in unpacked(one["column"], 4)
        ]
        for one in found["details"]
    }
    assert said == {
        "Nome della zona": ["CENTRO", "PERIFERIA", None, "TUTTO"],
        "Tipologia": ["abitazioni civili"] * 2 + [None, "abitazioni di tipo economico"],
        "Stato": ["stato ottimo", "stato normale", None, "stato normale"],
        "Superficie": ["superficie lorda", "superficie lorda", None, "superficie lorda"],
        "Conta nella media comunale": ["sì", "sì", None, "sì"],
    }
    assert found["qualities"][-1] == "canone non quotato"


def test_of_overlapping_zones_the_smaller_is_whole():
    given = layer()
    shapes = zone_map.coverage(given)
    assert shapely.coverage_is_valid(shapes.to_numpy())
    # the ring is 16 squares less the centre's one
    assert (shapes.area / 1e6).round(6).tolist() == [15, 1, 8, 8]


def test_a_zone_that_others_cover_whole_keeps_its_shape():
    twice = layer().iloc[[1, 1]].reset_index(drop=True)
    assert zone_map.coverage(twice).area.tolist() == [1e6, 1e6]


def test_names_stand_inside_their_zone():
    found = told(zone_map.zone_map(layer()))
    packed = found["geometry"]
    areas, lines = decoded(packed)
    assert len(lines) == 2  # the outlines of the two municipalities
    across, up = (unpacked(found["widest"][axis], 4) for axis in "xy")
    for polygons, x, y in zip(areas, across, up, strict=True):
        place = shapely.Point(
            packed["west"] + x * packed["step_x"], packed["south"] + y * packed["step_y"]
        )
        assert any(shapely.Polygon(shell, holes).contains(place) for shell, *holes in polygons)


def test_the_page_names_what_it_lacks_and_what_does_not_compare():
    given = layer(rent_surface_code=["L", "N", None, "L"])
    given.attrs["quotes_without_zone"] = ("X001/C9",)
    html = saved(zone_map.zone_map(given, without=["Zeta", "Alfa"], area_name="Qui"))
    assert "Qui, 4 zone OMI, quotazioni 2018/2" in html
    assert "Senza perimetri delle zone, perciò non disegnati: Alfa, Zeta." in html
    assert "needs-analysis data add FILE" in html
    assert "Zone quotate di cui manca il perimetro: Prova C9." in html
    assert "non si confrontano fra loro" in html
    assert "na-notice" not in saved(zone_map.zone_map(layer())).split("</style>")[-1]


def test_the_page_asks_nothing_and_hostile_text_stays_text():
    given = layer(description=[HOSTILE] * 4, municipality_name=[HOSTILE] * 4, state=[HOSTILE] * 4)
    html = saved(zone_map.zone_map(given, without=[HOSTILE], area_name=HOSTILE, voice=Voice("en")))
    found = tags(html)
    assert not [tag for tag, _ in found if tag in {"link", "img", "iframe", "object", "base"}]
    assert not [attrs for _, attrs in found if {"src", "href"} & attrs.keys()]
    policy = next(a["content"] for t, a in found if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert html.count("<script>") == len(SCRIPTS) + 1 and "49{" not in html
    assert payload(html)["provinces"] == [HOSTILE]
    assert '<html lang="en">' in html


def test_the_same_zones_give_the_same_bytes_in_any_order():
    one = saved(zone_map.zone_map(layer()))
    shuffled = layer().iloc[[2, 0, 3, 1]].reset_index(drop=True)
    assert saved(zone_map.zone_map(shuffled)) == one


def test_a_theme_of_municipalities_and_an_empty_layer_are_refused():
    with pytest.raises(Refused):
        zone_map.zone_map(layer(), theme="distress")
    with pytest.raises(ValueError, match="una zona"):
        zone_map.zone_map(layer().iloc[:0])


# ---- from the user's own files ------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    yield


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_without_files_it_is_said_which_to_add():
    area = select("108012")
    with pytest.raises(Refused, match=r"2018/2, le quotazioni.* e i perimetri.*data add"):
        zone_map.zones_of(area)
    store.add([OMI])
    with pytest.raises(Refused) as error:
        zone_map.zones_of(area)
    assert "i perimetri" in str(error.value) and "le quotazioni" not in str(error.value)


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_the_zones_come_from_the_files_that_were_added():
    store.add([OMI, KML])
    found, without = zone_map.zones_of(select("108012,108033"))
    assert without == ["Monza"]
    assert found["municipality_name"].unique().tolist() == ["Brugherio"]
    # published quotes of Brugherio: B1 6.4-8.3, D1 5.1-5.8
    rents = found.set_index("zone_code")["rent_eur_m2_month"]
    assert rents.round(9).to_dict() == {"B1": 7.35, "D1": 5.45}
    html = saved(zone_map.zone_map(found, without=without))
    assert "Monza" in html and "7,35" in html
    with pytest.raises(Refused, match=r"Monza: .*i perimetri"):
        zone_map.zones_of(select("108033"))


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_perimeters_of_another_half_year_are_named(tmp_path):
    other = tmp_path / "altro.kml"
    other.write_bytes(KML.read_bytes().replace(b"2018/2", b"2017/1"))
    store.add([OMI, other])
    with pytest.raises(Refused, match="presenti sono del 2017/1"):
        zone_map.zones_of(select("108012"))


@needs_real_files
def test_real_zones_of_a_province_tile_without_losing_one():
    files = SHARED / "omi"
    perimeters = omi_perimeters.read(files / "Provincia_CATANIA_2018-2.kmz")
    # In Caltagirone the rural zone is published over four others.
    own = perimeters[perimeters["cadastral_code"] == "B428"].reset_index(drop=True)
    shapes = zone_map.coverage(own)
    assert not shapes.is_empty.any()
    assert shapely.coverage_is_valid(shapes.to_numpy())
    metres = own.set_index("zone_code").to_crs(32632)
    whole = metres.area
    drawn = pd.Series(shapes.area.to_numpy(), index=own["zone_code"])
    assert (drawn / whole).drop("R").between(0.98, 1.02).all()
    assert drawn.sum() == pytest.approx(metres.union_all().area, rel=0.001)
    assert omi_values.SOURCE.reference_date == perimeters.attrs["reference_date"]
