"""Regions: municipalities that border each other, are alike, and hold enough households together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from needs_analysis import process
from needs_analysis.errors import Refused
from needs_analysis.figures import Displayed, Figures
from needs_analysis.municipal import panel
from needs_analysis.parameters import SEEDS, Range, in_range
from needs_analysis.patterns.admission import admitted
from needs_analysis.patterns.problems import problem
from needs_analysis.patterns.scales import standardised
from needs_analysis.territory.neighbours import Neighbours, neighbours, wanted_area

if TYPE_CHECKING:
    import geopandas as gpd
    from scipy.sparse import csr_array

SEED = 1
MAX_P_UNITS_MAX = 1600
_SOLVES = 5
Report = Callable[[int, int], None]


@dataclass(frozen=True, repr=False)
class Regions(Displayed):
    """Units grouped into regions, each contiguous and above the floor of households (checked).

    Attributes
    ----------
    labels : Series of int
        Region of each unit, sorted by unit; regions are numbered by their first code.
    households : Series
        Of each region.
    households_min : float
        The floor.
    within_share : float
        Share of the variance of the standardised indicators left inside the regions: 1 tells
        nothing, 0 everything.
    missing, allocated : tuple of str
        Units left out because an indicator or the households are missing, or because a value is a
        larger territory's.
    joined : DataFrame
        Units made neighbours of their nearest: islands, and parts of the area too small to stand
        alone, as in :class:`needs_analysis.territory.neighbours.Neighbours`.
    """

    labels: pd.Series
    households: pd.Series
    households_min: float
    within_share: float
    missing: tuple[str, ...]
    allocated: tuple[str, ...]
    joined: pd.DataFrame


class _Ground(NamedTuple):
    """What both methods stand on, by position of the unit."""

    units: pd.Index
    points: np.ndarray
    households: np.ndarray
    near: Neighbours
    missing: tuple[str, ...]
    allocated: tuple[str, ...]


def skater(
    ind: Figures | pd.DataFrame,
    area: gpd.GeoDataFrame,
    regions: int,
    households_min: float,
    households: pd.Series | None = None,
    report: Report = lambda *_: None,
) -> Regions:
    """Cut an area into a given number of alike, contiguous regions (SKATER).

    The tree that joins all units by their most alike neighbours is cut where the variance inside
    regions falls most, each side of a cut holding the floor of households. The floor counts
    households, which spopt's SKATER cannot; with one household a unit the two give the same regions.

    Parameters
    ----------
    ind : Figures or DataFrame
        Indicators by unit; they are standardised.
    area : GeoDataFrame
        The units and their polygons.
    regions : int
        How many.
    households_min : float
        Floor of each region.
    households : Series, optional
        By unit; the panel's when omitted.
    report : callable
        Takes how many regions there are and how many there will be.

    Returns
    -------
    Regions

    Raises
    ------
    Refused
        An argument is impossible, or the floor leaves fewer regions than asked for.

    References
    ----------
    Assunção, R. M., Neves, M. C., Câmara, G. and Da Costa Freitas, C. (2006), Efficient
    regionalization techniques for socio-economic geographical units using minimum spanning trees,
    International Journal of Geographical Information Science 20, 797-811.

    Examples
    --------
    >>> from needs_analysis import indicators, panel, territory
    >>> area = territory.select("provincia:MB")
    >>> ind = indicators.compute(panel.build(area), ["low_income_share", "residents_75_over_share"])
    >>> found = skater(ind, area, regions=4, households_min=20_000)
    >>> bool(found.households.min() >= 20_000)
    True
    """
    in_range({"regions": Range(whole=True)}, Refused, regions=regions)
    ground = _ground(ind, area, households, households_min)
    if not 1 <= regions <= len(ground.units):
        raise Refused(problem("regions_beyond", regions=regions, units=len(ground.units)))
    trees = [_tree(part, ground, households_min) for part in _spanning_trees(ground)]
    if len(trees) > regions:
        raise Refused(problem("apart", parts=len(trees), regions=regions))
    while len(trees) < regions:
        report(len(trees), regions)
        best = max(range(len(trees)), key=lambda place: (trees[place].gain, -place))
        if trees[best].gain == -np.inf:
            raise Refused(
                problem("few_regions", found=len(trees), regions=regions, floor=households_min)
            )
        cut = trees.pop(best)
        trees += [_tree(part, ground, households_min) for part in cut.sides()]
    labels = np.empty(len(ground.units), dtype=int)
    for number, tree in enumerate(trees):
        labels[tree.members] = number
    report(regions, regions)
    return _checked(labels, ground, households_min)


def max_p(
    ind: Figures | pd.DataFrame,
    area: gpd.GeoDataFrame,
    households_min: float,
    households: pd.Series | None = None,
    seed: int = SEED,
    report: Report = lambda *_: None,
) -> Regions:
    """Cut an area into as many alike, contiguous regions as the floor of households allows (max-p).

    Parameters
    ----------
    ind : Figures or DataFrame
        Indicators by unit; they are standardised.
    area : GeoDataFrame
        The units and their polygons, up to 1,600: the largest region.
    households_min : float
        Floor of each region.
    households : Series, optional
        By unit; the panel's when omitted.
    seed : int
        Of the search.
    report : callable
        Takes how many searches are done and how many will be.

    Returns
    -------
    Regions
        The most regions that any search found, and of those the most alike.

    Raises
    ------
    Refused
        An argument is impossible, or the area is too large for this method.

    References
    ----------
    Duque, J. C., Anselin, L. and Rey, S. J. (2012), The max-p-regions problem, Journal of Regional
    Science 52, 397-419; Wei, R., Rey, S. and Knaap, E. (2020), Efficient regionalization for spatially
    explicit neighborhood delineation, International Journal of Geographical Information Science 35.
    """
    in_range({"seed": SEEDS}, Refused, seed=seed)
    if len(wanted_area(area)) > MAX_P_UNITS_MAX:
        raise Refused(problem("too_many_units", units=len(area), most=MAX_P_UNITS_MAX))
    ground = _ground(ind, area, households, households_min)
    found = []
    for solve in range(_SOLVES):
        report(solve, _SOLVES)
        labels = _max_p_once(ground, households_min, seed + solve)
        found.append((-len(np.unique(labels)), _within(labels, ground.points), solve, labels))
    report(_SOLVES, _SOLVES)
    return _checked(min(found, key=lambda one: one[:3])[3], ground, households_min)


def _ground(
    ind: Figures | pd.DataFrame,
    area: gpd.GeoDataFrame,
    households: pd.Series | None,
    households_min: float,
) -> _Ground:
    if not households_min > 0:
        raise Refused(problem("floor_not_positive", floor=households_min))
    whole, allocated = admitted(ind)
    own = panel.build(area).data["households"] if households is None else households
    units = wanted_area(area).index.sort_values()
    data = whole.reindex(units)
    full = data.notna().all(axis=1) & own.reindex(units).notna()
    if own.reindex(units).sum() < households_min or not full.any():
        raise Refused(problem("area_under_floor", floor=households_min))
    kept = units[full]
    counts = own[kept].to_numpy(float)
    shapes = area.loc[kept]
    return _Ground(
        units=kept,
        points=standardised(data[full]).to_numpy(),
        households=counts,
        near=_large_enough(neighbours(shapes), shapes, counts, households_min),
        missing=tuple(units[~full].difference(list(allocated))),
        allocated=tuple(units[~full].intersection(list(allocated))),
    )


def _large_enough(
    near: Neighbours, area: gpd.GeoDataFrame, households: np.ndarray, floor: float
) -> Neighbours:
    """Make each part of the area that is under the floor a neighbour of the unit nearest to it."""
    from scipy.sparse.csgraph import connected_components

    while True:
        count, part = connected_components(_matrix(near), directed=False)
        held = np.bincount(part, weights=households)
        small = np.flatnonzero(held < floor)
        if count == 1 and len(small):
            raise Refused(problem("data_under_floor", households=float(held[0]), floor=floor))
        if not len(small):
            return near
        near = near.bridged(area, near.units[part == small[0]])


def _matrix(near: Neighbours, weights: np.ndarray | None = None) -> csr_array:
    from scipy.sparse import csr_array

    rows, columns = near.pairs()
    values = np.ones(len(rows)) if weights is None else weights
    return csr_array((values, (rows, columns)), shape=(len(near.units),) * 2)


class _Branch(NamedTuple):
    """A tree of units with its best cut: what falls off, and by how much the variance falls."""

    members: np.ndarray
    edges: np.ndarray
    gain: float
    cut: int
    fallen: np.ndarray

    def sides(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the members and edges on each side of the cut."""
        rest = np.setdiff1d(self.members, self.fallen)
        edges = np.delete(self.edges, self.cut, axis=0)
        inside = np.isin(edges[:, 0], self.fallen)
        return [(self.fallen, edges[inside]), (rest, edges[~inside])]


def _spanning_trees(ground: _Ground) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return members and edges of the tree of most alike neighbours in each part of the area."""
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    rows, columns = ground.near.pairs()
    apart = ((ground.points[rows] - ground.points[columns]) ** 2).sum(axis=1)
    # A distance of 0 would be no edge; a constant added to all leaves the tree as it is.
    forest = minimum_spanning_tree(_matrix(ground.near, apart + 1)).tocoo()
    edges = np.column_stack(forest.coords)
    _, part = connected_components(forest, directed=False)
    members = [np.flatnonzero(part == one) for one in np.unique(part)]
    return [(one, edges[np.isin(edges[:, 0], one)]) for one in members]


def _tree(part: tuple[np.ndarray, np.ndarray], ground: _Ground, floor: float) -> _Branch:
    """Return a tree with the cut that lowers the variance most and leaves the floor on both sides."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    members, edges = part
    if len(members) == 1:
        return _Branch(members, edges, -np.inf, 0, members)
    place = np.searchsorted(members, edges)
    links = coo_array((np.ones(len(edges)), place.T), shape=(len(members),) * 2).tocsr()
    order, above = breadth_first_order(links, 0, directed=False)
    # count, households and values of everything below each unit
    below = np.column_stack(
        [np.ones(len(members)), ground.households[members], ground.points[members]]
    )
    for one in order[:0:-1]:
        below[above[one]] += below[one]
    rest = below[order[0]] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = _explained(below) + _explained(rest) - _explained(below[order[:1]])
    gain[(below[:, 1] < floor) | (rest[:, 1] < floor)] = -np.inf
    gain[order[0]] = -np.inf
    best = int(gain.argmax())
    ends = {best, int(above[best])}
    cut = next((row for row, pair in enumerate(place.tolist()) if set(pair) == ends), 0)
    return _Branch(members, edges, float(gain[best]), cut, members[_under(best, order, above)])


def _explained(sums: np.ndarray) -> np.ndarray:
    """Return the part of the sum of squares that group means explain: |sum x|^2 / n."""
    return np.asarray((sums[:, 2:] ** 2).sum(axis=1) / sums[:, 0])


def _under(top: int, order: np.ndarray, above: np.ndarray) -> np.ndarray:
    inside = np.zeros(len(order), dtype=bool)
    inside[top] = True
    for one in order[1:]:
        inside[one] |= inside[above[one]]
    return np.flatnonzero(inside)


def _max_p_once(ground: _Ground, floor: float, seed: int) -> np.ndarray:
    from libpysal.weights import W
    from spopt.region import MaxPHeuristic

    rows, columns = ground.near.pairs()
    near = {place: columns[rows == place].tolist() for place in range(len(ground.units))}
    names = [f"x{place}" for place in range(ground.points.shape[1])]
    frame = pd.DataFrame(ground.points, columns=names).assign(households=ground.households)
    model = MaxPHeuristic(
        frame, W(near, silence_warnings=True), names, "households", floor,
        max_iterations_construction=10, max_iterations_sa=1, policy="keep",
    )  # fmt: skip
    with process.seeded(seed), process.quiet():  # of what pandas and PuLP will want of spopt
        model.solve()
    return np.asarray(model.labels_, dtype=int)


def _within(labels: np.ndarray, points: np.ndarray) -> float:
    means = pd.DataFrame(points).groupby(labels).transform("mean").to_numpy()
    total = ((points - points.mean(axis=0)) ** 2).sum()
    return float(((points - means) ** 2).sum() / total)


def _checked(labels: np.ndarray, ground: _Ground, floor: float) -> Regions:
    """Number the regions by first code, and refuse them if one is broken or under the floor."""
    from scipy.sparse.csgraph import connected_components

    numbers = pd.factorize(labels)[0] + 1  # units are sorted by code
    matrix = _matrix(ground.near)
    problems = []
    for number in range(1, numbers.max() + 1):
        own = np.flatnonzero(numbers == number)
        pieces = connected_components(matrix[own][:, own], directed=False)[0]
        if pieces > 1:
            problems.append(problem("broken_region", region=number, pieces=pieces))
        if ground.households[own].sum() < floor:
            problems.append(problem("region_under_floor", region=number, floor=floor))
    if problems:
        raise Refused(*problems)
    found = pd.Series(numbers, index=ground.units, name="region")
    return Regions(
        labels=found,
        households=pd.Series(ground.households, index=ground.units).groupby(found).sum(),
        households_min=floor,
        within_share=_within(numbers, ground.points),
        missing=ground.missing,
        allocated=ground.allocated,
        joined=ground.near.joined,
    )
