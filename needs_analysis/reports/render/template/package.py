"""A workbook (.xlsx) as the parts of its archive: read with care, changed by part, written again.

Only the parts that are asked for are parsed; the others are written back byte for byte: charts,
pictures, shapes and whatever a library of cells would lose.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from lxml import etree

from needs_analysis.errors import Problem, Where
from needs_analysis.reports.render.template.problems import Damaged, TemplateError, problem
from needs_analysis.writing.archive import write_parts

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MOST_MB = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGED = (Damaged, BadZipFile, OSError, KeyError, ValueError, EOFError, NotImplementedError,
            RuntimeError, etree.XMLSyntaxError)  # fmt: skip
_SEARCHED = re.compile(r"/(drawings|charts|comments|threadedComments|tables)[^/]*/?[^/]*\.xml$")


@dataclass
class Sheet:
    """A sheet of cells: its name, its part, and its tree, which may be changed."""

    name: str
    part: str
    tree: Any


@dataclass
class Package:
    """The parts of a workbook; those whose tree was changed are written from it."""

    parts: dict[str, bytes]
    trees: dict[str, Any] = field(default_factory=dict)
    _read: dict[str, bytes] = field(default_factory=dict)

    def tree(self, part: str) -> Any:
        """Return the tree of a part: what is changed of it is written."""
        if part not in self.trees:
            self.trees[part] = parsed(self.parts[part])
            self._read[part] = etree.tostring(self.trees[part])
        return self.trees[part]

    def add(self, part: str, data: bytes, content_type: str) -> None:
        """Add a part, and say what it is."""
        self.parts[part] = data
        types = self.tree("[Content_Types].xml")
        etree.SubElement(types, f"{TYPES}Override", PartName=f"/{part}", ContentType=content_type)

    def remove(self, part: str) -> None:
        """Take a part away, and what says that it is there."""
        if self.parts.pop(part, None) is None:
            return
        types = self.tree("[Content_Types].xml")
        for one in types.findall(f"{TYPES}Override"):
            if one.get("PartName") == f"/{part}":
                types.remove(one)

    @property
    def book(self) -> str:
        """Return the part of the workbook itself."""
        return next(target for _, target, _ in self.links("", "officeDocument"))

    def links(self, part: str, kind: str = "") -> Iterator[tuple[str, str, Any]]:
        """Give the parts that a part leads to, with the name of the link and its element."""
        where = rels_of(part)
        if where not in self.parts:
            return
        for one in self.tree(where).findall(f"{_PACKAGE}Relationship"):
            kind_of = str(one.get("Type", ""))
            if one.get("TargetMode") != "External" and kind_of.rpartition("/")[2].startswith(kind):
                yield str(one.get("Id")), _target(part, str(one.get("Target"))), one

    def link(self, part: str, to: str, kind: str) -> str:
        """Lead from a part to another, and return the name of the link."""
        where = rels_of(part)
        if where not in self.parts:
            self.parts[where] = f'<Relationships xmlns="{_PACKAGE[1:-1]}"/>'.encode()
        tree = self.tree(where)
        taken = {one.get("Id") for one in tree}
        name = next(one for at in range(1, len(taken) + 2) if (one := f"rIdN{at}") not in taken)
        etree.SubElement(
            tree, f"{_PACKAGE}Relationship", Id=name, Type=_KINDS + kind, Target=f"/{to}"
        )
        return name

    def free(self, pattern: str) -> str:
        """Return the first name of a part, of those with a number, that is not taken."""
        return next(one for at in range(1, len(self.parts) + 2)
                    if (one := pattern.format(at)) not in self.parts)  # fmt: skip

    def sheets(self) -> list[Sheet]:
        """Return the sheets of cells in their order; those of a chart alone have none."""
        targets = {name: part for name, part, _ in self.links(self.book, "worksheet")}
        listed = self.tree(self.book).iterfind(f"{MAIN}sheets/{MAIN}sheet")
        named = ((str(one.get("name")), targets.get(str(one.get(f"{LINKS}id")))) for one in listed)
        return [Sheet(name, part, self.tree(part)) for name, part in named if part]

    def outside(self) -> list[str]:
        """Return the parts that are no cells and hold a placeholder."""
        return [one for one, data in self.parts.items() if _SEARCHED.search(one) and b"{{" in data]

    def write(self, path: Path) -> None:
        """Write the workbook; the same parts give the same bytes."""
        changed = {
            part: etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
            for part, tree in self.trees.items()
            if part in self.parts and etree.tostring(tree) != self._read[part]
        }
        write_parts(path, {**self.parts, **changed})


def rels_of(part: str) -> str:
    """Return where the links of a part are.

    Examples
    --------
    >>> rels_of("xl/workbook.xml"), rels_of("")
    ('xl/_rels/workbook.xml.rels', '_rels/.rels')
    """
    folder, _, name = part.rpartition("/")
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _target(part: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def parsed(data: bytes) -> Any:
    """Return the tree of an XML part: none that declares entities, or asks for others."""
    if b"<!DOCTYPE" in data:
        raise Damaged("a part of a workbook declares no entities")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def opened(path: Path) -> Package:
    """Open a workbook that may be filled.

    Parameters
    ----------
    path : Path
        The user's own.

    Raises
    ------
    TemplateError
        It is none, or is encrypted, protected, signed, or has macros: all that is wrong is said.
    """
    save = problem("save_plain")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TemplateError.of_file(path, [problem("no_file")]) from None
    except OSError:
        raise TemplateError.of_file(path, [problem("not_readable")]) from None
    if data.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise TemplateError.of_file(path, [problem("encrypted" if locked else "old")], save)
    try:
        package = _unpacked(path)
        sheets = package.sheets()
        wrong = _barred(package, sheets)
    except TemplateError:
        raise
    except (*_DAMAGED, StopIteration):
        raise TemplateError.of_file(path, [problem("not_xlsx")], save) from None
    if wrong:
        raise TemplateError.of_file(path, wrong, save)
    if not sheets:
        raise TemplateError.of_file(path, [problem("not_xlsx")], save)
    return package


def _unpacked(path: Path) -> Package:
    with ZipFile(path) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if sum(one.file_size for one in members) > _MOST_MB * 2**20:
            raise TemplateError.of_file(path, [problem("too_large", most=_MOST_MB)])
        package = Package({one.filename: archive.read(one) for one in members})
    root = package.tree(package.book).tag
    if "purl.oclc.org" in root:
        raise TemplateError.of_file(path, [problem("strict")], problem("save_plain"))
    if root != f"{MAIN}workbook":
        raise Damaged(root)
    return package


def _barred(package: Package, sheets: list[Sheet]) -> list[Problem]:
    """Return what of a workbook keeps it from being filled."""
    found: list[Problem] = []
    types = package.parts["[Content_Types].xml"]
    if b"macroEnabled" in types or any(one.endswith("vbaProject.bin") for one in package.parts):
        found.append(problem("macros"))
    if any(one.startswith("_xmlsignatures/") for one in package.parts):
        found.append(problem("signed"))
    kept = package.tree(package.book).find(f"{MAIN}workbookProtection")
    if kept is not None and kept.get("lockStructure") in ("1", "true"):
        found.append(problem("locked"))
    for one in sheets:
        guard = one.tree.find(f"{MAIN}sheetProtection")
        if guard is not None and guard.get("sheet") in ("1", "true"):
            found.append(problem("locked_sheet", Where(sheet=one.name)))
    return found
