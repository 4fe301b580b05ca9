"""Rents weighted by the population of zones: in the panel, in traces, in studies."""

from __future__ import annotations

import pandas as pd
import pytest
from sources import written
from sources.places import DATA, OMI

from needs_analysis import panel, store, tracing
from needs_analysis.municipal.rents.weights import (
    merge_predecessors,
    rent_zones,
    zones_in_mean,
)
from needs_analysis.reports import findings
from needs_analysis.reports.chapters import base
from needs_analysis.sources import omi_rates, omi_values
from needs_analysis.territory import select

KML = DATA / "omi_2018_2_perimetri_inventati_B212.kml"
BRUGHERIO, MONZA = "108012", "108033"
# Published quotes of Brugherio, midpoints 7.35 in B1 and 5.45 in D1; 300 people in B1, 100 in D1:
# (7.35 * 300 + 5.45 * 100) / 400 = 2750 / 400
WEIGHTED = 2750 / 400


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A store with the quotes, perimeters and sections of Brugherio, the last two invented."""
    folder = tmp_path_factory.mktemp("mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEEDS_ANALYSIS_DATA", str(folder / "kept"))
        added = store.add([OMI, KML, written.section_points(folder)])
        assert not added.refused
        yield folder


def test_what_ships_counts_zones_alike(national):
    kinds = national.data["rent_weighting_code"]
    rent = national.data["rent_eur_m2_month"]
    assert kinds.dropna().unique().tolist() == ["Z"]
    assert (kinds.isna() == rent.isna()).all()
    assert set(store.tokens()) == set(store.package())
    assert national.sources["rent_eur_m2_month"] == ("omi_values",)


@pytest.mark.slow
@pytest.mark.usefixtures("mine")
def test_the_panel_weights_where_it_can_and_says_so():
    found = panel.build()
    rows = found.data.loc[[BRUGHERIO, MONZA], ["rent_eur_m2_month", "rent_weighting_code"]]
    assert rows["rent_weighting_code"].tolist() == ["P", "Z"]
    assert rows["rent_eur_m2_month"].tolist() == pytest.approx([WEIGHTED, 7.2277777778])
    annual = found.data.loc[BRUGHERIO, "annual_rent_eur"]
    assert annual == pytest.approx(12 * 75 * WEIGHTED)
    # The range stays that of the quotes: 5.1 in D1, 8.3 in B1.
    ends = found.data.loc[BRUGHERIO, ["rent_low_eur_m2_month", "rent_high_eur_m2_month"]]
    assert ends.tolist() == [5.1, 8.3]
    cited = ("omi_values", "omi_perimeters", "istat_section_points")
    assert found.sources["annual_rent_eur"] == cited
    assert set(cited) <= set(store.cited())
    said = [one.names for one in panel.join_report() if "abitanti delle zone" in str(one.what)]
    assert said == [("Brugherio",)]


@pytest.mark.slow
@pytest.mark.usefixtures("mine")
def test_the_trace_goes_down_to_zones_and_people():
    found = tracing.trace(BRUGHERIO, "rent_eur_m2_month")
    assert found.operation == "mean weighted by residents of zones"
    assert tracing.recompute(found) == pytest.approx(found.value, abs=1e-12)
    assert [one.value for one in found.inputs] == pytest.approx([7.35, 300, 5.45, 100])
    lines = "\n".join(found.lines())
    assert "residents of zone B212/B1 = 300" in lines
    assert "Basi territoriali: sezioni di censimento con popolazione" in lines
    annual = tracing.trace(BRUGHERIO, "annual_rent_eur")
    assert tracing.recompute(annual) == pytest.approx(annual.value)
    assert tracing.trace(BRUGHERIO, "rent_weighting_code").value == "P"
    assert tracing.trace(MONZA, "rent_eur_m2_month").operation == "as published"


@pytest.mark.slow
@pytest.mark.usefixtures("mine")
def test_the_workbook_says_how_zones_weigh():
    found = findings.find(select([BRUGHERIO, MONZA]))
    (table,) = base.PART.sheets(found)
    own = table.frame.loc[[BRUGHERIO, MONZA], "rent_weighting_code"]
    assert own.tolist() == ["P", "Z"]
    assert any("Peso delle zone" in column.label for column in table.columns)


@pytest.mark.slow
@pytest.mark.usefixtures("mine")
def test_a_study_pins_what_weights_its_rents():
    pins = store.tokens()
    weights = {"omi_values", "omi_perimeters", "istat_section_points"}
    assert set(pins) - {"rents_in_part"} == set(store.package()) | weights
    assert store.lacking(pins) == []
    with store.using(store.Selection(pins=pins)):
        assert panel.build().data.loc[BRUGHERIO, "rent_weighting_code"] == "P"
    # A study made before the sections were added gives what it gave.
    before = {name: token for name, token in pins.items() if name not in weights}
    with store.using(store.Selection(pins=before)):
        row = panel.build().data.loc[BRUGHERIO]
        assert (row["rent_eur_m2_month"], row["rent_weighting_code"]) == (pytest.approx(6.4), "Z")
    assert store.lacking(pins | {"omi_perimeters": "0" * 16}) == ["omi_perimeters"]


@pytest.mark.usefixtures("mine")
def test_before_the_census_of_its_sections_a_study_weights_nothing():
    with store.using(store.Selection(until="2020")):
        assert store.within("istat_section_points") is None
        assert rent_zones().empty


def test_weights_of_a_municipality_add_up_to_one():
    quotes = omi_values.read(OMI)
    people = {("B212", "B1"): 300.0, ("B212", "D1"): 100.0, ("F704", "B1"): 5.0}
    used = zones_in_mean(quotes, pd.Series(people))
    sums = used.groupby("cadastral_code")["weight"].sum()
    assert sums.to_numpy() == pytest.approx(1.0)
    kinds = used.drop_duplicates("cadastral_code").set_index("cadastral_code")
    assert kinds.loc[["B212", "F704"], "rent_weighting_code"].tolist() == ["P", "Z"]


def test_predecessors_that_weigh_differently_are_called_mixed():
    quotes = omi_values.read(OMI)
    quotes = quotes[quotes["cadastral_code"].isin(["B212", "F704"])]
    frame = omi_rates.municipal(quotes).assign(rent_weighting_code=["P", "Z"])
    successor = pd.Series("001001", index=frame.index)
    residents = pd.Series({"B212": 1.0, "F704": 3.0})
    found = merge_predecessors(frame, successor, residents).loc["001001"]
    assert found["rent_weighting_code"] == "M"
    alike = merge_predecessors(frame.assign(rent_weighting_code="P"), successor, residents)
    assert alike.loc["001001", "rent_weighting_code"] == "P"
