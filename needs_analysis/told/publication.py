"""What may leave of a monitoring: counts hidden where they are small, and figures that rest on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from needs_analysis.disclosure import (
    TOTAL,
    Cell,
    CountTable,
    Protected,
    Rules,
    place_of_services,
    protect_together,
    published_services,
    release,
    tabulate,
)
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.services.files.nights import bounds
from needs_analysis.services.files.schema import (
    DESTINATIONS,
    GROUPS,
    NEUTRAL,
    POSITIVE,
    REFUSALS,
    UNSTATED,
    Period,
    Register,
    Stays,
)
from needs_analysis.services.measures.declaration import (
    MEASURES,
    Count,
    Open,
    Rests,
    Share,
    Untold,
    Whole,
)
from needs_analysis.services.measures.monitoring import Monitoring, monitor
from needs_analysis.services.measures.problems import problem
from needs_analysis.services.measures.records import months_of
from needs_analysis.told.amounts import AMBITO, Amounts

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
_DONE: Mapping[str, str] = {
    one.told.table: name
    for name, one in MEASURES.items()
    if isinstance(one.told, Rests) and one.told.own
}
"""Tables of the stays with whom something was done, by the measure that lists them."""
_LEVELS = {"service": "service_code", "ambito": "service_code", "group": "target_group"}
Cells = Mapping[Cell, int | None]


@dataclass(frozen=True, eq=False)
class Publication:
    """A monitoring as a profile may have it.

    Parameters
    ----------
    profile : str
        "internal" or "published".
    run : Monitoring
        All that was counted; protected services of one place are one where published. Never written
        as it is but in the internal profile.
    counts : mapping of str to Protected
        Stays, answers, places and billed stays by service (with their ambiti) and group.
    figures : DataFrame
        As ``run.measures`` with `hidden`: where a value must not be told it is missing and hidden.
    services, dwellings : DataFrame
        The register as it may be shown.
    rules : disclosure.Rules
        Which counts are hidden.
    amounts : Amounts or None
        Which places, nights, days and fees are told; None: all.
    withheld : mapping of str to frozenset
        Counts hidden beside earlier deliveries, by what is counted: see :meth:`withholding`.
    """

    profile: str
    run: Monitoring
    counts: Mapping[str, Protected]
    figures: pd.DataFrame
    services: pd.DataFrame
    dwellings: pd.DataFrame
    rules: Rules
    amounts: Amounts | None = field(default=None, repr=False)
    withheld: Mapping[str, frozenset[Cell]] = field(default_factory=dict)

    @property
    def period(self) -> Period:
        """Return the days that count."""
        return self.run.period

    @property
    def label(self) -> str:
        """Return "dati inventati" for invented data, else nothing."""
        records = self.run.records
        return records.register.label or records.stays.label

    @property
    def internal(self) -> bool:
        """Whether rows of stays may be shown."""
        return self.profile == "internal"

    def count(self, table: str, value: str = TOTAL, level: str = "all", where: str = "") -> float:
        """Return a count that may be told; NaN where it is hidden, 0 where nothing was counted."""
        cell = cell_of(self.counts[table].published.dimensions, value, level, where)
        found = None if cell is None else self._cells[table].get(cell, 0)
        return np.nan if found is None else float(found)

    def tells(self, measure: str, level: str = "all", value: str = "") -> bool:
        """Say whether an amount of places, nights, days or fees is told."""
        return self.amounts is None or self.amounts.tells(measure, level, value)

    @cached_property
    def places_in_sum(self) -> dict[str, str]:
        """The services whose places are told only together: by ambito, "" for those of the network."""
        if self.amounts is None:
            return {}
        return {
            str(code): ambito if self.tells("places_ready", "ambito", ambito) else ""
            for code, ambito in self.amounts.ambito.items()
            if not self.tells("places_ready", "service", str(code))
        }

    @property
    def tells_fees_of_senders(self) -> bool:
        """Whether the statement by sending municipality tells what is due."""
        return self.amounts is None or self.amounts.tells_fees_of_senders

    def figure(self, measure: str, level: str = "all", value: str = "") -> pd.Series:
        """Return a row of `figures`; an unknown one is refused."""
        frame = self.figures
        found = frame[
            (frame["measure"] == measure)
            & (frame["level"] == level)
            & (frame["level_value"] == value)
        ]
        if found.empty:
            raise ParameterError(problem("no_measure", measure=measure, level=level, value=value))
        return found.iloc[0]

    def withholding(
        self,
        cells: Mapping[str, Collection[Cell]],
        figures: Collection[tuple[str, str, str]] = (),
    ) -> Publication:
        """Return it with further counts hidden, and the figures that rest on them.

        Parameters
        ----------
        cells : mapping of str to collection of Cell
            By what the tables count.
        figures : collection of tuple
            Further figures to hide: measure, level, value.
        """
        withheld = {name: frozenset(own) for name, own in cells.items()}
        counts = {name: withhold(one, withheld) for name, one in self.counts.items()}
        plain = self.run.measures.assign(hidden=False)
        found = replace(self, counts=counts, figures=plain, withheld=withheld)
        if any(withheld.values()) and self.amounts:
            found = _with_amounts(found)  # those told may give away what is hidden now
        frame = _figures(found)
        keys = frame[["measure", "level", "level_value"]].itertuples(index=False, name=None)
        more = np.array([one in figures for one in keys], dtype=bool)
        for name in ("numerator", "denominator", "value", "low", "high"):
            frame[name] = frame[name].mask(more)
        frame["note"] = frame["note"].mask(more, "")
        return replace(found, figures=frame.assign(hidden=frame["hidden"] | more))

    @cached_property
    def _cells(self) -> dict[str, Cells]:
        return {name: one.published.counts for name, one in self.counts.items()}


def publish(
    register: Register,
    stays: Stays,
    period: Period,
    profile: str = "published",
    overrides: Mapping[str, float] | None = None,
) -> Publication:
    """Count a period and keep what a profile may have, audited.

    Parameters
    ----------
    register, stays, period
        As of :func:`needs_analysis.services.measures.monitoring.monitor`.
    profile : {"published", "internal"}
        Published hides small counts, what would give them away and the figures that rest on them, and
        shows protected services by ambito only. Internal hides nothing.
    overrides : mapping of str to float, optional
        Parameters put over ``parameters.csv``.

    Returns
    -------
    Publication

    Raises
    ------
    ParameterError
        No such profile.
    SourceError
        A stay is in a service or place that the register does not have.
    OutputError
        A hidden count could be worked out.

    Examples
    --------
    >>> from needs_analysis.services.files import invented
    >>> data = invented.network()
    >>> found = publish(data.register, data.stays, Period.year(2025))
    >>> found.label, bool(found.figure("exits")["hidden"])
    ('dati inventati', False)
    """
    wanted(register, Register)
    place = place_of_services(register.services, register.dwellings)
    secret = register.services["protected"].astype(bool)
    sensitive = {"service_code": sorted(set(place[secret]))}
    shown, listed = published_services(register.services, register.dwellings)
    if profile == "internal":
        shown, listed = register.services, register.dwellings
        sensitive = {}
    else:
        register, stays = _merged(register, stays, place)
    rules = Rules.of(overrides, sensitive)
    run = monitor(register, stays, period)
    counted = dict(_tables(run, rules))
    if profile == "internal":
        kept = release(list(counted.values()), profile, rules)
    else:
        kept = protect_together(list(counted.values()), rules)
    found = Publication(
        profile=profile,
        run=run,
        counts=dict(zip(counted, kept, strict=True)),
        figures=run.measures.assign(hidden=False),
        services=shown,
        dwellings=listed,
        rules=rules,
    )
    if profile == "internal":
        return found
    found = _with_amounts(found)
    return replace(found, figures=_figures(found))


def _with_amounts(found: Publication) -> Publication:
    """Return it with the amounts that stand beside its counts."""
    found = replace(found, amounts=_amounts(found))
    return replace(found, counts={**found.counts, "billed": _statement(found)})


def _statement(found: Publication) -> Protected:
    """Return the statement of the sending municipalities without the sums that are given up."""
    one = found.counts["billed"]
    frame = one.published.frame.copy()
    lost = [] if found.tells_fees_of_senders else ["due_eur"]
    if not found.tells("paid_days"):
        lost = ["paid_days", "absence_days", "due_eur"]
    # Months of stays bound who is present: they are told where these are.
    if not (found.amounts and ("all", "") in found.amounts.counted):
        lost = ["count", *one.published.derived]
    frame[lost] = frame[lost].mask(pd.Series(True, index=frame.index))
    return replace(one, published=replace(one.published, frame=frame))


def _amounts(found: Publication) -> Amounts:
    """Find which amounts stand beside the counts, all that is told audited together."""
    amounts = Amounts(
        found.run,
        counted=_told_of(found, TOTAL, "present", "exit"),
        stays=_told_of(found, TOTAL),
        counts=found.counts["outcomes"].internal.counts,
        rules=found.rules,
        billed=found.counts["billed"].published.frame,
    )
    groups = found.counts["groups"].published
    whole = groups.frame[groups.frame["service_code"] == TOTAL]
    of_all = CountTable(groups.name, whole, ("target_group",), measure=groups.measure)
    every = [one.published for one in found.counts.values()]
    amounts.settle(every, [found.counts["outcomes"].published, of_all])
    return amounts


def _told_of(found: Publication, *outcomes: str) -> frozenset[tuple[str, str]]:
    """Return the units (level, value) of which these outcomes are told."""
    labels = found.run.records.labels
    units = [("all", ""), *((level, one) for level in _LEVELS for one in labels[level])]
    return frozenset(
        (level, one)
        for level, one in units
        if not any(
            np.isnan(found.count(_by("outcomes", level), outcome, level, one))
            for outcome in outcomes
        )
    )


def withhold(table: Protected, cells: Mapping[str, Collection[Cell]]) -> Protected:
    """Hide further counts of a table: those under what it counts."""
    own = set(cells.get(table.internal.measure, ()))
    known = [cell in own for cell in table.internal.cells]
    reasons = table.reasons.mask(np.array(known) & (table.reasons == "shown"), "complementary")
    return replace(table, published=table.published.with_hidden(own), reasons=reasons)


# --- protected services --------------------------------------------------------------------


def _merged(register: Register, stays: Stays, place: pd.Series) -> tuple[Register, Stays]:
    """Give protected services of one place one code; their dwellings and places lose their own."""
    services = register.services
    secret = services["protected"].astype(bool)
    rows = [services[~secret]]
    for code, own in services[secret].groupby(place[secret], sort=True):
        staff = own[["coordinators", "educators", "volunteers", "resident_members"]]
        merged = own.iloc[[0]].set_axis([str(code)])
        # What the services do not share cannot be told of them together.
        shared = [
            name
            for name in own
            if (own[name].isna().all() or (own[name] == own[name].iloc[0]).all())
        ]
        for name in ("day_rule", "absence_rule", "daily_fee_eur", "max_stay_days"):
            if name not in shared:
                merged[name] = pd.Series(index=merged.index, dtype=merged[name].dtype)
        for role, total in staff.sum(min_count=len(own)).items():
            merged[str(role)] = total
        rows.append(merged)
    frame = pd.concat(rows)
    frame.index.name = services.index.name
    dwellings = register.dwellings
    dwellings = dwellings.assign(service_code=dwellings["service_code"].map(place).astype("str"))
    own = stays.stays
    known = own["service_code"].map(place).astype("str")
    return (
        replace(register, services=frame, dwellings=dwellings),
        replace(stays, stays=own.assign(service_code=known.fillna(own["service_code"]))),
    )


# --- tables of counts ----------------------------------------------------------------------


def _tables(run: Monitoring, rules: Rules) -> Iterator[tuple[str, CountTable]]:
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
    for name, measure in _DONE.items():
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


# --- figures -------------------------------------------------------------------------------


def cell_of(dimensions: Sequence[str], value: str, level: str, where: str) -> Cell | None:
    """Return the cell that a level's value and a value of the last dimension name, if there is one."""
    cell = {} if value == TOTAL else {dimensions[-1]: value}
    if level != "all":
        if _LEVELS[level] not in dimensions:
            return None
        cell[_LEVELS[level]] = f"{AMBITO}{where}" if level == "ambito" else where
    return tuple(sorted(cell.items()))


def _figures(found: Publication) -> pd.DataFrame:
    """Return the figures of a run with those that must not be told left out."""
    frame = found.figures
    # Years would tell of a period what its own counts hide.
    frame = frame[frame["level"] != "year"].reset_index(drop=True)
    told = [
        _told(found, *row)
        for row in frame[
            ["measure", "level", "level_value", "numerator", "denominator"]
        ].itertuples(index=False)
    ]
    kept = np.array([one is not None for one in told], dtype=bool)
    if _few_fees(found):
        partial = frame["note"].str.contains("partly_not_transmitted", regex=False)
        kept &= ~((frame["measure"] == "fees_due_eur") & partial).to_numpy()
        told = [one if shown else None for one, shown in zip(told, kept, strict=True)]
    for at, name in enumerate(("numerator", "denominator")):
        values = [np.nan if one is None else one[at] for one in told]
        frame[name] = pd.Series(values, dtype=float)
    for name in ("value", "low", "high"):
        frame[name] = frame[name].astype(float).where(kept)
    frame["note"] = frame["note"].where(kept, "")
    return frame.assign(hidden=~kept)


def _few_fees(found: Publication) -> bool:
    """Whether the sum of all fees, less those told month by month, is that of few stays."""
    account = found.counts["billed"].internal.frame
    inner = account[(account[["month", "sending_municipality_code"]] != TOTAL).all(axis=1)]
    with_fee = inner["count"] - inner["unstated"]
    some = float(with_fee[(inner["unstated"] > 0) & (with_fee > 0)].sum())
    return 0 < some < found.rules.count_min


def _told(
    found: Publication, measure: str, level: str, where: str, numerator: float, denominator: float
) -> tuple[float, float] | None:
    """Return numerator and denominator as they may be told; None where the figure is hidden."""
    way = MEASURES[measure].told
    match way:
        case Count(table, value):
            counted = found.count(_by(table, level), value or TOTAL, level, where)
            return (counted, np.nan) if counted == numerator else None
        case Share(table, over, under):
            table = _by(table, level)
            parts = sum(found.count(table, one, level, where) for one in over)
            whole = found.count(table, under or TOTAL, level, where)
            same = parts == numerator and whole == denominator
            return (parts, whole) if same else None
        case Rests():
            if way.amounts and not found.tells(measure, level, where):
                return None
            counted = found.count(_by(way.table, level), way.value or TOTAL, level, where)
            # Amounts over few persons are about each of them.
            if not (counted >= found.rules.count_min or counted == 0):
                return None
            # Sums that are no counts of persons say less by their result alone.
            if way.counted:
                return numerator, np.nan
            told = not way.over_persons or counted == denominator
            return np.nan, denominator if told else np.nan
        case Whole():
            return _told_of_all(found, way, level, numerator, denominator)
        case Open():
            return numerator, denominator
        case Untold():
            return None


def _by(table: str, level: str) -> str:
    split = table == "outcomes" or table in _DONE
    return f"{table}_by_group" if split and level == "group" else table


def _told_of_all(
    found: Publication, way: Whole, level: str, numerator: float, denominator: float
) -> tuple[float, float] | None:
    """Tell of the network as a whole what no table splits further, where it rests on enough."""
    if level != "all":
        return None
    least = found.rules.count_min
    if way.of == "denominator":
        return (np.nan, denominator) if denominator >= least else None
    if way.of == "numerator":
        return (numerator, np.nan) if numerator == 0 or numerator >= least else None
    return np.nan, np.nan
