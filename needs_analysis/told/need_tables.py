"""Counts of need by level as they may be told: rounded, small ones of a model as bands, hidden blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.figures import Figures, Quality, join_vintages
from needs_analysis.needs.groups import AFFORDABILITY, HEADLINE, TARGET_GROUPS, Level
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.own_counts import bounds
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.result import DISTINCT, NeedResult, exact, members_of, sums
from needs_analysis.told.own_counts import Given
from needs_analysis.told.telling import SMALL, Shown

AREA = "area"
_FINER: tuple[Level, ...] = ("region", "province", "ambito", "municipality")
LEVELS: tuple[str, ...] = (AREA, *_FINER)
"""Of the tables, from the widest on; the whole area is the unit ""."""
RATES = ("low_per_1000", "central_per_1000", "high_per_1000")
"""Of the totals: each bound for 1,000 households."""
Marks = Mapping[tuple[str, str], tuple[int, str]]
_NO_MARK = (int(Quality.MISSING), "")


def levels_of(need: NeedResult) -> dict[str, pd.Series]:
    """Return what each municipality is part of, by the levels that an area has.

    A region or a province is one only beside others.
    """
    codes = need.households.index
    found = {AREA: pd.Series("", index=codes)}
    for level in _FINER:
        try:
            units = need.units(level)
        except NeedsError:
            continue
        if level in ("ambito", "municipality") or len(units.unique()) > 1:
            found[level] = units
    return found


def whole(counts: pd.Series) -> pd.Series:
    """Return counts as whole households; a half goes up.

    Examples
    --------
    >>> whole(pd.Series([1.5, 2.4])).tolist()
    [2.0, 2.0]
    """
    return pd.Series(np.floor(counts.astype(float) + 0.5))


def in_figures(counts: pd.Series, figures: int) -> pd.Series:
    """Return counts with so many significant figures, and no decimals; a half goes up.

    Examples
    --------
    >>> in_figures(pd.Series([7.4, 61.5, 363.0, 995.0, 3049.0, np.nan]), 2).tolist()
    [7.0, 62.0, 360.0, 1000.0, 3000.0, nan]
    """
    value = counts.astype(float)
    size = np.floor(np.log10(value.where(value >= 1, 1.0)))
    step = 10.0 ** np.maximum(size - (figures - 1), 0.0)
    return pd.Series(np.floor(value / step + 0.5) * step)


def printed(
    frame: pd.DataFrame, observed: pd.Series | bool, overrides: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return counts as they may leave: whole; those of a model no finer than they are known.

    Notes
    -----
    A modelled count whose interval is wider than a part of it (`need_rounded_width_share`) has few
    significant figures (`need_significant_figures`), as its ends have: rounding keeps their order. Where
    it is small it is a band. What offices counted is as they counted it.

    Examples
    --------
    >>> counts = pd.DataFrame({"low": [3.2, 363.4], "central": [14.0, 1891.3], "high": [31.0, 3049]})
    >>> printed(counts, False).values.tolist()
    [[10.0, nan, 30.0, True], [360.0, 1900.0, 3000.0, False]]
    >>> printed(counts, True).values.tolist()[1]
    [363.0, 1891.0, 3049.0, False]
    """
    values = parameters.values(overrides)
    least, wide = values["need_band_households"], values["need_rounded_width_share"]
    modelled = ~pd.Series(observed, index=frame.index).astype(bool)
    low, central, high = (frame[name].astype(float) for name in BOUNDS)
    coarse = modelled & (high - low > wide * central)
    figures = int(values["need_significant_figures"])
    told = {
        name: whole(frame[name]).mask(coarse, in_figures(frame[name], figures)) for name in BOUNDS
    }
    band = (central < least) & modelled
    band &= high != 0  # what is none at most is none
    few = band & (central < least / 2)
    return frame.assign(
        low=told["low"].mask(band, least // 2).mask(few, 0.0),
        central=told["central"].mask(band),
        high=told["high"].mask(band, least * 3 // 2).mask(few, least // 2),
        band=band,
    )


def shown(
    frame: pd.DataFrame, hidden: pd.Series | bool = False, columns: Sequence[str] = BOUNDS
) -> Shown:
    """Return a table with some columns blank where they are hidden: there they are no band either."""
    at = pd.Series(hidden, index=frame.index).astype(bool).reset_index(drop=True)
    frame = frame.reset_index(drop=True)
    kept = frame.assign(**{name: frame[name].mask(at) for name in columns})
    if "band" in kept:
        kept["band"] = kept["band"].astype(bool) & ~at
    why = pd.Series(np.where(at, SMALL, ""), index=frame.index)
    return Shown(kept, pd.DataFrame(dict.fromkeys(columns, why), index=frame.index))


def apart(table: Shown, levels: Mapping[str, pd.Series]) -> dict[str, Shown]:
    """Return a table whose units are municipalities as one for each, of what the municipality is in.

    Parameters
    ----------
    table : Shown
        level, unit (a municipality code) and the rest.
    levels : mapping of str to Series
        Of :func:`levels_of`.
    """
    codes = table.frame["unit"]
    pairs = zip(table.frame["level"], codes, strict=True)
    units = pd.Series([levels[level][code] for level, code in pairs], codes.index, codes.dtype)
    frame, found = table.frame.assign(unit=units), {}
    for code in map(str, levels[AREA].index):
        own = (codes == code).to_numpy()
        found[code] = Shown(
            frame[own].reset_index(drop=True), table.why[own].reset_index(drop=True)
        )
    return found


def totals(
    given: Given, published: bool, levels: Mapping[str, pd.Series] | None = None
) -> tuple[Shown, Shown]:
    """Return the counts of every level by unit and group, and the distinct households."""
    need, hidden = given.need, given.hidden[given.hidden["what"] == "count"]
    parts, estimates, levels = [], [], levels or levels_of(need)
    for level, units in levels.items():
        found = need.totals(None if level == AREA else level, units).reset_index()  # type: ignore[arg-type]
        held = [one for one in need.held if _fits(one, level)]
        marks = {**_marks(need.groups, units), **_joint(need.groups, held, units)}
        here = need.households.to_numpy(dtype=float)
        households = {unit: exact(here[at]) for unit, at in members_of(units).items()}
        found = _with_reserved(found, hidden, level, units, marks)
        parts.append(
            found.assign(
                households=found["unit"].map(households),
                allocated=found["unit"].isin(_with_allocated(need.groups, held, units)),
            )
        )
        estimates.append(_before(need, units, found))
    frame = pd.concat(parts, ignore_index=True)
    kinds = {key: one.kind for key, one in TARGET_GROUPS.items()}
    told = printed(frame, frame["quality"] == Quality.OBSERVED, need.parameters)
    before = printed(pd.concat(estimates, ignore_index=True), False, need.parameters)["central"]
    moved = whole(frame["difference"])
    uneven = _set_apart(need, frame, levels) if published else pd.Series(False, index=frame.index)
    at = moved.fillna(0.0).ne(0) & before.notna() & told["central"].notna()
    at &= ~uneven & ~_blank(frame)
    told = told.assign(before=before.where(at), difference=moved.where(at), **_rates(frame, told))
    of_groups = told["group"] != DISTINCT
    groups = told[of_groups].assign(kind=told["group"].map(kinds)).drop(columns="allocated")
    union = told[~of_groups].drop(columns=["group", "before", "difference"])
    return shown(groups, _blank(groups), (*BOUNDS, *RATES)), shown(union)


def _before(need: NeedResult, units: pd.Series, found: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates of rows by unit and group as they were before own counts were put in."""
    keys = pd.MultiIndex.from_frame(found[["unit", "group"]])
    was = sums(bounds(need.before), units, [*map(str, need.before.data)])
    return was[[*BOUNDS]].reindex(keys).set_axis(found.index)


def _rates(frame: pd.DataFrame, told: pd.DataFrame) -> dict[str, pd.Series]:
    """Return whole households for 1,000 there are: of the counts before rounding, of a band's ends."""
    counts = {name: frame[name].where(~told["band"], told[name]) for name in BOUNDS}
    return {rate: whole(1000 * counts[name] / frame["households"])
            for rate, name in zip(RATES, BOUNDS, strict=True)}  # fmt: skip


def _fits(group: str, level: str) -> bool:
    return level != "municipality" or TARGET_GROUPS[group].listed_at("municipality")


def _blank(frame: pd.DataFrame) -> pd.Series:
    """Say where a hidden count is the number itself, not a part of it."""
    alone = (frame["level"] == "municipality") | (frame["known"] == 0)
    return pd.Series(frame["reserved"] & alone & (frame["group"] != DISTINCT))


def _with_reserved(
    found: pd.DataFrame, hidden: pd.DataFrame, level: str, units: pd.Series, marks: Marks
) -> pd.DataFrame:
    """Return counts of a level with the rows of hidden ones, marked, and quality and vintage of all."""
    here = hidden[hidden["group"].map(lambda one: _fits(one, level)).astype(bool)]
    reserved = {*zip(here["municipality_code"].map(units), here["group"], strict=True)}
    reserved |= {(unit, DISTINCT) for unit, group in reserved if group in HEADLINE}
    sizes = units.groupby(units).size()
    groups = {group for _, group in reserved} - {*found["group"], DISTINCT}
    absent = [
        {"unit": unit, "group": group, "known": 0, "municipalities": size}
        for group in sorted(groups)
        for unit, size in sizes.items()
    ]
    if absent:
        found = pd.concat([found, pd.DataFrame(absent)], ignore_index=True)
    order = {group: at for at, group in enumerate([*TARGET_GROUPS, DISTINCT])}
    found = (
        found.assign(at=found["group"].map(order)).sort_values(["unit", "at"]).drop(columns="at")
    )
    pairs = [*zip(found["unit"], found["group"], strict=True)]
    return found.assign(
        level=level,
        quality=[marks.get(pair, _NO_MARK)[0] for pair in pairs],
        vintage=[marks.get(pair, _NO_MARK)[1] for pair in pairs],
        reserved=[pair in reserved for pair in pairs],
    )


def _marks(figures: Figures, units: pd.Series) -> Marks:
    """Return the worst quality and the vintages of the counts of each unit and group."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    members = members_of(units)
    for group in map(str, figures.data):
        at = figures.data[group].notna().to_numpy()
        quality, vintage = figures.quality[group].to_numpy(), figures.vintage[group].to_numpy()
        for unit, all_of in members.items():
            here = all_of[at[all_of]]
            if len(here):
                found[unit, group] = int(quality[here].max()), join_vintages({*vintage[here]})
    return found


def _joint(figures: Figures, held: Sequence[str], units: pd.Series) -> Marks:
    """Return quality and vintages of the distinct households: of several groups they are a model's."""
    marks, found = _marks(figures.columns([*held]), units), {}
    for unit in units.unique():
        of = [marks[unit, one] for one in held if (unit, one) in marks]
        if of:
            worst = max(quality for quality, _ in of)
            several = max(worst, int(Quality.MODELLED)) if len(of) > 1 else worst
            found[unit, DISTINCT] = (several, join_vintages(vintage for _, vintage in of))
    return found


def _with_allocated(figures: Figures, held: Sequence[str], units: pd.Series) -> set[str]:
    """Return the units whose distinct households hold a count that is allocated from a province."""
    allocated = (figures.quality[[*held]] == int(Quality.ALLOCATED)).any(axis=1)
    return {*units[allocated.reindex(units.index)]}


def _set_apart(need: NeedResult, frame: pd.DataFrame, levels: Mapping[str, pd.Series]) -> pd.Series:
    """Say in which sums a count that is not to be set against its estimate would be."""
    few = need.differences[~comparable(need)]
    found = {
        (level, unit, group)
        for level, units in levels.items()
        for unit, group in zip(few["municipality_code"].map(units), few["group"], strict=True)
    }
    keys = zip(frame["level"], frame["unit"], frame["group"], strict=True)
    return pd.Series([key in found for key in keys], index=frame.index)


def comparable(need: NeedResult) -> pd.Series:
    """Say which counts may be set against their estimate outside the office: neither is small."""
    least = parameters.values(need.parameters)["need_difference_households_min"]
    own = need.differences
    estimate = own["estimate_central"].astype(float)
    return (own["count"].astype(float) >= least) & ~(estimate < least)


def yearly(given: Given, levels: Mapping[str, pd.Series] | None = None) -> Shown:
    """Return the households of a year by level, unit and group."""
    need, hidden = given.need, given.hidden[given.hidden["what"] == "arising"]
    parts = []
    for level, units in (levels or levels_of(need)).items():
        groups = [one for one in TARGET_GROUPS if one in need.flows.data and _fits(one, level)]
        found = sums(bounds(need.flows), units, groups).reset_index()
        parts.append(_with_reserved(found, hidden, level, units, _marks(need.flows, units)))
    frame = pd.concat(parts, ignore_index=True)
    told = printed(frame, frame["quality"] == Quality.OBSERVED, need.parameters)
    return shown(told, _blank(told))


def by_size(given: Given, levels: Mapping[str, pd.Series] | None = None) -> Shown:
    """Return the tenants that pay too much by size, of the area and of what is wider than a place."""
    need, hidden = given.need, given.hidden
    codes = hidden.loc[hidden["group"] == AFFORDABILITY, "municipality_code"]
    columns = ["level", "unit", "size", *BOUNDS, "known", "municipalities", "quality", "reserved"]
    parts = []
    rows = need.by_size.reset_index(names=["municipality_code", "size"]) if len(need.by_size) else (
        pd.DataFrame(columns=["municipality_code", "size", *BOUNDS])
    )  # fmt: skip
    rows = rows[rows["central"].notna()]  # what is not known is no row, and never 0
    counted = need.groups.quality.get(AFFORDABILITY, pd.Series(dtype=int)) == int(Quality.OBSERVED)
    nobody = counted & (need.groups.data.get(AFFORDABILITY, pd.Series(dtype=float)) == 0)
    # A count is parted among the sizes as the model has them; of nobody there is nobody in any.
    observed = rows["municipality_code"].map(nobody).astype(bool)
    rows = rows.assign(quality=np.where(observed, int(Quality.OBSERVED), int(Quality.MODELLED)))
    for level, units in (levels or levels_of(need)).items():
        if level != "municipality":
            by = [rows["municipality_code"].map(units).rename("unit"), rows["size"]]
            by_unit = rows.groupby(by)
            found = by_unit[[*BOUNDS]].agg(fsum)
            found = found.assign(
                known=by_unit.size(), quality=by_unit["quality"].max()
            ).reset_index()
            reserved = found["unit"].isin(codes.map(units))
            sizes = found["unit"].map(units.value_counts())
            parts.append(
                found.assign(level=level, reserved=reserved, municipalities=sizes)[columns]
            )
    every = pd.concat(parts, ignore_index=True)
    return shown(printed(every, every["quality"] == Quality.OBSERVED, need.parameters))


def diffuse(given: Given) -> Shown:
    """Return the spread discomfort of the provinces and regions that the area is in."""
    return shown(printed(given.need.diffuse.reset_index(), False, given.need.parameters))
