"""Places that can take a household now, by whom they are for, how large and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.services.files.schema import day_of
from needs_analysis.services.siting.problems import problem

if TYPE_CHECKING:
    from needs_analysis.services.files.schema import Register

READY = "ready"
PLACE = ("ambito_name", "household_size_max")


@dataclass(frozen=True)
class Supply:
    """Ready places on a day.

    Attributes
    ----------
    by_group : Series of int
        By ambito_name, target_group and household_size_max. A place open to several groups stands
        under each of them: these rows do not add up.
    by_place : Series of int
        By ambito_name, target_groups (as the register joins them; NA where none is stated) and
        household_size_max: every place once.
    by_ambito : Series of int
        By ambito_name and household_size_max: every place once.
    total : int
        Every place once.
    unstated : int
        Of these, the places whose groups are not stated: in no row of `by_group`.
    on : Timestamp
        The day.

    Notes
    -----
    An ambito or a size that is not stated is NA in the index, never left out.
    """

    by_group: pd.Series
    by_place: pd.Series
    by_ambito: pd.Series
    total: int
    unstated: int
    on: pd.Timestamp


def usable_supply(register: Register, on: pd.Timestamp | str) -> Supply:
    r"""Places in state "ready" whose dwelling is open, by group, size and ambito.

    .. math:: \text{usable}_g = |\{p : \text{ready},\ g \in \text{groups}(p)\}|, \qquad
       \text{usable} = |\{p : \text{ready}\}| \le \sum_g \text{usable}_g

    Parameters
    ----------
    register : Register
        Services, dwellings and places; `state` is the state it was written with. Stays are not
        looked at: `monitor` counts as ready (places_ready) only places where nobody sleeps.
    on : Timestamp or str
        The day; a place or dwelling opened later, or closed by then, does not count.

    Returns
    -------
    Supply

    Raises
    ------
    ParameterError
        A place's dwelling, or a dwelling's service, is not in the register.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> day = pd.Timestamp("2024-01-01")
    >>> register = SimpleNamespace(  # invented
    ...     services=pd.DataFrame({"ambito_name": ["Monza"]}, index=["s1"]),
    ...     dwellings=pd.DataFrame({"service_code": ["s1"], "municipality_code": ["108033"],
    ...                             "opened": [day], "closed": [pd.NaT]}, index=["d1"]),
    ...     places=pd.DataFrame({"dwelling_code": ["d1", "d1"], "state": ["ready", "occupied"],
    ...                          "target_groups": ["violence;street", "violence"],
    ...                          "household_size_max": [2, 3], "opened": [day, day],
    ...                          "closed": [pd.NaT, pd.NaT]}, index=["p1", "p2"]))
    >>> found = usable_supply(register, "2025-12-31")
    >>> found.total, found.by_group.groupby(level="target_group").sum().to_dict()
    (1, {'street': 1, 'violence': 1})
    """
    day = day_of(on)
    places, dwellings = register.places, register.dwellings
    lost = sorted(set(places["dwelling_code"]) - set(dwellings.index))
    lost += sorted(set(dwellings["service_code"]) - set(register.services.index))
    if lost:
        raise ParameterError(problem("homes_elsewhere", codes=tuple(lost[:5])))
    standing = places["dwelling_code"].isin(dwellings.index[open_on(dwellings, day)])
    ready = places[(places["state"] == READY) & open_on(places, day) & standing]
    ambito = dwelling_ambiti(register).reindex(ready["dwelling_code"]).to_numpy()
    ready = ready.assign(ambito_name=pd.Series(ambito, index=ready.index, dtype="str"))
    named = ready["target_groups"].astype("str").str.strip()
    named = named.where(named != "")
    ready = ready.assign(target_groups=named)
    each = ready.assign(target_group=named.str.split(";")).explode("target_group")
    each = each.assign(target_group=each["target_group"].astype("str").str.strip())
    each = each[each["target_group"].notna() & (each["target_group"] != "")]
    return Supply(
        by_group=_counted(each, ("ambito_name", "target_group", "household_size_max")),
        by_place=_counted(ready, ("ambito_name", "target_groups", "household_size_max")),
        by_ambito=_counted(ready, PLACE),
        total=len(ready),
        unstated=int(named.isna().sum()),
        on=day,
    )


def open_on(frame: pd.DataFrame, on: pd.Timestamp | str) -> pd.Series:
    """Return which rows are open on a day: opened by then (or no one wrote when), not closed by then."""
    day = day_of(on)
    opened = pd.to_datetime(frame["opened"])
    closed = pd.to_datetime(frame["closed"])
    found: pd.Series = (opened.isna() | (opened <= day)) & (closed.isna() | (closed > day))
    return found


def dwelling_ambiti(register: Register) -> pd.Series:
    """Return each dwelling's ambito: its municipality's where known, else the service's, else NA."""
    dwellings = register.dwellings
    known = store.table("ambiti").set_index("municipality_code")["ambito_name"]
    own = known.reindex(dwellings["municipality_code"]).set_axis(dwellings.index)
    stated = register.services["ambito_name"].reindex(dwellings["service_code"])
    found = own.fillna(stated.set_axis(dwellings.index))
    return found.where(found != "").rename("ambito_name")


def _counted(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.Series:
    return frame.groupby(list(by), dropna=False).size().rename("ready_places")
