"""The bytes of a file, and the text that they are."""

from __future__ import annotations

from pathlib import Path

from needs_analysis.provenance import Source
from needs_analysis.reading.problems import at_row, failure, problem
from needs_analysis.reading.text import UTF_16, decode, delimiter_of, plain

OPENING_BYTES = 16_384
# No official file comes near these; a file beyond them is damaged, or made to fill the memory.
MOST_BYTES = 256 << 20
MOST_OWN_BYTES = 1 << 30
"""Of a file of an office's own, which may hold years of a whole system."""
MOST_LINE = 1 << 20


def content(path: Path, source: Source | None) -> bytes:
    """Return the bytes of a file that is not empty.

    Raises
    ------
    SourceError
        As `bytes_of`; also if it is empty.
    """
    data = bytes_of(path, source)
    if not data.strip():
        raise failure(path, source, [problem("empty")])
    return data


def bytes_of(path: Path, source: Source | None) -> bytes:
    """Return the bytes of a file: an official one, or of an office's own, which has no source.

    Raises
    ------
    SourceError
        If it is a folder, is missing, is forbidden or is larger than `MOST_BYTES`, or `MOST_OWN_BYTES`.
    """
    most = MOST_BYTES if source else MOST_OWN_BYTES
    try:
        folder = path.is_dir()
        large = not folder and path.stat().st_size > most
        data = b"" if folder or large else path.read_bytes()
    except (OSError, ValueError):
        found = problem("cannot_open")
        raise failure(path, source, [found], problem("check_readable")) from None
    if folder:
        raise failure(path, source, [problem("folder")], problem("name_file_inside"))
    if large and source is None:
        found = problem("too_many_bytes", megabytes=most >> 20)
        raise failure(path, source, [found], problem("divide"))
    if large:
        raise failure(path, source, [problem("too_large", megabytes=most >> 20)])
    return data


def text_of(data: bytes, path: Path, source: Source) -> str:
    """Return the text of an official CSV.

    Raises
    ------
    SourceError
        If the bytes are no single-byte or UTF-8 text (UTF-16, a spreadsheet, an image), or a line
        is longer than `MOST_LINE`.
    """
    if data.startswith(UTF_16):
        found = problem("utf_16", at_row(1))
        raise failure(path, source, [found], problem("save_as_utf_8"))
    if b"\0" in data:
        row = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise failure(path, source, [problem("null_bytes", at_row(row))])
    if (start := _long_line(data)) is not None:
        row = data.count(b"\n", 0, start) + 1
        found = problem("long_line", at_row(row), megabytes=MOST_LINE >> 20)
        raise failure(path, source, [found])
    return decode(data)


def _long_line(data: bytes) -> int | None:
    """Return where a line begins that is longer than any official one; None if all are short."""
    start = 0
    while start + MOST_LINE < len(data):
        last = data.rfind(b"\n", start, start + MOST_LINE)
        if last < 0:
            return start
        start = last + 1
    return None


def opening(path: Path) -> bytes:
    """Return the first kilobytes of a file; nothing if it cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(OPENING_BYTES)
    except (OSError, ValueError):
        return b""


def header_of(path: Path, delimiter: str = "") -> set[str]:
    """Return the plain names in the first line of a text file, whatever separates them if not said."""
    data = opening(path)
    if b"\0" in data or data.startswith((b"PK", *UTF_16)):
        return set()
    first = decode(data).split("\n", 1)[0]
    return {plain(name) for name in first.split(delimiter or delimiter_of(first))}
