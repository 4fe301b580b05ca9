"""The commands as a user types them."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module

import openpyxl
import pytest
from indices import DECLARATION
from typer.main import get_command

from needs_analysis import __version__, cli, indicators, panel, store, study, territory
from needs_analysis.cli.examples import EXAMPLES
from needs_analysis.cli.main import app
from needs_analysis.reports import facts
from needs_analysis.reports.render.template import fill
from needs_analysis.store import memo
from needs_analysis.words import Voice

pytestmark = pytest.mark.usefixtures("few_draws")

FILES = [
    "briefing.docx",
    "briefing.pdf",
    "charts",
    "data.gpkg",
    "data.parquet",
    "index.html",
    "map.html",
    "project.qgz",
    "provenance.json",
    "study.toml",
    "tables.xlsx",
]


@pytest.fixture(scope="module")
def brief(own_process, tmp_path_factory):
    """The folder of `needs-analysis brief comune:Sovico`, written once."""
    folder = tmp_path_factory.mktemp("brief")
    done = own_process("brief", "comune:Sovico", "--out", "sovico", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "sovico"


@pytest.mark.whole
def test_a_briefing_is_ten_files_charts_and_a_study_of_the_area_as_it_was_asked(brief):
    assert sorted(file.name for file in brief.iterdir()) == FILES
    assert study.Study.read(brief / "study.toml").area == "comune:Sovico"


@pytest.mark.whole
def test_a_study_runs_again_to_the_same_bytes_beside_the_users_own_files(
    brief, own_process, tmp_path
):
    (tmp_path / "sovico").mkdir()
    (tmp_path / "sovico" / "note.txt").write_text("mie")
    done = own_process("run", str(brief / "study.toml"), "--out", "sovico", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("...\n") == study.stage_count(study.Study("comune:Sovico"))
    assert done.stdout.splitlines() == [f"sovico/{file.name}" for file in sorted(brief.iterdir())]
    for file in (one for one in brief.rglob("*") if one.is_file()):
        again = tmp_path / "sovico" / file.relative_to(brief)
        assert again.read_bytes() == file.read_bytes(), file.name
    assert (tmp_path / "sovico" / "note.txt").read_text() == "mie"


@pytest.mark.whole
@pytest.mark.parametrize(
    "words",
    [["brief", "-q"], ["map", "-q"], ["tables", "-q"], ["indicators"],
     ["index", "-q", "--spec", str(DECLARATION)]],
)  # fmt: skip
def test_an_unknown_area_is_one_line_and_leaves_nothing(command, tmp_path, words):
    done = command(*words, "comune:Mnza", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Errore: comune «Mnza»: nome non trovato. Forse: «comune:Monza»")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.whole
def test_a_file_in_the_place_of_the_folder(command, tmp_path):
    (tmp_path / "out").write_text("mio")
    done = command("brief", "comune:Sovico", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Errore: out: è un file. Indicare una cartella."
    assert (tmp_path / "out").read_text() == "mio"


@pytest.mark.whole
def test_a_study_that_is_absent(command, tmp_path):
    done = command("run", "study.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Errore: study.toml: il file non si può leggere")


@pytest.mark.whole
def test_areas(command, tmp_path):
    done = command("areas", "monza", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "ambito:Monza\t3",
        "comune:Monza\t1",
        "comune:Monzambano\t1",
        "provincia:Monza e della Brianza\t55",
    ]


@pytest.mark.whole
def test_without_an_index_of_ones_own_there_is_none_to_test(command, tmp_path):
    done = command("index", "provincia:MB", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Errore: il programma non ha un indice suo: serve quello da mettere alla prova. Dichiararlo in "
        "un file TOML e indicarlo con --spec; un esempio è docs/indice_0_1_0.toml.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.whole
def test_an_index_of_ones_own_in_an_area(command, tmp_path):
    (tmp_path / "old.toml").write_bytes(DECLARATION.read_bytes())
    words = ("--spec", "old.toml", "--lang", "en", "-q")
    done = command("index", "provincia:MB", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "out/provincia-mb-old-indice.xlsx"
    assert "does not follow the evictions" in lines[1]
    assert "lies between" in lines[2] and "The choices." in lines[3]
    assert len(lines) == 1 + 4 + 5 and lines[5].split("\t")[1] == "Vedano al Lambro"
    book = openpyxl.load_workbook(tmp_path / lines[0], read_only=True)
    assert book.sheetnames[:5] == [
        "contents", "index", "external check", "ranks and intervals", "sensitivity"
    ]  # fmt: skip
    book.close()
    own = tmp_path / "own.toml"
    own.write_text('name = "x_score"\nindicators = [{ name = "low" }]\n', "utf-8")
    done = command("index", "comune:Rho", "--spec", "own.toml", "--out", "x.xlsx", cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert (
        line
        == "Errore: own.toml: riga 2: low non è un indicatore (l'elenco: needs-analysis codebook)"
    )
    assert not (tmp_path / "x.xlsx").exists()


def leaves(command, words=()):
    """Return the commands that do something, by their words."""
    if not hasattr(command, "commands"):
        return {" ".join(words): command}
    return {
        name: one
        for word, below in command.commands.items()
        for name, one in leaves(below, (*words, word)).items()
    }


def test_each_help_shows_command_lines_that_its_options_take():
    root = get_command(app)
    known = leaves(root)
    assert set(EXAMPLES) == set(known)
    for name, lines in EXAMPLES.items():
        for line in lines:
            words = shlex.split(line)
            depth = len(name.split())
            assert " ".join(words[:depth]) == name
            above = root.context_class(root, info_name="needs-analysis")
            known[name].make_context(name, words[depth:], parent=above)


def test_the_version_and_what_completes_a_command(command, tmp_path, monkeypatch):
    assert command("--version", cwd=tmp_path).stdout == f"needs-analysis {__version__}\n"
    monkeypatch.setenv("_NEEDS_ANALYSIS_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "needs-analysis ser")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert command(cwd=tmp_path).stdout.split() == ["services"]


@pytest.mark.whole
def test_a_workbook_of_ones_own_is_filled_and_the_names_are_listed(command, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A2"] = "{{need:renters:central}}", "{{need:renters:quality}}"
    book.active["A3"], book.active["A4"] = "{{municipality}}", "{{area}} {{italy:low_income_share}}"
    book.active["A5"] = "{{price_to_income_years}}"
    book.save(tmp_path / "mio.xlsx")
    stricter = '[study]\narea = "comune:Milano"\n[parameters]\npurchase_dwelling_m2 = 160\n'
    (tmp_path / "study.toml").write_text(stricter, "utf-8")
    own = ("--study", "study.toml")
    done = command("tables", "comune:Rho", "--template", "mio.xlsx", "-q", *own, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "out/comune-rho-mio.xlsx\n"), done.stderr
    filled = openpyxl.load_workbook(tmp_path / "out" / "comune-rho-mio.xlsx")
    count, quality, place, said = (filled.worksheets[0][f"A{row}"].value for row in range(1, 5))
    assert count > 0 and (quality, place) == ("stimato", "Rho")
    # The study asks for a home of twice the size.
    usual = indicators.compute(panel.build(territory.select("comune:Rho")))
    years = filled.worksheets[0]["A5"].value
    assert years == pytest.approx(2 * usual.value("015182", "price_to_income_years"))
    assert said.startswith("Comune di Rho 28,1")
    assert filled.sheetnames[-1] == "provenienza"
    done = command("tables", "comune:Rho", "--names", "-q", *own, cwd=tmp_path)
    rows = [line.split(";") for line in done.stdout.lstrip("\ufeff").splitlines()]
    assert rows[0][:2] == ["segnaposto", "nome definito"]
    named = {row[0]: row for row in rows}
    assert named["{{need:affordability:central}}"][1] == "need.affordability.central"
    assert named["{{need:affordability:central}}"][3] == str(count)
    assert named["{{need:violence:central}}"][3] == "n.d."
    for words in (
        ("--template", "mio.xlsx", "--out", "mio.xlsx"),
        ("--names", "--template", "mio.xlsx"),
        own,
    ):
        assert command("tables", "comune:Rho", *words, cwd=tmp_path).returncode == 2


def test_names_are_listed_of_the_figures_of_the_study(command, tmp_path, monkeypatch):
    """What is read of findings is computed when it is read, not when they are made."""
    (tmp_path / "study.toml").write_text('[study]\narea = "comune:Milano"\n', "utf-8")
    seen = []
    monkeypatch.setattr(study, "find", lambda *_: None)
    monkeypatch.setattr(facts, "Facts", lambda _: None)
    monkeypatch.setattr(
        fill, "listed", lambda _: seen.append(dict(memo._USE.get().selection.pins)) or []
    )
    done = command("tables", "comune:Rho", "--names", "--study", "study.toml", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert seen == [store.tokens()]


@pytest.mark.whole
def test_codebook_in_three_forms(command, tmp_path):
    known = indicators.registry()
    as_json = command("codebook", "--format", "json", cwd=tmp_path)
    rows = json.loads(as_json.stdout)
    assert [row["name"] for row in rows] == list(known)
    page = command("codebook", "--lang", "en", cwd=tmp_path).stdout
    for one in known.values():
        english = Voice("en")
        assert f"| {one.id} | {one.name} | {one.label_in(english)} |" in page
    done = command("codebook", "--format", "xlsx", "--out", "c.xlsx", cwd=tmp_path)
    assert done.stdout.strip() == "c.xlsx"
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    cells = {cell for sheet in book for row in sheet.values for cell in row}
    book.close()
    assert set(known) <= cells
    assert [file.name for file in tmp_path.iterdir()] == ["c.xlsx"]


@pytest.mark.whole
def test_codebook_to_a_file(command, tmp_path):
    done = command("codebook", "--out", "docs/codebook.md", cwd=tmp_path)
    assert done.returncode == 0
    text = (tmp_path / "docs" / "codebook.md").read_text("utf-8")
    assert text.startswith("# Codebook degli indicatori\n")


@pytest.mark.whole
def test_indicators_to_a_file(command, tmp_path):
    done = command("indicators", "ambito:Desio", "--out", "desio.csv", cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "desio.csv")
    lines = (tmp_path / "desio.csv").read_text("utf-8").splitlines()
    assert len(lines) == 1 + 7
    assert lines[0].startswith("\ufeff")  # the file of an Italian Excel
    header = lines[0].removeprefix("\ufeff").split(";")
    assert header[:2] == ["municipality_code", "municipality_name"]
    for name in indicators.registry():
        assert name in header and f"{name}_quality" in header
    assert lines[1].startswith("108010;Bovisio-Masciago;0,")
    for words in (["--csv", "plain"], ["--lang", "en"]):
        said = command("indicators", "ambito:Desio", *words, cwd=tmp_path).stdout.splitlines()
        assert said[0].startswith("municipality_code,municipality_name,")
        assert said[1].replace(",", ";").replace(".", ",") == lines[1]


@pytest.mark.whole
def test_patterns_to_a_workbook(command, tmp_path):
    words = ["patterns", "comune:Rho", "--of", "rent_to_income_ratio", "-q"]
    done = command(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "out/comune-rho-rent-to-income-ratio-gruppi.xlsx"
    book = openpyxl.load_workbook(tmp_path / "out" / "comune-rho-rent-to-income-ratio-gruppi.xlsx")
    assert book.sheetnames == ["gruppi spaziali", "tipi", "profili dei tipi"]
    rows = [row for row in book["gruppi spaziali"].values if row[1] == "Rho"]
    assert len(rows) == 1 and isinstance(rows[0][3], float)
    book.close()


@pytest.mark.whole
def test_patterns_of_a_provincial_figure_are_refused(command, tmp_path):
    done = command("patterns", "comune:Rho", "--of", "eviction_orders_per_1000", "-q", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Errore: «eviction_orders_per_1000» (Provvedimenti di sfratto")
    assert "è pubblicato per provincia e nessun comune ha un valore suo" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.whole
def test_data_status(command, tmp_path):
    done = command("data", "status", cwd=tmp_path)
    assert done.returncode == 0
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == list(store.package())
    (rents,) = [line for line in lines if line[0] == "rents"]
    assert {"7966 righe", "2018/2", "serie: 2016/1, 2018/2"} <= set(rents)


@pytest.mark.whole
def test_compile_without_files(command, tmp_path):
    done = command("data", "compile", "--from", "absent", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "Errore: absent: la cartella non esiste. Indicare i file scaricati.\n"
    assert list(tmp_path.iterdir()) == []


def test_help_answers_without_the_heavy_imports(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from needs_analysis.cli import app\n"
        "done = CliRunner().invoke(app, ['--help'])\n"
        "assert done.exit_code == 0 and 'brief' in done.output, done.output\n"
        "print([m for m in ('pandas', 'geopandas', 'matplotlib', 'folium') if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.whole
def test_the_version_is_one(brief):
    assert f'version = "{__version__}"' in (brief / "study.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["brief"], "manca l'argomento «area». Vedere: needs-analysis brief --help"),
        (["nope"], "comando «nope» sconosciuto. Vedere: needs-analysis --help"),
        (["brie", "x"], "comando «brie» sconosciuto. Forse: brief. Vedere"),
        (["map", "x", "--nope"], "opzione «--nope» sconosciuta. Vedere: needs-analysis map --help"),
        (["map", "x", "--lan", "it"], "opzione «--lan» sconosciuta. Forse: --lang. Vedere"),
        (["map", "x", "y"], "la riga di comando ha parole di troppo, o è incompleta. Vedere"),
        (["map", "x", "--out"], "l'opzione --out vuole un valore. Vedere"),
        (["map", "x", "--quiet=3"], "l'opzione --quiet non vuole un valore. Vedere"),
        (["map", "x", "--lang", "fr"], "--lang: scegliere fra it, en"),
        (["data", "fetch", "x", "--year", "abc"], "--year: serve un numero intero. Vedere"),
        (["codebook", "--format", "pdf"], "--format: scegliere fra md, xlsx, json. Vedere"),
        (["services", "monito"], "comando «monito» sconosciuto. Forse: monitor. Vedere"),
        (["services", "capacity", "--days", "x"], "--days: serve un numero. Vedere"),
        (["data", "compile"], "indicare --from, o --national: uno dei due"),
        (["data", "compile", "--national", "--from", "x"], "indicare --from, o --national"),
    ],
)
def test_a_command_line_that_is_wrong_is_one_line_in_italian(words, said, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["needs-analysis", *words])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert line.startswith(f"Errore: {said}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["map", "--lang=en", "comune:Mnza"], "municipality “Mnza”: name not found"),
        (["brief", "x", "--nope", "--lang", "en"], "unknown option “--nope”. See: needs-analysis"),
        (["nope", "--lang", "en"], "unknown command “nope”. See: needs-analysis --help"),
        (["codebook", "--lang", "en", "--format", "pdf"], "--format: choose one of md, xlsx, json"),
        (["map", "x", "--lang", "en", "--out", "x.txt"], "x.txt: a .html file is written here"),
    ],
)
def test_errors_are_said_in_the_language_that_is_asked_for(words, said, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["needs-analysis", *words])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert f"Error: {said}" in capsys.readouterr().err


@pytest.mark.whole
def test_a_command_group_alone_gives_its_help(command, tmp_path):
    done = command("data", cwd=tmp_path)
    assert done.returncode == 2
    assert "I dati che accompagnano il programma." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_the_program_is_not_hidden(monkeypatch):
    monkeypatch.setattr("sys.argv", ["needs-analysis", "areas", "monza"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(import_module("needs_analysis.cli.main"), "app", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main()


@pytest.mark.whole
def test_data_status_by_indicator(command, tmp_path):
    done = command("data", "status", "--indicators", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = {line.split("\t")[0]: line.split("\t") for line in done.stdout.splitlines()}
    assert {len(row) for row in rows.values()} == {4}
    assert set(rows) == {one.id for one in indicators.registry().values()}
    assert rows["C5"][2] == (
        "accommodation 2024 (nel programma); municipalities 2021 (nel programma)"
    )
    assert rows["C1"][3] == "tenure_2011: 7420 comuni senza dato"


def test_data_status_on_a_terminal_is_a_table(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    cli.data.data_status()
    lines = re.sub("\x1b[^m]*m", "", capsys.readouterr().out).splitlines()
    assert lines[0].split() == ["tabella", "righe", "data", "origine", "note"]
    at = lines[0].index("data")
    (rents,) = [line for line in lines if line.startswith("rents ")]
    assert rents[at:].startswith("2018/2 ")
    assert "\t" not in "".join(lines)


def test_what_a_file_holds_does_not_reach_the_terminal_as_an_escape(capsys):
    cli.data._print_table(("a",), [["rosso \x1b[31m", "x\ty\nz"]])
    assert capsys.readouterr().out == "rosso\tx y z\n"


@pytest.mark.whole
def test_fetch_without_a_network_says_what_it_does(command, tmp_path):
    done = command("data", "fetch", "boh", cwd=tmp_path)
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert first == "boh: scarico..."
    assert second.startswith("Errore: boh: fonte sconosciuta.")
    assert len(command("data", "fetch", "boh", "-q", cwd=tmp_path).stderr.splitlines()) == 1


def test_a_download_shows_how_far_it_is_and_its_lines_stay(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")  # a dumb one shows no bar
    with cli.data._bytes("mef_incomes", False) as (say, progress):
        progress(500_000, 2_000_000)
        say("redditi.csv: scaricato da [www.esempio.it]")
    shown = capsys.readouterr().err
    assert "mef_incomes" in shown and "0.5/2.0 MB" in shown
    assert "redditi.csv: scaricato da [www.esempio.it]" in shown
    with cli.data._bytes("mef_incomes", True) as (say, progress):
        progress(500_000, 2_000_000)
    assert capsys.readouterr().err == ""
