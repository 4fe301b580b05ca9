"""The user's own files: kept whole or not at all, whoever interrupts and however many add."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from importlib import import_module

import pandas as pd
import pytest
from sources.places import MEF, OMI, VARIATIONS

from needs_analysis import store
from needs_analysis.errors import StudyError
from needs_analysis.sources import mef_incomes
from needs_analysis.store.kept import read

pytestmark = pytest.mark.usefixtures("small_files")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    yield tmp_path / "mine"


@pytest.mark.usefixtures("folder")
def test_a_file_is_kept_with_its_source_and_read_back_as_it_was():
    added = store.add([MEF])
    (one,) = added.kept
    assert added.refused == ()
    assert (one.source.id, one.source.reference_date, one.rows) == ("mef_incomes", "2021", one.rows)
    pd.testing.assert_frame_equal(read(one), mef_incomes.read(MEF), check_dtype=False)
    assert [again.path for again in store.kept("mef_incomes")] == [one.path]


@pytest.mark.usefixtures("folder")
def test_the_same_file_twice_is_one_and_what_is_unknown_is_refused(tmp_path):
    strange = tmp_path / "note.txt"
    strange.write_text("appunti")
    added = store.add([MEF, MEF, strange, tmp_path / "absent.csv"])
    assert len(store.kept()) == 1
    assert len(added.refused) == 2
    assert str(added.refused[0]).startswith("note.txt: non è fra i file ufficiali conosciuti")
    assert str(added.refused[1]).startswith("absent.csv: il file non esiste")


@pytest.mark.usefixtures("folder")
def test_an_archive_is_opened_and_its_names_choose_nothing(tmp_path):
    archive = tmp_path / "scaricato.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(MEF, "dati/redditi.csv")
    (one,) = store.add([archive]).kept
    assert one.source.id == "mef_incomes"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(MEF, "../../outside.csv")
    store.add([archive])
    assert not list(tmp_path.parent.parent.rglob("outside.csv"))


@pytest.mark.usefixtures("folder")
def test_a_tax_code_in_a_name_is_never_printed(tmp_path):
    named = tmp_path / "QI_1_RSSMRA80A01F205X_VALORI.csv"
    named.write_bytes(OMI.read_bytes()[:200])
    said = " ".join(map(str, store.add([named]).refused))
    assert said and "RSSMRA80A01F205X" not in said


@pytest.mark.usefixtures("folder")
def test_a_newer_edition_wins_and_a_study_may_look_away(tmp_path):
    newer = tmp_path / "redditi.csv"
    lines = MEF.read_bytes().split(b"\r\n")
    newer.write_bytes(
        b"\r\n".join([lines[0], *(line.replace(b"2021;", b"2023;", 1) for line in lines[1:])])
    )
    assert store.source_of("incomes").reference_date == "2021"
    store.add([newer])
    assert store.source_of("incomes").reference_date == "2023"
    assert store.status().loc["incomes", "origin"] == "user"
    token = store.tokens()["incomes"]
    with store.using(store.Selection(until="2021")):
        assert store.source_of("incomes").reference_date == "2021"
    with store.using(store.Selection(pins={"incomes": token})):
        assert len(store.table("incomes")) == len(lines) - 2
    with store.using(store.Selection(pins={"incomes": "sha256:0"})), pytest.raises(StudyError):
        store.table("incomes")


def adding(folder, *files):
    code = (
        "import sys; from needs_analysis.cli import main; "
        "from needs_analysis.store import extent; extent.WHOLE_SHARE = 0; "
        "sys.argv[1:] = ['data', 'add', *sys.argv[1:]]; main()"
    )
    env = os.environ | {"NEEDS_ANALYSIS_DATA": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, files)],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_killed_at_any_point_the_store_is_as_before_or_after(folder):
    drawn = random.Random(5)
    for _ in range(6):
        shutil.rmtree(folder, ignore_errors=True)
        process = adding(folder, MEF, VARIATIONS)
        time.sleep(drawn.uniform(0.2, 2.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = store.kept()  # readable, each file whole
        assert {one.source.id for one in found} <= {"mef_incomes", "istat_variations"}
    assert adding(folder, MEF, VARIATIONS).wait() == 0
    assert len(store.kept()) == 2


@pytest.mark.slow
def test_two_that_add_at_once_lose_nothing(folder):
    both = [adding(folder, MEF, OMI), adding(folder, VARIATIONS, MEF)]
    assert [process.wait() for process in both] == [0, 0]
    assert {one.source.id for one in store.kept()} == {
        "mef_incomes", "istat_variations", "omi_values",
    }  # fmt: skip
    assert not list(folder.rglob(".*"))


@pytest.mark.slow
def test_terminated_while_it_writes_nothing_is_left(folder):
    code = (
        "import sys, time; from importlib import import_module; from needs_analysis import cli\n"
        "import_module('needs_analysis.store.extent').WHOLE_SHARE = 0\n"
        "kept = import_module('needs_analysis.store.kept')\n"
        "def slow(frame, source, path):\n"
        "    path.write_text('half'); print('writing', flush=True); time.sleep(60)\n"
        "kept._write = slow; sys.argv[1:] = ['data', 'add', sys.argv[1]]; cli.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(MEF)],
        env=os.environ | {"NEEDS_ANALYSIS_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "writing\n"
    process.terminate()
    _, said = process.communicate()
    assert (process.returncode, said) == (143, "")
    assert not folder.exists()


def packed(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ([("../../fuori.csv", VARIATIONS.read_bytes())], "escono dalla sua cartella"),
        (
            [("a.csv", VARIATIONS.read_bytes()), ("b.bin", bytes(10**7))],
            "si espande oltre 200 volte",
        ),
    ],
)
def test_an_archive_that_is_not_safe_is_refused_as_a_whole(tmp_path, members, problem):
    archive = packed(tmp_path / "QI_1_RSSMRA80A01F205X.zip", *members)
    (said,) = store.add([archive]).refused
    assert problem in str(said) and "RSSMRA" not in str(said)
    assert store.kept() == []


@pytest.mark.usefixtures("folder")
def test_an_archive_larger_than_it_may_be_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("needs_analysis.store.kept"), "ARCHIVE_BYTES_MAX", 100)
    (said,) = store.add([packed(tmp_path / "a.zip", ("a.csv", VARIATIONS.read_bytes()))]).refused
    assert "si espande oltre" in str(said)


@pytest.mark.usefixtures("folder")
def test_a_folder_says_which_files_look_official_and_are_not_whole(tmp_path):
    offered = tmp_path / "scaricati"
    offered.mkdir()
    (offered / "redditi.csv").write_bytes(MEF.read_bytes().decode("cp1252").encode("utf-16"))
    (offered / "pagina.csv").write_text("<!DOCTYPE html><p>Accesso</p>")
    (offered / "appunti.txt").write_text("due\nrighe")
    added = store.add([offered, VARIATIONS])
    assert [one.source.id for one in added.kept] == ["istat_variations"]
    assert added.passed == ("appunti.txt",)
    assert [error.path.name for error in added.refused] == ["pagina.csv", "redditi.csv"]
    page, encoded = map(str, added.refused)
    assert "è una pagina web" in page and "UTF-16" in encoded
