"""Households to come: what would have been said of Brescia in 2021, and Barnet by headship rates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs_analysis.needs.headship import dwellings, households
from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.projection import of_history, sizes_ahead

SHARED = Path(__file__).parents[3] / "shared"
COUNTED = SHARED / "data/brescia_205/popolazione_comuni.csv"
BARNET = SHARED / "checks/headship_barnet"
CODES = ["017001", "017002", "108033"]
HISTORY = pd.DataFrame({2018: [1000.0, 2000, 5000], 2021: [1030.0, 2000, 5000]}, index=CODES)
PROVINCES = pd.Series(["017", "017", "108"], CODES)


def brescia():
    long = pd.read_csv(COUNTED, dtype={"codice_istat": str})
    long = long[long["indicatore"] == "famiglie"]
    return long.pivot_table(index="codice_istat", columns="anno", values="valore").astype(float)


def back(counted, first, last, to):
    history = counted[[year for year in counted if first <= year <= last]]
    found = of_history(history, to, provinces=pd.Series("017", counted.index)).paths
    own = found.loc["municipality"].loc[counted.index]
    error = own["central"] / counted[to] - 1
    inside = (own["low"] <= counted[to]) & (counted[to] <= own["high"])
    return found, own, error, float(inside.mean())


@pytest.mark.skipif(not COUNTED.exists(), reason="the reference data are not here")
def test_three_years_ahead_in_brescia():
    counted = brescia()
    found, own, error, inside = back(counted, 2018, 2021, 2024)
    assert 100 * error.abs().mean() <= 1.3
    assert abs(own["central"].sum() / counted[2024].sum() - 1) < 0.003
    assert own["central"].sum() == pytest.approx(
        found.loc[("province", "017"), "central"], rel=1e-12
    )
    assert 0.85 <= inside <= 0.95


@pytest.mark.slow
@pytest.mark.skipif(not COUNTED.exists(), reason="the reference data are not here")
def test_all_windows_in_brescia():
    """From every pair of years on, as far as there are five ahead to be confronted with."""
    counted = brescia()
    windows = [
        (first, last, to)
        for first in range(2018, 2024)
        for last in range(first + 1, 2024)
        for to in range(last + 1, 2025)
        if last - first == 3 or first == 2018
    ]
    errors = [back(counted, *window)[2].abs().mean() for window in windows]
    assert 100 * float(np.mean(errors)) <= 1.7


def test_growth_is_the_provinces_and_intervals_widen():
    """3,030 of 3,000 in three years: 1 % for both, whatever their own; Monza stays."""
    near = of_history(HISTORY, 2024, provinces=PROVINCES)
    assert near.paths.loc["municipality", "central"].tolist() == pytest.approx([1040.3, 2020, 5000])
    assert near.growth.loc["017", "central"] == pytest.approx(1.01 ** (1 / 3) - 1)
    width = (near.paths["high"] / near.paths["central"] - 1).loc["municipality"]
    assert width["017001"] == pytest.approx(np.hypot(0.014 * 3**0.7, 0.009))
    assert width["108033"] == pytest.approx(np.hypot(0.021 * 3**0.7, 0.009))
    far = of_history(HISTORY, 2025, provinces=PROVINCES).paths
    assert (far["high"] - far["low"] > near.paths["high"] - near.paths["low"]).all()


def test_far_ahead_there_are_only_ambiti_and_provinces():
    ambiti = pd.Series(["Brescia est", "Brescia est", None], CODES)
    found = of_history(HISTORY, 2031, provinces=PROVINCES, ambiti=ambiti).paths
    assert [*found.index] == [("ambito", "Brescia est"), ("province", "017"), ("province", "108")]


def test_a_forecast_takes_the_place_of_the_past():
    growth = pd.DataFrame({"low": 0.0, "central": 0.01, "high": 0.02}, index=["017", "108"])
    found = of_history(HISTORY[[2021]], 2022, provinces=PROVINCES, growth=growth).paths
    assert found.loc[("municipality", "108033"), "central"] == pytest.approx(5050)


def test_what_is_wrong_is_said_all_at_once():
    growth = pd.DataFrame({"low": 0.1, "central": 0.01, "high": 0.02}, index=["017"])
    with pytest.raises(NeedsError) as caught:
        of_history(HISTORY, 2040, provinces=PROVINCES.drop("017001"), growth=growth)
    assert [one.code.removeprefix("needs.") for one in caught.value.problems] == [
        "year_far", "pool_missing", "growth_order", "not_counted",
    ]  # fmt: skip
    with pytest.raises(NeedsError, match="non 1"):
        of_history(HISTORY[[2021]], 2022, provinces=PROVINCES)
    with pytest.raises(NeedsError, match="non è dopo"):
        of_history(HISTORY, 2021, provinces=PROVINCES)


def test_sizes_ahead_sum_to_the_households():
    found = sizes_ahead(pd.Series([100.0, 40.0], CODES[:2]), pd.Series([250.0, 60.0], CODES[:2]))
    assert found.sum(axis=1).tolist() == pytest.approx([100, 40])
    assert (found @ np.array([1, 2, 3, 4, 5, 6.4])).tolist() == pytest.approx([250, 60])


def barnet(name, value):
    frame = pd.read_csv(BARNET / f"dclg_{name}_barnet.csv")
    frame["age_from"] = frame["age-group"].str.extract(r"(\d+)", expand=False).astype(int)
    keys = ["year", "sex", "age_from", "relationship"]
    return (
        frame[[*keys, frame.columns[-2]]].rename(columns={frame.columns[-2]: value}).set_index(keys)
    )


@pytest.mark.slow
@pytest.mark.skipif(not BARNET.exists(), reason="the reference cases are not here")
def test_barnet():
    model = barnet("hh_popn", "household_population").join(
        [
            barnet("inst_popn", "institutional_population"),
            barnet("hh_repr_rates", "representative_rate"),
        ]
    )
    people = pd.read_csv(BARNET / "gla_test_popn_barnet.csv")
    people["age_from"] = (people["age"].clip(upper=85) // 5) * 5
    people = people.rename(columns={"population": "residents"})
    expected = pd.read_csv(BARNET / "expected_households_dwellings_to_2029.csv").set_index("year")
    people = people[people["year"].isin(expected.index)]
    found = households(people, model.reset_index()).groupby("year")["households"].sum()
    assert (found - expected["households"]).abs().max() < 1e-6
    published = pd.read_csv(BARNET / "published_total_households_to_2029.csv").set_index("year")
    assert (found / published["households"] - 1).abs().max() < 0.0015
    later = dwellings(found.loc[2016:], vacant_share=2638 / 145270)
    assert (later - expected.loc[2016:, "dwellings"]).abs().max() < 1e-5


def test_old_people_keep_their_share_in_institutions_and_nobody_is_no_household():
    """Of 200 aged 80 where the model has 90 and 10: a tenth, 20, is in institutions."""
    keys = {"year": 2021, "sex": "F", "age_from": [80, 20]}
    model = pd.DataFrame(
        keys | {"relationship": "s", "household_population": [90.0, 0.0],
                "institutional_population": [10.0, 0.0], "representative_rate": 0.5}
    )  # fmt: skip
    people = pd.DataFrame(keys | {"residents": [200.0, 0.0]})
    assert households(people, model)["households"].tolist() == [0, 90]
    with pytest.raises(NeedsError, match="non ci sono nella tabella model"):
        households(people.assign(sex="M"), model)
    with pytest.raises(NeedsError, match="representative_rate: 1,5"):
        households(people, model.assign(representative_rate=1.5))
    with pytest.raises(NeedsError, match="quota"):
        dwellings(pd.Series([1.0]), vacant_share=1.0)
