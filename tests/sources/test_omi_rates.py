"""Municipal rents against means worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from needs_analysis.sources import omi_rates, omi_values
from sources.places import OMI

KINDS = ["20", "21", "22", "1", "19"]


def quote(zone="B1", typology="20", low=4.0, high=6.0, surface="L", prevalent=True, code="X001"):
    return {
        "cadastral_code": code,
        "municipality_name": "PROVA",
        "zone_code": zone,
        "typology_code": typology,
        "is_prevalent": prevalent,
        "rent_low_eur_m2_month": low,
        "rent_high_eur_m2_month": high,
        "rent_surface_code": surface,
        "sale_low_eur_m2": 1000.0,
        "sale_high_eur_m2": 2000.0,
        "sale_surface_code": "L",
    }


def municipal(*quotes) -> pd.Series:
    return omi_rates.municipal(pd.DataFrame(list(quotes))).loc["X001"]


def test_zone_midpoints_count_alike_and_the_range_is_the_widest():
    # midpoints 5, 7 and 9.5: (5 + 7 + 9.5) / 3 = 21.5 / 3
    found = municipal(
        quote("B1", low=4, high=6), quote("C1", low=6, high=8), quote("D1", low=3, high=16)
    )
    assert found["rent_eur_m2_month"] == pytest.approx(21.5 / 3, abs=1e-12)
    assert (found["rent_low_eur_m2_month"], found["rent_high_eur_m2_month"]) == (3, 16)
    assert (found["rent_zones"], found["rent_typology_code"]) == (3, "20")
    assert found["price_eur_m2"] == 1500


@pytest.mark.parametrize("first", range(5))
def test_the_first_typology_quoted_is_used_alone(first):
    quotes = [quote(typology=kind, low=i + 1, high=i + 2) for i, kind in enumerate(KINDS)]
    found = municipal(*quotes[:first:-1], quotes[first])
    assert found["rent_typology_code"] == KINDS[first]
    assert found["rent_eur_m2_month"] == first + 1.5


def test_shops_and_states_that_do_not_prevail_do_not_count():
    found = municipal(
        quote(), quote(typology="5", low=50, high=60), quote(low=9, high=11, prevalent=False)
    )
    assert (found["rent_eur_m2_month"], found["rent_zones"]) == (5, 1)


def test_an_unquoted_rent_is_missing_and_the_next_typology_is_taken():
    unquoted = quote(low=np.nan, high=np.nan)
    found = municipal(unquoted, quote("C1", typology="21", low=3, high=5))
    assert (found["rent_eur_m2_month"], found["rent_typology_code"]) == (4, "21")
    # its price is quoted for typology 20 all the same
    assert found["price_typology_code"] == "20"
    none = municipal(unquoted)
    assert np.isnan(none["rent_eur_m2_month"]) and none["price_eur_m2"] == 1500


def test_gross_and_net_are_never_averaged():
    # two net zones of midpoint 10 and 12 against one gross of 5: net is kept, (10 + 12) / 2 = 11
    found = municipal(
        quote("B1", low=9, high=11, surface="N"),
        quote("C1", low=11, high=13, surface="N"),
        quote("D1", low=4, high=6),
    )
    assert found["rent_surface_code"] == "N"
    assert found["rent_eur_m2_month"] == 11
    assert (found["rent_low_eur_m2_month"], found["rent_zones"]) == (9, 2)
    assert bool(found["rent_mixed_surfaces"]) is True
    assert bool(found["price_mixed_surfaces"]) is False


def test_as_many_gross_as_net_zones_keeps_the_gross():
    found = municipal(quote("B1", low=9, high=11, surface="N"), quote("C1", low=4, high=6))
    assert (found["rent_surface_code"], found["rent_eur_m2_month"]) == ("L", 5)


def test_row_order_does_not_matter():
    quotes = omi_values.read(OMI)
    shuffled = quotes.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(omi_rates.municipal(quotes), omi_rates.municipal(shuffled))


def test_the_published_quotes_give_the_published_rents():
    found = omi_rates.municipal(omi_values.read(OMI))
    # Sovico has one zone, civil dwellings in normal state: (3.9 + 4.8) / 2 = 4.35
    sovico = found.loc["I878"]
    assert sovico["rent_eur_m2_month"] == pytest.approx(4.35)
    assert (sovico["rent_low_eur_m2_month"], sovico["rent_high_eur_m2_month"]) == (3.9, 4.8)
    assert sovico["price_eur_m2"] == 1250  # (1100 + 1400) / 2
    rent = found["rent_eur_m2_month"].round(2)
    assert rent["F205"] == 11.44
    assert rent["F704"] == 7.23
    assert found.loc["H264", "rent_eur_m2_month"] == pytest.approx(5.725)
    assert rent["B212"] == 6.40
    assert rent["C351"] == 4.81
    assert (rent["G999"], found.loc["G999", "rent_surface_code"]) == (9.31, "N")
