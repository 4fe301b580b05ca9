"""What is known of the need of an area: counts with their intervals, and sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs_analysis.figures import Displayed, Figures
from needs_analysis.needs.groups import HEADLINE, LEVELS, TARGET_GROUPS, Level
from needs_analysis.needs.intervals import BOUNDS, Flow, Stock
from needs_analysis.needs.own_counts import bounds
from needs_analysis.needs.problems import NeedsError, problem

if TYPE_CHECKING:
    from needs_analysis.needs.counts_book import OwnCounts

DISTINCT = "distinct"
UNIT = {"ambito": "ambito_name", "province": "province_code", "region": "region_code"}
AMBITO_SIZE = "ambito_municipalities"
"""Of places: how many municipalities the ambito has, or its province those of which none is known."""


_NO_SUMS = pd.DataFrame(
    index=pd.MultiIndex.from_arrays([[], []], names=["unit", "group"]), dtype=float
)


@dataclass(frozen=True, eq=False)
class NeedResult(Displayed):
    """Households in need of an area.

    Parameters
    ----------
    groups : Figures
        By municipality and target group, on a day, with `low` and `high`; NaN is not known, never 0.
    flows : Figures
        The same in a year, of the groups of which that is known.
    before : Figures
        As `groups`, before own counts were put in.
    distinct : DataFrame
        By municipality: `low`, `central`, `high` households in at least one group of the headline
        that may be listed by municipality.
    unlisted : DataFrame
        The same with the groups that may not: only to be summed, by ambito at least.
    overlap : DataFrame
        By municipality and pair: households in both as `wanted`, as `used`, and whether `moved`.
    by_size : DataFrame
        Overburdened households by municipality and size, where they were given.
    not_estimable : DataFrame
        By group: `question`, `who`, `why`, the `municipalities` without a figure, and the codes of
        those that were asked and did not answer (`not_transmitted`).
    differences : DataFrame
        A row an own count (`own_counts.DIFFERENCES`). Confidential.
    households : Series
        All there are, by municipality.
    places : DataFrame
        What each municipality is part of.
    benchmarks : DataFrame
        Of the model of burdens, as it was given.
    own : DataFrame
        The counts of the offices that were put in, a row each. Confidential.
    again : callable
        Takes other counts and returns the same need with those.
    parameters : mapping of str to float
        A study's, that were put over the table's.
    diffuse : DataFrame
        Spread discomfort of the provinces and regions that the area is in, whole
        (:func:`needs_analysis.needs.diffuse.diffuse`): in no total.
    tenants : DataFrame
        Market tenants by municipality and size (1-6), where the estimate brings them.
    book : OwnCounts, optional
        The workbook that the counts are of: waiting lists, stock, turnover, who was asked.
        Confidential.
    """

    groups: Figures
    flows: Figures
    before: Figures
    distinct: pd.DataFrame
    unlisted: pd.DataFrame
    overlap: pd.DataFrame
    by_size: pd.DataFrame
    not_estimable: pd.DataFrame
    differences: pd.DataFrame
    households: pd.Series
    places: pd.DataFrame
    benchmarks: pd.DataFrame
    own: pd.DataFrame
    again: Callable[[pd.DataFrame], NeedResult]
    parameters: Mapping[str, float]
    diffuse: pd.DataFrame
    tenants: pd.DataFrame = field(default_factory=pd.DataFrame)
    book: OwnCounts | None = None

    def __repr__(self) -> str:
        """Say which groups it counts; how many they are is told by :mod:`needs_analysis.told`."""
        return f"<NeedResult of {len(self.households)} municipalities: {', '.join(self.held)}>"

    @property
    def held(self) -> tuple[str, ...]:
        """Return the groups that the total of the area holds: those known somewhere in it."""
        known = self.groups.data.notna().any()
        return tuple(one for one in HEADLINE if known.get(one, False))

    def stock(self, groups: Sequence[str] | None = None) -> Stock:
        """Return households on a day by municipality and group, those that are known."""
        return Stock(_long(self.groups, self.held if groups is None else groups))

    def flow(self, groups: Sequence[str] | None = None) -> Flow:
        """Return households in a year by municipality and group, those that are known."""
        return Flow(_long(self.flows, [*self.flows.data.columns] if groups is None else groups))

    def parted(self) -> Stock:
        """Return the distinct households parted among their groups: the sum counts nobody twice.

        Notes
        -----
        Each group of a municipality is brought down in the same proportion, so that together they are
        its distinct households.
        """
        long = _long(self.groups, self.held)
        codes = long.index.get_level_values("municipality_code")
        for name in BOUNDS:
            sums = long[name].groupby(codes).agg(fsum)
            factor = (self.unlisted[name] / sums).where(sums > 0, 1.0)
            long[name] = long[name] * factor.reindex(codes).to_numpy()
        long["low"] = np.minimum(long["low"], long["central"])
        long["high"] = np.maximum(long["high"], long["central"])
        return Stock(long)

    def listed(self, level: Level) -> tuple[str, ...]:
        """Return the groups that may be mapped or listed at a level, whatever their source."""
        if level not in LEVELS:
            raise NeedsError(problem("no_such_level", found=level, known=LEVELS))
        known = self.groups.data.columns
        return tuple(
            key for key, one in TARGET_GROUPS.items() if key in known and one.listed_at(level)
        )

    def units(self, level: Level) -> pd.Series:
        """Return what each municipality is part of; without an ambito it is its province."""
        codes = self.households.index
        if level == "municipality":
            return pd.Series(codes, index=codes)
        if level not in UNIT:
            raise NeedsError(problem("no_such_level", found=level, known=LEVELS))
        found = self.places.get(UNIT[level], pd.Series(np.nan, index=codes, dtype=object))
        if level == "ambito" and "province_code" in self.places:
            found = found.fillna(self.places["province_code"])
        if found.isna().any():
            raise NeedsError(problem("no_level", level=level))
        return found

    def alone(self, code: str) -> NeedResult:
        """Return what is known of one municipality as if it were the area, without the workbook."""
        here, places = [code], self.places.loc[[code]]
        groups = self.groups.rows(here)
        known = [name for name in groups.data if pd.notna(groups.data[name].iloc[0])]
        without = ~self.not_estimable.index.isin(known)
        asked = self.not_estimable[without].assign(municipalities=1)
        asked["not_transmitted"] = pd.Series(
            [tuple(one for one in silent if one == code) for silent in asked["not_transmitted"]],
            index=asked.index, dtype=object,
        )  # fmt: skip
        around = [(level, places[UNIT[level]].iloc[0]) for level in ("region", "province")
                  if UNIT[level] in places]  # fmt: skip
        return replace(
            self, groups=groups, flows=self.flows.rows(here), before=self.before.rows(here),
            distinct=self.distinct.loc[here], unlisted=self.unlisted.loc[here],
            overlap=_of(self.overlap, code), by_size=_of(self.by_size, code), not_estimable=asked,
            differences=self.differences[self.differences["municipality_code"] == code],
            households=self.households.loc[here], places=places,
            own=self.own[self.own["municipality_code"] == code],
            again=lambda counts: self.again(counts).alone(code),
            diffuse=self.diffuse[[one[:2] in around for one in self.diffuse.index]],
            tenants=self.tenants.loc[here] if len(self.tenants) else self.tenants, book=None,
        )  # fmt: skip

    @cached_property
    def whole(self) -> pd.DataFrame:
        """Return the sums of :meth:`totals` over the whole area, by group."""
        return self.totals().droplevel("unit")

    def totals(self, level: Level | None = None, units: pd.Series | None = None) -> pd.DataFrame:
        """Return sums by unit and group, with the distinct households of the headline last.

        Parameters
        ----------
        level : {"municipality", "ambito", "province", "region"}, optional
            By default the whole area, whose unit is "".
        units : Series, by municipality_code, optional
            What each municipality is part of, where it is not what the level says.

        Returns
        -------
        DataFrame
            By unit and group: `low`, `central`, `high`; `before` own counts and the `difference` that
            they make; `known` of the `municipalities`. Groups that may not be listed at the level
            are left out, of the distinct households too.

        Notes
        -----
        Sums are exactly rounded: the order of the municipalities changes nothing. A total holds the
        municipalities that have a figure: `known` says how many.
        """
        codes = self.households.index
        if units is None:
            units = pd.Series("", index=codes) if level is None else self.units(level)
        groups = [*self.listed(level or "region")]
        was = {"before": self.before.data.reindex(columns=groups)}
        found = sums({**was, **bounds(self.groups)}, units, groups)
        found["difference"] = self._moved(units, found.index)
        union = self.distinct if level == "municipality" else self.unlisted
        last = sums(
            {name: union[[name]].set_axis([DISTINCT], axis=1) for name in BOUNDS}, units, [DISTINCT]
        )
        last = last.assign(before=np.nan, difference=np.nan)
        found = pd.concat([found, last]).sort_index(
            level="unit", sort_remaining=False, kind="stable"
        )
        return found[[*BOUNDS, "before", "difference", "known", "municipalities"]]

    def _moved(self, units: pd.Series, wanted: pd.Index) -> pd.Series:
        own = self.differences
        by = [own["municipality_code"].map(units), own["group"]]
        return own["difference"].groupby(by).agg(fsum).reindex(wanted).fillna(0.0)


def sums(
    cells: Mapping[str, pd.DataFrame], units: pd.Series, groups: Sequence[str]
) -> pd.DataFrame:
    """Return, by unit and group, the exactly rounded sums of what is known, and of how many it is.

    Parameters
    ----------
    cells : mapping of str to DataFrame
        By name of the sum: by municipality and group; NaN is not known.
    units : Series, by municipality_code
        What each municipality is part of.
    groups : sequence of str
        Columns of the cells.

    Examples
    --------
    >>> cells = {"low": pd.DataFrame({"street": [1.0, np.nan]}, index=["108033", "108039"])}
    >>> sums(cells, pd.Series("Monza", index=["108033", "108039"]), ["street"]).values.tolist()
    [[1.0, 1.0, 2.0]]
    """
    members = members_of(units)
    if not groups:
        return _NO_SUMS.reindex(columns=[*cells, "known", "municipalities"])
    counts = {
        name: part[[*groups]].reindex(units.index).to_numpy(dtype=float)
        for name, part in cells.items()
    }
    *_, last = counts.values()
    found: dict[str, object] = {}
    if 0 < len(members) == len(units):  # the sum of one is itself
        order = np.concatenate([*members.values()])
        found = {name: part[order].T.ravel() for name, part in counts.items()}
        found["known"] = np.isfinite(last[order]).T.ravel().astype(int)
        found["municipalities"] = 1
    else:
        rows = [(column, at) for column in range(len(groups)) for at in members.values()]
        for name, part in counts.items():
            found[name] = [exact(part[at, column]) for column, at in rows]
        found["known"] = [int(np.isfinite(last[at, column]).sum()) for column, at in rows]
        found["municipalities"] = [len(at) for _, at in rows]
    index = pd.MultiIndex.from_product([[*groups], [*members]], names=["group", "unit"])
    return pd.DataFrame(found, index.swaplevel())


def _of(rows: pd.DataFrame, code: str) -> pd.DataFrame:
    return rows[rows.index.get_level_values(0) == code]


def members_of(units: pd.Series) -> dict[str, npt.NDArray[np.intp]]:
    """Return the positions of the municipalities of each unit, in the order of the units.

    Examples
    --------
    >>> members_of(pd.Series(["Monza", "Desio", "Monza"]))
    {'Desio': array([1]), 'Monza': array([0, 2])}
    """
    codes, order = pd.factorize(units, sort=True)
    ends = np.cumsum(np.bincount(codes, minlength=len(order)))[:-1]
    parts = np.split(np.argsort(codes, kind="stable"), ends)
    return dict(zip(map(str, order), parts, strict=True))


def exact(counts: npt.NDArray[np.float64]) -> float:
    """Return the exactly rounded sum of what is known; NaN where nothing is.

    Examples
    --------
    >>> exact(np.array([0.1, np.nan, 0.2]))
    0.30000000000000004
    """
    known = counts[~np.isnan(counts)]
    return fsum(known) if len(known) else np.nan


def _long(figures: Figures, groups: Sequence[str]) -> pd.DataFrame:
    cells = bounds(figures.columns(list(groups)))
    index = pd.MultiIndex.from_product(
        [figures.data.index, list(groups)], names=["municipality_code", "group"]
    )
    values = {name: part.to_numpy().ravel() for name, part in cells.items()}
    return pd.DataFrame(values, index=index).dropna()
