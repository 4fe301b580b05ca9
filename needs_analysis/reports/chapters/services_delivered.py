"""An earlier delivery: the figures of a monitoring, read back from the workbook it was handed out in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from needs_analysis.errors import Problem, SourceError
from needs_analysis.reading.sheets import filled_sheets
from needs_analysis.reports.chapters.services_measures import ALL_MEASURES, CODE, RULE, VALUE
from needs_analysis.reports.problems import problem
from needs_analysis.words import voices

_FIGURE = re.compile(r"(?P<measure>\w+)(?: (?P<level>\w+):(?P<level_value>.+))?")


def read_delivered(path: Path) -> pd.DataFrame:
    """Read the figures of a monitoring back from the workbook in which they were handed out.

    Parameters
    ----------
    path : Path
        Written by ``services monitor``, in either language.

    Returns
    -------
    DataFrame
        measure, level, level_value, value (NaN where hidden), rule, rule_version.

    Raises
    ------
    SourceError
        It is no such workbook, or cells of it were changed.
    """
    rows = _cells(path)
    # A delivery is in any language there is, and its headers with it.
    names = [{voice.say(one) for voice in voices()} for one in (CODE, VALUE, RULE)]
    heads = next((row for row in rows if all(set(row) & one for one in names[:2])), [])
    if not set(heads) & names[2]:
        columns = tuple(f"«{one}»" for one in (CODE, VALUE, RULE))
        raise _not_as_written(problem("delivery_columns", columns=columns))
    code, value, rule = (
        next(at for at, head in enumerate(heads) if head in words) for words in names
    )
    # A line with one cell is a note under the table.
    body = [row for row in rows[rows.index(heads) + 1 :] if sum(one != "" for one in row) > 1]
    found = [_FIGURE.fullmatch(str(row[code])) for row in body]
    rules = [re.fullmatch(r"(\w+) (\d+)", str(row[rule])) for row in body]
    twice = len(body) - len({row[code] for row in body})
    wrong = sum(one is None or other is None for one, other in zip(found, rules, strict=True))
    if not body:
        raise _not_as_written(problem("delivery_empty"))
    if changed := wrong or twice:
        raise _not_as_written(problem("delivery_changed", count=changed))
    frame = pd.DataFrame([one.groupdict() for one in found if one])
    numbers = pd.to_numeric(pd.Series([row[value] for row in body], dtype=object), errors="coerce")
    return frame.fillna({"level": "all", "level_value": ""}).assign(
        value=numbers.astype(float),
        rule=[one[1] for one in rules if one],
        rule_version=[int(one[2]) for one in rules if one],
    )


def _not_as_written(found: Problem) -> SourceError:
    return SourceError(found, cure=problem("as_written"))


def _cells(path: Path) -> list[list[Any]]:
    """Return the lines of the sheet of measures, all as long; a blank cell is an empty text."""
    try:
        sheets = filled_sheets(path, ALL_MEASURES.__eq__)
        lines = next(one.rows for one in sheets if one.title == ALL_MEASURES)
    except (SourceError, StopIteration):
        raise _not_as_written(problem("delivery_sheet", sheet=ALL_MEASURES)) from None
    # A line ends with its last filled cell, in some programs; in others it goes on.
    width = max(map(len, lines), default=0)
    return [
        ["" if one is None else one for one in line] + [""] * (width - len(line)) for line in lines
    ]
