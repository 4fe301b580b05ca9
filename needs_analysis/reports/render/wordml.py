"""Pieces of a Word document as XML, in the order of elements that ECMA-376 asks for.

Rows are written as text and read once: through python-docx each cell would cost a hundred times more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from needs_analysis.reports.render import paper
from needs_analysis.reports.render.printed import Cell, Grid, Head

UPRIGHT, ACROSS = 9638, 14570
"""Width of the text in twentieths of a point: A4 with 20 mm at both sides, upright and turned."""
_TAG_LENGTH = 64
_EMU = 12700  # of a point
BREAK = "<w:r><w:br/></w:r>"
_GALLERY = (
    '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
)
_LINE = '<w:top w:val="single" w:sz="6" w:space="0" w:color="4A5561"/>'
_LINE_ABOVE = f"<w:tcBorders>{_LINE}</w:tcBorders>"


def tag(key: str) -> str:
    """Return the tag of the content control that holds a number: its key, cut to what Word takes.

    Parameters
    ----------
    key : str
        As :meth:`needs_analysis.reports.model.Table.keys` gives it.

    Returns
    -------
    str
        At most 64 signs: of a longer key the beginning and a checksum of it all.

    Examples
    --------
    >>> tag("108033:households"), len(tag("x" * 80)), tag("x" * 80) == tag("x" * 81)
    ('108033:households', 64, False)
    """
    key = paper.drawn(key)
    if len(key) <= _TAG_LENGTH:
        return key
    return f"{key[:51]}~{hashlib.sha256(key.encode()).hexdigest()[:12]}"


@dataclass
class Counts:
    """What a document counts while it is written: its tables, figures, headings, controls."""

    controls: int = 0
    tables: int = 0
    figures: int = 0
    headings: list[tuple[int, str, str]] = field(default_factory=list)

    def control(self) -> int:
        """Return the number of the next content control."""
        self.controls += 1
        return self.controls


def run(text: str, style: str = "") -> str:
    """Return a run of letters of a character style.

    Examples
    --------
    >>> run("<a> & b")
    '<w:r><w:t xml:space="preserve">&lt;a&gt; &amp; b</w:t></w:r>'
    """
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(paper.drawn(text))}</w:t></w:r>'


def runs(text: str, counts: Counts, style: str = "") -> str:
    """Return the runs of a sentence, each number in a content control with its key."""
    return "".join(
        control(run(piece, style), key, counts) if key else run(piece, style)
        for piece, key in paper.pieces(text)
    )


def control(inner: str, key: str, counts: Counts) -> str:
    """Put runs into a content control that is not seen and tells their key."""
    return (
        f"<w:sdt><w:sdtPr><w:tag w:val={quoteattr(tag(key))}/>"
        f'<w:id w:val="{counts.control()}"/><w15:appearance w15:val="hidden"/></w:sdtPr>'
        f"<w:sdtContent>{inner}</w:sdtContent></w:sdt>"
    )


def paragraph(inner: str, style: str = "", more: str = "") -> str:
    """Return a paragraph of a style; `more` are its own properties, after the style's."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    look = f"<w:pPr>{named}{more}</w:pPr>" if named or more else ""
    return f"<w:p>{look}{inner}</w:p>"


def field_of(code: str, shown: str, style: str = "") -> str:
    """Return a field with the result it has now: nobody has to update it to read it."""
    look = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return (
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r>{run(shown, style)}'
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def caption(word: str, number: int, title: str) -> str:
    """Return a caption whose number is a field; it stays with the table or the notes below it."""
    said = run(f"{word} ") + field_of(rf"SEQ {word} \* ARABIC", str(number)) + run(f". {title}")
    return paragraph(said, "Caption", "<w:keepNext/>")


def heading(title: str, level: int, annex: bool, counts: Counts, number: str) -> str:
    """Return a heading with the bookmark that the contents point at; `number` as contents say it."""
    mark = f"_Toc{len(counts.headings) + 1:09d}"
    counts.headings.append((level, f"{number}\t{title}", mark))
    identity = len(counts.headings)
    inner = (
        f'<w:bookmarkStart w:id="{identity}" w:name="{mark}"/>{run(title)}'
        f'<w:bookmarkEnd w:id="{identity}"/>'
    )
    lettered = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="2"/></w:numPr>'
    return paragraph(inner, f"Heading{level}", lettered if annex else "")


def contents(title: str, counts: Counts) -> str:
    """Return the table of contents, a field with its entries already in it."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve">'
        r' TOC \o "1-2" \h \z \u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    shown = [one for one in counts.headings if one[0] <= 2]
    lines = []
    for at, (level, said, mark) in enumerate(shown):
        number, _, name = said.partition("\t")
        apart = run(" ") if number.endswith(".") else "<w:r><w:tab/></w:r>"
        inner = run(number) + apart + run(name)
        link = f'<w:hyperlink w:anchor="{mark}" w:history="1">{inner}</w:hyperlink>'
        first, last = at == 0, at == len(shown) - 1
        lines.append(paragraph(begin * first + link + end * last, f"TOC{level}"))
    body = paragraph(run(title), "TOCHeading") + "".join(lines)
    if not lines:
        return ""
    return (
        f'<w:sdt><w:sdtPr><w:id w:val="{counts.control()}"/>{_GALLERY}</w:sdtPr>'
        f"<w:sdtContent>{body}</w:sdtContent></w:sdt>"
    )


def picture(relation: str, number: int, size: tuple[float, float], title: str, said: str) -> str:
    """Return a picture in the line, of a size in points, with the words that say it."""
    wide, high = (round(one * _EMU) for one in size)
    name, alternative = quoteattr(paper.drawn(title)), quoteattr(paper.drawn(said))
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" name={name} descr={alternative}/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name={name} descr={alternative}/>'
        "<pic:cNvPicPr/></pic:nvPicPr>"
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
        '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


# ---------------------------------------------------------------- tables


def table(grid: Grid, lies: paper.Lie, title: str, counts: Counts) -> str:
    """Return a table: its head on every page, no row over two pages, each number with its key."""
    room = ACROSS if lies.across else UPRIGHT
    widths = [int(share * room) for share in lies.shares]
    first = int(any(head.stub for head in grid.heads[:1]))
    style = "SmallCell" if lies.small else "Cell"
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    marked = [any(row[i].mark for row in grid.rows) for i in range(len(widths))]
    body = "".join(_rows(grid, widths, style, marked, counts))
    heads = "".join(map(_head, grid.heads, widths, [style] * len(widths)))
    return (
        '<w:tbl><w:tblPr><w:tblStyle w:val="NeedsTable"/>'
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="{first}" '
        'w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(paper.drawn(title))}/></w:tblPr>"
        f"<w:tblGrid>{columns}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{heads}</w:tr>{body}</w:tbl>"
    )


def _head(head: Head, width: int, style: str) -> str:
    said = run(head.label) + (BREAK + run(head.unit, "Muted") if head.unit else "")
    line = paragraph(said, style + "Number" * head.numeric, "<w:keepNext/>")
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{line}</w:tc>'


def _rows(
    grid: Grid, widths: Sequence[int], style: str, marked: Sequence[bool], counts: Counts
) -> Iterator[str]:
    closed = False
    for row in grid.rows:
        closes = row[0].closing and not closed
        closed = row[0].closing
        cells = zip(row, widths, marked, strict=True)
        inner = "".join(
            _cell(cell, width, style, hang, closes, counts) for cell, width, hang in cells
        )
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{inner}</w:tr>"


def _cell(
    cell: Cell, width: int, style: str, marked: bool, closes: bool, counts: Counts
) -> str:  # fmt: skip
    look = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    if closes:  # a line above what is of whole territories
        look += _LINE_ABOVE
    if cell.blank:
        look += '<w:shd w:val="clear" w:color="auto" w:fill="FFF3CD"/>'
    letters = "Strong" if cell.closing else "Muted" if cell.absent else ""
    said = runs(cell.text, counts, letters)
    if cell.key:
        said = control(said, cell.key, counts)
    if cell.mark:
        said += run(cell.mark, "Mark")
    if cell.unit:
        said += BREAK + run(cell.unit, "Muted")
    # Where others of a column have a letter behind them, digits stay in line.
    apart = '<w:ind w:right="70"/>' if marked and cell.numeric and not cell.mark else ""
    line = paragraph(said, style + "Number" * cell.numeric, apart)
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{line}</w:tc>"
