"""What is odd is said with its row, the other row and a cure; nothing personal is repeated."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.services import (
    check_together,
    read_policies,
    read_referrals,
    read_register,
    read_stays,
)
from needs_analysis.services.files import entries, plausibility
from needs_analysis.services.files.plausibility import clashes, unregistered
from needs_analysis.services.files.schema import Register, Stays
from needs_analysis.services.measures.records import Records

from .sheets import DWELLING, PLACE, SERVICE, STAY, write_csv

FAR = {"stay_id": "S2", "guest": "P2", "household": "F2"}


def network(
    folder: Path, key: Path, stays: list[dict[str, str]], **place: str
) -> tuple[Register, Stays]:
    write_csv(
        folder, services=[SERVICE], dwellings=[DWELLING], stays=stays,
        places=[PLACE | place],
    )  # fmt: skip
    return read_register(folder), read_stays(folder, key)


def warned(folder: Path, key: Path, *rows: dict[str, str]) -> list[str]:
    """Return the warnings of stays, without the file's name."""
    said = read_stays(write_csv(folder, stays=[*rows]), key).warnings
    return [str(one).removeprefix("file «accoglienze.csv», ") for one in said]


def test_two_households_in_one_place_at_once_name_both_rows(tmp_path: Path, key: Path) -> None:
    assert warned(tmp_path, key, STAY, STAY | FAR | {"entry_date": "31/05/2024"}) == [
        "riga 3, colonna «codice posto»: posto già occupato da un'altra famiglia con la riga 2: "
        "correggere il posto o le date"
    ]
    assert warned(tmp_path, key, STAY, STAY | FAR | {"entry_date": "01/06/2024"}) == []
    together = FAR | {"household": STAY["household"]}
    assert warned(tmp_path, key, STAY, STAY | together) == []
    alone = [STAY | {"household": ""}, STAY | FAR | {"household": ""}]
    assert len(warned(tmp_path, key, *alone)) == 1


_DAYS = st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 20), st.integers(0, 9))


@pytest.mark.slow
@given(st.lists(_DAYS, max_size=25))
def test_a_clash_is_found_if_and_only_if_there_is_one(
    rows: list[tuple[int, int, int, int]],
) -> None:
    start = pd.Timestamp("2024-01-01")
    frame = pd.DataFrame(
        {
            "entry_date": pd.to_datetime([start + pd.Timedelta(days=one[2]) for one in rows]),
            "exit_date": pd.to_datetime([start + pd.Timedelta(days=one[2] + one[3]) for one in rows]),
        }
    ).astype("datetime64[ns]")  # fmt: skip
    groups = np.array([one[0] for one in rows], dtype=int)
    parties = pd.Series([one[1] for one in rows], frame.index, dtype=int)
    with mock.patch.object(plausibility, "_AT_ONCE", 3):  # a group goes on over the end of a part
        found = clashes(frame, groups, parties)

    def meet(a: int, b: int) -> bool:
        """Whether b begins before a ends, and not before a."""
        (place, who, entry, days), (other_place, other, after, _) = rows[a], rows[b]
        return (place, who != other) == (other_place, True) and entry <= after < entry + days

    for row, other in found.items():
        assert meet(other, row)
    every = range(len(rows))
    for a in every:
        for b in every:
            if meet(a, b) and rows[a][2] < rows[b][2]:
                assert b in found


@pytest.mark.parametrize("column", ["referral_date", "answer_date", "entry_date", "exit_date"])
def test_days_to_come_and_very_old_days_are_odd(tmp_path: Path, key: Path, column: str) -> None:
    said = warned(tmp_path, key, STAY | {column: "31/12/2099"})
    assert any("trovato 31/12/2099, nel futuro: correggerlo" in one for one in said)
    said = warned(tmp_path, key, STAY | {column: "01/02/1924"})
    assert any("trovato 01/02/1924, prima del 1990: controllare l'anno" in one for one in said)


def test_an_answer_before_the_referral_is_odd(tmp_path: Path, key: Path) -> None:
    row = STAY | {"referral_date": "10/01/2024", "answer_date": "09/01/2024"}
    words = (
        "trovato 09/01/2024, prima della segnalazione (10/01/2024): correggere una delle due date"
    )
    assert warned(tmp_path, key, row) == [f"riga 2, colonna «data risposta»: {words}"]
    referral = {"referral_id": "R1", "date": "10/01/2024", "answer_date": "09/01/2024",
                "from_member": "Caritas", "to_member": "Casa Marta"}  # fmt: skip
    read = read_referrals(write_csv(tmp_path, referrals=[referral]), key)
    assert words in str(read.attrs["warnings"][0])


@pytest.mark.parametrize(
    ("place", "cells", "words"),
    [
        ({"state": "chiuso"}, {"exit_date": ""}, "chiuso ma ancora occupato: scrivere l'uscita"),
        ({"state": "da sistemare"}, {"exit_date": ""}, "«da sistemare» ma occupato: aggiornare"),
        ({"opened": "02/02/2024"}, {}, "accoglienza fuori dall'apertura del posto"),
        ({"target_groups": "sfratto esecutivo; alloggio sovraffollato"},
         {"exit_date": "", "target_group": "pignoramento della casa"},
         "non accoglie «pignoramento della casa»: correggere il gruppo"),
    ],
)  # fmt: skip
def test_register_and_stays_that_disagree_name_row_and_place(
    tmp_path: Path, key: Path, place: dict[str, str], cells: dict[str, str], words: str
) -> None:
    (said,) = map(str, check_together(*network(tmp_path, key, [STAY | cells], **place)))
    assert said.startswith("file «accoglienze.csv», riga 2, colonna «")
    assert f"posto «A1»: {words}" in said


def test_what_a_place_takes_is_no_warning(tmp_path: Path, key: Path) -> None:
    row = STAY | {"exit_date": "", "target_group": "alloggio sovraffollato"}
    groups = "sfratto esecutivo; alloggio sovraffollato"
    assert check_together(*network(tmp_path, key, [row], target_groups=groups)) == ()


def test_more_of_a_household_than_a_place_takes(tmp_path: Path, key: Path) -> None:
    rows = [STAY, STAY | {"stay_id": "S2", "guest": "P2"}, STAY | {"stay_id": "S3", "guest": "P3"}]
    (said,) = map(str, check_together(*network(tmp_path, key, rows, household_size_max="2")))
    assert said.startswith(
        "file «accoglienze.csv», righe 2, 3 e 4, colonna «codice posto»: posto «A1»"
    )
    assert "3 componenti insieme dal 01/02/2024, al massimo 2 nel registro" in said
    assert check_together(*network(tmp_path, key, rows, household_size_max="3")) == ()


def test_what_the_register_does_not_have_is_said_as_the_measures_say_it(
    tmp_path: Path, key: Path
) -> None:
    rows = [
        STAY,
        STAY | FAR | {"place_code": "a1"},
        STAY | FAR | {"stay_id": "S3", "place_code": "P2"},
    ]
    register, stays = network(tmp_path, key, rows)
    said = [*map(str, unregistered(register, stays))]
    where = "file «accoglienze.csv», riga"
    assert said == [
        f"{where} 4, colonna «codice posto»: posto (codice di una persona, qui non ripetuto) non nel "
        "registro: aggiungerlo o correggerlo",
        f"{where} 3, colonna «codice posto»: posto «a1» non nel registro: proposta: «A1»",
    ]
    with pytest.raises(Exception, match="«a1» non nel registro") as error:
        Records(register, stays)
    assert [*map(str, error.value.problems)] == said
    bare = unregistered(register, Stays(stays.stays))
    assert str(bare[1]).startswith("colonna «codice posto»: posto «a1»")


@pytest.mark.parametrize(
    "written", ["monza", "MONZA", "Ambito di Monza", "ambito territoriale sociale di Monza"]
)
def test_an_ambito_has_one_name(tmp_path: Path, written: str) -> None:
    services = [SERVICE | {"ambito_name": written}]
    read = read_register(write_csv(tmp_path, services=services, dwellings=[], places=[]))
    assert read.services["ambito_name"].tolist() == ["Monza"]
    assert not any("ambito" in str(one) for one in read.warnings)


def test_an_ambito_that_the_archive_lacks_is_kept_and_said_once(tmp_path: Path) -> None:
    names = ["Catania", "ambito di CATANIA", "Vimercatte"]
    services = [
        SERVICE | {"service_code": str(at), "ambito_name": name} for at, name in enumerate(names)
    ]
    read = read_register(write_csv(tmp_path, services=services, dwellings=[], places=[]))
    assert read.services["ambito_name"].tolist() == ["Catania", "Catania", "Vimercatte"]
    said = [one for one in map(str, read.warnings) if "ambito" in one]
    assert said == [
        "file «servizi.csv», righe 2 e 3, colonna «ambito»: trovato «Catania», che non è fra gli "
        "ambiti dell'archivio: tenuto così",
        "file «servizi.csv», riga 4, colonna «ambito»: trovato «Vimercatte», che non è fra gli ambiti "
        "dell'archivio: tenuto così; proposta: «Vimercate»",
    ]


def test_a_body_called_as_a_person_is_odd_and_not_repeated(tmp_path: Path) -> None:
    service = SERVICE | {"body_name": "Giulia Neri"}
    write_csv(tmp_path, services=[service], dwellings=[DWELLING], places=[PLACE])
    (said,) = read_register(tmp_path).warnings
    assert str(said) == (
        "file «servizi.csv», riga 2, colonna «ente»: sembra un nome di persona (qui non ripetuto): qui "
        "va il nome dell'ente"
    )


def test_more_beneficiaries_than_applications_are_odd(tmp_path: Path) -> None:
    row = {"measure_name": "Contributo", "administration_name": "Sesto San Giovanni", "year": "2025",
           "applications": "10", "beneficiaries": "12"}  # fmt: skip
    (said,) = read_policies(write_csv(tmp_path, measures=[row])).attrs["warnings"]
    assert str(said) == (
        "file «misure.csv», riga 2, colonna «beneficiari»: trovato 12, più delle domande (10): "
        "controllare i due numeri"
    )


def test_an_absence_belongs_within_its_own_stay(tmp_path: Path, key: Path) -> None:
    refused = {"entry_date": "", "exit_date": "", "place_code": ""}
    stays = [STAY | FAR | refused, STAY, STAY | {"stay_id": "S3", "guest": "P3", "exit_date": ""}]
    days = [
        ("S1", "01/02/2024", "01/06/2024"),  # row 2: all of it
        ("S1", "31/01/2024", "03/02/2024"),  # row 3: begins before
        ("S3", "31/05/2024", "02/07/2024"),  # row 4: a stay that lasts
        ("S1", "31/05/2024", "02/06/2024"),  # row 5: ends after
        ("S2", "31/05/2024", "02/06/2024"),  # row 6: never entered
    ]
    absences = [dict(zip(("stay_id", "from_date", "to_date"), one, strict=True)) for one in days]
    said = map(str, read_stays(write_csv(tmp_path, stays=stays, absences=absences), key).warnings)
    rows = [one.split("riga ")[1][0] for one in said if "non sta nei giorni" in one]
    assert rows == ["3", "5", "6"]


def test_no_word_for_what_nobody_knows_has_a_digit() -> None:
    # Codes with a digit are not compared with them, one by one.
    assert all(entries.is_unknown(word) for word in entries._NO_ANSWER)
    assert not any(entries.is_unknown(f"{word} 7") for word in [*entries._NO_ANSWER, "-", "?"])
