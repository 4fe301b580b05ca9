"""What a study or the command line says of need: counts, scenario, profile, and its mistakes."""

from pathlib import Path

import pytest

from needs_analysis import declarations
from needs_analysis.cli import tables
from needs_analysis.errors import ParameterError, Refused, SourceError, StudyError
from needs_analysis.households import Scenario
from needs_analysis.households.scenario import DIRECTIONS
from needs_analysis.needs import write_template
from needs_analysis.needs.files import NeedFiles, read_own, read_scenario
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.services.files.inputs import ServiceFiles
from needs_analysis.services.files.schema import Period
from needs_analysis.study import Study


def test_a_file_of_assumptions_holds_those_of_the_scenario():
    assert tuple(declarations.ScenarioTable.model_fields) == tuple(DIRECTIONS)


def test_a_scenario_is_read_and_what_is_left_out_is_central(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text("[scenario]\nincome_level_ratio = 1.2\n")
    found = read_scenario(path)
    assert found == Scenario(income_level_ratio=1.2) != Scenario()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[scenario]\nrent_range_share = 9\npublic_tenant = 3\nincome_level_ratio = 'alto'\n",
         "s.toml: riga 2: rent_range_share è 9: .*; riga 3: .*forse «public_tenants»; riga 4: .*"
         "non è un numero"),
        ("rent_range_share = 0.6\n", "manca «scenario»; riga 1: «rent_range_share» è sconosciuto"),
        ("scenario = 3\n", "riga 1: «scenario» deve essere una tabella"),
        ("[scenario]\n[altro]\n", "riga 2: «altro» è sconosciuto"),
        ("[scenario\n", "riga 1: il file non è un TOML valido"),
    ],
)  # fmt: skip
def test_every_mistake_of_a_scenario_has_its_line(tmp_path, text, said):
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(ParameterError, match=said):
        read_scenario(path)


def test_a_path_may_be_text_in_each_table_of_a_study():
    files = {"register": "registro.xlsx", "stays": "registro.xlsx"}
    services = ServiceFiles(files, "chiave", Period.year(2025))
    assert services == ServiceFiles({kind: Path(one) for kind, one in files.items()},
                                    Path("chiave"), Period.year(2025))  # fmt: skip
    assert NeedFiles("conteggi.xlsx") == NeedFiles(Path("conteggi.xlsx"))
    assert PolicyFiles(existing="misure.xlsx") == PolicyFiles(existing=Path("misure.xlsx"))
    for wrong in (NeedFiles, lambda one: PolicyFiles(existing=one)):
        with pytest.raises(Refused, match="tipi ammessi: str, Path"):
            wrong(3)


def test_the_workbook_is_called_by_its_kind(tmp_path):
    with pytest.raises(SourceError, match="^conteggi: il file non esiste"):
        read_own(tmp_path / "Zzsegreto.xlsx")


def test_a_study_says_its_counts_scenario_and_profile_and_is_written_back(tmp_path):
    write_template(tmp_path)
    path = tmp_path / "study.toml"
    path.write_text(
        "[study]\narea = 'comune:Rho'\n[needs]\nown = 'modello_conteggi.xlsx'\n"
        "profile = 'internal'\n[needs.scenario]\nincome_level_ratio = 1.2\n"
    )
    asked = Study.read(path)
    expected = NeedFiles(
        tmp_path / "modello_conteggi.xlsx", Scenario(income_level_ratio=1.2), "internal"
    )
    assert asked.needs == expected
    assert asked.needs.counts().counts.empty
    asked.write(tmp_path / "again.toml")
    text = (tmp_path / "again.toml").read_text()
    assert 'own = "sha256:' in text and "modello" not in text  # no path is handed out
    assert Study.read(tmp_path / "again.toml").needs == expected
    (tmp_path / "modello_conteggi.xlsx").unlink()
    with pytest.raises(StudyError, match="non c'è la cartella di lavoro dei conteggi"):
        Study.read(tmp_path / "again.toml")


def test_a_workbook_of_ones_own_has_no_small_count_whatever_the_profile(tmp_path):
    write_template(tmp_path)
    path = tmp_path / "study.toml"
    needs = "[needs]\nown = 'modello_conteggi.xlsx'\nprofile = 'internal'\n"
    path.write_text(f"[study]\narea = 'comune:Rho'\n{needs}", "utf-8")
    asked = tables._asked("comune:Pero", "it", "", path)
    assert (asked.area, asked.needs.profile) == ("comune:Pero", "published")
    assert asked.needs.own == tmp_path / "modello_conteggi.xlsx"


def test_a_published_study_has_no_checksum_that_would_tell_a_right_guess(tmp_path):
    own = write_template(tmp_path)
    asked = Study("comune:Rho", needs=NeedFiles(own))
    asked.write(tmp_path / "study.toml")
    text = (tmp_path / "study.toml").read_text()
    assert 'own = "conteggi.xlsx"' in text and "sha256" not in text and "modello" not in text
    own.rename(tmp_path / "conteggi.xlsx")
    assert Study.read(tmp_path / "study.toml").needs.counts().counts.empty


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[needs]\nprofile = 'public'\nown = 3\n",
         "riga 4: «needs.profile»: .*riga 5: «needs.own» deve essere un testo"),
        ("[needs]\nscenarios = 1\n", "riga 4: «needs.scenarios» è sconosciuto: forse «scenario»"),
        ("[needs.scenario]\nrent_range_share = 9\n", "study.toml: riga 4: rent_range_share è 9"),
        ("[needs.scenario]\nrent_rage_share = 0.6\n", "riga 4: .*forse «rent_range_share»"),
    ],
)  # fmt: skip
def test_every_mistake_of_a_study_on_need_has_its_line(tmp_path, text, said):
    path = tmp_path / "study.toml"
    path.write_text(f"[study]\narea = 'comune:Rho'\n{text}")
    with pytest.raises(StudyError, match=said):
        Study.read(path)
