"""Comments beside the numbers that nobody counted, added to those that a sheet has already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from needs_analysis.reports.render.template.cells import Grid, place
from needs_analysis.reports.render.template.package import LINKS, MAIN, TYPES, Package

_AUTHOR = "needs-analysis"
_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_OPEN = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel">'
)
_CLOSE = b"</xml>"
# What comes after it in a sheet, by the schema.
_LATER = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
          "tableParts", "extLst")  # fmt: skip
_BOX = (
    "<v:shape xmlns:v={v} xmlns:o={o} xmlns:x={x} id={id} type={type} "
    "style='position:absolute;width:220pt;height:90pt;visibility:hidden' fillcolor='#ffffe1' "
    "o:insetmode='auto'><v:fill color2='#ffffe1'/><v:path o:connecttype='none'/>"
    "<v:textbox style='mso-direction-alt:auto'/><x:ClientData ObjectType='Note'><x:MoveWithCells/>"
    "<x:SizeWithCells/><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
    "</x:ClientData></v:shape>"
)
_TYPE = (
    "<v:shapetype xmlns:v={v} xmlns:o={o} id='needs_analysis_note' coordsize='21600,21600' o:spt='202' "
    "path='m,l,21600r21600,l21600,xe'><v:stroke joinstyle='miter'/>"
    "<v:path gradientshapeok='t' o:connecttype='rect'/></v:shapetype>"
)
_SPACES = {
    "v": quoteattr("urn:schemas-microsoft-com:vml"),
    "o": quoteattr("urn:schemas-microsoft-com:office:office"),
    "x": quoteattr("urn:schemas-microsoft-com:office:excel"),
}


def add(package: Package, grid: Grid, said: Mapping[str, str]) -> None:
    """Add comments to the cells of a sheet; a cell that has one keeps its own."""
    if not said:
        return
    folder = package.book.rpartition("/")[0]
    own = [part for _, part, _ in package.links(grid.sheet.part, "comments")]
    if own:
        part = own[0]
    else:
        part = package.free(f"{folder}/comments{{}}.xml".lstrip("/"))
        empty = f'<comments xmlns="{MAIN[1:-1]}"><authors/><commentList/></comments>'
        package.add(part, empty.encode(), _COMMENTS)
        package.link(grid.sheet.part, part, "comments")
    tree = package.tree(part)
    authors, listed = tree.find(f"{MAIN}authors"), tree.find(f"{MAIN}commentList")
    etree.SubElement(authors, f"{MAIN}author").text = _AUTHOR
    taken = {one.get("ref") for one in listed}
    fresh = {ref: text for ref, text in said.items() if ref not in taken}
    for ref, text in fresh.items():
        _comment(listed, ref, text, len(authors) - 1)
    listed[:] = sorted(listed, key=lambda one: place(one.get("ref")))
    _draw(package, grid, [*fresh], folder)


def _comment(listed: Any, ref: str, text: str, author: int) -> None:
    one = etree.SubElement(listed, f"{MAIN}comment", ref=ref, authorId=str(author))
    run = etree.SubElement(etree.SubElement(one, f"{MAIN}text"), f"{MAIN}t")
    run.text = text


def _draw(package: Package, grid: Grid, refs: list[str], folder: str) -> None:
    """Give each comment the box in which it opens; without one Excel mends the file."""
    drawn = [part for _, part, _ in package.links(grid.sheet.part, "vmlDrawing")]
    legacy = grid.sheet.tree.find(f"{MAIN}legacyDrawing")
    if legacy is None:
        part = package.free(f"{folder}/drawings/vmlDrawingN{{}}.vml".lstrip("/"))
        package.parts[part] = _OPEN + _CLOSE
        _declare(package)
        legacy = etree.Element(f"{MAIN}legacyDrawing")
        legacy.set(f"{LINKS}id", package.link(grid.sheet.part, part, "vmlDrawing"))
        later = [at for at, one in enumerate(grid.sheet.tree)
                 if isinstance(one.tag, str) and etree.QName(one).localname in _LATER]  # fmt: skip
        grid.sheet.tree.insert(min(later, default=len(grid.sheet.tree)), legacy)
    else:
        named = {name: part for name, part, _ in package.links(grid.sheet.part, "vmlDrawing")}
        part = named.get(str(legacy.get(f"{LINKS}id")), drawn[0] if drawn else "")
        if not part:
            return
    boxes = [_TYPE.format(**_SPACES)]
    for at, ref in enumerate(refs, start=1):
        row, column = place(ref)
        named_as = {
            "id": quoteattr(f"needs_analysis_{at}"),
            "type": quoteattr("#needs_analysis_note"),
        }
        boxes.append(_BOX.format(**_SPACES, **named_as, row=row - 1, column=column - 1))
    # As text: what others write there is not always well formed.
    data = package.parts[part]
    end = data.rfind(_CLOSE)
    package.parts[part] = data[:end] + "".join(boxes).encode() + data[end:]


def _declare(package: Package) -> None:
    types = package.tree("[Content_Types].xml")
    if not any(one.get("Extension") == "vml" for one in types.findall(f"{TYPES}Default")):
        one = etree.Element(f"{TYPES}Default", Extension="vml", ContentType=_DRAWING)
        types.insert(0, one)
