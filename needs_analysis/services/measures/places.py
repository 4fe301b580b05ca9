"""Nights and places: how much of what is open is slept in, and in which state places are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from needs_analysis.services.files.nights import Ints, beyond_earlier
from needs_analysis.services.files.schema import STATES
from needs_analysis.services.measures.declaration import (
    Measure,
    Rests,
    Rule,
    Untold,
    rule,
    rule_of_places,
)
from needs_analysis.services.measures.window import Tally, Window, one, part
from needs_analysis.words import N_

YEAR_DAYS = 365
_DWELLINGS = {"dwellings": ("opened", "closed")}


@rule(
    Rule(
        "bed_nights",
        1,
        N_(
            "Notti di presenza dall'ingresso (compreso) all'uscita (esclusa); una notte in due "
            "accoglienze dello stesso ospite conta una volta, in quella cominciata prima."
        ),
    ),
    Measure(
        "bed_nights", "nights", N_("Notti di presenza"), told=Rests("outcomes", amounts=("nights",))
    ),
    Measure(
        "overlap_nights",
        "nights",
        N_("Notti registrate due volte"),
        told=Untold("a fault of the records"),
    ),
)
def bed_nights(window: Window) -> Iterator[Tally]:
    """Nights, and nights recorded twice."""
    rec = window.records
    rows, counted = window.nights
    yield one("bed_nights", "count", part(rows, counted))
    span = np.minimum(rec.leaving[rows], window.past) - np.maximum(rec.entry[rows], window.first)
    twice = span - counted
    yield one("overlap_nights", "count", part(rows[twice > 0], twice[twice > 0]))


def _available(window: Window) -> tuple[Ints, Ints]:
    start, end = window.records.place_days
    nights = np.minimum(end, window.past) - np.maximum(start, window.first)
    return np.arange(len(start)), np.maximum(nights, 0)


@rule_of_places(
    Rule(
        "available_place_nights",
        2,
        N_(
            "Notti in cui il posto è aperto, esclusi i giorni da quando è da sistemare o chiuso; "
            "i posti riservati contano."
        ),
        reads=_DWELLINGS,
    ),
    Measure(
        "available_place_nights",
        "nights",
        N_("Notti disponibili dei posti"),
        told=Rests("outcomes", amounts=("places",)),
    ),
)
def available_place_nights(window: Window) -> Iterator[Tally]:
    """Nights in which places can be slept in."""
    rows, nights = _available(window)
    yield one("available_place_nights", "count", part(rows, nights, table="places"))


@rule_of_places(
    Rule(
        "occupancy",
        1,
        N_(
            "Notti di presenza su notti disponibili dei posti; l'uso dei posti conta una volta "
            "la notte di un posto con più ospiti e solo i giorni in cui il posto è disponibile."
        ),
        reads=_DWELLINGS,
    ),
    Measure(
        "occupancy_share",
        "share",
        N_("Occupazione"),
        told=Rests("outcomes", amounts=("nights", "places"), over_persons=False),
    ),
    Measure(
        "place_use_share",
        "share",
        N_("Posti in uso"),
        told=Rests("outcomes", amounts=("nights", "places"), over_persons=False),
    ),
)
def occupancy(window: Window) -> Iterator[Tally]:
    r"""Bed-nights over available place-nights.

    .. math:: O = \frac{\sum_i b_i}{\sum_p a_p}

    Parameters
    ----------
    register : Register
        Its places.
    stays : Stays or DataFrame
        Stays.
    period : Period
        Days that count.

    Returns
    -------
    DataFrame
        Index measure (occupancy_share, place_use_share); numerator and denominator in nights, value
        (share; above 1 only with several guests in a place or nights outside its days), low, high,
        note. The interval is over places.

    References
    ----------
    Rule `occupancy`.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import Period, Register, Stays, empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> occupancy(register, Stays(empty("stays")), Period.year(2025))["note"].tolist()
    ['no_case', 'no_case']
    """
    rec = window.records
    rows, counted = window.nights
    places, nights = _available(window)
    above = part(rows, counted, 0.0, cluster=rec.place[rows])
    below = part(places, 0.0, nights, table="places")
    yield one("occupancy_share", "ratio", above, below)
    used = _used_nights(window)
    yield one("place_use_share", "ratio", part(places, used, nights, table="places"))


def _used_nights(window: Window) -> Ints:
    """Return the available nights of each place with a guest at least."""
    rec = window.records
    start, end = rec.place_days
    rows = window.nights[0]
    rows = rows[rec.place[rows] >= 0]
    place = rec.place[rows]
    low = np.maximum(start[place], window.first)
    high = np.maximum(np.minimum(end[place], window.past), low)
    begin, finish = np.clip(rec.entry[rows], low, high), np.clip(rec.leaving[rows], low, high)
    order = np.lexsort((begin, place))
    begin, finish = beyond_earlier(place[order], begin[order], finish[order])
    used = np.bincount(place[order], weights=finish - begin, minlength=len(start))
    return used.astype(np.int64)


@rule_of_places(
    Rule(
        "turnover",
        1,
        N_("Uscite per posto disponibile in un anno di 365 giorni."),
        reads=_DWELLINGS,
    ),
    Measure(
        "turnover_per_year",
        "per_year",
        N_("Uscite per posto in un anno"),
        told=Rests("outcomes", "exit", amounts=("places",), over_persons=False),
    ),
)
def turnover(window: Window) -> Iterator[Tally]:
    r"""Exits per available place in a year.

    .. math:: T = 365 \, X / \sum_p a_p

    Parameters
    ----------
    register : Register
        Its places.
    stays : Stays or DataFrame
        Stays.
    period : Period
        Days that count.

    Returns
    -------
    DataFrame
        Index measure; numerator (exits), denominator (place-years), value (exits per place and year),
        low, high (Poisson), note.

    References
    ----------
    Rule `turnover`; Garwood (1936) for the interval.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import Period, Register, Stays, empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> turnover(register, Stays(empty("stays")), Period.year(2025))["numerator"].tolist()
    [0.0]
    """
    places, nights = _available(window)
    below = part(places, 0.0, nights / YEAR_DAYS, table="places")
    yield one("turnover_per_year", "rate", part(window.leavers, 1.0, 0.0), below)


def place_states(window: Window, day: int) -> Ints:
    """Return the position among ``STATES`` of each place's state in a night; -1 if not open yet."""
    records, rows = window.records, window.of_period
    opened, closed, since, stated = records.place_terms
    codes = list(STATES)
    # "occupied" without a stay is believed from its date on; a stay says more than the register.
    state = np.where(since > day, codes.index("ready"), stated)
    place = records.place[rows[(records.entry[rows] <= day) & (records.leaving[rows] > day)]]
    state[place[place >= 0]] = codes.index("occupied")
    state = np.where(closed <= day, codes.index("closed"), state)
    return np.where(opened <= day, state, -1)


@rule_of_places(
    Rule(
        "supply",
        2,
        N_(
            "Posti aperti per stato: occupato se un ospite vi dorme quella notte, altrimenti lo "
            "stato del registro da quando vale, prima pronto."
        ),
        reads=_DWELLINGS,
    ),
    # Places that are not occupied tell those that are: as many as guests present.
    *(
        Measure(
            f"places_{state}",
            "places",
            N_("Posti alla fine: {of}"),
            told=Rests("outcomes", "present", amounts=("places",), counted=True),
            values={"of": label},
        )
        for state, label in STATES.items()
    ),
)
def supply(window: Window) -> Iterator[Tally]:
    """Places by state on the last day."""
    state = place_states(window, window.past - 1)
    every = np.arange(len(state))
    for position, code in enumerate(STATES):
        yield one(f"places_{code}", "count", part(every, state == position, table="places"))
