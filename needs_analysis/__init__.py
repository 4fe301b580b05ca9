"""Territorial housing-needs analysis for Italy.

The path of a study, from the place to what is handed out:

>>> import needs_analysis as na
>>> area = na.territory.select("ambito:Carate Brianza")
>>> panel = na.panel.build(area)
>>> indicators = na.indicators.compute(panel)
>>> round(indicators.value("108041", "rent_to_income_ratio"), 3)  # Sovico
0.158
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.3.0"

_MODULES = (
    "composite",
    "disclosure",
    "errors",
    "figures",
    "households",
    "indicators",
    "municipal",
    "needs",
    "parameters",
    "patterns",
    "plans",
    "policies",
    "provenance",
    "reports",
    "services",
    "sources",
    "store",
    "study",
    "territory",
    "told",
    "tracing",
    "workers",
)
# A module or function under a name of the package: where it is.
_ELSEWHERE = {
    "indicator": "indicators",
    "join": "indicators",
    "panel": "municipal",
    "series": "municipal.series",
    "trace": "tracing",
    "validate": "composite",
}
__all__ = ["__version__", *_ELSEWHERE, *_MODULES]


def __getattr__(name: str) -> Any:
    """Import a floor of the house when it is first used, so that ``--help`` answers at once."""
    if name in _ELSEWHERE:
        return getattr(importlib.import_module(f"{__name__}.{_ELSEWHERE[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what users reach."""
    return sorted(__all__)
