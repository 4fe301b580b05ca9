"""One test for every form of a document: under a key HTML, DOCX, PDF and XLSX print the same number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml.ns import qn

from needs_analysis.reports import content
from needs_analysis.reports.model import Briefing
from needs_analysis.reports.render import html, paper, workbook
from needs_analysis.reports.render.docx import write_docx
from needs_analysis.reports.render.pdf import write_pdf
from needs_analysis.reports.render.wordml import tag
from needs_analysis.study import Study, find
from reports.test_numbers import CLOSED, Page, assert_same, in_cell

# Titles, captions and heads name years and definitions; a lead is a title in the line.
APART = ("Title", "Subtitle", "heading", "caption", "toc", "TOC")


class Word:
    """The numbers of a Word document by their tags, its lines in order, what has no key."""

    def __init__(self, path: Path) -> None:
        self.document = docx.Document(str(path))
        self.keyed: list[tuple[str, str]] = []
        self.loose: list[str] = []
        for control in self.document.element.iter(qn("w:sdt")):
            found = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
            if found is not None:
                self.keyed.append((found.get(qn("w:val")), self.words(control)))
        named = {one.style_id: one.name for one in self.document.styles}
        for line in self.document.element.iter(qn("w:p")):
            style = line.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            name = named[style.get(qn("w:val"))] if style is not None else ""
            if not name.lower().startswith(tuple(map(str.lower, APART))) and not self.heads(line):
                self.loose.append(self.words(line, keyed=False))

    @staticmethod
    def heads(line) -> bool:
        """Return whether a paragraph heads a column or a row of a table."""
        cell = line.getparent()
        if cell.tag != qn("w:tc"):
            return False
        row = cell.getparent()
        look = row.getparent().find(f"{qn('w:tblPr')}/{qn('w:tblLook')}")
        stub = look.get(qn("w:firstColumn")) == "1" and row.findall(qn("w:tc"))[0] is cell
        return stub or row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None

    @staticmethod
    def words(part, *, keyed: bool = True) -> str:
        """Return the text of a part, without bold leads and numbers where they are not wanted."""
        said = []
        for run in part.iter(qn("w:r")):
            style = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
            lead = style is not None and style.get(qn("w:val")) == "Strong"
            held = any(
                above.find(f"{qn('w:sdtPr')}/{qn('w:tag')}") is not None
                for above in run.iterancestors(qn("w:sdt"))
            )
            if keyed or not (lead or held):
                said += [one.text or "" for one in run.iter(qn("w:t"))]
        return "".join(said)

    def lines(self) -> Iterator[str]:
        """Yield what is read in one go: a paragraph, or a row of a table."""
        for part in self.document.element.body.iter(qn("w:p"), qn("w:tr")):
            contents = next(part.iterancestors(qn("w:sdt")), None) is not None
            if part.getparent().tag != qn("w:tc") and not contents:
                yield squeezed(self.words(part))


def squeezed(text: str) -> str:
    """Return a text without spaces: a reader of pages breaks its lines where it likes."""
    return re.sub(r"[\s\xa0]+", "", text)


def read_pdf(path: Path, briefing: Briefing) -> str:
    """Return the text of the pages in reading order, without what stands at their head and foot."""
    reader = pypdf.PdfReader(path)
    before, between, after = map(squeezed, paper.around_pages(briefing.voice))
    made = squeezed(next(iter(paper.about(briefing)), ""))
    said = ""
    for number, page in enumerate(reader.pages, start=1):
        text = squeezed(page.extract_text())
        around = {
            squeezed(briefing.warning) if number > 1 else "",
            squeezed(briefing.title) if number > 1 else "",
            f"{made}{before}{number}{between}{len(reader.pages)}{after}",
        }
        for one in filter(None, around):
            assert one in text, (number, one)
            text = text.replace(one, "", 1)
        said += text
    return said


def compare(briefing: Briefing, folder: Path) -> int:
    """Write a document in its four forms and compare every number; return how many there are."""
    write_docx(briefing, folder / "a.docx")
    write_pdf(briefing, folder / "a.pdf")
    workbook.write(briefing.sheets, folder / "a.xlsx", title="Prova", voice=briefing.voice)
    page, word = Page(html.page(briefing)), Word(folder / "a.docx")
    book = openpyxl.load_workbook(folder / "a.xlsx")

    shown = [(tag(key), squeezed(text)) for key, _, text in page.keyed]
    assert sorted(set(shown)) == sorted({(key, squeezed(text)) for key, text in word.keyed})
    for key, place, text in page.keyed:
        assert place, key
        assert_same(text, in_cell(book, place), (key, place, text))

    pdf, at = read_pdf(folder / "a.pdf", briefing), 0
    for line in filter(None, word.lines()):
        found = pdf.find(line, at)
        assert found >= 0, (line, pdf[at : at + 400])
        at = found + len(line)
    return len(page.keyed)


def without_key(word: Word) -> list[str]:
    """Return the texts with digits that no key and no line of the closed list explains."""
    every = [one for kinds in CLOSED.values() for one in kinds]
    left = []
    for text in word.loose:
        rest = " ".join(text.replace("\xa0", " ").split())
        for one in every:
            rest = re.sub(one, " ", rest)
        if re.search(r"\d", rest.replace("km²", "").replace("m²", "")):
            left.append(rest)
    return left


@pytest.mark.slow
def test_every_form_of_a_briefing_prints_the_same_number_under_a_key(tmp_path: Path):
    briefing = content.compose(find(Study("ambito:Carate Brianza")))
    assert compare(briefing, tmp_path) > 200
    assert without_key(Word(tmp_path / "a.docx")) == []
