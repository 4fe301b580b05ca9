"""Small areas: milk expenditure of 43 areas as the R package sae has it, and the edges."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from needs_analysis.needs.problems import NeedsError
from needs_analysis.needs.small_areas import fay_herriot

CHECKS = Path(__file__).parents[3] / "shared/checks/fay_herriot_milk"
published = pytest.mark.skipif(not CHECKS.exists(), reason="the reference cases are not here")
AREAS = list("abcdef")
DIRECT = pd.Series([1.0, 2.0, 3.0, 4.0, 6.0, 8.0], AREAS)
ONE = pd.DataFrame({"intercept": 1.0}, AREAS)


def milk(method):
    given = pd.read_csv(CHECKS / "input.csv").set_index("SmallArea")
    columns = pd.get_dummies(given["MajorArea"], dtype=float, drop_first=True)
    columns.insert(0, "intercept", 1.0)
    return fay_herriot(given["yi"], given["SD"] ** 2, columns, method)


@published
@pytest.mark.parametrize(
    ("method", "file", "variance"),
    [("REML", "REML", 0.018550335), ("ML", "ML", 0.015517508), ("moments", "FH", 0.01642027)],
)
def test_milk(method, file, variance):
    found = milk(method)
    expected = pd.read_csv(CHECKS / f"expected_{file}.csv").set_index("SmallArea")
    assert (found.estimates["estimate"] - expected["eblup"]).abs().max() < 2e-6
    assert (found.estimates["mse"] - expected["mse"]).abs().max() < 2e-7
    assert found.area_variance == pytest.approx(variance, abs=2e-6 if file == "FH" else 1e-9)
    if method == "REML":
        coefficients = [0.9681890, 0.1327801, 0.2269462, -0.2413011]
        assert found.coefficients.to_numpy() == pytest.approx(coefficients, abs=2e-6)


@pytest.mark.parametrize("method", ["REML", "ML", "moments"])
def test_equal_variances_by_hand(method):
    """Squares around the mean of 4 are 34: over 5 or 6 less the variance of 1 they are A."""
    found = fay_herriot(DIRECT, pd.Series(1.0, AREAS), ONE, method)
    a = 34 / (6 if method == "ML" else 5) - 1
    assert found.area_variance == pytest.approx(a, rel=1e-9)
    assert found.estimates.loc["a", "estimate"] == pytest.approx(4 - 3 * a / (a + 1))


def test_an_area_that_was_counted_keeps_its_count():
    variance = pd.Series([1.0, 0.0, 1.0, 1.0, 1.0, 1.0], AREAS)
    found = fay_herriot(DIRECT, variance, ONE)
    assert found.estimates.loc["b", "estimate"] == 2.0
    assert found.estimates.loc["b", "own_share"] == 1.0
    assert found.estimates.loc["b", "mse"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("method", ["REML", "ML", "moments"])
def test_areas_that_do_not_differ_leave_the_synthetic_estimate(method):
    found = fay_herriot(DIRECT, pd.Series(100.0, AREAS), ONE, method)
    assert found.only_synthetic
    assert found.estimates["estimate"].to_numpy() == pytest.approx(np.full(6, 4.0))


def test_what_is_wrong_is_said_all_at_once():
    direct, variance = DIRECT.copy(), pd.Series(1.0, AREAS)
    direct["a"], variance["b"] = np.nan, -1.0
    with pytest.raises(NeedsError) as caught:
        fay_herriot(direct, variance, ONE, "Bayes")
    codes = [one.code for one in caught.value.problems]
    assert codes == ["needs.method", "needs.area_missing", "needs.variance"]
    with pytest.raises(NeedsError, match="ne servono più"):
        fay_herriot(DIRECT[:1], pd.Series(1.0, AREAS), ONE)
    with pytest.raises(NeedsError, match="non sono indipendenti"):
        fay_herriot(DIRECT, pd.Series(1.0, AREAS), ONE.assign(twice=2.0))
