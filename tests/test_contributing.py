"""The developers' guide: what it names is there, its examples work when they are put into the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from needs_analysis.cli.main import app
from needs_analysis.municipal import joins
from needs_analysis.services.measures.declaration import Telling

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+\.\w+")


class Block(NamedTuple):
    """A block of the guide: the file named last before it, its language, its lines."""

    file: str
    language: str
    text: str


def blocks(guide: str) -> list[Block]:
    found, file, past = [], "", 0
    for block in _BLOCK.finditer(guide):
        named = [
            one for one in _QUOTED.findall(guide[past : block.start()]) if _FILE.fullmatch(one)
        ]
        file, past = (named or [file])[-1], block.end()
        found.append(Block(file, block[1], block[2]))
    return found


EXAMPLES = blocks(GUIDE[GUIDE.index("\n## How to add\n") : GUIDE.index("\n## Rules of the data\n")])


def put(block: Block, tree: Path) -> None:
    """Do what a reader of the guide does with a block."""
    path = tree / block.file
    if block.language == "py":  # shown only: its table does not ship
        return
    if block.language == "diff":
        lines = block.text.splitlines(keepends=True)
        before = "".join(one[1:] for one in lines if one[0] != "+")
        text = path.read_text("utf-8")
        assert text.count(before) == 1, f"{block.file} has not, once:\n{before}"
        path.write_text(text.replace(before, "".join(one[1:] for one in lines)), "utf-8")
    elif path.exists():
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\n" * (path.suffix == ".py") + block.text)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, "utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """Return a copy of the package with every example of the guide."""
    copy = tmp_path_factory.mktemp("guide")
    for part in ("needs_analysis", "datasets", "maps", "docs"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", copy / "pyproject.toml")
    for block in EXAMPLES:
        put(block, copy)
    return copy


TRIED = """
import json, sys
from pathlib import Path

import pandas as pd

from needs_analysis import cli, indicators, parameters, services, sources, study
from needs_analysis.errors import Refused
from needs_analysis.reports.chapters import order
from needs_analysis.reports.maps.theme import read_theme
from needs_analysis.words import Voice

said = {}
said["price"] = parameters.values()["heating_cost_eur_m2"]
incomes = pd.DataFrame({"mean_taxable_income_eur": [18000.0, 9000.0]}, index=["108033", "108039"])
name = "heating_to_income_share"
said["indicator"] = indicators.compute(incomes, [name]).data[name].tolist()
dearer = indicators.compute(incomes, [name], {"heating_cost_eur_m2": 30}).data[name].tolist()
said["indicator of a study"] = dearer
entry = indicators.codebook().loc[name]
said["codebook"] = {one: entry[one] for one in ("component", "unit", "parameters", "label_en")}
said["definition"] = entry["definition_it"]
said["languages"] = [Voice(one).say(entry["label_it"]) for one in ("it", "en", "de")]
said["number"] = [Voice("de").number(1234.5, 1), Voice("de").listed(["a", "b"]), Voice("de").ordinal(2)]
theme = read_theme("riscaldamento", indicators.registry())
said["map"] = [theme.default, theme.title(Voice("en"))]
said["mapped"] = name in read_theme("distress", indicators.registry()).indicators
study.run(study.Study("Rho", lang="en", chapters=("riscaldamento",)), "out")
said["page"] = Path("out", "index.html").read_text("utf-8")
(sheet,) = [s for s in pd.read_excel("out/tables.xlsx", sheet_name=None, header=None).items()
            if s[0] == "Riscaldamento"]
said["sheet"] = sheet[1].astype(str).to_csv()
said["keys"] = order.KEYS

good, bad = Path("good.csv"), Path("bad.csv")
good.write_text("COMUNE;ALLOGGI\\n108033;12\\n108039;\\n")
bad.write_text("COMUNE;ALLOGGI\\n108033;-1\\n108039;due\\n108039;3\\n")
(reader,) = sources.readers_of(good)
said["source"] = [reader.SOURCE.id, reader.read(good)["public_dwellings"].fillna(-9).to_dict()]
try:
    reader.read(bad)
except Refused as error:
    said["error"] = [error.text(), error.text(Voice("en"))]

days = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-03"])
stays = pd.DataFrame({
    "guest": ["a", "b", "c"], "answer": ["refused", "accepted", "pending"],
    "referral_date": days, "answer_date": [days[0], days[2], pd.NaT],
    "entry_date": pd.to_datetime([None, "2025-03-09", None]),
    "exit_date": pd.to_datetime([None] * 3),
}, index=["1", "2", "3"])
from needs_analysis.services.measures import MEASURES, referrals
said["measure"] = referrals.same_day(stays, services.Period.year(2025))["value"].tolist()
said["rule"] = [MEASURES["same_day_answers"].rule, MEASURES["same_day_answers"].label_in()]

print(json.dumps(said))
sys.stdout.flush()
sys.argv = ["needs-analysis", "heating", "comune:Rho", "--lang", "en"]
cli.main()
"""


def run(code: str, tree: Path, folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUTF8": "1", "PYTHONPATH": str(tree)},
    )
    assert not done.returncode, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_the_examples_do_what_the_guide_says(tree, tmp_path):
    first, *printed = run(TRIED, tree, tmp_path)
    said = json.loads(first)
    assert said["price"] == 15
    assert said["indicator"] == [0.05, 0.1]  # 15 x 60 = 900 a year
    assert said["indicator of a study"] == [0.1, 0.2]
    assert said["codebook"] == {
        "component": "affordability",
        "unit": "share",
        "parameters": "heating_cost_eur_m2 reference_dwelling_net_m2",
        "label_en": "Heating to income",
    }
    assert "15 euro per m²" in said["definition"]
    assert said["languages"] == [
        "Riscaldamento su reddito",
        "Heating to income",
        "Heizkosten zum Einkommen",
    ]
    assert said["number"] == ["1.234,5", "a und b", "2."]
    assert said["map"] == ["heating_to_income_share", "Il peso del riscaldamento"]
    assert said["mapped"]
    assert 'id="chapter-riscaldamento"' in said["page"]
    assert 'data-key="area:heating_to_income_share"' in said["page"]
    assert "Heating to income" in said["sheet"] and "Rho" in said["sheet"]
    guide = (tree / "docs" / "guida.md").read_text("utf-8").partition("## Scegliere i capitoli")[2]
    assert re.findall(r"^\| `(\w+)` \|", guide.partition("\n## ")[0], re.MULTILINE) == said["keys"]
    assert said["source"] == ["region_dwellings", {"108033": 12, "108039": -9}]
    italian, english = said["error"]
    assert "riga 2: alloggi sotto zero" in italian
    assert "dwellings below zero" in english
    assert said["measure"] == [1]
    assert said["rule"] == ["same_day", "Risposte in giornata"]
    (line,) = printed
    place, value = line.split("\t")
    assert place == "015182"
    assert 0.02 < float(value) < 0.08


@pytest.mark.slow
@pytest.mark.whole
def test_what_is_told_is_looked_at_as_the_guide_says(tree, tmp_path):
    # With the example of a measure: a figure of the network that no table splits.
    (look,) = [one.text for one in blocks(GUIDE) if "told.tell(" in one.text]
    more = (
        "own = found.figures.frame.query(\"measure == 'same_day_answers'\").dropna(subset='value')\n"
        "print(own['level'].tolist())"
    )
    said = run(look + more, tree, tmp_path)
    assert {"answer", "why"} & set(" ".join(said).split()) == {"answer", "why"}
    assert any(line.rstrip().endswith("complementary") for line in said)
    assert said[-1] == "['all']"


def test_the_examples_are_written_as_all_is(tree):
    changed = sorted({str(tree / one.file) for one in EXAMPLES if one.file.endswith(".py")})
    assert len(changed) >= 9
    for words in (["check", "--select", "E,F,W,I,UP,N,B,A,C4,SIM,D"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", *changed],
            capture_output=True,
            text=True,
            check=False,
            cwd=tree,
        )
        assert not done.returncode, done.stdout


# --- the guide and the tree ----------------------------------------------------------------------


def layers(text: str) -> dict[str, list[set[str]]]:
    """Return the lists of floors of the guide, each floor a set of those side by side."""
    section = text[text.index("\n## Where a line belongs\n") :]
    lists = re.findall(r"^- `(\w+)`: (`.+?)(?=\n(?:\n|- ))", section, re.MULTILINE | re.DOTALL)
    return {of: [set(_QUOTED.findall(one)) for one in chain.split(">")] for of, chain in lists}


def contracts() -> dict[str, list[set[str]]]:
    return {
        container.removeprefix("needs_analysis."): [
            {one.strip(" ()") for one in layer.split("|")} for layer in contract["layers"]
        ]
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def test_the_floors_are_those_of_the_contract():
    told, held = layers(GUIDE), contracts()
    assert told.keys() == held.keys()
    for container, floors in held.items():
        assert told[container] == floors, (
            "the list of CONTRIBUTING.md is not that of pyproject.toml"
        )


def test_every_floor_is_there():
    for container, floors in layers(GUIDE).items():
        folder = ROOT / "needs_analysis" / container.removeprefix("needs_analysis")
        for floor in set().union(*floors):
            assert (folder / floor).is_dir() or (folder / f"{floor}.py").is_file(), floor


def test_every_file_and_folder_that_is_named_is_there():
    new = {one.file for one in EXAMPLES}
    named = {one for one in _QUOTED.findall(GUIDE) if re.fullmatch(r"[\w.-]+/[\w./-]*", one)}
    named |= set(re.findall(r"\]\(([\w./-]+)\)", GUIDE))
    assert len(named) > 30
    of_package = ("indicators/", "services/", "told/", "cli/", "locale/", "store/", "reports/")
    of_package += ("sources/", "municipal/", "fetch/", "disclosure/", "needs/", "plans/")
    made = {"dist/", "computed/", "rho/index.html"}
    for name in named - new - made:
        path = f"needs_analysis/{name}" if name.startswith(of_package) else name
        assert (ROOT / path).exists(), name
    alone = {one for one in _QUOTED.findall(GUIDE) if re.fullmatch(r"\w+\.(csv|py)", one)}
    for name in alone - {"utils.py"}:
        assert (ROOT / name).exists() or [*(ROOT / "needs_analysis").rglob(name)], name


def test_a_join_is_declared_as_the_guide_shows():
    (shown,) = [one.text for one in EXAMPLES if one.language == "py"]
    space = dict(vars(joins))
    exec(shown, space)
    made = space["PUBLIC_DWELLINGS"]
    assert (made.table, made.own) == ("region_dwellings", ("public_dwellings",))


def test_every_word_of_make_is_one_and_every_one_is_told():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = set(re.findall(r"`make (?:UV= )?(\w+)", GUIDE))
    assert told <= set(targets)
    of_users = {"briefing", "notebook", "help", "clean"}
    of_lint = {"style", "types", "examples"}
    assert set(targets) - told == of_users | of_lint


def test_every_marker_is_explained():
    markers = {one.split(":")[0] for one in PROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    section = GUIDE[GUIDE.index("\n## Tests\n") : GUIDE.index("\n## When something is wrong\n")]
    assert markers <= set(_QUOTED.findall(section))


def test_every_way_of_telling_is_named():
    section = GUIDE[GUIDE.index("\n### A service measure") : GUIDE.index("\n### A command\n")]
    assert {one.__name__ for one in get_args(Telling)} <= set(_QUOTED.findall(section))


def test_every_command_that_is_named_is_one():
    groups = {one.name: one.typer_instance for one in app.registered_groups}
    known = {one.name or one.callback.__name__ for one in app.registered_commands}
    known |= {
        f"{group} {one.name or one.callback.__name__}"
        for group, own in groups.items()
        for one in own.registered_commands
    }
    told = re.findall(r"needs-analysis (data \w+|services \w+|\w+)", GUIDE)
    assert {"brief", "trace", "data status"} <= set(told) <= known
