"""The text of a file, and names as they may be compared."""

from __future__ import annotations

import re
import unicodedata

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins, as Excel's «Testo Unicode»."""


def delimiter_of(header: str) -> str:
    """Return what stands between the cells of a CSV, by its first line: ; , or tab.

    Examples
    --------
    >>> delimiter_of("codice;retta, al giorno")
    ';'
    """
    return max(";,\t", key=header.count)


def plain(name: str) -> str:
    r"""Return a header or a name without case, accents, punctuation and line breaks.

    Examples
    --------
    >>> plain("Forlì-Cesena"), plain("Codice Istat del Comune \n(numerico)")
    ('forli cesena', 'codice istat del comune numerico')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    ascii_only = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", ascii_only))


def decode(data: bytes) -> str:
    r"""Return the text of bytes that may mix UTF-8 and cp1252 from one line to the next.

    Examples
    --------
    >>> decode("SÈN JAN\n".encode() + "FORLÌ".encode("cp1252"))
    'SÈN JAN\nFORLÌ'
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(map(_decode_line, data.splitlines(keepends=True)))


def _decode_line(line: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")  # cp1252 leaves five bytes undefined, latin-1 none
