"""How many households are in need, by municipality and target group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import fsum

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.figures import Figures, Quality, as_figures, wanted_frame
from needs_analysis.households import Estimate
from needs_analysis.needs import own_counts
from needs_analysis.needs.diffuse import none
from needs_analysis.needs.distinct import Pair, distinct, moved, overlap_shares, two_unions
from needs_analysis.needs.groups import AFFORDABILITY, HEADLINE, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS, SIZES, Interval, assumption
from needs_analysis.needs.own_counts import bounds
from needs_analysis.needs.problems import NeedsError, problem
from needs_analysis.needs.result import AMBITO_SIZE, UNIT, NeedResult
from needs_analysis.parameters import value

REST = "other_groups"
"""The smallest groups of a place together, where it has more than can be told apart."""


def of_estimates(
    panel: pd.DataFrame | Figures,
    burdened: Estimate | pd.DataFrame | Figures | None = None,
    own: pd.DataFrame | None = None,
    *,
    places: pd.DataFrame | None = None,
    by_size: pd.DataFrame | None = None,
    tenants: pd.DataFrame | None = None,
    overlaps: Mapping[Pair, float] | None = None,
    parameters: Mapping[str, float] | None = None,
    benchmarks: pd.DataFrame | None = None,
    diffuse: pd.DataFrame | None = None,
    as_of: dt.date | None = None,
) -> NeedResult:
    """Return the households in need of municipalities, given the estimates of who pays too much.

    Parameters
    ----------
    panel : DataFrame or Figures, by municipality_code
        `households`, and `eviction_orders` of a year (allocated) where they are known.
    burdened : Estimate, DataFrame or Figures, by municipality_code, optional
        `overburdened_tenants`: households that rent on the market and pay over 40 % of net income, with
        their interval; an estimate of :mod:`needs_analysis.households` brings sizes and benchmarks.
    own : DataFrame, optional
        Counts of the offices (:func:`~needs_analysis.needs.own_counts.sound_counts`): they replace
        the estimate of their cell, and nothing else.
    places : DataFrame, by municipality_code, optional
        `ambito_name`, `province_code`, `region_code`.
    by_size : DataFrame, by municipality_code and size, optional
        `low`, `central`, `high` of `burdened`; where a count replaces it, brought to the count.
    tenants : DataFrame, by municipality_code, optional
        All market tenants by size (1-6).
    overlaps : mapping of (str, str) to float, optional
        Shares of the smaller of two groups in the larger, where they are known.
    parameters : mapping of str to float, optional
        A study's, in the place of the table's.
    benchmarks : DataFrame, optional
        Of the model of burdens: kept beside.
    diffuse : DataFrame, optional
        Spread discomfort around (:func:`needs_analysis.needs.diffuse.diffuse`): kept beside, in no sum.
    as_of : date, optional
        No count can be later.

    Returns
    -------
    NeedResult

    Raises
    ------
    NeedsError
        Wrong counts or overlaps, all at once.
    ParameterError
        A parameter out of its range.

    Notes
    -----
    Of the groups that have no defensible municipal figure none is made: `not_estimable` says what to
    ask. Orders are allocated from the province: they are never ranked.

    Examples
    --------
    >>> panel = pd.DataFrame({"households": [1000.0], "eviction_orders": [4.0]}, index=["108033"])
    >>> burdened = pd.DataFrame({"overburdened_tenants": [60.0]}, index=["108033"])
    >>> of_estimates(panel, burdened).distinct.round(1).values.tolist()
    [[60.2, 61.6, 65.6]]
    """
    if isinstance(burdened, Estimate):
        by_size = sized(burdened) if by_size is None else by_size
        benchmarks = burdened.regions if benchmarks is None else benchmarks
        tenants = market_sizes(burdened) if tenants is None else tenants
        burdened = burdened.figures
    again = partial(
        of_estimates, panel, burdened, places=places, by_size=by_size, tenants=tenants,
        overlaps=overlaps, parameters=parameters, benchmarks=benchmarks, diffuse=diffuse, as_of=as_of,
    )  # fmt: skip
    base = as_figures(panel)
    households = wanted_frame(base.data, "households")["households"].astype(float)
    before, flows = _estimates(base, burdened, households, parameters)
    counted = pd.DataFrame(columns=[*own_counts.COLUMNS, "arising"])
    wrong: tuple[Problem, ...] = ()
    if own is not None:
        counted, wrong = own_counts.sound_counts(own, households, as_of=as_of)
    applied = own_counts.put_in_place(before, flows, counted, parameters)
    keys = [one for one in HEADLINE if one in applied.groups.data]
    # What is known of a group that nobody counted here bears on nothing.
    idle = {*HEADLINE} - {*keys}
    overlaps = {pair: one for pair, one in (overlaps or {}).items() if not idle & {*pair}}
    listable = [one for one in keys if TARGET_GROUPS[one].listed_at("municipality")]
    cells, given = bounds(applied.groups), [*overlaps]
    with _said_with(wrong):
        shares = overlap_shares([*keys, REST], overlaps, parameters)
        alone = unlisted, pairs = _unions(cells, keys, households, shares, given)
        if listable != keys:
            alone = _unions(cells, listable, households, shares, given)
    return NeedResult(
        groups=applied.groups, flows=applied.flows, before=before, distinct=alone[0], unlisted=unlisted,
        overlap=pairs, by_size=_sized(by_size, before, applied.groups),
        not_estimable=_questions(applied), differences=applied.differences, households=households,
        places=_places(places, households.index),
        benchmarks=pd.DataFrame() if benchmarks is None else benchmarks,
        own=counted, again=again, parameters=dict(parameters or {}),
        diffuse=none() if diffuse is None else diffuse,
        tenants=pd.DataFrame() if tenants is None else tenants.reindex(households.index),
    )  # fmt: skip


@contextmanager
def _said_with(wrong: Sequence[Problem]) -> Iterator[None]:
    """Say what is wrong with counts together with what is found of those that are sound."""
    cure = problem("give_counts") if wrong else None
    try:
        yield
    except NeedsError as error:
        raise NeedsError(*wrong, *error.problems, cure=cure or error.cure) from None
    if wrong:
        raise NeedsError(*wrong, cure=cure)


def sized(model: Estimate) -> pd.DataFrame:
    """Return the overburdened tenants of a model by municipality and size, with their interval.

    Notes
    -----
    The model gives the central count of each size; its interval is the municipality's, in proportion.
    """
    central = model.by_size.set_axis([*SIZES], axis=1)
    whole = bounds(model.figures.columns(["overburdened_tenants"]))
    index = pd.MultiIndex.from_product(
        [central.index, [*SIZES]], names=["municipality_code", "size"]
    )
    factors = {
        name: (part["overburdened_tenants"] / whole["central"]["overburdened_tenants"]).fillna(1.0)
        for name, part in whole.items()
    }
    values = {
        name: central.mul(factor.reindex(central.index), axis=0).to_numpy().ravel()
        for name, factor in factors.items()
    }
    return pd.DataFrame(values, index=index)


def market_sizes(model: Estimate) -> pd.DataFrame | None:
    """Return the market tenants of a model by municipality and size; None where it has none."""
    return model.market.set_axis([*SIZES], axis=1) if len(model.market) else None


def _places(places: pd.DataFrame | None, codes: pd.Index) -> pd.DataFrame:
    if places is None:
        return pd.DataFrame(index=codes)
    kept = [name for name in (*UNIT.values(), AMBITO_SIZE) if name in places]
    return pd.DataFrame(places[kept]).reindex(codes)


def _estimates(
    base: Figures,
    burdened: pd.DataFrame | Figures | None,
    households: pd.Series,
    overrides: Mapping[str, float] | None,
) -> tuple[Figures, Figures]:
    """Return what public figures say: households of a day, and of a year."""
    stocks: list[Figures] = []
    flows = Figures.of(pd.DataFrame(index=households.index))
    if burdened is not None:
        given = as_figures(burdened).columns(["overburdened_tenants"])
        absent = households.index.difference(given.data.index)
        if len(absent):
            units = tuple(map(str, absent[:5]))
            raise NeedsError(problem("not_counted", units=units, table="overburdened_tenants"))
        stocks.append(given.rows(households.index).renamed({"overburdened_tenants": AFFORDABILITY}))
    if "eviction_orders" in base.data:
        orders = base.columns(["eviction_orders"]).renamed({"eviction_orders": "eviction_order"})
        years = assumption(TARGET_GROUPS["eviction_order"].years, overrides)
        stocks.append(_waiting(orders, years, households))
        flows = orders
    if not stocks:
        return flows.columns([]), flows
    return _made_by_models(stocks[0].beside(*stocks[1:]), households), flows


def _waiting(orders: Figures, years: Interval, households: pd.Series) -> Figures:
    """Return the households under an order on a day: those of a year by the years they wait."""
    low, central, high = (orders.data * one for one in years)
    capped = [part.clip(upper=households, axis=0) for part in (low, central, high)]
    return Figures.of(
        capped[1], quality=orders.quality, vintage=orders.vintage, low=capped[0], high=capped[2],
        sources=orders.sources,
    )  # fmt: skip


def _made_by_models(figures: Figures, households: pd.Series) -> Figures:
    """Return estimates with at least the quality of a model's, inside the households there are."""
    cells = {name: part.clip(upper=households, axis=0) for name, part in bounds(figures).items()}
    blank = cells["central"].isna()
    quality = figures.quality.clip(lower=int(Quality.ALLOCATED)).astype("int8")
    quality = quality.mask(blank, int(Quality.MISSING)).astype("int8")
    return Figures(
        data=cells["central"], quality=quality, vintage=figures.vintage,
        low=cells["low"], high=cells["high"], sources=figures.sources,
    )  # fmt: skip


def _unions(
    cells: Mapping[str, pd.DataFrame],
    groups: Sequence[str],
    households: pd.Series,
    shares: Mapping[Pair, Interval],
    given: Sequence[Pair],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the distinct households of each municipality, and its pairs of groups."""
    found = pd.DataFrame(np.nan, index=households.index, columns=[*BOUNDS])
    tables: dict[object, pd.DataFrame] = {}
    wrong: list[Problem] = []
    known = cells["central"][[*groups]].notna()
    for held, rows in known.groupby([known[one] for one in groups]) if groups else ():
        present = [one for one, there in zip(groups, held, strict=True) if there]
        codes = rows.index[households[rows.index].notna().to_numpy()]
        if len(present) == 1:
            for name in BOUNDS:
                found.loc[codes, name] = cells[name].loc[codes, present[0]].to_numpy()
        elif len(present) == 2 and not given:
            found.loc[codes], pairs = _of_two(cells, present, codes, households, shares)
            tables |= {tuple(present): pairs}
        elif present:
            for code in codes:
                here = pd.DataFrame({name: cells[name].loc[code, present] for name in BOUNDS})
                held_here = _fewer(here, float(households[code]))
                try:
                    one = distinct(held_here, float(households[code]), shares, given=given)
                except NeedsError as error:
                    wrong += [problem("of_place", place=code, what=one) for one in error.problems]
                    continue
                found.loc[code] = [one.low, one.central, one.high]
                tables[code] = pd.concat({code: one.pairs}, names=["municipality_code"])
    if wrong:
        raise NeedsError(*wrong)
    columns = ["wanted", "used", "moved"]
    return found, pd.concat(tables.values()) if tables else pd.DataFrame(columns=columns)


def _of_two(
    cells: Mapping[str, pd.DataFrame],
    present: list[str],
    codes: pd.Index,
    households: pd.Series,
    shares: Mapping[Pair, Interval],
) -> tuple[np.ndarray, pd.DataFrame]:
    sizes = {name: cells[name].loc[codes, present].to_numpy() for name in BOUNDS}
    share = shares[present[0], present[1]]
    one = two_unions(sizes, households[codes].to_numpy(), share)
    names = ["municipality_code", "one", "other"]
    index = pd.MultiIndex.from_product([codes, [present[0]], [present[1]]], names=names)
    pairs = pd.DataFrame({"wanted": one["wanted"], "used": one["used"]}, index=index)
    pairs["moved"] = moved(pairs["wanted"], pairs["used"])
    return np.column_stack([one[name] for name in BOUNDS]), pairs


def _fewer(counts: pd.DataFrame, households: float) -> pd.DataFrame:
    """Return the largest groups, and the others as one, where they are more than can be told apart."""
    most = int(value("need_groups_max"))
    if len(counts) <= most:
        return counts
    order = counts.sort_index().sort_values("central", ascending=False, kind="stable")
    rest = order.iloc[most - 1 :].sum().clip(upper=households)
    return pd.concat([order.iloc[: most - 1], rest.to_frame(REST).T])


def _sized(by_size: pd.DataFrame | None, before: Figures, after: Figures) -> pd.DataFrame:
    """Return households by size; where a count stands in the place of their sum, brought to it."""
    if by_size is None:
        return pd.DataFrame(columns=[*BOUNDS])
    here = by_size.index.get_level_values(0).isin(after.data.index)  # a model's are of all Italy
    sized = by_size.loc[here, [*BOUNDS]].astype(float)
    was, now = bounds(before), bounds(after)
    counted = was["central"][AFFORDABILITY] != now["central"][AFFORDABILITY]
    nobody = now["high"][AFFORDABILITY] == 0
    sized.loc[sized.index.get_level_values(0).isin(nobody.index[nobody])] = 0.0
    for code in counted.index[counted & ~nobody & now["central"][AFFORDABILITY].notna()]:
        for name in BOUNDS:
            rows = sized.index.get_level_values(0) == code
            held = fsum(sized.loc[rows, "central"])
            shape = sized.loc[rows, "central"] / held if held else np.nan
            sized.loc[rows, name] = shape * now[name].loc[code, AFFORDABILITY]
    return sized


def _questions(applied: own_counts.Applied) -> pd.DataFrame:
    """Return, by group that lacks a figure somewhere, what to ask."""
    rows = {}
    silent = applied.not_transmitted
    for key, group in TARGET_GROUPS.items():
        known = applied.groups.data.get(key)
        absent = len(applied.groups.data) if known is None else int(known.isna().sum())
        if absent and group.question:
            asked = tuple(silent.loc[silent["group"] == key, "municipality_code"])
            one = group.question
            rows[key] = [one.question, one.who, one.why, absent, asked]
    columns = ["question", "who", "why", "municipalities", "not_transmitted"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
