"""Overcrowded and cohabiting households: by province and above, in no total, never of a municipality."""

from importlib import resources

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from needs_analysis.errors import ParameterError
from needs_analysis.figures import Figures, Quality
from needs_analysis.needs.diffuse import diffuse
from needs_analysis.needs.estimate import of_estimates

UNITS = pd.DataFrame(
    {"households": [600.0, 400, 1000], "province_code": ["108", "108", "015"], "region_code": "03"},
    index=["108033", "108039", "015146"],
)


def modelled(central=(120.0, 80, 400), low=0.5, high=1.5):
    data = pd.DataFrame({"renting_households": central}, index=UNITS.index)
    return Figures.of(data, vintage="2021", low=data * low, high=data * high)


def test_by_hand():
    """Of 1,000 households 200 rent: 35.6 % of them, (0.202 - 0.205 * 0.356) / 0.795 of the others."""
    found = diffuse(modelled(), UNITS, UNITS.index[:1])
    province = found.loc[("province", "108", "overcrowded")]
    assert province["central"] == pytest.approx(0.356 * 200 + 0.129020 / 0.795 * 800)
    low = 0.25 * 100 + (0.14 - 0.205 * 0.25) / 0.795 * 900
    assert province["low"] == pytest.approx(low)
    assert province["high"] == pytest.approx(0.45 * 300 + (0.28 - 0.205 * 0.45) / 0.795 * 700)
    assert province["quality"] == Quality.MODELLED and province["vintage"] == "2021"
    sharing = found.xs("cohabiting", level="group")
    assert sharing.loc[("province", "108"), "central"] == 699_000 / 2
    assert sharing.loc[("region", "03"), "central"] == 699_000
    assert sharing["vintage"].unique().tolist() == ["2021 + 2023"]


def test_only_whole_provinces_and_regions_around_the_area_have_a_row():
    found = diffuse(modelled(), UNITS, UNITS.index[:1])
    assert [*found.index.droplevel("group").unique()] == [("region", "03"), ("province", "108")]
    assert diffuse(modelled(), UNITS, UNITS.index).index.get_level_values("unit").nunique() == 3


def test_where_all_of_italy_rents_as_in_the_survey_the_survey_s_share_comes_back():
    rents = tuple(0.205 * UNITS["households"])
    found = diffuse(modelled(rents), UNITS, UNITS.index).loc[("region", "03", "overcrowded")]
    assert found["central"] == pytest.approx(0.202 * 2000)


@given(
    st.floats(0, 1), st.floats(0.14, 0.28), st.floats(0.25, 0.45), st.floats(0.15, 0.25),
    st.integers(350_000, 1_050_000),
)  # fmt: skip
def test_ends_grow_whatever_is_assumed(rent, every, tenants, survey, sharing):
    given_ = {
        "overcrowded_households_share": every, "overcrowded_renting_share": tenants,
        "survey_renting_households_share": survey, "cohabiting_households": sharing,
    }  # fmt: skip
    found = diffuse(
        modelled(tuple(rent * UNITS["households"]), high=1.0), UNITS, UNITS.index, given_
    )
    assert (found["low"] <= found["central"]).all() and (found["central"] <= found["high"]).all()
    assert (found["low"] >= 0).all()


def test_an_assumption_out_of_range_is_refused():
    with pytest.raises(ParameterError, match="overcrowded_renting_share"):
        diffuse(modelled(), UNITS, UNITS.index, {"overcrowded_renting_share": 35.6})


def test_it_stands_beside_and_moves_nothing():
    panel = pd.DataFrame({"households": UNITS["households"]})
    burdened = pd.DataFrame({"overburdened_tenants": [30.0, 20, 90]}, index=UNITS.index)
    apart = diffuse(modelled(), UNITS, UNITS.index)
    plain, found = (of_estimates(panel, burdened, diffuse=one) for one in (None, apart))
    assert len(plain.diffuse) == 0 and found.diffuse is apart
    pd.testing.assert_frame_equal(plain.totals(), found.totals(), check_exact=True)
    assert found.held == ("affordability",) == plain.held
    # Other counts of the offices leave it where it is.
    assert found.again(found.own).diffuse is apart


def test_no_table_in_use_counts_single_parents_or_guests_of_refuges():
    """Why those that rent, and women who leave violence, are asked and not estimated."""
    shipped = (
        resources.files("needs_analysis.datasets").joinpath("datapackage.json").read_text("utf-8")
    )
    assert "renting_share" in shipped  # it names every column
    assert not any(word in shipped for word in ("parent", "refuge", "violence", "overcrowd"))
