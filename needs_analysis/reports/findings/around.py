"""The territories that an area is read among and compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from needs_analysis.figures import Figures
from needs_analysis.territory import municipalities, select

if TYPE_CHECKING:
    import geopandas as gpd

# The keys of the territories an area is compared with, in the order they are printed.
OWN, PROVINCE, REGION, ITALY, ALIKE = "area", "province", "region", "italy", "alike"


def shown_of(area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the municipalities of maps and tables: for a single one those of its province."""
    if len(area) > 1:
        return area
    province = area["province_name"].iloc[0]
    return select(f"provincia:{province}", area.attrs.get("codes_on"))


def groups_of(area: gpd.GeoDataFrame, panel: Figures) -> dict[str, list[str]]:
    """Return the municipality codes of an area and of what it is compared with."""
    units = municipalities(area.attrs.get("codes_on"))
    own = sorted(area.index)
    groups = {OWN: own}
    for key, column in ((PROVINCE, "province_code"), (REGION, "region_code")):
        inside = units.loc[own, column].unique()
        if len(inside) == 1:
            members = sorted(units.index[units[column] == inside[0]])
            if members not in groups.values():
                groups[key] = members
    if len(own) < len(units):
        groups[ITALY] = sorted(units.index)
    alike = panel.data["urbanisation_code"] == urbanisation_of(panel, own)
    groups[ALIKE] = sorted(panel.data.index[alike])
    return groups


def urbanisation_of(panel: Figures, codes: Sequence[str]) -> str:
    """Return the degree of urbanisation in which most residents of some municipalities live."""
    residents = panel.data.loc[list(codes)].groupby("urbanisation_code")["resident_population"]
    return str(residents.sum().idxmax())
