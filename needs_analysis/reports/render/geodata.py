"""Layers and figures as files for a GIS and for pandas: GeoPackage and Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pandas as pd

_DATED = Lock()


def write_geopackage(layers: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write the layers of a GeoPackage: the same layers give the same bytes.

    Parameters
    ----------
    layers : mapping of str to DataFrame
        Those without geometry are tables.
    path : Path
        The file to write.
    """
    import pyogrio

    # GDAL writes the time of the run into the file; a study must give the same bytes twice.
    with _dated("2022-01-01T00:00:00.000Z"):
        for position, (layer, table) in enumerate(layers.items()):
            pyogrio.write_dataframe(table, path, layer=layer, driver="GPKG", append=position > 0)


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
