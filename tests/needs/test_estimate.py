"""Households in need: what is estimated, what is asked, what an office's count changes."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_analysis.errors import AreaError, ParameterError
from needs_analysis.figures import Figures, Quality
from needs_analysis.households import Estimate, Scenario
from needs_analysis.needs import italy
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.needs.groups import HEADLINE, TARGET_GROUPS, TargetGroup
from needs_analysis.needs.intervals import Flow, Stock, banded
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.result import DISTINCT
from needs_analysis.services.files.schema import GROUPS
from needs_analysis.told.needs import tell_need

CODES = ["108033", "108039", "108041"]
DAY = dt.date(2026, 6, 30)
PLACES = pd.DataFrame(
    {"ambito_name": ["Monza", "Carate Brianza", None], "province_code": "108", "region_code": "03"},
    index=CODES,
)


def panel():
    data = pd.DataFrame(
        {"households": [5000.0, 2000.0, 3000.0], "eviction_orders": [10.0, 4.0, 6.0]}, index=CODES
    )
    quality = pd.DataFrame(int(Quality.OBSERVED), data.index, data.columns).astype("int8")
    quality["eviction_orders"] = np.int8(Quality.ALLOCATED)
    return Figures.of(data, quality=quality, vintage="2024")


def burdened(*central):
    data = pd.DataFrame({"overburdened_tenants": central or (300.0, 80.0, 12.0)}, index=CODES)
    return Figures.of(
        data, quality=Quality.MODELLED, vintage="2021 + 2024", low=data / 2, high=data * 2
    )


def own(*rows):
    columns = ["municipality_code", "group", "count", "day"]
    return pd.DataFrame(list(rows), columns=columns)


def cells(result):
    return {
        name: getattr(result.groups, name) for name in ("low", "data", "high", "quality", "vintage")
    }


def test_one_declaration_a_group_of_the_register_s_vocabulary():
    assert set(GROUPS) <= set(TARGET_GROUPS)
    assert [one for one in TARGET_GROUPS if one not in HEADLINE] == ["overcrowded", "cohabiting"]
    assert TARGET_GROUPS["violence"].ethos == ("10", "4")
    never = {one for one, group in TARGET_GROUPS.items() if not group.listed_at("municipality")}
    assert never >= {"violence", "clearance", "improper_space", "street"}
    for key, group in TARGET_GROUPS.items():
        assert group.estimable == (key in ("affordability", "eviction_order"))
        assert group.tier == "diffuse" or group.question is not None
    with pytest.raises(TypeError, match="years"):
        TargetGroup("street", "own", "flow", question=TARGET_GROUPS["street"].question)


def test_two_groups_by_hand():
    """300 overburdened and 10 orders that wait a year: 0.6 of the smaller are in both."""
    found = of_estimates(panel(), burdened(), places=PLACES)
    assert found.groups.data.loc["108033"].tolist() == [300, 10]
    assert found.groups.low.loc["108033"].tolist() == [150, 5]
    assert found.groups.high.loc["108033"].tolist() == [600, 20]
    assert found.distinct.loc["108033"].tolist() == pytest.approx([150.5, 304, 614])
    assert found.overlap.loc["108033", "used"].tolist() == [6]
    assert found.flows.data["eviction_order"].tolist() == [10, 4, 6]
    assert set(found.groups.quality["eviction_order"]) == {Quality.ALLOCATED}
    total = found.totals().loc[("", DISTINCT)]
    assert total["central"] == pytest.approx(300 + 4 + 80 + 1.6 + 12 + 2.4)


def test_what_is_not_estimable_has_its_question_and_no_count():
    found = of_estimates(panel(), burdened(300.0, np.nan, 12.0))
    assert "street" not in found.groups.data and "overcrowded" not in found.groups.data
    assert found.not_estimable.loc["street", "municipalities"] == 3
    assert found.not_estimable.loc["affordability", "municipalities"] == 1
    assert np.isnan(found.groups.data.loc["108039", "affordability"])
    assert found.groups.quality.loc["108039", "affordability"] == Quality.MISSING
    assert found.totals().loc[("", "affordability"), "known"] == 2


def test_a_count_replaces_its_cell_and_nothing_else():
    before = of_estimates(panel(), burdened(), places=PLACES)
    after = of_estimates(
        panel(), burdened(), own(("108039", "affordability", 61, DAY)), places=PLACES
    )
    assert after.groups.data.loc["108039", "affordability"] == 61
    assert after.groups.low.loc["108039", "affordability"] == 61
    assert after.groups.quality.loc["108039", "affordability"] == Quality.OBSERVED
    others = ["108033", "108041"]
    for name, part in cells(before).items():
        pd.testing.assert_frame_equal(
            part.loc[others], cells(after)[name].loc[others], check_exact=True
        )
    pd.testing.assert_frame_equal(before.distinct.loc[others], after.distinct.loc[others],
                                  check_exact=True)  # fmt: skip
    row = after.totals().loc[("", "affordability")]
    assert (row["before"], row["difference"], row["central"]) == (392, -19, 373)
    (difference,) = after.differences.to_dict("records")
    assert (difference["estimate_low"], difference["estimate_high"]) == (40, 160)
    assert (difference["count"], difference["difference"]) == (61, -19)


def test_a_blank_is_not_transmitted_and_nought_is_nought():
    given_ = own(("108033", "foreclosure", np.nan, None), ("108039", "foreclosure", 0, DAY))
    found = of_estimates(panel(), burdened(), given_)
    assert found.groups.data.loc["108039", "foreclosure"] == 0
    assert np.isnan(found.groups.data.loc["108033", "foreclosure"])
    assert found.not_estimable.loc["foreclosure", "not_transmitted"] == ("108033",)
    assert found.not_estimable.loc["foreclosure", "municipalities"] == 2
    assert found.distinct.loc["108039", "central"] == pytest.approx(80 + 4 - 2.4)


def test_what_is_never_listed_by_municipality_is_in_the_sums_of_the_ambito():
    found = of_estimates(panel(), burdened(), own(("108033", "street", 20, DAY)), places=PLACES)
    assert found.groups.data.loc["108033", "street"] == pytest.approx(18)  # 20 persons
    municipal = found.totals("municipality")
    assert "street" not in municipal.index.get_level_values("group")
    assert municipal.loc[("108033", DISTINCT), "central"] == pytest.approx(304)
    ambito = found.totals("ambito")
    assert ambito.loc[("Monza", "street"), "central"] == pytest.approx(18)
    assert ambito.loc[("Monza", DISTINCT), "central"] > 304
    assert ("108", "affordability") in ambito.index  # no ambito: its province


def test_orders_of_a_year_that_an_office_counted_wait_as_the_others():
    rows = own(("108033", "eviction_order", np.nan, DAY)).assign(arising=30.0)
    found = of_estimates(panel(), burdened(), rows)
    assert found.flows.data.loc["108033", "eviction_order"] == 30
    assert found.groups.data.loc["108033", "eviction_order"] == 30
    assert found.groups.high.loc["108033", "eviction_order"] == 60


def test_sizes_follow_a_count():
    index = pd.MultiIndex.from_product([CODES, [1, 2]], names=["municipality_code", "size"])
    sizes = pd.DataFrame({"central": [200.0, 100, 60, 20, 8, 4]}, index)
    sizes = sizes.assign(low=sizes["central"] / 2, high=sizes["central"] * 2)
    counted = own(("108039", "affordability", 40, DAY))
    found = of_estimates(panel(), burdened(), counted, by_size=sizes).by_size
    assert found.loc["108039", "central"].tolist() == [30, 10]
    assert found.loc["108039", "high"].tolist() == [30, 10]
    assert found.loc["108033", "central"].tolist() == [200, 100]


def test_sizes_of_other_municipalities_are_left_out():
    """A model knows all of Italy: their sizes would part the backlog of this area too."""
    index = pd.MultiIndex.from_product([[*CODES, "015146"], [1, 2]])
    sizes = pd.DataFrame(dict.fromkeys(["low", "central", "high"], 5.0), index)
    found = of_estimates(panel(), burdened(), by_size=sizes).by_size
    assert found.index.equals(index[:-2])


def test_a_count_of_nobody_leaves_nobody_in_any_size():
    """108033 was estimated at 300; of 108041 the central estimate was nobody too, the high was not."""
    index = pd.MultiIndex.from_product([CODES, [1, 2]], names=["municipality_code", "size"])
    sizes = pd.DataFrame({"low": 0.0, "central": [200.0, 100, 60, 20, 0, 0]}, index)
    sizes = sizes.assign(high=[400.0, 200, 120, 40, 8, 4])
    counted = own(("108033", "affordability", 0, DAY), ("108041", "affordability", 0, DAY))
    found = of_estimates(panel(), burdened(300.0, 80.0, 0.0), counted, by_size=sizes).by_size
    assert (found.loc[["108033", "108041"]] == 0).all(axis=None)
    assert found.loc["108039"].equals(sizes.loc["108039"])


def test_a_model_of_burdens_brings_its_sizes_and_benchmarks():
    """60 and 20 of a household alone and of two; the interval of each is the municipality's."""
    figures = burdened(80.0, 8.0, 0.0).columns(["overburdened_tenants"])
    sizes = pd.DataFrame(0.0, CODES, ["1.0", "2.0", "3.0", "4.0", "5.0", "6.4"])
    sizes.loc["108033", ["1.0", "2.0"]] = [60, 20]
    regions = pd.DataFrame({"rate": [0.09]}, index=["03"])
    found = of_estimates(panel(), Estimate(figures, sizes, regions, Scenario()))
    assert found.by_size.loc[("108033", 2)].tolist() == [10, 20, 40]
    assert found.by_size.loc[("108041", 1)].tolist() == [0, 0, 0]
    assert found.benchmarks is regions
    assert found.groups.data["affordability"].tolist() == [80, 8, 0]
    assert repr(found).startswith("<NeedResult of 3 municipalities: affordability, eviction_order")


def test_discomfort_that_is_spread_is_in_no_total():
    plain = of_estimates(panel(), burdened(), places=PLACES)
    found = of_estimates(
        panel(), burdened(), own(("108033", "overcrowded", 900, DAY)), places=PLACES
    )
    assert found.held == plain.held
    assert "overcrowded" not in found.listed("municipality")
    pd.testing.assert_frame_equal(found.distinct, plain.distinct, check_exact=True)
    assert found.parted().total == plain.parted().total
    assert ("108", "overcrowded") in found.totals("province").index
    assert "overcrowded" not in found.totals("ambito").index.get_level_values("group")


def test_every_wrong_count_is_said_at_once():
    rows = own(
        ("108033", "affordability", 5001, DAY), ("108033", "affordability", 3, DAY),
        ("108039", "foreclosure", 3, None), ("108041", "foreclosure", -1, DAY),
        ("015146", "foreclosure", 3, DAY), ("108039", "mayors", 3, DAY),
        ("108041", "clearance", 2.5, DAY), ("108041", "violence", 2, dt.date(2027, 1, 1)),
    )  # fmt: skip
    with pytest.raises(NeedsError) as caught:
        of_estimates(panel(), burdened(), rows, as_of=dt.date(2026, 11, 30))
    assert [one.code.removeprefix("needs.count_") for one in caught.value.problems] == [
        "over", "twice", "no_day", "negative", "outside", "unknown_group", "not_whole", "late",
    ]  # fmt: skip
    label = "non può pagare, per ora, un canone di mercato"
    assert f"108033, {label}: 5001 supera" in str(caught.value)


def test_overlaps_that_cannot_be_are_said_for_every_place():
    """4,900 and 4,900 of 5,000 in Monza overlap by 4,800 at least; 3,000 and 3,000 are all."""
    rows = own(("108033", "no_contract", 4900, DAY), ("108041", "no_contract", 3000, DAY))
    base = panel().columns(["households"])
    overlaps = {("affordability", "no_contract"): 0.5}
    with pytest.raises(NeedsError) as caught:
        of_estimates(base, burdened(4900.0, 80.0, 3000.0), rows, overlaps=overlaps)
    assert [one.code for one in caught.value.problems] == ["needs.of_place"] * 2
    assert "108033: nessuna famiglia può stare nei gruppi così" in str(caught.value)
    assert "il valore possibile più vicino è 4800" in str(caught.value)


def test_wrong_counts_and_overlaps_that_cannot_be_are_said_at_once():
    """The sound counts are looked at too: 4,900 of 5,000 in both groups cannot overlap by half."""
    rows = own(
        ("108033", "no_contract", 4900, DAY), ("108039", "foreclosure", -1, DAY),
        ("108041", "no_contract", 3001, DAY),
    )  # fmt: skip
    base = panel().columns(["households"])
    overlaps = {("affordability", "no_contract"): 0.5}
    with pytest.raises(NeedsError) as caught:
        of_estimates(base, burdened(4900.0, 80.0, 12.0), rows, overlaps=overlaps)
    codes = [one.code.removeprefix("needs.") for one in caught.value.problems]
    assert codes == ["count_negative", "count_over", "of_place"]
    assert caught.value.cure is not None
    with pytest.raises(NeedsError) as caught:
        of_estimates(base, burdened(), rows[1:], overlaps={("affordability", "affordability"): 0.5})
    codes = [one.code.removeprefix("needs.") for one in caught.value.problems]
    assert codes == ["count_negative", "count_over", "pair_unknown"]


def test_an_assumption_out_of_its_range_is_refused():
    with pytest.raises(ParameterError, match="need_eviction_order_years"):
        of_estimates(panel(), burdened(), parameters={"need_eviction_order_years": 30})


@pytest.mark.parametrize(
    ("count", "said"), [(0.4, "meno di 10"), (9.9, "meno di 10"), (10, "10-30"), (19.9, "10-30"),
                        (20, "20"), (1234.5, "1.235")],
)  # fmt: skip
def test_small_modelled_counts_are_bands(count, said):
    assert banded(count) == said


def test_a_stock_and_a_flow_cannot_be_summed():
    found = of_estimates(panel(), burdened())
    for one, other in [(found.stock(), found.flow()), (found.flow(), found.stock())]:
        with pytest.raises(TypeError, match="unsupported operand"):
            one + other
    with pytest.raises(TypeError):
        Stock.together([found.stock(), found.flow()])
    assert isinstance(found.flow() + found.flow(), Flow)
    with pytest.raises(NeedsError) as caught:
        Stock(
            pd.DataFrame(
                {"low": [2.0, -1], "central": [1.0, 1], "high": [3.0, 1]}, index=["a", "b"]
            )
        )
    assert [one.code for one in caught.value.problems] == ["needs.order", "needs.negative"]


def test_edges():
    alone = Figures.of(
        pd.DataFrame({"households": [100.0]}, index=["072019"])
    )  # an island, no rent
    nothing = of_estimates(alone)
    assert nothing.held == () and nothing.totals().loc[("", DISTINCT)].isna().sum() == 5
    counted = of_estimates(alone, own=own(("072019", "no_contract", 7, DAY)))
    assert counted.held == ("no_contract",)
    assert counted.totals().loc[("", DISTINCT), "central"] == 7
    with pytest.raises(NeedsError, match="di quale ambito"):
        counted.totals("ambito")
    nowhere = pd.DataFrame({"ambito_name": [None]}, index=["072019"])
    with pytest.raises(NeedsError, match="di quale ambito"):
        of_estimates(alone, own=own(("072019", "no_contract", 7, DAY)), places=nowhere).totals(
            "ambito"
        )


def test_codes_of_2026_islands_and_places_without_an_ambito(monkeypatch):
    """Olbia's province came later, Lampedusa touches nobody: of neither an ambito is known."""
    codes = ["113017", "084020"]
    data = pd.DataFrame(
        {"overburdened_tenants": [300.0, 12.0], "renting_households": [5000.0, 300.0]}, codes
    )
    model = Estimate(
        Figures.of(data, vintage="2021"), pd.DataFrame(10.0, codes, list("123456")), pd.DataFrame(),
        Scenario(),
    )  # fmt: skip
    monkeypatch.setattr(italy, "national", lambda *_: model)
    base = pd.DataFrame({"households": [25_000.0, 2800.0]}, codes)
    found = italy.estimate(base, codes_on="2026-09-01")
    assert found.units("ambito").tolist() == ["113", "084"] == found.units("province").tolist()
    assert found.totals("ambito").loc[("113", DISTINCT), "central"] == 300
    assert {unit for _, unit, _ in found.diffuse.index} == {"20", "19", "113", "084"}
    with pytest.raises(AreaError, match="113017"):
        italy.estimate(base)
    alone = italy.estimate(base.iloc[:1], codes_on="2026-09-01")  # one municipality
    assert alone.totals().loc[("", DISTINCT), "central"] == 300


def test_more_groups_than_can_be_told_apart_are_put_together():
    keys = ["foreclosure", "release_other", "no_contract", "leaving_care", "leaving_reception"]
    rows = own(*(("108033", key, number, DAY) for number, key in enumerate(keys, 1)))
    found = of_estimates(panel(), burdened(), rows).distinct.loc["108033", "central"]
    assert 300 < found <= 300 + 10 + 15


counts = st.lists(st.floats(0, 1000), min_size=3, max_size=3)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 16, deadline=None)
@given(counts, counts, st.integers(0, 900), st.permutations(CODES))
def test_order_changes_nothing_and_intervals_grow(tenants, orders, count, order):
    rows = own((CODES[0], "no_contract", count, DAY), (CODES[1], "affordability", count, DAY))
    base = pd.DataFrame({"households": 1000.0, "eviction_orders": orders}, index=CODES)
    central = pd.DataFrame({"overburdened_tenants": tenants}, index=CODES)
    model = Figures.of(central, quality=Quality.MODELLED, low=central * 0.7, high=central * 1.3)
    found = of_estimates(base, model, rows)
    for one in (found.distinct, found.totals()[["low", "central", "high"]]):
        assert (one["low"] <= one["central"] + 1e-9).all()
        assert (one["central"] <= one["high"] + 1e-9).all()
    again = of_estimates(base.loc[order], model.rows(order), rows[::-1])
    pd.testing.assert_frame_equal(again.distinct.loc[CODES], found.distinct, check_exact=True)
    pd.testing.assert_frame_equal(again.totals(), found.totals(), check_exact=True)
    apart = of_estimates(base[:1], model.rows(CODES[:1]), rows[:1])
    pd.testing.assert_frame_equal(apart.distinct, found.distinct[:1], check_exact=True)
    row = found.totals().loc[("", "affordability")]
    assert row["central"] == pytest.approx(row["before"] + row["difference"])


def test_the_need_of_an_area_takes_the_national_model_and_its_places(monkeypatch):
    def national(overrides, codes_on, scenario):
        assert (overrides, codes_on, scenario) == ({"need_eviction_order_years": 2.0}, None, None)
        columns = {"overburdened_tenants": [300.0, 80, 12], "renting_households": [900.0, 300, 500]}
        return Estimate(
            Figures.of(pd.DataFrame(columns, CODES), vintage="2021"),
            pd.DataFrame(10.0, CODES, list("123456")), pd.DataFrame(), Scenario(),
        )  # fmt: skip

    monkeypatch.setattr(italy, "national", national)
    found = italy.estimate(panel(), own=own(("108033", "street", 20, DAY)),
                           parameters={"need_eviction_order_years": 2.0})  # fmt: skip
    assert found.held == ("affordability", "eviction_order", "street")
    assert found.units("ambito").tolist() == ["Monza", "Seregno", "Carate Brianza"]
    assert found.units("region").unique().tolist() == ["03"]
    assert found.diffuse.index.get_level_values("level").unique().tolist() == ["region", "province"]
    with pytest.raises(AreaError, match="il codice 108999 non c'è"):
        italy.estimate(pd.DataFrame({"households": [1.0]}, index=["108999"]))


def test_orders_that_a_province_gave_in_part_are_not_known():
    """Catania's 16 orders are none of the town's; a count of the office, and Monza's, stay."""
    codes = ["087015", "108033"]
    data = pd.DataFrame(
        {"households": [130_000.0, 56_209.0], "eviction_orders": [4.7, 105.0]}, index=codes
    )
    quality = panel().quality.iloc[:2].set_axis(codes)
    of_italy = italy._whole_orders(Figures.of(data, quality=quality), None, None)
    assert of_italy.data["eviction_orders"].isna().tolist() == [True, False]
    assert of_italy.quality.loc["087015", "eviction_orders"] == Quality.MISSING
    quality["eviction_orders"] = np.int8(Quality.OBSERVED)
    observed = italy._whole_orders(Figures.of(data, quality=quality), None, None)
    assert observed.data["eviction_orders"].tolist() == [4.7, 105]

    rents = pd.DataFrame({"overburdened_tenants": [11_000.0]}, index=codes[:1])
    found = of_estimates(of_italy.rows(codes[:1]), rents)
    assert found.held == ("affordability",)
    assert found.totals().loc[("", "eviction_order"), "known"] == 0
    assert found.not_estimable.loc["eviction_order", "municipalities"] == 1
    assert found.distinct["central"].tolist() == [11_000]
    told = tell_need(found)
    assert told.printed("area").loc["", "eviction_order"] == "non stimabile"
    assert "sfratto" not in told.counted()
