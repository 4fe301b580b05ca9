import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_units

from .places import SHARED, UNITS, UNITS_HEADER, needs_real_files, units_workbook


def test_codes_stay_text_and_names_bilingual(tmp_path):
    units = istat_units.read(units_workbook(tmp_path))
    assert units.index.name == "municipality_code"
    assert units.attrs["reference_date"] == "2021-12-31"
    bolzano = units.loc["021008"]
    assert bolzano["municipality_name"] == "Bolzano/Bozen"
    assert (bolzano["municipality_name_it"], bolzano["municipality_name_other"]) == (
        "Bolzano",
        "Bozen",
    )
    assert units.loc["063049", "province_abbreviation"] == "NA"
    assert units.loc["015146", "province_code"] == "015"
    assert units.loc["015182", "municipality_name_other"] == ""
    assert list(units.index[~units["is_capital"]]) == ["015182", "108012", "108015", "108041"]
    assert units.loc["108033", "households"] == 56_209
    assert units.loc["108041", "area_km2"] == pytest.approx(3.262810252979)


def test_codes_that_a_spreadsheet_made_numbers_get_their_zeros_back(tmp_path):
    rows = [tuple(int(v) if i in (1, 2, 4) else v for i, v in enumerate(r)) for r in UNITS]
    units = istat_units.read(units_workbook(tmp_path, rows))
    assert units.loc["015146", ["province_code", "region_code"]].tolist() == ["015", "03"]


def test_every_bad_row_is_named(tmp_path):
    rows = list(UNITS)
    rows[1] = (*rows[1][:15], "n.d.", *rows[1][16:])
    rows[2] = (*rows[2][:14], "A95", *rows[2][15:])
    rows[4] = (*rows[4][:4], "021008", *rows[4][5:])
    with pytest.raises(SourceError) as error:
        istat_units.read(units_workbook(tmp_path, rows))
    assert [*map(str, error.value.problems)] == [
        "riga 4, colonna «COD_CATASTO»: 'A95' non è un codice catastale",
        "riga 3, colonna «POP21»: 'n.d.' non è un numero",
        "righe 4 e 6: codice '021008' ripetuto",
    ]


def test_a_lacking_column_is_named(tmp_path):
    header = ["famiglie" if name == "FAM21" else name for name in UNITS_HEADER]
    with pytest.raises(
        SourceError, match="foglio «Comuni2021», riga 1: mancano le colonne «FAM21»"
    ):
        istat_units.read(units_workbook(tmp_path, header=header))


@needs_real_files
def test_the_published_totals():
    folder = SHARED / "istat_census2011" / "elenchi_comuni"
    units = istat_units.read(folder / "ElencoUnitaAmministrative2021.xlsx")
    assert len(units) == 7_904
    assert units["resident_population"].sum() == 59_030_133
    assert units["households"].sum() == 26_206_246
    assert units["province_abbreviation"].nunique() == 107
    assert units["municipality_name"].isna().sum() == 0
