"""What may leave of a monitoring: counts hidden where they are small, and figures that rest on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    protected_label,
    published_services,
    release,
)
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.services.files.schema import (
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
from needs_analysis.told.amounts import AMBITO, Amounts
from needs_analysis.told.counts import DONE, tables

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
    counted = dict(tables(run, rules))
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
        merged["service_name"] = protected_label(str(code))
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
    split = table == "outcomes" or table in DONE
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
