"""How official files are opened: text and sheets become numbered cells, cells become types.

Every problem of a file is collected before anything is raised, so that the user cures all at once.
"""

from __future__ import annotations

import csv
import errno
import io
import re
import shutil
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from needs_analysis import process
from needs_analysis.errors import OutputError, Problem, Refused, SourceError, Where
from needs_analysis.provenance import Source
from needs_analysis.sources.problems import at_row, at_rows, headers, problem

OPENING_BYTES = 16_384
OPENING_ROWS = 12
MANY = 100
"""Problems of one kind that are listed one by one; the others are counted."""

# No official file comes near these; a file beyond them is damaged, or made to fill the memory.
MOST_BYTES = 256 << 20
MOST_UNZIPPED = 128 << 20
MOST_LINE = 1 << 20
MOST_COLUMNS = 5_000
MOST_ROWS_BY_ROW = 2_000_000
MOST_CELLS = 2_000_000
MOST_LETTERS = 200_000_000
MOST_MEMBERS = 5_000
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
        What was found wrong so far.
    """

    path: Path
    source: Source
    text: pd.DataFrame
    published: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, name: str) -> pd.Series:
        """Return one column as text."""
        column: pd.Series = self.text[name]
        return column

    def keep(self, rows: pd.Series) -> Cells:
        """Return the cells of the rows for which ``rows`` is true; problems stay shared."""
        return Cells(self.path, self.source, self.text[rows], self.published, self.problems)

    def check(self) -> None:
        """Raise all problems found so far, if any.

        Raises
        ------
        SourceError
            With every problem collected.
        """
        if self.problems:
            raise failure(self.path, self.source, self.problems)


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
    path: Path, source: Source, problems: Sequence[Problem], cure: Problem | None = None
) -> SourceError:
    """Return the error of a file; the usual cure is to download it again.

    Examples
    --------
    >>> source = Source("x", "", "", "", "", "", "https://www.istat.it")
    >>> print(failure(Path("a.csv"), source, [problem("empty")]))
    a.csv: il file è vuoto. Scaricare di nuovo il file da https://www.istat.it e non modificarlo.
    """
    again = problem("download_again_anywhere")
    if source.retrieval:
        again = problem("download_again", address=source.retrieval)
    return SourceError.of_file(safe_name(path), problems, cure or again)


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
            try:
                with archive.open(member) as packed, target.open("wb") as plain:
                    shutil.copyfileobj(packed, plain, 1 << 20)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                full = problem("disk_full", folder=str(folder))
                raise OutputError(full, cure=problem("free_space")) from None
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
        return {title: list(rows) for title, rows in _sheets(file, OPENING_ROWS)}


Row = tuple[str, ...]
Rows = list[Row]


class _TooMuchError(Exception):
    """A workbook that would fill the memory."""


def _sheets(file: Any, last: int | None, times: int = 1) -> Iterable[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, old (.xls) or new (.xlsx), as text; raise if it is a bomb.

    ``times`` is by how much it may exceed the usual bounds.
    """
    old = file.read(len(OLE)) == OLE
    file.seek(0)
    # A shared string or a far cell makes many cells of few bytes: what comes out is counted.
    left = [times * MOST_CELLS, times * MOST_LETTERS]
    sheets = _old_sheets(file, last) if old else _new_sheets(file, last, times * MOST_UNZIPPED)
    for title, rows in sheets:
        yield title, (_row_text(row, left) for row in rows)


def _row_text(row: Sequence[object], left: list[int]) -> Row:
    left[0] -= len(row)
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
    file: Any, last: int | None, most_bytes: int
) -> Iterable[tuple[str, Iterable[Sequence[object]]]]:
    with zipfile.ZipFile(file) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > most_bytes:
        raise _TooMuchError
    with process.quiet():  # of styles and extensions we do not read
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # some writers state a wrong extent
            yield sheet.title, _quietly(sheet.iter_rows(max_row=last, values_only=True))
    finally:
        book.close()


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


def _positions(header: Sequence[str], wanted: Wanted) -> tuple[dict[str, int], list[str]]:
    """Return where each wanted column stands, and what is lacking in the publisher's words."""
    names = [plain(name) for name in header]
    found: dict[str, int] = {}
    lacking = []
    for ours, published in wanted.items():
        if isinstance(published, str):
            at = [i for i, name in enumerate(names) if name == plain(published)]
        else:
            at = [i for i, name in enumerate(names) if published.fullmatch(name)]
        if at:
            found[ours] = at[0]
        else:
            lacking.append(_said(published))
    return found, lacking


def _said(published: str | re.Pattern[str]) -> str:
    """Return a wanted column as a reader can understand it."""
    if isinstance(published, str):
        return published
    return re.sub(r"[()?:]", "", published.pattern.replace("|", " / "))


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
    found, lacking = _positions(header, wanted)
    if lacking:
        named = problem("lacking_columns", at_row(header_row), columns=headers(lacking))
        raise failure(path, source, [named])
    width = max(i for i, name in enumerate(header) if name.strip()) + 1
    split = None
    if not (quoted and '"' in text):
        split = _split_at_once(text, delimiter, header_row, width, found)
    problems: list[Problem] = []
    if split is None:
        split = _split_row_by_row(text, delimiter, header_row, width, found, quoted, problems)
    if problems:
        raise failure(path, source, problems)
    if split.empty:
        raise failure(path, source, [problem("no_rows")])
    return Cells(path, source, split, {name: header[i].strip() for name, i in found.items()})


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


def _split_row_by_row(
    text: str,
    delimiter: str,
    header_row: int,
    width: int,
    found: Mapping[str, int],
    quoted: bool,
    problems: list[Problem],
) -> pd.DataFrame:
    """Return the columns of a text with quotes, blank lines or irregular rows; note the latter."""
    reader = _rows(text, delimiter, quoted)
    numbered: list[tuple[int, list[str]]] = []
    try:
        for record, fields in enumerate(reader, 1):  # a header may hold line breaks
            if record > header_row and (any(cell.strip() for cell in fields) or len(fields) > 1):
                numbered.append((reader.line_num, fields))
            if record > MOST_ROWS_BY_ROW:
                problems.append(problem("too_many_rows", most=MOST_ROWS_BY_ROW))
                return pd.DataFrame()
    except csv.Error as error:
        long = "limit" in str(error)
        kind = "huge_field" if long else "open_quotes"
        problems.append(problem(kind, at_row(reader.line_num)))
    usual = Counter(len(fields) for _, fields in numbered).most_common(1)
    expected = max(usual[0][0], width) if usual else width
    irregular = []
    for number, fields in numbered:
        if len(fields) != expected:
            last = number == numbered[-1][0] and len(fields) < expected
            kind = "fields_cut" if last else "fields"
            irregular.append(problem(kind, at_row(number), found=len(fields), expected=expected))
        elif any(cell.strip() for cell in fields[width:]):
            irregular.append(problem("more_fields", at_row(number), expected=width))
    _note(problems, irregular, len(irregular))
    if irregular:
        return pd.DataFrame()
    columns = {
        ours: pd.Series([fields[i].strip() for _, fields in numbered], dtype="str")
        for ours, i in found.items()
    }
    return pd.DataFrame(columns).set_axis([number for number, _ in numbered], axis=0)


def workbook(path: Path, source: Source) -> dict[str, Rows]:
    """Return all rows of all sheets of a workbook (.xlsx or .xls) as text, by sheet name.

    Raises
    ------
    SourceError
        If the file is no readable workbook, or unpacks to far more than an official one.
    """
    return {title: list(rows) for title, rows in streamed(path, source)}


def streamed(path: Path, source: Source, times: int = 1) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield the sheets of a workbook, each as its rows of text one after the other.

    ``times`` is by how much the workbook may exceed the usual bounds.

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
        for title, rows in _sheets(io.BytesIO(data), None, times):
            yield title, _guarded(rows, path, source)
    except SourceError:
        raise
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
    best: tuple[list[str], str, int, dict[str, int], Rows] | None = None
    for title, rows in workbook(path, source).items():
        for at, row in enumerate(rows[:OPENING_ROWS]):
            found, lacking = _positions(row, wanted)
            if best is None or len(lacking) < len(best[0]):
                best = (lacking, title, at, found, rows)
    if best is None or len(best[0]) == len(wanted):
        raise failure(path, source, [problem("no_sheet_with_header")])
    lacking, title, at, found, rows = best
    if lacking:
        header = Where(sheet=title, rows=(at + 1,))
        named = problem("lacking_columns", header, columns=headers(lacking))
        raise failure(path, source, [named])
    columns = {
        ours: pd.Series([row[i] if i < len(row) else "" for row in rows[at + 1 :]], dtype="str")
        for ours, i in found.items()
    }
    frame = pd.DataFrame(columns).set_axis(range(at + 2, len(rows) + 1), axis=0)
    frame = frame[frame[key] != ""]
    if frame.empty:
        raise failure(path, source, [problem("no_data", Where(sheet=title))])
    return Cells(path, source, frame, {ours: rows[at][i] for ours, i in found.items()})


# --- types ---------------------------------------------------------------------------------


def numbers(cells: Cells, names: Iterable[str], decimal: str = ",") -> pd.DataFrame:
    """Return columns as float64, NaN where blank; cells that are no number become problems."""
    return pd.DataFrame({name: _number(cells, name, decimal) for name in names})


def _number(cells: Cells, name: str, decimal: str) -> pd.Series:
    text = cells[name]
    good = text.str.fullmatch(_NUMBER[decimal])
    report(cells, name, ~good & (text != ""), "no_number")
    dotted = text.where(good, "").replace("", None).str.replace(decimal, ".", regex=False)
    return dotted.astype("float64")


def codes(cells: Cells, name: str, width: int) -> pd.Series:
    """Return a column as codes of ``width`` digits, as text; anything else becomes a problem."""
    text = cells[name]
    good = text.str.fullmatch(f"[0-9]{{1,{width}}}")
    report(cells, name, ~good, "no_code", width=width)
    return text.str.zfill(width)


def matching(cells: Cells, name: str, pattern: str, kind: str, **values: Any) -> pd.Series:
    """Return a column of text; cells that do not match the pattern become problems of a kind."""
    text = cells[name]
    report(cells, name, ~text.str.fullmatch(f"(?:{pattern})"), kind, **values)
    return text


def report(cells: Cells, name: str, bad: pd.Series, kind: str, **values: Any) -> None:
    """Note the cells of a column that are wrong, with row, column and value."""
    if not bad.any():
        return
    header = " ".join(cells.published[name].split())
    wrong = cells.text.loc[bad, name]
    found = (
        problem(kind, at_row(row, header), found=value[:40], **values)
        for row, value in wrong.items()
    )
    _note(cells.problems, found, len(wrong))


def report_repeated(cells: Cells, keys: pd.Series, kind: str) -> None:
    """Note the keys that occur in more than one row."""
    again = keys[keys.duplicated(keep=False)]
    if again.empty:
        return
    rows: dict[Hashable, list[Hashable]] = {}
    for row, key in again.items():
        rows.setdefault(key, []).append(row)
    found = (problem(kind, at_rows(at), key=key) for key, at in rows.items())
    _note(cells.problems, found, len(rows))


def report_rows(cells: Cells, bad: pd.Series, say: Callable[[Any], Problem]) -> None:
    """Note rows that contradict themselves; ``say`` tells the problem of one row of text."""
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
