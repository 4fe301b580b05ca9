"""What leaves of the services: every table that any output prints, each number told or hidden and why.

No output sees a stay, a register or a run: it is handed a :class:`Told`, of one profile or the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.disclosure import TOTAL, Protected, Rules
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.figures import Displayed
from needs_analysis.services.capacity import planning
from needs_analysis.services.capacity.demand import Patience, Target
from needs_analysis.services.capacity.planning import Plan
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.services.files.schema import GROUPS, STATES, UNSTATED, Period
from needs_analysis.services.measures.policies import FIGURES
from needs_analysis.services.measures.problems import problem
from needs_analysis.services.network.collaboration import referral_graph
from needs_analysis.told import requests
from needs_analysis.told.deliveries import Handing, frames
from needs_analysis.told.network import (
    Collaboration,
    collaboration,
    published_graph,
    without_protected,
)
from needs_analysis.told.publication import Cells, Publication, cell_of, publish

if TYPE_CHECKING:
    import networkx as nx

PARTS = ("measures", "requests", "network")
"""What may be told: a delivery is audited for the parts that it tells."""
SMALL, DEPENDS = "primary", "complementary"
"""Why a number is hidden: it is small, or a small one would follow from it. Readers see one mark."""
KEYS = ["measure", "level", "level_value"]
_AMOUNTS = ("value", "low", "high", "numerator", "denominator")


@dataclass(frozen=True, eq=False)
class Shown:
    """A table as it may be told.

    Parameters
    ----------
    frame : DataFrame
        Keys and numbers; NaN where a number is hidden, or there is none.
    why : DataFrame of str
        The columns of numbers that may be hidden: "" where told, else `SMALL` or `DEPENDS`. Not for
        readers: which of two hidden numbers is the small one says too much.
    dimensions : tuple of str
        The keys of a table of counts.
    note : str
        What a reader is told of the table; "" for nothing.

    Raises
    ------
    RuntimeError
        A number has a reason to be hidden and stands in the table.
    """

    frame: pd.DataFrame
    why: pd.DataFrame
    dimensions: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a hidden number that is carried all the same."""
        for name in self.why:
            if (self.frame[name].notna() & (self.why[name] != "")).any():
                raise RuntimeError(f"hidden, and carried: {name}")

    @property
    def hidden(self) -> pd.DataFrame:
        """Return where a number is hidden."""
        return self.why != ""

    @cached_property
    def counts(self) -> Cells:
        """Return the count of each cell of a table of counts; None where hidden."""
        names = sorted(self.dimensions)
        rows = self.frame[[*names, "count"]].itertuples(index=False, name=None)
        return {
            tuple((name, str(value)) for name, value in zip(names, row, strict=False)
                  if value != TOTAL): None if pd.isna(row[-1]) else int(row[-1])
            for row in rows
        }  # fmt: skip


@dataclass(frozen=True, eq=False)
class Network:
    """How the members of a network work together, as it may be told.

    Parameters
    ----------
    measures : Shown
        year, measure, value, low, high, denominator.
    pairs, refusals : Shown
        Counts of referrals by year and member, by year and answer.
    survey : Shown
        Mean scores by wave, member and question.
    respondents_min : int
        Fewest respondents behind a mean.
    graph : networkx.DiGraph
        Who refers to whom; a tie whose count is hidden has none.
    """

    measures: Shown
    pairs: Shown
    refusals: Shown
    survey: Shown
    respondents_min: int
    graph: nx.DiGraph


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of stays that the office itself reads: the internal profile has them, with measures.

    Parameters
    ----------
    reviews, long_stays, lines : DataFrame
        Index or column stay_id: projects and their review, stays past the longest, fees by month.
    """

    reviews: pd.DataFrame
    long_stays: pd.DataFrame
    lines: pd.DataFrame


@dataclass(frozen=True, eq=False, repr=False)
class Told(Displayed):
    """All that may be said of services in one profile.

    Parameters
    ----------
    profile : str
        "published" or "internal".
    label : str
        "dati inventati" for invented data, else "".
    period : Period
        Days that count.
    rules : disclosure.Rules
        Which counts are hidden.
    figures : Shown
        measure, level, level_value, value, low, high, numerator, denominator, rule, rule_version,
        note, hidden.
    counts : mapping of str to Shown
        Tables of counts by name.
    services : DataFrame
        The register's services as they may be shown.
    ambiti : tuple of str
        Those with a service.
    reach : mapping of str to frozenset of str
        Municipalities that each ambito of the register reaches.
    dwellings, places : int
        How many the register has; places are told where `figures` tell how many are ready.
    over_time : Shown
        Places by state on the last day of each month.
    ready : Shown or None
        Ready places by target group; None where how many are ready is hidden.
    survival : Shown
        Share still present and gone by each way, some days from entry.
    network : Network or None
        None without referrals.
    policies : Shown or None
        What administrations do; None without them.
    plan : Plan or None
        Places needed; None where too few asked or left.
    rows : Rows or None
        None where published, or where no measures are told.
    files : mapping
        Rows and checksum of each file read, by kind.
    beside : tuple of str
        Checksums of the deliveries that this one was audited with.
    """

    profile: str
    label: str
    period: Period
    rules: Rules
    figures: Shown
    counts: Mapping[str, Shown]
    services: pd.DataFrame
    ambiti: tuple[str, ...]
    reach: Mapping[str, frozenset[str]]
    dwellings: int
    places: int
    over_time: Shown
    ready: Shown | None
    survival: Shown
    rows: Rows | None = None
    network: Network | None = None
    policies: Shown | None = None
    plan: Plan | None = None
    files: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say in which profile and of which days; numbers are told one by one."""
        days = f"{self.period.start:%Y-%m-%d} - {self.period.end:%Y-%m-%d}"
        return f"<Told: {self.profile}, {days}, {len(self.figures.frame)} measures>"

    @property
    def internal(self) -> bool:
        """Whether rows of stays may be shown."""
        return self.profile == "internal"

    def figure(self, measure: str, level: str = "all", value: str = "") -> pd.Series:
        """Return a row of `figures`; an unknown one is refused."""
        frame = self.figures.frame
        found = frame[(frame[KEYS] == [measure, level, value]).all(axis=1)]
        if found.empty:
            raise ParameterError(problem("no_measure", measure=measure, level=level, value=value))
        return found.iloc[0]

    def count(self, table: str, value: str = TOTAL, level: str = "all", where: str = "") -> float:
        """Return a count that may be told; NaN where it is hidden, 0 where nothing was counted."""
        shown = self.counts[table]
        cell = cell_of(shown.dimensions, value, level, where)
        found = None if cell is None else shown.counts.get(cell, 0)
        return np.nan if found is None else float(found)


def tell(
    data: ServiceData,
    handed: Handing | None = None,
    parts: Sequence[str] = PARTS,
    asked: tuple[Target | None, Patience | None] = (None, None),
) -> Told:
    """Monitor services and return all that their profile may have, beside what was handed out before.

    Parameters
    ----------
    data : ServiceData
        As :meth:`ServiceFiles.read` returns it.
    handed : deliveries.Handing, optional
        The delivery that is made; None where nothing is handed out.
    parts : sequence of str
        What the delivery tells, of `PARTS`.
    asked : tuple
        Target and patience of the places needed.

    Returns
    -------
    Told

    Raises
    ------
    OutputError
        A hidden count could be worked out, alone or beside an earlier delivery.
    """
    wanted(data, ServiceData)
    found = publish(data.register, data.stays, data.period, data.profile, data.overrides)
    if handed is not None:
        others = {"referrals": data.referrals, "survey": data.survey, "measures": data.policies}
        known = {name: frame for name, frame in others.items() if frame is not None}
        inputs = frames(data.register, data.stays) | known
        found = handed.kept(found, inputs, lambda one: _counted(one, data, parts))
    made = told_of(found)
    plan = requests.plan(found, *asked, overrides=data.overrides) if "requests" in parts else None
    return replace(
        made,
        network=_network(found, data) if "network" in parts else None,
        policies=None
        if data.policies is None
        else local_measures(data.policies, found.rules.count_min, internal=found.internal),
        plan=plan,
        rows=_rows(found) if found.internal and "measures" in parts else None,
        files=data.files,
        beside=handed.beside if handed else (),
    )


def told_of(found: Publication) -> Told:
    """Return what a publication tells of register and stays alone."""
    return Told(
        profile=found.profile,
        label=found.label,
        period=found.period,
        rules=found.rules,
        figures=_figures(found),
        counts={
            name: _statement(found) if name == "billed" else _count_table(one, found)
            for name, one in found.counts.items()
        },
        services=found.services,
        ambiti=tuple(one for one in found.run.records.labels["ambito"] if one != UNSTATED),
        reach=_reach(found),
        dwellings=len(found.run.records.register.dwellings),
        places=len(found.run.records.register.places),
        over_time=_over_time(found),
        ready=_ready(found),
        survival=_survival(found),
    )


def _counted(found: Publication, data: ServiceData, parts: Sequence[str]) -> dict[str, Protected]:
    """Return every table of counts that a delivery tells."""
    tables = dict(found.counts) if "measures" in parts else {}
    if "requests" in parts:
        tables |= requests.requested(found)
    made = _collaboration(found, data) if "network" in parts else None
    return tables | ({} if made is None else {"pairs": made.pairs, "refusals": made.refusals})


def _marks(frame: pd.DataFrame, names: Sequence[str], why: pd.Series) -> pd.DataFrame:
    """Return one reason a row for some columns."""
    return pd.DataFrame(dict.fromkeys(names, why), index=frame.index)


# --- measures and counts -----------------------------------------------------------------------


def _figures(found: Publication) -> Shown:
    """Return the measures, with what is counted and not told beside a value that is."""
    frame = found.figures
    hidden = frame["hidden"].astype(bool)
    why = _marks(frame, _AMOUNTS, pd.Series(np.where(hidden, DEPENDS, ""), frame.index))
    counted = found.run.measures.set_index(KEYS).reindex(pd.MultiIndex.from_frame(frame[KEYS]))
    for name in ("numerator", "denominator"):
        # A figure's own count is no second one.
        held = (counted[name].notna() & (counted[name] != counted["value"])).to_numpy(dtype=bool)
        why.loc[held & frame[name].isna(), name] = DEPENDS
    return Shown(frame, why)


def _count_table(one: Protected, found: Publication) -> Shown:
    """Return a table of counts; a column derived from a hidden count is hidden with it."""
    table = one.internal if found.internal else one.published
    names = ["count", *table.derived]
    known = one.internal.frame[names].notna().reindex(table.frame.index)
    why = one.reasons.reindex(table.frame.index).where(lambda said: said != "shown", "")
    marks = {}
    for name in names:
        blank = table.frame["count"].isna() | (table.frame[name].isna() & known[name])
        marks[name] = why.mask(blank & (why == ""), DEPENDS).where(blank, "")
    return Shown(table.frame, pd.DataFrame(marks), table.dimensions, one.note)


def _statement(found: Publication) -> Shown:
    """Return the monthly statement; published, an amount that rests on some of the stays is hidden.

    Other sums, taken away from it, would leave that of few: whether "some" or "all" have no fee is
    said in words.
    """
    made = _count_table(found.counts["billed"], found)
    if found.internal:
        return made
    frame, why = made.frame.copy(), made.why.copy()
    unstated, with_fee = frame["unstated"], frame["count"] - frame["unstated"]
    partial = ((unstated > 0) & (with_fee > 0)).fillna(False).astype(bool)
    frame["due_eur"] = frame["due_eur"].mask(partial)
    why.loc[partial, "due_eur"] = DEPENDS
    said = pd.Series(np.where((with_fee > 0).fillna(False), "some", "all"), frame.index)
    frame["unstated"] = said.where((unstated > 0).fillna(False), "").mask(frame["count"].isna())
    return replace(made, frame=frame, why=why)


def _survival(found: Publication) -> Shown:
    """Return the share still present and gone by each way."""
    own = found.run.survival
    own = own[own["level"] == "all"].copy()
    few = pd.Series(False, index=own.index)
    if not found.internal:
        own, few = _told_survival(found, own)
    return Shown(own, _marks(own, ("share", "low", "high"), _because(few, SMALL)))


def _told_survival(found: Publication, own: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Keep who is still present and who left well, in whole per cents, where enough stand behind.

    An exact share of a known number of stays would count the few who left some other way; so would
    the step from one day to the next.
    """
    if own.empty:
        return own, pd.Series(dtype=bool)
    measures = found.run.measures
    whole = (measures["measure"] == "stay_km_median_days") & (measures["level"] == "all")
    stays = float(measures.loc[whole, "denominator"].iloc[0])
    by_day = own.set_index(["outcome", "days"])["share"]
    gone, well = (1 - by_day["present"]) * stays, by_day["positive"] * stays
    gone, well = gone.round(), well.round()
    risk = own.groupby("days")["n_risk"].min()
    told = _told_days(pd.DataFrame({"gone": gone}), risk, found.rules.count_min)
    ways = pd.DataFrame({"well": well, "other": gone - well})[told]
    both = _told_days(ways, risk[told], found.rules.count_min)
    if np.isnan(found.count("outcomes", "exit_positive")):
        both[:] = False
    shown = {"present": told, "positive": both.reindex(told.index, fill_value=False)}
    own = own[own["outcome"].isin(list(shown))].copy()
    few = pd.Series(
        [not shown[way][day] for way, day in zip(own["outcome"], own["days"], strict=True)],
        own.index,
    )
    numbers = ["share", "low", "high"]
    own[numbers] = own[numbers].round(2).mask(few)
    return own, few


def _told_days(persons: pd.DataFrame, risk: pd.Series, least: int) -> pd.Series:
    """Say on which days persons may be told who left by then: none, or enough, since the last told."""
    told, last = [], pd.Series(0.0, persons.columns)
    for (_, now), at_risk in zip(persons.iterrows(), risk.reindex(persons.index), strict=True):
        step = now - last
        told.append(bool(at_risk >= least and ((step == 0) | (step >= least)).all()))
        last = now if told[-1] else last
    return pd.Series(told, persons.index, dtype=bool)


def _because(hidden: pd.Series, why: str) -> pd.Series:
    return pd.Series(np.where(hidden, why, ""), hidden.index)


# --- places ------------------------------------------------------------------------------------


def _reach(found: Publication) -> dict[str, frozenset[str]]:
    """Return the municipalities of each ambito of the register, else those of its dwellings."""
    known = store.table("ambiti").groupby("ambito_name")["municipality_code"].agg(frozenset)
    register = found.run.records.register
    services, dwellings = register.services, register.dwellings
    of = dwellings["service_code"].map(services["ambito_name"])
    own = dwellings["municipality_code"].groupby(of).agg(frozenset)
    return {
        str(name): known.get(name) or own.get(name) or frozenset()
        for name in sorted(services["ambito_name"].dropna().unique())
    }


def _over_time(found: Publication) -> Shown:
    """Return the places of the network by state on the last day of each month."""
    rows = found.run.supply
    own = rows[rows["level"] == "all"].pivot_table(
        index="date", columns="state", values="places", observed=True
    )
    frame = own.reindex(columns=list(STATES), fill_value=0).astype(float).reset_index()
    frame.columns.name = None
    few = pd.Series("", index=frame.index)
    if not found.internal:
        few = _few_occupied(found, frame["occupied"])
        frame[list(STATES)] = frame[list(STATES)].mask(few != "")
    return Shown(frame, _marks(frame, list(STATES), few))


def _few_occupied(found: Publication, occupied: pd.Series) -> pd.Series:
    """Say why months are hidden: so many places are taken by as many guests.

    A hidden month takes those beside it with it: alone it would be known to have a few guests.
    """
    few = (occupied > 0) & (occupied < found.rules.count_min)
    beside = few.shift(1, fill_value=False) | few.shift(-1, fill_value=False)
    others = beside | (not found.tells("places_occupied"))
    return pd.Series(np.where(few, SMALL, np.where(others, DEPENDS, "")), occupied.index)


def _ready(found: Publication) -> Shown | None:
    """Return the ready places of each target group, those of "places_ready"; not of sensitive ones."""
    if np.isnan(found.figure("places_ready")["value"]):
        return None
    counts = planning.open_places(found.run, found.places_in_sum)["ready"]
    sensitive = set() if found.internal else set(found.rules.sensitive["target_group"])
    # Ready places beside those there are leave the taken ones over.
    sensitive |= set(counts.index[counts.isna()])
    names = [code for code in GROUPS if counts[code] != 0]
    frame = pd.DataFrame({"group": names, "ready": counts.reindex(names).to_numpy()})
    secret = frame["group"].isin(sensitive)
    frame["ready"] = frame["ready"].mask(secret)
    return Shown(frame, _marks(frame, ["ready"], _because(secret, SMALL)))


# --- network, local measures, rows ---------------------------------------------------------------


def _collaboration(found: Publication, data: ServiceData) -> Collaboration | None:
    """Measure how the members of a network work together; None without referrals."""
    if data.referrals is None:
        return None

    def told(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
        if found.internal:
            return frame
        return frame.assign(
            **{name: without_protected(frame[name], data.register) for name in columns}
        )

    survey = data.survey
    if survey is not None:
        survey = told(survey, "respondent_member", "about_member", "question")
    referrals = told(data.referrals, "from_member", "to_member")
    least = parameters.values(data.overrides)["survey_respondents_min"]
    return collaboration(
        referrals, survey, period=data.period, rules=found.rules, respondents_min=int(least),
        withheld=found.withheld,
    )  # fmt: skip


def _network(found: Publication, data: ServiceData) -> Network | None:
    made = _collaboration(found, data)
    if made is None or data.referrals is None:
        return None
    measures = made.measures.reset_index()
    untold = measures["value"].isna() & (measures["denominator"] > 0)
    names = ("respondents", "mean_score", "low", "high")
    few = _because(made.survey["respondents"].isna(), SMALL)
    graph = published_graph(made.pairs)
    if found.internal:
        graph = referral_graph(data.referrals, period=found.period)
    return Network(
        measures=Shown(measures, _marks(measures, ["value"], _because(untold, DEPENDS))),
        pairs=_count_table(made.pairs, found),
        refusals=_count_table(made.refusals, found),
        survey=Shown(made.survey, _marks(made.survey, names, few)),
        respondents_min=made.respondents_min,
        graph=graph,
    )


def local_measures(policies: pd.DataFrame, least: float, *, internal: bool) -> Shown:
    """Return what administrations do as it may be told: few applicants, and what was spent on few, hide.

    Parameters
    ----------
    policies : DataFrame
        Of ``services.read_policies``, whatever columns stand beside.
    least : float
        The smallest count that is told.
    internal : bool
        Whether all counts may be shown.
    """
    frame = policies.copy()
    why = _marks(frame, FIGURES, pd.Series("", frame.index))
    if not internal:
        for name in ("applications", "admitted", "beneficiaries"):
            few = ((frame[name] > 0) & (frame[name] < least)).fillna(False)
            why.loc[few.to_numpy(dtype=bool), name] = SMALL
            frame[name] = frame[name].mask(few)
        # What was spent on so few is about each of them.
        few = why["beneficiaries"] != ""
        why.loc[few, "spent_eur"] = DEPENDS
        frame["spent_eur"] = frame["spent_eur"].mask(few)
    return Shown(frame, why)


def _rows(found: Publication) -> Rows:
    run, period = found.run, found.period
    months = pd.period_range(period.start, period.end, freq="M").astype(str)
    lines = [run.statement(month) for month in months]
    return Rows(
        run.reviews,
        run.long_stays,
        pd.concat(lines, ignore_index=True) if lines else pd.DataFrame(),
    )
