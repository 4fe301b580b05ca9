"""The own register's exits come before the published ones, and give no hidden count away."""

from dataclasses import replace

import numpy as np
import pytest

from needs_analysis.policies import answers as module
from needs_analysis.policies.files import PolicyFiles
from needs_analysis.services import Period
from needs_analysis.services.files.inputs import ServiceData
from needs_analysis.told.bought import tell_bought
from needs_analysis.told.exits import Exits, register_exits
from needs_analysis.told.telling import tell

from . import small_network as net
from .test_bought import CATALOGUE, TENANTS, few_draws, need, text

__all__ = ["few_draws"]
YEAR = Period.year(2025)


def told(rows, profile="published", **kinds):
    """Tell services A1, A2 and B1 of some kinds."""
    own = net.register()
    kind = own.services.index.map({"A1": "other", "A2": "other", "B1": "other"} | kinds)
    own = replace(own, services=own.services.assign(service_kind=kind).astype(own.services.dtypes))
    return tell(ServiceData(own, net.stays(rows), YEAR, profile))


def left(count, service, where):
    return net.times(count, service, "eviction", "2024-11-01", "2025-06-01", where)


def busy(well, badly, other=6):
    """Rows of a network: exits of A1, and as many as may be told of the others."""
    return [
        *left(well, "A1", "sap_sas"), *left(badly, "A1", "street"),
        *left(other, "A2", "sap_sas"), *left(8, "A2", "street"),
        *left(9, "B1", "sap_sas"), *left(7, "B1", "street"),
    ]  # fmt: skip


def bought(exits, profile="published"):
    asked = PolicyFiles(budget_eur=90_000.0, only=("P05", "P17"))
    return tell_bought(need(), CATALOGUE, asked, profile, exits, tenants=TENANTS)


def test_positive_exits_of_the_services_of_a_policy_with_their_interval():
    found = register_exits(told(busy(8, 12), A1="apartment_network"), CATALOGUE)
    assert found.reserved == () and set(found.shares) == {"P17"}
    low, central, high = found.shares["P17"]
    assert central == 0.4
    # Wilson, by hand: 8 of 20, z = 1.959964.
    assert (low, high) == (pytest.approx(0.21880, abs=1e-5), pytest.approx(0.61342, abs=1e-5))
    both = {"A1": "apartment_network", "A2": "multi_ambito_network"}
    assert register_exits(told(busy(8, 12), **both), CATALOGUE).shares["P17"].central == 14 / 34
    assert register_exits(None, CATALOGUE) == Exits()
    assert register_exits(told(busy(8, 12)), CATALOGUE) == Exits()


def test_a_policy_without_a_published_effect_is_optimised_on_the_own_exits():
    plain = bought(None)
    assert all("P17" in one.left_out for one in plain)
    exits = register_exits(told(busy(8, 12), A1="apartment_network"), CATALOGUE)
    own = {one.outcome: one for one in bought(exits)}["housed"]
    assert own.used == ("P17",) and own.exits == exits.shares
    said = [one.said() for one in own.conditions["P17"]]
    assert "uscite riuscite: 40 su 100, dal registro dell'ente" in said
    row = own.count("out_of_need")
    assert row["low"] < row["high"]


def test_of_few_exits_what_is_published_holds_and_the_office_has_its_own():
    few = busy(2, 13)
    secret = register_exits(told(few, A1="apartment_network"), CATALOGUE)
    assert secret.shares == {} and secret.reserved == ("P17",)
    assert {one.outcome for one in bought(secret)} == {"burden"}
    for one in bought(secret):
        assert "qui non si pubblica" in one.left_out["P17"].said()
    office = told(few, "internal", A1="apartment_network")
    known = register_exits(office, CATALOGUE, "internal")
    assert known.shares["P17"].central == 2 / 15 and known.reserved == ()
    # What is told to the office alone is not published of policies either.
    assert register_exits(office, CATALOGUE, "published") == secret


def test_registers_that_differ_in_hidden_counts_alone_give_the_same_answer():
    """Whoever has the program and the page tries the hidden counts one by one."""
    hidden = [busy(well, 15 - well) for well in (1, 2, 3)]
    seen = {
        text(bought(register_exits(told(rows, A1="apartment_network"), CATALOGUE)))
        for rows in hidden
    }
    assert len(seen) == 1
    known = [
        text(bought(register_exits(told(rows, "internal", A1="apartment_network"), CATALOGUE,
                                   "internal"), "internal"))
        for rows in hidden
    ]  # fmt: skip
    assert len(set(known)) == len(hidden)


def test_the_published_number_of_a_policy_is_not_read_where_the_register_has_one():
    catalogue = replace(CATALOGUE, policies={
        key: one.model_copy(update={"parameters": {**one.parameters,
                                                   "exit": "housing_first_autonomous_share"}})
        if key == "P17" else one for key, one in CATALOGUE.policies.items()
    })  # fmt: skip
    asked = PolicyFiles(budget_eur=90_000.0, only=("P17",))
    exits = register_exits(told(busy(8, 12), A1="apartment_network"), CATALOGUE)
    (own,) = module.answers(need(), catalogue, asked, tenants=TENANTS,
                            register_outcomes=exits.shares)  # fmt: skip
    (plain,) = module.answers(need(), catalogue, asked, tenants=TENANTS)
    assert "housing_first_autonomous_share" in plain.offers["P17"].rows
    assert "housing_first_autonomous_share" not in own.offers["P17"].rows
    shares = {one: answer.offers["P17"].cells["outcome"].iloc[0]
              for one, answer in (("own", own), ("plain", plain))}  # fmt: skip
    assert shares["own"] / shares["plain"] == pytest.approx(0.4 / 0.23)
    assert not np.isnan(own.mix.chosen["out_of_need_low"]).any()
