"""Monitoring of services: every measure of a period, by service, ambito, target group and year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.services.files.nights import OPEN
from needs_analysis.services.files.schema import POSITIVE, Period, Register, Stays
from needs_analysis.services.measures import fees, folding, survival, tables, tallies
from needs_analysis.services.measures.folding import Block, measures_of
from needs_analysis.services.measures.records import (
    LEVELS,
    Records,
    no_register,
    stays_of,
)
from needs_analysis.services.measures.rules import MEASURES, RULES
from needs_analysis.services.measures.tallies import TALLIES, Tally, Window, window_of
from needs_analysis.services.problems import problem

_TABLES: Mapping[str, Callable[[Window], pd.DataFrame]] = {
    "supply": tables.supply,
    "scales": tables.scales,
    "survival": tables.stays_over_time,
    "fees": tables.fees_by_month,
    "reviews": tables.reviews,
    "long_stays": tables.long_stays,
}
"""What stands beside the measures, by the field of :class:`Monitoring`."""


@dataclass(frozen=True, eq=False)
class Monitoring:
    """All measures of a period.

    Parameters
    ----------
    period : Period
        Days that count, both ends included.
    measures : DataFrame
        One row a figure: measure, rule, rule_version, level ("all", "service", "ambito", "group",
        "year"), level_value, numerator, denominator, value, low, high (0.95), unit, note (codes of
        ``rules.NOTES``; ``rules.note_text`` has the words).
    supply : DataFrame
        Places by state on the last day of every month: date, level, level_value, state, places.
    scales : DataFrame
        The 1-5 scale in pairs: level, level_value, earlier, later, pairs, mean_earlier, mean_later,
        change, low, high, better, same, worse.
    survival : DataFrame
        level, level_value, outcome ("present" by Kaplan-Meier, the ways out of ``rules.WAYS`` by
        Aalen-Johansen), days, n_risk, share, low, high; NaN where nobody was followed that long.
    fees : DataFrame
        month, sending_municipality_code, service_code, stays, counted_days, absence_days, paid_days,
        due_eur.
    reviews : DataFrame
        The guests present at the end by stay_id: service_code, plan_review_date, review ("overdue",
        "due" or "not_stated"), days_stayed, max_stay_days. Internal profile only.
    long_stays : DataFrame
        The stays past 18 months by stay_id: service_code, days_stayed, over_stay_reason. Internal
        profile only.
    records : Records
        What was counted; never written to a file.
    """

    period: Period
    measures: pd.DataFrame
    supply: pd.DataFrame
    scales: pd.DataFrame
    survival: pd.DataFrame
    fees: pd.DataFrame
    reviews: pd.DataFrame = field(repr=False)
    long_stays: pd.DataFrame = field(repr=False)
    records: Records = field(repr=False)

    def value(self, measure: str, level: str = "all", value: str = "") -> float:
        """Return one figure; an unknown one is refused."""
        frame = self.measures
        named = (frame["measure"] == measure) & (frame["level"] == level)
        found = frame.loc[named & (frame["level_value"] == value), "value"]
        if found.empty:
            raise ParameterError(problem("no_measure", measure=measure, level=level, value=value))
        return float(found.iloc[0])

    def rows(self, measure: str, level: str = "all", value: str = "") -> pd.DataFrame:
        """Return the rows behind a figure, each with its weights (internal profile only).

        Parameters
        ----------
        measure : str
            One of ``rules.MEASURES``.
        level, value : str
            As in `measures`; a year is one of the period.

        Returns
        -------
        DataFrame
            Index row (stay_id, place_code or service_code); table, numerator, denominator. Its
            sums are the figure's. A row that was not transmitted has NaN above the line.

        Raises
        ------
        ParameterError
            The measure, the level or the value does not exist, or has no rows of its own.
        """
        window = self._window(level, value)
        tally = _tally(window, measure)
        kept = "all" if level == "year" else level
        frames = [
            _rows_of(self.records, part, kept, value)
            for part in folding.parts_at(self.records, tally, kept)
        ]
        if not frames:
            raise ParameterError(problem("measure_level", measure=measure, level=level))
        return pd.concat(frames)

    def statement(self, month: str) -> pd.DataFrame:
        """Return a month's lines for every sending municipality: see :func:`fees.statement`."""
        return fees.statement(self.records.register, self.records.stays, month)

    def _window(self, level: str, value: str) -> Window:
        if level == "year":
            years = dict(_years(self.period))
            if value not in years:
                raise ParameterError(problem("no_year", year=value, years=tuple(years)))
            return window_of(self.records, years[value])
        if level not in ("all", *LEVELS):
            raise ParameterError(problem("no_level", level=level, levels=("all", *LEVELS, "year")))
        if level != "all" and value not in self.records.labels[level]:
            raise ParameterError(problem("no_level_value", level=level, value=value))
        return window_of(self.records, self.period)


def monitor(register: Register, stays: Stays, period: Period) -> Monitoring:
    """All measures of a period, by service, ambito, target group and year.

    Parameters
    ----------
    register : Register
        Services, dwellings and places.
    stays : Stays
        Stays of any time: those before the period make first-time guests and returns.
    period : Period
        Days that count, both ends included.

    Returns
    -------
    Monitoring
        Measures, supply, scales, survival, fees, reviews; nothing of it is suppressed yet: what
        leaves the office goes through the disclosure rules.

    Raises
    ------
    SourceError
        A stay is in a service or place that the register does not have.

    Notes
    -----
    Thirty places give wide intervals: a share of 50 % on ten exits may be anything from 24 to 76 %. A
    night or a guest counted once is counted in one service, so that services add up to the whole.

    References
    ----------
    The definition of every measure stands in :mod:`needs_analysis.services.measures.rules`.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> monitor(register, Stays(empty("stays")), Period.year(2025)).value("bed_nights")
    0.0
    """
    records = Records(register, stays)
    window = window_of(records, period)
    # The tables and the years beside, on a second core: sums and sorts leave the interpreter free.
    with store.Threads(1) as beside:
        years = beside.submit(_by_year, records, period)
        parts = {name: beside.submit(made, window) for name, made in _TABLES.items()}
        blocks = [*measures_of(records, _all_tallies(window)), _logrank(window)]
    order = {name: position for position, name in enumerate(MEASURES)}
    measures = folding.joined([*blocks, *years.result()])
    measures = measures.sort_values("measure", key=lambda s: s.map(order), kind="stable")
    found = {name: part.result() for name, part in parts.items()}
    return Monitoring(period, measures.reset_index(drop=True), **found, records=records)


def _by_year(records: Records, period: Period) -> list[Block]:
    """Return the figures of each calendar year of a period."""
    return [
        block
        for year, days in _years(period)
        for tally in _all_tallies(window_of(records, days))
        for block in folding.at(records, tally, "all", year)
    ]


def occupancy(register: Register, stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
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
    >>> from needs_analysis.services.files.schema import empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> occupancy(register, Stays(empty("stays")), Period.year(2025))["note"].tolist()
    ['no_case', 'no_case']
    """
    return _summary(tallies.occupancy, stays, period, register)


def turnover(register: Register, stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
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
    >>> from needs_analysis.services.files.schema import empty
    >>> register = Register(empty("services"), empty("dwellings"), empty("places"))
    >>> turnover(register, Stays(empty("stays")), Period.year(2025))["numerator"].tolist()
    [0.0]
    """
    return _summary(tallies.turnover, stays, period, register)


def length_of_stay(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
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
    >>> stays = pd.DataFrame({"guest": ["a", "b", "c"],
    ...     "entry_date": pd.to_datetime(["2022-11-01", "2022-11-01", "2022-11-15"]),
    ...     "exit_date": pd.to_datetime(["2023-01-15", "2023-01-15", "2023-01-10"])},
    ...     index=["1", "2", "3"])
    >>> length_of_stay(stays, Period("2022-10-01", "2023-09-30"))["value"].round(2).tolist()
    [68.67, 75.0]
    """
    return _summary(tallies.length_of_stay, stays, period)


def exits(
    stays: Stays | pd.DataFrame, period: Period, positive: Collection[str] = POSITIVE
) -> pd.DataFrame:
    r"""Exits by destination and the share of the positive ones.

    .. math:: p = X_{positive} / X

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination; a missing one is unknown and stays in the denominator.
    period : Period
        Days in which an exit counts.
    positive : collection of str
        Destinations that count as positive; outreach also counts `other_service`.

    Returns
    -------
    DataFrame
        Index measure (exits, positive_exits_share, exits_<destination>_share); numerator,
        denominator, value, low, high (Wilson), note.

    References
    ----------
    Rule `exits`; Wilson (1927).

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "destination": ["sap_sas", None],
    ...     "entry_date": pd.to_datetime(["2024-05-01"] * 2),
    ...     "exit_date": pd.to_datetime(["2025-03-01"] * 2)}, index=["1", "2"])
    >>> exits(stays, Period.year(2025)).loc["positive_exits_share", "value"]
    np.float64(0.5)
    """
    return _summary(lambda window: tallies.exits(window, positive), stays, period)


def retention(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
    r"""Share of the period's stays still open at its end or ended well.

    .. math:: p = (N_{open} + X_{positive}) / N

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination.
    period : Period
        Stays with a day in it count.

    Returns
    -------
    DataFrame
        Index measure; numerator, denominator, value, low, high (Wilson), note.

    References
    ----------
    Rule `retention`; HUD System Performance Measures, measure 7b.2.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "destination": ["street", None],
    ...     "entry_date": pd.to_datetime(["2024-05-01"] * 2),
    ...     "exit_date": pd.to_datetime(["2025-03-01", None])}, index=["1", "2"])
    >>> retention(stays, Period.year(2025))["value"].tolist()
    [0.5]
    """
    return _summary(tallies.retention, stays, period)


def returns(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
    r"""Guests who entered again 0-180, 181-365 and 366-730 days after a positive exit.

    .. math:: p_{[a,b]} = |\{i : a \le s_{next(i)} - e_i \le b\}| / X_{positive}

    The exits are those of the period moved back by 730 days: each has been followed to the end.

    Parameters
    ----------
    stays : Stays or DataFrame
        With destination, of the two years before the period too.
    period : Period
        Its last day is the last on which a return counts.

    Returns
    -------
    DataFrame
        Index measure (returns_0_180_share, ..., returns_730_share); numerator, denominator (positive
        exits), value, low, high (Wilson), note.

    References
    ----------
    Rule `returns`; HUD System Performance Measures, measure 2.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "a"], "destination": ["autonomous_rent", None],
    ...     "entry_date": pd.to_datetime(["2021-01-10", "2022-01-10"]),
    ...     "exit_date": pd.to_datetime(["2021-05-15", None])}, index=["1", "2"])
    >>> returns(stays, Period("2022-10-01", "2023-09-30"))["value"].tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    return _summary(tallies.returns, stays, period)


def return_days(stays: Stays | pd.DataFrame) -> pd.Series:
    """Days from each exit to the guest's next entry; NaN where there is no exit or no next entry.

    Parameters
    ----------
    stays : Stays or DataFrame
        Index stay_id; guest, entry_date, exit_date at least.

    Returns
    -------
    Series
        Days by stay_id.

    References
    ----------
    Rule `returns`.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "a"],
    ...     "entry_date": pd.to_datetime(["2021-01-10", "2022-01-10"]),
    ...     "exit_date": pd.to_datetime(["2021-05-15", None])}, index=["1", "2"])
    >>> return_days(stays).tolist()
    [240.0, nan]
    """
    records = _records(stays)
    left = np.flatnonzero(records.leaving < OPEN)
    days = np.full(len(records.leaving), np.nan)
    days[left] = tallies.days_to_return(records, left)
    return pd.Series(days, index=records.stays.stays.index, name="return_days")


def first_time(
    stays: Stays | pd.DataFrame, period: Period, services: Collection[str] | None = None
) -> pd.DataFrame:
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
    >>> stays = pd.DataFrame({"guest": ["a", "b", "b"],
    ...     "entry_date": pd.to_datetime(["2025-01-10", "2024-05-01", "2025-02-05"]),
    ...     "exit_date": pd.to_datetime([None, "2024-06-01", None])}, index=["1", "2", "3"])
    >>> first_time(stays, Period.year(2025))["value"].tolist()
    [0.5]
    """

    def counted(window: Window) -> Iterator[Tally]:
        among = None
        if services is not None:
            chosen = window.records.column("service_code").isin(list(services))
            among = chosen.to_numpy(dtype=bool)
        rows, new = tallies.first_entries(window, among)
        yield tallies.one("first_time_share", "share", tallies.part(rows, new))

    return _summary(counted, stays, period)


def follow_up(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
    r"""Response and housing stability 6 and 12 months after exit.

    .. math:: r = A / D, \qquad h = H / A, \qquad h_{due} = H / D

    D are the follow-ups due in the period, A those answered, H the stable homes.

    Parameters
    ----------
    stays : Stays or DataFrame
        With follow_up_6 and follow_up_12; "not_due" is in no denominator, no entry is no response.
    period : Period
        Days in which a follow-up falls due.

    Returns
    -------
    DataFrame
        Index measure; numerator, denominator, value, low, high (Wilson), note. Where few respond, the
        stable share of respondents is the best and that of the due the worst that can be said.

    References
    ----------
    Rule `follow_up`.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "follow_up_6": ["stable_home", None],
    ...     "entry_date": pd.to_datetime(["2024-01-10"] * 2),
    ...     "exit_date": pd.to_datetime(["2024-09-10"] * 2)}, index=["1", "2"])
    >>> follow_up(stays, Period.year(2025))["value"].tolist()[:3]
    [0.5, 1.0, 0.5]
    """
    return _summary(tallies.follow_up, stays, period)


def refusals(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
    r"""Refused referrals over the answered ones, and refusals by reason.

    .. math:: p = R / (A + R)

    Parameters
    ----------
    stays : Stays or DataFrame
        With answer, refusal_reason, referral_date and answer_date.
    period : Period
        Days in which an answer counts.

    Returns
    -------
    DataFrame
        Index measure (refused_share, refused_<reason>_share); numerator, denominator, value, low,
        high (Wilson), note.

    References
    ----------
    Rule `refusals`.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "answer": ["refused", "accepted"],
    ...     "answer_date": pd.to_datetime(["2025-03-01", "2025-03-02"]),
    ...     "entry_date": pd.to_datetime([None, "2025-03-09"]),
    ...     "exit_date": pd.to_datetime([None, None])}, index=["1", "2"])
    >>> refusals(stays, Period.year(2025)).loc["refused_share", "value"]
    np.float64(0.5)
    """
    return _summary(tallies.refusals, stays, period)


def answer_days(stays: Stays | pd.DataFrame, period: Period) -> pd.DataFrame:
    r"""Mean and median days from referral to answer, and referrals still pending.

    .. math:: \bar w = \frac{1}{n} \sum_i (answer_i - referral_i)

    Parameters
    ----------
    stays : Stays or DataFrame
        With answer, referral_date and answer_date; a pair with a date missing is left out and noted.
    period : Period
        Days in which an answer counts.

    Returns
    -------
    DataFrame
        Index measure (answer_mean_days, answer_median_days, pending_referrals); numerator,
        denominator, value, low, high, note.

    References
    ----------
    Rule `answers`.

    Examples
    --------
    >>> stays = pd.DataFrame({"guest": ["a", "b"], "answer": ["refused", "accepted"],
    ...     "referral_date": pd.to_datetime(["2025-02-19", "2025-02-26"]),
    ...     "answer_date": pd.to_datetime(["2025-03-01", "2025-03-02"]),
    ...     "entry_date": pd.to_datetime([None, "2025-03-09"]),
    ...     "exit_date": pd.to_datetime([None, None])}, index=["1", "2"])
    >>> answer_days(stays, Period.year(2025))["value"].tolist()
    [7.0, 7.0, 0.0]
    """
    return _summary(tallies.answers, stays, period)


def local_totals(measures: pd.DataFrame) -> pd.DataFrame:
    """Totals of the existing local measures; who did not transmit is counted, never taken as zero.

    Parameters
    ----------
    measures : DataFrame
        From `read_measures`: measure_name, administration_name, year and five figures; NaN is "dato
        non trasmesso".

    Returns
    -------
    DataFrame
        Index measure_name, year, figure; total (NaN where nobody transmitted), transmitted and
        administrations (counts).

    References
    ----------
    Rule `local_measures`.

    Examples
    --------
    >>> from needs_analysis.services.files.schema import empty
    >>> one = empty("measures").reindex([0, 1]).assign(
    ...     measure_name="fondo affitti", administration_name=["A", "B"], year=2024.0,
    ...     budget_eur=[1000.0, None])
    >>> local_totals(one).loc[("fondo affitti", 2024, "budget_eur")].tolist()
    [1000.0, 1.0, 2.0]
    """
    figures = ["budget_eur", "applications", "beneficiaries", "spent_eur", "agreements"]
    long = measures.melt(["measure_name", "year"], figures, var_name="figure", value_name="figures")
    long["year"] = long["year"].astype("int64")
    grouped = long.groupby(["measure_name", "year", "figure"], sort=True)["figures"]
    return pd.DataFrame(
        {
            "total": grouped.sum(min_count=1),
            "transmitted": grouped.count(),
            "administrations": grouped.size(),
        }
    )


def _records(stays: Stays | pd.DataFrame, register: Register | None = None) -> Records:
    known = stays_of(stays)
    if register is None:
        register = no_register(known)
        # Without a register no place is known.
        nowhere = known.stays.assign(place_code=pd.Series(index=known.stays.index, dtype="str"))
        known = Stays(nowhere, known.activities, known.absences)
    return Records(register, known)


def _summary(
    counted: Callable[[Window], Iterator[Tally]],
    stays: Stays | pd.DataFrame,
    period: Period,
    register: Register | None = None,
) -> pd.DataFrame:
    """Return the figures over all of one rule's tallies."""
    records = _records(stays, register)
    found = counted(window_of(records, period))
    blocks = [block for tally in found for block in folding.at(records, tally, "all")]
    columns = ["numerator", "denominator", "value", "low", "high", "note"]
    return folding.joined(blocks).set_index("measure")[columns]


def _all_tallies(window: Window) -> Iterator[Tally]:
    for counted in TALLIES.values():
        yield from counted(window)


def _tally(window: Window, measure: str) -> Tally:
    if measure not in MEASURES or measure == "stay_logrank_by_group":
        raise ParameterError(problem("measure_rows", measure=measure))
    found = TALLIES[MEASURES[measure].rule](window)
    return next(tally for tally in found if tally.measure == measure)


def _rows_of(records: Records, part: tallies.Part, level: str, value: str) -> pd.DataFrame:
    rows = np.ones(len(part.rows), dtype=bool)
    if level != "all":
        label = records.labels[level].index(value)
        rows = records.codes[part.table][level][part.rows] == label
    index = {
        "stays": records.stays.stays.index,
        "places": records.register.places.index,
        "services": records.register.services.index,
    }[part.table]
    parts = {"numerator": part.numerator[rows], "denominator": part.denominator[rows]}
    named = pd.Index(index[part.rows[rows]], name="row")
    frame = pd.DataFrame(parts, index=named)
    frame.insert(0, "table", part.table)
    return frame


def _years(period: Period) -> list[tuple[str, Period]]:
    """Return each calendar year with a day in the period, cut to it."""
    return [
        (
            str(year),
            Period(
                max(period.start, pd.Timestamp(year, 1, 1)),
                min(period.end, pd.Timestamp(year, 12, 31)),
            ),
        )
        for year in range(period.start.year, period.end.year + 1)
    ]


def _logrank(window: Window) -> Block:
    """Return the test that stays are equally long in all target groups."""
    tally = next(tallies.stay_survival(window))
    rows = tally.parts[0]
    group = window.records.codes["stays"]["group"][rows.rows]
    test = survival.logrank(rows.denominator, rows.numerator > 0, group)
    rule = RULES["stay_survival"]
    note = "no_case" if np.isnan(test.chi2) else ""
    row = {
        "measure": "stay_logrank_by_group",
        "rule": rule.name,
        "rule_version": rule.version,
        "level": "all",
        "level_value": "",
        "numerator": test.chi2,
        "denominator": float(test.freedom),
        "value": test.p_value,
        "low": np.nan,
        "high": np.nan,
        "unit": MEASURES["stay_logrank_by_group"].unit,
        "note": note,
    }
    return {name: folding.repeated(one, 1) for name, one in row.items()}
