"""What may be told of why figures changed: to the office row by row, to others the causes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from needs_analysis.errors import wanted
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.services.files.schema import TABLES, Period
from needs_analysis.services.measures.difference import KEYS, Difference, difference, equal
from needs_analysis.services.measures.monitoring import Monitoring, monitor
from needs_analysis.services.measures.row_changes import RowChanges
from needs_analysis.told.deliveries import frames, handing
from needs_analysis.told.publication import Publication, publish

_VALUES = ["old", "new", "of_rule", "of_period", "of_data"]


@dataclass(frozen=True, eq=False)
class Side:
    """One of two runs: its days, "dati inventati" or "", and to the office how many rows it counts."""

    period: Period
    label: str
    rows: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class ToldDifference:
    """Why figures changed between two runs, as a profile may have it.

    Parameters
    ----------
    profile : str
        "published" or "internal".
    old, new : Side
        The runs.
    figures : DataFrame
        As of :class:`Difference`, without years; published, of the network and without values.
    nothing : bool
        Whether periods, figures and data are all the same.
    changes : mapping of str to RowChanges
        By table; none where published.
    secret : mapping of str to DataFrame
        Of `changes`, on its rows: the cells of which it is told only that they changed (codes of
        persons, free texts, where a protected service is).
    names : Series
        Of the services, by code; none where published.
    """

    profile: str
    old: Side
    new: Side
    figures: pd.DataFrame
    nothing: bool
    changes: Mapping[str, RowChanges]
    secret: Mapping[str, pd.DataFrame]
    names: pd.Series
    _found: Difference | None = field(default=None, repr=False)

    @property
    def internal(self) -> bool:
        """Whether rows may be shown."""
        return self.profile == "internal"

    @property
    def unfounded(self) -> int:
        """How many figures handed out before cannot come from the data of before."""
        return int(self.figures["unfounded"].sum())

    def rows(self, measure: str, level: str, value: str) -> pd.DataFrame:
        """Return the rows behind a figure, as :meth:`Difference.rows`; none where published."""
        return pd.DataFrame() if self._found is None else self._found.rows(measure, level, value)


def tell_difference(
    old: ServiceData,
    new: ServiceData,
    delivered: pd.DataFrame | None = None,
    key: Path | None = None,
) -> ToldDifference:
    """Monitor two deliveries of a register and stays and say why their figures differ.

    Parameters
    ----------
    old, new : ServiceData
        Register, stays and period; the profile is that of `new`.
    delivered : DataFrame, optional
        The figures handed out for `old`: see :func:`as_delivered`.
    key : Path, optional
        Beside which what was handed out is remembered: published, each of the two is what `services
        monitor` hands out, or would hand out.

    Returns
    -------
    ToldDifference
        What two runs tell of a figure gives away by subtraction what each hides: published, only
        measures of the network that both deliveries tell are named, with their causes. That one
        hidden in one of them changed, or did not, would tell of the count it hides.
    """
    wanted(old, ServiceData)
    wanted(new, ServiceData)
    runs = [monitor(one.register, one.stays, one.period) for one in (old, new)]
    if delivered is not None:
        runs[0] = as_delivered(runs[0], delivered)
    found = difference(*runs)
    published: tuple[Publication, ...] = ()
    if new.profile == "published" and not found.nothing:
        published = tuple(_delivered(one, key) for one in (old, new))
    return told_between(found, new.profile, published)


def _delivered(data: ServiceData, key: Path | None) -> Publication:
    """Return what `services monitor` hands out, or would hand out, of data and a period."""
    found = publish(data.register, data.stays, data.period)
    if key is None:
        return found
    with handing(key, "monitor") as handed:
        return handed.kept(found, frames(data.register, data.stays))


def told_between(
    found: Difference, profile: str, published: Sequence[Publication] = ()
) -> ToldDifference:
    """Return what a profile may have of a difference, beside the two deliveries as published."""
    internal = profile == "internal"
    figures = found.figures
    if internal:  # no delivery tells a period's years apart
        figures = figures[figures["level"] != "year"]
    else:
        told = [
            one.figures[(one.figures["level"] == "all") & ~one.figures["hidden"]]["measure"]
            for one in published
        ]
        named = set.intersection(*map(set, told)) if told else set()
        figures = figures[(figures["level"] == "all") & figures["measure"].isin(named)]
        figures = figures.assign(**dict.fromkeys(_VALUES, np.nan))
    # Published, nothing is told of a service alone: a protected one has no name even in memory.
    runs = (found.new, found.old) if internal else ()
    names = [run.records.register.services["service_name"] for run in runs]
    of_both = pd.concat([pd.Series(dtype="str"), *names])
    changes = found.changes if internal else {}
    return ToldDifference(
        profile,
        _side(found.old, internal=internal),
        _side(found.new, internal=internal),
        figures,
        found.nothing,
        changes,
        {name: _secret(found, one) for name, one in changes.items()},
        of_both[~of_both.index.duplicated()].fillna("").astype(str),
        found if internal else None,
    )


def _side(run: Monitoring, *, internal: bool) -> Side:
    register, stays = run.records.register, run.records.stays
    rows = {}
    if internal:  # from one count to the other is somebody who came or left
        tables = {"services": register.services, "places": register.places, "stays": stays.stays}
        rows = {name: len(table) for name, table in tables.items()}
    return Side(run.period, register.label or stays.label, rows)


def _secret(found: Difference, changes: RowChanges) -> pd.DataFrame:
    """Return of which changed rows a field's cells are not told: persons, free texts, a refuge."""
    rows, table = changes.new, TABLES[changes.table]
    secret = pd.DataFrame(False, index=rows.index, columns=changes.cells.columns)
    for name in secret:
        one = table.field(str(name))
        if one.personal or one.kind == "text":
            secret[name] = True
        elif (changes.table, name) == ("dwellings", "municipality_code"):
            for run in (found.old, found.new):
                services = run.records.register.services
                codes = services.index[services["protected"].fillna(True).astype(bool)]
                homes = run.records.register.dwellings["service_code"].reindex(rows.index)
                secret[name] |= homes.isin(codes).to_numpy(dtype=bool)
    return secret


def as_delivered(run: Monitoring, told: pd.DataFrame) -> Monitoring:
    """Give a run the figures that were handed out for it, with the rules of then.

    Parameters
    ----------
    run : Monitoring
        The same data and period, counted by today's rules.
    told : DataFrame
        measure, level, level_value, value, rule_version; NaN where the delivery hides a figure.

    Returns
    -------
    Monitoring
        With values and versions of `told` where it has them; what no rule of then counted, or the
        delivery hides, is as counted now. So is what a published delivery told otherwise: there the
        protected services of a place are one, without the terms that they do not share.

    Examples
    --------
    >>> from needs_analysis.services import Period, Register, Stays, difference, monitor
    >>> from needs_analysis.services.files.schema import empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> run = monitor(register, Stays(empty("stays")), Period.year(2025))
    >>> then = as_delivered(run, run.measures.head(1).assign(value=3.0, rule_version=0))
    >>> difference(then, run).figures[["old", "new", "cause"]].to_numpy().tolist()
    [[3.0, 0.0, 'rule']]
    """
    counted = run.measures.set_index(KEYS)
    known = told.set_index(KEYS)[["value", "rule_version"]].reindex(counted.index)
    value = known["value"].fillna(counted["value"])
    version = known["rule_version"].fillna(counted["rule_version"]).astype("int64")
    unlike = ~equal(value, counted["value"]) & (version == counted["rule_version"]).to_numpy()
    if unlike.any():
        own = run.records
        published = publish(own.register, own.stays, run.period, "published").figures
        merged = equal(value, published.set_index(KEYS)["value"].reindex(counted.index))
        value = value.mask(unlike & merged, counted["value"])
    measures = counted.assign(value=value, rule_version=version)
    return replace(run, measures=measures.reset_index())
