"""The commands on plans: a template, a draft written whole or not at all, errors in one line."""

import datetime as dt

import openpyxl
import pytest
from plan_books import AREA, tables, written
from typer.testing import CliRunner

from needs_analysis.cli.main import app
from needs_analysis.errors import Refused
from needs_analysis.plans import draft
from needs_analysis.study import Study
from needs_analysis.study.plans import OUTPUTS, write_plan

NEXT = dt.date.today().year + 1


def run(*words):
    return CliRunner().invoke(app, [*map(str, words)])


def refused(*words):
    result = run(*words)
    assert isinstance(result.exception, Refused), result.output
    return str(result.exception)


def test_a_template_with_the_area(tmp_path):
    result = run("plan", "template", AREA, "--kind", "triennial", "--year", NEXT, "--out",
                 tmp_path / "t.xlsx")  # fmt: skip
    assert result.exit_code == 0, result.output
    about = openpyxl.load_workbook(tmp_path / "t.xlsx")["piano"]
    assert [cell.value for cell in about[4]][:3] == ["Carate Brianza", "triennale", NEXT]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("provincia:Torino",), "--kind zone"),
        ((AREA, "--year", 2020), "è passato"),
        ((AREA, "--input", "nessuno.xlsx"), "nessuno.xlsx"),
    ],
)
def test_what_cannot_be_asked(tmp_path, words, said):
    assert said in refused("plan", "draft", *words, "--out", tmp_path / "p", "-q")
    assert not (tmp_path / "p").exists()


@pytest.mark.slow
def test_the_same_plan_gives_the_same_bytes(tmp_path):
    plan = draft(AREA, "annual", NEXT, written(tmp_path, **tables(NEXT)))
    first, second = (write_plan(plan, tmp_path / one) for one in ("a", "b"))
    assert {*OUTPUTS, "provenance.json"} == {one.name for one in first}
    assert [one.read_bytes() for one in first] == [one.read_bytes() for one in second]


def test_whose_it_is_and_of_which_day(tmp_path):
    study = Study("ambito:Desio", author="Ufficio di piano", day=dt.date(2026, 11, 3))
    plan = draft("comune:Triuggio", "zone", 2027, as_of=study.reference_day)
    write_plan(plan, tmp_path / "p", study)
    page = (tmp_path / "p" / "plan.html").read_text("utf-8")
    assert "Autore: Ufficio di piano" in page
    assert "03/11/2026" in page


def test_a_plan_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("rotto")

    monkeypatch.setattr("needs_analysis.reports.render.pdf.write_pdf", broken)
    with pytest.raises(RuntimeError):
        write_plan(draft(AREA, "zone", NEXT), tmp_path / "p")
    assert not (tmp_path / "p").exists()
