"""A trace is worth its name if the figure can be made again from it."""

import math

import numpy as np
import pandas as pd
import pytest

import needs_analysis as na
from needs_analysis import indicators, panel, store, tracing
from needs_analysis.errors import Refused
from needs_analysis.figures import Quality
from needs_analysis.households import with_model
from needs_analysis.indicators import declaration
from needs_analysis.municipal.pools import pool
from needs_analysis.territory import areas, municipalities

# Merged since 2018 (weights), merged after 2022 (split beds), net rents, blank classes, a capital
# with a reliable split, Sud Sardegna, no rent, no report of evictions.
SPECIAL = (
    "108033", "108041", "015146", "100005", "087015", "111009", "007001", "096088", "013199",
    "086009", "012009", "075097", "092009",
)  # fmt: skip


@pytest.fixture(scope="module")
def national():
    return indicators.compute(with_model(panel.build()))


def codes(many: int) -> list[str]:
    drawn = np.random.default_rng(7).choice(panel.build().data.index, many, replace=False)
    return [*(code for code in SPECIAL if code in panel.build().data.index), *map(str, drawn)]


@pytest.mark.slow
def test_random_cells_of_a_briefing_are_made_again_from_their_traces(national, soak):
    checked = 0
    for code in codes(12 if soak else 3):
        for name, declared in indicators.registry().items():
            if declared.unit == "code":
                continue
            found = tracing.trace(code, name)
            printed = national.value(code, name)
            if math.isnan(printed):
                assert math.isnan(found.value), (code, name)
                continue
            assert found.value == pytest.approx(printed, rel=1e-12)
            assert tracing.recompute(found) == pytest.approx(printed, rel=1e-9), (code, name)
            checked += 1
    assert checked > 300


def text(found):
    """What a column of words was taken from."""
    return {one.value for one in leaves(found)}


# Merged after 2022: by weights of 2011, by sums, with withheld classes, of different classes.
LATER = {"2026-09-01": ("108033", "012144", "024128", "018026", "028108", "113017", "116010")}


@pytest.mark.slow
@pytest.mark.parametrize("day", [None, *LATER])
def test_every_column_of_the_panel_is_made_again_from_its_trace(day, soak):
    figures = panel.build(codes_on=day)
    places = LATER.get(day, codes(12 if soak else 0))
    for code in places if soak else places[1::2]:
        for name in figures.data.columns:
            found, value = tracing.trace(code, name, codes_on=day), figures.data.loc[code, name]
            assert found.value == value or (pd.isna(found.value) and pd.isna(value)), (code, name)
            if isinstance(value, str):
                assert text(found) == {value}, (code, name)
            elif not math.isnan(value):
                assert tracing.recompute(found) == pytest.approx(value, rel=1e-9), (code, name)


def leaves(found):
    return [found] if not found.inputs else [x for one in found.inputs for x in leaves(one)]


def test_leaves_name_publisher_file_date_and_row():
    found = na.trace("108033", "rent_to_income_ratio")
    published = [one for one in leaves(found) if one.source]
    assert na.trace("108033", "a1") == found  # by the code of the codebook
    assert {one.source.publisher.split(" - ")[0] for one in published} == {
        "Agenzia delle Entrate",
        "Ministero dell'Economia e delle Finanze",
    }
    assert all(one.source.checksum and one.source.reference_date for one in published)
    assert {one.key for one in published} == {"cadastral_code F704"}
    assert "rents.csv, cadastral_code F704" in "\n".join(found.lines())
    assert found.as_dict()["inputs"][0]["name"] == "annual_rent_eur"


def test_an_allocated_figure_names_the_province_and_what_it_was_spread_over():
    found = na.trace("Monza", "eviction_orders")
    total, own, base = found.inputs
    # MB: 26 orders in the capital and 684 in the rest, over 56,209 of 381,293 households.
    assert (total.value, own.value, base.value) == (710.0, 56209.0, 381293.0)
    assert found.quality == "allocated"
    assert found.value == pytest.approx(710 * 56209 / 381293)


@pytest.mark.parametrize(
    "place, figure, said",
    [
        ("Monza", "nothing", "«nothing» non è"),
        ("ambito:Monza", "nothing", "«nothing» non è"),
        ("Monza", "housing_distress_score", "i punteggi di un indice non hanno una traccia"),
        ("ambito:Monza", "mio_score", "i punteggi di un indice non hanno una traccia"),
        ("ambito:Monza", "degree_of_urbanisation_code", "solo per comune"),
        ("ambito:Monza", "rent_typology_code", "solo per comune"),
        ("ambito:Mnza", "households", "Mnza"),
    ],
)
def test_what_does_not_exist_is_said(place, figure, said):
    with pytest.raises(Refused, match=said):
        tracing.trace(place, figure)


# --- areas


# Whole provinces, part of one, a shared region, two kinds of census data, places without a rent.
AREAS = (
    "provincia:Sondrio",
    "ambito:Desio",
    "provincia:Pavia",
    "regione:Molise",
    "provincia:Sud Sardegna",
)


def numbers():
    return [name for name, one in indicators.registry().items() if one.unit != "code"]


def listed(found):
    return [one for one in leaves(found) if one.rows]


@pytest.mark.slow
@pytest.mark.parametrize("words", AREAS)
def test_random_cells_of_an_area_are_made_again_from_the_rows_they_list(words):
    members = areas.find(words).codes
    whole = with_model(panel.build())
    printed = indicators.compute_areas(whole, {"area": members})
    for name in np.random.default_rng(len(members)).choice(numbers(), 14, replace=False):
        found = tracing.trace(words, name)
        assert found.value == pytest.approx(printed.value("area", name), nan_ok=True), name
        assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9, nan_ok=True), name
        for leaf in listed(found):
            assert leaf.rows.units == tuple(members)
            assert leaf.rows.names[0] == municipalities().loc[members[0], "municipality_name"]
            own = whole.rows(members)
            assert np.array_equal(leaf.rows.values, own.data[leaf.name], equal_nan=True)
            words_of = [Quality(kind).name.lower() for kind in own.quality[leaf.name]]
            assert list(leaf.rows.quality) == words_of


@pytest.mark.slow
@pytest.mark.parametrize("words", AREAS)
def test_every_column_of_an_area_is_made_again_from_the_rows_it_lists(words):
    figures, members = panel.build(), areas.find(words).codes
    for name in figures.data.select_dtypes("number"):
        found = tracing.trace_area(figures, members, name)
        pooled = pool(figures, {"area": members}, [name])
        assert found.value == pytest.approx(pooled.value("area", name), nan_ok=True), name
        assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9, nan_ok=True), name


@pytest.mark.slow
def test_every_listed_row_is_found_in_its_table_with_its_value():
    members = areas.find("provincia:Pavia").codes
    figures = with_model(panel.build())
    wanted = dict.fromkeys(one for name in numbers() for one in indicators.registry()[name].inputs)
    tables = {}
    for column in wanted:
        for leaf in listed(tracing.trace_area(figures, members, column)):
            if not leaf.rows.key:  # of the model: no table has them
                assert leaf.quality in ("modelled", "imputed") and leaf.name.startswith(
                    ("market", "overburdened")
                )
                continue
            if leaf.table not in tables:
                tables[leaf.table] = store.table(leaf.table)
            table, rows = tables[leaf.table], leaf.rows
            known, there = set(table[rows.key]), leaf.name in table
            cells = set(zip(table[rows.key], table[leaf.name], strict=True)) if there else set()
            for key, value in zip(rows.keys, rows.values, strict=True):
                parts = key.split(" + ") if key else []
                assert known.issuperset(parts), (leaf.name, key)
                if there and len(parts) == 1 and not math.isnan(value):
                    assert (key, value) in cells, leaf.name


@pytest.mark.parametrize(
    "column", ["net_income_eur", "declarants", "declarants_up_to_10k", "accommodation_beds"]
)
def test_the_formula_of_a_column_makes_it_from_its_row(column):
    found = tracing.trace("provincia:Pavia", column)
    table = store.table(found.table).fillna(0.0)
    if "year" in table:
        table = table[table["year"] == table["year"].max()]
    table = table.set_index(found.rows.key)
    alone = [
        (k, v) for k, v in zip(found.rows.keys, found.rows.values, strict=True) if k in table.index
    ]
    made = table.loc[[key for key, _ in alone]].eval(found.rows.formula)
    assert len(alone) > 150
    assert made.tolist() == pytest.approx([value for _, value in alone])


def test_who_lacks_one_figure_counts_in_none_and_is_said():
    # Lirio has incomes and no OMI rent, Sovico has both: the ratio is Sovico's.
    lirio, sovico = "018082", "108041"
    found = tracing.trace_area(panel.build(), [lirio, sovico], "rent_to_income_ratio")
    rent, income = found.inputs
    amount, declarants = income.inputs
    assert found.value == tracing.trace(sovico, "rent_to_income_ratio").value
    assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-12)
    assert rent.rows.counted == amount.rows.counted == declarants.rows.counted == (False, True)
    assert (rent.rows.left_out(), amount.rows.left_out()) == ([], [lirio])
    said = "\n".join(found.lines())
    assert "Lirio (018082) = n.d." in said
    assert said.count("non contato") == 2
    assert found.as_dict()["inputs"][1]["inputs"][0]["left_out"] == [lirio]


def test_a_terminal_shows_ten_rows_of_each_step_and_json_all():
    found = tracing.trace("provincia:Pavia", "low_income_share")
    text = "\n".join(found.lines())
    assert text.count("incomes.csv, cadastral_code") == 4 * 10
    assert text.count(f"... e altri {186 - 10}") == 4
    rows = found.as_dict()["inputs"][0]["rows"]
    assert (len(rows), rows[0]) == (186, ["018001", "A118", 133.0, "observed"])


def test_many_trees_share_the_rows_of_a_column():
    shared = {}
    for name in ("residents_75_over_share", "residents_85_over_share"):
        plain = tracing.trace("provincia:Pavia", name).as_dict(shared)
        assert plain["inputs"][1]["rows"] == "residents_by_age"
    assert list(shared) == ["residents_75_over", "residents_by_age", "residents_85_over"]


@pytest.mark.slow
def test_an_area_of_a_study_with_its_own_parameters_is_traced_with_them():
    smaller = {"reference_dwelling_gross_m2": 65.0}
    found = tracing.trace("ambito:Desio", "rent_to_income_ratio", smaller)
    usual = tracing.trace("ambito:Desio", "rent_to_income_ratio")
    assert found.value == pytest.approx(usual.value * 65 / 75)
    assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9)


@pytest.mark.slow
def test_a_study_with_its_own_parameters_is_traced_with_them():
    smaller = {"reference_dwelling_gross_m2": 65.0, "sustainable_rent_share": 0.25}
    found = tracing.trace("108033", "below_rent_threshold_share", smaller)
    figures = indicators.compute(panel.build(overrides=smaller), overrides=smaller)
    assert found.value == figures.value("108033", "below_rent_threshold_share")
    assert tracing.recompute(found) == pytest.approx(found.value, rel=1e-9)
    assert found.value != tracing.trace("108033", "below_rent_threshold_share").value


def test_an_indicator_of_ones_own_has_a_trace_unless_it_is_made_of_ones_own_columns(monkeypatch):
    monkeypatch.setattr(declaration, "_REGISTRY", dict(declaration._REGISTRY))
    words = {"label": "L", "definition": "D.", "reference": "R", "component": "demography"}

    def people_ratio(resident_population, households):
        return resident_population / households

    def own_ratio(mine, households):
        return mine / households

    for code, formula in (("X1", people_ratio), ("X2", own_ratio)):
        na.indicator(code, polarity=0, **words)(formula)
    found = na.trace("108033", "x1")
    # Monza: 121,984 residents, 56,209 households.
    assert found.value == tracing.recompute(found) == pytest.approx(121_984 / 56_209)
    for area in ("108033", "ambito:Monza"):
        with pytest.raises(Refused, match="«own_ratio» è fatto di «mine», che non è del programma"):
            na.trace(area, "X2")
