"""What a file of services holds that its reader would pass over, or take for something else.

Nothing that an office hands over is dropped in silence: what is not read is named, and so is what
is read though the office may think it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from needs_analysis.errors import Problem
from needs_analysis.reading import personal, plain
from needs_analysis.services.files.cells import TOTAL, WORKBOOKS, Loaded, Sheet, holds
from needs_analysis.services.files.fields import Field, TableSchema
from needs_analysis.services.files.problems import problem
from needs_analysis.services.files.schema import BOOKS
from needs_analysis.services.files.templates import EXTRA_SHEETS

_TOTAL = rf"(?i)^(?:{TOTAL}|somma)\s*:?$"
"""How a cell reads that makes its row one of totals, wherever it stands among names and codes."""
_NAMES = ("service_name", "measure_name")
"""Free words that name what a row is about."""
_NAMED = 6
_KNOWN = {plain(one.sheet) for book in BOOKS.values() for one in book} | set(
    map(plain, EXTRA_SHEETS)
)


def in_file(path: Path, loaded: Loaded, needed: Iterable[TableSchema]) -> list[Problem]:
    """Return what a workbook or a folder holds beside the cells that were read of it.

    Parameters
    ----------
    path : Path
        Where they were read, as `cells.located` finds it.
    loaded : Loaded
        What was read.
    needed : iterable of TableSchema
        What was looked for.

    Returns
    -------
    list of Problem
        Sheets and CSV files of another name, a workbook beside the CSV files that were read, and
        hidden rows, which are read as the others.
    """
    if not path.is_dir():
        return _in_workbook(loaded)
    others = [one for one in sorted(path.iterdir()) if one.suffix.casefold() == ".csv"]
    # Of two files of one name, which Windows does not have, the reader takes the last.
    taken = {plain(one.stem): one for one in others if one.suffix == ".csv"}
    unread = [
        one.name for one in others
        if plain(one.stem) not in _KNOWN or taken.get(plain(one.stem)) != one
    ]  # fmt: skip
    said = [problem("unread_files", count=len(unread), names=_shown(unread))] if unread else []
    books = [
        one.name for one in sorted(path.iterdir()) if _is_book(one) and holds(one, tuple(needed))
    ]
    return said + ([problem("book_beside", names=_shown(books))] if books else [])


def _is_book(file: Path) -> bool:
    return file.suffix.casefold() in WORKBOOKS and file.name[0] not in ".~"


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as a message may say them: what may be a person's is not repeated."""
    return tuple("…" if personal.found_in(one) else f"«{one[:60]}»" for one in names)


def _in_workbook(loaded: Loaded) -> list[Problem]:
    unread = [
        one.title for one in loaded.book if plain(one.title) not in _KNOWN and not one.is_blank
    ]
    said = [problem("unread_sheets", count=len(unread), names=_shown(unread))] if unread else []
    by_title = {plain(one.title): one for one in loaded.book}
    for sheet in loaded.sheets.values():
        hidden = by_title[plain(sheet.table.sheet)].hidden
        if rows := tuple(row for row in sheet.rows.tolist() if row in hidden):
            said.append(problem("hidden_rows", sheet.at(rows=rows), number=len(rows)))
    return said


# --- rows ----------------------------------------------------------------------------------


def totals(sheet: Sheet) -> list[int]:
    """Return the rows with a total's word among their codes and names, but for those refused already.

    A total that has codes too would be one more service, guest or measure.
    """
    hit = np.zeros(len(sheet.rows), dtype=bool)
    for one in sheet.table.fields:
        if _names(one):
            said = pc.fill_null(pc.match_substring_regex(sheet.columns[one.name], _TOTAL), False)
            hit |= said.to_numpy(zero_copy_only=False)
    refused = {row for row, _ in sheet.refused}
    return [row for row in sheet.rows[hit].tolist() if row not in refused]


def _names(one: Field) -> bool:
    return one.personal or one.of_body or one.kind == "code" or one.name in _NAMES


def spelled_twice(sheet: Sheet) -> list[Problem]:
    """Return where codes, bodies or measures differ by capitals or blanks alone: they count as two.

    The rows say which: a name may be that of a protected place. Guests and households are not told
    apart so, and are said with their pseudonyms.
    """
    said = []
    for one in sheet.table.fields:
        if one.personal or one.refers or not (_names(one) or one.name == "question"):
            continue
        cells = sheet.columns[one.name]
        words = cells.unique().drop_null()
        folded = pc.utf8_lower(pc.replace_substring_regex(words, r"\s+", " "))
        again = pd.Series(folded.to_pylist(), dtype="str").duplicated(keep=False).to_numpy()
        if again.any():
            first = [
                pc.index(cells, word).as_py() for word in words.filter(pa.array(again))[:_NAMED]
            ]
            rows = tuple(int(sheet.rows[at]) for at in sorted(first))
            said.append(problem("alike", sheet.at(one.name, rows), number=int(again.sum())))
    return said
