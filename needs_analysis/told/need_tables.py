"""The tables of need as they may be told: rounded, small ones of a model as bands, hidden ones blank."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.disclosure import TOTAL
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.needs.groups import HEADLINE, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS, Flow, Stock
from needs_analysis.needs.own_counts import bounds
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.result import DISTINCT, NeedResult, sums
from needs_analysis.needs.staircase import ANY_SIZE, gap
from needs_analysis.needs.supply import Supply
from needs_analysis.told.own_counts import Given
from needs_analysis.told.telling import SMALL, Shown

AREA = "area"
LEVELS: tuple[str, ...] = (AREA, "region", "province", "ambito", "municipality")
"""Of the tables, from the widest on; the whole area is the unit ""."""
ESTIMATE_MIN = 10
"""Under it, on either side, a count is set against its estimate in the internal profile alone."""
_COUNTED_STEPS = ("free_ready", "relets", "committed")


def levels_of(need: NeedResult) -> dict[str, pd.Series]:
    """Return what each municipality is part of, by the levels that an area has.

    A region or a province is one only beside others.
    """
    codes = need.households.index
    found = {AREA: pd.Series("", index=codes)}
    for level in ("region", "province", "ambito", "municipality"):
        try:
            units = need.units(level)  # type: ignore[arg-type]
        except NeedsError:
            continue
        if level in ("ambito", "municipality") or len(units.unique()) > 1:
            found[level] = units
    return found


def printed(frame: pd.DataFrame, observed: pd.Series | bool) -> pd.DataFrame:
    """Return counts as they may leave: whole, and in a band where a model made them and they are few.

    Examples
    --------
    >>> counts = pd.DataFrame({"low": [3.2, 40.4], "central": [14.0, 61.4], "high": [31.0, 89.6]})
    >>> printed(counts, False).values.tolist()
    [[10.0, nan, 30.0, True], [40.0, 61.0, 90.0, False]]
    """
    least = parameters.value("need_band_households")
    central = frame["central"].astype(float)
    band = (central < least) & ~pd.Series(observed, index=frame.index).astype(bool)
    few = central < least / 2
    whole = {name: np.floor(frame[name].astype(float) + 0.5) for name in BOUNDS}
    low = whole["low"].mask(band, least / 2).mask(band & few, 0.0)
    high = whole["high"].mask(band, np.floor(least * 1.5)).mask(band & few, np.floor(least / 2))
    return frame.assign(low=low, central=whole["central"].mask(band), high=high, band=band)


def shown(frame: pd.DataFrame, why: pd.Series, columns: Sequence[str] = BOUNDS) -> Shown:
    """Return a table with some columns blank where there is a reason."""
    frame, why = frame.reset_index(drop=True), why.reset_index(drop=True)
    kept = frame.assign(**{name: frame[name].mask(why != "") for name in columns})
    return Shown(kept, pd.DataFrame(dict.fromkeys(columns, why), index=frame.index))


# --- counts by level ---------------------------------------------------------------------------


def totals(given: Given, published: bool) -> tuple[Shown, Shown]:
    """Return the counts of every level by unit and group, and the distinct households."""
    need = given.need
    parts = [_level(need, given.hidden, level, units) for level, units in levels_of(need).items()]
    order = {group: at for at, group in enumerate([*TARGET_GROUPS, DISTINCT])}
    frame = pd.concat(
        [
            part.assign(at=part["group"].map(order)).sort_values(["unit", "at"]).drop(columns="at")
            for part in parts
        ],
        ignore_index=True,
    )
    told = printed(frame, frame["quality"] == Quality.OBSERVED)
    few = _set_against(need, frame) if published else pd.Series(False, index=frame.index)
    before = np.floor(frame["before"].astype(float) + 0.5)
    moved = told["central"] - before
    at = told["difference"].ne(0) & ~few & moved.notna()
    told = told.assign(before=before.where(at), difference=moved.where(at))
    own = (told["level"] == "municipality") & told["reserved"] | told["reserved"] & ~told[
        "known"
    ].gt(0)
    of_groups = told["group"] != DISTINCT
    why = pd.Series(np.where(own & of_groups, SMALL, ""), index=told.index)
    groups = shown(told[of_groups], why[of_groups])
    union = told[~of_groups].drop(columns=["group", "kind", "before", "difference"])
    return groups, shown(union, why[~of_groups])


def _level(need: NeedResult, hidden: pd.DataFrame, level: str, units: pd.Series) -> pd.DataFrame:
    found = need.totals(None if level == AREA else level).reset_index()  # type: ignore[arg-type]
    listed = [
        one for one in dict.fromkeys(hidden["group"])
        if level != "municipality" or TARGET_GROUPS[one].listed_at("municipality")
    ]  # fmt: skip
    here = hidden[hidden["group"].isin(listed)]
    of = here["municipality_code"].map(units)
    reserved = {*zip(of, here["group"], strict=True)}
    reserved |= {(unit, DISTINCT) for unit, group in reserved if group in HEADLINE}
    sizes = units.groupby(units).size()
    known = {*zip(found["unit"], found["group"], strict=True)}
    absent = [
        {"unit": unit, "group": group, "known": 0, "municipalities": sizes[unit], "difference": 0.0}
        for unit, group in sorted(reserved - known)
    ]
    if absent:
        found = pd.concat([found, pd.DataFrame(absent)], ignore_index=True)
    households = need.households.groupby(units).agg(lambda some: fsum(some.dropna()))
    pairs = [*zip(found["unit"], found["group"], strict=True)]
    marks = _marks(need, units, level)
    return found.assign(
        level=level,
        households=found["unit"].map(households),
        quality=[marks[0].get(pair, int(Quality.MISSING)) for pair in pairs],
        vintage=[marks[1].get(pair, "") for pair in pairs],
        kind=[TARGET_GROUPS[one].kind if one in TARGET_GROUPS else "" for one in found["group"]],
        reserved=[pair in reserved for pair in pairs],
    )


def _marks(
    need: NeedResult, units: pd.Series, level: str
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], str]]:
    """Return the worst quality and the vintages of the counts of each unit and group.

    Distinct households of several groups are a model's.
    """
    quality: dict[tuple[str, str], int] = {}
    vintage: dict[tuple[str, str], str] = {}
    fine = "municipality" if level == "municipality" else "region"
    held = [one for one in need.held if TARGET_GROUPS[one].listed_at(fine)]
    for group in need.groups.data:
        known = need.groups.data[group].notna()
        worst = need.groups.quality.loc[known, group].groupby(units[known]).max()
        joined = need.groups.vintage.loc[known, group].groupby(units[known]).agg(join_vintages)
        quality |= {(unit, group): int(one) for unit, one in worst.items()}
        vintage |= {(unit, group): one for unit, one in joined.items()}
    for unit in units.unique():
        codes = [quality[unit, one] for one in held if (unit, one) in quality]
        if codes:
            several = [int(Quality.MODELLED)] if len(codes) > 1 else []
            quality[unit, DISTINCT] = max(codes + several)
            texts = [vintage[unit, one] for one in held if (unit, one) in vintage]
            vintage[unit, DISTINCT] = join_vintages(texts)
    return quality, vintage


def _set_against(need: NeedResult, frame: pd.DataFrame) -> pd.Series:
    """Say in which sums a count under the least stands against its estimate, or an estimate does."""
    own = need.differences
    few = own[~_comparable(own)]
    levels = levels_of(need)
    found = {
        (level, unit, group)
        for level, units in levels.items()
        for unit, group in zip(few["municipality_code"].map(units), few["group"], strict=True)
    }
    keys = zip(frame["level"], frame["unit"], frame["group"], strict=True)
    return pd.Series([key in found for key in keys], index=frame.index)


def _comparable(own: pd.DataFrame) -> pd.Series:
    estimate = own["estimate_central"].astype(float)
    return (own["count"].astype(float) >= ESTIMATE_MIN) & ~(estimate < ESTIMATE_MIN)


def yearly(given: Given) -> Shown:
    """Return the households of a year by level, unit and group."""
    need, parts = given.need, []
    for level, units in levels_of(need).items():
        fine = "municipality" if level == "municipality" else "region"
        groups = [
            one for one in need.flows.data if one in TARGET_GROUPS and TARGET_GROUPS[one].listed_at(fine)
        ]  # fmt: skip
        found = sums(bounds(need.flows), units, groups).reset_index()
        quality = _worst(need.flows, units)
        found["quality"] = [
            quality.get(pair, int(Quality.MISSING))
            for pair in zip(found["unit"], found["group"], strict=True)
        ]
        here = given.hidden["municipality_code"].map(units)
        reserved = {*zip(here, given.hidden["group"], strict=True)}
        found["reserved"] = [
            pair in reserved for pair in zip(found["unit"], found["group"], strict=True)
        ]
        parts.append(found.assign(level=level))
    frame = pd.concat(parts, ignore_index=True)
    told = printed(frame, frame["quality"] == Quality.OBSERVED)
    return shown(told, pd.Series("", index=told.index))


def _worst(figures: Figures, units: pd.Series) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for group in figures.data:
        known = figures.data[group].notna()
        worst = figures.quality.loc[known, group].groupby(units[known]).max()
        found |= {(str(unit), str(group)): int(one) for unit, one in worst.items()}
    return found


def by_size(given: Given) -> Shown:
    """Return the tenants that pay too much by size, of the area and of each ambito."""
    need = given.need
    columns = ["level", "unit", "size", *BOUNDS]
    frame = pd.DataFrame(columns=columns)
    if len(need.by_size):
        parts = []
        rows = (
            need.by_size[[*BOUNDS]].rename_axis(index=["municipality_code", "size"]).reset_index()
        )
        for level, units in levels_of(need).items():
            if level != "municipality":
                by = [rows["municipality_code"].map(units).rename("unit"), rows["size"]]
                found = rows.groupby(by)[[*BOUNDS]].agg(lambda some: fsum(some.dropna()))
                parts.append(found.reset_index().assign(level=level))
        frame = pd.concat(parts, ignore_index=True)[columns]
    told = printed(frame, False)
    here = {code for code, one in zip(given.hidden["municipality_code"], given.hidden["group"],
                                      strict=True) if one == "affordability"}  # fmt: skip
    marks = {(level, units[code]) for level, units in levels_of(need).items() for code in here}
    told["reserved"] = [pair in marks for pair in zip(told["level"], told["unit"], strict=True)]
    return shown(told, pd.Series("", index=told.index))


# --- what was asked, what was counted ----------------------------------------------------------


def questions(need: NeedResult) -> pd.DataFrame:
    """Return what to ask of the groups without a figure; of some groups by how many, not by whom."""
    found = need.not_estimable.copy()
    found["silent"] = found["not_transmitted"].map(len)
    fine = [TARGET_GROUPS[key].listed_at("municipality") for key in found.index]
    found["not_transmitted"] = [
        codes if listed else ()
        for codes, listed in zip(found["not_transmitted"], fine, strict=True)
    ]
    return found.rename_axis("group").reset_index()


def differences(given: Given, published: bool) -> Shown:
    """Return each count beside its estimate; published, only where neither is small."""
    own = given.need.differences
    fine = own["group"].map(lambda one: TARGET_GROUPS[one].listed_at("municipality")).astype(bool)
    own = own[fine & own["count"].notna()]
    if published:
        own = own[_comparable(own)]
    ends = {name: np.floor(own[name].astype(float) + 0.5)
            for name in ("estimate_low", "estimate_central", "estimate_high")}  # fmt: skip
    told = own.assign(**ends)
    told["difference"] = (told["count"] - told["estimate_central"]).astype(float)
    told["day"] = told["day"].map(str)
    told = told.drop(columns="estimate_central").reset_index(drop=True)
    return shown(told, pd.Series("", index=told.index), ("count",))


def compositions(given: Given) -> Shown:
    """Return, of the whole area, how many of a group are of each composition."""
    rows = given.compositions
    found = rows.groupby(["group", "composition"], sort=False).agg(
        count=("count", "sum"), municipalities=("municipality_code", "nunique")
    )
    index = (
        pd.MultiIndex.from_tuples(
            dict.fromkeys([*found.index, *sorted(given.composed_hidden)]),
            names=["group", "composition"],
        )
        if len(found) or given.composed_hidden
        else found.index
    )
    found = found.reindex(index)
    found["municipalities"] = found["municipalities"].fillna(0).astype(int)
    found["reserved"] = [key in given.composed_hidden for key in found.index]
    told = found.reset_index().astype({"count": float})
    return shown(told, pd.Series(np.where(told["count"].isna(), SMALL, ""), told.index), ("count",))


def primary(given: Given) -> Shown:
    """Return the applications and the households waiting, by size and ISEE band, margins included."""
    names = ("applications", "waiting")
    keys = ["size", "isee_band"]
    columns = [*keys, *(f"{name}_{end}" for name in names for end in ("low", "high")),
               "municipalities"]  # fmt: skip
    if given.books is None or not len(given.books[0].applications):
        return Shown(pd.DataFrame(columns=columns), pd.DataFrame())
    ends = {}
    for end, book in (("low", given.books[0]), ("high", given.books[2])):
        ends[end] = _with_margins(book.primary().reset_index(), keys, names)
    found = ends["low"].join(ends["high"], lsuffix="_low", rsuffix="_high")
    transmitted = given.books[0].applications["municipality_code"].nunique()
    told = found.reset_index().assign(municipalities=transmitted)[columns]
    counted = [one for one in columns if one not in (*keys, "municipalities")]
    return shown(told, pd.Series("", index=told.index), counted)


def _with_margins(rows: pd.DataFrame, keys: list[str], names: Sequence[str]) -> pd.DataFrame:
    rows = rows.astype({"size": int}).astype({"size": str})
    parts = []
    for left in ([], ["size"], ["isee_band"], keys):
        own = rows.assign(**dict.fromkeys(left, TOTAL))
        parts.append(own.groupby(keys)[[*names]].sum(min_count=1))
    return pd.concat(parts)


# --- the gap -----------------------------------------------------------------------------------


def staircase(given: Given) -> tuple[Shown, Shown, Shown] | None:
    """Return the gap on a day, in a year, and the answers by group; None where no supply is given."""
    need, books = given.need, given.books
    if books is None or not (len(books[0].stock) or len(books[0].turnover)):
        return None
    backlog = need.parted().counts
    kinds = [TARGET_GROUPS[one].kind for one in backlog.index.get_level_values("group")]
    backlog = backlog[[one == "stock" for one in kinds]]
    arising = need.flow()
    if not len(backlog) and not len(arising.counts):
        return None
    sizes = None
    if len(need.by_size):
        sizes = need.by_size["central"].groupby(level=1).agg(fsum)
    found = [
        gap(Stock(backlog), _sized(book.supply(), sizes), arising=Flow(arising.counts),
            sizes=sizes, overrides=need.parameters)
        for book in books
    ]  # fmt: skip
    frames = [
        _between([getattr(one, name) for one in found]) for name in ("stock", "flow", "answers")
    ]
    stock, flow, answers = frames
    stock, flow = (_summed(one) for one in (stock, flow))
    counted = [one["step"].isin(_COUNTED_STEPS) for one in (stock, flow)]
    told = [printed(stock, counted[0]), printed(flow, counted[1]),
            printed(answers.reset_index(), False)]  # fmt: skip
    reserved = bool(len(given.hidden))
    first, second, third = (
        shown(one.assign(reserved=reserved), pd.Series("", index=one.index)) for one in told
    )
    return first, second, third


def _sized(supply: Supply, sizes: pd.Series | None) -> Supply:
    if sizes is not None and fsum(sizes) > 0:
        return supply
    names = ("free_ready", "relets", "committed")
    return Supply(**{one: pd.Series({ANY_SIZE: fsum(getattr(supply, one))}) for one in names})


def _between(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the least, the middle and the most of a table computed with three supplies."""
    low, middle, high = tables
    least = pd.concat([low["low"], middle["low"], high["low"]], axis=1).min(axis=1)
    most = pd.concat([low["high"], middle["high"], high["high"]], axis=1).max(axis=1)
    return middle.assign(low=least, high=most)


def _summed(steps: pd.DataFrame) -> pd.DataFrame:
    """Return the steps by size, and their sums over sizes: a surplus fills no other size."""
    whole = steps.groupby(level="step", sort=False)[[*BOUNDS]].agg(fsum)
    rows = pd.concat([whole.reset_index().assign(size=TOTAL), steps.reset_index()])
    return rows.astype({"size": str})[["size", "step", *BOUNDS]].reset_index(drop=True)
