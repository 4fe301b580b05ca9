"""A disk without space is said in one line, whichever library wrote."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from needs_analysis.errors import Messages, OutputError, Refused
from needs_analysis.words import N_

problem = Messages(
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
