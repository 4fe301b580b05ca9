"""Numbers and shapes packed into text; ``assets/map.js`` has the inverse of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

Ints = np.ndarray[Any, np.dtype[np.int64]]

# Printable ASCII less what JSON or HTML would have to escape: 88 digits, an even number.
ALPHABET = "".join(chr(code) for code in range(35, 127) if chr(code) not in "&<\\")[:88]
# Simplification: the area's width over this; vertices then lie on a grid so many times finer.
PARTS_OF_WIDTH = 4000
GRID_PER_TOLERANCE = 5


def pack(values: np.ndarray[Any, Any]) -> dict[str, int | str | None]:
    """Pack a column of whole numbers into text of fixed width, NaN as the digit zero.

    Parameters
    ----------
    values : array of float
        Whole numbers or NaN.

    Returns
    -------
    dict
        ``start`` (the minimum), ``width`` (digits a value; 0 where all are equal) and ``digits``;
        a value is ``start - 1`` plus its number in base ``len(ALPHABET)``.

    Examples
    --------
    >>> pack(np.array([7.0, np.nan, 8.0]))
    {'start': 7, 'width': 1, 'digits': '$#%'}
    """
    values = np.asarray(values, dtype=float)
    there = ~np.isnan(values)
    if not there.any():
        return {"start": None, "width": 0, "digits": ""}
    start, stop = int(values[there].min()), int(values[there].max())
    if start == stop and there.all():
        return {"start": start, "width": 0, "digits": ""}
    codes = np.where(there, np.nan_to_num(values) - start + 1, 0).astype(np.int64)
    base, width = len(ALPHABET), 1
    while base**width <= stop - start + 1:
        width += 1
    powers = base ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return {"start": start, "width": width, "digits": _characters(codes[:, None] // powers % base)}


def stream(values: Ints) -> str:
    """Pack whole numbers of any size, low digits first; the alphabet's upper half continues.

    Examples
    --------
    >>> stream(np.array([0, 43, 44]))
    '#PQ$'
    """
    half = len(ALPHABET) // 2
    left, digits, kept = np.asarray(values, dtype=np.int64), [], []
    more = np.ones(len(left), dtype=bool)
    while more.any():
        kept.append(more)
        following = more & (left >= half)
        digits.append(left % half + np.where(following, half, 0))
        left, more = left // half, following
    if not digits:
        return ""
    return _characters(np.stack(digits, axis=1)[np.stack(kept, axis=1)])


def _characters(digits: Ints) -> str:
    table = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
    return table[digits.ravel()].tobytes().decode("ascii")


# ---- geometry -----------------------------------------------------------------------------------


def tolerance_of(geometry: gpd.GeoSeries) -> float:
    """Return how far a drawn border may stand from the true one, in metres.

    Examples
    --------
    >>> tolerance_of(gpd.GeoSeries([shapely.box(0, 0, 8000, 100)]))
    2.0
    """
    west, south, east, north = geometry.total_bounds
    return float(max(east - west, north - south) / PARTS_OF_WIDTH)


def encode_geometry(
    geometry: gpd.GeoSeries,
    borders: Sequence[Any] = (),
    *,
    between: bool = False,
    tolerance: float = 0.0,
) -> dict[str, Any]:
    """Simplify a coverage together, move it to degrees and pack its vertices on a grid.

    Parameters
    ----------
    geometry : GeoSeries
        A valid coverage in metres (EPSG:32632).
    borders : sequence of arrays of int
        Groups of positions (provinces) whose common outline is drawn too.
    between : bool
        Only where one group borders on another, each line once: dashes would cross if drawn twice.
    tolerance : float
        Of the simplification, in metres; the longer side over `PARTS_OF_WIDTH` when zero.

    Returns
    -------
    dict
        ``count`` areas; ``west``, ``south``, ``step_x``, ``step_y`` in degrees; ``shape`` (counts
        of polygons, rings and vertices) and ``steps`` (zigzag differences) as :func:`stream`.

    Notes
    -----
    The shapes are for looking at; measure on the coverage. No municipality is lost: one that is
    smaller than the grid becomes a triangle of one step.
    """
    tolerance = tolerance or tolerance_of(geometry)
    simple = shapely.coverage_simplify(geometry.to_numpy(), tolerance)
    drawn = [shapely.boundary(shapely.coverage_union_all(simple[group])) for group in borders]
    if between and drawn:
        every = shapely.boundary(shapely.coverage_union_all(simple))
        drawn = [shapely.line_merge(shapely.difference(shapely.union_all(drawn), every))]
    degrees = gpd.GeoSeries([*simple, *drawn], crs=geometry.crs).to_crs(4326)
    west, south, east, north = degrees.iloc[: len(simple)].total_bounds
    step_y = tolerance / GRID_PER_TOLERANCE / 111_320
    step_x = step_y / float(np.cos(np.radians((south + north) / 2)))
    # Rounded first, so that the page decodes with the very numbers that encoded.
    west, south = round(west, 9), round(south, 9)
    step_x, step_y = float(f"{step_x:.6g}"), float(f"{step_y:.6g}")
    grid = _Grid(west, south, step_x, step_y)
    shape: list[int] = []
    rings: list[Ints] = []
    _areas_on(grid, degrees.iloc[: len(simple)].to_numpy(), shape, rings)
    _lines_on(grid, degrees.iloc[len(simple) :].to_numpy(), shape, rings)
    vertices = np.concatenate(rings)
    steps = np.diff(vertices, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    return {
        "count": len(simple),
        "west": west,
        "south": south,
        "step_x": step_x,
        "step_y": step_y,
        "shape": stream(np.array(shape)),
        "steps": stream(np.where(steps < 0, -2 * steps - 1, 2 * steps)),
    }


@dataclass(frozen=True)
class _Grid:
    west: float
    south: float
    step_x: float
    step_y: float

    def snap(self, coordinates: np.ndarray[Any, Any]) -> Ints:
        """Round coordinates to the grid; repeated vertices go."""
        origin, step = np.array([self.west, self.south]), np.array([self.step_x, self.step_y])
        snapped = np.rint((coordinates - origin) / step).astype(np.int64)
        again = np.r_[False, (snapped[1:] == snapped[:-1]).all(axis=1)]
        return np.asarray(snapped[~again])


def _areas_on(grid: _Grid, areas: Any, shape: list[int], rings: list[Ints]) -> None:
    for area in areas:
        polygons = []
        for polygon in shapely.get_parts(area):
            snapped = [
                grid.snap(shapely.get_coordinates(r))[:-1] for r in shapely.get_rings(polygon)
            ]
            if len(snapped[0]) >= 3:
                polygons.append([snapped[0], *(hole for hole in snapped[1:] if len(hole) >= 3)])
        if not polygons:
            corner = grid.snap(shapely.get_coordinates(area))[0]
            polygons = [[corner + np.array([[0, 0], [1, 0], [0, 1]])]]
        shape.append(len(polygons))
        for polygon in polygons:
            shape.append(len(polygon))
            shape.extend(len(ring) for ring in polygon)
            rings.extend(polygon)


def _lines_on(grid: _Grid, lines: Any, shape: list[int], rings: list[Ints]) -> None:
    snapped = [grid.snap(shapely.get_coordinates(line)) for line in shapely.get_parts(lines)]
    # A ring of fewer vertices has no inside; a line that ends elsewhere needs two.
    kept = [line for line in snapped if len(line) >= (4 if (line[0] == line[-1]).all() else 2)]
    shape.append(len(kept))
    shape.extend(len(line) for line in kept)
    rings.extend(kept)
