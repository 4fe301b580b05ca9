"""The households of an area some years ahead, from the figures in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import parameters as parameter_table
from needs_analysis import store, territory
from needs_analysis.figures import wanted_units
from needs_analysis.needs.intervals import BOUNDS, assumption
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.needs.projection import Projection, of_history, sizes_ahead
from needs_analysis.territory.units import rows_of

if TYPE_CHECKING:
    import geopandas as gpd

HOUSEHOLDS_OF = 2021
"""The year of the households that are projected."""
WHOLE = "area"
"""The level of a projection that is the sum of the area's municipalities."""
_OTHER_NAMES = {
    "Forli'": "Forlì-Cesena",
    "Reggio di Calabria": "Reggio Calabria",
}
"""How the demographic indicators call provinces that the lists of municipalities call otherwise."""


def project(
    area: gpd.GeoDataFrame | pd.DataFrame,
    to: int,
    *,
    growth: pd.DataFrame | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Projection:
    r"""Return the households that an area will have, from those of 2021 and its provinces' growth.

    .. math:: g = \bar{r} + f

    with r the growth of the province's residents over the last years and f what households grow by
    more, since they get smaller.

    Parameters
    ----------
    area : GeoDataFrame
        Of :func:`needs_analysis.territory.select`.
    to : int
        The year; over five years ahead there are no single municipalities.
    growth : DataFrame, by province_code, optional
        `low`, `central`, `high` growth of households in a year, where a forecast is known.
    parameters : mapping of str to float, optional
        A study's, in the place of the table's.

    Returns
    -------
    Projection
        Levels "municipality", "ambito" and "province" where they lie in the area whole, and "area" where
        it has several municipalities.

    Raises
    ------
    AreaError
        Municipalities that are not of the day.
    NeedsError
        A year that is past or too far, a single municipality far ahead.

    Notes
    -----
    A province is taken to keep its growth, a municipality to follow its province: its own trend says
    nothing. In the 205 municipalities of Brescia, 2021 to 2024, the mean error is 1.2 per cent (no
    change: 2.0).

    Examples
    --------
    >>> from needs_analysis import territory
    >>> found = project(territory.select("ambito:Desio"), 2026)
    >>> found.last, found.paths.loc["area"].round(-2).to_numpy().tolist()
    (2021, [[83400.0, 86000.0, 88600.0]])
    >>> found.sizes.loc["area"].round(-2).to_numpy().tolist()
    [[30600.0, 24300.0, 15300.0, 11500.0, 3000.0, 1300.0]]
    """
    codes = wanted_units(area).index
    day = area.attrs.get("codes_on")
    rows_of(codes, day)
    units, homes = territory.municipalities(day), territory.ambiti(day)["ambito_name"]
    province = units["province_code"]
    rates = growth_of_provinces(parameters, day) if growth is None else growth
    near = units[province.isin(province[codes])]
    found = of_history(
        _held(near), to, provinces=province, ambiti=homes.reindex(near.index), growth=rates,
        overrides=parameters,
    )  # fmt: skip
    paths = [found.paths[_inside(found.paths.index, near, homes, codes)]]
    if len(codes) > 1:
        alone = of_history(
            _held(near.loc[codes]), to, provinces=province, ambiti=pd.Series(WHOLE, codes),
            growth=rates, overrides=parameters,
        )  # fmt: skip
        paths.append(alone.paths.loc[["ambito"]].rename({"ambito": WHOLE}, level="level"))
    whole: pd.DataFrame = pd.concat(paths)
    if whole.empty:
        most = int(parameter_table.values(parameters)["projection_municipal_years_max"])
        raise NeedsError(problem("needs_wider", most=most))
    residents = _residents_ahead(near, codes, homes, rates, to - HOUSEHOLDS_OF, parameters)
    return replace(
        found, paths=whole, sizes=sizes_ahead(whole["central"], residents.reindex(whole.index))
    )


def _residents_ahead(
    near: pd.DataFrame,
    codes: pd.Index,
    homes: pd.Series,
    rates: pd.DataFrame,
    years: int,
    overrides: Mapping[str, float] | None,
) -> pd.Series:
    """Return the residents of each unit some years ahead: they grow by less than the households."""
    smaller = assumption("projection_size_fall_share", overrides).central
    growth = near["province_code"].map(rates["central"]) - smaller
    ahead = near["resident_population"] * (1 + growth) ** years
    units = {
        "municipality": pd.Series(near.index, near.index), "ambito": homes.reindex(near.index),
        "province": near["province_code"], WHOLE: pd.Series(WHOLE, codes),
    }  # fmt: skip
    sums = {level: ahead.groupby(of.rename("unit")).sum() for level, of in units.items()}
    return pd.concat(sums, names=["level"])


def _held(units: pd.DataFrame) -> pd.DataFrame:
    return units["households"].rename(HOUSEHOLDS_OF).to_frame()


def _inside(index: pd.Index, near: pd.DataFrame, homes: pd.Series, codes: pd.Index) -> list[bool]:
    """Tell which units lie in the area whole."""
    of = {"municipality": pd.Series(near.index, near.index), "ambito": homes.reindex(near.index),
          "province": near["province_code"]}  # fmt: skip
    own = {
        level: set(where.dropna()) - set(where[~where.index.isin(codes)])
        for level, where in of.items()
    }
    return [unit in own[level] for level, unit in index]


def growth_of_provinces(
    parameters: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    known_until: int | None = None,
) -> pd.DataFrame:
    """Return the growth of households that each province is taken to keep.

    Parameters
    ----------
    parameters : mapping of str to float, optional
        A study's, in the place of the table's.
    codes_on : Timestamp or str, optional
        The day of the provinces; 1 January 2022 when omitted.
    known_until : int, optional
        The last year of growth that is read, to look at what would have been said then; the last there
        is when omitted.

    Returns
    -------
    DataFrame, by province_code
        `low`, `central`, `high` growth in a year.

    Examples
    --------
    >>> growth_of_provinces().loc["017"].round(4).tolist()  # Brescia
    [0.0041, 0.0071, 0.0101]
    """
    table = store.table("population_growth")
    years = int(parameter_table.values(parameters)["projection_growth_years"])
    until = table["year"].max() if known_until is None else known_until
    last = table[(table["year"] > until - years) & (table["year"] <= until)]
    residents = last.groupby("territory")["growth_per_1000"].mean() / 1000
    residents.index = residents.index.map(lambda name: _OTHER_NAMES.get(name, name))
    names = territory.municipalities(codes_on).drop_duplicates("province_code")
    names = names.set_index("province_code")[["province_name", "region_name"]]
    own, around = (names[one].str.partition("/")[0].map(residents) for one in names)
    central = own.fillna(around) + assumption("projection_size_fall_share", parameters).central
    spread = assumption("projection_growth_spread_share", parameters).central
    bounds = (central - spread, central, central + spread)
    return pd.DataFrame(dict(zip(BOUNDS, bounds, strict=True)))
