"""What was brought and what is known of it: a file and, beside it, where from, which version, when."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from needs_analysis.provenance import checksum


@dataclass(frozen=True)
class Record:
    """What is known of a file: where from, which version, when."""

    address: str
    sha256: str
    retrieved: str
    etag: str = ""
    last_modified: str = ""
    unpacked: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Copy:
    """A file and its record."""

    file: Path
    record: Path

    def known(self, url: str) -> Record | None:
        """Return what is known of a file that is here; only its checksum if the record is of another.

        The record is written after the file: a run killed in between, or a user's edit, leaves a
        record that does not fit, and its validators must not be sent.
        """
        if not self.file.is_file():
            return None
        sha256 = checksum(self.file)
        with suppress(TypeError):
            known = Record(**read_json(self.record))
            if known.sha256 == sha256 and known.address == url:
                return known
        written = datetime.fromtimestamp(self.file.stat().st_mtime, UTC).date()
        return Record(address=url, sha256=sha256, retrieved=written.isoformat())

    def take(self, fresh: Path, record: Record) -> None:
        """Put a file that has come in the place of this one."""
        os.replace(fresh, self.file)
        write_json(self.record, vars(record))

    def set_aside(self, old: Path) -> Path:
        """Keep what is here under another name too; its own place is never empty."""
        fresh = old.with_name(f"{old.name}.new")
        shutil.copy2(self.file, fresh)
        os.replace(fresh, old)
        return old

    def size(self) -> int:
        """Return the bytes that are here."""
        return self.file.stat().st_size if self.file.exists() else 0

    def forget(self) -> None:
        """Remove both."""
        self.file.unlink(missing_ok=True)
        self.record.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write a file of ours in one stroke."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    os.replace(fresh, path)


def read_json(path: Path) -> dict[str, Any]:
    """Return what :func:`write_json` wrote; nothing where a hand or a broken run left something else."""
    try:
        read = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
