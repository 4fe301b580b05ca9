"""What the survey of incomes allows: renters over 40 % by macro-area, and how far regions may stand off.

EU-SILC has the share of persons over 40 % and the share of renting households by region and year, of
small samples: one year of one region runs from 5 to 112 %. Only a macro-area's mean is taken as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.households.density import Array
from needs_analysis.households.halving import halved
from needs_analysis.territory.codes import MACRO_AREAS

SURVEY_SHARE = 0.40
"""Share of net income over which the survey counts who pays too much (Eurostat, ilc_lvho07a)."""
_ERROR_YEARS = 2022, 2025
_STEADY_YEARS = 3


@dataclass(frozen=True)
class Benchmark:
    """Renters over 40 % of net income by region, by persons.

    Parameters
    ----------
    regions : DataFrame
        By region_code: `macro_area`, `implied` (mean of its years), `years`, `gamma` (how much of its
        own value it keeps), `rate` (what is asked of it); shares 0-1.
    macro_areas : Series
        Rate of each, from its own series.
    between : float
        Variance of regions about their macro-area, error taken out; `error` the mean of the latter.
    """

    regions: pd.DataFrame
    macro_areas: pd.Series
    between: float
    error: float


def implied_rates(survey: pd.DataFrame, owners_share: float) -> pd.DataFrame:
    r"""Return the share of renters over 40 % that the two series of a year imply.

    .. math:: i = \frac{o - (1 - t) w}{t}

    Parameters
    ----------
    survey : DataFrame
        `territory`, `year`, `overburden_share` (persons over 40 %), `renting_share` (households).
    owners_share : float
        Share w of persons over 40 % among those who do not rent.

    Returns
    -------
    DataFrame
        One row a territory, one column a year; NaN where a series lacks.
    """
    renting = survey["renting_share"]
    implied = (survey["overburden_share"] - (1 - renting) * owners_share) / renting
    return survey.assign(implied=implied).pivot_table(
        index="territory", columns="year", values="implied"
    )


def regional_benchmark(
    survey: pd.DataFrame, households: pd.Series, owners_share: float, years: tuple[int, int]
) -> Benchmark:
    r"""Return the rates of renters that a survey implies, each region shrunk to its macro-area.

    .. math:: \gamma_r = \frac{s^2}{s^2 + v_r / y_r}, \qquad
              i^*_r = m + \gamma_r (\bar{i}_r - m)

    Parameters
    ----------
    survey : DataFrame
        As :func:`implied_rates` takes it; territories are region codes and, for the share over 40 %
        alone, macro-areas: their renting share is that of their regions.
    households : Series
        By region_code: the weights.
    owners_share : float
        Share of persons over 40 % among those who do not rent.
    years : tuple of int
        First and last of the mean.

    Returns
    -------
    Benchmark
        A region without a year that has both series has its macro-area's rate.

    Notes
    -----
    The variance of one year is pooled over regions (half the mean squared yearly difference), each
    with its renting share and size; regions with three years say how much regions differ.
    """
    rates = implied_rates(survey, owners_share).reindex(households.index)
    inside = _between(rates, years)
    mean, held = inside.mean(axis=1), inside.notna().sum(axis=1)
    used = survey[survey["year"].between(*years)]
    share = used.groupby("territory")["renting_share"].mean().reindex(households.index)
    weight = share**2 * households
    late = _between(rates, _ERROR_YEARS)
    half = (late.diff(axis=1) ** 2).mean(axis=1) / 2
    variance = (half * weight)[held >= 2].mean() / weight / held.where(held > 0)
    area = households.index.to_series().map(MACRO_AREAS)
    around = area.map(_weighted_means(mean, households, area))
    steady = held >= _STEADY_YEARS
    error = float(variance[steady].mean())
    between = max(float(((mean - around)[steady] ** 2).mean()) - error, 0.0)
    gamma = (between / (between + variance)).fillna(0.0)
    rate = around + gamma * (mean - around).fillna(0.0)
    regions = pd.DataFrame(
        {"macro_area": area, "implied": mean, "years": held, "gamma": gamma, "rate": rate}
    )
    return Benchmark(regions, _macro_rates(survey, households, owners_share, years), between, error)


def _weighted_means(values: pd.Series, households: pd.Series, area: pd.Series) -> pd.Series:
    known = values.notna()
    summed = (values * households)[known].groupby(area[known]).agg(fsum)
    return summed / households[known].groupby(area[known]).agg(fsum)


def _macro_rates(
    survey: pd.DataFrame, households: pd.Series, owners_share: float, years: tuple[int, int]
) -> pd.Series:
    """Return the rate of each macro-area: its own share over 40 %, the renting share of its regions."""
    regional = survey[survey["territory"].isin(MACRO_AREAS)]
    weight = regional["territory"].map(households)
    keys = [regional["territory"].map(MACRO_AREAS), regional["year"]]
    summed = (regional["renting_share"] * weight).groupby(keys).agg(fsum)
    renting = summed / weight.groupby(keys).agg(fsum)
    own = survey[survey["territory"].isin(set(MACRO_AREAS.values()))].drop(columns="renting_share")
    named = renting.rename_axis(["territory", "year"]).rename("renting_share").reset_index()
    rates = implied_rates(own.merge(named, on=["territory", "year"], validate="1:1"), owners_share)
    return _between(rates, years).mean(axis=1)


def _between(rates: pd.DataFrame, years: tuple[int, int]) -> pd.DataFrame:
    return rates.loc[:, years[0] : years[1]]


def raised_rates(
    rates: npt.ArrayLike, persons: npt.ArrayLike, group: npt.ArrayLike, targets: npt.ArrayLike
) -> Array:
    r"""Return rates whose odds are moved alike inside a group so that its persons meet a target.

    .. math:: r' = \frac{\theta r}{1 - r + \theta r}, \qquad \sum p r' = T \sum p

    Parameters
    ----------
    rates, persons : array_like, shape (units, sizes)
        Share over 40 % and persons; a missing or empty cell stays as it is.
    group : array_like of int, shape (units,)
        Row of each unit's region in `targets`; -1 leaves it as it is.
    targets : array_like, shape (groups,)
        Rate asked of each group's persons, 0-1; NaN leaves it as it is.

    Returns
    -------
    ndarray, shape (units, sizes)
        0-1. A group nobody of which is burdened stays so.

    Examples
    --------
    >>> raised_rates([[0.1], [0.3]], [[100.0], [100.0]], [0, 0], [0.4]).round(4).tolist()
    [[0.2446], [0.5554]]
    """
    return with_odds(rates, persons, group, raising_odds(rates, persons, group, targets))


def raising_odds(
    rates: npt.ArrayLike, persons: npt.ArrayLike, group: npt.ArrayLike, targets: npt.ArrayLike
) -> Array:
    """Return by how much each group's odds are multiplied so that its persons meet a target.

    Parameters
    ----------
    rates, persons, group, targets
        As in :func:`raised_rates`: all the units of each group.

    Returns
    -------
    ndarray, shape (groups,)
        NaN for a group that stays as it is.
    """
    own, weight = np.asarray(rates, dtype=float), np.asarray(persons, dtype=float)
    home, asked = np.asarray(group, dtype=int), np.asarray(targets, dtype=float)
    found = np.full(len(asked), np.nan)
    for one in np.flatnonzero(np.isfinite(asked)):
        members = home == one
        found[one] = _odds(own[members], weight[members], asked[one])
    return found


def with_odds(
    rates: npt.ArrayLike, persons: npt.ArrayLike, group: npt.ArrayLike, odds: npt.ArrayLike
) -> Array:
    """Return the rates of any units of the groups, their odds multiplied by those of the group.

    Parameters
    ----------
    rates, persons, group
        As in :func:`raised_rates`.
    odds : array_like, shape (groups,)
        Of :func:`raising_odds`.
    """
    found, weight = np.array(rates, dtype=float), np.asarray(persons, dtype=float)
    home = np.asarray(group, dtype=int)
    times = np.where(home >= 0, np.asarray(odds, dtype=float)[home], np.nan)[:, None]
    times = np.broadcast_to(times, found.shape)
    counted = np.isfinite(found) & (weight > 0) & np.isfinite(times)
    found[counted] = _moved(found[counted], times[counted])
    return found


def _odds(rates: Array, persons: Array, target: float) -> float:
    counted = np.isfinite(rates) & (persons > 0)
    some, weight = rates[counted], persons[counted]
    if not weight.size or fsum(some * weight) == 0:
        return np.nan
    total = target * fsum(weight)
    # A list is summed in half the time of an array.
    log_odds = halved(lambda moved: fsum((weight * _moved(some, np.exp(moved))).tolist()) > total)
    return float(np.exp(log_odds))


def _moved(rates: Array, odds: Array) -> Array:
    return np.asarray(odds * rates / (1 - rates + odds * rates))


def apart(model: npt.ArrayLike, survey: npt.ArrayLike, times: float = 1.5) -> Array:
    """Return by how many times model and survey differ where that is more than a limit; else NaN.

    Examples
    --------
    >>> apart([0.10, 0.20], [0.25, 0.22]).tolist()
    [2.5, nan]
    """
    one, other = np.asarray(model, dtype=float), np.asarray(survey, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.maximum(one / other, other / one)
    return np.where(ratio > times, ratio, np.nan)
