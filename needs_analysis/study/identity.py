"""Who a study is of, and of which day: read beside its file, printed on each form of its briefing."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import needs_analysis
from needs_analysis.errors import Messages, StudyError
from needs_analysis.words import N_, Voice

if TYPE_CHECKING:
    from needs_analysis.reports.model import Identity

LOGO = "logo.png"
"""What a study's logo is called beside its ``study.toml``."""
_MOST_BYTES, _MOST_PIXELS = 300_000, 2000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What draws the picture; words and dates that a program left in it are nobody's business.
_DRAWING = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_KINDS = "PNG"

problem = Messages(
    "identity",
    {
        "no_logo": N_("logo «{name}»: il file non c'è accanto allo studio"),
        "outside": N_("logo «{name}»: va scritto il solo nome di un file accanto allo studio"),
        "no_png": N_("logo «{name}»: non è un PNG intero"),
        "too_large": N_("logo «{name}»: più di {most} kB, o di {pixels} punti per lato"),
        "beside": N_("Mettere accanto allo study.toml un PNG, per esempio «logo.png»."),
    },
)


def read_logo(name: str, folder: Path) -> bytes:
    """Return a study's logo: a PNG beside its file, without what does not draw.

    Raises
    ------
    StudyError
        There is no such file, it is no PNG, it is too large, or it lies elsewhere.
    """
    cure = problem("beside")
    if Path(name).name != name or name in ("", ".", ".."):
        raise StudyError(problem("outside", name=name[:60]), cure=cure)
    try:
        given = (folder / name).read_bytes()
    except OSError:
        raise StudyError(problem("no_logo", name=name), cure=cure) from None
    if len(given) > _MOST_BYTES:
        raise StudyError(problem("too_large", name=name, most=_MOST_BYTES // 1000, pixels=_MOST_PIXELS),
                         cure=cure)  # fmt: skip
    try:
        chunks = list(_chunks(given))
        wide, high = struct.unpack(">II", chunks[0][1][:8])
        zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
        whole = chunks[0][0] == b"IHDR" and chunks[-1][0] == b"IEND" and wide and high
    except (ValueError, IndexError, struct.error, zlib.error):
        whole, wide, high = False, 0, 0
    if not whole:
        raise StudyError(problem("no_png", name=name), cure=cure)
    if max(wide, high) > _MOST_PIXELS:
        raise StudyError(problem("too_large", name=name, most=_MOST_BYTES // 1000, pixels=_MOST_PIXELS),
                         cure=cure)  # fmt: skip
    kept = (_chunk(kind, data) for kind, data in chunks if kind in _DRAWING)
    return _SIGNATURE + b"".join(kept)


def _chunks(given: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the parts of a PNG; one that is cut or was changed is a struct.error."""
    if not given.startswith(_SIGNATURE):
        raise struct.error(_KINDS)
    at = len(_SIGNATURE)
    while at < len(given):
        (length,) = struct.unpack(">I", given[at : at + 4])
        kind, data = given[at + 4 : at + 8], given[at + 8 : at + 8 + length]
        if given[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(kind + data)):
            raise struct.error(_KINDS)
        yield kind, data
        at += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def identity(title: str, day: dt.date, author: str, logo: bytes, voice: Voice) -> Identity:
    """Return what a document says of itself: whose it is, of which day, made with what, how to cite it.

    Examples
    --------
    >>> from needs_analysis.words import ITALIAN
    >>> made = identity("Rho: disagio abitativo", dt.date(2026, 12, 1), "Ufficio casa", b"", ITALIAN)
    >>> made.cite.startswith("Ufficio casa, «Rho: disagio abitativo», 01/12/2026.")
    True
    """
    from needs_analysis.reports.model import Identity

    date = voice.short_date(day.isoformat())
    who = f"{author}, " if author else ""
    cite = voice.say(
        "{author}«{title}», {date}. Fatto con needs-analysis {version}.",
        author=who, title=title, date=date, version=needs_analysis.__version__,
    )  # fmt: skip
    return Identity(day.isoformat(), needs_analysis.__version__, author, cite, logo)
