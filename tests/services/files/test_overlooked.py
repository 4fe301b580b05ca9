"""Nothing that an office hands over is dropped, or taken for something else, in silence."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.services import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    read_survey,
    write_templates,
)
from needs_analysis.services.files.schema import TABLES

from .sheets import DWELLING, PLACE, SERVICE, STAY, write_csv


def refused(read, *given) -> str:
    with pytest.raises(SourceError) as error:
        read(*given)
    return str(error.value)


@pytest.mark.parametrize("cell", ["n.d.", "N/D", "-", "?", "sconosciuta", "ND"])
@pytest.mark.parametrize("column", ["household", "guest", "place_code"])
def test_nobody_knows_is_no_code(tmp_path: Path, key: Path, column: str, cell: str) -> None:
    """Two stays of household «n.d.» are no household of two."""
    rows = [STAY, STAY | {"stay_id": "S2", "guest": "P2", column: cell}]
    said = refused(read_stays, write_csv(tmp_path, stays=rows), key)
    header = TABLES["stays"].field(column).header
    assert (
        f"riga 3, colonna «{header}»: trovato «{cell}», ci si aspetta un codice, o la cella vuota se "
        "non si sa"
    ) in said


def test_initials_are_codes(tmp_path: Path, key: Path) -> None:
    rows = [STAY | {"guest": "MB"}, STAY | {"stay_id": "S2", "guest": "NR", "place_code": "A2"}]
    assert len(read_stays(write_csv(tmp_path, stays=rows), key).stays) == 2


def test_codes_that_differ_by_capitals_are_said(tmp_path: Path, key: Path) -> None:
    rows = [
        STAY | {"stay_id": "S0001"},
        STAY | {"stay_id": "s0001", "guest": "p1", "place_code": "A2"},
    ]
    said = [*map(str, read_stays(write_csv(tmp_path, stays=rows), key).warnings)]
    where = "file «accoglienze.csv»"
    assert (
        f"{where}, righe 2 e 3, colonna «codice accoglienza»: diversi solo per maiuscole o spazi: 2; "
        "contati come diversi: scriverli allo stesso modo se sono gli stessi, e togliere la riga che "
        "è due volte"
    ) in said
    assert (
        f"{where}, colonna «ospite»: codici diversi solo per maiuscole, spazi o segni: 1; valgono "
        "come la stessa persona o famiglia"
    ) in said
    services = [SERVICE, SERVICE | {"service_code": "a", "body_name": "ENTE"}]
    write_csv(tmp_path, services=services, dwellings=[DWELLING], places=[PLACE])
    said = [*map(str, read_register(tmp_path).warnings)]
    for column in ("codice servizio", "ente"):
        place = f"file «servizi.csv», righe 2 e 3, colonna «{column}»: diversi solo per maiuscole"
        assert any(one.startswith(place) for one in said)


def test_members_that_differ_by_capitals_and_referrals_to_oneself_are_said(
    tmp_path: Path, key: Path
) -> None:
    row = {"referral_id": "1", "date": "01/02/2024", "from_member": "Casa", "to_member": "Rete"}
    other = row | {"referral_id": "2", "from_member": "rete"}
    own = row | {"referral_id": "3", "to_member": "Casa"}
    found = read_referrals(write_csv(tmp_path, referrals=[row, other, own]), key)
    said = [*map(str, found.attrs["warnings"])]
    place = "file «segnalazioni.csv», riga 4, colonna «a»"
    assert (
        f"{place}: chi segnala e chi riceve sono lo stesso membro: non conta fra i legami" in said
    )


def test_an_answer_given_twice_is_said(tmp_path: Path) -> None:
    row = {"wave": "2025", "respondent_member": "Casa", "question": "fiducia", "score": "4"}
    found = read_survey(write_csv(tmp_path, survey=[row, row | {"score": "2"}]))
    said = [*map(str, found.attrs["warnings"])]
    assert [one.rpartition(": ")[2] for one in said] == ["vale la media"] * 2


def test_absences_out_of_the_stay_and_endless_days_are_said(tmp_path: Path, key: Path) -> None:
    write_csv(
        tmp_path, stays=[STAY],
        absences=[
            {"stay_id": "S1", "from_date": "10/03/2024", "to_date": "12/03/2024"},
            {"stay_id": "S1", "from_date": "30/05/2024", "to_date": "10/06/2024"},
            {"stay_id": "S1", "from_date": "10/07/2024", "to_date": "12/07/2024"},
        ],
        activities=[
            {"stay_id": "S1", "date": "10/03/2024", "area": "lavoro", "hours": "24"},
            {"stay_id": "S1", "date": "11/03/2024", "area": "lavoro", "hours": "250"},
        ],
    )  # fmt: skip
    said = [*map(str, read_stays(tmp_path, key).warnings)]
    away = "l'assenza non sta nei giorni dell'accoglienza: quelli fuori non si contano"
    assert said == [
        f"file «assenze.csv», riga 3, colonna «dal»: {away}",
        f"file «assenze.csv», riga 4, colonna «dal»: {away}",
        "file «attivita.csv», riga 3, colonna «ore»: 250 ore in un giorno, più di 24: controllare "
        "data e ore",
    ]


def test_a_total_with_codes_is_refused(tmp_path: Path, key: Path) -> None:
    total = "riga di totale: toglierla"
    measure = {"measure_name": "Fondo affitti", "administration_name": "Monza", "year": "2024",
               "beneficiaries": "3"}  # fmt: skip
    rows = [measure, measure | {"administration_name": "Totale"}]
    said = refused(read_policies, write_csv(tmp_path, measures=rows))
    assert f"riga 3: {total}" in said
    stays = [STAY, {"stay_id": "S99", "guest": "TOTALE", "service_code": "A"}]
    assert f"riga 3: {total}" in refused(read_stays, write_csv(tmp_path, stays=stays), key)
    services = [SERVICE, SERVICE | {"service_code": "Z", "service_name": "Totale generale"}]
    write_csv(tmp_path, services=services, dwellings=[DWELLING], places=[PLACE])
    assert f"riga 3: {total}" in refused(read_register, tmp_path)


def test_hidden_rows_and_other_sheets_of_a_workbook_are_said(tmp_path: Path, key: Path) -> None:
    book = openpyxl.load_workbook(write_templates(tmp_path)[0])
    sheet = book["accoglienze"]
    for row, code in enumerate(("S1", "S2", "S3"), start=4):
        for column, value in enumerate([code, f"P{row}", None, "A"], start=1):
            sheet.cell(row, column, value)
    sheet.auto_filter.ref = "A2:D6"
    sheet.row_dimensions[5].hidden = True
    book.create_sheet("accoglienze 2025")["A1"] = "S4"
    book.create_sheet("Giulia Verdi")["A1"] = "S5"
    book.create_sheet("Foglio1")
    file = tmp_path / "compilato.xlsx"
    book.save(file)
    read = read_stays(file, key)
    assert read.stays.index.tolist() == ["S1", "S2", "S3"]
    assert [*map(str, read.warnings)] == [
        "fogli non letti, nessuna tabella ha questi nomi: «accoglienze 2025», …",
        "foglio «accoglienze», riga 5: righe nascoste da un filtro o a mano: 1; lette come le altre: "
        "toglierle se non vanno contate",
    ]


def test_other_files_of_a_folder_are_said(tmp_path: Path, key: Path) -> None:
    write_csv(tmp_path, stays=[STAY])
    (tmp_path / "accoglienze_vecchie.csv").write_text("x\n")
    (tmp_path / "assenze.CSV").write_text("x\n")
    write_templates(tmp_path)
    said = [*map(str, read_stays(tmp_path, key).warnings)]
    assert said == [
        "file non letti, nessuna tabella ha questi nomi o ce n'è un altro uguale: "
        "«accoglienze_vecchie.csv», «assenze.CSV»",
        "accanto ai CSV c'è anche «modello_servizi.xlsx», non letta: tenere gli uni o l'altra",
    ]
