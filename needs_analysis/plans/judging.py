"""What the rows of an office's input cannot be together: of others, twice, over the stock or a share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from needs_analysis import parameters
from needs_analysis.errors import Problem
from needs_analysis.plans.problems import problem
from needs_analysis.plans.reserves import BODY, RULES, Rule, counted_once, due, exact, most_units
from needs_analysis.plans.schema import KEYS, KINDS, OUTSIDE_STOCK, OWNERS, SERVICES, TABLE_OF
from needs_analysis.services.files.cells import Problems, Sheet
from needs_analysis.territory import normalise
from needs_analysis.words import ITALIAN

Found = Iterator[tuple[str, str, int, Problem]]
"""Table, column, row and what is wrong there."""


@dataclass(frozen=True)
class Asked:
    """Of whom the input has to be.

    Parameters
    ----------
    kind : str
        "annual", "triennial" or "zone".
    year : int
        The first of the plan.
    name : str
        Of the area.
    places : mapping of str to str
        Names of its municipalities by code.
    today : date
        No day is later.
    overrides : mapping of str to float
        A study's parameters.
    """

    kind: str
    year: int
    name: str
    places: Mapping[str, str]
    today: dt.date
    overrides: Mapping[str, float]

    def of(self, row: Mapping[str, object] | pd.Series) -> dict[str, str]:
        """Return the place and the owner of a row, as messages say them."""
        return {"place": self.place(row["municipality_code"]), "owner": OWNERS[str(row["owner"])]}

    def place(self, code: object) -> str:
        """Return the name of a municipality, its code outside the area."""
        return self.places.get(str(code), str(code))


def judge(
    asked: Asked, sheets: Mapping[str, Sheet], problems: Problems
) -> Callable[[Mapping[str, pd.DataFrame]], None]:
    """Return what notes the problems of the tables of an input together."""

    def judged(frames: Mapping[str, pd.DataFrame]) -> None:
        for table, column, row, what in found(asked, frames):
            problems.add_rows(sheets[table], column, [row], what)
        if len(frames["about"]) != 1:
            many = problem("about_rows", found=len(frames["about"]))
            problems.add(sheets["about"], "", many)

    return judged


def found(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> Found:
    """Give all that is wrong with the tables of an input, together."""
    of_others = list(whose(asked, frames["about"])) if len(frames["about"]) == 1 else []
    yield from of_others
    for name, frame in frames.items():
        if "ambito_name" not in {column for _, column, _, _ in of_others}:
            yield from _places(asked, name, frame)
        yield from _days(asked, name, frame)
        yield from _twice(name, frame)
    if "assignable" in frames:
        yield from _units(frames["assignable"])
        yield from _over_stock(asked, frames["assignable"], frames["stock"])
        yield from _reserves(asked, frames)
    if "empty" in frames:
        yield from _empty(frames["empty"])


def whose(asked: Asked, frame: pd.DataFrame) -> Found:
    """Give what is of another area, kind or year in the first row of the sheet "piano"."""
    row, at = frame.iloc[0], int(frame.index[0])
    name = str(row["ambito_name"]) if pd.notna(row["ambito_name"]) else ""
    if name and normalise(name) != normalise(asked.name):
        yield "about", "ambito_name", at, problem("other_area", found=name, wanted=asked.name)
    if pd.notna(row["kind"]) and row["kind"] != asked.kind:
        kinds = {"found": KINDS[str(row["kind"])], "wanted": KINDS[asked.kind]}
        yield "about", "kind", at, problem("other_kind", **kinds)
    if pd.notna(row["year"]) and row["year"] != asked.year:
        years = {"found": int(row["year"]), "wanted": asked.year}
        yield "about", "year", at, problem("other_year", **years)


def _places(asked: Asked, name: str, frame: pd.DataFrame) -> Found:
    for column in ("municipality_code", "lead_code"):
        if column in frame:
            out = frame[column].notna() & ~frame[column].isin([*asked.places])
            for row, code in frame.loc[out, column].items():
                yield name, column, int(str(row)), problem("outside", place=str(code))


def _days(asked: Asked, name: str, frame: pd.DataFrame) -> Found:
    if "day" not in frame:
        return
    counts = [
        one.name for one in TABLE_OF[name].fields if one.kind == "integer" and not one.required
    ]
    bare = frame["day"].isna() & frame[counts].notna().any(axis=1)
    for row in frame.index[bare]:
        yield name, "day", int(row), problem("no_day")
    late = frame["day"] > pd.Timestamp(asked.today)
    for row, day in frame.loc[late, "day"].items():
        yield name, "day", int(str(row)), problem("late", day=day.date())


def _twice(name: str, frame: pd.DataFrame) -> Found:
    keys = [*KEYS.get(name, ())]
    if not keys:
        return
    whole = frame.dropna(subset=["municipality_code"])
    first = whole.reset_index(names="row").groupby(keys, dropna=False)["row"].transform("first")
    spelled = tuple(TABLE_OF[name].field(one).header for one in keys)
    for row, before in zip(whole.index, first, strict=True):
        if row != before:
            yield name, keys[0], int(row), problem("twice", row=int(before), keys=spelled)


def _units(frame: pd.DataFrame) -> Found:
    coded = frame["unit_code"].notna() & (frame["unit_code"] != "")
    for row in frame.index[frame["units"].isna() & ~coded]:
        yield "assignable", "units", int(row), problem("units_missing")
    for row, units in frame.loc[coded & (frame["units"] > 1), "units"].items():
        yield "assignable", "units", int(str(row)), problem("one_unit", found=units)
    over = frame["counted_elsewhere"] > frame["units"].mask(coded & frame["units"].isna(), 1.0)
    for row in frame.index[over]:
        counts = {"found": frame.loc[row, "counted_elsewhere"], "units": frame.loc[row, "units"]}
        yield "assignable", "counted_elsewhere", int(row), problem("counted_over", **counts)
    for _, rows in frame[coded].groupby("unit_code"):
        of = rows[[*BODY, "service"]].apply(tuple, axis=1)
        seen: dict[str, int] = {}
        for row in rows.index[1:]:
            if of[row] != of.iloc[0]:
                before = int(rows.index[0])
                yield "assignable", "unit_code", int(row), problem("unit_elsewhere", row=before)
        for row, origin in rows["origin"].items():
            if (before := seen.setdefault(str(origin), int(str(row)))) != row:
                yield "assignable", "unit_code", int(str(row)), problem("unit_again", row=before)


def _over_stock(asked: Asked, assignable: pd.DataFrame, stock: pd.DataFrame) -> Found:
    """Give where more units are assignable than the owner has, those not yet in the stock aside."""
    rows = counted_once(assignable)
    rows = rows[~rows["origin"].isin(OUTSIDE_STOCK)]
    held = stock.dropna(subset=["municipality_code", "owner"]).drop_duplicates([*BODY])
    known = (
        held.melt([*BODY], [*SERVICES], "service").set_index([*BODY, "service"])["value"].to_dict()
    )
    for key, units in rows.groupby([*BODY, "service"])["counted"]:
        code, owner, service = map(str, cast("tuple[str, str, str]", key))
        there = float(known.get((code, owner, service), np.nan))
        if units.sum() > there:
            said = asked.of({"municipality_code": code, "owner": owner})
            yield "assignable", "units", int(units.index[-1]), problem(
                "over_stock", found=units.sum(), stock=there, service=service, **said
            )  # fmt: skip


def _empty(frame: pd.DataFrame) -> Found:
    for part, whole in (("to_repair", "empty"), ("funded", "to_repair")):
        for row in frame.index[frame[part] > frame[whole]]:
            counts = {"found": frame.loc[row, part], "whole": frame.loc[row, whole]}
            yield "empty", part, int(row), problem("empty_over", **counts)


# --- the reserves --------------------------------------------------------------------------


def _reserves(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> Found:
    """Give the shares that the law does not allow."""
    rows = due(frames["assignable"], asked.overrides)
    names = zip(rows["rule"], *(rows[one] for one in BODY), strict=True)
    wanted = dict(zip(names, zip(rows["base"], rows["units"], strict=True), strict=True))
    for row, given in frames["reserves"].iterrows():
        if pd.isna(given["municipality_code"]) or pd.isna(given["owner"]):
            continue
        at, key = int(str(row)), (str(given["municipality_code"]), str(given["owner"]))
        yield from _indigence(asked, at, given, *_due(wanted, RULES["indigence"], key))
        yield from _categories(asked, at, given)
        if given["transitional_units"] > (base := _due(wanted, RULES["transitional"], key)[0]):
            said = {"entered": given["transitional_units"], "base": base, **asked.of(given)}
            yield "reserves", "transitional_units", at, problem("transitional_beyond", **said)
    yield from _transitional(asked, frames)
    yield from _municipal(asked, frames["choices"])


def _due(
    wanted: Mapping[tuple[str, str, str], tuple[float, int]], rule: Rule, key: tuple[str, str]
) -> tuple[int, int]:
    """Return the base of a rule and its units: none of either where nothing is assignable."""
    base, units = wanted.get((rule.key, *key), (0, 0))
    return int(base), units


def _share(asked: Asked, rule: Rule) -> float:
    return parameters.values(asked.overrides)[rule.parameter]


def _said(asked: Asked, rule: Rule) -> dict[str, str]:
    share = ITALIAN.number(100 * _share(asked, rule))
    return {"share": f"{share} %", "article": rule.article}


def _indigence(asked: Asked, at: int, given: pd.Series, base: int, least: int) -> Found:
    entered, said = given["indigence_units"], asked.of(given)
    if np.isnan(entered):
        return
    numbers = {"entered": entered, "base": base}
    if entered < least:
        more = {"least": least, **_said(asked, RULES["indigence"])}
        yield (
            "reserves",
            "indigence_units",
            at,
            problem("indigence_below", **said, **numbers, **more),
        )
    elif entered > base:
        yield "reserves", "indigence_units", at, problem("indigence_over", **said, **numbers)


def _transitional(asked: Asked, frames: Mapping[str, pd.DataFrame]) -> Found:
    """Give what is over the cap on every base that the text may mean: all units of the area."""
    rule, entered = RULES["transitional"], frames["reserves"]["transitional_units"].dropna()
    base = int(counted_once(frames["assignable"])["counted"].sum())
    most = most_units(max(base, 0), _share(asked, rule))
    if len(entered) and entered.sum() > most:
        yield "reserves", "transitional_units", int(entered.index[-1]), problem(
            "transitional_over", entered=entered.sum(), most=most, base=base, **_said(asked, rule)
        )  # fmt: skip


def _categories(asked: Asked, at: int, given: pd.Series) -> Found:
    entered, rule = given["categories_percent"], RULES["categories"]
    if not np.isnan(entered) and exact(entered) > 100 * exact(_share(asked, rule)):
        said = _said(asked, rule)
        yield "reserves", "categories_percent", at, problem(
            "categories_over", entered=entered, most=said["share"], article=said["article"],
            **asked.of(given),
        )  # fmt: skip


def _municipal(asked: Asked, frame: pd.DataFrame) -> Found:
    rule = RULES["police"]
    for row, given in frame.iterrows():
        at = int(str(row))
        police, local = (
            float(np.nan_to_num(given[one])) for one in ("police_percent", "local_police_percent")
        )
        if exact(police) + exact(local) > 100 * exact(_share(asked, rule)):
            said = _said(asked, rule)
            yield "choices", "police_percent", at, problem(
                "police_over", place=asked.place(given["municipality_code"]), police=police,
                local=local, entered=police + local, most=said["share"], article=said["article"],
            )  # fmt: skip
        named, why = (pd.notna(given[one]) for one in ("local_category", "local_reasons"))
        if named and not why:
            article = "R.R. 4/2017 art. 14 c. 1 lett. f"
            yield "choices", "local_reasons", at, problem("no_reasons", article=article)
