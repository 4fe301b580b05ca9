import openpyxl
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
    rows = [*CLASSES, ("03", "108041", 108041, "Sovico", "6", 0, 0, 4)]
    classes = istat_classification.read(classes_workbook(tmp_path, rows))
    assert classes.loc["108041"].tolist() == ["", "", False]
    (said,) = map(str, classes.attrs["notices"])
    assert "riga 7, colonna «Grado di urbanizzazione»: '4' non è 1, 2 o 3" in said
    rows += [("03", "x", 1, "Rho", "5", 0, 0, 1), ("03", "108033", 1, "Monza", "5", 2, 0, 1)]
    classes = istat_classification.read(classes_workbook(tmp_path, rows))
    assert "108033" not in classes.index  # its flag cannot be left blank
    rows += [("03", "y", 1, "Arese", "5", 0, 0, 1)]
    with pytest.raises(SourceError) as error:
        istat_classification.read(classes_workbook(tmp_path, rows))
    assert len(error.value.problems) == 5


@pytest.mark.parametrize(
    ("sheet", "name", "day"),
    [
        ("elenco al 17022018", "classi.xlsx", "2018-02-17"),
        ("Comuni al 31-12-20", "classi.xlsx", "2020-12-31"),
        ("Comuni 2018_02_17", "classi.xlsx", "2018-02-17"),
        ("Comuni al 1 gennaio 2023", "classi.xlsx", "2023-01-01"),
        ("Foglio1", "classificazioni_2018-02-17.xlsx", "2018-02-17"),
        ("Foglio1", "classi.xlsx", ""),
        ("Foglio1", "classi 2023.xlsx", ""),
    ],
)
def test_the_day_is_read_in_every_form_and_is_nobody_elses(sheet, name, day, tmp_path):
    path = classes_workbook(tmp_path)
    book = openpyxl.load_workbook(path)
    book["Comuni 01-01-2023"].title = sheet
    book.save(tmp_path / name)
    assert istat_classification.read(tmp_path / name).attrs["reference_date"] == day


@needs_real_files
def test_the_edition_of_2018_is_of_2018():
    path = SHARED / "istat_classification" / "classificazioni_2018-02-17.xls"
    classes = istat_classification.read(path)
    assert (len(classes), classes.attrs["reference_date"]) == (7_955, "2018-02-17")


@needs_real_files
def test_the_published_counts():
    name = "Classificazioni-statistiche-e-dimensione-dei-comuni_2023-01-01.xlsx"
    classes = istat_classification.read(SHARED / "istat_classification" / name)
    counts = classes["degree_of_urbanisation_code"].value_counts()
    assert counts.to_dict() == {"1": 255, "2": 2_606, "3": 5_040}
