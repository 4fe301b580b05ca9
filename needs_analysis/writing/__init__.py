"""How files reach the disk: the same cells give the same bytes; a disk that is full is said."""

from __future__ import annotations

import datetime as dt
import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from needs_analysis.errors import OutputError, Refused, Table
from needs_analysis.words import N_

if TYPE_CHECKING:
    from openpyxl import Workbook

problem = Table(
    "writing",
    {
        "disk_full": N_("{place}: non c'è più spazio per scrivere"),
        "free_space": N_("Liberare spazio, o scegliere un altro disco, e ripetere il comando."),
        "path_through_file": N_(
            "{folder}: non si può scrivere qui (una parte del percorso è un file)"
        ),
        "not_permitted": N_("{folder}: non si può scrivere qui (permesso negato)"),
        "disk": N_("{folder}: non si può scrivere qui (disco pieno o non raggiungibile)"),
        "read_only": N_("{folder}: la cartella non è scrivibile"),
        "other_folder": N_("Scegliere un'altra cartella."),
        "a_file": N_("{path}: è un file"),
        "name_folder": N_("Indicare una cartella."),
        "a_folder": N_("{path}: è una cartella"),
        "name_file": N_("Indicare un file."),
        "current_folder": N_("{folder}: è la cartella corrente"),
        "leave_folder": N_("Uscirne, e ripetere il comando."),
    },
)

# A file says no hour of its own.
_MOMENT = dt.datetime(2000, 1, 1)


def save(book: Workbook, path: Path) -> None:
    """Write a workbook; its properties and its archive carry one constant date.

    Parameters
    ----------
    book : openpyxl.Workbook
        With its sheets; nothing is added to it but the dates.
    path : Path
        The file to write.

    Examples
    --------
    >>> import tempfile
    >>> from openpyxl import Workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in "ab":
    ...         save(Workbook(), Path(folder, name))
    ...     Path(folder, "a").read_bytes() == Path(folder, "b").read_bytes()
    True
    """
    from openpyxl.writer.excel import ExcelWriter

    book.properties.created = book.properties.modified = _MOMENT
    with sheets_of(book), _StillZip(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).save()


@contextmanager
def sheets_of(book: Workbook) -> Iterator[Workbook]:
    """Close the sheets of a workbook that could not be written.

    Those that are written row by row stand open on temporary files: left to themselves they would
    complain, one after the other, after what is said of the error.
    """
    try:
        yield book
    except BaseException:
        for sheet in book.worksheets:
            with suppress(Exception):  # it is of no use any more, whatever it raises
                sheet.close()
        raise


# No space, no quota, a file larger than the system lets it be.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = re.compile(
    r"no space left on device|disk is full|disk full|file too large|disk i/o error|disk quota"
    r"|IO_(?:ENOSPC|EFBIG|EDQUOT)",
    re.IGNORECASE,
)


def disk_full(error: BaseException) -> bool:
    """Tell whether an error, or one that it came from, is that of a disk without space.

    Examples
    --------
    >>> disk_full(OSError(28, "No space left on device")), disk_full(OSError(2, "No such file"))
    (True, False)
    """
    seen: list[BaseException] = []
    behind: BaseException | None = error
    while behind is not None and behind not in seen:
        seen.append(behind)
        seen += [one for one in behind.args if isinstance(one, BaseException)]
        behind = behind.__cause__ or behind.__context__
    return any(_says_full(one) for one in seen)


def _says_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno:
        return error.errno in _FULL
    # Libraries of other languages (SQLite, GDAL, DuckDB) only say it.
    own = type(error).__module__.split(".")[0] not in ("builtins", "needs_analysis")
    return (own or isinstance(error, OSError)) and bool(_SAID.search(str(error)))


def no_space(place: Path | str) -> OutputError:
    """Return the error of a disk without space."""
    return OutputError(problem("disk_full", place=str(place)), cure=problem("free_space"))


@contextmanager
def said_if_full(place: Path | str) -> Iterator[None]:
    """Say in one line that there is no space, whichever library wrote.

    Parameters
    ----------
    place : Path or str
        What could not be written, or where.

    Raises
    ------
    OutputError
        In the place of whatever the writer raised.
    """
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        if not disk_full(error):
            raise
        raise no_space(place) from error


class _StillZip(ZipFile):
    """A zip file whose members carry one constant date."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        super().writestr(_member(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with open(filename, "rb") as source, self.open(_member(str(arcname)), "w") as target:
            shutil.copyfileobj(source, target)


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=_MOMENT.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    info.create_system = 0  # else the bytes would tell Windows from Linux
    return info
