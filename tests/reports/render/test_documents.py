"""Word and PDF from the content model: they open, say every word, and the same bytes twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docx
import hypothesis
import pandas as pd
import pypdf
import pytest
from docx.enum.section import WD_ORIENT
from hypothesis import strategies as st
from lxml import etree

from needs_analysis.figures import Question
from needs_analysis.reports.charts.series import series
from needs_analysis.reports.model import (
    Blank,
    Briefing,
    Chapter,
    Column,
    Identity,
    Picture,
    Sentence,
    Table,
    number,
)
from needs_analysis.reports.render import paper, raster, wordml
from needs_analysis.reports.render.docx import write_docx
from needs_analysis.reports.render.pdf import write_pdf
from needs_analysis.words import ITALIAN, Voice

ANY = st.text(st.characters(codec="utf-8"), max_size=60)
HOSTILE = '#eval("1") $x$ @ref <b> & { HYPERLINK "x" } =1+1 \\u{41} */ //'
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def briefing(hostile: str = HOSTILE, voice: Voice = ITALIAN) -> Briefing:
    """Return a document with a block of each kind, `hostile` wherever text comes from data."""
    asked = Question("Quanti alloggi?", "ALER", "Non pubblicato")
    frame = pd.DataFrame(
        {"name": ["Lissone", hostile], "n": [1234.0, None], "share": [0.2, 0.5]}, index=["a", "b"]
    )
    columns = (
        Column("name", "Comune"),
        Column("n", "Famiglie", "count"),
        Column("share", "Quota", "share"),
    )
    table = Table(
        "t", f"Una tabella {hostile}", frame, columns, facts="rows", blanks={"b:n": asked},
        notes=(f"Nota {hostile}",), sources=(f"Fonte {hostile}",),
    )  # fmt: skip
    svg = series(pd.DataFrame({"n": [1.0, 2.0]}, index=[2020, 2021]), labels={"n": "Sfratti"})
    picture = Picture("p", f"La serie {hostile}", svg, f"Sale {hostile}")
    said = f"Sono {number('a:n', 1234, voice)} {hostile}"
    blocks = (Sentence(said, "Quante.", "Una cautela"), table, picture, Blank("q", "Case", asked))
    chapters = (
        Chapter("a", f"Primo {hostile}", blocks),
        Chapter("b", "Sezione", blocks[:1], level=2),
        Chapter("c", "Metodi", blocks[:1], annex=True),
    )
    logo, _ = raster.png(picture)
    identity = Identity("2026-12-01", "1.0", "Ufficio casa", "Citare così", logo)
    return Briefing(
        voice,
        f"Piano {hostile}",
        "Sottotitolo",
        chapters,
        warning="Bozza interna",
        identity=identity,
    )


def squeezed(text: str) -> str:
    """Return a text without spaces: a reader of pages breaks lines where it likes."""
    return re.sub(r"\s+", "", text.replace("\xa0", ""))


def words(element) -> str:
    """Return the text of a part of a Word document."""
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


@pytest.mark.parametrize("write", [write_docx, write_pdf])
def test_the_same_document_gives_the_same_bytes(write, tmp_path: Path):
    for name in ("one", "two"):
        write(briefing(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_hostile_text_is_text_in_word(tmp_path: Path):
    write_docx(briefing(), tmp_path / "a.docx")
    document = docx.Document(str(tmp_path / "a.docx"))
    fields = [one.text.split()[0] for one in document.element.iter(f"{W}instrText")]
    assert set(fields) == {"TOC", "SEQ"}
    assert squeezed(words(document.element)).count(squeezed(HOSTILE)) == 11


def test_hostile_text_is_text_on_paper(tmp_path: Path):
    write_pdf(briefing(), tmp_path / "a.pdf")
    reader = pypdf.PdfReader(tmp_path / "a.pdf")
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    assert text.count(squeezed(HOSTILE)) >= 10
    assert reader.metadata.title == f"Piano {HOSTILE}"


def test_a_sign_without_letters_is_a_square(tmp_path: Path):
    write_pdf(briefing("a\x00b\u202ec 漢 😀 d"), tmp_path / "a.pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "a.pdf").pages)
    assert squeezed("abc □ □ d") in squeezed(text)


def test_the_pdf_tells_its_language_and_its_structure(tmp_path: Path):
    write_pdf(briefing(voice=Voice("en")), tmp_path / "a.pdf")
    root = pypdf.PdfReader(tmp_path / "a.pdf").trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


def elements(node) -> Iterator[dict]:
    """Yield the elements of the structure of a PDF."""
    node = node.get_object()
    for one in node if isinstance(node, list) else [node]:
        inner = one.get_object()
        if isinstance(inner, dict):
            yield inner
            if "/K" in inner:
                yield from elements(inner["/K"])


def test_who_hears_the_pdf_is_told_what_each_part_is(tmp_path: Path):
    write_pdf(briefing("x"), tmp_path / "a.pdf")
    root = pypdf.PdfReader(tmp_path / "a.pdf").trailer["/Root"]["/StructTreeRoot"]
    parts = list(elements(root["/K"]))
    kinds = Counter(one.get("/S") for one in parts)
    # The contents too have their heading, and a list in the list for the sections.
    assert (kinds["/Title"], kinds["/TOC"], kinds["/H1"]) == (1, 2, 3)
    assert (kinds["/H2"], kinds["/Table"], kinds["/TH"], kinds["/TD"]) == (1, 1, 3, 6)
    assert kinds["/Caption"] == 2
    # Subtitle, warning, how to cite, three sentences, note, source, what is left to fill in.
    assert kinds["/P"] == 9
    assert [one["/Alt"] for one in parts if one.get("/S") == "/Figure"] == [
        "Ufficio casa",
        "Sale x",
    ]


def test_word_has_its_numbers_styles_and_contents(tmp_path: Path):
    write_docx(briefing("x"), tmp_path / "a.docx")
    document = docx.Document(str(tmp_path / "a.docx"))
    held = {
        one.find(f"{W}sdtPr/{W}tag").get(f"{W}val"): words(one)
        for one in document.element.iter(f"{W}sdt")
        if one.find(f"{W}sdtPr/{W}tag") is not None
    }
    assert held == {"a:n": "1.234", "a:share": "20,0\xa0%", "b:share": "50,0\xa0%"}
    heads = [one for one in document.paragraphs if one.style.name.startswith("Heading")]
    assert [one.text for one in heads] == ["Primo x", "Sezione", "Metodi"]
    links = [words(one) for one in document.element.iter(f"{W}hyperlink")]
    assert links == ["1Primo x", "1.1Sezione", "Allegato A. Metodi"]
    assert document.settings.element.find(f"{W}updateFields") is None
    (table,) = document.tables
    assert table.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None
    pictures = document.inline_shapes
    assert [one._inline.docPr.get("descr") for one in pictures] == [
        "Ufficio casa", "Sale x"
    ]  # fmt: skip
    assert document.core_properties.language == "it-IT"
    assert document.core_properties.author == "Ufficio casa"


def test_pages_turn_for_a_wide_table_alone(tmp_path: Path):
    """Two wide tables share their section, and nothing follows the last one: no page is empty."""
    names = [f"indicatore_{i}" for i in range(16)]
    frame = pd.DataFrame({name: [1234567.0] for name in names})
    wide = Table("w", "Larga", frame, tuple(Column(one, one, "count") for one in names))
    chapters = (Chapter("a", "Primo", (Sentence("Sì."), wide, replace(wide, key="v"))),)
    write_docx(Briefing(ITALIAN, "T", "", chapters), tmp_path / "a.docx")
    sections = docx.Document(str(tmp_path / "a.docx")).sections
    assert [one.orientation for one in sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    write_pdf(Briefing(ITALIAN, "T", "", chapters), tmp_path / "a.pdf")
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    assert [page.mediabox.width > page.mediabox.height for page in pages] == [False, True, True]


@hypothesis.given(ANY)
def test_what_is_written_in_word_is_read_back(text: str):
    counts = wordml.Counts()
    held = wordml.paragraph(wordml.control(wordml.run(text), text, counts))
    spaces = "".join(f' xmlns:{name}="urn:{name}"' for name in ("w", "w15"))
    read = etree.fromstring(f"<all{spaces}>{held}</all>")
    assert [one.text or "" for one in read.iter("{urn:w}t")] == [paper.drawn(text)]
    (name,) = (one.get("{urn:w}val") for one in read.iter("{urn:w}tag"))
    assert name == wordml.tag(text)
    assert len(name) <= 64


@hypothesis.settings(max_examples=15, deadline=None)
@hypothesis.given(ANY)
def test_whatever_is_written_is_accessible_on_paper(tmp_path_factory, text: str):
    path = tmp_path_factory.mktemp("pdf") / "a.pdf"
    said = (Sentence(text, text, text), Blank("b", text, Question(text, text, text)))
    write_pdf(Briefing(ITALIAN, f"T{text}", text, (Chapter("c", f"C{text}", said),)), path)
    assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.desk
@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not here: DOCX not opened"
)
def test_libreoffice_opens_the_word_document_and_loses_nothing(tmp_path: Path):
    write_docx(briefing("x"), tmp_path / "a.docx")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run(
        [*command, str(tmp_path / "a.docx")], check=True, capture_output=True, timeout=300
    )
    text = squeezed("".join(p.extract_text() for p in pypdf.PdfReader(tmp_path / "a.pdf").pages))
    document = docx.Document(str(tmp_path / "a.docx"))
    for line in document.element.body.iter(f"{W}p"):
        assert squeezed(words(line)) in text, words(line)
    assert "AllegatoA.Metodi" in text
