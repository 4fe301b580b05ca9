"""The content model as a Word document: real styles, real numbering, each number with its key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from needs_analysis.reports.model import (
    Blank,
    Block,
    Briefing,
    Chapter,
    Picture,
    Sentence,
    Table,
    plain,
)
from needs_analysis.reports.render import paper, printed, raster, wordml
from needs_analysis.words import Voice
from needs_analysis.writing.archive import MOMENT, StillZip
from needs_analysis.writing.files import written_file

_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
}
_DECLARED = " ".join(f'xmlns:{name}="{uri}"' for name, uri in _SPACES.items())
_ROOT = f'{_DECLARED} mc:Ignorable="w15"'
# Of the empty document that python-docx begins with: pictures of it, styles of 2010, a bibliography.
_NOT_OURS = re.compile(r"/(thumbnail|stylesWithEffects|customXml|extended-properties|webSettings)$")
_LOGO_HEIGHT = 45.0  # points


def write_docx(briefing: Briefing, path: Path | str) -> None:
    """Write a briefing as a Word document.

    Parameters
    ----------
    briefing : Briefing
        Its ``sheets`` and the traces of its numbers are left to the workbook and the page.
    path : Path or str
        The file to write; the same briefing gives the same bytes.

    Notes
    -----
    Headings, captions, contents and page numbers are fields that hold their result: nothing has to be
    updated to be read. Page numbers of the contents come with the first update (F9): before, Word
    alone knows where its pages end. Each number stands in a content control that is not seen, with
    :func:`~needs_analysis.reports.render.wordml.tag` of its key.

    References
    ----------
    ECMA-376 (Office Open XML), part 1.

    Examples
    --------
    >>> import docx, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_docx(Briefing(Voice(), "Abitare a <Monza>", "", ()), Path(folder, "a.docx"))
    ...     docx.Document(str(Path(folder, "a.docx"))).core_properties.title
    'Abitare a <Monza>'
    """
    from docx.oxml import parse_xml

    document = _empty(briefing)
    references = _headers(document, briefing)
    body = "".join(_body(document, briefing, references))
    # Word of 2010 reads what names at its root what it may pass over.
    document.part._element = parse_xml(f"<w:document {_ROOT}><w:body>{body}</w:body></w:document>")
    held = BytesIO()
    document.save(held)
    with (
        written_file(path) as file,
        ZipFile(held) as loose,
        StillZip(file, "w", ZIP_DEFLATED) as still,
    ):
        for name in sorted(loose.namelist(), key=lambda one: (not one.startswith("["), one)):
            still.writestr(name, loose.read(name))


# ---------------------------------------------------------------- what is around the text


def _empty(briefing: Briefing) -> Any:
    """Return a document with our styles, numbering and settings, and nothing in it."""
    from docx import Document

    voice, who = briefing.voice, briefing.identity
    document = Document()
    for holder in (document.part, document.part.package):
        for name in [key for key, one in holder.rels.items() if _NOT_OURS.search(one.reltype)]:
            del holder.rels[name]
    language = voice.tag
    _replace(document.styles.element, "styles", LANGUAGE=language)
    _replace(document.part.numbering_part.element, "numbering", ANNEX=voice.say(paper.ANNEX))
    _replace(document.settings.element, "settings", LANGUAGE=language, DECIMAL=voice.decimal_sign)
    about = document.core_properties
    about.title, about.author = paper.drawn(briefing.title)[:255], paper.drawn(who.author)[:255]
    about.comments, about.keywords = "", ""
    about.language, about.subject = language, paper.drawn(briefing.subtitle)[:255]
    about.last_modified_by, about.version = about.author, who.version
    about.created = about.modified = MOMENT
    return document


def _replace(element: Any, name: str, **values: str) -> None:
    """Put a template of ours in the place of an element's children."""
    template = resources.files("needs_analysis.reports").joinpath(f"templates/document_{name}.xml")
    text = template.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(key, value)
    _fill(element, text)


def _fill(element: Any, text: str) -> None:
    """Put the children of what an XML text holds in the place of those of an element."""
    from docx.oxml import parse_xml

    made = parse_xml(f"<w:holder {_ROOT}>{text}</w:holder>")[0]
    for child in list(element):
        element.remove(child)
    for child in list(made):
        element.append(child)


def _headers(document: Any, briefing: Briefing) -> str:
    """Write headers and footers; return the references that each section has."""
    from docx.oxml.ns import qn

    section, voice = document.sections[0], briefing.voice
    section.different_first_page_header_footer = True
    warning = wordml.paragraph(wordml.run(briefing.warning, "Strong"), "Header")
    title = wordml.paragraph(wordml.run(briefing.title), "Header")
    made = paper.about(briefing)[:1]
    before, between, after = paper.around_pages(voice)
    said = wordml.run((f"{made[0]} · " if made else "") + before)
    pages = wordml.field_of("PAGE", "1") + wordml.run(between) + wordml.field_of("NUMPAGES", "1")
    pages += wordml.run(after)
    foot = wordml.paragraph(said + pages, "Footer")
    parts = (
        (section.header, title + (warning if briefing.warning else "")),
        (section.first_page_header, wordml.paragraph("", "Header")),  # the box below says it
        (section.footer, foot),
        (section.first_page_footer, foot),
    )
    for part, text in parts:
        part.is_linked_to_previous = False
        _fill(part._element, f"<w:part>{text}</w:part>")
    own = section._sectPr.findall(qn("w:headerReference"))
    own += section._sectPr.findall(qn("w:footerReference"))
    return "".join(
        f'<{one.xpath("name()")} w:type="{one.get(qn("w:type"))}" r:id="{one.get(qn("r:id"))}"/>'
        for one in own
    )


# ---------------------------------------------------------------- the text


def _body(document: Any, briefing: Briefing, references: str) -> Iterator[str]:
    """Give the parts of the body; the text is written first: contents come before it and know it."""
    counts, voice = wordml.Counts(), briefing.voice
    numbers, pages, text = _Numbers(voice), _Pages(references), []
    for chapter in paper.chapters_of(briefing):
        number = numbers.next(chapter)
        text.append(pages.turned(across=False))
        text.append(wordml.heading(chapter.title, chapter.level, chapter.annex, counts, number))
        for block in chapter.blocks:
            made, across = _block(block, document, counts, voice)
            text += [pages.turned(across=across), made]
    yield from _opening(document, briefing, counts)
    yield from text
    yield pages.section()


class _Pages:
    """Which way the pages lie: a section ends where they turn, and not where they stay."""

    def __init__(self, references: str) -> None:
        self._references, self._across, self._first = references, False, True

    def turned(self, *, across: bool) -> str:
        """Return the end of a section where the next block lies another way."""
        if across == self._across:
            return ""
        end = wordml.paragraph("", "Note", self.section())
        self._across, self._first = across, False
        return end

    def section(self) -> str:
        """Return the properties of the section that ends here."""
        wide, high = (16838, 11906) if self._across else (11906, 16838)
        way = ' w:orient="landscape"' if self._across else ""
        return (
            f'<w:sectPr>{self._references}<w:pgSz w:w="{wide}" w:h="{high}"{way}/>'
            '<w:pgMar w:top="1304" w:right="1134" w:bottom="1191" w:left="1134" w:header="624" '
            f'w:footer="567" w:gutter="0"/>{"<w:titlePg/>" * self._first}</w:sectPr>'
        )


def _opening(document: Any, briefing: Briefing, counts: wordml.Counts) -> Iterator[str]:
    voice, who = briefing.voice, briefing.identity
    if who.logo:
        relation, image = document.part.get_or_add_image(BytesIO(who.logo))
        size = _LOGO_HEIGHT * image.px_width / image.px_height, _LOGO_HEIGHT
        name = who.author or briefing.title
        counts.figures += 1
        yield wordml.paragraph(wordml.picture(relation, counts.figures, size, name, name))
    yield wordml.paragraph(wordml.run(briefing.title), "Title")
    if briefing.subtitle:
        yield wordml.paragraph(wordml.run(printed.bound(briefing.subtitle)), "Subtitle")
    if briefing.warning:
        yield wordml.paragraph(wordml.run(briefing.warning), "Warning")
    lines = paper.about(briefing)
    if paper.traced(briefing):
        lines.append(voice.say(paper.TRACED))
    for line in lines:
        yield wordml.paragraph(wordml.run(line), "Note")
    if not briefing.short:
        yield wordml.contents(voice.say(paper.CONTENTS), counts)


class _Numbers:
    """Numbers of headings as Word will print them, for the contents: 2.1, "Allegato A."."""

    def __init__(self, voice: Voice) -> None:
        self._voice, self._at, self._annex = voice, [0, 0, 0], False

    def next(self, chapter: Chapter) -> str:
        if chapter.annex != self._annex:
            self._at, self._annex = [0, 0, 0], chapter.annex
        level = min(chapter.level, 3)
        self._at = [*self._at[: level - 1], self._at[level - 1] + 1, *[0] * (3 - level)]
        parts = list(map(str, self._at[:level]))
        if chapter.annex:
            parts[0] = chr(ord("A") + (self._at[0] - 1) % 26)
        if chapter.annex and level == 1:
            return f"{self._voice.say(paper.ANNEX)} {parts[0]}."
        return ".".join(parts)


def _block(block: Block, document: Any, counts: wordml.Counts, voice: Voice) -> tuple[str, bool]:
    """Return the XML of a block, and whether its page lies across."""
    if isinstance(block, Sentence):
        return _sentence(block, counts), False
    if isinstance(block, Table):
        made = printed.grid(block, voice)
        lies = paper.lie(made)
        counts.tables += 1
        head = wordml.caption(voice.say(paper.TABLE), counts.tables, block.title)
        body = wordml.table(made, lies, block.title, counts)
        return head + body + _below(block, made.legend, counts, voice), lies.across
    if isinstance(block, Blank):
        head, text, note = paper.asked(block, voice)
        said = wordml.run(f"{head} ", "Strong") + wordml.run(text) + wordml.BREAK
        return wordml.paragraph(said + wordml.run(note, "Caution"), "ToFill"), False
    assert isinstance(block, Picture)
    return _picture(block, document, counts, voice), False


def _sentence(block: Sentence, counts: wordml.Counts) -> str:
    said = wordml.run(f"{printed.bound(block.lead)} ", "Strong") if block.lead else ""
    said += wordml.runs(block.text, counts)
    if block.note:
        said += wordml.BREAK + wordml.runs(block.note, counts, "Caution")
    return wordml.paragraph(said)


def _picture(block: Picture, document: Any, counts: wordml.Counts, voice: Voice) -> str:
    png, size = raster.png(block)
    relation, _ = document.part.get_or_add_image(BytesIO(png))
    counts.figures += 1
    said = wordml.picture(relation, counts.figures, size, block.title, plain(block.alternative))
    head = wordml.caption(voice.say(paper.FIGURE), counts.figures, block.title)
    return wordml.paragraph(said, "Picture") + head + _below(block, (), counts, voice)


def _below(
    block: Table | Picture, legend: tuple[tuple[str, str], ...], counts: wordml.Counts, voice: Voice
) -> str:
    """Return what stands under a table or a picture: letters, notes, sources, then some room."""
    lines = []
    if legend:
        lines.append("".join(
            wordml.run("; " * (at > 0)) + wordml.run(mark, "Strong") + wordml.run(f" = {word}")
            for at, (mark, word) in enumerate(legend)
        ))  # fmt: skip
    lines += [wordml.runs(note, counts) for note in block.notes]
    if block.sources:
        named = "; ".join(voice.with_short_dates(one) for one in block.sources)
        head = wordml.run(f"{voice.say(printed.SOURCE)} ", "Strong")
        lines.append(head + wordml.run(printed.bound(named)))
    if not lines and isinstance(block, Picture):
        return ""
    *before, last = lines or [""]  # two tables without a line between them would be one
    return "".join(wordml.paragraph(one, "Note") for one in before) + wordml.paragraph(
        last, "Note", '<w:spacing w:before="40" w:after="200"/>'
    )
