"""The HMIS CSV exchange format (HUD, FY2024 and FY2026) becomes our register and stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from needs_analysis.errors import SourceError
from needs_analysis.services.cells import csv_grid
from needs_analysis.services.pseudonyms import pseudonyms, read_key
from needs_analysis.services.schema import TABLES, Register, Stays, empty

_CURE = "Indicare la cartella con i file CSV dell'esportazione HMIS (FY2024 o FY2026)."
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Project": ("ProjectID", "OrganizationID", "ProjectName", "OperatingStartDate",
                "OperatingEndDate", "ProjectType", "TargetPopulation", "DateDeleted"),
    "Inventory": ("InventoryID", "ProjectID", "BedInventory", "InventoryStartDate",
                  "InventoryEndDate", "DateDeleted"),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate", "HouseholdID",
                   "LivingSituation", "MoveInDate", "DateDeleted"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination", "DestinationSubsidyType", "DateDeleted"),
    "Client": ("PersonalID", "DateDeleted"),
    "Organization": ("OrganizationID", "OrganizationName", "VictimServiceProvider", "DateDeleted"),
}  # fmt: skip
"""What is read of each file; names, social security numbers and birth dates never are."""
_NEEDED = {
    "Project": ("ProjectID", "ProjectName", "ProjectType"),
    "Inventory": ("InventoryID", "ProjectID", "BedInventory"),
    "Enrollment": ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    "Exit": ("EnrollmentID", "ExitDate", "Destination"),
    "Client": ("PersonalID",),
    "Organization": ("OrganizationID",),
}
_OPTIONAL = ("Client", "Organization")
_DATES = ("OperatingStartDate", "OperatingEndDate", "InventoryStartDate", "InventoryEndDate",
          "EntryDate", "MoveInDate", "ExitDate")  # fmt: skip

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
_HOUSED = ("3", "9", "10", "13")
"""Projects whose guests may move in after they enrol."""
DESTINATIONS_BY_CODE: Mapping[str, str] = {
    **dict.fromkeys(("410", "435"), "autonomous_rent"),
    **dict.fromkeys(("411", "421"), "owned"),
    **dict.fromkeys(("422", "423"), "family_friends"),
    **dict.fromkeys(("302", "327", "329", "332", "426"), "other_service"),
    **dict.fromkeys(("204", "205", "206", "207", "215", "225"), "institution"),
    **dict.fromkeys(("101", "116", "118"), "street"),
    # Relatives, friends and hotels for a while are no stable home, and no service either.
    **dict.fromkeys(("312", "313", "314", "335", "336"), "unknown"),
    **dict.fromkeys(("8", "9", "17", "24", "30", "37", "99"), "unknown"),
}
"""List 3.12.1 of the HMIS data standards to our destinations."""
DESTINATIONS_BY_SUBSIDY: Mapping[str, str] = {
    "434": "sap_sas", "439": "other_service", "440": "other_service"
}  # fmt: skip
"""List 3.12.A: a rent with a subsidy in a public housing unit, or in supported housing."""
GROUPS_BY_SITUATION: Mapping[str, str] = {
    **dict.fromkeys(("101", "116", "118"), "street"),
    **dict.fromkeys(("204", "205", "206", "207", "215", "225"), "leaving_care"),
    **dict.fromkeys(("302", "314", "327", "329", "332"), "temporary_space"),
    **dict.fromkeys(("312", "313", "335", "336"), "release_other"),
}
"""List 3.12.1, where a guest lived before, to our target groups; others are missing."""
_BEDS_MAX = 100_000


def read_hmis(folder: Path | str, key: Path | str) -> tuple[Register, Stays]:
    """Read an HMIS CSV export as our register and stays; clients become pseudonyms.

    A project is a service, an inventory row a dwelling with one place a bed, an enrolment a stay.
    Enrolments do not say which bed, so stays have no place.

    Parameters
    ----------
    folder : Path or str
        With Project.csv, Inventory.csv, Enrollment.csv and Exit.csv; Client.csv and
        Organization.csv where they are there.
    key : Path or str
        The file of the secret key, outside the folder.

    Returns
    -------
    tuple of Register and Stays
        `warnings` of the stays count what has no equal: unknown codes, temporary destinations,
        exits without enrolment, homes entered after enrolment.

    Raises
    ------
    SourceError
        With every problem: missing files and columns, wrong dates, repeated identifiers. No
        identifier of a client is repeated.

    References
    ----------
    U.S. Department of Housing and Urban Development, HMIS CSV Format Specifications, FY2024 and
    FY2026; HMIS Data Dictionary, lists 2.02.6, 3.12.1 and 3.12.A.
    """
    path = Path(folder)
    secret = read_key(key, path)
    problems: list[str] = []
    files = {name: _file(path, name, problems) for name in _COLUMNS}
    _check(files, problems)
    if problems:
        raise SourceError(path, problems, _CURE)
    noticed: list[str] = []
    register = _register(files)
    stays = _stays(files, secret, noticed)
    return register, Stays(stays, warnings=tuple(noticed))


def _file(folder: Path, name: str, problems: list[str]) -> pd.DataFrame:
    """Return one file's wanted columns as text and dates, without the deleted rows."""
    known = {one.name.casefold(): one for one in folder.glob("*.csv")} if folder.is_dir() else {}
    file = known.get(f"{name}.csv".casefold())
    absent = pd.DataFrame(columns=list(_COLUMNS[name]), dtype="str")
    if file is None:
        if name not in _OPTIONAL:
            problems.append(f"manca {name}.csv")
        return absent
    grid = csv_grid(file, _COLUMNS[name])
    frame = pd.DataFrame(
        {
            column: cells.to_pandas().astype("str").array
            for column, cells in zip(grid.headers, grid.columns, strict=True)
        },
        index=grid.rows,
    )
    lacking = [one for one in _NEEDED[name] if one not in frame]
    problems += [f"{name}.csv: manca la colonna {one}" for one in lacking]
    frame = frame.reindex(columns=list(_COLUMNS[name])).astype("str")
    frame = frame[frame["DateDeleted"].isna()]
    for column in [one for one in _DATES if one in frame]:
        frame[column] = _dates(frame[column], name, problems)
    return frame


def _dates(text: pd.Series, name: str, problems: list[str]) -> pd.Series:
    """Return dates written as 2024-10-31, as the format asks, or 10/31/2024, as some systems do."""
    iso = text.str.slice(0, 10).str.fullmatch(r"\d{4}-\d{2}-\d{2}").fillna(False).astype(bool)
    found = pd.to_datetime(text.where(iso).str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    rest = text.mask(iso).str.extract(r"^(\d{1,2}/\d{1,2}/\d{4})(?: |$)", expand=False)
    found = found.fillna(pd.to_datetime(rest, format="%m/%d/%Y", errors="coerce"))
    lost = text.index[text.notna() & found.isna()]
    problems += [f"{name}.csv, riga {row}, {text.name}: non è una data" for row in lost[:100]]
    return found.astype("datetime64[ns]")


def _check(files: Mapping[str, pd.DataFrame], problems: list[str]) -> None:
    """Note repeated or missing identifiers, by row."""
    for name, column in (("Project", "ProjectID"), ("Inventory", "InventoryID"),
                         ("Enrollment", "EnrollmentID"), ("Exit", "EnrollmentID")):  # fmt: skip
        codes = files[name][column]
        for mask, what in (
            (codes.isna(), "manca"),
            (codes.notna() & codes.duplicated(), "ripetuto"),
        ):
            rows = codes.index[mask][:100]
            problems += [f"{name}.csv, riga {row}, {column}: {what}" for row in rows]
    enrollment = files["Enrollment"]
    for column in ("PersonalID", "EntryDate"):
        rows = enrollment.index[enrollment[column].isna()][:100]
        problems += [f"Enrollment.csv, riga {row}, {column}: manca" for row in rows]
    inventory = files["Inventory"]
    beds = pd.to_numeric(inventory["BedInventory"], errors="coerce")
    wrong = inventory["BedInventory"].notna() & ~beds.between(0, _BEDS_MAX)
    problems += [
        f"Inventory.csv, riga {row}, BedInventory: si aspetta un numero di letti"
        for row in inventory.index[wrong][:100]
    ]


def _coded(cells: pd.Series) -> pd.Series:
    """Return codes as FY2024 writes them: "2.0" is "2", and those before FY2024 are renewed."""
    plain = cells.str.replace(r"\.0+$", "", regex=True)
    return plain.map(lambda code: _FORMER.get(code, code), na_action="ignore").astype("str")


def _former() -> dict[str, str]:
    """Return the codes of list 3.12.1 before FY2024 with today's: 16 is 116, 10 is 410."""
    kept = {"8", "9", "17", "24", "30", "37", "99"}
    found = {code[1:].lstrip("0"): code for code in DESTINATIONS_BY_CODE if len(code) == 3}
    return {old: new for old, new in found.items() if old not in kept}


_FORMER = _former()


def _register(files: Mapping[str, pd.DataFrame]) -> Register:
    project, inventory = files["Project"], files["Inventory"]
    bodies = files["Organization"].drop_duplicates("OrganizationID").set_index("OrganizationID")
    of = bodies.reindex(project["OrganizationID"])
    types = project["ProjectType"].str.replace(r"\.0+$", "", regex=True)
    # The export itself states what must not be located: survivors, and those who shelter them.
    protected = (project["TargetPopulation"] == "1").to_numpy() | (
        of["VictimServiceProvider"] == "1"
    ).to_numpy()
    names = of["OrganizationName"].fillna("non indicato").to_numpy()
    services = _filled("services", {
        "service_code": project["ProjectID"].to_numpy(), "body_name": names,
        "service_name": project["ProjectName"].fillna("").to_numpy(),
        "service_kind": types.map(KINDS_BY_PROJECT_TYPE).fillna("other").to_numpy(),
        "protected": protected,
    })  # fmt: skip
    known = inventory[inventory["ProjectID"].isin(project["ProjectID"])]
    beds = pd.to_numeric(known["BedInventory"], errors="coerce")
    dates = {"opened": known["InventoryStartDate"].to_numpy(),
             "closed": known["InventoryEndDate"].to_numpy()}  # fmt: skip
    codes = known["InventoryID"].to_numpy()
    dwellings = _filled("dwellings", {
        "dwelling_code": codes, "service_code": known["ProjectID"].to_numpy(),
        "beds": beds.to_numpy(float), **dates,
    })  # fmt: skip
    counts = beds.fillna(0).to_numpy(int)
    held = np.repeat(codes, counts)
    numbers = np.concatenate([np.arange(1, count + 1) for count in counts] or [np.array([], int)])
    shut = np.repeat(known["InventoryEndDate"].notna().to_numpy(), counts)
    places = _filled("places", {
        "place_code": [f"{code}-{number}" for code, number in zip(held, numbers, strict=True)],
        "dwelling_code": held, "state": np.where(shut, "closed", "ready"),
        **{name: np.repeat(days, counts) for name, days in dates.items()},
    })  # fmt: skip
    return Register(services, dwellings, places)


def _stays(files: Mapping[str, pd.DataFrame], key: bytes, noticed: list[str]) -> pd.DataFrame:
    enrollment = files["Enrollment"]
    exits = files["Exit"].set_index("EnrollmentID")
    lost = int((~exits.index.isin(enrollment["EnrollmentID"])).sum())
    if lost:
        noticed.append(f"Exit.csv: {lost} uscite senza iscrizione, non lette")
    out = exits.reindex(enrollment["EnrollmentID"])
    codes, subsidies = _coded(out["Destination"]), _coded(out["DestinationSubsidyType"])
    destination = codes.map(DESTINATIONS_BY_CODE)
    rented = (codes == "435") & subsidies.isin(list(DESTINATIONS_BY_SUBSIDY))
    destination = destination.mask(rented, subsidies.map(DESTINATIONS_BY_SUBSIDY))
    strange = codes.notna() & destination.isna()
    # An exit that nobody described is an exit to nowhere known.
    left = out["ExitDate"].notna()
    destination = destination.mask(left & destination.isna(), "unknown")
    brief = codes.isin(["312", "313", "314", "335", "336"])
    _notice(files, noticed, strange, brief)
    situations = _coded(enrollment["LivingSituation"])
    return _filled("stays", {
        "stay_id": enrollment["EnrollmentID"].to_numpy(),
        "guest": _hashed(enrollment["PersonalID"], key, "guest"),
        "household": _hashed(enrollment["HouseholdID"], key, "household"),
        "service_code": enrollment["ProjectID"].to_numpy(),
        "target_group": situations.map(GROUPS_BY_SITUATION).to_numpy(),
        "answer": np.full(len(enrollment), "accepted", dtype=object),
        "entry_date": enrollment["EntryDate"].to_numpy(),
        "exit_date": out["ExitDate"].to_numpy(), "destination": destination.to_numpy(),
    })  # fmt: skip


def _notice(
    files: Mapping[str, pd.DataFrame], noticed: list[str], strange: pd.Series, brief: pd.Series
) -> None:
    """Count what our columns cannot say."""
    enrollment, project = files["Enrollment"], files["Project"]
    of = project.set_index("ProjectID")["ProjectType"].reindex(enrollment["ProjectID"])
    later = (
        of.isin(_HOUSED).to_numpy()
        & (enrollment["MoveInDate"] > enrollment["EntryDate"]).to_numpy()
    )
    clients = files["Client"]["PersonalID"]
    unknown = ~enrollment["PersonalID"].isin(clients) if len(clients) else pd.Series(dtype=bool)
    for count, what in (
        (strange.sum(), "uscite con un codice di destinazione sconosciuto, contate come non note"),
        (brief.sum(), "uscite presso familiari, amici o alberghi per poco, contate come non note"),
        (later.sum(), "ingressi in casa dopo l'iscrizione: le notti si contano dall'iscrizione"),
        (of.isna().sum(), "iscrizioni a un progetto che non è in Project.csv"),
        (unknown.sum(), "iscrizioni di persone che non sono in Client.csv"),
    ):
        if count:
            noticed.append(f"{count} {what}")


def _hashed(codes: pd.Series, key: bytes, kind: str) -> Any:
    coded = pa.array(codes, pa.string()).dictionary_encode()
    names = pseudonyms(coded.dictionary.to_pylist(), key, kind)
    return pa.array(names, pa.string()).take(coded.indices).to_pandas().to_numpy()


def _filled(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a declared table with these columns; the others are missing."""
    model = empty(name).reset_index()
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({one: columns.get(one, [None] * count) for one in model.columns})
    return frame.astype(dict(model.dtypes)).set_index(TABLES[name].index)
