import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_units_list

from .places import SHARED, UNITS_LIST, needs_real_files


def test_headers_with_line_breaks_are_found_and_codes_stay_text():
    units = istat_units_list.read(UNITS_LIST)
    assert units.attrs["reference_date"] == "2022-05-01"
    assert units.loc["108033"].tolist() == [
        "F704", "Monza", "Monza", "", "108", "108", "Monza e della Brianza", "MB", "03",
        "Lombardia", True, "108033", "015149", "015149",
    ]  # fmt: skip
    assert units.loc["015146", ["province_code", "uts_code"]].tolist() == ["015", "215"]
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert units.loc["040012", "municipality_name"] == "Forlì"
    assert units.loc["021008", "municipality_name_other"] == "Bozen"


def test_either_encoding_is_read(tmp_path):
    (tmp_path / "utf8.csv").write_text(UNITS_LIST.read_bytes().decode("latin-1"), "utf-8")
    units = istat_units_list.read(tmp_path / "utf8.csv")
    assert units.equals(istat_units_list.read(UNITS_LIST))
    assert units.attrs["reference_date"] == ""


def test_every_bad_row_is_named(tmp_path):
    data = UNITS_LIST.read_bytes().replace(b";015182;", b";x;").replace(b";A952;", b";;")
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(SourceError) as error:
        istat_units_list.read(tmp_path / "a.csv")
    assert [*map(str, error.value.problems)] == [
        "riga 5, colonna «Codice Comune formato alfanumerico»: 'x' non è un codice di 6 cifre",
        "riga 10, colonna «Codice Catastale del comune»: '' non è un codice catastale",
    ]


@needs_real_files
@pytest.mark.parametrize(
    ("edition", "count"),
    [("2021-01-01", 7903), ("2022-05-01", 7904), ("2024-02-24_utf8", 7896),
     ("2024-12_paolovolterra", 7901)],
)  # fmt: skip
def test_the_published_lists(edition, count):
    path = SHARED / "istat_codes" / f"Elenco-comuni-italiani_{edition}.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} is not among the publishers' files here")
    units = istat_units_list.read(path)
    assert len(units) == count
    assert units.index.is_unique
    assert units.loc["111107", "municipality_code_1995"] == "092102"  # Villaspeciosa
