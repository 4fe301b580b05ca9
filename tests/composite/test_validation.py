"""A score beside an outside measure: by hand, and what is said of A5 against the evictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import needs_analysis as na
from needs_analysis.composite.external import rank_correlation
from needs_analysis.errors import AreaError, Refused
from needs_analysis.territory import municipalities


def ranks(values):
    return values.rank()


def test_what_is_left_given_density_by_hand():
    units = municipalities()
    chosen = units.index[units["province_abbreviation"] == "MB"]
    density = units["resident_population"] / units["area_km2"]
    draw = np.random.default_rng(3)
    score = density[chosen].rank() + draw.normal(0, 15, len(chosen))
    outside = density[chosen].rank() + draw.normal(0, 15, len(chosen))
    found = na.validate(score, outside).loc["Italia"]
    assert found["units"] == 55
    # Spearman's is Pearson's of the ranks; the partial one is that of what a line leaves of them.
    x, y, z = (ranks(one) for one in (score, outside, density[chosen]))
    left = [one - np.polyval(np.polyfit(z, one, 1), z) for one in (x, y)]
    assert found["correlation"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert found["given_density"] == pytest.approx(np.corrcoef(*left)[0, 1])
    assert found["low"] < found["correlation"] < found["high"]


def test_a_score_of_municipalities_is_brought_to_provinces_by_households():
    units = municipalities()
    outside = units.groupby("province_code")["households"].sum()
    score = units["households"] / units["area_km2"]
    weighted = (score * units["households"]).groupby(units["province_code"]).sum() / outside
    both = [na.validate(one, outside) for one in (score, weighted)]
    pd.testing.assert_frame_equal(*both)
    assert both[0]["units"].tolist() == [107, 47, 22, 38]
    assert both[0].loc["Italia", "households"] == 1


def test_other_codes_are_refused():
    units = municipalities()
    with pytest.raises(Refused, match="né di province"):
        na.validate(units["households"], pd.Series({"F704": 1.0}))
    with pytest.raises(Refused, match="darla per provincia"):
        na.validate(units.groupby("province_code")["households"].sum(), units["households"])
    # Of Milano and a code that is gone: what would be lost without a word is named.
    gone = pd.Series({"015146": 1.0, "999001": 2.0})
    with pytest.raises(AreaError, match="999001"):
        na.validate(units["households"], gone)
    provinces = pd.Series({"015": 1.0, "108": 2.0, "999": 3.0, "SU": 4.0})
    with pytest.raises(AreaError, match="i codici 999, SU non ci sono al 2022-01-01"):
        na.validate(units["households"], provinces)
    # Gallura's province is known on its own day alone.
    later = pd.Series({"015": 1.0, "113": 2.0})
    day = "2026-09-01"
    assert na.validate(municipalities(day)["households"], later, day).loc["Italia", "units"] == 2
    with pytest.raises(AreaError, match="113"):
        na.validate(units["households"], later)


@pytest.mark.parametrize("ties", [1_000, 7])
def test_a_rank_correlation_is_that_of_scipy_to_the_last_bit(ties):
    rng = np.random.default_rng(3)
    one = pd.Series(rng.integers(0, ties, 250).astype(float))
    other = one + rng.normal(0, ties / 2, 250).round()
    assert rank_correlation(one, other) == spearmanr(one, other).statistic
    assert np.isnan(rank_correlation(one, other * 0))
