"""Who borders whom, on the repaired coverage; who borders nobody gets a neighbour, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from needs_analysis.errors import AreaError, wanted
from needs_analysis.figures import wanted_units
from needs_analysis.territory import boundaries
from needs_analysis.territory.history import among
from needs_analysis.territory.problems import problem
from needs_analysis.territory.units import municipalities

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

JOINED = ("unit_name", "neighbour", "neighbour_name", "distance_m")


def _none_joined() -> pd.DataFrame:
    return pd.DataFrame(columns=list(JOINED), index=pd.Index([], name="unit"))


@dataclass(frozen=True)
class Neighbours:
    """Who is a neighbour of whom, and which units were given one because they had none.

    Parameters
    ----------
    graph : Graph
        Binary, on the units sorted by code.
    joined : DataFrame
        Indexed by the unit that had no neighbour, with its name, its nearest unit and the distance
        between the two in metres (columns unit_name, neighbour, neighbour_name, distance_m).

    Examples
    --------
    >>> from needs_analysis import territory
    >>> naples = neighbours(territory.select("provincia:Napoli"))
    >>> naples.graph.cardinalities["063004"].item()  # Anacapri borders Capri only
    1
    """

    graph: Graph
    joined: pd.DataFrame = field(default_factory=_none_joined)

    @property
    def units(self) -> pd.Index:
        """Return the codes of the units, sorted."""
        units: pd.Index = self.graph.unique_ids
        return units

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions in `units` of each pair of neighbours, sorted."""
        index = self.graph.adjacency.index
        units = self.units
        rows = units.get_indexer(index.get_level_values(0))
        columns = units.get_indexer(index.get_level_values(1))
        order = np.lexsort((columns, rows))
        apart = rows[order] != columns[order]  # a unit alone stands in the graph as its own
        return rows[order][apart], columns[order][apart]

    def among(self, units: Iterable[str]) -> Neighbours:
        """Return the neighbours among these units only; nobody new is joined."""
        wanted = pd.Index(sorted(units))
        unknown = wanted.difference(self.units)
        if len(unknown):
            names = tuple(map(str, unknown[:5]))
            raise AreaError(problem("no_neighbours_known", units=names))
        rows, columns = self.pairs()
        place = wanted.get_indexer(self.units)
        rows, columns = place[rows], place[columns]
        both = (rows >= 0) & (columns >= 0)
        kept = among(self.joined.index, wanted) & among(self.joined["neighbour"], wanted)
        return Neighbours(_graph(wanted, rows[both], columns[both]), self.joined[kept])

    def bridged(self, area: gpd.GeoDataFrame, part: pd.Index) -> Neighbours:
        """Make the unit of a part that is nearest to the rest a neighbour of the unit it is nearest to.

        Parameters
        ----------
        area : GeoDataFrame
            The polygons of these units.
        part : Index
            Units of which none has a neighbour among the others.
        """
        units = self.units
        shapes = area.geometry.loc[units].to_numpy()
        own = np.flatnonzero(units.isin(part))
        rest = np.flatnonzero(~units.isin(part))
        nearest, metres = _closest(shapes[own], shapes[rest])
        from_, to = own[metres.argmin()], rest[nearest[metres.argmin()]]
        names = _names(area, units)
        more = _joined(units, names, np.array([from_]), np.array([to]), metres.min())
        rows, columns = self.pairs()
        rows, columns = _with_pairs(rows, columns, np.array([from_]), np.array([to]))
        joined = pd.concat([self.joined, more]) if len(self.joined) else more
        return Neighbours(_graph(units, rows, columns), joined)


def neighbours(area: gpd.GeoDataFrame | None = None) -> Neighbours:
    """Return the neighbours of each unit of an area; who has none gets its nearest unit, by name.

    Units that touch, be it in a point, are neighbours (queen contiguity): all Italy takes a third of
    a second on the kept coverage, so nothing else is kept that could grow old. Where a unit has no
    neighbour (an island, an enclave, a municipality whose neighbours are outside the area) it and
    its nearest unit become neighbours of each other, and the result names both.

    Parameters
    ----------
    area : GeoDataFrame, optional
        Indexed by code, with polygons (from :func:`needs_analysis.territory.select`, or other
        units); all Italy when omitted.

    Returns
    -------
    Neighbours
        On the units sorted by code.

    Raises
    ------
    Refused
        A code stands twice, or there is no unit.

    References
    ----------
    Anselin, L. (1988), Spatial Econometrics: Methods and Models, Kluwer, chapter 3.

    Examples
    --------
    >>> from needs_analysis import territory
    >>> found = neighbours(territory.select("063019,063061,063064"))  # Casamicciola, Procida, Forio
    >>> found.joined[["unit_name", "neighbour_name"]].iloc[0].tolist()
    ['Casamicciola Terme', 'Procida']
    """
    if area is not None and wanted_area(area).empty:
        raise AreaError(problem("empty_area"))
    shapes = _shapes(area)
    rows, columns = _touching(shapes)
    names = _names(area, shapes.index)
    rows, columns, joined = _join_alone(shapes, names, rows, columns)
    return Neighbours(_graph(shapes.index, rows, columns), joined)


def wanted_area(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame with geometries whose index tells its units apart; anything else is refused."""
    import geopandas as gpd

    wanted(area, gpd.GeoDataFrame)
    return wanted_units(area)


def _shapes(area: gpd.GeoDataFrame | None) -> gpd.GeoSeries:
    shapes = boundaries.coverage() if area is None else area.geometry
    shapes = shapes.sort_index()
    known = shapes.crs is not None and shapes.crs.is_geographic
    return shapes.to_crs(boundaries.METRES) if known else shapes


def _names(area: gpd.GeoDataFrame | None, units: pd.Index) -> pd.Series:
    frame = municipalities() if area is None else area
    if "municipality_name" not in frame:
        return pd.Series("", index=units)
    named: pd.Series = frame["municipality_name"].reindex(units)
    return named


def _touching(shapes: gpd.GeoSeries) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs that share a point: on a coverage, queen contiguity."""
    import shapely

    found = shapes.to_numpy()
    rows, columns = shapely.STRtree(found).query(found, predicate="intersects")
    return _in_order(rows, columns)


def _in_order(rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    apart = rows != columns
    rows, columns = rows[apart], columns[apart]
    order = np.lexsort((columns, rows))
    return rows[order], columns[order]


def _join_alone(
    shapes: gpd.GeoSeries, names: pd.Series, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Give each unit without neighbours its nearest one, both ways round."""
    units = shapes.index
    alone = np.setdiff1d(np.arange(len(units)), rows)
    if len(units) == 1 or not len(alone):
        return rows, columns, _none_joined()
    found = shapes.to_numpy()
    partners, metres = _closest(found[alone], found, exclusive=True)
    rows, columns = _with_pairs(rows, columns, alone, partners)
    return rows, columns, _joined(units, names, alone, partners, metres)


def _closest(
    asked: np.ndarray, shapes: np.ndarray, exclusive: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of the shape nearest to each one asked for, and the metres between."""
    import shapely

    tree = shapely.STRtree(shapes)
    rows, found = tree.query_nearest(asked, exclusive=exclusive, all_matches=True)
    # Of several at the same distance, the one whose code comes first.
    first = pd.Series(found).groupby(rows).min().to_numpy()
    return first, shapely.distance(asked, shapes[first])


def _with_pairs(
    rows: np.ndarray, columns: np.ndarray, ones: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    both = np.vstack([[*rows, *ones, *others], [*columns, *others, *ones]])
    rows, columns = np.unique(both, axis=1)  # two may choose each other
    return rows, columns


def _joined(
    units: pd.Index, names: pd.Series, ones: np.ndarray, others: np.ndarray, metres: np.ndarray
) -> pd.DataFrame:
    codes, named = units.to_numpy(), names.to_numpy()
    return pd.DataFrame(
        {
            "unit_name": named[ones],
            "neighbour": codes[others],
            "neighbour_name": named[others],
            "distance_m": metres,
        },
        index=pd.Index(codes[ones], name="unit"),
    )


def _graph(units: pd.Index, rows: np.ndarray, columns: np.ndarray) -> Graph:
    from libpysal.graph import Graph

    alone = np.setdiff1d(np.arange(len(units)), rows)
    weights = np.concatenate([np.ones(len(rows)), np.zeros(len(alone))])
    codes = units.to_numpy()
    rows = np.concatenate([rows, alone])
    columns = np.concatenate([columns, alone])
    order = np.lexsort((columns, rows))
    return Graph.from_arrays(codes[rows[order]], codes[columns[order]], weights[order])
