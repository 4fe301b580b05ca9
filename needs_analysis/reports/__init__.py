"""What is handed out: one content model, several renderers; the home of labels, % and colour."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from needs_analysis.reports.charts.columns import chart
    from needs_analysis.reports.maps.area import area_map
    from needs_analysis.reports.notebook import html, speak

_LAZY = {
    "area_map": "maps.area",
    "chart": "charts.columns",
    "html": "notebook",
    "speak": "notebook",
}
__all__ = ["area_map", "chart", "html", "speak"]


def __getattr__(name: str) -> Any:
    """Give what draws without drawing in folium and matplotlib before it is asked for."""
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what users call."""
    return sorted(__all__)
