"""Stays: who enters, who is there, who is new, and how long they stay."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from needs_analysis.services.files.nights import Ints
from needs_analysis.services.measures import folding, survival
from needs_analysis.services.measures.declaration import (
    Count,
    Measure,
    Rests,
    Rule,
    Share,
    Whole,
    rule,
)
from needs_analysis.services.measures.folding import Block
from needs_analysis.services.measures.records import Bools
from needs_analysis.services.measures.window import WINDOW_DAYS, Tally, Window, one, part
from needs_analysis.words import N_


@rule(
    Rule(
        "entries",
        2,
        N_("Accoglienze cominciate nel periodo e ospiti presenti la notte dell'ultimo giorno."),
    ),
    Measure("entries", "stays", N_("Ingressi"), told=Count("entries", "entered")),
    Measure(
        "present_at_end", "guests", N_("Presenti alla fine"), told=Count("outcomes", "present")
    ),
)
def entries(window: Window) -> Iterator[Tally]:
    """Entries and the present."""
    yield one("entries", "count", part(window.entered))
    rec = window.records
    there = np.zeros(len(rec.entry), dtype=bool)
    there[window.present] = True
    rows = rec.order[there[rec.order]]
    # Two open stays are one guest, in the stay begun first.
    _, firsts = np.unique(rec.guest[rows], return_index=True)
    yield one("present_at_end", "count", part(np.sort(rows[firsts])))


def first_entries(window: Window, among: Bools | None = None) -> tuple[Ints, Bools]:
    """Return each guest's first stay begun in the window, and whether none stood before it."""
    rec = window.records
    chosen = window.within(rec.entry[rec.order])
    if among is not None:
        chosen &= among[rec.order]
    at = np.flatnonzero(chosen)
    guest = rec.guest[rec.order[at]]
    first = np.r_[True, guest[1:] != guest[:-1]] if len(at) else np.zeros(0, dtype=bool)
    at = at[first]
    rows = rec.order[at]
    return rows, rec.furthest[at] < rec.entry[rows] - WINDOW_DAYS


@rule(
    Rule(
        "first_time",
        1,
        N_(
            "Ospiti entrati nel periodo senza alcuna accoglienza nei 730 giorni prima del loro "
            "primo ingresso nel periodo."
        ),
    ),
    Measure(
        "first_time_share",
        "share",
        N_("Ospiti al primo ingresso"),
        told=Share("first_time", ("first",)),
    ),
)
def first_time(window: Window, services: Collection[str] | None = None) -> Iterator[Tally]:
    r"""Guests who entered in the period with no stay in the 730 days before.

    .. math:: p = |\{g : \max_{j < i} e_j < s_i - 730\}| / G

    with i the first stay of guest g begun in the period.

    Parameters
    ----------
    stays : Stays or DataFrame
        Of the two years before the period too.
    period : Period
        Days in which an entry counts.
    services : collection of str, optional
        Services whose entries count; earlier stays count wherever they were.

    Returns
    -------
    DataFrame
        Index measure; numerator, denominator (guests), value, low, high (Wilson), note.

    References
    ----------
    Rule `first_time`; HUD System Performance Measures, measure 5.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b", "b"],
    ...     "entry_date": pd.to_datetime(["2025-01-10", "2024-05-01", "2025-02-05"]),
    ...     "exit_date": pd.to_datetime([None, "2024-06-01", None])}, index=["1", "2", "3"])
    >>> first_time(stays, Period.year(2025))["value"].tolist()
    [0.5]
    """
    among = None
    if services is not None:
        chosen = window.records.column("service_code").isin(list(services))
        among = chosen.to_numpy(dtype=bool)
    rows, new = first_entries(window, among)
    yield one("first_time_share", "share", part(rows, new))


@rule(
    Rule(
        "length_of_stay",
        1,
        N_("Giorni dall'ingresso all'uscita di chi è uscito nel periodo, anche se entrato prima."),
    ),
    Measure(
        "stay_mean_days",
        "days",
        N_("Permanenza media di chi è uscito"),
        told=Rests("outcomes", "exit"),
    ),
    Measure(
        "stay_median_days",
        "days",
        N_("Permanenza mediana di chi è uscito"),
        told=Rests("outcomes", "exit"),
    ),
)
def length_of_stay(window: Window) -> Iterator[Tally]:
    r"""Mean and median days from entry to exit of those who left in the period.

    .. math:: \bar d = \frac{1}{n} \sum_i (e_i - s_i)

    Parameters
    ----------
    stays : Stays or DataFrame
        Index stay_id; guest, entry_date, exit_date at least.
    period : Period
        Days in which an exit counts.

    Returns
    -------
    DataFrame
        Index measure (stay_mean_days, stay_median_days); numerator (days), denominator (leavers),
        value, low, high, note.

    Notes
    -----
    Leavers alone understate the stay of a young service; :func:`kaplan_meier` does not.

    References
    ----------
    Rule `length_of_stay`.

    Examples
    --------
    >>> import pandas as pd
    >>> from needs_analysis.services import Period
    >>> stays = pd.DataFrame({"guest": ["a", "b", "c"],
    ...     "entry_date": pd.to_datetime(["2022-11-01", "2022-11-01", "2022-11-15"]),
    ...     "exit_date": pd.to_datetime(["2023-01-15", "2023-01-15", "2023-01-10"])},
    ...     index=["1", "2", "3"])
    >>> length_of_stay(stays, Period("2022-10-01", "2023-09-30"))["value"].round(2).tolist()
    [68.67, 75.0]
    """
    rows = window.leavers
    days = window.records.leaving[rows] - window.records.entry[rows]
    yield one("stay_mean_days", "mean", part(rows, days))
    yield one("stay_median_days", "median", part(rows, days))


def length_so_far(window: Window) -> Tally:
    """Return whether and after how many days each stay begun so far has ended."""
    rec = window.records
    rows = np.flatnonzero(rec.entry < window.past)
    left = rec.leaving[rows] < window.past
    # Who is present on the last day leaves the day after at the earliest: not seen any more.
    days = np.minimum(rec.leaving[rows], window.past - 1) - rec.entry[rows]
    return one("stay_km_median_days", "survival", part(rows, left, days))


@rule(
    Rule(
        "stay_survival",
        2,
        N_(
            "Permanenza secondo Kaplan-Meier su tutte le accoglienze cominciate entro la fine "
            "del periodo; chi è ancora presente è censurato. Uscite concorrenti secondo "
            "Aalen-Johansen."
        ),
    ),
    Measure(
        "stay_km_median_days",
        "days",
        N_("Permanenza mediana (Kaplan-Meier)"),
        told=Rests("outcomes"),
    ),
    Measure(
        "stay_logrank_by_group",
        "p_value",
        N_("Permanenze diverse fra i gruppi (log-rank)"),
        told=Whole(),
    ),
)
def stay_survival(window: Window) -> Iterator[Tally]:
    """Days of the stays begun so far, those that go on censored."""
    yield length_so_far(window)


def logrank_by_group(window: Window) -> Block:
    """Return the test that stays are equally long in all target groups: it has no rows of its own."""
    rows = length_so_far(window).parts[0]
    group = window.records.codes["stays"]["group"][rows.rows]
    test = survival.logrank(rows.denominator, rows.numerator > 0, group)
    row = {
        "measure": "stay_logrank_by_group",
        "level": "all",
        "level_value": "",
        "numerator": test.chi2,
        "denominator": float(test.freedom),
        "value": test.p_value,
        "low": np.nan,
        "high": np.nan,
        "note": "no_case" if np.isnan(test.chi2) else "",
    }
    return {name: folding.repeated(one, 1) for name, one in row.items()}
