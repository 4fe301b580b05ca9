"""Perimeters of zones: the publisher's layout, hostile documents and archives."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import reading, sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import omi_perimeters, omi_values

from .places import DATA, SHARED, needs_real_files

KML = DATA / "omi_2018_2_perimetri_inventati_B212.kml"
INDEX = b"""<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<name>MILANO</name><NetworkLink><name>Comune di BRUGHERIO</name><Link><href>Comuni/Comune di BRUGHERIO
2018-2.kml</href></Link></NetworkLink></Document></kml>"""


def changed(*pairs: tuple[bytes, bytes]) -> bytes:
    text = KML.read_bytes()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def province(path: Path, *documents: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Provincia di MILANO 2018-2.kml", INDEX)
        for i, document in enumerate(documents):
            archive.writestr(f"Comuni/Comune di PROVA {i}.kml", document)
    return path


def read(folder: Path, data: bytes) -> gpd.GeoDataFrame:
    (folder / "a.kml").write_bytes(data)
    return omi_perimeters.read(folder / "a.kml")


def refused(folder: Path, data: bytes) -> SourceError:
    with pytest.raises(SourceError) as error:
        read(folder, data)
    assert [*map(str, error.value.problems)] and error.value.__cause__ is None
    return error.value


def test_zones_with_holes_and_many_parts():
    zones = omi_perimeters.read(KML)
    assert sources.readers_of(KML) == (omi_perimeters,)
    assert zones.crs.to_epsg() == 4326
    assert zones.attrs["reference_date"] == "2018/2"
    first, second = zones.drop(columns="geometry").to_dict("records")
    assert first == {
        "cadastral_code": "B212", "municipality_name": "BRUGHERIO", "zone_code": "B1",
        "zone_link": "", "reference_date": "2018/2", "is_repaired": False,
    }  # fmt: skip
    assert second["zone_code"] == "D1"
    # a square of side 4 less the hole of side 2; the hole and a square of side 2 (thousandths)
    assert shapely.area(zones.geometry).round(9).tolist() == [12e-6, 8e-6]
    assert len(zones.geometry[0].interiors) == 1
    assert zones.geometry[1].geom_type == "MultiPolygon"
    assert zones.geometry[0].bounds == (9.3, 45.55, 9.304, 45.554)


def test_a_province_is_the_sum_of_its_municipalities(tmp_path):
    other = changed((b"B212", b"I878"), (b"BRUGHERIO", b"SOVICO"))
    path = province(tmp_path / "senza nome", KML.read_bytes(), other)
    assert sources.readers_of(path) == (omi_perimeters,)
    zones = omi_perimeters.read(path)
    assert zones["cadastral_code"].tolist() == ["B212", "B212", "I878", "I878"]
    assert zones["municipality_name"].unique().tolist() == ["BRUGHERIO", "SOVICO"]


def test_the_editions_before_the_pair_of_codes(tmp_path):
    # until 2013/2 the link is filled; in 2014/1 only the name says the zone
    linked = read(tmp_path, changed((b"<value></value>", b"<value>MI00004345</value>")))
    assert linked["zone_link"].tolist() == ["MI00004345"] * 2
    named = changed((b"CODZONA", b"ALTRO"), (b"CODCOM", b"ALTRO2"), (b"2018/2", b"2014/1"))
    zones = read(tmp_path, named)
    assert zones["zone_code"].tolist() == ["B1", "D1"]
    assert zones["cadastral_code"].tolist() == ["B212", "B212"]
    assert zones["reference_date"].tolist() == ["2014/1", "2014/1"]


def test_rings_that_cross_are_repaired_and_said(tmp_path):
    # the two eastern corners swapped: a bow tie, of which two triangles of 1/4 remain
    east = b"9.306000,45.550000,0 9.306000,45.552000,0"
    crossed = changed((east, b"9.306000,45.552000,0 9.306000,45.550000,0"))
    zones = read(tmp_path, crossed)
    assert zones["is_repaired"].tolist() == [False, True]
    assert zones.is_valid.all()
    assert shapely.area(zones.geometry).round(9).tolist() == [12e-6, 6e-6]


def test_lines_of_two_encodings(tmp_path):
    two = changed((b"BRUGHERIO - Zona OMI B1", "FORLÌ - Zona OMI B1".encode("cp1252")))
    two = two.replace(b"BRUGHERIO - Zona OMI D1", "SÈN JAN - Zona OMI D1".encode())
    assert read(tmp_path, two)["municipality_name"].tolist() == ["FORLÌ", "SÈN JAN"]


WRONG = {
    "no semester": ([(b"Anno/Semestre 2018/2", b"")], "non dice Anno/Semestre"),
    "no municipality": ([(b"B212", b"")], "'/B1': codice non riconosciuto"),
    "zone twice": ([(b">D1<", b">B1<")], "zona B212/B1 ripetuta"),
    "no polygon": ([(b"Polygon", b"LineString")], "«BRUGHERIO - Zona OMI B1»: nessun poligono"),
    "no shell": ([(b"outerBoundaryIs", b"altro")], "coordinate leggibili"),
    "truncated": ([(b"</Document></kml>", b"")], "troncato"),
    "no zones": ([(b"Placemark", b"Folder")], "nessuna zona OMI"),
}  # fmt: skip


@pytest.mark.parametrize(("pairs", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(pairs, words, tmp_path):
    assert words in str(refused(tmp_path, changed(*pairs)))


ODD = {
    "no zone": ([(b"CODZONA", b"A"), (b"Zona OMI D1", b"Zona")], "'B212/': codice non riconosciuto"),
    "latitude first": ([(b"9.306000,45.552000", b"45.552000,9.306000")], "in Italia"),
    "no number": ([(b"9.306000,45.552000,0", b"9.306000,nord,0")], "coordinate leggibili"),
    "not a number": ([(b"9.306000,45.552000,0", b"9.306000,nan,0")], "coordinate leggibili"),
    "one number": ([(b"9.306000,45.552000,0", b"9.306000")], "coordinate leggibili"),
    "no area": ([(b"45.552000,0 9.304000,45.552000", b"45.550000,0 9.304000,45.550000"),
                 (b",45.553000", b",45.551000")], "zona B212/D1: senza superficie"),
}  # fmt: skip


@pytest.mark.parametrize(("pairs", "words"), ODD.values(), ids=ODD)
def test_an_odd_zone_is_left_out_and_named(pairs, words, tmp_path):
    """One zone of two: up to three are odd in a file of any size."""
    zones = read(tmp_path, changed(*pairs))
    assert zones["zone_code"].tolist() == ["B1"]
    (notice,) = zones.attrs["notices"]
    assert str(notice).startswith("una riga che non si legge è lasciata fuori") and words in str(
        notice
    )


def test_four_odd_zones_refuse_a_province(tmp_path):
    codes = [b"A%03d" % one for one in range(6)]
    odd = [changed((b"B212", one), (b"9.306000,45.552000", b"nord,0")) for one in codes]
    three = omi_perimeters.read(province(tmp_path / "a.kmz", *odd[:3]))
    assert len(three) == 3 and "3 righe" in str(three.attrs["notices"][0])
    with pytest.raises(reading.OddCellsError) as error:
        omi_perimeters.read(province(tmp_path / "b.kmz", *odd))
    assert len(error.value.problems) == 6


def test_every_wrong_zone_is_named_at_once(tmp_path):
    problems = refused(tmp_path, changed((b"45.550000", b"nord"), (b"45.551000", b"sud"))).problems
    assert [str(p)[:25] for p in problems] == [
        "«BRUGHERIO - Zona OMI B1»",
        "«BRUGHERIO - Zona OMI D1»",
    ]


LAUGHS = b"<!DOCTYPE kml [<!ENTITY a 'ah'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (c, b"&%c;" % (c - 1) * 10) for c in b"bcdefghi"
) + b"]>"  # fmt: skip
HOSTILE = {
    "billion laughs": (LAUGHS, b"&i;"),
    "external entity": (b"<!DOCTYPE kml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", b"&x;"),
    "parameter entity": (b"<!DOCTYPE kml [<!ENTITY % x SYSTEM 'http://a.invalid/'> %x;]>", b""),
    "external dtd": (b"<!DOCTYPE kml SYSTEM 'http://a.invalid/kml.dtd'>", b""),
}


@pytest.mark.parametrize(("doctype", "use"), HOSTILE.values(), ids=HOSTILE)
def test_entities_and_dtds_are_refused(doctype, use, tmp_path):
    data = changed(
        (b"<kml xmlns", doctype + b"<kml xmlns"), (b"<name>BRUGHERIO - ", b"<name>" + use)
    )
    assert "DTD o entità" in str(refused(tmp_path, data))
    (tmp_path / "b.kmz").write_bytes(province(tmp_path / "p.kmz", data).read_bytes())
    with pytest.raises(SourceError, match="DTD o entità"):
        omi_perimeters.read(tmp_path / "b.kmz")


@pytest.mark.slow
def test_a_well_of_elements_is_refused(tmp_path):
    well = b"<Folder>" * 100_000 + b"</Folder>" * 100_000
    assert "annida" in str(refused(tmp_path, changed((b"</Document>", well + b"</Document>"))))


def test_bombs_traversal_and_nested_archives_are_refused(tmp_path):
    path = province(tmp_path / "a.kmz", KML.read_bytes() + b" " * 10**7)
    with pytest.raises(SourceError, match="oltre 200 volte"):
        omi_perimeters.read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../Comune di PROVA.kml", KML.read_bytes())
    with pytest.raises(SourceError, match="escono"):
        omi_perimeters.read(path)
    inner = province(tmp_path / "b.kmz", KML.read_bytes()).read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.kmz", inner)
    with pytest.raises(SourceError, match="altri archivi"):
        omi_perimeters.read(path)
    whole = province(tmp_path / "c.kmz", KML.read_bytes()).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="danneggiato"):
        omi_perimeters.read(path)


def test_an_enormous_document_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(omi_values, "BYTES_MAX", 1000)
    assert "oltre la misura" in str(refused(tmp_path, KML.read_bytes()))


def test_semesters_together_and_an_index_alone_are_refused(tmp_path):
    other = changed((b"B212", b"I878"), (b"2018/2", b"2018/1"))
    with pytest.raises(SourceError, match="semestri diversi insieme: 2018/1, 2018/2"):
        omi_perimeters.read(province(tmp_path / "a.kmz", KML.read_bytes(), other))
    with pytest.raises(SourceError, match="nessuna zona OMI"):
        omi_perimeters.read(province(tmp_path / "a.kmz"))


def test_no_message_holds_a_tax_code(tmp_path):
    path = province(tmp_path / "QI_RSSMRA80A01F205X.kmz", changed((b"B212", b"")))
    with pytest.raises(SourceError) as error:
        omi_perimeters.read(path)
    assert str(error.value).startswith("OMI PERIMETRI: ")
    assert "RSSMRA" not in f"{error.value!r}{error.value.__dict__}"


@settings(max_examples=60)
@given(
    start=st.integers(0, 5000),
    tail=st.one_of(st.binary(max_size=150), st.text("<>/&;!0.,9 aà\n\t").map(str.encode)),
    end=st.integers(0, 5000),
)
def test_any_bytes_give_a_frame_or_one_error(start, tail, end):
    whole = KML.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.kml")
        path.write_bytes(whole[:start] + tail + whole[len(whole) - end :])
        assert isinstance(omi_perimeters.recognises(path), bool)
        try:
            assert omi_perimeters.read(path).is_valid.all()
        except SourceError as error:
            assert error.problems


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(60, 189), st.integers(350, 479)), min_size=3, max_size=9))
def test_any_ring_gives_valid_polygons_or_one_error(points):
    ring = " ".join(f"{x / 10},{y / 10},0" for x, y in [*points, points[0]])
    square = b"9.304000,45.550000,0 9.306000,45.550000,0 9.306000,45.552000,0 9.304000,45.552000,0"
    data = changed((square + b" 9.304000,45.550000,0", ring.encode()))
    with tempfile.TemporaryDirectory() as folder:
        try:
            zones = read(Path(folder), data)
        except SourceError as error:
            assert error.problems
            return
    assert zones.is_valid.all()
    assert set(shapely.get_type_id(zones.geometry)) <= {3, 6}


@needs_real_files
@pytest.mark.parametrize(
    ("name", "zones", "municipalities", "repaired", "quoted", "lost"),
    [
        # Varedo's perimeters call B and D what its quotes call B1 and D1
        ("MILANO", 548, 189, 2, 358, {("L677", "B1"), ("L677", "D1")}),
        ("PRATO", 39, 7, 1, 39, set()),
        ("CATANIA", 258, 58, 2, 256, set()),
    ],
)
def test_the_published_provinces_join_the_quotes(
    name, zones, municipalities, repaired, quoted, lost
):
    path = SHARED / "omi" / f"Provincia_{name}_2018-2.kmz"
    assert sources.readers_of(path) == (omi_perimeters,)
    found = omi_perimeters.read(path)
    assert (len(found), found["cadastral_code"].nunique()) == (zones, municipalities)
    assert found["is_repaired"].sum() == repaired
    quotes = omi_values.read(SHARED / "omi" / "2018-2.zip")
    here = quotes[quotes["cadastral_code"].isin(found["cadastral_code"])]
    drawn = set(zip(found["cadastral_code"], found["zone_code"], strict=True))
    named = set(zip(here["cadastral_code"], here["zone_code"], strict=True))
    assert len(drawn & named) == quoted
    assert named - drawn == lost
