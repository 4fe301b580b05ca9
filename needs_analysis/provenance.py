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


@dataclass(frozen=True)
class Trace:
    """A figure with what it was made from, down to rows of published files.

    Parameters
    ----------
    name : str
        The figure: an indicator, a column of the panel, a column of a table, a parameter.
    value : float or str
        NaN where it is missing.
    operation : str
        What was done to `inputs`, a key of `needs_analysis.tracing.OPERATIONS`; "" for a leaf.
    quality, vintage : str
        As they are printed with the figure.
    inputs : tuple of Trace
        In the order in which the operation takes them.
    table, key : str
        For a leaf the table of ``datasets/`` and its row.
    source : Source, optional
        For a leaf the publication.
    """

    name: str
    value: float | str
    operation: str = ""
    quality: str = ""
    vintage: str = ""
    inputs: tuple[Trace, ...] = ()
    table: str = ""
    key: str = ""
    source: Source | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the tree as plain mappings; what is empty is left out, NaN becomes None."""
        missing = isinstance(self.value, float) and self.value != self.value
        found: dict[str, object] = {"name": self.name, "value": None if missing else self.value}
        for field in ("operation", "quality", "vintage", "table", "key"):
            if getattr(self, field):
                found[field] = getattr(self, field)
        if self.source:
            found["source"] = self.source.as_dict()
        if self.inputs:
            found["inputs"] = [one.as_dict() for one in self.inputs]
        return found

    def lines(self, depth: int = 0) -> list[str]:
        """Return the tree as indented lines of text."""
        value = self.value if isinstance(self.value, str) else f"{self.value:.10g}"
        said = f"{'  ' * depth}{self.name} = {value}"
        about = [text for text in (self.operation, self.quality, self.vintage) if text]
        if self.table:
            about.append(f"{self.table}.csv, {self.key}" if self.key else self.table)
        if self.source:
            about.append(
                f"{self.source.publisher}, {self.source.title} ({self.source.reference_date}), "
                f"sha256 {self.source.checksum[:12]}"
            )
        own = f"{said}  [{'; '.join(about)}]" if about else said
        return [own, *(line for one in self.inputs for line in one.lines(depth + 1))]
