"""What may be told of need: every table that an output prints, already rounded, banded and hidden.

No output sees a count of an office or an estimate: it is handed a :class:`ToldNeed` of one profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis import store
from needs_analysis.disclosure import PROFILES, Rules
from needs_analysis.errors import ParameterError, wanted
from needs_analysis.figures import Displayed, Quality
from needs_analysis.needs.groups import HEADLINE, TARGET_GROUPS
from needs_analysis.needs.intervals import BOUNDS
from needs_analysis.needs.result import DISTINCT, NeedResult
from needs_analysis.told import need_books, need_tables
from needs_analysis.told.need_tables import AREA
from needs_analysis.told.own_counts import given
from needs_analysis.told.problems import problem
from needs_analysis.told.telling import Shown
from needs_analysis.words import ITALIAN, N_, Voice

Printed = Callable[[str, float], str]
"""Prints a number that has a name."""


@dataclass(frozen=True, eq=False, repr=False)
class ToldNeed(Displayed):
    """All that may be said of need in one profile.

    Every table of counts has `low`, `central`, `high` in whole households, those of a model with two
    significant figures where their interval is wide, and `band`: where it is true
    the count is modelled and small, `central` is NaN and the bounds are the band's (0-10, 10-30); it
    has no class, rank or sentence. `reserved` says that a hidden count of an office would belong
    there: the number is what it is without it ("senza i conteggi riservati").

    Parameters
    ----------
    profile : str
        "published" or "internal".
    held, absent : tuple of str
        Groups of the headline that the number of the area holds, and those that it does not.
    levels : tuple of str
        Of `LEVELS`, those that the tables have.
    totals : Shown
        level, unit, group, low, central, high, band, known, municipalities, households (all there
        are), each bound for 1,000 of these (`RATES`), quality, vintage, kind ("stock", or "flow" turned
        into a stock), before (central, without
        own counts), difference (that own counts make), reserved. `known` 0 is not estimable.
    distinct : Shown
        The same of households in at least one group, counted once: without group, kind, before and
        difference; `allocated` where a count in it is allocated from a province.
    yearly : Shown
        level, unit, group, low, central, high, band, known, municipalities, quality, vintage, reserved:
        in a year.
    by_size : Shown
        level, unit, size, low, central, high, band, known, municipalities, quality, reserved: tenants
        that pay too much; what is not known has no row. Observed where the offices counted nobody.
    not_estimable : DataFrame
        By group: question, who, why, municipalities (without a figure), not_transmitted (those that
        were asked and did not answer), silent (how many these are).
    differences : Shown
        municipality_code, group, count, day, estimate_low, estimate_high, difference.
    compositions : Shown
        group, composition, count, municipalities, reserved: of the whole area.
    diffuse : Shown
        level ("region", "province"), unit, group, low, central, high, band, quality, vintage: spread
        discomfort of the provinces and regions around, in no total. Of public figures alone.
    primary : Shown
        size, isee_band, applications_low, applications_high, waiting_low, waiting_high, municipalities.
    gap_stock, gap_flow : Shown or None
        size ("all" is their sum, "any" one size where none is known), step, low, central, high, band,
        quality, reserved: on a day, and in a year. None without a supply.
    answers : Shown or None
        group, answer, low, central, high, band, reserved.
    asked : DataFrame
        municipality_code, group, asked, asked_on, answered, answered_on: which office was asked for a
        count and which answered, and when. Empty where published.
    sources : mapping of str to tuple of str
        By group.
    parameters : mapping of str to float
        A study's, in the place of the table's: the words name their values.
    """

    profile: str
    held: tuple[str, ...]
    absent: tuple[str, ...]
    levels: tuple[str, ...]
    totals: Shown
    distinct: Shown
    yearly: Shown
    by_size: Shown
    not_estimable: pd.DataFrame
    differences: Shown
    compositions: Shown
    diffuse: Shown
    primary: Shown
    asked: pd.DataFrame
    gap_stock: Shown | None = None
    gap_flow: Shown | None = None
    answers: Shown | None = None
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say in which profile, then how many are in need, in one line."""
        return f"<ToldNeed, {self.profile}: {self.headline()}>"

    @property
    def internal(self) -> bool:
        """Whether all counts may be shown."""
        return self.profile == "internal"

    def table(self, level: str, name: str = "totals") -> pd.DataFrame:
        """Return the rows of a level of `totals`, `distinct`, `yearly` or `by_size`."""
        key = level, name
        if key not in self._tables:
            frame: pd.DataFrame = getattr(self, name).frame
            own = frame[frame["level"] == level].drop(columns="level")
            self._tables[key] = own.reset_index(drop=True)
        return self._tables[key].copy(deep=False)

    @cached_property
    def _tables(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    @property
    def whole(self) -> pd.Series:
        """Return the distinct households of the whole area."""
        return self.table(AREA, "distinct").iloc[0]

    def name(self, group: str, voice: Voice = ITALIAN) -> str:
        """Say what a group is called where it is counted, `DISTINCT` too."""
        if group == DISTINCT:
            return voice.say(N_("famiglie distinte in bisogno"))
        return TARGET_GROUPS[group].name(voice, self.parameters)

    def sources_of(self, groups: Iterable[str] = ()) -> list[str]:
        """Return the ids of the sources behind some groups, of all by default, that the store cites."""
        cited = store.cited()
        every = (one for group in groups or self.sources for one in self.sources.get(group, ()))
        return [one for one in dict.fromkeys(every) if one in cited]

    def printed(self, level: str = "municipality", voice: Voice = ITALIAN) -> pd.DataFrame:
        """Return the counts of a level as they are said, by unit and group, the distinct ones last."""
        rows = pd.concat([self.table(level), self.table(level, "distinct").assign(group=DISTINCT)])
        said = [said_count(row, voice) for _, row in rows.iterrows()]
        found = rows.assign(said=said).pivot_table("said", "unit", "group", "first", sort=False)
        return found.rename_axis(index=None, columns=None)

    def headline(self, voice: Voice = ITALIAN) -> str:
        """Say how many households of the area are in need, with the groups that are in the number."""
        return " ".join([self.counted(voice), *self.cautions(voice), *self.not_held(voice)])

    def counted(self, voice: Voice = ITALIAN, printed: Printed | None = None) -> str:
        """Say how many households are in need and which groups the number holds.

        Parameters
        ----------
        voice : Voice
            In which language.
        printed : callable, optional
            Takes the name of a number and the number, and returns it as it is printed.
        """
        row = self.whole
        if not row["known"]:
            return voice.say(N_("Le famiglie in bisogno non si possono stimare dai dati pubblici."))
        counted = row["quality"] == Quality.OBSERVED
        return voice.say(
            N_("Famiglie in bisogno: {count}, contando {groups}.") if counted
            else N_("Famiglie in bisogno (stima): {count}, contando {groups}."),
            count=said_count(row, voice, printed), groups=voice.listed(self._names(self.held, voice)),
        )  # fmt: skip

    def cautions(self, voice: Voice = ITALIAN, printed: Printed | None = None) -> tuple[str, ...]:
        """Say of the number of :meth:`counted` which municipalities and counts are not in it."""
        row, said = self.whole, []
        known, every = int(row["known"]), int(row["municipalities"])
        if 0 < known < every:
            shown = printed or _plainly(voice)
            said.append(
                voice.say(
                    N_("Comuni con la cifra: {known} su {all}."),
                    known=shown("known", known), all=shown("municipalities", every),
                )
            )  # fmt: skip
        if known and row["reserved"]:
            said.append(voice.say(N_("È senza i conteggi riservati.")))
        return tuple(said)

    def not_held(self, voice: Voice = ITALIAN) -> tuple[str, ...]:
        """Say which groups of the headline are not in the number, if it is one and some are not."""
        if not self.whole["known"] or not self.absent:
            return ()
        return (
            voice.say(
                N_("Non sono nel numero, perché nessuna fonte pubblica li conta: {groups}."),
                groups="; ".join(self._names(self.absent, voice)),
            ),
        )

    def _names(self, groups: tuple[str, ...], voice: Voice) -> list[str]:
        return [self.name(key, voice) for key in groups]


def _plainly(voice: Voice) -> Printed:
    return lambda _, value: voice.number(value, 0)


def said_count(
    row: Mapping[Any, object] | pd.Series, voice: Voice = ITALIAN, printed: Printed | None = None
) -> str:
    """Say a count of a told table: a band, or a whole number with its interval where it has one.

    Parameters
    ----------
    row : mapping
        `low`, `central`, `high` and `band` of a table of :class:`ToldNeed`.
    voice : Voice
        In which language.
    printed : callable, optional
        Takes "low", "central" or "high" and the number, and returns it as it is printed.

    Examples
    --------
    >>> said_count({"low": 40.0, "central": 61.0, "high": 90.0, "band": False})
    '61 (fra 40 e 90)'
    >>> said_count({"low": 0.0, "central": float("nan"), "high": 10.0, "band": True})
    'meno di 10'
    """
    low, central, high = (float(row[name]) for name in BOUNDS)  # type: ignore[arg-type]
    if row["band"]:
        if low == 0:
            return voice.say(N_("meno di {most}"), most=int(high))
        return f"{int(low)}-{int(high)}"
    if np.isnan(central):
        known = "known" not in row or bool(row["known"])
        hidden = N_("riservato") if known or row.get("reserved") else N_("non stimabile")
        return voice.say(hidden)
    shown = printed or _plainly(voice)
    if low == high:
        return shown("central", central)
    return voice.say(
        N_("{central} (fra {low} e {high})"), central=shown("central", central),
        low=shown("low", low), high=shown("high", high),
    )  # fmt: skip


def tell_need(need: NeedResult, profile: str = "published") -> ToldNeed:
    """Return all that may be said of a need in a profile.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`; the workbook of counts that it holds is told with it.
    profile : {"published", "internal"}
        Published, small counts of the offices are hidden and nothing is computed of them.

    Returns
    -------
    ToldNeed

    Raises
    ------
    ParameterError
        No such profile, or thresholds under the lowest.

    Notes
    -----
    With a hidden count every total, the distinct households, sizes and gap are those of the need
    without it; of lists and dwellings, each hidden number stands for all that it may be. So the whole
    is the same for as many values of a hidden count as its threshold.

    Examples
    --------
    >>> import datetime as dt
    >>> from needs_analysis.needs.estimate import of_estimates
    >>> panel = pd.DataFrame({"households": [1000.0]}, index=["108033"])
    >>> burdened = pd.DataFrame({"overburdened_tenants": [60.4]}, index=["108033"])
    >>> counts = pd.DataFrame({"municipality_code": ["108033"], "group": ["foreclosure"],
    ...                        "count": [3.0], "day": [dt.date(2026, 6, 30)]})
    >>> told = tell_need(of_estimates(panel, burdened, counts))
    >>> told.table("municipality")[["group", "central", "reserved"]].values.tolist()
    [['affordability', 60.0, False], ['foreclosure', nan, True]]
    """
    wanted(need, NeedResult)
    if profile not in PROFILES:
        raise ParameterError(problem("no_profile", found=profile, known=tuple(PROFILES)))
    published = profile == "published"
    safe = given(need, Rules.of(need.parameters) if published else None)
    totals, distinct = need_tables.totals(safe, published)
    held = safe.need.held
    absent = tuple(one for one in HEADLINE if one not in held)
    stock, flow, answers = need_books.staircase(safe) or (None, None, None)
    return ToldNeed(
        profile=profile, held=held, absent=absent,
        levels=tuple(dict.fromkeys(totals.frame["level"])),
        totals=totals, distinct=distinct, yearly=need_tables.yearly(safe),
        by_size=need_tables.by_size(safe), not_estimable=need_books.questions(safe.need),
        differences=need_books.differences(safe, published),
        compositions=need_books.compositions(safe), diffuse=need_tables.diffuse(safe),
        primary=need_books.primary(safe), asked=need_books.asked(need, published),
        gap_stock=stock, gap_flow=flow, answers=answers,
        sources=dict(safe.need.groups.sources), parameters=dict(need.parameters),
    )  # fmt: skip


def tell_each(need: NeedResult) -> Iterator[tuple[NeedResult, ToldNeed]]:
    """Return, of each municipality alone, its need and what may be published: of public figures only.

    Parameters
    ----------
    need : NeedResult
        Of :func:`needs_analysis.needs.estimate`; what the offices counted is left out.

    Notes
    -----
    Each is what :func:`tell_need` says of the estimate of the one municipality; the tables are made for
    all of them at once.
    """
    need = need.again(need.own.iloc[:0]) if len(need.own) else replace(need, book=None)
    safe = given(need, Rules.of(need.parameters))
    differences, compositions = need_books.differences(safe, True), need_books.compositions(safe)
    primary, asked = need_books.primary(safe), need_books.asked(need, True)
    levels = {
        level: units for level, units in need_tables.levels_of(need).items()
        if level not in ("region", "province")
    }  # fmt: skip
    codes = dict.fromkeys(levels, need.units("municipality"))
    tables = (*need_tables.totals(safe, True, codes), need_tables.yearly(safe, codes),
              need_tables.by_size(safe, codes))  # fmt: skip
    totals, distinct, yearly, by_size = (need_tables.apart(one, levels) for one in tables)
    sums = need.totals(units=codes[AREA])
    around: dict[tuple[object, ...], Shown] = {}
    for code in map(str, need.households.index):
        alone = need.alone(code)
        vars(alone)["whole"] = sums.loc[code]  # where a cached property looks first
        held, home = alone.held, tuple(alone.diffuse.index)
        if home not in around:
            around[home] = need_tables.diffuse(replace(safe, need=alone))
        yield alone, ToldNeed(
            profile="published", held=held, absent=tuple(one for one in HEADLINE if one not in held),
            levels=tuple(dict.fromkeys(totals[code].frame["level"])),
            totals=totals[code], distinct=distinct[code], yearly=yearly[code], by_size=by_size[code],
            not_estimable=need_books.questions(alone), differences=differences,
            compositions=compositions, diffuse=around[home], primary=primary, asked=asked,
            sources=dict(need.groups.sources), parameters=dict(need.parameters),
        )  # fmt: skip


def compared(sides: Mapping[str, ToldNeed], voice: Voice = ITALIAN) -> list[str]:
    """Say two needs side by side, in households and for 1,000 of all there are.

    Parameters
    ----------
    sides : mapping of str to ToldNeed
        By the printed name of their area.
    voice : Voice
        The language.

    Notes
    -----
    A difference inside the intervals is none. What is allocated from a province is not compared: it
    says nothing of the one area. Households for 1,000 are whole, as the counts are.
    """
    lines: list[str] = []
    rows = {name: _by_group(told) for name, told in sides.items()}
    first, second = rows
    for group in [one for one in rows[first] if one in rows[second]]:
        own = {name: rows[name][group] for name in rows}
        counted = all(row["quality"] == Quality.OBSERVED for row in own.values())
        what = sides[first].name(group, voice)
        lines.append(f"{what}:" if counted else voice.say(N_("{what} (stima):"), what=what))
        said = [_side(name, row, voice) for name, row in own.items()]
        low, high = sorted(own, key=lambda name: _rate(own[name], "high"))
        if any(row["quality"] == Quality.ALLOCATED for row in own.values()):
            said.append(voice.say(N_("Ripartite dalla provincia: fra i due non si confrontano.")))
        elif _rate(own[low], "high") < _rate(own[high], "low"):
            said.append(voice.say(N_("In rapporto alle famiglie sono di più: {name}."), name=high))
        else:
            said.append(
                voice.say(N_("Gli intervalli si sovrappongono: non c'è una differenza da dire."))
            )
        lines += [f"  {one}" for one in said]
    return lines


def _by_group(told: ToldNeed) -> dict[str, pd.Series]:
    rows = {row["group"]: row for _, row in told.table(AREA).iterrows() if row["known"]}
    return {DISTINCT: told.whole} | rows if told.whole["known"] else rows


def _rate(row: pd.Series, name: str) -> float:
    return float(row[f"{name}_per_1000"])


def _side(name: str, row: pd.Series, voice: Voice) -> str:
    ends = {end: voice.number(_rate(row, end), 0) for end in BOUNDS}
    counted = {"area": name, "count": said_count(row, voice), **ends}
    if row["band"]:
        return voice.say(N_("{area}: {count}; ogni 1.000 famiglie fra {low} e {high}"), **counted)
    return voice.say(
        N_("{area}: {count}; ogni 1.000 famiglie {central} (fra {low} e {high})"), **counted
    )
