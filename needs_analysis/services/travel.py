"""Travel times between the units of an area, from a matrix that the user brings."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.errors import SourceError
from needs_analysis.services.cells import csv_grid

CURE = (
    "Serve un CSV con una riga per comune di partenza e una colonna per comune di arrivo, con i codici "
    "ISTAT nella prima colonna e nella prima riga e un numero da 0 in su in ogni cella."
)
_SHOWN = 5


def read_distances(path: Path | str, units: pd.Index) -> tuple[pd.DataFrame, tuple[str, ...]]:
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
    warnings : tuple of str
        What was mended, in Italian: codes that had lost the zero they begin with.

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
    >>> warnings
    ('1 codice aveva perso lo zero iniziale, rimesso: 15149 -> 015149',)
    """
    try:
        grid = csv_grid(Path(path))
    except SourceError as error:
        raise SourceError(error.path, error.problems, CURE) from None
    rows, lost_rows = _codes(pd.Series(grid.columns[0].to_pylist(), dtype="str").fillna(""), units)
    heads, lost_heads = _codes(pd.Series(grid.headers[1:], dtype="str"), units)
    problems = _wrong_codes(rows, units, "righe") + _wrong_codes(heads, units, "colonne")
    if problems:
        shape = f"la matrice ha {len(rows)} righe e {len(heads)} colonne"
        raise SourceError(path, [shape, *problems], CURE)
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
        raise SourceError(path, problems, CURE)
    return matrix.astype(float), _mended(lost_rows | lost_heads)


def _codes(written: pd.Series, units: pd.Index) -> tuple[pd.Series, dict[str, str]]:
    """Return the codes of a row or a column, and which of them had lost their zero."""
    plain = written.str.strip().str.replace(r"^(\d{4,6})\.0$", r"\1", regex=True)
    short = {
        one: one.zfill(6)
        for one in plain
        if re.fullmatch(r"\d{4,5}", one) and one.zfill(6) in units
    }
    return plain.replace(short), short


def _wrong_codes(codes: pd.Series, units: pd.Index, where: str) -> list[str]:
    """Return which units are absent from the rows or the columns, and which stand there twice."""
    found = []
    absent = units[~units.isin(codes)]
    if len(absent):
        found.append(f"nelle {where} mancano {_listed(absent)}")
    twice = pd.Index(codes[codes.duplicated() & codes.isin(units)].unique())
    if len(twice):
        found.append(f"nelle {where} compaiono due volte {_listed(twice)}")
    return found


def _wrong_cells(cells: pd.DataFrame, matrix: pd.DataFrame) -> list[str]:
    """Return the cells that are no distance, each kind with where it stands."""
    blank = cells.isna() | (cells == "")
    number = matrix.to_numpy()
    kinds = {
        "vuote": blank.to_numpy(),
        "che non sono numeri": np.isnan(number) & ~blank.to_numpy(),
        "infinite": np.isinf(number),
        "sotto zero": number < 0,
    }
    return [
        f"celle {kind}: {marks.sum()} (da riga {_places(cells, marks)})"
        for kind, marks in kinds.items()
        if marks.any()
    ]


def _places(cells: pd.DataFrame, marks: np.ndarray) -> str:
    """Name some cells by the codes of their row and column."""
    pairs = np.argwhere(marks)
    said = [f"{cells.index[row]} a colonna {cells.columns[column]}" for row, column in pairs]
    return "; ".join(said[:_SHOWN]) + ("; ..." if len(said) > _SHOWN else "")


def _listed(codes: pd.Index) -> str:
    """Count codes and name some."""
    named = ", ".join(map(str, codes[:_SHOWN]))
    return f"{len(codes)}: {named}" + (" ..." if len(codes) > _SHOWN else "")


def _mended(lost: dict[str, str]) -> tuple[str, ...]:
    if not lost:
        return ()
    many = f"{len(lost)} codici avevano" if len(lost) > 1 else "1 codice aveva"
    pairs = ", ".join(f"{old} -> {new}" for old, new in list(lost.items())[:_SHOWN])
    return (f"{many} perso lo zero iniziale, rimesso: {pairs}",)
