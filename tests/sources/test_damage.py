"""Files that no source recognises but that look like official ones gone wrong."""

import pytest

from needs_analysis import sources

from .places import MEF, OMI, SHARED, VARIATIONS, needs_real_files, units_workbook


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("file", [MEF, OMI, VARIATIONS])
def test_a_text_in_another_encoding_is_named_for_what_it_is(file, encoding, tmp_path):
    (reader,) = sources.readers_of(file)
    path = tmp_path / file.name
    path.write_bytes(file.read_bytes().decode("cp1252").encode(encoding))
    if encoding == "utf-16-be":
        path.write_bytes(b"\xfe\xff" + path.read_bytes())
    assert sources.readers_of(path) == ()
    assert reader.SOURCE.title in str(sources.damage_of(path))


def test_what_is_no_official_file_in_another_encoding_is_left(tmp_path):
    (tmp_path / "appunti.csv").write_text("uno;due\n1;2\n", "utf-16")
    assert sources.damage_of(tmp_path / "appunti.csv") is None


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"", "il file è vuoto"),
        ("a.xlsx", b"  \n", "il file è vuoto"),
        ("a.csv", b"\n<!doctype HTML><title>", "è una pagina web, non i dati"),
        ("a.csv", MEF.read_bytes()[:300], "ha una riga sola: sembra troncato"),
        ("a.zip", b"PK\x03\x04aaaa", "è troncato o danneggiato"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "è troncato o danneggiato"),
        ("a.csv", b"a;b\n1;2\n", ""),
        ("a.md", b"", ""),
        ("a.png", b"\x89PNG", ""),
    ],
)
def test_why_a_file_is_not_recognised(name, data, said, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    assert str(sources.damage_of(path) or "") == said


def test_a_workbook_cut_short(tmp_path):
    path = units_workbook(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    assert str(sources.damage_of(path)) == "è troncato o danneggiato"


@needs_real_files
def test_no_sound_file_is_called_damaged():
    others = [one for one in SHARED.rglob("*.*") if not sources.readers_of(one)]
    assert len(others) > 10
    assert {one.name for one in others if sources.damage_of(one)} == set()
