from pathlib import Path

import pytest

from needs_analysis.fetch.network import shown
from needs_analysis.reading.personal import asked_by, found_in, safe_name


@pytest.mark.parametrize(
    "value",
    ["RSSMRA80A01F205X", "rssmra80a01f205x", "RSSMRAULAMLFNLRX",
     "nome.cognome@esempio.it", "+39 333 1234567",
     "sentire 333-1234567", "tel. 039 123456", "via Roma 12", "Via Garibaldi", "Maria Bianchi",
     "ROSSI MARIA", "sentita Fatima El Amrani ieri", "nata a Monza"],
)  # fmt: skip
def test_personal_cells_are_recognised(value: str) -> None:
    assert found_in(value)


@pytest.mark.parametrize(
    "value",
    ["S0001", "N1-D2-P3", "108033", "Sesto San Giovanni",
     "Comune di Santa Maria", "attende un alloggio pubblico", "corso di formazione 2025",
     "in via di definizione", "Casa Marta", "Servizi sociali Monza", "situazione serena", "12,5"],
)  # fmt: skip
def test_plain_cells_are_not_taken_for_persons(value: str) -> None:
    assert found_in(value) == ""


def test_headers_that_ask_for_persons() -> None:
    assert asked_by("Codice Fiscale") and asked_by("Cognome e nome") and asked_by("e-mail")
    assert not asked_by("codice servizio")


@pytest.mark.parametrize("code", ["RSSMRA80A01F205X", "RSSMRA80A01F20RX", "rssmraulamlfnlrx"])
def test_no_name_of_a_file_and_no_address_keeps_a_tax_code(code: str) -> None:
    """Letters stand for digits where two persons would share a code (omocodia)."""
    assert safe_name(Path(f"visura{code}.zip")) == Path("OMI VALORI")
    assert safe_name(Path(code, "a.csv")) == Path("a.csv")
    assert shown(f"https://www.istat.it/{code}/a{code}.csv") == "https://www.istat.it/***/a***.csv"
