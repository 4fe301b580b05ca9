"""Nights: a stay's are [entry, exit), those of overlapping stays of one guest count once.

Days are whole numbers (days since 1970) and the union of a guest's nights is taken for all guests at
once: stays sorted by guest and entry, each keeps what lies beyond the furthest exit before it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.services.files.schema import Period, Register

Ints = npt.NDArray[np.int64]

OPEN = 1_000_000
"""The day that stands for no end: a guest still present, a place not closed."""


def day_numbers(dates: pd.Series, missing: int) -> Ints:
    """Return days since 1 January 1970; `missing` where there is no date.

    Examples
    --------
    >>> day_numbers(pd.to_datetime(pd.Series(["1970-01-03", None])), missing=-1).tolist()
    [2, -1]
    """
    days = dates.to_numpy(dtype="datetime64[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), missing, days)


def positions(values: pd.Series, index: pd.Index) -> Ints:
    """Return where each value stands in an index; -1 where it does not. Each word is looked up once.

    Examples
    --------
    >>> positions(pd.Series(["b", None, "b", "z"], dtype="str"), pd.Index(["a", "b"])).tolist()
    [1, -1, 1, -1]
    """
    codes, words = pd.factorize(values)
    found = np.r_[index.get_indexer(pd.Index(words)), -1] if len(index) else np.array([-1])
    return np.asarray(found[codes if len(index) else np.zeros(len(codes), int)], dtype=np.int64)


def bounds(period: Period | None) -> tuple[int, int]:
    """Return a period as days [first, past); no period is all days."""
    if period is None:
        return -OPEN, OPEN
    first = np.datetime64(period.start, "D").astype(np.int64)
    return int(first), int(first) + period.days


def beyond_earlier(key: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    r"""Return the part of each interval [start, end) that no earlier interval of its key covers.

    .. math:: [\max(s_i, \max_{j < i} e_j),\; e_i)

    The intervals must be sorted by key and start; the parts of one key are then disjoint and their
    union is the union of the intervals. An empty part begins where it ends.

    Examples
    --------
    >>> part = beyond_earlier(np.array([0, 0, 1]), np.array([0, 3, 2]), np.array([5, 9, 4]))
    >>> [one.tolist() for one in part]
    [[0, 5, 2], [5, 9, 4]]
    """
    # Keys set far apart: one running maximum serves them all.
    apart = key * (4 * OPEN)
    furthest = np.maximum.accumulate(np.maximum(end, start) + apart)
    before = np.r_[np.int64(-(2**62)), furthest[:-1]] - apart
    begin = np.maximum(start, before)
    return np.minimum(begin, np.maximum(end, start)), np.maximum(end, start)


def sorted_by(key: Ints, start: Ints, index: pd.Index) -> Ints:
    """Return the order by key and start; ties in the order of the index, whatever the rows' order."""
    joint = key * (4 * OPEN) + start
    if index.is_monotonic_increasing:
        return np.argsort(joint, kind="stable")
    return np.lexsort((index.argsort().argsort(), joint))


def place_intervals(register: Register) -> tuple[Ints, Ints]:
    """Return the days [from, past) on which each place of a register can be slept in.

    From the later opening to the earlier closing of the place and of its dwelling, and to the day
    from which the place is to be repaired or closed; without that day, never.
    """
    places = register.places
    homes = register.dwellings.reindex(places["dwelling_code"])
    start = np.maximum(
        day_numbers(places["opened"], -OPEN),
        day_numbers(homes["opened"], -OPEN),
    )
    end = np.minimum(day_numbers(places["closed"], OPEN), day_numbers(homes["closed"], OPEN))
    out_of_use = places["state"].isin(["to_repair", "closed"]).to_numpy()
    # A closed place with a closing date is out of use from then on, whatever the state's date.
    dated = (places["state"] == "closed").to_numpy() & (end < OPEN)
    undated = out_of_use & places["state_since"].isna().to_numpy() & ~dated
    since = np.where(undated, -OPEN, day_numbers(places["state_since"], OPEN))
    end = np.where(out_of_use, np.minimum(end, since), end)
    return start, np.maximum(end, start)
