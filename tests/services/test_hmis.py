from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.services import read_hmis
from needs_analysis.services.hmis import DESTINATIONS_BY_CODE, KINDS_BY_PROJECT_TYPE
from needs_analysis.services.schema import DESTINATIONS, KINDS

FILES = {
    "Project": "ProjectID,OrganizationID,ProjectName,ProjectType,TargetPopulation,DateDeleted\n"
    "1,9,One,2,4,\n2,9,Two,13,1,\n3,9,Gone,3,4,2024-01-01\n",
    "Inventory": "InventoryID,ProjectID,BedInventory,InventoryStartDate,InventoryEndDate\n"
    "11,1,3,2020-01-01,\n12,2,2,2020-01-01,2023-01-01\n",
    "Enrollment": "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,LivingSituation,MoveInDate\n"
    "100,KQX1,1,2023-01-01,H1,116,\n101,KQX2,2,2023-02-01,H2,16,2023-03-01\n"
    "102,KQX1,1,2024-05-01,H3,410,\n",
    "Exit": "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DestinationSubsidyType\n"
    "1,100,KQX1,2023-06-01,435,434\n2,101,KQX2,2023-09-01 00:00:00,335,\n",
    "Client": "PersonalID,FirstName,LastName,SSN\nKQX1,Nome,Cognome,123456789\nKQX2,,,\n",
}


def export(folder: Path, **changes: str) -> Path:
    for name, text in (FILES | changes).items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_every_code_is_one_of_ours() -> None:
    assert set(DESTINATIONS_BY_CODE.values()) <= set(DESTINATIONS)
    assert set(KINDS_BY_PROJECT_TYPE.values()) <= set(KINDS)


def test_export_becomes_register_and_stays(tmp_path: Path, key: Path) -> None:
    register, stays = read_hmis(export(tmp_path), key)
    assert register.services["service_kind"].to_dict() == {
        "1": "transitional_dwelling", "2": "apartment_network",
    }  # fmt: skip
    assert register.services["protected"].tolist() == [False, True]
    assert register.dwellings["beds"].tolist() == [3.0, 2.0]
    assert register.places["state"].tolist() == ["ready"] * 3 + ["closed"] * 2
    frame = stays.stays
    assert frame["destination"].tolist()[:2] == ["sap_sas", "unknown"]
    assert frame["destination"].isna().tolist() == [False, False, True]
    assert frame["target_group"].tolist()[:2] == ["street", "street"]
    assert frame["exit_date"].tolist()[1] == pd.Timestamp("2023-09-01")
    assert frame["guest"]["100"] == frame["guest"]["102"] != frame["guest"]["101"]
    assert len(stays.warnings) == 2


def test_nothing_personal_is_kept(tmp_path: Path, key: Path) -> None:
    register, stays = read_hmis(export(tmp_path), key)
    kept = stays.stays.to_csv() + register.services.to_csv() + "".join(stays.warnings)
    assert not any(word in kept for word in ("KQX", "Cognome", "123456789"))


def test_problems_come_at_once_without_identifiers(tmp_path: Path, key: Path) -> None:
    wrong = "EnrollmentID,PersonalID,ProjectID,EntryDate\n1,KQX1,1,KQX1\n1,,1,2023-01-01\n"
    folder = export(tmp_path, Enrollment=wrong, Exit="EnrollmentID,ExitDate\n")
    with pytest.raises(SourceError) as error:
        read_hmis(folder, key)
    assert error.value.problems == [
        "Enrollment.csv, riga 2, EntryDate: non è una data",
        "Exit.csv: manca la colonna Destination",
        "Enrollment.csv, riga 3, EnrollmentID: ripetuto",
        "Enrollment.csv, riga 3, PersonalID: manca",
        "Enrollment.csv, riga 2, EntryDate: manca",
    ]
    assert "KQX" not in str(error.value)


def test_a_folder_that_is_no_export_says_so(tmp_path: Path, key: Path) -> None:
    with pytest.raises(SourceError, match=r"manca Project\.csv"):
        read_hmis(tmp_path, key)
