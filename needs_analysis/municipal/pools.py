"""Figures of municipalities put together into areas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import fsum

import numpy as np
import pandas as pd

from needs_analysis.errors import AreaError, Messages, Problem
from needs_analysis.figures import Figures, Quality, join_vintages, joint_vintage
from needs_analysis.municipal.declaration import Column
from needs_analysis.municipal.evictions import prefectures_of
from needs_analysis.municipal.joins import COLUMNS, DERIVED
from needs_analysis.words import N_

problem = Messages(
    "pools",
    {
        "no_members": N_("l'area {area} non ha comuni"),
        "not_here": N_("l'area {area} ha codici che non sono fra i comuni dei dati: {codes}"),
    },
)


def pooling(name: str) -> str:
    """Return what makes a column of several municipalities an area's: an operation of a trace.

    Examples
    --------
    >>> pooling("households"), pooling("annual_rent_eur")
    ('sum', 'mean weighted by households')
    """
    return COLUMNS[name].pooled if name in COLUMNS else "sum"


def derive(base: Figures, wanted: Mapping[str, Column]) -> Figures:
    """Compute columns from others, each value of its worst input's quality."""
    parts = []
    for name, derived in wanted.items():
        inputs = list(derived.inputs)
        data = derived.of(base.data).to_frame(name)
        quality = base.quality[inputs].max(axis=1).clip(upper=Quality.IMPUTED).to_frame(name)
        vintage = joint_vintage(base.vintage[inputs]).to_frame(name)
        sources = {name: tuple(dict.fromkeys(s for one in inputs for s in base.sources[one]))}
        parts.append(Figures.of(data, quality=quality, vintage=vintage, sources=sources))
    return parts[0].beside(*parts[1:])


def _base_of(columns: Sequence[str]) -> list[str]:
    named = [b for name in columns for b in (DERIVED[name].inputs if name in DERIVED else (name,))]
    return list(dict.fromkeys(named))


def pool(panel: Figures, groups: Mapping[str, Sequence[str]], columns: Sequence[str]) -> Figures:
    """Pool municipal figures into areas, over the municipalities that have all the columns.

    Counts and amounts are summed; the annual rent and the price are household-weighted means; the
    ends of a range are its lowest and highest. What was allocated from provinces is observed again
    in an area made of whole provinces.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    columns : sequence of str
        The columns wanted, derived ones included.

    Returns
    -------
    Figures
        Indexed by area, in the order of `groups`; NaN where no municipality has all the columns.

    Examples
    --------
    >>> from needs_analysis.municipal import panel
    >>> pool(panel.build(), {"two": ["108033", "108012"]}, ["households"]).data.loc["two"].tolist()
    [71428.0]
    """
    return Pool(panel, groups).figures(columns)


def _unpooled(groups: Mapping[str, Sequence[str]], here: pd.Index) -> Iterator[Problem]:
    """Give what is wrong with areas that cannot be put together."""
    for area, codes in groups.items():
        if not codes:
            yield problem("no_members", area=area)
        if absent := tuple(one for one in codes if one not in here):
            yield problem("not_here", area=area, codes=absent[:5])


class Pool:
    """The municipalities of some areas, laid end to end so that each area is one slice.

    Parameters
    ----------
    panel : Figures
        The municipal panel, with households.
    groups : mapping of str to sequence of str
        For each area its municipality codes; areas may overlap, none may be empty.
    """

    def __init__(self, panel: Figures, groups: Mapping[str, Sequence[str]]) -> None:
        self.panel = panel
        self.labels = pd.Index(list(groups), name="area")
        codes = pd.Index([code for members in groups.values() for code in members], dtype="str")
        self.rows = panel.data.index.get_indexer(codes)
        if (self.rows < 0).any() or not all(groups.values()):
            raise AreaError(*_unpooled(groups, panel.data.index))
        sizes = [len(members) for members in groups.values()]
        self.starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        self.of = np.repeat(np.arange(len(sizes)), sizes)
        self.weight = panel.data["households"].to_numpy()[self.rows]

    def covered(self, columns: Sequence[str]) -> pd.Series:
        """Return the share of each area's households whose municipality has all `columns`."""
        kept = np.where(self._complete(_base_of(columns)), self.weight, 0.0)
        shares = np.add.reduceat(kept, self.starts) / np.add.reduceat(self.weight, self.starts)
        return pd.Series(shares, index=self.labels)

    def counted(self, columns: Sequence[str]) -> np.ndarray:
        """Tell for each municipality, area after area, whether it has all `columns`."""
        return self._complete(_base_of(columns))

    def figures(self, columns: Sequence[str]) -> Figures:
        """Return `columns` pooled over the municipalities that have all of them."""
        base = _base_of(columns)
        complete = self._complete(base)
        found = Figures.of(
            pd.DataFrame({name: self._values(name, complete) for name in base}, index=self.labels),
            quality=pd.DataFrame(
                {name: self._quality(name, complete) for name in base}, index=self.labels
            ),
            vintage=pd.DataFrame(
                {name: self._vintages(name, complete) for name in base}, index=self.labels
            ),
            sources={name: self.panel.sources.get(name, ()) for name in base},
        )
        derived = {name: DERIVED[name] for name in columns if name in DERIVED}
        return (found.beside(derive(found, derived)) if derived else found).columns(columns)

    def _complete(self, base: Sequence[str]) -> np.ndarray:
        """Tell which municipalities have all columns; a cell its source withholds counts as had."""
        has = self.panel.quality[list(base)].to_numpy() != Quality.MISSING
        return np.asarray(has.all(axis=1)[self.rows])

    def _values(self, name: str, complete: np.ndarray) -> np.ndarray:
        values = self.panel.data[name].to_numpy(dtype=float)[self.rows]
        kept = complete & ~np.isnan(values)
        how = pooling(name)
        if how in ("lowest", "highest"):
            extreme, worst = (np.minimum, np.inf) if how == "lowest" else (np.maximum, -np.inf)
            found = extreme.reduceat(np.where(kept, values, worst), self.starts)
        elif how == "mean weighted by households":
            summed = np.add.reduceat(np.where(kept, values * self.weight, 0.0), self.starts)
            weights = np.add.reduceat(np.where(kept, self.weight, 0.0), self.starts)
            found = summed / np.where(weights > 0, weights, np.nan)
        else:
            found = self._summed(np.where(kept, values, 0.0))
        return np.where(np.add.reduceat(kept, self.starts) > 0, found, np.nan)

    def _summed(self, values: np.ndarray) -> np.ndarray:
        """Sum by area, exactly: in every order of the municipalities the same to the last bit."""
        if (values == np.floor(values)).all():
            return np.asarray(np.add.reduceat(values, self.starts))
        return np.array([fsum(one) for one in np.split(values, self.starts[1:])])

    def _vintages(self, name: str, complete: np.ndarray) -> str | list[str]:
        """Return the dates of a column in each area: of the municipalities that count there."""
        dates = self.panel.vintage[name]
        if len(dates.unique()) == 1:
            return join_vintages(dates.unique())
        own = dates.to_numpy()[self.rows]
        every = np.split(np.arange(len(own)), self.starts[1:])
        return [
            join_vintages(pd.unique(own[at[complete[at]] if complete[at].any() else at]))
            for at in every
        ]

    def _quality(self, name: str, complete: np.ndarray) -> np.ndarray:
        given = self.panel.quality[name].to_numpy()[self.rows]
        given = np.where(complete & (given < Quality.SUPPRESSED), given, Quality.OBSERVED)
        worst = np.maximum.reduceat(given, self.starts)
        whole = (worst == Quality.ALLOCATED) & self._whole
        return np.where(whole, Quality.OBSERVED, worst).astype("int8")

    @cached_property
    def _whole(self) -> np.ndarray:
        """Tell which areas hold, of every prefecture they touch, all municipalities."""
        home, _ = pd.factorize(prefectures_of(self.panel.data.index))
        size = np.bincount(home)
        pairs, counts = np.unique(np.c_[self.of, home[self.rows]], axis=0, return_counts=True)
        whole = np.ones(len(self.labels), dtype=bool)
        np.logical_and.at(whole, pairs[:, 0], counts == size[pairs[:, 1]])
        return whole
