"""What a policy offers: by hand on a few households, and what must hold of every one."""

import numpy as np
import pandas as pd
import pytest

from needs_analysis import households, needs, panel, parameters
from needs_analysis.errors import ParameterError
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.policies.catalogue import COSTS, Policy, every
from needs_analysis.policies.cells import SIZES, cells
from needs_analysis.policies.costs import contributions
from needs_analysis.policies.offers import SIDES, offers, on_all_sides
from needs_analysis.policies.problems import PoliciesError
from needs_analysis.policies.rules import RULES

CODES = ["108033", "108039"]
COLUMNS = ["municipality_code", "size", "declared_income_eur", "net_income_eur", "rent_eur",
           "households", "overburdened"]  # fmt: skip
ROWS = [
    ("108033", 1, 8_000.0, 8_000.0, 4_800.0, 30.0, True),  # due 3,000 of 3,680: 1,800 left, 22 %
    ("108033", 1, 5_000.0, 2_000.0, 4_800.0, 10.0, True),  # due 3,098.74: 1,701 left, 85 %
    ("108033", 1, 20_000.0, 16_000.0, 7_000.0, 10.0, True),  # over the limit of band B
    ("108033", 1, 12_000.0, 12_000.0, 4_200.0, 50.0, False),  # due 2,520, not in need
    ("108033", 6, 0.0, 5_000.0, 6_000.0, 20.0, True),
    ("108039", 2, 12_000.0, 11_000.0, 4_800.0, 40.0, True),  # due 3,098.74 of 3,120
]


def tenants(rows=ROWS):
    return pd.DataFrame(rows, columns=COLUMNS)


def need(own=()):
    base = pd.DataFrame({"households": [5000.0, 2000.0], "eviction_orders": [10.0, 4.0]}, CODES)
    index = pd.MultiIndex.from_product([CODES, range(1, 7)], names=["municipality_code", "size"])
    held = np.array([50.0, 0, 0, 0, 0, 20, 0, 40, 0, 0, 0, 0])
    by_size = pd.DataFrame({"low": held / 2, "central": held, "high": held * 2}, index)
    counted = pd.DataFrame([*own], columns=["municipality_code", "group", "count", "day"])
    return of_estimates(
        base, pd.DataFrame({"overburdened_tenants": [70.0, 40.0]}, CODES), counted if own else None,
        by_size=by_size,
    )  # fmt: skip


def offered(policy, **given):
    return offers(need(), {policy: every()[policy]}, tenants=tenants(), **given)[policy]


def row(offer, code="108033", size=1, group="affordability"):
    return offer.cells.loc[code, group, size]


def test_the_catalogue_s_rules_are_those_there_are():
    assert set(COSTS) == set(RULES)
    rows = {one.name for one in parameters.table()}
    assert {slot.row for rule in RULES.values() for slot in rule.slots.values()} - {""} <= rows
    for policy in every().values():
        assert policy.cost is None or set(policy.parameters) <= set(RULES[policy.cost].slots)


def test_the_rent_fund_by_hand():
    """Of 50, 40 are due something: 30 x 3,098.74 -> 3,098.74, 10 alike; 30 come under, 15 % anyway."""
    found = offered("P05")
    central = cells(need())["central"]["108033", "affordability", 1]
    one = row(found)
    assert one["eligible"] == pytest.approx(central * 40 / 50)
    assert one["cost_eur"] == pytest.approx(3_098.74 + 50)
    assert one["outcome"] == pytest.approx(0.75 * 0.85)
    assert (one["take_up"], one["deadweight"]) == (0.35, 0.15)
    assert row(found, size=4)["outcome"] == 0  # 2,901 is left of 5,000
    assert row(found, "108039", 2)["outcome"] == pytest.approx(0.85)
    assert row(found, "108039", 2)["cost_eur"] == pytest.approx(3_098.74 + 50)
    assert found.outcome == "burden" and np.isnan(found.unit_households)
    assert (found.fixed_eur, found.opened) == (3_000, "municipality")


def test_who_stays_over_or_has_no_income_or_is_not_in_need_is_told():
    said = " / ".join(map(str, offered("P05").conditional))
    assert "di 100 famiglie aiutate, 30 restano sopra il 40 %" in said  # 30 of 100
    assert "di 100 famiglie aiutate, 20 non hanno un reddito dichiarato" in said
    assert "50 famiglie ogni 100 di quelle che pagano di più" in said
    assert "i soldi sono di un anno" in said


def test_an_office_that_knows_its_contracts_says_how_dear_they_are():
    """Rents 1.5 times as dear: 7,200 less 3,098.74 is over 40 % of 8,000, within that of 11,000."""
    found = offered("P05", parameters={"contract_rent_ratio": 1.5})
    assert row(found)["outcome"] == 0 and row(found, "108039", 2)["outcome"] == pytest.approx(0.85)
    dearer = row(offered("P06", parameters={"contract_rent_ratio": 1.25}), group="eviction_order")
    assert dearer["cost_eur"] == pytest.approx((40 * 4_000 + 10 * 7_000 * 1.25 * 8 / 12) / 50 + 50)


def test_isee_is_never_tried_on_another_income():
    found = offered("P07")
    assert "(ISEE) non si può provare" in " ".join(map(str, found.conditional))
    assert found.cells["eligible"].to_numpy() == pytest.approx(
        cells(need())["central"].xs("affordability", level="group", drop_level=False).to_numpy()
    )
    assert row(found)["cost_eur"] == pytest.approx((40 * 1_000 + 10 * 7_000 * 2.5 / 12) / 50 + 50)


def test_arrears_avoid_what_the_risk_falls_by():
    found = offered("P06")
    one = row(found, group="eviction_order")
    assert one["outcome"] == pytest.approx(0.531 - 0.2)
    assert one["deadweight"] == pytest.approx(1 - 0.531)
    assert one["cost_eur"] == pytest.approx((40 * 3_200 + 10 * 7_000 * 8 / 12) / 50 + 50)
    assert set(found.cells.index.get_level_values("group")) == {"eviction_order"}
    held = cells(need())["central"]
    assert one["eligible"] == pytest.approx(held["108033", "eviction_order", 1] * 0.748)
    assert found.outcome == "order"


def test_a_lower_rent_by_hand():
    """15 % off 4,800 is 4,080, over 3,200; off 7,000 is 5,950, under 6,400."""
    found = offered("P25")
    assert row(found)["outcome"] == pytest.approx(0.2 * 0.85)
    rents = (40 * 4_080 + 10 * 5_950) / 50
    assert row(found)["cost_eur"] == pytest.approx(0.05 * rents + 200)


def test_a_repaired_dwelling_is_a_unit_with_its_annuity_beside():
    found = offered("P03")
    assert (found.unit_households, found.unit_eur) == (1, 20_000)
    assert found.unit_annuity_eur == pytest.approx(1_344.31, abs=0.01)
    assert (found.cells["cost_eur"] == 0).all() and found.outcome == "housed"
    assert any("1.344" in str(one) or "1344" in str(one) for one in found.conditional)


def test_a_place_without_known_exits_is_costed_and_the_register_comes_first():
    plain = offered("P17")
    assert plain.outcome is None
    assert plain.unit_households == pytest.approx(0.9)
    assert row(plain)["cost_eur"] == pytest.approx(26 * 328.5)
    own = offered("P17", register_outcomes={"P17": 0.5})
    assert own.outcome == "housed" and row(own)["outcome"] == pytest.approx(0.45)
    assert "dal registro" in " ".join(map(str, own.conditional))


def test_a_group_that_nobody_counted_is_told_and_one_counted_is_reached():
    assert "manca il conteggio di donne" in " ".join(map(str, offered("P15").conditional))
    assert offered("P15").cells.empty
    own = [("108033", "violence", 20.0, "2026-01-31")]
    found = offers(need(own), {"P15": every()["P15"]}, tenants=tenants())["P15"]
    assert found.cells["eligible"].sum() > 15
    assert (found.cells["outcome"] == 0.586 * 0.9).all()


@pytest.mark.parametrize("side", SIDES)
def test_what_holds_of_every_offer(side):
    one = need()
    found = offers(one, every(), tenants=tenants(), side=side)
    central = cells(one)["central"]
    assert [*found] == [key for key, policy in every().items() if policy.cost]
    for key, offer in found.items():
        frame = offer.cells
        assert frame.index.isin(central.index).all()
        assert (frame["eligible"] <= central[frame.index] + 1e-9).all()
        assert frame["take_up"].between(0, 1).all() and frame["outcome"].between(0, 1).all()
        assert (frame["cost_eur"] >= 0).all() and frame["deadweight"].between(0, 1).all()
        assert frame.notna().all(axis=None)
        assert set(frame.index.get_level_values("size")) <= {*SIZES}
        assert (offer.outcome is None) == (key in {"P16", "P17", "P27"})


def test_low_costs_more_and_gives_less_than_high():
    sides = on_all_sides(need(), every(), tenants=tenants())
    for key in sides["central"]:
        low, central, high = (sides[side][key] for side in SIDES)
        if central.cells.empty:
            continue
        assert (low.cells["outcome"] <= central.cells["outcome"] + 1e-12).all()
        assert (central.cells["outcome"] <= high.cells["outcome"] + 1e-12).all()
        assert (low.cells["take_up"] <= high.cells["take_up"]).all()
        assert low.fixed_eur >= central.fixed_eur >= high.fixed_eur
        if RULES[every()[key].cost].slots.keys() & {"stay"}:
            continue  # fewer nights are used where fewer come
        assert (low.cells["cost_eur"] >= central.cells["cost_eur"] - 1e-9).all()
        assert (central.cells["cost_eur"] >= high.cells["cost_eur"] - 1e-9).all()


def test_a_study_s_number_moves_only_what_uses_it():
    before = offers(need(), every(), tenants=tenants())
    after = offers(
        need(), every(), tenants=tenants(), parameters={"rent_fund_cap_band_a_eur": 1_000}
    )
    moved = [key for key in before if not before[key].cells.equals(after[key].cells)]
    assert {key: one.fixed_eur for key, one in before.items()} == {
        key: one.fixed_eur for key, one in after.items()
    }
    assert moved == ["P05"]
    rests = {key: one.rows for key, one in after.items()}
    assert [key for key in rests if "rent_fund_cap_band_a_eur" in rests[key]] == ["P05"]
    assert rests["P05"]["rent_fund_cap_band_a_eur"] == 1_000
    assert (
        "housed_deadweight_share" not in rests["P05"] and "order_release_share" not in rests["P27"]
    )
    assert "agency_contract_eur" in rests["P10"] and "contract_handling_eur" not in rests["P10"]
    assert before["P27"].rows == after["P27"].rows
    with pytest.raises(ParameterError, match="rent_fund_cap_band_a_eur"):
        offers(need(), every(), tenants=tenants(), parameters={"rent_fund_cap_band_a_eur": 9_000})


@pytest.mark.slow
def test_a_row_moves_only_the_offers_that_rest_on_it():
    one, drawn = need(), tenants()
    before = offers(one, every(), tenants=drawn)
    rests = {name for offer in before.values() for name in offer.rows} - {"overburden_share"}
    assert len(rests) > 35
    for name in rests:
        row_ = parameters.in_force()[name]
        end = row_.low if row_.high is None or row_.high == row_.value else row_.high
        if end is None:
            continue
        after = offers(one, every(), tenants=drawn, parameters={name: end})
        for key, offer in after.items():
            same = offer.cells.equals(before[key].cells) and repr(offer.unit_eur) == repr(
                before[key].unit_eur
            )
            assert same or name in before[key].rows, (key, name)


def test_what_cannot_be_is_refused_all_at_once():
    with pytest.raises(PoliciesError, match="lato «worst»"):
        offered("P05", side="worst")
    bare = {"P05": every()["P05"].model_copy(update={"parameters": {}}),
            "P06": every()["P06"].model_copy(update={"parameters": {}})}  # fmt: skip
    with pytest.raises(
        PoliciesError, match=r"(?s)P05: manca un parametro.*P06: manca un parametro"
    ):
        offers(need(), bare, tenants=tenants())
    assert isinstance(bare["P05"], Policy)


def test_rows_in_another_order_offer_the_same():
    one = offers(need(), every(), tenants=tenants())
    other = offers(need(), every(), tenants=tenants(ROWS[::-1]))
    for key, offer in one.items():
        assert other[key].cells.to_numpy() == pytest.approx(offer.cells.to_numpy(), rel=1e-12)


@pytest.mark.slow
def test_real_places_offer_what_the_limits_allow():
    estimated = needs.estimate(panel.build(national=True).rows(["015146", "108015", "094002"]))
    sides = on_all_sides(estimated, every())
    for low, central, high in zip(*(sides[side].values() for side in SIDES), strict=True):
        assert low.cells.index.equals(high.cells.index)
        assert (low.cells["outcome"] <= central.cells["outcome"]).all()
        assert (central.cells["outcome"] <= high.cells["outcome"]).all()
    fund = sides["central"]["P05"].cells
    assert (fund["cost_eur"] <= 3_098.74 + 50 + 1e-6).all()
    assert fund["eligible"].sum() <= cells(estimated)["central"].sum()
    by_place = (
        fund.assign(spent=fund["eligible"] * fund["cost_eur"]).groupby("municipality_code").sum()
    )
    mean = by_place["spent"] / by_place["eligible"]
    assert mean["094002"] < mean["108015"] < mean["015146"]
    assert households.national().figures.data.loc["094002", "overburdened_tenants"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "published_eur", "rule"),
    [
        # Torino 2011: 6,047 admissible applications were due 14,894,407 EUR of the rent fund.
        ("001272", 14_894_407 / 6_047, "fund"),
        # Bologna 2022: about 8 M for 5,997, three months of rent up to 1,500.
        ("037006", 8_000_000 / 5_997, "three months"),
    ],
)
def test_what_two_notices_paid_each_household_is_met_within_a_fifth(code, published_eur, rule):
    found = households.market_tenants([code])
    income, rent, weight = (
        found[one].to_numpy() for one in ("declared_income_eur", "rent_eur", "households")
    )
    amount = contributions.capped(rent, 3, 1_500)
    if rule == "fund":
        notice = contributions.Notice(13_619.58, 15_250, 0.14, 0.24, 3_098.74, 2_324.06, 50)
        amount = contributions.amounts(income, rent, notice)
    mean = (amount * weight).sum() / weight[amount > 0].sum()
    assert mean == pytest.approx(published_eur, rel=0.2)
