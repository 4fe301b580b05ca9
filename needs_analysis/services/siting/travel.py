"""Travel times between the units of an area, from a matrix that the user brings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem, SourceError
from needs_analysis.reading.grids import csv_grid
from needs_analysis.services.files.problems import path_of
from needs_analysis.services.siting.problems import problem

CURE = problem("matrix")
_SHOWN = 5


def read_distances(path: Path | str, units: pd.Index) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    r"""Read a matrix of travel times or distances: from the unit of a row to the site of a column.

    Parameters
    ----------
    path : Path or str
        A CSV with cells between ; , or tabs and decimals after a point or a comma. Codes head the
        rows and the columns, in any order; those of other places are left out. The way back may take
        another time.
    units : Index of str
        Codes of the units wanted: of municipalities, or ``ambito:<name>``.

    Returns
    -------
    distances : DataFrame
        One row and one column a unit, in the order of `units`.
    warnings : tuple of Problem
        What was mended: codes that had lost the zero they begin with; rows and columns that are of
        no place (totals, notes), which are not read.

    Raises
    ------
    SourceError
        The file cannot be read, lacks or repeats units, or has cells that are blank, no number,
        infinite or below 0: all problems at once.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "minutes.csv")
    ...     _ = file.write_text("codice;15149;015146\n15149;0;12,5\n015146;14;0\n")
    ...     minutes, warnings = read_distances(file, pd.Index(["015146", "015149"]))
    >>> minutes.to_numpy().tolist()
    [[0.0, 14.0], [12.5, 0.0]]
    >>> print(*warnings)
    1 codice aveva perso lo zero iniziale, rimesso: 15149 -> 015149
    """
    file = path_of(path)
    try:
        grid = csv_grid(file)
    except SourceError as error:
        raise SourceError(*error.problems, cure=CURE) from None
    rows, lost_rows = _codes(pd.Series(grid.columns[0].to_pylist(), dtype="str").fillna(""), units)
    heads, lost_heads = _codes(pd.Series(grid.headers[1:], dtype="str"), units)
    problems = _wrong_codes(rows, units, "rows_absent", "rows_twice")
    problems += _wrong_codes(heads, units, "columns_missing", "columns_twice")
    if problems:
        shape = problem("matrix_shape", rows=len(rows), columns=len(heads))
        raise SourceError.of_file(file, [shape, *problems], CURE)
    at, across = pd.Index(rows).get_indexer(units), pd.Index(heads).get_indexer(units)
    cells = pd.DataFrame(
        {
            unit: pd.Series(grid.columns[1 + column].to_pylist(), dtype="str").to_numpy()[at]
            for unit, column in zip(units, across, strict=True)
        },
        index=units,
    )
    matrix = cells.apply(lambda one: pd.to_numeric(one.str.replace(",", "."), errors="coerce"))
    problems = _wrong_cells(cells, matrix.astype(float))
    if problems:
        raise SourceError.of_file(file, problems, CURE)
    others = _no_places([*rows[~rows.isin(units)], *heads[~heads.isin(units)]])
    return matrix.astype(float), (*_mended(lost_rows | lost_heads), *others)


def _no_places(labels: list[str]) -> tuple[Problem, ...]:
    """Say which rows and columns are no place at all; those of other places are left out as asked."""
    odd = dict.fromkeys(one for one in labels if not re.fullmatch(r"\d{4,6}|ambito:.+", one))
    if not odd:
        return ()
    return (
        problem(
            "matrix_others", count=len(odd), names=_shown(pd.Index([f"«{one}»" for one in odd]))
        ),
    )


def _codes(written: pd.Series, units: pd.Index) -> tuple[pd.Series, dict[str, str]]:
    """Return the codes of a row or a column, and which of them had lost their zero."""
    plain = written.str.strip().str.replace(r"^(\d{4,6})\.0$", r"\1", regex=True)
    short = {
        one: one.zfill(6)
        for one in plain
        if re.fullmatch(r"\d{4,5}", one) and one.zfill(6) in units
    }
    return plain.replace(short), short


def _wrong_codes(codes: pd.Series, units: pd.Index, absent: str, twice: str) -> list[Problem]:
    """Return which units are absent from the rows or the columns, and which stand there twice."""
    again = pd.Index(codes[codes.duplicated() & codes.isin(units)].unique())
    return [
        problem(kind, number=len(found), codes=_shown(found))
        for kind, found in ((absent, units[~units.isin(codes)]), (twice, again))
        if len(found)
    ]


def _wrong_cells(cells: pd.DataFrame, matrix: pd.DataFrame) -> list[Problem]:
    """Return the cells that are no distance, each kind with where it stands."""
    blank = cells.isna() | (cells == "")
    number = matrix.to_numpy()
    kinds = {
        "cells_blank": blank.to_numpy(),
        "cells_no_number": np.isnan(number) & ~blank.to_numpy(),
        "cells_infinite": np.isinf(number),
        "cells_negative": number < 0,
    }
    return [
        problem(kind, number=int(marks.sum()), places=_places(cells, marks))
        for kind, marks in kinds.items()
        if marks.any()
    ]


def _places(cells: pd.DataFrame, marks: np.ndarray) -> tuple[Problem, ...]:
    """Name some cells by the codes of their row and column."""
    pairs = np.argwhere(marks)
    said = tuple(
        problem("row_to_column", row=str(cells.index[row]), column=str(cells.columns[column]))
        for row, column in pairs[:_SHOWN]
    )
    return said if len(pairs) <= _SHOWN else (*said, problem("and_others"))


def _shown(codes: pd.Index) -> tuple[str, ...]:
    """Name some codes."""
    named = tuple(map(str, codes[:_SHOWN]))
    return named if len(codes) <= _SHOWN else (*named, "...")


def _mended(lost: dict[str, str]) -> tuple[Problem, ...]:
    if not lost:
        return ()
    pairs = tuple(f"{old} -> {new}" for old, new in list(lost.items())[:_SHOWN])
    return (problem("zeros_put_back", count=len(lost), pairs=pairs),)
