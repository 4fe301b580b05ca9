"""Services: register, stays, collaboration, capacity and siting."""

from __future__ import annotations

import importlib
from typing import Any

# Functions named as their module: imported first, or the module would hide them later.
from needs_analysis.services.capacity.capacity import capacity
from needs_analysis.services.files.hmis import read_hmis
from needs_analysis.services.files.office import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
)
from needs_analysis.services.files.plausibility import check_together
from needs_analysis.services.files.pseudonyms import create_key
from needs_analysis.services.files.schema import Period, Register, Stays
from needs_analysis.services.files.templates import write_filled, write_templates
from needs_analysis.services.measures.difference import difference

_LAZY = {
    name: module
    for module, names in {
        "capacity.capacity": ("Capacity",),
        "capacity.load": ("Overload", "overload"),
        "capacity.needed": ("PlacesNeeded", "places_needed", "pooling_gain"),
        "capacity.demand": ("Arrivals", "Patience", "StayLength", "Target"),
        "capacity.planning": ("Asked", "Plan", "plan"),
        "capacity.queues": ("erlang_b", "erlang_c", "mean_wait_days", "wait_quantile_days"),
        "files.inputs": ("ServiceData", "ServiceFiles", "period_of", "read_services"),
        "files.templates": ("write_invented",),
        "measures.declaration": ("MEASURES", "RULES"),
        "measures.difference": ("Difference",),
        "measures.fees": ("by_administration", "statement"),
        "measures.policies": ("policy_totals",),
        "measures.monitoring": ("Monitoring", "monitor"),
        "measures.outcomes": ("exits", "follow_up", "retention", "returns"),
        "measures.places": ("occupancy", "turnover"),
        "measures.referrals": ("answer_days", "refusals"),
        "measures.stays": ("first_time", "length_of_stay"),
        "measures.survival": ("aalen_johansen", "kaplan_meier", "logrank", "time_to_share"),
        "network.collaboration": ("referral_graph",),
        "siting.sites": (
            "Sites", "by_ambito", "existing_sites", "maximal_cover", "p_median",
            "straight_distances_km",
        ),
        "siting.supply": ("Supply", "usable_supply"),
        "siting.travel": ("read_distances",),
    }.items()
    for name in names
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what reads no file when it is first used: the readers alone answer at once."""
    if name in ("invented", "schema"):
        return importlib.import_module(f"{__name__}.files.{name}")
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List what is imported lazily too."""
    return sorted({*__all__, *_LAZY})


__all__ = [
    "Period",
    "Register",
    "Stays",
    "capacity",
    "check_together",
    "create_key",
    "difference",
    "read_hmis",
    "read_policies",
    "read_referrals",
    "read_register",
    "read_stays",
    "read_survey",
    "write_filled",
    "write_templates",
]
