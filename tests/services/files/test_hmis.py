from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.errors import SourceError
from needs_analysis.services import read_hmis, read_register, read_stays, write_filled
from needs_analysis.services.files.hmis import DESTINATIONS_BY_CODE, GROUPS_BY_SITUATION
from needs_analysis.services.files.hmis_register import KINDS_BY_PROJECT_TYPE
from needs_analysis.services.files.nights import bounds, place_intervals
from needs_analysis.services.files.schema import DESTINATIONS, GROUPS, KINDS, Period
from needs_analysis.services.measures.declaration import records_of


def bed_nights(stays, period=None):
    records = records_of(stays)
    rows, counted = records.bed_nights(*bounds(period))
    return pd.Series(counted, records.stays.stays.index[rows])


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
ENROLLMENT = (
    "EnrollmentID,PersonalID,ProjectID,EntryDate,HouseholdID,RelationshipToHoH,MoveInDate\n"
)
EXIT = "EnrollmentID,ExitDate,Destination\n"
PROJECT = "ProjectID,ProjectName,OperatingStartDate,OperatingEndDate,ProjectType\n"
SERVICES = "EnrollmentID,DateProvided,RecordType\n"


def export(folder: Path, **changes: str) -> Path:
    for name, text in (FILES | changes).items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def stays_of(folder: Path, key: Path, **changes: str) -> pd.DataFrame:
    return read_hmis(export(folder, **changes), key)[1].stays


def problems_of(folder: Path, key: Path, **changes: str) -> list[str]:
    with pytest.raises(SourceError) as error:
        read_hmis(export(folder, **changes), key)
    assert "KQX" not in "".join([*map(str, error.value.problems)])
    return [*map(str, error.value.problems)]


def days(frame: pd.DataFrame, *columns: str) -> list[list[str | None]]:
    shown = frame[list(columns)].apply(lambda one: one.dt.strftime("%Y-%m-%d"))
    return shown.astype(object).where(shown.notna(), None).to_numpy().tolist()


# --- codes ---------------------------------------------------------------------------------


def test_every_code_is_one_of_ours() -> None:
    assert set(DESTINATIONS_BY_CODE.values()) <= set(DESTINATIONS)
    assert set(KINDS_BY_PROJECT_TYPE.values()) <= set(KINDS)
    assert set(GROUPS_BY_SITUATION.values()) <= set(GROUPS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("former", "today", "subsidy", "ours"),
    [
        ("10", "410", "", "autonomous_rent"),
        ("19", "435", "419", "autonomous_rent"),
        ("31", "435", "431", "autonomous_rent"),
        ("33", "435", "433", "autonomous_rent"),
        ("34", "435", "434", "sap_sas"),
        ("3", "435", "440", "other_service"),
        ("11", "411", "", "owned"),
        ("21", "421", "", "owned"),
        ("22", "422", "", "family_friends"),
        ("23", "423", "", "family_friends"),
        ("2", "302", "", "other_service"),
        ("26", "426", "", "other_service"),
        ("1", "101", "", "street"),
        ("16", "116", "", "street"),
        ("6", "206", "", "institution"),
        ("25", "225", "", "institution"),
        ("35", "335", "", "unknown"),
        ("12", "312.0", "", "unknown"),
        ("24", "24", "", "unknown"),
        ("99", "99", "", "unknown"),
    ],
)
def test_destinations_before_and_since_2024(
    tmp_path: Path, key: Path, former: str, today: str, subsidy: str, ours: str
) -> None:
    out = EXIT.strip() + ",DestinationSubsidyType\n"
    out += f"100,2023-06-01,{former},\n102,2024-06-01,{today},{subsidy}\n"
    found = stays_of(tmp_path, key, Exit=out)["destination"]
    assert found[["100", "102"]].tolist() == [ours, ours]


def test_a_destination_that_no_list_has_is_said_and_unknown(tmp_path: Path, key: Path) -> None:
    out = EXIT + "100,2023-06-01,777\n101,2023-09-01,KQX nome\n102,2024-06-01,\n"
    stays = read_hmis(export(tmp_path, Exit=out), key)[1]
    assert stays.stays["destination"].tolist() == ["unknown"] * 3
    told = [one for one in map(str, stays.warnings) if "3.12.1" in one]
    assert told == [
        "file «Exit.csv», riga 3, colonna «Destination»: trovato un testo, ci si aspetta un codice "
        "dell'elenco 3.12.1: 1; non noto",
        "file «Exit.csv», riga 2, colonna «Destination»: trovato «777», ci si aspetta un codice "
        "dell'elenco 3.12.1: 1; non noto",
    ]


# --- an export -----------------------------------------------------------------------------


def test_export_becomes_register_and_stays(tmp_path: Path, key: Path) -> None:
    register, stays = read_hmis(export(tmp_path), key)
    assert register.services["service_kind"].to_dict() == {
        "1": "transitional_dwelling", "2": "apartment_network",
    }  # fmt: skip
    assert register.services["protected"].tolist() == [False, True]
    assert register.dwellings["beds"].tolist() == [3.0, 2.0]
    assert register.places.index.tolist() == ["11-1", "11-2", "11-3", "12-1", "12-2"]
    assert register.places["state"].tolist() == ["ready"] * 3 + ["closed"] * 2
    frame = stays.stays
    assert frame["destination"].tolist()[:2] == ["sap_sas", "unknown"]
    assert frame["destination"].isna().tolist() == [False, False, True]
    assert frame["target_group"].tolist()[:2] == ["street", "street"]
    assert days(frame, "answer_date", "entry_date", "exit_date") == [
        ["2023-01-01", "2023-01-01", "2023-06-01"],
        ["2023-02-01", "2023-03-01", "2023-09-01"],
        ["2024-05-01", "2024-05-01", None],
    ]
    assert frame["guest"]["100"] == frame["guest"]["102"] != frame["guest"]["101"]


@pytest.mark.slow
def test_a_converted_export_is_read_back(tmp_path: Path, key: Path) -> None:
    register, stays = read_hmis(export(tmp_path), key)
    tables = {
        "services": register.services, "dwellings": register.dwellings, "places": register.places,
        "stays": stays.stays,
    }  # fmt: skip
    (book,) = write_filled(tmp_path / "out", tables, as_csv=True)
    again = read_register(book)
    assert again.places["opened"].tolist() == register.places["opened"].tolist()
    columns = ["service_code", "entry_date", "exit_date", "destination"]
    pd.testing.assert_frame_equal(read_stays(book, key).stays[columns], stays.stays[columns])


def test_nothing_personal_is_kept(tmp_path: Path, key: Path) -> None:
    register, stays = read_hmis(export(tmp_path), key)
    kept = stays.stays.to_csv() + register.services.to_csv() + repr(stays.warnings)
    assert not any(word in kept for word in ("KQX", "Cognome", "123456789"))


def test_an_identifier_that_holds_the_clients_is_hidden(tmp_path: Path, key: Path) -> None:
    rows = "KQX12345-1,KQX12345,1,2023-01-01,H1,1,\nKQX9,KQX9,1,2023-01-01,KQX9,1,\n"
    frame = stays_of(tmp_path, key, Enrollment=ENROLLMENT + rows + "E3,KQX9,1,2024-01-01,,1,\n")
    assert "KQX" not in frame.reset_index().to_csv()
    assert frame.index[2] == "E3"
    assert pd.isna(frame["household"].iloc[2])


def test_identifiers_that_differ_by_capitals_are_two_persons(tmp_path: Path, key: Path) -> None:
    rows = "1,aB-1,1,2023-01-01,,1,\n2,Ab1,1,2023-01-01,,1,\n"
    assert stays_of(tmp_path, key, Enrollment=ENROLLMENT + rows)["guest"].nunique() == 2


def test_deleted_rows_are_left_out_with_what_hangs_on_them(tmp_path: Path, key: Path) -> None:
    enrolled = (
        "EnrollmentID,PersonalID,ProjectID,EntryDate,DateDeleted\n"
        "a,KQX1,1,2023-01-01,\nb,KQX1,1,2023-01-01,2023-02-01\nc,KQX1,3,2023-01-01,\n"
        "d,KQX7,1,2023-01-01,\ne,KQX8,1,2023-01-01,\nf,KQX1,1,2024-01-01,NULL\n"
    )
    out = (
        EXIT.strip()
        + ",DateDeleted\na,2023-02-01,410,2023-03-01\nb,2023-02-01,410,\nz,2023-02-01,410,\n"
    )
    client = "PersonalID,DateDeleted\nKQX1,\nKQX7,2023-01-01\n"
    stays = read_hmis(export(tmp_path, Enrollment=enrolled, Exit=out, Client=client), key)[1]
    assert stays.stays.index.tolist() == ["a", "e", "f"]
    assert stays.stays["exit_date"].isna().all()
    told = "\n".join(map(str, stays.warnings))
    for said in (
        "file «Exit.csv», riga 4, colonna «EnrollmentID»: uscite senza iscrizione: 1; non lette",
        "colonna «ProjectID»: iscrizioni a un progetto cancellato o che non è in Project.csv: 1",
        "riga 5, colonna «PersonalID»: iscrizioni di persone cancellate da Client.csv: 1; non lette",
        "riga 6, colonna «PersonalID»: iscrizioni di persone che non sono in Client.csv: 1; lette",
        "file «Enrollment.csv», colonna «DateDeleted»: righe cancellate: 1; non lette",
    ):
        assert said in told


def test_of_a_repeated_row_the_last_update_counts(tmp_path: Path, key: Path) -> None:
    out = (
        EXIT.strip() + ",DateUpdated\n100,2023-06-01,410,2023-06-02 10:00:00\n"
        "100,2023-06-03,422,2023-07-01 09:00:00\n101,2023-09-01,410,\n101,2023-09-01,410,\n"
    )
    stays = read_hmis(export(tmp_path, Exit=out), key)[1]
    assert stays.stays["destination"].tolist()[:2] == ["family_friends", "autonomous_rent"]
    said = "righe ripetute o superate da un aggiornamento: 2; non lette"
    (found,) = [one for one in stays.warnings if str(one).endswith(said)]
    assert found.where.rows == (2, 5)


def test_repeated_rows_that_differ_are_a_problem(tmp_path: Path, key: Path) -> None:
    found = problems_of(tmp_path, key, Exit=EXIT + "100,2023-06-01,410\n100,2023-06-03,422\n")
    assert found == [
        "file «Exit.csv», riga 3, colonna «EnrollmentID»: lo stesso codice della riga 2 con altri "
        "dati, ci si aspetta una riga per codice"
    ]


def test_export_says_its_days_and_that_it_is_partial(tmp_path: Path, key: Path) -> None:
    told = (
        "ExportID,SourceContactLast,ExportStartDate,ExportEndDate,ExportDirective\n"
        "A,KQX,2010-01-01,2011-01-01,2\nB,KQX,2022-10-01,2023-09-30,1\n"
    )
    project = "ProjectID,ProjectName,ProjectType,ExportID\n1,One,2,B\n2,Two,13,B\n"
    read = read_hmis(export(tmp_path, Export=told, Project=project), key)[1]
    warned = [*map(str, read.warnings)]
    assert "l'esportazione copre dal 01/10/2022 al 30/09/2023" in warned[0]
    assert warned[1].startswith("file «Export.csv», colonna «ExportDirective»: trovato «1»")


# --- nights --------------------------------------------------------------------------------

NIGHTLY = {
    "Project": PROJECT + "N,Dormitorio,,,1\n",
    "Enrollment": ENROLLMENT + "e,KQX1,N,2022-11-01,,1,\nf,KQX2,N,2022-11-01,,1,\n",
    "Exit": EXIT + "e,2022-12-31,410\n",
    "Services": SERVICES + "".join(
        f"e,2022-{day},200\n" for day in ("11-05", "11-10", "11-15", "12-01", "12-15")
    ),
}  # fmt: skip


def test_a_night_by_night_shelter_counts_the_recorded_nights(tmp_path: Path, key: Path) -> None:
    # The days of HUD's System Performance Measures, 1a: five nights.
    stays = read_hmis(export(tmp_path, **NIGHTLY), key)[1]
    assert bed_nights(stays).groupby(stays.stays["guest"]).sum().tolist() == [5]
    frame = stays.stays
    assert frame.index.tolist() == ["e", "e/2", "e/3", "e/4", "e/5", "f"]
    assert frame["destination"].tolist()[:5] == ["unknown"] * 4 + ["autonomous_rent"]
    assert days(frame, "entry_date", "exit_date")[4:] == [
        ["2022-12-15", "2022-12-16"],
        [None, None],
    ]
    assert (frame["answer"] == "accepted").tolist() == [True] + [False] * 4 + [True]
    told = "\n".join(map(str, stays.warnings))
    assert "iscrizioni ai dormitori: 1, con 5 notti" in told
    assert "senza una notte registrata" in told


@pytest.mark.parametrize(
    ("project", "counted"),
    [
        (PROJECT + "N,x,,,1\n", 5),  # since FY2024 type 1 is night by night
        (PROJECT + "N,x,,,0\n", 60),  # and type 0 from entry to exit
        (
            PROJECT.strip() + ",TrackingMethod\nN,x,,,1,3\n",
            5,
        ),  # FY2022: the method tells them apart
        (PROJECT.strip() + ",TrackingMethod\nN,x,,,1,0\n", 60),
    ],
)
def test_shelters_before_and_since_2024(
    tmp_path: Path, key: Path, project: str, counted: int
) -> None:
    stays = read_hmis(export(tmp_path, **(NIGHTLY | {"Project": project})), key)[1].stays
    assert bed_nights(stays[stays["exit_date"].notna()]).sum() == counted


def test_only_nights_of_the_enrolment_count_and_each_once(tmp_path: Path, key: Path) -> None:
    nights_of = ("2022-10-31", "2022-11-01", "2022-11-01", "2022-11-02", "2022-12-31")
    services = SERVICES + "".join(f"e,{day},200\n" for day in nights_of)
    services += "e,2022-11-05,141\ne,,200\nz,2022-11-05,200\n"
    stays = read_hmis(export(tmp_path, **(NIGHTLY | {"Services": services})), key)[1]
    assert days(stays.stays, "entry_date", "exit_date")[0] == ["2022-11-01", "2022-11-03"]
    (found,) = [one for one in stays.warnings if str(one).endswith("in poi: 2; non lette")]
    assert found.where.rows == (2, 6)


def test_without_any_recorded_night_the_dates_of_the_enrolment_count(
    tmp_path: Path, key: Path
) -> None:
    stays = read_hmis(export(tmp_path, **(NIGHTLY | {"Services": SERVICES})), key)[1]
    assert days(stays.stays, "entry_date", "exit_date") == [
        ["2022-11-01", "2022-12-31"], ["2022-11-01", None]
    ]  # fmt: skip
    assert any("nessuna notte (RecordType 200)" in str(one) for one in stays.warnings)


@pytest.mark.slow
@settings(max_examples=10)
@given(st.sets(st.integers(0, 80)), st.integers(0, 40), st.none() | st.integers(0, 80))
def test_nights_are_those_recorded_within_the_enrolment(
    tmp_path_factory: pytest.TempPathFactory,
    key: Path,
    slept: set[int],
    entry: int,
    left: int | None,
) -> None:
    day = np.datetime64("2024-01-01") + np.arange(200)
    enrolled = ENROLLMENT + f"e,KQX1,N,{day[entry]},,1,\nf,KQX2,N,2024-01-01,,1,\n"
    services = SERVICES + "f,2024-01-01,200\n" + "".join(f"e,{day[one]},200\n" for one in slept)
    out = EXIT + (f"e,{day[left]},410\n" if left is not None else "")
    files = NIGHTLY | {"Enrollment": enrolled, "Services": services, "Exit": out}
    stays = read_hmis(export(tmp_path_factory.mktemp("x"), **files), key)[1]
    expected = {one for one in slept if one >= entry and (left is None or one < left)}
    mine = stays.stays[stays.stays.index.str.startswith("e")]
    assert bed_nights(mine).sum() == len(expected)


# --- housing -------------------------------------------------------------------------------

HOUSING = {
    "Project": PROJECT + "H,Casa,,,3\n",
    "Enrollment": ENROLLMENT + "head,KQX1,H,2023-01-01,F,1,2023-02-01\n"
    "child,KQX2,H,2023-01-01,F,2,\nlater,KQX3,H,2023-03-01,F,4,\nnever,KQX4,H,2023-01-01,G,1,\n"
    "early,KQX5,H,2023-01-01,I,1,2022-12-01\nleft,KQX6,H,2023-01-01,F,2,\n",
    "Exit": EXIT + "head,2023-06-01,410\nleft,2023-01-20,422\nnever,2023-04-01,410\n",
}


def test_a_stay_in_housing_begins_on_moving_in(tmp_path: Path, key: Path) -> None:
    stays = read_hmis(export(tmp_path, **HOUSING), key)[1]
    assert dict(zip(stays.stays.index, days(stays.stays, "entry_date"), strict=True)) == {
        "head": ["2023-02-01"], "child": ["2023-02-01"], "later": ["2023-03-01"],
        "never": [None], "early": [None], "left": [None],
    }  # fmt: skip
    assert stays.stays["destination"]["never"] == "autonomous_rent"
    # From 1 February to 1 June, and from 1 February and 1 March to the end of the year.
    slept = bed_nights(stays, Period.year(2023)).groupby(stays.stays["guest"]).sum()
    assert sorted(slept) == [120, 306, 334]
    told = "\n".join(map(str, stays.warnings))
    assert "riga 6, colonna «MoveInDate»: ingressi in casa prima dell'iscrizione o dopo" in told
    assert "progetti abitativi senza ingresso in casa (MoveInDate): 3;" in told


def test_without_any_moving_in_the_enrolment_counts(tmp_path: Path, key: Path) -> None:
    enrolled = HOUSING["Enrollment"].replace(",2023-02-01\n", ",\n").replace(",2022-12-01", ",")
    stays = read_hmis(export(tmp_path, **(HOUSING | {"Enrollment": enrolled})), key)[1]
    assert stays.stays["entry_date"].notna().all()
    assert any("nessun ingresso in casa" in str(one) for one in stays.warnings)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["4", "6", "7", "11", "12", "14"])
def test_a_project_without_beds_counts_no_night(tmp_path: Path, key: Path, kind: str) -> None:
    project = f"{PROJECT}S,Sportello,,,{kind}\n"
    enrolled = ENROLLMENT + "a,KQX1,S,2023-01-01,,1,\n"
    files = {"Project": project, "Enrollment": enrolled, "Exit": EXIT + "a,2023-06-01,410\n"}
    stays = read_hmis(export(tmp_path, **files), key)[1]
    assert not stays.usable.any()
    assert days(stays.stays, "answer_date", "exit_date") == [["2023-01-01", "2023-06-01"]]
    beds = "InventoryID,ProjectID,BedInventory\nI,S,4\n"
    assert read_hmis(export(tmp_path, Inventory=beds, **files), key)[1].usable.all()


def test_members_who_were_not_asked_have_the_heads_group(tmp_path: Path, key: Path) -> None:
    header = ENROLLMENT.replace("MoveInDate", "LivingSituation")
    rows = "a,KQX1,1,2023-01-01,F,1,302\nb,KQX2,1,2023-01-01,F,2,\nc,KQX3,1,2023-01-01,F,3,99\n"
    rows += "d,KQX4,1,2023-01-01,G,2,116\n"
    stays = read_hmis(export(tmp_path, Enrollment=header + rows), key)[1]
    assert stays.stays["target_group"].tolist()[:2] == ["temporary_space"] * 2
    assert stays.stays["target_group"].isna().tolist() == [False, False, True, False]
    told = "\n".join(map(str, stays.warnings))
    assert "nessun capofamiglia («1») o più di uno: 1;" in told


# --- projects and beds ---------------------------------------------------------------------


def test_a_closed_project_ends_its_stays_and_places(tmp_path: Path, key: Path) -> None:
    project = PROJECT + "1,One,2020-01-01,2023-07-01,0\n2,Two,2026-08-05,2025-08-03,0\n"
    enrolled = ENROLLMENT + (
        "open,KQX1,1,2023-01-01,,1,\nover,KQX2,1,2023-01-01,,1,\nafter,KQX3,1,2023-07-01,,1,\n"
        "slip,KQX4,2,2026-09-01,,1,\n"
    )
    files = {"Project": project, "Enrollment": enrolled, "Exit": EXIT + "over,2023-08-01,410\n"}
    register, stays = read_hmis(export(tmp_path, **files), key)
    assert days(stays.stays, "entry_date", "exit_date") == [
        ["2023-01-01", "2023-07-01"], ["2023-01-01", "2023-07-01"], [None, None],
        ["2026-09-01", None],
    ]  # fmt: skip
    assert stays.stays["destination"].tolist()[:2] == ["unknown", "autonomous_rent"]
    # Three beds until 1 July, two until the inventory's own end on 1 January.
    (start, end), (first, past) = place_intervals(register), bounds(Period.year(2023))
    nights = np.minimum(end, past) - np.maximum(start, first)
    assert nights.clip(0).tolist() == [181] * 3 + [0] * 2
    assert register.places["state_since"].iloc[0] == pd.Timestamp("2023-07-01")
    assert [*map(str, register.warnings)] == [
        "file «Project.csv», riga 3, colonna «OperatingEndDate»: chiusure non successive "
        "all'apertura: 1; non lette",
    ]


def test_what_is_odd_in_projects_and_inventory_is_told(tmp_path: Path, key: Path) -> None:
    inventory = "InventoryID,ProjectID,BedInventory\n11,1,\n12,77,4\n13,3,4\n14,1,2\n"
    project = "ProjectID,ProjectName,ProjectType,DateDeleted\n1,,5,\n2,Two,13,\n3,x,2,2024-01-01\n"
    register, _ = read_hmis(export(tmp_path, Inventory=inventory, Project=project), key)
    assert register.services["service_name"]["1"] == "1"
    assert register.services["service_kind"]["1"] == "other"
    assert register.places.index.tolist() == ["14-1", "14-2"]
    assert [one.said() for one in register.warnings] == [
        "progetti di tipo mancante o fuori dall'elenco 2.02.6 (da 0 a 14): 1; letti come «altro»",
        "righe di un progetto che non è in Project.csv: 1; non lette",
        "righe senza numero di letti: 1; nessun posto",
    ]
    assert [one.where.rows for one in register.warnings] == [(2,), (3,), (2,)]


def test_a_victim_service_provider_is_protected_whatever_the_year(
    tmp_path: Path, key: Path
) -> None:
    for header in ("VictimServiceProvider", "VictimServicesProvider"):
        bodies = f"OrganizationID,OrganizationName,{header}\n9,Ente,1\n"
        register, _ = read_hmis(export(tmp_path, Organization=bodies), key)
        assert register.services["protected"].all()
        assert register.services["body_name"].tolist() == ["Ente"] * 2


def test_stays_that_turn_or_overlap_are_told(tmp_path: Path, key: Path) -> None:
    enrolled = (
        ENROLLMENT + "a,KQX1,1,2023-01-01,,1,\nb,KQX1,1,2023-02-01,,1,\nc,KQX2,1,2023-05-01,,1,\n"
    )
    out = EXIT + "a,2023-03-01,410\nb,2023-04-01,410\nc,2023-04-01,410\n"
    stays = read_hmis(export(tmp_path, Enrollment=enrolled, Exit=out), key)[1]
    assert stays.usable.tolist() == [True, True, False]
    assert [*map(str, stays.warnings[-2:])] == [
        "file «Exit.csv», riga 4, colonna «ExitDate»: uscite prima dell'ingresso: 1; non contate",
        "file «Enrollment.csv»: accoglienze cominciate durante un'altra della stessa persona: 1; le "
        "notti in comune contano una volta",
    ]


# --- files ---------------------------------------------------------------------------------


def rewritten(data: bytes, name: str) -> bytes:
    """Return a file as some system would write it."""
    if name == "byte order mark":
        return b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    if name == "quoted":
        lines = data.decode().splitlines()
        return "\n".join(",".join(f'"{one}"' for one in row.split(",")) for row in lines).encode()
    if name == "lower case":
        header, rest = data.split(b"\n", 1)
        return header.lower() + b"\n" + rest
    if name == "semicolons":
        return data.replace(b",", b";")
    if name == "utf-16":
        return data.decode().encode("utf-16")
    if name == "old lines":
        return data.replace(b"\n", b"\r")
    return data.replace(b"Cognome", b"Nicol\xf2 \x81").replace(b"One", b"One \x96")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["byte order mark", "quoted", "lower case", "semicolons", "utf-16", "old lines", "cp1252"],
)
def test_an_export_is_read_however_it_is_written(tmp_path: Path, key: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    expected = stays_of(tmp_path / "a", key)
    (tmp_path / "b").mkdir()
    for stem, text in FILES.items():
        shown = f"{stem.upper()}.CSV" if name == "lower case" else f"{stem}.csv"
        (tmp_path / "b" / shown).write_bytes(rewritten(text.encode(), name))
    found = read_hmis(tmp_path / "b", key)[1].stays
    pd.testing.assert_frame_equal(found, expected)


def test_files_of_headers_only_are_read(tmp_path: Path, key: Path) -> None:
    empty = {name: text.split("\n")[0] for name, text in FILES.items()}
    register, stays = read_hmis(export(tmp_path, **empty), key)
    assert (len(register.services), len(register.places), len(stays.stays)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2023-01-05", "2023-01-05"),
        ("2023-1-5", "2023-01-05"),
        ("2023-01-05 23:59:00", "2023-01-05"),
        ("2023-01-05T00:00:00Z", "2023-01-05"),
        ("25/1/2023", "2023-01-25"),
        ("01/25/2023 12:00:00 AM", "2023-01-25"),
    ],
)
def test_dates(tmp_path: Path, key: Path, cell: str, day: str) -> None:
    frame = stays_of(tmp_path, key, Enrollment=ENROLLMENT + f"1,KQX1,1,{cell},,1,\n")
    assert days(frame, "entry_date") == [[day]]


@pytest.mark.parametrize("cell", ["31/13/2023", "2023-02-30", "0001-01-01", "9999-12-31", "KQX1"])
def test_wrong_dates(tmp_path: Path, key: Path, cell: str) -> None:
    found = problems_of(tmp_path, key, Enrollment=ENROLLMENT + f"1,KQX1,1,{cell},,1,\n")
    assert found == [
        f"file «Enrollment.csv», riga 2, colonna «EntryDate»: trovato un testo di {len(cell)} "
        "caratteri, ci si aspetta una data come 2024-10-31"
    ]


@pytest.mark.parametrize(
    ("others", "day", "told"),
    [
        ("2,KQX2,1,25/12/2023,,1,\n", "2023-07-05", "riga 3, colonna «EntryDate»: le date con le "
         "barre di questo file sono lette giorno/mese/anno"),
        ("2,KQX2,1,12/25/2023,,1,\n", "2023-05-07", "riga 3, colonna «EntryDate»: le date con le "
         "barre di questo file sono lette mese/giorno/anno"),
        ("2,KQX2,1,2023-12-01,,1,31/12/2023\n", "2023-07-05", "riga 3, colonna «MoveInDate»: le "
         "date con le barre di questo file sono lette giorno/mese/anno"),
    ],
)  # fmt: skip
def test_dates_with_slashes_are_read_as_the_file_tells(
    tmp_path: Path, key: Path, others: str, day: str, told: str
) -> None:
    changed = export(tmp_path, Enrollment=ENROLLMENT + "1,KQX1,1,05/07/2023,,1,\n" + others)
    stays = read_hmis(changed, key)[1]
    assert days(stays.stays, "entry_date")[0] == [day]
    assert f"file «Enrollment.csv», {told}" in [*map(str, stays.warnings)]


CURE_OF_SLASHES = (
    ": esportare di nuovo il file senza salvarlo da Excel, o scriverle come 2024-10-31"
)


def test_dates_with_slashes_that_nothing_tells_are_refused(tmp_path: Path, key: Path) -> None:
    found = problems_of(
        tmp_path, key,
        Project="ProjectID,ProjectName,OperatingStartDate,OperatingEndDate,ProjectType\n"
        "1,One,2020-01-01,,2\n2,Two,05/07/2020,06/07/2024,2\n",
        # Another file of the same export may have been saved on another desk: it tells nothing.
        Inventory="InventoryID,ProjectID,BedInventory,InventoryStartDate\n11,1,3,25/07/2020\n",
        Exit=EXIT + "100,13/06/2023,410\n102,06/13/2024,410\n101,05/06/2023,410\n",
    )  # fmt: skip
    assert found == [
        "file «Project.csv», riga 3, colonna «OperatingStartDate»: date con le barre che possono "
        "valere giorno/mese o mese/giorno: 2, e nessuna del file lo decide (un giorno oltre 12)"
        + CURE_OF_SLASHES,
        "file «Exit.csv», riga 2, colonna «ExitDate»: date con le barre: 3, nel file alcune col "
        "giorno prima e altre col mese prima (righe 2, 3)" + CURE_OF_SLASHES,
    ]


def test_what_the_longitudinal_analysis_would_cut_is_counted(tmp_path: Path, key: Path) -> None:
    """Rules 3.3 and 3.4 of the LSA that are not applied: figures stay, and the count is said."""
    project = PROJECT + "1,One,2023-01-01,,2\n2,Night,2020-01-01,,1\n"
    rows = (
        "head,KQX1,1,2023-01-05,F,1,\nchild,KQX2,1,2023-01-05,F,2,\n"
        "early,KQX3,1,2022-12-01,G,1,\nnightly,KQX4,2,2023-01-01,N,1,\n"
    )
    stays = read_hmis(export(
        tmp_path, Project=project, Enrollment=ENROLLMENT + rows, Client="PersonalID\n",
        Exit=EXIT + "head,2023-02-01,410\nchild,2023-03-01,410\nnightly,2023-01-09,410\n",
        Services=SERVICES + "nightly,2023-01-01,200\n",
        HMISParticipation="ProjectID,HMISParticipationType,HMISParticipationStatusStartDate,"
        "HMISParticipationStatusEndDate\n1,1,2022-01-01,2023-02-15\n2,2,2022-01-01,\n",
    ), key)[1]  # fmt: skip
    place = "file «Enrollment.csv»"
    found = [*map(str, stays.warnings)]
    for said in (
        f"{place}, riga 3, colonna «RelationshipToHoH»: membri entrati prima o usciti dopo il "
        "capofamiglia: 1; letti come sono (la LSA 3.4 li riporta ai giorni del capofamiglia)",
        f"{place}, riga 4, colonna «EntryDate»: ingressi prima dell'apertura del progetto "
        "(OperatingStartDate): 1; letti come sono (la LSA 3.3 comincia dall'apertura)",
        f"{place}, righe 3, 4 e 5, colonna «EntryDate»: iscrizioni con giorni fuori dalla "
        "partecipazione del progetto all'HMIS (HMISParticipation.csv): 3; lette intere (la LSA 3.3 "
        "non conta quei giorni)",
        "file «Exit.csv», riga 4, colonna «ExitDate»: uscite dai dormitori che non sono il mattino "
        "dopo l'ultima notte: 1; la destinazione resta quella scritta (la LSA 3.3 la dà non nota)",
    ):
        assert said in found, found
    assert days(stays.stays.loc[["child", "early"]], "entry_date", "exit_date") == [
        ["2023-01-05", "2023-03-01"], ["2022-12-01", None],
    ]  # fmt: skip


def test_problems_come_at_once_without_identifiers(tmp_path: Path, key: Path) -> None:
    found = problems_of(
        tmp_path, key,
        Enrollment="EnrollmentID,PersonalID,ProjectID,EntryDate\n1,KQX1,1,KQX1\n1,,1,2023-01-01\n",
        Exit="EnrollmentID,ExitDate\n",
        Inventory="InventoryID,ProjectID,BedInventory\n11,1,-3\n12,,KQX123456\n13,1,2.5\n",
        Services="EnrollmentID,DateProvided,RecordType\n1,2023-01-01\n",
        Client="",
    )  # fmt: skip
    assert found == [
        "file «Inventory.csv», riga 3, colonna «ProjectID»: manca, ci si aspetta un valore",
        "file «Enrollment.csv», riga 3, colonna «PersonalID»: manca, ci si aspetta un valore",
        "file «Enrollment.csv», riga 3, colonna «EnrollmentID»: lo stesso codice della riga 2 con "
        "altri dati, ci si aspetta una riga per codice",
        "file «Enrollment.csv», riga 2, colonna «EntryDate»: trovato un testo di 4 caratteri, ci si "
        "aspetta una data come 2024-10-31",
        "file «Exit.csv», colonna «Destination»: manca la colonna",
        "file «Services.csv», riga 2: celle in più o in meno",
        "file «Client.csv»: il file è vuoto, si aspetta almeno l'intestazione",
        "file «Inventory.csv», riga 2, colonna «BedInventory»: trovato «-3», ci si aspetta un numero "
        "intero da 0 a 10000",
        "file «Inventory.csv», riga 3, colonna «BedInventory»: trovato un testo di 9 caratteri, ci "
        "si aspetta un numero intero da 0 a 10000",
        "file «Inventory.csv», riga 4, colonna «BedInventory»: trovato «2.5», ci si aspetta un "
        "numero intero da 0 a 10000",
    ]


def test_many_problems_of_a_kind_are_counted(tmp_path: Path, key: Path) -> None:
    rows = "".join(f"{row},KQX1,1,x,,1,\n" for row in range(150))
    found = problems_of(tmp_path, key, Enrollment=ENROLLMENT + rows)
    assert len(found) == 101
    assert found[-1].endswith("e altre 50 righe")


def test_a_header_said_twice_or_no_text_is_a_problem(tmp_path: Path, key: Path) -> None:
    found = problems_of(
        tmp_path, key, Exit="EnrollmentID,exitdate,ExitDate,Destination\n", Client="Personal\0ID\n"
    )
    assert found == [
        "file «Exit.csv», colonna «ExitDate»: la colonna sta due volte",
        "file «Client.csv»: il file non è un testo CSV",
    ]


def test_a_folder_that_is_no_export_says_so(tmp_path: Path, key: Path) -> None:
    with pytest.raises(SourceError) as error:
        read_hmis(tmp_path, key)
    needed = ("Project", "Enrollment", "Exit")
    assert [*map(str, error.value.problems)] == [f"manca il file «{name}.csv»" for name in needed]


def test_without_inventory_there_is_no_place(tmp_path: Path, key: Path) -> None:
    export(tmp_path)
    (tmp_path / "Inventory.csv").unlink()
    register, _ = read_hmis(tmp_path, key)
    assert register.places.empty
    (said,) = register.warnings
    assert str(said) == "file «Inventory.csv»: nessuna riga, nessun posto letto"


# --- zips ----------------------------------------------------------------------------------


def zipped(path: Path, *folders: str, **extra: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in folders:
            for name, text in FILES.items():
                archive.writestr(f"{folder}{name}.csv", text)
        for name, data in extra.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("folder", ["", "Sample Data/HMIS/", "Dati\\"])
def test_a_zip_is_read_like_its_folder(tmp_path: Path, key: Path, folder: str) -> None:
    expected = stays_of(tmp_path, key)
    beside = {"__MACOSX/Enrollment.csv": b"x", "Output/Project.csv": b"a,b\n", "leggimi.txt": b"x"}
    found = read_hmis(zipped(tmp_path / "a.zip", folder, **beside), key)[1].stays
    pd.testing.assert_frame_equal(found, expected)


def test_a_folder_in_the_folder_is_found(tmp_path: Path, key: Path) -> None:
    (tmp_path / "Sample HMIS Data").mkdir()
    expected = stays_of(tmp_path / "Sample HMIS Data", key)
    pd.testing.assert_frame_equal(read_hmis(tmp_path, key)[1].stays, expected)


def test_zips_that_are_refused(tmp_path: Path, key: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a", "b")
    cases = {
        "ci sono 2 esportazioni": zipped(tmp_path / "two.zip", "a/", "b/"),
        "percorsi che escono": zipped(tmp_path / "out.zip", "../"),
        "si espande oltre 200 volte": zipped(
            tmp_path / "bomb.zip", "", **{"Services.csv": b"0" * (8 << 20)}
        ),
        "si aspetta una cartella di file CSV o uno zip": tmp_path / "none.zip",
        "manca il file": tmp_path / "other.zip",
        "danneggiato": tmp_path / "cut.zip",
    }
    (tmp_path / "other.zip").write_bytes(stream.getvalue())
    whole = zipped(tmp_path / "whole.zip", "").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    for said, path in cases.items():
        with pytest.raises(SourceError, match=said) as error:
            read_hmis(path, key)
        assert "Indicare la cartella o lo zip" in str(error.value.cure)
