import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import mef_incomes

from .places import MEF, SHARED, needs_real_files

DECLARANTS = [f"declarants_{k}" for k in mef_incomes._CLASSES]


def test_incomes_of_known_municipalities():
    incomes = mef_incomes.read(MEF)
    assert incomes.attrs["reference_date"] == "2021"
    assert len(incomes) == 15
    mean = (incomes["taxable_income_eur"] / incomes["taxable_income_declarants"]).round()
    known = {"015146": 35_892, "108033": 31_116, "015182": 25_147, "087015": 20_280}
    known |= {"100005": 20_983, "108012": 25_388, "108041": 24_805}
    assert mean[list(known)].to_dict() == known
    assert incomes.loc["063049", "province_abbreviation"] == "NA"
    assert incomes.loc["015146", "cadastral_code"] == "F205"


def test_the_taxpayers_of_no_municipality_are_kept_with_their_name():
    row = mef_incomes.read(MEF).loc[mef_incomes.UNKNOWN]
    assert row["municipality_name"] == "Mancante/errata"
    assert (row["cadastral_code"], row["province_abbreviation"]) == ("", "")
    assert row["taxpayers"] == 3_302


def test_blank_is_not_zero(tmp_path):
    text = MEF.read_bytes().replace(b";3302;", b";;", 1)
    (tmp_path / "a.csv").write_bytes(text)
    incomes = mef_incomes.read(tmp_path / "a.csv")
    assert incomes["taxpayers"].isna().sum() == 1
    assert incomes.loc[mef_incomes.UNKNOWN, "declarants_to_0"] == 0


def test_headers_of_other_years(tmp_path):
    header, rest = MEF.read_text().split("\n", 1)
    for new, old in {
        "Trattamento spettante": "Bonus spettante",
        "Codice Istat Comune": "Codice Istat",
        "Ammontare in euro": "Ammontare",
        "Addizionale comunale dovuta": "ADDIZIONALE  COMUNALE DOVUTA",
    }.items():
        header = header.replace(new, old)
    (tmp_path / "a.csv").write_text(header + "\n" + rest)
    assert mef_incomes.read(tmp_path / "a.csv").equals(mef_incomes.read(MEF))


def test_text_doubled_codes_and_two_years_are_named_together(tmp_path):
    lines = MEF.read_text().splitlines()
    lines[2] = lines[2].replace("2021;", "2020;", 1)
    lines.append(lines[1])
    fields = lines[4].split(";")
    fields[7] = "1.234"
    lines[4] = ";".join(fields)
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(SourceError) as error:
        mef_incomes.read(tmp_path / "a.csv")
    said = "\n".join(error.value.problems)
    assert "riga 5, colonna 'Numero contribuenti': '1.234' non è un numero" in said
    assert "più anni di imposta (2021, 2020)" in said
    assert "righe 2 e 17: codice" in said


@needs_real_files
def test_the_published_totals():
    incomes = mef_incomes.read(SHARED / "mef" / MEF.name)
    assert len(incomes) == 7_905
    assert incomes["taxpayers"].sum() == 41_497_318
    assert incomes[DECLARANTS].drop(index=mef_incomes.UNKNOWN).sum().sum() == 40_466_489
    assert incomes.loc[mef_incomes.UNKNOWN, DECLARANTS].sum() == 3_294
    assert incomes["declarants_to_0"].isna().sum() == 1_488
