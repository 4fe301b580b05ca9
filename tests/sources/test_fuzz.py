"""Whatever the bytes, every reader gives a frame or a SourceError, soon and in little memory."""

from __future__ import annotations

import io
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_boundaries, istat_population

from . import written
from .places import DATA, MEF, classes_workbook, units_workbook

SECTIONS = DATA / "R14_indicatori_2011_sezioni.csv"
PATIENCE = 10.0
"""Seconds that a reader may take over any of these files, on a busy machine."""

MOST_MEMORY = 1 << 30
quick = settings(
    max_examples=12,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Samples(dict[str, list[bytes]]):
    """Bytes by reader; hypothesis prints a short name where an example fails."""

    def __repr__(self) -> str:
        return "samples"


def answer(reader, path: Path) -> None:
    """Read a file; fail unless it gives a frame, or an error with its file, problems and cure."""
    started = time.process_time()
    try:
        assert isinstance(reader.recognises(path), bool)
        assert isinstance(reader.read(path), pd.DataFrame)
    except SourceError as error:
        assert error.problems
        assert error.cure
        assert str(error).startswith(error.path.name)
        assert error.__cause__ is None
    assert time.process_time() - started < PATIENCE


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Samples:
    """True files by the reader that recognises them, small enough to be corrupted often."""
    folder = tmp_path_factory.mktemp("samples")
    files = [path for path in DATA.iterdir() if path.suffix != ".md" and path.is_file()]
    files += [units_workbook(folder), classes_workbook(folder)]
    files += [written.posas(folder), written.mila(folder), written.boundaries(folder)]
    files.append(written.section_points(folder))
    files += [written.sections(folder, year) for year in (1991, 2001, 2021)]
    from needs_analysis.sources import istat_sections

    files.append(istat_sections.to_parquet(files[-1], folder / "sections.parquet"))
    people = pd.DataFrame({"municipality_code": 1001, "age": range(101), "F": 2, "M": 3, "tot": 5})
    people.to_feather(folder / "people.feather")
    files.append(folder / "people.feather")
    found = Samples()
    for path in files:
        for reader in sources.readers_of(path):
            found.setdefault(reader.SOURCE.id, []).append(path.read_bytes()[:60_000])
    return found


@pytest.mark.parametrize("reader", sources.READERS, ids=lambda reader: reader.SOURCE.id)
@quick
@given(
    data=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"ARROW1"])
)
@example(data=b"\n" * 5000, start=b"")
@example(data=b";" * 5000, start=b"")
@example(data=b'"', start=b"")
@example(data=bytes(8), start=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
def test_any_bytes(reader, data, start):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file-2024.csv")
        path.write_bytes(start + data)
        answer(reader, path)


@pytest.mark.slow
@pytest.mark.parametrize("reader", sources.READERS, ids=lambda reader: reader.SOURCE.id)
@quick
@given(seed=st.integers(0, 1 << 30))
def test_any_corruption_of_a_true_file(reader, samples, seed):
    chance = random.Random(seed)
    for whole in samples.get(reader.SOURCE.id, [])[:2]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file-2024.csv")
            path.write_bytes(corrupted(whole, chance))
            answer(reader, path)


def corrupted(whole: bytes, chance: random.Random) -> bytes:
    """Return bytes with a few accidents: cut, flipped, doubled, lost, or another cell."""
    data = bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(max(len(data), 1))
        many = chance.choice([1, 1, 2, 8, 200])
        accident = chance.randrange(6)
        if accident == 0:
            data[at : at + many] = chance.randbytes(many)
        elif accident == 1:
            del data[at : at + many]
        elif accident == 2:
            data[at:at] = data[at : at + many]
        elif accident == 3:
            data[at:at] = chance.choice([b";", b",", b'"', b"\n", b"\r", b"\0", b"-", b"9" * 400])
        elif accident == 4:
            data[at : at + many] = b"\xff" * many
        else:
            del data[max(at, 1) :]
    return bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize("reader", sources.READERS, ids=lambda reader: reader.SOURCE.id)
def test_cells_of_every_kind_in_a_true_table(reader, samples):
    odd = [
        "",
        " ",
        "-1",
        "1e999",
        "nan",
        "inf",
        "'",
        '"',
        "0x1",
        "٣",
        "9" * 300,
        "=1+1",
        "\x85",
        "à",
    ]
    for whole in samples.get(reader.SOURCE.id, [])[:1]:
        if b"\0" in whole[:2000]:
            continue  # no text
        chance = random.Random(1)
        cells = re.split(rb"([;,\n])", whole[:6000])
        for cell in odd:
            changed = list(cells)
            for _ in range(3):
                changed[chance.randrange(len(changed) // 2) * 2] = cell.encode()
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "file-2024.csv")
                path.write_bytes(b"".join(changed))
                answer(reader, path)


# --- nasty files ---------------------------------------------------------------------------


def nasty(folder: Path, part: int) -> None:
    """Write the files that are made to fill the memory or never to end; the long ones in part."""
    blank = b";\n" * ((4 << 20) // part)
    files = {
        "long-line.csv": b"a;b\n" + b"x" * ((50 << 20) // part),
        "long-header.csv": b"x;" * ((25 << 20) // part),
        "columns.csv": b";".join(b"c%d" % i for i in range(1_000_000)) + b"\n1;2\n",
        "rows.csv": blank,
        "rows-mef.csv": MEF.read_bytes().split(b"\n")[0] + b"\n" + blank,
        "rows-sections.csv": SECTIONS.read_bytes().split(b"\n")[0] + b"\n" + blank,
        "line-sections.csv": SECTIONS.read_bytes() + b"9;" * ((25 << 20) // part),
        "nested.zip": _nested(12),
        "laughs.xlsx": _laughs(),
        "bomb.xlsx": _book({"xl/worksheets/sheet1.xml": b" " * (300 << 20)}),
        "far-cells.xlsx": _far_cells(100_000 // part),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _nested(depth: int) -> bytes:
    data = b"x"
    for _ in range(depth):
        data = _zip({"Com2021_WGS84.shp": data, "a.csv": data, "b.zip": data})
    return data


def _book(replaced: dict[str, bytes]) -> bytes:
    import openpyxl

    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return _zip(members | replaced)


def _laughs() -> bytes:
    entities = b'<!ENTITY l0 "lol">' + b"".join(
        b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10)
    )
    start = b'<?xml version="1.0"?><!DOCTYPE w [' + entities + b"]>"
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    sheet = start + b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (space, row)
    return _book({"xl/worksheets/sheet1.xml": sheet})


def _far_cells(rows: int) -> bytes:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (i, i) for i in range(1, rows))
    sheet = b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (space, cells)
    return _book({"xl/worksheets/sheet1.xml": sheet})


def peak_memory() -> int:
    """Return the most bytes that this process held; getrusage counts its parent's too on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def attack(folder: str) -> None:
    """Offer every nasty file to every reader that could take it; run in a process of its own."""
    for path in sorted(Path(folder).iterdir()):
        for reader in sources.READERS:
            started = time.process_time()
            assert isinstance(reader.recognises(path), bool)
            try:
                reader.read(path)
            except SourceError:
                pass
            else:
                raise AssertionError(f"{reader.SOURCE.id} takes {path.name}")
            took = time.process_time() - started
            peak = peak_memory()
            print(f"{path.name:16s} {reader.SOURCE.id:22s} {took:5.2f} s {peak >> 20} MB")
            assert took < PATIENCE, (path.name, reader.SOURCE.id, took)
            assert peak < MOST_MEMORY, (path.name, reader.SOURCE.id, peak)


@pytest.mark.slow
def test_files_made_to_fill_the_memory_are_refused(tmp_path, soak):
    nasty(tmp_path, part=1 if soak else 16)
    code = f"from sources.test_fuzz import attack; attack({str(tmp_path)!r})"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=Path(__file__).parents[1],  # another package may be called tests
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_every_reader_has_a_sample(samples):
    packaged = {istat_population.SOURCE.id, istat_boundaries.SOURCE.id}
    assert {reader.SOURCE.id for reader in sources.READERS} - set(samples) <= packaged | {
        "interno_evictions"  # its workbook is built by its own tests
    }
