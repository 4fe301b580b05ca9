"""The files of an HMIS CSV export, in a folder or a zip: text and dates, every problem collected."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis import reading
from needs_analysis.errors import Problem, SourceError, Where
from needs_analysis.reading.files import MOST_OWN_BYTES, bytes_of
from needs_analysis.reading.grids import csv_text, headers_of, text_grid
from needs_analysis.services.files.hmis_problems import problem
from needs_analysis.services.files.problems import of_rows
from needs_analysis.services.files.problems import problem as file_problem

CURE = problem("hmis_folder")
FILES: Mapping[str, tuple[str, ...]] = {
    "Project": ("ProjectID", "OrganizationID", "ProjectName", "OperatingStartDate",
                "OperatingEndDate", "ProjectType", "RRHSubType", "TrackingMethod",
                "TargetPopulation", "DateUpdated", "DateDeleted", "ExportID"),
    "Inventory": ("InventoryID", "ProjectID", "BedInventory", "InventoryStartDate",
                  "InventoryEndDate", "DateUpdated", "DateDeleted"),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID",
                   "RelationshipToHoH", "LivingSituation", "MoveInDate", "DateUpdated",
                   "DateDeleted"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination", "DestinationSubsidyType", "DateUpdated",
             "DateDeleted"),
    "Services": ("EnrollmentID", "DateProvided", "RecordType", "DateDeleted"),
    "Client": ("PersonalID", "DateUpdated", "DateDeleted"),
    "Organization": ("OrganizationID", "OrganizationName", "VictimServiceProvider", "DateUpdated",
                     "DateDeleted"),
    "Export": ("ExportID", "ExportStartDate", "ExportEndDate", "ExportDirective"),
    "HMISParticipation": ("ProjectID", "HMISParticipationType",
                          "HMISParticipationStatusStartDate", "HMISParticipationStatusEndDate",
                          "DateDeleted"),
}  # fmt: skip
"""What is read of each file; names, social security numbers and birth dates never are."""
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "Project": ("ProjectID", "ProjectType"),
    "Inventory": ("InventoryID", "ProjectID", "BedInventory"),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination"),
    "Services": ("EnrollmentID", "DateProvided", "RecordType"),
    "Client": ("PersonalID",),
    "Organization": ("OrganizationID",),
    "Export": (),
    "HMISParticipation": ("ProjectID", "HMISParticipationType"),
}
"""The columns that a file may not lack."""
_FILLED: Mapping[str, tuple[str, ...]] = {
    "Project": ("ProjectID",),
    "Inventory": ("InventoryID", "ProjectID"),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("EnrollmentID",),
}
"""The cells that may not stay blank."""
_KEYS = {
    "Project": "ProjectID", "Inventory": "InventoryID", "Enrollment": "EnrollmentID",
    "Exit": "EnrollmentID", "Client": "PersonalID", "Organization": "OrganizationID",
}  # fmt: skip
"""What names a row: one row each."""
_OPTIONAL = ("Inventory", "Services", "Client", "Organization", "Export", "HMISParticipation")
_ALIASES = {"victimservicesprovider": "VictimServiceProvider"}
"""Headers of earlier years, without capitals."""
_BEDS_MAX = 10_000
"""Beds of one row of the inventory: more are a mistake."""
_ALL_BEDS_MAX = 1_000_000
_SHORT = 6
"""Characters of a number of beds that a message repeats; a longer one may be a person's."""
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?$")
"""A day as spreadsheets write it: the day or the month first, by the country of the desk."""
_MONTHS = 12

_Name = TypeVar("_Name", bound=PurePath)


@dataclass(frozen=True)
class Order:
    """Which number of a date with slashes is the day: the first, the second, or it cannot be told.

    Parameters
    ----------
    day_first : bool or None
        None where the file does not tell.
    told : tuple of int
        The rows that tell it in two ways.
    """

    day_first: bool | None
    told: tuple[int, ...] = ()

    def day(self, word: str) -> np.datetime64 | None:
        """Return the day written as 2024-10-31, as the format asks, or with slashes; else None.

        Examples
        --------
        >>> Order(True).day("05/07/2020"), Order(None).day("05/07/2020")
        (np.datetime64('2020-07-05'), None)
        """
        iso, slashed = _ISO.fullmatch(word), _SLASHED.fullmatch(word)
        if iso:
            return _day(*iso.groups())
        if slashed and self.day_first is not None:
            first, second, year = slashed.groups()
            month, day = (second, first) if self.day_first else (first, second)
            return _day(year, month, day)
        return None

    def unsure(self, word: str) -> bool:
        """Whether a word is one day or another, and the file does not tell which."""
        readings = (Order(day_first).day(word) for day_first in (True, False))
        return (
            self.day_first is None
            and bool(_SLASHED.fullmatch(word))
            and any(one is not None for one in readings)
        )


def _day(year: str, month: str, day: str) -> np.datetime64 | None:
    found = reading.day_of(year, month, day)
    return np.datetime64(found) if found else None


@dataclass(frozen=True)
class Files:
    """The files of an export.

    Parameters
    ----------
    live : mapping of str to DataFrame
        By file, the columns of `FILES`: the rows that are not deleted, one an identifier, indexed
        by the row of the file; text, but for the dates. A file that is not there has no rows.
    gone : mapping of str to set
        By file, the identifiers of which only deleted rows are left.
    noticed : list of Problem
        What deserves a look.
    """

    live: Mapping[str, pd.DataFrame]
    gone: Mapping[str, set[str]]
    noticed: list[Problem]


def read_files(path: Path) -> Files:
    """Read the files of an export from a folder, from the one folder in it, or from a zip of either.

    Raises
    ------
    SourceError
        With the problems of all the files; no cell that may name a person is repeated.
    """
    contents = _contents(path)
    problems, noticed = list[Problem](), list[Problem]()
    live, gone = dict[str, pd.DataFrame](), dict[str, set[str]]()
    for name in FILES:
        if name.casefold() not in contents and name not in _OPTIONAL:
            problems.append(file_problem("no_csv", name=name))
        text = _text(name, contents.pop(name.casefold(), None), problems)
        kept, gone[name] = _undeleted(name, text, noticed)
        _check_filled(name, kept, problems)
        order = _order(name, text, noticed)
        single = _single(name, kept, order, problems, noticed)
        live[name] = _dated(name, single, order, problems)
    _check_beds(live["Inventory"], problems)
    if problems:
        raise SourceError.of_file(path, problems, CURE)
    return Files(live, gone, noticed)


def place(name: str, column: str = "", rows: tuple[int, ...] = ()) -> Where:
    """Return the place of a file, or of cells in it.

    Examples
    --------
    >>> place("Exit", "ExitDate", (7,)).text()
    'file «Exit.csv», riga 7, colonna «ExitDate»'
    """
    return Where(member=f"{name}.csv", rows=rows, column=column)


def counted(kind: str, where: Where, rows: Iterable[int], **values: Problem) -> list[Problem]:
    """Return the problem that counts some rows of a file; none for no row.

    Examples
    --------
    >>> print(*counted("exits_undated", place("Exit", "ExitDate"), [4, 9]))
    file «Exit.csv», righe 4 e 9, colonna «ExitDate»: uscite senza data: 2; non lette
    """
    every = tuple(int(row) for row in rows)
    found = problem(kind, replace(where, rows=every), number=len(every), **values)
    return [found] if every else []


def by_word(text: pd.Series, say: Callable[[str], Any]) -> np.ndarray:
    """Return what a function says of each cell, asked once a distinct word; None where blank.

    Examples
    --------
    >>> by_word(pd.Series(["a", None, "a"], dtype="str"), str.upper).tolist()
    ['A', None, 'A']
    """
    codes, words = pd.factorize(text)
    said = np.empty(len(words) + 1, dtype=object)  # the last for none, at -1
    said[:-1] = [say(word) for word in words]
    return said[codes]


def where_in(known: pd.Series | pd.Index, values: pd.Series) -> np.ndarray:
    """Return where each identifier stands among the known ones, -1 where it does not.

    Examples
    --------
    >>> where_in(pd.Index(["a", "b"]), pd.Series(["b", "c", None], dtype="str")).tolist()
    [1, -1, -1]
    """
    # Arrow looks half a million up at once.
    present = pa.array(known, pa.string())
    found = pc.index_in(pa.array(values, pa.string()), value_set=present, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


# --- files ---------------------------------------------------------------------------------


def _contents(path: Path) -> dict[str, bytes]:
    """Return the bytes of the wanted files by name, without capitals and ".csv"."""
    if path.is_dir():
        found = [*path.glob("*"), *path.glob("*/*")]
        return {name: bytes_of(file, None) for name, file in _of_one_set(path, found).items()}
    if not reading.opening(path).startswith(b"PK"):
        raise SourceError.of_file(path, [problem("no_folder_or_zip")], CURE)
    try:
        with reading.opened_zip(path, path, None, MOST_OWN_BYTES) as archive:
            named = {PurePosixPath(one.replace("\\", "/")): one for one in archive.namelist()}
            chosen = _of_one_set(path, named)
            return {name: archive.read(named[member]) for name, member in chosen.items()}
    except SourceError as error:
        raise SourceError.of_file(path, error.problems, CURE) from None


def _of_one_set(path: Path, found: Iterable[_Name]) -> dict[str, _Name]:
    """Return the files of the one folder that has Enrollment.csv, by name without capitals.

    Of the argument itself where none has: the message then says what it lacks.
    """
    wanted = {name.casefold() for name in FILES}
    sets: dict[PurePath, dict[str, _Name]] = {}
    for one in sorted(found):
        stem = one.stem.casefold()
        if one.suffix.casefold() == ".csv" and stem in wanted and "__MACOSX" not in one.parts:
            sets.setdefault(one.parent, {}).setdefault(stem, one)
    whole = [files for files in sets.values() if "enrollment" in files]
    if path in sets and "enrollment" in sets[path]:
        return sets[path]
    if len(whole) > 1:
        raise SourceError.of_file(path, [problem("several_exports", found=len(whole))], CURE)
    return whole[0] if whole else next(iter(sets.values()), {})


# --- cells ---------------------------------------------------------------------------------


def _text(name: str, data: bytes | None, problems: list[Problem]) -> pd.DataFrame:
    """Return the columns of a file as text, missing where blank, indexed by row."""
    columns = FILES[name]
    absent = pd.DataFrame(columns=list(columns), dtype="str")
    absent.index = absent.index.astype("int64")
    if data is None:
        return absent
    if not data.strip():
        problems.append(problem("no_header", place(name)))
        return absent
    file = Path(f"{name}.csv")
    try:
        text = csv_text(data, file)
    except SourceError as error:
        problems += [one.at(place(name)) for one in error.problems]
        return absent
    headers, _ = headers_of(text)
    known = {column.casefold(): column for column in columns} | _ALIASES
    spelled = {one: known[one.casefold()] for one in headers if one.casefold() in known}
    found = [spelled[one] for one in headers if one in spelled]
    wrong = [one for one in _NEEDED[name] if one not in found]
    twice = sorted({one for one in found if found.count(one) > 1})
    problems += [file_problem("no_column", place(name, one)) for one in wrong]
    problems += [file_problem("column_twice", place(name, one)) for one in twice]
    if wrong or twice or not found:
        return absent
    try:
        grid = text_grid(text, file, list(spelled))
    except SourceError as error:
        problems += [one.at(place(name, rows=one.where.rows)) for one in error.problems]
        return absent
    cells = {
        spelled[header]: _blanked(column).to_pandas().astype("str").array
        for header, column in zip(grid.headers, grid.columns, strict=True)
    }
    frame = pd.DataFrame(cells, index=pd.Index(grid.rows, dtype="int64"))
    return frame.reindex(columns=list(columns)).astype("str")


def _blanked(column: pa.Array) -> pa.Array:
    """Return cells without the word by which databases write what is missing."""
    missing = pc.is_in(column, value_set=pa.array(["NULL", "null"], pa.string()))
    return pc.if_else(missing, pa.scalar(None, pa.string()), column)


def _undeleted(
    name: str, frame: pd.DataFrame, noticed: list[Problem]
) -> tuple[pd.DataFrame, set[str]]:
    """Return the rows that are not deleted, and the identifiers that only deleted ones have."""
    if "DateDeleted" not in frame or not frame["DateDeleted"].notna().any():
        return frame, set()
    deleted = frame["DateDeleted"].notna()
    where = place(name, "DateDeleted")
    noticed.append(problem("deleted", where, number=int(deleted.sum())))
    kept = frame[~deleted]
    if name not in _KEYS:
        return kept, set()
    names = frame.loc[deleted, _KEYS[name]].dropna()
    return kept, set(names[where_in(kept[_KEYS[name]], names) < 0])


def _check_filled(name: str, frame: pd.DataFrame, problems: list[Problem]) -> None:
    """Note the cells that may not stay blank."""
    for column in _FILLED.get(name, ()):
        rows = frame.index[frame[column].isna()]
        problems += of_rows(place(name, column), rows, problem("blank"))


def _order(name: str, frame: pd.DataFrame, noticed: list[Problem]) -> Order:
    """Return which number of a date with slashes is the day, as the dates of the file tell."""
    proofs: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
    for column in (one for one in FILES[name] if "Date" in one):
        numbers = frame[column].str.extract(_SLASHED).astype("float")
        for day_first, at in ((True, 0), (False, 1)):
            telling = frame.index[(numbers[at] > _MONTHS) & (numbers[1 - at] <= _MONTHS)]
            proofs[day_first] += [(int(row), column) for row in telling[:1]]
    rows = {first: min(found, key=itemgetter(0)) for first, found in proofs.items() if found}
    if len(rows) == 1:
        ((day_first, (row, column)),) = rows.items()
        noticed.append(
            problem("day_first" if day_first else "month_first", place(name, column, (row,)))
        )
        return Order(day_first)
    return Order(None, tuple(row for row, _ in rows.values()))


def _single(
    name: str, frame: pd.DataFrame, order: Order, problems: list[Problem], noticed: list[Problem]
) -> pd.DataFrame:
    """Return one row an identifier: of several the one updated last; without it they are wrong."""
    if name not in _KEYS:
        return frame
    key = _KEYS[name]
    again = frame[key].notna() & frame[key].duplicated(keep=False)
    if not again.any():
        return frame
    told = [column for column in frame if column not in ("DateUpdated", "ExportID")]
    rows = frame[again]
    differing = rows[~rows.duplicated(told)]
    clash = differing[differing[key].duplicated(keep=False)]
    moments = pd.to_datetime(clash["DateUpdated"], format="ISO8601", errors="coerce")
    days = pd.Series(pd.to_datetime(by_word(clash["DateUpdated"], order.day)), clash.index)
    updated = moments.fillna(days)
    latest = updated.groupby(clash[key]).transform("max")
    newest = (updated == latest).astype(int)
    alone = newest.groupby(clash[key]).transform("sum") == 1
    settled = alone & updated.notna().groupby(clash[key]).transform("all")
    first = dict(zip(clash[key][::-1], clash.index[::-1], strict=True))
    unsettled = clash[~settled]
    doubtful = unsettled.index[unsettled[key].duplicated()]
    problems += of_rows(
        place(name, key), doubtful,
        lambda row: problem("other_data", row=int(first[clash.loc[row, key]])),
    )  # fmt: skip
    older = clash.index[settled & (newest == 0)]
    dropped = rows.index.difference(differing.index).union(older)
    noticed += counted("superseded", place(name, key), dropped)
    return frame.drop(index=dropped)


def _dated(name: str, frame: pd.DataFrame, order: Order, problems: list[Problem]) -> pd.DataFrame:
    """Return a file with its dates as days; what is none, or one of two, becomes a problem."""
    dates, doubtful = {}, list[tuple[int, str]]()
    for column in FILES[name]:
        if column in ("DateUpdated", "DateDeleted") or "Date" not in column:
            continue
        text = frame[column]
        days = by_word(text, order.day)
        found = pd.Series(pd.to_datetime(days), index=frame.index, dtype="datetime64[ns]")
        wrong = text.notna() & found.isna()
        unsure = wrong & by_word(text, order.unsure).astype(bool)
        doubtful += [(int(row), column) for row in frame.index[unsure]]
        # What stands there may name a person: only its length is told.
        lengths = text.str.len()
        problems += of_rows(
            place(name, column), frame.index[wrong & ~unsure],
            lambda row, lengths=lengths: problem("no_iso_date", letters=int(lengths[row])),  # type: ignore[misc]
        )  # fmt: skip
        dates[column] = found
    if doubtful:
        row, column = min(doubtful, key=itemgetter(0))
        where, number = place(name, column, (row,)), len(doubtful)
        problems.append(
            problem("slashes_both", where, number=number, rows=order.told)
            if order.told
            else problem("slashes", where, number=number)
        )
    return frame.assign(**dates)


def _check_beds(inventory: pd.DataFrame, problems: list[Problem]) -> None:
    """Note the cells that are no number of beds."""
    cells = inventory["BedInventory"]
    beds = pd.to_numeric(cells, errors="coerce")
    good = beds.between(0, _BEDS_MAX) & (beds == np.floor(beds))

    def no_beds(row: int) -> Problem:
        cell = cells[row]
        short = pd.notna(beds[row]) and len(cell) <= _SHORT
        found = (
            file_problem("found", cell=cell)
            if short
            else problem("found_letters", letters=len(cell))
        )
        return problem("no_beds", found=found, most=_BEDS_MAX)

    where = place("Inventory", "BedInventory")
    problems += of_rows(where, inventory.index[cells.notna() & ~good], no_beds)
    if beds[good].sum() > _ALL_BEDS_MAX:
        problems.append(problem("all_beds", where, most=_ALL_BEDS_MAX))
