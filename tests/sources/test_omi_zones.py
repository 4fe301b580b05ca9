"""The ZONE table, alone and in the zip that holds both tables."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import omi_values, omi_zones

from .places import DATA, OMI, SHARED, needs_real_files

ZONE = DATA / "omi_2018_2_ZONE.csv"
PERSONAL = "QIP_123456_RSSMRA80A01F205X.zip"


def delivery(folder: Path, values: bytes, zones: bytes) -> Path:
    path = folder / PERSONAL
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("QI_RSSMRA80A01F205X_1_20182_VALORI.csv", values)
        archive.writestr("QI_RSSMRA80A01F205X_1_20182_ZONE.csv", zones)
    return path


def changed(old: bytes, new: bytes) -> bytes:
    text = ZONE.read_bytes()
    assert old in text
    return text.replace(old, new, 1)


def refused(folder: Path, data: bytes) -> SourceError:
    (folder / "zone.csv").write_bytes(data)
    with pytest.raises(SourceError) as error:
        omi_zones.read(folder / "zone.csv")
    return error.value


def test_the_zones_of_known_municipalities():
    zones = omi_zones.read(ZONE)
    assert list(zones.columns) == [
        "cadastral_code", "municipality_name", "zone_code", "zone_link", "band_code", "description",
        "prevalent_typology_code", "prevalent_state", "microzone",
    ]  # fmt: skip
    assert zones.attrs["reference_date"] == "2018/2"
    sovico = zones[zones["cadastral_code"] == "I878"].set_index("zone_code")
    assert sovico["description"].to_dict() == {"B1": "INTERO CENTRO URBANO", "R1": "ZONA RURALE"}
    assert sovico.loc["B1", ["zone_link", "band_code"]].tolist() == ["MI00004460", "B"]
    assert sovico["prevalent_typology_code"].tolist() == ["20", "0"]
    assert sovico["prevalent_state"].tolist() == ["O", ""]


def test_lines_of_two_encodings_and_lost_apostrophes():
    zones = omi_zones.read(ZONE).set_index(["cadastral_code", "zone_code"])
    # utf-8 in one line, latin-1 in others; quotes within the description stay
    assert zones.loc[("M390", "B1"), "municipality_name"] == "SAN GIOVANNI DI FASSA (SÈN JAN)"
    assert "Università" in zones.loc[("C351", "B1"), "description"]
    assert "Dell¿Ova" in zones.loc[("C351", "D2"), "description"]
    assert not zones["description"].str.startswith("'").any()


def test_quotes_within_a_description_stay(tmp_path):
    data = changed(b"'INTERO CENTRO URBANO'", b"'RIONE 'L'ALBA''")
    (tmp_path / "zone.csv").write_bytes(data)
    zones = omi_zones.read(tmp_path / "zone.csv")
    assert "RIONE 'L'ALBA'" in zones["description"].tolist()


def test_a_zip_of_both_tables_is_read_by_both_readers(tmp_path):
    path = delivery(tmp_path, OMI.read_bytes(), ZONE.read_bytes())
    assert sources.readers_of(path) == (omi_values, omi_zones)
    assert omi_zones.read(path).equals(omi_zones.read(ZONE))
    assert omi_values.read(path).equals(omi_values.read(OMI))
    assert sources.readers_of(ZONE) == (omi_zones,)


def test_the_frame_holds_no_name_of_the_zip(tmp_path):
    zones = omi_zones.read(delivery(tmp_path, OMI.read_bytes(), ZONE.read_bytes()))
    assert "RSSMRA" not in f"{zones.to_csv()}{zones.attrs}"


@pytest.mark.parametrize("old", [b"Informazioni di Zona", b"Zona_Descr", b"Semestre"])
def test_no_message_holds_the_name_of_the_zip(old, tmp_path):
    path = delivery(tmp_path, OMI.read_bytes(), changed(old, b"x"))
    with pytest.raises(SourceError) as error:
        omi_zones.read(path)
    assert str(error.value).startswith("OMI ZONE: ")
    assert "RSSMRA" not in f"{error.value!r}{error.value.path}{error.value.__dict__}"


def test_what_is_wrong_is_named(tmp_path):
    assert "mancano le colonne «Zona_Descr»" in str(refused(tmp_path, changed(b"Zona_Descr", b"X")))
    lines = ZONE.read_bytes().splitlines()
    twice = refused(tmp_path, b"\n".join([*lines, lines[2]]))
    assert str(twice.problems[0]).startswith(f"righe 3 e {len(lines) + 1}: zona '")
    (tmp_path / "zone.csv").write_bytes(changed(b";I878;SOVICO;B;", b";878;SOVICO;B;"))
    (said,) = map(str, omi_zones.read(tmp_path / "zone.csv").attrs["notices"])
    assert "'878' non è un codice catastale (SOVICO)" in said and "lasciata fuori" in said
    values = refused(tmp_path, OMI.read_bytes())
    assert "Informazioni di Zona OMI - Semestre" in str(values)


@settings(max_examples=40)
@given(start=st.integers(0, 2000), tail=st.one_of(st.binary(max_size=150), st.text(";|'\n0aZà")))
def test_any_bytes_give_a_frame_or_one_error(start, tail):
    data = ZONE.read_bytes()[:start] + (tail.encode() if isinstance(tail, str) else tail)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "zone.csv")
        path.write_bytes(data)
        assert isinstance(omi_zones.recognises(path), bool)
        try:
            assert isinstance(omi_zones.read(path), pd.DataFrame)
        except SourceError as error:
            assert error.problems


@needs_real_files
@pytest.mark.parametrize(("name", "rows"), {"2016-1": 27_369, "2018-2": 27_328}.items())
def test_the_published_semesters(name, rows):
    path = SHARED / "omi" / f"{name}.zip"
    assert sources.readers_of(path) == (omi_values, omi_zones)
    zones = omi_zones.read(path)
    assert len(zones) == rows
    assert zones["zone_link"].is_unique
    quotes = omi_values.read(path)
    assert set(quotes["zone_link"]) <= set(zones["zone_link"])
