"""Services: register, stays, collaboration, capacity and siting."""

from __future__ import annotations

import importlib
from typing import Any

# Functions named as their module: imported first, or the module would hide them later.
from needs_analysis.services.capacity import capacity
from needs_analysis.services.difference import difference
from needs_analysis.services.hmis import read_hmis
from needs_analysis.services.plausibility import check_together
from needs_analysis.services.pseudonyms import create_key
from needs_analysis.services.reading import (
    read_measures,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.schema import Period, Register, Stays
from needs_analysis.services.templates import write_filled, write_templates

_LAZY = {
    name: module
    for module, names in {
        "capacity": (
            "Capacity", "Overload", "PlacesNeeded", "overload", "places_needed", "pooling_gain",
        ),
        "demand": ("Arrivals", "Patience", "StayLength", "Target"),
        "difference": ("Difference", "as_delivered"),
        "fees": ("by_administration", "statement"),
        "inputs": ("ServiceData", "ServiceFiles", "period_of", "read_services"),
        "monitoring": (
            "Monitoring", "answer_days", "exits", "first_time", "follow_up", "length_of_stay",
            "local_totals", "monitor", "occupancy", "refusals", "retention", "return_days",
            "returns", "turnover",
        ),
        "network": ("Collaboration", "collaboration", "published_graph", "referral_graph"),
        "planning": ("Plan", "plan"),
        "publication": ("Publication", "publish"),
        "queues": ("erlang_b", "erlang_c", "mean_wait_days", "wait_quantile_days"),
        "rules": ("MEASURES", "RULES"),
        "siting": (
            "Sites", "by_ambito", "existing_sites", "maximal_cover", "p_center", "p_median",
            "set_cover", "straight_distances_km",
        ),
        "supply": ("Supply", "usable_supply"),
        "survival": ("aalen_johansen", "kaplan_meier", "logrank", "time_to_share"),
        "travel": ("read_distances",),
    }.items()
    for name in names
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what reads no file when it is first used: the readers alone answer at once."""
    if name in ("invented", "rules", "schema"):
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List what is imported lazily too."""
    return sorted({*globals(), *_LAZY})


__all__ = [
    "Period",
    "Register",
    "Stays",
    "capacity",
    "check_together",
    "create_key",
    "difference",
    "read_hmis",
    "read_measures",
    "read_referrals",
    "read_register",
    "read_stays",
    "read_survey",
    "write_filled",
    "write_templates",
]
