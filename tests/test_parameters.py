"""Every number that is not data has a row, a source and a date."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import needs_analysis
from needs_analysis import parameters
from needs_analysis.composite import Choices
from needs_analysis.disclosure import Rules
from needs_analysis.errors import ParameterError, Refused
from needs_analysis.patterns import typology
from needs_analysis.policies.catalogue import ROWS, every
from needs_analysis.services.capacity import queues
from needs_analysis.services.capacity.demand import Target
from needs_analysis.services.files import invented
from needs_analysis.services.measures import intervals, survival
from needs_analysis.services.network import collaboration as network


def test_every_row_is_complete_and_its_range_holds_its_value():
    rows = parameters.table()
    assert rows
    for row in rows:
        assert row.name and row.area and row.unit and row.source and row.note, row
        assert math.isfinite(row.value)
        assert row.low is None or row.low <= row.value
        assert row.high is None or row.value <= row.high
        assert row.valid_to is None or row.valid_from < row.valid_to


# Where a parameter is read without what a study puts in its place, and why that drops nothing.
_WITHOUT_A_STUDY = {
    "disclosure/counts.py": "the least that the law allows is not a study's to change",
    "municipal/series.py": "editions of a publisher are compared outside any study",
    "patterns/autocorrelation.py": "a study's values come in its arguments",
    "indicators/declaration.py": "only the names are looked up",
    "parameters.py": "the reader itself",
    "plans/files.py": "the guide of a template says what the law says",
}


def test_what_a_study_puts_in_the_place_of_a_row_is_read():
    package = Path(needs_analysis.__file__).parent
    named, without = set(), set()
    for file in package.rglob("*.py"):
        place = file.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            elif isinstance(node, ast.arg):
                named.add(node.arg)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of = ast.unparse(node.func)
                if of == "parameters.values" and not (node.args or node.keywords):
                    without.add(place)
    for policy in every().values():
        named |= {*policy.parameters.values(), *(getattr(policy, one) for one in ROWS)}
        named |= {row for one in policy.eligibility for row in one.rows.values()}
    assert without | {"parameters.py"} == set(_WITHOUT_A_STUDY)
    for row in parameters.table():
        words = {row.name, f"parameters.{row.name}"}
        # Definitions name the rows that they are worded with.
        assert named & words or any(row.name in one for one in named), row.name


def test_the_least_of_the_law_is_no_choice():
    with pytest.raises(ParameterError, match="disclosure_sistan_count_min"):
        parameters.values({"disclosure_sistan_count_min": 4})


def test_one_row_a_name_is_in_force():
    open_ended = [row.name for row in parameters.table() if row.valid_to is None]
    assert len(open_ended) == len(set(open_ended))
    assert set(parameters.values()) == {row.name for row in parameters.table()}


def test_no_day_has_two_rows_of_a_name():
    rows = parameters.table()
    for one in rows:
        same = [
            row.valid_from for row in rows if row.name == one.name and row.holds(one.valid_from)
        ]
        assert same == [one.valid_from], one.name


def test_the_row_of_a_day_is_the_one_that_holds_on_it(monkeypatch):
    """60 until the end of 2023, 75 from the first day of 2024."""
    new = replace(parameters.in_force()["reference_dwelling_gross_m2"], valid_from=date(2024, 1, 1))
    old = replace(new, value=60.0, valid_from=date(2015, 7, 1), valid_to=date(2023, 12, 31))
    monkeypatch.setattr(parameters, "table", lambda: (new, old))
    days = [date(2015, 6, 30), date(2015, 7, 1), date(2023, 12, 31), date(2024, 1, 1), None]
    found = [parameters.in_force(day).get(new.name) for day in days]
    assert found == [None, old, old, new, new]


def test_the_numbers_the_methods_name():
    values = parameters.values()
    assert values["reference_dwelling_gross_m2"] == 75
    assert values["reference_dwelling_net_m2"] == 60
    assert values["sustainable_rent_share"] == 0.30
    assert values["rent_scenario_increase_share"] == 0.30
    assert values["suppressed_class_max_taxpayers"] == 3
    assert (values["treat_skewness_min"], values["treat_kurtosis_min"]) == (2, 3.5)
    assert values["eviction_split_factor_max"] == 5
    assert values["eviction_series_count_min"] == 100
    assert values["eviction_series_rise_max_share"] == 3.0
    assert values["eviction_series_fall_max_share"] == 0.70


def test_an_override_stands_over_the_table_and_leaves_it_alone():
    assert parameters.values({"purchase_dwelling_m2": 90})["purchase_dwelling_m2"] == 90.0
    assert parameters.values()["purchase_dwelling_m2"] == 80.0


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ParameterError, match="«rent_share» sconosciuto.*sustainable_rent_share"):
        parameters.values({"rent_share": 0.3})


@pytest.mark.parametrize("value", ["0.3", True, None, math.nan, math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ParameterError, match="non è un numero"):
        parameters.values({"sustainable_rent_share": value})


# --- unit and range


def said(**overrides) -> str:
    with pytest.raises(ParameterError) as error:
        parameters.values(overrides)
    return str(error.value)


def test_every_row_has_a_unit_with_a_range_that_holds_its_value():
    for row in parameters.table():
        assert row.unit in parameters.UNITS, row
        assert row.wrong(row.value) is None, row
        for end in (row.low, row.high):
            assert end is None or row.wrong(end) is None, row


@pytest.mark.parametrize("row", parameters.table(), ids=lambda row: row.name)
def test_every_row_refuses_what_its_unit_or_range_does_not_hold(row):
    beyond = [row.low - 1] if row.low is not None else [-1]
    beyond += [] if row.high is None else [row.high + 1]
    beyond += [row.value + 0.5] if row.range.whole else []
    beyond += [30 * row.range.high] if row.range.share else []
    for one in beyond:
        assert said(**{row.name: one}).startswith(f"{row.name} è ")


def test_a_share_written_per_cent_is_answered_with_the_share():
    assert said(sustainable_rent_share=30).startswith(
        "sustainable_rent_share è 30: deve stare fra 0,25 e 0,40; 30 per cento si scrive 0,30 "
        "(fonte: Nomisma-Federcasa"
    )
    assert "5 per cento si scrive 0,05" in said(false_discovery_share=5)
    assert "300 per cento si scrive 3" in said(eviction_series_rise_max_share=300)


def test_the_nearest_value_is_said():
    assert "il valore ammesso più vicino è 0,40" in said(sustainable_rent_share=0.6)
    assert "il valore ammesso più vicino è 0,25" in said(sustainable_rent_share=-30)
    assert "municipal_types è 3,7: deve essere un numero intero; il più vicino è 4" in said(
        municipal_types=3.7
    )
    assert "SISTAN" in said(disclosure_count_min=2)


def test_all_that_is_wrong_is_said_at_once():
    both = said(sustainable_rent_share=30, purchase_dwelling_m2=-1, rent=3)
    assert all(one in both for one in ("0,30", "purchase_dwelling_m2 è -1", "«rent» sconosciuto"))


def test_two_rows_that_bound_each_other_stay_in_order():
    assert "modest_income_low_eur è 20000: supera modest_income_high_eur" in said(
        modest_income_low_eur=20_000
    )
    both = parameters.values({"modest_income_low_eur": 20_000, "modest_income_high_eur": 25_000})
    assert both["modest_income_high_eur"] == 25_000


def test_a_range_says_what_is_out_of_it():
    inside = parameters.INSIDE_SHARE
    assert str(inside.wrong("level", 95)).endswith("95 per cento si scrive 0,95")
    assert str(inside.wrong("level", 1)) == "level è 1: deve stare fra 0 e 1, estremi esclusi"
    assert str(parameters.POSITIVE.wrong("sd", -10)) == "sd è -10: deve superare 0"
    assert str(parameters.Range(high=3).wrong("x", 4)) == "x è 4: deve essere al massimo 3"
    assert str(parameters.SEEDS.wrong("seed", True)) == "seed è True: non è un numero"
    assert parameters.SEEDS.wrong("seed", 0) is None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: intervals.wilson(3, 10, confidence=95), "95 per cento si scrive 0,95"),
        (lambda: intervals.student_t([3], confidence=1), "confidence è 1"),
        (lambda: queues.erlang_b(math.nan, 2.0), "places è nan: non è un numero"),
        (lambda: Target(share=90), "90 per cento si scrive 0,90"),
        (lambda: survival.time_to_share(survival.kaplan_meier([3], [True]), 50), "0,50"),
        (lambda: invented.network(seed=-1), "seed è -1"),
        (lambda: Rules(count_min=5.5, sensitive_count_min=10), "count_min è 5,5"),
        (lambda: network.survey_means(pd.DataFrame(), respondents_min=1), "deve essere da 3"),
        (lambda: network.survey_means(pd.DataFrame(), level=95), "si scrive 0,95"),
        (lambda: Choices(weights=25), "25 per cento si scrive 0,25"),
        (lambda: typology(pd.DataFrame(), groups=2.5), "groups è 2,5"),
    ],
)
def test_options_of_every_floor_are_checked(call, said):
    with pytest.raises(Refused, match=said):
        call()
