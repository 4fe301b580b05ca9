from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.errors import OutputError, SourceError
from needs_analysis.services.files.pseudonyms import create_key, pseudonyms, read_key

KEY = bytes(range(32))


def test_key_is_for_its_owner_only(tmp_path: Path) -> None:
    file = create_key(tmp_path / "chiave")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(OutputError, match="esiste già"):
        create_key(file)


def test_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = create_key(tmp_path / "chiave")
    os.chmod(file, 0o644)
    with pytest.raises(SourceError, match="leggibile da altri"):
        read_key(file)


def test_key_among_the_data_is_refused(tmp_path: Path) -> None:
    file = create_key(tmp_path / "chiave")
    with pytest.raises(SourceError, match="nella cartella dei dati"):
        read_key(file, tmp_path)
    book = tmp_path / "servizi.xlsx"
    assert read_key(file, book) == read_key(file)  # what is not there is said by its reader
    book.touch()
    with pytest.raises(SourceError, match="una cartella che non sia dentro quella dei dati"):
        read_key(file, book)


def test_a_key_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="il file della chiave non esiste"):
        read_key(tmp_path / "chiave")


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chiave"
    file.write_text("segreto")
    file.chmod(0o600)
    with pytest.raises(SourceError, match="non è una chiave") as error:
        read_key(file)
    assert "segreto" not in str(error.value)


def test_another_key_or_kind_gives_another_pseudonym() -> None:
    one = pseudonyms(["P1"], KEY, "guest")[0]
    assert one != pseudonyms(["P1"], bytes(32), "guest")[0]
    assert one[1:] != pseudonyms(["P1"], KEY, "household")[0][1:]


def test_spelling_does_not_change_the_pseudonym() -> None:
    assert len(set(pseudonyms(["Però 12", "PERO12", "pero-12 "], KEY, "guest"))) == 1


@given(st.lists(st.integers(0, 10**9), unique=True, max_size=50))
def test_distinct_codes_stay_distinct_and_are_not_shown(codes: list[int]) -> None:
    names = pseudonyms([f"P{code:010d}" for code in codes], KEY, "guest")
    assert len(set(names)) == len(codes)
    assert not any(f"P{code:010d}" in name for code, name in zip(codes, names, strict=True))
