"""What a map knows beyond its area: Italy's classes and means, the neighbours, the ambiti, its page."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import shapely

from needs_analysis.figures import Figures

# How far from the area a municipality is still a neighbour, as a share of the area's longer side.
NEAR = 0.08


@dataclass(frozen=True)
class Setting:
    """What stands around the figures of an area on its map; each part is optional.

    Parameters
    ----------
    italy : Figures, optional
        The same indicators of every Italian municipality, on which the national classes are cut;
        None where the area is Italy: its classes are the nation's.
    whole : bool
        Whether the area is Italy, so that its own classes are the nation's.
    means : Series of float
        Italy's own value of each indicator, in the indicator's unit; what it lacks is not said.
    around : GeoSeries, optional
        Shapes of the municipalities just around, in the area's coordinates: drawn in grey, never
        with a figure.
    ambiti : Series of str
        The ambito of each municipality, where it is known.
    page : str
        The address of the briefing's page, relative to the map; no link when empty.
    """

    italy: Figures | None = None
    whole: bool = False
    means: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    around: gpd.GeoSeries | None = None
    ambiti: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    page: str = ""


def around(area: gpd.GeoDataFrame, country: gpd.GeoSeries) -> gpd.GeoSeries | None:
    """Return the municipalities of a country within a short way of an area, those inside left out.

    Parameters
    ----------
    area : GeoDataFrame
        Polygons in metres by municipality_code.
    country : GeoSeries
        All the polygons, in the same coordinates, by the same codes.

    Returns
    -------
    GeoSeries or None
        In the country's order; None where there is none.

    Examples
    --------
    >>> row = gpd.GeoSeries([shapely.box(i, 0, i + 1, 1) for i in range(4)], index=list("abcd"))
    >>> around(gpd.GeoDataFrame(geometry=row[["a", "b"]]), row).index.tolist()
    ['c']
    """
    west, south, east, north = area.total_bounds
    reach = NEAR * max(east - west, north - south)
    # No finer than a reach needs: the exact border of a region has many thousand vertices.
    own = shapely.simplify(shapely.union_all(area.geometry.to_numpy()), reach / 20)
    others = country[~country.index.isin(area.index)]
    found = others.sindex.query(own, predicate="dwithin", distance=reach)
    return others.iloc[sorted(found)] if len(found) else None
