"""Which values may stand in a pattern: those that each unit has of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis.errors import Refused, wanted
from needs_analysis.figures import Figures, Quality, as_figures
from needs_analysis.indicators import registry
from needs_analysis.patterns.problems import problem
from needs_analysis.territory import municipalities


class Admitted(NamedTuple):
    """Own values sorted by unit, NaN where there is none, and the units where one was allocated."""

    data: pd.DataFrame
    allocated: tuple[str, ...]


def admitted(values: Figures | pd.DataFrame) -> Admitted:
    """Keep the values that units have of their own: units that share one look alike without being.

    Parameters
    ----------
    values : Figures or DataFrame
        By unit; a bare frame counts as observed.

    Returns
    -------
    Admitted
        Floats, sorted by unit; an allocated value is NaN and its unit is listed.

    Raises
    ------
    Refused
        With every column whose values were all allocated from a larger territory, that is published
        by province while the units are municipalities, or that is not made of finite numbers.

    Examples
    --------
    >>> rates = pd.DataFrame({"eviction_orders_per_1000": [1.0, 1.0]}, index=["108033", "108041"])
    >>> admitted(rates)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    needs_analysis.errors.Refused: eviction_orders_per_1000: pubblicato per provincia, ...
    """
    figures = as_figures(values)
    allocated = figures.quality == Quality.ALLOCATED
    if figures.data.columns.empty:
        raise Refused(problem("no_columns"))
    kinds = {
        str(name): _wrong(figures.data[name].infer_objects(), allocated[name])
        for name in figures.data.columns
    }
    problems = [problem(kind, column=name) for name, kind in kinds.items() if kind]
    if problems:
        raise Refused(*problems)
    units = sorted(figures.data.index[allocated.any(axis=1)])
    return Admitted(figures.data.astype(float).mask(allocated).sort_index(), tuple(units))


def _wrong(column: pd.Series, allocated: pd.Series) -> str:
    """Return the kind of problem of a column, if it has one."""
    known = registry()
    published = known[str(column.name)].level if column.name in known else ""
    if published == "province" and column.index.isin(municipalities().index).any():
        return "by_province"
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return "no_numbers"
    if np.isinf(column.to_numpy(float)).any():
        return "infinite"
    if allocated.any() and allocated[column.notna()].all():
        return "all_allocated"
    return ""


def admitted_series(values: Figures | pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Return one column as :func:`admitted` does, and the units where its value was allocated.

    Parameters
    ----------
    values : Figures or Series
        By unit; Figures of one column (``figures.columns([name])``).
    """
    wanted(values, Figures, pd.Series)
    if isinstance(values, Figures) and values.data.shape[1] > 1:
        names = tuple(map(str, values.data.columns[:5]))
        raise Refused(problem("several_columns", number=values.data.shape[1], columns=names))
    frame = values if isinstance(values, Figures) else values.to_frame(values.name or "values")
    found = admitted(frame)
    return found.data.iloc[:, 0], found.allocated
