"""A draft: of whom it may be, of which year, and what it holds of the office and of the plan before."""

import datetime as dt

import pandas as pd
import pytest
from plan_books import AREA, LISSONE, about, places, stock, tables, unit, written

from needs_analysis.errors import ParameterError, SourceError
from needs_analysis.plans import PlansError, draft
from needs_analysis.plans.balance import by_origin, by_rooms, rows_of, sums

TODAY = dt.date(2026, 12, 1)


@pytest.mark.parametrize("kind", ["annual", "triennial"])
def test_outside_lombardy_it_says_why_and_what_there_is(kind):
    with pytest.raises(PlansError) as error:
        draft("provincia:Torino", kind, 2027, as_of=TODAY)
    said = str(error.value)
    assert "Piemonte" in said
    assert "--kind zone" in said
    assert "brief" in said
    assert draft("provincia:Torino", "zone", 2027, as_of=TODAY).period == "2027-2029"


@pytest.mark.parametrize(
    ("kind", "year", "period"),
    [("annual", 2026, "2026"), ("annual", 2027, "2027"), ("triennial", 2025, "2025-2027"),
     ("triennial", 2026, "2026-2028"), ("triennial", 2027, "2027-2029"), ("annual", None, "2027")],
)  # fmt: skip
def test_the_period(kind, year, period):
    assert draft(AREA, kind, year, as_of=TODAY).period == period


@pytest.mark.parametrize(
    ("kind", "year"), [("annual", 2025), ("triennial", 2023), ("annual", 27.5)]
)
def test_a_year_that_is_over(kind, year):
    with pytest.raises(ParameterError):
        draft(AREA, kind, year, as_of=TODAY)


def test_rows_add_to_totals(tmp_path):
    plan = draft(AREA, "annual", 2027, own=written(tmp_path, **tables()), as_of=TODAY)
    assert set(sums(plan.book)["verdict"]) == {"adds_up"}
    origins, rooms = by_origin(plan.book), by_rooms(plan.book)
    assert origins["total"].sum() == rooms["total"].sum() == 37
    assert rows_of(plan.book).loc[(LISSONE, "municipality", "stock_SAP"), "units"] == 94
    assert origins.loc[(LISSONE, "municipality", "SAP"), ["free", "new", "total"]].tolist() == [
        8,
        3,
        11,
    ]


def test_what_was_not_decided_is_no_zero(tmp_path):
    plan = draft(AREA, "annual", 2027, own=written(tmp_path, **tables()), as_of=TODAY)
    checks = plan.checks.set_index(["rule", "municipality_code", "owner"])
    code = places()[1][0]
    row = checks.loc[("indigence", code, "aler")]
    assert (row["computed"], row["verdict"]) == (1, "to_decide")
    assert pd.isna(row["entered"])


def test_the_supply_is_by_size_of_household(tmp_path):
    given = {"about": about(), "assignable": pd.DataFrame([
        unit(LISSONE, units=2.0, rooms=3.0), unit(LISSONE, units=1.0, rooms=None),
        unit(LISSONE, origin="to_become_free", units=4.0, rooms=2.0),
        unit(LISSONE, origin="new", units=5.0, rooms=7.0)])}  # fmt: skip
    supply = draft(AREA, "annual", 2027, own=written(tmp_path, **given), as_of=TODAY).supply
    assert supply.free_ready.to_dict() == {2: 0, 3: 2, 6: 0}
    assert supply.relets[2] == 4
    assert supply.committed[6] == 5


# --- the plan before -----------------------------------------------------------------------


def before(folder, year=2026, **changed):
    given = tables(year) | changed
    given["stock"] = changed.get("stock", stock().assign(SAP=lambda one: one["SAP"] + 1))
    return written(folder, name="prima.xlsx", **given)


def test_rows_stand_beside_those_of_the_plan_before(tmp_path):
    given = tables()
    given["differences"] = pd.DataFrame([
        {"municipality_code": LISSONE, "owner": "aler", "item": "stock_SAP", "reason": "una vendita"}
    ])  # fmt: skip
    plan = draft(AREA, "annual", 2027, written(tmp_path, **given), before(tmp_path), as_of=TODAY)
    rows = plan.beside.set_index(["municipality_code", "owner", "item"])
    names = ["before", "now", "difference", "reason"]
    assert rows.loc[(LISSONE, "aler", "stock_SAP"), names].tolist() == [121, 120, -1, "una vendita"]
    assert rows.loc[(LISSONE, "municipality", "stock_SAP"), "reason"] == ""
    assert rows.loc[(LISSONE, "municipality", "assignable_SAP"), "difference"] == 0


def test_a_row_that_one_plan_lacks_is_missing(tmp_path):
    given = tables() | {"stock": stock().iloc[2:]}
    plan = draft(AREA, "annual", 2027, written(tmp_path, **given), before(tmp_path), as_of=TODAY)
    rows = plan.beside.set_index(["municipality_code", "owner", "item"])
    row = rows.loc[(places()[0][0], "municipality", "stock_SAP")]
    assert row["before"] == 42
    assert pd.isna(row["now"])
    assert pd.isna(row["difference"])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda folder: before(folder, 2027), "deve essere prima del 2027"),
        (lambda folder: before(folder, about=about(year=2026, name="Seregno")), "Seregno"),
        (lambda folder: before(folder, stock=stock().assign(municipality_code="015146",
                                                            owner="aler").iloc[[0]]), "015146"),
        (lambda folder: folder / "nessuno.xlsx", "nessuno.xlsx"),
    ],
)  # fmt: skip
def test_a_plan_before_that_cannot_be_it(tmp_path, made, words):
    with pytest.raises(SourceError, match=words):
        draft(AREA, "annual", 2027, previous=made(tmp_path), as_of=TODAY)


def test_a_plan_before_that_is_something_else(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(SourceError, match="needs-analysis plan template"):
        draft(AREA, "annual", 2027, previous=tmp_path / "x.xlsx", as_of=TODAY)
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "y.xlsx", index=False)
    with pytest.raises(SourceError, match="piano precedente"):
        draft(AREA, "annual", 2027, previous=tmp_path / "y.xlsx", as_of=TODAY)
