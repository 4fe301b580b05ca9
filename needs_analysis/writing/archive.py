"""Archives whose members carry one constant date: the same members give the same bytes."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MOMENT = dt.datetime(2000, 1, 1)
"""The hour of every file: none says one of its own."""


class StillZip(ZipFile):
    """A zip file whose members carry one constant date."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """Write a member."""
        super().writestr(_member(str(zinfo_or_arcname)), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Write a file as a member."""
        with open(filename, "rb") as source, self.open(_member(str(arcname)), "w") as target:
            shutil.copyfileobj(source, target)


def _member(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=MOMENT.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    info.create_system = 0  # else the bytes would tell Windows from Linux
    return info


def write_parts(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write the parts of an office document as they are, in their order, all of one constant date.

    Parameters
    ----------
    path : Path
        The file to write.
    parts : mapping of str to bytes
        By their names in the archive.
    """
    with StillZip(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
