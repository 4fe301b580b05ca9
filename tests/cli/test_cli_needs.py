"""The commands on who is in need, as their user runs them."""

import datetime as dt
import re

import openpyxl
import pytest
from need_counts import filled

pytestmark = pytest.mark.whole

DAY = dt.date(2026, 6, 30)
AREA = "ambito:Carate Brianza"


def counted(folder, **groups):
    """Write counts and their days, by group and municipality, into the template."""
    names = ("municipality_code", "count", "day")
    return filled(folder, **{
        group: [dict(zip(names, row, strict=True)) for row in rows] for group, rows in groups.items()
    })  # fmt: skip


def cells(path):
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: [row for row in sheet.iter_rows(values_only=True) if any(row)]
        for sheet in book
    }


def test_the_estimate_is_a_workbook_a_sentence_and_what_to_ask(command, tmp_path):
    done = command("needs", "estimate", AREA, "-q", "--out", "need.xlsx", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "need.xlsx" and lines[1].startswith("Famiglie in bisogno (stima): 1.")
    assert any(
        "famiglie con uno sfratto esecutivo: " in line and "ripartito" in line for line in lines
    )
    assert "- Quante persone sono in strada o in accoglienza notturna?" in done.stdout
    sheets = cells(tmp_path / "need.xlsx")
    assert [*sheets] == [
        "sommario", "bisogno", "bisogno componenti", "bisogno comuni", "bisogno in un anno",
        "disagio diffuso", "bisogno domande",
    ]  # fmt: skip
    said = {cell for row in sheets["bisogno comuni"] if row[1] == "Sovico" for cell in row}
    assert said & {"meno di 10", "10-30"}
    for name, rows in sheets.items():
        assert name in ("sommario", "bisogno domande") or any(
            str(row[0]).startswith("Fonte: ") for row in rows
        )


def test_published_hides_small_counts_and_internal_says_it_may_not_leave(command, tmp_path):
    own = counted(tmp_path, foreclosure=[("108003", 3, DAY), ("108008", 12, DAY)],
                 violence=[("108009", 14, DAY)])  # fmt: skip
    found = {}
    for profile in ("published", "internal"):
        done = command("needs", "estimate", AREA, "-q", "--own", own.name, "--profile", profile,
                       "--out", f"{profile}.xlsx", cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0
        found[profile] = done.stdout, cells(tmp_path / f"{profile}.xlsx")
    said, sheets = found["published"]
    assert "È senza i conteggi riservati." in said
    assert "pignoramento della casa: 12; osservato" in said
    hidden = "oscurato per riservatezza (cella barrata)"
    assert any(row[0] == hidden for row in sheets["bisogno comuni"])
    assert "senza i conteggi riservati" in {cell for row in sheets["bisogno"] for cell in row}
    said, sheets = found["internal"]
    assert "pignoramento della casa: 15; osservato" in said
    assert "profilo interno: non consegnare" in str(openpyxl.load_workbook(
        tmp_path / "internal.xlsx").properties.title)  # fmt: skip
    for _, sheets in found.values():
        women = [
            name for name in ("bisogno", "bisogno comuni") for row in sheets[name]
            for cell in row if str(cell).startswith("Donne (con o senza figli)")
        ]  # fmt: skip
        assert women == ["bisogno"]


def test_every_wrong_count_is_said_at_once(command, tmp_path):
    own = counted(tmp_path, foreclosure=[("108003", 30000, DAY), ("108043", 5, dt.date(2090, 1, 1))],
                 affordability=[("015146", 7, DAY)])  # fmt: skip
    done = command("needs", "estimate", AREA, "-q", "--own", own, "--out", "x.xlsx", cwd=tmp_path)
    assert done.returncode == 2 and not (tmp_path / "x.xlsx").exists()
    for said in (
        "il comune non è nell'area",
        "30000 supera le 2796 famiglie",
        "non è ancora venuta",
    ):
        assert said in done.stderr


def test_a_workbook_with_mistakes_is_refused_with_its_template(command, tmp_path):
    own = counted(tmp_path, foreclosure=[("108003", -2, DAY), ("108043", 5, None)],
                 affordability=[("108008", 61, DAY), ("108008", 62, DAY)])  # fmt: skip
    done = command("needs", "estimate", AREA, "-q", "--own", own, "--out", "x.xlsx", cwd=tmp_path)
    assert done.returncode == 2
    for said in ("Errore: conteggi: ", "ripete la riga 4", "non minore di 0", "manca la data",
                 "needs-analysis needs template"):  # fmt: skip
        assert said in done.stderr


def test_two_areas_are_compared_by_their_intervals(command, tmp_path):
    done = command("needs", "compare", "comune:Rho", "comune:Pero", "-q", cwd=tmp_path)
    assert done.returncode == 0
    assert "Gli intervalli si sovrappongono: non c'è una differenza da dire." in done.stdout
    assert "Ripartite dalla provincia: fra i due non si confrontano." in done.stdout
    assert "Comune di Pero: meno di 10; ogni 1.000 famiglie fra " in done.stdout
    titles = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert titles and all(line.endswith(" (stima):") for line in titles)
    assert not re.search(r"\d,\d", done.stdout)


def test_the_template_is_written_in_a_folder(command, tmp_path):
    done = command("needs", "template", "--out", "t", cwd=tmp_path)
    assert done.stdout.splitlines() == ["t/modello_conteggi.xlsx"]
