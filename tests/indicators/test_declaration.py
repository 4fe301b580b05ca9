"""How an indicator is declared, computed, pooled and ranked."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis import indicators, parameters, store
from needs_analysis.errors import Refused
from needs_analysis.figures import Figures, Quality
from needs_analysis.indicators import declaration
from needs_analysis.municipal import incomes
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.territory import municipalities
from needs_analysis.words import voices

FIELDS = {
    "polarity": 1,
    "label": "Prova",
    "definition": "Una prova.",
    "reference": "Nessuno (2026)",
}


@pytest.fixture(autouse=True)
def registry_as_it_was(monkeypatch):
    monkeypatch.setattr(declaration, "_REGISTRY", dict(declaration._REGISTRY))


def made_up_share(households, *, sustainable_rent_share):
    """A trial. It says nothing."""
    return households * sustainable_rent_share


def declare(code="Z1", function=made_up_share, module="security", **changed):
    function.__module__ = f"needs_analysis.indicators.{module}"
    return indicators.indicator(code, **(FIELDS | changed))(function)


def test_the_declaration_is_read_from_the_function():
    assert declare() is made_up_share  # the plain function comes back
    found = indicators.registry()["made_up_share"]
    assert (found.id, found.component, found.unit) == ("Z1", "security", "share")
    assert found.inputs == ("households",)
    assert found.parameters == ("sustainable_rent_share",)
    assert found.definition_in() == FIELDS["definition"]
    assert found.label_in() == "Prova"
    assert (found.level, found.quality) == ("municipality", Quality.OBSERVED)


def own(code="X1", name="own_share", times=2):
    """Declare an indicator as a cell of a notebook does: the function is of no file of ours."""

    def formula(households):
        return households * times

    formula.__module__, formula.__name__ = "__main__", name
    return indicators.indicator(code, component="security", **FIELDS)(formula)


def test_one_of_ones_own_is_computed_and_declared_again_replaces_itself():
    frame = pd.DataFrame({"households": [3.0]}, index=["108033"])
    own()
    assert indicators.compute(frame, ["own_share"]).data["own_share"].item() == 6
    own(times=5)  # the cell is run again, changed
    own(code="X2", times=5)  # and with another code
    assert indicators.compute(frame, ["x2"]).data["own_share"].item() == 15
    assert indicators.codebook().loc["own_share", ["id", "component"]].tolist() == [
        "X2",
        "security",
    ]
    indicators.forget("X2")
    assert "own_share" not in indicators.registry()


def test_one_of_ones_own_never_takes_the_place_of_a_shipped_one_or_of_another():
    own()
    with pytest.raises(
        Refused, match="X1 rent_to_income_ratio: il nome è di un indicatore del prog"
    ):
        own(name="rent_to_income_ratio")
    with pytest.raises(Refused, match="il codice è già di «own_share»"):
        own(code="x1", name="another_share")
    with pytest.raises(Refused, match="rent_to_income_ratio non è un indicatore"):
        indicators.forget("rent_to_income_ratio")
    assert indicators.registry()["rent_to_income_ratio"].id == "A1"


def test_a_code_of_the_codebook_stands_for_the_name():
    assert [indicators.name_of(one) for one in ("A1", "c2", "boh")] == [
        "rent_to_income_ratio", "eviction_orders_per_1000", "boh",
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["label", "definition", "reference"])
def test_a_blank_field_fails_at_import(field):
    with pytest.raises(Refused, match=f"indicatore Z1 made_up_share: manca «{field}»"):
        declare(**{field: " "})


def test_all_problems_of_a_declaration_are_said_at_once():
    def undocumented_share(households, *, no_such_parameter):
        return households * no_such_parameter

    with pytest.raises(Refused) as error:
        declare("A1", undocumented_share, "no_component", polarity=2, level="street")
    for word in (
        "polarity",
        "level",
        "component",
        "il codice è già di «rent_to_income_ratio»",
        "no_such_parameter",
    ):
        assert word in str(error.value)
    assert "undocumented_share" not in indicators.registry()


def test_words_may_name_parameters_and_say_their_values():
    declare(
        label="Canoni +{rent_scenario_increase_share}",
        definition="Per {purchase_dwelling_m2} m² e {modest_income_low_eur} euro.",
    )
    usual = indicators.registry()["made_up_share"]
    assert (usual.label_in(), usual.definition_in()) == ("Canoni +30 %", "Per 80 m² e 10.000 euro.")
    changed = {"rent_scenario_increase_share": 0.125, "modest_income_low_eur": 12345.5}
    own = indicators.registry(changed)["made_up_share"]
    assert own.label_in() == "Canoni +12,5 %"
    assert own.definition_in() == "Per 80 m² e 12.345,5 euro."
    assert indicators.codebook(changed).loc["made_up_share", "label_it"] == "Canoni +12,5 %"


def test_no_shipped_word_keeps_a_value_that_a_study_may_change():
    changed = {}
    for one in parameters.table():
        more = 0.07 if one.unit == "share" else 1
        tried = (one.value + more, one.range.high, one.range.low)
        other = [v for v in tried if v not in (None, one.value) and not one.wrong(v)]
        changed |= {one.name: other[0]} if other else {}  # what the law fixes has no other
    for name, one in indicators.registry(changed).items():
        said = [f(voice) for voice in voices() for f in (one.label_in, one.definition_in)]
        for text in said:
            for usual in ("30 %", "0,30", "0.30", "75 m", "80 m", "60 m", "a 3 dichiaranti", "{"):
                assert usual not in text, name


def test_words_that_name_no_parameter_fail_at_import():
    with pytest.raises(Refused, match="no_such_parameter"):
        declare(label="More than {no_such_parameter}")


def test_the_income_classes_of_the_declarations_are_those_of_the_panel():
    for name in ("below_rent_threshold_share", "below_rent_threshold_scenario_share"):
        counts = [f"declarants_{one}" for one in incomes.CLASSES]
        assert list(indicators.registry()[name].inputs) == [
            "annual_rent_eur",
            *counts,
            *(f"income_{one}_eur" for one in incomes.CLASSES[1:-1]),
            "blank_classes",
        ]
    amounts = [f"income_{one}_eur" for one in incomes.CLASSES]
    assert list(indicators.registry()["income_between_class_gini_ratio"].inputs) == counts + amounts


def test_a_missing_or_unknown_field_fails_at_import():
    with pytest.raises(TypeError, match="label"):
        indicators.indicator("Z1", polarity=1, definition="x", reference="x")
    with pytest.raises(TypeError, match="colour"):
        indicators.indicator("Z1", **FIELDS, colour="red")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("rent_eur_m2_month", "eur_m2_month"),
        ("price_eur_m2", "eur_m2"),
        ("income_eur", "eur"),
        ("residents_per_km2", "per_km2"),
        ("old_age_index_per_100", "per_100"),
        ("beds_per_1000", "per_1000"),
        ("households", "count"),
    ],
)
def test_the_unit_stands_in_the_name(name, unit):
    assert declaration.unit_of(name) == unit


def test_the_codebook_is_complete(computed):
    book = indicators.codebook()
    assert set(book.index) == set(computed.data.columns)
    assert book["id"].is_unique
    assert set(book["component"]) <= set(declaration.COMPONENTS)
    assert set(book["polarity"]) <= {-1, 0, 1}
    # H6 takes no unit but its code, all others have one
    assert "count" not in set(book["unit"])
    text = ["label_it", "label_en", "definition_it", "definition_en", "reference", "inputs"]
    assert (book[text].map(len) >= 3).all().all()
    for column in ("definition_it", "definition_en"):
        assert book[column].str.endswith(".").all()
    assert not (book["label_it"] == book["label_en"]).any()
    for names in book["parameters"]:
        assert set(names.split()) <= set(parameters.values())


def test_the_indicators_of_the_first_study_are_there():
    ids = set(indicators.codebook()["id"])
    assert {"A1", "A2", "A3", "A4", "A10", "B5", "B9", "C1", "C2", "C3", "C4", "C5"} <= ids
    evictions = indicators.codebook()["level"].eq("province")
    assert evictions.sum() == 4
    assert all(name.startswith("eviction_") for name in evictions.index[evictions])


def test_ids_sort_as_numbers():
    found = indicators.registry().values()
    ids = [one.id for one in found if re.match(r"A\d", one.id)]
    assert [one for one in ids if one in ("A2", "A10", "A10S", "A12")] == [
        "A2",
        "A10",
        "A10S",
        "A12",
    ]
    numbers = [int(re.match(r"A(\d+)", one)[1]) for one in ids]
    assert numbers == sorted(numbers)


# --- computing


def three() -> Figures:
    index = pd.Index(["a", "b", "c"])
    frame = pd.DataFrame(
        {"eviction_orders": [10.0, 3.0, np.nan], "households": [1000.0, 0.0, 500.0]}, index=index
    )
    quality = pd.DataFrame(
        {"eviction_orders": [Quality.ALLOCATED, 0, Quality.MISSING], "households": [0, 0, 0]},
        index=index,
    )
    vintage = pd.DataFrame({"eviction_orders": "2024", "households": "2021"}, index=index)
    sources = {"eviction_orders": ("interno",), "households": ("istat",)}
    return Figures.of(frame, quality=quality, vintage=vintage, sources=sources)


def test_the_worst_quality_the_joined_vintages_and_all_sources_propagate():
    found = indicators.compute(three(), ["eviction_orders_per_1000"])
    name = "eviction_orders_per_1000"
    assert found.data[name].iloc[0] == 10.0  # 1000 * 10 / 1000
    assert found.data[name].iloc[1:].isna().all()
    assert found.quality[name].tolist() == [Quality.ALLOCATED, Quality.MISSING, Quality.MISSING]
    assert found.vintage[name].iloc[0] == "2021 + 2024"
    assert found.sources[name] == ("interno", "istat")


def test_only_the_indicators_whose_inputs_are_there():
    frame = pd.DataFrame({"resident_population": [10.0], "area_km2": [2.0]})
    assert indicators.compute(frame).data.to_dict("list") == {"residents_per_km2": [5.0]}
    with pytest.raises(Refused, match="no_such_indicator non è un indicatore"):
        indicators.compute(frame, ["no_such_indicator"])
    with pytest.raises(Refused, match="rent_to_income_ratio: mancano le colonne"):
        indicators.compute(frame, ["rent_to_income_ratio"])


def test_national_indicators_carry_their_dates_and_qualities(computed):
    assert computed.vintage.loc["108033", "rent_to_income_ratio"] == "2018/2 + 2021"
    assert computed.quality.loc["108033", "rent_to_income_ratio"] == Quality.OBSERVED
    modelled = computed.quality["below_rent_threshold_share"]
    assert set(modelled) == {Quality.MODELLED, Quality.MISSING}
    evictions = computed.quality["eviction_executions_per_1000"]
    assert set(evictions) == {Quality.ALLOCATED, Quality.MISSING}
    assert set().union(*computed.sources.values()) <= set(store.cited())
    for name in computed.data.columns:
        assert computed.sources[name]


def test_no_value_is_infinite(computed):
    numbers = computed.data.drop(columns="degree_of_urbanisation_code")
    assert not np.isinf(numbers.to_numpy(dtype=float)).any()
    shares = [n for n in numbers if n.endswith("_share") and not n.endswith("growth_share")]
    assert len(shares) >= 10
    assert ((numbers[shares] >= 0) | numbers[shares].isna()).all().all()
    assert ((numbers[shares] <= 1) | numbers[shares].isna()).all().all()


def test_bounds_hold_for_all_municipalities(computed):
    for name in ("low_income_share", "below_rent_threshold_share"):
        low, central, high = (part[name] for part in (computed.low, computed.data, computed.high))
        known = central.notna()
        assert known.sum() > 7000
        assert (low[known] <= central[known]).all()
        assert (central[known] <= high[known]).all()
    blank = computed.low["low_income_share"] < computed.high["low_income_share"]
    assert blank.sum() == 4028


def test_overrides_reach_the_formula(national):
    some = national.rows(["108041"])
    (usual,) = indicators.compute(some, ["price_to_income_years"]).data.iloc[0]
    (wider,) = indicators.compute(
        some, ["price_to_income_years"], {"purchase_dwelling_m2": 160}
    ).data.iloc[0]
    assert wider == pytest.approx(2 * usual)


@given(
    st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), min_size=1, max_size=5),
    st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), min_size=5, max_size=5),
)
def test_a_ratio_is_missing_rather_than_infinite_for_counts(numerators, denominators):
    # counts and amounts: a denominator is zero, negative by mistake, or at least a cent
    bottom = pd.Series(denominators[: len(numerators)]).round(2)
    found = declaration.ratio(pd.Series(numerators), bottom)
    assert not np.isinf(found).any()
    assert found[~(bottom > 0)].isna().all()


# --- areas


def province(abbreviation: str) -> list[str]:
    units = municipalities()
    return units.index[units["province_abbreviation"] == abbreviation].tolist()


def test_an_area_is_weighted_rent_over_pooled_income_never_a_mean_of_ratios(national, computed):
    codes = province("MB")
    data = national.data.loc[codes]
    rent, households = data["annual_rent_eur"].to_numpy(), data["households"].to_numpy()
    income = data["taxable_income_eur"].to_numpy()
    declarants = data["taxable_income_declarants"].to_numpy()
    assert not np.isnan(rent).any()
    expected = ((rent * households).sum() / households.sum()) / (income.sum() / declarants.sum())
    found = indicators.compute_areas(national, {"MB": codes})
    assert found.value("MB", "rent_to_income_ratio") == pytest.approx(expected, rel=1e-12)
    mean = computed.data.loc[codes, "rent_to_income_ratio"].mean()
    assert abs(mean - expected) > 0.001
    # price: household-weighted too, 80 m2 of it
    price = (data["price_eur_m2"].to_numpy() * households).sum() / households.sum()
    assert found.value("MB", "price_to_income_years") == pytest.approx(
        80 * price / (income.sum() / declarants.sum()), rel=1e-12
    )


def test_municipalities_without_rent_are_left_out_of_both_sides(national):
    codes = province("PV")
    data = national.data.loc[codes]
    assert data["annual_rent_eur"].isna().sum() > 50
    data = data[data["annual_rent_eur"].notna()]
    rent = np.average(data["annual_rent_eur"], weights=data["households"])
    income = data["taxable_income_eur"].sum() / data["taxable_income_declarants"].sum()
    found = indicators.compute_areas(national, {"PV": codes})
    assert found.value("PV", "rent_to_income_ratio") == pytest.approx(rent / income, rel=1e-12)
    coverage = indicators.coverage(national, {"PV": codes})
    share = data["households"].sum() / national.data.loc[codes, "households"].sum()
    assert coverage.loc["PV", "rent_to_income_ratio"] == pytest.approx(share)
    assert coverage.loc["PV", "residents_per_km2"] == 1


def test_counts_of_an_area_are_pooled(national):
    codes = province("MB")
    data = national.data.loc[codes]
    found = indicators.compute_areas(national, {"MB": codes})
    assert found.value("MB", "eviction_orders_per_1000") == pytest.approx(1000 * 710 / 381_293)
    assert found.value("MB", "eviction_executions_per_1000") == pytest.approx(1000 * 561 / 381_293)
    assert found.value("MB", "eviction_requests_per_order_ratio") == pytest.approx(3158 / 710)
    # 10 + 579 of 710 orders are for arrears
    assert found.value("MB", "eviction_arrears_share") == pytest.approx(589 / 710)
    assert found.quality.loc["MB", "eviction_orders_per_1000"] == Quality.OBSERVED
    low = data[["declarants_to_0", "declarants_0_10k"]].sum().sum()
    assert found.value("MB", "low_income_share") == pytest.approx(low / data["declarants"].sum())
    assert found.quality.loc["MB", "below_rent_threshold_share"] == Quality.MODELLED


def test_the_area_of_one_municipality_is_the_municipality(national, computed):
    found = indicators.compute_areas(national, {"x": ["015146"], "y": ["001002"]})
    assert found.data.index.tolist() == ["x", "y"]
    for unit, code in (("x", "015146"), ("y", "001002")):
        for name in found.data.columns:
            assert found.value(unit, name) == pytest.approx(
                computed.value(code, name), rel=1e-12, nan_ok=True
            ), name
            for side in ("low", "high"):
                own, theirs = getattr(found, side), getattr(computed, side)
                assert own.loc[unit, name] == pytest.approx(theirs.loc[code, name], nan_ok=True)
    assert "degree_of_urbanisation_code" not in found.data


def test_italy_keeps_the_published_totals(national):
    italy = indicators.compute_areas(national, {"Italia": list(national.data.index)})
    # three provinces lack their orders: their households leave the denominator too
    published = evictions_by_province()
    known = published.dropna(subset=["orders"])
    assert italy.value("Italia", "eviction_orders_per_1000") == pytest.approx(
        1000 * known["orders"].sum() / known["households"].sum(), rel=1e-9
    )
    assert italy.value("Italia", "residents_per_household_ratio") == pytest.approx(
        59_030_133 / 26_206_246
    )


# --- ranks


def test_rank_one_is_the_worst_and_ties_share_the_lowest():
    frame = pd.DataFrame(
        {
            "rent_to_income_ratio": [0.2, 0.4, 0.4, np.nan],
            "affordable_surface_m2": [50.0, 80.0, 20.0, 30.0],
        },
        index=list("abcd"),
    )
    found = indicators.ranks(Figures.of(frame))
    assert found["rent_to_income_ratio"].tolist()[:3] == [3, 1, 1]
    assert np.isnan(found.loc["d", "rent_to_income_ratio"])
    # few square metres are worse: 20, 30, 50, 80
    assert found["affordable_surface_m2"].tolist() == [3, 4, 1, 2]
    inside = indicators.ranks(Figures.of(frame), pd.Series(list("xxyy"), index=frame.index))
    assert inside["rent_to_income_ratio"].tolist()[:3] == [2, 1, 1]
    assert inside["affordable_surface_m2"].tolist() == [1, 2, 1, 2]


def test_allocated_values_have_no_rank_and_evictions_none_by_municipality(computed):
    found = indicators.ranks(computed)
    evictions = [name for name in found if name.startswith("eviction_")]
    assert len(evictions) == 4
    assert found[evictions].isna().all().all()
    allocated = computed.quality["accommodation_beds_per_1000"] == Quality.ALLOCATED
    assert allocated.sum() > 0
    assert found.loc[allocated, "accommodation_beds_per_1000"].isna().all()
    assert found["rent_to_income_ratio"].min() == 1
    assert found["rent_to_income_ratio"].count() == 7351


def test_provinces_have_a_rank_for_evictions(national):
    home = prefecture_provinces()
    groups = {str(name): list(codes) for name, codes in home.groupby(home).groups.items()}
    found = indicators.ranks(indicators.compute_areas(national, groups))
    # 106 provinces, three without orders (CL, EN, RC)
    assert found["eviction_orders_per_1000"].count() == 103
