"""Matrices of travel times: read whatever their cells stand between, mended or refused at once."""

from __future__ import annotations

import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.services import read_distances

UNITS = pd.Index(["015146", "015149", "108033"])


def matrix() -> pd.DataFrame:
    cells = [["0", "12.5", "30"], ["14", "0", "20"], ["31", "21", "0"]]
    return pd.DataFrame(cells, index=UNITS, columns=UNITS)


def read(tmp_path, frame: pd.DataFrame, **how):
    path = tmp_path / "minuti.csv"
    frame.to_csv(path, **how)
    return read_distances(path, UNITS)


@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_any_delimiter_any_order_and_more_places_than_asked(tmp_path, sep):
    frame = matrix()
    frame.loc["099999"], frame["099999"] = "7", "7"
    found, warnings = read(tmp_path, frame.iloc[::-1, ::-1], sep=sep)
    assert found.index.equals(UNITS) and found.columns.equals(UNITS)
    assert found.loc["015146", "015149"] == 12.5  # from the row to the column
    assert found.loc["015149", "015146"] == 14
    assert warnings == ()


def test_a_row_that_is_no_place_is_said(tmp_path):
    frame = matrix()
    frame.loc["Totale"], frame["note"] = "7", "7"
    found, warnings = read(tmp_path, frame)
    assert found.shape == (3, 3)
    assert [*map(str, warnings)] == [
        "righe o colonne che non sono di un luogo, non lette: «Totale», «note»"
    ]


def test_decimal_commas_are_read(tmp_path):
    frame = matrix().replace("12.5", "12,5")
    assert read(tmp_path, frame, sep=";")[0].loc["015146", "015149"] == 12.5


def test_lost_zeros_are_put_back_and_said(tmp_path):
    frame = matrix().rename(index={"015146": "15146.0"}, columns={"015149": "15149"})
    found, warnings = read(tmp_path, frame)
    assert found.loc["015146", "015149"] == 12.5
    assert len(warnings) == 1
    assert "2 codici avevano perso lo zero iniziale" in str(warnings[0])
    assert "15149 -> 015149" in str(warnings[0])


def test_ambiti_may_be_units(tmp_path):
    names = pd.Index(["ambito:Desio", "ambito:Monza"])
    path = tmp_path / "minuti.csv"
    path.write_text(";ambito:Monza;ambito:Desio\nambito:Desio;12;0\nambito:Monza;0;13\n")
    found, _ = read_distances(path, names)
    assert found.loc["ambito:Monza", "ambito:Desio"] == 13


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (matrix().iloc[:, :2], ["3 righe e 2 colonne", "nelle colonne mancano 1: 108033"]),
        (matrix().iloc[1:], ["2 righe e 3 colonne", "nelle righe mancano 1: 015146"]),
        (pd.concat([matrix(), matrix().iloc[:1]]), ["nelle righe compaiono due volte 1: 015146"]),
        (
            matrix().replace({"12.5": "", "30": "-1", "14": "tanto", "20": "inf"}),
            [
                "celle vuote: 1 (da riga 015146 a colonna 015149)",
                "celle che non sono numeri: 1 (da riga 015149 a colonna 015146)",
                "celle infinite: 1 (da riga 015149 a colonna 108033)",
                "celle sotto zero: 1 (da riga 015146 a colonna 108033)",
            ],
        ),
    ],
)
def test_a_wrong_matrix_is_refused_with_all_that_is_wrong(tmp_path, frame, said):
    with pytest.raises(SourceError) as caught:
        read(tmp_path, frame)
    for part in said:
        assert part in str(caught.value)
    assert "una riga per comune di partenza" in str(caught.value.cure)


def test_what_is_no_matrix_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    for text in ("", "da,a,minuti\n015146,015149,12\n", "a,b\n1\n"):
        path.write_text(text)
        with pytest.raises(SourceError, match="partenza"):
            read_distances(path, UNITS)
    with pytest.raises(SourceError, match="non si può aprire"):
        read_distances(tmp_path / "assente.csv", UNITS)
