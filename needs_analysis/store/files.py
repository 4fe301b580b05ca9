"""Files that appear whole or not at all, and the folder of what is computed once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from needs_analysis.errors import OutputError


def kept_folder() -> Path:
    """Return the folder for what is computed once: ``NEEDS_ANALYSIS_DATA``, or the user's own."""
    import platformdirs

    given = os.environ.get("NEEDS_ANALYSIS_DATA")
    return Path(given) if given else Path(platformdirs.user_data_dir("needs-analysis", False))


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder and its subfolders; what is hidden is somebody's workshop."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _unwritable(target: Path, error: OSError) -> OutputError:
    reasons = {
        FileExistsError: "una parte del percorso è un file",
        NotADirectoryError: "una parte del percorso è un file",
        PermissionError: "permesso negato",
    }
    reason = reasons.get(type(error), "disco pieno o non raggiungibile")
    return OutputError(
        f"{target}: non si può scrivere qui ({reason}). Scegliere un'altra cartella."
    )


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder next to `target`, removed at the end whatever happens."""
    new = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # what was written stays; folders made for nothing go
            for folder in new:
                folder.rmdir()


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
    """Give a folder to write in that becomes `target` only when all of it was written.

    A new `target` appears in one rename; in a folder that exists, each file replaces its old version
    and whatever else the user keeps there stays.

    Raises
    ------
    OutputError
        The folder cannot be written, or is a file.
    """
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target}: è un file. Indicare una cartella.")
    if target.is_dir() and not os.access(target, os.W_OK):
        raise OutputError(f"{target}: la cartella non è scrivibile. Scegliere un'altra cartella.")
    with beside(target) as partial:
        inner = partial / "out"
        inner.mkdir()
        yield inner
        try:
            if target.exists():
                for file in sorted(inner.iterdir()):
                    os.replace(file, target / file.name)
            else:
                os.replace(inner, target)
        except OSError as error:
            raise _unwritable(target, error) from error


@contextmanager
def written_file(target: Path) -> Iterator[Path]:
    """Give a file to write in that takes the place of `target` only when it is whole.

    Raises
    ------
    OutputError
        The file cannot be written there, or is a folder.
    """
    if target.is_dir():
        raise OutputError(f"{target}: è una cartella. Indicare un file.")
    with beside(target) as partial:
        yield partial / target.name
        os.replace(partial / target.name, target)
