"""Evictions as the Interior publishes them by prefecture, and what may not be read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.territory import history
from needs_analysis.territory.codes import DAY, day_of
from needs_analysis.territory.units import municipalities


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
    return _prefecture_provinces(day_of(codes_on))


@store.remembered()
def _prefecture_provinces(day: pd.Timestamp) -> pd.Series:
    units = municipalities(day)
    own = units["cadastral_code"].map(history.active_prefectures())
    # Merged since: its prefecture is the one of the rest of its province.
    usual = own.groupby(units["province_abbreviation"]).agg(lambda codes: codes.mode().iloc[0])
    return own.fillna(units["province_abbreviation"].map(usual))


def prefectures_of(codes: pd.Index) -> pd.Series:
    """Return the prefecture of municipality codes of any day since 2022."""
    found = _prefecture_provinces(DAY).reindex(codes)
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
    over 70 %, or has such a zero.

    Returns
    -------
    DataFrame
        Indexed by province_abbreviation: the published columns (missing for zero as above),
        orders_capital, orders_rest, households, capital_households, split_reliable, and for each of
        orders, requests, executions `<count>_broken`.

    Examples
    --------
    >>> found = evictions_by_province()
    >>> float(found.loc["MB", "orders"]), bool(found.loc["MB", "split_reliable"])
    (710.0, False)
    >>> bool(found.loc["MI", "requests_broken"])
    True
    """
    values = parameters.values(overrides)
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
