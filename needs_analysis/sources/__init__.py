"""Official files as typed, tidy frames: one module per source, which reads, types and renames.

Each module has ``SOURCE`` (who published what), ``recognises(path)`` (by content, never by name)
and ``read(path)``. Nothing here joins, recodes or derives; that is the work of the floors above.
"""

from __future__ import annotations

import tempfile
import zipfile
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from needs_analysis import reading
from needs_analysis.errors import Problem, wanted
from needs_analysis.process import public
from needs_analysis.sources.problems import problem

if TYPE_CHECKING:
    import pandas as pd

_NAMES = (
    "istat_units",
    "istat_units_2011",
    "istat_units_past",
    "istat_population",
    "istat_posas",
    "istat_boundaries",
    "istat_boundary_zip",
    "istat_classification",
    "istat_dimensions",
    "istat_census_areas",
    "istat_section_points",
    "istat_sections",
    "istat_accommodation",
    "istat_8milacensus",
    "istat_variations",
    "istat_situas",
    "istat_units_list",
    "anpr_archive",
    "mef_incomes",
    "mef_means",
    "mef_regional_incomes",
    "istat_eusilc_housing",
    "istat_population_growth",
    "omi_perimeters",
    "omi_values",
    "omi_zones",
    "interno_evictions",
    "interno_series",
)
READERS: tuple[ModuleType, ...]
"""Every source, in the order in which a file is offered to them."""

__all__ = ["READERS", "damage_of", "readers_of"]
__dir__ = public(__all__)


@cache
def _readers() -> tuple[ModuleType, ...]:
    """Import the readers when they are first asked for: what ships is read without them."""
    return tuple(import_module(f"{__name__}.{name}") for name in _NAMES)


def __getattr__(name: str) -> Any:
    if name == "READERS":
        return _readers()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def readers_of(path: Path | str) -> tuple[ModuleType, ...]:
    """Return the sources that recognise a file by its content.

    Parameters
    ----------
    path : Path or str
        Any file; a file that cannot be opened is recognised by none.

    Returns
    -------
    tuple of modules
        Empty if unknown; two for the workbook of the Ministry of the Interior, which holds the
        provinces and the national series.

    Examples
    --------
    >>> readers_of(Path("no-such-file.csv"))
    ()
    """
    wanted(path, str, Path)
    return tuple(reader for reader in _readers() if reader.recognises(Path(path)))


def editions(reader: ModuleType, path: Path) -> list[pd.DataFrame]:
    """Return the frames of a file: one, or one of each edition where a source puts several in it.

    Raises
    ------
    SourceError
        As the reader's ``read``.
    """
    several = getattr(reader, "editions", None)
    found: list[pd.DataFrame] = several(path) if several else [reader.read(path)]
    return found


def said_of(reader: ModuleType, date: str) -> tuple[Problem, ...]:
    """Return what a source says of its edition of a date: a break of the series."""
    said: tuple[Problem, ...] = reader.said_of(date) if hasattr(reader, "said_of") else ()
    return said


_TABLES = (".csv", ".kml", ".kmz", ".txt", ".xls", ".xlsx", ".zip")


def damage_of(path: Path | str) -> Problem | None:
    """Return why a file that no source recognises looks like an official one that went wrong.

    Parameters
    ----------
    path : Path or str
        A file of which :func:`readers_of` knows no source.

    Returns
    -------
    Problem or None
        None if it is simply another file.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = Path(folder, "redditi.csv")
    ...     _ = page.write_text("<!doctype html><title>Accesso</title>")
    ...     print(damage_of(page))
    è una pagina web, non i dati
    """
    wanted(path, str, Path)
    path = Path(path)
    start = reading.opening(path)
    if _utf_16(start):
        title = _title_in_utf_16(path)
        return problem("title_in_utf_16", title=title) if title else None
    if path.suffix.lower() not in _TABLES:
        return None
    if not start.strip():
        return reading.problem("empty")
    if start.startswith(b"PK"):
        broken = not zipfile.is_zipfile(path)
    elif start.startswith(reading.OLE):
        broken = not reading.openings_of_sheets(path)
    elif start.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return problem("web_page")
    else:
        whole = path.suffix.lower() != ".csv" or b"\n" in start or b"\0" in start
        return None if whole else problem("one_line")
    return problem("damaged") if broken else None


def _utf_16(start: bytes) -> bool:
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[1:200:2].count(0) > 90


def _title_in_utf_16(path: Path) -> str:
    """Return what a text in UTF-16 would be were it UTF-8; "" if nothing that is known."""
    start = reading.opening(path)
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = start.decode("utf-16" if marked else "utf-16-le", errors="replace")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, reading.safe_name(path).name)
        plain.write_text(text, "utf-8")
        return next((one.SOURCE.title for one in readers_of(plain)), "")
