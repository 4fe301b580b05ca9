import zipfile

import geopandas
import pytest
from shapely.geometry import Point

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_boundary_zip

from . import written


def test_boundaries_are_read_from_the_zip(tmp_path):
    path = written.boundaries(tmp_path)
    assert sources.readers_of(path) == (istat_boundary_zip,)
    frame = istat_boundary_zip.read(path)
    assert isinstance(frame, geopandas.GeoDataFrame)
    assert frame.crs.to_epsg() == 32_632
    assert frame["municipality_name"].to_dict() == {
        "015146": "Milano",
        "015182": "Rho",
        "108033": "Monza",
    }
    assert frame.geometry.area.tolist() == [1, 1, 1]
    assert frame.attrs == {"reference_date": "2021-01-01", "generalised": True}


@pytest.mark.parametrize(
    ("layer", "date"),
    [
        ("Com2011_WGS84", "2011-10-09"),
        ("Com2021", "2021-12-31"),
        ("Com01012024_WGS84", "2024-01-01"),
    ],
)
def test_names_of_other_years(layer, date, tmp_path):
    (tmp_path / "con {graffe} e 'apici'").mkdir()
    frame = istat_boundary_zip.read(written.boundaries(tmp_path / "con {graffe} e 'apici'", layer))
    assert frame.attrs == {"reference_date": date, "generalised": False}


def test_a_code_published_as_a_number_gets_its_zeros(tmp_path):
    path = written.boundaries(
        tmp_path, columns={"PRO_COM_T": None, "PRO_COM": [1001.0, 15182.0, 108033.0]}
    )
    assert list(istat_boundary_zip.read(path).index) == ["001001", "015182", "108033"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"crs": 4326}, "non sono in EPSG:32632"),
        ({"crs": None}, "non sono in EPSG:32632"),
        ({"columns": {"PRO_COM_T": ["1", "015182", "108033"]}}, "riga 1: codice di comune"),
        ({"columns": {"PRO_COM_T": ["015182", "015182", "108033"]}}, "comune 015182 ripetuto"),
        ({"columns": {"PRO_COM_T": None, "PRO_COM": None}}, "mancano le colonne «PRO_COM_T»"),
        ({"geometry": [Point(0, 0), Point(), None]}, "riga 3: geometria mancante"),
    ],
)
def test_what_is_not_as_published_is_refused(options, problem, tmp_path):
    with pytest.raises(SourceError, match=problem):
        istat_boundary_zip.read(written.boundaries(tmp_path, **options))


@pytest.mark.parametrize("name", ["../../etc/a.shp", "/etc/a.shp", "C:\\a.shp", "a\\..\\..\\b.shp"])
def test_names_that_leave_the_folder_are_refused(name, tmp_path):
    path = written.boundaries(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(SourceError, match="escono dalla sua cartella"):
        istat_boundary_zip.read(path)


def test_a_bomb_a_second_layer_and_a_lacking_part_are_refused(tmp_path):
    path = written.boundaries(tmp_path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Com01012021_g_WGS84.sbn", bytes(50 << 20))
    with pytest.raises(SourceError, match="si espande oltre 200 volte"):
        istat_boundary_zip.read(path)
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("b/Com01012021_WGS84.shp", b"x")
    with pytest.raises(SourceError, match="contiene 2 file"):
        istat_boundary_zip.read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Com01012021_WGS84.shp", b"x")
    with pytest.raises(SourceError, match=r"manca Com01012021_WGS84.shx, Com01012021_WGS84.dbf"):
        istat_boundary_zip.read(path)


def test_damaged_zips_are_refused(tmp_path):
    path = written.boundaries(tmp_path)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        inside = next(one for one in archive.infolist() if "/Com" in one.filename)
    for at in (inside.header_offset + 120, len(whole) - 30):
        path.write_bytes(whole[:at] + b"\xff\x00\xff" + whole[at + 3 :])
        with pytest.raises(SourceError):
            istat_boundary_zip.read(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="troncato"):
        istat_boundary_zip.read(path)
