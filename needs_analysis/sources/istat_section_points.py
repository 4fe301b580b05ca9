"""Where the residents of a census section live: ISTAT's territorial bases of 2021."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

from needs_analysis import reading
from needs_analysis.provenance import Extent
from needs_analysis.sources import istat_boundary_zip, istat_sections
from needs_analysis.sources.problems import problem

if TYPE_CHECKING:
    import geopandas

SOURCE = replace(
    istat_sections.SOURCE,
    id="istat_section_points",
    title="Basi territoriali: sezioni di censimento con popolazione",
    reference_date=istat_sections.DATES[2021],
    retrieval="https://www.istat.it (Basi territoriali 2021, sezioni di una regione, file zip)",
)
DELIVERS = Extent(italy=False)

_LAYER = re.compile(r"R[0-9]{2}_21(_WGS84)?\.shp", re.IGNORECASE)
_COLUMNS = {"section_code": "SEZ21_ID", "municipality_code": "PRO_COM", "residents": "POP21"}


def recognises(path: Path) -> bool:
    """Return whether the file is a zip with the sections of 2021 of a region."""
    return any(_LAYER.fullmatch(PurePosixPath(name).name) for name in reading.names_in(path))


def read(path: Path) -> geopandas.GeoDataFrame:
    """Read the sections of a region, a point and its residents each.

    Parameters
    ----------
    path : Path
        ``R<region>_21.zip`` as downloaded: it holds one ``R<region>_21_WGS84.shp`` with its parts,
        in any folder.

    Returns
    -------
    GeoDataFrame
        Text: ``section_code`` (unique) and ``municipality_code`` (six digits, of 2021);
        ``residents`` (persons; NaN where blank); ``geometry``, a point inside the section, in
        EPSG:32632. ``attrs["reference_date"]`` is the day of the census.

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, does not hold one layer of sections, a column lacks (the
        first edition has no ``POP21``), codes repeat or are impossible, a population is negative or
        the coordinates are not in EPSG:32632.
    """
    import geopandas  # heavy: only where it is used

    layer = istat_boundary_zip.layer_in(path, _LAYER, "R*_21_WGS84.shp", SOURCE)
    frame = istat_boundary_zip.features(path, layer, SOURCE)
    lacking = [name for name in _COLUMNS.values() if name not in frame.columns]
    if lacking or "geometry" not in frame.columns:
        found = problem("shapes_without_geometry")
        if lacking:
            found = problem("shapes_lack", columns=tuple(lacking))
        raise reading.failure(path, SOURCE, [found], problem("take_with_residents"))
    sections, places = (
        istat_boundary_zip.code_texts(frame[_COLUMNS[name]], "[0-9]{4,13}")
        for name in ("section_code", "municipality_code")
    )
    tidy = geopandas.GeoDataFrame(
        {
            "section_code": sections,
            "municipality_code": places.str.zfill(6),
            "residents": pd.to_numeric(frame["POP21"], errors="coerce").astype("float64"),
        },
        geometry=frame.geometry.representative_point(),
    )
    istat_boundary_zip.check_features(path, SOURCE, frame, _wrong(tidy), none="no_sections")
    tidy = tidy.set_crs(istat_boundary_zip.CRS, allow_override=True)
    tidy.attrs["reference_date"] = istat_sections.DATES[2021]
    return tidy


def _wrong(tidy: geopandas.GeoDataFrame) -> dict[str, pd.Series]:
    """Return which rows have what wrong."""
    code, place = tidy["section_code"], tidy["municipality_code"]
    return {
        "impossible_section": code == "",
        "impossible_code": ~place.str.fullmatch("[0-9]{6}") | (place == "000000"),
        "repeated_section": code.duplicated() & (code != ""),
        "negative_residents": tidy["residents"] < 0,
    }
