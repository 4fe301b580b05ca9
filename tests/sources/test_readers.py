"""What holds for every source: recognition by content, one kind of error, no surprise."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import (
    anpr_archive,
    interno_evictions,
    interno_series,
    istat_accommodation,
    istat_boundaries,
    istat_census_areas,
    istat_classification,
    istat_eusilc_housing,
    istat_population,
    istat_population_growth,
    istat_situas,
    istat_units,
    istat_units_2011,
    istat_units_list,
    istat_variations,
    mef_incomes,
    mef_means,
    mef_regional_incomes,
    omi_values,
)

from .places import (
    ANPR,
    BEDS_2024,
    CENSUS,
    EVICTIONS,
    GROWTH,
    HOUSING,
    MEANS,
    MEF,
    OMI,
    REGIONAL,
    SERIES,
    SITUAS,
    UNITS_2011,
    UNITS_LIST,
    VARIATIONS,
    classes_workbook,
    evictions_workbook,
    units_workbook,
)

TEXT = [
    (anpr_archive, ANPR),
    (interno_evictions, EVICTIONS),
    (interno_series, SERIES),
    (istat_accommodation, BEDS_2024),
    (istat_census_areas, CENSUS),
    (istat_situas, SITUAS),
    (istat_units_2011, UNITS_2011),
    (istat_units_list, UNITS_LIST),
    (istat_variations, VARIATIONS),
    (mef_incomes, MEF),
    (mef_means, MEANS),
    (mef_regional_incomes, REGIONAL),
    (istat_eusilc_housing, HOUSING),
    (istat_population_growth, GROWTH),
    (omi_values, OMI),
]
text_readers = pytest.mark.parametrize(("reader", "file"), TEXT, ids=lambda x: _short(x))
every_reader = pytest.mark.parametrize("reader", sources.READERS, ids=lambda x: _short(x))


def _short(thing) -> str:
    return "" if isinstance(thing, Path) else thing.__name__.rsplit(".", 1)[-1]


def refused(reader, path: Path) -> SourceError:
    with pytest.raises(SourceError) as error:
        reader.read(path)
    assert [*map(str, error.value.problems)]
    assert str(error.value.cure).endswith(".")
    assert error.value.__cause__ is None
    return error.value


def test_ids_are_the_names_of_the_modules():
    assert [r.SOURCE.id for r in sources.READERS] == [_short(r) for r in sources.READERS]
    assert all(
        value for r in sources.READERS for k, value in r.SOURCE.as_dict().items() if k != "checksum"
    )


@text_readers
def test_a_text_is_recognised_by_its_reader_alone_whatever_its_name(reader, file, tmp_path):
    renamed = tmp_path / "senza nome"
    renamed.write_bytes(file.read_bytes())
    assert sources.readers_of(renamed) == (reader,)


def test_workbooks_and_package_files_are_recognised(tmp_path):
    assert sources.readers_of(units_workbook(tmp_path)) == (istat_units,)
    assert sources.readers_of(classes_workbook(tmp_path)) == (istat_classification,)
    book = evictions_workbook(tmp_path, EVICTIONS, SERIES)
    assert sources.readers_of(book) == (interno_evictions, interno_series)
    assert sources.readers_of(istat_population.package_file()) == (istat_population,)
    assert sources.readers_of(istat_boundaries.package_file()) == (istat_boundaries,)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"PK\x03\x04rubbish", b"ARROW1\0\0rubbish", b"\xff\xfea\0", b"a,b\n1,2\n"],
)
def test_no_reader_takes_what_it_does_not_know(content, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    assert sources.readers_of(path) == ()
    assert sources.readers_of(tmp_path) == ()
    assert sources.readers_of(tmp_path / "nowhere") == ()


@every_reader
def test_folder_missing_and_empty_file_are_refused(reader, tmp_path):
    assert "cartella" in str(refused(reader, tmp_path))
    assert "non si può aprire" in str(refused(reader, tmp_path / "no.csv"))
    (tmp_path / "vuoto.csv").write_bytes(b" \n")
    assert str(refused(reader, tmp_path / "vuoto.csv")).startswith("vuoto.csv: il file è vuoto. ")


@every_reader
def test_a_wrong_file_and_a_broken_zip_are_refused(reader, tmp_path):
    (tmp_path / "altro.csv").write_text("a;b,c\n1;2,3\n")
    refused(reader, tmp_path / "altro.csv")
    whole = units_workbook(tmp_path).read_bytes()
    (tmp_path / "rotto.xlsx").write_bytes(whole[: len(whole) // 2])
    refused(reader, tmp_path / "rotto.xlsx")


@text_readers
def test_utf16_is_refused_with_its_cure(reader, file, tmp_path):
    path = tmp_path / "utf16-2024.csv"
    path.write_bytes(file.read_bytes().decode("latin-1").encode("utf-16"))
    assert "UTF-16" in str(refused(reader, path))


@text_readers
def test_a_file_cut_in_its_last_row_is_refused_naming_the_row(reader, file, tmp_path):
    whole = file.read_bytes().rstrip()
    cut = whole[: whole.rindex(b"\n") + 4]
    path = tmp_path / "troncato-2024.csv"
    path.write_bytes(cut)
    row = cut.count(b"\n") + 1
    problems = refused(reader, path).problems
    assert any(str(p).startswith(f"riga {row}: ") and "troncato" in str(p) for p in problems)


@text_readers
def test_a_header_without_its_columns_is_refused_naming_them(reader, file, tmp_path):
    data = file.read_bytes()
    for name in (b"CODISTAT", b"provvedimenti_totali", b"cod istat", b"A46", b"Istat nuovo",
                 b"Numero contribuenti", b"Reddito complessivo - Frequenza", b"reddito_imponibile_freq",
                 b"territory", b"Loc_max", b"POP_2011", b"Codice catasto",
                 b"Codice Catastale del comune"):  # fmt: skip
        data = data.replace(name, b"colonna", 1)
    path = tmp_path / "intestazione-2024.csv"
    path.write_bytes(data)
    assert "mancano le colonne «" in str(refused(reader, path))


@pytest.mark.parametrize("reader", [r for r, _ in TEXT], ids=_short)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_bytes_give_a_frame_or_one_error(reader, data):
    """Whatever stands after a true opening, nothing but SourceError comes out."""
    file = dict(TEXT)[reader].read_bytes()
    start = data.draw(st.integers(0, min(len(file), 4000)))
    tail = data.draw(st.one_of(st.binary(max_size=200), st.text(';,"\r\n0aN\0è').map(str.encode)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file-2024.csv")
        path.write_bytes(file[:start] + tail)
        assert isinstance(reader.recognises(path), bool)
        try:
            assert isinstance(reader.read(path), pd.DataFrame)
        except SourceError as error:
            assert error.problems


HUGE = "x" * 200_000  # more than the csv module takes in one field


@text_readers
def test_a_field_that_csv_does_not_take_is_one_error(reader, file, tmp_path):
    text = file.read_bytes().decode("latin-1")
    lines = text.splitlines(keepends=True)
    for where in (0, 1, len(lines) - 1):
        changed = list(lines)
        changed[where] = f'"{HUGE}"{lines[where]}'
        path = tmp_path / "file-2024.csv"
        path.write_bytes("".join(changed).encode("latin-1"))
        try:
            reader.read(path)
        except SourceError as error:
            assert error.problems
