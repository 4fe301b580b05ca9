"""The estimate of all Italy from the figures in use: computed once, then read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, join_vintages, wanted_several
from needs_analysis.households import burden, places
from needs_analysis.households.burden import Distribution
from needs_analysis.households.density import Array
from needs_analysis.households.drawn import draw
from needs_analysis.households.estimating import TORNADO_POINTS, Estimate, estimate, tornado
from needs_analysis.households.model import parameters_read
from needs_analysis.households.places import Evidence
from needs_analysis.households.scenario import Scenario
from needs_analysis.municipal import panel
from needs_analysis.municipal.incomes import january_after
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import day_of
from needs_analysis.territory.recode import recode
from needs_analysis.territory.units import rows_of

METHOD = 3
"""Raised when the model gives other figures from the same inputs: what was kept is computed again."""
_TABLES = ("income_means", "regional_incomes", "housing_survey")
_ERROR = "integration_error_share"
_PARTS = ("data", "low", "high", "quality", "vintage")


def evidence(codes_on: pd.Timestamp | str | None = None) -> Evidence:
    """Return the national figures in use, on the codes of a day.

    Examples
    --------
    >>> sorted(evidence().regional_incomes.index)[:4]
    ['01', '02', '021', '022']
    """
    classes = store.table("regional_incomes")
    limits = classes["income_from_eur"].fillna(-1).astype(int)
    known = classes.assign(income_from_eur=limits).fillna({"income_eur": 0.0})
    regional = known.pivot_table(
        ["declarants", "income_eur"], index="territory_code", columns="income_from_eur"
    )
    dates = [store.source_of(one).reference_date for one in _TABLES]
    rows = store.table("income_means").set_index("cadastral_code")
    names = {"total_income_declarants": "comprehensive_declarants",
             "total_income_eur": "comprehensive_income_eur"}  # fmt: skip
    own = january_after(dates[0])
    means = recode(
        rows[list(names)], own, day_of(codes_on), "sum", kind="cadastral_code", partial=True
    )
    return Evidence(
        regional_incomes=regional,
        later_means=means.frame.rename(columns=names),
        survey=store.table("housing_survey"),
        vintage=join_vintages(dates),
        sources=tuple(store.source_of(one).id for one in _TABLES),
    )


def national_panel(
    overrides: Mapping[str, float] | None = None, codes_on: pd.Timestamp | str | None = None
) -> Figures:
    """Return the panel of all Italy with the keys of territory that the model reads."""
    whole = panel.build(overrides=overrides, codes_on=codes_on, national=True)
    keys = municipalities(codes_on).loc[whole.data.index, ["region_code", "province_code"]]
    own = keys["region_code"] != "04"
    keys["income_territory"] = keys["region_code"].where(own, keys["province_code"])
    return whole.beside(Figures.of(keys))


def national(
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> Estimate:
    """Return the estimate of all Italy's municipalities, kept for the next time.

    Parameters
    ----------
    overrides : mapping of str to float, optional
        Parameters of a study.
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.
    scenario : Scenario, optional
        The central one.

    Returns
    -------
    Estimate
        As :func:`needs_analysis.households.estimate` gives it.
    """
    central = Scenario.of(overrides) if scenario is None else scenario
    key = _key(overrides, codes_on, central)

    def make() -> pd.DataFrame:
        found = estimate(
            national_panel(overrides, codes_on), evidence(codes_on), central, overrides
        )
        sides = [getattr(found.figures, part).add_prefix(f"{part}:") for part in _PARTS]
        home = municipalities(codes_on).loc[found.figures.data.index, "region_code"]
        regions = found.regions.reindex(home).set_axis(home.index).add_prefix("region:")
        whole: pd.DataFrame = pd.concat(
            [
                *sides,
                found.by_size.add_prefix("size:"),
                found.tenure.add_prefix("tenure:"),
                found.integration_error.rename(_ERROR),
                regions,
            ],
            axis=1,
        )
        return whole

    kept = store.computed("households", key, make)
    home = municipalities(codes_on).loc[kept.index, "region_code"]
    sources = _sources(overrides, codes_on)
    parts = {part: _under(kept, part) for part in _PARTS}
    figures = Figures(**parts, sources=dict.fromkeys(parts["data"].columns, sources))
    regions = _under(kept, "region").groupby(home).first()
    return Estimate(
        figures, _under(kept, "size"), regions, central, _under(kept, "tenure"), kept[_ERROR]
    )


def market_tenants(
    codes: Iterable[str],
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> pd.DataFrame:
    """Return the market tenants of some municipalities, one by one: income, rent, how many they are.

    Parameters
    ----------
    codes : iterable of str
        Municipality codes.
    overrides, codes_on, scenario
        As in :func:`national`.

    Returns
    -------
    DataFrame
        As :func:`needs_analysis.households.drawn.draw` gives it: the overburdened of a municipality and
        size are those of :func:`national`.

    Raises
    ------
    AreaError
        Municipalities that are not of the day.

    Notes
    -----
    Modelled households, not people that anybody knows: their sums and means are what can be used.

    Examples
    --------
    >>> found = market_tenants(["108033"])  # doctest: +SKIP
    >>> found.groupby("size")["households"].sum()  # doctest: +SKIP
    """
    wanted_codes = pd.Index(list(dict.fromkeys(wanted_several(codes, str))))
    rows_of(wanted_codes, codes_on)
    kept = national(overrides, codes_on, scenario)
    whole, incomes, declarants, quoted = _known(
        tuple(sorted((overrides or {}).items())), day_of(codes_on)
    )
    at, values = whole.index.get_indexer(wanted_codes), parameters_read(overrides)
    here = places.municipalities(
        whole.iloc[at], incomes.rows(at), declarants[at], quoted.iloc[at], values,
        growth=kept.scenario.number("rent_growth_since_quotes_share"),
        spread=kept.scenario.number("rent_range_share"),
    )  # fmt: skip
    return draw(here, wanted_codes, kept.tenure, kept.by_size, kept.scenario.shape(values))


@store.remembered()
def _known(
    overrides: tuple[tuple[str, float], ...], day: pd.Timestamp
) -> tuple[pd.DataFrame, Distribution, Array, pd.DataFrame]:
    """Return the national panel with the incomes, declarants and rents that the model makes of it."""
    whole = national_panel(dict(overrides), day).data
    values = parameters_read(dict(overrides))
    own = places.income_classes(whole, values)
    incomes = places.carried_incomes(whole, own, evidence(day))
    return whole, incomes, own.declarants, places.gross_rates(whole, values)


def national_tornado(
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> pd.DataFrame:
    """Return what each assumption moves in every municipality, kept for the next time.

    Returns
    -------
    DataFrame
        As :func:`needs_analysis.households.tornado` gives it; `moved_most` sums it over an area.
    """
    central = Scenario.of(overrides) if scenario is None else scenario
    key = _key(overrides, codes_on, central) | {"points": TORNADO_POINTS}

    def make() -> pd.DataFrame:
        whole = national_panel(overrides, codes_on).data
        found = tornado(whole, evidence(codes_on), central, overrides, TORNADO_POINTS)
        return found.set_axis([":".join(map(str, one)) for one in found.columns], axis=1)

    kept = store.computed("households_tornado", key, make)
    columns = [tuple(str(name).split(":")) for name in kept.columns]
    return kept.set_axis(pd.MultiIndex.from_tuples(columns), axis=1)


def _key(
    overrides: Mapping[str, float] | None,
    codes_on: pd.Timestamp | str | None,
    central: Scenario,
) -> dict[str, object]:
    return {
        "method": METHOD,
        "day": f"{day_of(codes_on):%Y-%m-%d}",
        "parameters": parameters_read(overrides),
        "scenario": {name: float(value) for name, value in vars(central).items()},
        "points": burden.POINTS,
        "seed": burden.SEED,
    }


def _under(kept: pd.DataFrame, part: str) -> pd.DataFrame:
    mine = [name for name in kept.columns if str(name).startswith(f"{part}:")]
    return kept[mine].set_axis([str(name).partition(":")[2] for name in mine], axis=1)


def _sources(
    overrides: Mapping[str, float] | None, codes_on: pd.Timestamp | str | None
) -> tuple[str, ...]:
    whole = panel.build(overrides=overrides, codes_on=codes_on, national=True)
    used = ("rent_eur_m2_month", "declarants_0_10k", "households")
    own = [one for name in used for one in whole.sources.get(name, ())]
    return tuple(dict.fromkeys([*own, *(store.source_of(one).id for one in _TABLES)]))
