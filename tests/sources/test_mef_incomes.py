import zipfile

import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import mef_incomes

from . import written
from .places import MEF, SHARED, needs_real_files

DECLARANTS = [f"declarants_{k}" for k in mef_incomes.CLASSES]


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
    said = "\n".join([*map(str, error.value.problems)])
    assert "riga 5, colonna «Numero contribuenti»: '1.234' non è un numero" in said
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


def rewritten(tmp_path, change, rows=None):
    """Write the file of 2021 with its header, and perhaps its rows, as another year has them."""
    lines = MEF.read_text().splitlines()
    body = lines[1:] if rows is None else [rows(line) for line in lines[1:]]
    return written.mef(tmp_path, change(lines[0]), body)


def test_a_year_before_the_bonus_in_quotes(tmp_path):
    at = MEF.read_text().splitlines()[0].split(";").index("Trattamento spettante - Frequenza")

    def without(line):
        cells = line.split(";")
        return ";".join(
            f'"{c}"' if i < 6 else c for i, c in enumerate(cells[:at] + cells[at + 2 :])
        )

    path = rewritten(
        tmp_path, lambda h: without(h).replace("Ammontare in euro", "Ammontare"), without
    )
    assert mef_incomes.recognises(path)
    old, new = mef_incomes.read(path), mef_incomes.read(MEF)
    assert old["allowance_eur"].isna().all()
    assert "allowance_eur" in old.attrs["lacking_columns"]
    assert old.drop(columns="allowance_eur").equals(new.drop(columns="allowance_eur"))
    assert list(old.columns) == list(new.columns)


def test_since_2023_the_total_income_is_published(tmp_path):
    words = "Reddito complessivo - Frequenza;Reddito complessivo - Ammontare in euro;Altra voce;"
    path = rewritten(
        tmp_path,
        lambda h: "Anno di imposta;" + words + h.split(";", 1)[1],
        lambda r: "2023;7;8;9;" + r.split(";", 1)[1],
    )
    incomes = mef_incomes.read(path)
    assert incomes.attrs["reference_date"] == "2023"
    assert incomes.attrs["unknown_columns"] == ["Altra voce"]
    assert (incomes["total_income_declarants"] == 7).all()
    assert (incomes["total_income_eur"] == 8).all()
    assert incomes.iloc[:, :-2].equals(mef_incomes.read(MEF))


def test_in_2020_the_bonus_and_the_trattamento_are_one_allowance(tmp_path):
    path = rewritten(
        tmp_path,
        lambda h: h.replace(";Regione;", ";Regione;Bonus spettante - Ammontare in euro;"),
        lambda r: ";".join([*r.split(";")[:6], "100", *r.split(";")[6:]]),
    )
    both, one = mef_incomes.read(path)["allowance_eur"], mef_incomes.read(MEF)["allowance_eur"]
    assert (both == one.fillna(0) + 100).all()


def test_thousands_points_hold_for_the_whole_file_or_not_at_all(tmp_path):
    def grouped(row):
        cells = row.split(";")
        return ";".join(
            f"{int(c):,}".replace(",", ".") if i > 6 and c else c for i, c in enumerate(cells)
        )

    path = rewritten(
        tmp_path, lambda h: h.replace("da 10000 a 15000", "da 10.000 a 15.000"), grouped
    )
    assert mef_incomes.read(path).equals(mef_incomes.read(MEF))


def test_other_classes_are_refused_with_their_list(tmp_path):
    path = rewritten(tmp_path, lambda h: h.replace("26000", "28000").replace("55000", "50000"))
    with pytest.raises(SourceError) as error:
        mef_incomes.read(path)
    assert [*map(str, error.value.problems)] == [
        "riga 1: classi di reddito diverse da quelle attese: "
        "da 15000 a 28000; da 28000 a 50000; da 50000 a 75000"
    ]
    assert "da 15000 a 26000" in str(error.value.cure)


def test_the_table_by_post_code_is_refused(tmp_path):
    path = rewritten(tmp_path, lambda h: h.replace("Codice Istat Regione", "CAP"))
    with pytest.raises(SourceError, match="tavola per CAP"):
        mef_incomes.read(path)


def test_the_zip_as_downloaded(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(MEF, MEF.name)
    assert mef_incomes.recognises(tmp_path / "a.zip")
    assert mef_incomes.read(tmp_path / "a.zip").equals(mef_incomes.read(MEF))


@needs_real_files
def test_the_classes_of_brescia_agree_with_an_independent_table():
    incomes = mef_incomes.read(SHARED / "mef" / MEF.name)
    table = pd.read_csv(
        SHARED / "brescia_205" / "redditi_comuni.csv", dtype={"codice_istat": "str"}
    )
    table = table[table["anno"] == 2021]
    keys = ["E_UN0", "E0-10000", "E10000-15000", "E15000-26000", "E26000-55000", "E55000-75000"]
    classes = dict(zip([*keys, "E75000-120000", "E_GE120000"], mef_incomes.CLASSES, strict=True))
    compared = 0
    for row in table.itertuples():
        name = classes[row.codice_classe]
        column = (
            f"declarants_{name}" if row.indicatore.startswith("contr") else f"income_{name}_eur"
        )
        assert incomes.loc[row.codice_istat, column] == row.valore, (row.codice_istat, column)
        compared += 1
    assert compared > 3_000
