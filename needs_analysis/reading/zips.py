"""Zips, whose members are read once the whole is seen to be harmless."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from needs_analysis.errors import Problem, Refused
from needs_analysis.provenance import Source
from needs_analysis.reading.files import OPENING_BYTES, content, opening
from needs_analysis.reading.personal import safe_name
from needs_analysis.reading.problems import failure, problem
from needs_analysis.writing.disk import said_if_full

MOST_UNZIPPED = 128 << 20
MOST_MEMBERS = 5_000
MOST_SQUEEZED = 200
"""How many times smaller a member of a zip may be packed; official ones pack ten to fifteen times."""


@contextmanager
def opened_zip(
    file: Path | bytes, shown: Path, source: Source | None, most_bytes: int = MOST_UNZIPPED
) -> Iterator[zipfile.ZipFile]:
    """Give a zip whose members may be read, once the whole is seen to be harmless.

    Nothing is written to disk, and no message repeats the name of a member, which may be personal:
    zipfile's own do.

    Parameters
    ----------
    file : Path or bytes
        The zip.
    shown : Path
        Its name as it may be printed.
    source : Source, optional
        For messages; none of an office's own file.
    most_bytes : int
        What its members may come to.

    Raises
    ------
    SourceError
        If it is no readable zip, is encrypted, names places outside itself, would unpack to more
        than `most_bytes`, `MOST_MEMBERS` files or `MOST_SQUEEZED` times a member's size, or a
        member read within the block is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file) as archive:
            if danger := danger_of(archive.infolist(), most_bytes):
                raise failure(shown, source, [danger])
            yield archive
    except Refused:
        raise
    except Exception:  # zipfile raises whatever struct, zlib and its own parser raise
        if isinstance(file, Path):
            content(file, source)  # says if it is missing, empty or a folder
        raise failure(shown, source, [problem("zip_damaged")]) from None


def danger_of(members: Sequence[zipfile.ZipInfo], most_bytes: int) -> Problem | None:
    """Return why a zip must not be opened, by what it declares; None if it may."""
    if any(one.flag_bits & 1 for one in members):
        return problem("zip_locked")
    if any(_escapes(one.orig_filename) for one in members):
        return problem("zip_escapes")
    # What a member really holds cannot exceed what it declares: zipfile reads no further.
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > most_bytes:
        return problem("zip_too_large", files=MOST_MEMBERS, megabytes=most_bytes // 10**6)
    if any(one.file_size > MOST_SQUEEZED * max(one.compress_size, 1024) for one in members):
        return problem("zip_squeezed", times=MOST_SQUEEZED)
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in members):
        return problem("zip_compression")
    return None


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in parts[0] or "\0" in name


def unpacked(path: Path, folder: Path, source: Source, most_bytes: int) -> Iterator[Path]:
    """Unpack the files of a zip into a folder, one at a time: each is removed before the next.

    Names are the last part of a member's own, as it may be printed: some readers need the year in
    it, but an archive does not choose where it is unpacked.

    Raises
    ------
    SourceError
        As `opened_zip`.
    """
    with opened_zip(path, safe_name(path), source, most_bytes) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = safe_name(Path(PurePosixPath(member.filename.replace("\\", "/")).name)).name
            target = folder / name[-100:]
            with (
                said_if_full(folder), archive.open(member) as packed, target.open("wb") as plain,
            ):  # fmt: skip
                shutil.copyfileobj(packed, plain, 1 << 20)
            yield target
            target.unlink()


def unzipped(path: Path, source: Source, suffix: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a file that may come alone inside a zip, as downloaded.

    Parameters
    ----------
    path : Path
        The file itself, or a zip that holds one file with the suffix.
    source : Source
        For messages.
    suffix : str
        How the name of the file in the zip ends (".csv").

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, or does not hold one such file.
    """
    if not opening(path).startswith(b"PK"):
        return path.name, content(path, source)
    with opened_zip(path, path, source) as archive:
        wanted = [name for name in archive.namelist() if name.lower().endswith(suffix)]
        if len(wanted) != 1:
            found = problem("zip_not_one", found=len(wanted), name=suffix)
            raise failure(path, source, [found], problem("take_municipal_file"))
        data = archive.read(wanted[0])
    if not data.strip():
        raise failure(path, source, [problem("empty_in_zip")])
    return PurePosixPath(wanted[0]).name, data


def names_in(path: Path) -> list[str]:
    """Return the names of the members of a zip; none if it is none."""
    if not opening(path).startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except Exception:  # zipfile raises whatever struct and its own parser raise
        return []


def opening_unzipped(path: Path, suffix: str) -> bytes:
    """Return the first kilobytes of a file, or of the one file with the suffix in a zip."""
    first = opening(path)
    if not first.startswith(b"PK"):
        return first
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one for one in archive.namelist() if one.lower().endswith(suffix)]
            if len(names) != 1:
                return b""
            with archive.open(names[0]) as file:
                return file.read(OPENING_BYTES)
    except Exception:  # zipfile raises whatever zlib and its own checks raise
        return b""
