"""How many places those who asked in a period would take, from the stays themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.disclosure import TOTAL, Protected, release, tabulate
from needs_analysis.services.capacity import PlacesNeeded, pooling_gain
from needs_analysis.services.demand import YEAR_DAYS, Arrivals, StayLength, Target
from needs_analysis.services.monitoring import Monitoring
from needs_analysis.services.publication import Publication
from needs_analysis.services.records import UNSTATED
from needs_analysis.services.schema import Period, Stays
from needs_analysis.services.survival import kaplan_meier

REPLICATIONS = 60
YEARS = 10
_ASKED = ("no_place", "other_solution")
"""Refusals of those who asked for a place and might have taken it."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Places that a period's demand takes, by ambito apart and together.

    Parameters
    ----------
    needed : PlacesNeeded
        From the simulation.
    requests : Protected
        Households that asked, by ambito; an ambito whose count is hidden is in no row that leaves.
    places : Series of int
        Places of the register by ambito, the total under "all".
    stay_mean_days : float
        Of the stays simulated, those still present included.
    present_at_end_share : float
        Share still present where the curve of the stays ends; what follows is assumed to go on at
        the rate of all exits.
    """

    needed: PlacesNeeded
    requests: Protected
    places: pd.Series
    stay_mean_days: float
    present_at_end_share: float


def requests_of(stays: Stays, period: Period) -> pd.DataFrame:
    """Return those who asked in a period for a place they might have taken, by stay_id.

    Accepted, waiting, refused for want of a place or gone elsewhere; who had no right to the place or
    declined is left out. A stay without a referral counts on the day of its entry.
    """
    frame = stays.stays
    refused = frame["answer"] == "refused"
    asked = frame[~refused | frame["refusal_reason"].isin(_ASKED)]
    day = asked["referral_date"].fillna(asked["entry_date"])
    return asked[day.between(period.start, period.end)]


def stay_length(run: Monitoring) -> StayLength:
    """Return the stays' lengths by Kaplan-Meier over all stays begun by the period's end.

    Past the end of the curve those still present leave at the rate of all exits: days stayed over
    exits.

    Raises
    ------
    ValueError
        Nobody has left yet.
    """
    own = run.records.stays
    frame = own.stays[own.usable & (own.stays["entry_date"] <= run.period.end)]
    left = (frame["exit_date"] <= run.period.end).to_numpy()
    end = frame["exit_date"].where(left, run.period.end + pd.Timedelta(days=1))
    days = (end - frame["entry_date"]).dt.days.to_numpy(dtype=float)
    if not left.any():
        raise ValueError("nobody has left yet: how long stays last is not known")
    curve = kaplan_meier(days, left)["survival"]
    return StayLength.empirical(curve, tail_mean_days=float(days.sum() / left.sum()))


def plan(
    found: Publication, target: Target | None = None, replications: int = REPLICATIONS
) -> Plan | None:
    """Find the places that each ambito needs alone, and all together, for the period's demand.

    Parameters
    ----------
    found : Publication
        The monitored services.
    target : Target, optional
        9 in 10 within 30 days when omitted.
    replications : int
        Of the simulation.

    Returns
    -------
    Plan or None
        None where fewer than two ambiti may be told, or nobody has left yet.
    """
    run = found.run
    asked = requests_of(run.records.stays, run.period)
    frame = pd.DataFrame({"ambito_name": _ambito_of(run, asked)})
    table = tabulate(frame, ["ambito_name"], name="richieste per ambito", measure="requests")
    (requests,) = release([table], found.profile, found.rules)
    counts = requests.published.frame.set_index("ambito_name")["count"].dropna()
    told = counts.drop([TOTAL, UNSTATED], errors="ignore")
    told = told[told > 0]
    try:
        length = stay_length(run)
    except ValueError:
        return None
    if len(told) < 2:
        return None
    per_year = YEAR_DAYS / run.period.days
    arrivals = {
        str(name): [Arrivals("all_groups", float(count) * per_year)] for name, count in told.items()
    }
    needed = pooling_gain(arrivals, length, target, replications=replications, years=YEARS)
    last = length.curve[-1][1] if length.curve else np.nan
    return Plan(needed, requests, _places(run, list(arrivals)), length.mean_days, last)


def _ambito_of(run: Monitoring, asked: pd.DataFrame) -> pd.Series:
    """Return the ambito of each request: its service's, else the sending municipality's."""
    services = run.records.register.services["ambito_name"]
    own = asked["service_code"].map(services.to_dict())
    known = store.table("ambiti").set_index("municipality_code")["ambito_name"].to_dict()
    return own.fillna(asked["sending_municipality_code"].map(known)).fillna(UNSTATED).astype("str")


def _places(run: Monitoring, ambiti: list[str]) -> pd.Series:
    """Return the open places by ambito at the period's end, and of these ambiti together."""
    rows = run.supply
    last = rows[(rows["date"] == rows["date"].max()) & (rows["level"] == "ambito")]
    last = last[last["state"] != "closed"]
    counts = last.groupby("level_value")["places"].sum().reindex(ambiti, fill_value=0)
    counts[TOTAL] = counts.sum()
    found: pd.Series = counts.astype("int64")
    return found
