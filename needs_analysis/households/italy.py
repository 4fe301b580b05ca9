"""The estimate of all Italy from the figures in use: computed once, then read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from needs_analysis import store
from needs_analysis.figures import Figures, join_vintages, wanted_several
from needs_analysis.households import burden
from needs_analysis.households.burden import BANDS
from needs_analysis.households.drawn import draw
from needs_analysis.households.estimating import (
    TORNADO_POINTS,
    Estimate,
    Run,
    assembled,
    moved,
    runs,
    tenure_of,
)
from needs_analysis.households.model import TARGETS, Known, Settled, know, modelled, parameters_read
from needs_analysis.households.places import Evidence
from needs_analysis.households.scenario import Scenario
from needs_analysis.municipal import panel
from needs_analysis.municipal.incomes import january_after
from needs_analysis.territory import municipalities
from needs_analysis.territory.codes import day_of
from needs_analysis.territory.recode import recode
from needs_analysis.territory.units import rows_of

METHOD = 4
"""Raised by hand when the model gives other figures from the same inputs: CONTRIBUTING.md."""
_TABLES = ("income_means", "regional_incomes", "housing_survey")


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
    known = _known(tuple(sorted((overrides or {}).items())), day_of(codes_on))
    home = known.panel["region_code"]

    def make() -> pd.DataFrame:
        sums, targets, settled = runs(known, central)
        table = _table({("central", ""): settled}).set_index(known.regions)
        regions = targets.join(table).reindex(home).set_axis(home.index).add_prefix("region:")
        return pd.concat([sums, regions], axis=1)

    kept = store.computed("households", _key(overrides, codes_on, central), make, METHOD)
    regions = [name for name in kept if str(name).startswith("region:")]
    of_regions = kept[regions].groupby(home).first()
    of_regions.columns = of_regions.columns.str.removeprefix("region:")
    settled = _settled(of_regions)["central", ""]
    targets, sums = of_regions[[*TARGETS]], kept.drop(columns=regions)
    return assembled(national_panel(overrides, codes_on), known, sums, targets, settled, central)


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
    rows, wanted_codes = _rows_of(codes, overrides, codes_on)
    kept = national(overrides, codes_on, scenario)
    own, parts = modelled(rows, kept.scenario, settled=kept.settled)
    tenure = tenure_of(own, parts.limits, wanted_codes)
    shape = kept.scenario.shape(rows.in_force)
    return draw(rows.of_scenario(kept.scenario), wanted_codes, tenure, kept.by_size, shape)


def _rows_of(
    codes: Iterable[str],
    overrides: Mapping[str, float] | None,
    codes_on: pd.Timestamp | str | None,
) -> tuple[Known, pd.Index]:
    wanted_codes = pd.Index(list(dict.fromkeys(wanted_several(codes, str))))
    rows_of(wanted_codes, codes_on)
    whole = _known(tuple(sorted((overrides or {}).items())), day_of(codes_on))
    return whole.rows(whole.panel.index.get_indexer(wanted_codes)), wanted_codes


@store.remembered()
def _known(overrides: tuple[tuple[str, float], ...], day: pd.Timestamp) -> Known:
    """Return what the model knows of all municipalities before any assumption."""
    return know(national_panel(dict(overrides), day).data, evidence(day), dict(overrides))


def national_tornado(
    codes: Iterable[str] | None = None,
    overrides: Mapping[str, float] | None = None,
    codes_on: pd.Timestamp | str | None = None,
    scenario: Scenario | None = None,
) -> pd.DataFrame:
    """Return what each assumption moves in some municipalities, or in every one.

    What all Italy settles in each run is kept for the next time; each municipality is then run alone.

    Parameters
    ----------
    codes : iterable of str, optional
        Municipality codes; all when omitted.
    overrides, codes_on, scenario
        As in :func:`national`.

    Returns
    -------
    DataFrame
        As :func:`needs_analysis.households.tornado` gives it; `moved_most` sums it over an area.

    Raises
    ------
    AreaError
        Municipalities that are not of the day.
    """
    central = Scenario.of(overrides) if scenario is None else scenario
    asked = None if codes is None else tuple(wanted_several(codes, str))
    return _moves(asked, tuple(sorted((overrides or {}).items())), day_of(codes_on), central)


@store.remembered()
def _moves(
    codes: tuple[str, ...] | None,
    changed: tuple[tuple[str, float], ...],
    day: pd.Timestamp,
    central: Scenario,
) -> pd.DataFrame:
    overrides = dict(changed)
    known = _known(changed, day)
    key = _key(overrides, day, central) | {"points": TORNADO_POINTS}
    kept = store.computed(
        "households_tornado", key, lambda: _table(moved(known, central)[1]), METHOD
    )
    rows = known if codes is None else _rows_of(codes, overrides, day)[0]
    return moved(rows, central, settled=_settled(kept))[0]


def _table(settled: Mapping[Run, Settled]) -> pd.DataFrame:
    """Put what was settled in rows: a run, a group; limits and odds stand in those that there are."""
    parts = []
    for (assumption, side), one in settled.items():
        groups = pd.RangeIndex(len(one.public), name="group")
        part = pd.DataFrame(one.public, groups).add_prefix("public_")
        part["odds"] = pd.Series(one.odds)
        part["limit"] = pd.Series(one.limits)
        parts.append(part.assign(assumption=assumption, side=side))
    return pd.concat(parts).reset_index()


def _settled(kept: pd.DataFrame) -> dict[Run, Settled]:
    found: dict[Run, Settled] = {}
    for (assumption, side), rows in kept.groupby(["assumption", "side"], sort=False):
        public = rows[[name for name in rows if str(name).startswith("public_")]]
        limits, odds = (rows[name].to_numpy(dtype=float) for name in ("limit", "odds"))
        found[str(assumption), str(side)] = Settled(
            limits[: BANDS - 1], public.to_numpy(dtype=float), odds
        )
    return found


def _key(
    overrides: Mapping[str, float] | None,
    codes_on: pd.Timestamp | str | None,
    central: Scenario,
) -> dict[str, object]:
    return {
        "day": f"{day_of(codes_on):%Y-%m-%d}",
        "parameters": parameters_read(overrides),
        "scenario": {name: float(value) for name, value in vars(central).items()},
        "points": burden.POINTS,
        "seed": burden.SEED,
    }
