"""Fees due by the administrations: paid days by each convention's own rule, month by month."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.errors import ParameterError
from needs_analysis.services.files.nights import (
    OPEN,
    Ints,
    beyond_earlier,
    bounds,
    day_numbers,
    positions,
    sorted_by,
)
from needs_analysis.services.files.schema import ABSENCE_RULES, DAY_RULES, Period, Register, Stays
from needs_analysis.services.measures.intervals import Floats
from needs_analysis.services.measures.problems import problem

COLUMNS = (
    "month",
    "sending_municipality_code",
    "service_code",
    "stay_id",
    "day_rule",
    "absence_rule",
    "from_date",
    "to_date",
    "counted_days",
    "absence_days",
    "paid_days",
    "daily_fee_eur",
    "due_eur",
)
SUMS = ("counted_days", "absence_days", "paid_days", "due_eur")
_TERMS = ("day_rule", "absence_rule", "daily_fee_eur")


@dataclass(frozen=True)
class Lines:
    """What is due for some stays in some days, as arrays: one element a stay."""

    rows: Ints
    first: Ints
    past: Ints
    counted_days: Floats
    absence_days: Floats
    paid_days: Floats
    due_eur: Floats


@dataclass(frozen=True, eq=False)
class Account:
    """The days that each stay is billed for, whatever the month.

    Parameters
    ----------
    stays, services : DataFrame
        The tables.
    rows, service : ndarray
        Where each stay that can be billed, and its service, stand in them.
    begin, finish : ndarray
        Days [begin, finish) that count by the convention; days of an overlapping stay of the same
        guest in the same service count once.
    away_row, away_begin, away_finish : ndarray
        Days away within them, each once.
    """

    stays: pd.DataFrame
    services: pd.DataFrame
    rows: Ints
    service: Ints
    begin: Ints
    finish: Ints
    away_row: Ints
    away_begin: Ints
    away_finish: Ints

    @classmethod
    def of(cls, register: Register, stays: Stays, service: Ints, guest: Ints) -> Account:
        """Return the account of all stays, by each one's position of service and number of guest."""
        rows = np.flatnonzero(stays.usable.to_numpy())
        services, service = register.services, service[rows]
        begin, finish = _counted(stays.stays, rows, _terms(services["day_rule"], service))
        key = guest[rows] * (len(services) + 1) + service
        order = sorted_by(key, begin, stays.stays.index[rows])
        begin[order], finish[order] = beyond_earlier(key[order], begin[order], finish[order])
        away = _away(stays, rows, begin, finish)
        return cls(stays.stays, services, rows, service, begin, finish, *away)

    def between(self, first: int, past: int) -> Lines:
        """Return what is due for the days [first, past)."""
        at = np.flatnonzero(
            (self.begin < past) & (self.finish > first) & (self.finish > self.begin)
        )
        start, end = np.maximum(self.begin[at], first), np.minimum(self.finish[at], past)
        away = np.minimum(self.away_finish, past) - np.maximum(self.away_begin, first)
        some = away > 0
        absent = np.bincount(self.away_row[some], away[some], len(self.rows))[at].astype(float)
        known, halves_away, cents, free = (term[self.service[at]] for term in self.terms)
        counted = np.where(known, (end - start).astype(float), np.nan)
        absent = np.where(known, absent, np.nan)
        halves = 2 * (counted - absent) + np.where(absent == 0, 0.0, absent * halves_away)
        # Whole cents, half a cent up: no rounding error of fractions.
        due = np.where(free, 0.0, np.floor((halves * cents + 1) / 2) / 100)
        return Lines(self.rows[at], start, end, counted, absent, halves / 2, due)

    @cached_property
    def terms(self) -> tuple[npt.NDArray[np.bool_], Floats, Floats, npt.NDArray[np.bool_]]:
        """Each service's: day rule stated, halves paid for a day away, fee in cents, no fee."""
        table = self.services
        paid = {code: one.halves for code, one in ABSENCE_RULES.items()}
        halves = table["absence_rule"].map(paid).to_numpy(dtype=float, na_value=np.nan)
        free = table["zero_fee"].astype("boolean").fillna(False).to_numpy(dtype=bool)
        cents = np.round(table["daily_fee_eur"].to_numpy(dtype=float) * 100)
        known = table["day_rule"].notna().to_numpy(dtype=bool)
        # A service outside the register, at -1, has no terms.
        return (
            np.r_[known, False],
            np.r_[halves, np.nan],
            np.r_[cents, np.nan],
            np.r_[free, False],
        )

    @cached_property
    def payers(self) -> tuple[Ints, pd.DataFrame]:
        """The sending municipality and service of each stay as one number, and what they are."""
        sender, senders = pd.factorize(self.stays["sending_municipality_code"], sort=True)
        sender = np.where(sender < 0, len(senders), sender)[self.rows]
        service = np.where(self.service < 0, len(self.services), self.service)
        key = sender.astype(np.int64) * (len(self.services) + 1) + service
        _, first, code = np.unique(key, return_index=True, return_inverse=True)
        keys = ["sending_municipality_code", "service_code"]
        payers = self.stays[keys].iloc[self.rows[first]].reset_index(drop=True)
        return np.asarray(code, dtype=np.int64), payers

    def totals(self, lines: Lines) -> pd.DataFrame:
        """Return what each municipality owes each service for some lines."""
        code, payers = self.payers
        own = code[np.searchsorted(self.rows, lines.rows)]
        size = len(payers)
        frame = payers.assign(stays=np.bincount(own, minlength=size))
        for name in SUMS:
            frame[name] = np.bincount(own, weights=getattr(lines, name), minlength=size)
        return frame[frame["stays"] > 0].reset_index(drop=True)


def statement(register: Register, stays: Stays, month: str) -> pd.DataFrame:
    r"""What each sending administration owes for a month, one line a stay (internal profile only).

    .. math:: due = fee \cdot (counted - absent + w \cdot absent)

    with w = 1 where the convention pays absences, 1/2 where it pays half, 0 where it does not. Days
    count by the convention: entry and exit both; the entry only or the exit only (a stay of one day
    then counts one); nights, without the exit day (a stay of one day counts none). An amount is
    rounded to the cent, half a cent up.

    Parameters
    ----------
    register : Register
        For each service: day_rule, absence_rule, daily_fee_eur, zero_fee.
    stays : Stays
        With their absences (both ends are days away).
    month : str
        As "2025-03".

    Returns
    -------
    DataFrame
        The columns of ``COLUMNS``, sorted by municipality, service and stay; from_date and to_date
        are the first and last counted day. NaN where the convention's rule or fee was not
        transmitted; 0 EUR under a zero-fee agreement.

    Raises
    ------
    ParameterError
        The month is none.

    References
    ----------
    Rule `fees`.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> empty_register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> len(statement(empty_register, Stays(empty("stays")), "2025-03"))
    0
    """
    calendar = _month(month)
    service = positions(stays.stays["service_code"], register.services.index)
    guest = np.asarray(pd.factorize(stays.stays["guest"])[0], dtype=np.int64)
    account = Account.of(register, stays, service, guest)
    lines = account.between(*bounds(Period(calendar.start_time, calendar.end_time)))
    terms = stays.stays.iloc[lines.rows][["sending_municipality_code", "service_code"]]
    service = account.service[np.searchsorted(account.rows, lines.rows)]
    rules = {name: _terms(register.services[name], service) for name in _TERMS}
    frame = pd.DataFrame(
        {
            "month": str(calendar),
            "sending_municipality_code": terms["sending_municipality_code"].to_numpy(),
            "service_code": terms["service_code"].to_numpy(),
            "stay_id": terms.index.to_numpy(),
            "day_rule": rules["day_rule"].to_numpy(),
            "absence_rule": rules["absence_rule"].to_numpy(),
            "from_date": lines.first.astype("datetime64[D]").astype("datetime64[ns]"),
            "to_date": (lines.past - 1).astype("datetime64[D]").astype("datetime64[ns]"),
            "counted_days": lines.counted_days,
            "absence_days": lines.absence_days,
            "paid_days": lines.paid_days,
            "daily_fee_eur": rules["daily_fee_eur"].to_numpy(dtype=float),
            "due_eur": lines.due_eur,
        },
        columns=list(COLUMNS),
    )
    keys = ["sending_municipality_code", "service_code", "stay_id"]
    return frame.sort_values(keys, ignore_index=True)


def _month(text: str) -> pd.Period:
    with suppress(ValueError):
        found = pd.Period(text, freq="M") if isinstance(text, str) else None
        if isinstance(found, pd.Period):  # no text at all is no period
            return found
    raise ParameterError(problem("no_month", found=str(text)))


def by_administration(lines: pd.DataFrame) -> pd.DataFrame:
    """Return a statement's totals by sending municipality and service; a missing part leaves NaN.

    Parameters
    ----------
    lines : DataFrame
        From :func:`statement`, of one month or of several.

    Returns
    -------
    DataFrame
        month, sending_municipality_code (NaN: not stated), service_code, stays, counted_days,
        absence_days, paid_days, due_eur.

    Examples
    --------
    >>> by_administration(pd.DataFrame(columns=COLUMNS)).columns[-1]
    'due_eur'
    """
    keys = ["month", "sending_municipality_code", "service_code"]
    sums = list(SUMS)
    grouped = lines.groupby(keys, dropna=False, sort=True)
    totals = grouped[sums].sum()
    unknown = lines[sums].isna().groupby([lines[key] for key in keys], dropna=False).any()
    totals = totals.mask(unknown)
    totals.insert(0, "stays", grouped.size())
    return totals.reset_index()


def _terms(column: pd.Series, service: Ints) -> pd.Series:
    """Return a term of each stay's service; missing where the register has no such service."""
    return pd.Series(column.array.take(service, allow_fill=True))


def _counted(stays: pd.DataFrame, rows: Ints, rule: pd.Series) -> tuple[Ints, Ints]:
    """Return the days [begin, finish) of each stay by its convention's rule."""
    entry = day_numbers(stays["entry_date"], 0)[rows]
    leaving = day_numbers(stays["exit_date"], OPEN)[rows]
    without_entry, by_exit, by_same_day = (
        rule.isin([code for code, one in DAY_RULES.items() if said(one)]).to_numpy(dtype=bool)
        for said in (lambda one: not one.entry, lambda one: one.exit, lambda one: one.same_day)
    )
    same_day = entry == leaving
    with_exit = np.where(same_day, by_same_day, by_exit & (leaving < OPEN))
    return entry + (without_entry & ~same_day), leaving + with_exit


def _away(stays: Stays, rows: Ints, begin: Ints, finish: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the days away within the billed ones, each once, by position of the billed stay."""
    absences = stays.absences
    billed = np.full(len(stays.stays) + 1, -1, dtype=np.int64)
    billed[rows] = np.arange(len(rows))
    row = billed[positions(absences["stay_id"], stays.stays.index)]
    known = row >= 0
    row = row[known]
    start = day_numbers(absences["from_date"], OPEN)[known]
    end = day_numbers(absences["to_date"], -OPEN)[known] + 1
    start = np.clip(start, begin[row], finish[row])
    end = np.clip(end, begin[row], finish[row])
    order = np.lexsort((start, row))
    row = row[order]
    away_begin, away_finish = beyond_earlier(row, start[order], end[order])
    return row, away_begin, away_finish
