"""Where a figure comes from: the source of the file, the operation that made the number."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """An official publication, as it is cited under every table.

    Parameters
    ----------
    id : str
        Short name used in code and files ("mef_incomes").
    publisher, title : str
        As the publisher writes them, in Italian.
    reference_date : str
        What the figures refer to ("2018/2", "2021", "2022-01-01").
    licence : str
        Name of the licence or terms of use.
    attribution : str
        The words the publisher asks to be cited with.
    retrieval : str
        Where the publisher offers it.
    checksum : str
        SHA-256 of the file that was read; empty until it was.
    """

    id: str
    publisher: str
    title: str
    reference_date: str
    licence: str
    attribution: str
    retrieval: str
    checksum: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the fields by name."""
        return asdict(self)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "empty.csv")
    ...     _ = file.write_bytes(b"")
    ...     checksum(file)[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
