from __future__ import annotations

import traceback
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.reading import OLE
from needs_analysis.reading.grids import csv_grid
from needs_analysis.services import (
    read_policies,
    read_referrals,
    read_register,
    read_stays,
    write_templates,
)
from needs_analysis.services.files import cells
from needs_analysis.services.files.schema import TABLES, Register

from .sheets import DWELLING, SERVICE, STAY, write_csv
from .sheets import PLACE as ONE_PLACE

PLACE = ONE_PLACE | {"place_code": "D1"}


def problems(folder: Path, key: Path) -> list[str]:
    with pytest.raises(SourceError) as error:
        read_stays(folder, key)
    said = [*map(str, error.value.problems)]
    shown = "".join(traceback.format_exception(error.value))
    assert error.value.__cause__ is None and "pandera" not in shown
    return said


def read_one(folder: Path, key: Path, **cells: str) -> pd.Series:
    return read_stays(write_csv(folder, stays=[STAY | cells]), key).stays.iloc[0]


def register(folder: Path, **changes: dict[str, str]) -> Register:
    return read_register(write_csv(
        folder,
        services=[SERVICE | changes.get("service", {})],
        dwellings=[DWELLING | changes.get("dwelling", {})],
        places=[PLACE | changes.get("place", {})],
    ))  # fmt: skip


def test_cells_become_codes_dates_and_numbers(tmp_path: Path, key: Path) -> None:
    stay = read_one(
        tmp_path, key, target_group="Sfratto esecutivo", destination="SAP_SAS",
        sending_municipality_code="108033", goals_set="3", exit_date="2024-06-01",
        credit_counselling="Sì", over_stay_reason="", refusal_reason="dato non trasmesso",
    )  # fmt: skip
    assert stay["target_group"] == "eviction_order"
    assert stay["destination"] == "sap_sas"
    assert stay["goals_set"] == 3.0
    assert stay["exit_date"] == pd.Timestamp("2024-06-01")
    assert bool(stay["credit_counselling"]) is True
    assert pd.isna(stay["over_stay_reason"]) and pd.isna(stay["refusal_reason"])
    assert np.isnan(stay["goals_reached"])


def test_guests_are_pseudonyms(tmp_path: Path, key: Path) -> None:
    stay = read_one(tmp_path, key, guest="RSSMRA80A01F205X")
    assert stay["guest"].startswith("g") and "RSSMRA" not in stay.to_json()


@pytest.mark.parametrize("code", ["RSSMRA80A01F205X", "RSSMRAULAMLFNLRX"])
def test_tax_codes_as_codes_of_guests_are_a_list_of_persons(
    tmp_path: Path, key: Path, code: str
) -> None:
    found = read_stays(write_csv(tmp_path, stays=[STAY | {"guest": code}]), key).warnings
    (said,) = (str(one) for one in found if "elenco di persone" in str(one))
    assert "codici che sembrano nomi o codici fiscali: 1" in said and code not in said


@pytest.mark.parametrize(
    ("column", "value", "found", "proposal"),
    [
        ("entry_date", "12/31/2024", "«12/31/2024»", "«31/12/2024»"),
        ("entry_date", "3 marzo 2024", "«3 marzo 2024»", "«03/03/2024»"),
        ("entry_date", "45352", "«45352»", "«01/03/2024»"),
        ("entry_date", "30/02/2024", "«30/02/2024»", ""),
        ("destination", "afitto autonomo", "«afitto autonomo»", "«affitto autonomo»"),
        ("destination", "luna", "«luna»", ""),
        ("goals_set", "3 ore", "«3 ore»", "«3»"),
        ("goals_set", "2,5", "«2,5»", ""),
        ("goals_set", "-1", "«-1»", ""),
        ("scale_entry", "6", "«6»", ""),
        ("sending_municipality_code", "Monza", "«Monza»", "«108033»"),
        ("sending_municipality_code", "15146", "«15146»", "«015146»"),
        ("sending_municipality_code", "999999", "«999999»", ""),
        ("credit_counselling", "forse", "«forse»", ""),
    ],
)
def test_a_wrong_cell_says_where_what_and_what_instead(
    tmp_path: Path, key: Path, column: str, value: str, found: str, proposal: str
) -> None:
    said = problems(write_csv(tmp_path, stays=[STAY | {column: value}]), key)
    header = TABLES["stays"].field(column).header
    assert len(said) == 1
    assert said[0].startswith(
        f"file «accoglienze.csv», riga 2, colonna «{header}»: trovato {found}"
    )
    assert "ci si aspetta" in said[0]
    assert said[0].endswith(f"proposta: {proposal}") if proposal else "proposta" not in said[0]


def test_a_date_written_month_first_casts_doubt_on_its_column(tmp_path: Path, key: Path) -> None:
    """The others of the column may be month first too, and would be read day first once it is cured."""
    said = problems(write_csv(tmp_path, stays=[STAY | {"entry_date": "12/31/2024"}]), key)
    assert (
        "è scritta mese/giorno/anno: controllare anche le altre date di questa colonna" in said[0]
    )


def test_all_problems_come_at_once_in_order(tmp_path: Path, key: Path) -> None:
    rows = [
        STAY | {"entry_date": "ieri"},
        STAY | {"guest": "", "scale_entry": "9"},
        STAY | {"stay_id": "", "destination": "luna"},
    ]
    away = [{"stay_id": "S9", "from_date": "01/01/2024", "to_date": ""}]
    said = problems(write_csv(tmp_path, stays=rows, absences=away), key)
    where = [(one.split(", ")[1], one.split("«")[2].split("»")[0]) for one in said]
    assert where == [
        ("riga 2", "codice accoglienza"), ("riga 2", "data ingresso"),
        ("riga 3", "codice accoglienza"), ("riga 3", "ospite"), ("riga 3", "scala all'ingresso"),
        ("riga 4", "codice accoglienza"), ("riga 4", "destinazione"),
        ("riga 2", "codice accoglienza"), ("riga 2", "al"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("over_stay_reason", "sentire Maria Bianchi"), ("stay_id", "RSSMRA80A01F205X"),
        ("place_code", "Mario Rossi"), ("destination", "via Roma 12"), ("note", "333 1234567"),
        ("entry_date", "mario@esempio.it"), ("stay_id", "3331234567"), ("goals_set", "Mario Rossi"),
    ],
)  # fmt: skip
def test_personal_cells_are_refused_and_not_repeated(
    tmp_path: Path, key: Path, column: str, value: str
) -> None:
    said = problems(write_csv(tmp_path, stays=[STAY | {column: value}]), key)
    assert len(said) == 1 and "qui non ripetuto" in said[0]
    assert value not in said[0]


def test_a_column_of_names_is_refused_by_its_header(tmp_path: Path, key: Path) -> None:
    said = problems(write_csv(tmp_path, stays=[STAY | {"Cognome": "Xyzxyz"}]), key)
    assert said == ["file «accoglienze.csv», colonna «Cognome»: identifica le persone e non va"
                    " trasmessa: toglierla"]  # fmt: skip


def test_an_unexpected_column_is_a_warning(tmp_path: Path, key: Path) -> None:
    read = read_stays(write_csv(tmp_path, stays=[STAY | {"piano": "2"}]), key)
    unread, absent = map(str, read.warnings)
    assert unread == "file «accoglienze.csv», colonna «piano»: non è prevista e non è stata letta"
    assert absent.startswith("file «accoglienze.csv»: mancano le colonne «gruppo», ")
    everything = {one.name: "" for one in TABLES["stays"].fields if one.name != "target_group"}
    (tmp_path / "b").mkdir()
    write_csv(tmp_path / "b", stays=[everything | STAY | {"Tipologia": "x"}])
    assert str(read_stays(tmp_path / "b", key).warnings[1]) == (
        "file «accoglienze.csv»: manca la colonna «gruppo»: nessuno dei suoi dati è letto"
    )


def test_the_code_of_a_guest_in_another_column_is_not_repeated(tmp_path: Path, key: Path) -> None:
    said = problems(write_csv(tmp_path, stays=[STAY | {"guest": "zk77q", "answer": "ZK77Q"}]), key)
    assert "zk77q" not in said[0].casefold()


def test_many_problems_of_a_kind_are_counted(tmp_path: Path, key: Path) -> None:
    rows = [STAY | {"stay_id": f"S{at}", "answer": "boh"} for at in range(250)]
    said = problems(write_csv(tmp_path, stays=rows), key)
    assert len(said) == 101
    assert said[-1].endswith("e altre 150 righe")


def test_stays_warn_apart_from_errors(tmp_path: Path, key: Path) -> None:
    rows = [
        STAY | {"exit_date": "31/01/2024"},
        STAY | {"stay_id": "S2", "guest": "P2", "place_code": "A2", "exit_date": "02/08/2025"},
        STAY | {"stay_id": "S3", "guest": "P3"},
        STAY | {"stay_id": "S4", "guest": "p-3", "entry_date": "31/05/2024"},
        STAY | {"stay_id": "S5", "guest": "P5", "exit_date": "01/08/2025"},
        STAY | {"stay_id": "S6", "guest": "P5", "entry_date": "01/08/2025", "exit_date": ""},
    ]
    read = read_stays(write_csv(tmp_path, stays=rows), key)
    said = map(str, read.warnings)
    assert [one.removeprefix("file «accoglienze.csv», ") for one in said] == [
        "colonna «ospite»: codici diversi solo per maiuscole, spazi o segni: 1; valgono come la "
        "stessa persona o famiglia",
        "riga 2, colonna «data uscita»: trovato 31/01/2024, prima dell'ingresso (01/02/2024): "
        "accoglienza non contata, correggere una delle due date",
        "riga 5, colonna «data ingresso»: accoglienze sovrapposte: lo stesso ospite è presente con la "
        "riga 4: correggere le date",
        "riga 3, colonna «data uscita»: permanenza oltre 18 mesi: controllare le date, o scrivere il "
        "motivo in «motivo oltre i 18 mesi»",
    ]
    assert read.usable.tolist() == [False, True, True, True, True, True]


def test_register_warns_of_beds_and_closed_places(tmp_path: Path) -> None:
    read = register(
        tmp_path, dwelling={"beds": "13", "closed": "01/01/2020", "opened": "01/01/2021"},
        place={"state": "occupato"},
    )  # fmt: skip
    assert [str(one).partition(", ")[2] for one in read.warnings] == [
        "riga 2, colonna «posti letto»: trovato 13, più di 12 posti letto in un'abitazione di "
        "transizione: controllare i posti letto, o il tipo di servizio",
        "riga 2, colonna «chiusura»: trovato 01/01/2020, prima dell'apertura (01/01/2021): correggere "
        "una delle due date",
        "riga 2, colonna «stato»: posto «occupato», ma il posto o l'alloggio è chiuso: correggere lo "
        "stato o la chiusura",
    ]
    assert register(tmp_path, dwelling={"beds": "12"}).warnings == ()


def test_the_address_of_a_protected_service_is_not_read(tmp_path: Path) -> None:
    read = register(tmp_path, service={"protected": "sì"}, dwelling={"address": "via Segreta 1"})
    assert read.dwellings["address"].isna().all()
    assert [*map(str, read.warnings)] == [
        "file «alloggi.csv», riga 2, colonna «indirizzo»: indirizzo di un servizio protetto, non "
        "letto: toglierlo dal file",
    ]


def test_protected_must_be_stated(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="«protetto»: manca, ci si aspetta «sì» o «no»"):
        register(tmp_path, service={"protected": ""})


def test_codes_must_refer_to_something(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        register(tmp_path, place={"dwelling_code": "d"})
    assert [*map(str, error.value.problems)] == [
        "file «posti.csv», riga 2, colonna «codice alloggio»: trovato «d», che non è fra i codici del "
        "foglio «alloggi»; proposta: «D»"
    ]


def test_a_code_written_twice_names_the_code_and_the_other_row(tmp_path: Path, key: Path) -> None:
    said = problems(
        write_csv(tmp_path, stays=[STAY, STAY | {"guest": "P2", "place_code": ""}]), key
    )
    assert said[0] == (
        "file «accoglienze.csv», riga 2, colonna «codice accoglienza»: trovato «S1» anche in riga 3, "
        "ci si aspetta un codice diverso per ogni riga"
    )
    mine = STAY | {"guest": "S1"}
    said = problems(write_csv(tmp_path, stays=[mine, mine | {"guest": "P2"}]), key)
    assert all("«S1»" not in one for one in said)


@pytest.mark.parametrize(
    ("text", "value"), [("1.234,50", 1234.5), ("38,5", 38.5), ("38.5", 38.5), ("€ 40", 40.0)]
)
def test_numbers_in_italian_and_with_a_point(tmp_path: Path, text: str, value: float) -> None:
    assert (
        register(tmp_path, service={"daily_fee_eur": text}).services["daily_fee_eur"]["A"] == value
    )


def test_a_number_that_may_be_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="trovato «1.234»"):
        register(tmp_path, service={"daily_fee_eur": "1.234"})


def test_an_ansi_csv_with_commas_is_read(tmp_path: Path, key: Path) -> None:
    text = "codice accoglienza,ospite,codice servizio,motivo oltre i 18 mesi\n\nS1,P1,A,città\n"
    (tmp_path / "accoglienze.csv").write_bytes(text.encode("cp1252"))
    assert read_stays(tmp_path, key).stays.loc["S1", "over_stay_reason"] == "città"


def test_ragged_rows_are_named(tmp_path: Path, key: Path) -> None:
    text = "codice accoglienza;ospite;codice servizio\nS1;P1;A\n\nS2;P2\nS3;P3;A;segreto\n"
    (tmp_path / "accoglienze.csv").write_text(text)
    said = problems(tmp_path, key)
    assert said == ["riga 4: celle in più o in meno", "riga 5: celle in più o in meno"]


@pytest.mark.slow
def test_a_formula_nobody_computed_is_refused(tmp_path: Path, key: Path) -> None:
    file, _ = write_templates(tmp_path)
    book = openpyxl.load_workbook(file)
    sheet = book["accoglienze"]
    for column, value in enumerate(["S1", "P1", "F1", "A"], start=1):
        sheet.cell(4, column, value)
    sheet["L4"] = "=TODAY()"
    book.save(file)
    said = problems(file, key)
    assert said[0].startswith("foglio «accoglienze», riga 4, colonna «data ingresso»: la formula")


def test_what_is_no_workbook_says_so(tmp_path: Path, key: Path) -> None:
    file = tmp_path / "servizi.xlsx"
    assert problems(file, key) == ["il file non esiste"]
    file.write_bytes(b"PK segreto")
    assert problems(file, key) == [
        "non è una cartella di lavoro Excel (.xlsx) leggibile, o è troncata"
    ]
    file.write_bytes(OLE + b"segreto")
    assert problems(file, key) == ["è un vecchio .xls, o ha una password"]
    (tmp_path / "servizi.pdf").write_bytes(b"segreto")
    assert problems(tmp_path / "servizi.pdf", key) == [
        "si aspetta un file .xlsx o una cartella di file CSV"
    ]


@pytest.mark.parametrize("end", [".xls", ".ods"])
def test_an_older_workbook_is_to_be_saved_as_xlsx(tmp_path: Path, key: Path, end: str) -> None:
    file = tmp_path / f"servizi{end}"
    file.write_bytes(b"segreto")
    for given in (file, tmp_path):
        with pytest.raises(SourceError, match="(?i)aprirlo e salvarlo come .xlsx"):
            read_stays(given, key)


def test_a_row_of_totals_is_one_problem(tmp_path: Path, key: Path) -> None:
    total = {"stay_id": "Totale", "goals_set": "molti"}
    assert problems(write_csv(tmp_path, stays=[STAY, total]), key) == [
        "file «accoglienze.csv», riga 3: riga di totale: toglierla"
    ]
    total = SERVICE | {"service_code": "", "body_name": "TOTALE GENERALE", "protected": ""}
    write_csv(tmp_path, services=[SERVICE, total], dwellings=[DWELLING], places=[PLACE])
    with pytest.raises(SourceError) as error:
        read_register(tmp_path)
    assert [*map(str, error.value.problems)] == [
        "file «servizi.csv», riga 3: riga di totale: toglierla"
    ]


def test_a_sheet_without_rows_is_a_warning(tmp_path: Path, key: Path) -> None:
    (said,) = read_stays(write_csv(tmp_path, stays=[]), key).warnings
    assert str(said) == "file «accoglienze.csv»: non ha righe"


@pytest.mark.parametrize(
    ("cell", "end"),
    [
        ("Sfratto esecutivo, Alloggio sovraffollato",
         ", separate da «;»; proposta: «sfratto esecutivo; alloggio sovraffollato»"),
        ("SFRATTO ESECUTIVO/senza contratto, subaffitto, occupazione",
         "proposta: «sfratto esecutivo; senza contratto, subaffitto, occupazione»"),
        ("sfratto esecutivo; luna", "; voce non riconosciuta: la n. 2"),
        ("luna", ", separate da «;»"),
    ],
)  # fmt: skip
def test_groups_joined_in_another_way_are_proposed(tmp_path: Path, cell: str, end: str) -> None:
    with pytest.raises(SourceError) as error:
        register(tmp_path, place={"target_groups": cell})
    (said,) = [*map(str, error.value.problems)]
    assert said.endswith(end)
    assert "una o più delle 13 voci dell'elenco, nelle «istruzioni»" in said


def test_a_long_list_does_not_hide_the_message(tmp_path: Path, key: Path) -> None:
    for cell in ("luna", "x" * 300, "donne che escono dalla violenza", "ufficio", "violenza"):
        (said,) = problems(write_csv(tmp_path, stays=[STAY | {"target_group": cell}]), key)
        assert len(said) < 250 and "una delle 13 voci" in said


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("Sesto San Giovani", "; se si intende Sesto San Giovanni (MI); proposta: «015209»"),
        ("Castro", "; può essere 016065 Castro (BG) o 075096 Castro (LE)"),
        ("Mosso", "; comune cessato, ora è di un altro; proposta: «096088»"),
        ("Luna piena", "sei cifre"),
    ],
)
def test_a_municipality_by_name_is_proposed(tmp_path: Path, key: Path, name: str, end: str) -> None:
    row = STAY | {"sending_municipality_code": name}
    (said,) = problems(write_csv(tmp_path, stays=[row]), key)
    assert said.endswith(end)


@pytest.mark.parametrize("cell", ["n.d.", "N/D", "non pervenuto", "-"])
def test_other_words_for_no_answer_are_told_how_to_say_it(tmp_path: Path, cell: str) -> None:
    row = {"measure_name": "Contributo", "administration_name": "Comune", "year": "2025"}
    with pytest.raises(SourceError) as error:
        read_policies(write_csv(tmp_path, measures=[row | {"budget_eur": cell}]))
    assert [*map(str, error.value.problems)][0].endswith(
        "; se un ufficio non ha risposto «dato non trasmesso», altrimenti cella vuota"
    )


def test_a_member_that_is_a_person_is_refused_and_told_why(tmp_path: Path, key: Path) -> None:
    row = {"referral_id": "R1", "date": "01/02/2024", "from_member": "Giulia Neri",
           "to_member": "Associazione Aurora"}  # fmt: skip
    with pytest.raises(SourceError) as error:
        read_referrals(write_csv(tmp_path, referrals=[row]), key)
    (said,) = [*map(str, error.value.problems)]
    assert (
        "colonna «da»: sembra un nome di persona" in said
        and "i membri della rete sono enti" in said
    )
    assert "Giulia" not in said


@pytest.fixture
def filled(tmp_path: Path) -> tuple[openpyxl.Workbook, Path]:
    """Return the template with one stay in it, and where to save it."""
    book = openpyxl.load_workbook(write_templates(tmp_path)[0])
    for column, value in enumerate(["S1", "P1", "F1", "A"], start=1):
        book["accoglienze"].cell(4, column, value)
    return book, tmp_path / "compilato.xlsx"


def test_merged_cells_are_refused(filled, key: Path) -> None:
    book, file = filled
    for column, value in enumerate(["S2", "P2", None, "A"], start=1):
        book["accoglienze"].cell(5, column, value)
    book["accoglienze"].merge_cells("C4:C5")
    book.save(file)
    assert problems(file, key) == [
        "foglio «accoglienze», riga 4: le celle C4:C5 sono unite: separarle e scrivere il valore in "
        "ogni riga"
    ]


def test_one_bad_cell_is_one_problem(filled, key: Path) -> None:
    book, file = filled
    sheet = book["accoglienze"]
    sheet["A4"], sheet["P4"] = "=1+1", "#N/A"
    book.save(file)
    assert [one.partition("colonna ")[2] for one in problems(file, key)] == [
        "«codice accoglienza»: la formula non è stata calcolata: aprire il file con Excel e salvarlo",
        "«obiettivi fissati»: la cella contiene un errore di Excel",
    ]


def test_the_notes_may_be_edited(filled, key: Path) -> None:
    book, file = filled
    book["accoglienze"]["A3"] = "nota di un ufficio"
    book.save(file)
    assert read_stays(file, key).stays.index.tolist() == ["S1"]


def test_a_column_that_is_absent_is_said_once(tmp_path: Path, key: Path) -> None:
    (tmp_path / "accoglienze.csv").write_text("codice accoglienza;codice servizio\nS1;A\nS2;A\n")
    assert problems(tmp_path, key) == ["file «accoglienze.csv», colonna «ospite»: manca la colonna"]


def test_a_changed_header_is_recognised(tmp_path: Path, key: Path) -> None:
    row = {name: value for name, value in STAY.items() if "date" not in name}
    folder = write_csv(tmp_path, stays=[row | {"Data di ingresso": "01/02/2024"}])
    changed = read_stays(folder, key).warnings[0]
    assert str(changed) == (
        "file «accoglienze.csv», colonna «Data di ingresso»: non è prevista e non è stata letta: nel "
        "modello si chiama «data ingresso»?"
    )


@pytest.mark.parametrize(
    ("column", "cell", "advice"),
    [
        ("entry_date", "1/2/24", "proposta: «01/02/2024»"),
        ("entry_date", "2024/02/01", "proposta: «01/02/2024»"),
        ("entry_date", "01/13/2024", "proposta: «13/01/2024»"),
        (
            "target_group",
            "violenza",
            "proposta: «donne (con o senza figli) che escono dalla violenza»",
        ),
        ("destination", "familiari", "proposta: «stabile da familiari o amici»"),
        ("destination", "ufficio", "nelle «istruzioni» del modello"),
        ("answer", "boh", "una tra: «accolta», «rifiutata», «in attesa»"),
    ],
)
def test_what_was_meant_is_proposed(
    tmp_path: Path, key: Path, column: str, cell: str, advice: str
) -> None:
    (said,) = problems(write_csv(tmp_path, stays=[STAY | {column: cell}]), key)
    assert f"trovato «{cell}»" in said and said.endswith(advice)


def test_hours_on_the_clock_are_proposed_as_a_number(tmp_path: Path, key: Path) -> None:
    activity = {"stay_id": "S1", "date": "01/03/2024", "area": "lavoro", "hours": "1:30"}
    (said,) = problems(write_csv(tmp_path, stays=[STAY], activities=[activity]), key)
    assert said.endswith("proposta: «1,5»")


def test_an_ambiguous_number_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        register(tmp_path, service={"daily_fee_eur": "1.200"})
    assert [*map(str, error.value.problems)][0].endswith(
        "può valere 1200 o 1,2: scriverlo senza punto"
    )


def test_a_lost_zero_is_proposed_for_a_code(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as error:
        register(tmp_path, service={"service_code": "01"}, dwelling={"service_code": "1"})
    assert [*map(str, error.value.problems)][0].endswith("proposta: «01»")


def test_guests_that_differ_by_a_zero_are_noticed(tmp_path: Path, key: Path) -> None:
    rows = [
        STAY | {"stay_id": str(at), "guest": guest} for at, guest in enumerate(["001", "1", "2"])
    ]
    read = read_stays(write_csv(tmp_path, stays=rows), key)
    assert read.stays["guest"].nunique() == 3
    assert "solo per gli zeri iniziali: 1;" in str(read.warnings[0])


def test_names_as_codes_are_noticed_and_not_repeated(tmp_path: Path, key: Path) -> None:
    read = read_stays(write_csv(tmp_path, stays=[STAY | {"guest": "Giulia Esempio"}]), key)
    assert "nomi o codici fiscali: 1;" in str(read.warnings[0])
    assert "Giulia" not in repr(read.warnings)


def test_dato_non_trasmesso_is_no_code(tmp_path: Path, key: Path) -> None:
    assert pd.isna(read_one(tmp_path, key, place_code="Dato non trasmesso")["place_code"])
    (said,) = problems(write_csv(tmp_path, stays=[STAY | {"guest": "dato non trasmesso"}]), key)
    assert "colonna «ospite»: manca" in said


def test_dates_in_words_are_no_phone_numbers(tmp_path: Path, key: Path) -> None:
    reason = "attende alloggio pubblico dal 01/02/2024"
    assert read_one(tmp_path, key, over_stay_reason=reason)["over_stay_reason"] == reason


@pytest.mark.parametrize("reason", ["chiamare 02 1234567", "problemi della signora Anna"])
def test_words_about_somebody_are_refused(tmp_path: Path, key: Path, reason: str) -> None:
    (said,) = problems(write_csv(tmp_path, stays=[STAY | {"over_stay_reason": reason}]), key)
    assert "qui non ripetuto" in said and reason not in said


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        (
            {"entry_date": ""},
            "colonna «data ingresso»: manca, ma c'è un'uscita: accoglienza non "
            "contata, scrivere l'ingresso",
        ),
        (
            {"answer": "rifiutata"},
            "colonna «risposta»: risposta «rifiutata», ma c'è un ingresso: "
            "correggere la risposta o togliere l'ingresso",
        ),
    ],
)
def test_contradictions_are_warnings(
    tmp_path: Path, key: Path, cells: dict[str, str], what: str
) -> None:
    read = read_stays(write_csv(tmp_path, stays=[STAY | cells]), key)
    assert [*map(str, read.warnings)] == [f"file «accoglienze.csv», riga 2, {what}"]


def test_a_folder_stands_for_the_one_file_with_the_tables_in_it(tmp_path: Path, key: Path) -> None:
    outer = tmp_path / "esempio"
    inner = outer / "modello_servizi"
    inner.mkdir(parents=True)
    write_csv(inner, stays=[STAY])
    (outer / "appunti.xlsx").write_bytes(b"no workbook")
    assert read_stays(outer, key).stays.equals(read_stays(inner, key).stays)
    other = outer / "altro"
    other.mkdir()
    write_csv(other, stays=[STAY])
    assert problems(outer, key) == ["2 file della cartella hanno «accoglienze»"]


@pytest.mark.slow
def test_a_workbook_is_found_in_its_folder_by_its_sheets(tmp_path: Path) -> None:
    write_templates(tmp_path)  # two workbooks: only one has a register
    assert read_register(tmp_path).places.empty


@pytest.mark.parametrize("header", ["x" * 200_000, '"' + "y" * 200_000 + '"', "a\rb"])
def test_a_header_that_csv_does_not_take_is_one_line(header, tmp_path):
    path = tmp_path / "servizi.csv"
    path.write_bytes(f"{header};nome\n1;2\n".encode())
    with pytest.raises(SourceError, match="servizi.csv: "):
        csv_grid(path)


def test_a_workbook_is_refused_by_the_extent_it_states(tmp_path, monkeypatch):
    monkeypatch.setattr(cells.reading.sheets, "MOST_EXTENT", 3)
    path = write_templates(tmp_path)[0]
    with pytest.raises(SourceError, match=r"un foglio dice di occupare A1:.*Copiare le celle"):
        read_register(path)


def test_a_text_of_excel_in_utf_16_is_read(tmp_path: Path, key: Path) -> None:
    file = write_csv(tmp_path, stays=[STAY]) / "accoglienze.csv"
    file.write_bytes(file.read_text("utf-8-sig").encode("utf-16"))
    assert len(read_stays(tmp_path, key).stays) == 1


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path, key: Path) -> None:
    """The bounds of a zip are those of official files."""
    file = tmp_path / "servizi.xlsx"
    write_templates(tmp_path / "modelli")
    file.write_bytes((tmp_path / "modelli" / "modello_servizi.xlsx").read_bytes())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", b"\0" * (40 << 20))
    assert problems(file, key) == [
        "non è una cartella di lavoro Excel (.xlsx) leggibile, o è troncata"
    ]
