"""With a made-up language all that is said is in brackets: nothing is said that no catalogue has."""

from __future__ import annotations

import html as entities
import json
import re
import sys

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn

from needs_analysis import cli, indicators, panel, parameters, store, study
from needs_analysis.indicators import declaration
from needs_analysis.policies.catalogue import every
from needs_analysis.reports import content
from needs_analysis.reports.render import html, workbook
from needs_analysis.reports.render.docx import write_docx
from needs_analysis.sources import istat_boundaries
from needs_analysis.territory import municipalities

pytestmark = pytest.mark.usefixtures("few_draws")

WORD = re.compile(r"[^\W\d_]{2,}")
# Fields, files and codes of ours stand as they are in every language.
IDENTIFIER = re.compile(r"\b\w*_\w*\b|\b\w+\.(?:csv|json|xlsx|html|gpkg|toml|parquet)\b")
# Units of measure.
NAMES = {"km", "m²", "report", "tcp"}  # two units, a table of a study.toml, how an address begins


def outside(text):
    """Return what stands outside brackets."""
    depth, kept = 0, []
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        kept.append(letter if depth == 0 and letter != "]" else " ")
    return "".join(kept)


@pytest.fixture(scope="module")
def names():
    """Words that are data: places, sources, laws, literature, fields of the panel."""
    places = municipalities()
    texts = [*places["municipality_name"], *places["province_name"], *places["region_name"]]
    texts += [*store.table("ambiti")["ambito_name"]]
    for one in (*store.cited().values(), istat_boundaries.SOURCE):
        texts += [one.publisher, one.title, one.licence, one.attribution]
    texts += [one.reference for one in indicators.registry().values()]
    texts += [one.source for one in parameters.table()]
    texts += [one.rests_on() for one in every().values()]
    texts += ["ISEE", "ISE"]
    texts += declaration.UNITS
    texts += [*panel.build().data.columns, "is blank"]  # of a trace's formulas
    texts += [
        "Mancante/errata (contribuenti)",
        "share",
        "codebook",
    ]  # a row of the ministry, a unit
    return {*WORD.findall(" ".join(texts)), *NAMES}


def unsaid(texts, names):
    """Return the words outside brackets that are no data, each with its text."""
    return {
        word: text[:120]
        for text in texts
        for word in WORD.findall(IDENTIFIER.sub(" ", outside(text)))
        if word not in names
    }


def texts_of_page(page):
    body = re.sub(r"<(style|svg|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    said = re.findall(r">([^<>]+)<", body)
    said += re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', body)
    return [entities.unescape(one) for one in said]


def texts_of_map(page):
    """The words of the page, of its script and of each layer; not what is packed as text."""
    payload = re.search(r'<script[^>]*id="na-data"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    data = json.loads(payload[1])
    said = [re.sub(r"\{\w+\}", " ", one) for one in data["text"].values()]
    said += [*data["qualities"], *data["groups"]["labels"]]
    for one in data["indicators"]:
        said += [one["label"], one["definition"], one["component"], one["unit"]]
        said += [each.get("label", "") for each in one.get("classes", ())]
    return [*texts_of_page(page), *said]


@pytest.fixture(scope="module")
def found(made_up):
    return study.find(study.Study("comune:Sovico", lang=made_up.language))


@pytest.fixture(scope="module")
def composed(found):
    return content.compose(found)


@pytest.mark.slow
def test_the_page_says_nothing_that_is_in_no_catalogue(composed, names):
    # Excel takes no brackets in the names of sheets, which the page repeats.
    sheets = {word for one in composed.sheets for word in WORD.findall(one.key)}
    assert unsaid(texts_of_page(html.page(composed)), names | sheets) == {}


@pytest.mark.slow
def test_the_document_says_nothing_that_is_in_no_catalogue(composed, names, tmp_path):
    write_docx(composed, tmp_path / "a.docx")
    document = Document(str(tmp_path / "a.docx"))
    parts = [document, *(part for one in document.sections for part in (one.header, one.footer))]
    texts = [
        "".join(word.text or "" for word in line.iter(qn("w:t")))
        for part in parts
        for line in part._element.iter(qn("w:p"))
    ]
    sheets = {word for one in composed.sheets for word in WORD.findall(one.key)}
    assert unsaid(texts, names | sheets) == {}
    assert len(texts) > 300


@pytest.mark.slow
def test_the_map_says_nothing_that_is_in_no_catalogue(found, names):
    page = study.area_map(found).get_root().render()
    assert unsaid(texts_of_map(page), names) == {}


@pytest.mark.slow
def test_the_workbook_says_nothing_that_is_in_no_catalogue(found, composed, names, tmp_path):
    path = tmp_path / "tables.xlsx"
    sheets = composed.sheets
    workbook.write(sheets, path, title=found.label, voice=found.voice)
    book = openpyxl.load_workbook(path)
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str) and cell not in book.sheetnames
    ]
    # Excel takes no brackets in the names of sheets, which the list of them repeats.
    assert unsaid([*(one.key for one in sheets), *texts], names) == {}
    assert len(texts) > 1_000


COMMANDS = [
    (), ("brief",), ("run",), ("map",), ("tables",), ("index",), ("patterns",), ("indicators",),
    ("areas",), ("codebook",), ("trace",), ("data",), ("data", "status"), ("data", "add"),
    ("data", "fetch"), ("data", "query"), ("data", "compile"),
    ("data", "remove"), ("policies",), ("policies", "list"), ("policies", "optimise"),
    ("policies", "simulate"), ("services",), ("services", "deliveries"),
    ("services", "template"), ("services", "key"), ("services", "example"), ("services", "check"),
    ("services", "monitor"), ("services", "diff"), ("services", "hmis"), ("services", "capacity"),
    ("services", "siting"), ("atlas",), ("sheet",), ("site",), ("plan",), ("plan", "template"),
    ("plan", "draft"),
]  # fmt: skip


def run(words, monkeypatch, capsys):
    """Run a command line in this process; return its exit code and what it said."""
    monkeypatch.setattr(sys, "argv", ["needs-analysis", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    printed = capsys.readouterr()
    return stopped.value.code, f"{printed.out}\n{printed.err}"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.usefixtures("made_up")
def test_help_says_nothing_that_is_in_no_catalogue(command, monkeypatch, capsys):
    code, said = run(["--lang", "qq", *command, "--help"], monkeypatch, capsys)
    assert code == 0
    said = re.sub(r"(?m)^  needs-analysis .*$", "", said)  # examples, which are typed as they are
    # The program's and the commands' names, the options and the kinds of their values.
    lines = re.sub(
        r"--?[\w-]+|<[^>]*>|\{[^}]*\}|\[(?:OPTIONS|ARGS|it\|.*?)\]\S*|\b[A-Z]+\b", " ", said
    )
    known = {part for words in COMMANDS for part in words} | {"needs", "analysis"}
    known |= {"area", "search", "figure", "study", "file", "source", "files", "query", "register"}
    known |= {"stays", "path", "old", "new", "folder", "name", "date"}  # arguments
    assert unsaid([" ".join(lines.split())], known | NAMES | {"OPTIONS", "COMMAND", "ARGS"}) == {}


# What is wrong, as a command line; a last word in braces is a file of that name with those lines.
BAD = [
    ["brief", "Monza"], ["brief", "ambito:Lecco"], ["brief", "comune:Roh"], ["brief", "paese:Rho"],
    ["brief", "108033,999999"], ["brief", "absent.csv"],
    ["brief", "comune:Rho", "--codes-on", "ieri"],
    ["brief", "comune:Rho", "--data-until", "ieri"], ["brief"], ["brief", "Rho", "--no-such"],
    ["map", "comune:Rho", "--out", "map.txt"], ["map", "comune:Rho", "--theme", "nessuno"],
    ["trace", "Monza", "rent_to_income"], ["trace", "comune:Rho", "nessuno"], ["areas"], ["servces"],
    ["codebook", "--format", "doc"], ["run", "absent.toml"],
    ["index", "comune:Rho", "--spec", "absent.toml"],
    ["data", "add", "absent.csv"], ["data", "fetch", "nessuna"], ["data", "query", "absent.toml"],
    ["services", "monitor", "absent", "--key", "k", "--period", "2024"],
    ["services", "monitor", "absent", "--key", "k", "--period", "ieri"],
    ["services", "monitor", "absent", "--key", "k", "--period", "2025-02-30/2025-03-01"],
    ["services", "check", "absent"], ["services", "capacity"],
    ["services", "capacity", "--requests", "40"], ["services", "capacity", "--requests", "tanti"],
    ["services", "capacity", "--requests", "-1", "--stay-days", "300"],
    ["services", "capacity", "--requests", "40", "--stay-days", "300", "--share", "2"],
    ["services", "capacity", "--requests", "40", "--stay-days", "300", "--places", "0"],
    ["services", "siting", "ambito:Seregno", "--new", "99"],
    ["services", "siting", "ambito:Seregno", "--new", "1", "--need", "nessuno"],
    ["services", "siting", "ambito:Seregno", "--new", "1", "--reach", "-1"],
    ["services", "diff", "absent", "absent", "--key", "k", "--period", "2024"],
    ["services", "hmis", "absent", "--key", "k", "--out", "out"],
    ["run", {"study.toml": "[study]\nlang = 3\narae = 'Rho'\n[figures]\nrents = 1\n"}],
    ["run", {"study.toml": "[study\n"}],
    ["run", {"study.toml": "[study]\narea = 'comune:Rho'\n[altro]\n"}],
    ["index", "comune:Rho", "--spec", {"i.toml": "name = 'x'\nnormalise = 'nessuno'\n"}],
    ["index", "comune:Rho", "--spec", {"i.toml": "name = 'x_score'\nindicators = [{name = 'no'}]\n"}],
    ["map", "comune:Rho", "--theme", {"t.toml": "title = 3\npalette = ['rosso']\ncolor = 'red'\n"}],
    ["data", "query", {"q.toml": "dataflow = '?'\nstart = 'ieri'\n"}],
]  # fmt: skip


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("words", BAD, ids=str)
def test_an_error_says_nothing_that_is_in_no_catalogue(words, names, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = []
    for word in words:
        for name, text in word.items() if isinstance(word, dict) else ():
            (tmp_path / name).write_text(text, "utf-8")
        given.append(next(iter(word)) if isinstance(word, dict) else word)
    code, said = run(["--lang", "qq", *given], monkeypatch, capsys)
    assert code == 2
    written = " ".join(
        [*given, *(t for word in words if isinstance(word, dict) for t in word.values())]
    )
    known = names | set(WORD.findall(written)) | {"needs", "analysis", "help", *FIELDS_OF_FILES}
    assert unsaid([re.sub(r"--[\w-]+", " ", said)], known) == {}


# Keys, methods and kinds that files are written with, and the names of levels.
FIELDS_OF_FILES = WORD.findall("""
ambito provincia regione comune policies codice qq it en md xlsx html json minmax zscore percentile
rank borda distance goalposts ampi none title area search figures services index parameters
study polarity name indicators classes default palette distress clusters unit note
""")
