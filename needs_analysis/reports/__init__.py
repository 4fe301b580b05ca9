"""What is handed out: one content model, several renderers; the home of labels, % and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from needs_analysis.reports.maps.area import area_map

__all__ = ["area_map"]


def __getattr__(name: str) -> Any:
    """Give `area_map` without drawing folium in before a map is asked for."""
    if name == "area_map":
        from needs_analysis.reports.maps.area import area_map

        return area_map
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
