"""What a second run leaves of the first: nothing of ours that is no longer made."""

from __future__ import annotations

import json

import pytest

from needs_analysis import study
from needs_analysis.errors import StudyError
from needs_analysis.provenance import checksum
from needs_analysis.study import origins


def write(folder, names):
    outputs = {name: f"sha256:{checksum(folder / name)}" for name in names}
    folder.joinpath(origins.NAME).write_text(json.dumps({"outputs": outputs}), "utf-8")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "study"
    for name in ("index.html", "charts/a.svg", "charts/b.svg", "charts/own.svg", "old/c.svg"):
        made.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        made.joinpath(name).write_text(name, "utf-8")
    tmp_path.joinpath("outside.txt").write_text("outside", "utf-8")
    write(made, ["index.html", "charts/a.svg", "charts/b.svg", "old/c.svg", "../outside.txt"])
    return made


def there(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_what_is_no_longer_made_goes_and_all_else_stays(folder):
    with origins.renewed(folder):
        write(folder, ["index.html", "charts/a.svg"])
    assert there(folder) == ["charts/a.svg", "charts/own.svg", "index.html", "provenance.json"]
    assert not (folder / "old").exists()
    assert (folder.parent / "outside.txt").exists()


def test_what_somebody_changed_stays(folder):
    folder.joinpath("charts/b.svg").write_text("by hand", "utf-8")
    with origins.renewed(folder):
        write(folder, ["index.html", "charts/a.svg", "old/c.svg"])
    assert folder.joinpath("charts/b.svg").read_text("utf-8") == "by hand"


def test_a_run_that_fails_or_leaves_no_list_removes_nothing(folder):
    before = there(folder)
    with pytest.raises(RuntimeError), origins.renewed(folder):
        raise RuntimeError
    with origins.renewed(folder):
        folder.joinpath(origins.NAME).write_text("{", "utf-8")
    assert there(folder) == before


def holding(folder, codes, plan=None, **more):
    area = {"label": "Comune di Rho", "municipalities": codes, **more}
    document = {"area": area, "outputs": {}} | ({"plan": plan} if plan else {})
    folder.joinpath(origins.NAME).write_text(json.dumps(document), "utf-8")


def test_a_folder_of_something_else_is_refused_and_its_own_is_taken(tmp_path):
    origins.refuse_another(tmp_path / "none", ["015182"])
    tmp_path.joinpath(origins.NAME).write_text('{"area": [1]}', "utf-8")  # none of ours
    origins.refuse_another(tmp_path, ["015182"])

    holding(tmp_path, ["015182", "015009"])
    origins.refuse_another(tmp_path, ["015009", "015182"])
    for codes, plan in ((["015182"], ""), ((), ""), (["015009", "015182"], "annual 2027")):
        with pytest.raises(StudyError, match="tiene già lo studio di Comune di Rho"):
            origins.refuse_another(tmp_path, codes, plan)

    holding(tmp_path, ["015182"], name="Il mio ambito")
    origins.refuse_another(tmp_path, ["015182"], name="Il mio ambito")
    for name in ("", "Il tuo ambito"):
        with pytest.raises(StudyError, match="tiene già"):
            origins.refuse_another(tmp_path, ["015182"], name=name)

    holding(tmp_path, ["015182"], {"kind": "annual", "period": "2027"})
    origins.refuse_another(tmp_path, ["015182"], "annual 2027")
    for plan in ("", "annual 2028", "zone 2027"):
        with pytest.raises(StudyError, match=r"tiene già un piano \(2027\) di Comune di Rho"):
            origins.refuse_another(tmp_path, ["015182"], plan)


def test_a_study_whose_own_files_are_gone_is_another_study_all_the_same(tmp_path):
    holding(tmp_path, ["015182"])
    tmp_path.joinpath("study.toml").write_text(
        '[study]\narea = "comune:Rho"\n[needs]\ncounts = "via.xlsx"\n', "utf-8"
    )
    with pytest.raises(StudyError, match="tiene già"):
        study.run(study.Study("comune:Desio", chapters=("breve",)), tmp_path)
    assert there(tmp_path) == ["provenance.json", "study.toml"]


@pytest.mark.slow
def test_a_chart_that_a_second_run_does_not_draw_goes(tmp_path):
    out = tmp_path / "out"
    study.run(study.Study("018082", chapters=("sfratti", "tempo")), out)
    assert there(out / "charts") == ["serie.png", "serie.svg", "tempo.png", "tempo.svg"]
    study.run(study.Study("018082", chapters=("tempo",)), out)
    assert there(out / "charts") == ["tempo.png", "tempo.svg"]
