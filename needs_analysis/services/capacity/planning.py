"""How many places those who asked in a period would take, and how long they wait with those there are.

The simulations know no more than :class:`Asked` says: requests by ambito and group as they may be told,
and how long stays last. What is hidden stands among the others, together: no place, load or share can
tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import parameters, store
from needs_analysis.disclosure import TOTAL, CountTable, tabulate
from needs_analysis.errors import ParameterError
from needs_analysis.services.capacity.capacity import Capacity, capacity
from needs_analysis.services.capacity.demand import (
    MONTH_DAYS,
    YEAR_DAYS,
    Arrivals,
    Patience,
    StayLength,
    Target,
)
from needs_analysis.services.capacity.load import YEARS, Overload, overload
from needs_analysis.services.capacity.needed import PlacesNeeded, places_needed
from needs_analysis.services.capacity.problems import problem
from needs_analysis.services.files.schema import GROUPS, UNSTATED, Period, Stays
from needs_analysis.services.measures.monitoring import Monitoring
from needs_analysis.services.measures.survival import kaplan_meier

REPLICATIONS = 50  # one block of the simulation: ten more would cost as much again
OTHERS = "other_groups"
"""The requests whose group is hidden or not stated, together."""
_ASKED = ("no_place", "other_solution")
"""Refusals of those who asked for a place and might have taken it."""
GONE = "other_solution"
"""The answer of those who found a place elsewhere: their days tell how long households wait."""
_USABLE = ("ready", "reserved", "occupied")
_NO_SEASON = (1.0,) * 12


@dataclass(frozen=True, eq=False)
class Asked:
    """What may be told of a period's requests; the simulations know no more.

    Parameters
    ----------
    by_ambito, by_group : Series
        Requests of each ambito and group, and all of them under "all"; NaN where hidden. The name of
        the index is the column of :func:`requests_in`.
    untold_places : frozenset of str
        Ambiti whose places may not be told.
    places_in_sum : mapping of str to str
        The services whose places are told only together, by ambito or "" for those of the network.
    own_stays : frozenset of str
        Groups whose exits may be told: that enough have left would else tell of a hidden count.
    own_patience : bool
        Whether it may be told how many found another solution.
    """

    by_ambito: pd.Series
    by_group: pd.Series
    untold_places: frozenset[str]
    places_in_sum: Mapping[str, str]
    own_stays: frozenset[str]
    own_patience: bool


@dataclass(frozen=True, eq=False)
class Split:
    """A period's requests split one way, and the places that each part takes apart and all together.

    Parameters
    ----------
    requests : Series
        By ambito or group, NaN where hidden; such a part is in no row that leaves.
    behind : DataFrame
        By name of each part simulated: requests, stay and season ("own", "all" or "none": of whom
        they are), stay_mean_days.
    needed : PlacesNeeded or None
        From the simulation; None where no part may be told.
    places : Series of float
        Usable places by part, the total under "all": of the ambito, or open to the group (one place
        may be open to several); NaN where they may not be told.
    """

    requests: pd.Series
    behind: pd.DataFrame
    needed: PlacesNeeded | None
    places: pd.Series

    @property
    def hidden(self) -> list[str]:
        """Return the parts whose count, or whose places, may not be told."""
        counts = self.requests.drop(TOTAL)
        untold = ~counts.index.isin([*self.behind.index, UNSTATED]) & (counts > 0)
        return [str(name) for name in counts.index[counts.isna() | untold]]


@dataclass(frozen=True, eq=False)
class Today:
    """What the places that there are do for those who ask, group by group.

    Parameters
    ----------
    found : Capacity or None
        By group, and `OTHERS` together; None where a list grows without end, or all is hidden.
    growing : Overload or None
        The groups whose list grows without end.
    others : float
        Requests under `OTHERS`; NaN where all are hidden.
    shut_out : tuple of str
        Groups to which no place is open: they are in no list.
    places : Series of float
        Usable places open to each group, and all of them under "all"; NaN where they may not be told.
    """

    found: Capacity | None
    growing: Overload | None
    others: float
    shut_out: tuple[str, ...]
    places: pd.Series


@dataclass(frozen=True, eq=False)
class Plan:
    """Places that a period's demand takes, and waits with those there are.

    Parameters
    ----------
    by_ambito, by_group : Split
        Places needed apart and together.
    today : Today
        Waits with the usable places, whatever the ambito.
    target : Target
        Whom the places needed let in, and when.
    patience : Patience or None
        How long households wait before they go elsewhere; None: nobody does.
    patience_from : str
        "given", "own" (from those who found another solution) or "none".
    stay_mean_days : float
        Of all stays, those still present included.
    cases_min, season_month_min : float
        Fewest cases behind a stay or patience of its own, fewest requests a month behind a season.
    replications, years : int
        Of the simulations.
    """

    by_ambito: Split
    by_group: Split
    today: Today
    target: Target
    patience: Patience | None
    patience_from: str
    stay_mean_days: float
    cases_min: float
    season_month_min: float
    replications: int
    years: int


# --- what the data tell ------------------------------------------------------------------------


def requests_of(stays: Stays, period: Period) -> pd.DataFrame:
    """Return those who asked in a period for a place they might have taken, by stay_id.

    Accepted, waiting, refused for want of a place or gone elsewhere; who had no right to the place or
    declined is left out. A stay without a referral counts on the day of its entry.
    """
    asked = _asked(stays)
    return asked[_asked_on(asked).between(period.start, period.end)]


def stay_length(run: Monitoring, group: str | None = None) -> StayLength:
    """Return the stays' lengths by Kaplan-Meier over all stays begun by the period's end.

    Past the end of the curve those still present leave at the rate of all exits: days stayed over
    exits.

    Parameters
    ----------
    run : Monitoring
        Of the period.
    group : str, optional
        Of this target group alone.

    Raises
    ------
    ParameterError
        Nobody has left yet.
    """
    days, left = durations(run, group)
    if not left.any():
        raise ParameterError(problem("nobody_left"))
    curve = kaplan_meier(days, left)["survival"]
    # Who is present on the last day has slept that night too.
    nights = days.sum() + (~left).sum()
    return StayLength.empirical(curve, tail_mean_days=float(nights / left.sum()))


def season_of(days: pd.Series, period: Period, month_min: float) -> tuple[float, ...] | None:
    r"""Return the requests a day of each month over a period: a pattern that repeats every year.

    .. math:: w_m = n_m / d_m

    Parameters
    ----------
    days : Series of datetime
        When each asked, within the period.
    period : Period
        With every month of the year in full.
    month_min : float
        Requests a month, on average, below which chance alone would make the pattern.

    Returns
    -------
    tuple of 12 floats or None
        January first; None where requests are too few or a month is not covered.

    Examples
    --------
    >>> asked = pd.Series(pd.date_range("2025-01-01", "2025-12-31", freq="3D"))
    >>> pattern = season_of(asked, Period.year(2025), month_min=10)
    >>> round(pattern[0], 3), season_of(asked, Period.year(2025), month_min=11) is None
    (0.355, True)
    """
    every = pd.Series(pd.date_range(period.start, period.end)).dt.month
    covered = every.value_counts().reindex(range(1, 13), fill_value=0)
    if (covered < list(MONTH_DAYS)).any() or len(days) * YEAR_DAYS / period.days < 12 * month_min:
        return None
    counts = days.dt.month.value_counts().reindex(range(1, 13), fill_value=0)
    return tuple(float(weight) for weight in counts / covered)


def patience_of(stays: Stays, period: Period, cases_min: float) -> Patience | None:
    r"""Return how long those who ask wait before they find another solution: the mean of an exponential.

    .. math:: \frac{\sum_i t_i}{d}

    with t the days waited by all who asked by the period's end and d those who found another solution:
    the most likely mean where who entered, was refused or still waits is known to have waited that long
    at least. Who declined a place did not leave the list, and stays out.

    Parameters
    ----------
    stays : Stays
        Of any time.
    period : Period
        What came after its end is not known.
    cases_min : float
        Fewest who found another solution.

    Returns
    -------
    Patience or None
        None where too few found another solution, or their days are not written.

    References
    ----------
    Brown, L. et al. (2005), Statistical analysis of a telephone call center, JASA 100 (patience from
    censored waits).
    """
    asked = _asked(stays)
    asked = asked[asked["referral_date"] <= period.end]
    gone = asked["refusal_reason"].eq(GONE)
    until = asked["entry_date"].where(~gone).fillna(asked["answer_date"])
    # Who has no answer yet still waits; who went elsewhere no one knows when says nothing.
    waiting = asked["answer"].ne("refused") & (until.isna() | (until > period.end))
    until = until.where(~waiting, period.end)
    days = (until.mask(until > period.end, period.end) - asked["referral_date"]).dt.days
    gone &= asked["answer_date"] <= period.end
    known = days >= 0
    if gone[known].sum() < cases_min or not days[known].sum() > 0:
        return None
    return Patience(float(days[known].sum() / gone[known].sum()))


def _asked(stays: Stays) -> pd.DataFrame:
    frame = stays.stays
    refused = frame["answer"] == "refused"
    return frame[~refused | frame["refusal_reason"].isin(_ASKED)]


def _asked_on(asked: pd.DataFrame) -> pd.Series:
    return asked["referral_date"].fillna(asked["entry_date"])


def durations(run: Monitoring, group: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the days of each stay begun by the period's end, and whether it ended by then."""
    own = run.records.stays
    frame = own.stays[own.usable & (own.stays["entry_date"] <= run.period.end)]
    if group is not None:
        frame = frame[frame["target_group"] == group]
    left = (frame["exit_date"] <= run.period.end).to_numpy()
    end = frame["exit_date"].where(left, run.period.end)
    return (end - frame["entry_date"]).dt.days.to_numpy(dtype=float), left


# --- the plan ----------------------------------------------------------------------------------


class _Part(NamedTuple):
    """One part of the requests, as the simulations are told of it."""

    arrivals: Arrivals
    requests: float
    stay: StayLength
    stay_of: str
    season_of: str

    @property
    def name(self) -> str:
        return self.arrivals.group


@dataclass(frozen=True, eq=False)
class _Known:
    """What all simulations share."""

    run: Monitoring
    asked: Asked
    requests: pd.DataFrame
    usable: pd.DataFrame
    stay: StayLength
    season: tuple[float, ...] | None
    target: Target
    patience: Patience | None
    cases_min: float
    month_min: float
    replications: int

    def part(self, name: str, requests: float, days: pd.Series) -> _Part:
        """Return a part with its own stay and season where enough stand behind, else those of all."""
        period = self.run.period
        stay = self._own_stay(name) if name in self.asked.own_stays else None
        own = season_of(days, period, self.month_min)
        season = own or self.season or _NO_SEASON
        return _Part(
            Arrivals(name, requests * YEAR_DAYS / period.days, season),
            requests,
            stay or self.stay,
            "own" if stay else "all",
            "own" if own else "all" if self.season else "none",
        )

    def _own_stay(self, group: str) -> StayLength | None:
        """Return a group's own stays where enough have left."""
        enough = durations(self.run, group)[1].sum() >= self.cases_min
        return stay_length(self.run, group) if enough else None


def plan(
    run: Monitoring,
    asked: Asked,
    target: Target | None = None,
    patience: Patience | None = None,
    replications: int = REPLICATIONS,
    overrides: Mapping[str, float] | None = None,
) -> Plan | None:
    """Find the places that each ambito and each group needs alone, all together, and today's waits.

    Parameters
    ----------
    run : Monitoring
        The monitored services.
    asked : Asked
        What may be told of those who ask.
    target : Target, optional
        9 in 10 within 30 days when omitted.
    patience : Patience, optional
        In place of what the data tell.
    replications : int
        Of the simulations.
    overrides : mapping of str to float, optional
        Parameters put over ``parameters.csv``.

    Returns
    -------
    Plan or None
        None where no ambito and no group may be told.
    """
    value = parameters.values(overrides)
    cases_min, month_min = value["capacity_cases_min"], value["capacity_season_requests_min"]
    patience_from = "given" if patience else "none"
    if patience is None and asked.own_patience:
        patience = patience_of(run.records.stays, run.period, cases_min)
        patience_from = "own" if patience else "none"
    requests, ambiti, groups = requests_in(run), asked.by_ambito, asked.by_group
    # How many asked in all may be hidden too.
    hidden = np.isnan(groups[TOTAL])
    season = None if hidden else season_of(requests["day"], run.period, month_min)
    known = _Known(
        run, asked, requests, _usable(run, asked.places_in_sum), stay_length(run), season,
        target or Target(), patience,
        cases_min, month_min, replications,
    )  # fmt: skip
    by_ambito, by_group = _parts(known, ambiti), _parts(known, groups)
    if not (by_ambito or by_group):
        return None
    return Plan(
        by_ambito=_split(known, ambiti, by_ambito),
        by_group=_split(known, groups, by_group),
        today=_today(known, groups, by_group),
        target=known.target,
        patience=patience,
        patience_from=patience_from,
        stay_mean_days=known.stay.mean_days,
        cases_min=cases_min,
        season_month_min=month_min,
        replications=replications,
        years=YEARS,
    )


def requests_in(run: Monitoring) -> pd.DataFrame:
    """Return the ambito, group and day of each of the period's requests."""
    asked = requests_of(run.records.stays, run.period)
    return pd.DataFrame(
        {
            "ambito_name": _ambito_of(run, asked),
            "target_group": asked["target_group"].astype("str").fillna(UNSTATED),
            "day": _asked_on(asked),
        }
    )


def _ambito_of(run: Monitoring, asked: pd.DataFrame) -> pd.Series:
    """Return the ambito of each request: its service's, else the sending municipality's."""
    services = run.records.register.services["ambito_name"]
    own = asked["service_code"].map(services.to_dict())
    known = store.table("ambiti").set_index("municipality_code")["ambito_name"].to_dict()
    return own.fillna(asked["sending_municipality_code"].map(known)).fillna(UNSTATED).astype("str")


def request_tables(run: Monitoring) -> list[CountTable]:
    """Count requests by ambito and by group: they have one total."""
    asked, services = requests_in(run), run.records.register.services
    values = {
        "ambito_name": sorted({*services["ambito_name"].dropna(), *asked["ambito_name"], UNSTATED}),
        "target_group": [*GROUPS, UNSTATED],
    }
    names = {"ambito_name": "richieste per ambito", "target_group": "richieste per gruppo"}
    return [
        tabulate(asked, [one], name=names[one], values={one: values[one]}, measure="requests")
        for one in values
    ]


def _parts(known: _Known, requests: pd.Series) -> list[_Part]:
    """Return the parts that may be told."""
    days = known.requests["day"].groupby(known.requests[requests.index.name])
    told = requests.drop([TOTAL, UNSTATED])
    told = told[~told.index.isin(known.asked.untold_places)]
    return [
        known.part(str(name), count, days.get_group(name)) for name, count in told[told > 0].items()
    ]


def _split(known: _Known, requests: pd.Series, parts: list[_Part]) -> Split:
    by_ambito = requests.index.name == "ambito_name"
    behind = pd.DataFrame(
        {
            "requests": [one.requests for one in parts],
            "stay": [one.stay_of for one in parts],
            "stay_mean_days": [one.stay.mean_days for one in parts],
            "season": [one.season_of for one in parts],
        },
        index=pd.Index([one.name for one in parts], name="name"),
    )
    usable = known.usable
    places = {
        one.name: float((usable["ambito_name"] == one.name).sum())
        if by_ambito
        else _told_open(usable, one.name)
        for one in parts
    }
    whole = sum(places.values()) if by_ambito else len(usable)
    needed = None
    if parts:
        needed = places_needed(
            [one.arrivals for one in parts],
            {one.name: one.stay for one in parts},
            known.target, known.patience, known.replications, YEARS,
        )  # fmt: skip
    return Split(requests, behind, needed, pd.Series({**places, TOTAL: whole}, dtype=float))


# --- the places that there are -----------------------------------------------------------------


def _usable(run: Monitoring, places_in_sum: Mapping[str, str]) -> pd.DataFrame:
    """Return the ambito and the groups of each place usable on the last day, and which were ready.

    `groups` are those that readers may know: of services whose places are told only in sum, each
    place takes whom any of them takes. `own` are the register's.
    """
    states = pd.DataFrame(
        {state: run.rows(f"places_{state}")["numerator"] > 0 for state in _USABLE}
    )
    kept = states.any(axis=1)
    register = run.records.register
    places = register.places.loc[kept.index[kept]]
    service = register.dwellings["service_code"].reindex(places["dwelling_code"])
    ambito = register.services["ambito_name"].reindex(service.to_numpy())
    own = places["target_groups"].astype("str").fillna("")
    together = service.astype("str").map(dict(places_in_sum)).set_axis(places.index)
    groups = own.copy()
    for _, some in own.groupby(together):
        named = {one for kind in some for one in kind.split(";")}
        groups[some.index] = "" if "" in named else ";".join(sorted(named))
    return pd.DataFrame(
        {
            "ambito_name": ambito.astype("str").fillna(UNSTATED).to_numpy(),
            "groups": groups.to_numpy(),
            "own": own.to_numpy(),
            "ready": states.loc[places.index, "ready"].to_numpy(),
        },
        index=places.index,
    )


def open_places(run: Monitoring, places_in_sum: Mapping[str, str]) -> pd.DataFrame:
    """Return the places open to each group on the last day, NaN where they may not be told.

    Columns usable and ready, by the states of the rule "supply": a place where a guest sleeps is
    not ready, whatever state the register was written with. One that names no group is open to all.

    Services share their places with groups in ways that anybody knows who has worked there: of a
    hidden service they would be left over, and with them how many guests it has.
    """
    usable = _usable(run, places_in_sum)
    told = pd.Series({group: _told_open(usable, group) for group in GROUPS}, dtype=float)
    ready = usable.loc[usable["ready"], "own"]
    free = pd.Series({one: float(sum(_takes(kind, one) for kind in ready)) for one in GROUPS})
    return pd.DataFrame({"usable": told, "ready": free.where(told.notna())})


def _told_open(usable: pd.DataFrame, group: str) -> float:
    """Return the places open to a group, where those that readers know are all open to it."""
    known, own = (sum(_takes(kind, group) for kind in usable[name]) for name in ("groups", "own"))
    return float(known) if known == own else np.nan


def _takes(groups: str, group: str) -> bool:
    """Say whether a place is open to a group; one that names none is open to all."""
    return not groups or group in groups.split(";")


def _today(known: _Known, counts: pd.Series, parts: list[_Part]) -> Today:
    """Let all groups wait for the usable places; those that may not be told wait together."""
    others = counts[TOTAL] - sum(one.requests for one in parts)
    if others > 0:
        parts = [*parts, known.part(OTHERS, others, known.requests["day"][:0])]
    kinds, own = (_kinds(known.usable[name]) for name in ("groups", "own"))
    open_to = _open_to(kinds, parts, counts)
    places, true = (
        {one.name: sum(n for kind, n in some.items() if one.name in takes[kind]) for one in parts}
        for some, takes in ((kinds, open_to), (own, _open_to(own, parts, counts)))
    )
    told = {name: count if count == true[name] else np.nan for name, count in places.items()}
    counted = pd.Series({**told, TOTAL: len(known.usable)}, dtype=float)
    shut_out = tuple(name for name, count in places.items() if not count)
    parts = [one for one in parts if places[one.name]]
    # Without those who may not be told the others would seem to have all places for themselves.
    if np.isnan(others) or not parts:
        return Today(None, None, others, shut_out, counted)
    asked = [one.arrivals for one in parts]
    stays = {one.name: one.stay for one in parts}
    growing = overload(asked, stays, kinds, open_to, known.patience)
    found = None
    if growing is None:
        found = capacity(
            asked, stays, kinds, open_to, known.patience, True, known.target,
            known.replications, YEARS,
        )  # fmt: skip
    return Today(found, growing, others, shut_out, counted)


def _kinds(groups: pd.Series) -> dict[str, int]:
    return {str(kind): int(n) for kind, n in groups.value_counts().items()}


def _open_to(
    kinds: Mapping[str, int], parts: list[_Part], counts: pd.Series
) -> dict[str, list[str]]:
    """Return the groups that each kind of place takes; it takes the others if it takes one of them."""
    hidden = [str(name) for name in counts.index[counts.isna()]]
    # Who has no group written may take any place.
    anywhere = UNSTATED in hidden or counts[UNSTATED] > 0
    found = {}
    for kind in kinds:
        others = anywhere or any(_takes(kind, one) for one in hidden)
        found[kind] = [
            one.name for one in parts if (others if one.name == OTHERS else _takes(kind, one.name))
        ]
    return found
