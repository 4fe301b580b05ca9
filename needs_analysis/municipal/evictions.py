"""Evictions as the Interior publishes them by prefecture, and what may not be read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.figures import Figures, Quality
from needs_analysis.municipal.declaration import Asked, Column, Join, problem
from needs_analysis.provenance import OPERATIONS
from needs_analysis.territory import history
from needs_analysis.territory.units import municipalities


@store.remembered(each=2)
def prefecture_provinces(codes_on: pd.Timestamp | str | None = None) -> pd.Series:
    """Return the province abbreviation under which each municipality's evictions are published.

    Sud Sardegna is in the prefecture of Cagliari; the provinces of 2026 are in those of before.

    Parameters
    ----------
    codes_on : Timestamp or str, optional
        The day of the municipalities; 1 January 2022 when omitted.

    Examples
    --------
    >>> prefecture_provinces()[["111009", "092009"]].tolist()
    ['CA', 'CA']
    """
    units = municipalities(codes_on)
    own = units["cadastral_code"].map(history.active_prefectures())
    # Merged since: its prefecture is the one of the rest of its province.
    usual = own.groupby(units["province_abbreviation"]).agg(lambda codes: codes.mode().iloc[0])
    return own.fillna(units["province_abbreviation"].map(usual))


def prefectures_of(codes: pd.Index) -> pd.Series:
    """Return the prefecture of municipality codes of any day since 2022."""
    found = prefecture_provinces().reindex(codes)
    if not found.isna().any():
        return found
    later = history.cadastral_codes(codes[found.isna()]).map(history.active_prefectures())
    return found.fillna(later).fillna("")


def evictions_by_province(overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the published evictions by province with what may not be read from them.

    A zero in one of orders, requests and executions while another is positive is missing. The split
    between capital and rest is not reliable where one is zero and the other is not, or where their
    rates per household differ by more than a factor of five, in the total or in a motive with at
    least 100 orders. A series is broken where a count of 100 or more rises by over 300 % or falls by
    over 70 %, or has such a zero. Orders were given in part where capital or rest has none and the
    whole has less than half of Italy's rate: Bergamo writes its usual 795 under the rest, Catania 16.

    Returns
    -------
    DataFrame
        Indexed by province_abbreviation: the published columns (missing for zero as above),
        orders_capital, orders_rest, households, capital_households, split_reliable, orders_whole (they
        are known, and of the whole province), and for each of orders, requests, executions
        `<count>_broken`.

    Examples
    --------
    >>> found = evictions_by_province()
    >>> found.loc[["BG", "CT", "RC"], "orders_whole"].tolist()
    [True, False, False]
    >>> float(found.loc["MB", "orders"]), bool(found.loc["MB", "split_reliable"])
    (710.0, False)
    >>> bool(found.loc["MI", "requests_broken"])
    True
    """
    return _by_province(tuple(sorted((overrides or {}).items())))


@store.remembered(each=2)
def _by_province(overrides: tuple[tuple[str, float], ...]) -> pd.DataFrame:
    values = parameters.values(dict(overrides))
    units, home = municipalities(), prefecture_provinces()
    published = store.table("evictions").set_index("province_abbreviation")
    counts, broken = eviction_counts(published, values)
    frame = published.copy()
    frame[counts.columns] = counts
    # Sud Sardegna's own capital is no capital of the prefecture it is published under.
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    frame["households"] = units["households"].groupby(home).sum()
    frame["capital_households"] = units.loc[capital, "households"].groupby(home[capital]).sum()
    motives = ("need", "end", "arrears")
    for part in ("capital", "rest"):
        frame[f"orders_{part}"] = frame[[f"orders_{m}_{part}" for m in motives]].sum(axis=1)
    frame["split_reliable"] = _split_reliable(frame, motives, values)
    frame["orders_whole"] = _orders_whole(frame, values)
    return frame.join(broken.add_suffix("_broken"))


def eviction_counts(
    published: pd.DataFrame, values: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return orders, requests and executions of one edition, and whether each breaks its series.

    Parameters
    ----------
    published : DataFrame
        The table `evictions`, by province.
    values : mapping of str to float
        The parameters in force.

    Returns
    -------
    counts, broken : DataFrame
        By province, missing for the zeros, and breaks, of :func:`evictions_by_province`.
    """
    given = published[["orders", "requests", "executions"]]
    zero = (given == 0) & (given.max(axis=1) > 0).to_numpy()[:, None]
    broken = zero.copy()
    for name in given.columns:
        change, count = published[f"{name}_change_share"], given[name]
        before = count / (1 + change).where(change > -1)
        large = np.maximum(count, before.fillna(0)) >= values["eviction_series_count_min"]
        jump = (change > values["eviction_series_rise_max_share"]) | (
            change < -values["eviction_series_fall_max_share"]
        )
        broken[name] |= large & jump
    return given.mask(zero), broken


def _split_reliable(
    frame: pd.DataFrame, motives: Sequence[str], values: Mapping[str, float]
) -> pd.Series:
    reliable = pd.Series(True, index=frame.index)
    rest_households = frame["households"] - frame["capital_households"]
    for prefix in ("orders", *(f"orders_{motive}" for motive in motives)):
        capital, rest = frame[f"{prefix}_capital"], frame[f"{prefix}_rest"]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = (capital / frame["capital_households"]) / (rest / rest_households)
        most = values["eviction_split_factor_max"]
        strange = ((capital == 0) ^ (rest == 0)) | (factor > most) | (factor < 1 / most)
        if prefix != "orders":
            strange &= (capital + rest) >= values["eviction_split_orders_min"]
        reliable &= ~strange
    return reliable


def _orders_whole(frame: pd.DataFrame, values: Mapping[str, float]) -> pd.Series:
    given = frame["orders"].notna()
    italy = frame["orders"].sum() / frame.loc[given, "households"].sum()
    one_sided = (frame["orders_capital"] == 0) ^ (frame["orders_rest"] == 0)
    low = frame["orders"] / frame["households"] < values["eviction_one_side_rate_min_share"] * italy
    return given & ~(one_sided & low)


def orders_in_part(
    codes: pd.Index,
    codes_on: pd.Timestamp | str | None = None,
    overrides: Mapping[str, float] | None = None,
) -> pd.Series:
    """Tell of municipalities whether the orders of their province are unknown, or only of a part of it.

    Parameters
    ----------
    codes : Index
        Municipality codes of the day.
    codes_on : Timestamp or str, optional
        The day; 1 January 2022 when omitted.
    overrides : mapping of str to float, optional
        A study's parameters, in the place of the table's.

    Examples
    --------
    >>> orders_in_part(pd.Index(["087015", "108033"])).tolist()
    [True, False]
    """
    whole = evictions_by_province(overrides)["orders_whole"]
    home = prefecture_provinces(codes_on).reindex(codes)
    return ~home.map(whole).fillna(False).astype(bool)


class Spread(NamedTuple):
    """Over which municipalities the evictions of each one are spread, by municipality.

    `home` is its prefecture, `part` the part of it that has its own orders; `split` tells whether
    capital and rest have, `capital` whether it is the capital.
    """

    home: pd.Series
    part: pd.Series
    split: pd.Series
    capital: pd.Series

    def over(self, column: Column) -> pd.Series:
        """Return the whole that a count is published for: where it has two sides, its side."""
        return self.part if two_sided(column) else self.home


def two_sided(column: Column) -> bool:
    """Tell whether a count is published for the capital and the rest of a province."""
    return column.inputs[0].endswith("*")


def spread(day: pd.Timestamp, published: pd.DataFrame) -> Spread:
    """Say over which municipalities of a day the evictions of provinces are spread.

    Parameters
    ----------
    day : Timestamp
        Of the municipalities.
    published : DataFrame
        Of :func:`evictions_by_province`.
    """
    home, units = prefecture_provinces(day), municipalities(day)
    capital = units["is_capital"] & (units["province_abbreviation"] == home)
    reliable = published["split_reliable"].reindex(home).set_axis(home.index)
    split = reliable.fillna(False).astype(bool)
    part = home + np.where(split, np.where(capital, " capital", " rest"), "")
    return Spread(home, part, split, capital)


def _bring(join: Join, asked: Asked) -> Figures:
    published = evictions_by_province(asked.parameters)
    over = spread(asked.day, published)
    asked.note("evictions", problem("provinces_unknown"), set(published.index) - set(over.home))
    by_unit = published.reindex(over.home).set_axis(over.home.index)
    households = asked.units["households"]
    alone = over.split & over.capital & (over.part.groupby(over.part).transform("size") == 1)
    frame, quality = {}, {}
    for name, column in join.columns.items():
        if two_sided(column):
            capital, rest = (
                by_unit[[one.replace("*", side) for one in column.inputs]].sum(axis=1)
                for side in ("capital", "rest")
            )
            given = (capital + rest).where(~over.split, rest.where(~over.capital, capital))
            given = given.where(by_unit["orders"].notna())
        else:
            given = by_unit[column.inputs[0]]
        base = households.groupby(over.over(column)).transform("sum")
        frame[name] = OPERATIONS[column.operation].of(given, households, base)
        observed = alone & two_sided(column)
        quality[name] = np.where(observed, Quality.OBSERVED, Quality.ALLOCATED)
    return join.figures(asked, pd.DataFrame(frame), pd.DataFrame(quality, index=alone.index))


def _linked(join: Join, day: pd.Timestamp, edition: str) -> pd.DataFrame:  # noqa: ARG001
    home = prefecture_provinces(day)
    return pd.DataFrame({"old": home.to_numpy(), "new": home.index, "share": np.nan})


_MOTIVES = tuple(f"orders_{motive}_*" for motive in ("need", "end", "arrears"))
JOIN = Join(
    "evictions",
    key="province_abbreviation",
    bring=_bring,
    linked=_linked,
    columns={
        name: Column("share of a total", inputs)
        for name, inputs in {
            "eviction_orders": _MOTIVES,
            "eviction_arrears_orders": _MOTIVES[-1:],
            "eviction_requests": ("requests",),
            "eviction_executions": ("executions",),
        }.items()
    },
)
