"""Guests and households become pseudonyms on reading: a hash that only the key's owner repeats."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from needs_analysis.errors import OutputError, SourceError
from needs_analysis.services.files.problems import path_of, problem
from needs_analysis.writing.disk import said_if_full

KEY_BYTES = 32
# 80 bits: among a million guests two share a pseudonym with probability below one in a trillion.
_DIGEST_BYTES = 10
_PREFIX = {"guest": "g", "household": "h"}
_CURE = problem("make_key")


def create_key(path: Path | str) -> Path:
    """Write a new secret key, readable by its owner only; an existing file is never overwritten.

    Whoever has the key can tell whether a known person is among the guests: it is kept apart from
    the data. Without it the same guest gets another pseudonym.

    Parameters
    ----------
    path : Path or str
        The file to create, outside the folder of the data.

    Returns
    -------
    Path
        The file, with permissions 0600 where the system has them.

    Raises
    ------
    OutputError
        If it exists or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(read_key(create_key(Path(folder) / "chiave")))
    32
    """
    file = path_of(path)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        there = problem("key_exists")
        raise OutputError.of_file(file, [there], problem("use_that_key")) from None
    except OSError:
        cure = None if file.parent.is_dir() else problem("make_folder")
        raise OutputError.of_file(file, [problem("key_not_writable")], cure) from None
    try:
        with said_if_full(file), os.fdopen(descriptor, "w", encoding="ascii") as target:
            target.write(secrets.token_hex(KEY_BYTES) + "\n")
    except BaseException:  # half a key would be taken for a key
        file.unlink(missing_ok=True)
        raise
    return file


def read_key(path: Path | str, data: Path | str | None = None) -> bytes:
    """Return the secret key of a file.

    Parameters
    ----------
    path : Path or str
        The file that :func:`create_key` wrote.
    data : Path or str, optional
        The folder or workbook that the key opens: it must not stand inside its folder.

    Raises
    ------
    SourceError
        If it is missing, is no key, is open to other users, or stands among the data.
    """
    file = path_of(path)
    if data is not None and _inside(file, path_of(data)):
        raise SourceError.of_file(file, [problem("key_among_data")], problem("move_key"))
    if not file.exists():
        raise SourceError.of_file(file, [problem("no_key_file")], _CURE)
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        raise SourceError.of_file(file, [problem("key_unreadable")], _CURE) from None
    if os.name == "posix" and mode & 0o077:
        raise SourceError.of_file(file, [problem("key_open")], problem("close_key"))
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SourceError.of_file(file, [problem("no_key")], _CURE)
    return key


def _inside(key: Path, data: Path) -> bool:
    """Whether the key stands in the data's folder or under it; absent data have none."""
    if not data.exists():
        return False
    folder = data.resolve() if data.is_dir() else data.resolve().parent
    return folder in key.resolve().parents


def pseudonyms(values: Iterable[str], key: bytes, kind: str) -> list[str]:
    r"""Return one pseudonym a value: keyed BLAKE2b of its letters and digits in upper case.

    .. math:: p = \mathrm{BLAKE2b}_{80}(\text{value}; \text{key}, \text{kind})

    The same value gives the same pseudonym however it is spaced, accented or capitalised; a guest
    and a household with the same code give different ones.

    Parameters
    ----------
    values : iterable of str
        Codes or names as written; not blank.
    key : bytes
        As :func:`read_key` returns it.
    kind : {"guest", "household"}
        What is named.

    References
    ----------
    RFC 7693, The BLAKE2 Cryptographic Hash. Regulation (EU) 2016/679, art. 4(5): pseudonymised rows
    are still personal data.

    Examples
    --------
    >>> one, other = pseudonyms(["AB 12", "ab12"], bytes(32), "guest")
    >>> one == other, len(one)
    (True, 21)
    """
    start = hashlib.blake2b(digest_size=_DIGEST_BYTES, key=key, person=kind.encode("ascii"))
    prefix, found = _PREFIX[kind], []
    for value in values:
        one = start.copy()
        one.update(_canonical(value).encode("utf-8"))
        found.append(prefix + one.hexdigest())
    return found


def _canonical(value: str) -> str:
    """Return a value's letters and digits, upper case, without accents; all of it if it has none."""
    if value.isascii():
        plain = value.upper()
    else:
        letters = unicodedata.normalize("NFKD", value.casefold().upper())
        plain = "".join(one for one in letters if not unicodedata.combining(one))
    return plain if plain.isalnum() else "".join(filter(str.isalnum, plain)) or plain
