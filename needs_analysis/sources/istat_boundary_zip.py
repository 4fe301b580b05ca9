"""ISTAT boundaries of the municipalities of any year, from the zip as downloaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pandas as pd

from needs_analysis import process, reading
from needs_analysis.errors import Problem
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row, headers
from needs_analysis.sources.istat_sections import DATES
from needs_analysis.sources.problems import problem

if TYPE_CHECKING:
    import geopandas

SOURCE = Source(
    id="istat_boundary_zip",
    publisher="ISTAT",
    title="Confini delle unità amministrative a fini statistici",
    reference_date="2021-12-31",
    licence="CC BY 4.0",
    attribution="ISTAT, Confini delle unità amministrative a fini statistici",
    retrieval="https://www.istat.it (Confini amministrativi, file zip)",
)
DELIVERS = Extent(italy=True)

CRS = 32_632
"""WGS 84 / UTM zone 32N, the reference system of ISTAT's boundaries."""

MOST_BYTES = 1 << 30  # the detailed boundaries of Italy unpack to some 300 MB
_LAYER = re.compile(r"Com(?P<day>[0-9]{8}|[0-9]{4})(?P<general>_g)?(?:_WGS84)?\.shp", re.IGNORECASE)
_PARTS = (".shx", ".dbf")
_NAMES = ("COMUNE", "NOME_COM", "DEN_COM")


def recognises(path: Path) -> bool:
    """Return whether the file is a zip with the boundaries of the municipalities."""
    return any(_LAYER.fullmatch(PurePosixPath(name).name) for name in reading.names_in(path))


def read(path: Path) -> geopandas.GeoDataFrame:
    """Read the boundaries of the municipalities as they are, invalid rings included.

    Parameters
    ----------
    path : Path
        ``Limiti<ddmmyyyy>.zip`` or ``Limiti<ddmmyyyy>_g.zip`` (generalised) as downloaded: it
        holds one ``Com<ddmmyyyy>[_g]_WGS84.shp`` with its parts, in any folder.

    Returns
    -------
    GeoDataFrame
        Index ``municipality_code`` (six digits); ``municipality_name``; ``geometry`` in
        EPSG:32632. ``attrs["reference_date"]`` is the day in the name of the layer (that of the
        census if it is a census year), ``attrs["generalised"]`` whether the lines are simplified.

    Raises
    ------
    SourceError
        If the zip is unsafe (paths that leave the folder, far larger once unpacked) or damaged,
        does not hold one layer of municipalities, or geometries lack, codes repeat or the
        coordinates are not in EPSG:32632.
    """
    layer = layer_in(path, _LAYER, "Com*_WGS84.shp", SOURCE)
    frame = features(path, layer, SOURCE)
    names = {name.upper(): name for name in frame.columns}
    code = next((names[one] for one in ("PRO_COM_T", "PRO_COM") if one in names), None)
    if code is None:
        named = headers(["PRO_COM_T", "PRO_COM"])
        raise reading.failure(path, SOURCE, [reading.problem("lacking_columns", columns=named)])
    if not hasattr(frame, "geometry") or "geometry" not in frame.columns:
        raise reading.failure(path, SOURCE, [problem("shapes_without_geometry")])
    codes = code_texts(frame[code], "[0-9]{4,6}")
    codes = codes.str.zfill(6).where(codes != "", "")
    again = codes[codes.duplicated() & (codes != "")]
    twice = [problem("repeated_place", code=one) for one in again]
    check_features(path, SOURCE, frame, {"impossible_code": codes == ""}, twice)
    name = next((names[one] for one in _NAMES if one in names), None)
    places = frame[name].fillna("").astype("str").str.strip() if name else ""
    tidy: geopandas.GeoDataFrame = (
        frame[["geometry"]]
        .assign(municipality_code=codes, municipality_name=places)
        .set_index("municipality_code")[["municipality_name", "geometry"]]
    )
    tidy = tidy.set_crs(CRS, allow_override=True)
    match = _LAYER.fullmatch(PurePosixPath(layer).name)
    assert match is not None  # it is how the layer was found
    tidy.attrs["generalised"] = match["general"] is not None
    tidy.attrs["reference_date"] = _day(match["day"])
    return tidy


def layer_in(path: Path, pattern: re.Pattern[str], called: str, source: Source) -> str:
    """Return the name of the layer in the zip, once it is known to be safe and whole.

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, or does not hold one layer of this name with its parts.
    """
    with reading.opened_zip(path, path, source, MOST_BYTES) as archive:
        inside = set(archive.namelist())
    layers = [name for name in inside if pattern.fullmatch(PurePosixPath(name).name)]
    if len(layers) != 1:
        found = reading.problem("zip_not_one", found=len(layers), name=called)
        raise reading.failure(path, source, [found])
    lower = {name.lower() for name in inside}
    stem = layers[0][:-4]
    lacking = [stem + part for part in _PARTS if (stem + part).lower() not in lower]
    if lacking:
        named = tuple(PurePosixPath(one).name for one in lacking)
        raise reading.failure(path, source, [reading.problem("zip_lacks", files=named)])
    return layers[0]


def features(path: Path, layer: str, source: Source) -> geopandas.GeoDataFrame:
    """Return the features of a layer found by :func:`layer_in`.

    Raises
    ------
    SourceError
        If the layer is damaged.
    """
    import pyogrio  # heavy: only where it is used

    try:
        with ZipFile(path) as archive:
            # GDAL reads on past a damaged byte; the checksums of the zip do not.
            for part in (layer, *(layer[:-4] + part for part in _PARTS)):
                if part in archive.namelist():
                    _drain(archive, part)
        with process.quiet():  # of rings wound the other way, as ISTAT has some
            frame: geopandas.GeoDataFrame = pyogrio.read_dataframe(
                f"/vsizip/{{{path.resolve()}}}/{layer}"
            )
            return frame
    except Exception:  # damaged shapes raise what GDAL, GEOS and zlib raise
        raise reading.failure(path, source, [problem("shapes_damaged")]) from None


def _drain(archive: ZipFile, name: str) -> None:
    """Read a file of a zip to its end, which checks it."""
    with archive.open(name) as file:
        while file.read(1 << 20):
            pass


def code_texts(column: pd.Series, pattern: str) -> pd.Series:
    """Return codes as text of digits, "" if they are none; ISTAT writes them as text or numbers."""
    text = column.map(
        lambda one: f"{one:.0f}" if isinstance(one, float) and one == one else str(one).strip()
    ).astype("str")
    return text.where(text.str.fullmatch(pattern), "")


def check_features(
    path: Path,
    source: Source,
    frame: geopandas.GeoDataFrame,
    wrong: Mapping[str, pd.Series],
    more: Iterable[Problem] = (),
    none: str = "no_places",
) -> None:
    """Refuse features without a geometry, with something wrong by row, or on another system."""
    rows = {"lacking_geometry": frame.geometry.isna() | frame.geometry.is_empty} | dict(wrong)
    problems = [
        problem(kind, at_row(row + 1)) for kind, mask in rows.items() for row in mask[mask].index
    ]
    problems += more
    if frame.crs is None or frame.crs.to_epsg(min_confidence=25) != CRS:
        problems.append(problem("no_utm"))
    if frame.empty:
        problems.append(problem(none))
    if problems:
        raise reading.failure(path, source, problems[: reading.MANY])


def _day(text: str) -> str:
    """Return the day in the name of a layer: ddmmyyyy, or the year of a census."""
    if len(text) == 8:
        return f"{text[4:]}-{text[2:4]}-{text[:2]}"
    return DATES.get(int(text), f"{text}-01-01")
