"""Layers and figures as files for a GIS and for pandas: GeoPackage and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import MappingProxyType

import pandas as pd

from needs_analysis.reports.render.qgis import Style, write_styles

_DATED = Lock()


def write_geopackage(
    layers: Mapping[str, pd.DataFrame],
    path: Path,
    styles: Mapping[str, Sequence[Style]] = MappingProxyType({}),
) -> None:
    """Write the layers of a GeoPackage and how QGIS shows them: the same layers give the same bytes.

    Parameters
    ----------
    layers : mapping of str to DataFrame
        Those without geometry are tables.
    path : Path
        The file to write.
    styles : mapping of str to sequence of Style
        By layer: the first is the one that it opens in.
    """
    import pyogrio

    # GDAL writes the time of the run into the file; a study must give the same bytes twice.
    with _dated("2022-01-01T00:00:00.000Z"):
        for position, (layer, table) in enumerate(layers.items()):
            # The newest version that the QGIS of Debian 12 (3.22) reads without a warning.
            begun: dict[str, str] = {} if position else {"VERSION": "1.3"}
            pyogrio.write_dataframe(
                table, path, layer=layer, driver="GPKG", append=position > 0, **begun
            )
    if styles:
        write_styles(path, styles)


@contextmanager
def _dated(time: str) -> Iterator[None]:
    """Have GDAL, whose options are of the process, write a time for that of the run."""
    import pyogrio

    with _DATED:
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": time})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write figures in long form."""
    frame.to_parquet(path, compression="zstd", index=False)
