"""The rows of a plan and their totals: what adds up, what is due, what nobody has said."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs_analysis.plans.files import PlanBook
from needs_analysis.plans.reserves import BODY, RULES, counted_once, due, exact, most_units
from needs_analysis.plans.schema import ITEMS, ORIGINS, SERVICES, UNSAID

ROOMS = ("1", "2", "3", "4", "5")
"""Sizes of units by rooms: the last holds those of more."""
VERDICTS = ("respected", "to_clarify", "to_decide", "none_possible", "adds_up", "differs")
"""What a check says: a share is respected, over what the text seen settles, undecided, too small for a
unit; sums agree, or do not."""
_KEYS = [*BODY, "item"]


def rows_of(book: PlanBook) -> pd.DataFrame:
    """Return the rows of a plan that the next one is compared with.

    Returns
    -------
    DataFrame, by municipality_code, owner and item of `ITEMS`
        `units`; what was not said has no row.
    """
    parts = [pd.DataFrame(columns=[*_KEYS, "units"])]
    if "stock" in book.tables:
        stock = book.tables["stock"].melt([*BODY], [*SERVICES], "item", "units")
        parts.append(stock.assign(item="stock_" + stock["item"].astype(str)))
    if "assignable" in book.tables:
        once = counted_once(book.tables["assignable"])
        sums = once.groupby([*BODY, "service"])["counted"].sum().reset_index(name="units")
        parts.append(sums.assign(item="assignable_" + sums["service"])[[*_KEYS, "units"]])
    every = pd.concat([one for one in parts if len(one)] or parts, ignore_index=True)
    every = every.dropna(subset=["units"]).astype({"units": float})
    order = pd.Categorical(every["item"], [*ITEMS], ordered=True)
    return every.assign(item=order).sort_values(_KEYS).astype({"item": "str"}).set_index(_KEYS)


def by_origin(book: PlanBook) -> pd.DataFrame:
    """Return the assignable units by municipality, owner and service, a column an origin and `total`."""
    once = counted_once(book.tables["assignable"])
    sums = once.pivot_table("counted", [*BODY, "service"], "origin", aggfunc="sum", fill_value=0.0)
    sums = sums.reindex(columns=[*ORIGINS], fill_value=0.0)
    return sums.assign(total=sums.sum(axis=1))


def by_rooms(book: PlanBook) -> pd.DataFrame:
    """Return the assignable units by rooms, a column a service and `total`; `UNSAID` has no size."""
    once = counted_once(book.tables["assignable"])
    rooms = [UNSAID if np.isnan(one) else f"{min(one, len(ROOMS)):.0f}" for one in once["rooms"]]
    sums = (
        once.assign(size=rooms)
        .pivot_table("counted", "size", "service", aggfunc="sum", fill_value=0.0)
        .reindex(index=[*ROOMS, UNSAID], columns=[*SERVICES], fill_value=0.0)
    )
    sums = sums.assign(total=sums.sum(axis=1))
    return sums if sums.loc[UNSAID, "total"] else sums.drop(index=UNSAID)


def checks(book: PlanBook, overrides: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Return the check sheet: each rule with its base and date, what is due, what was entered.

    Parameters
    ----------
    book : PlanBook
        Of an annual plan.
    overrides : mapping of str to float, optional
        A study's parameters.

    Returns
    -------
    DataFrame
        `rule` (of `RULES`), `municipality_code`, `owner` ("" of the whole municipality), `base` units
        available in the year and the `day` they are of, `share`, `computed` (least or most units),
        `entered_share` (of shares), `entered` units (of a share, rounded down; NaN where nobody
        decided), `verdict`: "to_clarify" where the text seen does not say whether it may be so (more
        transitional units than a base that it does not give; indigence over the share elsewhere than on
        a municipality's own stock).
    """
    found = due(book.tables["assignable"], overrides).rename(columns={"units": "computed"})
    found = found[found["base"] > 0].reset_index(drop=True)
    given = _entered(book)
    names = zip(found["rule"], found["municipality_code"], found["owner"], strict=True)
    entered = [given.get(one, (np.nan, np.nan)) for one in names]
    found["entered_share"] = [share for share, _ in entered]
    found["entered"] = [
        most_units(int(base), share) if not np.isnan(share) else units
        for base, (share, units) in zip(found["base"], entered, strict=True)
    ]
    none = (found["computed"] == 0) & found["rule"].map(lambda one: RULES[one].side == "most")
    decided, over = found["entered"].notna(), found["entered"] > found["computed"]
    unsettled = over & (
        (found["rule"] == "transitional")
        | ((found["rule"] == "indigence") & (found["owner"] != "municipality"))
    )
    found["verdict"] = np.select(
        [unsettled, decided, none], ["to_clarify", "respected", "none_possible"], "to_decide"
    )
    order = {one: at for at, one in enumerate(RULES)}
    return found.sort_values(["rule", *BODY], key=lambda one: one.replace(order)).reset_index(
        drop=True
    )


def _entered(book: PlanBook) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return the share or the units that were entered, by rule, municipality and owner."""
    found: dict[tuple[str, str, str], tuple[float, float]] = {}
    for row in book.tables["reserves"].to_dict("records"):
        code, owner = str(row["municipality_code"]), str(row["owner"])
        found["indigence", code, owner] = (np.nan, float(row["indigence_units"]))
        found["transitional", code, owner] = (np.nan, float(row["transitional_units"]))
        found["categories", code, owner] = (float(row["categories_percent"]) / 100, np.nan)
    for row in book.tables["choices"].to_dict("records"):
        shares = [float(row[one]) for one in ("police_percent", "local_police_percent")]
        if not np.isnan(shares).all():
            whole = sum(exact(one) for one in np.nan_to_num(shares))
            found["police", str(row["municipality_code"]), ""] = (float(whole) / 100, np.nan)
    return found


def sums(book: PlanBook) -> pd.DataFrame:
    """Return whether rows add to totals: one total, got in two ways.

    Returns
    -------
    DataFrame
        `sum` ("origin", "rooms", "stock_<service>"), `one` and `other` way, `verdict`: assignable units
        by row against origins and rooms, the office's own column of the stock against the plan's rows.
    """
    rows = rows_of(book)["units"]
    items = rows.index.get_level_values("item")
    whole = float(rows[items.str.startswith("assignable_")].sum())
    found = []
    if "assignable" in book.tables:
        found += [
            ("origin", whole, float(by_origin(book)["total"].sum())),
            ("rooms", whole, float(by_rooms(book)["total"].sum())),
        ]
    if "stock" in book.tables:
        for service in SERVICES:
            given = float(book.tables["stock"][service].sum())
            found.append(
                (f"stock_{service}", given, float(rows[items == f"stock_{service}"].sum()))
            )
    frame = pd.DataFrame(found, columns=["sum", "one", "other"])
    return frame.assign(verdict=np.where(frame["one"] == frame["other"], "adds_up", "differs"))
