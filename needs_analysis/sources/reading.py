"""How official files are opened: text and sheets become numbered cells, cells become types.

Every problem of a file is collected before anything is raised, so that the user cures all at once.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import ROW_TAG, WorkSheetParser

from needs_analysis import process
from needs_analysis.errors import Problem, Refused, SourceError, Where
from needs_analysis.provenance import Source
from needs_analysis.sources.problems import at_row, at_rows, headers, problem
from needs_analysis.writing import said_if_full

OPENING_BYTES = 16_384
OPENING_ROWS = 12
MANY = 100
"""Problems of one kind that are listed one by one; the others are counted."""

# No official file comes near these; a file beyond them is damaged, or made to fill the memory.
MOST_BYTES = 256 << 20
MOST_UNZIPPED = 128 << 20
MOST_LINE = 1 << 20
MOST_COLUMNS = 5_000
MOST_ROWS_BY_ROW = 1_000_000
MOST_CELLS = 2_000_000
MOST_LETTERS = 200_000_000
MOST_MEMBERS = 5_000
MOST_EXTENT = 50_000_000
"""Cells that a sheet may say it holds; the largest official one has a fifth of them."""
MOST_ROWS = 1 << 20
"""Rows of a sheet of Excel."""
MOST_SQUEEZED = 200
"""How many times smaller a member of a zip may be packed; official ones pack ten to fifteen times."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xls workbook begins."""

_PERSONAL = re.compile(
    r"^QIP?_|[A-Z]{6}[0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]", re.IGNORECASE
)
_NUMBER = {
    ",": r"-?(?:[0-9]{1,15}(?:,[0-9]+)?|,[0-9]+)",
    ".": r"-?(?:[0-9]{1,15}(?:\.[0-9]+)?|\.[0-9]+)",
}


Wanted = Mapping[str, str | re.Pattern[str]]

ODD_AT_LEAST, ODD_ROWS_PER_ODD = 3, 1_000
"""One row in so many may be odd, and so many at least: more is another file, or a damaged one."""
NAMED_NOTICES, NAMED_REFUSED = 5, 10


@dataclass
class Listed:
    """Things of one kind that were found in a table: the first `MANY`, how many, in which rows."""

    first: list[tuple[Problem, str]] = field(default_factory=list)
    count: int = 0
    rows: set[Hashable] = field(default_factory=set)

    def add(self, rows: Sequence[Hashable], found: Iterable[tuple[Problem, str]]) -> None:
        """Add problems with the names of their places; one a row."""
        self.first.extend(islice(found, max(MANY - len(self.first), 0)))
        self.count += len(rows)
        self.rows.update(rows)

    def notice(self, kind: str) -> tuple[Problem, ...]:
        """Say the first of them and how many there are; nothing if there is none."""
        if not self.count:
            return ()
        named = [
            problem("of_place", what=one, place=place) if place else one
            for one, place in self.first[:NAMED_NOTICES]
        ]
        if more := self.count - len(named):
            named.append(problem("and_others", count=more))
        return (problem(kind, count=self.count, first=tuple(named)),)


@dataclass
class Odd:
    """What single cells of a table are odd: the one rule of all readers.

    A cell that cannot be read is left blank; where it is a key, or a row does not divide into its
    fields, the row is left out. Codes that lost their zeros get them back. `many` tells when the
    table is not to be read at all.
    """

    blank: Listed = field(default_factory=Listed)
    left_out: Listed = field(default_factory=Listed)
    restored: Listed = field(default_factory=Listed)

    def many(self, rows: int) -> bool:
        """Tell whether more than one row in a thousand, and more than three, are odd; or all."""
        odd = len(self.blank.rows | self.left_out.rows)
        every = len(self.left_out.rows) >= rows > 0
        return odd > max(ODD_AT_LEAST, rows // ODD_ROWS_PER_ODD) or every

    def found(self, most: int = MANY) -> list[Problem]:
        """Return the first problems, and how many more there are."""
        first = [one for one, _ in (*self.blank.first, *self.left_out.first)][:most]
        more = self.blank.count + self.left_out.count - len(first)
        return [*first, problem("more_rows", count=more)] if more else first

    def notices(self) -> tuple[Problem, ...]:
        """Return what is said of a table that is read all the same."""
        return (
            *self.blank.notice("left_blank"),
            *self.left_out.notice("left_out"),
            *self.restored.notice("restored"),
        )


class OddCellsError(SourceError):
    """A table with many odd cells."""

    SHOWN = NAMED_REFUSED + 1


class OtherTableError(SourceError):
    """A table of the same publication that is not read, on purpose."""


_PLACES = ("municipality_name", "municipality_name_it", "territory", "old_name")


@dataclass(frozen=True)
class Cells:
    """The wanted columns of an official file as text, before they are typed.

    Parameters
    ----------
    path : Path
        The file.
    source : Source
        What the file is; its ``retrieval`` is the cure.
    text : DataFrame of str
        Stripped cells under our names, "" for blank; the index is the row number in the file.
    published : mapping
        Our name of each column to the publisher's, for messages.
    problems : list of Problem
        What was found so far that keeps the file from being read.
    odd : Odd
        What was found so far of single cells and rows.
    titles : tuple of str
        The name of the sheet and what stands above its header; empty for a text.
    """

    path: Path
    source: Source
    text: pd.DataFrame
    published: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    odd: Odd = field(default_factory=Odd)
    titles: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> pd.Series:
        """Return one column as text."""
        column: pd.Series = self.text[name]
        return column

    def keep(self, rows: pd.Series) -> Cells:
        """Return the cells of the rows for which ``rows`` is true; problems stay shared."""
        return self.having(self.text[rows])

    def having(self, text: pd.DataFrame) -> Cells:
        """Return the same cells with another text; problems stay shared."""
        return replace(self, text=text)

    def check(self) -> None:
        """Raise what was found so far, if it keeps the file from being read.

        Raises
        ------
        SourceError
            With every problem collected; with the first ten, if it is many odd cells.
        """
        if self.problems:
            raise failure(self.path, self.source, [*self.odd.found(), *self.problems])
        lost = len(self.odd.left_out.rows.difference(self.text.index))
        if self.odd.many(len(self.text) + lost):
            found = self.odd.found(NAMED_REFUSED)
            raise failure(self.path, self.source, found, kind=OddCellsError)

    def checked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame that was made of these cells without the rows whose key is odd.

        What is said of odd cells goes into ``attrs["notices"]``.

        Raises
        ------
        SourceError
            As `check`.
        """
        self.check()
        if self.odd.left_out.rows:
            frame = frame[~frame.index.isin(list(self.odd.left_out.rows))]
        if notices := self.odd.notices():
            frame.attrs["notices"] = notices
        return frame

    def place(self, row: Hashable) -> str:
        """Return the name of the place that a row is of; "" if it has none."""
        named = (str(self.text[name].get(row, "")) for name in _PLACES if name in self.text.columns)
        return next((name for name in named if name), "")


def safe_name(path: Path) -> Path:
    """Return the path as it may be printed: names that hold a tax code are replaced.

    Examples
    --------
    >>> safe_name(Path("QI_1_RSSMRA80A01F205X.zip")).name
    'OMI VALORI'
    >>> safe_name(Path("redditi_2021.csv")).name
    'redditi_2021.csv'
    """
    if _PERSONAL.search(path.name):
        return Path("OMI VALORI")
    inside = any(_PERSONAL.search(folder) for folder in path.parts[:-1])
    return Path(path.name) if inside else path


def failure(
    path: Path,
    source: Source,
    problems: Sequence[Problem],
    cure: Problem | None = None,
    kind: type[SourceError] = SourceError,
) -> SourceError:
    """Return the error of a file; the usual cure depends on whether the file is damaged.

    Examples
    --------
    >>> source = Source("x", "", "", "", "", "", "https://www.istat.it")
    >>> print(failure(Path("a.csv"), source, [problem("empty")]))
    a.csv: il file è vuoto. Scaricare di nuovo il file da https://www.istat.it e non modificarlo.
    """
    return kind.of_file(safe_name(path), problems, cure or _usual_cure(source, problems))


# What a second download can cure; a file as it is published has none of these.
_DAMAGE = frozenset({
    "empty", "empty_in_zip", "no_line_end", "null_bytes", "long_line", "fields_cut", "row_cut",
    "zip_damaged", "no_workbook", "no_feather", "no_kml", "shapes_damaged", "sections_damaged",
    "no_geometries", "too_large", "open_quotes",
})  # fmt: skip
_OTHER_HEADER = frozenset({
    "lacking_columns", "lacking_header", "lacking_header_words", "lacking_sheet",
    "lacking_code_column", "lacking_indicators", "no_sheet_with_header", "no_sheet_of_sections",
    "several_columns", "shapes_lack",
})  # fmt: skip


def _usual_cure(source: Source, problems: Sequence[Problem]) -> Problem:
    """Return a cure that can help: what is published so is not cured by downloading it again."""
    kinds = {one.code.partition(".")[2] for one in problems}
    if kinds & _DAMAGE or not kinds:
        cure = "download_again"
    elif kinds & _OTHER_HEADER:
        cure = "check_header"
    else:
        cure = "compare_rows"
    if source.retrieval:
        return problem(cure, address=source.retrieval)
    return problem(f"{cure}_anywhere")


def plain(name: str) -> str:
    r"""Return a header or a name without case, accents, punctuation and line breaks.

    Examples
    --------
    >>> plain("Forlì-Cesena"), plain("Codice Istat del Comune \n(numerico)")
    ('forli cesena', 'codice istat del comune numerico')
    """
    letters = unicodedata.normalize("NFKD", name.casefold())
    ascii_only = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", ascii_only))


def decode(data: bytes) -> str:
    r"""Return the text of bytes that may mix UTF-8 and cp1252 from one line to the next.

    Examples
    --------
    >>> decode("SÈN JAN\n".encode() + "FORLÌ".encode("cp1252"))
    'SÈN JAN\nFORLÌ'
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(map(_decode_line, data.splitlines(keepends=True)))


def _decode_line(line: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")  # cp1252 leaves five bytes undefined, latin-1 none


def content(path: Path, source: Source) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    SourceError
        If it is a folder, is missing, is forbidden, is empty or is larger than `MOST_BYTES`.
    """
    try:
        folder = path.is_dir()
        large = not folder and path.stat().st_size > MOST_BYTES
        data = b"" if folder or large else path.read_bytes()
    except (OSError, ValueError):
        found = problem("cannot_open")
        raise failure(path, source, [found], problem("check_readable")) from None
    if folder:
        raise failure(path, source, [problem("folder")], problem("name_file_inside"))
    if large:
        raise failure(path, source, [problem("too_large", megabytes=MOST_BYTES >> 20)])
    if not data.strip():
        raise failure(path, source, [problem("empty")])
    return data


def text_of(data: bytes, path: Path, source: Source) -> str:
    """Return the text of an official CSV.

    Raises
    ------
    SourceError
        If the bytes are no single-byte or UTF-8 text (UTF-16, a spreadsheet, an image), or a line
        is longer than `MOST_LINE`.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = problem("utf_16", at_row(1))
        raise failure(path, source, [found], problem("save_as_utf_8"))
    if b"\0" in data:
        row = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise failure(path, source, [problem("null_bytes", at_row(row))])
    if (start := _long_line(data)) is not None:
        row = data.count(b"\n", 0, start) + 1
        found = problem("long_line", at_row(row), megabytes=MOST_LINE >> 20)
        raise failure(path, source, [found])
    return decode(data)


def _long_line(data: bytes) -> int | None:
    """Return where a line begins that is longer than any official one; None if all are short."""
    start = 0
    while start + MOST_LINE < len(data):
        last = data.rfind(b"\n", start, start + MOST_LINE)
        if last < 0:
            return start
        start = last + 1
    return None


# --- zips ----------------------------------------------------------------------------------


@contextmanager
def opened_zip(
    file: Path | bytes, shown: Path, source: Source, most_bytes: int = MOST_UNZIPPED
) -> Iterator[zipfile.ZipFile]:
    """Give a zip whose members may be read, once the whole is seen to be harmless.

    Nothing is written to disk, and no message repeats the name of a member, which may be personal:
    zipfile's own do.

    Parameters
    ----------
    file : Path or bytes
        The zip.
    shown : Path
        Its name as it may be printed.
    source : Source
        For messages.
    most_bytes : int
        What its members may come to.

    Raises
    ------
    SourceError
        If it is no readable zip, is encrypted, names places outside itself, would unpack to more
        than `most_bytes`, `MOST_MEMBERS` files or `MOST_SQUEEZED` times a member's size, or a
        member read within the block is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file) as archive:
            if danger := _danger(archive.infolist(), most_bytes):
                raise failure(shown, source, [danger])
            yield archive
    except Refused:
        raise
    except Exception:  # zipfile raises whatever struct, zlib and its own parser raise
        if isinstance(file, Path):
            content(file, source)  # says if it is missing, empty or a folder
        raise failure(shown, source, [problem("zip_damaged")]) from None


def _danger(members: Sequence[zipfile.ZipInfo], most_bytes: int) -> Problem | None:
    """Return why a zip must not be opened, by what it declares; None if it may."""
    if any(one.flag_bits & 1 for one in members):
        return problem("zip_locked")
    if any(_escapes(one.orig_filename) for one in members):
        return problem("zip_escapes")
    # What a member really holds cannot exceed what it declares: zipfile reads no further.
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > most_bytes:
        return problem("zip_too_large", files=MOST_MEMBERS, megabytes=most_bytes // 10**6)
    if any(one.file_size > MOST_SQUEEZED * max(one.compress_size, 1024) for one in members):
        return problem("zip_squeezed", times=MOST_SQUEEZED)
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in members):
        return problem("zip_compression")
    return None


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or not parts[0] or ":" in parts[0] or "\0" in name


def unpacked(path: Path, folder: Path, source: Source, most_bytes: int) -> Iterator[Path]:
    """Unpack the files of a zip into a folder, one at a time: each is removed before the next.

    Names are the last part of a member's own, as it may be printed: some readers need the year in
    it, but an archive does not choose where it is unpacked.

    Raises
    ------
    SourceError
        As `opened_zip`.
    """
    with opened_zip(path, safe_name(path), source, most_bytes) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = safe_name(Path(PurePosixPath(member.filename.replace("\\", "/")).name)).name
            target = folder / name[-100:]
            with (
                said_if_full(folder), archive.open(member) as packed, target.open("wb") as plain,
            ):  # fmt: skip
                shutil.copyfileobj(packed, plain, 1 << 20)
            yield target
            target.unlink()


def unzipped(path: Path, source: Source, suffix: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a file that may come alone inside a zip, as downloaded.

    Parameters
    ----------
    path : Path
        The file itself, or a zip that holds one file with the suffix.
    source : Source
        For messages.
    suffix : str
        How the name of the file in the zip ends (".csv").

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, or does not hold one such file.
    """
    if not opening(path).startswith(b"PK"):
        return path.name, content(path, source)
    with opened_zip(path, path, source) as archive:
        wanted = [name for name in archive.namelist() if name.lower().endswith(suffix)]
        if len(wanted) != 1:
            found = problem("zip_not_one", found=len(wanted), name=suffix)
            raise failure(path, source, [found], problem("take_municipal_file"))
        data = archive.read(wanted[0])
    if not data.strip():
        raise failure(path, source, [problem("empty_in_zip")])
    return PurePosixPath(wanted[0]).name, data


def opening_unzipped(path: Path, suffix: str) -> bytes:
    """Return the first kilobytes of a file, or of the one file with the suffix in a zip."""
    first = opening(path)
    if not first.startswith(b"PK"):
        return first
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one for one in archive.namelist() if one.lower().endswith(suffix)]
            if len(names) != 1:
                return b""
            with archive.open(names[0]) as file:
                return file.read(OPENING_BYTES)
    except Exception:  # zipfile raises whatever zlib and its own checks raise
        return b""


# --- recognising ---------------------------------------------------------------------------


def opening(path: Path) -> bytes:
    """Return the first kilobytes of a file; nothing if it cannot be read."""
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as file:
            return file.read(OPENING_BYTES)
    except (OSError, ValueError):
        return b""


def header_of(path: Path, delimiter: str) -> set[str]:
    """Return the plain names in the first line of a text file; nothing if it is no text."""
    data = opening(path)
    if b"\0" in data or data.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")):
        return set()
    first = decode(data).split("\n", 1)[0]
    return {plain(name) for name in first.split(delimiter)}


def openings_of_sheets(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the first rows of each sheet of a workbook by sheet name; nothing if it is none."""
    if not opening(path).startswith((b"PK", OLE)):
        return {}
    try:
        stat = path.stat()
        return _openings(path, stat.st_mtime_ns, stat.st_size)
    except Exception:  # openpyxl raises whatever its XML and zip readers raise
        return {}


@lru_cache(maxsize=8)  # each xlsx reader asks the same file
def _openings(path: Path, _modified: int, _size: int) -> dict[str, list[tuple[str, ...]]]:
    with path.open("rb") as file:
        # A workbook that is larger than most is refused, or read, by its reader.
        return {title: list(rows) for title, rows in _sheets(file, OPENING_ROWS, LARGEST)}


Row = tuple[str, ...]
Rows = list[Row]


LARGEST = 8
"""By how much the largest official workbook exceeds the usual bounds."""


class _TooMuchError(Exception):
    """A workbook that would fill the memory."""


class _ExtentError(_TooMuchError):
    """A workbook with a sheet that says it is larger than any."""

    def __init__(self, extent: str) -> None:
        super().__init__(extent)
        self.extent = extent


_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*?ref=\"([A-Za-z0-9:$]{1,60})\"")


def absurd_extent(file: Any) -> str:
    """Return the extent of a sheet of a workbook that says it has more than `MOST_EXTENT` cells.

    Asked before any cell is built: some programs fill every row up to the extent.

    Parameters
    ----------
    file : binary file or path
        A workbook (.xlsx).

    Returns
    -------
    str
        As the sheet says it ("A1:XFD1048576"); "" if none does.
    """
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if not re.match(r"xl/worksheets/[^/]+\.xml$", member.filename):
                continue
            with archive.open(member) as sheet:
                said = _DIMENSION.search(sheet.read(4096))
            if said and _cells_in(said[1].decode()) > MOST_EXTENT:
                return said[1].decode()
    return ""


def _cells_in(extent: str) -> int:
    """Return how many cells an extent holds ("A1:B3" has 6)."""
    corners = re.findall(r"([A-Z]+)([0-9]+)", extent.upper().replace("$", ""))
    if not corners:
        return 0
    columns = [_column_number(letters) for letters, _ in corners]
    rows = [int(row) for _, row in corners]
    return (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _sheets(
    file: Any, last: int | None, times: int = 1, only: Collection[int] = ()
) -> Iterable[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, old (.xls) or new (.xlsx), as text; raise if it is a bomb.

    ``times`` is by how much it may exceed the usual bounds, ``only`` as for `streamed`.
    """
    old = file.read(len(OLE)) == OLE
    file.seek(0)
    # A shared string or a far cell makes many cells of few bytes: what comes out is counted.
    left = [times * MOST_CELLS, times * MOST_LETTERS]
    most = times * MOST_UNZIPPED
    sheets = _old_sheets(file, last) if old else _new_sheets(file, last, most, only)
    for title, rows in sheets:
        yield title, (_row_text(row, left) for row in rows)


def _row_text(row: Sequence[object], left: list[int]) -> Row:
    left[0] -= max(len(row), 1)  # a far row makes blank ones before it
    if left[0] < 0:
        raise _TooMuchError
    texts = tuple(map(_cell_text, row))
    left[1] -= sum(map(len, texts))
    if left[1] < 0:
        raise _TooMuchError
    return texts


def _old_sheets(file: Any, last: int | None) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    import xlrd  # only old workbooks need it

    data = file.read(MOST_UNZIPPED)
    book = xlrd.open_workbook(
        file_contents=data, on_demand=True, ragged_rows=True, logfile=io.StringIO()
    )
    try:
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            count = sheet.nrows if last is None else min(last, sheet.nrows)
            yield name, (sheet.row_values(i) for i in range(count))
            book.unload_sheet(name)
    finally:
        book.release_resources()


def _new_sheets(
    file: Any, last: int | None, most_bytes: int, only: Collection[int]
) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    with zipfile.ZipFile(file) as archive:
        if _danger(archive.infolist(), most_bytes):
            raise _TooMuchError
    if extent := absurd_extent(file):
        raise _ExtentError(extent)
    with process.quiet():  # of styles and extensions we do not read
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some writers state a wrong extent
            yield sheet.title, _quietly(_values(sheet, last, only))
    finally:
        book.close()


_PROLOG_BYTES = 1 << 16
_ROOT = re.compile(rb"<(?:\w+:)?worksheet\b")


class _SheetRows(WorkSheetParser):  # type: ignore[misc]
    """The rows of a sheet, of some columns only.

    openpyxl, where defusedxml is, parses in Python, which takes three times as long as in C. What
    defusedxml refuses, a declaration of entities, is refused before.
    """

    def __init__(self, source: Any, sheet: Any, only: Collection[int]) -> None:
        book = sheet.parent
        super().__init__(
            source, sheet._shared_strings, data_only=True, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        self.letters = {get_column_letter(column + 1) for column in only}

    def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        for _, element in ElementTree.iterparse(self.source):
            if element.tag == ROW_TAG:
                if self.letters:
                    element[:] = [cell for cell in element if self._wanted(cell)]
                yield self.parse_row(element)
                element.clear()

    def _wanted(self, cell: ElementTree.Element) -> bool:
        at = cell.get("r")  # a cell that does not say where it is counts for the next one's place
        return at is None or at.rstrip("0123456789") in self.letters


def _values(sheet: Any, last: int | None, only: Collection[int]) -> Iterator[Sequence[object]]:
    """Yield the rows of a sheet, those that are missing as blank."""
    with sheet._get_source() as source:
        prolog = source.read(_PROLOG_BYTES)
    root = _ROOT.search(prolog)
    if root is None or b"<!DOCTYPE" in prolog[: root.start()]:
        raise _TooMuchError
    blank = 1
    with sheet._get_source() as source:
        for row, cells in _SheetRows(source, sheet, only).parse():
            if last is not None and row > last:
                return
            for _ in range(blank, row):
                yield ()
            if row >= blank:
                yield sheet._get_row(cells, values_only=True)
                blank = row + 1


def _quietly(rows: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
    """Yield rows, read a few at a time: what is yielded in silence would keep the process silent."""
    while True:
        with process.quiet():
            some = list(islice(rows, 50))
        if not some:
            return
        yield from some


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(np.format_float_positional(value, trim="-"))
    return str(value)


# --- cells ---------------------------------------------------------------------------------


def _positions(
    header: Sequence[str], wanted: Wanted
) -> tuple[dict[str, int], list[str], list[str]]:
    """Return where each wanted column stands; what is lacking, in the publisher's words; doubles."""
    names = [plain(name) for name in header]
    found: dict[str, int] = {}
    lacking: list[str] = []
    doubles: list[str] = []
    for ours, published in wanted.items():
        if isinstance(published, str):
            at = [i for i, name in enumerate(names) if name == plain(published)]
        else:
            at = [i for i, name in enumerate(names) if published.fullmatch(name)]
        if at:
            found[ours] = at[0]
        else:
            lacking.append(said(published))
        if len(at) > 1:
            doubles += [" ".join(header[i].split()) for i in at]
    return found, lacking, doubles


def lacks(where: Where, lacking: list[str], doubles: list[str]) -> list[Problem]:
    """Return what is wrong with a header: columns that are not there, or of which there are two."""
    problems = []
    if lacking:
        problems.append(problem("lacking_columns", where, columns=headers(lacking)))
    if doubles:
        problems.append(problem("several_columns", where, columns=headers(doubles)))
    return problems


def said(published: str | re.Pattern[str]) -> str:
    """Return a wanted column as a reader can understand it."""
    if isinstance(published, str):
        return published
    return " ".join(re.sub(r"[()?:]", "", published.pattern.replace("|", " / ")).split())


def delimited(
    text: str,
    path: Path,
    source: Source,
    wanted: Wanted,
    *,
    delimiter: str,
    header_row: int = 1,
    quoted: bool = True,
) -> Cells:
    """Return the wanted columns of a delimited text.

    Parameters
    ----------
    text : str
        The whole text.
    path, source : Path, Source
        For messages.
    wanted : mapping
        Our column names to the published ones, which match whatever their case, accents and
        punctuation, or to patterns over `plain` names.
    delimiter : str
        Field separator.
    header_row : int
        Row of the header, counted from 1.
    quoted : bool
        Whether double quotes enclose fields.

    Raises
    ------
    SourceError
        If columns are lacking, rows have too few or too many fields, or there are no rows.
    """
    header = _header(text, delimiter, header_row, quoted)
    if len(header) > MOST_COLUMNS:
        many = problem("too_many_columns", at_row(header_row), found=len(header))
        raise failure(path, source, [many])
    found, lacking, doubles = _positions(header, wanted)
    if wrong := lacks(at_row(header_row), lacking, doubles):
        raise failure(path, source, wrong)
    width = max(i for i, name in enumerate(header) if name.strip()) + 1
    split = None
    if not (quoted and '"' in text):
        split = _split_at_once(text, delimiter, header_row, width, found)
    problems: list[Problem] = []
    odd = Odd()
    if split is None:
        how = (delimiter, header_row, quoted)
        records = _records(text, how, header, problems, odd)
        cut = not text.endswith(("\n", "\r"))
        split = _regular(records, width, found, problems, odd, cut)
    published = {name: header[i].strip() for name, i in found.items()}
    cells = Cells(path, source, split, published, problems, odd)
    cells.check()
    if split.empty:
        raise failure(path, source, [*odd.found(), problem("no_rows")])
    return cells


def delimited_file(path: Path, source: Source, wanted: Wanted, **how: Any) -> Cells:
    """Return the wanted columns of a delimited file; `how` is that of :func:`delimited`.

    Raises
    ------
    SourceError
        As `content`, `text_of` and `delimited`.
    """
    text = text_of(content(path, source), path, source)
    return delimited(text, path, source, wanted, **how)


def _header(text: str, delimiter: str, row: int, quoted: bool) -> list[str]:
    try:
        return list(next(islice(_rows(text, delimiter, quoted), row - 1, None), []))
    except csv.Error:
        return []  # then no column is found, and the message says which are lacking


def _rows(text: str, delimiter: str, quoted: bool) -> Any:
    lines = io.StringIO(text, newline="")
    if quoted:
        return csv.reader(lines, delimiter=delimiter, strict=True)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _split_at_once(
    text: str, delimiter: str, header_row: int, width: int, found: Mapping[str, int]
) -> pd.DataFrame | None:
    """Return the columns of a regular text, fast; None if any row is irregular."""
    lines = text.split("\n", header_row + 1)
    if len(lines) <= header_row:
        return None
    fields = lines[header_row].rstrip("\r").count(delimiter) + 1
    if fields < width:
        return None
    names = [str(i) for i in range(fields)]
    surplus = names[width:]
    wanted = [names[i] for i in found.values()]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            pa.csv.ReadOptions(skip_rows=header_row, column_names=names, block_size=1 << 24),
            pa.csv.ParseOptions(delimiter=delimiter, quote_char=False),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[*dict.fromkeys([*wanted, *surplus])],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != text.count("\n") + (not text.endswith("\n")) - header_row:
        return None  # blank lines: the row numbers need care
    frame: pd.DataFrame = table.to_pandas().astype("str")
    if any((frame[name].str.strip() != "").any() for name in surplus):
        return None
    rows = pd.RangeIndex(header_row + 1, header_row + 1 + len(frame))
    columns = {ours: frame[names[i]].str.strip() for ours, i in found.items()}
    return pd.DataFrame(columns).set_axis(rows, axis=0)


Records = list[tuple[int, list[str]]]
"""Rows as their fields, each with the number of its last line."""
_MOST_LINES = 50  # of one row: official headers break their names over three
_SHOWN_OF_A_LINE = 60


def _records(
    text: str,
    how: tuple[str, int, bool],
    header: Sequence[str],
    problems: list[Problem],
    odd: Odd,
) -> Records:
    """Return the rows below the header; one whose quotes do not close is left out.

    ``how`` is the separator, the row of the header and whether quotes enclose fields.
    """
    delimiter, header_row, quoted = how
    lines = io.StringIO(text, newline="").readlines()
    records: Records = []
    at = _after_header(text, delimiter, header_row, quoted)
    while at < len(lines):
        read, broken = _records_from(lines, at, delimiter, quoted, len(header))
        records += read
        if len(records) > MOST_ROWS_BY_ROW:
            problems.append(problem("too_many_rows", most=MOST_ROWS_BY_ROW))
            return []
        if broken is None:
            break
        line, kind = broken
        found = problem(kind, at_row(line + 1))
        cut = line + 1 == len(lines) and not lines[-1].endswith(("\n", "\r"))
        if cut or len(odd.left_out.rows) > max(ODD_AT_LEAST, len(lines) // ODD_ROWS_PER_ODD):
            problems.append(found)  # the file is cut, or the whole is of another kind
            break
        odd.left_out.add([line + 1], [(found, lines[line].strip()[:_SHOWN_OF_A_LINE])])
        at = line + 1
    return records


_FIELD_LETTERS_MAX = 131_072


def bearable(fields: Sequence[str]) -> list[str]:
    """Return the fields of a row, none longer than csv takes where nobody changed it.

    Its limit belongs to the process, and other libraries lift it: frictionless with the first CSV that
    it validates.

    Raises
    ------
    csv.Error
        As csv would.
    """
    if any(len(one) > _FIELD_LETTERS_MAX for one in fields):
        raise csv.Error(f"field larger than field limit ({_FIELD_LETTERS_MAX})")
    return list(fields)


def _after_header(text: str, delimiter: str, header_row: int, quoted: bool) -> int:
    """Return how many lines the header and what stands above it take."""
    reader = _rows(text, delimiter, quoted)
    for _ in islice(reader, header_row):
        pass
    return int(reader.line_num)


def _records_from(
    lines: Sequence[str], start: int, delimiter: str, quoted: bool, width: int
) -> tuple[Records, tuple[int, str] | None]:
    """Return rows from a line on, and the line and kind of the first whose quotes are broken."""
    records: Records = []
    first = start  # where the row begins that is being read

    def fed() -> Iterator[str]:
        for at in range(start, len(lines)):
            if at - first >= _MOST_LINES:
                raise csv.Error("a row of many lines")
            yield lines[at]

    if quoted:
        reader = csv.reader(fed(), delimiter=delimiter, strict=True)
    else:
        reader = csv.reader(fed(), delimiter=delimiter, strict=True, quoting=csv.QUOTE_NONE)
    try:
        for fields in map(bearable, reader):
            last = start + reader.line_num
            # What an open quote swallowed closes at another one: the row has other fields then.
            if last - first > 1 and not width <= len(fields) <= width + 1:
                return records, (first, "open_quotes")
            if any(cell.strip() for cell in fields) or len(fields) > 1:
                records.append((last, fields))
            if len(records) > MOST_ROWS_BY_ROW:
                break  # refused by who asked; the rest would fill the memory
            first = last
    except csv.Error as error:
        return records, (first, "huge_field" if "limit" in str(error) else "open_quotes")
    return records, None


def _regular(
    records: Records,
    width: int,
    found: Mapping[str, int],
    problems: list[Problem],
    odd: Odd,
    cut: bool,
) -> pd.DataFrame:
    """Return the columns of the rows that have as many fields as most; the others are left out.

    ``cut`` tells that the last row does not end: fewer fields there mean that the file is truncated.
    """
    usual = Counter(len(fields) for _, fields in records).most_common(1)
    expected = max(usual[0][0], width) if usual else width
    kept: Records = []
    rows, irregular = [], []
    for number, fields in records:
        if len(fields) == expected and not any(cell.strip() for cell in fields[width:]):
            kept.append((number, fields))
            continue
        last = cut and number == records[-1][0]
        if len(fields) == expected:
            wrong = problem("more_fields", at_row(number), expected=width)
        elif last and len(fields) < expected:
            problems.append(
                problem("fields_cut", at_row(number), found=len(fields), expected=expected)
            )
            continue
        else:
            wrong = problem("fields", at_row(number), found=len(fields), expected=expected)
        rows.append(number)
        irregular.append((wrong, " ".join(fields)[:_SHOWN_OF_A_LINE]))
    odd.left_out.add(rows, irregular)
    columns = {
        ours: pd.Series([fields[i].strip() for _, fields in kept], dtype="str")
        for ours, i in found.items()
    }
    return pd.DataFrame(columns).set_axis([number for number, _ in kept], axis=0)


def workbook(path: Path, source: Source) -> dict[str, Rows]:
    """Return all rows of all sheets of a workbook (.xlsx or .xls) as text, by sheet name.

    Raises
    ------
    SourceError
        If the file is no readable workbook, or unpacks to far more than an official one.
    """
    return {title: list(rows) for title, rows in streamed(path, source)}


def streamed(
    path: Path, source: Source, times: int = 1, only: Collection[int] = ()
) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, each as its rows of text one after the other.

    ``times`` is by how much the workbook may exceed the usual bounds. Where ``only`` names columns,
    the cells of the others are blank, or left out at the end: of a .xlsx they are not looked at.

    Raises
    ------
    SourceError
        As `workbook`.
    """
    data = content(path, source)
    if data.startswith(b"PK"):
        with opened_zip(data, path, source, times * MOST_UNZIPPED):
            pass  # it says what is wrong with the zip
    try:
        for title, rows in _sheets(io.BytesIO(data), None, times, only):
            yield title, _guarded(rows, path, source)
    except SourceError:
        raise
    except _ExtentError as error:
        found = problem("absurd_extent", extent=error.extent)
        raise failure(path, source, [found], problem("copy_cells")) from None
    except Exception:  # openpyxl and xlrd raise whatever their XML and zip readers raise
        raise _no_workbook(path, source) from None


def _guarded(rows: Iterator[Row], path: Path, source: Source) -> Iterator[Row]:
    try:
        yield from rows
    except Exception:  # the rows are parsed as they are asked for
        raise _no_workbook(path, source) from None


def _no_workbook(path: Path, source: Source) -> SourceError:
    return failure(path, source, [problem("no_workbook")])


def sheet(path: Path, source: Source, wanted: Wanted, key: str) -> Cells:
    """Return the wanted columns of the sheet that has them; rows with a blank ``key`` are dropped.

    Raises
    ------
    SourceError
        If no sheet has the columns, or there are no rows.
    """
    best: tuple[list[str], list[str], str, int, dict[str, int], Rows] | None = None
    for title, rows in workbook(path, source).items():
        for at, row in enumerate(rows[:OPENING_ROWS]):
            found, lacking, doubles = _positions(row, wanted)
            if best is None or len(lacking) < len(best[0]):
                best = (lacking, doubles, title, at, found, rows)
    if best is None or len(best[0]) == len(wanted):
        raise failure(path, source, [problem("no_sheet_with_header")])
    lacking, doubles, title, at, found, rows = best
    if problems := lacks(Where(sheet=title, rows=(at + 1,)), lacking, doubles):
        raise failure(path, source, problems)
    columns = {
        ours: pd.Series([row[i] if i < len(row) else "" for row in rows[at + 1 :]], dtype="str")
        for ours, i in found.items()
    }
    frame = pd.DataFrame(columns).set_axis(range(at + 2, len(rows) + 1), axis=0)
    frame = frame[frame[key] != ""]
    if frame.empty:
        raise failure(path, source, [problem("no_data", Where(sheet=title))])
    cells = Cells(path, source, frame, {ours: rows[at][i] for ours, i in found.items()})
    above = " ".join(" ".join(filter(None, row)) for row in rows[:at])
    return replace(cells, titles=(title, above))


# --- types ---------------------------------------------------------------------------------


def numbers(cells: Cells, names: Iterable[str], decimal: str = ",") -> pd.DataFrame:
    """Return columns as float64, NaN where blank, and where a cell is no number, which is noted."""
    return pd.DataFrame({name: _number(cells, name, decimal) for name in names})


def _number(cells: Cells, name: str, decimal: str) -> pd.Series:
    text = cells[name]
    good = text.str.fullmatch(_NUMBER[decimal])
    report(cells, name, ~good & (text != ""), "no_number")
    dotted = text.where(good, "").replace("", None).str.replace(decimal, ".", regex=False)
    return dotted.astype("float64")


def codes(cells: Cells, name: str, width: int, *, key: bool = False) -> pd.Series:
    """Return a column as codes of ``width`` digits, as text; "" for anything else, which is noted."""
    text = cells[name]
    good = text.str.fullmatch(f"[0-9]{{1,{width}}}")
    report(cells, name, ~good, "no_code", key=key, width=width)
    return text.str.zfill(width).where(good, "")


def matching(
    cells: Cells, name: str, pattern: str, kind: str, *, key: bool = False, **values: Any
) -> pd.Series:
    """Return a column of text; "" for a cell that does not match the pattern, which is noted."""
    text = cells[name]
    good = text.str.fullmatch(f"(?:{pattern})")
    report(cells, name, ~good, kind, key=key, **values)
    return text.where(good, "")


def report(
    cells: Cells, name: str, bad: pd.Series, kind: str, *, key: bool = False, **values: Any
) -> None:
    """Note the cells of a column that cannot be read, with row, column and value.

    Parameters
    ----------
    cells : Cells
        They take the note.
    name : str
        The column.
    bad : Series of bool
        Which cells.
    kind : str
        Of the problem.
    key : bool
        Whether a row without that cell is of no use: it is left out.
    **values
        Of the problem.
    """
    if not bad.any():
        return
    header = " ".join(cells.published[name].split())
    wrong = cells.text.loc[bad, name]
    found = (
        (
            problem(kind, at_row(row, header), found=value[:40], **values),
            cells.place(row) if key else "",
        )
        for row, value in wrong.items()
    )
    (cells.odd.left_out if key else cells.odd.blank).add(list(wrong.index), found)


def report_repeated(cells: Cells, keys: pd.Series, kind: str) -> None:
    """Note the keys that occur in more than one row."""
    keys = keys[(keys != "") & ~keys.index.isin(list(cells.odd.left_out.rows))]
    again = keys[keys.duplicated(keep=False)]
    if again.empty:
        return
    rows: dict[Hashable, list[Hashable]] = {}
    for row, key in again.items():
        rows.setdefault(key, []).append(row)
    found = (problem(kind, at_rows(at), key=key) for key, at in rows.items())
    _note(cells.problems, found, len(rows))


def restored(cells: Cells, name: str, width: int) -> pd.Series:
    """Return codes of ``width`` digits; those that lost zeros at the left get them back, noted.

    What is neither a code nor blank is noted and left blank.
    """
    text = cells[name]
    good = text.str.fullmatch(f"[0-9]{{{width}}}|")
    short = text.str.fullmatch(f"[0-9]{{{width - 2},{width - 1}}}")
    report(cells, name, ~good & ~short, "no_code", width=width)
    header = " ".join(cells.published[name].split())
    lost = text[short]
    found = (
        (
            problem("short_code", at_row(row, header), found=code, code=code.zfill(width)),
            cells.place(row),
        )
        for row, code in lost.items()
    )
    cells.odd.restored.add(list(lost.index), found)
    return text.str.zfill(width).where(short, text.where(good, ""))


def report_rows(cells: Cells, bad: pd.Series, say: Callable[[Any], Problem]) -> None:
    """Note rows that contradict themselves; ``say`` tells the problem of one row of text."""
    bad = bad & ~bad.index.isin(list(cells.odd.left_out.rows))
    if bad.any():
        wrong = cells.text[bad]
        found = (say(cell).at(at_row(row)) for row, cell in wrong.iterrows())
        _note(cells.problems, found, len(wrong))


def _note(problems: list[Problem], found: Iterable[Problem], count: int) -> None:
    """Add problems of one kind, those beyond `MANY` as a number."""
    problems.extend(islice(found, MANY))
    if count > MANY:
        problems.append(problem("more_rows", count=count - MANY))


def dated(frame: pd.DataFrame, reference_date: str) -> pd.DataFrame:
    """Return the frame with the date its figures refer to in ``attrs["reference_date"]``."""
    frame.attrs["reference_date"] = reference_date
    return frame
