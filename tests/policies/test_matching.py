"""Whom a policy answers in an area, by which rule, and what is missing: existing, feasible, out."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from needs_analysis import policies
from needs_analysis.needs.estimate import of_estimates
from needs_analysis.needs.groups import TARGET_GROUPS
from needs_analysis.policies.catalogue import every
from needs_analysis.policies.wording import conditions
from needs_analysis.services.files.schema import empty
from needs_analysis.told.policies import tell_policies
from needs_analysis.words import Voice

DAY = "2026-11-29"
CODES = ["108033", "108041"]


@pytest.fixture
def need():
    panel = pd.DataFrame({"households": [50_000.0, 3_000.0]}, index=CODES)
    return of_estimates(panel, pd.DataFrame({"overburdened_tenants": [600.4, 60.2]}, index=CODES))


def with_counts(**counts):
    panel = pd.DataFrame({"households": [50_000.0, 3_000.0]}, index=CODES)
    rows = pd.DataFrame(
        [(CODES[0], group, float(count), dt.date(2026, 6, 30)) for group, count in counts.items()],
        columns=["municipality_code", "group", "count", "day"],
    )
    burdened = pd.DataFrame({"overburdened_tenants": [600.4, 60.2]}, index=CODES)
    return of_estimates(panel, burdened, rows)


def rows_of(found, policy):
    return found.frame[found.frame["policy"] == policy].set_index(["group", "composition"])


def test_every_policy_has_a_row_a_group_and_a_composition(need):
    found = policies.match(need, policies.catalogue(as_of=DAY))
    for key, policy in every().items():
        wanted = [(group, kind) for group in policy.groups or ("",)
                  for kind in policy.compositions or ("",)]  # fmt: skip
        assert [*rows_of(found, key).index] == wanted


def test_the_households_are_the_group_s_of_the_need_and_none_is_made_up(need):
    found = policies.match(need, policies.catalogue(as_of=DAY))
    fund = rows_of(found, "P05").loc[("affordability", "")]
    total = need.totals().loc[("", "affordability")]
    assert fund["central"] == total["central"] == pytest.approx(660.6)
    assert fund["low"] <= fund["central"] <= fund["high"] and fund["question"] == ""
    asked = rows_of(found, "P22").loc[("foreclosure", "")]
    assert np.isnan(asked[["low", "central", "high"]].astype(float)).all()
    assert asked["question"] == TARGET_GROUPS["foreclosure"].question.question
    kinds = rows_of(found, "P08")
    assert kinds["central"].isna().all()
    assert kinds["question"].str.contains("composition").all()
    assert "un solo genitore con minori" in found.said()["question"].str.cat(sep=" ")
    nobody = rows_of(found, "P11").loc[("", "")]
    assert np.isnan(nobody["central"]) and nobody["question"]


def test_an_office_s_count_takes_the_place_of_the_question():
    found = policies.match(with_counts(foreclosure=14), policies.catalogue(as_of=DAY))
    row = rows_of(found, "P22").loc[("foreclosure", "")]
    assert row[["low", "central", "high"]].tolist() == [14, 14, 14] and row["question"] == ""


def test_existing_feasible_asked_for_and_out_stand_apart(need):
    office = empty("measures").reindex([0]).assign(
        measure_name=["Misura unica"], administration_name="Monza", year=2025.0
    )  # fmt: skip
    found = policies.match(
        need, policies.catalogue(as_of=DAY, include=["P12"]), policies.existing(office)
    )
    stands = found.frame.drop_duplicates("policy").set_index("policy")["standing"]
    assert stands["P07"] == "existing"  # the office runs it, whatever the catalogue knows of money
    assert (stands["P05"], stands["P12"], stands["P13"]) == ("feasible", "asked_for", "out")
    said = found.said().drop_duplicates("policy").set_index("policy")
    assert said.loc["P12", "why"].startswith("chiusa dal 01/09/2026")
    assert said.loc["P12", "standing_said"] != said.loc["P13", "standing_said"]
    assert said.loc["P07", "why"].startswith("scaduta il 06/03/2026")


def test_the_region_is_that_of_the_area_unless_another_is_asked_for(need):
    from dataclasses import replace

    puglia = replace(need, places=pd.DataFrame({"region_code": ["16", "16"]}, index=CODES))
    found = policies.match(puglia, policies.catalogue(as_of=DAY))
    assert (rows_of(found, "P02")["standing"] == "out").all()
    assert found.standings["P02"].kind == "other_region"
    asked = policies.match(puglia, policies.catalogue("Lombardia", DAY))
    assert (rows_of(asked, "P02")["standing"] == "feasible").all()


def test_a_match_explains_itself_in_every_language(need):
    found = policies.match(need, policies.catalogue(as_of=DAY))
    for voice in (Voice(), Voice("en")):
        said = found.said(voice)
        for name in ("name", "components", "standing_said", "why", "missing", "channel", "to_verify",
                     "rests_on", "checked"):  # fmt: skip
            assert (said[name] != "").all(), name
            assert not said[name].str.contains("[{}]").any(), name
    assert (said["answers"] != "").sum() == (found.frame[["group", "composition"]] != "").any(
        axis=1
    ).sum()


def test_a_need_of_no_area_has_no_households_and_no_questions():
    found = policies.match(None, policies.catalogue("Lombardia", DAY))
    assert found.frame["central"].isna().all() and (found.frame["question"] == "").all()


# --- conditions


def test_conditions_say_each_measure_of_income_by_its_name_and_the_amount_of_the_day():
    fund = every()["P05"]
    assert conditions(fund, dt.date(2019, 6, 1)) == (
        "contratto di affitto registrato; reddito dichiarato fino a 13.192,92 euro (valore del 2019) "
        "e affitto di almeno il 14 % del reddito, oppure reddito dichiarato fino a 15.250 euro e "
        "affitto di almeno il 24 % del reddito"
    )
    assert "13.619,58 euro (valore del 2022)" in conditions(fund, dt.date(2026, 11, 29))
    assert "non si conosce" in conditions(fund, dt.date(2010, 1, 1))
    arrears = conditions(every()["P06"], dt.date(2026, 11, 29))
    assert "ISE fino a 35.000 euro, oppure ISEE fino a 26.000 euro" in arrears
    months = [conditions(every()["P07"], dt.date(year, 2, 1)) for year in (2023, 2026)]
    assert "almeno: 6" in months[0] and "almeno: 8" in months[1]
    assert conditions(every()["P18"], dt.date(2026, 11, 29)) == ""


def test_a_study_s_own_amount_is_said_and_no_year_with_it():
    own = {"rent_fund_income_limit_band_a_eur": 14_000.0, "rent_fund_rent_share_band_a_share": 0.2}
    said = conditions(every()["P05"], dt.date(2026, 11, 29), overrides=own)
    assert "fino a 14.000 euro e affitto di almeno il 20 %" in said


# --- told


def test_published_a_small_count_of_the_office_is_in_no_match():
    counted = with_counts(foreclosure=3)
    told = tell_policies(counted, policies.catalogue(as_of=DAY))
    row = told.said()[told.matches.frame["policy"] == "P22"].iloc[0]
    assert (row["households"], row["question"]) == ("riservato", "")
    assert np.isnan(row["central"])
    for value in range(1, 5):
        other = tell_policies(with_counts(foreclosure=value), policies.catalogue(as_of=DAY))
        pd.testing.assert_frame_equal(other.said(), told.said())
    internal = tell_policies(counted, policies.catalogue(as_of=DAY), profile="internal")
    row = internal.said()[internal.matches.frame["policy"] == "P22"].iloc[0]
    assert row["households"] == "3"


def test_told_the_office_s_rows_are_in_one_place_only():
    office = empty("measures").reindex([0]).assign(
        measure_name=["Fondo affitti"], administration_name="Monza", year=2025.0, beneficiaries=3.0
    )  # fmt: skip
    told = tell_policies(None, policies.catalogue(as_of=DAY), policies.existing(office))
    assert told.matches.existing is None and told.existing.hidden["beneficiaries"].all()
    assert (told.said()["households"] == "").all()
