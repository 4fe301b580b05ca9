import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_situas

from .places import SHARED, SITUAS, needs_real_files


def test_codes_stay_text_and_the_mark_is_no_part_of_the_header():
    units = istat_situas.read(SITUAS)
    assert units.attrs["reference_date"] == "2026-08-14"
    assert units.loc["021008"].tolist() == [
        "A952", "Bolzano/Bozen", "Bolzano", "Bozen", "021", "021", "Bolzano/Bozen", "BZ", "04",
        "Trentino-Alto Adige/Südtirol", True,
    ]  # fmt: skip
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert units.loc["118006", ["cadastral_code", "province_code", "uts_code"]].tolist() == [
        "B354", "118", "318",
    ]  # fmt: skip


def test_a_name_without_a_day_leaves_it_unknown(tmp_path):
    (tmp_path / "comuni.csv").write_bytes(SITUAS.read_bytes())
    assert istat_situas.read(tmp_path / "comuni.csv").attrs["reference_date"] == ""


def test_every_bad_row_is_named(tmp_path):
    text = SITUAS.read_text("utf-8-sig")
    text = text.replace(";015182;", ";15.182;").replace(";A952;", ";952;")
    text = text.replace(";040012;", ";108033;")
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SourceError) as error:
        istat_situas.read(tmp_path / "a.csv")
    assert [*map(str, error.value.problems)] == [
        "riga 4, colonna «Codice catasto»: '952' non è un codice catastale",
        "riga 3, colonna «Codice Comune (alfanumerico)»: '15.182' non è un codice di 6 cifre",
        "righe 6 e 13: codice '108033' ripetuto",
    ]


@needs_real_files
def test_the_list_of_2026():
    units = istat_situas.read(SHARED / "istat_codes" / SITUAS.name)
    assert len(units) == 7_894
    assert (units["region_code"] == "20").sum() == 377
    assert units["province_code"].nunique() == 110
    assert units["cadastral_code"].is_unique
