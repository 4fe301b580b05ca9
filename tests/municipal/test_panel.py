"""The join of all sources against what the publishers print."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from needs_analysis import panel, parameters, store
from needs_analysis.errors import AreaError
from needs_analysis.figures import Quality
from needs_analysis.municipal import incomes
from needs_analysis.municipal.declaration import Asked, Unmatched
from needs_analysis.municipal.evictions import evictions_by_province, prefecture_provinces
from needs_analysis.municipal.joins import POPULATION, joins
from needs_analysis.municipal.pools import pool
from needs_analysis.municipal.rents.joins import RENTS
from needs_analysis.territory import DAY, municipalities, select

CLASSES = [f"declarants_{one}" for one in incomes.CLASSES]


def code_of(name: str) -> str:
    units = municipalities()
    (code,) = units.index[units["municipality_name"] == name]
    return code


@pytest.mark.parametrize(
    ("name", "rent", "surface"),
    [
        ("Milano", 11.44, "L"),
        ("Monza", 7.23, "L"),
        ("Brugherio", 6.40, "L"),
        ("Catania", 4.81, "L"),
        ("Prato", 9.31, "N"),
        ("Macherio", 5.75, "L"),
        ("Sovico", 4.35, "L"),
    ],
)
def test_rents_of_the_second_half_of_2018(national, name, rent, surface):
    row = national.data.loc[code_of(name)]
    assert round(row["rent_eur_m2_month"], 2) == rent
    assert row["rent_surface_code"] == surface
    assert national.vintage.loc[code_of(name), "rent_eur_m2_month"] == "2018/2"


def test_rho_stands_between_two_cents(national):
    assert national.value(code_of("Rho"), "rent_eur_m2_month") == pytest.approx(5.725, abs=1e-9)


def test_annual_rent_takes_the_surface_of_its_own_kind(national):
    # Sovico, gross: 12 * 4.35 * 75 = 3915; Prato, net: 12 * 9.313333 * 60 = 6705.6
    assert national.value(code_of("Sovico"), "annual_rent_eur") == pytest.approx(3915)
    assert national.value(code_of("Prato"), "annual_rent_eur") == pytest.approx(6705.6, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "income"),
    [
        ("Milano", 35_892),
        ("Monza", 31_116),
        ("Rho", 25_147),
        ("Catania", 20_280),
        ("Prato", 20_983),
        ("Brugherio", 25_388),
        ("Sovico", 24_805),
    ],
)
def test_mean_taxable_income_of_2021(national, name, income):
    assert round(national.value(code_of(name), "mean_taxable_income_eur")) == income


def test_net_income_of_monza(national):
    # 2,693,716,347 taxable - 659,589,918 net tax - 39,027,023 - 20,112,690 surcharges
    # + 25,549,452 allowance = 2,000,536,168 over 86,569 declarants
    monza = national.data.loc["108033"]
    assert monza["net_income_eur"] == 2_000_536_168
    assert monza["mean_net_income_eur"] == pytest.approx(2_000_536_168 / 86_569)


@pytest.mark.slow
def test_income_totals_are_kept(national):
    raw = store.table("incomes")
    assert raw["taxpayers"].sum() == 41_497_318
    placed = raw[raw["municipality_code"] != "000000"]
    for column in ("taxpayers", "taxable_income_eur", *CLASSES):
        assert national.data[column].sum() == placed[column].sum()
    # the row without a municipality, 3,302 taxpayers, stays in the national total only
    assert raw["taxpayers"].sum() - national.data["taxpayers"].sum() == 3_302
    (note,) = [one for one in panel.join_report() if one.source == "mef_incomes"]
    assert note.names == ("Mancante/errata (3302 contribuenti)",)


def test_the_eight_classes_and_their_blanks(national):
    assert national.data[CLASSES].sum().sum() == 40_466_489
    assert national.data["declarants"].sum() == 40_466_489
    assert (national.data["blank_classes"] > 0).sum() == 4_028
    blank = national.data[CLASSES].isna()
    assert blank.sum(axis=1).tolist() == national.data["blank_classes"].tolist()
    assert (national.quality[CLASSES].where(blank) == Quality.SUPPRESSED).sum().sum() == (
        blank.sum().sum()
    )
    assert set(national.low[CLASSES].to_numpy()[blank.to_numpy()]) == {0.0}
    assert set(national.high[CLASSES].to_numpy()[blank.to_numpy()]) == {3.0}
    assert national.high[CLASSES].to_numpy()[~blank.to_numpy()].size > 0
    assert np.isnan(national.high[CLASSES].to_numpy()[~blank.to_numpy()]).all()


@pytest.mark.slow
def test_a_study_may_say_how_many_a_blank_class_holds():
    found = panel.build(overrides={"suppressed_class_max_taxpayers": 5})
    blank = found.data["declarants_over_120k"].isna()
    assert set(found.high.loc[blank, "declarants_over_120k"]) == {5.0}


def test_households_and_population(national):
    assert len(national.data) == 7904
    assert national.data["households"].sum() == 26_206_246
    assert national.data["resident_population"].sum() == 59_030_133
    assert national.data.index.name == "municipality_code"
    assert (national.quality["households"] == Quality.OBSERVED).all()


def test_municipalities_without_a_rent(national):
    own = store.table("rents").set_index("cadastral_code")["rent_eur_m2_month"]
    units = municipalities()
    direct = own.reindex(units["cadastral_code"]).notna().to_numpy()
    assert (~direct).sum() == 587
    # 34 of them were made by mergers of quoted municipalities
    missing = national.data["rent_eur_m2_month"].isna()
    assert missing.sum() == 553
    assert (national.quality.loc[missing, "rent_eur_m2_month"] == Quality.MISSING).all()
    assert national.data.loc[missing, "annual_rent_eur"].isna().all()
    assert (national.data["rent_eur_m2_month"].dropna() > 0).all()


def test_merged_municipalities_take_the_mean_by_residents_of_2011(national):
    # Vermezzo 3.80 (3,829 residents in 2011), Zelo Surrigone 4.95 (1,477)
    vermezzo = national.data.loc["015251"]
    assert vermezzo["rent_eur_m2_month"] == pytest.approx((3.80 * 3829 + 4.95 * 1477) / 5306)
    assert vermezzo["price_eur_m2"] == pytest.approx((1125 * 3829 + 1500 * 1477) / 5306)
    assert (vermezzo["rent_low_eur_m2_month"], vermezzo["rent_high_eur_m2_month"]) == (3.2, 5.9)
    # Corigliano 2.86 (38,501), Rossano 3.875 (36,347)
    rossano = national.data.loc["078157"]
    expected = (2.86 * 38_501 + 3.875 * 36_347) / (38_501 + 36_347)
    assert rossano["rent_eur_m2_month"] == pytest.approx(expected)
    assert (vermezzo["rent_predecessors"], rossano["rent_predecessors"]) == (2, 2)
    assert national.value("108033", "rent_predecessors") == 1


def test_three_municipalities_mix_gross_and_net_rents(national):
    flag = national.data["rent_mixed_surfaces"]
    units = municipalities()
    assert units.loc[flag.index[flag == 1], "municipality_name"].tolist() == [
        "Montieri",
        "Sorano",
        "Trepuzzi",
    ]
    # where a rent is known the flag is known
    assert flag.isna().tolist() == national.data["rent_eur_m2_month"].isna().tolist()


def test_every_join_says_how_many_municipalities_it_may_miss(national):
    missed = {
        name: int(national.data[join.needed].isna().sum())
        for name, join in joins().items()
        if join.needed
    }
    assert missed["municipalities"] == missed["incomes"] == 0
    assert missed["population"] == joins()["population"].may_miss == 3
    said = {one.source for one in panel.join_report() if one.what.code == "joins.not_covered"}
    told = {name for name, many in missed.items() if many > joins()[name].may_miss}
    assert said == {store.source_of(joins()[name].table).id for name in told}


# --- evictions


@pytest.fixture(scope="module")
def provinces():
    return evictions_by_province()


@pytest.fixture(scope="module")
def home():
    return prefecture_provinces()


def test_the_published_totals(provinces):
    assert len(provinces) == 106
    assert provinces["orders"].sum() == 40_158
    assert provinces["requests"].sum() == 81_054
    assert provinces["executions"].sum() == 21_337
    series = store.table("evictions_series").set_index("year")
    assert series.loc[2024, ["orders", "requests", "executions"]].tolist() == [
        40_158,
        81_054,
        21_337,
    ]


def test_a_zero_beside_positive_counts_is_missing(provinces):
    counts = provinces[["orders", "requests", "executions"]]
    missing = {
        province: set(row.index[row.isna()])
        for province, row in counts[counts.isna().any(axis=1)].iterrows()
    }
    assert missing == {
        "CT": {"requests", "executions"},
        "TA": {"requests", "executions"},
        "OR": {"requests", "executions"},
        "RC": {"orders", "requests"},
        "CL": {"orders", "requests"},
        "EN": {"orders"},
        "VV": {"requests"},
    }
    assert not (counts == 0).any().any()
    assert counts.loc["CT", "orders"] == 16


def test_orders_of_one_side_alone_are_whole_where_they_are_as_many_as_elsewhere(provinces):
    """Italy has 1.56 for 1,000 households: Bergamo's 795 are 1.68 of 473,846, Catania's 16 are 0.04."""
    part = provinces.index[~provinces["orders_whole"]]
    assert [*part] == ["BN", "CL", "CT", "CZ", "EN", "FR", "PZ", "RC", "VE", "VV"]
    one_sided = (provinces["orders_capital"] == 0) ^ (provinces["orders_rest"] == 0)
    assert [*provinces.index[one_sided & provinces["orders_whole"]]] == [
        "BG",
        "BT",
        "FC",
        "LI",
        "SR",
    ]


@pytest.mark.parametrize("count", ["orders", "requests", "executions"])
def test_what_is_allocated_sums_back_to_each_province(national, provinces, home, count):
    summed = national.data[f"eviction_{count}"].groupby(home).sum(min_count=1)
    published = provinces[count]
    assert summed.isna().sum() == published.isna().sum() > 0
    known = published.dropna()
    assert summed.reindex(known.index).to_numpy() == pytest.approx(known.to_numpy(), rel=1e-9)
    # missing for all municipalities of the province, never for some of them
    absent = home.isin(published.index[published.isna()])
    assert national.data[f"eviction_{count}"].isna().tolist() == absent.tolist()


def test_arrears_sum_back_too(national, provinces, home):
    motives = provinces[["orders_arrears_capital", "orders_arrears_rest"]].sum(axis=1)
    published = motives[provinces["orders"].notna()]
    summed = national.data["eviction_arrears_orders"].groupby(home).sum()[published.index]
    assert summed.to_numpy() == pytest.approx(published.to_numpy(), rel=1e-9)


def test_monza_brianza(national, provinces):
    row = provinces.loc["MB"]
    assert (row["orders"], row["households"]) == (710, 381_293)
    assert round(row["households"] / row["orders"]) == 537
    # 26 orders on 56,209 households against 684 on 325,084: 0.46 and 2.10 per 1,000
    assert (row["orders_capital"], row["orders_rest"]) == (26, 684)
    assert bool(row["split_reliable"]) is False
    # so the whole province is one base: 710 * 56209 / 381293
    monza = national.value("108033", "eviction_orders")
    assert monza == pytest.approx(710 * 56_209 / 381_293)
    assert national.quality.loc["108033", "eviction_orders"] == Quality.ALLOCATED


def test_milano(national, provinces):
    row = provinces.loc["MI"]
    assert row["orders"] == 1726
    assert row["requests"] == 14_084
    assert bool(row["requests_broken"]) is True
    assert bool(row["orders_broken"]) is False
    # the split holds: 288 + 740 orders in the capital are its own published figure
    assert bool(row["split_reliable"]) is True
    assert national.value("015146", "eviction_orders") == pytest.approx(1028)
    assert national.quality.loc["015146", "eviction_orders"] == Quality.OBSERVED
    # Rho: the rest, 698 orders on 1,543,973 - 720,361 households, 23,505 of them in Rho
    assert national.value("015182", "eviction_orders") == pytest.approx(698 * 23_505 / 823_612)
    assert national.quality.loc["015182", "eviction_orders"] == Quality.ALLOCATED
    # requests and executions have no split
    assert national.quality.loc["015146", "eviction_requests"] == Quality.ALLOCATED


def test_a_split_is_not_reliable_where_the_rates_are_far_apart(provinces):
    reliable = provinces["split_reliable"]
    # Roma: 70 orders for need on 1,326,324 households of the capital, 993 on the other 645,987:
    # 0.053 and 1.537 per 1,000, a factor of 0.034, though all motives together are 2.81 and 2.42
    assert bool(reliable["RM"]) is False
    # Bergamo, Venezia: no order at all in the capital
    for province_without_capital in ("BG", "VE"):
        assert provinces.loc[province_without_capital, "orders_capital"] == 0
        assert bool(reliable[province_without_capital]) is False
    assert reliable.sum() == 86  # 20 of 106 are not


def test_broken_series_leave_the_national_change(provinces):
    # +9.8 % with Milano's 402 -> 14,084, -8.8 % without: methods, section 2
    series = store.table("evictions_series").set_index("year")["requests"]
    assert series[2024] / series[2023] - 1 == pytest.approx(0.098, abs=0.0005)
    before_milano = 14_084 / (1 + provinces.loc["MI", "requests_change_share"])
    assert round(before_milano) == 402
    without = (81_054 - 14_084) / (series[2023] - before_milano) - 1
    assert without == pytest.approx(-0.088, abs=0.0005)
    for province in ("CT", "TA", "OR"):
        assert provinces.loc[province, ["requests_broken", "executions_broken"]].all()


def test_cagliari_answers_for_sud_sardegna(home, provinces):
    units = municipalities()
    south = units.index[units["province_abbreviation"] == "SU"]
    assert set(home[south]) == {"CA"}
    assert home.nunique() == 106
    assert set(home.unique()) == set(provinces.index)
    both = units["province_abbreviation"].isin(["CA", "SU"])
    assert provinces.loc["CA", "households"] == units.loc[both, "households"].sum()
    # Carbonia, a capital of Sud Sardegna, is no capital of Cagliari's prefecture
    assert provinces.loc["CA", "capital_households"] == 76_762


# --- pooling


def province(*abbreviations: str) -> list[str]:
    units = municipalities()
    return units.index[units["province_abbreviation"].isin(abbreviations)].tolist()


def test_a_whole_prefecture_is_observed_again(national, provinces):
    groups = {"SU": province("SU"), "CA+SU": province("CA", "SU"), "MB": province("MB")}
    found = pool(national, groups, ["eviction_orders"])
    words = [Quality(q).name for q in found.quality["eviction_orders"]]
    assert words == ["ALLOCATED", "OBSERVED", "OBSERVED"]
    assert found.value("CA+SU", "eviction_orders") == pytest.approx(provinces.loc["CA", "orders"])
    assert found.value("MB", "eviction_orders") == pytest.approx(710, rel=1e-9)


def test_all_provinces_pooled_return_the_ministry(national, provinces, home):
    groups = {str(name): list(codes) for name, codes in home.groupby(home).groups.items()}
    for count in ("orders", "requests", "executions"):
        found = pool(national, groups, [f"eviction_{count}"])
        expected = provinces[count].reindex(found.data.index)
        assert found.data[f"eviction_{count}"].to_numpy() == pytest.approx(
            expected.to_numpy(), rel=1e-9, nan_ok=True
        )
        assert set(found.quality.to_numpy().ravel()) == {Quality.OBSERVED, Quality.MISSING}


def test_the_pool_of_one_municipality_is_the_municipality(national):
    names = [
        "households",
        "declarants",
        "annual_rent_eur",
        "price_eur_m2",
        "rent_low_eur_m2_month",
        "rent_high_eur_m2_month",
        "mean_taxable_income_eur",
        "mean_net_income_eur",
        "eviction_orders",
        "renting_households_2011",
    ]
    found = pool(national, {"x": ["108033"]}, names)
    for name in names:
        assert found.value("x", name) == pytest.approx(national.value("108033", name))
        assert found.quality.loc["x", name] == national.quality.loc["108033", name]


def test_two_municipalities_pooled_by_hand(national):
    # Macherio: 3,260 households at 12 * 5.75 * 75 = 5175 EUR; Sovico: 3,577 at 3915 EUR
    found = pool(
        national,
        {"two": ["108029", "108041"]},
        ["annual_rent_eur", "rent_low_eur_m2_month", "mean_taxable_income_eur"],
    )
    assert found.value("two", "annual_rent_eur") == pytest.approx(
        (3260 * 5175 + 3577 * 3915) / (3260 + 3577)
    )
    data = national.data.loc[["108029", "108041"]]
    assert found.value("two", "rent_low_eur_m2_month") == data["rent_low_eur_m2_month"].min()
    pooled = data["taxable_income_eur"].sum() / data["taxable_income_declarants"].sum()
    assert found.value("two", "mean_taxable_income_eur") == pytest.approx(pooled)
    # not the mean of the two means
    assert abs(pooled - data["mean_taxable_income_eur"].mean()) > 1


def test_a_municipality_without_a_rent_leaves_numerator_and_denominator(national):
    # Lirio has no OMI rent
    found = pool(national, {"x": ["018082", "108041"]}, ["annual_rent_eur", "taxable_income_eur"])
    assert found.value("x", "annual_rent_eur") == pytest.approx(3915)
    assert found.value("x", "taxable_income_eur") == national.value("108041", "taxable_income_eur")
    nothing = pool(national, {"x": ["018082"]}, ["annual_rent_eur"])
    assert np.isnan(nothing.value("x", "annual_rent_eur"))
    assert nothing.quality.loc["x", "annual_rent_eur"] == Quality.MISSING


def test_an_area_that_is_empty_or_unknown_is_refused(national):
    for codes, code in (([], "pools.no_members"), (["999999"], "pools.not_here")):
        with pytest.raises(AreaError) as error:
            pool(national, {"x": codes}, ["households"])
        assert [one.code for one in error.value.problems] == [code]


def test_regroup_parts_the_country():
    for level, count in (("province", 107), ("region", 20)):
        groups = panel.regroup(level)
        assert len(groups) == count
        codes = [code for members in groups.values() for code in members]
        assert len(codes) == len(set(codes)) == 7904


# --- the other sources


@pytest.mark.parametrize(
    ("name", "renting"),
    [
        ("Milano", 179_767),
        ("Monza", 10_598),
        ("Rho", 4_071),
        ("Catania", 27_866),
        ("Prato", 12_445),
        ("Brugherio", 1_672),
    ],
)
def test_renting_households_of_2011(national, name, renting):
    assert national.value(code_of(name), "renting_households_2011") == renting


def test_tenure_is_known_where_there_are_census_areas_only(national):
    known = national.data["renting_households_2011"].notna()
    assert 480 <= known.sum() <= 486
    assert np.isnan(national.value(code_of("Sovico"), "renting_households_2011"))


def test_urbanisation_classes(national):
    # published on 1-1-2023: five municipalities of our day had merged by then
    counts = national.data["urbanisation_code"].value_counts()
    published = store.table("classification")["degree_of_urbanisation_code"].value_counts()
    assert published.to_dict() == {"1": 255, "2": 2606, "3": 5040}
    assert national.data["urbanisation_code"].notna().all()
    assert (counts - published).abs().max() <= 5
    assert (national.quality["urbanisation_code"] == Quality.IMPUTED).sum() == 5


def test_beds_keep_their_total_when_codes_change(national):
    rows = store.table("accommodation")
    beds = rows["rented_lodging_beds"] + rows["bed_and_breakfast_beds"]
    for year, column in ((2019, "accommodation_beds_2019"), (2024, "accommodation_beds")):
        assert national.data[column].sum() == pytest.approx(beds[rows["year"] == year].sum())
    assert national.value("108033", "accommodation_beds") == 733
    assert national.vintage.loc["108033", "accommodation_beds"] == "2024"
    assert national.vintage.loc["108033", "accommodation_beds_2019"] == "2019"


def test_ages_add_up(national):
    data = national.data
    known = data["residents_by_age"].notna()
    assert (~known).sum() == 3  # Misiliscemi, Montecopiolo, Sassofeltrio
    parts = data[["residents_0_14", "residents_15_64", "residents_65_over"]].sum(axis=1)
    assert (parts == data["residents_by_age"])[known].all()
    assert (data["residents_85_over"] <= data["residents_75_over"])[known].all()


def test_every_column_names_its_source_and_every_value_its_vintage(national):
    assert all(national.sources[name] for name in national.data.columns)
    assert set().union(*national.sources.values()) <= set(store.cited())
    assert (national.vintage != "").all().all()


@pytest.mark.slow
def test_an_area_keeps_its_rows():
    area = select("ambito:Desio")
    found = panel.build(area)
    assert found.data.index.equals(area.index)
    pd.testing.assert_frame_equal(found.data, panel.build().data.loc[area.index])


@pytest.mark.slow
def test_overrides_reach_the_annual_rent():
    found = panel.build(overrides={"reference_dwelling_gross_m2": 80})
    # Sovico: 12 * 4.35 * 80 = 4176; Prato is on net surface and stays
    assert found.value("108041", "annual_rent_eur") == pytest.approx(4176)
    assert found.value("100005", "annual_rent_eur") == pytest.approx(6705.6, abs=1e-5)


MERGED = {"012144": ["012009", "012018", "012095"], "024128": ["024044", "024103"]}
LATER = "2026-09-01"


@pytest.fixture(scope="module")
def later():
    return panel.build(codes_on=LATER)


@pytest.mark.slow
def test_a_later_day_has_its_municipalities_and_the_same_columns(national, later):
    assert later.data.index.equals(municipalities(LATER).index)
    assert later.data.columns.equals(national.data.columns)
    assert later.data.dtypes.equals(national.data.dtypes)


@pytest.mark.slow
def test_what_did_not_change_is_as_it_was(national, later):
    # Rents are compared where nobody merged, evictions where no household left the province.
    linked = municipalities(LATER)["cadastral_code"]
    old = municipalities().reset_index().set_index("cadastral_code")["municipality_code"]
    pairs = linked[linked.isin(old.index)].map(old)
    pairs = pairs[~pairs.index.isin(["018026"]) & (pairs.str[:3] != "018")]
    allocated = [name for name in national.data if name.startswith("eviction_")]
    columns = [name for name in national.data if name not in allocated]
    then, now = national.rows(pairs), later.rows(pairs.index)
    for part in ("data", "quality", "vintage", "low", "high"):
        mine = getattr(now, part)[columns].set_axis(pairs.to_numpy())
        theirs = getattr(then, part)[columns]
        pd.testing.assert_frame_equal(mine, theirs, check_names=False)
    for name in allocated:
        assert now.data[name].to_numpy() == pytest.approx(then.data[name].to_numpy(), nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize(("code", "parts"), MERGED.items())
def test_counts_and_amounts_of_a_merged_municipality_are_sums(national, later, code, parts):
    summed = [
        "households", "area_km2", "residents_75_over", "taxpayers", "taxable_income_eur",
        "declarants_up_to_10k", "blank_classes", "net_income_eur", "accommodation_beds",
    ]  # fmt: skip
    for name in summed:
        given = national.data.loc[parts, name]
        assert later.value(code, name) == pytest.approx(given.sum()), name
        assert later.quality.loc[code, name] == Quality.OBSERVED
    mean = later.data.loc[code, "taxable_income_eur"] / later.value(
        code, "taxable_income_declarants"
    )
    assert later.value(code, "mean_taxable_income_eur") == pytest.approx(mean)
    assert later.value(code, "rent_predecessors") == len(parts)


@pytest.mark.slow
def test_the_rent_of_a_merged_municipality_weighs_its_parts(national, later):
    parts = MERGED["012144"]
    residents = store.table("residents_2011").set_index("cadastral_code")["residents_2011"]
    weights = residents[municipalities().loc[parts, "cadastral_code"]].to_numpy()
    rents = national.data.loc[parts, "rent_eur_m2_month"].to_numpy()
    expected = (rents * weights).sum() / weights.sum()
    assert later.value("012144", "rent_eur_m2_month") == pytest.approx(expected)


@pytest.mark.slow
def test_a_withheld_class_of_a_merged_municipality_is_bounded(later):
    # Both parts of Santa Caterina d'Este leave the highest class blank: none to three each.
    code, name = "028108", "declarants_over_120k"
    assert later.quality.loc[code, name] == Quality.SUPPRESSED
    assert (later.low.loc[code, name], later.high.loc[code, name]) == (0, 6)
    # One part of Campospinoso Albaredo gives 5, the other leaves it blank.
    assert later.value("018026", name) == 5
    assert (later.low.loc["018026", name], later.high.loc["018026", name]) == (5, 8)


@pytest.mark.slow
def test_the_class_of_municipalities_that_differ_is_imputed(national, later):
    parts = national.data.loc[MERGED["024128"]]
    largest = parts["households"].idxmax()
    assert parts["urbanisation_code"].nunique() == 2
    taken = later.data.loc["024128", "urbanisation_code"]
    assert taken == parts.loc[largest, "urbanisation_code"]
    assert later.quality.loc["024128", "urbanisation_code"] == Quality.IMPUTED
    assert later.quality.loc["012144", "urbanisation_code"] == Quality.OBSERVED


@pytest.mark.slow
def test_evictions_of_a_later_day_sum_to_what_is_published(later, home):
    published = evictions_by_province()
    now = prefecture_provinces(LATER)
    assert set(now) == set(home)
    assert now[["113017", "119003", "116010"]].tolist() == ["SS", "CA", "NU"]
    summed = later.data["eviction_orders"].groupby(now).sum(min_count=1)
    known = published["orders"].dropna()
    assert summed[known.index].to_numpy() == pytest.approx(known.to_numpy())
    gallura = municipalities(LATER)["province_abbreviation"] == "OT"
    groups = {"PV": now.index[now == "PV"].tolist(), "OT": now.index[gallura].tolist()}
    pooled = pool(later, groups, ["eviction_orders"])
    # Gallura is part of the prefecture of Sassari: its evictions stay allocated.
    assert pooled.quality["eviction_orders"].tolist() == [Quality.OBSERVED, Quality.ALLOCATED]


@pytest.mark.slow
def test_what_has_no_place_on_a_later_day_is_reported_by_name():
    said = {(one.source, str(one.what)): one.names for one in panel.join_report(codes_on=LATER)}
    lost = "senza posto fra i comuni al 01-09-2026, fuori da ogni totale"
    assert said["anpr_archive", lost] == ("Lirio (PV)",)
    gone = said["mef_incomes", "righe di comuni senza successore noto, fuori da ogni totale"]
    assert gone == ("LIRIO (101 contribuenti)",)
    blank = said["mef_incomes", "righe senza comune, nel totale nazionale soltanto"]
    assert blank == ("Mancante/errata (3302 contribuenti)",)
    assert not any("senza posto" in str(one.what) for one in panel.join_report())


@pytest.mark.slow
def test_an_area_brings_its_day():
    area = select("comune:Setteville", LATER)
    assert panel.build(area).data.index.tolist() == ["025075"]
    with pytest.raises(AreaError, match="codici del 2026-09-01, non del 2024-06-01"):
        panel.build(area, codes_on="2024-06-01")
    assert len(panel.regroup("province", LATER)["Gallura Nord-Est Sardegna"]) == 26


def edition(monkeypatch, name: str, frame: pd.DataFrame, reference_date: str) -> None:
    """Put another edition of a table in use."""
    table, source_of = store.table, store.source_of
    dated = replace(source_of(name), reference_date=reference_date)
    monkeypatch.setattr(store, "table", lambda n, _="": frame.copy() if n == name else table(n))
    monkeypatch.setattr(store, "source_of", lambda n, _="": dated if n == name else source_of(n))


def brought(join, day, report=None):
    asked = Asked(pd.Timestamp(day), parameters.values(), [] if report is None else report)
    return join.bring(join, asked)


def test_residents_of_a_newer_edition_come_back_to_the_day(monkeypatch):
    # Made rows on the codes of 1 January 2025: Setteville (of two), and Monza.
    columns = store.table("population").columns.drop("municipality_code")
    made = pd.DataFrame({"municipality_code": ["025075", "108033"]} | dict.fromkeys(columns, 900.0))
    edition(monkeypatch, "population", made, "2024-12-31")
    parts = ["025002", "025070"]
    households = municipalities().loc[parts, "households"]
    found = brought(POPULATION, DAY)
    given = found.data.loc[parts, "residents_by_age"]
    assert given.tolist() == pytest.approx((900 * households / households.sum()).tolist())
    assert found.quality.loc[parts, "residents_by_age"].tolist() == [Quality.ALLOCATED] * 2
    assert found.value("108033", "residents_by_age") == 900
    assert found.quality.loc["108033", "residents_by_age"] == Quality.OBSERVED
    now = brought(POPULATION, LATER)
    assert now.value("025075", "residents_by_age") == 900
    assert now.quality.loc["025075", "residents_by_age"] == Quality.OBSERVED


def test_residents_of_2026_are_found_under_the_new_codes_of_sardinia(monkeypatch):
    columns = store.table("population").columns.drop("municipality_code")
    made = pd.DataFrame({"municipality_code": ["113017"]} | dict.fromkeys(columns, 61_000.0))
    edition(monkeypatch, "population", made, "2025-12-31")
    report: list[Unmatched] = []
    assert brought(POPULATION, DAY, report).value("090047", "residents_by_age") == 61_000
    assert [one.what.code for one in report] == ["joins.not_covered"]


@pytest.mark.slow
def test_a_quote_of_a_later_municipality_stands_for_those_it_was_made_of(monkeypatch):
    shipped = store.table("rents")
    old = shipped["cadastral_code"].isin(["A121", "M332"])  # Alano di Piave and Quero Vas
    made = shipped[shipped["cadastral_code"] == "F704"].assign(
        cadastral_code="M437", municipality_name="SETTEVILLE", rent_eur_m2_month=5.0
    )
    newer = pd.concat([shipped[~old], made], ignore_index=True)
    edition(monkeypatch, "rents", newer, "2025/1")
    report: list[Unmatched] = []
    found = brought(RENTS, DAY, report)
    parts = ["025002", "025070"]
    assert found.data.loc[parts, "rent_eur_m2_month"].tolist() == [5.0, 5.0]
    assert found.quality.loc[parts, "annual_rent_eur"].tolist() == [Quality.ALLOCATED] * 2
    assert found.quality.loc["108033", "rent_eur_m2_month"] == Quality.OBSERVED
    shared = "comuni con la quotazione del comune in cui sono confluiti"
    assert [one.names for one in report if str(one.what) == shared] == [
        ("Alano di Piave", "Quero Vas")
    ]
    now = brought(RENTS, "2024-06-01")
    assert now.value("025075", "rent_eur_m2_month") == 5
    assert now.quality.loc["025075", "rent_eur_m2_month"] == Quality.OBSERVED
