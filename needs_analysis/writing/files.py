"""Files that appear whole or not at all, and the folder of what is computed once."""

from __future__ import annotations

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from needs_analysis.errors import OutputError, wanted
from needs_analysis.writing.disk import disk_full, no_space, problem, said_if_full

FOLDER_VARIABLE = "NEEDS_ANALYSIS_DATA"


def kept_folder() -> Path:
    """Return the folder for what is computed once: ``NEEDS_ANALYSIS_DATA``, or the user's own."""
    import platformdirs

    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else Path(platformdirs.user_data_dir("needs-analysis", False))


def files_in(folder: Path) -> list[Path]:
    """Return the files of a folder and its subfolders; what is hidden is somebody's workshop."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def unwritable(target: Path, error: OSError) -> OutputError:
    """Return the error of a place where the system does not let one write."""
    if disk_full(error):
        return no_space(target)
    reasons = {
        FileExistsError: "path_through_file",
        NotADirectoryError: "path_through_file",
        PermissionError: "not_permitted",
    }
    found = problem(reasons.get(type(error), "disk"), folder=str(target))
    return OutputError(found, cure=problem("other_folder"))


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder next to `target`, removed at the end whatever happens."""
    new = [folder for folder in target.parents if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        with said_if_full(target):
            yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        with suppress(OSError):  # what was written stays; folders made for nothing go
            for folder in new:
                folder.rmdir()


@contextmanager
def written_whole(target: Path | str) -> Iterator[Path]:
    """Give a folder to write in that becomes `target` only when all of it was written.

    A new `target` appears in one rename. In a folder that exists the files replace their old versions
    all or none, one process at a time; whatever else the user keeps there stays.

    Raises
    ------
    OutputError
        The folder cannot be written, or is a file.
    """
    wanted(target, str, Path)
    target = Path(target)
    if target.exists() and not target.is_dir():
        raise OutputError(problem("a_file", path=str(target)), cure=problem("name_folder"))
    if target.is_dir() and not os.access(target, os.W_OK):
        read_only = problem("read_only", folder=str(target))
        raise OutputError(read_only, cure=problem("other_folder"))
    with beside(target) as partial:
        inner = partial / "out"
        inner.mkdir()
        yield inner
        try:
            if not _moved(inner, target):
                with _held(target):
                    _replace_all(inner, target, partial)
        except OSError as error:
            raise unwritable(target, error) from error


def clear_killed(target: Path) -> None:
    """Remove what who was killed while writing `target` left beside it; nobody may be writing it."""
    for inner in target.parent.glob(f".{glob.escape(target.name)}.*/out"):
        shutil.rmtree(inner.parent, ignore_errors=True)


def _moved(folder: Path, target: Path) -> bool:
    """Move a folder to where there is none; False if there is one, made meanwhile perhaps."""
    if target.exists():
        return False
    try:
        os.replace(folder, target)
    except OSError:
        if not target.is_dir():
            raise
        return False
    return True


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Wait until no other process holds a folder, and hold it; the system lets go if we are killed.

    Windows and some network disks hold no folder: there two processes could still mix.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace_all(folder: Path, target: Path, workshop: Path) -> None:
    """Put the files of a folder in `target`; if one cannot go there, the old versions come back."""
    old = workshop / "old"
    old.mkdir()
    done: list[Path] = []
    try:
        for file in files_in(folder):
            name = file.relative_to(folder)
            place, kept = target / name, old / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(place, kept)
            os.replace(file, place)
            done.append(place)
    except OSError:
        for place in done:
            kept = old / place.relative_to(target)
            if kept.exists():
                os.replace(kept, place)
            else:
                place.unlink(missing_ok=True)
        raise


@contextmanager
def swapped(target: Path) -> Iterator[Path]:
    """Give a folder to write in that takes the place of `target` in one stroke.

    Whatever else is in `target` is carried over. The old folder steps aside by one rename and the
    new one takes its name by the next: killed between the two, the next run puts the old one back.

    Raises
    ------
    OutputError
        The folder cannot be replaced, or is the one that the command is run in.
    """
    target = target.resolve()
    for aside in target.parent.glob(f".{glob.escape(target.name)}.*/aside"):
        if not target.exists():
            os.replace(aside, target)
        shutil.rmtree(aside.parent, ignore_errors=True)
    if Path.cwd().is_relative_to(target):
        current = problem("current_folder", folder=str(target))
        raise OutputError(current, cure=problem("leave_folder"))
    with beside(target) as partial:
        new, old = partial / "new", partial / "aside"
        new.mkdir()
        yield new
        try:
            if not target.exists():
                os.replace(new, target)
                return
            _carry_over(target, new)
            os.replace(target, old)
            try:
                os.replace(new, target)
            except OSError:
                os.replace(old, target)
                raise
        except OSError as error:
            raise unwritable(target, error) from error


def _carry_over(old: Path, new: Path) -> None:
    """Copy what is in a folder to the one that will take its place, where that has no own version."""
    for one in old.iterdir():
        if (new / one.name).exists():
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.copytree(one, new / one.name, symlinks=True)
        else:
            shutil.copy2(one, new / one.name, follow_symlinks=False)
    shutil.copystat(old, new)


@contextmanager
def written_file(target: Path | str) -> Iterator[Path]:
    """Give a file to write in that takes the place of `target` only when it is whole.

    Raises
    ------
    OutputError
        The file cannot be written there, or is a folder.
    """
    wanted(target, str, Path)
    target = Path(target)
    if target.is_dir():
        raise OutputError(problem("a_folder", path=str(target)), cure=problem("name_file"))
    with beside(target) as partial:
        yield partial / target.name
        try:
            os.replace(partial / target.name, target)
        except OSError as error:
            raise unwritable(target, error) from error
