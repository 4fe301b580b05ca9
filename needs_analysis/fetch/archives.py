"""Is it the file? And where a site gives an archive: what of it a reader takes."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from needs_analysis.errors import Problem, SourceError
from needs_analysis.fetch.addresses import Address
from needs_analysis.fetch.network import failed
from needs_analysis.fetch.problems import problem
from needs_analysis.provenance import Source

UNPACKED_TIMES = 10.0
"""An archive may hold so many times its size limit, no more."""

_ANY = Source("", "", "", "", "", "", "")
HTML = re.compile(rb"<!doctype\s+html|<html|<head[\s>]|<body[\s>]|<script[\s>]", re.IGNORECASE)


def wrong(path: Path, address: Address, content_type: str) -> Problem | None:
    """Return why an answer is not the file: a login page, an error, another table; None if it is."""
    with path.open("rb") as file:
        start = file.read(4096)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return problem("empty")
    page = text.startswith(b"<") and "html" in content_type.lower()
    if page or HTML.match(text) or (text.startswith(b"<") and HTML.search(text)):
        return problem("web_page")
    if address.kind == "csv" and (text.startswith((b"PK\3\4", b"<", b"{")) or b"\0" in start):
        return problem("no_csv")
    if address.kind in ("zip", "xlsx") and not _sound(path):
        return problem("no_archive", kind=address.kind)
    try:
        readable = not address.reader or _readable(path, address)
    except SourceError as error:  # an archive that is not harmless
        return error.problems[0]
    return None if readable else problem("not_the_format", reader=address.reader)


def _sound(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # a damaged archive raises what zip and zlib raise
        return False


def _readable(path: Path, address: Address) -> bool:
    if not packed(path, address):
        return _recognised(path, address.reader)
    with tempfile.TemporaryDirectory(dir=path.parent) as workshop:
        return any(True for _ in _members(path, address, Path(workshop)))


def _recognised(path: Path, reader: str) -> bool:
    from needs_analysis import sources  # heavy readers: only needed here

    return any(found.SOURCE.id == reader for found in sources.readers_of(path))


def packed(path: Path, address: Address) -> bool:
    """Return whether the reader wants what is in the archive; some take the archive itself."""
    wanted = address.kind == "zip" and address.reader != ""
    return wanted and not _recognised(path, address.reader)


def _members(file: Path, address: Address, workshop: Path) -> Iterator[Path]:
    """Give what the reader recognises of an archive, each gone when the next is unpacked."""
    from needs_analysis.reading.zips import unpacked

    most = int(UNPACKED_TIMES * address.max_bytes)
    for member in unpacked(file, workshop, _ANY, most):
        if _recognised(member, address.reader):
            yield member


def taken_out(file: Path, address: Address, workshop: Path) -> list[Path]:
    """Put what the reader of an archive recognises beside it.

    Parameters
    ----------
    file : Path
        The archive.
    address : Address
        With its reader, and the size that its limit is a multiple of.
    workshop : Path
        Where members are written before they are whole.

    Raises
    ------
    FetchError
        Two members have one name, or that of the archive.
    """
    paths: list[Path] = []
    for member in _members(file, address, workshop):
        path = file.with_name(member.name)
        if path in paths or path == file:
            again = problem("repeated_name", name=path.name)
            raise failed(file.name, again, problem("open_by_hand"))
        os.replace(shutil.copy(member, f"{member}.new"), path)
        paths.append(path)
    return paths
