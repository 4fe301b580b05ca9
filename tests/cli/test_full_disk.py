"""A full disk is one clear line on every command that writes, exit 2, and nothing is left."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sources.places import BEDS_2024, MEF

from needs_analysis.errors import OutputError
from needs_analysis.writing import files
from needs_analysis.writing.disk import disk_full

LIMIT = 10  # bytes that a file may take: the system says no as it does of a disk that is full
SAID = "non c'è più spazio per scrivere. Liberare spazio, o scegliere un altro disco, e ripetere"
only_here = pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of a file")

# Runs commands one after the other, in a process whose files may not grow.
_SCRIPT = """
import contextlib, io, json, os, resource, sys
from needs_analysis import cli
from needs_analysis.store import extent

extent.WHOLE_SHARE = 0.0  # the files are small
commands, limit, folder, warm = json.loads(sys.argv[1])
if warm:  # what is computed once is computed before
    from needs_analysis import study

    study.find(study.Study(warm))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
found = []
for words in commands:
    said, code = io.StringIO(), 0
    sys.argv = ["needs-analysis", *words]
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    left = [os.path.join(at, one) for at, inner, names in os.walk(folder) for one in inner + names]
    found.append([code, said.getvalue(), left])
print(json.dumps(found))
"""


def run(folder: Path, commands: list[list[str]], warm: str) -> list[list]:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps([commands, LIMIT, str(folder), warm])],
        cwd=folder, capture_output=True, text=True, check=False, timeout=1_800,
        # A process that may write so little can make no semaphore, which joblib would say.
        env=os.environ
        | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "JOBLIB_MULTIPROCESSING": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""  # whatever was left open said nothing either
    return json.loads(done.stdout)


def check(folder: Path, commands: list[list[str]], warm: str = "") -> None:
    before = sorted(str(one) for one in folder.rglob("*"))
    for words, (code, said, left) in zip(commands, run(folder, commands, warm), strict=True):
        # What is odd in the data is told when they are read, before anything is written.
        lines = [one for one in said.splitlines() if not one.endswith("...")]
        lines = [one for one in lines if not one.startswith(("Avviso: ", "Altri "))]
        assert len(lines) == 1, (words, said)
        (line,) = lines
        assert (code, line.startswith("Errore: ")) == (2, True), (words, line)
        assert SAID in line, (words, line)
        assert sorted(left) == before, words


@only_here
def test_commands_that_write_files_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setenv("NEEDS_ANALYSIS_DATA", str(tmp_path / "mine"))
    check(
        tmp_path,
        [
            ["data", "add", str(BEDS_2024), "-q"],
            ["data", "add", str(MEF), "-q"],
            ["codebook", "--out", "c.md"],
            ["codebook", "--format", "xlsx", "--out", "c.xlsx"],
            ["codebook", "--format", "json", "--out", "new/c.json"],
            ["services", "key", "chiave"],
            ["services", "template", "--out", "m"],
            ["services", "template", "--out", "m", "--csv"],
            ["services", "example", "--out", "new/dati"],
        ],
    )


@only_here
@pytest.mark.slow
@pytest.mark.whole
def test_commands_that_write_what_they_computed(tmp_path, command, soak):
    if not soak:  # nothing that is computed can be kept either: minutes
        pytest.skip("in the large size only")
    assert command("services", "example", "--out", "dati", cwd=tmp_path).returncode == 0
    assert command("services", "key", "chiave", cwd=tmp_path).returncode == 0
    book, key = "dati/modello_servizi.xlsx", ["--key", "chiave"]
    check(
        tmp_path,
        [
            ["brief", "comune:Sovico", "--out", "s"],
            ["map", "comune:Sovico", "--out", "new/s.html", "-q"],
            ["tables", "comune:Sovico", "--out", "s.xlsx", "-q"],
            ["indicators", "comune:Sovico", "--out", "s.csv"],
            ["patterns", "comune:Sovico", "--out", "s.xlsx", "-q"],
            ["services", "monitor", book, book, *key, "--period", "2025", "--out", "s.xlsx", "-q"],
            ["services", "diff", book, book, *key, "--period", "2025", "--old-period", "2024",
             "--out", "s.xlsx", "-q"],
            ["services", "capacity", "--register", book, "--stays", book, *key, "--period", "2025",
             "--out", "s.xlsx", "-q"],
            ["services", "siting", "ambito:Desio", "--new", "1", "--register", book,
             "--out", "s.xlsx", "-q"],
        ],
        warm="comune:Sovico",
    )  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_what_is_printed_into_a_full_disk(tmp_path):
    code = "from needs_analysis.cli import main; main()"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code, "areas", "Monza"],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env=os.environ | {"PYTHONUTF8": "1"},
        )  # fmt: skip
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("Errore: ") and SAID in line


# --- the places where something is written ------------------------------------------------------


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("give", [files.written_file, files.written_whole, files.swapped])
def test_nothing_half_written_is_left_and_what_was_there_stays(give, tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    target = folder / "out"
    with pytest.raises(OutputError, match="non c'è più spazio"), give(target):
        no_space()
    assert [*folder.iterdir()] == []
    with pytest.raises(OutputError, match="non c'è più spazio"), give(target / "new" / "x"):
        no_space()
    assert [*folder.iterdir()] == []


def test_tables_that_could_not_take_the_others_place_leave_them(tmp_path, monkeypatch):
    target = tmp_path / "datasets"
    target.mkdir()
    (target / "notes").write_text("mine")
    monkeypatch.setattr("shutil.copy2", no_space)
    with pytest.raises(OutputError, match="non c'è più spazio"), files.swapped(target) as new:
        (new / "incomes.csv").write_text("new")
    assert [one.name for one in tmp_path.iterdir()] == ["datasets"]
    assert (target / "notes").read_text() == "mine"


class OtherLibraryError(RuntimeError):
    """What a library of another language raises: it says no number."""


OtherLibraryError.__module__ = "pyogrio.errors"


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EFBIG, "x"), True),
        (OSError(errno.EACCES, "x"), False),
        (OtherLibraryError("database or disk is full"), True),
        (OtherLibraryError("another fault"), False),
        (RuntimeError("disk is full"), False),
        (ValueError(OSError(errno.ENOSPC, "x")), True),
    ],
)
def test_a_full_disk_is_known_whichever_library_wrote(error, full):
    assert disk_full(error) is full
    try:
        raise ZeroDivisionError from error
    except ZeroDivisionError as later:
        assert disk_full(later) is full


def test_an_error_of_the_program_stays_one(tmp_path):
    with pytest.raises(ZeroDivisionError), files.written_file(tmp_path / "x") as path:
        path.write_text("half")
        raise ZeroDivisionError
    assert [*tmp_path.iterdir()] == []
