"""What the offices' workbook says of need, as it may be told: questions, lists, dwellings, the gap."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Quality
from needs_analysis.needs.counts_book import ISEE_BANDS
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS, SIZES, Stock
from needs_analysis.needs.result import NeedResult
from needs_analysis.needs.staircase import ANY_SIZE, gap
from needs_analysis.needs.supply import Supply
from needs_analysis.told.need_tables import comparable, printed, shown, whole
from needs_analysis.told.own_counts import Given
from needs_analysis.told.telling import Shown

_COUNTED_STEPS = ("free_ready", "relets", "committed")
_KEYS = ["size", "isee_band"]
_LISTS = ("applications", "waiting")


def questions(need: NeedResult) -> pd.DataFrame:
    """Return what to ask of the groups without a figure; who was silent, where it may be listed."""
    found = need.not_estimable
    silent = found["not_transmitted"]
    listed = {key: TARGET_GROUPS[key].listed_at("municipality") for key in map(str, found.index)}
    named = [codes if listed[str(key)] else () for key, codes in silent.items()]
    told = found.assign(silent=silent.map(len))
    told["not_transmitted"] = pd.Series(named, index=found.index, dtype=object)
    return told.rename_axis("group").reset_index()


def asked(need: NeedResult, published: bool) -> pd.DataFrame:
    """Return which offices were asked for counts and which answered, and when: for the office alone."""
    names = ["asked", "asked_on", "answered", "answered_on"]
    keys = ["municipality_code", "group"]
    if published or need.book is None or not len(need.book.asked):
        return pd.DataFrame(columns=[*keys, *names])
    rows = need.book.asked.dropna(subset=names, how="all")
    return rows[[*keys, *names]].reset_index(drop=True)


def differences(given: Given, published: bool) -> Shown:
    """Return each count beside its estimate; published, only where neither is small.

    Beside a band there is no difference: it would tell what the band does not.
    """
    own = given.need.differences
    fine = own["group"].map(lambda one: TARGET_GROUPS[one].listed_at("municipality")).astype(bool)
    fine &= own["count"].notna()
    if published:
        fine &= comparable(given.need)
    own = own[fine]
    ends = {f"estimate_{name}": name for name in BOUNDS}
    was = printed(own[[*ends]].rename(columns=ends), False, given.need.parameters)
    count = own["count"].astype(float)
    told = own.assign(
        count=count, day=own["day"].map(lambda one: str(one)[:10]), estimate_low=was["low"],
        estimate_high=was["high"],
        difference=whole(count - own["estimate_central"]).where(was["central"].notna()),
    )  # fmt: skip
    return shown(told.drop(columns="estimate_central"), columns=("count", "difference"))


def compositions(given: Given) -> Shown:
    """Return, of the whole area, how many of a group are of each composition."""
    rows = given.compositions
    found = rows.groupby(["group", "composition"]).agg(
        count=("count", "sum"), municipalities=("municipality_code", "nunique")
    )
    told = found.reset_index()
    blank = sorted(given.composed_hidden - {*found.index})
    if blank:
        told = pd.concat([told, pd.DataFrame(blank, columns=["group", "composition"])])
    told = told.astype({"count": float})
    told["municipalities"] = told["municipalities"].fillna(0).astype(int)
    pairs = zip(told["group"], told["composition"], strict=True)
    told["reserved"] = [pair in given.composed_hidden for pair in pairs]
    told = told.sort_values(["group", "composition"])
    return shown(told, told["count"].isna(), ("count",))


def primary(given: Given) -> Shown:
    """Return the applications and the households waiting, by size and ISEE band, margins included."""
    counted = [f"{name}_{end}" for name in _LISTS for end in ("low", "high")]
    if given.books is None or not len(given.books[0].applications):
        return shown(pd.DataFrame(columns=[*_KEYS, *counted, "municipalities"]), columns=counted)
    low, _, high = (_with_margins(book.primary().reset_index()) for book in given.books)
    found = low.add_suffix("_low").join(high.add_suffix("_high")).reset_index()
    codes = given.books[0].applications["municipality_code"]
    order = {one: at for at, one in enumerate([*map(str, SIZES), *ISEE_BANDS, TOTAL])}
    found = found.sort_values(_KEYS, key=lambda one: one.map(order))
    told = found[[*_KEYS, *counted]].assign(municipalities=len(codes.unique()))
    return shown(told, columns=counted)


def _with_margins(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.astype({"size": int}).astype({"size": str})
    parts = []
    for left in ([], ["size"], ["isee_band"], _KEYS):
        own = rows.assign(**dict.fromkeys(left, TOTAL))
        parts.append(own.groupby(_KEYS)[[*_LISTS]].sum(min_count=1))
    return pd.concat(parts)


def staircase(given: Given) -> tuple[Shown, Shown, Shown] | None:
    """Return the gap on a day, in a year, and the answers by group; None where no supply is given."""
    need, books = given.need, given.books
    if books is None or not (len(books[0].stock) or len(books[0].turnover)):
        return None
    backlog = need.parted().counts
    kinds = [TARGET_GROUPS[str(one)].kind for one in backlog.index.get_level_values("group")]
    backlog = backlog[[one == "stock" for one in kinds]]
    arising = need.flow()
    if not len(backlog) and not len(arising.counts):
        return None
    sizes = need.by_size["central"].groupby(level=1).agg(fsum) if len(need.by_size) else None
    found = [
        gap(Stock(backlog), _sized(book.supply(), sizes), arising=arising, sizes=sizes,
            overrides=need.parameters)
        for book in books
    ]  # fmt: skip
    reserved = given.books_hide or bool(len(given.hidden))
    stock = _graded(_summed(_between([one.stock for one in found])))
    flow = _graded(_summed(_between([one.flow for one in found])))
    answers = _between([one.answers for one in found]).reset_index()
    counted = [one["quality"] == Quality.OBSERVED for one in (stock, flow)]
    told = (printed(stock, counted[0], need.parameters), printed(flow, counted[1], need.parameters),
            printed(answers, False, need.parameters))  # fmt: skip
    first, second, third = (shown(one.assign(reserved=reserved)) for one in told)
    return first, second, third


def _graded(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the steps with their quality: dwellings are counted, all else a model says."""
    counted = steps["step"].isin(_COUNTED_STEPS)
    return steps.assign(quality=np.where(counted, Quality.OBSERVED, Quality.MODELLED))


def _sized(supply: Supply, sizes: pd.Series | None) -> Supply:
    """Return a supply by the sizes that are known; without them it is one."""
    if sizes is not None and fsum(sizes) > 0:
        return supply
    free, relets, committed = (
        pd.Series({ANY_SIZE: fsum(one)}) for one in (supply.free_ready, supply.relets, supply.committed)
    )  # fmt: skip
    return Supply(free_ready=free, relets=relets, committed=committed)


def _between(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the least, the middle and the most of a table computed with three supplies."""
    low, middle, high = tables
    least = pd.concat([low["low"], middle["low"], high["low"]], axis=1).min(axis=1)
    most = pd.concat([low["high"], middle["high"], high["high"]], axis=1).max(axis=1)
    return middle.assign(low=least, high=most)


def _summed(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the steps by size, and their sums over sizes: a surplus fills no other size."""
    every = steps.groupby(level="step", sort=False)[[*BOUNDS]].agg(fsum)
    rows = pd.concat([every.reset_index().assign(size=TOTAL), steps.reset_index()])
    return rows.astype({"size": str})[["size", "step", *BOUNDS]].reset_index(drop=True)
