import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import istat_classification

from .places import CLASSES, SHARED, classes_workbook, needs_real_files


def test_classes_are_text_and_notes_are_dropped(tmp_path):
    classes = istat_classification.read(classes_workbook(tmp_path))
    assert list(classes.index) == ["015146", "021008", "058091", "063049", "108015"]
    assert classes.loc["063049"].tolist() == ["1", "4", True]
    assert classes.loc["021008"].tolist() == ["1", "1", False]
    assert classes.attrs["reference_date"] == "2023-01-01"


def test_unknown_classes_are_named(tmp_path):
    rows = [*CLASSES, ("03", "108041", 108041, "Sovico", "6", 2, 0, 4)]
    with pytest.raises(SourceError) as error:
        istat_classification.read(classes_workbook(tmp_path, rows))
    assert [p.split(",")[0] for p in [*map(str, error.value.problems)]] == ["riga 7"] * 3
    assert "«Grado di urbanizzazione»: '4' non è 1, 2 o 3" in str(error.value)


@needs_real_files
def test_the_published_counts():
    name = "Classificazioni-statistiche-e-dimensione-dei-comuni_2023-01-01.xlsx"
    classes = istat_classification.read(SHARED / "istat_classification" / name)
    counts = classes["degree_of_urbanisation_code"].value_counts()
    assert counts.to_dict() == {"1": 255, "2": 2_606, "3": 5_040}
