"""Monitoring of services: every measure of a period, by service, ambito, target group and year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.errors import ParameterError
from needs_analysis.services.files.schema import Period, Register, Stays
from needs_analysis.services.measures import detail, fees, folding
from needs_analysis.services.measures.declaration import MEASURES, RULES, TALLIES
from needs_analysis.services.measures.folding import Block, measures_of
from needs_analysis.services.measures.problems import problem
from needs_analysis.services.measures.records import LEVELS, Records
from needs_analysis.services.measures.stays import logrank_by_group
from needs_analysis.services.measures.window import Part, Tally, Window, window_of

_TABLES: Mapping[str, Callable[[Window], pd.DataFrame]] = {
    "supply": detail.supply,
    "scales": detail.scales,
    "survival": detail.stays_over_time,
    "fees": detail.fees_by_month,
    "reviews": detail.reviews,
    "long_stays": detail.long_stays,
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
        ``folding.NOTES``; ``folding.note_text`` has the words).
    supply : DataFrame
        Places by state on the last day of every month: date, level, level_value, state, places.
    scales : DataFrame
        The 1-5 scale in pairs: level, level_value, earlier, later, pairs, mean_earlier, mean_later,
        change, low, high, better, same, worse.
    survival : DataFrame
        level, level_value, outcome ("present" by Kaplan-Meier, the ways out of ``outcomes.WAYS`` by
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
            One of ``declaration.MEASURES``.
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
    The definition of every measure stands in its family's file: ``declaration.RULES`` lists them.

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
        blocks = [*measures_of(records, _all_tallies(window)), logrank_by_group(window)]
    measures = _declared(folding.joined([*blocks, *years.result()]))
    found = {name: part.result() for name, part in parts.items()}
    return Monitoring(period, measures, **found, records=records)


def _declared(figures: pd.DataFrame) -> pd.DataFrame:
    """Return figures in the order of print, with the rule and the unit of each."""
    order = {name: position for position, name in enumerate(MEASURES)}
    figures = figures.sort_values("measure", key=lambda s: s.map(order), kind="stable")
    figures = figures.reset_index(drop=True)
    names = figures["measure"]
    rules = {name: RULES[one.rule] for name, one in MEASURES.items()}
    figures.insert(1, "rule", names.map({name: one.name for name, one in rules.items()}))
    figures.insert(2, "rule_version", names.map({n: one.version for n, one in rules.items()}))
    units = names.map({name: one.unit for name, one in MEASURES.items()})
    figures.insert(list(figures).index("note"), "unit", units)
    return figures


def _by_year(records: Records, period: Period) -> list[Block]:
    """Return the figures of each calendar year of a period."""
    return [
        block
        for year, days in _years(period)
        for tally in _all_tallies(window_of(records, days))
        for block in folding.at(records, tally, "all", year)
    ]


def _all_tallies(window: Window) -> Iterator[Tally]:
    for counted in TALLIES.values():
        yield from counted(window)


def _tally(window: Window, measure: str) -> Tally:
    found = TALLIES[MEASURES[measure].rule](window) if measure in MEASURES else ()
    for tally in found:
        if tally.measure == measure:
            return tally
    raise ParameterError(problem("measure_rows", measure=measure))


def _rows_of(records: Records, part: Part, level: str, value: str) -> pd.DataFrame:
    rows = np.ones(len(part.rows), dtype=bool)
    if level != "all":
        label = records.labels[level].index(value)
        rows = records.codes[part.table][level][part.rows] == label
    index = (records.register.tables | records.stays.tables)[part.table].index
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
