"""The same study gives the same folder; what is missing is missing in every file."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from cli.test_cli import FILES
from indices import DISTRESS
from pypdf import PdfReader

from needs_analysis import store, study, tracing
from needs_analysis.composite import Indicator, Spec
from needs_analysis.errors import (
    AreaError,
    OutputError,
    ParameterError,
    Refused,
    StudyError,
)
from needs_analysis.figures import Quality
from needs_analysis.provenance import checksum
from needs_analysis.reports import findings
from needs_analysis.reports.chapters import order
from needs_analysis.reports.language import QUALITY_LABELS
from needs_analysis.territory import find

pytestmark = pytest.mark.usefixtures("few_draws")

# Lirio has no OMI rent, so no ratio; Sovico has both.
LIRIO, SOVICO = "018082", "108041"
# The day of every test on later municipalities: what all Italy gives on it is computed once.
LATER = "2026-09-01"
NO_RENT = [
    "rent_to_income_ratio",
    "affordable_surface_m2",
    "below_rent_threshold_share",
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair") / "out"
    stages: list[str] = []
    asked = study.Study((LIRIO, SOVICO))
    written = study.run(asked, folder, stages.append)
    assert [path.name for path in written] == sorted([*FILES, "schede"])
    assert len(stages) == study.stage_count(asked)
    return folder


def assert_same(one, other):
    """Compare all files of two folders, byte for byte."""
    sums = [
        {path.relative_to(folder): checksum(path) for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    assert sums[0] == sums[1] and len(sums[0]) > len(FILES)


@pytest.mark.slow
def test_the_names_of_municipalities_open_their_sheets_of_two_pages(pair):
    page = (pair / "index.html").read_text("utf-8")
    outputs = json.loads((pair / "provenance.json").read_text("utf-8"))["outputs"]
    for stem, name in (("018082-lirio", "Lirio"), ("108041-sovico", "Sovico")):
        assert f'<a href="schede/{stem}.html">{name}' in page
        sheet = (pair / f"schede/{stem}.html").read_text("utf-8")
        assert f"Comune di {name}: disagio abitativo, scheda (" in sheet
        assert '<a href="../index.html">Il territorio</a>' in sheet
        assert len(PdfReader(pair / f"schede/{stem}.pdf").pages) == 2
        for kind in ("html", "pdf"):
            path = f"schede/{stem}.{kind}"
            assert outputs[path] == f"sha256:{checksum(pair / path)}"
    assert len(list((pair / "schede").iterdir())) == 4


def test_who_is_alone_or_among_many_or_leaves_need_out_has_no_sheet():
    ten = study.stage_count(study.Study("comune:Rho"))
    assert study.stage_count(study.Study((LIRIO, SOVICO))) == ten + 1
    assert study.stage_count(study.Study("provincia:Prato")) == ten + 1  # of 7
    assert study.stage_count(study.Study("provincia:Monza e della Brianza")) == ten  # of 55
    some = study.Study((LIRIO, SOVICO), chapters=("breve", "comuni"))
    assert study.stage_count(some) == study.stage_count(replace(some, area=SOVICO))


# --- declaring


@pytest.mark.slow
def test_a_study_says_the_day_of_its_policies_and_what_they_were_written_from(pair):
    again = study.Study.read(pair / "study.toml")
    provenance = json.loads((pair / "provenance.json").read_text("utf-8"))["policies"]
    assert f"{again.policies.as_of}" == provenance["asked"]["as_of"]
    assert again.policies.budget_eur is None
    assert provenance["policies"]["P05"]["certainty"] == "memory"


def test_what_no_run_could_follow_is_refused():
    with pytest.raises(StudyError, match="lingua «fr»"):
        study.Study("Italia", lang="fr")
    with pytest.raises(ParameterError, match="«rent» sconosciuto"):
        study.Study("Italia", parameters={"rent": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[study]\nlang = 'it'\n", "manca «study.area»"),
        ("area = 'Rho'\n", "riga 1: «area» è sconosciuto"),
        (
            "[study]\narea = 'Rho'\ncolour = 'red'\n",
            "riga 3: «study.colour» è sconosciuto; .* area, lang",
        ),
        ("[study\n", "riga 1: il file non è un TOML valido"),
    ],
)
def test_a_study_file_with_mistakes(tmp_path, text, said):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(StudyError, match=said):
        study.Study.read(path)


def test_a_study_file_that_is_absent(tmp_path):
    with pytest.raises(StudyError, match="study.toml: il file non si può leggere"):
        study.Study.read(tmp_path / "study.toml")


def test_written_and_read_again(tmp_path):
    asked = study.Study((LIRIO, SOVICO), "en", {"purchase_dwelling_m2": 90.0}, {"rents": "x"})
    asked.write(tmp_path / "study.toml")
    assert study.Study.read(tmp_path / "study.toml") == asked


def test_the_chapters_chosen_are_written_and_read_again(tmp_path):
    path = tmp_path / "study.toml"
    asked = study.Study("comune:Rho", chapters=("comuni", "breve"))
    asked.write(path)
    assert study.Study.read(path) == asked
    study.Study("comune:Rho").write(path)
    assert "report" not in path.read_text()


def test_chapters_unknown_or_doubled_are_refused_with_their_lines(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        "[study]\narea = 'Rho'\ncolour = 'red'\n"
        "[report]\nchapters = [\n 'breve',\n 'brevi',\n 'breve',\n 3,\n]\n"
    )
    with pytest.raises(StudyError) as caught:
        study.Study.read(path)
    strange, unknown, doubled, number = map(str, caught.value.problems)
    assert strange.startswith("riga 3: «study.colour» è sconosciuto")
    assert unknown.startswith(
        'riga 7: «report.chapters[2]»: "brevi" non è fra breve, bisogno, misure, frasi, '
    )
    assert "qualita" in unknown
    assert doubled == 'riga 8: «report.chapters[3]»: "breve" c\'è già'
    assert number == "riga 9: «report.chapters[4]» deve essere un testo tra virgolette"
    path.write_text("[study]\narea = 'Rho'\n[report]\nchapters = []\n")
    with pytest.raises(StudyError, match="riga 4: «report.chapters» è vuoto"):
        study.Study.read(path)
    with pytest.raises(StudyError, match='"limits" non è fra breve'):
        study.Study("Rho", chapters=("limiti", "limits"))


def test_the_guide_lists_every_chapter_that_may_be_chosen():
    guide = (Path(__file__).parents[2] / "docs" / "guida.md").read_text("utf-8")
    section = guide.partition("## Scegliere i capitoli")[2].partition("\n## ")[0]
    listed = [row.split("`")[1] for row in section.splitlines() if row.startswith("| `")]
    assert tuple(listed) == order.KEYS


@pytest.mark.slow
@pytest.mark.whole
def test_a_study_of_some_chapters_hands_out_those_and_their_sheets(tmp_path, monkeypatch):
    untested = property(lambda _: pytest.fail("the index has no chapter"))
    monkeypatch.setattr(findings.Findings, "uncertainty", untested)
    chapters = ("breve", "comuni", "tracce", "base")
    asked = study.Study((LIRIO, SOVICO), chapters=chapters, index=DISTRESS)
    written = study.run(asked, tmp_path / "out")
    assert [path.name for path in written] == FILES
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert re.findall(r'<section aria-labelledby="chapter-([^"]+)"', page) == [
        "breve",
        "comuni",
        "tracce",
    ]
    book = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx", read_only=True)
    assert book.sheetnames[0] == "sommario" and book.sheetnames[-2:] == ["Dati di base", "numeri"]
    assert not {"bisogno", "misure", "sfratti", "fonti"} & {*book.sheetnames}
    book.close()
    provenance = json.loads((tmp_path / "out" / "provenance.json").read_text("utf-8"))
    assert provenance["index"]["tested"] is None
    again = study.Study.read(tmp_path / "out" / "study.toml")
    assert again.chapters == asked.chapters and again.policies is None


def test_a_study_of_the_first_release_is_read_and_written_to_the_same_bytes(tmp_path, monkeypatch):
    written = Path(__file__).parents[1] / "data" / "study_0.1.0.toml"
    monkeypatch.setattr("needs_analysis.__version__", "0.1.0")
    study.Study.read(written).write(tmp_path / "study.toml")
    assert (tmp_path / "study.toml").read_bytes() == written.read_bytes()


LEFT = "il programma non ha più un indice suo"


def test_a_study_that_meant_the_shipped_index_says_what_it_lacks(tmp_path):
    path = tmp_path / "study.toml"
    chapters = '[report]\nchapters = ["breve", "prova", "province"]\n'
    for version, said in (("0.1.0", True), ("0.2.0", True), ("0.3.0", False), ("", False)):
        about = f'[study]\narea = "comune:Rho"\nversion = "{version}"\n'
        path.write_text(about, "utf-8")
        asked = study.Study.read(path)
        assert bool(asked.warning) == said and asked.index is None
        assert not said or LEFT in asked.warning.text()
        path.write_text(about + chapters, "utf-8")
        if said:
            assert study.Study.read(path).chapters == ("breve",)
        else:
            with pytest.raises(StudyError, match='"province" non è fra breve'):
                study.Study.read(path)
        path.write_text(about + INDEX, "utf-8")
        assert study.Study.read(path).warning is None


def test_a_chapter_of_an_index_wants_one():
    with pytest.raises(StudyError, match=r"«prova» è di un indice.*\[index\]"):
        study.Study("Rho", chapters=("breve", "prova"))
    assert study.Study("Rho", chapters=("prova",), index=DISTRESS).chapters == ("prova",)


@pytest.mark.whole
def test_a_study_of_an_earlier_version_runs_with_one_line(pair, command, tmp_path):
    text = (pair / "study.toml").read_text("utf-8")
    earlier = re.sub(r'^version = ".*"$', 'version = "0.1.0"', text, count=1, flags=re.MULTILINE)
    (tmp_path / "study.toml").write_text(earlier, "utf-8")
    done = command("run", "study.toml", "--out", "out", "-q", cwd=tmp_path)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Avviso: {LEFT}")
    assert_same(tmp_path / "out", pair)


@pytest.mark.whole
def test_without_an_index_nothing_is_scored_or_speaks_of_one(pair):
    provenance = json.loads((pair / "provenance.json").read_text("utf-8"))
    assert "index" not in provenance
    assert not [name for name in provenance["figures"] if name.endswith("_score")]
    for name in ("municipalities", "codebook"):
        layer = gpd.read_file(pair / "data.gpkg", layer=name)
        assert not layer.columns[layer.columns.str.contains("_score|rank")].tolist()
    assert not [name for name in layer["name"] if name.endswith("_score")]
    long = pd.read_parquet(pair / "data.parquet")
    assert not long["variable"].str.contains("_score|rank").any()
    book = openpyxl.load_workbook(pair / "tables.xlsx", read_only=True)
    assert not {"indice", "indice province", "verifica esterna", "posti e intervalli"} & set(
        book.sheetnames
    )
    book.close()
    for name in ("index.html", "map.html"):
        page = (pair / name).read_text("utf-8").lower()
        page = page.replace('"composite":"indice composito"', "")  # a word of every map's script
        words = re.findall(r"(?:indice|punteggi)\w*[^.<]{0,40}", page)
        allowed = (
            "indice di moran",
            "indice di vecchiaia",
            "indice di dipendenza",
            "indice di gini",
        )
        assert [one for one in words if not one.startswith(allowed)] == [], name


INDEX = """
[index]
name = "own_score"
label_it = "Affitto e redditi <i>"
normalise = { method = "minmax", low = 1, high = 100 }
aggregate = "geometric"
components = [{ name = "rents", label_it = "Canoni", weight = 2 }, { name = "incomes" }]
indicators = [
  { name = "rent_to_income_ratio", parent = "rents" },
  { name = "low_income_share", parent = "incomes" },
]
"""


@pytest.fixture(scope="module")
def own_index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "mine.toml").write_text(f'[study]\narea = "{LIRIO},{SOVICO}"\n{INDEX}', "utf-8")
    study.run(folder / "mine.toml", folder / "out")
    return folder / "out"


@pytest.mark.whole
def test_an_index_of_ones_own_is_written_and_repeated_to_the_same_bytes(own_index, tmp_path):
    again = study.Study.read(own_index / "study.toml")
    assert again.index == study.read_index(own_index / "study.toml")
    assert again.index.name == "own_score" and again.index.aggregate.name == "geometric"
    study.run(again, tmp_path / "out")
    assert_same(own_index, tmp_path / "out")


@pytest.mark.whole
def test_an_index_of_ones_own_stands_in_every_output(own_index):
    provenance = json.loads((own_index / "provenance.json").read_text("utf-8"))["index"]
    assert provenance["name"] == "own_score"
    assert provenance["components"] == {
        "rents": ["rent_to_income_ratio"], "incomes": ["low_income_share"],
    }  # fmt: skip
    assert provenance["declaration"]["normalise"] == {"method": "minmax", "low": 1, "high": 100}
    assert provenance["tested"]["aggregate"] == ["ampi", "arithmetic", "geometric"]
    layer = gpd.read_file(own_index / "data.gpkg", layer="municipalities")
    layer = layer.set_index("municipality_code")
    assert {"own_score", "rents_score", "incomes_score"} <= set(layer)
    assert "housing_distress_score" not in layer
    assert np.isnan(layer.loc[LIRIO, "own_score"]) and 1 <= layer.loc[SOVICO, "own_score"] <= 100
    long = pd.read_parquet(own_index / "data.parquet").set_index(["municipality_code", "variable"])
    assert long.loc[(SOVICO, "own_score"), "quality"] == "modelled"
    assert long.loc[(SOVICO, "own_score"), "value"] == layer.loc[SOVICO, "own_score"]
    lirio, sheet = (
        numbers_of(own_index / "tables.xlsx", name)["indice"] for name in ("Lirio", "Sovico")
    )
    for head in ("Indice\n(punti)", "Canoni\n(punti)", "Posto in Italia"):
        assert lirio[head] is None and sheet[head] > 0
    assert lirio["incomes\n(punti)"] > 0  # what does not depend on a rent is there
    points = [sheet[f"Punti: {part}\n(punti)"] for part in ("Canoni", "incomes")]
    assert sum(points) == pytest.approx(layer.loc[SOVICO, "own_score"])
    for name in ("index.html", "map.html"):
        page = (own_index / name).read_text("utf-8")
        assert "Affitto e redditi" in page and "redditi <i>" not in page, name
        assert "Indice composito (canoni" not in page, name


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ('name = "x"', "mine.toml: .*manca un indicatore .* riga 4: il nome «x» non finisce in _score"),
        ('name = "x_score"\nnormalise = "hat"\nindicators = [{ name = "a" }]',
         "riga 5: normalise: il metodo «hat» non c'è .*riga 6: a non è un indicatore"),
        ('name = "X y_score"\nindicators = [{ name = "low_income_share" }]',
         "«X y_score» vuole lettere minuscole"),
        ('name = "x_score"\nlabel_it = "a\\u0007"\nindicators = [{ name = "low_income_share" }]',
         "non sta in una riga"),
        ('name = "a_score"\ncomponents = [{ name = "a" }]\n'
         'indicators = [{ name = "low_income_share", parent = "a" }]', "due punteggi «a_score»"),
    ],
)  # fmt: skip
def test_an_index_with_mistakes(tmp_path, index, said):
    path = tmp_path / "mine.toml"
    path.write_text(f'[study]\narea = "Rho"\n[index]\n{index}\n', "utf-8")
    with pytest.raises(StudyError, match=said):
        study.Study.read(path)


INCOMES = '[[indicators]]\nname = "low_income_share"\n'
RENTS = '[[indicators]]\nname = "rent_to_income_ratio"\n'


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ('normalise = { method = "zscore", mean = "cento" }\n' + INCOMES,
         "riga 2: normalise: l'opzione mean di zscore, «cento», non è un numero"),
        ('normalise = "distance"\n' + INCOMES,
         "riga 3: low_income_share non ha un riferimento (reference) diverso da 0, con cui confrontare"),
        ('normalise = "none"\n' + INCOMES + "polarity = -1\n",
         "riga 3: low_income_share: il verso -1 (polarity) vuole una scala da rovesciare, non normalise "
         "none"),
        (INCOMES + "reference = 0.2\n" + RENTS,
         "alcuni indicatori hanno un riferimento (reference) e altri no: rent_to_income_ratio"),
        ('impute = { method = "nearest", neighbours = 2.5 }\n' + INCOMES,
         "riga 2: impute: l'opzione neighbours di nearest, «2.5», non è un numero intero"),
        ('impute = { method = "group_mean", group = ["a"] }\n' + INCOMES,
         "riga 2: impute: l'opzione group di group_mean, «['a']», non è un testo"),
        ('aggregate = { method = "benefit_of_doubt", lower = "x" }\n' + INCOMES,
         "riga 2: aggregate: l'opzione lower di benefit_of_doubt, «x», non è un numero, né una tabella "
         "di numeri"),
        ('normalise = { method = "goalposts", clip = "si" }\n' + INCOMES + "goalposts = [0, 1]\n",
         "riga 2: normalise: l'opzione clip di goalposts, «si», non è true né false"),
        ('screen = { method = "none", share = 1 }\n' + INCOMES,
         "riga 2: screen: none non ha opzioni, neanche «share»"),
        (INCOMES + "[[components]]\nname = 'a'\naggregate = 'mean'\n" + RENTS + "parent = 'a'\n",
         "riga 6: a.aggregate: il metodo «mean» non c'è (ci sono arithmetic, "),
    ],
)  # fmt: skip
def test_a_mistake_of_an_index_is_said_in_italian_with_its_line(tmp_path, index, said):
    path = tmp_path / "mine.toml"
    path.write_text('name = "x_score"\n' + index, "utf-8")
    with pytest.raises(StudyError) as caught:
        study.read_index(path)
    assert str(caught.value).startswith("mine.toml: ")
    assert said in str(caught.value.problems[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"normalise": "zscore", "aggregate": "geometric"}, "negative"),
        ({"aggregate": "kemeny"}, "kemeny_units"),
        ({"weight": {"method": "pca", "components": 9}}, "components"),
    ],
)
def test_an_index_that_cannot_be_computed_is_said_in_italian(changes, code):
    leaves = (Indicator("low_income_share"), Indicator("rent_to_income_ratio"))
    asked = study.Study("comune:Rho", index=Spec("x_score", indicators=leaves, **changes))
    with pytest.raises(StudyError) as caught:
        study.find(asked)
    assert caught.value.problems[0].code == f"composite.{code}"
    assert str(caught.value).endswith("cambiare l'uno o gli altri.")


def test_an_index_that_no_file_holds_or_no_figure_feeds():
    spec = Spec("x_score", indicators=(Indicator("low_income_share"),), normalise=len)
    with pytest.raises(StudyError, match="una funzione non si può scrivere"):
        study.Study("Rho", index=spec)
    unknown = Spec("x_score", indicators=(Indicator("nothing", polarity=1),))
    with pytest.raises(StudyError, match="nothing non è fra gli indicatori né fra le colonne"):
        study.find(study.Study("comune:Rho", index=unknown))
    published = Spec("x_score", indicators=(Indicator("eviction_orders_per_1000"),))
    with pytest.raises(StudyError, match="pubblicato per provincia: non entra"):
        study.find(study.Study("comune:Rho", index=published))


def test_a_score_of_ones_own_index_has_no_trace_and_that_is_said():
    with pytest.raises(Refused, match="own_score.*non hanno una traccia"):
        tracing.trace("comune:Sovico", "own_score")


def test_pinning_takes_the_checksums_at_hand_and_notices_when_they_moved():
    pinned = study.Study("Rho").pinned()
    assert set(pinned.figures) == set(store.package())
    assert pinned.pinned() == pinned
    moved = study.Study("Rho", figures=dict(pinned.figures) | {"rents": "sha256:0"})
    with pytest.raises(StudyError, match=r"rents.*\[figures\]"):
        moved.pinned()


def test_a_study_that_names_figures_nobody_has_is_refused():
    pinned = study.Study("Rho").pinned()
    strange = study.Study("Rho", figures=dict(pinned.figures) | {"gone": "sha256:0"})
    with pytest.raises(StudyError, match="gone"):
        strange.pinned()


# --- running


@pytest.mark.whole
def test_a_changed_checksum_stops_the_run(pair, tmp_path):
    text = (pair / "study.toml").read_text("utf-8")
    first = store.package()["incomes"]["hash"]
    assert first in text
    moved = tmp_path / "study.toml"
    moved.write_text(text.replace(first, "sha256:" + "0" * 64), "utf-8")
    with pytest.raises(StudyError, match="incomes"):
        study.run(moved, tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.whole
def test_an_unknown_area_or_a_file_in_the_way_leaves_nothing(tmp_path):
    with pytest.raises(AreaError):
        study.run(study.Study("comune:Mnza"), tmp_path / "deep" / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="è un file"):
        study.run(study.Study("comune:Rho"), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.whole
def test_the_written_study_selects_the_same_area(pair):
    assert study.Study.read(pair / "study.toml").area == f"{LIRIO},{SOVICO}"
    for words in ("comune:Castro (BG)", "Livo (TN)", "comune:Bozen", "provincia:Medio Campidano"):
        area = find(words)
        assert find(area.key) == area


@pytest.mark.whole
def test_provenance_names_sources_parameters_and_outputs(pair):
    document = json.loads((pair / "provenance.json").read_text("utf-8"))
    assert document["area"]["municipalities"] == [LIRIO, SOVICO]
    for name in ("index.html", "map.html", "tables.xlsx", "data.gpkg", "data.parquet"):
        assert document["outputs"][name] == f"sha256:{checksum(pair / name)}"
    assert document["sources"]["omi_values"]["reference_date"] == "2018/2"
    for source in document["sources"].values():
        assert source["licence"] and source["checksum"]
    assert document["parameters"]["sustainable_rent_share"]["value"] == 0.3
    assert document["parameters"]["sustainable_rent_share"]["overridden"] is False
    assert document["indicators"]["rent_to_income_ratio"]["sources"] == [
        "omi_values",
        "mef_incomes",
    ]
    figures = tomllib.loads((pair / "study.toml").read_text("utf-8"))["figures"]
    assert figures == {name: one["hash"] for name, one in store.package().items()}


@pytest.mark.whole
def test_provenance_lists_every_row_behind_a_pooled_figure(pair):
    document = json.loads((pair / "provenance.json").read_text("utf-8"))
    found = document["figures"]["rent_to_income_ratio"]
    amount = found["inputs"][1]["inputs"][0]
    # Lirio has no rent, so its income does not count in the ratio.
    assert (amount["counted"], amount["left_out"]) == (1, [LIRIO])
    listed = document["rows"][amount["rows"]]
    assert (listed["key"], listed["columns"][:2]) == (
        "cadastral_code",
        ["municipality_code", "row"],
    )
    assert [row[0] for row in listed["rows"]] == [LIRIO, SOVICO]
    assert listed["rows"][1][1:] == ["I878", amount["value"], "observed"]
    rent = document["rows"][found["inputs"][0]["rows"]]
    assert rent["rows"][0][2:4] == [None, "missing"]
    assert "resident_population" in document["figures"]
    page = (pair / "index.html").read_text("utf-8")
    assert page.count("incomes.csv, cadastral_code I878") >= 5


# --- missing is missing everywhere


@pytest.mark.whole
def test_parquet_says_what_is_missing_and_what_allocated(pair):
    long = pd.read_parquet(pair / "data.parquet").set_index(["municipality_code", "variable"])
    assert long.index.is_unique
    for name in (*NO_RENT, "rent_eur_m2_month", "annual_rent_eur"):
        row = long.loc[(LIRIO, name)]
        assert np.isnan(row["value"]), name
        assert row["quality"] == "missing"
        assert long.loc[(SOVICO, name), "value"] > 0
    names = long.index.get_level_values("variable")
    band = names.str.startswith("need_") & long["low"].notna()  # it has its ends alone
    assert ((long["value"].isna() & ~band) == long["quality"].isin(["missing", "suppressed"])).all()
    for code in (LIRIO, SOVICO):
        for name in ("eviction_orders", "eviction_orders_per_1000"):
            assert long.loc[(code, name), "quality"] == "allocated"
    assert long.loc[(SOVICO, "rent_eur_m2_month"), "value"] == pytest.approx(4.35)
    assert long.loc[(SOVICO, "rent_to_income_ratio"), "vintage"] == "2018/2 + 2021"
    assert long.loc[(LIRIO, "households"), "municipality_name"] == "Lirio"
    a4 = long.loc[(LIRIO, "low_income_share")]
    assert a4["low"] <= a4["value"] <= a4["high"]


@pytest.mark.whole
def test_the_geopackage_says_so_too(pair):
    frame = gpd.read_file(pair / "data.gpkg", layer="municipalities").set_index("municipality_code")
    assert frame.index.tolist() == [LIRIO, SOVICO]
    assert frame.crs.to_epsg() == 32632
    assert frame.is_valid.all()
    missing, allocated = (QUALITY_LABELS[q] for q in (Quality.MISSING, Quality.ALLOCATED))
    for name in NO_RENT:
        assert np.isnan(frame.loc[LIRIO, name]), name
        assert frame.loc[LIRIO, f"{name}_quality"] == missing
        assert frame.loc[SOVICO, name] > 0
    assert set(frame["eviction_orders_per_1000_quality"]) == {allocated}
    names = gpd.read_file(pair / "data.gpkg", layer="codebook")["name"]
    assert set(NO_RENT) <= set(names)
    cited = gpd.read_file(pair / "data.gpkg", layer="sources")["id"].tolist()
    assert "omi_values" in cited


def numbers_of(path, name) -> dict[str, dict[str, object]]:
    """Return for each sheet with a row for the municipality its cells by column heading."""
    book = openpyxl.load_workbook(path)
    found = {}
    for sheet in book:
        rows = list(sheet.iter_rows(values_only=True))
        head = next((row for row in rows if "Comune" in row), ())
        own = [row for row in rows if head and row[head.index("Comune")] == name]
        if len(own) == 1:
            found[sheet.title] = dict(zip(head, own[0], strict=True))
    book.close()
    return found


@pytest.mark.whole
def test_the_workbook_leaves_the_cell_empty(pair):
    lirio, sovico = (numbers_of(pair / "tables.xlsx", name) for name in ("Lirio", "Sovico"))
    # the base data carry 0 neither for the rent nor for what is made of it
    rent = {head: lirio["Dati di base"][head] for head in lirio["Dati di base"] if "Canone" in head}
    assert len(rent) >= 4
    assert set(rent.values()) == {None}
    assert None not in {sovico["Dati di base"][head] for head in rent}
    burden = "Incidenza del canone sul reddito\n(%)"
    assert sovico["Canoni, prezzi e redditi"][burden] == pytest.approx(3915 / 24_805.3138)
    assert lirio["Canoni, prezzi e redditi"][burden] is None


@pytest.mark.whole
def test_the_csv_leaves_the_cell_empty(command, tmp_path):
    done = command("indicators", f"{LIRIO},{SOVICO}", "--csv", "plain", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    header, lirio, sovico = (line.split(",") for line in done.stdout.strip().split("\n"))
    own, other = (dict(zip(header, row, strict=True)) for row in (lirio, sovico))
    assert own["municipality_code"] == LIRIO  # with its leading zero
    assert own["rent_to_income_ratio"] == ""
    assert own["rent_to_income_ratio_quality"] == "missing"
    assert float(other["rent_to_income_ratio"]) == pytest.approx(3915 / 24_805.3138, rel=1e-5)
    assert other["eviction_orders_per_1000_quality"] == "allocated"
    assert other["below_rent_threshold_share_quality"] == "modelled"


@pytest.mark.whole
def test_the_page_prints_no_nan(pair):
    page = (pair / "index.html").read_text("utf-8")
    assert ">nan<" not in page.lower() and ">nan " not in page.lower()
    assert "Lirio" in page


@pytest.fixture(scope="module")
def of_later(tmp_path_factory):
    folder = tmp_path_factory.mktemp("later") / "out"
    study.run(study.Study("comune:Moransengo-Tonengo", codes_on=LATER), folder)
    return folder


@pytest.mark.whole
def test_a_study_on_a_later_day_says_so_in_every_output(of_later):
    written = tomllib.loads((of_later / "study.toml").read_text("utf-8"))
    assert written["study"]["codes_on"] == LATER
    provenance = json.loads((of_later / "provenance.json").read_text("utf-8"))
    assert provenance["area"]["codes_on"] == LATER
    assert provenance["area"]["municipalities"] == ["005122"]
    for name in ("index.html", "map.html"):
        assert "al 1° settembre 2026" in (of_later / name).read_text("utf-8"), name
    sheet = openpyxl.load_workbook(of_later / "tables.xlsx")["fonti"]
    notes = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert any(one.startswith("Comuni al 1° settembre 2026;") for one in notes)
    layer = gpd.read_file(of_later / "data.gpkg", layer="municipalities")
    assert layer[["municipality_code", "municipality_name"]].to_numpy().tolist() == [
        ["005122", "Moransengo-Tonengo"]
    ]


@pytest.mark.whole
def test_a_study_on_a_later_day_is_repeated_from_its_file(of_later, tmp_path):
    study.run(of_later / "study.toml", tmp_path / "again")
    assert_same(of_later, tmp_path / "again")


@pytest.mark.slow
@pytest.mark.parametrize(
    "figure", ["households", "blank_classes", "rent_eur_m2_month", "urbanisation_code",
               "mean_net_income_eur", "accommodation_beds"],
)  # fmt: skip
def test_the_trace_of_a_merged_municipality_is_computed_again(figure):
    found = tracing.trace("comune:Moransengo-Tonengo", figure, codes_on=LATER)
    if isinstance(found.value, str):
        assert [one.value for one in found.inputs] == [found.value]
    else:
        assert tracing.recompute(found) == pytest.approx(found.value)


def test_the_codes_of_a_study_are_written_as_a_day(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text('[study]\narea = "provincia:Ogliastra"\ncodes_on = 2026-01-01\n', "utf-8")
    assert study.Study.read(path).codes_on == "2026-01-01"
    study.Study("comune:Rho").write(path)
    assert "codes_on" not in path.read_text("utf-8")
    with pytest.raises(ParameterError, match="dal 2022-01-01 in poi"):
        study.Study("comune:Rho", codes_on="2021-01-01")


@pytest.mark.whole
def test_the_command_line_takes_a_day(command, tmp_path):
    done = command("indicators", "provincia:PV", "--codes-on", LATER, cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1 + 184
    assert "Lirio (PV)" in done.stderr and "Lirio" not in done.stdout
    wrong = command("brief", "comune:Rho", "--codes-on", "2020-01-01", cwd=tmp_path)
    assert wrong.returncode == 2 and "dal 2022-01-01 in poi" in wrong.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_parameter_out_of_its_range_is_refused_with_its_line(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(
        '[study]\narea = "comune:Rho"\n[parameters]\npurchase_dwelling_m2 = 90\n'
        "sustainable_rent_share = 30\n"
    )
    with pytest.raises(ParameterError) as error:
        study.Study.read(path)
    assert str(error.value).startswith(
        "study.toml: riga 5: sustainable_rent_share è 30: deve stare fra 0,25 e 0,40; "
        "30 per cento si scrive 0,30"
    )
