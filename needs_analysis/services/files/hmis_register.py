"""The projects and the inventory of an HMIS export become services, dwellings and places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from needs_analysis.errors import Problem
from needs_analysis.services.files.hmis_files import Files, by_word, counted, place
from needs_analysis.services.files.hmis_problems import problem
from needs_analysis.services.files.nights import Ints
from needs_analysis.services.files.schema import TABLES, Register, empty

KINDS_BY_PROJECT_TYPE: Mapping[str, str] = {
    "0": "other", "1": "other",  # emergency shelter
    "2": "transitional_dwelling",
    "3": "apartment_network", "9": "apartment_network", "10": "apartment_network",
    "13": "apartment_network",  # permanent and rapid re-housing
    "4": "other", "7": "other", "11": "other", "14": "other",  # street, day shelter, entry points
    "6": "accompaniment", "12": "accompaniment",  # services only, prevention
    "8": "residential_unit",  # safe haven
}  # fmt: skip
"""List 2.02.6 of the HMIS data standards to our kinds of service."""
_SHELTER = "1"
"""Emergency shelter; since FY2024 the night-by-night ones only, the others are type 0."""
_NIGHT_BY_NIGHT = "3"
"""List 2.02.C, before FY2024: how a shelter's nights are recorded."""
_HOUSED = ("3", "9", "10", "13")
"""Projects whose guests move into a home some time after they enrol, or never."""
_REHOUSING, _SERVICES_ONLY = "13", "1"
_BEDLESS = ("4", "6", "7", "11", "12", "14")
"""Projects without beds: street outreach, services, day shelters, prevention, entry points."""


def projects_of(files: Files) -> pd.DataFrame:
    """Return the projects by identifier: type, use, opening and closing.

    The use is "beds", "nightly" (the nights are recorded one by one), "housed" (from the day of
    moving in) or "none".
    """
    project, inventory = files.live["Project"], files.live["Inventory"]
    kind, subtype = code_of(project["ProjectType"]), code_of(project["RRHSubType"])
    tracked = code_of(project["TrackingMethod"])
    # The method of tracking is a column of FY2022 and before; without it all type 1 are nightly.
    by_night = (tracked == _NIGHT_BY_NIGHT) | (not tracked.notna().any())
    beds = pd.to_numeric(inventory["BedInventory"]) > 0
    has_beds = project["ProjectID"].isin(inventory.loc[beds, "ProjectID"])
    bedless = kind.isin(_BEDLESS) | ((kind == _REHOUSING) & (subtype == _SERVICES_ONLY))
    use = np.select(
        [bedless & ~has_beds, kind.isin(_HOUSED), (kind == _SHELTER) & by_night],
        ["none", "housed", "nightly"], "beds",
    )  # fmt: skip
    start, end = project["OperatingStartDate"], project["OperatingEndDate"]
    # A closing before the opening is a slip of the pen: it closes nothing.
    return project.assign(
        kind=kind, use=use, opened=start, closed=end.mask(end <= start)
    ).set_index("ProjectID")


def register_of(files: Files, projects: pd.DataFrame) -> Register:
    """Return the projects as services, the inventory as dwellings and places."""
    bodies = files.live["Organization"].dropna(subset="OrganizationID").set_index("OrganizationID")
    of = bodies.reindex(projects["OrganizationID"])
    # The export itself states what must not be located: survivors, and those who shelter them.
    protected = (code_of(projects["TargetPopulation"]) == "1").to_numpy() | (
        code_of(of["VictimServiceProvider"]) == "1"
    ).to_numpy()
    codes = projects.index.to_numpy()
    services = filled_table("services", {
        "service_code": codes, "body_name": of["OrganizationName"].fillna("non indicato").to_numpy(),
        "service_name": projects["ProjectName"].fillna(pd.Series(codes, index=codes)).to_numpy(),
        "service_kind": projects["kind"].map(KINDS_BY_PROJECT_TYPE).fillna("other").to_numpy(),
        "protected": protected,
    })  # fmt: skip
    known = files.live["Inventory"]
    known = known[known["ProjectID"].isin(projects.index)]
    own = projects.reindex(known["ProjectID"])
    opened = known["InventoryStartDate"].fillna(pd.Series(own["opened"].to_numpy(), known.index))
    closings = [known["InventoryEndDate"].to_numpy(), own["closed"].to_numpy()]
    closed = pd.Series(np.fmin(*closings), known.index)
    beds = pd.to_numeric(known["BedInventory"])
    homes = known["InventoryID"].to_numpy()
    dwellings = filled_table("dwellings", {
        "dwelling_code": homes, "service_code": known["ProjectID"].to_numpy(),
        "beds": beds.to_numpy(float), "opened": opened.to_numpy(), "closed": closed.to_numpy(),
    })  # fmt: skip
    places = _places(homes, beds.fillna(0).to_numpy(int), opened.to_numpy(), closed.to_numpy())
    return Register(services, dwellings, places, tuple(_register_notices(files, projects)))


def _places(homes: Any, counts: Ints, opened: Any, closed: Any) -> pd.DataFrame:
    """Return one place a bed; its state is closed from its closing on."""
    held = np.repeat(homes, counts)
    numbers = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    shut = np.repeat(closed, counts)
    return filled_table("places", {
        "place_code": [f"{home}-{number}" for home, number in zip(held, numbers, strict=True)],
        "dwelling_code": held, "state": np.where(np.isnat(shut), "ready", "closed"),
        "state_since": shut, "opened": np.repeat(opened, counts), "closed": shut,
    })  # fmt: skip


def _register_notices(files: Files, projects: pd.DataFrame) -> list[Problem]:
    """Count what the projects and the inventory say that deserves a look."""
    project, inventory = files.live["Project"], files.live["Inventory"]
    strange = ~projects["kind"].isin(list(KINDS_BY_PROJECT_TYPE)).to_numpy()
    turned = project["OperatingEndDate"] <= project["OperatingStartDate"]
    lost = ~inventory["ProjectID"].isin([*projects.index, *files.gone["Project"]])
    blank = inventory["BedInventory"].isna()
    noticed = [] if len(inventory) else [problem("no_inventory", place("Inventory"))]
    for kind, name, column, mask in (
        ("project_types", "Project", "ProjectType", strange),
        ("closings", "Project", "OperatingEndDate", turned),
        ("inventory_elsewhere", "Inventory", "ProjectID", lost),
        ("inventory_blank", "Inventory", "BedInventory", blank),
    ):
        noticed += counted(kind, place(name, column), files.live[name].index[mask])
    return noticed


def code_of(text: pd.Series) -> pd.Series:
    """Return codes as the lists write them: "2.0" is "2"."""
    plain = by_word(text, lambda word: re.sub(r"\.0+$", "", word).lstrip("0") or "0")
    return pd.Series(plain, index=text.index, dtype="str")


def filled_table(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a declared table with these columns; the others are missing."""
    key = TABLES[name].index
    frame = empty(name).reindex(pd.Index(columns[key], dtype="str", name=key))
    typed = {
        one: pd.array(values, dtype=TABLES[name].field(one).dtype)
        for one, values in columns.items() if one != key
    }  # fmt: skip
    return frame.assign(**typed)
