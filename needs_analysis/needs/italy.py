"""The need of an area from the figures in use: the national model, the places, the office's counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from needs_analysis import territory
from needs_analysis.figures import Figures, Quality, as_figures, wanted_frame
from needs_analysis.households import Scenario, national
from needs_analysis.municipal.evictions import orders_in_part
from needs_analysis.needs.counts_book import OwnCounts, read_counts
from needs_analysis.needs.diffuse import diffuse
from needs_analysis.needs.distinct import Pair
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.needs.result import AMBITO_SIZE, NeedResult
from needs_analysis.territory.units import rows_of

_ORDERS = "eviction_orders"


def estimate(
    panel: pd.DataFrame | Figures,
    scenario: Scenario | None = None,
    own: OwnCounts | pd.DataFrame | Path | str | None = None,
    *,
    overlaps: Mapping[Pair, float] | None = None,
    parameters: Mapping[str, float] | None = None,
    as_of: dt.date | None = None,
    codes_on: pd.Timestamp | str | None = None,
) -> NeedResult:
    """Return the households in need of an area, by municipality and target group.

    Parameters
    ----------
    panel : DataFrame or Figures, by municipality_code
        Of :func:`needs_analysis.municipal.panel.build`: `households`, and `eviction_orders` of a year.
    scenario : Scenario, optional
        What the model of burdens assumes; the central values when omitted.
    own : OwnCounts, DataFrame or path, optional
        Counts of the offices (:func:`~needs_analysis.needs.counts_book.read_counts`): they replace the
        estimate of their cell, and nothing else. Confidential, and so is what comes of them.
    overlaps : mapping of (str, str) to float, optional
        Shares of the smaller of two groups in the larger, where they are known.
    parameters : mapping of str to float, optional
        A study's, in the place of the table's.
    as_of : date, optional
        No count can be later.
    codes_on : Timestamp or str, optional
        The day of the panel's municipalities; 1 January 2022 when omitted.

    Returns
    -------
    NeedResult
        The tenants over 40 % are those of :func:`needs_analysis.households.national`, computed once and
        kept.

    Raises
    ------
    AreaError
        Municipalities that are not of the day.
    NeedsError
        Wrong counts or overlaps, all at once.
    ParameterError
        A parameter out of its range.
    SourceError
        A workbook of counts that cannot be read.

    Notes
    -----
    Of the groups that have no defensible municipal figure none is made: `not_estimable` says what to
    ask. Orders are allocated from the province: they are never ranked, and where the province gave them
    in part they are not known.

    Examples
    --------
    >>> import needs_analysis as na
    >>> panel = na.panel.build(na.territory.select("ambito:Carate Brianza"))
    >>> need = estimate(panel)  # doctest: +SKIP
    >>> need.held  # doctest: +SKIP
    ('affordability', 'eviction_order')
    """
    base = as_figures(panel)
    codes = wanted_frame(base.data, "households").index
    rows_of(codes, codes_on)
    units = territory.municipalities(codes_on)
    if isinstance(own, Path | str):
        own = read_counts(own)
    counts = own.counts if isinstance(own, OwnCounts) else own
    model = national(parameters, codes_on, scenario)
    found = of_estimates(
        _whole_orders(base, codes_on, parameters), model, counts,
        places=_places(units, codes_on, codes), overlaps=overlaps, parameters=parameters, as_of=as_of,
        diffuse=diffuse(model.figures, units.loc[model.figures.data.index], codes, parameters),
    )  # fmt: skip
    return replace(found, book=own) if isinstance(own, OwnCounts) else found


def _whole_orders(
    base: Figures, codes_on: pd.Timestamp | str | None, parameters: Mapping[str, float] | None
) -> Figures:
    """Return a panel without the orders that are a share of what a province gave in part."""
    if _ORDERS not in base.data:
        return base
    unknown = orders_in_part(base.data.index, codes_on, parameters)
    unknown &= base.quality[_ORDERS] == Quality.ALLOCATED
    given = base.data[_ORDERS].mask(unknown)
    quality = base.quality[_ORDERS].mask(unknown, int(Quality.MISSING)).astype("int8")
    return replace(
        base,
        data=base.data.assign(**{_ORDERS: given}),
        quality=base.quality.assign(**{_ORDERS: quality}),
    )


def _places(
    units: pd.DataFrame, codes_on: pd.Timestamp | str | None, codes: pd.Index
) -> pd.DataFrame:
    """Return what each municipality is part of, and how large its ambito is."""
    places = units[["province_code", "region_code"]].copy()
    places["ambito_name"] = territory.ambiti(codes_on)["ambito_name"].reindex(places.index)
    whole = places["ambito_name"].fillna(places["province_code"])
    places[AMBITO_SIZE] = whole.map(whole.value_counts())
    return places.loc[codes]
