import struct
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis import reading, sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import omi_values

from .places import OMI, SHARED, needs_real_files

PERSONAL = "QI_123456_RSSMRA80A01F205X.zip"


def delivered(folder: Path, *values: bytes, name: str = PERSONAL) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("QI_123456_1_20182_ZONE.csv", "Quotazioni Immobiliari : Informazioni\n")
        for i, table in enumerate(values):
            archive.writestr(f"QI_RSSMRA80A01F205X_{i}_VALORI.csv", table)
    return path


def changed(old: bytes, new: bytes) -> bytes:
    text = OMI.read_bytes()
    assert old in text
    return text.replace(old, new, 1)


def mean_rent(quotes, cadastral_code: str) -> float:
    chosen = (quotes["cadastral_code"] == cadastral_code) & quotes["is_prevalent"]
    homes = quotes[chosen & (quotes["typology_code"] == "20")]
    return ((homes["rent_low_eur_m2_month"] + homes["rent_high_eur_m2_month"]) / 2).mean()


def test_rents_of_known_municipalities():
    quotes = omi_values.read(OMI)
    assert quotes.attrs["reference_date"] == "2018/2"
    known = {"F205": 11.44, "F704": 7.23, "H264": 5.72, "B212": 6.40, "C351": 4.81, "G999": 9.31}
    assert {code: round(mean_rent(quotes, code), 2) for code in known} == known
    rented = quotes[quotes["rent_low_eur_m2_month"].notna()]
    surface = rented.groupby("cadastral_code")["rent_surface_code"].agg(set)
    assert (surface["F205"], surface["G999"]) == ({"L"}, {"N"})
    assert set(quotes.loc[quotes["cadastral_code"] == "F839", "province_abbreviation"]) == {"NA"}


def test_a_zip_reads_as_the_table_in_it(tmp_path):
    path = delivered(tmp_path, OMI.read_bytes())
    assert sources.readers_of(path) == (omi_values,)
    assert omi_values.read(path).equals(omi_values.read(OMI))


def test_a_leading_comma_is_a_number_and_zero_is_no_quotation(tmp_path):
    row = OMI.read_text().splitlines()[2].split(";")
    row[15:20] = ["0", "0", " ", ",8", "1,05"]
    lines = [*OMI.read_text().splitlines()[:2], ";".join(row)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    quote = omi_values.read(tmp_path / "a.csv").iloc[0]
    assert quote[["sale_low_eur_m2", "sale_high_eur_m2"]].isna().all()
    assert (quote["rent_low_eur_m2_month"], quote["rent_high_eur_m2_month"]) == (0.8, 1.05)
    assert quote["sale_surface_code"] == ""


def test_lines_may_mix_encodings(tmp_path):
    rows = OMI.read_bytes().splitlines()[:4]
    first = rows[2].split(b";")
    second = rows[3].split(b";")
    first[7], second[7] = "SÈN JAN".encode(), "FORLÌ".encode("cp1252")
    (tmp_path / "a.csv").write_bytes(b"\n".join([*rows[:2], b";".join(first), b";".join(second)]))
    assert list(omi_values.read(tmp_path / "a.csv")["municipality_name"]) == ["SÈN JAN", "FORLÌ"]


BAD = {
    "no caption": (b"Valori di Mercato", b"Valori"),
    "no semester": (b"Semestre 2018/2", b"2018"),
    "no column": (b"LinkZona;Cod_Tip", b"LinkZona;Tipo"),
    "no zone table": (OMI.read_bytes(), b"x"),
}


@pytest.mark.parametrize(("old", "new"), BAD.values(), ids=BAD)
def test_no_message_holds_the_name_of_the_zip(old, new, tmp_path):
    path = delivered(tmp_path, changed(old, new))
    with pytest.raises(SourceError) as error:
        omi_values.read(path)
    assert str(error.value).startswith("OMI VALORI: ")
    assert "RSSMRA" not in f"{error.value!r}{error.value.path}{error.value.__dict__}"
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_damaged_and_doubled_zips_are_refused(tmp_path):
    whole = delivered(tmp_path, OMI.read_bytes()).read_bytes()
    middle = len(whole) // 2
    cases = [whole[:middle], whole[:middle] + b"\0" * 400 + whole[middle + 400 :]]
    cases.append(delivered(tmp_path, OMI.read_bytes(), OMI.read_bytes()).read_bytes())
    for data in cases:
        (tmp_path / PERSONAL).write_bytes(data)
        with pytest.raises(SourceError) as error:
            omi_values.read(tmp_path / PERSONAL)
        assert "RSSMRA" not in str(error.value)


def test_every_bad_row_is_named(tmp_path):
    lines = OMI.read_bytes().split(b"\n")
    bad = lines[3].split(b";")
    bad[15] = b"1.200,00"
    lines[3] = b";".join(bad)
    lines.insert(6, lines[2])
    (tmp_path / "a.csv").write_bytes(b"\n".join(lines))
    with pytest.raises(SourceError) as error:
        omi_values.read(tmp_path / "a.csv")
    first, second = [*map(str, error.value.problems)]
    assert first == "riga 4, colonna «Compr_min»: '1.200,00' non è un numero"
    assert second.startswith("righe 3 e 7: zona/tipologia/stato '")


def test_the_older_separator_reads_alike(tmp_path):
    (tmp_path / "a.csv").write_bytes(OMI.read_bytes().replace(b";", b"|"))
    assert omi_values.recognises(tmp_path / "a.csv")
    assert omi_values.read(tmp_path / "a.csv").equals(omi_values.read(OMI))


@pytest.mark.parametrize("semester", [b"2004/2", b"2013/1", b"2025/2"])
def test_any_semester_is_read(semester, tmp_path):
    (tmp_path / "a.csv").write_bytes(changed(b"2018/2", semester))
    assert omi_values.read(tmp_path / "a.csv").attrs["reference_date"] == semester.decode()


def test_an_unknown_layout_is_refused_with_the_columns_it_lacks(tmp_path):
    _, header, *rows = OMI.read_bytes().replace(b";", b"|").splitlines()[:4]
    (tmp_path / "a.txt").write_bytes(b"\n".join([header.replace(b"Loc_", b"L_"), *rows]))
    with pytest.raises(SourceError) as error:
        omi_values.read(tmp_path / "a.txt")
    assert "da cui si legge il semestre" in [*map(str, error.value.problems)][0]
    assert [*map(str, error.value.problems)][1] == "riga 1: mancano le colonne «Loc_min», «Loc_max»"


# --- hostile archives: the same for every reader of a delivery -----------------------------


def archive(path: Path, *members: tuple[str, bytes], packing=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, data in members:
            file.writestr(zipfile.ZipInfo(name), data, compress_type=packing)
    return path


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as error:
        omi_values.read(path)
    assert "RSSMRA" not in f"{error.value!r}{error.value.__dict__}"
    return str(error.value)


def test_a_bomb_is_refused_by_what_it_declares(tmp_path, monkeypatch):
    table = OMI.read_bytes()
    bomb = archive(tmp_path / PERSONAL, ("QI_VALORI.csv", table), ("padding", b"0" * 10**6))
    assert omi_values.recognises(bomb)
    assert "oltre 200 volte" in refused(bomb)
    monkeypatch.setattr(omi_values, "BYTES_MAX", 1000)
    assert "si espande oltre" in refused(archive(tmp_path / PERSONAL, ("QI_VALORI.csv", table)))
    monkeypatch.undo()
    monkeypatch.setattr(reading.zips, "MOST_MEMBERS", 3)
    many = [(f"{i}", b"a") for i in range(4)]
    assert "si espande oltre 3 file" in refused(archive(tmp_path / PERSONAL, *many))


def test_a_member_larger_than_it_declares_is_refused(tmp_path):
    """No more than the declared bytes are ever unpacked, and those are not the whole."""
    path = archive(tmp_path / PERSONAL, ("QI_VALORI.csv", OMI.read_bytes()))
    data = path.read_bytes()
    size = struct.pack("<I", OMI.stat().st_size)
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, struct.pack("<I", 50_000)))
    assert "danneggiato" in refused(path)


@pytest.mark.parametrize(
    "name", ["../QI_VALORI.csv", "a/../../b.csv", "/etc/a.csv", "C:\\a.csv", "..\\RSSMRA80A01F205X"]
)
def test_a_member_that_leaves_the_archive_is_refused(name, tmp_path):
    path = archive(tmp_path / PERSONAL, ("QI_VALORI.csv", OMI.read_bytes()), (name, b"a"))
    assert "escono dalla sua cartella" in refused(path)


def test_archives_within_and_encrypted_ones_are_refused(tmp_path):
    inner = archive(tmp_path / "inner.zip", ("QI_VALORI.csv", OMI.read_bytes())).read_bytes()
    path = archive(tmp_path / PERSONAL, ("QI_RSSMRA80A01F205X.zip", inner))
    assert not omi_values.recognises(path)
    assert "altri archivi. Estrarre" in refused(path)
    path = archive(tmp_path / PERSONAL, ("QI_VALORI.csv", OMI.read_bytes()))
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag of encryption, beside the member and in the directory
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "parola d'ordine" in refused(path)


def test_a_compression_no_office_uses_is_refused(tmp_path):
    path = archive(tmp_path / PERSONAL, ("V", OMI.read_bytes()), packing=zipfile.ZIP_LZMA)
    assert "compressione" in refused(path)


@settings(max_examples=40)
@given(data=st.data())
def test_any_damage_to_a_zip_gives_a_frame_or_one_error(data):
    with tempfile.TemporaryDirectory() as folder:
        path = archive(Path(folder, PERSONAL), ("V.csv", OMI.read_bytes()[:3000]))
        damaged = bytearray(path.read_bytes())
        for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=5)):
            damaged[at] = data.draw(st.integers(0, 255))
        path.write_bytes(damaged)
        assert isinstance(omi_values.recognises(path), bool)
        try:
            assert len(omi_values.read(path))
        except SourceError as error:
            assert "RSSMRA" not in str(error)


@needs_real_files
@pytest.mark.parametrize(
    ("name", "rows"),
    {"2016-1": 162_192, "2016-2": 162_150, "2017-1": 161_999, "2017-2": 162_080,
     "2018-1": 161_635, "2018-2": 161_251}.items(),
)  # fmt: skip
def test_the_published_semesters(name, rows):
    quotes = omi_values.read(SHARED / "omi" / f"{name}.zip")
    assert len(quotes) == rows
    assert quotes.attrs["reference_date"] == name.replace("-", "/")
    if name == "2018-2":
        assert quotes["rent_low_eur_m2_month"].isna().sum() == 15_203
        assert quotes["sale_low_eur_m2"].isna().sum() == 1_075
        assert quotes["cadastral_code"].nunique() == 7_966
        assert round(mean_rent(quotes, "F205"), 2) == 11.44
