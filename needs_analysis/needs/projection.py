"""Households some years ahead: growth that is pooled, and an interval from what was missed before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Problem, wanted
from needs_analysis.figures import wanted_numbers
from needs_analysis.households.sizes import SHARES, size_shares
from needs_analysis.needs.intervals import BOUNDS, SIZES, assumption
from needs_analysis.needs.problems import NeedsError, problem

Array = npt.NDArray[np.float64]
MEASURED = "017"
"""The province where the errors were measured: Brescia."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Households of a year to come.

    Parameters
    ----------
    paths : DataFrame
        By level and unit: `low`, `central`, `high` households. Levels are "municipality", "ambito",
        "province"; far ahead there are no municipalities.
    growth : DataFrame
        By province: the `low`, `central` and `high` growth of a year.
    year : int
        The year that is projected.
    last : int
        The last that was observed.
    sizes : DataFrame
        By level and unit: central households by size, where the residents are known.
    """

    paths: pd.DataFrame
    growth: pd.DataFrame
    year: int
    last: int
    sizes: pd.DataFrame = field(default_factory=pd.DataFrame)


def of_history(
    history: pd.DataFrame,
    to: int,
    *,
    provinces: pd.Series,
    ambiti: pd.Series | None = None,
    growth: pd.DataFrame | None = None,
    overrides: Mapping[str, float] | None = None,
) -> Projection:
    r"""Return the households of a year to come, with the interval of what was missed before.

    .. math::
        h_{t} = h_0 (1 + g)^t, \qquad
        \frac{e_t}{h_t} = \sqrt{(e_1 t^{0.7})^2 + (s\,t)^2}

    with g the growth of the province, e_1 the error of a year of a municipality whose province's growth
    is known, s the spread of the scenarios.

    Parameters
    ----------
    history : DataFrame, by municipality_code
        Households, a column a year (int); two at least.
    to : int
        The year.
    provinces : Series, by municipality_code
        The province of each.
    ambiti : Series, by municipality_code, optional
        The ambito of each; a missing one is left out.
    growth : DataFrame, by province, optional
        `low`, `central`, `high` growth of a year, where a forecast is known; by default the province's
        over the history, with the parameter's spread.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    Projection
        Sums by municipality are the province's.

    Raises
    ------
    NeedsError
        One year of history, a year that is past or too far, a municipality without a province, a
        growth whose bounds do not go up; all at once.

    Notes
    -----
    A municipality's own trend is worth nothing over three years: each takes its province's. The interval
    is of 90 %, measured in 205 municipalities of Brescia; elsewhere it is wider by a parameter. Of an
    ambito or a province the errors of municipalities are taken as independent.

    Examples
    --------
    >>> history = pd.DataFrame({2018: [990.0, 1980], 2021: [1010.0, 1990]}, index=["017001", "017002"])
    >>> found = of_history(history, 2024, provinces=pd.Series("017", history.index))
    >>> found.paths["central"].round(1).tolist()
    [1020.2, 2010.1, 3030.3]
    """
    wanted_numbers(history)
    if odd := [str(year) for year in history.columns if not isinstance(year, Integral)]:
        raise NeedsError(problem("no_years", columns=tuple(odd)))
    years = sorted(int(year) for year in history.columns)
    if found := _wrong(history, years, to, provinces, ambiti, growth, overrides):
        raise NeedsError(*found)
    pool = provinces.reindex(history.index)
    base, ahead = history[years[-1]].astype(float), to - years[-1]
    rates = _growth(history, years, pool, overrides) if growth is None else growth[[*BOUNDS]]
    central = base * (1 + pool.map(rates["central"])) ** ahead
    spread = (pool.map(rates["high"]) - pool.map(rates["low"])) / 2 * ahead
    error = _error(pool, ahead, overrides) * central
    levels = {"province": pool}
    if ambiti is not None:
        levels = {"ambito": ambiti.reindex(history.index)} | levels
    tables = {
        level: _summed(central, error, spread, units.rename("unit"))
        for level, units in levels.items()
    }
    if ahead <= _years("projection_municipal_years_max", overrides):
        own = pd.Series(history.index, index=history.index, name="unit")
        tables = {"municipality": _summed(central, error, spread, own).reindex(own)} | tables
    return Projection(pd.concat(tables, names=["level"]), rates, to, years[-1])


def sizes_ahead(
    households: pd.Series, residents: pd.Series, shares: npt.ArrayLike = SHARES
) -> pd.DataFrame:
    """Return households by size of a year to come, from the residents that are expected.

    Parameters
    ----------
    households, residents : Series, by unit
        Of the year.
    shares : array_like, shape (6,)
        Of a larger territory, the province's where known.

    Returns
    -------
    DataFrame, by unit; a column a size
        Modelled; the sizes of a unit sum to its households.

    Examples
    --------
    >>> sizes_ahead(pd.Series({"108033": 100.0}), pd.Series({"108033": 220.0})).round(1).values.tolist()
    [[37.3, 28.5, 17.3, 12.5, 3.2, 1.3]]
    """
    wanted(households, pd.Series)
    mean = residents.reindex(households.index) / households
    counts = (
        size_shares(mean.to_numpy(dtype=float), shares) * households.to_numpy(dtype=float)[:, None]
    )
    return pd.DataFrame(counts, index=households.index, columns=[*SIZES])


def _years(name: str, overrides: Mapping[str, float] | None) -> int:
    return int(parameters.values(overrides)[name])


def _wrong(
    history: pd.DataFrame,
    years: list[int],
    to: int,
    provinces: pd.Series,
    ambiti: pd.Series | None,
    growth: pd.DataFrame | None,
    overrides: Mapping[str, float] | None,
) -> list[Problem]:
    found, last = [], years[-1]
    most = _years("projection_years_max", overrides)
    near = _years("projection_municipal_years_max", overrides)
    if len(years) < 2 and growth is None:
        found.append(problem("no_history", years=len(years)))
    if to <= last:
        found.append(problem("year_past", year=to, last=last))
    elif to > last + most:
        found.append(problem("year_far", year=to, most=most, last=last))
    absent = history.index[provinces.reindex(history.index).isna()]
    if len(absent):
        found.append(problem("pool_missing", units=tuple(map(str, absent[:5]))))
    if growth is not None:
        rates = growth[[*BOUNDS]]
        down = growth.index[
            ~((rates["low"] <= rates["central"]) & (rates["central"] <= rates["high"]))
        ]
        found += [problem("growth_order", unit=str(unit)) for unit in down]
        unknown = pd.Index(provinces.reindex(history.index).dropna().unique()).difference(
            growth.index
        )
        if len(unknown):
            found.append(problem("not_counted", units=tuple(map(str, unknown)), table="growth"))
    if (
        to > last + near
        and to <= last + most
        and ambiti is None
        and provinces.nunique() == len(history)
    ):
        found.append(problem("needs_wider", most=near))
    return found


def _growth(
    history: pd.DataFrame, years: list[int], pool: pd.Series, overrides: Mapping[str, float] | None
) -> pd.DataFrame:
    """Return the yearly growth of each province over the history, with the spread of a scenario."""
    both = history[[years[0], years[-1]]].dropna().groupby(pool).sum()
    central = (both[years[-1]] / both[years[0]]) ** (1 / (years[-1] - years[0])) - 1
    spread = assumption("projection_growth_spread_share", overrides).central
    return pd.DataFrame({"low": central - spread, "central": central, "high": central + spread})


def _error(pool: pd.Series, ahead: int, overrides: Mapping[str, float] | None) -> pd.Series:
    """Return the half-width of a municipality's interval, as a share, its province's growth known."""
    known = parameters.values(overrides)
    first = known["projection_error_share"] * ahead ** known["projection_error_power"]
    return pd.Series(first, pool.index).where(
        pool == MEASURED, first * known["projection_outside_ratio"]
    )


def _summed(
    central: pd.Series, error: pd.Series, spread: pd.Series, units: pd.Series
) -> pd.DataFrame:
    """Return sums by unit: independent errors, and scenarios that move all together."""
    total = central.groupby(units).sum()
    apart = np.sqrt((error**2).groupby(units).sum())
    together = (central * spread).groupby(units).sum()
    width = np.sqrt(apart**2 + together**2)
    low = (total - width).clip(lower=0.0)
    return pd.DataFrame({"low": low, "central": total, "high": total + width})
