"""Lists of areas, and the parts of a larger one."""

import pytest

from needs_analysis.errors import ParameterError, SourceError
from needs_analysis.territory import ambiti, find
from needs_analysis.territory.areas import CERTAINTY
from needs_analysis.territory.listed import parts, read_list


def written(tmp_path, text: str):
    path = tmp_path / "elenco.csv"
    path.write_text(text, "utf-8")
    return path


def test_an_area_a_row_as_it_is_selected(tmp_path) -> None:
    found = read_list(written(tmp_path, "territorio\nambito:Desio\n\nprovincia:MB\n"))
    assert [one.key for one in found.areas] == [
        "ambito:Desio",
        "provincia:Monza e della Brianza",
    ]
    assert not found.problems


def test_municipalities_of_one_name_are_one_area(tmp_path) -> None:
    text = "codice;comune;Ambito\n15182;Rho;Mio\n015009;Arese;Mio\n015146;Milano;Altro\n"
    found = read_list(written(tmp_path, text))
    assert [(one.level, one.name, one.codes) for one in found.areas] == [
        ("ambito", "Mio", ("015009", "015182")),
        ("ambito", "Altro", ("015146",)),
    ]


def test_an_area_with_a_wrong_row_is_left_out_whole_and_every_row_is_named(tmp_path) -> None:
    text = (
        "codice;comune;territorio\n015182;Rho;Uno\n999999;Nessuno;Uno\n015009;Arese;Due\n"
        "015146;Rho;Tre\n015182;Rho;\n015182;Rho;Quattro\n015182;Rho;Quattro\n"
    )
    found = read_list(written(tmp_path, text))
    assert [one.name for one in found.areas] == ["Due"]
    assert sorted(one.where.rows[0] for one in found.problems) == [3, 5, 6, 8]


def test_rows_that_name_nothing_known_and_areas_named_twice_are_problems(tmp_path) -> None:
    text = "ambito:Desio\nambito:Nessuno\nMonza\nambito:desio\n"
    found = read_list(written(tmp_path, text))
    assert [one.key for one in found.areas] == ["ambito:Desio"]
    assert [one.where.rows for one in found.problems] == [(2,), (3,), (4,)]
    assert "già alla riga 1" in found.problems[2].text()


@pytest.mark.parametrize("text", ["", "territorio\n", "codice;ambito\n"])
def test_an_empty_list_is_refused(tmp_path, text) -> None:
    with pytest.raises(SourceError, match="non contiene territori"):
        read_list(written(tmp_path, text))


def test_the_parts_of_a_region_hold_its_municipalities_once_or_name_them_outside() -> None:
    whole = find("regione:Lombardia")
    found = parts(whole, "ambito")
    inside = [code for one in found.areas for code in one.codes]
    assert len(set(inside)) == len(inside)
    assert {*inside, *found.outside} == {*whole.codes}
    assert len(parts(whole, "comune").areas) == len(whole.codes)
    with pytest.raises(ParameterError, match="non si divide"):
        parts(whole, "zona")


def test_the_thirteen_ambiti_have_who_says_what_they_are_made_of() -> None:
    known = ambiti()
    assert known["ambito_name"].nunique() == 13
    assert set(known["certainty"]) <= set(CERTAINTY)
    assert find("ambito:Cremasco").certainty == "deduced"  # the least certain of its rows
    assert (find("ambito:Eboli").certainty, find("ambito:Eboli").listed_on) == ("page", "")
