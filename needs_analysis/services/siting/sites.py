"""Where to open the next dwellings, so that need is near or within reach; what is open stays.

Of choices worth the same, the one nearer to need is taken, then the one whose codes come first (sites
are exchanged one at a time); a unit as near to two sites belongs to the first code. The order in which
units and sites are given changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from needs_analysis import process, store
from needs_analysis.errors import ParameterError, Problem
from needs_analysis.parameters import Range
from needs_analysis.services.siting.median import Floats, Marks, search
from needs_analysis.services.siting.problems import problem
from needs_analysis.services.siting.supply import dwelling_ambiti, open_on
from needs_analysis.territory import municipalities

if TYPE_CHECKING:
    import geopandas as gpd

    from needs_analysis.services.files.schema import Register

PAIRS_MAX = 160_000  # 400 units by 400 sites; the integer programme takes minutes beyond
MEDIAN_PAIRS_MAX = 4_000_000  # 2,000 by 2,000; beyond PAIRS_MAX without the programme
_SAME = 1e-9  # relative; what the solver says its answer is worth against the answer itself
_TIE = (
    1e-12  # relative; two choices this near are worth the same, their sums are only rounded apart
)

Method = Literal["p_median", "maximal_cover"]


@dataclass(frozen=True)
class Sites:
    """Which sites are best, and what they change.

    Attributes
    ----------
    sites : DataFrame
        By site open, in the order of their codes: role ("existing" or "new"), units_served and
        need_served (those nearest to it), mean_distance (weighted by their need).
    units : DataFrame
        By unit: need, site and distance of the nearest open site, site_before and distance_before
        among the existing ones alone (NA where there is none), covered (within reach; NA without one).
    objective : float
        Need times distance to the nearest site, summed (p-median), or need within reach (maximal
        cover).
    gap : float
        Share of the objective by which a better choice may at most be better: 0 where there is proven
        to be none, which is so up to ``PAIRS_MAX`` pairs of units and sites.
    mean_distance, mean_distance_before : float
        Weighted by need.
    covered_need_share : float
        Need within reach over all need; NaN without a reach.
    method : str
        p_median or maximal_cover.
    distance_unit : str
        Of all distances.
    reach : float
        In that unit; NaN where none was given.
    missing : tuple of str
        Units without a figure of need: they weigh nothing in the choice.
    """

    sites: pd.DataFrame
    units: pd.DataFrame
    objective: float
    gap: float
    mean_distance: float
    mean_distance_before: float
    covered_need_share: float
    method: Method
    distance_unit: str
    reach: float
    missing: tuple[str, ...]

    def layer(self, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the units with their polygons for a map: role, need, site, distance, covered."""
        import geopandas as gpd

        unknown = self.units.index.difference(area.index)
        if len(unknown):
            raise ParameterError(problem("no_polygon", units=_some(unknown)))
        role = self.sites["role"].reindex(self.units.index)
        frame = self.units.assign(role=role)
        return gpd.GeoDataFrame(frame, geometry=area.geometry.loc[frame.index], crs=area.crs)


def straight_distances_km(area: gpd.GeoDataFrame) -> pd.DataFrame:
    """Straight distances between the centroids of an area's units.

    Roads are longer, and a unit's own distance is 0 however large it is: give a matrix of travel times
    where there is one.

    Parameters
    ----------
    area : GeoDataFrame
        Units in a projection in metres.

    Returns
    -------
    DataFrame
        km, one row and one column a unit.

    Raises
    ------
    ParameterError
        The coordinates are not metres.

    Examples
    --------
    >>> from needs_analysis import territory
    >>> km = straight_distances_km(territory.select("ambito:Monza"))
    >>> round(float(km.loc["108033", "108049"]), 1)  # Monza, Villasanta
    3.5
    """
    if area.crs is None or not area.crs.is_projected:
        raise ParameterError(problem("no_metres"))
    points = area.geometry.centroid
    x, y = points.x.to_numpy(), points.y.to_numpy()
    metres = np.hypot(x[:, None] - x, y[:, None] - y)
    return pd.DataFrame(metres / 1000, index=area.index, columns=area.index)


def p_median(
    need: pd.Series,
    distances: pd.DataFrame,
    new_sites: int,
    existing: Collection[str] = (),
    distance_unit: str = "km",
) -> Sites:
    r"""Choose the sites that bring need nearest: the least sum of need times distance.

    .. math:: \min_{|S| = k + |E|,\ E \subseteq S} \sum_i w_i \min_{j \in S} d_{ij}

    A site serves any number of households: how many places it takes is another question
    (:mod:`needs_analysis.services.capacity.capacity`). The choice comes with a bound that none can be
    below (:mod:`needs_analysis.services.siting.median`); where the two do not meet, an integer
    programme of the sites that the bound leaves decides, up to ``PAIRS_MAX`` pairs.

    Parameters
    ----------
    need : Series
        Weight of each unit, from 0.
    distances : DataFrame
        One row a unit, one column a possible site; from the unit to the site, which need not be as
        far as the way back.
    new_sites : int
        How many to open (k); 0 tells how it is with the existing alone.
    existing : collection of str
        Sites that are open and stay so.
    distance_unit : str
        Of the matrix.

    Returns
    -------
    Sites

    Raises
    ------
    ParameterError
        An argument is impossible, or the programme too large.

    References
    ----------
    Hakimi, S. L. (1964), Optimum locations of switching centers and the absolute centers and medians of
    a graph, Operations Research 12; ReVelle, C. and Swain, R. (1970), Central facilities location,
    Geographical Analysis 2.

    Examples
    --------
    >>> line = pd.DataFrame([[0, 1, 4], [1, 0, 3], [4, 3, 0]], index=list("abc"), columns=list("abc"))
    >>> found = p_median(pd.Series({"a": 1, "b": 5, "c": 2}), line, new_sites=1)
    >>> found.sites.index.tolist(), found.objective  # 1*1 + 5*0 + 2*3
    (['b'], 7.0)
    """
    asked = _asked("p_median", need, distances, existing, new_sites=new_sites)
    count = new_sites + len(asked.kept)
    needy = asked.weights > 0
    with process.one_thread():
        found = search(asked.weights[needy, None] * asked.matrix[needy], asked.fixed, count)
    if found.proven or distances.size > PAIRS_MAX:
        return _answered(asked, found.chosen, distance_unit, found.bound)
    left = found.possible
    decided = _programme(
        asked, left, "PMedian", asked.weights, count, found.needed[left].astype(int)
    )
    return _answered(asked, decided, distance_unit)


def maximal_cover(
    need: pd.Series,
    distances: pd.DataFrame,
    new_sites: int,
    reach: float,
    existing: Collection[str] = (),
    distance_unit: str = "km",
) -> Sites:
    r"""Choose the sites that have the most need within reach.

    .. math:: \max_{|S| = k + |E|,\ E \subseteq S} \sum_i w_i\,[\min_{j \in S} d_{ij} \le r]

    Parameters
    ----------
    need : Series
        Weight of each unit, from 0.
    distances : DataFrame
        One row a unit, one column a possible site; from the unit to the site, which need not be as
        far as the way back.
    new_sites : int
        How many to open (k); 0 tells how it is with the existing alone.
    reach : float
        Farthest distance that covers (r), in the matrix's unit.
    existing : collection of str
        Sites that are open and stay so.
    distance_unit : str
        Of the matrix.

    Returns
    -------
    Sites

    Raises
    ------
    ParameterError
        An argument is impossible, or the programme too large.

    References
    ----------
    Church, R. and ReVelle, C. (1974), The maximal covering location problem, Papers of the Regional
    Science Association 32.

    Examples
    --------
    >>> line = pd.DataFrame([[0, 1, 4], [1, 0, 3], [4, 3, 0]], index=list("abc"), columns=list("abc"))
    >>> need = pd.Series({"a": 1, "b": 5, "c": 2})
    >>> found = maximal_cover(need, line, new_sites=1, reach=3)
    >>> found.sites.index.tolist(), found.covered_need_share
    (['b'], 1.0)
    """
    asked = _asked("maximal_cover", need, distances, existing, new_sites=new_sites, reach=reach)
    every = np.ones(asked.matrix.shape[1], dtype=bool)
    count = new_sites + len(asked.kept)
    chosen = _programme(asked, every, "MCLP", asked.weights, reach, count, asked.fixed.astype(int))
    return _answered(asked, chosen, distance_unit)


def ambiti_of(area: pd.DataFrame) -> pd.Series:
    """Return the ambito of each municipality, as ``ambito:<name>``; its province where none is known.

    Protected dwellings are sited on these and nothing smaller.

    Parameters
    ----------
    area : DataFrame
        As :func:`needs_analysis.territory.select` returns it, with or without boundaries.

    Returns
    -------
    Series of str
        By municipality_code.

    Examples
    --------
    >>> from needs_analysis import territory
    >>> ambiti_of(territory.select("comune:Sovico")).tolist()
    ['ambito:Carate Brianza']
    """
    known = store.table("ambiti").set_index("municipality_code")["ambito_name"]
    named = "ambito:" + known.reindex(area.index)
    return named.fillna("provincia:" + area["province_abbreviation"]).rename("ambito")


def by_ambito(area: gpd.GeoDataFrame, need: pd.Series) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Merge municipalities and their need by ambito, for dwellings that are protected.

    Where a protected dwelling is, or might be, is told by its ambito only: site it on what this returns.

    Parameters
    ----------
    area : GeoDataFrame
        As :func:`needs_analysis.territory.select` returns it.
    need : Series
        By municipality_code; an ambito with a municipality whose need is missing has none.

    Returns
    -------
    area : GeoDataFrame
        Polygons by ``ambito:<name>``.
    need : Series
        Summed.

    Raises
    ------
    ParameterError
        A municipality is not in the area, or the area has a part of an ambito only: its shape would
        tell more than the ambito.

    Examples
    --------
    >>> from needs_analysis import territory
    >>> area = territory.select("provincia:MB")
    >>> merged, need = by_ambito(area, area["households"])
    >>> found = p_median(need, straight_distances_km(merged), new_sites=1, existing=["ambito:Monza"])
    >>> found.sites["role"].tolist()
    ['new', 'existing']
    """
    unknown = need.index.difference(area.index)
    if len(unknown):
        raise ParameterError(problem("outside_area", units=_some(unknown)))
    ambito = ambiti_of(area)
    parts = _cut(area, ambito)
    if parts:
        raise ParameterError(problem("part_of_ambito", ambiti=_some(parts)))
    merged = area[["geometry"]].dissolve(by=ambito, method="coverage")
    return merged, need.reindex(area.index).groupby(ambito).sum(skipna=False)


def _cut(area: gpd.GeoDataFrame, ambito: pd.Series) -> list[str]:
    """Return the ambiti of which the area lacks municipalities."""
    there = ambito.value_counts()
    whole = _ambiti_of_all(area).value_counts().reindex(there.index)
    return sorted(map(str, there.index[there < whole]))


def _ambiti_of_all(area: gpd.GeoDataFrame) -> pd.Series:
    """Return the ambito of every municipality of the day of an area."""
    return ambiti_of(municipalities(area.attrs.get("codes_on")))


def existing_sites(
    register: Register, on: pd.Timestamp | str, area: gpd.GeoDataFrame, protected: bool = False
) -> tuple[str, ...]:
    """Return where dwellings are open on a day: municipalities, or ambiti of those that are protected.

    No municipality of a protected dwelling leaves this function: it counts for its ambito wherever in
    it, or outside the area, it stands. A dwelling outside the area, or whose place is not stated, is
    left out.

    Parameters
    ----------
    register : Register
        Services, dwellings and places.
    on : Timestamp or str
        The day.
    area : GeoDataFrame
        As :func:`needs_analysis.territory.select` returns it.
    protected : bool
        Dwellings of protected services, or of the others.

    Returns
    -------
    tuple of str
        Codes of municipalities, sorted; ``ambito:<name>`` if protected.
    """
    dwellings = register.dwellings
    stated = register.services["protected"].reindex(dwellings["service_code"])
    hidden = stated.astype("boolean").fillna(True).to_numpy(bool)  # not stated: told by ambito only
    kept = dwellings[open_on(dwellings, on) & (hidden == protected)]
    if not protected:
        return tuple(sorted(set(kept["municipality_code"]) & set(area.index)))
    placed = dwelling_ambiti(register).loc[kept.index].dropna()
    found = {
        *_ambiti_of_all(area).reindex(kept["municipality_code"]).dropna(),
        *("ambito:" + placed),
    }
    return tuple(sorted(found & set(ambiti_of(area))))


# ---------------------------------------------------------------- asked


@dataclass(frozen=True, eq=False)
class _Asked:
    """A question that can be answered, its units and sites in the order of their codes."""

    method: Method
    need: pd.Series
    distances: pd.DataFrame
    kept: list[str]
    reach: float
    units: pd.Index

    @property
    def matrix(self) -> Floats:
        return self.distances.to_numpy(float)

    @property
    def weights(self) -> Floats:
        return np.asarray(np.nan_to_num(self.need.to_numpy(float)))

    @property
    def fixed(self) -> Marks:
        return np.asarray(self.distances.columns.isin(self.kept))

    def worth(self, nearest: Floats) -> tuple[Floats, Floats]:
        """Return what the distances to the nearest site are worth, less is better, and a second rule.

        One column a choice. The second rule, need times distance, decides between equals.
        """
        travelled = self.weights @ nearest
        if self.method == "p_median":
            return travelled, travelled
        return -(self.weights @ (nearest <= self.reach)), travelled


def _asked(
    method: Method,
    need: pd.Series,
    distances: pd.DataFrame,
    existing: Collection[str],
    new_sites: int,
    reach: float | None = None,
) -> _Asked:
    """Return the question; refuse what is impossible."""
    kept = sorted(set(existing))
    problems = [
        *_wrong_names(need, distances, kept),
        *_wrong_numbers(need.reindex(distances.index), distances),
    ]
    problems += _wrong_count(new_sites, distances.shape[1] - len(kept), len(kept))
    if reach is not None and (wrong := Range(0).wrong("reach", reach)):
        problems.append(wrong)
    problems += too_large(method, *distances.shape)
    if problems:
        raise ParameterError(*problems)
    ordered = distances.sort_index().sort_index(axis=1)
    own = np.nan if reach is None else reach
    return _Asked(method, need.reindex(ordered.index), ordered, kept, own, distances.index)


def _some(names: Sequence[str] | pd.Index) -> tuple[str, ...]:
    """Return the first of some names, for a message."""
    return tuple(map(str, names[:5]))


def _wrong_names(need: pd.Series, distances: pd.DataFrame, kept: list[str]) -> list[Problem]:
    units, sites = distances.index, distances.columns
    wrong: dict[str, pd.Index] = {
        "units_twice": units[units.duplicated()],
        "sites_twice": sites[sites.duplicated()],
        "units_without_distances": need.index.difference(units),
        "sites_without_distances": pd.Index(sorted(set(kept) - set(sites))),
    }
    return [problem(kind, units=_some(names)) for kind, names in wrong.items() if len(names)]


def _wrong_numbers(need: pd.Series, distances: pd.DataFrame) -> list[Problem]:
    problems = []
    weights = np.nan_to_num(need.to_numpy(float), posinf=-1)
    if not (weights >= 0).all() or not weights.sum() > 0:
        problems.append(problem("no_need"))
    values = distances.to_numpy(float)
    if not (np.isfinite(values) & (values >= 0)).all():
        problems.append(problem("no_distance"))
    return problems


def _wrong_count(new_sites: int, left: int, kept: int) -> list[Problem]:
    if new_sites == 0 and not kept:
        return [problem("no_site", name="new_sites")]
    if new_sites > 0 and left == 0:
        return [problem("no_site_left", name="new_sites")]
    if new_sites in Range(0, left, whole=True):
        return []
    return [problem("sites_range", name="new_sites", most=left, found=new_sites)]


def too_large(method: Method, units: int, sites: int) -> list[Problem]:
    """Say that there are more pairs of units and sites than a minute or two can decide on.

    Parameters
    ----------
    method : {"p_median", "maximal_cover"}
        What is asked.
    units, sites : int
        How many.

    Returns
    -------
    list of Problem
        Empty where there are not.

    Examples
    --------
    >>> too_large("maximal_cover", 400, 400)
    []
    """
    most = MEDIAN_PAIRS_MAX if method == "p_median" else PAIRS_MAX
    if units * sites <= most:
        return []
    return [problem("large_area", units=units, sites=sites, most=most)]


# ---------------------------------------------------------------- answered


def _answered(
    asked: _Asked, chosen: Marks, distance_unit: str, bound: float | None = None
) -> Sites:
    """Return the sites of a choice, ties settled, and what they change."""
    chosen = _settled(asked, chosen)
    own = _own_worth(asked, chosen)
    gap = 0.0 if bound is None or own - bound <= _SAME * own else (own - bound) / own
    return _sites(asked, chosen, own, gap, distance_unit)


def _programme(asked: _Asked, left: Marks, model: str, *rest: Any) -> Marks:
    """Return the optimum of an integer programme on some of the sites."""
    from spopt import locate

    from needs_analysis.solving import pulp_solver

    with process.quiet():  # of what PuLP 4 will want of spopt
        programme = getattr(locate, model).from_cost_matrix(asked.matrix[:, left], *rest)
        programme.solve(pulp_solver(), results=False)
    chosen = left.copy()
    chosen[left] = [one.value() > 0.5 for one in programme.fac_vars]
    said, own = float(programme.problem.objective.value()), _own_worth(asked, chosen)
    if abs(said - own) > _SAME * max(abs(own), 1.0):
        raise ArithmeticError(f"the solver says {said!r} where its sites give {own!r}")
    return chosen


def _own_worth(asked: _Asked, chosen: Marks) -> float:
    nearest = asked.matrix[:, chosen].min(axis=1, keepdims=True)
    return abs(float(asked.worth(nearest)[0][0]))


def _settled(asked: _Asked, chosen: Marks) -> Marks:
    """Exchange new sites, one at a time, for others worth the same: nearer to need, then by code."""
    matrix, chosen = asked.matrix, chosen.copy()
    for _ in range(matrix.shape[1]):
        before = chosen.copy()
        for site in np.flatnonzero(chosen & ~asked.fixed):
            chosen[site] = False
            others = matrix[:, chosen].min(axis=1, initial=np.inf)
            free = np.flatnonzero(~chosen)
            first, second = asked.worth(np.minimum(others[:, None], matrix[:, free]))
            best = _least(first)
            chosen[free[best][_least(second[best])][0]] = True
        if (chosen == before).all():
            break
    return chosen


def _least(values: Floats) -> Marks:
    """Return which values are the least, but for rounding."""
    least = float(values.min())
    return np.asarray(values <= least + _TIE * max(abs(least), 1.0))


def _sites(asked: _Asked, chosen: Marks, objective: float, gap: float, distance_unit: str) -> Sites:
    distances, kept, reach = asked.distances, asked.kept, asked.reach
    opened, before = distances.loc[:, chosen], distances[kept]
    units = pd.DataFrame({"need": asked.need.astype(float)})
    units["site"], units["distance"] = opened.idxmin(axis=1), opened.min(axis=1)
    units["site_before"] = before.idxmin(axis=1) if kept else pd.NA
    units["distance_before"] = before.min(axis=1) if kept else np.nan
    units["covered"] = pd.NA if np.isnan(reach) else units["distance"] <= reach
    units = units.reindex(asked.units)
    weights = units["need"].fillna(0)
    return Sites(
        sites=_by_site(units, weights, opened.columns, kept),
        units=units,
        objective=objective,
        gap=gap,
        mean_distance=_mean(units["distance"], weights),
        mean_distance_before=_mean(units["distance_before"], weights) if kept else np.nan,
        covered_need_share=_covered(units["distance"], weights, reach),
        method=asked.method,
        distance_unit=distance_unit,
        reach=reach,
        missing=tuple(units.index[units["need"].isna()]),
    )


def _by_site(
    units: pd.DataFrame, weights: pd.Series, opened: pd.Index, kept: list[str]
) -> pd.DataFrame:
    served = weights.groupby(units["site"]).sum().reindex(opened, fill_value=0.0)
    travelled = (weights * units["distance"]).groupby(units["site"]).sum().reindex(opened)
    return pd.DataFrame(
        {
            "role": np.where(opened.isin(kept), "existing", "new"),
            "units_served": units.groupby("site").size().reindex(opened, fill_value=0),
            "need_served": served,
            "mean_distance": travelled / served.where(served > 0),
        },
        index=opened.rename("site"),
    )


def _mean(distance: pd.Series, weights: pd.Series) -> float:
    return float((weights * distance).sum() / weights.sum())


def _covered(distance: pd.Series, weights: pd.Series, reach: float) -> float:
    if np.isnan(reach):
        return np.nan
    return float(weights[distance <= reach].sum() / weights.sum())
