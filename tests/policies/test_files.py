"""What a study or a file says of policies: the budget, what it is to reach, and its mistakes."""

import datetime as dt
import re

import pytest

from needs_analysis.errors import StudyError
from needs_analysis.policies.files import OF_A_STUDY, PolicyFiles, read_asked
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.services.files.templates import write_templates
from needs_analysis.study import Study

TABLE = """budget_eur = 200000
as_of = 2026-11-29
outcome = "burden"
include = ["P12"]
existing = "modello_misure_locali.xlsx"
[{at}floors]
"108033" = 5
eviction_order = 2.5
[{at}budgets]
P05 = 100_000
"""
EXPECTED = {
    "budget_eur": 200_000.0, "as_of": dt.date(2026, 11, 29), "outcome": "burden",
    "floors": {"108033": 5.0, "eviction_order": 2.5}, "budgets": {"P05": 100_000.0},
    "include": ("P12",),
}  # fmt: skip


def _study(folder, text, name="study.toml"):
    path = folder / name
    path.write_text(f"[study]\narea = 'comune:Rho'\n{text}")
    return path


def test_a_file_and_the_table_of_a_study_say_the_same(tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(TABLE.format(at=""))
    expected = PolicyFiles(**EXPECTED, existing=tmp_path / "modello_misure_locali.xlsx")
    study = _study(tmp_path, "[policies]\n" + TABLE.format(at="policies."))
    assert read_asked(path) == read_asked(study) == Study.read(study).policies == expected
    assert type(expected.budget_eur) is float


@pytest.mark.parametrize("profile", ["internal", "published"])
def test_a_study_is_written_back_without_the_name_of_the_workbook(tmp_path, profile):
    write_templates(tmp_path)
    own = tmp_path / "modello_misure_locali.xlsx"
    asked = PolicyFiles(**EXPECTED, existing=own, profile=profile)
    Study("comune:Rho", policies=asked).write(tmp_path / "again.toml")
    text = (tmp_path / "again.toml").read_text()
    assert "modello" not in text and ("sha256" in text) == (profile == "internal")
    if profile == "published":
        own = own.rename(tmp_path / "misure locali.xlsx")
    assert Study.read(tmp_path / "again.toml").policies == PolicyFiles(
        **EXPECTED, existing=own, profile=profile
    )


def test_without_a_day_it_is_of_the_day_of_the_run():
    day = dt.date(2026, 11, 29)
    assert PolicyFiles().on_day(day).as_of == day
    assert PolicyFiles(as_of=dt.date(2025, 1, 1)).on_day(day).as_of.year == 2025


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("budget_eur = -1\nprofile = 'public'\noutcomes = 3\n",
         "riga 4: «policies.budget_eur»: -1 è meno di 0.*riga 5: «policies.profile».*riga 6: "
         "«policies.outcomes» è sconosciuto: forse «outcome»"),
        ("budget_eur = nan\nas_of = 'ieri'\n",
         'riga 4: «policies.budget_eur»: NaN non è un numero finito.*riga 5: «policies.as_of»: "ieri"'
         " non è una data"),
        ("outcome = 'burdn'\nonly = ['P05', 'P99']\n[policies.budgets]\nP98 = 3\n",
         "riga 4: «policies.outcome»: burdn non è fra burden.*riga 5: la misura «P99».*riga 7: la "
         "misura «P98»"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(tmp_path, text, said):
    path = _study(tmp_path, f"[policies]\n{text}")
    with pytest.raises(StudyError) as found:
        Study.read(path)
    with pytest.raises(PoliciesError) as own:
        read_asked(path)
    for one in (found, own):
        assert re.search(said, str(one.value)), str(one.value)


def test_a_budget_is_not_asked_with_what_is_of_a_page(tmp_path):
    text = "budget_eur = 1000\nexisting = 'nessuno.xlsx'\nprofile = 'internal'\nonly = ['P99']\n"
    own = tmp_path / "p.toml"
    own.write_text(text)
    with pytest.raises(PoliciesError) as found:
        read_asked(own, OF_A_STUDY)
    said = "riga 2: «existing» qui non si usa.*riga 3: «profile» qui non.*riga 4: la misura «P99»"
    assert re.search(said, str(found.value)), str(found.value)
    study = _study(tmp_path, "[policies]\n" + text.replace("only = ['P99']\n", ""))
    assert read_asked(study, OF_A_STUDY).budget_eur == 1000
