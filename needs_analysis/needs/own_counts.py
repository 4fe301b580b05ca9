"""What an office counted, in the place of what was estimated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import NOWHERE, Problem, Where
from needs_analysis.figures import Figures, Quality, wanted_frame
from needs_analysis.needs.groups import TARGET_GROUPS, TargetGroup, in_words
from needs_analysis.needs.intervals import BOUNDS, Interval, assumption
from needs_analysis.needs.problems import problem

COLUMNS = ("municipality_code", "group", "count", "day")
DIFFERENCES = (*COLUMNS, "estimate_low", "estimate_central", "estimate_high", "difference")


@dataclass(frozen=True, eq=False)
class Applied:
    """Figures with an office's counts in their place.

    Parameters
    ----------
    groups, flows : Figures
        Households by municipality and group, on a day and in a year.
    differences : DataFrame
        A row a count: what the estimate was and by how much the cell moves.
    not_transmitted : DataFrame
        The municipalities and groups that were asked and did not answer.
    """

    groups: Figures
    flows: Figures
    differences: pd.DataFrame
    not_transmitted: pd.DataFrame


def sound_counts(
    own: pd.DataFrame, households: pd.Series, *, as_of: dt.date | None = None
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return the own counts that can be used, and what is wrong with the others.

    Parameters
    ----------
    own : DataFrame
        `municipality_code`, `group`, `count` (households, or persons where the group counts them;
        NaN is not transmitted), `day`, and, where known, `arising` in a year, and the `sheet` and `row`
        that they were read from.
    households : Series, by municipality_code
        All there are.
    as_of : date, optional
        No count can be later.

    Returns
    -------
    counts : DataFrame
        Those of which nothing is wrong.
    wrong : tuple of Problem
        A municipality outside the area, an unknown group, one that stands twice, a missing or late
        day, a negative or broken number, more than the households there are.
    """
    frame = wanted_frame(own, *COLUMNS).reset_index(drop=True)
    if "arising" not in frame:
        frame = frame.assign(arising=np.nan)
    twice = frame.duplicated(["municipality_code", "group"])
    wrong = [
        tuple(
            one.at(_where(row))
            for one in _wrong(row, again=again, households=households, as_of=as_of)
        )
        for row, again in zip(frame.to_dict("records"), twice, strict=True)
    ]
    sound = frame[np.array([not one for one in wrong], dtype=bool)].reset_index(drop=True)
    return sound.astype({"count": float, "arising": float}), tuple(chain(*wrong))


def _where(row: Mapping[Hashable, Any]) -> Where:
    """Return the place of a count that was read from a workbook."""
    if "sheet" not in row or pd.isna(row["sheet"]):
        return NOWHERE
    return Where(sheet=str(row["sheet"]), rows=(int(row["row"]),))


def _wrong(
    row: Mapping[Hashable, Any], *, again: bool, households: pd.Series, as_of: dt.date | None
) -> list[Problem]:
    place, key = str(row["municipality_code"]), str(row["group"])
    if key not in TARGET_GROUPS:
        return [problem("count_unknown_group", place=place, group=key, known=tuple(TARGET_GROUPS))]
    named = {"place": place, "group": in_words(key)}
    if place not in households.index:
        return [problem("count_outside", **named)]
    found = [problem("count_twice", **named)] if again else []
    numbers = [float(row[name]) for name in ("count", "arising")]
    given = [number for number in numbers if not np.isnan(number)]
    day = row["day"]
    if given and pd.isna(day):
        found.append(problem("count_no_day", **named))
    elif given and as_of is not None and pd.Timestamp(str(day)).date() > as_of:
        found.append(problem("count_late", day=pd.Timestamp(str(day)).date(), **named))
    for number in given:
        if number < 0:
            found.append(problem("count_negative", count=number, **named))
        elif number % 1:
            found.append(problem("count_not_whole", count=number, **named))
    held = float(households[place])
    if given and np.isnan(held):
        found.append(problem("no_households", units=(place,)))
    least = _per_count(TARGET_GROUPS[key], None).low
    if numbers[0] * least > held:
        found.append(problem("count_over", count=numbers[0], households=held, **named))
    return found


def _per_count(group: TargetGroup, overrides: Mapping[str, float] | None) -> Interval:
    """Return the households that one of what the group counts stands for."""
    if not group.per_person:
        return Interval(1.0, 1.0, 1.0)
    return assumption(group.per_person, overrides)


def put_in_place(
    groups: Figures,
    flows: Figures,
    own: pd.DataFrame,
    overrides: Mapping[str, float] | None = None,
) -> Applied:
    """Put counts in the place of estimates; no other cell changes.

    Parameters
    ----------
    groups, flows : Figures
        Estimates by municipality and group, on a day and in a year.
    own : DataFrame
        Of :func:`sound_counts`.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    Applied
        Where only a year's arising is given of a group of flow, its stock follows from it.
    """
    before = groups
    stocks, yearly = _Parts(groups), _Parts(flows)
    for row in own.to_dict("records"):
        group = TARGET_GROUPS[row["group"]]
        per, day = _per_count(group, overrides), _day(row["day"])
        at = (row["municipality_code"], row["group"])
        if not np.isnan(row["count"]):
            stocks.put(*at, Interval(*(row["count"] * one for one in per)), Quality.OBSERVED, day)
        elif group.years and not np.isnan(row["arising"]):
            years = assumption(group.years, overrides)
            stock = Interval(*(row["arising"] * one for one in years))
            stocks.put(*at, stock, Quality.MODELLED, day)
        if not np.isnan(row["arising"]):
            arising = Interval(*(row["arising"] * one for one in per))
            yearly.put(*at, arising, Quality.OBSERVED, day)
    silent = own[own["count"].isna() & own["arising"].isna()]
    after = stocks.figures()
    return Applied(
        after, yearly.figures(), _differences(own, before, after),
        silent[["municipality_code", "group"]].reset_index(drop=True),
    )  # fmt: skip


def _day(day: Any) -> str:
    return "" if pd.isna(day) else str(pd.Timestamp(str(day)).date())


class _Parts:
    """The parts of figures, to be changed cell by cell."""

    def __init__(self, figures: Figures) -> None:
        self.of = figures
        names = ("low", "data", "high", "quality", "vintage")
        self.parts: dict[str, pd.DataFrame] = {
            name: getattr(figures, name).copy() for name in names
        }

    def put(self, unit: str, group: str, count: Interval, quality: Quality, day: str) -> None:
        blank: dict[str, Any] = {"quality": np.int8(Quality.MISSING), "vintage": ""}
        values: dict[str, Any] = {"low": count.low, "data": count.central, "high": count.high,
                  "quality": np.int8(quality), "vintage": day}  # fmt: skip
        for name, value in values.items():
            if group not in self.parts[name]:
                self.parts[name][group] = blank.get(name, np.nan)
            self.parts[name].loc[unit, group] = value

    def figures(self) -> Figures:
        parts = dict(self.parts)
        parts["quality"] = parts["quality"].astype("int8")
        return Figures(**parts, sources=self.of.sources)


def _differences(own: pd.DataFrame, before: Figures, after: Figures) -> pd.DataFrame:
    rows = []
    for row in own.to_dict("records"):
        unit, group = row["municipality_code"], row["group"]
        if np.isnan(row["count"]) and np.isnan(row["arising"]):
            continue
        known = group in before.data and group in after.data
        was = [
            float(getattr(before, name).loc[unit, group]) if known else np.nan
            for name in ("low", "data", "high")
        ]
        now = after.value(unit, group) if group in after.data else np.nan
        moved = now - (0.0 if np.isnan(was[1]) else was[1])
        rows.append([unit, group, row["count"], row["day"], *was, moved])
    return pd.DataFrame(rows, columns=[*DIFFERENCES])


def bounds(figures: Figures) -> dict[str, pd.DataFrame]:
    """Return the low, central and high counts of figures; a count without an interval is its own."""
    central = figures.data.astype(float)
    low, high = (part.where(part.notna(), central) for part in (figures.low, figures.high))
    return dict(zip(BOUNDS, (low, central, high), strict=True))
