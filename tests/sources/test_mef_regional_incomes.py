import pytest

from needs_analysis.errors import SourceError
from needs_analysis.sources import mef_regional_incomes

from .places import REGIONAL, SHARED, needs_real_files


def test_classes_up_to_0_are_one_and_what_has_no_region_is_left_out():
    frame = mef_regional_incomes.read(REGIONAL)
    assert frame.index.get_level_values(0).unique().tolist() == ["022", "14"]
    assert len(frame) == 2 * 32
    # 18 + 14 with a total income below 0; those at zero have none.
    assert frame.loc[("022", "00"), "declarants"] == 32
    assert frame.loc["022"].loc["00"].isna().sum() == 2  # no lower limit, no income
    assert frame.loc["14"]["income_from_eur"].tolist()[1:3] == [0, 1_000]
    assert frame.loc[("14", "31"), "income_from_eur"] == 300_000
    assert frame.attrs["reference_date"] == "2023"


def test_what_is_no_region_class_or_number_is_named(tmp_path):
    text = (
        REGIONAL.read_text().replace("Molise", "Molisse", 1).replace("zero;Tren", "nulla;Tren", 1)
    )
    (tmp_path / "a.csv").write_text(text.replace("Trento);18;18", "Trento);18;diciotto", 1))
    with pytest.raises(SourceError) as error:
        mef_regional_incomes.read(tmp_path / "a.csv")
    said = "\n".join(map(str, error.value.problems))
    assert "'molisse' non è una regione" in said
    assert "'nulla' non è una classe di reddito" in said
    assert "'diciotto' non è un numero" in said


def test_a_class_that_stands_twice_is_named(tmp_path):
    lines = REGIONAL.read_text().splitlines()
    (tmp_path / "a.csv").write_text("\n".join([*lines, lines[-1]]) + "\n")
    with pytest.raises(SourceError, match="regione/classe"):
        mef_regional_incomes.read(tmp_path / "a.csv")


@needs_real_files
def test_the_published_table():
    frame = mef_regional_incomes.read(SHARED / "mef_regional_2023" / REGIONAL.name)
    assert len(frame) == 21 * 32
    assert frame.loc[("03", "31")].tolist() == [300_000, 20_350, 12_888_308_980]
