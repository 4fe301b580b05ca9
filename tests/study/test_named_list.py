"""A list of municipalities that a study names."""

import pytest

from needs_analysis import study
from needs_analysis.errors import StudyError


def test_a_list_has_the_name_that_its_study_gives_it(tmp_path) -> None:
    path = tmp_path / "study.toml"
    path.write_text('[study]\narea = ["015182", "015009"]\nname = "Rho e Arese <prova>"\n', "utf-8")
    asked = study.Study.read(path)
    found = study.find(asked)
    assert found.label == "Rho e Arese <prova>"
    asked.write(tmp_path / "again.toml")
    assert study.Study.read(tmp_path / "again.toml").name == asked.name


@pytest.mark.parametrize("name", ["due\nrighe", "x" * 121])
def test_a_name_that_no_heading_holds_is_refused(name) -> None:
    with pytest.raises(StudyError, match="non sta in una riga"):
        study.Study(("015182", "015009"), name=name)
