"""The commands on what can be done, as their user runs them."""

from pathlib import Path

import openpyxl
import pytest

pytestmark = pytest.mark.whole

AREA = "ambito:Carate Brianza"
DAY = ("--as-of", "2026-11-29")


def test_the_list_of_an_area_says_for_whom_with_what_money_and_from_what_it_was_written(
    command, tmp_path
):
    done = command("policies", "list", AREA, *DAY, "-q", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "Che cosa si può fare: Ambito di Carate Brianza (al 29/11/2026)"
    assert "Si possono attivare: 20" in lines and "Oggi non si possono usare: 7" in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("P05 "))
    fund = "\n".join(lines[at : lines.index("", at)])
    assert "oltre il 40 % del reddito: 1." in fund and ", stimato" in fund
    assert "dallo Stato non arriva più niente" in fund and "è un aiuto di un anno" in fund
    assert "a memoria, da verificare; rivisto il 29/11/2026" in fund
    (closed,) = [line for line in lines if line.startswith("- P12 ")]
    assert "chiusa dal 01/09/2026" in closed and "a memoria" in closed
    assert lines[-1].startswith("- Quant")
    assert not [*tmp_path.iterdir()]  # nothing is written that was not asked for


def test_without_an_area_it_is_the_catalogue_of_a_region_and_a_component(command, tmp_path):
    done = command("policies", "list", "--region", "Puglia", "--component", "f", *DAY, cwd=tmp_path)
    assert done.returncode == 0
    assert "P02 Servizi abitativi transitori (SAT): vale solo in Lombardia" in done.stdout
    assert (
        "P05" not in done.stdout and "Famiglie" not in done.stdout and "stimato" not in done.stdout
    )
    past = command("policies", "list", "--component", "F", "--as-of", "2026-06-30", cwd=tmp_path)
    assert "\nP12 Housing First" in past.stdout


def test_the_office_s_own_stand_first_and_in_the_workbook(command, tmp_path):
    command("services", "example", "--out", "prova", cwd=tmp_path)
    measures = "prova/modello_misure_locali.xlsx"
    done = command("policies", "list", AREA, *DAY, "-q", "--measures", measures, "--include", "P12",
                   "--out", "misure.xlsx", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[:3:2] == ["misure.xlsx", "dati inventati"]
    heads = [line for line in lines if line[:1].isupper() and line[-1:].isdigit() and ": " in line]
    assert heads == [
        "Esistono già: 3",
        "Si possono attivare: 17",
        "Oggi non si possono usare, mostrate perché richieste: 1",
        "Oggi non si possono usare: 6",
    ]
    silent = next(line for line in lines if "Ambito B" in line)
    assert "dato non trasmesso: speso (€), accordi" in silent and "spesi" not in silent
    assert "(riconosciuta dal nome: controllare)" in silent
    book = openpyxl.load_workbook(tmp_path / "misure.xlsx")
    assert book.sheetnames[:2] == ["misure", "misure esistenti"]
    rows = [*book["misure"].iter_rows(values_only=True)]
    assert rows[1][0] == "dati inventati"
    head = next(row for row in rows if row[0] == "Codice")
    fund = dict(zip(head, next(row for row in rows if row[0] == "P05"), strict=True))
    assert (fund["Qualità"], fund["Oggi"]) == ("stimato", "esiste già")
    assert fund["almeno"] < fund["valore centrale"] < fund["al più"]
    lines = {row[1]: row for row in book["misure esistenti"].iter_rows(values_only=True)}
    assert lines["Ambito B (inventato)"][4] is None  # not transmitted is blank, never 0


def test_small_counts_of_the_office_stay_in_it(command, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "misure.csv").write_text(
        "misura,amministrazione,anno,domande,ammesse,beneficiari,speso (€)\n"
        "Fondo affitti,Sovico,2025,40,30,3,2718\n"
    )
    published = command("policies", "list", *DAY, "--measures", "m", cwd=tmp_path)
    assert (
        "riservato: beneficiari, speso (€)" in published.stdout and "2.718" not in published.stdout
    )
    assert "su 100" not in published.stdout
    internal = command(
        "policies", "list", *DAY, "--measures", "m", "--profile", "internal", cwd=tmp_path
    )
    assert "beneficiari 3, spesi 2.718 euro" in internal.stdout
    assert "profilo interno: non consegnare" in internal.stdout


def test_what_does_not_exist_is_said_at_once(command, tmp_path):
    done = command("policies", "list", "--component", "Z", "--group", "x", cwd=tmp_path)
    assert done.returncode == 2
    assert "«Z»" in done.stderr and "«x»" in done.stderr
    done = command("policies", "list", "--region", "Lombardi", "--include", "P99", cwd=tmp_path)
    assert done.returncode == 2
    assert "forse «Lombardia»" in done.stderr and "P99" in done.stderr


ASKED = """
outcome = "burden"
as_of = 2026-11-29
[budgets]
P05 = 60000
[households]
P10 = 12
"""


def test_budgets_are_tried_out_and_a_mix_is_looked_for(command, tmp_path):
    (tmp_path / "p.toml").write_text(ASKED)
    done = command("policies", "simulate", AREA, "--policies", "p.toml", "-q", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    assert "Obiettivo: nessuno, i bilanci sono di chi chiede" in done.stdout
    assert (
        "P05 Fondo sostegno affitti (a memoria, da verificare; rivisto il 29/11/2026): meno di 10"
        in done.stdout
    )
    best = command("policies", "optimise", AREA, "--budget", "100000", "--policies", "p.toml", "-q",
                   "--out", "mix.xlsx", cwd=tmp_path)  # fmt: skip
    assert best.returncode == 0
    lines = best.stdout.splitlines()
    assert lines[:2] == ["mix.xlsx", "Che cosa compra un bilancio: Ambito di Carate Brianza"]
    assert lines[3] == (
        "Obiettivo: per un anno, il massimo di famiglie il cui affitto torna sotto il 40 % del "
        "reddito netto."
    )
    assert any("nessun'altra divisione dei soldi fa meglio" in line for line in lines)
    # The curve and its draws are of a choice that the budget alone bounds: nothing is said of this one.
    assert not any("su 100 delle prove" in line for line in lines)
    names = openpyxl.load_workbook(tmp_path / "mix.xlsx").sheetnames
    assert {"misure bilancio", "misure frontiera", "detto"} <= {*names}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("optimise", AREA, "--budget", "-1"), "«budget» è -1.0: deve essere un importo in euro"),
        (("optimise", AREA, "--budget", "nan"), "«budget» è nan: deve essere un importo in euro"),
        (("optimise", AREA), "manca il bilancio: darlo con --budget"),
        (("optimise", AREA, "--budget", "200.000"), "si scrive senza punti, 200000 o 200000,50"),
        (("optimise", AREA, "--budget", "1e300"), "da 0 a mille miliardi"),
        (
            ("optimise", AREA, "--budget", "9", "--policies", "old.toml"),
            "non c'è niente da scegliere",
        ),
        (("simulate", AREA, "--policies", "both.toml"), "P05: il bilancio è in euro o in famiglie"),
        (("simulate", AREA, "--policies", "bad.toml"), "la misura «P99» non è nel catalogo"),
        (("simulate", AREA, "--policies", "none.toml"), "nessuna misura ha un bilancio"),
    ],
)
def test_a_wrong_budget_is_one_clear_line(command, tmp_path, words, said):
    (tmp_path / "bad.toml").write_text("[budgets]\nP99 = 1\n")
    (tmp_path / "none.toml").write_text('outcome = "burden"\n')
    (tmp_path / "old.toml").write_text("as_of = 1990-01-01\n")
    (tmp_path / "both.toml").write_text("[budgets]\nP05 = 90000\n[households]\nP05 = 3\n")
    done = command("policies", *words, "-q", cwd=tmp_path)
    assert done.returncode == 2 and said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not [*tmp_path.glob("**/*.xlsx")]


def test_the_guide_s_own_file_is_answered_by_both_commands(command, tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "guida.md").read_text("utf-8")
    own = guide.partition("```toml\noutcome")[2].partition("```")[0]
    (tmp_path / "p.toml").write_text(f"outcome{own}")
    for words in (("optimise", AREA, "--budget", "200000"), ("simulate", AREA)):
        done = command("policies", *words, "--policies", "p.toml", "-q", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert "famiglie aiutate" in done.stdout


def test_what_helps_nobody_says_why_and_what_has_no_effect_says_so(command, tmp_path):
    (tmp_path / "order.toml").write_text('outcome = "order"\n')
    few = command("policies", "optimise", "comune:Agnone", "--budget", "200000", "--policies",
                  "order.toml", "-q", cwd=tmp_path)  # fmt: skip
    assert "nessuna famiglia è aiutata. Non è il bilancio: qui queste misure" in few.stdout
    assert "fa meglio" not in few.stdout and "su 100 delle prove" not in few.stdout
    # Others are named with their code, and what is the same of several is said once.
    assert "P16 Alloggi di transizione; P17 Rete di appartamenti; P27" in few.stdout
    (tmp_path / "costed.toml").write_text("[budgets]\nP16 = 90000\n")
    done = command("policies", "simulate", AREA, "--policies", "costed.toml", "-q", cwd=tmp_path)
    assert "di queste misure non si conosce l'effetto." in done.stdout
