import zipfile

import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_posas

from . import written


@pytest.mark.parametrize("quoted", [False, True])
def test_ages_are_grouped_by_hand(quoted, tmp_path):
    path = written.posas(tmp_path, quoted=quoted)
    assert sources.readers_of(path) == (istat_posas,)
    residents = istat_posas.read(path)
    assert list(residents.index) == ["001001", "063049"]
    assert residents.attrs["reference_date"] == "2024-12-31"  # on 1 January 2025
    row = residents.loc["063049"]
    assert (row["residents_by_age"], row["residents_0_14"]) == (303, 45)
    assert (row["residents_85_over"], row["women_15_49"]) == (48, 70)


def test_the_zip_as_downloaded(tmp_path):
    path = written.posas(tmp_path, title="Popolazione residente")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
    assert sources.readers_of(tmp_path / "a.zip") == (istat_posas,)
    residents = istat_posas.read(tmp_path / "a.zip")
    assert residents.equals(istat_posas.read(path))
    assert residents.attrs["reference_date"] == "2024-12-31"  # the name in the zip says it


def test_older_files_without_a_total_column(tmp_path):
    path = written.posas(tmp_path)
    lines = path.read_text().splitlines()
    short = [lines[0], *(line.rpartition(";")[0] for line in lines[1:-1]), lines[-1]]
    path.write_text("\n".join(short) + "\n")
    assert istat_posas.read(path)["residents_by_age"].tolist() == [303, 303]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (";999;101;202;303", ";999;101;203;304", "comune 001001: le età danno 303 persone"),
        ("Agliè;7;1;2;3", "Agliè;7;1;2;4", "donne e uomini non danno il totale"),
        ("Agliè;7;1;2;3", "Agliè;8;1;2;3", "comune ed età ripetuti"),
        ("001001;Agliè;7;1;2;3\n", "", "comune 001001: 100 età invece di 101"),
        ("Totale femmine", "Donne", "mancano le colonne «Totale femmine»"),
    ],
)
def test_what_cannot_be_is_refused(old, new, problem, tmp_path):
    path = written.posas(tmp_path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(SourceError, match=problem):
        istat_posas.read(path)


@pytest.mark.parametrize("cell", ["", "x"])
def test_what_holds_an_age_that_cannot_be_read_is_missing(cell, tmp_path):
    path = written.posas(tmp_path)
    path.write_text(path.read_text().replace("Agliè;7;1;2;3", f"Agliè;7;{cell};2;3", 1))
    residents = istat_posas.read(path)
    assert residents.loc["001001", ["residents_by_age", "residents_0_14"]].isna().all()
    assert residents.loc["001001", "residents_65_over"] == 3 * 36
    assert residents.loc["063049", "residents_by_age"] == 303
    (said,) = map(str, residents.attrs["notices"])
    assert f"riga 10, colonna «Totale maschi»: '{cell}' non è un numero" in said


def test_a_municipality_of_which_a_row_cannot_be_placed_is_left_out(tmp_path):
    path = written.posas(tmp_path)
    path.write_text(path.read_text().replace("001001;Agliè;7;", "001001;Agliè;sette;", 1))
    residents = istat_posas.read(path)
    assert list(residents.index) == ["063049"]
    (said,) = map(str, residents.attrs["notices"])
    assert "'sette' non è un numero (Agliè)" in said
    assert "comune 001001: 100 età invece di 101" in said


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("totals", [True, False])
@pytest.mark.parametrize(
    ("title", "day"),
    [("Popolazione residente al 1° Gennaio 2020 per età, sesso e stato civile", "2019-12-31"),
     ("Popolazione residente per sesso, età e stato civile al 1° gennaio 2023", "2022-12-31"),
     ("Popolazione residente", "")],
)  # fmt: skip
def test_commas_other_names_and_encodings(encoding, totals, title, day, tmp_path):
    lines = [title, "Codice comune,Denominazione,Età,Totale Maschi,Totale Femmine"]
    for code, name in ((1001, '"Agliè, in prova"'), (108033, "Monza")):
        lines += [f"{code},{name},{age},1,2" for age in range(101)]
        lines += [f"{code},{name},999,101,202"] if totals else []
    path = tmp_path / "residenti.csv"
    path.write_bytes(("\n".join([*lines, "Dati provvisori, stimati"]) + "\n").encode(encoding))
    assert sources.readers_of(path) == (istat_posas,)
    residents = istat_posas.read(path)
    assert residents["residents_by_age"].to_dict() == {"001001": 303, "108033": 303}
    assert residents.attrs["reference_date"] == day


def test_a_cut_row_is_no_note(tmp_path):
    path = written.posas(tmp_path, note=False)
    path.write_text(path.read_text() + "0630")
    with pytest.raises(SourceError, match="troncato"):
        istat_posas.read(path)
