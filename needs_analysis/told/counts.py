"""The tables of counts that are handed out of a monitoring, with what lies over what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from needs_analysis.disclosure import TOTAL, Cell, CountTable, Rules, tabulate
from needs_analysis.services.files.nights import bounds
from needs_analysis.services.files.schema import (
    DESTINATIONS,
    GROUPS,
    NEUTRAL,
    POSITIVE,
    REFUSALS,
    UNSTATED,
)
from needs_analysis.services.measures.declaration import MEASURES, Rests
from needs_analysis.services.measures.monitoring import Monitoring
from needs_analysis.services.measures.records import months_of
from needs_analysis.told.amounts import AMBITO

_NEGATIVE = tuple(one for one in DESTINATIONS if one not in (*POSITIVE, *NEUTRAL, "unknown"))
_PRESENT = ("review_overdue", "review_due", "review_not_stated")
_FOLLOWED = ("stable_home", "unstable", "returned_to_service")
_BANDS = ("0_180", "181_365", "366_730")
# What lies over what among the values of a table's last dimension.
_ABOVE: Mapping[str, Mapping[str, str]] = {
    "outcome": dict.fromkeys(POSITIVE, "exit_positive")
    | dict.fromkeys((*NEUTRAL, *_NEGATIVE, "unknown"), "exit_other")
    | dict.fromkeys(("exit_positive", "exit_other"), "exit")
    | dict.fromkeys(_PRESENT, "present"),
    "length": {"past_explained": "past", "past_unexplained": "past"},
    "returned": dict.fromkeys(_BANDS, "returned"),
    "follow_up": dict.fromkeys(_FOLLOWED, "answered"),
    "answer": dict.fromkeys((*REFUSALS, "not_stated"), "refused"),
}
_LISTED: Mapping[str, list[str]] = {
    "outcome": ["present", "exit_positive", "exit_other"],
    "begun": ["entered", "before"],
    "length": ["within", "past_explained", "past_unexplained"],
    "newcomer": ["first", "again"],
    "returned": [*_BANDS, "not_returned"],
    "follow_up": [*_FOLLOWED, "refused", "not_reached", "not_recorded"],
    "answer": ["accepted", *REFUSALS, "not_stated"],
}
DONE: Mapping[str, str] = {
    one.told.table: name
    for name, one in MEASURES.items()
    if isinstance(one.told, Rests) and one.told.own
}
"""Tables of the stays with whom something was done, by the measure that lists them."""


def tables(run: Monitoring, rules: Rules) -> Iterator[tuple[str, CountTable]]:
    """Yield every table that is handed out; those of one measure count the same persons.

    Only whether guests left well is told by service: finer, ninety places would leave tables blank.
    """
    rows = run.rows("retention_share").index
    frame = _stays(run, rows)
    ambiti = frame.assign(service_code=_ambito_of(run, frame["service_code"]))
    yield "outcomes", _table(run, frame, ("service_code", "outcome"), "esiti")
    yield "groups", _table(run, ambiti, ("service_code", "target_group"), "gruppi")
    yield "outcomes_by_group", _table(run, frame, ("target_group", "outcome"), "esiti per gruppo")
    yield "entries", _table(run, ambiti, ("service_code", "begun"), "ingressi")
    yield "long_stays", _table(run, frame, ("length",), "permanenze lunghe")
    detail = frame.assign(outcome=_details(run, rows))
    yield "destinations", _table(run, detail, ("outcome",), "destinazioni")
    first = run.rows("first_time_share")
    words = np.where(first["numerator"].to_numpy() > 0, "first", "again")
    new = pd.DataFrame({"newcomer": words}, index=first.index)
    yield "first_time", _table(run, new, ("newcomer",), "primi ingressi", "guests")
    yield "returns", _table(run, _returned(run), ("returned",), "rientri", "returns")
    for months in (6, 12):
        name = f"follow_up_{months}"
        yield name, _table(run, _followed(run, months), ("follow_up",), name, name)
    yield "answers", _table(run, _answered(run), ("answer",), "risposte", "answers")
    yield "billed", _billed(run, rules)
    for name, measure in DONE.items():
        yield from _done_with(run, frame, name, measure)


def _done_with(
    run: Monitoring, present: pd.DataFrame, name: str, measure: str
) -> Iterator[tuple[str, CountTable]]:
    """Yield the stays with whom something was done by service and by group, hidden together.

    Only of the services that record: the others have no zero that one might have to hide.
    """
    rows = run.rows(measure).dropna(subset="numerator")
    done = rows.index[rows["table"] == "stays"].unique()
    own = run.records.stays.stays.loc[done, ["service_code", "target_group"]]
    own = own.astype("str").fillna(UNSTATED)
    services = sorted({*own["service_code"], *rows.index[rows["table"] == "services"]})
    among = present[present["service_code"].isin(services)]
    groups = sorted({*own["target_group"], *among["target_group"]})
    yield name, tabulate(
        own, ["service_code"], name=name, values={"service_code": services},
        hierarchies={"service_code": _ambiti(run)}, measure=name,
    )  # fmt: skip
    yield f"{name}_by_group", tabulate(
        own, ["target_group"], name=f"{name} per gruppo", values={"target_group": groups},
        measure=name,
    )  # fmt: skip


def _stays(run: Monitoring, rows: pd.Index) -> pd.DataFrame:
    """Return the stays of the period with what their tables are by."""
    own = run.records.stays.stays.loc[rows]
    frame = own[["service_code", "target_group"]].astype("str").fillna(UNSTATED)
    left = rows.isin(run.rows("exits").index)
    well = np.where(own["destination"].isin(POSITIVE), "exit_positive", "exit_other")
    frame["outcome"] = np.where(left, well, "present")
    frame["begun"] = np.where(rows.isin(run.rows("entries").index), "entered", "before")
    reason = run.long_stays["over_stay_reason"]
    said = reason.notna().map({True: "past_explained", False: "past_unexplained"})
    frame["length"] = said.reindex(rows).astype("str").fillna("within")
    return frame


def _details(run: Monitoring, rows: pd.Index) -> pd.Series:
    """Return where each stay went, or whether its project is reviewed in time."""
    where = run.records.stays.stays["destination"].reindex(rows).astype("str").fillna("unknown")
    review = ("review_" + run.reviews["review"]).reindex(rows).astype("str").fillna(_PRESENT[2])
    return where.where(rows.isin(run.rows("exits").index), review)


def _ambito_of(run: Monitoring, services: pd.Series) -> pd.Series:
    """Return the ambito of each stay's service, the service itself where it has none."""
    return services.map(_ambiti(run)).fillna(services)


def _ambiti(run: Monitoring) -> dict[str, str]:
    """Return the ambito over each service that has one."""
    named = run.records.register.services["ambito_name"].dropna()
    return {str(code): f"{AMBITO}{name}" for code, name in named.items()}


def _returned(run: Monitoring) -> pd.DataFrame:
    rows = run.rows(f"returns_{_BANDS[0]}_share").index
    frame = pd.DataFrame({"returned": "not_returned"}, index=rows)
    for band in _BANDS:
        back = run.rows(f"returns_{band}_share")
        frame.loc[back.index[back["numerator"] > 0], "returned"] = band
    return frame


def _followed(run: Monitoring, months: int) -> pd.DataFrame:
    rows = run.rows(f"follow_up_{months}_response_share").index
    said = run.records.stays.stays[f"follow_up_{months}"].reindex(rows).astype("str")
    known = said.where(said.isin(_LISTED["follow_up"])).fillna("not_recorded")
    return known.to_frame("follow_up")


def _answered(run: Monitoring) -> pd.DataFrame:
    rows = run.rows("refused_share")
    reason = run.records.stays.stays["refusal_reason"].reindex(rows.index).astype("str")
    refused = rows["numerator"].to_numpy() > 0
    return reason.fillna("not_stated").where(refused, "accepted").to_frame("answer")


def _table(
    run: Monitoring,
    frame: pd.DataFrame,
    dimensions: tuple[str, ...],
    name: str,
    measure: str = "stays",
) -> CountTable:
    """Count by dimensions, the values that never occur included."""
    values = {}
    for one in dimensions:
        known = list(GROUPS) if one == "target_group" else list(_LISTED.get(one, ()))
        if name == "destinazioni":
            known = [*DESTINATIONS, *_PRESENT]
        elif name == "esiti" and one == "service_code":
            known = [str(code) for code in run.records.register.services.index]
        values[one] = [*known, *sorted(set(frame[one]) - set(known))]
    above = {one: _ABOVE[one] for one in dimensions if one in _ABOVE}
    if "service_code" in dimensions:
        above["service_code"] = _ambiti(run)
    return tabulate(frame, dimensions, name=name, values=values, hierarchies=above, measure=measure)


def _billed(run: Monitoring, rules: Rules) -> CountTable:
    """Count the stays billed to each sending municipality, month by month.

    Where few families stand behind them they are hidden, however many stays these are.
    """
    sender = run.fees["sending_municipality_code"].astype("str").fillna(UNSTATED)
    lines = run.fees.assign(sending_municipality_code=sender)
    # A sum is of what conventions say; how many stays it leaves out is counted beside it.
    lines["unstated"] = lines["stays"].where(lines["due_eur"].isna(), 0)
    keys = ["month", "sending_municipality_code"]
    sums = ["stays", "paid_days", "absence_days", "due_eur", "unstated"]
    parts = []
    for by in (keys, keys[:1], keys[1:], []):
        if by:
            grouped = lines.groupby(by, sort=True)[sums]
            parts.append(grouped.sum(min_count=1).reset_index())
        else:
            parts.append(lines[sums].sum(min_count=min(1, len(lines))).to_frame().T)
    frame = pd.concat(parts, ignore_index=True)
    frame[keys] = frame[keys].astype("str").fillna(TOTAL)
    frame = frame.rename(columns={"stays": "count"}).astype({"count": "int64"})
    derived = ("paid_days", "absence_days", "due_eur", "unstated")
    # The sum over municipalities or months is a count of months of stay, not of stays.
    table = CountTable("rette", frame, tuple(keys), measure="billed_months", derived=derived)
    return replace(table, few=_of_few_families(run, table, rules.count_min))


def _of_few_families(run: Monitoring, table: CountTable, least: int) -> frozenset[Cell]:
    """Return the cells of the statement behind which stand fewer families than may be told."""
    records = run.records
    family = records.stays.stays["household"].astype("str")
    family = family.where(family.fillna("") != "", records.stays.stays["guest"].astype("str"))
    sender = records.stays.stays["sending_municipality_code"].astype("str").fillna(UNSTATED)
    behind: dict[Cell, set[str]] = {}
    for first, past in months_of(*bounds(run.period)):
        month = str(np.datetime64(first, "D").astype("datetime64[M]"))
        rows = records.lines(first, past).rows
        for one, home in zip(family.iloc[rows], sender.iloc[rows], strict=True):
            parts = (("month", month), ("sending_municipality_code", home))
            for cell in (parts, parts[:1], parts[1:], ()):
                behind.setdefault(cell, set()).add(one)
    return frozenset(cell for cell in table.cells if 0 < len(behind.get(cell, ())) < least)
