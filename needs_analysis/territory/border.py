"""Which municipalities lie near Switzerland: who lives there may earn what no Italian file says."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import store
from needs_analysis.territory.boundaries import coverage
from needs_analysis.territory.codes import DAY, day_of
from needs_analysis.territory.units import municipalities

if TYPE_CHECKING:
    import shapely

METHOD = 1
"""Of what :func:`near_switzerland` keeps: raised when its code, or the boundaries', gives others."""
# Where three states meet, longitude and latitude: Mont Dolent (France, Italy, Switzerland) and the
# point below Piz Lad (Austria, Italy, Switzerland). Between them Italy borders on Switzerland alone.
_ENDS = ((7.0444, 45.9226), (10.4697, 46.8553))
_REGIONS = ("01", "02", "03", "04")  # Piemonte, Valle d'Aosta, Lombardia, Trentino-Alto Adige


def near_switzerland(metres: float, codes_on: pd.Timestamp | str | None = None) -> pd.Index:
    """Return the municipalities with a part of their territory within a distance of Switzerland.

    Parameters
    ----------
    metres : float
        The distance from the border, in a straight line; the Italian-Swiss agreement on workers who
        cross it (Legge 83/2023) takes 20 km.
    codes_on : Timestamp or str, optional
        The day of the codes; 1 January 2022 when omitted.

    Returns
    -------
    Index
        Municipality codes, sorted.

    Examples
    --------
    >>> near = near_switzerland(20_000)
    >>> "013075" in near, "015146" in near  # Como, Milano
    (True, False)
    """
    return _near(float(metres), day_of(codes_on))


@store.remembered()
def _near(metres: float, day: pd.Timestamp) -> pd.Index:
    key = {"metres": metres, "day": f"{day:%Y-%m-%d}"}
    kept = store.computed("near_switzerland", key, lambda: _measured(metres, day), METHOD)
    found: pd.Index = pd.Index(kept["municipality_code"], name="municipality_code")
    return found


def _measured(metres: float, day: pd.Timestamp) -> pd.DataFrame:
    """Return the municipalities within a distance of the border, as a table that is kept."""
    import shapely

    shapes = coverage(codes_on=day)  # who was made of parts of others has none
    shapes = shapes[shapes.index.isin(_northern(day))]
    # A prepared line finds its nearest stretch without going along all of it.
    near: pd.Index = shapes.index[shapely.dwithin(_border(), shapes.to_numpy(), metres)]
    return near.sort_values().to_frame(index=False)


def _northern(day: pd.Timestamp) -> list[str]:
    units = municipalities(day)
    return list(units.index[units["region_code"].isin(_REGIONS)])


@cache  # of the boundaries that ship, whatever figures are in use
def _border() -> shapely.Geometry:
    """Return the border as a line: along Italy's edge between the two ends, and around Campione."""
    import geopandas as gpd
    import shapely
    from shapely.ops import substring

    whole = shapely.coverage_union_all(coverage(_northern(DAY)).to_numpy())
    mainland, *enclaves = sorted(shapely.get_parts(whole), key=lambda part: -part.area)
    edge = shapely.LineString(mainland.exterior.coords)
    ends = gpd.GeoSeries(gpd.points_from_xy(*zip(*_ENDS, strict=True)), crs=4326).to_crs(32632)
    first, last = sorted(edge.project(one) for one in ends)
    beyond = shapely.line_merge(
        shapely.union(substring(edge, last, edge.length), substring(edge, 0, first))
    )
    border = min(substring(edge, first, last), beyond, key=lambda line: line.length)
    line = shapely.union_all([border, *(one.exterior for one in enclaves)])
    shapely.prepare(line)
    return line
