import pandas as pd
import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import interno_series

from .places import EVICTIONS, SERIES, SHARED, evictions_workbook, needs_real_files


def test_years_of_the_csv_and_of_the_workbook(tmp_path):
    series = interno_series.read(SERIES)
    assert list(series.index) == [2004, 2022, 2023, 2024]
    assert series.loc[2024].tolist() == [2272, 7845, 30041, 40158, 81054, 21337]
    assert series.attrs["reference_date"] == "2004-2024"
    book = evictions_workbook(tmp_path, EVICTIONS, SERIES)
    pd.testing.assert_frame_equal(interno_series.read(book), series)


def test_sums_years_and_doubles_are_named(tmp_path):
    text = SERIES.read_text().replace("2004,742", "2004,743").replace(",2023,", ",2022,")
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SourceError) as error:
        interno_series.read(tmp_path / "a.csv")
    assert [*map(str, error.value.problems)] == [
        "riga 2: i motivi non danno il totale di 46193 provvedimenti",
        "righe 3 e 4: anno '2022' ripetuto",
    ]


@needs_real_files
def test_the_published_series():
    series = interno_series.read(SHARED / "interno" / SERIES.name)
    assert list(series.index) == list(range(2004, 2025))
    assert series["orders"].idxmax() == 2014
