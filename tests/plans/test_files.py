"""The office's input: written, read back, and refused with all that is wrong with it."""

import datetime as dt

import openpyxl
import pandas as pd
import pytest
from plan_books import AREA, DAY, LISSONE, about, assignable, places, stock, tables, unit, written

from needs_analysis import territory
from needs_analysis.errors import OutputError, ParameterError, SourceError
from needs_analysis.plans import draft, write_template
from needs_analysis.plans.schema import BOOKS, KINDS

TODAY = dt.date(2026, 12, 1)


def read(path, kind="annual", year=2027, area=AREA):
    return draft(area, kind, year, own=path, as_of=TODAY).book


def refused(path, **asked):
    with pytest.raises(SourceError) as error:
        read(path, **asked)
    return [(one.code, one.where.sheet, one.where.rows) for one in error.value.problems], str(
        error.value
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_template_is_read_and_says_nothing(tmp_path, kind):
    area = territory.select(AREA)
    path = write_template(tmp_path / "piano.xlsx", kind, area, 2027)
    book = read(path, kind)
    assert {name: len(frame) for name, frame in book.tables.items() if len(frame)} == {"about": 1}
    assert book.warnings == ()


def test_the_template_names_the_municipalities_and_has_lists(tmp_path):
    path = write_template(tmp_path / "piano.xlsx", "annual", territory.select(AREA), 2027)
    book = openpyxl.load_workbook(path)
    assert [one.sheet for one in BOOKS["annual"]] == book.sheetnames[1:-1]
    codes = [row[0] for row in book["patrimonio"].iter_rows(min_row=4, values_only=True) if row[0]]
    assert codes == [code for code, _ in places() for _ in range(2)]
    assert book["assegnabili"].data_validations.count > 0
    with pytest.raises(OutputError):
        write_template(path)


def test_what_is_filled_in_is_read(tmp_path):
    book = read(written(tmp_path, **tables()))
    assert len(book.tables["stock"]) == 26
    assert len(book.tables["assignable"]) == 13
    assert book.about["lead_code"] == places()[4][0]
    assert book.tables["reserves"]["categories"].dropna().tolist() == [
        "elderly;single_parent", "elderly"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"area": "ambito:Seregno"}, "plans.other_area"),
        ({"year": 2028}, "plans.other_year"),
        ({"kind": "triennial"}, "plans.other_kind"),
    ],
)
def test_of_another_area_year_or_kind(tmp_path, asked, code):
    found, said = refused(written(tmp_path, **tables()), **asked)
    assert found == [(code, "piano", (4,))]
    assert "plan template" in said


def test_a_renamed_sheet_is_named_with_what_it_should_be(tmp_path):
    path = written(tmp_path, **tables())
    book = openpyxl.load_workbook(path)
    book["patrimonio"].title = "stock 2026"
    book.save(path)
    found, said = refused(path)
    assert [code for code, _, _ in found] == ["files.no_sheet", "plans.renamed"]
    assert "«patrimonio»" in said
    assert "«stock 2026»" in said


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    given = tables()
    given["stock"] = pd.concat([stock(), stock().iloc[[0]]])
    given["stock"].iloc[1, given["stock"].columns.get_loc("day")] = pd.NaT
    given["assignable"] = pd.DataFrame([
        unit(LISSONE, units=95.0), unit("108033"), unit(LISSONE, units=None),
        unit(LISSONE, units=2.0, counted_elsewhere=3.0, day=pd.Timestamp("2027-03-01")),
        unit(LISSONE, "aler", units=None, unit_code="X"),
        unit(LISSONE, "municipality", units=None, unit_code="X"),
    ])  # fmt: skip
    given["empty"] = pd.DataFrame([{"municipality_code": LISSONE, "owner": "aler", "day": DAY,
                                    "empty": 2.0, "to_repair": 3.0}])  # fmt: skip
    found, _ = refused(written(tmp_path, **given))
    assert {code for code, _, _ in found} >= {
        "plans.counted_over", "plans.empty_over", "plans.indigence_below", "plans.late",
        "plans.no_day", "plans.outside", "plans.over_stock", "plans.twice", "plans.unit_elsewhere",
        "plans.units_missing",
    }  # fmt: skip
    assert ("plans.twice", "patrimonio", (30,)) in found


@pytest.mark.parametrize(
    ("sheet", "change", "code"),
    [
        ("choices", {"police_percent": 15.0, "local_police_percent": 10.0}, "plans.police_over"),
        ("choices", {"local_category": "giovani coppie"}, "plans.no_reasons"),
        (
            "reserves",
            {"owner": "municipality", "categories_percent": 21.0},
            "plans.categories_over",
        ),
        ("reserves", {"owner": "municipality", "indigence_units": 1.0}, "plans.indigence_below"),
        ("reserves", {"owner": "municipality", "indigence_units": 7.0}, "plans.indigence_over"),
        (
            "reserves",
            {"owner": "municipality", "transitional_units": 1.0},
            "plans.transitional_over",
        ),
    ],
)
def test_what_the_law_does_not_allow(tmp_path, sheet, change, code):
    given = {"about": about(), "assignable": pd.DataFrame([unit(LISSONE, units=6.0)])}
    given[sheet] = pd.DataFrame([{"municipality_code": LISSONE} | change])
    found, said = refused(written(tmp_path, **given))
    assert [one[0] for one in found] == [code]
    assert "art." in said or code == "plans.indigence_over"


def test_a_cap_that_is_reached_is_allowed(tmp_path):
    given = {"about": about(), "assignable": pd.DataFrame([unit(LISSONE, units=10.0)])}
    shares = {"police_percent": 12.5, "local_police_percent": 7.5}
    given["choices"] = pd.DataFrame([{"municipality_code": LISSONE} | shares])
    given["reserves"] = pd.DataFrame([
        {"municipality_code": LISSONE, "owner": "municipality", "indigence_units": 2.0,
         "categories_percent": 20.0, "transitional_units": 1.0}])  # fmt: skip
    checks = draft(AREA, "annual", 2027, own=written(tmp_path, **given), as_of=TODAY).checks
    assert checks.set_index("rule")[["computed", "entered", "verdict"]].to_dict("index") == {
        "indigence": {"computed": 2, "entered": 2, "verdict": "respected"},
        "categories": {"computed": 2, "entered": 2, "verdict": "respected"},
        "transitional": {"computed": 1, "entered": 1, "verdict": "respected"},
        "police": {"computed": 2, "entered": 2, "verdict": "respected"},
    }


def test_new_and_private_units_are_not_of_the_stock(tmp_path):
    given = {"about": about(), "stock": stock(), "assignable": assignable()}
    given["assignable"] = pd.DataFrame([
        unit(LISSONE, units=94.0), unit(LISSONE, origin="new", units=9.0),
        unit(LISSONE, origin="private", units=9.0)])  # fmt: skip
    assert read(written(tmp_path, **given)) is not None


@pytest.mark.parametrize("name", ["nessuno.xlsx", "piano.pdf", "."])
def test_a_file_that_cannot_be_read(tmp_path, name):
    (tmp_path / "piano.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(SourceError):
        read(tmp_path / name)


def test_a_kind_that_there_is_not(tmp_path):
    with pytest.raises(ParameterError, match="mensile"):
        write_template(tmp_path / "piano.xlsx", "mensile")
