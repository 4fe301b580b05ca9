"""What may be told of need: bands, levels, and counts that nobody works out."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.errors import ParameterError
from needs_analysis.figures import Figures, Quality
from needs_analysis.needs.counts_book import OwnCounts
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.told import need_books
from needs_analysis.told.need_tables import printed
from needs_analysis.told.needs import said_count, tell_need
from needs_analysis.words import Voice

CODES = ["108033", "108039", "108041"]
DAY = dt.date(2026, 6, 30)
PLACES = pd.DataFrame(
    {"ambito_name": ["Monza", "Monza", "Carate Brianza"], "province_code": "108",
     "region_code": "03", "ambito_municipalities": [2, 2, 13]},
    index=CODES,
)  # fmt: skip


def need(*rows, **more):
    panel = pd.DataFrame(
        {"households": [5000.0, 2000.0, 3000.0], "eviction_orders": [10.4, 4.0, 16.0]}, index=CODES
    )
    tenants = pd.DataFrame({"overburdened_tenants": [300.4, 80.0, 12.0]}, index=CODES)
    burdened = Figures.of(
        tenants, quality=Quality.MODELLED, vintage="2024", low=tenants / 2, high=tenants * 2
    )
    own = pd.DataFrame([*rows], columns=["municipality_code", "group", "count", "day"])
    return of_estimates(panel, burdened, own if len(own) else None, places=PLACES, **more)


def test_small_modelled_counts_are_bands_and_no_decimal_leaves():
    told = tell_need(need(), "internal")
    rows = told.table("municipality").set_index(["unit", "group"])
    assert said_count(rows.loc[("108041", "affordability")]) == "10-30"
    assert said_count(rows.loc[("108039", "eviction_order")]) == "meno di 10"
    assert said_count(rows.loc[("108033", "affordability")]) == "300 (fra 150 e 600)"
    for shown in (told.totals, told.distinct, told.yearly, told.by_size):
        numbers = shown.frame[["low", "central", "high"]].to_numpy(dtype=float)
        assert (np.nan_to_num(numbers) % 1 == 0).all()
    assert told.headline().startswith("Famiglie in bisogno (stima): 410 (fra ")


@given(st.lists(st.floats(20, 1e7), min_size=3, max_size=3).map(sorted))
def test_rounding_keeps_the_order_and_stays_near(ends):
    low, central, high = ends
    row = pd.DataFrame([ends], columns=["low", "central", "high"])
    told = printed(row, False).iloc[0]
    assert told["low"] <= told["central"] <= told["high"]
    for name, exact in zip(("low", "central", "high"), ends, strict=True):
        assert abs(told[name] - exact) <= max(0.5, 0.05 * exact)
    if high - low > 0.1 * central:
        for one in ("low", "central", "high"):
            digits = str(int(told[one])).rstrip("0")
            assert len(digits) <= 2
    assert printed(row, True).iloc[0]["central"] == np.floor(central + 0.5)


def test_what_was_counted_and_what_has_no_interval_is_not_rounded():
    told = tell_need(need(("108033", "affordability", 1234, DAY)), "internal")
    rows = told.table("municipality").set_index(["unit", "group"])
    assert said_count(rows.loc["108033", "affordability"]) == "1.234"
    exact = pd.DataFrame({"low": [1891.0, 1880.0], "central": 1891.0, "high": [1891.0, 1900.0]})
    assert printed(exact, False)[["low", "central"]].to_numpy().tolist() == [
        [1891, 1891],
        [1880, 1891],
    ]
    finer = printed(exact.assign(low=300.0), False, {"need_significant_figures": 3})
    assert finer["central"].tolist() == [1890, 1890]


def test_rates_are_of_the_counts_before_rounding():
    row = tell_need(need()).table("area", "distinct").iloc[0]
    assert row["central"] == 410 and row["central_per_1000"] == 41  # 406.6 of 10,000
    assert row["households"] == 10000


def test_the_whole_says_that_a_part_of_it_is_allocated_from_the_province():
    told = tell_need(need(), "internal")
    assert told.whole["quality"] == Quality.MODELLED and told.whole["allocated"]
    rows = [(code, "eviction_order", 5, DAY) for code in CODES]
    counted = tell_need(need(*rows), "internal")
    assert not counted.whole["allocated"]
    # One place that nobody counted is enough.
    assert tell_need(need(*rows[:2]), "internal").whole["allocated"]


def test_sizes_say_of_how_many_municipalities_they_are_and_a_count_of_nobody_is_observed():
    sizes = pd.DataFrame(
        {"low": 10.0, "central": 40.0, "high": 90.0},
        pd.MultiIndex.from_product([CODES, [1, 2]], names=["municipality_code", "size"]),
    )
    told = tell_need(need(by_size=sizes), "internal").table("area", "by_size")
    assert told["known"].tolist() == told["municipalities"].tolist() == [3, 3]
    assert told["quality"].tolist() == [Quality.MODELLED] * 2
    nobody = [(code, "affordability", 0, DAY) for code in CODES]
    told = tell_need(need(*nobody, by_size=sizes), "internal").table("area", "by_size")
    assert told["quality"].tolist() == [Quality.OBSERVED] * 2
    assert told[["low", "central", "high"]].to_numpy().sum() == 0 and not told["band"].any()


@given(st.lists(st.floats(0, 1e5), min_size=3, max_size=3), st.booleans())
def test_what_is_printed_stands_in_order_and_a_band_holds_its_count(ends, observed):
    low, central, high = sorted(ends)
    row = printed(
        pd.DataFrame({"low": [low], "central": [central], "high": [high]}), observed
    ).iloc[0]
    assert row["low"] <= row["high"]
    if row["band"]:
        assert row["low"] <= central <= row["high"] and np.isnan(row["central"])
    else:
        assert row["low"] <= row["central"] <= row["high"]


def test_the_headline_names_its_groups_and_those_that_nobody_counts():
    said = tell_need(need()).headline()
    assert "oltre il 40 % del reddito e famiglie con uno sfratto esecutivo." in said
    assert "nessuna fonte pubblica li conta: pignoramento" in said
    assert "coabitano" not in said and "sovraffollato" not in said
    alone = pd.DataFrame({"households": [100.0]}, index=["072019"])  # an island, no rent
    nothing = tell_need(of_estimates(alone))
    assert nothing.headline() == "Le famiglie in bisogno non si possono stimare dai dati pubblici."


def test_counts_are_printed_by_unit_and_group_and_what_is_not_known_is_said():
    printed = tell_need(need(("108033", "street", 20, DAY))).printed()
    assert printed.index.tolist() == CODES
    assert "street" not in printed and printed.columns[-1] == "distinct"
    assert printed["affordability"].tolist()[1:] == ["80 (fra 40 e 160)", "10-30"]
    panel = pd.DataFrame({"households": [5000.0, 2000.0]}, index=CODES[:2])
    tenants = pd.DataFrame({"overburdened_tenants": [300.0, np.nan]}, index=CODES[:2])
    printed = tell_need(of_estimates(panel, tenants)).printed()
    assert printed["affordability"].tolist() == ["300", "non stimabile"]


def test_words_name_the_parameters_that_the_need_was_computed_with():
    other = {"overburden_share": 0.35, "need_band_households": 40.0}
    told = tell_need(need(parameters=other))
    assert "oltre il 35 % del reddito" in told.headline() and "40 %" not in told.headline()
    rows = told.table("municipality").set_index(["unit", "group"])
    assert said_count(rows.loc["108041", "affordability"]) == "meno di 20"
    assert told.name("affordability", Voice("en")).endswith("over 35 % of their income")


def test_who_was_asked_is_told_to_the_office_alone():
    asked = pd.DataFrame({
        "municipality_code": ["108033", "108039"], "group": "foreclosure",
        "asked": ["tribunale", None], "asked_on": [DAY, None], "answered": None, "answered_on": None,
    })  # fmt: skip
    empty = {name: pd.DataFrame() for name in ("compositions", "applications", "stock", "turnover")}
    book = OwnCounts(counts=pd.DataFrame(), asked=asked, warnings=(), **empty)
    found = replace(need(), book=book)
    told = need_books.asked(found, published=False)
    assert told[["municipality_code", "asked"]].to_numpy().tolist() == [["108033", "tribunale"]]
    assert need_books.asked(found, published=True).empty


def test_a_group_is_listed_from_its_finest_level_on_and_of_whole_ambiti_alone():
    counts = [("108033", "violence", 40, DAY), ("108041", "violence", 60, DAY)]
    for profile in ("internal", "published"):
        told = tell_need(need(*counts), profile)
        assert "violence" not in set(told.table("municipality")["group"])
        ambiti = told.table("ambito").set_index(["unit", "group"])
        assert ambiti.loc[("Monza", "violence"), "central"] == 40
        # Carate Brianza has thirteen municipalities: one is not it, and the area would give it away.
        assert ambiti.loc[("Carate Brianza", "violence"), "reserved"]
        assert told.table("area").set_index("group").loc["violence", "central"] == 40
        assert told.differences.frame.empty


def test_published_hides_small_counts_and_computes_nothing_of_them():
    counts = [("108033", "foreclosure", 3, DAY), ("108039", "foreclosure", 0, DAY)]
    fine = {"need_significant_figures": 6}
    inside, out = (
        tell_need(need(*counts, parameters=fine), one) for one in ("internal", "published")
    )
    without = tell_need(need(counts[1], parameters=fine), "published")
    cells = out.table("municipality").set_index(["unit", "group"])
    assert said_count(cells.loc[("108033", "foreclosure")]) == "riservato"
    assert cells.loc[("108039", "foreclosure"), "central"] == 0
    # Every group has a row of every unit, a group of which all counts are hidden too.
    alone = tell_need(need(counts[0]), "published").table("municipality")
    assert (alone.groupby("group").size() == len(CODES)).all()
    rows = alone.set_index(["group", "unit"]).loc["foreclosure"]
    assert [said_count(row) for _, row in rows.iterrows()] == [
        "riservato", "non stimabile", "non stimabile",
    ]  # fmt: skip
    # In the place of an estimate that is a band too.
    rows = tell_need(need(("108039", "eviction_order", 2, DAY)), "published").table("municipality")
    orders = rows.set_index(["group", "unit"]).loc["eviction_order"]
    assert [said_count(row) for _, row in orders.iterrows()] == ["10-30", "riservato", "10-30"]
    assert inside.table("area").set_index("group").loc["foreclosure", "central"] == 3
    assert out.table("area").set_index("group").loc["foreclosure", "central"] == 0
    assert out.whole["central"] == without.whole["central"] != inside.whole["central"]
    assert "senza i conteggi riservati" in out.headline()
    assert "riservati" not in inside.headline() + without.headline()


def test_an_unknown_profile_is_refused():
    with pytest.raises(ParameterError, match="il profilo «public» non c'è"):
        tell_need(need(), "public")


def test_a_count_beside_its_estimate():
    counts = [("108033", "affordability", 61, DAY), ("108041", "affordability", 13, DAY),
              ("108039", "affordability", 7, DAY)]  # fmt: skip
    inside, out = (tell_need(need(*counts), one) for one in ("internal", "published"))
    rows = inside.differences.frame.set_index("municipality_code")
    assert rows.loc["108033", ["estimate_low", "estimate_high", "difference"]].tolist() == [
        150, 600, -239,
    ]  # fmt: skip
    # The estimate of twelve is said as a band: no difference tells it.
    assert rows.loc["108041", ["estimate_low", "estimate_high"]].tolist() == [10, 30]
    assert np.isnan(rows.loc["108041", "difference"])
    assert set(out.differences.frame["municipality_code"]) == {"108033", "108041"}
    cells = inside.table("municipality").set_index(["unit", "group"])
    assert cells.loc[("108033", "affordability"), ["before", "difference"]].tolist() == [300, -239]
    assert np.isnan(cells.loc[("108041", "affordability"), "before"])
    # The seven are in the sum, and are not set against their eighty.
    whole = [one.table("area").set_index("group").loc["affordability"] for one in (inside, out)]
    assert [one["central"] for one in whole] == [81, 81]
    assert whole[0]["before"] == 390 and np.isnan(whole[1]["before"])


def test_what_is_none_at_most_is_none():
    found = tell_need(need(("108033", "street", 0, DAY)), "internal")
    row = found.table("ambito").set_index(["unit", "group"]).loc[("Monza", "street")]
    assert said_count(row) == "0"
