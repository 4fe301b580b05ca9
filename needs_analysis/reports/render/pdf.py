"""The content model as a tagged PDF (PDF/UA-1): the same document gives the same bytes."""

from __future__ import annotations

import base64
import json
import struct
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from needs_analysis.reports.model import Blank, Block, Briefing, Picture, Sentence, Table, plain
from needs_analysis.reports.render import paper, printed, raster
from needs_analysis.words import Voice
from needs_analysis.writing.files import written_file

# A file says no hour of its own: the first second of 2000.
_MOMENT = 946684800
# Its letters are narrower than those of a Word document.
_HOLDS = 1.12
_NO_GLYPH = "\N{WHITE SQUARE}"


def write_pdf(briefing: Briefing, path: Path | str) -> None:
    """Write a briefing as a PDF that a screen reader reads: tagged, with its language and its title.

    Parameters
    ----------
    briefing : Briefing
        Its ``sheets`` and the traces of its numbers are left to the workbook and the page.
    path : Path or str
        The file to write; the same briefing gives the same bytes.

    Raises
    ------
    typst.TypstError
        The document does not hold to PDF/UA-1.

    Notes
    -----
    Texts reach the typesetter as data, never as markup. A sign that no letter of its own is shipped
    for (Chinese, an emoji) is drawn as an empty square: PDF/UA refuses a sign without a shape.

    References
    ----------
    ISO 14289-1 (PDF/UA-1).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_pdf(Briefing(Voice(), "Abitare a #Monza", "", ()), Path(folder, "a.pdf"))
    ...     Path(folder, "a.pdf").read_bytes()[:5]
    b'%PDF-'
    """
    import typst

    source = resources.files("needs_analysis.reports").joinpath("templates/document.typ")
    made = typst.compile(
        source.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"data": json.dumps(_data(briefing), ensure_ascii=False)},
        timestamp=_MOMENT,
    )
    with written_file(path) as file:
        file.write_bytes(made)


def _data(briefing: Briefing) -> dict[str, Any]:
    """Return all that the template reads."""
    voice, who = briefing.voice, briefing.identity
    made, *closing = paper.about(briefing) or [""]
    if paper.traced(briefing):
        closing.append(voice.say(paper.TRACED))
    parts = paper.chapters_of(briefing)
    return {
        "lang": voice.language,
        "region": voice.rules.region or None,
        "title": _shown(briefing.title),
        "subtitle": _shown(briefing.subtitle),
        "warning": _shown(briefing.warning),
        "short": briefing.short,
        "author": [_shown(who.author)] if who.author else [],
        "keywords": [],
        "logo": _wrapped(who.logo) if who.logo else "",
        "made": _shown(made),
        "closing": [_shown(line) for line in closing],
        "contents": voice.say(paper.CONTENTS),
        "annex": voice.say(paper.ANNEX),
        "pages": paper.around_pages(voice),
        "source": voice.say(printed.SOURCE),
        "chapters": [
            {
                "title": _shown(one.title),
                "level": one.level,
                "annex": one.annex,
                "blocks": [_block(block, voice) for block in one.blocks],
            }
            for one in parts
        ],
    }


def _block(block: Block, voice: Voice) -> dict[str, Any]:
    if isinstance(block, Sentence):
        return {
            "kind": "sentence", "lead": _shown(block.lead), "text": _shown(block.text),
            "note": _shown(block.note),
        }  # fmt: skip
    if isinstance(block, Table):
        return _table(block, voice)
    if isinstance(block, Blank):
        head, text, note = paper.asked(block, voice)
        return {"kind": "blank", "title": _shown(head), "text": _shown(text), "note": _shown(note)}
    assert isinstance(block, Picture)
    return {
        "kind": "picture",
        "svg": raster.drawable(block),
        "width": raster.size_of(block)[0],
        "alternative": _shown(block.alternative),
        "title": _shown(block.title),
        **_below(block, voice),
    }


def _below(block: Table | Picture, voice: Voice) -> dict[str, Any]:
    return {
        "notes": [_shown(note) for note in block.notes],
        "sources": _shown("; ".join(voice.with_short_dates(one) for one in block.sources)),
    }


def _table(table: Table, voice: Voice) -> dict[str, Any]:
    made = printed.grid(table, voice)
    lies = paper.lie(made, _HOLDS)
    return {
        "kind": "table",
        "title": _shown(table.title),
        "shares": lies.shares,
        "across": lies.across,
        "small": lies.small,
        "heads": [
            {"t": _shown(head.label), "u": _shown(head.unit), "n": head.numeric}
            for head in made.heads
        ],
        "rows": [[_cell(cell) for cell in row] for row in made.rows],
        "legend": [[_shown(mark), _shown(word)] for mark, word in made.legend],
        **_below(table, voice),
    }


def _cell(cell: printed.Cell) -> dict[str, Any]:
    """Return a cell as the template reads it: what it has not is left out."""
    flags = {
        "n": cell.numeric,
        "s": cell.stub,
        "a": cell.absent,
        "b": cell.blank,
        "c": cell.closing,
    }
    texts = {"m": _shown(cell.mark), "u": _shown(cell.unit)}
    kept = {name: value for name, value in (flags | texts).items() if value}
    return {"t": _shown(cell.text), **kept}


def _shown(text: str) -> str:
    """Return a text without its marks, each sign one that a letter is shipped for."""
    bare = paper.drawn(printed.bound(plain(text)))
    if bare.isascii():
        return bare
    drawable = _drawable()
    return "".join(one if ord(one) in drawable else _NO_GLYPH for one in bare)


@cache
def _drawable() -> frozenset[int]:
    """Return the signs of the letters that typst has with it, read from matplotlib's copy of them."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(get_data_path(), "fonts/ttf/DejaVuSansMono.ttf")))
    return frozenset(font.get_charmap())


def _wrapped(png: bytes) -> str:
    r"""Return a PNG inside an SVG, which a template may have as text.

    Examples
    --------
    >>> head = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 30, 20)
    >>> _wrapped(head)[:62]
    '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"'
    """
    width, height = struct.unpack(">II", png[16:24])
    held = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><image width="{width}" height="{height}" '
        f'href="data:image/png;base64,{held}"/></svg>'
    )
