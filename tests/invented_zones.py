"""A layer of rent zones that no municipality has: what the maps of zones are tried on."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely


def layer(**columns) -> gpd.GeoDataFrame:
    """Two invented municipalities: a ring around a centre, a field without quote; one zone alone."""
    x, y, side = 5e5, 5e6, 1000.0
    boxes = [
        shapely.box(x, y, x + 4 * side, y + 4 * side),  # published without the hole of the centre
        shapely.box(x + side, y + side, x + 2 * side, y + 2 * side),
        shapely.box(x, y - 2 * side, x + 4 * side, y),
        shapely.box(x + 4 * side, y, x + 6 * side, y + 4 * side),
    ]
    given = {
        "cadastral_code": ["X001", "X001", "X001", "X002"],
        "municipality_name": ["Prova", "Prova", "Prova", "Saggio"],
        "zone_code": ["D1", "B1", "R1", "B1"],
        "description": ["PERIFERIA -", "CENTRO", "", "TUTTO"],
        "rent_eur_m2_month": [5.0, 8.25, np.nan, 6.0],
        "rent_low_eur_m2_month": [4.0, 7.0, np.nan, 5.0],
        "rent_high_eur_m2_month": [6.0, 9.5, np.nan, 7.0],
        "rent_typology_code": ["20", "20", None, "21"],
        "state": ["NORMALE", "OTTIMO", None, "NORMALE"],
        "rent_surface_code": ["L", "L", None, "L"],
        "in_municipal_rent": [True, True, False, True],
    }
    frame = gpd.GeoDataFrame(given | columns, geometry=boxes, crs=32632)
    frame.attrs["reference_date"] = "2018/2"
    return frame
