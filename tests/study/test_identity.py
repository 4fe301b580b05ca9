"""Whose a study is and of which day: read beside its file, refused with its line, printed everywhere."""

from __future__ import annotations

import datetime as dt
import struct
import zlib

import pytest

from needs_analysis import study
from needs_analysis.errors import StudyError
from needs_analysis.reports.model import Briefing
from needs_analysis.reports.render import html
from needs_analysis.study.identity import identity, read_logo
from needs_analysis.words import ITALIAN


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(wide=2, high=1, *more):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * (wide + 1) * high))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + data + chunk(b"IEND", b"")


def written(tmp_path, lines, logo=None):
    path = tmp_path / "study.toml"
    path.write_text(f"[study]\narea = 'Rho'\n{lines}\n", "utf-8")
    if logo is not None:
        (tmp_path / "logo.png").write_bytes(logo)
    return path


def test_a_study_keeps_its_identity_and_its_day(tmp_path):
    lines = "author = 'Ufficio casa'\nlogo = 'logo.png'\nday = 2026-11-30"
    read = study.Study.read(written(tmp_path, lines, png()))
    assert (read.author, read.logo, read.reference_day) == (
        "Ufficio casa", png(), dt.date(2026, 11, 30),
    )  # fmt: skip
    (tmp_path / "again").mkdir()
    read.write(tmp_path / "again" / "study.toml")
    assert study.Study.read(tmp_path / "again" / "study.toml") == read
    # Without one it is of today, and its folder says so.
    assert study.Study("Rho").pinned().day == dt.date.today()


def test_what_a_program_left_in_a_picture_does_not_leave(tmp_path):
    about = chunk(b"tEXt", b"Author\0Maria Rossi"), chunk(b"tIME", b"\x07\xea\x0c\x01\0\0\0")
    (tmp_path / "logo.png").write_bytes(png(2, 1, *about))
    assert read_logo("logo.png", tmp_path) == png()


@pytest.mark.parametrize(
    ("name", "logo", "said"),
    [
        ("logo.png", None, "non c'è accanto allo studio"),
        ("../logo.png", png(), "il solo nome di un file"),
        ("logo.png", b"\xff\xd8\xff\xe0JFIF", "non è un PNG intero"),
        ("logo.png", png()[:-20], "non è un PNG intero"),
        ("logo.png", png().replace(b"IDAT", b"IDAX"), "non è un PNG intero"),
        ("logo.png", png(2001, 1), "2000 punti per lato"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 300_001, "più di 300 kB"),
    ],
)
def test_a_logo_that_cannot_be_printed_is_refused_with_its_line(tmp_path, name, logo, said):
    path = written(tmp_path, f"logo = '{name}'", logo)
    with pytest.raises(StudyError) as error:
        study.Study.read(path)
    assert said in str(error.value) and "riga 3" in str(error.value)
    assert "study.toml" in str(error.value) and "PNG" in str(error.value)


def test_the_page_says_whose_it_is_and_how_to_cite_it():
    who = identity("Rho: <disagio>", dt.date(2026, 12, 1), "Ufficio & casa", png(), ITALIAN)
    page = html.page(Briefing(ITALIAN, "Rho: <disagio>", "", (), identity=who))
    assert "01/12/2026 · Autore: Ufficio &amp; casa" in page
    assert "«Rho: &lt;disagio&gt;», 01/12/2026. Fatto con needs-analysis" in page
    assert page.count('<img class="logo" src="data:image/png;base64,') == 1
