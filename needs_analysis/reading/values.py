"""Cells become numbers, codes and words; what cannot be read is noted, with its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from typing import Any

import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.reading.cells import Cells
from needs_analysis.reading.problems import MANY, at_row, at_rows, problem

_NUMBER = {
    ",": r"-?(?:[0-9]{1,15}(?:,[0-9]+)?|,[0-9]+)",
    ".": r"-?(?:[0-9]{1,15}(?:\.[0-9]+)?|\.[0-9]+)",
}


_GROUPED = re.compile(r"-?[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]+|(?:\.[0-9]{3}){2,})")
"""A number whose thousands are told apart by points, beyond doubt."""
MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
    "ottobre", "novembre", "dicembre",
)  # fmt: skip


def number_of(word: str) -> float | None:
    """Return a number as hands write it, in Italian or with a decimal point; None if it is none.

    Examples
    --------
    >>> [number_of(one) for one in ("1.234,5", "1234,5", "1234.5", "1.234.567", "12 ore")]
    [1234.5, 1234.5, 1234.5, 1234567.0, None]
    """
    if _GROUPED.fullmatch(word):
        word = word.replace(".", "")
    for decimal, pattern in _NUMBER.items():
        if re.fullmatch(pattern, word):
            return float(word.replace(decimal, "."))
    return None


def day_of(year: int | str, month: int | str, day: int | str) -> dt.date | None:
    """Return the day of three numbers; None if there is none, or not from 1900 to 2199.

    Examples
    --------
    >>> day_of(2024, 2, 29), day_of("2023", "2", "29"), day_of(1024, 2, 29)
    (datetime.date(2024, 2, 29), None, None)
    """
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1900 <= found.year < 2200 else None


def numbers(cells: Cells, names: Iterable[str], decimal: str = ",") -> pd.DataFrame:
    """Return columns as float64, NaN where blank, and where a cell is no number, which is noted."""
    return pd.DataFrame({name: _number(cells, name, decimal) for name in names})


def _number(cells: Cells, name: str, decimal: str) -> pd.Series:
    text = cells[name]
    good = text.str.fullmatch(_NUMBER[decimal])
    note_cells(cells, name, ~good & (text != ""), "no_number")
    dotted = text.where(good, "").replace("", None).str.replace(decimal, ".", regex=False)
    return dotted.astype("float64")


def codes(cells: Cells, name: str, width: int, *, key: bool = False) -> pd.Series:
    """Return a column as codes of ``width`` digits, as text; "" for anything else, which is noted."""
    text = cells[name]
    good = text.str.fullmatch(f"[0-9]{{1,{width}}}")
    note_cells(cells, name, ~good, "no_code", key=key, width=width)
    return text.str.zfill(width).where(good, "")


def matching(
    cells: Cells, name: str, pattern: str, kind: str, *, key: bool = False, **values: Any
) -> pd.Series:
    """Return a column of text; "" for a cell that does not match the pattern, which is noted."""
    text = cells[name]
    good = text.str.fullmatch(f"(?:{pattern})")
    note_cells(cells, name, ~good, kind, key=key, **values)
    return text.where(good, "")


def note_cells(
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


def note_repeated(cells: Cells, keys: pd.Series, kind: str) -> None:
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
    note_cells(cells, name, ~good & ~short, "no_code", width=width)
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


def note_rows(cells: Cells, bad: pd.Series, say: Callable[[Any], Problem]) -> None:
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
