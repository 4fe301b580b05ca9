"""How workbooks reach the disk: the same cells give the same bytes, whatever the hour."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

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
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in "ab":
    ...         save(Workbook(), Path(folder, name))
    ...     Path(folder, "a").read_bytes() == Path(folder, "b").read_bytes()
    True
    """
    book.properties.created = book.properties.modified = _MOMENT
    with _StillZip(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).save()


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
