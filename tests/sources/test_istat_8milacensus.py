import openpyxl
import pytest

from needs_analysis import sources
from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_8milacensus

from . import written


def test_three_censuses_with_their_units(tmp_path):
    path = written.mila(tmp_path)
    assert sources.readers_of(path) == (istat_8milacensus,)
    table = istat_8milacensus.read(path)
    assert list(table.index) == [("001001", y) for y in (1991, 2001, 2011)] + [("063049", 2011)]
    row = table.loc[("063049", 2011)]
    assert row["residents"] == 962_003
    assert row["owned_dwellings_share"] == pytest.approx(0.501)
    assert row["old_age_ratio"] == pytest.approx(1.134)
    assert row["mean_age_of_recent_dwellings_years"] == 35
    assert table["neet_15_29_share"].isna().tolist() == [True, False, False, False]
    assert table.attrs["unread"] == ["M1"]
    assert table.attrs["reference_date"] == "2011-10-09"


def test_the_workbook_gives_the_same(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(written.MILA_HEADER.split(";"))
    for line in written.MILA_ROWS:
        cells = [one.replace(".", "").replace(",", ".") for one in line.split(";")]
        book.active.append([float(c) if c.replace(".", "").isdigit() else c for c in cells])
    book.save(tmp_path / "a.xlsx")
    assert sources.readers_of(tmp_path / "a.xlsx") == (istat_8milacensus,)
    same = istat_8milacensus.read(tmp_path / "a.xlsx")
    assert same.equals(istat_8milacensus.read(written.mila(tmp_path)))


def test_bad_rows_are_named(tmp_path):
    path = written.mila(tmp_path)
    text = path.read_bytes().decode("cp1252")
    path.write_bytes(text.replace("74,3", "7 4").replace("2001;1", "2011;1").encode("cp1252"))
    with pytest.raises(SourceError) as error:
        istat_8milacensus.read(path)
    assert [*map(str, error.value.problems)] == [
        "riga 4, colonna «A1»: '7 4' non è un numero",
        "righe 3 e 4: comune/anno '001001/2011' ripetuto",
    ]
    path.write_text(";".join(written.MILA_HEADER.split(";")[:6]) + "\n2011;1;1;1;1001;a\n")
    with pytest.raises(SourceError, match="mancano le colonne degli indicatori"):
        istat_8milacensus.read(path)
